//! The SequenceAcknowledgement header.

use wsrm_wire::RmVersion;

use super::form::{Particle, judge_identifier, schema_error};
use super::sequence::ends;
use crate::message::{AcknowledgementFacts, LifecycleKind, RangeFacts};
use crate::monitor::{Check, Report, Scene};
use crate::ranges::NumberSet;
use crate::trace::{Half, Party};
use crate::view::SequenceView;

pub(super) const CHECKS: &[Check] = &[
    Check::message("ack.identifier", identifier),
    Check::message("ack.known-sequence", known_sequence),
    Check::message("ack.single-per-sequence", single_per_sequence),
    Check::message("ack.single-header", single_header),
    Check::message("ack.schema", schema),
    Check::message("ack.ranges-disjoint", ranges_disjoint),
    Check::message("ack.lower-upper", lower_upper),
    Check::message("ack.exclusive", exclusive),
    Check::message("ack.none-for-nothing", none_for_nothing),
    Check::message("ack.zero-range-for-nothing", zero_range_for_nothing),
    Check::message("ack.only-received", only_received),
    Check::message("ack.never-shrinks", never_shrinks),
    Check::message("ack.final-not-with-nack", final_not_with_nack),
    Check::message("ack.no-early-final", no_early_final),
    Check::message("ack.nack-not-acknowledged", nack_not_acknowledged),
    Check::message("ack.no-nack", no_nack),
    Check::message("ack.nack-number", nack_number),
    Check::message("ack.back-channel", back_channel),
    Check::message("ack.not-must-understand", not_must_understand),
];

fn headers<'a>(scene: &Scene<'a>) -> &'a [AcknowledgementFacts] {
    scene.message.map_or(&[], |message| &message.acknowledgements)
}

/// The acknowledgements of sequences that the sender is the destination of.
fn placed<'a>(scene: &Scene<'a>) -> Vec<(&'a AcknowledgementFacts, &'a SequenceView)> {
    let found = headers(scene)
        .iter()
        .filter_map(|ack| Some((ack, scene.received_sequence(ack.identifier.as_deref())?)));
    found.collect()
}

fn identifier(scene: &Scene<'_>, report: &mut Report<'_>) {
    for ack in headers(scene) {
        judge_identifier(scene, &ack.node, report);
    }
}

fn known_sequence(scene: &Scene<'_>, report: &mut Report<'_>) {
    for ack in headers(scene) {
        let Some(identifier) = ack.identifier.as_deref() else { continue };
        let is_kept = match scene.view.sequence(identifier) {
            Some(sequence) => sequence.source != scene.observation.sender,
            None if scene.view.is_complete() => false,
            None => continue,
        };
        report.judge(is_kept, || {
            let breach = scene.breach().at(&ack.node.span);
            breach.expected("a sequence that its sender is the destination of").seen(identifier)
        });
    }
}

fn single_per_sequence(scene: &Scene<'_>, report: &mut Report<'_>) {
    let all = headers(scene);
    let Some(last) = all.last() else { return };
    let twin = all.iter().enumerate().find(|(place, ack)| {
        ack.identifier.is_some() && all.iter().take(*place).any(|before| before.identifier == ack.identifier)
    });
    report.judge(twin.is_none(), || {
        let span = twin.map_or(&last.node.span, |(_, ack)| &ack.node.span);
        scene.breach().at(span).expected("one acknowledgement of the sequence").seen("two")
    });
}

fn single_header(scene: &Scene<'_>, report: &mut Report<'_>) {
    if let Some(last) = headers(scene).last() {
        let count = headers(scene).len();
        report.judge(count == 1, || {
            let breach = scene.breach().at(&last.node.span);
            breach.expected("one SequenceAcknowledgement").seen(format!("{count} of them"))
        });
    }
}

const ACKNOWLEDGEMENT: &[Particle] = &[
    ("Identifier", 1),
    ("AcknowledgementRange", usize::MAX),
    ("None", 1),
    ("Nack", usize::MAX),
    ("Final", 1),
];

