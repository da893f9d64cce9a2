//! What is told of one entry: the ladder diagram, and each finding with its messages.

use maud::{Markup, html};
use wsrm_oracle::{Finding, MessageName};

use super::ladder::{Mark, ladder};
use super::message::{excerpt, message};
use super::{class, entry_anchor, word};
use crate::entry::{ClientFacts, Entry, Verdict};
use crate::judgement::lines::{MOST_SHOWN, sides, sign};
use crate::judgement::{Judged, Standing, expected};

/// Of the messages that make a finding so, besides the one at fault, this many are shown.
const MOST_OTHERS: usize = 2;

/// All that is told of an entry.
pub(super) fn article(entry: &Entry) -> Markup {
    let subject = &entry.subject;
    let anchor = entry_anchor(subject.place);
    let numbered = entry.judgement.numbered();
    let count = |standing| entry.judgement.with_standing(standing).count();
    let (violated, differs) = (count(Standing::Violated), count(Standing::Differs));
    let is_grave = matches!(entry.verdict, Verdict::Fail) || entry.verdict.reason().is_some();
    html! {
        article id=(anchor) {
            details open[is_grave] {
                summary {
                    h3 { (subject.name) }
                    (verdict(&entry.verdict))
                    @if violated > 0 { span.badge.violated { (violated) " violated" } " " }
                    @if differs > 0 { span.badge.differs { (differs) " differ from WCF" } }
                }
                @if !subject.about.is_empty() { p.about { (subject.about) } }
                @if let Some(form) = &subject.dialect { p.form { (form) } }
                @if let Some(reason) = entry.verdict.reason() { p.reason { (reason) } }
                @for identifier in entry.left_open() {
                    p.reason { "left open: " code { (identifier) } }
                }
                @if let Some(client) = &entry.client { (client_facts(client)) }
                @if !entry.judgement.ladder.rungs.is_empty() {
                    (ladder(&entry.judgement.ladder, &|name| marks(&anchor, &numbered, name)))
                }
                @for (number, judged) in &numbered { (breach(entry, &anchor, *number, judged)) }
                p.repeat { "Repeat it: " code { (entry.repeat) } }
            }
        }
    }
}

/// What the application of a client under test saw, and what its process wrote.
fn client_facts(client: &ClientFacts) -> Markup {
    html! {
        p { "The application of the client saw: " (client.end.words()) }
        @if !client.output.trim().is_empty() {
            details.wire { summary { "what the client wrote" } pre.output { code { (client.output) } } }
        }
    }
}

/// A badge for a verdict.
pub(super) fn verdict(verdict: &Verdict) -> Markup {
    let words = match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Known => "fails as known",
        Verdict::Inconclusive(_) => "inconclusive",
        Verdict::NotApplicable(_) => "not applicable",
        Verdict::HarnessError(_) => "trouble of wsrm or its input",
    };
    html! { span class={ "badge " (verdict.word()) } { (words) } " " }
}

fn finding_anchor(entry: &str, number: usize) -> String {
    format!("{entry}-{number}")
}

/// What stands behind a message in the ladder.
fn marks(anchor: &str, numbered: &[(usize, &Judged)], name: &str) -> Vec<Mark> {
    let is_at_fault = |finding: &Finding| finding.messages.first().is_some_and(|own| own.as_str() == name);
    let found = numbered.iter().filter(|(_, judged)| judged.findings.iter().any(is_at_fault));
    found
        .map(|(number, judged)| Mark {
            text: format!("{}{number}", sign(judged.standing)),
            anchor: finding_anchor(anchor, *number),
            class: class(judged.standing),
        })
        .collect()
}

/// A requirement that is not kept, and where.
fn breach(entry: &Entry, anchor: &str, number: usize, judged: &Judged) -> Markup {
    let requirement = &judged.requirement;
    let clause = judged.findings.first().map_or("", |finding| &finding.clause);
    let more = judged.findings.len().saturating_sub(MOST_SHOWN);
    html! {
        section class={ "breach " (class(judged.standing)) } id=(finding_anchor(anchor, number)) {
            h4 {
                span.mark { (sign(judged.standing)) (number) } " "
                a href={ "#requirement-" (requirement.id) } { (requirement.id) } " "
                span.badge.level { (requirement.level.as_str()) } " "
                span class={ "badge " (class(judged.standing)) } { (word(judged.standing)) }
            }
            p.text { (requirement.text.trim()) }
            dl.facts {
                div { dt { "at fault" } dd { (sides(&judged.findings)) } }
                div { dt { "clause" } dd { (clause) } }
                @if let Some(consequence) = &requirement.consequence {
                    div { dt { "what follows" } dd { (consequence.trim()) } }
                }
                @if let Some(erratum) = &requirement.erratum {
                    div { dt { "WCF itself" } dd { (erratum.trim()) } }
                }
            }
            @for known in &judged.known {
                p.known {
                    b { "known: " } (known.reason.trim())
                    @if let Some(issue) = &known.issue { " (" (issue) ")" }
                }
            }
            @for finding in judged.findings.iter().take(MOST_SHOWN) { (place(entry, finding)) }
            @if more > 0 { p.remark { "and " (more) " more findings of this requirement" } }
        }
    }
}

/// One finding: what was expected, what was there, and the messages.
fn place(entry: &Entry, finding: &Finding) -> Markup {
    let names: Vec<&str> = finding.messages.iter().map(MessageName::as_str).collect();
    let (first, others) = names.split_first().unwrap_or((&"", &[]));
    let recording = entry.recording.as_ref();
    let found = |name: &str| recording.and_then(|recording| recording.named(name));
    html! {
        div.finding {
            dl.facts {
                div { dt { "message" } dd { code { (first) } (bytes(finding)) } }
                div { dt { "expected" } dd { (expected(finding)) } }
                div { dt { "seen" } dd { (finding.seen) } }
            }
            @if let Some(shown) = found(first) {
                @if let Some(excerpt) = finding.span.as_ref().and_then(|span| excerpt(shown, span)) { (excerpt) }
                details.wire {
                    summary { (first) @if finding.span.is_some() { ", with the bytes at fault marked" } }
                    (message(shown, finding.span.as_ref()))
                }
            } @else if !first.is_empty() {
                p.remark { "There is no such message: nothing came." }
            }
            @for name in others.iter().take(MOST_OTHERS) {
                @if let Some(shown) = found(name) {
                    details.wire { summary { "with " (name) } (message(shown, None)) }
                }
            }
            @if others.len() > MOST_OTHERS {
                @let more: Vec<&str> = others.iter().copied().skip(MOST_OTHERS).take(20).collect();
                p.remark { "and with " (more.join(", ")) @if others.len() > MOST_OTHERS + 20 { " …" } }
            }
        }
    }
}

fn bytes(finding: &Finding) -> String {
    finding.span.as_ref().map(|span| format!(", bytes {} to {}", span.start, span.end)).unwrap_or_default()
}
