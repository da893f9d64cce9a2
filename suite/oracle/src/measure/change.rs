//! Edits that change nothing.

use super::draft::Draft;
use super::harmless;
use super::score::{Miss, Score};
use super::subject::{Subject, line};
use crate::catalogue::{Catalogue, Level};

/// An edit of one message that changes nothing that matters.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    name: &'static str,
    edit: fn(&mut Draft<'_>) -> Option<()>,
}

/// All harmless changes.
pub fn changes() -> impl Iterator<Item = &'static Change> {
    harmless::CHANGES.iter()
}

impl Change {
    pub(super) const fn new(name: &'static str, edit: fn(&mut Draft<'_>) -> Option<()>) -> Self {
        Self { name, edit }
    }

    /// What it is called, as `other-prefix-for-soap`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Makes the edit in each recording where it makes sense, once: at a different one of its messages in each
    /// recording, so that over the many all kinds of message are changed.
    pub fn make(&self, catalogue: &Catalogue, subjects: &[Subject]) -> Score {
        let mut score = Score::default();
        for (turn, subject) in subjects.iter().enumerate() {
            let mut places: Vec<usize> = subject.all_places().collect();
            let turn = turn.checked_rem(places.len()).unwrap_or(0);
            places.rotate_left(turn);
            let changed = places.into_iter().find_map(|place| {
                let mut draft = subject.draft(place).filter(|draft| !draft.body.is_empty())?;
                (self.edit)(&mut draft).map(|()| draft)
            });
            if let Some(draft) = changed {
                self.judge(catalogue, subject, draft, &mut score);
            }
        }
        score
    }

    fn judge(&self, catalogue: &Catalogue, subject: &Subject, draft: Draft<'_>, score: &mut Score) {
        let Some(observation) = subject.observation(draft.place) else { return };
        let difference = subject.judge_edited(draft);
        score.applied += 1;
        score.found += usize::from(difference.gone.is_empty());
        score.precise += usize::from(difference.new.is_empty());
        let gone = difference.gone.into_iter().map(|(requirement, at, _)| {
            let level = catalogue.find(&requirement).map_or(Level::May, |found| found.level);
            format!("no longer {level} {requirement} at {at}")
        });
        score.misses.extend(difference.new.iter().map(line).chain(gone).map(|what| Miss {
            edit: self.name,
            subject: subject.name.clone(),
            message: observation.name.as_str().to_owned(),
            what,
        }));
    }
}
