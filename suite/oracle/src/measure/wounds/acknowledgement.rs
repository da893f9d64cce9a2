//! Acknowledgements that travel alone.

use super::{STRANGE, acknowledge_unsent, after_ranges};
use crate::measure::draft::{Kind, only};
use crate::measure::wound::{Wound, wound};

pub(super) const WOUNDS: &[Wound] = &[
    wound("ack-of-what-was-never-sent", Kind::Acknowledgement, &["ack.only-received"], |d| {
        acknowledge_unsent(d)
    }),
    wound(
        "ack-with-wrong-action",
        Kind::Acknowledgement,
        &["addressing.acknowledgement-action", "addressing.acknowledgement-action-2005"],
        |d| d.swap("/SequenceAcknowledgement</", "/AckRequested</"),
    ),
    wound("ack-final-too-early", Kind::Acknowledgement, &["ack.no-early-final"], |d| {
        only(d.is_11() && !d.body.contains("Final"))?;
        after_ranges(d, "<r:Final/>")
    }),
    wound("ack-of-unknown-sequence", Kind::Acknowledgement, &["ack.known-sequence"], |d| {
        d.set(&["SequenceAcknowledgement", "Identifier"], STRANGE)
    }),
];
