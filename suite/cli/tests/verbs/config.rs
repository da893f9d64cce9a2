//! `wsrm config` as people and scripts meet it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rstest::rstest;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/config")
}

fn wsrm(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsrm"));
    command.arg("config").args(arguments).current_dir(fixtures());
    command
}

fn run(arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = wsrm(arguments).output().unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn snapshot(name: &str, content: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../../golden/config");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, content));
}

#[rstest]
#[case("all-settings", 0)]
#[case("bindings-alone", 0)]
#[case("clear-and-remove", 0)]
#[case("client-and-services", 0)]
#[case("elsewhere", 0)]
#[case("extensions", 0)]
#[case("latin-1", 0)]
#[case("locations", 0)]
#[case("nameless-default", 0)]
#[case("nothing-of-wcf", 0)]
#[case("odd-xml", 0)]
#[case("other-elements", 0)]
#[case("secured-duplex", 0)]
#[case("speakable", 0)]
#[case("stack-problems", 1)]
#[case("standard-bindings", 0)]
#[case("surprising-times", 0)]
#[case("svcutil-output", 0)]
#[case("transform", 0)]
#[case("utf-16", 0)]
fn shows_for_people(#[case] name: &str, #[case] exit: i32) {
    let (code, stdout, stderr) = run(&[&format!("{name}.config")]);
    assert_eq!((code, stderr.as_str()), (exit, ""));
    assert!(!stdout.contains('\u{1b}'), "colours go to terminals alone");
    snapshot(name, &stdout);
}

#[rstest]
#[case("client-and-services", 0)]
#[case("secured-duplex", 0)]
#[case("stack-problems", 1)]
#[case("invalid/several", 2)]
fn shows_for_machines(#[case] name: &str, #[case] exit: i32) {
    let (code, stdout, stderr) = run(&["--json", &format!("{name}.config")]);
    assert_eq!((code, stderr.as_str()), (exit, ""));
    let value: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert!(value["files"][0]["errors"].is_array());
    snapshot(&format!("{}.json", name.replace('/', "-")), &stdout);
}

#[test]
fn shows_bindings_without_sessions_whole_when_asked() {
    let (code, stdout, _) = run(&["--all", "svcutil-output.config"]);
    assert_eq!(code, 0);
    snapshot("svcutil-output.all", &stdout);
}

#[test]
fn every_invalid_file_is_an_error_of_its_own() {
    let mut names: Vec<_> =
        fs::read_dir(fixtures().join("invalid")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    let mut all = String::new();
    for name in names {
        let (code, stdout, stderr) = run(&[&format!("invalid/{}", name.to_string_lossy())]);
        assert_eq!((code, stdout.as_str()), (2, ""), "{}", name.display());
        assert!(stderr.starts_with("error: "), "{}: {stderr}", name.display());
        all += &stderr;
    }
    snapshot("invalid", &all);
}

#[test]
fn the_worst_file_decides_the_exit_code_and_the_others_are_shown() {
    let (code, stdout, stderr) =
        run(&["speakable.config", "stack-problems.config", "invalid/retry-zero.config"]);
    assert_eq!(code, 2);
    assert!(stdout.contains("speakable.config") && stdout.contains("stack-problems.config"));
    assert!(stderr.contains("invalid/retry-zero.config:7:28: maxRetryCount=\"0\" is not allowed"));
}

#[test]
fn a_directory_gives_the_files_that_concern_wcf() {
    let directory = tempfile::tempdir().unwrap();
    let inner = directory.path().join("src/inner");
    fs::create_dir_all(&inner).unwrap();
    fs::create_dir_all(directory.path().join(".git")).unwrap();
    fs::copy(fixtures().join("speakable.config"), inner.join("Web.Config")).unwrap();
    fs::copy(fixtures().join("speakable.config"), directory.path().join(".git/a.config")).unwrap();
    fs::write(directory.path().join("packages.config"), "<packages />").unwrap();
    fs::write(directory.path().join("readme.txt"), "system.serviceModel").unwrap();
    let (code, stdout, stderr) = run(&[directory.path().to_str().unwrap()]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert_eq!(stdout.matches("client endpoint 'Orders'").count(), 1);
    assert!(stdout.contains("Web.Config") && stdout.contains("1 other *.config files do not concern WCF"));
}

#[test]
fn an_empty_directory_and_a_missing_file_are_errors() {
    let directory = tempfile::tempdir().unwrap();
    let (code, _, stderr) = run(&[directory.path().to_str().unwrap(), "not-there.config"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("there is no *.config file in this directory"));
    assert!(stderr.contains("error: not-there.config: there is no such file"));
}

#[test]
fn standard_input_is_read() {
    let mut child = wsrm(&["-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&fs::read(fixtures().join("speakable.config")).unwrap()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("standard input\n"));
}

#[test]
fn a_huge_file_is_refused_without_being_read_whole() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("huge.config");
    fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
    let (code, _, stderr) = run(&[path.to_str().unwrap()]);
    assert_eq!(code, 2);
    assert!(stderr.contains("which no configuration file needs"), "{stderr}");
}

#[test]
fn help_has_examples_and_exit_codes() {
    let (code, stdout, _) = run(&["--help"]);
    assert_eq!(code, 0);
    assert!(stdout.contains("Examples:") && stdout.contains("Exit codes:"));
}
