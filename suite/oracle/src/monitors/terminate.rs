//! Ending a sequence.

use wsrm_wire::RmVersion;

use super::close::{
    acknowledgement_of, by_source, judge_acknowledges_replies, judge_answered, judge_by_source, judge_known,
    judge_last_number, judge_same_identifier, judge_stranger_refused, lifecycle, request_about,
};
use super::delivery::clean_end;
use super::form::{Particle, judge_identifier, judge_schema};
use crate::message::LifecycleKind;
use crate::monitor::{Answer, Breach, Check, Report, Scene};
use crate::trace::{Half, Party};
use crate::view::{SequenceView, View};

pub(super) const CHECKS: &[Check] = &[
    Check::message("terminate.identifier", identifier),
    Check::message("terminate.known-sequence", known_sequence),
    Check::message("terminate.schema", schema),
    Check::message("terminate.last-number", last_number),
    Check::message("terminate.nothing-after", nothing_after),
    Check::message("terminate.after-acknowledged", after_acknowledged),
    Check::message("terminate.acknowledges-replies", acknowledges_replies),
    Check::message("terminate.answered", answered),
    Check::message("terminate.response-identifier", response_identifier),
    Check::message("terminate.answered-2005", answered_2005),
    Check::message("terminate.answer-names-offer", answer_names_offer),
    Check::message("terminate.one-way-empty", one_way_empty),
    Check::message("terminate.destination-initiated", destination_initiated),
    Check::message("terminate.unknown-refused", unknown_refused),
    Check::message("terminate.repeated-refused", repeated_refused),
    Check::message("terminate.response-acknowledgement", response_acknowledgement),
    Check::message("terminate.both-ended", both_ended),
    Check::end("terminate.sent", sent),
    Check::end("terminate.without-response", without_response),
];

fn identifier(scene: &Scene<'_>, report: &mut Report<'_>) {
    for kind in [LifecycleKind::Terminate, LifecycleKind::TerminateResponse] {
        if let Some((_, lifecycle)) = lifecycle(scene, kind) {
            judge_identifier(scene, &lifecycle.node, report);
        }
    }
}

fn sent(view: &View, report: &mut Report<'_>) {
    if !view.application.is_some_and(|told| told.success) {
        return;
    }
    let of_client = view.sequences.iter().filter(|sequence| sequence.source == Party::Initiator);
    for sequence in of_client.filter(|sequence| sequence.granted.is_some()) {
        // A fault that names either sequence ends a two-way session.
        let is_faulted = sequence.is_faulted() || view.peer(sequence).is_some_and(SequenceView::is_faulted);
        if sequence.had(LifecycleKind::Terminate, Party::Initiator) {
            report.met();
        } else if !is_faulted {
            let last = sequence.messages.values().flatten().map(|one| &one.observation).next_back();
            let breach = last.map_or_else(|| Breach::of(Party::Initiator), |last| Breach::by(last));
            report.violated(breach.expected("TerminateSequence").seen("none, and success"));
        }
    }
}

fn without_response(view: &View, report: &mut Report<'_>) {
    let Some(told) = view.application else { return };
    let Some(end) = clean_end(view, told).filter(|end| !end.is_answered) else { return };
    report.judge(told.success, || Breach::by(end.observation).expected("success").seen("an error"));
}

fn known_sequence(scene: &Scene<'_>, report: &mut Report<'_>) {
    judge_known(scene, LifecycleKind::Terminate, report);
}

const TERMINATE_2005: &[Particle] = &[("Identifier", 1)];
const TERMINATE: &[Particle] = &[("Identifier", 1), ("LastMsgNumber", 1)];

fn schema(scene: &Scene<'_>, report: &mut Report<'_>) {
    let found = lifecycle(scene, LifecycleKind::Terminate)
        .or_else(|| lifecycle(scene, LifecycleKind::TerminateResponse));
    if let Some((_, found)) = found {
        let is_long = found.version == RmVersion::V200702 && found.kind == LifecycleKind::Terminate;
        judge_schema(scene, &found.node, if is_long { TERMINATE } else { TERMINATE_2005 }, report);
    }
}

fn last_number(scene: &Scene<'_>, report: &mut Report<'_>) {
    judge_last_number(scene, LifecycleKind::Terminate, report);
}

fn nothing_after(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message.filter(|_| scene.observation.half == Half::Request) else { return };
    let sequences = message.sequences.iter().map(|header| (&header.identifier, &header.node.span));
    let requests = message.ack_requests.iter().map(|header| (&header.identifier, &header.node.span));
    let closes = message.lifecycle.iter().filter(|lifecycle| lifecycle.kind == LifecycleKind::Close);
    let closes = closes.map(|lifecycle| (&lifecycle.identifier, &lifecycle.node.span));
    let late = sequences.chain(requests).chain(closes).find_map(|(identifier, span)| {
        let sequence = scene.own_sequence(identifier.as_deref())?;
        let end = sequence.life_of(LifecycleKind::Terminate, sequence.source).next()?;
        Some((end, span))
    });
    match late {
        Some((end, span)) => {
            let breach = scene.breach().with(&end.observation).at(span);
            report
                .violated(breach.expected("nothing after TerminateSequence but the same again").seen("this"));
        }
        None => {
            if by_source(scene, LifecycleKind::Terminate).is_some() {
                report.met();
            }
        }
    }
}

