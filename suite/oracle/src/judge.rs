//! All monitors over one trace.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalogue::{Catalogue, Requirement};
use crate::monitor::{Finding, Monitor, Outcome, Scene};
use crate::monitors;
use crate::trace::{ApplicationReport, Observation, Trace};
use crate::view::{View, renamed};

/// Runs every monitor over what is observed.
#[derive(Debug, Clone)]
pub struct Judge {
    view: View,
    monitors: Vec<Monitor>,
    /// All that was observed: what is known in the end may put the beginning in another light.
    observed: Vec<Arc<Observation>>,
}

/// What became of each requirement, in the order of the catalogue.
#[derive(Debug, Clone)]
pub struct Verdict {
    outcomes: Vec<(Arc<Requirement>, Outcome)>,
}

impl Judge {
    /// A judge for all requirements of the catalogue that can be judged.
    pub fn new(catalogue: &Catalogue) -> Self {
        let monitors = catalogue.requirements().iter().filter_map(|requirement| {
            monitors::find(&requirement.id).map(|check| Monitor::new(Arc::clone(requirement), check.run))
        });
        Self { view: View::default(), monitors: monitors.collect(), observed: Vec::new() }
    }

    /// Judges a whole trace.
    pub fn judge(catalogue: &Catalogue, trace: Trace) -> Verdict {
        let mut judge = Self::new(catalogue);
        for observation in trace.into_observations() {
            judge.observe(observation);
        }
        judge.finish()
    }

    /// The ids of the requirements that have a monitor, whatever the catalogue says.
    pub fn monitored() -> impl Iterator<Item = &'static str> {
        monitors::all().map(|check| check.id)
    }

    /// Judges the next thing that was seen.
    pub fn observe(&mut self, observation: impl Into<Arc<Observation>>) {
        let observation = observation.into();
        self.observed.push(Arc::clone(&observation));
        self.judge_next(&observation);
    }

    fn judge_next(&mut self, observation: &Arc<Observation>) {
        let scene = Scene::new(&self.view, observation);
        for monitor in &mut self.monitors {
            monitor.observe(&scene);
        }
        self.view.apply(observation);
    }

    /// The same judge over the same observations, where sequences turned out to have other names than those by which
    /// they were created.
    fn again(self, renamed: BTreeMap<String, String>) -> Self {
        let view = View::with_names(renamed, self.view.application);
        let monitors = self.monitors.iter().map(Monitor::renewed).collect();
        let mut judge = Self { view, monitors, observed: Vec::new() };
        self.observed.iter().for_each(|observation| judge.judge_next(observation));
        judge
    }

    /// Takes note of what the application above the initiator was told, where that is known.
    pub const fn hear(&mut self, report: ApplicationReport) {
        self.view.application = Some(report);
    }

    /// The outcomes by now. What only the end can tell is open, and more may come of the rest.
    pub fn so_far(&self) -> Verdict {
        Verdict { outcomes: self.monitors.iter().map(Monitor::so_far).collect() }
    }

    /// Judges what only the end can tell, and gives the outcomes.
    pub fn finish(self) -> Verdict {
        let renamed = renamed(&self.view, &self.observed);
        let judge = if renamed.is_empty() { self } else { self.again(renamed) };
        let Self { view, monitors, .. } = judge;
        Verdict { outcomes: monitors.into_iter().map(|monitor| monitor.finish(&view)).collect() }
    }
}

impl Verdict {
    /// What became of each requirement, in the order of the catalogue.
    pub fn outcomes(&self) -> &[(Arc<Requirement>, Outcome)] {
        &self.outcomes
    }

    /// All findings, in the order of the catalogue.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.outcomes.iter().flat_map(|(_, outcome)| outcome.findings())
    }
}
