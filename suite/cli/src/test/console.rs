//! What `wsrm test` prints.

use std::cell::RefCell;
use std::io::IsTerminal as _;
use std::time::Instant;

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Map, Value, json};
use wsrm_conformance::case::{Case, CaseReport, CaseVerdict, SuiteEvent, Target};
use wsrm_conformance::judgement::Totals;
use wsrm_protocol::Pattern;
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion};

use super::Arguments;
use crate::terminal;

const TITLE: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const BAD: Style = AnsiColor::Red.on_default().bold();
const WARN: Style = AnsiColor::Yellow.on_default();

/// Reasons for not running a case, shown this many at most.
const MOST_SHOWN: usize = 20;

/// Where a run is followed.
pub(super) struct Console<'a> {
    arguments: &'a Arguments,
    url: &'a str,
    targets: &'a [Target],
    began: Instant,
    bar: ProgressBar,
    running: RefCell<Vec<&'static str>>,
}

/// Prints the names of the cases.
pub(super) fn list(cases: &[&Case]) {
    for case in cases {
        let tags = match (case.hostile, case.slow) {
            (true, true) => " [hostile, slow]",
            (true, _) => " [hostile]",
            (_, true) => " [slow]",
            _ => "",
        };
        anstream::println!("{TITLE}{}{TITLE:#}{FAINT}{tags}{FAINT:#}\n    {}", case.name, case.about);
    }
}

