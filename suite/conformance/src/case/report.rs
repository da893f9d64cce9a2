//! What came of a case.

use std::time::Duration;

use wsrm_oracle::{Catalogue, Finding, Party, Pattern as Shape, Requirement, Role};
use wsrm_protocol::Pattern;

use super::peer::Logged;
use super::{Case, Target};
use crate::entry::{ClientEnd, ClientFacts, Entry, OpenedSequence, Verdict};
use crate::judgement::{Judged, Judgement, Selection, Standing, Term};
use crate::recording::{
    Exchange, HttpMessage, HttpMessageError, Recording, Scenario, Sender, Silence, TimelineEntry, UnderTest,
};

/// What came of a case.
#[derive(Debug, Clone)]
pub struct CaseReport {
    /// The case.
    pub case: Case,
    /// What it was run against.
    pub target: Target,
    /// The verdict.
    pub verdict: Verdict,
    /// What was said.
    pub recording: Recording,
    /// What became of each requirement that binds the endpoint.
    pub judgement: Judgement,
    /// How each sequence that was opened came to its end; `None` where it did not.
    pub sequences: Vec<(String, Option<String>)>,
    /// How long it took.
    pub duration: Duration,
    /// What the application of a client saw; nothing where a destination is tested.
    pub client: Option<ClientEnd>,
    /// The last of what the process of a client wrote.
    pub output: String,
}

impl CaseReport {
    /// The findings against the endpoint.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.judgement.findings()
    }

    /// Whether a requirement is violated.
    pub fn is_violated(&self) -> bool {
        self.judgement.with_standing(Standing::Violated).next().is_some()
    }

    /// What is reported of it, at this place of a run; `repeat` is the command that runs it again.
    pub fn into_entry(self, place: usize, repeat: String) -> Entry {
        let sequences = self.sequences.into_iter();
        Entry {
            subject: self.case.subject(&self.target, place),
            verdict: self.verdict,
            judgement: self.judgement,
            recording: Some(self.recording),
            duration: Some(self.duration),
            sequences: sequences.map(|(identifier, end)| OpenedSequence { identifier, end }).collect(),
            client: self.client.map(|end| ClientFacts { end, output: self.output }),
            repeat,
        }
    }
}

/// What the endpoint made of a case: its own part of it, not what the case itself did.
pub(super) fn judge(recording: &Recording, case: &Case, target: &Target, catalogue: &Catalogue) -> Judgement {
    let selection = Selection::new(vec![Term::Role(Role::Destination)], Vec::new());
    let subject = case.name.to_owned();
    let mut judgement =
        Judgement::of_endpoint(recording, subject, catalogue, &selection, Party::Responder, None);
    judgement.requirements.retain(|judged| binds(judged, target, Role::Source));
    judgement
}

/// Whether a requirement says anything of the side under test; the other side plays the part `other`.
///
/// What binds the one binds the other too, for the sequence of the replies; but that it was kept may be the doing of the
/// case, so that what binds the other part counts only where the side under test broke it.
pub(crate) fn binds(judged: &Judged, target: &Target, other: Role) -> bool {
    let requirement: &Requirement = &judged.requirement;
    let shape = match target.pattern {
        Pattern::OneWay => Shape::OneWay,
        Pattern::RequestReply => Shape::RequestReply,
    };
    let profile = target.profile;
    let applies = requirement.rm.contains(&profile.rm)
        && requirement.soap.contains(&profile.soap)
        && requirement.addressing.contains(&profile.addressing)
        && requirement.patterns.contains(&shape);
    !judged.findings.is_empty() || (applies && requirement.role != other)
}

/// A case's exchanges as a recording.
pub(crate) fn recording(
    case: &Case,
    target: &Target,
    client: &str,
    path: &str,
    log: &[Logged],
    under_test: UnderTest,
) -> Result<Recording, HttpMessageError> {
    let exchanges = log
        .iter()
        .enumerate()
        .map(|(index, logged)| exchange(index, path, logged))
        .collect::<Result<_, _>>()?;
    let scenario = Scenario {
        name: case.name.to_owned(),
        description: case.about.to_owned(),
        client: client.to_owned(),
        service: target.dialect().to_string(),
        under_test: Some(under_test),
        ..Scenario::default()
    };
    Ok(Recording::new(scenario, exchanges))
}

fn exchange(index: usize, path: &str, logged: &Logged) -> Result<Exchange, HttpMessageError> {
    let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
    let request = &logged.request;
    let start = format!("{} {} HTTP/1.1", request.method, request.target(path));
    let response = logged.response.as_ref().map(|response| {
        let reason = hyper::StatusCode::from_u16(response.status)
            .ok()
            .and_then(|status| status.canonical_reason())
            .unwrap_or_default();
        let start = format!("HTTP/1.1 {} {reason}", response.status);
        HttpMessage::parse(&raw(&start, &response.fields, &response.body))
    });
    let response = response.transpose()?;
    Ok(Exchange {
        number,
        request: HttpMessage::parse(&raw(&start, &request.fields, &request.body))?,
        request_delivered: !logged.request_lost,
        request_altered: None,
        response_delivered: response.is_some() && !logged.response_lost,
        response,
        response_altered: None,
        silence: Silence::Closed,
        copies: Vec::new(),
        timing: TimelineEntry {
            number: Some(number),
            sent: Some(logged.sent),
            answered: logged.answered,
            sender: Sender::Client,
            label: logged.label.map(str::to_owned),
            ..TimelineEntry::default()
        },
    })
}

/// An HTTP message as it would stand on the wire without a transfer coding.
fn raw(start: &str, fields: &[(String, String)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("{start}\r\n");
    let framing = ["transfer-encoding", "content-length"];
    for (name, value) in
        fields.iter().filter(|(name, _)| !framing.contains(&name.to_ascii_lowercase().as_str()))
    {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    let mut raw = head.into_bytes();
    raw.extend_from_slice(body);
    raw
}
