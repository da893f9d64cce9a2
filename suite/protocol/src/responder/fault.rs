//! The faults by which a session ends itself.

use std::borrow::Cow;

use wsrm_wire::{FaultCode, RmFault};

use super::{Fate, Port, Responder};
use crate::{ExchangeId, Identifier, SessionError, reason};

/// A fault that ends the session, and that the client is told of.
#[derive(Debug)]
pub(super) struct LocalFault {
    pub(super) fault: RmFault<'static>,
    pub(super) reason: Cow<'static, str>,
}

impl LocalFault {
    /// The message names a sequence that has nothing to do with this session.
    pub(super) fn unknown_sequence(identifier: &str) -> Self {
        let identifier = Cow::Owned(identifier.to_owned());
        Self { fault: RmFault::UnknownSequence { identifier }, reason: reason::UNKNOWN_SEQUENCE.into() }
    }

    /// The client broke the protocol.
    pub(super) fn terminated(identifier: &Identifier, reason: impl Into<Cow<'static, str>>) -> Self {
        let identifier = Cow::Owned(identifier.to_string());
        Self { fault: RmFault::SequenceTerminated { identifier }, reason: reason.into() }
    }

    /// A message came behind the last one.
    pub(super) fn last_number_exceeded(identifier: &Identifier) -> Self {
        let identifier = Cow::Owned(identifier.to_string());
        Self {
            fault: RmFault::LastMessageNumberExceeded { identifier },
            reason: reason::LAST_NUMBER_EXCEEDED.into(),
        }
    }
}

impl Responder {
    /// Ends the session by a fault, which answers the exchange at hand. Once the final acknowledgement was given, the
    /// fault carries it again.
    pub(super) fn fail(&self, port: &mut Port<'_>, exchange: ExchangeId, fault: LocalFault) -> Fate {
        let acknowledgement =
            self.shutdown.is_final.then(|| self.final_acknowledgement(port.config.profile.rm));
        let envelope = Self::messages(port.config).rm_fault(
            &fault.fault,
            FaultCode::Sender,
            Self::reason(port.config, &fault.reason),
            acknowledgement,
            None,
        );
        port.send(exchange, &envelope, true);
        Fate::Ends(Some(SessionError::Protocol(fault.reason.into_owned())))
    }
}
