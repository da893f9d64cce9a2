//! Recordings of WCF with one edit each: a wound is found there, against that side, and nothing else; a harmless
//! change leaves the verdict as it was.

use std::sync::OnceLock;

use libtest_mimic::{Failed, Trial};
use wsrm_oracle::measure::{Score, Subject, changes, wounds};
use wsrm_oracle::message::Content;
use wsrm_oracle::{Observation, Party, Trace};

use crate::catalogue;
use crate::recording::Recording;

/// The recordings in which a side is WCF, and those that hold the description of a service.
fn subjects() -> &'static [Subject] {
    static ALL: OnceLock<Vec<Subject>> = OnceLock::new();
    ALL.get_or_init(|| {
        let recordings = Recording::all().iter().filter_map(|recording| {
            let trace = Trace::from_exchanges(recording.exchanges.iter().cloned());
            let observations = trace.into_observations();
            let is_document = |seen: &Observation| matches!(seen.content(), Some(Content::Document(_)));
            // What a service says of itself is whole whoever it is.
            let sides = match recording.wcf.as_slice() {
                [] if observations.iter().any(is_document) => &[Party::Responder],
                [] => return None,
                sides => sides,
            };
            Some(Subject::new(catalogue(), recording.name.as_str(), observations, sides))
        });
        recordings.collect()
    })
}

pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    let wounds = wounds().map(|wound| {
        let inflict = || check(&wound.inflict(catalogue(), subjects()), WOUNDS_FOUND);
        Trial::test(format!("wound/{}", wound.name()), inflict)
    });
    let changes = changes().map(|change| {
        let make = || check(&change.make(catalogue(), subjects()), 100);
        Trial::test(format!("harmless/{}", change.name()), make)
    });
    wounds.chain(changes)
}

/// How many of a hundred wounds have to be found.
const WOUNDS_FOUND: usize = 100;

fn check(score: &Score, found: usize) -> Result<(), Failed> {
    if score.applied == 0 {
        return Err("it makes sense in no recording".into());
    }
    if score.found * 100 >= score.applied * found && (found < 100 || score.misses.is_empty()) {
        return Ok(());
    }
    let misses: Vec<String> = score.misses.iter().map(ToString::to_string).collect();
    Err(format!("{score}\n{}", misses.join("\n")).into())
}
