//! How a sequence is closed and ended, rightly and wrongly.

use wsrm_protocol::Pattern;
use wsrm_wire::{MessageNumber, RmVersion};

use crate::case::{Case, Peer, Post, Session, Stop};

pub(super) const CASES: &[Case] = &[
    Case::new("close.repeated", "CloseSequence comes twice, and again as a new message.", |peer| {
        Box::pin(close_repeated(peer))
    })
    .rm(RmVersion::V200702),
    Case::new("close.with-gap", "The sequence is closed while a message is missing.", |peer| {
        Box::pin(close_with_gap(peer))
    })
    .rm(RmVersion::V200702),
    Case::new("close.then-message", "A new message comes after the closing.", |peer| {
        Box::pin(close_then_message(peer))
    })
    .rm(RmVersion::V200702),
    Case::new("close.then-missing", "The missing message comes after the closing.", |peer| {
        Box::pin(close_then_missing(peer))
    })
    .rm(RmVersion::V200702),
    Case::new("close.then-duplicate", "A message comes again after the closing.", |peer| {
        Box::pin(close_then_duplicate(peer))
    })
    .rm(RmVersion::V200702),
    Case::new("close.then-asked", "An acknowledgement is asked for after the closing.", |peer| {
        Box::pin(close_then_asked(peer))
    })
    .rm(RmVersion::V200702),
    Case::new("close.unknown", "A sequence is closed that never was.", |peer| Box::pin(close_unknown(peer)))
        .rm(RmVersion::V200702),
    Case::new(
        "close.number-too-small",
        "CloseSequence names a last number below the highest sent.",
        |peer| Box::pin(close_number(peer, Some(1))),
    )
    .rm(RmVersion::V200702),
    Case::new("close.number-beyond", "CloseSequence names a last number that was never sent.", |peer| {
        Box::pin(close_number(peer, Some(9)))
    })
    .rm(RmVersion::V200702),
    Case::new("close.number-left-out", "CloseSequence names no last number.", |peer| {
        Box::pin(close_number(peer, None))
    })
    .rm(RmVersion::V200702),
    Case::new("close.replies-not-acknowledged", "CloseSequence acknowledges no reply.", |peer| {
        Box::pin(close_unacknowledged(peer))
    })
    .rm(RmVersion::V200702)
    .pattern(Pattern::RequestReply),
    Case::new("close.empty", "CloseSequence has no Identifier.", |peer| Box::pin(close_empty(peer)))
        .rm(RmVersion::V200702),
    Case::new("last.repeated", "LastMessage comes twice.", |peer| Box::pin(last_repeated(peer)))
        .rm(RmVersion::February2005),
    Case::new("last.then-message", "A message comes behind LastMessage.", |peer| {
        Box::pin(last_then_message(peer))
    })
    .rm(RmVersion::February2005),
    Case::new("last.number-again", "LastMessage has a number that was used.", |peer| {
        Box::pin(last_number_again(peer))
    })
    .rm(RmVersion::February2005),
    Case::new("last.with-gap", "LastMessage comes while a message is missing, which comes then.", |peer| {
        Box::pin(last_with_gap(peer))
    })
    .rm(RmVersion::February2005),
    Case::new("last.on-a-message", "The last application message is marked as the last.", |peer| {
        Box::pin(last_on_a_message(peer))
    })
    .rm(RmVersion::February2005),
    Case::new("last.missing", "The sequence is terminated without a LastMessage.", |peer| {
        Box::pin(terminate_at_once(peer))
    })
    .rm(RmVersion::February2005),
    Case::new("terminate.without-close", "The sequence is terminated without CloseSequence.", |peer| {
        Box::pin(terminate_at_once(peer))
    })
    .rm(RmVersion::V200702),
    Case::new("terminate.repeated", "TerminateSequence comes twice.", |peer| {
        Box::pin(terminate_repeated(peer))
    }),
    Case::new("terminate.then-close", "CloseSequence comes after TerminateSequence.", |peer| {
        Box::pin(terminate_then_close(peer))
    })
    .rm(RmVersion::V200702),
    Case::new("last.unknown", "LastMessage comes for a sequence that never was.", |peer| {
        Box::pin(last_unknown(peer))
    })
    .rm(RmVersion::February2005),
    Case::new("terminate.unknown", "A sequence is terminated that never was.", |peer| {
        Box::pin(terminate_unknown(peer))
    }),
    Case::new("terminate.with-gap", "The sequence is terminated while a message is missing.", |peer| {
        Box::pin(terminate_with_gap(peer))
    }),
    Case::new("terminate.then-message", "A message comes after TerminateSequence.", |peer| {
        Box::pin(terminate_then_message(peer))
    }),
    Case::new("terminate.then-duplicate", "A message comes again after TerminateSequence.", |peer| {
        Box::pin(terminate_then_duplicate(peer))
    }),
    Case::new("terminate.then-asked", "An acknowledgement is asked for after TerminateSequence.", |peer| {
        Box::pin(terminate_then_asked(peer))
    }),
    Case::new(
        "terminate.number-differs",
        "TerminateSequence and CloseSequence name different numbers.",
        |peer| Box::pin(terminate_number_differs(peer)),
    )
    .rm(RmVersion::V200702),
    Case::new("terminate.empty", "TerminateSequence has no Identifier.", |peer| {
        Box::pin(terminate_empty(peer))
    }),
    Case::new("abort.session", "The client gives the session up by a fault, and sends on.", |peer| {
        Box::pin(abort(peer))
    }),
];

