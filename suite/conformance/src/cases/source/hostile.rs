//! Answers that can do harm to a client that is not well made.

use wsrm_protocol::Pattern;

use super::edit::with_ranges;
use crate::case::{Case, HttpResponse, Post, Stop};
use crate::invitation::Scene;
use crate::invitation::rule::{On, first};

/// Bytes of filling in a giant answer.
const GIANT: usize = 20 << 20;
/// Elements inside one another.
const DEPTH: usize = 10_000;
/// Ranges in one acknowledgement.
const RANGES: u64 = 5_000;

pub(super) const CASES: &[Case] = &[
    Case::invitation(
        "harming.giant",
        "The answer to the second message has 20 MiB.",
        &[first(On::Number(2)).change(giant)],
    )
    .hostile(),
    Case::invitation(
        "harming.deep",
        "The answer to the second message has ten thousand elements inside one another.",
        &[first(On::Number(2)).change(deep)],
    )
    .hostile(),
    Case::invitation(
        "harming.entities",
        "The answer to the second message has a document type with entities that grow without end.",
        &[first(On::Number(2)).remake(entities)],
    )
    .hostile(),
    Case::invitation(
        "harming.many-ranges",
        "The answer to the second message acknowledges five thousand ranges.",
        &[first(On::Number(2)).change(many_ranges)],
    )
    .hostile(),
    Case::invitation(
        "harming.largest-range",
        "The answer to the second message acknowledges every number that there is.",
        &[first(On::Number(2)).change(largest_range)],
    )
    .hostile(),
    Case::invitation(
        "harming.largest-number",
        "The second reply has the largest number.",
        &[first(On::Number(2)).change(largest_number)],
    )
    .pattern(Pattern::RequestReply)
    .hostile(),
];

fn giant(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    answer.with_header(&format!("<x:fill xmlns:x=\"urn:example:fill\">{}</x:fill>", "x".repeat(GIANT)))
}

fn deep(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    let (open, close) = ("<x:d xmlns:x=\"urn:x\">".repeat(DEPTH), "</x:d>".repeat(DEPTH));
    answer.with_header(&format!("{open}{close}"))
}

fn entities(_: &Scene<'_>, answer: HttpResponse) -> Result<HttpResponse, Stop> {
    let mut document = "<!DOCTYPE s [<!ENTITY e0 \"grow\">".to_owned();
    for level in 1..=9 {
        document.push_str(&format!("<!ENTITY e{level} \"{}\">", format!("&e{};", level - 1).repeat(10)));
    }
    document.push_str("]>");
    document.push_str(&String::from_utf8_lossy(&answer.body).replace("<s:Body>", "<s:Body>&e9;"));
    Ok(HttpResponse { body: document.into_bytes(), ..answer })
}

fn many_ranges(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    with_ranges(answer, (0..RANGES).map(|place| (2 * place + 1, 2 * place + 1)))
}

fn largest_range(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    with_ranges(answer, [(1, u64::MAX >> 1)])
}

fn largest_number(_: &Scene<'_>, answer: Post) -> Result<Post, Stop> {
    let number = u64::MAX >> 1;
    answer.with_element("r:MessageNumber", &format!("<r:MessageNumber>{number}</r:MessageNumber>"))
}
