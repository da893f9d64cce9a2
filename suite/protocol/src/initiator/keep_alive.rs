//! The timers of an idle session: polling the peer, and giving it up.

use std::time::Duration;

use crate::{ReliableSessionSettings, Timestamp};

/// When to poll, and when to give up (WCF polls on the client's side only).
///
/// ```text
///            timer: poll                        quota 0 on receipt
///   Idle ───────────────▶ KeepAlive     Idle ───────────────────▶ FastPolling
///     ▲                       │           ▲                            │
///     └──── anything valid ───┘           └── valid, quota above 0 ────┘
/// ```
///
/// The period of the mode runs from the last sending, the last valid receipt, or the end of the last poll's exchange.
#[derive(Debug)]
pub(super) struct KeepAlive {
    mode: Mode,
    idle: Duration,
    keep_alive: Duration,
    fast: Duration,
    inactivity: Duration,
    poll_at: Option<Timestamp>,
    inactive_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Idle,
    KeepAlive,
    FastPolling,
}

impl KeepAlive {
    /// Timers that do not run.
    pub(super) fn new(settings: &ReliableSessionSettings, send_timeout: Duration) -> Self {
        let idle = settings.inactivity_timeout / 2;
        let keep_alive = idle / settings.max_retry_count.max(1);
        Self {
            mode: Mode::Idle,
            idle,
            keep_alive,
            fast: (send_timeout / 2).min(keep_alive),
            inactivity: settings.inactivity_timeout,
            poll_at: None,
            inactive_at: None,
        }
    }

    /// Starts both timers: the session is open.
    pub(super) fn start(&mut self, now: Timestamp) {
        self.inactive_at = Some(now + self.inactivity);
        self.arm(now);
    }

    /// Stops both timers for good.
    pub(super) fn stop(&mut self) {
        self.poll_at = None;
        self.inactive_at = None;
    }

    /// Takes in that a message of the sequence was sent.
    pub(super) fn sent(&mut self, now: Timestamp) {
        self.arm(now);
    }

    /// Takes in that the peer said something valid; `is_blocked` where it takes no new message.
    pub(super) fn received(&mut self, now: Timestamp, is_blocked: bool) {
        if self.inactive_at.is_some() {
            self.inactive_at = Some(now + self.inactivity);
            self.mode = if is_blocked { Mode::FastPolling } else { Mode::Idle };
            self.arm(now);
        }
    }

    /// Whether a poll is due; the timer stands still until the poll has ended.
    pub(super) fn poll_due(&mut self, now: Timestamp) -> bool {
        if self.poll_at.is_none_or(|at| now < at) {
            return false;
        }
        self.poll_at = None;
        if self.mode == Mode::Idle {
            self.mode = Mode::KeepAlive;
        }
        true
    }

    /// Takes in that the exchange of a poll has ended, however it did.
    pub(super) fn poll_ended(&mut self, now: Timestamp) {
        self.arm(now);
    }

    /// Whether the peer has been silent for too long.
    pub(super) fn is_inactive(&self, now: Timestamp) -> bool {
        self.inactive_at.is_some_and(|at| at <= now)
    }

    /// When the next poll is due.
    pub(super) const fn poll_at(&self) -> Option<Timestamp> {
        self.poll_at
    }

    /// When the peer has been silent for too long.
    pub(super) const fn inactive_at(&self) -> Option<Timestamp> {
        self.inactive_at
    }

    fn arm(&mut self, now: Timestamp) {
        if self.inactive_at.is_some() {
            self.poll_at = Some(now + self.period());
        }
    }

    const fn period(&self) -> Duration {
        match self.mode {
            Mode::Idle => self.idle,
            Mode::KeepAlive => self.keep_alive,
            Mode::FastPolling => self.fast,
        }
    }
}
