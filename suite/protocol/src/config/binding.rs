//! A binding as WCF would build it.

use std::fmt;
use std::time::Duration;

use wsrm_wire::{RmVersion, WireProfile};

use super::binding_kind::BindingKind;
use super::document::Element;
use super::error::Location;
use super::message_version::MessageVersion;
use super::stack::{BindingElement, ElementKind, TransportKind, Unsupported};
use super::value::{Errors, Origin, Sourced, boolean, integer, name_of, timeout};
use crate::settings::{ReliableSessionSettings, Timeouts};
use crate::time_span::TimeSpan;

/// A binding of a configuration file, or one that its endpoints use without its being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Its kind.
    pub kind: BindingKind,
    /// Its name; empty for the default of its kind.
    pub name: String,
    /// The path of the `<location>` element in which it lies.
    pub scope: Option<String>,
    /// Where it is written; `None` where only defaults make it.
    pub location: Option<Location>,
    /// Its binding elements from the top to the transport, those included that come by default. Empty for the binding
    /// of an extension.
    pub stack: Vec<BindingElement>,
    /// The message version; `None` where an extension decides it.
    pub message_version: Option<MessageVersion>,
    /// The reliable session, where there is one.
    pub reliable_session: Option<ReliableSession>,
    /// The timeouts.
    pub timeouts: BindingTimeouts,
    /// Why WCF could not open a channel with it.
    pub problems: Vec<Problem>,
    /// What of it can not be spoken here.
    pub unsupported: Vec<Unsupported>,
    /// What a reader may want to know.
    pub notes: Vec<String>,
}

/// The eight effective settings of a reliable session, each with its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReliableSession {
    /// `acknowledgementInterval`.
    pub acknowledgement_interval: Sourced<TimeSpan>,
    /// `flowControlEnabled`.
    pub flow_control_enabled: Sourced<bool>,
    /// `inactivityTimeout`.
    pub inactivity_timeout: Sourced<TimeSpan>,
    /// `maxPendingChannels`.
    pub max_pending_channels: Sourced<u32>,
    /// `maxRetryCount`.
    pub max_retry_count: Sourced<u32>,
    /// `maxTransferWindowSize`.
    pub max_transfer_window_size: Sourced<u32>,
    /// `ordered`.
    pub ordered: Sourced<bool>,
    /// `reliableMessagingVersion`.
    pub reliable_messaging_version: Sourced<RmVersion>,
}

/// The four timeouts of a binding, each with its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindingTimeouts {
    /// `openTimeout`.
    pub open: Sourced<TimeSpan>,
    /// `closeTimeout`.
    pub close: Sourced<TimeSpan>,
    /// `sendTimeout`.
    pub send: Sourced<TimeSpan>,
    /// `receiveTimeout`.
    pub receive: Sourced<TimeSpan>,
}

/// One setting, for those who show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<'a> {
    /// The name of the attribute.
    pub name: &'static str,
    /// The value, as WCF would write it.
    pub value: String,
    /// Where it comes from.
    pub origin: &'a Origin,
}

/// Why WCF could not use a binding or an endpoint that it can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it is written.
    pub location: Option<Location>,
    /// What is wrong.
    pub message: String,
    /// What WCF says of it, where that is known.
    pub wcf: Option<String>,
}

/// The attributes of a customBinding's `<reliableSession>`.
const ATTRIBUTES: [&str; 8] = [
    "acknowledgementInterval",
    "flowControlEnabled",
    "inactivityTimeout",
    "maxPendingChannels",
    "maxRetryCount",
    "maxTransferWindowSize",
    "ordered",
    "reliableMessagingVersion",
];

/// The attributes that every `<binding>` has.
pub(super) const BINDING_ATTRIBUTES: [&str; 5] =
    ["name", "closeTimeout", "openTimeout", "receiveTimeout", "sendTimeout"];

impl Binding {
    /// How its messages are framed; `None` where it is not reliable, or where its messages have no addressing.
    pub fn profile(&self) -> Option<WireProfile> {
        let session = self.reliable_session.as_ref()?;
        let version = self.message_version?;
        Some(WireProfile {
            soap: version.soap?,
            addressing: version.addressing?,
            rm: session.reliable_messaging_version.value,
        })
    }

