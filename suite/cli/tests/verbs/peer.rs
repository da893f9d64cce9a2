//! `wsrm peer` with peers that the tests make themselves.

#![expect(clippy::panic, reason = "a test fails at what it does not find")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rstest::rstest;
use tempfile::TempDir;

/// A folder with one peer in it.
struct Peers(TempDir);

const MANIFEST: &str = r#"
name = "Stand-in"
version = "1"
about = "a stack that there is not"
licence = "none"
[build]
commands = [["./build"]]
inputs = ["build", "source"]
results = ["made"]
limit_seconds = 20
[service]
command = ["./service"]
ready_seconds = 20
[[service.speaks]]
rm = ["1.1"]
soap = ["1.2"]
addressing = ["1.0"]
contracts = ["echo"]
[client]
command = ["{wsrm}", "peer", "client"]
[[client.speaks]]
rm = ["1.1"]
soap = ["1.2"]
addressing = ["1.0"]
contracts = ["echo", "mixed"]
"#;

impl Peers {
    /// A peer whose service leaves a process of another session behind, which ends only when it is killed.
    fn new() -> Self {
        let peers = Self(tempfile::tempdir().unwrap());
        let folder = peers.folder("stand-in");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("peer.toml"), MANIFEST).unwrap();
        fs::write(folder.join("source"), "1").unwrap();
        program(&folder.join("build"), "echo building; touch made");
        program(
            &folder.join("service"),
            "(trap '' TERM HUP; exec setsid sleep 300) & echo \"stray $!\"; echo \"own $$\"; echo \"READY $1\"; echo \"$2\"; wait",
        );
        peers
    }

    fn folder(&self, peer: &str) -> PathBuf {
        self.0.path().join(peer)
    }

    fn wsrm(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wsrm"));
        command.arg("peer");
        command
    }

    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let (verb, rest) = arguments.split_first().unwrap();
        finish(self.wsrm().arg(verb).arg("--peers").arg(self.0.path()).args(rest))
    }

    fn service(&self, peer: &str) -> Service {
        let mut process = self
            .wsrm()
            .args(["run", peer, "--role", "service", "--peers"])
            .arg(self.0.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        Service { process, output }
    }
}

struct Service {
    process: Child,
    output: BufReader<ChildStdout>,
}

impl Service {
    /// What stands behind a word at the start of a line.
    fn says(&mut self, word: &str) -> String {
        let mut line = String::new();
        while self.output.read_line(&mut line).unwrap() > 0 {
            if let Some(rest) = line.trim().strip_prefix(word) {
                return rest.trim().to_owned();
            }
            line.clear();
        }
        panic!("it ended without {word:?}");
    }

