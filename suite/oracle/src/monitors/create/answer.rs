//! How a CreateSequence is answered.

use wsrm_wire::RmVersion;

use super::{
    acceptance, addresses, are_one, first_reply, granted, is_same_address, judge_reachable, judge_used,
    lifecycle,
};
use crate::message::{Endpoint, Lifecycle, LifecycleKind, Message, Node};
use crate::monitor::{Answer, Breach, Check, Report, Scene};
use crate::monitors::form::{duration_seconds, judge_identifier, judge_single};
use crate::trace::Half;
use crate::view::{Origin, View};

pub(in crate::monitors) const CHECKS: &[Check] = &[
    Check::message("create.answered", answered),
    Check::both("create.response-identifier", response_identifier, response_identifier_used),
    Check::message("create.response-identifier-unique", response_identifier_unique),
    Check::message("create.response-expires", response_expires),
    Check::message("create.response-expires-2005", response_expires),
    Check::message("create.expires-echoed", expires_echoed),
    Check::message("create.accept-acks-to", accept_acks_to),
    Check::message("create.accept-reachable", accept_reachable),
    Check::end("create.accept-without-offer", accept_without_offer),
    Check::end("create.offer-accepted", offer_accepted),
    Check::message("create.accept-acks-to-is-to", accept_acks_to_is_to),
    Check::message("create.no-acks-to-refused", no_acks_to_refused),
    Check::message("create.unreachable-acks-to-refused", unreachable_acks_to_refused),
    Check::message("create.offer-without-endpoint-refused", offer_without_endpoint_refused),
    Check::message("create.different-addresses-refused", different_addresses_refused),
    Check::message("create.repeated-same-sequence", repeated_same_sequence),
];

fn answered(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((asked, answer)) = scene.answer() else { return };
    let creates = asked.lifecycle.as_ref().is_some_and(|lifecycle| lifecycle.kind == LifecycleKind::Create);
    let reply_to = asked.endpoint("ReplyTo");
    let goes_elsewhere = reply_to.is_some_and(|endpoint| !endpoint.is_anonymous());
    if !creates || scene.observation.half == Half::Copy {
        return;
    }
    let is_answer = |message: &Message| {
        message.lifecycle.as_ref().is_some_and(|lifecycle| lifecycle.kind == LifecycleKind::CreateResponse)
    };
    match answer {
        Answer::Fault(_) => report.met(),
        Answer::Soap(message) if is_answer(message) => report.met(),
        Answer::Soap(message) if message.malformed.is_none() => {
            let seen = message.action().unwrap_or("another message");
            let breach = scene.breach_of_answer().expected("CreateSequenceResponse").seen(seen);
            report.violated(breach.or("a fault"));
        }
        Answer::Empty if !goes_elsewhere => {
            let breach = scene.breach_of_answer().expected("CreateSequenceResponse").seen("nothing");
            report.violated(breach.or("a fault"));
        }
        Answer::Soap(_) | Answer::Empty | Answer::Unclear => {}
    }
}

fn response_identifier(scene: &Scene<'_>, report: &mut Report<'_>) {
    if let Some((_, lifecycle)) = lifecycle(scene, LifecycleKind::CreateResponse) {
        judge_identifier(scene, &lifecycle.node, report);
    }
}

fn response_identifier_used(view: &View, report: &mut Report<'_>) {
    for (answer, _) in view.creations.iter().flat_map(|creation| &creation.answers) {
        let lifecycle = answer.soap().and_then(|message| message.lifecycle.as_ref());
        judge_used(view, answer, lifecycle.map(|lifecycle| &lifecycle.node), report);
    }
}

