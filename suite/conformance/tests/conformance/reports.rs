//! Reports: what each form says of one run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCaseStatus};
use rstest::rstest;
use serde_json::Value;
use wsrm_conformance::case::virtual_time::{reference_target, run_reference};
use wsrm_conformance::cases::destination as cases;
use wsrm_conformance::entry::{ClientEnd, ClientFacts, Entry, Subject, Verdict};
use wsrm_conformance::judgement::{Judgement, Selection, Standing};
use wsrm_conformance::recording::{
    Evidence, Exchange, HttpMessage, Recording, Scenario, Silence, StartLine, TimelineEntry,
};
use wsrm_conformance::report::console::{CasesConsole, RecordingsConsole};
use wsrm_conformance::report::{Event, HtmlPage, JsonLines, JunitXml, Reporters, Run, Summary, Verb};
use wsrm_oracle::Catalogue;
use wsrm_protocol::Pattern;
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion, WireProfile};

const GSOAP: &str = "gsoap/04-rm11-oneway-ack-on-200";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Some families, so that a report is short.
fn catalogue() -> Catalogue {
    let families = ["addressing", "create", "ack", "close", "last"];
    Catalogue::load().unwrap().only(|requirement| families.contains(&requirement.family()))
}

/// What the reporters made of a run.
struct Made {
    console: String,
    json: String,
    junit: String,
    html: String,
    summary: Summary,
}

fn report(run: Run, entries: &[Entry]) -> Made {
    let catalogue = catalogue();
    let (mut console, mut json, mut junit, mut html) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut reporters = Reporters::new();
    match run.verb {
        Verb::Judge => reporters.add("console", RecordingsConsole::new(&mut console, 100, false)),
        Verb::Test | Verb::TestClient | Verb::PeerTest => {
            reporters.add("console", CasesConsole::new(&mut console, 100))
        }
    }
    reporters.add("json", JsonLines::new(&mut json));
    reporters.add("junit", JunitXml::new(&mut junit));
    reporters.add("html", HtmlPage::new(&mut html, &catalogue));
    reporters.emit(&Event::RunBegan(run));
    for entry in entries {
        reporters.emit(&Event::EntryBegan(entry.subject.clone()));
        reporters.emit(&Event::EntryEnded(Box::new(entry.clone())));
    }
    reporters.emit(&Event::Remark("a <remark> of the run".to_owned()));
    let elapsed = entries.iter().filter_map(|entry| entry.duration).sum();
    let (summary, errors) = reporters.finish(Some(elapsed));
    assert!(errors.is_empty(), "{errors:?}");
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let console = anstream::adapter::strip_str(&text(console)).to_string();
    Made { console, json: text(json), junit: text(junit), html: text(html), summary }
}

fn run(verb: Verb, subject: &str, planned: usize) -> Run {
    Run { verb, subjects: vec![subject.to_owned()], planned, is_hostile: false }
}

/// Some cases against the reference implementation in virtual time; some are not for it.
fn reference() -> (Run, Vec<Entry>) {
    let catalogue = catalogue();
    let (soap, addressing) = (SoapVersion::Soap12, AddressingVersion::Addressing10);
    let profile = WireProfile { soap, addressing, rm: RmVersion::V200702 };
    let target = reference_target(profile, Pattern::RequestReply);
    let chosen = cases::all().filter(|case| ["close", "last"].contains(&case.family()));
    let entries: Vec<Entry> = (0..)
        .zip(chosen)
        .map(|(place, case)| {
            let report = run_reference(case, &target, &catalogue).unwrap();
            report.into_entry(place, format!("wsrm test {} --case {}", target.address, case.name))
        })
        .collect();
    let subject = format!("{} {}", target.address, target.dialect());
    (run(Verb::Test, &subject, entries.len()), entries)
}

fn subject(place: usize, name: &str) -> Subject {
    let (group, name) = ("recordings".to_owned(), name.to_owned());
    Subject { place, group, name, about: String::new(), dialect: None }
}

fn judged(place: usize, name: &str, recording: Recording) -> Entry {
    let catalogue = catalogue();
    let judgement = Judgement::of(&recording, name, &catalogue, &Selection::default());
    Entry::judged(subject(place, name), judgement, recording, format!("wsrm judge {name}"))
}

