//! Who says so: the forms in which a source is cited.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A place that a requirement is taken from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// `DOCUMENT §SECTION`, as in `WS-RM 1.1 §3.4`.
    Section {
        /// One of [`Source::DOCUMENTS`].
        document: String,
        /// The number of the section, or its name.
        section: String,
    },
    /// `Microsoft RM 1.0 B1202`: a numbered statement of Microsoft's protocol document for that version.
    Statement {
        /// `1.0` or `1.1`.
        version: String,
        /// `B` or `R`, and four digits.
        number: String,
    },
    /// `WS-I RSP R0540`: a statement of the Reliable Secure Profile.
    Profile {
        /// `R` and four digits.
        number: String,
    },
    /// `WCF recording wcf/A-echo-rm11-s12a10-ord`: seen in this recording.
    Recording {
        /// The group and the name of the recording.
        path: String,
    },
    /// `WCF source TransmissionStrategy`: read in the published source of WCF, at this type.
    Code {
        /// The type, or type and member.
        name: String,
    },
}

/// A source that is written in no known form.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{text}` has none of the forms of a source: {hint}")]
pub struct SourceError {
    /// The source as written.
    pub text: String,
    /// What was looked for.
    pub hint: &'static str,
}

impl Source {
    /// The documents that are cited by section. `WS-RM 1.1` stands for 1.2 too, which has the same sections.
    pub const DOCUMENTS: [&'static str; 15] = [
        "WS-RM 1.1",
        "WS-RM 2005/02",
        "WS-RM Policy 1.1",
        "WS-MakeConnection 1.1",
        "Microsoft RM 1.0",
        "Microsoft RM 1.1",
        "MS-WSRVCRR",
        "MS-WSRVCRM",
        "WS-Addressing 1.0 Core",
        "WS-Addressing 1.0 SOAP Binding",
        "WS-Addressing 2004/08",
        "SOAP 1.1",
        "SOAP 1.2 Part 1",
        "SOAP 1.2 Part 2",
        "RFC 9110",
    ];
}

impl FromStr for Source {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        let wrong = |hint| Err(SourceError { text: text.to_owned(), hint });
        if let Some(path) = text.strip_prefix("WCF recording ") {
            return match path.split_once('/') {
                Some(("wcf" | "wcf-10" | "cross", name)) if is_path_name(name) => {
                    Ok(Self::Recording { path: path.to_owned() })
                }
                _ => wrong("the group (wcf, wcf-10, cross) and the name of a recording"),
            };
        }
        if let Some(name) = text.strip_prefix("WCF source ") {
            return if is_code_name(name) {
                Ok(Self::Code { name: name.to_owned() })
            } else {
                wrong("the name of a type of WCF")
            };
        }
        if let Some(number) = text.strip_prefix("WS-I RSP ") {
            return if is_statement(number, &['R']) {
                Ok(Self::Profile { number: number.to_owned() })
            } else {
                wrong("R and four digits")
            };
        }
        if let Some((document, section)) = text.split_once(" §") {
            return if Self::DOCUMENTS.contains(&document) && !section.trim().is_empty() {
                Ok(Self::Section { document: document.to_owned(), section: section.to_owned() })
            } else {
                wrong("a document that is known, and a section")
            };
        }
        match text.strip_prefix("Microsoft RM ").and_then(|rest| rest.split_once(' ')) {
            Some((version @ ("1.0" | "1.1"), number)) if is_statement(number, &['B', 'R']) => {
                Ok(Self::Statement { version: version.to_owned(), number: number.to_owned() })
            }
            _ => wrong("DOCUMENT §SECTION, Microsoft RM, WS-I RSP, WCF recording or WCF source"),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Section { document, section } => write!(f, "{document} §{section}"),
            Self::Statement { version, number } => write!(f, "Microsoft RM {version} {number}"),
            Self::Profile { number } => write!(f, "WS-I RSP {number}"),
            Self::Recording { path } => write!(f, "WCF recording {path}"),
            Self::Code { name } => write!(f, "WCF source {name}"),
        }
    }
}

fn is_statement(text: &str, letters: &[char]) -> bool {
    text.strip_prefix(letters)
        .is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_path_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_code_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_uppercase())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
}
