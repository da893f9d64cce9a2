//! The last message of RM 1.0.

use super::{ACK, NUMBER, add_upper, number_asked};
use crate::measure::draft::{Kind, only};
use crate::measure::wound::{Wound, wound};

pub(super) const WOUNDS: &[Wound] = &[
    wound("last-without-element", Kind::Last, &["last.element"], |d| d.cut(&["Sequence", "LastMessage"])),
    wound(
        "message-marked-as-last",
        Kind::Application,
        &["last.single", "last.number-above", "last.action"],
        |d| {
            only(!d.is_11())?;
            d.append(&["Sequence"], "<r:LastMessage/>")
        },
    )
    .then(&["last.acknowledged", "last.number-above"]),
    wound("last-with-number-of-another", Kind::Last, &["sequence.number-once"], |d| {
        only(d.text(NUMBER)? != "1")?;
        d.set(NUMBER, "1")
    }),
    wound(
        "last-response-acknowledges-less",
        Kind::LastResponse,
        &["last.acknowledged", "last.answered", "ack.never-shrinks"],
        |d| {
            super::is_sent_once(d)?;
            let asked = number_asked(d)?.to_string();
            only(d.source(super::RANGE)?.contains(&format!("Upper=\"{asked}\"")))?;
            add_upper(d, -1)
        },
    ),
    wound(
        "last-response-without-acknowledgement",
        Kind::LastResponse,
        &["last.acknowledged", "last.answered"],
        |d| d.cut(ACK),
    ),
];
