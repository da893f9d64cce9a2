//! `wsrm show` and `wsrm replay` as people and scripts meet them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rstest::rstest;
use serde_json::Value;

fn recordings() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/recordings")
}

fn run(arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsrm"));
    let Output { status, stdout, stderr } =
        command.args(arguments).current_dir(recordings()).output().unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn snapshot(name: &str, content: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../../golden/show");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, content));
}

#[rstest]
#[case::recording("recording", &["wcf/B-appfault-rm11"])]
#[case::messages("messages", &["--messages", "--headers", "wcf/B-oneway-req-dropped-rm10"])]
#[case::message("message", &["wcf/A-echo-rm11-s11a10-ord/03-response.http"])]
#[case::fault("fault", &["wcf/C-unknown-seq-echo11s11a10/01-response.http"])]
#[case::wsdl("wsdl", &["--width", "80", "wcf/F-wsdl/rm11.http"])]
#[case::html("html", &["wcf/D-cs-html-rm10/01-response.http"])]
#[case::fast_infoset("fast-infoset", &["metro/A-echo-rm11-fastinfoset/01-response.http"])]
#[case::broken("broken", &["wcf/C-bad-requests-echo10s12a10/12-request.http"])]
fn shows(#[case] name: &str, #[case] arguments: &[&str]) {
    let (code, stdout, stderr) = run(&[&["show"], arguments].concat());
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(!stdout.contains('\u{1b}'), "colours go to terminals alone");
    snapshot(name, &stdout);
}

#[rstest]
#[case::bare_xml("<a><b>c</b></a>", "XML that is no SOAP envelope: its root is a\n<a>\n  <b>c</b>\n</a>\n")]
#[case::text("hello", "text, no SOAP message\nhello\n")]
#[case::empty("", "an empty file\n")]
#[case::envelope(
    "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body/></s:Envelope>",
    "message without Action\n"
)]
fn shows_any_file(#[case] content: &str, #[case] expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file.xml");
    fs::write(&file, content).unwrap();
    let (code, stdout, stderr) = run(&["show", file.to_str().unwrap()]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.starts_with(&format!("file.xml: {expected}")), "{stdout}");
}

#[rstest]
#[case::nothing(&["show", "no/such/path"], "No such file or directory")]
#[case::no_recording(&["show", "wcf/A-echo-rm10-noflow/.."], "")]
#[case::replay_nothing(&["replay", "no/such/path"], "No such file or directory")]
#[case::no_errata(&["replay", "--errata", "no.toml", "wcf/F-wsdl"], "no.toml")]
fn says_what_cannot_be_read(#[case] arguments: &[&str], #[case] expected: &str) {
    let (code, _, stderr) = run(arguments);
    if expected.is_empty() {
        assert_eq!(code, 0);
    } else {
        assert_eq!(code, 2);
        assert!(stderr.contains(expected), "{stderr}");
    }
}

