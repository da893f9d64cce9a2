//! A baseline as text.

use super::{Baseline, Document, NO_REASON};

/// What stands at the top of a file.
const HEAD: &str = "\
# Known deviations: what `wsrm test`, `wsrm test-client` and `wsrm judge` find, and what is put up with.
# `--baseline` shows these as known; what is new fails, and so does what is not there any more.
# Each needs its reason. `cases`, `recordings` and `profiles` say where it shows; left out: anywhere.
# `sometimes = true`: it comes and goes. `[[unfinished]]`: cases that do not come to their end.
";

impl Baseline {
    /// The file.
    ///
    /// # Errors
    /// Never; what is written are texts.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        let mut deviation = self.deviations.clone();
        deviation.sort_by(|one, other| {
            let key = |one: &super::Deviation| {
                (one.requirement.clone(), one.role, one.cases.clone(), one.recordings.clone())
            };
            key(one).cmp(&key(other))
        });
        let mut unfinished = self.unfinished.clone();
        unfinished.sort_by_key(|one| (one.role, one.cases.clone(), one.profiles.clone()));
        Ok(format!("{HEAD}\n{}", toml::to_string_pretty(&Document { deviation, unfinished })?))
    }

    /// How many entries have no reason yet.
    pub fn without_reason(&self) -> usize {
        let reasons = self.deviations.iter().map(|deviation| &deviation.reason);
        let reasons = reasons.chain(self.unfinished.iter().map(|unfinished| &unfinished.reason));
        reasons.filter(|reason| reason.trim() == NO_REASON).count()
    }
}
