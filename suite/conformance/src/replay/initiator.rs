//! Our client in the place of the recorded one.

mod application;
mod plan;
mod round_trip;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use wsrm_protocol::{
    Answer, ExchangeId, Initiator, InitiatorConfig, InitiatorEvent, SequentialIdentifiers, Timer, Timestamp,
    Transmit, TransmitKind,
};
use wsrm_reference::Field;
use wsrm_wire::{Action, SoapVersion};

use super::compare::{Ours, compare};
use super::mapping::Mapping;
use super::race::Replies;
use super::rule::{EARLY, FIRST_CALL, LATE, RACE, Rule, SLOW};
use super::trace::Trace;
use super::{MessageReport, NotReplayed, Role, RoleReport, Stack, Verdict, later_by};
use crate::ladder::{Course, Direction};
use crate::recording::{Exchange, HttpMessage, Recording};
use application::{Application, Wish};
use plan::{Key, Plan, Planned, Wanted};
use round_trip::Fit;

/// Replays a recording against our client.
///
/// The recording does not say what round-trip time its client saw while opening, which is what its first
/// retransmissions follow. So several are tried, the likeliest first, and the replay that fits best counts.
///
/// # Errors
/// If there is no client to stand in for.
pub(super) fn replay(recording: &Recording) -> Result<RoleReport, NotReplayed> {
    let compared = match Stack::of(&recording.scenario().client) {
        Stack::Scripted => return Err(NotReplayed::Role("the client is a script")),
        Stack::Wcf => true,
        Stack::Foreign => false,
    };
    let plan = Plan::new(recording, compared)?;
    let attempt = |round_trip, pace| {
        let mut replay = Replay::new(&plan, recording, round_trip, pace);
        replay.run();
        let messages = if compared { replay.compare() } else { Vec::new() };
        (fit(&messages), (messages, replay.trace))
    };
    let (messages, trace) = round_trip::search(&plan, attempt);
    Ok(RoleReport { role: Role::Initiator, compared, messages, trace: trace.into_ladder() })
}

/// How well a replay fits. Another round-trip time may only help where a message is early, late, missing or too much.
fn fit(messages: &[MessageReport]) -> Fit {
    let differ = messages.iter().filter(|message| matches!(message.verdict, Verdict::Different(_)));
    Fit {
        differ: differ.clone().count(),
        apart: messages.iter().filter_map(|message| message.later_by).map(i64::unsigned_abs).sum(),
        may_improve: differ.into_iter().any(|message| match &message.verdict {
            Verdict::Different(difference) => difference.diff.is_empty(),
            _ => false,
        }),
    }
}

struct Replay<'r> {
    plan: &'r Plan<'r>,
    initiator: Initiator,
    round_trip: Duration,
    pace: Pace,
    application: Application,
    mapping: Mapping,
    now: Timestamp,
    incoming: BinaryHeap<Reverse<Incoming>>,
    /// Our message for each recorded request, once it was made, and when.
    sent: Vec<Option<(Timestamp, Ours)>>,
    /// Our messages that were not recorded.
    extra: Vec<(Timestamp, Ours, TransmitKind)>,
    trace: Trace,
}

/// How soon the recorded client saw the answers that the recorder passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// At once.
    Prompt,
    /// With the next message that an answer brought about, up to [`SLOW`] later.
    Slow,
}

/// An answer that is to come; they are ordered by time, then by exchange.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Incoming {
    at: Timestamp,
    exchange: u64,
    index: Option<usize>,
}

/// Things that happen in one replay; a session that goes on longer than this goes in circles.
const MAX_EVENTS: usize = 50_000;

/// Messages beyond the recorded ones after which nothing more can be learned.
const MAX_EXTRA: usize = 64;

