//! The messages that make, close and end a sequence.

use wsrm_wire::RmVersion;

use super::reliable::{only_text, whole_number};
use super::{Endpoint, Node};

/// Which message of the life of a sequence it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LifecycleKind {
    /// `CreateSequence`.
    Create,
    /// `CreateSequenceResponse`.
    CreateResponse,
    /// `CloseSequence`.
    Close,
    /// `CloseSequenceResponse`.
    CloseResponse,
    /// `TerminateSequence`.
    Terminate,
    /// `TerminateSequenceResponse`.
    TerminateResponse,
}

/// The `Offer` in a CreateSequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferFacts {
    /// The element.
    pub node: Node,
    /// The identifier, if there is exactly one that is not empty.
    pub identifier: Option<String>,
    /// `Endpoint`.
    pub endpoint: Option<Endpoint>,
}

/// A message of the life of a sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifecycle {
    /// Which message it is.
    pub kind: LifecycleKind,
    /// The version whose namespace it is in.
    pub version: RmVersion,
    /// The element.
    pub node: Node,
    /// The identifier, if there is exactly one that is not empty.
    pub identifier: Option<String>,
    /// `AcksTo` of a CreateSequence; of a response, that inside `Accept`.
    pub acks_to: Option<Endpoint>,
    /// `Offer` of a CreateSequence.
    pub offer: Option<OfferFacts>,
    /// `Accept` of a CreateSequenceResponse.
    pub accept: Option<Node>,
    /// `LastMsgNumber`, if it is a whole number.
    pub last_number: Option<u64>,
}

impl LifecycleKind {
    /// All kinds, in the order of a life.
    pub const ALL: [Self; 6] = [
        Self::Create,
        Self::CreateResponse,
        Self::Close,
        Self::CloseResponse,
        Self::Terminate,
        Self::TerminateResponse,
    ];

    /// The local name of the element.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "CreateSequence",
            Self::CreateResponse => "CreateSequenceResponse",
            Self::Close => "CloseSequence",
            Self::CloseResponse => "CloseSequenceResponse",
            Self::Terminate => "TerminateSequence",
            Self::TerminateResponse => "TerminateSequenceResponse",
        }
    }

    /// The kind with this local name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it asks for an answer: in RM 1.0 only CreateSequence does.
    pub const fn wants_answer(self, version: RmVersion) -> bool {
        match self {
            Self::Create => true,
            Self::Close | Self::Terminate => matches!(version, RmVersion::V200702),
            Self::CreateResponse | Self::CloseResponse | Self::TerminateResponse => false,
        }
    }

    /// The kind of message that answers it.
    pub const fn answer(self) -> Option<Self> {
        match self {
            Self::Create => Some(Self::CreateResponse),
            Self::Close => Some(Self::CloseResponse),
            Self::Terminate => Some(Self::TerminateResponse),
            Self::CreateResponse | Self::CloseResponse | Self::TerminateResponse => None,
        }
    }

    /// Whether it answers.
    pub const fn is_answer(self) -> bool {
        matches!(self, Self::CreateResponse | Self::CloseResponse | Self::TerminateResponse)
    }
}

impl Lifecycle {
    pub(super) fn read(node: &Node) -> Option<Self> {
        let version = node.rm_version()?;
        let kind = LifecycleKind::from_name(&node.local)?;
        let accept = node.first("Accept").filter(|_| kind == LifecycleKind::CreateResponse);
        let acks_to = match kind {
            LifecycleKind::Create => node.first("AcksTo"),
            LifecycleKind::CreateResponse => accept.and_then(|accept| accept.first("AcksTo")),
            _ => None,
        };
        let offer = node.first("Offer").filter(|_| kind == LifecycleKind::Create);
        Some(Self {
            kind,
            version,
            identifier: only_text(node, "Identifier"),
            acks_to: acks_to.map(Endpoint::read),
            offer: offer.map(|offer| OfferFacts {
                identifier: only_text(offer, "Identifier"),
                endpoint: offer.first("Endpoint").map(Endpoint::read),
                node: offer.clone(),
            }),
            accept: accept.cloned(),
            last_number: only_text(node, "LastMsgNumber").and_then(|text| whole_number(&text)),
            node: node.clone(),
        })
    }
}
