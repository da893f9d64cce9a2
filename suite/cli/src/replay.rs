//! `wsrm replay`.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use wsrm_conformance::recording::{self, Recording};
use wsrm_conformance::replay::{Errata, RecordingReport, Role, Totals, replay};

use crate::exit::Exit;
use crate::side_by_side::side_by_side;
use crate::terminal;

/// Replay recordings against the reference implementation
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wsrm replay fixtures/recordings/wcf
      all recorded WCF sessions, in both roles: does the reference implementation say what WCF said?
  wsrm replay --role responder fixtures/recordings/cross
      our service in the place of the recorded ones
  wsrm replay --ladder fixtures/recordings/gsoap/18-rm11-duplex-echo
      a foreign session: what our side says in the place of each peer
  wsrm replay --json fixtures/recordings/wcf-10 > replay.json
      the same as data

The replay runs in virtual time. Identifiers are mapped. Where chance decided in the recording, the replay follows it by named rules; fixtures/README.md describes them. Only a WCF's messages are compared: in the place of any other stack our side says what a WCF would, and there is nothing to compare that with.

The last line is always: N recordings, M messages compared: X identical, Y equivalent, Z different. Messages that a written erratum covers are told apart and are not counted there.

Exit codes: 0 nothing differs beyond the errata; 1 something differs; 2 a path or the errata cannot be read.")]
pub(crate) struct Arguments {
    /// Recordings (folders with a scenario.json) or trees of them
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Which side our implementation takes
    #[arg(long, value_enum, default_value_t = Side::Both)]
    role: Side,

    /// Print data instead of lines
    #[arg(long)]
    json: bool,

    /// Print what our side said and got as a ladder diagram, under each recording
    #[arg(long, conflicts_with = "json")]
    ladder: bool,

    /// Print only the recordings that differ
    #[arg(long, short)]
    quiet: bool,

    /// The errata [default: errata.toml in or above each recording]
    #[arg(long, value_name = "FILE")]
    errata: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Side {
    Responder,
    Initiator,
    Both,
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let (results, errors) = match find(arguments) {
        Ok(folders) => replay_all(arguments, &folders),
        Err(error) => (Vec::new(), vec![error]),
    };
    for error in &errors {
        anstream::eprintln!("wsrm replay: {error}");
    }
    if results.is_empty() && !errors.is_empty() {
        return Exit::Usage;
    }
    let mut totals = Totals::default();
    results.iter().for_each(|report| totals.add(report));
    let text = if arguments.json { as_json(&results, totals) } else { as_lines(arguments, &results, totals) };
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            anstream::eprintln!("wsrm replay: {error}");
            return Exit::Internal;
        }
        _ => {}
    }
    match (errors.is_empty(), totals.different) {
        (false, _) => Exit::Usage,
        (true, 0) => Exit::Success,
        (true, _) => Exit::Found,
    }
}

fn find(arguments: &Arguments) -> Result<Vec<PathBuf>, String> {
    let mut folders = Vec::new();
    for path in &arguments.paths {
        folders.extend(recording::find(path).map_err(|error| error.to_string())?);
    }
    Ok(folders)
}

/// Replays all recordings, side by side on all processors; the results are in the order of the folders. A recording
/// that cannot be read keeps no other from being replayed.
fn replay_all(arguments: &Arguments, folders: &[PathBuf]) -> (Vec<RecordingReport>, Vec<String>) {
    let mut reports = Vec::with_capacity(folders.len());
    let mut errors = Vec::new();
    for result in side_by_side(folders, |folder| replay_one(arguments, folder)) {
        match result {
            Ok(report) => reports.push(report),
            Err(error) => errors.push(error),
        }
    }
    (reports, errors)
}

fn replay_one(arguments: &Arguments, folder: &Path) -> Result<RecordingReport, String> {
    let errata = match &arguments.errata {
        Some(file) => Errata::read(file),
        None => Errata::nearest(folder),
    };
    let errata = errata.map_err(|error| error.to_string())?;
    let recording = Recording::read(folder).map_err(|error| error.to_string())?;
    let roles: &[Role] = match arguments.role {
        Side::Responder => &[Role::Responder],
        Side::Initiator => &[Role::Initiator],
        Side::Both => &[Role::Responder, Role::Initiator],
    };
    Ok(replay(&recording, roles, &errata))
}

fn as_json(results: &[RecordingReport], totals: Totals) -> String {
    let recordings: Vec<Value> = results.iter().map(RecordingReport::to_json).collect();
    let mut text = json!({ "recordings": recordings, "totals": totals }).to_string();
    text.push('\n');
    text
}

fn as_lines(arguments: &Arguments, results: &[RecordingReport], totals: Totals) -> String {
    let width = results.iter().map(|report| report.name.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for report in results {
        if arguments.quiet && report.totals().different == 0 {
            continue;
        }
        text.push_str(&report.render(width));
        if arguments.ladder {
            for role in report.roles.iter().flatten() {
                text.push('\n');
                text.push_str(&role.trace.render(terminal::width()));
                text.push('\n');
            }
        }
    }
    if totals.errata > 0 {
        text.push_str(&format!("{} messages differ as the errata say\n", totals.errata));
    }
    text.push_str(&format!("{totals}\n"));
    text
}
