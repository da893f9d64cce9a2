//! What is reported of one thing that was run or judged.

use std::fmt;
use std::time::Duration;

use wsrm_protocol::Pattern;
use wsrm_wire::WireProfile;

use crate::case::Target;
use crate::invitation::ClientEnd;
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
    pub form: Option<Form>,
}

/// The versions and the pattern that a case is run in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// The versions.
    pub profile: WireProfile,
    /// Which sequences a session has.
    pub pattern: Pattern,
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
    /// Something does, and all of it is in the baseline.
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

    /// The identifiers of the sequences that could not be ended.
    pub fn left_open(&self) -> impl Iterator<Item = &str> {
        let open = self.sequences.iter().filter(|sequence| sequence.end.is_none());
        open.map(|sequence| sequence.identifier.as_str())
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Target::form_name(self.profile, self.pattern))
    }
}
