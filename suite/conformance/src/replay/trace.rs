//! What our side said and got in a replay, as a ladder.

use std::time::Duration;

use wsrm_protocol::Timestamp;

use super::compare::Ours;
use super::mapping::Mapping;
use crate::ladder::{Course, Direction, Ladder, Rung, RungKind};
use crate::recording::{Exchange, HttpMessage, Recording};
use crate::summary::{SequenceNames, Summary, Tone};

/// Collects the rungs of a replay's ladder.
#[derive(Debug)]
pub(super) struct Trace {
    ladder: Ladder,
    names: SequenceNames,
}

/// Rungs that are kept; a replay that says more than this is cut, not stopped.
const MAX_RUNGS: usize = 20_000;

impl Trace {
    pub(super) fn new(recording: &Recording) -> Self {
        let mut names = SequenceNames::default();
        for exchange in recording.exchanges() {
            names.learn(&exchange.request, exchange.response.as_ref());
        }
        let scenario = recording.scenario();
        let ladder = Ladder {
            title: recording.name().to_owned(),
            client: scenario.client.clone(),
            service: scenario.service.clone(),
            rungs: Vec::new(),
            legend: Vec::new(),
        };
        Self { ladder, names }
    }

    /// Names who stands on the right.
    pub(super) fn service(&mut self, name: &str) {
        name.clone_into(&mut self.ladder.service);
    }

    /// Names who stands on the left.
    pub(super) fn client(&mut self, name: &str) {
        name.clone_into(&mut self.ladder.client);
    }

    pub(super) fn message(
        &mut self,
        at: Timestamp,
        exchange: &str,
        message: &HttpMessage,
        direction: Direction,
        course: Course,
    ) {
        let Summary { text, tone } = Summary::of(message, &mut self.names);
        self.push(Rung {
            time: Some(at.since_origin()),
            exchange: exchange.to_owned(),
            message: None,
            mark: String::new(),
            kind: RungKind::Message(direction, course),
            text,
            tone,
        });
    }

    /// A message of ours; nothing where it cannot be shown as HTTP.
    pub(super) fn ours(
        &mut self,
        at: Timestamp,
        exchange: &str,
        ours: &Ours,
        mapping: &Mapping,
        direction: Direction,
        course: Course,
    ) {
        let start = match direction {
            Direction::ToService => format!("{} HTTP/1.1", ours.start),
            Direction::ToClient => format!("HTTP/1.1 {}", ours.start),
        };
        let shown = Ours { start, ..ours.clone() };
        if let Ok(message) = HttpMessage::parse(&shown.to_http(mapping)) {
            self.message(at, exchange, &message, direction, course);
        }
    }

    pub(super) fn closed(&mut self, at: Timestamp, exchange: &str) {
        self.push(Rung {
            time: Some(at.since_origin()),
            exchange: exchange.to_owned(),
            message: None,
            mark: String::new(),
            kind: RungKind::Closed,
            text: "connection closed without an answer".to_owned(),
            tone: Tone::Plain,
        });
    }

    pub(super) fn note(&mut self, at: Timestamp, text: String) {
        self.push(Rung {
            time: Some(at.since_origin()),
            exchange: String::new(),
            message: None,
            mark: String::new(),
            kind: RungKind::Note,
            text,
            tone: Tone::Plain,
        });
    }

    /// The name of a recorded message, in a line.
    pub(super) fn summary(&self, message: Option<&HttpMessage>) -> String {
        match message {
            Some(message) => Summary::of(message, &mut self.names.clone()).text,
            None => "no answer".to_owned(),
        }
    }

    /// The ladder, its times counted from the first rung.
    pub(super) fn into_ladder(mut self) -> Ladder {
        let first = self.ladder.rungs.iter().filter_map(|rung| rung.time).min().unwrap_or(Duration::ZERO);
        for rung in &mut self.ladder.rungs {
            rung.time = rung.time.map(|time| time.saturating_sub(first));
        }
        self.ladder.legend = self.names.legend().to_vec();
        self.ladder
    }

    fn push(&mut self, rung: Rung) {
        if self.ladder.rungs.len() < MAX_RUNGS {
            self.ladder.rungs.push(rung);
        }
    }
}

/// The number of an exchange, with its copy where there is one.
pub(super) fn label(exchange: &Exchange, copy: u32) -> String {
    match copy {
        0 => exchange.number.to_string(),
        copy => format!("{}.{copy}", exchange.number),
    }
}
