//! What passes between a session and the transport below it, and the application above it.

use bytes::Bytes;
use wsrm_wire::{Fragment, QName};

use crate::{Identifier, Timestamp};

/// One exchange of the transport: over HTTP, a request and its response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExchangeId(pub u64);

/// A message that an application gives to a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMessage {
    /// The `wsa:Action`.
    pub action: String,
    /// The content of the body.
    pub body: Fragment<'static>,
}

/// A message that a session gives to its application.
///
/// Some checks are left to the application's dispatcher, as in WCF, where a message that fails them has used up its
/// number: the address it was sent to, headers that nobody understood, the well-formedness of the body. What a
/// dispatcher needs for them is here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delivery {
    /// The `wsa:Action`.
    pub action: String,
    /// The `wsa:MessageID`, where there was one.
    pub message_id: Option<Identifier>,
    /// The `wsa:To`, where there was one.
    pub to: Option<String>,
    /// The address of the `wsa:ReplyTo`, where there was one and it is not the anonymous address.
    pub reply_to: Option<String>,
    /// The first header that had to be understood and that the session knows nothing of.
    pub not_understood: Option<QName<'static>>,
    /// The content of the body, untouched; a SOAP fault includes its `Fault` element. A body that is not
    /// well-formed is given as far as it goes.
    pub body: Fragment<'static>,
    /// The byte of the message at which `body` starts.
    pub body_offset: usize,
    /// Whether the body is a SOAP fault.
    pub is_fault: bool,
}

/// Why a message is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransmitKind {
    /// CreateSequence, first or repeated.
    CreateSequence,
    /// An application message (or RM 1.0's LastMessage) for the first time.
    Sequenced {
        /// Its number.
        number: u64,
    },
    /// The same message again.
    Retransmission {
        /// Its number.
        number: u64,
        /// Which repetition this is, counted from 1.
        attempt: u32,
    },
    /// A lone AckRequested: keep-alive, or polling a full peer.
    AckRequested,
    /// CloseSequence, first or repeated.
    CloseSequence,
    /// TerminateSequence, first or repeated.
    TerminateSequence,
    /// TerminateSequenceResponse, to a service that ended the sequence on its own; the session faults.
    TerminateSequenceResponse,
    /// A fault; whatever comes back is ignored.
    Fault,
}

/// A message to be sent as the request of a new exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmit {
    /// The exchange, to be named again when its answer is handed in.
    pub exchange: ExchangeId,
    /// Why it is sent.
    pub kind: TransmitKind,
    /// Its `wsa:Action`, which SOAP 1.1 repeats in `SOAPAction`.
    pub action: String,
    /// The message.
    pub message: Bytes,
    /// When the session stops waiting for the answer: the transport can give the exchange up.
    pub deadline: Timestamp,
}

/// How an exchange ended, as the initiator's transport saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// An HTTP response.
    Response {
        /// The status code.
        status: u16,
        /// The `Content-Type`, where there was one.
        content_type: Option<String>,
        /// The body; empty where there was none.
        body: Bytes,
    },
    /// The connection could not be made, broke, or ended without a response.
    Lost {
        /// What the transport says of it.
        reason: String,
    },
}
