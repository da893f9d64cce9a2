//! The client's session.

mod call;
mod closing;
mod exchanges;
mod keep_alive;
mod local_fault;
mod message;
mod opening;
mod received;
mod remote_fault;
mod reply;
mod requestor;
mod texts;
mod transfer;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use wsrm_wire::{Envelope, InitiatorMessages, WireProfile};

use self::call::Call;
use self::closing::Closing;
use self::exchanges::{Exchange, Exchanges, Purpose};
use self::keep_alive::KeepAlive;
use self::local_fault::LocalFault;
use self::received::Received;
use self::requestor::Requestor;
use self::texts::{fault, timeout};
use self::transfer::Outgoing;
use crate::{
    Answer, Delivery, ExchangeId, Identifier, Identifiers, OutgoingMessage, Pattern, ReliableSessionSettings,
    SequenceRanges, SessionError, Source, Timeouts, Timestamp, Transmit, TransmitKind,
};

/// What an [`Initiator`] is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitiatorConfig {
    /// The service's address: every message is sent `To` it.
    pub address: String,
    /// The form of the messages; its RM version is the one that is spoken.
    pub profile: WireProfile,
    /// Which sequences are needed.
    pub pattern: Pattern,
    /// The eight settings.
    pub settings: ReliableSessionSettings,
    /// The binding's timeouts.
    pub timeouts: Timeouts,
    /// `xml:lang` of the faults that are sent: the culture of a WCF process, `en-US` as a rule.
    pub language: String,
}

/// One call of the application, one-way or two-way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallId(pub u64);

/// What happened to the session, for its application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InitiatorEvent {
    /// The sequence exists.
    Opened {
        /// The sequence to the service.
        identifier: Identifier,
    },
    /// A one-way call is on its way and the session answers for its transfer: WCF's `Send` returns here, when the
    /// first HTTP exchange that carried the message has ended, or (where replies are possible at all) when the
    /// message is acknowledged as well.
    Sent {
        /// The call.
        call: CallId,
    },
    /// A two-way call has its reply.
    Replied {
        /// The call.
        call: CallId,
        /// The reply.
        reply: Delivery,
    },
    /// A call failed.
    CallFailed {
        /// The call.
        call: CallId,
        /// Why.
        error: SessionError,
    },
    /// The session was closed and both sides know it.
    Closed,
    /// The session is over: opening failed, a fault was sent or came, or it was aborted.
    Faulted {
        /// Why.
        error: SessionError,
    },
}

/// The client's session over anonymous HTTP: opens a sequence, transfers messages, closes it.
///
/// ```text
///          open             CreateSequenceResponse             close                all acknowledged, closed, terminated
///   New ─────────▶ Opening ────────────────────────▶ Open ───────────▶ Closing ────────────────────────────▶ Closed
///                     │                               │                   │
///                     └──────────────── fault sent, fault received, ──────┴─▶ Over (with the error that tells why)
///                                       timeout, abort
/// ```
///
/// Every verb takes the present; after it, [`Initiator::poll_transmit`] and [`Initiator::poll_event`] are to be drained.
/// Nothing happens between verbs: [`Initiator::poll_timeout`] says when [`Initiator::handle_timeout`] is wanted.
///
/// A call ends as it ends in WCF: not before the HTTP exchange that first carried its message has ended, even where a
/// retransmission was answered before.
#[derive(Debug)]
pub struct Initiator {
    config: InitiatorConfig,
    identifiers: Box<dyn Identifiers>,
    state: State,
    /// The sequence for the replies, offered when opening; WCF's `InputID`.
    offer: Option<Identifier>,
    /// The sequence to the service; WCF's `OutputID`.
    sequence: Option<Identifier>,
    source: Source<Outgoing>,
    replies: SequenceRanges,
    /// No further reply will come: acknowledgements are final (RM 1.1).
    replies_are_final: bool,
    /// See [`Initiator::set_acknowledges_before_release`].
    acknowledges_before_release: bool,
    /// The peer may have forgotten the sequence: it was asked to terminate it.
    is_terminating: bool,
    waiting: VecDeque<Outgoing>,
    calls: BTreeMap<CallId, Call>,
    /// No call has a deadline before this.
    next_call_deadline: Option<Timestamp>,
    next_call: u64,
    exchanges: Exchanges,
    /// The exchange after which the next message of those worth repeating is repeated.
    resending: Option<ExchangeId>,
    keep_alive: KeepAlive,
    transmits: VecDeque<Transmit>,
    events: VecDeque<InitiatorEvent>,
}

