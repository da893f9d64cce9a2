//! Faults of reliable messaging.

use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion, namespace};

use super::form::{Particle, judge_schema, placed};
use crate::message::{FaultFacts, Message, Node, RmFaultFacts};
use crate::monitor::{Check, Report, Scene};
use crate::trace::{Half, HttpMessage};
use crate::view::FaultRecord;

pub(super) const CHECKS: &[Check] = &[
    Check::message("fault.action", action),
    Check::message("fault.action-2005", action),
    Check::message("fault.code", code),
    Check::message("fault.subcode", subcode),
    Check::message("fault.wsrm-required-name", wsrm_required_name),
    Check::message("fault.detail", detail),
    Check::message("fault.identifier", identifier),
    Check::message("fault.sequence-fault-soap12", sequence_fault_soap12),
    Check::message("fault.sequence-fault-present", sequence_fault_present),
    Check::message("fault.sequence-fault-schema", sequence_fault_schema),
    Check::message("fault.no-body-detail", no_body_detail),
    Check::message("fault.refused-in-body", refused_in_body),
    Check::message("fault.connection-limit", connection_limit),
    Check::message("fault.obeyed", obeyed),
    Check::message("fault.closed-obeyed", closed_obeyed),
];

fn fault<'a>(scene: &Scene<'a>) -> Option<(&'a Message, &'a FaultFacts)> {
    let message = scene.message?;
    Some((message, message.fault.as_ref()?))
}

fn rm_fault<'a>(scene: &Scene<'a>) -> Option<(&'a Message, &'a FaultFacts, &'a RmFaultFacts)> {
    let (message, fault) = fault(scene)?;
    Some((message, fault, fault.rm.as_ref()?))
}

/// Whether the fault is about a sequence, so that it has something to name.
fn is_about_sequence(rm: &RmFaultFacts) -> bool {
    !matches!(rm.name.as_str(), "CreateSequenceRefused" | "WSRMRequired" | "WsrmRequired")
}

fn action(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((message, _, rm)) = rm_fault(scene) else { return };
    let Some(found) = message.action() else { return };
    let (is_kept, expected) = match rm.version {
        RmVersion::V200702 => {
            let expected = format!("{}/fault", rm.version.namespace());
            (found == expected, expected)
        }
        RmVersion::February2005 => {
            let version = message.addressing().unwrap_or(AddressingVersion::Addressing10);
            let known = [version.fault_action(), version.default_fault_action()];
            (known.contains(&found), known.join(" or "))
        }
    };
    report.judge(is_kept, || {
        let span = message.addressing_header("Action").map_or(&rm.span, |header| &header.node.span);
        scene.breach().at(span).expected(expected).seen(found)
    });
}

fn code(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((message, fault, rm)) = rm_fault(scene) else { return };
    let may_be_receiver = matches!(rm.name.as_str(), "SequenceTerminated" | "CreateSequenceRefused");
    let is_itself = fault.code.as_ref().is_some_and(|(found, _)| found == rm.version.namespace());
    // In SOAP 1.1 the name itself may stand as the code; whether it should is judged elsewhere.
    if message.soap == SoapVersion::Soap11 && is_itself {
        return;
    }
    let is_kept = fault.is_sender() || (may_be_receiver && fault.is_receiver());
    report.judge(is_kept, || {
        let expected = if may_be_receiver { "Sender or Receiver" } else { "Sender" };
        let seen = fault.code.as_ref().map_or("none", |(_, local)| local);
        scene.breach().at(&fault.node.span).expected(expected).seen(seen)
    });
}

/// Whether a fault outside of a sequence is marked as one of reliable messaging by something else than its code: by the
/// action, or, in February 2005, which has no action for its faults, by what its Detail names.
fn is_marked(message: &Message, fault: &FaultFacts) -> bool {
    let is_part = |node: &Node| {
        node.rm_version() == Some(RmVersion::February2005)
            && matches!(node.local.as_str(), "Identifier" | "SequenceAcknowledgement")
    };
    let has_part = fault.detail.as_ref().is_some_and(|detail| detail.children.iter().any(is_part));
    message.sequences.is_empty() && (has_part || message.rm_action() == Some("fault"))
}

