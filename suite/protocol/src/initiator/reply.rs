//! What comes back from the service while messages are transferred.

use wsrm_wire::{Envelope, Infoset, Limits, RmVersion};

use super::call::Outcome;
use super::exchanges::Attempt;
use super::local_fault::LocalFault;
use super::message::{Message, Protocol, Sin, action_of, find, not_understood, to_of, what_is_wrong};
use super::remote_fault::RemoteFault;
use super::texts::{exception, fault};
use super::{Initiator, State};
use crate::ranges::MAX_SEQUENCE_RANGES;
use crate::{Delivery, Identifier, Pattern, SequenceRanges, SessionError, Timestamp};

/// A message that breaks a rule of the session: the fault for the peer, and the exception for the application.
pub(super) struct Violation {
    pub(super) fault: LocalFault,
    pub(super) error: SessionError,
}

impl Violation {
    pub(super) fn unknown_sequence(identifier: &str) -> Self {
        Self {
            fault: LocalFault::unknown_sequence(identifier),
            error: SessionError::Communication(exception::UNKNOWN_SEQUENCE.to_owned()),
        }
    }

    pub(super) fn terminated(identifier: &str, reason: &str, error: &str) -> Self {
        Self {
            fault: LocalFault::sender_terminated(identifier, reason),
            error: SessionError::Protocol(error.to_owned()),
        }
    }
}

impl Initiator {
    /// Takes an answer that no caller waits for.
    pub(super) fn take_unasked(&mut self, now: Timestamp, bytes: &[u8]) {
        // Nobody is there to be told that it is no SOAP message.
        let _ = self.take_answer(now, None, bytes);
    }

    /// Takes an answer to a message of the sequence, or to a poll.
    ///
    /// # Errors
    /// If it is no SOAP message, which leaves the session untouched.
    pub(super) fn take_answer(
        &mut self,
        now: Timestamp,
        attempt: Option<Attempt>,
        bytes: &[u8],
    ) -> Result<(), SessionError> {
        let infoset = Infoset::read_lazily(bytes, &Limits::default())
            .map_err(|error| SessionError::unreadable(exception::XML_BROKEN, &error))?;
        let envelope = Envelope::read(&infoset, self.config.profile)
            .map_err(|error| SessionError::unreadable(exception::XML_BROKEN, &error))?;
        let Some(message) = self.accept_message(now, &envelope) else { return Ok(()) };
        let violation = match self.config.pattern {
            Pattern::OneWay => self.verify_simplex(&message),
            Pattern::RequestReply => self.verify_duplex(&message),
        };
        if let Some(violation) = violation {
            self.fault_for_violation(now, violation);
            return Ok(());
        }
        match self.config.pattern {
            Pattern::OneWay => self.take_one_way_answer(now, &message),
            Pattern::RequestReply => self.take_reply(now, attempt, &message, &infoset, &envelope),
        }
        Ok(())
    }

    pub(super) fn fault_for_violation(&mut self, now: Timestamp, violation: Violation) {
        self.fault_locally(now, &violation.error, Some(violation.fault));
    }

