//! Creating a sequence.

pub(super) mod answer;
pub(super) mod security;
pub(super) mod vocabulary;

use std::sync::Arc;

use wsrm_wire::{AddressingVersion, RmVersion};

use super::form::{
    Particle, breach_of_request, duration_seconds, is_uuid, judge_identifier, judge_schema, judge_single,
    placed, schema_error,
};
use crate::message::{Endpoint, Lifecycle, LifecycleKind, Message, Node, is_absolute};
use crate::monitor::{Breach, Check, Report, Scene};
use crate::trace::Observation;
use crate::view::{Creation, Origin, View};

pub(super) const CHECKS: &[Check] = &[
    Check::message("create.body-only", body_only),
    Check::message("create.acks-to", acks_to),
    Check::message("create.acks-to-reachable", acks_to_reachable),
    Check::message("create.schema", schema),
    Check::message("create.expires-duration", expires_duration),
    Check::both("create.offer-identifier", offer_identifier, offer_identifier_used),
    Check::message("create.identifier-uuid", identifier_uuid),
    Check::message("create.offer-identifier-unique", offer_identifier_unique),
    Check::message("create.offer-endpoint", offer_endpoint),
    Check::message("create.offer-endpoint-reachable", offer_endpoint_reachable),
    Check::message("create.incomplete-behavior-value", incomplete_behavior_value),
    Check::message("create.one-endpoint", one_endpoint),
    Check::message("create.no-expires", no_expires),
    Check::end("create.offer-present", offer_present),
    Check::message("create.incomplete-behavior-offered", incomplete_behavior_offered),
    Check::message("create.incomplete-behavior-answered", incomplete_behavior_answered),
    Check::message("create.incomplete-behavior-wcf", incomplete_behavior_wcf),
    Check::message("create.retry-same", retry_same),
    Check::message("create.retry-interval", retry_interval),
    Check::message("create.same-endpoint-used", same_endpoint_used),
];

fn lifecycle<'a>(scene: &Scene<'a>, kind: LifecycleKind) -> Option<(&'a Message, &'a Lifecycle)> {
    let message = scene.message?;
    let lifecycle = message.lifecycle.as_ref().filter(|lifecycle| lifecycle.kind == kind)?;
    // Of a body that breaks off nothing more can be said than that it does.
    Some((message, lifecycle)).filter(|_| message.malformed.is_none())
}

fn creation<'a>(scene: &Scene<'a>) -> Option<(&'a Message, &'a Lifecycle)> {
    lifecycle(scene, LifecycleKind::Create)
}

/// A CreateSequenceResponse, with the CreateSequence that it answers.
fn granted<'a>(scene: &Scene<'a>) -> Option<(&'a Lifecycle, &'a Creation, &'a Lifecycle)> {
    let (message, response) = lifecycle(scene, LifecycleKind::CreateResponse)?;
    let creation = scene.view.creation_of(scene.observation, message)?;
    let asked = creation.request.soap()?.lifecycle.as_ref()?;
    Some((response, creation, asked))
}

fn body_only(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message else { return };
    let misplaced = message
        .headers
        .iter()
        .map(|header| &header.node)
        .find(|node| node.rm_version().is_some() && LifecycleKind::from_name(&node.local).is_some());
    match misplaced {
        Some(node) => {
            let breach = scene.breach().at(&node.span).expected("it in the Body");
            report.violated(breach.seen(format!("a header block {}", node.local)));
        }
        None if message.lifecycle.is_some() => report.met(),
        None => {}
    }
}

fn acks_to(scene: &Scene<'_>, report: &mut Report<'_>) {
    if let Some((_, lifecycle)) = creation(scene) {
        judge_single(scene, &lifecycle.node, "AcksTo", report);
    }
}

fn judge_reachable(scene: &Scene<'_>, endpoint: Option<&Endpoint>, report: &mut Report<'_>) {
    if let Some(endpoint) = endpoint {
        report.judge(!endpoint.is_none(), || {
            let breach = scene.breach().at(&endpoint.span);
            breach.expected("an address that something can be sent to").seen(endpoint.address())
        });
    }
}

fn acks_to_reachable(scene: &Scene<'_>, report: &mut Report<'_>) {
    judge_reachable(scene, creation(scene).and_then(|(_, lifecycle)| lifecycle.acks_to.as_ref()), report);
}

const CREATE: &[Particle] = &[("AcksTo", 1), ("Expires", 1), ("Offer", 1)];
const CREATE_RESPONSE_2005: &[Particle] = &[("Identifier", 1), ("Expires", 1), ("Accept", 1)];
const CREATE_RESPONSE: &[Particle] =
    &[("Identifier", 1), ("Expires", 1), ("IncompleteSequenceBehavior", 1), ("Accept", 1)];
