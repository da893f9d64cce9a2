//! A requirement in practice: the cases that put it to the test, the bugs that break it, and what both look like.

use wsrm_conformance::case::Case;
use wsrm_conformance::exercise::{Broken, Exercise, Exercises, Kept, Side, UNEXERCISED};
use wsrm_oracle::{Catalogue, Requirement};
use wsrm_reference::mutants::{self, INHERENT, Inherent, Mutant};

use crate::test::names;

/// What there is to say of a requirement beside its text.
#[derive(Debug)]
pub(super) struct Practice {
    /// The cases that exercise it, by side.
    pub(super) exercises: Vec<Exercise>,
    /// Why no case does, where none does.
    pub(super) reasons: Vec<&'static str>,
    /// The bugs that break it.
    pub(super) mutants: Vec<&'static Mutant>,
    /// Why there is none, where the reference breaks it as it is.
    pub(super) inherent: Option<&'static Inherent>,
    /// The messages that keep it.
    pub(super) kept: Option<Kept>,
    /// The messages that break it.
    pub(super) broken: Option<Broken>,
}

impl Practice {
    /// What is known of a requirement, without a run.
    pub(super) fn known(requirement: &Requirement, exercises: &Exercises) -> Self {
        let reasons = UNEXERCISED.iter().filter(|own| own.requirement == requirement.id);
        Self {
            exercises: exercises.of_requirement(&requirement.id),
            reasons: reasons.map(|own| own.why).collect(),
            mutants: mutants::all().filter(|mutant| mutant.breaks == requirement.id).collect(),
            inherent: INHERENT.iter().find(|own| own.requirement == requirement.id),
            kept: None,
            broken: None,
        }
    }

    /// The same, with an example of each kind: the case that shows it best is run in virtual time, and the first mutant
    /// that is found.
    pub(super) fn shown(
        requirement: &Requirement,
        exercises: &Exercises,
        catalogue: &Catalogue,
        width: usize,
    ) -> Self {
        let mut known = Self::known(requirement, exercises);
        known.kept = known.exercises.iter().find_map(|own| Kept::of(requirement, own, catalogue));
        known.broken = known.mutants.iter().find_map(|mutant| Broken::of(mutant, width, catalogue));
        known
    }
}

/// What a case needs, and what is to be known before it is run: `needs RM 1.1; hostile`.
pub(super) fn conditions(case: &Case) -> String {
    let needs = names::needs(case);
    let needs = (!needs.is_empty()).then(|| format!("needs {}", needs.join(", ")));
    let tags = names::tags(case).into_iter().map(str::to_owned);
    needs.into_iter().chain(tags).collect::<Vec<_>>().join("; ")
}

/// The command that runs the case that shows it best.
pub(super) fn command(exercise: &Exercise) -> Option<String> {
    let options = names::options(exercise.case()?, &exercise.target());
    Some(match exercise.side {
        Side::Destination => format!("wsrm test http://host/service.svc {options}"),
        Side::Source => format!("wsrm test-client --run \"CLIENT {{url}}\" {options}"),
    })
}