impl<'r> Replay<'r> {
    fn new(plan: &'r Plan<'r>, recording: &'r Recording, round_trip: Duration, pace: Pace) -> Self {
        let binding = &plan.binding;
        let config = InitiatorConfig {
            address: plan.address.clone(),
            profile: binding.profile,
            pattern: plan.pattern,
            settings: binding.settings.clone(),
            timeouts: binding.timeouts.clone(),
            language: plan.language.clone(),
        };
        let identifiers = SequentialIdentifiers::starting_after(0xc11e_0000_0000_4000_8000_0000_0000_0000);
        let mut trace = Trace::new(recording);
        trace.client("wsrm");
        Self {
            initiator: Initiator::new(config, Box::new(identifiers)),
            round_trip,
            pace,
            application: Application::new(plan),
            mapping: Mapping::default(),
            now: Timestamp::ZERO,
            incoming: BinaryHeap::new(),
            sent: vec![None; plan.requests.len()],
            extra: Vec::new(),
            trace,
            plan,
        }
    }

    fn run(&mut self) {
        for _ in 0..MAX_EVENTS {
            if self.application.finished() || self.extra.len() > MAX_EXTRA {
                return;
            }
            let answer = self.incoming.peek().map(|Reverse(incoming)| self.gate_answer(incoming.at));
            let wish = self.application.ready_at().map(|at| self.gate_wish(at));
            let timer = self.next_timer();
            let Some(next) = [answer, wish, timer.map(|(at, _)| at)].into_iter().flatten().min() else {
                self.trace.note(self.now, "nothing more happens".to_owned());
                return;
            };
            self.now = self.now.max(next);
            if answer == Some(next) {
                self.take_answer();
            } else if wish == Some(next) {
                self.grant_wish();
            } else if let Some((_, timer)) = timer {
                self.initiator.handle_timer(self.now, timer);
            }
            self.drain();
        }
        self.trace.note(self.now, format!("given up after {MAX_EVENTS} events"));
    }

    /// When the application does what it wishes to do at `at`: at the moment that the recording shows, where that is
    /// near enough and nothing else can have held the message back.
    fn gate_wish(&self, at: Timestamp) -> Timestamp {
        if self.now == Timestamp::ZERO {
            return self.plan.opens_at();
        }
        let at = at.max(self.now);
        let Some(wanted) = self.application.next_message() else { return at };
        let limit = match (self.application.is_idle(), self.application.is_new_to_the_next_step()) {
            (true, true) => FIRST_CALL,
            (true, false) => LATE,
            (false, _) => RACE,
        };
        self.plan.first(wanted, &self.sent).filter(|sent| *sent >= at && *sent - at <= limit).unwrap_or(at)
    }

    /// The timer that fires next, and when: with the repetition, poll or fault that the recording shows, where that
    /// comes no later than a loaded machine explains. WCF's timers run on threads of their own, so each is late by
    /// itself.
    fn next_timer(&self) -> Option<(Timestamp, Timer)> {
        let gated = self.initiator.timers().map(|(timer, due)| {
            let due = due.max(self.now);
            if !self.plan.compared {
                return (due, timer);
            }
            let recorded = self
                .plan
                .timed(timer, &self.sent)
                .filter(|sent| *sent + EARLY >= due && *sent <= due + LATE)
                .min();
            (recorded.map_or(due, |recorded| recorded.max(due)), timer)
        });
        gated.min_by_key(|(at, _)| *at)
    }

    /// When an answer that comes at `at` is seen: where clients are slow to react, at the moment at which the recording
    /// shows what it brings about.
    fn gate_answer(&self, at: Timestamp) -> Timestamp {
        if self.pace == Pace::Prompt {
            return at;
        }
        let reaction = self.plan.first(Wanted::NumberedFrom(1), &self.sent);
        reaction.filter(|sent| *sent >= at && *sent - at <= SLOW).unwrap_or(at).max(at)
    }

    fn take_answer(&mut self) {
        let Some(Reverse(Incoming { exchange, index, .. })) = self.incoming.pop() else { return };
        let recorded = index.and_then(|index| self.plan.requests.get(index)).map(|request| request.exchange);
        let label = index.map_or_else(|| "-".to_owned(), |index| self.plan.label(index));
        let answer = match recorded.and_then(Exchange::response_received) {
            Some(response) => {
                self.trace.message(self.now, &label, response, Direction::ToClient, Course::Arrives);
                self.answer_of(response)
            }
            None => {
                self.trace.closed(self.now, &label);
                Answer::Lost { reason: "The connection was closed without an answer.".to_owned() }
            }
        };
        self.initiator.handle_answer(self.now, ExchangeId(exchange), answer);
    }

