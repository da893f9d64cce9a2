//! Known deviations of a stack: what is found, known and put up with, each with its reason, so that only changes fail.
//!
//! A file of them is TOML; `fixtures/README.md` describes it. [`Comparison`] holds a run against it.

mod comparison;
mod open;
mod write;

use std::path::{Component, Path};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use wsrm_oracle::{Catalogue, Role};

use crate::cases;
use crate::near::{in_words, near};
pub use comparison::{Changes, Comparison, Stale};

/// The reason that is written for a deviation that is new; it is none, and has to be replaced.
pub const NO_REASON: &str = "REPLACE THIS by the reason why this deviation is accepted";

/// Known deviations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    deviations: Vec<Deviation>,
    unfinished: Vec<Unfinished>,
}

/// A requirement that is known not to be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deviation {
    /// The id of the requirement.
    pub requirement: String,
    /// The side at fault.
    pub role: Side,
    /// The cases that show it; each of them does, in each of the profiles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<String>,
    /// The recordings and captures that show it: the ends of their paths.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recordings: Vec<String>,
    /// The profiles in which cases show it, as `wsrm test` prints them; any, if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<String>,
    /// Whether it comes and goes, as with the time that something takes: then it is known where it shows, and its absence
    /// is no news.
    #[serde(default, skip_serializing_if = "is_false")]
    pub sometimes: bool,
    /// Why it is accepted.
    pub reason: String,
    /// Where it is written that it should be otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// The message that shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Where it is spoken of in public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
}

/// Cases that are known not to come to an end: the peer does not do what their next step needs, or its client hangs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unfinished {
    /// The side that is under test.
    pub role: Side,
    /// The cases.
    pub cases: Vec<String>,
    /// The profiles in which it is so; all, if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<String>,
    /// Whether it comes and goes.
    #[serde(default, skip_serializing_if = "is_false")]
    pub sometimes: bool,
    /// Why it is accepted.
    pub reason: String,
}

/// A side, as it stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The client.
    Source,
    /// The service.
    Destination,
}

/// A file that is no baseline.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BaselineError {
    /// It is no TOML, or something is missing, unknown or of the wrong kind.
    #[error("{0}")]
    Syntax(String),
    /// No requirement has this id.
    #[error("deviation {place}: {id:?} is no requirement{}", in_words(near))]
    Requirement {
        /// Which deviation, counted from 1.
        place: usize,
        /// The id.
        id: String,
        /// Ids that are like it.
        near: Vec<String>,
    },
    /// It cannot be judged, so that it is never found.
    #[error("deviation {place}: {id} cannot be judged from the messages, so it is never found")]
    Unjudged {
        /// Which deviation, counted from 1.
        place: usize,
        /// The id.
        id: String,
    },
    /// No case has this name.
    #[error("deviation {place} ({id}): {name:?} is no case{}", in_words(near))]
    Case {
        /// Which deviation, counted from 1.
        place: usize,
        /// The id of its requirement.
        id: String,
        /// The name.
        name: String,
        /// Names that are like it.
        near: Vec<String>,
    },
    /// There is no reason.
    #[error("deviation {place} ({id}): it has no reason; say why it is accepted")]
    Reason {
        /// Which deviation, counted from 1.
        place: usize,
        /// The id of its requirement.
        id: String,
    },
    /// What stands of unfinished cases is wrong.
    #[error("unfinished {place}: {what}")]
    Unfinished {
        /// Which entry, counted from 1.
        place: usize,
        /// What is wrong.
        what: String,
    },
}

/// The file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    deviation: Vec<Deviation>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unfinished: Vec<Unfinished>,
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    /// If it is no TOML of the right form, names a requirement or a case that there is not, or gives no reason.
    pub fn read(text: &str, catalogue: &Catalogue) -> Result<Self, BaselineError> {
        let baseline = Self::read_unfinished(text, catalogue)?;
        let is_open = |reason: &str| reason.trim().is_empty() || reason.trim() == NO_REASON;
        let deviation = (1..).zip(&baseline.deviations).find(|(_, deviation)| is_open(&deviation.reason));
        if let Some((place, deviation)) = deviation {
            return Err(BaselineError::Reason { place, id: deviation.requirement.clone() });
        }
        match (1..).zip(&baseline.unfinished).find(|(_, unfinished)| is_open(&unfinished.reason)) {
            Some((place, _)) => Err(BaselineError::Unfinished {
                place,
                what: "it has no reason; say why it is accepted".to_owned(),
            }),
            None => Ok(baseline),
        }
    }

    /// The same, with reasons that are still to be given.
    ///
    /// # Errors
    /// As [`Baseline::read`], but for the reasons.
    pub fn read_unfinished(text: &str, catalogue: &Catalogue) -> Result<Self, BaselineError> {
        let document: Document =
            toml::from_str(text).map_err(|error| BaselineError::Syntax(error.to_string()))?;
        for (place, deviation) in (1..).zip(&document.deviation) {
            deviation.check(place, catalogue)?;
        }
        for (place, unfinished) in (1..).zip(&document.unfinished) {
            unfinished.check(place)?;
        }
        Ok(Self { deviations: document.deviation, unfinished: document.unfinished })
    }

    /// The deviations, in the order of the file.
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }

    /// The cases that are known not to come to an end, in the order of the file.
    pub fn unfinished(&self) -> &[Unfinished] {
        &self.unfinished
    }
}

impl Deviation {
    fn check(&self, place: usize, catalogue: &Catalogue) -> Result<(), BaselineError> {
        let id = self.requirement.clone();
        let Some(requirement) = catalogue.find(&id) else {
            let ids = catalogue.requirements().iter().map(|requirement| requirement.id.as_str());
            return Err(BaselineError::Requirement { place, near: near(&id, ids), id });
        };
        if !requirement.is_judged() {
            return Err(BaselineError::Unjudged { place, id });
        }
        match unknown_case(&self.cases) {
            Some((name, near)) => Err(BaselineError::Case { place, id, name, near }),
            None => Ok(()),
        }
    }
}

impl Unfinished {
    fn check(&self, place: usize) -> Result<(), BaselineError> {
        let fail = |what| Err(BaselineError::Unfinished { place, what });
        if self.cases.is_empty() {
            return fail("it names no case".to_owned());
        }
        match unknown_case(&self.cases) {
            Some((name, near)) => fail(format!("{name:?} is no case{}", in_words(&near))),
            None => Ok(()),
        }
    }
}

/// The first that is no case, and names that are like it.
fn unknown_case(named: &[String]) -> Option<(String, Vec<String>)> {
    let names = || cases::destination::all().chain(cases::source::all()).map(|case| case.name);
    let name = named.iter().find(|name| !names().any(|known| known == name.as_str()))?;
    Some((name.clone(), near(name, names())))
}

impl Side {
    /// The part that the side plays first.
    pub const fn role(self) -> Role {
        match self {
            Self::Source => Role::Source,
            Self::Destination => Role::Destination,
        }
    }

    const fn of(role: Role) -> Self {
        match role {
            Role::Source => Self::Source,
            Role::Destination | Role::Either => Self::Destination,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// Whether a path ends as `end` does, folder by folder.
fn ends_with(path: &str, end: &str) -> bool {
    let parts = |path| -> Vec<Component<'_>> {
        Path::new(path).components().filter(|part| *part != Component::CurDir).collect()
    };
    let (path, end) = (parts(path), parts(end));
    !end.is_empty() && path.ends_with(&end)
}
