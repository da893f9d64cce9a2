//! The part of a command line that says how to speak: what a WCF binding says.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use wsrm_protocol::config::{self, Configuration, Selection};
use wsrm_protocol::{Pattern, ReliableSessionSettings, TimeSpan, Timeouts};
use wsrm_reference::Contract;
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion, WireProfile};

use crate::exit::Exit;

/// How to speak.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Binding")]
pub(crate) struct BindingArguments {
    /// WS-ReliableMessaging version [default: 1.0, which is WCF's own]
    #[arg(long, value_name = "VERSION")]
    rm: Option<Rm>,
    /// SOAP version [default: 1.2]
    #[arg(long, value_name = "VERSION")]
    soap: Option<Soap>,
    /// WS-Addressing version [default: 1.0]
    #[arg(long, value_name = "VERSION")]
    addressing: Option<Addressing>,
    /// Deliver messages in the order of their numbers (the default)
    #[arg(long, conflicts_with = "unordered")]
    ordered: bool,
    /// Deliver messages as they come
    #[arg(long)]
    unordered: bool,
    /// Messages in flight or in the buffer, 1 to 4096: maxTransferWindowSize [default: 8]
    #[arg(long, value_name = "MESSAGES")]
    window: Option<u32>,
    /// Silence after which a session is given up: inactivityTimeout [default: 10m]
    #[arg(long, value_name = "TIME")]
    inactivity_timeout: Option<Span>,
    /// Retransmissions of one message before the session is given up: maxRetryCount [default: 8]
    #[arg(long, value_name = "COUNT")]
    max_retry_count: Option<u32>,
    /// Do without BufferRemaining: flowControlEnabled="false"
    #[arg(long)]
    no_flow_control: bool,
    /// Bounds opening a session [default: 1m]
    #[arg(long, value_name = "TIME")]
    open_timeout: Option<Span>,
    /// Bounds one call [default: 1m]
    #[arg(long, value_name = "TIME")]
    send_timeout: Option<Span>,
    /// Bounds closing a session [default: 1m]
    #[arg(long, value_name = "TIME")]
    close_timeout: Option<Span>,
    /// Take the binding from a WCF configuration file; options beside it count more
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The binding of --config, by its name
    #[arg(long, value_name = "NAME", requires = "config")]
    binding: Option<String>,
    /// The endpoint of --config, by its name
    #[arg(long, value_name = "NAME", requires = "config", conflicts_with = "binding")]
    endpoint: Option<String>,
}

/// What [`BindingArguments`] amount to.
#[derive(Debug, Clone)]
pub(crate) struct Binding {
    pub(crate) profile: WireProfile,
    pub(crate) settings: ReliableSessionSettings,
    pub(crate) timeouts: Timeouts,
}

/// Why there is no binding.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) exit: Exit,
    pub(crate) message: String,
}

/// A contract of the reference service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ContractName {
    /// IEcho: the two-way operation Echo
    #[value(alias = "request-reply")]
    Echo,
    /// IOneWay: the one-way operation Send
    #[value(alias = "oneway")]
    OneWay,
    /// IMixed: both in one session
    Mixed,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Rm(pub(crate) RmVersion);

#[derive(Debug, Clone, Copy)]
pub(crate) struct Soap(pub(crate) SoapVersion);

#[derive(Debug, Clone, Copy)]
pub(crate) struct Addressing(pub(crate) AddressingVersion);

/// A length of time: `1.5`, `250ms`, `30s`, `10m`, `1h`, or .NET's `00:10:00`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span(pub(crate) Duration);

impl BindingArguments {
    /// The binding, from the file and the options.
    pub(crate) fn resolve(&self) -> Result<Binding, Refusal> {
        let mut binding = self.base()?;
        if let Some(Rm(rm)) = self.rm {
            binding.profile.rm = rm;
            binding.settings.reliable_messaging_version = rm;
        }
        if let Some(Soap(soap)) = self.soap {
            binding.profile.soap = soap;
        }
        if let Some(Addressing(addressing)) = self.addressing {
            binding.profile.addressing = addressing;
        }
        let settings = &mut binding.settings;
        settings.ordered = if self.ordered { true } else { settings.ordered && !self.unordered };
        settings.flow_control_enabled &= !self.no_flow_control;
        set(&mut settings.max_transfer_window_size, self.window);
        set(&mut settings.max_retry_count, self.max_retry_count);
        set(&mut settings.inactivity_timeout, self.inactivity_timeout.map(|span| span.0));
        set(&mut binding.timeouts.open, self.open_timeout.map(|span| span.0));
        set(&mut binding.timeouts.send, self.send_timeout.map(|span| span.0));
        set(&mut binding.timeouts.close, self.close_timeout.map(|span| span.0));
        let wrong = |error: &dyn std::fmt::Display| Refusal { exit: Exit::Usage, message: error.to_string() };
        binding.settings.validate().map_err(|error| wrong(&error))?;
        binding.timeouts.validate().map_err(|error| wrong(&error))?;
        Ok(binding)
    }