fn schema(scene: &Scene<'_>, report: &mut Report<'_>) {
    for ack in headers(scene) {
        let says_nothing = ack.ranges.is_empty() && !ack.has_none && ack.nacks.is_empty();
        let error = schema_error(&ack.node, ACKNOWLEDGEMENT);
        let error = error.or_else(|| {
            says_nothing.then(|| (ack.node.span.clone(), "neither ranges, None nor Nack".to_owned()))
        });
        report.judge(error.is_none(), || {
            let (span, seen) = error.unwrap_or_default();
            let expected = "Identifier, then ranges, None or Nack, then Final, then foreign elements";
            scene.breach().at(&span).expected(expected).seen(seen)
        });
    }
}

fn bounds(range: &RangeFacts) -> Option<(u64, u64)> {
    Some((range.lower?, range.upper?))
}

fn ranges_disjoint(scene: &Scene<'_>, report: &mut Report<'_>) {
    for ack in headers(scene).iter().filter(|ack| !ack.ranges.is_empty()) {
        let twin = ack.ranges.iter().enumerate().find(|(place, range)| {
            let Some((lower, upper)) = bounds(range) else { return false };
            let mut before = ack.ranges.iter().take(*place).filter_map(bounds);
            before.any(|(low, high)| low <= upper && lower <= high)
        });
        report.judge(twin.is_none(), || {
            let span = twin.map_or(&ack.node.span, |(_, range)| &range.span);
            scene.breach().at(span).expected("ranges that do not overlap").seen(ranges(ack))
        });
    }
}

fn ranges(ack: &AcknowledgementFacts) -> String {
    let bound = |bound: Option<u64>| bound.map_or_else(|| "?".to_owned(), |number| number.to_string());
    let all: Vec<String> =
        ack.ranges.iter().map(|range| format!("{}-{}", bound(range.lower), bound(range.upper))).collect();
    all.join(", ")
}

fn lower_upper(scene: &Scene<'_>, report: &mut Report<'_>) {
    for ack in headers(scene) {
        let is_2005 = ack.version == RmVersion::February2005;
        for range in &ack.ranges {
            let is_kept = match bounds(range) {
                Some((0, 0)) => is_2005,
                Some((lower, upper)) => lower >= 1 && lower <= upper,
                None => false,
            };
            report.judge(is_kept, || {
                let breach = scene.breach().at(&range.span);
                breach
                    .expected("Lower and Upper, whole numbers from 1, Lower not above Upper")
                    .seen(ranges(ack))
            });
        }
    }
}

fn exclusive(scene: &Scene<'_>, report: &mut Report<'_>) {
    for ack in headers(scene) {
        let kinds = [!ack.ranges.is_empty(), ack.has_none, !ack.nacks.is_empty()];
        let count = kinds.into_iter().filter(|is_there| *is_there).count();
        if count > 0 {
            report.judge(count == 1, || {
                let breach = scene.breach().at(&ack.node.span);
                breach.expected("ranges, None or Nack").seen(format!("{count} of these together"))
            });
        }
    }
}

fn is_zero(range: &RangeFacts) -> bool {
    bounds(range) == Some((0, 0))
}

fn none_for_nothing(scene: &Scene<'_>, report: &mut Report<'_>) {
    for (ack, sequence) in placed(scene) {
        let says_nothing = ack.covered().is_empty() && ack.nacks.is_empty();
        let is_clear = sequence.is_whole() && scene.view.unplaced(sequence.source) == 0;
        if sequence.arrived.is_empty() && is_clear && says_nothing && !ack.has_none {
            report.violated(scene.breach().at(&ack.node.span).expected("None").seen(ranges(ack)));
        } else if ack.has_none {
            report.met();
        }
    }
}

fn zero_range_for_nothing(scene: &Scene<'_>, report: &mut Report<'_>) {
    for (ack, sequence) in placed(scene) {
        if sequence.is_whole() && ack.covered().is_empty() && ack.nacks.is_empty() {
            let is_kept = matches!(ack.ranges.as_slice(), [only] if is_zero(only));
            report.judge(is_kept, || scene.breach().at(&ack.node.span).expected("0-0").seen(ranges(ack)));
        }
    }
}

