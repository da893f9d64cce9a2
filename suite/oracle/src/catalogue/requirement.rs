//! One requirement, and how it is read.

use std::fmt;

use serde::Deserialize;
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion};

use super::{CatalogueError, Source};

/// What follows for a user when a requirement is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The standard's own MUST, MUST NOT, REQUIRED, or its schema.
    Must,
    /// The standard's own SHOULD, RECOMMENDED, or what it words as the condition of a fault.
    Should,
    /// The standard leaves it open, but a real WCF peer faults, hangs, loses a message or repeats without end.
    Wcf,
    /// The standard allows both; WCF does one of them. Never fails a stack.
    May,
    /// WCF does it so, and nothing depends on it. Never fails a stack.
    Observed,
}

/// The part that a requirement judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The RM Source: who sends the messages of a sequence.
    Source,
    /// The RM Destination: who receives and acknowledges them.
    Destination,
    /// Who sends the message, whatever its part.
    Either,
}

/// How the messages of a session travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pattern {
    /// Application messages in one direction, acknowledgements in the other.
    OneWay,
    /// Requests in a sequence, replies in the offered one, on the HTTP responses.
    RequestReply,
    /// Two sequences between two addresses, both sending requests of their own.
    Duplex,
}

/// One requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Names it for ever: the family, a full stop, what it is about.
    pub id: String,
    /// What follows when it is not kept.
    pub level: Level,
    /// The part that it judges.
    pub role: Role,
    /// The versions of WS-ReliableMessaging it holds for.
    pub rm: Vec<RmVersion>,
    /// The versions of SOAP it holds for.
    pub soap: Vec<SoapVersion>,
    /// The versions of WS-Addressing it holds for.
    pub addressing: Vec<AddressingVersion>,
    /// The patterns it holds for.
    pub patterns: Vec<Pattern>,
    /// What is required.
    pub text: String,
    /// Who says so.
    pub sources: Vec<Source>,
    /// For [`Level::Wcf`]: what a WCF peer does when it is not kept.
    pub consequence: Option<String>,
    /// Where WCF itself does not keep it: when, and what it does instead.
    pub erratum: Option<String>,
    /// Why it cannot be judged from the messages; `None` where it is judged.
    pub unjudged: Option<String>,
}

impl Level {
    /// All levels, the gravest first.
    pub const ALL: [Self; 5] = [Self::Must, Self::Should, Self::Wcf, Self::May, Self::Observed];

    /// The name of the level, as it is written in the catalogue.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::Wcf => "wcf",
            Self::May => "may",
            Self::Observed => "observed",
        }
    }

    /// Whether a stack that does otherwise fails. The others only differ from WCF.
    pub const fn is_failing(self) -> bool {
        matches!(self, Self::Must | Self::Should | Self::Wcf)
    }
}

impl Role {
    /// The name of the part, as it is written in the catalogue.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Destination => "destination",
            Self::Either => "either",
        }
    }
}

impl Pattern {
    /// All patterns.
    pub const ALL: [Self; 3] = [Self::OneWay, Self::RequestReply, Self::Duplex];

    /// The name of the pattern, as it is written in the catalogue.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OneWay => "one-way",
            Self::RequestReply => "request-reply",
            Self::Duplex => "duplex",
        }
    }
}

impl Requirement {
    /// The family: what stands before the full stop in the id.
    pub fn family(&self) -> &str {
        self.id.split_once('.').map_or(self.id.as_str(), |(family, _)| family)
    }

    /// Whether there is a monitor for it.
    pub const fn is_judged(&self) -> bool {
        self.unjudged.is_none()
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A file of the catalogue.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    requirement: Vec<Entry>,
}

/// A requirement as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    level: Level,
    role: Role,
    rm: Option<Vec<Rm>>,
    soap: Option<Vec<Soap>>,
    addressing: Option<Vec<Addressing>>,
    patterns: Option<Vec<Pattern>>,
    text: String,
    sources: Vec<String>,
    consequence: Option<String>,
    erratum: Option<String>,
    judged: Option<bool>,
    reason: Option<String>,
}

