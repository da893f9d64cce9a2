//! The verdict over every recording.

use std::fmt::Write as _;
use std::path::Path;

use wsrm_oracle::{Catalogue, Finding, Judge, Outcome, Verdict};

use crate::recording::Recording;

/// A finding in one line.
pub(crate) fn line(finding: &Finding) -> String {
    let messages: Vec<&str> = finding.messages.iter().map(|name| name.as_str()).collect();
    let span = finding.span.as_ref().map_or(String::new(), |span| format!(" @{}..{}", span.start, span.end));
    let (level, id) = (finding.level, &finding.requirement);
    let role = finding.role();
    format!(
        "{level} {id} [{role}] {}{span}: expected {}; seen {}",
        messages.join(" "),
        finding.expected,
        finding.seen
    )
}

fn summary(verdict: &Verdict) -> String {
    let mut text = String::new();
    let is_met = |outcome: &Outcome| matches!(outcome, Outcome::Met(_));
    let met = verdict.outcomes().iter().filter(|(_, outcome)| is_met(outcome)).count();
    let _ = writeln!(text, "{met} met");
    for finding in verdict.findings() {
        let _ = writeln!(text, "{}", line(finding));
    }
    text
}

#[test]
fn every_judged_requirement_has_one_monitor() {
    let catalogue = Catalogue::load().unwrap();
    let mut judged: Vec<&str> = catalogue
        .requirements()
        .iter()
        .filter(|requirement| requirement.is_judged())
        .map(|requirement| requirement.id.as_str())
        .collect();
    let mut monitored: Vec<&str> = Judge::monitored().collect();
    judged.sort_unstable();
    monitored.sort_unstable();
    assert_eq!(judged, monitored);
}

#[test]
fn wcf_is_not_blamed() {
    let catalogue = Catalogue::load().unwrap();
    let mut blamed = String::new();
    for recording in Recording::all().iter().filter(|recording| !recording.wcf.is_empty()) {
        let verdict = recording.judge(&catalogue);
        let of_wcf = verdict.findings().filter(|finding| {
            finding.level.is_failing() && finding.erratum.is_none() && recording.wcf.contains(&finding.party)
        });
        for finding in of_wcf {
            let _ = writeln!(blamed, "{}: {}", recording.name, line(finding));
        }
    }
    assert!(blamed.is_empty(), "\n{blamed}");
}

/// Compares with what is written in `golden/verdicts`.
pub(crate) fn golden(name: &str, text: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden/verdicts");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn verdict_of_every_recording() {
    let catalogue = Catalogue::load().unwrap();
    for recording in Recording::all() {
        golden(&recording.name.replace('/', "__"), &summary(&recording.judge(&catalogue)));
    }
}
