//! A service that ends the sequence by itself, has no room, or takes its time at the end.

use std::time::Duration;

use wsrm_oracle::message::Message;
use wsrm_protocol::Pattern;
use wsrm_wire::{Body, CreateSequenceResponse, FaultCode, RmFault, RmHeaders, RmVersion, namespace};

use super::edit::{terminated, unknown};
use crate::case::{Case, HttpResponse, Post, Stop};
use crate::invitation::Scene;
use crate::invitation::rule::{On, each, first};

pub(super) const CASES: &[Case] = &[
    Case::invitation(
        "ended.terminated",
        "The last message is answered by SequenceTerminated.",
        &[first(On::Number(3)).answer(terminated)],
    ),
    Case::invitation(
        "ended.unknown",
        "The last message is answered by UnknownSequence.",
        &[first(On::Number(3)).answer(unknown)],
    ),
    Case::invitation(
        "ended.closed",
        "The second message is answered by SequenceClosed.",
        &[first(On::Number(2)).answer(closed)],
    )
    .rm(RmVersion::V200702)
    // One-way messages may be under way already.
    .pattern(Pattern::RequestReply),
    Case::invitation(
        "offer.ignored",
        "The service grants a sequence without a look at the offer, and replies outside of any sequence.",
        &[each(On::Create).answer(grant), each(On::Message).answer(bare_reply)],
    )
    .pattern(Pattern::RequestReply),
    Case::invitation(
        "full.at-once",
        "The service has no room behind the first message, and has some when it is asked.",
        &[first(On::Number(1)).change(full)],
    )
    .slow(),
    Case::invitation(
        "late.closing",
        "The last message, or CloseSequence, is answered after 2 s.",
        &[first(On::Closing).delay(Duration::from_secs(2))],
    ),
    Case::invitation(
        "late.end-unanswered",
        "Every answer to TerminateSequence is lost.",
        &[each(On::Terminate).lose_response()],
    )
    .slow(),
];

fn closed(scene: &Scene<'_>) -> Result<HttpResponse, Stop> {
    let identifier = scene.sequence()?.into();
    let text = "The sequence takes no further message.";
    Ok(scene.fault(&RmFault::SequenceClosed { identifier }, FaultCode::Sender, text))
}

fn relates_to(scene: &Scene<'_>) -> Result<String, Stop> {
    let message_id = scene.request.and_then(Message::message_id);
    let none = || Stop::Inconclusive("the request has no MessageID".to_owned());
    message_id.map(str::to_owned).ok_or_else(none)
}

fn grant(scene: &Scene<'_>) -> Result<HttpResponse, Stop> {
    let body = CreateSequenceResponse {
        identifier: "urn:uuid:0a11ce00-0000-4000-8000-000000000001".into(),
        expires: None,
        incomplete_sequence_behavior: None,
        accept: None,
        extensions: Vec::new(),
    };
    Ok(scene.response(200, &scene.messages().create_sequence_response(body, relates_to(scene)?)))
}

fn bare_reply(scene: &Scene<'_>) -> Result<HttpResponse, Stop> {
    let rm = RmHeaders { sequence: None, acknowledgement: None, ack_requested: None };
    let none = || Stop::Inconclusive("what the application answers is not known".to_owned());
    let template = scene.reply.ok_or_else(none)?;
    let body = Body::Application(template.body("message 1"));
    let action = template.action.as_str();
    let reply = scene.messages().application(rm, action, Some(relates_to(scene)?.into()), body);
    Ok(scene.response(200, &reply))
}

fn full(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    let none =
        format!("<netrm:BufferRemaining xmlns:netrm=\"{}\">0</netrm:BufferRemaining>", namespace::NETRM);
    answer.with_element("netrm:BufferRemaining", &none)
}
