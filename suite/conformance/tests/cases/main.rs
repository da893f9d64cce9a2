//! Every case, and every mutant, against the reference implementation, in virtual time. Each is a test of its own:
//! `destination/rm11/request-reply/soap12/close.repeated`, `ladder/close.repeated`, `mutants/close.final-left-out`.

#![expect(clippy::unwrap_used, reason = "a test fails at what it cannot read")]

mod destination;
mod exercised;
mod ladders;
mod mutants;
mod source;

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::LazyLock;

use libtest_mimic::{Arguments, Trial};
use wsrm_conformance::case::{CaseReport, profiles};
use wsrm_conformance::cases;
use wsrm_conformance::dialect::Dialect;
use wsrm_conformance::ladder::Ladder;
use wsrm_oracle::Catalogue;
use wsrm_protocol::Pattern;
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion, WireProfile};

const PATTERNS: [Pattern; 2] = [Pattern::OneWay, Pattern::RequestReply];

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::load().unwrap());

fn main() -> ExitCode {
    let mut trials = destination::trials();
    trials.extend(source::trials());
    trials.extend(ladders::trials());
    trials.extend(mutants::trials());
    trials.push(trial("exercised/what-is-not-has-its-reason", exercised::what_is_not_has_its_reason));
    trials.push(trial("names/are-unique", names_are_unique));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn trial(name: impl Into<String>, test: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, move || {
        test();
        Ok(())
    })
}

/// The profile that WCF's `WSHttpBinding` speaks, in either version and pattern.
fn usual() -> impl Iterator<Item = (WireProfile, Pattern)> {
    let is_usual = |profile: &WireProfile| {
        profile.soap == SoapVersion::Soap12 && profile.addressing == AddressingVersion::Addressing10
    };
    profiles().filter(is_usual).flat_map(|profile| PATTERNS.map(|pattern| (profile, pattern)))
}

/// How a profile and pattern are written in the names of tests, as `rm11/request-reply/soap11-wsa2004`.
fn form(profile: WireProfile, pattern: Pattern) -> String {
    let version = match profile.rm {
        RmVersion::February2005 => "rm10",
        RmVersion::V200702 => "rm11",
    };
    let soap = match profile.soap {
        SoapVersion::Soap11 => "soap11",
        SoapVersion::Soap12 => "soap12",
    };
    let addressing = match profile.addressing {
        AddressingVersion::August2004 => "-wsa2004",
        AddressingVersion::Addressing10 => "",
    };
    format!("{version}/{}/{soap}{addressing}", Dialect::pattern_name(pattern))
}

/// What came of a case, and its ladder diagram.
fn describe(report: &CaseReport) -> String {
    let mut text =
        format!("{} against {}: {:?}\n", report.case.name, report.target.dialect(), report.verdict);
    if let Some(end) = &report.client {
        let _ = writeln!(text, "  the application saw {}", end.words());
    }
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
    let all = cases::destination::all().chain(cases::source::all());
    let mut names: Vec<&str> = all.map(|case| case.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}
