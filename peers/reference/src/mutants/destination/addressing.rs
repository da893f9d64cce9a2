//! WS-Addressing.

use wsrm_wire::{
    Action, AddressingFault, AddressingVersion, Reason, ResponderMessages, RmHeaders, RmVersion,
};

use super::super::{Draft, Kind, Mutant, Past};
use super::{destination, nothing};

pub(super) const MUTANTS: &[Mutant] = &[
    destination(
        "addressing.no-action",
        "addressing.action-present",
        "An acknowledgement alone has no Action.",
    )
    .one_way()
    .says(Kind::Acknowledgement, |answer, _| answer.remove("Action")),
    destination(
        "addressing.empty-action",
        "addressing.action-present",
        "The Action of a reply is empty, since the contract names none.",
    )
    .two_way()
    .says(Kind::Message, |answer, _| answer.set("Action", "")),
    destination(
        "addressing.optional-action",
        "addressing.must-understand",
        "Action is a header like any other, and may be ignored.",
    )
    .says(Kind::CreateSequenceResponse, |answer, _| answer.remove_attribute("Action", "mustUnderstand")),
    destination(
        "addressing.two-relations",
        "addressing.single-reply-relation",
        "RelatesTo is written by the channel and again by the formatter.",
    )
    .says(Kind::CreateSequenceResponse, |answer, _| answer.repeat("RelatesTo")),
    destination(
        "addressing.sent-to-none",
        "addressing.to-none",
        "An answer for which no address is known is sent to none.",
    )
    .addressing_10()
    .says(Kind::CreateSequenceResponse, |answer, _| {
        answer.after("RelatesTo", "<a:To>http://www.w3.org/2005/08/addressing/none</a:To>")
    }),
    destination(
        "addressing.sent-to-itself",
        "addressing.reply-destination",
        "The To of the request is copied into its answer.",
    )
    .addressing_10()
    .says(Kind::CreateSequenceResponse, |answer, past| {
        let to = past.asked()?.text("Header/To")?;
        answer.after("RelatesTo", &format!("<a:To>{to}</a:To>"))
    }),
    destination(
        "addressing.empty-answer",
        "addressing.body-of-action",
        "CloseSequenceResponse is an Action alone: the Body is empty.",
    )
    .rm_11()
    .says(Kind::CloseSequenceResponse, |answer, _| answer.remove("Body/CloseSequenceResponse")),
    destination(
        "addressing.two-actions",
        "addressing.single-headers",
        "Action is written by the channel and again by the formatter.",
    )
    .says(Kind::CreateSequenceResponse, |answer, _| answer.repeat("Action")),
    destination(
        "addressing.relative-address",
        "addressing.absolute",
        "The AcksTo of an Accept is the path of the service alone.",
    )
    .two_way()
    .says(Kind::CreateSequenceResponse, |answer, _| answer.set("AcksTo/Address", "/service")),
    destination(
        "addressing.address-as-text",
        "addressing.epr-address",
        "AcksTo holds its address as text, as if it were an xs:anyURI.",
    )
    .two_way()
    .says(Kind::CreateSequenceResponse, |answer, _| {
        let address = answer.text("AcksTo/Address")?;
        answer.set("AcksTo", &address)
    }),
    destination(
        "addressing.relates-to-of-2004",
        "addressing.one-version",
        "RelatesTo is of the version of 2004 beside headers of 1.0.",
    )
    .addressing_10()
    .says(Kind::CreateSequenceResponse, |answer, _| {
        let related = answer.text("RelatesTo")?;
        let namespace = AddressingVersion::August2004.namespace();
        answer.replace("RelatesTo", &format!("<RelatesTo xmlns=\"{namespace}\">{related}</RelatesTo>"))
    }),
    destination("addressing.no-to", "addressing.to-present", "Answers of the version of 2004 have no To.")
        .addressing_2004()
        .says(Kind::CreateSequenceResponse, |answer, _| answer.remove("To")),
    destination(
        "addressing.same-message-id",
        "addressing.message-id-unique",
        "All answers have the MessageID of the first.",
    )
    .always_says(|answer, _| {
        answer.after("Action", "<a:MessageID>urn:uuid:5eed0000-0000-4000-8000-000000000001</a:MessageID>")
    }),
    destination(
        "addressing.response-relates-to-nothing",
        "addressing.response-relates-to",
        "CloseSequenceResponse does not say what it answers.",
    )
    .rm_11()
    .says(Kind::CloseSequenceResponse, |answer, _| answer.remove("RelatesTo")),
    destination(
        "addressing.reply-to-first",
        "addressing.reply-relates-to",
        "A reply relates to the first request of the session, whichever it answers.",
    )
    .two_way()
    .says(Kind::Message, |reply, past| {
        let first = past.requests().find(|request| request.kind() == Kind::Message)?;
        reply.set("RelatesTo", &first.text("MessageID")?)
    }),
    destination(
        "addressing.fault-relates-to-nothing",
        "addressing.fault-relates-to",
        "A fault about a request without a session does not say what it answers.",
    )
    .in_case(&["close.unknown"])
    .rm_11()
    .says(Kind::Fault, |fault, _| fault.remove("RelatesTo")),
    destination(
        "addressing.message-id-optional",
        "addressing.missing-message-id-refused",
        "A CreateSequence without MessageID is granted.",
    )
    .in_case(&["create.no-message-id"])
    .hears(Kind::CreateSequence, |request, _| match request.has("MessageID") {
        true => None,
        false => request
            .after("Action", "<a:MessageID>urn:uuid:5eed0000-0000-4000-8000-000000000002</a:MessageID>"),
    })
    .says(Kind::CreateSequenceResponse, |answer, _| answer.remove("RelatesTo")),
    destination(
        "addressing.no-action-ignored",
        "addressing.missing-action",
        "A message without Action is swallowed.",
    )
    .in_case(&["environment.no-action"])
    .says(Kind::Fault, nothing),
    destination(
        "addressing.plain-message-swallowed",
        "addressing.action-not-supported",
        "A message without reliable messaging is answered by 202, where sequences are made.",
    )
    .in_case(&["environment.no-reliability"])
    .says(Kind::Fault, nothing),
    destination(
        "addressing.action-of-request",
        "addressing.action-of-body",
        "CreateSequenceResponse has the Action of the request.",
    )
    .says(Kind::CreateSequenceResponse, |answer, past| answer.set("Action", &past.asked()?.text("Action")?)),
    destination(
        "addressing.acknowledgement-as-reply",
        "addressing.acknowledgement-action",
        "An acknowledgement alone has the Action of the operation's reply.",
    )
    .rm_11()
    .one_way()
    .says(Kind::Acknowledgement, |answer, _| answer.set("Action", "http://tempuri.org/IOneWay/SendResponse")),
    destination(
        "addressing.acknowledgement-as-reply-2005",
        "addressing.acknowledgement-action-2005",
        "An acknowledgement alone has the Action of the operation's reply.",
    )
    .rm_10()
    .one_way()
    .says(Kind::Acknowledgement, |answer, _| answer.set("Action", "http://tempuri.org/IOneWay/SendResponse")),
    destination(
        "addressing.action-of-other-version",
        "addressing.mixed-rm-action",
        "The Action of an acknowledgement alone is that of February 2005.",
    )
    .rm_11()
    .one_way()
    .says(Kind::Acknowledgement, |answer, _| {
        answer.set("Action", Action::SequenceAcknowledgement.uri(RmVersion::February2005)?)
    }),
    destination(
        "addressing.fault-of-soap",
        "addressing.fault-action",
        "Faults of WS-Addressing have the action of SOAP's own faults.",
    )
    .in_case(&["environment.no-reliability"])
    .rm_10()
    .says(Kind::Fault, |fault, _| {
        fault.set("Action", &format!("{}/soap/fault", fault.profile().addressing.namespace()))
    }),
    destination(
        "addressing.message-id-once",
        "addressing.duplicate-message-id-tolerated",
        "A MessageID that came before is refused, though reliable messaging repeats messages.",
    )
    .in_case(&["sequence.each-twice"])
    .answers(Kind::Message, refuse_duplicate),
];

fn refuse_duplicate(answer: &mut Draft, past: &Past) -> Option<()> {
    if !past.is_repeated() {
        return None;
    }
    let messages = ResponderMessages::anonymous(answer.profile());
    let text = "The message was received before: its MessageID is known.";
    let reason = Reason { language: Some("en-US".into()), text: text.into() };
    let fault = AddressingFault::ActionNotSupported;
    let rm = RmHeaders { sequence: None, acknowledgement: None, ack_requested: None };
    let relates_to = past.asked()?.text("MessageID").map(Into::into);
    let envelope = messages.addressing_fault(rm, &fault, reason, relates_to);
    let body = String::from_utf8(envelope.to_bytes()).ok()?;
    answer.answer(body.replace("ActionNotSupported", "DuplicateMessageID"))?;
    answer.status(500)
}
