//! Scripted services behind a socket: what an invited process, or somebody by hand, speaks to.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{HOST, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep_until};
use wsrm_protocol::{ExchangeId, Timestamp};

use super::reply::empty;
use super::{Reply, ScriptedService, Visit};
use crate::case::{HttpRequest, HttpResponse};

/// Bytes of the body of a request; more gets 413.
const MOST_BODY: usize = 16 << 20;
/// Connections at a time; more wait to be accepted.
const MOST_CONNECTIONS: usize = 1024;

/// Who answers a request.
pub enum Answerer {
    /// The service in this room.
    Room(Arc<Room>),
    /// This response.
    Page(HttpResponse),
}

/// Finds who answers a request for a path; `host` is what the `Host` field says.
pub type Router = dyn Fn(&HttpRequest, &str, &str) -> Answerer + Send + Sync;

/// A listening socket, and behind it whatever a [`Router`] finds. It belongs to a runtime of tokio.
#[derive(Debug)]
pub struct Reception {
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

/// One scripted service in real time.
pub struct Room {
    state: Mutex<RoomState>,
    /// Wakes the timer where something is due earlier than it believes.
    earlier: Notify,
    began: Instant,
}

struct RoomState {
    service: ScriptedService,
    waiting: HashMap<ExchangeId, oneshot::Sender<Reply>>,
    next: u64,
    /// When something was last said.
    spoken: Instant,
}

/// Tells the service when the client of a request goes away.
struct Parked<'a> {
    room: &'a Room,
    exchange: ExchangeId,
    is_answered: bool,
}

/// The connection is to be closed without an answer.
#[derive(Debug, Error)]
#[error("the connection is closed by the case")]
struct Dropped;

/// The body of a response, or a part of it.
struct Part {
    bytes: Option<Bytes>,
    /// What is announced; what is not there is an error.
    length: u64,
    is_whole: bool,
}

impl Reception {
    /// Listens, and answers by what `router` finds.
    ///
    /// # Errors
    /// If it cannot listen there.
    pub async fn open(address: SocketAddr, router: Arc<Router>) -> io::Result<Self> {
        let socket = TcpListener::bind(address).await?;
        let address = socket.local_addr()?;
        let accepting = tokio::spawn(accept(socket, router));
        Ok(Self { address, accepting })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Reception {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Room {
    /// A room for this service, whose time begins now.
    pub fn new(service: ScriptedService) -> Arc<Self> {
        let began = Instant::now();
        let state = RoomState { service, waiting: HashMap::new(), next: 0, spoken: began };
        let room = Arc::new(Self { state: Mutex::new(state), earlier: Notify::new(), began });
        tokio::spawn(keep_time(Arc::downgrade(&room)));
        room
    }

    /// What has come of it up to now.
    pub fn visit(&self) -> Visit {
        self.lock().service.visit()
    }

    /// How many requests there were.
    pub fn requests(&self) -> usize {
        self.lock().service.requests()
    }

    /// How long nobody has said anything; nothing while an answer is due.
    pub fn silence(&self) -> Duration {
        let state = self.lock();
        if state.service.is_busy() { Duration::ZERO } else { state.spoken.elapsed() }
    }

    fn lock(&self) -> MutexGuard<'_, RoomState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_origin(self.began.elapsed())
    }

    async fn answer(&self, request: HttpRequest) -> Reply {
        let (exchange, receiver) = {
            let mut state = self.lock();
            let exchange = ExchangeId(state.next);
            state.next += 1;
            state.spoken = Instant::now();
            let (sender, receiver) = oneshot::channel();
            state.waiting.insert(exchange, sender);
            state.service.handle_request(self.now(), exchange, request);
            state.distribute();
            (exchange, receiver)
        };
        self.earlier.notify_one();
        let mut parked = Parked { room: self, exchange, is_answered: false };
        let reply = receiver.await.unwrap_or(Reply::Closed);
        parked.is_answered = true;
        reply
    }
}

impl RoomState {
    fn distribute(&mut self) {
        while let Some((exchange, reply)) = self.service.poll_reply() {
            self.spoken = Instant::now();
            if let Some(sender) = self.waiting.remove(&exchange) {
                // Where nobody waits any more the client is gone.
                let _ = sender.send(reply);
            }
        }
    }
}

impl Drop for Parked<'_> {
    fn drop(&mut self) {
        if !self.is_answered {
            let now = self.room.now();
            let mut state = self.room.lock();
            state.waiting.remove(&self.exchange);
            state.service.handle_disconnect(now, self.exchange);
        }
    }
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Room").field("requests", &self.requests()).finish_non_exhaustive()
    }
}

