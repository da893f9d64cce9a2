//! The result as JSON.

use serde_json::{Map, Value, json};
use wsrm_protocol::config::{
    Binding, Configuration, ConfigurationError, Endpoint, Location, Origin, Problem, Setting, Side,
};

use super::{Failure, Report};

/// Writes all files.
pub(super) fn write(reports: &[Report]) -> String {
    let files: Vec<_> = reports.iter().map(file).collect();
    let text = serde_json::to_string_pretty(&json!({ "files": files })).unwrap_or_default();
    text + "\n"
}

fn file(report: &Report) -> Value {
    match &report.outcome {
        Ok(configuration) => json!({
            "path": report.path,
            "errors": [],
            "notes": configuration.notes().iter().map(|note| with_location(json!({ "text": note.text }), &note.location)).collect::<Vec<_>>(),
            "endpoints": configuration.endpoints().iter().map(|each| endpoint(configuration, each)).collect::<Vec<_>>(),
            "bindings": configuration.bindings().iter().map(binding).collect::<Vec<_>>(),
        }),
        Err(Failure::Content(errors)) => {
            json!({ "path": report.path, "errors": errors.iter().map(error).collect::<Vec<_>>() })
        }
        Err(Failure::File(message)) => json!({ "path": report.path, "errors": [{ "message": message }] }),
    }
}

fn error(error: &ConfigurationError) -> Value {
    let value = json!({ "message": error.message, "allowed": error.allowed, "wcf": error.wcf });
    with_location(value, &error.location)
}

fn endpoint(configuration: &Configuration, endpoint: &Endpoint) -> Value {
    let (side, service, scheme) = match &endpoint.side {
        Side::Client => ("client", None, None),
        Side::Service(name) => ("service", Some(name), None),
        Side::Default(name) => ("default", Some(name), None),
        Side::Mapped(scheme) => ("mapped", None, Some(scheme)),
    };
    let binding = configuration.binding_of(endpoint);
    let value = json!({
        "side": side,
        "service": service,
        "scheme": scheme,
        "name": endpoint.name,
        "address": endpoint.address,
        "contract": endpoint.contract,
        "kind": endpoint.kind,
        "behaviorConfiguration": endpoint.behavior_configuration,
        "scope": endpoint.scope,
        "metadata": endpoint.is_metadata(),
        "binding": endpoint.binding_kind.as_ref().map(|kind| json!({
            "kind": kind.name(),
            "name": endpoint.binding_name,
            "found": binding.is_some(),
        })),
        "reliable": binding.map(|binding| binding.reliable_session.is_some()),
        "problems": problems(&endpoint.problems),
    });
    with_location(value, &endpoint.location)
}

fn binding(binding: &Binding) -> Value {
    let session = binding.reliable_session.as_ref();
    let unsupported: Vec<_> = binding
        .unsupported
        .iter()
        .map(|missing| {
            json!({
                "feature": missing.feature.name(),
                "element": missing.element,
                "missing": missing.feature.missing(),
                "hint": missing.hint,
            })
        })
        .collect();
    let stack: Vec<_> = binding
        .stack
        .iter()
        .map(|element| {
            with_origin(json!({ "name": element.name, "detail": element.detail }), &element.origin)
        })
        .collect();
    let value = json!({
        "kind": binding.kind.name(),
        "name": binding.name,
        "scope": binding.scope,
        "written": binding.is_written(),
        "reliable": session.is_some(),
        "profile": binding.profile().map(|profile| json!({
            "rm": profile.rm.configuration_name(),
            "soap": profile.soap.to_string(),
            "addressing": profile.addressing.to_string(),
        })),
        "messageVersion": binding.message_version.map(wsrm_protocol::config::MessageVersion::name),
        "settings": session.map(|session| settings(session.iter())),
        "timeouts": settings(binding.timeouts.iter()),
        "stack": stack,
        "speakable": session.is_some() && binding.unsupported.is_empty() && binding.problems.is_empty(),
        "unsupported": unsupported,
        "problems": problems(&binding.problems),
        "notes": binding.notes,
    });
    match &binding.location {
        Some(location) => with_location(value, location),
        None => value,
    }
}

fn settings<'a>(settings: impl Iterator<Item = Setting<'a>>) -> Value {
    let map: Map<_, _> = settings
        .map(|setting| {
            let value: Value = match setting.value.as_str() {
                "true" => true.into(),
                "false" => false.into(),
                text => text.parse::<u32>().map_or_else(|_| text.into(), Value::from),
            };
            (setting.name.to_owned(), with_origin(json!({ "value": value }), setting.origin))
        })
        .collect();
    Value::Object(map)
}

fn problems(problems: &[Problem]) -> Vec<Value> {
    problems
        .iter()
        .map(|problem| {
            let value = json!({ "message": problem.message, "wcf": problem.wcf });
            match &problem.location {
                Some(location) => with_location(value, location),
                None => value,
            }
        })
        .collect()
}

fn with_origin(mut value: Value, origin: &Origin) -> Value {
    let (name, line) = match origin {
        Origin::Written(location) => ("written", Some(location.line)),
        Origin::Binding => ("binding", None),
        Origin::Default => ("default", None),
    };
    if let Value::Object(map) = &mut value {
        map.insert("origin".to_owned(), name.into());
        map.extend(line.map(|line| ("line".to_owned(), Value::from(line))));
    }
    value
}

fn with_location(mut value: Value, location: &Location) -> Value {
    if let Value::Object(map) = &mut value {
        map.insert("line".to_owned(), location.line.into());
        map.insert("column".to_owned(), location.column.into());
        map.insert("path".to_owned(), location.path.clone().into());
    }
    value
}
