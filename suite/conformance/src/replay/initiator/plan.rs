//! What the recorded client did, as our client is to do it.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::time::Duration;

use wsrm_protocol::{OutgoingMessage, Pattern, Timer, Timestamp};
use wsrm_reference::contract::{read_text, request_body};
use wsrm_wire::{Action, Body, Fragment, HeaderKind, RmVersion};

use super::super::NotReplayed;
use super::super::responder::{Foreign, fault_language, foreign};
use super::super::rule::FIRST_OPEN;
use super::ended;
use crate::content::Content;
use crate::recording::{Binding, Contract, Exchange, Recording, Sender, StartLine, Step};

/// The recorded requests, and the steps of the application behind them.
pub(super) struct Plan<'r> {
    /// Whether the recorded client is a WCF, whose timers ours follow.
    pub(super) compared: bool,
    pub(super) binding: Binding,
    pub(super) pattern: Pattern,
    pub(super) address: String,
    pub(super) path: String,
    pub(super) language: String,
    pub(super) requests: Vec<Planned<'r>>,
    pub(super) steps: VecDeque<Doing>,
}

/// A step of our application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Doing {
    /// A step of the recorded application.
    Step(Step),
    /// A call of a foreign application, whose contract is only known by what it sent.
    Call { message: OutgoingMessage, two_way: bool },
}

/// A recorded request.
#[derive(Debug)]
pub(super) struct Planned<'r> {
    pub(super) exchange: &'r Exchange,
    pub(super) sent: Timestamp,
    pub(super) answered: Timestamp,
    pub(super) key: Key,
    /// Whether an earlier request has the same key.
    pub(super) repeated: bool,
    /// The text that an application message carries.
    pub(super) text: Option<String>,
}

/// How often WCF repeats a CreateSequence that is not answered.
const CREATE_INTERVAL: Duration = Duration::from_secs(10);

/// What tells a client's messages apart: the action, and the number of a sequenced message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Key {
    action: String,
    number: Option<u64>,
    fault: bool,
}

/// A message that a step of the application brings about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// CreateSequence.
    Creation,
    /// A message with this number or a later one.
    NumberedFrom(u64),
    /// The first message of the end of a session.
    End,
    /// A fault.
    Fault,
}

impl Wanted {
    fn fits(self, key: &Key) -> bool {
        const ENDS: [Action; 3] = [Action::LastMessage, Action::CloseSequence, Action::TerminateSequence];
        match self {
            Self::Creation => key.is(Action::CreateSequence),
            Self::NumberedFrom(number) => key.number >= Some(number),
            Self::End => ENDS.into_iter().any(|action| key.is(action)),
            Self::Fault => key.fault,
        }
    }
}

impl Key {
    pub(super) fn of(message: &[u8]) -> Self {
        let content = Content::of_bytes(message, None);
        let Some(Ok(envelope)) = content.envelope() else { return Self::default() };
        let mut key = Self { fault: matches!(envelope.body, Body::Fault(_)), ..Self::default() };
        for header in &envelope.headers {
            match &header.kind {
                HeaderKind::Action(action) => key.action = action.to_string(),
                HeaderKind::Sequence(sequence) => key.number = Some(sequence.number.value()),
                _ => {}
            }
        }
        key
    }

    pub(super) fn is_fault(&self) -> bool {
        self.fault
    }

    pub(super) fn number(&self) -> Option<u64> {
        self.number
    }

    pub(super) fn is(&self, action: Action) -> bool {
        RmVersion::ALL.iter().any(|rm| action.uri(*rm) == Some(self.action.as_str()))
    }
}

impl<'r> Plan<'r> {
    pub(super) fn new(recording: &'r Recording, compared: bool) -> Result<Self, NotReplayed> {
        let scenario = recording.scenario();
        let exchanges: Vec<&Exchange> = recording
            .exchanges()
            .iter()
            .filter(|exchange| exchange.timing.sender == Sender::Client)
            .filter(|exchange| matches!(exchange.request.start(), StartLine::Request { method, .. } if method == "POST"))
            .collect();
        let first = exchanges.first().ok_or(NotReplayed::Role("no request was recorded"))?;
        let Foreign { binding, .. } =
            foreign(recording.exchanges()).or_else(|error| match &scenario.client_binding {
                Some(binding) => Ok(Foreign { binding: binding.clone(), operations: Vec::new() }),
                None => Err(error),
            })?;
        let binding = match &scenario.client_binding {
            Some(written) if compared => written.clone(),
            _ => binding,
        };
        let requests = planned(&exchanges, binding.contract);
        let steps = if compared && !scenario.client_steps.is_empty() {
            scenario.client_steps.iter().cloned().map(Doing::Step).collect()
        } else {
            steps_behind(&requests)
        };
        let StartLine::Request { target, .. } = first.request.start() else {
            return Err(NotReplayed::Role("no request was recorded"));
        };
        let language = exchanges.iter().find_map(|exchange| fault_language(exchange.request.body()));
        Ok(Self {
            compared,
            pattern: binding.contract.pattern(),
            address: to(first).unwrap_or_else(|| "http://localhost/".to_owned()),
            path: target.clone(),
            language: language.unwrap_or_else(|| "en-US".to_owned()),
            binding,
            requests,
            steps,
        })
    }

    /// The first request with this key that has no message of ours yet.
    pub(super) fn next<T>(&self, key: &Key, sent: &[Option<T>]) -> Option<usize> {
        self.requests.iter().zip(sent).position(|(request, sent)| sent.is_none() && request.key == *key)
    }

