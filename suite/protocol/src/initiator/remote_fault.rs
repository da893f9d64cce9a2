//! A SOAP fault that the peer sent outside a sequence, and the exception it becomes.

use std::fmt::Write as _;

use wsrm_wire::{
    AddressingVersion, Envelope, Fault, FaultCode, Fragment, HeaderKind, Infoset, Limits, QName, RmVersion,
    SequenceFault, SoapVersion, WireProfile, namespace,
};

use super::texts::exception;
use crate::SessionError;

/// A fault that ends a session from the other side.
#[derive(Debug)]
pub(super) struct RemoteFault {
    /// What the application learns of it.
    pub(super) error: SessionError,
    /// The first explanation.
    pub(super) reason: String,
    /// The part that is about a sequence, in a fault of WS-ReliableMessaging.
    pub(super) about: Option<About>,
}

/// Which sequence a fault of WS-ReliableMessaging is about.
#[derive(Debug)]
pub(super) struct About {
    /// The sequence.
    pub(super) identifier: String,
    /// Whether the fault says that there is no such sequence.
    pub(super) is_unknown_sequence: bool,
}

impl RemoteFault {
    /// Reads a fault; `None` where it is one of WS-ReliableMessaging and its detail is not what it must be.
    pub(super) fn read(envelope: &Envelope<'_>, fault: &Fault<'_>) -> Option<Self> {
        let reason = reason_of(fault);
        let profile = envelope.profile;
        let rm = match profile.soap {
            SoapVersion::Soap12 => RmFaultParts::of_soap12(profile, fault),
            SoapVersion::Soap11 => RmFaultParts::of_soap11(envelope, fault),
        };
        let Some(parts) = rm else {
            return Some(Self { error: other_fault(profile, fault, &reason), reason, about: None });
        };
        let identifier = parts.identifier(profile.rm)?;
        let is_unknown_sequence = parts.is_sender && parts.local == "UnknownSequence";
        let error = if is_unknown_sequence {
            SessionError::Communication(exception::sequence_unknown(&reason))
        } else if parts.is_sender {
            SessionError::Protocol(exception::sequence_terminated(&reason))
        } else {
            SessionError::Communication(exception::sequence_terminated(&reason))
        };
        Some(Self { error, reason, about: Some(About { identifier, is_unknown_sequence }) })
    }

    /// Whether it is a fault of WS-ReliableMessaging.
    pub(super) const fn is_rm(&self) -> bool {
        self.about.is_some()
    }

    /// The exception for a fault that answers `CreateSequence`.
    pub(super) fn on_open(envelope: &Envelope<'_>, fault: &Fault<'_>) -> SessionError {
        let profile = envelope.profile;
        let reason = reason_of(fault);
        let (code, inner) = match (&fault.code, profile.soap) {
            (FaultCode::Other(name), SoapVersion::Soap11) => (Some(name), None),
            (_, SoapVersion::Soap11) => (None, None),
            (_, SoapVersion::Soap12) => (fault.subcodes.first(), fault.subcodes.get(1)),
        };
        if code.is_some_and(|name| is(name, profile.rm.namespace(), "CreateSequenceRefused")) {
            if inner.is_some_and(|name| is(name, namespace::NETRM, "ConnectionLimitReached")) {
                return SessionError::ServerTooBusy(reason);
            }
            let is_sender = profile.soap == SoapVersion::Soap12 && fault.code == FaultCode::Sender;
            return if is_sender {
                SessionError::Protocol(reason)
            } else {
                SessionError::Communication(reason)
            };
        }
        if code.is_some_and(|name| is(name, profile.addressing.namespace(), "EndpointUnavailable")) {
            return SessionError::EndpointNotFound(reason);
        }
        convert(profile, fault, &reason).unwrap_or_else(|| {
            let name = outer_code(profile.soap, fault);
            SessionError::Protocol(exception::unrecognized_fault_on_open(
                &name.namespace,
                &name.local,
                &reason,
            ))
        })
    }
}

/// What makes a fault one of WS-ReliableMessaging: a code of it and the detail that goes with the code.
struct RmFaultParts<'f> {
    local: String,
    detail: &'f Fragment<'f>,
    is_sender: bool,
}

impl<'f> RmFaultParts<'f> {
    fn of_soap12(profile: WireProfile, fault: &'f Fault<'f>) -> Option<Self> {
        let is_sender = sender_or_receiver(fault)?;
        let code = fault.subcodes.first().filter(|code| code.namespace == profile.rm.namespace())?;
        Some(Self { local: code.local.to_string(), detail: fault.detail.as_ref()?, is_sender })
    }

