//! The verdict over a recording: every requirement, and each message that breaks one.
//!
//! A [`Judgement`] is the one model that all reports are made from: the lines of `wsrm judge`, its JSON, and what a
//! machine or a browser reads. [`Totals`] sums judgements up.

mod document;
mod evidence;
pub(crate) mod lines;
mod observations;
mod selection;
mod totals;

use std::sync::Arc;

use wsrm_oracle::measure::Subject;
use wsrm_oracle::{ApplicationReport, Catalogue, Finding, Judge, Outcome, Party, Requirement, Role, Verdict};

use self::evidence::Reliance;
use crate::ladder::Ladder;
use crate::recording::{Recording, Sender, UnderTest};
use crate::replay::Stack;
use crate::secrets;
pub use document::{Document, FindingDocument};
pub use selection::{Selection, SelectionError, Term};
pub use totals::Totals;

/// What stands for words that could hold a secret.
const CONCEALED: &str = "what is redacted here";

/// What became of each requirement in one recording.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// What was judged: the path of the recording, as it was asked for.
    pub subject: String,
    /// The requirements, in the order of the catalogue.
    pub requirements: Vec<Judged>,
    /// The messages.
    pub ladder: Ladder,
}

/// What became of one requirement.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The requirement.
    pub requirement: Arc<Requirement>,
    /// What is to be said of it in a word.
    pub standing: Standing,
    /// Each breach of it, in the order of the messages. [`Finding::erratum`] is there only where the side at fault is
    /// WCF itself, so that it excuses the breach.
    pub findings: Vec<Finding>,
    /// The sides whose breaches are in the baseline of the run.
    pub known: Vec<Known>,
}

/// A side whose breaches of a requirement are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The side.
    pub role: Role,
    /// Why they are accepted.
    pub reason: String,
    /// Where they are spoken of in public.
    pub issue: Option<String>,
}

/// What became of a requirement, from the least to the gravest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Nothing touched it.
    NotExercised,
    /// It was kept.
    Met,
    /// It was not kept, and nobody is harmed: its level fails no stack, or it is WCF's own known deviation.
    Differs,
    /// It was not kept.
    Violated,
}

/// A recording by which the judge is measured; `None` where no side is WCF, which is known to keep the rules.
pub fn measured(recording: &Recording, name: String, catalogue: &Catalogue) -> Option<Subject> {
    let sides = WcfSides::of(recording);
    let sides: Vec<Party> =
        [Party::Initiator, Party::Responder].into_iter().filter(|party| sides.has(*party)).collect();
    (!sides.is_empty()).then(|| Subject::new(catalogue, name, observations::of(recording), &sides))
}

impl Judgement {
    /// Judges a recording that is known to the user as `subject`. Of a case that was recorded the side under test is judged
    /// alone, as it was when the case was run.
    pub fn of(
        recording: &Recording,
        subject: impl ToString,
        catalogue: &Catalogue,
        selection: &Selection,
    ) -> Self {
        if let Some(under_test) = recording.scenario().under_test {
            return Self::of_case(recording, subject, catalogue, selection, under_test);
        }
        let sides = WcfSides::of(recording);
        let verdict = |recording: &Recording| seen(recording, Judge::new(catalogue)).finish();
        Self::excusing(&verdict, recording, subject.to_string(), selection, sides)
    }

    fn of_case(
        recording: &Recording,
        subject: impl ToString,
        catalogue: &Catalogue,
        selection: &Selection,
        UnderTest { side, reported }: UnderTest,
    ) -> Self {
        let (party, own, other) = match side {
            Sender::Client => (Party::Initiator, Role::Source, Role::Destination),
            Sender::Service => (Party::Responder, Role::Destination, Role::Source),
        };
        let selection = selection.of_side(own);
        let mut judgement = Self::of_endpoint(recording, subject, catalogue, &selection, party, reported);
        judgement
            .requirements
            .retain(|judged| !judged.findings.is_empty() || judged.requirement.role != other);
        judgement
    }

    /// Judges a recording that goes on: what only its end can tell is left open.
    pub fn so_far(
        recording: &Recording,
        subject: impl ToString,
        catalogue: &Catalogue,
        selection: &Selection,
    ) -> Self {
        let sides = WcfSides::of(recording);
        let verdict = |recording: &Recording| seen(recording, Judge::new(catalogue)).so_far();
        Self::excusing(&verdict, recording, subject.to_string(), selection, sides)
    }

    /// Judges a side that is measured by what WCF does: where it does as WCF itself is known to do, that differs from the
    /// standard and is excused. `saw` is what the application of the client was told, where that is known.
    pub fn of_endpoint(
        recording: &Recording,
        subject: impl ToString,
        catalogue: &Catalogue,
        selection: &Selection,
        party: Party,
        saw: Option<ApplicationReport>,
    ) -> Self {
        let as_wcf = WcfSides { initiator: party == Party::Initiator, responder: party == Party::Responder };
        let verdict = |recording: &Recording| {
            let mut judge = Judge::new(catalogue);
            if let Some(saw) = saw {
                judge.hear(saw);
            }
            seen(recording, judge).finish()
        };
        Self::excusing(&verdict, recording, subject.to_string(), selection, as_wcf)
    }

