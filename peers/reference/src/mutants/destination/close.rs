//! Closing a sequence in the version of OASIS.

use super::super::{Draft, Kind, Mutant};
use super::{RANGE, STRANGE, acknowledge_more, destination, nothing};

const RESPONSE: &str = "CloseSequenceResponse";

pub(super) const MUTANTS: &[Mutant] = &[
    close("close.no-identifier", "close.identifier", "CloseSequenceResponse has no Identifier.")
        .says(Kind::CloseSequenceResponse, |answer, _| answer.remove("CloseSequenceResponse/Identifier")),
    close("close.number-in-response", "close.schema", "CloseSequenceResponse repeats the last number.").says(
        Kind::CloseSequenceResponse,
        |answer, past| {
            let number = past.asked()?.number("LastMsgNumber")?;
            answer.append(RESPONSE, &format!("<r:LastMsgNumber>{number}</r:LastMsgNumber>"))
        },
    ),
    close(
        "close.on-its-own",
        "close.destination-initiated",
        "The service closes the sequence as soon as it has taken a message.",
    )
    .says(Kind::Acknowledgement, |answer, past| {
        let identifier = past.asked()?.text("Sequence/Identifier")?;
        own(answer, "CloseSequence", &identifier)
    })
    .one_way(),
    close(
        "close.answered-by-nothing",
        "close.answered",
        "CloseSequence is taken for one-way and answered by 202.",
    )
    .answers(Kind::CloseSequence, nothing),
    close(
        "close.names-another",
        "close.response-identifier",
        "CloseSequenceResponse names another sequence than was closed.",
    )
    .says(Kind::CloseSequenceResponse, |answer, _| answer.set("CloseSequenceResponse/Identifier", STRANGE)),
    close(
        "close.final-left-out",
        "close.final",
        "The acknowledgement in CloseSequenceResponse does not say that it is final.",
    )
    .says(Kind::CloseSequenceResponse, |answer, _| answer.remove("SequenceAcknowledgement/Final")),
    close(
        "close.final-once",
        "close.final",
        "Only CloseSequenceResponse has a final acknowledgement, TerminateSequenceResponse has not.",
    )
    .says(Kind::TerminateSequenceResponse, |answer, _| answer.remove("SequenceAcknowledgement/Final")),
    close(
        "close.fault-without-final",
        "close.fault-final",
        "The acknowledgement beside SequenceClosed does not say that it is final.",
    )
    .in_case(&["close.then-message"])
    .says(Kind::Fault, |fault, _| fault.remove("SequenceAcknowledgement/Final")),
    close("close.still-open", "close.nothing-accepted", "A message that comes after the closing is taken.")
        .in_case(&["close.then-message"])
        .one_way()
        .answers(Kind::Message, |answer, past| {
            let number = past.asked()?.number("Sequence/MessageNumber")?;
            if !past.has_request(Kind::CloseSequence) {
                return None;
            }
            let taken = past.last_answer(Kind::Acknowledgement)?.body().to_owned();
            answer.answer(taken)?;
            answer.set_attribute(RANGE, "Upper", &number.to_string())
        }),
    close(
        "close.late-message-swallowed",
        "close.closed-fault",
        "A message that comes after the closing is answered by 202.",
    )
    .in_case(&["close.then-message"])
    .answers(Kind::Message, |answer, past| match past.has_request(Kind::CloseSequence) {
        true => answer.nothing(202),
        false => None,
    }),
    close(
        "close.unknown-closed",
        "close.unknown-refused",
        "CloseSequence is answered without a look at which sequence it closes.",
    )
    .in_case(&["close.unknown"])
    .answers(Kind::CloseSequence, |answer, past| {
        answer.has("Fault").then_some(())?;
        let asked = past.asked()?;
        let (identifier, message_id) = (asked.text("CloseSequence/Identifier")?, asked.text("MessageID")?);
        response(answer, RESPONSE, &identifier, &message_id)
    }),
    close(
        "close.final-forgets",
        "close.response-without-final-ranges",
        "The final acknowledgement leaves out the last message.",
    )
    .says(Kind::CloseSequenceResponse, |answer, _| acknowledge_more(answer, -1)),
];

const fn close(name: &'static str, breaks: &'static str, about: &'static str) -> Mutant {
    destination(name, breaks, about).rm_11()
}

/// A message of this name about a sequence, in the place of what would be said.
pub(super) fn own(answer: &mut Draft, name: &str, identifier: &str) -> Option<()> {
    let namespace = answer.profile().rm.namespace();
    answer.set("Action", &format!("{namespace}/{name}"))?;
    answer
        .set("Body", &format!("<{name} xmlns=\"{namespace}\"><Identifier>{identifier}</Identifier></{name}>"))
}

/// A response of this name about a sequence, in the place of a fault.
pub(super) fn response(answer: &mut Draft, name: &str, identifier: &str, relates_to: &str) -> Option<()> {
    let profile = answer.profile();
    let (soap, addressing) = (profile.soap.namespace(), profile.addressing.namespace());
    let namespace = profile.rm.namespace();
    answer.answer(format!(
        "<s:Envelope xmlns:s=\"{soap}\" xmlns:a=\"{addressing}\"><s:Header>\
         <a:Action s:mustUnderstand=\"1\">{namespace}/{name}</a:Action>\
         <a:RelatesTo>{relates_to}</a:RelatesTo></s:Header><s:Body>\
         <{name} xmlns=\"{namespace}\"><Identifier>{identifier}</Identifier></{name}></s:Body></s:Envelope>"
    ))
}
