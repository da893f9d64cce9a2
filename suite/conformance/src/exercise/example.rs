//! What a requirement looks like on the wire: kept in a case, and broken by a mutant.

use wsrm_oracle::{Catalogue, Finding, Party, Requirement, Role};
use wsrm_reference::mutants::Mutant;

use super::{Exercise, Side, golden};
use crate::case::virtual_time::run_reference;
use crate::case::{Case, CaseReport};
use crate::invitation::virtual_time as clients;
use crate::judgement::{Judgement, Selection, Standing, Term, expected};
use crate::ladder::Ladder;
use crate::mutation::Trial;
use crate::pretty::pretty;
use crate::recording::Recording;

/// Of a ladder so many exchanges before the one that matters are shown.
const BEFORE: u32 = 1;
/// An example is looked for in so many exchanges; a longer case shows it in its last one.
const MOST_EXCHANGES: usize = 64;
/// So many lines of a message are shown.
const MOST_LINES: usize = 8;

/// A requirement that is kept, in a case against the reference implementation.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The case.
    pub case: &'static Case,
    /// What is spoken in it.
    pub dialect: String,
    /// The file of `golden` in which the whole ladder of the case stands.
    pub golden: Option<String>,
    /// The messages with which it is kept for the first time.
    pub ladder: Ladder,
}

/// A requirement that is broken, by a mutant of the reference implementation.
#[derive(Debug, Clone)]
pub struct Broken {
    /// The mutant.
    pub mutant: &'static Mutant,
    /// The case that provokes it.
    pub case: &'static str,
    /// What is spoken in it.
    pub dialect: String,
    /// What is reported of it.
    pub finding: Finding,
    /// What was expected, with what else would have been accepted.
    pub expected: String,
    /// The messages at fault, the first of them marked.
    pub ladder: Ladder,
    /// The bytes at fault, laid out for reading; nothing where something is missing or the whole message is meant.
    pub excerpt: Option<String>,
}

impl Kept {
    /// The messages that keep the requirement in the case that shows it best; `None` where the reference keeps it nowhere.
    pub fn of(requirement: &Requirement, exercise: &Exercise, catalogue: &Catalogue) -> Option<Self> {
        let case = exercise.case()?;
        let target = exercise.target();
        let only = catalogue.only(|own| own.id == requirement.id);
        let report = match exercise.side {
            Side::Destination => run_reference(case, &target, &only)?,
            Side::Source => clients::run_reference(case, &target, &only),
        };
        report.judgement.with_standing(Standing::Met).next()?;
        let last = kept_with(&report, exercise.side, &only);
        let exchange = report.recording.exchanges().get(last)?.number;
        Some(Self {
            case,
            dialect: exercise.dialect.to_string(),
            golden: golden(case, exercise.side, exercise.dialect),
            ladder: excerpt(&report.judgement.ladder, &|number| {
                (exchange.saturating_sub(BEFORE)..=exchange).contains(&number)
            }),
        })
    }
}

/// The place of the exchange after which it is kept for the first time.
fn kept_with(report: &CaseReport, side: Side, only: &Catalogue) -> usize {
    let (party, role) = match side {
        Side::Destination => (Party::Responder, Role::Destination),
        Side::Source => (Party::Initiator, Role::Source),
    };
    let selection = Selection::new(vec![Term::Role(role)], Vec::new());
    let exchanges = report.recording.exchanges();
    let is_kept = |place: &usize| {
        let begun = exchanges.get(..=*place).unwrap_or(exchanges).to_vec();
        let begun = Recording::new(report.recording.scenario().clone(), begun);
        let judgement = Judgement::of_endpoint(&begun, "", only, &selection, party, None);
        judgement.with_standing(Standing::Met).next().is_some()
    };
    let last = exchanges.len().saturating_sub(1);
    (0..last.min(MOST_EXCHANGES)).find(is_kept).unwrap_or(last)
}

impl Broken {
    /// What the mutant does, where the requirement that it breaks is reported.
    pub fn of(mutant: &'static Mutant, width: usize, catalogue: &Catalogue) -> Option<Self> {
        let only = catalogue.only(|own| own.id == mutant.breaks);
        let trial = Trial::of(mutant, &only);
        let kill = trial.kill()?;
        let finding = kill.finding.clone();
        let names: Vec<&str> = finding.messages.iter().map(|name| name.as_str()).collect();
        let first = *names.first()?;
        let ladder = &kill.report.judgement.ladder;
        let number_of = |name: &str| {
            let rung = ladder.rungs.iter().find(|rung| rung.message.as_deref() == Some(name))?;
            rung.exchange.split('.').next()?.parse::<u32>().ok()
        };
        let numbers: Vec<u32> = names.iter().filter_map(|name| number_of(name)).collect();
        let mut excerpt = excerpt(ladder, &|number| numbers.contains(&number));
        excerpt.mark(first, "✗");
        Some(Self {
            mutant,
            case: kill.report.case.name,
            dialect: kill.report.target.dialect().to_string(),
            expected: expected(&finding),
            excerpt: bytes_at_fault(&kill.report.recording, &finding, width),
            ladder: excerpt,
            finding,
        })
    }
}

/// Some exchanges of a ladder, without its heads, and of the legend what is spoken of.
fn excerpt(ladder: &Ladder, has: &dyn Fn(u32) -> bool) -> Ladder {
    let number = |exchange: &str| exchange.split('.').next().and_then(|number| number.parse().ok());
    let rungs = ladder.rungs.iter().filter(|rung| number(&rung.exchange).is_some_and(has));
    Ladder {
        title: String::new(),
        client: "the source".to_owned(),
        service: "the destination".to_owned(),
        rungs: rungs.cloned().collect(),
        legend: Vec::new(),
    }
}

fn bytes_at_fault(recording: &Recording, finding: &Finding, width: usize) -> Option<String> {
    let span = finding.span.clone()?;
    let body = recording.named(finding.messages.first()?.as_str())?.body();
    let bytes = body.get(span.clone())?;
    if bytes.is_empty() || bytes.len() == body.len() {
        return None;
    }
    let laid_out = pretty(bytes, width);
    let text = laid_out.unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned());
    let mut lines: Vec<&str> = text.lines().take(MOST_LINES + 1).collect();
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        lines.push("…");
    }
    Some(lines.join("\n"))
}