#[test]
fn the_last_line_of_a_replay_sums_up() {
    let (code, stdout, stderr) = run(&["replay", "wcf-10", "wcf/A-mixed-rm10", "wcf/F-wsdl"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    let last = "32 recordings, 326 messages compared: 326 identical, 0 equivalent, 0 different";
    assert_eq!(stdout.lines().last(), Some(last), "{stdout}");
    let (_, responder, _) = run(&["replay", "--quiet", "--role", "responder", "wcf/A-mixed-rm10"]);
    assert_eq!(responder, "1 recordings, 6 messages compared: 6 identical, 0 equivalent, 0 different\n");
}

#[test]
fn a_replay_is_data_too() {
    let (code, stdout, _) =
        run(&["replay", "--json", "cross/wcf--metro-echo-rm11", "wcf-10/B-window2-echo-rm11"]);
    assert_eq!(code, 0);
    let data: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(data["totals"]["recordings"], 2);
    assert_eq!(data["totals"]["different"], 0);
    let roles = &data["recordings"][0]["roles"];
    let (responder, initiator) = (&roles[0], &roles[1]);
    assert_eq!((&responder["role"], &responder["compared"]), (&"responder".into(), &false.into()));
    assert_eq!((&initiator["role"], &initiator["compared"]), (&"initiator".into(), &true.into()));
    assert_eq!(initiator["messages"][1]["verdict"], "identical");
    assert_eq!(initiator["messages"][1]["message"], "Echo S1#1");
    let text = data["recordings"][1].to_string();
    assert!(text.contains("\"rules\":[\"repetition-race\"]"), "{text}");
}

#[test]
fn a_difference_is_found_and_shown() {
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(recordings().join("wcf/A-echo-rm10-s12a10-ord")).unwrap() {
        let entry = entry.unwrap();
        let text = fs::read_to_string(entry.path()).unwrap();
        fs::write(copy.path().join(entry.file_name()), text.replace(">8</netrm", ">7</netrm")).unwrap();
    }
    let (code, stdout, _) = run(&["replay", copy.path().to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(stdout.contains("the body differs"), "{stdout}");
    assert!(stdout.contains("-      <netrm:BufferRemaining"), "{stdout}");
    assert!(stdout.ends_with("4 different\n"), "{stdout}");
    let (code, ladder, _) =
        run(&["replay", "--ladder", "--role", "initiator", copy.path().to_str().unwrap()]);
    assert_eq!(code, 0);
    assert!(ladder.contains("├── CreateSequence, Offer R1"), "{ladder}");
}

#[test]
fn a_recording_that_cannot_be_read_keeps_no_other_from_being_replayed() {
    let tree = tempfile::tempdir().unwrap();
    for (name, scenario) in [("a", "not json"), ("b", "{\"service\": \"scripted\"}")] {
        fs::create_dir(tree.path().join(name)).unwrap();
        fs::write(tree.path().join(name).join("scenario.json"), scenario).unwrap();
    }
    let (code, stdout, stderr) = run(&["replay", tree.path().to_str().unwrap()]);
    assert_eq!(code, 2);
    assert!(stderr.contains("a/scenario.json: expected ident"), "{stderr}");
    let last = "1 recordings, 0 messages compared: 0 identical, 0 equivalent, 0 different";
    assert_eq!(stdout.lines().last(), Some(last));
}

/// Credentials and security headers are not shown, whatever form the file has; all beside them is as it was recorded.
#[test]
fn secrets_are_not_shown() {
    const SECURITY: &str =
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
    let tree = tempfile::tempdir().unwrap();
    let folder = tree.path().join("session");
    fs::create_dir(&folder).unwrap();
    let header = format!("<q:Security xmlns:q=\"{SECURITY}\">hunter2</q:Security>");
    let mut plain = String::new();
    for entry in fs::read_dir(recordings().join("wcf/A-echo-rm11-s12a10-ord")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let mut text = fs::read_to_string(entry.path()).unwrap();
        if name == "02-request.http" {
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            plain = body.to_owned();
            let body = body.replacen("</s:Header>", &format!("{header}</s:Header>"), 1);
            let start = head.lines().next().unwrap();
            let length = format!("Authorization: Basic hunter2\r\nContent-Length: {}", body.len());
            text = format!("{start}\r\n{length}\r\n\r\n{body}");
            fs::write(folder.join("bare.xml"), &body).unwrap();
        }
        fs::write(folder.join(name), text).unwrap();
    }
    let path = |name: &str| folder.join(name).display().to_string();
    let session = folder.display().to_string();
    let whole = ["show", "--messages", "--headers", session.as_str()];
    let (_, recording, _) = run(&whole);
    let (_, message, _) = run(&["show", &path("02-request.http")]);
    let (_, bare, _) = run(&["show", &path("bare.xml")]);
    for shown in [&recording, &message, &bare] {
        assert!(shown.contains(">redacted</q:Security>"), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    assert!(recording.contains("Authorization: Basic redacted"));
    let identifier = plain.split_once("Identifier>").and_then(|(_, rest)| rest.split_once('<')).unwrap().0;
    assert!(bare.contains(identifier) && message.contains(identifier));
}
