//! Ending.

use super::{ACK, STRANGE, add, add_upper};
use crate::measure::draft::{Kind, only};
use crate::measure::wound::{Wound, wound};

pub(super) const WOUNDS: &[Wound] = &[
    wound("terminate-without-identifier", Kind::Terminate, &["terminate.identifier"], |d| {
        d.cut(&["TerminateSequence", "Identifier"])
    }),
    wound("terminate-unknown", Kind::Terminate, &["terminate.known-sequence"], |d| {
        d.set(&["TerminateSequence", "Identifier"], STRANGE)
    })
    .then(&["terminate.unknown-refused"]),
    wound(
        "terminate-last-number-differs",
        Kind::Terminate,
        &["close.last-number-consistent", "close.last-number-value"],
        |d| add(d, &["LastMsgNumber"], 1),
    ),
    wound(
        "terminate-without-last-number",
        Kind::Terminate,
        &["terminate.last-number", "close.last-number-all-or-none"],
        |d| d.cut(&["LastMsgNumber"]),
    ),
    wound("terminate-without-message-id", Kind::Terminate, &["addressing.request-message-id"], |d| {
        only(d.is_11())?;
        d.cut(&["MessageID"])
    }),
    wound("terminate-acknowledges-no-reply", Kind::Terminate, &["terminate.acknowledges-replies"], |d| {
        only(!d.message()?.acknowledgements.first()?.covered().is_empty())?;
        d.cut(ACK)
    }),
    wound(
        "terminate-response-names-another",
        Kind::TerminateResponse,
        &["terminate.response-identifier"],
        |d| d.set(&["TerminateSequenceResponse", "Identifier"], STRANGE),
    ),
    wound(
        "terminate-response-without-relates-to",
        Kind::TerminateResponse,
        &["addressing.response-relates-to"],
        |d| d.cut(&["RelatesTo"]),
    ),
    wound("terminate-response-not-final", Kind::TerminateResponse, &["close.final"], |d| {
        only(d.subject.before(d.place).any(|(_, message)| message.rm_action() == Some("CloseSequence")))?;
        d.cut(&["Final"])
    }),
    wound(
        "terminate-response-acknowledges-less",
        Kind::TerminateResponse,
        &["ack.never-shrinks", "close.response-without-final-ranges"],
        |d| add_upper(d, -1),
    ),
];
