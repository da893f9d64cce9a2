//! The service's side: makes sessions and finds the session of every message.

mod creation;
mod expires;
mod faults;
mod requests;
mod timers;

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use wsrm_wire::{Envelope, Infoset, Limits};

use crate::incoming::{Addressing, Incoming};
use crate::responder::{Fate, Operations, Port, Responder};
use crate::{
    ExchangeId, Identifier, Identifiers, ListenerAnswer, ListenerConfig, ListenerEvent, OperationId, Outcome,
    SessionError, SessionId, Timestamp,
};

use timers::Timers;

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
        let infoset = match Infoset::read_lazily(&message, &self.limits) {
            Ok(infoset) => infoset,
            Err(error) => return self.reject_unreadable(exchange, &error),
        };
        let envelope = match Envelope::read(&infoset, self.config.profile) {
            Ok(envelope) => envelope,
            Err(error) => return self.reject_unreadable(exchange, &error),
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
