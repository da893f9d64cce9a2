//! A run held against a baseline.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use serde::Serialize;
use wsrm_oracle::{Catalogue, Finding, Role};

use super::open::Open;
use super::{Baseline, Deviation, NO_REASON, Side, ends_with};
use crate::entry::{Entry, Subject, Verdict};
use crate::judgement::{Judged, Known, Selection, Standing};

/// Holds the entries of a run against a baseline, one after the other.
#[derive(Debug, Clone)]
pub struct Comparison {
    followed: Vec<Followed>,
    open: Open,
    known: usize,
    new: BTreeMap<(String, Side), Discovery>,
}

/// What differs from a baseline.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// How many requirements in how many entries are known not to be kept.
    pub known: usize,
    /// How many are not kept, and nobody knew.
    pub new: usize,
    /// What is not there any more.
    pub stale: Vec<Stale>,
    /// How many deviations were not looked for, since nothing was run that could show them.
    pub not_looked_for: usize,
    /// How many deviations that come and go did not show this time.
    pub not_this_time: usize,
}

/// A known deviation that is not there any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stale {
    /// The id of the requirement; nothing where cases that did not come to an end now do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requirement: Option<String>,
    /// The side that was at fault.
    pub role: Side,
    /// Where it was; empty, if anywhere.
    pub places: Vec<String>,
}

/// A deviation, and what was seen of it.
#[derive(Debug, Clone)]
struct Followed {
    deviation: Deviation,
    /// Whether the run asks for its requirement and its side.
    is_asked_for: bool,
    slots: Vec<Slot>,
}

/// One place where a deviation shows.
#[derive(Debug, Clone)]
struct Slot {
    /// The case or recording; `None` for any.
    name: Option<Name>,
    profile: Option<String>,
    was_found: bool,
    was_looked_for: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    Case(String),
    Recording(String),
}

/// A deviation that is not in the baseline.
#[derive(Debug, Clone, Default)]
struct Discovery {
    /// The cases that show it, by profile.
    cases: BTreeMap<String, BTreeSet<String>>,
    recordings: BTreeSet<String>,
    clause: String,
    message: String,
}

impl Comparison {
    /// Nothing was run yet. `side` is the one that is looked at, where it is one alone.
    pub fn new(baseline: Baseline, catalogue: &Catalogue, selection: &Selection, side: Option<Role>) -> Self {
        let is_asked_for = |deviation: &Deviation| {
            let role = deviation.role.role();
            let requirement = catalogue.find(&deviation.requirement);
            let is_of_side = side.is_none_or(|side| side == role) && selection.has_role(role);
            is_of_side && requirement.is_some_and(|requirement| selection.has(requirement))
        };
        let open = Open::new(&baseline.unfinished);
        let followed = baseline.deviations.into_iter().map(|deviation| {
            let is_asked_for = is_asked_for(&deviation);
            Followed::new(deviation, is_asked_for)
        });
        Self { followed: followed.collect(), open, known: 0, new: BTreeMap::new() }
    }

    /// Marks what is known of the next entry.
    pub fn apply(&mut self, entry: &mut Entry) {
        let Self { followed, open, known, new } = self;
        open.apply(entry);
        let side = entry.side();
        let is_whole = matches!(entry.verdict, Verdict::Pass | Verdict::Fail | Verdict::Known);
        let Entry { subject, judgement, .. } = entry;
        let profile = subject.dialect.map(|form| form.to_string());
        let short = short(subject);
        let is_of_side = |followed: &&mut Followed| {
            side.is_none_or(|side| side == followed.deviation.role.role()) && followed.is_asked_for
        };
        for followed in followed.iter_mut().filter(is_of_side).filter(|_| is_whole) {
            let mut judged = judgement.requirements.iter_mut();
            let judged = judged.find(|judged| judged.requirement.id == followed.deviation.requirement);
            followed.look(&subject.name, profile.as_deref(), judged);
        }
        for judged in &mut judgement.requirements {
            for role in [Role::Source, Role::Destination] {
                let Some(finding) = failing(judged, role) else { continue };
                if judged.known(role).is_some() {
                    *known += 1;
                    continue;
                }
                let key = (judged.requirement.id.clone(), Side::of(role));
                new.entry(key).or_default().note(&short, profile.as_deref(), finding);
            }
        }
        let is_expected = |judged: &Judged| judged.standing != Standing::Violated || judged.is_known();
        if entry.verdict == Verdict::Fail && judgement.requirements.iter().all(is_expected) {
            entry.verdict = Verdict::Known;
        }
    }

