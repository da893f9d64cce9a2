//! HTTP archives (HAR 1.2), as browsers and proxies write them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::Value;

use super::text::moment;
use super::{CaptureFlaw, Captured, Harvest, MAX_EXCHANGES, Notes, in_order};
use crate::recording::{Evidence, HttpMessage, Silence, StartLine};

/// Whether it is an object that starts as an archive does; the rest is looked at when it is read.
pub(super) fn is_archive(text: &[u8]) -> bool {
    let start = text.get(..text.len().min(4096)).unwrap_or_default();
    let bare: Vec<u8> = start.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).take(8).collect();
    bare.starts_with(b"{\"log\":{")
}

#[derive(Deserialize)]
struct Archive {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    #[serde(default)]
    creator: Option<Creator>,
    entries: Vec<Value>,
}

#[derive(Deserialize)]
struct Creator {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(default)]
    started_date_time: String,
    #[serde(default)]
    time: Option<f64>,
    request: Request,
    #[serde(default)]
    response: Option<Response>,
    #[serde(default)]
    connection: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    #[serde(default)]
    method: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    headers: Vec<Field>,
    #[serde(default)]
    post_data: Option<Body>,
    #[serde(default)]
    body_size: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    #[serde(default)]
    status: f64,
    #[serde(default)]
    status_text: String,
    #[serde(default)]
    headers: Vec<Field>,
    #[serde(default)]
    content: Option<Body>,
    #[serde(default)]
    body_size: Option<f64>,
    #[serde(default, rename = "_error")]
    error: Option<String>,
}

#[derive(Deserialize)]
struct Field {
    name: String,
    #[serde(default)]
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    encoding: Option<String>,
    #[serde(default)]
    size: Option<f64>,
    #[serde(default)]
    mime_type: Option<String>,
}

/// Reads an archive.
pub(super) fn read(text: &[u8]) -> Result<Harvest, CaptureFlaw> {
    let archive: Archive = serde_json::from_slice(text)?;
    if archive.log.entries.len() > MAX_EXCHANGES {
        return Err(CaptureFlaw::TooMany);
    }
    let creator = archive.log.creator.map(|creator| creator.name).filter(|name| !name.trim().is_empty());
    let mut harvest = Harvest {
        seen_by: creator.map(|name| format!(" of {name}")).unwrap_or_default(),
        ..Harvest::default()
    };
    for (index, entry) in archive.log.entries.into_iter().enumerate() {
        let place = format!("entry {}", index + 1);
        match serde_json::from_value::<Entry>(entry) {
            Ok(entry) => {
                let exchange = entry.exchange(&place, &mut harvest.notes);
                harvest.exchanges.push(exchange);
            }
            Err(error) => {
                harvest.notes.add(place, format!("it cannot be understood: {error}"));
                harvest.gaps.push(harvest.exchanges.last().and_then(Captured::start));
            }
        }
    }
    harvest.exchanges = in_order(harvest.exchanges);
    Ok(harvest)
}

