//! The `Sequence` header.

use std::borrow::Cow;
use std::fmt;
use std::num::NonZeroU64;

use crate::Fragment;

/// The number of a message in its sequence: 1 to 9223372036854775807 (WS-RM 1.1 section 3.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageNumber(NonZeroU64);

impl MessageNumber {
    /// The first number of every sequence.
    pub const FIRST: Self = Self(NonZeroU64::MIN);
    /// The largest number that a sequence can hold, 2^63 - 1.
    pub const MAX: u64 = i64::MAX as u64;

    /// `value` as a message number, or `None` where it is 0 or beyond [`MessageNumber::MAX`].
    pub const fn new(value: u64) -> Option<Self> {
        match NonZeroU64::new(value) {
            Some(number) if value <= Self::MAX => Some(Self(number)),
            _ => None,
        }
    }

    /// The number as an integer.
    pub const fn value(self) -> u64 {
        self.0.get()
    }

    /// The number of the message after this one, or `None` after the largest.
    pub const fn next(self) -> Option<Self> {
        Self::new(self.value() + 1)
    }
}

impl fmt::Display for MessageNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

/// The `Sequence` header: which message of which sequence this is (WS-RM 1.1 section 3.7, February 2005
/// section 3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence<'a> {
    /// The sequence.
    pub identifier: Cow<'a, str>,
    /// The place of the message in it.
    pub number: MessageNumber,
    /// Whether the message says that it is the last one; February 2005 only.
    pub last_message: bool,
    /// Elements after those the schema knows.
    pub extensions: Vec<Fragment<'a>>,
}