fn only_received(scene: &Scene<'_>, report: &mut Report<'_>) {
    for (ack, sequence) in placed(scene) {
        let covered = ack.covered();
        // What was said before was found then.
        let excess = scene.view.never_received(sequence, &covered).without(&sequence.acknowledged);
        if !excess.is_empty() {
            let breach = scene.breach().at(&ack.node.span).seen(covered.to_string());
            report.violated(breach.expected(format!("nothing beyond {}", sequence.arrived)));
        } else if !covered.is_empty() {
            report.met();
        }
    }
}

/// What the sender of an acknowledgement had acknowledged before it could make this one.
///
/// Two answers may overtake each other: only what was over when the request of this one was sent counts; and a
/// message that is sent again may carry what it carried first.
pub(super) fn acknowledged_before(scene: &Scene<'_>, sequence: &SequenceView) -> NumberSet {
    let started = match scene.observation.half {
        Half::Request => scene.view.order,
        Half::Response => scene.exchange.map_or(0, |exchange| exchange.started),
        Half::Copy => return NumberSet::default(),
    };
    let message = scene.message.filter(|_| scene.observation.half == Half::Request);
    let header = message.and_then(|message| message.sequences.first());
    let is_repeated = header.is_some_and(|header| {
        let own = scene.own_sequence(header.identifier.as_deref());
        own.zip(header.number).is_some_and(|(own, number)| own.messages.contains_key(&number))
    });
    if is_repeated || (scene.observation.half == Half::Request && scene.view.open > 0) {
        return NumberSet::default();
    }
    sequence.received_before(started)
}

fn never_shrinks(scene: &Scene<'_>, report: &mut Report<'_>) {
    for (ack, sequence) in placed(scene).into_iter().filter(|(ack, _)| ack.is_clear()) {
        let before = acknowledged_before(scene, sequence);
        let missing = before.without(&ack.covered());
        if !missing.is_empty() {
            let earlier =
                sequence.acks.iter().rev().find(|record| !record.covered.without(&ack.covered()).is_empty());
            let breach = scene.breach().at(&ack.node.span).expected(format!("{before} acknowledged again"));
            let breach = breach.seen(ack.covered().to_string());
            report.violated(match earlier {
                Some(record) => breach.with(&record.observation),
                None => breach,
            });
        } else if !before.is_empty() {
            report.met();
        }
    }
}

fn final_not_with_nack(scene: &Scene<'_>, report: &mut Report<'_>) {
    for ack in headers(scene).iter().filter(|ack| ack.is_final || !ack.nacks.is_empty()) {
        report.judge(!ack.is_final || ack.nacks.is_empty(), || {
            scene.breach().at(&ack.node.span).expected("Final or Nack").seen("both")
        });
    }
}

/// Whether anything gave reason to call the acknowledgement of this sequence final.
pub(super) fn is_closing(scene: &Scene<'_>, sequence: &SequenceView) -> bool {
    let closes = |sequence: &SequenceView| {
        sequence.life.iter().any(|record| record.kind != LifecycleKind::CreateResponse)
            || sequence.is_faulted()
    };
    let peer = scene.view.peer(sequence);
    let stray = scene.view.stray_life.iter().any(|(kind, _)| !matches!(kind, LifecycleKind::Create));
    let message = scene
        .message
        .is_some_and(|message| ends(message) || message.lifecycle.is_some() || message.fault.is_some());
    closes(sequence) || peer.is_some_and(closes) || stray || message
}

fn no_early_final(scene: &Scene<'_>, report: &mut Report<'_>) {
    for (ack, sequence) in placed(scene) {
        if !is_closing(scene, sequence) && sequence.is_whole() {
            report.judge(!ack.is_final, || {
                scene.breach().at(&ack.node.span).expected("no Final: the sequence goes on").seen("Final")
            });
        }
    }
}

