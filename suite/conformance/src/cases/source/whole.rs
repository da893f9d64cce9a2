//! Whole sessions, in which nothing happens to the client.

use crate::case::Case;

pub(super) const CASES: &[Case] = &[
    Case::invitation("whole.plain", "A session of three messages; nothing goes wrong.", &[]),
    Case::invitation("whole.empty", "A session without a message.", &[]).messages(0),
    Case::invitation("whole.single", "A session of one message.", &[]).messages(1),
    Case::invitation("whole.long", "A session of forty messages.", &[]).messages(40),
];