impl Entry {
    fn exchange(self, place: &str, notes: &mut Notes) -> Captured {
        let sent = moment(&self.started_date_time);
        let time = self.time.filter(|time| (0.0..=1e12).contains(time));
        let taken = time.map(|time| SignedDuration::from_secs_f64(time / 1000.0));
        let (host, request) = self.request.message(place, notes);
        let (response, silence) = match self.response {
            Some(response) => response.message(place, notes),
            None => (None, Silence::Unknown),
        };
        let server = response.as_ref().and_then(|response| response.field("Server"));
        let service = [server, host.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(", ");
        let client = request.field("User-Agent").map(str::to_owned);
        let mut exchange = Captured::new(Some(request), response, silence);
        exchange.sent = sent;
        exchange.answered = sent.and_then(|sent| sent.checked_add(taken?).ok());
        exchange.connection = match self.connection {
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(Value::Number(number)) => number.as_u64().and_then(|number| number.try_into().ok()),
            _ => None,
        };
        exchange.client = client;
        exchange.service = Some(service).filter(|service| !service.is_empty());
        exchange
    }
}

impl Request {
    /// The message and the host that it goes to.
    fn message(self, place: &str, notes: &mut Notes) -> (Option<String>, HttpMessage) {
        let (host, target) = match self.url.split_once("://") {
            Some((_, rest)) => match rest.find(['/', '?']) {
                Some(at) => (rest.get(..at), rest.get(at..).unwrap_or("/")),
                None => (Some(rest), "/"),
            },
            None => (None, self.url.as_str()),
        };
        let host = host.map(str::to_owned);
        let mut fields = fields(self.headers);
        let place = format!("{place}, request");
        let (body, evidence) = bytes(self.post_data, &mut fields, self.body_size, &place, notes);
        let method =
            if self.method.is_empty() { "POST".to_owned() } else { self.method.to_ascii_uppercase() };
        let start = StartLine::Request { method, target: target.to_owned() };
        (host, HttpMessage::from_parts(start, fields, body, evidence).at(place))
    }
}

impl Response {
    /// The message; a status of 0 is how the format writes that there is none.
    fn message(self, place: &str, notes: &mut Notes) -> (Option<HttpMessage>, Silence) {
        let status = self.status;
        if !(100.0..1000.0).contains(&status) {
            let why = self.error.filter(|error| !error.is_empty());
            return (None, why.map_or(Silence::Closed, Silence::Failed));
        }
        let place = format!("{place}, response");
        let mut fields = fields(self.headers);
        let (body, evidence) = bytes(self.content, &mut fields, self.body_size, &place, notes);
        let start = StartLine::Response { status: status as u16, reason: self.status_text };
        (Some(HttpMessage::from_parts(start, fields, body, evidence).at(place)), Silence::Closed)
    }
}

/// Header fields; those that begin with a colon are HTTP/2's own and no fields.
fn fields(fields: Vec<Field>) -> Vec<(String, String)> {
    let kept = fields.into_iter().filter(|field| !field.name.starts_with(':'));
    kept.map(|field| (field.name, field.value)).collect()
}

/// The bytes of a body. Archives keep text in UTF-8, with codings undone; what is no text in base64.
fn bytes(
    body: Option<Body>,
    fields: &mut Vec<(String, String)>,
    size: Option<f64>,
    place: &str,
    notes: &mut Notes,
) -> (Vec<u8>, Evidence) {
    let is_blanked = blank(fields);
    let declared = || {
        let length = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("Content-Length"));
        length.and_then(|(_, value)| value.trim().parse::<f64>().ok())
    };
    let content_size = body.as_ref().and_then(|body| body.size);
    let was_there = [size, content_size, declared()].into_iter().flatten().any(|size| size > 0.0);
    let Some(body) = body else {
        return (Vec::new(), if was_there { Evidence::BodyMissing } else { Evidence::Wire });
    };
    let is_told = fields.iter().any(|(name, _)| name.eq_ignore_ascii_case("Content-Type"));
    if let Some(media) = body.mime_type.filter(|media| !media.is_empty() && !is_told) {
        fields.push(("Content-Type".to_owned(), media));
    }
    let text = body.text.unwrap_or_default();
    let bytes = match body.encoding.as_deref() {
        Some(encoding) if encoding.eq_ignore_ascii_case("base64") => {
            let bare: String = text.split_ascii_whitespace().collect();
            STANDARD.decode(bare).unwrap_or_else(|error| {
                notes.add(place, format!("its body says that it is base64 and is not: {error}"));
                Vec::new()
            })
        }
        _ => text.into_bytes(),
    };
    let evidence = match (bytes.is_empty() && was_there, is_blanked) {
        (true, _) => Evidence::BodyMissing,
        (false, true) => Evidence::Rewritten,
        (false, false) => Evidence::Wire,
    };
    (bytes, evidence)
}

/// Takes out the header fields whose values somebody made unreadable before they gave the archive away; whether there
/// were any, or all of them were left out.
fn blank(fields: &mut Vec<(String, String)>) -> bool {
    let is_blank = |value: &str| {
        let bare = value.trim().trim_matches(|c: char| c.is_ascii_punctuation());
        let words = ["redacted", "removed", "masked", "hidden", "filtered", "sanitized", "scrubbed"];
        let is_word = words.iter().any(|word| bare.eq_ignore_ascii_case(word));
        is_word
            || (bare.is_empty() && value.trim().len() > 2)
            || (bare.len() > 2 && bare.trim_matches('x').is_empty())
    };
    let before = fields.len();
    fields.retain(|(_, value)| !is_blank(value));
    fields.len() < before || before == 0
}
