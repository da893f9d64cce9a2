//! WS-Addressing.

use super::super::{Kind, Mutant};
use super::source;

pub(super) const MUTANTS: &[Mutant] = &[
    source(
        "addressing.no-reply-to",
        "addressing.reply-to-present",
        "CreateSequence leaves ReplyTo to a default that the version of 2004 does not have.",
    )
    .addressing_2004()
    .says(Kind::CreateSequence, |request, _| request.remove("Header/ReplyTo")),
    source("addressing.close-without-id", "addressing.request-message-id", "CloseSequence has no MessageID.")
        .rm_11()
        .says(Kind::CloseSequence, |request, _| request.remove("MessageID")),
    source(
        "addressing.call-without-id",
        "addressing.two-way-message-id",
        "Calls have no MessageID: the number tells them apart.",
    )
    .two_way()
    .says(Kind::Message, |request, _| request.remove("MessageID")),
    source(
        "addressing.ids-start-anew",
        "addressing.message-id-unique",
        "The generator of MessageIDs starts anew for each message.",
    )
    .two_way()
    .says(Kind::Message, |request, past| {
        let first = past.last_request(Kind::CreateSequence)?.text("MessageID")?;
        request.set("MessageID", &first)
    }),
    source(
        "addressing.question-as-message",
        "addressing.ack-requested-action",
        "A lone AckRequested has the Action of the operation.",
    )
    .rm_11()
    .one_way()
    .in_case(&["loss.later-request"])
    .says(Kind::AckRequested, |request, _| request.set("Action", "http://tempuri.org/IOneWay/Send")),
    source(
        "addressing.question-as-message-2005",
        "addressing.ack-requested-action-2005",
        "A lone AckRequested has the Action of the operation.",
    )
    .rm_10()
    .one_way()
    .in_case(&["full.at-once"])
    .says(Kind::AckRequested, |request, _| request.set("Action", "http://tempuri.org/IOneWay/Send")),
];
