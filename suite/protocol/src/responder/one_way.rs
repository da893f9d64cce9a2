//! A session of one-way operations: every request is answered at once, by an acknowledgement as a rule.

use wsrm_wire::{Action, Body, RmVersion, Sequence};

use super::fault::LocalFault;
use super::{Fate, Port, Responder};
use crate::destination::Arrival;
use crate::incoming::Incoming;
use crate::reason::terminated;
use crate::{Delivery, ExchangeId, ListenerAnswer};

impl Responder {
    pub(super) fn handle_one_way(
        &mut self,
        port: &mut Port<'_>,
        exchange: ExchangeId,
        request: &Incoming<'_>,
        delivery: impl FnOnce() -> Delivery,
    ) -> Fate {
        if let Some(sequence) = request.sequence {
            return self.take_message(port, exchange, request, sequence, delivery);
        }
        match (request.protocol, request.body, port.config.profile.rm) {
            (Some(Action::TerminateSequence), _, RmVersion::February2005) => {
                if !self.destination.is_complete() {
                    let fault = LocalFault::terminated(&self.input, terminated::EARLY_TERMINATE);
                    return self.fail(port, exchange, fault);
                }
                port.answer(exchange, ListenerAnswer::Accepted);
                self.terminate(port);
                Fate::Lives
            }
            (Some(Action::TerminateSequence), Body::TerminateSequence(_), RmVersion::V200702)
            | (Some(Action::CloseSequence), Body::CloseSequence(_), RmVersion::V200702) => {
                self.shut_down_one_way(port, exchange, request)
            }
            _ => self.acknowledge(port, exchange),
        }
    }

    fn take_message(
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
        let arrival = self.destination.judge(number, is_last);
        match (arrival, version) {
            (Arrival::Invalid, RmVersion::February2005) => {
                return self.fail(port, exchange, LocalFault::last_number_exceeded(&self.input));
            }
            (Arrival::Invalid, RmVersion::V200702) => {
                let answer = self.sequence_closed(port, request.ack_requested.is_some());
                port.answer(exchange, answer);
                return Fate::Lives;
            }
            // Unlike a message for the application, LastMessage needs no room.
            (Arrival::Fresh | Arrival::NoRoom, RmVersion::February2005)
                if request.protocol == Some(Action::LastMessage) =>
            {
                self.destination.take_number(number, is_last);
            }
            (Arrival::Fresh, _) => self.destination.take(number, is_last, Box::new(delivery())),
            (Arrival::Duplicate, _) => port.note_duplicate(self.id, number),
            (Arrival::NoRoom, _) => port.note_dropped(self.id, number),
        }
        // The acknowledgement is made before the application takes the message out of the buffer.
        let _ = self.acknowledge(port, exchange);
        self.proceed(port)
    }

    pub(super) fn acknowledge(&self, port: &mut Port<'_>, exchange: ExchangeId) -> Fate {
        let answer = self.bare_acknowledgement(self.destination.ranges(), port);
        port.answer(exchange, answer);
        Fate::Lives
    }
}
