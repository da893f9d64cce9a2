//! A session of a capture as a recording.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use super::facts::{Facts, Part, is_anonymous};
use super::sessions::Group;
use super::{Captured, Way};
use crate::recording::{Exchange, HttpMessage, Recording, Scenario, Sender, Silence, TimelineEntry};
use crate::summary::{SequenceNames, Summary};

/// Of one session no more gaps are kept: it is as doubtful with these as it can be.
const MAX_GAPS: usize = 64;

/// Makes a recording of the exchanges of one session. `gaps` tells, in order, when something was not read.
pub(super) fn recording(
    file: &Path,
    description: String,
    group: Group,
    gaps: &[Option<Timestamp>],
) -> Recording {
    let origin = group.iter().filter_map(Captured::start).min();
    let since = |time: Option<Timestamp>| {
        let since = time?.duration_since(origin?);
        Some(Duration::try_from(since).unwrap_or_default())
    };
    let sides = Sides::of(&group);
    let client = group.iter().find_map(|exchange| exchange.client.clone());
    let service = group.iter().find_map(|exchange| exchange.service.clone());
    let writer = group.iter().find_map(|exchange| exchange.writer.clone());
    let writer = |side| writer.clone().filter(|_| sides.owner == side);
    let client = client.or_else(|| writer(Sender::Client));
    let service = service.or_else(|| writer(Sender::Service)).or_else(|| sides.service.clone());
    let mut names = SequenceNames::default();
    for (request, exchange) in
        group.iter().filter_map(|exchange| Some((exchange.request.as_ref()?, exchange)))
    {
        names.learn(request, exchange.response.as_ref());
    }
    let mut exchanges = Vec::new();
    let mut timeline = Vec::new();
    let mut missing = Vec::new();
    let asked: HashSet<String> =
        group.iter().flat_map(Captured::facts).filter_map(|facts| facts.message_id.clone()).collect();
    let mut gaps = gaps.iter().take(MAX_GAPS).peekable();
    for captured in group {
        while gaps.next_if(|gap| captured.start().is_none_or(|start| **gap < Some(start))).is_some() {
            missing.push(exchanges.len());
        }
        // By itself, an answer tells of its question.
        let relates_to = captured.request_facts().and_then(|facts| facts.relates_to.as_ref());
        if captured.silence == Silence::OneWay && relates_to.is_some_and(|id| !asked.contains(id)) {
            missing.push(exchanges.len());
        }
        let (sent, answered) = (since(captured.sent), since(captured.answered));
        let sender = captured.request_facts().map(|facts| sides.sender(facts, captured.way));
        let Some(request) = captured.request else {
            timeline.extend(captured.response.map(|response| stray(&response, answered, &mut names)));
            missing.push(exchanges.len());
            continue;
        };
        let number = u32::try_from(exchanges.len() + 1).unwrap_or(u32::MAX);
        let timing = TimelineEntry {
            number: Some(number),
            sent,
            answered,
            connection: captured.connection,
            sender: sender.unwrap_or_default(),
            ..TimelineEntry::default()
        };
        timeline.push(timing.clone());
        exchanges.push(Exchange {
            number,
            request,
            request_delivered: captured.request_delivered,
            request_altered: None,
            response: captured.response,
            response_delivered: captured.response_delivered,
            response_altered: None,
            silence: captured.silence,
            copies: captured.copies,
            timing,
        });
    }
    let scenario = Scenario {
        description,
        client: client.unwrap_or_default(),
        service: service.unwrap_or_default(),
        timeline,
        ..Scenario::default()
    };
    Recording::of_capture(file, scenario, exchanges, missing)
}

/// A response whose request is not in the capture, as an event.
fn stray(response: &HttpMessage, at: Option<Duration>, names: &mut SequenceNames) -> TimelineEntry {
    let place = response.place().unwrap_or("a response");
    let text = format!("{}, whose request is not in the log ({place})", Summary::of(response, names).text);
    TimelineEntry { sent: at, event: Some(text), ..TimelineEntry::default() }
}

/// Who is who, by what the messages say.
#[derive(Default)]
struct Sides {
    /// The sequences that the client sends on.
    requests: Vec<String>,
    /// The sequences that the service sends on.
    replies: Vec<String>,
    /// Where the client listens.
    callbacks: Vec<String>,
    /// Where the service listens.
    service: Option<String>,
    /// Which side wrote the log, where one did.
    owner: Sender,
}

impl Sides {
    fn of(group: &[Captured]) -> Self {
        let mut sides = Self::default();
        for facts in group.iter().flat_map(Captured::facts).cloned() {
            sides.requests.extend(facts.created);
            sides.replies.extend(facts.offered);
            sides.callbacks.extend(facts.callbacks);
            if sides.service.is_none() {
                sides.service = facts.to.filter(|to| to.contains("://") && !is_anonymous(to));
            }
        }
        let received_only = group.iter().filter_map(|exchange| exchange.way).all(|way| way == Way::Received);
        let supposed = if received_only { Sender::Service } else { Sender::Client };
        sides.owner = group.iter().find_map(|exchange| sides.owner(exchange)).unwrap_or(supposed);
        sides
    }

    /// Which side wrote the log, if this message tells.
    fn owner(&self, exchange: &Captured) -> Option<Sender> {
        let sender = self.known_sender(exchange.request_facts()?)?;
        Some(if exchange.way? == Way::Sent { sender } else { other(sender) })
    }

    /// Which side sends a request: by where it goes and the sequences that it names, else by whether the log's owner sent
    /// it.
    fn sender(&self, facts: &Facts, way: Option<Way>) -> Sender {
        match (self.known_sender(facts), way) {
            (Some(sender), _) => sender,
            (None, None) => Sender::Client,
            (None, Some(Way::Sent)) => self.owner,
            (None, Some(Way::Received)) => other(self.owner),
        }
    }

    fn known_sender(&self, facts: &Facts) -> Option<Sender> {
        let to = facts.to.as_deref().unwrap_or_default();
        if self.callbacks.iter().any(|callback| callback == to) || facts.created.is_some() {
            return Some(Sender::Service);
        }
        let side_of = |id: &String| {
            if self.requests.contains(id) {
                Some(Sender::Client)
            } else if self.replies.contains(id) {
                Some(Sender::Service)
            } else {
                None
            }
        };
        let on = facts.sequence.as_ref().and_then(|(id, _)| side_of(id));
        let about = facts.subject.as_ref().and_then(side_of).map(|side| {
            let answers = matches!(facts.part, Part::CloseResponse | Part::TerminateResponse);
            if answers { other(side) } else { side }
        });
        let acknowledges = || facts.acknowledged.iter().find_map(|(id, _)| side_of(id)).map(other);
        let opens = (facts.part == Part::CreateSequence).then_some(Sender::Client);
        on.or(about).or(opens).or_else(acknowledges)
    }
}

const fn other(sender: Sender) -> Sender {
    match sender {
        Sender::Client => Sender::Service,
        Sender::Service => Sender::Client,
    }
}
