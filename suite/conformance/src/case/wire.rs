//! What lies below a case: HTTP exchanges and time, real or virtual.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

/// What is under way.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// An HTTP request to the endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// The method.
    pub method: String,
    /// What follows the path behind a question mark.
    pub query: Option<String>,
    /// The header fields that the suite itself decides on.
    pub fields: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl HttpRequest {
    /// The request target: this path with the query.
    pub fn target(&self, path: &str) -> String {
        match &self.query {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        }
    }
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// The header fields.
    pub fields: Vec<(String, String)>,
    /// The body, with its transfer coding undone.
    pub body: Vec<u8>,
}

/// Why nothing came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// There was no connection to be had.
    Unreachable(String),
    /// The connection ended without a response, or with something that is none.
    Closed(String),
    /// There was no response in this time.
    Silent(Duration),
}

/// Exchanges with one endpoint, and the time in which they happen.
pub trait Wire: fmt::Debug {
    /// The request target: the path of the endpoint.
    fn path(&self) -> &str;

    /// Sends a request and waits for what comes back. Several may be under way; each has a connection to itself.
    fn exchange(&self, request: HttpRequest) -> Pending<'_, Result<HttpResponse, Broken>>;

    /// Sends a request whole, and hangs up; what the endpoint answers is not heard.
    fn send_and_hang_up(&self, request: HttpRequest) -> Pending<'_, Result<(), Broken>>;

    /// Waits.
    fn pause(&self, time: Duration) -> Pending<'_, ()>;

    /// The time since the wire began.
    fn elapsed(&self) -> Duration;
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) | Self::Closed(why) => f.write_str(why),
            Self::Silent(time) => write!(f, "no response within {} s", time.as_secs_f64()),
        }
    }
}

/// Does all at the same time; the results stand in the order in which the work was given.
///
/// # Errors
/// The first trouble in that order, when all is done.
pub async fn together<T, E>(
    work: impl IntoIterator<Item = impl Future<Output = Result<T, E>>>,
) -> Result<Vec<T>, E> {
    let mut work: Vec<_> = work.into_iter().map(|work| (Some(Box::pin(work)), None)).collect();
    poll_fn(|context| {
        let mut waiting = false;
        for (pending, done) in &mut work {
            if let Some(running) = pending {
                match running.as_mut().poll(context) {
                    Poll::Ready(result) => {
                        *done = Some(result);
                        *pending = None;
                    }
                    Poll::Pending => waiting = true,
                }
            }
        }
        if waiting { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    work.into_iter().filter_map(|(_, done)| done).collect()
}

/// Does the work, unless the limit comes first.
pub(super) async fn before<T>(mut limit: Pending<'_, ()>, mut work: Pending<'_, T>) -> Option<T> {
    poll_fn(|context| {
        if let Poll::Ready(result) = work.as_mut().poll(context) {
            return Poll::Ready(Some(result));
        }
        limit.as_mut().poll(context).map(|()| None)
    })
    .await
}
