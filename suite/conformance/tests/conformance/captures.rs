//! Captures of other tools: what is read of them, held against what was.

#![expect(clippy::panic, reason = "a test may panic")]

mod write;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use rstest::rstest;
use serde_json::Value;
use wsrm_conformance::capture::{Capture, CaptureFlaw, Format, MAX_EXCHANGES};
use wsrm_conformance::content::Content;
use wsrm_conformance::judgement::{Judgement, Selection, Standing};
use wsrm_conformance::ladder::Ladder;
use wsrm_conformance::recording::{self, Exchange, HttpMessage, Recording, Silence};

use wsrm_conformance::summary::{SequenceNames, Summary};
use wsrm_oracle::Catalogue;

use write::Side;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The sessions of real programs, not of hand-made requests, that consist of SOAP alone.
fn sessions_of_programs(stacks: &[&str]) -> Vec<Recording> {
    let recordings = root().join("fixtures/recordings");
    let folders = stacks.iter().flat_map(|stack| recording::find(&recordings.join(stack)).unwrap());
    let recordings = folders.map(|folder| Recording::read(&folder).unwrap());
    let is_soap = |message: &HttpMessage| matches!(Content::of(message), Content::Soap(_) | Content::Empty);
    let is_session = |recording: &Recording| {
        let mut exchanges = recording.exchanges().iter();
        !recording.scenario().client_steps.is_empty()
            && exchanges.all(|exchange| is_soap(&exchange.request) && exchange.response.iter().all(is_soap))
    };
    recordings.filter(is_session).collect()
}

fn parse(bytes: &[u8]) -> Capture {
    Capture::parse(Path::new("capture"), bytes).unwrap().unwrap()
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(root().join("fixtures/captures").join(name)).unwrap()
}

/// Requests with their responses, however often each.
type Pairs = BTreeMap<(String, String), i32>;

fn pairs<'e>(exchanges: impl IntoIterator<Item = &'e Exchange>) -> Pairs {
    let mut pairs = Pairs::new();
    for exchange in exchanges {
        let response = exchange.response.as_ref().map(write::logged).unwrap_or_default().to_owned();
        *pairs.entry((write::logged(&exchange.request).to_owned(), response)).or_default() += 1;
    }
    pairs
}

/// What a side can know of the exchanges.
fn known_to(side: Side, recording: &Recording) -> Vec<Exchange> {
    let known =
        recording.exchanges().iter().filter(|exchange| side != Side::Service || exchange.request_delivered);
    let known = known.cloned().map(|mut exchange| {
        if side == Side::Client && !exchange.response_delivered {
            exchange.response = None;
        }
        exchange
    });
    known.collect()
}

/// A request and a response by their summaries.
fn short((request, response): &(String, String)) -> String {
    let mut names = SequenceNames::default();
    let mut line =
        |text: &str| Summary::of_content(&Content::of_bytes(text.as_bytes(), None), &mut names).text;
    format!("{} -> {}", line(request), line(response))
}

fn draw(capture: &Capture) -> String {
    let mut drawing = String::new();
    for session in &capture.sessions {
        let _ = writeln!(drawing, "{}", anstream::adapter::strip_str(&Ladder::of(session).render(100)));
    }
    let _ = writeln!(drawing, "left out: {}", capture.left_out);
    for note in &capture.notes {
        let _ = writeln!(drawing, "note: {note}");
    }
    drawing
}

#[rstest]
#[case::client(Side::Client)]
#[case::service(Side::Service)]
#[case::both(Side::Both)]
fn a_message_log_tells_the_exchanges_of_every_recorded_session(#[case] side: Side) {
    let mut checked = 0;
    let mut wrong = Vec::new();
    for recording in sessions_of_programs(&["wcf", "wcf-10", "cross"]) {
        let log = write::service_log(&recording, side);
        if log.is_empty() {
            continue;
        }
        let capture = parse(&log);
        let found = pairs(capture.sessions.iter().flat_map(Recording::exchanges));
        let truth = pairs(&known_to(side, &recording));
        checked += truth.len();
        for pair in truth.keys().filter(|pair| found.get(*pair) != truth.get(*pair)) {
            wrong.push(format!("{}: {}", recording.folder().display(), short(pair)));
        }
    }
    assert!(wrong.is_empty(), "{} of {checked} are not told:\n{}", wrong.len(), wrong.join("\n"));
    assert!(checked > 500, "{checked}");
}

