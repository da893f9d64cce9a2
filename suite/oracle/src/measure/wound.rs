//! Edits that break a rule.

use super::course::Course;
use super::draft::{Draft, Kind};
use super::score::{Miss, Score};
use super::subject::{Difference, Subject, is_failing, line};

use crate::catalogue::Catalogue;
use crate::trace::Observation;

/// An edit that breaks one rule: of one message, or of the course of the messages.
#[derive(Debug, Clone, Copy)]
pub struct Wound {
    name: &'static str,
    edit: Edit,
    /// The requirements of which one has to find it.
    fitting: &'static [&'static str],
    /// The requirements that may be found broken as well, at any message: it follows from the edit.
    consequences: &'static [&'static str],
}

#[derive(Debug, Clone, Copy)]
enum Edit {
    /// Of a message of this kind.
    Message(Kind, fn(&mut Draft<'_>) -> Option<()>),
    /// Of what was sent when, at the exchange of a message of this kind: to the message that breaks the rule.
    Course(Kind, fn(&mut Course<'_>) -> Option<Observation>),
}

/// All wounds, by what they are made to.
pub fn wounds() -> impl Iterator<Item = &'static Wound> {
    super::wounds::ALL.into_iter().flatten()
}

pub(super) const fn wound(
    name: &'static str,
    kind: Kind,
    fitting: &'static [&'static str],
    edit: fn(&mut Draft<'_>) -> Option<()>,
) -> Wound {
    Wound { name, edit: Edit::Message(kind, edit), fitting, consequences: &[] }
}

/// An edit of what was sent when, that gives the message which breaks the rule by it.
pub(super) const fn disorder(
    name: &'static str,
    kind: Kind,
    fitting: &'static [&'static str],
    edit: fn(&mut Course<'_>) -> Option<Observation>,
) -> Wound {
    Wound { name, edit: Edit::Course(kind, edit), fitting, consequences: &[] }
}

impl Wound {
    /// What follows from the edit.
    pub(super) const fn then(mut self, consequences: &'static [&'static str]) -> Self {
        self.consequences = consequences;
        self
    }

    /// What it is called, as `close-response-without-final`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The requirements of which one has to find it.
    pub const fn fitting(&self) -> &'static [&'static str] {
        self.fitting
    }

    /// Makes the edit in each recording where it makes sense, once: at the first message that can be wounded so in
    /// one recording, at the last in the next.
    pub fn inflict(&self, catalogue: &Catalogue, subjects: &[Subject]) -> Score {
        let mut score = Score::default();
        for (turn, subject) in subjects.iter().enumerate() {
            let places = subject.places(self.kind());
            let wounded = if turn % 2 == 0 {
                places.into_iter().find_map(|place| self.wounded(subject, place))
            } else {
                places.rev().find_map(|place| self.wounded(subject, place))
            };
            if let Some((observation, difference)) = wounded {
                self.judge(catalogue, subject, &observation, &difference, &mut score);
            }
        }
        score
    }

    const fn kind(&self) -> Kind {
        match self.edit {
            Edit::Message(kind, _) | Edit::Course(kind, _) => kind,
        }
    }

    /// The message at fault, and what the edit at this place makes of the verdict; `None` where it makes no sense.
    fn wounded(&self, subject: &Subject, place: usize) -> Option<(Observation, Difference)> {
        match self.edit {
            Edit::Message(_, edit) => {
                let mut draft = subject.draft(place)?;
                edit(&mut draft)?;
                Some((subject.observation(place)?.clone(), subject.judge_edited(draft)))
            }
            Edit::Course(_, edit) => {
                let mut course = Course::new(subject, place)?;
                let guilty = edit(&mut course)?;
                Some((guilty, subject.judge_course(course)))
            }
        }
    }

    fn judge(
        &self,
        catalogue: &Catalogue,
        subject: &Subject,
        observation: &Observation,
        difference: &Difference,
        score: &mut Score,
    ) {
        let new = &difference.new;
        let is_fitting = |finding: &&crate::monitor::Finding| {
            let is_there = finding.messages.first() == Some(&observation.name);
            is_there
                && finding.party == observation.sender
                && self.fitting.contains(&finding.requirement.as_str())
        };
        let is_found = new.iter().any(|finding| is_fitting(&finding));
        let is_strange = |finding: &&crate::monitor::Finding| {
            is_failing(finding)
                && !is_fitting(finding)
                && !self.consequences.contains(&finding.requirement.as_str())
        };
        let strange: Vec<String> = new.iter().filter(is_strange).map(line).collect();
        debug_assert!(
            self.fitting.iter().chain(self.consequences).all(|id| catalogue.find(id).is_some()),
            "{}",
            self.name
        );
        score.applied += 1;
        score.found += usize::from(is_found);
        score.precise += usize::from(strange.is_empty());
        let not_found = (!is_found).then(|| "not found".to_owned());
        score.misses.extend(not_found.into_iter().chain(strange).map(|what| Miss {
            edit: self.name,
            subject: subject.name.clone(),
            message: observation.name.as_str().to_owned(),
            what,
        }));
    }
}
