//! The sum of judgements.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use wsrm_oracle::Level;

use super::{Judgement, Standing};

/// What became of each requirement over any number of judgements: the gravest counts.
#[derive(Debug, Clone, Default)]
pub struct Totals {
    standings: BTreeMap<String, (Level, Standing)>,
    /// Those that are violated in a way that no baseline knows.
    unexpected: BTreeSet<String>,
}

impl Totals {
    /// Adds a judgement.
    pub fn add(&mut self, judgement: &Judgement) {
        for judged in &judgement.requirements {
            let id = judged.requirement.id.clone();
            if judged.standing == Standing::Violated && !judged.is_known() {
                self.unexpected.insert(id.clone());
            }
            let (_, standing) =
                self.standings.entry(id).or_insert((judged.requirement.level, judged.standing));
            *standing = judged.standing.max(*standing);
        }
    }

    /// How many requirements have this standing.
    pub fn count(&self, standing: Standing) -> usize {
        self.standings.values().filter(|(_, own)| *own == standing).count()
    }

    /// How many requirements of this level are violated, and not only as the baseline knows.
    pub fn unexpected(&self, level: Level) -> usize {
        let is_of = |id: &&String| self.standings.get(*id).is_some_and(|(own, _)| *own == level);
        self.unexpected.iter().filter(is_of).count()
    }

    /// How many requirements of this level are violated.
    pub fn violated(&self, level: Level) -> usize {
        self.standings.values().filter(|own| **own == (level, Standing::Violated)).count()
    }
}

/// `N requirements judged: M met, V violated (a must, b should, c wcf), D differ from WCF, X not exercised`.
impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} requirements judged: {} met, {} violated ({} must, {} should, {} wcf), {} differ from WCF, {} not exercised",
            self.standings.len(),
            self.count(Standing::Met),
            self.count(Standing::Violated),
            self.violated(Level::Must),
            self.violated(Level::Should),
            self.violated(Level::Wcf),
            self.count(Standing::Differs),
            self.count(Standing::NotExercised),
        )
    }
}
