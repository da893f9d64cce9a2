//! What could have been acknowledged at a moment, where several things happened at once.

use std::collections::{BTreeSet, HashMap};

use wsrm_protocol::Timestamp;
use wsrm_wire::{AcknowledgementRange, HeaderKind};

use super::rule::{RACE, Rule};
use crate::content::Content;
use crate::recording::{Exchange, HttpMessage};

/// What an acknowledgement says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State {
    pub(super) sequence: String,
    pub(super) ranges: Vec<AcknowledgementRange>,
    pub(super) buffer_remaining: Option<u32>,
    pub(super) is_final: bool,
}

/// When the numbered messages of each sequence came to the side that acknowledges them.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    times: HashMap<(String, u64), Vec<Timestamp>>,
}

/// Numbers that are counted one by one.
const MAX_NUMBERS: u64 = 10_000;

impl Arrivals {
    pub(super) fn add(&mut self, message: &HttpMessage, at: Timestamp) {
        if let Some(key) = numbered(message) {
            self.times.entry(key).or_default().push(at);
        }
    }

    /// Whether all numbers in which two states differ came between `from` and `to`.
    fn explain(&self, ours: &State, recorded: &State, from: Timestamp, to: Timestamp) -> bool {
        let (Some(mine), Some(theirs)) = (numbers(&ours.ranges), numbers(&recorded.ranges)) else {
            return false;
        };
        mine.symmetric_difference(&theirs).all(|number| {
            let arrivals = self.times.get(&(ours.sequence.clone(), *number));
            arrivals.is_some_and(|arrivals| arrivals.iter().any(|at| (from..=to).contains(at)))
        })
    }

    /// How many messages of a sequence came between `from` and `to`.
    fn count(&self, sequence: &str, from: Timestamp, to: Timestamp) -> usize {
        self.times
            .iter()
            .filter(|((of, _), _)| of == sequence)
            .flat_map(|(_, times)| times)
            .filter(|at| (from..=to).contains(*at))
            .count()
    }
}

/// The messages that a recorded service got.
#[derive(Debug)]
pub(super) struct Requests {
    arrivals: Arrivals,
    /// Whether its sessions are one-way: only those hold messages back for the dispatcher.
    one_way: bool,
}

impl Requests {
    pub(super) fn new<'e>(exchanges: impl Iterator<Item = (Timestamp, &'e Exchange)>, one_way: bool) -> Self {
        let mut arrivals = Arrivals::default();
        for (at, exchange) in exchanges.filter(|(_, exchange)| exchange.request_delivered) {
            arrivals.add(&exchange.request, at);
        }
        Self { arrivals, one_way }
    }

    /// Which rules let a service that answered at `moment` say what was recorded instead of what ours says; `None`
    /// where none do.
    pub(super) fn accept(&self, moment: Timestamp, ours: &State, recorded: &State) -> Option<Vec<Rule>> {
        let (from, to) = around(moment);
        let mut rules = Vec::new();
        if ours.ranges != recorded.ranges {
            if !self.arrivals.explain(ours, recorded, from, to) {
                return None;
            }
            rules.push(Rule::AcknowledgementRace);
        }
        if ours.buffer_remaining != recorded.buffer_remaining {
            let (mine, theirs) = (ours.buffer_remaining?, recorded.buffer_remaining?);
            // A message that has just come may still stand in the buffer, or be out of it already.
            let fresh = self.arrivals.count(&ours.sequence, from, moment);
            if !self.one_way || mine.abs_diff(theirs) as usize > fresh {
                return None;
            }
            rules.push(Rule::DispatchRace);
        }
        Some(rules)
    }
}

/// The replies that a recorded client got.
#[derive(Debug)]
pub(super) struct Replies(Arrivals);

impl Replies {
    pub(super) fn new<'e>(exchanges: impl Iterator<Item = (Timestamp, &'e Exchange)>) -> Self {
        let mut arrivals = Arrivals::default();
        for (at, exchange) in exchanges.filter(|(_, exchange)| exchange.response_delivered) {
            if let Some(response) = &exchange.response {
                arrivals.add(response, at);
            }
        }
        Self(arrivals)
    }

    /// Which rules let a client whose message was recorded at `moment`, and which ours made at `made`, say what was
    /// recorded instead of what ours says; `None` where none do.
    pub(super) fn accept(
        &self,
        made: Timestamp,
        moment: Timestamp,
        ours: &State,
        recorded: &State,
    ) -> Option<Vec<Rule>> {
        let (from, to) = around(moment);
        let same = ours.buffer_remaining == recorded.buffer_remaining;
        let explained = same && self.0.explain(ours, recorded, from.min(made), to.min(moment.max(made)));
        explained.then(|| vec![Rule::AcknowledgementRace])
    }
}

fn around(moment: Timestamp) -> (Timestamp, Timestamp) {
    (Timestamp::from_origin(moment.since_origin().saturating_sub(RACE)), moment + RACE)
}

/// The sequence and the number of a message.
pub(super) fn numbered(message: &HttpMessage) -> Option<(String, u64)> {
    let content = Content::of(message);
    content.envelope()?.ok()?.headers.iter().find_map(|header| match &header.kind {
        HeaderKind::Sequence(sequence) => Some((sequence.identifier.to_string(), sequence.number.value())),
        _ => None,
    })
}

/// The numbers in some ranges, where they can be counted.
fn numbers(ranges: &[AcknowledgementRange]) -> Option<BTreeSet<u64>> {
    let total = ranges.iter().try_fold(0_u64, |sum, range| {
        sum.checked_add(range.upper.saturating_sub(range.lower))?.checked_add(1)
    })?;
    (total <= MAX_NUMBERS).then(|| ranges.iter().flat_map(|range| range.lower..=range.upper).collect())
}
