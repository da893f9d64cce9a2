//! The settings of a reliable session, with WCF's defaults.

use std::fmt;
use std::time::Duration;

use thiserror::Error;
use wsrm_wire::RmVersion;

use crate::time_span::TimeSpan;

/// The eight settings of WCF's `<reliableSession>` binding element.
///
/// The fields may be set at will; [`ReliableSessionSettings::validate`] tells whether WCF would take them, and the
/// `with_…` methods refuse at once what WCF's property of the same name refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReliableSessionSettings {
    /// `acknowledgementInterval`: how long a destination may hold an acknowledgement back. Without effect over
    /// anonymous HTTP, where the HTTP response carries it.
    pub acknowledgement_interval: Duration,
    /// `flowControlEnabled`: whether `BufferRemaining` is written and obeyed.
    pub flow_control_enabled: bool,
    /// `inactivityTimeout`: how long a session lives without a valid message from the peer.
    pub inactivity_timeout: Duration,
    /// `maxPendingChannels`: sessions that wait for the service to accept them; 1 to 16384.
    pub max_pending_channels: u32,
    /// `maxRetryCount`: retransmissions of one message before the session is given up; at least 1.
    pub max_retry_count: u32,
    /// `maxTransferWindowSize`: messages in flight at a source, messages held at a destination; 1 to 4096.
    pub max_transfer_window_size: u32,
    /// `ordered`: whether messages are delivered in the order of their numbers.
    pub ordered: bool,
    /// `reliableMessagingVersion`.
    pub reliable_messaging_version: RmVersion,
}

/// The timeouts of a WCF binding that a reliable session depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeouts {
    /// `openTimeout`: bounds the creation of the sequence.
    pub open: Duration,
    /// `closeTimeout`: bounds closing and terminating.
    pub close: Duration,
    /// `sendTimeout`: bounds one call, the wait for a place in the window included.
    pub send: Duration,
    /// `receiveTimeout`: how long a service waits for the next message of a session, above RM.
    pub receive: Duration,
}

/// The message exchange pattern of a session, which decides what shape its channel has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// Only one-way operations: one sequence, nothing offered.
    OneWay,
    /// At least one two-way operation: the initiator offers a sequence for the replies. One-way operations may be
    /// mixed in.
    RequestReply,
}

/// A setting that WCF would refuse.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{setting}=\"{value}\" is not allowed: {fault}")]
pub struct SettingError {
    /// The name of the setting in WCF's configuration, for example `maxRetryCount`.
    pub setting: &'static str,
    /// The refused value, as configuration would write it.
    pub value: String,
    /// What is wrong with it.
    pub fault: SettingFault,
}

/// What is wrong with a value; `Display` gives the text of WCF's own exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingFault {
    /// The time is zero, or shorter than .NET's tick of 100 ns.
    NotPositiveTime,
    /// The time passes `Int32.MaxValue` milliseconds (24.20:31:23.647) without being infinite.
    TooLong,
    /// The count is not within 1 and `maximum`. WCF's text says 0, and refuses 0 all the same.
    OutOfRange {
        /// The largest value that is allowed.
        maximum: u32,
    },
    /// The count is not within 1 and `Int32.MaxValue`.
    NotPositive,
}

impl ReliableSessionSettings {
    /// The largest `maxPendingChannels`.
    pub const MAX_PENDING_CHANNELS: u32 = 16_384;
    /// The largest `maxTransferWindowSize`.
    pub const MAX_TRANSFER_WINDOW_SIZE: u32 = 4096;
    /// The largest `maxRetryCount`: `Int32.MaxValue`.
    pub const MAX_RETRY_COUNT: u32 = i32::MAX.cast_unsigned();

    /// WCF's defaults for a version of RM; [`Default`] has February 2005, as WCF's `Default` does.
    pub fn new(version: RmVersion) -> Self {
        Self { reliable_messaging_version: version, ..Self::default() }
    }

    /// Sets `acknowledgementInterval`.
    ///
    /// # Errors
    /// If it is not positive, or passes 24.20:31:23.647 without being [`INFINITE`](crate::INFINITE).
    pub fn with_acknowledgement_interval(mut self, interval: Duration) -> Result<Self, SettingError> {
        positive_time("acknowledgementInterval", interval)?;
        self.acknowledgement_interval = interval;
        Ok(self)
    }

    /// Sets `flowControlEnabled`.
    pub fn with_flow_control_enabled(mut self, enabled: bool) -> Self {
        self.flow_control_enabled = enabled;
        self
    }