fn response_identifier_unique(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((response, creation, asked)) = granted(scene) else { return };
    let Some(identifier) = response.identifier.as_deref() else { return };
    let Some(message) = creation.request.soap() else { return };
    let is_offer = creation.offer.as_deref() == Some(identifier);
    let earlier = scene.view.sequence(identifier).and_then(|sequence| match sequence.origin {
        Origin::Created(place) => scene.view.creations.get(place),
        Origin::Offered(_) | Origin::Seen => None,
    });
    let other = earlier
        .filter(|earlier| earlier.exchange != creation.exchange && !earlier.is_repeated_by(asked, message));
    report.judge(!is_offer && other.is_none(), || {
        let breach = scene.breach_of_answer().at(&response.node.span);
        let breach = breach.expected("an identifier of its own").seen(identifier);
        match other {
            Some(other) => breach.with(&other.request),
            None => breach,
        }
    });
}

fn response_expires(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((response, _, asked)) = granted(scene) else { return };
    let wanted = asked.node.first("Expires").and_then(|expires| duration_seconds(&expires.text));
    // No time at all stands for a sequence that never ends, and so does a missing element.
    let Some(wanted) = wanted.filter(|wanted| *wanted > 0.0) else { return };
    let found = response.node.first("Expires");
    let granted = found.and_then(|expires| duration_seconds(&expires.text)).filter(|granted| *granted > 0.0);
    report.judge(granted.is_some_and(|granted| granted <= wanted), || {
        let breach = scene.breach_of_answer().expected(format!("Expires of at most {wanted} s"));
        match found {
            Some(expires) => breach.at(&expires.span).seen(&expires.text),
            None => breach.seen("none"),
        }
    });
}

fn expires_echoed(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((response, _, asked)) = granted(scene) else { return };
    let text = |lifecycle: &Lifecycle| lifecycle.node.first("Expires").map(|expires| expires.text.clone());
    let (wanted, granted) = (text(asked), text(response));
    if wanted.is_some() || granted.is_some() {
        let seconds = |text: &Option<String>| text.as_deref().and_then(duration_seconds);
        let is_kept =
            granted == wanted || (seconds(&granted).is_some() && seconds(&granted) == seconds(&wanted));
        report.judge(is_kept, || {
            let breach = scene.breach_of_answer().expected(wanted.unwrap_or_else(|| "no Expires".to_owned()));
            breach.seen(granted.unwrap_or_else(|| "none".to_owned()))
        });
    }
}

fn accept<'a>(scene: &Scene<'a>) -> Option<(&'a Lifecycle, &'a Node)> {
    let (_, lifecycle) = lifecycle(scene, LifecycleKind::CreateResponse)?;
    Some((lifecycle, lifecycle.accept.as_ref()?))
}

fn accept_acks_to(scene: &Scene<'_>, report: &mut Report<'_>) {
    if let Some((_, accept)) = accept(scene) {
        judge_single(scene, accept, "AcksTo", report);
    }
}

fn accept_reachable(scene: &Scene<'_>, report: &mut Report<'_>) {
    judge_reachable(scene, accept(scene).and_then(|(lifecycle, _)| lifecycle.acks_to.as_ref()), report);
}

fn accept_without_offer(view: &View, report: &mut Report<'_>) {
    for (place, creation) in view.creations.iter().enumerate() {
        let is_answered = creation.answers.iter().any(|(_, sequence)| sequence.is_some());
        // Where replies come and go as if offered, it is the Offer that is missing.
        if creation.has_offer || !is_answered || first_reply(view, place).is_some() {
            continue;
        }
        match acceptance(creation) {
            None => report.met(),
            Some(answer) => {
                let breach = Breach::by(answer).with(&creation.request);
                let lifecycle = answer.soap().and_then(|message| message.lifecycle.as_ref());
                let breach = match lifecycle.and_then(|lifecycle| lifecycle.accept.as_ref()) {
                    Some(accept) => breach.at(&accept.span),
                    None => breach,
                };
                report.violated(breach.expected("no Accept: nothing was offered").seen("Accept"));
            }
        }
    }
}

