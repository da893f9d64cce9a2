//! The RM Source: numbers messages, keeps them until they are acknowledged, and says when to send them again.

mod congestion;
mod round_trip;

use std::collections::VecDeque;
use std::time::Duration;

use wsrm_wire::AcknowledgementRange;

use self::congestion::{CongestionWindow, Resend};
use self::round_trip::RoundTrip;
use crate::{SequenceRanges, Timestamp};

/// WCF's transmission strategy, without what it is spoken through.
///
/// The source holds the messages that have a number and are not acknowledged; who waits for a number waits outside,
/// and comes in with [`Source::add`] where [`Source::has_room`] says so. `T` is what it takes to make a message again.
///
/// ```text
///   number   start ........ start + size ........ highest
///            |--- in flight ---|--- sent before a loss ---|
///            head: the only one that the timer repeats
/// ```
///
/// Two ways of acknowledging serve the shapes of a session. Where acknowledgements are the measure (one-way, duplex),
/// [`Source::check`] and [`Source::acknowledge`] take whole sets. Where a request counts as transferred by its own
/// reply alone (request-reply), [`Source::acknowledge`] is called with that one number.
#[derive(Debug)]
pub(crate) struct Source<T> {
    /// The number of the oldest message that is not acknowledged.
    start: u64,
    entries: VecDeque<Entry<T>>,
    /// How many of `entries` are acknowledged out of order.
    transferred: u64,
    congestion: CongestionWindow,
    round_trip: RoundTrip,
    /// New messages that the peer will take, as far as it said; goes down with every number given.
    quota: i64,
    /// When the head is due for repetition.
    retry_at: Option<Timestamp>,
    /// Numbers that an acknowledgement has shown to be worth repeating, in the order of sending.
    resend: VecDeque<u64>,
    last: Option<u64>,
    request_acks: bool,
    closed: bool,
}

#[derive(Debug)]
struct Entry<T> {
    payload: T,
    last_attempt: Timestamp,
    /// How often it was sent after the first time.
    retries: u32,
    transferred: bool,
    in_resend: bool,
    asks_acknowledgement: bool,
}

/// A message to be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Retry {
    /// Its number.
    pub(crate) number: u64,
    /// Which repetition it is, counted from 1.
    pub(crate) attempt: u32,
}

/// What is wrong with an acknowledgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AcknowledgementSin {
    /// It acknowledges what was never sent.
    NeverSent,
    /// It acknowledges something new and takes back something old.
    Inconsistent,
}

impl<T> Source<T> {
    /// A source that has sent nothing.
    ///
    /// `request_acks` is for transports on which nothing comes back unless asked for.
    pub(crate) fn new(max_transfer_window_size: u32, first_round_trip: Duration, request_acks: bool) -> Self {
        Self {
            start: 1,
            entries: VecDeque::new(),
            transferred: 0,
            congestion: CongestionWindow::new(max_transfer_window_size),
            round_trip: RoundTrip::from_first(first_round_trip),
            quota: i64::from(i32::MAX),
            retry_at: None,
            resend: VecDeque::new(),
            last: None,
            request_acks,
            closed: false,
        }
    }

    /// Whether the next message gets a number at once.
    pub(crate) fn has_room(&self) -> bool {
        !self.closed && self.in_window() < self.congestion.size() && self.quota > 0
    }

    /// How many waiting messages an acknowledgement lets in at once: the lesser of window and quota, without what is
    /// in the window. (A new message needs only a quota above 0; WCF compares differently in the two places.)
    pub(crate) fn places(&self) -> u64 {
        if self.closed {
            return 0;
        }
        let quota = u64::try_from(self.quota).unwrap_or(0);
        self.congestion.size().min(quota).saturating_sub(self.in_window())
    }

    /// Whether the peer has said that it takes no new message.
    pub(crate) const fn is_blocked_by_peer(&self) -> bool {
        self.quota == 0
    }

    /// The highest number given; 0 where none was.
    pub(crate) fn highest(&self) -> u64 {
        self.start - 1 + self.in_window()
    }

    /// The number of the last message, once it is fixed; 0 for a sequence without messages.
    pub(crate) const fn last(&self) -> Option<u64> {
        self.last
    }

    /// Whether the last number is fixed and everything up to it is acknowledged.
    pub(crate) fn is_done(&self) -> bool {
        self.last.is_some_and(|last| self.start == last + 1)
    }

    /// What was given for `number`, while it is unacknowledged.
    pub(crate) fn payload(&self, number: u64) -> Option<&T> {
        self.entry(number).map(|entry| &entry.payload)
    }

