//! The ladder diagrams of each case, in `golden/traces`: a folder a family, a file a case, and in it the profile that WCF's
//! `WSHttpBinding` speaks, in either version and pattern.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};
use wsrm_conformance::case::virtual_time::{reference_target, run_reference};
use wsrm_conformance::case::{Case, CaseReport, Target};
use wsrm_conformance::cases;
use wsrm_conformance::invitation::virtual_time as clients;

use crate::{CATALOGUE, describe, trial, usual};

type Run = fn(&Case, &Target) -> Option<CaseReport>;

/// The folder of each side's cases, and how they are run.
const SIDES: [(&str, Run); 2] = [
    ("cases", |case, target| run_reference(case, target, &CATALOGUE)),
    ("source-cases", |case, target| Some(clients::run_reference(case, target, &CATALOGUE))),
];

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> = drawn()
        .map(|(case, side)| trial(format!("ladder/{}", case.name), move || draw(case, side)))
        .collect();
    trials.push(Trial::test("ladder/nothing-else-is-in-golden", nothing_else_is_in_golden));
    trials
}

/// The cases that are drawn. Those that can do harm would fill books.
fn drawn() -> impl Iterator<Item = (&'static Case, (&'static str, Run))> {
    let [destination, source] = SIDES;
    let of_destination = cases::destination::all().map(move |case| (case, destination));
    let of_source = cases::source::all().map(move |case| (case, source));
    of_destination.chain(of_source).filter(|(case, _)| !case.hostile)
}

fn folder(side: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden/traces").join(side)
}

fn draw(case: &Case, (side, run): (&str, Run)) {
    let mut text = String::new();
    for (profile, pattern) in usual() {
        let target = reference_target(profile, pattern);
        if case.inapplicable(&target).is_none() {
            let report = run(case, &target).unwrap();
            let _ = writeln!(text, "{}", describe(&report));
        }
    }
    insta::with_settings!({
        snapshot_path => folder(side).join(case.family()),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(case.name, text);
    });
}

/// A case that is gone, or has another name, leaves no picture behind.
fn nothing_else_is_in_golden() -> Result<(), Failed> {
    for (side, _) in SIDES {
        let of_side = drawn().filter(|(_, (of_case, _))| *of_case == side);
        let known: BTreeSet<PathBuf> = of_side
            .map(|(case, _)| folder(side).join(case.family()).join(format!("{}.snap", case.name)))
            .collect();
        for family in std::fs::read_dir(folder(side))? {
            for file in std::fs::read_dir(family?.path())? {
                let file = file?.path();
                // What differs is put beside it, to be reviewed.
                let is_new = file.extension().is_some_and(|extension| extension == "new");
                if !is_new && !known.contains(&file) {
                    return Err(format!("{} is of no case", file.display()).into());
                }
            }
        }
    }
    Ok(())
}
