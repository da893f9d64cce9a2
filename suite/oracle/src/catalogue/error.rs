//! Why a catalogue was refused.

use thiserror::Error;

use super::SourceError;

/// Why a catalogue was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CatalogueError {
    /// The file is no TOML, or a field is missing, unknown or of the wrong kind.
    #[error("catalogue file {family}: {what}")]
    Syntax {
        /// The name of the family, which is that of the file.
        family: String,
        /// What the reader of TOML says.
        what: String,
    },
    /// The id is used by two requirements.
    #[error("requirement {id} is there twice")]
    Repeated {
        /// The id.
        id: String,
    },
    /// The id is not the name of its family, a full stop, and lower-case words joined by hyphens.
    #[error("requirement {id} is no id of the family {family}")]
    Id {
        /// The id.
        id: String,
        /// The name of the family.
        family: String,
    },
    /// A source is written in no known form.
    #[error("requirement {id}: {error}")]
    Source {
        /// The id.
        id: String,
        /// What is wrong with the source.
        error: SourceError,
    },
    /// A field says nothing, or is there although another forbids it, or is missing although another asks for it.
    #[error("requirement {id}: {what}")]
    Field {
        /// The id.
        id: String,
        /// Which field, and why.
        what: String,
    },
}
