//! The proxy between a client and a service that speak raw bytes.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use rstest::rstest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use wsrm_protocol::Timestamp;
use wsrm_reference::proxy::{
    Control, Direction, Fate, Order, Passage, Progress, Proxy, ProxyLimits, Unanswered, Upstream,
};

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_secs(10);

const REQUEST: &str = "POST /a HTTP/1.1\r\nhOST: x\r\nContent-Length: 3\r\n\r\nabc";
const RESPONSE: &str = "HTTP/1.1 200 Fine\r\nServer: y\r\nContent-Length: 2\r\n\r\nok";

type Log = Arc<Mutex<Vec<String>>>;

/// Gives the same order to all messages of one direction, and writes down what it is told.
struct Script {
    request: Order,
    response: Order,
    /// When a message that is held goes on.
    due: Option<(Timestamp, Passage)>,
    released: Option<Passage>,
    log: Log,
}

impl Script {
    fn new(request: Order, response: Order) -> (Box<Self>, Log) {
        let log = Log::default();
        let script = Self { request, response, due: None, released: None, log: Arc::clone(&log) };
        (Box::new(script), log)
    }

    fn tell(&self, what: String) {
        self.log.lock().unwrap().push(what);
    }
}

impl Control for Script {
    fn handle_message(&mut self, now: Timestamp, passage: Passage, message: &Bytes) -> Order {
        self.tell(format!("{} {:?} of {} bytes", passage.exchange, passage.direction, message.len()));
        let order = match passage.direction {
            Direction::Request => self.request.clone(),
            Direction::Response => self.response.clone(),
        };
        if order.hold {
            self.due = Some((now + Duration::from_millis(60), passage));
        }
        order
    }

    fn handle_progress(&mut self, _: Timestamp, passage: Passage, progress: Progress) {
        let what = match progress {
            Progress::Delivered => "delivered".to_owned(),
            Progress::CopyAnswered(answer) => format!("copy answered: {}", answer.is_some()),
            Progress::ReceiverGone => "receiver gone".to_owned(),
            Progress::Unanswered(Unanswered::Closed) => "closed".to_owned(),
            Progress::Unanswered(Unanswered::Broken { bytes, .. }) => {
                format!("broken, {} bytes", bytes.len())
            }
            Progress::Unanswered(Unanswered::Unreachable { .. }) => "unreachable".to_owned(),
            Progress::Unanswered(Unanswered::TimedOut { .. }) => "timed out".to_owned(),
            Progress::Unanswered(Unanswered::TooLarge { .. }) => "too large".to_owned(),
        };
        self.tell(format!("{} {:?} {what}", passage.exchange, passage.direction));
    }

    fn handle_end(&mut self, _: Timestamp, exchange: u64) {
        self.tell(format!("{exchange} end"));
    }

    fn handle_refusal(&mut self, _: Timestamp, _: u64, why: &str) {
        self.tell(format!("refused: {why}"));
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        if let Some((_, passage)) = self.due.take_if(|(at, _)| *at <= now) {
            self.released = Some(passage);
        }
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        self.due.map(|(at, _)| at)
    }

    fn poll_release(&mut self) -> Option<Passage> {
        self.released.take()
    }
}

struct World {
    proxy: Proxy,
    service: TcpListener,
    log: Log,
}

impl World {
    async fn new(request: Order, response: Order) -> Self {
        let limits = ProxyLimits {
            head_bytes: 500,
            body_bytes: 500,
            request_time: Duration::from_millis(500),
            response_time: Duration::from_millis(300),
            ..ProxyLimits::default()
        };
        let service = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", service.local_addr().unwrap());
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (script, log) = Script::new(request, response);
        let proxy = Proxy::start(socket, Upstream::parse(&url).unwrap(), limits, script).unwrap();
        Self { proxy, service, log }
    }

    async fn plain() -> Self {
        Self::new(Order::pass(), Order::pass()).await
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.proxy.local_address()).await.unwrap()
    }

    async fn accept(&self) -> TcpStream {
        within(self.service.accept()).await.unwrap().0
    }

    /// Ends the proxy; what its control was told.
    async fn end(self) -> Vec<String> {
        within(self.proxy.shutdown()).await;
        std::mem::take(&mut *self.log.lock().unwrap())
    }
}

async fn within<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.unwrap()
}

async fn expect(stream: &mut TcpStream, bytes: &str) {
    let mut found = vec![0; bytes.len()];
    within(stream.read_exact(&mut found)).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&found), bytes);
}

