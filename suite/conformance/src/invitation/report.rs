//! What came of a visit: the verdict over what a client said and what its application saw.

use std::collections::BTreeMap;
use std::time::Duration;

use wsrm_oracle::message::{Content, LifecycleKind, Message};
use wsrm_oracle::{ApplicationReport, Catalogue, Party, Role};

use crate::case::{Case, CaseReport, Logged, Stop, Target, binds, recording};
use crate::entry::{ClientEnd, Verdict};
use crate::judgement::{Judgement, Selection, Standing, Term};
use crate::recording::{Recording, Scenario, Sender, UnderTest};

/// What was said while a client visited a [`super::ScriptedService`].
#[derive(Debug, Clone, Default)]
pub struct Visit {
    /// The exchanges.
    pub(super) log: Vec<Logged>,
    /// The path of the service.
    pub(super) path: String,
    /// Whether it came to what the case is about.
    pub(super) struck: bool,
    /// What the case could not do.
    pub(super) stop: Option<Stop>,
}

impl Visit {
    /// Has all judged that the client said, and what its application saw.
    pub fn report(&self, case: &Case, target: &Target, end: ClientEnd, catalogue: &Catalogue) -> CaseReport {
        let messages = case.answers().map_or(0, |invitation| invitation.messages);
        let saw = end.is_success().map(|success| ApplicationReport { messages, success });
        let under_test = UnderTest { side: Sender::Client, reported: saw };
        let recording = recording(case, target, "client under test", &self.path, &self.log, under_test);
        let (recording, trouble) = match recording {
            Ok(recording) => (recording, None),
            Err(error) => {
                let why = format!("the exchanges cannot be written down: {error}");
                (Recording::new(Scenario::default(), Vec::new()), Some(Stop::Harness(why)))
            }
        };
        let selection = Selection::new(vec![Term::Role(Role::Source)], Vec::new());
        let party = Party::Initiator;
        let mut judgement = Judgement::of_endpoint(&recording, case.name, catalogue, &selection, party, saw);
        judgement.requirements.retain(|judged| binds(judged, target, Role::Destination));
        let violated = judgement.with_standing(Standing::Violated).next().is_some();
        let verdict = self.verdict(violated, trouble, &end, messages);
        CaseReport {
            case: *case,
            target: target.clone(),
            verdict,
            recording,
            judgement,
            sequences: sequences(&self.log),
            duration: self.duration(),
            client: Some(end),
            output: String::new(),
        }
    }

    /// From the first request to the last answer.
    fn duration(&self) -> Duration {
        let first = self.log.first().map_or(Duration::ZERO, |logged| logged.sent);
        let last = self.log.iter().map(|logged| logged.answered.unwrap_or(logged.sent)).max();
        last.unwrap_or(first).saturating_sub(first)
    }

    fn verdict(&self, violated: bool, trouble: Option<Stop>, end: &ClientEnd, messages: u64) -> Verdict {
        if let Some(Stop::Harness(why)) = trouble.as_ref().or(self.stop.as_ref()) {
            return Verdict::HarnessError(why.clone());
        }
        // What was seen counts, however far the client came.
        if violated {
            return Verdict::Fail;
        }
        match end {
            ClientEnd::Unable => {
                Verdict::NotApplicable("the client says that it cannot do this profile".to_owned())
            }
            ClientEnd::Trouble(what) => Verdict::HarnessError(format!("the client: {what}")),
            ClientEnd::Success if self.log.is_empty() && messages == 0 => {
                let why = "the client opens its session with the first message, and there was none to send";
                Verdict::NotApplicable(why.to_owned())
            }
            _ if self.log.is_empty() => {
                Verdict::Inconclusive(format!("the client sent nothing; its application saw {}", end.words()))
            }
            _ => match &self.stop {
                Some(stop) => Verdict::Inconclusive(stop.to_string()),
                None if self.struck => Verdict::Pass,
                None => Verdict::Inconclusive("the client did not send what the case is about".to_owned()),
            },
        }
    }
}

/// How each sequence that was granted to the client came to its end; `None` where it did not.
fn sequences(log: &[Logged]) -> Vec<(String, Option<String>)> {
    let mut ends: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut offers: BTreeMap<String, String> = BTreeMap::new();
    for logged in log.iter().filter(|logged| !logged.request_lost) {
        let request = soap(&logged.request.body);
        let response = logged.response.as_ref().filter(|_| !logged.response_lost);
        let response = response.and_then(|response| soap(&response.body));
        note_granted(request.as_ref(), response.as_ref(), &mut ends, &mut offers);
        for message in [request.as_ref(), response.as_ref()].into_iter().flatten() {
            let Some((named, how)) = ending(message) else { continue };
            let sequence = offers.get(&named).unwrap_or(&named).clone();
            if let Some(end) = ends.get_mut(&sequence) {
                end.get_or_insert(how);
            }
        }
    }
    ends.into_iter().collect()
}

fn note_granted(
    request: Option<&Message>,
    response: Option<&Message>,
    ends: &mut BTreeMap<String, Option<String>>,
    offers: &mut BTreeMap<String, String>,
) {
    let lifecycle = response.and_then(|response| response.lifecycle.as_ref());
    let Some(granted) = lifecycle.filter(|it| it.kind == LifecycleKind::CreateResponse) else { return };
    let Some(identifier) = &granted.identifier else { return };
    ends.entry(identifier.clone()).or_default();
    let offer = request.and_then(|request| request.lifecycle.as_ref()?.offer.as_ref()?.identifier.clone());
    if let Some(offer) = offer {
        offers.insert(offer, identifier.clone());
    }
}

/// The sequence that a message ends, and how.
fn ending(message: &Message) -> Option<(String, String)> {
    if let Some(lifecycle) = message.lifecycle.as_ref().filter(|it| it.kind == LifecycleKind::Terminate) {
        return Some((lifecycle.identifier.clone()?, "terminated".to_owned()));
    }
    let fault = message.fault.as_ref()?.rm.as_ref()?;
    Some((fault.identifier.clone()?, format!("ended by {}", fault.name)))
}

fn soap(body: &[u8]) -> Option<Message> {
    match Content::read(body, Some("application/soap+xml")) {
        Content::Soap(message) => Some(*message),
        _ => None,
    }
}

/// The report of a case that is not run.
pub(super) fn not_applicable(case: &Case, target: &Target, why: String, catalogue: &Catalogue) -> CaseReport {
    let mut report = Visit::default().report(case, target, ClientEnd::Unknown, catalogue);
    report.verdict = Verdict::NotApplicable(why);
    report
}

/// The report of a case that could not be begun.
pub(super) fn in_trouble(case: &Case, target: &Target, stop: &Stop, catalogue: &Catalogue) -> CaseReport {
    let mut report = Visit::default().report(case, target, ClientEnd::Unknown, catalogue);
    report.verdict = Verdict::HarnessError(stop.to_string());
    report
}

/// The path in an address.
pub(super) fn path_of(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/").to_owned()
}