    /// Sets `inactivityTimeout`.
    ///
    /// # Errors
    /// If it is not positive, or passes 24.20:31:23.647 without being [`INFINITE`](crate::INFINITE).
    pub fn with_inactivity_timeout(mut self, timeout: Duration) -> Result<Self, SettingError> {
        positive_time("inactivityTimeout", timeout)?;
        self.inactivity_timeout = timeout;
        Ok(self)
    }

    /// Sets `maxPendingChannels`.
    ///
    /// # Errors
    /// If it is not within 1 and [`ReliableSessionSettings::MAX_PENDING_CHANNELS`].
    pub fn with_max_pending_channels(mut self, channels: u32) -> Result<Self, SettingError> {
        in_range("maxPendingChannels", channels, Self::MAX_PENDING_CHANNELS)?;
        self.max_pending_channels = channels;
        Ok(self)
    }

    /// Sets `maxRetryCount`.
    ///
    /// # Errors
    /// If it is not within 1 and [`ReliableSessionSettings::MAX_RETRY_COUNT`].
    pub fn with_max_retry_count(mut self, retries: u32) -> Result<Self, SettingError> {
        positive_count(retries)?;
        self.max_retry_count = retries;
        Ok(self)
    }

    /// Sets `maxTransferWindowSize`.
    ///
    /// # Errors
    /// If it is not within 1 and [`ReliableSessionSettings::MAX_TRANSFER_WINDOW_SIZE`].
    pub fn with_max_transfer_window_size(mut self, messages: u32) -> Result<Self, SettingError> {
        in_range("maxTransferWindowSize", messages, Self::MAX_TRANSFER_WINDOW_SIZE)?;
        self.max_transfer_window_size = messages;
        Ok(self)
    }

    /// Sets `ordered`.
    pub fn with_ordered(mut self, ordered: bool) -> Self {
        self.ordered = ordered;
        self
    }

    /// Whether WCF would take every one of the settings.
    ///
    /// # Errors
    /// The first setting, in the order of the fields, that WCF would refuse.
    pub fn validate(&self) -> Result<(), SettingError> {
        positive_time("acknowledgementInterval", self.acknowledgement_interval)?;
        positive_time("inactivityTimeout", self.inactivity_timeout)?;
        in_range("maxPendingChannels", self.max_pending_channels, Self::MAX_PENDING_CHANNELS)?;
        positive_count(self.max_retry_count)?;
        in_range("maxTransferWindowSize", self.max_transfer_window_size, Self::MAX_TRANSFER_WINDOW_SIZE)
    }
}

impl Timeouts {
    /// Whether WCF would take every one of the timeouts. Zero is allowed.
    ///
    /// # Errors
    /// The first timeout, in the order of the fields, that passes 24.20:31:23.647 without being [`INFINITE`](crate::INFINITE).
    pub fn validate(&self) -> Result<(), SettingError> {
        bounded_time("openTimeout", self.open)?;
        bounded_time("closeTimeout", self.close)?;
        bounded_time("sendTimeout", self.send)?;
        bounded_time("receiveTimeout", self.receive)
    }
}

fn positive_time(setting: &'static str, time: Duration) -> Result<(), SettingError> {
    if TimeSpan::from(time) < TimeSpan::TICK {
        return Err(SettingError {
            setting,
            value: TimeSpan::from(time).configuration_text(),
            fault: SettingFault::NotPositiveTime,
        });
    }
    bounded_time(setting, time)
}

fn bounded_time(setting: &'static str, time: Duration) -> Result<(), SettingError> {
    let span = TimeSpan::from(time);
    if span <= TimeSpan::LONGEST_TIMEOUT || span == TimeSpan::MAX {
        return Ok(());
    }
    Err(SettingError { setting, value: span.configuration_text(), fault: SettingFault::TooLong })
}

fn in_range(setting: &'static str, value: u32, maximum: u32) -> Result<(), SettingError> {
    if (1..=maximum).contains(&value) {
        return Ok(());
    }
    Err(SettingError { setting, value: value.to_string(), fault: SettingFault::OutOfRange { maximum } })
}

fn positive_count(value: u32) -> Result<(), SettingError> {
    if (1..=ReliableSessionSettings::MAX_RETRY_COUNT).contains(&value) {
        return Ok(());
    }
    Err(SettingError { setting: "maxRetryCount", value: value.to_string(), fault: SettingFault::NotPositive })
}

