//! Identifiers of sequences and messages.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// The identifier of a sequence or a message: a URI, compared as text and echoed as it came.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identifier(Arc<str>);

/// Where new identifiers come from.
///
/// The protocol has no randomness of its own: a running peer gives it random identifiers, a test counted ones.
pub trait Identifiers: fmt::Debug + Send {
    /// The 128 bits of the next identifier; they are written as a lower-case UUID behind `urn:uuid:`.
    fn next_bits(&mut self) -> u128;

    /// The next identifier.
    fn next_identifier(&mut self) -> Identifier {
        Identifier::from_bits(self.next_bits())
    }
}

/// Identifiers that count up: the same in every run.
#[derive(Debug, Clone, Default)]
pub struct SequentialIdentifiers {
    last: u128,
}

impl Identifier {
    /// An identifier as a peer gave it.
    pub fn new(text: &str) -> Self {
        Self(Arc::from(text))
    }

    /// `urn:uuid:` and the bits as a lower-case UUID, as WCF writes its own identifiers.
    pub fn from_bits(bits: u128) -> Self {
        let mut text = String::with_capacity(45);
        text.push_str("urn:uuid:");
        for digit in 0..32u32 {
            if matches!(digit, 8 | 12 | 16 | 20) {
                text.push('-');
            }
            let value = (bits >> (124 - 4 * digit)) as u32 & 0xf;
            text.push(char::from_digit(value, 16).unwrap_or('0'));
        }
        Self(Arc::from(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl SequentialIdentifiers {
    /// Identifiers that count from `base` + 1; two peers of one test take different bases.
    pub fn starting_after(base: u128) -> Self {
        Self { last: base }
    }
}

impl Identifiers for SequentialIdentifiers {
    fn next_bits(&mut self) -> u128 {
        self.last += 1;
        self.last
    }
}

impl Deref for Identifier {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Identifier {
    /// An identifier is hashed and compared as its text, so that a table of identifiers can be asked for a text.
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Identifier {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl<'a> From<&'a Identifier> for Cow<'a, str> {
    fn from(identifier: &'a Identifier) -> Self {
        Cow::Borrowed(identifier.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_written_as_a_lower_case_uuid() {
        let identifier = Identifier::from_bits(0x0123_4567_89ab_cdef_fedc_ba98_7654_3210);
        assert_eq!(identifier.as_str(), "urn:uuid:01234567-89ab-cdef-fedc-ba9876543210");
        let mut counted = SequentialIdentifiers::starting_after(7);
        assert_eq!(counted.next_identifier().as_str(), "urn:uuid:00000000-0000-0000-0000-000000000008");
    }
}
