//! Whether a sequence is created: WCF's checks of CreateSequence, in WCF's order.

use std::borrow::Cow;

use wsrm_wire::{
    Accept, AddressingVersion, Body, CreateSequence, CreateSequenceResponse, EndpointReference, Fragment,
    IncompleteSequenceBehavior, Offer, ReadErrorKind, ResponderMessages, RmVersion,
};

use super::expires;
use crate::incoming::{Incoming, Rejection};
use crate::reason::refused;
use crate::uri::is_same_uri;
use crate::{ListenerConfig, Pattern};

/// Why no sequence is created.
#[derive(Debug)]
pub(super) enum Refusal {
    /// A CreateSequenceRefused fault with this reason inside its text.
    Refused(Cow<'static, str>),
    /// As any other request that goes no further.
    Rejected(Rejection),
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

/// What an acceptable CreateSequence asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) message_id: &'a str,
    pub(super) expires: Option<&'a str>,
    /// The ReplyTo where it is not the anonymous address.
    pub(super) reply_to: Option<&'a str>,
    /// The offered sequence where the service makes use of it.
    pub(super) offer: Option<&'a Offer<'a>>,
}

/// Checks a CreateSequence.
pub(super) fn check<'a>(request: &Incoming<'a>, config: &ListenerConfig) -> Result<Wanted<'a>, Refusal> {
    let body = readable(request)?;
    let offer = body.offer.as_ref();
    let version = config.profile.rm;
    if let Some(endpoint) = offer.and_then(|offer| offer.endpoint.as_ref())
        && version == RmVersion::V200702
        && !is_same_uri(&endpoint.address, &body.acks_to.address)
    {
        return refuse(refused::ACKS_TO_IS_NOT_ENDPOINT);
    }
    let message_id =
        request.message_id.ok_or_else(|| Rejection::Unreadable("CreateSequence has no MessageID".into()))?;
    let anonymous = config.profile.addressing.anonymous();
    let reply_to = match (request.reply_to, config.profile.addressing) {
        (Some(address), _) => address,
        (None, AddressingVersion::Addressing10) => anonymous,
        (None, AddressingVersion::August2004) => {
            return Err(Rejection::Unreadable("CreateSequence has no ReplyTo".into()).into());
        }
    };
    if !is_same_uri(&body.acks_to.address, reply_to) {
        return refuse(refused::ACKS_TO_IS_NOT_REPLY_TO);
    }
    if version == RmVersion::V200702 {
        check_security(request, body)?;
    }
    request.understood()?;
    let address = &config.address;
    match (config.pattern, offer, version) {
        (Pattern::RequestReply, None, _) => return refuse(refused::reply_session_without_offer(address)),
        (Pattern::OneWay, Some(_), RmVersion::February2005) => {
            return refuse(refused::input_session_with_offer(address));
        }
        _ => {}
    }
    Ok(Wanted {
        message_id,
        expires: body.expires.as_deref(),
        reply_to: Some(reply_to).filter(|address| *address != anonymous),
        offer: offer.filter(|_| config.pattern == Pattern::RequestReply),
    })
}

/// The response that grants a sequence. Acknowledgements of the replies go to the address that the client used.
pub(super) fn response<'a>(
    identifier: &'a str,
    to: Option<&'a str>,
    wanted: Wanted<'a>,
    config: &'a ListenerConfig,
) -> wsrm_wire::Envelope<'a> {
    let behavior = match (config.profile.rm, config.settings.ordered) {
        (RmVersion::February2005, _) => None,
        (RmVersion::V200702, true) => Some(IncompleteSequenceBehavior::DiscardFollowingFirstGap),
        (RmVersion::V200702, false) => Some(IncompleteSequenceBehavior::NoDiscard),
    };
    let acks_to = to.unwrap_or(config.profile.addressing.anonymous());
    let body = CreateSequenceResponse {
        identifier: identifier.into(),
        expires: wanted.expires.map(|expires| expires::normalised(expires).into()),
        incomplete_sequence_behavior: behavior,
        accept: wanted
            .offer
            .map(|_| Accept { acks_to: EndpointReference::new(acks_to), extensions: Vec::new() }),
        extensions: Vec::new(),
    };
    ResponderMessages::anonymous(config.profile).create_sequence_response(body, wanted.message_id)
}

fn readable<'a>(request: &Incoming<'a>) -> Result<&'a CreateSequence<'a>, Refusal> {
    let action = request.action.unwrap_or_default();
    match request.body {
        Body::CreateSequence(body) => Ok(body),
        Body::Empty => refuse(refused::empty(action)),
        Body::Malformed { error, .. } if error.kind == ReadErrorKind::IncompleteSequenceBehavior => {
            refuse(refused::INCOMPLETE_SEQUENCE_BEHAVIOR)
        }
        Body::Malformed { error, .. } if error.kind == ReadErrorKind::SecondBodyElement => {
            refuse(refused::SECOND_BODY_ELEMENT)
        }
        _ => refuse(refused::unparsable(action)),
    }
}

/// Sequences that are bound to a security token or to TLS need a binding that knows them.
fn check_security(request: &Incoming<'_>, body: &CreateSequence<'_>) -> Result<(), Refusal> {
    let has_token = body.extensions.iter().any(is_security_token_reference);
    match (request.uses_ssl, request.uses_token, has_token) {
        (true, _, _) => refuse(refused::SSL),
        (_, true, false) => refuse(refused::HEADER_WITHOUT_TOKEN),
        (_, false, true) => refuse(refused::TOKEN_WITHOUT_HEADER),
        _ => Ok(()),
    }
}

fn is_security_token_reference(element: &Fragment<'_>) -> bool {
    let name = element.xml.trim_start().trim_start_matches('<');
    let name = name.split(|c: char| c.is_whitespace() || c == '>' || c == '/').next().unwrap_or_default();
    name.rsplit(':').next() == Some("SecurityTokenReference")
}

fn refuse<T>(reason: impl Into<Cow<'static, str>>) -> Result<T, Refusal> {
    Err(Refusal::Refused(reason.into()))
}
