//! How a session ends in good order, on both sides.

use wsrm_wire::{Body, CloseSequenceResponse, MessageNumber, TerminateSequence, TerminateSequenceResponse};

use super::fault::LocalFault;
use super::{Fate, Port, Responder};
use crate::destination::LastNumberError;
use crate::incoming::Incoming;
use crate::reason::terminated;
use crate::uri::is_same_uri;
use crate::{ExchangeId, ListenerAnswer, SessionError, Timestamp};

/// How far the service has closed its own side.
///
/// ```text
///            input ended and all operations done,            LastMessage or CloseSequence
///            or an operation failed                          answered
///   Serving ────────────────────────────────▶ AwaitingClose ────────────────────────────▶ AwaitingTerminate
/// ```
///
/// WCF's service layer closes the channel of a session by itself once its input has ended; it answers LastMessage and
/// CloseSequence at that time, and not before. An operation that fails without a fault of its own makes the layer
/// close while the client still goes on, whose next message is then refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Service {
    #[default]
    Serving,
    AwaitingClose,
    AwaitingTerminate,
}

/// CloseSequence or TerminateSequence of RM 1.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Close,
    Terminate,
}

/// A request that asks for an ending and is answered when the service gets there.
#[derive(Debug)]
struct Asked {
    exchange: ExchangeId,
    message_id: Box<str>,
}

/// The place where such a request waits; later ones are answered at once.
#[derive(Debug)]
enum Slot {
    Waiting(Option<Asked>),
    Answered,
}

/// What is known of the end of the session.
#[derive(Debug, Default)]
pub(super) struct Shutdown {
    pub(super) service: Service,
    /// When the service began to close its side.
    pub(super) closing_since: Option<Timestamp>,
    /// When the session was terminated.
    pub(super) terminated: Option<Timestamp>,
    /// Whether the final acknowledgement was settled: faults carry it from then on.
    pub(super) is_final: bool,
    /// TerminateSequence came, and no CloseSequence before it.
    skips_close: bool,
    close: Slot,
    terminate: Slot,
}

impl Default for Slot {
    fn default() -> Self {
        Self::Waiting(None)
    }
}

impl Slot {
    fn take(&mut self) -> Option<Asked> {
        match self {
            Self::Waiting(asked) => asked.take(),
            Self::Answered => None,
        }
    }

    fn is_answered(&self) -> bool {
        matches!(self, Self::Answered)
    }
}

impl Shutdown {
    pub(super) fn take_waiting(&mut self) -> impl Iterator<Item = ExchangeId> + use<> {
        let waiting = [self.close.take(), self.terminate.take()];
        waiting.into_iter().flatten().map(|asked| asked.exchange)
    }

    pub(super) fn forget_exchange(&mut self, exchange: ExchangeId) {
        for slot in [&mut self.close, &mut self.terminate] {
            if let Slot::Waiting(asked) = slot {
                *asked = asked.take().filter(|asked| asked.exchange != exchange);
            }
        }
    }
}

impl Responder {
    /// The service closes its side.
    pub(super) fn begin_close(&mut self, port: &mut Port<'_>) -> Fate {
        if self.shutdown.service != Service::Serving {
            return Fate::Lives;
        }
        let is_february_2005 = Self::is_february_2005(port);
        let has_gap = is_february_2005 && self.destination.ranges().runs().len() > 1;
        if has_gap || self.contexts.pending() > 0 {
            // WCF faults its channel, and has no exchange by which to tell the client.
            return Fate::Ends(Some(SessionError::Protocol(terminated::SERVICE_EXPECTS_NO_MORE.to_owned())));
        }
        self.shutdown.closing_since = Some(port.now);
        self.shutdown.service = Service::AwaitingClose;
        if is_february_2005 {
            self.answer_last(port);
        } else {
            self.advance(port);
        }
        Fate::Lives
    }

