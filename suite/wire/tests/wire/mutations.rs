//! Recorded messages, damaged: whatever can still be read is written as a message that can be read, and that comes
//! back as it is.

#![expect(clippy::indexing_slicing, reason = "a test may panic")]

use std::sync::LazyLock;

use crate::recorded::messages;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use wsrm_wire::{Limits, RoundTrip, RoundTripError, round_trip};

/// Some of the messages of all stacks.
static MESSAGES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let all = ["wcf", "cxf", "metro", "gsoap", "cross"].into_iter().flat_map(messages);
    all.step_by(29).map(|(_, message)| message).collect()
});

#[derive(Debug, Clone)]
enum Damage {
    /// Bytes are lost.
    Cut(Index, usize),
    /// Something is put in between.
    Insert(Index, &'static str),
    /// Something is put behind the next tag.
    InsertBehindTag(Index, &'static str),
    /// Something is put into the next tag.
    InsertInTag(Index, &'static str),
    /// A piece is repeated elsewhere.
    Copy(Index, usize, Index),
}

impl Damage {
    fn apply(&self, message: &mut Vec<u8>) {
        if message.is_empty() {
            return;
        }
        let next_tag_end = |message: &[u8], at: usize| {
            message[at..].iter().position(|byte| *byte == b'>').map(|end| at + end)
        };
        match self {
            Self::Cut(at, length) => {
                let at = at.index(message.len());
                message.drain(at..(at + length).min(message.len()));
            }
            Self::Insert(at, what) => {
                let at = at.index(message.len());
                message.splice(at..at, what.bytes());
            }
            Self::InsertBehindTag(at, what) => {
                if let Some(end) = next_tag_end(message, at.index(message.len())) {
                    message.splice(end + 1..end + 1, what.bytes());
                }
            }
            Self::InsertInTag(at, what) => {
                if let Some(end) = next_tag_end(message, at.index(message.len())) {
                    message.splice(end..end, what.bytes());
                }
            }
            Self::Copy(from, length, to) => {
                let from = from.index(message.len());
                let piece = message[from..(from + length).min(message.len())].to_vec();
                let to = to.index(message.len());
                message.splice(to..to, piece);
            }
        }
    }
}

fn damage() -> impl Strategy<Value = Damage> {
    let anything = select(vec!["<", ">", "/", "\"", "&", " ", ":", "x", "a:", "r:", "s:"]);
    let content = select(vec!["<x/>", "<x:y xmlns:x='urn:x'/>", "<!-- -->", "<![CDATA[z]]>", "&#xD;", " "]);
    let attribute = select(vec![
        " xmlns='urn:d'",
        " xmlns:a='urn:q'",
        " xmlns:s='urn:q'",
        " xmlns:r='http://www.w3.org/2005/08/addressing'",
        " b='1'",
        " a:b='1'",
        " u:b='1' xmlns:u='urn:u'",
    ]);
    prop_oneof![
        (any::<Index>(), 1_usize..6).prop_map(|(at, length)| Damage::Cut(at, length)),
        (any::<Index>(), anything).prop_map(|(at, what)| Damage::Insert(at, what)),
        (any::<Index>(), content).prop_map(|(at, what)| Damage::InsertBehindTag(at, what)),
        (any::<Index>(), attribute).prop_map(|(at, what)| Damage::InsertInTag(at, what)),
        (any::<Index>(), 1_usize..200, any::<Index>())
            .prop_map(|(from, length, to)| Damage::Copy(from, length, to)),
    ]
}

proptest! {
    #[test]
    fn what_can_be_read_can_be_written(message in any::<Index>(), damages in vec(damage(), 1..4)) {
        let mut message = message.get(&MESSAGES).clone();
        for damage in &damages {
            damage.apply(&mut message);
        }
        match round_trip(&message, &Limits::default()) {
            Ok(RoundTrip::Equivalent { written, .. }) => {
                prop_assert_eq!(round_trip(&written, &Limits::default()), Ok(RoundTrip::Identical));
            }
            Err(RoundTripError::Written(error)) => {
                return Err(TestCaseError::fail(format!("{error}: {}", String::from_utf8_lossy(&message))));
            }
            // What has no meaning is lost: attributes where none are known, text between header blocks.
            Ok(RoundTrip::Identical) | Err(_) => {}
        }
    }
}
