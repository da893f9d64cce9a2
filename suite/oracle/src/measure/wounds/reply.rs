//! Replies.

use super::{
    ACK, NUMBER, RANGE, STRANGE, acknowledge_unsent, add, add_upper, after_ranges, number_asked, other_rm,
};
use crate::measure::draft::{Kind, only};
use crate::measure::wound::{Wound, wound};

pub(super) const WOUNDS: &[Wound] = &[
    wound("reply-without-relates-to", Kind::Reply, &["addressing.reply-relates-to"], |d| {
        d.cut(&["RelatesTo"])
    }),
    wound("reply-relates-elsewhere", Kind::Reply, &["addressing.reply-relates-to"], |d| {
        d.set(&["RelatesTo"], STRANGE)
    }),
    wound("reply-without-acknowledgement", Kind::Reply, &["reply.acknowledgement"], |d| d.cut(ACK)),
    wound("reply-acknowledges-what-was-never-sent", Kind::Reply, &["ack.only-received"], |d| {
        acknowledge_unsent(d)
    }),
    wound("reply-acknowledges-less", Kind::Reply, &["reply.covers-request", "ack.never-shrinks"], |d| {
        let asked = number_asked(d)?.to_string();
        only(d.source(RANGE)?.contains(&format!("Upper=\"{asked}\"")))?;
        add_upper(d, -1)
    }),
    wound("reply-range-upside-down", Kind::Reply, &["ack.lower-upper"], |d| {
        d.put(RANGE, "<r:AcknowledgementRange Lower=\"3\" Upper=\"1\"/>")
    }),
    wound("reply-range-without-upper", Kind::Reply, &["ack.lower-upper"], |d| {
        d.put(RANGE, "<r:AcknowledgementRange Lower=\"1\"/>")
    }),
    wound("reply-ranges-overlap", Kind::Reply, &["ack.ranges-disjoint"], |d| d.twice(RANGE)),
    wound("reply-range-beside-none", Kind::Reply, &["ack.exclusive"], |d| {
        only(d.is_11())?;
        after_ranges(d, "<r:None/>")
    }),
    wound("reply-range-beside-nack", Kind::Reply, &["ack.exclusive"], |d| {
        after_ranges(d, "<r:Nack>77</r:Nack>")
    }),
    wound("reply-acknowledges-finally", Kind::Reply, &["ack.no-early-final", "reply.not-final"], |d| {
        only(d.is_11())?;
        after_ranges(d, "<r:Final/>")
    }),
    wound("reply-acknowledges-unknown-sequence", Kind::Reply, &["ack.known-sequence"], |d| {
        d.set(&["SequenceAcknowledgement", "Identifier"], STRANGE)
    }),
    wound("reply-acknowledgement-without-identifier", Kind::Reply, &["ack.identifier"], |d| {
        d.cut(&["SequenceAcknowledgement", "Identifier"])
    }),
    wound("reply-acknowledges-twice", Kind::Reply, &["ack.single-per-sequence", "ack.single-header"], |d| {
        d.twice(ACK)
    }),
    wound("reply-acknowledgement-says-nothing", Kind::Reply, &["ack.schema"], |d| {
        only(d.source(ACK)?.matches("<r:AcknowledgementRange").count() == 1)?;
        d.cut(RANGE)
    }),
    wound("reply-room-negative", Kind::Reply, &["flow.value"], |d| d.set(&["BufferRemaining"], "-1")),
    wound("reply-room-twice", Kind::Reply, &["flow.value"], |d| d.twice(&["BufferRemaining"])),
    wound("reply-of-unknown-sequence", Kind::Reply, &["sequence.created-first"], |d| {
        d.set(&["Sequence", "Identifier"], STRANGE)
    }),
    wound("reply-number-zero", Kind::Reply, &["sequence.message-number"], |d| d.set(NUMBER, "0")),
    wound("reply-number-used-twice", Kind::Reply, &["sequence.number-once"], |d| {
        only(d.text(NUMBER)? != "1")?;
        d.set(NUMBER, "1")
    }),
    wound(
        "reply-number-skips",
        Kind::Reply,
        &["sequence.no-gaps", "sequence.starts-at-one", "reply.replayed"],
        |d| add(d, NUMBER, 70),
    ),
    wound("reply-sequence-may-be-ignored", Kind::Reply, &["sequence.must-understand"], |d| {
        d.swap("Sequence s:mustUnderstand=\"1\"", "Sequence")
    }),
    wound("reply-with-two-sequences", Kind::Reply, &["sequence.single-header"], |d| d.twice(&["Sequence"])),
    wound("reply-without-action", Kind::Reply, &["addressing.action-present"], |d| d.cut(&["Action"])),
    wound("reply-of-other-media-type", Kind::Reply, &["http.media-type"], |d| {
        d.field("Content-Type", Some("text/plain"))
    }),
    wound("reply-with-status-500", Kind::Reply, &["http.message-status"], |d| {
        only(!d.body.contains("Fault>"))?;
        d.status(500);
        Some(())
    }),
    wound("reply-in-ack-of-other-version", Kind::Reply, &["create.one-namespace"], |d| {
        only(d.is_11())?;
        let ack = other_rm(&d.source(ACK)?)?;
        d.put(ACK, &ack)
    }),
];
