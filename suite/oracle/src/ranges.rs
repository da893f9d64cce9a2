//! Sets of message numbers.

use std::fmt;

/// A set of numbers, kept as runs that neither touch nor overlap.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NumberSet {
    runs: Vec<(u64, u64)>,
}

impl NumberSet {
    /// Adds the numbers from `lower` to `upper`, both included.
    pub fn add(&mut self, lower: u64, upper: u64) {
        if lower > upper {
            return;
        }
        let (mut low, mut high) = (lower, upper);
        self.runs.retain(|&(from, to)| {
            let touches = from <= high.saturating_add(1) && low <= to.saturating_add(1);
            if touches {
                low = low.min(from);
                high = high.max(to);
            }
            !touches
        });
        let place = self.runs.partition_point(|&(from, _)| from < low);
        self.runs.insert(place, (low, high));
    }

    /// Adds all of another set.
    pub fn add_all(&mut self, other: &Self) {
        for &(lower, upper) in &other.runs {
            self.add(lower, upper);
        }
    }

    /// Whether the number is in the set.
    pub fn contains(&self, number: u64) -> bool {
        self.runs.iter().any(|&(from, to)| from <= number && number <= to)
    }

    /// The numbers that are in this set and not in the other.
    pub fn without(&self, other: &Self) -> Self {
        let mut rest = Self::default();
        for &(from, to) in &self.runs {
            let mut low = from;
            for &(other_from, other_to) in other.runs.iter().filter(|run| run.1 >= from && run.0 <= to) {
                if low < other_from {
                    rest.add(low, other_from - 1);
                }
                low = low.max(other_to.saturating_add(1));
            }
            if low <= to {
                rest.add(low, to);
            }
        }
        rest
    }

    /// Whether there is no number in the set.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// How many numbers are in the set.
    pub fn len(&self) -> u64 {
        self.runs.iter().fold(0_u64, |sum, &(from, to)| sum.saturating_add(to - from).saturating_add(1))
    }

    /// The highest number.
    pub fn highest(&self) -> Option<u64> {
        self.runs.last().map(|&(_, to)| to)
    }

    /// The lowest number.
    pub fn lowest(&self) -> Option<u64> {
        self.runs.first().map(|&(from, _)| from)
    }
}

impl FromIterator<u64> for NumberSet {
    fn from_iter<I: IntoIterator<Item = u64>>(numbers: I) -> Self {
        let mut set = Self::default();
        for number in numbers {
            set.add(number, number);
        }
        set
    }
}

impl fmt::Display for NumberSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.runs.is_empty() {
            return f.write_str("nothing");
        }
        for (index, &(from, to)) in self.runs.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            if from == to {
                write!(f, "{comma}{from}")?;
            } else {
                write!(f, "{comma}{from}-{to}")?;
            }
        }
        Ok(())
    }
}
