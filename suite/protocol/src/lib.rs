//! WCF reliable sessions, both roles, without I/O, clock or randomness.
//!
//! [`Initiator`] is the client's session (it owns an RM Source, and an RM Destination for the replies);
//! [`Listener`] is the service's side: it makes a session for every sequence that a client creates. Both are
//! driven alike: one call that changes something (`open`, `send`, `handle_…`), then drain `poll_…` until it gives
//! nothing. Time comes in as [`Timestamp`], identifiers come in from [`Identifiers`].

pub mod config;
mod destination;
mod error;
mod exchange;
mod identifier;
mod incoming;
mod initiator;
mod listener;
mod ranges;
mod reason;
mod responder;
mod service;
mod settings;
mod source;
mod time;
mod time_span;
mod uri;

pub use error::SessionError;
pub use exchange::{Answer, Delivery, ExchangeId, OutgoingMessage, Transmit, TransmitKind};
pub use identifier::{Identifier, Identifiers, SequentialIdentifiers};
pub use initiator::{CallId, Initiator, InitiatorConfig, InitiatorEvent, Timer};
pub use listener::Listener;
use ranges::SequenceRanges;
use source::Source;

pub use service::{ListenerAnswer, ListenerConfig, ListenerEvent, OperationId, Outcome, SessionId};
pub use settings::{Pattern, ReliableSessionSettings, SettingError, SettingFault, Timeouts};
pub use time::Timestamp;
pub use time_span::{INFINITE, TimeSpan, TimeSpanError};
