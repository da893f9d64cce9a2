//! Sets of message numbers, kept as runs.

use wsrm_wire::{Acknowledged, AcknowledgementRange, RmVersion};

/// The most runs that a WCF endpoint keeps where nothing else bounds them: at the destination of an unordered
/// session, and for the replies at a request-reply initiator.
pub(crate) const MAX_SEQUENCE_RANGES: usize = 128;

/// A set of message numbers: ascending runs that neither overlap nor touch.
///
/// The common cases (the next number, a number already in the last run) cost constant time; everything else a binary
/// search and, where a run is made or swallowed, a shift of the runs behind it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SequenceRanges {
    runs: Vec<AcknowledgementRange>,
}

impl SequenceRanges {
    /// A set of no numbers.
    pub(crate) const fn new() -> Self {
        Self { runs: Vec::new() }
    }

    /// Whether the set is empty.
    pub(crate) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// The runs, ascending.
    pub(crate) fn runs(&self) -> &[AcknowledgementRange] {
        &self.runs
    }

    /// The largest number of the set; 0 where it is empty.
    pub(crate) fn highest(&self) -> u64 {
        self.runs.last().map_or(0, |run| run.upper)
    }

    /// The largest number n for which all of 1 to n are in the set; 0 where 1 is missing.
    pub(crate) fn complete_up_to(&self) -> u64 {
        self.runs.first().filter(|run| run.lower <= 1).map_or(0, |run| run.upper)
    }

    /// Whether `number` is in the set.
    pub(crate) fn contains(&self, number: u64) -> bool {
        let index = self.first_run_ending_at_or_after(number);
        self.runs.get(index).is_some_and(|run| run.contains(number))
    }

    /// How many runs there would be with `number` in the set.
    pub(crate) fn runs_with(&self, number: u64) -> usize {
        if self.contains(number) {
            return self.runs.len();
        }
        let index = self.first_run_ending_at_or_after(number);
        let touches_next = self.runs.get(index).is_some_and(|run| run.lower == number.saturating_add(1));
        let touches_previous = self.touches_run_before(index, number);
        self.runs.len() + 1 - usize::from(touches_next) - usize::from(touches_previous)
    }

    /// Adds `number`; gives back whether it is new.
    pub(crate) fn insert(&mut self, number: u64) -> bool {
        if let Some(last) = self.runs.last_mut()
            && last.upper.checked_add(1) == Some(number)
        {
            last.upper = number;
            return true;
        }
        if self.contains(number) {
            return false;
        }
        self.insert_range(AcknowledgementRange::new(number, number));
        true
    }

    /// Adds every number of `range`.
    pub(crate) fn insert_range(&mut self, range: AcknowledgementRange) {
        let mut merged = range;
        // The runs that overlap or touch the new one lie together: [start, end).
        let start = self.first_run_ending_at_or_after(range.lower.saturating_sub(1));
        let reach = range.upper.saturating_add(1);
        let end = start + self.runs.iter().skip(start).take_while(|run| run.lower <= reach).count();
        for run in self.runs.iter().take(end).skip(start) {
            merged.lower = merged.lower.min(run.lower);
            merged.upper = merged.upper.max(run.upper);
        }
        self.runs.splice(start..end, [merged]);
    }

    /// What an acknowledgement says of the set: its runs, or how the version writes that there are none.
    pub(crate) fn acknowledged(&self, version: RmVersion) -> Acknowledged {
        match (self.runs.is_empty(), version) {
            (false, _) => Acknowledged::Ranges(self.runs.clone()),
            (true, RmVersion::February2005) => Acknowledged::Ranges(vec![AcknowledgementRange::new(0, 0)]),
            (true, RmVersion::V200702) => Acknowledged::None,
        }
    }

