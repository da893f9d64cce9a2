//! What several monitors ask of a single element or value.

use std::ops::Range;

use super::create::is_same_address;
use crate::message::{AcknowledgementFacts, Endpoint, HeaderBlock, Message, Node, is_absolute};
use crate::monitor::{Breach, Report, Scene};
use crate::ranges::NumberSet;
use crate::trace::{Half, Observation, Party};
use crate::view::{Origin, SequenceView, Transmission, View};

/// An element that a schema allows at a place: its name, and how often at most.
pub(super) type Particle = (&'static str, usize);

/// Whether it is a UUID as WCF writes it: `urn:uuid:` and the five groups of hexadecimal digits.
pub(super) fn is_uuid(uri: &str) -> bool {
    let Some(digits) = uri.strip_prefix("urn:uuid:") else { return false };
    let groups: Vec<&str> = digits.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12]
        && groups.iter().all(|group| group.bytes().all(|digit| digit.is_ascii_hexdigit()))
}

/// Whether the element has exactly one Identifier, an absolute URI.
pub(super) fn judge_identifier(scene: &Scene<'_>, node: &Node, report: &mut Report<'_>) {
    let found: Vec<&Node> = node.own("Identifier").collect();
    let is_kept = matches!(found.as_slice(), [only] if is_absolute(&only.text));
    report.judge(is_kept, || {
        let seen = match found.as_slice() {
            [] => "none".to_owned(),
            [only] => format!("{:?}", only.text),
            more => format!("{} of them", more.len()),
        };
        let span = match found.as_slice() {
            [only] => &only.span,
            _ => &node.span,
        };
        scene.breach().at(span).expected("one Identifier, an absolute URI").seen(seen)
    });
}

/// Whether the element has exactly one child of this name.
pub(super) fn judge_single(scene: &Scene<'_>, node: &Node, local: &str, report: &mut Report<'_>) {
    let count = node.own(local).count();
    report.judge(count == 1, || {
        let expected = format!("one {local} in {}", node.local);
        scene.breach().at(&node.span).expected(expected).seen(format!("{count} of them"))
    });
}

/// What is wrong with the children of an element: names unknown, too many, out of order, or behind foreign ones.
pub(super) fn schema_error(node: &Node, particles: &[Particle]) -> Option<(Range<usize>, String)> {
    let mut place = 0;
    let mut count = 0;
    let mut foreign = false;
    for child in &node.children {
        if child.namespace != node.namespace {
            if child.namespace.is_empty() || child.rm_version().is_some() {
                return Some((child.span.clone(), format!("{} of another namespace", child.local)));
            }
            foreign = true;
            continue;
        }
        let Some(found) = particles.iter().position(|(name, _)| *name == child.local) else {
            return Some((child.span.clone(), format!("{} in {}", child.local, node.local)));
        };
        if found < place || foreign {
            return Some((child.span.clone(), format!("{} too late in {}", child.local, node.local)));
        }
        count = if found == place { count + 1 } else { 1 };
        place = found;
        if particles.get(found).is_some_and(|(_, most)| count > *most) {
            return Some((child.span.clone(), format!("{count} times {} in {}", child.local, node.local)));
        }
    }
    let has_text = !particles.is_empty() && !node.text.is_empty();
    has_text.then(|| (node.span.clone(), format!("text in {}", node.local)))
}

/// Whether the children of an element are those of its schema.
pub(super) fn judge_schema(scene: &Scene<'_>, node: &Node, particles: &[Particle], report: &mut Report<'_>) {
    let error = schema_error(node, particles);
    report.judge(error.is_none(), || {
        let (span, seen) = error.unwrap_or_else(|| (node.span.clone(), String::new()));
        let names: Vec<&str> = particles.iter().map(|(name, _)| *name).collect();
        let expected =
            format!("in {}, in this order: {}, then foreign elements", node.local, names.join(", "));
        scene.breach().at(&span).expected(expected).seen(seen)
    });
}

