//! What an endpoint that grants sequences is like.

use std::rc::Rc;
use std::time::Duration;

use wsrm_protocol::{Identifiers, Pattern};

use super::Refused;
use crate::case::wire::before;
use crate::case::{Answer, Peer, Stop, Target, Wire};

/// How long an answer to a message behind a gap is waited for.
const PATIENCE: Duration = Duration::from_millis(750);

/// What an endpoint is like, as its answers show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traits {
    /// What it says to an application message.
    pub takes: Result<(), Refused>,
    /// Whether the first transmission of a message is acknowledged at once.
    pub acknowledges: bool,
    /// How many messages it has room for, where it speaks of flow control.
    pub buffer_remaining: Option<u64>,
    /// Whether a message behind a gap waits.
    pub ordered: Ordered,
    /// The product that HTTP names.
    pub server: Option<String>,
    /// Whether the sequence was ended.
    pub is_ended: bool,
}

/// Whether a message behind a gap waits for what is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ordered {
    /// It does.
    Yes,
    /// It is answered before what is missing has come.
    No,
    /// It is refused by a fault.
    Refused,
    /// The wire does not show it: messages are one-way, or not taken.
    Unseen,
}

/// Looks at an endpoint by one session.
///
/// # Errors
/// [`Stop`], where no session is to be had any more.
pub async fn traits(
    target: &Target,
    wire: &Rc<dyn Wire>,
    identifiers: Box<dyn Identifiers>,
) -> Result<Traits, Stop> {
    let peer = Peer::new(target.clone(), Rc::clone(wire), identifiers);
    let session = peer.open().await?;
    let first = peer.post(&session.message(1, "message 1")?).await?;
    let acknowledges = first.acknowledges(session.identifier(), 1);
    let is_refused = first.is_fault() && !acknowledges;
    let can_show_order = target.pattern == Pattern::RequestReply && is_reply(&first);
    let ordered = if can_show_order {
        let third = session.message(3, "message 3")?;
        let early = before(peer.pause(PATIENCE), Box::pin(peer.post(&third))).await.transpose()?;
        match early {
            Some(early) if early.is_fault() => Ordered::Refused,
            Some(early) if is_reply(&early) => Ordered::No,
            _ => Ordered::Yes,
        }
    } else {
        Ordered::Unseen
    };
    if ordered != Ordered::Unseen && ordered != Ordered::Refused {
        // Whatever comes of it shows in whether the sequence can be ended.
        for number in 2..=3 {
            peer.post(&session.message(number, &format!("message {number}"))?).await?;
        }
    }
    session.finish().await?;
    let entry = peer.entry(session.identifier());
    let log = peer.log();
    let responses = log.iter().filter_map(|logged| logged.response.as_ref());
    let server = responses
        .flat_map(|response| &response.fields)
        .find(|(name, _)| name.eq_ignore_ascii_case("server"))
        .map(|(_, value)| value.clone());
    Ok(Traits {
        takes: if is_refused { Err(Refused::of(&first)) } else { Ok(()) },
        acknowledges,
        buffer_remaining: first.buffer_remaining(session.identifier()),
        ordered,
        server,
        is_ended: entry.end.is_some(),
    })
}

/// Whether an answer holds what an operation returned.
fn is_reply(answer: &Answer) -> bool {
    answer.soap().is_some_and(|message| {
        message.fault.is_none() && !message.sequences.is_empty() && !message.has_empty_body()
    })
}
