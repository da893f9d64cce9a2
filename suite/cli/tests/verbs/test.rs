//! `wsrm test` against `wsrm serve`.

use std::process::{Command, Output};

use rstest::rstest;
use serde_json::Value;

use crate::running::Running;

fn wsrm() -> Command {
    Command::new(env!("CARGO_BIN_EXE_wsrm"))
}

fn test(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = wsrm().arg("test").args(arguments).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// Nothing is said of what the service speaks; it is found.
#[rstest]
fn reference_passes_in_all_profiles(
    #[values("1.0", "1.1")] rm: &str,
    #[values("1.1", "1.2")] soap: &str,
    #[values("2004/08", "1.0")] addressing: &str,
    #[values("echo", "one-way")] contract: &str,
) {
    let binding = ["--rm", rm, "--soap", soap, "--addressing", addressing, "--contract", contract];
    let service = Running::service(&binding);
    let url = service.url.as_str();
    let (code, text, errors) = test(&[url]);
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{text}");
    let first = text.lines().next().unwrap();
    assert!(first.contains(&format!("RM {rm}, SOAP {soap}, WS-Addressing {addressing}")), "{first}");
    assert!(text.contains(" 0 failed, 0 inconclusive, 0 in trouble"), "{text}");
    assert!(text.contains(" 0 left open"), "{text}");
    assert!(text.lines().last().unwrap().contains(" 0 violated (0 must, 0 should, 0 wcf)"), "{text}");
}

#[test]
fn one_case_as_json() {
    let service = Running::service(&["--rm", "1.1"]);
    let url = service.url.as_str();
    let said = ["--rm", "1.1", "--soap", "1.2", "--addressing", "1.0", "--pattern", "echo"];
    let (code, text, errors) = test(&[&[url, "--case", "close.repeated", "--json"], &said[..]].concat());
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{text}");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 1, "{text}");
    let report = &lines[0];
    assert_eq!((&report["case"], &report["verdict"]), (&"close.repeated".into(), &"pass".into()));
    assert!(report["met"].as_array().unwrap().contains(&"close.final".into()), "{text}");
    assert!(report["findings"].as_array().unwrap().iter().all(|finding| finding["level"] == "observed"));
}

#[test]
fn chosen_cases_are_judged_by_chosen_requirements() {
    let service = Running::service(&["--rm", "1.1"]);
    let url = service.url.as_str();
    let chosen = [
        "--case",
        "close,create.repeated",
        "--exclude-case",
        "close.repeated",
        "--requirement",
        "close.final",
    ];
    let said = ["--rm", "1.1", "--soap", "1.2", "--addressing", "1.0", "--pattern", "echo", "--json"];
    let (code, text, errors) = test(&[&[url], &chosen[..], &said[..]].concat());
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{text}");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<&str> = lines.iter().map(|line| line["case"].as_str().unwrap()).collect();
    let is_chosen = |name: &&str| *name == "create.repeated" || name.starts_with("close.");
    assert!(
        names.len() > 2 && names.iter().all(is_chosen) && !names.contains(&"close.repeated"),
        "{names:?}"
    );
    for line in &lines {
        let judged =
            [&line["met"], &line["not_exercised"]].into_iter().flat_map(|ids| ids.as_array().unwrap());
        assert_eq!(judged.collect::<Vec<_>>(), ["close.final"], "{line}");
    }
}

#[rstest]
#[case::no_such_case(&["http://127.0.0.1:9/", "--case", "create.nonsense"], 2, "--list names them")]
#[case::no_such_exception(&["http://127.0.0.1:9/", "--exclude-case", "clos"], 2, "there is close")]
#[case::no_such_requirement(&["http://127.0.0.1:9/", "--requirement", "close.finale"], 2, "there is close.final")]
#[case::other_side(&["http://127.0.0.1:9/", "--role", "source"], 2, "only the destination is judged here")]
#[case::hostile_only(&["http://127.0.0.1:9/", "--case", "create.flood"], 2, "add --hostile")]
#[case::https(&["https://127.0.0.1:9/"], 4, "HTTPS is not spoken yet")]
#[case::no_url(&["127.0.0.1"], 2, "no address of the form")]
#[case::nobody(&["http://127.0.0.1:9/"], 3, "cannot connect to 127.0.0.1:9")]
fn refusals(#[case] arguments: &[&str], #[case] expected: i32, #[case] advice: &str) {
    let (code, _, errors) = test(arguments);
    assert_eq!(code, Some(expected), "{errors}");
    assert!(errors.contains(advice), "{errors}");
}

/// Where everything is said, nothing is asked of the endpoint before the first case.
#[test]
fn nobody_keeps_anything() {
    let said = ["--rm", "1.1", "--soap", "1.2", "--addressing", "1.0", "--pattern", "echo"];
    let (code, text, _) = test(&[&["http://127.0.0.1:9/"], &said[..]].concat());
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("check that the service runs"), "{text}");
    assert!(text.contains("requirements judged: 0 met, 0 violated"), "{text}");
}

