//! What went over the wire, in order: exchanges, and the observations that they are made of.

use std::sync::Arc;

use wsrm_wire::SoapVersion;

use crate::catalogue::Role;
use crate::message::{Content, Message};

/// One of the two ends of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Party {
    /// The end that opens sessions: the client.
    Initiator,
    /// The end that sessions are opened to: the service.
    Responder,
}

/// Whether a message came to the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// It came.
    Delivered,
    /// It was lost on the way: its sender said it, and nobody heard it.
    Lost,
}

/// The first line of an HTTP message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartLine {
    /// Of a request.
    Request {
        /// The method, as `POST`.
        method: String,
        /// The target as written.
        target: String,
    },
    /// Of a response.
    Status(u16),
}

/// An HTTP message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpMessage {
    /// The first line.
    pub start: StartLine,
    /// The header fields in order, as written.
    pub fields: Vec<(String, String)>,
    /// The content, with transfer and content codings undone.
    pub body: Vec<u8>,
}

/// Which message of a trace it is, as the files of a recording are named: `03-response`, `02-request.copy1`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageName(Arc<str>);

/// One message as it was sent.
#[derive(Debug, Clone)]
pub struct Sent {
    /// When it was seen, in milliseconds from any moment that is the same for the whole trace.
    pub at: Option<u64>,
    /// Whether it came to the other end.
    pub delivery: Delivery,
    /// The message.
    pub http: HttpMessage,
}

/// A request and what came back for it.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// What its messages are named by: `03`.
    pub name: String,
    /// Who sent the request.
    pub sender: Party,
    /// The request.
    pub request: Sent,
    /// The response; `None` where the connection ended without one.
    pub response: Option<Sent>,
    /// The responses to further deliveries of the same request, made by what lies between the two ends.
    pub copies: Vec<Sent>,
}

/// What was seen.
#[derive(Debug, Clone)]
pub enum Seen {
    /// A message.
    Message {
        /// Whether it came to the other end.
        delivery: Delivery,
        /// Its HTTP facts.
        http: HttpMessage,
        /// What it says.
        content: Content,
    },
    /// The connection ended without an answer to the request.
    NoAnswer,
}

/// Which half of an exchange an observation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Half {
    /// The request.
    Request,
    /// The response, or that there was none.
    Response,
    /// The response to a further delivery of the request.
    Copy,
}

/// Something that was seen on the wire.
#[derive(Debug, Clone)]
pub struct Observation {
    /// Names the message.
    pub name: MessageName,
    /// Names the exchange that it is of.
    pub exchange: Arc<str>,
    /// Which half of the exchange.
    pub half: Half,
    /// Who sent it.
    pub sender: Party,
    /// When, in milliseconds from any moment that is the same for the whole trace.
    pub at: Option<u64>,
    /// What was seen.
    pub seen: Seen,
}

/// What the application above the initiator was asked to do, and what it was told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApplicationReport {
    /// How many messages it handed over.
    pub messages: u64,
    /// Whether it was told that all were delivered and the session ended, or of an error.
    pub success: bool,
}

/// What went over the wire, in order.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    observations: Vec<Observation>,
}

impl Party {
    /// The other end.
    pub const fn other(self) -> Self {
        match self {
            Self::Initiator => Self::Responder,
            Self::Responder => Self::Initiator,
        }
    }

    /// The part that a user knows the end by: a client is tested as a source, a service as a destination. In a two-way
    /// session either end is source of one sequence and destination of the other all the same.
    pub const fn role(self) -> Role {
        match self {
            Self::Initiator => Role::Source,
            Self::Responder => Role::Destination,
        }
    }
}

impl HttpMessage {
    /// The value of the first header field of this name; names do not differ by case.
    pub fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    }

    /// The media type without parameters, in lower case.
    pub fn media_type(&self) -> Option<String> {
        let value = self.field("Content-Type")?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    /// The value of a parameter of the media type, without quotes.
    pub fn media_parameter(&self, name: &str) -> Option<String> {
        self.field("Content-Type")?.split(';').skip(1).find_map(|parameter| {
            let (key, value) = parameter.split_once('=')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
        })
    }

    /// The status of a response.
    pub const fn status(&self) -> Option<u16> {
        match self.start {
            StartLine::Status(status) => Some(status),
            StartLine::Request { .. } => None,
        }
    }
}

