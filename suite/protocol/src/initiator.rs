//! The client's session.

use std::time::Duration;

use wsrm_wire::{RmFault, WireProfile};

use crate::{
    Answer, Delivery, ExchangeId, Identifier, Identifiers, OutgoingMessage, Pattern, ReliableSessionSettings,
    SessionError, Timeouts, Timestamp, Transmit,
};

/// What an [`Initiator`] is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitiatorConfig {
    /// The service's address: every message is sent `To` it.
    pub address: String,
    /// The form of the messages; its RM version is the one that is spoken.
    pub profile: WireProfile,
    /// Which sequences are needed.
    pub pattern: Pattern,
    /// The eight settings.
    pub settings: ReliableSessionSettings,
    /// The binding's timeouts.
    pub timeouts: Timeouts,
    /// `xml:lang` of the faults that are sent: the culture of a WCF process, `en-US` as a rule.
    pub language: String,
}

/// One call of the application, one-way or two-way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallId(pub u64);

/// What happened to the session, for its application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InitiatorEvent {
    /// The sequence exists.
    Opened {
        /// The sequence to the service.
        identifier: Identifier,
    },
    /// A one-way call is on its way and the session answers for its transfer: WCF's `Send` returns here, when the
    /// first HTTP exchange that carried the message has ended, or (where replies are possible at all) when the
    /// message is acknowledged as well.
    Sent {
        /// The call.
        call: CallId,
    },
    /// A two-way call has its reply.
    Replied {
        /// The call.
        call: CallId,
        /// The reply.
        reply: Delivery,
    },
    /// A call failed.
    CallFailed {
        /// The call.
        call: CallId,
        /// Why.
        error: SessionError,
    },
    /// The session was closed and both sides know it.
    Closed,
    /// The session is over: opening failed, a fault was sent or came, or it was aborted.
    Faulted {
        /// Why.
        error: SessionError,
    },
}

/// The client's session over anonymous HTTP: opens a sequence, transfers messages, closes it.
#[derive(Debug)]
pub struct Initiator {
    config: InitiatorConfig,
}

impl Initiator {
    /// A session that has not been opened.
    pub fn new(config: InitiatorConfig, identifiers: Box<dyn Identifiers>) -> Self {
        let _ = identifiers;
        Self { config }
    }

    /// Starts opening; ends with [`InitiatorEvent::Opened`] or [`InitiatorEvent::Faulted`].
    pub fn open(&mut self, now: Timestamp) {
        let _ = now;
    }

    /// Sends a message: a two-way call expects a reply, a one-way call only its acknowledgement.
    pub fn send(&mut self, now: Timestamp, message: OutgoingMessage, two_way: bool) -> CallId {
        let _ = (now, message, two_way);
        CallId(0)
    }

    /// Closes the session once everything has been transferred.
    pub fn close(&mut self, now: Timestamp) {
        let _ = now;
    }

    /// Gives the session up at once; the peer is told.
    pub fn abort(&mut self, now: Timestamp) {
        let _ = now;
    }

    /// Takes the answer to an earlier [`Transmit`].
    pub fn handle_answer(&mut self, now: Timestamp, exchange: ExchangeId, answer: Answer) {
        let _ = (now, exchange, answer);
    }

    /// Does what has become due; early calls do no harm.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        let _ = now;
    }

    /// When [`Initiator::handle_timeout`] is next wanted.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        None
    }

    /// The next message to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        None
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<InitiatorEvent> {
        None
    }

    /// Replaces the round-trip time measured while opening. A WCF client measures it with its own clock, which sees
    /// more than the wire does; a replay sets what the recorded client must have seen.
    pub fn set_initial_round_trip(&mut self, round_trip: Duration) {
        let _ = (round_trip, &self.config);
        let _: Option<RmFault<'_>> = None;
    }
}
