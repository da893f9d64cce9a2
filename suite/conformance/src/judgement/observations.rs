//! What a judge sees of a recording.

use std::collections::HashMap;
use std::time::Duration;

use wsrm_oracle::{
    Delivery, Exchange as Seen, Finding, HttpMessage as SeenHttp, MessageName, Observation, Party, Sent,
    StartLine as SeenStart, Trace,
};

use crate::recording::{Exchange, HttpMessage, Recording, Sender, StartLine, Which};

/// How the name of a message ends that nobody said but the recorder.
const ALTERED: &str = ".altered";

/// The observations in their order; each is named as the file of its message.
pub(super) fn of(recording: &Recording) -> Vec<Observation> {
    let mut seen = Exchanges { recording, exchanges: Vec::new(), names: HashMap::new() };
    for exchange in recording.exchanges() {
        seen.add(exchange);
    }
    let Exchanges { exchanges, names, .. } = seen;
    let mut observations = Trace::from_exchanges(exchanges).into_observations();
    for observation in &mut observations {
        if let Some(name) = names.get(observation.name.as_str()) {
            observation.name = MessageName::new(name);
        }
    }
    observations
}

/// Whether the message at fault is one that the recorder changed: neither side said that.
pub(super) fn is_of_recorder(finding: &Finding) -> bool {
    finding.messages.first().is_some_and(|name| name.as_str().ends_with(ALTERED))
}

/// The exchanges of a recording, as they are judged.
struct Exchanges<'r> {
    recording: &'r Recording,
    exchanges: Vec<Seen>,
    /// From the names that the judge gives to those of the files.
    names: HashMap<String, String>,
}

impl Exchanges<'_> {
    fn add(&mut self, exchange: &Exchange) {
        let sender = match exchange.timing.sender {
            Sender::Client => Party::Initiator,
            Sender::Service => Party::Responder,
        };
        let mut name = format!("{:02}", exchange.number);
        let mut request = sent(&exchange.request, exchange.timing.sent, exchange.request_delivered);
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
        let answered = exchange.timing.answered;
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
        http: SeenHttp { start, fields: message.fields().to_vec(), body: message.body().to_vec() },
    }
}
