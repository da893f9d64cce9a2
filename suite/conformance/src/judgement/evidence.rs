//! What can be held against a side, by what a recording or a capture tells.
//!
//! A log writes messages again: header fields are missing, a status is supposed, bodies are left out. What is not there
//! was perhaps said.

use std::collections::HashMap;

use wsrm_oracle::{Finding, Requirement};

use crate::recording::{Evidence, Exchange, HttpMessage, Recording, Silence, Which};

/// The family that judges the HTTP about a message.
const HTTP: &str = "http";
/// The families that judge header blocks by themselves.
const HEADER_FAMILIES: [&str; 3] = ["sequence.", "ack.", "flow."];
/// What makes sense only where a response comes back for each request.
const OF_EXCHANGES: [&str; 1] = ["ack.back-channel"];
/// How the name of a message ends that nobody said but the recorder.
pub(super) const ALTERED: &str = ".altered";

/// What is known of the messages of a recording.
#[derive(Debug)]
pub(super) struct Reliance {
    /// The messages that are not known as they stood on the wire, by the names of their files.
    doubtful: HashMap<String, Evidence>,
    /// Whether every message goes by itself.
    is_one_way: bool,
}

impl Reliance {
    pub(super) fn of(recording: &Recording) -> Self {
        let mut doubtful = HashMap::new();
        for exchange in recording.exchanges() {
            for (which, message) in messages(exchange) {
                if let Some(evidence) = Some(evidence(message)).filter(|known| *known != Evidence::Wire) {
                    doubtful.insert(recording.file_name(exchange.number, which), evidence);
                }
            }
        }
        let is_one_way = recording.exchanges().iter().any(|exchange| exchange.silence == Silence::OneWay);
        Self { doubtful, is_one_way }
    }

    /// Whether the recording tells enough to say that the requirement was kept.
    pub(super) fn can_tell(&self, requirement: &Requirement) -> bool {
        let is_about_http = requirement.family() == HTTP && !self.doubtful.is_empty();
        !is_about_http && !self.is_of_other_transport(&requirement.id)
    }

    /// Whether the finding can be held against somebody.
    pub(super) fn supports(&self, finding: &Finding) -> bool {
        let id = finding.requirement.as_str();
        let is_of_recorder = finding.messages.first().is_some_and(|name| name.as_str().ends_with(ALTERED));
        let known = finding.messages.iter().filter_map(|name| self.doubtful.get(name.as_str()));
        let is_sure = known.into_iter().all(|evidence| match evidence {
            Evidence::Wire => true,
            Evidence::Rewritten => !id.starts_with("http."),
            Evidence::HeadersOnly => HEADER_FAMILIES.iter().any(|family| id.starts_with(family)),
            Evidence::BodyMissing => false,
        });
        is_sure && !is_of_recorder && !self.is_of_other_transport(id)
    }

    fn is_of_other_transport(&self, id: &str) -> bool {
        self.is_one_way && OF_EXCHANGES.contains(&id)
    }
}

/// What a message is known from. One that is shorter than it says was cut off, by its connection or by who captured it.
pub(super) fn evidence(message: &HttpMessage) -> Evidence {
    let is_coded = ["Content-Encoding", "Transfer-Encoding"].iter().any(|name| message.field(name).is_some());
    let declared = message.field("Content-Length").and_then(|length| length.parse::<usize>().ok());
    let is_cut = !is_coded && declared.is_some_and(|declared| declared > message.body().len());
    match message.evidence() {
        Evidence::Wire if is_cut => Evidence::BodyMissing,
        evidence => evidence,
    }
}

fn messages(exchange: &Exchange) -> impl Iterator<Item = (Which, &HttpMessage)> {
    let response = exchange.response.iter().map(|response| (Which::Response, response));
    std::iter::once((Which::Request, &exchange.request)).chain(response)
}
