//! Closing a sequence in RM 1.1.

use wsrm_wire::{RmVersion, SoapVersion};

use super::ack::acknowledged_before;
use super::form::{
    Particle, Told, asked, has_stray_acknowledgement, judge_identifier, judge_schema, schema_error, told,
};
use super::sequence::{LARGEST, judge_unknown_refused};
use crate::message::{AcknowledgementFacts, FaultFacts, Lifecycle, LifecycleKind, Message};
use crate::monitor::{Answer, Breach, Check, Report, Scene};
use crate::trace::Half;
use crate::view::{LifeRecord, SequenceView, View};

pub(super) const CHECKS: &[Check] = &[
    Check::message("close.identifier", identifier),
    Check::message("close.known-sequence", known_sequence),
    Check::message("close.schema", schema),
    Check::message("close.last-number", last_number),
    Check::message("close.last-number-type", last_number_type),
    Check::message("close.last-number-value", last_number_value),
    Check::message("close.last-number-consistent", last_number_consistent),
    Check::message("close.last-number-all-or-none", last_number_all_or_none),
    Check::message("close.before-terminate", before_terminate),
    Check::message("close.after-acknowledged", after_acknowledged),
    Check::message("close.acknowledges-replies", acknowledges_replies),
    Check::message("close.final-reply-acknowledgement", final_reply_acknowledgement),
    Check::message("close.no-new-message", no_new_message),
    Check::message("close.destination-initiated", destination_initiated),
    Check::message("close.answered", answered),
    Check::message("close.response-identifier", response_identifier),
    Check::message("close.final", is_final),
    Check::message("close.fault-final", fault_final),
    Check::message("close.nothing-accepted", nothing_accepted),
    Check::message("close.closed-fault", closed_fault),
    Check::message("close.unknown-refused", unknown_refused),
    Check::message("close.response-without-final-ranges", final_ranges),
];

/// The message of this kind that is judged now, if its body is whole.
pub(super) fn lifecycle<'a>(scene: &Scene<'a>, kind: LifecycleKind) -> Option<(&'a Message, &'a Lifecycle)> {
    let message = scene.message.filter(|message| message.malformed.is_none())?;
    Some((message, message.lifecycle.as_ref().filter(|lifecycle| lifecycle.kind == kind)?))
}

/// The message of this kind by the source of the sequence that it names.
pub(super) fn by_source<'a>(
    scene: &Scene<'a>,
    kind: LifecycleKind,
) -> Option<(&'a Message, &'a Lifecycle, &'a SequenceView)> {
    let (message, lifecycle) = lifecycle(scene, kind)?;
    Some((message, lifecycle, scene.own_sequence(lifecycle.identifier.as_deref())?))
}

fn closes_or_ends<'a>(scene: &Scene<'a>) -> Option<(&'a Message, &'a Lifecycle, &'a SequenceView)> {
    by_source(scene, LifecycleKind::Close).or_else(|| by_source(scene, LifecycleKind::Terminate))
}

fn identifier(scene: &Scene<'_>, report: &mut Report<'_>) {
    for kind in [LifecycleKind::Close, LifecycleKind::CloseResponse] {
        if let Some((_, lifecycle)) = lifecycle(scene, kind) {
            judge_identifier(scene, &lifecycle.node, report);
        }
    }
}

/// Whether a message that closes or ends a sequence names one that there is.
pub(super) fn judge_known(scene: &Scene<'_>, kind: LifecycleKind, report: &mut Report<'_>) {
    let Some((_, lifecycle)) = lifecycle(scene, kind) else { return };
    let Some(identifier) = lifecycle.identifier.as_deref() else { return };
    if scene.view.is_complete() {
        report.judge(!scene.view.is_unknown(identifier), || {
            scene.breach().at(&lifecycle.node.span).expected("a sequence that was created").seen(identifier)
        });
    }
}

fn known_sequence(scene: &Scene<'_>, report: &mut Report<'_>) {
    judge_known(scene, LifecycleKind::Close, report);
}

