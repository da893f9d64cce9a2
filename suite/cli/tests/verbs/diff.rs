//! `wsrm diff` as people and scripts meet it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rstest::rstest;
use serde_json::Value;

const CLEAN: &str = "wcf/A-echo-rm11-s12a10-ord";

fn recordings() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/recordings")
}

fn run(arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsrm"));
    let Output { status, stdout, stderr } =
        command.arg("diff").args(arguments).current_dir(recordings()).output().unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// A copy of a recording in a folder of its name.
fn copy(tree: &Path) -> PathBuf {
    let folder = tree.join("session");
    fs::create_dir(&folder).unwrap();
    for entry in fs::read_dir(recordings().join(CLEAN)).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
    }
    folder
}

fn edit(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from}: {text}");
    assert_eq!(from.len(), to.len(), "Content-Length stays true");
    fs::write(file, text.replace(from, to)).unwrap();
}

#[rstest]
#[case::itself(CLEAN, CLEAN, 0, ": the same, 10 messages")]
#[case::other_release(
    "wcf/B-bufzero-oneway-rm10",
    "wcf-10/B-bufzero-oneway-rm10",
    0,
    ": the same, 14 messages"
)]
#[case::other_version(CLEAN, "wcf/A-echo-rm10-s12a10-ord", 1, "namespace: A")]
#[case::capture(CLEAN, "../captures/echo-rm11-service.svclog", 1, "First divergence: ")]
#[case::not_there(CLEAN, "no-such", 2, "")]
#[case::no_capture(CLEAN, "README.md", 2, "")]
fn compares(#[case] a: &str, #[case] b: &str, #[case] expected: i32, #[case] told: &str) {
    let (code, stdout, stderr) = run(&[a, b]);
    assert_eq!(code, expected, "{stdout}{stderr}");
    assert!(stdout.contains(told), "{stdout}");
}

/// The message at which they part, and the element in it; other identifiers and moments are no difference.
#[rstest]
#[case::number(
    "03-response.http",
    "Upper=\"2\"",
    "Upper=\"7\"",
    "03-response",
    "AcknowledgementRange/@Upper"
)]
fn finds_where_they_part(
    #[case] file: &str,
    #[case] from: &str,
    #[case] to: &str,
    #[case] message: &str,
    #[case] part: &str,
) {
    let tree = tempfile::tempdir().unwrap();
    let folder = copy(tree.path());
    edit(&folder.join(file), from, to);
    let (code, stdout, _) = run(&["--json", CLEAN, folder.to_str().unwrap()]);
    assert_eq!(code, 1, "{stdout}");
    let value: Value = serde_json::from_str(&stdout).unwrap();
    let first = &value["difference"]["first"];
    assert_eq!(
        (&first["a"]["message"], &first["b"]["message"]),
        (&message.into(), &message.into()),
        "{stdout}"
    );
    let parts: Vec<&str> =
        first["parts"].as_array().unwrap().iter().map(|part| part["name"].as_str().unwrap()).collect();
    assert!(parts.len() == 1 && parts[0].ends_with(part), "{parts:?}");
    let body = fs::read_to_string(folder.join(file)).unwrap();
    let body = body.split_once("\r\n\r\n").unwrap().1;
    let at = body.find(to).unwrap() + "Upper=\"".len();
    assert_eq!((&first["parts"][0]["at_a"], &first["parts"][0]["at_b"]), (&at.into(), &at.into()));
}

/// A pause is told, and is no difference.
#[test]
fn pauses_are_compared_apart() {
    let tree = tempfile::tempdir().unwrap();
    let folder = copy(tree.path());
    let file = folder.join("scenario.json");
    let mut scenario: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    for entry in scenario["timeline"].as_array_mut().unwrap() {
        if entry["n"].as_u64().is_some_and(|number| number >= 4) {
            for key in ["t_ms", "resp_t_ms"] {
                entry[key] = (entry[key].as_f64().unwrap() + 5000.0).into();
            }
        }
    }
    fs::write(&file, scenario.to_string()).unwrap();
    let (code, stdout, _) = run(&[CLEAN, folder.to_str().unwrap()]);
    assert_eq!(code, 0, "{stdout}");
    let told = stdout.split_once("Pauses that are not alike").unwrap().1;
    assert!(told.contains("before CloseSequence S1") && told.contains("(04-request)"), "{stdout}");
}

/// Secrets are neither compared nor shown.
#[test]
fn secrets_are_not_told() {
    const SECURITY: &str =
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (a, b) = (copy(a.path()), copy(b.path()));
    for (folder, secret) in [(&a, "hunter2"), (&b, "correct horse")] {
        let file = folder.join("02-request.http");
        let text = fs::read_to_string(&file).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let header = format!("<q:Security xmlns:q=\"{SECURITY}\">{secret}</q:Security></s:Header>");
        let body = body.replacen("</s:Header>", &header, 1);
        let start = head.lines().next().unwrap();
        fs::write(&file, format!("{start}\r\nContent-Length: {}\r\n\r\n{body}", body.len())).unwrap();
    }
    let [a, b] = [&a, &b].map(|folder| folder.to_str().unwrap());
    assert_eq!(run(&[a, b]).0, 0);
    for arguments in [&[a, CLEAN][..], &["--json", a, CLEAN]] {
        let (code, stdout, _) = run(arguments);
        assert_eq!(code, 1);
        assert!(stdout.contains("a secret") && !stdout.contains("hunter2"), "{stdout}");
    }
}

#[test]
fn a_message_that_one_lacks_is_named() {
    let tree = tempfile::tempdir().unwrap();
    let folder = copy(tree.path());
    for half in ["request", "response"] {
        fs::remove_file(folder.join(format!("04-{half}.http"))).unwrap();
    }
    let (code, stdout, _) = run(&["--width", "100", CLEAN, folder.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(stdout.contains("6 messages are the same, then they part"), "{stdout}");
    assert!(stdout.contains("First divergence: another message: A CloseSequence"), "{stdout}");
    assert_eq!(stdout.matches("├── CreateSequence").count(), 1, "the common part stands once: {stdout}");
    assert!(stdout.contains("≠A") && stdout.contains("≠B"), "{stdout}");
    assert!(stdout.contains("→ CloseSequence: 1 in A, 0 in B"), "{stdout}");
}

#[test]
fn folders_are_paired_by_name() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let folder = copy(a.path());
    fs::rename(&folder, a.path().join("alone")).unwrap();
    copy(a.path());
    copy(b.path());
    let (code, stdout, stderr) = run(&[a.path().to_str().unwrap(), b.path().to_str().unwrap()]);
    assert_eq!((code, stderr.as_str()), (1, ""), "{stdout}");
    assert!(stdout.contains("alone: only in A") && stdout.contains("session: the same"), "{stdout}");
    assert!(stdout.starts_with("0 of 1 pairs differ\n"), "{stdout}");
}
