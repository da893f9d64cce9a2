//! What was found out, as one JSON object.

use serde_json::{Value, json};
use wsrm_conformance::case::probe::{Assertion, Attempt, Ordered, Refused, Traits};
use wsrm_conformance::dialect::Dialect;
use wsrm_protocol::Pattern;
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion, WireProfile};

use super::Found;

pub(super) fn of(found: &Found) -> Value {
    let spoken = found.spoken.iter().map(|(target, traits)| {
        let mut object = form(target.profile, target.pattern);
        if let Value::Object(fields) = &mut object {
            let said = match traits {
                Ok(traits) => like(traits),
                Err(stop) => json!({ "trouble": stop.to_string() }),
            };
            fields.extend(said.as_object().cloned().unwrap_or_default());
        }
        object
    });
    let mut object = json!({
        "url": found.url,
        "speaks": spoken.collect::<Vec<_>>(),
        "refused": found.attempts.iter().filter_map(refused).collect::<Vec<_>>(),
        "policy": found.policies.iter().map(|(query, policy)| match policy {
            Ok(assertions) => json!({
                "query": query,
                "assertions": assertions.iter().map(assertion).collect::<Vec<_>>(),
            }),
            Err(why) => json!({ "query": query, "trouble": why }),
        }).collect::<Vec<_>>(),
    });
    if let (true, Some(reason)) = (found.spoken.is_empty(), found.reason()) {
        let said = json!({
            "says": reason.refused.to_string(),
            "explanation": reason.explanation.as_ref().map(|explained| json!({
                "id": explained.id,
                "title": explained.title,
                "settings": explained.settings.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            })),
            "advice": reason.advice,
        });
        add(&mut object, "reason", said);
    }
    object
}

fn add(object: &mut Value, name: &str, value: Value) {
    if let Value::Object(fields) = object {
        fields.insert(name.to_owned(), value);
    }
}

fn form(profile: WireProfile, pattern: Pattern) -> Value {
    json!({
        "rm": rm(profile.rm),
        "soap": match profile.soap {
            SoapVersion::Soap11 => "1.1",
            SoapVersion::Soap12 => "1.2",
        },
        "addressing": match profile.addressing {
            AddressingVersion::August2004 => "2004/08",
            AddressingVersion::Addressing10 => "1.0",
        },
        "pattern": Dialect::pattern_name(pattern),
    })
}

const fn rm(version: RmVersion) -> &'static str {
    match version {
        RmVersion::February2005 => "1.0",
        RmVersion::V200702 => "1.1",
    }
}

fn like(traits: &Traits) -> Value {
    json!({
        "takes_messages": traits.takes.is_ok(),
        "refusal": traits.takes.as_ref().err().map(said),
        "acknowledges_at_once": traits.acknowledges,
        "buffer_remaining": traits.buffer_remaining,
        "behind_a_gap": match traits.ordered {
            Ordered::Yes => Value::from("waits"),
            Ordered::No => Value::from("answered"),
            Ordered::Refused => Value::from("refused"),
            Ordered::Unseen => Value::Null,
        },
        "server": traits.server,
        "ended": traits.is_ended,
    })
}

fn refused(attempt: &Attempt) -> Option<Value> {
    let Dialect { profile, pattern } = attempt.dialect();
    let mut object = form(profile, pattern);
    add(&mut object, "answer", said(attempt.refused.as_ref()?));
    Some(object)
}

fn said(refused: &Refused) -> Value {
    json!({
        "status": refused.status,
        "codes": refused.codes,
        "reason": refused.reason,
        "transport": refused.transport,
    })
}

fn assertion(assertion: &Assertion) -> Value {
    json!({
        "rm": rm(assertion.rm),
        "inactivity_timeout_ms": assertion.inactivity_timeout,
        "acknowledgement_interval_ms": assertion.acknowledgement_interval,
        "assurance": assertion.assurance,
        "in_order": assertion.in_order,
        "security": assertion.security,
    })
}
