//! Which response answers which request, in the log of one side.
//!
//! The log does not say. What a response relates to, what it acknowledges, the activity and the thread tell; between
//! requests that are told apart by none of these, the order does. `tests/captures.rs` measures it on real sessions.

use std::collections::{HashMap, HashSet, VecDeque};

use super::record::{Half, Record};
use crate::capture::facts::{Facts, Part};

/// A request with its response, one of which may be missing.
pub(super) type Pair = (Option<Record>, Option<Record>);

/// Requests that wait for an answer; the oldest is given up beyond this.
const MAX_WAITING: usize = 512;

/// What the whole log says about relations.
struct Relations {
    /// The messages that were asked.
    asked: HashSet<String>,
    /// How many answers to each message are still to come.
    to_come: HashMap<String, usize>,
}

/// Pairs the records of one side, which are in their order.
pub(super) fn pair(records: Vec<Record>) -> Vec<Pair> {
    let mut relations = Relations::of(&records);
    let mut pairs = Vec::new();
    let mut waiting: VecDeque<Waiting> = VecDeque::new();
    for record in records {
        if record.half == Half::Request {
            waiting.push_back(Waiting { request: record, is_stale: false });
            if waiting.len() > MAX_WAITING {
                pairs.extend(waiting.pop_front().map(|oldest| (Some(oldest.request), None)));
            }
            continue;
        }
        let request = relations.choose(&waiting, &record).and_then(|place| waiting.remove(place));
        let request = request.map(|waiting| waiting.request);
        if let Some(request) = &request {
            for other in waiting.iter_mut().filter(|other| is_same_message(&other.request, request)) {
                other.is_stale = true;
            }
        }
        relations.came(&record);
        pairs.push((request, Some(record)));
    }
    pairs.extend(waiting.into_iter().map(|waiting| (Some(waiting.request), None)));
    pairs
}

/// A request that waits for an answer.
struct Waiting {
    request: Record,
    /// Another sending of the same message has got one, so that this one was probably lost.
    is_stale: bool,
}

/// Whether two requests are sendings of one message.
fn is_same_message(one: &Record, other: &Record) -> bool {
    match (&one.facts.sequence, &one.facts.message_id) {
        (Some(_), _) => one.facts.sequence == other.facts.sequence,
        (None, Some(_)) => one.facts.message_id == other.facts.message_id,
        (None, None) => one.facts.print == other.facts.print,
    }
}

impl Relations {
    fn of(records: &[Record]) -> Self {
        let mut relations = Self { asked: HashSet::new(), to_come: HashMap::new() };
        for record in records {
            match (record.half, &record.facts.message_id, &record.facts.relates_to) {
                (Half::Request, Some(id), _) => {
                    relations.asked.insert(id.clone());
                }
                (Half::Response, _, Some(id)) => *relations.to_come.entry(id.clone()).or_default() += 1,
                _ => {}
            }
        }
        relations
    }

    fn came(&mut self, response: &Record) {
        let related = response.facts.relates_to.as_ref().and_then(|id| self.to_come.get_mut(id));
        if let Some(count) = related {
            *count = count.saturating_sub(1);
        }
    }

    /// The request that a response most likely answers: the best by its marks; of several messages, the first. Of
    /// several sendings of one message it is the last, since it is sent again when no answer comes; unless as many
    /// answers are to come as there are sendings.
    fn choose(&self, waiting: &VecDeque<Waiting>, response: &Record) -> Option<usize> {
        let marks: Vec<_> = waiting.iter().map(|waiting| self.mark(waiting, response)).collect();
        let best = marks.iter().flatten().max()?;
        let is_best = |place: &usize| marks.get(*place).is_some_and(|mark| mark.as_ref() == Some(best));
        let places: Vec<_> = (0..waiting.len()).filter(is_best).collect();
        let first = *places.first()?;
        let message = &waiting.get(first)?.request;
        let is_sending = |place: &&usize| {
            waiting.get(**place).is_some_and(|other| is_same_message(message, &other.request))
        };
        let sendings: Vec<_> =
            waiting.iter().filter(|other| is_same_message(message, &other.request)).collect();
        let to_come = message.facts.message_id.as_ref().and_then(|id| self.to_come.get(id)).copied();
        if to_come.unwrap_or_default() >= sendings.len() {
            return Some(first);
        }
        places.iter().rev().find(is_sending).copied()
    }

    /// How well a response fits a request; `None` where it cannot be its answer.
    fn mark(&self, Waiting { request, is_stale }: &Waiting, response: &Record) -> Option<u32> {
        let (asked, answer) = (&request.facts, &response.facts);
        if request.process != response.process {
            return None;
        }
        let fit = fit(asked.part, answer.part);
        let mut mark = fit * 100;
        match (&asked.message_id, &answer.relates_to) {
            (Some(id), Some(relation)) if id == relation => mark += 1000,
            // The relation is wrong, or it says that nothing is meant. Not so where either has another counterpart.
            (id, Some(relation)) => {
                let is_answered = id.as_ref().is_some_and(|id| self.to_come.contains_key(id));
                if is_answered || self.asked.contains(relation) || fit < 2 {
                    return None;
                }
            }
            (_, None) => mark += 2,
        }
        if request.activity.is_some() && request.activity == response.activity {
            mark += 400;
        }
        if asked.identifiers.iter().any(|id| answer.identifiers.contains(id)) {
            mark += 50;
        }
        mark += u32::from(is_acknowledged(asked, answer)) * 10;
        mark += u32::from(!is_stale) * 20;
        mark += u32::from(!request.thread.is_empty() && request.thread == response.thread);
        Some(mark)
    }
}

/// How well the parts of a session fit each other as question and answer.
fn fit(asked: Part, answer: Part) -> u32 {
    use Part::{
        AckRequested, Acknowledgement, Close, CloseResponse, CreateSequence, CreateSequenceResponse, Fault,
        Last, Other, Terminate, TerminateResponse,
    };
    match (asked, answer) {
        (CreateSequence, CreateSequenceResponse)
        | (Close, CloseResponse)
        | (Terminate, TerminateResponse | Terminate)
        | (Last, Last)
        | (AckRequested, Acknowledgement) => 3,
        (_, CreateSequenceResponse | CloseResponse | TerminateResponse | Terminate | Last) => 0,
        (_, Fault) | (Other | Last, Acknowledgement) | (Other, Other) => 2,
        _ => 1,
    }
}

/// Whether the answer acknowledges the request, or says nothing of its sequence.
fn is_acknowledged(asked: &Facts, answer: &Facts) -> bool {
    let Some((sequence, number)) = &asked.sequence else { return true };
    let Some((_, ranges)) = answer.acknowledged.iter().find(|(id, _)| id == sequence) else { return true };
    ranges.iter().any(|(lower, upper)| (lower..=upper).contains(&number))
}
