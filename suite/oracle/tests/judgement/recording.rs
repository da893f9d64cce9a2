//! Recorded exchanges, as the judge takes them; no more of the format than a test needs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;
use wsrm_oracle::{
    Catalogue, Delivery, Exchange, HttpMessage, Judge, Party, Sent, StartLine, Trace, Verdict,
};

/// A recording: its exchanges, and which of the two ends is WCF.
#[derive(Debug, Clone)]
pub(crate) struct Recording {
    pub(crate) name: String,
    pub(crate) exchanges: Vec<Exchange>,
    pub(crate) wcf: Vec<Party>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/recordings")
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

impl Recording {
    /// All recordings, by name.
    pub(crate) fn all() -> &'static [Self] {
        static ALL: OnceLock<Vec<Recording>> = OnceLock::new();
        ALL.get_or_init(|| {
            let peers = folders(&root());
            let scenarios = peers.iter().filter(|peer| peer.is_dir()).flat_map(|peer| folders(peer));
            let whole = scenarios.filter(|folder| folder.join("scenario.json").exists());
            whole.map(|folder| Self::read(&folder)).collect()
        })
    }

    fn read(folder: &Path) -> Self {
        let scenario: Value =
            serde_json::from_slice(&fs::read(folder.join("scenario.json")).unwrap()).unwrap();
        let mut files: BTreeMap<u32, BTreeMap<String, PathBuf>> = BTreeMap::new();
        for file in folders(folder) {
            let name = file.file_name().unwrap().to_str().unwrap();
            let Some((number, rest)) = name.strip_suffix(".http").and_then(|name| name.split_once('-'))
            else {
                continue;
            };
            let rest = rest
                .replace("c2s-req-DROPPED", "request.dropped")
                .replace("c2s-res-DROPPED", "response.dropped");
            let rest = rest.replace("c2s-res-of-DUPLICATE", "response.copy1");
            files.entry(number.parse().unwrap()).or_default().insert(rest, file.clone());
        }
        let exchanges = files.iter().filter_map(|(number, parts)| exchange(*number, parts, &scenario));
        let is_wcf = |end: &str, name: &str| scenario[end].as_str().unwrap_or_default().contains(name);
        let wcf = [
            (Party::Initiator, is_wcf("client", "dotnet/wcf")),
            (Party::Responder, is_wcf("service", "CoreWCF")),
        ];
        let peer = folder.parent().unwrap().file_name().unwrap().to_str().unwrap();
        Self {
            name: format!("{peer}/{}", folder.file_name().unwrap().to_str().unwrap()),
            exchanges: exchanges.collect(),
            wcf: wcf.into_iter().filter(|(_, is)| *is).map(|(party, _)| party).collect(),
        }
    }

    pub(crate) fn judge(&self, catalogue: &Catalogue) -> Verdict {
        Judge::judge(catalogue, Trace::from_exchanges(self.exchanges.iter().cloned()))
    }
}

fn exchange(number: u32, parts: &BTreeMap<String, PathBuf>, scenario: &Value) -> Option<Exchange> {
    let none = Vec::new();
    let timeline = scenario["timeline"].as_array().unwrap_or(&none);
    let entry = timeline.iter().find(|entry| entry["n"].as_u64() == Some(u64::from(number)));
    let time = |key: &str| entry.and_then(|entry| entry[key].as_f64()).map(|time| time as u64);
    let from = entry.and_then(|entry| entry["from"].as_str());
    let dropped =
        |key: &str| entry.is_some_and(|entry| entry["proxy"][key].as_f64().is_some_and(|n| n > 0.0));
    let held = |key: &str| {
        let seconds = entry.and_then(|entry| entry["proxy"][key].as_f64()).unwrap_or_default();
        (seconds * 1000.0) as u64
    };
    let sent = |part: &str, at: Option<u64>, drop: &str| {
        let whole = parts.get(part).map(|file| (file, Delivery::Delivered));
        let lost = || parts.get(&format!("{part}.dropped")).map(|file| (file, Delivery::Lost));
        let (file, delivery) = whole.or_else(lost)?;
        let http = parse(&fs::read(file).unwrap())?;
        let delivery = if dropped(drop) { Delivery::Lost } else { delivery };
        Some(Sent { at, delivery, http })
    };
    let copies =
        parts.iter().filter(|(name, _)| name.starts_with("response.copy")).filter_map(|(_, file)| {
            Some(Sent {
                at: time("resp_t_ms"),
                delivery: Delivery::Lost,
                http: parse(&fs::read(file).unwrap())?,
            })
        });
    let answered = time("resp_t_ms");
    Some(Exchange {
        name: format!("{number:02}"),
        sender: if matches!(from, Some("service" | "responder")) {
            Party::Responder
        } else {
            Party::Initiator
        },
        request: sent("request", time("t_ms"), "drop_req")?,
        response: sent("response", answered.map(|at| at + held("delay_after")), "drop_resp"),
        copies: copies.collect(),
    })
}

/// An HTTP message; `None` where there are no bytes.
pub(crate) fn parse(raw: &[u8]) -> Option<HttpMessage> {
    let end = raw.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&raw[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let words: Vec<&str> = lines.next().unwrap().split(' ').collect();
    let start = if words[0].starts_with("HTTP/") {
        StartLine::Status(words[1].parse().unwrap())
    } else {
        StartLine::Request { method: words[0].to_owned(), target: words[1].to_owned() }
    };
    let fields: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    let is_chunked = fields
        .iter()
        .any(|(name, value)| name.eq_ignore_ascii_case("Transfer-Encoding") && value == "chunked");
    let body = &raw[end + 4..];
    let body = if is_chunked { unchunk(body).unwrap_or_else(|| body.to_vec()) } else { body.to_vec() };
    Some(HttpMessage { start, fields, body })
}

fn unchunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|window| window == b"\r\n")?;
        let size = std::str::from_utf8(&rest[..line]).ok()?.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(line + 2..line + 2 + size)?);
        rest = rest.get(line + 4 + size..)?;
    }
}
