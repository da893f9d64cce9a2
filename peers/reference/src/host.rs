//! Several endpoints behind one HTTP address, without I/O.

mod admission;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use wsrm_protocol::{
    Delivery, ExchangeId, Identifier, Identifiers, Listener, ListenerConfig, ListenerEvent, OperationId,
    Outcome, Pattern, SessionError, SessionId, Timestamp,
};
use wsrm_wire::Limits;

use crate::contract::{Contract, Dispatch};
use crate::http::{Edition, HttpAnswer, Request, Response};
use crate::metadata;
use crate::mutants::{Mutant, Mutation};

/// What a [`Host`] is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostConfig {
    /// Whose habits it follows where the implementations of WCF differ.
    pub edition: Edition,
    /// Who says when an operation ends.
    pub pacing: Pacing,
    /// How much XML a message may hold.
    pub limits: Limits,
    /// Sessions of one endpoint at a time; who asks for more is told that the service is too busy.
    pub max_sessions: usize,
}

/// Who says when an operation ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Pacing {
    /// The host, by its own time: an operation ends when the time it takes has passed.
    #[default]
    HostTime,
    /// The caller: an operation ends with [`Host::finish`].
    Manual,
}

/// An endpoint of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EndpointId(usize);

/// A running operation of a [`Host`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HostOperation {
    /// The endpoint whose contract it belongs to.
    pub endpoint: EndpointId,
    /// The operation.
    pub operation: OperationId,
}

/// What happened in a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostEvent {
    /// A session began.
    SessionOpened {
        /// Where.
        endpoint: EndpointId,
        /// The session.
        session: SessionId,
        /// The sequence from the client.
        identifier: Identifier,
    },
    /// A message was handed to the contract. Under [`Pacing::Manual`] it runs until [`Host::finish`].
    OperationStarted {
        /// To be named in [`Host::finish`].
        operation: HostOperation,
        /// The session.
        session: SessionId,
        /// The number of the message.
        number: u64,
        /// The name of the operation; `None` where the dispatcher refuses the message.
        name: Option<Arc<str>>,
        /// How long it means to run.
        duration: Duration,
        /// The message.
        delivery: Delivery,
    },
    /// A message came again; the operation has run, or is running.
    Duplicate {
        /// Where.
        endpoint: EndpointId,
        /// The session.
        session: SessionId,
        /// The number of the message.
        number: u64,
    },
    /// A message was dropped because there was no room for it now, or because an earlier one is missing.
    Dropped {
        /// Where.
        endpoint: EndpointId,
        /// The session.
        session: SessionId,
        /// The number of the message.
        number: u64,
    },
    /// An operation ended.
    OperationFinished {
        /// The operation.
        operation: HostOperation,
        /// The session.
        session: SessionId,
        /// How it ended.
        result: OperationResult,
    },
    /// A request was refused before any session saw it: by HTTP, by a fault, or by closing the connection.
    Refused {
        /// Where; `None` where there is no endpoint.
        endpoint: Option<EndpointId>,
        /// Why.
        why: String,
    },
    /// A session ended; `error` says why where it did not end by being closed.
    SessionEnded {
        /// Where.
        endpoint: EndpointId,
        /// The session.
        session: SessionId,
        /// Why, where it did not end clean.
        error: Option<SessionError>,
    },
}

/// How an operation ended, for who watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperationResult {
    /// It returned.
    Returned,
    /// It, or the dispatcher before it, answered with a fault; the session goes on.
    Fault,
    /// It failed, and the session with it.
    Failed,
    /// It dropped the request.
    Aborted,
}

impl Default for HostConfig {
    /// .NET Framework's habits, operations in the host's own time, ten thousand sessions.
    fn default() -> Self {
        Self {
            edition: Edition::default(),
            pacing: Pacing::default(),
            limits: Limits::default(),
            max_sessions: 10_000,
        }
    }
}