    /// When the first of these messages was recorded for the first time, among those that have no message of ours yet.
    pub(super) fn first<T>(&self, wanted: Wanted, sent: &[Option<T>]) -> Option<Timestamp> {
        self.requests
            .iter()
            .zip(sent)
            .filter(|(request, sent)| sent.is_none() && !request.repeated && wanted.fits(&request.key))
            .map(|(request, _)| request.sent)
            .min()
    }

    /// When the recorded program began to open its session. WCF repeats CreateSequence every ten seconds from then,
    /// so that a repetition which seems to come early says how late the first one was on the wire.
    pub(super) fn opens_at(&self) -> Timestamp {
        let mut creations = self.requests.iter().filter(|request| request.key.is(Action::CreateSequence));
        let Some(first) = creations.next().map(|request| request.sent) else { return Timestamp::ZERO };
        let lead = creations
            .zip(1_u32..)
            .map(|(request, attempt)| (CREATE_INTERVAL * attempt).saturating_sub(request.sent - first))
            .max()
            .unwrap_or_default()
            .min(FIRST_OPEN);
        Timestamp::from_origin(first.since_origin().saturating_sub(lead))
    }

    /// When the requests were recorded that a timer may have sent, as far as they have no message of ours yet.
    pub(super) fn timed<T>(&self, timer: Timer, sent: &[Option<T>]) -> impl Iterator<Item = Timestamp> {
        self.requests.iter().zip(sent).filter_map(move |(request, sent)| {
            let key = &request.key;
            let timed = match timer {
                Timer::Exchange => false,
                Timer::Opening => request.repeated && key.is(Action::CreateSequence),
                Timer::Inactivity | Timer::Call => key.fault,
                Timer::Retransmission => request.repeated && key.number.is_some(),
                Timer::Poll => key.is(Action::AckRequested),
                Timer::Closing => key.fault || (request.repeated && key.number.is_none()),
            };
            (sent.is_none() && timed).then_some(request.sent)
        })
    }

    pub(super) fn label(&self, index: usize) -> String {
        self.requests.get(index).map(|request| request.exchange.number.to_string()).unwrap_or_default()
    }
}

fn planned<'r>(exchanges: &[&'r Exchange], contract: Contract) -> Vec<Planned<'r>> {
    let mut requests: Vec<Planned<'_>> = Vec::with_capacity(exchanges.len());
    for exchange in exchanges {
        let key = Key::of(exchange.request.body());
        let sent = exchange
            .timing
            .sent
            .map_or_else(|| Timestamp::from_millis(u64::from(exchange.number) * 10), Timestamp::from_origin);
        requests.push(Planned {
            exchange,
            sent,
            answered: ended(exchange, sent),
            repeated: requests.iter().any(|request| request.key == key),
            text: text(exchange.request.body(), contract),
            key,
        });
    }
    requests
}

/// The text that a call carries, by the contracts of the recorded programs.
fn text(body: &[u8], contract: Contract) -> Option<String> {
    let content = Content::of_bytes(body, None);
    let Body::Application(body) = content.envelope()?.ok()?.body else { return None };
    let operations: &[&str] = match contract {
        Contract::Echo => &["Echo"],
        Contract::OneWay => &["Send"],
        Contract::Mixed => &["Echo", "Send"],
    };
    operations.iter().find_map(|operation| read_text(&body, operation, 0).ok().flatten().map(Cow::into_owned))
}

/// The address that a message is sent to.
fn to(exchange: &Exchange) -> Option<String> {
    let content = Content::of(&exchange.request);
    content.envelope()?.ok()?.headers.iter().find_map(|header| match &header.kind {
        HeaderKind::To(to) => Some(to.to_string()),
        _ => None,
    })
}

/// What an application did whose steps nobody wrote down: it opened, called what it called, closed if it did.
fn steps_behind(requests: &[Planned<'_>]) -> VecDeque<Doing> {
    let mut steps = VecDeque::from([Doing::Step(Step::Open)]);
    for request in requests.iter().filter(|request| !request.repeated && !request.key.is_fault()) {
        let content = Content::of(&request.exchange.request);
        let Some(Ok(envelope)) = content.envelope() else { continue };
        let Body::Application(body) = envelope.body else { continue };
        if request.key.number.is_none() {
            continue;
        }
        let two_way = envelope.headers.iter().any(|header| matches!(header.kind, HeaderKind::ReplyTo(_)))
            && answered_by_application(requests, &request.key.action);
        let message = OutgoingMessage { action: request.key.action.clone(), body: body.into_owned() };
        steps.push_back(Doing::Call { message, two_way });
    }
    if requests.iter().any(|request| Wanted::End.fits(&request.key)) {
        steps.push_back(Doing::Step(Step::Close));
    }
    steps
}

fn answered_by_application(requests: &[Planned<'_>], action: &str) -> bool {
    requests.iter().filter(|request| request.key.action == action).any(|request| {
        let Some(response) = &request.exchange.response else { return false };
        let content = Content::of(response);
        matches!(content.envelope(), Some(Ok(envelope)) if matches!(envelope.body, Body::Application(_)))
    })
}

/// The message of a call of the recorded programs.
pub(super) fn call(contract: Contract, operation: &str, text: &str) -> OutgoingMessage {
    let body: Fragment<'static> = request_body(operation, text);
    OutgoingMessage {
        action: format!("{}{}/{operation}", wsrm_reference::contract::TEMPURI, contract.interface()),
        body,
    }
}
