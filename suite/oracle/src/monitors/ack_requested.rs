//! The AckRequested header.

use wsrm_wire::RmVersion;

use super::form::{Particle, has_stray_acknowledgement, judge_identifier, judge_schema};
use super::sequence::judge_unknown_refused;
use crate::message::{AckRequestedFacts, Message};
use crate::monitor::{Answer, Check, Report, Scene};
use crate::trace::Half;
use crate::view::{SequenceView, View};

pub(super) const CHECKS: &[Check] = &[
    Check::message("ack-requested.identifier", identifier),
    Check::message("ack-requested.known-sequence", known_sequence),
    Check::message("ack-requested.schema", schema),
    Check::message("ack-requested.single-header", single_header),
    Check::message("ack-requested.no-number", no_number),
    Check::end("ack-requested.answered", answered),
    Check::message("ack-requested.answered-at-once", answered_at_once),
    Check::message("ack-requested.unknown-refused", unknown_refused),
];

fn headers<'a>(scene: &Scene<'a>) -> &'a [AckRequestedFacts] {
    scene.message.map_or(&[], |message| &message.ack_requests)
}

fn identifier(scene: &Scene<'_>, report: &mut Report<'_>) {
    for request in headers(scene) {
        judge_identifier(scene, &request.node, report);
    }
}

fn known_sequence(scene: &Scene<'_>, report: &mut Report<'_>) {
    for request in headers(scene) {
        let Some(identifier) = request.identifier.as_deref() else { continue };
        let is_kept = match scene.view.sequence(identifier) {
            Some(sequence) => sequence.source == scene.observation.sender,
            None if scene.view.is_complete() => false,
            None => continue,
        };
        report.judge(is_kept, || {
            let breach = scene.breach().at(&request.node.span);
            breach.expected("a sequence that its sender is the source of").seen(identifier)
        });
    }
}

const ACK_REQUESTED: &[Particle] = &[("Identifier", 1)];
const ACK_REQUESTED_2005: &[Particle] = &[("Identifier", 1), ("MessageNumber", 1)];

fn schema(scene: &Scene<'_>, report: &mut Report<'_>) {
    for request in headers(scene) {
        let is_2005 = request.version == RmVersion::February2005;
        judge_schema(scene, &request.node, if is_2005 { ACK_REQUESTED_2005 } else { ACK_REQUESTED }, report);
    }
}

fn single_header(scene: &Scene<'_>, report: &mut Report<'_>) {
    if let Some(last) = headers(scene).last() {
        let count = headers(scene).len();
        report.judge(count == 1, || {
            scene.breach().at(&last.node.span).expected("one AckRequested").seen(format!("{count} of them"))
        });
    }
}

fn no_number(scene: &Scene<'_>, report: &mut Report<'_>) {
    for request in headers(scene) {
        let number = request.node.first("MessageNumber");
        report.judge(number.is_none(), || {
            let span = number.map_or(&request.node.span, |number| &number.span);
            scene.breach().at(span).expected("no number").seen("one")
        });
    }
}

/// The sequences that a request asks an acknowledgement of, rightly.
fn wanted<'a>(view: &'a View, request: &'a Message, sender: crate::trace::Party) -> Vec<&'a SequenceView> {
    // One that calls itself an acknowledgement has the wrong action, and is taken for what it says.
    let is_called_otherwise = request.rm_action() == Some("SequenceAcknowledgement");
    let asked = request.ack_requests.iter().filter(|_| !is_called_otherwise);
    let identifiers = asked.filter_map(|header| header.identifier.as_deref());
    let sequences = identifiers.filter_map(|identifier| view.sequence(identifier));
    sequences.filter(|sequence| sequence.source == sender).collect()
}

fn answered(view: &View, report: &mut Report<'_>) {
    for exchange in &view.exchanges {
        let Some(request) = exchange.request.soap().filter(|_| exchange.request.is_delivered()) else {
            continue;
        };
        let response = exchange.response.as_ref();
        let is_success = response
            .and_then(|response| response.http())
            .and_then(|http| http.status())
            .is_some_and(|status| (200..300).contains(&status));
        for sequence in wanted(view, request, exchange.sender) {
            let is_acknowledged = sequence.acks.iter().any(|record| record.order > exchange.started);
            if is_acknowledged {
                report.met_by(sequence.source.other());
            } else if let Some(response) =
                response.filter(|_| is_success && !sequence.was_over(exchange.started + 1))
            {
                let is_stray = |message: &Message| has_stray_acknowledgement(view, message, response.sender);
                if response.soap().is_some_and(is_stray) {
                    continue;
                }
                let breach = crate::monitor::Breach::by(response).with(&exchange.request);
                let expected = format!("an acknowledgement of {}", sequence.identifier);
                report.violated(breach.expected(expected).or("a fault about it").seen("none, then or later"));
            }
        }
    }
}

fn answered_at_once(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((request, answer)) = scene.answer() else { return };
    let is_alone = request.has_empty_body() && request.sequences.is_empty() && request.lifecycle.is_none();
    if !is_alone || scene.observation.half == Half::Copy {
        return;
    }
    for sequence in wanted(scene.view, request, scene.observation.sender.other()) {
        let acknowledges = |message: &Message| {
            message.acknowledgements.iter().any(|ack| ack.identifier.as_ref() == Some(&sequence.identifier))
        };
        let sender = scene.observation.sender;
        let is_kept = match answer {
            Answer::Soap(message) if has_stray_acknowledgement(scene.view, message, sender) => continue,
            Answer::Soap(message) => acknowledges(message),
            Answer::Empty => false,
            Answer::Fault(_) => true,
            Answer::Unclear => continue,
        };
        if sequence.is_anonymous() && !sequence.is_over() {
            report.judge(is_kept, || {
                let breach = scene
                    .breach_of_answer()
                    .expected(format!("an acknowledgement of {}", sequence.identifier));
                breach.seen("none")
            });
        }
    }
}

fn unknown_refused(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((request, answer)) = scene.answer() else { return };
    let is_unknown = |header: &AckRequestedFacts| {
        header.identifier.as_deref().is_some_and(|identifier| scene.view.is_unknown(identifier))
    };
    if request.ack_requests.iter().any(is_unknown) {
        judge_unknown_refused(scene, request, answer, report);
    }
}
