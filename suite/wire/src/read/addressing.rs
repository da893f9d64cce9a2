//! Endpoint references and relations.

use std::borrow::Cow;

use super::content::Content;
use super::value;
use crate::{AddressingVersion, Element, EndpointReference, ReadError, RelatesTo};

/// Reads an endpoint reference: the address first, then whatever there is.
pub(super) fn read_reference<'i>(
    element: Element<'i>,
    version: AddressingVersion,
) -> Result<EndpointReference<'i>, ReadError> {
    let clause = match version {
        AddressingVersion::Addressing10 => "WS-Addressing 1.0 core section 2.2",
        AddressingVersion::August2004 => "WS-Addressing 2004/08 section 2.2",
    };
    let mut content = Content::of(element, clause)?;
    let address = content.require(version.namespace(), "Address", clause)?;
    let address = absolute_uri(address, clause)?;
    Ok(EndpointReference { address, extensions: content.extensions() })
}

/// A URI with a scheme: what .NET calls absolute, though it is not checked further.
fn absolute_uri<'i>(element: Element<'i>, clause: &str) -> Result<Cow<'i, str>, ReadError> {
    let token = value::identifier(element, clause)?;
    let scheme = token.split_once(':').map_or("", |(scheme, _)| scheme);
    let is_scheme_byte = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let is_scheme = scheme.bytes().next().is_some_and(|first| first.is_ascii_alphabetic())
        && scheme.bytes().all(is_scheme_byte);
    if is_scheme {
        return Ok(token);
    }
    Err(ReadError::element(
        element,
        format!(
            "{} is {token}, not an absolute URI ({clause})",
            element.local(),
            token = value::shown(&token)
        ),
    ))
}

/// Reads a `RelatesTo` header.
pub(super) fn read_relates_to<'i>(element: Element<'i>, clause: &str) -> Result<RelatesTo<'i>, ReadError> {
    let message_id = value::identifier(element, clause)?;
    Ok(RelatesTo { message_id, relationship_type: element.attribute("", "RelationshipType") })
}
