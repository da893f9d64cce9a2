//! Writing recordings.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::file_name::{Delivery, FileName, Part};
use super::redact::redacted;
use super::scenario::{OWN_ANSWER, RawUnderTest};
use super::{
    Exchange, HttpMessage, Recording, RecordingError, RecordingFlaw, SCENARIO_FILE, Sender, TimelineEntry,
    UnderTest,
};
use crate::summary::{SequenceNames, Summary};

/// Writes one recording, exchange after exchange.
///
/// The messages of an exchange are on the disk when [`RecordingWriter::exchange`] returns; `scenario.json`, and with
/// it the times, when [`RecordingWriter::flush`] does.
#[derive(Debug)]
pub struct RecordingWriter {
    folder: PathBuf,
    provenance: Provenance,
    redaction: Redaction,
    names: SequenceNames,
    /// By time, then in the order of coming.
    timeline: Vec<(Option<Duration>, Value)>,
    unsaved: bool,
}

/// Where a recording comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Provenance {
    /// Its name.
    pub name: String,
    /// What happens, in a sentence.
    pub description: String,
    /// The program that made the requests, as far as known.
    pub client: String,
    /// The program that answered them.
    pub service: String,
    /// The program that recorded them.
    pub recorder: String,
    /// The rules by which messages came to harm.
    pub faults: Vec<String>,
    /// The seed of those rules.
    pub seed: Option<u64>,
    /// How the client was set up, where that is known; empty else. So are the next four.
    pub client_binding: String,
    /// How the service was set up.
    pub service_binding: String,
    /// What the client's application did.
    pub client_steps: Vec<String>,
    /// What the client's application saw.
    pub client_log: Vec<String>,
    /// What the service's application saw.
    pub service_log: Vec<String>,
    /// The side that was under test, where the other one was a case of this suite.
    pub under_test: Option<UnderTest>,
}

/// What is done about secrets: credentials in HTTP header fields, `wsse:Security` and tokens of WS-Trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Redaction {
    /// They are not written.
    #[default]
    Secrets,
    /// They are.
    Nothing,
}

/// Makes a folder for recordings, if there is none.
///
/// # Errors
/// If it cannot be made, or is not empty.
pub fn empty_folder(folder: &Path) -> Result<(), RecordingError> {
    let fail = |what| RecordingError { path: folder.to_path_buf(), what };
    fs::create_dir_all(folder).map_err(|error| fail(error.into()))?;
    let mut entries = fs::read_dir(folder).map_err(|error| fail(error.into()))?;
    if entries.next().is_some() { Err(fail(RecordingFlaw::NotEmpty)) } else { Ok(()) }
}

impl RecordingWriter {
    /// Writes a whole recording, of which `provenance` tells besides the exchanges.
    ///
    /// # Errors
    /// If the folder is a recording already, or something cannot be written.
    pub fn save(
        recording: &Recording,
        folder: &Path,
        provenance: Provenance,
        redaction: Redaction,
    ) -> Result<(), RecordingError> {
        let mut writer = Self::create(folder, provenance, redaction)?;
        for exchange in recording.exchanges() {
            writer.exchange(exchange)?;
        }
        writer.flush()
    }

