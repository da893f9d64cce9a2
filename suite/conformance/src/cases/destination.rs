//! The cases for a destination, one file a clause family.

mod acknowledgement;
mod creation;
mod ending;
mod envelope;
mod load;
mod sequence;
mod session;

use crate::case::Case;

/// The case that a run begins and ends with: one whole session.
pub const SANITY: &str = "session.plain";

/// All cases, in the order in which they are run.
pub fn all() -> impl Iterator<Item = &'static Case> {
    [
        session::CASES,
        creation::CASES,
        sequence::CASES,
        acknowledgement::CASES,
        ending::CASES,
        envelope::CASES,
        load::CASES,
    ]
    .into_iter()
    .flatten()
}

/// The case with this name.
pub fn find(name: &str) -> Option<&'static Case> {
    all().find(|case| case.name == name)
}
