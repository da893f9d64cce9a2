//! A message that is edited as text, so that everything else about it stays byte for byte.

use std::ops::Range;

use super::subject::Subject;
use crate::message::Message;
use crate::trace::{Half, HttpMessage, Observation, Seen, StartLine};

/// What a message is, for those who look for one to edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Create,
    CreateResponse,
    /// A request of the application in a sequence.
    Application,
    /// A reply of the application in a sequence.
    Reply,
    /// An acknowledgement alone, on a response.
    Acknowledgement,
    /// A question for an acknowledgement, alone.
    Question,
    Last,
    LastResponse,
    Close,
    CloseResponse,
    Terminate,
    /// A TerminateSequence on a response.
    TerminateBack,
    TerminateResponse,
    /// A fault of reliable messaging on a response.
    Fault,
    /// A document that is no SOAP message.
    Document,
    /// A response of success without a message.
    Empty,
    Other,
}

/// A message that can be edited: its header fields and its body.
#[derive(Debug, Clone)]
pub(super) struct Draft<'s> {
    pub(super) http: HttpMessage,
    pub(super) body: String,
    pub(super) subject: &'s Subject,
    pub(super) place: usize,
}

impl Kind {
    pub(super) fn of(observation: &Observation) -> Self {
        let is_response = observation.half != Half::Request;
        let Some(message) = observation.soap() else {
            let is_document = matches!(observation.content(), Some(crate::message::Content::Document(_)));
            let is_answer = is_response && observation.is_empty_success();
            return match (is_document, is_answer) {
                (true, _) => Self::Document,
                (_, true) => Self::Empty,
                _ => Self::Other,
            };
        };
        let has_sequence = !message.sequences.is_empty();
        match (message.rm_action(), is_response) {
            (Some("CreateSequence"), false) => Self::Create,
            (Some("CreateSequenceResponse"), true) => Self::CreateResponse,
            (Some("CloseSequence"), false) => Self::Close,
            (Some("CloseSequenceResponse"), true) => Self::CloseResponse,
            (Some("TerminateSequence"), false) => Self::Terminate,
            (Some("TerminateSequence"), true) => Self::TerminateBack,
            (Some("TerminateSequenceResponse"), true) => Self::TerminateResponse,
            (Some("LastMessage"), true) => Self::LastResponse,
            (Some("LastMessage"), false) => Self::Last,
            (Some("SequenceAcknowledgement"), true) => Self::Acknowledgement,
            (Some("AckRequested"), false) => Self::Question,
            (Some("fault") | None, true) if !has_sequence && is_rm_fault(message) => Self::Fault,
            (None, true) if has_sequence => Self::Reply,
            (None, false) if has_sequence => Self::Application,
            _ => Self::Other,
        }
    }
}

fn is_rm_fault(message: &Message) -> bool {
    message.fault.as_ref().is_some_and(|fault| fault.rm.is_some())
}

/// The bytes of the element with this local name that begins after `from`, whatever its prefix.
pub(super) fn element(text: &str, local: &str, from: usize) -> Option<Range<usize>> {
    let mut at = from;
    loop {
        let start = at + text.get(at..)?.find('<')?;
        let rest = text.get(start + 1..)?;
        let end = rest.find(|letter: char| letter.is_whitespace() || letter == '>' || letter == '/')?;
        let name = rest.get(..end)?;
        if name.rsplit(':').next() == Some(local) && !name.is_empty() {
            let tag_end = start + text.get(start..)?.find('>')? + 1;
            if text.get(..tag_end)?.ends_with("/>") {
                return Some(start..tag_end);
            }
            let close = format!("</{name}>");
            return Some(start..tag_end + text.get(tag_end..)?.find(&close)? + close.len());
        }
        at = start + 1;
    }
}

/// Nothing, unless it holds.
pub(super) fn only(condition: bool) -> Option<()> {
    condition.then_some(())
}

