//! Which identifier of ours stands for which recorded one.

use wsrm_wire::{Body, HeaderKind};

use crate::content::Content;

/// A bijection between generated identifiers: ours and the recorded ones.
///
/// Messages are rewritten as bytes, so that even one that cannot be read as XML is rewritten. Identifiers of WCF all
/// have the same length; with those of other stacks the length of a message changes.
#[derive(Debug, Clone, Default)]
pub(super) struct Mapping {
    pairs: Vec<(String, String)>,
}

impl Mapping {
    /// Pairs two identifiers; one that is paired already stays so.
    pub(super) fn pair(&mut self, ours: &str, recorded: &str) {
        if ours.is_empty() || recorded.is_empty() || self.knows(ours, recorded) {
            return;
        }
        self.pairs.push((ours.to_owned(), recorded.to_owned()));
    }

    /// Pairs the identifiers that the senders of two messages generated: the MessageID, and the sequence that is
    /// offered or created.
    pub(super) fn pair_messages(&mut self, ours: &[u8], recorded: &[u8]) {
        let (ours, recorded) = (generated(ours), generated(recorded));
        for (ours, recorded) in ours.iter().zip(&recorded) {
            if let (Some(ours), Some(recorded)) = (ours, recorded) {
                self.pair(ours, recorded);
            }
        }
    }

    /// The recorded message with our identifiers.
    pub(super) fn to_ours(&self, recorded: &[u8]) -> Vec<u8> {
        replace(recorded, self.pairs.iter().map(|(ours, recorded)| (recorded.as_str(), ours.as_str())))
    }

    /// Our message with the recorded identifiers.
    pub(super) fn to_recorded(&self, ours: &[u8]) -> Vec<u8> {
        replace(ours, self.pairs.iter().map(|(ours, recorded)| (ours.as_str(), recorded.as_str())))
    }

    fn knows(&self, ours: &str, recorded: &str) -> bool {
        self.pairs.iter().any(|pair| pair.0 == ours || pair.1 == recorded)
    }
}

/// The MessageID of a message, the sequence that it offers, the sequence that it creates.
fn generated(message: &[u8]) -> [Option<String>; 3] {
    let content = Content::of_bytes(message, None);
    let Some(Ok(envelope)) = content.envelope() else { return [None, None, None] };
    let message_id = envelope.headers.iter().find_map(|header| match &header.kind {
        HeaderKind::MessageId(id) => Some(id.to_string()),
        _ => None,
    });
    let (offered, created) = match &envelope.body {
        Body::CreateSequence(create) => {
            (create.offer.as_ref().map(|offer| offer.identifier.to_string()), None)
        }
        Body::CreateSequenceResponse(response) => (None, Some(response.identifier.to_string())),
        _ => (None, None),
    };
    [message_id, offered, created]
}

/// The MessageID of a message.
pub(super) fn message_id(message: &[u8]) -> Option<String> {
    let [message_id, _, _] = generated(message);
    message_id
}

/// The MessageID of the message that a message answers.
pub(super) fn relates_to(message: &[u8]) -> Option<String> {
    let content = Content::of_bytes(message, None);
    content.envelope()?.ok()?.headers.iter().find_map(|header| match &header.kind {
        HeaderKind::RelatesTo(relation) => Some(relation.message_id.to_string()),
        _ => None,
    })
}

/// Replaces all occurrences in one pass, so that what was put in is not replaced again.
fn replace<'p>(message: &[u8], pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Vec<u8> {
    let mut pairs: Vec<_> = pairs.map(|(from, to)| (from.as_bytes(), to.as_bytes())).collect();
    // The longest first: one identifier may start like another.
    pairs.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
    let mut starts = [false; 256];
    for first in pairs.iter().filter_map(|(from, _)| from.first()) {
        if let Some(start) = starts.get_mut(usize::from(*first)) {
            *start = true;
        }
    }
    let mut out = Vec::with_capacity(message.len());
    let mut rest = message;
    while let Some((first, tail)) = rest.split_first() {
        let found = starts
            .get(usize::from(*first))
            .is_some_and(|start| *start)
            .then(|| pairs.iter().find_map(|(from, to)| Some((rest.strip_prefix(*from)?, *to))))
            .flatten();
        match found {
            Some((behind, to)) => {
                out.extend_from_slice(to);
                rest = behind;
            }
            None => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_both_ways_and_keeps_the_first_pairing() {
        let mut mapping = Mapping::default();
        mapping.pair("urn:1", "urn:A");
        mapping.pair("urn:1", "urn:B");
        mapping.pair("urn:2", "urn:A");
        mapping.pair("urn:12", "urn:C");
        assert_eq!(mapping.to_recorded(b"<urn:1> urn:12 urn:3 urn"), b"<urn:A> urn:C urn:3 urn");
        assert_eq!(mapping.to_ours(b"urn:A urn:C urn:B"), b"urn:1 urn:12 urn:B");
    }

    #[test]
    fn what_was_put_in_is_not_replaced_again() {
        let mut mapping = Mapping::default();
        mapping.pair("a", "b");
        mapping.pair("b", "a");
        assert_eq!(mapping.to_recorded(b"aabb"), b"bbaa");
    }
}
