//! Where two sessions part: the first message that is not the same in both by what it means, and what else differs.
//!
//! Identifiers, addresses and moments are other ones in every session and count for nothing; so do prefixes and white
//! space. What counts is which messages there are, in which order, whether they arrive, and what stands in them. Settings
//! that show in the messages and pauses are compared apart. Secrets count for nothing, and are not told.

mod settings;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;
use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices};
use wsrm_wire::{Element, Infoset, Limits};

use crate::recording::{Exchange, HttpMessage, Recording, Which};
use crate::secrets;
use crate::summary::{SequenceNames, Summary};
pub use settings::Setting;

/// What differs between two sessions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// How many messages are the same from the start on.
    pub same: usize,
    /// Where they part; `None` where they do not.
    pub first: Option<Divergence>,
    /// What else is not the same in both, in words.
    pub others: Vec<String>,
    /// The settings that can be seen in the messages and are not the same.
    pub settings: Vec<Setting>,
    /// The pauses before the same message that are not alike.
    pub pauses: Vec<Pause>,
}

/// A pause before a message that is in both sessions, between it and the message before.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pause {
    /// The message of the first session.
    pub a: Place,
    /// The message of the second session.
    pub b: Place,
    /// How long it was in the first, in seconds.
    pub seconds_a: f64,
    /// How long it was in the second.
    pub seconds_b: f64,
}

/// Where two sessions part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Divergence {
    /// The message of the first session, if it has one here.
    pub a: Option<Place>,
    /// The message of the second session, if it has one here.
    pub b: Option<Place>,
    /// What differs in the message; of another message the first of it.
    pub parts: Vec<Part>,
    /// Whether it is the same message, with other parts.
    pub is_same_message: bool,
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
    /// At which byte of the body of the first message.
    pub at_a: Option<usize>,
    /// At which byte of the body of the second message.
    pub at_b: Option<usize>,
}

/// Parts of one message that are told.
const MOST_PARTS: usize = 12;
/// Parts of another message that are told.
const MOST_OF_ANOTHER: usize = 3;
/// Other differences that are told.
const MOST_OTHERS: usize = 40;
/// Pauses that are told.
const MOST_PAUSES: usize = 8;
/// By how much a pause must be longer, and by which factor.
const LONGER: (Duration, u32) = (Duration::from_millis(250), 3);

/// A message by its meaning.
struct Told {
    place: Place,
    /// The same for what is the same message in the other session.
    key: String,
    /// Without the numbers.
    kind: String,
    parts: Vec<Found>,
    at: Option<Duration>,
}

/// A part of a message: where it stands, what it says, and at which byte of the body.
struct Found {
    name: String,
    value: String,
    at: Option<usize>,
}