const CLOSE: &[Particle] = &[("Identifier", 1), ("LastMsgNumber", 1)];
const CLOSE_RESPONSE: &[Particle] = &[("Identifier", 1)];

fn schema(scene: &Scene<'_>, report: &mut Report<'_>) {
    if let Some((_, found)) = lifecycle(scene, LifecycleKind::Close) {
        judge_schema(scene, &found.node, CLOSE, report);
    } else if let Some((_, found)) = lifecycle(scene, LifecycleKind::CloseResponse) {
        judge_schema(scene, &found.node, CLOSE_RESPONSE, report);
    }
}

/// Whether the last number is named, where there is one.
pub(super) fn judge_last_number(scene: &Scene<'_>, kind: LifecycleKind, report: &mut Report<'_>) {
    let Some((_, lifecycle, sequence)) = by_source(scene, kind) else { return };
    if let Some(highest) = sequence.highest_sent().filter(|_| scene.observation.half == Half::Request) {
        report.judge(lifecycle.node.first("LastMsgNumber").is_some(), || {
            let breach = scene.breach().at(&lifecycle.node.span);
            breach.expected(format!("LastMsgNumber {highest}")).seen("none")
        });
    }
}

fn last_number(scene: &Scene<'_>, report: &mut Report<'_>) {
    judge_last_number(scene, LifecycleKind::Close, report);
}

fn last_number_type(scene: &Scene<'_>, report: &mut Report<'_>) {
    let found = lifecycle(scene, LifecycleKind::Close).or_else(|| lifecycle(scene, LifecycleKind::Terminate));
    let Some((_, lifecycle)) = found else { return };
    if let Some(node) = lifecycle.node.first("LastMsgNumber") {
        report.judge(named_number(lifecycle).is_some(), || {
            scene.breach().at(&node.span).expected("a whole number from 1").seen(&node.text)
        });
    }
}

/// LastMsgNumber, where it is a number that a message can have.
fn named_number(lifecycle: &Lifecycle) -> Option<u64> {
    lifecycle.last_number.filter(|number| (1..=LARGEST).contains(number))
}

fn last_number_value(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((_, lifecycle, sequence)) = closes_or_ends(scene) else { return };
    let highest = sequence.highest_sent().unwrap_or(0);
    if let (Some(number), true) = (named_number(lifecycle), scene.view.is_regular(sequence)) {
        report.judge(number == highest, || {
            let breach = scene.breach().at(&lifecycle.node.span);
            breach.expected(format!("LastMsgNumber {highest}")).seen(number.to_string())
        });
    }
}

/// The messages by the source that closed or ended the sequence before.
fn ends_before(sequence: &SequenceView) -> impl Iterator<Item = &LifeRecord> {
    let close = sequence.life_of(LifecycleKind::Close, sequence.source);
    close.chain(sequence.life_of(LifecycleKind::Terminate, sequence.source))
}

fn last_number_consistent(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((_, lifecycle, sequence)) = closes_or_ends(scene) else { return };
    let Some(number) = named_number(lifecycle) else { return };
    let others: Vec<_> =
        ends_before(sequence).filter(|record| record.last_number.is_some_and(|number| number > 0)).collect();
    let other = others.iter().find(|record| record.last_number != Some(number));
    match other {
        None if !others.is_empty() => report.met(),
        None => {}
        Some(record) => {
            let seen = record.last_number.unwrap_or_default();
            // Of two that differ the one is wrong that does not tell what was sent.
            let is_first_wrong = sequence.highest_sent() == Some(number);
            let (breach, expected, seen) = if is_first_wrong {
                (Breach::by(&record.observation).with(scene.observation), number, seen)
            } else {
                (scene.breach().with(&record.observation).at(&lifecycle.node.span), seen, number)
            };
            report.violated(breach.expected(format!("LastMsgNumber {expected}")).seen(seen.to_string()));
        }
    }
}

