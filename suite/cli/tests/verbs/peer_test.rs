//! `wsrm peer test` with a peer that the tests make themselves: the reference with a bug, on a peer's command line.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::Value;
use tempfile::TempDir;

const MANIFEST: &str = r#"
name = "Stand-in"
version = "1"
about = "the reference, with a bug in its service"
licence = "none"
deviations = "known.toml"
[service]
command = ["./service"]
ready_seconds = 20
[[service.speaks]]
rm = ["1.0", "1.1"]
soap = ["1.2"]
addressing = ["2004/08", "1.0"]
contracts = ["echo", "mixed"]
[client]
command = ["{wsrm}", "peer", "client"]
[[client.speaks]]
rm = ["1.1"]
soap = ["1.2"]
addressing = ["1.0"]
contracts = ["echo"]
"#;
/// One form, a few cases, both roles.
const FEW: [&str; 6] = ["--rm", "1.1", "--case", "close.repeated", "--case", "ended.unknown"];
const MARKER: &str = "REPLACE THIS by the reason why this deviation is accepted";

/// A folder with the peer, and with its known deviations beside.
struct Desk(TempDir);

impl Desk {
    /// A service that leaves `Final` out, where it stands in a file that it has this bug.
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        let folder = desk.file("peers/stand-in");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("peer.toml"), MANIFEST).unwrap();
        let wsrm = env!("CARGO_BIN_EXE_wsrm");
        let script = format!(
            "#!/bin/sh\nport=$1\npath=${{2%%:*}}\nmutant=$(cat mutant 2>/dev/null)\necho started >> starts\n\
             {wsrm} serve --listen 127.0.0.1:$port --path /$path --rm 1.1 $mutant | \
             while read -r line; do case $line in *listening*) echo READY $port;; esac; done\n"
        );
        fs::write(folder.join("service"), script).unwrap();
        fs::set_permissions(folder.join("service"), fs::Permissions::from_mode(0o755)).unwrap();
        desk.bug(true);
        desk
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn bug(&self, has_bug: bool) {
        let mutant = if has_bug { "--mutant close.final-left-out" } else { "" };
        fs::write(self.file("peers/stand-in/mutant"), mutant).unwrap();
    }

    fn baseline(&self) -> String {
        fs::read_to_string(self.file("known.toml")).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wsrm"));
        command.args(["peer", "test", "stand-in", "--peers"]).arg(self.file("peers")).args(arguments);
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let Output { status, stdout, stderr } = self.command(arguments).output().unwrap();
        (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
    }

    fn few(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        self.run(&[&FEW[..], arguments].concat())
    }

    /// A deviation of the service, with a reason.
    fn knows(&self, requirement: &str, more: &str) {
        let text = format!(
            "[[deviation]]\nrequirement = {requirement:?}\nrole = \"destination\"\nreason = \"so\"\n{more}\n"
        );
        fs::write(self.file("known.toml"), text).unwrap();
    }
}

#[test]
fn both_roles_in_one_report() {
    let desk = Desk::new();
    let (junit, page) = (desk.file("junit.xml"), desk.file("page.html"));
    let reports =
        ["--no-baseline", "--json", "--junit", junit.to_str().unwrap(), "--html", page.to_str().unwrap()];
    let (code, stdout, stderr) = desk.few(&reports);
    assert_eq!((code, stderr.as_str()), (Some(10), ""), "{stdout}");
    let lines: Vec<Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let seen: Vec<(&str, &str)> = lines
        .iter()
        .map(|line| (line["case"].as_str().unwrap(), line["verdict"].as_str().unwrap()))
        .collect();
    assert_eq!(seen, [("close.repeated", "fail"), ("ended.unknown", "pass")]);
    assert_eq!(lines[1]["client"]["saw"], "error", "the fault came to its application: {stdout}");
    let repeat = lines[0]["repeat"].as_str().unwrap();
    assert!(repeat.starts_with("wsrm peer test stand-in --role destination --case close.repeated --rm 1.1"));
    assert!(repeat.contains(" --peers "), "{repeat}");
    let junit = fs::read_to_string(junit).unwrap();
    let form = "RM 1.1, SOAP 1.2, WS-Addressing 1.0, request-reply";
    for role in ["destination", "source"] {
        assert!(junit.contains(&format!("<testsuite name=\"stand-in as {role}, {form}\"")), "{junit}");
    }
    assert!(fs::read_to_string(page).unwrap().contains("Stand-in 1 as source"));
}

#[test]
fn only_changes_fail() {
    let desk = Desk::new();
    let (code, _, errors) = desk.few(&[]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("known.toml is not there yet; --write drafts it"), "{errors}");

    desk.knows("close.final", "");
    let (code, stdout, errors) = desk.few(&[]);
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{stdout}");
    assert!(stdout.contains("Stand-in 1 as destination, RM 1.1, "), "{stdout}");
    assert!(stdout.contains("Stand-in 1 as source, RM 1.1, "), "{stdout}");
    assert!(stdout.contains(": 1 passed, 0 failed, 1 failed as known, "), "{stdout}");
    assert!(stdout.contains("deviations: 1 known, 0 new, 0 stale\n"), "{stdout}");
    assert!(stdout.trim_end().lines().last().unwrap().contains("requirements judged: "), "{stdout}");

    desk.bug(false);
    let (code, stdout, _) = desk.few(&[]);
    assert_eq!(code, Some(13), "{stdout}");
    assert!(stdout.contains("stale close.final, by the destination: "), "{stdout}");
}

