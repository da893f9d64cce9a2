//! `wsrm baseline`, and the option `--baseline` of the verbs that give a verdict.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use wsrm_conformance::baseline::{Baseline, Comparison};
use wsrm_conformance::judgement::Selection;
use wsrm_conformance::report::Summary;
use wsrm_oracle::{Catalogue, Role};

use crate::exit::Exit;
use crate::{judge, test, test_client};

/// Write down the known deviations of a stack, so that only changes fail
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wsrm baseline write known.toml test http://127.0.0.1:8080/
      run every case, and write down all that is violated
  wsrm baseline write known.toml judge fixtures/recordings/gsoap
      the same for recordings
  wsrm test http://127.0.0.1:8080/ --baseline known.toml
      from then on: what is in the file is known; what is new fails, and so does what is not there any more

What is new in the file has a reason that says it has to be replaced: --baseline takes no file in which a reason is missing. The reasons of a file that exists are kept, and so is what the run did not look for (other cases, recordings, profiles, the other side).

A run that is not whole is refused: with cases or requirements chosen or left out, with cases that could not be gone through with, with recordings that cannot be read.

Exit codes: 0 written; 12 the run was not whole, nothing is written; others as of the verb that is run.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Run the verb, and write down what is violated
    Write {
        /// The file; what stands in it is kept, where it is still true
        #[arg(value_name = "FILE")]
        file: PathBuf,

        #[command(subcommand)]
        run: Run,
    },
}

#[derive(Debug, Subcommand)]
enum Run {
    Judge(judge::Arguments),
    Test(test::Arguments),
    TestClient(test_client::Arguments),
}

/// The known deviations that a run is held against.
#[derive(Debug, Default, Args)]
pub(crate) struct BaselineArguments {
    /// A file of known deviations, each with its reason: what is in it fails nothing, what is not there any more does
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    // Where the deviations of the run are to be written.
    #[arg(skip)]
    writes: Option<PathBuf>,

    // Whether cases that do not come to their end are written, too.
    #[arg(skip)]
    drafts_unfinished: bool,
}

/// Runs the verb.
pub(crate) fn run(arguments: Arguments) -> Exit {
    let Action::Write { file, run } = arguments.action;
    match run {
        Run::Judge(mut arguments) => {
            arguments.verdict.baseline.writes = Some(file);
            judge::run(&arguments)
        }
        Run::Test(mut arguments) => {
            arguments.verdict.baseline.writes = Some(file);
            test::run(&arguments)
        }
        Run::TestClient(mut arguments) => {
            arguments.verdict.baseline.writes = Some(file);
            test_client::run(&arguments)
        }
    }
}

impl BaselineArguments {
    /// A run is held against this file.
    pub(crate) const fn reading(file: PathBuf) -> Self {
        Self { baseline: Some(file), writes: None, drafts_unfinished: false }
    }

    /// The deviations of a run are written to this file, and the cases that do not come to their end.
    pub(crate) const fn writing(file: PathBuf) -> Self {
        Self { baseline: None, writes: Some(file), drafts_unfinished: true }
    }

    /// What the run is held against, if anything. `side` is the one that is looked at, where it is one alone; `is_partial`
    /// tells whether something is chosen or left out.
    ///
    /// # Errors
    /// If the file cannot be read or is no baseline, or one is to be written of a run that is not whole.
    pub(crate) fn comparison(
        &self,
        catalogue: &Catalogue,
        selection: &Selection,
        side: Option<Role>,
        is_partial: bool,
    ) -> Result<Option<Comparison>, String> {
        let baseline = match (&self.baseline, &self.writes) {
            (None, None) => return Ok(None),
            (Some(_), Some(_)) => return Err("the file is named once, behind `write`".to_owned()),
            (Some(file), None) => {
                let text = fs::read_to_string(file).map_err(|error| unreadable(file, &error))?;
                Baseline::read(&text, catalogue).map_err(|error| format!("{}: {error}", file.display()))?
            }
            (None, Some(_)) if is_partial => {
                let why = "requirements or cases are chosen or left out, so the run is not whole";
                return Err(format!("no baseline is written: {why}"));
            }
            (None, Some(file)) => match fs::read_to_string(file) {
                Ok(text) => Baseline::read_unfinished(&text, catalogue)
                    .map_err(|error| format!("{}: {error}", file.display()))?,
                Err(error) if error.kind() == ErrorKind::NotFound => Baseline::default(),
                Err(error) => return Err(unreadable(file, &error)),
            },
        };
        Ok(Some(Comparison::new(baseline, catalogue, selection, side)))
    }

    /// Writes the baseline of a run, where that is wanted; how the verb ends then.
    pub(crate) fn write(
        &self,
        comparison: Option<Comparison>,
        summary: &Summary,
        is_whole: bool,
    ) -> Option<Exit> {
        let (file, comparison) = (self.writes.as_ref()?, comparison?);
        // Of a peer's cases it is written down which do not come to their end.
        let open = if self.drafts_unfinished { 0 } else { summary.inconclusive + summary.harness_errors };
        if open > 0 || summary.run() == 0 || !is_whole {
            let what = if open > 0 {
                format!("{open} of it in trouble")
            } else {
                "it did not come to its end".to_owned()
            };
            anstream::eprintln!(
                "wsrm baseline: {} is not written: the run is not whole: {what}",
                file.display()
            );
            return Some(Exit::Incomplete);
        }
        let baseline = comparison.into_baseline();
        let written = baseline
            .to_toml()
            .map_err(|error| error.to_string())
            .and_then(|text| fs::write(file, text).map_err(|error| error.to_string()));
        if let Err(error) = written {
            anstream::eprintln!("wsrm baseline: cannot write {}: {error}", file.display());
            return Some(Exit::Internal);
        }
        let (count, open) = (baseline.deviations().len(), baseline.without_reason());
        let unfinished = match baseline.unfinished().len() {
            0 => String::new(),
            count => format!(" and {count} of cases without an end"),
        };
        anstream::eprintln!(
            "{}: {count} known deviations{unfinished}, {open} of them without a reason yet",
            file.display()
        );
        Some(Exit::Success)
    }
}

fn unreadable(file: &Path, error: &std::io::Error) -> String {
    format!("cannot read {}: {error}", file.display())
}
