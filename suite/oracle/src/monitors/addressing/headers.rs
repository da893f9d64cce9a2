//! The headers of WS-Addressing one by one: what they may say, and what has to be there for it.

use wsrm_wire::AddressingVersion;

use crate::message::{LifecycleKind, Node};
use crate::monitor::{Answer, Breach, Check, Report, Scene};
use crate::trace::Party;
use crate::view::View;

pub(in crate::monitors) const CHECKS: &[Check] = &[
    Check::message("addressing.body-of-action", body_of_action),
    Check::end("addressing.must-understand", must_understand),
    Check::message("addressing.single-reply-relation", single_reply_relation),
    Check::message("addressing.to-none", to_none),
    Check::message("addressing.reply-destination", reply_destination),
];

/// What a message of reliable messaging holds that its Action names: an element in the Body, or a header.
fn body_of_action(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message.filter(|message| message.malformed.is_none()) else { return };
    let Some(name) = message.rm_action().filter(|_| message.structure.is_none()) else { return };
    let is_named = |node: &Node| node.local == name && node.rm_version().is_some();
    let is_kept = match name {
        "SequenceAcknowledgement" | "AckRequested" => {
            !message.acknowledgements.is_empty()
                || !message.ack_requests.is_empty()
                || !message.has_empty_body()
        }
        // An element of another name is judged by what its own Action is.
        _ if message.lifecycle.is_some() => return,
        _ if LifecycleKind::ALL.iter().any(|kind| kind.name() == name) => message.body.iter().any(is_named),
        _ => return,
    };
    report.judge(is_kept, || {
        let span = message.addressing_header("Action").map_or(&message.body_span, |header| &header.node.span);
        scene.breach().at(span).expected(format!("{name} in the message, as its Action says")).seen("none")
    });
}

/// Whether Action and To are marked. Whoever marks them nowhere is told so once.
fn must_understand(view: &View, report: &mut Report<'_>) {
    for party in [Party::Initiator, Party::Responder] {
        let halves = view
            .exchanges
            .iter()
            .flat_map(|exchange| std::iter::once(&exchange.request).chain(exchange.response.as_ref()));
        let own = halves.filter(|observation| observation.sender == party);
        let headers = own.filter_map(|observation| Some((observation, observation.soap()?))).flat_map(
            |(observation, message)| {
                let both = ["Action", "To"].into_iter().flat_map(|local| message.addressing_headers(local));
                both.map(move |header| (observation, header))
            },
        );
        let (marked, unmarked): (Vec<_>, Vec<_>) =
            headers.partition(|(_, header)| header.must_be_understood());
        marked.iter().for_each(|_| report.met_by(party));
        let most = if marked.is_empty() { 1 } else { unmarked.len() };
        for (observation, header) in unmarked.into_iter().take(most) {
            let breach = Breach::by(observation).at(&header.node.span);
            report.violated(breach.expected("mustUnderstand").seen("it may be ignored"));
        }
    }
}

fn single_reply_relation(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(message) = scene.message else { return };
    let count = message.replies_to().count();
    if count > 0 {
        report.judge(count == 1, || {
            let last = message.addressing_headers("RelatesTo").last();
            let span = last.map_or(&message.body_span, |header| &header.node.span);
            scene.breach().at(span).expected("one RelatesTo of a reply").seen(format!("{count} of them"))
        });
    }
}

fn is_none(address: &str) -> bool {
    AddressingVersion::ALL.into_iter().filter_map(AddressingVersion::none).any(|none| none == address)
}

fn to_none(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(header) = scene.message.and_then(|message| message.addressing_header("To")) else { return };
    let is_none = is_none(&header.node.text);
    report.judge(!is_none, || {
        scene
            .breach()
            .at(&header.node.span)
            .expected("an address that can be reached")
            .seen(&header.node.text)
    });
}

/// An answer on the HTTP response, with the address that its request wants answers at.
fn reply_destination(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((asked, Answer::Soap(message))) = scene.answer() else { return };
    let Some(version) = message.addressing().filter(|version| asked.addressing() == Some(*version)) else {
        return;
    };
    let Some(to) = message.addressing_header("To") else { return };
    let wanted = asked.endpoint("ReplyTo").filter(|endpoint| endpoint.addresses.len() == 1);
    // What wants no reply gets an acknowledgement, which goes where acknowledgements go.
    let is_answer = message.replies_to().any(|id| asked.message_id() == Some(id));
    let is_anonymous = wanted.as_ref().is_none_or(|endpoint| endpoint.is_anonymous());
    if is_answer && is_anonymous && !is_none(&to.node.text) {
        report.judge(to.node.text == version.anonymous(), || {
            let breach = scene.breach_of_answer().at(&to.node.span).expected(version.anonymous());
            breach.or("no To").seen(&to.node.text)
        });
    }
}
