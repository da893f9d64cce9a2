//! Closing: everything is transferred, the sequence is closed (RM 1.1) and terminated.

use bytes::Bytes;
use wsrm_wire::{
    AcknowledgementRange, Action, CloseSequence, Envelope, Infoset, Limits, MessageNumber, RmVersion,
    TerminateSequence, TerminateSequenceResponse,
};

use super::exchanges::Purpose;
use super::local_fault::{LocalFault, action_uri};
use super::message::{Message, Protocol};
use super::received::{Received, Severity};
use super::reply::Violation;
use super::requestor::Requestor;
use super::texts::{exception, fault, timeout};
use super::{Initiator, InitiatorEvent, State, encode};
use crate::uri::is_same_uri;
use crate::{Identifier, Pattern, SequenceRanges, SessionError, Timestamp, TransmitKind};

/// How far closing has come.
///
/// ```text
///            calls over          all acknowledged                          answered
///   Calls ─────────────▶ Transfer ───────────────┬─RM 1.1──▶ CloseSequence ─────────▶ TerminateSequence ─┐
///              │                                 ├─RM 1.0, both ways──────────────────────▲             │ answered,
///     RM 1.0: LastMessage                        └─RM 1.0, one-way──▶ TerminateOnce ────────────────────┤ or time up
///     RM 1.1: last number fixed                                                                         ▼
///                                                                                             Polls ──▶ closed
/// ```
#[derive(Debug)]
pub(super) struct Closing {
    pub(super) deadline: Timestamp,
    stage: Stage,
    /// The final acknowledgement came by another exchange than that of CloseSequence.
    is_final_seen: bool,
}

#[derive(Debug)]
enum Stage {
    /// Waiting for the calls that were made before.
    Calls,
    /// Waiting for every acknowledgement, and for every exchange of the transfer to end.
    Transfer,
    /// Waiting for the response to CloseSequence.
    Close(Requestor),
    /// Waiting for the response to TerminateSequence.
    Terminate(Requestor),
    /// Waiting for the end of the one exchange of TerminateSequence.
    TerminateOnce,
    /// Waiting for the last polls to end.
    Polls,
}

/// What is to be done next.
enum Step {
    CompleteTransfer,
    Transferred,
    Repeat,
    Closed,
    TimeUp,
    Wait,
}

impl Closing {
    pub(super) fn next_timeout(&self) -> Timestamp {
        match &self.stage {
            Stage::Close(requestor) | Stage::Terminate(requestor) => requestor.next_timeout(),
            Stage::Calls | Stage::Transfer | Stage::TerminateOnce | Stage::Polls => self.deadline,
        }
    }

    pub(super) fn termination_answered_elsewhere(&mut self) {
        if let Stage::Terminate(requestor) = &mut self.stage {
            requestor.is_answered_elsewhere = true;
        }
    }

    fn requestor(&mut self) -> Option<&mut Requestor> {
        match &mut self.stage {
            Stage::Close(requestor) | Stage::Terminate(requestor) => Some(requestor),
            Stage::Calls | Stage::Transfer | Stage::TerminateOnce | Stage::Polls => None,
        }
    }
}

impl Initiator {
    pub(super) fn start_closing(&mut self, now: Timestamp) {
        let deadline = now + self.config.timeouts.close;
        self.state = State::Closing(Closing { deadline, stage: Stage::Calls, is_final_seen: false });
        self.drive_closing(now);
    }

    /// Goes on with closing as far as it goes.
    pub(super) fn drive_closing(&mut self, now: Timestamp) {
        loop {
            match self.next_step(now) {
                Step::CompleteTransfer => self.complete_transfer(now),
                Step::Transferred => self.transferred(now),
                Step::Repeat => self.send_request(now),
                Step::Closed => {
                    self.stop();
                    self.state = State::Over(SessionError::Closed);
                    self.events.push_back(InitiatorEvent::Closed);
                }
                Step::TimeUp => self.closing_took_too_long(now),
                Step::Wait => return,
            }
        }
    }

