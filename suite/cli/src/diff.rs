//! `wsrm diff`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};
use clap::Args;
use wsrm_conformance::capture::Capture;
use wsrm_conformance::difference::{Difference, Divergence, Pause, Place};
use wsrm_conformance::ladder::Ladder;
use wsrm_conformance::recording::{self, Recording};

use crate::exit::Exit;
use crate::terminal;

/// Compare two recordings, captures or folders of them: where they part, and what else differs
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wsrm diff fixtures/recordings/wcf/A-echo-rm11-s12a10-ord fixtures/recordings/wcf-10/A-echo-rm11-s12a10-ord
      one session of two stacks: the first message that is not the same, and what differs in it
  wsrm diff before after
      two folders of recordings, such as two runs of wsrm proxy --record or wsrm test --record; those of the same name
      are compared, and which differ is said first
  wsrm diff before.svclog after.svclog
      captures; sessions are compared in their order

Identifiers, addresses and moments differ in every session and count for nothing; so do prefixes and white space. Settings that show in the messages (flow control, room, messages under way, retransmission, acknowledgement, order) and pauses are compared apart; they are no difference for the exit code. Secrets are not compared and not shown.

JSON, one object a pair: name, difference { same, first { a, b { message, text }, parts[] { name, a, b, at_a, at_b }, is_same_message }, others[], settings[] { name, a, b }, pauses[] { a, b, seconds_a, seconds_b } }; or name, only_in.

Exit codes: 0 no difference; 1 something differs; 2 a path cannot be read or holds nothing.")]
pub(crate) struct Arguments {
    /// The one
    #[arg(value_name = "A")]
    a: PathBuf,

    /// The other
    #[arg(value_name = "B")]
    b: PathBuf,

    /// Print data instead of lines: one JSON object for each pair
    #[arg(long)]
    json: bool,

    /// Draw this many characters wide, instead of what the terminal has
    #[arg(long, value_name = "CHARACTERS", value_parser = clap::value_parser!(u16).range(40..=400))]
    width: Option<u16>,
}

const TITLE: Style = Style::new().bold();
const ONE: Style = AnsiColor::Red.on_default();
const OTHER: Style = AnsiColor::Green.on_default();

/// Of each part of a ladder so many lines are shown.
const MOST_RUNGS: usize = 16;

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    match compare(arguments) {
        Ok((text, is_same)) => {
            // A reader that closes the pipe has seen enough.
            let _ = anstream::stdout().write_all(text.as_bytes());
            if is_same { Exit::Success } else { Exit::Found }
        }
        Err(error) => {
            anstream::eprintln!("wsrm diff: {error}");
            Exit::Usage
        }
    }
}

fn compare(arguments: &Arguments) -> Result<(String, bool), String> {
    let (a, b) = (sessions(&arguments.a)?, sessions(&arguments.b)?);
    let is_one = a.len() == 1 && b.len() == 1;
    let mut text = String::new();
    let (mut pairs, mut differing) = (0, Vec::new());
    let mut is_same = true;
    let mut rest = b;
    for (name, one) in a {
        let other = if is_one { rest.pop_first().map(|(_, other)| other) } else { rest.remove(&name) };
        let Some(other) = other else {
            is_same = false;
            alone(&mut text, arguments.json, &name, "A");
            continue;
        };
        let difference = Difference::of(&one, &other);
        is_same &= difference.is_none();
        pairs += 1;
        differing.extend((!difference.is_none()).then(|| name.clone()));
        if arguments.json {
            let value = serde_json::json!({ "name": name, "difference": difference });
            let _ = writeln!(text, "{value}");
        } else {
            let width = arguments.width.map_or_else(terminal::width, usize::from);
            render(&mut text, &name, &one, &other, &difference, width);
        }
    }
    for name in rest.keys() {
        is_same = false;
        alone(&mut text, arguments.json, name, "B");
    }
    if !is_one && !arguments.json {
        text.insert_str(0, &overview(pairs, &differing));
    }
    Ok((text, is_same))
}

/// Which of many pairs differ.
fn overview(pairs: usize, differing: &[String]) -> String {
    let mut text = format!("{} of {pairs} pairs differ\n", differing.len());
    for name in differing {
        let _ = writeln!(text, "  {name}");
    }
    text.push('\n');
    text
}

fn alone(text: &mut String, json: bool, name: &str, side: &str) {
    let _ = if json {
        writeln!(text, "{}", serde_json::json!({ "name": name, "only_in": side }))
    } else {
        writeln!(text, "{TITLE}{name}{TITLE:#}: only in {side}")
    };
}

/// The sessions at a path, by their names below it.
fn sessions(path: &Path) -> Result<BTreeMap<String, Recording>, String> {
    if path.is_file() {
        let capture = Capture::read(path).map_err(|error| error.to_string())?;
        let sessions = capture.map(|capture| capture.sessions).unwrap_or_default();
        if sessions.is_empty() {
            return Err(format!("{}: there is no reliable session in it", path.display()));
        }
        return Ok((1..).map(|number: u32| format!("session {number:04}")).zip(sessions).collect());
    }
    let folders = recording::find(path).map_err(|error| error.to_string())?;
    let read = |folder: PathBuf| {
        let below = folder.strip_prefix(path).unwrap_or(&folder).display().to_string();
        let name = if below.is_empty() {
            folder.file_name().map(|name| name.to_string_lossy().into_owned())
        } else {
            Some(below)
        };
        let recording = Recording::read(&folder).map_err(|error| error.to_string())?;
        Ok((name.unwrap_or_default(), recording))
    };
    folders.into_iter().map(read).collect()
}

