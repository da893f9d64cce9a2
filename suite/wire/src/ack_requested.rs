//! The `AckRequested` header.

use std::borrow::Cow;

use crate::Fragment;

/// The `AckRequested` header: asks the RM Destination for an acknowledgement (WS-RM 1.1 section 3.8, February
/// 2005 section 3.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AckRequested<'a> {
    /// The sequence that the acknowledgement shall be about.
    pub identifier: Cow<'a, str>,
    /// The highest number sent, as February 2005 allows it. WCF never writes it and ignores it.
    pub message_number: Option<u64>,
    /// Elements after those the schema knows.
    pub extensions: Vec<Fragment<'a>>,
}
