//! One connection of a client: takes requests from the queue until it breaks or there is nothing to do.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Method, Request, Response, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::{Instant, Sleep, sleep_until, timeout};
use wsrm_protocol::{Answer, InitiatorConfig, Transmit};
use wsrm_wire::SoapVersion;

use super::{ClientError, Shared, http_address};

type Io = TokioIo<TcpStream>;
type Whole = Full<Bytes>;

/// Where requests go, ready to be put into them.
pub(super) struct Target {
    host: String,
    port: u16,
    path: Uri,
    authority: HeaderValue,
    content_type: HeaderValue,
    soap: SoapVersion,
}

/// A connection, driven by who uses it: no task of its own, so no switching between two.
struct Channel {
    sender: SendRequest<Whole>,
    connection: Connection<Io, Whole>,
    /// Whether `connection` has come to its end; it is not to be polled again.
    ended: bool,
    /// One timer for all that happens here: moving it is cheap, making one is not.
    timer: Pin<Box<Sleep>>,
    /// When the last exchange began.
    used: Instant,
}

impl Target {
    pub(super) fn new(config: &InitiatorConfig) -> Result<Self, ClientError> {
        let (uri, host, port) = http_address(&config.address)?;
        let wrong = |why| ClientError::Address { address: config.address.clone(), why };
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let authority = authority.rsplit('@').next().unwrap_or_default();
        let soap = config.profile.soap;
        Ok(Self {
            path: path.parse().map_err(|_| wrong("its path is none"))?,
            authority: HeaderValue::from_str(authority).map_err(|_| wrong("its host is none"))?,
            content_type: HeaderValue::from_static(match soap {
                SoapVersion::Soap11 => "text/xml; charset=utf-8",
                SoapVersion::Soap12 => "application/soap+xml; charset=utf-8",
            }),
            host,
            port,
            soap,
        })
    }

