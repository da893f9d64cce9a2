//! The request-reply extension.

use super::close::acknowledgement_of;
use super::form::{
    Told, asked, has_stray_acknowledgement, is_application_reply, is_bare_acknowledgement, told,
};
use super::sequence::LARGEST;
use crate::message::{AcknowledgementFacts, Message};
use crate::monitor::{Answer, Breach, Check, Report, Scene};
use crate::ranges::NumberSet;
use crate::trace::Half;
use crate::view::{SequenceView, Transmission, View};

pub(super) const CHECKS: &[Check] = &[
    Check::message("reply.sequence", sequence),
    Check::message("reply.acknowledgement", acknowledgement),
    Check::message("reply.covers-request", covers_request),
    Check::message("reply.not-final", not_final),
    Check::message("reply.replayed", replayed),
    Check::end("reply.acknowledged-by-source", acknowledged_by_source),
    Check::message("reply.bare-acknowledgement", bare_acknowledgement),
    Check::message("reply.anonymous", anonymous),
];

/// An application's reply on a response, with the request's sequence and number, and the sequence of the replies.
struct Reply<'a> {
    message: &'a Message,
    sequence: &'a SequenceView,
    number: u64,
    replies: &'a SequenceView,
}

fn reply<'a>(scene: &Scene<'a>) -> Option<Reply<'a>> {
    let (request, _) = scene.answer()?;
    let message = scene.message.filter(|message| is_application_reply(scene, message))?;
    let (sequence, number) = asked(scene, request)?;
    let replies = scene.view.peer(sequence).filter(|_| sequence.is_anonymous())?;
    Some(Reply { message, sequence, number, replies })
}

fn sequence(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(Reply { message, replies, .. }) = reply(scene) else { return };
    let mut named = message.sequences.iter().map(|header| header.identifier.as_ref());
    report.judge(named.any(|identifier| identifier == Some(&replies.identifier)), || {
        scene.breach_of_answer().expected(format!("a Sequence header of {}", replies.identifier)).seen("none")
    });
}

fn acknowledgement(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(Reply { message, sequence, .. }) = reply(scene) else { return };
    let ack = acknowledgement_of(message, sequence);
    if ack.is_none() && has_stray_acknowledgement(scene.view, message, scene.observation.sender) {
        return;
    }
    report.judge(ack.is_some(), || {
        let expected = format!("an acknowledgement of {}", sequence.identifier);
        scene.breach_of_answer().expected(expected).seen("none")
    });
}

fn covers_request(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(Reply { message, sequence, number, .. }) = reply(scene) else { return };
    let Some(ack) = acknowledgement_of(message, sequence).filter(|ack| ack.is_clear()) else { return };
    // An acknowledgement of what never came shows that the request had another number.
    if !ack.covered().without(&sequence.arrived).is_empty() && sequence.irregular() > 0 {
        return;
    }
    let is_in_row = (2..=LARGEST).contains(&number) && sequence.messages.contains_key(&(number - 1));
    if number != 1 && !is_in_row {
        return;
    }
    report.judge(ack.covered().contains(number), || {
        let breach = scene.breach_of_answer().at(&ack.node.span);
        breach.expected(format!("{number} acknowledged")).seen(ack.covered().to_string())
    });
}

fn not_final(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(Reply { message, sequence, .. }) = reply(scene) else { return };
    let Some(ack) = acknowledgement_of(message, sequence) else { return };
    if sequence.life.is_empty() && scene.view.stray_life.is_empty() {
        report.judge(!ack.is_final, || {
            scene.breach_of_answer().at(&ack.node.span).expected("no Final").seen("Final")
        });
    }
}

/// What the client has acknowledged of the replies, as far as it came.
fn heard(replies: &SequenceView) -> NumberSet {
    let mut heard = NumberSet::default();
    for record in replies.acks.iter().filter(|record| record.observation.is_delivered()) {
        heard.add_all(&record.covered);
    }
    heard
}

fn replayed(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((request, answer)) = scene.answer().filter(|_| scene.observation.half == Half::Response) else {
        return;
    };
    let Some((sequence, number)) = asked(scene, request) else { return };
    let Some(replies) = scene.view.peer(sequence).filter(|_| sequence.is_anonymous()) else { return };
    let started = scene.exchange.map_or(0, |exchange| exchange.started);
    // The reply to an earlier transmission, where that was over when this one was sent.
    let earlier = sequence.messages.get(&number).into_iter().flatten().find_map(|sent| {
        let exchange = scene.view.exchange(&sent.observation.exchange)?;
        let response =
            exchange.response.as_ref().filter(|_| exchange.ended.is_some_and(|ended| ended < started))?;
        let reply =
            response.soap().filter(|reply| reply.is_application() && !is_bare_acknowledgement(reply))?;
        Some((response, reply.sequences.first()?.number?))
    });
    let Some((first, expected)) = earlier.filter(|_| sequence.conflicts == 0 && !sequence.is_over()) else {
        return;
    };
    if heard(replies).contains(expected) || replies.irregular() > 0 {
        return;
    }
    let found = match answer {
        Answer::Soap(message) => message.sequences.first().map(|header| header.number),
        // An application's fault in the sequence is a reply as well; any other ends the matter.
        Answer::Fault(_) => match scene.message.and_then(|message| message.sequences.first()) {
            Some(header) => Some(header.number),
            None => return,
        },
        Answer::Empty => None,
        Answer::Unclear => return,
    };
    if matches!(found, Some(None | Some(0))) {
        // No number at all, which is found as such.
        return;
    }
    report.judge(found == Some(Some(expected)), || {
        let seen = match found {
            Some(Some(number)) => format!("the reply {number}"),
            Some(None) => "a reply without number".to_owned(),
            None => "no reply".to_owned(),
        };
        scene.breach_of_answer().with(first).expected(format!("the reply {expected} again")).seen(seen)
    });
}

