//! What a judge sees of a recording.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use wsrm_oracle::{
    Delivery, Exchange as Seen, HttpMessage as SeenHttp, MessageName, Observation, Party, Sent,
    StartLine as SeenStart, Trace,
};

use wsrm_oracle::message::{Content, Message};
use wsrm_oracle::trace::{Half, Seen as What};

use super::evidence::{self, ALTERED};
use crate::recording::{Evidence, Exchange, HttpMessage, Recording, Sender, Silence, StartLine, Which};

/// The observations in their order; each is named as the file of its message.
pub(super) fn of(recording: &Recording) -> Vec<Observation> {
    let mut seen = Exchanges { recording, exchanges: Vec::new(), names: HashMap::new(), now: None };
    let mut gaps = (0..).zip(recording.gaps()).peekable();
    for (place, exchange) in recording.exchanges().iter().enumerate() {
        while let Some((index, _)) = gaps.next_if(|(_, gap)| **gap <= place) {
            seen.exchanges.push(missing(index));
        }
        seen.add(exchange);
    }
    let Exchanges { exchanges, names, .. } = seen;
    let mut observations = Trace::from_exchanges(exchanges).into_observations();
    let silent: HashSet<String> =
        recording.exchanges().iter().filter(|e| !tells_of_silence(e)).map(name_of).collect();
    let asked: HashSet<Arc<str>> =
        observations.iter().filter(|seen| asks(seen)).map(|seen| Arc::clone(&seen.exchange)).collect();
    observations.retain_mut(|observation| {
        let is_silence =
            matches!(observation.seen, What::NoAnswer) && silent.contains(&*observation.exchange);
        let is_answered = is_silence && asked.contains(&observation.exchange);
        if is_answered {
            let http = unread(SeenStart::Status(200));
            observation.seen = What::Message { delivery: Delivery::Delivered, http, content: Content::Other };
        }
        is_answered || !is_silence
    });
    for observation in &mut observations {
        if let Some(name) = names.get(observation.name.as_str()) {
            observation.name = MessageName::new(name);
        }
    }
    observations
}

/// The exchanges of a recording, as they are judged.
struct Exchanges<'r> {
    recording: &'r Recording,
    exchanges: Vec<Seen>,
    /// From the names that the judge gives to those of the files.
    names: HashMap<String, String>,
    /// When the exchange before was over.
    now: Option<Duration>,
}

impl Exchanges<'_> {
    fn add(&mut self, exchange: &Exchange) {
        let sender = match exchange.timing.sender {
            Sender::Client => Party::Initiator,
            Sender::Service => Party::Responder,
        };
        let mut name = name_of(exchange);
        // Without a time it comes behind what stands before it.
        let began = exchange.timing.sent.or(self.now);
        self.now = exchange.timing.answered.or(began);
        let mut request = sent(&exchange.request, began, exchange.request_delivered);
        self.name(&name, "request", exchange, Which::Request);
        if let Some(altered) = &exchange.request_altered {
            // What was sent is one exchange, which came to nobody; what came in its place is another.
            self.exchanges.push(Seen {
                name: name.clone(),
                sender,
                request,
                response: None,
                copies: Vec::new(),
            });
            name.push_str(ALTERED);
            request = sent(altered, exchange.request_arrives(), true);
            self.name(&name, "request", exchange, Which::RequestAltered);
        }
        self.name(&name, "response", exchange, Which::Response);
        // The client knows of it when it has come.
        let answered = exchange.response_arrives();
        let response = exchange.response.as_ref();
        let response = response.map(|response| sent(response, answered, exchange.response_delivered));
        let copies = self.copies(exchange, &name);
        self.exchanges.push(Seen { name, sender, request, response, copies });
    }

    /// The answers to further deliveries, which came to nobody, and what came in the place of the response.
    fn copies(&mut self, exchange: &Exchange, name: &str) -> Vec<Sent> {
        let answered = exchange.timing.answered;
        let mut copies = Vec::new();
        let answers = exchange.copies.iter().filter_map(|copy| {
            let response = copy.response.as_ref()?;
            Some((Which::ResponseCopy(copy.copy), sent(response, answered, false)))
        });
        let altered = exchange
            .response_altered
            .iter()
            .map(|altered| (Which::ResponseAltered, sent(altered, exchange.response_arrives(), true)));
        for (which, copy) in answers.chain(altered) {
            copies.push(copy);
            self.name(name, &format!("response.copy{}", copies.len()), exchange, which);
        }
        copies
    }

    fn name(&mut self, judged: &str, half: &str, exchange: &Exchange, which: Which) {
        let file = self.recording.file_name(exchange.number, which);
        for suffix in ["", ".dropped"] {
            self.names.insert(format!("{judged}-{half}{suffix}"), file.clone());
        }
    }
}

/// What the messages of an exchange are named by.
fn name_of(exchange: &Exchange) -> String {
    format!("{:02}", exchange.number)
}

/// Whether a missing response means that there was none.
const fn tells_of_silence(exchange: &Exchange) -> bool {
    match exchange.silence {
        Silence::Closed | Silence::Failed(_) => true,
        Silence::Unknown | Silence::OneWay => false,
    }
}

fn sent(message: &HttpMessage, at: Option<Duration>, is_delivered: bool) -> Sent {
    let start = match message.start() {
        StartLine::Request { method, target } => {
            SeenStart::Request { method: method.clone(), target: target.clone() }
        }
        StartLine::Response { status, .. } => SeenStart::Status(*status),
    };
    Sent {
        at: at.map(|at| u64::try_from(at.as_millis()).unwrap_or(u64::MAX)),
        delivery: if is_delivered { Delivery::Delivered } else { Delivery::Lost },
        http: http(start, message),
    }
}

/// Whether an answer is awaited that no log leaves out: one that holds a message.
fn asks(observation: &Observation) -> bool {
    let is_request = observation.half == Half::Request && observation.is_delivered();
    let awaits = |message: &Message| {
        message.message_id().is_some() || message.sequences.iter().any(|sequence| sequence.is_last)
    };
    is_request && observation.soap().is_some_and(awaits)
}

/// Stands for an exchange that is not in the log: of either side there may have been a message.
fn missing(index: usize) -> Seen {
    let post = SeenStart::Request { method: "POST".to_owned(), target: "/".to_owned() };
    let sent = |start| Sent { at: None, delivery: Delivery::Delivered, http: unread(start) };
    Seen {
        name: evidence::gap_name(index),
        sender: Party::Initiator,
        request: sent(post),
        response: Some(sent(SeenStart::Status(200))),
        copies: Vec::new(),
    }
}

/// A message in a form that nobody reads.
fn unread(start: SeenStart) -> SeenHttp {
    let media = ("Content-Type".to_owned(), "application/soap+msbin1".to_owned());
    SeenHttp { start, fields: vec![media], body: vec![0] }
}

/// A body that was not kept stands for one in a form that nobody reads: it may have said anything.
fn http(start: SeenStart, message: &HttpMessage) -> SeenHttp {
    if evidence::evidence(message) == Evidence::BodyMissing {
        return unread(start);
    }
    SeenHttp { start, fields: message.fields().to_vec(), body: message.body().to_vec() }
}
