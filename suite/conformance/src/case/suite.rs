//! Runs many cases against a live endpoint, several at a time.

use std::cell::Cell;
use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use std::time::{Duration, Instant};

use wsrm_oracle::Catalogue;
use wsrm_reference::RandomIdentifiers;

use super::live::{AddressError, LiveWire, WireLimits};
use super::{Case, Limits, Pending, Target, Wire, run};
use crate::report::{Event, Verdict};

/// How a suite is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SuiteLimits {
    /// Cases at a time.
    pub jobs: usize,
    /// The whole run; cases that have not begun by then are not begun.
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
    /// Run alone before and after all others, so that an endpoint that cannot be spoken to, or that died on the way, is
    /// noticed: if it comes to nothing before, no other case is run.
    pub sanity: Option<&'static Case>,
    /// What is judged.
    pub catalogue: &'a Catalogue,
    /// How long things may take.
    pub limits: SuiteLimits,
    /// The command that runs a case alone again.
    pub repeat: &'a dyn Fn(&Case, &Target) -> String,
}

impl Default for SuiteLimits {
    /// 4 at a time, 10 minutes.
    fn default() -> Self {
        Self { jobs: 4, run: Duration::from_secs(600), cases: Limits::default(), wire: WireLimits::default() }
    }
}

impl Suite<'_> {
    /// How many entries a run against so many targets has, if none is cut short.
    pub fn planned(&self, targets: usize) -> usize {
        let sanity = if self.sanity.is_some() { 2 } else { 0 };
        targets * (self.between().count() + sanity)
    }

    /// Runs the cases against each target, one target after another, and tells of each as it begins and ends.
    ///
    /// # Errors
    /// If the address of a target is none.
    pub async fn run(&self, targets: &[Target], emit: &dyn Fn(Event)) -> Result<(), AddressError> {
        let began = Instant::now();
        let mut places = 0..;
        for target in targets {
            let one = |case: &'static Case, place: Option<usize>| {
                self.one(case, target, place.unwrap_or(usize::MAX), emit)
            };
            if let Some(sanity) = self.sanity {
                let verdict = one(sanity, places.next()).await?;
                if matches!(verdict, Verdict::Inconclusive(_) | Verdict::HarnessError(_)) {
                    continue;
                }
            }
            let late = Cell::new(false);
            let work: Vec<_> = self
                .between()
                .map(|case| {
                    let (late, place) = (&late, places.next());
                    async move {
                        late.set(late.get() || began.elapsed() >= self.limits.run);
                        if late.get() { Ok(()) } else { one(case, place).await.map(|_| ()) }
                    }
                })
                .collect();
            bounded(work, self.limits.jobs).await.into_iter().collect::<Result<(), _>>()?;
            if let Some(sanity) = self.sanity {
                one(sanity, places.next()).await?;
            }
        }
        Ok(())
    }

    /// The cases that are not run before and after the others.
    fn between(&self) -> impl Iterator<Item = &'static Case> {
        let sanity = self.sanity.map(|sanity| sanity.name);
        self.cases.iter().copied().filter(move |case| sanity != Some(case.name))
    }

    async fn one(
        &self,
        case: &'static Case,
        target: &Target,
        place: usize,
        emit: &dyn Fn(Event),
    ) -> Result<Verdict, AddressError> {
        let wire: Rc<dyn Wire> = Rc::new(LiveWire::new(&target.address, self.limits.wire)?);
        emit(Event::EntryBegan(case.subject(target, place)));
        let identifiers = Box::new(RandomIdentifiers::new());
        let report = run(case, target, wire, identifiers, self.catalogue, &self.limits.cases).await;
        let verdict = report.verdict.clone();
        emit(Event::EntryEnded(Box::new(report.into_entry(place, (self.repeat)(case, target)))));
        Ok(verdict)
    }
}

impl fmt::Debug for Suite<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("Suite");
        fields.field("cases", &self.cases.len()).field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// Does the work in its order, so many at a time.
async fn bounded<'a, T: 'a>(work: Vec<impl Future<Output = T> + 'a>, at_a_time: usize) -> Vec<T> {
    let mut waiting = work.into_iter().enumerate();
    let mut running: Vec<(usize, Pending<'a, T>)> = Vec::new();
    let mut done: Vec<(usize, T)> = Vec::new();
    poll_fn(|context| {
        loop {
            while running.len() < at_a_time.max(1)
                && let Some((place, next)) = waiting.next()
            {
                running.push((place, Box::pin(next)));
            }
            let before = running.len();
            let mut still = Vec::with_capacity(before);
            for (place, mut work) in running.drain(..) {
                match work.as_mut().poll(context) {
                    Poll::Ready(result) => done.push((place, result)),
                    Poll::Pending => still.push((place, work)),
                }
            }
            running = still;
            if running.is_empty() && waiting.len() == 0 {
                return Poll::Ready(());
            }
            if running.len() == before {
                return Poll::Pending;
            }
        }
    })
    .await;
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}
