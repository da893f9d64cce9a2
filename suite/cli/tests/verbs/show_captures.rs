//! `wsrm show` with the files of other tools.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rstest::rstest;

fn capture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/captures").join(name)
}

fn show(arguments: &[&str], path: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wsrm")).arg("show").args(arguments).arg(path).output().unwrap()
}

#[test]
fn shows_session_after_session_and_what_was_left_out() {
    let output = show(&[], &capture("two-sessions.svclog"));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    let titles: Vec<_> = text.lines().filter(|line| line.starts_with("two-sessions.svclog")).collect();
    assert_eq!(
        titles,
        [
            "two-sessions.svclog: WCF message log, seen by the service, session 1 of 2",
            "two-sessions.svclog: WCF message log, seen by the service, session 2 of 2"
        ]
    );
    assert!(text.ends_with("\nLeft out: 1 SOAP exchange without reliable messaging.\n"), "{text}");
}

#[rstest]
#[case::silence("browser.har", "2 no response: net::ERR_EMPTY_RESPONSE")]
#[case::place("echo-rm10-client.svclog", "3 request: Echo S1#2, Ack R1 1-1  record 5 (line 1, byte 7705)")]
#[case::unknown("cut-and-appended.svclog", "2 no response: there is none in the log")]
fn shows_messages_with_their_places(#[case] name: &str, #[case] line: &str) {
    let output = show(&["--messages"], &capture(name));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.lines().any(|found| found == line), "{text}");
}

#[test]
fn the_name_of_a_file_means_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mail-attachment.txt");
    fs::copy(capture("proxy.saz"), &path).unwrap();
    let output = show(&[], &path);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("mail-attachment.txt: Fiddler archive, seen by the proxy\n"), "{text}");
}

#[test]
fn a_capture_without_reliable_messaging_is_said_to_be_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace.svclog");
    fs::write(&path, "<E2ETraceEvent><ApplicationData>hello</ApplicationData></E2ETraceEvent>").unwrap();
    let output = show(&[], &path);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(error.contains("trace.svclog: no reliable session in this WCF message log\n"), "{error}");
    assert!(error.contains("Left out: 1 trace event that is no message."), "{error}");
}
