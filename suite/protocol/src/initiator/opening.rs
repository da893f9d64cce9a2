//! Opening: a sequence is created, and what creates it is checked.

use wsrm_wire::{
    Accept, Action, Body, CreateSequence, CreateSequenceResponse, Envelope, IncompleteSequenceBehavior,
    Infoset, Limits, Offer, RmVersion,
};

use super::exchanges::Purpose;
use super::local_fault::{LocalFault, action_uri};
use super::message::{Sin, action_of, check_understood, find, relates_to_of, what_is_wrong};
use super::received::{Received, Severity};
use super::remote_fault::RemoteFault;
use super::requestor::Requestor;
use super::texts::{exception, fault, timeout};
use super::{Initiator, InitiatorEvent, State, encode};
use crate::uri::is_same_uri;
use crate::{Identifier, SessionError, Source, Timestamp, TransmitKind};

/// Why opening fails: the exception, and the fault that tells the peer, where there is one.
struct Failure {
    error: SessionError,
    fault: Option<LocalFault>,
}

impl Failure {
    fn new(error: SessionError, fault: Option<LocalFault>) -> Box<Self> {
        Box::new(Self { error, fault })
    }
}

impl Initiator {
    pub(super) fn start_opening(&mut self, now: Timestamp) {
        let message_id = self.identifiers.next_identifier();
        let encoded = self.encode_create_sequence(&message_id);
        let deadline = now + self.config.timeouts.open;
        let requestor = Requestor::new(now, encoded, message_id, deadline);
        self.state = State::Opening { requestor, started: now };
        self.drive_opening(now);
    }

    /// Sends CreateSequence if it is due.
    pub(super) fn drive_opening(&mut self, now: Timestamp) {
        let State::Opening { requestor, .. } = &mut self.state else { return };
        if !requestor.is_due(now) {
            return;
        }
        requestor.sent(now);
        let (action, message) = (requestor.action.clone(), requestor.message.clone());
        let deadline = requestor.deadline;
        self.transmit(TransmitKind::CreateSequence, action, message, Purpose::Create, deadline);
    }

    pub(super) fn create_answered(&mut self, now: Timestamp, received: Received) {
        let State::Opening { requestor, .. } = &mut self.state else { return };
        let error = match received {
            Received::Message(bytes) => {
                if let Err(failure) = self.take_create_response(now, &bytes) {
                    self.fail_opening(now, *failure);
                }
                return;
            }
            Received::Nothing | Received::Failed { severity: Severity::Lost, .. }
                if requestor.missed(now) =>
            {
                return;
            }
            Received::Nothing => SessionError::Timeout(timeout::open(self.config.timeouts.open)),
            Received::Failed { error, .. } => error,
        };
        self.fail_opening(now, *Failure::new(error, None));
    }

    fn fail_opening(&mut self, now: Timestamp, failure: Failure) {
        self.end(now, &failure.error, &SessionError::Faulted, failure.fault);
    }

    /// The order of the checks is WCF's.
    fn take_create_response(&mut self, now: Timestamp, bytes: &[u8]) -> Result<(), Box<Failure>> {
        let infoset = Infoset::read(bytes, &Limits::default())
            .map_err(|error| unreadable(exception::XML_BROKEN, &error))?;
        let envelope = Envelope::read(&infoset, self.config.profile)
            .map_err(|error| unreadable(exception::XML_BROKEN, &error))?;
        if let Body::Fault(fault) = &envelope.body {
            return Err(Failure::new(RemoteFault::on_open(&envelope, fault), None));
        }
        let action = find(&envelope, action_of).unwrap_or_default();
        let expected = action_uri(Action::CreateSequenceResponse, self.config.profile);
        if action != expected {
            return Err(protocol(&exception::wrong_response_on_open("CreateSequence", action, expected)));
        }
        let Some(relates_to) = find(&envelope, relates_to_of) else {
            return Err(unreadable(exception::UNREADABLE, &"the response has no RelatesTo"));
        };
        let Body::CreateSequenceResponse(response) = &envelope.body else {
            return Err(unreadable(exception::CREATE_RESPONSE_UNPARSABLE, &what_is_wrong(&envelope)));
        };
        if let Err(Sin::Refused(refusal)) = check_understood(&envelope, &[]) {
            let (fault, error) = LocalFault::of_refusal(refusal, self.config.profile);
            return Err(Failure::new(error, fault));
        }
        self.check_create_response(response, relates_to)?;
        self.opened(now, Identifier::new(&response.identifier));
        Ok(())
    }

    fn check_create_response(
        &self,
        response: &CreateSequenceResponse<'_>,
        relates_to: &str,
    ) -> Result<(), Box<Failure>> {
        let State::Opening { requestor, .. } = &self.state else { return Ok(()) };
        let refuse = |error: &str, reason: &str| {
            let fault = LocalFault::sender_terminated(&response.identifier, reason);
            Err(Failure::new(SessionError::Protocol(error.to_owned()), Some(fault)))
        };
        if relates_to != requestor.message_id.as_str() {
            let request = "CreateSequence";
            return refuse(&exception::wrong_relation(request), &fault::wrong_relation(request));
        }
        match (&response.accept, &self.offer, self.config.profile.rm) {
            (None, Some(_), RmVersion::February2005) => {
                refuse(exception::ACCEPT_MISSING_FEBRUARY_2005, fault::ACCEPT_MISSING_FEBRUARY_2005)
            }
            (None, Some(_), RmVersion::V200702) => {
                refuse(exception::ACCEPT_MISSING_200702, fault::ACCEPT_MISSING_200702)
            }
            (Some(_), None, _) => refuse(exception::ACCEPT_UNASKED, fault::ACCEPT_UNASKED),
            (Some(Accept { acks_to, .. }), Some(_), _)
                if !is_same_uri(&acks_to.address, &self.config.address) =>
            {
                refuse(exception::ACCEPT_ELSEWHERE, fault::ACCEPT_ELSEWHERE)
            }
            _ => Ok(()),
        }
    }

    fn opened(&mut self, now: Timestamp, identifier: Identifier) {
        let State::Opening { started, .. } = self.state else { return };
        let window = self.config.settings.max_transfer_window_size;
        self.source = Source::new(window, now - started, false);
        self.sequence = Some(identifier.clone());
        self.state = State::Open;
        self.keep_alive.start(now);
        self.events.push_back(InitiatorEvent::Opened { identifier });
        self.release_waiting(now);
    }

    fn encode_create_sequence(&self, message_id: &Identifier) -> (String, bytes::Bytes) {
        let messages = self.messages();
        let own = messages.own_reference();
        let in_200702 = self.config.profile.rm == RmVersion::V200702;
        let behavior = if self.config.settings.ordered {
            IncompleteSequenceBehavior::DiscardFollowingFirstGap
        } else {
            IncompleteSequenceBehavior::NoDiscard
        };
        let offer = self.offer.as_ref().map(|identifier| Offer {
            identifier: identifier.into(),
            endpoint: in_200702.then(|| own.clone()),
            expires: None,
            incomplete_sequence_behavior: in_200702.then_some(behavior),
            extensions: Vec::new(),
        });
        let body = CreateSequence { acks_to: own, expires: None, offer, extensions: Vec::new() };
        encode(&messages.create_sequence(body, message_id))
    }
}

fn protocol(text: &str) -> Box<Failure> {
    Failure::new(SessionError::Protocol(text.to_owned()), None)
}

fn unreadable(text: &str, cause: &impl ToString) -> Box<Failure> {
    Failure::new(SessionError::unreadable(text, cause), None)
}
