//! Recordings of WS-ReliableMessaging exchanges, and what others captured: read, made by a proxy, shown as ladder
//! diagrams, replayed.

pub mod baseline;
pub mod capture;
pub mod case;
pub mod cases;
pub mod content;
pub mod difference;
pub mod explanation;
pub mod fault_rule;
pub mod fidelity;
pub mod invitation;
pub mod judgement;
pub mod ladder;
pub mod matrix;
pub mod mutation;
pub mod near;
pub mod peer;
pub mod pretty;
pub mod proxy;
pub mod recording;
pub mod replay;
pub mod report;
mod secrets;
pub mod summary;
