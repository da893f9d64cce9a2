//! `wsrm baseline` and `--baseline` as people and scripts meet them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rstest::rstest;
use serde_json::Value;

const BROKEN: &str = "gsoap/04-rm11-oneway-ack-on-200";
const OTHER: &str = "gsoap/08-rm11-duplicate";
const MARKER: &str = "REPLACE THIS by the reason why this deviation is accepted";

/// A folder with a baseline in it.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new(baseline: &str) -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        fs::write(desk.file(), baseline).unwrap();
        desk
    }

    /// The baseline of a recording, with reasons.
    fn of(recording: &str) -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        let (code, _, errors) = desk.write(&[recording]);
        assert_eq!(code, 0, "{errors}");
        desk.edit(MARKER, "gSOAP does so");
        desk
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("known.toml")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }

    fn edit(&self, from: &str, to: &str) {
        let text = self.text();
        assert!(text.contains(from), "{text}");
        fs::write(self.file(), text.replace(from, to)).unwrap();
    }

    fn write(&self, arguments: &[&str]) -> (i32, String, String) {
        run(&[&["baseline", "write", self.file().to_str().unwrap(), "judge", "--quiet"], arguments].concat())
    }

    fn judge(&self, arguments: &[&str]) -> (i32, String, String) {
        run(&[&["judge", "--baseline", self.file().to_str().unwrap(), "--quiet"], arguments].concat())
    }
}

fn run(arguments: &[&str]) -> (i32, String, String) {
    let recordings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/recordings");
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsrm"));
    let Output { status, stdout, stderr } = command.args(arguments).current_dir(recordings).output().unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn deviation(requirement: &str, where_it_shows: &str) -> String {
    format!(
        "[[deviation]]\nrequirement = {requirement:?}\nrole = \"destination\"\nreason = \"so\"\n{where_it_shows}\n"
    )
}

#[test]
fn what_is_known_fails_no_more() {
    let desk = Desk::of(BROKEN);
    let (code, stdout, stderr) = desk.judge(&[BROKEN]);
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    assert!(stdout.starts_with("deviations: 4 known, 0 new, 0 stale\n"), "{stdout}");
    assert!(stdout.contains(" 4 violated (4 must"), "the sum stays true: {stdout}");
    let (_, lines, _) = run(&["judge", BROKEN, "--json", "--baseline", desk.file().to_str().unwrap()]);
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let findings = lines[0]["findings"].as_array().unwrap();
    assert!(
        findings.iter().all(|finding| (finding["level"] == "must") == (finding["known"] == "gSOAP does so"))
    );
    assert_eq!(lines[1]["baseline"]["known"], 4);
}

#[rstest]
#[case::new(
    BROKEN,
    "requirement = \"close.final\"",
    "requirement = \"close.answered\"",
    10,
    "3 known, 1 new, 1 stale"
)]
#[case::elsewhere(
    BROKEN,
    "04-rm11-oneway-ack-on-200\"",
    "05-other\"",
    10,
    "0 known, 4 new, 0 stale; 4 not looked for"
)]
#[case::other_side(BROKEN, "role = \"destination\"", "role = \"source\"", 10, "new")]
#[case::not_run(OTHER, "gSOAP", "gSOAP", 10, "0 known, 6 new, 0 stale; 4 not looked for")]
fn what_is_new_fails(
    #[case] recording: &str,
    #[case] from: &str,
    #[case] to: &str,
    #[case] expected: i32,
    #[case] changes: &str,
) {
    let desk = Desk::of(BROKEN);
    desk.edit(from, to);
    let (code, stdout, stderr) = desk.judge(&[recording]);
    assert_eq!((code, stderr.as_str()), (expected, ""), "{stdout}");
    assert!(stdout.contains(changes), "{stdout}");
}

