//! The answer for people: what it means first, details below.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use wsrm_conformance::exercise::{Broken, Exercise};
use wsrm_conformance::explanation::{Explanation, FoundBy, Kind, Match};
use wsrm_conformance::ladder::Ladder;
use wsrm_oracle::{Level, Requirement};

use super::Outcome;
use super::practice::{Practice, command, conditions};
use crate::terminal::wrap;

const TITLE: Style = Style::new().bold();
const HEADING: Style = AnsiColor::Cyan.on_default();
const FAINT: Style = Style::new().dimmed();

/// Lines longer than this are hard to read, however wide the terminal is.
const WIDEST: usize = 110;

/// The width of a page on a terminal of this width.
pub(super) fn clamped(width: usize) -> usize {
    width.clamp(40, WIDEST)
}

/// Writes what was found.
pub(super) fn write(outcome: &Outcome<'_>, width: usize) -> String {
    let mut page = Page { text: String::new(), width };
    match outcome {
        Outcome::Requirement(requirement, practice) => {
            page.requirement(requirement);
            page.practice(practice);
        }
        Outcome::NoRequirement(near) => {
            page.paragraph("", "There is no requirement of this id.");
            page.names(
                "These are of the same family",
                near.iter().map(|own| (own.id.as_str(), own.text.as_str())),
            );
        }
        Outcome::Answer { answer, provoked, also, words } => page.answer(answer, provoked, also, *words),
        Outcome::NoAnswer(near) => page.no_answer(near),
    }
    page.text
}

struct Page {
    text: String,
    width: usize,
}

impl Page {
    fn paragraph(&mut self, first: &str, text: &str) {
        self.text.push_str(&wrap(text, first, self.width));
    }

    fn title(&mut self, title: &str) {
        let lines = wrap(title, "", self.width);
        let _ = writeln!(self.text, "{TITLE}{}{TITLE:#}", lines.trim_end());
    }

    fn heading(&mut self, heading: &str) {
        let _ = writeln!(self.text, "\n{HEADING}{heading}{HEADING:#}");
    }

    fn faint(&mut self, text: &str) {
        let lines = wrap(text, "", self.width);
        let _ = writeln!(self.text, "{FAINT}{}{FAINT:#}", lines.trim_end());
    }

