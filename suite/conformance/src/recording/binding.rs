//! The binding of a recorded endpoint: comma-separated `key=value` pairs, as the programs in `peers/` take them.

use std::time::Duration;

use thiserror::Error;
use wsrm_protocol::{Pattern, ReliableSessionSettings, Timeouts};
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion, WireProfile};

/// Which of WCF's bindings it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BindingKind {
    /// `customBinding` of reliableSession, textMessageEncoding and httpTransport.
    Custom,
    /// `wsHttpBinding` with its reliable session enabled.
    WsHttp,
    /// `ws2007HttpBinding` with its reliable session enabled.
    Ws2007Http,
}

/// The contract that a recorded endpoint has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Contract {
    /// `IEcho`: `Echo`, two-way.
    Echo,
    /// `IOneWay`: `Send`, one-way.
    OneWay,
    /// `IMixed`: `Echo` and `Send` in one session.
    Mixed,
}

/// What a recording says about the binding of one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Which of WCF's bindings it is.
    pub kind: BindingKind,
    /// The contract of the endpoint.
    pub contract: Contract,
    /// SOAP, WS-Addressing and RM version.
    pub profile: WireProfile,
    /// Whether the RM version was written, or is the default of the binding.
    pub rm_written: bool,
    /// The eight settings.
    pub settings: ReliableSessionSettings,
    /// The timeouts.
    pub timeouts: Timeouts,
    /// The pause behind each asynchronous call of the client (`gap`, written in milliseconds).
    pub gap: Duration,
    /// Keys that mean something to another stack only, as written.
    pub other: Vec<(String, String)>,
}

/// A binding that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BindingError {
    /// Something that is no `key=value`.
    #[error("{0:?} is no key=value pair")]
    Pair(String),
    /// A value that the key does not take.
    #[error("{key}={value}: expected {expected}")]
    Value {
        /// The key.
        key: String,
        /// The value.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
}

impl Contract {
    /// Which sequences a session of this contract needs.
    pub const fn pattern(self) -> Pattern {
        match self {
            Self::OneWay => Pattern::OneWay,
            Self::Echo | Self::Mixed => Pattern::RequestReply,
        }
    }

    /// The name of the interface, which is part of its actions.
    pub const fn interface(self) -> &'static str {
        match self {
            Self::Echo => "IEcho",
            Self::OneWay => "IOneWay",
            Self::Mixed => "IMixed",
        }
    }
}

impl Binding {
    /// Reads `key=value,key=value`; of a key that stands twice the last value counts.
    ///
    /// # Errors
    /// If a part is no pair, or a known key has a value that it does not take.
    pub fn parse(text: &str) -> Result<Self, BindingError> {
        let mut binding = Self::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (key, value) =
                part.split_once('=').ok_or_else(|| BindingError::Pair(part.chars().take(80).collect()))?;
            binding.set(key.trim(), value.trim())?;
        }
        if binding.kind == BindingKind::WsHttp && !binding.rm_written {
            binding.set_rm(RmVersion::February2005);
        }
        Ok(binding)
    }

    /// Reads the bindings of several endpoints, `name:binding name:binding`.
    ///
    /// # Errors
    /// As [`Binding::parse`].
    pub fn parse_endpoints(text: &str) -> Result<Vec<(String, Self)>, BindingError> {
        text.split_whitespace()
            .map(|endpoint| {
                let (name, binding) = endpoint
                    .split_once(':')
                    .ok_or_else(|| BindingError::Pair(endpoint.chars().take(80).collect()))?;
                Ok((name.to_owned(), Self::parse(binding)?))
            })
            .collect()
    }

    /// Sets the RM version of a binding that leaves it to its default.
    pub fn set_rm(&mut self, rm: RmVersion) {
        self.profile.rm = rm;
        self.settings.reliable_messaging_version = rm;
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), BindingError> {
        let bad = |expected| BindingError::Value { key: key.to_owned(), value: value.to_owned(), expected };
        match key {
            "binding" => {
                self.kind = match value {
                    "custom" => BindingKind::Custom,
                    "wshttp" => BindingKind::WsHttp,
                    "ws2007" => BindingKind::Ws2007Http,
                    _ => return Err(bad("custom, wshttp or ws2007")),
                }
            }
            "contract" => {
                self.contract = match value {
                    "echo" => Contract::Echo,
                    "oneway" => Contract::OneWay,
                    "mixed" => Contract::Mixed,
                    _ => return Err(bad("echo, oneway or mixed")),
                }
            }
            "rm" => {
                self.rm_written = true;
                self.set_rm(match value {
                    "10" => RmVersion::February2005,
                    "11" => RmVersion::V200702,
                    _ => return Err(bad("10 or 11")),
                });
            }
            "mv" => {
                (self.profile.soap, self.profile.addressing) = match value {
                    "s12a10" => (SoapVersion::Soap12, AddressingVersion::Addressing10),
                    "s11a10" => (SoapVersion::Soap11, AddressingVersion::Addressing10),
                    "s12a04" => (SoapVersion::Soap12, AddressingVersion::August2004),
                    "s11a04" => (SoapVersion::Soap11, AddressingVersion::August2004),
                    _ => return Err(bad("s12a10, s11a10, s12a04 or s11a04")),
                }
            }
            "ordered" => self.settings.ordered = flag(value).ok_or_else(|| bad("0 or 1"))?,
            "flow" => self.settings.flow_control_enabled = flag(value).ok_or_else(|| bad("0 or 1"))?,
            "window" => {
                self.settings.max_transfer_window_size = count(value, 4096).ok_or_else(|| bad("1 to 4096"))?
            }
            "maxpend" => {
                self.settings.max_pending_channels = count(value, 16384).ok_or_else(|| bad("1 to 16384"))?
            }
            "maxretry" => {
                self.settings.max_retry_count = count(value, u32::MAX).ok_or_else(|| bad("at least 1"))?
            }
            "gap" => self.gap = duration(value, 1e-3).ok_or_else(|| bad("milliseconds"))?,
            _ => match self.timeout(key) {
                Some(timeout) => *timeout = duration(value, 1.0).ok_or_else(|| bad("seconds"))?,
                None => self.other.push((key.to_owned(), value.to_owned())),
            },
        }
        Ok(())
    }

    fn timeout(&mut self, key: &str) -> Option<&mut Duration> {
        Some(match key {
            "inact" => &mut self.settings.inactivity_timeout,
            "ack" => &mut self.settings.acknowledgement_interval,
            "opento" => &mut self.timeouts.open,
            "closeto" => &mut self.timeouts.close,
            "sendto" => &mut self.timeouts.send,
            "recvto" => &mut self.timeouts.receive,
            _ => return None,
        })
    }
}

