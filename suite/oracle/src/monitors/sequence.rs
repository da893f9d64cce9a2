//! The Sequence header and the numbers in it.

use wsrm_wire::RmVersion;

use super::form::{Particle, asked, judge_identifier, judge_schema, names_sequence_of, placed};
use crate::message::{LifecycleKind, Message, SequenceFacts};
use crate::monitor::{Answer, Breach, Check, Report, Scene};
use crate::trace::{Half, Observation, Party};
use crate::view::{ExchangeView, SequenceView, Transmission, View};

pub(super) const CHECKS: &[Check] = &[
    Check::message("sequence.single-header", single_header),
    Check::message("sequence.must-understand", must_understand),
    Check::message("sequence.identifier", identifier),
    Check::message("sequence.message-number", message_number),
    Check::message("sequence.schema", schema),
    Check::message("sequence.created-first", created_first),
    Check::end("sequence.starts-at-one", starts_at_one),
    Check::end("sequence.no-gaps", no_gaps),
    Check::message("sequence.number-once", number_once),
    Check::message("sequence.retransmission-identical", retransmission_identical),
    Check::message("sequence.one-soap-version", one_soap_version),
    Check::message("sequence.not-on-lifecycle", not_on_lifecycle),
    Check::message("sequence.every-message", every_message),
    Check::message("sequence.below-limit", below_limit),
    Check::message("sequence.unknown-refused", unknown_refused),
    Check::message("sequence.rollover", rollover),
    Check::message("sequence.zero-refused", zero_refused),
    Check::message("sequence.out-of-order-taken", out_of_order_taken),
    Check::message("sequence.no-rollover-sent", no_rollover_sent),
];

/// The largest number under RM 1.1, and the largest that WCF can read.
pub(super) const LARGEST: u64 = 9_223_372_036_854_775_807;

fn headers<'a>(scene: &Scene<'a>) -> &'a [SequenceFacts] {
    scene.message.map_or(&[], |message| &message.sequences)
}

fn single_header(scene: &Scene<'_>, report: &mut Report<'_>) {
    if let Some(last) = headers(scene).last() {
        let count = headers(scene).len();
        report.judge(count == 1, || {
            scene
                .breach()
                .at(&last.node.span)
                .expected("one Sequence header")
                .seen(format!("{count} of them"))
        });
    }
}

fn must_understand(scene: &Scene<'_>, report: &mut Report<'_>) {
    for header in headers(scene) {
        report.judge(header.must_be_understood, || {
            scene.breach().at(&header.node.span).expected("mustUnderstand").seen("it may be ignored")
        });
    }
}

fn identifier(scene: &Scene<'_>, report: &mut Report<'_>) {
    for header in headers(scene) {
        judge_identifier(scene, &header.node, report);
    }
}

fn message_number(scene: &Scene<'_>, report: &mut Report<'_>) {
    for header in headers(scene) {
        let most = if header.version == RmVersion::V200702 { LARGEST } else { u64::MAX };
        let is_kept = header.number.is_some_and(|number| (1..=most).contains(&number));
        report.judge(is_kept, || {
            let found: Vec<&str> = header.node.own("MessageNumber").map(|node| node.text.as_str()).collect();
            let span = header.node.first("MessageNumber").map_or(&header.node.span, |node| &node.span);
            let breach = scene.breach().at(span).expected(format!("one MessageNumber, from 1 to {most}"));
            breach.seen(if found.is_empty() { "none".to_owned() } else { found.join(", ") })
        });
    }
}

const SEQUENCE: &[Particle] = &[("Identifier", 1), ("MessageNumber", 1)];
const SEQUENCE_2005: &[Particle] = &[("Identifier", 1), ("MessageNumber", 1), ("LastMessage", 1)];

fn schema(scene: &Scene<'_>, report: &mut Report<'_>) {
    for header in headers(scene) {
        let is_2005 = header.version == RmVersion::February2005;
        judge_schema(scene, &header.node, if is_2005 { SEQUENCE_2005 } else { SEQUENCE }, report);
    }
}