fn subcode(scene: &Scene<'_>, report: &mut Report<'_>) {
    if let Some((message, fault)) = fault(scene).filter(|(_, fault)| fault.rm.is_none()) {
        // In SOAP 1.1 it is the SequenceFault header that is missing, or wrong.
        if message.soap == SoapVersion::Soap12 && fault.code.is_some() && is_marked(message, fault) {
            let seen = fault.subcodes.first().map_or("none", |(_, local)| local);
            let breach = scene.breach().at(&fault.node.span).expected("a Subcode of reliable messaging");
            report.violated(breach.seen(seen));
        }
        return;
    }
    let Some((_, _, rm)) = rm_fault(scene) else { return };
    let known: &[&str] = match rm.version {
        RmVersion::February2005 => &[
            "SequenceTerminated",
            "UnknownSequence",
            "InvalidAcknowledgement",
            "MessageNumberRollover",
            "LastMessageNumberExceeded",
            "CreateSequenceRefused",
        ],
        RmVersion::V200702 => &[
            "SequenceTerminated",
            "UnknownSequence",
            "InvalidAcknowledgement",
            "MessageNumberRollover",
            "CreateSequenceRefused",
            "SequenceClosed",
            "WSRMRequired",
        ],
    };
    // WCF's spelling of the last is judged by a requirement of its own.
    let is_wcf = rm.version == RmVersion::V200702 && rm.name == "WsrmRequired";
    report.judge(is_wcf || known.contains(&rm.name.as_str()), || {
        scene.breach().at(&rm.span).expected(format!("one of {known:?}")).seen(&rm.name)
    });
}

fn wsrm_required_name(scene: &Scene<'_>, report: &mut Report<'_>) {
    if let Some((_, _, rm)) =
        rm_fault(scene).filter(|(_, _, rm)| rm.name.eq_ignore_ascii_case("WSRMRequired"))
    {
        report.judge(rm.name == "WsrmRequired", || {
            scene.breach().at(&rm.span).expected("WsrmRequired").seen(&rm.name)
        });
    }
}

fn detail(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((_, fault, rm)) = rm_fault(scene) else { return };
    let wanted = match rm.name.as_str() {
        "InvalidAcknowledgement" => "SequenceAcknowledgement",
        "SequenceTerminated"
        | "UnknownSequence"
        | "MessageNumberRollover"
        | "LastMessageNumberExceeded"
        | "SequenceClosed" => "Identifier",
        _ => return,
    };
    let is_wanted = |node: &&Node| node.is(rm.version.namespace(), wanted);
    let found = |detail: &Node| {
        let all: Vec<&Node> = detail.children.iter().filter(is_wanted).collect();
        matches!(all.as_slice(), [only] if wanted != "Identifier" || !only.text.is_empty())
    };
    let is_kept = fault.detail.as_ref().is_some_and(found);
    report.judge(is_kept, || {
        let span = fault.detail.as_ref().map_or(&fault.node.span, |detail| &detail.span);
        let seen = if fault.detail.is_some() { "a Detail without it" } else { "no Detail" };
        scene.breach().at(span).expected(format!("{wanted} in Detail")).seen(seen)
    });
}

fn identifier(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((_, _, rm)) = rm_fault(scene).filter(|(_, _, rm)| is_about_sequence(rm)) else { return };
    let refuses = rm.name == "UnknownSequence" && scene.request_message().is_some_and(names_any);
    let Some(identifier) = rm.identifier.as_deref().filter(|_| refuses || scene.view.is_complete()) else {
        return;
    };
    let is_known = scene.view.sequence(identifier).is_some();
    let is_named = scene.view.has_named(scene.observation.sender.other(), identifier);
    let is_kept =
        is_known || is_named || scene.request_message().is_some_and(|request| names(request, identifier));
    report.judge(is_kept, || {
        let breach = scene.breach_of_answer().at(&rm.span);
        breach.expected("a sequence that the receiver takes part in").seen(identifier)
    });
}

