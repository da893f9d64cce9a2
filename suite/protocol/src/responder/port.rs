//! What a session reaches beyond itself: its listener's queues and tables.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use wsrm_wire::Envelope;

use crate::{
    Delivery, ExchangeId, ListenerAnswer, ListenerConfig, ListenerEvent, OperationId, SessionId, Timestamp,
};

/// The operations that the application has been given and has not returned from.
#[derive(Debug, Default)]
pub(crate) struct Operations {
    last: u64,
    running: HashMap<OperationId, Operation>,
}

/// An operation that runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operation {
    pub(crate) session: SessionId,
    /// The number of its request.
    pub(crate) number: u64,
    /// Whether its outcome is known: a one-way operation runs on after that.
    pub(crate) is_settled: bool,
}

/// What a session reaches beyond itself.
#[derive(Debug)]
pub(crate) struct Port<'l> {
    pub(crate) now: Timestamp,
    pub(crate) config: &'l ListenerConfig,
    pub(crate) answers: &'l mut VecDeque<(ExchangeId, ListenerAnswer)>,
    pub(crate) events: &'l mut VecDeque<ListenerEvent>,
    pub(crate) operations: &'l mut Operations,
    pub(crate) parked: &'l mut HashMap<ExchangeId, SessionId>,
}

impl Operations {
    fn start(&mut self, session: SessionId, number: u64) -> OperationId {
        self.last += 1;
        let id = OperationId(self.last);
        self.running.insert(id, Operation { session, number, is_settled: false });
        id
    }

    /// The operation, its outcome being known from now on; `returns` says that it does not run on.
    pub(crate) fn settle(&mut self, id: OperationId, returns: bool) -> Option<Operation> {
        let operation = self.running.get_mut(&id)?;
        let before = *operation;
        operation.is_settled = true;
        if returns {
            self.running.remove(&id);
        }
        Some(before)
    }
}

impl Port<'_> {
    /// Answers an exchange that was not parked.
    pub(crate) fn answer(&mut self, exchange: ExchangeId, answer: ListenerAnswer) {
        self.answers.push_back((exchange, answer));
    }

    /// Answers an exchange that was not parked with a message.
    pub(crate) fn send(&mut self, exchange: ExchangeId, envelope: &Envelope<'_>, is_fault: bool) {
        let message = Bytes::from(envelope.to_bytes());
        self.answer(exchange, ListenerAnswer::Message { message, is_fault });
    }

    /// Remembers that an exchange waits for `session`.
    pub(crate) fn park(&mut self, exchange: ExchangeId, session: SessionId) {
        self.parked.insert(exchange, session);
    }

    /// Answers an exchange that was parked.
    pub(crate) fn release(&mut self, exchange: ExchangeId, answer: ListenerAnswer) {
        self.parked.remove(&exchange);
        self.answer(exchange, answer);
    }

    /// Tells who watches that a message came again.
    pub(crate) fn note_duplicate(&mut self, session: SessionId, number: u64) {
        self.events.push_back(ListenerEvent::Duplicate { session, number });
    }

    /// Tells who watches that a message was not taken.
    pub(crate) fn note_dropped(&mut self, session: SessionId, number: u64) {
        self.events.push_back(ListenerEvent::Dropped { session, number });
    }

    /// Hands a message to the application.
    pub(crate) fn deliver(&mut self, session: SessionId, number: u64, message: Delivery) {
        let operation = self.operations.start(session, number);
        self.events.push_back(ListenerEvent::Operation { session, operation, number, message });
    }
}
