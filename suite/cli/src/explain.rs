//! `wsrm explain`: what a text of WCF or a requirement means.

mod json;
mod practice;
mod text;

use std::io::{self, IsTerminal, Read, Write};

use clap::Args;
use wsrm_conformance::exercise::{Exercise, Exercises};
use wsrm_conformance::explanation::{Explanation, Explanations, FoundBy, Match};
use wsrm_oracle::{Catalogue, Requirement};

use crate::exit::Exit;
use crate::terminal;
use practice::Practice;

/// Explain the message of a WCF exception or fault, or a requirement
///
/// Give it what you have: the message of an exception or the reason of a fault, whole or in part, as it stands in a log
/// or a mail, with the types, stack traces, line breaks and XML around it. The answer says what it means, the usual
/// causes in order, which setting of WCF to look at and what its default is, what was seen on the wire and by whom, and
/// which recordings show it. Texts are matched in English; of another language the fault code or the type of the
/// exception is used.
///
/// Given the id of a requirement (`wsrm list` has them) it says what is required, and by whom; which cases put it to the
/// test, which bugs break it (`wsrm mutants`), and what it looks like on the wire where it is kept and where it is broken.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct Arguments {
    /// The text, the name of a fault code or exception, or an id; - or nothing for standard input
    #[arg(value_name = "TEXT")]
    text: Vec<String>,

    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

const HELP: &str = "\
Examples:
  wsrm explain \"There was no space available in the reliable channel's transfer window\"
  wsrm explain UnknownSequence
  wsrm explain CommunicationObjectFaultedException
  wsrm explain < mail.txt                 a whole log, mail or fault
  wsrm explain create.acks-to             a requirement
  wsrm explain --json window-full | jq .answer.causes

