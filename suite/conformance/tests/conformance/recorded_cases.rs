//! Cases that are recorded while they are run, and judged again from what was written.

use std::path::Path;

use wsrm_conformance::judgement::{Judgement, Selection, Standing};
use wsrm_conformance::mutation::Trial;
use wsrm_conformance::recording::{self, Recording};
use wsrm_conformance::report::{Event, Recordings, Reporter as _};
use wsrm_oracle::{Catalogue, Finding};
use wsrm_reference::mutants;

/// One of so many bugs is tried.
const EVERY: usize = 12;

/// What is told of a breach.
fn told(finding: &Finding) -> String {
    // What is written names a message that was lost by that, too.
    let messages = finding.messages.iter().map(|name| name.as_str().trim_end_matches(".dropped"));
    let messages: Vec<&str> = messages.collect();
    let Finding { requirement, expected, seen, span, .. } = finding;
    format!("{requirement} {messages:?} {span:?} {} {expected} {seen}", finding.erratum.is_some())
}

fn findings(judgement: &Judgement) -> Vec<String> {
    judgement.findings().map(told).collect()
}

fn read(folder: &Path) -> Recording {
    let folders = recording::find(folder).unwrap();
    assert_eq!(folders.len(), 1);
    Recording::read(folders.first().unwrap()).unwrap()
}

/// The judgement of what was written finds what the run found, of that side alone, by the same messages.
#[test]
fn are_judged_as_they_were() {
    let catalogue = Catalogue::load().unwrap();
    let mut found = 0;
    for mutant in mutants::all().step_by(EVERY) {
        let trial = Trial::of(mutant, &catalogue);
        let report = trial.kill().unwrap().report.clone();
        let expected = findings(&report.judgement);
        let violated: Vec<String> =
            report.judgement.with_standing(Standing::Violated).map(str::to_owned).collect();
        let folder = tempfile::tempdir().unwrap();
        let mut recordings = Recordings::create(folder.path()).unwrap();
        let entry = report.into_entry(0, String::new());
        recordings.report(&Event::EntryEnded(Box::new(entry))).unwrap();
        let judgement = Judgement::of(&read(folder.path()), "", &catalogue, &Selection::default());
        assert_eq!(findings(&judgement), expected, "{}", mutant.name);
        let again: Vec<&str> = judgement.with_standing(Standing::Violated).collect();
        assert_eq!(again, violated, "{}", mutant.name);
        found += expected.len();
    }
    assert!(found > mutants::all().count() / EVERY, "{found}");
}

#[test]
fn a_case_that_is_run_again_has_a_folder_of_its_own() {
    let catalogue = Catalogue::load().unwrap();
    let trial = Trial::of(mutants::find("close.final-left-out").unwrap(), &catalogue);
    let entry = Box::new(trial.kill().unwrap().report.clone().into_entry(0, String::new()));
    let folder = tempfile::tempdir().unwrap();
    let mut recordings = Recordings::create(folder.path()).unwrap();
    for _ in 0..3 {
        recordings.report(&Event::EntryEnded(entry.clone())).unwrap();
    }
    let found = recording::find(folder.path()).unwrap();
    let names: Vec<_> = found.iter().map(|path| path.strip_prefix(folder.path()).unwrap()).collect();
    let expected = ["session.plain", "session.plain-2", "session.plain-3"];
    assert_eq!(names, expected.map(|name| Path::new("rm11-soap12-wsa10-request-reply").join(name)));
    assert!(Recordings::create(folder.path()).unwrap_err().to_string().contains("not empty"));
}
