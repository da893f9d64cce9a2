//! A session with replies: a request is answered when its operation has its outcome.

use wsrm_wire::{Action, Body, RmVersion, Sequence};

use super::contexts::{Content, Context, Progress, Reply};
use super::fault::LocalFault;
use super::shutdown::Service;
use super::{Fate, Port, Responder};
use crate::destination::Arrival;
use crate::incoming::Incoming;
use crate::ranges::SequenceRanges;
use crate::reason::terminated;
use crate::{Delivery, ExchangeId, Identifier, ListenerAnswer};

/// The most requests of a session that may wait for their outcome. WCF sets no limit of its own where the dispatcher
/// takes all there are; this one is as large as the largest window.
const MAX_PENDING: usize = 4096;

impl Responder {
    pub(super) fn handle_two_way(
        &mut self,
        port: &mut Port<'_>,
        exchange: ExchangeId,
        request: &Incoming<'_>,
        delivery: impl FnOnce() -> Delivery,
    ) -> Fate {
        if let Some(acknowledgement) = request.acknowledgement {
            if self.contexts.unacknowledged() > 0 {
                let acknowledged: SequenceRanges = acknowledgement.ranges().collect();
                self.contexts.acknowledge(&acknowledged);
            }
            if request.protocol == Some(Action::SequenceAcknowledgement) {
                port.answer(exchange, ListenerAnswer::Accepted);
                return Fate::Lives;
            }
        }
        if let Some(sequence) = request.sequence {
            return self.take_request(port, exchange, request, sequence, delivery);
        }
        match (request.protocol, request.body, port.config.profile.rm) {
            (Some(Action::TerminateSequence), _, RmVersion::February2005) => {
                self.terminate_replies(port, exchange)
            }
            (Some(Action::TerminateSequence), Body::TerminateSequence(_), RmVersion::V200702)
            | (Some(Action::CloseSequence), Body::CloseSequence(_), RmVersion::V200702) => {
                self.shut_down_two_way(port, exchange, request)
            }
            _ if request.ack_requested.is_some() => self.acknowledge(port, exchange),
            _ => {
                // WCF leaves the request of such a message unanswered for ever; an empty answer says as little.
                port.answer(exchange, ListenerAnswer::Accepted);
                Fate::Lives
            }
        }
    }

    /// Settles a request: `content` is its reply, `None` says that there is none.
    pub(super) fn settle(&mut self, port: &mut Port<'_>, number: u64, content: Option<Content>) {
        if self.contexts.find_pending_mut(number).is_none() {
            return;
        }
        if self.destination.last_message() == Some(number) {
            self.withhold(port, number, content);
        } else if self.shutdown.service == Service::Serving {
            match content {
                None => self.settle_without_reply(port, number),
                Some(content) => self.settle_with_reply(port, number, content),
            }
        }
    }

    /// Answers RM 1.0's last message, where it has come and the service closes its side.
    pub(super) fn answer_last(&mut self, port: &mut Port<'_>) {
        if !self.destination.is_complete() || self.shutdown.service == Service::Serving {
            return;
        }
        let Some(mut last) = self.contexts.take_last() else { return };
        if !matches!(last.progress, Progress::Replied(_)) {
            let content = match std::mem::replace(&mut last.progress, Progress::Pending) {
                Progress::Withheld(content) => content,
                Progress::Pending | Progress::Replied(_) => Content::Empty,
            };
            let reply = Reply { number: self.contexts.next_reply_number(), is_last: true, content };
            self.send_reply(port, last.message_id.as_ref(), &reply, &mut last.waiting);
            last.progress = Progress::Replied(reply);
            self.shutdown.service = Service::AwaitingTerminate;
        }
        self.contexts.set_last(last);
    }

    fn take_request(
        &mut self,
        port: &mut Port<'_>,
        exchange: ExchangeId,
        request: &Incoming<'_>,
        sequence: &Sequence<'_>,
        delivery: impl FnOnce() -> Delivery,
    ) -> Fate {
        let number = sequence.number.value();
        let version = port.config.profile.rm;
        let is_last = version == RmVersion::February2005 && sequence.last_message;
        let is_last_message = request.protocol == Some(Action::LastMessage);
        let is_closing = self.shutdown.service != Service::Serving;
        let window = port.config.settings.max_transfer_window_size as usize;
        let has_room = self.contexts.unacknowledged() < window && self.contexts.pending() < MAX_PENDING;
        match (self.destination.judge(number, is_last), version) {
            (Arrival::Invalid, RmVersion::February2005) => {
                return self.fail(port, exchange, LocalFault::last_number_exceeded(&self.input));
            }
            (Arrival::Invalid, RmVersion::V200702) => {
                let answer = self.sequence_closed(port, true);
                port.answer(exchange, answer);
            }
            (Arrival::Duplicate, _) => {
                port.note_duplicate(self.id, number);
                self.repeat(port, exchange, number);
            }
            (_, RmVersion::February2005) if is_closing && !is_last_message => {
                let fault = LocalFault::terminated(&self.input, terminated::SERVICE_EXPECTS_NO_MORE);
                return self.fail(port, exchange, fault);
            }
            (_, RmVersion::V200702) if is_closing => {
                let answer = self.sequence_closed(port, true);
                port.answer(exchange, answer);
            }
            (Arrival::Fresh, _) if has_room => {
                let message = (!is_last_message).then(|| Box::new(delivery()));
                return self.accept(port, exchange, request, (number, is_last), message);
            }
            (Arrival::Fresh | Arrival::NoRoom, _) => {
                port.note_dropped(self.id, number);
                port.answer(exchange, ListenerAnswer::Accepted);
            }
        }
        Fate::Lives
    }