JSON: of a text { \"answer\", \"also\", \"suggestions\" }, of a requirement
      { \"requirement\", \"exercised\", \"not_exercised\", \"mutants\", \"examples\" }
  answer, also[]  id, found_by { by, name }, title, kind, meaning, causes[],
                  settings[] { name, place, default, advice }, wire, commands[], provoked[], recordings[]
  found_by.by     id, text, part, code or exception
  kind            cause, frame (stands around the cause) or consequence (of an earlier failure)
  suggestions[]   id, title: what comes nearest, where there is no answer
  requirement     id, family, level, level_means, role, rm[], soap[], addressing[], patterns[],
                  text, sources[], consequence, erratum, judged, reason
  provoked[], exercised[]
                  role, cases_in_all, cases[] { name, about, needs[], tags[] } (the nearest),
                  shown_by { case, dialect, command }
  not_exercised[] why no case exercises it against the reference
  mutants[]       name, role, about, cases[]
  examples        kept { case, dialect, golden, ladder }, broken { mutant, case, dialect, message, bytes,
                  expected, seen, excerpt, ladder }; null where there is none

Exit codes:
  0  explained
  1  nothing is known of this text; what comes nearest is shown
  2  there is no text";

/// How much is read from standard input, in bytes.
const LONGEST_INPUT: u64 = 1 << 20;

/// What there is to print, and how it ends.
enum Outcome<'a> {
    Requirement(&'a Requirement, Box<Practice>),
    /// The id of a requirement that does not exist, and those that come near.
    NoRequirement(Vec<&'a Requirement>),
    Answer {
        answer: Match<'a>,
        provoked: Vec<Exercise>,
        also: Vec<Match<'a>>,
        /// Whether there is more in the text than the name that led to the answer.
        words: bool,
    },
    NoAnswer(Vec<&'a Explanation>),
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let text = match read(arguments) {
        Ok(text) if !text.trim().is_empty() => text,
        Ok(_) => {
            return refuse("there is no text; give it on the command line or on standard input", Exit::Usage);
        }
        Err(error) => return refuse(&format!("standard input: {error}"), Exit::Usage),
    };
    let library = match Library::load() {
        Ok(library) => library,
        Err(error) => return refuse(&error, Exit::Internal),
    };
    let width = text::clamped(terminal::width());
    let outcome = library.outcome(text.trim(), width);
    let output = if arguments.json { json::write(&outcome, width) } else { text::write(&outcome, width) };
    // A reader that closes the pipe has seen enough.
    let _ = anstream::stdout().write_all(output.as_bytes());
    match outcome {
        Outcome::Requirement(..) | Outcome::Answer { .. } => Exit::Success,
        Outcome::NoRequirement(_) | Outcome::NoAnswer(_) => Exit::Found,
    }
}

/// The value of a requirement in JSON, the same for every verb.
pub(crate) fn requirement_json(requirement: &Requirement) -> serde_json::Value {
    json::requirement(requirement)
}

fn refuse(why: &str, exit: Exit) -> Exit {
    anstream::eprintln!("wsrm explain: {why}");
    exit
}

fn read(arguments: &Arguments) -> io::Result<String> {
    let standard_input = match arguments.text.as_slice() {
        [] => !io::stdin().is_terminal(),
        [only] => only == "-",
        _ => false,
    };
    if !standard_input {
        return Ok(arguments.text.join(" "));
    }
    let mut bytes = Vec::new();
    io::stdin().take(LONGEST_INPUT).read_to_end(&mut bytes)?;
    Ok(decode(&bytes))
}

/// The text of a file that was saved on Windows, mostly in UTF-16, or anywhere else.
fn decode(bytes: &[u8]) -> String {
    let units = |from: fn([u8; 2]) -> u16| {
        let pairs = bytes.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(from);
        String::from_utf16_lossy(&pairs.collect::<Vec<u16>>())
    };
    match bytes {
        [0xff, 0xfe, ..] => units(u16::from_le_bytes),
        [0xfe, 0xff, ..] => units(u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// All that is known.
struct Library {
    explanations: Explanations,
    catalogue: Catalogue,
    exercises: Exercises,
}

impl Library {
    fn load() -> Result<Self, String> {
        Ok(Self {
            explanations: Explanations::load().map_err(|error| error.to_string())?,
            catalogue: Catalogue::load().map_err(|error| error.to_string())?,
            exercises: Exercises::load().map_err(|error| error.to_string())?,
        })
    }

    fn outcome(&self, text: &str, width: usize) -> Outcome<'_> {
        if let Some(requirement) = self.catalogue.find(text) {
            let practice = Practice::shown(requirement, &self.exercises, &self.catalogue, width);
            return Outcome::Requirement(requirement, Box::new(practice));
        }
        let family =
            text.split_once('.').map(|(family, _)| family).filter(|_| !text.contains(char::is_whitespace));
        if let Some(family) = family.filter(|family| self.catalogue.families().any(|known| known == *family))
        {
            return Outcome::NoRequirement(near(&self.catalogue, family, text));
        }
        let found = self.explanations.explain(text);
        let mut matches = found.matches.into_iter();
        match matches.next() {
            Some(answer) => {
                let name = match &answer.by {
                    FoundBy::Code(name) | FoundBy::Exception(name) => name.len(),
                    _ => 0,
                };
                // A qualified name has a prefix or a namespace before it.
                let words = text.len() > name && text.split_whitespace().count() > 1;
                let provoked = self.exercises.of_explanation(&answer.explanation.id);
                Outcome::Answer { answer, provoked, also: matches.collect(), words }
            }
            None => Outcome::NoAnswer(found.suggestions),
        }
    }
}

/// The requirements of the family that share most words of their ids with this one.
fn near<'a>(catalogue: &'a Catalogue, family: &str, id: &str) -> Vec<&'a Requirement> {
    let shared = |requirement: &Requirement| {
        let words = id.split(['.', '-']).filter(|word| !word.is_empty());
        words.filter(|word| requirement.id.split(['.', '-']).any(|own| own.starts_with(word))).count()
    };
    let mut all: Vec<_> = catalogue
        .requirements()
        .iter()
        .map(AsRef::as_ref)
        .filter(|own: &&Requirement| own.family() == family)
        .collect();
    all.sort_by_key(|requirement| std::cmp::Reverse(shared(requirement)));
    all.truncate(8);
    all
}
