//! Transfer: messages get numbers, are sent, and sent again.

use std::borrow::Cow;

use bytes::Bytes;
use wsrm_wire::{
    AckRequested, Action, Body, Envelope, Fragment, MessageNumber, RmHeaders, RmVersion, Sequence,
    SequenceAcknowledgement,
};

use super::exchanges::{Attempt, Purpose};
use super::local_fault::{LocalFault, action_uri};
use super::received::{Received, Severity};
use super::texts::{exception, fault};
use super::{CallId, Initiator, State, encode};
use crate::{
    ExchangeId, Identifier, OutgoingMessage, Pattern, SequenceRanges, SessionError, Timestamp, TransmitKind,
};

/// What it takes to make a numbered message again and again.
#[derive(Debug)]
pub(super) struct Outgoing {
    /// The call it belongs to; none for LastMessage.
    pub(super) call: Option<CallId>,
    action: String,
    /// Where a reply is expected.
    message_id: Option<Identifier>,
    /// None for LastMessage.
    body: Option<Fragment<'static>>,
}

/// The first sending of a message.
#[derive(Debug, Clone, Copy)]
struct First {
    call: Option<CallId>,
    deadline: Timestamp,
}

impl Initiator {
    pub(super) fn queue_call(
        &mut self,
        now: Timestamp,
        call: CallId,
        message: OutgoingMessage,
        two_way: bool,
    ) {
        self.insert_call(call, two_way, now);
        let expects_reply = two_way && self.config.pattern == Pattern::RequestReply;
        let message_id = expects_reply.then(|| self.identifiers.next_identifier());
        let OutgoingMessage { action, body } = message;
        self.queue(now, Outgoing { call: Some(call), action, message_id, body: Some(body) });
    }

    /// Queues LastMessage (RM 1.0).
    pub(super) fn queue_last(&mut self, now: Timestamp) {
        let action = action_uri(Action::LastMessage, self.config.profile).to_owned();
        self.queue(now, Outgoing { call: None, action, message_id: None, body: None });
    }

    /// Whether LastMessage still waits for a number.
    pub(super) fn is_last_waiting(&self) -> bool {
        self.waiting.iter().any(|message| message.call.is_none())
    }

    /// Gives numbers to as many waiting messages as an acknowledgement has made room for.
    pub(super) fn release_waiting(&mut self, now: Timestamp) {
        for _ in 0..self.source.places() {
            let Some(message) = self.waiting.pop_front() else { return };
            self.number(now, message);
        }
    }

    /// Sends the oldest message again if that is due.
    pub(super) fn retry_if_due(&mut self, now: Timestamp) {
        if let Some(retry) = self.source.retry_due(now) {
            self.transmit_attempt(now, retry.number, retry.attempt, None);
        }
    }

    /// Takes in the end of an exchange that carried a message.
    pub(super) fn attempt_answered(
        &mut self,
        now: Timestamp,
        id: ExchangeId,
        attempt: Attempt,
        received: Received,
    ) {
        let fatal = match received {
            // WCF's one-way channel does not look at the answer to the last repetition that is allowed.
            Received::Message(_) if attempt.is_final && self.config.pattern == Pattern::OneWay => None,
            Received::Message(bytes) => self.take_answer(now, Some(attempt), &bytes).err(),
            Received::Failed { error, severity: Severity::Fatal } => Some(error),
            Received::Nothing | Received::Failed { .. } => None,
        };
        if !self.is_alive() {
            return;
        }
        if attempt.is_first {
            match (attempt.call, fatal) {
                (Some(call), fatal) => self.first_attempt_ended(call, fatal),
                (None, Some(error)) => self.fail_closing(now, &error),
                (None, None) => {}
            }
        }
        if self.resending == Some(id) {
            self.resending = None;
            self.release_waiting(now);
            self.resend_next(now);
        }
    }

    /// Takes in that requests are transferred: the one with this number (0: none), by its own reply.
    pub(super) fn take_transfer_by_reply(
        &mut self,
        now: Timestamp,
        number: u64,
        ranges: &SequenceRanges,
        buffer_remaining: Option<u32>,
    ) {
        if self.source.check(ranges) == Err(crate::source::AcknowledgementSin::NeverSent)
            || (number > 0 && !ranges.contains(number))
        {
            self.fault_for_acknowledgement(now, ranges);
            return;
        }
        let range = wsrm_wire::AcknowledgementRange::new(number, number);
        if number > 0 && self.source.acknowledge(now, range, buffer_remaining) {
            self.resend_next(now);
        } else {
            self.release_waiting(now);
        }
    }

    /// Takes in an acknowledgement of a one-way sequence.
    pub(super) fn take_acknowledgement(
        &mut self,
        now: Timestamp,
        ranges: &SequenceRanges,
        buffer_remaining: Option<u32>,
    ) {
        if self.source.check(ranges).is_err() {
            self.fault_for_acknowledgement(now, ranges);
            return;
        }
        let mut resend = false;
        for &range in ranges.runs() {
            resend |= self.source.acknowledge(now, range, buffer_remaining);
        }
        if resend {
            self.resend_next(now);
        } else {
            self.release_waiting(now);
        }
    }

