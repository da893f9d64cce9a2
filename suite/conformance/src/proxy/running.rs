//! An exchange from its request to its end.

use std::time::Duration;

use bytes::Bytes;
use wsrm_protocol::Timestamp;
use wsrm_reference::proxy::{Direction, Fate, Passage, Progress, Unanswered};

use super::sessions::{Place, SessionId};
use super::{Messages, ProxiedExchange};
use crate::fault_rule::{Injection, RuleCount};
use crate::recording::{Exchange, ExchangeCopy, HttpMessage, ProxyActions, Silence, TimelineEntry};

/// What is known of an exchange so far.
pub(super) struct Running {
    passage: Passage,
    place: Place,
    request: Half,
    response: Option<Half>,
    copies: Vec<Option<HttpMessage>>,
    failure: Option<String>,
    broken_response: Option<Bytes>,
    /// What rules did, with the rule.
    done: Vec<(usize, String)>,
    hang: Duration,
    /// The response is the proxy's own.
    canned: bool,
}

/// One of its messages.
struct Half {
    came: Timestamp,
    raw: Bytes,
    message: Option<HttpMessage>,
    altered: Option<Bytes>,
    held: bool,
    delivered: Option<Timestamp>,
}

impl Half {
    fn new(came: Timestamp, raw: Bytes, message: Option<HttpMessage>, injection: &Injection) -> Self {
        let order = &injection.order;
        Self { came, raw, message, altered: order.replacement.clone(), held: order.hold, delivered: None }
    }

    fn delay(&self) -> Duration {
        match self.delivered {
            Some(delivered) if self.held => delivered.saturating_since(self.came),
            _ => Duration::ZERO,
        }
    }

    /// What was delivered instead, where that can be read.
    fn altered_message(&self) -> Option<HttpMessage> {
        self.delivered.and(self.altered.as_ref()).and_then(|raw| HttpMessage::parse(raw).ok())
    }
}

impl Running {
    pub(super) fn new(
        now: Timestamp,
        passage: Passage,
        place: Place,
        raw: Bytes,
        message: Option<HttpMessage>,
        injection: &Injection,
    ) -> Self {
        let mut running = Self {
            passage,
            place,
            request: Half::new(now, raw, message, injection),
            response: None,
            copies: Vec::new(),
            failure: None,
            broken_response: None,
            done: Vec::new(),
            hang: Duration::ZERO,
            canned: false,
        };
        running.note("request", injection);
        if let Fate::Answer(answer) = &injection.order.fate {
            running.own_response(now, answer);
        }
        running
    }

    pub(super) fn session(&self) -> Option<SessionId> {
        self.place.session
    }

    pub(super) fn response(
        &mut self,
        now: Timestamp,
        raw: Bytes,
        message: Option<HttpMessage>,
        injection: &Injection,
    ) {
        if message.is_none() {
            self.broken_response = Some(raw.clone());
        }
        self.response = Some(Half::new(now, raw, message, injection));
        self.note("response", injection);
    }

    pub(super) fn progress(&mut self, now: Timestamp, direction: Direction, progress: Progress) {
        match (progress, direction) {
            // Copies are delivered first; the last delivery is the one that is answered.
            (Progress::Delivered, Direction::Request) => self.request.delivered = Some(now),
            (Progress::Delivered, Direction::Response) => {
                if let Some(response) = &mut self.response {
                    response.delivered = Some(now);
                }
            }
            (Progress::CopyAnswered(answer), _) => {
                self.copies.push(answer.and_then(|raw| HttpMessage::parse(&raw).ok()));
            }
            (Progress::ReceiverGone, Direction::Request) => {
                self.failure = Some("the service closed the connection while it got the request".to_owned());
            }
            (Progress::ReceiverGone, Direction::Response) => {
                self.failure = Some("the client had closed the connection".to_owned());
            }
            (Progress::Unanswered(unanswered), _) => self.unanswered(now, unanswered),
        }
    }