/// The seconds of an xs:duration that is not negative; a year counts 365 days, a month 30.
pub(super) fn duration_seconds(text: &str) -> Option<f64> {
    let rest = text.strip_prefix('P')?;
    let (date, time) = match rest.split_once('T') {
        Some((date, time)) if !time.is_empty() => (date, time),
        Some(_) => return None,
        None => (rest, ""),
    };
    if date.is_empty() && time.is_empty() {
        return None;
    }
    let of_date = fields(date, &[('Y', 31_536_000.0), ('M', 2_592_000.0), ('D', 86_400.0)])?;
    let of_time = fields(time, &[('H', 3600.0), ('M', 60.0), ('S', 1.0)])?;
    Some(of_date + of_time)
}

fn fields(text: &str, units: &[(char, f64)]) -> Option<f64> {
    let mut sum = 0.0;
    let mut rest = text;
    let mut units = units.iter();
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let (number, tail) = rest.split_at_checked(end)?;
        let unit = tail.chars().next()?;
        let (_, seconds) = units.find(|(name, _)| *name == unit)?;
        let is_number =
            number.split('.').all(|digits| !digits.is_empty()) && number.matches('.').count() <= 1;
        if !is_number || (number.contains('.') && unit != 'S') {
            return None;
        }
        sum += number.parse::<f64>().ok()? * seconds;
        rest = tail.get(1..)?;
    }
    Some(sum)
}

/// Whether the message is an application's reply that this response carries.
pub(super) fn is_application_reply(scene: &Scene<'_>, message: &Message) -> bool {
    scene.is_response() && message.is_application() && !is_bare_acknowledgement(message)
}

/// Whether the message travels for its acknowledgements alone.
pub(super) fn is_bare_acknowledgement(message: &Message) -> bool {
    let says_so = message.rm_action() == Some("SequenceAcknowledgement");
    let is_nothing_else = message.has_empty_body()
        && message.sequences.is_empty()
        && message.ack_requests.is_empty()
        && message.relates_to().is_none();
    !message.acknowledgements.is_empty() && message.fault.is_none() && (says_so || is_nothing_else)
}

/// The sequence that the sender of this message sends it in, with its number, where both are right.
pub(super) fn placed<'a>(scene: &Scene<'a>, message: &Message) -> Option<(&'a SequenceView, u64)> {
    let header = message.sequences.first()?;
    let sequence = scene.own_sequence(header.identifier.as_deref())?;
    Some((sequence, header.number?))
}

/// The sequence and number of the request that this response answers, if it was sent in one.
pub(super) fn asked<'a>(scene: &Scene<'a>, request: &Message) -> Option<(&'a SequenceView, u64)> {
    let header = request.sequences.first().filter(|_| request.sequences.len() == 1)?;
    let sequence = scene.received_sequence(header.identifier.as_deref())?;
    Some((sequence, header.number?))
}

/// Whether the message names, by acknowledgement or body, a sequence that this party is the source of: proof that its
/// sender knew what it was asked about.
pub(super) fn names_sequence_of(scene: &Scene<'_>, message: &Message, party: Party) -> bool {
    let acknowledged = message.acknowledgements.iter().map(|ack| ack.identifier.as_deref());
    let body = message.lifecycle.as_ref().and_then(|lifecycle| lifecycle.identifier.as_deref());
    acknowledged.chain([body]).flatten().any(|identifier| {
        scene.view.sequence(identifier).is_some_and(|sequence| sequence.source == party || body.is_some())
    })
}

/// Whether a message has an acknowledgement that its sender may have meant for another sequence: it names none, or
/// one that its sender receives nothing of. That is found where acknowledgements are judged.
pub(super) fn has_stray_acknowledgement(view: &View, message: &Message, sender: Party) -> bool {
    message.acknowledgements.iter().any(|ack| {
        let sequence = ack.identifier.as_deref().and_then(|identifier| view.sequence(identifier));
        sequence.is_none_or(|sequence| sequence.source == sender || !sequence.is_whole())
    })
}

/// What a message says of a sequence that its sender receives, as far as it can be told.
pub(super) enum Told<'a> {
    /// The numbers, and the header that tells of them.
    Covered(NumberSet, Option<&'a AcknowledgementFacts>),
    /// A header that is wrong by itself.
    Unclear,
}

