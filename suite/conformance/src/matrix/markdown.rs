//! The matrix as Markdown: what does not depend on chance, so that two runs can be compared.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use wsrm_wire::RmVersion;

use thiserror::Error;

use super::{Cell, CellReport, Matrix, Outcome, Participant, rm_name};

/// What stands in the cells that chance decides.
const VARIES: &str = "varies";

/// A cell of which the table says something else than what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// Which.
    pub cell: Cell,
    /// What the table says; `None` where it does not have the cell.
    pub table: Option<String>,
    /// What was seen.
    pub seen: String,
}

/// What a table says of each cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table(HashMap<CellKey, String>);

/// Source, destination, RM version, scenario.
type CellKey = (String, String, String, String);

/// A text that is no table of this kind.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {what}")]
pub struct MarkdownError {
    /// Which line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

impl Matrix {
    /// Where a table says something else than this run. Cells that were not run are not looked at.
    ///
    /// # Errors
    /// If `table` is none that [`Matrix::to_markdown`] writes.
    pub fn drift(&self, table: &str) -> Result<Vec<Drift>, MarkdownError> {
        let written = Table::read(table)?;
        let drift = self.reports.iter().filter_map(|report| {
            let table = written.0.get(&key(&report.cell)).cloned();
            let seen = self.in_table(report);
            (table.as_ref() != Some(&seen)).then(|| Drift { cell: report.cell.clone(), table, seen })
        });
        Ok(drift.collect())
    }

    /// What stands in a cell of the table.
    fn in_table(&self, report: &CellReport) -> String {
        match self.chances.iter().any(|chance| chance.has(&report.cell)) {
            true => VARIES.to_owned(),
            false => report.in_short(),
        }
    }

    /// The matrix as Markdown. `command` is how it was made; cells that were not held are as in an earlier table.
    pub fn to_markdown(&self, command: &str, earlier: Table) -> String {
        let mut table = earlier;
        table.0.extend(self.reports.iter().map(|report| (key(&report.cell), self.in_table(report))));
        for ((source, destination, rm, scenario), said) in &mut table.0 {
            if self.chances.iter().any(|chance| chance.names(source, destination, rm, scenario)) {
                VARIES.clone_into(said);
            }
        }
        let mut text = format!("# Interoperability matrix\n\nWritten by `{command}`.\n\n");
        text.push_str(LEGEND);
        self.participants(&mut text);
        self.scenario_table(&mut text);
        for rm in [RmVersion::February2005, RmVersion::V200702].map(rm_name) {
            if table.0.keys().any(|(_, _, other, _)| other == rm) {
                let _ = write!(text, "\n## RM {rm}\n");
            }
            for participant in &self.participants {
                self.service(&mut text, rm, &participant.id, &table);
            }
        }
        table.requirements(&mut text);
        self.chances(&mut text);
        text
    }

    fn participants(&self, text: &mut String) {
        text.push_str("\n| peer | stack |\n| --- | --- |\n");
        for Participant { id, title, skipped, .. } in &self.participants {
            // Why one is skipped depends on the machine.
            let note = if skipped.is_some() { " (skipped)" } else { "" };
            let _ = writeln!(text, "| `{id}` | {title}{note} |");
        }
    }

    fn scenario_table(&self, text: &mut String) {
        text.push_str("\n| scenario | what happens | known as |\n| --- | --- | --- |\n");
        for scenario in &self.scenarios {
            let known = scenario.known_as.join(", ");
            let _ = writeln!(text, "| {} | {} | {known} |", scenario.name, scenario.about);
        }
    }

    /// A row for each scenario, a column for each client.
    fn service(&self, text: &mut String, rm: &str, destination: &str, table: &Table) {
        let ids = self.participants.iter().map(|participant| participant.id.as_str());
        let has = |source: &&str| {
            table
                .0
                .keys()
                .any(|key| (key.0.as_str(), key.1.as_str(), key.2.as_str()) == (source, destination, rm))
        };
        let sources: Vec<&str> = ids.filter(has).collect();
        if sources.is_empty() {
            return;
        }
        let _ =
            write!(text, "\n### Service {destination}, RM {rm}\n\n| scenario | {} |", sources.join(" | "));
        let _ = writeln!(text, "\n| --- |{}", " --- |".repeat(sources.len()));
        for scenario in &self.scenarios {
            let key = |source: &str| {
                (source.to_owned(), destination.to_owned(), rm.to_owned(), scenario.name.clone())
            };
            let cells: Vec<Option<&String>> =
                sources.iter().map(|source| table.0.get(&key(source))).collect();
            if cells.iter().all(Option::is_none) {
                continue;
            }
            let cells: Vec<&str> = cells.into_iter().map(|cell| cell.map_or("", String::as_str)).collect();
            let _ = writeln!(text, "| {} | {} |", scenario.name, cells.join(" | "));
        }
    }

