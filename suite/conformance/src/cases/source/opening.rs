//! How a sequence is created: lost, late, refused and oddly granted.

use std::time::Duration;

use wsrm_protocol::Pattern;
use wsrm_wire::{AddressingFault, FaultCode, Reason, RmFault, RmHeaders, RmVersion};

use super::edit::{accepted, bad_request, busy, other_relation, page, server_error, without_relation};
use crate::case::{Case, HttpResponse, Post, Stop};
use crate::invitation::Scene;
use crate::invitation::rule::{On, each, first};

pub(super) const CASES: &[Case] = &[
    Case::invitation("opening.request-lost", "CreateSequence is lost.", &[first(On::Create).lose_request()]),
    Case::invitation(
        "opening.response-lost",
        "The answer to CreateSequence is lost.",
        &[first(On::Create).lose_response()],
    ),
    Case::invitation(
        "opening.late",
        "CreateSequence is answered after 2 s.",
        &[first(On::Create).delay(Duration::from_secs(2))],
    ),
    Case::invitation(
        "opening.busy-once",
        "CreateSequence is answered by HTTP 503, and rightly when it comes again.",
        &[first(On::Create).answer(busy)],
    ),
    Case::invitation(
        "opening.accepted-once",
        "CreateSequence is answered by an empty HTTP 202, and rightly when it comes again.",
        &[first(On::Create).answer(accepted)],
    )
    .slow(),
    Case::invitation(
        "opening.server-error-once",
        "CreateSequence is answered by an empty HTTP 500, and rightly when it comes again.",
        &[first(On::Create).answer(server_error)],
    )
    .slow(),
    Case::invitation(
        "opening.broken-response",
        "The answer to CreateSequence breaks off.",
        &[first(On::Create).cut()],
    )
    .slow(),
    Case::invitation(
        "opening.refused",
        "Every CreateSequence is refused.",
        &[each(On::Create).answer(refused)],
    ),
    Case::invitation(
        "opening.limit-reached",
        "The service says that it has as many sessions as it takes.",
        &[each(On::Create).answer(limit_reached)],
    ),
    Case::invitation(
        "opening.not-supported",
        "The service does not know the action of CreateSequence.",
        &[each(On::Create).answer(not_supported)],
    ),
    Case::invitation(
        "opening.bad-request",
        "CreateSequence is answered by an empty HTTP 400.",
        &[each(On::Create).answer(bad_request)],
    ),
    Case::invitation(
        "opening.page",
        "CreateSequence is answered by a page of HTML.",
        &[each(On::Create).answer(page)],
    ),
    Case::invitation(
        "opening.offer-declined",
        "The sequence is granted, and the Offer is not accepted.",
        &[each(On::Create).change(without_accept)],
    )
    .pattern(Pattern::RequestReply),
    Case::invitation(
        "opening.accept-unasked",
        "The answer accepts an Offer that was never made.",
        &[each(On::Create).change(with_accept)],
    )
    .pattern(Pattern::OneWay),
    Case::invitation(
        "opening.accept-elsewhere",
        "The Accept names another address than that of the service.",
        &[each(On::Create).change(elsewhere)],
    )
    .pattern(Pattern::RequestReply),
    Case::invitation(
        "opening.wrong-relation",
        "The answer to CreateSequence relates to another message.",
        &[each(On::Create).change(other_relation)],
    ),
    Case::invitation(
        "opening.no-relation",
        "The answer to CreateSequence relates to no message.",
        &[each(On::Create).change(without_relation)],
    ),
    Case::invitation(
        "opening.no-identifier",
        "The answer to CreateSequence has an empty Identifier.",
        &[each(On::Create).change(without_identifier)],
    ),
    Case::invitation(
        "opening.expires",
        "The sequence is granted for five minutes.",
        &[each(On::Create).change(expiring)],
    ),
    Case::invitation(
        "opening.behavior-left-out",
        "The answer to CreateSequence has no IncompleteSequenceBehavior.",
        &[each(On::Create).change(without_behavior)],
    )
    .rm(RmVersion::V200702),
    Case::invitation(
        "opening.extension",
        "The answer to CreateSequence has an element that nobody knows, where the schema allows it.",
        &[each(On::Create).change(extended)],
    ),
];

fn refused(scene: &Scene<'_>) -> Result<HttpResponse, Stop> {
    Ok(scene.fault(&RmFault::CreateSequenceRefused, FaultCode::Sender, "The service grants no sequence."))
}

fn limit_reached(scene: &Scene<'_>) -> Result<HttpResponse, Stop> {
    Ok(scene.fault(&RmFault::ConnectionLimitReached, FaultCode::Receiver, "There are too many sessions."))
}

fn not_supported(scene: &Scene<'_>) -> Result<HttpResponse, Stop> {
    let reason = Reason { language: Some("en-US".into()), text: "The action is not known.".into() };
    let fault = AddressingFault::ActionNotSupported;
    let envelope = scene.messages().addressing_fault(RmHeaders::default(), &fault, reason, scene.relation());
    Ok(scene.response(500, &envelope))
}

fn without_accept(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    answer.without("Accept")
}

/// Puts something behind all that the answer holds.
fn with_content(answer: Post, content: &str) -> Result<Post, Stop> {
    answer.replaced("</CreateSequenceResponse>", &format!("{content}</CreateSequenceResponse>"))
}

fn with_accept(scene: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    let address = format!("<a:Address>{}</a:Address>", scene.address);
    with_content(answer, &format!("<Accept><AcksTo>{address}</AcksTo></Accept>"))
}

fn elsewhere(scene: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    answer.replaced(&format!("{}</a:Address>", scene.address), "http://elsewhere.invalid/service</a:Address>")
}

fn without_identifier(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    answer.with_element("Identifier", "<Identifier/>")
}

fn expiring(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    answer.replaced("</Identifier>", "</Identifier><Expires>PT5M</Expires>")
}

fn without_behavior(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    answer.without("IncompleteSequenceBehavior")
}

fn extended(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    with_content(answer, "<x:hint xmlns:x=\"urn:example:extension\">1</x:hint>")
}
