//! WS-Addressing, as far as reliable messaging leans on it.

pub(super) mod headers;

use wsrm_wire::{AddressingVersion, RmVersion};

use super::form::{
    endpoints, is_application_reply, is_bare_acknowledgement, is_soap_request, names_sequence_of,
};
use crate::message::{Lifecycle, LifecycleKind, Message, is_absolute};
use crate::monitor::{Answer, Breach, Check, Report, Scene};
use crate::trace::{Half, Observation};
use crate::view::View;

pub(super) const CHECKS: &[Check] = &[
    Check::message("addressing.action-present", action_present),
    Check::message("addressing.single-headers", single_headers),
    Check::message("addressing.absolute", absolute),
    Check::message("addressing.epr-address", epr_address),
    Check::message("addressing.one-version", one_version),
    Check::message("addressing.to-present", to_present),
    Check::message("addressing.reply-to-present", reply_to_present),
    Check::message("addressing.request-message-id", request_message_id),
    Check::message("addressing.two-way-message-id", two_way_message_id),
    Check::message("addressing.message-id-unique", message_id_unique),
    Check::message("addressing.action-not-supported", action_not_supported),
    Check::message("addressing.response-relates-to", response_relates_to),
    Check::message("addressing.reply-relates-to", reply_relates_to),
    Check::message("addressing.fault-relates-to", fault_relates_to),
    Check::message("addressing.missing-message-id-refused", missing_message_id_refused),
    Check::message("addressing.missing-action", missing_action),
    Check::message("addressing.action-of-body", action_of_body),
    Check::message("addressing.acknowledgement-action", acknowledgement_action),
    Check::message("addressing.acknowledgement-action-2005", acknowledgement_action),
    Check::message("addressing.ack-requested-action", ack_requested_action),
    Check::message("addressing.ack-requested-action-2005", ack_requested_action),
    Check::message("addressing.mixed-rm-action", mixed_rm_action),
    Check::message("addressing.fault-action", fault_action),
    Check::message("addressing.duplicate-message-id-tolerated", duplicate_message_id_tolerated),
];

fn action_present(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message else { return };
    // A fault about the envelope itself cannot be expected to know which addressing is spoken.
    let is_about_soap = message.fault.as_ref().is_some_and(|fault| {
        fault.code.as_ref().is_some_and(|(_, code)| code == "VersionMismatch" || code == "MustUnderstand")
    });
    // Nor one that answers what could not be read, or what had no Action itself.
    let asks_nothing = scene.request().is_some()
        && scene.request_message().is_none_or(|asked| asked.malformed.is_some() || asked.action().is_none());
    let knows_nothing = is_about_soap || (message.fault.is_some() && asks_nothing);
    let speaks = scene.view.rm.is_some() || message.rm().is_some() || message.addressing().is_some();
    // Behind what is not well-formed nothing was read.
    let is_cut = message.action().is_none() && message.malformed.is_some();
    if !speaks || is_cut || (knows_nothing && message.addressing().is_none()) {
        return;
    }
    report.judge(message.action().is_some(), || {
        let breach = scene.breach().expected("wsa:Action, not empty");
        match message.addressing_header("Action") {
            Some(header) => breach.at(&header.node.span).seen("an empty one"),
            None => breach.seen("none"),
        }
    });
}

fn single_headers(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message else { return };
    for local in ["Action", "MessageID", "To", "ReplyTo", "FaultTo", "From"] {
        let found: Vec<_> = message.addressing_headers(local).collect();
        if let Some(last) = found.last() {
            report.judge(found.len() == 1, || {
                let seen = format!("{} of them", found.len());
                scene.breach().at(&last.node.span).expected(format!("one {local} at most")).seen(seen)
            });
        }
    }
}

fn absolute(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message else { return };
    for local in ["MessageID", "RelatesTo", "To", "Action"] {
        for header in message.addressing_headers(local) {
            let text = &header.node.text;
            // An empty Action is none, which is judged elsewhere.
            if local != "Action" || !text.is_empty() {
                report.judge(is_absolute(text), || {
                    let breach = scene.breach().at(&header.node.span);
                    breach.expected(format!("an absolute IRI in {local}")).seen(format!("{text:?}"))
                });
            }
        }
    }
    for (local, endpoint) in endpoints(message) {
        for address in &endpoint.addresses {
            report.judge(is_absolute(address), || {
                let breach = scene.breach().at(&endpoint.span);
                breach.expected(format!("an absolute IRI in {local}")).seen(format!("{address:?}"))
            });
        }
    }
}