fn last_number_all_or_none(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((_, lifecycle, sequence)) = closes_or_ends(scene) else { return };
    let has = lifecycle.node.first("LastMsgNumber").is_some();
    let mut before = ends_before(sequence).peekable();
    if before.peek().is_none() {
        return;
    }
    match before.find(|record| record.has_last_number != has) {
        None => report.met(),
        Some(record) => {
            let breach = if has {
                Breach::by(&record.observation).with(scene.observation)
            } else {
                scene.breach().with(&record.observation).at(&lifecycle.node.span)
            };
            report.violated(
                breach.expected("LastMsgNumber in all of them, or in none").seen("not in this one"),
            );
        }
    }
}

fn before_terminate(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((_, lifecycle, sequence)) = by_source(scene, LifecycleKind::Terminate) else { return };
    let sender = scene.observation.sender;
    let has_closed = sequence.had(LifecycleKind::Close, sender)
        || scene.view.stray_life.contains(&(LifecycleKind::Close, sender));
    if scene.observation.half == Half::Request && sequence.is_whole() && !sequence.is_faulted() {
        report.judge(has_closed, || {
            let breach = scene.breach().at(&lifecycle.node.span);
            breach.expected("CloseSequence before TerminateSequence").seen("none")
        });
    }
}

fn after_acknowledged(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((_, lifecycle, sequence)) = by_source(scene, LifecycleKind::Close) else { return };
    if sequence.is_whole() {
        let open = scene.view.unanswered(sequence);
        report.judge(open.is_empty(), || {
            let breach = scene.breach().at(&lifecycle.node.span);
            breach.expected("all acknowledged before").seen(format!("not yet: {open}"))
        });
    }
}

/// The sequence of the replies, where it is whole and replies have come.
pub(super) fn replies<'a>(scene: &Scene<'a>, sequence: &SequenceView) -> Option<&'a SequenceView> {
    let peer = scene.view.peer(sequence).filter(|peer| peer.is_whole() && !peer.arrived.is_empty())?;
    Some(peer).filter(|_| scene.observation.half == Half::Request)
}

pub(super) fn acknowledgement_of<'a>(
    message: &'a Message,
    sequence: &SequenceView,
) -> Option<&'a AcknowledgementFacts> {
    message.acknowledgements.iter().find(|ack| ack.identifier.as_ref() == Some(&sequence.identifier))
}

/// Whether the message acknowledges all replies that have come.
pub(super) fn judge_acknowledges_replies(scene: &Scene<'_>, kind: LifecycleKind, report: &mut Report<'_>) {
    let Some((message, lifecycle, sequence)) = by_source(scene, kind) else { return };
    let Some(replies) = replies(scene, sequence).filter(|replies| replies.irregular() == 0) else { return };
    let sender = scene.observation.sender;
    let Told::Covered(covered, ack) = told(scene.view, message, sender, replies) else { return };
    let missing = replies.arrived.without(&covered);
    report.judge(missing.is_empty(), || {
        let span = ack.map_or(&lifecycle.node.span, |ack| &ack.node.span);
        let breach = scene
            .breach()
            .at(span)
            .expected(format!("an acknowledgement of the replies {}", replies.arrived));
        breach.seen(covered.to_string()).like_wcf_if(sequence.had(LifecycleKind::Close, sender))
    });
}

fn acknowledges_replies(scene: &Scene<'_>, report: &mut Report<'_>) {
    judge_acknowledges_replies(scene, LifecycleKind::Close, report);
}

fn final_reply_acknowledgement(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((message, _, sequence)) = closes_or_ends(scene) else { return };
    let ack = replies(scene, sequence).and_then(|replies| acknowledgement_of(message, replies));
    if let Some(ack) = ack {
        report.judge(ack.is_final, || scene.breach().at(&ack.node.span).expected("Final").seen("none"));
    }
}

