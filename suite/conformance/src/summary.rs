//! A message in one line, by its meaning.

use std::collections::HashMap;
use std::fmt::Write as _;

use wsrm_wire::{
    Acknowledged, Body, Envelope, Fault, FaultCode, HeaderKind, RmVersion, SequenceAcknowledgement,
};

use crate::content::Content;
use crate::recording::{Evidence, HttpMessage, StartLine};

/// Short names of sequences: `S1` is the sequence that the client created first, `R1` the one it offered for the
/// replies, `S2` and `R2` those of the next session; `U1` is a sequence that nobody created.
#[derive(Debug, Clone, Default)]
pub struct SequenceNames {
    names: HashMap<String, String>,
    in_order: Vec<(String, String)>,
    sessions: usize,
    /// Sessions whose offer was seen, and no answer to it.
    unanswered: Vec<usize>,
    unknown: usize,
}

/// A message in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The line.
    pub text: String,
    /// Whether it is good news.
    pub tone: Tone,
}

/// What a message is to the session, for colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// A message of the application.
    Application,
    /// A message of WS-ReliableMessaging.
    Protocol,
    /// A fault, or an HTTP error.
    Fault,
    /// Anything else: empty bodies, documents.
    Plain,
}

impl SequenceNames {
    /// Takes note of the sequences that an exchange offers or creates. Exchanges are to be handed in in their order.
    pub fn learn(&mut self, request: &HttpMessage, response: Option<&HttpMessage>) {
        let mut of_exchange = None;
        for message in std::iter::once(request).chain(response) {
            match born(message) {
                Some(Born::Offered(offered)) => {
                    let session = offered.and_then(|id| {
                        let known = self.names.get(&id).and_then(|name| name.get(1..)?.parse().ok());
                        known.or_else(|| {
                            self.sessions += 1;
                            self.give(id, format!("R{}", self.sessions));
                            self.unanswered.push(self.sessions);
                            Some(self.sessions)
                        })
                    });
                    of_exchange = session;
                }
                Some(Born::Created(id)) if !self.names.contains_key(&id) => {
                    let session = of_exchange.or_else(|| self.unanswered.last().copied());
                    let session = session.filter(|session| self.unanswered.contains(session));
                    let session = session.unwrap_or_else(|| {
                        self.sessions += 1;
                        self.sessions
                    });
                    self.unanswered.retain(|waiting| *waiting != session);
                    self.give(id, format!("S{session}"));
                }
                _ => {}
            }
        }
    }

    /// The short name of a sequence; a new one where it is not known yet.
    pub fn name(&mut self, identifier: &str) -> String {
        if let Some(name) = self.names.get(identifier) {
            return name.clone();
        }
        self.unknown += 1;
        let name = format!("U{}", self.unknown);
        self.give(identifier.to_owned(), name.clone());
        name
    }

    /// All names with their identifiers, in the order in which they were given.
    pub fn legend(&self) -> &[(String, String)] {
        &self.in_order
    }

    fn give(&mut self, identifier: String, name: String) {
        if !self.names.contains_key(&identifier) {
            self.in_order.push((name.clone(), identifier.clone()));
            self.names.insert(identifier, name);
        }
    }
}

/// A sequence that a message brings into the world.
enum Born {
    /// CreateSequence: the sequence that it offers, if it does.
    Offered(Option<String>),
    /// CreateSequenceResponse: the sequence that it grants.
    Created(String),
}

fn born(message: &HttpMessage) -> Option<Born> {
    let content = Content::of(message);
    match content.envelope()?.ok()?.body {
        Body::CreateSequence(create) => {
            Some(Born::Offered(create.offer.map(|offer| offer.identifier.into_owned())))
        }
        Body::CreateSequenceResponse(response) => Some(Born::Created(response.identifier.into_owned())),
        _ => None,
    }
}