const OFFER_2005: &[Particle] = &[("Identifier", 1), ("Expires", 1)];
const OFFER: &[Particle] =
    &[("Identifier", 1), ("Endpoint", 1), ("Expires", 1), ("IncompleteSequenceBehavior", 1)];
const ACCEPT: &[Particle] = &[("AcksTo", 1)];

fn schema(scene: &Scene<'_>, report: &mut Report<'_>) {
    let creates = creation(scene).or_else(|| lifecycle(scene, LifecycleKind::CreateResponse));
    let Some((_, lifecycle)) = creates else { return };
    let is_2005 = lifecycle.version == RmVersion::February2005;
    let outer = match (lifecycle.kind, is_2005) {
        (LifecycleKind::Create, _) => CREATE,
        (_, true) => CREATE_RESPONSE_2005,
        (_, false) => CREATE_RESPONSE,
    };
    let offer = if is_2005 { OFFER_2005 } else { OFFER };
    let inner = lifecycle.offer.as_ref().map(|found| (&found.node, offer));
    let inner = inner.or_else(|| lifecycle.accept.as_ref().map(|accept| (accept, ACCEPT)));
    match inner.filter(|(node, particles)| schema_error(node, particles).is_some()) {
        Some((node, particles)) => judge_schema(scene, node, particles, report),
        None => judge_schema(scene, &lifecycle.node, outer, report),
    }
}

/// The `Expires` elements of a message that creates.
fn lifetimes(lifecycle: &Lifecycle) -> impl Iterator<Item = &Node> {
    let offered = lifecycle.offer.iter().flat_map(|offer| offer.node.own("Expires"));
    lifecycle.node.own("Expires").chain(offered)
}

fn expires_duration(scene: &Scene<'_>, report: &mut Report<'_>) {
    let creates = creation(scene).or_else(|| lifecycle(scene, LifecycleKind::CreateResponse));
    for expires in creates.iter().flat_map(|(_, lifecycle)| lifetimes(lifecycle)) {
        report.judge(duration_seconds(&expires.text).is_some(), || {
            scene.breach().at(&expires.span).expected("an xs:duration, not negative").seen(&expires.text)
        });
    }
}

fn offer_identifier(scene: &Scene<'_>, report: &mut Report<'_>) {
    if let Some(offer) = creation(scene).and_then(|(_, lifecycle)| lifecycle.offer.as_ref()) {
        judge_identifier(scene, &offer.node, report);
    }
}

/// Whether the identifier in a message that creates a sequence is one by which both sides call it later.
fn judge_used(view: &View, observation: &Observation, node: Option<&Node>, report: &mut Report<'_>) {
    let Some(identifier) = node.and_then(|node| node.first("Identifier")) else { return };
    if let Some(other) = view.renamed.get(&identifier.text) {
        let breach = Breach::by(observation).at(&identifier.span);
        let expected = format!("{other}, as both sides call the sequence");
        report.violated(breach.expected(expected).seen(&identifier.text));
    }
}

fn offer_identifier_used(view: &View, report: &mut Report<'_>) {
    for creation in &view.creations {
        let lifecycle = creation.request.soap().and_then(|message| message.lifecycle.as_ref());
        let offer = lifecycle.and_then(|lifecycle| lifecycle.offer.as_ref());
        judge_used(view, &creation.request, offer.map(|offer| &offer.node), report);
    }
}

fn identifier_uuid(scene: &Scene<'_>, report: &mut Report<'_>) {
    let response = lifecycle(scene, LifecycleKind::CreateResponse);
    let created = response.and_then(|(_, found)| Some((&found.node, found.identifier.as_deref()?)));
    let offer = creation(scene).and_then(|(_, found)| found.offer.as_ref());
    let offered = offer.and_then(|offer| Some((&offer.node, offer.identifier.as_deref()?)));
    if let Some((node, identifier)) = created.or(offered).filter(|(_, identifier)| is_absolute(identifier)) {
        report.judge(is_uuid(identifier), || {
            scene.breach().at(&node.span).expected("urn:uuid: and a UUID").seen(identifier)
        });
    }
}

fn offer_identifier_unique(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((message, lifecycle)) = creation(scene) else { return };
    let offer = lifecycle.offer.as_ref();
    let Some((offer, identifier)) = offer.and_then(|offer| Some((offer, offer.identifier.as_deref()?)))
    else {
        return;
    };
    // Whoever got no answer asks again, and may do so in a message of its own.
    let other = scene.view.creations.iter().find(|creation| {
        let is_answered = creation.answers.iter().any(|(answer, _)| answer.is_delivered());
        let is_same = creation.message_id.as_deref() == message.message_id();
        creation.offer.as_deref() == Some(identifier) && is_answered && !is_same
    });
    let taken =
        scene.view.sequence(identifier).is_some_and(|sequence| matches!(sequence.origin, Origin::Created(_)));
    report.judge(other.is_none() && !taken, || {
        let breach =
            scene.breach().at(&offer.node.span).expected("an identifier of its own").seen(identifier);
        match other {
            Some(creation) => breach.with(&creation.request),
            None => breach,
        }
    });
}

