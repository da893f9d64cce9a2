//! Closing.

use super::{ACK, RANGE, STRANGE, acknowledge_unsent, add, add_upper};
use crate::measure::draft::{Kind, only};
use crate::measure::wound::{Wound, wound};

pub(super) const WOUNDS: &[Wound] = &[
    wound("close-without-identifier", Kind::Close, &["close.identifier"], |d| {
        d.cut(&["CloseSequence", "Identifier"])
    }),
    wound("close-unknown", Kind::Close, &["close.known-sequence"], |d| {
        d.set(&["CloseSequence", "Identifier"], STRANGE)
    })
    .then(&["close.unknown-refused"]),
    wound(
        "close-last-number-too-high",
        Kind::Close,
        &["close.last-number-value", "close.last-number-consistent"],
        |d| add(d, &["LastMsgNumber"], 3),
    ),
    wound("close-last-number-zero", Kind::Close, &["close.last-number-type"], |d| {
        d.set(&["LastMsgNumber"], "0")
    }),
    wound(
        "close-without-last-number",
        Kind::Close,
        &["close.last-number", "close.last-number-all-or-none"],
        |d| d.cut(&["LastMsgNumber"]),
    ),
    wound("close-without-message-id", Kind::Close, &["addressing.request-message-id"], |d| {
        d.cut(&["MessageID"])
    }),
    wound("close-acknowledges-no-reply", Kind::Close, &["close.acknowledges-replies"], |d| {
        only(!d.message()?.acknowledgements.first()?.covered().is_empty())?;
        d.cut(ACK)
    }),
    wound("close-with-final-before-number", Kind::Close, &["close.schema"], |d| {
        let r = d.r();
        d.append(&["CloseSequence"], &format!("<{r}Final/>"))
    }),
    wound("close-response-without-final", Kind::CloseResponse, &["close.final"], |d| d.cut(&["Final"])),
    wound("close-response-final-before-range", Kind::CloseResponse, &["ack.schema"], |d| {
        d.source(RANGE)?;
        d.cut(&["Final"])?;
        d.before(RANGE, "<r:Final/>")
    }),
    wound("close-response-without-acknowledgement", Kind::CloseResponse, &["close.final"], |d| d.cut(ACK)),
    wound("close-response-names-another", Kind::CloseResponse, &["close.response-identifier"], |d| {
        d.set(&["CloseSequenceResponse", "Identifier"], STRANGE)
    }),
    wound(
        "close-response-without-relates-to",
        Kind::CloseResponse,
        &["addressing.response-relates-to"],
        |d| d.cut(&["RelatesTo"]),
    ),
    wound(
        "close-response-acknowledges-less",
        Kind::CloseResponse,
        &["close.response-without-final-ranges", "ack.never-shrinks"],
        |d| add_upper(d, -1),
    ),
    wound("close-response-acknowledges-more", Kind::CloseResponse, &["ack.only-received"], |d| {
        acknowledge_unsent(d)
    }),
    wound("close-response-wrong-action", Kind::CloseResponse, &["addressing.action-of-body"], |d| {
        d.swap("/CloseSequenceResponse</", "/TerminateSequenceResponse</")
    }),
];
