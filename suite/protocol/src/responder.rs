//! One session at the service.

mod contexts;
mod elements;
mod fault;
mod messages;
mod one_way;
mod port;
mod shutdown;
mod two_way;

use wsrm_wire::RmVersion;

use crate::destination::{Delivered, Destination};
use crate::incoming::Incoming;
use crate::{
    Delivery, ExchangeId, Identifier, ListenerAnswer, ListenerConfig, ListenerEvent, Outcome, SessionError,
    SessionId, Timestamp, reason,
};

use contexts::{Content, Contexts};
pub(crate) use port::{Operation, Operations, Port};
use shutdown::{Service, Shutdown};

/// Whether a session goes on after a stimulus.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Fate {
    /// It goes on, or lingers.
    Lives,
    /// It is over at once; who still sends to it is told UnknownSequence.
    Ends(Option<SessionError>),
}

/// One session at the service: a destination for the requests and, in a two-way session, a source of replies.
///
/// What the client sees of its life:
///
/// ```text
///              LastMessage answered, CloseSequence          TerminateSequence
///   Open ──────────────────────────────────────────▶ Ending ─────────────────▶ Terminated ──time──▶ (gone)
///     │                                                 │                         │
///     └────────── a fault of either side, silence ──────┴─────────────────────────┴───────────────▶ (gone)
/// ```
///
/// A terminated session lingers so that a repeated TerminateSequence, whose answer was lost, is answered again. To a
/// session that is gone, the listener answers UnknownSequence.
///
/// The service's own side is drawn at [`Service`], the fate of a request at [`contexts::Progress`].
#[derive(Debug)]
pub(crate) struct Responder {
    id: SessionId,
    input: Identifier,
    /// The sequence of replies, which the client offered.
    output: Option<Identifier>,
    /// The ReplyTo of CreateSequence where it was not the anonymous address.
    reply_to: Option<Box<str>>,
    destination: Destination<Box<Delivery>>,
    contexts: Contexts,
    shutdown: Shutdown,
    /// Operations that the application has not returned from.
    running: usize,
    /// When the client was last heard.
    last_activity: Timestamp,
    /// When an application message last came, or an operation last ended.
    last_work: Timestamp,
    /// When the listener's timer for this session is due.
    armed: Option<Timestamp>,
    /// Whether the application was told that the session ended.
    has_ended: bool,
}

/// What CreateSequence settles.
#[derive(Debug)]
pub(crate) struct NewSession<'a> {
    pub(crate) id: SessionId,
    pub(crate) input: Identifier,
    pub(crate) output: Option<Identifier>,
    pub(crate) reply_to: Option<&'a str>,
    pub(crate) now: Timestamp,
}

impl Responder {
    pub(crate) fn new(session: NewSession<'_>, config: &ListenerConfig) -> Self {
        let delivered = match (config.settings.ordered, &session.output) {
            (false, _) => Delivered::Unordered,
            (true, Some(_)) => Delivered::OneByOne,
            (true, None) => Delivered::InOrder,
        };
        let window = config.settings.max_transfer_window_size;
        Self {
            id: session.id,
            input: session.input,
            output: session.output,
            reply_to: session.reply_to.map(Box::from),
            destination: Destination::new(config.profile.rm, delivered, window),
            contexts: Contexts::default(),
            shutdown: Shutdown::default(),
            running: 0,
            last_activity: session.now,
            last_work: session.now,
            armed: None,
            has_ended: false,
        }
    }

    /// The sequence of requests.
    pub(crate) fn input(&self) -> &Identifier {
        &self.input
    }

    /// The sequence of replies.
    pub(crate) fn output(&self) -> Option<&Identifier> {
        self.output.as_ref()
    }

    /// Whether only repetitions are answered any more.
    pub(crate) fn is_terminated(&self) -> bool {
        self.shutdown.terminated.is_some()
    }

    /// When the listener's timer for this session is due.
    pub(crate) fn armed_mut(&mut self) -> &mut Option<Timestamp> {
        &mut self.armed
    }

    /// Takes a request that names this session.
    pub(crate) fn handle(
        &mut self,
        port: &mut Port<'_>,
        exchange: ExchangeId,
        request: &Incoming<'_>,
        delivery: impl FnOnce() -> Delivery,
    ) -> Fate {
        if request.fault.is_some() {
            return self.handle_fault(port, exchange, request);
        }
        if let Err(fault) = self.check_elements(request) {
            return self.fail(port, exchange, fault);
        }
        self.last_activity = port.now;
        if self.output.is_some() {
            self.handle_two_way(port, exchange, request, delivery)
        } else {
            self.handle_one_way(port, exchange, request, delivery)
        }
    }

    /// The client repeats CreateSequence: it is heard.
    pub(crate) fn touch(&mut self, now: Timestamp) {
        self.last_activity = now;
    }