fn offer_endpoint(scene: &Scene<'_>, report: &mut Report<'_>) {
    if let Some(offer) = creation(scene).and_then(|(_, lifecycle)| lifecycle.offer.as_ref()) {
        judge_single(scene, &offer.node, "Endpoint", report);
    }
}

fn offer_endpoint_reachable(scene: &Scene<'_>, report: &mut Report<'_>) {
    let offer = creation(scene).and_then(|(_, lifecycle)| lifecycle.offer.as_ref());
    judge_reachable(scene, offer.and_then(|offer| offer.endpoint.as_ref()), report);
}

fn behaviors(lifecycle: &Lifecycle) -> impl Iterator<Item = &Node> {
    let offered = lifecycle.offer.iter().flat_map(|offer| offer.node.own("IncompleteSequenceBehavior"));
    lifecycle.node.own("IncompleteSequenceBehavior").chain(offered)
}

fn judge_behavior(scene: &Scene<'_>, known: &[&str], report: &mut Report<'_>) {
    let creates = creation(scene).or_else(|| lifecycle(scene, LifecycleKind::CreateResponse));
    for behavior in creates.iter().flat_map(|(_, lifecycle)| behaviors(lifecycle)) {
        report.judge(known.contains(&behavior.text.as_str()), || {
            scene.breach().at(&behavior.span).expected(format!("one of {known:?}")).seen(&behavior.text)
        });
    }
}

fn incomplete_behavior_value(scene: &Scene<'_>, report: &mut Report<'_>) {
    judge_behavior(scene, &["DiscardEntireSequence", "DiscardFollowingFirstGap", "NoDiscard"], report);
}

fn incomplete_behavior_wcf(scene: &Scene<'_>, report: &mut Report<'_>) {
    judge_behavior(scene, &["DiscardFollowingFirstGap", "NoDiscard"], report);
}

/// The addresses that WCF wants to be one, where all of them are there.
fn addresses(message: &Message, lifecycle: &Lifecycle) -> Option<Vec<String>> {
    let acks_to = lifecycle.acks_to.as_ref().filter(|endpoint| endpoint.addresses.len() == 1)?;
    let reply_to = match (message.endpoint("ReplyTo"), message.addressing()) {
        (Some(endpoint), _) => endpoint.address().to_owned(),
        (None, Some(AddressingVersion::Addressing10)) => {
            AddressingVersion::Addressing10.anonymous().to_owned()
        }
        (None, _) => return None,
    };
    let endpoint = lifecycle.offer.as_ref().and_then(|offer| offer.endpoint.as_ref());
    let mut all = vec![acks_to.address().to_owned(), reply_to];
    if lifecycle.version == RmVersion::V200702 {
        all.extend(endpoint.map(|endpoint| endpoint.address().to_owned()));
    }
    // What is no address at all is found where addresses are judged.
    Some(all).filter(|all| all.iter().all(|address| is_absolute(address)))
}

fn are_one(addresses: &[String]) -> bool {
    addresses.windows(2).all(|pair| matches!(pair, [one, other] if one == other))
}

fn one_endpoint(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((message, lifecycle)) = creation(scene) else { return };
    if let Some(addresses) = addresses(message, lifecycle) {
        report.judge(are_one(&addresses), || {
            let breach = scene.breach().at(&lifecycle.node.span);
            breach
                .expected("one address for AcksTo, ReplyTo and the Endpoint of the Offer")
                .seen(addresses.join(", "))
        });
    }
}

fn no_expires(scene: &Scene<'_>, report: &mut Report<'_>) {
    if let Some((_, lifecycle)) = creation(scene) {
        let found = lifetimes(lifecycle).next();
        report.judge(found.is_none(), || {
            let breach = scene.breach().expected("no Expires");
            match found {
                Some(expires) => breach.at(&expires.span).seen(&expires.text),
                None => breach,
            }
        });
    }
}

/// The first application reply in a session that this CreateSequence began.
fn first_reply(view: &View, place: usize) -> Option<&Arc<Observation>> {
    view.exchanges.iter().find_map(|exchange| {
        let asked = exchange.request.soap()?;
        let identifier = asked.sequences.first()?.identifier.as_deref()?;
        let sequence = view.sequence(identifier)?;
        let response = exchange.response.as_ref()?;
        let reply = response.soap().filter(|reply| reply.fault.is_none() && reply.is_application())?;
        let is_reply = sequence.origin == Origin::Created(place) && reply.relates_to().is_some();
        is_reply.then_some(response)
    })
}