fn after_acknowledged(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((message, lifecycle, sequence)) = by_source(scene, LifecycleKind::Terminate) else { return };
    // Whoever tells of a reply that was not seen had an answer that was not seen, and an acknowledgement in it.
    let peer = scene.view.peer(sequence);
    let ack = peer.and_then(|peer| Some((acknowledgement_of(message, peer)?, peer)));
    if ack.is_some_and(|(ack, peer)| !ack.covered().without(&peer.arrived).is_empty()) {
        return;
    }
    // On a response it is the answer to the end of the other sequence, and cannot wait.
    if scene.view.is_regular(sequence) && scene.observation.half == Half::Request {
        let open = scene.view.unanswered(sequence);
        // One message that is answered by success and nothing else is held against the side that answers so.
        if open.len() == 1 && open.without(&scene.view.answered_by_nothing(sequence)).is_empty() {
            return;
        }
        report.judge(open.is_empty(), || {
            let breach = scene.breach().at(&lifecycle.node.span);
            breach.expected("all acknowledged before").seen(format!("not yet: {open}"))
        });
    }
}

fn acknowledges_replies(scene: &Scene<'_>, report: &mut Report<'_>) {
    judge_acknowledges_replies(scene, LifecycleKind::Terminate, report);
}

fn answered(scene: &Scene<'_>, report: &mut Report<'_>) {
    judge_answered(scene, LifecycleKind::Terminate, report);
}

fn response_identifier(scene: &Scene<'_>, report: &mut Report<'_>) {
    judge_same_identifier(scene, LifecycleKind::Terminate, report);
}

fn answered_2005(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((_, answer, sequence)) = request_about(scene, LifecycleKind::Terminate) else { return };
    if sequence.peer.is_none() || !sequence.is_anonymous() {
        return;
    }
    match answer {
        Answer::Soap(_) | Answer::Fault(_) => report.met(),
        Answer::Empty => report.violated(scene.breach_of_answer().expected("a message").seen("nothing")),
        Answer::Unclear => {}
    }
}

fn answer_names_offer(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((_, Answer::Soap(message), sequence)) = request_about(scene, LifecycleKind::Terminate) else {
        return;
    };
    let Some(peer) = scene.view.peer(sequence) else { return };
    let found = message.lifecycle.as_ref().filter(|found| found.kind == LifecycleKind::Terminate);
    let identifier = found.and_then(|found| found.identifier.as_ref());
    report.judge(identifier == Some(&peer.identifier), || {
        let breach = scene.breach_of_answer().expected(format!("TerminateSequence of {}", peer.identifier));
        breach.seen(identifier.map_or("another message", String::as_str))
    });
}

fn one_way_empty(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((_, answer, sequence)) = request_about(scene, LifecycleKind::Terminate) else { return };
    if sequence.peer.is_some() || matches!(answer, Answer::Fault(_) | Answer::Unclear) {
        return;
    }
    let is_kept = matches!(answer, Answer::Empty);
    report.judge(is_kept, || scene.breach_of_answer().expected("202 without a message").seen("a message"));
}

fn destination_initiated(scene: &Scene<'_>, report: &mut Report<'_>) {
    judge_by_source(scene, LifecycleKind::Terminate, report);
}

fn unknown_refused(scene: &Scene<'_>, report: &mut Report<'_>) {
    judge_stranger_refused(scene, LifecycleKind::Terminate, report);
}

fn repeated_refused(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((_, answer, sequence)) = request_about(scene, LifecycleKind::Terminate) else { return };
    let started = scene.exchange.map_or(0, |exchange| exchange.started);
    let mut before = sequence.life_of(LifecycleKind::TerminateResponse, sequence.destination());
    if before.any(|record| record.order < started) {
        let is_kept = matches!(answer, Answer::Fault(_) | Answer::Soap(_));
        if !matches!(answer, Answer::Unclear) {
            report.judge(is_kept, || {
                let breach = scene.breach_of_answer().expected("TerminateSequenceResponse");
                breach.or("UnknownSequence").seen("nothing")
            });
        }
    }
}

fn response_acknowledgement(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((_, Answer::Soap(message), sequence)) = request_about(scene, LifecycleKind::Terminate) else {
        return;
    };
    if lifecycle(scene, LifecycleKind::TerminateResponse).is_some() {
        report.judge(acknowledgement_of(message, sequence).is_some(), || {
            scene.breach_of_answer().expected("an acknowledgement").seen("none")
        });
    }
}

fn both_ended(scene: &Scene<'_>, report: &mut Report<'_>) {
    if scene.observation.half != Half::Request {
        return;
    }
    for kind in [LifecycleKind::Close, LifecycleKind::Terminate] {
        let Some((_, found)) = lifecycle(scene, kind) else { continue };
        let sequence = found.identifier.as_deref().and_then(|identifier| scene.view.sequence(identifier));
        if let Some(sequence) = sequence.filter(|sequence| sequence.peer.is_some()) {
            report.judge(sequence.source == Party::Initiator, || {
                let breach = scene.breach().at(&found.node.span);
                breach.expected("no exchange about the reply sequence").seen(found.kind.name())
            });
        }
    }
}
