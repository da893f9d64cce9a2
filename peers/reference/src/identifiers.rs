//! Random identifiers.

use wsrm_protocol::Identifiers;

/// Identifiers from a fast random number generator: unique, which is what WS-ReliableMessaging asks of them, and
/// guessable, so no secret.
#[derive(Debug, Clone)]
pub struct RandomIdentifiers {
    random: fastrand::Rng,
}

impl RandomIdentifiers {
    /// Identifiers that differ from run to run.
    pub fn new() -> Self {
        Self { random: fastrand::Rng::new() }
    }
}

impl Default for RandomIdentifiers {
    fn default() -> Self {
        Self::new()
    }
}

impl Identifiers for RandomIdentifiers {
    /// 122 random bits, with the six that mark a random UUID (RFC 9562 section 5.4).
    fn next_bits(&mut self) -> u128 {
        const VERSION: u128 = 0xF << 76;
        const VARIANT: u128 = 0x3 << 62;
        self.random.u128(..) & !(VERSION | VARIANT) | 0x4 << 76 | 0x2 << 62
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_random_uuids() {
        let mut identifiers = RandomIdentifiers::new();
        let (one, other) = (identifiers.next_identifier(), identifiers.next_identifier());
        assert_ne!(one, other);
        let uuid = one.strip_prefix("urn:uuid:").unwrap();
        assert_eq!(uuid.as_bytes()[14], b'4');
        assert!(matches!(uuid.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{uuid}");
    }
}
