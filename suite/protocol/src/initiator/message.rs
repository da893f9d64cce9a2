//! A received message in the eyes of a session: what WCF finds in it, and in which order it finds fault with it.

use std::borrow::Cow;

use wsrm_wire::{
    AckRequested, Action, Body, Envelope, Header, HeaderKind, QName, RmVersion, Sequence,
    SequenceAcknowledgement, WireProfile,
};

use super::remote_fault::RemoteFault;

/// Why a message is not acted on.
#[derive(Debug)]
pub(super) enum Sin<'a> {
    /// It breaks a grammar; WCF's "parsing exception".
    Unparsable,
    /// It is to be refused with a fault of its own.
    Refused(Refusal<'a>),
}

/// What a session acts on.
#[derive(Debug)]
pub(super) struct Message<'a> {
    pub(super) action: &'a str,
    pub(super) message_id: Option<&'a str>,
    pub(super) relates_to: Option<&'a str>,
    pub(super) reply_to: Option<&'a str>,
    pub(super) sequence: Option<&'a Sequence<'a>>,
    pub(super) acknowledgement: Option<&'a SequenceAcknowledgement<'a>>,
    pub(super) ack_requested: Option<&'a AckRequested<'a>>,
    pub(super) protocol: Protocol<'a>,
}

/// The message as one of the protocol's own, by its action.
#[derive(Debug)]
pub(super) enum Protocol<'a> {
    /// None of those that carry a body of the protocol.
    None,
    CreateSequence,
    CreateSequenceResponse {
        identifier: &'a str,
    },
    CloseSequence {
        identifier: &'a str,
    },
    CloseSequenceResponse {
        identifier: &'a str,
    },
    TerminateSequence {
        identifier: &'a str,
    },
    TerminateSequenceResponse {
        identifier: &'a str,
    },
    /// A SOAP fault outside a sequence.
    Fault(RemoteFault),
}

/// Why a message is refused with a fault.
#[derive(Debug)]
pub(super) enum Refusal<'a> {
    /// These headers had to be understood.
    MustUnderstand(Vec<QName<'a>>),
    /// RM 1.0: nothing of the protocol is in it.
    ActionNotSupported(&'a str),
    /// RM 1.1: nothing of the protocol is in it.
    WsrmRequired,
    /// A header of WS-Addressing is missing; the text says which.
    MissingHeader {
        /// `MessageID`, `RelatesTo` or `Action`.
        header: &'static str,
        /// The text of the fault, and of the exception.
        text: String,
    },
}

/// The RM headers of a message.
#[derive(Default)]
struct RmHeaders<'a> {
    sequence: Option<&'a Sequence<'a>>,
    acknowledgement: Option<&'a SequenceAcknowledgement<'a>>,
    ack_requested: Option<&'a AckRequested<'a>>,
    sequence_fault: bool,
    malformed: bool,
    found: bool,
}

