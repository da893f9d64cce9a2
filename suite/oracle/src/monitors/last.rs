//! Ending a sequence in RM 1.0: the last message.

use wsrm_wire::RmVersion;

use super::close::by_source;
use super::form::{Told, asked, placed, told};
use crate::message::{LifecycleKind, Message};
use crate::monitor::{Answer, Breach, Check, Report, Scene};
use crate::trace::{Half, Observation};
use crate::view::{ExchangeView, SequenceView, Transmission, View};

pub(super) const CHECKS: &[Check] = &[
    Check::end("last.number-above", number_above),
    Check::end("last.single", single),
    Check::message("last.empty-body", empty_body),
    Check::message("last.element", element),
    Check::message("last.action", action),
    Check::message("last.before-terminate", before_terminate),
    Check::end("last.exceeded-fault", exceeded_fault),
    Check::end("last.acknowledged", acknowledged),
    Check::message("last.answered", answered),
];

fn number_above(view: &View, report: &mut Report<'_>) {
    for sequence in view.sequences.iter().filter(|sequence| sequence.rm == Some(RmVersion::February2005)) {
        let marks = sequence.last_numbers();
        // A number that leaves the row is what is wrong, and found as such.
        let Some(lowest) = marks.first().copied().filter(|_| sequence.irregular() == 0) else { continue };
        let above = sequence.messages.range(lowest.saturating_add(1)..).next();
        let marked = sequence.messages.get(&lowest).map_or(&[][..], Vec::as_slice);
        let mark = marked.iter().find(|one| one.is_last);
        match (above.and_then(|(number, sent)| Some((number, sent.first()?))), mark) {
            (Some((number, sent)), Some(mark)) => {
                // Where another is marked as well, or not each time, the mark is what is wrong.
                let is_mark_wrong = marks.len() > 1 || marked.iter().any(|one| !one.is_last);
                let (breach, expected, seen) = if is_mark_wrong {
                    let breach = Breach::by(&mark.observation).with(&sent.observation);
                    (
                        breach,
                        "LastMessage on the last message alone".to_owned(),
                        format!("it on {lowest} too"),
                    )
                } else {
                    let breach = Breach::by(&sent.observation).with(&mark.observation);
                    (breach, format!("no number above {lowest}"), number.to_string())
                };
                report.violated(breach.expected(expected).seen(seen));
            }
            _ => report.met_by(sequence.source),
        }
    }
}

fn single(view: &View, report: &mut Report<'_>) {
    for sequence in view.sequences.iter().filter(|sequence| sequence.rm == Some(RmVersion::February2005)) {
        let marks = sequence.last_numbers();
        let Some((lowest, highest)) = marks.first().copied().zip(marks.last().copied()) else { continue };
        if sequence.conflicts > 0 {
            continue;
        }
        let of = |number: u64| sequence.messages.get(&number).map_or(&[][..], Vec::as_slice);
        let is_mixed = of(lowest).iter().any(|one| !one.is_last);
        if lowest != highest && sequence.irregular() > 0 {
            continue;
        }
        // An empty message with the action of the last is it; of any other the mark is what is wrong.
        let says_last =
            |one: &Transmission| one.action.as_deref().is_some_and(|action| action.ends_with("/LastMessage"));
        let wrong = of(lowest).iter().find(|one| one.is_last != says_last(one));
        // That the element is missing is found by itself.
        if wrong.is_some_and(|wrong| !wrong.is_last) && lowest == highest {
            continue;
        }
        if lowest == highest && !is_mixed {
            report.met_by(sequence.source);
        } else if let Some(wrong) = wrong {
            let breach = Breach::by(&wrong.observation);
            let breach = breach.expected("one number marked as last, each time that it is sent");
            report.violated(breach.seen(if wrong.is_last { "another mark" } else { "no mark this time" }));
        } else if let Some(first) = of(lowest).first().filter(|_| lowest != highest) {
            let breach = Breach::by(&first.observation).expected("one number marked as last");
            report.violated(breach.seen(format!("{lowest} and {highest}")));
        }
    }
}