#[rstest]
#[case::http_archive(write::http_archive, Format::HttpArchive)]
#[case::fiddler_archive(write::fiddler_archive, Format::Fiddler)]
fn an_archive_tells_the_exchanges_of_every_recorded_session(
    #[case] write: fn(&Recording) -> Vec<u8>,
    #[case] format: Format,
) {
    for recording in sessions_of_programs(&["wcf"]) {
        let capture = parse(&write(&recording));
        assert_eq!(capture.format, format);
        assert_eq!(capture.notes, []);
        assert_eq!(capture.sessions.len(), 1, "{}", recording.name());
        let told = capture.sessions[0].exchanges();
        let by_time = |exchange: &&Exchange| exchange.timing.sent;
        let mut real: Vec<_> = recording.exchanges().iter().collect();
        real.sort_by_key(by_time);
        assert_eq!(told.len(), real.len(), "{}", recording.name());
        let first = real[0].timing.sent.unwrap();
        for (told, real) in told.iter().zip(real) {
            assert_eq!(told.request.start(), real.request.start());
            assert_eq!(told.request.fields(), real.request.fields());
            assert_eq!(told.request.body(), real.request.body());
            let body =
                |exchange: &Exchange| exchange.response.as_ref().map(|response| response.body().to_vec());
            assert_eq!(body(told), body(real));
            assert_eq!(told.timing.sent, real.timing.sent.map(|sent| sent - first));
            if real.response.is_some() {
                assert_eq!(told.timing.answered, real.timing.answered.map(|answered| answered - first));
            } else {
                assert_eq!(told.silence, Silence::Closed);
            }
        }
    }
}

#[test]
fn a_log_of_both_sides_tells_what_was_lost() {
    let (mut requests, mut responses) = (0, 0);
    for recording in sessions_of_programs(&["wcf"]) {
        let capture = parse(&write::service_log(&recording, Side::Both));
        let lost = |exchanges: &[Exchange]| {
            let lost = |exchange: &&Exchange| {
                !exchange.request_delivered || (exchange.response.is_some() && !exchange.response_delivered)
            };
            exchanges.iter().filter(lost).map(|exchange| exchange.request.body().to_vec()).collect::<Vec<_>>()
        };
        for session in &capture.sessions {
            let truth = lost(recording.exchanges());
            for body in lost(session.exchanges()) {
                assert!(truth.contains(&body), "{}", recording.name());
            }
            requests += session.exchanges().iter().filter(|exchange| !exchange.request_delivered).count();
            let is_lost = |exchange: &&Exchange| exchange.response.is_some() && !exchange.response_delivered;
            responses += session.exchanges().iter().filter(is_lost).count();
        }
    }
    assert!(requests >= 20 && responses >= 8, "{requests} {responses}");
}

/// Two logs put together, from machines whose clocks differ by ten minutes.
#[test]
fn clocks_may_differ() {
    for recording in sessions_of_programs(&["wcf"]) {
        let client = String::from_utf8(write::service_log(&recording, Side::Client)).unwrap();
        let service = String::from_utf8(write::service_log(&recording, Side::Service)).unwrap();
        let service = service.replace("T08:3", "T08:4").replace("ProcessID=\"7\"", "ProcessID=\"8\"");
        let capture = parse(&[client, service].concat().into_bytes());
        let found = pairs(capture.sessions.iter().flat_map(Recording::exchanges));
        assert_eq!(found, pairs(recording.exchanges()), "{}", recording.name());
    }
}

