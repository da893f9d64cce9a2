//! Requests that are repeated until they are answered: CreateSequence, CloseSequence, TerminateSequence.

use std::time::Duration;

use bytes::Bytes;

use crate::{Identifier, Timestamp};

/// The least time between two sendings of a request.
const ITERATION: Duration = Duration::from_secs(10);

/// A request that is repeated, with identical bytes, until it is answered or its time is up.
///
/// ```text
///            sent                 nothing came
///   (due) ─────────▶ waiting ──────────────────▶ pausing ──┐
///     ▲                 │ answer                           │ 10 s after the sending
///     │                 ▼                                  │
///     │               done                                 │
///     └────────────────────────────────────────────────────┘
/// ```
///
/// The last sending is the one after which less than such a period is left; when nothing comes of it, the request
/// has failed at once.
#[derive(Debug)]
pub(super) struct Requestor {
    pub(super) action: String,
    pub(super) message: Bytes,
    pub(super) message_id: Identifier,
    pub(super) deadline: Timestamp,
    iteration_ends: Timestamp,
    is_last: bool,
    is_waiting: bool,
    /// Another exchange has brought what this one is for.
    pub(super) is_answered_elsewhere: bool,
}

impl Requestor {
    /// A request that is due.
    pub(super) fn new(
        now: Timestamp,
        (action, message): (String, Bytes),
        message_id: Identifier,
        deadline: Timestamp,
    ) -> Self {
        Self {
            action,
            message,
            message_id,
            deadline,
            iteration_ends: now,
            is_last: false,
            is_waiting: false,
            is_answered_elsewhere: false,
        }
    }

    /// Takes in that the request is sent.
    pub(super) fn sent(&mut self, now: Timestamp) {
        self.is_last = self.deadline.saturating_since(now) <= ITERATION;
        self.iteration_ends = now + ITERATION;
        self.is_waiting = true;
    }

    /// Takes in that nothing came of the sending; gives back whether there will be another one.
    pub(super) fn missed(&mut self, now: Timestamp) -> bool {
        self.is_waiting = false;
        !self.is_last && now < self.deadline
    }

    /// Whether the request is to be sent now.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        !self.is_waiting && now >= self.iteration_ends
    }

    /// When to look again.
    pub(super) const fn next_timeout(&self) -> Timestamp {
        if self.is_waiting { self.deadline } else { self.iteration_ends }
    }
}
