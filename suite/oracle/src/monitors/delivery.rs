//! Losing, repeating and delivering.

use super::close::by_source;
use super::form::{asked, is_bare_acknowledgement};
use super::sequence::LARGEST;
use crate::message::{LifecycleKind, Message};
use crate::monitor::{Answer, Breach, Check, Report, Scene};
use crate::trace::Half;
use crate::view::{Transmission, View};

pub(super) const CHECKS: &[Check] = &[
    Check::message("delivery.retransmits", retransmits),
    Check::message("delivery.duplicate-answered", duplicate_answered),
    Check::end("delivery.fresh-answered", fresh_answered),
];

fn retransmits(scene: &Scene<'_>, report: &mut Report<'_>) {
    let ending =
        by_source(scene, LifecycleKind::Close).or_else(|| by_source(scene, LifecycleKind::Terminate));
    let Some((_, lifecycle, sequence)) = ending else { return };
    let has_ended = sequence.had(LifecycleKind::Close, sequence.source) || sequence.is_over();
    if scene.observation.half != Half::Request || has_ended || !scene.view.is_regular(sequence) {
        return;
    }
    let open = scene.view.unanswered(sequence);
    // Success without a message says nothing of what became of it; the answer to the closing will.
    let has_failed = |sent: &Transmission| {
        let exchange = scene.view.exchange(&sent.observation.exchange);
        let response = exchange.and_then(|exchange| exchange.response.as_ref());
        response.is_none_or(|response| !response.is_empty_success() || !response.is_delivered())
    };
    let once = sequence
        .messages
        .iter()
        .filter(|(number, sent)| open.contains(**number) && sent.len() == 1 && sent.iter().all(has_failed));
    let once: Vec<_> = once.collect();
    if once.is_empty() && sequence.messages.values().any(|sent| sent.len() > 1) {
        report.met();
    }
    for (number, sent) in once {
        let breach = scene.breach().at(&lifecycle.node.span).expected(format!("{number} sent again before"));
        let breach = breach.seen("it was not acknowledged, and sent once");
        report.violated(match sent.first() {
            Some(first) => breach.with(&first.observation),
            None => breach,
        });
    }
}

fn duplicate_answered(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((request, answer)) = scene.answer().filter(|_| scene.observation.half == Half::Response) else {
        return;
    };
    let Some((sequence, number)) = asked(scene, request) else { return };
    let started = scene.exchange.map_or(0, |exchange| exchange.started);
    let is_acknowledged = sequence.acknowledged_before(started).contains(number);
    let sent = sequence.messages.get(&number).map_or(&[][..], Vec::as_slice);
    let is_repeated = sent.iter().filter(|one| one.order <= started).count() > 1 && sequence.conflicts == 0;
    if !is_acknowledged || !is_repeated || !sequence.is_anonymous() || sequence.is_over() {
        return;
    }
    match answer {
        Answer::Soap(_) | Answer::Fault(_) => report.met(),
        Answer::Empty => {
            let breach = scene.breach_of_answer().expected("an acknowledgement").or("the reply again");
            report.violated(breach.seen("an empty response"));
        }
        Answer::Unclear => {}
    }
}

fn fresh_answered(view: &View, report: &mut Report<'_>) {
    for exchange in &view.exchanges {
        let Some(request) = exchange.request.soap().filter(|_| exchange.request.is_delivered()) else {
            continue;
        };
        let Some(response) = exchange.response.as_ref() else { continue };
        let Some(ended) = exchange.ended else { continue };
        let header = request.sequences.first().filter(|_| request.sequences.len() == 1);
        let Some((header, number)) = header.and_then(|header| Some((header, header.number?))) else {
            continue;
        };
        let Some(sequence) = header.identifier.as_deref().and_then(|identifier| view.sequence(identifier))
        else {
            continue;
        };
        let is_number = (1..=LARGEST).contains(&number);
        if sequence.source != exchange.sender || !sequence.is_anonymous() || !is_number || exchange.is_copied
        {
            continue;
        }
        let sent = sequence.messages.get(&number).map_or(&[][..], Vec::as_slice);
        // Only until it is sent again; then it may have been taken at the second time alone.
        let again = sent.iter().map(|one| one.order).find(|order| *order > exchange.started);
        let is_fresh = sent.first().is_some_and(|first| first.order == exchange.started);
        let later =
            sequence.acks.iter().find(|record| record.order > ended && record.received.contains(number));
        let is_taken = view.is_regular(sequence)
            && later.is_some_and(|record| again.is_none_or(|again| record.order < again));
        if response.is_empty_success() {
            let is_over = sequence.life.iter().any(|record| record.order < exchange.started);
            if is_fresh && !is_over && (is_taken || view.is_one_way(sequence)) {
                let breach = Breach::by(response).with(&exchange.request);
                let breach = breach.expected(format!("an acknowledgement of {number}"));
                report.violated(breach.seen("an empty response"));
            }
        } else if response.soap().is_some_and(|message| acknowledges(message, &sequence.identifier)) {
            report.met();
        }
    }
}

fn acknowledges(message: &Message, identifier: &str) -> bool {
    let names = message.acknowledgements.iter().any(|ack| ack.identifier.as_deref() == Some(identifier));
    names || is_bare_acknowledgement(message)
}