/// A session at its end is read as far as the log goes, wherever it is cut.
#[test]
fn a_log_may_be_cut_anywhere() {
    let log = fixture("echo-rm11-service.svclog");
    let end = b"</E2ETraceEvent>";
    for cut in (1..log.len()).step_by(61).chain([log.len()]) {
        let part = &log[..cut];
        let whole = part.windows(end.len()).filter(|window| window == end).count();
        let Some(capture) = Capture::parse(Path::new("log"), part).unwrap() else {
            assert!(cut < 20, "{cut}");
            continue;
        };
        let messages: usize = capture
            .sessions
            .iter()
            .flat_map(Recording::exchanges)
            .map(|exchange| 1 + usize::from(exchange.response.is_some()))
            .sum();
        assert_eq!(messages, whole, "cut at {cut}");
        let at_boundary = part.ends_with(end);
        assert_eq!(capture.notes.len(), usize::from(!at_boundary), "cut at {cut}: {:?}", capture.notes);
    }
}

#[rstest]
#[case("echo-rm10-client.svclog")]
#[case("echo-rm11-service.svclog")]
#[case("oneway-request-dropped-both.svclog")]
#[case("both-levels.svclog")]
#[case("cut-and-appended.svclog")]
#[case("headers-only.svclog")]
#[case("malformed.svclog")]
#[case("net-tcp.svclog")]
#[case("service-level.svclog")]
#[case("two-sessions.svclog")]
#[case("browser.har")]
#[case("proxy.saz")]
fn drawing(#[case] name: &str) {
    let capture = Capture::read(&root().join("fixtures/captures").join(name)).unwrap().unwrap();
    insta::with_settings!({
        snapshot_path => root().join("golden/captures"),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, draw(&capture));
    });
}

/// What matters about a log is not its first bytes.
#[rstest]
#[case::plain(|log: &[u8]| log.to_vec())]
#[case::marked(|log: &[u8]| [b"\xef\xbb\xbf", log].concat())]
#[case::utf_16(|log: &[u8]| {
    let text = String::from_utf8(log.to_vec()).unwrap();
    [vec![0xff, 0xfe], text.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat()
})]
#[case::declared(|log: &[u8]| [b"<?xml version='1.0'?>\r\n<root>", log, b"</root>"].concat())]
#[case::lines(|log: &[u8]| String::from_utf8(log.to_vec()).unwrap().replace("><E2E", ">\r\n\r\n<E2E").into_bytes())]
#[case::twice(|log: &[u8]| [log, log].concat())]
#[case::records_alone(|log: &[u8]| {
    let text = String::from_utf8(log.to_vec()).unwrap();
    let records = text.split("<MessageLogTraceRecord").skip(1);
    let records = records.map(|rest| format!(
        "System.ServiceModel.MessageLogging Information: 0 : <MessageLogTraceRecord{}</MessageLogTraceRecord>\n",
        rest.split("</MessageLogTraceRecord>").next().unwrap()
    ));
    records.collect::<String>().into_bytes()
})]
fn a_log_is_known_by_its_content(#[case] change: fn(&[u8]) -> Vec<u8>) {
    let plain = fixture("echo-rm11-service.svclog");
    let truth = parse(&plain);
    let capture = parse(&change(&plain));
    assert_eq!(capture.format, Format::ServiceLog);
    let all = |capture: &Capture| pairs(capture.sessions.iter().flat_map(Recording::exchanges));
    assert_eq!(all(&capture), all(&truth));
}

#[rstest]
#[case::message(b"POST /a HTTP/1.1\r\n\r\n<E2ETraceEvent/>")]
#[case::xml(b"<a/>")]
#[case::json(br#"{"timeline": []}"#)]
#[case::text(b"E2ETraceEvent")]
#[case::nothing(b"")]
fn other_files_are_no_captures(#[case] bytes: &[u8]) {
    assert_eq!(Capture::parse(Path::new("x"), bytes).unwrap(), None);
}

fn flaw(bytes: &[u8]) -> String {
    Capture::parse(Path::new("x"), bytes).unwrap_err().to_string()
}

