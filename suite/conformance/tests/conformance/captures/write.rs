//! Recordings written as other tools write captures, so that what is read of them can be held against what was.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use wsrm_conformance::recording::{Exchange, HttpMessage, Recording, StartLine};

/// Who writes a message log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Client,
    Service,
    Both,
}

fn moment(at: Duration) -> Timestamp {
    let start: Timestamp = "2026-11-20T08:30:00Z".parse().unwrap();
    start + SignedDuration::try_from(at).unwrap()
}

fn sent(exchange: &Exchange) -> Duration {
    exchange.timing.sent.unwrap_or(Duration::from_secs(exchange.number.into()))
}

fn answered(exchange: &Exchange) -> Duration {
    exchange.timing.answered.unwrap_or(sent(exchange) + Duration::from_millis(3))
}

fn text(message: &HttpMessage) -> &str {
    std::str::from_utf8(message.body()).unwrap()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// What of a body stands in a message log: no byte order mark, no declaration.
pub(crate) fn logged(message: &HttpMessage) -> &str {
    let body = text(message).trim_start_matches('\u{feff}').trim();
    if body.starts_with("<?") {
        body.split_once("?>").map_or(body, |(_, rest)| rest.trim_start())
    } else {
        body
    }
}

/// One event of a message log. White space and declarations before the envelope are not logged.
pub(crate) fn event(at: Duration, source: &str, message: &HttpMessage) -> String {
    let mut http = String::new();
    let fields: String =
        message.fields().iter().map(|(name, value)| format!("<{name}>{}</{name}>", escaped(value))).collect();
    match message.start() {
        StartLine::Request { method, .. } => {
            let _ = write!(
                http,
                "<HttpRequest><Method>{method}</Method><QueryString /><WebHeaders>{fields}</WebHeaders></HttpRequest>"
            );
        }
        StartLine::Response { status, .. } => {
            let _ = write!(
                http,
                "<HttpResponse><StatusCode>{status}</StatusCode><WebHeaders>{fields}</WebHeaders></HttpResponse>"
            );
        }
    }
    let envelope = logged(message);
    record(at, source, &format!("{http}{envelope}"))
}

/// One event that holds a record with this content.
pub(crate) fn record(at: Duration, source: &str, inside: &str) -> String {
    let time = moment(at).strftime("%Y-%m-%dT%H:%M:%S%.7f+00:00");
    format!(
        "<E2ETraceEvent xmlns=\"http://schemas.microsoft.com/2004/06/E2ETraceEvent\"><System \
         xmlns=\"http://schemas.microsoft.com/2004/06/windows/eventlog/system\"><EventID>0</EventID><Type>3</Type>\
         <SubType Name=\"Information\">0</SubType><Level>8</Level><TimeCreated SystemTime=\"{time}\" /><Source \
         Name=\"System.ServiceModel.MessageLogging\" /><Correlation \
         ActivityID=\"{{00000000-0000-0000-0000-000000000000}}\" /><Execution ProcessName=\"app\" ProcessID=\"7\" \
         ThreadID=\"1\" /><Channel/><Computer>PC</Computer></System><ApplicationData><TraceData><DataItem>\
         <MessageLogTraceRecord Time=\"{time}\" Source=\"{source}\" Type=\"T\" \
         xmlns=\"http://schemas.microsoft.com/2004/06/ServiceModel/Management/MessageTrace\">{inside}\
         </MessageLogTraceRecord></DataItem></TraceData></ApplicationData></E2ETraceEvent>"
    )
}

/// The events of a recording, in their order: each with its time.
pub(crate) fn events(recording: &Recording, side: Side) -> Vec<(Duration, String)> {
    let mut events = Vec::new();
    let mut add = |at: Duration, source: &str, message: &HttpMessage| {
        events.push((at, event(at, source, message)));
    };
    for exchange in recording.exchanges() {
        if side != Side::Service {
            add(sent(exchange), "TransportSend", &exchange.request);
        }
        if side != Side::Client && exchange.request_delivered {
            add(sent(exchange) + exchange.timing.proxy.delay_before, "TransportReceive", &exchange.request);
        }
        let Some(response) = exchange.response.as_ref() else { continue };
        // WCF logs no message where there is none: a response without a body leaves no trace.
        if response.body().is_empty() {
            continue;
        }
        if side != Side::Client {
            add(answered(exchange), "TransportSend", response);
        }
        if side != Side::Service && exchange.response_delivered {
            add(answered(exchange) + exchange.timing.proxy.delay_after, "TransportReceive", response);
        }
    }
    events.sort_by_key(|(at, _)| *at);
    events
}

/// A message log of one side or both.
pub(crate) fn service_log(recording: &Recording, side: Side) -> Vec<u8> {
    events(recording, side).into_iter().map(|(_, event)| event).collect::<String>().into_bytes()
}

/// An HTTP archive.
pub(crate) fn http_archive(recording: &Recording) -> Vec<u8> {
    let fields = |message: &HttpMessage| -> Value {
        message.fields().iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
    };
    let entries: Vec<Value> = recording
        .exchanges()
        .iter()
        .map(|exchange| {
            let StartLine::Request { method, target } = exchange.request.start() else { panic!("a request") };
            let body = match std::str::from_utf8(exchange.request.body()) {
                Ok(text) => json!({"mimeType": "text/xml", "text": text}),
                Err(_) => json!({}),
            };
            let response = match &exchange.response {
                Some(response) => json!({
                    "status": response.status(), "statusText": "", "headers": fields(response),
                    "content": {"size": response.body().len(), "text": text(response)},
                }),
                None => json!({"status": 0, "statusText": "", "headers": [], "content": {"size": 0}}),
            };
            json!({
                "startedDateTime": moment(sent(exchange)).to_string(),
                "time": (answered(exchange) - sent(exchange)).as_secs_f64() * 1000.0,
                "request": {"method": method, "url": format!("http://host{target}"),
                    "headers": fields(&exchange.request), "postData": body},
                "response": response,
            })
        })
        .collect();
    serde_json::to_vec(&json!({"log": {"version": "1.2", "creator": {"name": "test"}, "entries": entries}}))
        .unwrap()
}

/// An archive of Fiddler.
pub(crate) fn fiddler_archive(recording: &Recording) -> Vec<u8> {
    let files = recording.exchanges().iter().flat_map(|exchange| {
        let number = exchange.number;
        let about = format!(
            "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<Session SID=\"{number}\" BitFlags=\"59\">\
             <SessionTimers ClientConnected=\"0001-01-01T00:00:00\" ClientDoneRequest=\"{}\" ServerDoneResponse=\"{}\" />\
             <SessionFlags><SessionFlag N=\"x-clientport\" V=\"{}\" /></SessionFlags></Session>",
            moment(sent(exchange)),
            moment(answered(exchange)),
            50000 + exchange.timing.connection.unwrap_or(1)
        );
        let response = exchange.response.as_ref().map(HttpMessage::raw).unwrap_or_default();
        [
            (format!("raw/{number}_c.txt"), exchange.request.raw().to_vec()),
            (format!("raw/{number}_s.txt"), response.to_vec()),
            (format!("raw/{number}_m.xml"), about.into_bytes()),
        ]
    });
    zipped(files.chain([("_index.htm".to_owned(), b"<html></html>".to_vec())]))
}

/// A zip archive of these files.
pub(crate) fn zipped(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
