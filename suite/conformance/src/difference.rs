//! Where two sessions part: the first message that is not the same in both by what it means, and what else differs.
//!
//! Identifiers, addresses and moments are other ones in every session and count for nothing; so do prefixes and white
//! space. What counts is which messages there are, in which order, whether they arrive, and what stands in them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;
use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices};
use wsrm_wire::{Element, Infoset, Limits};

use crate::recording::{Exchange, HttpMessage, Recording, Which};
use crate::summary::{SequenceNames, Summary};

/// What differs between two sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// How many messages are the same from the start on.
    pub same: usize,
    /// Where they part; `None` where they do not.
    pub first: Option<Divergence>,
    /// What else is not the same in both, in words.
    pub others: Vec<String>,
}

/// Where two sessions part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Divergence {
    /// The message of the first session, if it has one here.
    pub a: Option<Place>,
    /// The message of the second session, if it has one here.
    pub b: Option<Place>,
    /// What differs in the message; nothing, where it is another message.
    pub parts: Vec<Part>,
}

/// A message of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// What its file is called.
    pub message: String,
    /// What it says.
    pub text: String,
}

/// A part of a message that is not the same in both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Where it stands.
    pub name: String,
    /// What stands there in the first; `None` where it is not there.
    pub a: Option<String>,
    /// What stands there in the second.
    pub b: Option<String>,
}

/// Parts of one message that are told.
const MOST_PARTS: usize = 12;
/// Other differences that are told.
const MOST_OTHERS: usize = 40;

/// A message by its meaning.
struct Told {
    place: Place,
    /// The same for what is the same message in the other session.
    key: String,
    /// Without the numbers.
    kind: String,
    parts: Vec<(String, String)>,
}

impl Difference {
    /// Compares two sessions.
    pub fn of(a: &Recording, b: &Recording) -> Self {
        let (told_a, told_b) = (told(a), told(b));
        let keys = |told: &[Told]| told.iter().map(|told| told.key.clone()).collect::<Vec<_>>();
        let operations = capture_diff_slices(Algorithm::Myers, &keys(&told_a), &keys(&told_b));
        let mut same = 0;
        let mut first = None;
        let mut others = BTreeSet::new();
        for operation in &operations {
            if operation.tag() == DiffTag::Equal {
                for (one, other) in operation.old_range().zip(operation.new_range()) {
                    let (Some(one), Some(other)) = (told_a.get(one), told_b.get(other)) else { continue };
                    let parts = differing(&one.parts, &other.parts);
                    if parts.is_empty() {
                        same += usize::from(first.is_none());
                    } else if first.is_none() {
                        let (a, b) = (Some(one.place.clone()), Some(other.place.clone()));
                        first = Some(Divergence { a, b, parts });
                    } else {
                        others.extend(parts.iter().map(|part| format!("{}: {}", one.kind, part.words())));
                    }
                }
            } else if first.is_none() {
                first = Some(Divergence::of(operation, &told_a, &told_b));
            }
        }
        let mut others: Vec<String> = others.into_iter().collect();
        others.extend(counts(&told_a, &told_b));
        others.extend(durations(a, b));
        others.truncate(MOST_OTHERS);
        Self { same, first, others }
    }

    /// Whether both are the same.
    pub const fn is_none(&self) -> bool {
        self.first.is_none()
    }
}

impl Divergence {
    fn of(operation: &DiffOp, a: &[Told], b: &[Told]) -> Self {
        let place = |told: &[Told], range: std::ops::Range<usize>| {
            // Where the other one has nothing, what stands here is what comes next.
            told.get(range.start).map(|told| told.place.clone())
        };
        Self { a: place(a, operation.old_range()), b: place(b, operation.new_range()), parts: Vec::new() }
    }
}

impl Part {
    /// In words: `Header/Sequence/MessageNumber: A 1, B 2`.
    pub fn words(&self) -> String {
        if self.a.is_none() && self.b.is_none() {
            return self.name.clone();
        }
        let value = |value: &Option<String>| match value.as_deref() {
            None => "nothing".to_owned(),
            Some("") => "it is there".to_owned(),
            Some(value) => format!("{value:?}"),
        };
        format!("{}: A {}, B {}", self.name, value(&self.a), value(&self.b))
    }
}

/// The messages of a session in their order: each request, and what came back for it.
fn told(recording: &Recording) -> Vec<Told> {
    let mut names = SequenceNames::default();
    let mut all = Vec::new();
    for exchange in recording.exchanges() {
        names.learn(&exchange.request, exchange.response.as_ref());
        let lost = |delivered: bool| if delivered { "arrives" } else { "is lost" };
        let request = recording.file_name(exchange.number, Which::Request);
        let mut one = message(request, "→", &exchange.request, &mut names);
        one.parts.push(("the request".to_owned(), lost(exchange.request_delivered).to_owned()));
        all.push(one);
        let name = recording.file_name(exchange.number, Which::Response);
        match &exchange.response {
            Some(response) => {
                let mut one = message(name, "←", response, &mut names);
                one.parts.push(("the response".to_owned(), lost(exchange.response_delivered).to_owned()));
                all.push(one);
            }
            None => all.push(Told {
                place: Place { message: name, text: "no answer".to_owned() },
                key: "← no answer".to_owned(),
                kind: "no answer".to_owned(),
                parts: Vec::new(),
            }),
        }
    }
    all
}

