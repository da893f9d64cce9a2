//! Why explanations were refused.

use thiserror::Error;

/// Why explanations were refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExplanationError {
    /// The file is no TOML, or a field is missing, unknown or of the wrong kind.
    #[error("explanations {family}: {what}")]
    Syntax {
        /// The name of the family, which is that of the file.
        family: String,
        /// What the reader of TOML says.
        what: String,
    },
    /// A field says nothing, has a wrong form, or names what is not there.
    #[error("explanation {id}: {what}")]
    Field {
        /// The id.
        id: String,
        /// Which field, and why.
        what: String,
    },
    /// Two explanations claim the same.
    #[error("explanations {} and {} share the {sign}", ids[0], ids[1])]
    Shared {
        /// What they share: an id, a text, a code or a type of exception.
        sign: String,
        /// Both.
        ids: [String; 2],
    },
}
