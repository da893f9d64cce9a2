//! The calls of the application, from the sending to the return.

use super::local_fault::LocalFault;
use super::texts::{exception, fault, timeout};
use super::{CallId, Initiator, InitiatorEvent};
use crate::{Delivery, Pattern, SessionError, Timestamp};

/// A call that has not returned.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) two_way: bool,
    pub(super) deadline: Timestamp,
    pub(super) progress: Progress,
}

/// How far a call has come.
///
/// ```text
///   Waiting ──number given──▶ Going { first attempt open, no outcome } ──▶ both over: the call returns
/// ```
#[derive(Debug)]
pub(super) enum Progress {
    /// It waits for a number.
    Waiting,
    /// Its message has been sent.
    Going {
        /// Whether the exchange that first carried the message has ended.
        first_ended: bool,
        /// What came back, from any exchange that carried the message.
        outcome: Option<Outcome>,
    },
}

/// What came back for a request.
#[derive(Debug)]
pub(super) enum Outcome {
    /// A message for the application.
    Reply(Box<Delivery>),
    /// A message of the protocol.
    Nothing,
}

impl Initiator {
    pub(super) fn insert_call(&mut self, call: CallId, two_way: bool, now: Timestamp) {
        let deadline = now + self.config.timeouts.send;
        let two_way = two_way && self.config.pattern == Pattern::RequestReply;
        self.next_call_deadline = Some(self.next_call_deadline.map_or(deadline, |at| at.min(deadline)));
        self.calls.insert(call, Call { two_way, deadline, progress: Progress::Waiting });
    }

    /// Takes in that the message of a call has a number; gives back until when its exchange may last.
    pub(super) fn call_is_going(&mut self, call: CallId) -> Option<Timestamp> {
        let call = self.calls.get_mut(&call)?;
        call.progress = Progress::Going { first_ended: false, outcome: None };
        Some(call.deadline)
    }

    /// Takes in that the exchange that first carried the message of a call has ended; `fatal` is an exception that
    /// reaches the caller.
    pub(super) fn first_attempt_ended(&mut self, call: CallId, fatal: Option<SessionError>) {
        if let Some(error) = fatal {
            self.fail_call(call, error);
            return;
        }
        if let Some(Call { progress: Progress::Going { first_ended, .. }, .. }) = self.calls.get_mut(&call) {
            *first_ended = true;
        }
        self.return_call(call);
    }

    /// Takes in what came back for a call; a second outcome is of no interest.
    pub(super) fn call_has_outcome(&mut self, call: CallId, new: Outcome) {
        if let Some(Call { progress: Progress::Going { outcome, .. }, .. }) = self.calls.get_mut(&call) {
            outcome.get_or_insert(new);
        }
        self.return_call(call);
    }

    /// Fails a call that has not returned, or never began.
    pub(super) fn fail_call(&mut self, call: CallId, error: SessionError) {
        self.remove_call(call);
        self.events.push_back(InitiatorEvent::CallFailed { call, error });
    }

    /// Ends all calls with the session. A one-way message that has been sent is out of the hands of its caller, whose
    /// call returns as if nothing had happened; the session tells what did.
    pub(super) fn end_calls(&mut self, error: &SessionError) {
        let sent_is_enough = self.config.pattern == Pattern::OneWay;
        for (call, state) in std::mem::take(&mut self.calls) {
            let is_sent = matches!(state.progress, Progress::Going { .. });
            self.events.push_back(if sent_is_enough && is_sent {
                InitiatorEvent::Sent { call }
            } else {
                InitiatorEvent::CallFailed { call, error: error.clone() }
            });
        }
        self.next_call_deadline = None;
    }

    /// Ends the calls whose time is up.
    pub(super) fn expire_calls(&mut self, now: Timestamp) {
        if self.next_call_deadline.is_none_or(|at| now < at) {
            return;
        }
        let expired: Vec<CallId> =
            self.calls.iter().filter(|(_, call)| call.deadline <= now).map(|(&id, _)| id).collect();
        for call in expired {
            self.expire_call(now, call);
        }
        self.next_call_deadline = self.calls.values().map(|call| call.deadline).min();
    }

    fn expire_call(&mut self, now: Timestamp, call: CallId) {
        let send = self.config.timeouts.send;
        let is_request = self.config.pattern == Pattern::RequestReply;
        match self.calls.get(&call).map(|call| &call.progress) {
            None => {}
            Some(Progress::Waiting) => {
                self.waiting.retain(|message| message.call != Some(call));
                let text = if is_request { timeout::request(send) } else { timeout::window(send) };
                self.fail_call(call, SessionError::Timeout(text));
            }
            Some(Progress::Going { .. }) if is_request => {
                self.remove_call(call);
                let error = SessionError::Timeout(timeout::reply(send));
                let fault = self
                    .offer
                    .as_ref()
                    .map(|offer| LocalFault::receiver_terminated(offer, fault::REPLY_GIVEN_UP));
                self.end(now, &error, &SessionError::Faulted, fault);
                self.events.push_back(InitiatorEvent::CallFailed { call, error });
            }
            Some(Progress::Going { .. }) => {
                self.remove_call(call);
                self.events.push_back(InitiatorEvent::Sent { call });
            }
        }
    }

    /// Returns a call to which nothing more can happen.
    fn return_call(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Progress::Going { first_ended: true, outcome } = &mut call.progress else { return };
        let two_way = call.two_way;
        let event = match (self.config.pattern, outcome.take()) {
            (Pattern::OneWay, _) => InitiatorEvent::Sent { call: id },
            (Pattern::RequestReply, None) => return,
            (_, Some(Outcome::Reply(reply))) if two_way => {
                InitiatorEvent::Replied { call: id, reply: *reply }
            }
            (_, Some(Outcome::Nothing)) if !two_way => InitiatorEvent::Sent { call: id },
            (_, Some(Outcome::Nothing)) => {
                let error = SessionError::Communication(exception::NO_MEANINGFUL_REPLY.to_owned());
                InitiatorEvent::CallFailed { call: id, error }
            }
            (_, Some(Outcome::Reply(reply))) => {
                let error = SessionError::Protocol(exception::reply_to_one_way(&reply.action));
                InitiatorEvent::CallFailed { call: id, error }
            }
        };
        self.remove_call(id);
        self.events.push_back(event);
    }

    fn remove_call(&mut self, call: CallId) {
        self.calls.remove(&call);
        if self.calls.is_empty() {
            self.next_call_deadline = None;
        }
    }
}
