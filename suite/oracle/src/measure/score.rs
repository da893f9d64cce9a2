//! What came of edits.

use std::fmt;

/// An edit after which the judge did not say what it should have said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// The name of the edit.
    pub edit: &'static str,
    /// The name of the recording.
    pub subject: String,
    /// The message that was edited.
    pub message: String,
    /// What the judge did not say, or said beside.
    pub what: String,
}

/// What came of edits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Score {
    /// How many times an edit was made.
    pub applied: usize,
    /// How often what was to be said was said: of a wound that it is there, of a harmless change that all that was
    /// found before is found again.
    pub found: usize,
    /// How often nothing else was said.
    pub precise: usize,
    /// What went wrong, in the order of edits and recordings.
    pub misses: Vec<Miss>,
}

impl Score {
    /// Adds what came of other edits.
    pub fn add(&mut self, other: Self) {
        self.applied += other.applied;
        self.found += other.found;
        self.precise += other.precise;
        self.misses.extend(other.misses);
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} times applied: {} found at that message, against that side; {} without another claim",
            self.applied, self.found, self.precise
        )
    }
}

impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}: {}", self.edit, self.subject, self.message, self.what)
    }
}