async fn open_with(peer: &Peer, count: u64) -> Result<Session<'_>, Stop> {
    let session = peer.open().await?;
    session.send_all(1..=count).await?;
    Ok(session)
}

/// A session of three messages of which the second never comes.
async fn open_with_gap(peer: &Peer) -> Result<Session<'_>, Stop> {
    let session = open_with(peer, 1).await?;
    peer.post(&session.message(3, "third")?.labelled("behind a gap")).await?;
    Ok(session)
}

async fn close_repeated(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 2).await?;
    let close = session.close_message();
    peer.post(&close).await?;
    peer.post(&close.labelled("repeated")).await?;
    peer.post(&session.close_message().labelled("another message")).await?;
    session.finish().await
}

async fn close_with_gap(peer: &Peer) -> Result<(), Stop> {
    open_with_gap(peer).await?.finish().await
}

async fn close_then_message(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 2).await?;
    let late = session.message(3, "late")?;
    session.close().await?;
    peer.post(&late.labelled("after the closing")).await?;
    session.terminate().await?;
    Ok(())
}

async fn close_then_missing(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_gap(peer).await?;
    let missing = session.message(2, "missing")?;
    session.close().await?;
    peer.post(&missing.labelled("after the closing")).await?;
    session.terminate().await?;
    Ok(())
}

async fn close_then_duplicate(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 1).await?;
    let second = session.message(2, "second")?;
    session.deliver(&second, 2).await?;
    session.close().await?;
    peer.post(&second.labelled("repeated after the closing")).await?;
    session.terminate().await?;
    Ok(())
}

async fn close_then_asked(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 2).await?;
    session.close().await?;
    peer.post(&session.ack_requested()).await?;
    session.terminate().await?;
    Ok(())
}

/// The same message about a sequence that never was.
fn of_unknown(peer: &Peer, session: &Session<'_>, post: Post) -> Result<Post, Stop> {
    // An acknowledgement beside it would be about the session that lives.
    let post = post.without_acknowledgement()?.replaced(session.identifier(), &peer.identifier())?;
    Ok(post.labelled("unknown sequence"))
}

async fn close_unknown(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 1).await?;
    peer.post(&of_unknown(peer, &session, session.close_message())?).await?;
    session.send(2).await?;
    session.finish().await
}

async fn close_number(peer: &Peer, number: Option<u64>) -> Result<(), Stop> {
    let session = open_with(peer, 2).await?;
    let post = session.close_message();
    let written = post.element("LastMsgNumber")?;
    let other = number.map(|number| written.replace(">2<", &format!(">{number}<"))).unwrap_or_default();
    peer.post(&post.replaced(&written, &other)?.labelled("another LastMsgNumber")).await?;
    session.finish().await
}