    /// Judges a session between two sides, of which those in `as_wcf` are measured by what WCF does.
    pub fn of_session(
        recording: &Recording,
        subject: impl ToString,
        catalogue: &Catalogue,
        selection: &Selection,
        as_wcf: &[Party],
    ) -> Self {
        let has = |party| as_wcf.contains(&party);
        let as_wcf = WcfSides { initiator: has(Party::Initiator), responder: has(Party::Responder) };
        let verdict = |recording: &Recording| seen(recording, Judge::new(catalogue)).finish();
        Self::excusing(&verdict, recording, subject.to_string(), selection, as_wcf)
    }

    fn excusing(
        verdict: &dyn Fn(&Recording) -> Verdict,
        recording: &Recording,
        subject: String,
        selection: &Selection,
        is_wcf: WcfSides,
    ) -> Self {
        let all = |recording: &Recording| Judged::all(&verdict(recording), recording, selection, is_wcf);
        let masked = secrets::masked(recording);
        let mut requirements = all(recording);
        if let Some(masked) = &masked {
            conceal(&mut requirements, all(masked));
        }
        let ladder = Ladder::of(masked.as_ref().unwrap_or(recording));
        Self { subject, requirements, ladder }
    }

    /// All breaches, in the order of the catalogue.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.requirements.iter().flat_map(|judged| &judged.findings)
    }

    /// The ids of the requirements with this standing.
    pub fn with_standing(&self, standing: Standing) -> impl Iterator<Item = &str> {
        let found = self.requirements.iter().filter(move |judged| judged.standing == standing);
        found.map(|judged| judged.requirement.id.as_str())
    }

    /// What is there to say of something that cannot be judged.
    pub fn empty(subject: impl ToString) -> Self {
        Self { subject: subject.to_string(), requirements: Vec::new(), ladder: Ladder::default() }
    }
}

impl Judged {
    /// What is known of the breaches of this side.
    pub fn known(&self, role: Role) -> Option<&Known> {
        self.known.iter().find(|known| known.role == role)
    }

    /// Whether all that fails is known.
    pub fn is_known(&self) -> bool {
        let mut failing = self.findings.iter().filter(|finding| !is_excused(finding)).peekable();
        failing.peek().is_some() && failing.all(|finding| self.known(finding.role()).is_some())
    }

    fn all(verdict: &Verdict, recording: &Recording, selection: &Selection, is_wcf: WcfSides) -> Vec<Self> {
        let reliance = Reliance::of(recording);
        verdict
            .outcomes()
            .iter()
            .filter(|(requirement, _)| selection.has(requirement))
            .map(|(requirement, outcome)| {
                Self::new(Arc::clone(requirement), outcome, selection, is_wcf, &reliance)
            })
            .collect()
    }

    fn new(
        requirement: Arc<Requirement>,
        outcome: &Outcome,
        selection: &Selection,
        is_wcf: WcfSides,
        reliance: &Reliance,
    ) -> Self {
        let findings: Vec<Finding> = outcome
            .findings()
            .iter()
            .filter(|finding| selection.has_role(finding.role()) && reliance.supports(finding))
            .cloned()
            .map(|finding| {
                let erratum = finding.erratum.filter(|_| is_wcf.has(finding.party));
                Finding { erratum, ..finding }
            })
            .collect();
        let sides = [Party::Initiator, Party::Responder];
        let mut judged = sides.into_iter().filter(|side| selection.has_role(side.role()));
        let is_met = judged.any(|side| outcome.kept().by(side) > 0) && reliance.can_tell(&requirement);
        let standing = match () {
            () if findings.iter().any(|finding| !is_excused(finding)) => Standing::Violated,
            () if !findings.is_empty() => Standing::Differs,
            () if is_met => Standing::Met,
            () => Standing::NotExercised,
        };
        Self { requirement, standing, findings, known: Vec::new() }
    }
}

/// Whether nobody fails over it.
const fn is_excused(finding: &Finding) -> bool {
    finding.erratum.is_some() || !finding.level.is_failing()
}

/// A judge that has seen the recording.
fn seen(recording: &Recording, mut judge: Judge) -> Judge {
    for observation in observations::of(recording) {
        judge.observe(observation);
    }
    judge
}

/// Takes what is said of a message from what is said of the same message without its secrets. A breach that lies in the
/// secrets themselves is not told in words.
fn conceal(judged: &mut [Judged], masked: Vec<Judged>) {
    for (judged, masked) in judged.iter_mut().zip(masked) {
        let mut masked = masked.findings;
        for finding in &mut judged.findings {
            let same = masked.iter().position(|other| {
                (other.party, &other.messages, &other.span)
                    == (finding.party, &finding.messages, &finding.span)
            });
            if let Some(same) = same {
                *finding = masked.remove(same);
            } else {
                finding.expected = CONCEALED.to_owned();
                finding.seen = CONCEALED.to_owned();
                finding.alternatives.clear();
            }
        }
    }
}

/// Which of the two sides is WCF.
#[derive(Debug, Clone, Copy)]
struct WcfSides {
    initiator: bool,
    responder: bool,
}

impl WcfSides {
    fn of(recording: &Recording) -> Self {
        let is_wcf = |program: &str| Stack::of(program) == Stack::Wcf;
        let scenario = recording.scenario();
        Self { initiator: is_wcf(&scenario.client), responder: is_wcf(&scenario.service) }
    }

    const fn has(self, party: Party) -> bool {
        match party {
            Party::Initiator => self.initiator,
            Party::Responder => self.responder,
        }
    }
}

/// What was expected, and what else would have been accepted.
pub(crate) fn expected(finding: &Finding) -> String {
    let mut text = finding.expected.clone();
    for alternative in &finding.alternatives {
        text.push_str(", or ");
        text.push_str(alternative);
    }
    text
}
