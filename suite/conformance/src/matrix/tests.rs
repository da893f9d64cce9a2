use std::path::Path;

use rstest::rstest;

use super::*;
use crate::fault_rule::RuleCount;

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn scenarios() -> Scenarios {
    Scenarios::read(&root().join("peers")).unwrap()
}

fn scenario(name: &str) -> Scenario {
    scenarios().scenarios.into_iter().find(|scenario| scenario.name == name).unwrap()
}

fn observed(client: &[&str], service: &[&str]) -> Observed {
    let lines = |lines: &[&str]| lines.iter().map(ToString::to_string).collect();
    Observed { tag: "t.".to_owned(), client: lines(client), service: lines(service), ..Observed::default() }
}

const CLIENT: [&str; 5] = ["open ok", "echo(t.a) -> t.a", "echo(t.b) -> t.b", "echo(t.c) -> t.c", "close ok"];
const SERVICE: [&str; 3] = ["Echo(t.a)", "Echo(t.b)", "Echo(t.c)"];

fn client_with(place: usize, line: &'static str) -> Vec<&'static str> {
    let mut lines = CLIENT.to_vec();
    lines[place] = line;
    lines
}

#[rstest]
#[case::well(CLIENT.to_vec(), SERVICE.to_vec(), "works")]
#[case::twice(CLIENT.to_vec(), vec!["Echo(t.a)", "Echo(t.b)", "Echo(t.b)", "Echo(t.c)"], "works, delivered twice")]
#[case::order(CLIENT.to_vec(), vec!["Echo(t.b)", "Echo(t.a)", "Echo(t.c)"], "works, out of order")]
#[case::lost(CLIENT.to_vec(), vec!["Echo(t.a)", "Echo(t.c)"], "**1 lost**")]
#[case::open(client_with(0, "open -> EXC [X] refused"), vec![], "**open**")]
#[case::call(client_with(2, "echo(t.b) -> EXC [X] broken"), SERVICE.to_vec(), "**call 2**")]
#[case::another_answer(client_with(1, "echo(t.a) -> t.b"), SERVICE.to_vec(), "**call 1**")]
#[case::silent(CLIENT[..3].to_vec(), SERVICE.to_vec(), "**call 3**")]
#[case::close(client_with(4, "close(CloseSequence) -> EXC [X] no"), SERVICE.to_vec(), "**close**")]
#[case::limit(client_with(4, "LIMIT 60 s"), SERVICE.to_vec(), "**close**")]
#[case::unsupported(vec!["UNSUPPORTED rm=10"], vec![], "–")]
fn what_the_applications_saw(#[case] client: Vec<&str>, #[case] service: Vec<&str>, #[case] short: &str) {
    let observed = observed(&client, &service);
    let cell = cell("gsoap", "cxf", "echo");
    let catalogue = Catalogue::load().unwrap();
    let report = CellReport::of(cell, &scenario("echo"), observed, &[], &catalogue);
    assert_eq!(report.in_short(), short);
}

/// A fault that is asked for must come, and the session must go on.
#[rstest]
#[case("echo(fault) -> EXC [X] as asked", true)]
#[case("echo(fault) -> fault", false)]
fn a_fault_that_is_asked_for(#[case] line: &'static str, #[case] works: bool) {
    let service = ["Echo(t.a)", "Echo(t.c)"];
    let outcome = observed(&client_with(2, line), &service).outcome(&scenario("fault"));
    assert_eq!(outcome == Outcome::Works(None), works, "{outcome:?}");
}

/// Where the message that is to be harmed was not sent, nothing was tried.
#[rstest]
#[case(0, "–")]
#[case(1, "works")]
fn harm_that_was_not_done(#[case] applied: u64, #[case] short: &str) {
    let rules = vec![RuleCount { rule: "drop".to_owned(), fitting: applied, applied }];
    let observed = Observed { rules, ..observed(&CLIENT, &SERVICE) };
    let report = CellReport::of(
        cell("gsoap", "cxf", "echo-reply-lost"),
        &scenario("echo-reply-lost"),
        observed,
        &[],
        &Catalogue::load().unwrap(),
    );
    assert_eq!(report.in_short(), short);
}

fn cell(source: &str, destination: &str, scenario: &str) -> Cell {
    let rm = RmVersion::V200702;
    Cell { source: source.to_owned(), destination: destination.to_owned(), rm, scenario: scenario.to_owned() }
}

/// The breach that comes before the failure, in recordings of sessions that failed.
#[rstest]
#[case("cross/wcf--gsoap-echo-rm11", At::Close, "destination", "close.final")]
#[case("cross/cxf--wcf-echo-rm11", At::Call(2), "source", "ack.exclusive")]
fn blames(#[case] name: &str, #[case] at: At, #[case] side: &str, #[case] requirement: &str) {
    let recording = Recording::read(&root().join("fixtures/recordings").join(name)).unwrap();
    let catalogue = Catalogue::load().unwrap();
    let judgement = Judgement::of(&recording, name, &catalogue, &Selection::default());
    let blame = Blame::find(&judgement, &recording, at).unwrap();
    assert_eq!((blame.side(), blame.requirement.as_str()), (side, requirement), "{blame:?}");
}

fn matrix() -> Matrix {
    let catalogue = Catalogue::load().unwrap();
    let names = ["one-way", "echo", "echo-duplicate"];
    let participant = |id: &str, skipped: Option<&str>| Participant {
        id: id.to_owned(),
        title: format!("{id} 1.0"),
        is_as_wcf: id == "reference",
        skipped: skipped.map(str::to_owned),
    };
    let failed = {
        let folder = root().join("fixtures/recordings/cross/wcf--gsoap-echo-rm11");
        let client = client_with(4, "close -> EXC [X] no final acknowledgement");
        let observed =
            Observed { recording: Some(Recording::read(&folder).unwrap()), ..observed(&client, &SERVICE) };
        let as_wcf = [Party::Initiator];
        CellReport::of(cell("reference", "gsoap", "echo"), &scenario("echo"), observed, &as_wcf, &catalogue)
    };
    let works = |destination: &str, name: &str| {
        CellReport::of(
            cell("reference", destination, name),
            &scenario("echo"),
            observed(&CLIENT, &SERVICE),
            &[],
            &catalogue,
        )
    };
    let no = Outcome::Unsupported("<it> has no step asend".to_owned());
    Matrix {
        participants: vec![
            participant("gsoap", None),
            participant("reference", None),
            participant("wcf", Some("not installed: no dotnet")),
        ],
        scenarios: names.map(scenario).to_vec(),
        chances: vec![Chance {
            source: None,
            destination: Some("reference".to_owned()),
            rm: Some("1.1".to_owned()),
            scenarios: vec!["echo-duplicate".to_owned()],
            why: "two of them run at a time".to_owned(),
        }],
        reports: vec![
            CellReport::without_session(cell("reference", "gsoap", "one-way"), no),
            failed,
            works("gsoap", "echo-duplicate"),
            works("reference", "echo"),
            works("reference", "echo-duplicate"),
        ],
    }
}

#[test]
fn as_markdown() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join("golden/peer"));
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| {
        insta::assert_snapshot!("matrix-markdown", matrix().to_markdown("a command", Table::default()))
    });
}

