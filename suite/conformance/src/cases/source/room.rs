//! What a service says of the room that it has.

use wsrm_wire::namespace;

use crate::case::{Case, Post, Stop};
use crate::invitation::Scene;
use crate::invitation::rule::{On, each, first};

pub(super) const CASES: &[Case] = &[
    Case::invitation("room.untold", "The service says nothing of its room.", &[each(On::Any).change(untold)]),
    Case::invitation(
        "room.one",
        "The service has room for one message at a time.",
        &[each(On::Any).change(one)],
    ),
    Case::invitation(
        "room.huge",
        "The service says that it has room for five thousand messages.",
        &[each(On::Any).change(huge)],
    ),
    Case::invitation(
        "room.negative",
        "The second answer tells of a room that is no number from 0 on.",
        &[first(On::Number(2)).change(negative)],
    ),
    Case::invitation(
        "room.full-twice",
        "The service has no room behind the first message, and none when it is asked for the first time.",
        &[first(On::Number(1)).change(none), first(On::AckRequested).change(none)],
    )
    .messages(5)
    .slow(),
];

fn told(answer: Post, room: &str) -> Result<Post, Stop> {
    let element = "netrm:BufferRemaining";
    answer
        .with_element(element, &format!("<{element} xmlns:netrm=\"{}\">{room}</{element}>", namespace::NETRM))
}

fn untold(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    answer.without("netrm:BufferRemaining")
}

fn none(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    told(answer, "0")
}

fn one(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    told(answer, "1")
}

fn huge(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    told(answer, "5000")
}

fn negative(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    told(answer, "-1")
}
