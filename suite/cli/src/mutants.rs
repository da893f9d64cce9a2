//! `wsrm mutants`: how good the judgement is.

mod json;
mod measure;
mod text;

use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use wsrm_conformance::mutation::{Trial, is_inherent, without_mutant};
use wsrm_conformance::near;
use wsrm_oracle::{Catalogue, Requirement};
use wsrm_reference::mutants::{self, INHERENT, Mutant};

use crate::exit::Exit;
use crate::side_by_side::side_by_side;
use crate::terminal;
use measure::Measured;

/// Measure the judgement: is each named bug found, and nothing else?
///
/// A mutant is the reference implementation with one bug that breaks one requirement. It is killed where just that
/// requirement is reported against it, and is not without the bug. A second measure does not lean on our own
/// implementation: recordings of real WCF with one edit each, which breaks one rule (a wound) or none (a harmless
/// change).
///
/// Everything happens in virtual time; nothing is sent anywhere.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct Arguments {
    /// Try these alone, by their names or by requirements that they break; one is shown with its ladder diagram
    #[arg(value_name = "NAME")]
    names: Vec<String>,

    /// List the mutants instead of trying them
    #[arg(long)]
    list: bool,

    /// Where the recordings of WCF are; without them the second measure is left out
    #[arg(long, value_name = "DIR", default_value = "fixtures/recordings")]
    recordings: PathBuf,

    /// Try the mutants alone, without the second measure
    #[arg(long)]
    no_recordings: bool,

    /// Print JSON instead of text
    #[arg(long)]
    json: bool,

    /// Draw this many characters wide, instead of what the terminal has
    #[arg(long, value_name = "CHARACTERS", value_parser = clap::value_parser!(u16).range(40..=400))]
    width: Option<u16>,
}

const HELP: &str = "\
Examples:
  wsrm mutants                        try them all; the score, and what survived
  wsrm mutants --list                 each bug and the requirement that it breaks
  wsrm mutants close.final-left-out   one of them: what is reported, in a ladder diagram
  wsrm mutants close.final            those that break this requirement
  wsrm serve --mutant ack.twice       a service with this bug, for `wsrm test` or a client of yours

JSON: { \"mutants\": [ name, role, requirement, about, cases[], killed, case, messages[], expected, seen,
        others[], survived[] { case, why } ],
        \"score\": { mutants, killed, judged, with_mutant, without[] { requirement, why } },
        \"wounds\", \"harmless\": { edits, applied, found, precise } or null }

Exit codes:
  0  every mutant was killed, and every judged requirement has one or a reason
  1  a mutant survived, or a requirement has none
  2  there is no such mutant";

/// What was tried.
struct Outcome<'a> {
    trials: Vec<Trial>,
    coverage: Option<Coverage<'a>>,
    measured: Option<Measured>,
}

/// Which of the judged requirements a mutant breaks.
struct Coverage<'a> {
    judged: usize,
    /// Those that none breaks, and why, where there is a good reason.
    without: Vec<(&'a Requirement, Option<&'static str>)>,
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let catalogue = match Catalogue::load() {
        Ok(catalogue) => catalogue,
        Err(error) => return refuse(&error.to_string(), Exit::Internal),
    };
    let chosen = match choose(&arguments.names) {
        Ok(chosen) => chosen,
        Err(why) => return refuse(&why, Exit::Usage),
    };
    let width = arguments.width.map_or_else(terminal::width, usize::from);
    if arguments.list {
        return print(&if arguments.json { json::list(&chosen) } else { text::list(&chosen, width) });
    }
    let whole = arguments.names.is_empty();
    let trials = try_all(&chosen, &catalogue);
    let measured = (whole && !arguments.no_recordings)
        .then(|| measure::measure(&arguments.recordings, &catalogue))
        .flatten();
    let outcome = Outcome { trials, coverage: whole.then(|| Coverage::of(&catalogue)), measured };
    print(&match (arguments.json, outcome.trials.as_slice()) {
        (true, _) => json::write(&outcome),
        (false, [only]) if !whole => text::single(only, width),
        (false, _) => text::write(&outcome, arguments, width),
    });
    if outcome.is_good() { Exit::Success } else { Exit::Found }
}

/// The mutants that are asked for; all, where none is named.
fn choose(names: &[String]) -> Result<Vec<&'static Mutant>, String> {
    if names.is_empty() {
        return Ok(mutants::all().collect());
    }
    let mut chosen = Vec::new();
    for name in names {
        let before = chosen.len();
        match mutants::find(name) {
            Some(mutant) => chosen.push(mutant),
            None => chosen.extend(mutants::all().filter(|mutant| mutant.breaks == name)),
        }
        if chosen.len() == before {
            return Err(unknown(name));
        }
    }
    Ok(chosen)
}

/// What is said of a name that no mutant has.
pub(crate) fn unknown(name: &str) -> String {
    let like = near::in_words(&near::near(name, mutants::all().map(|mutant| mutant.name)));
    format!("there is no mutant {name}{like}; `wsrm mutants --list` has all")
}

fn try_all(chosen: &[&'static Mutant], catalogue: &Catalogue) -> Vec<Trial> {
    let bar = bar(chosen.len(), "mutants");
    let trials = side_by_side(chosen, |mutant| {
        let trial = Trial::of(mutant, catalogue);
        bar.inc(1);
        trial
    });
    bar.finish_and_clear();
    trials
}

/// A bar on a terminal, and nothing elsewhere.
fn bar(length: usize, what: &'static str) -> ProgressBar {
    let shown = io::stderr().is_terminal();
    let draw = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(u64::try_from(length).ok(), draw).with_message(what);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}") {
        bar.set_style(style);
    }
    bar
}

fn print(output: &str) -> Exit {
    // A reader that closes the pipe has seen enough.
    let _ = anstream::stdout().write_all(output.as_bytes());
    Exit::Success
}

fn refuse(why: &str, exit: Exit) -> Exit {
    anstream::eprintln!("wsrm mutants: {why}");
    exit
}

impl Outcome<'_> {
    fn killed(&self) -> usize {
        self.trials.iter().filter(|trial| trial.kill().is_some()).count()
    }

    fn is_good(&self) -> bool {
        let is_covered = |coverage: &Coverage<'_>| coverage.without.iter().all(|(_, why)| why.is_some());
        self.killed() == self.trials.len() && self.coverage.as_ref().is_none_or(is_covered)
    }
}

impl<'a> Coverage<'a> {
    fn of(catalogue: &'a Catalogue) -> Self {
        let judged = catalogue.requirements().iter().filter(|requirement| requirement.is_judged()).count();
        let reason = |id: &str| {
            let inherent = INHERENT.iter().find(|inherent| inherent.requirement == id);
            inherent.filter(|inherent| is_inherent(inherent, catalogue)).map(|inherent| inherent.why)
        };
        let without = without_mutant(catalogue).map(|requirement| (requirement, reason(&requirement.id)));
        Self { judged, without: without.collect() }
    }
}