/// A deviation that a whole case does not show is gone; of one whose case is not run nothing is said.
#[rstest]
#[case::gone("close.repeated", 13, "stale close.final, by the destination, in close.repeated (RM 1.1, ")]
#[case::not_run("close.unknown", 0, "0 known, 0 new, 0 stale; 1 not looked for")]
fn known_deviations(#[case] case: &str, #[case] expected: i32, #[case] told: &str) {
    let service = Running::service(&["--rm", "1.1"]);
    let url = service.url.as_str();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("known.toml");
    let profile = "RM 1.1, SOAP 1.2, WS-Addressing 1.0, request-reply";
    let text = format!(
        "[[deviation]]\nrequirement = \"close.final\"\nrole = \"destination\"\nreason = \"so\"\n\
         cases = [\"close.repeated\"]\nprofiles = [{profile:?}]\n"
    );
    std::fs::write(&file, text).unwrap();
    let said = ["--rm", "1.1", "--soap", "1.2", "--addressing", "1.0", "--pattern", "echo"];
    let chosen = ["--case", case, "--baseline", file.to_str().unwrap()];
    let (code, text, errors) = test(&[&[url], &said[..], &chosen[..]].concat());
    assert_eq!((code, errors.as_str()), (Some(expected), ""), "{text}");
    assert!(text.contains(told), "{text}");
}

/// What is not reliable is said to be so, with all that was tried.
#[test]
fn nothing_spoken() {
    let service = Running::service(&["--path", "/somewhere"]);
    let url = service.url.as_str();
    let elsewhere = url.replace("/somewhere", "/elsewhere");
    let (code, _, errors) = test(&[&elsewhere]);
    assert_eq!(code, Some(3), "{errors}");
    assert!(errors.contains("RM 1.1, SOAP 1.2, WS-Addressing 1.0, request-reply: 404"), "{errors}");
}

/// A service that goes away in the middle of a run is noticed at once, and the cases that ran then are named.
#[test]
fn death_half_way() {
    let service = Running::service(&["--rm", "1.1"]);
    let url = service.url.as_str();
    let to = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mortal = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for client in listener.incoming().flatten().take(12) {
            let service = std::net::TcpStream::connect(&to).unwrap();
            for (mut from, mut into) in
                [(client.try_clone().unwrap(), service.try_clone().unwrap()), (service, client)]
            {
                std::thread::spawn(move || std::io::copy(&mut from, &mut into));
            }
        }
    });
    let said = ["--rm", "1.1", "--soap", "1.2", "--addressing", "1.0", "--pattern", "echo"];
    let (code, text, _) = test(&[&[&*mortal], &said[..]].concat());
    assert_eq!(code, Some(12), "{text}");
    assert!(text.contains("the endpoint died half-way: it answered nothing in "), "{text}");
    assert!(text.contains("the last case that it answered is "), "{text}");
    assert!(text.contains("not begun: the endpoint answers no more: "), "{text}");
}

#[test]
fn verdicts_are_steady() {
    let service = Running::service(&["--rm", "1.1"]);
    let url = service.url.as_str();
    let (code, text, _) = test(&[url, "--case", "close.repeated,create.repeated", "--repeat", "3"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("over 3 rounds: 2 stable pass, 0 stable fail, 0 flaky"), "{text}");
    assert!(text.contains("6 cases in "), "{text}");
}

/// What is recorded is judged as it was when it was said; two runs are compared by the names of their cases.
#[test]
fn records_what_is_judged_again() {
    let folder = tempfile::tempdir().unwrap();
    let [sick, well] = ["sick", "well"].map(|name| folder.path().join(name).display().to_string());
    let binding = ["--rm", "1.1", "--soap", "1.2", "--addressing", "1.0", "--pattern", "echo"];
    let cases = ["--case", "session.plain,close.unknown,create.expires", "--json"];
    let mut violated = Vec::new();
    for (record, mutant) in [(&sick, Some("close.final-left-out")), (&well, None)] {
        let options = mutant.map(|name| vec!["--mutant", name]).unwrap_or_default();
        let service = Running::service(&[&["--rm", "1.1"], &options[..]].concat());
        let (_, text, errors) =
            test(&[&[&*service.url, "--record", record.as_str()], &binding[..], &cases[..]].concat());
        assert_eq!(errors, "");
        violated.push(findings(&text));
    }
    let judged = wsrm().args(["judge", "--json", &sick]).output().unwrap();
    let judged = findings(&String::from_utf8(judged.stdout).unwrap());
    assert!(judged.len() == 3 && judged == violated[0], "{judged:?} {violated:?}");
    assert_eq!(wsrm().args(["judge", "--quiet", &well]).status().unwrap().code(), Some(0));
    let shown = wsrm().args(["show", &sick]).output().unwrap();
    assert_eq!(String::from_utf8(shown.stdout).unwrap().matches("CloseSequenceResponse S").count(), 3);
    let compared = wsrm().args(["diff", "--json", &sick, &well]).output().unwrap();
    let compared = String::from_utf8(compared.stdout).unwrap();
    let differing = compared.lines().filter(|line| !line.contains("\"first\":null"));
    assert_eq!(differing.count(), 3, "{compared}");
    let (code, _, errors) = test(&["http://127.0.0.1:9/", "--record", &well, "--rm", "1.1"]);
    assert!(code == Some(2) || code == Some(3), "{errors}");
}

/// The requirements that are violated, with the messages, in an order that does not depend on which case was over first.
fn findings(lines: &str) -> Vec<String> {
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let told = |line: Value| {
        let all = line["findings"].as_array().cloned().unwrap_or_default();
        all.into_iter().map(|one| format!("{} {} {}", one["requirement"], one["messages"], one["seen"]))
    };
    let mut found: Vec<String> = lines.flat_map(told).collect();
    found.sort();
    found
}