async fn close_unacknowledged(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 2).await?;
    let close = session.close_message().without_acknowledgement()?;
    peer.post(&close.labelled("no acknowledgement")).await?;
    session.finish().await
}

async fn close_empty(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 1).await?;
    let post = session.close_message();
    let empty = format!("<CloseSequence xmlns=\"{}\"/>", peer.rm().namespace());
    peer.post(&post.with_element("CloseSequence", &empty)?.labelled("no Identifier")).await?;
    session.finish().await
}

async fn last_repeated(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 2).await?;
    let last = session.last_message(3)?;
    peer.post(&last).await?;
    peer.post(&last.labelled("repeated")).await?;
    session.finish().await
}

async fn last_then_message(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 1).await?;
    peer.post(&session.last_message(2)?).await?;
    peer.post(&session.message(3, "behind the last")?.labelled("behind the last")).await?;
    session.finish().await
}

async fn last_number_again(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 2).await?;
    peer.post(&session.last_message(2)?.labelled("number 2 again")).await?;
    session.finish().await
}

async fn last_with_gap(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 1).await?;
    let (second, last) = (session.message(2, "second")?, session.last_message(3)?);
    peer.post(&last.clone().labelled("before message 2")).await?;
    session.deliver(&second, 2).await?;
    peer.post(&last).await?;
    session.finish().await
}

async fn last_on_a_message(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 1).await?;
    let post = session.message(2, "last")?;
    let header = post.element("r:Sequence")?;
    let marked = header.replace("</r:Sequence>", "<r:LastMessage/></r:Sequence>");
    session.deliver(&post.replaced(&header, &marked)?, 2).await?;
    session.finish().await
}

async fn terminate_at_once(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 2).await?;
    session.terminate().await?;
    Ok(())
}

async fn terminate_repeated(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 2).await?;
    session.close().await?;
    let terminate = session.terminate_message();
    peer.post(&terminate).await?;
    peer.post(&terminate.labelled("repeated")).await?;
    Ok(())
}

async fn terminate_then_close(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 2).await?;
    let close = session.close_message();
    session.terminate().await?;
    peer.post(&close.labelled("after the end")).await?;
    Ok(())
}

async fn last_unknown(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 1).await?;
    peer.post(&of_unknown(peer, &session, session.last_message(2)?)?).await?;
    session.send(2).await?;
    session.finish().await
}

async fn terminate_unknown(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 1).await?;
    peer.post(&of_unknown(peer, &session, session.terminate_message())?).await?;
    session.send(2).await?;
    session.finish().await
}

async fn terminate_with_gap(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_gap(peer).await?;
    session.terminate().await?;
    Ok(())
}

async fn terminate_then_message(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 1).await?;
    session.finish().await?;
    peer.post(&session.message(3, "late")?.labelled("after the end")).await?;
    Ok(())
}

async fn terminate_then_duplicate(peer: &Peer) -> Result<(), Stop> {
    let session = peer.open().await?;
    let first = session.message(1, "first")?;
    session.deliver(&first, 1).await?;
    session.finish().await?;
    peer.post(&first.labelled("repeated after the end")).await?;
    Ok(())
}

async fn terminate_then_asked(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 1).await?;
    session.finish().await?;
    peer.post(&session.ack_requested().labelled("after the end")).await?;
    Ok(())
}

async fn terminate_number_differs(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 2).await?;
    session.close().await?;
    let post = session.terminate_message();
    let number = post.element("LastMsgNumber")?;
    let highest = MessageNumber::FIRST;
    let post = post.replaced(&number, &number.replace(">2<", &format!(">{highest}<")))?;
    peer.post(&post.labelled("another LastMsgNumber")).await?;
    Ok(())
}

async fn terminate_empty(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 1).await?;
    let post = session.terminate_message();
    let empty = format!("<TerminateSequence xmlns=\"{}\"/>", peer.rm().namespace());
    peer.post(&post.with_element("TerminateSequence", &empty)?.labelled("no Identifier")).await?;
    session.finish().await
}

async fn abort(peer: &Peer) -> Result<(), Stop> {
    let session = open_with(peer, 2).await?;
    peer.post(&session.abort_message()).await?;
    peer.post(&session.message(3, "late")?.labelled("after the fault")).await?;
    Ok(())
}
