//! Runs a client once for each case, several at a time.

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{cell::Cell, io};

use wsrm_oracle::Catalogue;
use wsrm_reference::RandomIdentifiers;

use super::live::{Answerer, Reception, Room};
use super::process::{ClientCommand, Errand, ProcessEnd};
use super::reply::empty;
use super::report::{in_trouble, not_applicable};
use super::{Invitation, ScriptedService};
use crate::case::{Case, CaseReport, Target, bounded};
use crate::entry::Verdict;
use crate::report::Event;

/// What a client said last may still be under way when its process is over.
const UNDER_WAY: Duration = Duration::from_millis(30);

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientLimits {
    /// Cases at a time.
    pub jobs: usize,
    /// The whole run; cases that have not begun by then are not begun.
    pub run: Duration,
    /// A case.
    pub case: Duration,
    /// A case that is marked as slow.
    pub slow_case: Duration,
}

/// The cases that a client is put through, and how.
#[derive(Clone, Copy)]
pub struct ClientSuite<'a> {
    /// How it is started.
    pub command: &'a ClientCommand,
    /// The cases.
    pub cases: &'a [&'static Case],
    /// Run alone before and after all others in each form, so that a client that cannot be spoken to is noticed: if it
    /// comes to nothing before, no other case is run in that form.
    pub sanity: Option<&'static Case>,
    /// What is judged.
    pub catalogue: &'a Catalogue,
    /// How long things may take.
    pub limits: ClientLimits,
    /// The command that runs a case alone again.
    pub repeat: &'a dyn Fn(&Case, &Target) -> String,
}

/// The services that are there, by their paths.
type Rooms = Arc<Mutex<HashMap<String, Arc<Room>>>>;

/// A run that is under way.
struct Run<'a> {
    suite: &'a ClientSuite<'a>,
    address: SocketAddr,
    rooms: Rooms,
    began: Instant,
    emit: &'a dyn Fn(Event),
}

impl Default for ClientLimits {
    /// 8 at a time, 20 minutes, 60 s a case, 5 minutes a slow one.
    fn default() -> Self {
        Self {
            jobs: 8,
            run: Duration::from_secs(1200),
            case: Duration::from_secs(60),
            slow_case: Duration::from_secs(300),
        }
    }
}

impl ClientSuite<'_> {
    /// How many entries a run in so many forms has, if none is cut short.
    pub fn planned(&self, forms: usize) -> usize {
        let sanity = if self.sanity.is_some() { 2 } else { 0 };
        forms * (self.between().count() + sanity)
    }

    /// Runs the client through the cases in each form, all forms side by side, and tells of each case as it begins and
    /// ends. The services listen on `listen`, a host and a port; the address in a target is what the client is called by.
    ///
    /// # Errors
    /// If nobody can listen there, or the client cannot be started.
    pub async fn run(&self, listen: SocketAddr, targets: &[Target], emit: &dyn Fn(Event)) -> io::Result<()> {
        let rooms = Rooms::default();
        let reception = Reception::open(listen, router(&rooms)).await?;
        let address = reception.address();
        let run = Run { suite: self, address, rooms, began: Instant::now(), emit };
        run.all(targets).await
    }

    /// The cases that are not run before and after the others, those first that keep a patient client waiting.
    fn between(&self) -> impl Iterator<Item = &'static Case> {
        let sanity = self.sanity.map(|sanity| sanity.name);
        self.cases.iter().copied().filter(move |case| sanity != Some(case.name))
    }
}

