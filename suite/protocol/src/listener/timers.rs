//! When which session wants to be looked at.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::{SessionId, Timestamp};

/// Timers of many sessions.
///
/// A session has one live entry as a rule, which is not moved when the session's deadline moves back: the session is
/// looked at when the entry is due, and armed again. So a message costs the heap nothing.
#[derive(Debug, Default)]
pub(super) struct Timers {
    heap: BinaryHeap<Reverse<(Timestamp, SessionId)>>,
}

impl Timers {
    pub(super) fn arm(&mut self, at: Timestamp, session: SessionId) {
        self.heap.push(Reverse((at, session)));
    }

    /// When the next entry is due.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// Takes the next entry that is due at `now`.
    pub(super) fn pop_due(&mut self, now: Timestamp) -> Option<(Timestamp, SessionId)> {
        if self.next()? > now {
            return None;
        }
        self.heap.pop().map(|Reverse(entry)| entry)
    }
}