fn offer_accepted(view: &View, report: &mut Report<'_>) {
    for (place, creation) in view.creations.iter().enumerate().filter(|(_, creation)| creation.has_offer) {
        for (answer, _) in &creation.answers {
            let Some(response) = answer.soap().and_then(|message| message.lifecycle.as_ref()) else {
                continue;
            };
            report.judge(response.accept.is_some(), || {
                let breach = Breach::by(answer).with(&creation.request).at(&response.node.span);
                let is_one_way = first_reply(view, place).is_none();
                let is_erratum = response.version == RmVersion::V200702 && is_one_way;
                breach.expected("Accept").or("a refusal").seen("neither").like_wcf_if(is_erratum)
            });
        }
    }
}

fn accept_acks_to_is_to(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((response, creation, _)) = granted(scene) else { return };
    let to = creation.request.soap().and_then(|message| message.property("To"));
    let found = response.acks_to.as_ref().filter(|endpoint| endpoint.addresses.len() == 1);
    if let (Some(to), Some(found), Some(_)) = (to, found, &response.accept) {
        report.judge(is_same_address(to, found.address()), || {
            scene.breach_of_answer().at(&found.span).expected(to).seen(found.address())
        });
    }
}

/// A CreateSequence that WCF refuses must be answered so too.
fn judge_refused(
    scene: &Scene<'_>,
    is_wrong: impl Fn(&Message, &Lifecycle) -> bool,
    expected: &str,
    report: &mut Report<'_>,
) {
    let Some((asked, answer)) = scene.answer() else { return };
    let Some(lifecycle) = asked.lifecycle.as_ref().filter(|found| found.kind == LifecycleKind::Create) else {
        return;
    };
    if is_wrong(asked, lifecycle) {
        match answer {
            Answer::Fault(_) => report.met(),
            Answer::Soap(_) => {
                let breach: Breach = scene.breach_of_answer().expected(format!("a refusal: {expected}"));
                report.violated(breach.seen("an answer of success"));
            }
            Answer::Empty | Answer::Unclear => {}
        }
    }
}

fn no_acks_to_refused(scene: &Scene<'_>, report: &mut Report<'_>) {
    judge_refused(scene, |_, lifecycle| lifecycle.acks_to.is_none(), "there is no AcksTo", report);
}

fn unreachable_acks_to_refused(scene: &Scene<'_>, report: &mut Report<'_>) {
    let is_none =
        |_: &Message, lifecycle: &Lifecycle| lifecycle.acks_to.as_ref().is_some_and(Endpoint::is_none);
    judge_refused(scene, is_none, "AcksTo is none", report);
}

fn offer_without_endpoint_refused(scene: &Scene<'_>, report: &mut Report<'_>) {
    let lacks = |_: &Message, lifecycle: &Lifecycle| {
        lifecycle.offer.as_ref().is_some_and(|offer| offer.endpoint.is_none())
    };
    judge_refused(scene, lacks, "the Offer has no Endpoint", report);
}

fn different_addresses_refused(scene: &Scene<'_>, report: &mut Report<'_>) {
    let differ = |message: &Message, lifecycle: &Lifecycle| {
        addresses(message, lifecycle).is_some_and(|addresses| !are_one(&addresses))
    };
    judge_refused(scene, differ, "the addresses differ", report);
}

fn repeated_same_sequence(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((response, creation, _)) = granted(scene) else { return };
    let (Some(offer), Some(_)) = (&creation.offer, &response.accept) else { return };
    let before = scene.view.creations.iter().filter(|other| other.exchange != creation.exchange);
    let before = before.filter(|other| other.offer.as_ref() == Some(offer));
    let given = before.flat_map(|other| &other.answers).find_map(|(answer, sequence)| {
        let sequence = scene.view.sequences.get((*sequence)?)?;
        Some((answer, &sequence.identifier))
    });
    if let Some((answer, identifier)) = given {
        report.judge(response.identifier.as_ref() == Some(identifier), || {
            let breach = scene.breach_of_answer().with(answer).expected(identifier);
            breach.seen(response.identifier.clone().unwrap_or_default())
        });
    }
}
