//! Every mutant is found by the requirement that it breaks, each in a test of its own.

#![expect(clippy::unwrap_used, reason = "a test fails at what it cannot read")]

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial as Test};
use wsrm_conformance::cases;
use wsrm_conformance::mutation::{Outcome, Trial, target};
use wsrm_oracle::Catalogue;
use wsrm_reference::mutants::{self, Mutant, Role};

fn main() -> ExitCode {
    let catalogue = Arc::new(Catalogue::load().unwrap());
    let mut tests: Vec<Test> = mutants::all()
        .map(|mutant| {
            let catalogue = Arc::clone(&catalogue);
            Test::test(format!("mutants/{}", mutant.name), move || dies(mutant, &catalogue))
        })
        .collect();
    tests.push(Test::test("list/names", names));
    let of_list = Arc::clone(&catalogue);
    tests.push(Test::test("list/requirements", move || requirements(&of_list)));
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
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

fn check(holds: bool, message: impl FnOnce() -> String) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(message().into()) }
}
