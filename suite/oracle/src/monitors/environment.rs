//! Policy, security and MakeConnection: around the sequence.

use wsrm_wire::RmVersion;

use crate::message::{Content, MAKE_CONNECTION, Node, whole_number};
use crate::monitor::{Check, Report, Scene};

pub(super) const CHECKS: &[Check] = &[
    Check::message("environment.policy-subject", policy_subject),
    Check::message("environment.policy-one-assurance", policy_one_assurance),
    Check::message("environment.policy-one-security", policy_one_security),
    Check::message("environment.policy-optional", policy_optional),
    Check::message("environment.policy-assurance", policy_assurance),
    Check::message("environment.policy-timers", policy_timers),
    Check::message("environment.policy-timer-value", policy_timer_value),
    Check::message("environment.policy-first-child", policy_first_child),
    Check::message("environment.policy-one-version", policy_one_version),
    Check::message("environment.make-connection-address", make_connection_address),
    Check::message("environment.make-connection-identifier", make_connection_identifier),
    Check::message("environment.make-connection-action", make_connection_action),
];

const POLICY_2005: &str = "http://schemas.xmlsoap.org/ws/2005/02/rm/policy";
const POLICY: &str = "http://docs.oasis-open.org/ws-rx/wsrmp/200702";
const WSU: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";

fn is_assertion(node: &Node) -> bool {
    node.local == "RMAssertion" && matches!(node.namespace.as_str(), POLICY | POLICY_2005)
}

/// The RMAssertion elements of a document, each with the elements around it, outermost first.
fn assertions<'a>(scene: &Scene<'a>) -> Vec<(Vec<&'a Node>, &'a Node)> {
    let Some(Content::Document(root)) = scene.observation.content() else { return Vec::new() };
    let mut found = Vec::new();
    let mut open: Vec<(Vec<&Node>, &Node)> = vec![(Vec::new(), root)];
    while let Some((around, node)) = open.pop() {
        if is_assertion(node) {
            found.push((around, node));
            continue;
        }
        let mut inside = around;
        inside.push(node);
        open.extend(node.children.iter().rev().map(|child| (inside.clone(), child)));
    }
    found
}

fn assertions_of<'a>(scene: &Scene<'a>, version: RmVersion) -> impl Iterator<Item = &'a Node> {
    let namespace = if version == RmVersion::V200702 { POLICY } else { POLICY_2005 };
    assertions(scene).into_iter().map(|(_, node)| node).filter(move |node| node.namespace == namespace)
}

/// The elements of a document that a policy is attached to by reference.
fn subjects<'a>(root: &'a Node, id: &str) -> Vec<&'a Node> {
    let refers = |child: &Node| {
        child.local == "PolicyReference"
            && child.attribute("", "URI").and_then(|uri| uri.strip_prefix('#')) == Some(id)
    };
    let all = root.descendants().into_iter();
    all.filter(|node| node.local != "Policy" && node.children.iter().any(refers)).collect()
}

fn policy_subject(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(Content::Document(root)) = scene.observation.content() else { return };
    for (around, node) in assertions(scene) {
        let Some(place) = around.iter().position(|outer| outer.local == "Policy") else { continue };
        let id = around.get(place).and_then(|policy| policy.attribute(WSU, "Id"));
        let mut attached = id.map(|id| subjects(root, id)).unwrap_or_default();
        attached.extend(place.checked_sub(1).and_then(|outer| around.get(outer)).filter(|_| id.is_none()));
        for subject in attached {
            let is_kept = matches!(subject.local.as_str(), "binding" | "port" | "endpoint");
            report.judge(is_kept, || {
                scene.breach().at(&node.span).expected("it at a binding or a port").seen(&subject.local)
            });
        }
    }
}

const ASSURANCES: [&str; 3] = ["ExactlyOnce", "AtLeastOnce", "AtMostOnce"];

fn assurances(node: &Node) -> Option<Vec<&str>> {
    let assurance = node.descendants().into_iter().find(|child| child.local == "DeliveryAssurance")?;
    let all = assurance.descendants();
    Some(
        all.into_iter()
            .map(|child| child.local.as_str())
            .filter(|local| ASSURANCES.contains(local))
            .collect(),
    )
}

fn policy_one_assurance(scene: &Scene<'_>, report: &mut Report<'_>) {
    for node in assertions_of(scene, RmVersion::V200702) {
        if let Some(found) = assurances(node) {
            report.judge(found.len() == 1, || {
                scene
                    .breach()
                    .at(&node.span)
                    .expected(format!("one of {ASSURANCES:?}"))
                    .seen(found.join(", "))
            });
        }
    }
}

