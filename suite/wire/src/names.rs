//! Namespaces and actions.

use crate::RmVersion;

/// Namespaces that do not follow from a version.
pub mod namespace {
    /// WCF's extension of both RM versions: `BufferRemaining`, `ConnectionLimitReached` (MS-WSRVCRM).
    pub const NETRM: &str = "http://schemas.microsoft.com/ws/2006/05/rm";
    /// WS-Security 1.0, home of `SecurityTokenReference`.
    pub const WSSE: &str =
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
    /// The reserved namespace of the prefix `xml`.
    pub const XML: &str = "http://www.w3.org/XML/1998/namespace";
    /// The reserved namespace of the prefix `xmlns`.
    pub const XMLNS: &str = "http://www.w3.org/2000/xmlns/";
}

/// The action of a WS-ReliableMessaging protocol message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Opens a sequence.
    CreateSequence,
    /// Answers [`Action::CreateSequence`].
    CreateSequenceResponse,
    /// A request for an acknowledgement that travels alone.
    AckRequested,
    /// An acknowledgement that travels alone.
    SequenceAcknowledgement,
    /// The empty message that carries the last number of a sequence; February 2005 only.
    LastMessage,
    /// Closes a sequence; 200702 only.
    CloseSequence,
    /// Answers [`Action::CloseSequence`]; 200702 only.
    CloseSequenceResponse,
    /// Ends a sequence.
    TerminateSequence,
    /// Answers [`Action::TerminateSequence`]; 200702 only.
    TerminateSequenceResponse,
    /// A WS-ReliableMessaging fault; 200702 only.
    Fault,
}

impl Action {
    /// All actions, in the order of a session's life.
    pub const ALL: [Self; 10] = [
        Self::CreateSequence,
        Self::CreateSequenceResponse,
        Self::AckRequested,
        Self::SequenceAcknowledgement,
        Self::LastMessage,
        Self::CloseSequence,
        Self::CloseSequenceResponse,
        Self::TerminateSequence,
        Self::TerminateSequenceResponse,
        Self::Fault,
    ];

    /// The URI of this action, or `None` where the version has no such message.
    pub fn uri(self, version: RmVersion) -> Option<&'static str> {
        macro_rules! both {
            ($name:literal) => {
                Some(match version {
                    RmVersion::February2005 => concat!("http://schemas.xmlsoap.org/ws/2005/02/rm/", $name),
                    RmVersion::V200702 => concat!("http://docs.oasis-open.org/ws-rx/wsrm/200702/", $name),
                })
            };
        }
        match (self, version) {
            (Self::CreateSequence, _) => both!("CreateSequence"),
            (Self::CreateSequenceResponse, _) => both!("CreateSequenceResponse"),
            (Self::AckRequested, _) => both!("AckRequested"),
            (Self::SequenceAcknowledgement, _) => both!("SequenceAcknowledgement"),
            (Self::TerminateSequence, _) => both!("TerminateSequence"),
            (Self::LastMessage, RmVersion::February2005) => {
                Some("http://schemas.xmlsoap.org/ws/2005/02/rm/LastMessage")
            }
            (Self::CloseSequence, RmVersion::V200702) => {
                Some("http://docs.oasis-open.org/ws-rx/wsrm/200702/CloseSequence")
            }
            (Self::CloseSequenceResponse, RmVersion::V200702) => {
                Some("http://docs.oasis-open.org/ws-rx/wsrm/200702/CloseSequenceResponse")
            }
            (Self::TerminateSequenceResponse, RmVersion::V200702) => {
                Some("http://docs.oasis-open.org/ws-rx/wsrm/200702/TerminateSequenceResponse")
            }
            (Self::Fault, RmVersion::V200702) => Some("http://docs.oasis-open.org/ws-rx/wsrm/200702/fault"),
            _ => None,
        }
    }

    /// The protocol message that `uri` names in `version`, if it names one.
    pub fn from_uri(uri: &str, version: RmVersion) -> Option<Self> {
        if !uri.starts_with(version.namespace()) {
            return None;
        }
        Self::ALL.into_iter().find(|action| action.uri(version) == Some(uri))
    }
}
