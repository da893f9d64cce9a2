//! A [`Host`] behind real sockets.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep_until};
use wsrm_protocol::{ExchangeId, Timestamp};

use crate::host::{Host, HostEvent};
use crate::http::{HttpAnswer, Request, Response};

/// What a server allows its clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerLimits {
    /// Bytes in the body of a request; more gets 413. WCF's `maxReceivedMessageSize`.
    pub body_bytes: usize,
    /// Bytes in the head of a request; more gets 431. At least 8192.
    pub head_bytes: usize,
    /// Headers of a request; more gets 431.
    pub headers: usize,
    /// Connections at a time; more wait to be accepted.
    pub connections: usize,
    /// How long a connection may take for the head of its next request, idleness before it included.
    pub head_time: Duration,
    /// How long a request may take from its head to its answer; one that takes longer is aborted.
    pub request_time: Duration,
    /// How long requests may still run after [`Server::shutdown`].
    pub shutdown_time: Duration,
}

/// Somebody who wants to know what happens in a server; must not block.
pub type Observer = Box<dyn FnMut(Duration, HostEvent) + Send>;

/// A running HTTP/1.1 server around a [`Host`].
#[derive(Debug)]
pub struct Server {
    local_address: SocketAddr,
    stop: watch::Sender<bool>,
    accepting: JoinHandle<()>,
    timing: JoinHandle<()>,
}

/// What the connections share. The host is quick and never waits, so a lock is enough.
struct Shared {
    state: Mutex<State>,
    limits: ServerLimits,
    /// Wakes the timer where something is due earlier than it believes.
    earlier: Notify,
    origin: Instant,
}

struct State {
    host: Host,
    waiting: HashMap<ExchangeId, oneshot::Sender<HttpAnswer>>,
    next_exchange: u64,
    armed: Option<Timestamp>,
    observer: Option<Observer>,
}

/// The connection is to be closed without an answer.
#[derive(Debug, Error)]
#[error("the request is dropped")]
struct Dropped;

/// What a connection has been doing since when, for its timeouts.
///
/// One timer a connection looks at this when it fires, which costs a request nothing.
struct Activity {
    /// Microseconds from the origin of the server to the last change, shifted by one; the lowest bit is set while
    /// a request is being answered.
    state: AtomicU64,
}

/// Tells the host when the client of a parked request goes away.
struct Parked<'a> {
    shared: &'a Shared,
    exchange: ExchangeId,
    answered: bool,
}

impl Default for ServerLimits {
    /// 1 MiB and 64 headers of 16 KiB a request, 1024 connections, two minutes for a head and five for an answer.
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            head_bytes: 16 << 10,
            headers: 64,
            connections: 1024,
            head_time: Duration::from_secs(120),
            request_time: Duration::from_secs(300),
            shutdown_time: Duration::from_secs(5),
        }
    }
}

impl Server {
    /// Serves a host on a listening socket.
    ///
    /// The host's clock starts now; `observer` is told everything that happens, with the time since then.
    ///
    /// # Errors
    /// If the socket has no local address.
    pub fn start(
        socket: TcpListener,
        host: Host,
        limits: ServerLimits,
        observer: Option<Observer>,
    ) -> io::Result<Self> {
        let local_address = socket.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let state = State { host, waiting: HashMap::new(), next_exchange: 0, armed: None, observer };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            limits,
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

    /// Accepts nothing more, lets running requests come to their end within the limit, closes all connections.
    pub async fn shutdown(mut self) {
        // An error says that nobody listens any more, which is what is wanted.
        let _ = self.stop.send(true);
        let _ = (&mut self.accepting).await;
        self.timing.abort();
    }
}

impl Drop for Server {
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

    /// Hands a request to the host; its answer, or where it will come from.
    fn handle(&self, request: &Request) -> Result<HttpAnswer, (ExchangeId, oneshot::Receiver<HttpAnswer>)> {
        let mut state = self.lock();
        let exchange = ExchangeId(state.next_exchange);
        state.next_exchange += 1;
        let now = self.now();
        state.host.handle_request(now, exchange, request);
        let own = state.drain(now, Some(exchange));
        let wake = state.rearm();
        let result = own.ok_or_else(|| {
            let (sender, receiver) = oneshot::channel();
            state.waiting.insert(exchange, sender);
            (exchange, receiver)
        });
        drop(state);
        if wake {
            self.earlier.notify_one();
        }
        result
    }

    /// When a connection has been at the same thing for too long.
    fn limit(&self, activity: &Activity) -> Instant {
        let (since, busy) = activity.read();
        let allowed = if busy { self.limits.request_time } else { self.limits.head_time };
        let year = Duration::from_secs(365 * 24 * 3600);
        self.origin.checked_add(since.saturating_add(allowed)).unwrap_or_else(|| Instant::now() + year)
    }

