//! What can be wrong with a configuration file, and where.

use std::fmt;

use thiserror::Error;

/// Where something stands in a configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Location {
    /// The way from the root to the element or attribute, in XPath's abbreviated form, without `configuration`: for
    /// example `system.serviceModel/bindings/customBinding/binding[@name='x']/reliableSession/@maxRetryCount`.
    /// Empty for the document as a whole.
    pub path: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The column, in characters, counted from 1.
    pub column: u32,
}

/// What kind of mistake a [`ConfigurationError`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The file is no XML document, or passes a limit, or is no configuration file.
    Document,
    /// An attribute that the element does not have.
    UnknownAttribute,
    /// An element that has no place there.
    UnknownElement,
    /// An attribute's value that .NET cannot convert, or that lies outside the allowed range.
    Value,
    /// Something that may stand only once stands twice.
    Duplicate,
    /// Something required that is not there.
    Missing,
}

/// A mistake for which WCF would refuse to read the file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{location}: {message}")]
pub struct ConfigurationError {
    /// Where it stands.
    pub location: Location,
    /// What kind of mistake it is.
    pub kind: ErrorKind,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What would be right: the allowed range, the known names.
    pub allowed: Option<String>,
    /// What .NET says of it, where that is known.
    pub wcf: Option<String>,
}

/// The mistakes of one file, in the order of the document; never empty.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct ConfigurationErrors(pub(super) Vec<ConfigurationError>);

impl ConfigurationErrors {
    /// How many mistakes are kept; a file with more is not worth reading on.
    pub const MAXIMUM: usize = 100;

    /// The mistakes, in the order of the document.
    pub fn iter(&self) -> impl Iterator<Item = &ConfigurationError> {
        self.0.iter()
    }
}

impl ConfigurationError {
    /// A mistake of the document as a whole.
    pub(super) fn document(line: u32, column: u32, message: impl Into<String>) -> Self {
        Self {
            location: Location { path: String::new(), line, column },
            kind: ErrorKind::Document,
            message: message.into(),
            allowed: None,
            wcf: None,
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)?;
        if self.path.is_empty() { Ok(()) } else { write!(f, ", {}", self.path) }
    }
}

impl fmt::Display for ConfigurationErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, error) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str("\n")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl From<ConfigurationError> for ConfigurationErrors {
    fn from(error: ConfigurationError) -> Self {
        Self(vec![error])
    }
}
