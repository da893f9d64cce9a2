//! The faults that a client sends.

use std::borrow::Cow;

use wsrm_wire::{
    Action, AddressingFault, Body, Envelope, Fault, FaultCode, Header, HeaderKind, InitiatorMessages, QName,
    Reason, RelatesTo, RmFault, SoapVersion, TerminateSequenceResponse, WireProfile,
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
                let names = names.into_iter().map(owned_name).collect();
                (Some(Self::MustUnderstand { names }), unreadable)
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
                let has_fault = profile.addressing == wsrm_wire::AddressingVersion::Addressing10;
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
            Self::Addressing { fault, reason } => {
                let profile = messages.profile;
                let body = fault.to_fault(profile, reason_in(reason));
                plain_fault(messages, fault.action(profile.addressing), Vec::new(), body)
            }
            Self::MustUnderstand { names } => must_understand(messages, names, language),
        }
    }

    fn terminated(identifier: &str, code: FaultCode<'static>, reason: &str) -> Self {
        let fault = RmFault::SequenceTerminated { identifier: owned(identifier) };
        Self::Rm { fault, code, reason: reason.to_owned() }
    }
}

/// A fault message with nothing of WS-ReliableMessaging in it.
fn plain_fault<'a>(
    messages: &InitiatorMessages<'a>,
    action: &'a str,
    mut headers: Vec<Header<'a>>,
    fault: Fault<'a>,
) -> Envelope<'a> {
    headers.push(Header::must_understand(HeaderKind::Action(Cow::Borrowed(action))));
    headers.push(Header::must_understand(HeaderKind::To(Cow::Borrowed(messages.to))));
    Envelope { headers, ..Envelope::new(messages.profile, Body::Fault(fault)) }
}

fn must_understand<'a>(
    messages: &InitiatorMessages<'a>,
    names: &'a [QName<'static>],
    language: &'a str,
) -> Envelope<'a> {
    let profile = messages.profile;
    let headers = match profile.soap {
        SoapVersion::Soap11 => Vec::new(),
        SoapVersion::Soap12 => {
            names.iter().cloned().map(|name| Header::new(HeaderKind::NotUnderstood(name))).collect()
        }
    };
    let text = names.first().map(|name| fault::not_understood(&name.local, &name.namespace));
    let reason =
        Reason { language: Some(Cow::Borrowed(language)), text: Cow::Owned(text.unwrap_or_default()) };
    let fault = Fault::new(profile.soap, FaultCode::MustUnderstand, Vec::new(), reason);
    plain_fault(messages, profile.addressing.default_fault_action(), headers, fault)
}

/// TerminateSequenceResponse, from the side that should have been asked to send TerminateSequence.
pub(super) fn termination_response<'a>(
    messages: &InitiatorMessages<'a>,
    identifier: Cow<'a, str>,
    relates_to: Option<&'a str>,
) -> Envelope<'a> {
    let profile = messages.profile;
    let action = action_uri(Action::TerminateSequenceResponse, profile);
    let body = TerminateSequenceResponse { identifier, extensions: Vec::new() };
    let mut headers = vec![Header::must_understand(HeaderKind::Action(Cow::Borrowed(action)))];
    if let Some(message_id) = relates_to {
        let relation = RelatesTo { message_id: Cow::Borrowed(message_id), relationship_type: None };
        headers.push(Header::new(HeaderKind::RelatesTo(relation)));
    }
    headers.push(Header::must_understand(HeaderKind::To(Cow::Borrowed(messages.to))));
    Envelope { headers, ..Envelope::new(profile, Body::TerminateSequenceResponse(body)) }
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
