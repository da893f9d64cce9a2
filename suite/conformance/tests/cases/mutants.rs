//! Every mutant is found by the requirement that it breaks, each in a test of its own.

use std::collections::BTreeSet;

use libtest_mimic::{Failed, Trial as Test};
use wsrm_conformance::case::virtual_time;
use wsrm_conformance::cases;
use wsrm_conformance::entry::Verdict;
use wsrm_conformance::invitation::virtual_time as clients;
use wsrm_conformance::mutation::{Outcome, Trial, is_inherent, target, without_mutant};
use wsrm_oracle::Catalogue;
use wsrm_reference::mutants::{self, INHERENT, Mutant, Role};

use crate::CATALOGUE;

pub(crate) fn trials() -> Vec<Test> {
    let mut tests: Vec<Test> = mutants::all()
        .map(|mutant| Test::test(format!("mutants/{}", mutant.name), move || dies(mutant, &CATALOGUE)))
        .collect();
    tests.push(Test::test("mutants/list/names", names));
    tests.push(Test::test("mutants/list/requirements", || requirements(&CATALOGUE)));
    tests.push(Test::test("mutants/list/each-judged-requirement", || covers(&CATALOGUE)));
    tests.push(Test::test("mutants/list/without-the-bug", || healthy(&CATALOGUE)));
    tests
}

/// It is found, by its own requirement, which nothing breaks without the bug.
fn dies(mutant: &'static Mutant, catalogue: &Catalogue) -> Result<(), Failed> {
    match Trial::of(mutant, catalogue).outcome {
        Outcome::Killed(_) => Ok(()),
        Outcome::Survived(survivals) => {
            let reasons: Vec<String> =
                survivals.iter().map(|survival| format!("{}: {}", survival.case, survival.why)).collect();
            Err(format!("{} is not reported for {}\n{}", mutant.about, mutant.breaks, reasons.join("\n"))
                .into())
        }
    }
}

/// Names are unique, and begin with the family of what is broken.
fn names() -> Result<(), Failed> {
    let mut names: Vec<&str> = mutants::all().map(|mutant| mutant.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    check(names.len() == count, || "two mutants have the same name".to_owned())?;
    for mutant in mutants::all() {
        let family = mutant.breaks.split('.').next();
        check(family == Some(mutant.family()), || format!("{} breaks {}", mutant.name, mutant.breaks))?;
    }
    Ok(())
}

/// What a mutant names is there: a requirement that binds where it shows, and cases that can be run there.
fn requirements(catalogue: &Catalogue) -> Result<(), Failed> {
    for mutant in mutants::all() {
        let requirement = catalogue.find(mutant.breaks);
        let applies = requirement.is_some_and(|requirement| {
            let profile = target(mutant.needs).profile;
            requirement.is_judged()
                && requirement.rm.contains(&profile.rm)
                && requirement.soap.contains(&profile.soap)
                && requirement.addressing.contains(&profile.addressing)
        });
        check(applies, || format!("{}: {} says nothing of it", mutant.name, mutant.breaks))?;
        for case in mutant.provoked_by {
            let case = match mutant.role {
                Role::Destination => cases::destination::find(case),
                Role::Source => cases::source::find(case),
            };
            let fits = case.is_some_and(|case| case.inapplicable(&target(mutant.needs)).is_none());
            check(fits, || format!("{}: one of its cases cannot be run there", mutant.name))?;
        }
    }
    Ok(())
}

/// Every requirement that is judged has a mutant, or is broken by the reference implementation itself.
fn covers(catalogue: &Catalogue) -> Result<(), Failed> {
    let has_reason = |id: &str| INHERENT.iter().any(|inherent| inherent.requirement == id);
    let ids = without_mutant(catalogue).map(|requirement| requirement.id.as_str());
    let without: Vec<&str> = ids.filter(|id| !has_reason(id)).collect();
    check(without.is_empty(), || format!("no mutant breaks {}, and no reason is given", without.join(", ")))?;
    for inherent in INHERENT {
        let id = inherent.requirement;
        check(without_mutant(catalogue).any(|own| own.id == id), || {
            format!("{id} has a mutant and a reason")
        })?;
        check(is_inherent(inherent, catalogue), || format!("{id} is not reported of the reference itself"))?;
    }
    Ok(())
}

/// Without a bug nobody is to blame in any of the cases that provoke one.
fn healthy(catalogue: &Catalogue) -> Result<(), Failed> {
    let mut tried = BTreeSet::new();
    for mutant in mutants::all() {
        let target = target(mutant.needs);
        for &name in mutant.provoked_by {
            if !tried.insert((name, target.dialect().to_string())) {
                continue;
            }
            let report = match mutant.role {
                Role::Destination => cases::destination::find(name)
                    .and_then(|case| virtual_time::run_reference(case, &target, catalogue)),
                Role::Source => {
                    cases::source::find(name).map(|case| clients::run_reference(case, &target, catalogue))
                }
            };
            let passes = report.is_some_and(|report| report.verdict == Verdict::Pass);
            check(passes, || format!("{name} is not passed by {}", target.dialect()))?;
        }
    }
    Ok(())
}

fn check(holds: bool, message: impl FnOnce() -> String) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(message().into()) }
}
