//! Holds the judgement to recordings, to small exchanges written by hand, and to recordings with one edit each.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails at what it cannot read")]

mod edit;
mod families;
mod harmless;
mod recording;
mod script;
mod verdicts;
mod wounds;
