//! A client with a bug at its edge.

use std::collections::VecDeque;

use bytes::Bytes;
use wsrm_protocol::{Answer, ExchangeId, Timestamp};
use wsrm_reference::mutants::{Draft, Form, Mutant, Mutation, Sent};
use wsrm_wire::WireProfile;

use super::Client;
use crate::case::HttpRequest;
use crate::entry::ClientEnd;

/// A client with a bug: what it sends and hears passes a mutation.
#[derive(Debug)]
pub struct MutantClient<C> {
    client: C,
    profile: WireProfile,
    mutation: Mutation,
    now: Timestamp,
    requests: VecDeque<(ExchangeId, HttpRequest)>,
    /// What it takes for answers to requests that it kept back.
    answers: VecDeque<(ExchangeId, Answer)>,
    /// How many requests it sent that the client below knows nothing of.
    more: u64,
}

impl<C: Client> MutantClient<C> {
    /// This client with this bug.
    pub fn new(client: C, mutant: &'static Mutant, profile: WireProfile) -> Self {
        Self {
            client,
            profile,
            mutation: Mutation::new(mutant, profile),
            now: Timestamp::ZERO,
            requests: VecDeque::new(),
            answers: VecDeque::new(),
            more: 0,
        }
    }

    /// The time by the client's own clock.
    fn hurried(&self, now: Timestamp) -> Timestamp {
        Timestamp::from_origin(now.since_origin().saturating_mul(self.mutation.mutant().haste))
    }

    /// Takes what the client means to send, and makes of it what is sent.
    fn collect(&mut self) {
        while let Some((exchange, request)) = self.client.poll_request() {
            let Some(draft) = request_draft(self.profile, &request) else {
                self.requests.push_back((exchange, request));
                continue;
            };
            let Sent { message, answer, more } = self.mutation.sends(exchange, draft);
            self.requests.extend(message.map(|message| (exchange, http_request(message))));
            self.answers.extend(answer.map(|answer| (exchange, self::answer(answer))));
            for draft in more {
                self.more += 1;
                self.requests.push_back((ExchangeId(u64::MAX - self.more), http_request(draft)));
            }
        }
    }
}

impl<C: Client> Client for MutantClient<C> {
    fn start(&mut self, now: Timestamp) {
        self.now = now;
        self.client.start(self.hurried(now));
        self.collect();
    }

    fn handle_answer(&mut self, now: Timestamp, exchange: ExchangeId, answer: Answer) {
        self.now = now;
        if exchange.0 >= u64::MAX - self.more {
            return;
        }
        let heard = match answer_draft(self.profile, &answer) {
            Some(draft) => self::answer(self.mutation.receives(exchange, draft)),
            None => answer,
        };
        self.client.handle_answer(self.hurried(now), exchange, heard);
        self.collect();
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        self.now = now;
        let hurried = self.hurried(now);
        while let Some((exchange, answer)) = self.answers.pop_front() {
            self.client.handle_answer(hurried, exchange, answer);
            self.collect();
        }
        self.client.handle_timeout(hurried);
        self.collect();
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        if !self.answers.is_empty() {
            return Some(self.now);
        }
        let due = self.client.poll_timeout()?.since_origin();
        Some(Timestamp::from_origin(due / self.mutation.mutant().haste.max(1)))
    }

    fn poll_request(&mut self) -> Option<(ExchangeId, HttpRequest)> {
        self.requests.pop_front()
    }

    fn end(&self) -> Option<ClientEnd> {
        let end = self.client.end()?;
        Some(match self.mutation.mutant().claims {
            Some(true) => ClientEnd::Success,
            Some(false) => ClientEnd::Error(Some("the session did not end well".to_owned())),
            None => end,
        })
    }
}

fn request_draft(profile: WireProfile, request: &HttpRequest) -> Option<Draft> {
    let fields = request.fields.iter().map(|(name, value)| (name.clone().into(), value.clone().into()));
    Draft::new(profile, Form::Request(request.method.clone()), fields.collect(), &request.body)
}

fn http_request(draft: Draft) -> HttpRequest {
    let (form, fields, body) = draft.into_parts();
    let method = match form {
        Form::Request(method) => method,
        Form::Response(_) | Form::Lost => "POST".to_owned(),
    };
    let fields = fields.into_iter().map(|(name, value)| (name.into_owned(), value.into_owned()));
    HttpRequest { method, query: None, fields: fields.collect(), body: body.into_bytes() }
}

fn answer_draft(profile: WireProfile, answer: &Answer) -> Option<Draft> {
    match answer {
        Answer::Response { status, content_type, body } => {
            let fields = content_type.iter().map(|value| ("Content-Type".into(), value.clone().into()));
            Draft::new(profile, Form::Response(*status), fields.collect(), body)
        }
        Answer::Lost { .. } => Some(Draft::lost(profile)),
    }
}

fn answer(draft: Draft) -> Answer {
    let content_type = draft.field("Content-Type").map(str::to_owned);
    match draft.into_parts() {
        (Form::Response(status), _, body) => {
            Answer::Response { status, content_type, body: Bytes::from(body) }
        }
        (Form::Request(_) | Form::Lost, ..) => {
            Answer::Lost { reason: "the connection was closed".to_owned() }
        }
    }
}
