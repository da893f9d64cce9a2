//! What came of replaying: totals, lines for people, data for programs.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use serde_json::{Value, json};

use super::{MessageReport, NotReplayed, RecordingReport, Role, RoleReport, Rule, Verdict};

/// How many messages came out how, over any number of recordings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Totals {
    /// Recordings that were read.
    pub recordings: usize,
    /// Messages that were compared; those that an erratum covers, and those that chance decided on, are not counted.
    pub messages: usize,
    /// Equal bytes.
    pub identical: usize,
    /// Equal infosets.
    pub equivalent: usize,
    /// Different, and no erratum says why.
    pub different: usize,
    /// Different, and an erratum says why.
    pub errata: usize,
}

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const FAINT: Style = Style::new().dimmed();

impl Totals {
    /// Counts a recording.
    pub fn add(&mut self, report: &RecordingReport) {
        self.recordings += 1;
        for message in report.roles.iter().flatten().flat_map(|role| &role.messages) {
            self.count(message);
        }
    }

    fn count(&mut self, message: &MessageReport) {
        if message.erratum.is_some() {
            self.errata += 1;
            return;
        }
        match message.verdict {
            Verdict::Identical => self.identical += 1,
            Verdict::Equivalent => self.equivalent += 1,
            Verdict::Different(_) => self.different += 1,
            Verdict::Chance => return,
        }
        self.messages += 1;
    }
}

/// The last line of a replay.
impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} recordings, {} messages compared: {} identical, {} equivalent, {} different",
            self.recordings, self.messages, self.identical, self.equivalent, self.different
        )
    }
}

impl RecordingReport {
    /// What came of this recording alone.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        totals.add(self);
        totals
    }

    /// A line for people with ANSI colours, its name filled up to `width`, and below it what differs.
    pub fn render(&self, width: usize) -> String {
        let mut text = String::new();
        let (mark, style) = if self.totals().different > 0 {
            ("DIFF", BAD)
        } else if self.roles.iter().all(Result::is_err) {
            ("  - ", FAINT)
        } else {
            ("  ok", GOOD)
        };
        let parts: Vec<String> = self
            .roles
            .iter()
            .map(|role| match role {
                Ok(role) => role.line(),
                Err((role, NotReplayed::Role(why))) => format!("{FAINT}{}: {why}{FAINT:#}", role.name()),
                Err((role, NotReplayed::Form(why))) => format!("{}: {why}", role.name()),
            })
            .collect();
        let _ = writeln!(text, "{style}{mark}{style:#} {:width$}  {}", self.name, parts.join("  "));
        for role in self.roles.iter().flatten() {
            role.render_details(&mut text);
        }
        for note in &self.notes {
            let _ = writeln!(text, "       note: {note}");
        }
        text
    }

    /// The same as data; the format is described in `fixtures/README.md`.
    pub fn to_json(&self) -> Value {
        let roles: Vec<Value> = self
            .roles
            .iter()
            .map(|role| match role {
                Ok(report) => json!({
                    "role": report.role,
                    "compared": report.compared,
                    "messages": report.messages.iter().map(MessageReport::to_json).collect::<Vec<_>>(),
                }),
                Err((role, NotReplayed::Role(why))) => json!({ "role": role, "not_replayed": why }),
                Err((role, NotReplayed::Form(why))) => json!({ "role": role, "not_replayed": why }),
            })
            .collect();
        json!({
            "name": self.name,
            "folder": self.folder.display().to_string(),
            "totals": self.totals(),
            "notes": self.notes,
            "roles": roles,
        })
    }
}

impl RoleReport {
    fn line(&self) -> String {
        let name = self.role.name();
        if !self.compared {
            return format!("{name}: {} messages, nothing to compare with", self.trace.rungs.len());
        }
        let mut totals = Totals::default();
        let mut rules = BTreeMap::<Rule, usize>::new();
        for message in &self.messages {
            totals.count(message);
            for rule in &message.rules {
                *rules.entry(*rule).or_default() += 1;
            }
        }
        let mut line = format!("{name}: {} identical", totals.identical);
        for (count, word) in [(totals.equivalent, "equivalent"), (totals.errata, "by errata")] {
            if count > 0 {
                let _ = write!(line, ", {count} {word}");
            }
        }
        if totals.different > 0 {
            let _ = write!(line, ", {BAD}{} different{BAD:#}", totals.different);
        }
        for (rule, count) in rules {
            let _ = write!(line, " {FAINT}({count} {}){FAINT:#}", rule.name());
        }
        line
    }

    fn render_details(&self, text: &mut String) {
        for message in &self.messages {
            let Verdict::Different(difference) = &message.verdict else { continue };
            let place = match (message.exchange, message.copy) {
                (0, _) => "ours".to_owned(),
                (exchange, 0) => format!("exchange {exchange}"),
                (exchange, copy) => format!("exchange {exchange}, copy {copy}"),
            };
            let role = self.role.name();
            let _ = writeln!(text, "       {role}, {place}: {}: {}", message.summary, difference.what);
            if let Some(erratum) = &message.erratum {
                let _ = writeln!(text, "         covered by erratum {erratum}");
                continue;
            }
            for line in difference.diff.lines() {
                let style = match line.as_bytes().first() {
                    Some(b'-') => BAD,
                    Some(b'+') => GOOD,
                    _ => FAINT,
                };
                let _ = writeln!(text, "         {style}{line}{style:#}");
            }
        }
    }
}

impl MessageReport {
    fn to_json(&self) -> Value {
        let (verdict, difference) = match &self.verdict {
            Verdict::Identical => ("identical", None),
            Verdict::Equivalent => ("equivalent", None),
            Verdict::Chance => ("chance", None),
            Verdict::Different(difference) => {
                ("different", Some(json!({ "what": difference.what, "diff": difference.diff })))
            }
        };
        json!({
            "exchange": (self.exchange > 0).then_some(self.exchange),
            "copy": self.copy,
            "message": self.summary,
            "verdict": verdict,
            "recorded_later_by_ms": self.later_by,
            "rules": self.rules,
            "erratum": self.erratum,
            "difference": difference,
        })
    }
}

impl Role {
    /// The name, as it stands in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Responder => "responder",
            Self::Initiator => "initiator",
        }
    }
}
