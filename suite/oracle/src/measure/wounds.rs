//! The wounds, by what they are made to.

mod acknowledgement;
mod addressing;
mod close;
mod course;
mod create;
mod crossed;
mod fault;
mod last;
mod lifecycle;
mod message;
mod policy;
mod ranges;
mod reply;
mod terminate;
mod transport;

use super::draft::{Draft, only};
use super::wound::Wound;
use crate::message::Message;
use crate::trace::Half;

pub(super) const ALL: [&[Wound]; 15] = [
    create::WOUNDS,
    message::WOUNDS,
    reply::WOUNDS,
    acknowledgement::WOUNDS,
    last::WOUNDS,
    close::WOUNDS,
    terminate::WOUNDS,
    fault::WOUNDS,
    crossed::WOUNDS,
    addressing::WOUNDS,
    policy::WOUNDS,
    lifecycle::WOUNDS,
    ranges::WOUNDS,
    transport::WOUNDS,
    course::WOUNDS,
];

/// An identifier that names nothing.
const STRANGE: &str = "urn:uuid:00000000-0000-4000-8000-00000000abcd";
const NONE: &str = "http://www.w3.org/2005/08/addressing/none";

const ACK: &[&str] = &["SequenceAcknowledgement"];
const RANGE: &[&str] = &["SequenceAcknowledgement", "AcknowledgementRange"];
const NUMBER: &[&str] = &["Sequence", "MessageNumber"];

/// Adds to a number in an element.
fn add(draft: &mut Draft<'_>, path: &[&str], more: i64) -> Option<()> {
    let number: i64 = draft.text(path)?.parse().ok()?;
    draft.set(path, &(number + more).to_string())
}

/// Adds to the upper bound of the first range.
fn add_upper(draft: &mut Draft<'_>, more: i64) -> Option<()> {
    let range = draft.source(RANGE)?;
    only(draft.source(ACK)?.matches("<r:AcknowledgementRange").count() == 1)?;
    let (head, tail) = range.split_once("Upper=\"")?;
    let (upper, tail) = tail.split_once('"')?;
    let upper: i64 = upper.parse::<i64>().ok()? + more;
    only(upper >= 1 && !head.contains(&format!("Lower=\"{}\"", upper + 1)))?;
    draft.put(RANGE, &format!("{head}Upper=\"{upper}\"{tail}"))
}

/// Acknowledges messages as well that nobody sent.
fn acknowledge_unsent(draft: &mut Draft<'_>) -> Option<()> {
    after_ranges(draft, "<r:AcknowledgementRange Lower=\"7000\" Upper=\"7001\"/>")
}

/// The number of the request that this reply answers.
fn number_asked(draft: &Draft<'_>) -> Option<u64> {
    draft.other_half()?.sequences.first()?.number
}

/// Whether the request that this response answers is the only one of its number, in a sequence that is open.
fn is_sent_once(draft: &Draft<'_>) -> Option<()> {
    let request = draft.other_half()?;
    let place = |message: &Message| {
        message.sequences.first().map(|header| (header.identifier.clone(), header.number))
    };
    let is_again = |message: &Message| place(message).is_some() && place(message) == place(request);
    let ends = |message: &Message| matches!(message.rm_action(), Some("CloseSequence" | "TerminateSequence"));
    let before = || draft.subject.before(draft.place).map(|(_, message)| message);
    let mut after = draft.subject.after(draft.place).map(|(_, message)| message);
    only(before().filter(|message| is_again(message)).count() < 2 && !after.any(is_again))?;
    only(!before().any(ends))
}

/// Whether no request is under way when this one is sent, or one with a lower number acknowledged replies before.
fn knows_of_replies(draft: &Draft<'_>) -> Option<()> {
    let number = draft.message()?.sequences.first()?.number?;
    let before = || draft.subject.before(draft.place);
    let told = |message: &Message| {
        let is_lower = message.sequences.first().is_some_and(|header| header.number < Some(number));
        is_lower && message.acknowledgements.iter().any(|ack| !ack.covered().is_empty())
    };
    let is_repetition = before().any(|(_, message)| {
        message.sequences.first().is_some_and(|header| header.number == Some(number))
            && message.sequences.first().map(|h| &h.identifier)
                == draft.message().and_then(|m| m.sequences.first()).map(|h| &h.identifier)
    });
    let is_told = before().any(|(observation, message)| observation.half == Half::Request && told(message));
    only(!is_repetition && (is_told || is_one_by_one(draft).is_some()))
}

/// Whether each request before this message was sent after the answer to the one before.
fn is_one_by_one(draft: &Draft<'_>) -> Option<()> {
    let halves: Vec<Half> =
        draft.subject.before(draft.place).map(|(observation, _)| observation.half).collect();
    only(halves.windows(2).all(|pair| pair.first() != pair.last()))
}

/// Whether no other message of the recording has the MessageID of the request that this response answers.
fn has_clear_request(draft: &Draft<'_>) -> Option<()> {
    let id = draft.other_half()?.message_id()?;
    let same = draft.subject.before(draft.place).filter(|(_, message)| message.message_id() == Some(id));
    only(same.count() == 1)
}

/// Puts something behind the last range of the first acknowledgement.
fn after_ranges(draft: &mut Draft<'_>, more: &str) -> Option<()> {
    let ack = draft.source(ACK)?;
    let at = ack.rfind("<r:AcknowledgementRange")?;
    let (head, tail) = ack.split_at_checked(at + ack.get(at..)?.find("/>")? + 2)?;
    draft.put(ACK, &format!("{head}{more}{tail}"))
}

/// A response of success without content.
fn nothing(draft: &mut Draft<'_>) -> Option<()> {
    draft.body.clear();
    draft.status(202);
    draft.field("Content-Type", None)
}

/// An element of the other version of reliable messaging.
fn other_rm(source: &str) -> Option<String> {
    let name = source.strip_prefix("<r:")?;
    let other = "http://schemas.xmlsoap.org/ws/2005/02/rm";
    Some(format!("<r:{}", name.replacen('>', &format!(" xmlns:r=\"{other}\">"), 1)))
}