/// What belongs to a role, a profile or a case that is not run is not looked for.
#[rstest]
#[case::other_role("", &["--role", "client"], "0 known, 0 new, 0 stale; 1 not looked for")]
#[case::other_profile(
    "profiles = [\"RM 1.0, SOAP 1.2, WS-Addressing 1.0, request-reply\"]",
    &["--role", "source"],
    "0 stale; 1 not looked for"
)]
#[case::other_case("cases = [\"close.empty\"]", &["--role", "source"], "0 stale; 1 not looked for")]
#[case::comes_and_goes(
    "sometimes = true",
    &["--role", "service"],
    "0 known, 0 new, 0 stale; 1 that come and go not seen this time"
)]
fn what_is_not_run_is_not_stale(#[case] place: &str, #[case] role: &[&str], #[case] changes: &str) {
    let desk = Desk::new();
    desk.bug(false);
    desk.knows("close.final", place);
    let (code, stdout, errors) = desk.few(role);
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{stdout}");
    assert!(stdout.contains(changes), "{stdout}");
}

/// A client that opens nothing.
#[test]
fn writes_what_there_is() {
    let desk = Desk::new();
    let manifest =
        MANIFEST.replace("[\"{wsrm}\", \"peer\", \"client\"]", "[\"echo\", \"open -> EXC [X] no\"]");
    fs::write(desk.file("peers/stand-in/peer.toml"), &manifest).unwrap();
    let (code, _, errors) = desk.few(&["--write"]);
    assert_eq!(code, Some(2), "cases are chosen: {errors}");
    let source = ["--rm", "1.1", "--role", "source", "--write"];
    let (code, stdout, errors) = desk.run(&source);
    assert_eq!(code, Some(0), "{stdout}{errors}");
    assert!(
        errors.contains(": 0 known deviations and 1 of cases without an end, 1 of them without"),
        "{errors}"
    );
    let (code, _, errors) = desk.run(&["--rm", "1.1", "--role", "source"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("unfinished 1: it has no reason"), "{errors}");

    let text = desk.baseline().replace(MARKER, "it is a stand-in");
    fs::write(desk.file("known.toml"), &text).unwrap();
    let (code, stdout, errors) = desk.run(&["--rm", "1.1", "--role", "source"]);
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{stdout}");
    // What is written again is as it was.
    assert_eq!(desk.run(&source).0, Some(0));
    assert_eq!(desk.baseline(), text);

    fs::write(desk.file("peers/stand-in/peer.toml"), MANIFEST).unwrap();
    let (code, stdout, _) = desk.run(&["--rm", "1.1", "--role", "source", "--case", "whole.plain"]);
    assert_eq!(code, Some(13), "{stdout}");
    assert!(stdout.contains("it now comes to its end; take it out of the baseline"), "{stdout}");
}

#[rstest]
#[case::absent("", 3, "stand-in is skipped: it is not installed: no no-such-program")]
#[case::form("--rm 1.1 --soap 1.1", 4, "stand-in: nothing that is asked for is in its manifest")]
#[case::case("--case closed", 2, "--list names them")]
#[case::both("--write --no-baseline", 2, "cannot be used with")]
#[case::level("--level grave", 2, "invalid value 'grave'")]
fn refusals(#[case] arguments: &str, #[case] expected: i32, #[case] advice: &str) {
    let desk = Desk::new();
    let manifest =
        format!("{MANIFEST}[install]\nprograms = [\"no-such-program\"]\notherwise = \"make it\"\n");
    fs::write(desk.file("peers/stand-in/peer.toml"), manifest).unwrap();
    let arguments: Vec<&str> = arguments.split_whitespace().collect();
    let (code, stdout, errors) = desk.run(&arguments);
    assert_eq!(code, Some(expected), "{stdout}{errors}");
    assert!(errors.contains(advice), "{errors}");
}

#[test]
fn a_service_that_does_not_start_is_said() {
    let desk = Desk::new();
    fs::write(desk.file("peers/stand-in/service"), "#!/bin/sh\necho no library\nexit 1\n").unwrap();
    let (code, _, errors) = desk.few(&["--no-baseline"]);
    assert_eq!(code, Some(3), "{errors}");
    assert!(errors.contains("stand-in: its service did not get ready: no library"), "{errors}");
}

/// Interrupted in the middle of a case: what was judged so far is shown, and nothing of the peer is left.
#[test]
fn ctrl_c_ends_everything() {
    let desk = Desk::new();
    let manifest = MANIFEST.replace("[\"{wsrm}\", \"peer\", \"client\"]", "[\"./client\"]");
    let folder = desk.file("peers/stand-in");
    fs::write(folder.join("peer.toml"), manifest).unwrap();
    fs::write(folder.join("client"), "#!/bin/sh\necho $$ > client.pid\nexec sleep 300\n").unwrap();
    fs::set_permissions(folder.join("client"), fs::Permissions::from_mode(0o755)).unwrap();
    let run = desk.command(&["--rm", "1.1", "--case", "ended.unknown", "--no-baseline"]);
    let mut run = { run }.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pid = wait_for(&folder.join("client.pid"));
    let signalled = Command::new("kill").args(["-INT", &run.id().to_string()]).status().unwrap();
    assert!(signalled.success());
    assert_eq!(run.wait().unwrap().code(), Some(12));
    let deadline = Instant::now() + Duration::from_secs(15);
    let runs = || Command::new("kill").args(["-0", &pid]).stderr(Stdio::null()).status().unwrap().success();
    while runs() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(!runs(), "the client runs on");
}

fn wait_for(file: &Path) -> String {
    let deadline = Instant::now() + Duration::from_secs(15);
    loop {
        match fs::read_to_string(file) {
            Ok(text) if text.ends_with('\n') => return text.trim().to_owned(),
            _ => assert!(Instant::now() < deadline, "{} does not come", file.display()),
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
