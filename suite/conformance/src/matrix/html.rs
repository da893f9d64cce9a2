//! The matrix as one web page that needs nothing else: a table, and behind each cell its messages.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use wsrm_wire::RmVersion;

use super::{CellReport, Matrix, Outcome, Participant, rm_name};

/// How wide ladder diagrams are, in characters.
const WIDTH: usize = 130;

impl Matrix {
    /// The page.
    pub fn to_html(&self) -> String {
        let (works, fails, other) = self.counts();
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { "Interoperability matrix" }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    h1 { "Interoperability matrix" }
                    p { (works) " sessions work, " (fails) " fail, " (other) " do not apply." }
                    (self.peers())
                    @for rm in self.versions() {
                        h2 { "RM " (rm_name(rm)) }
                        (self.grid(rm))
                    }
                    h2 { "Sessions" }
                    @for (place, report) in self.reports.iter().enumerate() {
                        @if report.judgement.is_some() { (details(place, report)) }
                    }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        };
        page.into_string()
    }

    fn peers(&self) -> Markup {
        html! {
            ul {
                @for Participant { id, title, skipped, .. } in &self.participants {
                    li {
                        b { (id) } ": " (title)
                        @if let Some(why) = skipped { ", skipped: " (why) }
                    }
                }
            }
        }
    }

    /// A row for each pair, a column for each scenario.
    fn grid(&self, rm: RmVersion) -> Markup {
        let (sources, destinations) = (self.ids(|cell| &cell.source), self.ids(|cell| &cell.destination));
        html! {
            div.scroll { table {
                thead { tr {
                    th { "client → service" }
                    @for scenario in self.held() { th.scenario title=(scenario.about) { span { (scenario.name) } } }
                } }
                tbody {
                    @for source in &sources { @for destination in &destinations {
                        tr {
                            th { (source.id) " → " (destination.id) }
                            @for scenario in self.held() { (self.cell(source, destination, rm, &scenario.name)) }
                        }
                    } }
                }
            } }
        }
    }

    fn cell(&self, source: &Participant, destination: &Participant, rm: RmVersion, scenario: &str) -> Markup {
        let place = self.reports.iter().position(|report| {
            let cell = &report.cell;
            cell.source == source.id
                && cell.destination == destination.id
                && cell.rm == rm
                && cell.scenario == scenario
        });
        let Some((place, report)) = place.and_then(|place| Some((place, self.reports.get(place)?))) else {
            return html! { td {} };
        };
        let title = format!("{}: {}", report.cell.title(), in_words(report));
        html! {
            td.(class(report)) title=(title) {
                @if report.judgement.is_some() { a href={ "#c" (place) } { (sign(report)) } }
                @else { (sign(report)) }
            }
        }
    }
}

fn details(place: usize, report: &CellReport) -> Markup {
    let drawn = report.judgement.as_ref().map(|judgement| match judgement.findings().next() {
        Some(_) => judgement.render(WIDTH),
        None => judgement.ladder.render(WIDTH),
    });
    let drawn = anstream::adapter::strip_str(&drawn.unwrap_or_default()).to_string();
    html! {
        details id={ "c" (place) } {
            summary.(class(report)) { (report.cell.title()) ": " (in_words(report)) }
            @if let Some(blame) = &report.blame {
                p {
                    "At fault is the " b { (blame.side()) } ": " code { (blame.requirement) } " in " code { (blame.message) }
                    ", expected " (blame.expected) "; seen " (blame.seen) ". " i { (blame.clause) }
                }
            }
            div.applications {
                div { h4 { "The client's application" } pre { @for line in &report.client { (line) "\n" } } }
                div { h4 { "The service's application" } pre { @for line in &report.service { (line) "\n" } } }
            }
            pre.ladder { (drawn) }
        }
    }
}

fn in_words(report: &CellReport) -> String {
    match &report.outcome {
        Outcome::Works(None) => "works".to_owned(),
        Outcome::Works(Some(remark)) => format!("works, {}", remark.as_str()),
        Outcome::Fails(failure) => format!("{} failed: {}", failure.at, failure.words),
        Outcome::Unsupported(why) => format!("does not apply: {why}"),
        Outcome::Skipped(why) => format!("skipped: {why}"),
    }
}

const fn sign(report: &CellReport) -> &'static str {
    match report.outcome {
        Outcome::Works(None) => "✓",
        Outcome::Works(Some(_)) => "~",
        Outcome::Fails(_) => "✗",
        Outcome::Unsupported(_) | Outcome::Skipped(_) => "–",
    }
}

const fn class(report: &CellReport) -> &'static str {
    match report.outcome {
        Outcome::Works(None) => "works",
        Outcome::Works(Some(_)) => "less",
        Outcome::Fails(_) => "fails",
        Outcome::Unsupported(_) | Outcome::Skipped(_) => "not",
    }
}

const STYLE: &str = "\
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:90rem;padding:0 1rem;color:#1b1f24;background:#fff}
table{border-collapse:collapse}th,td{border:1px solid #d0d7de;padding:.2rem .5rem;text-align:center}
tbody th{text-align:left;white-space:nowrap;font-weight:500}
th.scenario{height:11rem;vertical-align:bottom}th.scenario span{writing-mode:vertical-rl;transform:rotate(180deg)}
td a{text-decoration:none;color:inherit;display:block}
.works{background:#dafbe1}.less{background:#fff8c5}.fails{background:#ffd8d3}.not{color:#8c959f}
details{margin:.3rem 0;border:1px solid #d0d7de;border-radius:4px}summary{padding:.3rem .6rem;cursor:pointer}
details>p,.applications,pre.ladder{margin:.6rem}pre{overflow-x:auto;font:13px/1.35 ui-monospace,monospace}
.applications{display:grid;grid-template-columns:1fr 1fr;gap:1rem}.applications pre{white-space:pre-wrap}.scroll{overflow-x:auto}
@media (prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}th,td,details{border-color:#30363d}
.works{background:#12361e}.less{background:#3d3206}.fails{background:#4c1512}}
";

const SCRIPT: &str = "\
function open_target(){const d=document.getElementById(location.hash.slice(1));if(d){d.open=true;d.scrollIntoView()}}
addEventListener('hashchange',open_target);open_target();
";
