//! A recording that is edited.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use super::course::Course;
use super::draft::{Draft, Kind};
use crate::catalogue::{Catalogue, Level};
use crate::judge::Judge;
use crate::message::Message;
use crate::monitor::Finding;
use crate::trace::{Half, Observation, Party};

/// A recording with what is judged of it as it is.
#[derive(Debug)]
pub struct Subject {
    /// What the recording is called.
    pub name: String,
    observations: Vec<Arc<Observation>>,
    base: BTreeSet<Claim>,
    /// The messages that can be edited, in order: what each is, and its place among the observations.
    places: Vec<(Kind, usize)>,
    /// The judge as it was before each observation, made when it is wanted.
    judges: Vec<OnceLock<Judge>>,
    fresh: Judge,
    /// Whether both sides are known to keep the rules.
    is_between_wcf: bool,
}

/// A claim against a side: requirement, message, side.
pub(super) type Claim = (String, String, Party);

/// What an edit makes of the verdict.
#[derive(Debug, Default)]
pub(super) struct Difference {
    /// What is found and was not before.
    pub(super) new: Vec<Finding>,
    /// What was found and is no longer.
    pub(super) gone: Vec<Claim>,
}

pub(super) fn claim(finding: &Finding) -> Claim {
    let message = finding.messages.first().map(|name| name.as_str().to_owned());
    (finding.requirement.clone(), message.unwrap_or_default(), finding.party)
}

impl Subject {
    /// A recording by what was seen in it. Only messages of the `sides` are edited: those that are known to keep the
    /// rules.
    pub fn new(
        catalogue: &Catalogue,
        name: impl Into<String>,
        observations: Vec<Observation>,
        sides: &[Party],
    ) -> Self {
        let observations: Vec<Arc<Observation>> = observations.into_iter().map(Arc::new).collect();
        let fresh = Judge::new(catalogue);
        let mut judge = fresh.clone();
        observations.iter().for_each(|observation| judge.observe(Arc::clone(observation)));
        let places = observations.iter().enumerate().filter_map(|(place, observation)| {
            let may_be_edited = sides.contains(&observation.sender) && observation.half != Half::Copy;
            let http = observation.http().filter(|_| may_be_edited)?;
            std::str::from_utf8(&http.body).ok()?;
            Some((Kind::of(observation), place))
        });
        Self {
            name: name.into(),
            base: judge.finish().findings().map(claim).collect(),
            places: places.collect(),
            judges: observations.iter().map(|_| OnceLock::new()).collect(),
            fresh,
            is_between_wcf: sides.len() == 2,
            observations,
        }
    }

    /// The places of the messages of a kind that can be edited, in order.
    pub(super) fn places(&self, wanted: Kind) -> impl DoubleEndedIterator<Item = usize> + '_ {
        self.places.iter().filter(move |(kind, _)| *kind == wanted).map(|(_, place)| *place)
    }

    /// The places of all messages that can be edited, in order.
    pub(super) fn all_places(&self) -> impl DoubleEndedIterator<Item = usize> + '_ {
        self.places.iter().map(|(_, place)| *place)
    }

    /// The message at this place, to be edited.
    pub(super) fn draft(&self, place: usize) -> Option<Draft<'_>> {
        let http = self.observations.get(place)?.http()?.clone();
        let body = String::from_utf8(http.body.clone()).ok()?;
        Some(Draft { http, body, subject: self, place })
    }

    /// What is known of the message at this place.
    pub(super) fn observation(&self, place: usize) -> Option<&Observation> {
        self.observations.get(place).map(AsRef::as_ref)
    }

    /// Whether both sides are known to keep the rules.
    pub(super) const fn is_between_wcf(&self) -> bool {
        self.is_between_wcf
    }

    /// What was seen, in order.
    pub(super) fn observations(&self) -> &[Arc<Observation>] {
        &self.observations
    }

    /// The other half of the exchange.
    pub(super) fn other_half(&self, place: usize) -> Option<&Observation> {
        let this = self.observations.get(place)?;
        let is_other = |other: &&Arc<Observation>| other.exchange == this.exchange && other.half != this.half;
        self.observations.iter().find(is_other).map(AsRef::as_ref)
    }

    /// The messages before this place, the nearest first.
    pub(super) fn before(&self, place: usize) -> impl Iterator<Item = (&Observation, &Message)> {
        let before = self.observations.get(..place).unwrap_or_default().iter().rev();
        before.filter_map(|observation| Some((observation.as_ref(), observation.soap()?)))
    }

    /// The messages behind this place, the nearest first.
    pub(super) fn after(&self, place: usize) -> impl Iterator<Item = (&Observation, &Message)> {
        let after = self.observations.get(place.saturating_add(1)..).unwrap_or_default().iter();
        after.filter_map(|observation| Some((observation.as_ref(), observation.soap()?)))
    }

    /// Judges the recording with the edited message in its place.
    pub(super) fn judge_edited(&self, draft: Draft<'_>) -> Difference {
        let place = draft.place;
        let Some(before) = self.observations.get(place) else { return Difference::default() };
        let mut judge = self.judge_before(place).clone();
        judge.observe(draft.into_observation(before));
        for observation in self.observations.iter().skip(place + 1) {
            judge.observe(Arc::clone(observation));
        }
        self.difference(judge)
    }

    /// Judges the recording with its messages in another course, from where it parts from what was.
    pub(super) fn judge_course(&self, course: Course<'_>) -> Difference {
        let observations = course.into_observations();
        let pairs = self.observations.iter().zip(&observations);
        let same = pairs.take_while(|(one, other)| Arc::ptr_eq(one, other)).count();
        let same = same.min(self.judges.len().saturating_sub(1));
        let mut judge = self.judge_before(same).clone();
        for observation in observations.into_iter().skip(same) {
            judge.observe(observation);
        }
        self.difference(judge)
    }

    fn difference(&self, judge: Judge) -> Difference {
        let verdict = judge.finish();
        let new = verdict.findings().filter(|finding| !self.base.contains(&claim(finding)));
        let now: BTreeSet<Claim> = verdict.findings().map(claim).collect();
        Difference { new: new.cloned().collect(), gone: self.base.difference(&now).cloned().collect() }
    }

    fn judge_before(&self, place: usize) -> &Judge {
        let Some(kept) = self.judges.get(place) else { return &self.fresh };
        kept.get_or_init(|| {
            let known =
                (0..place).rev().find_map(|earlier| Some((earlier, self.judges.get(earlier)?.get()?)));
            let (from, mut judge) =
                known.map_or((0, self.fresh.clone()), |(from, judge)| (from, judge.clone()));
            let between = self.observations.get(from..place).unwrap_or_default();
            between.iter().for_each(|observation| judge.observe(Arc::clone(observation)));
            judge
        })
    }
}

/// Whether a finding can fail a stack.
pub(super) fn is_failing(finding: &Finding) -> bool {
    matches!(finding.level, Level::Must | Level::Should | Level::Wcf)
}

/// A finding in one line.
pub(super) fn line(finding: &Finding) -> String {
    let messages: Vec<&str> = finding.messages.iter().map(|name| name.as_str()).collect();
    let (level, id, role) = (finding.level, &finding.requirement, finding.role());
    let (expected, seen) = (&finding.expected, &finding.seen);
    format!("{level} {id} [{role}] {}: expected {expected}; seen {seen}", messages.join(" "))
}