impl Summary {
    /// The summary of an HTTP message: its status where that is not 200, its method where that is not POST, and
    /// what its body means.
    pub fn of(message: &HttpMessage, names: &mut SequenceNames) -> Self {
        let content = Content::of(message);
        let mut body = Self::of_content(&content, names);
        match message.evidence() {
            Evidence::BodyMissing => "a body that was not kept".clone_into(&mut body.text),
            Evidence::HeadersOnly => body.text.push_str(" (body not logged)"),
            Evidence::Wire | Evidence::Rewritten => {}
        }
        match message.start() {
            StartLine::Request { method, .. } if method == "POST" && body.text.is_empty() => {
                "empty POST".clone_into(&mut body.text);
            }
            StartLine::Request { method, target } if method != "POST" => {
                body.text = join(&format!("{method} {target}"), &body.text);
            }
            StartLine::Response { status, reason } if *status != 200 || body.text.is_empty() => {
                let status_line = if body.text.is_empty() {
                    format!("{status} {reason}").trim_end().to_owned()
                } else {
                    status.to_string()
                };
                body.text = join(&status_line, &body.text);
                if *status >= 400 {
                    body.tone = Tone::Fault;
                }
            }
            _ => {}
        }
        body
    }

    /// The summary of a body alone.
    pub fn of_content(content: &Content<'_>, names: &mut SequenceNames) -> Self {
        if let Some(words) = content.words() {
            return Self { text: words, tone: Tone::Plain };
        }
        match content.envelope() {
            None => Self { text: String::new(), tone: Tone::Plain },
            Some(Err(error)) => {
                Self { text: format!("SOAP that cannot be read: {error}"), tone: Tone::Fault }
            }
            Some(Ok(envelope)) => Self { text: line(&envelope, names), tone: tone(&envelope) },
        }
    }
}

fn join(first: &str, second: &str) -> String {
    if second.is_empty() { first.to_owned() } else { format!("{first} {second}") }
}

fn tone(envelope: &Envelope<'_>) -> Tone {
    let has_sequence = envelope.headers.iter().any(|header| matches!(header.kind, HeaderKind::Sequence(_)));
    match envelope.body {
        Body::Fault(_) | Body::Malformed { .. } => Tone::Fault,
        Body::Application(_) => Tone::Application,
        Body::Empty if has_sequence && !is_rm_action(envelope) => Tone::Application,
        _ => Tone::Protocol,
    }
}

fn action<'e>(envelope: &'e Envelope<'_>) -> Option<&'e str> {
    envelope.headers.iter().find_map(|header| match &header.kind {
        HeaderKind::Action(action) => Some(action.as_ref()),
        _ => None,
    })
}

fn is_rm_action(envelope: &Envelope<'_>) -> bool {
    action(envelope).is_some_and(|action| RmVersion::ALL.iter().any(|rm| action.starts_with(rm.namespace())))
}

/// What stands behind the last `/`, `:` or `#` of an action.
fn local_part(action: &str) -> &str {
    let trimmed = action.trim_end_matches(['/', ':', '#']);
    trimmed.rsplit(['/', ':', '#']).next().unwrap_or(action)
}

fn line(envelope: &Envelope<'_>, names: &mut SequenceNames) -> String {
    let mut text = title(envelope, names);
    let lone_acknowledgement = text == "SequenceAcknowledgement";
    let lone_request = text == "AckRequested";
    let mut first_ack = lone_acknowledgement;
    for header in &envelope.headers {
        if let HeaderKind::Sequence(sequence) = &header.kind {
            let last = if sequence.last_message { " last" } else { "" };
            let _ = write!(text, " {}#{}{last}", names.name(&sequence.identifier), sequence.number);
        }
    }
    for header in &envelope.headers {
        match &header.kind {
            HeaderKind::AckRequested(asked) if lone_request => {
                let _ = write!(text, " {}", names.name(&asked.identifier));
            }
            HeaderKind::AckRequested(asked) => {
                let _ = write!(text, ", AckRequested {}", names.name(&asked.identifier));
            }
            HeaderKind::SequenceAcknowledgement(ack) => {
                text.push_str(if first_ack { " " } else { ", Ack " });
                first_ack = false;
                acknowledgement(&mut text, ack, names);
            }
            HeaderKind::Malformed(header) => {
                let _ = write!(text, ", broken {} header ({})", header.name.local, header.error.what);
            }
            _ => {}
        }
    }
    text
}

