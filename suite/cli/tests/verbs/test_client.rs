//! `wsrm test-client`.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Output};

use rstest::rstest;
use serde_json::Value;

use crate::running::Running;

const WSRM: &str = env!("CARGO_BIN_EXE_wsrm");

fn test_client(run: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(WSRM);
    let Output { status, stdout, stderr } =
        command.args(["test-client", "--run", run]).args(arguments).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// The reference client comes through in every form, started as any other.
#[test]
fn reference_passes_in_all_profiles() {
    let run = format!("{WSRM} send --from-environment");
    let cases = "whole.plain,whole.empty,loss.first-request,loss.later-response,loss.broken-response";
    let (code, text, errors) = test_client(&run, &["--all-profiles", "--case", cases]);
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{text}");
    assert!(text.contains("80 cases in "), "{text}");
    assert!(text.contains(" 80 passed, 0 failed, 0 inconclusive, 0 in trouble; 0 not applicable"), "{text}");
    assert!(text.contains(" 0 left open"), "{text}");
    assert!(text.lines().last().unwrap().contains(" 0 violated (0 must, 0 should, 0 wcf)"), "{text}");
}

/// What is told by the environment is told in the command, too.
#[test]
fn placeholders() {
    let run = format!(
        "{WSRM} send {{url}} --rm {{rm}} --soap {{soap}} --addressing {{wsa}} --pattern {{pattern}} -n {{messages}}"
    );
    let only = ["--rm", "1.1", "--soap", "1.1", "--addressing", "2004/08", "--pattern", "one-way"];
    let (code, text, errors) = test_client(&run, &[&only[..], &["--case", "whole.plain", "--json"]].concat());
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{text}");
    let report: Value = serde_json::from_str(text.trim()).unwrap();
    assert_eq!(report["case"], "whole.plain");
    assert_eq!(report["profile"], "RM 1.1, SOAP 1.1, WS-Addressing 2004/08, one-way");
    assert_eq!((&report["verdict"], &report["client"]["saw"]), (&"pass".into(), &"success".into()));
    assert!(report["met"].as_array().unwrap().contains(&"delivery.loss-reported".into()), "{text}");
}

/// What a client's end says, of which only a lie about a lost message is a finding.
#[rstest]
#[case::unable("sh -c 'exit 3'", 3, "1 not applicable")]
#[case::lies("sh -c 'echo all fine'", 10, "violated must delivery.loss-reported, by the source (client)")]
#[case::error(
    "sh -c 'echo refused; exit 1'",
    12,
    "the client sent nothing; its application saw an error: refused"
)]
#[case::hangs("sh -c 'sleep 60 & sleep 60'", 12, "it had not ended after 1 s, and was ended")]
#[case::dies("sh -c 'kill -SEGV $$'", 12, "it was ended by the signal 11")]
#[case::odd("sh -c 'echo what >&2; exit 7'", 12, "it ended with the status 7, which says nothing here")]
fn ends(#[case] run: &str, #[case] expected: i32, #[case] says: &str) {
    let only = ["--rm", "1.1", "--pattern", "one-way", "--case", "whole.plain", "--time-limit", "1s"];
    let (code, text, errors) = test_client(run, &only);
    assert_eq!(code, Some(expected), "{text}{errors}");
    assert!(text.contains(says), "{text}");
}

/// Where the first whole session comes to nothing, that is said once for each form.
#[test]
fn no_case_behind_a_client_that_cannot_be_spoken_to() {
    let (code, text, _) = test_client("sh -c 'exit 9'", &["--rm", "1.0"]);
    assert_eq!(code, Some(12), "{text}");
    assert_eq!(text.matches("no other case was run").count(), 2, "{text}");
    assert!(text.contains("2 cases in "), "{text}");
}

