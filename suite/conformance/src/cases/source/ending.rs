//! How a session ends: lost, refused and oddly answered, and by the service.

use wsrm_protocol::Pattern;
use wsrm_wire::{CloseSequence, InitiatorMessages, RmVersion, TerminateSequence};

use super::edit::{
    STRANGER, accepted, other_relation, server_error, terminated, unknown, with_ranges,
    without_acknowledgement,
};
use crate::case::{Case, HttpResponse, Post, Stop};
use crate::invitation::Scene;
use crate::invitation::rule::{On, first};

pub(super) const CASES: &[Case] = &[
    Case::invitation(
        "ending.closing-lost",
        "CloseSequence, or LastMessage, is lost.",
        &[first(On::Closing).lose_request()],
    ),
    Case::invitation(
        "ending.closing-response-lost",
        "The answer to CloseSequence, or LastMessage, is lost.",
        &[first(On::Closing).lose_response()],
    ),
    Case::invitation(
        "ending.closing-accepted-once",
        "CloseSequence, or LastMessage, is answered by an empty HTTP 202, and rightly when it comes again.",
        &[first(On::Closing).answer(accepted)],
    )
    .slow(),
    Case::invitation(
        "ending.closing-server-error-once",
        "CloseSequence, or LastMessage, is answered by an empty HTTP 500, and rightly when it comes again.",
        &[first(On::Closing).answer(server_error)],
    )
    .slow(),
    Case::invitation(
        "ending.closing-terminated",
        "CloseSequence, or LastMessage, is answered by SequenceTerminated.",
        &[first(On::Closing).answer(terminated)],
    ),
    Case::invitation(
        "ending.closing-unknown",
        "CloseSequence, or LastMessage, is answered by UnknownSequence.",
        &[first(On::Closing).answer(unknown)],
    ),
    Case::invitation(
        "ending.not-final",
        "The acknowledgement beside CloseSequenceResponse is not final.",
        &[first(On::Closing).change(not_final)],
    )
    .rm(RmVersion::V200702),
    Case::invitation(
        "ending.final-short",
        "The final acknowledgement leaves out the last message.",
        &[first(On::Closing).change(short)],
    )
    .rm(RmVersion::V200702),
    Case::invitation(
        "ending.no-acknowledgement",
        "CloseSequenceResponse comes without an acknowledgement.",
        &[first(On::Closing).change(without_acknowledgement)],
    )
    .rm(RmVersion::V200702),
    Case::invitation(
        "ending.other-identifier",
        "CloseSequenceResponse names a sequence that never was.",
        &[first(On::Closing).change(other_identifier)],
    )
    .rm(RmVersion::V200702),
    Case::invitation(
        "ending.last-unmarked",
        "The answer to LastMessage is not marked as the last message of the replies.",
        &[first(On::Closing).change(unmarked)],
    )
    .rm(RmVersion::February2005)
    .pattern(Pattern::RequestReply),
    Case::invitation(
        "ending.terminate-lost",
        "TerminateSequence is lost.",
        &[first(On::Terminate).lose_request()],
    ),
    Case::invitation(
        "ending.terminate-response-lost",
        "The answer to TerminateSequence is lost.",
        &[first(On::Terminate).lose_response()],
    ),
    Case::invitation(
        "ending.terminate-accepted",
        "TerminateSequence is answered by an empty HTTP 202, and rightly when it comes again.",
        &[first(On::Terminate).answer(accepted)],
    )
    .slow(),
    Case::invitation(
        "ending.terminate-server-error",
        "TerminateSequence is answered by an empty HTTP 500, and rightly when it comes again.",
        &[first(On::Terminate).answer(server_error)],
    )
    .slow(),
    Case::invitation(
        "ending.terminate-unknown",
        "TerminateSequence is answered by UnknownSequence.",
        &[first(On::Terminate).answer(unknown)],
    ),
    Case::invitation(
        "ending.terminate-wrong-relation",
        "TerminateSequenceResponse relates to another message.",
        &[first(On::Terminate).change(other_relation)],
    )
    .rm(RmVersion::V200702),
    Case::invitation(
        "ending.closed-by-service",
        "The second message is answered by CloseSequence from the service.",
        &[first(On::Number(2)).answer(close)],
    )
    .rm(RmVersion::V200702),
    Case::invitation(
        "ending.terminated-by-service",
        "The second message is answered by TerminateSequence from the service.",
        &[first(On::Number(2)).answer(terminate)],
    )
    .rm(RmVersion::V200702),
];

fn not_final(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    answer.without("r:Final")
}

fn short(scene: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    let highest = scene.arrived.highest().filter(|highest| *highest > 1);
    let highest = highest.ok_or_else(|| Stop::Inconclusive("too few messages have come".to_owned()))?;
    with_ranges(answer, [(1, highest - 1)])
}

fn other_identifier(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    let body = answer.element("s:Body")?;
    let identifier = answer.element("CloseSequenceResponse")?;
    let from = identifier.find("Identifier>").and_then(|at| identifier.get(at + "Identifier>".len()..));
    let old = from.and_then(|rest| rest.split('<').next()).unwrap_or_default().to_owned();
    answer.replaced(&body, &body.replace(&old, STRANGER))
}

fn unmarked(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    answer.without("r:LastMessage")
}

fn close(scene: &Scene<'_>) -> Result<HttpResponse, Stop> {
    let mut acknowledgement = scene.acknowledgement(&scene.arrived.runs().collect::<Vec<_>>())?;
    acknowledgement.is_final = true;
    let body =
        CloseSequence { identifier: scene.sequence()?.into(), last_msg_number: None, extensions: Vec::new() };
    let messages = InitiatorMessages::anonymous(scene.profile, scene.profile.addressing.anonymous());
    Ok(scene.response(200, &messages.close_sequence(Some(acknowledgement), body, STRANGER)))
}

fn terminate(scene: &Scene<'_>) -> Result<HttpResponse, Stop> {
    let mut acknowledgement = scene.acknowledgement(&scene.arrived.runs().collect::<Vec<_>>())?;
    acknowledgement.is_final = true;
    let body = TerminateSequence {
        identifier: scene.sequence()?.into(),
        last_msg_number: None,
        extensions: Vec::new(),
    };
    Ok(scene.response(200, &scene.messages().terminate_sequence(acknowledgement, body)))
}
