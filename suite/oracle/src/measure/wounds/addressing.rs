//! Headers of WS-Addressing.

use super::{NONE, STRANGE, has_clear_request};
use crate::measure::draft::{Draft, Kind, only};
use crate::measure::wound::{Wound, wound};

const ABSENT: &[&str] = &["addressing.action-present"];
const TWICE: &[&str] = &["addressing.single-headers"];
const RELATIVE: &[&str] = &["addressing.absolute"];
const VERSION: &[&str] = &["addressing.one-version"];
const RELATES: &[&str] = &["addressing.response-relates-to"];

fn no_action(draft: &mut Draft<'_>) -> Option<()> {
    draft.cut(&["Action"])
}

fn empty_action(draft: &mut Draft<'_>) -> Option<()> {
    draft.set(&["Action"], " ")
}

fn two_actions(draft: &mut Draft<'_>) -> Option<()> {
    draft.twice(&["Action"])
}

fn two_message_ids(draft: &mut Draft<'_>) -> Option<()> {
    draft.twice(&["MessageID"])
}

fn relative_message_id(draft: &mut Draft<'_>) -> Option<()> {
    draft.set(&["MessageID"], "4711")
}

fn relates_to_nothing(draft: &mut Draft<'_>) -> Option<()> {
    draft.other_half()?.message_id()?;
    draft.set(&["RelatesTo"], STRANGE)
}

fn relates_otherwise(draft: &mut Draft<'_>) -> Option<()> {
    draft.other_half()?.message_id()?;
    only(draft.is_addressing10())?;
    draft.mark(&["RelatesTo"], "RelationshipType=\"urn:other\"")
}

/// The whole message in the other version of WS-Addressing.
fn other_version(draft: &mut Draft<'_>) -> Option<()> {
    let (one, other) =
        ("http://www.w3.org/2005/08/addressing", "http://schemas.xmlsoap.org/ws/2004/08/addressing");
    let body = if draft.is_addressing10() {
        draft
            .body
            .replace(&format!("{one}/anonymous"), &format!("{other}/role/anonymous"))
            .replace(one, other)
    } else {
        draft
            .body
            .replace(&format!("{other}/role/anonymous"), &format!("{one}/anonymous"))
            .replace(other, one)
    };
    only(body != draft.body)?;
    draft.body = body;
    Some(())
}