impl Difference {
    /// Compares two sessions.
    pub fn of(a: &Recording, b: &Recording) -> Self {
        let (masked_a, masked_b) = (secrets::masked(a), secrets::masked(b));
        let (a, b) = (masked_a.as_ref().unwrap_or(a), masked_b.as_ref().unwrap_or(b));
        let (told_a, told_b) = (told(a), told(b));
        let keys = |told: &[Told]| told.iter().map(|told| told.key.clone()).collect::<Vec<_>>();
        let operations = capture_diff_slices(Algorithm::Myers, &keys(&told_a), &keys(&told_b));
        let mut same = 0;
        let mut first = None;
        let mut others = BTreeSet::new();
        let mut common = Vec::new();
        for operation in &operations {
            if operation.tag() == DiffTag::Equal {
                for (one, other) in operation.old_range().zip(operation.new_range()) {
                    let (Some(one), Some(other)) = (told_a.get(one), told_b.get(other)) else { continue };
                    common.push((one, other));
                    let parts = differing(&one.parts, &other.parts);
                    if parts.is_empty() {
                        same += usize::from(first.is_none());
                    } else if first.is_none() {
                        let (a, b) = (Some(one.place.clone()), Some(other.place.clone()));
                        first = Some(Divergence { a, b, parts, is_same_message: true });
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
        Self { same, first, others, settings: settings::differing(a, b), pauses: pauses(&common) }
    }

    /// Whether both are the same.
    pub const fn is_none(&self) -> bool {
        self.first.is_none()
    }
}

impl Divergence {
    fn of(operation: &DiffOp, a: &[Told], b: &[Told]) -> Self {
        // Where the other one has nothing, what stands here is what comes next.
        let (a, b) = (a.get(operation.old_range().start), b.get(operation.new_range().start));
        let mut parts = a.zip(b).map(|(a, b)| differing(&a.parts, &b.parts)).unwrap_or_default();
        parts.truncate(MOST_OF_ANOTHER);
        let place = |told: &Told| told.place.clone();
        Self { a: a.map(place), b: b.map(place), parts, is_same_message: false }
    }
}

impl Part {
    fn named(name: &str) -> Self {
        Self { name: name.to_owned(), a: None, b: None, at_a: None, at_b: None }
    }

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
        let at = |at: Option<usize>| at.map_or_else(String::new, |at| format!(" at byte {at}"));
        let (at_a, at_b) = (at(self.at_a), at(self.at_b));
        format!("{}: A {}{at_a}, B {}{at_b}", self.name, value(&self.a), value(&self.b))
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
        one.parts.push(Found::new("the request", lost(exchange.request_delivered), None));
        one.at = exchange.timing.sent;
        all.push(one);
        let name = recording.file_name(exchange.number, Which::Response);
        match &exchange.response {
            Some(response) => {
                let mut one = message(name, "←", response, &mut names);
                one.parts.push(Found::new("the response", lost(exchange.response_delivered), None));
                one.at = exchange.timing.answered;
                all.push(one);
            }
            None => all.push(Told {
                place: Place { message: name, text: "no answer".to_owned() },
                key: "← no answer".to_owned(),
                kind: "no answer".to_owned(),
                parts: Vec::new(),
                at: None,
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
        parts.push(Found::new("HTTP status", status.to_string(), None));
    }
    for field in ["Content-Type", "SOAPAction"] {
        if let Some(value) = message.field(field) {
            parts.push(Found::new(format!("HTTP {field}"), value, None));
        }
    }
    if let Ok(infoset) = Infoset::read(message.body(), &Limits::default()) {
        let mut walk = Walk { infoset: &infoset, names, parts: &mut parts };
        for child in infoset.root().elements() {
            walk.element(child, "", "");
        }
    }
    let key = format!("{arrow} {head}");
    Told { place: Place { message: file, text }, key, kind: format!("{arrow} {kind}"), parts, at: None }
}

impl Found {
    fn new(name: impl Into<String>, value: impl Into<String>, at: Option<usize>) -> Self {
        Self { name: name.into(), value: value.into(), at }
    }
}

/// Collects the parts of a document.
struct Walk<'w, 'i> {
    infoset: &'w Infoset<'i>,
    names: &'w mut SequenceNames,
    parts: &'w mut Vec<Found>,
}

impl Walk<'_, '_> {
    /// The parts of an element and of what is in it, in their order. The depth is bounded by the reader's limits.
    fn element(&mut self, element: Element<'_>, above: &str, namespace: &str) {
        let path = match above {
            "" => element.local().to_owned(),
            above => format!("{above}/{}", element.local()),
        };
        let at = element.span().start;
        if element.namespace() != namespace {
            self.put(format!("{path}, namespace"), element.namespace(), at);
        }
        if secrets::is_secret_element(element) {
            return self.put(path, "a secret", at);
        }
        for attribute in element.attributes() {
            let value = match secrets::is_secret(attribute.namespace(), attribute.local()) {
                true => "a secret".to_owned(),
                false => usual(&attribute.value(), self.names),
            };
            self.put(format!("{path}/@{}", attribute.local()), value, attribute.value_span().start);
        }
        let mut is_leaf = true;
        for child in element.elements() {
            is_leaf = false;
            self.element(child, &path, element.namespace());
        }
        if is_leaf {
            let value = usual(&element.text(), self.names);
            self.put(path, value, at);
        }
    }

    fn put(&mut self, name: String, value: impl Into<String>, at: usize) {
        self.parts.push(Found::new(name, value, Some(self.infoset.document_offset(at))));
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
fn differing(a: &[Found], b: &[Found]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let said = |parts: &[Found]| -> Vec<(String, String)> {
        parts.iter().map(|part| (part.name.clone(), part.value.clone())).collect()
    };
    for operation in capture_diff_slices(Algorithm::Myers, &said(a), &said(b)) {
        if operation.tag() == DiffTag::Equal {
            continue;
        }
        let gone = a.get(operation.old_range()).unwrap_or_default();
        let come = b.get(operation.new_range()).unwrap_or_default();
        for Found { name, value, at } in gone {
            parts.push(Part { a: Some(value.clone()), at_a: *at, ..Part::named(name) });
        }
        for Found { name, value, at } in come {
            let open = parts.iter_mut().find(|part| part.name == *name && part.b.is_none());
            let part = Part { b: Some(value.clone()), at_b: *at, ..Part::named(name) };
            match open {
                Some(open) => *open = Part { a: open.a.take(), at_a: open.at_a, ..part },
                None => parts.push(part),
            }
        }
    }
    // The same at another place: an order, which is told once.
    let moved = |part: &Part| part.a.is_some() && part.a == part.b;
    let order: Vec<&str> = parts.iter().filter(|part| moved(part)).map(|part| part.name.as_str()).collect();
    let order = order.first().map(|name| Part::named(&format!("the order of what stands beside {name}")));
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

/// The pauses between messages that are in both that are much longer in one of them.
fn pauses(common: &[(&Told, &Told)]) -> Vec<Pause> {
    let mut pauses = Vec::new();
    for pair in common.windows(2) {
        let [(before_a, before_b), (a, b)] = pair else { continue };
        let gap = |before: &Told, after: &Told| Some(after.at?.saturating_sub(before.at?));
        let (Some(in_a), Some(in_b)) = (gap(before_a, a), gap(before_b, b)) else { continue };
        let (longer, factor) = LONGER;
        if in_a.abs_diff(in_b) >= longer && in_a.max(in_b) >= in_a.min(in_b) * factor {
            pauses.push(Pause {
                a: a.place.clone(),
                b: b.place.clone(),
                seconds_a: in_a.as_secs_f64(),
                seconds_b: in_b.as_secs_f64(),
            });
        }
    }
    pauses.truncate(MOST_PAUSES);
    pauses
}