fn render(
    text: &mut String,
    name: &str,
    a: &Recording,
    b: &Recording,
    difference: &Difference,
    width: usize,
) {
    let Some(first) = &difference.first else {
        let _ = writeln!(text, "{TITLE}{name}{TITLE:#}: the same, {} messages", difference.same);
        return apart(text, difference, width);
    };
    let _ =
        writeln!(text, "{TITLE}{name}{TITLE:#}: {} messages are the same, then they part", difference.same);
    let (a, b) = (Ladder::of(&a.shown()), Ladder::of(&b.shown()));
    let (common, rest_a) = split(&a, first.a.as_ref(), "≠A");
    let (_, rest_b) = split(&b, first.b.as_ref(), "≠B");
    if !common.rungs.is_empty() {
        let _ = writeln!(text, "\nThe same in both");
        text.push_str(&part(&common, common.rungs.len().saturating_sub(MOST_RUNGS), width));
    }
    for (side, style, ladder) in [("A", ONE, rest_a), ("B", OTHER, rest_b)] {
        let _ = writeln!(text, "\n{style}{side}{style:#} from there on");
        text.push_str(&part(&ladder, 0, width));
    }
    let _ = writeln!(text, "\nFirst divergence: {}", headline(first));
    for part in &first.parts {
        text.push_str(&terminal::wrap(&part.words(), "     ", width));
    }
    list(text, "What else differs", difference.others.iter().cloned(), width);
    apart(text, difference, width);
    text.push('\n');
}

/// What is compared apart from the messages.
fn apart(text: &mut String, difference: &Difference, width: usize) {
    let settings = difference.settings.iter();
    let settings = settings.map(|setting| format!("{}: A {}, B {}", setting.name, setting.a, setting.b));
    list(text, "Settings, as far as the messages show them", settings, width);
    let pauses = difference.pauses.iter().map(|Pause { a, b, seconds_a, seconds_b }| {
        let message =
            if a.message == b.message { a.message.clone() } else { format!("{}, {}", a.message, b.message) };
        format!("before {} ({message}): A {seconds_a:.3} s, B {seconds_b:.3} s", a.text)
    });
    list(text, "Pauses that are not alike", pauses, width);
}

fn list(text: &mut String, heading: &str, lines: impl Iterator<Item = String>, width: usize) {
    let mut lines = lines.peekable();
    if lines.peek().is_some() {
        let _ = writeln!(text, "\n{heading}");
    }
    for line in lines {
        text.push_str(&terminal::wrap(&line, "     ", width));
    }
}

/// The ladder before a message, and from it on, where it is marked. Without a message all is before.
fn split(ladder: &Ladder, place: Option<&Place>, mark: &str) -> (Ladder, Ladder) {
    let mut marked = ladder.clone();
    marked.title.clear();
    let is_there =
        |message: &Option<String>| place.is_some_and(|place| *message == Some(place.message.clone()));
    let at = marked.rungs.iter().position(|rung| is_there(&rung.message)).unwrap_or(marked.rungs.len());
    if let Some(place) = place {
        marked.mark(&place.message, mark);
    }
    let rest = marked.rungs.split_off(at);
    let rest = Ladder { rungs: rest, ..marked.clone() };
    (Ladder { legend: Vec::new(), ..marked }, rest)
}

/// Some rungs of a ladder, and how many others there are.
fn part(ladder: &Ladder, start: usize, width: usize) -> String {
    let shown: Vec<_> = ladder.rungs.iter().skip(start).take(MOST_RUNGS).cloned().collect();
    let behind = ladder.rungs.len() - start - shown.len();
    let mut text = String::new();
    if start > 0 {
        let _ = writeln!(text, "  … {start} before");
    }
    if ladder.rungs.is_empty() {
        let _ = writeln!(text, "  nothing");
    } else {
        text.push_str(&Ladder { rungs: shown, ..ladder.clone() }.render(width));
    }
    if behind > 0 {
        let _ = writeln!(text, "  … {behind} more (wsrm show)");
    }
    text
}

/// Where two sessions part, in a sentence.
fn headline(first: &Divergence) -> String {
    let side = |place: &Place| format!("{} ({})", place.text, place.message);
    match (&first.a, &first.b) {
        (Some(a), Some(b)) if first.is_same_message => {
            format!("the same message with other parts: A {}, B {}", side(a), side(b))
        }
        (Some(a), Some(b)) => format!("another message: A {}, B {}", side(a), side(b)),
        (Some(a), None) => format!("A goes on: {}", side(a)),
        (None, Some(b)) => format!("B goes on: {}", side(b)),
        (None, None) => "nothing".to_owned(),
    }
}
