//! The explanations against what WCF really said.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use rstest::rstest;
use wsrm_conformance::explanation::{ExplanationError, Explanations, FoundBy};

/// The recordings in which a WCF stack has a part.
const GROUPS: [&str; 3] = ["wcf", "wcf-10", "cross"];

fn recordings() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/recordings")
}

fn folders() -> impl Iterator<Item = PathBuf> {
    let groups = GROUPS.into_iter().flat_map(|group| fs::read_dir(recordings().join(group)).unwrap());
    groups.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir())
}

fn snapshot(name: &str, content: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../../golden/explain");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, content));
}

/// The text without what differs from run to run: addresses, times, identifiers.
fn steady(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        if word.contains("://127.0.0.1") || word.contains("://localhost") {
            "ADDRESS"
        } else if word.bytes().filter(|byte| *byte == b':').count() == 2
            && word.contains(|c: char| c.is_ascii_digit())
        {
            "TIME"
        } else {
            word
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// All that the applications of the recordings were told, each once.
fn exceptions() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for folder in folders() {
        let scenario = fs::read_to_string(folder.join("scenario.json")).unwrap();
        let scenario: serde_json::Value = serde_json::from_str(&scenario).unwrap();
        for line in scenario.get("client_log").and_then(|log| log.as_array()).into_iter().flatten() {
            let line = line.as_str().unwrap();
            if let Some((_, exception)) = line.split_once(" EXC ") {
                let exception = exception.split(" | state=").next().unwrap();
                found.insert(steady(exception));
            }
        }
    }
    found
}

/// The reasons of all faults on the wire, each once.
fn reasons() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in folders().flat_map(|folder| fs::read_dir(folder).unwrap()) {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "http") {
            continue;
        }
        let text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        for start in ["<faultstring", ":Text xml"] {
            let reason = text.split_once(start).and_then(|(_, rest)| rest.split_once('>'));
            found.extend(reason.and_then(|(_, rest)| rest.split_once('<')).map(|(reason, _)| steady(reason)));
        }
    }
    found
}

#[test]
fn keeps_its_own_rules() {
    let explanations = Explanations::load().unwrap_or_else(|error| panic!("{error}"));
    for explanation in explanations.all() {
        for recording in &explanation.recordings {
            let path = recordings().join(recording);
            assert!(path.join("scenario.json").is_file(), "{}: {recording}", explanation.id);
        }
        for text in &explanation.texts {
            let answer = explanations.explain(text);
            let ids: Vec<_> = answer.matches.iter().map(|found| found.explanation.id.as_str()).collect();
            assert!(
                ids.contains(&explanation.id.as_str()),
                "`{text}` leads to {ids:?}, not to {}",
                explanation.id
            );
        }
    }
}

#[test]
fn explains_every_recorded_exception() {
    let explanations = Explanations::load().unwrap();
    let mut table = String::new();
    for exception in exceptions() {
        let answer = explanations.explain(&exception);
        assert!(!answer.matches.is_empty(), "unexplained: {exception}");
        let ids: Vec<_> = answer.matches.iter().map(|found| found.explanation.id.as_str()).collect();
        writeln!(table, "{exception}\n    -> {}\n", ids.join(", ")).unwrap();
    }
    snapshot("recorded-exceptions", &table);
}

#[test]
fn explains_every_recorded_fault() {
    let explanations = Explanations::load().unwrap();
    let mut table = String::new();
    for reason in reasons() {
        // The words of an application, of a script, and of another stack.
        let foreign = ["app fault reason", "scripted fault", "Message part "];
        let answer = explanations.explain(&reason);
        let known = answer.matches.iter().any(|found| found.by == FoundBy::Text);
        assert!(known || foreign.iter().any(|foreign| reason.starts_with(foreign)), "unexplained: {reason}");
        let ids: Vec<_> = answer.matches.iter().map(|found| found.explanation.id.as_str()).collect();
        writeln!(table, "{reason}\n    -> {}\n", ids.join(", ")).unwrap();
    }
    snapshot("recorded-faults", &table);
}

