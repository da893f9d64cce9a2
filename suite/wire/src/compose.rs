//! The messages of a session, each with WCF's headers in WCF's order.
//!
//! A writer keeps the order of the headers it is given; this module is where that order is decided. It follows
//! from how WCF builds a message: an RM header is put before those that are already there. An initiator adds
//! Sequence, then AckRequested, then the acknowledgement; a responder adds the acknowledgement first and
//! Sequence after it. The addressing headers come behind: Action, MessageID or RelatesTo, ReplyTo, To.
//!
//! [`InitiatorMessages`] makes what the side that opened the session sends, [`ResponderMessages`] what the
//! other side answers. Whether a header is left out for a version of WS-Addressing is settled here; what a
//! session has to say (numbers, acknowledgements, identifiers, texts) is settled by the session.

mod fault;
mod initiator;
mod responder;

use std::borrow::Cow;

use crate::{
    AckRequested, Action, EndpointReference, Header, HeaderKind, RelatesTo, RmVersion, Sequence,
    SequenceAcknowledgement,
};

pub use fault::AddressingFault;
pub use initiator::InitiatorMessages;
pub use responder::ResponderMessages;

/// The RM headers that one message carries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RmHeaders<'a> {
    /// Which message of its sequence it is.
    pub sequence: Option<Sequence<'a>>,
    /// What was received of the sequence of the other direction.
    pub acknowledgement: Option<SequenceAcknowledgement<'a>>,
    /// Whether an acknowledgement is asked for.
    pub ack_requested: Option<AckRequested<'a>>,
}

impl<'a> RmHeaders<'a> {
    /// The headers in the order of a source: acknowledgement, AckRequested, Sequence.
    fn source_order(self) -> impl Iterator<Item = Header<'a>> {
        let Self { sequence, acknowledgement, ack_requested } = self;
        acknowledgement
            .map(acknowledgement_header)
            .into_iter()
            .chain(ack_requested.map(|value| Header::new(HeaderKind::AckRequested(value))))
            .chain(sequence.map(sequence_header))
    }

    /// The headers in the order of a reply: Sequence, acknowledgement, AckRequested.
    fn reply_order(self) -> impl Iterator<Item = Header<'a>> {
        let Self { sequence, acknowledgement, ack_requested } = self;
        sequence
            .map(sequence_header)
            .into_iter()
            .chain(acknowledgement.map(acknowledgement_header))
            .chain(ack_requested.map(|value| Header::new(HeaderKind::AckRequested(value))))
    }
}

fn sequence_header(sequence: Sequence<'_>) -> Header<'_> {
    Header::must_understand(HeaderKind::Sequence(sequence))
}

fn acknowledgement_header(acknowledgement: SequenceAcknowledgement<'_>) -> Header<'_> {
    Header::new(HeaderKind::SequenceAcknowledgement(acknowledgement))
}

/// The URI of an action. A message that the version does not have keeps the name it has in the other one: what
/// is asked for is written, and a session never asks for it.
fn action_uri(action: Action, version: RmVersion) -> &'static str {
    let other = match version {
        RmVersion::February2005 => RmVersion::V200702,
        RmVersion::V200702 => RmVersion::February2005,
    };
    action.uri(version).or_else(|| action.uri(other)).unwrap_or_default()
}

fn action_header<'a>(action: impl Into<Cow<'a, str>>) -> Header<'a> {
    Header::must_understand(HeaderKind::Action(action.into()))
}

fn to_header<'a>(to: impl Into<Cow<'a, str>>) -> Header<'a> {
    Header::must_understand(HeaderKind::To(to.into()))
}

fn relates_to_header(message_id: Cow<'_, str>) -> Header<'_> {
    Header::new(HeaderKind::RelatesTo(RelatesTo { message_id, relationship_type: None }))
}

fn reply_to_header(reply_to: EndpointReference<'_>) -> Header<'_> {
    Header::new(HeaderKind::ReplyTo(reply_to))
}
