//! `wsrm judge` as people and scripts meet it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rstest::rstest;
use serde_json::Value;

const CLEAN: &str = "wcf/A-echo-rm11-s12a10-ord";
const BROKEN: &str = "gsoap/04-rm11-oneway-ack-on-200";

fn recordings() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/recordings")
}

fn run(arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsrm"));
    let Output { status, stdout, stderr } =
        command.arg("judge").args(arguments).current_dir(recordings()).output().unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn snapshot(name: &str, content: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../../golden/judge");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, content));
}

/// A copy of a recording in which each `from` of one file is `to`.
fn edited(recording: &str, file: &str, from: &str, to: &str) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(recordings().join(recording)).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    let path = copy.path().join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    assert_eq!(from.len(), to.len(), "Content-Length stays true");
    fs::write(path, text.replace(from, to)).unwrap();
    copy
}

#[rstest]
#[case::plain("plain", 10, &["--width", "100", BROKEN])]
#[case::json("json", 10, &["--json", BROKEN])]
#[case::several("several", 10, &["--quiet", BROKEN, CLEAN, "gsoap/64-client-vs-fault11"])]
#[case::capture("capture", 0, &["../captures/malformed.svclog", "../captures/two-sessions.svclog"])]
fn judges(#[case] name: &str, #[case] exit: i32, #[case] arguments: &[&str]) {
    let (code, stdout, stderr) = run(arguments);
    assert_eq!((code, stderr.as_str()), (exit, ""));
    assert!(!stdout.contains('\u{1b}'), "colours go to terminals alone");
    snapshot(name, &stdout);
}

#[rstest]
#[case::clean(0, &[CLEAN])]
#[case::must(10, &[BROKEN])]
#[case::difference(0, &["--level", "may,observed", BROKEN])]
#[case::difference_counts(11, &["--strict", "--level", "may,observed", BROKEN])]
#[case::other_side(0, &["--role", "destination", "--requirement", "sequence.must-understand", BROKEN])]
#[case::left_out(0, &["--exclude", "create,sequence,ack,close", BROKEN])]
#[case::only_should(11, &["--level", "should", "gsoap/17-rm11-expired"])]
#[case::not_there(12, &["no-such-folder", CLEAN])]
#[case::violated_and_not_there(10, &["no-such-folder", BROKEN])]
#[case::no_capture(12, &["README.md"])]
#[case::bad_family(2, &["--family", "must", BROKEN])]
#[case::cannot_be_judged(2, &["--requirement", "ack.cumulative", BROKEN])]
#[case::nothing_left(2, &["--level", "must", "--exclude", "source,destination", BROKEN])]
#[case::bad_level(2, &["--level", "harsh", BROKEN])]
fn says_how_it_came_out(#[case] exit: i32, #[case] arguments: &[&str]) {
    let (code, stdout, stderr) = run(arguments);
    assert_eq!(code, exit, "{stdout}{stderr}");
}

#[test]
fn a_word_that_selects_nothing_is_answered_by_what_is_like_it() {
    let (code, _, stderr) = run(&["--exclude", "ack.finals", CLEAN]);
    assert_eq!(code, 2);
    assert!(stderr.contains("\"ack.finals\" is no level, family, role or id of a requirement"), "{stderr}");
    assert!(stderr.contains("there is ack."), "{stderr}");
}

#[test]
fn a_recording_that_cannot_be_read_hides_no_other() {
    let tree = tempfile::tempdir().unwrap();
    for (name, scenario) in [("a", "not json"), ("b", "{}")] {
        fs::create_dir(tree.path().join(name)).unwrap();
        fs::write(tree.path().join(name).join("scenario.json"), scenario).unwrap();
    }
    let (code, stdout, stderr) = run(&[tree.path().to_str().unwrap()]);
    assert_eq!(code, 12);
    assert!(stderr.contains("a/scenario.json: expected ident"), "{stderr}");
    assert!(stdout.lines().next().unwrap().contains("/b: kept, 0 met"), "{stdout}");
}

#[test]
fn one_wrong_number_is_found_where_it_stands() {
    let copy = edited(CLEAN, "03-response.http", "Upper=\"2\"", "Upper=\"7\"");
    let (code, stdout, _) = run(&["--json", copy.path().to_str().unwrap()]);
    assert_eq!(code, 10);
    let verdict: Value = serde_json::from_str(&stdout).unwrap();
    let found: BTreeSet<String> = verdict["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["level"] == "must")
        .map(|finding| format!("{} {} {}", finding["requirement"], finding["role"], finding["messages"][0]))
        .collect();
    assert!(found.contains("\"ack.only-received\" \"destination\" \"03-response\""), "{found:?}");
}

#[rstest]
#[case::response("03-response", "Upper=\"2\"", "Upper=\"7\"")]
#[case::request("03-request", "<r:MessageNumber>2<", "<r:MessageNumber>9<")]
fn what_the_recorder_changed_is_nobodys_fault(#[case] name: &str, #[case] from: &str, #[case] to: &str) {
    let copy = edited(CLEAN, &format!("{name}.http"), from, to);
    let file = |ending: &str| copy.path().join(format!("{name}{ending}.http"));
    fs::rename(file(""), file(".altered")).unwrap();
    fs::copy(recordings().join(CLEAN).join(format!("{name}.http")), file(".dropped")).unwrap();
    let (_, stdout, stderr) = run(&["--json", copy.path().to_str().unwrap()]);
    assert_eq!(stderr, "");
    let verdict: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(verdict["findings"], Value::Array(Vec::new()));
}

/// What stands against WCF is an erratum or a difference; all else stands against what was made by hand.
#[test]
fn wcf_violates_nothing() {
    let (_, stdout, stderr) = run(&["--json", "wcf", "wcf-10"]);
    assert_eq!(stderr, "");
    let mut count = 0;
    for line in stdout.lines() {
        count += 1;
        let verdict: Value = serde_json::from_str(line).unwrap();
        let folder = verdict["recording"].as_str().unwrap();
        let scenario = fs::read(recordings().join(folder).join("scenario.json")).unwrap();
        let scenario: Value = serde_json::from_slice(&scenario).unwrap();
        for finding in verdict["findings"].as_array().unwrap() {
            let side = if finding["role"] == "source" { "client" } else { "service" };
            let program = scenario[side].as_str().unwrap_or_default();
            let is_wcf = ["dotnet/wcf", "CoreWCF"].iter().any(|name| program.contains(name));
            let is_failing = ["must", "should", "wcf"].contains(&finding["level"].as_str().unwrap());
            let is_excused = finding["erratum"].is_string();
            assert!(!(is_wcf && is_failing) || is_excused, "{folder}: {finding}");
        }
    }
    assert!(count > 290, "{count} recordings");
}