/// Why an endpoint cannot be added.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EndpointError {
    /// The path does not start with a slash.
    #[error("the path of an endpoint starts with \"/\", unlike {path:?}")]
    Path {
        /// The path.
        path: String,
    },
    /// There is an endpoint at the path.
    #[error("there is an endpoint at {path} already")]
    Taken {
        /// The path.
        path: String,
    },
    /// The contract has two-way operations and the listener is for one-way sessions, or the other way round.
    #[error("a listener for {listener:?} sessions does not fit a contract that needs {contract:?}")]
    Pattern {
        /// The pattern of the listener.
        listener: Pattern,
        /// The pattern that the contract needs.
        contract: Pattern,
    },
}

/// Several endpoints behind one HTTP address: takes HTTP requests, gives HTTP answers.
///
/// Driven as the protocol below is: one call that changes something, then drain [`Host::poll_answer`] and
/// [`Host::poll_event`]. An exchange is answered once, at once or later; one whose client went away never.
#[derive(Debug)]
pub struct Host {
    config: HostConfig,
    endpoints: Vec<Endpoint>,
    running: HashMap<HostOperation, Running>,
    due: BinaryHeap<Reverse<(Timestamp, HostOperation)>>,
    answers: VecDeque<(ExchangeId, HttpAnswer)>,
    events: VecDeque<HostEvent>,
}

#[derive(Debug)]
struct Endpoint {
    path: String,
    config: ListenerConfig,
    listener: Listener,
    contract: Contract,
    mutation: Option<Mutation>,
}

#[derive(Debug)]
struct Running {
    session: SessionId,
    one_way: bool,
    outcome: Outcome,
}

impl Host {
    /// A host without endpoints.
    pub fn new(config: HostConfig) -> Self {
        Self {
            config,
            endpoints: Vec::new(),
            running: HashMap::new(),
            due: BinaryHeap::new(),
            answers: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// Adds an endpoint. Whether `maxPendingChannels` is enforced follows from the host's edition, whatever
    /// `listener` says.
    ///
    /// # Errors
    /// If the path is no path or taken, or the pattern of `listener` is not the contract's.
    pub fn add_endpoint(
        &mut self,
        path: &str,
        listener: ListenerConfig,
        contract: Contract,
        identifiers: Box<dyn Identifiers>,
    ) -> Result<EndpointId, EndpointError> {
        let path = path.to_owned();
        if !path.starts_with('/') {
            return Err(EndpointError::Path { path });
        }
        if self.find(&path).is_some() {
            return Err(EndpointError::Taken { path });
        }
        if listener.pattern != contract.pattern() {
            return Err(EndpointError::Pattern { listener: listener.pattern, contract: contract.pattern() });
        }
        let enforce_max_pending_channels = self.config.edition == Edition::NetFramework;
        let config = ListenerConfig { enforce_max_pending_channels, ..listener };
        let listener = Listener::new(config.clone(), identifiers)
            .with_limits(self.config.limits)
            .with_max_sessions(self.config.max_sessions);
        self.endpoints.push(Endpoint { path, config, listener, contract, mutation: None });
        Ok(EndpointId(self.endpoints.len() - 1))
    }

    /// Gives all endpoints a bug.
    #[must_use]
    pub fn with_mutant(mut self, mutant: &'static Mutant) -> Self {
        for endpoint in &mut self.endpoints {
            endpoint.mutation = Some(Mutation::new(mutant, endpoint.config.profile));
        }
        self
    }

    /// The path of an endpoint.
    pub fn path(&self, endpoint: EndpointId) -> Option<&str> {
        self.endpoints.get(endpoint.0).map(|endpoint| endpoint.path.as_str())
    }

    /// Sessions there are, terminated ones that linger included.
    pub fn sessions(&self) -> usize {
        self.endpoints.iter().map(|endpoint| endpoint.listener.sessions()).sum()
    }

    /// Takes a request. Its answer comes from [`Host::poll_answer`], not always at once.
    pub fn handle_request(&mut self, now: Timestamp, exchange: ExchangeId, request: &Request) {
        let index = match self.find(request.target.path()) {
            Some(index) => index,
            None => {
                let why = format!("there is no endpoint at {}", request.target.path());
                self.events.push_back(HostEvent::Refused { endpoint: None, why });
                return self.answers.push_back((exchange, HttpAnswer::Response(Response::empty(404))));
            }
        };
        let Some(endpoint) = self.endpoints.get_mut(index) else { return };
        let mistaken = endpoint.mutation.as_mut().and_then(|mutation| mutation.hears(exchange, request));
        let request = mistaken.as_ref().unwrap_or(request);
        let earlier = self.answers.len();
        if request.method == hyper::Method::GET && metadata::is_asked_for(request.target.query()) {
            let wsdl = metadata::wsdl(&endpoint.config, &endpoint.contract);
            self.answers.push_back((exchange, HttpAnswer::Response(Response::document(wsdl))));
            return self.mutate(earlier, index);
        }
        match admission::admit(&self.config, endpoint.config.profile, request) {
            Err(admission::Refusal { answer, why }) => {
                self.events.push_back(HostEvent::Refused { endpoint: Some(EndpointId(index)), why });
                self.answers.push_back((exchange, answer));
            }
            Ok(message) => {
                endpoint.listener.handle_request(now, exchange, message.clone());
                self.settle(now, index);
                self.explain_refusal(exchange, earlier, index, &message);
            }
        }
        self.mutate(earlier, index);
    }

    /// The client of `exchange` is gone; an answer to it goes nowhere.
    pub fn handle_disconnect(&mut self, exchange: ExchangeId) {
        for endpoint in &mut self.endpoints {
            endpoint.listener.handle_disconnect(exchange);
        }
    }

    /// Ends a running operation; one that is not running is left alone.
    pub fn finish(&mut self, now: Timestamp, operation: HostOperation) {
        if let Some(running) = self.running.remove(&operation) {
            let earlier = self.answers.len();
            self.end_operation(now, operation, running);
            self.settle(now, operation.endpoint.0);
            self.mutate(earlier, operation.endpoint.0);
        }
    }

    /// Does what has become due; early calls do no harm.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        while let Some(&Reverse((due, operation))) = self.due.peek()
            && due <= now
        {
            self.due.pop();
            self.finish(now, operation);
        }
        for index in 0..self.endpoints.len() {
            if let Some(endpoint) = self.endpoints.get_mut(index)
                && endpoint.listener.poll_timeout().is_some_and(|due| due <= now)
            {
                endpoint.listener.handle_timeout(now);
                let earlier = self.answers.len();
                self.settle(now, index);
                self.mutate(earlier, index);
            }
        }
    }

    /// When [`Host::handle_timeout`] is next wanted.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let operation = self.due.peek().map(|Reverse((due, _))| *due);
        let listeners = self.endpoints.iter().filter_map(|endpoint| endpoint.listener.poll_timeout());
        listeners.chain(operation).min()
    }

