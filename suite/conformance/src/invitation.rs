//! Cases for a source: a client is invited, and what it gets for an answer is now and then another than it should be.
//!
//! The service that it speaks to is the reference implementation, which answers rightly; a case is a list of [`Rule`]s
//! that say which exchanges come to harm, and which ([`rule`]). [`ScriptedService`] is that service, without I/O: the
//! same for the reference client in virtual time ([`virtual_time`]) and for a process that speaks HTTP.
//!
//! As with a destination, a case is only the stimulus: the verdict comes from the monitors of `wsrm-oracle` over all that
//! the client said, and from what its application saw ([`ClientEnd`](crate::entry::ClientEnd)).

mod client;
mod driving;
pub mod live;
mod mutant;
mod open_house;
pub mod process;
mod reply;
mod report;
pub mod rule;
mod service;
mod suite;
pub mod virtual_time;

pub use client::{Client, ReferenceClient};
pub use driving::drive;
pub use mutant::MutantClient;
pub use open_house::OpenHouse;
pub use reply::{Reply, Scene, empty};
pub use report::Visit;
pub use rule::Rule;
pub use service::ScriptedService;
pub use suite::{ClientLimits, ClientSuite};

/// What is made to happen to a client, and what it is asked to do.
#[derive(Debug, Clone, Copy)]
pub struct Invitation {
    /// How many application messages the client is asked to send.
    pub messages: u64,
    /// What comes to harm. The first rule that fits an exchange is obeyed.
    pub rules: &'static [Rule],
}