    /// Gives up closing, as a WCF application's Close does when it throws: the session is aborted.
    pub(super) fn fail_closing(&mut self, now: Timestamp, error: &SessionError) {
        let fault = self
            .offer
            .as_ref()
            .or(self.sequence.as_ref())
            .map(|identifier| LocalFault::receiver_terminated(identifier, fault::ABORTED));
        self.end(now, error, error, fault);
    }

    /// Takes in the end of an exchange of CloseSequence or TerminateSequence.
    pub(super) fn request_answered(&mut self, now: Timestamp, received: Received) {
        let State::Closing(closing) = &mut self.state else { return };
        let is_termination = matches!(closing.stage, Stage::Terminate(_));
        let Some(requestor) = closing.requestor() else { return };
        match received {
            Received::Message(bytes) => {
                requestor.is_answered_elsewhere = false;
                self.take_response(now, is_termination, &bytes);
            }
            Received::Nothing if requestor.is_answered_elsewhere => self.request_done(now),
            Received::Failed { error, severity: Severity::Fatal } => self.fail_closing(now, &error),
            Received::Nothing | Received::Failed { .. } => {
                if requestor.missed(now) {
                    return;
                }
                if is_termination {
                    self.request_done(now);
                } else {
                    let text = timeout::close(self.config.timeouts.close);
                    self.fail_closing(now, &SessionError::Timeout(text));
                }
            }
        }
    }

    /// Takes in the end of the exchange of a TerminateSequence that expects nothing.
    pub(super) fn termination_answered(&mut self, now: Timestamp, received: Received) {
        match received {
            Received::Message(bytes) => self.take_unasked(now, &bytes),
            Received::Failed { error, severity: Severity::Fatal } => self.fail_closing(now, &error),
            Received::Nothing | Received::Failed { .. } => {}
        }
        if let State::Closing(closing) = &mut self.state {
            closing.stage = Stage::Polls;
            self.keep_alive.stop();
        }
    }

    /// Takes a final acknowledgement that came by another exchange than that of CloseSequence.
    pub(super) fn take_final_elsewhere(&mut self, now: Timestamp, ranges: &SequenceRanges) {
        let violation = match &mut self.state {
            State::Closing(Closing { stage: Stage::Calls | Stage::Transfer, .. })
            | State::New
            | State::Opening { .. }
            | State::Open
            | State::Over(_) => Some(self.destination_closed()),
            State::Closing(_) => self.check_final(Some(ranges)),
        };
        match (violation, &mut self.state) {
            (Some(violation), _) => self.fault_for_violation(now, violation),
            (None, State::Closing(closing)) => {
                closing.is_final_seen = true;
                if let Stage::Close(requestor) = &mut closing.stage {
                    requestor.is_answered_elsewhere = true;
                }
            }
            (None, _) => {}
        }
    }

    /// Takes an answer in the one-way pattern; the order of the checks is WCF's (`ProcessMessage`).
    pub(super) fn take_one_way_answer(&mut self, now: Timestamp, message: &Message<'_>) {
        let in_200702 = self.config.profile.rm == RmVersion::V200702;
        let ranges: Option<SequenceRanges> = message.acknowledgement.map(|value| value.ranges().collect());
        if let (Some(acknowledgement), Some(ranges)) = (message.acknowledgement, &ranges) {
            let buffer_remaining = self.obeyed(acknowledgement.buffer_remaining);
            self.take_acknowledgement(now, ranges, buffer_remaining);
        }
        let is_final = in_200702 && message.acknowledgement.is_some_and(|value| value.is_final);
        let final_ranges = ranges.as_ref().filter(|_| is_final);
        if !self.is_alive() {
            return;
        }
        if in_200702 {
            match (&message.protocol, final_ranges) {
                (Protocol::TerminateSequenceResponse { .. }, _) => {
                    self.fault_for_violation(now, self.response_before_request("TerminateSequence"));
                }
                (Protocol::CloseSequenceResponse { .. }, _) => {
                    self.fault_for_violation(now, self.response_before_request("CloseSequence"));
                }
                (Protocol::TerminateSequence { .. }, _) => {
                    self.answer_termination(now, message, final_ranges);
                }
                (Protocol::Fault(_), _) => {
                    if let State::Closing(closing) = &mut self.state {
                        closing.termination_answered_elsewhere();
                    }
                }
                (_, Some(ranges)) => self.take_final_elsewhere(now, ranges),
                _ => {}
            }
        }
        if self.is_alive() {
            self.keep_alive.received(now, self.source.is_blocked_by_peer());
        }
    }

