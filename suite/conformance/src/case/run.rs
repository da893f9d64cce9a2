//! Runs one case, whatever wire lies below it.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use wsrm_oracle::Catalogue;
use wsrm_protocol::Identifiers;

use super::report::{CaseReport, judge, recording};
use super::wire::before;
use super::{Case, Peer, Pending, Session, Stop, Target, Wire};
use crate::entry::Verdict;
use crate::recording::{Recording, Scenario, Sender, UnderTest};

/// The side that is tested.
const SERVICE: UnderTest = UnderTest { side: Sender::Service, reported: None };

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// A case.
    pub case: Duration,
    /// A case that is marked as slow.
    pub slow_case: Duration,
    /// Ending the sequences that a case left open.
    pub clean_up: Duration,
}

impl Default for Limits {
    /// 30 s, 5 minutes, 10 s.
    fn default() -> Self {
        Self {
            case: Duration::from_secs(30),
            slow_case: Duration::from_secs(300),
            clean_up: Duration::from_secs(10),
        }
    }
}

/// Runs a case, ends the sequences that it leaves open, and has all that was said judged.
pub async fn run(
    case: &Case,
    target: &Target,
    wire: Rc<dyn Wire>,
    identifiers: Box<dyn Identifiers>,
    catalogue: &Catalogue,
    limits: &Limits,
) -> CaseReport {
    let path = wire.path().to_owned();
    let began = wire.elapsed();
    let peer = Peer::new(target.clone(), Rc::clone(&wire), identifiers);
    let stop = match case.inapplicable(target) {
        Some(why) => Some(Stop::NotApplicable(why)),
        None => {
            let limit = if case.slow { limits.slow_case } else { limits.case };
            let outcome = script(case, &peer, &*wire, limit).await;
            if !peer.is_gone() {
                before(wire.pause(limits.clean_up), Box::pin(clean_up(&peer))).await;
            }
            outcome.err()
        }
    };
    let log = peer.log();
    let (recording, stop) = match recording(case, target, "wsrm test", &path, &log, SERVICE) {
        Ok(recording) => (recording, stop),
        Err(error) => {
            let why = Stop::Harness(format!("the exchanges cannot be written down: {error}"));
            (Recording::new(Scenario::default(), Vec::new()), Some(why))
        }
    };
    let mut report = report(case, target, recording, catalogue);
    report.sequences =
        peer.sequences().into_iter().map(|(identifier, entry)| (identifier, entry.end)).collect();
    report.duration = wire.elapsed().saturating_sub(began);
    report.verdict = verdict_of(&report, stop);
    report
}

/// The report of a case that was not begun.
pub(super) fn unrun(case: &Case, target: &Target, stop: Stop, catalogue: &Catalogue) -> CaseReport {
    let nothing = Recording::new(Scenario::default(), Vec::new());
    let mut report = report(case, target, nothing, catalogue);
    report.verdict = verdict_of(&report, Some(stop));
    report
}

fn report(case: &Case, target: &Target, recording: Recording, catalogue: &Catalogue) -> CaseReport {
    CaseReport {
        case: *case,
        target: target.clone(),
        verdict: Verdict::Pass,
        judgement: judge(&recording, case, target, catalogue),
        recording,
        sequences: Vec::new(),
        duration: Duration::ZERO,
        client: None,
        output: String::new(),
    }
}

fn verdict_of(report: &CaseReport, stop: Option<Stop>) -> Verdict {
    // What was seen counts, however far the case came.
    let failed = report.is_violated();
    match stop {
        Some(Stop::Harness(why)) => Verdict::HarnessError(why),
        Some(Stop::NotApplicable(why)) if !failed => Verdict::NotApplicable(why),
        _ if failed => Verdict::Fail,
        Some(stop) => Verdict::Inconclusive(stop.to_string()),
        None => Verdict::Pass,
    }
}

/// Runs the script of a case; a panic in it is trouble of the suite and of nobody else.
async fn script(case: &Case, peer: &Peer, wire: &dyn Wire, limit: Duration) -> Result<(), Stop> {
    let mut work: Pending<'_, Result<(), Stop>> = case.start(peer);
    let guarded =
        poll_fn(move |context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
            Ok(poll) => poll,
            Err(_) => Poll::Ready(Err(Stop::Harness("the case itself failed".to_owned()))),
        });
    match before(wire.pause(limit), Box::pin(guarded)).await {
        Some(outcome) => outcome,
        None => Err(Stop::Inconclusive(format!("it was not over within {} s", limit.as_secs()))),
    }
}

/// Ends what is still open. What the peer says to it is judged like all the rest.
async fn clean_up(peer: &Peer) {
    for (identifier, entry) in peer.sequences() {
        if entry.end.is_none() {
            // Whatever goes wrong here shows in the sequences that are left.
            let _ = Session::new(peer, &identifier).finish().await;
        }
    }
}