impl Default for ReliableSessionSettings {
    fn default() -> Self {
        Self {
            acknowledgement_interval: Duration::from_millis(200),
            flow_control_enabled: true,
            inactivity_timeout: Duration::from_secs(600),
            max_pending_channels: 4,
            max_retry_count: 8,
            max_transfer_window_size: 8,
            ordered: true,
            reliable_messaging_version: RmVersion::February2005,
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        let minute = Duration::from_secs(60);
        Self { open: minute, close: minute, send: minute, receive: Duration::from_secs(600) }
    }
}

impl fmt::Display for SettingFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPositiveTime => f.write_str("TimeSpan must be greater than TimeSpan.Zero."),
            Self::TooLong => f.write_str(
                "Timeouts larger than Int32.MaxValue TotalMilliseconds (approximately 24 days) cannot be honored. To \
                 disable timeout, specify TimeSpan.MaxValue.",
            ),
            Self::OutOfRange { maximum } => {
                write!(f, "The value of this argument must fall within the range 0 to {maximum}.")
            }
            Self::NotPositive => f.write_str("The value of this argument must be positive."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const LONGEST: Duration = Duration::from_millis(i32::MAX.cast_unsigned() as u64);

    #[test]
    fn defaults_are_allowed() {
        assert_eq!(ReliableSessionSettings::default().validate(), Ok(()));
        assert_eq!(Timeouts::default().validate(), Ok(()));
    }

    #[rstest]
    #[case::window(
        ReliableSessionSettings { max_transfer_window_size: 0, ..Default::default() },
        "maxTransferWindowSize=\"0\" is not allowed: The value of this argument must fall within the range 0 to 4096."
    )]
    #[case::window_above(
        ReliableSessionSettings { max_transfer_window_size: 4097, ..Default::default() },
        "maxTransferWindowSize=\"4097\" is not allowed: The value of this argument must fall within the range 0 to 4096."
    )]
    #[case::pending(
        ReliableSessionSettings { max_pending_channels: 16_385, ..Default::default() },
        "maxPendingChannels=\"16385\" is not allowed: The value of this argument must fall within the range 0 to 16384."
    )]
    #[case::retries(
        ReliableSessionSettings { max_retry_count: 0, ..Default::default() },
        "maxRetryCount=\"0\" is not allowed: The value of this argument must be positive."
    )]
    #[case::interval(
        ReliableSessionSettings { acknowledgement_interval: Duration::from_nanos(99), ..Default::default() },
        "acknowledgementInterval=\"00:00:00\" is not allowed: TimeSpan must be greater than TimeSpan.Zero."
    )]
    #[case::inactivity(
        ReliableSessionSettings { inactivity_timeout: LONGEST + Duration::from_nanos(100), ..Default::default() },
        "inactivityTimeout=\"24.20:31:23.6470001\" is not allowed: Timeouts larger than Int32.MaxValue \
         TotalMilliseconds (approximately 24 days) cannot be honored. To disable timeout, specify TimeSpan.MaxValue."
    )]
    fn refused(#[case] settings: ReliableSessionSettings, #[case] message: &str) {
        assert_eq!(settings.validate().unwrap_err().to_string(), message);
    }

    #[test]
    fn bounds_are_allowed() {
        let settings = ReliableSessionSettings::new(RmVersion::V200702)
            .with_acknowledgement_interval(Duration::from_nanos(100))
            .and_then(|settings| settings.with_inactivity_timeout(LONGEST))
            .and_then(|settings| settings.with_max_pending_channels(16_384))
            .and_then(|settings| settings.with_max_retry_count(i32::MAX.cast_unsigned()))
            .and_then(|settings| settings.with_max_transfer_window_size(4096));
        assert_eq!(settings.map(|settings| settings.max_transfer_window_size), Ok(4096));
        let infinite = ReliableSessionSettings::default().with_inactivity_timeout(crate::INFINITE);
        assert_eq!(infinite.map(|settings| settings.inactivity_timeout), Ok(crate::INFINITE));
    }

    #[test]
    fn a_timeout_may_be_zero_but_not_beyond_24_days() {
        let zero = Timeouts { send: Duration::ZERO, ..Timeouts::default() };
        assert_eq!(zero.validate(), Ok(()));
        let long = Timeouts { close: Duration::from_secs(25 * 86_400), ..Timeouts::default() };
        assert_eq!(long.validate().unwrap_err().setting, "closeTimeout");
    }
}
