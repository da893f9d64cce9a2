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
        // Most sets are written down in order.
        if self.runs.last().is_none_or(|&(_, to)| to.checked_add(1).is_some_and(|next| next < lower)) {
            self.runs.push((lower, upper));
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
        if other.without(self).is_empty() {
            return;
        }
        let ours = std::mem::take(&mut self.runs);
        let (mut ours, mut theirs) = (ours.into_iter().peekable(), other.runs.iter().copied().peekable());
        while let Some(run) = match (ours.peek(), theirs.peek()) {
            (Some(one), Some(two)) if two < one => theirs.next(),
            (None, _) => theirs.next(),
            (Some(_), _) => ours.next(),
        } {
            let (from, to) = run;
            match self.runs.last_mut() {
                Some(last) if from <= last.1.saturating_add(1) => last.1 = last.1.max(to),
                _ => self.runs.push((from, to)),
            }
        }
    }

    /// Whether the number is in the set.
    pub fn contains(&self, number: u64) -> bool {
        let place = self.runs.partition_point(|&(_, to)| to < number);
        self.runs.get(place).is_some_and(|&(from, _)| from <= number)
    }

    /// The numbers that are in this set and not in the other.
    pub fn without(&self, other: &Self) -> Self {
        let mut runs = Vec::new();
        let mut others = other.runs.iter().peekable();
        for &(from, to) in &self.runs {
            let mut low = Some(from);
            while others.next_if(|run| run.1 < from).is_some() {}
            // The last run that reaches in here may reach into the next as well, so it is not taken away.
            let mut inside = others.clone();
            while let (Some(start), Some(&(other_from, other_to))) = (low, inside.next_if(|run| run.0 <= to))
            {
                if start < other_from {
                    runs.push((start, other_from - 1));
                }
                low = other_to.checked_add(1).map(|next| next.max(start));
            }
            if let Some(start) = low.filter(|start| *start <= to) {
                runs.push((start, to));
            }
        }
        Self { runs }
    }

    /// Whether there is no number in the set.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// How many numbers are in the set.
    pub fn len(&self) -> u64 {
        self.runs.iter().fold(0_u64, |sum, &(from, to)| sum.saturating_add(to - from).saturating_add(1))
    }

    /// The runs that it is made of, each by its first and last number, in order.
    pub fn runs(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.runs.iter().copied()
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

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn set(runs: &[(u64, u64)]) -> NumberSet {
        let mut set = NumberSet::default();
        runs.iter().for_each(|&(from, to)| set.add(from, to));
        set
    }

    #[rstest]
    #[case(&[(1, 5)], &[(2, 3)], "1, 4-5")]
    #[case(&[(1, 2), (4, 9)], &[(2, 5), (9, 9)], "1, 6-8")]
    #[case(&[(1, 2), (4, 5), (7, 8)], &[(1, 8)], "nothing")]
    #[case(&[(1, 2)], &[], "1-2")]
    #[case(&[(1, u64::MAX)], &[(3, u64::MAX)], "1-2")]
    #[case(&[(3, 4)], &[(1, 2), (5, 6)], "3-4")]
    #[case(&[(1, 1), (3, 3), (5, 5)], &[(3, 3)], "1, 5")]
    fn without(#[case] one: &[(u64, u64)], #[case] other: &[(u64, u64)], #[case] rest: &str) {
        assert_eq!(set(one).without(&set(other)).to_string(), rest);
    }

    #[rstest]
    #[case(&[(1, 2)], &[(3, 4)], "1-4")]
    #[case(&[(1, 2), (9, 9)], &[(4, 7), (2, 2)], "1-2, 4-7, 9")]
    #[case(&[], &[(1, 1)], "1")]
    #[case(&[(5, 6)], &[(1, 10)], "1-10")]
    fn unites(#[case] one: &[(u64, u64)], #[case] other: &[(u64, u64)], #[case] all: &str) {
        let mut united = set(one);
        united.add_all(&set(other));
        assert_eq!(united.to_string(), all);
        assert_eq!(united.len(), set(one).len() + set(other).without(&set(one)).len());
    }
}
