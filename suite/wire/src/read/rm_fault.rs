//! Which fault of WS-ReliableMessaging a message is, by WCF's rules.

use std::fmt::Write as _;

use super::content::Content;
use super::value::{self, clause};
use super::{ReadErrorKind, acknowledgement};
use crate::{
    Body, Element, Envelope, Fault, FaultCode, Fragment, HeaderKind, Infoset, Limits, QName, ReadError,
    RmFault, RmVersion, SoapVersion, WireProfile, namespace,
};

impl RmFault<'static> {
    /// The fault of WS-ReliableMessaging that `envelope` is, or `None` where it is none that WCF recognises.
    ///
    /// SOAP 1.2: the first subcode is in the namespace of WS-RM. With a `Detail` the sender's codes that are known
    /// are what they say; every other code, of a receiver or unknown, is read as `SequenceTerminated`, `CreateSequenceRefused`
    /// with a `Detail` too. Without `Detail` only the faults of the creation of a sequence are recognised.
    ///
    /// SOAP 1.1: a `SequenceFault` header says which; the faults of creation show in the code itself.
    ///
    /// # Errors
    /// If the detail of a fault that is recognised cannot be read; the span counts from the start of the detail.
    pub fn read(envelope: &Envelope<'_>) -> Result<Option<Self>, ReadError> {
        let Body::Fault(fault) = &envelope.body else { return Ok(None) };
        let profile = envelope.profile;
        match profile.soap {
            SoapVersion::Soap12 => read_soap12(fault, profile),
            SoapVersion::Soap11 => read_soap11(envelope, fault, profile),
        }
    }
}

fn read_soap12(fault: &Fault<'_>, profile: WireProfile) -> Result<Option<RmFault<'static>>, ReadError> {
    let mut subcodes = fault.subcodes.iter();
    let Some(subcode) = subcodes.next().filter(|subcode| subcode.namespace == profile.rm.namespace()) else {
        return Ok(None);
    };
    let is_sender = fault.code == FaultCode::Sender;
    if !is_sender && fault.code != FaultCode::Receiver {
        return Ok(None);
    }
    let Some(detail) = &fault.detail else {
        return Ok(refusal(subcode, subcodes.next(), profile.rm));
    };
    let kind =
        Some(subcode.local.as_ref()).filter(|_| is_sender).and_then(|local| Kind::of(local, profile.rm));
    with_content(detail, |content| {
        kind.unwrap_or(Kind::SequenceTerminated).read(content.elements().next(), content, profile.rm)
    })
    .map(Some)
}

fn read_soap11(
    envelope: &Envelope<'_>,
    fault: &Fault<'_>,
    profile: WireProfile,
) -> Result<Option<RmFault<'static>>, ReadError> {
    let header = envelope.headers.iter().find_map(|header| match &header.kind {
        HeaderKind::SequenceFault(header) => Some(header),
        _ => None,
    });
    let Some(header) = header else {
        return Ok(match &fault.code {
            FaultCode::Other(code) => refusal(code, None, profile.rm),
            _ => None,
        });
    };
    let kind = Some(&header.code)
        .filter(|code| code.namespace == profile.rm.namespace())
        .and_then(|code| Kind::of(&code.local, profile.rm));
    // The name of the detail follows from the code, so an unknown code has none to look for.
    let (Some(kind), Some(detail)) = (kind, &header.detail) else { return Ok(None) };
    with_content(detail, |content| {
        let mut elements = content.elements();
        let element = match profile.rm {
            RmVersion::V200702 => elements.next(),
            RmVersion::February2005 => {
                elements.find(|element| element.is(profile.rm.namespace(), kind.detail()))
            }
        };
        match element {
            Some(element) if element.is(profile.rm.namespace(), kind.detail()) => {
                kind.read(Some(element), content, profile.rm).map(Some)
            }
            _ => Ok(None),
        }
    })
}

/// The fault of the creation of a sequence that a code without detail says.
fn refusal(code: &QName<'_>, inner: Option<&QName<'_>>, rm: RmVersion) -> Option<RmFault<'static>> {
    if code.namespace != rm.namespace() {
        return None;
    }
    let limit =
        |inner: &QName<'_>| inner.namespace == namespace::NETRM && inner.local == "ConnectionLimitReached";
    match (code.local.as_ref(), rm) {
        ("CreateSequenceRefused", _) if inner.is_some_and(limit) => Some(RmFault::ConnectionLimitReached),
        ("CreateSequenceRefused", _) => Some(RmFault::CreateSequenceRefused),
        ("WsrmRequired", RmVersion::V200702) => Some(RmFault::WsrmRequired),
        _ => None,
    }
}

