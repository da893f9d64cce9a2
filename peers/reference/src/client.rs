//! An [`Initiator`] over real sockets.

mod connection;

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::Uri;
use thiserror::Error;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinSet;
use tokio::time::Instant;
use wsrm_protocol::{
    Answer, CallId, Delivery, ExchangeId, Identifier, Initiator, InitiatorConfig, InitiatorEvent,
    OutgoingMessage, SessionError, Timestamp, Transmit, TransmitKind,
};

use crate::identifiers::RandomIdentifiers;

/// What a [`Client`] is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientConfig {
    /// The session; its address is where requests go, too.
    pub initiator: InitiatorConfig,
    /// What it allows its peer and itself.
    pub limits: ClientLimits,
    /// Whether opening goes on where nobody listens or HTTP refuses, as WCF does until the open timeout. Otherwise
    /// the first such answer ends it.
    pub patient: bool,
}

/// What a client allows its peer and itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientLimits {
    /// Bytes in the body of a response; more counts as a lost connection. WCF's `maxReceivedMessageSize`.
    pub body_bytes: usize,
    /// Connections at a time; requests beyond wait.
    pub connections: usize,
    /// How long a connection may take to be made.
    pub connect_time: Duration,
    /// How long a request may wait for its response; then its connection is given up.
    pub response_time: Duration,
    /// How long a connection is kept without use.
    pub idle_time: Duration,
}

/// Why a session or a call over HTTP failed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ClientError {
    /// The address cannot be used.
    #[error("{address:?} is no address of a service: {why}")]
    Address {
        /// The address.
        address: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The session failed. `last` says what the last exchange that went wrong met.
    #[error("{}", with_cause(error, last.as_deref()))]
    Session {
        /// Why.
        error: SessionError,
        /// What the transport, or HTTP, said last where it went wrong.
        last: Option<String>,
    },
}

/// What a session has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statistics {
    /// Requests that were sent, repeated ones included.
    pub requests: u64,
    /// Requests that got an HTTP response.
    pub round_trips: u64,
    /// Requests whose connection failed.
    pub lost: u64,
    /// Application messages, each counted once.
    pub messages: u64,
    /// Messages that were sent again.
    pub retransmissions: u64,
    /// Lone requests for an acknowledgement.
    pub polls: u64,
    /// Responses that carried an acknowledgement.
    pub acknowledgements: u64,
    /// The shortest time from a request to its response.
    pub shortest_round_trip: Option<Duration>,
    /// The sum of all times from a request to its response.
    pub total_round_trip: Duration,
    /// TCP connections that were made.
    pub connections: u64,
}

/// A WCF-like client: one reliable session over HTTP/1.1.
///
/// It may be shared: calls run side by side as far as the window allows. Dropping the last handle ends the session
/// without a word to the service; [`Client::abort`] says so, [`Client::close`] ends it well.
pub struct Client {
    shared: Arc<Shared>,
    tasks: Mutex<JoinSet<()>>,
}

struct Shared {
    state: Mutex<State>,
    limits: ClientLimits,
    target: connection::Target,
    origin: Instant,
    /// Wakes the timer where something is due earlier than it believes.
    earlier: Notify,
    /// Wakes who waits for open, close or the last transmission.
    changed: Notify,
}

struct State {
    initiator: Initiator,
    patient: bool,
    queue: VecDeque<Transmit>,
    idle: Vec<Arc<Notify>>,
    connections: usize,
    in_flight: usize,
    calls: HashMap<CallId, oneshot::Sender<Result<Option<Delivery>, SessionError>>>,
    opened: Option<Identifier>,
    ended: Option<Result<(), SessionError>>,
    /// Whether the client is gone, so that connections without work end.
    dropped: bool,
    armed: Option<Timestamp>,
    last_failure: Option<String>,
    statistics: Statistics,
}

impl Default for ClientLimits {
    /// 1 MiB a response, 64 connections, a minute for a response and 21 seconds for a connection.
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            connections: 64,
            connect_time: Duration::from_secs(21),
            response_time: Duration::from_secs(60),
            idle_time: Duration::from_secs(100),
        }
    }
}

