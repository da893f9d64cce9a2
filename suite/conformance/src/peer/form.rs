//! How a session is to be spoken: versions and contract, as all peers' programs are told it.

use std::fmt;

use thiserror::Error;
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion, WireProfile};

use crate::recording::Contract;

/// The versions and the contract of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Form {
    /// SOAP, WS-Addressing and RM version.
    pub profile: WireProfile,
    /// The operations.
    pub contract: Contract,
}

/// A setting of a SPEC beyond the form, such as `retry=500`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// A text that is no setting.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no KEY=VALUE; a key has small letters, and a value neither commas nor blanks")]
pub struct FormError(String);

impl Form {
    /// The form as a SPEC for the programs of a peer: `rm=11,mv=s12a10,contract=oneway`, then the settings.
    pub fn spec(&self, settings: &[Setting]) -> String {
        let mut spec = self.to_string();
        for setting in settings {
            spec.push_str(&format!(",{setting}"));
        }
        spec
    }

    /// A name that fits into a path: `rm11-s12a10-oneway`.
    pub fn name(&self) -> String {
        format!("rm{}-{}-{}", rm(self.profile), message_version(self.profile), contract(self.contract))
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let contract = contract(self.contract);
        write!(f, "rm={},mv={},contract={contract}", rm(self.profile), message_version(self.profile))
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.key, self.value)
    }
}

impl std::str::FromStr for Setting {
    type Err = FormError;

    fn from_str(text: &str) -> Result<Self, FormError> {
        let wrong = || FormError(text.chars().take(80).collect());
        let (key, value) = text.split_once('=').ok_or_else(wrong)?;
        let is_key = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase());
        let is_value = !value.is_empty() && !value.contains(|c: char| c == ',' || c.is_whitespace());
        (is_key && is_value).then(|| Self { key: key.to_owned(), value: value.to_owned() }).ok_or_else(wrong)
    }
}

const fn rm(profile: WireProfile) -> &'static str {
    match profile.rm {
        RmVersion::February2005 => "10",
        RmVersion::V200702 => "11",
    }
}

const fn message_version(profile: WireProfile) -> &'static str {
    match (profile.soap, profile.addressing) {
        (SoapVersion::Soap11, AddressingVersion::August2004) => "s11a04",
        (SoapVersion::Soap11, AddressingVersion::Addressing10) => "s11a10",
        (SoapVersion::Soap12, AddressingVersion::August2004) => "s12a04",
        (SoapVersion::Soap12, AddressingVersion::Addressing10) => "s12a10",
    }
}

const fn contract(contract: Contract) -> &'static str {
    match contract {
        Contract::Echo => "echo",
        Contract::OneWay => "oneway",
        Contract::Mixed => "mixed",
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::recording::Binding;

    #[rstest]
    fn a_spec_is_a_binding_again(
        #[values(RmVersion::February2005, RmVersion::V200702)] rm: RmVersion,
        #[values(SoapVersion::Soap11, SoapVersion::Soap12)] soap: SoapVersion,
        #[values(AddressingVersion::August2004, AddressingVersion::Addressing10)]
        addressing: AddressingVersion,
        #[values(Contract::Echo, Contract::OneWay, Contract::Mixed)] contract: Contract,
    ) {
        let form = Form { profile: WireProfile { soap, addressing, rm }, contract };
        let settings = ["retry=500".parse().unwrap(), "window=2".parse().unwrap()];
        let binding = Binding::parse(&form.spec(&settings)).unwrap();
        assert_eq!((binding.profile, binding.contract), (form.profile, form.contract));
        assert_eq!(binding.settings.max_transfer_window_size, 2);
        assert_eq!(binding.other, [("retry".to_owned(), "500".to_owned())]);
    }

    #[rstest]
    #[case("retry")]
    #[case("=1")]
    #[case("retry=")]
    #[case("Retry=1")]
    #[case("retry=1,window=2")]
    #[case("retry=1 2")]
    fn no_setting(#[case] text: &str) {
        assert_eq!(text.parse::<Setting>(), Err(FormError(text.to_owned())));
    }
}
