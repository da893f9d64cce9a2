//! `wsrm judge`.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use clap::Args;
use wsrm_conformance::capture::Capture;
use wsrm_conformance::entry::{Entry, Subject};
use wsrm_conformance::judgement::{Judgement, Selection};
use wsrm_conformance::recording::{self, Recording};
use wsrm_conformance::report::console::RecordingsConsole;
use wsrm_conformance::report::{Event, Reporters, Run, Verb};
use wsrm_oracle::Catalogue;

use crate::exit::Exit;
use crate::progress::Progress;
use crate::reporting::{complain, quoted};
use crate::side_by_side::side_by_side;
use crate::verdict::VerdictArguments;

/// Recordings are judged so many at a time, which bounds what is kept of them.
const AT_A_TIME: usize = 64;

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
  wsrm judge --baseline known.toml fixtures/recordings/gsoap
      only changes against known deviations fail (wsrm help baseline)
  wsrm judge --json session > verdict.json
      the same as data, one object a line (fixtures/README.md)
  wsrm judge --quiet --html report.html fixtures/recordings/gsoap
      a page for a browser, with the messages and the bytes at fault

Levels: must and should are the standard's own. wcf: the standard leaves it open, but a real WCF peer faults, hangs, loses a message or repeats without end. may and observed: WCF does it otherwise and nothing depends on it; these never fail a stack and are shown as \"differs\".

The last line is always: N requirements judged: M met, V violated (a must, b should, c wcf), D differ from WCF, X not exercised. Over several recordings a requirement counts as violated if it is anywhere, else as different, else as met if it is met anywhere.

Exit codes: 0 nothing is violated; 10 a must or wcf requirement is violated; 11 only should requirements are, or with --strict WCF's ways; 12 nothing graver was found, and something could not be read; 13 none of these, and a deviation of --baseline is not there any more; 2 an argument is wrong.")]
pub(crate) struct Arguments {
    /// Recordings (folders with a scenario.json), trees of them, or captures (WCF message logs, HTTP archives, Fiddler
    /// archives)
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Print no diagrams and findings, and only recordings in which something is violated
    #[arg(long, short, conflicts_with = "json")]
    quiet: bool,

    #[command(flatten)]
    pub(crate) verdict: VerdictArguments,
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let catalogue = match Catalogue::load() {
        Ok(catalogue) => catalogue,
        Err(error) => return fail(Exit::Internal, &error.to_string()),
    };
    let selection = match arguments.verdict.choice.of_judged(&catalogue) {
        Ok(selection) => selection,
        Err(error) => return fail(Exit::Usage, &error),
    };
    let mut reporters = match reporters(arguments, &catalogue) {
        Ok(reporters) => reporters,
        Err(error) => return fail(Exit::Usage, &error),
    };
    let is_partial = arguments.verdict.choice.is_partial();
    match arguments.verdict.baseline.comparison(&catalogue, &selection, None, is_partial) {
        Ok(comparison) => reporters.compare(comparison),
        Err(error) => return fail(Exit::Usage, &error),
    }
    let sources = find(&arguments.paths);
    reporters.emit(&Event::RunBegan(Run {
        verb: Verb::Judge,
        subjects: arguments.paths.iter().map(|path| path.display().to_string()).collect(),
        planned: sources.len(),
        is_hostile: false,
    }));
    let mut complaints = Vec::new();
    let mut places = 0..;
    for sources in sources.chunks(AT_A_TIME) {
        for judged in side_by_side(sources, |source| judge(source, &catalogue, &selection)) {
            for (mut entry, place) in judged.entries.into_iter().zip(&mut places) {
                entry.subject.place = place;
                complaints.extend(entry.verdict.reason().map(str::to_owned));
                reporters.emit(&Event::EntryBegan(entry.subject.clone()));
                reporters.emit(&Event::EntryEnded(Box::new(entry)));
            }
            for remark in judged.remarks {
                reporters.emit(&Event::Remark(remark));
            }
        }
    }
    for complaint in &complaints {
        anstream::eprintln!("wsrm judge: {complaint}");
    }
    let comparison = reporters.comparison().cloned();
    let (summary, errors) = reporters.finish(None);
    complain("judge", &errors)
        .or_else(|| arguments.verdict.baseline.write(comparison, &summary, true))
        .unwrap_or_else(|| {
            // What cannot be read is the trouble of its reader alone.
            let is_incomplete = Exit::Incomplete.when(summary.harness_errors > 0);
            arguments.verdict.exit(&summary, [is_incomplete])
        })
}

