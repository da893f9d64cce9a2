//! The cases for a source, one file a clause family.

mod ended;
mod opening;
mod retransmission;
mod whole;

use crate::case::Case;

/// The case that a run begins and ends with: one whole session.
pub const SANITY: &str = "whole.plain";

/// All cases, in the order in which they are run.
pub fn all() -> impl Iterator<Item = &'static Case> {
    [whole::CASES, opening::CASES, retransmission::CASES, ended::CASES].into_iter().flatten()
}

/// The case with this name.
pub fn find(name: &str) -> Option<&'static Case> {
    all().find(|case| case.name == name)
}
