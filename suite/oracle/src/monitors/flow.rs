//! Flow control.

use super::form::placed;
use crate::message::AcknowledgementFacts;
use crate::monitor::{Breach, Check, Report, Scene};
use crate::trace::Half;
use crate::view::View;

pub(super) const CHECKS: &[Check] = &[
    Check::message("flow.value", value),
    Check::end("flow.always", always),
    Check::message("flow.range", range),
    Check::message("flow.no-new-at-zero", no_new_at_zero),
];

fn headers<'a>(scene: &Scene<'a>) -> &'a [AcknowledgementFacts] {
    scene.message.map_or(&[], |message| &message.acknowledgements)
}

fn value(scene: &Scene<'_>, report: &mut Report<'_>) {
    for ack in headers(scene).iter().filter(|ack| !ack.buffers.is_empty()) {
        let is_kept = ack.buffer_remaining().is_some_and(|buffer| buffer <= 2_147_483_647);
        report.judge(is_kept, || {
            let breach = scene.breach().at(&ack.node.span);
            breach.expected("one BufferRemaining, from 0 to 2147483647").seen(ack.buffers.join(", "))
        });
    }
}

fn always(view: &View, report: &mut Report<'_>) {
    for sequence in &view.sequences {
        let Some(told) = sequence.acks.iter().find(|record| record.buffer.is_some()) else { continue };
        for record in &sequence.acks {
            let message = record.observation.soap();
            let mut acks = message.iter().flat_map(|message| &message.acknowledgements);
            let ack = acks.find(|ack| ack.identifier.as_ref() == Some(&sequence.identifier));
            let Some(ack) = ack else { continue };
            report.judge(!ack.buffers.is_empty(), || {
                let breach = Breach::by(&record.observation).at(&ack.node.span).with(&told.observation);
                breach.expected("BufferRemaining, as elsewhere").seen("none")
            });
        }
    }
}

fn range(scene: &Scene<'_>, report: &mut Report<'_>) {
    for ack in headers(scene) {
        if let Some(buffer) = ack.buffer_remaining() {
            report.judge(buffer <= 4096, || {
                scene.breach().at(&ack.node.span).expected("at most 4096").seen(buffer.to_string())
            });
        }
    }
}

fn no_new_at_zero(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message.filter(|_| scene.observation.half == Half::Request) else { return };
    let Some((sequence, number)) = placed(scene, message) else { return };
    // What is under way may tell of room, or was sent before it was told that there is none.
    if sequence.first(number).is_some() || scene.view.open > 0 || !message.is_application() {
        return;
    }
    let told = sequence.acks.iter().rev().filter(|record| record.observation.is_delivered());
    let last = told.into_iter().find(|record| record.buffer.is_some());
    if let Some(last) = last {
        report.judge(last.buffer != Some(0), || {
            let breach = scene.breach().with(&last.observation);
            breach.expected("no new message: there is no room").seen(format!("the number {number}"))
        });
    }
}
