//! XML and the SOAP envelope.

use std::ops::Range;

use wsrm_wire::{SoapVersion, namespace};

use crate::message::{Content, HeaderBlock, Message, Node};
use crate::monitor::{Check, Report, Scene};

pub(super) const CHECKS: &[Check] = &[
    Check::message("soap.well-formed", well_formed),
    Check::message("soap.envelope", envelope),
    Check::message("soap.must-understand-value", must_understand_value),
    Check::message("soap.fault-structure", fault_structure),
    Check::message("soap.fault-code", fault_code),
    Check::message("soap.fault-alone", fault_alone),
    Check::message("soap.single-body-child", single_body_child),
];

fn well_formed(scene: &Scene<'_>, report: &mut Report<'_>) {
    let error = match scene.observation.content() {
        Some(Content::Malformed { what, offset }) => Some((what, *offset)),
        Some(Content::Soap(message)) => message.malformed.as_ref().map(|(what, offset)| (what, *offset)),
        _ => return,
    };
    match error {
        None => report.met(),
        Some((what, offset)) => {
            let breach = scene.breach().at(&(offset..offset.saturating_add(1)));
            report.violated(
                breach.expected("well-formed XML, without DTD and processing instruction").seen(what),
            );
        }
    }
}

fn envelope(scene: &Scene<'_>, report: &mut Report<'_>) {
    let is_of_soap = scene.request().is_none_or(|request| request.soap().is_some());
    match scene.observation.content() {
        Some(Content::Soap(message)) => report.judge(message.structure.is_none(), || {
            let seen = message.structure.clone().unwrap_or_default();
            scene.breach().at(&message.body_span).expected("an optional Header, then one Body").seen(seen)
        }),
        Some(Content::Document(root)) if is_of_soap && is_post(scene) => {
            let breach = scene.breach().at(&root.span).expected("the Envelope of a SOAP version");
            report.violated(breach.seen(format!("{} of {:?}", root.local, root.namespace)));
        }
        _ => {}
    }
}

fn is_post(scene: &Scene<'_>) -> bool {
    let request = scene.request().unwrap_or(scene.observation);
    request.http().is_some_and(
        |http| matches!(&http.start, crate::trace::StartLine::Request { method, .. } if method == "POST"),
    )
}

fn must_understand_value(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message else { return };
    let known: &[&str] = match message.soap {
        SoapVersion::Soap11 => &["0", "1"],
        SoapVersion::Soap12 => &["0", "1", "false", "true"],
    };
    for HeaderBlock { node, must_understand, .. } in &message.headers {
        if let Some(value) = must_understand {
            report.judge(known.contains(&value.trim()), || {
                scene.breach().at(&node.span).expected(format!("one of {known:?}")).seen(format!("{value:?}"))
            });
        }
    }
}

fn fault_structure(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message.filter(|message| message.malformed.is_none()) else { return };
    let Some(fault) = &message.fault else { return };
    let missing = match message.soap {
        SoapVersion::Soap11 => {
            let has = |local: &str| fault.node.children.iter().any(|child| child.local == local);
            [("faultcode", has("faultcode")), ("faultstring", has("faultstring"))]
        }
        SoapVersion::Soap12 => [
            ("Code with Value", fault.code.is_some()),
            ("Reason with a Text that names its language", has_reason(&fault.node)),
        ],
    };
    let missing: Vec<&str> = missing.iter().filter(|(_, has)| !has).map(|(name, _)| *name).collect();
    if !missing.is_empty() {
        let breach = scene.breach().at(&fault.node.span).expected(missing.join(", "));
        report.violated(breach.seen("a fault without it"));
        return;
    }
    let strange = match message.soap {
        SoapVersion::Soap11 => {
            misplaced(&fault.node, "", &["faultcode", "faultstring", "faultactor", "detail"])
        }
        SoapVersion::Soap12 => strange_part(&fault.node),
    };
    report.judge(strange.is_none(), || {
        let (span, seen) = strange.unwrap_or_else(|| (fault.node.span.clone(), String::new()));
        scene.breach().at(&span).expected("the parts of a fault in their order, once each").seen(seen)
    });
}

