//! The second measure: recordings of WCF with one edit each.

use std::path::Path;

use wsrm_conformance::judgement::measured;
use wsrm_conformance::recording::{self, Recording};
use wsrm_oracle::Catalogue;
use wsrm_oracle::measure::{Score, Subject, changes, wounds};

use super::bar;
use crate::side_by_side::side_by_side;

/// What came of wounds and harmless changes.
pub(super) struct Measured {
    pub(super) recordings: usize,
    pub(super) wounds: (usize, Score),
    pub(super) harmless: (usize, Score),
}

/// Measures by the recordings below a folder; `None` where there are none of WCF.
pub(super) fn measure(folder: &Path, catalogue: &Catalogue) -> Option<Measured> {
    let folders = recording::find(folder).ok()?;
    let bar = bar(folders.len(), "recordings read");
    let subjects: Vec<Subject> = side_by_side(&folders, |path| {
        bar.inc(1);
        let recording = Recording::read(path).ok()?;
        let name = path.strip_prefix(folder).unwrap_or(path).display().to_string();
        measured(&recording, name, catalogue)
    })
    .into_iter()
    .flatten()
    .collect();
    bar.finish_and_clear();
    if subjects.is_empty() {
        return None;
    }
    let wounds: Vec<_> = wounds().collect();
    let changes: Vec<_> = changes().collect();
    let bar = self::bar(wounds.len() + changes.len(), "wounds and harmless changes");
    let wounded = side_by_side(&wounds, |wound| {
        let score = wound.inflict(catalogue, &subjects);
        bar.inc(1);
        score
    });
    let changed = side_by_side(&changes, |change| {
        let score = change.make(catalogue, &subjects);
        bar.inc(1);
        score
    });
    bar.finish_and_clear();
    Some(Measured {
        recordings: subjects.len(),
        wounds: (wounds.len(), sum(wounded)),
        harmless: (changes.len(), sum(changed)),
    })
}

fn sum(scores: Vec<Score>) -> Score {
    let mut sum = Score::default();
    scores.into_iter().for_each(|score| sum.add(score));
    sum
}
