//! The process of a client under test.

use std::collections::VecDeque;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use wsrm_protocol::Pattern;
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion};

use crate::case::Target;
use crate::entry::ClientEnd;
use crate::secrets;

/// Bytes of a client's output that are kept: the last ones.
const MOST_OUTPUT: usize = 16 << 10;
/// Characters of a line of output that tells of an error.
const MOST_LINE: usize = 300;
/// How long the rest of the output may take to come when the process is over.
const LAST_OUTPUT: Duration = Duration::from_millis(500);

/// How a client is started: a program and its arguments, in which `{url}` and the like stand for what it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCommand {
    words: Vec<String>,
}

/// A command that is none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ClientCommandError {
    /// A quote does not end.
    #[error("a quotation mark or a backslash in {0:?} has no end")]
    Quotes(String),
    /// There is nothing to start.
    #[error("the command is empty")]
    Empty,
    /// Something in braces stands for nothing.
    #[error(
        "{{{0}}} stands for nothing: there are {{url}}, {{rm}}, {{soap}}, {{wsa}}, {{pattern}}, {{messages}} and {{case}}"
    )]
    Placeholder(String),
}

/// What a client is told, by its environment and in its command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errand {
    facts: [(&'static str, String); 7],
}

/// What came of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessEnd {
    /// What its application saw.
    pub end: ClientEnd,
    /// The last of what it wrote, to the standard output and the standard error, without secrets.
    pub output: String,
}

/// A process with all that it started, ended when this is dropped.
struct Group {
    child: Child,
    /// Its process group bears its number, and lives on where it left others behind.
    leader: Option<u32>,
}

impl ClientCommand {
    /// Splits a line into words as a shell does: quotes and backslashes hold words together, and that is all. There is no
    /// shell; who wants one starts it.
    ///
    /// # Errors
    /// If it cannot be split, or has a placeholder that stands for nothing.
    pub fn parse(line: &str) -> Result<Self, ClientCommandError> {
        let words = shlex::split(line).ok_or_else(|| ClientCommandError::Quotes(line.to_owned()))?;
        if words.first().is_none_or(String::is_empty) {
            return Err(ClientCommandError::Empty);
        }
        for word in &words {
            if let Some(unknown) = placeholders(word).find(|name| !NAMES.iter().any(|(key, _)| key == name)) {
                return Err(ClientCommandError::Placeholder(unknown.to_owned()));
            }
        }
        Ok(Self { words })
    }