/// Calls the service when something is due, as long as the room is there.
async fn keep_time(room: Weak<Room>) {
    /// How often it is looked whether the room is still there.
    const ROUND: Duration = Duration::from_secs(1);
    loop {
        let Some(room) = room.upgrade() else { return };
        let now = room.now();
        let due = {
            let mut state = room.lock();
            if state.service.poll_timeout().is_some_and(|due| due <= now) {
                state.service.handle_timeout(now);
                state.distribute();
            }
            state.service.poll_timeout()
        };
        let round = Instant::now() + ROUND;
        let due = due.and_then(|due| room.began.checked_add(due.since_origin()));
        tokio::select! {
            () = sleep_until(due.map_or(round, |due| due.min(round))) => {}
            () = room.earlier.notified() => {}
        }
    }
}

async fn accept(socket: TcpListener, router: Arc<Router>) {
    let permits = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let permit = Arc::clone(&permits).acquire_owned().await;
        match (permit, socket.accept().await) {
            (Ok(permit), Ok((stream, _))) => {
                let router = Arc::clone(&router);
                connections.spawn(async move {
                    serve(stream, router).await;
                    drop(permit);
                });
            }
            // Out of file descriptors, or the client was gone before it was accepted.
            _ => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn serve(stream: TcpStream, router: Arc<Router>) {
    // Without it small answers would wait for the acknowledgement of the one before.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| respond(&*router, request));
    let connection = hyper::server::conn::http1::Builder::new()
        .title_case_headers(true)
        .serve_connection(TokioIo::new(stream), service);
    // How a connection ends is the client's business; what it leaves behind was told to the service.
    let _ = connection.await;
}

/// The service of a connection: its error closes the connection without a word.
async fn respond(
    router: &Router,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Part>, Dropped> {
    let (head, body) = request.into_parts();
    let fields = head.headers.iter().map(|(name, value)| {
        // The text goes into a recording, where a line is a field.
        let value = String::from_utf8_lossy(value.as_bytes()).replace(char::is_control, " ");
        (name.as_str().to_owned(), value)
    });
    let fields: Vec<_> = fields.collect();
    let host = head.headers.get(HOST).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let body = match Limited::new(body, MOST_BODY).collect().await {
        Ok(collected) => collected.to_bytes().to_vec(),
        Err(error) if error.is::<LengthLimitError>() => return Ok(whole(empty(413))),
        Err(_) => return Err(Dropped),
    };
    let path = head.uri.path().to_owned();
    let query = head.uri.query().map(str::to_owned);
    let request = HttpRequest { method: head.method.as_str().to_owned(), query, fields, body };
    let reply = match router(&request, &path, &host) {
        Answerer::Room(room) => room.answer(request).await,
        Answerer::Page(page) => Reply::Response(page),
    };
    match reply {
        Reply::Response(response) => Ok(whole(response)),
        Reply::Cut(response, bytes) => Ok(part(response, bytes, false)),
        Reply::Closed => Err(Dropped),
    }
}

fn whole(response: HttpResponse) -> hyper::Response<Part> {
    let length = response.body.len();
    part(response, length, true)
}

fn part(response: HttpResponse, bytes: usize, is_whole: bool) -> hyper::Response<Part> {
    let length = response.body.len() as u64;
    let mut body = response.body;
    body.truncate(bytes);
    let mut made = hyper::Response::new(Part { bytes: Some(body.into()), length, is_whole });
    if let Ok(status) = hyper::StatusCode::from_u16(response.status) {
        *made.status_mut() = status;
    }
    for (name, value) in response.fields {
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value))
        {
            made.headers_mut().append(name, value);
        }
    }
    made
}

impl Body for Part {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        match self.bytes.take() {
            Some(bytes) if !bytes.is_empty() => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            _ if self.is_whole => Poll::Ready(None),
            _ => Poll::Ready(Some(Err(Dropped))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.is_whole && self.bytes.as_ref().is_none_or(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}

impl fmt::Debug for Answerer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Room(room) => f.debug_tuple("Room").field(room).finish(),
            Self::Page(page) => f.debug_tuple("Page").field(&page.status).finish(),
        }
    }
}
