//! The elements of reliable messaging, and their version.

use wsrm_wire::RmVersion;

use super::granted;
use crate::message::{Message, Node};
use crate::monitor::{Breach, Check, Report, Scene};
use crate::view::{SequenceView, View};

pub(in crate::monitors) const CHECKS: &[Check] = &[
    Check::message("create.vocabulary", vocabulary),
    Check::both("create.one-namespace", one_namespace, one_namespace_of_pair),
];

const NAMES_2005: &[&str] = &[
    "Accept",
    "AckRequested",
    "AcknowledgementRange",
    "AcksTo",
    "CreateSequence",
    "CreateSequenceResponse",
    "Expires",
    "FaultCode",
    "Identifier",
    "LastMessage",
    "MaxMessageNumber",
    "MessageNumber",
    "Nack",
    "Offer",
    "Sequence",
    "SequenceAcknowledgement",
    "SequenceFault",
    "TerminateSequence",
];
const NAMES: &[&str] = &[
    "Accept",
    "AckRequested",
    "AcknowledgementRange",
    "AcksTo",
    "CloseSequence",
    "CloseSequenceResponse",
    "CreateSequence",
    "CreateSequenceResponse",
    "Detail",
    "Endpoint",
    "Expires",
    "FaultCode",
    "Final",
    "Identifier",
    "IncompleteSequenceBehavior",
    "LastMsgNumber",
    "MaxMessageNumber",
    "MessageNumber",
    "Nack",
    "None",
    "Offer",
    "Sequence",
    "SequenceAcknowledgement",
    "SequenceFault",
    "TerminateSequence",
    "TerminateSequenceResponse",
    "UsesSequenceSSL",
    "UsesSequenceSTR",
];

/// All elements of reliable messaging in the headers, the Body and the details of a fault.
fn rm_elements(message: &Message) -> Vec<(&Node, RmVersion)> {
    let headers = message.headers.iter().filter(|header| header.is_ours).map(|header| &header.node);
    let all = headers.chain(&message.body).flat_map(Node::descendants);
    all.filter_map(|node| Some((node, node.rm_version()?))).collect()
}

fn vocabulary(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message else { return };
    let elements = rm_elements(message);
    let unknown = elements.iter().find(|(node, version)| {
        let names = if *version == RmVersion::February2005 { NAMES_2005 } else { NAMES };
        !names.contains(&node.local.as_str())
    });
    match unknown {
        Some((node, version)) => {
            let expected = format!("an element that {} defines", version.namespace());
            report.violated(scene.breach().at(&node.span).expected(expected).seen(&node.local));
        }
        None if !elements.is_empty() => report.met(),
        None => {}
    }
}

fn one_namespace(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message else { return };
    let elements = rm_elements(message);
    let Some((_, first)) = elements.first().copied() else { return };
    let identifiers = message.sequences.iter().map(|header| &header.identifier);
    let identifiers = identifiers.chain(message.acknowledgements.iter().map(|header| &header.identifier));
    let identifiers = identifiers.chain(message.lifecycle.iter().map(|lifecycle| &lifecycle.identifier));
    let of_session = identifiers
        .flatten()
        .filter_map(|identifier| scene.view.sequence(identifier))
        .find_map(|sequence| sequence.rm);
    let of_request = || granted(scene).map(|(_, _, asked)| asked.version);
    let expected = of_session.or_else(of_request).unwrap_or(first);
    // An answer is in the version that it was asked in; whoever asked in another one is at fault.
    let asked = scene.request_message().and_then(Message::rm).filter(|_| scene.is_response());
    let expected = asked.filter(|asked| *asked == first).unwrap_or(expected);
    let other = elements.iter().find(|(_, version)| *version != expected);
    let is_granted = granted(scene).is_some();
    if is_granted && elements.iter().all(|(_, version)| *version != expected) {
        // Which of the two is in the wrong version is told by what comes later.
        return;
    }
    report.judge(other.is_none(), || {
        let span = other.map_or(&message.body_span, |(node, _)| &node.span);
        let seen = other.map_or("", |(_, version)| version.namespace());
        scene.breach().at(span).expected(expected.namespace()).seen(seen)
    });
}

/// The version in which the source of a sequence spoke of it after it was created.
fn spoken_later(sequence: &SequenceView) -> Option<RmVersion> {
    let sent = sequence.messages.values().flatten().map(|sent| &sent.observation);
    let lived = sequence.life.iter().map(|record| &record.observation);
    let own = sent.chain(lived).filter(|observation| observation.sender == sequence.source);
    own.filter_map(|observation| observation.soap()?.rm()).next()
}

/// Where a CreateSequence and its answer are in different versions, that one is wrong which the rest is not in.
fn one_namespace_of_pair(view: &View, report: &mut Report<'_>) {
    for creation in &view.creations {
        let Some(asked) = creation.request.soap().and_then(|message| message.lifecycle.as_ref()) else {
            continue;
        };
        for (answer, place) in &creation.answers {
            let Some(granted) = answer.soap().and_then(|message| message.lifecycle.as_ref()) else {
                continue;
            };
            if granted.version == asked.version {
                continue;
            }
            let sequence = place.and_then(|place| view.sequences.get(place));
            let is_request = sequence.and_then(spoken_later) == Some(granted.version);
            let (guilty, is, should) =
                if is_request { (&creation.request, asked, granted) } else { (answer, granted, asked) };
            let breach = Breach::by(guilty).at(&is.node.span).expected(should.version.namespace());
            report.violated(breach.seen(is.version.namespace()));
        }
    }
}
