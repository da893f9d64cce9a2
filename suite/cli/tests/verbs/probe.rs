//! `wsrm probe` against `wsrm serve`, and against what is no reliable service.

use std::process::{Command, Output};

use rstest::rstest;
use serde_json::Value;

use crate::running::Running;
use crate::script::Script;

fn probe(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } =
        Command::new(env!("CARGO_BIN_EXE_wsrm")).arg("probe").args(arguments).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// What is spoken is found, and that alone.
#[rstest]
#[case("1.1", "1.2", "1.0", "echo")]
#[case("1.0", "1.2", "1.0", "one-way")]
#[case("1.1", "1.1", "1.0", "one-way")]
#[case("1.0", "1.1", "1.0", "echo")]
#[case("1.1", "1.1", "2004/08", "echo")]
#[case("1.0", "1.2", "2004/08", "one-way")]
fn finds_what_is_spoken(
    #[case] rm: &str,
    #[case] soap: &str,
    #[case] addressing: &str,
    #[case] contract: &str,
) {
    let binding = ["--rm", rm, "--soap", soap, "--addressing", addressing, "--contract", contract];
    let service = Running::service(&binding);
    let (code, text, errors) = probe(&[&service.url, "--json"]);
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{text}");
    let found: Value = serde_json::from_str(&text).unwrap();
    let spoken = found["speaks"].as_array().unwrap();
    assert_eq!(spoken.len(), 1, "{text}");
    let is_two_way = contract == "echo";
    let pattern = if is_two_way { "request-reply" } else { "one-way" };
    for (field, expected) in [("rm", rm), ("soap", soap), ("addressing", addressing), ("pattern", pattern)] {
        assert_eq!(spoken[0][field], expected, "{field}: {text}");
    }
    for field in ["takes_messages", "acknowledges_at_once", "ended"] {
        assert_eq!(spoken[0][field], true, "{field}: {text}");
    }
    assert!(spoken[0]["buffer_remaining"].is_u64(), "{text}");
    assert_eq!(spoken[0]["behind_a_gap"], if is_two_way { Value::from("waits") } else { Value::Null });
}

#[test]
fn unordered_is_seen() {
    let service = Running::service(&["--rm", "1.1", "--unordered"]);
    let (code, text, _) = probe(&[&service.url]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("not ordered: a message behind a gap is answered"), "{text}");
    assert!(text.contains("flow control  on: room for"), "{text}");
}

#[test]
fn wrong_path() {
    let service = Running::service(&["--path", "/somewhere"]);
    let (code, text, _) = probe(&[&service.url.replace("/somewhere", "/elsewhere")]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("no session is granted"), "{text}");
    assert!(text.contains("no endpoint at this path: check the path"), "{text}");
}

const REFUSED: &str = "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body><s:Fault><s:Code>\
    <s:Value>s:Receiver</s:Value></s:Code><s:Reason><s:Text xml:lang=\"en\">The RM Destination requires the \
    WS-SecureConversation protocol in the binding. This is likely caused by a binding mismatch.</s:Text></s:Reason>\
    </s:Fault></s:Body></s:Envelope>";

/// What a service says is explained, with the setting of WCF.
#[test]
fn refusal_is_explained() {
    let response = format!(
        "HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/soap+xml\r\nContent-Length: {}\r\n\r\n{REFUSED}",
        REFUSED.len()
    );
    let url = Script::answer(response.into_bytes());
    let (code, text, _) = probe(&[&url]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("WS-SecureConversation"), "{text}");
    assert!(text.contains("that means"), "{text}");
    assert!(text.contains("wsrm explain "), "{text}");
    assert!(text.contains("look at"), "{text}");
}

#[rstest]
#[case::page("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 7\r\n\r\n<html/>", "no SOAP")]
#[case::credentials(
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n",
    "wants credentials"
)]
#[case::garbage("\u{1}\u{2}\u{3}\r\n\r\n", "the connection ended")]
#[case::closed("", "the connection ended")]
fn what_is_no_reliable_service(#[case] response: &str, #[case] said: &str) {
    let url = Script::answer(response.as_bytes().to_vec());
    let (code, text, errors) = probe(&[&url]);
    assert_eq!((code, errors.as_str()), (Some(1), ""), "{text}");
    assert!(text.contains(said), "{text}");
}

#[rstest]
#[case::nobody("http://127.0.0.1:9/", 3, "is the service running")]
#[case::no_url("127.0.0.1", 2, "no address of the form")]
fn refusals(#[case] url: &str, #[case] expected: i32, #[case] advice: &str) {
    let (code, _, errors) = probe(&[url]);
    assert_eq!(code, Some(expected), "{errors}");
    assert!(errors.contains(advice), "{errors}");
}
