//! `wsrm explain` and `wsrm list` as people and scripts meet them.

use std::io::{ErrorKind, Write as _};
use std::process::{Command, Output, Stdio};

use rstest::rstest;

fn run(arguments: &[&str], input: &[u8]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsrm"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let written = child.stdin.take().unwrap().write_all(input);
    // Wrong arguments are refused before anything is read.
    assert!(written.is_ok() || written.is_err_and(|error| error.kind() == ErrorKind::BrokenPipe));
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn snapshot(name: &str, content: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../../golden/explain");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, content));
}

/// What a mail holds: wrapped lines that are quoted, an inner exception and a stack trace.
const MAIL: &str = "\
Hi, since the update we get this every morning:\r\n\
> System.ServiceModel.CommunicationException: The remote endpoint no longer\r\n\
> recognizes this sequence. This is most likely due to an abort on the remote\r\n\
> endpoint. The value of wsrm:Identifier is not a known Sequence identifier. The\r\n\
> reliable session was faulted.\r\n\
>    at System.ServiceModel.Channels.ReliableRequestSessionChannel.SyncRequest.WaitForReply(TimeSpan timeout)\r\n\
>    at System.ServiceModel.Channels.ServiceChannel.Call(String action, Boolean oneway, Object[] ins)\r\n\
Any idea?\r\n";

/// A fault as a German service sends it, pasted whole.
const GERMAN_FAULT: &str = r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value>
<s:Subcode><s:Value xmlns:a="http://docs.oasis-open.org/ws-rx/wsrm/200702">a:WsrmRequired</s:Value></s:Subcode></s:Code><s:Reason>
<s:Text xml:lang="de-DE">Der RM-Server verlangt das Protokoll WS-ReliableMessaging 1.1.</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>"#;

#[rstest]
#[case("mail", &["explain"], MAIL)]
#[case("german-fault", &["explain", "-"], GERMAN_FAULT)]
#[case("exception-type", &["explain", "CommunicationObjectFaultedException"], "")]
#[case("part", &["explain", "space", "available", "in", "the", "reliable", "chan"], "")]
#[case("refused", &["explain", "The request to create a reliable session has been refused by the RM Destination. The endpoint at http://host/x.svc processes reply sessions. The create sequence request must contain an offer for a return sequence. This is likely caused by a binding mismatch. The channel could not be opened."], "")]
#[case("default-versions", &["explain", "The RM server requires the use of WS-ReliableMessaging 1.1 protocol."], "")]
#[case("requirement", &["explain", "create.acks-to"], "")]
#[case("mail.json", &["explain", "--json"], MAIL)]
#[case("requirement.json", &["explain", "--json", "create.acks-to"], "")]
#[case("list", &["list", "--level", "wcf", "--family", "create", "--role", "source"], "")]
fn answers(#[case] name: &str, #[case] arguments: &[&str], #[case] input: &str) {
    let (code, stdout, stderr) = run(arguments, input.as_bytes());
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(!stdout.contains('\u{1b}'), "colours go to terminals alone");
    snapshot(name, &stdout);
}

#[rstest]
#[case("unknown", &["explain", "no endpoint is listening"])]
#[case("unknown.json", &["explain", "--json", "no endpoint is listening"])]
#[case("unknown-requirement", &["explain", "create.acks"])]
#[case("list-nothing", &["list", "--text", "no requirement says this"])]
fn shows_what_comes_near(#[case] name: &str, #[case] arguments: &[&str]) {
    let (code, stdout, stderr) = run(arguments, b"");
    assert_eq!((code, stderr.as_str()), (1, ""));
    snapshot(name, &stdout);
}

#[rstest]
#[case::no_text(&["explain"], "there is no text")]
#[case::no_such_family(&["list", "--family", "qqq"], "--family qqq: \"qqq\" is no level, family, role or id of a requirement; `wsrm list` has them")]
#[case::no_family(&["list", "--family", "must"], "--family must: it is no family; there are soap, http")]
#[case::nothing_of_all(&["list", "--level", "may", "--exclude", "source,destination"], "no requirement is of all that is asked for")]
#[case::no_such_level(&["list", "--level", "high"], "possible values: must, should, wcf, may, observed")]
fn refuses(#[case] arguments: &[&str], #[case] why: &str) {
    let (code, stdout, stderr) = run(arguments, b" \n");
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.contains(why), "{stderr}");
}

#[test]
fn reads_what_windows_saves() {
    let text = "\u{feff}The server is too busy.";
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (code, stdout, _) = run(&["explain"], &bytes);
    assert_eq!(code, 0);
    assert!(stdout.contains("too-busy"), "{stdout}");
}

#[rstest]
#[case::role(&["--role", "destination"], "role", &["destination", "either"])]
#[case::level(&["--level", "may", "--level", "observed"], "level", &["may", "observed"])]
#[case::left_out(&["--exclude", "must,wcf,source"], "level", &["should", "may", "observed"])]
fn selects(#[case] arguments: &[&str], #[case] field: &str, #[case] allowed: &[&str]) {
    let all = [&["list", "--json"], arguments].concat();
    let (code, stdout, _) = run(&all, b"");
    assert_eq!(code, 0);
    let value: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let requirements = value.get("requirements").and_then(|list| list.as_array()).unwrap();
    assert!(requirements.len() > 10);
    for requirement in requirements {
        let found = requirement.get(field).and_then(|value| value.as_str()).unwrap();
        assert!(allowed.contains(&found), "{requirement}");
    }
}
