//! `wsrm judge`.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use wsrm_conformance::capture::Capture;
use wsrm_conformance::judgement::{Judgement, Selection, Standing, Totals};
use wsrm_conformance::recording::{self, Recording};
use wsrm_oracle::{Catalogue, Level};

use crate::choice::RequirementChoice;
use crate::exit::Exit;
use crate::side_by_side::side_by_side;
use crate::terminal;

/// Judge recordings: which requirements of reliable messaging were kept, and which message breaks one
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wsrm judge fixtures/recordings/gsoap/18-rm11-duplex-echo
      one recorded session: each breach with its clause, and a ladder diagram with the messages at fault marked
  wsrm judge --quiet fixtures/recordings/gsoap
      a line for each recording that breaks something, and the sum
  wsrm judge --role destination --exclude should fixtures/recordings/cross
      what the services did, against the levels must and wcf
  wsrm judge fixtures/captures/echo-rm11-service.svclog
      the sessions in a WCF message log; HTTP archives (HAR) and Fiddler archives (.saz) are taken too
  wsrm judge --requirement create.acks-to --requirement close.final session
      two requirements alone
  wsrm judge --json session > verdict.json
      the same as data, one object a line (fixtures/README.md)

Levels: must and should are the standard's own. wcf: the standard leaves it open, but a real WCF peer faults, hangs, loses a message or repeats without end. may and observed: WCF does it otherwise and nothing depends on it; these never fail a stack and are shown as \"differs\".

The last line is always: N requirements judged: M met, V violated (a must, b should, c wcf), D differ from WCF, X not exercised. Over several recordings a requirement counts as violated if it is anywhere, else as different, else as met if it is met anywhere.

Exit codes: 0 nothing is violated; 10 a must or wcf requirement is violated; 11 only should requirements are, or with --strict WCF's ways; 12 nothing graver was found, and something could not be read; 2 an argument is wrong.")]
pub(crate) struct Arguments {
    /// Recordings (folders with a scenario.json), trees of them, or captures (WCF message logs, HTTP archives, Fiddler
    /// archives)
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Print data instead of lines
    #[arg(long)]
    json: bool,

    /// Print no diagrams and findings, and only recordings in which something is violated
    #[arg(long, short, conflicts_with = "json")]
    quiet: bool,

    /// Differences from WCF count as violations for the exit code
    #[arg(long)]
    strict: bool,

    #[command(flatten)]
    choice: RequirementChoice,

    /// Draw this many characters wide, instead of what the terminal has
    #[arg(long, value_name = "CHARACTERS", value_parser = clap::value_parser!(u16).range(40..=400))]
    width: Option<u16>,
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let catalogue = match Catalogue::load() {
        Ok(catalogue) => catalogue,
        Err(error) => return fail(Exit::Internal, &error.to_string()),
    };
    let selection = match arguments.choice.of_judged(&catalogue) {
        Ok(selection) => selection,
        Err(error) => return fail(Exit::Usage, &error),
    };
    let (sources, mut errors) = find(&arguments.paths);
    let mut totals = Totals::default();
    let mut text = String::new();
    for judged in side_by_side(&sources, |source| judge(source, &catalogue, &selection)) {
        errors.extend(judged.errors);
        for judgement in judged.judgements {
            match show(arguments, &judgement) {
                Ok(shown) => text.push_str(&shown),
                Err(error) => errors.push(error),
            }
            totals.add(&judgement);
        }
        if !arguments.json && !arguments.quiet {
            text.push_str(&judged.remarks);
        }
    }
    for error in &errors {
        anstream::eprintln!("wsrm judge: {error}");
    }
    if !arguments.json {
        text.push_str(&format!("{totals}\n"));
    }
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            return fail(Exit::Internal, &error.to_string());
        }
        _ => {}
    }
    exit(&totals, !errors.is_empty(), arguments.strict)
}

/// What is to be judged: the folder of a recording, or the file of a capture.
enum Source {
    Recording(PathBuf),
    Capture(PathBuf),
}

