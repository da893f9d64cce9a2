//! What a peer sends can neither crash nor hang a run, nor make it a finding of ours.

#![expect(clippy::unwrap_used, reason = "a test fails at what it cannot read")]

use std::cell::RefCell;
use std::time::{Duration, Instant};

use rstest::rstest;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use wsrm_conformance::case::live::WireLimits;
use wsrm_conformance::case::{Application, Case, Limits, Suite, SuiteLimits, Target, profiles};
use wsrm_conformance::cases::destination as cases;
use wsrm_conformance::entry::Verdict;
use wsrm_conformance::report::Event;
use wsrm_oracle::Catalogue;
use wsrm_protocol::Pattern;

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

/// Runs a few cases against a peer; the verdict of each.
async fn verdicts(habit: Habit, sanity: Option<&'static Case>) -> Vec<Verdict> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(behave(stream, habit));
        }
    });
    let pattern = Pattern::RequestReply;
    let application = Application::recorded(pattern);
    let targets = profiles().take(1).map(|profile| Target {
        address: address.clone(),
        profile,
        pattern,
        application: application.clone(),
    });
    let catalogue = Catalogue::load().unwrap();
    let chosen: Vec<&'static Case> =
        ["create.repeated", "http.get"].into_iter().filter_map(cases::find).collect();
    let limits = SuiteLimits {
        cases: Limits { clean_up: Duration::from_millis(300), ..Limits::default() },
        wire: WireLimits { response: Duration::from_millis(200), body: 1 << 16, ..WireLimits::default() },
        ..SuiteLimits::default()
    };
    let suite =
        Suite { cases: &chosen, sanity, catalogue: &catalogue, limits, repeat: &|_, _| String::new() };
    let seen = RefCell::new(Vec::new());
    let emit = |event: Event| {
        if let Event::EntryEnded(entry) = event {
            seen.borrow_mut().push(entry.verdict);
        }
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
    let found = verdicts(habit, None).await;
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!(found.len(), 2);
    for verdict in &found {
        // Who speaks HTTP may break its rules; nothing worse is said of anybody.
        assert!(matches!(verdict, Verdict::Inconclusive(_) | Verdict::Fail), "{found:?}");
    }
}

/// Where the sanity case comes to nothing, nothing else is run.
#[tokio::test]
async fn who_cannot_be_spoken_to_is_asked_once() {
    let found = verdicts(Habit::Says(b""), cases::find(cases::SANITY)).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(matches!(found.first(), Some(Verdict::Inconclusive(_))), "{found:?}");
}
