//! Losing, repeating and delivering.

use std::sync::Arc;

use super::close::by_source;
use super::form::{asked, is_bare_acknowledgement};
use super::sequence::LARGEST;
use crate::message::{AcknowledgementFacts, HeaderBlock, LifecycleKind, Message};
use crate::monitor::{Answer, Breach, Check, Report, Scene};
use crate::trace::{ApplicationReport, Half, HttpMessage, Observation, Party};
use crate::view::{ExchangeView, SequenceView, Transmission, View};

pub(super) const CHECKS: &[Check] = &[
    Check::both("delivery.retransmits", retransmits, given_up),
    Check::end("delivery.loss-reported", loss_reported),
    Check::end("delivery.success-reported", success_reported),
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
    let once = sent_once(scene.view, sequence);
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

/// The messages that were sent once, and came to nothing as far as the source knows.
fn sent_once<'v>(view: &View, sequence: &'v SequenceView) -> Vec<(&'v u64, &'v Vec<Transmission>)> {
    let open = view.unanswered(sequence);
    // Success without a message says nothing of what became of it; the answer to the closing will.
    let has_failed = |sent: &Transmission| {
        let exchange = view.exchange(&sent.observation.exchange);
        let response = exchange.and_then(|exchange| exchange.response.as_ref());
        response.is_none_or(|response| !response.is_empty_success() || !response.is_delivered())
    };
    let once = sequence
        .messages
        .iter()
        .filter(|(number, sent)| open.contains(**number) && sent.len() == 1 && sent.iter().all(has_failed));
    once.collect()
}

/// A source that has come to its end, as is known of its application, and left the sequence as it was.
fn given_up(view: &View, report: &mut Report<'_>) {
    if view.application.is_none() {
        return;
    }
    for sequence in view.sequences.iter().filter(|sequence| sequence.source == Party::Initiator) {
        // A two-way session is given up by a fault that names either sequence.
        let is_given_up = view.peer(sequence).is_some_and(SequenceView::is_faulted);
        let is_ended = sequence.had(LifecycleKind::Close, sequence.source) || sequence.is_over();
        if is_ended || is_given_up || !view.is_regular(sequence) {
            continue;
        }
        for (number, sent) in sent_once(view, sequence) {
            let Some(first) = sent.first() else { continue };
            let breach = Breach::by(&first.observation).expected(format!("{number} sent again"));
            report.violated(breach.seen("it was not acknowledged, and sent once"));
        }
    }
}

/// The application messages of the client, and which of them it knows to have come.
struct Handed<'v> {
    known: u64,
    open: Vec<&'v Transmission>,
}

impl<'v> Handed<'v> {
    fn of(view: &'v View) -> Self {
        let mut handed = Self { known: 0, open: Vec::new() };
        for sequence in view.sequences.iter().filter(|sequence| sequence.source == Party::Initiator) {
            let unanswered = view.unanswered(sequence);
            for (number, sent) in &sequence.messages {
                let is_application = |one: &&Transmission| {
                    one.observation.soap().is_some_and(|message| message.is_application())
                };
                let Some(first) = sent.first().filter(is_application) else { continue };
                if unanswered.contains(*number) {
                    handed.open.push(first);
                } else {
                    handed.known += 1;
                }
            }
        }
        handed
    }
}

fn loss_reported(view: &View, report: &mut Report<'_>) {
    let Some(told) = view.application else { return };
    let handed = Handed::of(view);
    let is_lost = handed.known < told.messages;
    if is_lost && told.success {
        let breach = match handed.open.first() {
            Some(first) => Breach::by(&first.observation),
            None => Breach::of(Party::Initiator),
        };
        let expected = format!("an error, or {} messages acknowledged", told.messages);
        report
            .violated(breach.expected(expected).seen(format!("success, with {} acknowledged", handed.known)));
    } else if is_lost || told.success {
        report.met();
    }
}

fn success_reported(view: &View, report: &mut Report<'_>) {
    let Some(told) = view.application else { return };
    let Some(end) = clean_end(view, told).filter(|end| end.is_answered) else { return };
    report.judge(told.success, || {
        Breach::by(end.observation).expected("success").seen("an error, after all was acknowledged and ended")
    });
}

/// The last TerminateSequence of a client whose messages were all acknowledged.
pub(super) struct CleanEnd<'v> {
    pub(super) observation: &'v Observation,
    /// Whether it was answered by a success.
    pub(super) is_answered: bool,
}