/// A recording of a stack with known mistakes, and something that is no recording.
fn gsoap() -> (Run, Vec<Entry>) {
    let recording = Recording::read(&root().join("fixtures/recordings").join(GSOAP)).unwrap();
    let unread = Entry::unread(
        subject(1, "nothing"),
        "nothing: no recording".to_owned(),
        "wsrm judge nothing".to_owned(),
    );
    (run(Verb::Judge, "recordings", 2), vec![judged(0, GSOAP, recording), unread])
}

#[rstest]
#[case::reference("reference", reference())]
#[case::gsoap("gsoap", gsoap())]
fn snapshots(#[case] name: &str, #[case] (run, entries): (Run, Vec<Entry>)) {
    let made = report(run, &entries);
    insta::with_settings!({
        snapshot_path => root().join("golden/reports"),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(format!("{name}-console"), made.console);
        insta::assert_snapshot!(format!("{name}-json"), made.json);
        insta::assert_snapshot!(format!("{name}-junit"), made.junit);
        insta::assert_binary_snapshot!(&format!("{name}.html"), made.html.into_bytes());
    });
}

/// One entry of each verdict.
fn each_verdict() -> (Run, Vec<Entry>) {
    let (_, passed) = reference();
    let (_, failed) = gsoap();
    let verdicts = [
        Verdict::Pass,
        Verdict::Fail,
        Verdict::Inconclusive("no <answer>\u{1}".to_owned()),
        Verdict::NotApplicable("needs RM 1.0".to_owned()),
        Verdict::HarnessError("the case itself failed".to_owned()),
        Verdict::Known,
    ];
    let entries = verdicts.into_iter().enumerate().map(|(place, verdict)| {
        let of = if matches!(verdict, Verdict::Fail | Verdict::Known) { &failed } else { &passed };
        let mut entry = of.first().unwrap().clone();
        entry.subject.place = place;
        entry.subject.name = format!("close.{}", verdict.word());
        entry.duration = Some(Duration::from_millis(1250));
        entry.verdict = verdict;
        let end = ClientEnd::Error(Some("it timed out".to_owned()));
        entry.client = (place > 2).then(|| ClientFacts { end, output: "a line\n".to_owned() });
        entry
    });
    let entries: Vec<Entry> = entries.collect();
    (run(Verb::Test, "http://host/", entries.len()), entries)
}

/// What is read back from the XML is what was run.
#[test]
fn junit_says_what_was_run() {
    let (run, entries) = each_verdict();
    let made = report(run, &entries);
    let read = Report::deserialize_from_str(&made.junit).unwrap();
    assert_eq!((read.tests, read.failures, read.errors), (6, 1, 2));
    let cases: Vec<_> = read.test_suites.iter().flat_map(|suite| &suite.test_cases).collect();
    assert_eq!(cases.len(), entries.len());
    for entry in &entries {
        let case = cases.iter().find(|case| case.name.as_str() == entry.subject.name).unwrap();
        assert_eq!(case.time, entry.duration);
        let (message, description) = match (&entry.verdict, &case.status) {
            (Verdict::Pass | Verdict::Known, TestCaseStatus::Success { .. }) => continue,
            (Verdict::NotApplicable(why), TestCaseStatus::Skipped { message, .. }) => {
                assert_eq!(message.as_ref().unwrap().as_str(), why);
                continue;
            }
            (
                Verdict::Fail,
                TestCaseStatus::NonSuccess { kind: NonSuccessKind::Failure, message, description, .. },
            )
            | (
                Verdict::Inconclusive(_) | Verdict::HarnessError(_),
                TestCaseStatus::NonSuccess { kind: NonSuccessKind::Error, message, description, .. },
            ) => (message.as_ref().unwrap(), description.as_ref().unwrap()),
            (verdict, status) => panic!("{verdict:?} became {status:?}"),
        };
        assert!(description.as_str().contains(&entry.repeat), "{description:?}");
        let reason = entry.verdict.reason().map(|reason| reason.replace('\u{1}', ""));
        assert!(reason.is_none_or(|reason| message.as_str() == reason), "{message:?}");
        for finding in entry.judgement.findings() {
            assert!(description.as_str().contains(&finding.requirement), "{}", finding.requirement);
        }
        for violated in entry.judgement.with_standing(Standing::Violated) {
            assert!(entry.verdict != Verdict::Fail || message.as_str().contains(violated), "{violated}");
        }
    }
}

