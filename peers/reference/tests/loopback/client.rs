//! The client facing servers that are no good.

use std::time::Duration;

use rstest::rstest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::timeout;
use wsrm_protocol::{Pattern, ReliableSessionSettings, Timeouts};
use wsrm_reference::{Client, ClientConfig, ClientError, ClientLimits};
use wsrm_wire::WireProfile;

use crate::support::{PATIENCE, configuration};

/// A server that says the same to everybody and then hangs up, or says nothing and does not.
async fn saying(answer: &'static [u8], hang: bool) -> String {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/service", socket.local_addr().unwrap());
    tokio::spawn(async move {
        let mut kept = Vec::new();
        loop {
            let (mut stream, _) = socket.accept().await.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer).await;
            if hang {
                kept.push(stream);
            }
        }
    });
    url
}

fn config(url: &str) -> ClientConfig {
    let mut config =
        configuration(url, WireProfile::default(), ReliableSessionSettings::default(), Pattern::RequestReply);
    config.initiator.timeouts = Timeouts { open: Duration::from_millis(400), ..Timeouts::default() };
    config
}

async fn failure(config: ClientConfig) -> String {
    timeout(PATIENCE, Client::open(config)).await.unwrap().unwrap_err().to_string()
}

#[rstest]
#[case::closes(b"", "connection")]
#[case::garbage(b"\x00\x01\x02 garbage\r\n\r\n", "invalid HTTP")]
#[case::half_a_body(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "end of file")]
#[case::not_found(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "404")]
#[case::busy(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", "503")]
#[case::web_page(
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 7\r\n\r\n<html/>",
    "text/html"
)]
#[tokio::test]
async fn servers_that_are_none(#[case] answer: &'static [u8], #[case] expected: &str) {
    let text = failure(config(&saying(answer, false).await)).await;
    assert!(text.contains(expected), "{text}");
}

#[tokio::test]
async fn a_hanging_server_costs_the_open_timeout() {
    let text = failure(config(&saying(b"", true).await)).await;
    assert!(text.contains("00:00:00.4000000"), "{text}");
}

#[tokio::test]
async fn a_response_that_takes_too_long_is_lost() {
    let mut config = config(&saying(b"HTTP/1.1 200 OK\r\n", true).await);
    config.limits = ClientLimits { response_time: Duration::from_millis(50), ..ClientLimits::default() };
    let text = failure(config).await;
    assert!(text.contains("no response in time"), "{text}");
}

#[rstest]
#[case::announced(b"HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\n")]
#[case::chunked(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n8\r\n12345678\r\n")]
#[tokio::test]
async fn a_response_that_is_too_long_is_lost(#[case] answer: &'static [u8]) {
    let mut config = config(&saying(answer, true).await);
    config.limits = ClientLimits { body_bytes: 10, ..ClientLimits::default() };
    let text = failure(config).await;
    assert!(text.contains("a response of more than 10 bytes"), "{text}");
}

#[tokio::test]
async fn nobody_listens() {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", socket.local_addr().unwrap());
    drop(socket);
    let text = failure(config(&url)).await;
    assert!(text.contains("cannot connect to 127.0.0.1:") && text.contains("refused"), "{text}");
}

#[tokio::test]
async fn a_patient_client_goes_by_the_rules_of_wcf() {
    let mut config =
        config(&saying(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", false).await);
    config.patient = true;
    let text = failure(config).await;
    assert!(text.contains("This could be because the service is too busy"), "{text}");
}

#[rstest]
#[case("https://host/", "HTTPS is not spoken yet, only http://")]
#[case("net.tcp://host/", "net.tcp is not spoken yet, only http://")]
#[case("host/service", "it does not start with http://")]
#[case("http://", "it is no URL")]
#[case("http://ho st/", "it is no URL")]
#[tokio::test]
async fn addresses_that_cannot_be_used(#[case] address: &str, #[case] why: &'static str) {
    let error = Client::open(config(address)).await.unwrap_err();
    assert_eq!(error, ClientError::Address { address: address.to_owned(), why });
}
