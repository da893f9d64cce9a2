//! Which session a message belongs to.

use std::collections::HashMap;
use std::num::NonZeroU32;

use wsrm_wire::{Body, Envelope, HeaderKind};

use super::Grouping;
use crate::content::Content;
use crate::recording::HttpMessage;
use crate::summary::identifier_in;

/// A session, counted from 1 in the order of their CreateSequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub NonZeroU32);

/// Where an exchange stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) session: Option<SessionId>,
    /// The number of the exchange in the session, from 1.
    pub(super) number: u32,
}

/// Knows the sessions by the identifiers of their sequences.
#[derive(Debug)]
pub(super) struct Sessions {
    grouping: Grouping,
    /// By the identifiers of sequences, and by the MessageID of CreateSequence, for its repetitions.
    known: HashMap<String, SessionId>,
    created: u32,
    /// Exchanges so far, by session.
    exchanges: HashMap<Option<SessionId>, u32>,
}

/// Identifiers that are known at a time; when there are more, old sessions are no longer recognised.
const MAX_KNOWN: usize = 200_000;

impl Sessions {
    pub(super) fn new(grouping: Grouping) -> Self {
        Self { grouping, known: HashMap::new(), created: 0, exchanges: HashMap::new() }
    }

    /// The place of an exchange, by its request.
    pub(super) fn place(&mut self, ordinal: u64, request: Option<&HttpMessage>) -> Place {
        let session = request.and_then(|request| self.session(request));
        let counted = match self.grouping {
            Grouping::Sessions => session,
            Grouping::Whole => {
                return Place { session, number: u32::try_from(ordinal).unwrap_or(u32::MAX) };
            }
        };
        if self.exchanges.len() > MAX_KNOWN {
            self.exchanges.clear();
        }
        let number = self.exchanges.entry(counted).or_default();
        *number = number.saturating_add(1);
        Place { session, number: *number }
    }

    /// Takes note of a sequence that a response creates.
    pub(super) fn learn(&mut self, session: Option<SessionId>, response: &HttpMessage) {
        let content = Content::of(response);
        let (Some(session), Some(Ok(envelope))) = (session, content.envelope()) else { return };
        if let Body::CreateSequenceResponse(response) = &envelope.body {
            self.know(&response.identifier, session);
        }
    }

    fn session(&mut self, request: &HttpMessage) -> Option<SessionId> {
        let content = Content::of(request);
        let envelope = content.envelope()?.ok()?;
        if let Body::CreateSequence(create) = &envelope.body {
            let offered = create.offer.as_ref().map(|offer| offer.identifier.as_ref());
            let names: Vec<&str> = envelope.message_id().into_iter().chain(offered).collect();
            let known = names.iter().find_map(|name| self.known.get(*name)).copied();
            let session = known.or_else(|| {
                self.created = self.created.checked_add(1)?;
                NonZeroU32::new(self.created).map(SessionId)
            })?;
            for name in names {
                self.know(name, session);
            }
            return Some(session);
        }
        identifiers(&envelope).find_map(|identifier| self.known.get(identifier).copied())
    }

    fn know(&mut self, name: &str, session: SessionId) {
        if self.known.len() > MAX_KNOWN {
            self.known.clear();
        }
        self.known.insert(name.to_owned(), session);
    }
}

/// The sequences that a message speaks of.
fn identifiers<'e>(envelope: &'e Envelope<'_>) -> impl Iterator<Item = &'e str> {
    let body = match &envelope.body {
        Body::CloseSequence(body) => Some(body.identifier.as_ref()),
        Body::CloseSequenceResponse(body) => Some(body.identifier.as_ref()),
        Body::TerminateSequence(body) => Some(body.identifier.as_ref()),
        Body::TerminateSequenceResponse(body) => Some(body.identifier.as_ref()),
        Body::Fault(fault) => fault.detail.as_ref().and_then(|detail| identifier_in(&detail.xml)),
        _ => None,
    };
    let headers = envelope.headers.iter().filter_map(|header| match &header.kind {
        HeaderKind::Sequence(sequence) => Some(sequence.identifier.as_ref()),
        HeaderKind::AckRequested(asked) => Some(asked.identifier.as_ref()),
        HeaderKind::SequenceAcknowledgement(acknowledged) => Some(acknowledged.identifier.as_ref()),
        HeaderKind::SequenceFault(fault) => {
            fault.detail.as_ref().and_then(|detail| identifier_in(&detail.xml))
        }
        _ => None,
    });
    headers.chain(body)
}
