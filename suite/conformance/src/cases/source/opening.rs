//! How a sequence is created: lost, late, refused and oddly granted.

use std::time::Duration;

use crate::case::Case;
use crate::invitation::rule::{On, first};

pub(super) const CASES: &[Case] = &[
    Case::invitation("opening.request-lost", "CreateSequence is lost.", &[first(On::Create).lose_request()]),
    Case::invitation(
        "opening.response-lost",
        "The answer to CreateSequence is lost.",
        &[first(On::Create).lose_response()],
    ),
    Case::invitation(
        "opening.late",
        "CreateSequence is answered after 2 s.",
        &[first(On::Create).delay(Duration::from_secs(2))],
    ),
];