/// Who is told of the run.
fn reporters(arguments: &Arguments, catalogue: &Catalogue) -> Result<Reporters<'static>, String> {
    let (verdict, is_quiet) = (&arguments.verdict, arguments.quiet);
    // Lines that come one after another show well enough how far it is.
    let shows_lines = !verdict.reports.json && !is_quiet && io::stdout().is_terminal();
    let console = |width| RecordingsConsole::new(anstream::stdout(), width, is_quiet);
    verdict.reporters(Progress::new(!shows_lines), console, catalogue)
}

/// What is to be judged, and the path on the command line that it was found by.
struct Source {
    group: String,
    place: Place,
}

enum Place {
    /// The folder of a recording.
    Recording(PathBuf),
    /// The file of a capture.
    Capture(PathBuf),
    /// Nothing, and why.
    Nowhere(String),
}

/// What came of a source.
#[derive(Default)]
struct FromSource {
    entries: Vec<Entry>,
    /// What its reader should know of.
    remarks: Vec<String>,
}

/// The recordings and files, and what is wrong with paths that hold none.
fn find(paths: &[PathBuf]) -> Vec<Source> {
    let mut sources = Vec::new();
    for path in paths {
        let group = path.display().to_string();
        let source = |place| Source { group: group.clone(), place };
        if path.is_file() {
            sources.push(source(Place::Capture(path.clone())));
            continue;
        }
        match recording::find(path) {
            Ok(found) => sources.extend(found.into_iter().map(Place::Recording).map(source)),
            Err(error) => sources.push(source(Place::Nowhere(error.to_string()))),
        }
    }
    sources
}

fn judge(source: &Source, catalogue: &Catalogue, selection: &Selection) -> FromSource {
    let unread = |path: String, why| {
        let subject = source.subject(path.clone(), String::new());
        FromSource { entries: vec![Entry::unread(subject, why, repeat(&path))], remarks: Vec::new() }
    };
    match &source.place {
        Place::Recording(folder) => match Recording::read(folder) {
            Ok(recording) => {
                let path = folder.display().to_string();
                let entry = source.entry(recording, path.clone(), &path, catalogue, selection);
                FromSource { entries: vec![entry], remarks: Vec::new() }
            }
            Err(error) => unread(folder.display().to_string(), error.to_string()),
        },
        Place::Capture(file) => match judge_capture(source, file, catalogue, selection) {
            Ok(judged) => judged,
            Err(why) => unread(file.display().to_string(), why),
        },
        Place::Nowhere(why) => unread(source.group.clone(), why.clone()),
    }
}

/// Judges each session of a capture. They are named by the file, and by their number where there are several.
fn judge_capture(
    source: &Source,
    file: &Path,
    catalogue: &Catalogue,
    selection: &Selection,
) -> Result<FromSource, String> {
    let path = file.display();
    let capture = Capture::read(file).map_err(|error| error.to_string())?.ok_or_else(|| {
        let what = "no WCF message log, HTTP archive or Fiddler archive; a recording is a folder";
        format!("{path}: {what}")
    })?;
    if capture.sessions.is_empty() {
        return Err(format!("{path}: no reliable session in this {}", capture.format));
    }
    let is_alone = capture.sessions.len() == 1;
    let entries = (1..).zip(capture.sessions).map(|(number, session)| {
        let name = if is_alone { path.to_string() } else { format!("{path}#{number}") };
        source.entry(session, name, &path.to_string(), catalogue, selection)
    });
    let entries = entries.collect();
    let mut remarks: Vec<String> = capture.notes.iter().map(|note| format!("{path}: {note}")).collect();
    if capture.further_notes > 0 {
        remarks.push(format!("{path}: {} more of this kind", capture.further_notes));
    }
    Ok(FromSource { entries, remarks })
}

impl Source {
    fn subject(&self, name: String, about: String) -> Subject {
        Subject { place: 0, group: self.group.clone(), name, about, dialect: None }
    }

    fn entry(
        &self,
        recording: Recording,
        name: String,
        path: &str,
        catalogue: &Catalogue,
        selection: &Selection,
    ) -> Entry {
        let about = recording.scenario().description.clone();
        let judgement = Judgement::of(&recording, &name, catalogue, selection);
        Entry::judged(self.subject(name, about), judgement, recording, repeat(path))
    }
}

/// The command that judges this path again.
fn repeat(path: &str) -> String {
    format!("wsrm judge {}", quoted(path))
}

fn fail(exit: Exit, message: &str) -> Exit {
    anstream::eprintln!("wsrm judge: {message}");
    exit
}