    /// Takes what the application made of the operation for request `operation.number`.
    pub(crate) fn complete(&mut self, port: &mut Port<'_>, operation: Operation, outcome: Outcome) -> Fate {
        let content = match outcome {
            Outcome::Abort => return Fate::Ends(Some(aborted_by_service())),
            Outcome::Failed { .. } if operation.is_settled || self.output.is_none() => {
                return Fate::Ends(Some(aborted_by_service()));
            }
            Outcome::OneWay if operation.is_settled => return Fate::Lives,
            Outcome::OneWay => {
                self.settle(port, operation.number, None);
                return self.proceed(port);
            }
            Outcome::Failed { message } => {
                let content =
                    Content::Application { action: message.action, body: message.body, is_fault: true };
                self.settle(port, operation.number, Some(content));
                self.running = self.running.saturating_sub(1);
                return self.begin_close(port);
            }
            Outcome::Reply { message, is_fault } => {
                Content::Application { action: message.action, body: message.body, is_fault }
            }
            Outcome::NotUnderstood { header } => Content::NotUnderstood(header),
        };
        if !operation.is_settled {
            self.settle(port, operation.number, Some(content));
        }
        self.finished(port)
    }

    /// The application has returned from an operation.
    pub(crate) fn finished(&mut self, port: &mut Port<'_>) -> Fate {
        self.running = self.running.saturating_sub(1);
        self.last_work = port.now;
        self.proceed(port)
    }

    /// The client of a parked exchange is gone.
    pub(crate) fn forget_exchange(&mut self, exchange: ExchangeId) {
        self.contexts.forget_exchange(exchange);
        self.shutdown.forget_exchange(exchange);
    }

    /// When [`Responder::handle_timeout`] has something to do.
    pub(crate) fn deadline(&self, config: &ListenerConfig) -> Timestamp {
        if let Some(terminated) = self.shutdown.terminated {
            return terminated + config.timeouts.close;
        }
        let inactive = self.last_activity + config.settings.inactivity_timeout;
        match self.shutdown.closing_since {
            Some(since) => inactive.min(since + config.timeouts.close),
            None if self.is_idle() => inactive.min(self.last_work + config.timeouts.receive),
            None => inactive,
        }
    }

    /// Gives the session up where its time has come. Nothing is sent: a service that only answers cannot.
    pub(crate) fn handle_timeout(&mut self, now: Timestamp, config: &ListenerConfig) -> Fate {
        if now < self.deadline(config) {
            return Fate::Lives;
        }
        if self.is_terminated() {
            return Fate::Ends(None);
        }
        let inactivity = config.settings.inactivity_timeout;
        Fate::Ends(Some(if now >= self.last_activity + inactivity {
            SessionError::Communication(reason::inactive(inactivity))
        } else if self.shutdown.closing_since.is_some() {
            SessionError::Timeout("The client did not end the session within the close timeout.".to_owned())
        } else {
            SessionError::Timeout(
                "No message came for the application within the receive timeout.".to_owned(),
            )
        }))
    }

    /// Lets go of everything; exchanges that wait are aborted.
    pub(crate) fn end(&mut self, port: &mut Port<'_>, error: Option<SessionError>) {
        for exchange in self.contexts.take_waiting().into_iter().chain(self.shutdown.take_waiting()) {
            port.release(exchange, ListenerAnswer::Abort);
        }
        self.tell_end(port, error);
    }

    /// Tells the application once that the session ended.
    fn tell_end(&mut self, port: &mut Port<'_>, error: Option<SessionError>) {
        if !self.has_ended {
            self.has_ended = true;
            port.events.push_back(ListenerEvent::SessionEnded { session: self.id, error });
        }
    }

    /// Hands on what the application can take, and closes the service's side where everything is done.
    pub(crate) fn proceed(&mut self, port: &mut Port<'_>) -> Fate {
        while self.running < port.config.max_concurrent_calls {
            let Some((number, message)) = self.destination.next() else { break };
            self.running += 1;
            self.last_work = port.now;
            port.deliver(self.id, number, *message);
        }
        if self.destination.is_complete() && self.is_idle() && self.shutdown.service == Service::Serving {
            return self.begin_close(port);
        }
        Fate::Lives
    }

    fn is_idle(&self) -> bool {
        self.running == 0 && self.destination.waiting() == 0
    }

    fn handle_fault(&mut self, port: &mut Port<'_>, exchange: ExchangeId, request: &Incoming<'_>) -> Fate {
        let Some(fault) = &request.fault else { return Fate::Lives };
        if let Some(identifier) = fault.identifier.as_deref()
            && identifier != &*self.input
            && self.output.as_deref() != Some(identifier)
        {
            port.answer(exchange, ListenerAnswer::Abort);
            let text = format!("A fault came that names another sequence: {}", fault.reason);
            return Fate::Ends(Some(SessionError::Protocol(text)));
        }
        port.answer(exchange, ListenerAnswer::Accepted);
        let text = fault.reason.to_owned();
        Fate::Ends(Some(if fault.from_receiver {
            SessionError::Communication(text)
        } else {
            SessionError::Protocol(text)
        }))
    }

    fn is_february_2005(port: &Port<'_>) -> bool {
        port.config.profile.rm == RmVersion::February2005
    }
}

fn aborted_by_service() -> SessionError {
    SessionError::Communication("The service gave the session up.".to_owned())
}
