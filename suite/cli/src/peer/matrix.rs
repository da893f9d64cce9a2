//! `wsrm peer matrix`.

mod cell;
mod plan;
mod services;
mod table;

use std::fs;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use wsrm_conformance::matrix::{Cell, CellReport, Drift, Matrix, Outcome, Table};
use wsrm_oracle::Catalogue;

use super::run::Interrupt;
use super::{FolderArguments, Refusal};
use crate::binding::{Rm, Span};
use crate::exit::Exit;
use cell::Conductor;
use plan::Plan;

/// Hold sessions between all stacks, and say what works
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wsrm peer matrix
      every client against every service, in both RM versions, in every scenario
  wsrm peer matrix --source gsoap --destination metro --rm 1.1 --verbose
      one pair; every failure with what the applications saw
  wsrm peer matrix --scenario echo,echo-reply-lost --html matrix.html
      a page with the messages of each session behind its cell
  wsrm peer matrix --record sessions
      each session as a recording, as wsrm judge and wsrm show read it
  wsrm peer matrix --markdown golden/matrix.md
      write the table; --check golden/matrix.md compares it

Between the two stands a proxy that loses, repeats and reorders messages as the scenario says (peers/scenarios.toml). \
What went over the wire is judged, and a failure is explained by the breach that came before it. Peers that are not \
installed are skipped, never passed.

Exit codes: 0 the sessions were held, however they ended; 1 --check finds a difference; 2 an argument is wrong; 3 no \
peer is there.")]
pub(super) struct Arguments {
    /// Only these clients
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    source: Vec<String>,
    /// Only these services
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    destination: Vec<String>,
    /// Only sessions in which this peer is one of the two
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    with: Vec<String>,
    /// Only this RM version
    #[arg(long, value_name = "VERSION")]
    rm: Option<Rm>,
    /// Only these scenarios
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    scenario: Vec<String>,
    /// Sessions at a time
    #[arg(long, value_name = "COUNT", default_value_t = 6, value_parser = clap::value_parser!(u8).range(1..=32))]
    jobs: u8,
    /// Bounds a session
    #[arg(long, value_name = "TIME", default_value = "30s")]
    cell_limit: Span,
    /// Write the table as Markdown, without what depends on chance; sessions that were not held stay as they stand there
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Compare each session that was held with what this table says
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
    /// Write a page with the messages of each session
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Record each session in a folder of its own in this one, which must be empty or new
    #[arg(long, value_name = "DIR")]
    record: Option<PathBuf>,
    /// List the scenarios
    #[arg(long)]
    list: bool,
    /// Say of each failure what the applications saw
    #[arg(long, short)]
    verbose: bool,
    #[command(flatten)]
    folder: FolderArguments,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Refusal> {
    let plan = Plan::of(arguments)?;
    if arguments.list {
        anstream::print!("{}", table::scenarios(&plan.scenarios));
        return Ok(Exit::Success);
    }
    if let Some(folder) = &arguments.record {
        let is_empty = fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
        if !is_empty {
            let message = format!("--record {}: the folder is not empty; choose another", folder.display());
            return Err(Refusal::usage(message));
        }
    }
    let expected = match &arguments.check {
        Some(file) => Some((file, read(file)?)),
        None => None,
    };
    let interrupt = Interrupt::watch()?;
    let started = Instant::now();
    let catalogue = Catalogue::load().map_err(Refusal::internal)?;
    let Span(limit) = arguments.cell_limit;
    let hold = |cells: &[Cell], jobs, record| {
        hold_all(&Conductor::new(&plan, &catalogue, limit, record)?, cells, jobs, &interrupt)
    };
    let reports = hold(&plan.cells, arguments.jobs, arguments.record.clone())?;
    let mut matrix = Matrix {
        participants: plan.participants.clone(),
        scenarios: plan.scenarios.clone(),
        chances: plan.chances.clone(),
        reports,
    };
    if let Some((file, table)) = &expected {
        for _ in 0..AGAIN {
            let drift = drift(file, table, &matrix)?;
            if drift.is_empty() || interrupt.happened() {
                break;
            }
            anstream::eprintln!("{} sessions are not as in {}: again, alone", drift.len(), file.display());
            let cells: Vec<Cell> = drift.into_iter().map(|drift| drift.cell).collect();
            replace(&mut matrix.reports, hold(&cells, 1, None)?);
        }
    }
    anstream::print!("{}", table::render(&matrix, arguments.verbose));
    anstream::println!("{} sessions in {:.0} s", matrix.reports.len(), started.elapsed().as_secs_f64());
    if interrupt.happened() {
        return Err(Refusal::new(Exit::Found, "interrupted; what was held so far is shown"));
    }
    write_all(arguments, &matrix)?;
    match expected {
        Some((file, table)) => compare(file, &table, &matrix),
        None => Ok(Exit::Success),
    }
}

/// How often sessions that are not as the table says are held again: a loaded machine is late.
const AGAIN: usize = 2;

/// Holds sessions, several at a time; the reports are in the order of the cells.
fn hold_all(
    conductor: &Conductor<'_>,
    cells: &[Cell],
    jobs: u8,
    interrupt: &Interrupt,
) -> Result<Vec<CellReport>, Refusal> {
    let progress = Progress::new(cells.len());
    let next = AtomicUsize::new(0);
    let reports: Mutex<Vec<(usize, CellReport)>> = Mutex::new(Vec::with_capacity(cells.len()));
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while !interrupt.happened() {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(cell) = cells.get(index) else { return };
                    progress.began(cell);
                    let report = conductor.hold(index, cell);
                    progress.ended(&report);
                    match reports.lock() {
                        Ok(mut reports) => reports.push((index, report)),
                        Err(_) => return,
                    }
                }
            });
        }
    });
    progress.finish();
    let mut reports = reports.into_inner().map_err(Refusal::internal)?;
    reports.sort_by_key(|(index, _)| *index);
    Ok(reports.into_iter().map(|(_, report)| report).collect())
}