    fn answer_of(&self, response: &HttpMessage) -> Answer {
        Answer::Response {
            status: response.status().unwrap_or_default(),
            content_type: response.field("Content-Type").map(str::to_owned),
            body: self.mapping.to_ours(response.body()).into(),
        }
    }

    fn grant_wish(&mut self) {
        match self.application.wish(self.plan, self.now) {
            Wish::Nothing => {}
            Wish::Open => self.initiator.open(self.now),
            Wish::Call { message, two_way, awaited } => {
                let call = self.initiator.send(self.now, message, two_way);
                self.application.called(call, awaited);
            }
            Wish::Close => self.initiator.close(self.now),
            Wish::Abort => self.initiator.abort(self.now),
        }
    }

    fn drain(&mut self) {
        loop {
            if let Some(transmit) = self.initiator.poll_transmit() {
                self.transmit(transmit);
            } else if let Some(event) = self.initiator.poll_event() {
                if matches!(event, InitiatorEvent::Opened { .. }) {
                    self.initiator.set_initial_round_trip(self.round_trip);
                }
                if let InitiatorEvent::Faulted { error } = &event {
                    self.trace.note(self.now, error.to_string());
                }
                self.application.observe(self.now, &event);
            } else {
                return;
            }
            if self.extra.len() > MAX_EXTRA {
                return;
            }
        }
    }

    fn transmit(&mut self, transmit: Transmit) {
        let soap = self.plan.binding.profile.soap;
        let ours = Ours {
            start: format!("POST {}", self.plan.path),
            fields: fields(soap, &transmit.action),
            body: transmit.message.to_vec(),
        };
        let key = Key::of(&transmit.message);
        let index = self.plan.next(&key, &self.sent);
        let request = index.and_then(|index| self.plan.requests.get(index));
        let Some((index, request)) = index.zip(request) else {
            self.trace.ours(self.now, "-", &ours, &self.mapping, Direction::ToService, Course::Lost);
            self.extra.push((self.now, ours, transmit.kind));
            let at = self.now + Duration::from_millis(1);
            self.incoming.push(Reverse(Incoming { at, exchange: transmit.exchange.0, index: None }));
            return;
        };
        self.mapping.pair_messages(&ours.body, request.exchange.request.body());
        let course = if request.exchange.request_delivered { Course::Arrives } else { Course::Lost };
        let label = self.plan.label(index);
        self.trace.ours(self.now, &label, &ours, &self.mapping, Direction::ToService, course);
        let at = request.answered.max(self.now);
        self.incoming.push(Reverse(Incoming { at, exchange: transmit.exchange.0, index: Some(index) }));
        if let Some(sent) = self.sent.get_mut(index) {
            *sent = Some((self.now, ours));
        }
    }

    fn compare(&self) -> Vec<MessageReport> {
        let replies =
            Replies::new(self.plan.requests.iter().map(|request| (request.answered, request.exchange)));
        let mut reports: Vec<MessageReport> =
            (0..self.plan.requests.len()).filter_map(|index| self.compare_one(index, &replies)).collect();
        let end = self.application.end().unwrap_or(self.now);
        reports.extend(self.extra.iter().map(|(at, ours, kind)| self.report_extra(*at, ours, *kind, end)));
        reports
    }

    fn compare_one(&self, index: usize, replies: &Replies) -> Option<MessageReport> {
        let request = self.plan.requests.get(index)?;
        let recorded = &request.exchange.request;
        let summary = self.trace.summary(Some(recorded));
        let report = |verdict, rules| {
            let ours = self.sent.get(index).and_then(Option::as_ref);
            let later_by = ours.map(|(at, _)| later_by(*at, request.sent));
            Some(MessageReport {
                exchange: request.exchange.number,
                copy: 0,
                summary,
                later_by,
                verdict,
                rules,
                erratum: None,
            })
        };
        let Some((at, ours)) = self.sent.get(index).and_then(Option::as_ref) else {
            return match self.excuse(request) {
                Some(rule) => report(Verdict::Chance, vec![rule]),
                None => report(Verdict::different("it was recorded, ours never comes"), Vec::new()),
            };
        };
        let accepts = |ours: &_, recorded: &_| replies.accept(*at, request.sent, ours, recorded);
        let (verdict, rules) = compare(ours, recorded, &self.mapping, accepts);
        let verdict = match verdict {
            Verdict::Different(_) => verdict,
            _ => timely(*at, request.sent).unwrap_or(verdict),
        };
        report(verdict, rules)
    }

