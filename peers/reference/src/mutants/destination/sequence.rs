//! The Sequence header: of replies, and as it is taken.

use wsrm_wire::{RmFault, SoapVersion};

use super::super::{Kind, Mutant};
use super::{destination, nothing_for_fault, rm_fault};

const NUMBER: &str = "Sequence/MessageNumber";

pub(super) const MUTANTS: &[Mutant] = &[
    destination("sequence.reply-in-two", "sequence.single-header", "A reply has two Sequence headers.")
        .two_way()
        .says(Kind::Message, |reply, _| reply.repeat("Sequence")),
    destination(
        "sequence.reply-optional",
        "sequence.must-understand",
        "The Sequence header of a reply need not be understood.",
    )
    .two_way()
    .says(Kind::Message, |reply, _| reply.remove_attribute("Sequence", "mustUnderstand")),
    destination(
        "sequence.reply-without-identifier",
        "sequence.identifier",
        "The Sequence header of a reply has no Identifier.",
    )
    .two_way()
    .says(Kind::Message, |reply, _| reply.remove("Sequence/Identifier")),
    destination("sequence.replies-from-zero", "sequence.message-number", "Replies are numbered from 0.")
        .two_way()
        .says(Kind::Message, |reply, _| reply.add(NUMBER, -1)),
    destination(
        "sequence.reply-number-first",
        "sequence.schema",
        "MessageNumber stands before Identifier in the Sequence header of a reply.",
    )
    .two_way()
    .says(Kind::Message, |reply, _| {
        let number = reply.source(NUMBER)?;
        reply.remove(NUMBER)?;
        reply.before("Sequence/Identifier", &number)
    }),
    destination(
        "sequence.replies-from-two",
        "sequence.starts-at-one",
        "The counter of the replies starts after CreateSequenceResponse.",
    )
    .two_way()
    .says(Kind::Message, |reply, _| reply.add(NUMBER, 1)),
    destination("sequence.replies-skip", "sequence.no-gaps", "Every reply uses up two numbers.")
        .two_way()
        .says(Kind::Message, |reply, _| {
            let number: i64 = reply.number(NUMBER)?.try_into().ok()?;
            reply.add(NUMBER, number - 1)
        }),
    destination("sequence.replies-are-one", "sequence.number-once", "All replies have the number 1.")
        .two_way()
        .says(Kind::Message, |reply, _| reply.set(NUMBER, "1")),
    destination(
        "sequence.closes-in-soap-11",
        "sequence.one-soap-version",
        "The answers to CloseSequence and TerminateSequence come in SOAP 1.1.",
    )
    .rm_11()
    .soap_12()
    .says(Kind::CloseSequenceResponse, |answer, _| {
        answer.swap(SoapVersion::Soap12.namespace(), SoapVersion::Soap11.namespace())?;
        answer.set_field("Content-Type", "text/xml; charset=utf-8")
    }),
    destination(
        "sequence.unknown-swallowed",
        "sequence.unknown-refused",
        "A message for a sequence that never was is answered by 202.",
    )
    .in_case(&["sequence.unknown"])
    .answers(Kind::Message, nothing_for_fault),
    destination(
        "sequence.zero-is-old",
        "sequence.zero-refused",
        "The number 0 is taken for a message that came long ago, and answered by 202.",
    )
    .in_case(&["sequence.number-zero"])
    .answers(Kind::Message, |answer, past| match past.asked()?.number(NUMBER)? {
        0 => answer.nothing(202),
        _ => None,
    }),
    destination(
        "sequence.gap-not-kept",
        "sequence.out-of-order-taken",
        "A message behind a gap is dropped; the answer acknowledges what came before.",
    )
    .in_case(&["sequence.gap"])
    .one_way()
    .says(Kind::Acknowledgement, |answer, _| answer.remove("AcknowledgementRange[2]")),
    destination(
        "sequence.rolls-over",
        "sequence.no-rollover-sent",
        "The largest number that there is is answered by MessageNumberRollover, as the standard has it.",
    )
    .in_case(&["sequence.number-largest"])
    .answers(Kind::Message, |answer, past| {
        let asked = past.asked()?;
        (asked.number(NUMBER)? > 1 << 62).then_some(())?;
        let identifier = asked.text("Sequence/Identifier")?.into();
        let max_message_number = Some(i64::MAX.unsigned_abs());
        let fault = RmFault::MessageNumberRollover { identifier, max_message_number };
        rm_fault(answer, &fault, "The numbers of the sequence are used up.")
    }),
];