impl<'a> Console<'a> {
    pub(super) fn new(arguments: &'a Arguments, url: &'a str, targets: &'a [Target], cases: usize) -> Self {
        let shown = !arguments.json && std::io::stderr().is_terminal();
        let draw = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some((cases * targets.len()) as u64), draw);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}") {
            bar.set_style(style);
        }
        Self { arguments, url, targets, began: Instant::now(), bar, running: RefCell::default() }
    }

    pub(super) fn begin(&self, hostile: bool) {
        if hostile {
            anstream::eprintln!(
                "{WARN}hostile cases are on: floods, giant messages, the largest numbers{WARN:#}"
            );
        }
        if !self.arguments.json {
            for target in self.targets {
                anstream::println!("{TITLE}{}{TITLE:#} {}", self.url, target.profile_name());
            }
        }
    }

    pub(super) fn event(&self, event: &SuiteEvent<'_>) {
        let mut running = self.running.borrow_mut();
        match event {
            SuiteEvent::Began(case, _) => running.push(case.name),
            SuiteEvent::Ended(report) => {
                running.retain(|name| *name != report.case.name);
                self.bar.inc(1);
                if self.arguments.json
                    && let Some(line) = self.json(report)
                {
                    anstream::println!("{line}");
                }
            }
        }
        self.bar.set_message(running.join(", "));
    }

    pub(super) fn end(&self, reports: &[CaseReport], totals: &Totals) {
        self.bar.finish_and_clear();
        if self.arguments.json {
            return;
        }
        for report in reports {
            match &report.verdict {
                CaseVerdict::Fail => self.failure(report),
                CaseVerdict::Inconclusive(why) => self.trouble(report, "inconclusive", why),
                CaseVerdict::HarnessError(why) => self.trouble(report, "trouble of wsrm itself", why),
                CaseVerdict::Pass | CaseVerdict::NotApplicable(_) => {}
            }
        }
        not_applicable(reports);
        self.summary(reports);
        anstream::println!("{totals}");
    }

    fn failure(&self, report: &CaseReport) {
        anstream::println!("\n{BAD}failed{BAD:#} {}: {}", report.case.name, report.case.about);
        let width = self.arguments.width.map_or_else(terminal::width, usize::from);
        anstream::print!("{}", report.judgement.render(width));
        anstream::println!("     repeat it: {}", self.command(report));
    }

    fn trouble(&self, report: &CaseReport, word: &str, why: &str) {
        let name = report.case.name;
        anstream::println!("\n{WARN}{word}{WARN:#} {name}: {}\n     {why}", report.case.about);
        anstream::println!("     repeat it: {}", self.command(report));
    }

    /// The command that runs this case alone again.
    fn command(&self, report: &CaseReport) -> String {
        let profile = report.target.profile;
        let rm = match profile.rm {
            RmVersion::February2005 => "1.0",
            RmVersion::V200702 => "1.1",
        };
        let soap = match profile.soap {
            SoapVersion::Soap11 => "1.1",
            SoapVersion::Soap12 => "1.2",
        };
        let addressing = match profile.addressing {
            AddressingVersion::August2004 => "2004/08",
            AddressingVersion::Addressing10 => "1.0",
        };
        let pattern = match report.target.pattern {
            Pattern::OneWay => "one-way",
            Pattern::RequestReply => "echo",
        };
        let name = report.case.name;
        let mut command = format!(
            "wsrm test {} --case {name} --rm {rm} --soap {soap} --addressing {addressing} --pattern {pattern}",
            self.url
        );
        if let (Some(action), Some(body)) = (&self.arguments.action, &self.arguments.body) {
            command.push_str(&format!(" --action {action} --body {}", body.display()));
        }
        for (flag, is_set) in [("--hostile", report.case.hostile), ("--slow", report.case.slow)] {
            if is_set {
                command.push_str(&format!(" {flag}"));
            }
        }
        command
    }

    fn summary(&self, reports: &[CaseReport]) {
        let count = |word: &str| reports.iter().filter(|report| report.verdict.word() == word).count();
        let run = reports.len() - count("not-applicable");
        anstream::println!(
            "\n{run} cases in {:.1} s: {} passed, {} failed, {} inconclusive, {} in trouble; {} not applicable",
            self.began.elapsed().as_secs_f64(),
            count("pass"),
            count("fail"),
            count("inconclusive"),
            count("harness-error"),
            count("not-applicable"),
        );
        let sequences: Vec<_> = reports.iter().flat_map(|report| &report.sequences).collect();
        let ended = |what: &str| {
            sequences
                .iter()
                .filter(|(_, end)| end.as_deref().is_some_and(|end| end.starts_with(what)))
                .count()
        };
        let left: Vec<&str> = sequences
            .iter()
            .filter(|(_, end)| end.is_none())
            .map(|(identifier, _)| identifier.as_str())
            .collect();
        anstream::println!(
            "{} sequences opened: {} terminated, {} ended by a fault, {} left open",
            sequences.len(),
            ended("terminated"),
            ended("ended by"),
            left.len()
        );
        for identifier in left {
            anstream::println!("     left open: {identifier}");
        }
    }

    /// The report of a case as one object: that of `wsrm judge`, and what is said of the case.
    fn json(&self, report: &CaseReport) -> Option<String> {
        let judged: Map<String, Value> = serde_json::from_str(&report.judgement.to_json().ok()?).ok()?;
        let mut object = Map::new();
        object.insert("case".to_owned(), json!(report.case.name));
        object.insert("profile".to_owned(), json!(report.target.profile_name()));
        object.insert("verdict".to_owned(), json!(report.verdict.word()));
        if let Some(reason) = report.verdict.reason() {
            object.insert("reason".to_owned(), json!(reason));
        }
        object.extend(judged);
        let left = report.sequences.iter().filter(|(_, end)| end.is_none());
        object.insert(
            "left_open".to_owned(),
            left.map(|(identifier, _)| Value::String(identifier.clone())).collect(),
        );
        object.insert("repeat".to_owned(), json!(self.command(report)));
        serde_json::to_string(&object).ok()
    }
}

fn not_applicable(reports: &[CaseReport]) {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for report in reports {
        let CaseVerdict::NotApplicable(why) = &report.verdict else { continue };
        match reasons.iter_mut().find(|(reason, _)| reason == why) {
            Some((_, names)) => names.push(report.case.name),
            None => reasons.push((why, vec![report.case.name])),
        }
    }
    for (reason, mut names) in reasons {
        names.sort_unstable();
        names.dedup();
        let more = names.len().saturating_sub(MOST_SHOWN);
        names.truncate(MOST_SHOWN);
        let and = if more > 0 { format!(" and {more} more") } else { String::new() };
        anstream::println!("{FAINT}not applicable, {reason}: {}{and}{FAINT:#}", names.join(", "));
    }
}