    /// The scheme of its addresses; `None` where the transport is an extension's.
    pub fn scheme(&self) -> Option<&'static str> {
        let kind = self.stack.iter().find_map(|element| match element.kind {
            ElementKind::Transport(kind) => Some(kind),
            _ => None,
        })?;
        Some(match kind {
            TransportKind::Http { .. } => "http",
            TransportKind::Https => "https",
            TransportKind::Tcp => "net.tcp",
            TransportKind::NamedPipe => "net.pipe",
            TransportKind::Msmq => "net.msmq",
            TransportKind::Peer => "net.p2p",
            TransportKind::Udp => "soap.udp",
        })
    }

    /// Whether the binding is written in the file.
    pub fn is_written(&self) -> bool {
        self.location.is_some()
    }
}

impl ReliableSession {
    /// WCF's defaults, with the version that a binding speaks.
    pub(super) fn new(version: Sourced<RmVersion>) -> Self {
        let defaults = ReliableSessionSettings::default();
        Self {
            acknowledgement_interval: Sourced::by_default(defaults.acknowledgement_interval.into()),
            flow_control_enabled: Sourced::by_default(defaults.flow_control_enabled),
            inactivity_timeout: Sourced::by_default(defaults.inactivity_timeout.into()),
            max_pending_channels: Sourced::by_default(defaults.max_pending_channels),
            max_retry_count: Sourced::by_default(defaults.max_retry_count),
            max_transfer_window_size: Sourced::by_default(defaults.max_transfer_window_size),
            ordered: Sourced::by_default(defaults.ordered),
            reliable_messaging_version: version,
        }
    }

    /// Reads the full form, that of customBinding.
    pub(super) fn read_full(element: Element<'_>, errors: &mut Errors) -> Self {
        errors.only_attributes(element, &[&ATTRIBUTES]);
        errors.only_children(element, &[]);
        let mut session = Self::new(Sourced::by_default(RmVersion::February2005));
        replace(
            &mut session.acknowledgement_interval,
            errors.value(element, "acknowledgementInterval", timeout(TimeSpan::TICK)),
        );
        replace(&mut session.flow_control_enabled, errors.value(element, "flowControlEnabled", boolean));
        replace(
            &mut session.inactivity_timeout,
            errors.value(element, "inactivityTimeout", timeout(TimeSpan::TICK)),
        );
        replace(
            &mut session.max_pending_channels,
            errors.value(element, "maxPendingChannels", integer(1, 16_384)),
        );
        replace(&mut session.max_retry_count, errors.value(element, "maxRetryCount", integer(1, i32::MAX)));
        replace(
            &mut session.max_transfer_window_size,
            errors.value(element, "maxTransferWindowSize", integer(1, 4096)),
        );
        replace(&mut session.ordered, errors.value(element, "ordered", boolean));
        replace(
            &mut session.reliable_messaging_version,
            errors.value(element, "reliableMessagingVersion", |text| {
                let names = [
                    ("Default", RmVersion::February2005),
                    ("WSReliableMessagingFebruary2005", RmVersion::February2005),
                    ("WSReliableMessaging11", RmVersion::V200702),
                ];
                name_of(&names)(text).map_err(|refusal| {
                    refusal.in_words(format!(
                        "'{text}' is not a valid reliable messaging version.  Valid values are \
                         'WSReliableMessagingFebruary2005' and 'WSReliableMessaging11'."
                    ))
                })
            }),
        );
        session
    }

    /// Reads the short form, that of the standard bindings; gives the session and what `enabled` says.
    pub(super) fn read_short(
        element: Element<'_>,
        optional: bool,
        version: RmVersion,
        errors: &mut Errors,
    ) -> (Self, bool) {
        let known: &[&str] = if optional {
            &["enabled", "ordered", "inactivityTimeout"]
        } else {
            &["ordered", "inactivityTimeout"]
        };
        errors.only_attributes(element, &[known]);
        errors.only_children(element, &[]);
        let mut session = Self::new(Sourced::by_binding(version));
        replace(&mut session.ordered, errors.value(element, "ordered", boolean));
        replace(
            &mut session.inactivity_timeout,
            errors.value(element, "inactivityTimeout", timeout(TimeSpan::TICK)),
        );
        let enabled = errors.value(element, "enabled", boolean).is_some_and(|enabled| enabled.value);
        (session, enabled || !optional)
    }

