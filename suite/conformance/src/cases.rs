//! The cases: what is made to happen, to a destination under test.

pub mod destination;