fn created_first(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(header) = headers(scene).first() else { return };
    let Some(identifier) = header.identifier.as_deref() else { return };
    let breach = |seen: &str| {
        let breach = scene.breach().at(&header.node.span).seen(format!("{identifier}: {seen}"));
        breach.expected("a sequence that was created for this sender")
    };
    match scene.view.sequence(identifier) {
        Some(sequence) if sequence.source != scene.observation.sender && sequence.is_whole() => {
            report.violated(breach("a sequence of the other side"));
        }
        Some(sequence) if !sequence.is_whole() => {}
        // Whoever accepts an Offer can send in it at once; the client learns of its sequence by the answer.
        Some(sequence) => {
            let is_told = sequence.granted.is_some() || sequence.source == Party::Responder;
            report.judge(is_told, || breach("the answer that creates it has not come"));
        }
        None if scene.view.is_complete() => report.violated(breach("no such sequence")),
        None => {}
    }
}

/// The messages of a sequence, first transmissions only, in the order in which they were sent.
fn in_time(sequence: &SequenceView) -> Vec<(u64, &Transmission)> {
    let mut all: Vec<_> = sequence
        .messages
        .iter()
        .filter_map(|(number, sent)| sent.first().map(|first| (*number, first)))
        .collect();
    all.sort_by_key(|(_, first)| first.order);
    all
}

/// How many messages of the sequence may have been sent and not seen: those that could not be placed, and those on
/// responses that got lost before they were seen.
fn unseen(view: &View, sequence: &SequenceView, before: usize) -> u64 {
    let on_responses =
        sequence.messages.values().flatten().any(|sent| sent.observation.half != Half::Request);
    let asked = view.peer(sequence).map(|peer| peer.identifier.as_str());
    let is_about = |exchange: &ExchangeView| {
        let headers = exchange.request.soap().map_or(&[][..], |request| &request.sequences);
        asked.is_none() || headers.iter().any(|header| header.identifier.as_deref() == asked)
    };
    let unanswered = view.exchanges.iter().filter(|exchange| is_about(exchange)).filter(|exchange| {
        let has_none = exchange.response.as_ref().is_none_or(|response| response.http().is_none());
        exchange.started < before
            && exchange.sender != sequence.source
            && has_none
            && exchange.request.is_delivered()
    });
    let lost = if on_responses { unanswered.count() } else { 0 };
    view.unplaced(sequence.source) + u64::try_from(lost).unwrap_or(u64::MAX)
}

/// Where the numbers of a sequence first leave the row: the message, and the number that was its turn.
struct Jump<'v> {
    is_first: bool,
    number: u64,
    due: u64,
    sent: &'v Transmission,
}

/// The one number that would fill the one hole that there is, were it in its place.
fn outlier(sequence: &SequenceView) -> Option<u64> {
    let count = u64::try_from(sequence.messages.len()).ok()?;
    let mut holes = (1..=count).filter(|number| !sequence.messages.contains_key(number));
    let mut above = sequence.messages.keys().copied().filter(|number| *number > count);
    match (holes.next(), holes.next(), above.next(), above.next()) {
        (Some(_), None, Some(outlier), None) if !sequence.messages.contains_key(&(outlier - 1)) => {
            Some(outlier)
        }
        _ => None,
    }
}

/// The first message, in time, whose number has none before it. What comes behind follows from it, and what is no
/// number at all stands for one that is missing.
fn jump<'v>(view: &'v View, sequence: &'v SequenceView) -> Option<Jump<'v>> {
    let is_number = |(number, _): &(u64, &Transmission)| (1..=LARGEST).contains(number);
    let all = in_time(sequence);
    let broken = u64::try_from(all.iter().filter(|found| !is_number(found)).count()).unwrap_or(u64::MAX);
    let outlier = outlier(sequence);
    let mut good = all.into_iter().filter(is_number).enumerate();
    let (place, (number, sent)) = good.find(|(place, (number, _))| {
        if let Some(outlier) = outlier {
            return *number == outlier;
        }
        let is_alone = *number > 1 && !sequence.messages.contains_key(&(number - 1));
        is_alone || (*place == 0 && *number > 1 && view.is_one_by_one(sequence))
    })?;
    let below = sequence.messages.range(1..number).next_back().map_or(0, |(below, _)| *below);
    let gap = if sequence.messages.contains_key(&(number - 1)) { 1 } else { number - below - 1 };
    let explained = unseen(view, sequence, sent.order)
        .saturating_add(broken)
        .saturating_add(sequence.conflicts - sequence.early);
    (gap > explained).then_some(Jump { is_first: place == 0, number, due: below + 1, sent })
}

