//! The proof: our implementation says what the recorded one said, in both roles.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rstest::rstest;
use wsrm_conformance::recording::Recording;
use wsrm_conformance::replay::{Errata, NotReplayed, RecordingReport, Role, Rule, Verdict, replay};

const BOTH: &[Role] = &[Role::Responder, Role::Initiator];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn recorded(name: &str) -> PathBuf {
    root().join("fixtures/recordings").join(name)
}

fn replayed(folder: &Path) -> RecordingReport {
    replay(&Recording::read(folder).unwrap(), BOTH, &Errata::nearest(folder).unwrap())
}

#[rstest]
#[timeout(Duration::from_secs(30))]
fn wcf(
    #[files("../../fixtures/recordings/wcf/*/scenario.json")]
    #[files("../../fixtures/recordings/wcf-10/*/scenario.json")]
    #[files("../../fixtures/recordings/cross/*/scenario.json")]
    scenario: PathBuf,
) {
    let report = replayed(scenario.parent().unwrap());
    assert_eq!(report.totals().different, 0, "{}", anstream::adapter::strip_str(&report.render(0)));
}

/// What our side says in the place of each peer. There is nothing to compare it with but what we know of WCF.
#[rstest]
#[timeout(Duration::from_secs(30))]
fn foreign(
    #[files("../../fixtures/recordings/cxf/*/scenario.json")]
    #[files("../../fixtures/recordings/metro/*/scenario.json")]
    #[files("../../fixtures/recordings/gsoap/*/scenario.json")]
    #[files("../../fixtures/recordings/cross/*/scenario.json")]
    scenario: PathBuf,
) {
    let folder = scenario.parent().unwrap();
    let stack = folder.parent().unwrap().file_name().unwrap().to_str().unwrap();
    let report = replayed(folder);
    for role in &report.roles {
        let (role, text) = match role {
            Ok(report) => (report.role, report.trace.render(110)),
            Err((role, NotReplayed::Role(why))) => (*role, (*why).to_owned()),
            Err((role, NotReplayed::Form(why))) => (*role, why.clone()),
        };
        insta::with_settings!({
            snapshot_path => root().join("golden/traces").join(stack),
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            let text = anstream::adapter::strip_str(&text).to_string();
            insta::assert_snapshot!(format!("{}.{}", report.name, role.name()), text);
        });
    }
}

/// A copy of a recording in which some text was replaced in one file.
fn tampered(name: &str, file: &str, from: &str, to: &str) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(recorded(name)).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    let path = copy.path().join(file);
    let text = String::from_utf8(fs::read(&path).unwrap()).unwrap();
    assert!(text.contains(from), "{text}");
    let text = text.replace(from, to);
    let text = match text.split_once("\r\n\r\n") {
        Some((head, body)) => {
            let head: Vec<_> = head
                .lines()
                .filter(|line| !line.to_ascii_lowercase().starts_with("content-length"))
                .collect();
            format!("{}\r\n\r\n{body}", head.join("\r\n"))
        }
        None => text,
    };
    fs::write(path, text).unwrap();
    copy
}

/// A recording that says anything else than WCF did is told from one that does.
#[rstest]
#[case::body("A-echo-rm11-s12a10-ord", "02-response.http", "EchoResult>", "EchoReturn>", Role::Responder)]
#[case::status("A-echo-rm11-s12a10-ord", "02-response.http", "200 OK", "202 Accepted", Role::Responder)]
#[case::content_type(
    "A-echo-rm11-s12a10-ord",
    "02-response.http",
    "charset=utf-8",
    "charset=utf-16",
    Role::Responder
)]
#[case::number(
    "A-echo-rm11-s12a10-ord",
    "03-response.http",
    "MessageNumber>2",
    "MessageNumber>3",
    Role::Responder
)]
#[case::buffer("A-echo-rm11-s12a10-ord", "03-response.http", ">8<", ">7<", Role::Responder)]
#[case::acknowledged(
    "A-echo-rm11-s12a10-ord",
    "03-response.http",
    "Upper=\"2\"",
    "Upper=\"7\"",
    Role::Responder
)]
#[case::must_understand(
    "A-echo-rm11-s12a10-ord",
    "02-request.http",
    " s:mustUnderstand=\"1\"",
    "",
    Role::Initiator
)]
#[case::action("A-echo-rm11-s12a10-ord", "02-request.http", "IEcho/Echo", "IEcho/Call", Role::Initiator)]
#[case::soap_action(
    "A-echo-rm11-s11a10-ord",
    "02-request.http",
    "SOAPAction: \"http",
    "SOAPAction: \"ftp",
    Role::Initiator
)]
#[case::text("A-echo-rm11-s12a10-ord", "02-request.http", "<text>", "<text>x", Role::Initiator)]
#[case::identifier(
    "B-echo-req-dropped-rm10",
    "03-request.http",
    "<a:MessageID>urn:uuid:",
    "<a:MessageID>urn:uuid:0",
    Role::Initiator
)]
#[case::early("B-echo-req-dropped-rm10", "scenario.json", "\"t_ms\": 823", "\"t_ms\": 454", Role::Initiator)]
fn shows_a_difference(
    #[case] name: &str,
    #[case] file: &str,
    #[case] from: &str,
    #[case] to: &str,
    #[case] role: Role,
) {
    let name = format!("wcf/{name}");
    let untouched = replayed(&recorded(&name));
    assert_eq!(untouched.totals().different, 0);
    let copy = tampered(&name, file, from, to);
    let report = replay(&Recording::read(copy.path()).unwrap(), &[role], &Errata::default());
    assert!(report.totals().different > 0, "{}", report.render(0));
}

