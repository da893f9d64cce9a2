//! Which cases put which requirement to the test, and which provoke what an explanation explains.
//!
//! That is measured: each case is run against the reference implementation in virtual time, and what the judgement makes
//! of it counts, not what somebody wrote about the case. The measure stands in `golden/exercises.snap`, which a test
//! holds to what is measured, and is carried by this crate, so that it can be asked at any place without a run.

mod example;
mod measure;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use wsrm_protocol::Pattern;
use wsrm_wire::{AddressingVersion, SoapVersion};

use crate::case::virtual_time::reference_target;
use crate::case::{Case, Target, profiles};
use crate::cases;
use crate::dialect::Dialect;
pub use example::{Broken, Kept};

/// What was measured, as a snapshot keeps it: behind its head.
const MEASURED: &str = include_str!("../../../golden/exercises.snap");

/// The table that a snapshot begins its content with.
const FIRST_TABLE: &str = "[requirements]";

/// Where cases put something to the test.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exercises {
    /// By the id of the requirement.
    requirements: BTreeMap<String, Sides>,
    /// By the id of the explanation of which a text was seen or told.
    explanations: BTreeMap<String, Sides>,
}

/// What cases for either side do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sides {
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Entry>,
}

/// What cases for one side do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// How many cases do it.
    count: usize,
    /// The case that shows it best.
    by: String,
    /// What is spoken then.
    dialect: String,
    /// The names of those that are worth to be told, that one among them.
    cases: Vec<String>,
}

/// The cases for one side that put something to the test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exercise {
    /// Which side is tested by them.
    pub side: Side,
    /// How many there are.
    pub count: usize,
    /// The names of those that are worth to be told, the nearest first.
    pub cases: Vec<String>,
    /// The name of the case that shows it best: the nearest one.
    pub by: String,
    /// What is spoken in that case.
    pub dialect: Dialect,
}

/// The side that is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// A service: `wsrm test`.
    Destination,
    /// A client: `wsrm test-client`.
    Source,
}

/// Why the measure cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the measure of the cases: {0}")]
pub struct ExercisesError(String);

/// A judged requirement that no case exercises against the reference, and why none does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unexercised {
    /// The id of the requirement.
    pub requirement: &'static str,
    /// The side that it binds.
    pub side: Side,
    /// Why.
    pub why: &'static str,
}

/// What is said of requirements on sequences that are bound to a token or to TLS.
const BINDS_NO_SEQUENCE: &str = "whole.plain shows it of a client that binds its sequences to a token or to TLS; the reference binds \
                                 none, as WCF does";
/// What is said of requirements on polling.
const NEVER_POLLS: &str = "whole.plain shows it of a client that polls with MakeConnection; the reference never does, as WCF does not";

/// What is said of requirements on negative acknowledgements.
const SENDS_NO_NACK: &str =
    "every case with a gap shows it of a service that sends Nack; the reference sends none, as WCF does";

/// What no case exercises against the reference.
pub const UNEXERCISED: &[Unexercised] = &[
    Unexercised::new("ack.nack-not-acknowledged", Side::Destination, SENDS_NO_NACK),
    Unexercised::new("ack.nack-number", Side::Destination, SENDS_NO_NACK),
    Unexercised::new(
        "addressing.missing-message-id-refused",
        Side::Destination,
        "create.no-message-id provokes it; the reference closes the connection without an answer, as WCF does",
    ),
    Unexercised::new(
        "close.destination-initiated",
        Side::Destination,
        "a service closes a sequence when it wants to, and nothing makes it; the reference never does",
    ),
    Unexercised::new("create.one-security-header", Side::Source, BINDS_NO_SEQUENCE),
    Unexercised::new("create.security-header-must-understand", Side::Source, BINDS_NO_SEQUENCE),
    Unexercised::new("create.security-reference-header", Side::Source, BINDS_NO_SEQUENCE),
    Unexercised::new("environment.make-connection-action", Side::Source, NEVER_POLLS),
    Unexercised::new("environment.make-connection-address", Side::Source, NEVER_POLLS),
    Unexercised::new("environment.make-connection-identifier", Side::Source, NEVER_POLLS),
    Unexercised::new(
        "fault.connection-limit",
        Side::Destination,
        "create.flood provokes it; the reference takes each session at once, so that none is ever pending",
    ),
];

impl Unexercised {
    const fn new(requirement: &'static str, side: Side, why: &'static str) -> Self {
        Self { requirement, side, why }
    }
}

