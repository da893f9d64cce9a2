//! `wsrm serve` and `wsrm send` as processes, over a free port.

use std::net::TcpListener;
use std::process::{Command, Output};

use rstest::rstest;
use serde_json::Value;

use crate::running::Running;

fn wsrm() -> Command {
    Command::new(env!("CARGO_BIN_EXE_wsrm"))
}

fn send(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = wsrm().arg("send").args(arguments).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[rstest]
#[case::echo("echo", &["--rm", "1.1"])]
#[case::one_way("one-way", &["--soap", "1.1", "--unordered"])]
#[case::mixed("mixed", &["--addressing", "2004/08", "--window", "32"])]
fn a_session(#[case] contract: &str, #[case] binding: &[&str]) {
    let service = Running::service(&[&["--contract", contract, "--path", "/a/b"], binding].concat());
    let url = service.url.clone();
    let (code, summary, errors) =
        send(&[&[url.as_str(), "-n", "5", "--pattern", contract, "--json"], binding].concat());
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{summary}");
    let summary: Value = serde_json::from_str(&summary).unwrap();
    assert_eq!((&summary["messages"], &summary["retransmissions"]), (&5.into(), &0.into()), "{summary}");
    let shown = service.interrupt();
    assert!(shown.contains("session 1   opened"), "{shown}");
    assert!(shown.contains("(message 5)"), "{shown}");
    assert!(shown.contains("1 session: 1 closed, 0 faulted, 0 open; 5 messages, 0 duplicates"), "{shown}");
    assert!(!shown.contains('\u{1b}'), "colours where there is no terminal: {shown}");
}

/// What the first examples of both helps say.
#[test]
fn defaults_fit_together() {
    let service = Running::service(&[]);
    let (code, text, errors) = send(&[&service.url]);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert!(text.starts_with("10 messages in "), "{text}");
}

#[test]
fn events_as_json() {
    let service = Running::service(&["--json", "--contract", "echo"]);
    let (code, text, _) = send(&[&service.url, "-n", "2", "--text", "fault"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("0, and 2 SOAP faults"), "{text}");
    let rest = service.interrupt();
    let events: Vec<Value> = rest.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(names, ["opened", "operation", "operation", "closed", "summary"]);
    assert_eq!(events[1]["result"], "fault");
}

/// Each says what is wrong and what to do next.
#[rstest]
#[case::version(&["--rm", "1.1"], 1, "try --rm 1.0")]
#[case::soap(&["--soap", "1.1"], 1, "try --soap 1.1 or --soap 1.2")]
#[case::pattern(&["--pattern", "one-way"], 1, "try --pattern echo or mixed")]
fn refusals(#[case] arguments: &[&str], #[case] expected: i32, #[case] advice: &str) {
    let service = Running::service(&["--contract", "echo"]);
    let (code, _, errors) = send(&[&[service.url.as_str(), "-n", "1"], arguments].concat());
    assert_eq!(code, Some(expected), "{errors}");
    assert!(errors.contains(advice), "{errors}");
}

#[test]
fn nobody_there_or_no_endpoint() {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = format!("http://{}/", socket.local_addr().unwrap());
    drop(socket);
    let (code, _, errors) = send(&[&dead]);
    assert_eq!(code, Some(3), "{errors}");
    assert!(errors.contains("is the service running"), "{errors}");

    let service = Running::service(&[]);
    let (code, _, errors) = send(&[&format!("{}nosuch", service.url)]);
    assert_eq!(code, Some(3), "{errors}");
    assert!(errors.contains("check the path"), "{errors}");
}

#[test]
fn a_hanging_peer_costs_no_more_than_the_limit() {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", socket.local_addr().unwrap());
    let (code, _, errors) = send(&[&url, "--open-timeout", "300ms"]);
    assert_eq!(code, Some(3), "{errors}");
    assert!(errors.contains("00:00:00.3000000"), "{errors}");
    let (code, _, errors) = send(&[&url, "--time-limit", "300ms"]);
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.contains("not done within 300ms"), "{errors}");
}

#[rstest]
#[case::no_scheme(&["send", "localhost:8080/"], 2, "it does not start with http://")]
#[case::https(&["send", "https://localhost/"], 4, "HTTPS is not spoken yet")]
#[case::version(&["send", "http://h/", "--rm", "2.0"], 2, "possible values: 1.0, 1.1")]
#[case::window(&["send", "http://h/", "--window", "5000"], 2, "maxTransferWindowSize=\"5000\"")]
#[case::time(&["send", "http://h/", "--send-timeout", "soon"], 2, "write 250ms, 30s, 10m, 1h or 00:10:00")]
#[case::body(&["send", "http://h/", "--action", "urn:a", "--body", "/nonexistent.xml"], 2, "cannot read /nonexistent.xml")]
#[case::path(&["serve", "--listen", "127.0.0.1:0", "--path", "service"], 2, "starts with \"/\"")]
#[case::listen(&["serve", "--listen", "nowhere"], 2, "--listen")]
#[case::no_file(&["serve", "--config", "/nonexistent.config"], 2, "/nonexistent.config")]
fn wrong_arguments(#[case] arguments: &[&str], #[case] expected: i32, #[case] text: &str) {
    let Output { status, stderr, .. } = wsrm().args(arguments).output().unwrap();
    let stderr = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(expected), "{stderr}");
    assert!(stderr.contains(text), "{stderr}");
}

#[test]
fn a_taken_port_is_named() {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let Output { status, stderr, .. } = wsrm().args(["serve", "--listen", &address]).output().unwrap();
    assert_eq!(status.code(), Some(2));
    assert!(String::from_utf8(stderr).unwrap().contains("choose another --listen"));
}

#[rstest]
#[case("serve")]
#[case("send")]
fn help_has_examples(#[case] verb: &str) {
    let Output { status, stdout, .. } = wsrm().args([verb, "--help"]).output().unwrap();
    let help = String::from_utf8(stdout).unwrap();
    assert!(
        status.success() && help.contains("Examples:") && help.contains(&format!("  wsrm {verb} ")),
        "{help}"
    );
}

#[test]
fn a_refused_message_is_explained_on_both_sides() {
    let service = Running::service(&["--rm", "1.1"]);
    let (code, _, errors) = send(&[&service.url, "--rm", "1.0"]);
    assert_eq!(code, Some(1));
    assert!(errors.contains("next: the endpoint speaks RM 1.1: try --rm 1.1"), "{errors}");
    assert!(errors.contains("more: wsrm explain rm11-required"), "{errors}");
    let shown = service.interrupt();
    assert!(shown.contains("refused  The RM server requires the use of WS-ReliableMessaging 1.1"), "{shown}");
    assert!(shown.contains("0 duplicates, 1 refused"), "{shown}");
}
