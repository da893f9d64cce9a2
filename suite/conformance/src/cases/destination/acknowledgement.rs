//! Acknowledgements: asked for, and given for the replies.

use wsrm_protocol::Pattern;
use wsrm_wire::{Acknowledged, AcknowledgementRange, RmVersion, SequenceAcknowledgement};

use crate::case::{Case, Peer, Session, Stop};

pub(super) const CASES: &[Case] = &[
    Case::new(
        "ack.asked-before-messages",
        "An acknowledgement is asked for before there is a message.",
        |peer| Box::pin(asked_before_messages(peer)),
    ),
    Case::new("ack.asked", "An acknowledgement is asked for after three messages.", |peer| {
        Box::pin(asked(peer))
    }),
    Case::new("ack.asked-beside-a-message", "Messages carry AckRequested.", |peer| {
        Box::pin(asked_beside_a_message(peer))
    }),
    Case::new("ack.asked-with-gap", "An acknowledgement is asked for while a message is missing.", |peer| {
        Box::pin(asked_with_gap(peer))
    }),
    Case::new("ack.asked-often", "An acknowledgement is asked for twenty times.", |peer| {
        Box::pin(asked_often(peer))
    }),
    Case::new(
        "ack.asked-of-unknown",
        "An acknowledgement of a sequence that never was is asked for.",
        |peer| Box::pin(asked_of_unknown(peer)),
    ),
    Case::new(
        "ack.asked-of-unknown-beside",
        "A message asks for an acknowledgement of another sequence.",
        |peer| Box::pin(asked_of_unknown_beside(peer)),
    ),
    Case::new("ack.asked-without-identifier", "AckRequested has no Identifier.", |peer| {
        Box::pin(asked_without_identifier(peer))
    }),
    Case::new("ack.asked-with-number", "AckRequested has a number, as February 2005 allows.", |peer| {
        Box::pin(asked_with_number(peer))
    })
    .rm(RmVersion::February2005),
    Case::new("ack.of-replies-alone", "The replies are acknowledged by a message of its own.", |peer| {
        Box::pin(of_replies(peer, &[(1, 2)]))
    })
    .pattern(Pattern::RequestReply),
    Case::new("ack.of-unsent-replies", "Replies are acknowledged that were never sent.", |peer| {
        Box::pin(of_replies(peer, &[(1, 5)]))
    })
    .pattern(Pattern::RequestReply),
    Case::new("ack.upside-down", "A range has its lower bound above the upper.", |peer| {
        Box::pin(of_replies(peer, &[(2, 1)]))
    })
    .pattern(Pattern::RequestReply),
    Case::new("ack.many-ranges", "An acknowledgement has three hundred ranges.", |peer| {
        Box::pin(many_ranges(peer))
    })
    .pattern(Pattern::RequestReply)
    .hostile(),
    Case::new("ack.nack", "A reply is said to be missing.", |peer| Box::pin(nack(peer)))
        .pattern(Pattern::RequestReply),
    Case::new("ack.of-unknown", "A sequence is acknowledged that never was.", |peer| {
        Box::pin(of_unknown(peer))
    }),
    Case::new("ack.never", "The replies are never acknowledged while messages go on.", |peer| {
        Box::pin(never(peer))
    })
    .pattern(Pattern::RequestReply),
    Case::new("ack.two-headers", "A message carries two acknowledgements of the same sequence.", |peer| {
        Box::pin(two_headers(peer))
    })
    .pattern(Pattern::RequestReply),
];

async fn open_with(peer: &Peer, count: u64) -> Result<Session<'_>, Stop> {
    let session = peer.open().await?;
    session.send_all(1..=count).await?;
    Ok(session)
}

async fn asked_before_messages(peer: &Peer) -> Result<(), Stop> {
    let session = peer.open().await?;
    peer.post(&session.ack_requested()).await?;
    session.send(1).await?;
    session.finish().await
}

async fn asked(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 3).await?;
    peer.post(&session.ack_requested()).await?;
    session.finish().await
}

async fn asked_beside_a_message(peer: &Peer) -> Result<(), Stop> {
    let session = peer.open().await?;
    for number in 1..=3 {
        session.deliver(&session.message_with(number, "asks", true)?, number).await?;
    }
    session.finish().await
}