impl<'a> Message<'a> {
    /// Reads a message on an open session; the order of the checks is WCF's (`WsrmMessageInfo.Get`).
    pub(super) fn read(envelope: &'a Envelope<'a>) -> Result<Self, Sin<'a>> {
        Self::try_read(envelope).map_err(|sin| {
            // A fault is never answered by a fault of its own.
            if matches!(envelope.body, Body::Fault(_)) { Sin::Unparsable } else { sin }
        })
    }

    fn try_read(envelope: &'a Envelope<'a>) -> Result<Self, Sin<'a>> {
        let profile = envelope.profile;
        let action = find(envelope, action_of);
        let known = action.and_then(|action| Action::from_uri(action, profile.rm));
        let mut message = Self {
            action: action.unwrap_or_default(),
            message_id: find(envelope, message_id_of),
            relates_to: find(envelope, relates_to_of),
            reply_to: find(envelope, reply_to_of),
            sequence: None,
            acknowledgement: None,
            ack_requested: None,
            protocol: Protocol::None,
        };
        message.protocol = message.read_protocol(known, envelope)?;
        if matches!(known, Some(Action::CreateSequenceResponse | Action::CreateSequence)) {
            check_understood(envelope, &[])?;
            return Ok(message);
        }
        let headers = RmHeaders::collect(envelope)?;
        if headers.malformed {
            return Err(Sin::Unparsable);
        }
        message.sequence = headers.sequence;
        message.acknowledgement = headers.acknowledgement;
        message.ack_requested = headers.ack_requested;
        if message.sequence.is_none() && action.is_none() {
            return Err(Sin::Refused(without_action(profile)));
        }
        let mut fault_is_rm = false;
        if let (None, Body::Fault(fault)) = (message.sequence, &envelope.body) {
            let remote = RemoteFault::read(envelope, fault).ok_or(Sin::Unparsable)?;
            fault_is_rm = remote.is_rm();
            message.protocol = Protocol::Fault(remote);
        }
        let by_action = !matches!(message.protocol, Protocol::None);
        if !headers.found && !by_action {
            return Err(Sin::Refused(foreign(profile, message.action)));
        }
        if by_action || message.action.starts_with(profile.rm.namespace()) {
            let understood: &[&str] = if fault_is_rm && headers.sequence_fault {
                &["Sequence", "SequenceAcknowledgement", "AckRequested", "SequenceFault"]
            } else {
                &["Sequence", "SequenceAcknowledgement", "AckRequested"]
            };
            check_understood(envelope, understood)?;
        }
        Ok(message)
    }

    /// Reads the body that the action promises.
    fn read_protocol(
        &self,
        known: Option<Action>,
        envelope: &'a Envelope<'a>,
    ) -> Result<Protocol<'a>, Sin<'a>> {
        let rm = envelope.profile.rm;
        Ok(match (known, &envelope.body) {
            (Some(Action::CreateSequenceResponse), body) => {
                self.require_relation("CreateSequenceResponse")?;
                let Body::CreateSequenceResponse(response) = body else { return Err(Sin::Unparsable) };
                Protocol::CreateSequenceResponse { identifier: &response.identifier }
            }
            (Some(Action::CloseSequenceResponse), body) => {
                self.require_relation("CloseSequenceResponse")?;
                let Body::CloseSequenceResponse(response) = body else { return Err(Sin::Unparsable) };
                Protocol::CloseSequenceResponse { identifier: &response.identifier }
            }
            (Some(Action::TerminateSequenceResponse), body) => {
                self.require_relation("TerminateSequenceResponse")?;
                let Body::TerminateSequenceResponse(response) = body else {
                    return Err(Sin::Unparsable);
                };
                Protocol::TerminateSequenceResponse { identifier: &response.identifier }
            }
            (Some(Action::TerminateSequence), Body::TerminateSequence(request)) => {
                if rm == RmVersion::V200702 {
                    self.require_message_id("TerminateSequence")?;
                }
                Protocol::TerminateSequence { identifier: &request.identifier }
            }
            (Some(Action::CloseSequence), Body::CloseSequence(request)) => {
                self.require_message_id("CloseSequence")?;
                Protocol::CloseSequence { identifier: &request.identifier }
            }
            (Some(Action::CreateSequence), Body::CreateSequence(_)) => Protocol::CreateSequence,
            (Some(Action::TerminateSequence | Action::CloseSequence | Action::CreateSequence), _) => {
                return Err(Sin::Unparsable);
            }
            _ => Protocol::None,
        })
    }

    fn require_relation(&self, response: &str) -> Result<(), Sin<'a>> {
        if self.relates_to.is_some() {
            return Ok(());
        }
        let text = super::texts::fault::relates_to_missing(response);
        Err(Sin::Refused(Refusal::MissingHeader { header: "RelatesTo", text }))
    }

    fn require_message_id(&self, request: &str) -> Result<(), Sin<'a>> {
        if self.message_id.is_some() {
            return Ok(());
        }
        let text = super::texts::fault::message_id_missing(request);
        Err(Sin::Refused(Refusal::MissingHeader { header: "MessageID", text }))
    }
}

impl<'a> RmHeaders<'a> {
    /// Collects the RM headers that are meant for this node; WCF understands one of a kind.
    fn collect(envelope: &'a Envelope<'a>) -> Result<Self, Sin<'a>> {
        let mut headers = Self::default();
        let mut seen: Vec<QName<'a>> = Vec::new();
        let rm = envelope.profile.rm.namespace();
        for header in envelope.headers.iter().filter(|header| is_for_endpoint(envelope.profile, header)) {
            match &header.kind {
                HeaderKind::Sequence(value) => headers.sequence = Some(value),
                HeaderKind::SequenceAcknowledgement(value) => headers.acknowledgement = Some(value),
                HeaderKind::AckRequested(value) => headers.ack_requested = Some(value),
                HeaderKind::SequenceFault(_) => headers.sequence_fault = true,
                HeaderKind::Malformed(value) if value.name.namespace == rm => {
                    headers.malformed |= value.name.local != "SequenceFault";
                }
                _ => continue,
            }
            let name = header.name(envelope.profile);
            if seen.contains(&name) {
                return Err(Sin::Refused(Refusal::MustUnderstand(vec![name])));
            }
            seen.push(name);
        }
        headers.found = !seen.is_empty();
        Ok(headers)
    }
}