fn epr_address(scene: &Scene<'_>, report: &mut Report<'_>) {
    for (local, endpoint) in scene.message.into_iter().flat_map(endpoints) {
        report.judge(endpoint.addresses.len() == 1, || {
            let seen = format!("{} of them", endpoint.addresses.len());
            scene.breach().at(&endpoint.span).expected(format!("one Address in {local}")).seen(seen)
        });
        if endpoint.has_strays {
            let breach =
                scene.breach().at(&endpoint.span).expected(format!("Address first in {local}, and no text"));
            report.violated(breach.seen("something else"));
        }
    }
}

fn one_version(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message else { return };
    let Some(version) = message.addressing() else { return };
    let headers = message.headers.iter().filter(|header| header.is_ours);
    let of_headers =
        headers.filter_map(|header| Some((header.node.addressing_version()?, &header.node.span)));
    let endpoints = endpoints(message);
    let of_endpoints = endpoints.iter().filter_map(|(_, endpoint)| Some((endpoint.version?, &endpoint.span)));
    let other = of_headers.chain(of_endpoints).find(|(found, _)| *found != version);
    let expected = agreed(scene, message);
    let is_other_session = expected.is_some_and(|expected| expected != version);
    report.judge(other.is_none() && !is_other_session, || {
        let breach = scene.breach().expected("one version of WS-Addressing");
        match other {
            Some((_, span)) => breach.at(span).seen("two in one message"),
            None => breach.seen("another than that of the sequence"),
        }
    });
}

/// The version that the sequences of a message, or the request that it answers, are spoken of in.
fn agreed(scene: &Scene<'_>, message: &Message) -> Option<AddressingVersion> {
    let sequences = named_sequences(message).filter_map(|identifier| scene.view.sequence(identifier));
    let of_sequence = sequences.into_iter().find_map(|sequence| sequence.addressing);
    let creates = message.lifecycle.as_ref().is_some_and(|found| found.kind == LifecycleKind::CreateResponse);
    let of_request = || scene.request_message().filter(|_| creates).and_then(Message::addressing);
    of_sequence.or_else(of_request).filter(|_| message.fault.is_none() || !message.sequences.is_empty())
}

/// Whether the message is of the version of 2004, and should be.
fn speaks_2004(scene: &Scene<'_>, message: &Message) -> bool {
    let version = AddressingVersion::August2004;
    message.addressing() == Some(version) && agreed(scene, message).is_none_or(|agreed| agreed == version)
}

/// The identifiers of all sequences that a message names.
fn named_sequences(message: &Message) -> impl Iterator<Item = &str> {
    let sequences = message.sequences.iter().map(|header| &header.identifier);
    let acknowledgements = message.acknowledgements.iter().map(|header| &header.identifier);
    let body = message.lifecycle.iter().map(|lifecycle| &lifecycle.identifier);
    sequences.chain(acknowledgements).chain(body).filter_map(|identifier| identifier.as_deref())
}

fn to_present(scene: &Scene<'_>, report: &mut Report<'_>) {
    if let Some(message) = scene.message.filter(|message| speaks_2004(scene, message)) {
        report.judge(message.property("To").is_some(), || scene.breach().expected("wsa:To").seen("none"));
    }
}

fn wants_answer(message: &Message) -> Option<LifecycleKind> {
    let lifecycle = message.lifecycle.as_ref()?;
    Some(lifecycle.kind).filter(|kind| kind.wants_answer(lifecycle.version))
}

fn reply_to_present(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message.filter(|_| is_soap_request(scene.observation)) else { return };
    if let Some(kind) = wants_answer(message).filter(|_| speaks_2004(scene, message)) {
        report.judge(message.addressing_header("ReplyTo").is_some(), || {
            scene.breach().expected(format!("wsa:ReplyTo on {}", kind.name())).seen("none")
        });
    }
}

fn request_message_id(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message else { return };
    // A destination under RM 1.1 may end the reply sequence on a response; that wants no answer.
    let Some(kind) = wants_answer(message).filter(|_| is_soap_request(scene.observation)) else { return };
    report.judge(message.message_id().is_some(), || {
        scene.breach().expected(format!("wsa:MessageID on {}", kind.name())).seen("none")
    });
}