impl Exercises {
    /// What was measured when this crate was made.
    ///
    /// # Errors
    /// If it cannot be read; a test holds that it can.
    pub fn load() -> Result<Self, ExercisesError> {
        let start = MEASURED.find(FIRST_TABLE).unwrap_or_default();
        toml::from_str(MEASURED.get(start..).unwrap_or_default())
            .map_err(|error| ExercisesError(error.to_string()))
    }

    /// The measure as a document.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn document(&self) -> Result<String, ExercisesError> {
        let text = toml::to_string(self).map_err(|error| ExercisesError(error.to_string()))?;
        // Written even where it is empty, so that the start of the content is found.
        Ok(if text.contains(FIRST_TABLE) { text } else { format!("{FIRST_TABLE}\n{text}") })
    }

    /// The cases that exercise the requirement, for a destination first.
    pub fn of_requirement(&self, id: &str) -> Vec<Exercise> {
        self.requirements.get(id).map(Sides::exercises).unwrap_or_default()
    }

    /// The cases in which a text is seen on the wire, or told to the application, that is explained by this explanation.
    pub fn of_explanation(&self, id: &str) -> Vec<Exercise> {
        self.explanations.get(id).map(Sides::exercises).unwrap_or_default()
    }
}

impl Sides {
    fn exercises(&self) -> Vec<Exercise> {
        let sides = [(Side::Destination, &self.destination), (Side::Source, &self.source)];
        let entries = sides.into_iter().filter_map(|(side, entry)| Some((side, entry.as_ref()?)));
        let read = |(side, entry): (Side, &Entry)| {
            let dialect = dialects().find(|dialect| dialect.to_string() == entry.dialect)?;
            let Entry { count, by, cases, .. } = entry.clone();
            Some(Exercise { side, count, cases, by, dialect })
        };
        entries.filter_map(read).collect()
    }
}

impl Exercise {
    /// The case that shows it best.
    pub fn case(&self) -> Option<&'static Case> {
        self.side.find(&self.by)
    }

    /// The cases that are worth to be told.
    pub fn told(&self) -> impl Iterator<Item = &'static Case> {
        self.cases.iter().filter_map(|name| self.side.find(name))
    }

    /// What the best case is run against.
    pub fn target(&self) -> Target {
        reference_target(self.dialect.profile, self.dialect.pattern)
    }
}

impl Side {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Destination, Self::Source];

    /// One word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Destination => "destination",
            Self::Source => "source",
        }
    }

    /// The cases for it.
    pub fn cases(self) -> Vec<&'static Case> {
        match self {
            Self::Destination => cases::destination::all().collect(),
            Self::Source => cases::source::all().collect(),
        }
    }

    /// The case for it with this name.
    pub fn find(self, name: &str) -> Option<&'static Case> {
        match self {
            Self::Destination => cases::destination::find(name),
            Self::Source => cases::source::find(name),
        }
    }
}

/// What is spoken in the measure: what WCF's `WSHttpBinding` speaks, in both patterns and both versions of reliable
/// messaging, then the other version of SOAP and of WS-Addressing.
fn dialects() -> impl Iterator<Item = Dialect> {
    let of = |soap, addressing, pattern| {
        let profiles = profiles().filter(move |own| own.soap == soap && own.addressing == addressing);
        profiles.map(move |profile| Dialect { profile, pattern })
    };
    let usual = |pattern| of(SoapVersion::Soap12, AddressingVersion::Addressing10, pattern);
    let other = of(SoapVersion::Soap11, AddressingVersion::August2004, Pattern::RequestReply);
    usual(Pattern::RequestReply).chain(usual(Pattern::OneWay)).chain(other)
}

/// Where the whole ladder of a case stands in `golden`, if it does.
fn golden(case: &Case, side: Side, dialect: Dialect) -> Option<String> {
    let is_usual = dialect.profile.soap == SoapVersion::Soap12
        && dialect.profile.addressing == AddressingVersion::Addressing10;
    let folder = match side {
        Side::Destination => "cases",
        Side::Source => "source-cases",
    };
    let (family, name) = (case.family(), case.name);
    (is_usual && !case.hostile).then(|| format!("golden/traces/{folder}/{family}/{name}.snap"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn whole_ladders_stand_where_they_are_said_to() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for side in Side::ALL {
            for case in side.cases() {
                let named: Vec<String> =
                    dialects().filter_map(|dialect| golden(case, side, dialect)).collect();
                assert_eq!(named.is_empty(), case.hostile, "{}", case.name);
                assert!(named.iter().all(|path| root.join(path).exists()), "{named:?}");
            }
        }
    }
}
