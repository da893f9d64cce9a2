//! Mutants tried: the measure of the judgement.
//!
//! A mutant is the reference implementation with one bug that breaks one requirement. It is killed by a case in which
//! the judgement reports just that requirement against the peer with the bug, and does not report it against the peer
//! without. Who dies by another requirement alone survives.

use wsrm_oracle::{Catalogue, Finding, Requirement};
use wsrm_protocol::{Pattern, ReliableSessionSettings};
use wsrm_reference::HostConfig;
use wsrm_reference::mutants::{self, Inherent, Mutant, Needs, Role};
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion, WireProfile};

use crate::case::virtual_time::{configured_host, reference_target, run_against, run_reference};
use crate::case::{CaseReport, Target};
use crate::cases;
use crate::invitation::{MutantClient, virtual_time as clients};

/// What came of a mutant.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The mutant.
    pub mutant: &'static Mutant,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a mutant.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It was found, by the requirement that it breaks.
    Killed(Box<Kill>),
    /// It was not: what each case saw instead.
    Survived(Vec<Survival>),
}

/// How a mutant was found.
#[derive(Debug, Clone)]
pub struct Kill {
    /// The case, with the bug at work.
    pub report: CaseReport,
    /// The finding.
    pub finding: Finding,
}

/// How a mutant got through a case.
#[derive(Debug, Clone)]
pub struct Survival {
    /// The name of the case.
    pub case: &'static str,
    /// Why it was not found there.
    pub why: String,
}

impl Trial {
    /// Tries a mutant in each of its cases until it is found.
    pub fn of(mutant: &'static Mutant, catalogue: &Catalogue) -> Self {
        let target = target(mutant.needs);
        let mut survivals = Vec::new();
        for &case in mutant.provoked_by {
            match try_case(mutant, case, &target, catalogue) {
                Ok(kill) => return Self { mutant, outcome: Outcome::Killed(Box::new(kill)) },
                Err(why) => survivals.push(Survival { case, why }),
            }
        }
        Self { mutant, outcome: Outcome::Survived(survivals) }
    }

    /// Where it was found beside the requirement that it breaks: the others that follow from the bug.
    pub fn others(&self) -> Vec<&str> {
        let findings = self.kill().into_iter().flat_map(|kill| kill.report.findings());
        let mut others: Vec<&str> = findings.map(|finding| finding.requirement.as_str()).collect();
        others.retain(|id| *id != self.mutant.breaks);
        others.dedup();
        others
    }

    /// How it was found, if it was.
    pub fn kill(&self) -> Option<&Kill> {
        match &self.outcome {
            Outcome::Killed(kill) => Some(kill),
            Outcome::Survived(_) => None,
        }
    }
}

/// The judged requirements that no mutant breaks.
pub fn without_mutant(catalogue: &Catalogue) -> impl Iterator<Item = &Requirement> {
    let judged =
        catalogue.requirements().iter().map(AsRef::as_ref).filter(|own: &&Requirement| own.is_judged());
    judged.filter(|own| mutants::all().all(|mutant| mutant.breaks != own.id))
}

/// Whether the reference implementation itself is reported for the requirement, as it is said to be.
pub fn is_inherent(inherent: &Inherent, catalogue: &Catalogue) -> bool {
    let target = target(inherent.needs);
    let case = cases::destination::find(inherent.shown_by);
    let report = case.and_then(|case| run_reference(case, &target, catalogue));
    report.is_some_and(|report| {
        report
            .findings()
            .any(|finding| finding.requirement == inherent.requirement && finding.erratum.is_some())
    })
}

/// Where a mutant shows: WCF's usual choice where it does not matter.
pub fn target(needs: Needs) -> Target {
    let profile = WireProfile {
        soap: needs.soap.unwrap_or(SoapVersion::Soap12),
        addressing: needs.addressing.unwrap_or(AddressingVersion::Addressing10),
        rm: needs.rm.unwrap_or(RmVersion::V200702),
    };
    reference_target(profile, needs.pattern.unwrap_or(Pattern::RequestReply))
}

fn try_case(
    mutant: &'static Mutant,
    case: &str,
    target: &Target,
    catalogue: &Catalogue,
) -> Result<Kill, String> {
    let (report, healthy) = match mutant.role {
        Role::Destination => as_service(mutant, case, target, catalogue)?,
        Role::Source => as_client(mutant, case, target, catalogue)?,
    };
    let reported =
        |report: &CaseReport| report.findings().find(|finding| finding.requirement == mutant.breaks).cloned();
    let finding = reported(&report).ok_or_else(|| missed(&report))?;
    match reported(&healthy) {
        Some(_) => Err("it is reported without the bug, too".to_owned()),
        None => Ok(Kill { report, finding }),
    }
}

/// The case against a service with the bug, and against one without.
fn as_service(
    mutant: &'static Mutant,
    case: &str,
    target: &Target,
    catalogue: &Catalogue,
) -> Result<(CaseReport, CaseReport), &'static str> {
    let case = cases::destination::find(case).ok_or("there is no such case")?;
    let host = || {
        let mut config = HostConfig::default();
        config.max_sessions = mutant.needs.sessions.unwrap_or(config.max_sessions);
        let settings = ReliableSessionSettings::new(target.profile.rm);
        configured_host(target, settings, config).ok_or("the endpoint cannot be made")
    };
    let report = run_against(host()?.with_mutant(mutant), case, target, catalogue);
    Ok((report, run_against(host()?, case, target, catalogue)))
}

/// The case with a client that has the bug, and with one that has not.
fn as_client(
    mutant: &'static Mutant,
    case: &str,
    target: &Target,
    catalogue: &Catalogue,
) -> Result<(CaseReport, CaseReport), &'static str> {
    let case = cases::source::find(case).ok_or("there is no such case")?;
    let client = || clients::reference_client(case, target);
    let sick = MutantClient::new(client(), mutant, target.profile);
    let report = clients::run_against(sick, case, target, catalogue);
    Ok((report, clients::run_against(client(), case, target, catalogue)))
}

/// Why the bug was not found by its requirement.
fn missed(report: &CaseReport) -> String {
    let mut others: Vec<&str> = report.findings().map(|finding| finding.requirement.as_str()).collect();
    others.dedup();
    match (others.is_empty(), report.verdict.reason()) {
        (false, _) => format!("found by other requirements alone: {}", others.join(", ")),
        (true, Some(why)) => format!("nothing was found; {why}"),
        (true, None) => "nothing was found".to_owned(),
    }
}
