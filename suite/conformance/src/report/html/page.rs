//! The page as a whole.

use std::collections::BTreeMap;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::entries::verdict;
use super::requirements::Standings;
use super::{Articles, Row, entry_anchor};
use crate::judgement::Standing;
use crate::report::{Run, Summary, Verb};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
/// Nothing may be asked of any network.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";
/// Commands and identifiers that are named.
const MOST_NAMED: usize = 50;

/// What the page shows.
pub(super) struct Page<'a> {
    pub(super) run: Option<&'a Run>,
    pub(super) summary: &'a Summary,
    pub(super) standings: &'a Standings,
    pub(super) rows: &'a BTreeMap<usize, Row>,
    pub(super) grave: &'a Articles,
    pub(super) light: &'a Articles,
    pub(super) remarks: &'a [String],
    pub(super) further_remarks: usize,
}

/// The whole page.
pub(super) fn page(page: &Page<'_>) -> Markup {
    let verb = page.run.map_or("", |run| run.verb.as_str());
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                title { "wsrm " (verb) ": " (outcome(page.summary)) }
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#findings" { "To the findings" }
                header { (top(page)) }
                main {
                    section #matrix { h2 { "Requirements" } (key()) (page.standings.matrix()) }
                    section #findings { (findings(page)) }
                    @if !page.light.by_place.is_empty() || !page.light.left_out.is_empty() {
                        section #differences { (differences(page)) }
                    }
                    section #entries { (entries(page)) }
                    section #requirements { h2 { "Each requirement" } (page.standings.list()) }
                    @if !page.remarks.is_empty() { section #remarks { (remarks(page)) } }
                }
                footer { p { "wsrm " (env!("CARGO_PKG_VERSION")) } }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

fn outcome(summary: &Summary) -> String {
    let violated = summary.totals.count(Standing::Violated);
    if violated > 0 && summary.failed == 0 {
        return format!("{violated} violated, all of it known");
    }
    match violated {
        0 if summary.harness_errors + summary.inconclusive > 0 => {
            "nothing violated, not everything judged".to_owned()
        }
        0 => "nothing violated".to_owned(),
        1 => "1 requirement violated".to_owned(),
        count => format!("{count} requirements violated"),
    }
}

fn top(page: &Page<'_>) -> Markup {
    let summary = page.summary;
    let class = match summary.totals.count(Standing::Violated) {
        0 if summary.harness_errors + summary.inconclusive > 0 => "unclear",
        0 => "good",
        _ if summary.failed == 0 => "unclear",
        _ => "bad",
    };
    html! {
        p.verb { "wsrm" @if let Some(run) = page.run { " " (run.verb.as_str()) } }
        h1 class=(class) { (outcome(summary)) }
        @if let Some(run) = page.run {
            ul.subjects { @for subject in run.subjects.iter().take(MOST_NAMED) { li { (subject) } } }
            @if run.subjects.len() > MOST_NAMED { p.remark { "and " (run.subjects.len() - MOST_NAMED) " more" } }
            @if run.is_hostile { p.remark { "Cases that can do harm were among them." } }
        }
        ul.verdicts { (verdicts(summary, page.run.map(|run| run.verb))) }
        p.totals { (summary.totals) }
        @if summary.stability.rounds() > 1 {
            p.sequences { (summary.stability) }
            ul { @for flaky in summary.stability.flaky().take(MOST_NAMED) { li.reason { (flaky) } } }
        }
        @if let Some(changes) = &summary.changes {
            p.sequences { "deviations: " (changes) }
            ul { @for stale in changes.stale.iter().take(MOST_NAMED) { li.reason { "stale: " (stale) } } }
        }
        @if summary.opened > 0 {
            p.sequences {
                (summary.opened) " sequences opened: " (summary.terminated) " terminated, " (summary.faulted)
                " ended by a fault, " (summary.open) " left open"
            }
            @if !summary.left_open.is_empty() {
                details {
                    summary { "left open" }
                    ul { @for identifier in summary.left_open.iter().take(MOST_NAMED) { li { code { (identifier) } } } }
                }
            }
        }
    }
}

fn verdicts(summary: &Summary, verb: Option<Verb>) -> Markup {
    let what = match (verb, summary.run()) {
        (Some(Verb::Judge), 1) => "recording",
        (Some(Verb::Judge), _) => "recordings",
        (_, 1) => "case",
        _ => "cases",
    };
    let elapsed = summary.elapsed.map(|elapsed| format!(" in {:.1} s", elapsed.as_secs_f64()));
    let counts = [
        ("pass", summary.passed, "passed"),
        ("fail", summary.failed, "failed"),
        ("known", summary.known, "failed as known"),
        ("inconclusive", summary.inconclusive, "inconclusive"),
        ("harness-error", summary.harness_errors, "in trouble"),
        ("not-applicable", summary.not_applicable, "not applicable"),
    ];
    html! {
        li.all { b { (summary.run()) } " " (what) (elapsed.unwrap_or_default()) }
        @for (class, count, words) in counts {
            @if count > 0 { li class=(class) { b { (count) } " " (words) } }
        }
    }
}

fn key() -> Markup {
    html! {
        p.key {
            span.count.violated { "✗" } " violated " span.count.differs { "~" } " differs from WCF "
            span.count.met { "✓" } " met " span.count.untouched { "·" } " not exercised"
        }
        p.remark {
            "must and should are the standard's own levels. wcf: the standard leaves it open, and a real WCF peer faults, "
            "hangs or loses a message over it. may and observed fail nothing."
        }
    }
}

fn findings(page: &Page<'_>) -> Markup {
    html! {
        h2 { "Findings" }
        @if page.grave.by_place.is_empty() { p { "Nothing is violated." } }
        @for article in page.grave.by_place.values() { (PreEscaped(article)) }
        (left_out(page.grave))
    }
}

fn differences(page: &Page<'_>) -> Markup {
    html! {
        h2 { "Differs from WCF, and fails nothing" }
        @for article in page.light.by_place.values() { (PreEscaped(article)) }
        (left_out(page.light))
    }
}

/// What found no room.
fn left_out(articles: &Articles) -> Markup {
    let commands = &articles.left_out;
    html! {
        @if !commands.is_empty() {
            p.remark { (commands.len()) " more are left out, so that this page does not grow without end. These show them:" }
            ul { @for command in commands.iter().take(MOST_NAMED) { li { code { (command) } } } }
            @if commands.len() > MOST_NAMED { p.remark { "and " (commands.len() - MOST_NAMED) " more" } }
        }
    }
}

/// All entries, by what they belong to.
fn entries(page: &Page<'_>) -> Markup {
    let mut groups: Vec<(&str, Vec<(usize, &Row)>)> = Vec::new();
    for (place, row) in page.rows {
        match groups.iter_mut().find(|(group, _)| *group == row.group) {
            Some((_, rows)) => rows.push((*place, row)),
            None => groups.push((&row.group, vec![(*place, row)])),
        }
    }
    html! {
        h2 { "All that was run" }
        @for (group, rows) in &groups {
            details.group open[groups.len() == 1 && rows.len() <= 40] {
                summary { (group) " " span.remark { "(" (rows.len()) ")" } }
                ul.rows { @for (place, row) in rows { (line(*place, row)) } }
            }
        }
    }
}

fn line(place: usize, row: &Row) -> Markup {
    html! {
        li data-verdict=(row.verdict.word()) {
            (verdict(&row.verdict))
            @if row.has_article { a href={ "#" (entry_anchor(place)) } { (row.name) } } @else { span { (row.name) } }
            @if row.violated > 0 { " " span.badge.violated { (row.violated) " violated" } }
            @if row.differs > 0 { " " span.badge.differs { (row.differs) " differ" } }
            @if !row.about.is_empty() { p.about { (row.about) } }
            @if let Some(reason) = row.verdict.reason() { p.reason { (reason) } }
        }
    }
}

fn remarks(page: &Page<'_>) -> Markup {
    html! {
        h2 { "Remarks" }
        ul { @for remark in page.remarks { li { (remark) } } }
        @if page.further_remarks > 0 { p.remark { "and " (page.further_remarks) " more" } }
    }
}