fn starts_at_one(view: &View, report: &mut Report<'_>) {
    for sequence in view.sequences.iter().filter(|sequence| sequence.is_whole()) {
        match jump(view, sequence) {
            Some(Jump { is_first: true, number, sent, .. }) => {
                let breach = Breach::by(&sent.observation).at(&number_span(&sent.observation));
                report.violated(breach.expected("the number 1 first").seen(number.to_string()));
            }
            _ if sequence.messages.contains_key(&1) => report.met_by(sequence.source),
            _ => {}
        }
    }
}

fn no_gaps(view: &View, report: &mut Report<'_>) {
    for sequence in view.sequences.iter().filter(|sequence| sequence.is_whole()) {
        match jump(view, sequence) {
            Some(Jump { is_first: false, number, due, sent }) => {
                let breach = Breach::by(&sent.observation).at(&number_span(&sent.observation));
                let seen = format!("{number}, and {} was never sent", number - 1);
                report.violated(breach.expected(format!("the number {due}")).seen(seen));
            }
            None if sequence.messages.len() > 1 => report.met_by(sequence.source),
            _ => {}
        }
    }
}

fn number_span(observation: &Observation) -> std::ops::Range<usize> {
    let header = observation.soap().and_then(|message| message.sequences.first());
    let node = header.map(|header| header.node.first("MessageNumber").unwrap_or(&header.node));
    node.map_or(0..0, |node| node.span.clone())
}

/// The first transmission of the number that this message has too.
fn earlier<'a>(scene: &Scene<'a>) -> Option<(&'a Message, u64, &'a Transmission)> {
    let message = scene.message?;
    let (sequence, number) = placed(scene, message)?;
    Some((message, number, sequence.first(number)?))
}

/// Whether the number that this message has was taken by one that came before its turn: then it is that which is wrong.
fn is_turn(scene: &Scene<'_>, message: &Message) -> bool {
    placed(scene, message).is_some_and(|(sequence, number)| {
        let first = sequence.first(number);
        let is_other = first.is_some_and(|first| first.fingerprint != message.body_fingerprint());
        is_other && sequence.is_early(number)
    })
}

fn number_once(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((message, number, first)) = earlier(scene) else {
        if scene.message.is_some_and(|message| placed(scene, message).is_some()) {
            report.met();
        }
        return;
    };
    let is_sealed = |node: &crate::message::Node| node.local == "EncryptedData";
    if message.body.iter().any(is_sealed) || message.malformed.is_some() {
        return;
    }
    if first.is_broken || message.structure.is_some() {
        return;
    }
    let same_action =
        first.action.as_deref() == message.action() || first.action.is_none() || message.action().is_none();
    let answered = scene.view.request_in_turn(scene.observation);
    let same_request = first.answers.is_none() || answered.is_none() || first.answers == answered;
    let is_same = first.fingerprint == message.body_fingerprint() && same_action && same_request;
    if !is_same && is_turn(scene, message) {
        return;
    }
    report.judge(is_same, || {
        let breach = scene.breach().with(&first.observation).at(&number_span(scene.observation));
        breach
            .expected("the same message, or another number")
            .seen(format!("another message with the number {number}"))
    });
}