/// All that comes until the connection ends, however it ends.
async fn rest(stream: &mut TcpStream) -> String {
    let mut found = Vec::new();
    let _ = within(stream.read_to_end(&mut found)).await;
    String::from_utf8(found).unwrap()
}

fn order(fate: Fate) -> Order {
    Order { fate, ..Order::pass() }
}

#[rstest]
#[case::lengths(REQUEST, RESPONSE)]
#[case::order_and_case(
    "POST http://h/a?b HTTP/1.1\r\nx-b:  2 \r\nX-A: 1\r\nx-B: 3\r\ncontent-LENGTH: 0\r\n\r\n",
    "HTTP/1.1 299 \r\nSET-cookie: a\r\nset-Cookie: b\r\nContent-Length: 0\r\n\r\n"
)]
#[case::chunks(
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\nx\r\n002\r\nyz\r\n0\r\nT: 1\r\n\r\n",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n"
)]
#[case::head("HEAD / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n")]
#[case::no_content("DELETE / HTTP/1.1\r\n\r\n", "HTTP/1.1 204 No Content\r\nX: y\r\n\r\n")]
#[case::hints(
    "GET / HTTP/1.1\r\n\r\n",
    "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"
)]
#[tokio::test]
async fn bytes_pass_as_they_came(#[case] request: &str, #[case] response: &str) {
    let world = World::plain().await;
    let mut client = world.connect().await;
    client.write_all(request.as_bytes()).await.unwrap();
    let mut service = world.accept().await;
    // The same two connections serve the next exchange too.
    for _ in 0..2 {
        expect(&mut service, request).await;
        service.write_all(response.as_bytes()).await.unwrap();
        expect(&mut client, response).await;
        client.write_all(request.as_bytes()).await.unwrap();
    }
    expect(&mut service, request).await;
    drop(service);
    assert_eq!(rest(&mut client).await, "");
    assert_eq!(world.end().await.last().unwrap(), "3 end");
}

#[tokio::test]
async fn a_response_ends_with_its_connection() {
    let world = World::plain().await;
    let mut client = world.connect().await;
    client.write_all(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
    let mut service = world.accept().await;
    expect(&mut service, "GET / HTTP/1.0\r\n\r\n").await;
    service.write_all(b"HTTP/1.0 200 OK\r\n\r\nsome").await.unwrap();
    service.write_all(b" text").await.unwrap();
    drop(service);
    assert_eq!(rest(&mut client).await, "HTTP/1.0 200 OK\r\n\r\nsome text");
}

#[tokio::test]
async fn an_idle_connection_ends_where_the_other_side_does() {
    for client_first in [true, false] {
        let world = World::plain().await;
        let mut client = world.connect().await;
        client.write_all(REQUEST.as_bytes()).await.unwrap();
        let mut service = world.accept().await;
        expect(&mut service, REQUEST).await;
        service.write_all(RESPONSE.as_bytes()).await.unwrap();
        expect(&mut client, RESPONSE).await;
        if client_first {
            drop(client);
            assert_eq!(rest(&mut service).await, "");
        } else {
            drop(service);
            assert_eq!(rest(&mut client).await, "");
        }
    }
}

#[tokio::test]
async fn a_client_that_waits_to_go_on_is_told() {
    let world = World::plain().await;
    let mut client = world.connect().await;
    let head = "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    client.write_all(head.as_bytes()).await.unwrap();
    expect(&mut client, "HTTP/1.1 100 Continue\r\n\r\n").await;
    client.write_all(b"abc").await.unwrap();
    let mut service = world.accept().await;
    expect(&mut service, &format!("{head}abc")).await;
    service.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.unwrap();
    service.write_all(RESPONSE.as_bytes()).await.unwrap();
    expect(&mut client, RESPONSE).await;
}

#[tokio::test]
async fn another_protocol_passes_both_ways() {
    let world = World::plain().await;
    let mut client = world.connect().await;
    let upgrade = "GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
    client.write_all(upgrade.as_bytes()).await.unwrap();
    let mut service = world.accept().await;
    expect(&mut service, upgrade).await;
    let switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
    service.write_all(format!("{switching}\x01first").as_bytes()).await.unwrap();
    expect(&mut client, &format!("{switching}\x01first")).await;
    client.write_all(b"\x02second").await.unwrap();
    expect(&mut service, "\x02second").await;
    drop(client);
    assert_eq!(rest(&mut service).await, "");
}

/// What the service does instead of answering, what the client gets, and what the control is told.
#[rstest]
#[case::closes(Some(""), "", "closed")]
#[case::breaks_off(
    Some("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"),
    "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
    "broken, 41 bytes"
)]
#[case::is_no_http(
    Some("+OK POP3 server ready\r\n\r\n"),
    "+OK POP3 server ready\r\n\r\n",
    "broken, 25 bytes"
)]
#[case::says_too_much(
    Some("HTTP/1.1 200 OK\r\nContent-Length: 501\r\n\r\n"),
    "HTTP/1.1 502 Bad Gateway\r\n",
    "too large"
)]
#[case::hangs(None, "HTTP/1.1 504 Gateway Timeout\r\n", "timed out")]
#[tokio::test]
async fn a_service_that_does_not_answer(
    #[case] says: Option<&str>,
    #[case] client_gets: &str,
    #[case] told: &str,
) {
    let world = World::plain().await;
    let mut client = world.connect().await;
    client.write_all(REQUEST.as_bytes()).await.unwrap();
    let mut service = world.accept().await;
    expect(&mut service, REQUEST).await;
    if let Some(bytes) = says {
        service.write_all(bytes.as_bytes()).await.unwrap();
        service.shutdown().await.unwrap();
    }
    let got = rest(&mut client).await;
    assert!(got.starts_with(client_gets) && (!client_gets.is_empty() || got.is_empty()), "{got}");
    drop(service);
    let log = world.end().await;
    assert_eq!(log, ["1 Request of 51 bytes", "1 Request delivered", &format!("1 Request {told}"), "1 end"]);
}

