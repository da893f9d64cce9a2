//! A judgement as data.

use serde::Serialize;
use wsrm_oracle::{Finding, MessageName};

use super::{Judged, Judgement, Standing, expected};

/// A judgement as the JSON that `fixtures/README.md` describes.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    recording: &'a str,
    findings: Vec<FindingDocument<'a>>,
    met: Vec<&'a str>,
    not_exercised: Vec<&'a str>,
}

#[derive(Debug, Serialize)]
struct FindingDocument<'a> {
    requirement: &'a str,
    level: &'a str,
    role: &'a str,
    messages: Vec<&'a str>,
    expected: String,
    seen: &'a str,
    clause: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<[usize; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    erratum: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<&'a str>,
}

impl<'a> Document<'a> {
    /// What is to be said of a judgement.
    pub fn of(judgement: &'a Judgement) -> Self {
        let findings = judgement
            .requirements
            .iter()
            .flat_map(|judged| judged.findings.iter().map(|finding| FindingDocument::of(finding, judged)));
        Self {
            recording: &judgement.subject,
            findings: findings.collect(),
            met: judgement.with_standing(Standing::Met).collect(),
            not_exercised: judgement.with_standing(Standing::NotExercised).collect(),
        }
    }
}

impl<'a> FindingDocument<'a> {
    fn of(finding: &'a Finding, judged: &'a Judged) -> Self {
        Self {
            requirement: &finding.requirement,
            level: finding.level.as_str(),
            role: finding.role().as_str(),
            messages: finding.messages.iter().map(MessageName::as_str).collect(),
            expected: expected(finding),
            seen: &finding.seen,
            clause: &finding.clause,
            bytes: finding.span.as_ref().map(|span| [span.start, span.end]),
            known: judged.known(finding.role()).map(|known| known.reason.trim()),
            erratum: finding.erratum.as_deref().map(str::trim),
        }
    }
}