    /// Why a breach in the recording of this name is accepted, where it is.
    pub fn reason(&self, recording: &str, finding: &Finding) -> Option<&str> {
        let found = self.followed.iter().find(|followed| {
            let deviation = &followed.deviation;
            let is_same =
                deviation.requirement == finding.requirement && deviation.role.role() == finding.role();
            is_same && followed.is_asked_for && followed.slots.iter().any(|slot| slot.is_of(recording, None))
        });
        found.map(|followed| followed.deviation.reason.trim())
    }

    /// What differs, when all is run.
    pub fn changes(&self) -> Changes {
        let stale = self.followed.iter().filter_map(Followed::stale).chain(self.open.stale());
        let untouched = self
            .followed
            .iter()
            .filter(|followed| followed.slots.iter().all(|slot| !slot.was_found && !slot.was_looked_for));
        let is_absent = |followed: &&Followed| {
            followed.deviation.sometimes
                && followed.slots.iter().any(|slot| slot.was_looked_for)
                && followed.slots.iter().all(|slot| !slot.was_found)
        };
        let places = |found: &Discovery| {
            found.recordings.len() + found.cases.values().map(BTreeSet::len).sum::<usize>()
        };
        Changes {
            known: self.known,
            new: self.new.values().map(places).sum(),
            stale: stale.collect(),
            not_looked_for: untouched.count(),
            not_this_time: self.followed.iter().filter(is_absent).count(),
        }
    }

    /// The baseline of what was run: what was known and is still there, or was not looked for, and what is new.
    pub fn into_baseline(self) -> Baseline {
        let mut deviations: Vec<Deviation> = self.followed.into_iter().filter_map(Followed::kept).collect();
        for ((requirement, role), found) in self.new {
            deviations.extend(found.into_deviations(&requirement, role));
        }
        Baseline { deviations, unfinished: self.open.into_entries() }
    }
}

/// The name of an entry, as it is written down: of a recording the path from the folder on that was asked for.
fn short(subject: &Subject) -> String {
    let above = Path::new(&subject.group).parent().filter(|_| subject.dialect.is_none());
    let path = above.and_then(|above| Path::new(&subject.name).strip_prefix(above).ok());
    path.map_or_else(|| subject.name.clone(), |path| path.display().to_string())
}

/// What a side is at fault for, if that is a failure.
fn failing(judged: &Judged, role: Role) -> Option<&Finding> {
    let mut findings = judged.findings.iter().filter(|finding| finding.role() == role);
    findings.find(|finding| finding.level.is_failing() && finding.erratum.is_none())
}

impl Followed {
    fn new(deviation: Deviation, is_asked_for: bool) -> Self {
        let cases = deviation.cases.iter().cloned().map(Name::Case);
        let recordings = deviation.recordings.iter().cloned().map(Name::Recording);
        let names: Vec<Option<Name>> = cases.chain(recordings).map(Some).collect();
        let names = if names.is_empty() { vec![None] } else { names };
        let mut slots = Vec::new();
        for name in names {
            let profiles: &[String] = match &name {
                Some(Name::Recording(_)) => &[],
                Some(Name::Case(_)) | None => &deviation.profiles,
            };
            let slot =
                |profile| Slot { name: name.clone(), profile, was_found: false, was_looked_for: false };
            slots.extend(profiles.iter().cloned().map(Some).map(slot));
            if profiles.is_empty() {
                slots.push(slot(None));
            }
        }
        Self { deviation, is_asked_for, slots }
    }

    /// Looks for it in an entry that was run in full.
    fn look(&mut self, name: &str, profile: Option<&str>, judged: Option<&mut Judged>) {
        let role = self.deviation.role.role();
        let is_found = judged
            .as_ref()
            .is_some_and(|judged| judged.findings.iter().any(|finding| finding.role() == role));
        let is_met = judged.as_ref().is_some_and(|judged| judged.standing == Standing::Met);
        let mut is_known = false;
        for slot in self.slots.iter_mut().filter(|slot| slot.is_of(name, profile)) {
            slot.was_found |= is_found;
            // Where it may be anywhere, only what keeps the requirement tells that it is not there.
            slot.was_looked_for |= slot.name.is_some() || is_met;
            is_known = true;
        }
        if let Some(judged) = judged.filter(|_| is_found && is_known) {
            let Deviation { reason, issue, .. } = &self.deviation;
            judged.known.push(Known { role, reason: reason.clone(), issue: issue.clone() });
        }
    }

    fn is_stale(&self, slot: &Slot) -> bool {
        slot.is_gone() && !self.deviation.sometimes
    }

