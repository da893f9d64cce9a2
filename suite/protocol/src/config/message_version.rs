//! `MessageVersion`: which SOAP and which addressing an encoding writes.

use std::fmt;

use wsrm_wire::{AddressingVersion, SoapVersion};

use super::value::{Refusal, name_of};

/// WCF's `MessageVersion`. A reliable session needs both parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MessageVersion {
    /// The version of SOAP; `None` for plain XML.
    pub soap: Option<SoapVersion>,
    /// The version of WS-Addressing; `None` where messages carry no addressing headers.
    pub addressing: Option<AddressingVersion>,
}

impl MessageVersion {
    /// `Soap12WSAddressing10`, which `Default` stands for.
    pub const DEFAULT: Self = Self::new(SoapVersion::Soap12, AddressingVersion::Addressing10);
    /// `Soap11`, what basicHttpBinding writes.
    pub const SOAP11: Self = Self { soap: Some(SoapVersion::Soap11), addressing: None };
    /// `None`: plain XML.
    pub const NONE: Self = Self { soap: None, addressing: None };

    const NAMES: [(&'static str, Self); 8] = [
        ("Soap11WSAddressing10", Self::new(SoapVersion::Soap11, AddressingVersion::Addressing10)),
        ("Soap12WSAddressing10", Self::DEFAULT),
        ("Soap11WSAddressingAugust2004", Self::new(SoapVersion::Soap11, AddressingVersion::August2004)),
        ("Soap12WSAddressingAugust2004", Self::new(SoapVersion::Soap12, AddressingVersion::August2004)),
        ("Soap11", Self::SOAP11),
        ("Soap12", Self { soap: Some(SoapVersion::Soap12), addressing: None }),
        ("None", Self::NONE),
        ("Default", Self::DEFAULT),
    ];

    /// The version with both parts.
    pub const fn new(soap: SoapVersion, addressing: AddressingVersion) -> Self {
        Self { soap: Some(soap), addressing: Some(addressing) }
    }

    /// WCF's name for it.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, version)| *version == self).map_or("None", |(name, _)| name)
    }

    /// Reads WCF's name, letter by letter.
    pub(super) fn read(text: &str) -> Result<Self, Refusal> {
        name_of(&Self::NAMES)(text).map_err(|refusal| {
            let class = "System.ServiceModel.Channels.MessageVersion";
            refusal.in_words(format!("The value '{text}' is not a valid instance of type '{class}'."))
        })
    }
}

impl fmt::Display for MessageVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.soap, self.addressing) {
            (None, _) => f.write_str("plain XML"),
            (Some(soap), None) => write!(f, "{soap} without addressing"),
            (Some(soap), Some(addressing)) => write!(f, "{soap}, {addressing}"),
        }
    }
}
