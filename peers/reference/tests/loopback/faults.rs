//! Sessions through a proxy that loses, repeats, delays and cuts, by a seed.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastrand::Rng;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinSet, LocalSet};
use tokio::time::timeout;
use wsrm_protocol::ReliableSessionSettings;
use wsrm_wire::{RmVersion, WireProfile};

use crate::sessions::{Kind, delivered, open, run, text};
use crate::support::{PATIENCE, Recipe};

/// What the proxy does to one exchange.
#[derive(Debug, Clone, Copy)]
enum Fault {
    None,
    /// The request is not passed on, and the connection is closed.
    LoseRequest,
    /// The response is not passed on, and the connection is closed.
    LoseResponse,
    /// The connection is closed in the middle of the response.
    CutResponse,
    /// The service gets the request twice; the client gets the second answer.
    Duplicate,
    /// The request arrives late, so that others overtake it.
    Delay,
}

/// Proxies to `upstream` and hurts the exchanges of application messages; opening and closing are repeated only
/// every ten seconds, which no test has time for.
async fn proxy(upstream: String, seed: u64) -> (String, Arc<AtomicUsize>) {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/service", socket.local_addr().unwrap());
    let random = Arc::new(Mutex::new(Rng::with_seed(seed)));
    let hurt = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&hurt);
    tokio::spawn(async move {
        loop {
            let (stream, _) = socket.accept().await.unwrap();
            let (upstream, random, count) = (upstream.clone(), Arc::clone(&random), Arc::clone(&count));
            tokio::spawn(async move { serve(stream, &upstream, &random, &count).await });
        }
    });
    (url, hurt)
}

async fn serve(
    mut client: TcpStream,
    upstream: &str,
    random: &Mutex<Rng>,
    hurt: &AtomicUsize,
) -> io::Result<()> {
    loop {
        let request = read_message(&mut client).await?;
        let content = String::from_utf8_lossy(&request);
        let fault = match content.contains("tempuri.org/I") {
            true => pick(&mut random.lock().unwrap()),
            false => Fault::None,
        };
        if !matches!(fault, Fault::None) {
            hurt.fetch_add(1, Ordering::Relaxed);
        }
        match fault {
            Fault::LoseRequest => return Ok(()),
            Fault::Delay => tokio::time::sleep(Duration::from_millis(30)).await,
            Fault::Duplicate => drop(exchange(upstream, &request).await?),
            Fault::None | Fault::LoseResponse | Fault::CutResponse => {}
        }
        let response = exchange(upstream, &request).await?;
        match fault {
            Fault::LoseResponse => return Ok(()),
            Fault::CutResponse => return client.write_all(&response[..response.len() / 2]).await,
            _ => client.write_all(&response).await?,
        }
    }
}

fn pick(random: &mut Rng) -> Fault {
    match random.u8(..100) {
        0..6 => Fault::LoseRequest,
        6..10 => Fault::LoseResponse,
        10..12 => Fault::CutResponse,
        12..30 => Fault::Duplicate,
        30..45 => Fault::Delay,
        _ => Fault::None,
    }
}

async fn exchange(upstream: &str, request: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(upstream).await?;
    stream.write_all(request).await?;
    read_message(&mut stream).await
}

/// A whole HTTP message with a `Content-Length`, head and body.
async fn read_message(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    loop {
        if let Some(end) = message.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&message[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            if message.len() >= end + 4 + length {
                return Ok(message);
            }
        }
        if stream.read_buf(&mut message).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// One session; how many exchanges were hurt.
async fn session(kind: Kind, rm: RmVersion, ordered: bool, seed: u64) -> usize {
    const MESSAGES: u64 = 20;
    let settings = ReliableSessionSettings::new(rm).with_ordered(ordered);
    let profile = WireProfile { rm, ..WireProfile::default() };
    let service = Recipe { profile, settings, ..Recipe::new(kind.contract()) }.start().await;
    let (url, hurt) = proxy(service.server.local_address().to_string(), seed).await;
    run(open(&service, &url, kind).await, kind, MESSAGES, 8).await;
    let (mut texts, ends) = delivered(&service);
    assert!(ends.iter().all(Option::is_none), "{ends:?}");
    let mut sent: Vec<_> = (1..=MESSAGES).map(text).collect();
    texts.sort();
    sent.sort();
    assert_eq!(texts, sent, "{kind:?} {rm} ordered {ordered} seed {seed}");
    hurt.load(Ordering::Relaxed)
}

/// The sessions wait more than they work, so they run side by side.
#[tokio::test]
async fn everything_arrives_exactly_once() {
    let local = LocalSet::new();
    let mut sessions = JoinSet::new();
    for kind in [Kind::Echo, Kind::OneWay, Kind::Mixed] {
        for rm in RmVersion::ALL {
            for (ordered, seed) in [(true, 2), (true, 3), (false, 4), (false, 5)] {
                sessions.spawn_local_on(session(kind, rm, ordered, seed), &local);
            }
        }
    }
    let hurt: usize =
        timeout(3 * PATIENCE, local.run_until(sessions.join_all())).await.unwrap().into_iter().sum();
    assert!(hurt > 50, "the seeds hurt only {hurt} exchanges");
}