    fn stale(&self) -> Option<Stale> {
        let gone: Vec<&Slot> = self.slots.iter().filter(|slot| self.is_stale(slot)).collect();
        (!gone.is_empty()).then(|| Stale {
            requirement: Some(self.deviation.requirement.clone()),
            role: self.deviation.role,
            places: gone.into_iter().map(ToString::to_string).filter(|place| !place.is_empty()).collect(),
        })
    }

    /// The deviation without what is not there any more.
    fn kept(self) -> Option<Deviation> {
        let kept: Vec<Slot> = self.slots.iter().filter(|slot| !self.is_stale(slot)).cloned().collect();
        let mut deviation = self.deviation;
        let has_name = |name: &Name| kept.iter().any(|slot| slot.name.as_ref() == Some(name));
        let has_profile = |profile: &String| kept.iter().any(|slot| slot.profile.as_ref() == Some(profile));
        deviation.cases.retain(|name| has_name(&Name::Case(name.clone())));
        deviation.recordings.retain(|name| has_name(&Name::Recording(name.clone())));
        deviation.profiles.retain(has_profile);
        (!kept.is_empty()).then_some(deviation)
    }
}

impl Slot {
    fn is_of(&self, name: &str, profile: Option<&str>) -> bool {
        let is_named = match (&self.name, profile) {
            (None, _) => true,
            (Some(Name::Case(case)), Some(_)) => case == name,
            (Some(Name::Recording(path)), None) => ends_with(name, path),
            _ => false,
        };
        is_named && self.profile.as_deref().is_none_or(|own| profile == Some(own))
    }

    /// Whether it is not there, though something was run that could show it.
    const fn is_gone(&self) -> bool {
        self.was_looked_for && !self.was_found
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(Name::Case(name) | Name::Recording(name)) => f.write_str(name)?,
            None => {}
        }
        match (&self.name, &self.profile) {
            (Some(_), Some(profile)) => write!(f, " ({profile})"),
            (None, Some(profile)) => f.write_str(profile),
            _ => Ok(()),
        }
    }
}

impl Discovery {
    fn note(&mut self, name: &str, profile: Option<&str>, finding: &Finding) {
        match profile {
            Some(profile) => {
                self.cases.entry(profile.to_owned()).or_default().insert(name.to_owned());
            }
            None => {
                self.recordings.insert(name.to_owned());
            }
        }
        if self.message.is_empty() {
            let message = finding.messages.first().map(ToString::to_string).unwrap_or_default();
            self.clause.clone_from(&finding.clause);
            self.message = format!("{name}, {message}: expected {}; seen {}", finding.expected, finding.seen);
        }
    }

    /// One for each set of cases: the profiles in which the same cases show it stand together.
    fn into_deviations(self, requirement: &str, role: Side) -> Vec<Deviation> {
        let mut sets: Vec<(BTreeSet<String>, Vec<String>)> = Vec::new();
        for (profile, cases) in self.cases {
            match sets.iter_mut().find(|(set, _)| *set == cases) {
                Some((_, profiles)) => profiles.push(profile),
                None => sets.push((cases, vec![profile])),
            }
        }
        let (clause, message) = (self.clause, self.message);
        let deviation = |cases, recordings, profiles| Deviation {
            requirement: requirement.to_owned(),
            role,
            cases,
            recordings,
            profiles,
            sometimes: false,
            reason: NO_REASON.to_owned(),
            clause: Some(clause.clone()),
            message: Some(message.clone()),
            issue: None,
        };
        let mut deviations: Vec<Deviation> = sets
            .into_iter()
            .map(|(cases, profiles)| deviation(cases.into_iter().collect(), Vec::new(), profiles))
            .collect();
        if !self.recordings.is_empty() {
            deviations.push(deviation(Vec::new(), self.recordings.into_iter().collect(), Vec::new()));
        }
        deviations
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} known, {} new, {} stale", self.known, self.new, self.stale.len())?;
        if self.not_looked_for > 0 {
            write!(f, "; {} not looked for", self.not_looked_for)?;
        }
        if self.not_this_time > 0 {
            write!(f, "; {} that come and go not seen this time", self.not_this_time)?;
        }
        Ok(())
    }
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(requirement) = &self.requirement else {
            let places = self.places.join(", ");
            return write!(f, "{places}: it now comes to its end; take it out of the baseline");
        };
        write!(f, "{requirement}, by the {}", self.role.role())?;
        if !self.places.is_empty() {
            write!(f, ", in {}", self.places.join(", "))?;
        }
        f.write_str(": it was looked for, and is not there any more; take it out of the baseline")
    }
}