    /// What was received of the replies; `None` where nothing was.
    pub(super) fn acknowledgement(&self, is_final: bool) -> Option<SequenceAcknowledgement<'_>> {
        if self.replies.is_empty() { None } else { self.acknowledgement_of_any(is_final) }
    }

    /// What was received of the replies, even if that is nothing.
    pub(super) fn acknowledgement_of_any(&self, is_final: bool) -> Option<SequenceAcknowledgement<'_>> {
        let version = self.config.profile.rm;
        Some(SequenceAcknowledgement {
            identifier: self.offer.as_ref()?.into(),
            acknowledged: self.replies.acknowledged(version),
            is_final: is_final && version == RmVersion::V200702,
            buffer_remaining: None,
            extensions: Vec::new(),
        })
    }

    pub(super) fn ack_requested(&self) -> AckRequested<'_> {
        let identifier = self.sequence.as_ref().map_or(Cow::Borrowed(""), Cow::from);
        AckRequested { identifier, message_number: None, extensions: Vec::new() }
    }

    /// Asks the peer for an acknowledgement, to be heard of.
    pub(super) fn poll_peer(&mut self, now: Timestamp) {
        let acknowledgement = self.acknowledgement(self.replies_are_final);
        let envelope = self.messages().ack_requested(acknowledgement, self.ack_requested());
        let (action, message) = encode(&envelope);
        let deadline = now + self.config.timeouts.send;
        self.transmit(TransmitKind::AckRequested, action, message, Purpose::Poll, deadline);
    }

    fn queue(&mut self, now: Timestamp, message: Outgoing) {
        let is_open = matches!(self.state, State::Open | State::Closing(_));
        if is_open && self.waiting.is_empty() && self.source.has_room() {
            self.number(now, message);
        } else {
            self.waiting.push_back(message);
        }
    }

    fn number(&mut self, now: Timestamp, message: Outgoing) {
        if self.source.highest() + 1 >= MessageNumber::MAX {
            self.fault_for_rollover(now);
            return;
        }
        let call = message.call;
        let deadline = match (call, &self.state) {
            (Some(call), _) => self.call_is_going(call),
            (None, State::Closing(closing)) => Some(closing.deadline),
            (None, _) => None,
        };
        let numbered = if message.body.is_none() {
            self.source.add_last(now, message)
        } else {
            self.source.add(now, message)
        };
        let deadline = deadline.unwrap_or(now + self.config.timeouts.send);
        self.transmit_attempt(now, numbered, 0, Some(First { call, deadline }));
    }

    fn resend_next(&mut self, now: Timestamp) {
        if self.resending.is_none()
            && let Some(retry) = self.source.next_resend()
        {
            self.resending = self.transmit_attempt(now, retry.number, retry.attempt, None);
        }
    }

    fn transmit_attempt(
        &mut self,
        now: Timestamp,
        number: u64,
        attempt: u32,
        first: Option<First>,
    ) -> Option<ExchangeId> {
        if attempt > self.config.settings.max_retry_count {
            self.fault_for_retries(now);
            return None;
        }
        let (action, message) = self.encode_attempt(number)?;
        self.keep_alive.sent(now);
        let kind = match attempt {
            0 => TransmitKind::Sequenced { number },
            attempt => TransmitKind::Retransmission { number, attempt },
        };
        let purpose = Purpose::Attempt(Attempt {
            number,
            is_first: first.is_some(),
            call: first.map_or_else(
                || self.source.payload(number).and_then(|message| message.call),
                |first| first.call,
            ),
            is_final: attempt == self.config.settings.max_retry_count,
        });
        let deadline = first.map_or(now + self.config.timeouts.send, |first| first.deadline);
        Some(self.transmit(kind, action, message, purpose, deadline))
    }

    /// The message with a number, with what is to be acknowledged now.
    fn encode_attempt(&self, number: u64) -> Option<(String, Bytes)> {
        let outgoing = self.source.payload(number)?;
        let sequence = Sequence {
            identifier: self.sequence.as_ref()?.into(),
            number: MessageNumber::new(number)?,
            last_message: outgoing.body.is_none(),
            extensions: Vec::new(),
        };
        let acknowledgement = self.acknowledgement(self.replies_are_final);
        let ack_requested = self.source.asks_acknowledgement(number).then(|| self.ack_requested());
        let messages = self.messages();
        let envelope: Envelope<'_> = match &outgoing.body {
            None => messages.last_message(acknowledgement, ack_requested, sequence),
            Some(body) => {
                let rm = RmHeaders { sequence: Some(sequence), acknowledgement, ack_requested };
                let body =
                    Body::Application(Fragment { xml: Cow::Borrowed(&body.xml), scope: body.scope.clone() });
                let message_id = outgoing.message_id.as_ref().map(Cow::from);
                messages.application(rm, outgoing.action.as_str(), message_id, body)
            }
        };
        Some((outgoing.action.clone(), Bytes::from(envelope.to_bytes())))
    }

    fn fault_for_acknowledgement(&mut self, now: Timestamp, ranges: &SequenceRanges) {
        let fault = self
            .sequence
            .as_ref()
            .map(|sequence| LocalFault::invalid_acknowledgement(sequence, ranges, self.config.profile));
        let error = SessionError::Protocol(exception::INVALID_ACKNOWLEDGEMENT.to_owned());
        self.fault_locally(now, &error, fault);
    }

    fn fault_for_retries(&mut self, now: Timestamp) {
        let fault = self
            .sequence
            .as_ref()
            .map(|sequence| LocalFault::receiver_terminated(sequence, fault::RETRIES_EXHAUSTED));
        let error = SessionError::Communication(exception::RETRIES_EXHAUSTED.to_owned());
        self.fault_locally(now, &error, fault);
    }

    /// WCF writes no MessageNumberRollover: the peer learns of an unknown error.
    fn fault_for_rollover(&mut self, now: Timestamp) {
        let fault = self
            .sequence
            .as_ref()
            .map(|sequence| LocalFault::receiver_terminated(sequence, fault::WINDOW_BROKEN));
        let error = SessionError::Protocol(exception::NUMBERS_USED_UP.to_owned());
        self.fault_locally(now, &error, fault);
    }
}