fn retransmission_identical(scene: &Scene<'_>, report: &mut Report<'_>) {
    if let Some((message, _, first)) = earlier(scene).filter(|(message, _, _)| !is_turn(scene, message)) {
        report.judge(first.message_id.as_deref() == message.message_id(), || {
            let expected = first.message_id.clone().unwrap_or_else(|| "no MessageID".to_owned());
            let breach = scene.breach().with(&first.observation).expected(expected);
            breach.seen(message.message_id().unwrap_or("none"))
        });
    }
}

fn one_soap_version(scene: &Scene<'_>, report: &mut Report<'_>) {
    // A fault that is no reply may be about the envelope itself.
    let may_differ = |message: &Message| message.fault.is_some() && message.sequences.is_empty();
    let Some(message) = scene.message.filter(|message| !may_differ(message)) else { return };
    let sequences = message.sequences.iter().map(|header| &header.identifier);
    let acknowledgements = message.acknowledgements.iter().map(|header| &header.identifier);
    let body = message.lifecycle.iter().map(|lifecycle| &lifecycle.identifier);
    let named = sequences.chain(acknowledgements).chain(body).flatten();
    let creates = message.lifecycle.as_ref().is_some_and(|found| found.kind == LifecycleKind::CreateResponse);
    let of_request = || scene.request_message().filter(|_| creates).map(|asked| asked.soap);
    let expected =
        named.filter_map(|identifier| scene.view.sequence(identifier)).find_map(|sequence| sequence.soap);
    let expected = expected.or_else(of_request);
    // An answer is in the version that it was asked in; whoever asked in another one is at fault.
    let is_asked_for = scene.request_message().is_some_and(|asked| asked.soap == message.soap);
    if let Some(expected) = expected {
        report.judge(message.soap == expected || is_asked_for, || {
            scene.breach().expected(expected.namespace()).seen(message.soap.namespace())
        });
    }
}

fn not_on_lifecycle(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message else { return };
    let travels_alone = matches!(message.rm_action(), Some("SequenceAcknowledgement" | "AckRequested"));
    if message.lifecycle.is_some() || travels_alone {
        let header = message.sequences.first();
        report.judge(header.is_none(), || {
            let span = header.map_or(&message.body_span, |header| &header.node.span);
            scene.breach().at(span).expected("no Sequence header").seen("one")
        });
    }
}

fn every_message(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message.filter(|_| scene.observation.half == Half::Request) else { return };
    if !message.is_application() || message.fault.is_some() || message.malformed.is_some() {
        return;
    }
    let sender = scene.observation.sender;
    let to = message.property("To");
    let open = scene.view.sequences.iter().rev().find(|sequence| {
        let creation = match sequence.origin {
            crate::view::Origin::Created(place) => scene.view.creations.get(place),
            _ => None,
        };
        let service =
            creation.and_then(|creation| creation.request.soap()).and_then(|asked| asked.property("To"));
        let is_open = sequence.granted.is_some() && !sequence.is_over() && sequence.closed_at().is_none();
        sequence.source == sender && is_open && to.is_some() && service == to
    });
    if let Some(sequence) = open {
        report.judge(!message.sequences.is_empty(), || {
            let expected = format!("a Sequence header, as of {}", sequence.identifier);
            scene.breach().at(&message.body_span).expected(expected).seen("none")
        });
    }
}

fn below_limit(scene: &Scene<'_>, report: &mut Report<'_>) {
    for header in headers(scene) {
        if let Some(number) = header.number {
            report.judge(number <= LARGEST, || {
                let breach = scene.breach().at(&header.node.span);
                breach.expected(format!("at most {LARGEST}")).seen(number.to_string())
            });
        }
    }
}

