//! The faults that a client sends.

use std::borrow::Cow;

use wsrm_wire::{
    Action, AddressingFault, AddressingVersion, Envelope, FaultCode, InitiatorMessages, QName, Reason,
    RmFault, WireProfile,
};

use super::message::Refusal;
use super::texts::{exception, fault};
use crate::{Identifier, SequenceRanges, SessionError};

/// A fault to be sent.
#[derive(Debug)]
pub(super) enum LocalFault {
    /// One of WS-ReliableMessaging.
    Rm {
        /// Which.
        fault: RmFault<'static>,
        /// Sender or Receiver.
        code: FaultCode<'static>,
        /// The explanation.
        reason: String,
    },
    /// One of WS-Addressing.
    Addressing {
        /// Which.
        fault: AddressingFault<'static>,
        /// The explanation.
        reason: String,
    },
    /// SOAP's own, about headers that had to be understood.
    MustUnderstand {
        /// The headers.
        names: Vec<QName<'static>>,
        /// The explanation.
        reason: String,
    },
}

impl LocalFault {
    /// SequenceTerminated, by fault of the peer.
    pub(super) fn sender_terminated(identifier: &str, reason: &str) -> Self {
        Self::terminated(identifier, FaultCode::Sender, reason)
    }

    /// SequenceTerminated, by fault of this side or of nobody.
    pub(super) fn receiver_terminated(identifier: &Identifier, reason: &str) -> Self {
        Self::terminated(identifier, FaultCode::Receiver, reason)
    }

    /// UnknownSequence.
    pub(super) fn unknown_sequence(identifier: &str) -> Self {
        let fault = RmFault::UnknownSequence { identifier: owned(identifier) };
        Self::Rm { fault, code: FaultCode::Sender, reason: fault::UNKNOWN_SEQUENCE.to_owned() }
    }

    /// InvalidAcknowledgement; the detail repeats the acknowledgement, its ranges merged.
    pub(super) fn invalid_acknowledgement(
        identifier: &str,
        ranges: &SequenceRanges,
        profile: WireProfile,
    ) -> Self {
        let acknowledged = ranges.acknowledged(profile.rm);
        let fault = RmFault::InvalidAcknowledgement { identifier: owned(identifier), acknowledged };
        Self::Rm { fault, code: FaultCode::Sender, reason: fault::INVALID_ACKNOWLEDGEMENT.to_owned() }
    }

    /// The fault for a message that is refused, and the exception for the application. There is no fault for missing
    /// headers in WS-Addressing 2004/08.
    pub(super) fn of_refusal(refusal: Refusal<'_>, profile: WireProfile) -> (Option<Self>, SessionError) {
        let unreadable = SessionError::Protocol(exception::UNREADABLE.to_owned());
        match refusal {
            Refusal::MustUnderstand(names) => {
                let first = names.first().map(|name| fault::not_understood(&name.local, &name.namespace));
                let names = names.into_iter().map(owned_name).collect();
                (Some(Self::MustUnderstand { names, reason: first.unwrap_or_default() }), unreadable)
            }
            Refusal::ActionNotSupported(action) => {
                let reason = fault::action_not_supported(action);
                (Some(Self::Addressing { fault: AddressingFault::ActionNotSupported, reason }), unreadable)
            }
            Refusal::WsrmRequired => {
                let reason = fault::WSRM_REQUIRED.to_owned();
                let fault = Self::Rm { fault: RmFault::WsrmRequired, code: FaultCode::Sender, reason };
                (Some(fault), SessionError::Protocol(exception::WSRM_REQUIRED.to_owned()))
            }
            Refusal::MissingHeader { header, text } => {
                let namespace = Cow::Borrowed(profile.addressing.namespace());
                let header = QName { namespace, local: Cow::Borrowed(header) };
                let fault = AddressingFault::MessageAddressingHeaderRequired { header };
                let has_fault = profile.addressing == AddressingVersion::Addressing10;
                (has_fault.then_some(Self::Addressing { fault, reason: text }), unreadable)
            }
        }
    }

    /// The message.
    pub(super) fn compose<'a>(&'a self, messages: &InitiatorMessages<'a>, language: &'a str) -> Envelope<'a> {
        let reason_in =
            |text: &'a str| Reason { language: Some(Cow::Borrowed(language)), text: Cow::Borrowed(text) };
        match self {
            Self::Rm { fault, code, reason } => {
                messages.rm_fault(fault, code.clone(), reason_in(reason), None)
            }
            Self::Addressing { fault, reason } => messages.addressing_fault(fault, reason_in(reason)),
            Self::MustUnderstand { names, reason } => {
                messages.must_understand_fault(names.iter().cloned(), reason_in(reason))
            }
        }
    }

    fn terminated(identifier: &str, code: FaultCode<'static>, reason: &str) -> Self {
        let fault = RmFault::SequenceTerminated { identifier: owned(identifier) };
        Self::Rm { fault, code, reason: reason.to_owned() }
    }
}

/// The URI of one of the protocol's actions, for the texts that name it.
pub(super) fn action_uri(action: Action, profile: WireProfile) -> &'static str {
    action.uri(profile.rm).unwrap_or_default()
}

fn owned(text: &str) -> Cow<'static, str> {
    Cow::Owned(text.to_owned())
}

fn owned_name(name: QName<'_>) -> QName<'static> {
    QName { namespace: Cow::Owned(name.namespace.into_owned()), local: Cow::Owned(name.local.into_owned()) }
}
