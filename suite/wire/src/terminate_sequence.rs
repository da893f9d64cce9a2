//! `TerminateSequence` and its response.

use std::borrow::Cow;

use crate::{Fragment, MessageNumber};

/// Says that the source has no further use for the sequence (WS-RM 1.1 section 3.6, February 2005 section 3.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminateSequence<'a> {
    /// The sequence.
    pub identifier: Cow<'a, str>,
    /// The highest number that was sent; absent where nothing was; 200702 only.
    pub last_msg_number: Option<MessageNumber>,
    /// Elements after those the schema knows.
    pub extensions: Vec<Fragment<'a>>,
}

/// Answers [`TerminateSequence`]; 200702 only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminateSequenceResponse<'a> {
    /// The sequence.
    pub identifier: Cow<'a, str>,
    /// Elements after those the schema knows.
    pub extensions: Vec<Fragment<'a>>,
}
