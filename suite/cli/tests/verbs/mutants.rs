//! `wsrm mutants`, and a service with a bug.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::running::Running;

fn wsrm(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } =
        Command::new(env!("CARGO_BIN_EXE_wsrm")).args(arguments).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// All are killed, in JSON as in text, and it is said that the second measure is left out.
#[test]
fn all_are_killed() {
    let (code, text, errors) = wsrm(&["mutants", "--recordings", "no-such-folder", "--json"]);
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{text}");
    let value: Value = serde_json::from_str(&text).unwrap();
    let score = &value["score"];
    assert_eq!(score["killed"], score["mutants"], "{score}");
    assert!(value["mutants"].as_array().unwrap().iter().all(|mutant| mutant["killed"] == true));
    let without = score["without"].as_array().unwrap().len() as u64;
    assert_eq!(score["with_mutant"].as_u64().unwrap() + without, score["judged"].as_u64().unwrap());
    assert_eq!(value["wounds"], Value::Null);
}

/// One recording is enough for the second measure.
#[test]
fn recordings_are_wounded() {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/recordings/wcf/A-echo-rm11-s12a10-ord");
    let (code, text, _) = wsrm(&["mutants", "--recordings", folder.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("1 recordings of WCF, with one edit each:"), "{text}");
}

/// One mutant is shown with what is reported of it.
#[test]
fn one_is_shown() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden/mutants");
    insta::with_settings!({
        snapshot_path => golden,
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        for name in ["close.final-left-out", "delivery.gap-overlooked"] {
            let (code, text, _) = wsrm(&["mutants", name, "--width", "110"]);
            assert_eq!(code, Some(0), "{text}");
            // How much is met grows with the catalogue.
            let lines: Vec<&str> = text.lines().filter(|line| !line.ends_with("not exercised")).collect();
            insta::assert_snapshot!(name, lines.join("\n"));
        }
    });
}

#[test]
fn names_are_looked_for() {
    let (code, _, errors) = wsrm(&["mutants", "close.final-left"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("close.final-left-out"), "{errors}");
    let (code, text, _) = wsrm(&["mutants", "--list", "close.final"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("close.final-once"), "{text}");
    let (code, _, errors) = wsrm(&["serve", "--mutant", "sequence.from-zero"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("a bug of a client"), "{errors}");
    let (code, _, errors) = wsrm(&["send", "http://127.0.0.1:9/", "--mutant", "close.final-left-out"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("a bug of a service"), "{errors}");
}

/// A live service with a bug fails the test by the requirement that the bug breaks.
#[test]
fn a_service_has_it_too() {
    let service = Running::service(&["--rm", "1.1", "--mutant", "ack.twice"]);
    let (code, text, _) = wsrm(&["test", &service.url, "--case", "session.plain"]);
    assert_eq!(code, Some(10), "{text}");
    assert!(text.contains("ack.single-per-sequence"), "{text}");
}

/// A live client with a bug is found by who stands between: at once, in what was recorded, and by the suite that starts it.
#[test]
fn a_client_has_it_too() {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("run");
    let record = record.to_str().unwrap();
    let service = Running::service(&["--rm", "1.1"]);
    let proxy = Running::start("proxy", &["--to", &service.url, "--record", record]);
    let bug = ["--rm", "1.1", "-n", "2", "--mutant", "sequence.may-be-ignored"];
    let (code, text, errors) = wsrm(&[&["send", &proxy.url], &bug[..]].concat());
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{text}");
    assert!(text.contains("its application saw all delivered and the session ended"), "{text}");
    let (code, shown) = proxy.interrupt_for_code();
    assert_eq!(code, Some(10), "{shown}");
    let (code, judged, _) = wsrm(&["judge", record]);
    assert_eq!(code, Some(10), "{judged}");
    for told in [&shown, &judged] {
        assert!(told.contains("sequence.must-understand, by the source"), "{told}");
    }
}