/// The first child of an element that is not one of these names, in this order, once each, in this namespace; or the
/// text beside them.
fn misplaced(node: &Node, namespace: &str, names: &[&str]) -> Option<(Range<usize>, String)> {
    let mut next = 0;
    for child in &node.children {
        let place = names.iter().position(|name| *name == child.local && child.namespace == namespace);
        match place.filter(|place| *place >= next) {
            Some(place) => next = place + 1,
            None => return Some((child.span.clone(), format!("{} in {}", child.local, node.local))),
        }
    }
    (!node.text.is_empty() && !names.is_empty())
        .then(|| (node.span.clone(), format!("text in {}", node.local)))
}

/// What is wrong with the parts of a SOAP 1.2 fault.
fn strange_part(fault: &Node) -> Option<(Range<usize>, String)> {
    let namespace = SoapVersion::Soap12.namespace();
    misplaced(fault, namespace, &["Code", "Reason", "Node", "Role", "Detail"])
        .or_else(|| fault.first("Code").and_then(strange_code))
        .or_else(|| fault.first("Reason").and_then(strange_reason))
}

/// What is wrong with a code, or one beneath it: each has a Value, the name of a code.
fn strange_code(code: &Node) -> Option<(Range<usize>, String)> {
    if code.first("Value").is_none_or(|value| value.qname.is_none()) {
        return Some((code.span.clone(), format!("no Value with a qualified name in {}", code.local)));
    }
    misplaced(code, SoapVersion::Soap12.namespace(), &["Value", "Subcode"])
        .or_else(|| code.first("Subcode").and_then(strange_code))
}

/// What is wrong with a reason: it holds texts, each in another language.
fn strange_reason(reason: &Node) -> Option<(Range<usize>, String)> {
    let stray =
        reason.children.iter().find(|child| child.local != "Text" || child.namespace != reason.namespace);
    let language = |text: &Node| text.attribute(namespace::XML, "lang").map(str::to_owned);
    let twin = reason.own("Text").enumerate().find(|(place, text)| {
        reason.own("Text").take(*place).any(|before| language(before) == language(text))
    });
    let text = (!reason.text.is_empty()).then_some(reason);
    let strange = stray.or(twin.map(|(_, text)| text)).or(text)?;
    Some((strange.span.clone(), "something beside one Text for each language in Reason".to_owned()))
}

fn has_reason(fault: &Node) -> bool {
    let texts = |reason: &Node| {
        let all: Vec<bool> =
            reason.own("Text").map(|text| text.attribute(namespace::XML, "lang").is_some()).collect();
        !all.is_empty() && all.into_iter().all(|has| has)
    };
    fault.first("Reason").is_some_and(texts)
}

fn fault_code(scene: &Scene<'_>, report: &mut Report<'_>) {
    // What an application says in its own faults is not the stack's.
    let of_stack = scene.message.filter(|message| message.sequences.is_empty());
    let Some(fault) = of_stack.and_then(|message| message.fault.as_ref()) else { return };
    let Some((found, local)) = &fault.code else { return };
    let known = ["VersionMismatch", "MustUnderstand", "DataEncodingUnknown", "Sender", "Receiver"];
    let is_kept = found == SoapVersion::Soap12.namespace() && known.contains(&local.as_str());
    report.judge(is_kept, || {
        scene.breach().at(&fault.node.span).expected(format!("one of {known:?}")).seen(local)
    });
}

fn fault_alone(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message else { return };
    let is_fault = |node: &&Node| node.is(message.soap.namespace(), "Fault");
    if let Some(fault) = message.body.iter().find(is_fault) {
        report.judge(message.body.len() == 1, || {
            let seen = format!("{} elements", message.body.len());
            scene.breach().at(&fault.span).expected("the Fault alone in the Body").seen(seen)
        });
    }
}

fn single_body_child(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message else { return };
    if message.lifecycle.is_some() {
        report.judge(message.body.len() == 1, || second_child(scene, message));
    }
}

fn second_child(scene: &Scene<'_>, message: &Message) -> crate::monitor::Breach {
    let span = message.body.get(1).map_or(&message.body_span, |node| &node.span);
    let seen = format!("{} elements", message.body.len());
    scene.breach().at(span).expected("one element in the Body").seen(seen)
}