fn nack_not_acknowledged(scene: &Scene<'_>, report: &mut Report<'_>) {
    for (ack, sequence) in placed(scene) {
        for nack in ack.nacks.iter().flatten() {
            let earlier = sequence.acks.iter().find(|record| record.covered.contains(*nack));
            report.judge(earlier.is_none(), || {
                let breach = scene.breach().at(&ack.node.span);
                let breach = breach.expected("no Nack for what was acknowledged").seen(nack.to_string());
                earlier.map_or_else(|| scene.breach(), |record| breach.with(&record.observation))
            });
        }
    }
}

fn no_nack(scene: &Scene<'_>, report: &mut Report<'_>) {
    for ack in headers(scene) {
        report.judge(ack.nacks.is_empty(), || {
            scene.breach().at(&ack.node.span).expected("no Nack").seen(format!("{} of them", ack.nacks.len()))
        });
    }
}

fn nack_number(scene: &Scene<'_>, report: &mut Report<'_>) {
    for ack in headers(scene) {
        for nack in &ack.nacks {
            report.judge(nack.is_some(), || {
                let breach = scene.breach().at(&ack.node.span);
                breach.expected("a whole number in Nack").seen("something else")
            });
        }
    }
}

fn back_channel(scene: &Scene<'_>, report: &mut Report<'_>) {
    for (ack, sequence) in placed(scene) {
        if !sequence.is_anonymous() || sequence.source != Party::Initiator {
            continue;
        }
        let is_kept = match scene.request().map(|request| request.soap()) {
            None => scene.observation.sender == sequence.source,
            Some(None) => continue,
            Some(Some(request)) => match is_about(scene, request, sequence) {
                Some(is_about) => is_about,
                None => continue,
            },
        };
        report.judge(is_kept, || {
            let breach = scene.breach_of_answer().at(&ack.node.span);
            breach.expected("it on the response to a message of or about the sequence").seen("it elsewhere")
        });
    }
}

/// Whether a request is of, or about, this sequence or the other of its pair; `None` where that is not clear.
fn is_about(scene: &Scene<'_>, request: &crate::message::Message, sequence: &SequenceView) -> Option<bool> {
    let sequences = request.sequences.iter().map(|header| header.identifier.as_deref());
    let acknowledgements = request.acknowledgements.iter().map(|header| header.identifier.as_deref());
    let ack_requests = request.ack_requests.iter().map(|header| header.identifier.as_deref());
    let body = request.lifecycle.iter().filter(|lifecycle| lifecycle.kind != LifecycleKind::Create);
    let body = body.map(|lifecycle| lifecycle.identifier.as_deref());
    let fault = request.fault.iter().flat_map(|fault| &fault.rm).map(|rm| rm.identifier.as_deref());
    let named: Vec<Option<&str>> =
        sequences.chain(acknowledgements).chain(ack_requests).chain(body).chain(fault).collect();
    let peer = scene.view.peer(sequence).map(|peer| peer.identifier.as_str());
    let is_meant = |identifier: &str| identifier == sequence.identifier || Some(identifier) == peer;
    if named.iter().flatten().any(|identifier| is_meant(identifier)) {
        return Some(true);
    }
    // A request whose own headers are wrong, or missing, is at fault itself.
    let all_known = named.iter().all(|name| name.is_some_and(|name| scene.view.sequence(name).is_some()));
    let is_creation = request.lifecycle.as_ref().is_some_and(|found| found.kind == LifecycleKind::Create);
    ((all_known && !named.is_empty()) || is_creation).then_some(false)
}

fn not_must_understand(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message else { return };
    for header in message.headers.iter().filter(|header| {
        matches!(header.node.local.as_str(), "SequenceAcknowledgement" | "AckRequested")
            && header.node.rm_version().is_some()
    }) {
        report.judge(!header.must_be_understood(), || {
            scene.breach().at(&header.node.span).expected("no mustUnderstand").seen("mustUnderstand")
        });
    }
}
