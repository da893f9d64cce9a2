//! Cases for a source against a client without I/O, in virtual time: every run the same run.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use wsrm_oracle::Catalogue;
use wsrm_protocol::{
    Answer, ExchangeId, InitiatorConfig, ReliableSessionSettings, SequentialIdentifiers, Timeouts, Timestamp,
};

use super::client::{LAST_WORDS, ReferenceClient};
use super::reply::Reply;
use super::{Client, ScriptedService};
use crate::case::{Case, CaseReport, HttpRequest, Target};
use crate::entry::ClientEnd;

/// How long a message is on its way.
const LATENCY: Duration = Duration::from_millis(1);
/// After so long a client that goes on counts as one that never ends.
const PATIENCE: Duration = Duration::from_secs(3600);
/// So many things may happen.
const MOST_STEPS: u32 = 100_000;

/// What is on its way.
enum Passing {
    Request(HttpRequest),
    Answer(Answer),
}

/// The configuration of the reference client for a target, with WCF's default settings.
pub fn reference_config(target: &Target) -> InitiatorConfig {
    InitiatorConfig {
        address: target.address.clone(),
        profile: target.profile,
        pattern: target.pattern,
        settings: ReliableSessionSettings::new(target.profile.rm),
        timeouts: Timeouts::default(),
        language: "en-US".to_owned(),
    }
}

/// Runs a case against the reference client.
pub fn run_reference(case: &Case, target: &Target, catalogue: &Catalogue) -> CaseReport {
    run_against(reference_client(case, target), case, target, catalogue)
}

/// The reference client, asked to do what the case asks for.
pub fn reference_client(case: &Case, target: &Target) -> ReferenceClient {
    let identifiers = Box::new(SequentialIdentifiers::starting_after(1 << 64));
    let messages = case.answers().map_or(0, |invitation| invitation.messages);
    ReferenceClient::new(reference_config(target), target, messages, identifiers)
}

/// Runs a case against any client; `target` is what it was told.
pub fn run_against(client: impl Client, case: &Case, target: &Target, catalogue: &Catalogue) -> CaseReport {
    let inapplicable = case.inapplicable(target);
    let for_destination = || "it is for a destination".to_owned();
    let invitation = match (case.answers(), inapplicable) {
        (Some(invitation), None) => invitation,
        (_, why) => {
            let why = why.unwrap_or_else(for_destination);
            return super::report::not_applicable(case, target, why, catalogue);
        }
    };
    let identifiers = Box::new(SequentialIdentifiers::default());
    let path = super::report::path_of(&target.address);
    match ScriptedService::new(&invitation, target, &path, identifiers) {
        Ok(service) => {
            let mut world =
                World { client, service, now: Duration::ZERO, passing: BTreeMap::new(), steps: 0 };
            let end = world.run();
            world.service.visit().report(case, target, end, catalogue)
        }
        Err(stop) => super::report::in_trouble(case, target, &stop, catalogue),
    }
}

struct World<C> {
    client: C,
    service: ScriptedService,
    now: Duration,
    /// By the time of its arrival, and the order in which it was sent.
    passing: BTreeMap<(Duration, u32), (ExchangeId, Passing)>,
    steps: u32,
}

impl<C: Client> World<C> {
    /// Lets the client come to its end, and have its last words.
    fn run(&mut self) -> ClientEnd {
        self.client.start(self.time());
        self.collect();
        let mut last = PATIENCE;
        loop {
            if self.client.end().is_some() {
                last = last.min(self.now + LAST_WORDS);
                if self.passing.is_empty() && !self.service.is_busy() {
                    break;
                }
            }
            let Some(next) = self.next().filter(|next| *next <= last) else { break };
            self.now = next.max(self.now);
            self.steps += 1;
            if self.steps > MOST_STEPS {
                return ClientEnd::Trouble(format!("it does not end: {MOST_STEPS} steps"));
            }
            self.step();
        }
        let forever = || ClientEnd::Trouble(format!("it did not end within {} s", PATIENCE.as_secs()));
        self.client.end().unwrap_or_else(forever)
    }

    fn time(&self) -> Timestamp {
        Timestamp::from_origin(self.now)
    }

    fn next(&self) -> Option<Duration> {
        let passing = self.passing.first_key_value().map(|((at, _), _)| *at);
        let timers = [self.client.poll_timeout(), self.service.poll_timeout()];
        passing.into_iter().chain(timers.into_iter().flatten().map(Timestamp::since_origin)).min()
    }

    fn step(&mut self) {
        let now = self.time();
        match self.passing.first_entry().filter(|entry| entry.key().0 <= self.now) {
            Some(entry) => match entry.remove() {
                (exchange, Passing::Request(request)) => self.service.handle_request(now, exchange, request),
                (exchange, Passing::Answer(answer)) => self.client.handle_answer(now, exchange, answer),
            },
            None => {
                self.service.handle_timeout(now);
                self.client.handle_timeout(now);
            }
        }
        self.collect();
    }

    fn collect(&mut self) {
        while let Some((exchange, request)) = self.client.poll_request() {
            self.send(exchange, Passing::Request(request));
        }
        while let Some((exchange, reply)) = self.service.poll_reply() {
            self.send(exchange, Passing::Answer(answer(reply)));
        }
    }

    fn send(&mut self, exchange: ExchangeId, what: Passing) {
        self.steps += 1;
        self.passing.insert((self.now + LATENCY, self.steps), (exchange, what));
    }
}

fn answer(reply: Reply) -> Answer {
    match reply {
        Reply::Response(response) => {
            let field = response.fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("Content-Type"));
            let content_type = field.map(|(_, value)| value.clone());
            Answer::Response { status: response.status, content_type, body: Bytes::from(response.body) }
        }
        Reply::Cut(..) => Answer::Lost { reason: "the response broke off".to_owned() },
        Reply::Closed => Answer::Lost { reason: "the connection was closed".to_owned() },
    }
}