fn two_way_message_id(scene: &Scene<'_>, report: &mut Report<'_>) {
    if let Some(message) = scene.message.filter(|_| is_soap_request(scene.observation)) {
        let reply_to = message.endpoint("ReplyTo").filter(|_| message.is_application());
        let is_2004 = message.addressing() == Some(AddressingVersion::August2004);
        let placed = super::form::placed(scene, message);
        let is_two_way = placed.is_some_and(|(sequence, _)| sequence.peer.is_some());
        if reply_to.is_some_and(|endpoint| is_2004 || (is_two_way && endpoint.is_anonymous())) {
            report.judge(message.message_id().is_some(), || {
                scene.breach().expected("wsa:MessageID beside ReplyTo").seen("none")
            });
            return;
        }
    }
    if scene.observation.half == Half::Response
        && let (Some(message), Some(request), Some(asked)) =
            (scene.message, scene.request(), scene.request_message())
        && message.fault.is_none()
        // Of what breaks off nobody knows what it would have been.
        && message.malformed.is_none()
        && asked.is_application()
        && asked.endpoint("ReplyTo").is_none_or(|endpoint| !endpoint.is_anonymous())
        && asked.addressing() == Some(AddressingVersion::Addressing10)
        && is_application_reply(scene, message)
    {
        report.judge(asked.message_id().is_some(), || {
            let breach = super::form::breach_of_request(request, scene.observation);
            breach.expected("wsa:MessageID on a request that wants a reply").seen("none")
        });
    }
}

fn message_id_unique(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message else { return };
    let Some(id) = message.message_id() else { return };
    let Some(first) = scene.view.message_ids.get(id).and_then(|used| used.first()) else {
        report.met();
        return;
    };
    report.judge(is_same_message(scene.view, first, scene.observation), || {
        let breach = scene.breach().with(first).expected("a MessageID of its own");
        match message.addressing_header("MessageID") {
            Some(header) => breach.at(&header.node.span).seen(format!("that of {}", first.name)),
            None => breach,
        }
    });
}

/// Whether no action of this name is defined in the version whose namespace it is in.
fn is_undefined(message: &Message, name: &str) -> bool {
    let in_both = [
        "CreateSequence",
        "CreateSequenceResponse",
        "TerminateSequence",
        "SequenceAcknowledgement",
        "AckRequested",
    ];
    let only_in = match message.rm() {
        Some(RmVersion::February2005) => ["LastMessage", "", "", ""],
        _ => ["CloseSequence", "CloseSequenceResponse", "TerminateSequenceResponse", "fault"],
    };
    !in_both.contains(&name) && !only_in.contains(&name)
}

fn action_not_supported(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((asked, answer)) = scene.answer().filter(|_| scene.observation.half == Half::Response) else {
        return;
    };
    let headers = [asked.sequences.len(), asked.acknowledgements.len(), asked.ack_requests.len()];
    let is_bare = headers == [0, 0, 0] && asked.lifecycle.is_none() && asked.fault.is_none();
    if !is_bare || asked.structure.is_some() || asked.action().is_none() {
        return;
    }
    let is_made_there = || {
        let to = |message: &Message| message.property("To").map(str::to_owned);
        let mut made = scene.view.creations.iter().filter(|creation| !creation.answers.is_empty());
        to(asked).is_some() && made.any(|creation| creation.request.soap().and_then(to) == to(asked))
    };
    let is_strange = match asked.rm_action() {
        Some(name) => is_undefined(asked, name),
        None => asked.is_application() && is_made_there(),
    };
    let is_kept = match answer {
        Answer::Fault(_) => true,
        Answer::Soap(message) => {
            if names_sequence_of(scene, message, scene.observation.sender.other()) {
                return;
            }
            false
        }
        Answer::Empty => false,
        Answer::Unclear => return,
    };
    if is_strange {
        report.judge(is_kept, || {
            let breach = scene.breach_of_answer().expected("a fault").seen("an answer of success");
            breach.or("WsrmRequired").or("ActionNotSupported")
        });
    }
}

/// Whether the MessageID of a request can be held against its answer: where it is none, or that of another message as
/// well, an answer to something else shows that another one was meant.
fn is_clear(scene: &Scene<'_>, id: &str, related: &[&str]) -> bool {
    let used = scene.view.message_ids.get(id).map_or(&[][..], Vec::as_slice);
    let is_its_own =
        used.windows(2).all(|pair| matches!(pair, [one, other] if is_same_message(scene.view, one, other)));
    (is_absolute(id) && is_its_own) || related.is_empty()
}