impl<'s> Draft<'s> {
    /// The message as it was.
    pub(super) fn message(&self) -> Option<&'s Message> {
        self.subject.observation(self.place)?.soap()
    }

    /// Whether it is a response.
    pub(super) fn is_response(&self) -> bool {
        self.subject.observation(self.place).is_some_and(|observation| observation.half != Half::Request)
    }

    /// The other half of the exchange.
    pub(super) fn other_half(&self) -> Option<&'s Message> {
        self.subject.other_half(self.place)?.soap()
    }

    fn span(&self, path: &[&str]) -> Option<Range<usize>> {
        let mut found = 0..self.body.len();
        for (depth, local) in path.iter().enumerate() {
            let from = if depth == 0 { 0 } else { found.start + 1 };
            let next = element(&self.body, local, from)?;
            if next.end > found.end {
                return None;
            }
            found = next;
        }
        Some(found)
    }

    /// The text inside the element at a path of local names.
    pub(super) fn text(&self, path: &[&str]) -> Option<String> {
        let whole = self.source(path)?;
        let start = whole.find('>')? + 1;
        Some(whole.get(start..whole.rfind("</")?)?.to_owned())
    }

    pub(super) fn source(&self, path: &[&str]) -> Option<String> {
        self.body.get(self.span(path)?).map(str::to_owned)
    }

    /// Replaces the whole element.
    pub(super) fn put(&mut self, path: &[&str], by: &str) -> Option<()> {
        let span = self.span(path)?;
        self.body.replace_range(span, by);
        Some(())
    }

    pub(super) fn cut(&mut self, path: &[&str]) -> Option<()> {
        self.put(path, "")
    }

    /// Replaces the text inside the element.
    pub(super) fn set(&mut self, path: &[&str], text: &str) -> Option<()> {
        let span = self.span(path)?;
        let whole = self.body.get(span.clone())?;
        let (start, end) = (whole.find('>')? + 1, whole.rfind("</")?);
        self.body.replace_range(span.start + start..span.start + end, text);
        Some(())
    }

    /// Puts something behind the element.
    pub(super) fn after(&mut self, path: &[&str], more: &str) -> Option<()> {
        let span = self.span(path)?;
        self.body.insert_str(span.end, more);
        Some(())
    }

    /// Puts something before the element.
    pub(super) fn before(&mut self, path: &[&str], more: &str) -> Option<()> {
        let span = self.span(path)?;
        self.body.insert_str(span.start, more);
        Some(())
    }

    /// Puts something at the end of the content of the element.
    pub(super) fn append(&mut self, path: &[&str], more: &str) -> Option<()> {
        let span = self.span(path)?;
        let at = span.start + self.body.get(span)?.rfind("</")?;
        self.body.insert_str(at, more);
        Some(())
    }

    pub(super) fn twice(&mut self, path: &[&str]) -> Option<()> {
        let source = self.source(path)?;
        self.after(path, &source)
    }

    /// Replaces the first place where a text stands.
    pub(super) fn swap(&mut self, from: &str, to: &str) -> Option<()> {
        let at = self.body.find(from)?;
        self.body.replace_range(at..at + from.len(), to);
        Some(())
    }

    /// Writes an attribute into the start tag of the element.
    pub(super) fn mark(&mut self, path: &[&str], attribute: &str) -> Option<()> {
        let span = self.span(path)?;
        let name = self
            .body
            .get(span.start..)?
            .find(|letter: char| letter.is_whitespace() || letter == '>' || letter == '/')?;
        self.body.insert_str(span.start + name, &format!(" {attribute}"));
        Some(())
    }

    /// The prefix of reliable messaging, with its colon; empty where it is the default.
    pub(super) fn r(&self) -> &'static str {
        if self.body.contains("xmlns:r=") { "r:" } else { "" }
    }

    pub(super) fn is_11(&self) -> bool {
        self.body.contains("/200702")
    }

    pub(super) fn is_soap12(&self) -> bool {
        self.body.contains("2003/05/soap-envelope")
    }

    pub(super) fn is_addressing10(&self) -> bool {
        self.body.contains("2005/08/addressing")
    }

    /// Sets or removes a header field.
    pub(super) fn field(&mut self, name: &str, value: Option<&str>) -> Option<()> {
        let at = self.http.fields.iter().position(|(field, _)| field.eq_ignore_ascii_case(name))?;
        match value {
            Some(value) => value.clone_into(&mut self.http.fields.get_mut(at)?.1),
            None => {
                self.http.fields.remove(at);
            }
        }
        Some(())
    }

    pub(super) fn status(&mut self, status: u16) {
        self.http.start = StartLine::Status(status);
    }

    pub(super) fn into_observation(self, before: &Observation) -> Observation {
        let delivery = match before.seen {
            Seen::Message { delivery, .. } => delivery,
            Seen::NoAnswer => crate::trace::Delivery::Delivered,
        };
        let http = HttpMessage { body: self.body.into_bytes(), ..self.http };
        before.with_message(http, delivery)
    }
}
