//! `CreateSequence` and its response.

use super::content::Content;
use super::value::{self, clause};
use super::{ReadErrorKind, addressing};
use crate::{
    Accept, CreateSequence, CreateSequenceResponse, Element, IncompleteSequenceBehavior, Offer, ReadError,
    RmVersion, WireProfile,
};

const fn creation(rm: RmVersion) -> &'static str {
    clause(rm, "WS-RM 1.1 section 3.4", "WS-RM February 2005 section 3.4")
}

/// Reads `AcksTo [Expires] [Offer] any*`.
pub(super) fn read<'i>(element: Element<'i>, profile: WireProfile) -> Result<CreateSequence<'i>, ReadError> {
    let clause = creation(profile.rm);
    let namespace = profile.rm.namespace();
    let mut content = Content::of(element, clause)?;
    let acks_to = content.require(namespace, "AcksTo", clause)?;
    let acks_to = addressing::read_reference(acks_to, profile.addressing)?;
    let expires =
        content.take(namespace, "Expires").map(|expires| value::duration(expires, clause)).transpose()?;
    let offer = content.take(namespace, "Offer").map(|offer| read_offer(offer, profile)).transpose()?;
    Ok(CreateSequence { acks_to, expires, offer, extensions: content.extensions() })
}

/// Reads `Identifier [Expires] any*`, in 200702 `Identifier Endpoint [Expires] [IncompleteSequenceBehavior] any*`.
fn read_offer<'i>(element: Element<'i>, profile: WireProfile) -> Result<Offer<'i>, ReadError> {
    let clause = creation(profile.rm);
    let namespace = profile.rm.namespace();
    let mut content = Content::of(element, clause)?;
    let identifier = value::identifier(content.require(namespace, "Identifier", clause)?, clause)?;
    let endpoint = match profile.rm {
        RmVersion::February2005 => None,
        RmVersion::V200702 => {
            let endpoint = content.require(namespace, "Endpoint", clause)?;
            Some(addressing::read_reference(endpoint, profile.addressing)?)
        }
    };
    let expires =
        content.take(namespace, "Expires").map(|expires| value::duration(expires, clause)).transpose()?;
    let incomplete_sequence_behavior = read_behavior(&mut content, profile.rm)?;
    Ok(Offer {
        identifier,
        endpoint,
        expires,
        incomplete_sequence_behavior,
        extensions: content.extensions(),
    })
}

/// Reads `Identifier [Expires] [IncompleteSequenceBehavior] [Accept] any*`; the behaviour is of 200702 only.
pub(super) fn read_response<'i>(
    element: Element<'i>,
    profile: WireProfile,
) -> Result<CreateSequenceResponse<'i>, ReadError> {
    let clause = creation(profile.rm);
    let namespace = profile.rm.namespace();
    let mut content = Content::of(element, clause)?;
    let identifier = value::identifier(content.require(namespace, "Identifier", clause)?, clause)?;
    let expires =
        content.take(namespace, "Expires").map(|expires| value::duration(expires, clause)).transpose()?;
    let incomplete_sequence_behavior = read_behavior(&mut content, profile.rm)?;
    let accept = content.take(namespace, "Accept").map(|accept| read_accept(accept, profile)).transpose()?;
    Ok(CreateSequenceResponse {
        identifier,
        expires,
        incomplete_sequence_behavior,
        accept,
        extensions: content.extensions(),
    })
}

/// Reads `AcksTo any*`.
fn read_accept<'i>(element: Element<'i>, profile: WireProfile) -> Result<Accept<'i>, ReadError> {
    let clause = creation(profile.rm);
    let mut content = Content::of(element, clause)?;
    let acks_to = content.require(profile.rm.namespace(), "AcksTo", clause)?;
    let acks_to = addressing::read_reference(acks_to, profile.addressing)?;
    Ok(Accept { acks_to, extensions: content.extensions() })
}

/// The value is compared as it is: white space around it makes it wrong, to WCF too.
fn read_behavior(
    content: &mut Content<'_>,
    rm: RmVersion,
) -> Result<Option<IncompleteSequenceBehavior>, ReadError> {
    if rm == RmVersion::February2005 {
        return Ok(None);
    }
    let Some(element) = content.take(rm.namespace(), "IncompleteSequenceBehavior") else { return Ok(None) };
    let text = value::text(element, creation(rm))?;
    let behavior = IncompleteSequenceBehavior::ALL.into_iter().find(|behavior| behavior.as_str() == text);
    match behavior {
        Some(behavior) => Ok(Some(behavior)),
        None => Err(ReadError::element(
            element,
            format!(
                "IncompleteSequenceBehavior is {text}, which is none of its values ({})",
                creation(rm),
                text = value::shown(&text)
            ),
        )
        .kind(ReadErrorKind::IncompleteSequenceBehavior)),
    }
}
