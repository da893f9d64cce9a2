//! Recordings of WS-ReliableMessaging exchanges: read, shown as ladder diagrams, replayed.

pub mod content;
pub mod fault_rule;
pub mod fidelity;
pub mod ladder;
pub mod pretty;
pub mod recording;
pub mod replay;
pub mod summary;
