//! Which sessions are held.

use wsrm_conformance::matrix::{Cell, Chance, Participant, Scenario, Scenarios};
use wsrm_conformance::peer::{Manifest, PeerRole};
use wsrm_wire::RmVersion;

use super::Arguments;
use crate::binding::Rm;
use crate::exit::Exit;
use crate::peer::presence::Presence;
use crate::peer::{Peer, Refusal};

/// The sessions, and who holds them.
#[derive(Debug)]
pub(super) struct Plan {
    /// The peers that are there.
    pub(super) peers: Vec<Peer>,
    /// All peers.
    pub(super) participants: Vec<Participant>,
    /// All scenarios.
    pub(super) scenarios: Vec<Scenario>,
    /// The cells that chance decides.
    pub(super) chances: Vec<Chance>,
    /// The sessions, in the order of the table.
    pub(super) cells: Vec<Cell>,
}

impl Plan {
    pub(super) fn of(arguments: &Arguments) -> Result<Self, Refusal> {
        let all = arguments.folder.peers()?;
        let folder = arguments.folder.folder()?;
        let Scenarios { scenarios, chances } = Scenarios::read(&folder).map_err(|error| {
            Refusal::usage(format!("{}: {error}", folder.join(Scenarios::FILE).display()))
        })?;
        known("--source", &arguments.source, all.iter().map(|peer| peer.manifest.id.as_str()))?;
        known("--destination", &arguments.destination, all.iter().map(|peer| peer.manifest.id.as_str()))?;
        known("--with", &arguments.with, all.iter().map(|peer| peer.manifest.id.as_str()))?;
        known("--scenario", &arguments.scenario, scenarios.iter().map(|scenario| scenario.name.as_str()))?;
        let is_wanted = |names: &[String], name: &str| names.is_empty() || names.iter().any(|n| n == name);
        let participants: Vec<Participant> = all.iter().map(participant).collect();
        let is_there = |peer: &Peer| {
            participants.iter().any(|other| other.id == peer.manifest.id && other.skipped.is_none())
        };
        let peers: Vec<Peer> = all.into_iter().filter(is_there).collect();
        if peers.is_empty() {
            return Err(Refusal::new(Exit::Unreachable, "no peer is installed; wsrm peer list says why"));
        }
        let playing = |role, names: &[String]| -> Vec<&Manifest> {
            let manifests = peers.iter().map(|peer| &peer.manifest);
            manifests
                .filter(|manifest| !manifest.speaks(role).is_empty() && is_wanted(names, &manifest.id))
                .collect()
        };
        let mut cells = Vec::new();
        for rm in [RmVersion::February2005, RmVersion::V200702] {
            if arguments.rm.is_some_and(|Rm(wanted)| wanted != rm) {
                continue;
            }
            for destination in playing(PeerRole::Service, &arguments.destination) {
                for source in playing(PeerRole::Client, &arguments.source) {
                    let takes_part =
                        [&source.id, &destination.id].into_iter().any(|id| arguments.with.contains(id));
                    if !arguments.with.is_empty() && !takes_part {
                        continue;
                    }
                    let wanted =
                        scenarios.iter().filter(|scenario| is_wanted(&arguments.scenario, &scenario.name));
                    cells.extend(wanted.map(|scenario| Cell {
                        source: source.id.clone(),
                        destination: destination.id.clone(),
                        rm,
                        scenario: scenario.name.clone(),
                    }));
                }
            }
        }
        Ok(Self { participants, scenarios, chances, cells, peers })
    }

    pub(super) fn peer(&self, id: &str) -> Option<&Peer> {
        self.peers.iter().find(|peer| peer.manifest.id == id)
    }

    pub(super) fn scenario(&self, name: &str) -> Option<&Scenario> {
        self.scenarios.iter().find(|scenario| scenario.name == name)
    }
}

fn participant(peer: &Peer) -> Participant {
    let presence = Presence::of(peer);
    let id = peer.manifest.id.clone();
    Participant {
        title: peer.manifest.title(),
        is_as_wcf: matches!(id.as_str(), "reference" | "wcf"),
        skipped: (presence != Presence::Ready).then(|| presence.to_string()),
        id,
    }
}

fn known<'a>(
    option: &str,
    names: &[String],
    all: impl Iterator<Item = &'a str> + Clone,
) -> Result<(), Refusal> {
    match names.iter().find(|name| !all.clone().any(|known| known == *name)) {
        None => Ok(()),
        Some(unknown) => {
            let all: Vec<&str> = all.collect();
            Err(Refusal::usage(format!("{option} {unknown}: there is {}", all.join(", "))))
        }
    }
}
