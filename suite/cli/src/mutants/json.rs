//! The measure as data.

use serde_json::{Value, json};
use wsrm_conformance::mutation::{self, Trial};
use wsrm_oracle::measure::Score;
use wsrm_reference::mutants::Mutant;

use super::Outcome;

/// What was tried, and what came of it.
pub(super) fn write(outcome: &Outcome<'_>) -> String {
    let mut score = json!({ "mutants": outcome.trials.len(), "killed": outcome.killed() });
    if let (Some(coverage), Value::Object(score)) = (&outcome.coverage, &mut score) {
        let without = coverage.without.iter();
        let without: Vec<Value> =
            without.map(|(own, why)| json!({ "requirement": own.id, "why": why })).collect();
        score.insert("judged".to_owned(), json!(coverage.judged));
        score.insert("with_mutant".to_owned(), json!(coverage.judged - coverage.without.len()));
        score.insert("without".to_owned(), json!(without));
    }
    let edits = |(edits, score): &(usize, Score)| json!({ "edits": edits, "applied": score.applied, "found": score.found, "precise": score.precise });
    page(&json!({
        "mutants": outcome.trials.iter().map(trial).collect::<Vec<_>>(),
        "score": score,
        "wounds": outcome.measured.as_ref().map(|measured| edits(&measured.wounds)),
        "harmless": outcome.measured.as_ref().map(|measured| edits(&measured.harmless)),
    }))
}

/// The mutants, not tried.
pub(super) fn list(chosen: &[&Mutant]) -> String {
    page(&json!({ "mutants": chosen.iter().map(|mutant| facts(mutant)).collect::<Vec<_>>() }))
}

fn page(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

fn facts(mutant: &Mutant) -> Value {
    json!({
        "name": mutant.name,
        "role": mutant.role.word(),
        "requirement": mutant.breaks,
        "about": mutant.about,
        "shows_in": mutation::target(mutant.needs).dialect().to_string(),
        "cases": mutant.provoked_by,
    })
}

fn trial(trial: &Trial) -> Value {
    let mut value = facts(trial.mutant);
    let more = match &trial.outcome {
        mutation::Outcome::Killed(kill) => json!({
            "killed": true,
            "case": kill.report.case.name,
            "messages": kill.finding.messages.iter().map(|name| name.as_str()).collect::<Vec<_>>(),
            "expected": kill.finding.expected,
            "seen": kill.finding.seen,
            "others": trial.others(),
        }),
        mutation::Outcome::Survived(survivals) => json!({
            "killed": false,
            "survived": survivals.iter()
                .map(|survival| json!({ "case": survival.case, "why": survival.why }))
                .collect::<Vec<_>>(),
        }),
    };
    if let (Value::Object(value), Value::Object(more)) = (&mut value, more) {
        value.extend(more);
    }
    value
}
