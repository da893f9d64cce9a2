//! What a listener answers where no session does.

use std::borrow::Cow;
use std::error::Error;

use wsrm_wire::{AddressingFault, Envelope, FaultCode, Reason, ResponderMessages, RmFault, RmHeaders};

use super::creation::Refusal;
use crate::incoming::{Addressing, Rejection};
use crate::reason::{self, refused};
use crate::{ExchangeId, ListenerAnswer, ListenerConfig, ListenerEvent};

use super::Listener;

impl Listener {
    /// Answers a request that goes no further.
    pub(super) fn reject(&mut self, exchange: ExchangeId, request: Addressing<'_>, rejection: Rejection) {
        let relates_to = request.message_id.map(Cow::Borrowed);
        let config = &self.config;
        let messages = ResponderMessages::anonymous(config.profile);
        let mut why = String::new();
        let envelope = match rejection {
            Rejection::Unreadable(why) => {
                self.events.push_back(ListenerEvent::Refused { why });
                self.answers.push_back((exchange, ListenerAnswer::Abort));
                return;
            }
            Rejection::NotUnderstood(names) => {
                let text = names
                    .first()
                    .map(|name| reason::not_understood(&name.local, &name.namespace))
                    .unwrap_or_default();
                why.clone_from(&text);
                messages.must_understand_fault(RmHeaders::default(), names, said(config, text), relates_to)
            }
            Rejection::ActionNotSupported => {
                let text = reason::action_not_supported(request.action.unwrap_or_default());
                why.clone_from(&text);
                let fault = AddressingFault::ActionNotSupported;
                messages.addressing_fault(RmHeaders::default(), &fault, said(config, text), relates_to)
            }
            Rejection::WsrmRequired => {
                reason::WSRM_REQUIRED.clone_into(&mut why);
                let reason = said(config, reason::WSRM_REQUIRED);
                messages.rm_fault(&RmFault::WsrmRequired, FaultCode::Sender, reason, None, relates_to)
            }
        };
        let message = envelope.to_bytes();
        self.send_fault(exchange, request, message, why);
    }

    /// Gives no answer to what is no message at all.
    pub(super) fn reject_unreadable(&mut self, exchange: ExchangeId, error: &dyn Error) {
        self.reject(exchange, Addressing::default(), Rejection::Unreadable(error.to_string()));
    }

    /// Answers a CreateSequence that is refused.
    pub(super) fn refuse(&mut self, exchange: ExchangeId, request: Addressing<'_>, refusal: Refusal) {
        let reason = match refusal {
            Refusal::Rejected(rejection) => return self.reject(exchange, request, rejection),
            Refusal::Refused(reason) => refused::by_destination(&reason),
        };
        let fault = RmFault::CreateSequenceRefused;
        let message = self.rm_fault(&fault, FaultCode::Sender, &*reason, request).to_bytes();
        self.send_fault(exchange, request, message, reason);
    }

    /// Answers a CreateSequence for which there is no place.
    pub(super) fn refuse_as_too_busy(&mut self, exchange: ExchangeId, request: Addressing<'_>) {
        let reason = refused::by_destination(&reason::too_busy(&self.config.address));
        let fault = RmFault::ConnectionLimitReached;
        let message = self.rm_fault(&fault, FaultCode::Receiver, &*reason, request).to_bytes();
        self.send_fault(exchange, request, message, reason);
    }

    /// Answers a message for a sequence that does not exist, or exists no more.
    pub(super) fn unknown_sequence(
        &mut self,
        exchange: ExchangeId,
        request: Addressing<'_>,
        identifier: &str,
    ) {
        let fault = RmFault::UnknownSequence { identifier: identifier.into() };
        let message = self.rm_fault(&fault, FaultCode::Sender, reason::UNKNOWN_SEQUENCE, request).to_bytes();
        self.send_fault(exchange, request, message, format!("{} ({identifier})", reason::UNKNOWN_SEQUENCE));
    }

    fn rm_fault<'a>(
        &'a self,
        fault: &RmFault<'a>,
        code: FaultCode<'a>,
        text: impl Into<Cow<'a, str>>,
        request: Addressing<'a>,
    ) -> Envelope<'a> {
        let relates_to = request.message_id.map(Cow::Borrowed);
        let reason = said(&self.config, text);
        ResponderMessages::anonymous(self.config.profile).rm_fault(fault, code, reason, None, relates_to)
    }

    /// Sends a fault, unless the client wants no answer.
    fn send_fault(&mut self, exchange: ExchangeId, request: Addressing<'_>, message: Vec<u8>, why: String) {
        self.events.push_back(ListenerEvent::Refused { why });
        let none = self.config.profile.addressing.none();
        let answer = if request.reply_to.is_some() && request.reply_to == none {
            ListenerAnswer::Abort
        } else {
            ListenerAnswer::Message { message: message.into(), is_fault: true }
        };
        self.answers.push_back((exchange, answer));
    }
}

fn said<'a>(config: &'a ListenerConfig, text: impl Into<Cow<'a, str>>) -> Reason<'a> {
    Reason { language: Some(Cow::Borrowed(&config.language)), text: text.into() }
}
