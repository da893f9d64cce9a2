//! Ending a sequence.

use super::super::{Kind, Mutant};
use super::close::{own, response};
use super::{ACKNOWLEDGEMENT, STRANGE, destination, nothing, nothing_for_fault};

const RESPONSE: &str = "TerminateSequenceResponse";

pub(super) const MUTANTS: &[Mutant] = &[
    destination(
        "terminate.no-identifier",
        "terminate.identifier",
        "TerminateSequenceResponse has no Identifier.",
    )
    .rm_11()
    .says(Kind::TerminateSequenceResponse, |answer, _| answer.remove("TerminateSequenceResponse/Identifier")),
    destination(
        "terminate.strange-sequence",
        "terminate.known-sequence",
        "TerminateSequence for the replies names a sequence that nobody knows.",
    )
    .rm_10()
    .two_way()
    .says(Kind::TerminateSequence, |answer, _| answer.set("TerminateSequence/Identifier", STRANGE)),
    destination(
        "terminate.number-in-response",
        "terminate.schema",
        "TerminateSequenceResponse repeats the last number.",
    )
    .rm_11()
    .says(Kind::TerminateSequenceResponse, |answer, past| {
        let number = past.asked()?.number("LastMsgNumber")?;
        answer.append(RESPONSE, &format!("<r:LastMsgNumber>{number}</r:LastMsgNumber>"))
    }),
    destination(
        "terminate.answered-by-nothing",
        "terminate.answered",
        "TerminateSequence is taken for one-way and answered by 202.",
    )
    .rm_11()
    .answers(Kind::TerminateSequence, nothing),
    destination(
        "terminate.names-another",
        "terminate.response-identifier",
        "TerminateSequenceResponse names another sequence than was ended.",
    )
    .rm_11()
    .says(Kind::TerminateSequenceResponse, |answer, _| {
        answer.set("TerminateSequenceResponse/Identifier", STRANGE)
    }),
    destination(
        "terminate.way-back-open",
        "terminate.answered-2005",
        "TerminateSequence of a two-way session is answered by 202.",
    )
    .rm_10()
    .two_way()
    .answers(Kind::TerminateSequence, nothing),
    destination(
        "terminate.answer-names-request",
        "terminate.answer-names-offer",
        "The TerminateSequence that answers the client's names the client's sequence again.",
    )
    .rm_10()
    .two_way()
    .says(Kind::TerminateSequence, |answer, past| {
        answer.set("TerminateSequence/Identifier", &past.asked()?.text("TerminateSequence/Identifier")?)
    }),
    destination(
        "terminate.one-way-answered",
        "terminate.one-way-empty",
        "TerminateSequence of a one-way session is answered by an acknowledgement.",
    )
    .rm_10()
    .one_way()
    .answers(Kind::TerminateSequence, |answer, past| {
        let last = past.last_answer(Kind::Acknowledgement)?.body().to_owned();
        answer.answer(last)
    }),
    destination(
        "terminate.on-its-own",
        "terminate.destination-initiated",
        "The service ends the sequence as soon as it has taken a message.",
    )
    .rm_11()
    .one_way()
    .says(Kind::Acknowledgement, |answer, past| {
        let identifier = past.asked()?.text("Sequence/Identifier")?;
        own(answer, "TerminateSequence", &identifier)
    }),
    destination(
        "terminate.unknown-swallowed",
        "terminate.unknown-refused",
        "TerminateSequence for a sequence that never was is answered by 202.",
    )
    .in_case(&["terminate.unknown"])
    .answers(Kind::TerminateSequence, nothing_for_fault),
    destination(
        "terminate.repeated-refused",
        "terminate.repeated-refused",
        "A TerminateSequence that comes again is answered by 202.",
    )
    .rm_11()
    .in_case(&["terminate.repeated"])
    .answers(Kind::TerminateSequence, |answer, past| match past.has_request(Kind::TerminateSequence) {
        true => answer.nothing(202),
        false => None,
    }),
    destination(
        "terminate.acknowledgement-left-out",
        "terminate.response-acknowledgement",
        "TerminateSequenceResponse carries no acknowledgement.",
    )
    .rm_11()
    .says(Kind::TerminateSequenceResponse, |answer, _| answer.remove(ACKNOWLEDGEMENT)),
    destination(
        "terminate.unknown-ended",
        "terminate.unknown-refused",
        "TerminateSequence is answered without a look at which sequence it ends.",
    )
    .rm_11()
    .in_case(&["terminate.unknown"])
    .answers(Kind::TerminateSequence, |answer, past| {
        answer.has("Fault").then_some(())?;
        let asked = past.asked()?;
        let (identifier, message_id) =
            (asked.text("TerminateSequence/Identifier")?, asked.text("MessageID")?);
        response(answer, RESPONSE, &identifier, &message_id)
    }),
];
