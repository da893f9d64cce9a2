//! The settings of a reliable session, with WCF's defaults.

use std::time::Duration;

use wsrm_wire::RmVersion;

/// The eight settings of WCF's `<reliableSession>` binding element.
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

/// .NET's `TimeSpan.MaxValue`, which is what `Infinite` stands for: nothing ever waits that long.
pub const INFINITE: Duration = Duration::MAX;

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
