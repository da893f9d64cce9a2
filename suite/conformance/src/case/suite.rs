//! Runs many cases against a live endpoint, several at a time.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;
use std::time::{Duration, Instant};

use wsrm_oracle::Catalogue;
use wsrm_reference::RandomIdentifiers;

use super::live::{AddressError, LiveWire, WireLimits};
use super::queue::bounded;
use super::run::unrun;
use super::{Case, CaseReport, Limits, Pending, Stop, Target, Wire, run};
use crate::entry::Verdict;
use crate::report::Event;

/// How a suite is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SuiteLimits {
    /// Cases at a time. Those that are marked as slow are not counted: they wait, all of them side by side.
    pub jobs: usize,
    /// How often the whole run is made.
    pub rounds: usize,
    /// The time of one round, shared out among the targets: what has not begun by then is not begun, and what is under
    /// way is ended.
    pub run: Duration,
    /// Each case.
    pub cases: Limits,
    /// Each exchange.
    pub wire: WireLimits,
}

/// The cases that are run, and how.
#[derive(Clone, Copy)]
pub struct Suite<'a> {
    /// The cases.
    pub cases: &'a [&'static Case],
    /// Run alone before and after all others, so that an endpoint that cannot be spoken to is noticed: if it comes to
    /// nothing before, no other case is run. An endpoint that answers nothing in one of the cases is asked by this one
    /// whether it lives; if it does not, and cannot be started again, the cases that are left are not begun.
    pub sanity: Option<&'static Case>,
    /// What is judged.
    pub catalogue: &'a Catalogue,
    /// How long things may take.
    pub limits: SuiteLimits,
    /// The command that runs a case alone again.
    pub repeat: &'a dyn Fn(&Case, &Target) -> String,
    /// Starts the endpoint again where it died; nothing where nobody can.
    pub revive: Option<&'a dyn Fn() -> Pending<'static, Revival>>,
}

/// What came of the attempt to start an endpoint again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revival {
    /// It had not ended, or was started again since it did.
    Runs,
    /// It was started again.
    Again,
    /// It cannot be started.
    Failed,
}

/// The end of an endpoint in the middle of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Death {
    /// The cases during which it died, those that got no answer: one of them may have done it.
    pub during: Vec<&'static str>,
    /// The last case that it answered.
    pub after: Option<&'static str>,
}

/// The run of the cases against one target.
struct Round<'a> {
    suite: &'a Suite<'a>,
    target: &'a Target,
    emit: &'a dyn Fn(Event),
    /// When the time of this target is over.
    end: Instant,
    /// The cases that are under way.
    running: RefCell<Vec<&'static str>>,
    answered_last: Cell<Option<&'static str>>,
    is_dead: Cell<bool>,
}

impl Default for SuiteLimits {
    /// 8 at a time, one round of a minute.
    fn default() -> Self {
        Self {
            jobs: 8,
            rounds: 1,
            run: Duration::from_secs(60),
            cases: Limits::default(),
            wire: WireLimits::default(),
        }
    }
}

impl Suite<'_> {
    /// How many entries a run against so many targets has, if none is cut short.
    pub fn planned(&self, targets: usize) -> usize {
        let sanity = if self.sanity.is_some() { 2 } else { 0 };
        targets * (self.between().count() + sanity) * self.limits.rounds
    }

    /// Runs the cases against each target, one target after another, and tells of each as it begins and ends.
    ///
    /// # Errors
    /// If the address of a target is none.
    pub async fn run(&self, targets: &[Target], emit: &dyn Fn(Event)) -> Result<(), AddressError> {
        let share = self.limits.run / u32::try_from(targets.len().max(1)).unwrap_or(u32::MAX);
        let mut places = 0..;
        for _ in 0..self.limits.rounds {
            let mut end = Instant::now();
            for target in targets {
                // What one leaves of its time is for the next.
                end += share;
                let round = Round {
                    suite: self,
                    target,
                    emit,
                    end,
                    running: RefCell::default(),
                    answered_last: Cell::new(None),
                    is_dead: Cell::new(false),
                };
                round.run(&mut places).await?;
            }
        }
        Ok(())
    }

    /// The cases that are not run before and after the others.
    fn between(&self) -> impl Iterator<Item = &'static Case> {
        let sanity = self.sanity.map(|sanity| sanity.name);
        self.cases.iter().copied().filter(move |case| sanity != Some(case.name))
    }
}