    /// The client has ended the session and knows it, or can ask again for a while.
    pub(super) fn terminate(&mut self, port: &mut Port<'_>) {
        if self.shutdown.terminated.is_none() {
            self.shutdown.terminated = Some(port.now);
            self.tell_end(port, None);
        }
    }

    /// TerminateSequence for the sequence of replies.
    pub(super) fn send_terminate(&self, port: &mut Port<'_>, exchange: ExchangeId) {
        let Some(output) = &self.output else { return };
        let body =
            TerminateSequence { identifier: output.into(), last_msg_number: None, extensions: Vec::new() };
        let envelope =
            Self::messages(port.config).terminate_sequence(self.acknowledgement(port.config), body);
        port.send(exchange, &envelope, false);
    }

    /// RM 1.1's CloseSequence or TerminateSequence in a session without replies: answered at once.
    pub(super) fn shut_down_one_way(
        &mut self,
        port: &mut Port<'_>,
        exchange: ExchangeId,
        request: &Incoming<'_>,
    ) -> Fate {
        let Some((ending, last)) = ending_of(request) else { return Fate::Lives };
        if let Err(fault) = self.check_reply_to(port, request, ending) {
            return self.fail(port, exchange, fault);
        }
        let is_first = !self.destination.last_is_known();
        let settled = self.settle_last(ending, last);
        match settled {
            Err(LastNumberError::TooSmall) => {
                let fault = LocalFault::terminated(&self.input, terminated::SMALL_LAST_NUMBER);
                return self.fail(port, exchange, fault);
            }
            Err(LastNumberError::Different) => {
                let fault = LocalFault::terminated(&self.input, terminated::TWO_LAST_NUMBERS);
                return self.fail(port, exchange, fault);
            }
            Err(LastNumberError::Incomplete) | Ok(()) => {}
        }
        let message_id = request.message_id.unwrap_or_default();
        let answer = self.ending_response(port, ending, message_id);
        port.answer(exchange, answer);
        if settled.is_err() {
            return Fate::Ends(Some(SessionError::Protocol(terminated::EARLY_TERMINATE.to_owned())));
        }
        if ending == Ending::Terminate {
            self.terminate(port);
        }
        if is_first { self.proceed(port) } else { Fate::Lives }
    }

    /// RM 1.1's CloseSequence or TerminateSequence in a session with replies: answered when the service gets there.
    pub(super) fn shut_down_two_way(
        &mut self,
        port: &mut Port<'_>,
        exchange: ExchangeId,
        request: &Incoming<'_>,
    ) -> Fate {
        let Some((ending, last)) = ending_of(request) else { return Fate::Lives };
        if let Err(fault) = self.check_reply_to(port, request, ending) {
            return self.fail(port, exchange, fault);
        }
        let is_first = !self.destination.last_is_known();
        if is_first && !self.contexts.is_empty() {
            let output = self.output.as_ref().unwrap_or(&self.input);
            let fault = LocalFault::terminated(output, terminated::NOT_ALL_REPLIES_ACKNOWLEDGED);
            return self.fail(port, exchange, fault);
        }
        let reason = match self.settle_last(ending, last) {
            Ok(()) => None,
            Err(LastNumberError::TooSmall) => Some(terminated::SMALL_LAST_NUMBER),
            Err(LastNumberError::Different) => Some(terminated::TWO_LAST_NUMBERS),
            Err(LastNumberError::Incomplete) => {
                self.send_terminate(port, exchange);
                return Fate::Ends(Some(SessionError::Protocol(terminated::EARLY_TERMINATE.to_owned())));
            }
        };
        if let Some(reason) = reason {
            return self.fail(port, exchange, LocalFault::terminated(&self.input, reason));
        }
        self.shutdown.skips_close |= is_first && ending == Ending::Terminate;
        self.ask(port, exchange, ending, request.message_id.unwrap_or_default());
        self.advance(port);
        if is_first { self.proceed(port) } else { Fate::Lives }
    }

