//! Reliable sessions over loopback HTTP, beside a bare hyper pair that moves bodies of the same sizes.
//!
//! `cargo bench -p wsrm-reference --bench loopback [-- FILTER]`. Client and server run on a thread each, with a
//! current-thread runtime. Each line is the best of [`ROUNDS`] rounds, the bare pair and the reliable one in turn,
//! so that a neighbour on the machine disturbs both alike.

#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use wsrm_protocol::{
    InitiatorConfig, ListenerConfig, OutgoingMessage, Pattern, ReliableSessionSettings, Timeouts,
};
use wsrm_reference::{
    Client, ClientConfig, ClientLimits, Contract, Host, HostConfig, RandomIdentifiers, Server, ServerLimits,
    contract,
};
use wsrm_wire::{RmVersion, WireProfile};

const ROUNDS: usize = 5;
const MESSAGES: u32 = 20_000;

fn main() {
    let filter: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wanted = |name: &str| filter.is_empty() || filter.iter().any(|word| name.contains(word.as_str()));
    for (rm, version) in [(RmVersion::February2005, "1.0"), (RmVersion::V200702, "1.1")] {
        if wanted("echo") {
            compare(&format!("echo, RM {version}"), rm, Pattern::RequestReply, 1);
        }
        if wanted("one-way") {
            compare(&format!("one-way, window 32, RM {version}"), rm, Pattern::OneWay, 32);
        }
    }
}

/// Measures the reliable and the bare pair in turn, and prints the best rate and the processor time of each.
fn compare(name: &str, rm: RmVersion, pattern: Pattern, window: u32) {
    let (request, response) = sizes(pattern);
    let mut bare_pair = Measure::default();
    let mut reliable_pair = Measure::default();
    for _ in 0..ROUNDS {
        bare_pair.round(|| bare(request, response, window));
        reliable_pair.round(|| reliable(rm, pattern, window));
    }
    println!(
        "{name:<28} {:>7.0}/s {:>5.1} µs CPU   bare hyper {:>7.0}/s {:>5.1} µs CPU   rate {:>3.0} %",
        reliable_pair.rate(),
        reliable_pair.processor_time(),
        bare_pair.rate(),
        bare_pair.processor_time(),
        100.0 * reliable_pair.rate() / bare_pair.rate()
    );
}

/// The rounds of one pair.
#[derive(Default)]
struct Measure {
    best: Option<f64>,
    ticks: u64,
}

impl Measure {
    fn round(&mut self, pair: impl FnOnce() -> f64) {
        let before = processor_ticks();
        let seconds = pair();
        self.ticks += processor_ticks() - before;
        self.best = Some(self.best.map_or(seconds, |best| best.min(seconds)));
    }

    /// Messages per second in the best round.
    fn rate(&self) -> f64 {
        f64::from(MESSAGES) / self.best.unwrap_or(f64::INFINITY)
    }

    /// Microseconds of processor time a message, of both sides together, over all rounds: what other programs on
    /// the machine cannot disturb.
    fn processor_time(&self) -> f64 {
        self.ticks as f64 * 10_000.0 / f64::from(MESSAGES) / ROUNDS as f64
    }
}

/// Hundredths of a second that this process has used, in and out of the kernel.
fn processor_ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
}

