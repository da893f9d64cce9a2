//! `wsrm proxy` as a process, between `wsrm send` and `wsrm serve`.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Output};

use rstest::rstest;
use serde_json::Value;

use crate::running::Running;

const RM: &str = "http://docs.oasis-open.org/ws-rx/wsrm/200702";

fn wsrm() -> Command {
    Command::new(env!("CARGO_BIN_EXE_wsrm"))
}

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = wsrm().args(arguments).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn records_what_passes_and_does_harm() {
    let tree = tempfile::tempdir().unwrap();
    let folder = tree.path().join("run");
    let folder = folder.to_str().unwrap();
    let service = Running::service(&["--contract", "echo", "--path", "/a"]);
    let proxy = Running::start(
        "proxy",
        &["--to", &service.url, "--record", folder, "--fault", "drop request Echo #2", "--fault", "drop Foo"],
    );
    assert!(proxy.url.ends_with("/a"), "{}", proxy.url);
    let (code, _, errors) = run(&["send", &proxy.url, "-n", "3"]);
    assert_eq!(code, Some(0), "{errors}");
    let shown = proxy.interrupt();
    assert!(
        shown.contains("Echo S1#2, Ack R1 1-1 → no answer  [request dropped (drop request Echo #2)]"),
        "{shown}"
    );
    assert!(shown.contains("7 exchanges, 1 session: 1 harmed, 0 failed; 1 recording written"), "{shown}");
    assert!(shown.trim_end().ends_with("not exercised") && shown.contains(" 0 violated "), "{shown}");
    assert!(shown.contains("drop request Echo #2: struck 1 of 2 messages"), "{shown}");
    assert!(shown.contains("drop Foo: no message fits"), "{shown}");
    assert!(!shown.contains('\u{1b}'), "colours where there is no terminal: {shown}");

    let (code, ladder, errors) = run(&["show", folder]);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert!(ladder.contains("Echo S1#2, Ack R1 1-1 ─") && ladder.contains('╳'), "{ladder}");
    let (code, replayed, errors) = run(&["replay", folder]);
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{replayed}");
    assert!(replayed.contains("session-01"), "{replayed}");
}

#[test]
fn events_as_json() {
    let service = Running::service(&["--contract", "echo"]);
    let proxy = Running::start("proxy", &["--to", &service.url, "--json", "--fault", "duplicate Echo"]);
    assert_eq!(run(&["send", &proxy.url, "-n", "1"]).0, Some(0));
    let rest = proxy.interrupt();
    let events: Vec<Value> = rest.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(names, ["exchange", "exchange", "exchange", "exchange", "judgement", "summary"]);
    assert!(events[4]["judgement"]["met"].as_array().unwrap().contains(&"create.acks-to".into()));
    assert_eq!(events[1]["done"][0], "request duplicated (duplicate Echo)");
    assert_eq!((&events[5]["harmed"], &events[5]["rules"][0]["applied"]), (&1.into(), &1.into()));
}

#[test]
fn a_service_that_is_not_there_is_said() {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = format!("http://{}/", socket.local_addr().unwrap());
    drop(socket);
    let proxy = Running::start("proxy", &["--to", &dead]);
    let (code, _, errors) = run(&["send", &proxy.url, "-n", "1", "--open-timeout", "2s"]);
    assert!(code != Some(0), "{errors}");
    let shown = proxy.interrupt();
    assert!(shown.contains("502 ") && shown.contains("cannot connect to 127.0.0.1:"), "{shown}");
}

