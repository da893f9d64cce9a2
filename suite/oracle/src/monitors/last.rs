//! Ending a sequence in RM 1.0: the last message.

use super::close::by_source;
use super::form::{asked, placed};
use crate::message::{LifecycleKind, Message};
use crate::monitor::{Answer, Breach, Check, Report, Scene};
use crate::trace::Half;
use crate::view::{SequenceView, View};

pub(super) const CHECKS: &[Check] = &[
    Check::end("last.number-above", number_above),
    Check::end("last.single", single),
    Check::message("last.empty-body", empty_body),
    Check::message("last.element", element),
    Check::message("last.action", action),
    Check::message("last.before-terminate", before_terminate),
    Check::message("last.exceeded-fault", exceeded_fault),
    Check::message("last.acknowledged", acknowledged),
    Check::message("last.answered", answered),
];

fn number_above(view: &View, report: &mut Report<'_>) {
    for sequence in &view.sequences {
        if !report.holds_for(sequence) {
            continue;
        }
        let marks = sequence.last_numbers();
        let Some(lowest) = marks.first().copied() else { continue };
        let above = sequence.messages.range(lowest.saturating_add(1)..).next();
        let mark = sequence.messages.get(&lowest).and_then(|sent| sent.iter().find(|one| one.is_last));
        match (above, mark) {
            (Some((number, sent)), Some(mark)) => {
                let Some(sent) = sent.first() else { continue };
                // Where the true last message is marked as well, the other mark is the one that is wrong.
                let (breach, expected, seen) = if marks.len() > 1 {
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
            _ => report.met(),
        }
    }
}

fn single(view: &View, report: &mut Report<'_>) {
    for sequence in &view.sequences {
        if !report.holds_for(sequence) {
            continue;
        }
        let marks = sequence.last_numbers();
        let Some((lowest, highest)) = marks.first().copied().zip(marks.last().copied()) else { continue };
        let wrong = sequence.messages.get(&lowest).and_then(|sent| sent.iter().find(|one| one.is_last));
        let lost = sequence.messages.get(&highest).and_then(|sent| sent.iter().find(|one| !one.is_last));
        if let Some(wrong) = wrong.filter(|_| lowest != highest) {
            let breach = Breach::by(&wrong.observation).expected("one number marked as last");
            report.violated(breach.seen(format!("{lowest} and {highest}")));
        } else if let Some(lost) = lost {
            let breach = Breach::by(&lost.observation).expected("LastMessage each time that it is sent");
            report.violated(breach.seen("not this time"));
        } else {
            report.met();
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

fn exceeded_fault(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((request, answer)) = scene.answer() else { return };
    let Some((sequence, number)) = asked(scene, request) else { return };
    let is_last = request.sequences.first().is_some_and(|header| header.is_last);
    let exceeds = sequence.last_numbers().first().is_some_and(|last| number > *last);
    let is_over = sequence
        .faults
        .iter()
        .any(|fault| fault.order < scene.exchange.map_or(0, |exchange| exchange.started));
    if !exceeds || is_over {
        return;
    }
    match answer {
        Answer::Fault(fault) => {
            if fault.rm.as_ref().is_some_and(|rm| rm.name == "LastMessageNumberExceeded") {
                report.met();
            }
        }
        // Where messages go on to the true last one, the first mark is what is wrong.
        Answer::Soap(message)
            if !is_last && covers(message, sequence, number) && has_reply_pattern(message) => {}
        Answer::Soap(_) | Answer::Empty if !is_last => {
            let breach = scene.breach_of_answer().expected("LastMessageNumberExceeded");
            report.violated(breach.seen("an answer of success"));
        }
        Answer::Soap(_) | Answer::Empty | Answer::Unclear => {}
    }
}

/// Whether it answers as if the sequence went on: an application's reply in a sequence of its own.
fn has_reply_pattern(message: &Message) -> bool {
    message.is_application() && !message.sequences.is_empty()
}

fn covers(message: &Message, sequence: &SequenceView, number: u64) -> bool {
    message
        .acknowledgements
        .iter()
        .any(|ack| ack.identifier.as_ref() == Some(&sequence.identifier) && ack.covered().contains(number))
}

/// A request that is marked as last, nothing missing below it, in a sequence whose answers come on its responses.
fn last_request<'a>(scene: &Scene<'a>) -> Option<(Answer<'a>, &'a SequenceView, u64)> {
    let (request, answer) = scene.answer().filter(|_| scene.observation.half == Half::Response)?;
    let (sequence, number) = asked(scene, request)?;
    let is_last = request.sequences.first().is_some_and(|header| header.is_last);
    let is_in_order = sequence.arrived.len() >= number && sequence.irregular == 0;
    (is_last && is_in_order && sequence.is_anonymous() && !sequence.is_faulted())
        .then_some((answer, sequence, number))
}

fn acknowledged(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((answer, sequence, number)) = last_request(scene) else { return };
    let is_kept = match answer {
        Answer::Soap(message) => covers(message, sequence, number),
        Answer::Empty => false,
        Answer::Fault(_) | Answer::Unclear => return,
    };
    report.judge(is_kept, || {
        scene.breach_of_answer().expected(format!("an acknowledgement of {number}")).seen("none")
    });
}

fn answered(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((answer, sequence, number)) = last_request(scene) else { return };
    let Some(peer) = scene.view.peer(sequence) else { return };
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
