//! Delivery, faults, replies, and room in the buffer.

use super::super::{Draft, Kind, Mutant, Past};
use super::close::all_below;
use super::{ACKNOWLEDGEMENT, source};

pub(super) const MUTANTS: &[Mutant] = &[
    source(
        "delivery.gap-overlooked",
        "delivery.retransmits",
        "The highest number that was acknowledged stands for all below it: what was lost is not sent again.",
    )
    .one_way()
    .in_case(&["loss.later-request"])
    .always_hears(all_below),
    source(
        "delivery.loss-kept-quiet",
        "delivery.loss-reported",
        "The application is told that all went well, though a message was never acknowledged.",
    )
    .in_case(&["loss.for-good"])
    .claims(true),
    source(
        "delivery.error-made-up",
        "delivery.success-reported",
        "The application is told of an error at the end of every session.",
    )
    .claims(false),
    source(
        "fault.overheard",
        "fault.obeyed",
        "A fault that ends the sequence is logged, and the session goes on.",
    )
    .in_case(&["ended.terminated"])
    .hears_of(Kind::Message, deaf_to_faults),
    source(
        "fault.closed-overheard",
        "fault.closed-obeyed",
        "SequenceClosed is logged, and the session goes on.",
    )
    .rm_11()
    .in_case(&["ended.closed"])
    .hears_of(Kind::Message, deaf_to_faults),
    source(
        "reply.not-acknowledged",
        "reply.acknowledged-by-source",
        "Requests do not acknowledge the replies that have come.",
    )
    .two_way()
    .says(Kind::Message, |request, _| request.remove(ACKNOWLEDGEMENT)),
    source("reply.elsewhere", "reply.anonymous", "Calls want their replies at an address of the client.")
        .two_way()
        .says(Kind::Message, |request, _| match request.has("Header/ReplyTo") {
            true => request.set("Header/ReplyTo/Address", "http://client.invalid/replies"),
            false => request.after(
                "Header/Action",
                "<a:ReplyTo><a:Address>http://client.invalid/replies</a:Address></a:ReplyTo>",
            ),
        }),
    source("flow.room-overlooked", "flow.no-new-at-zero", "BufferRemaining is not looked at.")
        .one_way()
        .in_case(&["full.at-once"])
        .always_hears(|answer, _| answer.remove("BufferRemaining")),
];

/// Takes a fault for a lost connection.
fn deaf_to_faults(answer: &mut Draft, _: &Past) -> Option<()> {
    if answer.has("Fault") { answer.lose() } else { None }
}
