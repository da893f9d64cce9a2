//! SOAP over HTTP.

use super::super::{Kind, Mutant};
use super::destination;

pub(super) const MUTANTS: &[Mutant] = &[
    destination(
        "http.media-type-of-soap-11",
        "http.media-type",
        "Messages of SOAP 1.2 are labelled text/xml.",
    )
    .soap_12()
    .says(Kind::CreateSequenceResponse, |answer, _| {
        answer.set_field("Content-Type", "text/xml; charset=utf-8")
    }),
    destination(
        "http.media-type-of-soap-12",
        "http.media-type",
        "Messages of SOAP 1.1 are labelled application/soap+xml.",
    )
    .soap_11()
    .says(Kind::CreateSequenceResponse, |answer, _| {
        answer.set_field("Content-Type", "application/soap+xml; charset=utf-8")
    }),
    destination(
        "http.utf-16-in-name",
        "http.charset",
        "The media type says utf-16, the name that strings have in memory, over UTF-8.",
    )
    .soap_12()
    .says(Kind::CreateSequenceResponse, |answer, _| {
        answer.set_field("Content-Type", "application/soap+xml; charset=utf-16")
    }),
    destination(
        "http.accepted-with-message",
        "http.status-200",
        "Every answer has the status 202, as that of a one-way message has.",
    )
    .says(Kind::CreateSequenceResponse, |answer, _| answer.status(202)),
    destination(
        "http.page-of-success",
        "http.soap-answer",
        "A message that cannot be handled is answered by the page of the web server.",
    )
    .one_way()
    .says(Kind::Acknowledgement, |answer, _| {
        answer.rewrite("It works!".to_owned())?;
        answer.set_field("Content-Type", "text/html")
    }),
    destination(
        "http.action-of-request",
        "http.action-matches",
        "The action parameter of a response is that of the request.",
    )
    .soap_12()
    .says(Kind::CreateSequenceResponse, |answer, past| {
        let action = past.asked()?.text("Action")?;
        answer.set_field("Content-Type", format!("application/soap+xml; charset=utf-8; action=\"{action}\""))
    }),
    destination("http.fault-as-success", "http.fault-status", "Faults come with the status 200.")
        .in_case(&["sequence.unknown"])
        .says(Kind::Fault, |fault, _| fault.status(200)),
    destination(
        "http.fault-as-bad-request",
        "http.fault-status-soap12",
        "Faults of the sender come with the status 400, as the binding of SOAP 1.2 has it.",
    )
    .soap_12()
    .in_case(&["sequence.unknown"])
    .says(Kind::Fault, |fault, _| fault.status(400)),
    destination(
        "http.status-sticks",
        "http.message-status",
        "The status of a fault stays for the answers that follow.",
    )
    .in_case(&["sequence.unknown"])
    .always_says(|answer, past| match answer.kind() {
        Kind::Fault | Kind::Nothing => None,
        _ => past.last_answer(Kind::Fault).and_then(|_| answer.status(500)),
    }),
    destination(
        "http.nothing-is-ok",
        "http.empty-status",
        "A response without a message has the status 200.",
    )
    .rm_10()
    .one_way()
    .says(Kind::Nothing, |answer, _| answer.status(200)),
    destination(
        "http.type-of-nothing",
        "http.empty-content-type",
        "A response without a message has a Content-Type all the same.",
    )
    .rm_10()
    .one_way()
    .says(Kind::Nothing, |answer, _| answer.set_field("Content-Type", "application/soap+xml; charset=utf-8")),
];
