//! The receiving end of a sequence: which messages came, which may come, which wait.

use std::collections::{BTreeMap, VecDeque};

use wsrm_wire::RmVersion;

use crate::ranges::{MAX_SEQUENCE_RANGES, SequenceRanges};

/// In which order messages are handed on, and so which of them are held back until their turn comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivered {
    /// In the order of their numbers; messages behind a gap are held.
    InOrder,
    /// In the order of their numbers; messages behind a gap are not taken at all. WCF's request-reply service does so.
    OneByOne,
    /// As they come.
    Unordered,
}

/// What is to be done with a message, by its number alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// It contradicts what was said of the last number (RM 1.0), or the sequence is closed (RM 1.1).
    Invalid,
    /// It was taken before.
    Duplicate,
    /// There is no room for it now; its source will send it again.
    NoRoom,
    /// It can be taken.
    Fresh,
}

/// Why a last number was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LastNumberError {
    /// A message with a larger number has come.
    TooSmall,
    /// Messages up to it are missing.
    Incomplete,
    /// Another last number was given before.
    Different,
}

/// The receiving end of a sequence.
///
/// ```text
///              Fresh: take                     release                        next
///   message ───────────────▶ held (a gap before it) ─────▶ waiting (for the application) ─────▶ application
///      │                                                        ▲
///      └────────────────── in turn, or unordered ───────────────┘
/// ```
///
/// A number counts as received, and is acknowledged, from the moment its message is taken. `BufferRemaining` is the
/// window less what is held and what waits (MS-WSRVCRM section 3.1.4.2).
///
/// The last number of the sequence is learned from the LastMessage element in RM 1.0, from CloseSequence or
/// TerminateSequence in RM 1.1, and never changes afterwards.
#[derive(Debug)]
pub(crate) struct Destination<M> {
    version: RmVersion,
    delivered: Delivered,
    window: u32,
    ranges: SequenceRanges,
    next_in_order: u64,
    held: BTreeMap<u64, M>,
    waiting: VecDeque<(u64, M)>,
    last: Last,
}

/// What is known of the end of the sequence.
///
/// ```text
///   Open ──LastMessage (RM 1.0)──▶ Numbered
///     ├────CloseSequence (RM 1.1)─▶ Closed
///     └────TerminateSequence, complete (RM 1.1)─▶ Terminated
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    Open,
    Numbered(u64),
    Closed(Option<u64>),
    Terminated(Option<u64>),
}

impl<M> Destination<M> {
    pub(crate) fn new(version: RmVersion, delivered: Delivered, window: u32) -> Self {
        Self {
            version,
            delivered,
            window,
            ranges: SequenceRanges::new(),
            next_in_order: 1,
            held: BTreeMap::new(),
            waiting: VecDeque::new(),
            last: Last::Open,
        }
    }

    /// The numbers received.
    pub(crate) fn ranges(&self) -> &SequenceRanges {
        &self.ranges
    }

    /// How many more messages fit.
    pub(crate) fn buffer_remaining(&self) -> u32 {
        self.window.saturating_sub(u32::try_from(self.occupied()).unwrap_or(u32::MAX))
    }

    /// Messages that wait for the application.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether the last number is known, so that no acknowledgement will ever name a larger one.
    pub(crate) fn last_is_known(&self) -> bool {
        self.last != Last::Open
    }

    /// The last number where RM 1.0's LastMessage gave it.
    pub(crate) fn last_message(&self) -> Option<u64> {
        match self.last {
            Last::Numbered(number) => Some(number),
            Last::Open | Last::Closed(_) | Last::Terminated(_) => None,
        }
    }

    /// The version whose rules hold.
    pub(crate) fn version(&self) -> RmVersion {
        self.version
    }

    /// Whether every message of the sequence has come, or no other will be taken.
    pub(crate) fn is_complete(&self) -> bool {
        match self.last {
            Last::Open => false,
            Last::Numbered(last) => self.ranges.complete_up_to() == last,
            Last::Closed(_) | Last::Terminated(_) => true,
        }
    }