    /// Takes the body of a request, asks the host, waits for the answer.
    async fn answer(&self, request: hyper::Request<Incoming>) -> Result<HttpAnswer, Dropped> {
        let (head, body) = request.into_parts();
        if body.size_hint().lower() > self.limits.body_bytes as u64 {
            return Ok(HttpAnswer::Response(Response::too_large()));
        }
        let body = match Limited::new(body, self.limits.body_bytes).collect().await {
            Ok(collected) => collected.to_bytes(),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => {
                return Ok(HttpAnswer::Response(Response::too_large()));
            }
            Err(_) => return Err(Dropped),
        };
        let request = Request { method: head.method, target: head.uri, headers: head.headers, body };
        match self.handle(&request) {
            Ok(answer) => Ok(answer),
            Err((exchange, receiver)) => {
                let mut parked = Parked { shared: self, exchange, answered: false };
                let answer = receiver.await.map_err(|_| Dropped)?;
                parked.answered = true;
                Ok(answer)
            }
        }
    }
}

impl State {
    /// Distributes what the host has to say; gives back the answer to `own`.
    fn drain(&mut self, now: Timestamp, own: Option<ExchangeId>) -> Option<HttpAnswer> {
        let mut result = None;
        while let Some((exchange, answer)) = self.host.poll_answer() {
            if Some(exchange) == own {
                result = Some(answer);
            } else if let Some(sender) = self.waiting.remove(&exchange) {
                // Where nobody waits any more the client is gone.
                let _ = sender.send(answer);
            }
        }
        while let Some(event) = self.host.poll_event() {
            if let Some(observer) = &mut self.observer {
                observer(now.since_origin(), event);
            }
        }
        result
    }

    /// Whether the timer is to be woken because something is due earlier than it believes.
    fn rearm(&mut self) -> bool {
        let due = self.host.poll_timeout();
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

impl Activity {
    fn new(since: Duration) -> Self {
        let activity = Self { state: AtomicU64::new(0) };
        activity.write(since, false);
        activity
    }

    fn write(&self, since: Duration, busy: bool) {
        let micros = u64::try_from(since.as_micros()).unwrap_or(u64::MAX) & (u64::MAX >> 1);
        self.state.store(micros << 1 | u64::from(busy), Ordering::Relaxed);
    }

    fn read(&self) -> (Duration, bool) {
        let state = self.state.load(Ordering::Relaxed);
        (Duration::from_micros(state >> 1), state & 1 == 1)
    }
}

impl Drop for Parked<'_> {
    fn drop(&mut self) {
        if !self.answered {
            let mut state = self.shared.lock();
            state.waiting.remove(&self.exchange);
            state.host.handle_disconnect(self.exchange);
        }
    }
}

/// Calls the host when something is due.
async fn keep_time(shared: Arc<Shared>) {
    loop {
        let armed = {
            let mut state = shared.lock();
            let now = shared.now();
            if state.host.poll_timeout().is_some_and(|due| due <= now) {
                state.host.handle_timeout(now);
                state.drain(now, None);
            }
            state.armed = state.host.poll_timeout();
            state.armed
        };
        let due = armed.and_then(|armed| shared.origin.checked_add(armed.since_origin()));
        match due {
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
                    connections.spawn(serve(stream, permit, Arc::clone(&shared), stopped.clone()));
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

/// Serves one connection until it ends.
async fn serve(
    stream: TcpStream,
    permit: OwnedSemaphorePermit,
    shared: Arc<Shared>,
    mut stopped: watch::Receiver<bool>,
) {
    // Without it small answers would wait for the acknowledgement of the one before.
    let _ = stream.set_nodelay(true);
    let limits = &shared.limits;
    let activity = Activity::new(shared.origin.elapsed());
    let service = service_fn(|request| respond(&shared, &activity, request));
    let connection = hyper::server::conn::http1::Builder::new()
        .max_buf_size(limits.head_bytes.max(8192))
        .max_headers(limits.headers)
        .title_case_headers(true)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let mut timer = pin!(sleep_until(shared.limit(&activity)));
    let mut stopping = false;
    loop {
        tokio::select! {
            // How a connection ends is the client's business; what it leaves behind was told to the host.
            _ = connection.as_mut() => break,
            _ = stopped.changed(), if !stopping => {
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
            () = timer.as_mut() => {
                let limit = shared.limit(&activity);
                if limit <= Instant::now() {
                    break;
                }
                timer.as_mut().reset(limit);
            }
        }
    }
    drop(permit);
}

/// The service of a connection: its error closes the connection without a word.
async fn respond(
    shared: &Shared,
    activity: &Activity,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Full<Bytes>>, Dropped> {
    activity.write(shared.origin.elapsed(), true);
    let answer = shared.answer(request).await;
    activity.write(shared.origin.elapsed(), false);
    match answer? {
        HttpAnswer::Response(response) => Ok(to_hyper(response)),
        HttpAnswer::Abort => Err(Dropped),
    }
}

fn to_hyper(response: Response) -> hyper::Response<Full<Bytes>> {
    let mut converted = hyper::Response::new(Full::new(response.body));
    if let Ok(status) = hyper::StatusCode::from_u16(response.status) {
        *converted.status_mut() = status;
    }
    for (name, value) in response.headers.iter() {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            converted.headers_mut().insert(name, value);
        }
    }
    converted
}