#[test]
fn says_what_is_wrong_with_an_archive() {
    assert_eq!(
        flaw(br#"{"log": {"entries": ["#),
        "an HTTP archive that is no JSON: EOF while parsing a list at line 1 column 21"
    );
    assert!(flaw(br#"{"log": {}}"#).contains("missing field `entries`"));
    assert_eq!(
        flaw(&write::zipped([("a.txt".to_owned(), b"a".to_vec())])),
        "a zip archive, and not one of Fiddler: no file in it is named as raw/1_c.txt is"
    );
    let whole = fixture("proxy.saz");
    assert!(flaw(&whole[..whole.len() / 2]).starts_with("a zip archive that cannot be read: "));
    // Bit 0 of the flags says that an entry is encrypted: in the local header and in the central directory.
    let mut encrypted = whole.clone();
    for at in 0..encrypted.len() - 10 {
        match &encrypted[at..at + 4] {
            b"PK\x03\x04" => encrypted[at + 6] |= 1,
            b"PK\x01\x02" => encrypted[at + 8] |= 1,
            _ => {}
        }
    }
    assert_eq!(
        flaw(&encrypted),
        "the archive is encrypted; open it in Fiddler and save it without a password"
    );
}

#[test]
fn archives_do_not_unpack_without_end() {
    let bomb = vec![b' '; 17 << 20];
    let request = b"POST /a HTTP/1.1\r\nContent-Length: 0\r\n\r\n".to_vec();
    let files = [("raw/1_c.txt".to_owned(), request), ("raw/1_s.txt".to_owned(), bomb)];
    let capture = parse(&write::zipped(files));
    assert_eq!(
        capture.notes[0].to_string(),
        "session 1, response: unpacked it is larger than 16 MiB, or all of it together is"
    );
}

/// What is violated in the sessions of a capture, by whom.
fn violated(bytes: &[u8]) -> Vec<String> {
    let catalogue = Catalogue::load().unwrap();
    let sessions = Capture::parse(Path::new("x"), bytes).unwrap().map(|capture| capture.sessions);
    let judgements: Vec<_> = sessions
        .iter()
        .flatten()
        .map(|session| Judgement::of(session, "x", &catalogue, &Selection::default()))
        .collect();
    let violated = judgements.iter().flat_map(|judgement| &judgement.requirements);
    let violated = violated.filter(|judged| judged.standing == Standing::Violated);
    violated.flat_map(|judged| &judged.findings).map(|finding| format!("{finding:?}")).collect()
}

#[rstest]
#[case("echo-rm11-service.svclog", "ServiceLevelReceiveRequest", "ServiceLevelSendReply")]
#[case("echo-rm10-client.svclog", "ServiceLevelReceiveReply", "ServiceLevelSendRequest")]
#[case("both-levels.svclog", "ServiceLevelReceiveRequest", "ServiceLevelSendReply")]
fn what_a_log_leaves_out_is_held_against_nobody(
    #[case] name: &str,
    #[case] received: &str,
    #[case] sent: &str,
) {
    let log = String::from_utf8(fixture(name)).unwrap();
    let records: Vec<&str> = log.split_inclusive("</E2ETraceEvent>").collect();
    let only = |keep: &dyn Fn(usize, &str) -> bool| -> String {
        let kept = records.iter().enumerate().filter(|(place, record)| keep(*place, record));
        kept.map(|(_, record)| *record).collect()
    };
    let mut logs = vec![
        only(&|_, record| record.contains("TransportSend")),
        only(&|_, record| record.contains("TransportReceive")),
        log.replace("TransportReceive", received).replace("TransportSend", sent),
    ];
    for gone in 0..records.len() {
        logs.push(only(&|place, _| place != gone));
        logs.push(only(&|place, _| place >= gone));
        logs.push(only(&|place, _| place < gone));
    }
    for log in logs {
        let excerpt: Vec<&str> =
            log.split("<Action").skip(1).map(|rest| &rest[..rest.len().min(90)]).collect();
        assert_eq!(violated(log.as_bytes()), Vec::<String>::new(), "{excerpt:#?}");
    }
}

#[rstest]
#[case::responses(|entry: &mut Value| entry["response"]["content"]["text"] = Value::Null)]
#[case::requests(|entry: &mut Value| entry["request"]["postData"]["text"] = Value::Null)]
#[case::header_fields(|entry: &mut Value| entry["request"]["headers"] = Value::Array(Vec::new()))]
#[case::values(|entry: &mut Value| {
    for half in ["request", "response"] {
        for field in entry[half]["headers"].as_array_mut().into_iter().flatten() {
            field["value"] = "[REDACTED]".into();
        }
    }
})]
#[case::times(|entry: &mut Value| entry["startedDateTime"] = "".into())]
#[case::whole_entries(|entry: &mut Value| {
    if entry["request"]["postData"]["text"].as_str().is_some_and(|text| text.contains(">1</")) {
        entry["request"] = "gone".into();
    }
})]
fn what_an_archive_leaves_out_is_held_against_nobody(#[case] change: fn(&mut Value)) {
    let mut archive: Value = serde_json::from_slice(&fixture("browser.har")).unwrap();
    for entry in archive["log"]["entries"].as_array_mut().unwrap() {
        change(entry);
    }
    assert_eq!(violated(archive.to_string().as_bytes()), Vec::<String>::new());
}

