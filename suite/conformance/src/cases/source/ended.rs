//! A service that ends the sequence by itself, has no room, or takes its time at the end.

use std::time::Duration;

use wsrm_protocol::Pattern;
use wsrm_wire::{FaultCode, RmFault, RmVersion, namespace};

use super::edit::{terminated, unknown};
use crate::case::{Case, HttpResponse, Post, Stop};
use crate::invitation::Scene;
use crate::invitation::rule::{On, each, first};

pub(super) const CASES: &[Case] = &[
    Case::invitation(
        "ended.terminated",
        "The last message is answered by SequenceTerminated.",
        &[first(On::Number(3)).answer(terminated)],
    ),
    Case::invitation(
        "ended.unknown",
        "The last message is answered by UnknownSequence.",
        &[first(On::Number(3)).answer(unknown)],
    ),
    Case::invitation(
        "ended.closed",
        "The second message is answered by SequenceClosed.",
        &[first(On::Number(2)).answer(closed)],
    )
    .rm(RmVersion::V200702)
    // One-way messages may be under way already.
    .pattern(Pattern::RequestReply),
    Case::invitation(
        "full.at-once",
        "The service has no room behind the first message, and has some when it is asked.",
        &[first(On::Number(1)).change(full)],
    )
    .slow(),
    Case::invitation(
        "late.closing",
        "The last message, or CloseSequence, is answered after 2 s.",
        &[first(On::Closing).delay(Duration::from_secs(2))],
    ),
    Case::invitation(
        "late.end-unanswered",
        "Every answer to TerminateSequence is lost.",
        &[each(On::Terminate).lose_response()],
    )
    .slow(),
];

fn closed(scene: &Scene<'_>) -> Result<HttpResponse, Stop> {
    let identifier = scene.sequence()?.into();
    let text = "The sequence takes no further message.";
    Ok(scene.fault(&RmFault::SequenceClosed { identifier }, FaultCode::Sender, text))
}

fn full(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    let none =
        format!("<netrm:BufferRemaining xmlns:netrm=\"{}\">0</netrm:BufferRemaining>", namespace::NETRM);
    answer.with_element("netrm:BufferRemaining", &none)
}
