//! What a message of WCF means: the texts of its exceptions and faults, explained, and found by what a user has of
//! them.
//!
//! The explanations are data (`explanations/*.toml`). A text is recognised by its words alone: white space, line
//! breaks, punctuation, letter case and the escapes of XML and HTML make no difference, and what stands around it
//! (the type of the exception, a stack trace, a log's time, the rest of an envelope) does no harm.

mod document;
mod error;
mod search;
mod template;
mod words;

use std::collections::BTreeMap;

pub use error::ExplanationError;
pub use search::{Answer, FoundBy, Match};
use template::Template;

/// The files of the explanations: the name of the family, and what it holds. The order is that of a session's life.
const FAMILIES: [(&str, &str); 7] = [
    ("versions", include_str!("../explanations/versions.toml")),
    ("create", include_str!("../explanations/create.toml")),
    ("transfer", include_str!("../explanations/transfer.toml")),
    ("close", include_str!("../explanations/close.toml")),
    ("time", include_str!("../explanations/time.toml")),
    ("http", include_str!("../explanations/http.toml")),
    ("dispatch", include_str!("../explanations/dispatch.toml")),
];

/// The settings of WCF that explanations speak of.
const SETTINGS: &str = include_str!("../explanations/settings.toml");

/// All explanations, and how to find them.
#[derive(Debug, Clone)]
pub struct Explanations {
    explanations: Vec<Explanation>,
}

/// One explanation: of a text of WCF, or of a few texts that mean the same.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// Names it for ever: lower-case words joined by hyphens.
    pub id: String,
    /// The answer in one line.
    pub title: String,
    /// What the text tells of: the cause itself, or only that there is one.
    pub kind: Kind,
    /// What it means.
    pub meaning: String,
    /// Which side saw what on the wire: the fault code, and whose identifier it carries.
    pub wire: String,
    /// The usual causes, the likeliest first.
    pub causes: Vec<String>,
    /// The settings of WCF to look at, the likeliest first.
    pub settings: Vec<Look>,
    /// Commands of `wsrm` that show it or provoke it.
    pub commands: Vec<String>,
    /// Recordings in which it is seen, as paths below `fixtures/recordings`.
    pub recordings: Vec<String>,
    /// The texts that it explains; `{}` stands for what varies.
    pub texts: Vec<String>,
    /// The local names of the fault codes that it explains where no text is known.
    pub codes: Vec<String>,
    /// The names of the types of exceptions that it explains where neither a text nor a code is known.
    pub exceptions: Vec<String>,
    templates: Vec<Template>,
}

/// How much a text tells. Of several that are found, the first in this order is the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It names what went wrong.
    Cause,
    /// It stands around another text that names what went wrong.
    Frame,
    /// It says only that something went wrong before.
    Consequence,
}

/// A setting of WCF to look at, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The setting.
    pub setting: Setting,
    /// What to look for, or to change.
    pub advice: String,
}

/// A setting of WCF.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Its name in a configuration file.
    pub name: String,
    /// Where it stands.
    pub place: String,
    /// The value that it has where nothing is written.
    pub default: String,
}

impl Explanations {
    /// The explanations that this crate carries.
    ///
    /// # Errors
    /// If a file breaks the rules; a test holds that none does.
    pub fn load() -> Result<Self, ExplanationError> {
        Self::read(SETTINGS, FAMILIES)
    }

    /// Reads explanations from the table of settings and the files: the name of each family, and its text.
    ///
    /// # Errors
    /// If a file is no TOML, a field is missing, unknown or empty, an id has a wrong form, a setting is not in the
    /// table, or two explanations share an id, a text, a code or a type of exception.
    pub fn read<'a>(
        settings: &str,
        families: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, ExplanationError> {
        let settings = document::read_settings(settings)?;
        let mut explanations = Vec::new();
        let mut signs = BTreeMap::new();
        for (family, text) in families {
            for explanation in document::read_family(family, text, &settings)? {
                for sign in explanation.signs() {
                    if let Some(other) = signs.insert(sign.clone(), explanation.id.clone()) {
                        return Err(ExplanationError::Shared { sign, ids: [other, explanation.id] });
                    }
                }
                explanations.push(explanation);
            }
        }
        Ok(Self { explanations })
    }

    /// All explanations, in the order of a session's life.
    pub fn all(&self) -> &[Explanation] {
        &self.explanations
    }

    /// The explanation with this id.
    pub fn find(&self, id: &str) -> Option<&Explanation> {
        self.explanations.iter().find(|explanation| explanation.id == id)
    }

    /// Explains what a user has: the message of an exception or a fault, whole or in part, with anything around it;
    /// the name of a fault code or of a type of exception; or the id of an explanation.
    pub fn explain(&self, text: &str) -> Answer<'_> {
        search::answer(&self.explanations, text)
    }
}

impl Explanation {
    /// All that must belong to one explanation alone, in a form in which equal signs are found equal.
    fn signs(&self) -> Vec<String> {
        let texts = self.texts.iter().map(|text| format!("text {}", words::of(text).join(" ")));
        let codes = self.codes.iter().map(|code| format!("code {code}"));
        let exceptions = self.exceptions.iter().map(|name| format!("exception {name}"));
        let id = std::iter::once(format!("id {}", self.id));
        id.chain(texts).chain(codes).chain(exceptions).collect()
    }
}
