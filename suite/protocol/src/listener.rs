//! The service's side: makes sessions and finds the session of every message.

mod creation;
mod expires;
mod faults;
mod incoming;
mod requests;
mod timers;

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use wsrm_wire::{Envelope, Infoset, Limits, QName, WireProfile};

use crate::responder::{Fate, Operations, Port, Responder};
use crate::{
    Delivery, ExchangeId, Identifier, Identifiers, OutgoingMessage, Pattern, ReliableSessionSettings,
    SessionError, Timeouts, Timestamp,
};

pub(crate) use incoming::Incoming;
use incoming::{Addressing, Rejection};
use timers::Timers;

/// What a [`Listener`] is made from.
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
        /// To be named in [`Listener::complete`].
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
    /// A session ended; `error` says why where it did not end by being closed.
    SessionEnded {
        /// The session.
        session: SessionId,
        /// Why, where it did not end clean.
        error: Option<SessionError>,
    },
}

/// The service's side of one endpoint over anonymous HTTP.
///
/// A request goes this way (WCF's order):
///
/// ```text
///   unreadable ─────────────────────────────────────────▶ Abort
///   nothing of reliable messaging in it ────────────────▶ ActionNotSupported (RM 1.0), WsrmRequired (RM 1.1)
///   CreateSequence ──▶ refused, answered again, or a new session
///   names a sequence ──▶ its session, or UnknownSequence
///   names none ─────────────────────────────────────────▶ Abort
/// ```
///
/// A message that cannot be read leaves every session as it was, the one it names included.
#[derive(Debug)]
pub struct Listener {
    config: ListenerConfig,
    identifiers: Box<dyn Identifiers>,
    limits: Limits,
    max_sessions: usize,
    sessions: HashMap<SessionId, Box<Responder>>,
    by_input: HashMap<Identifier, SessionId>,
    by_output: HashMap<Identifier, SessionId>,
    last_session: u64,
    /// Sessions of which the application has not been told yet: WCF's pending channels.
    pending: usize,
    /// Terminated sessions, oldest first, some of which may be gone: they make place for new ones.
    lingering: VecDeque<SessionId>,
    operations: Operations,
    parked: HashMap<ExchangeId, SessionId>,
    timers: Timers,
    answers: VecDeque<(ExchangeId, ListenerAnswer)>,
    events: VecDeque<ListenerEvent>,
}

impl Listener {
    /// The most sessions that a listener holds where nothing else is said, terminated ones that linger included.
    pub const DEFAULT_MAX_SESSIONS: usize = 100_000;