async fn asked_with_gap(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 1).await?;
    let third = session.message(3, "third")?;
    peer.post(&third.clone().labelled("before message 2")).await?;
    peer.post(&session.ack_requested()).await?;
    session.send(2).await?;
    session.deliver(&third, 3).await?;
    peer.post(&session.ack_requested()).await?;
    session.finish().await
}

async fn asked_often(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 2).await?;
    for _ in 0..20 {
        peer.post(&session.ack_requested()).await?;
    }
    session.send(3).await?;
    session.finish().await
}

async fn asked_of_unknown(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 1).await?;
    let post = session.ack_requested().replaced(session.identifier(), &peer.identifier())?;
    peer.post(&post.labelled("unknown sequence")).await?;
    session.send(2).await?;
    session.finish().await
}

async fn asked_of_unknown_beside(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 1).await?;
    let post = session.message_with(2, "asks", true)?;
    let header = post.element("r:AckRequested")?;
    let other = header.replace(session.identifier(), &peer.identifier());
    peer.post(&post.replaced(&header, &other)?.labelled("AckRequested of an unknown sequence")).await?;
    Ok(())
}

async fn asked_without_identifier(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 1).await?;
    let post = session.ack_requested().with_element("r:AckRequested", "<r:AckRequested/>")?;
    peer.post(&post.labelled("empty AckRequested")).await?;
    peer.post(&session.message(2, "and on")?).await?;
    Ok(())
}

async fn asked_with_number(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 2).await?;
    let post = session
        .ack_requested()
        .replaced("</r:AckRequested>", "<r:MessageNumber>2</r:MessageNumber></r:AckRequested>")?;
    peer.post(&post.labelled("with a number")).await?;
    session.finish().await
}

/// An acknowledgement of the replies with these ranges, alone.
fn acknowledgement(
    session: &Session<'_>,
    acknowledged: Acknowledged,
) -> Result<SequenceAcknowledgement<'static>, Stop> {
    let offer = session.offer().ok_or_else(|| Stop::Inconclusive("no offer was accepted".to_owned()))?;
    Ok(SequenceAcknowledgement {
        identifier: offer.into(),
        acknowledged,
        is_final: false,
        buffer_remaining: None,
        extensions: Vec::new(),
    })
}

async fn of_replies(peer: &Peer, ranges: &'static [(u64, u64)]) -> Result<(), Stop> {
    let session = open_with(peer, 2).await?;
    let ranges = ranges.iter().map(|&(lower, upper)| AcknowledgementRange::new(lower, upper)).collect();
    let header = acknowledgement(&session, Acknowledged::Ranges(ranges))?;
    peer.post(&session.acknowledges(header)).await?;
    peer.post(&session.message(3, "and on")?).await?;
    Ok(())
}

async fn many_ranges(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 2).await?;
    let ranges = (0..300).map(|place| AcknowledgementRange::new(2 * place + 1, 2 * place + 1)).collect();
    let header = acknowledgement(&session, Acknowledged::Ranges(ranges))?;
    peer.post(&session.acknowledges(header)).await?;
    peer.post(&session.message(3, "and on")?).await?;
    Ok(())
}

async fn nack(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 2).await?;
    let header = acknowledgement(&session, Acknowledged::Nack(vec![2]))?;
    peer.post(&session.acknowledges(header).labelled("Nack")).await?;
    session.send(3).await?;
    session.finish().await
}

async fn of_unknown(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 1).await?;
    let header = SequenceAcknowledgement {
        identifier: peer.identifier().into(),
        acknowledged: Acknowledged::Ranges(vec![AcknowledgementRange::new(1, 1)]),
        is_final: false,
        buffer_remaining: None,
        extensions: Vec::new(),
    };
    peer.post(&session.acknowledges(header).labelled("unknown sequence")).await?;
    session.send(2).await?;
    session.finish().await
}

async fn never(peer: &Peer) -> Result<(), Stop> {
    let session = peer.open().await?;
    for number in 1..=6 {
        let post = session.message(number, "never")?;
        session.deliver(&post.without_acknowledgement()?, number).await?;
    }
    session.finish().await
}

async fn two_headers(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 2).await?;
    let post = session.message(3, "two")?;
    let no_reply =
        |_| Stop::Inconclusive("no reply came in a sequence, so that none is acknowledged".to_owned());
    let header = post.element("r:SequenceAcknowledgement").map_err(no_reply)?;
    let post = post.replaced(&header, &format!("{header}{header}"))?;
    peer.post(&post.labelled("two acknowledgements")).await?;
    Ok(())
}
