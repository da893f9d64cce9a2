//! Bugs of a client, one file a family of requirements.

mod ack;
mod addressing;
mod close;
mod create;
mod delivery;
mod environment;
mod http;
mod last;
mod sequence;
mod terminate;

use super::draft::{Draft, Form};
use super::{Mutant, source};

pub(super) const FAMILIES: &[&[Mutant]] = &[
    http::MUTANTS,
    addressing::MUTANTS,
    create::MUTANTS,
    sequence::MUTANTS,
    ack::MUTANTS,
    close::MUTANTS,
    last::MUTANTS,
    terminate::MUTANTS,
    delivery::MUTANTS,
    environment::MUTANTS,
];

const ACKNOWLEDGEMENT: &str = "SequenceAcknowledgement";
const NUMBER: &str = "Sequence/MessageNumber";

/// A sequence that never was.
const STRANGE: &str = "urn:uuid:0badc0de-0000-4000-8000-000000000000";

/// A MessageID that was never used.
const FRESH: &str = "urn:uuid:5eed0000-0000-4000-8000-00000000000a";

/// A message with another MessageID, where it has one.
fn renamed(message: &Draft) -> Draft {
    let mut other = message.clone();
    // One-way messages have none.
    let _ = other.set("MessageID", FRESH);
    other
}

/// The message that would follow this one.
fn following(message: &Draft) -> Option<Draft> {
    let mut next = renamed(message);
    next.add(NUMBER, 1)?;
    Some(next)
}

/// A message about a sequence that has this element in its body.
fn about(like: &Draft, name: &str, identifier: &str) -> Option<Draft> {
    let mut message = renamed(like);
    let namespace = like.profile().rm.namespace();
    // What it was about before.
    let _ = message.remove("Header/Sequence");
    let _ = message.remove("Header/SequenceAcknowledgement");
    let action = format!("{namespace}/{name}");
    if message.field("SOAPAction").is_some() {
        message.set_field("SOAPAction", format!("\"{action}\""))?;
    }
    message.set("Action", &action)?;
    message.set(
        "Body",
        &format!("<{name} xmlns=\"{namespace}\"><Identifier>{identifier}</Identifier></{name}>"),
    )?;
    Some(message)
}

/// An answer as the client would get it.
fn answered(like: &Draft, body: String) -> Option<Draft> {
    let mut answer = Draft::new(like.profile(), Form::Response(200), Vec::new(), &[])?;
    answer.answer(body)?;
    Some(answer)
}
