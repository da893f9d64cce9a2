//! What the crate makes of messages: those of the recordings, damaged ones, and those that are made up.

mod equivalence;
mod golden;
mod hostile;
mod infoset;
mod invalid;
mod mutations;
mod properties;
mod read;
mod recorded;
mod recordings;
mod write;
