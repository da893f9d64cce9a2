//! One client connection, and the connection to the service that stands for it.

use std::time::Duration;

use bytes::Bytes;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::framing::{Bounds, Expected, Head};
use super::stream::{Message, MessageStream, Missing};
use super::{Direction, Fate, Order, Passage, Progress, Shared, Unanswered};

/// Whether the connection lives on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    GoOn,
    Close,
    /// The service has changed the protocol: bytes pass from here on.
    Tunnel,
}

/// Both connections.
struct Pair<'s> {
    shared: &'s Shared,
    number: u64,
    client: MessageStream,
    /// Made for the first request.
    service: Option<MessageStream>,
}

/// Tells the control that an exchange is over, however that came about.
struct Running<'s> {
    shared: &'s Shared,
    exchange: u64,
}

/// What came of passing a request on.
enum Reply {
    Whole(Message),
    Missing(Unanswered),
}

/// Serves a client connection until it ends.
pub(super) async fn serve(
    socket: TcpStream,
    number: u64,
    shared: &Shared,
    mut stopped: watch::Receiver<bool>,
) {
    let mut pair = Pair { shared, number, client: MessageStream::new(socket), service: None };
    let mut flow = Flow::GoOn;
    while flow == Flow::GoOn {
        let request = tokio::select! {
            biased;
            request = pair.request() => request,
            _ = stopped.changed() => None,
        };
        flow = match request {
            Some(request) => pair.exchange(request).await,
            None => Flow::Close,
        };
        if *stopped.borrow() && flow == Flow::GoOn {
            flow = Flow::Close;
        }
    }
    match flow {
        Flow::Tunnel => tokio::select! {
            () = pair.tunnel() => {}
            _ = stopped.changed() => {}
        },
        _ => pair.close().await,
    }
}