    /// Takes a request, whose exchange waits from now on. There is no message where it is RM 1.0's LastMessage.
    fn accept(
        &mut self,
        port: &mut Port<'_>,
        exchange: ExchangeId,
        request: &Incoming<'_>,
        (number, is_last): (u64, bool),
        message: Option<Box<Delivery>>,
    ) -> Fate {
        let is_last_message = message.is_none();
        match message {
            Some(message) => self.destination.take(number, is_last, message),
            None => self.destination.take_number(number, is_last),
        }
        let context = Context {
            number,
            message_id: request.message_id.map(Identifier::new),
            waiting: vec![exchange],
            received: self.destination.ranges().clone(),
            progress: Progress::Pending,
        };
        port.park(exchange, self.id);
        if is_last_message {
            self.contexts.set_last(Box::new(context));
            self.answer_last(port);
        } else {
            self.contexts.add(context);
        }
        self.proceed(port)
    }

    /// Answers a duplicate: with what answered the original, with that which will answer it, or, where the client
    /// had its answer, with an acknowledgement.
    fn repeat(&mut self, port: &mut Port<'_>, exchange: ExchangeId, number: u64) {
        let answer = match self.contexts.find(number) {
            None => Some(self.bare_acknowledgement(self.destination.ranges(), port)),
            Some(Context { progress: Progress::Replied(reply), message_id, .. }) => {
                Some(self.reply(port, message_id.as_ref(), reply))
            }
            Some(_) => None,
        };
        match answer {
            Some(answer) => port.answer(exchange, answer),
            None => {
                port.park(exchange, self.id);
                if let Some(context) = self.contexts.find_mut(number) {
                    context.waiting.push(exchange);
                }
            }
        }
    }

    fn settle_without_reply(&mut self, port: &mut Port<'_>, number: u64) {
        let Some(context) = self.contexts.remove(number) else { return };
        let answer = self.bare_acknowledgement(&context.received, port);
        for exchange in context.waiting {
            port.release(exchange, answer.clone());
        }
    }

    fn settle_with_reply(&mut self, port: &mut Port<'_>, number: u64, content: Content) {
        let reply = Reply { number: self.contexts.next_reply_number(), is_last: false, content };
        let Some(context) = self.contexts.find_pending_mut(number) else { return };
        let (message_id, mut waiting) = (context.message_id.clone(), std::mem::take(&mut context.waiting));
        self.send_reply(port, message_id.as_ref(), &reply, &mut waiting);
        self.contexts.keep(reply.number, number);
        if let Some(context) = self.contexts.find_pending_mut(number) {
            context.progress = Progress::Replied(reply);
        }
    }

    /// RM 1.0: the reply to the message that carries LastMessage is the last of the sequence of replies, and waits
    /// until the service closes that.
    fn withhold(&mut self, port: &mut Port<'_>, number: u64, content: Option<Content>) {
        let Some(mut context) = self.contexts.remove(number) else { return };
        context.progress = Progress::Withheld(content.unwrap_or(Content::Empty));
        self.contexts.set_last(Box::new(context));
        self.answer_last(port);
    }

    fn send_reply(
        &self,
        port: &mut Port<'_>,
        message_id: Option<&Identifier>,
        reply: &Reply,
        waiting: &mut Vec<ExchangeId>,
    ) {
        let answer = self.reply(port, message_id, reply);
        for exchange in waiting.drain(..) {
            port.release(exchange, answer.clone());
        }
    }

    /// RM 1.0's TerminateSequence, which the service answers by ending the sequence of replies.
    fn terminate_replies(&mut self, port: &mut Port<'_>, exchange: ExchangeId) -> Fate {
        let premature = if !self.destination.is_complete() {
            Some(terminated::EARLY_TERMINATE)
        } else if !self.contexts.is_empty() {
            Some(terminated::BEFORE_REPLIES_ACKNOWLEDGED)
        } else {
            None
        };
        if let Some(reason) = premature {
            return self.fail(port, exchange, LocalFault::terminated(&self.input, reason));
        }
        self.send_terminate(port, exchange);
        self.terminate(port);
        Fate::Lives
    }
}