/// A timer of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Timer {
    /// An exchange has lasted too long: its request counts as lost.
    Exchange,
    /// CreateSequence is to be repeated, or has been in vain.
    Opening,
    /// The peer has been silent for the inactivity timeout: the session faults.
    Inactivity,
    /// The oldest message that is not acknowledged is to be repeated.
    Retransmission,
    /// The peer is to be asked for an acknowledgement.
    Poll,
    /// A call has lasted too long.
    Call,
    /// A request of closing is to be repeated, or closing has lasted too long.
    Closing,
}

impl Timer {
    /// All timers, in the order in which those due at the same instant run.
    pub const ALL: [Self; 7] = [
        Self::Exchange,
        Self::Opening,
        Self::Inactivity,
        Self::Retransmission,
        Self::Poll,
        Self::Call,
        Self::Closing,
    ];
}

#[derive(Debug)]
enum State {
    New,
    Opening { requestor: Requestor, started: Timestamp },
    Open,
    Closing(Closing),
    Over(SessionError),
}

impl Initiator {
    /// A session that has not been opened.
    pub fn new(config: InitiatorConfig, mut identifiers: Box<dyn Identifiers>) -> Self {
        let offer = (config.pattern == Pattern::RequestReply).then(|| identifiers.next_identifier());
        let window = config.settings.max_transfer_window_size;
        let keep_alive = KeepAlive::new(&config.settings, config.timeouts.send);
        Self {
            config,
            identifiers,
            state: State::New,
            offer,
            sequence: None,
            source: Source::new(window, Duration::ZERO, false),
            replies: SequenceRanges::new(),
            replies_are_final: false,
            acknowledges_before_release: true,
            is_terminating: false,
            waiting: VecDeque::new(),
            calls: BTreeMap::new(),
            next_call_deadline: None,
            next_call: 0,
            exchanges: Exchanges::default(),
            resending: None,
            keep_alive,
            transmits: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// Starts opening; ends with [`InitiatorEvent::Opened`] or [`InitiatorEvent::Faulted`]. Does nothing to a session
    /// that was opened before.
    pub fn open(&mut self, now: Timestamp) {
        if matches!(self.state, State::New) {
            self.start_opening(now);
        }
    }

    /// Sends a message: a two-way call expects a reply, a one-way call only its acknowledgement. In a session of the
    /// one-way pattern every call is one-way.
    ///
    /// A call of a session that is not open yet waits for it; a call of one that is closing or over fails at once, by
    /// an event.
    pub fn send(&mut self, now: Timestamp, message: OutgoingMessage, two_way: bool) -> CallId {
        let call = CallId(self.next_call);
        self.next_call += 1;
        match &self.state {
            State::New | State::Opening { .. } | State::Open => self.queue_call(now, call, message, two_way),
            State::Closing(_) => self.fail_call(call, SessionError::Closed),
            State::Over(error) => {
                let error = error.clone();
                self.fail_call(call, error);
            }
        }
        call
    }

    /// Closes the session once the calls that were made have ended; ends with [`InitiatorEvent::Closed`] or
    /// [`InitiatorEvent::Faulted`].
    pub fn close(&mut self, now: Timestamp) {
        match &self.state {
            State::New => {
                self.state = State::Over(SessionError::Closed);
                self.events.push_back(InitiatorEvent::Closed);
            }
            State::Opening { .. } => self.abort(now),
            State::Open => self.start_closing(now),
            State::Closing(_) | State::Over(_) => {}
        }
    }

    /// Gives the session up at once; the peer is told.
    pub fn abort(&mut self, now: Timestamp) {
        if matches!(self.state, State::Over(_)) {
            return;
        }
        let fault = self
            .offer
            .clone()
            .filter(|_| !matches!(self.state, State::New))
            .or_else(|| self.sequence.clone())
            .map(|identifier| LocalFault::receiver_terminated(&identifier, fault::ABORTED));
        self.end(now, &SessionError::Aborted, &SessionError::Aborted, fault);
    }

    /// Takes the answer to an earlier [`Transmit`]. An answer that comes after the session has given up waiting for it,
    /// or a second one, does nothing.
    pub fn handle_answer(&mut self, now: Timestamp, exchange: ExchangeId, answer: Answer) {
        let Some(ended) = self.exchanges.remove(exchange) else { return };
        let received = Received::judge(answer, self.config.profile.soap, &self.config.address);
        self.exchange_ended(now, exchange, ended, received);
    }

    /// Does what has become due; early calls do no harm.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        for timer in Timer::ALL {
            self.handle_timer(now, timer);
        }
    }

