//! WS-ReliableMessaging on the wire: bytes to meaning and back.
//!
//! Two levels. [`Infoset`] is a strict, lossless reading of the bytes: what a SOAP node must refuse is refused
//! with the byte at which it stands. [`Envelope`] is the meaning: headers in their textual order, the body by
//! kind. What is read can be written again; a message that WCF wrote comes back byte for byte.
//!
//! The crate knows no clock, no socket and no randomness.

mod ack_requested;
mod acknowledgement;
mod addressing;
mod close_sequence;
mod compose;
mod create_sequence;
mod envelope;
mod equivalence;
mod fault;
mod fragment;
pub mod infoset;
mod names;
mod profile;
mod read;
mod rm_fault;
mod round_trip;
mod sequence;
mod terminate_sequence;
mod write;

pub use ack_requested::AckRequested;
pub use acknowledgement::{Acknowledged, AcknowledgementRange, SequenceAcknowledgement};
pub use addressing::{EndpointReference, RelatesTo};
pub use close_sequence::{CloseSequence, CloseSequenceResponse};
pub use compose::{AddressingFault, InitiatorMessages, ResponderMessages, RmHeaders};
pub use create_sequence::{
    Accept, CreateSequence, CreateSequenceResponse, IncompleteSequenceBehavior, Offer,
};
pub use envelope::{Body, Envelope, Header, HeaderKind, MalformedHeader, MustUnderstand};
pub use equivalence::{Difference, equivalent};
pub use fault::{Fault, FaultCode, QName, Reason};
pub use fragment::{ForeignAttribute, Fragment, NamespaceBinding};
pub use infoset::{Element, Infoset, InfosetError, Limits, Sin};
pub use names::{Action, namespace};
pub use profile::{AddressingVersion, RmVersion, SoapVersion, WireProfile};
pub use read::{ReadError, ReadErrorKind};
pub use rm_fault::{RmFault, SequenceFault};
pub use round_trip::{RoundTrip, RoundTripError, round_trip};
pub use sequence::{MessageNumber, Sequence};
pub use terminate_sequence::{TerminateSequence, TerminateSequenceResponse};
pub use write::PrefixPlan;
