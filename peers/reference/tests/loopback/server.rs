//! What the server says to clients that are not ours, good and bad ones.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Method, Response, StatusCode};
use rstest::rstest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use wsrm_reference::contract::{Call, Completion, Performance};
use wsrm_reference::{Contract, Edition, HostEvent, OperationResult, ServerLimits};
use wsrm_wire::{SoapVersion, WireProfile};

use crate::support::{PATIENCE, Recipe, Service, between, create_sequence, echo};

const SOAP_12: &str = "application/soap+xml; charset=utf-8";

fn client() -> Client {
    Client::builder().no_proxy().timeout(PATIENCE).build().unwrap()
}

async fn post(client: &Client, url: &str, content_type: &str, body: String) -> reqwest::Result<Response> {
    client.post(url).header(CONTENT_TYPE, content_type).body(body).send().await
}

/// Opens a sequence; its identifier.
async fn open(client: &Client, service: &Service) -> String {
    let response = post(client, &service.url, SOAP_12, create_sequence(SoapVersion::Soap12)).await.unwrap();
    let text = response.text().await.unwrap();
    between(&text, "<Identifier>", "</Identifier>").to_owned()
}

/// Sends bytes as they are; everything that comes back until the connection is closed.
async fn raw(service: &Service, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(service.server.local_address()).await.unwrap();
    // The server may hang up in the middle of it.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap();
    answer
}

fn status_line(answer: &[u8]) -> &str {
    std::str::from_utf8(answer).unwrap().lines().next().unwrap_or_default()
}

#[tokio::test]
async fn a_session_by_hand() {
    let service = Recipe::new(Contract::echo()).start().await;
    let client = client();
    let sequence = open(&client, &service).await;
    let response = post(&client, &service.url, SOAP_12, echo(&sequence, 1, "hello")).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[CONTENT_TYPE], SOAP_12);
    assert!(response.text().await.unwrap().contains("<EchoResult>hello</EchoResult>"));
    let fault = post(&client, &service.url, SOAP_12, echo(&sequence, 2, "fault")).await.unwrap();
    assert_eq!(fault.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(fault.text().await.unwrap().contains("app fault reason"));
    // Number 4 before 3: an ordered two-way service does not take it.
    let early = post(&client, &service.url, SOAP_12, echo(&sequence, 4, "early")).await.unwrap();
    assert_eq!((early.status(), early.content_length()), (StatusCode::ACCEPTED, Some(0)));
    assert_eq!(early.headers().get(CONTENT_TYPE), None);
    let operations: Vec<_> = service
        .events
        .try_iter()
        .filter(|event| matches!(event, HostEvent::OperationStarted { .. }))
        .collect();
    assert_eq!(operations.len(), 2);
}

#[rstest]
#[case::get(Method::GET, "/service", SOAP_12, 405)]
#[case::unknown_path(Method::POST, "/nosuch", SOAP_12, 404)]
#[case::content_type(Method::POST, "/service", "text/plain", 415)]
#[case::other_soap(Method::POST, "/service", "text/xml; charset=utf-8", 415)]
#[tokio::test]
async fn statuses(
    #[case] method: Method,
    #[case] path: &str,
    #[case] content_type: &str,
    #[case] status: u16,
) {
    let service = Recipe::new(Contract::echo()).start().await;
    let url = service.url.replace("/service", path);
    let request = client().request(method, url).header(CONTENT_TYPE, content_type);
    let response = request.body(create_sequence(SoapVersion::Soap12)).send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.content_length()), (status, Some(0)));
}

#[tokio::test]
async fn soap_11_has_its_own_content_type_and_action() {
    let profile = WireProfile { soap: SoapVersion::Soap11, ..WireProfile::default() };
    let service = Recipe { profile, ..Recipe::new(Contract::echo()) }.start().await;
    let action = "\"http://schemas.xmlsoap.org/ws/2005/02/rm/CreateSequence\"";
    for (action, status) in [(action, Some(200)), ("\"urn:other\"", None)] {
        let request = client().post(&service.url).header(CONTENT_TYPE, "text/xml; charset=utf-8");
        let request = request.header("SOAPAction", action).body(create_sequence(SoapVersion::Soap11));
        let response = request.send().await.ok();
        assert_eq!(response.map(|response| response.status().as_u16()), status, "{action}");
    }
}

