//! Numbers: in order, out of order, missing, twice, and wrong.

use std::time::Duration;

use wsrm_protocol::Pattern;

use crate::case::{Case, Peer, Pending, Session, Stop, together};

pub(super) const CASES: &[Case] = &[
    Case::new("sequence.each-twice", "Each of five messages comes twice.", |peer| Box::pin(each_twice(peer))),
    Case::new("sequence.late-duplicate", "The first of five messages comes again at the end.", |peer| {
        Box::pin(late_duplicate(peer))
    }),
    Case::new(
        "sequence.duplicate-acknowledged",
        "A message comes again after its reply was acknowledged.",
        |peer| Box::pin(duplicate_acknowledged(peer)),
    )
    .pattern(Pattern::RequestReply),
    Case::new("sequence.other-message-id", "A message comes again with another MessageID.", |peer| {
        Box::pin(other_message_id(peer))
    })
    .pattern(Pattern::RequestReply),
    Case::new("sequence.answer-lost", "The client hangs up before the answer, and sends again.", |peer| {
        Box::pin(answer_lost(peer))
    }),
    Case::new("sequence.gap", "Message 2 comes after message 3.", |peer| Box::pin(gap(peer))),
    Case::new("sequence.backwards", "Five messages come in reverse order.", |peer| Box::pin(backwards(peer))),
    Case::new("sequence.beyond-the-window", "Messages behind a gap fill more than the window.", |peer| {
        Box::pin(beyond_the_window(peer))
    }),
    Case::new("sequence.many-ranges", "Every second of 120 messages comes, then the others.", |peer| {
        Box::pin(many_ranges(peer))
    })
    .hostile(),
    Case::new("sequence.gap-left", "A gap is never filled; the session is closed and terminated.", |peer| {
        Box::pin(gap_left(peer))
    }),
    Case::new("sequence.other-content", "A number comes again with other content.", |peer| {
        Box::pin(other_content(peer))
    }),
    Case::new("sequence.unknown", "A message for a sequence that never was.", |peer| Box::pin(unknown(peer))),
    Case::new("sequence.two-headers", "A message with two Sequence headers.", |peer| {
        Box::pin(two_headers(peer))
    }),
    Case::new("sequence.none", "An application message without a Sequence header.", |peer| {
        Box::pin(none(peer))
    }),
    Case::new("sequence.optional", "The Sequence header need not be understood.", |peer| {
        Box::pin(optional(peer))
    }),
    Case::new("sequence.number-zero", "The number is 0.", |peer| Box::pin(number(peer, "0"))),
    Case::new("sequence.number-negative", "The number is -1.", |peer| Box::pin(number(peer, "-1"))),
    Case::new("sequence.number-no-number", "The number is a word.", |peer| Box::pin(number(peer, "one"))),
    Case::new("sequence.number-too-large", "The number is beyond 64 bits.", |peer| {
        Box::pin(number(peer, "18446744073709551616"))
    })
    .hostile(),
    Case::new("sequence.number-largest", "The number is the largest that there is.", |peer| {
        Box::pin(number(peer, "9223372036854775807"))
    })
    .hostile(),
    Case::new("sequence.no-identifier", "The Sequence header has no Identifier.", |peer| {
        Box::pin(without_part(peer, "r:Identifier"))
    }),
    Case::new("sequence.no-number", "The Sequence header has no MessageNumber.", |peer| {
        Box::pin(without_part(peer, "r:MessageNumber"))
    }),
    Case::new("sequence.wrong-order", "MessageNumber stands before Identifier.", |peer| {
        Box::pin(wrong_order(peer))
    }),
    Case::new("sequence.extension", "An unknown element stands in the Sequence header.", |peer| {
        Box::pin(extension(peer))
    }),
    Case::new("sequence.of-replies", "A message names the sequence of the replies.", |peer| {
        Box::pin(of_replies(peer))
    })
    .pattern(Pattern::RequestReply),
];

async fn open_with_one(peer: &Peer) -> Result<Session<'_>, Stop> {
    let session = peer.open().await?;
    session.send(1).await?;
    Ok(session)
}

async fn each_twice(peer: &Peer) -> Result<(), Stop> {
    let session = peer.open().await?;
    for number in 1..=5 {
        let post = session.message(number, "twice")?;
        session.deliver(&post, number).await?;
        peer.post(&post.labelled("repeated")).await?;
    }
    session.finish().await
}

async fn late_duplicate(peer: &Peer) -> Result<(), Stop> {
    let session = peer.open().await?;
    let first = session.message(1, "first")?;
    session.deliver(&first, 1).await?;
    session.send_all(2..=5).await?;
    peer.post(&first.labelled("repeated")).await?;
    session.finish().await
}

async fn duplicate_acknowledged(peer: &Peer) -> Result<(), Stop> {
    let session = peer.open().await?;
    let first = session.message(1, "first")?;
    session.deliver(&first, 1).await?;
    // The second message acknowledges the reply to the first.
    session.send(2).await?;
    peer.post(&first.labelled("repeated, its reply acknowledged")).await?;
    session.finish().await
}

async fn other_message_id(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let second = session.message(2, "second")?;
    session.deliver(&second, 2).await?;
    let id = second.element("a:MessageID")?;
    let other = format!("<a:MessageID>{}</a:MessageID>", peer.identifier());
    peer.post(&second.replaced(&id, &other)?.labelled("repeated with another MessageID")).await?;
    session.send(3).await?;
    session.finish().await
}

async fn answer_lost(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let second = session.message(2, "second")?;
    peer.post_and_hang_up(&second.clone().labelled("the client hangs up")).await?;
    session.deliver(&second.labelled("repeated"), 2).await?;
    session.send(3).await?;
    session.finish().await
}