    /// The settings without their origins.
    pub fn settings(&self) -> ReliableSessionSettings {
        ReliableSessionSettings {
            acknowledgement_interval: duration(self.acknowledgement_interval.value),
            flow_control_enabled: self.flow_control_enabled.value,
            inactivity_timeout: duration(self.inactivity_timeout.value),
            max_pending_channels: self.max_pending_channels.value,
            max_retry_count: self.max_retry_count.value,
            max_transfer_window_size: self.max_transfer_window_size.value,
            ordered: self.ordered.value,
            reliable_messaging_version: self.reliable_messaging_version.value,
        }
    }

    /// The settings by name, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = Setting<'_>> {
        fn text<T: fmt::Display>(sourced: &Sourced<T>) -> (String, &Origin) {
            (sourced.value.to_string(), &sourced.origin)
        }
        let version = &self.reliable_messaging_version;
        let values = [
            time(&self.acknowledgement_interval),
            text(&self.flow_control_enabled),
            time(&self.inactivity_timeout),
            text(&self.max_pending_channels),
            text(&self.max_retry_count),
            text(&self.max_transfer_window_size),
            text(&self.ordered),
            (version.value.configuration_name().to_owned(), &version.origin),
        ];
        ATTRIBUTES.into_iter().zip(values).map(|(name, (value, origin))| Setting { name, value, origin })
    }
}

impl BindingTimeouts {
    /// Reads the attributes of a `<binding>`, or gives WCF's defaults.
    pub(super) fn read(element: Option<Element<'_>>, errors: &mut Errors) -> Self {
        let defaults = Timeouts::default();
        let mut read = |name: &str, default: Duration| {
            element
                .and_then(|element| errors.value(element, name, timeout(TimeSpan::ZERO)))
                .unwrap_or(Sourced::by_default(default.into()))
        };
        Self {
            open: read("openTimeout", defaults.open),
            close: read("closeTimeout", defaults.close),
            send: read("sendTimeout", defaults.send),
            receive: read("receiveTimeout", defaults.receive),
        }
    }

    /// The timeouts without their origins.
    pub fn timeouts(&self) -> Timeouts {
        Timeouts {
            open: duration(self.open.value),
            close: duration(self.close.value),
            send: duration(self.send.value),
            receive: duration(self.receive.value),
        }
    }

    /// The timeouts by name.
    pub fn iter(&self) -> impl Iterator<Item = Setting<'_>> {
        let all = [
            ("openTimeout", &self.open),
            ("closeTimeout", &self.close),
            ("sendTimeout", &self.send),
            ("receiveTimeout", &self.receive),
        ];
        all.into_iter().map(|(name, sourced)| {
            let (value, origin) = time(sourced);
            Setting { name, value, origin }
        })
    }
}

/// The session and timeout values that .NET reads otherwise than most who write them mean.
pub(super) fn surprising_times(elements: [Option<Element<'_>>; 2], notes: &mut Vec<String>) {
    let names = [
        "acknowledgementInterval",
        "inactivityTimeout",
        "openTimeout",
        "closeTimeout",
        "sendTimeout",
        "receiveTimeout",
    ];
    for element in elements.into_iter().flatten() {
        for name in names {
            let Some(text) = element.attribute(name) else { continue };
            let Ok(span) = text.parse::<TimeSpan>() else { continue };
            let bare = text.trim().bytes().all(|byte| byte.is_ascii_digit());
            let days_by_overflow = text.matches(':').count() == 2 && !text.contains('.');
            if span >= TimeSpan::DAY && (bare || days_by_overflow) {
                notes.push(format!("{name}=\"{text}\" means {span} to .NET: the first number counts days"));
            }
        }
    }
}

fn time(sourced: &Sourced<TimeSpan>) -> (String, &Origin) {
    (sourced.value.configuration_text(), &sourced.origin)
}

fn replace<T>(target: &mut Sourced<T>, written: Option<Sourced<T>>) {
    if let Some(written) = written {
        *target = written;
    }
}

/// What was read is never negative.
fn duration(span: TimeSpan) -> Duration {
    Duration::try_from(span).unwrap_or_default()
}

/// `wsHttpBinding 'name'`, or the kind alone for the default of its kind.
impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name())?;
        if self.name.is_empty() { Ok(()) } else { write!(f, " '{}'", self.name) }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
