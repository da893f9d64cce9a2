//! What a message says of itself that tells which session and which exchange it belongs to.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use wsrm_wire::{Body, EndpointReference, Envelope, HeaderKind, RmVersion, namespace};

use crate::content::Content;
use crate::recording::HttpMessage;
use crate::summary::identifier_in;

/// What a message is to a session, by its action or body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    CreateSequence,
    CreateSequenceResponse,
    Close,
    CloseResponse,
    Terminate,
    TerminateResponse,
    Last,
    Acknowledgement,
    AckRequested,
    Fault,
    Other,
}

/// What a message says of itself.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    /// Whether it is SOAP that can be read.
    pub is_soap: bool,
    /// Whether reliable messaging has to do with it.
    pub is_reliable: bool,
    pub part: Part,
    pub message_id: Option<String>,
    pub relates_to: Option<String>,
    pub to: Option<String>,
    /// The sequence that it is a message of, and its number.
    pub sequence: Option<(String, u64)>,
    /// What it acknowledges: sequence, first and last number.
    pub acknowledged: Vec<(String, Vec<(u64, u64)>)>,
    /// The sequence that it offers.
    pub offered: Option<String>,
    /// The sequence that it grants.
    pub created: Option<String>,
    /// The sequence that its body is about.
    pub subject: Option<String>,
    /// Every sequence that it names.
    pub identifiers: Vec<String>,
    /// Where a CreateSequence wants messages for the client to go.
    pub callbacks: Vec<String>,
    /// The same for the same message, wherever it was seen; differs from most others.
    pub print: String,
}

impl Facts {
    pub(super) fn of(message: &HttpMessage) -> Self {
        let content = Content::of(message);
        let mut facts = match content.envelope() {
            Some(Ok(envelope)) => Self::of_envelope(&envelope),
            _ => Self::none(),
        };
        if !facts.is_soap {
            let mut digest = DefaultHasher::new();
            message.body().hash(&mut digest);
            let _ = write!(facts.print, "{:?} {:x}", message.start(), digest.finish());
        }
        facts
    }

    fn none() -> Self {
        Self {
            is_soap: false,
            is_reliable: false,
            part: Part::Other,
            message_id: None,
            relates_to: None,
            to: None,
            sequence: None,
            acknowledged: Vec::new(),
            offered: None,
            created: None,
            subject: None,
            identifiers: Vec::new(),
            callbacks: Vec::new(),
            print: String::new(),
        }
    }

    fn of_envelope(envelope: &Envelope<'_>) -> Self {
        let mut facts = Self {
            is_soap: true,
            message_id: envelope.message_id().map(str::to_owned),
            relates_to: envelope.relates_to().map(|relation| relation.message_id.to_string()),
            to: envelope.to().map(str::to_owned),
            ..Self::none()
        };
        facts.part = part(envelope);
        let has_rm_action = envelope.action().is_some_and(is_rm);
        facts.is_reliable = has_rm_action || !matches!(facts.part, Part::Other | Part::Fault);
        facts.read_headers(envelope);
        facts.read_body(envelope);
        let (named, offered, created) = (&facts.subject, &facts.offered, &facts.created);
        let named = [named, offered, created].into_iter().flatten().cloned();
        let sequences = facts.sequence.iter().map(|(identifier, _)| identifier.clone());
        let acknowledged = facts.acknowledged.iter().map(|(identifier, _)| identifier.clone());
        let all: Vec<_> = named.chain(sequences).chain(acknowledged).collect();
        facts.identifiers.extend(all);
        facts.identifiers.sort();
        facts.identifiers.dedup();
        facts.is_reliable |= !facts.identifiers.is_empty();
        let _ = write!(
            facts.print,
            "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            envelope.action(),
            facts.message_id,
            facts.relates_to,
            facts.sequence,
            facts.acknowledged,
            facts.subject,
            facts.part
        );
        facts
    }

    fn read_headers(&mut self, envelope: &Envelope<'_>) {
        for header in &envelope.headers {
            match &header.kind {
                HeaderKind::Sequence(sequence) => {
                    let place = (sequence.identifier.to_string(), sequence.number.value());
                    self.identifiers.push(place.0.clone());
                    self.sequence.get_or_insert(place);
                }
                HeaderKind::SequenceAcknowledgement(ack) => {
                    let ranges = ack.ranges().map(|range| (range.lower, range.upper)).collect();
                    self.acknowledged.push((ack.identifier.to_string(), ranges));
                }
                HeaderKind::AckRequested(asked) => self.identifiers.push(asked.identifier.to_string()),
                HeaderKind::SequenceFault(fault) => {
                    self.is_reliable = true;
                    let detail = fault.detail.as_ref().and_then(|detail| identifier_in(&detail.xml));
                    self.identifiers.extend(detail.map(str::to_owned));
                }
                HeaderKind::Malformed(header) => self.is_reliable |= is_rm(&header.name.namespace),
                _ => {}
            }
        }
    }

