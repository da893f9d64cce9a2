//! Initiator against listener, in virtual time, over a network that loses, repeats, delays and cuts.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod world;

use std::time::Duration;

use rstest::rstest;
use world::{Harm, Plan, Report, run};
use wsrm_protocol::{Pattern, SessionError};
use wsrm_wire::{RmVersion, WireProfile};

/// The kinds of sessions: their pattern, and which of their calls are one-way.
#[derive(Debug, Clone, Copy)]
enum Kind {
    OneWay,
    RequestReply,
    Mixed,
}

fn plan(profile: WireProfile, kind: Kind, ordered: bool) -> Plan {
    let (pattern, one_way): (Pattern, fn(usize) -> bool) = match kind {
        Kind::OneWay => (Pattern::OneWay, |_| true),
        Kind::RequestReply => (Pattern::RequestReply, |_| false),
        Kind::Mixed => (Pattern::RequestReply, |index| index % 3 == 1),
    };
    Plan {
        profile,
        pattern,
        one_way,
        ordered,
        calls: 25,
        sequential: false,
        concurrent_operations: 1,
        harm: Harm::default(),
        seed: 1,
        traced: false,
    }
}

/// What must hold of every run: every message is delivered exactly once, in order where that was promised, every
/// two-way call has its own reply, and both sides end clean.
#[track_caller]
fn check(plan: &Plan, report: &Report) {
    if let Err(what) = judge(plan, report) {
        let trace = run(Plan { traced: true, ..plan.clone() }).trace;
        panic!("{what}\n{plan:?}\n{trace}");
    }
}

fn judge(plan: &Plan, report: &Report) -> Result<(), String> {
    if !report.closed || !report.failed_calls.is_empty() {
        return Err(format!("the client failed: {:?} {:?}", report.client_error, report.failed_calls));
    }
    let used: Vec<_> = report.delivered.iter().filter(|(_, messages)| !messages.is_empty()).collect();
    let [(session, delivered)] = used.as_slice() else {
        return Err(format!("{} sessions were used", used.len()));
    };
    let mut delivered: Vec<usize> = delivered.iter().map(|text| text.parse().unwrap()).collect();
    if !plan.ordered {
        delivered.sort_unstable();
    }
    if delivered != (0..plan.calls).collect::<Vec<_>>() {
        return Err(format!("delivered {delivered:?}"));
    }
    let two_way: Vec<usize> = (0..plan.calls).filter(|index| !(plan.one_way)(*index)).collect();
    let own = |index: &&usize| report.replies.get(index) == Some(&format!("<r>{index}</r>"));
    if two_way.iter().filter(own).count() != two_way.len() || report.sent + two_way.len() != plan.calls {
        return Err(format!("{} were sent, {:?} replied", report.sent, report.replies));
    }
    if report.sessions_left > 0 {
        return Err(format!("{} sessions are left behind", report.sessions_left));
    }
    let is_february_2005 = plan.profile.rm == RmVersion::February2005;
    match &report.ended[session] {
        // TerminateSequence of a one-way session of RM 1.0 is sent once: where it is lost, the service gives up.
        Some(SessionError::Timeout(_)) if plan.pattern == Pattern::OneWay && is_february_2005 => Ok(()),
        Some(error) => Err(format!("the service's session ended: {error}")),
        None => Ok(()),
    }
}

#[rstest]
fn without_faults(
    #[values(Kind::OneWay, Kind::RequestReply, Kind::Mixed)] kind: Kind,
    #[values(true, false)] ordered: bool,
    #[values(true, false)] sequential: bool,
    #[values(1, 1000)] concurrent_operations: usize,
) {
    for profile in WireProfile::all() {
        let plan = Plan { sequential, concurrent_operations, ..plan(profile, kind, ordered) };
        let report = run(plan.clone());
        check(&plan, &report);
        assert!(report.finished_at.since_origin() < Duration::from_secs(20), "{}", report.trace);
    }
}

const DROPS: Harm = Harm { request_lost: 10, response_lost: 10, ..NO_HARM };
const REPEATS: Harm = Harm { request_duplicated: 30, ..NO_HARM };
const DELAYS: Harm = Harm { request_delayed: 25, response_delayed: 25, ..NO_HARM };
const CUTS: Harm = Harm { cut: 20, ..NO_HARM };
const ALL: Harm = Harm {
    request_lost: 8,
    request_duplicated: 15,
    request_delayed: 15,
    response_lost: 8,
    response_delayed: 15,
    cut: 8,
};
const NO_HARM: Harm = Harm {
    request_lost: 0,
    request_duplicated: 0,
    request_delayed: 0,
    response_lost: 0,
    response_delayed: 0,
    cut: 0,
};

#[rstest]
fn with_faults(
    #[values(Kind::OneWay, Kind::RequestReply, Kind::Mixed)] kind: Kind,
    #[values(true, false)] ordered: bool,
    #[values(DROPS, REPEATS, DELAYS, CUTS, ALL)] harm: Harm,
) {
    for profile in WireProfile::all() {
        for (seed, concurrent_operations) in [(1, 1), (2, 1000)] {
            let plan = Plan { harm, seed, concurrent_operations, ..plan(profile, kind, ordered) };
            check(&plan, &run(plan.clone()));
        }
    }
}

#[rstest]
#[case(RmVersion::February2005)]
#[case(RmVersion::V200702)]
fn a_mixed_session_with_faults_on_the_wire(#[case] rm: RmVersion) {
    let profile = WireProfile { rm, ..WireProfile::default() };
    let plan = Plan {
        calls: 6,
        sequential: true,
        harm: ALL,
        seed: 6,
        traced: true,
        ..plan(profile, Kind::Mixed, true)
    };
    let report = run(plan.clone());
    check(&plan, &report);
    let name = match rm {
        RmVersion::February2005 => "mixed-faults-rm10",
        RmVersion::V200702 => "mixed-faults-rm11",
    };
    insta::with_settings!({ snapshot_path => "../../../../golden/protocol", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, report.trace);
    });
}
