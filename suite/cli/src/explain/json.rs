//! The answer for programs.

use serde_json::{Value, json};
use wsrm_conformance::explanation::{FoundBy, Kind, Match};
use wsrm_oracle::{Requirement, Role};
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion};

use super::Outcome;

/// Writes what was found.
pub(super) fn write(outcome: &Outcome<'_>) -> String {
    let value = match outcome {
        Outcome::Requirement(own) => json!({ "requirement": requirement(own) }),
        Outcome::NoRequirement(near) => {
            let near: Vec<_> = near.iter().map(|own| json!({ "id": own.id, "text": own.text })).collect();
            json!({ "requirement": null, "suggestions": near })
        }
        Outcome::Answer { answer, also, .. } => {
            let also: Vec<_> = also.iter().map(explained).collect();
            json!({ "answer": explained(answer), "also": also, "suggestions": [] })
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