impl Round<'_> {
    async fn run(&self, places: &mut impl Iterator<Item = usize>) -> Result<(), AddressError> {
        let mut place = || places.next().unwrap_or(usize::MAX);
        // It may have died in the last case against the target before.
        self.revive().await;
        if let Some(sanity) = self.suite.sanity {
            let (verdict, _) = self.one(sanity, place()).await?;
            if matches!(verdict, Verdict::Inconclusive(_) | Verdict::HarnessError(_)) {
                return Ok(());
            }
        }
        let cases = self.suite.between().map(|case| (case, place()));
        let work = cases.map(|(case, place)| (case.slow, self.unless_over(case, place)));
        let done = bounded(work.collect(), self.suite.limits.jobs).await;
        done.into_iter().collect::<Result<(), _>>()?;
        if let Some(sanity) = self.suite.sanity.filter(|_| !self.is_dead.get()) {
            let (_, is_answered) = self.one(sanity, place()).await?;
            if !is_answered {
                self.tell(&self.death(sanity));
            }
        }
        Ok(())
    }

    /// Runs a case, unless time is over or the endpoint is dead.
    async fn unless_over(&self, case: &'static Case, place: usize) -> Result<(), AddressError> {
        let is_late = Instant::now() >= self.end && case.inapplicable(self.target).is_none();
        if self.is_dead.get() || is_late {
            let why = match self.suite.limits.run.as_secs() {
                _ if self.is_dead.get() => "not begun: the endpoint answers no more".to_owned(),
                seconds => format!("not begun: the {seconds} s of the run were over (--deadline)"),
            };
            let report = unrun(case, self.target, Stop::Inconclusive(why), self.suite.catalogue);
            self.ended(report, place);
            return Ok(());
        }
        let (_, is_answered) = self.one(case, place).await?;
        if is_answered {
            self.answered_last.set(Some(case.name));
        } else if let Some(sanity) = self.suite.sanity.filter(|_| !self.is_dead.get()) {
            let death = self.death(case);
            if is_answered_in(&self.attempt(sanity).await?) {
                return Ok(());
            }
            let is_back = match self.revive().await {
                Revival::Again => {
                    (self.emit)(Event::Remark(format!("{death}; it was started again")));
                    true
                }
                Revival::Runs => is_answered_in(&self.attempt(sanity).await?),
                Revival::Failed => false,
            };
            if !is_back && !self.is_dead.replace(true) {
                self.tell(&death);
            }
        }
        Ok(())
    }

    async fn revive(&self) -> Revival {
        match self.suite.revive {
            Some(revive) => revive().await,
            None => Revival::Failed,
        }
    }

    fn death(&self, case: &Case) -> Death {
        let mut during = vec![case.name];
        during.extend(self.running.borrow().iter().filter(|name| **name != case.name));
        Death { during, after: self.answered_last.get() }
    }

    fn tell(&self, death: &Death) {
        (self.emit)(Event::Remark(death.to_string()));
    }

    /// Runs a case; the verdict, and whether anything was answered.
    async fn one(&self, case: &'static Case, place: usize) -> Result<(Verdict, bool), AddressError> {
        (self.emit)(Event::EntryBegan(case.subject(self.target, place)));
        self.running.borrow_mut().push(case.name);
        let report = self.attempt(case).await;
        self.running.borrow_mut().retain(|name| *name != case.name);
        let report = report?;
        let result = (report.verdict.clone(), is_answered_in(&report));
        self.ended(report, place);
        Ok(result)
    }

    fn ended(&self, report: CaseReport, place: usize) {
        let repeat = (self.suite.repeat)(&report.case, self.target);
        (self.emit)(Event::EntryEnded(Box::new(report.into_entry(place, repeat))));
    }

    async fn attempt(&self, case: &'static Case) -> Result<CaseReport, AddressError> {
        let wire: Rc<dyn Wire> = Rc::new(LiveWire::new(&self.target.address, self.suite.limits.wire)?);
        let identifiers = Box::new(RandomIdentifiers::new());
        let mut limits = self.suite.limits.cases;
        let left = self.end.saturating_duration_since(Instant::now()).max(limits.clean_up);
        limits.case = limits.case.min(left);
        limits.slow_case = limits.slow_case.min(left);
        Ok(run(case, self.target, wire, identifiers, self.suite.catalogue, &limits).await)
    }
}

/// Whether anything that the case asked was answered, or it asked nothing.
fn is_answered_in(report: &CaseReport) -> bool {
    let exchanges = report.recording.exchanges();
    let is_over = matches!(report.verdict, Verdict::Inconclusive(_));
    !is_over || exchanges.iter().any(|exchange| exchange.response.is_some())
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the endpoint died half-way: it answered nothing in {}", self.during.join(", "))?;
        match self.after {
            Some(after) => write!(f, "; the last case that it answered is {after}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Suite<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("Suite");
        fields.field("cases", &self.cases.len()).field("limits", &self.limits).finish_non_exhaustive()
    }
}