    /// The next answer.
    pub fn poll_answer(&mut self) -> Option<(ExchangeId, HttpAnswer)> {
        self.answers.pop_front()
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<HostEvent> {
        self.events.pop_front()
    }

    fn find(&self, path: &str) -> Option<usize> {
        let path = trimmed(path);
        self.endpoints.iter().position(|endpoint| trimmed(&endpoint.path).eq_ignore_ascii_case(path))
    }

    /// Makes of the newest answers what the bug of the endpoint makes of them, if it has one.
    fn mutate(&mut self, earlier: usize, index: usize) {
        let endpoint = self.endpoints.get_mut(index);
        let Some(mutation) = endpoint.and_then(|endpoint| endpoint.mutation.as_mut()) else { return };
        for (exchange, answer) in self.answers.range_mut(earlier..) {
            let said = std::mem::replace(answer, HttpAnswer::Abort);
            *answer = mutation.says(*exchange, said);
        }
    }

    /// Passes on what a listener has to say until it has nothing more.
    fn settle(&mut self, now: Timestamp, index: usize) {
        while let Some(endpoint) = self.endpoints.get_mut(index) {
            while let Some((exchange, answer)) = endpoint.listener.poll_answer() {
                let answer = admission::http_answer(endpoint.config.profile.soap, answer);
                self.answers.push_back((exchange, answer));
            }
            let Some(event) = endpoint.listener.poll_event() else { return };
            self.handle_event(now, EndpointId(index), event);
        }
    }

    fn handle_event(&mut self, now: Timestamp, endpoint: EndpointId, event: ListenerEvent) {
        match event {
            ListenerEvent::SessionOpened { session, identifier } => {
                self.events.push_back(HostEvent::SessionOpened { endpoint, session, identifier });
            }
            ListenerEvent::Operation { session, operation, number, message } => {
                let operation = HostOperation { endpoint, operation };
                self.start_operation(now, operation, session, number, message);
            }
            ListenerEvent::Duplicate { session, number } => {
                self.events.push_back(HostEvent::Duplicate { endpoint, session, number });
            }
            ListenerEvent::Dropped { session, number } => {
                self.events.push_back(HostEvent::Dropped { endpoint, session, number });
            }
            ListenerEvent::Refused { why } => {
                self.events.push_back(HostEvent::Refused { endpoint: Some(endpoint), why })
            }
            ListenerEvent::SessionEnded { session, error } => {
                self.events.push_back(HostEvent::SessionEnded { endpoint, session, error });
            }
        }
    }

    fn start_operation(
        &mut self,
        now: Timestamp,
        operation: HostOperation,
        session: SessionId,
        number: u64,
        delivery: Delivery,
    ) {
        let Some(endpoint) = self.endpoints.get_mut(operation.endpoint.0) else { return };
        let ListenerConfig { profile, language, .. } = &endpoint.config;
        let Dispatch { operation: name, one_way, duration, outcome } =
            endpoint.contract.dispatch(*profile, &endpoint.path, language, &delivery);
        if one_way {
            // A one-way message is acknowledged when the dispatcher has it, whatever its operation does then.
            endpoint.listener.complete(now, operation.operation, Outcome::OneWay);
        }
        self.events.push_back(HostEvent::OperationStarted {
            operation,
            session,
            number,
            name,
            duration,
            delivery,
        });
        let running = Running { session, one_way, outcome };
        match self.config.pacing {
            Pacing::HostTime if duration.is_zero() => self.end_operation(now, operation, running),
            Pacing::HostTime => {
                self.due.push(Reverse((now + duration, operation)));
                self.running.insert(operation, running);
            }
            Pacing::Manual => {
                self.running.insert(operation, running);
            }
        }
    }

    fn end_operation(&mut self, now: Timestamp, operation: HostOperation, running: Running) {
        let Running { session, one_way, outcome } = running;
        let result = match &outcome {
            Outcome::OneWay | Outcome::Reply { is_fault: false, .. } => OperationResult::Returned,
            Outcome::Reply { is_fault: true, .. } | Outcome::NotUnderstood { .. } => OperationResult::Fault,
            Outcome::Failed { .. } => OperationResult::Failed,
            Outcome::Abort => OperationResult::Aborted,
        };
        self.events.push_back(HostEvent::OperationFinished { operation, session, result });
        let Some(endpoint) = self.endpoints.get_mut(operation.endpoint.0) else { return };
        match outcome {
            // A fault has no way back from a one-way operation. One that nobody threw kills the session all the same.
            Outcome::Failed { .. } => endpoint.listener.complete(now, operation.operation, outcome),
            _ if one_way => endpoint.listener.finished(now, operation.operation),
            _ => endpoint.listener.complete(now, operation.operation, outcome),
        }
    }

    /// .NET Framework tells a request that is no SOAP message at all from one that a session drops.
    fn explain_refusal(&mut self, exchange: ExchangeId, earlier: usize, index: usize, message: &[u8]) {
        if self.config.edition != Edition::NetFramework {
            return;
        }
        let Some(endpoint) = self.endpoints.get(index) else { return };
        for (answered, answer) in self.answers.range_mut(earlier..) {
            if *answered == exchange
                && *answer == HttpAnswer::Abort
                && !admission::is_message(message, endpoint.config.profile, &self.config.limits)
            {
                *answer = HttpAnswer::Response(Response::empty(400));
            }
        }
    }
}

fn trimmed(path: &str) -> &str {
    path.strip_suffix('/').unwrap_or(path)
}

#[cfg(test)]
mod tests;