/// Judges how a message for a sequence that never was is answered.
pub(super) fn judge_unknown_refused(
    scene: &Scene<'_>,
    request: &Message,
    answer: Answer<'_>,
    report: &mut Report<'_>,
) {
    let sender = scene.observation.sender.other();
    let is_refusal = |fault: &crate::message::FaultFacts| {
        let name = fault.rm.as_ref().map(|rm| rm.name.as_str());
        matches!(name, Some("UnknownSequence" | "SequenceTerminated"))
    };
    let knows = |message: &Message| names_sequence_of(scene, message, sender);
    match answer {
        Answer::Fault(fault) if is_refusal(fault) => report.met(),
        // Another sin of the request may have been found first.
        Answer::Fault(_) | Answer::Unclear => {}
        // An answer about a sequence that is known shows that the request asked about that one.
        Answer::Soap(message) if knows(message) || request.structure.is_some() => {}
        Answer::Soap(_) | Answer::Empty => {
            let breach = scene.breach_of_answer().expected("UnknownSequence");
            report.violated(breach.or("SequenceTerminated").seen("an answer of success"));
        }
    }
}

fn unknown_refused(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((request, answer)) = scene.answer() else { return };
    let Some(header) = request.sequences.first() else { return };
    if header.identifier.as_deref().is_some_and(|identifier| scene.view.is_unknown(identifier)) {
        judge_unknown_refused(scene, request, answer, report);
    }
}

fn rollover(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((request, answer)) = scene.answer() else { return };
    let Some((sequence, number)) = asked(scene, request) else { return };
    if number < LARGEST {
        return;
    }
    // An acknowledgement of another number, which never came, shows that the request had that number.
    let knows_other = |message: &Message| {
        message.acknowledgements.iter().any(|ack| !ack.covered().without(&sequence.arrived).is_empty())
    };
    let takes = |message: &Message| message.acknowledgements.iter().any(|ack| ack.covered().contains(number));
    match answer {
        Answer::Fault(fault) => {
            if fault.rm.as_ref().is_some_and(|rm| rm.name == "MessageNumberRollover") {
                report.met();
            }
        }
        Answer::Soap(message) if knows_other(message) => {}
        Answer::Soap(message) if takes(message) => {
            // WCF drops it.
            let breach = scene.breach_of_answer().expected("MessageNumberRollover");
            report.violated(breach.seen("an acknowledgement of it"));
        }
        Answer::Soap(_) | Answer::Empty => {
            let breach = scene.breach_of_answer().expected("MessageNumberRollover");
            report.violated(breach.seen("an answer of success").like_wcf_if(true));
        }
        Answer::Unclear => {}
    }
}

fn zero_refused(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((request, answer)) = scene.answer() else { return };
    let Some(header) = request.sequences.first() else { return };
    if header.number.is_none_or(|number| number == 0) && header.node.first("MessageNumber").is_some() {
        match answer {
            Answer::Empty => report.violated(scene.breach_of_answer().expected("no answer").seen("success")),
            Answer::Fault(_) | Answer::Unclear => report.met(),
            Answer::Soap(_) => {}
        }
    }
}

fn out_of_order_taken(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((request, Answer::Soap(message))) = scene.answer() else { return };
    let Some((sequence, number)) = asked(scene, request) else { return };
    let has_gap = number > 1 && (1..number.min(1000)).any(|below| !sequence.arrived.contains(below));
    let ack = message
        .acknowledgements
        .iter()
        .find(|ack| ack.identifier.as_deref() == Some(sequence.identifier.as_str()));
    if let Some(ack) = ack.filter(|_| has_gap && sequence.peer.is_none() && number < 1000) {
        report.judge(ack.covered().contains(number), || {
            let breach =
                scene.breach_of_answer().at(&ack.node.span).expected(format!("{number} acknowledged"));
            breach.seen(ack.covered().to_string())
        });
    }
}

fn no_rollover_sent(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(fault) = scene.message.and_then(|message| message.fault.as_ref()) else { return };
    if let Some(rm) = &fault.rm {
        report.judge(rm.name != "MessageNumberRollover", || {
            scene.breach().at(&rm.span).expected("another fault").seen("MessageNumberRollover")
        });
    }
}

/// Whether this message opens or ends a sequence of the sender.
pub(super) fn ends(message: &Message) -> bool {
    message
        .lifecycle
        .as_ref()
        .is_some_and(|lifecycle| matches!(lifecycle.kind, LifecycleKind::Close | LifecycleKind::Terminate))
}
