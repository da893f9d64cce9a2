//! The `Sequence` and `AckRequested` headers.

use super::content::Content;
use super::value::{self, clause};
use crate::{AckRequested, Element, ReadError, RmVersion, Sequence};

/// Reads `Identifier MessageNumber [LastMessage] any*`; `LastMessage` is of February 2005 only.
pub(super) fn read<'i>(element: Element<'i>, rm: RmVersion) -> Result<Sequence<'i>, ReadError> {
    let clause = clause(rm, "WS-RM 1.1 section 3.7", "WS-RM February 2005 section 3.1");
    let namespace = rm.namespace();
    let mut content = Content::of(element, clause)?;
    let identifier = value::identifier(content.require(namespace, "Identifier", clause)?, clause)?;
    let number = value::message_number(content.require(namespace, "MessageNumber", clause)?, clause)?;
    let last_message = match rm {
        RmVersion::V200702 => None,
        RmVersion::February2005 => content.take(namespace, "LastMessage"),
    };
    if let Some(last_message) = last_message {
        value::mark(last_message, clause)?;
    }
    Ok(Sequence {
        identifier,
        number,
        last_message: last_message.is_some(),
        extensions: content.extensions(),
    })
}

/// Reads `Identifier [MessageNumber] any*`; `MessageNumber` is of February 2005 only.
pub(super) fn read_ack_requested<'i>(
    element: Element<'i>,
    rm: RmVersion,
) -> Result<AckRequested<'i>, ReadError> {
    let clause = clause(rm, "WS-RM 1.1 section 3.8", "WS-RM February 2005 section 3.3");
    let namespace = rm.namespace();
    let mut content = Content::of(element, clause)?;
    let identifier = value::identifier(content.require(namespace, "Identifier", clause)?, clause)?;
    let message_number = match rm {
        RmVersion::V200702 => None,
        RmVersion::February2005 => content.take(namespace, "MessageNumber"),
    };
    let message_number = message_number.map(|number| value::number(number, 0, clause)).transpose()?;
    Ok(AckRequested { identifier, message_number, extensions: content.extensions() })
}