    /// The same, in these versions.
    pub(crate) const fn speaking(mut self, rm: Rm, soap: Soap, addressing: Addressing) -> Self {
        self.rm = Some(rm);
        self.soap = Some(soap);
        self.addressing = Some(addressing);
        self
    }

    /// What the file says of the endpoint or binding that is meant.
    fn configured(&self, path: &Path) -> Result<Binding, Refusal> {
        let refuse =
            |exit, message: String| Refusal { exit, message: format!("{}: {message}", path.display()) };
        let file = crate::config::read_file(path).map_err(|message| refuse(Exit::Usage, message))?;
        let configuration =
            Configuration::read(file).map_err(|errors| refuse(Exit::Usage, errors.to_string()))?;
        let selection =
            Selection { side: None, endpoint: self.endpoint.as_deref(), binding: self.binding.as_deref() };
        let selected = configuration.binding_for(&selection).map_err(|refusal| {
            let exit = match refusal {
                config::Refusal::Unsupported { .. } => Exit::Unsupported,
                _ => Exit::Usage,
            };
            refuse(exit, refusal.to_string())
        })?;
        Ok(Binding { profile: selected.profile, settings: selected.settings, timeouts: selected.timeouts })
    }

    fn base(&self) -> Result<Binding, Refusal> {
        match &self.config {
            None => Ok(Binding {
                profile: WireProfile::default(),
                settings: ReliableSessionSettings::default(),
                timeouts: Timeouts::default(),
            }),
            Some(path) => self.configured(path),
        }
    }
}

impl ContractName {
    pub(crate) fn contract(self) -> Contract {
        match self {
            Self::Echo => Contract::echo(),
            Self::OneWay => Contract::one_way(),
            Self::Mixed => Contract::mixed(),
        }
    }

    pub(crate) fn pattern(self) -> Pattern {
        self.contract().pattern()
    }

    /// As recordings and peers name it.
    pub(crate) const fn recorded(self) -> wsrm_conformance::recording::Contract {
        use wsrm_conformance::recording::Contract as Recorded;
        match self {
            Self::Echo => Recorded::Echo,
            Self::OneWay => Recorded::OneWay,
            Self::Mixed => Recorded::Mixed,
        }
    }
}

impl ValueEnum for Rm {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self(RmVersion::February2005), Self(RmVersion::V200702)]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self.0 {
            RmVersion::February2005 => {
                PossibleValue::new("1.0").alias("WSReliableMessagingFebruary2005").help("February 2005")
            }
            RmVersion::V200702 => {
                PossibleValue::new("1.1").aliases(["1.2", "WSReliableMessaging11"]).help("OASIS, 200702")
            }
        })
    }
}

impl ValueEnum for Soap {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self(SoapVersion::Soap11), Self(SoapVersion::Soap12)]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self.0 {
            SoapVersion::Soap11 => "1.1",
            SoapVersion::Soap12 => "1.2",
        }))
    }
}

impl ValueEnum for Addressing {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self(AddressingVersion::August2004), Self(AddressingVersion::Addressing10)]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self.0 {
            AddressingVersion::August2004 => {
                PossibleValue::new("2004/08").aliases(["2004", "200408", "WSAddressingAugust2004"])
            }
            AddressingVersion::Addressing10 => PossibleValue::new("1.0").aliases(["10", "WSAddressing10"]),
        })
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no time: write 250ms, 30s, 10m, 1h or 00:10:00");
        if text.contains(':') {
            let span = TimeSpan::parse_or_infinite(text).map_err(|error| error.to_string())?;
            return Duration::try_from(span).map(Self).map_err(|_| wrong());
        }
        let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        let unit = match text.get(digits.len()..).unwrap_or_default() {
            "ms" => 0.001,
            "" | "s" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3600.0,
            _ => return Err(wrong()),
        };
        let number: f64 = digits.parse().map_err(|_| wrong())?;
        Duration::try_from_secs_f64(number * unit).map(Self).map_err(|_| wrong())
    }
}

fn set<T>(target: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *target = value;
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("1.5", Some(1500))]
    #[case("250ms", Some(250))]
    #[case("30s", Some(30_000))]
    #[case("10m", Some(600_000))]
    #[case("1h", Some(3_600_000))]
    #[case("00:10:00", Some(600_000))]
    #[case("-1s", None)]
    #[case("1y", None)]
    #[case("soon", None)]
    #[case("", None)]
    fn times(#[case] text: &str, #[case] millis: Option<u64>) {
        assert_eq!(text.parse::<Span>().ok().map(|span| span.0), millis.map(Duration::from_millis));
    }
}