fn message(file: String, arrow: &str, message: &HttpMessage, names: &mut SequenceNames) -> Told {
    let text = Summary::of(message, names).text;
    let head = text.split(", ").next().unwrap_or_default().to_owned();
    let kind = head.split(' ').next().unwrap_or_default().to_owned();
    let mut parts = Vec::new();
    if let Some(status) = message.status() {
        parts.push(("HTTP status".to_owned(), status.to_string()));
    }
    for field in ["Content-Type", "SOAPAction"] {
        if let Some(value) = message.field(field) {
            parts.push((format!("HTTP {field}"), value.to_owned()));
        }
    }
    if let Ok(infoset) = Infoset::read(message.body(), &Limits::default()) {
        for child in infoset.root().elements() {
            walk(child, "", "", names, &mut parts);
        }
    }
    let key = format!("{arrow} {head}");
    Told { place: Place { message: file, text }, key, kind: format!("{arrow} {kind}"), parts }
}

/// The parts of an element and of what is in it, in their order.
fn walk(
    element: Element<'_>,
    above: &str,
    namespace: &str,
    names: &mut SequenceNames,
    parts: &mut Vec<(String, String)>,
) {
    let path =
        if above.is_empty() { element.local().to_owned() } else { format!("{above}/{}", element.local()) };
    if element.namespace() != namespace {
        parts.push((format!("{path}, namespace"), element.namespace().to_owned()));
    }
    for attribute in element.attributes() {
        let value = usual(&attribute.value(), names);
        parts.push((format!("{path}/@{}", attribute.local()), value));
    }
    let mut is_leaf = true;
    for child in element.elements() {
        is_leaf = false;
        walk(child, &path, element.namespace(), names, parts);
    }
    if is_leaf {
        parts.push((path, usual(&element.text(), names)));
    }
}

/// A value without what is another one in every session.
fn usual(value: &str, names: &mut SequenceNames) -> String {
    let value = value.trim();
    if let Some((short, _)) = names.legend().iter().find(|(_, identifier)| identifier == value) {
        return short.clone();
    }
    let is_moment = value.len() >= 19 && value.get(4..5) == Some("-") && value.get(10..11) == Some("T");
    let is_uuid = |word: &str| {
        let groups: Vec<usize> = word.split('-').map(str::len).collect();
        groups == [8, 4, 4, 4, 12] && word.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
    };
    if is_moment {
        return "a moment".to_owned();
    }
    if value.split([':', ';', '=', '/']).any(is_uuid) {
        return "an identifier".to_owned();
    }
    let known = ["w3.org", "xmlsoap.org", "oasis-open.org", "microsoft.com", "tempuri.org"];
    let host = value.split_once("://").map(|(_, rest)| rest.split(['/', ':']).next().unwrap_or_default());
    match host {
        Some(host) if !known.iter().any(|known| host.ends_with(known)) => "an address".to_owned(),
        _ => value.to_owned(),
    }
}

/// The parts that are not the same, each with what stands in its place.
fn differing(a: &[(String, String)], b: &[(String, String)]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for operation in capture_diff_slices(Algorithm::Myers, a, b) {
        if operation.tag() == DiffTag::Equal {
            continue;
        }
        let gone = a.get(operation.old_range()).unwrap_or_default();
        let come = b.get(operation.new_range()).unwrap_or_default();
        for (name, value) in gone {
            parts.push(Part { name: name.clone(), a: Some(value.clone()), b: None });
        }
        for (name, value) in come {
            let open = parts.iter_mut().find(|part| part.name == *name && part.b.is_none());
            match open {
                Some(part) => part.b = Some(value.clone()),
                None => parts.push(Part { name: name.clone(), a: None, b: Some(value.clone()) }),
            }
        }
    }
    // The same at another place: an order, which is told once.
    let moved = |part: &Part| part.a.is_some() && part.a == part.b;
    let order: Vec<&str> = parts.iter().filter(|part| moved(part)).map(|part| part.name.as_str()).collect();
    let order = order.first().map(|name| Part {
        name: format!("the order of what stands beside {name}"),
        a: None,
        b: None,
    });
    parts.retain(|part| !moved(part));
    parts.extend(order);
    parts.truncate(MOST_PARTS);
    parts
}

/// Messages of which one has more.
fn counts(a: &[Told], b: &[Told]) -> Vec<String> {
    let count = |told: &[Told]| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for one in told {
            *counts.entry(one.kind.clone()).or_default() += 1;
        }
        counts
    };
    let (in_a, in_b) = (count(a), count(b));
    let kinds: BTreeSet<&String> = in_a.keys().chain(in_b.keys()).collect();
    let of = |counts: &BTreeMap<String, usize>, kind: &String| counts.get(kind).copied().unwrap_or_default();
    kinds
        .into_iter()
        .map(|kind| (kind, of(&in_a, kind), of(&in_b, kind)))
        .filter(|(_, in_a, in_b)| in_a != in_b)
        .map(|(kind, in_a, in_b)| format!("{kind}: {in_a} in A, {in_b} in B"))
        .collect()
}

/// How long both took, where one took twice as long as the other, and a second more.
fn durations(a: &Recording, b: &Recording) -> Option<String> {
    let took = |recording: &Recording| {
        let end = |exchange: &Exchange| exchange.timing.answered.or(exchange.timing.sent);
        let began = recording.exchanges().iter().filter_map(|exchange| exchange.timing.sent).min()?;
        Some(recording.exchanges().iter().filter_map(end).max()?.saturating_sub(began))
    };
    let (a, b) = (took(a)?, took(b)?);
    let is_far = a.max(b) > a.min(b) * 2 && a.abs_diff(b) > Duration::from_secs(1);
    is_far.then(|| format!("time: A took {:.1} s, B took {:.1} s", a.as_secs_f64(), b.as_secs_f64()))
}
