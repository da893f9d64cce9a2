//! `wsrm diff`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};
use clap::Args;
use wsrm_conformance::capture::Capture;
use wsrm_conformance::difference::{Difference, Divergence, Place};
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
      two folders of recordings, such as two runs of wsrm proxy --record; those of the same name are compared
  wsrm diff before.svclog after.svclog
      captures; sessions are compared in their order

Identifiers, addresses and moments differ in every session and count for nothing; so do prefixes and white space.

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
    Ok((text, is_same))
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
        return;
    };
    let _ =
        writeln!(text, "{TITLE}{name}{TITLE:#}: {} messages are the same, then they part", difference.same);
    for (side, style, recording, place) in [("A", ONE, a, &first.a), ("B", OTHER, b, &first.b)] {
        let mut ladder = Ladder::of(recording);
        if let Some(place) = place {
            ladder.mark(&place.message, &format!("≠{side}"));
        }
        let _ = writeln!(text, "\n{style}{side}{style:#}");
        text.push_str(&ladder.render(width));
    }
    let _ = writeln!(text, "\nFirst divergence: {}", headline(first));
    for part in &first.parts {
        text.push_str(&terminal::wrap(&part.words(), "     ", width));
    }
    if !difference.others.is_empty() {
        let _ = writeln!(text, "\nWhat else differs");
        for other in &difference.others {
            text.push_str(&terminal::wrap(other, "     ", width));
        }
    }
    text.push('\n');
}

/// Where two sessions part, in a sentence.
fn headline(first: &Divergence) -> String {
    let side = |place: &Place| format!("{} ({})", place.text, place.message);
    match (&first.a, &first.b) {
        (Some(a), Some(b)) if !first.parts.is_empty() => {
            format!("the same message with other parts: A {}, B {}", side(a), side(b))
        }
        (Some(a), Some(b)) => format!("another message: A {}, B {}", side(a), side(b)),
        (Some(a), None) => format!("A goes on: {}", side(a)),
        (None, Some(b)) => format!("B goes on: {}", side(b)),
        (None, None) => "nothing".to_owned(),
    }
}
