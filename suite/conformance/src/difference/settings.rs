//! Settings of both sides, as far as the messages show them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;
use wsrm_oracle::message::{Content, Message};

use crate::recording::{Exchange, HttpMessage, Recording};

/// Times that differ by less than this, or by a smaller factor, are taken for the same.
const ALIKE: (f64, f64) = (0.1, 1.5);

/// A setting that can be seen in both sessions and is not the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// What it is.
    pub name: &'static str,
    /// What it is in the first, as far as its messages show it.
    pub a: String,
    /// What it is in the second.
    pub b: String,
}

/// What is seen of a setting.
#[derive(Debug, Clone, PartialEq)]
enum Value {
    Words(&'static str),
    Count(u64),
    Time(Duration),
}

/// The settings that both sessions show, and that are not the same.
pub(super) fn differing(a: &Recording, b: &Recording) -> Vec<Setting> {
    let (a, mut b) = (seen(a), seen(b));
    let both = a.into_iter().filter_map(|(name, a)| Some((name, a, b.remove(name)?)));
    let others = both.filter(|(_, a, b)| !a.is_like(b));
    others.map(|(name, a, b)| Setting { name, a: a.words(), b: b.words() }).collect()
}

impl Value {
    fn is_like(&self, other: &Self) -> bool {
        let (Self::Time(one), Self::Time(other)) = (self, other) else { return self == other };
        let (least, factor) = ALIKE;
        let (one, other) = (one.as_secs_f64(), other.as_secs_f64());
        (one - other).abs() < least || one.max(other) < one.min(other) * factor
    }

    fn words(&self) -> String {
        match self {
            Self::Words(words) => (*words).to_owned(),
            Self::Count(count) => count.to_string(),
            Self::Time(time) => format!("{:.3} s", time.as_secs_f64()),
        }
    }
}

/// An exchange, read.
struct Read<'r> {
    exchange: &'r Exchange,
    request: Option<Message>,
    response: Option<Message>,
}

fn seen(recording: &Recording) -> BTreeMap<&'static str, Value> {
    let soap = |message: &HttpMessage| Content::read(message.body(), None).soap().cloned();
    let exchanges = recording.exchanges().iter().map(|exchange| Read {
        exchange,
        request: soap(&exchange.request),
        response: exchange.response.as_ref().and_then(soap),
    });
    let exchanges: Vec<Read<'_>> = exchanges.collect();
    let found = [
        ("flow control", flow_control(&exchanges)),
        ("largest room of the service (BufferRemaining)", room(&exchanges).map(Value::Count)),
        ("most messages of the client under way", under_way(&exchanges).map(Value::Count)),
        ("first retransmission after", first_repetition(&exchanges).map(Value::Time)),
        ("acknowledged after, mostly", acknowledged_after(&exchanges).map(Value::Time)),
        ("order", order(&exchanges).map(Value::Words)),
    ];
    found.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// The numbers that an acknowledgement in the message speaks of.
fn is_acknowledged(message: &Message, identifier: &str, number: u64) -> bool {
    let own = message.acknowledgements.iter().filter(|ack| ack.identifier.as_deref() == Some(identifier));
    own.flat_map(|ack| &ack.ranges).any(|range| {
        range.lower.zip(range.upper).is_some_and(|(lower, upper)| (lower..=upper).contains(&number))
    })
}

/// The sequence and the number of a message.
fn numbered(message: &Message) -> Option<(&str, u64)> {
    let sequence = message.sequences.first()?;
    Some((sequence.identifier.as_deref()?, sequence.number?))
}

