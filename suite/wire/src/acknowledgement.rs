//! The `SequenceAcknowledgement` header, with WCF's flow control inside it.

use std::borrow::Cow;
use std::fmt;

use crate::Fragment;

/// A run of message numbers that were received, both ends included.
///
/// February 2005 writes "nothing yet" as the range 0 to 0; otherwise `lower` is at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AcknowledgementRange {
    /// The first number of the run.
    pub lower: u64,
    /// The last number of the run, never below `lower`.
    pub upper: u64,
}

/// What an acknowledgement says about the messages of a sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acknowledged {
    /// The ranges received, in the order in which they were written; never empty.
    Ranges(Vec<AcknowledgementRange>),
    /// `None`: nothing was received; 200702 only.
    None,
    /// `Nack`: these numbers are missing; never empty. WCF reads and ignores it.
    Nack(Vec<u64>),
}

/// The `SequenceAcknowledgement` header (WS-RM 1.1 section 3.9, February 2005 section 3.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SequenceAcknowledgement<'a> {
    /// The sequence that is acknowledged.
    pub identifier: Cow<'a, str>,
    /// What was received of it.
    pub acknowledged: Acknowledged,
    /// `Final`: the acknowledgement will never change again; 200702 only.
    pub is_final: bool,
    /// `netrm:BufferRemaining`: how many new messages the destination can take (MS-WSRVCRM section 2.2.3.1).
    pub buffer_remaining: Option<u32>,
    /// Elements after those the schema knows.
    pub extensions: Vec<Fragment<'a>>,
}

impl AcknowledgementRange {
    /// The range from `lower` to `upper`.
    pub const fn new(lower: u64, upper: u64) -> Self {
        Self { lower, upper }
    }

    /// Whether `number` lies in the range.
    pub const fn contains(self, number: u64) -> bool {
        self.lower <= number && number <= self.upper
    }
}

impl fmt::Display for AcknowledgementRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.lower, self.upper)
    }
}

impl SequenceAcknowledgement<'_> {
    /// The ranges that acknowledge at least one message: neither `None`, nor `Nack`, nor the range 0 to 0.
    pub fn ranges(&self) -> impl Iterator<Item = AcknowledgementRange> + '_ {
        let ranges = match &self.acknowledged {
            Acknowledged::Ranges(ranges) => ranges.as_slice(),
            Acknowledged::None | Acknowledged::Nack(_) => &[],
        };
        ranges.iter().copied().filter(|range| range.upper > 0)
    }
}
