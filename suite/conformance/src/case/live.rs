//! Cases against a live endpoint, in real time, over HTTP/1.1.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::header::{HOST, HeaderName, HeaderValue};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::{Broken, HttpRequest, HttpResponse, Pending, Wire};

/// How long an endpoint has to begin with a request whose connection then ends.
const TAKEN: Duration = Duration::from_millis(50);

/// What is waited for, and how long; what is taken at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WireLimits {
    /// A connection.
    pub connect: Duration,
    /// A whole response.
    pub response: Duration,
    /// The bytes of the body of a response.
    pub body: usize,
}

/// An address that no case can be sent to.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AddressError {
    /// It is no URL of HTTP.
    #[error("{0:?} is no address of the form http://host[:port]/path")]
    Form(String),
    /// It asks for HTTPS.
    #[error("{0:?}: HTTPS is not spoken yet")]
    Https(String),
}

/// A wire to a live endpoint. It belongs to a runtime of tokio.
#[derive(Debug)]
pub struct LiveWire {
    host: String,
    port: u16,
    authority: HeaderValue,
    path: Uri,
    path_text: String,
    limits: WireLimits,
    began: Instant,
    idle: RefCell<Vec<SendRequest<Full<Bytes>>>>,
}

/// An attempt that came to nothing; `unsent` where the endpoint cannot have seen the request.
struct Failure {
    broken: Broken,
    unsent: bool,
}

impl Default for WireLimits {
    /// 5 s, 15 s, 16 MiB.
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), response: Duration::from_secs(15), body: 16 << 20 }
    }
}

impl LiveWire {
    /// A wire to the endpoint at this address.
    ///
    /// # Errors
    /// If it is no address of HTTP.
    pub fn new(address: &str, limits: WireLimits) -> Result<Self, AddressError> {
        let wrong = || AddressError::Form(address.to_owned());
        let uri: Uri = address.parse().map_err(|_| wrong())?;
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => return Err(AddressError::Https(address.to_owned())),
            _ => return Err(wrong()),
        }
        let authority = uri.authority().ok_or_else(wrong)?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let shown = authority.as_str().rsplit('@').next().unwrap_or_default();
        let path_text = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Self {
            host,
            port: authority.port_u16().unwrap_or(80),
            authority: HeaderValue::from_str(shown).map_err(|_| wrong())?,
            path: path_text.parse().map_err(|_| wrong())?,
            path_text,
            limits,
            began: Instant::now(),
            idle: RefCell::default(),
        })
    }

    fn request(&self, request: &HttpRequest) -> Result<Request<Full<Bytes>>, Broken> {
        let wrong = |what: &str| Broken::Unreachable(format!("{what} cannot be sent by HTTP"));
        let mut made = Request::new(Full::new(Bytes::copy_from_slice(&request.body)));
        *made.method_mut() = request.method.parse().map_err(|_| wrong(&request.method))?;
        *made.uri_mut() = match &request.query {
            Some(_) => request.target(&self.path_text).parse().map_err(|_| wrong("the query"))?,
            None => self.path.clone(),
        };
        made.headers_mut().insert(HOST, self.authority.clone());
        for (name, value) in &request.fields {
            let field = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_str(value).ok());
            let (key, content) = field.ok_or_else(|| wrong(name))?;
            made.headers_mut().append(key, content);
        }
        Ok(made)
    }

    async fn stream(&self) -> Result<TcpStream, Broken> {
        let address = format!("{}:{}", self.host, self.port);
        let connecting = TcpStream::connect((self.host.as_str(), self.port));
        let stream = match timeout(self.limits.connect, connecting).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                return Err(Broken::Unreachable(format!(
                    "cannot connect to {address}: {error}; check that the service runs, and listens there"
                )));
            }
            Err(_) => {
                let limit = self.limits.connect.as_secs_f64();
                return Err(Broken::Unreachable(format!("cannot connect to {address} within {limit} s")));
            }
        };
        // Without it a request would wait for the acknowledgement of the one before; it works without, too.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, Broken> {
        let stream = self.stream().await?;
        let made = Builder::new().title_case_headers(true).handshake(TokioIo::new(stream)).await;
        let (sender, connection) = made.map_err(|error| Broken::Closed(error.to_string()))?;
        // What goes wrong on the connection is told to who waits for a response on it.
        tokio::spawn(async move { connection.await.ok() });
        Ok(sender)
    }

    async fn attempt(&self, request: &HttpRequest, fresh: bool) -> Result<HttpResponse, Failure> {
        let failed = |unsent| move |broken| Failure { broken, unsent };
        let made = self.request(request).map_err(failed(false))?;
        let idle = if fresh { None } else { self.idle.borrow_mut().pop() };
        let reused = idle.is_some();
        let mut sender = match idle {
            Some(sender) => sender,
            None => self.connect().await.map_err(failed(false))?,
        };
        if let Err(error) = sender.ready().await {
            return Err(Failure { broken: Broken::Closed(describe(&error)), unsent: reused });
        }
        let exchange = async {
            let response = sender.try_send_request(made).await.map_err(|mut error| Failure {
                unsent: reused && error.take_message().is_some(),
                broken: Broken::Closed(describe(error.error())),
            })?;
            read(response, self.limits.body).await.map_err(failed(false))
        };
        let response = timeout(self.limits.response, exchange)
            .await
            .map_err(|_| Failure { broken: Broken::Silent(self.limits.response), unsent: false })??;
        self.idle.borrow_mut().push(sender);
        Ok(response)
    }
}

