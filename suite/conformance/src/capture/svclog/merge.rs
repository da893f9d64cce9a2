//! One exchange of what both sides wrote about it.

use std::collections::{HashMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::pairing::Pair;
use super::record::{Half, Record};
use crate::capture::{Captured, Way};
use crate::recording::{ExchangeCopy, HttpMessage, Silence};

/// Exchanges of the pairs that the callers' side and the served side logged; either may have logged nothing.
///
/// A message that one side sent is known to be lost where the other side logs at transport level, did not log it, and
/// logged later ones.
pub(super) fn both(called: Vec<Pair>, mut served: Vec<Pair>, served_at_transport: bool) -> Vec<Captured> {
    set_clock(&called, &mut served);
    let served_until = served.iter().flat_map(halves).map(Record::key).max();
    let called_until = called.iter().flat_map(halves).map(Record::key).max();
    let covers = |until: Option<(Option<Timestamp>, usize)>, record: &Record| until > Some(record.key());
    let mut twins = Twins::new(served);
    let matches: Vec<_> = assign(&called, &mut twins);
    let mut exchanges = Vec::new();
    let mut places = HashMap::new();
    for (pair, twin) in called.into_iter().zip(matches) {
        let is_lost =
            |request: &Record| twin.is_none() && served_at_transport && covers(served_until, request);
        let request_delivered = !pair.0.as_ref().is_some_and(is_lost);
        let told_by_service = twin.as_ref().is_some_and(|(_, response)| response.is_some());
        let response_lost = pair.1.is_none()
            && twin
                .as_ref()
                .and_then(|(_, response)| response.as_ref())
                .is_some_and(|r| covers(called_until, r));
        if let Some(request) = &pair.0 {
            places.entry(request.facts.print.clone()).or_insert(exchanges.len());
        }
        let mut exchange = exchange(pair, twin);
        exchange.request_delivered = request_delivered;
        exchange.response_delivered &= !(told_by_service && response_lost);
        exchanges.push(exchange);
    }
    for pair in twins.rest() {
        // A request that nobody logged to have sent again is a further delivery of one that was sent.
        let sent = pair.0.as_ref().and_then(|request| places.get(&request.facts.print));
        match sent.and_then(|place| exchanges.get_mut(*place)) {
            Some(first) if first.request_delivered => first.copies.push(copy(pair, first.copies.len())),
            _ => exchanges.push(exchange(pair, None)),
        }
    }
    exchanges
}

/// Sets the served side's clock by the callers', where the logs are from machines whose clocks differ: the requests that
/// each side logged as often as the other tell by how much.
fn set_clock(called: &[Pair], served: &mut [Pair]) {
    let times = |pairs: &[Pair]| {
        let mut times: HashMap<String, Vec<Timestamp>> = HashMap::new();
        for record in pairs.iter().filter_map(|pair| pair.0.as_ref()) {
            times.entry(record.facts.print.clone()).or_default().extend(record.time);
        }
        times
    };
    let came = times(served);
    let apart = times(called).into_iter().filter_map(|(print, sent)| {
        let came = came.get(&print).filter(|came| came.len() == sent.len())?;
        Some(came.iter().min()?.duration_since(*sent.iter().min()?))
    });
    // What was quickest on its way tells best; a delay of a second is none of the clock.
    let Some(apart) =
        apart.min_by_key(|apart| apart.abs()).filter(|apart| apart.abs() >= SignedDuration::from_secs(1))
    else {
        return;
    };
    for record in served.iter_mut().flat_map(|(request, response)| request.iter_mut().chain(response)) {
        record.time = record.time.and_then(|time| time.checked_sub(apart).ok());
    }
}

/// Messages that go by themselves. Where both sides logged one, it is one.
pub(super) fn datagrams(records: Vec<Record>) -> Vec<Captured> {
    let mut exchanges: Vec<Captured> = Vec::new();
    let mut unmatched: HashMap<(String, bool), VecDeque<usize>> = HashMap::new();
    for record in records {
        let sent = record.way == Way::Sent;
        let other = unmatched.get_mut(&(record.facts.print.clone(), !sent)).and_then(VecDeque::pop_front);
        if let Some(first) = other.and_then(|place| exchanges.get_mut(place)) {
            first.way = None;
            continue;
        }
        unmatched.entry((record.facts.print.clone(), sent)).or_default().push_back(exchanges.len());
        let mut exchange = Captured::new(None, None, Silence::OneWay);
        exchange.sent = record.time;
        exchange.way = Some(record.way);
        exchange.writer = record.program.as_deref().map(wrote);
        exchange.request = Some(as_request(record));
        exchanges.push(exchange);
    }
    exchanges
}

/// A message without answer is a request, whatever it says.
fn as_request(record: Record) -> HttpMessage {
    if record.half == Half::Request {
        return record.message;
    }
    let place = record.message.place().unwrap_or_default().to_owned();
    let start = crate::recording::StartLine::Request { method: "POST".to_owned(), target: "/".to_owned() };
    let message = record.message;
    HttpMessage::from_parts(start, message.fields().to_vec(), message.body().to_vec(), message.evidence())
        .at(place)
}

fn halves(pair: &Pair) -> impl Iterator<Item = &Record> {
    pair.0.iter().chain(&pair.1)
}

/// How many records of equal requests are held against one.
const MAX_TWINS: usize = 1024;

/// What the served side logged, by what the requests say.
struct Twins {
    pairs: Vec<Option<Pair>>,
    by_print: HashMap<String, Vec<usize>>,
}

impl Twins {
    fn new(pairs: Vec<Pair>) -> Self {
        let mut by_print: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, pair) in pairs.iter().enumerate() {
            if let Some(request) = &pair.0 {
                by_print.entry(request.facts.print.clone()).or_default().push(place);
            }
        }
        Self { pairs: pairs.into_iter().map(Some).collect(), by_print }
    }

    /// Takes, of the pairs for the same request that `fit`, the one that came closest in time.
    fn take(&mut self, request: &Record, fits: impl Fn(&Pair) -> bool) -> Option<Pair> {
        let places = self.by_print.get_mut(&request.facts.print)?;
        let of = |place: &usize| self.pairs.get(*place).and_then(Option::as_ref).filter(|pair| fits(pair));
        let apart = |pair: &Pair| {
            let came = pair.0.as_ref().and_then(|twin| twin.time);
            came.zip(request.time).map(|(came, sent)| came.duration_since(sent).unsigned_abs())
        };
        let fitting = places
            .iter()
            .take(MAX_TWINS)
            .enumerate()
            .filter_map(|(index, place)| Some((index, apart(of(place)?))));
        let (found, _) = fitting.min_by_key(|(_, apart)| *apart)?;
        let place = places.remove(found);
        self.pairs.get_mut(place)?.take()
    }

    fn rest(self) -> impl Iterator<Item = Pair> {
        self.pairs.into_iter().flatten()
    }
}

