//! What the crate makes of recordings, captures and peers; the cases have a binary of their own.

#![expect(clippy::unwrap_used, reason = "a test fails at what it cannot read")]

mod bad_peers;
mod captures;
mod explanation;
mod ladder;
mod proxy;
mod recorded_cases;
mod replay;
mod reports;
