//! What acknowledgements say: ranges, None, Nack, Final and BufferRemaining.

use super::{ACK, RANGE, after_ranges};
use crate::measure::draft::{Draft, Kind, only};
use crate::measure::wound::{Wound, wound};

/// The only range, replaced.
fn range(draft: &mut Draft<'_>, attributes: &str) -> Option<()> {
    only(draft.source(ACK)?.matches("<r:AcknowledgementRange").count() == 1)?;
    draft.put(RANGE, &format!("<r:AcknowledgementRange {attributes}/>"))
}

fn upper_is_zero(draft: &mut Draft<'_>) -> Option<()> {
    only(draft.is_11())?;
    range(draft, "Lower=\"0\" Upper=\"0\"")
}

/// Only where something was received.
fn covers_something(draft: &Draft<'_>) -> Option<()> {
    only(!draft.message()?.acknowledgements.first()?.covered().is_empty())
}

/// Only where the first message was received.
fn covers_from_one(draft: &Draft<'_>) -> Option<()> {
    only(draft.message()?.acknowledgements.first()?.covered().contains(1))
}

fn lower_is_zero(draft: &mut Draft<'_>) -> Option<()> {
    covers_from_one(draft)?;
    let upper = draft.message()?.acknowledgements.first()?.covered().highest()?;
    range(draft, &format!("Lower=\"0\" Upper=\"{upper}\""))
}

fn none_instead(draft: &mut Draft<'_>) -> Option<()> {
    only(draft.is_11() && draft.source(ACK)?.matches("<r:AcknowledgementRange").count() == 1)?;
    covers_from_one(draft)?;
    draft.put(RANGE, "<r:None/>")
}

fn range_twice(draft: &mut Draft<'_>) -> Option<()> {
    covers_something(draft)?;
    draft.twice(RANGE)
}

fn room(draft: &mut Draft<'_>, value: &str) -> Option<()> {
    draft.set(&["BufferRemaining"], value)
}

const UNCLEAR: &[&str] = &["ack.lower-upper"];
const SHRINKS: &[&str] = &["ack.never-shrinks", "reply.covers-request"];

