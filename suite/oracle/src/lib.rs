//! The judgement: which requirements of reliable messaging a trace keeps, and which message breaks one.
//!
//! Three parts. The [`Catalogue`] holds the requirements as data, with the place that each is taken from. A
//! [`Trace`] is what went over the wire, wherever it comes from. The [`Judge`] runs one small monitor for each
//! requirement over a trace, and says of each whether it was met, violated or not exercised.
//!
//! The crate knows no clock and no socket, and nothing of the reference implementation: that independence is what
//! makes the judgement worth something.

pub mod catalogue;
mod judge;
pub mod measure;
pub mod message;
mod monitor;
mod monitors;
mod ranges;
pub mod trace;
mod view;

pub use catalogue::{Catalogue, CatalogueError, Level, Pattern, Requirement, Role};
pub use judge::{Judge, Verdict};
pub use monitor::{Finding, Kept, Monitor, Outcome};
pub use ranges::NumberSet;
pub use trace::{
    ApplicationReport, Delivery, Exchange, HttpMessage, MessageName, Observation, Party, Sent, StartLine,
    Trace,
};
