//! `wsrm config`: what WCF configuration files say of reliable sessions.

mod files;
mod json;
mod text;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use wsrm_protocol::config::{Configuration, ConfigurationErrors};

use crate::exit::Exit;

/// Read WCF configuration files and say what they mean
///
/// Reads app.config and web.config files as WCF does and shows every endpoint and binding: whether it is reliable, in
/// which versions it speaks, the eight effective settings with where each comes from, the stack of binding elements,
/// and what of it wsrm can not speak yet.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct Arguments {
    /// Configuration files; of a directory every *.config file in it that concerns WCF; - for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Show every binding whole, those without a reliable session too
    #[arg(long)]
    all: bool,

    /// Print JSON instead of text
    #[arg(long, conflicts_with = "all")]
    json: bool,
}

const HELP: &str = "\
Examples:
  wsrm config App.config                  show its endpoints and bindings
  wsrm config src/                        the same for every *.config file below src
  wsrm config --json Web.config           as data
  wsrm config --json Web.config | jq '.files[].bindings[] | select(.reliable) | .name'

JSON: { \"files\": [ { \"path\", \"errors\", \"notes\", \"endpoints\", \"bindings\" } ] }
  errors[]     line, column, path, message, allowed, wcf
  endpoints[]  side, service, name, address, contract, binding { kind, name, found },
               reliable, problems, line, column, path
  bindings[]   kind, name, reliable, profile { rm, soap, addressing },
               settings { NAME: { value, origin, line } }, timeouts, stack, speakable,
               unsupported [ { feature, element, missing, hint } ], problems, notes
  origin       written, binding (the binding's own default) or default (WCF's)

Exit codes:
  0  every file can be read, and WCF could use every binding and endpoint in it
  1  WCF reads a file and then can not use an endpoint or binding of it
  2  a file can not be read, or WCF would refuse to read it
What wsrm can not speak yet is shown and does not change the exit code.";

/// A file and what came of reading it.
struct Report {
    /// The path, as given or found.
    path: String,
    outcome: Result<Configuration, Failure>,
}

/// Why a file gives nothing.
enum Failure {
    /// It could not be opened or read.
    File(String),
    /// It holds mistakes.
    Content(ConfigurationErrors),
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let (paths, skipped) = files::expand(&arguments.files);
    let reports: Vec<_> = paths.into_iter().map(report).collect();
    let exit = reports.iter().map(exit_of).max_by_key(|exit| severity(*exit)).unwrap_or(Exit::Success);
    let output =
        if arguments.json { json::write(&reports) } else { text::write(&reports, skipped, arguments.all) };
    // A reader that closes the pipe has seen enough.
    let _ = anstream::stdout().write_all(output.as_bytes());
    if !arguments.json {
        let _ = anstream::stderr().write_all(text::write_errors(&reports).as_bytes());
    }
    exit
}

/// Reads a configuration file, or says why not.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    files::read(path)
}

fn report(found: files::Found) -> Report {
    let outcome = match found.content {
        Ok(bytes) => Configuration::read(bytes).map_err(Failure::Content),
        Err(message) => Err(Failure::File(message)),
    };
    Report { path: found.path, outcome }
}

fn exit_of(report: &Report) -> Exit {
    match &report.outcome {
        Err(_) => Exit::Usage,
        Ok(configuration) => {
            let bindings = configuration.bindings().iter().map(|binding| &binding.problems);
            let endpoints = configuration.endpoints().iter().map(|endpoint| &endpoint.problems);
            if bindings.chain(endpoints).all(Vec::is_empty) { Exit::Success } else { Exit::Found }
        }
    }
}

fn severity(exit: Exit) -> u8 {
    match exit {
        Exit::Success => 0,
        Exit::Found => 1,
        _ => 2,
    }
}
