//! The events of a server, as lines for people or for programs.

use std::collections::HashMap;
use std::io::Write as _;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};
use wsrm_protocol::SessionId;
use wsrm_reference::mutants::Mutant;
use wsrm_reference::{EndpointId, HostEvent, HostOperation, OperationResult, contract};

use crate::binding::{Binding, ContractName};

const DIM: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const ODD: Style = AnsiColor::Yellow.on_default();
const PLAIN: Style = Style::new();

/// Longest text of a message that is shown whole.
const TEXT: usize = 60;

/// Writes what happens, and counts it.
#[derive(Debug)]
pub(super) struct Display {
    json: bool,
    names: HashMap<(EndpointId, SessionId), Session>,
    running: HashMap<HostOperation, Running>,
    opened: u64,
    closed: u64,
    faulted: u64,
    messages: u64,
    duplicates: u64,
    refused: u64,
}

#[derive(Debug)]
struct Session {
    /// Counted from 1, in the order of opening.
    name: u64,
    opened: Duration,
    messages: u64,
}

#[derive(Debug)]
struct Running {
    started: Duration,
    number: u64,
    call: String,
}

impl Display {
    pub(super) fn new(json: bool) -> Self {
        Self {
            json,
            names: HashMap::new(),
            running: HashMap::new(),
            opened: 0,
            closed: 0,
            faulted: 0,
            messages: 0,
            duplicates: 0,
            refused: 0,
        }
    }

    /// The first line: where it listens.
    pub(super) fn listening(&self, url: &str, binding: &Binding, contract: ContractName) {
        let settings = &binding.settings;
        if self.json {
            return self.object(&json!({
                "event": "listening",
                "url": url,
                "contract": contract.contract().name(),
                "profile": binding.profile.to_string(),
                "ordered": settings.ordered,
                "window": settings.max_transfer_window_size,
            }));
        }
        self.line(&format!("listening on {url}"));
        let order = if settings.ordered { "ordered" } else { "unordered" };
        self.line(&format!(
            "{DIM}{}; {}; {order}, window {}; Ctrl-C ends{DIM:#}",
            binding.profile,
            contract.contract().name(),
            settings.max_transfer_window_size
        ));
    }

    /// The bug that the service has.
    pub(super) fn mutant(&self, mutant: &Mutant) {
        if self.json {
            return self.object(&json!({
                "event": "mutant",
                "name": mutant.name,
                "requirement": mutant.breaks,
                "about": mutant.about,
            }));
        }
        let (name, breaks) = (mutant.name, mutant.breaks);
        self.line(&format!("{ODD}with the bug {name}{ODD:#}, which breaks {breaks}: {}", mutant.about));
    }

    pub(super) fn event(&mut self, at: Duration, event: &HostEvent) {
        match event {
            HostEvent::SessionOpened { endpoint, session, identifier } => {
                self.opened += 1;
                let name = self.opened;
                self.names.insert((*endpoint, *session), Session { name, opened: at, messages: 0 });
                self.tell(
                    at,
                    Some(name),
                    GOOD,
                    "opened",
                    identifier,
                    json!({ "identifier": identifier.as_str() }),
                );
            }
            HostEvent::OperationStarted { operation, session, number, name, delivery, .. } => {
                self.messages += 1;
                if let Some(session) = self.names.get_mut(&(operation.endpoint, *session)) {
                    session.messages += 1;
                }
                let call = match name {
                    Some(name) => {
                        let text = contract::read_text(&delivery.body, name, 0).ok().flatten();
                        format!("{name}({})", text.as_deref().map(shortened).unwrap_or_default())
                    }
                    None => format!("? {}", delivery.action),
                };
                let running = Running { started: at, number: *number, call };
                self.running.insert(*operation, running);
            }
            HostEvent::OperationFinished { operation, session, result } => {
                self.finished(at, *operation, *session, *result);
            }
            HostEvent::Duplicate { endpoint, session, number } => {
                self.duplicates += 1;
                self.repeated(at, (*endpoint, *session), *number, "duplicate", "has it already");
            }
            HostEvent::Dropped { endpoint, session, number } => {
                self.repeated(
                    at,
                    (*endpoint, *session),
                    *number,
                    "dropped",
                    "no room, or one before it is missing",
                );
            }
            HostEvent::Refused { why, .. } => {
                self.refused += 1;
                self.tell(at, None, BAD, "refused", why, json!({ "why": why }));
            }
            HostEvent::SessionEnded { endpoint, session, error } => {
                let Some(session) = self.names.remove(&(*endpoint, *session)) else { return };
                let lived = at.saturating_sub(session.opened);
                let (style, what, more) = match error {
                    None => {
                        self.closed += 1;
                        (GOOD, "closed", String::new())
                    }
                    Some(error) => {
                        self.faulted += 1;
                        (BAD, "faulted", format!(": {error}"))
                    }
                };
                let text = format!("after {}, {}{more}", seconds(lived), count(session.messages, "message"));
                let error = error.as_ref().map(ToString::to_string);
                let data = json!({ "messages": session.messages, "error": error });
                self.tell(at, Some(session.name), style, what, &text, data);
            }
        }
    }

