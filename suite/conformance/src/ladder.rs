//! A recording as a ladder diagram: two lifelines, time downwards, an arrow for every message.

mod render;

use std::time::Duration;

pub(crate) use render::wrap;

use crate::recording::{Exchange, HttpMessage, Recording, Sender, Silence, Which};
use crate::summary::{SequenceNames, Summary, Tone};

/// A ladder diagram, ready to be drawn.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ladder {
    /// What stands above.
    pub title: String,
    /// The program on the left, and what is known of its binding.
    pub client: String,
    /// The program on the right.
    pub service: String,
    /// From top to bottom.
    pub rungs: Vec<Rung>,
    /// Short names of sequences and what they stand for.
    pub legend: Vec<(String, String)>,
}

/// One line of the diagram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// When, where times are known.
    pub time: Option<Duration>,
    /// The exchange that it belongs to, such as `3`.
    pub exchange: String,
    /// What the file of the message is called, without extension, where it is one of a recording.
    pub message: Option<String>,
    /// What stands behind it, for a reader's eye.
    pub mark: String,
    /// What happens.
    pub kind: RungKind,
    /// What is said.
    pub text: String,
    /// For colours.
    pub tone: Tone,
}

/// What happens on a rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RungKind {
    /// A message that leaves one side and reaches the other at once.
    Message(Direction, Course),
    /// The connection ends without an answer.
    Closed,
    /// Something that is no message.
    Note,
}

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the service.
    ToService,
    /// From the service to the client.
    ToClient,
}

/// How far a message comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// It arrives.
    Arrives,
    /// It is lost on the way.
    Lost,
    /// It leaves, and is held back on the way.
    Leaves,
    /// It arrives after it was held back.
    ArrivesLate,
}

impl Direction {
    const fn back(self) -> Self {
        match self {
            Self::ToService => Self::ToClient,
            Self::ToClient => Self::ToService,
        }
    }
}

impl Ladder {
    /// The diagram of a recording. Times count from its first message.
    pub fn of(recording: &Recording) -> Self {
        let mut names = SequenceNames::default();
        for exchange in recording.exchanges() {
            let answers = exchange.copies.iter().filter_map(|copy| copy.response.as_ref());
            for response in answers.chain(exchange.response.as_ref()) {
                names.learn(&exchange.request, Some(response));
            }
            names.learn(&exchange.request, None);
        }
        let mut rungs = Vec::new();
        for exchange in recording.exchanges() {
            Rungs { recording, exchange, names: &mut names, rungs: &mut rungs }.add();
        }
        let scenario = recording.scenario();
        rungs.extend(scenario.timeline.iter().filter_map(|entry| {
            let text = entry.event.clone()?;
            Some(Rung {
                time: entry.sent,
                exchange: String::new(),
                message: None,
                mark: String::new(),
                kind: RungKind::Note,
                text,
                tone: Tone::Plain,
            })
        }));
        order(&mut rungs);
        let title = match scenario.description.as_str() {
            "" => recording.name().to_owned(),
            description if description.starts_with(recording.name()) => description.to_owned(),
            description => format!("{}: {description}", recording.name()),
        };
        Self {
            title,
            client: scenario.client.clone(),
            service: scenario.service.clone(),
            rungs,
            legend: names.legend().to_vec(),
        }
    }
}

impl Ladder {
    /// Writes a mark behind a message, by the name of its file. A message that is held back and comes later has one mark,
    /// where it leaves.
    pub fn mark(&mut self, message: &str, mark: &str) {
        let found = self.rungs.iter_mut().find(|rung| rung.message.as_deref() == Some(message));
        if let Some(rung) = found {
            let separator = if rung.mark.is_empty() { "" } else { " " };
            rung.mark.push_str(separator);
            rung.mark.push_str(mark);
        }
    }
}

/// Sorts by time, where all times are known, and counts them from the first.
fn order(rungs: &mut [Rung]) {
    let Some(first) = rungs.iter().filter_map(|rung| rung.time).min() else { return };
    let mut last = Duration::ZERO;
    for rung in rungs.iter_mut() {
        if let Some(time) = &mut rung.time {
            *time -= first;
        }
    }
    // A rung without a time stays with the one before it.
    let mut keyed = Vec::with_capacity(rungs.len());
    for rung in rungs.iter() {
        last = rung.time.unwrap_or(last);
        keyed.push((last, rung.clone()));
    }
    keyed.sort_by_key(|(time, _)| *time);
    for (place, (_, rung)) in rungs.iter_mut().zip(keyed) {
        *place = rung;
    }
}

/// Makes the rungs of one exchange.
struct Rungs<'a> {
    recording: &'a Recording,
    exchange: &'a Exchange,
    names: &'a mut SequenceNames,
    rungs: &'a mut Vec<Rung>,
}

