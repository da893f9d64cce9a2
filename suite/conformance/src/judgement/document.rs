//! A judgement as data.

use serde::Serialize;
use wsrm_oracle::{Finding, MessageName};

use super::{Judgement, Known, Standing, expected};

/// A judgement as the JSON that `fixtures/README.md` describes.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    recording: &'a str,
    findings: Vec<FindingDocument<'a>>,
    met: Vec<&'a str>,
    not_exercised: Vec<&'a str>,
}

/// A finding as JSON.
#[derive(Debug, Serialize)]
pub struct FindingDocument<'a> {
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
        let findings = judgement.requirements.iter().flat_map(|judged| {
            let known = |finding: &Finding| judged.known(finding.role());
            judged.findings.iter().map(move |finding| FindingDocument::of(finding, known(finding)))
        });
        Self {
            recording: &judgement.subject,
            findings: findings.collect(),
            met: judgement.with_standing(Standing::Met).collect(),
            not_exercised: judgement.with_standing(Standing::NotExercised).collect(),
        }
    }
}

impl<'a> FindingDocument<'a> {
    /// What is to be said of a finding, and why it is accepted where it is known.
    pub fn of(finding: &'a Finding, known: Option<&'a Known>) -> Self {
        Self {
            requirement: &finding.requirement,
            level: finding.level.as_str(),
            role: finding.role().as_str(),
            messages: finding.messages.iter().map(MessageName::as_str).collect(),
            expected: expected(finding),
            seen: &finding.seen,
            clause: &finding.clause,
            bytes: finding.span.as_ref().map(|span| [span.start, span.end]),
            known: known.map(|known| known.reason.trim()),
            erratum: finding.erratum.as_deref().map(str::trim),
        }
    }
}