#[rstest]
#[case::whole("The server is too busy.", "too-busy", FoundBy::Text)]
#[case::prefix(
    "Unhandled Exception: System.ServiceModel.EndpointNotFoundException: There was no endpoint listening at http://h:81/x.svc that could accept the message. This is often caused by an incorrect address or SOAP action.\n   at System.ServiceModel.Channels.ServiceChannel.Call(String action)",
    "endpoint-not-found",
    FoundBy::Text
)]
#[case::broken_lines(
    "> There was no space available in the\n> reliable channel's   transfer window",
    "window-full",
    FoundBy::Text
)]
#[case::html(
    "<p>The CloseSequence request&#39;s reply message must carry a final&nbsp;acknowledgement.</p>",
    "final-missing",
    FoundBy::Text
)]
#[case::cut("space available in the reliable chan", "window-full", FoundBy::Part)]
#[case::short("transfer window", "window-full", FoundBy::Part)]
#[case::cut_at_the_address(
    "There was no endpoint listening at http://ho",
    "endpoint-not-found",
    FoundBy::Text
)]
#[case::reason_in_a_frame(
    "The sequence has been terminated by the remote endpoint. Two different wsrm:LastMsgNumber values were specified. Because of this the reliable session cannot complete. The reliable session was faulted.",
    "last-number-wrong",
    FoundBy::Text
)]
#[case::refusal(
    "The request to create a reliable session has been refused by the RM Destination. The endpoint at http://h/x processes reply sessions. The create sequence request must contain an offer for a return sequence. This is likely caused by a binding mismatch. The channel could not be opened.",
    "offer-required",
    FoundBy::Text
)]
#[case::inner(
    "System.TimeoutException: The request channel timed out attempting to send after 00:00:25. Increase the timeout value passed to the call to Request or increase the SendTimeout value on the Binding. ---> System.TimeoutException: The message could not be transferred within the allotted timeout of 00:00:25. There was no space available in the reliable channel's transfer window.",
    "window-full",
    FoundBy::Text
)]
#[case::ordinary_status(
    "The remote server returned an unexpected response: (400) Bad Request.",
    "http-bad-request",
    FoundBy::Text
)]
#[case::rare_status(
    "The remote server returned an unexpected response: (502) Bad Gateway.",
    "http-unexpected",
    FoundBy::Text
)]
#[case::follow_up(
    "The communication object, System.ServiceModel.Channels.ServiceChannel, cannot be used for communication because it is in the Faulted state.",
    "channel-faulted",
    FoundBy::Text
)]
#[case::code("wsrm:SequenceClosed", "sequence-closed", FoundBy::Code("SequenceClosed".to_owned()))]
#[case::code_in_lower_case("unknownsequence", "sequence-unknown", FoundBy::Code("UnknownSequence".to_owned()))]
#[case::german(
    "System.ServiceModel.CommunicationObjectFaultedException: Das Kommunikationsobjekt kann nicht für die Kommunikation verwendet werden, da es sich im Status 'Faulted' befindet.",
    "channel-faulted",
    FoundBy::Exception("CommunicationObjectFaultedException".to_owned())
)]
#[case::german_fault(
    "<s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>r:UnknownSequence</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang=\"de-DE\">Der Wert ist keine bekannte Sequenz.</s:Text></s:Reason>",
    "sequence-unknown",
    FoundBy::Code("UnknownSequence".to_owned())
)]
#[case::id("window-full", "window-full", FoundBy::Id)]
fn finds_what_a_user_has(#[case] text: &str, #[case] id: &str, #[case] by: FoundBy) {
    let explanations = Explanations::load().unwrap();
    let answer = explanations.explain(text);
    let first = answer.matches.first().unwrap_or_else(|| panic!("nothing for `{text}`"));
    assert_eq!((first.explanation.id.as_str(), &first.by), (id, &by));
}

#[rstest]
#[case::nothing("")]
#[case::no_words("... --- ...")]
#[case::another_subject("Lorem ipsum dolor sit amet")]
#[case::in_many_texts("The reliable session")]
fn does_not_guess(#[case] text: &str) {
    let explanations = Explanations::load().unwrap();
    assert!(explanations.explain(text).matches.is_empty());
}

#[rstest]
#[case("no endpoint is listening", "endpoint-not-found")]
#[case("transfer windov exceeded?", "window-full")]
#[case("final ack missing on close sequence", "final-missing")]
fn suggests_what_comes_near(#[case] text: &str, #[case] id: &str) {
    let explanations = Explanations::load().unwrap();
    let answer = explanations.explain(text);
    let ids: Vec<_> = answer.suggestions.iter().map(|explanation| explanation.id.as_str()).collect();
    assert!(ids.contains(&id), "{ids:?}");
}

#[test]
fn reads_no_more_than_it_must() {
    let explanations = Explanations::load().unwrap();
    let long = "the reliable session ü &amp; ".repeat(60_000);
    assert!(explanations.explain(&long).matches.len() < 2);
}

#[rstest]
#[case::unknown_field("x = 1", "unknown field")]
#[case::short_text("texts = [\"short\"]", "fewer than 2 words")]
#[case::unknown_setting(
    "texts = [\"a b c\"]\nsettings = [{ name = \"nothing\", advice = \"a\" }]",
    "not known"
)]
#[case::no_sign("", "nothing leads to it")]
#[case::empty_text("texts = [\" \"]", "empty")]
fn refuses_what_breaks_the_rules(#[case] lines: &str, #[case] what: &str) {
    let entry = "[[explanation]]\nid = \"a\"\ntitle = \"t\"\nkind = \"cause\"\nmeaning = \"m\"\nwire = \"w\"\ncauses = [\"c\"]\n";
    let text = format!("{entry}{lines}\n");
    let error = Explanations::read("setting = []", [("family", text.as_str())]).unwrap_err();
    assert!(error.to_string().contains(what), "{error}");
}

#[test]
fn refuses_what_two_share() {
    let entry = |id: &str, text: &str| {
        format!(
            "[[explanation]]\nid = \"{id}\"\ntitle = \"t\"\nkind = \"cause\"\nmeaning = \"m\"\nwire = \"w\"\ncauses = [\"c\"]\ntexts = [\"{text}\"]\n"
        )
    };
    let text = entry("a", "It is so.") + &entry("b", "it is -- so");
    let error = Explanations::read("setting = []", [("family", text.as_str())]).unwrap_err();
    assert_eq!(
        error,
        ExplanationError::Shared { sign: "text it is so".to_owned(), ids: ["a".to_owned(), "b".to_owned()] }
    );
}
