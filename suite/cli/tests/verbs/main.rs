//! The command as people and scripts meet it, verb by verb. One binary, because each costs a link.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails at what it cannot read")]

mod baseline;
mod config;
mod diff;
mod explain;
mod judge;
mod mutants;
#[cfg(unix)]
mod peer;
#[cfg(unix)]
mod peer_test;
mod probe;
mod proxy;
mod running;
mod script;
mod serve_and_send;
mod show_and_replay;
mod show_captures;
mod test;
#[cfg(unix)]
mod test_client;
