//! The cases for a source, one file a clause family.

mod acknowledgement;
mod edit;
mod ended;
mod ending;
mod faults;
mod hostile;
mod opening;
mod replies;
mod retransmission;
mod room;
mod tolerance;
mod whole;

use crate::case::Case;

/// The case that a run begins and ends with: one whole session.
pub const SANITY: &str = "whole.plain";

/// All cases, in the order in which they are run.
pub fn all() -> impl Iterator<Item = &'static Case> {
    [
        whole::CASES,
        opening::CASES,
        retransmission::CASES,
        acknowledgement::CASES,
        room::CASES,
        replies::CASES,
        faults::CASES,
        ended::CASES,
        ending::CASES,
        tolerance::CASES,
        hostile::CASES,
    ]
    .into_iter()
    .flatten()
}

/// The case with this name.
pub fn find(name: &str) -> Option<&'static Case> {
    all().find(|case| case.name == name)
}
