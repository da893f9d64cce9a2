//! A judgement as lines for a reader.

use std::collections::HashSet;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use wsrm_oracle::{Finding, Level, Role};

use super::{Judged, Judgement, Standing, expected};
use crate::ladder::wrap;

/// Of one requirement this many breaches are shown; the others are counted.
pub(crate) const MOST_SHOWN: usize = 5;

const TITLE: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const BAD: Style = AnsiColor::Red.on_default().bold();
const WARN: Style = AnsiColor::Yellow.on_default();
const GOOD: Style = AnsiColor::Green.on_default();

impl Judgement {
    /// One line: what was judged, and how it came out.
    pub fn summary_line(&self) -> String {
        let count = |standing| self.with_standing(standing).count();
        let (violated, differing) = (count(Standing::Violated), count(Standing::Differs));
        let known = self.requirements.iter().filter(|judged| judged.is_known()).count();
        let bad = if known == violated { WARN } else { BAD };
        let known = if known > 0 { format!(" ({known} known)") } else { String::new() };
        let (style, word) = match (violated, differing) {
            (0, 0) => (GOOD, "kept".to_owned()),
            (0, _) => (GOOD, format!("kept, {differing} differ from WCF")),
            (_, 0) => (bad, format!("{violated} violated{known}")),
            _ => (bad, format!("{violated} violated{known}, {differing} differ from WCF")),
        };
        let (met, untouched) = (count(Standing::Met), count(Standing::NotExercised));
        let subject = &self.subject;
        format!("{TITLE}{subject}{TITLE:#}: {style}{word}{style:#}, {met} met, {untouched} not exercised\n")
    }

    /// The line, and where there is a finding the ladder diagram with the messages at fault marked, and the findings:
    /// what is violated first, then what differs from WCF.
    pub fn render(&self, width: usize) -> String {
        let mut text = self.summary_line();
        let numbered = self.numbered();
        if numbered.is_empty() {
            return text;
        }
        let mut ladder = self.ladder.clone();
        for (number, judged) in &numbered {
            let at_fault: Vec<_> =
                judged.findings.iter().filter_map(|finding| finding.messages.first()).collect();
            let mut marked = HashSet::new();
            for message in at_fault.into_iter().filter(|message| marked.insert(*message)) {
                ladder.mark(message.as_str(), &format!("{}{number}", sign(judged.standing)));
            }
        }
        text.push('\n');
        text.push_str(&ladder.render(width));
        for (number, judged) in numbered {
            text.push('\n');
            Writer { text: &mut text, width }.judged(number, judged);
        }
        text
    }

    /// What is not kept, numbered from 1: the gravest first.
    pub(crate) fn numbered(&self) -> Vec<(usize, &Judged)> {
        let mut found: Vec<&Judged> =
            self.requirements.iter().filter(|judged| !judged.findings.is_empty()).collect();
        found.sort_by_key(|judged| (std::cmp::Reverse(judged.standing), gravity(judged.requirement.level)));
        (1..).zip(found).collect()
    }
}

const fn gravity(level: Level) -> u8 {
    match level {
        Level::Must => 0,
        Level::Wcf => 1,
        Level::Should => 2,
        Level::May => 3,
        Level::Observed => 4,
    }
}

struct Writer<'t> {
    text: &'t mut String,
    width: usize,
}

impl Writer<'_> {
    fn judged(&mut self, number: usize, judged: &Judged) {
        let requirement = &judged.requirement;
        let (style, word) = match judged.standing {
            Standing::Violated if judged.is_known() => (FAINT, "known, violated"),
            Standing::Violated if requirement.level == Level::Should => (WARN, "violated"),
            Standing::Violated => (BAD, "violated"),
            _ => (FAINT, "differs"),
        };
        let (level, id) = (requirement.level, &requirement.id);
        let by = sides(&judged.findings);
        let sign = sign(judged.standing);
        let _ = writeln!(
            self.text,
            "{sign}{number}  {style}{word}{style:#} {TITLE}{level} {id}{TITLE:#}, by {by}"
        );
        self.paragraph("", &requirement.text, Style::new());
        for known in &judged.known {
            let issue = known.issue.as_ref().map(|issue| format!(" ({issue})")).unwrap_or_default();
            self.paragraph("known: ", &format!("{}{issue}", known.reason), Style::new());
        }
        let clause = judged.findings.first().map_or("", |finding| &finding.clause);
        self.paragraph("", clause, FAINT);
        if let Some(consequence) = &requirement.consequence {
            self.paragraph("what follows: ", consequence, Style::new());
        }
        if let Some(erratum) = &requirement.erratum {
            self.paragraph("WCF itself: ", erratum, Style::new());
        }
        for finding in judged.findings.iter().take(MOST_SHOWN) {
            self.finding(finding);
        }
        let more = judged.findings.len().saturating_sub(MOST_SHOWN);
        if more > 0 {
            self.paragraph("", &format!("and {more} more"), FAINT);
        }
    }

    fn finding(&mut self, finding: &Finding) {
        let messages: Vec<&str> = finding.messages.iter().map(wsrm_oracle::MessageName::as_str).collect();
        let (first, others) = messages.split_first().unwrap_or((&"", &[]));
        let place = match &finding.span {
            Some(span) => format!("{first}, bytes {} to {}", span.start, span.end),
            None => (*first).to_owned(),
        };
        let colon = if place.is_empty() { "" } else { ": " };
        let with = if others.is_empty() { String::new() } else { format!(" (with {})", others.join(", ")) };
        let expected = expected(finding);
        self.paragraph(
            &format!("{place}{with}{colon}"),
            &format!("expected {expected}; seen {}", finding.seen),
            Style::new(),
        );
    }

    /// Text in lines that hang behind their first.
    fn paragraph(&mut self, lead: &str, text: &str, style: Style) {
        let words = format!("{lead}{}", text.trim().replace('\n', " "));
        for (index, line) in wrap(&words, self.width.saturating_sub(7)).iter().enumerate() {
            let indent = if index == 0 { "     " } else { "       " };
            let _ = writeln!(self.text, "{indent}{style}{line}{style:#}");
        }
    }
}

/// What stands before a number: `✗` for a violation, `~` for a difference.
pub(crate) const fn sign(standing: Standing) -> char {
    match standing {
        Standing::Violated => '✗',
        Standing::Differs | Standing::Met | Standing::NotExercised => '~',
    }
}

/// Who is at fault.
pub(crate) fn sides(findings: &[Finding]) -> &'static str {
    let has = |role| findings.iter().any(|finding| finding.role() == role);
    match (has(Role::Source), has(Role::Destination)) {
        (true, true) => "both sides",
        (true, false) => "the source (client)",
        _ => "the destination (service)",
    }
}