/// The answer to a CreateSequence that has an Accept.
fn acceptance(creation: &Creation) -> Option<&Arc<Observation>> {
    let accepts = |answer: &&Arc<Observation>| {
        let lifecycle = answer.soap().and_then(|message| message.lifecycle.as_ref());
        lifecycle.is_some_and(|lifecycle| lifecycle.accept.is_some())
    };
    creation.answers.iter().map(|(answer, _)| answer).find(accepts)
}

fn offer_present(view: &View, report: &mut Report<'_>) {
    for (place, creation) in view.creations.iter().enumerate() {
        if let Some(reply) = first_reply(view, place) {
            report.judge(creation.has_offer, || {
                let breach = breach_of_request(&creation.request, reply);
                breach.expected("an Offer for the replies").seen("none")
            });
        }
    }
}

fn judge_behavior_present(scene: &Scene<'_>, node: Option<&Node>, report: &mut Report<'_>) {
    if let Some(node) = node {
        report.judge(node.first("IncompleteSequenceBehavior").is_some(), || {
            scene.breach().at(&node.span).expected("IncompleteSequenceBehavior").seen("none")
        });
    }
}

fn incomplete_behavior_offered(scene: &Scene<'_>, report: &mut Report<'_>) {
    let offer = creation(scene).and_then(|(_, lifecycle)| lifecycle.offer.as_ref());
    judge_behavior_present(scene, offer.map(|offer| &offer.node), report);
}

fn incomplete_behavior_answered(scene: &Scene<'_>, report: &mut Report<'_>) {
    let response = lifecycle(scene, LifecycleKind::CreateResponse);
    judge_behavior_present(scene, response.map(|(_, lifecycle)| &lifecycle.node), report);
}

/// The last CreateSequence before this one that offered the same sequence.
fn repeated<'a>(scene: &Scene<'a>) -> Option<(&'a Message, &'a Creation)> {
    let (message, lifecycle) = creation(scene)?;
    let offer = lifecycle.offer.as_ref()?.identifier.as_deref()?;
    let found =
        scene.view.creations.iter().rev().find(|creation| creation.offer.as_deref() == Some(offer))?;
    Some((message, found))
}

fn retry_same(scene: &Scene<'_>, report: &mut Report<'_>) {
    if let Some((message, before)) = repeated(scene) {
        report.judge(message.message_id() == before.message_id.as_deref(), || {
            let breach = scene.breach().with(&before.request).expected("the MessageID of the first");
            breach.seen(message.message_id().unwrap_or("none"))
        });
    }
}

/// Milliseconds by which a clock or a loaded machine may be wrong.
const TOLERANCE: u64 = 500;

fn retry_interval(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((message, before)) = repeated(scene) else { return };
    let is_same = message.message_id() == before.message_id.as_deref();
    if let (Some(now), Some(then), true) = (scene.observation.at, before.request.at, is_same) {
        let waited = now.saturating_sub(then);
        report.judge(waited + TOLERANCE >= 10_000, || {
            scene.breach().with(&before.request).expected("10 s").seen(format!("{waited} ms"))
        });
    }
}

/// Whether two addresses are the same to a client that compares them as URIs: scheme and host in any case.
pub(super) fn is_same_address(one: &str, other: &str) -> bool {
    let split = |address: &str| {
        let start = address.find("://").map_or(0, |at| at + 3);
        let end = address.get(start..).and_then(|rest| rest.find('/')).map_or(address.len(), |at| start + at);
        let (host, path) = address.split_at_checked(end).unwrap_or((address, ""));
        (host.to_ascii_lowercase(), if path.is_empty() { "/".to_owned() } else { path.to_owned() })
    };
    split(one) == split(other)
}

fn same_endpoint_used(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message.filter(|message| message.is_application()) else { return };
    let Some((sequence, _)) = placed(scene, message) else { return };
    let Origin::Created(place) = sequence.origin else { return };
    let creation = scene.view.creations.get(place).and_then(|creation| creation.request.soap());
    let created = creation.and_then(|creation| creation.property("To"));
    let found = message.addressing_header("To").filter(|header| is_absolute(&header.node.text));
    if let (Some(created), Some(found)) = (created.filter(|created| is_absolute(created)), found) {
        report.judge(is_same_address(created, &found.node.text), || {
            scene.breach().at(&found.node.span).expected(created).seen(&found.node.text)
        });
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("http://Host/a", "http://host/a", true)]
    #[case("http://host", "http://host/", true)]
    #[case("http://host/a", "http://host/A", false)]
    #[case("urn:a", "urn:b", false)]
    fn addresses_compare(#[case] one: &str, #[case] other: &str, #[case] same: bool) {
        assert_eq!(is_same_address(one, other), same);
    }
}
