//! The reference implementation as a running peer: HTTP/1.1 both ways, around the sessions of `wsrm-protocol`.
//!
//! * [`Host`] is the service's side without I/O: HTTP requests in, HTTP answers out, by WCF's rules, in whatever
//!   time the caller counts.
//! * [`Server`] puts a host behind a socket, with limits on everything.
//! * [`Client`] drives a session from the other side, over keep-alive connections.
//! * [`proxy::Proxy`] stands between a client and a service of others, and passes on what they say byte for byte.
//! * [`mutants`] are the same peer with one bug each, by which the judgement is measured.
//! * [`Contract`] is what the service does with messages: WCF's usual test contracts, or operations of the caller.

mod client;
pub mod contract;
mod host;
mod http;
mod identifiers;
mod metadata;
pub mod mutants;
pub mod proxy;
mod server;

pub use client::{Client, ClientConfig, ClientError, ClientLimits, Statistics};
pub use contract::Contract;
pub use host::{
    EndpointError, EndpointId, Host, HostConfig, HostEvent, HostOperation, OperationResult, Pacing,
};
pub use http::{Edition, Field, HttpAnswer, InvalidRequest, Request, Response};
pub use identifiers::RandomIdentifiers;
pub use server::{Observer, Server, ServerLimits};
