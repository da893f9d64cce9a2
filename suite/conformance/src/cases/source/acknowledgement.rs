//! Acknowledgements that are odd, late, wrong or missing.

use wsrm_protocol::Pattern;
use wsrm_wire::RmVersion;

use super::edit::{STRANGER, nothing, with_content, with_ranges, without_acknowledgement};
use crate::case::{Case, HttpResponse, Post, Stop};
use crate::invitation::rule::{On, each, first};
use crate::invitation::{Scene, empty};

pub(super) const CASES: &[Case] = &[
    Case::invitation(
        "acknowledging.withheld-once",
        "The first message is taken, and answered by nothing but HTTP 202; its repetition is acknowledged.",
        &[first(On::Number(1)).remake(withheld)],
    ),
    Case::invitation(
        "acknowledging.split",
        "Each acknowledgement has a range of its own for each number.",
        &[each(On::Any).change(split)],
    ),
    Case::invitation(
        "acknowledging.backwards",
        "Each acknowledgement has a range for each number, the highest first.",
        &[each(On::Any).change(backwards)],
    ),
    Case::invitation(
        "acknowledging.extension",
        "Each acknowledgement has an element that nobody knows, where the schema allows it.",
        &[each(On::Any).change(extended)],
    ),
    Case::invitation(
        "acknowledging.nothing-first",
        "The acknowledgement on the first answer says that nothing has come.",
        &[first(On::Number(1)).change(nothing_yet)],
    ),
    Case::invitation(
        "acknowledging.shrinks",
        "The answer to the third message acknowledges the first alone.",
        &[first(On::Number(3)).change(shrunk)],
    ),
    Case::invitation(
        "acknowledging.never-sent",
        "The answer to the second message acknowledges nine.",
        &[first(On::Number(2)).change(never_sent)],
    ),
    Case::invitation(
        "acknowledging.other-sequence",
        "The acknowledgement on the second answer names a sequence that never was.",
        &[first(On::Number(2)).change(other_sequence)],
    ),
    Case::invitation(
        "acknowledging.upside-down",
        "The range on the second answer begins above its end.",
        &[first(On::Number(2)).change(upside_down)],
    ),
    Case::invitation(
        "acknowledging.two-headers",
        "The second answer has its acknowledgement twice.",
        &[first(On::Number(2)).change(twice)],
    ),
    Case::invitation(
        "acknowledging.final-early",
        "The acknowledgement on the second answer is final.",
        &[first(On::Number(2)).change(finally)],
    )
    .rm(RmVersion::V200702),
    Case::invitation(
        "acknowledging.nack",
        "The answer to the second message says, in place of an acknowledgement, that it is missing.",
        &[first(On::Number(2)).change(nack)],
    ),
    Case::invitation(
        "acknowledging.missing",
        "The answer to the second message has no acknowledgement.",
        &[first(On::Number(2)).change(without_acknowledgement)],
    )
    .pattern(Pattern::RequestReply),
    Case::invitation(
        "acknowledging.alone",
        "The second call is answered by an acknowledgement alone, and by its reply when it comes again.",
        &[first(On::Number(2)).change(alone)],
    )
    .pattern(Pattern::RequestReply),
];

fn withheld(_: &Scene<'_>, _: HttpResponse) -> Result<HttpResponse, Stop> {
    Ok(empty(202))
}

fn numbers(scene: &Scene<'_>) -> impl DoubleEndedIterator<Item = (u64, u64)> {
    let runs: Vec<_> = scene.arrived.runs().flat_map(|(lower, upper)| lower..=upper).collect();
    runs.into_iter().map(|number| (number, number))
}

fn some(scene: &Scene<'_>) -> Result<(), Stop> {
    match scene.arrived.is_empty() {
        true => Err(Stop::Inconclusive("nothing has come yet".to_owned())),
        false => Ok(()),
    }
}

fn split(scene: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    some(scene)?;
    with_ranges(answer, numbers(scene))
}

fn backwards(scene: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    some(scene)?;
    with_ranges(answer, numbers(scene).rev())
}

fn extended(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    let extension = "<x:hint xmlns:x=\"urn:example:extension\">1</x:hint></r:SequenceAcknowledgement>";
    answer.replaced("</r:SequenceAcknowledgement>", extension)
}

fn nothing_yet(scene: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    with_content(answer, nothing(scene.rm()))
}

fn shrunk(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    with_ranges(answer, [(1, 1)])
}

fn never_sent(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    with_ranges(answer, [(1, 9)])
}

fn upside_down(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    with_ranges(answer, [(2, 1)])
}

fn other_sequence(scene: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    let header = answer.element("r:SequenceAcknowledgement")?;
    answer.replaced(&header, &header.replace(&scene.sequence()?, STRANGER))
}

fn twice(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    let header = answer.element("r:SequenceAcknowledgement")?;
    answer.replaced(&header, &format!("{header}{header}"))
}

fn finally(scene: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    some(scene)?;
    let highest = scene.arrived.highest().unwrap_or(1);
    with_content(answer, &format!("<r:AcknowledgementRange Lower=\"1\" Upper=\"{highest}\"/><r:Final/>"))
}

fn nack(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    with_content(answer, "<r:Nack>2</r:Nack>")
}

fn alone(scene: &Scene<'_>, _: Post) -> Result<Post, Stop> {
    let acknowledgement = scene.acknowledgement(&scene.arrived.runs().collect::<Vec<_>>())?;
    Ok(Post::of(&scene.messages().sequence_acknowledgement(acknowledgement)))
}