    /// The index of the first run that does not end before `number`.
    fn first_run_ending_at_or_after(&self, number: u64) -> usize {
        match self.runs.last() {
            None => 0,
            Some(last) if last.upper < number => self.runs.len(),
            Some(last) if last.lower <= number => self.runs.len() - 1,
            Some(_) => self.runs.partition_point(|run| run.upper < number),
        }
    }

    fn touches_run_before(&self, index: usize, number: u64) -> bool {
        let before = index.checked_sub(1).and_then(|index| self.runs.get(index));
        before.is_some_and(|run| run.upper.saturating_add(1) == number)
    }
}

impl FromIterator<AcknowledgementRange> for SequenceRanges {
    /// Merges what overlaps or touches, in any order; WCF reads the ranges of a peer so.
    fn from_iter<I: IntoIterator<Item = AcknowledgementRange>>(ranges: I) -> Self {
        let mut set = Self::new();
        for range in ranges {
            set.insert_range(range);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn set(ranges: &[(u64, u64)]) -> SequenceRanges {
        ranges.iter().map(|&(lower, upper)| AcknowledgementRange::new(lower, upper)).collect()
    }

    fn text(set: &SequenceRanges) -> String {
        set.runs().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    #[rstest]
    #[case(&[], "")]
    #[case(&[(1, 3), (4, 5)], "1-5")]
    #[case(&[(4, 5), (1, 3)], "1-5")]
    #[case(&[(1, 1), (3, 3)], "1-1 3-3")]
    #[case(&[(1, 1), (3, 3), (2, 2)], "1-3")]
    #[case(&[(5, 9), (1, 2), (2, 12)], "1-12")]
    #[case(&[(u64::MAX, u64::MAX), (u64::MAX - 1, u64::MAX - 1)], "18446744073709551614-18446744073709551615")]
    fn merges(#[case] ranges: &[(u64, u64)], #[case] expected: &str) {
        assert_eq!(text(&set(ranges)), expected);
    }

    #[rstest]
    #[case(&[], 0, 0)]
    #[case(&[(2, 3)], 0, 3)]
    #[case(&[(1, 3), (7, 9)], 3, 9)]
    fn ends(#[case] ranges: &[(u64, u64)], #[case] complete_up_to: u64, #[case] highest: u64) {
        let set = set(ranges);
        assert_eq!((set.complete_up_to(), set.highest()), (complete_up_to, highest));
    }

    #[test]
    fn nothing_is_written_as_the_version_has_it() {
        let none = SequenceRanges::new();
        let zero = Acknowledged::Ranges(vec![AcknowledgementRange::new(0, 0)]);
        assert_eq!(none.acknowledged(RmVersion::February2005), zero);
        assert_eq!(none.acknowledged(RmVersion::V200702), Acknowledged::None);
    }

    fn runs_of(model: &BTreeSet<u64>) -> Vec<AcknowledgementRange> {
        let mut runs: Vec<AcknowledgementRange> = Vec::new();
        for &number in model {
            match runs.last_mut() {
                Some(run) if run.upper + 1 == number => run.upper = number,
                _ => runs.push(AcknowledgementRange::new(number, number)),
            }
        }
        runs
    }

    proptest! {
        #[test]
        fn agrees_with_a_plain_set(steps in prop::collection::vec((1u64..60, 0u64..6), 0..80)) {
            let mut ranges = SequenceRanges::new();
            let mut model = BTreeSet::new();
            for (lower, length) in steps {
                prop_assert_eq!(ranges.contains(lower), model.contains(&lower));
                let mut with = model.clone();
                with.insert(lower);
                prop_assert_eq!(ranges.runs_with(lower), runs_of(&with).len());
                let range = AcknowledgementRange::new(lower, lower + length);
                if length == 0 {
                    prop_assert_eq!(ranges.insert(lower), model.insert(lower));
                } else {
                    ranges.insert_range(range);
                    model.extend(lower..=lower + length);
                }
                let expected = runs_of(&model);
                prop_assert_eq!(ranges.runs(), expected.as_slice());
            }
        }
    }
}