impl Client {
    /// Opens a session.
    ///
    /// # Errors
    /// If the address cannot be used, or the service does not open one within the open timeout.
    pub async fn open(config: ClientConfig) -> Result<Self, ClientError> {
        let target = connection::Target::new(&config.initiator)?;
        let initiator = Initiator::new(config.initiator, Box::new(RandomIdentifiers::new()));
        let shared = Arc::new(Shared {
            state: Mutex::new(State::new(initiator, config.patient)),
            limits: config.limits,
            target,
            origin: Instant::now(),
            earlier: Notify::new(),
            changed: Notify::new(),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(keep_time(Arc::clone(&shared)));
        let client = Self { shared, tasks: Mutex::new(tasks) };
        client.change(|initiator, now| initiator.open(now));
        client.wait_until(|state| state.opened.is_some()).await?;
        Ok(client)
    }

    /// The identifier of the sequence to the service.
    pub fn identifier(&self) -> Option<Identifier> {
        self.shared.lock().opened.clone()
    }

    /// Sends a one-way message; done when it has entered the window, as WCF's `Send` is.
    ///
    /// # Errors
    /// If the session has ended, or the message found no place within the send timeout.
    pub async fn send(&self, message: OutgoingMessage) -> Result<(), ClientError> {
        self.transfer(message, false).await.map(drop)
    }

    /// Calls a two-way operation and waits for its reply, which may be a SOAP fault.
    ///
    /// # Errors
    /// If the session has ended, or no reply came within the send timeout.
    pub async fn call(&self, message: OutgoingMessage) -> Result<Delivery, ClientError> {
        Ok(self.transfer(message, true).await?.unwrap_or_default())
    }

    /// Closes the session, after everything in it has been transferred.
    ///
    /// # Errors
    /// If the session has failed, or fails to close within the close timeout.
    pub async fn close(&self) -> Result<(), ClientError> {
        self.change(|initiator, now| initiator.close(now));
        self.wait_until(|_| false).await?;
        // TerminateSequence of RM 1.0 is sent and not waited for; it should leave before its connection goes.
        self.flush().await;
        Ok(())
    }

    /// Gives the session up and tells the service so.
    pub async fn abort(&self) {
        self.change(|initiator, now| initiator.abort(now));
        self.flush().await;
    }

    /// What the session has done so far.
    pub fn statistics(&self) -> Statistics {
        self.shared.lock().statistics
    }

    /// Why the session ended, where it ended other than by being closed.
    pub fn failure(&self) -> Option<ClientError> {
        let state = self.shared.lock();
        match &state.ended {
            Some(Err(error)) => Some(state.error(error.clone())),
            _ => None,
        }
    }

    /// Waits until nothing is on its way, for a bounded time.
    async fn flush(&self) {
        let idle = |state: &State| state.queue.is_empty() && state.in_flight == 0;
        let limit = self.shared.limits.response_time.min(Duration::from_secs(5));
        let _ = tokio::time::timeout(limit, self.wait_for(|state| idle(state).then_some(()))).await;
    }

    async fn transfer(
        &self,
        message: OutgoingMessage,
        two_way: bool,
    ) -> Result<Option<Delivery>, ClientError> {
        let (sender, receiver) = oneshot::channel();
        let (spawn, wake) = {
            let mut state = self.shared.lock();
            let now = self.shared.now();
            let call = state.initiator.send(now, message, two_way);
            state.calls.insert(call, sender);
            state.statistics.messages += 1;
            (state.drain(&self.shared, 0), state.rearm())
        };
        self.start(spawn, wake);
        match receiver.await {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(error)) => Err(self.shared.lock().error(error)),
            Err(_) => Err(self.shared.lock().error(SessionError::Aborted)),
        }
    }

    fn change(&self, change: impl FnOnce(&mut Initiator, Timestamp)) {
        let (spawn, wake) = {
            let mut state = self.shared.lock();
            change(&mut state.initiator, self.shared.now());
            (state.drain(&self.shared, 0), state.rearm())
        };
        self.start(spawn, wake);
    }

    fn start(&self, spawn: usize, wake: bool) {
        if wake {
            self.shared.earlier.notify_one();
        }
        self.shared.spawn_connections(spawn);
    }

    /// Waits for `done`, or for the end of the session.
    async fn wait_until(&self, done: impl Fn(&State) -> bool) -> Result<(), ClientError> {
        self.wait_for(|state| match &state.ended {
            Some(Ok(())) => Some(Ok(())),
            Some(Err(error)) => Some(Err(state.error(error.clone()))),
            None => done(state).then_some(Ok(())),
        })
        .await
    }

    async fn wait_for<T>(&self, check: impl Fn(&State) -> Option<T>) -> T {
        loop {
            let changed = self.shared.changed.notified();
            tokio::pin!(changed);
            // Registered before the look, so that no change falls between.
            changed.as_mut().enable();
            if let Some(found) = check(&self.shared.lock()) {
                return found;
            }
            changed.await;
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let tasks = self.tasks.get_mut().unwrap_or_else(PoisonError::into_inner);
        tasks.abort_all();
        let mut state = self.shared.lock();
        state.dropped = true;
        for idle in state.idle.drain(..) {
            idle.notify_one();
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("statistics", &self.statistics()).finish_non_exhaustive()
    }
}

impl Shared {
    fn now(&self) -> Timestamp {
        Timestamp::from_origin(self.origin.elapsed())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spawn_connections(self: &Arc<Self>, count: usize) {
        for _ in 0..count {
            tokio::spawn(connection::work(Arc::clone(self)));
        }
    }

    /// Hands an answer in, and what follows from it out. The connection that brought it is free for the first
    /// request that follows.
    fn handle_answer(self: &Arc<Self>, exchange: ExchangeId, answer: Answer, took: Duration) {
        let (spawn, wake) = {
            let mut state = self.lock();
            state.in_flight = state.in_flight.saturating_sub(1);
            state.count(&answer, took);
            if state.opened.is_none() && !state.patient {
                state.give_up_opening(&answer);
            }
            state.initiator.handle_answer(self.now(), exchange, answer);
            (state.drain(self, 1), state.rearm())
        };
        if wake {
            self.earlier.notify_one();
        }
        self.spawn_connections(spawn);
    }
}

impl State {
    fn new(initiator: Initiator, patient: bool) -> Self {
        Self {
            patient,
            initiator,
            queue: VecDeque::new(),
            idle: Vec::new(),
            connections: 0,
            in_flight: 0,
            calls: HashMap::new(),
            opened: None,
            ended: None,
            dropped: false,
            armed: None,
            last_failure: None,
            statistics: Statistics::default(),
        }
    }

    fn error(&self, error: SessionError) -> ClientError {
        ClientError::Session { error, last: self.last_failure.clone() }
    }

    /// Passes on what the initiator has to say; the number of connections to make for it, when `free` ones look
    /// at the queue next without being told.
    fn drain(&mut self, shared: &Shared, mut free: usize) -> usize {
        let mut spawn = 0;
        while let Some(transmit) = self.initiator.poll_transmit() {
            match transmit.kind {
                TransmitKind::Retransmission { .. } => self.statistics.retransmissions += 1,
                TransmitKind::AckRequested => self.statistics.polls += 1,
                _ => {}
            }
            self.queue.push_back(transmit);
            if free > 0 {
                free -= 1;
            } else if let Some(idle) = self.idle.pop() {
                idle.notify_one();
            } else if self.connections < shared.limits.connections {
                self.connections += 1;
                spawn += 1;
            }
        }
        let mut changed = self.ended.is_some() || self.queue.is_empty() && self.in_flight == 0;
        while let Some(event) = self.initiator.poll_event() {
            changed |= self.handle_event(event);
        }
        if changed {
            shared.changed.notify_waiters();
        }
        spawn
    }

    /// Whether it concerns the session and not a call.
    fn handle_event(&mut self, event: InitiatorEvent) -> bool {
        let (call, result) = match event {
            InitiatorEvent::Opened { identifier } => {
                self.opened = Some(identifier);
                return true;
            }
            InitiatorEvent::Closed => {
                self.end(Ok(()));
                return true;
            }
            InitiatorEvent::Faulted { error } => {
                self.end(Err(error));
                return true;
            }
            InitiatorEvent::Sent { call } => (call, Ok(None)),
            InitiatorEvent::Replied { call, reply } => (call, Ok(Some(reply))),
            InitiatorEvent::CallFailed { call, error } => (call, Err(error)),
        };
        if let Some(sender) = self.calls.remove(&call) {
            // Where the caller has gone away nobody wants to know.
            let _ = sender.send(result);
        }
        false
    }

    fn end(&mut self, how: Result<(), SessionError>) {
        self.ended.get_or_insert(how);
    }

    /// Ends a session that nobody listens for.
    fn give_up_opening(&mut self, answer: &Answer) {
        let text = || self.last_failure.clone().unwrap_or_default();
        match answer {
            Answer::Lost { .. } => self.end(Err(SessionError::Communication(text()))),
            Answer::Response { status: 404, .. } => self.end(Err(SessionError::EndpointNotFound(text()))),
            Answer::Response { status: 503, .. } => self.end(Err(SessionError::ServerTooBusy(text()))),
            Answer::Response { .. } => {}
        }
    }

    fn count(&mut self, answer: &Answer, took: Duration) {
        let statistics = &mut self.statistics;
        match answer {
            Answer::Response { status, body, .. } => {
                statistics.round_trips += 1;
                statistics.total_round_trip += took;
                let shortest = statistics.shortest_round_trip.get_or_insert(took);
                *shortest = took.min(*shortest);
                if carries_acknowledgement(body) {
                    statistics.acknowledgements += 1;
                }
                if !matches!(status, 200 | 202 | 500) {
                    self.last_failure = Some(format!("HTTP status {status}"));
                }
            }
            Answer::Lost { reason } => {
                statistics.lost += 1;
                self.last_failure = Some(reason.clone());
            }
        }
    }

    /// Whether the timer is to be woken because something is due earlier than it believes.
    fn rearm(&mut self) -> bool {
        let due = self.initiator.poll_timeout();
        let earlier = match (due, self.armed) {
            (Some(due), Some(armed)) => due < armed,
            (due, None) => due.is_some(),
            (None, Some(_)) => false,
        };
        if earlier {
            self.armed = due;
        }
        earlier
    }
}

/// Calls the initiator when something is due.
async fn keep_time(shared: Arc<Shared>) {
    loop {
        let (armed, spawn) = {
            let mut state = shared.lock();
            let now = shared.now();
            let mut spawn = 0;
            if state.initiator.poll_timeout().is_some_and(|due| due <= now) {
                state.initiator.handle_timeout(now);
                spawn = state.drain(&shared, 0);
            }
            state.armed = state.initiator.poll_timeout();
            (state.armed, spawn)
        };
        shared.spawn_connections(spawn);
        match armed.and_then(|armed| shared.origin.checked_add(armed.since_origin())) {
            Some(due) => {
                tokio::select! {
                    () = tokio::time::sleep_until(due) => {}
                    () = shared.earlier.notified() => {}
                }
            }
            None => shared.earlier.notified().await,
        }
    }
}

/// For the statistics alone, so the name of the header is enough.
fn carries_acknowledgement(body: &[u8]) -> bool {
    std::str::from_utf8(body).is_ok_and(|text| text.contains("SequenceAcknowledgement>"))
}

fn with_cause(error: &SessionError, last: Option<&str>) -> String {
    let error = error.to_string();
    match last {
        Some(last) if !error.contains(last) => format!("{error} ({last})"),
        _ => error,
    }
}

/// The parts of an `http` address.
pub(crate) fn http_address(address: &str) -> Result<(Uri, String, u16), ClientError> {
    let wrong = |why| ClientError::Address { address: address.to_owned(), why };
    if !address.contains("://") {
        return Err(wrong("it does not start with http://"));
    }
    let uri: Uri = address.parse().map_err(|_| wrong("it is no URL"))?;
    match uri.scheme_str() {
        Some("http") => {}
        Some("https") => return Err(wrong("HTTPS is not spoken yet, only http://")),
        Some("net.tcp") => return Err(wrong("net.tcp is not spoken yet, only http://")),
        _ => return Err(wrong("it does not start with http://")),
    }
    let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(|| wrong("it names no host"))?;
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let port = uri.port_u16().unwrap_or(80);
    Ok((uri, host, port))
}
