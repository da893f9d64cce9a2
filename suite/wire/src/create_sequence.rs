//! `CreateSequence` and its response.

use std::borrow::Cow;

use crate::{EndpointReference, Fragment};

/// What a destination does with the messages behind a gap when the sequence ends incomplete (WS-RM 1.1
/// section 3.4). WCF writes it and never acts on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IncompleteSequenceBehavior {
    /// All messages are discarded.
    DiscardEntireSequence,
    /// The messages behind the first gap are discarded; WCF's value for ordered sessions.
    DiscardFollowingFirstGap,
    /// Nothing is discarded; WCF's value for unordered sessions.
    NoDiscard,
}

/// The offer of a sequence for the way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer<'a> {
    /// The identifier of the offered sequence.
    pub identifier: Cow<'a, str>,
    /// Where the messages about the offered sequence go; required in 200702, absent in February 2005.
    pub endpoint: Option<EndpointReference<'a>>,
    /// How long the offered sequence shall live, an `xs:duration`.
    pub expires: Option<Cow<'a, str>>,
    /// 200702 only.
    pub incomplete_sequence_behavior: Option<IncompleteSequenceBehavior>,
    /// Elements after those the schema knows.
    pub extensions: Vec<Fragment<'a>>,
}

/// Asks a destination for a sequence (WS-RM 1.1 section 3.4, February 2005 section 3.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateSequence<'a> {
    /// Where acknowledgements go.
    pub acks_to: EndpointReference<'a>,
    /// How long the sequence shall live, an `xs:duration`.
    pub expires: Option<Cow<'a, str>>,
    /// A sequence for the way back.
    pub offer: Option<Offer<'a>>,
    /// Elements after those the schema knows, `wsse:SecurityTokenReference` among them.
    pub extensions: Vec<Fragment<'a>>,
}

/// The acceptance of an offered sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accept<'a> {
    /// Where acknowledgements of the offered sequence go.
    pub acks_to: EndpointReference<'a>,
    /// Elements after those the schema knows.
    pub extensions: Vec<Fragment<'a>>,
}

/// Grants a sequence (WS-RM 1.1 section 3.4, February 2005 section 3.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateSequenceResponse<'a> {
    /// The identifier of the new sequence.
    pub identifier: Cow<'a, str>,
    /// How long the sequence will live, an `xs:duration`.
    pub expires: Option<Cow<'a, str>>,
    /// 200702 only.
    pub incomplete_sequence_behavior: Option<IncompleteSequenceBehavior>,
    /// Whether the offered sequence was accepted.
    pub accept: Option<Accept<'a>>,
    /// Elements after those the schema knows.
    pub extensions: Vec<Fragment<'a>>,
}

impl IncompleteSequenceBehavior {
    /// All values.
    pub const ALL: [Self; 3] = [Self::DiscardEntireSequence, Self::DiscardFollowingFirstGap, Self::NoDiscard];

    /// The text on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DiscardEntireSequence => "DiscardEntireSequence",
            Self::DiscardFollowingFirstGap => "DiscardFollowingFirstGap",
            Self::NoDiscard => "NoDiscard",
        }
    }
}
