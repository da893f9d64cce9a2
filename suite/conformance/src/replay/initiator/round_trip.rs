//! Which round-trip time the recorded client may have seen while opening.

use std::time::Duration;

use wsrm_wire::Action;

use super::Pace;
use super::plan::{Plan, Planned};

/// More than any client saw while it opened, loading its code included.
const MAX: Duration = Duration::from_secs(3);

/// How far two attempts of the coarse search lie apart, and how many there are: 10 ms to 3 s.
const COARSE: (u32, u32) = (4, 26);
/// The same for the fine search around the best of them.
const FINE: (u32, u32) = (64, 16);

/// Replays with one round-trip time after the other, until one fits; otherwise the best of them counts.
///
/// WCF waits max(400 ms + RTT, RTT + 4 x deviation) before the first repetition, where the deviation starts at half
/// the round-trip time, and twice the time before each further one. Timers may be late and never early, so the
/// shortest time that the repetitions of one message allow is the likeliest.
pub(super) fn search<T>(plan: &Plan<'_>, mut attempt: impl FnMut(Duration, Pace) -> ((usize, u64), T)) -> T {
    let best = search_at(plan, Pace::Prompt, &mut attempt);
    if best.0.0 == 0 {
        return best.1;
    }
    let slow = search_at(plan, Pace::Slow, &mut attempt);
    if slow.0 < best.0 { slow.1 } else { best.1 }
}

fn search_at<T>(
    plan: &Plan<'_>,
    pace: Pace,
    attempt: &mut impl FnMut(Duration, Pace) -> ((usize, u64), T),
) -> ((usize, u64), T) {
    let wire = plan
        .requests
        .iter()
        .find(|request| request.key.is(Action::CreateSequence))
        .map_or(Duration::from_millis(20), |request| request.answered - request.sent);
    let mut likely = if plan.compared { likely(plan) } else { Vec::new() };
    likely.push(wire);
    likely.retain(|round_trip| *round_trip <= MAX);
    let (first, rest) =
        likely.split_first().map_or((wire.min(MAX), [].as_slice()), |(first, rest)| (*first, rest));
    let (score, result) = attempt(first, pace);
    let mut best = (score, first, result);
    let mut try_one = |best: &mut ((usize, u64), Duration, T), round_trip| {
        if best.0.0 > 0 {
            let (score, result) = attempt(round_trip, pace);
            if score < best.0 {
                *best = (score, round_trip, result);
            }
        }
    };
    for round_trip in rest {
        try_one(&mut best, *round_trip);
    }
    let mut step = Duration::from_millis(10);
    for _ in 0..COARSE.1 {
        try_one(&mut best, step);
        step += step / COARSE.0;
    }
    let middle = best.1;
    for k in 1..=FINE.1 {
        try_one(&mut best, middle + middle * k / FINE.0);
        try_one(&mut best, middle.saturating_sub(middle * k / FINE.0));
    }
    (best.0, best.2)
}

/// The round-trip times that the repetitions of each message speak for.
fn likely(plan: &Plan<'_>) -> Vec<Duration> {
    let mut seen = Vec::new();
    let mut likely = Vec::new();
    for request in plan.requests.iter().filter(|request| request.key.number().is_some()) {
        if seen.contains(&&request.key) {
            continue;
        }
        seen.push(&request.key);
        if let Some(timeout) = first_timeout(plan, request) {
            let round_trip = match timeout {
                timeout if timeout >= Duration::from_millis(600) => timeout / 3,
                timeout => timeout.saturating_sub(Duration::from_millis(400)),
            };
            likely.push(round_trip);
            likely.push(round_trip.saturating_sub(Duration::from_millis(15)));
        }
    }
    likely
}

/// The longest time-out that no repetition of `request` contradicts.
fn first_timeout(plan: &Plan<'_>, request: &Planned<'_>) -> Option<Duration> {
    let times: Vec<_> =
        plan.requests.iter().filter(|other| other.key == request.key).map(|other| other.sent).collect();
    let intervals = times.iter().zip(times.iter().skip(1)).map(|(before, after)| *after - *before);
    intervals.zip(0_u32..16).map(|(interval, attempt)| interval / 2_u32.pow(attempt)).min()
}