fn no_new_message(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message else { return };
    if let Some((_, _, sequence)) = by_source(scene, LifecycleKind::Close) {
        if !sequence.had(LifecycleKind::Close, sequence.source) {
            report.met();
        }
        return;
    }
    let Some((sequence, number)) = super::form::placed(scene, message) else { return };
    let is_new = sequence.first(number).is_none();
    if let Some(close) = sequence.life_of(LifecycleKind::Close, sequence.source).next().filter(|_| is_new) {
        let breach = scene.breach().with(&close.observation).expected("no new message after CloseSequence");
        report.violated(breach.seen(format!("the number {number}")));
    }
}

fn destination_initiated(scene: &Scene<'_>, report: &mut Report<'_>) {
    judge_by_source(scene, LifecycleKind::Close, report);
}

/// Whether it is the source that closes or ends the sequence.
pub(super) fn judge_by_source(scene: &Scene<'_>, kind: LifecycleKind, report: &mut Report<'_>) {
    let Some((_, lifecycle)) = lifecycle(scene, kind) else { return };
    let sequence = lifecycle.identifier.as_deref().and_then(|identifier| scene.view.sequence(identifier));
    if let Some(sequence) = sequence.filter(|sequence| sequence.is_whole()) {
        report.judge(sequence.source == scene.observation.sender, || {
            let breach = scene.breach().at(&lifecycle.node.span);
            breach.expected("it from the source alone").seen("it from the destination")
        });
    }
}

/// The sequence that a request of this kind asks to close or end, if it is known and was not over.
pub(super) fn request_about<'a>(
    scene: &Scene<'a>,
    kind: LifecycleKind,
) -> Option<(&'a Message, Answer<'a>, &'a SequenceView)> {
    let (request, answer) = scene.answer()?;
    let lifecycle = request.lifecycle.as_ref().filter(|lifecycle| lifecycle.kind == kind)?;
    Some((request, answer, scene.received_sequence(lifecycle.identifier.as_deref())?))
}

/// Whether a request that is as it should be, about a sequence that lives, is answered by a fault that blames the receiver
/// and says nothing of the sequence: it was not understood, although it could be.
fn is_failure(request: &Message, fault: &FaultFacts, sequence: &SequenceView) -> bool {
    let Some(lifecycle) = &request.lifecycle else { return false };
    let names = fault.subcodes.iter().any(|(namespace, _)| namespace != SoapVersion::Soap12.namespace());
    let particles = if lifecycle.version == RmVersion::V200702 { CLOSE } else { CLOSE_RESPONSE };
    let is_right = schema_error(&lifecycle.node, particles).is_none()
        && lifecycle.last_number.unwrap_or_default() == sequence.highest_sent().unwrap_or_default();
    is_right
        && fault.rm.is_none()
        && fault.is_receiver()
        && !names
        && sequence.is_whole()
        && !sequence.is_faulted()
}

/// Whether a request is answered by the message that belongs to it.
pub(super) fn judge_answered(scene: &Scene<'_>, kind: LifecycleKind, report: &mut Report<'_>) {
    let Some((request, answer, sequence)) = request_about(scene, kind) else { return };
    let expected = kind.answer().map_or("an answer", LifecycleKind::name);
    let started = scene.exchange.map_or(0, |exchange| exchange.started);
    let was_over = sequence
        .life_of(LifecycleKind::TerminateResponse, sequence.destination())
        .any(|record| record.order < started);
    let goes_elsewhere = request.endpoint("ReplyTo").is_some_and(|endpoint| !endpoint.is_anonymous());
    if was_over || goes_elsewhere || scene.observation.half == Half::Copy {
        return;
    }
    let is_answer = |message: &Message| match &message.lifecycle {
        Some(lifecycle) => Some(lifecycle.kind) == kind.answer(),
        // Its Body is missing, which is found as such.
        None => kind.answer().is_some_and(|answer| message.rm_action() == Some(answer.name())),
    };
    let seen = match answer {
        Answer::Fault(fault) if is_failure(request, fault, sequence) => Some("a failure of its own"),
        Answer::Fault(_) => None,
        Answer::Soap(message) if is_answer(message) => None,
        Answer::Soap(message) if message.malformed.is_some() => return,
        Answer::Soap(message) => Some(message.action().unwrap_or("another message")),
        Answer::Empty => Some("nothing"),
        Answer::Unclear => return,
    };
    let ends_replies = |message: &Message| {
        let ended = message.lifecycle.as_ref().filter(|found| found.kind == LifecycleKind::Terminate);
        let replies = scene.view.peer(sequence).map(|replies| replies.identifier.as_str());
        ended.is_some_and(|ended| ended.identifier.as_deref() == replies)
    };
    report.judge(seen.is_none(), || {
        let breach = scene.breach_of_answer().expected(expected).or("a fault").seen(seen.unwrap_or_default());
        breach.like_wcf_if(scene.message.is_some_and(ends_replies))
    });
}

