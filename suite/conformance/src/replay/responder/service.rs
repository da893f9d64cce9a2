//! Our service as the recording says the recorded one was.

use std::collections::{BTreeMap, BTreeSet};

use wsrm_protocol::{ListenerConfig, SequentialIdentifiers};
use wsrm_reference::contract::{Call, Completion, Performance};
use wsrm_reference::{Contract, Edition, EndpointError, Host, HostConfig, Pacing};
use wsrm_wire::{Body, Fragment, HeaderKind, Infoset, Limits, RmVersion, WireProfile};

use super::super::NotReplayed;
use crate::content::Content;
use crate::recording::{self, Binding, Exchange, HttpMessage, Recording, StartLine};

/// A host with the endpoints of the recorded service.
pub(super) fn host(recording: &Recording) -> Result<Host, NotReplayed> {
    let scenario = recording.scenario();
    let requests = recording.exchanges();
    let path = path(requests).ok_or(NotReplayed::Role("no request was recorded"))?;
    let edition = if scenario.service.contains("CoreWCF") { Edition::CoreWcf } else { Edition::NetFramework };
    let mut host = Host::new(HostConfig {
        edition,
        pacing: Pacing::Manual,
        limits: Limits::default(),
        max_sessions: 100_000,
    });
    let (binding, contract) = match scenario.service_endpoints.first() {
        Some((_, binding)) => (binding.clone(), contract(binding)),
        None => {
            let Foreign { binding, operations } = foreign(requests)?;
            (binding, recorded_contract(operations))
        }
    };
    let listener = ListenerConfig {
        address: address(requests, &path),
        profile: binding.profile,
        pattern: contract.pattern(),
        settings: binding.settings.clone(),
        timeouts: binding.timeouts.clone(),
        language: language(requests),
        max_concurrent_calls: usize::MAX,
        enforce_max_pending_channels: edition == Edition::NetFramework,
    };
    // Far from anything that a recorded peer gives out by itself.
    let identifiers = |endpoint: u128| {
        let first = 0x5e41_0000_0000_4000_8000_0000_0000_0000 + (endpoint << 64);
        Box::new(SequentialIdentifiers::starting_after(first))
    };
    let refuse = |error: EndpointError| NotReplayed::Form(error.to_string());
    host.add_endpoint(&path, listener.clone(), contract, identifiers(0)).map_err(refuse)?;
    for (index, other) in other_paths(requests, &path).into_iter().enumerate() {
        let listener = ListenerConfig { address: address(requests, &other), ..listener.clone() };
        let contract = self::contract(&binding);
        if contract.pattern() == listener.pattern {
            host.add_endpoint(&other, listener, contract, identifiers(index as u128 + 1)).map_err(refuse)?;
        }
    }
    Ok(host)
}

fn contract(binding: &Binding) -> Contract {
    match binding.contract {
        recording::Contract::Echo => Contract::echo(),
        recording::Contract::OneWay => Contract::one_way(),
        recording::Contract::Mixed => Contract::mixed(),
    }
}

/// The path that most requests ask for: the others ask for what is not there, or for another endpoint.
fn path(exchanges: &[Exchange]) -> Option<String> {
    let mut counts = BTreeMap::<&str, usize>::new();
    for path in exchanges.iter().filter_map(|exchange| requested(&exchange.request)) {
        *counts.entry(path).or_default() += 1;
    }
    let most = counts.values().max().copied()?;
    counts.into_iter().find(|(_, count)| *count == most).map(|(path, _)| path.to_owned())
}

/// The other paths at which the recorded service had an endpoint, by its answers. What is known of the main one
/// stands in for what is not known of them.
fn other_paths(exchanges: &[Exchange], path: &str) -> BTreeSet<String> {
    exchanges
        .iter()
        .filter(|exchange| exchange.response.as_ref().is_some_and(|response| response.status() != Some(404)))
        .filter_map(|exchange| requested(&exchange.request))
        .filter(|requested| *requested != path)
        .map(str::to_owned)
        .collect()
}

/// The path of a request's target.
fn requested(request: &HttpMessage) -> Option<&str> {
    let StartLine::Request { target, .. } = request.start() else { return None };
    let target = match target.split_once("://") {
        Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"),
        None => target,
    };
    target.split('?').next()
}

fn address(exchanges: &[Exchange], path: &str) -> String {
    let host = exchanges.iter().find_map(|exchange| exchange.request.field("Host")).unwrap_or("localhost");
    format!("http://{host}{path}")
}

