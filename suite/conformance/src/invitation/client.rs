//! A client without I/O, and the reference client as one.

use std::time::Duration;

use wsrm_protocol::{
    Answer, CallId, ExchangeId, Identifiers, Initiator, InitiatorConfig, InitiatorEvent, OutgoingMessage,
    Pattern, Timestamp, Transmit,
};
use wsrm_reference::contract::read_result;
use wsrm_wire::SoapVersion;

use crate::case::{HttpRequest, Target};
use crate::entry::ClientEnd;

/// A client that is driven step by step: it makes requests and takes their answers.
///
/// A client that misbehaves wraps another one, or is one of its own.
pub trait Client {
    /// Begins.
    fn start(&mut self, now: Timestamp);
    /// Takes the answer to a request.
    fn handle_answer(&mut self, now: Timestamp, exchange: ExchangeId, answer: Answer);
    /// Does what has become due.
    fn handle_timeout(&mut self, now: Timestamp);
    /// When [`Client::handle_timeout`] is next wanted.
    fn poll_timeout(&self) -> Option<Timestamp>;
    /// The next request.
    fn poll_request(&mut self) -> Option<(ExchangeId, HttpRequest)>;
    /// What its application saw, once it has come to an end.
    fn end(&self) -> Option<ClientEnd>;
}

/// The reference client: it opens a session, sends its messages, and closes it.
///
/// Two-way calls are made one after another; of one-way messages as many are under way as the window allows, as
/// `wsrm send` does it.
#[derive(Debug)]
pub struct ReferenceClient {
    initiator: Initiator,
    soap: SoapVersion,
    application: Calls,
    end: Option<ClientEnd>,
}

/// What the application wants to be done.
#[derive(Debug)]
struct Calls {
    target: Target,
    messages: u64,
    at_a_time: usize,
    begun: u64,
    running: Vec<(CallId, u64)>,
    is_closing: bool,
}

impl ReferenceClient {
    /// A client of the service at the target, with so many messages.
    pub fn new(config: InitiatorConfig, target: &Target, messages: u64, ids: Box<dyn Identifiers>) -> Self {
        let at_a_time = match config.pattern {
            Pattern::RequestReply => 1,
            Pattern::OneWay => usize::try_from(config.settings.max_transfer_window_size).unwrap_or(1),
        };
        Self {
            soap: config.profile.soap,
            initiator: Initiator::new(config, ids),
            application: Calls {
                target: target.clone(),
                messages,
                at_a_time,
                begun: 0,
                running: Vec::new(),
                is_closing: false,
            },
            end: None,
        }
    }

    /// Takes what has happened, and does what the application does then.
    fn drive(&mut self, now: Timestamp) {
        while let Some(event) = self.initiator.poll_event() {
            self.take(now, event);
        }
    }

    fn take(&mut self, now: Timestamp, event: InitiatorEvent) {
        match event {
            InitiatorEvent::Opened { .. } => self.go_on(now),
            InitiatorEvent::Sent { call } => {
                self.application.ended(call);
                self.go_on(now);
            }
            InitiatorEvent::Replied { call, reply } => {
                let number = self.application.ended(call).unwrap_or_default();
                let echo = read_result(&reply.body, "Echo");
                if reply.is_fault || echo == Ok(Some(text(number))) || !self.application.is_echo() {
                    self.go_on(now);
                } else {
                    self.fail(now, &format!("the reply to message {number} is no echo"));
                }
            }
            InitiatorEvent::CallFailed { error, .. } | InitiatorEvent::Faulted { error } => {
                self.fail(now, &error.to_string());
            }
            InitiatorEvent::Closed => {
                self.end.get_or_insert(ClientEnd::Success);
            }
        }
    }

    fn go_on(&mut self, now: Timestamp) {
        if self.end.is_some() || self.application.is_closing {
            return;
        }
        while self.application.running.len() < self.application.at_a_time {
            let Some((number, message)) = self.application.next() else { break };
            let is_two_way = self.application.target.pattern == Pattern::RequestReply;
            let call = self.initiator.send(now, message, is_two_way);
            self.application.running.push((call, number));
        }
        if self.application.running.is_empty() {
            self.application.is_closing = true;
            self.initiator.close(now);
        }
    }

    /// The application gives up at the first error, as `wsrm send` does.
    fn fail(&mut self, now: Timestamp, error: &str) {
        if self.end.is_none() {
            self.end = Some(ClientEnd::Error(Some(error.to_owned())));
            self.initiator.abort(now);
        }
    }
}

impl Client for ReferenceClient {
    fn start(&mut self, now: Timestamp) {
        self.initiator.open(now);
        self.drive(now);
    }

    fn handle_answer(&mut self, now: Timestamp, exchange: ExchangeId, answer: Answer) {
        self.initiator.handle_answer(now, exchange, answer);
        self.drive(now);
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        self.initiator.handle_timeout(now);
        self.drive(now);
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        self.initiator.poll_timeout()
    }

    fn poll_request(&mut self) -> Option<(ExchangeId, HttpRequest)> {
        let Transmit { exchange, action, message, .. } = self.initiator.poll_transmit()?;
        let post = crate::case::Post { soap: self.soap, action, body: message.to_vec(), label: None };
        Some((exchange, post.request()))
    }

    fn end(&self) -> Option<ClientEnd> {
        self.end.clone()
    }
}

impl Calls {
    fn is_echo(&self) -> bool {
        self.target.application.obedient
    }

    fn next(&mut self) -> Option<(u64, OutgoingMessage)> {
        let operation = self.target.application.operation(self.target.pattern)?;
        if self.begun == self.messages {
            return None;
        }
        self.begun += 1;
        let (action, body) = (operation.action.clone(), operation.body(&text(self.begun)));
        Some((self.begun, OutgoingMessage { action, body }))
    }

    fn ended(&mut self, call: CallId) -> Option<u64> {
        let place = self.running.iter().position(|(running, _)| *running == call)?;
        Some(self.running.swap_remove(place).1)
    }
}

fn text(number: u64) -> String {
    format!("message {number}")
}

/// How long a client that has come to its end may still speak, so that its last words are heard.
pub(super) const LAST_WORDS: Duration = Duration::from_secs(5);
