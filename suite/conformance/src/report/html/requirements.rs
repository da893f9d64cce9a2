//! What became of each requirement: a matrix by family and level, and the requirements behind it.

use std::collections::BTreeMap;
use std::sync::Arc;

use maud::{Markup, html};
use wsrm_oracle::{Catalogue, Level, Requirement};

use super::{class, entry_anchor, word};
use crate::entry::Entry;
use crate::judgement::Standing;

/// Entries that are named for one requirement.
const MOST_PLACES: usize = 12;
/// The gravest first.
const STANDINGS: [Standing; 4] =
    [Standing::Violated, Standing::Differs, Standing::Met, Standing::NotExercised];

/// What became of each requirement over the whole run: the gravest counts.
#[derive(Debug)]
pub(super) struct Standings {
    /// The places of requirements in the catalogue.
    order: BTreeMap<String, usize>,
    by_place: BTreeMap<usize, Record>,
}

#[derive(Debug)]
struct Record {
    requirement: Arc<Requirement>,
    standing: Standing,
    /// Where it was not kept: names, and anchors where something is told of them.
    places: Vec<(String, Option<String>)>,
    further: usize,
}

impl Standings {
    pub(super) fn new(catalogue: &Catalogue) -> Self {
        let ids = catalogue.requirements().iter().map(|requirement| requirement.id.clone());
        Self { order: ids.zip(0..).collect(), by_place: BTreeMap::new() }
    }

    pub(super) fn add(&mut self, entry: &Entry, has_article: bool) {
        for judged in &entry.judgement.requirements {
            let place = self.order.get(&judged.requirement.id).copied().unwrap_or(usize::MAX);
            let record = self.by_place.entry(place).or_insert_with(|| Record {
                requirement: Arc::clone(&judged.requirement),
                standing: judged.standing,
                places: Vec::new(),
                further: 0,
            });
            record.standing = judged.standing.max(record.standing);
            if judged.findings.is_empty() {
                continue;
            }
            if record.places.len() < MOST_PLACES {
                let anchor = has_article.then(|| entry_anchor(entry.subject.place));
                record.places.push((entry.subject.name.clone(), anchor));
            } else {
                record.further += 1;
            }
        }
    }

    /// The families in the order of the catalogue, with their requirements.
    fn families(&self) -> Vec<(&str, Vec<&Record>)> {
        let mut families: Vec<(&str, Vec<&Record>)> = Vec::new();
        for record in self.by_place.values() {
            let family = record.requirement.family();
            match families.last_mut().filter(|(last, _)| *last == family) {
                Some((_, records)) => records.push(record),
                None => families.push((family, vec![record])),
            }
        }
        families
    }

    /// The matrix: families by levels. Each cell leads to its requirements.
    pub(super) fn matrix(&self) -> Markup {
        html! {
            div.scroll tabindex="0" {
                table.matrix {
                    caption.hidden { "Requirements by family and level" }
                    thead {
                        tr {
                            th scope="col" { "family" }
                            @for level in Level::ALL { th scope="col" { (level.as_str()) } }
                        }
                    }
                    tbody {
                        @for (family, records) in self.families() {
                            tr {
                                th scope="row" { a href={ "#family-" (family) } { (family) } }
                                @for level in Level::ALL { td { (cell(family, level, &records)) } }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The requirements, by family and level.
    pub(super) fn list(&self) -> Markup {
        html! {
            @for (family, records) in self.families() {
                details.family id={ "family-" (family) } {
                    summary { span.name { (family) } " " (counts(&records)) }
                    @for level in Level::ALL {
                        @let of_level: Vec<&Record> =
                            records.iter().copied().filter(|record| record.requirement.level == level).collect();
                        @if !of_level.is_empty() {
                            h4 id={ (family) "-" (level.as_str()) } { (level.as_str()) }
                            ul.requirements { @for record in of_level { (requirement(record)) } }
                        }
                    }
                }
            }
        }
    }
}

fn cell(family: &str, level: Level, records: &[&Record]) -> Markup {
    let of_level: Vec<&Record> =
        records.iter().copied().filter(|record| record.requirement.level == level).collect();
    html! {
        @if !of_level.is_empty() {
            a href={ "#" (family) "-" (level.as_str()) } { (counts(&of_level)) }
        }
    }
}

/// How many have each standing.
fn counts(records: &[&Record]) -> Markup {
    html! {
        span.counts {
            @for standing in STANDINGS {
                @let count = records.iter().filter(|record| record.standing == standing).count();
                @if count > 0 {
                    span class={ "count " (class(standing)) } title={ (count) " " (word(standing)) } {
                        (count) span.sign aria-hidden="true" { (sign(standing)) }
                        span.hidden { " " (word(standing)) }
                    }
                    " "
                }
            }
        }
    }
}

const fn sign(standing: Standing) -> &'static str {
    match standing {
        Standing::Violated => "✗",
        Standing::Differs => "~",
        Standing::Met => "✓",
        Standing::NotExercised => "·",
    }
}

fn requirement(record: &Record) -> Markup {
    let Record { requirement, standing, places, further } = record;
    let sources: Vec<String> = requirement.sources.iter().map(ToString::to_string).collect();
    html! {
        li class=(class(*standing)) id={ "requirement-" (requirement.id) } {
            p.title {
                code { (requirement.id) } " "
                span class={ "badge " (class(*standing)) } { (word(*standing)) } " "
                span.role { (requirement.role.as_str()) }
            }
            p { (requirement.text.trim()) }
            p.clause { (sources.join("; ")) }
            @if !places.is_empty() {
                p.places {
                    "not kept in "
                    @for (index, (name, anchor)) in places.iter().enumerate() {
                        @if index > 0 { ", " }
                        @if let Some(anchor) = anchor { a href={ "#" (anchor) } { (name) } } @else { (name) }
                    }
                    @if *further > 0 { " and " (further) " more" }
                }
            }
        }
    }
}
