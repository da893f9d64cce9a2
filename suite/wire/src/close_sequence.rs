//! `CloseSequence` and its response.

use std::borrow::Cow;

use crate::{Fragment, MessageNumber};

/// Asks the destination to take no further message (WS-RM 1.1 section 3.5); 200702 only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseSequence<'a> {
    /// The sequence.
    pub identifier: Cow<'a, str>,
    /// The highest number that was sent; absent where nothing was.
    pub last_msg_number: Option<MessageNumber>,
    /// Elements after those the schema knows.
    pub extensions: Vec<Fragment<'a>>,
}

/// Answers [`CloseSequence`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseSequenceResponse<'a> {
    /// The sequence.
    pub identifier: Cow<'a, str>,
    /// Elements after those the schema knows.
    pub extensions: Vec<Fragment<'a>>,
}
