//! The exchanges that have not ended.

use std::collections::BTreeMap;

use super::CallId;
use crate::{ExchangeId, Timestamp};

/// An exchange that was begun.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exchange {
    /// What it was begun for.
    pub(super) purpose: Purpose,
    /// When it counts as failed without having ended.
    pub(super) deadline: Timestamp,
}

/// What an exchange was begun for, which decides what its end means.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    /// To create the sequence.
    Create,
    /// To transfer a message.
    Attempt(Attempt),
    /// To ask for an acknowledgement before closing (RM 1.1, one-way).
    CloseAckRequested,
    /// To keep the session alive, or to learn whether the peer has room.
    Poll,
    /// To close the sequence.
    Close,
    /// To terminate the sequence, until it is answered.
    Terminate,
    /// To terminate the sequence, come what may (RM 1.0, one-way).
    TerminateOnce,
    /// Whatever comes back is of no interest.
    Ignored,
}

/// One sending of a numbered message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempt {
    /// The number of the message.
    pub(super) number: u64,
    /// Whether it is the first sending, whose end its caller waits for.
    pub(super) is_first: bool,
    /// The call that the message belongs to; none for LastMessage.
    pub(super) call: Option<CallId>,
    /// Whether it is the last sending that the settings allow.
    pub(super) is_final: bool,
}

/// The exchanges that have not ended, by the order in which they began.
#[derive(Debug, Default)]
pub(super) struct Exchanges {
    open: BTreeMap<ExchangeId, Exchange>,
    next: u64,
    /// No open exchange has an earlier deadline.
    earliest_deadline: Option<Timestamp>,
    attempts: usize,
    polls: usize,
}

impl Exchanges {
    /// Begins an exchange.
    pub(super) fn insert(&mut self, exchange: Exchange) -> ExchangeId {
        let id = self.skip();
        self.count(exchange.purpose, 1);
        let earliest = self.earliest_deadline.map_or(exchange.deadline, |at| at.min(exchange.deadline));
        self.earliest_deadline = Some(earliest);
        self.open.insert(id, exchange);
        id
    }

    /// An identifier for an exchange whose end is of no interest.
    pub(super) fn skip(&mut self) -> ExchangeId {
        let id = ExchangeId(self.next);
        self.next += 1;
        id
    }

    /// Ends an exchange; `None` where it has ended before.
    pub(super) fn remove(&mut self, id: ExchangeId) -> Option<Exchange> {
        let exchange = self.open.remove(&id)?;
        self.count(exchange.purpose, -1);
        if self.open.is_empty() {
            self.earliest_deadline = None;
        }
        Some(exchange)
    }

    /// Ends one exchange whose deadline has passed.
    pub(super) fn take_expired(&mut self, now: Timestamp) -> Option<(ExchangeId, Exchange)> {
        if self.earliest_deadline.is_none_or(|at| now < at) {
            return None;
        }
        let expired = self.open.iter().find(|(_, exchange)| exchange.deadline <= now).map(|(&id, _)| id);
        if let Some(id) = expired {
            return self.remove(id).map(|exchange| (id, exchange));
        }
        self.earliest_deadline = self.open.values().map(|exchange| exchange.deadline).min();
        None
    }

    /// Forgets all exchanges.
    pub(super) fn clear(&mut self) {
        *self = Self { next: self.next, ..Self::default() };
    }

    /// A time before which no deadline passes.
    pub(super) const fn next_deadline(&self) -> Option<Timestamp> {
        self.earliest_deadline
    }

    /// Whether messages of the sequence are on their way.
    pub(super) const fn has_attempts(&self) -> bool {
        self.attempts > 0
    }

    /// Whether polls are on their way.
    pub(super) const fn has_polls(&self) -> bool {
        self.polls > 0
    }

    fn count(&mut self, purpose: Purpose, change: isize) {
        let counter = match purpose {
            Purpose::Attempt(_) | Purpose::CloseAckRequested => &mut self.attempts,
            Purpose::Poll => &mut self.polls,
            _ => return,
        };
        *counter = counter.saturating_add_signed(change);
    }
}