/// The culture of the recorded process, which its faults show.
fn language(exchanges: &[Exchange]) -> String {
    exchanges
        .iter()
        .filter_map(|exchange| exchange.response.as_ref())
        .find_map(|response| fault_language(response.body()))
        .unwrap_or_else(|| "en-US".to_owned())
}

/// The `xml:lang` of the first reason of a fault.
pub(in super::super) fn fault_language(body: &[u8]) -> Option<String> {
    let content = Content::of_bytes(body, None);
    match content.envelope()?.ok()?.body {
        Body::Fault(fault) => fault.reasons.first()?.language.as_ref().map(ToString::to_string),
        _ => None,
    }
}

/// What can be known of a foreign endpoint from its exchanges alone.
pub(in super::super) struct Foreign {
    /// The versions of the first CreateSequence, WCF's defaults, and the pattern of what was called.
    pub(in super::super) binding: Binding,
    /// What was called, in the order of the first calls.
    pub(in super::super) operations: Vec<RecordedOperation>,
}

/// An operation that is known by its messages.
pub(in super::super) struct RecordedOperation {
    action: String,
    /// The action of its replies, where it has any.
    reply_action: Option<String>,
    /// The bodies of requests that were answered, each with that of the reply.
    replies: Vec<(Fragment<'static>, Fragment<'static>)>,
}

/// Reads what exchanges say of the endpoint behind them.
pub(in super::super) fn foreign(exchanges: &[Exchange]) -> Result<Foreign, NotReplayed> {
    let mut operations = Vec::<RecordedOperation>::new();
    for exchange in exchanges {
        let Some((action, request)) = application(exchange.request.body()) else { continue };
        let at = operations.iter().position(|operation| operation.action == action).unwrap_or_else(|| {
            operations.push(RecordedOperation { action, reply_action: None, replies: Vec::new() });
            operations.len() - 1
        });
        let reply = exchange.response.as_ref().and_then(|response| application(response.body()));
        if let (Some(operation), Some((action, reply))) = (operations.get_mut(at), reply) {
            operation.reply_action = Some(action);
            operation.replies.push((request, reply));
        }
    }
    let profile = exchanges.iter().find_map(|exchange| profile(exchange.request.body()));
    let profile = profile.ok_or_else(|| unreadable(exchanges))?;
    let mut binding = Binding { profile, ..Binding::default() };
    binding.set_rm(profile.rm);
    let two_way = operations.iter().any(|operation| operation.reply_action.is_some());
    binding.contract = if two_way { recording::Contract::Echo } else { recording::Contract::OneWay };
    Ok(Foreign { binding, operations })
}

/// A contract that gives the recorded replies: to each request that of the same body, to one of which none was
/// recorded the last.
fn recorded_contract(operations: Vec<RecordedOperation>) -> Contract {
    let mut contract = Contract::new("Recorded");
    for RecordedOperation { action, reply_action, replies } in operations {
        let name = action.rsplit(['/', ':', '#']).next().unwrap_or_default().to_owned();
        contract = contract.with_operation(&name, action, reply_action, move |call: &Call<'_>| {
            let known = replies.iter().find(|(request, _)| request.xml == call.delivery.body.xml);
            let reply = known.or(replies.last()).map(|(_, reply)| reply.clone());
            Performance::now(Completion::Body(reply.unwrap_or_default()))
        });
    }
    contract
}

/// Why nothing can be said of a recording in which no message is a CreateSequence.
fn unreadable(exchanges: &[Exchange]) -> NotReplayed {
    let words = exchanges.iter().find_map(|exchange| Content::of(&exchange.request).words());
    words.map_or(NotReplayed::Role("no session was recorded"), NotReplayed::Form)
}

/// The versions of a CreateSequence.
fn profile(body: &[u8]) -> Option<WireProfile> {
    let infoset = Infoset::read(body, &Limits::default()).ok()?;
    let profile = WireProfile::detect(&infoset).ok()?;
    let content = Content::of_bytes(body, None);
    matches!(content.envelope()?.ok()?.body, Body::CreateSequence(_)).then_some(profile)
}

/// The action and the body of an application message.
fn application(body: &[u8]) -> Option<(String, Fragment<'static>)> {
    let content = Content::of_bytes(body, None);
    let envelope = content.envelope()?.ok()?;
    let action = envelope.headers.iter().find_map(|header| match &header.kind {
        HeaderKind::Action(action) => Some(action.to_string()),
        _ => None,
    })?;
    if RmVersion::ALL.iter().any(|rm| action.starts_with(rm.namespace())) {
        return None;
    }
    match envelope.body {
        Body::Application(body) => Some((action, body.into_owned())),
        _ => None,
    }
}