    /// By which rule a recorded message may be missing in ours.
    fn excuse(&self, request: &Planned<'_>) -> Option<Rule> {
        let near = |other: Timestamp| apart(other, request.sent) <= RACE;
        if request.key.is(Action::AckRequested) {
            let faults = self.plan.requests.iter().any(|other| other.key.is_fault() && near(other.sent));
            return faults.then_some(Rule::PollOrTimeout);
        }
        let acknowledged = self.plan.requests.iter().any(|other| {
            other.key == request.key
                && other.exchange.response_delivered
                && other.answered <= request.sent
                && near(other.answered)
        });
        (request.repeated && acknowledged).then_some(Rule::RepetitionRace)
    }

    fn report_extra(&self, at: Timestamp, ours: &Ours, kind: TransmitKind, end: Timestamp) -> MessageReport {
        let near = |other: Timestamp| apart(other, at) <= RACE;
        let poll_or_timeout = kind == TransmitKind::AckRequested
            && self
                .sent
                .iter()
                .flatten()
                .any(|(other, message)| near(*other) && Key::of(&message.body).is_fault());
        let key = Key::of(&ours.body);
        let repetition_race = matches!(kind, TransmitKind::Retransmission { .. })
            && self.plan.requests.iter().any(|other| {
                other.key == key
                    && other.exchange.response_delivered
                    && at <= other.answered
                    && near(other.answered)
            });
        let (verdict, rules) = if kind == TransmitKind::Fault && end - at <= RACE {
            (Verdict::Chance, vec![Rule::EndOfProcess])
        } else if poll_or_timeout {
            (Verdict::Chance, vec![Rule::PollOrTimeout])
        } else if repetition_race {
            (Verdict::Chance, vec![Rule::RepetitionRace])
        } else {
            (Verdict::different("it was not recorded"), Vec::new())
        };
        let text = String::from_utf8_lossy(&ours.body);
        let summary = match HttpMessage::parse(
            &Ours { start: format!("{} HTTP/1.1", ours.start), ..ours.clone() }.to_http(&self.mapping),
        ) {
            Ok(message) => self.trace.summary(Some(&message)),
            Err(_) => text.chars().take(80).collect(),
        };
        MessageReport { exchange: 0, copy: 0, summary, later_by: None, verdict, rules, erratum: None }
    }
}

/// What is wrong with the moment at which our message was made, if anything is.
fn timely(ours: Timestamp, recorded: Timestamp) -> Option<Verdict> {
    if ours > recorded && ours - recorded > EARLY {
        let what = format!("it was recorded {} ms before ours", (ours - recorded).as_millis());
        return Some(Verdict::different(what));
    }
    if recorded > ours && recorded - ours > LATE {
        let what = format!("it was recorded {} ms after ours", (recorded - ours).as_millis());
        return Some(Verdict::different(what));
    }
    None
}

/// How far two points in time lie apart.
fn apart(one: Timestamp, other: Timestamp) -> Duration {
    one.since_origin().abs_diff(other.since_origin())
}

/// The header fields that a WCF client writes and a service looks at.
fn fields(soap: SoapVersion, action: &str) -> Vec<Field> {
    let content_type = ("Content-Type".into(), format!("{}; charset=utf-8", soap.media_type()).into());
    match soap {
        SoapVersion::Soap11 => vec![content_type, ("SOAPAction".into(), format!("\"{action}\"").into())],
        SoapVersion::Soap12 => vec![content_type],
    }
}

/// When the client's side of an exchange ended, in the recording's time.
fn ended(exchange: &Exchange, sent: Timestamp) -> Timestamp {
    let answered = exchange.response_arrives().map(Timestamp::from_origin);
    answered.unwrap_or(sent + exchange.timing.proxy.hang)
}