impl Wire for LiveWire {
    fn path(&self) -> &str {
        &self.path_text
    }

    fn exchange(&self, request: HttpRequest) -> Pending<'_, Result<HttpResponse, Broken>> {
        Box::pin(async move {
            match self.attempt(&request, false).await {
                // The endpoint had closed the idle connection: nothing was sent, so this is no second delivery.
                Err(Failure { unsent: true, .. }) => {
                    self.attempt(&request, true).await.map_err(|failure| failure.broken)
                }
                other => other.map_err(|failure| failure.broken),
            }
        })
    }

    fn send_and_hang_up(&self, request: HttpRequest) -> Pending<'_, Result<(), Broken>> {
        Box::pin(async move {
            let head = written(&self.request(&request)?);
            let bytes = [head.as_slice(), &request.body].concat();
            let mut stream = self.stream().await?;
            let closed = |error: std::io::Error| Broken::Closed(error.to_string());
            stream.write_all(&bytes).await.map_err(closed)?;
            // An endpoint may give up what it has not begun with when the connection ends.
            sleep(TAKEN).await;
            Ok(())
        })
    }

    fn pause(&self, time: Duration) -> Pending<'_, ()> {
        Box::pin(sleep(time))
    }

    fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }
}

/// A request as it is on the wire, up to its body.
fn written(request: &Request<Full<Bytes>>) -> Vec<u8> {
    let mut bytes = format!("{} {} HTTP/1.1\r\n", request.method(), request.uri()).into_bytes();
    for (name, value) in request.headers() {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    let length = request.body().size_hint().exact().unwrap_or_default();
    bytes.extend(format!("content-length: {length}\r\n\r\n").into_bytes());
    bytes
}

async fn read(response: Response<Incoming>, limit: usize) -> Result<HttpResponse, Broken> {
    let (head, body) = response.into_parts();
    let body = match Limited::new(body, limit).collect().await {
        Ok(collected) => collected.to_bytes().to_vec(),
        Err(error) if error.is::<LengthLimitError>() => {
            return Err(Broken::Closed(format!("a response of more than {limit} bytes")));
        }
        Err(error) => return Err(Broken::Closed(describe(&*error))),
    };
    let fields = head.headers.iter().map(|(name, value)| {
        // The text goes into a recording, where a line is a field.
        let value = String::from_utf8_lossy(value.as_bytes()).replace(char::is_control, " ");
        (name.as_str().to_owned(), value)
    });
    Ok(HttpResponse { status: head.status.as_u16(), fields: fields.collect(), body })
}

/// hyper's own words, and those of what lies below.
fn describe(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("the connection ended: {error}: {source}"),
        None => format!("the connection ended: {error}"),
    }
}