pub(super) const WOUNDS: &[Wound] = &[
    wound(
        "create-response-relates-twice",
        Kind::CreateResponse,
        &["addressing.single-reply-relation"],
        |d| d.twice(&["RelatesTo"]),
    ),
    wound("reply-relates-twice", Kind::Reply, &["addressing.single-reply-relation"], |d| {
        d.twice(&["RelatesTo"])
    }),
    wound("message-to-none", Kind::Application, &["addressing.to-none"], |d| d.set(&["Header", "To"], NONE))
        .then(&["create.same-endpoint-used"]),
    wound("reply-to-elsewhere", Kind::Reply, &["addressing.reply-destination"], |d| {
        d.set(&["Header", "To"], "http://client.example/")
    }),
    wound("message-action-may-be-ignored", Kind::Application, &["addressing.must-understand"], |d| {
        d.swap("Action s:mustUnderstand=\"1\"", "Action")
    }),
    wound("create-acks-to-with-text", Kind::Create, &["addressing.epr-address"], |d| {
        d.swap("<AcksTo>", "<AcksTo>here")
    }),
    wound("create-acks-to-extension-first", Kind::Create, &["addressing.epr-address"], |d| {
        d.swap("<AcksTo>", "<AcksTo><x:note xmlns:x=\"urn:x\"/>")
    }),
    wound("create-action-empty", Kind::Create, ABSENT, empty_action),
    wound("create-with-two-actions", Kind::Create, TWICE, two_actions),
    wound("create-with-two-message-ids", Kind::Create, TWICE, two_message_ids),
    wound("create-message-id-relative", Kind::Create, RELATIVE, relative_message_id),
    wound(
        "create-message-id-empty",
        Kind::Create,
        &["addressing.request-message-id", "addressing.absolute"],
        |d| d.set(&["MessageID"], ""),
    ),
    wound("create-with-two-to", Kind::Create, TWICE, |d| d.twice(&["To"])),
    wound("create-to-relative", Kind::Create, RELATIVE, |d| d.set(&["To"], "service.svc"))
        .then(&["create.accept-acks-to-is-to"]),
    wound("create-reply-to-relative", Kind::Create, RELATIVE, |d| d.set(&["ReplyTo", "Address"], "client")),
    wound("create-reply-to-elsewhere", Kind::Create, &["create.one-endpoint"], |d| {
        d.set(&["ReplyTo", "Address"], "http://client.example/replies")
    }),
    wound("create-reply-to-without-address", Kind::Create, &["addressing.epr-address"], |d| {
        d.cut(&["ReplyTo", "Address"])
    })
    .then(&["create.one-endpoint"]),
    wound("create-without-reply-to", Kind::Create, &["addressing.reply-to-present"], |d| {
        only(!d.is_addressing10())?;
        d.cut(&["ReplyTo"])
    }),
    wound("create-without-to", Kind::Create, &["addressing.to-present"], |d| {
        only(!d.is_addressing10())?;
        d.cut(&["To"])
    }),
    wound("create-with-two-addresses-in-acks-to", Kind::Create, &["addressing.epr-address"], |d| {
        d.twice(&["AcksTo", "Address"])
    }),
    wound("create-acks-to-of-other-version", Kind::Create, VERSION, |d| {
        only(d.is_addressing10())?;
        let other = "http://schemas.xmlsoap.org/ws/2004/08/addressing";
        let address = format!("<Address xmlns=\"{other}\">{other}/role/anonymous</Address>");
        d.put(&["AcksTo", "Address"], &address)
    })
    .then(&["create.one-endpoint"]),
    wound("create-response-without-action", Kind::CreateResponse, ABSENT, no_action),
    wound("create-response-with-two-actions", Kind::CreateResponse, TWICE, two_actions),
    wound("create-response-relates-otherwise", Kind::CreateResponse, RELATES, relates_otherwise),
    wound("create-response-relates-to-relative", Kind::CreateResponse, RELATES, |d| {
        has_clear_request(d)?;
        d.set(&["RelatesTo"], "4711")
    })
    .then(RELATIVE),
    wound("create-response-accepts-at-relative", Kind::CreateResponse, RELATIVE, |d| {
        d.set(&["Accept", "AcksTo", "Address"], "here")
    })
    .then(&["create.accept-acks-to-is-to"]),
    wound("create-response-of-other-addressing", Kind::CreateResponse, VERSION, other_version),
    wound("message-action-empty", Kind::Application, ABSENT, empty_action),
    wound("message-with-two-message-ids", Kind::Application, TWICE, two_message_ids),
    wound("message-with-two-reply-to", Kind::Application, TWICE, |d| d.twice(&["ReplyTo"])),
    wound("message-to-relative", Kind::Application, RELATIVE, |d| d.set(&["To"], "/service")),
    wound("message-to-empty", Kind::Application, RELATIVE, |d| d.set(&["To"], ""))
        .then(&["addressing.to-present"]),
    wound("message-to-elsewhere", Kind::Application, &["create.same-endpoint-used"], |d| {
        d.set(&["To"], "http://elsewhere.example/service")
    }),
    wound("message-reply-to-relative", Kind::Application, RELATIVE, |d| {
        d.set(&["ReplyTo", "Address"], "client")
    }),
    wound("message-reply-to-elsewhere", Kind::Application, &["reply.anonymous"], |d| {
        only(!d.message()?.sequences.is_empty())?;
        d.set(&["ReplyTo", "Address"], "http://client.example/replies")
    }),
    wound("message-fault-to-without-address", Kind::Application, &["addressing.epr-address"], |d| {
        d.after(&["Action"], "<a:FaultTo></a:FaultTo>")
    }),
    wound("message-from-relative", Kind::Application, RELATIVE, |d| {
        d.after(&["Action"], "<a:From><a:Address>me</a:Address></a:From>")
    }),
    wound("message-of-other-addressing", Kind::Application, VERSION, other_version),
    wound("message-without-to", Kind::Application, &["addressing.to-present"], |d| {
        only(!d.is_addressing10())?;
        d.cut(&["To"])
    }),
    wound("reply-action-empty", Kind::Reply, ABSENT, empty_action),
    wound("reply-with-two-actions", Kind::Reply, TWICE, two_actions),
    wound(
        "reply-relates-to-relative",
        Kind::Reply,
        &["addressing.reply-relates-to", "addressing.absolute"],
        |d| d.set(&["RelatesTo"], "4711"),
    ),
    wound("reply-of-other-addressing", Kind::Reply, VERSION, |d| {
        only(d.message()?.fault.is_none())?;
        other_version(d)
    }),
    wound("reply-to-none", Kind::Reply, TWICE, |d| {
        let to = format!("<a:To>{NONE}</a:To>");
        d.after(&["Action"], &format!("{to}{to}"))
    })
    .then(&["addressing.to-none"]),
    wound("ack-without-action", Kind::Acknowledgement, ABSENT, no_action),
    wound("ack-of-other-addressing", Kind::Acknowledgement, VERSION, other_version),
    wound("question-without-action", Kind::Question, ABSENT, no_action),
    wound(
        "question-named-as-acknowledgement",
        Kind::Question,
        &["addressing.ack-requested-action", "addressing.ack-requested-action-2005"],
        |d| {
            only(d.message()?.acknowledgements.is_empty())?;
            d.swap("/AckRequested</", "/SequenceAcknowledgement</")
        },
    )
    .then(&["http.action-matches"]),
    wound("close-without-action", Kind::Close, ABSENT, no_action),
    wound("close-wrong-action", Kind::Close, &["addressing.action-of-body"], |d| {
        d.swap("/CloseSequence</", "/TerminateSequence</")
    })
    .then(&["http.action-matches"]),
    wound("close-with-two-message-ids", Kind::Close, TWICE, two_message_ids),
    wound("close-message-id-relative", Kind::Close, RELATIVE, relative_message_id),
    wound("close-of-other-addressing", Kind::Close, VERSION, other_version),
    wound("close-response-relates-elsewhere", Kind::CloseResponse, RELATES, relates_to_nothing),
    wound("close-response-relates-otherwise", Kind::CloseResponse, RELATES, relates_otherwise),
    wound("close-response-without-action", Kind::CloseResponse, ABSENT, no_action),
    wound("terminate-without-action", Kind::Terminate, ABSENT, no_action),
    wound("terminate-wrong-action", Kind::Terminate, &["addressing.action-of-body"], |d| {
        d.swap("/TerminateSequence</", "/CloseSequence</")
    })
    .then(&["http.action-matches"]),
    wound("terminate-message-id-relative", Kind::Terminate, RELATIVE, relative_message_id),
    wound("terminate-response-relates-elsewhere", Kind::TerminateResponse, RELATES, relates_to_nothing),
    wound("terminate-response-wrong-action", Kind::TerminateResponse, &["addressing.action-of-body"], |d| {
        d.swap("/TerminateSequenceResponse</", "/CloseSequenceResponse</")
    }),
    wound("last-without-action", Kind::Last, ABSENT, no_action),
    wound("fault-without-action", Kind::Fault, ABSENT, |d| {
        only(!d.body.contains("CreateSequenceRefused") && d.other_half()?.action().is_some())?;
        no_action(d)
    }),
    wound("fault-relates-elsewhere", Kind::Fault, &["addressing.fault-relates-to"], |d| {
        only(d.body.contains("CreateSequenceRefused") && d.other_half()?.malformed.is_none())?;
        relates_to_nothing(d)
    }),
];