/// Bytes of a typical request and response in the middle of a session, as WCF writes them.
fn sizes(pattern: Pattern) -> (usize, usize) {
    match pattern {
        Pattern::RequestReply => (910, 882),
        Pattern::OneWay => (580, 596),
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Seconds for all messages of a session, opening and closing not counted.
fn reliable(rm: RmVersion, pattern: Pattern, window: u32) -> f64 {
    let settings = ReliableSessionSettings {
        reliable_messaging_version: rm,
        max_transfer_window_size: window.max(8),
        ..ReliableSessionSettings::default()
    };
    let profile = WireProfile { rm, ..WireProfile::default() };
    let server_settings = settings.clone();
    let server = on_a_thread(move |socket| async move {
        let address = format!("http://{}/", socket.local_addr().unwrap());
        let mut host = Host::new(HostConfig::default());
        let contract = if pattern == Pattern::OneWay { Contract::one_way() } else { Contract::echo() };
        let listener = ListenerConfig {
            address,
            profile,
            pattern,
            settings: server_settings,
            timeouts: Timeouts::default(),
            language: "en-US".to_owned(),
            max_concurrent_calls: 64,
            enforce_max_pending_channels: true,
        };
        host.add_endpoint("/", listener, contract, Box::new(RandomIdentifiers::new())).unwrap();
        let server = Server::start(socket, host, ServerLimits::default(), None).unwrap();
        std::future::pending::<()>().await;
        drop(server);
    });
    let initiator = InitiatorConfig {
        address: format!("http://{server}/"),
        profile,
        pattern,
        settings,
        timeouts: Timeouts::default(),
        language: "en-US".to_owned(),
    };
    let config = ClientConfig { initiator, limits: ClientLimits::default(), patient: false };
    runtime().block_on(async {
        let client = Arc::new(Client::open(config).await.unwrap());
        let started = Instant::now();
        let tasks: Vec<_> =
            (0..window).map(|_| tokio::spawn(transfer(Arc::clone(&client), pattern, window))).collect();
        for task in tasks {
            task.await.unwrap();
        }
        let took = started.elapsed();
        client.close().await.unwrap();
        took.as_secs_f64()
    })
}

/// One caller's part of the messages, one after the other.
async fn transfer(client: Arc<Client>, pattern: Pattern, callers: u32) {
    for _ in 0..MESSAGES / callers {
        if pattern == Pattern::OneWay {
            client.send(message("IOneWay/Send", "Send")).await.unwrap();
        } else {
            client.call(message("IEcho/Echo", "Echo")).await.unwrap();
        }
    }
}

fn message(action: &str, operation: &str) -> OutgoingMessage {
    OutgoingMessage {
        action: format!("{}{action}", contract::TEMPURI),
        body: contract::request_body(operation, "two"),
    }
}

/// Seconds for as many exchanges of the same sizes, on as many connections as the window lets be in flight.
fn bare(request: usize, response: usize, connections: u32) -> f64 {
    let body = Bytes::from(vec![b'x'; response]);
    let server = on_a_thread(move |socket| bare_server(socket, body));
    let body = Bytes::from(vec![b'x'; request]);
    runtime().block_on(async move {
        let mut senders = Vec::new();
        for _ in 0..connections {
            let stream = TcpStream::connect(server).await.unwrap();
            stream.set_nodelay(true).unwrap();
            let (sender, connection) =
                hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
            tokio::spawn(connection);
            senders.push(sender);
        }
        let started = Instant::now();
        let tasks: Vec<_> = senders
            .into_iter()
            .map(|mut sender| {
                let body = body.clone();
                tokio::spawn(async move {
                    for _ in 0..MESSAGES / connections {
                        sender.ready().await.unwrap();
                        let response = sender.send_request(bare_request(&body)).await.unwrap();
                        response.into_body().collect().await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        started.elapsed().as_secs_f64()
    })
}

fn bare_request(body: &Bytes) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(body.clone()));
    *request.method_mut() = Method::POST;
    let headers = request.headers_mut();
    headers.insert("host", "127.0.0.1:40000".parse().unwrap());
    headers.insert("cache-control", "no-cache, max-age=0".parse().unwrap());
    headers.insert("content-type", "application/soap+xml; charset=utf-8".parse().unwrap());
    request
}

async fn bare_server(socket: TcpListener, body: Bytes) {
    let body = Arc::new(body);
    loop {
        let (stream, _) = socket.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let body = Arc::clone(&body);
        let service = service_fn(move |request: Request<Incoming>| {
            let body = Bytes::clone(&body);
            async move {
                request.into_body().collect().await.unwrap();
                let mut response = Response::new(Full::new(body));
                let content_type = "application/soap+xml; charset=utf-8".parse().unwrap();
                response.headers_mut().insert("content-type", content_type);
                Ok::<_, Infallible>(response)
            }
        });
        tokio::spawn(async move {
            let connection = hyper::server::conn::http1::Builder::new();
            let _ = connection.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// Runs a server on a thread of its own until the process ends; where it listens.
fn on_a_thread<F: Future<Output = ()>>(server: impl FnOnce(TcpListener) -> F + Send + 'static) -> SocketAddr {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        runtime().block_on(async move {
            let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
            sender.send(socket.local_addr().unwrap()).unwrap();
            server(socket).await;
        });
    });
    receiver.recv_timeout(Duration::from_secs(5)).unwrap()
}
