//! What a session writes.

use std::borrow::Cow;

use bytes::Bytes;
use wsrm_wire::{
    Body, FaultCode, MessageNumber, Reason, ResponderMessages, RmFault, RmHeaders, RmVersion, Sequence,
    SequenceAcknowledgement,
};

use super::contexts::{Content, Reply};
use super::{Port, Responder};
use crate::ranges::SequenceRanges;
use crate::{Identifier, ListenerAnswer, ListenerConfig, reason};

impl Responder {
    pub(super) fn messages(config: &ListenerConfig) -> ResponderMessages<'_> {
        ResponderMessages::anonymous(config.profile)
    }

    pub(super) fn reason<'a>(config: &'a ListenerConfig, text: &'a str) -> Reason<'a> {
        Reason { language: Some(Cow::Borrowed(&config.language)), text: Cow::Borrowed(text) }
    }

    /// The acknowledgement of everything received so far.
    pub(super) fn acknowledgement(&self, config: &ListenerConfig) -> SequenceAcknowledgement<'_> {
        self.acknowledgement_of(self.destination.ranges(), config)
    }

    /// The acknowledgement of `ranges`. A two-way service always says how much it can take; a one-way service does
    /// where flow control is on.
    pub(super) fn acknowledgement_of(
        &self,
        ranges: &SequenceRanges,
        config: &ListenerConfig,
    ) -> SequenceAcknowledgement<'_> {
        let says_buffer = self.output.is_some() || config.settings.flow_control_enabled;
        SequenceAcknowledgement {
            identifier: (&self.input).into(),
            acknowledged: ranges.acknowledged(config.profile.rm),
            is_final: config.profile.rm == RmVersion::V200702 && self.destination.last_is_known(),
            buffer_remaining: says_buffer.then(|| self.destination.buffer_remaining()),
            extensions: Vec::new(),
        }
    }

    /// The final acknowledgement, as a fault carries it.
    pub(super) fn final_acknowledgement(&self, version: RmVersion) -> SequenceAcknowledgement<'_> {
        SequenceAcknowledgement {
            identifier: (&self.input).into(),
            acknowledged: self.destination.ranges().acknowledged(version),
            is_final: true,
            buffer_remaining: None,
            extensions: Vec::new(),
        }
    }

    /// An acknowledgement that travels alone.
    pub(super) fn bare_acknowledgement(&self, ranges: &SequenceRanges, port: &Port<'_>) -> ListenerAnswer {
        let acknowledgement = self.acknowledgement_of(ranges, port.config);
        let envelope = Self::messages(port.config).sequence_acknowledgement(acknowledgement);
        ListenerAnswer::Message { message: Bytes::from(envelope.to_bytes()), is_fault: false }
    }

    /// The SequenceClosed fault that answers a message and leaves the session as it is.
    pub(super) fn sequence_closed(&self, port: &Port<'_>, with_acknowledgement: bool) -> ListenerAnswer {
        let fault = RmFault::SequenceClosed { identifier: (&self.input).into() };
        let envelope = Self::messages(port.config).rm_fault(
            &fault,
            FaultCode::Sender,
            Self::reason(port.config, reason::SEQUENCE_CLOSED),
            with_acknowledgement.then(|| self.acknowledgement(port.config)),
            None,
        );
        ListenerAnswer::Message { message: Bytes::from(envelope.to_bytes()), is_fault: true }
    }

    /// A reply, with a fresh acknowledgement every time it is sent.
    pub(super) fn reply(
        &self,
        port: &Port<'_>,
        message_id: Option<&Identifier>,
        reply: &Reply,
    ) -> ListenerAnswer {
        let config = port.config;
        let rm = RmHeaders {
            sequence: self.reply_sequence(reply),
            acknowledgement: Some(self.acknowledgement(config)),
            ack_requested: None,
        };
        let relates_to = message_id.map(Cow::from);
        let messages = Self::messages(config);
        let (envelope, is_fault) = match &reply.content {
            Content::Application { action, body, is_fault } => {
                let body = wsrm_wire::Fragment { xml: Cow::Borrowed(&*body.xml), scope: body.scope.clone() };
                let envelope = messages.application(rm, action.as_str(), relates_to, Body::Application(body));
                (envelope, *is_fault)
            }
            Content::NotUnderstood(name) => {
                let text = reason::not_understood(&name.local, &name.namespace);
                let reason =
                    Reason { language: Some(Cow::Borrowed(&config.language)), text: Cow::Owned(text) };
                (messages.must_understand_fault(rm, [name.clone()], reason, relates_to), true)
            }
            Content::Empty => {
                // A reply without content is only ever RM 1.0's LastMessage, and relates to nothing.
                let envelope = match (rm.sequence, rm.acknowledgement) {
                    (Some(sequence), Some(acknowledgement)) => {
                        messages.last_message(sequence, acknowledgement)
                    }
                    _ => messages.sequence_acknowledgement(self.acknowledgement(config)),
                };
                (envelope, false)
            }
        };
        ListenerAnswer::Message { message: Bytes::from(envelope.to_bytes()), is_fault }
    }

    fn reply_sequence(&self, reply: &Reply) -> Option<Sequence<'_>> {
        Some(Sequence {
            identifier: self.output.as_ref()?.into(),
            number: MessageNumber::new(reply.number)?,
            last_message: reply.is_last,
            extensions: Vec::new(),
        })
    }
}
