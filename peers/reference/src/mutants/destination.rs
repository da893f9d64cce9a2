//! Bugs of a service, one file a family of requirements.

mod ack;
mod addressing;
mod close;
mod create;
mod delivery;
mod environment;
mod fault;
mod http;
mod last;
mod sequence;
mod soap;
mod terminate;

use wsrm_wire::{FaultCode, Reason, ResponderMessages, RmFault};

use super::draft::Draft;
use super::mutation::Past;
use super::{Mutant, destination};

pub(super) const FAMILIES: &[&[Mutant]] = &[
    soap::MUTANTS,
    http::MUTANTS,
    addressing::MUTANTS,
    create::MUTANTS,
    sequence::MUTANTS,
    ack::MUTANTS,
    close::MUTANTS,
    last::MUTANTS,
    terminate::MUTANTS,
    fault::MUTANTS,
    delivery::MUTANTS,
    environment::MUTANTS,
];

const ACKNOWLEDGEMENT: &str = "SequenceAcknowledgement";
const RANGE: &str = "SequenceAcknowledgement/AcknowledgementRange";

/// A sequence that never was.
const STRANGE: &str = "urn:uuid:0badc0de-0000-4000-8000-000000000000";

/// Adds to the upper bound of the first range.
fn acknowledge_more(answer: &mut Draft, more: i64) -> Option<()> {
    let upper: i64 = answer.attribute(RANGE, "Upper")?.parse().ok()?;
    let upper = upper.checked_add(more).filter(|upper| *upper >= 1)?;
    answer.set_attribute(RANGE, "Upper", &upper.to_string())
}

/// Says nothing, with 202.
fn nothing(answer: &mut Draft, _: &Past) -> Option<()> {
    answer.nothing(202)
}

/// Says nothing to a message that comes again.
fn nothing_to_duplicate(answer: &mut Draft, past: &Past) -> Option<()> {
    if past.is_repeated() { answer.nothing(202) } else { None }
}

/// Says nothing where a fault is due.
fn nothing_for_fault(answer: &mut Draft, _: &Past) -> Option<()> {
    if answer.has("Fault") { answer.nothing(202) } else { None }
}

/// Answers with a fault of reliable messaging.
fn rm_fault(answer: &mut Draft, fault: &RmFault<'_>, text: &str) -> Option<()> {
    let messages = ResponderMessages::anonymous(answer.profile());
    let reason = Reason { language: Some("en-US".into()), text: text.into() };
    let envelope = messages.rm_fault(fault, FaultCode::Sender, reason, None, None);
    answer.answer(String::from_utf8(envelope.to_bytes()).ok()?)?;
    answer.status(500)
}