#[tokio::test]
async fn a_service_that_is_not_there() {
    let mut world = World::plain().await;
    let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
    drop(std::mem::replace(&mut world.service, other));
    let mut client = world.connect().await;
    client.write_all(REQUEST.as_bytes()).await.unwrap();
    let got = rest(&mut client).await;
    assert!(got.starts_with("HTTP/1.1 502 Bad Gateway\r\n") && got.contains("cannot connect to"), "{got}");
    assert_eq!(world.end().await[1..], ["1 Request unreachable", "1 end"]);
}

#[rstest]
#[case::no_http("hello\r\n\r\n", "HTTP/1.1 400 ", "refused: no HTTP: ")]
#[case::too_much(
    "POST / HTTP/1.1\r\nContent-Length: 501\r\n\r\n",
    "HTTP/1.1 413 ",
    "refused: a body of more than 500"
)]
#[case::too_slow(
    "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n",
    "HTTP/1.1 408 ",
    "refused: not whole within"
)]
#[tokio::test]
async fn a_client_that_asks_badly(#[case] says: &str, #[case] gets: &str, #[case] told: &str) {
    let world = World::plain().await;
    let mut client = world.connect().await;
    client.write_all(says.as_bytes()).await.unwrap();
    let got = rest(&mut client).await;
    assert!(got.starts_with(gets), "{got}");
    let log = world.end().await;
    assert!(log.len() == 1 && log[0].starts_with(told), "{log:?}");
}

#[tokio::test]
async fn a_dropped_request_does_not_arrive() {
    let world = World::new(order(Fate::Drop { hang: Duration::from_millis(50) }), Order::pass()).await;
    let mut client = world.connect().await;
    client.write_all(REQUEST.as_bytes()).await.unwrap();
    assert_eq!(rest(&mut client).await, "");
    assert!(timeout(Duration::ZERO, world.service.accept()).await.is_err());
    assert_eq!(world.end().await, ["1 Request of 51 bytes", "1 end"]);
}

#[tokio::test]
async fn a_cut_request_arrives_in_part() {
    let world = World::new(order(Fate::Cut { after: 10 }), Order::pass()).await;
    let mut client = world.connect().await;
    client.write_all(REQUEST.as_bytes()).await.unwrap();
    let mut service = world.accept().await;
    assert_eq!(rest(&mut service).await, &REQUEST[..10]);
    assert_eq!(rest(&mut client).await, "");
}

#[tokio::test]
async fn an_answered_request_does_not_arrive_and_the_connection_lives() {
    let answer = "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n";
    let world = World::new(order(Fate::Answer(answer.into())), Order::pass()).await;
    let mut client = world.connect().await;
    for _ in 0..2 {
        client.write_all(REQUEST.as_bytes()).await.unwrap();
        expect(&mut client, answer).await;
    }
    assert!(timeout(Duration::ZERO, world.service.accept()).await.is_err());
}

