//! A proxy between a client and a service that are not ours.
//!
//! Messages are framed, never rewritten: start line, header fields in their order and spelling, chunks and all else
//! pass as they came. Each client connection has one connection to the service; where one side closes, the other is
//! closed too. Before a message goes on, a [`Control`] says what becomes of it.

mod connection;
mod framing;
mod stream;

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore, oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, timeout};
use wsrm_protocol::Timestamp;

use crate::client::http_address;
pub use framing::FramingError;

/// Where a proxy passes requests to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    host: String,
    port: u16,
    /// What stands in the `Host` field of requests; that of the client without.
    authority: Option<String>,
}

/// What a proxy allows both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyLimits {
    /// Bytes in the head of a message.
    pub head_bytes: usize,
    /// Bytes in the body of a message, as it is on the wire.
    pub body_bytes: usize,
    /// Client connections at a time; more wait to be accepted.
    pub connections: usize,
    /// How long a client connection may be idle or take for its next request.
    pub request_time: Duration,
    /// How long the service may take to accept a connection.
    pub connect_time: Duration,
    /// How long the service may take for a response, and either side to take a message.
    pub response_time: Duration,
    /// How long exchanges may still run after [`Proxy::shutdown`].
    pub shutdown_time: Duration,
}

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// To the service.
    Request,
    /// To the client.
    Response,
}

/// Names a message that passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Passage {
    /// The client connection, counted from 1.
    pub connection: u64,
    /// The exchange, counted from 1 in the order in which requests were there in whole.
    pub exchange: u64,
    /// Which of its two messages.
    pub direction: Direction,
}

/// What is to become of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Wait until [`Control::poll_release`] names the passage.
    pub hold: bool,
    /// Pass these bytes instead of those that came.
    pub replacement: Option<Bytes>,
    /// Deliver a request so many further times, before the delivery whose response the client gets.
    pub copies: u32,
    /// How it ends.
    pub fate: Fate,
}

/// How the way of a message ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is delivered.
    Deliver,
    /// It is not, and the connections are closed after a while.
    Drop {
        /// How long the client's connection stays open.
        hang: Duration,
    },
    /// So many bytes of it are delivered, then the connections are closed.
    Cut {
        /// How many.
        after: usize,
    },
    /// A request is not passed on; the client gets this response.
    Answer(Bytes),
}

/// What happens to a message or instead of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// The receiver's connection has taken it in whole.
    Delivered,
    /// The service has answered a copy of the request, or closed the connection without.
    CopyAnswered(Option<Bytes>),
    /// There is no response to the request.
    Unanswered(Unanswered),
    /// The receiver is gone: the message was not delivered.
    ReceiverGone,
}

/// Why there is no whole response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unanswered {
    /// The service closed the connection without a word; so was the client's.
    Closed,
    /// The response broke off, or is no HTTP: what there was of it was passed on, and the connection closed.
    Broken {
        /// What there was.
        bytes: Bytes,
        /// What is wrong.
        why: String,
    },
    /// The service could not be reached; the client got this response, with 502.
    Unreachable {
        /// Why.
        why: String,
        /// What the client got.
        answer: Bytes,
    },
    /// The service took too long; the client got this response, with 504.
    TimedOut {
        /// What the client got.
        answer: Bytes,
    },
    /// The response is too large; the client got this response, with 502.
    TooLarge {
        /// What is too large.
        why: FramingError,
        /// What the client got.
        answer: Bytes,
    },
}

/// Decides what becomes of the messages that pass, and is told how it goes.
///
/// All methods are called one at a time and must not block. Times count from the start of the proxy.
pub trait Control: Send + 'static {
    /// A message is there in whole. The response to a copy is not asked about.
    fn handle_message(&mut self, now: Timestamp, passage: Passage, message: &Bytes) -> Order;
    /// Something became of it.
    fn handle_progress(&mut self, now: Timestamp, passage: Passage, progress: Progress);
    /// Nothing more will happen in this exchange.
    fn handle_end(&mut self, now: Timestamp, exchange: u64);
    /// A client sent what is no HTTP request, or too much; it was told so.
    fn handle_refusal(&mut self, now: Timestamp, connection: u64, why: &str);
    /// Something is due.
    fn handle_timeout(&mut self, now: Timestamp);
    /// When something is due.
    fn poll_timeout(&self) -> Option<Timestamp>;
    /// A message that was held and goes on now.
    fn poll_release(&mut self) -> Option<Passage>;
}

/// A running proxy.
#[derive(Debug)]
pub struct Proxy {
    local_address: SocketAddr,
    stop: watch::Sender<bool>,
    accepting: JoinHandle<()>,
    timing: JoinHandle<()>,
}

/// What the connections share.
struct Shared {
    upstream: Upstream,
    limits: ProxyLimits,
    state: Mutex<State>,
    /// Wakes the timer where something may be due earlier than it believes.
    earlier: Notify,
    origin: Instant,
}

struct State {
    control: Box<dyn Control>,
    held: HashMap<Passage, oneshot::Sender<()>>,
    exchanges: u64,
}

impl Upstream {
    /// The service at a URL. Its path is not looked at: the targets of requests pass as they are.
    ///
    /// # Errors
    /// If it is no URL, or one of another scheme than `http`.
    pub fn parse(url: &str) -> Result<Self, crate::ClientError> {
        http_address(url).map(|(_, host, port)| Self { host, port, authority: None })
    }

    /// Requests name the service in their `Host` field instead of what the client wrote there. IIS and http.sys refuse
    /// a host name that they were not told to listen for.
    #[must_use]
    pub fn with_own_host(mut self) -> Self {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        self.authority = Some(match self.port {
            80 => host,
            port => format!("{host}:{port}"),
        });
        self
    }

