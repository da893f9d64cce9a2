//! What a peer sends can neither crash nor hang a run, nor make it a finding of ours.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rstest::rstest;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use wsrm_conformance::case::live::WireLimits;
use wsrm_conformance::case::{
    Application, Case, Limits, Pending, Revival, Suite, SuiteLimits, Target, profiles,
};
use wsrm_conformance::cases::destination as cases;
use wsrm_conformance::entry::{Entry, Verdict};
use wsrm_conformance::judgement::Standing;
use wsrm_conformance::report::Event;
use wsrm_oracle::Catalogue;
use wsrm_protocol::{ListenerConfig, Pattern, ReliableSessionSettings, Timeouts};
use wsrm_reference::{Contract, Edition, Host, HostConfig, Pacing, RandomIdentifiers, Server, ServerLimits};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\n";

/// What a peer does with each connection, once something has come.
#[derive(Debug, Clone, Copy)]
enum Habit {
    Says(&'static [u8]),
    SaysLong(fn() -> Vec<u8>),
    Silent,
    /// A byte at a time, without end.
    Drips,
    /// A body without end.
    Endless,
}

fn huge_header() -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nX-Huge: {}\r\nContent-Length: 0\r\n\r\n", "x".repeat(4 << 20)).into_bytes()
}

fn many_headers() -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\n{}Content-Length: 0\r\n\r\n", "X-Many: 1\r\n".repeat(5000)).into_bytes()
}

fn deep() -> Vec<u8> {
    let body = format!("<a>{}", "<a>".repeat(30_000));
    format!("{OK}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn entities() -> Vec<u8> {
    let body = "<!DOCTYPE a [<!ENTITY b \"bbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;\">]><a>&c;</a>";
    format!("{OK}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

async fn behave(mut stream: TcpStream, habit: Habit) {
    let mut piece = [0; 65536];
    if stream.read(&mut piece).await.is_err() {
        return;
    }
    match habit {
        Habit::Says(bytes) => {
            let _ = stream.write_all(bytes).await;
        }
        Habit::SaysLong(bytes) => {
            let _ = stream.write_all(&bytes()).await;
        }
        Habit::Silent => tokio::time::sleep(Duration::from_secs(60)).await,
        Habit::Drips => {
            let bytes = format!("{OK}Content-Length: 100000\r\n\r\n").into_bytes();
            for byte in bytes.iter().chain(std::iter::repeat(&b'<')) {
                if stream.write_all(std::slice::from_ref(byte)).await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        Habit::Endless => {
            let _ = stream.write_all(format!("{OK}Transfer-Encoding: chunked\r\n\r\n").as_bytes()).await;
            while stream.write_all(b"5\r\n<!-- \r\n").await.is_ok() {}
        }
    }
}

/// Runs a few cases against a peer; what came of each.
async fn entries(habit: Habit, sanity: Option<&'static Case>) -> Vec<Entry> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(behave(stream, habit));
        }
    });
    let (entries, _) = run(address, &["create.repeated", "http.get"], sanity, None).await;
    entries
}

/// Runs cases one at a time against an address; what came of them, and what was remarked.
async fn run(
    address: String,
    names: &[&str],
    sanity: Option<&'static Case>,
    revive: Option<&dyn Fn() -> Pending<'static, Revival>>,
) -> (Vec<Entry>, Vec<String>) {
    let pattern = Pattern::RequestReply;
    let application = Application::recorded(pattern);
    let targets = profiles().take(1).map(|profile| Target {
        address: address.clone(),
        profile,
        pattern,
        application: application.clone(),
    });
    let catalogue = Catalogue::load().unwrap();
    // Who can be started again is good, and may take the time that a loaded machine takes.
    let response = Duration::from_millis(if revive.is_some() { 15_000 } else { 200 });
    let chosen: Vec<&'static Case> = names.iter().copied().filter_map(cases::find).collect();
    let limits = SuiteLimits {
        jobs: 1,
        cases: Limits { clean_up: Duration::from_millis(300), ..Limits::default() },
        wire: WireLimits { response, body: 1 << 16, ..WireLimits::default() },
        ..SuiteLimits::default()
    };
    let repeat = |_: &Case, _: &Target| String::new();
    let suite = Suite { cases: &chosen, sanity, catalogue: &catalogue, limits, repeat: &repeat, revive };
    let seen = RefCell::new((Vec::new(), Vec::new()));
    let emit = |event: Event| match event {
        Event::EntryEnded(entry) => seen.borrow_mut().0.push(*entry),
        Event::Remark(remark) => seen.borrow_mut().1.push(remark),
        _ => {}
    };
    suite.run(&targets.collect::<Vec<_>>(), &emit).await.unwrap();
    seen.into_inner()
}

#[rstest]
#[case::garbage(Habit::Says(b"\x00\x01\x02 garbage \r\n\r\n"))]
#[case::closes(Habit::Says(b""))]
#[case::page(Habit::Says(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 7\r\n\r\n<html/>"))]
#[case::redirect(Habit::Says(
    b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"
))]
#[case::only_continue(Habit::Says(b"HTTP/1.1 100 Continue\r\n\r\n"))]
#[case::compressed(Habit::Says(b"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00"))]
#[case::short_body(Habit::Says(
    b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n<a"
))]
#[case::wrong_chunks(Habit::Says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n<a/>\r\n"))]
#[case::two_lengths(Habit::Says(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n<a/>"))]
#[case::not_utf8(Habit::Says(
    b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nX-Odd: \xff\xfe\r\nContent-Length: 6\r\n\r\n<a>\xff\xfe>"
))]
#[case::huge_header(Habit::SaysLong(huge_header))]
#[case::many_headers(Habit::SaysLong(many_headers))]
#[case::deep(Habit::SaysLong(deep))]
#[case::entities(Habit::SaysLong(entities))]
#[case::silent(Habit::Silent)]
#[case::drips(Habit::Drips)]
#[case::endless(Habit::Endless)]
#[tokio::test]
async fn neither_crashes_nor_hangs(#[case] habit: Habit) {
    let began = Instant::now();
    let found = entries(habit, None).await;
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!(found.len(), 2);
    for Entry { verdict, .. } in &found {
        // Who speaks HTTP may break its rules; nothing worse is said of anybody.
        assert!(matches!(verdict, Verdict::Inconclusive(_) | Verdict::Fail), "{verdict:?}");
    }
}

