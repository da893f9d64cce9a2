//! How steady the verdicts are, over several rounds.

use crate::entry::Entry;
use std::collections::BTreeMap;
use std::fmt;

/// The verdicts over each case, run again and again.
#[derive(Debug, Clone, Default)]
pub struct Stability {
    cases: BTreeMap<(String, String), Verdicts>,
}

/// The words of the verdicts over a case, and how often each was the verdict.
#[derive(Debug, Clone, Default)]
struct Verdicts {
    counts: Vec<(&'static str, usize)>,
}

/// A case whose verdict is not always the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaky<'a> {
    /// The case.
    pub name: &'a str,
    /// What it was run against.
    pub group: &'a str,
    /// Each verdict, and how often it was given.
    pub counts: &'a [(&'static str, usize)],
}

impl Stability {
    /// Counts one more verdict.
    pub fn add(&mut self, entry: &Entry) {
        let key = (entry.subject.group.clone(), entry.subject.name.clone());
        let counts = &mut self.cases.entry(key).or_default().counts;
        let word = entry.verdict.word();
        match counts.iter_mut().find(|(counted, _)| *counted == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }

    /// How often each case was run, at least.
    pub fn rounds(&self) -> usize {
        self.cases.values().map(Verdicts::total).min().unwrap_or_default()
    }

    /// How many cases had this verdict each time.
    pub fn stable(&self, word: &str) -> usize {
        let is_it = |case: &&Verdicts| matches!(case.counts.as_slice(), [(counted, _)] if *counted == word);
        self.cases.values().filter(is_it).count()
    }

    /// The cases whose verdict was not always the same.
    pub fn flaky(&self) -> impl Iterator<Item = Flaky<'_>> {
        self.cases.iter().filter(|(_, case)| case.counts.len() > 1).map(|((group, name), case)| Flaky {
            name,
            group,
            counts: &case.counts,
        })
    }
}

impl Verdicts {
    fn total(&self) -> usize {
        self.counts.iter().map(|(_, count)| count).sum()
    }
}

impl fmt::Display for Flaky<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: Vec<String> = self.counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
        write!(f, "{} is flaky: {} ({})", self.name, counts.join(", "), self.group)
    }
}

impl fmt::Display for Stability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "over {} rounds: {} stable pass, {} stable fail, {} flaky",
            self.rounds(),
            self.stable("pass"),
            self.stable("fail"),
            self.flaky().count()
        )?;
        match self.stable("inconclusive") + self.stable("harness-error") {
            0 => Ok(()),
            open => write!(f, ", {open} never gone through with"),
        }
    }
}