#[rstest]
#[case::drop(Fate::Drop { hang: Duration::ZERO }, 0)]
#[case::cut(Fate::Cut { after: 20 }, 20)]
#[tokio::test]
async fn a_response_is_lost(#[case] fate: Fate, #[case] length: usize) {
    let world = World::new(Order::pass(), order(fate)).await;
    let mut client = world.connect().await;
    client.write_all(REQUEST.as_bytes()).await.unwrap();
    let mut service = world.accept().await;
    expect(&mut service, REQUEST).await;
    service.write_all(RESPONSE.as_bytes()).await.unwrap();
    assert_eq!(rest(&mut client).await, &RESPONSE[..length]);
    assert_eq!(rest(&mut service).await, "");
    let log = world.end().await;
    assert_eq!(log, ["1 Request of 51 bytes", "1 Request delivered", "1 Response of 53 bytes", "1 end"]);
}

/// The service closes behind each response, and is reached again.
#[rstest]
#[case("HTTP/1.1 200 A\r\nContent-Length: 0\r\n\r\n", false)]
#[case("HTTP/1.1 200 A\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", true)]
#[tokio::test]
async fn the_client_gets_the_answer_to_the_last_copy(#[case] first: &str, #[case] closes: bool) {
    let world = World::new(Order { copies: 1, ..Order::pass() }, Order::pass()).await;
    let mut client = world.connect().await;
    client.write_all(REQUEST.as_bytes()).await.unwrap();
    let mut service = world.accept().await;
    expect(&mut service, REQUEST).await;
    service.write_all(first.as_bytes()).await.unwrap();
    if closes {
        service = world.accept().await;
    }
    expect(&mut service, REQUEST).await;
    service.write_all(RESPONSE.as_bytes()).await.unwrap();
    expect(&mut client, RESPONSE).await;
    let log = world.end().await;
    assert!(log.contains(&"1 Request copy answered: true".to_owned()), "{log:?}");
}

#[tokio::test]
async fn a_held_message_goes_on_when_it_is_released() {
    let hold = Order { hold: true, ..Order::pass() };
    let altered = RESPONSE.replace("Fine", "Fair");
    let replace = Order { replacement: Some(altered.clone().into()), ..Order::pass() };
    let world = World::new(hold, replace).await;
    let mut client = world.connect().await;
    client.write_all(REQUEST.as_bytes()).await.unwrap();
    assert!(timeout(Duration::from_millis(20), world.service.accept()).await.is_err(), "too early");
    let mut service = world.accept().await;
    expect(&mut service, REQUEST).await;
    service.write_all(RESPONSE.as_bytes()).await.unwrap();
    expect(&mut client, &altered).await;
}

#[tokio::test]
async fn a_client_that_ends_its_stream_still_gets_its_answer() {
    let world = World::plain().await;
    let mut client = world.connect().await;
    client.write_all(REQUEST.as_bytes()).await.unwrap();
    let mut service = world.accept().await;
    expect(&mut service, REQUEST).await;
    client.shutdown().await.unwrap();
    assert_eq!(rest(&mut service).await, "", "the end is passed on");
    service.write_all(RESPONSE.as_bytes()).await.unwrap();
    assert_eq!(rest(&mut client).await, RESPONSE);
}

#[tokio::test]
async fn the_service_is_named_where_it_wants_to_be() {
    let world = World::plain().await;
    let service = world.service.local_addr().unwrap();
    let upstream =
        Upstream::parse(&format!("http://localhost:{}/x", service.port())).unwrap().with_own_host();
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (script, _) = Script::new(Order::pass(), Order::pass());
    let proxy = Proxy::start(socket, upstream, ProxyLimits::default(), script).unwrap();
    let mut client = TcpStream::connect(proxy.local_address()).await.unwrap();
    client.write_all(REQUEST.as_bytes()).await.unwrap();
    let expected = REQUEST.replace("hOST: x", &format!("hOST: localhost:{}", service.port()));
    expect(&mut world.accept().await, &expected).await;
}

#[rstest]
#[case("https://h/", "HTTPS is not spoken yet")]
#[case("h:80", "it does not start with http://")]
fn not_every_url_is_a_service(#[case] url: &str, #[case] why: &str) {
    let error = Upstream::parse(url).unwrap_err().to_string();
    assert!(error.contains(why), "{error}");
}
