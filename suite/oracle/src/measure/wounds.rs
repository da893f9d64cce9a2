//! The wounds, by what they are made to.

mod acknowledgement;
mod close;
mod create;
mod crossed;
mod fault;
mod last;
mod message;
mod reply;
mod terminate;

use super::draft::{Draft, only};
use super::wound::Wound;

pub(super) const ALL: [&[Wound]; 9] = [
    create::WOUNDS,
    message::WOUNDS,
    reply::WOUNDS,
    acknowledgement::WOUNDS,
    last::WOUNDS,
    close::WOUNDS,
    terminate::WOUNDS,
    fault::WOUNDS,
    crossed::WOUNDS,
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
    let (head, tail) = range.split_once("Upper=\"")?;
    let (upper, tail) = tail.split_once('"')?;
    let upper: i64 = upper.parse::<i64>().ok()? + more;
    only(upper >= 1)?;
    draft.put(RANGE, &format!("{head}Upper=\"{upper}\"{tail}"))
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