    fn next_step(&mut self, now: Timestamp) -> Step {
        let State::Closing(closing) = &self.state else { return Step::Wait };
        let is_late = now >= closing.deadline;
        let is_done = match &closing.stage {
            Stage::Calls => self.calls.is_empty().then_some(Step::CompleteTransfer),
            Stage::Transfer => {
                (self.source.is_done() && !self.exchanges.has_attempts()).then_some(Step::Transferred)
            }
            Stage::Close(requestor) | Stage::Terminate(requestor) => {
                let step = if requestor.is_due(now) { Step::Repeat } else { Step::Wait };
                Some(step)
            }
            Stage::TerminateOnce => None,
            Stage::Polls => (!self.exchanges.has_polls()).then_some(Step::Closed),
        };
        is_done.unwrap_or(if is_late { Step::TimeUp } else { Step::Wait })
    }

    /// Sends what tells the peer how many messages there are, or fixes it for later.
    fn complete_transfer(&mut self, now: Timestamp) {
        if let State::Closing(closing) = &mut self.state {
            closing.stage = Stage::Transfer;
        }
        match self.config.profile.rm {
            RmVersion::February2005 => self.queue_last(now),
            RmVersion::V200702 => {
                // Only an acknowledgement of its own moves a one-way sequence; replies move the other.
                if !self.source.set_last() && self.config.pattern == Pattern::OneWay {
                    self.ask_before_closing(now);
                }
            }
        }
    }

    fn ask_before_closing(&mut self, now: Timestamp) {
        self.keep_alive.sent(now);
        let envelope = self.messages().ack_requested(None, self.ack_requested());
        let (action, message) = encode(&envelope);
        let State::Closing(Closing { deadline, .. }) = self.state else { return };
        self.transmit(TransmitKind::AckRequested, action, message, Purpose::CloseAckRequested, deadline);
    }

    fn transferred(&mut self, now: Timestamp) {
        self.source.close();
        match (self.config.profile.rm, self.config.pattern) {
            (RmVersion::V200702, _) => {
                self.replies_are_final = true;
                self.start_request(now, false);
            }
            (RmVersion::February2005, Pattern::RequestReply) => self.start_request(now, true),
            (RmVersion::February2005, Pattern::OneWay) => self.terminate_once(),
        }
    }

    fn start_request(&mut self, now: Timestamp, is_termination: bool) {
        let message_id = self.identifiers.next_identifier();
        let encoded = self.encode_request(is_termination, Some(&message_id));
        let State::Closing(closing) = &mut self.state else { return };
        let requestor = Requestor::new(now, encoded, message_id, closing.deadline);
        self.is_terminating |= is_termination;
        closing.stage = if is_termination { Stage::Terminate(requestor) } else { Stage::Close(requestor) };
    }

    fn terminate_once(&mut self) {
        let (action, message) = self.encode_request(true, None);
        let State::Closing(closing) = &mut self.state else { return };
        closing.stage = Stage::TerminateOnce;
        let deadline = closing.deadline;
        self.is_terminating = true;
        self.transmit(TransmitKind::TerminateSequence, action, message, Purpose::TerminateOnce, deadline);
    }

    fn send_request(&mut self, now: Timestamp) {
        let State::Closing(closing) = &mut self.state else { return };
        let (kind, purpose) = match closing.stage {
            Stage::Close(_) => (TransmitKind::CloseSequence, Purpose::Close),
            _ => (TransmitKind::TerminateSequence, Purpose::Terminate),
        };
        let Some(requestor) = closing.requestor() else { return };
        requestor.sent(now);
        let (action, message) = (requestor.action.clone(), requestor.message.clone());
        let deadline = requestor.deadline;
        self.transmit(kind, action, message, purpose, deadline);
    }