#[test]
fn a_missing_part_of_an_archive_is_held_against_nobody() {
    let mut archive = zip::ZipArchive::new(Cursor::new(fixture("proxy.saz"))).unwrap();
    let mut files = Vec::new();
    for place in 0..archive.len() {
        let mut file = archive.by_index(place).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        files.push((file.name().unwrap().into_owned(), content));
    }
    for (gone, _) in &files {
        let left = files.iter().filter(|(name, _)| name != gone).cloned();
        assert_eq!(violated(&write::zipped(left)), Vec::<String>::new(), "without {gone}");
    }
}

#[test]
fn more_exchanges_than_the_limit_are_refused() {
    let entries = vec!["{}"; MAX_EXCHANGES + 1].join(",");
    let error = Capture::parse(Path::new("x"), format!(r#"{{"log":{{"entries":[{entries}]}}}}"#).as_bytes());
    assert!(matches!(error, Err(CaptureFlaw::TooMany)));
}

/// Edits of a file: where, how many bytes go, what comes.
fn edits() -> impl Strategy<Value = Vec<(prop::sample::Index, usize, Vec<u8>)>> {
    let pieces = prop::sample::select(vec![
        &b"<"[..],
        b">",
        b"</E2ETraceEvent>",
        b"<E2ETraceEvent>",
        b"<![CDATA[",
        b"]]>",
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b"&#0;",
        b"\"",
        b"{",
        b"}",
        b"null",
        b"-1",
        b"9999999999999999999999",
        b"TransportSend",
        b"Malformed",
        b"\r\n",
    ]);
    let inserted = prop_oneof![pieces.prop_map(<[u8]>::to_vec), prop::collection::vec(any::<u8>(), 0..8)];
    prop::collection::vec((any::<prop::sample::Index>(), 0_usize..2000, inserted), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics_over_damaged_files(
        name in prop::sample::select(vec![
            "both-levels.svclog", "malformed.svclog", "headers-only.svclog", "net-tcp.svclog", "browser.har", "proxy.saz",
            "oneway-request-dropped-both.svclog",
        ]),
        edits in edits(),
    ) {
        let mut bytes = fixture(name);
        for (at, gone, inserted) in edits {
            let at = at.index(bytes.len().max(1)).min(bytes.len());
            let end = (at + gone).min(bytes.len());
            bytes.splice(at..end, inserted);
        }
        if let Ok(Some(capture)) = Capture::parse(Path::new("damaged"), &bytes) {
            draw(&capture);
        }
    }
}