    fn unanswered(&mut self, now: Timestamp, unanswered: Unanswered) {
        self.failure = Some(match unanswered {
            Unanswered::Closed => "the service closed the connection without an answer".to_owned(),
            Unanswered::Broken { bytes, why } => {
                self.broken_response = Some(bytes);
                format!("the response is broken: {why}")
            }
            Unanswered::Unreachable { why, answer } => {
                self.own_response(now, &answer);
                why
            }
            Unanswered::TimedOut { answer } => {
                self.own_response(now, &answer);
                "the service did not answer in time".to_owned()
            }
            Unanswered::TooLarge { why, answer } => {
                self.own_response(now, &answer);
                format!("the response is too large: {why}")
            }
        });
    }

    fn own_response(&mut self, now: Timestamp, answer: &Bytes) {
        self.canned = true;
        self.response = Some(Half {
            came: now,
            raw: answer.clone(),
            message: HttpMessage::parse(answer).ok(),
            altered: None,
            held: false,
            delivered: Some(now),
        });
    }

    fn note(&mut self, which: &str, injection: &Injection) {
        if let Fate::Drop { hang } = injection.order.fate {
            self.hang = hang;
        }
        for injected in &injection.injected {
            self.done.push((injected.rule, format!("{which} {}", injected.what)));
        }
    }

    /// The exchange as it went.
    pub(super) fn finish(self, now: Timestamp, rules: &[RuleCount], is_alone: bool) -> ProxiedExchange {
        let ended = now.since_origin();
        let timing = self.timing(rules);
        let Self { passage, place, request, response, copies, failure, broken_response, .. } = self;
        let Some(message) = request.message.clone() else {
            let (request, response) = (request.raw, response.map(|response| response.raw));
            let messages = Messages::Unreadable { number: place.number, request, response };
            let (ordinal, session) = (passage.exchange, place.session);
            return ProxiedExchange { ordinal, ended, session, is_alone, messages, failure };
        };
        let copies = (1..)
            .zip(copies)
            .map(|(copy, response)| ExchangeCopy { copy, request: None, response })
            .collect();
        let request_altered = request.altered_message();
        let response_altered = response.as_ref().and_then(Half::altered_message);
        let delivered = |half: &Half| half.delivered.is_some() && half.altered.is_none();
        let response_delivered =
            response.as_ref().is_some_and(|half| half.message.is_some() && delivered(half));
        let exchange = Exchange {
            number: place.number,
            request_delivered: delivered(&request),
            request: message,
            request_altered,
            response: response.and_then(|response| response.message),
            response_delivered,
            response_altered,
            silence: Silence::Closed,
            copies,
            timing,
        };
        let messages = Messages::Readable { exchange, broken_response };
        let (ordinal, session) = (passage.exchange, place.session);
        ProxiedExchange { ordinal, ended, session, is_alone, messages, failure }
    }

    fn timing(&self, rules: &[RuleCount]) -> TimelineEntry {
        let response = self.response.as_ref();
        let done = self.done.iter().map(|(rule, what)| match rules.get(*rule) {
            Some(rule) => format!("{what} ({})", rule.rule),
            None => what.clone(),
        });
        let lost = |half: &Half| half.delivered.is_none() && half.message.is_some();
        TimelineEntry {
            number: Some(self.place.number),
            sent: Some(self.request.came.since_origin()),
            answered: response.map(|response| response.came.since_origin()),
            connection: u32::try_from(self.passage.connection).ok(),
            proxy: ProxyActions {
                drop_request: lost(&self.request),
                drop_response: response.is_some_and(lost),
                delay_before: self.request.delay(),
                delay_after: response.map(Half::delay).unwrap_or_default(),
                hang: self.hang,
                duplicates: u32::try_from(self.copies.len()).unwrap_or(u32::MAX),
                canned: self.canned,
                is_own_answer: self.canned,
                done: done.collect(),
            },
            ..TimelineEntry::default()
        }
    }
}
