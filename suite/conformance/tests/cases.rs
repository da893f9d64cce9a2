//! Every case against the reference implementation, in virtual time. Each case in each profile and pattern is a test of
//! its own: `destination/rm11/request-reply/soap12/close.repeated`.

#![expect(clippy::unwrap_used, reason = "a test fails at what it cannot read")]

#[path = "cases/exercised.rs"]
mod exercised;

use std::cell::RefCell;
use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::OnceLock;

use libtest_mimic::{Arguments, Failed, Trial};
use wsrm_conformance::case::virtual_time::{reference_target, run_reference};
use wsrm_conformance::case::{Case, CaseReport, Target, profiles};
use wsrm_conformance::cases::destination as cases;
use wsrm_conformance::dialect::Dialect;
use wsrm_conformance::entry::Verdict;
use wsrm_conformance::ladder::Ladder;
use wsrm_conformance::report::{Event, JsonLines, Reporter as _};
use wsrm_oracle::Catalogue;
use wsrm_protocol::Pattern;
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion, WireProfile};

const PATTERNS: [Pattern; 2] = [Pattern::OneWay, Pattern::RequestReply];

fn main() -> ExitCode {
    let mut trials = passing();
    trials.push(trial("names/are-unique", names_are_unique));
    trials.push(trial("two-runs/are-the-same-to-the-byte", two_runs_are_the_same));
    trials.push(trial("exercised/what-is-not-has-its-reason", exercised::what_is_not_has_its_reason));
    for (profile, pattern) in usual() {
        let version = version(profile.rm);
        let name = format!("ladders/{version}/{}", Dialect::pattern_name(pattern));
        trials.push(trial(name, move || ladders(profile, pattern)));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn trial(name: impl Into<String>, test: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, move || {
        test();
        Ok(())
    })
}

fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| Catalogue::load().unwrap())
}

/// The profile that WCF's `WSHttpBinding` speaks, in either version and pattern.
fn usual() -> impl Iterator<Item = (WireProfile, Pattern)> {
    let is_usual = |profile: &WireProfile| {
        profile.soap == SoapVersion::Soap12 && profile.addressing == AddressingVersion::Addressing10
    };
    profiles().filter(is_usual).flat_map(|profile| PATTERNS.map(|pattern| (profile, pattern)))
}

const fn version(rm: RmVersion) -> &'static str {
    match rm {
        RmVersion::February2005 => "rm10",
        RmVersion::V200702 => "rm11",
    }
}

/// Each case that is for the endpoint; those that can do harm in the usual profile alone, since they take their time.
fn passing() -> Vec<Trial> {
    let mut trials = Vec::new();
    for profile in profiles() {
        for pattern in PATTERNS {
            let is_usual = usual().any(|usual| usual == (profile, pattern));
            let target = reference_target(profile, pattern);
            let soap = match profile.soap {
                SoapVersion::Soap11 => "soap11",
                SoapVersion::Soap12 => "soap12",
            };
            let addressing = match profile.addressing {
                AddressingVersion::August2004 => "-wsa2004",
                AddressingVersion::Addressing10 => "",
            };
            let pattern = Dialect::pattern_name(pattern);
            for case in cases::all().filter(|case| is_usual || !case.hostile) {
                if case.inapplicable(&target).is_none() {
                    let version = version(profile.rm);
                    let name = format!("destination/{version}/{pattern}/{soap}{addressing}/{}", case.name);
                    let target = target.clone();
                    trials.push(Trial::test(name, move || passes(case, &target)));
                }
            }
        }
    }
    trials
}

/// Nothing to blame, and every sequence ended.
fn passes(case: &Case, target: &Target) -> Result<(), Failed> {
    let report = run_reference(case, target, catalogue()).ok_or("the reference cannot be made")?;
    let left = report.sequences.iter().filter(|(_, end)| end.is_none()).count();
    if report.verdict == Verdict::Pass && left == 0 {
        return Ok(());
    }
    Err(format!("{left} sequences left open\n{}", describe(&report)).into())
}

fn describe(report: &CaseReport) -> String {
    let mut text =
        format!("{} against {}: {:?}\n", report.case.name, report.target.dialect(), report.verdict);
    for finding in report.findings() {
        let messages: Vec<&str> = finding.messages.iter().map(|name| name.as_str()).collect();
        let _ = writeln!(
            text,
            "  {} {} {}: expected {}; seen {}",
            finding.level,
            finding.requirement,
            messages.join(" "),
            finding.expected,
            finding.seen
        );
    }
    text + &anstream::adapter::strip_str(&Ladder::of(&report.recording).render(120)).to_string()
}

fn names_are_unique() {
    let mut names: Vec<&str> = cases::all().map(|case| case.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
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
            let report = run_reference(case, &target, catalogue()).unwrap();
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

/// The ladder of each case.
fn ladders(profile: WireProfile, pattern: Pattern) {
    let target = reference_target(profile, pattern);
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden/traces/cases");
    for family in families() {
        let mut text = String::new();
        let of_family = cases::all().filter(|case| case.family() == family && !case.hostile);
        for case in of_family.filter(|case| case.inapplicable(&target).is_none()) {
            let report = run_reference(case, &target, catalogue()).unwrap();
            let _ = writeln!(text, "{}", describe(&report));
        }
        if text.is_empty() {
            continue;
        }
        let name = format!("{}-{}-{family}", version(profile.rm), Dialect::pattern_name(pattern));
        insta::with_settings!({
            snapshot_path => &golden,
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(name, text);
        });
    }
}

fn families() -> Vec<&'static str> {
    let mut families: Vec<&str> = cases::all().map(Case::family).collect();
    families.sort_unstable();
    families.dedup();
    families
}