#[derive(Deserialize, Clone, Copy)]
enum Rm {
    #[serde(rename = "1.0")]
    February2005,
    #[serde(rename = "1.1")]
    V200702,
}

#[derive(Deserialize, Clone, Copy)]
enum Soap {
    #[serde(rename = "1.1")]
    Soap11,
    #[serde(rename = "1.2")]
    Soap12,
}

#[derive(Deserialize, Clone, Copy)]
enum Addressing {
    #[serde(rename = "2004/08")]
    August2004,
    #[serde(rename = "1.0")]
    Addressing10,
}

/// Reads one file of the catalogue.
pub(super) fn read_family(family: &str, text: &str) -> Result<Vec<Requirement>, CatalogueError> {
    let read: Family = toml::from_str(text)
        .map_err(|error| CatalogueError::Syntax { family: family.to_owned(), what: error.to_string() })?;
    read.requirement.into_iter().map(|entry| entry.check(family)).collect()
}

impl Entry {
    fn check(self, family: &str) -> Result<Requirement, CatalogueError> {
        self.check_id(family)?;
        self.check_fields()?;
        let sources = self.sources.iter().map(|source| source.parse());
        let sources: Result<Vec<Source>, _> = sources.collect();
        let sources = sources.map_err(|error| CatalogueError::Source { id: self.id.clone(), error })?;
        Ok(Requirement {
            level: self.level,
            role: self.role,
            rm: versions(self.rm, &RmVersion::ALL, |rm| match rm {
                Rm::February2005 => RmVersion::February2005,
                Rm::V200702 => RmVersion::V200702,
            }),
            soap: versions(self.soap, &SoapVersion::ALL, |soap| match soap {
                Soap::Soap11 => SoapVersion::Soap11,
                Soap::Soap12 => SoapVersion::Soap12,
            }),
            addressing: versions(self.addressing, &AddressingVersion::ALL, |addressing| match addressing {
                Addressing::August2004 => AddressingVersion::August2004,
                Addressing::Addressing10 => AddressingVersion::Addressing10,
            }),
            patterns: versions(self.patterns, &Pattern::ALL, |pattern| pattern),
            text: self.text,
            sources,
            consequence: self.consequence,
            erratum: self.erratum,
            unjudged: self.reason,
            id: self.id,
        })
    }

    fn check_id(&self, family: &str) -> Result<(), CatalogueError> {
        let wrong = || CatalogueError::Id { id: self.id.clone(), family: family.to_owned() };
        let name = self.id.strip_prefix(family).and_then(|rest| rest.strip_prefix('.')).ok_or_else(wrong)?;
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        if name.split('-').all(is_word) { Ok(()) } else { Err(wrong()) }
    }

    fn check_fields(&self) -> Result<(), CatalogueError> {
        let wrong = |what: &str| Err(CatalogueError::Field { id: self.id.clone(), what: what.to_owned() });
        let texts =
            [Some(&self.text), self.consequence.as_ref(), self.erratum.as_ref(), self.reason.as_ref()];
        if texts.into_iter().flatten().any(|text| text.trim().is_empty()) {
            return wrong("a text is empty");
        }
        if self.sources.is_empty() {
            return wrong("`sources` is empty");
        }
        if self.consequence.is_some() != (self.level == Level::Wcf) {
            return wrong("`consequence` belongs to the level `wcf`, always and only");
        }
        match (self.judged, &self.reason) {
            (None, None) | (Some(false), Some(_)) => Ok(()),
            (Some(true), _) => wrong("`judged` is only ever false; it is left out otherwise"),
            (None, Some(_)) => wrong("`reason` belongs to `judged = false`"),
            (Some(false), None) => wrong("`judged = false` needs its `reason`"),
        }
    }
}

fn versions<A, B: Copy>(written: Option<Vec<A>>, all: &[B], meaning: impl Fn(A) -> B) -> Vec<B> {
    written.map_or_else(|| all.to_vec(), |written| written.into_iter().map(meaning).collect())
}