    /// A request with WCF's headers in WCF's order. `Accept-Encoding` is not among them, since nothing here would
    /// decode what it asks for; hyper writes `Soapaction` where WCF writes `SOAPAction`, which HTTP holds equal.
    fn request(&self, transmit: &Transmit) -> Request<Whole> {
        let mut request = Request::new(Full::new(transmit.message.clone()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.path.clone();
        let headers = request.headers_mut();
        headers.reserve(5);
        headers.insert(HOST, self.authority.clone());
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, max-age=0"));
        if self.soap == SoapVersion::Soap11
            && let Ok(action) = HeaderValue::from_str(&format!("\"{}\"", transmit.action))
        {
            headers.insert("soapaction", action);
        }
        headers.insert(CONTENT_TYPE, self.content_type.clone());
        request
    }

    async fn connect(&self, limit: Duration) -> Result<Channel, String> {
        let address = format!("{}:{}", self.host, self.port);
        let stream = match timeout(limit, TcpStream::connect((self.host.as_str(), self.port))).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(format!("cannot connect to {address}: {error}")),
            Err(_) => return Err(format!("cannot connect to {address} within {limit:?}")),
        };
        // Without it a request would wait for the acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
        let handshake = Builder::new().title_case_headers(true).handshake(TokioIo::new(stream)).await;
        let (sender, connection) = handshake.map_err(|error| error.to_string())?;
        let used = Instant::now();
        Ok(Channel { sender, connection, ended: false, timer: Box::pin(sleep_until(used + limit)), used })
    }
}

impl Channel {
    /// Sends a request and reads the whole response, until `deadline`.
    async fn exchange(
        &mut self,
        request: Request<Whole>,
        limit: usize,
        deadline: Instant,
    ) -> Result<Answer, String> {
        let Self { sender, connection, ended, timer, .. } = self;
        timer.as_mut().reset(deadline);
        let exchange = async {
            let response = sender.send_request(request).await.map_err(|error| describe(&error))?;
            read(response, limit).await
        };
        tokio::pin!(exchange);
        poll_fn(|context| {
            // What the connection reads is looked at at once, without a turn of the runtime in between.
            for _ in 0..2 {
                if let Poll::Ready(answer) = exchange.as_mut().poll(context) {
                    return Poll::Ready(answer);
                }
                if *ended {
                    break;
                }
                if let Poll::Ready(result) = Pin::new(&mut *connection).poll(context) {
                    *ended = true;
                    if let Err(error) = result {
                        return Poll::Ready(Err(describe(&error)));
                    }
                }
            }
            match timer.as_mut().poll(context) {
                Poll::Ready(()) => Poll::Ready(Err("no response in time".to_owned())),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    }

    /// Waits until the connection takes a request, or is closed, or `deadline` has come.
    async fn ready(&mut self, deadline: Instant) {
        self.used = Instant::now();
        if self.sender.is_ready() {
            return;
        }
        let Self { sender, connection, ended, timer, .. } = self;
        timer.as_mut().reset(deadline);
        tokio::select! {
            biased;
            _ = sender.ready() => {}
            _ = connection => *ended = true,
            () = timer => {}
        }
    }

    /// Waits for work; `false` where the connection ended before, or was idle for too long.
    async fn rest(&mut self, work: &Notify, limit: Duration) -> bool {
        let Self { connection, ended, timer, used, .. } = self;
        let end = *used + limit;
        loop {
            tokio::select! {
                biased;
                () = work.notified() => return true,
                _ = &mut *connection => {
                    *ended = true;
                    return false;
                }
                // It was set for the exchange before.
                () = timer.as_mut() => match end <= Instant::now() {
                    true => return false,
                    false => timer.as_mut().reset(end),
                },
            }
        }
    }
}

/// Works off the queue until there is nothing to do for a while, or the session is gone.
pub(super) async fn work(shared: Arc<Shared>) {
    let mut channel = None;
    let wake = Arc::new(Notify::new());
    loop {
        let next = {
            let mut state = shared.lock();
            let next = state.queue.pop_front();
            match &next {
                Some(_) => {
                    state.in_flight += 1;
                    state.statistics.requests += 1;
                }
                None if channel.is_some() && !state.dropped => state.idle.push(Arc::clone(&wake)),
                None => {
                    state.connections -= 1;
                    return;
                }
            }
            next
        };
        match (next, &mut channel) {
            (Some(transmit), _) => transfer(&shared, &mut channel, &transmit).await,
            (None, Some(idle)) => {
                if !idle.rest(&wake, shared.limits.idle_time).await {
                    channel = None;
                    let mut state = shared.lock();
                    state.idle.retain(|other| !Arc::ptr_eq(other, &wake));
                }
            }
            (None, None) => return,
        }
    }
}

/// One exchange, on the connection there is or on a new one.
async fn transfer(shared: &Arc<Shared>, channel: &mut Option<Box<Channel>>, transmit: &Transmit) {
    let started = Instant::now();
    let deadline = started + shared.limits.response_time;
    let used = channel.is_some();
    let mut result = attempt(shared, channel, transmit, deadline).await;
    if used && matches!(result, Err(Failure { unsent: true, .. })) {
        // The service had closed the idle connection: nothing was sent, so this is no second delivery.
        result = attempt(shared, channel, transmit, deadline).await;
    }
    let answer = match result {
        Ok(answer) => answer,
        Err(failure) => Answer::Lost { reason: failure.reason },
    };
    shared.handle_answer(transmit.exchange, answer, started.elapsed());
}

struct Failure {
    unsent: bool,
    reason: String,
}

async fn attempt(
    shared: &Arc<Shared>,
    channel: &mut Option<Box<Channel>>,
    transmit: &Transmit,
    deadline: Instant,
) -> Result<Answer, Failure> {
    let mut current = match channel.take() {
        Some(current) => current,
        None => {
            let connected = shared.target.connect(shared.limits.connect_time).await;
            let connected = connected.map_err(|reason| Failure { unsent: false, reason })?;
            shared.lock().statistics.connections += 1;
            Box::new(connected)
        }
    };
    current.ready(deadline).await;
    if current.ended || current.sender.is_closed() {
        return Err(Failure { unsent: true, reason: "the connection was closed".to_owned() });
    }
    let request = shared.target.request(transmit);
    match current.exchange(request, shared.limits.body_bytes, deadline).await {
        Ok(answer) => {
            *channel = Some(current).filter(|current| !current.ended);
            Ok(answer)
        }
        Err(reason) => Err(Failure { unsent: false, reason }),
    }
}

async fn read(response: Response<Incoming>, limit: usize) -> Result<Answer, String> {
    let (head, body) = response.into_parts();
    let too_long = || format!("a response of more than {limit} bytes");
    if body.size_hint().lower() > limit as u64 {
        return Err(too_long());
    }
    let body = match Limited::new(body, limit).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => return Err(too_long()),
        Err(error) => return Err(describe(&*error)),
    };
    let content_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    Ok(Answer::Response { status: head.status.as_u16(), content_type: content_type.map(str::to_owned), body })
}

/// hyper's own words, and those of what lies below.
fn describe(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