    /// The program.
    pub fn program(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// Starts it, waits for its end, and ends it and all that it started when the time is over.
    ///
    /// # Errors
    /// If it cannot be started.
    pub async fn run(&self, errand: &Errand, limit: Duration) -> io::Result<ProcessEnd> {
        let mut group = self.start(errand)?;
        let output = Arc::new(Mutex::new(VecDeque::new()));
        let readers = [
            group.child.stdout.take().map(|pipe| read(pipe, Arc::clone(&output))),
            group.child.stderr.take().map(|pipe| read(pipe, Arc::clone(&output))),
        ];
        let ended = timeout(limit, group.child.wait()).await;
        // What it left running is no part of the next case.
        drop(group);
        for reader in readers.into_iter().flatten() {
            let _ = timeout(LAST_OUTPUT, reader).await;
        }
        let bytes: Vec<u8> = output.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect();
        // Whatever is told of the client is taken from here.
        let output = secrets::without_secrets(&String::from_utf8_lossy(&bytes));
        let end = match ended {
            Ok(status) => end_of(status?, &output),
            Err(_) => {
                ClientEnd::Trouble(format!("it had not ended after {} s, and was ended", limit.as_secs()))
            }
        };
        Ok(ProcessEnd { end, output })
    }

    fn start(&self, errand: &Errand) -> io::Result<Group> {
        let words: Vec<String> = self.words.iter().map(|word| errand.filled(word)).collect();
        let mut words = words.iter();
        let mut command = Command::new(words.next().map_or("", String::as_str));
        command.args(words).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        for ((_, variable), (_, value)) in NAMES.iter().zip(&errand.facts) {
            command.env(variable, value);
        }
        #[cfg(unix)]
        command.process_group(0);
        let child = command.spawn()?;
        Ok(Group { leader: child.id(), child })
    }
}

/// What stands in braces, and in which variable of the environment the same is told.
const NAMES: [(&str, &str); 7] = [
    ("url", "WSRM_URL"),
    ("rm", "WSRM_RM"),
    ("soap", "WSRM_SOAP"),
    ("wsa", "WSRM_WSA"),
    ("pattern", "WSRM_PATTERN"),
    ("messages", "WSRM_MESSAGES"),
    ("case", "WSRM_CASE"),
];

impl Errand {
    /// What a client is told of a target, a number of messages and a case.
    pub fn new(target: &Target, messages: u64, case: &str) -> Self {
        let profile = target.profile;
        let rm = match profile.rm {
            RmVersion::February2005 => "1.0",
            RmVersion::V200702 => "1.1",
        };
        let soap = match profile.soap {
            SoapVersion::Soap11 => "1.1",
            SoapVersion::Soap12 => "1.2",
        };
        let wsa = match profile.addressing {
            AddressingVersion::August2004 => "2004",
            AddressingVersion::Addressing10 => "1.0",
        };
        let pattern = match target.pattern {
            Pattern::OneWay => "one-way",
            Pattern::RequestReply => "request-reply",
        };
        let values = [
            target.address.clone(),
            rm.to_owned(),
            soap.to_owned(),
            wsa.to_owned(),
            pattern.to_owned(),
            messages.to_string(),
            case.to_owned(),
        ];
        let mut names = NAMES.iter();
        Self { facts: values.map(|value| (names.next().map_or("", |(name, _)| *name), value)) }
    }

    /// A word with its placeholders filled.
    fn filled(&self, word: &str) -> String {
        self.facts
            .iter()
            .fold(word.to_owned(), |word, (name, value)| word.replace(&format!("{{{name}}}"), value))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(leader) = self.leader.and_then(|id| i32::try_from(id).ok()) {
            end_group(leader);
        }
        // It may be over already.
        let _ = self.child.start_kill();
    }
}

/// The names in braces that could be placeholders: a word of small letters.
fn placeholders(word: &str) -> impl Iterator<Item = &str> {
    word.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .filter(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase()))
}

fn read(mut pipe: impl AsyncRead + Unpin + Send + 'static, into: Arc<Mutex<VecDeque<u8>>>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = pipe.read(&mut buffer).await {
            let mut kept = into.lock().unwrap_or_else(PoisonError::into_inner);
            kept.extend(buffer.iter().take(count));
            let excess = kept.len().saturating_sub(MOST_OUTPUT);
            kept.drain(..excess);
        }
    })
}

/// What the exit status says.
fn end_of(status: ExitStatus, output: &str) -> ClientEnd {
    match status.code() {
        Some(0) => ClientEnd::Success,
        Some(1) => ClientEnd::Error(last_line(output)),
        Some(3) => ClientEnd::Unable,
        Some(other) => ClientEnd::Trouble(format!(
            "it ended with the status {other}, which says nothing here: 0, 1 and 3 do"
        )),
        None => ClientEnd::Trouble(signal_of(status)),
    }
}

/// The last line that says something.
fn last_line(output: &str) -> Option<String> {
    let line = output.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
    Some(line.chars().filter(|character| !character.is_control()).take(MOST_LINE).collect())
}

#[cfg(unix)]
fn signal_of(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    match status.signal() {
        Some(signal) => format!("it was ended by the signal {signal}"),
        None => "it ended in an unknown way".to_owned(),
    }
}

#[cfg(not(unix))]
fn signal_of(_: ExitStatus) -> String {
    "it ended in an unknown way".to_owned()
}

#[cfg(unix)]
fn end_group(leader: i32) {
    use rustix::process::{Pid, Signal, kill_process_group};
    if let Some(leader) = Pid::from_raw(leader) {
        // Where nobody is left there is nothing to end.
        let _ = kill_process_group(leader, Signal::KILL);
    }
}