/// What the message acknowledges of the sequence: nothing, where there is no header.
pub(super) fn told<'a>(
    view: &View,
    message: &'a Message,
    sender: Party,
    sequence: &SequenceView,
) -> Told<'a> {
    let named = |ack: &&AcknowledgementFacts| ack.identifier.as_ref() == Some(&sequence.identifier);
    match message.acknowledgements.iter().find(named) {
        _ if goes_elsewhere(view, sequence) || may_be_refused(view, sequence) => Told::Unclear,
        Some(ack) if ack.is_clear() => Told::Covered(ack.covered(), Some(ack)),
        Some(_) => Told::Unclear,
        None if has_stray_acknowledgement(view, message, sender) => Told::Unclear,
        None => Told::Covered(NumberSet::default(), None),
    }
}

/// Whether the Accept asks for acknowledgements of the replies at another address than that of the service.
fn goes_elsewhere(view: &View, sequence: &SequenceView) -> bool {
    let Origin::Offered(at) = sequence.origin else { return false };
    let asked = view.creations.get(at).and_then(|creation| creation.request.soap());
    let to = asked.and_then(|message| message.property("To"));
    let acks_to = sequence.acks_to.as_ref().filter(|endpoint| !endpoint.is_anonymous());
    let both = to.zip(acks_to);
    both.is_some_and(|(to, acks_to)| !is_same_address(to, acks_to.address()))
}

/// Whether a message of the sequence has a header that must be understood and that perhaps is not, or an acknowledgement
/// that is to be refused: who refuses the message has not received it.
fn may_be_refused(view: &View, sequence: &SequenceView) -> bool {
    let is_foreign = |header: &HeaderBlock| {
        let node = &header.node;
        let is_known = node.rm_version().is_some() || node.addressing_version().is_some();
        let is_security = node.local == "Security";
        header.is_ours && header.must_be_understood() && !is_known && !is_security
    };
    let is_refused = |one: &Transmission| {
        one.observation.soap().is_some_and(|message| {
            message.headers.iter().any(is_foreign)
                || message.acknowledgements.iter().any(|ack| is_false(view, sequence, ack))
        })
    };
    sequence.messages.values().flatten().any(is_refused)
}

/// Whether an acknowledgement beside a message of the sequence is wrong by itself, is of nothing that its receiver sends,
/// or is of messages that it never sent.
fn is_false(view: &View, sequence: &SequenceView, ack: &AcknowledgementFacts) -> bool {
    let of = ack.identifier.as_deref().and_then(|identifier| view.sequence(identifier));
    let is_of_receiver = |of: &&SequenceView| of.source == sequence.destination() && of.is_whole();
    match of.filter(is_of_receiver) {
        Some(of) if ack.is_clear() => ack.covered().highest() > of.highest_sent(),
        _ => true,
    }
}

/// The endpoint references of a message, with the elements that hold them.
pub(super) fn endpoints(message: &Message) -> Vec<(&'static str, Endpoint)> {
    let mut found: Vec<(&'static str, Endpoint)> = ["ReplyTo", "FaultTo", "From"]
        .into_iter()
        .filter_map(|local| message.endpoint(local).map(|endpoint| (local, endpoint)))
        .collect();
    if let Some(lifecycle) = &message.lifecycle {
        found.extend(lifecycle.acks_to.clone().map(|endpoint| ("AcksTo", endpoint)));
        let offered = lifecycle.offer.as_ref().and_then(|offer| offer.endpoint.clone());
        found.extend(offered.map(|endpoint| ("Endpoint", endpoint)));
    }
    found
}

/// A breach by the sender of a request, told at its response.
pub(super) fn breach_of_request(request: &Observation, response: &Observation) -> Breach {
    Breach::by(request).with(response)
}

/// Whether it is a request of HTTP that holds SOAP.
pub(super) fn is_soap_request(observation: &Observation) -> bool {
    observation.half == Half::Request && observation.soap().is_some()
}
