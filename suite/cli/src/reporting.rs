//! What a run is reported to, besides the terminal.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use clap::Args;
use wsrm_conformance::report::{HtmlPage, JsonLines, JunitXml, Recordings, ReportError, Reporters};
use wsrm_oracle::Catalogue;

use crate::exit::Exit;

/// Under which the options stand in the help.
const REPORTS: &str = "Reports";

/// The reports of a run, the same for every verb that gives a verdict.
#[derive(Debug, Args)]
pub(crate) struct ReportArguments {
    /// Print data instead of lines: one JSON object for each case or recording (fixtures/README.md)
    #[arg(long, help_heading = REPORTS)]
    pub(crate) json: bool,

    /// Write JUnit XML, for build servers
    #[arg(long, help_heading = REPORTS, value_name = "FILE")]
    junit: Option<PathBuf>,

    /// Write one page for a browser, which needs nothing but itself: each finding with its diagram and its messages
    #[arg(long, help_heading = REPORTS, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// The recordings of a run.
#[derive(Debug, Args)]
pub(crate) struct RecordArguments {
    /// Record what is said in each case into this folder, which must be empty or new: wsrm judge, show and diff read it
    #[arg(long, help_heading = REPORTS, value_name = "DIR")]
    record: Option<PathBuf>,
}

impl RecordArguments {
    /// Adds the recorder, if it is asked for.
    ///
    /// # Errors
    /// If the folder cannot be made or is not empty.
    pub(crate) fn add_to(&self, reporters: &mut Reporters<'_>) -> Result<(), String> {
        let Some(folder) = &self.record else { return Ok(()) };
        let recordings = Recordings::create(folder).map_err(|error| format!("--record: {error}"))?;
        reporters.add(folder.display().to_string(), recordings);
        Ok(())
    }
}

impl ReportArguments {
    /// Adds the reporters that are asked for. The one for a reader at the terminal is not among them.
    ///
    /// # Errors
    /// If a file cannot be made; the message says which.
    pub(crate) fn add_to(&self, reporters: &mut Reporters<'_>, catalogue: &Catalogue) -> Result<(), String> {
        if self.json {
            reporters.add("the standard output", JsonLines::new(io::stdout()));
        }
        if let Some(path) = &self.junit {
            reporters.add(path.display().to_string(), JunitXml::new(create("--junit", path)?));
        }
        if let Some(path) = &self.html {
            reporters.add(path.display().to_string(), HtmlPage::new(create("--html", path)?, catalogue));
        }
        Ok(())
    }
}

/// Makes the file before anything is run, so that nothing is run for a report that nobody can read.
fn create(option: &str, path: &Path) -> Result<BufWriter<File>, String> {
    let file = File::create(path);
    file.map(BufWriter::new).map_err(|error| format!("{option}: cannot write {}: {error}", path.display()))
}

/// Says which reports could not be written; `None` where all were.
pub(crate) fn complain(verb: &str, errors: &[ReportError]) -> Option<Exit> {
    // A reader that went away, such as head, wants no more.
    let mut errors = errors.iter().filter(|error| error.error.kind() != io::ErrorKind::BrokenPipe).peekable();
    errors.peek()?;
    for error in errors {
        anstream::eprintln!("wsrm {verb}: {error}");
    }
    Some(Exit::Internal)
}

/// An argument as a shell takes it.
pub(crate) fn quoted(argument: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@%+,".contains(&byte);
    if !argument.is_empty() && argument.bytes().all(is_plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', "'\\''"))
    }
}
