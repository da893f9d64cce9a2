//! Delivery, faults, replies, and room in the buffer.

use super::super::{Draft, Kind, Mutant, Past};
use super::close::all_below;
use super::{ACKNOWLEDGEMENT, NUMBER, following, source};

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
        "delivery.impatient",
        "delivery.retransmission-interval",
        "A message is sent again after a fixed time, which is shorter than a round trip may be.",
    )
    .in_case(&["loss.first-request"])
    .hurries(20),
    source(
        "delivery.two-timers",
        "delivery.backoff",
        "A message that is sent again has two timers: the second repetition is sent twice.",
    )
    .in_case(&["loss.three-times"])
    .adds(Kind::Message, |request, past| past.has_number_of(request).then(|| request.clone())),
    source(
        "delivery.go-back",
        "delivery.stops",
        "Where a message has to be sent again, so are all before it, acknowledged or not.",
    )
    .in_case(&["loss.three-times"])
    .adds(Kind::Message, |request, past| {
        let first = past.requests().find(|earlier| earlier.kind() == Kind::Message)?;
        past.has_number_of(request).then(|| first.clone())
    }),
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
    source(
        "flow.wide-start",
        "flow.slow-start",
        "The window is wide open from the start: two messages are sent before anything is acknowledged.",
    )
    .one_way()
    .in_case(&["loss.late-response"])
    .adds(Kind::Message, |request, _| match request.number(NUMBER)? {
        1 => following(request),
        _ => None,
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