/// Whether two messages that share a MessageID are one message, sent twice.
///
/// One of them may be broken; so it is enough that they agree in what tells messages apart.
fn is_same_message(view: &View, first: &Observation, second: &Observation) -> bool {
    let (Some(one), Some(other)) = (first.soap(), second.soap()) else { return false };
    if first.sender != second.sender {
        return false;
    }
    let agrees = |one: Option<&str>, other: Option<&str>| one.is_none() || other.is_none() || one == other;
    match (&one.lifecycle, &other.lifecycle) {
        (Some(first), Some(second)) => {
            // One that names a sequence which never was is found by that.
            let is_stray = [first, second].iter().any(|found| {
                let is_unknown = |identifier: &str| view.is_unknown(identifier);
                let is_none = named(found).is_some_and(|identifier| !is_absolute(identifier));
                is_none || found.identifier.as_deref().is_some_and(is_unknown)
            });
            return first.kind == second.kind && (is_stray || agrees(named(first), named(second)));
        }
        (None, None) if agrees(one.action(), other.action()) => {}
        _ => {
            return [one, other]
                .iter()
                .any(|message| message.structure.is_some() || message.malformed.is_some());
        }
    }
    let same_body = one.body_fingerprint() == other.body_fingerprint();
    let is_broken =
        [one, other].iter().any(|message| message.structure.is_some() || message.malformed.is_some());
    if [one, other].iter().any(|message| is_misplaced(view, message, first.sender)) {
        // What is wrong with its place among the messages is found by that.
        return same_body || is_broken;
    }
    if number(one) == number(other) {
        return same_body || is_broken;
    }
    same_body && !(is_regular(view, one) && is_regular(view, other) && is_in_turn(view, other))
}

/// Whether the message has a Sequence header that cannot be right by itself.
fn is_misplaced(view: &View, message: &Message, sender: crate::trace::Party) -> bool {
    message.sequences.first().is_some_and(|header| {
        let sequence = header.identifier.as_deref().and_then(|identifier| view.sequence(identifier));
        let is_own = sequence.is_some_and(|sequence| sequence.source == sender);
        !is_own || header.number.is_none_or(|number| number == 0)
    })
}

/// Whether the message has a number that can be its own: one that is the next, or was sent before with this body.
fn is_in_turn(view: &View, message: &Message) -> bool {
    let Some((Some(identifier), Some(number))) = number(message) else { return false };
    let Some(sequence) = view.sequence(identifier) else { return false };
    let highest = sequence.highest_sent().unwrap_or(0);
    let is_same = |sent: &crate::view::Transmission| sent.fingerprint == message.body_fingerprint();
    match sequence.first(number) {
        Some(first) => is_same(first),
        None => number > 0 && number <= highest.saturating_add(1),
    }
}

/// What a message of the life of a sequence names: the sequence, or the one that is offered.
fn named(lifecycle: &Lifecycle) -> Option<&str> {
    let offered = lifecycle.offer.as_ref().and_then(|offer| offer.identifier.as_deref());
    lifecycle.identifier.as_deref().or(offered)
}

fn number(message: &Message) -> Option<(Option<&str>, Option<u64>)> {
    message.sequences.first().map(|header| (header.identifier.as_deref(), header.number))
}

/// Whether the message is of a sequence whose numbers are all as they should be.
fn is_regular(view: &View, message: &Message) -> bool {
    let identifier = message.sequences.first().and_then(|header| header.identifier.as_deref());
    let sequence = identifier.and_then(|identifier| view.sequence(identifier));
    sequence.is_some_and(|sequence| view.is_regular(sequence))
}

fn response_relates_to(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message else { return };
    let Some(kind) = message.lifecycle.as_ref().map(|lifecycle| lifecycle.kind) else { return };
    if !kind.is_answer() {
        return;
    }
    let related: Vec<&str> = message.replies_to().collect();
    let answers = |asked: &Message| {
        asked.lifecycle.as_ref().and_then(|lifecycle| lifecycle.kind.answer()) == Some(kind)
    };
    if let Some(request) = scene.request() {
        let asked = request.soap().filter(|asked| asked.malformed.is_none() && asked.lifecycle.is_some());
        let Some(asked) = asked else { return };
        let Some(id) = asked.message_id().filter(|id| is_clear(scene, id, &related)) else { return };
        report.judge(related.contains(&id), || not_related(scene, message, id, &related));
    } else {
        let is_request = |id: &&str| {
            scene
                .view
                .message_ids
                .get(*id)
                .is_some_and(|used| used.iter().any(|o| o.soap().is_some_and(answers)))
        };
        report.judge(related.iter().any(is_request), || {
            not_related(scene, message, "the MessageID of the request that it answers", &related)
        });
    }
}

