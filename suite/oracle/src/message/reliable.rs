//! The headers of reliable messaging.

use std::ops::Range;

use wsrm_wire::{RmVersion, namespace};

use super::{HeaderBlock, Node};

/// A `Sequence` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SequenceFacts {
    /// The version whose namespace it is in.
    pub version: RmVersion,
    /// The element.
    pub node: Node,
    /// Whether the receiver must understand it.
    pub must_be_understood: bool,
    /// The identifier, if there is exactly one that is not empty.
    pub identifier: Option<String>,
    /// The number, if there is exactly one that is a whole number.
    pub number: Option<u64>,
    /// Whether it is marked as the last message, in RM 1.0.
    pub is_last: bool,
}

/// A range of an acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RangeFacts {
    /// `Lower`, if it is a whole number.
    pub lower: Option<u64>,
    /// `Upper`, if it is a whole number.
    pub upper: Option<u64>,
    /// The bytes of the range.
    pub span: Range<usize>,
}

/// A `SequenceAcknowledgement` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcknowledgementFacts {
    /// The version whose namespace it is in.
    pub version: RmVersion,
    /// The element.
    pub node: Node,
    /// The identifier, if there is exactly one that is not empty.
    pub identifier: Option<String>,
    /// The ranges.
    pub ranges: Vec<RangeFacts>,
    /// Whether `None` is there.
    pub has_none: bool,
    /// The numbers of the `Nack` elements; `None` for one that is no number.
    pub nacks: Vec<Option<u64>>,
    /// Whether `Final` is there.
    pub is_final: bool,
    /// The texts of the `BufferRemaining` elements.
    pub buffers: Vec<String>,
}

/// An `AckRequested` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AckRequestedFacts {
    /// The version whose namespace it is in.
    pub version: RmVersion,
    /// The element.
    pub node: Node,
    /// The identifier, if there is exactly one that is not empty.
    pub identifier: Option<String>,
}

/// A whole number as XML Schema reads it.
pub(crate) fn whole_number(text: &str) -> Option<u64> {
    let digits = text.trim().strip_prefix('+').unwrap_or_else(|| text.trim());
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

/// The text of the only child of this name, if it is not empty.
pub(crate) fn only_text(node: &Node, local: &str) -> Option<String> {
    let mut found = node.own(local);
    match (found.next(), found.next()) {
        (Some(child), None) if !child.text.is_empty() => Some(child.text.clone()),
        _ => None,
    }
}

fn version(node: &Node) -> RmVersion {
    node.rm_version().unwrap_or(RmVersion::V200702)
}

impl SequenceFacts {
    pub(super) fn read(header: &HeaderBlock) -> Self {
        let node = &header.node;
        Self {
            version: version(node),
            must_be_understood: header.must_be_understood(),
            identifier: only_text(node, "Identifier"),
            number: only_text(node, "MessageNumber").and_then(|text| whole_number(&text)),
            is_last: node.first("LastMessage").is_some(),
            node: node.clone(),
        }
    }
}

impl AcknowledgementFacts {
    pub(super) fn read(header: &HeaderBlock) -> Self {
        let node = &header.node;
        let bound = |range: &Node, local| range.attribute("", local).and_then(whole_number);
        let ranges = node.own("AcknowledgementRange").map(|range| RangeFacts {
            lower: bound(range, "Lower"),
            upper: bound(range, "Upper"),
            span: range.span.clone(),
        });
        let buffers = node.children.iter().filter(|child| child.is(namespace::NETRM, "BufferRemaining"));
        Self {
            version: version(node),
            identifier: only_text(node, "Identifier"),
            ranges: ranges.collect(),
            has_none: node.first("None").is_some(),
            nacks: node.own("Nack").map(|nack| whole_number(&nack.text)).collect(),
            is_final: node.first("Final").is_some(),
            buffers: buffers.map(|child| child.text.clone()).collect(),
            node: node.clone(),
        }
    }

    /// Whether it can be told which numbers it covers: it says something, and its ranges have bounds that are some.
    pub fn is_clear(&self) -> bool {
        let is_some = |range: &RangeFacts| match (range.lower, range.upper) {
            (Some(lower), Some(upper)) => lower <= upper && (lower > 0 || upper == 0),
            _ => false,
        };
        let says_something = !self.ranges.is_empty() || self.has_none || !self.nacks.is_empty();
        says_something && self.ranges.iter().all(is_some)
    }

    /// How many messages the destination has room for, if it says so rightly.
    pub fn buffer_remaining(&self) -> Option<u64> {
        match self.buffers.as_slice() {
            [only] => whole_number(only),
            _ => None,
        }
    }
}

impl AckRequestedFacts {
    pub(super) fn read(header: &HeaderBlock) -> Self {
        let node = &header.node;
        Self { version: version(node), identifier: only_text(node, "Identifier"), node: node.clone() }
    }
}
