//! What came of a whole run.

use std::time::Duration;

use super::Stability;
use crate::baseline::Changes;
use crate::entry::{Entry, Verdict};
use crate::judgement::Totals;

/// Sequences that were left open are named up to this many.
const MOST_NAMED: usize = 1000;

/// What came of a run.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// What became of each requirement.
    pub totals: Totals,
    /// Entries that passed.
    pub passed: usize,
    /// Entries in which something is violated.
    pub failed: usize,
    /// Entries in which all that is violated is in the baseline.
    pub known: usize,
    /// Cases that could not be gone through with.
    pub inconclusive: usize,
    /// Cases that are not for the peer.
    pub not_applicable: usize,
    /// Entries in which the suite itself was in trouble.
    pub harness_errors: usize,
    /// Sequences that were opened.
    pub opened: usize,
    /// Sequences that were terminated.
    pub terminated: usize,
    /// Sequences that ended by a fault.
    pub faulted: usize,
    /// Sequences that were left open.
    pub open: usize,
    /// Identifiers of those, the first 1000.
    pub left_open: Vec<String>,
    /// How steady the verdicts are, where cases were run several times.
    pub stability: Stability,
    /// What differs from the baseline, where there is one.
    pub changes: Option<Changes>,
    /// How long the run took, where that means anything.
    pub elapsed: Option<Duration>,
}

impl Summary {
    /// Adds an entry. What is not applicable counts nowhere else.
    pub fn add(&mut self, entry: &Entry) {
        let count = match &entry.verdict {
            Verdict::Pass => &mut self.passed,
            Verdict::Fail => &mut self.failed,
            Verdict::Known => &mut self.known,
            Verdict::Inconclusive(_) => &mut self.inconclusive,
            Verdict::NotApplicable(_) => &mut self.not_applicable,
            Verdict::HarnessError(_) => &mut self.harness_errors,
        };
        *count += 1;
        self.stability.add(entry);
        if !matches!(entry.verdict, Verdict::NotApplicable(_)) {
            self.totals.add(&entry.judgement);
        }
        self.opened += entry.sequences.len();
        for end in entry.sequences.iter().filter_map(|sequence| sequence.end.as_deref()) {
            self.terminated += usize::from(end.starts_with("terminated"));
            self.faulted += usize::from(end.starts_with("ended by"));
        }
        self.open += entry.left_open().count();
        let room = MOST_NAMED.saturating_sub(self.left_open.len());
        self.left_open.extend(entry.left_open().take(room).map(str::to_owned));
    }

    /// Whether a known deviation is not there any more.
    pub fn is_stale(&self) -> bool {
        self.changes.as_ref().is_some_and(|changes| !changes.stale.is_empty())
    }

    /// Entries that were run.
    pub const fn run(&self) -> usize {
        self.passed + self.failed + self.known + self.inconclusive + self.harness_errors
    }
}