impl Rungs<'_> {
    fn add(mut self) {
        let exchange = self.exchange;
        let there = match exchange.timing.sender {
            Sender::Client => Direction::ToService,
            Sender::Service => Direction::ToClient,
        };
        self.request(there);
        for copy in &exchange.copies {
            let request = copy.request.as_ref().unwrap_or(&exchange.request);
            let arrives = exchange.request_arrives();
            self.message(arrives, Which::RequestCopy(copy.copy), request, there, Course::Arrives, " (again)");
            if let Some(response) = &copy.response {
                // Nobody wrote down when: the answer to the copy came before the one that was passed on.
                self.message(
                    arrives,
                    Which::ResponseCopy(copy.copy),
                    response,
                    there.back(),
                    Course::Lost,
                    " (nobody waits for it)",
                );
            }
        }
        match &exchange.response {
            Some(response) => self.response(response, there.back()),
            None => self.closed(),
        }
    }

    fn request(&mut self, there: Direction) {
        let exchange = self.exchange;
        let sent = exchange.timing.sent;
        let label = exchange.timing.label.as_ref().map(|label| format!("  ‹{label}›")).unwrap_or_default();
        let held = exchange.timing.proxy.delay_before;
        if let Some(altered) = &exchange.request_altered {
            self.message(sent, Which::Request, &exchange.request, there, Course::Lost, &label);
            self.message(
                exchange.request_arrives(),
                Which::RequestAltered,
                altered,
                there,
                Course::Arrives,
                " (altered)",
            );
        } else if !exchange.request_delivered {
            self.message(sent, Which::Request, &exchange.request, there, Course::Lost, &label);
        } else if held.is_zero() {
            self.message(sent, Which::Request, &exchange.request, there, Course::Arrives, &label);
        } else {
            let note = format!("{label} (held {} s)", held.as_secs_f64());
            self.message(sent, Which::Request, &exchange.request, there, Course::Leaves, &note);
            self.message(
                exchange.request_arrives(),
                Which::Request,
                &exchange.request,
                there,
                Course::ArrivesLate,
                "",
            );
        }
    }

    fn response(&mut self, response: &HttpMessage, back: Direction) {
        let exchange = self.exchange;
        let answered = exchange.timing.answered;
        let held = exchange.timing.proxy.delay_after;
        if let Some(altered) = &exchange.response_altered {
            self.message(answered, Which::Response, response, back, Course::Lost, "");
            self.message(
                exchange.response_arrives(),
                Which::ResponseAltered,
                altered,
                back,
                Course::Arrives,
                " (altered)",
            );
        } else if !exchange.response_delivered {
            self.message(answered, Which::Response, response, back, Course::Lost, "");
        } else if held.is_zero() {
            self.message(answered, Which::Response, response, back, Course::Arrives, "");
        } else {
            let note = format!(" (held {} s)", held.as_secs_f64());
            self.message(answered, Which::Response, response, back, Course::Leaves, &note);
            self.message(
                exchange.response_arrives(),
                Which::Response,
                response,
                back,
                Course::ArrivesLate,
                "",
            );
        }
    }

    fn closed(&mut self) {
        let timing = &self.exchange.timing;
        let hang = timing.proxy.hang;
        let time = timing.answered.or_else(|| Some(timing.sent? + hang));
        let text = match &self.exchange.silence {
            Silence::Closed if hang.is_zero() => "connection closed without an answer".to_owned(),
            Silence::Closed => format!("connection closed after {} s without an answer", hang.as_secs_f64()),
            Silence::Failed(what) => format!("no answer: {what}"),
            // A request that is known to be lost has no answer to look for.
            Silence::Unknown if !self.exchange.request_delivered => return,
            Silence::Unknown => "no answer in the log".to_owned(),
            Silence::OneWay => return,
        };
        let exchange = self.exchange.number.to_string();
        self.rungs.push(Rung {
            time,
            exchange,
            message: Some(self.recording.file_name(self.exchange.number, Which::Response)),
            mark: String::new(),
            kind: RungKind::Closed,
            text,
            tone: Tone::Plain,
        });
    }

    fn message(
        &mut self,
        time: Option<Duration>,
        which: Which,
        message: &HttpMessage,
        direction: Direction,
        course: Course,
        note: &str,
    ) {
        let Summary { text, tone } = Summary::of(message, self.names);
        let number = self.exchange.number;
        let exchange = match which {
            Which::RequestCopy(copy) | Which::ResponseCopy(copy) => format!("{number}.{copy}"),
            _ => number.to_string(),
        };
        self.rungs.push(Rung {
            time,
            exchange,
            message: Some(self.recording.file_name(number, which)),
            mark: String::new(),
            kind: RungKind::Message(direction, course),
            text: format!("{text}{note}"),
            tone,
        });
    }
}
