//! Our service in the place of the recorded one.

mod service;

pub(super) use service::{Foreign, fault_language, foreign};

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use wsrm_protocol::{ExchangeId, Pattern, Timestamp};
use wsrm_reference::{Host, HostEvent, HostOperation, HttpAnswer, Request};

use super::compare::{Ours, compare};
use super::mapping::{Mapping, message_id, relates_to};
use super::race::{Requests, numbered};
use super::rule::{EARLY, RACE, Rule};
use super::trace::{Trace, label};
use super::{MessageReport, NotReplayed, Role, RoleReport, Stack, Verdict, later_by};
use crate::ladder::{Course, Direction};
use crate::recording::{Exchange, HttpMessage, Recording, Sender, StartLine};

/// Replays a recording against our service.
///
/// # Errors
/// If there is no service to stand in for, or no client that asks one.
pub(super) fn replay(recording: &Recording) -> Result<RoleReport, NotReplayed> {
    let compared = match Stack::of(&recording.scenario().service) {
        Stack::Scripted => return Err(NotReplayed::Role("the service is a script")),
        Stack::Wcf => true,
        Stack::Foreign => false,
    };
    let host = service::host(recording)?;
    let mut replay = Replay {
        recording,
        host,
        mapping: Mapping::default(),
        answers: BTreeMap::new(),
        completions: BTreeSet::new(),
        trace: Trace::new(recording),
    };
    replay.trace.service("wsrm");
    replay.run();
    let messages = if compared { replay.compare() } else { Vec::new() };
    Ok(RoleReport { role: Role::Responder, compared, messages, trace: replay.trace.into_ladder() })
}

/// A delivery of a request: the exchange's index and the copy, 0 for the original.
type Delivery = (usize, u32);

struct Replay<'r> {
    recording: &'r Recording,
    host: Host,
    mapping: Mapping,
    answers: BTreeMap<Delivery, (Timestamp, HttpAnswer)>,
    completions: BTreeSet<Completion>,
    trace: Trace,
}

/// The end of an operation that is to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Completion {
    at: Timestamp,
    /// The number of the reply that the recorded service gave: of operations that end together, the one whose reply
    /// came first in the sequence ended first.
    reply: u64,
    /// The index of the exchange that started it.
    owner: usize,
    operation: HostOperation,
}

/// Copies of one exchange that are told apart; the format allows no more than the proxy made.
const MAX_COPIES: u64 = 1 << 16;

/// How far beyond the last recorded event an answer is waited for.
const LINGER: Duration = Duration::from_secs(90);

/// Timers that fire between two recorded events: far more than any session has.
const MAX_TIMERS: usize = 10_000;

