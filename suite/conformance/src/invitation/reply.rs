//! What a rule makes an answer from.

use std::borrow::Cow;

use wsrm_oracle::NumberSet;
use wsrm_oracle::message::Message;
use wsrm_wire::{
    Acknowledged, AcknowledgementRange, Envelope, FaultCode, Reason, ResponderMessages, RmFault, RmVersion,
    SequenceAcknowledgement, WireProfile,
};

use crate::case::{HttpResponse, Post, ReplyTemplate, Stop};

/// How an exchange with a [`super::ScriptedService`] ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// By a response.
    Response(HttpResponse),
    /// By the head of a response and so many bytes of its body; then the connection is closed.
    Cut(HttpResponse, usize),
    /// By closing the connection.
    Closed,
}

/// The exchange that a rule strikes, and the session that it belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The form of the messages.
    pub profile: WireProfile,
    /// The address of the service.
    pub address: &'a str,
    /// What the application of the service answers; none in a one-way session, or where nothing is known of it.
    pub reply: Option<&'a ReplyTemplate>,
    /// The request, where it is a SOAP message.
    pub request: Option<&'a Message>,
    /// The sequence that the client was granted last.
    pub identifier: Option<&'a str>,
    /// The sequence of the replies.
    pub offer: Option<&'a str>,
    /// The numbers that have arrived in the sequence.
    pub arrived: &'a NumberSet,
}

impl Scene<'_> {
    /// The version of reliable messaging.
    pub const fn rm(&self) -> RmVersion {
        self.profile.rm
    }

    /// The sequence of the client.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`], where there is none yet.
    pub fn sequence(&self) -> Result<String, Stop> {
        let none = || Stop::Inconclusive("the client has no sequence yet".to_owned());
        self.identifier.map(str::to_owned).ok_or_else(none)
    }

    /// The number of the request in its sequence.
    pub fn number(&self) -> Option<u64> {
        self.request.and_then(|request| request.sequences.first()).and_then(|header| header.number)
    }

    /// What makes the messages of a service.
    pub const fn messages(&self) -> ResponderMessages<'static> {
        ResponderMessages::anonymous(self.profile)
    }

    /// What an answer to the request relates to.
    pub fn relation(&self) -> Option<Cow<'static, str>> {
        self.request.and_then(Message::message_id).map(|id| id.to_owned().into())
    }

    /// The message in a response, to be changed.
    pub fn post(&self, response: &HttpResponse) -> Post {
        Post { soap: self.profile.soap, action: String::new(), body: response.body.clone(), label: None }
    }

    /// A message as an HTTP response.
    pub fn response(&self, status: u16, envelope: &Envelope<'_>) -> HttpResponse {
        self.respond(status, Post::of(envelope).body)
    }

    /// The bytes of a message as an HTTP response.
    pub fn respond(&self, status: u16, body: Vec<u8>) -> HttpResponse {
        let media = format!("{}; charset=utf-8", self.profile.soap.media_type());
        HttpResponse { status, fields: vec![("Content-Type".to_owned(), media)], body }
    }

    /// A fault of reliable messaging, by the status that WCF sends it with.
    pub fn fault(&self, fault: &RmFault<'_>, code: FaultCode<'static>, text: &str) -> HttpResponse {
        let reason = Reason { language: Some("en-US".into()), text: text.to_owned().into() };
        self.response(500, &self.messages().rm_fault(fault, code, reason, None, self.relation()))
    }

    /// The fault that the service has given the session up.
    ///
    /// # Errors
    /// As [`Scene::sequence`].
    pub fn terminated(&self) -> Result<HttpResponse, Stop> {
        let fault = RmFault::SequenceTerminated { identifier: self.sequence()?.into() };
        Ok(self.fault(&fault, FaultCode::Receiver, "The service has given the session up."))
    }

    /// The fault that there is no such sequence.
    ///
    /// # Errors
    /// As [`Scene::sequence`].
    pub fn unknown(&self) -> Result<HttpResponse, Stop> {
        let fault = RmFault::UnknownSequence { identifier: self.sequence()?.into() };
        Ok(self.fault(&fault, FaultCode::Sender, "The service knows of no such sequence."))
    }

    /// An acknowledgement of these ranges of the client's sequence.
    ///
    /// # Errors
    /// As [`Scene::sequence`].
    pub fn acknowledgement(&self, ranges: &[(u64, u64)]) -> Result<SequenceAcknowledgement<'static>, Stop> {
        let ranges = ranges.iter().map(|&(lower, upper)| AcknowledgementRange::new(lower, upper));
        Ok(SequenceAcknowledgement {
            identifier: self.sequence()?.into(),
            acknowledged: Acknowledged::Ranges(ranges.collect()),
            is_final: false,
            buffer_remaining: Some(8),
            extensions: Vec::new(),
        })
    }
}

/// An empty response.
pub fn empty(status: u16) -> HttpResponse {
    HttpResponse { status, fields: Vec::new(), body: Vec::new() }
}
