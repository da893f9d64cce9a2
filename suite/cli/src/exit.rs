//! The exit codes of `wsrm`, the same for every verb.

use std::process::ExitCode;

use wsrm_conformance::judgement::{Standing, Totals};
use wsrm_conformance::report::Summary;
use wsrm_oracle::Level;

/// How a run of the command ended. The numbers are part of the command's interface and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: everything is as it should be.
    Success,
    /// 1: the command did its work and found a difference, a violation or a failed session.
    Found,
    /// 2: the command line or an input file is wrong; clap's own code for usage errors.
    Usage,
    /// 3: the peer could not be reached or broke off, so nothing can be said about it.
    Unreachable,
    /// 4: the input asks for something that `wsrm` cannot speak yet.
    Unsupported,
    /// 10: a requirement of the level must or wcf is violated.
    Violated,
    /// 11: only requirements of the level should are violated, or, where they count, differences from WCF.
    OnlyShould,
    /// 12: no must or wcf requirement is seen violated, and not everything could be judged.
    Incomplete,
    /// 13: nothing new is violated, and a known deviation is not there any more.
    Stale,
    /// 70: a mistake in `wsrm` itself.
    Internal,
}

impl Exit {
    /// What follows for the user, the gravest first. What is violated stays true whatever else went wrong, so it ranks
    /// before all trouble; what could not be judged ranks before what can wait.
    const RANKING: [Self; 10] = [
        Self::Violated,
        Self::Internal,
        Self::Usage,
        Self::Unsupported,
        Self::Unreachable,
        Self::Incomplete,
        Self::OnlyShould,
        Self::Stale,
        Self::Found,
        Self::Success,
    ];

    /// The one to end with, of all that are true of a run; success if there is none.
    pub(crate) fn gravest(exits: impl IntoIterator<Item = Self>) -> Self {
        let rank = |exit: &Self| Self::RANKING.iter().position(|other| other == exit);
        exits.into_iter().min_by_key(rank).unwrap_or(Self::Success)
    }

    /// What the requirements alone say, those that are violated as the baseline knows left out.
    pub(crate) fn of_totals(totals: &Totals, is_strict: bool) -> Self {
        if totals.unexpected(Level::Must) + totals.unexpected(Level::Wcf) > 0 {
            Self::Violated
        } else if totals.unexpected(Level::Should) > 0 || (is_strict && totals.count(Standing::Differs) > 0) {
            Self::OnlyShould
        } else {
            Self::Success
        }
    }

    /// What the sums of a run say, with what else is true of it.
    pub(crate) fn of_run(
        summary: &Summary,
        is_strict: bool,
        others: impl IntoIterator<Item = Option<Self>>,
    ) -> Self {
        let totals = &summary.totals;
        let said = [Standing::Met, Standing::Differs, Standing::Violated];
        let is_silent = said.into_iter().all(|standing| totals.count(standing) == 0);
        let own = [
            Some(Self::of_totals(totals, is_strict)),
            Self::Unreachable.when(summary.inconclusive > 0 && is_silent),
            Self::Incomplete.when(summary.inconclusive > 0),
            Self::Stale.when(summary.is_stale()),
        ];
        Self::gravest(own.into_iter().chain(others).flatten())
    }

    /// Itself, where it is so.
    pub(crate) fn when(self, is_so: bool) -> Option<Self> {
        is_so.then_some(self)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::Found => 1,
            Exit::Usage => 2,
            Exit::Unreachable => 3,
            Exit::Unsupported => 4,
            Exit::Violated => 10,
            Exit::OnlyShould => 11,
            Exit::Incomplete => 12,
            Exit::Stale => 13,
            Exit::Internal => 70,
        })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(&[], Exit::Success)]
    #[case(&[Exit::Success, Exit::Stale], Exit::Stale)]
    #[case(&[Exit::Incomplete, Exit::OnlyShould], Exit::Incomplete)]
    #[case(&[Exit::Internal, Exit::Violated, Exit::Incomplete], Exit::Violated)]
    #[case(&[Exit::Incomplete, Exit::Internal], Exit::Internal)]
    fn the_gravest_counts(#[case] exits: &[Exit], #[case] expected: Exit) {
        assert_eq!(Exit::gravest(exits.iter().copied()), expected);
    }
}
