//! The reference peer over real sockets: its server, its client, both together, and both with faults between.

#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(clippy::panic, reason = "a test may panic")]
#![expect(clippy::indexing_slicing, reason = "a test may panic")]

mod client;
mod faults;
mod server;
mod sessions;
mod support;