    fn chances(&self, text: &mut String) {
        if self.chances.is_empty() {
            return;
        }
        text.push_str("\n## Cells that vary\n\n");
        let any = |value: &Option<String>| value.clone().unwrap_or_else(|| "any".to_owned());
        text.push_str("| client | service | RM | scenarios | why |\n| --- | --- | --- | --- | --- |\n");
        for chance in &self.chances {
            let (source, destination, rm) = (any(&chance.source), any(&chance.destination), any(&chance.rm));
            let scenarios = match chance.scenarios.is_empty() {
                true => "all".to_owned(),
                false => chance.scenarios.join(", "),
            };
            let _ = writeln!(text, "| {source} | {destination} | {rm} | {scenarios} | {} |", chance.why);
        }
    }
}

impl Table {
    /// Reads what [`Matrix::to_markdown`] writes.
    ///
    /// # Errors
    /// If a line has another number of columns than the head of its table.
    pub fn read(text: &str) -> Result<Self, MarkdownError> {
        let mut cells = HashMap::new();
        let mut section: Option<(String, String)> = None;
        let mut sources: Vec<String> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let wrong = |what| MarkdownError { line: index + 1, what };
            if line.starts_with('#') {
                sources.clear();
                section = line.strip_prefix("### Service ").and_then(|rest| {
                    let (destination, rm) = rest.split_once(", RM ")?;
                    Some((destination.to_owned(), rm.to_owned()))
                });
            }
            let (Some((destination, rm)), true) = (&section, line.starts_with('|')) else { continue };
            let mut columns = line.trim_matches('|').split('|').map(|column| column.trim().to_owned());
            let first = columns.next().unwrap_or_default();
            match first.as_str() {
                "scenario" => sources = columns.collect(),
                "---" => {}
                scenario => {
                    let values: Vec<String> = columns.collect();
                    if values.len() != sources.len() {
                        return Err(wrong("it has another number of columns than the head of its table"));
                    }
                    let named = sources.iter().zip(values).filter(|(_, value)| !value.is_empty());
                    cells.extend(named.map(|(source, value)| {
                        ((source.clone(), destination.clone(), rm.clone(), scenario.to_owned()), value)
                    }));
                }
            }
        }
        Ok(Self(cells))
    }

    /// Which requirement explains how many failures.
    fn requirements(&self, text: &mut String) {
        let mut found: BTreeMap<&str, usize> = BTreeMap::new();
        for blame in self.0.values().filter_map(|cell| Some(cell.split_once("**: ")?.1)) {
            *found.entry(blame).or_default() += 1;
        }
        if found.is_empty() {
            return;
        }
        text.push_str("\n## What explains failures\n\n");
        text.push_str("| at fault, requirement | failures |\n| --- | --- |\n");
        for (blame, count) in found {
            let _ = writeln!(text, "| {blame} | {count} |");
        }
    }
}

const LEGEND: &str = "\
A session works when every step of the client went well and every message came to the service's application. Otherwise the first thing
that the applications saw is named: the step that failed (`open`, `call N`, `close`), or how many messages were lost. Behind it stand the
side at fault and the requirement that it broke, by the judgement of what went over the wire: the last breach before the first sign of
trouble. *delivered twice* and *out of order* work, with less than WCF promises. `–`: one of the stacks does not have what the scenario
needs, or the message that is to be harmed is not sent. *varies*: chance decides, as said at the end. `wsrm explain REQUIREMENT` says what a requirement asks for.
";

impl CellReport {
    /// What came of it, in a few words that do not depend on chance.
    pub fn in_short(&self) -> String {
        match &self.outcome {
            Outcome::Works(None) => "works".to_owned(),
            Outcome::Works(Some(remark)) => format!("works, {}", remark.as_str()),
            Outcome::Fails(failure) => match &self.blame {
                Some(blame) => format!("**{}**: {}, `{}`", failure.at, blame.side(), blame.requirement),
                None => format!("**{}**", failure.at),
            },
            Outcome::Unsupported(_) => "–".to_owned(),
            Outcome::Skipped(_) => "skipped".to_owned(),
        }
    }
}

fn key(cell: &Cell) -> (String, String, String, String) {
    let rm = rm_name(cell.rm).to_owned();
    (cell.source.clone(), cell.destination.clone(), rm, cell.scenario.clone())
}
