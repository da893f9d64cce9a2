//! Faults in the middle of a session, of every kind.

use wsrm_protocol::Pattern;
use wsrm_wire::{
    Acknowledged, AcknowledgementRange, AddressingFault, FaultCode, Reason, RmFault, RmHeaders, RmVersion,
    SoapVersion,
};

use super::edit::{STRANGER, terminated, unknown};
use crate::case::{Case, HttpResponse, Stop};
use crate::invitation::Scene;
use crate::invitation::rule::{On, first, since};

pub(super) const CASES: &[Case] = &[
    Case::invitation(
        "faulting.terminated",
        "From the second message on everything is answered by SequenceTerminated.",
        &[since(On::Number(2)).answer_in_time(terminated)],
    ),
    Case::invitation(
        "faulting.unknown",
        "From the second message on everything is answered by UnknownSequence.",
        &[since(On::Number(2)).answer_in_time(unknown)],
    ),
    Case::invitation(
        "faulting.rollover",
        "From the second message on everything is answered by MessageNumberRollover.",
        &[since(On::Number(2)).answer_in_time(rollover)],
    ),
    Case::invitation(
        "faulting.invalid-acknowledgement",
        "The second message is answered by InvalidAcknowledgement of the replies.",
        &[first(On::Number(2)).answer_in_time(invalid_acknowledgement)],
    )
    .pattern(Pattern::RequestReply),
    Case::invitation(
        "faulting.last-exceeded",
        "The second message is answered by LastMessageNumberExceeded.",
        &[first(On::Number(2)).answer_in_time(last_exceeded)],
    )
    .rm(RmVersion::February2005),
    Case::invitation(
        "faulting.reliability-required",
        "The second message is answered as if it had come without reliable messaging.",
        &[first(On::Number(2)).answer_in_time(required)],
    )
    .rm(RmVersion::V200702),
    Case::invitation(
        "faulting.other-sequence",
        "The second message is answered by SequenceTerminated of a sequence that never was.",
        &[first(On::Number(2)).answer_in_time(of_other)],
    ),
    Case::invitation(
        "faulting.with-success",
        "The second message is answered by SequenceTerminated, and HTTP calls that a success.",
        &[first(On::Number(2)).answer_in_time(with_success)],
    ),
    Case::invitation(
        "faulting.with-bad-request",
        "The second message is answered by SequenceTerminated with HTTP 400.",
        &[first(On::Number(2)).answer_in_time(with_bad_request)],
    ),
    Case::invitation(
        "faulting.invented",
        "The second message is answered by a fault of reliable messaging that there is not.",
        &[first(On::Number(2)).answer_in_time(invented)],
    ),
    Case::invitation(
        "faulting.nobody-there",
        "The second message is answered by DestinationUnreachable.",
        &[first(On::Number(2)).answer_in_time(unreachable)],
    ),
    Case::invitation(
        "faulting.not-understood",
        "The second message is answered by a MustUnderstand fault.",
        &[first(On::Number(2)).answer_in_time(not_understood)],
    ),
    Case::invitation(
        "faulting.of-the-application",
        "The second call is answered by a fault of the application, as its reply in the sequence.",
        &[first(On::Number(2)).remake(of_application)],
    )
    .pattern(Pattern::RequestReply),
];

fn rollover(scene: &Scene<'_>) -> Result<HttpResponse, Stop> {
    let max_message_number = (scene.rm() == RmVersion::V200702).then_some(1);
    let fault = RmFault::MessageNumberRollover { identifier: scene.sequence()?.into(), max_message_number };
    Ok(scene.fault(&fault, FaultCode::Sender, "There are no more numbers."))
}

fn invalid_acknowledgement(scene: &Scene<'_>) -> Result<HttpResponse, Stop> {
    let none = || Stop::Inconclusive("there is no sequence for replies".to_owned());
    let fault = RmFault::InvalidAcknowledgement {
        identifier: scene.offer.ok_or_else(none)?.to_owned().into(),
        acknowledged: Acknowledged::Ranges(vec![AcknowledgementRange::new(1, 1)]),
    };
    Ok(scene.fault(&fault, FaultCode::Sender, "The acknowledgement is wrong."))
}

fn last_exceeded(scene: &Scene<'_>) -> Result<HttpResponse, Stop> {
    let fault = RmFault::LastMessageNumberExceeded { identifier: scene.sequence()?.into() };
    Ok(scene.fault(&fault, FaultCode::Sender, "The last message has come before."))
}

fn required(scene: &Scene<'_>) -> Result<HttpResponse, Stop> {
    Ok(scene.fault(&RmFault::WsrmRequired, FaultCode::Sender, "Reliable messaging is required."))
}

fn of_other(scene: &Scene<'_>) -> Result<HttpResponse, Stop> {
    let fault = RmFault::SequenceTerminated { identifier: STRANGER.into() };
    Ok(scene.fault(&fault, FaultCode::Sender, "Another sequence is over."))
}

fn with_success(scene: &Scene<'_>) -> Result<HttpResponse, Stop> {
    Ok(HttpResponse { status: 200, ..scene.terminated()? })
}

fn with_bad_request(scene: &Scene<'_>) -> Result<HttpResponse, Stop> {
    Ok(HttpResponse { status: 400, ..scene.terminated()? })
}

fn invented(scene: &Scene<'_>) -> Result<HttpResponse, Stop> {
    let response = scene.terminated()?;
    let text = String::from_utf8_lossy(&response.body).replace("SequenceTerminated", "SequenceForgotten");
    Ok(HttpResponse { body: text.into_bytes(), ..response })
}

fn reason(text: &'static str) -> Reason<'static> {
    Reason { language: Some("en-US".into()), text: text.into() }
}

fn unreachable(scene: &Scene<'_>) -> Result<HttpResponse, Stop> {
    let fault = AddressingFault::DestinationUnreachable;
    let reason = reason("There is nobody at this address.");
    let envelope = scene.messages().addressing_fault(RmHeaders::default(), &fault, reason, scene.relation());
    Ok(scene.response(500, &envelope))
}

fn not_understood(scene: &Scene<'_>) -> Result<HttpResponse, Stop> {
    let reason = reason("A header was not understood.");
    let headers = RmHeaders::default();
    let envelope = scene.messages().must_understand_fault(headers, [], reason, scene.relation());
    Ok(scene.response(500, &envelope))
}

/// The reply with a fault in its body, as WCF sends what an operation throws.
fn of_application(scene: &Scene<'_>, reply: HttpResponse) -> Result<HttpResponse, Stop> {
    let fault = match scene.profile.soap {
        SoapVersion::Soap11 => {
            "<s:Fault><faultcode>s:Client</faultcode><faultstring xml:lang=\"en-US\">No.</faultstring></s:Fault>"
        }
        SoapVersion::Soap12 => {
            "<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text xml:lang=\"en-US\">No.\
             </s:Text></s:Reason></s:Fault>"
        }
    };
    let post = scene.post(&reply);
    let action = post.element("a:Action")?;
    let uri = scene.profile.addressing.default_fault_action();
    let other = format!("<a:Action s:mustUnderstand=\"1\">{uri}</a:Action>");
    let post =
        post.with_element("s:Body", &format!("<s:Body>{fault}</s:Body>"))?.replaced(&action, &other)?;
    Ok(HttpResponse { status: 500, body: post.body, ..reply })
}