    /// What is to be done with the message of this number; `is_last` says that it carries LastMessage.
    pub(crate) fn judge(&self, number: u64, is_last: bool) -> Arrival {
        if !self.is_valid(number, is_last) {
            Arrival::Invalid
        } else if self.ranges.contains(number) {
            Arrival::Duplicate
        } else if self.has_room_for(number) {
            Arrival::Fresh
        } else {
            Arrival::NoRoom
        }
    }

    /// Takes the message of a [`Arrival::Fresh`] number.
    pub(crate) fn take(&mut self, number: u64, is_last: bool, message: M) {
        self.take_number(number, is_last);
        if self.delivered == Delivered::Unordered {
            self.waiting.push_back((number, message));
        } else if number == self.next_in_order {
            self.waiting.push_back((number, message));
            self.next_in_order += 1;
            self.release();
        } else {
            self.held.insert(number, message);
        }
    }

    /// Takes the number of a message that has nothing for the application: RM 1.0's LastMessage.
    pub(crate) fn take_number(&mut self, number: u64, is_last: bool) {
        self.ranges.insert(number);
        if is_last {
            self.last = Last::Numbered(number);
        }
    }

    /// The next message for the application.
    pub(crate) fn next(&mut self) -> Option<(u64, M)> {
        self.waiting.pop_front()
    }

    /// CloseSequence: nothing else is taken, and what waits behind a gap is given up. `last` is its LastMsgNumber.
    pub(crate) fn close(&mut self, last: Option<u64>) -> Result<(), LastNumberError> {
        if last.is_some_and(|last| last < self.ranges.highest()) {
            return Err(LastNumberError::TooSmall);
        }
        self.last = Last::Closed(last);
        self.held.clear();
        Ok(())
    }

    /// TerminateSequence with no CloseSequence before it (RM 1.1). `last` is its LastMsgNumber.
    pub(crate) fn terminate(&mut self, last: Option<u64>) -> Result<(), LastNumberError> {
        let number = last.ok_or(LastNumberError::Incomplete)?;
        if number < self.ranges.highest() {
            return Err(LastNumberError::TooSmall);
        }
        if self.ranges.runs().len() > 1 || number > self.ranges.highest() {
            return Err(LastNumberError::Incomplete);
        }
        self.last = Last::Terminated(last);
        self.held.clear();
        Ok(())
    }

    /// Whether a repeated CloseSequence, or the TerminateSequence after it, gives the last number known already.
    pub(crate) fn confirm_last(&self, last: Option<u64>) -> Result<(), LastNumberError> {
        let known = match self.last {
            Last::Closed(known) | Last::Terminated(known) => known,
            Last::Numbered(known) => Some(known),
            Last::Open => None,
        };
        if known == last { Ok(()) } else { Err(LastNumberError::Different) }
    }

    fn is_valid(&self, number: u64, is_last: bool) -> bool {
        match (self.version, self.last) {
            (RmVersion::V200702, Last::Open) => true,
            (RmVersion::V200702, _) => self.ranges.contains(number),
            (RmVersion::February2005, Last::Numbered(last)) if is_last => number == last,
            (RmVersion::February2005, Last::Numbered(last)) => number < last,
            (RmVersion::February2005, _) => !is_last || number > self.ranges.highest(),
        }
    }

    fn has_room_for(&self, number: u64) -> bool {
        let window = u64::from(self.window);
        let waiting = self.waiting.len() as u64;
        if self.occupied() as u64 >= window {
            return false;
        }
        match self.delivered {
            Delivered::Unordered => self.ranges.runs_with(number) <= MAX_SEQUENCE_RANGES,
            Delivered::OneByOne => number == self.next_in_order,
            Delivered::InOrder => {
                let ahead = number.saturating_sub(self.next_in_order);
                waiting.saturating_add(ahead) < window
            }
        }
    }

    fn occupied(&self) -> usize {
        self.waiting.len() + self.held.len()
    }

