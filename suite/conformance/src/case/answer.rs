//! What came back for a message.

use wsrm_oracle::NumberSet;
use wsrm_oracle::message::{Content, LifecycleKind, Message};

use super::{HttpResponse, Stop};

/// What came back for a message, as far as a case looks at it to go on.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The number of the exchange.
    pub exchange: u32,
    /// What was seen.
    pub seen: Seen,
}

/// What was seen.
#[derive(Debug, Clone)]
pub enum Seen {
    /// A response.
    Response {
        /// The status.
        status: u16,
        /// What the body holds.
        content: Box<Content>,
    },
    /// The connection ended without one.
    Closed(String),
    /// Nothing, for too long.
    Silent(String),
}

impl Answer {
    pub(super) fn read(exchange: u32, response: &HttpResponse) -> Self {
        let field = response.fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("Content-Type"));
        let media =
            field.map(|(_, value)| value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
        let content = Content::read(&response.body, media.as_deref());
        Self { exchange, seen: Seen::Response { status: response.status, content: Box::new(content) } }
    }

    /// The SOAP message, if it is one.
    pub fn soap(&self) -> Option<&Message> {
        match &self.seen {
            Seen::Response { content, .. } => content.soap(),
            Seen::Closed(_) | Seen::Silent(_) => None,
        }
    }

    /// The identifier of the sequence that it grants.
    pub fn created(&self) -> Option<&str> {
        let lifecycle = self.soap()?.lifecycle.as_ref()?;
        lifecycle.identifier.as_deref().filter(|_| lifecycle.kind == LifecycleKind::CreateResponse)
    }

    /// Whether it is a fault.
    pub fn is_fault(&self) -> bool {
        self.soap().is_some_and(|message| message.fault.is_some())
    }

    /// The name of the fault of reliable messaging that it is.
    pub fn rm_fault(&self) -> Option<&str> {
        Some(self.soap()?.fault.as_ref()?.rm.as_ref()?.name.as_str())
    }

    /// Whether it is a success, with or without a message.
    pub fn is_success(&self) -> bool {
        matches!(self.seen, Seen::Response { status: 200..=299, .. })
    }

    /// Whether it acknowledges this message of this sequence.
    pub fn acknowledges(&self, identifier: &str, number: u64) -> bool {
        self.acknowledged(identifier).contains(number)
    }

    /// How many messages of this sequence the endpoint has room for, if it says so.
    pub fn buffer_remaining(&self, identifier: &str) -> Option<u64> {
        let acknowledgements = &self.soap()?.acknowledgements;
        let own = acknowledgements.iter().find(|ack| ack.identifier.as_deref() == Some(identifier))?;
        own.buffer_remaining()
    }

    /// The messages of this sequence that it acknowledges.
    pub(super) fn acknowledged(&self, identifier: &str) -> NumberSet {
        let mut numbers = NumberSet::default();
        for acknowledgement in self.soap().map_or(&[][..], |message| &message.acknowledgements) {
            if acknowledgement.identifier.as_deref() == Some(identifier) {
                for (lower, upper) in
                    acknowledgement.ranges.iter().filter_map(|range| range.lower.zip(range.upper))
                {
                    numbers.add(lower, upper);
                }
            }
        }
        numbers
    }

    /// What a response holds, in a few words.
    pub(super) fn content_words(&self) -> &'static str {
        let Seen::Response { content, .. } = &self.seen else { return "without a response" };
        match content.as_ref() {
            Content::Soap(_) => "with a message",
            Content::Empty => "without a message",
            Content::Document(_) | Content::Other => "with something that is no SOAP",
            Content::Malformed { .. } => "with broken XML",
        }
    }

    /// In a few words.
    pub fn words(&self) -> String {
        match (&self.seen, self.rm_fault()) {
            (Seen::Response { status, .. }, Some(fault)) => format!("{status} with the fault {fault}"),
            (Seen::Response { status, .. }, None) if self.is_fault() => format!("{status} with a fault"),
            (Seen::Response { status, .. }, None) => format!("{status} {}", self.content_words()),
            (Seen::Closed(why) | Seen::Silent(why), _) => why.clone(),
        }
    }

    /// Goes on only where this holds.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`], where it does not.
    pub fn needs(&self, holds: bool, what: &str) -> Result<(), Stop> {
        if holds {
            return Ok(());
        }
        Err(Stop::Inconclusive(format!("exchange {}: {what}; what came was {}", self.exchange, self.words())))
    }
}

/// The numbers that a message carries in the sequence with this identifier.
pub(super) fn numbers_in(message: &Message, identifier: &str, into: &mut NumberSet) {
    for sequence in &message.sequences {
        if let Some(number) = sequence.number
            && sequence.identifier.as_deref() == Some(identifier)
        {
            into.add(number, number);
        }
    }
}
