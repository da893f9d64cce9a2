//! A run as JUnit XML, which build servers read.

use std::collections::BTreeMap;
use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Event, Reporter, Summary, Verb};
use crate::entry::{Entry, Verdict};
use crate::judgement::{Judgement, Standing};

/// Characters a line of the ladder diagrams.
const WIDTH: usize = 100;
/// Characters of what is told of one failure.
const LONGEST_TEXT: usize = 64 << 10;
/// Requirements that are named in the message of a failure.
const MOST_NAMED: usize = 10;

/// Writes a test suite for each peer and what it speaks, or each path that was judged; a test case for each case or
/// recording.
///
/// What violates a requirement is a failure, unless the baseline knows it; a deviation of the baseline that is gone is a
/// failure too, in a suite of its own. What is not applicable was skipped; what came to nothing, or was trouble of the
/// suite, is an error.
#[derive(Debug)]
pub struct JunitXml<W> {
    out: W,
    verb: Option<Verb>,
    cases: BTreeMap<usize, (String, TestCase)>,
}

impl<W: Write> JunitXml<W> {
    /// Writes to `out` when the run is over.
    pub const fn new(out: W) -> Self {
        Self { out, verb: None, cases: BTreeMap::new() }
    }

    fn end(&mut self, summary: &Summary) -> io::Result<()> {
        let verb = self.verb.map_or("", Verb::as_str);
        let mut report = Report::new(format!("wsrm {verb}"));
        let mut suites: Vec<TestSuite> = Vec::new();
        let mut known: BTreeMap<(String, String), usize> = BTreeMap::new();
        for (group, mut case) in std::mem::take(&mut self.cases).into_values() {
            // What was run again is told apart.
            let name = case.name.as_str().to_owned();
            let times = known.entry((group.clone(), name.clone())).or_default();
            *times += 1;
            if *times > 1 {
                case.name = format!("{name} ({times})").into();
            }
            let place = suites.iter().position(|suite| suite.name.as_str() == group);
            let place = place.unwrap_or_else(|| {
                suites.push(TestSuite::new(group));
                suites.len() - 1
            });
            if let Some(suite) = suites.get_mut(place) {
                suite.add_test_case(case);
            }
        }
        report.add_test_suites(suites);
        if let Some(changes) = &summary.changes {
            let mut suite = TestSuite::new("baseline");
            suite.add_test_cases(changes.stale.iter().map(|stale| {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status.set_type("stale").set_message(stale.to_string());
                let name = stale.requirement.clone().unwrap_or_else(|| stale.places.join(", "));
                TestCase::new(name, status)
            }));
            report.add_test_suite(suite);
        }
        report.serialize(&mut self.out).map_err(io::Error::other)?;
        self.out.flush()
    }
}

fn test_case(entry: &Entry) -> TestCase {
    let Entry { subject, judgement, .. } = entry;
    let mut case = TestCase::new(subject.name.clone(), status(entry));
    if let (Some(_), Some((family, _))) = (subject.dialect, subject.name.split_once('.')) {
        case.set_classname(family);
    }
    if let Some(duration) = entry.duration {
        case.set_time(duration);
    }
    if matches!(entry.verdict, Verdict::Pass | Verdict::Known) && judgement.findings().next().is_some() {
        case.set_system_out(text(entry));
    }
    case
}

fn status(entry: &Entry) -> TestCaseStatus {
    let (kind, message) = match &entry.verdict {
        Verdict::Pass | Verdict::Known => return TestCaseStatus::success(),
        Verdict::NotApplicable(why) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(why.as_str());
            return status;
        }
        Verdict::Fail => (NonSuccessKind::Failure, violations(&entry.judgement)),
        Verdict::Inconclusive(why) | Verdict::HarnessError(why) => (NonSuccessKind::Error, why.clone()),
    };
    let mut status = TestCaseStatus::non_success(kind);
    let kind = match entry.verdict {
        Verdict::Fail => gravest(&entry.judgement),
        _ => entry.verdict.word(),
    };
    status.set_type(kind).set_message(message).set_description(text(entry));
    status
}

/// The level of the gravest violation.
fn gravest(judgement: &Judgement) -> &'static str {
    let first = judgement.numbered().first().map(|(_, judged)| judged.requirement.level);
    first.map_or("violated", wsrm_oracle::Level::as_str)
}

/// Which requirements are violated.
fn violations(judgement: &Judgement) -> String {
    let ids: Vec<&str> = judgement.with_standing(Standing::Violated).collect();
    let named: Vec<&str> = ids.iter().copied().take(MOST_NAMED).collect();
    let more = ids.len().saturating_sub(MOST_NAMED);
    let and = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{} violated: {}{and}", ids.len(), named.join(", "))
}

/// The findings as they are told to a reader, and how to see them again.
fn text(entry: &Entry) -> String {
    let mut text = format!("{}\n", entry.subject.about);
    if let Some(reason) = entry.verdict.reason() {
        text.push_str(&format!("{reason}\n"));
    }
    if let Some(client) = &entry.client {
        text.push_str(&format!("the application of the client saw: {}\n", client.end.words()));
    }
    if entry.judgement.findings().next().is_some() {
        text.push_str(&anstream::adapter::strip_str(&entry.judgement.render(WIDTH)).to_string());
    }
    if let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT) {
        text.truncate(end);
        text.push_str("\n…\n");
    }
    text.push_str(&format!("repeat it: {}\n", entry.repeat));
    text
}

impl<W: Write> Reporter for JunitXml<W> {
    fn report(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunBegan(run) => self.verb = Some(run.verb),
            Event::EntryEnded(entry) => {
                let case = (entry.subject.group.clone(), test_case(entry));
                self.cases.insert(entry.subject.place, case);
            }
            Event::RunEnded(summary) => self.end(summary)?,
            Event::EntryBegan(_) | Event::Remark(_) => {}
        }
        Ok(())
    }
}