    /// Answers what the service has come to.
    fn advance(&mut self, port: &mut Port<'_>) {
        if self.shutdown.service == Service::AwaitingClose {
            let asked = self.shutdown.close.take();
            if asked.is_some() || self.shutdown.skips_close {
                self.shutdown.close = Slot::Answered;
                self.shutdown.service = Service::AwaitingTerminate;
            }
            self.answer_asked(port, Ending::Close, asked);
        }
        if self.shutdown.service == Service::AwaitingTerminate
            && let Some(asked) = self.shutdown.terminate.take()
        {
            self.shutdown.terminate = Slot::Answered;
            self.answer_asked(port, Ending::Terminate, Some(asked));
            self.terminate(port);
        }
    }

    /// Lets a request for an ending wait, or answers it where the service has got there before. Of two that wait,
    /// the older one is let go.
    fn ask(&mut self, port: &mut Port<'_>, exchange: ExchangeId, ending: Ending, message_id: &str) {
        let slot = match ending {
            Ending::Close => &mut self.shutdown.close,
            Ending::Terminate => &mut self.shutdown.terminate,
        };
        if slot.is_answered() {
            let answer = self.ending_response(port, ending, message_id);
            port.answer(exchange, answer);
            return;
        }
        let asked = Asked { exchange, message_id: Box::from(message_id) };
        if let Slot::Waiting(Some(older)) = std::mem::replace(slot, Slot::Waiting(Some(asked))) {
            port.release(older.exchange, ListenerAnswer::Accepted);
        }
        port.park(exchange, self.id);
    }

    fn answer_asked(&self, port: &mut Port<'_>, ending: Ending, asked: Option<Asked>) {
        if let Some(asked) = asked {
            let answer = self.ending_response(port, ending, &asked.message_id);
            port.release(asked.exchange, answer);
        }
    }

    fn ending_response(&self, port: &Port<'_>, ending: Ending, message_id: &str) -> ListenerAnswer {
        let messages = Self::messages(port.config);
        let acknowledgement = self.acknowledgement(port.config);
        let identifier = (&self.input).into();
        let extensions = Vec::new();
        let envelope = match ending {
            Ending::Close => {
                let body = CloseSequenceResponse { identifier, extensions };
                messages.close_sequence_response(acknowledgement, body, message_id)
            }
            Ending::Terminate => {
                let body = TerminateSequenceResponse { identifier, extensions };
                messages.terminate_sequence_response(acknowledgement, body, message_id)
            }
        };
        ListenerAnswer::Message { message: envelope.to_bytes().into(), is_fault: false }
    }

    /// Learns the last number, or compares it with the one that is known.
    fn settle_last(&mut self, ending: Ending, last: Option<u64>) -> Result<(), LastNumberError> {
        if self.destination.last_is_known() {
            return self.destination.confirm_last(last);
        }
        match ending {
            Ending::Close => self.destination.close(last)?,
            Ending::Terminate => self.destination.terminate(last)?,
        }
        self.shutdown.is_final = true;
        Ok(())
    }

    /// Who closes a session must be where it was opened from.
    fn check_reply_to(
        &self,
        port: &Port<'_>,
        request: &Incoming<'_>,
        ending: Ending,
    ) -> Result<(), LocalFault> {
        let anonymous = port.config.profile.addressing.anonymous();
        if is_same_uri(request.reply_to.unwrap_or(anonymous), self.reply_to.as_deref().unwrap_or(anonymous)) {
            return Ok(());
        }
        let name = match ending {
            Ending::Close => "CloseSequence",
            Ending::Terminate => "TerminateSequence",
        };
        Err(LocalFault::terminated(&self.input, terminated::reply_to_changed(name)))
    }
}

fn ending_of(request: &Incoming<'_>) -> Option<(Ending, Option<u64>)> {
    let (ending, last) = match request.body {
        Body::CloseSequence(body) => (Ending::Close, body.last_msg_number),
        Body::TerminateSequence(body) => (Ending::Terminate, body.last_msg_number),
        _ => return None,
    };
    Some((ending, last.map(MessageNumber::value)))
}