fn not_related(scene: &Scene<'_>, message: &Message, expected: &str, related: &[&str]) -> Breach {
    let breach = scene.breach_of_answer().expected(format!("RelatesTo {expected}"));
    match message.addressing_header("RelatesTo") {
        Some(header) => breach.at(&header.node.span).seen(related.join(" ")),
        None => breach.seen("no RelatesTo"),
    }
}

fn reply_relates_to(scene: &Scene<'_>, report: &mut Report<'_>) {
    let (Some(message), Some(asked)) = (scene.message, scene.request_message()) else { return };
    let is_reply = is_application_reply(scene, message) && message.lifecycle.is_none();
    let related: Vec<&str> = message.replies_to().collect();
    let id = asked.message_id().filter(|id| is_clear(scene, id, &related));
    let Some(id) = id.filter(|_| is_reply && asked.is_application()) else { return };
    if is_replayed(scene, message, &related) && !related.contains(&id) {
        return;
    }
    // A reply that is replayed relates to the request as it was when it came first.
    let earlier = asked_in(scene, asked).map_or(&[][..], |sent| sent);
    let is_earlier =
        earlier.iter().filter_map(|sent| sent.message_id.as_deref()).any(|id| related.contains(&id));
    report.judge(related.contains(&id) || is_earlier, || not_related(scene, message, id, &related));
}

/// Whether this reply was sent before, and related to the same then: what it relates to was judged at that time.
fn is_replayed(scene: &Scene<'_>, message: &Message, related: &[&str]) -> bool {
    let [header] = message.sequences.as_slice() else { return false };
    let sequence = scene.own_sequence(header.identifier.as_deref());
    let earlier = sequence.and_then(|sequence| sequence.messages.get(&header.number?));
    earlier
        .and_then(|sent| sent.first()?.observation.soap())
        .is_some_and(|first| first.replies_to().eq(related.iter().copied()))
}

/// All transmissions of the request that this response answers.
fn asked_in<'a>(scene: &Scene<'a>, request: &Message) -> Option<&'a [crate::view::Transmission]> {
    let (sequence, number) = super::form::asked(scene, request)?;
    sequence.messages.get(&number).map(Vec::as_slice)
}

fn fault_relates_to(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((asked, Answer::Fault(fault))) = scene.answer() else { return };
    let Some(message) = scene.message else { return };
    let of_fault = fault.rm.as_ref().and_then(|rm| rm.identifier.as_deref());
    let is_known = |identifier: &str| scene.view.sequence(identifier).is_some();
    let is_live = named_sequences(asked).chain(of_fault).any(is_known);
    // Who does not know the envelope looks for no header in it.
    if fault.code.as_ref().is_some_and(|(_, local)| local == "VersionMismatch") {
        return;
    }
    let is_outside =
        asked.lifecycle.as_ref().is_some_and(|lifecycle| lifecycle.kind == LifecycleKind::Create)
            || (!is_live && scene.view.is_complete());
    let id = asked.message_id().filter(|id| is_outside && asked.addressing().is_some() && is_absolute(id));
    let Some(id) = id else { return };
    let related: Vec<&str> = message.replies_to().collect();
    report.judge(related.contains(&id), || not_related(scene, message, id, &related));
}

fn missing_message_id_refused(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((asked, answer)) = scene.answer() else { return };
    let is_creation =
        asked.lifecycle.as_ref().is_some_and(|lifecycle| lifecycle.kind == LifecycleKind::Create);
    if !is_creation || asked.message_id().is_some() {
        return;
    }
    match answer {
        Answer::Fault(_) => report.met(),
        // An answer that relates to something was asked with a MessageID, whatever was made of the request since.
        Answer::Soap(message) if message.lifecycle.is_some() && message.relates_to().is_none() => {
            report.violated(scene.breach_of_answer().expected("a fault").seen("CreateSequenceResponse"));
        }
        Answer::Soap(_) | Answer::Empty | Answer::Unclear => {}
    }
}

fn missing_action(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((asked, answer)) = scene.answer() else { return };
    let is_addressed = asked.addressing().is_some() || scene.view.rm.is_some();
    if asked.action().is_some() || asked.rm().is_some() || !is_addressed || asked.structure.is_some() {
        return;
    }
    match answer {
        Answer::Fault(_) => report.met(),
        Answer::Unclear => {}
        Answer::Soap(_) | Answer::Empty => {
            report.violated(scene.breach_of_answer().expected("a fault").seen("an answer of success"));
        }
    }
}