impl<'r> Replay<'r> {
    fn exchanges(&self) -> &'r [Exchange] {
        self.recording.exchanges()
    }

    fn run(&mut self) {
        let mut deliveries: Vec<(Timestamp, usize)> = self
            .exchanges()
            .iter()
            .enumerate()
            .filter(|(_, exchange)| exchange.request_received().is_some())
            .filter(|(_, exchange)| exchange.timing.sender == Sender::Client)
            .map(|(index, exchange)| (arrival(exchange), index))
            .collect();
        deliveries.sort();
        let mut last = Timestamp::ZERO;
        for (at, index) in deliveries {
            self.advance(at, index);
            self.deliver(at, index);
            last = at;
        }
        self.advance(last + LINGER, usize::MAX);
    }

    /// Lets everything happen that comes before the request of exchange `index` at `until`.
    fn advance(&mut self, until: Timestamp, index: usize) {
        for _ in 0..MAX_TIMERS {
            let timer = self.host.poll_timeout().filter(|due| *due <= until);
            let completion = self.completions.first().copied().filter(|c| (c.at, c.owner) < (until, index));
            match (timer, completion) {
                (None, None) => return,
                (Some(due), completion) if completion.is_none_or(|completion| due < completion.at) => {
                    self.host.handle_timeout(due);
                    self.drain(due, index);
                }
                (_, Some(completion)) => {
                    self.completions.remove(&completion);
                    self.host.finish(completion.at, completion.operation);
                    self.drain(completion.at, completion.owner);
                }
                (Some(_), None) => return,
            }
        }
    }

    fn deliver(&mut self, at: Timestamp, index: usize) {
        let Some(exchange) = self.exchanges().get(index) else { return };
        let received = exchange.request_received().unwrap_or(&exchange.request);
        self.deliver_one(at, (index, 0), received);
        let duplicates = exchange
            .timing
            .proxy
            .duplicates
            .max(exchange.copies.iter().map(|copy| copy.copy).max().unwrap_or(0));
        for copy in 1..=duplicates {
            let written = exchange.copies.iter().find(|written| written.copy == copy);
            let request = written.and_then(|copy| copy.request.as_ref()).unwrap_or(received);
            self.deliver_one(at, (index, copy), request);
        }
    }

    fn deliver_one(&mut self, at: Timestamp, delivery: Delivery, message: &HttpMessage) {
        let StartLine::Request { method, target } = message.start() else { return };
        if let Some(exchange) = self.exchanges().get(delivery.0) {
            let label = label(exchange, delivery.1);
            self.trace.message(at, &label, message, Direction::ToService, Course::Arrives);
        }
        let body = self.mapping.to_ours(message.body());
        let fields = message.fields().iter().map(|(name, value)| (name, value));
        match Request::new(method, target, fields, body.into()) {
            Ok(request) => {
                let id = ExchangeId(delivery.0 as u64 * MAX_COPIES + u64::from(delivery.1));
                self.host.handle_request(at, id, &request);
                self.drain(at, delivery.0);
            }
            // What is no HTTP request does not get past the HTTP server.
            Err(_) => {
                self.answers.insert(delivery, (at, HttpAnswer::Abort));
            }
        }
    }

    /// Takes what the host says after exchange `index` moved it.
    fn drain(&mut self, now: Timestamp, index: usize) {
        while let Some(event) = self.host.poll_event() {
            if let HostEvent::OperationStarted { operation, duration, .. } = event {
                let (recorded, reply) = self.recorded_end(index);
                let at = recorded.map_or(now + duration, |at| at.max(now));
                self.completions.insert(Completion { at, reply, owner: index, operation });
            }
        }
        while let Some((id, answer)) = self.host.poll_answer() {
            let delivery = ((id.0 / MAX_COPIES) as usize, (id.0 % MAX_COPIES) as u32);
            self.answered(now, delivery, answer);
        }
    }

    /// When the operation that exchange `index` started ended, and the number of its reply. Replies that came within
    /// [`RACE`] of each other ended in the order of their numbers.
    fn recorded_end(&self, index: usize) -> (Option<Timestamp>, u64) {
        let Some(exchange) = self.exchanges().get(index) else { return (None, 0) };
        let Some(at) = exchange.timing.answered else { return (None, 0) };
        let Some((sequence, reply)) = exchange.response.as_ref().and_then(numbered) else {
            return (Some(timestamp(at)), 0);
        };
        let latest = self
            .exchanges()
            .iter()
            .filter_map(|other| Some((other.timing.answered?, other)))
            .filter(|(other, _)| other.abs_diff(at) <= RACE)
            .filter(|(_, other)| {
                other
                    .response
                    .as_ref()
                    .and_then(numbered)
                    .is_some_and(|(other, number)| other == sequence && number < reply)
            })
            .map(|(other, _)| other)
            .fold(at, Duration::max);
        (Some(timestamp(latest)), reply)
    }

    fn answered(&mut self, now: Timestamp, delivery: Delivery, answer: HttpAnswer) {
        let Some(exchange) = self.exchanges().get(delivery.0) else { return };
        if let HttpAnswer::Response(response) = &answer
            && let Some(recorded) = self.answering(exchange, delivery.1)
        {
            self.mapping.pair_messages(&response.body, recorded.body());
        }
        let label = label(exchange, delivery.1);
        match ours(&answer) {
            Some(ours) => {
                let course = if exchange.response_delivered { Course::Arrives } else { Course::Lost };
                self.trace.ours(now, &label, &ours, &self.mapping, Direction::ToClient, course);
            }
            None => self.trace.closed(now, &label),
        }
        self.answers.insert(delivery, (now, answer));
    }

    /// The recorded message that answers a delivery: the response, or what the service sent to an addressable client
    /// in an exchange of its own.
    fn answering(&self, exchange: &'r Exchange, copy: u32) -> Option<&'r HttpMessage> {
        let response = recorded_answer(exchange, copy).filter(|response| !response.body().is_empty());
        response.or_else(|| {
            let asked = message_id(exchange.request.body())?;
            let sent = self.exchanges().iter().filter(|other| other.timing.sender == Sender::Service);
            sent.map(|other| &other.request)
                .find(|request| relates_to(request.body()).as_ref() == Some(&asked))
        })
    }

    fn compare(&self) -> Vec<MessageReport> {
        let endpoints = &self.recording.scenario().service_endpoints;
        let one_way = endpoints.iter().any(|(_, binding)| binding.contract.pattern() == Pattern::OneWay);
        let arrivals = self.exchanges().iter().map(|exchange| (arrival(exchange), exchange));
        let requests = Requests::new(arrivals, one_way);
        let mut reports = Vec::new();
        for (index, exchange) in self.exchanges().iter().enumerate() {
            if !exchange.request_delivered || exchange.timing.sender != Sender::Client {
                continue;
            }
            let copies = exchange.copies.iter().map(|copy| copy.copy);
            let deliveries: Vec<u32> = std::iter::once(0).chain(copies).collect();
            let straight: Vec<_> = deliveries
                .iter()
                .map(|copy| self.compare_one(index, exchange, *copy, *copy, &requests))
                .collect();
            let differs = |reports: &[MessageReport]| {
                reports.iter().filter(|report| matches!(report.verdict, Verdict::Different(_))).count()
            };
            if differs(&straight) > 0 && deliveries.len() == 2 {
                let mut exchanged: Vec<_> = deliveries
                    .iter()
                    .map(|copy| self.compare_one(index, exchange, *copy, 1 - copy.min(&1), &requests))
                    .collect();
                if differs(&exchanged) < differs(&straight) {
                    exchanged.iter_mut().for_each(|report| report.rules.push(Rule::DuplicateOrder));
                    reports.append(&mut exchanged);
                    continue;
                }
            }
            reports.extend(straight);
        }
        reports
    }

    /// Compares the recorded answer to delivery `copy` with our answer to delivery `our_copy`.
    fn compare_one(
        &self,
        index: usize,
        exchange: &Exchange,
        copy: u32,
        our_copy: u32,
        requests: &Requests,
    ) -> MessageReport {
        let recorded = recorded_answer(exchange, copy);
        let answer = self.answers.get(&(index, our_copy));
        let report = |verdict, rules| MessageReport {
            exchange: exchange.number,
            copy,
            summary: self.trace.summary(recorded),
            later_by: recorded
                .and(exchange.timing.answered)
                .zip(answer)
                .map(|(r, (at, _))| later_by(*at, timestamp(r))),
            verdict,
            rules,
            erratum: None,
        };
        let (verdict, rules) = match (recorded, answer.map(|(at, answer)| (at, ours(answer)))) {
            (None, None) => (Verdict::Identical, vec![Rule::UnansweredAtTheEnd]),
            (None, Some((_, None))) => (Verdict::Identical, Vec::new()),
            (None, Some((_, Some(ours)))) => {
                (Verdict::different(format!("no answer was recorded, ours is {}", ours.start)), Vec::new())
            }
            (Some(_), None) => (Verdict::different("an answer was recorded, ours never comes"), Vec::new()),
            (Some(_), Some((_, None))) => {
                (Verdict::different("an answer was recorded, ours closes the connection"), Vec::new())
            }
            (Some(recorded), Some((at, Some(ours)))) => {
                let moment = exchange.timing.answered.map_or(*at, timestamp);
                let accepts = |ours: &_, recorded: &_| requests.accept(moment, ours, recorded);
                let (verdict, rules) = compare(&ours, recorded, &self.mapping, accepts);
                match verdict {
                    Verdict::Identical | Verdict::Equivalent if *at > moment + EARLY => {
                        let late = (*at - moment).as_millis();
                        (Verdict::different(format!("ours comes {late} ms after the recorded answer")), rules)
                    }
                    verdict => (verdict, rules),
                }
            }
        };
        report(verdict, rules)
    }
}

/// When the service gets a request; exchanges without times come one after the other.
fn arrival(exchange: &Exchange) -> Timestamp {
    exchange
        .request_arrives()
        .map_or_else(|| Timestamp::from_millis(u64::from(exchange.number) * 10), timestamp)
}

fn timestamp(since_origin: Duration) -> Timestamp {
    Timestamp::from_origin(since_origin)
}

fn recorded_answer(exchange: &Exchange, copy: u32) -> Option<&HttpMessage> {
    match copy {
        0 => exchange.response.as_ref(),
        _ => exchange.copies.iter().find(|found| found.copy == copy)?.response.as_ref(),
    }
}

/// An answer of ours as HTTP; `None` where the connection is closed without one.
fn ours(answer: &HttpAnswer) -> Option<Ours> {
    match answer {
        HttpAnswer::Response(response) => Some(Ours {
            start: response.status.to_string(),
            fields: response.headers.to_vec(),
            body: response.body.to_vec(),
        }),
        HttpAnswer::Abort => None,
    }
}