/// The elements of a message that name a sequence.
fn identifiers(message: &Message) -> impl Iterator<Item = &Node> {
    let headers = message.headers.iter().map(|header| &header.node);
    let all = headers.chain(&message.body).flat_map(Node::descendants);
    all.filter(|node| node.local == "Identifier" && node.rm_version().is_some())
}

/// Whether a message names the sequence anywhere.
fn names(message: &Message, identifier: &str) -> bool {
    identifiers(message).any(|node| node.text == identifier)
}

/// Whether a message that was read to its end names any sequence.
fn names_any(message: &Message) -> bool {
    message.malformed.is_none() && identifiers(message).next().is_some()
}

fn sequence_fault(message: &Message) -> Option<&Node> {
    let headers = message.headers.iter().map(|header| &header.node);
    headers.into_iter().find(|node| node.local == "SequenceFault" && node.rm_version().is_some())
}

fn sequence_fault_soap12(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((message, fault)) = fault(scene) else { return };
    let header = sequence_fault(message);
    if fault.rm.is_some() || header.is_some() {
        report.judge(header.is_none(), || {
            let span = header.map_or(&fault.node.span, |header| &header.span);
            scene.breach().at(span).expected("no SequenceFault header in SOAP 1.2").seen("one")
        });
    }
}

fn sequence_fault_present(scene: &Scene<'_>, report: &mut Report<'_>) {
    if let Some((_, fault)) = fault(scene).filter(|(message, fault)| is_nameless(message, fault)) {
        let breach = scene.breach().at(&fault.node.span).expected("one SequenceFault header");
        report.violated(breach.seen("none, or one that says no fault of reliable messaging"));
        return;
    }
    let Some((message, fault, rm)) = rm_fault(scene).filter(|(_, _, rm)| is_about_sequence(rm)) else {
        return;
    };
    let headers = message.headers.iter().filter(|header| header.node.local == "SequenceFault");
    let count = headers.filter(|header| header.node.rm_version().is_some()).count();
    let is_clear = count == 1 && (fault.is_sender() || fault.is_receiver());
    if is_clear && rm.identifier.is_none() {
        let breach = scene.breach().at(&rm.span).expected("the sequence in the SequenceFault header");
        report.violated(breach.seen("none"));
        return;
    }
    let is_kept = is_clear;
    report.judge(is_kept, || {
        let code = fault.code.as_ref().map_or("none", |(_, local)| local);
        let breach = scene
            .breach()
            .at(&rm.span)
            .expected("one SequenceFault header, and the faultcode Client or Server");
        breach.seen(format!("{count} headers, faultcode {code}"))
    });
}

/// Whether a fault of SOAP 1.1 is one of reliable messaging by its action alone, and does not say which.
fn is_nameless(message: &Message, fault: &FaultFacts) -> bool {
    let is_called_so = RmVersion::ALL
        .into_iter()
        .any(|rm| message.action().is_some_and(|action| action == format!("{}/fault", rm.namespace())));
    let has_header = sequence_fault(message).is_some();
    (is_called_so || has_header) && fault.rm.is_none() && (fault.is_sender() || fault.is_receiver())
}

const SEQUENCE_FAULT: &[Particle] = &[("FaultCode", 1), ("Detail", 1)];
const SEQUENCE_FAULT_2005: &[Particle] =
    &[("FaultCode", 1), ("Identifier", 1), ("SequenceAcknowledgement", 1), ("MaxMessageNumber", 1)];

fn sequence_fault_schema(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(node) = scene.message.and_then(sequence_fault) else { return };
    if node.first("FaultCode").is_none() {
        report.violated(scene.breach().at(&node.span).expected("FaultCode in SequenceFault").seen("none"));
        return;
    }
    let is_2005 = node.rm_version() == Some(RmVersion::February2005);
    judge_schema(scene, node, if is_2005 { SEQUENCE_FAULT_2005 } else { SEQUENCE_FAULT }, report);
}