    fn of_soap11(envelope: &'f Envelope<'f>, fault: &'f Fault<'f>) -> Option<Self> {
        let is_sender = sender_or_receiver(fault)?;
        let header: &SequenceFault<'f> = envelope.headers.iter().find_map(|header| match &header.kind {
            HeaderKind::SequenceFault(value) => Some(value),
            _ => None,
        })?;
        let rm = envelope.profile.rm;
        // WCF looks the detail up by the name that belongs to the code, and knows no name for other codes.
        let known = match header.code.local.as_ref() {
            "InvalidAcknowledgement" | "MessageNumberRollover" | "SequenceTerminated" | "UnknownSequence" => {
                true
            }
            "LastMessageNumberExceeded" => rm == RmVersion::February2005,
            "SequenceClosed" => rm == RmVersion::V200702,
            _ => false,
        };
        (known && header.code.namespace == rm.namespace()).then_some(Self {
            local: header.code.local.to_string(),
            detail: header.detail.as_ref()?,
            is_sender,
        })
    }

    /// The sequence that the detail names, if the detail is of the kind that the code calls for.
    fn identifier(&self, rm: RmVersion) -> Option<String> {
        let document = wrapped(self.detail);
        let infoset = Infoset::read(document.as_bytes(), &Limits::default()).ok()?;
        let ns = rm.namespace();
        let mut elements = infoset.root().elements();
        let first = elements.next()?;
        let identifier = if self.is_sender && self.local == "InvalidAcknowledgement" {
            first.is(ns, "SequenceAcknowledgement").then(|| first.elements().next())??
        } else {
            first
        };
        if !identifier.is(ns, "Identifier") {
            return None;
        }
        let needs_maximum =
            rm == RmVersion::V200702 && self.is_sender && self.local == "MessageNumberRollover";
        if needs_maximum {
            let maximum = elements.next().filter(|element| element.is(ns, "MaxMessageNumber"))?;
            maximum.token().parse::<u64>().ok().filter(|&number| number > 0)?;
        }
        Some(identifier.token().into_owned()).filter(|text| !text.is_empty())
    }
}

/// A fragment as a document of its own.
fn wrapped(fragment: &Fragment<'_>) -> String {
    let mut document = String::from("<detail");
    for binding in &fragment.scope {
        let colon = if binding.prefix.is_empty() { "" } else { ":" };
        let namespace = binding.namespace.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        // Writing to a string cannot fail.
        let _ = write!(document, " xmlns{colon}{}=\"{namespace}\"", binding.prefix);
    }
    document.push('>');
    document.push_str(&fragment.xml);
    document.push_str("</detail>");
    document
}

fn sender_or_receiver(fault: &Fault<'_>) -> Option<bool> {
    match fault.code {
        FaultCode::Sender => Some(true),
        FaultCode::Receiver => Some(false),
        _ => None,
    }
}

fn reason_of(fault: &Fault<'_>) -> String {
    fault.reasons.first().map(|reason| reason.text.to_string()).unwrap_or_default()
}

fn is(name: &QName<'_>, namespace: &str, local: &str) -> bool {
    name.namespace == namespace && name.local == local
}

fn other_fault(profile: WireProfile, fault: &Fault<'_>, reason: &str) -> SessionError {
    convert(profile, fault, reason).unwrap_or_else(|| {
        let name = outer_code(profile.soap, fault);
        SessionError::Protocol(exception::unrecognized_fault(&name.namespace, &name.local, reason))
    })
}

/// The exceptions that WCF has for faults of SOAP and WS-Addressing.
fn convert(profile: WireProfile, fault: &Fault<'_>, reason: &str) -> Option<SessionError> {
    let text = || reason.to_owned();
    if fault.code == FaultCode::MustUnderstand {
        return Some(SessionError::Protocol(text()));
    }
    let (code, sender, receiver) = match profile.soap {
        SoapVersion::Soap11 => {
            let FaultCode::Other(name) = &fault.code else { return None };
            (name, true, true)
        }
        SoapVersion::Soap12 => {
            (fault.subcodes.first()?, fault.code == FaultCode::Sender, fault.code == FaultCode::Receiver)
        }
    };
    if code.namespace != profile.addressing.namespace() {
        return None;
    }
    let ten = profile.addressing == AddressingVersion::Addressing10;
    match code.local.as_ref() {
        "ActionNotSupported" if sender => Some(SessionError::ActionNotSupported(text())),
        "DestinationUnreachable" if sender => Some(SessionError::EndpointNotFound(text())),
        "InvalidAddressingHeader" if sender && ten => {
            let cardinality = fault
                .subcodes
                .get(1)
                .is_some_and(|inner| is(inner, profile.addressing.namespace(), "InvalidCardinality"));
            Some(if cardinality {
                SessionError::MessageHeader(text())
            } else {
                SessionError::Protocol(text())
            })
        }
        "MessageAddressingHeaderRequired" if sender && ten => Some(SessionError::MessageHeader(text())),
        "MessageInformationHeaderRequired" | "InvalidMessageInformationHeader" if sender && !ten => {
            Some(SessionError::Protocol(text()))
        }
        "EndpointUnavailable" if receiver => Some(SessionError::ServerTooBusy(text())),
        _ => None,
    }
}

/// The outermost code as a name.
fn outer_code<'f>(soap: SoapVersion, fault: &'f Fault<'f>) -> QName<'f> {
    let local = match (&fault.code, soap) {
        (FaultCode::Other(name), _) => return name.clone(),
        (FaultCode::Sender, SoapVersion::Soap11) => "Client",
        (FaultCode::Receiver, SoapVersion::Soap11) => "Server",
        (FaultCode::Sender, SoapVersion::Soap12) => "Sender",
        (FaultCode::Receiver, SoapVersion::Soap12) => "Receiver",
        (FaultCode::MustUnderstand, _) => "MustUnderstand",
        (FaultCode::VersionMismatch, _) => "VersionMismatch",
        (FaultCode::DataEncodingUnknown, _) => "DataEncodingUnknown",
    };
    QName { namespace: soap.namespace().into(), local: local.into() }
}