fn policy_one_security(scene: &Scene<'_>, report: &mut Report<'_>) {
    for node in assertions_of(scene, RmVersion::V200702) {
        let names: Vec<&str> = node.descendants().into_iter().map(|child| child.local.as_str()).collect();
        let is_kept = !(names.contains(&"SequenceSTR") && names.contains(&"SequenceTransportSecurity"));
        report.judge(is_kept, || {
            scene.breach().at(&node.span).expected("SequenceSTR or SequenceTransportSecurity").seen("both")
        });
    }
}

fn policy_optional(scene: &Scene<'_>, report: &mut Report<'_>) {
    for (_, node) in assertions(scene) {
        let has = node
            .attributes
            .iter()
            .any(|attribute| attribute.local == "Optional" && !attribute.namespace.is_empty());
        report.judge(!has, || scene.breach().at(&node.span).expected("no wsp:Optional").seen("one"));
    }
}

fn policy_assurance(scene: &Scene<'_>, report: &mut Report<'_>) {
    for node in assertions_of(scene, RmVersion::V200702) {
        let found = assurances(node).unwrap_or_default();
        report.judge(found == ["ExactlyOnce"], || {
            scene
                .breach()
                .at(&node.span)
                .expected("DeliveryAssurance with ExactlyOnce")
                .seen(found.join(", "))
        });
    }
}

fn policy_timers(scene: &Scene<'_>, report: &mut Report<'_>) {
    for (_, node) in assertions(scene) {
        let names: Vec<&str> = node.descendants().into_iter().map(|child| child.local.as_str()).collect();
        let is_kept = names.contains(&"InactivityTimeout") && names.contains(&"AcknowledgementInterval");
        report.judge(is_kept, || {
            scene
                .breach()
                .at(&node.span)
                .expected("InactivityTimeout and AcknowledgementInterval")
                .seen("not both")
        });
    }
}

const TIMERS: [&str; 3] = ["InactivityTimeout", "BaseRetransmissionInterval", "AcknowledgementInterval"];

fn policy_timer_value(scene: &Scene<'_>, report: &mut Report<'_>) {
    for (_, assertion) in assertions(scene) {
        for timer in assertion.descendants().into_iter().filter(|node| TIMERS.contains(&node.local.as_str()))
        {
            let value = timer.attribute("", "Milliseconds");
            report.judge(value.and_then(whole_number).is_some(), || {
                let breach = scene.breach().at(&timer.span).expected("Milliseconds, a whole number");
                breach.seen(value.unwrap_or("none"))
            });
        }
    }
}

fn policy_first_child(scene: &Scene<'_>, report: &mut Report<'_>) {
    for node in assertions_of(scene, RmVersion::V200702) {
        if let Some(first) = node.children.first() {
            report.judge(first.local == "Policy", || {
                scene.breach().at(&first.span).expected("a Policy first").seen(&first.local)
            });
        }
    }
}

fn policy_one_version(scene: &Scene<'_>, report: &mut Report<'_>) {
    for (around, node) in assertions(scene) {
        let Some(policy) = around.iter().find(|outer| outer.local == "Policy") else { continue };
        let all = policy.descendants().into_iter().filter(|inner| is_assertion(inner));
        let other = all.into_iter().find(|other| other.namespace != node.namespace);
        report.judge(other.is_none(), || {
            let span = other.map_or(&node.span, |other| &other.span);
            scene.breach().at(span).expected("one version of RMAssertion in a policy").seen("two")
        });
    }
}

fn make_connection<'a>(scene: &Scene<'a>) -> Option<&'a Node> {
    scene.message?.body.first().filter(|node| node.is(MAKE_CONNECTION, "MakeConnection"))
}

fn make_connection_address(scene: &Scene<'_>, report: &mut Report<'_>) {
    if let Some(node) = make_connection(scene) {
        report.judge(node.first("Address").is_some(), || {
            scene.breach().at(&node.span).expected("Address").seen("none")
        });
    }
}

fn make_connection_identifier(scene: &Scene<'_>, report: &mut Report<'_>) {
    if let Some(node) = make_connection(scene) {
        let found =
            node.children.iter().find(|child| child.local == "Identifier" && child.rm_version().is_some());
        report.judge(found.is_none(), || scene.breach().at(&node.span).expected("no Identifier").seen("one"));
    }
}

fn make_connection_action(scene: &Scene<'_>, report: &mut Report<'_>) {
    let (Some(node), Some(message)) = (make_connection(scene), scene.message) else { return };
    let expected = format!("{MAKE_CONNECTION}/MakeConnection");
    if let Some(action) = message.action() {
        report.judge(action == expected, || scene.breach().at(&node.span).expected(&expected).seen(action));
    }
}