/// Each case has an address, in the form that the service was told or in one that the path names; the page tells which
/// were visited.
#[rstest]
#[case::as_told("", &["--rm", "1.1"])]
#[case::by_path("rm-1.0/soap-1.1/request-reply/", &["--rm", "1.0", "--soap", "1.1"])]
#[case::by_another("soap-1.1/wsa-2004/", &["--rm", "1.1", "--soap", "1.1", "--addressing", "2004/08"])]
fn an_address_for_each_case(#[case] form: &str, #[case] client: &[&str]) {
    let service = Running::service(&["--cases", "--rm", "1.1"]);
    let url = service.url.as_str();
    let case = format!("{url}{form}case/loss.later-response");
    let sent = Command::new(WSRM).args(["send", &case, "-n", "2"]).args(client).output().unwrap();
    let text = page(url, &format!("/{form}"));
    assert!(String::from_utf8(sent.stdout).unwrap().contains("retransmissions   1"));
    assert_eq!(text.matches("<td class=run>running</td>").count(), 1, "{text}");
    let path = format!(">/{form}case/loss.later-response</a>");
    let row = text.split("<tr>").find(|row| row.contains(&path)).unwrap();
    assert!(row.contains("running"), "{row}");
    // Another form knows nothing of it.
    assert!(!page(url, "/rm-1.0/").contains("running"));
    assert!(page(url, "/one-way/").contains("RM 1.1, SOAP 1.2, WS-Addressing 1.0, one-way"));
    assert!(page(url, "/rm-2.0/").starts_with("HTTP/1.1 404 "));
}

fn page(url: &str, path: &str) -> String {
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// A client whose operation is its own is answered by what it needs.
#[test]
fn messages_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let [order, done] = ["order.xml", "done.xml"].map(|name| folder.path().join(name));
    std::fs::write(&order, "<Order xmlns=\"urn:orders\"><id>7</id></Order>").unwrap();
    std::fs::write(&done, "<Done xmlns=\"urn:orders\"><id>{text}</id></Done>").unwrap();
    let action = ["--action", "urn:orders/Submit"];
    let run = format!("{WSRM} send --from-environment --action urn:orders/Submit --body {}", order.display());
    let only = ["--rm", "1.1"];
    let answered = ["--body", done.to_str().unwrap()];
    let (code, text, errors) = test_client(
        &run,
        &[&only[..], &["--case", "whole.plain,loss.later-response"], &action, &answered].concat(),
    );
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{text}");
    assert!(text.contains(" 2 passed, 0 failed"), "{text}");
    let (code, text, errors) = test_client(&run, &[&only[..], &["--case", "whole.plain"], &action].concat());
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{text}");
    assert!(text.contains("one-way") && text.contains(" 1 passed, 0 failed"), "{text}");
}

#[rstest]
#[case::nobody("no-such-program {url}", &[], "there is no program \"no-such-program\"")]
#[case::quotes("client 'x", &[], "has no end")]
#[case::empty("", &[], "the command is empty")]
#[case::placeholder("client {uri}", &[], "{uri} stands for nothing")]
#[case::case("true", &["--case", "loss.nothing"], "--list names them")]
#[case::slow("true", &["--case", "loss.for-good"], "add --slow")]
#[case::no_answer("true", &["--action", "urn:a", "--pattern", "echo"], "--body is missing")]
#[case::side("true", &["--role", "destination"], "only the source is judged here")]
fn refusals(#[case] run: &str, #[case] arguments: &[&str], #[case] advice: &str) {
    let (code, _, errors) = test_client(run, arguments);
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains(advice), "{errors}");
}

/// What the client wrote is told without its secrets, on the console, as data and in the recording.
#[test]
fn secrets_that_the_client_writes_are_not_told() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("client.sh");
    let lines = ["Authorization: Basic c2VjcmV0", "<o:Password>secret</o:Password> refused"];
    let text: String = lines.iter().map(|line| format!("echo '{line}'\n")).collect();
    std::fs::write(&script, format!("{text}exit 0\n")).unwrap();
    let run = format!("sh {}", script.display());
    let record = folder.path().join("runs").display().to_string();
    let only = ["--rm", "1.1", "--pattern", "one-way", "--case", "whole.plain"];
    let (_, console, _) = test_client(&run, &[&only[..], &["--record", &record]].concat());
    let (_, json, _) = test_client(&run, &[&only[..], &["--json"]].concat());
    let scenario = folder.path().join("runs/rm11-soap12-wsa10-one-way/whole.plain/scenario.json");
    let scenario = std::fs::read_to_string(scenario).unwrap();
    for told in [&console, &json, &scenario] {
        assert!(told.contains("Basic redacted") && told.contains(">redacted<"), "{told}");
        assert!(!told.contains("c2VjcmV0") && !told.contains(">secret<"), "{told}");
    }
    let judged = Command::new(WSRM).args(["judge", "--quiet", &record]).output().unwrap();
    assert_eq!(judged.status.code(), Some(10), "{}", String::from_utf8_lossy(&judged.stdout));
}