fn replace(reports: &mut [CellReport], newer: Vec<CellReport>) {
    for report in newer {
        if let Some(old) = reports.iter_mut().find(|old| old.cell == report.cell) {
            *old = report;
        }
    }
}

fn drift(file: &Path, table: &str, matrix: &Matrix) -> Result<Vec<Drift>, Refusal> {
    matrix.drift(table).map_err(|error| Refusal::usage(format!("--check {}: {error}", file.display())))
}

fn write_all(arguments: &Arguments, matrix: &Matrix) -> Result<(), Refusal> {
    let write = |file: &PathBuf, text: String| {
        fs::write(file, text)
            .map_err(|error| Refusal::usage(format!("cannot write {}: {error}", file.display())))
    };
    if let Some(file) = &arguments.markdown {
        let earlier = match file.exists() {
            true => Table::read(&read(file)?)
                .map_err(|error| Refusal::usage(format!("--markdown {}: {error}", file.display())))?,
            false => Table::default(),
        };
        write(file, matrix.to_markdown("wsrm peer matrix --markdown golden/matrix.md", earlier))?;
    }
    if let Some(file) = &arguments.html {
        write(file, matrix.to_html())?;
    }
    Ok(())
}

fn read(file: &Path) -> Result<String, Refusal> {
    fs::read_to_string(file)
        .map_err(|error| Refusal::usage(format!("cannot read {}: {error}", file.display())))
}

/// Says of which sessions the table says something else.
fn compare(file: &Path, table: &str, matrix: &Matrix) -> Result<Exit, Refusal> {
    let drift = drift(file, table, matrix)?;
    let file = file.display();
    let missing: Vec<&str> = matrix
        .participants
        .iter()
        .filter(|participant| participant.skipped.is_some() && is_column(table, &participant.id))
        .map(|participant| participant.id.as_str())
        .collect();
    for id in &missing {
        anstream::eprintln!("{file} has sessions with {id}, which is not installed");
    }
    for Drift { cell, table, seen } in &drift {
        let table = table.as_deref().unwrap_or("nothing");
        anstream::eprintln!("{}: {file} says: {table}; seen: {seen}", cell.title());
    }
    if drift.is_empty() && missing.is_empty() {
        anstream::println!("{} sessions as in {file}", matrix.reports.len());
        return Ok(Exit::Success);
    }
    anstream::eprintln!(
        "{} of {} sessions are not as in {file}; wsrm peer matrix --markdown {file} writes it again",
        drift.len(),
        matrix.reports.len()
    );
    Ok(Exit::Found)
}

/// Whether a peer is in the table as more than one that is skipped.
fn is_column(table: &str, id: &str) -> bool {
    let head = format!(" {id} |");
    table.lines().any(|line| line.starts_with("| scenario |") && line.contains(&head))
}

/// A bar on a terminal; elsewhere a line now and then.
struct Progress {
    bar: ProgressBar,
    running: Mutex<Vec<String>>,
    done: AtomicUsize,
    all: usize,
    is_terminal: bool,
}

impl Progress {
    fn new(all: usize) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let bar = if is_terminal { ProgressBar::new(all as u64) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(500));
        Self { bar, running: Mutex::new(Vec::new()), done: AtomicUsize::new(0), all, is_terminal }
    }

    fn began(&self, cell: &Cell) {
        if let Ok(mut running) = self.running.lock() {
            running.push(cell.title());
            self.bar.set_message(running.join("; "));
        }
    }

    fn ended(&self, report: &CellReport) {
        let title = report.cell.title();
        if let Ok(mut running) = self.running.lock() {
            running.retain(|other| *other != title);
            self.bar.set_message(running.join("; "));
        }
        self.bar.inc(1);
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let is_news = done.is_multiple_of(50) || matches!(report.outcome, Outcome::Skipped(_));
        if !self.is_terminal && is_news {
            anstream::eprintln!("{done} of {} sessions", self.all);
        }
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
