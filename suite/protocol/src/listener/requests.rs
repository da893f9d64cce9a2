//! Where a request goes.

use wsrm_wire::{Action, Body, Fragment, Infoset, WireProfile};

use super::Listener;
use super::creation::{self, Wanted};
use crate::incoming::{Addressing, Incoming, Rejection, owned};
use crate::responder::{Fate, NewSession, Responder};
use crate::{Delivery, ExchangeId, Identifier, ListenerAnswer, ListenerEvent, Pattern, SessionId, Timestamp};

impl Listener {
    /// Makes a session, or answers for the one that the same offer has made.
    pub(super) fn handle_create_sequence(
        &mut self,
        now: Timestamp,
        exchange: ExchangeId,
        addressing: Addressing<'_>,
        request: &Incoming<'_>,
    ) {
        let wanted = match creation::check(request, &self.config) {
            Ok(wanted) => wanted,
            Err(refusal) => return self.refuse(exchange, addressing, refusal),
        };
        let known = wanted.offer.and_then(|offer| self.by_output.get(&*offer.identifier).copied());
        let session = match known {
            Some(session) => Some(session),
            None if self.is_full() => None,
            None => Some(self.create(now, wanted)),
        };
        let Some(responder) = session.and_then(|session| self.sessions.get_mut(&session)) else {
            return self.refuse_as_too_busy(exchange, addressing);
        };
        responder.touch(now);
        let identifier = responder.input().clone();
        let message = creation::response(&identifier, request.to, wanted, &self.config).to_bytes();
        let answer = ListenerAnswer::Message { message: message.into(), is_fault: false };
        self.answers.push_back((exchange, answer));
    }

    /// Gives a request to the session that it names.
    pub(super) fn route(
        &mut self,
        now: Timestamp,
        exchange: ExchangeId,
        addressing: Addressing<'_>,
        request: &Incoming<'_>,
        infoset: &Infoset<'_>,
    ) {
        let named = self.named_session(request);
        let profile = self.config.profile;
        match named {
            Named::Session(session) => self.with_session(now, session, |responder, port| {
                responder.handle(port, exchange, request, || delivery(request, infoset, profile))
            }),
            Named::Unknown(identifier) => self.unknown_sequence(exchange, addressing, &identifier),
            Named::Nothing => {
                let why = "it names no sequence".to_owned();
                self.reject(exchange, addressing, Rejection::Unreadable(why));
            }
        }
    }

    fn create(&mut self, now: Timestamp, wanted: Wanted<'_>) -> SessionId {
        self.last_session += 1;
        let id = SessionId(self.last_session);
        let input = self.identifiers.next_identifier();
        let output = wanted.offer.map(|offer| Identifier::new(&offer.identifier));
        self.by_input.insert(input.clone(), id);
        if let Some(output) = &output {
            self.by_output.insert(output.clone(), id);
        }
        let session = NewSession { id, input: input.clone(), output, reply_to: wanted.reply_to, now };
        self.sessions.insert(id, Box::new(Responder::new(session, &self.config)));
        self.pending += 1;
        self.events.push_back(ListenerEvent::SessionOpened { session: id, identifier: input });
        self.conclude(now, id, Fate::Lives);
        id
    }

    /// Whether there is no place for one more session. Terminated sessions make place first.
    fn is_full(&mut self) -> bool {
        let limit = self.config.settings.max_pending_channels as usize;
        if self.config.enforce_max_pending_channels && self.pending >= limit {
            return true;
        }
        while self.sessions.len() >= self.max_sessions {
            let Some(oldest) = self.lingering.pop_front() else { return true };
            self.remove(Timestamp::ZERO, oldest, None);
        }
        false
    }

    /// The session that a request names. WCF looks at its own sequences first (by TerminateSequence, Sequence,
    /// AckRequested, a fault, CloseSequence), and at the offered ones only where that finds nothing.
    fn named_session(&self, request: &Incoming<'_>) -> Named {
        let input = input_named(request);
        if let Some(session) = input.and_then(|identifier| self.by_input.get(identifier)) {
            return Named::Session(*session);
        }
        let output = match self.config.pattern {
            Pattern::RequestReply => output_named(request),
            Pattern::OneWay => None,
        };
        if let Some(session) = output.and_then(|identifier| self.by_output.get(identifier)) {
            return Named::Session(*session);
        }
        // The fault names what was looked for last.
        match output.or(input) {
            Some(identifier) => Named::Unknown(identifier.to_owned()),
            None => Named::Nothing,
        }
    }
}

/// What a request says of the session it belongs to.
enum Named {
    Session(SessionId),
    Unknown(String),
    Nothing,
}

fn input_named<'r>(request: &'r Incoming<'_>) -> Option<&'r str> {
    if let (Some(Action::TerminateSequence), Body::TerminateSequence(body)) = (request.protocol, request.body)
    {
        return Some(&body.identifier);
    }
    let by_header = request
        .sequence
        .map(|sequence| &*sequence.identifier)
        .or_else(|| request.ack_requested.map(|ack_requested| &*ack_requested.identifier));
    by_header.or_else(|| request.fault.as_ref().and_then(|fault| fault.identifier.as_deref())).or_else(|| {
        match (request.protocol, request.body) {
            (Some(Action::CloseSequence), Body::CloseSequence(body)) => Some(&*body.identifier),
            _ => None,
        }
    })
}

fn output_named<'r>(request: &'r Incoming<'_>) -> Option<&'r str> {
    let by_header = request.acknowledgement.map(|acknowledgement| &*acknowledgement.identifier);
    by_header.or_else(|| request.fault.as_ref().and_then(|fault| fault.identifier.as_deref())).or_else(|| {
        match (request.protocol, request.body) {
            (Some(Action::CloseSequence), Body::CloseSequence(body)) => Some(&*body.identifier),
            (Some(Action::CloseSequenceResponse), Body::CloseSequenceResponse(body)) => {
                Some(&*body.identifier)
            }
            (Some(Action::TerminateSequenceResponse), Body::TerminateSequenceResponse(body)) => {
                Some(&*body.identifier)
            }
            _ => None,
        }
    })
}

/// The message as the application gets it.
fn delivery(request: &Incoming<'_>, infoset: &Infoset<'_>, profile: WireProfile) -> Delivery {
    let content = content(infoset, profile);
    let anonymous = profile.addressing.anonymous();
    Delivery {
        action: request.action.unwrap_or_default().to_owned(),
        message_id: request.message_id.map(Identifier::new),
        to: request.to.map(str::to_owned),
        reply_to: request.reply_to.filter(|address| *address != anonymous).map(str::to_owned),
        not_understood: request.not_understood.first().map(|name| owned(name)),
        body_offset: content.as_ref().map_or(0, |(_, offset)| *offset),
        body: content.map(|(content, _)| content).unwrap_or_default(),
        is_fault: matches!(request.body, Body::Fault(_)),
    }
}

/// The content of the body as written, whatever it means, and the byte of the message at which it starts.
fn content(infoset: &Infoset<'_>, profile: WireProfile) -> Option<(Fragment<'static>, usize)> {
    let mut elements = infoset.root().elements();
    let body = elements.find(|element| element.is(profile.soap.namespace(), "Body"))?;
    let start = body.content_span().start;
    Some((body.content_fragment().into_owned(), infoset.document_offset(start)))
}