/// What came of a source.
#[derive(Default)]
struct FromSource {
    judgements: Vec<Judgement>,
    /// What its reader should know of.
    remarks: String,
    /// What could not be read, in whole or in part.
    errors: Vec<String>,
}

/// The recordings and files, and what is wrong with paths that hold none.
fn find(paths: &[PathBuf]) -> (Vec<Source>, Vec<String>) {
    let mut sources = Vec::new();
    let mut errors = Vec::new();
    for path in paths {
        if path.is_file() {
            sources.push(Source::Capture(path.clone()));
            continue;
        }
        match recording::find(path) {
            Ok(found) => sources.extend(found.into_iter().map(Source::Recording)),
            Err(error) => errors.push(error.to_string()),
        }
    }
    (sources, errors)
}

fn judge(source: &Source, catalogue: &Catalogue, selection: &Selection) -> FromSource {
    match source {
        Source::Recording(folder) => match Recording::read(folder) {
            Ok(recording) => FromSource {
                judgements: vec![Judgement::of(&recording, folder.display(), catalogue, selection)],
                ..FromSource::default()
            },
            Err(error) => FromSource { errors: vec![error.to_string()], ..FromSource::default() },
        },
        Source::Capture(file) => judge_capture(file, catalogue, selection),
    }
}

/// Judges each session of a capture. They are named by the file, and by their number where there are several.
fn judge_capture(file: &Path, catalogue: &Catalogue, selection: &Selection) -> FromSource {
    let fail = |error: String| FromSource { errors: vec![error], ..FromSource::default() };
    let capture = match Capture::read(file) {
        Ok(Some(capture)) => capture,
        Ok(None) => {
            let what = "no WCF message log, HTTP archive or Fiddler archive; a recording is a folder";
            return fail(format!("{}: {what}", file.display()));
        }
        Err(error) => return fail(error.to_string()),
    };
    if capture.sessions.is_empty() {
        return fail(format!("{}: no reliable session in this {}", file.display(), capture.format));
    }
    let judgements = capture.sessions.iter().enumerate().map(|(index, session)| {
        let subject = match capture.sessions.len() {
            1 => file.display().to_string(),
            _ => format!("{}#{}", file.display(), index + 1),
        };
        Judgement::of(session, subject, catalogue, selection)
    });
    let judgements = judgements.collect();
    let mut remarks = String::new();
    for note in &capture.notes {
        remarks.push_str(&format!("Note: {}: {note}\n", file.display()));
    }
    if capture.further_notes > 0 {
        remarks.push_str(&format!("Note: {}: {} more of this kind\n", file.display(), capture.further_notes));
    }
    FromSource { judgements, remarks, errors: Vec::new() }
}

fn show(arguments: &Arguments, judgement: &Judgement) -> Result<String, String> {
    if arguments.json {
        return judgement.to_json().map(|json| json + "\n").map_err(|error| error.to_string());
    }
    if arguments.quiet {
        let is_violated = judgement.with_standing(Standing::Violated).next().is_some();
        return Ok(if is_violated { judgement.summary_line() } else { String::new() });
    }
    let mut text = judgement.render(arguments.width.map_or_else(terminal::width, usize::from));
    if text.lines().nth(1).is_some() {
        text.push('\n');
    }
    Ok(text)
}

fn exit(totals: &Totals, is_incomplete: bool, is_strict: bool) -> Exit {
    let differs = is_strict && totals.count(Standing::Differs) > 0;
    if totals.violated(Level::Must) + totals.violated(Level::Wcf) > 0 {
        Exit::Violated
    } else if is_incomplete {
        Exit::Incomplete
    } else if totals.violated(Level::Should) > 0 || differs {
        Exit::OnlyShould
    } else {
        Exit::Success
    }
}

fn fail(exit: Exit, message: &str) -> Exit {
    anstream::eprintln!("wsrm judge: {message}");
    exit
}