fn no_body_detail(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((message, fault)) = fault(scene) else { return };
    if sequence_fault(message).is_some() {
        report.judge(fault.detail.is_none(), || {
            let span = fault.detail.as_ref().map_or(&fault.node.span, |detail| &detail.span);
            scene.breach().at(span).expected("no detail in the Body").seen("one")
        });
    }
}

fn refused_in_body(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((message, _, rm)) = rm_fault(scene) else { return };
    if rm.name == "CreateSequenceRefused" {
        let header = sequence_fault(message);
        report.judge(header.is_none(), || {
            scene
                .breach()
                .at(&rm.span)
                .expected("the faultcode itself, without SequenceFault")
                .seen("SequenceFault")
        });
    }
}

fn connection_limit(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((_, fault)) = fault(scene) else { return };
    let is_limit =
        |(found, local): &(String, String)| found == namespace::NETRM && local == "ConnectionLimitReached";
    if fault.subcodes.iter().any(is_limit) {
        let outer = fault.subcodes.first().map(|(_, local)| local.as_str());
        let is_kept = outer == Some("CreateSequenceRefused") && fault.is_receiver();
        report.judge(is_kept, || {
            let breach = scene.breach().at(&fault.node.span);
            breach
                .expected("Receiver, CreateSequenceRefused, ConnectionLimitReached")
                .seen(outer.unwrap_or("none"))
        });
    }
}

/// How long a message may have been under way, in milliseconds, that was sent before its sender was told of a fault.
const UNDER_WAY: u64 = 50;

/// Whether the sender of this message has been told of the fault.
fn is_told(scene: &Scene<'_>, fault: &FaultRecord) -> bool {
    let is_other = fault.observation.sender != scene.observation.sender && fault.observation.is_delivered();
    // With SOAP 1.1 faults come with 500; a client may stop at 4xx without a look at what comes with it.
    let is_soap11 = fault.observation.soap().is_some_and(|message| message.soap == SoapVersion::Soap11);
    let status = fault.observation.http().and_then(HttpMessage::status);
    let is_read = !is_soap11 || status.is_none_or(|status| !(400..500).contains(&status));
    let is_late = match (scene.observation.at, fault.observation.at) {
        (Some(now), Some(then)) if scene.view.open > 0 => now > then.saturating_add(UNDER_WAY),
        _ => true,
    };
    is_other && is_read && is_late
}

fn judge_obeyed(scene: &Scene<'_>, names: &[&str], only_new: bool, report: &mut Report<'_>) {
    let Some(message) = scene.message.filter(|_| scene.observation.half == Half::Request) else { return };
    let Some((sequence, number)) = placed(scene, message) else { return };
    if only_new && sequence.first(number).is_some() {
        return;
    }
    let ended =
        sequence.faults.iter().find(|fault| names.contains(&fault.name.as_str()) && is_told(scene, fault));
    if let Some(fault) = ended {
        let span = message.sequences.first().map_or(&message.body_span, |header| &header.node.span);
        let breach = scene.breach().with(&fault.observation).at(span);
        report
            .violated(breach.expected("no further message of the sequence").seen(format!("number {number}")));
    }
}

fn obeyed(scene: &Scene<'_>, report: &mut Report<'_>) {
    judge_heard(scene, &["SequenceTerminated", "UnknownSequence"], report);
    judge_obeyed(scene, &["SequenceTerminated", "UnknownSequence"], false, report);
}

fn closed_obeyed(scene: &Scene<'_>, report: &mut Report<'_>) {
    judge_heard(scene, &["SequenceClosed"], report);
    judge_obeyed(scene, &["SequenceClosed"], true, report);
}

/// A fault that is heard exercises the requirement, by whatever comes or does not come behind it.
fn judge_heard(scene: &Scene<'_>, names: &[&str], report: &mut Report<'_>) {
    let Some((_, _, rm)) = rm_fault(scene) else { return };
    let is_of_source = scene.received_sequence(rm.identifier.as_deref()).is_some();
    if names.contains(&rm.name.as_str()) && is_of_source && scene.observation.is_delivered() {
        report.met_by(scene.observation.sender.other());
    }
}
