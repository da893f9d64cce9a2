//! Acknowledgements that travel alone.

use super::{RANGE, STRANGE, add_upper};
use crate::measure::draft::{Kind, only};
use crate::measure::wound::{Wound, wound};

pub(super) const WOUNDS: &[Wound] = &[
    wound("ack-of-what-was-never-sent", Kind::Acknowledgement, &["ack.only-received"], |d| add_upper(d, 5)),
    wound(
        "ack-with-wrong-action",
        Kind::Acknowledgement,
        &["addressing.acknowledgement-action", "addressing.acknowledgement-action-2005"],
        |d| d.swap("/SequenceAcknowledgement</", "/AckRequested</"),
    ),
    wound("ack-final-too-early", Kind::Acknowledgement, &["ack.no-early-final"], |d| {
        only(d.is_11())?;
        d.after(RANGE, "<r:Final/>")
    }),
    wound("ack-of-unknown-sequence", Kind::Acknowledgement, &["ack.known-sequence"], |d| {
        d.set(&["SequenceAcknowledgement", "Identifier"], STRANGE)
    }),
];
