//! What is spoken in a session: the versions of what is sent, and the pattern of its messages.

use std::fmt;

use wsrm_protocol::Pattern;
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion, WireProfile};

/// The versions and the pattern that a session is held in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// The versions.
    pub profile: WireProfile,
    /// Which sequences a session has.
    pub pattern: Pattern,
}

impl Dialect {
    /// What a version of reliable messaging is called.
    pub const fn rm_name(rm: RmVersion) -> &'static str {
        match rm {
            RmVersion::February2005 => "RM 1.0",
            RmVersion::V200702 => "RM 1.1",
        }
    }

    /// What a pattern is called.
    pub const fn pattern_name(pattern: Pattern) -> &'static str {
        match pattern {
            Pattern::OneWay => "one-way",
            Pattern::RequestReply => "request-reply",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let soap = match self.profile.soap {
            SoapVersion::Soap11 => "SOAP 1.1",
            SoapVersion::Soap12 => "SOAP 1.2",
        };
        let addressing = match self.profile.addressing {
            AddressingVersion::August2004 => "WS-Addressing 2004/08",
            AddressingVersion::Addressing10 => "WS-Addressing 1.0",
        };
        let (rm, pattern) = (Self::rm_name(self.profile.rm), Self::pattern_name(self.pattern));
        write!(f, "{rm}, {soap}, {addressing}, {pattern}")
    }
}