/// Finds for each exchange of the callers what the served side logged of it. Those whose responses are the same go
/// first; then those that came when the request was sent and not after it was sent again.
fn assign(called: &[Pair], twins: &mut Twins) -> Vec<Option<Pair>> {
    let mut found: Vec<Option<Pair>> = vec![None; called.len()];
    let print = |record: &Option<Record>| record.as_ref().map(|record| record.facts.print.clone());
    for (place, pair) in called.iter().enumerate() {
        let Some(request) = &pair.0 else { continue };
        if pair.1.is_some() {
            let answer = print(&pair.1);
            let twin = twins.take(request, |twin| print(&twin.1) == answer);
            if let Some(slot) = found.get_mut(place) {
                *slot = twin;
            }
        }
    }
    for (place, pair) in called.iter().enumerate() {
        let (Some(request), Some(slot)) = (&pair.0, found.get_mut(place)) else { continue };
        if slot.is_some() {
            continue;
        }
        let again = called.iter().skip(place + 1).filter_map(|pair| pair.0.as_ref());
        let again = again.take(256).find(|later| later.facts.print == request.facts.print);
        *slot = twins.take(request, |twin| {
            let came = twin.0.as_ref().and_then(|record| record.time);
            again.and_then(|again| again.time).is_none_or(|next| came.is_none_or(|came| came < next))
        });
    }
    found
}

/// The exchange that one side logged, or both. Of two records of a message the one with more header fields is taken.
fn exchange(pair: Pair, twin: Option<Pair>) -> Captured {
    let (twin_request, twin_response) = twin.unwrap_or_default();
    let both = pair.0.is_some() && twin_request.is_some();
    let sent = pair.0.as_ref().or(twin_request.as_ref());
    let (sent, way) = (sent.and_then(|record| record.time), sent.map(|record| record.way));
    let owner = pair.0.as_ref().or(pair.1.as_ref());
    let program =
        owner.and_then(|record| record.program.clone().map(|program| (program, record.is_callers())));
    let answered = pair.1.as_ref().or(twin_response.as_ref()).and_then(|record| record.time);
    let mut exchange = Captured::new(
        fuller(pair.0, twin_request).map(|record| record.message),
        fuller(pair.1, twin_response).map(|record| record.message),
        Silence::Unknown,
    );
    (exchange.sent, exchange.answered, exchange.way) = (sent, answered, way.filter(|_| !both));
    match program {
        Some((program, true)) => exchange.client = Some(wrote(&program)),
        Some((program, false)) => exchange.service = Some(wrote(&program)),
        None => {}
    }
    exchange
}

fn wrote(program: &str) -> String {
    format!("{program} (wrote the log)")
}

fn copy(pair: Pair, before: usize) -> ExchangeCopy {
    ExchangeCopy {
        copy: u32::try_from(before + 1).unwrap_or(u32::MAX),
        request: pair.0.map(|record| record.message),
        response: pair.1.map(|record| record.message),
    }
}

fn fuller(one: Option<Record>, other: Option<Record>) -> Option<Record> {
    match (one, other) {
        (Some(one), Some(other)) if other.message.fields().len() > one.message.fields().len() => Some(other),
        (one, other) => one.or(other),
    }
}

impl Record {
    /// Orders the records of a file.
    fn key(&self) -> (Option<Timestamp>, usize) {
        (self.time, self.number)
    }
}