impl Run<'_> {
    async fn all(&self, targets: &[Target]) -> io::Result<()> {
        let jobs = self.suite.limits.jobs;
        let mut places = 0..;
        let mut place = || places.next().unwrap_or(usize::MAX);
        let plan: Vec<Plan> =
            targets.iter().map(|target| Plan::new(self.suite, target, &mut place)).collect();
        let first = plan.iter().map(|plan| (false, self.first(plan)));
        let fit: Vec<Fitness> = bounded(first.collect(), jobs).await.into_iter().collect::<Result<_, _>>()?;
        let fit: Vec<(Plan, Fitness)> = plan.into_iter().zip(fit).collect();
        for (plan, fitness) in &fit {
            self.left_out(plan, fitness);
        }
        let able = || fit.iter().filter(|(_, fitness)| *fitness == Fitness::Able).map(|(plan, _)| plan);
        let mut between: Vec<_> = able()
            .flat_map(|plan| plan.between.iter().map(|&(case, place)| (case, plan.target, place)))
            .collect();
        between.sort_by_key(|(case, _, _)| std::cmp::Reverse(patience(case)));
        let late = Cell::new(false);
        let work = between.into_iter().map(|(case, target, place)| {
            let late = &late;
            let work = async move {
                late.set(late.get() || self.began.elapsed() >= self.suite.limits.run);
                if late.get() { Ok(()) } else { self.one(case, target, place).await.map(|_| ()) }
            };
            (case.slow, work)
        });
        bounded(work.collect(), jobs).await.into_iter().collect::<io::Result<()>>()?;
        let last = able().filter_map(|plan| Some((plan.last?, plan.target)));
        let last = last.map(|((case, place), target)| (false, self.one(case, target, place)));
        bounded(last.collect(), jobs).await.into_iter().collect::<io::Result<Vec<_>>>()?;
        if late.get() {
            (self.emit)(Event::Remark("the run took too long: not all cases were begun".to_owned()));
        }
        Ok(())
    }

    /// Whether the client can be put through the cases in this form.
    async fn first(&self, plan: &Plan<'_>) -> io::Result<Fitness> {
        let Some((sanity, place)) = plan.first else { return Ok(Fitness::Able) };
        Ok(match self.one(sanity, plan.target, place).await? {
            Verdict::Pass | Verdict::Fail | Verdict::Known => Fitness::Able,
            Verdict::NotApplicable(why) => Fitness::Unable(why),
            Verdict::Inconclusive(_) | Verdict::HarnessError(_) => Fitness::Troubled,
        })
    }

    /// Tells of the cases that are not run because of what the first one showed.
    fn left_out(&self, plan: &Plan<'_>, fitness: &Fitness) {
        match fitness {
            Fitness::Able => {}
            Fitness::Unable(why) => {
                for &(case, place) in &plan.between {
                    (self.emit)(Event::EntryBegan(case.subject(plan.target, place)));
                    let report = not_applicable(case, plan.target, why.clone(), self.suite.catalogue);
                    self.end(report, place);
                }
            }
            Fitness::Troubled => {
                let form = plan.target.dialect();
                let why = "no other case was run, since the client did not come through a whole session";
                (self.emit)(Event::Remark(format!("{form}: {why}")));
            }
        }
    }

    async fn one(&self, case: &'static Case, target: &Target, place: usize) -> io::Result<Verdict> {
        let path = format!("/case/{}/{place}", case.name);
        (self.emit)(Event::EntryBegan(case.subject(target, place)));
        let inapplicable = case.inapplicable(target);
        let catalogue = self.suite.catalogue;
        let report = match (case.answers(), inapplicable) {
            (Some(invitation), None) => {
                let here = Target { address: format!("http://{}{path}", self.address), ..target.clone() };
                let report = self.visit(case, &invitation, &here, path).await?;
                CaseReport { target: target.clone(), ..report }
            }
            (_, why) => not_applicable(case, target, why.unwrap_or_default(), catalogue),
        };
        let verdict = report.verdict.clone();
        self.end(report, place);
        Ok(verdict)
    }

    fn end(&self, report: CaseReport, place: usize) {
        let repeat = (self.suite.repeat)(&report.case, &report.target);
        (self.emit)(Event::EntryEnded(Box::new(report.into_entry(place, repeat))));
    }

    async fn visit(
        &self,
        case: &'static Case,
        invitation: &Invitation,
        target: &Target,
        path: String,
    ) -> io::Result<CaseReport> {
        let catalogue = self.suite.catalogue;
        let identifiers = Box::new(RandomIdentifiers::new());
        let service = match ScriptedService::new(invitation, target, &path, identifiers) {
            Ok(service) => service,
            Err(stop) => return Ok(in_trouble(case, target, &stop, catalogue)),
        };
        let room = Room::new(service);
        self.rooms().insert(path.clone(), Arc::clone(&room));
        let errand = Errand::new(target, invitation.messages, case.name);
        let limits = &self.suite.limits;
        let limit = if case.slow { limits.slow_case } else { limits.case };
        let ended = self.suite.command.run(&errand, limit).await;
        tokio::time::sleep(UNDER_WAY).await;
        self.rooms().remove(&path);
        let ProcessEnd { end, output } = ended?;
        Ok(CaseReport { output, ..room.visit().report(case, target, end, catalogue) })
    }

    fn rooms(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Room>>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The cases in one form, each with its place in the run.
struct Plan<'a> {
    target: &'a Target,
    first: Option<(&'static Case, usize)>,
    between: Vec<(&'static Case, usize)>,
    last: Option<(&'static Case, usize)>,
}

/// What the first case showed.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fitness {
    Able,
    /// The client says that it cannot do this.
    Unable(String),
    /// It did not come through.
    Troubled,
}

impl<'a> Plan<'a> {
    fn new(suite: &ClientSuite<'_>, target: &'a Target, place: &mut impl FnMut() -> usize) -> Self {
        Self {
            target,
            first: suite.sanity.map(|case| (case, place())),
            between: suite.between().map(|case| (case, place())).collect(),
            last: suite.sanity.map(|case| (case, place())),
        }
    }
}

/// How long a case keeps a client waiting that waits as WCF does.
fn patience(case: &Case) -> Duration {
    let rules = case.answers().map_or(&[][..], |invitation| invitation.rules);
    rules.iter().map(super::Rule::patience).sum()
}

fn router(rooms: &Rooms) -> Arc<super::live::Router> {
    let rooms = Arc::clone(rooms);
    Arc::new(move |_, path, _| {
        let found = rooms.lock().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        // A client that is late for its case, or at the wrong address.
        found.map_or_else(|| Answerer::Page(empty(404)), Answerer::Room)
    })
}

impl fmt::Debug for ClientSuite<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("ClientSuite");
        fields.field("cases", &self.cases.len()).field("limits", &self.limits).finish_non_exhaustive()
    }
}
