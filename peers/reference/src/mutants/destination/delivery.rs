//! Delivery, replies, and room in the buffer.

use super::super::{Kind, Mutant};
use super::{ACKNOWLEDGEMENT, RANGE, acknowledge_more, destination, nothing, nothing_to_duplicate};

const ROOM: &str = "SequenceAcknowledgement/BufferRemaining";

pub(super) const MUTANTS: &[Mutant] = &[
    destination(
        "delivery.duplicate-swallowed",
        "delivery.duplicate-answered",
        "A message that comes again is answered by 202.",
    )
    .one_way()
    .in_case(&["sequence.each-twice"])
    .answers(Kind::Message, nothing_to_duplicate),
    destination(
        "delivery.not-acknowledged",
        "delivery.fresh-answered",
        "A message is taken and answered by 202; the acknowledgement comes with the last one.",
    )
    .one_way()
    .answers(Kind::Message, nothing),
    destination("reply.unsequenced", "reply.sequence", "Replies carry no Sequence header.")
        .two_way()
        .says(Kind::Message, |reply, _| reply.remove("Sequence")),
    destination("reply.unacknowledged", "reply.acknowledgement", "Replies carry no acknowledgement.")
        .two_way()
        .says(Kind::Message, |reply, _| reply.remove(ACKNOWLEDGEMENT)),
    destination(
        "reply.acknowledged-late",
        "reply.covers-request",
        "The acknowledgement is written before the request is entered.",
    )
    .two_way()
    .says(Kind::Message, |reply, _| acknowledge_more(reply, -1)),
    destination("reply.final", "reply.not-final", "The acknowledgement on a reply is called final.")
        .rm_11()
        .two_way()
        .says(Kind::Message, |reply, _| reply.after(RANGE, "<r:Final/>")),
    destination(
        "reply.gone",
        "reply.replayed",
        "Replies are not kept: a request that comes again is only acknowledged.",
    )
    .two_way()
    .in_case(&["sequence.each-twice"])
    .answers(Kind::Message, |answer, past| {
        past.is_repeated().then_some(())?;
        answer.remove("Sequence")?;
        answer.remove("RelatesTo")?;
        let action = format!("{}/SequenceAcknowledgement", answer.profile().rm.namespace());
        answer.set("Action", &action)?;
        answer.set("Body", "")
    }),
    destination(
        "reply.acknowledged-first",
        "reply.bare-acknowledgement",
        "A request is acknowledged at once; its reply comes when the request comes again.",
    )
    .two_way()
    .in_case(&["sequence.each-twice"])
    .answers(Kind::Message, |answer, past| {
        (!past.is_repeated()).then_some(())?;
        answer.remove("Sequence")?;
        answer.remove("RelatesTo")?;
        let action = format!("{}/SequenceAcknowledgement", answer.profile().rm.namespace());
        answer.set("Action", &action)?;
        answer.set("Body", "")
    }),
    destination("flow.negative", "flow.value", "BufferRemaining goes below zero.")
        .always_says(|answer, _| answer.set(ROOM, "-1")),
    destination("flow.now-and-then", "flow.always", "BufferRemaining is left out once a message came again.")
        .in_case(&["sequence.each-twice"])
        .answers(Kind::Message, |answer, past| match past.is_repeated() {
            true => answer.remove(ROOM),
            false => None,
        }),
    destination("flow.in-bytes", "flow.range", "BufferRemaining counts bytes.")
        .always_says(|answer, _| answer.set(ROOM, "65536")),
];