    fn encode_request(&self, is_termination: bool, message_id: Option<&Identifier>) -> (String, Bytes) {
        let messages = self.messages();
        let identifier = || self.sequence.as_ref().map_or_else(Default::default, Into::into);
        let last_msg_number = match self.config.profile.rm {
            RmVersion::February2005 => None,
            RmVersion::V200702 => self.source.last().and_then(MessageNumber::new),
        };
        // A session with replies acknowledges them even where there was none.
        let acknowledgement = self.acknowledgement_of_any(true);
        let envelope: Envelope<'_> = if is_termination {
            let body =
                TerminateSequence { identifier: identifier(), last_msg_number, extensions: Vec::new() };
            messages.terminate_sequence(acknowledgement, body, message_id.map(Into::into))
        } else {
            let body = CloseSequence { identifier: identifier(), last_msg_number, extensions: Vec::new() };
            let message_id = message_id.map_or("", Identifier::as_str);
            messages.close_sequence(acknowledgement, body, message_id)
        };
        encode(&envelope)
    }

    fn take_response(&mut self, now: Timestamp, is_termination: bool, bytes: &[u8]) {
        let State::Closing(closing) = &self.state else { return };
        let infoset = match Infoset::read_lazily(bytes, &Limits::default()) {
            Ok(infoset) => infoset,
            Err(error) => {
                return self.fail_closing(now, &SessionError::unreadable(exception::XML_BROKEN, &error));
            }
        };
        let envelope = match Envelope::read(&infoset, self.config.profile) {
            Ok(envelope) => envelope,
            Err(error) => {
                return self.fail_closing(now, &SessionError::unreadable(exception::XML_BROKEN, &error));
            }
        };
        let is_both_ways = self.config.pattern == Pattern::RequestReply;
        // RM 1.0 wants any answer; RM 1.1 looks at none once the final acknowledgement has come by another way.
        let is_taken_unseen = self.config.profile.rm == RmVersion::February2005
            || (is_both_ways && is_termination && closing.is_final_seen);
        if !is_taken_unseen {
            let Some(message) = self.accept_message(now, &envelope) else { return };
            let violation =
                self.verify_duplex(&message).or_else(|| self.verify_response(is_termination, &message));
            if let Some(violation) = violation {
                self.fault_for_violation(now, violation);
                return;
            }
        }
        self.request_done(now);
    }

    /// The rules for CloseSequenceResponse and TerminateSequenceResponse.
    fn verify_response(&self, is_termination: bool, message: &Message<'_>) -> Option<Violation> {
        let State::Closing(Closing { stage: Stage::Close(requestor) | Stage::Terminate(requestor), .. }) =
            &self.state
        else {
            return None;
        };
        let (request, response) = if is_termination {
            ("TerminateSequence", Action::TerminateSequenceResponse)
        } else {
            ("CloseSequence", Action::CloseSequenceResponse)
        };
        match (&message.protocol, is_termination) {
            (Protocol::Fault(_), true) => return None,
            (Protocol::TerminateSequenceResponse { .. }, true)
            | (Protocol::CloseSequenceResponse { .. }, false) => {}
            _ => {
                let expected = action_uri(response, self.config.profile);
                return Some(self.source_violation(
                    &fault::wrong_response(request, message.action, expected),
                    &exception::wrong_response(request, message.action, expected),
                ));
            }
        }
        if message.relates_to != Some(requestor.message_id.as_str()) {
            return Some(
                self.source_violation(&fault::wrong_relation(request), &exception::wrong_relation(request)),
            );
        }
        let ranges: Option<SequenceRanges> =
            message.acknowledgement.filter(|value| value.is_final).map(|value| value.ranges().collect());
        self.check_final(ranges.as_ref())
    }

    /// A final acknowledgement is of everything, in one range.
    fn check_final(&self, ranges: Option<&SequenceRanges>) -> Option<Violation> {
        let Some(ranges) = ranges else {
            return Some(self.source_violation(fault::FINAL_MISSING, exception::FINAL_MISSING));
        };
        let is_complete = match self.source.last().unwrap_or(0) {
            0 => ranges.is_empty(),
            last => ranges.runs() == [AcknowledgementRange::new(1, last)],
        };
        if is_complete { None } else { Some(self.invalid_acknowledgement(ranges)) }
    }

    fn invalid_acknowledgement(&self, ranges: &SequenceRanges) -> Violation {
        let output = self.sequence.as_ref().map_or("", Identifier::as_str);
        Violation {
            fault: LocalFault::invalid_acknowledgement(output, ranges, self.config.profile),
            error: SessionError::Protocol(exception::INVALID_ACKNOWLEDGEMENT.to_owned()),
        }
    }

    fn destination_closed(&self) -> Violation {
        self.source_violation(fault::CLOSE_BY_DESTINATION, exception::CLOSE_BY_DESTINATION)
    }

    fn response_before_request(&self, request: &str) -> Violation {
        self.source_violation(
            &fault::response_before_request(request),
            &exception::response_before_request(request),
        )
    }

    fn source_violation(&self, reason: &str, error: &str) -> Violation {
        let output = self.sequence.as_ref().map_or("", Identifier::as_str);
        Violation::terminated(output, reason, error)
    }

    /// CloseSequence is followed by TerminateSequence, TerminateSequence by the end.
    fn request_done(&mut self, now: Timestamp) {
        let State::Closing(closing) = &mut self.state else { return };
        if matches!(closing.stage, Stage::Close(_)) {
            self.start_request(now, true);
        } else {
            closing.stage = Stage::Polls;
            self.keep_alive.stop();
        }
    }

    fn closing_took_too_long(&mut self, now: Timestamp) {
        let close = self.config.timeouts.close;
        if self.is_last_waiting() {
            let fault = self
                .sequence
                .as_ref()
                .map(|sequence| LocalFault::receiver_terminated(sequence, fault::LAST_NOT_TRANSFERRED));
            self.fault_locally(now, &SessionError::Timeout(timeout::window(close)), fault);
        } else {
            self.fail_closing(now, &SessionError::Timeout(timeout::operation(close)));
        }
    }

    /// Answers a service that terminates the sequence on its own (RM 1.1, one-way), and takes it as the end.
    fn answer_termination(
        &mut self,
        now: Timestamp,
        message: &Message<'_>,
        final_ranges: Option<&SequenceRanges>,
    ) {
        let elsewhere = message.reply_to.is_none_or(|address| !is_same_uri(address, &self.config.address));
        let violation =
            if elsewhere {
                let request = "TerminateSequence";
                Some(self.source_violation(
                    &fault::reply_to_changed(request),
                    &exception::reply_to_changed(request),
                ))
            } else {
                match final_ranges {
                    None => Some(self.source_violation(fault::FINAL_MISSING, exception::FINAL_MISSING)),
                    Some(ranges) if !self.source.is_final_consistent(ranges) => {
                        Some(self.invalid_acknowledgement(ranges))
                    }
                    Some(_) => None,
                }
            };
        if let Some(violation) = violation {
            self.fault_for_violation(now, violation);
            return;
        }
        self.transmit_termination_response(now, message.message_id);
        let error = SessionError::Protocol(exception::TERMINATE_BY_DESTINATION.to_owned());
        self.fault_locally(now, &error, None);
    }

    fn transmit_termination_response(&mut self, now: Timestamp, relates_to: Option<&str>) {
        let identifier = self.sequence.as_ref().map_or_else(Default::default, Into::into);
        let body = TerminateSequenceResponse { identifier, extensions: Vec::new() };
        let envelope = self.messages().terminate_sequence_response(body, relates_to.map(Into::into));
        let (action, message) = encode(&envelope);
        let deadline = now + self.config.timeouts.send;
        let kind = TransmitKind::TerminateSequenceResponse;
        self.transmit(kind, action, message, Purpose::Ignored, deadline);
    }
}