pub(super) const WOUNDS: &[Wound] = &[
    wound("reply-range-from-zero", Kind::Reply, UNCLEAR, lower_is_zero),
    wound("reply-range-zero-to-zero", Kind::Reply, &["ack.lower-upper", "reply.covers-request"], |d| {
        covers_something(d)?;
        upper_is_zero(d)
    })
    .then(&["ack.never-shrinks", "ack.none-for-nothing"]),
    wound("reply-range-negative", Kind::Reply, UNCLEAR, |d| range(d, "Lower=\"-1\" Upper=\"1\"")),
    wound("reply-range-in-words", Kind::Reply, UNCLEAR, |d| range(d, "Lower=\"one\" Upper=\"two\"")),
    wound("reply-range-without-lower", Kind::Reply, UNCLEAR, |d| range(d, "Upper=\"1\"")),
    wound("reply-range-with-prefixed-bounds", Kind::Reply, UNCLEAR, |d| {
        range(d, "r:Lower=\"1\" r:Upper=\"1\"")
    }),
    wound("reply-says-none", Kind::Reply, SHRINKS, none_instead),
    wound("reply-acknowledges-in-range-and-nack", Kind::Reply, &["ack.exclusive"], |d| {
        after_ranges(d, "<r:Nack>7000</r:Nack>")
    }),
    wound("reply-nack-alone", Kind::Reply, &["ack.nack-not-acknowledged", "reply.covers-request"], |d| {
        only(d.source(ACK)?.matches("<r:AcknowledgementRange").count() == 1)?;
        covers_from_one(d)?;
        d.put(RANGE, "<r:Nack>1</r:Nack>")
    })
    .then(&["ack.never-shrinks"]),
    wound("reply-nack-in-words", Kind::Reply, &["ack.nack-number"], |d| {
        only(d.source(ACK)?.matches("<r:AcknowledgementRange").count() == 1)?;
        d.put(RANGE, "<r:Nack>one</r:Nack>")
    })
    .then(&["reply.covers-request", "ack.never-shrinks"]),
    wound("reply-final-in-february-2005", Kind::Reply, &["create.vocabulary", "ack.schema"], |d| {
        only(!d.is_11())?;
        after_ranges(d, "<r:Final/>")
    }),
    wound("reply-none-in-february-2005", Kind::Reply, &["create.vocabulary"], |d| {
        only(!d.is_11() && d.source(ACK)?.matches("<r:AcknowledgementRange").count() == 1)?;
        d.put(RANGE, "<r:None/>")
    })
    .then(&["reply.covers-request", "ack.never-shrinks"]),
    wound("reply-acknowledgement-with-two-identifiers", Kind::Reply, &["ack.identifier"], |d| {
        d.twice(&["SequenceAcknowledgement", "Identifier"])
    })
    .then(&["ack.schema"]),
    wound("reply-acknowledgement-identifier-empty", Kind::Reply, &["ack.identifier"], |d| {
        d.set(&["SequenceAcknowledgement", "Identifier"], "")
    }),
    wound("reply-acknowledgement-with-unknown-element", Kind::Reply, &["ack.schema"], |d| {
        after_ranges(d, "<r:Most/>")
    })
    .then(&["create.vocabulary"]),
    wound("reply-room-in-words", Kind::Reply, &["flow.value"], |d| room(d, "many")),
    wound("reply-room-too-large", Kind::Reply, &["flow.value"], |d| room(d, "2147483648")),
    wound("reply-room-empty", Kind::Reply, &["flow.value"], |d| room(d, "")),
    wound("reply-room-beyond-wcf", Kind::Reply, &["flow.range"], |d| room(d, "4097")),
    wound("ack-range-upside-down", Kind::Acknowledgement, UNCLEAR, |d| range(d, "Lower=\"3\" Upper=\"1\"")),
    wound("ack-range-without-bounds", Kind::Acknowledgement, UNCLEAR, |d| range(d, "")),
    wound("ack-range-twice", Kind::Acknowledgement, &["ack.ranges-disjoint"], range_twice),
    wound("ack-range-beside-none", Kind::Acknowledgement, &["ack.exclusive"], |d| {
        only(d.is_11())?;
        after_ranges(d, "<r:None/>")
    }),
    wound("ack-without-identifier", Kind::Acknowledgement, &["ack.identifier"], |d| {
        d.cut(&["SequenceAcknowledgement", "Identifier"])
    }),
    wound("ack-twice", Kind::Acknowledgement, &["ack.single-per-sequence", "ack.single-header"], |d| {
        d.twice(ACK)
    }),
    wound("ack-room-negative", Kind::Acknowledgement, &["flow.value"], |d| room(d, "-3")),
    wound("ack-room-twice", Kind::Acknowledgement, &["flow.value"], |d| d.twice(&["BufferRemaining"])),
    wound("ack-says-nothing", Kind::Acknowledgement, &["ack.schema"], |d| {
        range(d, "Lower=\"1\" Upper=\"1\"").and_then(|()| d.cut(RANGE))
    }),
    wound("message-acknowledges-upside-down", Kind::Application, UNCLEAR, |d| {
        range(d, "Lower=\"3\" Upper=\"1\"")
    }),
    wound(
        "message-acknowledges-twice",
        Kind::Application,
        &["ack.single-per-sequence", "ack.single-header"],
        |d| d.twice(ACK),
    ),
    wound("message-acknowledges-overlapping", Kind::Application, &["ack.ranges-disjoint"], range_twice),
    wound("message-acknowledgement-without-identifier", Kind::Application, &["ack.identifier"], |d| {
        d.cut(&["SequenceAcknowledgement", "Identifier"])
    }),
    wound("close-acknowledges-upside-down", Kind::Close, UNCLEAR, |d| range(d, "Lower=\"3\" Upper=\"1\"")),
    wound("close-acknowledges-unsent", Kind::Close, &["ack.only-received"], super::acknowledge_unsent),
    wound(
        "close-response-says-none",
        Kind::CloseResponse,
        &["close.response-without-final-ranges", "ack.never-shrinks"],
        none_instead,
    ),
    wound("close-response-final-twice", Kind::CloseResponse, &["ack.schema"], |d| d.twice(&["Final"])),
    wound(
        "close-response-acknowledges-unsent",
        Kind::CloseResponse,
        &["ack.only-received"],
        super::acknowledge_unsent,
    ),
    wound(
        "close-response-final-beside-nack",
        Kind::CloseResponse,
        &["ack.final-not-with-nack", "ack.exclusive"],
        |d| after_ranges(d, "<r:Nack>7000</r:Nack>"),
    ),
    wound(
        "terminate-response-without-acknowledgement",
        Kind::TerminateResponse,
        &["close.final", "terminate.response-acknowledgement"],
        |d| d.cut(ACK),
    ),
    wound(
        "terminate-response-acknowledges-unsent",
        Kind::TerminateResponse,
        &["ack.only-received"],
        super::acknowledge_unsent,
    ),
    wound(
        "last-response-acknowledges-unsent",
        Kind::LastResponse,
        &["ack.only-received"],
        super::acknowledge_unsent,
    ),
];
