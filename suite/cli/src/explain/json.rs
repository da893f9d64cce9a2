//! The answer for programs.

use serde_json::{Value, json};
use wsrm_conformance::exercise::{Broken, Exercise, Kept};
use wsrm_conformance::explanation::{FoundBy, Kind, Match};
use wsrm_conformance::ladder::Ladder;
use wsrm_oracle::{Requirement, Role};
use wsrm_reference::mutants::Mutant;
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion};

use super::Outcome;
use super::practice::command;
use crate::test::names;

/// Writes what was found.
pub(super) fn write(outcome: &Outcome<'_>, width: usize) -> String {
    let value = match outcome {
        Outcome::Requirement(own, practice) => json!({
            "requirement": requirement(own),
            "exercised": practice.exercises.iter().map(exercise).collect::<Vec<_>>(),
            "not_exercised": practice.reasons,
            "mutants": practice.mutants.iter().map(|own| mutant(own)).collect::<Vec<_>>(),
            "examples": {
                "kept": practice.kept.as_ref().map(|own| kept(own, width)),
                "broken": practice.broken.as_ref().map(|own| broken(own, width)),
            },
        }),
        Outcome::NoRequirement(near) => {
            let near: Vec<_> = near.iter().map(|own| json!({ "id": own.id, "text": own.text })).collect();
            json!({ "requirement": null, "suggestions": near })
        }
        Outcome::Answer { answer, provoked, also, .. } => {
            let also: Vec<_> = also.iter().map(explained).collect();
            let mut answer = explained(answer);
            if let Value::Object(answer) = &mut answer {
                answer.insert("provoked".to_owned(), provoked.iter().map(exercise).collect());
            }
            json!({ "answer": answer, "also": also, "suggestions": [] })
        }
        Outcome::NoAnswer(near) => {
            let near: Vec<_> = near.iter().map(|own| json!({ "id": own.id, "title": own.title })).collect();
            json!({ "answer": null, "also": [], "suggestions": near })
        }
    };
    serde_json::to_string_pretty(&value).unwrap_or_default() + "\n"
}

fn explained(found: &Match<'_>) -> Value {
    let own = found.explanation;
    let (by, name) = match &found.by {
        FoundBy::Id => ("id", None),
        FoundBy::Text => ("text", None),
        FoundBy::Part => ("part", None),
        FoundBy::Code(name) => ("code", Some(name)),
        FoundBy::Exception(name) => ("exception", Some(name)),
    };
    let kind = match own.kind {
        Kind::Cause => "cause",
        Kind::Frame => "frame",
        Kind::Consequence => "consequence",
    };
    let settings = own.settings.iter().map(|look| {
        let setting = &look.setting;
        json!({ "name": setting.name, "place": setting.place, "default": setting.default, "advice": look.advice })
    });
    json!({
        "id": own.id,
        "found_by": { "by": by, "name": name },
        "title": own.title,
        "kind": kind,
        "meaning": own.meaning,
        "causes": own.causes,
        "settings": settings.collect::<Vec<_>>(),
        "wire": own.wire,
        "commands": own.commands,
        "recordings": own.recordings,
    })
}

fn exercise(own: &Exercise) -> Value {
    let cases = own.told().map(|case| {
        json!({ "name": case.name, "about": case.about, "needs": names::needs(case), "tags": names::tags(case) })
    });
    json!({
        "role": own.side.word(),
        "cases_in_all": own.count,
        "cases": cases.collect::<Vec<_>>(),
        "shown_by": { "case": own.by, "dialect": own.dialect.to_string(), "command": command(own) },
    })
}

fn mutant(own: &Mutant) -> Value {
    json!({ "name": own.name, "role": own.role.word(), "about": own.about, "cases": own.provoked_by })
}

fn kept(own: &Kept, width: usize) -> Value {
    json!({
        "case": own.case.name,
        "dialect": own.dialect,
        "golden": own.golden,
        "ladder": ladder(&own.ladder, width),
    })
}

fn broken(own: &Broken, width: usize) -> Value {
    let finding = &own.finding;
    json!({
        "mutant": own.mutant.name,
        "case": own.case,
        "dialect": own.dialect,
        "message": finding.messages.first().map(|name| name.as_str()),
        "bytes": finding.span.as_ref().map(|span| [span.start, span.end]),
        "expected": own.expected,
        "seen": finding.seen,
        "excerpt": own.excerpt,
        "ladder": ladder(&own.ladder, width),
    })
}

fn ladder(ladder: &Ladder, width: usize) -> String {
    anstream::adapter::strip_str(&ladder.render(width)).to_string()
}

/// A requirement.
pub(super) fn requirement(own: &Requirement) -> Value {
    json!({
        "id": own.id,
        "family": own.family(),
        "level": own.level.as_str(),
        "level_means": super::text::meaning(own.level),
        "role": own.role.as_str(),
        "rm": own.rm.iter().map(|version| rm(*version)).collect::<Vec<_>>(),
        "soap": own.soap.iter().map(|version| soap(*version)).collect::<Vec<_>>(),
        "addressing": own.addressing.iter().map(|version| addressing(*version)).collect::<Vec<_>>(),
        "patterns": own.patterns.iter().map(|pattern| pattern.as_str()).collect::<Vec<_>>(),
        "text": own.text,
        "sources": own.sources.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "consequence": own.consequence,
        "erratum": own.erratum,
        "judged": own.is_judged(),
        "reason": own.unjudged,
    })
}

/// Whom a requirement judges.
pub(super) fn judges(role: Role) -> &'static str {
    match role {
        Role::Source => "the source (who sends the messages of a sequence)",
        Role::Destination => "the destination (who receives and acknowledges them)",
        Role::Either => "either side (who sends the message)",
    }
}

/// The versions and patterns that a requirement holds for, where it does not hold for all.
pub(super) fn holds_for(own: &Requirement) -> String {
    let mut parts = Vec::new();
    if own.rm.len() < RmVersion::ALL.len() {
        parts.extend(own.rm.iter().map(|version| format!("WS-ReliableMessaging {}", rm(*version))));
    }
    if own.soap.len() < SoapVersion::ALL.len() {
        parts.extend(own.soap.iter().map(|version| format!("SOAP {}", soap(*version))));
    }
    if own.addressing.len() < AddressingVersion::ALL.len() {
        parts.extend(own.addressing.iter().map(|version| format!("WS-Addressing {}", addressing(*version))));
    }
    if own.patterns.len() < wsrm_oracle::Pattern::ALL.len() {
        parts.push(own.patterns.iter().map(|pattern| pattern.as_str()).collect::<Vec<_>>().join(" and "));
    }
    if parts.is_empty() { "all versions and patterns".to_owned() } else { parts.join(", ") + " alone" }
}

fn rm(version: RmVersion) -> &'static str {
    match version {
        RmVersion::February2005 => "1.0",
        RmVersion::V200702 => "1.1",
    }
}

fn soap(version: SoapVersion) -> &'static str {
    match version {
        SoapVersion::Soap11 => "1.1",
        SoapVersion::Soap12 => "1.2",
    }
}

fn addressing(version: AddressingVersion) -> &'static str {
    match version {
        AddressingVersion::August2004 => "2004/08",
        AddressingVersion::Addressing10 => "1.0",
    }
}