    pub(super) fn summary(&self) {
        let open = self.names.len() as u64;
        if self.json {
            return self.object(&json!({
                "event": "summary",
                "sessions": self.opened,
                "closed": self.closed,
                "faulted": self.faulted,
                "open": open,
                "messages": self.messages,
                "duplicates": self.duplicates,
                "refused": self.refused,
            }));
        }
        self.line(&format!(
            "\n{}: {} closed, {} faulted, {open} open; {}, {}, {} refused",
            count(self.opened, "session"),
            self.closed,
            self.faulted,
            count(self.messages, "message"),
            count(self.duplicates, "duplicate"),
            self.refused,
        ));
    }

    fn repeated(&self, at: Duration, key: (EndpointId, SessionId), number: u64, what: &str, why: &str) {
        let session = self.names.get(&key).map_or(0, |session| session.name);
        if self.json {
            let data = json!({ "number": number });
            return self.tell(at, Some(session), ODD, what, "", data);
        }
        self.tell(at, Some(session), ODD, &format!("#{number}"), &format!("{what}: {why}"), Value::Null);
    }

    fn finished(
        &mut self,
        at: Duration,
        operation: HostOperation,
        session: SessionId,
        result: OperationResult,
    ) {
        let Some(Running { started, number, call }) = self.running.remove(&operation) else { return };
        let session = self.names.get(&(operation.endpoint, session)).map_or(0, |session| session.name);
        let (style, ending, word) = match result {
            OperationResult::Returned => (PLAIN, "", "returned"),
            OperationResult::Fault => (BAD, " fault", "fault"),
            OperationResult::Failed => (BAD, " failed", "failed"),
            OperationResult::Aborted => (BAD, " aborted", "aborted"),
        };
        let took = at.saturating_sub(started);
        let slow = if took.is_zero() { String::new() } else { format!(" took {}", seconds(took)) };
        let data = json!({ "number": number, "call": call, "result": word, "seconds": took.as_secs_f64() });
        self.tell(at, Some(session), style, &format!("#{number}"), &format!("{call}{slow}{ending}"), data);
    }

    fn tell(&self, at: Duration, session: Option<u64>, style: Style, what: &str, text: &str, data: Value) {
        if self.json {
            let what = if what.starts_with('#') { "operation" } else { what };
            let mut object = json!({ "event": what, "at": at.as_secs_f64(), "session": session });
            if let (Value::Object(object), Value::Object(data)) = (&mut object, data) {
                object.extend(data);
            }
            return self.object(&object);
        }
        let session = session.map(|session| format!("session {session}")).unwrap_or_default();
        self.line(&format!("{DIM}{:>9}{DIM:#}  {session:<11} {style}{what:<8} {text}{style:#}", seconds(at)));
    }

    fn object(&self, object: &Value) {
        self.line(&object.to_string());
    }

    /// A reader that has gone away is no reason to stop serving.
    #[expect(clippy::unused_self, reason = "output belongs to the display")]
    fn line(&self, line: &str) {
        let mut out = anstream::stdout().lock();
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }
}

/// Text of a message, for one line of a terminal.
fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().take(TEXT).flat_map(char::escape_debug).collect();
    if text.chars().nth(TEXT).is_some() {
        shown.push('…');
    }
    shown
}

fn seconds(duration: Duration) -> String {
    format!("{:.3} s", duration.as_secs_f64())
}

fn count(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
