//! The cases: what is made to happen, to a destination or to a source under test.

pub mod destination;
pub mod source;