async fn gap(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let (second, third) = (session.message(2, "second")?, session.message(3, "third")?);
    let early = async {
        let answer = peer.post(&third.clone().labelled("before message 2")).await;
        answer.map(|_| ())
    };
    let late = async {
        peer.wait(Duration::from_millis(100)).await;
        session.deliver(&second, 2).await.map(|_| ())
    };
    together([Box::pin(early) as Pending<'_, _>, Box::pin(late)]).await?;
    session.deliver(&third, 3).await?;
    session.finish().await
}

async fn backwards(peer: &Peer) -> Result<(), Stop> {
    let session = peer.open().await?;
    let posts = (1..=5)
        .map(|number| Ok((number, session.message(number, "backwards")?)))
        .collect::<Result<Vec<_>, Stop>>()?;
    let sent = posts.iter().rev().map(|(number, post)| async move {
        peer.wait(Duration::from_millis(50 * (5 - number))).await;
        peer.post(post).await
    });
    together(sent).await?;
    for (number, post) in &posts {
        session.deliver(post, *number).await?;
    }
    session.finish().await
}

async fn beyond_the_window(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    // A two-way session may have no more replies on their way than fill the window of the client.
    let last = if peer.is_two_way() { 8 } else { 14 };
    let posts = (2..=last)
        .map(|number| Ok((number, session.message(number, "window")?)))
        .collect::<Result<Vec<_>, Stop>>()?;
    let behind = posts
        .iter()
        .skip(1)
        .map(|(_, post)| Box::pin(async move { peer.post(post).await.map(|_| ()) }) as Pending<'_, _>);
    let filling = async {
        peer.wait(Duration::from_millis(200)).await;
        match posts.first() {
            Some((number, post)) => session.deliver(post, *number).await.map(|_| ()),
            None => Ok(()),
        }
    };
    let filling: Pending<'_, Result<(), Stop>> = Box::pin(filling);
    together(behind.chain([filling])).await?;
    for (number, post) in &posts {
        session.deliver(post, *number).await?;
    }
    session.finish().await
}

async fn many_ranges(peer: &Peer) -> Result<(), Stop> {
    let session = peer.open().await?;
    for number in (2..=120).step_by(2) {
        peer.post(&session.message(number, "range")?).await?;
    }
    Ok(())
}

async fn gap_left(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    peer.post(&session.message(3, "third")?.labelled("behind a gap")).await?;
    peer.post(&session.ack_requested()).await?;
    session.finish().await
}

async fn other_content(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    peer.post(&session.message(1, "something else")?.labelled("number 1 again")).await?;
    session.send(2).await?;
    session.finish().await
}

async fn unknown(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let post = session.message(2, "unknown")?.without_acknowledgement()?;
    let post = post.replaced(session.identifier(), &peer.identifier())?;
    peer.post(&post.labelled("unknown sequence")).await?;
    session.send(2).await?;
    session.finish().await
}

async fn two_headers(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let post = session.message(2, "two headers")?;
    let header = post.element("r:Sequence")?;
    let post = post.replaced(&header, &format!("{header}{}", header.replace(">2<", ">3<")))?;
    peer.post(&post.labelled("two Sequence headers")).await?;
    Ok(())
}

async fn none(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let post = session.message(2, "no header")?.without("r:Sequence")?;
    peer.post(&post.labelled("no Sequence header")).await?;
    session.send(2).await?;
    session.finish().await
}

async fn optional(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let post = session.message(2, "optional")?;
    let header = post.element("r:Sequence")?;
    let post = post.replaced(&header, &header.replace(" s:mustUnderstand=\"1\"", ""))?;
    session.deliver(&post.labelled("mustUnderstand left out"), 2).await?;
    session.finish().await
}

async fn number(peer: &Peer, number: &'static str) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let post = session.message(2, "number")?;
    let post = post.replaced(
        "<r:MessageNumber>2</r:MessageNumber>",
        &format!("<r:MessageNumber>{number}</r:MessageNumber>"),
    )?;
    peer.post(&post.labelled("an odd number")).await?;
    // Whether the session lives is for the peer to say.
    peer.post(&session.message(2, "and on")?).await?;
    Ok(())
}

async fn without_part(peer: &Peer, part: &'static str) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let post = session.message(2, "part")?;
    let header = post.element("r:Sequence")?;
    let cut = post.element(part)?;
    let post = post.replaced(&header, &header.replacen(&cut, "", 1))?;
    peer.post(&post.labelled("a part of the Sequence header is missing")).await?;
    peer.post(&session.message(2, "and on")?).await?;
    Ok(())
}

async fn wrong_order(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let post = session.message(2, "order")?;
    let (identifier, number) = (post.element("r:Identifier")?, post.element("r:MessageNumber")?);
    let header = post.element("r:Sequence")?;
    let swapped = header.replace(&format!("{identifier}{number}"), &format!("{number}{identifier}"));
    peer.post(&post.replaced(&header, &swapped)?.labelled("parts in the wrong order")).await?;
    peer.post(&session.message(2, "and on")?).await?;
    Ok(())
}

async fn extension(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let post = session.message(2, "extension")?;
    let post = post
        .replaced("</r:Sequence>", "<x:Extra xmlns:x=\"urn:example:extension\">1</x:Extra></r:Sequence>")?;
    session.deliver(&post.labelled("extension element"), 2).await?;
    session.finish().await
}

async fn of_replies(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let offer = session.offer().ok_or_else(|| Stop::Inconclusive("no offer was accepted".to_owned()))?;
    let post = session.message(2, "of replies")?;
    let header = post.element("r:Sequence")?;
    let post = post.replaced(&header, &header.replace(session.identifier(), &offer))?;
    peer.post(&post.labelled("the sequence of the replies")).await?;
    Ok(())
}