fn title(envelope: &Envelope<'_>, names: &mut SequenceNames) -> String {
    let mut text = match &envelope.body {
        Body::Fault(fault) => return fault_line(fault, envelope, names),
        Body::CreateSequence(create) => match &create.offer {
            Some(offer) => format!("CreateSequence, Offer {}", names.name(&offer.identifier)),
            None => "CreateSequence".to_owned(),
        },
        Body::CreateSequenceResponse(response) => {
            let accept = if response.accept.is_some() { ", Accept" } else { "" };
            format!("CreateSequenceResponse {}{accept}", names.name(&response.identifier))
        }
        Body::CloseSequence(close) => format!(
            "CloseSequence {}{}",
            names.name(&close.identifier),
            last_number(close.last_msg_number.map(wsrm_wire::MessageNumber::value))
        ),
        Body::CloseSequenceResponse(response) => {
            format!("CloseSequenceResponse {}", names.name(&response.identifier))
        }
        Body::TerminateSequence(terminate) => format!(
            "TerminateSequence {}{}",
            names.name(&terminate.identifier),
            last_number(terminate.last_msg_number.map(wsrm_wire::MessageNumber::value))
        ),
        Body::TerminateSequenceResponse(response) => {
            format!("TerminateSequenceResponse {}", names.name(&response.identifier))
        }
        Body::Malformed { name, error, .. } => {
            let name = name.as_ref().map_or("body", |name| &name.local);
            return format!("broken {name} ({})", error.what);
        }
        Body::Empty | Body::Application(_) => {
            return action(envelope).map_or("message without Action", local_part).to_owned();
        }
    };
    let named = text.split([' ', ',']).next().unwrap_or_default();
    match action(envelope) {
        None => text.push_str(" (no Action)"),
        Some(action) if local_part(action) != named => {
            let _ = write!(text, " (Action {action})");
        }
        Some(_) => {}
    }
    text
}

fn last_number(number: Option<u64>) -> String {
    number.map(|number| format!(", last number {number}")).unwrap_or_default()
}

fn fault_line(fault: &Fault<'_>, envelope: &Envelope<'_>, names: &mut SequenceNames) -> String {
    let code = match &fault.code {
        FaultCode::Sender => "Sender",
        FaultCode::Receiver => "Receiver",
        FaultCode::MustUnderstand => "MustUnderstand",
        FaultCode::VersionMismatch => "VersionMismatch",
        FaultCode::DataEncodingUnknown => "DataEncodingUnknown",
        FaultCode::Other(name) => &name.local,
    };
    let header = envelope.headers.iter().find_map(|header| match &header.kind {
        HeaderKind::SequenceFault(fault) => Some(fault),
        _ => None,
    });
    // SOAP 1.1 has no subcodes: there the header says what it is about.
    let subcode = header.map(|header| &header.code).or(fault.subcodes.last());
    let code = subcode.map_or(code, |subcode| &subcode.local);
    let mut text = format!("Fault {code}");
    let detail = header.and_then(|header| header.detail.as_ref()).or(fault.detail.as_ref());
    if let Some(identifier) = detail.and_then(|detail| identifier_in(&detail.xml)) {
        let _ = write!(text, " {}", names.name(identifier));
    }
    if let Some(reason) = fault.reasons.first() {
        let words = reason.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let _ = write!(text, " ({words})");
    }
    text
}

/// The content of the first `Identifier` element in a fault's detail.
pub(crate) fn identifier_in(detail: &str) -> Option<&str> {
    let (_, rest) = detail.split_once("Identifier")?;
    let (tag, rest) = rest.split_once('>')?;
    if tag.ends_with('/') {
        return None;
    }
    Some(rest.split_once('<')?.0.trim()).filter(|identifier| !identifier.is_empty())
}

fn acknowledgement(text: &mut String, ack: &SequenceAcknowledgement<'_>, names: &mut SequenceNames) {
    let _ = write!(text, "{} ", names.name(&ack.identifier));
    match &ack.acknowledged {
        Acknowledged::Ranges(ranges) => {
            let ranges: Vec<_> = ranges.iter().map(ToString::to_string).collect();
            match ranges.as_slice() {
                [first, second, .., last] if ranges.len() > 6 => {
                    let _ = write!(text, "{first},{second},…,{last} ({} ranges)", ranges.len());
                }
                all => text.push_str(&all.join(",")),
            }
        }
        Acknowledged::None => text.push_str("None"),
        Acknowledged::Nack(numbers) => {
            let numbers: Vec<_> = numbers.iter().take(6).map(ToString::to_string).collect();
            let _ = write!(text, "Nack {}", numbers.join(","));
        }
    }
    if ack.is_final {
        text.push_str(" Final");
    }
    if let Some(remaining) = ack.buffer_remaining {
        let _ = write!(text, ", {remaining} free");
    }
}