#[rstest]
#[case::looked_for("recordings = [\"04-rm11-oneway-ack-on-200\"]", &[], 13)]
#[case::kept_somewhere("", &[], 13)]
#[case::a_case("cases = [\"close.repeated\"]", &[], 0)]
#[case::elsewhere("recordings = [\"05\"]", &[], 0)]
#[case::left_out("", &["--exclude", "create.response-identifier-unique"], 0)]
#[case::other_side("", &["--exclude", "destination"], 0)]
fn what_is_gone_fails(#[case] place: &str, #[case] options: &[&str], #[case] expected: i32) {
    let desk = Desk::of(BROKEN);
    let text = desk.text() + &deviation("create.response-identifier-unique", place);
    fs::write(desk.file(), text).unwrap();
    let (code, stdout, stderr) = desk.judge(&[&[BROKEN], options].concat());
    let role_left_out = options.contains(&"destination");
    assert_eq!((code, stderr.as_str()), (expected, ""), "{stdout}");
    assert_eq!(
        stdout.contains("stale create.response-identifier-unique, by the destination"),
        expected == 13,
        "{stdout}"
    );
    assert!(role_left_out || stdout.contains("4 known, 0 new"), "{stdout}");
}

#[test]
fn writing_again_keeps_what_is_true() {
    let desk = Desk::of(BROKEN);
    let text = desk.text();
    let more = [
        deviation("create.response-identifier-unique", ""),
        deviation("close.final", "cases = [\"close.repeated\"]"),
    ];
    fs::write(desk.file(), format!("{text}{}", more.concat())).unwrap();
    let (code, _, _) = desk.write(&[BROKEN, OTHER]);
    assert_eq!(code, 0);
    let written = desk.text();
    assert!(!written.contains("create.response-identifier-unique"), "what is gone is taken out: {written}");
    assert!(written.contains("close.repeated"), "what was not looked for stays: {written}");
    assert_eq!(written.matches("gSOAP does so").count(), 4, "{written}");
    assert_eq!(written.matches(MARKER).count(), 6, "{written}");
}

#[rstest]
#[case::chosen(&["--level", "must", BROKEN], 2, "the run is not whole")]
#[case::left_out(&["--exclude", "create", BROKEN], 2, "the run is not whole")]
#[case::unread(&[BROKEN, "no-such-folder"], 12, "the run is not whole: 1 of it in trouble")]
fn a_run_that_is_not_whole_is_not_written(
    #[case] arguments: &[&str],
    #[case] expected: i32,
    #[case] why: &str,
) {
    let desk = Desk::new("");
    let (code, _, errors) = desk.write(arguments);
    assert_eq!(code, expected, "{errors}");
    assert!(errors.contains(why), "{errors}");
    assert_eq!(desk.text(), "");
}

#[test]
fn cases_that_are_chosen_are_not_written() {
    let desk = Desk::new("");
    let file = desk.file();
    let test =
        ["baseline", "write", file.to_str().unwrap(), "test", "http://127.0.0.1:9/", "--case", "close"];
    let (code, _, errors) = run(&test);
    assert_eq!(code, 2, "{errors}");
    assert!(errors.contains("the run is not whole"), "{errors}");
}

#[rstest]
#[case::marker(
    "reason = \"so\"",
    "reason = \"REPLACE THIS by the reason why this deviation is accepted\"",
    "has no reason"
)]
#[case::empty("reason = \"so\"", "reason = \" \"", "deviation 1 (close.final): it has no reason")]
#[case::none("reason = \"so\"", "", "missing field `reason`")]
#[case::requirement(
    "close.final",
    "close.finale",
    "\"close.finale\" is no requirement; there is close.final"
)]
#[case::unjudged("close.final", "ack.cumulative", "ack.cumulative cannot be judged")]
#[case::case(
    "reason = \"so\"",
    "reason = \"so\"\ncases = [\"close.repeat\"]",
    "\"close.repeat\" is no case; there is close.repeated"
)]
#[case::unknown_key("reason = \"so\"", "reason = \"so\"\nlevel = \"must\"", "unknown field `level`")]
#[case::role("\"destination\"", "\"either\"", "unknown variant `either`")]
fn refuses(#[case] from: &str, #[case] to: &str, #[case] why: &str) {
    let desk = Desk::new(&deviation("close.final", ""));
    desk.edit(from, to);
    let (code, _, errors) = desk.judge(&[BROKEN]);
    assert_eq!(code, 2, "{errors}");
    assert!(errors.contains("known.toml: ") && errors.contains(why), "{errors}");
}
