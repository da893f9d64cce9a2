//! The matrix in a terminal.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use wsrm_conformance::matrix::{CellReport, Matrix, Outcome, Scenario};
use wsrm_wire::RmVersion;

use crate::terminal;

const GOOD: Style = AnsiColor::Green.on_default();
const LESS: Style = AnsiColor::Yellow.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const FAINT: Style = Style::new().dimmed();

/// The scenarios, a line or two each.
pub(super) fn scenarios(scenarios: &[Scenario]) -> String {
    let mut text = String::new();
    for scenario in scenarios {
        let mut about = scenario.about.clone();
        if !scenario.known_as.is_empty() {
            about.push_str(&format!(" ({})", scenario.known_as.join(", ")));
        }
        text.push_str(&terminal::wrap(&about, &format!("{:<25} ", scenario.name), terminal::width()));
    }
    text
}

/// A table for each version, with a row for each pair, and what failed.
pub(super) fn render(matrix: &Matrix, verbose: bool) -> String {
    let mut text = String::new();
    for rm in [RmVersion::February2005, RmVersion::V200702] {
        let reports: Vec<&CellReport> = matrix.reports.iter().filter(|report| report.cell.rm == rm).collect();
        if !reports.is_empty() {
            table(&mut text, matrix, rm, &reports);
        }
    }
    for (place, scenario) in matrix.held().enumerate() {
        let _ = writeln!(text, "{FAINT}{:>2} {}{FAINT:#}", letter(place), scenario.name);
    }
    let _ = writeln!(
        text,
        "{GOOD}✓{GOOD:#} works  {LESS}~{LESS:#} works, delivered twice or out of order  {BAD}S{BAD:#} fails, the source is at fault  \
         {BAD}D{BAD:#} the destination is  {BAD}✗{BAD:#} nothing found  – does not apply\n"
    );
    failures(&mut text, matrix, verbose);
    for participant in &matrix.participants {
        if let Some(why) = &participant.skipped {
            text.push_str(&terminal::wrap(
                why,
                &format!("skipped: {} is ", participant.id),
                terminal::width(),
            ));
        }
    }
    let (works, fails, other) = matrix.counts();
    let _ = writeln!(text, "{works} work, {fails} fail, {other} do not apply");
    text
}

fn table(text: &mut String, matrix: &Matrix, rm: RmVersion, reports: &[&CellReport]) {
    let name = if rm == RmVersion::February2005 { "RM 1.0" } else { "RM 1.1" };
    let letters: Vec<String> = (0..matrix.held().count()).map(letter).collect();
    let _ = writeln!(text, "{name:<26}{FAINT}{}{FAINT:#}", letters.join(" "));
    let mut pair = (String::new(), String::new());
    for report in reports {
        let own = (report.cell.source.clone(), report.cell.destination.clone());
        if own != pair {
            if !pair.0.is_empty() {
                text.push('\n');
            }
            let _ = write!(text, "{:<25}", format!("{} → {}", own.0, own.1));
            pair = own;
        }
        let (style, sign) = sign(report);
        let _ = write!(text, " {style}{sign}{style:#}");
    }
    text.push_str("\n\n");
}

fn sign(report: &CellReport) -> (Style, &'static str) {
    match (&report.outcome, &report.blame) {
        (Outcome::Works(None), _) => (GOOD, "✓"),
        (Outcome::Works(Some(_)), _) => (LESS, "~"),
        (Outcome::Fails(_), Some(blame)) if blame.side() == "source" => (BAD, "S"),
        (Outcome::Fails(_), Some(_)) => (BAD, "D"),
        (Outcome::Fails(_), None) => (BAD, "✗"),
        (Outcome::Unsupported(_) | Outcome::Skipped(_), _) => (FAINT, "–"),
    }
}

/// Failures of a pair that look alike are told once.
fn failures(text: &mut String, matrix: &Matrix, verbose: bool) {
    let mut told: Vec<(String, Vec<&CellReport>)> = Vec::new();
    for report in matrix.reports.iter().filter(|report| matches!(report.outcome, Outcome::Fails(_))) {
        let cell = &report.cell;
        let rm = if cell.rm == RmVersion::February2005 { "1.0" } else { "1.1" };
        let what = report.in_short().replace(['*', '`'], "");
        let key = format!("{} → {}, RM {rm}: {what}", cell.source, cell.destination);
        match told.iter_mut().find(|(other, _)| *other == key) {
            Some((_, reports)) => reports.push(report),
            None => told.push((key, vec![report])),
        }
    }
    for (key, reports) in &told {
        let names: Vec<&str> = reports.iter().map(|report| report.cell.scenario.as_str()).collect();
        text.push_str(&terminal::wrap(&format!("{key} ({})", names.join(", ")), "", terminal::width()));
        if verbose {
            for report in reports {
                detail(text, report);
            }
        }
    }
    if !told.is_empty() {
        text.push('\n');
    }
}

fn detail(text: &mut String, report: &CellReport) {
    let width = terminal::width();
    if let Outcome::Fails(failure) = &report.outcome {
        let words = format!("{} saw: {}", report.cell.source, failure.words);
        text.push_str(&terminal::wrap(&words, &format!("  {}: ", report.cell.scenario), width));
    }
    if let Some(blame) = &report.blame {
        let words = format!(
            "in {}: expected {}; seen {}. {}",
            blame.message, blame.expected, blame.seen, blame.clause
        );
        text.push_str(&terminal::wrap(&words, "    ", width));
    }
}

fn letter(place: usize) -> String {
    let place = u8::try_from(place).unwrap_or(u8::MAX);
    char::from(b'a'.saturating_add(place)).to_string()
}
