//! A bug at work: what passes the edge of a peer that has it.

use std::collections::VecDeque;

use bytes::Bytes;
use wsrm_protocol::ExchangeId;
use wsrm_wire::WireProfile;

use super::draft::{Draft, Form, Kind};
use super::{Hook, Make, Mutant, Trigger};
use crate::http::{HttpAnswer, Request, Response};

/// How many exchanges a bug remembers.
const MEMORY: usize = 512;

/// A bug at work in one peer.
#[derive(Debug)]
pub struct Mutation {
    mutant: &'static Mutant,
    profile: WireProfile,
    past: Past,
}

/// What a client with a bug sends where it means to send a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The message; none where it keeps it back.
    pub message: Option<Draft>,
    /// What it takes for the answer to a message that it keeps back.
    pub answer: Option<Draft>,
    /// What it sends besides, without a look at the answers.
    pub more: Vec<Draft>,
}

/// What passed before.
#[derive(Debug, Default)]
pub struct Past {
    exchanges: VecDeque<Exchange>,
    /// The exchange whose answer is at hand.
    current: Option<ExchangeId>,
}

#[derive(Debug)]
struct Exchange {
    id: ExchangeId,
    request: Draft,
    answer: Option<Draft>,
}

impl Past {
    /// The request that is being answered.
    pub fn asked(&self) -> Option<&Draft> {
        let current = self.current?;
        self.exchanges.iter().find(|exchange| exchange.id == current).map(|exchange| &exchange.request)
    }

    /// What the request that is being answered is for.
    pub fn asked_kind(&self) -> Option<Kind> {
        self.asked().map(Draft::kind)
    }

    /// The requests so far, in their order, that which is being answered left out.
    pub fn requests(&self) -> impl DoubleEndedIterator<Item = &Draft> {
        let others = self.exchanges.iter().filter(|exchange| Some(exchange.id) != self.current);
        others.map(|exchange| &exchange.request)
    }

    /// The answers so far, in the order of their requests.
    pub fn answers(&self) -> impl DoubleEndedIterator<Item = &Draft> {
        self.exchanges.iter().filter_map(|exchange| exchange.answer.as_ref())
    }

    /// The last answer of this kind.
    pub fn last_answer(&self, kind: Kind) -> Option<&Draft> {
        self.answers().rev().find(|answer| answer.kind() == kind)
    }

    /// The last request of this kind.
    pub fn last_request(&self, kind: Kind) -> Option<&Draft> {
        self.requests().rev().find(|request| request.kind() == kind)
    }

    /// Whether a request of this kind was sent before.
    pub fn has_request(&self, kind: Kind) -> bool {
        self.last_request(kind).is_some()
    }

    /// Whether the number of the message that is being answered was used before in its sequence.
    pub fn is_repeated(&self) -> bool {
        self.asked().is_some_and(|asked| self.has_number_of(asked))
    }

    /// Whether the number of this message was used before in its sequence.
    pub fn has_number_of(&self, message: &Draft) -> bool {
        let number =
            |message: &Draft| message.text("Sequence/Identifier").zip(message.text("Sequence/MessageNumber"));
        let wanted = number(message);
        wanted.is_some() && self.requests().any(|request| number(request) == wanted)
    }
}

impl Mutation {
    /// A bug in a peer that speaks this profile.
    pub fn new(mutant: &'static Mutant, profile: WireProfile) -> Self {
        Self { mutant, profile, past: Past::default() }
    }

    /// The bug.
    pub const fn mutant(&self) -> &'static Mutant {
        self.mutant
    }

    /// A request at the service's edge: what the service makes of it.
    pub(crate) fn hears(&mut self, exchange: ExchangeId, request: &Request) -> Option<Request> {
        let fields = request.headers.iter().filter_map(|(name, value)| {
            Some((name.as_str().to_owned().into(), value.to_str().ok()?.to_owned().into()))
        });
        let form = Form::Request(request.method.as_str().to_owned());
        let draft = Draft::new(self.profile, form, fields.collect(), &request.body)?;
        let spoilt = self.spoil(self.mutant.hears, draft.clone());
        self.past.begin(exchange, draft);
        let (form, fields, body) = spoilt?.into_parts();
        let Form::Request(method) = form else { return None };
        let target = request.target.to_string();
        Request::new(&method, &target, fields.iter().map(|(name, value)| (name, value)), Bytes::from(body))
            .ok()
    }

    /// An answer at the service's edge: what the service sends.
    pub(crate) fn says(&mut self, exchange: ExchangeId, answer: HttpAnswer) -> HttpAnswer {
        let draft = match &answer {
            HttpAnswer::Response(response) => {
                let form = Form::Response(response.status);
                Draft::new(self.profile, form, response.headers.to_vec(), &response.body)
            }
            HttpAnswer::Abort => Some(Draft::lost(self.profile)),
        };
        let Some(draft) = draft else { return answer };
        self.past.current = Some(exchange);
        let spoilt = self.spoil(self.mutant.says, draft.clone());
        self.past.end(exchange, spoilt.clone().unwrap_or(draft));
        match spoilt.map(Draft::into_parts) {
            None => answer,
            Some((Form::Response(status), fields, body)) => {
                HttpAnswer::Response(Response { status, headers: fields.into(), body: Bytes::from(body) })
            }
            Some(_) => HttpAnswer::Abort,
        }
    }

    /// A request at the client's edge: what the client sends.
    pub fn sends(&mut self, exchange: ExchangeId, request: Draft) -> Sent {
        let kept_back = self.make(self.mutant.keeps_back, &request);
        let more = self.make(self.mutant.adds, &request);
        let message = match &kept_back {
            Some(_) => None,
            None => Some(self.spoil(self.mutant.says, request.clone()).unwrap_or_else(|| request.clone())),
        };
        self.past.begin(exchange, message.clone().unwrap_or(request));
        Sent { message, answer: kept_back, more: more.into_iter().collect() }
    }

    /// An answer at the client's edge: what the client makes of it.
    pub fn receives(&mut self, exchange: ExchangeId, answer: Draft) -> Draft {
        self.past.current = Some(exchange);
        let mistaken = self.spoil(self.mutant.hears, answer.clone());
        self.past.end(exchange, answer.clone());
        mistaken.unwrap_or(answer)
    }

    fn make(&self, making: Option<(Kind, Make)>, request: &Draft) -> Option<Draft> {
        let (kind, make) = making?;
        if request.kind() == kind { make(request, &self.past) } else { None }
    }

    /// The message with the bug in it; `None` where it is as it should be.
    fn spoil(&self, hook: Option<Hook>, mut draft: Draft) -> Option<Draft> {
        let Hook { trigger, act } = hook?;
        let strikes = match trigger {
            Trigger::Any => true,
            Trigger::Is(kind) => draft.kind() == kind,
            Trigger::Answers(kind) => self.past.asked_kind() == Some(kind),
        };
        if strikes { act(&mut draft, &self.past).map(|()| draft) } else { None }
    }
}

impl Past {
    fn begin(&mut self, id: ExchangeId, request: Draft) {
        if self.exchanges.len() == MEMORY {
            self.exchanges.pop_front();
        }
        self.exchanges.push_back(Exchange { id, request, answer: None });
    }

    fn end(&mut self, id: ExchangeId, answer: Draft) {
        if let Some(exchange) = self.exchanges.iter_mut().find(|exchange| exchange.id == id) {
            exchange.answer = Some(answer);
        }
        self.current = None;
    }
}