    /// A recording in `folder`, which is made where there is none.
    ///
    /// # Errors
    /// If the folder cannot be made, or is a recording already.
    pub fn create(
        folder: &Path,
        provenance: Provenance,
        redaction: Redaction,
    ) -> Result<Self, RecordingError> {
        let fail = |what| RecordingError { path: folder.to_path_buf(), what };
        fs::create_dir_all(folder).map_err(|error| fail(error.into()))?;
        if folder.join(SCENARIO_FILE).exists() {
            return Err(fail(RecordingFlaw::Exists));
        }
        let mut writer = Self {
            folder: folder.to_path_buf(),
            provenance,
            redaction,
            names: SequenceNames::default(),
            timeline: Vec::new(),
            unsaved: true,
        };
        writer.flush()?;
        Ok(writer)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes an exchange down. Its number must be its own.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn exchange(&mut self, exchange: &Exchange) -> Result<(), RecordingError> {
        let number = exchange.number;
        let request_lost = !exchange.request_delivered || exchange.request_altered.is_some();
        self.message(number, Part::Request, delivery(request_lost), Some(&exchange.request))?;
        self.message(number, Part::Request, Delivery::Altered, exchange.request_altered.as_ref())?;
        for copy in &exchange.copies {
            self.message(number, Part::Request, Delivery::Copy(copy.copy), copy.request.as_ref())?;
            self.message(number, Part::Response, Delivery::Copy(copy.copy), copy.response.as_ref())?;
        }
        let response_lost = !exchange.response_delivered || exchange.response_altered.is_some();
        self.message(number, Part::Response, delivery(response_lost), exchange.response.as_ref())?;
        self.message(number, Part::Response, Delivery::Altered, exchange.response_altered.as_ref())?;
        self.names.learn(&exchange.request, exchange.response.as_ref());
        let entry = self.entry(exchange);
        self.timeline.push((exchange.timing.sent, entry));
        self.unsaved = true;
        Ok(())
    }

    /// Writes down something that is no exchange.
    pub fn event(&mut self, at: Duration, event: &str) {
        self.timeline.push((Some(at), json!({ "t_ms": millis(at), "event": event })));
        self.unsaved = true;
    }

    /// Writes bytes that are no HTTP message beside the exchanges, under a name that no reader takes for one.
    ///
    /// Secrets in them cannot be found, so that nothing is written where they are to be left out.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn unreadable(&mut self, number: u64, what: &str, bytes: &[u8]) -> Result<(), RecordingError> {
        match self.redaction {
            Redaction::Secrets => Ok(()),
            Redaction::Nothing => self.write(&format!("{number:02}-{what}.unreadable"), bytes),
        }
    }

    /// Writes `scenario.json`, where anything has changed.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn flush(&mut self) -> Result<(), RecordingError> {
        if !self.unsaved {
            return Ok(());
        }
        self.timeline.sort_by_key(|(at, _)| *at);
        let timeline: Vec<&Value> = self.timeline.iter().map(|(_, entry)| entry).collect();
        let known = &self.provenance;
        let mut scenario = Map::new();
        for (key, text) in [
            ("name", &known.name),
            ("description", &known.description),
            ("client", &known.client),
            ("service", &known.service),
            ("recorder", &known.recorder),
        ] {
            scenario.insert(key.to_owned(), json!(text));
        }
        for (key, text) in
            [("client_binding", &known.client_binding), ("service_binding", &known.service_binding)]
        {
            if !text.is_empty() {
                scenario.insert(key.to_owned(), json!(text));
            }
        }
        for (key, lines) in [
            ("client_steps", &known.client_steps),
            ("client_log", &known.client_log),
            ("service_log", &known.service_log),
        ] {
            if !lines.is_empty() {
                scenario.insert(key.to_owned(), json!(lines));
            }
        }
        if let Some(under_test) = known.under_test {
            scenario.insert("under_test".to_owned(), json!(RawUnderTest::of(under_test)));
        }
        if !known.faults.is_empty() {
            scenario.insert("faults".to_owned(), json!(known.faults));
            if let Some(seed) = known.seed {
                scenario.insert("seed".to_owned(), json!(seed));
            }
        }
        scenario.insert("timeline".to_owned(), json!(timeline));
        let json = format!("{:#}\n", Value::Object(scenario));
        // A reader never finds half a file.
        let half = format!("{SCENARIO_FILE}.part");
        self.write(&half, json.as_bytes())?;
        let path = self.folder.join(SCENARIO_FILE);
        fs::rename(self.folder.join(half), &path)
            .map_err(|error| RecordingError { path, what: error.into() })?;
        self.unsaved = false;
        Ok(())
    }

    fn message(
        &self,
        exchange: u32,
        part: Part,
        delivery: Delivery,
        message: Option<&HttpMessage>,
    ) -> Result<(), RecordingError> {
        let Some(message) = message else { return Ok(()) };
        let redacted = match self.redaction {
            Redaction::Secrets => redacted(message),
            Redaction::Nothing => None,
        };
        let name = FileName { exchange, part, delivery }.to_string();
        self.write(&name, redacted.as_deref().unwrap_or(message.raw()))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), RecordingError> {
        let path = self.folder.join(name);
        fs::write(&path, bytes).map_err(|error| RecordingError { path, what: error.into() })
    }

    fn entry(&mut self, exchange: &Exchange) -> Value {
        let timing = &exchange.timing;
        let mut entry = Map::new();
        let mut put = |key: &str, value: Value| entry.insert(key.to_owned(), value);
        put("n", json!(exchange.number));
        if let Some(sent) = timing.sent {
            put("t_ms", millis(sent));
        }
        if let Some(connection) = timing.connection {
            put("conn", json!(connection));
        }
        if timing.sender == Sender::Service {
            put("from", json!("service"));
        }
        if let Some(label) = &timing.label {
            put("label", json!(label));
        }
        put("req", json!(Summary::of(&exchange.request, &mut self.names).text));
        let proxy = proxy(timing);
        if !proxy.is_empty() {
            put("proxy", Value::Object(proxy));
        }
        if let Some(answered) = timing.answered {
            put("resp_t_ms", millis(answered));
        }
        let response = exchange.response.as_ref().map(|response| Summary::of(response, &mut self.names).text);
        put("resp", json!(response.as_deref().unwrap_or("(none)")));
        if let Some(event) = &timing.event {
            put("event", json!(event));
        }
        Value::Object(entry)
    }
}

