//! When a source sends, and sends again.
//!
//! Times are those of whoever recorded, so a machine under load or a slow way stretches them: what is held against a
//! source is only what no delay explains.

use super::form::placed;
use crate::message::Message;
use crate::monitor::{Check, Report, Scene};
use crate::trace::{Half, Party};
use crate::view::{SequenceView, Transmission, View};

pub(super) const CHECKS: &[Check] = &[
    Check::message("delivery.retransmission-interval", interval),
    Check::message("delivery.backoff", backoff),
    Check::message("delivery.stops", stops),
    Check::message("flow.slow-start", slow_start),
];

/// The shortest time after which WCF sends again is 400 ms and a round trip; less, as the ways of two messages differ.
const SHORTEST: u64 = 250;

/// What the waits are doubled from at the least, in milliseconds.
const FIRST: u64 = 320;

/// How much later than it should a timer of a source may fire, in milliseconds.
const LATE: u64 = 1000;

/// How long after an answer a repetition may still be on its way, in milliseconds.
const CROSSING: u64 = 1000;

/// A message that a client sends again.
struct Repetition<'a> {
    sequence: &'a SequenceView,
    number: u64,
    sent: &'a [Transmission],
    at: Option<u64>,
}

fn repetition<'a>(scene: &Scene<'a>) -> Option<Repetition<'a>> {
    let message = scene.message.filter(|_| scene.observation.half == Half::Request)?;
    let (sequence, number) = placed(scene, message)?;
    let sent = sequence.messages.get(&number)?;
    let is_same = sent.first()?.message_id.as_deref() == message.message_id();
    let is_plain = sequence.conflicts == 0 && sent.iter().all(|one| one.observation.half == Half::Request);
    let found = Repetition { sequence, number, sent, at: scene.observation.at };
    (is_same && is_plain).then_some(found)
}

impl Repetition<'_> {
    /// Whether the source heard nothing of the sequence since then.
    fn is_silent_since(&self, order: usize) -> bool {
        let heard = |one: &crate::view::AckRecord| one.order > order && one.observation.is_delivered();
        !self.sequence.acks.iter().any(|one| heard(one))
    }

    /// The times between transmissions of the message since the source last heard of the sequence, this one as the last.
    fn intervals(&self) -> Vec<u64> {
        let since = self.sent.iter().skip_while(|one| !self.is_silent_since(one.order));
        let times: Option<Vec<u64>> = since.map(|one| one.observation.at).chain([self.at]).collect();
        let times = times.unwrap_or_default();
        times.windows(2).filter_map(|pair| Some(pair.last()?.saturating_sub(*pair.first()?))).collect()
    }
}

fn interval(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(found) = repetition(scene) else { return };
    if let (Some(last), Some(waited)) = (found.sent.last(), found.intervals().last()) {
        report.judge(*waited >= SHORTEST, || {
            let breach = scene.breach().with(&last.observation);
            breach.expected("it again after 400 ms and a round trip").seen(format!("after {waited} ms"))
        });
    }
}

fn backoff(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(found) = repetition(scene) else { return };
    let intervals = found.intervals();
    let [.., before, waited] = intervals.as_slice() else { return };
    let doublings = u32::try_from(intervals.len().saturating_sub(1)).unwrap_or(u32::MAX);
    let of_before = before.saturating_sub(LATE).saturating_mul(2);
    let of_all = FIRST.saturating_mul(2_u64.saturating_pow(doublings));
    report.judge(*waited >= of_before.max(of_all), || {
        let last = found.sent.last();
        let breach = last.map_or_else(|| scene.breach(), |last| scene.breach().with(&last.observation));
        breach
            .expected(format!("twice as long a wait as the {before} ms before"))
            .seen(format!("{waited} ms"))
    });
}

/// Whether an answer to one of these came to the source long before this moment, and with it all that it waits for.
fn was_answered(view: &View, found: &Repetition<'_>) -> bool {
    let is_old =
        |at: Option<u64>| at.zip(found.at).is_some_and(|(then, now)| then.saturating_add(CROSSING) <= now);
    let acknowledges = found.sequence.acks.iter().any(|record| {
        record.covered.contains(found.number)
            && record.observation.is_delivered()
            && is_old(record.observation.at)
    });
    let replies = |sent: &Transmission| {
        let exchange = view.exchange(&sent.observation.exchange);
        let response = exchange.and_then(|exchange| exchange.response.as_ref());
        response.is_some_and(|response| {
            let is_reply = |message: &Message| message.fault.is_some() || !message.sequences.is_empty();
            response.is_delivered() && is_old(response.at) && response.soap().is_some_and(is_reply)
        })
    };
    // In a mixed contract what wants no reply has no MessageID.
    let wants_reply = found.sent.iter().any(|sent| sent.message_id.is_some());
    let is_one_way = found.sequence.peer.is_none() || !wants_reply;
    acknowledges && (is_one_way || found.sent.iter().any(replies))
}

fn stops(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(found) = repetition(scene).filter(|found| found.sequence.is_anonymous()) else { return };
    if found.at.is_some() {
        report.judge(!was_answered(scene.view, &found), || {
            let first = found.sent.first();
            let breach =
                first.map_or_else(|| scene.breach(), |first| scene.breach().with(&first.observation));
            breach.expected("no repetition: it was acknowledged and answered").seen("it again")
        });
    }
}

/// The most messages that a WCF client has under way.
const WIDEST: usize = 4096;

fn slow_start(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message.filter(|_| scene.observation.half == Half::Request) else { return };
    let Some((sequence, number)) = placed(scene, message) else { return };
    let is_client = sequence.source == Party::Initiator && sequence.is_anonymous();
    if !is_client || sequence.first(number).is_some() || !scene.view.is_regular(sequence) {
        return;
    }
    let is_answered = |sent: &Transmission| {
        let exchange = scene.view.exchange(&sent.observation.exchange);
        let response = exchange.and_then(|exchange| exchange.response.as_ref());
        response.is_some_and(|response| response.is_delivered())
    };
    let is_open = |(number, sent): &(&u64, &Vec<Transmission>)| {
        !sequence.acknowledged_to_source.contains(**number) && !sent.iter().any(is_answered)
    };
    let open = sequence.messages.iter().filter(is_open).count();
    // The window is one message at first, and wider by one with each that is acknowledged.
    let window = sequence.messages.len().saturating_sub(open).saturating_add(1).min(WIDEST);
    report.judge(open < window, || {
        let expected = format!("at most {window} messages under way");
        scene.breach().expected(expected).seen(format!("{number}, the {}. at a time", open + 1))
    });
}