    /// Whether the message with this number asks for an acknowledgement, because none may follow it before one comes.
    pub(crate) fn asks_acknowledgement(&self, number: u64) -> bool {
        self.entry(number).is_some_and(|entry| entry.asks_acknowledgement)
    }

    /// Whether an acknowledgement by which the peer ends the sequence on its own takes back nothing.
    pub(crate) fn is_final_consistent(&self, ranges: &SequenceRanges) -> bool {
        if self.closed {
            return true;
        }
        if self.highest() == 0 {
            return ranges.is_empty();
        }
        ranges.runs().first().is_some_and(|run| run.lower == 1 && run.upper + 1 >= self.start)
    }

    /// When [`Source::retry_due`] is next wanted.
    pub(crate) const fn retry_at(&self) -> Option<Timestamp> {
        self.retry_at
    }

    /// Gives a message the next number; the caller has asked [`Source::has_room`] or [`Source::places`].
    pub(crate) fn add(&mut self, now: Timestamp, payload: T) -> u64 {
        let number = self.start + self.in_window();
        let fills_window = self.in_window() + 1 == self.congestion.size();
        let asks_acknowledgement = self.request_acks && (fills_window || self.quota == 1);
        if self.entries.is_empty() {
            self.arm(now);
        }
        self.quota -= 1;
        self.entries.push_back(Entry {
            payload,
            last_attempt: now,
            retries: 0,
            transferred: false,
            in_resend: false,
            asks_acknowledgement,
        });
        number
    }

    /// As [`Source::add`], for the message after which none comes.
    pub(crate) fn add_last(&mut self, now: Timestamp, payload: T) -> u64 {
        let number = self.add(now, payload);
        self.last = Some(number);
        number
    }

    /// Fixes the highest number given as the last; gives back whether everything is acknowledged.
    pub(crate) fn set_last(&mut self) -> bool {
        self.last = Some(self.highest());
        self.is_done()
    }

    /// Whether an acknowledgement can be true.
    pub(crate) fn check(&self, ranges: &SequenceRanges) -> Result<(), AcknowledgementSin> {
        if self.closed {
            return Ok(());
        }
        let highest = self.highest();
        if ranges.highest() > highest {
            return Err(AcknowledgementSin::NeverSent);
        }
        let (mut is_new, mut is_old) = (false, false);
        let mut missing = self.transferred;
        for range in ranges.runs() {
            is_old |= (range.lower > 1 && range.lower < self.start) || range.upper + 1 < self.start;
            if range.upper < self.start {
                continue;
            }
            is_new |= range.lower <= self.start;
            // One count serves both questions; without gaps neither needs it.
            if !is_new || (missing > 0 && !is_old) {
                let lower = range.lower.max(self.start);
                let known = self.transferred_between(lower, range.upper);
                is_new |= known < range.upper - lower + 1;
                if missing > 0 && !is_old {
                    missing = missing.saturating_sub(known);
                }
            }
        }
        is_old |= missing > 0;
        if is_new && is_old { Err(AcknowledgementSin::Inconsistent) } else { Ok(()) }
    }

    /// Takes in that the numbers of `range` are there; [`Source::check`] has been asked.
    ///
    /// `buffer_remaining` is what the peer said it can take, where flow control obeys it. Gives back whether
    /// [`Source::next_resend`] has got something to give that was not there before.
    pub(crate) fn acknowledge(
        &mut self,
        now: Timestamp,
        range: AcknowledgementRange,
        buffer_remaining: Option<u32>,
    ) -> bool {
        if self.closed || range.upper == 0 {
            return false;
        }
        if range.upper < self.start {
            self.raise_quota(range.upper, buffer_remaining);
            return false;
        }
        if range.lower > self.start {
            for number in range.lower..=range.upper.min(self.highest()) {
                self.mark_transferred(number);
            }
            return false;
        }
        self.slide(now, range.upper.min(self.highest()), buffer_remaining)
    }

    /// The head, if it is due for repetition; the next due time is set.
    pub(crate) fn retry_due(&mut self, now: Timestamp) -> Option<Retry> {
        if self.closed || self.retry_at.is_none_or(|at| now < at) {
            return None;
        }
        let number = self.start;
        let head = self.entries.front_mut()?;
        head.last_attempt = now;
        head.retries = head.retries.saturating_add(1);
        let attempt = head.retries;
        self.congestion.lose();
        self.round_trip.back_off();
        self.arm(now);
        Some(Retry { number, attempt })
    }