fn is_last_message(message: &Message) -> bool {
    message.rm_action() == Some("LastMessage")
}

fn empty_body(scene: &Scene<'_>, report: &mut Report<'_>) {
    if let Some(message) = scene.message.filter(|message| is_last_message(message)) {
        report.judge(message.body.is_empty(), || {
            scene.breach().at(&message.body_span).expected("an empty Body").seen("elements")
        });
    }
}

fn element(scene: &Scene<'_>, report: &mut Report<'_>) {
    if let Some(message) = scene.message.filter(|message| is_last_message(message)) {
        let header = message.sequences.first();
        report.judge(header.is_some_and(|header| header.is_last), || {
            let span = header.map_or(&message.body_span, |header| &header.node.span);
            scene.breach().at(span).expected("a Sequence header with LastMessage").seen("none")
        });
    }
}

fn action(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message else { return };
    if message.sequences.first().is_some_and(|header| header.is_last) {
        report.judge(is_last_message(message), || {
            let breach =
                scene.breach().expected("LastMessage on an empty message with the LastMessage action");
            breach.seen(message.action().unwrap_or("no action"))
        });
    }
}

fn before_terminate(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((_, lifecycle, sequence)) = by_source(scene, LifecycleKind::Terminate) else { return };
    let said_so = sequence.messages.values().flatten().any(|sent| {
        sent.is_last || sent.action.as_deref().is_some_and(|action| action.ends_with("/LastMessage"))
    });
    let is_whole = sequence.is_whole() && scene.view.unplaced(sequence.source) == 0;
    // The answer to the end of the other sequence ends this one, whatever was sent.
    if is_whole && !sequence.is_faulted() && scene.observation.half == Half::Request {
        report.judge(said_so, || {
            let breach = scene.breach().at(&lifecycle.node.span);
            breach.expected("the last message before TerminateSequence").seen("none")
        });
    }
}

fn exceeded_fault(view: &View, report: &mut Report<'_>) {
    for exchange in view.exchanges.iter().filter(|exchange| exchange.request.is_delivered()) {
        let header = exchange.request.soap().and_then(|request| request.sequences.first());
        let Some((header, number)) = header.and_then(|header| Some((header, header.number?))) else {
            continue;
        };
        let sequence = header.identifier.as_deref().and_then(|identifier| view.sequence(identifier));
        let Some(sequence) = sequence.filter(|sequence| sequence.source == exchange.sender) else { continue };
        let Some(response) = exchange.response.as_ref() else { continue };
        if header.version == RmVersion::February2005 && exceeds(sequence, number, exchange.started) {
            judge_exceeded(exchange, response, report);
        }
    }
}

/// Whether the number is above the only one that was marked as last, in a sequence that was not over.
fn exceeds(sequence: &SequenceView, number: u64, started: usize) -> bool {
    // Where two are marked, the first mark is what is wrong.
    let [last] = sequence.last_numbers()[..] else { return false };
    let marked = sequence.messages.get(&last).map_or(&[][..], Vec::as_slice);
    let is_mixed = marked.iter().any(|one| !one.is_last) || sequence.conflicts > 0;
    let is_before = marked.first().is_none_or(|mark| mark.order > started);
    let is_over = sequence.faults.iter().any(|fault| fault.order < started);
    number > last && !is_mixed && !is_before && !is_over
}

fn judge_exceeded(exchange: &ExchangeView, response: &Observation, report: &mut Report<'_>) {
    let fault = response.soap().and_then(|message| message.fault.as_ref());
    let name = fault.and_then(|fault| fault.rm.as_ref()).map(|rm| rm.name.as_str());
    let is_success = response.is_empty_success() || response.soap().is_some();
    if name == Some("LastMessageNumberExceeded") {
        report.met();
    } else if fault.is_none() && is_success {
        let breach = Breach::by(response).with(&exchange.request).expected("LastMessageNumberExceeded");
        report.violated(breach.seen("an answer of success"));
    }
}

fn covers(message: &Message, sequence: &SequenceView, number: u64) -> bool {
    message
        .acknowledgements
        .iter()
        .any(|ack| ack.identifier.as_ref() == Some(&sequence.identifier) && ack.covered().contains(number))
}

