//! Holds the judgement to small exchanges written by hand.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails at what it cannot read")]

mod families;
mod script;