    fn read_body(&mut self, envelope: &Envelope<'_>) {
        match &envelope.body {
            Body::CreateSequence(create) => {
                self.offered = create.offer.as_ref().map(|offer| offer.identifier.to_string());
                let endpoint = create.offer.as_ref().and_then(|offer| offer.endpoint.as_ref());
                let references = [Some(&create.acks_to), endpoint, envelope.reply_to()];
                self.callbacks =
                    references.into_iter().flatten().filter_map(address).map(str::to_owned).collect();
            }
            Body::CreateSequenceResponse(response) => self.created = Some(response.identifier.to_string()),
            Body::CloseSequence(close) => self.subject = Some(close.identifier.to_string()),
            Body::CloseSequenceResponse(close) => self.subject = Some(close.identifier.to_string()),
            Body::TerminateSequence(end) => self.subject = Some(end.identifier.to_string()),
            Body::TerminateSequenceResponse(end) => self.subject = Some(end.identifier.to_string()),
            Body::Fault(fault) if fault.subcodes.iter().any(|code| is_rm(&code.namespace)) => {
                self.is_reliable = true;
                let detail = fault.detail.as_ref().and_then(|detail| identifier_in(&detail.xml));
                self.identifiers.extend(detail.map(str::to_owned));
            }
            Body::Malformed { name: Some(name), .. } => self.is_reliable |= is_rm(&name.namespace),
            _ => {}
        }
    }

    /// Whether it can only be an answer: by its part, or because it relates to another message.
    pub(super) fn is_answer(&self) -> bool {
        use Part::{CloseResponse, CreateSequenceResponse, TerminateResponse};
        self.relates_to.is_some()
            || matches!(self.part, CreateSequenceResponse | CloseResponse | TerminateResponse)
            || (self.is_soap && self.to.as_deref().is_none_or(is_anonymous))
    }
}

/// What a message is: by its body where it has one that is known, else by its action, since a log may leave bodies out.
fn part(envelope: &Envelope<'_>) -> Part {
    match &envelope.body {
        Body::CreateSequence(_) => return Part::CreateSequence,
        Body::CreateSequenceResponse(_) => return Part::CreateSequenceResponse,
        Body::CloseSequence(_) => return Part::Close,
        Body::CloseSequenceResponse(_) => return Part::CloseResponse,
        Body::TerminateSequence(_) => return Part::Terminate,
        Body::TerminateSequenceResponse(_) => return Part::TerminateResponse,
        Body::Fault(_) => return Part::Fault,
        Body::Empty | Body::Application(_) | Body::Malformed { .. } => {}
    }
    let action = envelope.action().unwrap_or_default();
    let known = RmVersion::ALL.into_iter().find_map(|rm| wsrm_wire::Action::from_uri(action, rm));
    match known {
        Some(wsrm_wire::Action::CreateSequence) => Part::CreateSequence,
        Some(wsrm_wire::Action::CreateSequenceResponse) => Part::CreateSequenceResponse,
        Some(wsrm_wire::Action::CloseSequence) => Part::Close,
        Some(wsrm_wire::Action::CloseSequenceResponse) => Part::CloseResponse,
        Some(wsrm_wire::Action::TerminateSequence) => Part::Terminate,
        Some(wsrm_wire::Action::TerminateSequenceResponse) => Part::TerminateResponse,
        Some(wsrm_wire::Action::LastMessage) => Part::Last,
        Some(wsrm_wire::Action::SequenceAcknowledgement) => Part::Acknowledgement,
        Some(wsrm_wire::Action::AckRequested) => Part::AckRequested,
        Some(wsrm_wire::Action::Fault) => Part::Fault,
        None => Part::Other,
    }
}

fn is_rm(name: &str) -> bool {
    name == namespace::NETRM || RmVersion::ALL.iter().any(|rm| name.starts_with(rm.namespace()))
}

/// The address, where it is one that can be sent to.
fn address<'r>(reference: &'r EndpointReference<'_>) -> Option<&'r str> {
    Some(reference.address.as_ref()).filter(|address| !is_anonymous(address))
}

/// The anonymous addresses of both versions of WS-Addressing; MakeConnection's begin otherwise and are as little an
/// address to send to.
pub(super) fn is_anonymous(address: &str) -> bool {
    address.ends_with("/addressing/anonymous")
        || address.ends_with("/role/anonymous")
        || address.contains("/anonymous?id=")
        || address.is_empty()
}