/// How the session of a client ended to which nothing was said that it could take for an error: no fault, no error of
/// HTTP, no broken connection, but for what it repeated with success.
pub(super) fn clean_end(view: &View, told: ApplicationReport) -> Option<CleanEnd<'_>> {
    let handed = Handed::of(view);
    let is_fault =
        |observation: &Observation| observation.soap().is_some_and(|message| message.fault.is_some());
    let mut halves = view
        .exchanges
        .iter()
        .flat_map(|exchange| std::iter::once(&*exchange.request).chain(exchange.response.as_deref()));
    if handed.known < told.messages || !handed.open.is_empty() || halves.any(is_fault) || !view.is_complete()
    {
        return None;
    }
    let of_client = view.sequences.iter().filter(|sequence| sequence.source == Party::Initiator);
    let ends = of_client.filter_map(|sequence| {
        let end = sequence.life_of(LifecycleKind::Terminate, Party::Initiator).last()?;
        Some((sequence, end))
    });
    let ends: Vec<_> = ends.collect();
    let [(_, end)] = ends.as_slice() else { return None };
    let exchange = view.exchange(&end.observation.exchange)?;
    let is_success = |response: &Arc<Observation>| {
        let status = response.http().and_then(HttpMessage::status);
        response.is_delivered() && status.is_some_and(|status| (200..300).contains(&status))
    };
    let is_answered = exchange.response.as_ref().is_some_and(is_success);
    Some(CleanEnd { observation: &end.observation, is_answered })
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
        // What becomes of the last message is judged by itself.
        let is_last = header.is_last && sequence.last_numbers() == [number];
        if sequence.source != exchange.sender || !sequence.is_anonymous() {
            continue;
        }
        if !is_number || is_last || exchange.is_copied {
            continue;
        }
        let sent = sequence.messages.get(&number).map_or(&[][..], Vec::as_slice);
        // Only until it is sent again; then it may have been taken at the second time alone.
        let again = sent.iter().map(|one| one.order).find(|order| *order > exchange.started);
        let first = sent.iter().find(|one| one.observation.is_delivered());
        // Of several that are under way at once nobody knows which came first; and what was acknowledged before was taken
        // before, whatever it came as.
        let is_alone = again.is_none_or(|again| again > ended);
        let was_taken = sequence.acknowledged_before(exchange.started).contains(number);
        let is_first = first.is_some_and(|first| first.order == exchange.started);
        let is_fresh = is_first && is_alone && !was_taken;
        let later =
            sequence.acks.iter().find(|record| record.order > ended && record.received.contains(number));
        let is_taken = view.is_regular(sequence)
            && later.is_some_and(|record| again.is_none_or(|again| record.order < again));
        if response.is_empty_success() {
            let is_over = sequence.life.iter().any(|record| record.order < exchange.started);
            let is_asked = view.is_one_way(sequence)
                && has_one_action(request)
                && !was_misplaced_before(view, exchange, request);
            if is_fresh && !is_over && (is_taken || is_asked) {
                let breach = Breach::by(response).with(&exchange.request);
                let breach = breach.expected(format!("an acknowledgement of {number}"));
                report.violated(breach.seen("an empty response"));
            }
        } else if let Some(message) = response.soap() {
            if acknowledges(message, &sequence.identifier) {
                report.met();
            }
            judge_told(view, exchange, message, sequence, number, report);
        }
    }
}

/// Whether the message is one that WS-Addressing lets through: with no action or with several it is refused, be that by a
/// fault that goes nowhere.
fn has_one_action(message: &Message) -> bool {
    let is_action =
        |header: &&HeaderBlock| header.node.local == "Action" && header.node.addressing_version().is_some();
    message.headers.iter().filter(is_action).count() == 1
}

/// A response that travels for an acknowledgement and leaves out the message that it answers, although that was taken.
fn judge_told(
    view: &View,
    exchange: &ExchangeView,
    message: &Message,
    sequence: &SequenceView,
    number: u64,
    report: &mut Report<'_>,
) {
    let (Some(response), Some(ended)) = (exchange.response.as_ref(), exchange.ended) else { return };
    let of_sequence = |ack: &&AcknowledgementFacts| ack.identifier.as_ref() == Some(&sequence.identifier);
    let Some(ack) = message.acknowledgements.iter().find(of_sequence).filter(|ack| ack.is_clear()) else {
        return;
    };
    let sent = sequence.messages.get(&number).map_or(&[][..], Vec::as_slice);
    let is_alone = matches!(sent, [only] if only.order == exchange.started);
    // The next thing that it says of the sequence tells of the message, and nothing came in between.
    let next = sequence.acks.iter().find(|record| record.order > ended);
    let is_taken = next.is_some_and(|record| record.received.contains(number));
    let is_one_way = view.is_one_way(sequence) && view.is_one_by_one(sequence);
    if is_alone && is_taken && is_one_way && view.is_regular(sequence) && !ack.covered().contains(number) {
        let breach = Breach::by(response).with(&exchange.request).at(&ack.node.span);
        let breach = breach.expected(format!("an acknowledgement of {number}"));
        report.violated(breach.seen(ack.covered().to_string()));
    }
}

/// Whether the same message came before with a place in the sequence that is wrong, so that it is no longer new.
fn was_misplaced_before(view: &View, exchange: &ExchangeView, request: &Message) -> bool {
    let earlier = view.exchanges.iter().take_while(|earlier| earlier.started < exchange.started);
    earlier.filter_map(|earlier| earlier.request.soap()).any(|earlier| {
        let place = |message: &Message| {
            message.sequences.first().map(|header| (header.identifier.clone(), header.number))
        };
        let is_wrong = |message: &Message| {
            message.sequences.first().is_none_or(|header| header.number.is_none_or(|number| number == 0))
        };
        earlier.is_application()
            && (is_wrong(earlier) || view.unplaced(exchange.sender) > 0)
            && place(earlier) != place(request)
            && earlier.action() == request.action()
            && earlier.body_fingerprint() == request.body_fingerprint()
    })
}

fn acknowledges(message: &Message, identifier: &str) -> bool {
    let names = message.acknowledgements.iter().any(|ack| ack.identifier.as_deref() == Some(identifier));
    names || is_bare_acknowledgement(message)
}