#[tokio::test]
async fn abort_closes_the_connection_without_an_answer() {
    let service = Recipe { edition: Edition::CoreWcf, ..Recipe::new(Contract::echo()) }.start().await;
    let body = "not XML at all";
    let head = format!(
        "POST /service HTTP/1.1\r\nHost: h\r\nContent-Type: {SOAP_12}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    assert_eq!(raw(&service, format!("{head}{body}").as_bytes()).await, b"");
    let error = post(&client(), &service.url, SOAP_12, body.to_owned()).await.unwrap_err();
    assert!(error.is_request(), "{error:?}");
}

#[tokio::test]
async fn keep_alive_carries_many_requests() {
    let service = Recipe::new(Contract::echo()).start().await;
    let request =
        format!("POST /service HTTP/1.1\r\nHost: h\r\nContent-Type: {SOAP_12}\r\nContent-Length: 0\r\n\r\n");
    let last = "GET /service HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    let answer = raw(&service, (request.repeat(3) + last).as_bytes()).await;
    let answer = String::from_utf8(answer).unwrap();
    let statuses: Vec<_> = answer.lines().filter(|line| line.starts_with("HTTP/1.1")).collect();
    assert_eq!(statuses.len(), 4, "{answer}");
    assert!(statuses[..3].iter().all(|line| line.starts_with("HTTP/1.1 400")), "{answer}");
}

#[tokio::test]
async fn bodies_beyond_the_limit() {
    let limits = ServerLimits { body_bytes: 1000, ..ServerLimits::default() };
    let service = Recipe { limits, ..Recipe::new(Contract::echo()) }.start().await;
    let length = "POST /service HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000000\r\n\r\n";
    assert!(status_line(&raw(&service, length.as_bytes()).await).contains("413"));
    let chunks = format!(
        "POST /service HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n{}\r\n",
        "x".repeat(1001)
    );
    assert!(status_line(&raw(&service, chunks.as_bytes()).await).contains("413"));
}

#[rstest]
#[case::one_long("X: ".to_owned() + &"x".repeat(40_000) + "\r\n")]
#[case::many_short("X: x\r\n".repeat(200))]
#[tokio::test]
async fn heads_beyond_the_limit(#[case] headers: String) {
    let service = Recipe::new(Contract::echo()).start().await;
    let request = format!("POST /service HTTP/1.1\r\nHost: h\r\n{headers}\r\n");
    assert!(status_line(&raw(&service, request.as_bytes()).await).contains("431"));
}

#[rstest]
#[case::noise(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n")]
#[case::bad_version(b"POST / HTTP/9.9\r\n\r\n")]
#[case::smuggling(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef")]
#[case::bad_chunk(b"POST /service HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
#[tokio::test]
async fn garbage_gets_400_or_nothing(#[case] bytes: &[u8]) {
    let service = Recipe::new(Contract::echo()).start().await;
    let answer = raw(&service, bytes).await;
    assert!(answer.is_empty() || status_line(&answer).contains("400"), "{}", status_line(&answer));
    // The server is none the worse for it.
    open(&client(), &service).await;
}

#[rstest]
#[case::half_a_head(b"POST /service HTTP/1.1\r\nHost: h\r\n")]
#[case::half_a_body(b"POST /service HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf")]
#[case::nothing(b"")]
#[tokio::test]
async fn slow_clients_are_cut_off(#[case] bytes: &[u8]) {
    let time = Duration::from_millis(100);
    let limits = ServerLimits { head_time: time, request_time: time, ..ServerLimits::default() };
    let service = Recipe { limits, ..Recipe::new(Contract::echo()) }.start().await;
    let answer = raw(&service, bytes).await;
    assert!(answer.is_empty() || status_line(&answer).contains("408"), "{}", status_line(&answer));
}

#[tokio::test]
async fn connections_beyond_the_limit_wait() {
    let limits = ServerLimits { connections: 1, ..ServerLimits::default() };
    let service = Recipe { limits, ..Recipe::new(Contract::echo()) }.start().await;
    let mut first = TcpStream::connect(service.server.local_address()).await.unwrap();
    first.write_all(b"GET /service HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    let mut byte = [0];
    first.read_exact(&mut byte).await.unwrap();
    let second = raw(&service, b"GET /service HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    tokio::pin!(second);
    assert!(timeout(Duration::from_millis(50), second.as_mut()).await.is_err());
    drop(first);
    assert!(status_line(&second.await).contains("405"));
}

#[tokio::test]
async fn the_session_learns_that_a_waiting_client_is_gone() {
    let slow =
        |_: &Call<'_>| Performance::after(Duration::from_millis(300), Completion::Text("late".to_owned()));
    let service = Recipe::new(Contract::new("IEcho").two_way("Echo", slow)).start().await;
    let client = client();
    let sequence = open(&client, &service).await;
    let message = echo(&sequence, 1, "x");
    let head = format!(
        "POST /service HTTP/1.1\r\nHost: h\r\nContent-Type: {SOAP_12}\r\nContent-Length: {}\r\n\r\n{message}",
        message.len()
    );
    let mut stream = TcpStream::connect(service.server.local_address()).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let started = |event: &HostEvent| matches!(event, HostEvent::OperationStarted { .. });
    let events = service.events;
    let events = tokio::task::spawn_blocking(move || {
        while !started(&events.recv_timeout(PATIENCE).unwrap()) {}
        events
    });
    let events = events.await.unwrap();
    drop(stream);
    // The repetition waits for the one execution and gets its reply.
    let response = post(&client, &service.url, SOAP_12, message).await.unwrap();
    assert!(response.text().await.unwrap().contains("<EchoResult>late</EchoResult>"));
    let rest: Vec<_> = events.try_iter().collect();
    assert!(!rest.iter().any(started), "{rest:?}");
    assert!(rest.iter().any(|event| {
        matches!(event, HostEvent::OperationFinished { result: OperationResult::Returned, .. })
    }));
}

#[tokio::test]
async fn shutdown_lets_a_running_request_end() {
    let service = Recipe::new(Contract::echo()).start().await;
    let client = client();
    let sequence = open(&client, &service).await;
    let call = tokio::spawn({
        let (client, url) = (client.clone(), service.url.clone());
        async move { post(&client, &url, SOAP_12, echo(&sequence, 1, "sleep:200")).await }
    });
    let events = service.events;
    tokio::task::spawn_blocking(move || {
        while !matches!(events.recv_timeout(PATIENCE).unwrap(), HostEvent::OperationStarted { .. }) {}
    })
    .await
    .unwrap();
    timeout(PATIENCE, service.server.shutdown()).await.unwrap();
    let text = call.await.unwrap().unwrap().text().await.unwrap();
    assert!(text.contains("<EchoResult>sleep:200</EchoResult>"), "{text}");
    assert!(post(&client, &service.url, SOAP_12, String::new()).await.unwrap_err().is_connect());
}
