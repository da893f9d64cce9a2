//! Replies that come oddly numbered, related or late.

use std::time::Duration;

use wsrm_protocol::Pattern;

use super::edit::{STRANGER, other_relation, without_relation};
use crate::case::{Case, Post, Stop};
use crate::invitation::Scene;
use crate::invitation::rule::{On, first};

pub(super) const CASES: &[Case] = &[
    Case::invitation(
        "replying.late",
        "The second reply takes 5 s; the repetitions of its request come to the service as well.",
        &[first(On::Number(2)).delay(Duration::from_secs(5))],
    )
    .pattern(Pattern::RequestReply),
    Case::invitation(
        "replying.swapped",
        "The first two replies have each other's numbers.",
        &[first(On::Number(1)).change(numbered_two), first(On::Number(2)).change(numbered_one)],
    )
    .pattern(Pattern::RequestReply),
    Case::invitation(
        "replying.number-again",
        "The second reply has the number of the first.",
        &[first(On::Number(2)).change(numbered_one)],
    )
    .pattern(Pattern::RequestReply),
    Case::invitation(
        "replying.number-skipped",
        "The last reply leaves a number out.",
        &[first(On::Number(3)).change(numbered_four)],
    )
    .pattern(Pattern::RequestReply),
    Case::invitation(
        "replying.wrong-relation",
        "The second reply relates to another message.",
        &[first(On::Number(2)).change(other_relation)],
    )
    .pattern(Pattern::RequestReply),
    Case::invitation(
        "replying.no-relation",
        "The second reply relates to no message.",
        &[first(On::Number(2)).change(without_relation)],
    )
    .pattern(Pattern::RequestReply),
    Case::invitation(
        "replying.no-sequence",
        "The second reply is in no sequence.",
        &[first(On::Number(2)).change(without_sequence)],
    )
    .pattern(Pattern::RequestReply),
    Case::invitation(
        "replying.other-sequence",
        "The second reply is in a sequence that never was.",
        &[first(On::Number(2)).change(other_sequence)],
    )
    .pattern(Pattern::RequestReply),
    Case::invitation(
        "replying.asks",
        "The second reply asks for an acknowledgement of the replies.",
        &[first(On::Number(2)).change(asking)],
    )
    .pattern(Pattern::RequestReply),
];

fn numbered(answer: Post, number: u64) -> Result<Post, Stop> {
    answer.with_element("r:MessageNumber", &format!("<r:MessageNumber>{number}</r:MessageNumber>"))
}

fn numbered_one(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    numbered(answer, 1)
}

fn numbered_two(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    numbered(answer, 2)
}

fn numbered_four(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    numbered(answer, 4)
}

fn without_sequence(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    answer.without("r:Sequence")
}

fn other_sequence(scene: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    let header = answer.element("r:Sequence")?;
    let offer = scene.offer.unwrap_or_default();
    answer.replaced(&header, &header.replace(offer, STRANGER))
}

fn asking(scene: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    let offer = scene.offer.unwrap_or_default();
    answer.with_header(&format!("<r:AckRequested><r:Identifier>{offer}</r:Identifier></r:AckRequested>"))
}
