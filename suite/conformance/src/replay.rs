//! Replaying recordings against the reference implementation, in virtual time.
//!
//! As *responder* our service gets the recorded requests at their recorded times, and its answers are compared with
//! the recorded ones. As *initiator* our client does what the recorded application did and gets the recorded
//! responses; its requests are compared. Where chance decided in the recording (see [`Rule`]) the replay follows it.

mod compare;
mod errata;
mod initiator;
mod mapping;
mod race;
mod report;
mod responder;
mod rule;
mod stack;
mod trace;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use wsrm_protocol::Timestamp;

pub use compare::{Difference, Verdict};
pub use errata::{ERRATA_FILE, Errata, ErrataError, Erratum};
pub use report::Totals;
pub use rule::{EARLY, FIRST_CALL, FIRST_OPEN, LATE, RACE, Rule, SLOW};
pub use stack::Stack;

use crate::content::Content;
use crate::ladder::Ladder;
use crate::recording::Recording;

/// Which side our implementation takes in a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The service's side.
    Responder,
    /// The client's side.
    Initiator,
}

/// What came of replaying a recording in one role.
#[derive(Debug, Clone)]
pub struct RoleReport {
    /// The role.
    pub role: Role,
    /// Whether the recorded side is a WCF, so that ours must say what it said.
    pub compared: bool,
    /// The messages that were compared; empty where nothing is.
    pub messages: Vec<MessageReport>,
    /// What our side said and got.
    pub trace: Ladder,
}

/// What came of comparing one message.
#[derive(Debug, Clone)]
pub struct MessageReport {
    /// The number of its exchange; 0 for a message that was not recorded.
    pub exchange: u32,
    /// Which delivery: 0 is the original, others are duplicates.
    pub copy: u32,
    /// Request or response, in a line.
    pub summary: String,
    /// How many milliseconds later than ours it was recorded; `None` where there is nothing to compare.
    pub later_by: Option<i64>,
    /// What the comparison found.
    pub verdict: Verdict,
    /// Which tolerances it made use of.
    pub rules: Vec<Rule>,
    /// The erratum that says why it differs.
    pub erratum: Option<String>,
}

/// How many milliseconds `recorded` lies behind `ours`.
fn later_by(ours: Timestamp, recorded: Timestamp) -> i64 {
    let millis = |at: Timestamp| i64::try_from(at.since_origin().as_millis()).unwrap_or(i64::MAX);
    millis(recorded).saturating_sub(millis(ours))
}

/// Why a recording is not replayed in a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotReplayed {
    /// There is nobody on that side to stand in for, or nobody to face.
    Role(&'static str),
    /// The messages are in a form that cannot be read.
    Form(String),
}

/// The report of one recording.
#[derive(Debug, Clone)]
pub struct RecordingReport {
    /// Its folder.
    pub folder: PathBuf,
    /// Its name.
    pub name: String,
    /// What came of it, by role.
    pub roles: Vec<Result<RoleReport, (Role, NotReplayed)>>,
    /// What else is to be said of it: bodies in a form that cannot be read.
    pub notes: Vec<String>,
}

/// Replays a recording in these roles.
pub fn replay(recording: &Recording, roles: &[Role], errata: &Errata) -> RecordingReport {
    let roles = roles
        .iter()
        .map(|role| {
            let report = match role {
                Role::Responder => responder::replay(recording),
                Role::Initiator => initiator::replay(recording),
            };
            let mut report = report.map_err(|why| (*role, why))?;
            for message in &mut report.messages {
                let erratum = errata.covering(recording, *role, message);
                message.erratum = erratum.map(|erratum| erratum.id.clone());
            }
            Ok(report)
        })
        .collect();
    RecordingReport {
        folder: recording.folder().to_path_buf(),
        name: recording.name().to_owned(),
        roles,
        notes: notes(recording),
    }
}

/// Which bodies are in a form that nobody here reads.
fn notes(recording: &Recording) -> Vec<String> {
    let mut notes = Vec::new();
    for exchange in recording.exchanges() {
        for (what, message) in
            [("request", Some(&exchange.request)), ("response", exchange.response.as_ref())]
        {
            let Some(message) = message else { continue };
            let content = Content::of(message);
            if let (Content::FastInfoset | Content::Multipart, Some(words)) = (&content, content.words()) {
                notes.push(format!("exchange {}, {what}: {words}", exchange.number));
            }
        }
    }
    notes
}