impl Pair<'_> {
    /// The next request; `None` where the connection is to be closed: either side has closed, or nothing came.
    async fn request(&mut self) -> Option<Message> {
        let limits = &self.shared.limits;
        let bounds = Bounds { head: limits.head_bytes, body: limits.body_bytes };
        let deadline = Instant::now() + limits.request_time;
        tokio::select! {
            biased;
            there = self.client.activity() => if !there { return None },
            () = idle_end(&mut self.service) => {
                // Nobody asked: what the service sends now is its farewell.
                let farewell = self.service.take().map(|service| service.into_parts().0);
                let _ = self.tell_client(&farewell.unwrap_or_default()).await;
                return None;
            }
            () = tokio::time::sleep_until(deadline) => return None,
        }
        let request = timeout_at(deadline, self.client.message(Expected::Request, bounds)).await;
        let (status, why) = match request {
            Ok(Ok(request)) => return Some(request),
            Ok(Err(Missing::Nothing)) => return None,
            Ok(Err(Missing::Broken { why, .. })) => ("400 Bad Request", why),
            Ok(Err(Missing::TooLarge(error))) => ("413 Content Too Large", error.to_string()),
            Err(_) => ("408 Request Timeout", format!("not whole within {:?}", limits.request_time)),
        };
        self.shared.tell(|control, now| control.handle_refusal(now, self.number, &why));
        let _ = self.tell_client(&own_response(status, &why)).await;
        None
    }

    async fn exchange(&mut self, request: Message) -> Flow {
        let exchange = self.shared.next_exchange();
        let _running = Running { shared: self.shared, exchange };
        let passage = Passage { connection: self.number, exchange, direction: Direction::Request };
        let Message { raw, head } = request;
        let (order, released) = self.shared.message(passage, &raw);
        wait(released).await;
        let Order { replacement, copies, fate, .. } = order;
        let raw = self.shared.upstream.addressed(replacement.unwrap_or(raw));
        match fate {
            Fate::Drop { hang } => return self.hang(hang).await,
            Fate::Answer(answer) => return self.deliver_own(&answer).await,
            Fate::Cut { after } => {
                if self.connect().await.is_ok() {
                    let _ = self.tell_service(raw.get(..after).unwrap_or(&raw)).await;
                }
                return Flow::Close;
            }
            Fate::Deliver => {}
        }
        for _ in 0..copies {
            let answer = match self.ask(passage, &raw, head).await {
                Reply::Whole(response) => Some(response.raw),
                Reply::Missing(_) => None,
            };
            self.shared.progress(passage, Progress::CopyAnswered(answer));
        }
        let reply = self.ask(passage, &raw, head).await;
        self.reply(passage, reply).await
    }

    /// Passes a response on, or says why there is none.
    async fn reply(&mut self, request: Passage, reply: Reply) -> Flow {
        let message = match reply {
            Reply::Whole(message) => message,
            Reply::Missing(unanswered) => {
                self.shared.progress(request, Progress::Unanswered(unanswered.clone()));
                return match unanswered {
                    Unanswered::Closed => Flow::Close,
                    Unanswered::Broken { bytes, .. } => {
                        let _ = self.tell_client(&bytes).await;
                        Flow::Close
                    }
                    Unanswered::Unreachable { answer, .. }
                    | Unanswered::TimedOut { answer }
                    | Unanswered::TooLarge { answer, .. } => {
                        let _ = self.tell_client(&answer).await;
                        Flow::Close
                    }
                };
            }
        };
        let Message { raw, head } = message;
        let passage = Passage { direction: Direction::Response, ..request };
        let (order, released) = self.shared.message(passage, &raw);
        wait(released).await;
        let raw = order.replacement.unwrap_or(raw);
        match order.fate {
            Fate::Drop { hang } => return self.hang(hang).await,
            Fate::Cut { after } => {
                let _ = self.tell_client(raw.get(..after).unwrap_or(&raw)).await;
                return Flow::Close;
            }
            Fate::Answer(answer) => return self.deliver_own(&answer).await,
            Fate::Deliver => {}
        }
        if self.tell_client(&raw).await.is_err() {
            self.shared.progress(passage, Progress::ReceiverGone);
            return Flow::Close;
        }
        self.shared.progress(passage, Progress::Delivered);
        match head {
            Head { status: Some(101), .. } => Flow::Tunnel,
            Head { closes: true, .. } => Flow::Close,
            _ => Flow::GoOn,
        }
    }

    /// Sends a request to the service and takes its response, interim responses aside.
    async fn ask(&mut self, passage: Passage, raw: &Bytes, head: Head) -> Reply {
        if let Err(why) = self.connect().await {
            let answer = own_response("502 Bad Gateway", &why);
            return Reply::Missing(Unanswered::Unreachable { why, answer });
        }
        if self.tell_service(raw).await.is_err() {
            // Its response may still be there: a service may close behind an early one.
            self.shared.progress(passage, Progress::ReceiverGone);
        } else {
            self.shared.progress(passage, Progress::Delivered);
        }
        let deadline = Instant::now() + self.shared.limits.response_time;
        loop {
            let reply = match timeout_at(deadline, self.response(head)).await {
                Ok(reply) => reply,
                Err(_) => {
                    let why = format!("no response within {:?}", self.shared.limits.response_time);
                    let answer = own_response("504 Gateway Timeout", &why);
                    Reply::Missing(Unanswered::TimedOut { answer })
                }
            };
            match reply {
                Reply::Whole(Message { raw, head: Head { status: Some(100..=199), .. } })
                    if !raw.starts_with(b"HTTP/1.1 101") =>
                {
                    // A client that waits for 100 was told to go on already.
                    if !raw.starts_with(b"HTTP/1.1 100") {
                        let _ = self.tell_client(&raw).await;
                    }
                }
                Reply::Whole(message) => {
                    // A connection that ends with its response carries no other one.
                    if message.head.closes {
                        self.service = None;
                    }
                    return Reply::Whole(message);
                }
                Reply::Missing(missing) => {
                    self.service = None;
                    return Reply::Missing(missing);
                }
            }
        }
    }

    /// The next message of the service. A client that ends its stream meanwhile has the one to the service ended.
    async fn response(&mut self, request: Head) -> Reply {
        let limits = &self.shared.limits;
        let bounds = Bounds { head: limits.head_bytes, body: limits.body_bytes };
        let expected = Expected::Response { to_head: request.is_head };
        let Some(service) = &mut self.service else { return Reply::Missing(Unanswered::Closed) };
        let response = if self.client.has_ended() {
            service.message(expected, bounds).await
        } else {
            // Dropping the half-read message loses nothing: its bytes stay in the stream.
            let first = tokio::select! {
                biased;
                response = service.message(expected, bounds) => Some(response),
                () = self.client.end() => None,
            };
            match first {
                Some(response) => response,
                None => {
                    service.shut().await;
                    service.message(expected, bounds).await
                }
            }
        };
        match response {
            Ok(message) => Reply::Whole(message),
            Err(Missing::Nothing) => Reply::Missing(Unanswered::Closed),
            Err(Missing::Broken { bytes, why }) => Reply::Missing(Unanswered::Broken { bytes, why }),
            Err(Missing::TooLarge(why)) => {
                let answer = own_response("502 Bad Gateway", &why.to_string());
                Reply::Missing(Unanswered::TooLarge { why, answer })
            }
        }
    }

    async fn connect(&mut self) -> Result<(), String> {
        if self.service.is_none() {
            let socket = self.shared.upstream.connect(self.shared.limits.connect_time).await?;
            self.service = Some(MessageStream::new(socket));
        }
        Ok(())
    }

    /// Keeps the client's connection open for a while, as long as the client does.
    async fn hang(&mut self, time: Duration) -> Flow {
        tokio::select! {
            () = sleep(time) => {}
            () = self.client.end() => {}
        }
        Flow::Close
    }

    /// Answers in the place of the service.
    async fn deliver_own(&mut self, answer: &[u8]) -> Flow {
        match self.tell_client(answer).await {
            Ok(()) => Flow::GoOn,
            Err(_) => Flow::Close,
        }
    }

    async fn tell_client(&mut self, bytes: &[u8]) -> Result<(), ()> {
        match timeout(self.shared.limits.response_time, self.client.write(bytes)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(()),
        }
    }

    async fn tell_service(&mut self, bytes: &[u8]) -> Result<(), ()> {
        let Some(service) = &mut self.service else { return Err(()) };
        match timeout(self.shared.limits.response_time, service.write(bytes)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(()),
        }
    }

    /// Ends both streams in good order, so that what was written last is not lost.
    async fn close(mut self) {
        if let Some(service) = &mut self.service {
            service.shut().await;
        }
        self.client.shut().await;
    }

    /// Passes bytes both ways until both sides have ended.
    async fn tunnel(self) {
        let Some(service) = self.service else { return };
        let (from_client, mut client) = self.client.into_parts();
        let (from_service, mut service) = service.into_parts();
        if service.write_all(&from_client).await.is_ok() && client.write_all(&from_service).await.is_ok() {
            let _ = tokio::io::copy_bidirectional(&mut client, &mut service).await;
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.shared.tell(|control, now| control.handle_end(now, self.exchange));
    }
}

/// Waits until an idle connection to the service ends; for ever where there is none.
async fn idle_end(service: &mut Option<MessageStream>) {
    match service {
        Some(service) => {
            service.activity().await;
        }
        None => std::future::pending().await,
    }
}

async fn wait(released: Option<oneshot::Receiver<()>>) {
    if let Some(released) = released {
        // An error says that the proxy is being shut down.
        let _ = released.await;
    }
}

/// A response of the proxy itself.
fn own_response(status: &str, why: &str) -> Bytes {
    let body = format!("wsrm proxy: {why}\n");
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .into()
}