    fn signal(&self, signal: &str) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program(path: &Path, script: &str) {
    fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn finish(command: &mut Command) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command.stdin(Stdio::null()).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn runs(process: &str) -> bool {
    Command::new("kill").args(["-0", process]).stderr(Stdio::null()).status().unwrap().success()
}

fn is_gone_soon(process: &str) -> bool {
    let deadline = Instant::now() + Duration::from_secs(15);
    while runs(process) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
    }
    !runs(process)
}

/// Interrupted, told to end, or killed: nothing of a peer is left, be it in a session of its own.
#[rstest]
#[case::interrupted("-INT")]
#[case::terminated("-TERM")]
#[case::killed("-KILL")]
fn what_was_started_ends_with_who_started_it(#[case] signal: &str) {
    let peers = Peers::new();
    assert_eq!(peers.run(&["install", "stand-in"]).0, Some(0));
    let mut service = peers.service("stand-in");
    let stray = service.says("stray");
    let own = service.says("own");
    assert!(service.says("listening on http://127.0.0.1:").ends_with("/echo"));
    assert!(runs(&stray) && runs(&own));
    service.signal(signal);
    let status = service.process.wait().unwrap();
    assert_eq!(status.code(), (signal != "-KILL").then_some(0));
    assert!(is_gone_soon(&own), "the service runs on");
    assert!(is_gone_soon(&stray), "what the service started runs on");
}

#[test]
fn is_built_once_for_the_same_sources() {
    let peers = Peers::new();
    let (code, listed, _) = peers.run(&["list"]);
    assert_eq!(code, Some(0));
    assert!(
        listed.contains("not built: made is not there; wsrm peer install stand-in builds it"),
        "{listed}"
    );
    let (code, dry, _) = peers.run(&["install", "stand-in", "--dry-run"]);
    assert_eq!(code, Some(0));
    assert!(dry.contains("\n  ./build\n"), "{dry}");
    assert!(!peers.folder("stand-in").join("made").exists());

    assert!(peers.run(&["install", "stand-in", "--verbose"]).1.contains("    building\n"));
    assert!(peers.run(&["install", "stand-in"]).1.contains("  is built\n"));
    let (_, listed, _) = peers.run(&["list", "--json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    assert_eq!((&listed["id"], &listed["installed"]), (&"stand-in".into(), &true.into()));

    fs::write(peers.folder("stand-in").join("source"), "2").unwrap();
    let (_, listed, _) = peers.run(&["list"]);
    assert!(listed.contains("not built: it was built from other sources"), "{listed}");
}

#[test]
fn a_build_that_fails_is_said_and_is_no_build() {
    let peers = Peers::new();
    program(&peers.folder("stand-in").join("build"), "touch made; echo no compiler >&2; exit 7");
    let (code, _, errors) = peers.run(&["install", "stand-in"]);
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.contains("./build: exit code 7\nno compiler"), "{errors}");
    assert!(peers.run(&["list"]).1.contains("not built: "));
}

#[rstest]
#[case::absent(&["run", "stand-in", "--role", "service"], 3, "stand-in is skipped: it is not built")]
#[case::unknown(&["run", "other", "--role", "service"], 2, "there is no peer \"other\"; there is stand-in")]
#[case::form(&["run", "stand-in", "--role", "service", "--rm", "1.0"], 4, "as service it does not speak RM 1.0")]
#[case::contract(&["run", "stand-in", "--role", "service", "--pattern", "mixed"], 4, "in this contract")]
#[case::setting(&["run", "stand-in", "--role", "client", "--setting", "a"], 2, "is no KEY=VALUE")]
fn refusals(#[case] arguments: &[&str], #[case] expected: i32, #[case] advice: &str) {
    let (code, _, errors) = Peers::new().run(arguments);
    assert_eq!(code, Some(expected), "{errors}");
    assert!(errors.contains(advice), "{errors}");
}

#[test]
fn a_service_that_does_not_get_ready_is_ended() {
    let peers = Peers::new();
    let manifest = MANIFEST.replace("ready_seconds = 20", "ready_seconds = 1");
    fs::write(peers.folder("stand-in").join("peer.toml"), manifest).unwrap();
    program(&peers.folder("stand-in").join("service"), "echo \"own $$\" > started; echo booting; sleep 300");
    assert_eq!(peers.run(&["install", "stand-in"]).0, Some(0));
    let (code, shown, errors) = peers.run(&["run", "stand-in", "--role", "service"]);
    assert_eq!(code, Some(1), "{errors}");
    assert!(shown.contains("booting"), "{shown}");
    assert!(errors.contains("the service of stand-in did not get ready in time"), "{errors}");
    let started = fs::read_to_string(peers.folder("stand-in").join("started")).unwrap();
    assert!(is_gone_soon(started.trim().strip_prefix("own ").unwrap()));
}

/// The manifest of the WCF peer, with a program in the place of `dotnet` that builds nothing, and speaks as the reference.
#[test]
fn wcf_by_a_stand_in_of_the_same_command_line() {
    let peers = Peers::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../peers/wcf");
    let folder = peers.folder("wcf");
    fs::create_dir(&folder).unwrap();
    for file in ["peer.toml", "wcf.csproj", "Client.cs", "Spec.cs"] {
        fs::copy(source.join(file), folder.join(file)).unwrap();
    }
    let search = tempfile::tempdir().unwrap();
    let wsrm = env!("CARGO_BIN_EXE_wsrm");
    let script = format!(
        "case $1 in\npublish) mkdir -p bin && touch bin/wcf.dll;;\nbin/wcf.dll) shift; exec {wsrm} peer client \"$@\";;\n\
         *) exit 9;;\nesac"
    );
    program(&search.path().join("dotnet"), &script);
    let path = |first: &Path| format!("{}:/usr/bin:/bin", first.display());
    let with_dotnet = |arguments: &[&str]| {
        let mut command = peers.wsrm();
        command.args(arguments).arg("--peers").arg(peers.0.path());
        finish(command.env("PATH", path(search.path())))
    };
    let (code, installed, errors) = with_dotnet(&["install", "wcf"]);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert!(
        installed.contains("dotnet publish --configuration Release --output bin: done in"),
        "{installed}"
    );

    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../peers");
    let process = peers
        .wsrm()
        .args(["run", "reference", "--role", "service", "--rm", "1.0", "--pattern", "mixed", "--peers"])
        .arg(&reference)
        .stdout(Stdio::piped())
        .spawn();
    let mut process = process.unwrap();
    let output = BufReader::new(process.stdout.take().unwrap());
    let mut service = Service { process, output };
    let url = service.says("listening on");
    let session = ["run", "wcf", "--role", "client", &url, "--rm", "1.0", "--pattern", "mixed"];
    let (code, shown, errors) = with_dotnet(&session);
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{shown}");
    assert_eq!(shown, "open ok\necho(one) -> one\nsend(two) returned\necho(three) -> three\nclose ok\n");
    let seen: Vec<String> =
        ["Echo", "Send", "Echo"].iter().map(|operation| service.says(operation)).collect();
    assert_eq!(seen, ["(one)", "(two)", "(three)"]);

    // A step of the client that fails, and one that it does not have.
    let wrong = ["run", "wcf", "--role", "client", &url, "--rm", "1.1", "--pattern", "mixed"];
    let (code, shown, _) = with_dotnet(&wrong);
    assert_eq!(code, Some(1));
    assert!(shown.starts_with("open -> EXC [System.ServiceModel."), "{shown}");
    let (code, shown, _) = with_dotnet(&["run", "wcf", "--role", "client", &url, "lastecho:x"]);
    assert_eq!((code, shown.as_str()), (Some(4), "UNSUPPORTED step lastecho:x\n"));

    let (code, _, errors) = peers.run(&["run", "wcf", "--role", "service"]);
    assert_eq!(code, Some(4), "{errors}");
    if !Path::new("/usr/bin/dotnet").exists() {
        let absent = finish(
            peers
                .wsrm()
                .args(["run", "wcf", "--role", "client", &url, "--peers"])
                .arg(peers.0.path())
                .env("PATH", "/usr/bin:/bin"),
        );
        assert_eq!(absent.0, Some(3));
        assert!(absent.2.contains("wcf is skipped: it is not installed: no dotnet"), "{}", absent.2);
    }
}

/// The reference with itself; what is written is as seen, and what is written otherwise is not.
#[test]
fn matrix_of_the_reference() {
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../peers");
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (table, page, sessions) = (file("table.md"), file("page.html"), file("sessions"));
    let matrix = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wsrm"));
        command.args(["peer", "matrix", "--source", "reference", "--destination", "reference", "--peers"]);
        finish(command.arg(&peers).args(["--scenario", "echo,one-way-duplicate,empty"]).args(arguments))
    };
    let written = ["--markdown", &*table, "--html", &*page, "--record", &*sessions];
    let (code, shown, errors) = matrix(&written);
    assert_eq!(code, Some(0), "{errors}");
    assert!(shown.contains("\nreference → reference     ✓ ✓ ✓\n"), "{shown}");
    assert!(shown.contains("6 work, 0 fail, 0 do not apply\n"), "{shown}");
    assert!(fs::read_to_string(&page).unwrap().contains("TerminateSequence"));

    // Each session is a recording, with what its applications saw.
    let recording = Path::new(&sessions).join("reference--reference--one-way-duplicate-rm11");
    let known: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(recording.join("scenario.json")).unwrap()).unwrap();
    assert_eq!(known["faults"][0], "duplicate application #2");
    assert_eq!(known["client_binding"], "rm=11,mv=s12a10,contract=oneway");
    assert_eq!(known["service_log"].as_array().unwrap().len(), 3);
    let judged = finish(Command::new(env!("CARGO_BIN_EXE_wsrm")).arg("judge").arg("--quiet").arg(&sessions));
    assert!(judged.1.contains(" 0 violated"), "{}", judged.1);

