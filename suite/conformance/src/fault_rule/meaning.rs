//! What rules need to know of a message.

use wsrm_wire::{Body, Envelope, HeaderKind};

use crate::content::Content;
use crate::recording::HttpMessage;

/// A message by what rules name it by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Meaning {
    name: String,
    action: Option<String>,
    number: Option<u64>,
    application: bool,
    headers: Vec<String>,
    codes: Vec<String>,
}

impl Meaning {
    /// The name of a message without a body.
    pub const EMPTY: &'static str = "empty";
    /// The name of a message that is no SOAP message.
    pub const OTHER: &'static str = "other";
    /// The name of a SOAP fault.
    pub const FAULT: &'static str = "fault";

    /// The meaning of an HTTP message; `None` stands for bytes that are none.
    pub fn of(message: Option<&HttpMessage>) -> Self {
        let named = |name: &str| Self { name: name.to_owned(), ..Self::default() };
        let Some(message) = message else { return named(Self::OTHER) };
        let content = Content::of(message);
        match content.envelope() {
            Some(Ok(envelope)) => Self::of_envelope(&envelope),
            None if matches!(content, Content::Empty) => named(Self::EMPTY),
            _ => named(Self::OTHER),
        }
    }

    fn of_envelope(envelope: &Envelope<'_>) -> Self {
        let action = envelope.action();
        let last_part = action.map_or("", last_part);
        let (name, application) = match &envelope.body {
            Body::CreateSequence(_) => ("CreateSequence", false),
            Body::CreateSequenceResponse(_) => ("CreateSequenceResponse", false),
            Body::CloseSequence(_) => ("CloseSequence", false),
            Body::CloseSequenceResponse(_) => ("CloseSequenceResponse", false),
            Body::TerminateSequence(_) => ("TerminateSequence", false),
            Body::TerminateSequenceResponse(_) => ("TerminateSequenceResponse", false),
            Body::Fault(_) => (Self::FAULT, false),
            Body::Malformed { name: Some(name), .. } => (name.local.as_ref(), false),
            Body::Malformed { name: None, .. } => (Self::OTHER, false),
            Body::Empty if is_rm(action) => (last_part, false),
            Body::Empty | Body::Application(_) => (last_part, true),
        };
        Self {
            name: name.to_owned(),
            action: action.map(str::to_owned),
            number: envelope.sequence().map(|sequence| sequence.number.value()),
            application,
            headers: envelope
                .headers
                .iter()
                .map(|header| header.name(envelope.profile).local.into_owned())
                .collect(),
            codes: codes(envelope),
        }
    }

    /// What it is, as a rule names it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its action.
    pub fn action(&self) -> Option<&str> {
        self.action.as_deref()
    }

    /// Its number in its sequence.
    pub fn number(&self) -> Option<u64> {
        self.number
    }

    /// Whether it is a message of the application.
    pub fn is_application(&self) -> bool {
        self.application
    }

    /// Whether it is a SOAP fault.
    pub fn is_fault(&self) -> bool {
        self.name == Self::FAULT
    }

    /// Whether it has a header block with this local name.
    pub fn has_header(&self, name: &str) -> bool {
        self.headers.iter().any(|header| header.eq_ignore_ascii_case(name))
    }

    /// Whether it is a fault with this code or subcode.
    pub fn has_code(&self, name: &str) -> bool {
        self.codes.iter().any(|code| code.eq_ignore_ascii_case(name))
    }
}

fn is_rm(action: Option<&str>) -> bool {
    let versions = wsrm_wire::RmVersion::ALL;
    action.is_some_and(|action| versions.iter().any(|rm| action.starts_with(rm.namespace())))
}

fn last_part(action: &str) -> &str {
    let trimmed = action.trim_end_matches(['/', ':', '#']);
    trimmed.rsplit(['/', ':', '#']).next().unwrap_or(action)
}

/// The code, the subcodes and the RM code of a fault.
fn codes(envelope: &Envelope<'_>) -> Vec<String> {
    let mut codes = Vec::new();
    if let Body::Fault(fault) = &envelope.body {
        codes.push(match &fault.code {
            wsrm_wire::FaultCode::Other(name) => name.local.to_string(),
            known => format!("{known:?}"),
        });
        codes.extend(fault.subcodes.iter().map(|subcode| subcode.local.to_string()));
    }
    codes.extend(envelope.headers.iter().filter_map(|header| match &header.kind {
        HeaderKind::SequenceFault(fault) => Some(fault.code.local.to_string()),
        _ => None,
    }));
    codes
}
