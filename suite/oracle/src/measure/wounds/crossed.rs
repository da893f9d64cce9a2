//! Values of other messages where a value of its own belongs.

use super::NUMBER;
use crate::measure::draft::{Draft, Kind, only};
use crate::measure::wound::{Wound, wound};
use crate::message::{LifecycleKind, Message};

/// The identifier of the sequence of the requests, as the message itself names it or that which it answers.
fn requests(draft: &Draft<'_>) -> Option<String> {
    let of = |message: &Message| message.sequences.first().and_then(|header| header.identifier.clone());
    match draft.other_half().filter(|_| draft.is_response()) {
        Some(request) => of(request),
        None => of(draft.message()?),
    }
}

/// The identifier of the sequence of the replies: what the last CreateSequence offered.
fn replies(draft: &Draft<'_>) -> Option<String> {
    let create = earlier(draft, LifecycleKind::Create)?;
    let lifecycle = create.lifecycle.as_ref()?;
    lifecycle.offer.as_ref()?.identifier.clone()
}

/// The last message of this kind before the one that is edited.
fn earlier<'s>(draft: &Draft<'s>, kind: LifecycleKind) -> Option<&'s Message> {
    let is_it =
        |message: &Message| message.lifecycle.as_ref().is_some_and(|lifecycle| lifecycle.kind == kind);
    draft.subject.before(draft.place).map(|(_, message)| message).find(|message| is_it(message))
}

/// Whether the session has one CreateSequence, which was accepted with its Offer.
fn is_two_way(draft: &Draft<'_>) -> Option<()> {
    let created = earlier(draft, LifecycleKind::CreateResponse)?;
    only(created.lifecycle.as_ref()?.accept.is_some())
}

pub(super) const WOUNDS: &[Wound] = &[
    wound("message-in-reply-sequence", Kind::Application, &["sequence.created-first"], |d| {
        is_two_way(d)?;
        let other = replies(d)?;
        d.set(&["Sequence", "Identifier"], &other)
    }),
    wound("reply-in-request-sequence", Kind::Reply, &["sequence.created-first"], |d| {
        is_two_way(d)?;
        let other = requests(d)?;
        d.set(&["Sequence", "Identifier"], &other)
    }),
    wound("reply-acknowledges-replies", Kind::Reply, &["ack.known-sequence"], |d| {
        is_two_way(d)?;
        let other = replies(d)?;
        d.set(&["SequenceAcknowledgement", "Identifier"], &other)
    })
    .then(&["reply.acknowledgement"]),
    wound("message-acknowledges-requests", Kind::Application, &["ack.known-sequence"], |d| {
        is_two_way(d)?;
        let other = requests(d)?;
        d.set(&["SequenceAcknowledgement", "Identifier"], &other)
    })
    .then(&["reply.acknowledged-by-source"]),
    wound("create-response-names-offer", Kind::CreateResponse, &["create.response-identifier-unique"], |d| {
        let other = replies(d)?;
        d.set(&["CreateSequenceResponse", "Identifier"], &other)
    }),
    wound("close-response-names-replies", Kind::CloseResponse, &["close.response-identifier"], |d| {
        is_two_way(d)?;
        let other = replies(d)?;
        d.set(&["CloseSequenceResponse", "Identifier"], &other)
    }),
    wound(
        "terminate-response-names-replies",
        Kind::TerminateResponse,
        &["terminate.response-identifier"],
        |d| {
            is_two_way(d)?;
            let other = replies(d)?;
            d.set(&["TerminateSequenceResponse", "Identifier"], &other)
        },
    ),
    wound("message-id-of-create", Kind::Application, &["addressing.message-id-unique"], |d| {
        let other = earlier(d, LifecycleKind::Create)?.message_id()?;
        d.set(&["MessageID"], other)
    }),
    wound("reply-relates-to-create", Kind::Reply, &["addressing.reply-relates-to"], |d| {
        let other = earlier(d, LifecycleKind::Create)?.message_id()?;
        d.set(&["RelatesTo"], other)
    }),
    wound(
        "repetition-with-other-message-id",
        Kind::Application,
        &["sequence.retransmission-identical"],
        |d| {
            is_repetition(d)?;
            d.set(&["MessageID"], super::STRANGE)
        },
    ),
    wound("repetition-with-other-body", Kind::Application, &["sequence.number-once"], |d| {
        is_repetition(d)?;
        d.swap("<text>", "<text>other ")
    })
    .then(&["addressing.message-id-unique"]),
    wound("reply-role-of-relation", Kind::Reply, &["addressing.reply-relates-to"], |d| {
        only(d.is_addressing10() && d.is_soap12())?;
        d.mark(&["RelatesTo"], "RelationshipType=\"urn:other\"")
    }),
    wound("acknowledgement-of-next-reply", Kind::Application, &["ack.only-received"], |d| {
        super::is_one_by_one(d)?;
        let ack = d.message()?.acknowledgements.first()?;
        let next = ack.covered().highest()? + 1;
        let is_next = |message: &Message| {
            message
                .sequences
                .first()
                .is_some_and(|header| header.identifier == ack.identifier && header.number == Some(next))
        };
        only(!d.subject.before(d.place).any(|(_, message)| is_next(message)))?;
        super::add_upper(d, 1)
    }),
];

/// Whether the same number was sent before in the same sequence.
fn is_repetition(draft: &Draft<'_>) -> Option<()> {
    let header = draft.message()?.sequences.first()?;
    let number = draft.text(NUMBER)?;
    let is_same = |message: &Message| {
        let found = message.sequences.first();
        found.is_some_and(|found| found.identifier == header.identifier && found.number == header.number)
    };
    let mut before = draft.subject.before(draft.place).map(|(_, message)| message);
    only(before.any(is_same) && !number.is_empty())
}
