//! The verdict over every recording.

use std::fmt::Write as _;
use std::path::Path;

use libtest_mimic::{Failed, Trial};
use wsrm_oracle::{Finding, Judge, Outcome, Verdict};

use crate::catalogue;
use crate::recording::Recording;

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = vec![Trial::test(
        "every-judged-requirement-has-one-monitor",
        every_judged_requirement_has_one_monitor,
    )];
    trials.extend(
        Recording::all()
            .iter()
            .map(|recording| Trial::test(format!("recording/{}", recording.name), || verdict_of(recording))),
    );
    trials
}

fn verdict_of(recording: &Recording) -> Result<(), Failed> {
    let verdict = recording.judge(catalogue());
    golden(&recording.name.replace('/', "__"), &summary(&verdict));
    // Real WCF is blamed for nothing that is not written down.
    let of_wcf = verdict.findings().filter(|finding| {
        finding.level.is_failing() && finding.erratum.is_none() && recording.wcf.contains(&finding.party)
    });
    let blamed: Vec<String> = of_wcf.map(line).collect();
    if blamed.is_empty() { Ok(()) } else { Err(blamed.join("\n").into()) }
}
/// A finding in one line.
fn line(finding: &Finding) -> String {
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

fn every_judged_requirement_has_one_monitor() -> Result<(), Failed> {
    let catalogue = catalogue();
    let judged = catalogue.requirements().iter().filter(|requirement| requirement.is_judged());
    let mut judged: Vec<&str> = judged.map(|requirement| requirement.id.as_str()).collect();
    let mut monitored: Vec<&str> = Judge::monitored().collect();
    judged.sort_unstable();
    monitored.sort_unstable();
    if judged == monitored { Ok(()) } else { Err(format!("{judged:?}\n{monitored:?}").into()) }
}

/// Compares with what is written in `golden/verdicts`.
fn golden(name: &str, text: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden/verdicts");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}