/// A custom binding with WCF's defaults but for RM 1.1, which the recorded programs choose when nothing is said.
impl Default for Binding {
    fn default() -> Self {
        let mut binding = Self {
            kind: BindingKind::Custom,
            contract: Contract::Echo,
            profile: WireProfile::default(),
            rm_written: false,
            settings: ReliableSessionSettings::default(),
            timeouts: Timeouts::default(),
            gap: Duration::from_millis(20),
            other: Vec::new(),
        };
        binding.set_rm(RmVersion::V200702);
        binding
    }
}

fn flag(value: &str) -> Option<bool> {
    match value {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}

fn count(value: &str, max: u32) -> Option<u32> {
    value.parse().ok().filter(|count| (1..=max).contains(count))
}

/// At most a hundred years: what is longer is a mistake and would only overflow later.
fn duration(value: &str, unit: f64) -> Option<Duration> {
    let seconds = value.parse::<f64>().ok()? * unit;
    (0.0..=3.2e9).contains(&seconds).then(|| Duration::from_secs_f64(seconds))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn reads_all_keys() {
        let binding = Binding::parse(
            "rm=10,mv=s11a04,ordered=0,flow=0,window=2,inact=3,ack=0.5,maxpend=1,maxretry=3,contract=mixed,\
             opento=5,closeto=6,sendto=7,recvto=8,gap=50,async=1,opento=13",
        )
        .unwrap();
        assert_eq!(binding.profile.rm, RmVersion::February2005);
        assert_eq!(binding.profile.soap, SoapVersion::Soap11);
        assert_eq!(binding.profile.addressing, AddressingVersion::August2004);
        assert_eq!(binding.contract, Contract::Mixed);
        assert_eq!(
            binding.settings,
            ReliableSessionSettings {
                acknowledgement_interval: Duration::from_millis(500),
                flow_control_enabled: false,
                inactivity_timeout: Duration::from_secs(3),
                max_pending_channels: 1,
                max_retry_count: 3,
                max_transfer_window_size: 2,
                ordered: false,
                reliable_messaging_version: RmVersion::February2005,
            }
        );
        let seconds = Duration::from_secs;
        assert_eq!(
            binding.timeouts,
            Timeouts { open: seconds(13), close: seconds(6), send: seconds(7), receive: seconds(8) }
        );
        assert_eq!(binding.gap, Duration::from_millis(50));
        assert_eq!(binding.other, [("async".to_owned(), "1".to_owned())]);
    }

    #[rstest]
    #[case("", RmVersion::V200702)]
    #[case("binding=wshttp", RmVersion::February2005)]
    #[case("binding=wshttp,rm=11", RmVersion::V200702)]
    #[case("binding=ws2007", RmVersion::V200702)]
    fn defaults_of_the_version(#[case] text: &str, #[case] rm: RmVersion) {
        assert_eq!(Binding::parse(text).unwrap().profile.rm, rm);
    }

    #[test]
    fn reads_several_endpoints() {
        let endpoints =
            Binding::parse_endpoints("a:rm=11 b:rm=10,contract=oneway ws:binding=wshttp").unwrap();
        let names: Vec<_> = endpoints.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a", "b", "ws"]);
        assert_eq!(endpoints[1].1.contract, Contract::OneWay);
    }

    #[rstest]
    #[case("rm", "\"rm\" is no key=value pair")]
    #[case("rm=12", "rm=12: expected 10 or 11")]
    #[case("window=0", "window=0: expected 1 to 4096")]
    #[case("window=-1", "window=-1: expected 1 to 4096")]
    #[case("inact=-1", "inact=-1: expected seconds")]
    #[case("inact=nan", "inact=nan: expected seconds")]
    #[case("ordered=yes", "ordered=yes: expected 0 or 1")]
    #[case("mv=s13", "mv=s13: expected s12a10, s11a10, s12a04 or s11a04")]
    fn refuses(#[case] text: &str, #[case] error: &str) {
        assert_eq!(Binding::parse(text).unwrap_err().to_string(), error);
    }
}
