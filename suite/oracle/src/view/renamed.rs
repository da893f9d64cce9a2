//! Sequences that are called otherwise than they were created.
//!
//! Where the answer to a CreateSequence, or its Offer, names a sequence of which nobody ever speaks again, and both sides
//! speak of another that nobody created, the message that created it is wrong, and not all the others.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Origin, SequenceView, View};
use crate::trace::{Observation, Party};

/// The identifiers by which sequences were created and never called, with those that stand in their place.
pub(crate) fn renamed(view: &View, observed: &[Arc<Observation>]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    if !view.is_complete() || !view.renamed.is_empty() {
        return found;
    }
    for party in [Party::Initiator, Party::Responder] {
        let idle: Vec<&SequenceView> = view
            .sequences
            .iter()
            .filter(|sequence| sequence.source == party && is_idle(view, sequence))
            .collect();
        let mut strangers = strangers(view, observed, party);
        if let ([idle], Some(stranger), None) = (idle.as_slice(), strangers.pop(), strangers.pop()) {
            found.insert(idle.identifier.clone(), stranger);
        }
    }
    found
}

/// Whether nothing was ever sent in the sequence or said of it, but that it was created.
fn is_idle(view: &View, sequence: &SequenceView) -> bool {
    let is_new = matches!(sequence.origin, Origin::Created(_) | Origin::Offered(_));
    let is_unnamed = !view.has_named(sequence.source, &sequence.identifier);
    is_new
        && is_unnamed
        && sequence.messages.is_empty()
        && sequence.acks.is_empty()
        && sequence.life.is_empty()
}

/// The identifiers of sequences that nobody created, that this party sends messages in, and that the other names too.
fn strangers(view: &View, observed: &[Arc<Observation>], party: Party) -> Vec<String> {
    let own = observed.iter().filter(|observation| observation.sender == party);
    let headers = own.filter_map(|observation| observation.soap()?.sequences.first()?.identifier.as_deref());
    let unknown = headers.filter(|name| view.sequence(name).is_none() && view.has_named(party.other(), name));
    let mut unknown: Vec<String> = unknown.map(str::to_owned).collect();
    unknown.sort_unstable();
    unknown.dedup();
    unknown
}
