//! Which exchange belongs to which session, when a capture holds many.

use std::collections::HashMap;

use super::Captured;
use super::facts::Part;

/// How many sessions on either side are looked at for one that a message without identifiers belongs to.
const NEIGHBOURS: usize = 1000;

/// The captured exchanges of one session, in their order.
pub(super) type Group = Vec<Captured>;

/// Sets of exchanges that name the same sequences or answer each other.
struct Sets {
    parents: Vec<usize>,
}

impl Sets {
    fn new(count: usize) -> Self {
        Self { parents: (0..count).collect() }
    }

    fn root(&mut self, mut place: usize) -> usize {
        while let Some(parent) = self.parents.get(place).copied().filter(|parent| *parent != place) {
            let grandparent = self.parents.get(parent).copied().unwrap_or(parent);
            if let Some(slot) = self.parents.get_mut(place) {
                *slot = grandparent;
            }
            place = grandparent;
        }
        place
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        let (first, later) = (one.min(other), one.max(other));
        if let Some(slot) = self.parents.get_mut(later) {
            *slot = first;
        }
    }
}

/// Divides exchanges, which are in their order, into the sessions they belong to, and those that belong to none.
pub(super) fn divide(exchanges: Vec<Captured>) -> (Vec<Group>, Vec<Captured>) {
    let mut sets = Sets::new(exchanges.len());
    let mut keys = HashMap::new();
    for (place, exchange) in exchanges.iter().enumerate() {
        for facts in exchange.facts() {
            let ids = [&facts.message_id, &facts.relates_to].into_iter().flatten();
            let keyed =
                facts.identifiers.iter().map(|id| ("sequence", id)).chain(ids.map(|id| ("message", id)));
            for key in keyed {
                let first = *keys.entry(key).or_insert(place);
                sets.join(first, place);
            }
        }
    }
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); exchanges.len()];
    for place in 0..exchanges.len() {
        let root = sets.root(place);
        if let Some(list) = members.get_mut(root) {
            list.push(place);
        }
    }
    let components: Vec<Component> = members
        .into_iter()
        .filter(|places| !places.is_empty())
        .map(|places| Component::new(places, &exchanges))
        .collect();
    gather(adopt(components), exchanges)
}

/// Exchanges that hang together, and what they are.
struct Component {
    places: Vec<usize>,
    /// The first of the places, before others were added.
    first: usize,
    is_reliable: bool,
    has_identifier: bool,
    has_opening: bool,
    to: Option<String>,
}

impl Component {
    fn new(places: Vec<usize>, exchanges: &[Captured]) -> Self {
        let all = || places.iter().filter_map(|place| exchanges.get(*place)).flat_map(Captured::facts);
        let is_reliable = all().any(|facts| facts.is_reliable);
        let has_identifier = all().any(|facts| !facts.identifiers.is_empty());
        let has_opening = all().any(|facts| facts.part == Part::CreateSequence);
        let to = all().find_map(|facts| facts.to.clone());
        let first = places.first().copied().unwrap_or_default();
        Self { places, first, is_reliable, has_identifier, has_opening, to }
    }

    fn is_for(&self, other: &Self) -> bool {
        self.to.is_none() || other.to.is_none() || self.to == other.to
    }
}

/// Gives protocol messages that name no sequence, because their bodies were not logged or nobody answered, to the
/// session next to them at the same address: what opens to the next that has no opening, all else to the one before.
fn adopt(components: Vec<Component>) -> Vec<Component> {
    let (mut sessions, orphans): (Vec<_>, Vec<_>) =
        components.into_iter().partition(|component| component.has_identifier || !component.is_reliable);
    let mut alone: Vec<Component> = Vec::new();
    for orphan in orphans {
        let fits = |session: &&mut Component| session.is_reliable && orphan.is_for(session);
        let middle = sessions.partition_point(|session| session.first <= orphan.first);
        let (before, behind) = sessions.split_at_mut(middle);
        let home = if orphan.has_opening {
            behind.iter_mut().take(NEIGHBOURS).filter(fits).find(|session| !session.has_opening)
        } else {
            before.iter_mut().rev().take(NEIGHBOURS).find(fits)
        };
        match home {
            Some(home) => {
                home.places.extend(orphan.places);
                home.has_opening |= orphan.has_opening;
            }
            None => match alone.iter_mut().rev().take(NEIGHBOURS).find(|other| orphan.is_for(other)) {
                Some(other) => other.places.extend(orphan.places),
                None => alone.push(orphan),
            },
        }
    }
    sessions.extend(alone);
    for session in &mut sessions {
        session.places.sort_unstable();
    }
    sessions.sort_by_key(|session| session.places.first().copied());
    sessions
}

fn gather(components: Vec<Component>, exchanges: Vec<Captured>) -> (Vec<Group>, Vec<Captured>) {
    let mut slots: Vec<Option<Captured>> = exchanges.into_iter().map(Some).collect();
    let mut groups = Vec::new();
    let mut unrelated = Vec::new();
    for component in components {
        let taken: Group = component
            .places
            .iter()
            .filter_map(|place| slots.get_mut(*place).and_then(Option::take))
            .collect();
        if component.is_reliable { groups.push(taken) } else { unrelated.extend(taken) }
    }
    (groups, unrelated)
}
