//! What is reported of one thing that was run or judged.

use std::time::Duration;

use wsrm_oracle::Role;

use crate::dialect::Dialect;
use crate::judgement::{Judgement, Standing};
use crate::recording::Recording;

/// What an entry is about, known before it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Its place among all entries of the run.
    pub place: usize,
    /// What it belongs to: the peer and what it speaks, or the path that was to be judged.
    pub group: String,
    /// The name of the case, or the path of the recording.
    pub name: String,
    /// What happens in it.
    pub about: String,
    /// What is spoken in a case. A recording may hold anything.
    pub dialect: Option<Dialect>,
}

/// What came of an entry.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What it is about.
    pub subject: Subject,
    /// The verdict.
    pub verdict: Verdict,
    /// What became of each requirement.
    pub judgement: Judgement,
    /// What was said; `None` where nothing could be read.
    pub recording: Option<Recording>,
    /// How long it took, where that means anything.
    pub duration: Option<Duration>,
    /// The sequences that were opened.
    pub sequences: Vec<OpenedSequence>,
    /// What became of the client, where one is tested.
    pub client: Option<ClientFacts>,
    /// The command that does it again.
    pub repeat: String,
}

/// What became of a client under test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientFacts {
    /// What its application saw.
    pub end: ClientEnd,
    /// The last of what its process wrote.
    pub output: String,
}

/// What the application above a client saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientEnd {
    /// All messages were delivered and the session ended well.
    Success,
    /// An error was reported.
    Error(Option<String>),
    /// The client cannot speak what it was asked for.
    Unable,
    /// The client did not come to an end that says anything.
    Trouble(String),
    /// Nobody has said.
    Unknown,
}

/// A sequence that a case opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedSequence {
    /// Its identifier.
    pub identifier: String,
    /// How it came to its end; `None` where it was left open.
    pub end: Option<String>,
}

/// The verdict over an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing that was said breaks a requirement.
    Pass,
    /// Something does.
    Fail,
    /// Something does, and all of it is in the baseline; or it did not come to its end, and that is in the baseline.
    Known,
    /// The case could not be gone through with, and nothing that was seen breaks a requirement.
    Inconclusive(String),
    /// The case is not for this peer.
    NotApplicable(String),
    /// The suite itself is in trouble, or there is nothing that could be judged.
    HarnessError(String),
}

impl Verdict {
    /// One word for it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Known => "known",
            Self::Inconclusive(_) => "inconclusive",
            Self::NotApplicable(_) => "not-applicable",
            Self::HarnessError(_) => "harness-error",
        }
    }

    /// Why it is neither passed nor failed.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Pass | Self::Fail | Self::Known => None,
            Self::Inconclusive(why) | Self::NotApplicable(why) | Self::HarnessError(why) => Some(why),
        }
    }
}

impl ClientEnd {
    /// Whether an application said that all went well, or that it did not; nothing where it said neither.
    pub const fn is_success(&self) -> Option<bool> {
        match self {
            Self::Success => Some(true),
            Self::Error(_) => Some(false),
            Self::Unable | Self::Trouble(_) | Self::Unknown => None,
        }
    }

    /// One word for it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Error(_) => "error",
            Self::Unable => "unable",
            Self::Trouble(_) => "trouble",
            Self::Unknown => "unknown",
        }
    }

    /// The error, or the trouble.
    pub fn what(&self) -> Option<&str> {
        match self {
            Self::Error(what) => what.as_deref(),
            Self::Trouble(what) => Some(what),
            Self::Success | Self::Unable | Self::Unknown => None,
        }
    }

    /// In a few words.
    pub fn words(&self) -> String {
        match self {
            Self::Success => "all delivered and the session ended".to_owned(),
            Self::Error(None) => "an error".to_owned(),
            Self::Error(Some(error)) => format!("an error: {error}"),
            Self::Unable => "it cannot do this profile".to_owned(),
            Self::Trouble(what) => what.clone(),
            Self::Unknown => "nobody has said".to_owned(),
        }
    }

    /// Whether the process itself was in trouble.
    pub const fn is_trouble(&self) -> bool {
        matches!(self, Self::Trouble(_))
    }
}

impl Entry {
    /// A recording that was judged.
    pub fn judged(subject: Subject, judgement: Judgement, recording: Recording, repeat: String) -> Self {
        let is_violated = judgement.with_standing(Standing::Violated).next().is_some();
        Self {
            subject,
            verdict: if is_violated { Verdict::Fail } else { Verdict::Pass },
            judgement,
            recording: Some(recording),
            duration: None,
            sequences: Vec::new(),
            client: None,
            repeat,
        }
    }

    /// Something that could not be judged.
    pub fn unread(subject: Subject, why: String, repeat: String) -> Self {
        Self {
            judgement: Judgement::empty(&subject.name),
            subject,
            verdict: Verdict::HarnessError(why),
            recording: None,
            duration: None,
            sequences: Vec::new(),
            client: None,
            repeat,
        }
    }

    /// The side that is under test in a case; nothing for a recording, which shows both.
    pub fn side(&self) -> Option<Role> {
        self.subject.dialect?;
        Some(if self.client.is_some() { Role::Source } else { Role::Destination })
    }

    /// The identifiers of the sequences that could not be ended.
    pub fn left_open(&self) -> impl Iterator<Item = &str> {
        let open = self.sequences.iter().filter(|sequence| sequence.end.is_none());
        open.map(|sequence| sequence.identifier.as_str())
    }
}