    let (code, shown, errors) = matrix(&["--check", &table]);
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{shown}");
    let other = fs::read_to_string(&table).unwrap().replace("| empty | works |", "| empty | **open** |");
    fs::write(&table, other).unwrap();
    let (code, _, errors) = matrix(&["--check", &table, "--rm", "1.0"]);
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.contains("reference → reference, empty, RM 1.0: "), "{errors}");
    assert!(errors.contains(" says: **open**; seen: works"), "{errors}");
}

#[rstest]
#[case(&["--source", "axis2"], 2, "--source axis2: there is cxf, gsoap, metro, reference, wcf")]
#[case(&["--scenario", "echoes"], 2, "--scenario echoes: there is one-way, echo, ")]
#[case(&["--check", "/nowhere/matrix.md"], 2, "cannot read /nowhere/matrix.md")]
#[case(&["--record", "/usr"], 2, "--record /usr: the folder is not empty; choose another")]
fn matrix_refusals(#[case] arguments: &[&str], #[case] expected: i32, #[case] advice: &str) {
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../peers");
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsrm"));
    let (code, _, errors) = finish(command.args(["peer", "matrix", "--peers"]).arg(&peers).args(arguments));
    assert_eq!(code, Some(expected), "{errors}");
    assert!(errors.contains(advice), "{errors}");
}

#[test]
fn help_has_examples() {
    for verb in [&["--help"][..], &["install", "--help"], &["run", "--help"], &["matrix", "--help"]] {
        let (code, help, _) = finish(Command::new(env!("CARGO_BIN_EXE_wsrm")).arg("peer").args(verb));
        assert_eq!(code, Some(0));
        assert!(help.contains("Examples:\n  wsrm peer "), "{help}");
    }
}
