//! `CloseSequence`, `TerminateSequence` and their responses.

use std::borrow::Cow;

use super::content::Content;
use super::value::{self, clause};
use crate::{
    CloseSequence, CloseSequenceResponse, Element, Fragment, MessageNumber, ReadError, RmVersion,
    TerminateSequence, TerminateSequenceResponse,
};

const CLOSING: &str = "WS-RM 1.1 section 3.5";
const TERMINATION: &str = "WS-RM 1.1 section 3.6";

/// Whether a version has messages beyond `TerminateSequence`.
pub(super) const fn exists(rm: RmVersion) -> bool {
    matches!(rm, RmVersion::V200702)
}

/// What all four messages hold.
struct Named<'i> {
    identifier: Cow<'i, str>,
    last_msg_number: Option<MessageNumber>,
    extensions: Vec<Fragment<'i>>,
}

/// Reads `Identifier [LastMsgNumber] any*`; a response, and February 2005, have no `LastMsgNumber`.
fn read<'i>(
    element: Element<'i>,
    rm: RmVersion,
    has_last: bool,
    clause: &str,
) -> Result<Named<'i>, ReadError> {
    let namespace = rm.namespace();
    let mut content = Content::of(element, clause)?;
    let identifier = value::identifier(content.require(namespace, "Identifier", clause)?, clause)?;
    let last = if has_last { content.take(namespace, "LastMsgNumber") } else { None };
    let last_msg_number = last.map(|last| value::message_number(last, clause)).transpose()?;
    Ok(Named { identifier, last_msg_number, extensions: content.extensions() })
}

pub(super) fn read_close<'i>(element: Element<'i>, rm: RmVersion) -> Result<CloseSequence<'i>, ReadError> {
    let Named { identifier, last_msg_number, extensions } = read(element, rm, true, CLOSING)?;
    Ok(CloseSequence { identifier, last_msg_number, extensions })
}

pub(super) fn read_close_response<'i>(
    element: Element<'i>,
    rm: RmVersion,
) -> Result<CloseSequenceResponse<'i>, ReadError> {
    let Named { identifier, extensions, .. } = read(element, rm, false, CLOSING)?;
    Ok(CloseSequenceResponse { identifier, extensions })
}

pub(super) fn read_terminate<'i>(
    element: Element<'i>,
    rm: RmVersion,
) -> Result<TerminateSequence<'i>, ReadError> {
    let clause = clause(rm, TERMINATION, "WS-RM February 2005 section 3.5");
    let Named { identifier, last_msg_number, extensions } = read(element, rm, exists(rm), clause)?;
    Ok(TerminateSequence { identifier, last_msg_number, extensions })
}

pub(super) fn read_terminate_response<'i>(
    element: Element<'i>,
    rm: RmVersion,
) -> Result<TerminateSequenceResponse<'i>, ReadError> {
    let Named { identifier, extensions, .. } = read(element, rm, false, TERMINATION)?;
    Ok(TerminateSequenceResponse { identifier, extensions })
}