    /// Does what has become due by one timer alone.
    ///
    /// WCF runs its timers on threads of their own: which of two runs first that are due at the same instant is chance.
    /// [`Initiator::handle_timeout`] runs them in the order of [`Timer::ALL`]; a replay follows its recording.
    pub fn handle_timer(&mut self, now: Timestamp, timer: Timer) {
        match timer {
            Timer::Exchange => self.expire_exchanges(now),
            Timer::Opening => self.drive_opening(now),
            Timer::Inactivity => {
                if self.keep_alive.is_inactive(now) {
                    self.fault_for_inactivity(now);
                }
            }
            Timer::Retransmission => self.retry_if_due(now),
            Timer::Poll => {
                if self.keep_alive.poll_due(now) {
                    self.poll_peer(now);
                }
            }
            Timer::Call => {
                self.expire_calls(now);
                self.drive_closing(now);
            }
            Timer::Closing => self.drive_closing(now),
        }
    }

    /// When [`Initiator::handle_timeout`] is next wanted.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.timers().map(|(_, at)| at).min()
    }

    /// The timers that run, and when each is due. Those of calls and exchanges may be due earlier than anything happens.
    pub fn timers(&self) -> impl Iterator<Item = (Timer, Timestamp)> {
        let (opening, closing) = match &self.state {
            State::Opening { requestor, .. } => (Some(requestor.next_timeout()), None),
            State::Closing(closing) => (None, Some(closing.next_timeout())),
            State::New | State::Open | State::Over(_) => (None, None),
        };
        [
            (Timer::Exchange, self.exchanges.next_deadline()),
            (Timer::Opening, opening),
            (Timer::Inactivity, self.keep_alive.inactive_at()),
            (Timer::Retransmission, self.source.retry_at()),
            (Timer::Poll, self.keep_alive.poll_at()),
            (Timer::Call, self.next_call_deadline),
            (Timer::Closing, closing),
        ]
        .into_iter()
        .filter_map(|(timer, at)| at.map(|at| (timer, at)))
        // An infinite timeout never comes.
        .filter(|(_, at)| at.since_origin() < Duration::MAX)
    }

    /// The next message to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<InitiatorEvent> {
        self.events.pop_front()
    }

    /// Replaces the round-trip time measured while opening, and the retransmission timer that follows from it. A WCF
    /// client measures it with its own clock, which sees more than the wire does; a replay sets what the recorded client
    /// must have seen. To be called after [`InitiatorEvent::Opened`] and before the first acknowledgement.
    pub fn set_initial_round_trip(&mut self, round_trip: Duration) {
        self.source.set_first_round_trip(round_trip);
    }

    /// Lets a waiting call go before the others: calls wait in the order in which they were made, but which of several
    /// concurrent callers comes first is chance in WCF, and a replay follows the recording. Gives back whether the call
    /// was waiting.
    pub fn prefer(&mut self, call: CallId) -> bool {
        let Some(place) = self.waiting.iter().position(|message| message.call == Some(call)) else {
            return false;
        };
        if let Some(message) = self.waiting.remove(place) {
            self.waiting.push_front(message);
        }
        true
    }

    /// Whether a request that a reply makes room for acknowledges that reply already. In WCF that is chance: the reply is
    /// entered behind the release of the waiting callers, and they run on threads of their own. By default it does; it may
    /// be changed before every answer.
    pub fn set_acknowledges_before_release(&mut self, acknowledges: bool) {
        self.acknowledges_before_release = acknowledges;
    }

    /// How many calls wait for a number.
    pub fn waiting_calls(&self) -> usize {
        self.waiting.iter().filter(|message| message.call.is_some()).count()
    }

    /// Whether the session can still act: neither closed nor faulted nor aborted.
    const fn is_alive(&self) -> bool {
        !matches!(self.state, State::Over(_))
    }

    fn messages(&self) -> InitiatorMessages<'_> {
        InitiatorMessages::anonymous(self.config.profile, &self.config.address)
    }

    /// Queues a message as the request of a new exchange.
    fn transmit(
        &mut self,
        kind: TransmitKind,
        action: String,
        message: Bytes,
        purpose: Purpose,
        deadline: Timestamp,
    ) -> ExchangeId {
        let exchange = self.exchanges.insert(Exchange { purpose, deadline });
        self.transmits.push_back(Transmit { exchange, kind, action, message, deadline });
        exchange
    }

    fn exchange_ended(&mut self, now: Timestamp, id: ExchangeId, exchange: Exchange, received: Received) {
        match exchange.purpose {
            Purpose::Create => self.create_answered(now, received),
            Purpose::Attempt(attempt) => self.attempt_answered(now, id, attempt, received),
            Purpose::CloseAckRequested => {
                if let Received::Message(bytes) = received {
                    self.take_unasked(now, &bytes);
                }
            }
            Purpose::Poll => {
                if let Received::Message(bytes) = received {
                    self.take_unasked(now, &bytes);
                }
                self.keep_alive.poll_ended(now);
            }
            Purpose::Close | Purpose::Terminate => self.request_answered(now, received),
            Purpose::TerminateOnce => self.termination_answered(now, received),
            Purpose::Ignored => {}
        }
        self.drive_closing(now);
    }

    fn expire_exchanges(&mut self, now: Timestamp) {
        while let Some((id, exchange)) = self.exchanges.take_expired(now) {
            let timeouts = &self.config.timeouts;
            let allotted = match exchange.purpose {
                Purpose::Create => timeouts.open,
                Purpose::Close | Purpose::Terminate | Purpose::TerminateOnce => timeouts.close,
                _ => timeouts.send,
            };
            let error = SessionError::Timeout(timeout::request(allotted));
            let received = Received::Failed { error, severity: received::Severity::Lost };
            self.exchange_ended(now, id, exchange, received);
        }
    }

    fn fault_for_inactivity(&mut self, now: Timestamp) {
        let text = timeout::inactive(self.config.settings.inactivity_timeout);
        let fault = self.sequence.as_ref().map(|sequence| LocalFault::receiver_terminated(sequence, &text));
        self.fault_locally(now, &SessionError::Communication(text), fault);
    }

    /// Faults the session from this side; the peer is told if there is something to tell.
    fn fault_locally(&mut self, now: Timestamp, error: &SessionError, fault: Option<LocalFault>) {
        self.end(now, error, error, fault);
    }

    /// Ends the session: `error` is what the session failed with, `calls` what its calls fail with.
    fn end(&mut self, now: Timestamp, error: &SessionError, calls: &SessionError, fault: Option<LocalFault>) {
        if !self.is_alive() {
            return;
        }
        if let Some(fault) = fault {
            let envelope = fault.compose(&self.messages(), &self.config.language);
            let (action, message) = encode(&envelope);
            self.transmits.push_back(Transmit {
                exchange: self.exchanges.skip(),
                kind: TransmitKind::Fault,
                action,
                message,
                deadline: now + self.config.timeouts.send,
            });
        }
        self.state = State::Over(match error {
            SessionError::Aborted => SessionError::Aborted,
            _ => SessionError::Faulted,
        });
        self.stop();
        self.events.push_back(InitiatorEvent::Faulted { error: error.clone() });
        self.end_calls(calls);
    }

    /// Stops every timer, and forgets every exchange and unacknowledged message.
    fn stop(&mut self) {
        self.source.close();
        self.keep_alive.stop();
        self.exchanges.clear();
        self.resending = None;
        self.waiting.clear();
    }
}

/// The message in bytes, with its action for `SOAPAction`.
fn encode(envelope: &Envelope<'_>) -> (String, Bytes) {
    let action = message::find(envelope, message::action_of).unwrap_or_default().to_owned();
    (action, Bytes::from(envelope.to_bytes()))
}
