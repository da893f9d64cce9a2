//! `wsrm list`: the requirements.

use std::fmt::Write as _;
use std::io::Write as _;

use anstyle::{AnsiColor, Style};
use clap::{Args, ValueEnum};
use wsrm_oracle::{Catalogue, Level, Requirement, Role};

use crate::exit::Exit;
use crate::{explain, terminal};

/// List the requirements that a stack is held to
///
/// Every requirement of reliable messaging as WCF speaks it: its level, the role that it judges, its id and its text.
/// Selections of the same kind add up, those of different kinds must all hold.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct Arguments {
    /// Those of this level; may be given again
    #[arg(long, value_name = "LEVEL")]
    level: Vec<LevelName>,

    /// Those that judge this role
    #[arg(long, value_name = "ROLE")]
    role: Option<RoleName>,

    /// Those of this family (the first word of the id); may be given again
    #[arg(long, value_name = "FAMILY")]
    family: Vec<String>,

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

This lists what a stack is held to; `wsrm judge` says what a recording keeps of it. Verdicts on live stacks come with a
later verb.

JSON: { \"total\", \"requirements\": [ as in `wsrm explain --json ID` ] }

Exit codes:
  0  some are listed
  1  none is as asked
  2  there is no such level, role or family";

/// A level, as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LevelName {
    /// The standard's own MUST
    Must,
    /// The standard's own SHOULD
    Should,
    /// Left open by the standard; a WCF peer breaks
    Wcf,
    /// Both are allowed; WCF does one
    May,
    /// WCF does it so; nothing depends on it
    Observed,
}

/// A role, as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RoleName {
    /// Who sends the messages of a sequence
    Source,
    /// Who receives and acknowledges them
    Destination,
}

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
    let families: Vec<&str> = catalogue.families().collect();
    if let Some(unknown) = arguments.family.iter().find(|family| !families.contains(&family.as_str())) {
        anstream::eprintln!("wsrm list: there is no family `{unknown}`; there are {}", families.join(", "));
        return Exit::Usage;
    }
    let chosen: Vec<_> = catalogue
        .requirements()
        .iter()
        .map(AsRef::as_ref)
        .filter(|own: &&Requirement| arguments.choose(own))
        .collect();
    let total = catalogue.requirements().len();
    let output = if arguments.json { json(&chosen, total) } else { page(&chosen, total, terminal::width()) };
    // A reader that closes the pipe has seen enough.
    let _ = anstream::stdout().write_all(output.as_bytes());
    if chosen.is_empty() { Exit::Found } else { Exit::Success }
}

impl Arguments {
    fn choose(&self, own: &Requirement) -> bool {
        let level = self.level.is_empty() || self.level.iter().any(|level| level.is(own.level));
        let family = self.family.is_empty() || self.family.iter().any(|family| family == own.family());
        let role = match self.role {
            None => true,
            Some(RoleName::Source) => matches!(own.role, Role::Source | Role::Either),
            Some(RoleName::Destination) => matches!(own.role, Role::Destination | Role::Either),
        };
        level && family && role && self.text.as_ref().is_none_or(|word| mentions(own, word))
    }
}

impl LevelName {
    fn is(self, level: Level) -> bool {
        matches!(
            (self, level),
            (Self::Must, Level::Must)
                | (Self::Should, Level::Should)
                | (Self::Wcf, Level::Wcf)
                | (Self::May, Level::May)
                | (Self::Observed, Level::Observed)
        )
    }
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
