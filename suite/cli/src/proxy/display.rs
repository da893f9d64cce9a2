//! What passes, as lines for people or for programs.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use wsrm_conformance::fault_rule::RuleCount;
use wsrm_conformance::judgement::{Document, FindingDocument};
use wsrm_conformance::proxy::{JudgedSession, Messages, ProxiedExchange, ProxyEvent, SessionId};
use wsrm_conformance::recording::Exchange;
use wsrm_conformance::summary::{SequenceNames, Summary, Tone};
use wsrm_oracle::{Finding, Level, MessageName};

use super::Arguments;
use super::verdict::Sum;

const DIM: Style = Style::new().dimmed();
const BAD: Style = AnsiColor::Red.on_default();
const HARM: Style = AnsiColor::Yellow.on_default();
const PROTOCOL: Style = AnsiColor::Cyan.on_default();

/// Longest description of a message.
const TEXT: usize = 120;
/// Sequences whose short names are remembered.
const MAX_NAMES: usize = 100_000;

/// Writes what happens, and counts it.
pub(super) struct Display {
    json: bool,
    names: SequenceNames,
    /// On a terminal whose lines go elsewhere.
    progress: Option<ProgressBar>,
    exchanges: u64,
    sessions: u32,
    harmed: u64,
    failed: u64,
}

impl Display {
    pub(super) fn new(json: bool) -> Self {
        let elsewhere = std::io::stderr().is_terminal() && !std::io::stdout().is_terminal();
        let style = ProgressStyle::with_template("{spinner} {msg}").ok().filter(|_| elsewhere);
        Self {
            json,
            names: SequenceNames::default(),
            progress: style.map(|style| ProgressBar::new_spinner().with_style(style)),
            exchanges: 0,
            sessions: 0,
            harmed: 0,
            failed: 0,
        }
    }

    /// The first lines: where it listens, and what it will do.
    pub(super) fn listening(&mut self, url: &str, arguments: &Arguments, seed: u64) {
        let faults: Vec<String> = arguments.faults.iter().map(ToString::to_string).collect();
        let folder = arguments.record.as_ref().map(|folder| folder.display().to_string());
        if self.json {
            return self.object(&json!({
                "event": "listening", "url": url, "to": arguments.to, "record": folder, "faults": faults, "seed": seed,
            }));
        }
        self.line(&format!("listening on {url}"));
        let recording = folder.map_or_else(String::new, |folder| format!("; recording to {folder}"));
        let seeded = if faults.is_empty() { String::new() } else { format!("; seed {seed}") };
        self.line(&format!("{DIM}to {}{recording}{seeded}; Ctrl-C ends{DIM:#}", arguments.to));
        for fault in faults {
            self.line(&format!("{HARM}fault{HARM:#} {fault}"));
        }
    }

    pub(super) fn event(&mut self, event: &ProxyEvent) {
        match event {
            ProxyEvent::Exchange(exchange) => self.exchange(exchange),
            ProxyEvent::Refused { at, connection, why } => {
                self.failed += 1;
                if self.json {
                    let at = at.as_secs_f64();
                    self.object(
                        &json!({ "event": "refused", "at": at, "connection": connection, "why": why }),
                    );
                } else {
                    let at = seconds(*at);
                    self.line(&format!(
                        "{DIM}{at:>9}{DIM:#}  {BAD}connection {connection}: no request that HTTP knows: {why}{BAD:#}"
                    ));
                }
            }
        }
        if let Some(progress) = &self.progress {
            progress.set_message(format!("{}, {} harmed", count(self.exchanges, "exchange"), self.harmed));
            progress.tick();
        }
    }

    /// Something that the user must know.
    pub(super) fn trouble(&self, what: &str) {
        anstream::eprintln!("{BAD}wsrm proxy: {what}{BAD:#}");
    }

    pub(super) fn summary(&self, rules: &[RuleCount], recordings: Option<usize>, sum: Option<&Sum>) {
        if let Some(progress) = &self.progress {
            progress.finish_and_clear();
        }
        if self.json {
            let rules: Vec<Value> = rules
                .iter()
                .map(|rule| json!({ "rule": rule.rule, "fitting": rule.fitting, "applied": rule.applied }))
                .collect();
            return self.object(&json!({
                "event": "summary", "exchanges": self.exchanges, "sessions": self.sessions, "harmed": self.harmed,
                "failed": self.failed, "recordings": recordings, "rules": rules,
                "requirements": sum.map(|sum| sum.totals.to_string()),
                "baseline": sum.and_then(|sum| sum.changes.as_ref()),
            }));
        }
        let recorded = recordings.map_or_else(String::new, |recordings| {
            format!("; {} written", count(recordings as u64, "recording"))
        });
        self.line(&format!(
            "\n{}, {}: {} harmed, {} failed{recorded}",
            count(self.exchanges, "exchange"),
            count(self.sessions.into(), "session"),
            self.harmed,
            self.failed
        ));
        for RuleCount { rule, fitting, applied } in rules {
            let struck = match (fitting, applied) {
                (0, _) => format!("{BAD}no message fits{BAD:#}"),
                (_, 0) => format!("{BAD}struck none{BAD:#} of {}", count(*fitting, "message")),
                _ => format!("struck {applied} of {}", count(*fitting, "message")),
            };
            self.line(&format!("  {rule}: {struck}"));
        }
        let Some(sum) = sum else { return };
        if let Some(changes) = &sum.changes {
            for stale in &changes.stale {
                self.line(&format!("{HARM}stale{HARM:#} {stale}"));
            }
            self.line(&format!("deviations: {changes}"));
        }
        self.line(&sum.totals.to_string());
    }