#[rstest]
#[case::https(&["--to", "https://h/"], 4, "HTTPS is not spoken yet")]
#[case::scheme(&["--to", "h:80"], 2, "it does not start with http://")]
#[case::nothing(&[], 2, "--to <URL>")]
#[case::rule(&["--to", "http://h/", "--fault", "lose Echo"], 2, "a rule begins with drop, duplicate")]
#[case::typing(&["--to", "http://h/", "--fault", "drop requst"], 2, "did you mean request?")]
#[case::whole(&["--to", "http://h/", "--whole"], 2, "--record <DIR>")]
#[case::full(&["--to", "http://h/", "--record", "src"], 2, "the folder is not empty; choose another")]
fn wrong_arguments(#[case] arguments: &[&str], #[case] expected: i32, #[case] text: &str) {
    let (code, _, errors) = run(&[&["proxy"], arguments].concat());
    assert_eq!(code, Some(expected), "{errors}");
    assert!(errors.contains(text), "{errors}");
}

#[test]
fn help_has_examples_and_the_rules() {
    let (code, help, _) = run(&["proxy", "--help"]);
    assert_eq!(code, Some(0));
    for part in ["Examples:\n  wsrm proxy ", "Rules:\n", "hold until=next", "nth=N, nth=N-M"] {
        assert!(help.contains(part), "{part}: {help}");
    }
}

/// A client that forgets AcksTo is told of while it speaks, and decides the exit code.
#[rstest]
#[case::judged(&[], Some(10), true)]
#[case::left_out(&["--exclude", "create"], Some(0), false)]
#[case::other_side(&["--role", "destination"], Some(0), false)]
#[case::not_judged(&["--no-judge"], Some(0), false)]
fn both_sides_are_judged(#[case] options: &[&str], #[case] expected: Option<i32>, #[case] is_told: bool) {
    let service = Running::service(&["--rm", "1.1"]);
    let proxy = Running::start("proxy", &[&["--to", &service.url], options].concat());
    let body = format!(
        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" \
         xmlns:a=\"http://www.w3.org/2005/08/addressing\"><s:Header>\
         <a:Action s:mustUnderstand=\"1\">{RM}/CreateSequence</a:Action>\
         <a:MessageID>urn:uuid:0f6f3f6e-6a53-4d0e-8b5a-0a4b6c3d2e1f</a:MessageID>\
         <a:To s:mustUnderstand=\"1\">{}</a:To></s:Header>\
         <s:Body><CreateSequence xmlns=\"{RM}\"/></s:Body></s:Envelope>",
        service.url
    );
    let address = proxy.url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/soap+xml; charset=utf-8\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("Fault"), "{answer}");
    let (code, shown) = proxy.interrupt_for_code();
    assert_eq!(code, expected, "{shown}");
    let finding = "session -     ✗ must create.acks-to, by the source: 01-request: expected";
    assert_eq!(shown.contains(finding), is_told, "{shown}");
    let sum = shown.lines().last().unwrap();
    assert_eq!(sum.contains("requirements judged"), !options.contains(&"--no-judge"), "{shown}");
}

/// What is in the baseline is told as known and fails nothing; what is in it and not there any more does.
#[rstest]
#[case::known(Some("close.final-left-out"), Some(0), &["close.final (known), by the destination", "1 known, 0 new, 0 stale"])]
#[case::gone(None, Some(13), &["stale close.final, by the destination"])]
fn known_deviations(#[case] mutant: Option<&str>, #[case] expected: Option<i32>, #[case] told: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("known.toml");
    let deviation =
        "[[deviation]]\nrequirement = \"close.final\"\nrole = \"destination\"\nreason = \"it is known\"\n";
    std::fs::write(&file, deviation).unwrap();
    let options: Vec<&str> = mutant.into_iter().flat_map(|name| ["--mutant", name]).collect();
    let service = Running::service(&[&["--rm", "1.1"], &options[..]].concat());
    let proxy = Running::start("proxy", &["--to", &service.url, "--baseline", file.to_str().unwrap()]);
    let _ = run(&["send", &proxy.url, "--rm", "1.1", "-n", "1"]);
    let (code, shown) = proxy.interrupt_for_code();
    assert_eq!(code, expected, "{shown}");
    assert!(told.iter().all(|told| shown.contains(told)), "{shown}");
}