fn answered(scene: &Scene<'_>, report: &mut Report<'_>) {
    judge_answered(scene, LifecycleKind::Close, report);
}

/// Whether an answer names the sequence of the request.
pub(super) fn judge_same_identifier(scene: &Scene<'_>, kind: LifecycleKind, report: &mut Report<'_>) {
    let Some((_, Answer::Soap(message), sequence)) = request_about(scene, kind) else { return };
    let Some(lifecycle) = message.lifecycle.as_ref().filter(|found| Some(found.kind) == kind.answer()) else {
        return;
    };
    if let Some(identifier) = &lifecycle.identifier {
        report.judge(*identifier == sequence.identifier, || {
            let breach = scene.breach_of_answer().at(&lifecycle.node.span);
            breach.expected(&sequence.identifier).seen(identifier)
        });
    }
}

fn response_identifier(scene: &Scene<'_>, report: &mut Report<'_>) {
    judge_same_identifier(scene, LifecycleKind::Close, report);
}

/// Whether the request of this response was sent after the destination had closed the sequence.
fn is_after_closing(scene: &Scene<'_>, sequence: &SequenceView) -> bool {
    let since = match scene.exchange {
        Some(exchange) => exchange.started,
        None => scene.view.order,
    };
    sequence.closed_at().is_some_and(|closed| closed < since)
}

fn is_final(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message.filter(|message| message.fault.is_none()) else { return };
    let answer = lifecycle(scene, LifecycleKind::CloseResponse);
    if let Some((_, Answer::Soap(_), sequence)) = request_about(scene, LifecycleKind::Close)
        && let Some((_, lifecycle)) = answer
    {
        let ack = acknowledgement_of(message, sequence);
        report.judge(ack.is_some_and(|ack| ack.is_final), || {
            let span = ack.map_or(&lifecycle.node.span, |ack| &ack.node.span);
            let seen = if ack.is_some() { "no Final" } else { "no acknowledgement of the sequence" };
            scene.breach_of_answer().at(span).expected("an acknowledgement with Final").seen(seen)
        });
        return;
    }
    if let Some((_, Answer::Soap(_), sequence)) = request_about(scene, LifecycleKind::Terminate)
        && let Some((_, lifecycle)) = lifecycle(scene, LifecycleKind::TerminateResponse)
        && acknowledgement_of(message, sequence).is_none()
        && is_after_closing(scene, sequence)
        && !has_stray_acknowledgement(scene.view, message, scene.observation.sender)
    {
        let breach = scene.breach_of_answer().at(&lifecycle.node.span);
        report.violated(
            breach.expected("an acknowledgement with Final").seen("no acknowledgement of the sequence"),
        );
    }
    for ack in &message.acknowledgements {
        let sequence = scene.received_sequence(ack.identifier.as_deref());
        if sequence.is_some_and(|sequence| is_after_closing(scene, sequence)) {
            report.judge(ack.is_final, || {
                let breach = scene.breach_of_answer().at(&ack.node.span);
                breach.expected("Final: the sequence is closed").seen("no Final")
            });
        }
    }
}

