//! The three choices that fix the form of a message.

use std::fmt;

/// The version of SOAP that frames a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SoapVersion {
    /// SOAP 1.1 (W3C Note of May 2000).
    Soap11,
    /// SOAP 1.2 (W3C Recommendation).
    Soap12,
}

/// The version of WS-Addressing whose headers a message carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AddressingVersion {
    /// WS-Addressing as submitted in August 2004; WCF's `WSAddressingAugust2004`.
    August2004,
    /// WS-Addressing 1.0 (2005/08); WCF's `WSAddressing10`.
    Addressing10,
}

/// The version of WS-ReliableMessaging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RmVersion {
    /// WS-ReliableMessaging of February 2005; WCF's `WSReliableMessagingFebruary2005`, "RM 1.0".
    February2005,
    /// OASIS WS-ReliableMessaging 1.1 and 1.2, namespace 200702; WCF's `WSReliableMessaging11`, "RM 1.1".
    V200702,
}

/// How a message is framed: SOAP, WS-Addressing and WS-ReliableMessaging version together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WireProfile {
    /// The SOAP version.
    pub soap: SoapVersion,
    /// The WS-Addressing version.
    pub addressing: AddressingVersion,
    /// The WS-ReliableMessaging version.
    pub rm: RmVersion,
}

impl SoapVersion {
    /// Both versions, the older first.
    pub const ALL: [Self; 2] = [Self::Soap11, Self::Soap12];

    /// The namespace of the envelope.
    pub const fn namespace(self) -> &'static str {
        match self {
            Self::Soap11 => "http://schemas.xmlsoap.org/soap/envelope/",
            Self::Soap12 => "http://www.w3.org/2003/05/soap-envelope",
        }
    }

    /// The media type of the HTTP body, without parameters (SOAP 1.1 section 6, SOAP 1.2 part 2 section 7).
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Soap11 => "text/xml",
            Self::Soap12 => "application/soap+xml",
        }
    }

    /// The name of the attribute that addresses a header to a node: `actor` or `role`.
    pub const fn role_attribute(self) -> &'static str {
        match self {
            Self::Soap11 => "actor",
            Self::Soap12 => "role",
        }
    }

    /// Whether a header for `role` is for an endpoint: the empty role, `next`, or in SOAP 1.2 `ultimateReceiver`. A
    /// header without a role is too.
    ///
    /// WCF makes no difference between the three, neither where it looks for headers nor where one must be understood.
    pub fn is_endpoint_role(self, role: &str) -> bool {
        match self {
            Self::Soap11 => matches!(role, "" | "http://schemas.xmlsoap.org/soap/actor/next"),
            Self::Soap12 => matches!(
                role,
                "" | "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver"
                    | "http://www.w3.org/2003/05/soap-envelope/role/next"
            ),
        }
    }
}

impl AddressingVersion {
    /// Both versions, the older first.
    pub const ALL: [Self; 2] = [Self::August2004, Self::Addressing10];

    /// The namespace of the addressing headers.
    pub const fn namespace(self) -> &'static str {
        match self {
            Self::August2004 => "http://schemas.xmlsoap.org/ws/2004/08/addressing",
            Self::Addressing10 => "http://www.w3.org/2005/08/addressing",
        }
    }

    /// The address that stands for "the other end of this HTTP exchange".
    pub const fn anonymous(self) -> &'static str {
        match self {
            Self::August2004 => "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous",
            Self::Addressing10 => "http://www.w3.org/2005/08/addressing/anonymous",
        }
    }

    /// The address to which nothing is sent; only WS-Addressing 1.0 has one.
    pub const fn none(self) -> Option<&'static str> {
        match self {
            Self::August2004 => None,
            Self::Addressing10 => Some("http://www.w3.org/2005/08/addressing/none"),
        }
    }

    /// The action of faults that the addressing specification itself defines.
    pub const fn fault_action(self) -> &'static str {
        match self {
            Self::August2004 => "http://schemas.xmlsoap.org/ws/2004/08/addressing/fault",
            Self::Addressing10 => "http://www.w3.org/2005/08/addressing/fault",
        }
    }

    /// The action WCF gives to faults for which no other action is set.
    pub const fn default_fault_action(self) -> &'static str {
        match self {
            Self::August2004 => "http://schemas.xmlsoap.org/ws/2004/08/addressing/fault",
            Self::Addressing10 => "http://www.w3.org/2005/08/addressing/soap/fault",
        }
    }
}

impl RmVersion {
    /// Both versions, the older first.
    pub const ALL: [Self; 2] = [Self::February2005, Self::V200702];

    /// The namespace of the headers and messages.
    pub const fn namespace(self) -> &'static str {
        match self {
            Self::February2005 => "http://schemas.xmlsoap.org/ws/2005/02/rm",
            Self::V200702 => "http://docs.oasis-open.org/ws-rx/wsrm/200702",
        }
    }

    /// The value of `reliableMessagingVersion` that selects this version in a WCF configuration file.
    pub const fn configuration_name(self) -> &'static str {
        match self {
            Self::February2005 => "WSReliableMessagingFebruary2005",
            Self::V200702 => "WSReliableMessaging11",
        }
    }
}

impl WireProfile {
    /// All eight profiles.
    pub fn all() -> impl Iterator<Item = Self> {
        RmVersion::ALL.into_iter().flat_map(|rm| {
            SoapVersion::ALL.into_iter().flat_map(move |soap| {
                AddressingVersion::ALL.into_iter().map(move |addressing| Self { soap, addressing, rm })
            })
        })
    }
}

/// SOAP 1.2, WS-Addressing 1.0 and RM 1.0: what a WCF `<reliableSession />` speaks when nothing is written.
impl Default for WireProfile {
    fn default() -> Self {
        Self {
            soap: SoapVersion::Soap12,
            addressing: AddressingVersion::Addressing10,
            rm: RmVersion::February2005,
        }
    }
}

impl fmt::Display for SoapVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Soap11 => "SOAP 1.1",
            Self::Soap12 => "SOAP 1.2",
        })
    }
}

impl fmt::Display for AddressingVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::August2004 => "WS-Addressing 2004/08",
            Self::Addressing10 => "WS-Addressing 1.0",
        })
    }
}

impl fmt::Display for RmVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::February2005 => "RM 1.0",
            Self::V200702 => "RM 1.1",
        })
    }
}

impl fmt::Display for WireProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}, {}", self.rm, self.soap, self.addressing)
    }
}