    fn release(&mut self) {
        while let Some(message) = self.held.remove(&self.next_in_order) {
            self.waiting.push_back((self.next_in_order, message));
            self.next_in_order += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn destination(delivered: Delivered, window: u32) -> Destination<u64> {
        Destination::new(RmVersion::February2005, delivered, window)
    }

    /// Offers a message as a session does; gives back what was done.
    fn offer(destination: &mut Destination<u64>, number: u64) -> Arrival {
        let arrival = destination.judge(number, false);
        if arrival == Arrival::Fresh {
            destination.take(number, false, number);
        }
        arrival
    }

    #[rstest]
    #[case(Delivered::InOrder, 4, &[2, 3, 5, 4], &[Arrival::Fresh, Arrival::Fresh, Arrival::NoRoom, Arrival::Fresh])]
    #[case(Delivered::OneByOne, 4, &[2, 1, 2, 1], &[Arrival::NoRoom, Arrival::Fresh, Arrival::Fresh, Arrival::Duplicate])]
    #[case(Delivered::Unordered, 2, &[9, 1, 5], &[Arrival::Fresh, Arrival::Fresh, Arrival::NoRoom])]
    #[case(Delivered::InOrder, 1, &[2, 1, 2], &[Arrival::NoRoom, Arrival::Fresh, Arrival::NoRoom])]
    fn takes_what_there_is_room_for(
        #[case] delivered: Delivered,
        #[case] window: u32,
        #[case] numbers: &[u64],
        #[case] expected: &[Arrival],
    ) {
        let mut destination = destination(delivered, window);
        let arrivals: Vec<Arrival> = numbers.iter().map(|&number| offer(&mut destination, number)).collect();
        assert_eq!(arrivals, expected);
    }

    #[test]
    fn the_largest_number_is_beyond_every_window() {
        let mut destination = destination(Delivered::InOrder, 4096);
        assert_eq!(offer(&mut destination, i64::MAX as u64), Arrival::NoRoom);
    }

    #[test]
    fn closing_gives_up_what_waits_behind_a_gap() {
        let mut destination = Destination::new(RmVersion::V200702, Delivered::InOrder, 8);
        destination.take(1, false, 1);
        destination.take(3, false, 3);
        assert_eq!(destination.buffer_remaining(), 6);
        assert_eq!(destination.close(Some(2)), Err(LastNumberError::TooSmall));
        assert_eq!(destination.close(Some(4)), Ok(()));
        assert_eq!(destination.buffer_remaining(), 7);
        assert_eq!(destination.confirm_last(None), Err(LastNumberError::Different));
        assert_eq!(
            (destination.judge(2, false), destination.judge(3, false)),
            (Arrival::Invalid, Arrival::Duplicate)
        );
    }

    proptest! {
        /// Whatever order messages come in, however often, and whenever the application looks, it gets each once, in
        /// order where that was promised; and what is acknowledged is just what was taken.
        #[test]
        fn delivers_exactly_once(
            delivered in prop::sample::select(vec![Delivered::InOrder, Delivered::OneByOne, Delivered::Unordered]),
            window in 1u32..9,
            arrivals in prop::collection::vec((1u64..20, any::<bool>()), 0..200),
        ) {
            let mut destination = destination(delivered, window);
            let mut seen = Vec::new();
            let mut taken = std::collections::BTreeSet::new();
            // At last everything is sent again until it is through.
            let again = (1..20).flat_map(|_| (1..20).map(|number| (number, true)));
            for (number, looks) in arrivals.into_iter().chain(again) {
                let arrival = offer(&mut destination, number);
                prop_assert_eq!(arrival == Arrival::Duplicate, taken.contains(&number));
                if arrival == Arrival::Fresh {
                    taken.insert(number);
                }
                prop_assert!(destination.buffer_remaining() <= window);
                prop_assert!(taken.iter().all(|&number| destination.ranges().contains(number)));
                while let Some((_, message)) = looks.then(|| destination.next()).flatten() {
                    seen.push(message);
                }
            }
            let in_order: Vec<u64> = (1..20).collect();
            if delivered == Delivered::Unordered {
                seen.sort_unstable();
            }
            prop_assert_eq!(seen, in_order);
            prop_assert_eq!(destination.ranges().complete_up_to(), 19);
        }
    }
}
