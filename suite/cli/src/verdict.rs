//! What verbs that give a verdict have in common: the options, and what follows from the verdict.

use clap::Args;
use wsrm_conformance::report::console::CasesConsole;
use wsrm_conformance::report::{Reporter, Reporters, Summary};
use wsrm_oracle::Catalogue;

use crate::baseline::BaselineArguments;
use crate::choice::RequirementChoice;
use crate::exit::Exit;
use crate::progress::Progress;
use crate::reporting::{RecordArguments, ReportArguments};
use crate::terminal;

/// What is judged, what it is held against, and how it is told.
#[derive(Debug, Args)]
pub(crate) struct VerdictArguments {
    #[command(flatten)]
    pub(crate) choice: RequirementChoice,

    /// Differences from WCF count as violations for the exit code
    #[arg(long)]
    strict: bool,

    /// Draw this many characters wide, instead of what the terminal has
    #[arg(long, value_name = "CHARACTERS", value_parser = clap::value_parser!(u16).range(40..=400))]
    width: Option<u16>,

    #[command(flatten)]
    pub(crate) baseline: BaselineArguments,

    #[command(flatten)]
    pub(crate) reports: ReportArguments,
}

impl VerdictArguments {
    /// Who is told of the run: the progress, the reports, and what `console` makes for so wide a terminal, unless the
    /// standard output is for data.
    ///
    /// # Errors
    /// If a report cannot be made; the message says which.
    pub(crate) fn reporters<R: Reporter + 'static>(
        &self,
        progress: Progress,
        console: impl FnOnce(usize) -> R,
        catalogue: &Catalogue,
    ) -> Result<Reporters<'static>, String> {
        let mut reporters = Reporters::new();
        // First, so that it is gone before the others print their last lines.
        reporters.add("the progress", progress);
        self.reports.add_to(&mut reporters, catalogue)?;
        if !self.reports.json {
            let width = self.width.map_or_else(terminal::width, usize::from);
            reporters.add("the standard output", console(width));
        }
        Ok(reporters)
    }

    /// Who is told of a run of cases, whose exchanges may be recorded.
    ///
    /// # Errors
    /// As [`Self::reporters`].
    pub(crate) fn reporters_of_cases(
        &self,
        record: &RecordArguments,
        catalogue: &Catalogue,
    ) -> Result<Reporters<'static>, String> {
        let console = |width| CasesConsole::new(anstream::stdout(), width);
        let mut reporters = self.reporters(Progress::new(!self.reports.json), console, catalogue)?;
        record.add_to(&mut reporters)?;
        Ok(reporters)
    }

    /// How the verb ends, by the sums of its run and by what else is true of it.
    pub(crate) fn exit(&self, summary: &Summary, others: impl IntoIterator<Item = Option<Exit>>) -> Exit {
        Exit::of_run(summary, self.strict, others)
    }
}