/// Where the sanity case comes to nothing, nothing else is run.
#[tokio::test]
async fn who_cannot_be_spoken_to_is_asked_once() {
    let found = entries(Habit::Says(b""), cases::find(cases::SANITY)).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(matches!(found[0].verdict, Verdict::Inconclusive(_)), "{:?}", found[0].verdict);
}

/// What the messages of the case itself keep is not put down to the peer.
#[tokio::test]
async fn who_says_nothing_keeps_nothing() {
    let found = entries(Habit::Says(b""), None).await;
    let kept: Vec<&str> =
        found.iter().flat_map(|entry| entry.judgement.with_standing(Standing::Met)).collect();
    assert!(kept.is_empty(), "{kept:?}");
}

/// The reference behind a relay that ends after so many connections, until it is started again.
async fn mortal(connections: usize) -> (String, Arc<AtomicUsize>, Server) {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let behind = socket.local_addr().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let mut host = Host::new(HostConfig {
        edition: Edition::NetFramework,
        pacing: Pacing::HostTime,
        limits: wsrm_wire::Limits::default(),
        max_sessions: 100,
    });
    let config = ListenerConfig {
        address: address.clone(),
        profile: profiles().next().unwrap(),
        pattern: Pattern::RequestReply,
        settings: ReliableSessionSettings::default(),
        timeouts: Timeouts::default(),
        language: "en-US".to_owned(),
        max_concurrent_calls: 16,
        enforce_max_pending_channels: true,
    };
    host.add_endpoint("/", config, Contract::echo(), Box::new(RandomIdentifiers::new())).unwrap();
    let server = Server::start(socket, host, ServerLimits::default(), None).unwrap();
    let left = Arc::new(AtomicUsize::new(connections));
    let shared = Arc::clone(&left);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            if shared.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_err() {
                continue;
            }
            let mut service = TcpStream::connect(behind).await.unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut client, &mut service).await });
        }
    });
    (address, left, server)
}

/// An endpoint that dies is started again by who can, and the cases go on; it is told of, and so is the case that is lost.
#[rstest]
#[case::again(true)]
#[case::gone(false)]
#[tokio::test]
async fn who_dies_is_started_again(#[case] can_be_started: bool) {
    let (address, left, _server) = mortal(2).await;
    let revive = || -> Pending<'static, Revival> {
        let left = Arc::clone(&left);
        Box::pin(async move {
            if left.load(Ordering::SeqCst) > 0 {
                return Revival::Runs;
            }
            if can_be_started {
                left.store(1000, Ordering::SeqCst);
                return Revival::Again;
            }
            Revival::Failed
        })
    };
    let names = ["http.get", "http.empty", "create.repeated"];
    let (found, remarks) = run(address, &names, cases::find(cases::SANITY), Some(&revive)).await;
    let is_lost = |entry: &Entry| matches!(entry.verdict, Verdict::Inconclusive(_));
    let lost: Vec<bool> = found.iter().map(is_lost).collect();
    let (expected, again): (&[bool], &str) = if can_be_started {
        (&[false, false, true, false, false], "; it was started again")
    } else {
        (&[false, false, true, true], "")
    };
    assert_eq!(lost, expected, "{found:?}");
    let told = "the endpoint died half-way: it answered nothing in http.empty; the last case that it answered is http.get";
    assert_eq!(remarks, [format!("{told}{again}")]);
}