/// A message more or less on either side shows, and ends no replay in a circle.
#[rstest]
fn shows_a_missing_exchange(#[values("03", "05")] exchange: &str) {
    let copy = tampered("wcf/B-echo-req-dropped-rm10", "scenario.json", "\"n\": 1,", "\"n\": 1,");
    for part in ["request", "response"] {
        let _ = fs::remove_file(copy.path().join(format!("{exchange}-{part}.http")));
    }
    let report = replay(&Recording::read(copy.path()).unwrap(), BOTH, &Errata::default());
    assert!(report.totals().different > 0, "{}", report.render(0));
}

#[test]
fn an_erratum_covers_what_it_says_and_nothing_else() {
    let copy = tampered("wcf/A-echo-rm11-s12a10-ord", "02-response.http", "EchoResult>", "EchoReturn>");
    let errata = copy.path().join("errata.toml");
    let keys = "differs = 'd'\nwhy = 'w'\nsource = 's'";
    let different = |exchange: u32| {
        fs::write(
            &errata,
            format!("[[erratum]]\nid = 'e'\nservice = 'CoreWCF'\nexchange = {exchange}\nrole = 'responder'\n{keys}"),
        )
        .unwrap();
        replayed(copy.path()).totals()
    };
    let covered = different(2);
    assert_eq!((covered.different, covered.errata), (0, 1));
    let uncovered = different(3);
    assert_eq!((uncovered.different, uncovered.errata), (1, 0));
}

#[test]
fn chance_is_followed_by_named_rules() {
    let rules = |name: &str| {
        let report = replayed(&recorded(name));
        let mut rules: Vec<Rule> = report
            .roles
            .into_iter()
            .flatten()
            .flat_map(|role| role.messages)
            .inspect(|message| assert!(!matches!(message.verdict, Verdict::Different(_))))
            .flat_map(|message| message.rules)
            .collect();
        rules.sort();
        rules.dedup();
        rules
    };
    assert_eq!(rules("wcf/A-echo-rm11-s12a10-ord"), []);
    assert_eq!(rules("wcf-10/B-window2-echo-rm11"), [Rule::AcknowledgementRace, Rule::RepetitionRace]);
    assert_eq!(rules("cross/gsoap--wcf-oneway-rm10"), [Rule::DispatchRace]);
    assert_eq!(rules("wcf-10/B-closetimeout-rm11"), [Rule::EndOfProcess]);
    assert_eq!(rules("wcf-10/B-client-inactivity-rm10"), [Rule::PollOrTimeout]);
}

/// Who records a session on the wire knows neither the bindings nor the steps: they follow from the messages.
#[rstest]
fn a_recording_without_bindings_and_steps(
    #[values(
        "A-echo-rm10-s12a10-ord",
        "A-echo-rm11-s11a10-ord",
        "A-mixed-rm11",
        "A-oneway-rm11-s12a10-ord",
        "B-echo-resp-dropped-rm11"
    )]
    name: &str,
) {
    let copy = tampered(&format!("wcf/{name}"), "scenario.json", "\"client_steps\"", "\"former_steps\"");
    let path = copy.path().join("scenario.json");
    let text = fs::read_to_string(&path).unwrap().replace("_binding\"", "_binding_unknown\"");
    fs::write(&path, text).unwrap();
    let report = replayed(copy.path());
    assert!(report.roles.iter().all(Result::is_ok), "{report:?}");
    assert_eq!((report.totals().different, report.totals().messages > 0), (0, true), "{report:?}");
}