    /// Reads a message and deals with what is no message for the session: grammar, foreign messages, faults. `None`
    /// where nothing is left to do.
    pub(super) fn accept_message<'a>(
        &mut self,
        now: Timestamp,
        envelope: &'a Envelope<'a>,
    ) -> Option<Message<'a>> {
        match Message::read(envelope) {
            Err(Sin::Unparsable) => {
                let action = find(envelope, action_of).unwrap_or_default();
                let reason = fault::unparsable(action);
                let fault =
                    self.sequence.as_ref().map(|sequence| LocalFault::sender_terminated(sequence, &reason));
                let error = SessionError::unreadable(exception::UNREADABLE, &what_is_wrong(envelope));
                self.fault_locally(now, &error, fault);
                None
            }
            Err(Sin::Refused(refusal)) => {
                let (fault, error) = LocalFault::of_refusal(refusal, self.config.profile);
                self.fault_locally(now, &error, fault);
                None
            }
            Ok(message) => {
                let passes = match &message.protocol {
                    Protocol::Fault(remote) => self.take_remote_fault(now, remote),
                    _ => true,
                };
                passes.then_some(message)
            }
        }
    }

    /// Ends the session for a fault of the peer; gives back whether the fault is one to go on with: that the sequence is
    /// unknown after it was to be terminated.
    fn take_remote_fault(&mut self, now: Timestamp, remote: &RemoteFault) -> bool {
        if let Some(about) = &remote.about {
            if !self.is_ours(&about.identifier) {
                let text = exception::fault_for_another_sequence(&remote.reason);
                self.fault_locally(now, &SessionError::Protocol(text), None);
                return false;
            }
            if self.is_terminating && about.is_unknown_sequence {
                return self.config.profile.rm == RmVersion::V200702;
            }
        }
        self.fault_locally(now, &remote.error, None);
        false
    }

    fn is_ours(&self, identifier: &str) -> bool {
        is(self.offer.as_ref(), identifier) || is(self.sequence.as_ref(), identifier)
    }

    /// The rules for a session with sequences both ways, in WCF's order.
    pub(super) fn verify_duplex(&self, message: &Message<'_>) -> Option<Violation> {
        let input = self.offer.as_ref();
        let output = self.sequence.as_ref();
        let output_text = output.map_or("", Identifier::as_str);
        if let Some(value) = message.acknowledgement.filter(|value| !is(output, &value.identifier)) {
            return Some(Violation::unknown_sequence(&value.identifier));
        }
        if let Some(value) = message.ack_requested.filter(|value| !is(input, &value.identifier)) {
            return Some(Violation::unknown_sequence(&value.identifier));
        }
        if let Some(value) = message.sequence.filter(|value| !is(input, &value.identifier)) {
            return Some(Violation::unknown_sequence(&value.identifier));
        }
        let terminated = |reason: &str, error: &str| Some(Violation::terminated(output_text, reason, error));
        match message.protocol {
            Protocol::TerminateSequence { identifier } if !is(input, identifier) => {
                self.verify_termination(identifier)
            }
            Protocol::TerminateSequenceResponse { identifier } if !is(output, identifier) => {
                Some(Violation::unknown_sequence(identifier))
            }
            Protocol::CloseSequence { identifier } if is(output, identifier) => {
                terminated(fault::CLOSE_BY_DESTINATION, exception::CLOSE_BY_DESTINATION)
            }
            Protocol::CloseSequence { identifier } if !is(input, identifier) => {
                Some(Violation::unknown_sequence(identifier))
            }
            Protocol::CloseSequenceResponse { identifier } if is(input, identifier) => {
                Some(Violation::terminated(
                    identifier,
                    fault::CLOSE_RESPONSE_AT_DESTINATION,
                    exception::CLOSE_RESPONSE_AT_DESTINATION,
                ))
            }
            Protocol::CloseSequenceResponse { identifier } if !is(output, identifier) => {
                Some(Violation::unknown_sequence(identifier))
            }
            Protocol::CreateSequence => terminated(fault::CREATE_AT_SOURCE, exception::CREATE_AT_SOURCE),
            Protocol::CreateSequenceResponse { identifier } if !is(output, identifier) => {
                terminated(fault::TWO_CREATE_RESPONSES, exception::TWO_CREATE_RESPONSES)
            }
            _ => None,
        }
    }

    /// The rules for a session with a sequence to the service only, in WCF's order.
    fn verify_simplex(&self, message: &Message<'_>) -> Option<Violation> {
        let output = self.sequence.as_ref();
        let output_text = output.map_or("", Identifier::as_str);
        let terminated = |reason: &str, error: &str| Some(Violation::terminated(output_text, reason, error));
        if let Some(value) = message.acknowledgement.filter(|value| !is(output, &value.identifier)) {
            return Some(Violation::unknown_sequence(&value.identifier));
        }
        if message.ack_requested.is_some() {
            return terminated(fault::ACK_REQUESTED_AT_SOURCE, exception::ACK_REQUESTED_AT_SOURCE);
        }
        if matches!(message.protocol, Protocol::CreateSequence) {
            return terminated(fault::CREATE_AT_SOURCE, exception::CREATE_AT_SOURCE);
        }
        if let Some(value) = message.sequence {
            return Some(Violation::unknown_sequence(&value.identifier));
        }
        match message.protocol {
            Protocol::TerminateSequence { identifier } => self.verify_termination(identifier),
            Protocol::CloseSequence { identifier } if is(output, identifier) => {
                terminated(fault::CLOSE_BY_DESTINATION, exception::CLOSE_BY_DESTINATION)
            }
            Protocol::TerminateSequenceResponse { identifier }
            | Protocol::CloseSequence { identifier }
            | Protocol::CloseSequenceResponse { identifier }
                if !is(output, identifier) =>
            {
                Some(Violation::unknown_sequence(identifier))
            }
            _ => None,
        }
    }

    /// TerminateSequence for a sequence that is none of the peer's.
    fn verify_termination(&self, identifier: &str) -> Option<Violation> {
        let output = self.sequence.as_ref();
        match self.config.profile.rm {
            RmVersion::February2005 => Some(Violation::terminated(
                output.map_or("", Identifier::as_str),
                fault::TERMINATE_AT_SOURCE,
                exception::TERMINATE_AT_SOURCE,
            )),
            RmVersion::V200702 if is(output, identifier) => None,
            RmVersion::V200702 => Some(Violation::unknown_sequence(identifier)),
        }
    }

    /// Takes a reply in the request-reply pattern; the order of the checks is WCF's (`ProcessReply`).
    fn take_reply(
        &mut self,
        now: Timestamp,
        attempt: Option<Attempt>,
        message: &Message<'_>,
        infoset: &Infoset<'_>,
        envelope: &Envelope<'_>,
    ) {
        if matches!(message.protocol, Protocol::Fault(_)) {
            self.answer_termination_elsewhere();
            return;
        }
        let Some(acknowledgement) = message.acknowledgement else {
            let input = self.offer.as_ref().map_or("", Identifier::as_str);
            let violation =
                Violation::terminated(input, fault::NO_ACKNOWLEDGEMENT, exception::NO_ACKNOWLEDGEMENT);
            self.fault_for_violation(now, violation);
            return;
        };
        let in_200702 = self.config.profile.rm == RmVersion::V200702;
        if let (Protocol::TerminateSequence { identifier }, true) = (&message.protocol, in_200702) {
            self.fault_for_termination(now, identifier);
            return;
        }
        let ranges: SequenceRanges = acknowledgement.ranges().collect();
        if in_200702 && acknowledgement.is_final {
            self.take_final_elsewhere(now, &ranges);
            return;
        }
        let reply_number = message.sequence.map(|sequence| sequence.number.value());
        // A reply beyond the limit is dropped before it counts for its request, which is then repeated.
        if reply_number.is_some_and(|number| self.replies.runs_with(number) > MAX_SEQUENCE_RANGES) {
            return;
        }
        let buffer_remaining = self.obeyed(acknowledgement.buffer_remaining);
        if self.acknowledges_before_release {
            self.replies_insert(reply_number);
        }
        let number = attempt.map_or(0, |attempt| attempt.number);
        self.take_transfer_by_reply(now, number, &ranges, buffer_remaining);
        if !self.is_alive() {
            return;
        }
        self.keep_alive.received(now, self.source.is_blocked_by_peer());
        self.replies_insert(reply_number);
        if let Some(call) = attempt.and_then(|attempt| attempt.call) {
            let is_protocol = message.action.starts_with(self.config.profile.rm.namespace());
            let outcome = if is_protocol {
                Outcome::Nothing
            } else {
                Outcome::Reply(Box::new(delivery(message, infoset, envelope)))
            };
            self.call_has_outcome(call, outcome);
        }
    }

    /// What the peer says of its room, as far as the settings obey it.
    pub(super) fn obeyed(&self, buffer_remaining: Option<u32>) -> Option<u32> {
        buffer_remaining.filter(|_| self.config.settings.flow_control_enabled)
    }

    fn replies_insert(&mut self, number: Option<u64>) {
        if let Some(number) = number {
            self.replies.insert(number);
        }
    }

    fn fault_for_termination(&mut self, now: Timestamp, identifier: &str) {
        // The fault names the sequence that the peer did not.
        let named_output = is(self.sequence.as_ref(), identifier);
        let other = if named_output { self.offer.as_ref() } else { self.sequence.as_ref() };
        let violation = Violation::terminated(
            other.map_or("", Identifier::as_str),
            fault::TERMINATE_BY_DESTINATION,
            exception::TERMINATE_BY_DESTINATION,
        );
        self.fault_for_violation(now, violation);
    }

    /// A termination that is under way is answered by an exchange that was not begun for it.
    fn answer_termination_elsewhere(&mut self) {
        if let State::Closing(closing) = &mut self.state {
            closing.termination_answered_elsewhere();
        }
    }
}

fn is(own: Option<&Identifier>, identifier: &str) -> bool {
    own.is_some_and(|own| own.as_str() == identifier)
}

/// The message as the application gets it.
fn delivery(message: &Message<'_>, infoset: &Infoset<'_>, envelope: &Envelope<'_>) -> Delivery {
    let body = infoset.root().elements().find(|element| element.local() == "Body");
    Delivery {
        action: message.action.to_owned(),
        message_id: message.message_id.map(Identifier::new),
        to: find(envelope, to_of).map(str::to_owned),
        reply_to: message
            .reply_to
            .filter(|&address| address != envelope.profile.addressing.anonymous())
            .map(str::to_owned),
        not_understood: not_understood(envelope),
        body: body.map(|body| body.content_fragment().into_owned()).unwrap_or_default(),
        body_offset: body.map_or(0, |body| body.content_span().start),
        is_fault: matches!(envelope.body, wsrm_wire::Body::Fault(_)),
    }
}