fn judge_action(scene: &Scene<'_>, message: &Message, expected: &str, report: &mut Report<'_>) {
    let Some(action) = message.action() else { return };
    report.judge(action == expected, || wrong_action(scene, message, expected));
}

fn wrong_action(scene: &Scene<'_>, message: &Message, expected: &str) -> Breach {
    let breach = scene.breach().expected(expected).seen(message.action().unwrap_or_default());
    match message.addressing_header("Action") {
        Some(header) => breach.at(&header.node.span),
        None => breach,
    }
}

fn action_of_body(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message else { return };
    if let Some(lifecycle) = &message.lifecycle {
        let expected = format!("{}/{}", lifecycle.version.namespace(), lifecycle.kind.name());
        judge_action(scene, message, &expected, report);
    }
}

fn acknowledgement_action(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message else { return };
    let is_alone = message.has_empty_body()
        && message.sequences.is_empty()
        && message.ack_requests.is_empty()
        && message.addressing_header("RelatesTo").is_none()
        && !message.headers.iter().any(|header| header.node.local == "SequenceFault");
    if let Some(ack) =
        message.acknowledgements.first().filter(|_| is_alone || is_bare_acknowledgement(message))
    {
        let expected = format!("{}/SequenceAcknowledgement", ack.version.namespace());
        judge_action(scene, message, &expected, report);
    }
}

fn ack_requested_action(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message else { return };
    let is_alone = message.has_empty_body() && message.sequences.is_empty();
    if let Some(request) = message.ack_requests.first().filter(|_| is_alone) {
        let both = !message.acknowledgements.is_empty();
        let expected = format!("{}/AckRequested", request.version.namespace());
        let other = format!("{}/SequenceAcknowledgement", request.version.namespace());
        let expected = if both && message.action() == Some(&other) { other } else { expected };
        judge_action(scene, message, &expected, report);
    }
}

fn mixed_rm_action(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message else { return };
    let headers = message.headers.iter().filter(|header| header.is_ours).map(|header| &header.node);
    let of_element = headers.chain(&message.body).find_map(crate::message::Node::rm_version);
    let action = message.action().unwrap_or_default();
    let is_of =
        |rm: &RmVersion| action.strip_prefix(rm.namespace()).is_some_and(|rest| rest.starts_with('/'));
    let of_action = RmVersion::ALL.into_iter().find(is_of);
    if let (Some(element), Some(of_action)) = (of_element, of_action) {
        report.judge(element == of_action, || {
            scene.breach().expected(element.namespace()).seen(format!("the action {action}"))
        });
    }
}

fn fault_action(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message else { return };
    let Some(fault) = &message.fault else { return };
    let names = fault.subcodes.first().or(fault.code.as_ref());
    let version = names.and_then(|(found, _)| {
        AddressingVersion::ALL.into_iter().find(|version| version.namespace() == found)
    });
    let (Some(version), Some(action)) = (version, message.action()) else { return };
    let is_unreachable = names.is_some_and(|(_, local)| local == "DestinationUnreachable");
    report.judge(action == version.fault_action(), || {
        let breach = wrong_action(scene, message, version.fault_action());
        breach.like_wcf_if(is_unreachable && action == version.default_fault_action())
    });
}

fn duplicate_message_id_tolerated(scene: &Scene<'_>, report: &mut Report<'_>) {
    let (Some((asked, answer)), Some(exchange)) = (scene.answer(), scene.exchange) else { return };
    let Some(id) = asked.message_id() else { return };
    let used = scene.view.message_ids.get(id).map_or(&[][..], Vec::as_slice);
    let first = used.first().filter(|first| first.exchange != exchange.request.exchange);
    let Some(first) = first.filter(|first| is_same_message(scene.view, first, &exchange.request)) else {
        return;
    };
    match answer {
        Answer::Fault(fault) if fault.subcodes.iter().any(|(_, local)| local == "DuplicateMessageID") => {
            let breach = scene.breach_of_answer().with(first).at(&fault.node.span);
            report.violated(breach.expected("the repetition to be taken").seen("DuplicateMessageID"));
        }
        Answer::Fault(_) | Answer::Unclear => {}
        Answer::Soap(_) | Answer::Empty => report.met(),
    }
}