    /// What is new in the judgement of a session; with `all` also what only differs from WCF. `known` says of a finding
    /// whether it is in the baseline.
    pub(super) fn judged(&self, judged: &JudgedSession, all: bool, known: &dyn Fn(&Finding) -> bool) {
        let session = judged.session.map(|SessionId(number)| number.get());
        if self.json {
            for finding in &judged.findings {
                let finding = FindingDocument::of(finding, None);
                self.object(&json!({ "event": "finding", "session": session, "finding": finding }));
            }
            if let Some(judgement) = &judged.judgement {
                let judgement = Document::of(judgement);
                self.object(&json!({ "event": "judgement", "session": session, "judgement": judgement }));
            }
            return;
        }
        let session = session.map_or_else(|| "-".to_owned(), |session| session.to_string());
        let is_shown = |finding: &&Finding| all || (finding.level.is_failing() && finding.erratum.is_none());
        for finding in judged.findings.iter().filter(is_shown) {
            let Finding { requirement, level, expected, seen, .. } = finding;
            let is_known = known(finding);
            let (style, sign) = match level {
                _ if is_known => (DIM, '~'),
                level if !level.is_failing() || finding.erratum.is_some() => (DIM, '~'),
                Level::Should => (HARM, '✗'),
                _ => (BAD, '✗'),
            };
            let messages: Vec<&str> = finding.messages.iter().map(MessageName::as_str).collect();
            let known = if is_known { " (known)" } else { "" };
            let expected = shortened(expected.clone());
            let seen = shortened(seen.clone());
            self.line(&format!(
                "{:>9}  session {session:<3}   {style}{sign} {level} {requirement}{style:#}{known}, by the {}: {}: expected \
                 {expected}; seen {seen}",
                "",
                finding.role().as_str(),
                messages.join(", "),
            ));
        }
    }

    fn exchange(&mut self, passed: &ProxiedExchange) {
        self.exchanges += 1;
        self.failed += u64::from(passed.failure.is_some());
        if let Some(SessionId(number)) = passed.session {
            self.sessions = self.sessions.max(number.get());
        }
        let Told { request, response, style, at, took, done } = self.told(passed);
        self.harmed += u64::from(!done.is_empty());
        let session = passed.session.map(|SessionId(number)| number.get());
        if self.json {
            return self.object(&json!({
                "event": "exchange", "at": at.as_secs_f64(), "exchange": passed.ordinal, "session": session,
                "request": request, "response": response, "seconds": took.map(|took| took.as_secs_f64()),
                "done": done, "failure": passed.failure,
            }));
        }
        let session = session.map_or_else(|| "-".to_owned(), |session| session.to_string());
        let response = response.as_deref().unwrap_or("no answer");
        let took = took.map_or_else(String::new, |took| format!(" {DIM}{}{DIM:#}", seconds(took)));
        let mut line = format!(
            "{DIM}{:>9}{DIM:#}  session {session:<3} {:>3}  {style}{request} → {response}{style:#}{took}",
            seconds(at),
            passed.ordinal
        );
        for what in done {
            line.push_str(&format!("  {HARM}[{what}]{HARM:#}"));
        }
        if let Some(failure) = &passed.failure {
            line.push_str(&format!("  {BAD}{failure}{BAD:#}"));
        }
        self.line(&line);
    }

    fn told(&mut self, passed: &ProxiedExchange) -> Told {
        if self.names.legend().len() > MAX_NAMES {
            self.names = SequenceNames::default();
        }
        match &passed.messages {
            Messages::Readable { exchange, .. } => self.readable(exchange),
            Messages::Unreadable { request, response, .. } => Told {
                request: format!("{} bytes that cannot be read", request.len()),
                response: response.as_ref().map(|response| format!("{} bytes", response.len())),
                style: Style::new(),
                at: passed.ended,
                took: None,
                done: Vec::new(),
            },
        }
    }

    fn readable(&mut self, exchange: &Exchange) -> Told {
        self.names.learn(&exchange.request, exchange.response.as_ref());
        let request = Summary::of(&exchange.request.shown(), &mut self.names);
        let response = exchange.response.as_ref();
        let response = response.map(|response| Summary::of(&response.shown(), &mut self.names));
        let tones = [Some(request.tone), response.as_ref().map(|response| response.tone)];
        let style = match tones {
            tones if tones.contains(&Some(Tone::Fault)) => BAD,
            [Some(Tone::Protocol), _] => PROTOCOL,
            _ => Style::new(),
        };
        let timing = &exchange.timing;
        let at = timing.sent.unwrap_or_default();
        Told {
            request: shortened(request.text),
            response: response.map(|response| shortened(response.text)),
            style,
            at,
            took: timing.answered.map(|answered| answered.saturating_sub(at)),
            done: timing.proxy.done.clone(),
        }
    }

    fn object(&self, object: &Value) {
        self.line(&object.to_string());
    }

    /// A reader that has gone away is no reason to stop passing messages on.
    #[expect(clippy::unused_self, reason = "output belongs to the display")]
    fn line(&self, line: &str) {
        let mut out = anstream::stdout().lock();
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }
}

/// An exchange in words.
struct Told {
    request: String,
    response: Option<String>,
    style: Style,
    at: Duration,
    took: Option<Duration>,
    done: Vec<String>,
}

/// A fault's text may be long; the recording has it whole.
fn shortened(text: String) -> String {
    match text.char_indices().nth(TEXT) {
        None => text,
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.3} s", duration.as_secs_f64())
}

fn count(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