    /// The first message that an acknowledgement has shown to be worth repeating. It stays the first until it is
    /// acknowledged.
    pub(crate) fn next_resend(&mut self) -> Option<Retry> {
        while let Some(&number) = self.resend.front() {
            let Some(entry) = self.entry_mut(number) else {
                self.resend.pop_front();
                continue;
            };
            if !entry.transferred {
                return Some(Retry { number, attempt: entry.retries });
            }
            entry.in_resend = false;
            self.resend.pop_front();
        }
        None
    }

    /// Estimates anew as if the creation of the sequence had taken `round_trip`.
    pub(crate) fn set_first_round_trip(&mut self, round_trip: Duration) {
        self.round_trip = RoundTrip::from_first(round_trip);
        if self.retry_at.is_some()
            && let Some(head) = self.entries.front()
        {
            self.retry_at = Some(head.last_attempt + self.round_trip.timeout());
        }
    }

    /// Forgets all messages; nothing will be sent again.
    pub(crate) fn close(&mut self) {
        self.closed = true;
        self.retry_at = None;
        self.start += self.in_window();
        self.entries.clear();
        self.resend.clear();
    }

    fn in_window(&self) -> u64 {
        self.entries.len() as u64
    }

    fn index(&self, number: u64) -> Option<usize> {
        usize::try_from(number.checked_sub(self.start)?).ok()
    }

    fn entry(&self, number: u64) -> Option<&Entry<T>> {
        self.entries.get(self.index(number)?)
    }

    fn entry_mut(&mut self, number: u64) -> Option<&mut Entry<T>> {
        let index = self.index(number)?;
        self.entries.get_mut(index)
    }

    fn transferred_between(&self, lower: u64, upper: u64) -> u64 {
        let skipped = self.index(lower).unwrap_or(0);
        let count = usize::try_from(upper.saturating_sub(lower) + 1).unwrap_or(usize::MAX);
        self.entries.iter().skip(skipped).take(count).filter(|entry| entry.transferred).count() as u64
    }

    fn mark_transferred(&mut self, number: u64) {
        if let Some(entry) = self.entry_mut(number)
            && !entry.transferred
        {
            entry.transferred = true;
            self.transferred += 1;
        }
    }

    fn arm(&mut self, now: Timestamp) {
        self.retry_at = Some(now + self.round_trip.timeout());
    }

    /// An acknowledgement that says nothing new may still say that the peer has room again.
    fn raise_quota(&mut self, upper: u64, buffer_remaining: Option<u32>) {
        let Some(remaining) = buffer_remaining.map(i64::from) else { return };
        if upper + 1 == self.start && remaining > self.quota {
            self.quota = remaining - signed(self.congestion.size().min(self.in_window()));
        }
    }

    fn slide(&mut self, now: Timestamp, upper: u64, buffer_remaining: Option<u32>) -> bool {
        self.retry_at = None;
        let mut slide = upper - self.start + 1;
        // Replies come one by one. Those that came before the head's need no repetition: they slide along.
        if slide == 1 {
            slide += self.entries.iter().skip(1).take_while(|entry| entry.transferred).count() as u64;
        }
        let old_edge = self.start + self.congestion.size();
        if let Some(remaining) = buffer_remaining {
            let in_flight = self.congestion.size().min(self.in_window());
            self.quota = i64::from(remaining) - signed(in_flight.saturating_sub(slide));
        }
        for _ in 0..slide {
            let Some(entry) = self.entries.pop_front() else { break };
            self.round_trip.observe(entry.last_attempt, now);
            self.transferred -= u64::from(entry.transferred);
        }
        self.start += slide;
        let first = match self.congestion.acknowledge(slide) {
            Resend::All => self.start,
            Resend::BeyondOldEdge => old_edge.max(self.start),
        };
        let has_more = self.queue_resends(now, first);
        if !self.entries.is_empty() {
            self.arm(now);
        }
        has_more
    }

    /// Queues what lies in the window from number `first` on and is not known to be there.
    fn queue_resends(&mut self, now: Timestamp, first: u64) -> bool {
        let end = self.start + self.congestion.size().min(self.in_window());
        if first >= end {
            return false;
        }
        let was_empty = self.resend.is_empty();
        for number in first..end {
            let Some(entry) = self.entry_mut(number) else { break };
            if !entry.transferred && !entry.in_resend {
                entry.in_resend = true;
                entry.last_attempt = now;
                entry.retries = entry.retries.saturating_add(1);
                self.resend.push_back(number);
            }
        }
        was_empty
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