/// A request that is the last message, nothing missing below it, in a sequence whose answers come on its responses.
fn last_request<'a>(scene: &Scene<'a>) -> Option<(Answer<'a>, &'a SequenceView, u64)> {
    let (request, answer) = scene.answer().filter(|_| scene.observation.half == Half::Response)?;
    let (sequence, number) = asked(scene, request)?;
    let is_last = is_last_message(request) && request.sequences.first().is_some_and(|header| header.is_last);
    (is_last && is_acknowledgeable(sequence, number)).then_some((answer, sequence, number))
}

/// Whether an acknowledgement of the number can be asked for: nothing is missing below it.
fn is_acknowledgeable(sequence: &SequenceView, number: u64) -> bool {
    let is_in_order = sequence.arrived.len() >= number && sequence.irregular() == 0;
    is_in_order && sequence.is_anonymous()
}

fn acknowledged(view: &View, report: &mut Report<'_>) {
    for sequence in view.sequences.iter().filter(|sequence| sequence.rm == Some(RmVersion::February2005)) {
        // Where another is marked as well, one of the marks is wrong.
        let [last] = sequence.last_numbers()[..] else { continue };
        for sent in sequence.messages.get(&last).into_iter().flatten() {
            let is_asked =
                sent.is_last && sent.observation.is_delivered() && is_acknowledgeable(sequence, last);
            let exchange = view.exchange(&sent.observation.exchange).filter(|_| is_asked);
            let response = exchange.and_then(|exchange| Some((exchange, exchange.response.as_ref()?)));
            let Some((exchange, response)) = response else { continue };
            let is_over =
                sequence.faults.iter().any(|fault| fault.order < exchange.ended.unwrap_or(usize::MAX));
            if !is_over {
                judge_last_acknowledged(view, sequence, last, response, report);
            }
        }
    }
}

/// Whether it is the whole answer that is missing where there is none, or it is not known whether one was due.
fn is_judged_as_answer(view: &View, sequence: &SequenceView, last: u64) -> bool {
    let action = sequence.first(last).and_then(|sent| sent.action.as_deref());
    let is_two_way = sequence.peer.is_some() && action.is_none_or(|action| action.ends_with("/LastMessage"));
    is_two_way || !(view.is_complete() || view.is_one_way(sequence))
}

fn judge_last_acknowledged(
    view: &View,
    sequence: &SequenceView,
    last: u64,
    response: &Observation,
    report: &mut Report<'_>,
) {
    let is_kept = match response.soap() {
        Some(message) if message.fault.is_some() => return,
        Some(message) => match told(view, message, response.sender, sequence) {
            Told::Covered(covered, _) => covered.contains(last),
            Told::Unclear => return,
        },
        None if response.is_empty_success() && !is_judged_as_answer(view, sequence, last) => false,
        None => return,
    };
    report.judge(is_kept, || {
        let request = view.exchange(&response.exchange).map(|exchange| &exchange.request);
        let breach = Breach::by(response).expected(format!("an acknowledgement of {last}")).seen("none");
        request.map_or_else(|| Breach::by(response), |request| breach.with(request))
    });
}

fn answered(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((answer, sequence, number)) = last_request(scene) else { return };
    let Some(peer) = scene.view.peer(sequence).filter(|_| !sequence.is_faulted()) else { return };
    let is_kept = match answer {
        Answer::Soap(message) => {
            let is_reply =
                placed(scene, message).is_some_and(|(reply, _)| reply.identifier == peer.identifier);
            // A header that is wrong in itself is found where it is judged.
            (is_reply || !message.sequences.is_empty() || is_last_message(message))
                && (covers(message, sequence, number) || !message.acknowledgements.is_empty())
        }
        Answer::Empty => false,
        Answer::Fault(_) | Answer::Unclear => return,
    };
    report.judge(is_kept, || {
        let breach =
            scene.breach_of_answer().expected("a LastMessage of the reply sequence that acknowledges it");
        breach.seen("none")
    });
}