fn acknowledged_by_source(view: &View, report: &mut Report<'_>) {
    for sequence in &view.sequences {
        let Some(replies) = view.peer(sequence).filter(|replies| replies.irregular() == 0) else { continue };
        if !sequence.is_anonymous() || !view.is_regular(sequence) {
            continue;
        }
        let is_one_by_one = view.is_one_by_one(sequence);
        let mut said: Vec<(usize, NumberSet)> = Vec::new();
        for sent in sequence.messages.values() {
            let Some(first) = sent.first() else { continue };
            let mut come = if is_one_by_one { come(first, replies) } else { known(view, first, replies) };
            // Messages are made in the order of their numbers, whatever is under way meanwhile.
            for (_, earlier) in said.iter().filter(|(order, _)| *order < first.order) {
                come.add_all(earlier);
            }
            judge_acknowledged(view, first, replies, &come, report);
            let own = acknowledged_by(first, replies);
            for again in sent.iter().skip(1) {
                judge_acknowledged(view, again, replies, &own, report);
            }
            said.push((first.order, own));
        }
    }
}

/// The replies that a message acknowledges, as far as they had come.
fn acknowledged_by(sent: &Transmission, replies: &SequenceView) -> NumberSet {
    let ack = sent.observation.soap().and_then(|message| acknowledgement_of(message, replies));
    let covered = ack.map(AcknowledgementFacts::covered).unwrap_or_default();
    let come = come(sent, replies);
    covered.without(&covered.without(&come))
}

/// The replies that had come when a message was sent.
fn come(sent: &Transmission, replies: &SequenceView) -> NumberSet {
    let has_come = |reply: &Transmission| reply.order < sent.order && reply.observation.is_delivered();
    let come = replies.messages.iter().filter(|(_, replies)| replies.iter().any(has_come));
    come.map(|(number, _)| *number).collect()
}

/// The replies that had been acknowledged in exchanges that were over: a client that sends several messages at once
/// makes them ready while other replies are still under way.
fn known(view: &View, sent: &Transmission, replies: &SequenceView) -> NumberSet {
    let mut told = NumberSet::default();
    for record in &replies.acks {
        let exchange = view.exchange(&record.observation.exchange);
        if exchange.and_then(|exchange| exchange.ended).is_some_and(|ended| ended < sent.order) {
            told.add_all(&record.received);
        }
    }
    told
}

fn judge_acknowledged(
    view: &View,
    sent: &Transmission,
    replies: &SequenceView,
    come: &NumberSet,
    report: &mut Report<'_>,
) {
    let Some(message) = sent.observation.soap().filter(|_| !come.is_empty()) else { return };
    let Told::Covered(covered, ack) = told(view, message, sent.observation.sender, replies) else { return };
    report.judge(come.without(&covered).is_empty(), || {
        let span = ack.map_or(&message.body_span, |ack| &ack.node.span);
        let breach = Breach::by(&sent.observation).at(span);
        breach.expected(format!("an acknowledgement of the replies {come}")).seen(covered.to_string())
    });
}

fn bare_acknowledgement(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((request, Answer::Soap(message))) = scene.answer() else { return };
    let Some((sequence, number)) = asked(scene, request) else { return };
    let is_fresh =
        sequence.messages.get(&number).is_some_and(|sent| sent.len() == 1) && sequence.irregular() == 0;
    let wants_reply = request.message_id().is_some()
        && request.endpoint("ReplyTo").is_some_and(|endpoint| endpoint.is_anonymous())
        && request.is_application();
    let is_two_way = sequence.peer.is_some() && sequence.is_anonymous() && wants_reply;
    let is_copied = scene.exchange.is_some_and(|exchange| exchange.is_copied);
    if is_two_way && is_fresh && !is_copied && scene.observation.half == Half::Response {
        report.judge(!is_bare_acknowledgement(message), || {
            scene.breach_of_answer().expected("the reply").or("a fault").seen("an acknowledgement alone")
        });
    }
}

fn anonymous(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message.filter(|_| scene.observation.half == Half::Request) else { return };
    let Some((sequence, _)) = super::form::placed(scene, message) else { return };
    let Some(endpoint) = message.endpoint("ReplyTo") else { return };
    if sequence.is_anonymous() && sequence.peer.is_some() && message.is_application() {
        report.judge(endpoint.is_anonymous(), || {
            scene.breach().at(&endpoint.span).expected("the anonymous address").seen(endpoint.address())
        });
    }
}