    /// A listener with no sessions.
    pub fn new(config: ListenerConfig, identifiers: Box<dyn Identifiers>) -> Self {
        Self {
            config,
            identifiers,
            limits: Limits::default(),
            max_sessions: Self::DEFAULT_MAX_SESSIONS,
            sessions: HashMap::new(),
            by_input: HashMap::new(),
            by_output: HashMap::new(),
            last_session: 0,
            pending: 0,
            lingering: VecDeque::new(),
            operations: Operations::default(),
            parked: HashMap::new(),
            timers: Timers::default(),
            answers: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// The same listener with other limits on the messages it reads.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The same listener, with at most `sessions` sessions at a time. Who asks for one more is told that the service is
    /// too busy.
    #[must_use]
    pub fn with_max_sessions(mut self, sessions: usize) -> Self {
        self.max_sessions = sessions;
        self
    }

    /// Changes how many operations of one session may run at once. None at all is a service whose dispatcher lags:
    /// messages wait in the buffers of their sessions until it is allowed some.
    pub fn set_max_concurrent_calls(&mut self, now: Timestamp, calls: usize) {
        self.config.max_concurrent_calls = calls;
        let mut sessions: Vec<SessionId> = self.sessions.keys().copied().collect();
        sessions.sort_unstable();
        for session in sessions {
            self.with_session(now, session, |responder, port| responder.proceed(port));
        }
    }

    /// How many sessions there are, terminated ones that linger included.
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }

    /// Takes a SOAP message that came as the request of `exchange`.
    pub fn handle_request(&mut self, now: Timestamp, exchange: ExchangeId, message: Bytes) {
        let Ok(infoset) = Infoset::read_lazily(&message, &self.limits) else {
            return self.reject(exchange, Addressing::default(), Rejection::Unreadable);
        };
        let Ok(envelope) = Envelope::read(&infoset, self.config.profile) else {
            return self.reject(exchange, Addressing::default(), Rejection::Unreadable);
        };
        let addressing = Addressing::of(&envelope);
        match Incoming::read(&envelope) {
            Err(rejection) => self.reject(exchange, addressing, rejection),
            Ok(request) if request.is_create_sequence() => {
                self.handle_create_sequence(now, exchange, addressing, &request);
            }
            Ok(request) => self.route(now, exchange, addressing, &request, &infoset),
        }
    }

    /// The client of `exchange` is gone; an answer to it goes nowhere.
    pub fn handle_disconnect(&mut self, exchange: ExchangeId) {
        let session = self.parked.remove(&exchange);
        if let Some(responder) = session.and_then(|session| self.sessions.get_mut(&session)) {
            responder.forget_exchange(exchange);
        }
    }

    /// Takes what the application made of an operation. A one-way operation runs on after [`Outcome::OneWay`]: it
    /// ends with [`Listener::finished`], or here with [`Outcome::Failed`] or [`Outcome::Abort`], which end the session.
    pub fn complete(&mut self, now: Timestamp, operation: OperationId, outcome: Outcome) {
        let returns = !matches!(outcome, Outcome::OneWay);
        if let Some(operation) = self.operations.settle(operation, returns) {
            self.with_session(now, operation.session, |responder, port| {
                responder.complete(port, operation, outcome)
            });
        }
    }

    /// The application has returned from a one-way operation, whose place among `max_concurrent_calls` is free.
    pub fn finished(&mut self, now: Timestamp, operation: OperationId) {
        if let Some(operation) = self.operations.settle(operation, true) {
            self.with_session(now, operation.session, |responder, port| responder.finished(port));
        }
    }

    /// Does what has become due; early calls do no harm.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        while let Some((at, session)) = self.timers.pop_due(now) {
            let Some(responder) = self.sessions.get_mut(&session) else { continue };
            if *responder.armed_mut() == Some(at) {
                *responder.armed_mut() = None;
                let config = &self.config;
                let fate = responder.handle_timeout(now, config);
                self.conclude(now, session, fate);
            }
        }
    }

    /// When [`Listener::handle_timeout`] is next wanted; it may turn out that nothing was due.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.timers.next()
    }

    /// The next answer.
    pub fn poll_answer(&mut self) -> Option<(ExchangeId, ListenerAnswer)> {
        self.answers.pop_front()
    }

    /// The next event. Taking [`ListenerEvent::SessionOpened`] accepts the session, which no longer counts against
    /// `maxPendingChannels`.
    pub fn poll_event(&mut self) -> Option<ListenerEvent> {
        let event = self.events.pop_front()?;
        if matches!(event, ListenerEvent::SessionOpened { .. }) {
            self.pending = self.pending.saturating_sub(1);
        }
        Some(event)
    }

    /// Lets a session do something, and sees to what becomes of it.
    fn with_session(
        &mut self,
        now: Timestamp,
        session: SessionId,
        stimulus: impl FnOnce(&mut Responder, &mut Port<'_>) -> Fate,
    ) {
        let Some(responder) = self.sessions.get_mut(&session) else { return };
        let was_terminated = responder.is_terminated();
        let mut port = Port {
            now,
            config: &self.config,
            answers: &mut self.answers,
            events: &mut self.events,
            operations: &mut self.operations,
            parked: &mut self.parked,
        };
        let fate = stimulus(responder, &mut port);
        if responder.is_terminated() && !was_terminated {
            self.lingering.push_back(session);
        }
        self.conclude(now, session, fate);
    }

    /// Removes a session that is over, or sees that its timer will be looked at in time.
    fn conclude(&mut self, now: Timestamp, session: SessionId, fate: Fate) {
        match fate {
            Fate::Ends(error) => self.remove(now, session, error),
            Fate::Lives => {
                let Some(responder) = self.sessions.get_mut(&session) else { return };
                let deadline = responder.deadline(&self.config);
                let armed = responder.armed_mut();
                if armed.is_none_or(|at| deadline < at) {
                    *armed = Some(deadline);
                    self.timers.arm(deadline, session);
                }
            }
        }
    }

    fn remove(&mut self, now: Timestamp, session: SessionId, error: Option<SessionError>) {
        let Some(mut responder) = self.sessions.remove(&session) else { return };
        while self.lingering.front().is_some_and(|oldest| !self.sessions.contains_key(oldest)) {
            self.lingering.pop_front();
        }
        self.by_input.remove(responder.input());
        if let Some(output) = responder.output() {
            self.by_output.remove(output);
        }
        let mut port = Port {
            now,
            config: &self.config,
            answers: &mut self.answers,
            events: &mut self.events,
            operations: &mut self.operations,
            parked: &mut self.parked,
        };
        responder.end(&mut port, error);
    }
}
