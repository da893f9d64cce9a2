//! Runs many cases against a live endpoint, several at a time.

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use std::time::{Duration, Instant};

use wsrm_oracle::Catalogue;
use wsrm_reference::RandomIdentifiers;

use super::live::{AddressError, LiveWire, WireLimits};
use super::{Case, CaseReport, CaseVerdict, Limits, Pending, Target, Wire, run};

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

/// What happens during a run.
#[derive(Debug)]
pub enum SuiteEvent<'a> {
    /// A case begins.
    Began(&'static Case, &'a Target),
    /// A case is over.
    Ended(&'a CaseReport),
}

impl Default for SuiteLimits {
    /// 4 at a time, 10 minutes.
    fn default() -> Self {
        Self { jobs: 4, run: Duration::from_secs(600), cases: Limits::default(), wire: WireLimits::default() }
    }
}

/// Runs the cases against each target, one target after another; the reports stand in the order of the cases.
///
/// Where `sanity` is given, it is run alone before and after all others, so that an endpoint that cannot be spoken to,
/// or that died on the way, is noticed: if it fails before, nothing else is run.
///
/// # Errors
/// If the address of a target is none.
pub async fn run_suite(
    targets: &[Target],
    cases: &[&'static Case],
    sanity: Option<&'static Case>,
    catalogue: &Catalogue,
    limits: &SuiteLimits,
    observer: &dyn Fn(SuiteEvent<'_>),
) -> Result<Vec<CaseReport>, AddressError> {
    let began = Instant::now();
    let mut reports = Vec::new();
    for target in targets {
        let one = |case: &'static Case| one(case, target, catalogue, limits, observer);
        if let Some(sanity) = sanity {
            let report = one(sanity).await?;
            let alive =
                !matches!(report.verdict, CaseVerdict::Inconclusive(_) | CaseVerdict::HarnessError(_));
            reports.push(report);
            if !alive {
                continue;
            }
        }
        let cases = cases.iter().filter(|case| sanity.is_none_or(|sanity| sanity.name != case.name));
        let late = Cell::new(false);
        let work: Vec<_> = cases
            .map(|&case| {
                let late = &late;
                async move {
                    late.set(late.get() || began.elapsed() >= limits.run);
                    if late.get() { Ok(None) } else { one(case).await.map(Some) }
                }
            })
            .collect();
        for report in bounded(work, limits.jobs).await {
            reports.extend(report?);
        }
        if let Some(sanity) = sanity {
            reports.push(one(sanity).await?);
        }
    }
    Ok(reports)
}

async fn one(
    case: &'static Case,
    target: &Target,
    catalogue: &Catalogue,
    limits: &SuiteLimits,
    observer: &dyn Fn(SuiteEvent<'_>),
) -> Result<CaseReport, AddressError> {
    let wire: Rc<dyn Wire> = Rc::new(LiveWire::new(&target.address, limits.wire)?);
    observer(SuiteEvent::Began(case, target));
    let identifiers = Box::new(RandomIdentifiers::new());
    let report = run(case, target, wire, identifiers, catalogue, &limits.cases).await;
    observer(SuiteEvent::Ended(&report));
    Ok(report)
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