fn fault_final(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message else { return };
    let Some(rm) = message.fault.as_ref().and_then(|fault| fault.rm.as_ref()) else { return };
    let sequence = scene.received_sequence(rm.identifier.as_deref());
    let Some(sequence) = sequence.filter(|_| rm.name == "SequenceClosed") else { return };
    let ack = acknowledgement_of(message, sequence);
    report.judge(ack.is_some_and(|ack| ack.is_final), || {
        let seen = if ack.is_some() { "an acknowledgement without Final" } else { "no acknowledgement" };
        let breach = scene.breach_of_answer().at(&rm.span).expected("an acknowledgement with Final");
        let is_erratum = match ack {
            Some(_) => has_failed(scene.view, sequence),
            None => sequence.peer.is_none(),
        };
        breach.seen(seen).like_wcf_if(is_erratum)
    });
}

/// Whether an application fault was among the replies.
fn has_failed(view: &View, sequence: &SequenceView) -> bool {
    view.peer(sequence).is_some_and(|replies| {
        let mut sent = replies.messages.values().flatten();
        sent.any(|one| one.observation.soap().is_some_and(|message| message.fault.is_some()))
    })
}

fn nothing_accepted(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message else { return };
    for ack in &message.acknowledgements {
        let Some(sequence) = scene.received_sequence(ack.identifier.as_deref()) else { continue };
        let Some(closed) = sequence.closed_at() else { continue };
        let late = sequence
            .messages
            .iter()
            .filter(|(_, sent)| sent.first().is_some_and(|first| first.order > closed));
        let late: crate::ranges::NumberSet = late.map(|(number, _)| *number).collect();
        let accepted = ack.covered().without(&ack.covered().without(&late));
        report.judge(accepted.is_empty(), || {
            let breach = scene.breach_of_answer().at(&ack.node.span);
            breach.expected("nothing new after the closing").seen(format!("{accepted} acknowledged"))
        });
    }
}

fn closed_fault(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((request, answer)) = scene.answer() else { return };
    let Some((sequence, number)) = asked(scene, request) else { return };
    let is_new = sequence.messages.get(&number).is_some_and(|sent| sent.len() == 1);
    let is_over = sequence.had(LifecycleKind::Terminate, sequence.source)
        || sequence.faults.iter().any(|fault| fault.name != "SequenceClosed");
    if !is_new || !is_after_closing(scene, sequence) || is_over {
        return;
    }
    match answer {
        Answer::Fault(fault) => {
            if fault.rm.as_ref().is_some_and(|rm| rm.name == "SequenceClosed") {
                report.met();
            }
        }
        Answer::Soap(_) | Answer::Empty => {
            report.violated(scene.breach_of_answer().expected("SequenceClosed").seen("an answer of success"));
        }
        Answer::Unclear => {}
    }
}

/// Judges the answer to a message that closes or ends a sequence that never was.
pub(super) fn judge_stranger_refused(scene: &Scene<'_>, kind: LifecycleKind, report: &mut Report<'_>) {
    let Some((request, answer)) = scene.answer() else { return };
    let Some(lifecycle) = request.lifecycle.as_ref().filter(|lifecycle| lifecycle.kind == kind) else {
        return;
    };
    if lifecycle.identifier.as_deref().is_some_and(|identifier| scene.view.is_unknown(identifier)) {
        judge_unknown_refused(scene, request, answer, report);
    }
}

fn unknown_refused(scene: &Scene<'_>, report: &mut Report<'_>) {
    judge_stranger_refused(scene, LifecycleKind::Close, report);
}

fn final_ranges(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message else { return };
    for ack in message.acknowledgements.iter().filter(|ack| ack.is_final && ack.is_clear()) {
        let Some(sequence) = scene.received_sequence(ack.identifier.as_deref()) else { continue };
        let missing = acknowledged_before(scene, sequence).without(&ack.covered());
        report.judge(missing.is_empty(), || {
            let breach = scene.breach_of_answer().at(&ack.node.span);
            breach.expected(format!("{missing} acknowledged too")).seen(ack.covered().to_string())
        });
    }
}
