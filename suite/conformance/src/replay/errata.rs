//! Known differences, written down: where our side does on purpose otherwise than a recorded WCF did.

use std::path::Path;

use serde::Deserialize;
use thiserror::Error;

use super::{Difference, MessageReport, Role, Verdict};
use crate::recording::{Recording, RecordingError, read_file};

/// The name of the file that holds the errata of the recordings beside and below it.
pub const ERRATA_FILE: &str = "errata.toml";

/// How far above a recording its errata may stand.
const MAX_LEVELS: usize = 8;

/// All errata of a tree of recordings.
#[derive(Debug, Clone, Default)]
pub struct Errata {
    errata: Vec<Erratum>,
}

/// One known difference. Every key that is written must fit; at least one of `recording`, `client` and `service` and
/// one of `exchange` and `message` must be there, so that no erratum is a licence.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erratum {
    /// Its name in reports.
    pub id: String,
    /// The name of the recording's folder; a `*` stands for any characters.
    pub recording: Option<String>,
    /// Words of the scenario's `client`.
    pub client: Option<String>,
    /// Words of the scenario's `service`.
    pub service: Option<String>,
    /// The role in which our side differs.
    pub role: Option<Role>,
    /// The number of the exchange.
    pub exchange: Option<u32>,
    /// Words of the message's summary.
    pub message: Option<String>,
    /// Words of the difference that the replay finds.
    pub difference: Option<String>,
    /// What differs.
    pub differs: String,
    /// Why our side does otherwise.
    pub why: String,
    /// Where that is known from.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    erratum: Vec<Erratum>,
}

/// Errata that cannot be understood.
#[derive(Debug, Error)]
pub enum ErrataError {
    /// The file cannot be read.
    #[error("{0}")]
    Read(#[from] RecordingError),
    /// It is no TOML, or a key is missing or unknown.
    #[error("{path}: {error}")]
    Toml {
        /// The file.
        path: String,
        /// Why.
        error: Box<toml::de::Error>,
    },
    /// An erratum would fit too much.
    #[error(
        "{path}: erratum {id:?} needs one of recording, client, service and one of exchange, message: it must not \
         excuse more than it knows"
    )]
    TooWide {
        /// The file.
        path: String,
        /// The erratum.
        id: String,
    },
}

impl Errata {
    /// Reads a file of errata.
    ///
    /// # Errors
    /// If it cannot be read or understood, or an erratum would fit too much.
    pub fn read(path: &Path) -> Result<Self, ErrataError> {
        let bytes = read_file(path)?;
        Self::parse(&String::from_utf8_lossy(&bytes), &path.display().to_string())
    }

    /// Reads the errata that stand in, or nearest above, `folder`; none where there is no such file.
    ///
    /// # Errors
    /// As [`Errata::read`].
    pub fn nearest(folder: &Path) -> Result<Self, ErrataError> {
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
        for folder in folder.ancestors().take(MAX_LEVELS) {
            let path = folder.join(ERRATA_FILE);
            if path.is_file() {
                return Self::read(&path);
            }
        }
        Ok(Self::default())
    }

    fn parse(text: &str, path: &str) -> Result<Self, ErrataError> {
        let File { erratum: errata } = toml::from_str(text)
            .map_err(|error| ErrataError::Toml { path: path.to_owned(), error: Box::new(error) })?;
        for erratum in &errata {
            let whose = erratum.recording.is_some() || erratum.client.is_some() || erratum.service.is_some();
            if !whose || (erratum.exchange.is_none() && erratum.message.is_none()) {
                return Err(ErrataError::TooWide { path: path.to_owned(), id: erratum.id.clone() });
            }
        }
        Ok(Self { errata })
    }

    /// The erratum that covers a difference, if one does.
    pub fn covering(&self, recording: &Recording, role: Role, message: &MessageReport) -> Option<&Erratum> {
        let Verdict::Different(difference) = &message.verdict else { return None };
        self.errata.iter().find(|erratum| erratum.fits(recording, role, message, difference))
    }
}

impl Erratum {
    fn fits(
        &self,
        recording: &Recording,
        role: Role,
        message: &MessageReport,
        difference: &Difference,
    ) -> bool {
        let scenario = recording.scenario();
        let has =
            |words: &Option<String>, text: &str| words.as_ref().is_none_or(|words| text.contains(words));
        self.recording.as_ref().is_none_or(|pattern| matches(pattern, recording.name()))
            && has(&self.client, &scenario.client)
            && has(&self.service, &scenario.service)
            && self.role.is_none_or(|wanted| wanted == role)
            && self.exchange.is_none_or(|wanted| wanted == message.exchange)
            && has(&self.message, &message.summary)
            && has(&self.difference, &difference.what)
    }
}

/// Whether a name fits a pattern in which `*` stands for any characters.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    true
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("A-echo", "A-echo", true)]
    #[case("A-echo", "A-echo-rm10", false)]
    #[case("A-*", "A-echo-rm10", true)]
    #[case("*-rm10", "A-echo-rm10", true)]
    #[case("A-*-rm1*", "A-echo-rm10", true)]
    #[case("A-*-rm11", "A-echo-rm10", false)]
    #[case("*", "", true)]
    fn patterns(#[case] pattern: &str, #[case] name: &str, #[case] fits: bool) {
        assert_eq!(matches(pattern, name), fits);
    }

    const WHY: &str = "differs = 'd'\nwhy = 'w'\nsource = 's'";

    #[test]
    fn an_erratum_says_whose_and_which() {
        let parse =
            |keys: &str| Errata::parse(&format!("[[erratum]]\nid = 'x'\n{keys}\n{WHY}"), "errata.toml");
        assert!(parse("recording = 'A-*'\nexchange = 3\nrole = 'responder'").is_ok());
        for keys in ["", "recording = '*'", "exchange = 3", "role = 'initiator'\nmessage = 'Echo'"] {
            let error = parse(keys).unwrap_err().to_string();
            assert!(error.contains("must not excuse more than it knows"), "{error}");
        }
        assert!(parse("recordings = 'A'").unwrap_err().to_string().contains("unknown field"));
    }

    #[test]
    fn an_empty_file_excuses_nothing() {
        assert!(Errata::parse("", "errata.toml").unwrap().errata.is_empty());
    }
}