const fn delivery(lost: bool) -> Delivery {
    if lost { Delivery::Dropped } else { Delivery::First }
}

fn proxy(timing: &TimelineEntry) -> Map<String, Value> {
    let did = &timing.proxy;
    let entries = [
        ("drop_req", did.drop_request.then(|| json!(1))),
        ("drop_resp", did.drop_response.then(|| json!(1))),
        ("delay_before", seconds(did.delay_before)),
        ("delay_after", seconds(did.delay_after)),
        ("hang", seconds(did.hang)),
        ("dup", (did.duplicates > 0).then(|| json!(did.duplicates))),
        ("canned", did.canned.then(|| json!(if did.is_own_answer { OWN_ANSWER } else { "by a script" }))),
        ("done", (!did.done.is_empty()).then(|| json!(did.done))),
    ];
    entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

/// Seconds, to the millisecond; nothing where they are none.
fn seconds(time: Duration) -> Option<Value> {
    let millis = u32::try_from(time.as_millis()).ok()?;
    (!time.is_zero()).then(|| json!(f64::from(millis.max(1)) / 1000.0))
}

/// Milliseconds, to the microsecond.
fn millis(time: Duration) -> Value {
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    match micros % 1000 {
        0 => json!(micros / 1000),
        // By way of its digits, so that no other digits come of it.
        rest => json!(format!("{}.{rest:03}", micros / 1000).parse::<f64>().ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::{ExchangeCopy, ProxyActions, Recording, Silence};

    fn message(text: &str) -> HttpMessage {
        HttpMessage::parse(text.as_bytes()).unwrap()
    }

    fn request(body: &str) -> HttpMessage {
        message(&format!("POST /e HTTP/1.1\r\nHOST: x\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
    }

    fn response(body: &str) -> HttpMessage {
        message(&format!("HTTP/1.1 200 Fine\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
    }

    fn plain(number: u32) -> Exchange {
        Exchange {
            number,
            request: request("<a/>"),
            request_delivered: true,
            request_altered: None,
            response: Some(response("<b/>")),
            response_delivered: true,
            response_altered: None,
            silence: Silence::Closed,
            copies: Vec::new(),
            timing: TimelineEntry {
                number: Some(number),
                sent: Some(Duration::from_millis(u64::from(number) * 10)),
                answered: Some(Duration::from_micros(u64::from(number) * 10_000 + 1_500)),
                connection: Some(1),
                ..TimelineEntry::default()
            },
        }
    }

    /// Every fate that a message can have.
    fn exchanges() -> Vec<Exchange> {
        let mut all: Vec<Exchange> = (1..=7).map(plain).collect();
        all[1].request_delivered = false;
        all[1].response = None;
        all[1].response_delivered = false;
        all[1].timing.answered = None;
        all[1].timing.proxy = ProxyActions {
            drop_request: true,
            hang: Duration::from_secs(12),
            done: vec!["request dropped".to_owned()],
            ..ProxyActions::default()
        };
        all[2].response_delivered = false;
        all[2].timing.proxy.drop_response = true;
        all[3].copies = vec![
            ExchangeCopy { copy: 1, request: None, response: Some(response("<c/>")) },
            ExchangeCopy { copy: 2, request: Some(request("<d/>")), response: None },
        ];
        all[3].timing.proxy.duplicates = 2;
        all[4].request_delivered = false;
        all[4].request_altered = Some(request("<x/>"));
        all[4].response_delivered = false;
        all[4].response_altered = Some(response("<y/>"));
        all[5].timing.proxy.delay_before = Duration::from_millis(250);
        all[5].timing.proxy.delay_after = Duration::from_secs(3);
        all[6].request_delivered = false;
        all[6].timing.proxy.drop_request = true;
        all[6].timing.proxy.canned = true;
        all[6].timing.proxy.is_own_answer = true;
        all[6].timing.sender = Sender::Service;
        all[6].timing.label = Some("label".to_owned());
        all
    }

    #[test]
    fn what_is_written_is_read_back() {
        let tree = tempfile::tempdir().unwrap();
        let folder = tree.path().join("a/b");
        let provenance = Provenance {
            name: "b".to_owned(),
            description: "d".to_owned(),
            client: "c".to_owned(),
            service: "s".to_owned(),
            faults: vec!["drop".to_owned()],
            seed: Some(7),
            ..Provenance::default()
        };
        let mut writer = RecordingWriter::create(&folder, provenance, Redaction::Secrets).unwrap();
        // Exchanges end in another order than they begin.
        for exchange in exchanges().iter().rev() {
            writer.exchange(exchange).unwrap();
        }
        writer.event(Duration::from_millis(35), "interrupted");
        writer.flush().unwrap();
        let recording = Recording::read(&folder).unwrap();
        assert_eq!(recording.exchanges(), exchanges());
        let scenario = recording.scenario();
        assert_eq!(
            (scenario.name.as_str(), scenario.client.as_str(), scenario.service.as_str()),
            ("b", "c", "s")
        );
        let order: Vec<_> = scenario.timeline.iter().map(|entry| entry.number).collect();
        assert_eq!(order, [Some(1), Some(2), Some(3), None, Some(4), Some(5), Some(6), Some(7)]);
        assert!(recording.documents().is_empty());
    }

    #[test]
    fn secrets_are_left_out_unless_told_otherwise() {
        let raw = "POST / HTTP/1.1\r\nAuthorization: Basic secret\r\nContent-Length: 0\r\n\r\n";
        for (redaction, secret) in [(Redaction::Secrets, false), (Redaction::Nothing, true)] {
            let folder = tempfile::tempdir().unwrap();
            let mut writer =
                RecordingWriter::create(folder.path(), Provenance::default(), redaction).unwrap();
            writer.exchange(&Exchange { request: message(raw), ..plain(1) }).unwrap();
            writer.unreadable(2, "request", b"secret").unwrap();
            writer.flush().unwrap();
            let written = fs::read_to_string(folder.path().join("01-request.http")).unwrap();
            assert_eq!(written.contains("secret"), secret);
            assert_eq!(folder.path().join("02-request.unreadable").exists(), secret);
        }
    }

    #[test]
    fn a_recording_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let create = || RecordingWriter::create(folder.path(), Provenance::default(), Redaction::Secrets);
        create().unwrap();
        assert!(matches!(create().unwrap_err().what, RecordingFlaw::Exists));
    }
}
