//! What passes between the service's side and its host: what a listener is made from, what it says, what it is told.

use bytes::Bytes;
use wsrm_wire::{QName, WireProfile};

use crate::{
    Delivery, Identifier, OutgoingMessage, Pattern, ReliableSessionSettings, SessionError, Timeouts,
};

/// What a [`Listener`](crate::Listener) is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenerConfig {
    /// The address of the endpoint, for the texts that name it.
    pub address: String,
    /// The form of the messages.
    pub profile: WireProfile,
    /// Which sequences a session needs.
    pub pattern: Pattern,
    /// The eight settings.
    pub settings: ReliableSessionSettings,
    /// The binding's timeouts.
    pub timeouts: Timeouts,
    /// `xml:lang` of the faults that are sent.
    pub language: String,
    /// Operations of one session that may run at once; messages beyond wait in the session's buffer. A WCF service
    /// runs one at a time where nothing else is configured; CoreWCF's dispatcher takes all there are.
    pub max_concurrent_calls: usize,
    /// Whether `maxPendingChannels` is enforced.
    pub enforce_max_pending_channels: bool,
}

/// A session of a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub u64);

/// An operation that the application runs for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OperationId(pub u64);

/// What the application made of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The operation is one-way: its message counts as dispatched, before it runs.
    OneWay,
    /// The reply of a two-way operation, or an application fault.
    Reply {
        /// The message.
        message: OutgoingMessage,
        /// Whether its body is a SOAP fault, which HTTP marks with 500.
        is_fault: bool,
    },
    /// The operation failed without a fault of its own: the message is WCF's InternalServiceFault, and the
    /// service gives up the session.
    Failed {
        /// The message.
        message: OutgoingMessage,
    },
    /// The dispatcher refuses the message because of a header that had to be understood, which it took from
    /// [`Delivery::not_understood`]: the reply is the MustUnderstand fault about it, and the session goes on.
    NotUnderstood {
        /// The name of the header.
        header: QName<'static>,
    },
    /// The application dropped the request: the connection is aborted.
    Abort,
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListenerAnswer {
    /// A message: 200, or 500 where it is a SOAP fault.
    Message {
        /// The message.
        message: Bytes,
        /// Whether it is a SOAP fault.
        is_fault: bool,
    },
    /// Nothing to say: 202 with an empty body.
    Accepted,
    /// No answer at all: the connection is aborted.
    Abort,
}

/// What happened, for the application and for who watches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListenerEvent {
    /// A session began.
    SessionOpened {
        /// The session.
        session: SessionId,
        /// The sequence from the client.
        identifier: Identifier,
    },
    /// A message is for the application, exactly once.
    Operation {
        /// The session.
        session: SessionId,
        /// To be named in [`Listener::complete`](crate::Listener::complete).
        operation: OperationId,
        /// The number of the message.
        number: u64,
        /// The message.
        message: Delivery,
    },
    /// A message came again; the application has it already.
    Duplicate {
        /// The session.
        session: SessionId,
        /// The number of the message.
        number: u64,
    },
    /// A message was dropped because there was no room for it now, or because an earlier one is missing: its sender
    /// is expected to send it again.
    Dropped {
        /// The session.
        session: SessionId,
        /// The number of the message.
        number: u64,
    },
    /// A message was refused before any session saw it: a fault says so to its sender, or the connection is aborted.
    Refused {
        /// Why: the fault's reason, or what is wrong with the message.
        why: String,
    },
    /// A session ended; `error` says why where it did not end by being closed.
    SessionEnded {
        /// The session.
        session: SessionId,
        /// Why, where it did not end clean.
        error: Option<SessionError>,
    },
}
