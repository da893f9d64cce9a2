//! The course of the messages: which were sent, in which order, and when.

use std::sync::Arc;

use super::draft::Draft;
use super::subject::Subject;
use crate::trace::{Delivery, Half, HttpMessage, MessageName, Observation, Seen, Sent};

/// What was seen, to be put in another order.
#[derive(Debug)]
pub(super) struct Course<'s> {
    pub(super) subject: &'s Subject,
    /// The place of the message that the edit is about, before it.
    pub(super) place: usize,
    observations: Vec<Arc<Observation>>,
}

impl<'s> Course<'s> {
    pub(super) fn new(subject: &'s Subject, place: usize) -> Option<Self> {
        // What the other side answers to must be as the rules want it.
        subject.observation(place).filter(|_| subject.is_between_wcf())?;
        Some(Self { subject, place, observations: subject.observations().to_vec() })
    }

    pub(super) fn into_observations(self) -> Vec<Arc<Observation>> {
        self.observations
    }

    /// The message that the edit is about.
    pub(super) fn this(&self) -> Option<&'s Observation> {
        self.subject.observation(self.place)
    }

    /// Whether an exchange can be moved: both its messages came, once each, and nothing else was under way meanwhile.
    pub(super) fn is_alone(&self, exchange: &str) -> bool {
        let of_it = |other: &Arc<Observation>| &*other.exchange == exchange;
        let Some(start) = self.observations.iter().position(of_it) else { return false };
        let pair = self.observations.get(start..start + 2).unwrap_or_default();
        let is_under_way = self.open_before(start);
        pair.len() == 2
            && pair.iter().all(|one| of_it(one) && one.is_delivered() && one.half != Half::Copy)
            && !is_under_way
    }

    /// Whether an exchange that began before this place ends behind it.
    fn open_before(&self, place: usize) -> bool {
        let (before, after) = self.observations.split_at(place);
        after.iter().any(|late| before.iter().any(|early| early.exchange == late.exchange))
    }

    /// The other exchanges behind this one, by their requests, in order.
    pub(super) fn later(&self) -> impl Iterator<Item = &'s Observation> {
        let subject = self.subject;
        let from = self.place + 1;
        let rest = subject.observations().get(from..).unwrap_or_default();
        rest.iter().map(AsRef::as_ref).filter(|one| one.half == Half::Request)
    }

    /// Takes an exchange out.
    pub(super) fn remove(&mut self, exchange: &str) {
        self.observations.retain(|one| &*one.exchange != exchange);
    }

    /// Sends this message behind an exchange, and lets nothing come back for it.
    pub(super) fn send_behind(&mut self, message: Draft<'_>, exchange: &str) -> Option<Observation> {
        let place = self.observations.iter().rposition(|one| &*one.exchange == exchange)?;
        let at = self.observations.get(place)?.at;
        let name = again(&self.this()?.exchange);
        let http = HttpMessage { body: message.body.into_bytes(), ..message.http };
        let sent = Sent { at, delivery: Delivery::Delivered, http };
        let more = Observation::request(&name, self.this()?.sender, sent);
        let nothing = Observation::no_answer(&name, more.sender, at);
        self.observations.splice(place + 1..=place, [Arc::new(more.clone()), Arc::new(nothing)]);
        Some(more)
    }

    /// Sends the request of an exchange once more under another name, at the same moment and without an answer.
    pub(super) fn repeat_at_once(&mut self, exchange: &str) -> Option<Observation> {
        let place = self.observations.iter().position(|one| &*one.exchange == exchange)?;
        let first = self.observations.get(place)?;
        let name = again(exchange);
        let again = Observation::request(&name, first.sender, sent(first, first.at?)?);
        let nothing = Observation::no_answer(&name, first.sender, first.at);
        self.observations.splice(place + 1..=place, [Arc::new(again.clone()), Arc::new(nothing)]);
        Some(again)
    }

    /// Sends the request of an exchange once more under another name, so many milliseconds behind its answer, which comes
    /// again as well. All that is later comes so much later.
    pub(super) fn repeat_behind(&mut self, exchange: &str, pause: u64) -> Option<Observation> {
        let place = self.observations.iter().rposition(|one| &*one.exchange == exchange)?;
        let first = self.observations.iter().find(|one| &*one.exchange == exchange)?;
        let answer = self.observations.get(place)?;
        let (name, at) = (again(exchange), answer.at? + pause);
        let again = Observation::request(&name, first.sender, sent(first, at)?);
        let back = Observation::response(&name, first.sender, sent(answer, at)?);
        for one in self.observations.iter_mut().skip(place + 1) {
            *one = Arc::new(Observation { at: one.at.map(|at| at + pause), ..Observation::clone(one) });
        }
        self.observations.splice(place + 1..=place, [Arc::new(again.clone()), Arc::new(back)]);
        Some(again)
    }

    /// Lets two messages change their places, each with its HTTP.
    pub(super) fn swap(&mut self, one: &MessageName, other: &MessageName) -> Option<()> {
        let of = |name: &MessageName| self.observations.iter().position(|found| found.name == *name);
        let (first, second) = (of(one)?, of(other)?);
        let with = |place: usize, from: usize| {
            let (to, from) = (self.observations.get(place)?, self.observations.get(from)?);
            let Seen::Message { delivery, .. } = to.seen else { return None };
            Some(Arc::new(to.with_message(from.http()?.clone(), delivery)))
        };
        let (new_first, new_second) = (with(first, second)?, with(second, first)?);
        *self.observations.get_mut(first)? = new_first;
        *self.observations.get_mut(second)? = new_second;
        Some(())
    }

    /// Lets an exchange be at another moment.
    pub(super) fn set_time(&mut self, exchange: &str, at: u64) {
        for one in self.observations.iter_mut().filter(|one| &*one.exchange == exchange) {
            *one = Arc::new(Observation { at: Some(at), ..Observation::clone(one) });
        }
    }

    /// Lets the request of an exchange be lost, though its answer stays.
    pub(super) fn lose_request(&mut self, exchange: &str) -> Option<()> {
        let is_it = |one: &&mut Arc<Observation>| &*one.exchange == exchange && one.half == Half::Request;
        let request = self.observations.iter_mut().find(is_it)?;
        let lost = request.with_message(request.http()?.clone(), Delivery::Lost);
        *request = Arc::new(lost);
        Some(())
    }
}

fn again(exchange: &str) -> String {
    format!("{exchange}-again")
}

fn sent(observation: &Observation, at: u64) -> Option<Sent> {
    let Seen::Message { delivery, http, .. } = &observation.seen else { return None };
    Some(Sent { at: Some(at), delivery: *delivery, http: http.clone() })
}
