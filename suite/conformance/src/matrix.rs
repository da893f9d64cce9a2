//! The interoperability matrix: every source against every destination, in each RM version, in each scenario.
//!
//! A [`Cell`] is one session between two peers with a proxy between them that does harm by the rules of the scenario.
//! What its applications saw and what went over the wire are an [`Observed`]; [`CellReport::of`] makes the verdict of
//! it: works, fails and who is to blame, or does not apply. A [`Matrix`] is all reports, as Markdown and as a web page.
//! Nothing here starts a peer.

mod blame;
mod html;
mod markdown;
mod outcome;
mod scenario;

use std::time::Duration;

use wsrm_oracle::{Catalogue, Party};
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion, WireProfile};

pub use blame::Blame;
pub use markdown::{Drift, MarkdownError, Table};
pub use outcome::{At, Failure, Observed, Outcome, Remark};
pub use scenario::{Chance, Scenario, ScenarioError, Scenarios};

use crate::judgement::{Judgement, Selection};
use crate::peer::Form;
use crate::recording::Recording;

/// One session that is to be held.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cell {
    /// The peer that is the client.
    pub source: String,
    /// The peer that is the service.
    pub destination: String,
    /// The version of reliable messaging.
    pub rm: RmVersion,
    /// The name of the scenario.
    pub scenario: String,
}

/// What came of a cell.
#[derive(Debug, Clone)]
pub struct CellReport {
    /// Which.
    pub cell: Cell,
    /// In a word.
    pub outcome: Outcome,
    /// Why, where it failed and a finding says so.
    pub blame: Option<Blame>,
    /// What the client printed.
    pub client: Vec<String>,
    /// What the service printed in this session.
    pub service: Vec<String>,
    /// The judged messages.
    pub judgement: Option<Judgement>,
    /// How long it took.
    pub took: Duration,
}

/// A peer as the matrix has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// The name of its folder.
    pub id: String,
    /// The stack with its version.
    pub title: String,
    /// Whether it does as WCF does, so that what WCF is known to do is no fault of it.
    pub is_as_wcf: bool,
    /// Why it takes no part.
    pub skipped: Option<String>,
}

/// All that came of a run.
#[derive(Debug, Clone)]
pub struct Matrix {
    /// The peers, those that are skipped too.
    pub participants: Vec<Participant>,
    /// The scenarios, in their order.
    pub scenarios: Vec<Scenario>,
    /// The cells that chance decides.
    pub chances: Vec<Chance>,
    /// The cells, in their order.
    pub reports: Vec<CellReport>,
}

impl Cell {
    /// Both peers, the scenario and the version: `gsoap → cxf, echo, RM 1.1`.
    pub fn title(&self) -> String {
        format!("{} → {}, {}, RM {}", self.source, self.destination, self.scenario, rm_name(self.rm))
    }

    /// A name that fits into a path.
    pub fn name(&self) -> String {
        let rm = rm_name(self.rm).replace('.', "");
        format!("{}--{}--{}-rm{rm}", self.source, self.destination, self.scenario)
    }

    /// The form of its session.
    pub const fn form(&self, scenario: &Scenario) -> Form {
        let (soap, addressing) = match scenario.framing {
            Some(framing) => framing,
            None => (SoapVersion::Soap12, AddressingVersion::Addressing10),
        };
        Form { profile: WireProfile { soap, addressing, rm: self.rm }, contract: scenario.contract }
    }
}

impl CellReport {
    /// The verdict over what was observed.
    pub fn of(
        cell: Cell,
        scenario: &Scenario,
        observed: Observed,
        as_wcf: &[Party],
        catalogue: &Catalogue,
    ) -> Self {
        let outcome = observed.outcome(scenario);
        let judgement = observed.recording.as_ref().map(|recording: &Recording| {
            Judgement::of_session(recording, cell.title(), catalogue, &Selection::default(), as_wcf)
        });
        let blame = match (&outcome, &judgement, &observed.recording) {
            (Outcome::Fails(failure), Some(judgement), Some(recording)) => {
                Blame::find(judgement, recording, failure.at)
            }
            _ => None,
        };
        let Observed { client, service, took, .. } = observed;
        Self { cell, outcome, blame, client, service, judgement, took }
    }

    /// A cell whose session was not held.
    pub fn without_session(cell: Cell, outcome: Outcome) -> Self {
        let (client, service) = (Vec::new(), Vec::new());
        Self { cell, outcome, blame: None, client, service, judgement: None, took: Duration::ZERO }
    }
}

impl Matrix {
    /// How many cells work, fail, do not apply.
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |wanted: fn(&Outcome) -> bool| {
            self.reports.iter().filter(|report| wanted(&report.outcome)).count()
        };
        let works = count(|outcome| matches!(outcome, Outcome::Works(_)));
        let fails = count(|outcome| matches!(outcome, Outcome::Fails(_)));
        (works, fails, self.reports.len() - works - fails)
    }

    /// The scenarios that were held, in their order.
    pub fn held(&self) -> impl Iterator<Item = &Scenario> {
        self.scenarios
            .iter()
            .filter(|scenario| self.reports.iter().any(|report| report.cell.scenario == scenario.name))
    }

    /// The peers that take part as `role`, in their order.
    fn ids(&self, role: fn(&Cell) -> &String) -> Vec<&Participant> {
        let takes_part = |id: &String| self.reports.iter().any(|report| role(&report.cell) == id);
        self.participants.iter().filter(|participant| takes_part(&participant.id)).collect()
    }

    fn versions(&self) -> Vec<RmVersion> {
        let has = |rm: &RmVersion| self.reports.iter().any(|report| report.cell.rm == *rm);
        [RmVersion::February2005, RmVersion::V200702].into_iter().filter(has).collect()
    }
}

const fn rm_name(rm: RmVersion) -> &'static str {
    match rm {
        RmVersion::February2005 => "1.0",
        RmVersion::V200702 => "1.1",
    }
}

#[cfg(test)]
mod tests;