fn buffers<'r>(exchanges: &'r [Read<'_>]) -> impl Iterator<Item = u64> + 'r {
    let responses = exchanges.iter().filter_map(|read| read.response.as_ref());
    let acks = responses.flat_map(|response| &response.acknowledgements);
    acks.flat_map(|ack| &ack.buffers).filter_map(|buffer| buffer.parse().ok())
}

fn flow_control(exchanges: &[Read<'_>]) -> Option<Value> {
    let mut responses = exchanges.iter().filter_map(|read| read.response.as_ref());
    let is_acknowledged = responses.any(|response| !response.acknowledgements.is_empty());
    let is_on = buffers(exchanges).next().is_some();
    is_acknowledged.then_some(Value::Words(if is_on { "on" } else { "off" }))
}

fn room(exchanges: &[Read<'_>]) -> Option<u64> {
    buffers(exchanges).max()
}

/// The most messages that were sent and not acknowledged at one time.
fn under_way(exchanges: &[Read<'_>]) -> Option<u64> {
    let mut moments = Vec::new();
    for read in exchanges {
        moments.push((read.exchange.timing.sent?, 1, &read.request));
        moments.extend(read.exchange.timing.answered.map(|at| (at, 0, &read.response)));
    }
    moments.sort_by_key(|(at, order, _)| (*at, *order));
    let mut open: BTreeSet<(String, u64)> = BTreeSet::new();
    let mut most = 0;
    for (_, order, message) in moments {
        let Some(message) = message else { continue };
        if order == 0 {
            open.retain(|(identifier, number)| !is_acknowledged(message, identifier, *number));
        } else if let Some((identifier, number)) = numbered(message) {
            open.insert((identifier.to_owned(), number));
            most = most.max(open.len());
        }
    }
    u64::try_from(most).ok().filter(|most| *most > 0)
}

/// The shortest time between the first sending of a message and its second.
fn first_repetition(exchanges: &[Read<'_>]) -> Option<Duration> {
    let mut first: BTreeMap<(&str, u64), (Duration, bool)> = BTreeMap::new();
    let mut shortest: Option<Duration> = None;
    for read in exchanges {
        let Some((key, at)) = read.request.as_ref().and_then(numbered).zip(read.exchange.timing.sent) else {
            continue;
        };
        match first.get_mut(&key) {
            None => drop(first.insert(key, (at, false))),
            Some((before, repeated @ false)) => {
                *repeated = true;
                let after = at.saturating_sub(*before);
                shortest = Some(shortest.map_or(after, |shortest| shortest.min(after)));
            }
            Some(_) => {}
        }
    }
    shortest
}

/// How long it took in the middle case until a message that came was acknowledged.
fn acknowledged_after(exchanges: &[Read<'_>]) -> Option<Duration> {
    let mut times = Vec::new();
    let mut known = BTreeSet::new();
    for (place, read) in exchanges.iter().enumerate().filter(|(_, read)| read.exchange.request_delivered) {
        let Some((identifier, number)) = read.request.as_ref().and_then(numbered) else { continue };
        if !known.insert((identifier, number)) {
            continue;
        }
        let later = exchanges.iter().skip(place);
        let acknowledged = later.filter_map(|later| {
            let response = later.response.as_ref().filter(|_| later.exchange.response_delivered)?;
            is_acknowledged(response, identifier, number).then_some(later.exchange.timing.answered?)
        });
        let time = acknowledged.min().zip(read.exchange.request_arrives());
        times.extend(time.map(|(at, came)| at.saturating_sub(came)));
    }
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}

/// Whether a reply came to a message behind a gap, while the gap was there.
fn order(exchanges: &[Read<'_>]) -> Option<&'static str> {
    let mut come: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    let mut order = None;
    for read in exchanges.iter().filter(|read| read.exchange.request_delivered) {
        let Some((identifier, number)) = read.request.as_ref().and_then(numbered) else { continue };
        let come = come.entry(identifier).or_default();
        let is_behind_gap = (1..number).take(64).any(|before| !come.contains(&before));
        come.insert(number);
        if let Some(response) = read.response.as_ref().filter(|_| is_behind_gap) {
            let has_reply = response.is_application() && numbered(response).is_some();
            order = if has_reply { Some("unordered") } else { order.or(Some("ordered")) };
        }
    }
    order
}
