//! Which breach of a rule explains that a session failed.

use std::cmp::Reverse;

use wsrm_oracle::{Finding, Level, Party};

use super::At;
use crate::fault_rule::Meaning;
use crate::judgement::{Judgement, Standing};
use crate::recording::{Exchange, HttpMessage, Recording};

/// The breach that explains a failure best.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blame {
    /// The side at fault.
    pub party: Party,
    /// The id of the requirement.
    pub requirement: String,
    /// The message.
    pub message: String,
    /// What was expected.
    pub expected: String,
    /// What was there.
    pub seen: String,
    /// Where it is written.
    pub clause: String,
}

impl Blame {
    /// The last breach before the session failed at `at`, the gravest of those in one exchange.
    ///
    /// A call failed at the latest with the last exchange that carries it, anything at the latest with the first SOAP fault
    /// that is none of the application, or error of HTTP. A request without an answer is no such sign: it is sent again.
    pub fn find(judgement: &Judgement, recording: &Recording, at: At) -> Option<Self> {
        let exchanges = recording.exchanges();
        let trouble = exchanges.iter().find(|exchange| is_trouble(exchange));
        // Who sends a fault has met the trouble before.
        let own = |exchange: &Exchange| u32::from(Meaning::of(Some(&exchange.request)).is_fault());
        let mut last = trouble.map_or(u32::MAX, |exchange| exchange.number.saturating_sub(own(exchange)));
        if let At::Call(call) = at {
            let of_call = exchanges.iter().filter(|exchange| message_number(exchange) == Some(call as u64));
            last = of_call.map(|exchange| exchange.number).next_back().map_or(last, |own| own.min(last));
        }
        let violated = judgement.requirements.iter().filter(|judged| judged.standing == Standing::Violated);
        let findings =
            violated.flat_map(|judged| &judged.findings).filter(|finding| finding.level.is_failing());
        let mut candidates: Vec<(u32, &Finding)> = findings
            .filter_map(|finding| Some((exchange_of(finding)?, finding)))
            .filter(|(exchange, _)| *exchange <= last)
            .collect();
        // Of the same weight, the first in the order of the catalogue.
        candidates.sort_by_key(|(exchange, finding)| (weight(finding.level), Reverse(*exchange)));
        let (_, finding) = candidates.first()?;
        Some(Self {
            party: finding.party,
            requirement: finding.requirement.clone(),
            message: finding.messages.first()?.as_str().to_owned(),
            expected: finding.expected.clone(),
            seen: finding.seen.clone(),
            clause: finding.clause.clone(),
        })
    }

    /// The side at fault.
    pub const fn side(&self) -> &'static str {
        match self.party {
            Party::Initiator => "source",
            Party::Responder => "destination",
        }
    }
}

/// What only should be explains nothing as long as there is something else.
const fn weight(level: Level) -> u8 {
    match level {
        Level::Must | Level::Wcf => 0,
        Level::Should | Level::May | Level::Observed => 1,
    }
}

/// A fault that is no answer to a message of the application which asks for one, or an error of HTTP without a fault.
fn is_trouble(exchange: &Exchange) -> bool {
    let asks_for_it = Meaning::of(Some(&exchange.request)).is_application()
        && memchr::memmem::find(exchange.request.body(), b">fault<").is_some();
    let is_fault = |message| Meaning::of(Some(message)).is_fault();
    let response = exchange.response.as_ref();
    let is_refused = response.and_then(HttpMessage::status).is_some_and(|status| status >= 400);
    is_fault(&exchange.request) || (!asks_for_it && (is_refused || response.is_some_and(is_fault)))
}

fn message_number(exchange: &Exchange) -> Option<u64> {
    Meaning::of(Some(&exchange.request)).number()
}

/// The number at the start of the name of the first message.
fn exchange_of(finding: &Finding) -> Option<u32> {
    let name = finding.messages.first()?.as_str();
    let end = name.find(|c: char| !c.is_ascii_digit()).unwrap_or(name.len());
    name.get(..end)?.parse().ok()
}
