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

/// How a replay fits: how many messages differ, how far all lie apart in time; and whether another round-trip time may
/// help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fit {
    pub(super) differ: usize,
    pub(super) apart: u64,
    pub(super) may_improve: bool,
}

/// Replays with one round-trip time after the other, until one fits; otherwise the best of them counts.
///
/// WCF waits max(400 ms + RTT, RTT + 4 x deviation) before the first repetition, where the deviation starts at half
/// the round-trip time, and twice the time before each further one. Timers may be late and never early, so the
/// shortest time that the repetitions of one message allow is the likeliest.
pub(super) fn search<T>(plan: &Plan<'_>, attempt: impl FnMut(Duration, Pace) -> (Fit, T)) -> T {
    let wire = plan
        .requests
        .iter()
        .find(|request| request.key.is(Action::CreateSequence))
        .map_or(Duration::from_millis(20), |request| request.answered - request.sent);
    let mut likely = if plan.compared { likely(plan) } else { Vec::new() };
    likely.push(wire);
    likely.retain(|round_trip| *round_trip <= MAX);
    let first = likely.first().copied().unwrap_or(MAX);
    let mut search = Search::new(attempt, first);
    for round_trip in likely.into_iter().skip(1) {
        search.try_one(round_trip, Pace::Prompt);
    }
    let mut step = Duration::from_millis(10);
    for _ in 0..COARSE.1 {
        search.try_one(step, Pace::Prompt);
        step += step / COARSE.0;
    }
    for pace in [Pace::Prompt, Pace::Slow] {
        let middle = search.round_trip;
        search.try_one(middle, pace);
        for k in 1..=FINE.1 {
            search.try_one(middle + middle * k / FINE.0, pace);
            search.try_one(middle.saturating_sub(middle * k / FINE.0), pace);
        }
    }
    search.result
}

/// The best of the attempts so far.
struct Search<T, A> {
    attempt: A,
    fit: Fit,
    round_trip: Duration,
    result: T,
}

impl<T, A: FnMut(Duration, Pace) -> (Fit, T)> Search<T, A> {
    fn new(mut attempt: A, round_trip: Duration) -> Self {
        let (fit, result) = attempt(round_trip, Pace::Prompt);
        Self { attempt, fit, round_trip, result }
    }

    fn try_one(&mut self, round_trip: Duration, pace: Pace) {
        if !self.fit.may_improve {
            return;
        }
        let (fit, result) = (self.attempt)(round_trip, pace);
        if fit < self.fit {
            (self.fit, self.round_trip, self.result) = (fit, round_trip, result);
        }
    }
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
