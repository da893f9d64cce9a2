//! Creating a sequence.

use super::{NONE, NUMBER, STRANGE, has_clear_request, is_sent_once, nothing};
use crate::measure::draft::{Kind, only};
use crate::measure::wound::{Wound, wound};
use crate::message::Message;

pub(super) const WOUNDS: &[Wound] = &[
    wound("create-without-acks-to", Kind::Create, &["create.acks-to"], |d| d.cut(&["AcksTo"])),
    wound("create-with-two-acks-to", Kind::Create, &["create.acks-to", "create.schema"], |d| {
        d.twice(&["AcksTo"])
    }),
    wound("create-acks-to-none", Kind::Create, &["create.acks-to-reachable", "create.one-endpoint"], |d| {
        only(!d.body.contains("2004/08"))?;
        d.set(&["AcksTo", "Address"], NONE)
    }),
    wound("create-acks-to-relative", Kind::Create, &["addressing.absolute"], |d| {
        d.set(&["AcksTo", "Address"], "here")
    }),
    wound("create-acks-to-without-address", Kind::Create, &["addressing.epr-address"], |d| {
        d.cut(&["AcksTo", "Address"])
    }),
    wound("create-without-message-id", Kind::Create, &["addressing.request-message-id"], |d| {
        d.cut(&["MessageID"])
    }),
    wound("create-without-action", Kind::Create, &["addressing.action-present"], |d| d.cut(&["Action"])),
    wound("create-offer-without-identifier", Kind::Create, &["create.offer-identifier"], |d| {
        d.cut(&["Offer", "Identifier"])
    }),
    wound("create-offer-identifier-empty", Kind::Create, &["create.offer-identifier"], |d| {
        d.set(&["Offer", "Identifier"], "")
    }),
    wound("create-offer-without-endpoint", Kind::Create, &["create.offer-endpoint"], |d| {
        d.cut(&["Offer", "Endpoint"])
    }),
    wound(
        "create-offer-endpoint-none",
        Kind::Create,
        &["create.offer-endpoint-reachable", "create.one-endpoint"],
        |d| d.set(&["Offer", "Endpoint", "Address"], NONE),
    ),
    wound("create-expires-negative", Kind::Create, &["create.expires-duration"], |d| {
        let r = d.r();
        d.after(&["AcksTo"], &format!("<{r}Expires>-PT5S</{r}Expires>"))
    }),
    wound("create-behavior-unknown", Kind::Create, &["create.incomplete-behavior-value"], |d| {
        d.set(&["IncompleteSequenceBehavior"], "DiscardSome")
    }),
    wound("create-wrong-action", Kind::Create, &["addressing.action-of-body"], |d| {
        d.swap("/CreateSequence</", "/CloseSequence</")
    })
    .then(&["http.action-matches"]),
    wound("create-elements-out-of-order", Kind::Create, &["create.schema"], |d| {
        let acks_to = d.source(&["AcksTo"])?;
        d.after(&["Offer"], &acks_to)?;
        d.cut(&["AcksTo"])
    }),
    wound("create-two-body-children", Kind::Create, &["soap.single-body-child"], |d| {
        d.after(&["CreateSequence"], "<x/>")
    }),
    wound("create-with-unknown-element", Kind::Create, &["create.schema", "create.vocabulary"], |d| {
        let r = d.r();
        d.after(&["AcksTo"], &format!("<{r}Wishes/>"))
    }),
    wound("create-response-without-identifier", Kind::CreateResponse, &["create.response-identifier"], |d| {
        d.cut(&["CreateSequenceResponse", "Identifier"])
    }),
    wound("create-response-identifier-empty", Kind::CreateResponse, &["create.response-identifier"], |d| {
        d.set(&["CreateSequenceResponse", "Identifier"], "")
    }),
    wound(
        "create-response-two-identifiers",
        Kind::CreateResponse,
        &["create.response-identifier", "create.schema"],
        |d| d.twice(&["CreateSequenceResponse", "Identifier"]),
    ),
    wound(
        "create-response-without-relates-to",
        Kind::CreateResponse,
        &["addressing.response-relates-to"],
        |d| d.cut(&["RelatesTo"]),
    ),
    wound(
        "create-response-relates-elsewhere",
        Kind::CreateResponse,
        &["addressing.response-relates-to"],
        |d| {
            has_clear_request(d)?;
            d.set(&["RelatesTo"], STRANGE)
        },
    ),
    wound("create-response-without-accept", Kind::CreateResponse, &["create.offer-accepted"], |d| {
        d.cut(&["Accept"])
    }),
    wound("create-response-accept-without-acks-to", Kind::CreateResponse, &["create.accept-acks-to"], |d| {
        d.cut(&["Accept", "AcksTo"])
    }),
    wound("create-response-accepts-elsewhere", Kind::CreateResponse, &["create.accept-acks-to-is-to"], |d| {
        d.set(&["Accept", "AcksTo", "Address"], "http://elsewhere.example/x")
    }),
    wound("create-response-wrong-action", Kind::CreateResponse, &["addressing.action-of-body"], |d| {
        d.swap("/CreateSequenceResponse</", "/CreateSequence</")
    }),
    wound(
        "create-response-behavior-unknown",
        Kind::CreateResponse,
        &["create.incomplete-behavior-value"],
        |d| d.set(&["IncompleteSequenceBehavior"], "Whatever"),
    ),
    wound("create-over-transport-sequence", Kind::Create, &["create.no-transport-binding"], |d| {
        only(d.is_11())?;
        d.before(&["Action"], "<r:UsesSequenceSSL xmlns:r=\"http://docs.oasis-open.org/ws-rx/wsrm/200702\" s:mustUnderstand=\"1\"/>")
    }),
    wound("create-answered-by-nothing", Kind::CreateResponse, &["create.answered"], |d| {
        only(d.other_half()?.endpoint("ReplyTo").is_none_or(|endpoint| endpoint.is_anonymous()))?;
        nothing(d)
    }),
    wound("close-answered-by-nothing", Kind::CloseResponse, &["close.answered"], nothing),
    wound("terminate-answered-by-nothing", Kind::TerminateResponse, &["terminate.answered"], |d| {
        let is_answer = |message: &Message| message.rm_action() == Some("TerminateSequenceResponse");
        only(!d.subject.before(d.place).any(|(_, message)| is_answer(message)))?;
        nothing(d)
    }),
    wound("last-answered-by-nothing", Kind::LastResponse, &["last.answered"], nothing),
    wound(
        "message-answered-by-nothing",
        Kind::Acknowledgement,
        &[
            "delivery.fresh-answered",
            "delivery.duplicate-answered",
            "ack-requested.answered-at-once",
            "last.acknowledged",
            "ack-requested.answered",
        ],
        |d| {
            is_sent_once(d)?;
            nothing(d)
        },
    ),
    wound("sequence-number-before-identifier", Kind::Application, &["sequence.schema"], |d| {
        let number = d.source(NUMBER)?;
        d.cut(NUMBER)?;
        d.before(&["Sequence", "Identifier"], &number)
    }),
    wound(
        "create-response-of-last-session",
        Kind::CreateResponse,
        &["create.schema", "create.vocabulary"],
        |d| {
            let r = d.r();
            d.append(&["CreateSequenceResponse"], &format!("<{r}LastMessage/>"))
        },
    ),
];
