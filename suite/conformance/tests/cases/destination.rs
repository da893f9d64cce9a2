//! The cases for a destination.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::io;
use std::rc::Rc;

use libtest_mimic::{Failed, Trial};
use wsrm_conformance::case::virtual_time::{reference_target, run_reference};
use wsrm_conformance::case::{Case, Target, profiles};
use wsrm_conformance::cases::destination as cases;
use wsrm_conformance::entry::Verdict;
use wsrm_conformance::report::{Event, JsonLines, Reporter as _};
use wsrm_protocol::Pattern;
use wsrm_wire::RmVersion;

use crate::{CATALOGUE, PATTERNS, describe, form, trial, usual};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = passing();
    trials.push(trial("two-runs/are-the-same-to-the-byte", two_runs_are_the_same));
    trials
}

/// Each case that is for the endpoint; those that can do harm in the usual profile alone, since they take their time.
fn passing() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (profile, pattern) in profiles().flat_map(|profile| PATTERNS.map(|pattern| (profile, pattern))) {
        let is_usual = usual().any(|usual| usual == (profile, pattern));
        let target = reference_target(profile, pattern);
        for case in cases::all().filter(|case| is_usual || !case.hostile) {
            if case.inapplicable(&target).is_none() {
                let name = format!("destination/{}/{}", form(profile, pattern), case.name);
                let target = target.clone();
                trials.push(Trial::test(name, move || passes(case, &target)));
            }
        }
    }
    trials
}

/// Nothing to blame, and every sequence ended.
fn passes(case: &Case, target: &Target) -> Result<(), Failed> {
    let report = run_reference(case, target, &CATALOGUE).ok_or("the reference cannot be made")?;
    let left = report.sequences.iter().filter(|(_, end)| end.is_none()).count();
    if report.verdict == Verdict::Pass && left == 0 {
        return Ok(());
    }
    Err(format!("{left} sequences left open\n{}", describe(&report)).into())
}

/// All that is reported of all cases, as `wsrm test --json` reports it, and every byte that was said.
fn two_runs_are_the_same() {
    let (first, second) = (whole_run(), whole_run());
    assert!(first.lines().count() > 1000, "{}", first.lines().count());
    for (one, other) in first.lines().zip(second.lines()) {
        assert_eq!(one, other);
    }
    assert_eq!(first.len(), second.len());
}

fn whole_run() -> String {
    let out = Out::default();
    let mut reporter = JsonLines::new(out.clone());
    let mut said = String::new();
    // Each version and each pattern once.
    let crossed = usual().filter(|(profile, pattern)| {
        (profile.rm == RmVersion::V200702) == (*pattern == Pattern::RequestReply)
    });
    for (profile, pattern) in crossed {
        let target = reference_target(profile, pattern);
        for (place, case) in cases::all().filter(|case| !case.hostile).enumerate() {
            let report = run_reference(case, &target, &CATALOGUE).unwrap();
            for exchange in report.recording.exchanges() {
                let _ = writeln!(said, "{exchange:?}");
            }
            let entry = report.into_entry(place, case.name.to_owned());
            reporter.report(&Event::EntryEnded(Box::new(entry))).unwrap();
        }
    }
    let reported = String::from_utf8(out.0.borrow().clone()).unwrap();
    reported + &said
}

/// What a reporter writes.
#[derive(Debug, Clone, Default)]
struct Out(Rc<RefCell<Vec<u8>>>);

impl io::Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