    /// Names with what they are about, each in one line as far as it goes.
    fn names<'a>(&mut self, heading: &str, names: impl Iterator<Item = (&'a str, &'a str)>) {
        let names: Vec<_> = names.collect();
        let Some(longest) = names.iter().map(|(name, _)| name.chars().count()).max() else {
            return;
        };
        self.heading(heading);
        for (name, about) in names {
            self.paragraph(&format!("  {name:longest$}  "), about);
        }
    }

    fn answer(&mut self, answer: &Match<'_>, provoked: &[Exercise], also: &[Match<'_>], words: bool) {
        let explanation = answer.explanation;
        self.title(&explanation.title);
        if let Some(note) = note(answer, words) {
            self.faint(&note);
        }
        self.text.push('\n');
        self.paragraph("", &explanation.meaning);
        self.causes(explanation);
        self.settings(explanation);
        self.heading("On the wire");
        self.paragraph("  ", &explanation.wire);
        self.lines("Try", explanation.commands.iter().cloned());
        self.exercises(provoked, "provoke");
        let recordings = explanation.recordings.iter().map(|path| format!("fixtures/recordings/{path}"));
        self.lines("Recorded in", recordings);
        let also = also.iter().map(|other| (other.explanation.id.as_str(), other.explanation.title.as_str()));
        self.names("Also in your text (wsrm explain NAME)", also);
    }

    fn causes(&mut self, explanation: &Explanation) {
        let heading = match explanation.kind {
            Kind::Cause => "Usual causes, the likeliest first",
            Kind::Frame | Kind::Consequence => "Usually behind it, the likeliest first",
        };
        self.heading(heading);
        for (index, cause) in explanation.causes.iter().enumerate() {
            self.paragraph(&format!("  {}. ", index + 1), cause);
        }
    }

    fn settings(&mut self, explanation: &Explanation) {
        if explanation.settings.is_empty() {
            return;
        }
        self.heading("Settings to look at");
        for look in &explanation.settings {
            let setting = &look.setting;
            // The style goes in once the lines are broken: it takes no room.
            let lines = wrap(&format!("{}: {}", setting.name, look.advice), "  ", self.width);
            let styled = format!("{TITLE}{}{TITLE:#}", setting.name);
            self.text.push_str(&lines.replacen(&setting.name, &styled, 1));
            let about =
                wrap(&format!("default: {}; in {}", setting.default, setting.place), "      ", self.width);
            let _ = writeln!(self.text, "{FAINT}{}{FAINT:#}", about.trim_end());
        }
    }

    /// Lines that are not broken: they are meant to be copied.
    fn lines(&mut self, heading: &str, lines: impl Iterator<Item = String>) {
        let mut lines = lines.peekable();
        if lines.peek().is_none() {
            return;
        }
        self.heading(heading);
        for line in lines {
            let _ = writeln!(self.text, "  {line}");
        }
    }

    fn no_answer(&mut self, near: &[&Explanation]) {
        self.title("Nothing is known of this text");
        self.text.push('\n');
        self.paragraph(
            "",
            "Texts are matched in English, whole or from four words on. If yours is in another language, give the \
             fault code (wsrm:SequenceTerminated ...) or the type of the exception (ProtocolException ...) instead; a \
             WCF process with the culture en-US says the same in English.",
        );
        let near = near.iter().map(|explanation| (explanation.id.as_str(), explanation.title.as_str()));
        self.names("Nearest to it (wsrm explain NAME)", near);
    }

    fn requirement(&mut self, requirement: &Requirement) {
        self.title(&requirement.text);
        self.faint(&format!("{}, judges {}", requirement.id, super::json::judges(requirement.role)));
        let level = format!("{}: {}", requirement.level, meaning(requirement.level));
        self.section("Level", &level);
        if let Some(consequence) = &requirement.consequence {
            self.section("If it is not kept", consequence);
        }
        self.section("Holds for", &super::json::holds_for(requirement));
        if let Some(erratum) = &requirement.erratum {
            self.section("Where WCF itself does otherwise", erratum);
        }
        match &requirement.unjudged {
            Some(reason) => self.section("Not judged", reason),
            None => self.section("Judged", "from the messages alone, in every trace"),
        }
        self.lines("Sources", requirement.sources.iter().map(ToString::to_string));
    }

    fn practice(&mut self, practice: &Practice) {
        self.exercises(&practice.exercises, "exercise");
        for why in &practice.reasons {
            self.section("No case exercises it", why);
        }
        let mutants = practice.mutants.iter().map(|mutant| {
            let cases = mutant.provoked_by.join(", ");
            (mutant.name, format!("a {}: {} Shows in {cases}.", mutant.role.word(), mutant.about))
        });
        let mutants: Vec<_> = mutants.collect();
        let mutants = mutants.iter().map(|(name, about)| (*name, about.as_str()));
        self.names("Bugs that break it (wsrm mutants NAME shows one)", mutants);
        if let Some(inherent) = practice.inherent {
            self.section(
                "No bug breaks it",
                &format!("{}. The case {} shows it.", inherent.why, inherent.shown_by),
            );
        }
        if let Some(kept) = &practice.kept {
            self.heading(&format!("Kept, in the case {}", kept.case.name));
            self.ladder(&kept.ladder);
            let whole =
                kept.golden.as_ref().map(|path| format!("; the whole of it: {path}")).unwrap_or_default();
            self.aside(&format!("the reference, {}{whole}", kept.dialect));
        }
        if let Some(broken) = &practice.broken {
            self.broken(broken);
        }
    }

    fn broken(&mut self, broken: &Broken) {
        self.heading(&format!("Broken, by the bug {} in the case {}", broken.mutant.name, broken.case));
        self.ladder(&broken.ladder);
        let finding = &broken.finding;
        let message = finding.messages.first().map_or("", |name| name.as_str());
        let bytes = finding.span.as_ref().map(|span| format!(", bytes {} to {}", span.start, span.end));
        let place = format!("{message}{}", bytes.unwrap_or_default());
        self.paragraph("  ", &format!("{place}: expected {}; seen {}", broken.expected, finding.seen));
        for line in broken.excerpt.iter().flat_map(|excerpt| excerpt.lines()) {
            let _ = writeln!(self.text, "    {FAINT}{line}{FAINT:#}");
        }
        self.aside(&format!("the reference with this bug, {}", broken.dialect));
    }

    /// The cases that do something to it, by the side that they test.
    fn exercises(&mut self, exercises: &[Exercise], verb: &str) {
        for exercise in exercises {
            let told: Vec<_> = exercise.told().collect();
            let which = if exercise.count > told.len() { "; the nearest" } else { "" };
            let (count, side) = (exercise.count, exercise.side.word());
            let (cases, s) = if count == 1 { ("case", "s") } else { ("cases", "") };
            let lines = told.into_iter().map(|case| {
                let conditions = conditions(case);
                let conditions = if conditions.is_empty() { conditions } else { format!(" [{conditions}]") };
                (case.name, format!("{}{conditions}", case.about))
            });
            let lines: Vec<_> = lines.collect();
            let lines = lines.iter().map(|(name, about)| (*name, about.as_str()));
            self.names(&format!("{count} {cases} for a {side} that {verb}{s} it{which}"), lines);
            if let Some(command) = command(exercise) {
                let _ = writeln!(self.text, "  {command}");
            }
        }
    }

    fn ladder(&mut self, ladder: &Ladder) {
        for line in ladder.render(self.width.saturating_sub(2)).lines() {
            let _ = writeln!(self.text, "  {line}");
        }
    }

    fn aside(&mut self, text: &str) {
        let lines = wrap(text, "  ", self.width);
        let _ = writeln!(self.text, "{FAINT}{}{FAINT:#}", lines.trim_end());
    }

    fn section(&mut self, heading: &str, text: &str) {
        self.heading(heading);
        self.paragraph("  ", text);
    }
}