/// The faults that name a sequence.
#[derive(Debug, Clone, Copy)]
enum Kind {
    SequenceTerminated,
    UnknownSequence,
    InvalidAcknowledgement,
    MessageNumberRollover,
    LastMessageNumberExceeded,
    SequenceClosed,
}

impl Kind {
    fn of(local: &str, rm: RmVersion) -> Option<Self> {
        match (local, rm) {
            ("SequenceTerminated", _) => Some(Self::SequenceTerminated),
            ("UnknownSequence", _) => Some(Self::UnknownSequence),
            ("InvalidAcknowledgement", _) => Some(Self::InvalidAcknowledgement),
            ("MessageNumberRollover", _) => Some(Self::MessageNumberRollover),
            ("LastMessageNumberExceeded", RmVersion::February2005) => Some(Self::LastMessageNumberExceeded),
            ("SequenceClosed", RmVersion::V200702) => Some(Self::SequenceClosed),
            _ => None,
        }
    }

    /// The element in which the detail names the sequence.
    const fn detail(self) -> &'static str {
        match self {
            Self::InvalidAcknowledgement => "SequenceAcknowledgement",
            _ => "Identifier",
        }
    }

    /// Reads the detail, which starts with `first`.
    fn read(
        self,
        first: Option<Element<'_>>,
        content: Element<'_>,
        rm: RmVersion,
    ) -> Result<RmFault<'static>, ReadError> {
        let clause = clause(rm, "WS-RM 1.1 section 4", "WS-RM February 2005 section 4");
        let due = self.detail();
        let Some(first) = first.filter(|first| first.is(rm.namespace(), due)) else {
            let what = format!("the detail of a fault does not start with {due} ({clause})");
            return Err(ReadError::new(content.infoset(), 0..0, ReadErrorKind::Structure, what));
        };
        if let Self::InvalidAcknowledgement = self {
            let acknowledgement = acknowledgement::read(first, rm)?;
            return Ok(RmFault::InvalidAcknowledgement {
                identifier: acknowledgement.identifier.into_owned().into(),
                acknowledged: acknowledgement.acknowledged,
            });
        }
        let identifier = value::identifier(first, clause)?.into_owned().into();
        Ok(match self {
            Self::UnknownSequence => RmFault::UnknownSequence { identifier },
            Self::LastMessageNumberExceeded => RmFault::LastMessageNumberExceeded { identifier },
            Self::SequenceClosed => RmFault::SequenceClosed { identifier },
            Self::SequenceTerminated | Self::InvalidAcknowledgement => {
                RmFault::SequenceTerminated { identifier }
            }
            Self::MessageNumberRollover => {
                let mut content = Content::children_of(content);
                content.take_any();
                let most = match rm {
                    RmVersion::V200702 => content.take(rm.namespace(), "MaxMessageNumber"),
                    RmVersion::February2005 => None,
                };
                let max_message_number = most.map(|most| value::number(most, 1, clause)).transpose()?;
                RmFault::MessageNumberRollover { identifier, max_message_number }
            }
        })
    }
}

/// Reads a fragment again, and what is in it. Faults are rare enough for it.
fn with_content<T>(
    fragment: &Fragment<'_>,
    read: impl FnOnce(Element<'_>) -> Result<T, ReadError>,
) -> Result<T, ReadError> {
    let mut document = String::with_capacity(fragment.xml.len() + 64);
    document.push_str("<detail");
    for binding in &fragment.scope {
        let separator = if binding.prefix.is_empty() { "" } else { ":" };
        let value = quick_xml::escape::escape(binding.namespace.as_ref());
        // Writing to a string does not fail.
        let _ = write!(document, " xmlns{separator}{}=\"{value}\"", binding.prefix);
    }
    document.push('>');
    let start = document.len();
    document.push_str(&fragment.xml);
    document.push_str("</detail>");
    let limits =
        Limits { bytes: usize::MAX, depth: usize::MAX, attributes: usize::MAX, bindings: usize::MAX };
    let relative = |error: ReadError| ReadError {
        span: error.span.start.saturating_sub(start)..error.span.end.saturating_sub(start),
        ..error
    };
    let infoset = Infoset::read(document.as_bytes(), &limits).map_err(|error| {
        relative(ReadError {
            kind: ReadErrorKind::NotWellFormed,
            what: error.sin.to_string(),
            span: error.offset..error.offset,
        })
    })?;
    read(infoset.root()).map_err(relative)
}
