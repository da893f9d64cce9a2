//! WS-Addressing: endpoint references and relations.

use std::borrow::Cow;

use crate::Fragment;

/// An endpoint reference: where to send to (WS-Addressing 1.0 core section 2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointReference<'a> {
    /// The address.
    pub address: Cow<'a, str>,
    /// What stands beside the address (reference parameters, metadata, identity), kept as written.
    pub extensions: Vec<Fragment<'a>>,
}

impl<'a> EndpointReference<'a> {
    /// A reference that is an address and nothing else.
    pub fn new(address: impl Into<Cow<'a, str>>) -> Self {
        Self { address: address.into(), extensions: Vec::new() }
    }
}

/// The `RelatesTo` header: which message this one answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelatesTo<'a> {
    /// The `MessageID` of the other message.
    pub message_id: Cow<'a, str>,
    /// `RelationshipType`, where written; a reply needs none.
    pub relationship_type: Option<Cow<'a, str>>,
}
