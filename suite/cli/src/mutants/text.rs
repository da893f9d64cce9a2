//! The measure for people.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use wsrm_conformance::mutation::{self, Trial};
use wsrm_oracle::measure::Score;
use wsrm_reference::mutants::Mutant;

use super::{Arguments, Coverage, Outcome};
use crate::terminal::wrap;

const TITLE: Style = Style::new().bold();
const NAME: Style = AnsiColor::Cyan.on_default();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const FAINT: Style = Style::new().dimmed();

/// Lines longer than this are hard to read, however wide the terminal is.
const WIDEST: usize = 110;

/// The mutants by family, with what each breaks.
pub(super) fn list(chosen: &[&Mutant], width: usize) -> String {
    let width = width.clamp(40, WIDEST);
    let mut text = String::new();
    let mut family = "";
    let mut sorted = chosen.to_vec();
    sorted.sort_by_key(|mutant| (mutant.family(), mutant.role.word(), mutant.name));
    for mutant in sorted {
        if mutant.family() != family {
            let apart = if family.is_empty() { "" } else { "\n" };
            family = mutant.family();
            let _ = writeln!(text, "{apart}{TITLE}{family}{TITLE:#}");
        }
        let (name, breaks, role) = (mutant.name, mutant.breaks, mutant.role.word());
        let _ = writeln!(text, "  {NAME}{name}{NAME:#}  {FAINT}a {role} breaks {breaks}{FAINT:#}");
        text.push_str(&wrap(mutant.about, "      ", width));
    }
    let _ = writeln!(text, "\n{} mutants; `wsrm mutants NAME` tries one and shows it", chosen.len());
    text
}

/// One mutant, whole.
pub(super) fn single(trial: &Trial, width: usize) -> String {
    let mutant = trial.mutant;
    let mut text = format!("{TITLE}{}{TITLE:#} {FAINT}(a {}){FAINT:#}\n", mutant.name, mutant.role.word());
    text.push_str(&wrap(mutant.about, "  ", width.clamp(40, WIDEST)));
    match &trial.outcome {
        mutation::Outcome::Killed(kill) => {
            let _ = writeln!(
                text,
                "{GOOD}killed{GOOD:#} by {} in the case {}, {}\n",
                mutant.breaks,
                kill.report.case.name,
                kill.report.target.dialect()
            );
            text.push_str(&kill.report.judgement.render(width));
        }
        mutation::Outcome::Survived(_) => text.push_str(&survivor(trial)),
    }
    text
}

/// All that were tried: the survivors and the score.
pub(super) fn write(outcome: &Outcome<'_>, arguments: &Arguments, width: usize) -> String {
    let width = width.clamp(40, WIDEST);
    let mut text = String::new();
    for trial in outcome.trials.iter().filter(|trial| trial.kill().is_none()) {
        text.push_str(&survivor(trial));
    }
    let (killed, tried) = (outcome.killed(), outcome.trials.len());
    let style = if killed == tried { GOOD } else { BAD };
    let precise = outcome.trials.iter().filter(|trial| trial.kill().is_some() && trial.others().is_empty());
    let first = format!(
        "{style}{killed} of {tried} mutants killed{style:#}, each by the requirement that it breaks; {} of them by \
         nothing else",
        precise.count()
    );
    text.push_str(&first);
    text.push('\n');
    if let Some(coverage) = &outcome.coverage {
        text.push_str(&covered(coverage, width));
    }
    match (&outcome.measured, &outcome.coverage) {
        (Some(measured), _) => {
            let _ = writeln!(text, "{} recordings of WCF, with one edit each:", measured.recordings);
            let (kinds, score) = &measured.wounds;
            let Score { applied, found, precise, .. } = score;
            let _ = writeln!(
                text,
                "  {kinds} wounds: {found} of {applied} found at that message, against that side; {precise} of them \
                 without another claim"
            );
            let (kinds, score) = &measured.harmless;
            let Score { applied, precise, .. } = score;
            let _ = writeln!(
                text,
                "  {kinds} harmless changes: {precise} of {applied} left the verdict as it was"
            );
        }
        (None, Some(_)) if !arguments.no_recordings => {
            let why = format!(
                "no recordings of WCF in {}: wounds and harmless changes were not measured (--recordings DIR says \
                 where they are)",
                arguments.recordings.display()
            );
            text.push_str(&wrap(&why, "", width));
        }
        (None, _) => {}
    }
    text
}

fn survivor(trial: &Trial) -> String {
    let mutant = trial.mutant;
    let mut text =
        format!("{BAD}survived{BAD:#} {NAME}{}{NAME:#}, which breaks {}\n", mutant.name, mutant.breaks);
    if let mutation::Outcome::Survived(survivals) = &trial.outcome {
        for survival in survivals {
            let _ = writeln!(text, "  {}: {}", survival.case, survival.why);
        }
    }
    text
}

fn covered(coverage: &Coverage<'_>, width: usize) -> String {
    let mut text = format!(
        "{} of {} judged requirements have a mutant\n",
        coverage.judged - coverage.without.len(),
        coverage.judged
    );
    for (requirement, why) in &coverage.without {
        let why = why.unwrap_or("it has none yet");
        text.push_str(&wrap(&format!("{}: {why}", requirement.id), "  ", width));
    }
    text
}