    /// The request as the service is to get it.
    fn addressed(&self, request: Bytes) -> Bytes {
        let Some(authority) = &self.authority else { return request };
        framing::with_host(&request, authority).map_or(request, Bytes::from)
    }

    async fn connect(&self, limit: Duration) -> Result<TcpStream, String> {
        let Self { host, port, .. } = self;
        match timeout(limit, TcpStream::connect((host.as_str(), *port))).await {
            Ok(Ok(socket)) => Ok(socket),
            Ok(Err(error)) => Err(format!("cannot connect to {host}:{port}: {error}")),
            Err(_) => Err(format!("cannot connect to {host}:{port} within {limit:?}")),
        }
    }
}

impl Default for ProxyLimits {
    /// 64 KiB of head and 16 MiB of body, 1024 connections, ten minutes for a request, five for a response.
    fn default() -> Self {
        Self {
            head_bytes: 64 << 10,
            body_bytes: 16 << 20,
            connections: 1024,
            request_time: Duration::from_secs(600),
            connect_time: Duration::from_secs(20),
            response_time: Duration::from_secs(300),
            shutdown_time: Duration::from_secs(2),
        }
    }
}

impl Order {
    /// The message goes on as it came.
    pub const fn pass() -> Self {
        Self { hold: false, replacement: None, copies: 0, fate: Fate::Deliver }
    }
}

impl Proxy {
    /// Passes on what comes to a listening socket. The clock of `control` starts now.
    ///
    /// # Errors
    /// If the socket has no local address.
    pub fn start(
        socket: TcpListener,
        upstream: Upstream,
        limits: ProxyLimits,
        control: Box<dyn Control>,
    ) -> io::Result<Self> {
        let local_address = socket.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let shared = Arc::new(Shared {
            upstream,
            limits,
            state: Mutex::new(State { control, held: HashMap::new(), exchanges: 0 }),
            earlier: Notify::new(),
            origin: Instant::now(),
        });
        let timing = tokio::spawn(keep_time(Arc::clone(&shared)));
        let accepting = tokio::spawn(accept(socket, shared, stopped));
        Ok(Self { local_address, stop, accepting, timing })
    }

    /// Where it listens.
    pub fn local_address(&self) -> SocketAddr {
        self.local_address
    }

    /// Accepts nothing more, lets exchanges come to their end within the limit, closes all connections. All that
    /// [`Control`] is to be told it has been told then.
    pub async fn shutdown(mut self) {
        // An error says that nobody listens any more, which is what is wanted.
        let _ = self.stop.send(true);
        let _ = (&mut self.accepting).await;
        self.timing.abort();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.timing.abort();
    }
}

impl Shared {
    fn now(&self) -> Timestamp {
        Timestamp::from_origin(self.origin.elapsed())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_exchange(&self) -> u64 {
        let mut state = self.lock();
        state.exchanges += 1;
        state.exchanges
    }

    /// Asks what becomes of a message; where it is held, what will say that it goes on.
    fn message(&self, passage: Passage, message: &Bytes) -> (Order, Option<oneshot::Receiver<()>>) {
        let mut state = self.lock();
        let order = state.control.handle_message(self.now(), passage, message);
        let released = order.hold.then(|| {
            let (sender, receiver) = oneshot::channel();
            state.held.insert(passage, sender);
            receiver
        });
        state.release();
        drop(state);
        self.earlier.notify_one();
        (order, released)
    }

    fn tell(&self, act: impl FnOnce(&mut dyn Control, Timestamp)) {
        let mut state = self.lock();
        act(&mut *state.control, self.now());
        state.release();
        drop(state);
        self.earlier.notify_one();
    }

    fn progress(&self, passage: Passage, progress: Progress) {
        self.tell(|control, now| control.handle_progress(now, passage, progress));
    }
}

impl State {
    fn release(&mut self) {
        while let Some(passage) = self.control.poll_release() {
            if let Some(held) = self.held.remove(&passage) {
                // Where nobody waits any more the proxy is being shut down.
                let _ = held.send(());
            }
        }
    }
}

/// Tells the control when something is due.
async fn keep_time(shared: Arc<Shared>) {
    loop {
        let due = {
            let mut state = shared.lock();
            let now = shared.now();
            if state.control.poll_timeout().is_some_and(|due| due <= now) {
                state.control.handle_timeout(now);
                state.release();
            }
            state.control.poll_timeout()
        };
        match due.and_then(|due| shared.origin.checked_add(due.since_origin())) {
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

/// Accepts connections until told to stop, then waits for them.
async fn accept(socket: TcpListener, shared: Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    let permits = Arc::new(Semaphore::new(shared.limits.connections));
    let mut connections = JoinSet::new();
    let mut number = 0;
    loop {
        while connections.try_join_next().is_some() {}
        let accepted = async {
            let permit = Arc::clone(&permits).acquire_owned().await;
            (permit, socket.accept().await)
        };
        tokio::select! {
            _ = stopped.changed() => break,
            (permit, accepted) = accepted => match (permit, accepted) {
                (Ok(permit), Ok((stream, _))) => {
                    number += 1;
                    let (shared, stopped) = (Arc::clone(&shared), stopped.clone());
                    connections.spawn(async move {
                        connection::serve(stream, number, &shared, stopped).await;
                        drop(permit);
                    });
                }
                // Out of file descriptors, or the client was gone before it was accepted.
                (_, _) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
        }
    }
    drop(socket);
    let deadline = Instant::now() + shared.limits.shutdown_time;
    while let Ok(Some(_)) = tokio::time::timeout_at(deadline, connections.join_next()).await {}
    connections.shutdown().await;
}