/// Every line has the shape that is documented, and says what was found.
#[test]
fn json_has_its_schema() {
    let schema = std::fs::read(root().join("fixtures/report.schema.json")).unwrap();
    let schema: Value = serde_json::from_slice(&schema).unwrap();
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("urn:wsrm:report", schema).unwrap();
    let mut schemas = boon::Schemas::new();
    let schema = compiler.compile("urn:wsrm:report", &mut schemas).unwrap();
    for (run, entries) in [reference(), gsoap(), each_verdict()] {
        let made = report(run, &entries);
        let lines: Vec<Value> = made.json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let told =
            entries.iter().filter(|entry| entry.subject.dialect.is_some() || entry.recording.is_some());
        let told: Vec<&Entry> = told
            .filter(|entry| {
                entry.subject.dialect.is_some() || !matches!(entry.verdict, Verdict::HarnessError(_))
            })
            .collect();
        assert_eq!(lines.len(), told.len());
        for (line, entry) in lines.iter().zip(told) {
            let valid = schemas.validate(line, schema).map_err(|error| error.to_string());
            assert_eq!(valid, Ok(()), "{line}");
            let first: Vec<&str> = line.as_object().unwrap().keys().take(4).map(String::as_str).collect();
            assert_eq!(first, ["recording", "findings", "met", "not_exercised"]);
            assert_eq!(line["findings"].as_array().unwrap().len(), entry.judgement.findings().count());
        }
    }
    let too_little = serde_json::json!({"recording": "a", "findings": [], "met": []});
    assert!(schemas.validate(&too_little, schema).is_err());
}

#[test]
fn html_marks_the_bytes_at_fault() {
    let (run, entries) = gsoap();
    let made = report(run, &entries);
    let entry = entries.first().unwrap();
    for finding in entry.judgement.findings() {
        assert!(made.html.contains(&format!("id=\"requirement-{}\"", finding.requirement)));
    }
    assert!(made.html.contains(
        "<mark>&lt;wsrm:AcknowledgementRange Upper=\"2\" Lower=\"1\"&gt;&lt;/wsrm:AcknowledgementRange&gt;</mark>"
    ));
    assert!(made.html.contains("a &lt;remark&gt; of the run"));
    for outside in ["src=", "url(", "@import", "http-equiv=\"refresh\"", "href=\"http"] {
        assert!(!made.html.contains(outside), "{outside}");
    }
}

#[test]
fn the_sum_is_that_of_the_entries() {
    let (run, entries) = each_verdict();
    let Summary { passed, failed, known, inconclusive, not_applicable, harness_errors, open, .. } =
        report(run, &entries).summary;
    assert_eq!(
        [passed, failed, known, inconclusive, not_applicable, harness_errors, open],
        [1, 1, 1, 1, 1, 1, 0]
    );
}

fn page(entries: impl IntoIterator<Item = Entry>) -> String {
    let mut page = Vec::new();
    let mut reporters = Reporters::new();
    reporters.add("page", HtmlPage::new(&mut page, &catalogue()));
    for entry in entries {
        reporters.emit(&Event::EntryEnded(Box::new(entry)));
    }
    reporters.finish(None);
    String::from_utf8(page).unwrap()
}

/// A page does not grow without end, however long the messages are and however much is found.
#[test]
fn html_is_bounded() {
    let (_, entries) = gsoap();
    let entry = entries.first().unwrap();
    let plain = page([entry.clone()]);
    let long = "<x>long</x>".repeat(20_000);
    let giant = |message: &HttpMessage| {
        let body = String::from_utf8(message.body().to_vec()).unwrap();
        let body = body.replace("</SOAP-ENV:Body>", &format!("{long}</SOAP-ENV:Body>"));
        HttpMessage::from_parts(message.start().clone(), Vec::new(), body.into_bytes(), Evidence::Wire)
    };
    let mut longer = entry.clone();
    let recording = entry.recording.as_ref().unwrap();
    let mut exchanges = recording.exchanges().to_vec();
    for exchange in &mut exchanges {
        exchange.request = giant(&exchange.request);
        exchange.response = exchange.response.as_ref().map(giant);
    }
    longer.recording = Some(Recording::new(recording.scenario().clone(), exchanges));
    let longer = page([longer]);
    assert!(longer.contains("bytes are left out here"));
    assert!(longer.len() < plain.len() + 100_000, "{} and {} bytes", plain.len(), longer.len());

    let many = (0..300).map(|place| Entry { subject: subject(place, GSOAP), ..entry.clone() });
    let many = page(many);
    assert!(many.len() < 9_000_000, "{} bytes", many.len());
    assert!(many.contains("more are left out"));
}

