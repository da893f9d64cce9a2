//! The judgement: which requirements of reliable messaging a trace keeps, and which message breaks one.
//!
//! Three parts. The [`Catalogue`] holds the requirements as data, with the place that each is taken from. A
//! [`Trace`] is what went over the wire, wherever it comes from.
//!
//! The crate knows no clock and no socket, and nothing of the reference implementation: that independence is what
//! makes the judgement worth something.

pub mod catalogue;
pub mod message;
mod ranges;
pub mod trace;

pub use catalogue::{Catalogue, CatalogueError, Level, Pattern, Requirement, Role};
pub use ranges::NumberSet;
pub use trace::{Delivery, Exchange, HttpMessage, MessageName, Observation, Party, Sent, StartLine, Trace};