#[test]
fn a_table_that_was_written_is_as_seen_and_another_is_not() {
    let matrix = matrix();
    let table = matrix.to_markdown("a command", Table::default());
    assert_eq!(matrix.drift(&table), Ok(Vec::new()));

    let drift = matrix.drift(&table.replace("**close**: destination", "**close**: source")).unwrap();
    let [one] = drift.as_slice() else { panic!("{drift:?}") };
    assert_eq!(one.cell, cell("reference", "gsoap", "echo"));
    assert_eq!(one.table.as_deref(), Some("**close**: source, `close.final`"));
    assert_eq!(one.seen, "**close**: destination, `close.final`");

    // What was not held in this run stays as it was.
    let mut fewer = matrix.clone();
    fewer.reports.truncate(1);
    assert_eq!(fewer.to_markdown("a command", Table::read(&table).unwrap()), table);

    // What chance decides is told as such, whatever stood there.
    let firm =
        Table::read(&table.replace("| echo-duplicate | varies |", "| echo-duplicate | works |")).unwrap();
    assert_eq!(fewer.to_markdown("a command", firm), table);

    // A cell that the table does not have.
    let drift = matrix.drift(&table.replace("| one-way | –", "| other | –")).unwrap();
    assert_eq!(drift.len(), 1);
    assert_eq!(drift[0].table, None);
    // What chance decides is never looked at.
    let mut other = matrix.clone();
    other.reports[4].outcome = Outcome::Skipped("gone".to_owned());
    assert_eq!(other.drift(&table), Ok(Vec::new()));
    let broken = table.replace("| echo | works |", "| echo | works | works |");
    assert_ne!(broken, table);
    assert!(matrix.drift(&broken).is_err());
}

#[test]
fn as_a_page() {
    let page = matrix().to_html();
    for part in [
        "<td class=\"fails\" title=\"reference → gsoap, echo, RM 1.1: close failed: [X] no final acknowledgement\"><a href=\"#c1\">✗</a></td>",
        "<details id=\"c1\">",
        "At fault is the <b>destination</b>: <code>close.final</code>",
        "CloseSequenceResponse",
        "&lt;it&gt; has no step asend",
        "<b>wcf</b>: wcf 1.0, skipped: not installed: no dotnet",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert!(!page.contains('\u{1b}'));
    assert!(!page.contains("src=") && !page.contains("<link"), "the page needs something else");
}

#[rstest]
#[case(
    "contract = \"echo\"",
    "contract = \"all\"",
    "scenario \"a\": contract: \"all\" is not echo, one-way or mixed"
)]
#[case("\"open\"", "\"openly\"", "scenario \"a\": steps: \"openly\" is not a step that every client has")]
#[case(
    "drop Echo",
    "lose Echo",
    "scenario \"a\": \"lose Echo\": \"lose\" is nothing that can be done to a message"
)]
#[case(
    "name = \"a\"",
    "name = \"A\"",
    "scenario \"A\": name: \"A\" is not made of small letters, digits and -"
)]
#[case("scenarios = []", "scenarios = [\"b\"]", "[[chance]]: there is no scenario \"b\"")]
fn refuses(#[case] good: &str, #[case] bad: &str, #[case] error: &str) {
    let text = "[[scenario]]\nname = \"a\"\nabout = \"b\"\ncontract = \"echo\"\nsteps = [\"open\"]\n\
                faults = [\"drop Echo\"]\n[[chance]]\nscenarios = []\nwhy = \"c\"\n";
    assert!(Scenarios::parse(text).is_ok());
    let refused = Scenarios::parse(&text.replace(good, bad)).unwrap_err().to_string();
    assert!(refused.starts_with(error), "{refused}");
}