impl MessageName {
    /// A message by the name of its file, without extension.
    pub fn new(name: impl AsRef<str>) -> Self {
        Self(Arc::from(name.as_ref()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for MessageName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Observation {
    /// A request that `sender` sent.
    pub fn request(exchange: &str, sender: Party, sent: Sent) -> Self {
        let name = name(exchange, "request", &sent);
        Self::new(exchange, name, Half::Request, sender, sent)
    }

    /// The response to the request that `sender` sent.
    pub fn response(exchange: &str, sender: Party, sent: Sent) -> Self {
        let name = name(exchange, "response", &sent);
        Self::new(exchange, name, Half::Response, sender.other(), sent)
    }

    /// The response to a further delivery of the request that `sender` sent; deliveries count from 1.
    pub fn copy(exchange: &str, sender: Party, delivery: usize, sent: Sent) -> Self {
        let name = MessageName::new(format!("{exchange}-response.copy{delivery}"));
        Self::new(exchange, name, Half::Copy, sender.other(), sent)
    }

    /// That the connection ended without an answer to the request that `sender` sent.
    pub fn no_answer(exchange: &str, sender: Party, at: Option<u64>) -> Self {
        Self {
            name: MessageName::new(format!("{exchange}-response")),
            exchange: Arc::from(exchange),
            half: Half::Response,
            sender: sender.other(),
            at,
            seen: Seen::NoAnswer,
        }
    }

    fn new(exchange: &str, name: MessageName, half: Half, sender: Party, sent: Sent) -> Self {
        let content = Content::read(&sent.http.body, sent.http.media_type().as_deref());
        Self {
            name,
            exchange: Arc::from(exchange),
            half,
            sender,
            at: sent.at,
            seen: Seen::Message { delivery: sent.delivery, http: sent.http, content },
        }
    }

    /// The same place in the same exchange, with another message in it.
    #[must_use]
    pub fn with_message(&self, http: HttpMessage, delivery: Delivery) -> Self {
        let sent = Sent { at: self.at, delivery, http };
        Self {
            exchange: Arc::clone(&self.exchange),
            ..Self::new(&self.exchange, self.name.clone(), self.half, self.sender, sent)
        }
    }

    /// The HTTP message, if there is one.
    pub const fn http(&self) -> Option<&HttpMessage> {
        match &self.seen {
            Seen::Message { http, .. } => Some(http),
            Seen::NoAnswer => None,
        }
    }

    /// What it holds, if there is a message.
    pub const fn content(&self) -> Option<&Content> {
        match &self.seen {
            Seen::Message { content, .. } => Some(content),
            Seen::NoAnswer => None,
        }
    }

    /// The SOAP message, if it is one.
    pub fn soap(&self) -> Option<&Message> {
        self.content().and_then(Content::soap)
    }

    /// Whether it came to the other end.
    pub const fn is_delivered(&self) -> bool {
        matches!(self.seen, Seen::Message { delivery: Delivery::Delivered, .. })
    }

    /// Whether it is a response of success without content.
    pub fn is_empty_success(&self) -> bool {
        let success =
            self.http().and_then(HttpMessage::status).is_some_and(|status| (200..300).contains(&status));
        success && matches!(self.content(), Some(Content::Empty))
    }

    /// The version of SOAP that the message is written in.
    pub fn soap_version(&self) -> Option<SoapVersion> {
        self.soap().map(|message| message.soap)
    }
}

fn name(exchange: &str, half: &str, sent: &Sent) -> MessageName {
    let suffix = match sent.delivery {
        Delivery::Delivered => "",
        Delivery::Lost => ".dropped",
    };
    MessageName::new(format!("{exchange}-{half}{suffix}"))
}

impl Trace {
    /// Puts the messages of exchanges in order.
    ///
    /// Requests keep the order given, which is that in which they were sent. A response stands where its time puts
    /// it; without times it stands behind its request and before the next.
    pub fn from_exchanges(exchanges: impl IntoIterator<Item = Exchange>) -> Self {
        // The key: the time, then the place of the exchange, then the half. A time that is missing or that runs
        // backwards is that of what stands before.
        let mut keyed: Vec<((u64, usize, usize), Observation)> = Vec::new();
        let mut now = 0;
        for (place, exchange) in exchanges.into_iter().enumerate() {
            now = exchange.request.at.unwrap_or(now).max(now);
            let Exchange { name, sender, request, response, copies } = exchange;
            keyed.push(((now, place, 0), Observation::request(&name, sender, request)));
            let answered = response.as_ref().and_then(|response| response.at).unwrap_or(now).max(now);
            for (index, copy) in copies.into_iter().enumerate() {
                let at = copy.at.unwrap_or(answered).max(now);
                keyed.push(((at, place, 1 + index), Observation::copy(&name, sender, index + 1, copy)));
            }
            let last = match response {
                Some(response) => Observation::response(&name, sender, response),
                None => Observation::no_answer(&name, sender, None),
            };
            keyed.push(((answered, place, usize::MAX), last));
        }
        keyed.sort_by_key(|(key, _)| *key);
        Self { observations: keyed.into_iter().map(|(_, observation)| observation).collect() }
    }

    /// What was seen, in order.
    pub fn observations(&self) -> &[Observation] {
        &self.observations
    }

    /// What was seen, in order.
    pub fn into_observations(self) -> Vec<Observation> {
        self.observations
    }
}
