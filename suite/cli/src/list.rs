//! `wsrm list`: the requirements.

use std::fmt::Write as _;
use std::io::Write as _;

use anstyle::{AnsiColor, Style};
use clap::Args;
use wsrm_oracle::{Catalogue, Level, Requirement};

use crate::choice::RequirementChoice;
use crate::exit::Exit;
use crate::{explain, terminal};

/// List the requirements that a stack is held to
///
/// Every requirement of reliable messaging as WCF speaks it: its level, the role that it judges, its id and its text.
/// Selections of the same kind add up, those of different kinds must all hold.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct Arguments {
    #[command(flatten)]
    choice: RequirementChoice,

    /// Those with this word in the id, the text or the sources, in any letter case
    #[arg(long, value_name = "WORD")]
    text: Option<String>,

    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

const HELP: &str = "\
Examples:
  wsrm list                                all of them
  wsrm list --level must --role source     what the standard demands of a client
  wsrm list --level wcf                    where a WCF peer breaks although the standard is kept
  wsrm list --family ack --family close    two families
  wsrm list --text Final                   by a word
  wsrm list --json | jq -r '.requirements[] | select(.judged | not) | .id'
  wsrm explain create.acks-to              one of them whole

This lists what a stack is held to; `wsrm judge` says what a recording keeps of it, `wsrm test` what a live service does.

JSON: { \"total\", \"requirements\": [ as in `wsrm explain --json ID` ] }

Exit codes:
  0  some are listed
  1  none has this word
  2  there is no such level, role, family or id, or no requirement is of all that is asked for";

const TITLE: Style = Style::new().bold();
const NAME: Style = AnsiColor::Cyan.on_default();
const FAINT: Style = Style::new().dimmed();

/// Lines longer than this are hard to read, however wide the terminal is.
const WIDEST: usize = 110;

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let catalogue = match Catalogue::load() {
        Ok(catalogue) => catalogue,
        Err(error) => {
            anstream::eprintln!("wsrm list: {error}");
            return Exit::Internal;
        }
    };
    let selection = match arguments.choice.of_all(&catalogue) {
        Ok(selection) => selection,
        Err(error) => {
            anstream::eprintln!("wsrm list: {error}");
            return Exit::Usage;
        }
    };
    let chosen: Vec<_> = catalogue
        .requirements()
        .iter()
        .map(AsRef::as_ref)
        .filter(|own: &&Requirement| selection.lists(own))
        .filter(|own| arguments.text.as_ref().is_none_or(|word| mentions(own, word)))
        .collect();
    let total = catalogue.requirements().len();
    let output = if arguments.json { json(&chosen, total) } else { page(&chosen, total, terminal::width()) };
    // A reader that closes the pipe has seen enough.
    let _ = anstream::stdout().write_all(output.as_bytes());
    if chosen.is_empty() { Exit::Found } else { Exit::Success }
}

fn mentions(own: &Requirement, word: &str) -> bool {
    let word = word.to_lowercase();
    let sources = own.sources.iter().map(ToString::to_string);
    let mut texts = [own.id.clone(), own.text.clone()].into_iter().chain(sources);
    texts.any(|text| text.to_lowercase().contains(&word))
}

fn json(chosen: &[&Requirement], total: usize) -> String {
    let requirements: Vec<_> = chosen.iter().map(|own| explain::requirement_json(own)).collect();
    let value = serde_json::json!({ "total": total, "requirements": requirements });
    serde_json::to_string_pretty(&value).unwrap_or_default() + "\n"
}

fn page(chosen: &[&Requirement], total: usize, width: usize) -> String {
    if chosen.is_empty() {
        return format!("None of {total} requirements is as asked\n");
    }
    let width = width.clamp(40, WIDEST);
    let mut text = String::new();
    let mut family = "";
    for own in chosen {
        if own.family() != family {
            let apart = if family.is_empty() { "" } else { "\n" };
            family = own.family();
            let count = chosen.iter().filter(|other| other.family() == family).count();
            let _ = writeln!(text, "{apart}{TITLE}{family}{TITLE:#} {FAINT}({count}){FAINT:#}");
        }
        let judged = if own.is_judged() { "" } else { ", not judged" };
        let _ = writeln!(text, "  {NAME}{}{NAME:#}  {}, {}{judged}", own.id, own.level, own.role);
        text.push_str(&terminal::wrap(&own.text, "      ", width));
    }
    let counts = Level::ALL.map(|level| {
        let count = chosen.iter().filter(|own| own.level == level).count();
        format!("{count} {level}")
    });
    let _ = writeln!(text, "\n{} of {total} requirements: {}", chosen.len(), counts.join(", "));
    let unjudged = chosen.iter().filter(|own| !own.is_judged()).count();
    if unjudged > 0 {
        let _ = writeln!(
            text,
            "{unjudged} of them cannot be judged from the messages; `wsrm explain ID` says why"
        );
    }
    text
}