/// The first header that had to be understood and is none of a session's; left to the application.
pub(super) fn not_understood<'a>(envelope: &'a Envelope<'a>) -> Option<QName<'static>> {
    unknown_headers(envelope, &["Sequence", "SequenceAcknowledgement", "AckRequested"])
        .next()
        .map(|header| owned(header.name(envelope.profile)))
}

/// What makes a message unparsable, for people: the first header or the body that breaks its grammar.
pub(super) fn what_is_wrong(envelope: &Envelope<'_>) -> String {
    if let Some(header) = envelope.malformed_headers().next() {
        return format!("the {} header is broken: {}", header.name.local, header.error);
    }
    match &envelope.body {
        Body::Malformed { error, .. } => error.to_string(),
        _ => "the body is not the one that the action names".to_owned(),
    }
}

/// The text of the first header of a kind.
pub(super) fn find<'a>(
    envelope: &'a Envelope<'a>,
    of: fn(&'a HeaderKind<'a>) -> Option<&'a str>,
) -> Option<&'a str> {
    envelope.headers.iter().find_map(|header| of(&header.kind))
}

pub(super) fn action_of<'a>(kind: &'a HeaderKind<'a>) -> Option<&'a str> {
    if let HeaderKind::Action(action) = kind { Some(action) } else { None }
}

pub(super) fn message_id_of<'a>(kind: &'a HeaderKind<'a>) -> Option<&'a str> {
    if let HeaderKind::MessageId(id) = kind { Some(id) } else { None }
}

pub(super) fn relates_to_of<'a>(kind: &'a HeaderKind<'a>) -> Option<&'a str> {
    if let HeaderKind::RelatesTo(relation) = kind { Some(&relation.message_id) } else { None }
}

pub(super) fn reply_to_of<'a>(kind: &'a HeaderKind<'a>) -> Option<&'a str> {
    if let HeaderKind::ReplyTo(reference) = kind { Some(&reference.address) } else { None }
}

pub(super) fn to_of<'a>(kind: &'a HeaderKind<'a>) -> Option<&'a str> {
    if let HeaderKind::To(address) = kind { Some(address) } else { None }
}

/// Refuses a message with headers that had to be understood and are not.
pub(super) fn check_understood<'a>(envelope: &'a Envelope<'a>, rm_headers: &[&str]) -> Result<(), Sin<'a>> {
    let names: Vec<_> =
        unknown_headers(envelope, rm_headers).map(|header| header.name(envelope.profile)).collect();
    if names.is_empty() { Ok(()) } else { Err(Sin::Refused(Refusal::MustUnderstand(names))) }
}

fn unknown_headers<'a>(
    envelope: &'a Envelope<'a>,
    rm_headers: &[&str],
) -> impl Iterator<Item = &'a Header<'a>> {
    envelope.headers.iter().filter(move |header| {
        let known = match &header.kind {
            HeaderKind::Sequence(_) => rm_headers.contains(&"Sequence"),
            HeaderKind::SequenceAcknowledgement(_) => rm_headers.contains(&"SequenceAcknowledgement"),
            HeaderKind::AckRequested(_) => rm_headers.contains(&"AckRequested"),
            HeaderKind::SequenceFault(_) => rm_headers.contains(&"SequenceFault"),
            HeaderKind::UsesSequenceStr
            | HeaderKind::UsesSequenceSsl
            | HeaderKind::Malformed(_)
            | HeaderKind::Other { .. } => false,
            _ => true,
        };
        !known && header.must_understand.is_set() && is_for_endpoint(envelope.profile, header)
    })
}

fn is_for_endpoint(profile: WireProfile, header: &Header<'_>) -> bool {
    header.role.as_deref().is_none_or(|role| profile.soap.is_endpoint_role(role))
}

fn owned(name: QName<'_>) -> QName<'static> {
    QName { namespace: Cow::Owned(name.namespace.into_owned()), local: Cow::Owned(name.local.into_owned()) }
}

fn without_action(profile: WireProfile) -> Refusal<'static> {
    match profile.rm {
        RmVersion::February2005 => {
            let text = super::texts::fault::NO_ACTION.to_owned();
            Refusal::MissingHeader { header: "Action", text }
        }
        RmVersion::V200702 => Refusal::WsrmRequired,
    }
}

fn foreign(profile: WireProfile, action: &str) -> Refusal<'_> {
    match profile.rm {
        RmVersion::February2005 => Refusal::ActionNotSupported(action),
        RmVersion::V200702 => Refusal::WsrmRequired,
    }
}
