//! What can be held against a side, by what a recording or a capture tells.
//!
//! A log writes messages again: header fields are missing, a status is supposed, bodies are left out. What is not there
//! was perhaps said.

use std::collections::{HashMap, HashSet};

use wsrm_oracle::{Finding, Party, Requirement};

use crate::recording::{Evidence, Exchange, HttpMessage, Recording, Sender, Silence, Which};

/// The family that judges the HTTP about a message.
const HTTP: &str = "http";
/// The families that judge header blocks by themselves.
const HEADER_FAMILIES: [&str; 3] = ["sequence.", "ack.", "flow."];
/// What makes sense only where a response comes back for each request.
const OF_EXCHANGES: [&str; 1] = ["ack.back-channel"];
/// What follows from an acknowledgement or an answer that is not there.
const OF_ALL_RESPONSES: [&str; 2] = ["delivery.retransmits", "terminate.after-acknowledged"];
/// What follows from a request that is not there, besides what the monitors themselves take back.
const OF_ALL_REQUESTS: [&str; 9] = [
    "addressing.reply-relates-to",
    "addressing.response-relates-to",
    "close.before-terminate",
    "close.last-number-value",
    "create.answered",
    "last.before-terminate",
    "reply.acknowledgement",
    "reply.bare-acknowledgement",
    "sequence.every-message",
];
/// How the name of a message ends that nobody said but the recorder.
pub(super) const ALTERED: &str = ".altered";

/// What is known of the messages of a recording.
#[derive(Debug)]
pub(super) struct Reliance {
    /// The messages that are not known as they stood on the wire, by the names of their files.
    doubtful: HashMap<String, Evidence>,
    /// The messages that the recorder wrote itself, by the names of their files.
    of_recorder: HashSet<String>,
    /// What the recorder delivered in the place of a message, by the names of the files, and whose message that was.
    altered: HashMap<String, Party>,
    /// Whether every message goes by itself.
    is_one_way: bool,
    /// Whether there were perhaps responses that are not there.
    lacks_responses: bool,
    /// Whether there were perhaps messages of either side that are not there.
    has_gaps: bool,
}

impl Reliance {
    pub(super) fn of(recording: &Recording) -> Self {
        let mut doubtful = HashMap::new();
        let mut of_recorder = HashSet::new();
        let mut altered = HashMap::new();
        let mut lacks_responses = false;
        for exchange in recording.exchanges() {
            for (which, message) in messages(exchange) {
                if let Some(evidence) = Some(evidence(message)).filter(|known| *known != Evidence::Wire) {
                    doubtful.insert(recording.file_name(exchange.number, which), evidence);
                }
            }
            if exchange.response.is_none() && exchange.silence == Silence::Unknown {
                doubtful.insert(recording.file_name(exchange.number, Which::Response), Evidence::BodyMissing);
            }
            if exchange.timing.proxy.is_own_answer {
                of_recorder.insert(recording.file_name(exchange.number, Which::Response));
            }
            let (asks, answers) = match exchange.timing.sender {
                Sender::Client => (Party::Initiator, Party::Responder),
                Sender::Service => (Party::Responder, Party::Initiator),
            };
            for (which, is_there, party) in [
                (Which::RequestAltered, exchange.request_altered.is_some(), asks),
                (Which::ResponseAltered, exchange.response_altered.is_some(), answers),
            ] {
                altered.extend(is_there.then(|| (recording.file_name(exchange.number, which), party)));
            }
            lacks_responses |= match &exchange.response {
                Some(response) => evidence(response) == Evidence::BodyMissing,
                None => exchange.silence == Silence::Unknown,
            };
        }
        for index in 0..recording.gaps().len() {
            for half in ["request", "response"] {
                doubtful.insert(format!("{}-{half}", gap_name(index)), Evidence::BodyMissing);
            }
        }
        let is_one_way = recording.exchanges().iter().any(|exchange| exchange.silence == Silence::OneWay);
        let has_gaps = !recording.gaps().is_empty();
        Self { doubtful, of_recorder, altered, is_one_way, lacks_responses, has_gaps }
    }

    /// Whether the recording tells enough to say that the requirement was kept.
    pub(super) fn can_tell(&self, requirement: &Requirement) -> bool {
        let is_about_http = requirement.family() == HTTP && !self.doubtful.is_empty();
        !is_about_http && !self.is_of_other_transport(&requirement.id)
    }

    /// Whether the finding can be held against somebody.
    pub(super) fn supports(&self, finding: &Finding) -> bool {
        let id = finding.requirement.as_str();
        let is_of_recorder = finding
            .messages
            .first()
            .is_some_and(|name| name.as_str().ends_with(ALTERED) || self.of_recorder.contains(name.as_str()));
        // That a side contradicts itself, where one of the two messages is not its own.
        let is_half_of_recorder =
            finding.messages.iter().any(|name| self.altered.get(name.as_str()) == Some(&finding.party));
        let known = finding.messages.iter().filter_map(|name| self.doubtful.get(name.as_str()));
        let is_sure = known.into_iter().all(|evidence| match evidence {
            Evidence::Wire => true,
            Evidence::Rewritten => !id.starts_with("http."),
            Evidence::HeadersOnly => HEADER_FAMILIES.iter().any(|family| id.starts_with(family)),
            Evidence::BodyMissing => false,
        });
        is_sure
            && !is_of_recorder
            && !is_half_of_recorder
            && !self.is_of_other_transport(id)
            && !self.is_of_what_is_missing(id)
    }

    fn is_of_what_is_missing(&self, id: &str) -> bool {
        let of_responses = (self.lacks_responses || self.has_gaps) && OF_ALL_RESPONSES.contains(&id);
        of_responses || (self.has_gaps && OF_ALL_REQUESTS.contains(&id))
    }

    fn is_of_other_transport(&self, id: &str) -> bool {
        self.is_one_way && OF_EXCHANGES.contains(&id)
    }
}

/// What the exchange is named by that stands for something that is missing.
pub(super) fn gap_name(index: usize) -> String {
    format!("missing{index}")
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
