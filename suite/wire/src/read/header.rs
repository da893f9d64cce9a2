//! Header blocks.

use std::borrow::Cow;

use super::{ReadErrorKind, acknowledgement, addressing, fault, qname, sequence, value};
use crate::{
    Element, Header, HeaderKind, MalformedHeader, MustUnderstand, ReadError, RmVersion, SoapVersion,
    WireProfile,
};

/// The attributes of a header block that SOAP defines.
struct Targeting<'i> {
    must_understand: MustUnderstand,
    role: Option<Cow<'i, str>>,
}

/// Reads all header blocks of `header`.
pub(super) fn read_all<'i>(header: Element<'i>, profile: WireProfile) -> Result<Vec<Header<'i>>, ReadError> {
    let content = super::Content::of(header, "SOAP 1.1 section 4.2, SOAP 1.2 section 5.2")?;
    let mut headers = Vec::with_capacity(8);
    let mut next = content.next();
    let mut rest = content;
    while let Some(element) = next {
        headers.push(read(element, profile));
        rest.take_any();
        next = rest.next();
    }
    Ok(headers)
}

fn read<'i>(element: Element<'i>, profile: WireProfile) -> Header<'i> {
    let malformed = |error, targeting: Targeting<'i>| Header {
        kind: HeaderKind::Malformed(MalformedHeader {
            name: qname(element),
            element: element.fragment(),
            error,
        }),
        must_understand: targeting.must_understand,
        role: targeting.role,
        attributes: Vec::new(),
    };
    let mut attributes = Vec::new();
    let mut targeting = Targeting { must_understand: MustUnderstand::Absent, role: None };
    for attribute in element.attributes() {
        let is_soap = attribute.namespace() == profile.soap.namespace();
        match attribute.local() {
            "mustUnderstand" if is_soap => match must_understand(&attribute.value()) {
                Some(spelling) => targeting.must_understand = spelling,
                None => {
                    let what = format!(
                        "mustUnderstand is {}, not 0, 1, false or true (SOAP 1.1 section 4.2.3, SOAP 1.2 section 5.2.3)",
                        value::shown(&attribute.value())
                    );
                    let span = attribute.value_span();
                    let error = ReadError::new(element.infoset(), span, ReadErrorKind::Structure, what);
                    return malformed(error, targeting);
                }
            },
            local if is_soap && local == profile.soap.role_attribute() => {
                targeting.role = Some(attribute.value());
            }
            _ => attributes.push(attribute.to_foreign()),
        }
    }
    let is_ours = targeting.role.as_deref().is_none_or(|role| profile.soap.is_endpoint_role(role));
    let known = if is_ours { read_known(element, profile) } else { None };
    match known {
        Some(Ok(kind)) => Header {
            kind,
            must_understand: targeting.must_understand,
            role: targeting.role,
            attributes: match element.local() {
                // Taken into the value.
                "RelatesTo" => attributes
                    .into_iter()
                    .filter(|attribute| {
                        !(attribute.namespace.is_empty() && attribute.local == "RelationshipType")
                    })
                    .collect(),
                "NotUnderstood" => attributes
                    .into_iter()
                    .filter(|attribute| !(attribute.namespace.is_empty() && attribute.local == "qname"))
                    .collect(),
                _ => attributes,
            },
        },
        Some(Err(error)) => malformed(error, targeting),
        None => Header {
            kind: HeaderKind::Other { name: qname(element), element: element.fragment() },
            must_understand: targeting.must_understand,
            role: targeting.role,
            attributes: Vec::new(),
        },
    }
}

fn must_understand(value: &str) -> Option<MustUnderstand> {
    match value {
        "1" => Some(MustUnderstand::One),
        "0" => Some(MustUnderstand::Zero),
        "true" => Some(MustUnderstand::True),
        "false" => Some(MustUnderstand::False),
        _ => None,
    }
}

/// The header if it is one that has a meaning here.
fn read_known<'i>(element: Element<'i>, profile: WireProfile) -> Option<Result<HeaderKind<'i>, ReadError>> {
    let namespace = element.namespace();
    if namespace == profile.addressing.namespace() {
        read_addressing(element, profile)
    } else if namespace == profile.rm.namespace() {
        read_rm(element, profile)
    } else if namespace == profile.soap.namespace() && profile.soap == SoapVersion::Soap12 {
        match element.local() {
            "NotUnderstood" => Some(fault::read_not_understood(element).map(HeaderKind::NotUnderstood)),
            _ => None,
        }
    } else {
        None
    }
}

fn read_addressing<'i>(
    element: Element<'i>,
    profile: WireProfile,
) -> Option<Result<HeaderKind<'i>, ReadError>> {
    const CLAUSE: &str = "WS-Addressing 1.0 core section 3.2, WS-Addressing 2004/08 section 3";
    Some(match element.local() {
        "Action" => value::identifier(element, CLAUSE).map(HeaderKind::Action),
        "To" => value::identifier(element, CLAUSE).map(HeaderKind::To),
        "MessageID" => value::identifier(element, CLAUSE).map(HeaderKind::MessageId),
        "RelatesTo" => addressing::read_relates_to(element, CLAUSE).map(HeaderKind::RelatesTo),
        "ReplyTo" => addressing::read_reference(element, profile.addressing).map(HeaderKind::ReplyTo),
        "From" => addressing::read_reference(element, profile.addressing).map(HeaderKind::From),
        "FaultTo" => addressing::read_reference(element, profile.addressing).map(HeaderKind::FaultTo),
        _ => return None,
    })
}

fn read_rm<'i>(element: Element<'i>, profile: WireProfile) -> Option<Result<HeaderKind<'i>, ReadError>> {
    let rm = profile.rm;
    const STR_CLAUSE: &str = "WS-RM 1.1 section 6.2";
    const SSL_CLAUSE: &str = "WS-RM 1.1 section 6.1";
    Some(match element.local() {
        "Sequence" => sequence::read(element, rm).map(HeaderKind::Sequence),
        "SequenceAcknowledgement" => {
            acknowledgement::read(element, rm).map(HeaderKind::SequenceAcknowledgement)
        }
        "AckRequested" => sequence::read_ack_requested(element, rm).map(HeaderKind::AckRequested),
        "SequenceFault" if profile.soap == SoapVersion::Soap11 => {
            fault::read_sequence_fault(element, rm).map(HeaderKind::SequenceFault)
        }
        "UsesSequenceSTR" if rm == RmVersion::V200702 => {
            value::mark(element, STR_CLAUSE).map(|()| HeaderKind::UsesSequenceStr)
        }
        "UsesSequenceSSL" if rm == RmVersion::V200702 => {
            value::mark(element, SSL_CLAUSE).map(|()| HeaderKind::UsesSequenceSsl)
        }
        _ => return None,
    })
}