/// An exchange that holds secrets in many places, and breaks requirements at them.
fn with_secrets() -> Recording {
    let security = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
    let body = format!(
        "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope' xmlns:a='http://www.w3.org/2005/08/addressing' \
         xmlns:odd='{security}'><s:Header><odd:Security s:mustUnderstand='1' Id='SECRET-0'><odd:UsernameToken>\
         <odd:Username>SECRET-1</odd:Username><odd:Password Type='SECRET-2'>SECRET-3</odd:Password>\
         </odd:UsernameToken></odd:Security><a:Action s:mustUnderstand='1'>\
         http://docs.oasis-open.org/ws-rx/wsrm/200702/CreateSequence</a:Action><a:To>http://me:SECRET-4@host/</a:To>\
         </s:Header><s:Body><CreateSequence xmlns='http://docs.oasis-open.org/ws-rx/wsrm/200702' odd:Password='SECRET-5'>\
         <AcksTo><a:Address>me:SECRET-6@host</a:Address></AcksTo><AcksTo><a:Address>http://me:SECRET-7@host/</a:Address>\
         </AcksTo><Expires>no <odd:Password>SECRET-8</odd:Password></Expires><Offer><Identifier><Password \
         xmlns='{security}'>SECRET-9</Password></Identifier></Offer></CreateSequence></s:Body></s:Envelope>"
    )
    // This one has no element that says so, and is no secret.
    .replace("me:SECRET-6@host", "relative address");
    let start = StartLine::Request { method: "POST".to_owned(), target: "/".to_owned() };
    let fields = [
        ("Content-Type", "application/soap+xml"),
        ("Authorization", "Basic SECRET-A"),
        ("Cookie", "a=SECRET-B"),
        ("proxy-authorization", "SECRET-C"),
    ];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let exchange = Exchange {
        number: 1,
        request: HttpMessage::from_parts(start, fields, body.into_bytes(), Evidence::Wire),
        request_delivered: true,
        request_altered: None,
        response: None,
        response_delivered: false,
        response_altered: None,
        silence: Silence::Closed,
        copies: Vec::new(),
        timing: TimelineEntry::default(),
    };
    Recording::new(Scenario { name: "secrets".to_owned(), ..Scenario::default() }, vec![exchange])
}

/// No report says a secret; what is marked is what the finding is about.
#[test]
fn no_report_says_a_secret() {
    let entry = judged(0, "secrets", with_secrets());
    let places: Vec<String> = entry
        .judgement
        .findings()
        .filter_map(|finding| {
            let recording = entry.recording.as_ref()?;
            let body = recording.exchanges().first()?.request.body();
            Some(String::from_utf8_lossy(body.get(finding.span.clone()?)?).into_owned())
        })
        .collect();
    assert!(places.iter().any(|place| place.starts_with("<Expires>")), "{places:?}");
    assert!(places.iter().any(|place| place.starts_with("<AcksTo>")), "{places:?}");
    let made = report(run(Verb::Judge, "secrets", 1), &[entry]);
    for (form, text) in
        [("console", &made.console), ("json", &made.json), ("junit", &made.junit), ("html", &made.html)]
    {
        let at = text.find("SECRET").map(|at| text[at.saturating_sub(200)..at + 10].to_owned());
        assert_eq!(at, None, "{form}");
    }
    let redacted = "<span class=\"redacted\">redacted</span>";
    for shown in [
        format!("&lt;odd:Password&gt;</mark><mark>{redacted}</mark><mark>&lt;/odd:Password&gt;</mark>"),
        format!("http://{redacted}@host/"),
        "Authorization: Basic redacted".to_owned(),
    ] {
        assert!(made.html.contains(&shown), "{shown}\n{}", made.html);
    }
}