/// What led to the answer, where that is not plain to see.
fn note(answer: &Match<'_>, words: bool) -> Option<String> {
    let id = &answer.explanation.id;
    match &answer.by {
        FoundBy::Code(name) if words => Some(format!(
            "{id}, by the fault code {name} alone: its words are not known here (texts are matched in English)"
        )),
        FoundBy::Exception(name) if words => Some(format!(
            "{id}, by the type {name} alone: its words are not known here (texts are matched in English)"
        )),
        FoundBy::Part => Some(format!("{id}, by a part of the text")),
        FoundBy::Id | FoundBy::Text | FoundBy::Code(_) | FoundBy::Exception(_) => Some(id.clone()),
    }
}

/// What a level means for a user.
pub(super) fn meaning(level: Level) -> &'static str {
    match level {
        Level::Must => "the standard's own MUST, or its schema; a stack that does otherwise fails",
        Level::Should => {
            "the standard's own SHOULD, or what it words as the condition of a fault; it fails too"
        }
        Level::Wcf => {
            "the standard leaves it open, but a real WCF peer faults, hangs, loses a message or repeats without end"
        }
        Level::May => {
            "the standard allows both and WCF does one of them; to do otherwise differs from WCF, no more"
        }
        Level::Observed => {
            "WCF does it so and nothing depends on it; to do otherwise differs from WCF, no more"
        }
    }
}

#[cfg(test)]
mod tests {
    use wsrm_conformance::exercise::Exercises;
    use wsrm_oracle::Catalogue;

    use super::*;

    #[test]
    fn each_judged_requirement_has_its_cases_and_every_bug() {
        let (catalogue, exercises) = (Catalogue::load().unwrap(), Exercises::load().unwrap());
        let mut bugs = 0;
        for requirement in catalogue.requirements().iter().filter(|requirement| requirement.is_judged()) {
            let practice = Practice::known(requirement, &exercises);
            let mut page = Page { text: String::new(), width: WIDEST };
            page.requirement(requirement);
            page.practice(&practice);
            let (id, text) = (&requirement.id, page.text);
            let has_case = text.contains(" that exercise") && text.contains(" --case ");
            assert!(has_case || text.contains("No case exercises it"), "{id}:\n{text}");
            let mutants = wsrm_reference::mutants::all().filter(|mutant| mutant.breaks == id);
            let names: Vec<&str> = mutants.map(|mutant| mutant.name).collect();
            assert!(!names.is_empty() || text.contains("No bug breaks it"), "{id}:\n{text}");
            assert!(names.iter().all(|name| text.contains(&format!("  {name} "))), "{id}:\n{text}");
            bugs += names.len();
        }
        assert_eq!(bugs, wsrm_reference::mutants::all().count());
    }
}
