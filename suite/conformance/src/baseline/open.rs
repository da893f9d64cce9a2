//! Cases that do not come to an end, held against those that are known not to.

use std::collections::{BTreeMap, BTreeSet};

use super::{NO_REASON, Side, Stale, Unfinished};
use crate::entry::{ClientEnd, ClientFacts, Entry, Verdict};

/// What is known, what was seen of it, and what is new.
#[derive(Debug, Clone, Default)]
pub(super) struct Open {
    known: Vec<Place>,
    entries: Vec<Unfinished>,
    /// New ones: their profiles by side and case.
    new: BTreeMap<(Side, String), BTreeSet<String>>,
}

/// A case in a profile, or in any.
#[derive(Debug, Clone)]
struct Place {
    /// Which of the entries names it.
    entry: usize,
    case: String,
    profile: Option<String>,
    was_open: bool,
    was_run: bool,
}

impl Open {
    pub(super) fn new(entries: &[Unfinished]) -> Self {
        let mut known = Vec::new();
        for (entry, unfinished) in entries.iter().enumerate() {
            let mut profiles: Vec<_> = unfinished.profiles.iter().cloned().map(Some).collect();
            if profiles.is_empty() {
                profiles.push(None);
            }
            for case in &unfinished.cases {
                known.extend(profiles.iter().cloned().map(|profile| Place {
                    entry,
                    case: case.clone(),
                    profile,
                    was_open: false,
                    was_run: false,
                }));
            }
        }
        Self { known, entries: entries.to_vec(), new: BTreeMap::new() }
    }

    /// Marks an entry that did not come to its end as known, if it is. Trouble of the suite itself is never known.
    pub(super) fn apply(&mut self, entry: &mut Entry) {
        let (Some(side), Some(dialect)) = (entry.side().map(Side::of), entry.subject.dialect) else { return };
        let profile = dialect.to_string();
        let is_open = match &entry.verdict {
            Verdict::NotApplicable(_) => return,
            Verdict::Pass | Verdict::Fail | Verdict::Known => false,
            Verdict::Inconclusive(_) => true,
            Verdict::HarnessError(_) => {
                let trouble = |client: &ClientFacts| matches!(client.end, ClientEnd::Trouble(_));
                if !entry.client.as_ref().is_some_and(trouble) {
                    return;
                }
                true
            }
        };
        let mut is_known = false;
        for place in &mut self.known {
            let is_of_side = self.entries.get(place.entry).is_some_and(|entry| entry.role == side);
            let is_of_profile = place.profile.as_ref().is_none_or(|own| *own == profile);
            if is_of_side && is_of_profile && place.case == entry.subject.name {
                place.was_run = true;
                place.was_open |= is_open;
                is_known = true;
            }
        }
        if is_open && is_known {
            entry.verdict = Verdict::Known;
        } else if is_open {
            self.new.entry((side, entry.subject.name.clone())).or_default().insert(profile);
        }
    }

    /// Those that come to their end now.
    pub(super) fn stale(&self) -> Vec<Stale> {
        let of_entry = |(index, entry): (usize, &Unfinished)| {
            let gone = self.known.iter().filter(|place| place.entry == index && self.is_stale(place));
            let places: Vec<String> = gone.map(Place::words).collect();
            (!places.is_empty()).then_some(Stale { requirement: None, role: entry.role, places })
        };
        self.entries.iter().enumerate().filter_map(of_entry).collect()
    }

    /// Those that are still there, or were not looked for, and the new ones.
    pub(super) fn into_entries(self) -> Vec<Unfinished> {
        let is_kept = |index: usize, is_it: &dyn Fn(&Place) -> bool| {
            self.known.iter().any(|place| place.entry == index && !self.is_stale(place) && is_it(place))
        };
        let mut entries = Vec::new();
        for (index, known) in self.entries.iter().enumerate() {
            let mut entry = known.clone();
            entry.cases.retain(|case| is_kept(index, &|place| place.case == *case));
            entry.profiles.retain(|own| is_kept(index, &|place| place.profile.as_ref() == Some(own)));
            if !entry.cases.is_empty() {
                entries.push(entry);
            }
        }
        entries.extend(self.new.iter().map(|((role, case), profiles)| Unfinished {
            role: *role,
            cases: vec![case.clone()],
            profiles: profiles.iter().cloned().collect(),
            sometimes: false,
            reason: NO_REASON.to_owned(),
        }));
        entries
    }

    fn is_stale(&self, place: &Place) -> bool {
        let is_steady = self.entries.get(place.entry).is_some_and(|entry| !entry.sometimes);
        is_steady && place.was_run && !place.was_open
    }
}

impl Place {
    fn words(&self) -> String {
        match &self.profile {
            Some(profile) => format!("{} ({profile})", self.case),
            None => self.case.clone(),
        }
    }
}
