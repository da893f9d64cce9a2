//! What stands in the messages that make, close and end a sequence, and in those that belong to it.

use super::{NONE, NUMBER, STRANGE, add};
use crate::measure::draft::{Draft, Kind, only};
use crate::measure::wound::{Wound, wound};
use crate::message::{LifecycleKind, Message};

const RM_2005: &str = "http://schemas.xmlsoap.org/ws/2005/02/rm";
const RM: &str = "http://docs.oasis-open.org/ws-rx/wsrm/200702";

/// The whole message in the other version of reliable messaging.
fn other_version(draft: &mut Draft<'_>) -> Option<()> {
    let (one, other) = if draft.is_11() { (RM, RM_2005) } else { (RM_2005, RM) };
    draft.body = draft.body.replace(one, other);
    Some(())
}

fn relative_identifier(draft: &mut Draft<'_>, of: &str) -> Option<()> {
    draft.set(&[of, "Identifier"], "4711")
}

const VERSION: &[&str] = &["create.one-namespace"];
const NUMBERS: &[&str] = &["close.last-number-value", "close.last-number-consistent"];

/// Another name for the sequence, which is called by the one that stands here ever after.
fn other_name(draft: &mut Draft<'_>, path: &[&str]) -> Option<()> {
    let own = draft.text(path)?;
    let names = |message: &Message| {
        let headers = message.sequences.iter().map(|header| &header.identifier);
        headers.flatten().any(|name| *name == own) && message.fault.is_none()
    };
    let mut after = draft.subject.after(draft.place);
    let created =
        |message: &Message| message.lifecycle.as_ref().map(|found| found.kind) == Some(LifecycleKind::Create);
    only(
        after.any(|(_, message)| names(message))
            && !draft.subject.after(draft.place).any(|(_, message)| created(message)),
    )?;
    let acknowledged = |message: &Message| {
        message.acknowledgements.iter().any(|ack| ack.identifier.as_deref() == Some(&own))
    };
    only(draft.subject.after(draft.place).any(|(_, message)| acknowledged(message)))?;
    only(!draft.subject.before(draft.place).any(|(_, message)| !message.acknowledgements.is_empty()))?;
    draft.set(path, STRANGE)
}

pub(super) const WOUNDS: &[Wound] = &[
    wound("create-response-other-identifier", Kind::CreateResponse, &["create.response-identifier"], |d| {
        other_name(d, &["CreateSequenceResponse", "Identifier"])
    }),
    wound("create-offer-other-identifier", Kind::Create, &["create.offer-identifier"], |d| {
        other_name(d, &["Offer", "Identifier"])
    }).then(&["addressing.message-id-unique"]),
    wound("create-body-empty", Kind::Create, &["addressing.body-of-action"], |d| d.cut(&["Body", "CreateSequence"]))
        .then(&["addressing.message-id-unique"]),
    wound("close-response-body-empty", Kind::CloseResponse, &["addressing.body-of-action"], |d| {
        d.cut(&["Body", "CloseSequenceResponse"])
    }),
    wound("terminate-body-foreign", Kind::Terminate, &["addressing.body-of-action"], |d| {
        d.put(&["Body"], "<s:Body><TerminateSequence xmlns=\"urn:x\"/></s:Body>")
    }).then(&["addressing.message-id-unique"]),
    wound("create-offer-identifier-relative", Kind::Create, &["create.offer-identifier"], |d| {
        relative_identifier(d, "Offer")
    }),
    wound("create-offer-with-two-identifiers", Kind::Create, &["create.offer-identifier"], |d| {
        d.twice(&["Offer", "Identifier"])
    })
    .then(&["create.schema"]),
    wound("create-with-two-offers", Kind::Create, &["create.schema"], |d| d.twice(&["Offer"])),
    wound("create-offer-with-two-endpoints", Kind::Create, &["create.offer-endpoint"], |d| {
        d.twice(&["Offer", "Endpoint"])
    })
    .then(&["create.schema"]),
    wound("create-offer-endpoint-elsewhere", Kind::Create, &["create.one-endpoint"], |d| {
        d.set(&["Offer", "Endpoint", "Address"], "http://client.example/replies")
    }),
    wound("create-offer-endpoint-in-february-2005", Kind::Create, &["create.vocabulary"], |d| {
        only(!d.is_11())?;
        let acks_to = d.source(&["AcksTo"])?.replace("AcksTo>", "Endpoint>");
        d.append(&["Offer"], &acks_to)
    })
    .then(&["create.schema"]),
    wound("create-acks-to-elsewhere", Kind::Create, &["create.one-endpoint"], |d| {
        d.set(&["AcksTo", "Address"], "http://client.example/acknowledgements")
    }),
    wound("create-expires-in-words", Kind::Create, &["create.expires-duration"], |d| {
        let r = d.r();
        d.after(&["AcksTo"], &format!("<{r}Expires>ten minutes</{r}Expires>"))
    }),
    wound("create-expires-without-time", Kind::Create, &["create.expires-duration"], |d| {
        let r = d.r();
        d.after(&["AcksTo"], &format!("<{r}Expires>PT</{r}Expires>"))
    }),
    wound("create-behavior-twice", Kind::Create, &["create.schema"], |d| d.twice(&["IncompleteSequenceBehavior"])),
    wound("create-behavior-in-lower-case", Kind::Create, &["create.incomplete-behavior-value"], |d| {
        d.set(&["IncompleteSequenceBehavior"], "noDiscard")
    }),
    wound("create-response-identifier-relative", Kind::CreateResponse, &["create.response-identifier"], |d| {
        relative_identifier(d, "CreateSequenceResponse")
    })
    .then(&["sequence.created-first", "ack.known-sequence"]),
    wound("create-response-accepts-twice", Kind::CreateResponse, &["create.schema"], |d| d.twice(&["Accept"])),
    wound("create-response-accepts-at-none", Kind::CreateResponse, &["create.accept-reachable", "create.accept-acks-to-is-to"], |d| {
        only(d.is_addressing10())?;
        d.set(&["Accept", "AcksTo", "Address"], NONE)
    }),
    wound("create-response-accepts-anonymously", Kind::CreateResponse, &["create.accept-acks-to-is-to"], |d| {
        only(d.is_addressing10())?;
        d.set(&["Accept", "AcksTo", "Address"], "http://www.w3.org/2005/08/addressing/anonymous")
    }),
    wound("create-response-with-two-acks-to", Kind::CreateResponse, &["create.accept-acks-to"], |d| {
        d.twice(&["Accept", "AcksTo"])
    })
    .then(&["create.schema"]),
    wound("create-response-accepts-unasked", Kind::CreateResponse, &["create.accept-without-offer"], |d| {
        let asked = d.other_half()?;
        only(d.source(&["Accept"]).is_none() && asked.lifecycle.as_ref()?.offer.is_none())?;
        let to = asked.property("To")?.to_owned();
        let r = d.r();
        d.append(
            &["CreateSequenceResponse"],
            &format!("<{r}Accept><{r}AcksTo><a:Address>{to}</a:Address></{r}AcksTo></{r}Accept>"),
        )
    }),
    wound("create-response-expires-in-words", Kind::CreateResponse, &["create.expires-duration"], |d| {
        only(d.source(&["Expires"]).is_none() && !d.other_half()?.lifecycle.as_ref()?.node.own("Expires").any(|_| true))?;
        let r = d.r();
        d.after(&["CreateSequenceResponse", "Identifier"], &format!("<{r}Expires>never</{r}Expires>"))
    }),
    wound("create-response-order", Kind::CreateResponse, &["create.schema"], |d| {
        only(d.source(&["IncompleteSequenceBehavior"]).or_else(|| d.source(&["Accept"])).is_some())?;
        let identifier = d.source(&["CreateSequenceResponse", "Identifier"])?;
        d.cut(&["CreateSequenceResponse", "Identifier"])?;
        d.append(&["CreateSequenceResponse"], &identifier)
    }),
    wound("create-response-of-other-version", Kind::CreateResponse, VERSION, other_version)
        .then(&["create.vocabulary", "create.schema"]),
    wound("message-of-other-version", Kind::Application, VERSION, other_version)
        .then(&["create.vocabulary", "ack.schema", "ack.lower-upper", "sequence.schema"]),
    wound("message-identifier-relative", Kind::Application, &["sequence.identifier"], |d| {
        relative_identifier(d, "Sequence")
    })
    .then(&["sequence.created-first", "sequence.unknown-refused"]),
    wound("message-with-two-identifiers", Kind::Application, &["sequence.identifier"], |d| {
        d.twice(&["Sequence", "Identifier"])
    })
    .then(&["sequence.schema"]),
    wound("message-with-two-numbers", Kind::Application, &["sequence.message-number"], |d| d.twice(NUMBER))
        .then(&["sequence.schema"]),
    wound("message-number-fraction", Kind::Application, &["sequence.message-number"], |d| d.set(NUMBER, "1.0")),
    wound("message-number-empty", Kind::Application, &["sequence.message-number"], |d| d.set(NUMBER, "")),
    wound("message-number-skips-one", Kind::Application, &["sequence.no-gaps", "sequence.starts-at-one"], |d| {
        let header = d.message()?.sequences.first()?;
        let is_later = |number: Option<u64>| number >= header.number;
        let mut after = d.subject.after(d.place).filter_map(|(_, message)| message.sequences.first());
        only(!after.any(|other| other.identifier == header.identifier && is_later(other.number)))?;
        let mut before = d.subject.before(d.place).filter_map(|(_, message)| message.sequences.first());
        only(!before.any(|other| other.identifier == header.identifier && is_later(other.number)))?;
        add(d, NUMBER, 1)
    }).then(&["delivery.fresh-answered"]),
    wound("message-sequence-with-unknown-element", Kind::Application, &["sequence.schema"], |d| {
        d.append(&["Sequence"], "<r:Priority>1</r:Priority>")
    })
    .then(&["create.vocabulary"]),
    wound("message-marked-as-last-in-200702", Kind::Application, &["create.vocabulary"], |d| {
        only(d.is_11())?;
        d.append(&["Sequence"], "<r:LastMessage/>")
    })
    .then(&["sequence.schema"]),
    wound("reply-of-other-version", Kind::Reply, VERSION, other_version)
        .then(&["create.vocabulary", "ack.schema", "ack.lower-upper", "sequence.schema"]),
    wound("reply-identifier-relative", Kind::Reply, &["sequence.identifier"], |d| relative_identifier(d, "Sequence"))
        .then(&["sequence.created-first"]),
    wound("reply-number-missing", Kind::Reply, &["sequence.message-number"], |d| d.cut(NUMBER)),
    wound("reply-without-sequence", Kind::Reply, &["reply.sequence"], |d| {
        only(d.message()?.fault.is_none())?;
        d.cut(&["Sequence"])
    })
    .then(&["sequence.starts-at-one", "reply.replayed"]),
    wound("reply-sequence-order", Kind::Reply, &["sequence.schema"], |d| {
        let number = d.source(NUMBER)?;
        d.cut(NUMBER)?;
        d.before(&["Sequence", "Identifier"], &number)
    }),
    wound("ack-with-sequence", Kind::Acknowledgement, &["sequence.not-on-lifecycle"], |d| {
        let id = d.message()?.acknowledgements.first()?.identifier.clone()?;
        d.before(
            ACK,
            &format!("<r:Sequence s:mustUnderstand=\"1\"><r:Identifier>{id}</r:Identifier><r:MessageNumber>1</r:MessageNumber></r:Sequence>"),
        )
    })
    .then(&["sequence.created-first"]),
    wound("question-of-unknown-sequence", Kind::Question, &["ack-requested.known-sequence"], |d| {
        d.set(&["AckRequested", "Identifier"], STRANGE)
    })
    .then(&["ack-requested.unknown-refused"]),
    wound("question-without-identifier", Kind::Question, &["ack-requested.identifier"], |d| {
        d.cut(&["AckRequested", "Identifier"])
    }),
    wound("question-twice", Kind::Question, &["ack-requested.single-header"], |d| d.twice(&["AckRequested"])),
    wound("question-with-unknown-element", Kind::Question, &["ack-requested.schema"], |d| {
        d.append(&["AckRequested"], "<r:Priority/>")
    })
    .then(&["create.vocabulary"]),
    wound("close-last-number-too-small", Kind::Close, NUMBERS, |d| {
        only(d.text(&["LastMsgNumber"])? != "1")?;
        add(d, &["LastMsgNumber"], -1)
    }),
    wound("close-last-number-in-words", Kind::Close, &["close.last-number-type"], |d| {
        d.set(&["LastMsgNumber"], "two")
    }),
    wound("close-last-number-twice", Kind::Close, &["close.schema"], |d| d.twice(&["LastMsgNumber"]))
        .then(&["close.last-number-type"]),
    wound("close-identifier-relative", Kind::Close, &["close.identifier"], |d| relative_identifier(d, "CloseSequence"))
        .then(&["close.known-sequence", "close.unknown-refused"]),
    wound("close-with-two-identifiers", Kind::Close, &["close.identifier"], |d| d.twice(&["CloseSequence", "Identifier"]))
        .then(&["close.schema"]),
    wound("close-with-sequence", Kind::Close, &["sequence.not-on-lifecycle"], |d| {
        let id = d.message()?.lifecycle.as_ref()?.identifier.clone()?;
        let r = "<r:Sequence xmlns:r=\"http://docs.oasis-open.org/ws-rx/wsrm/200702\" s:mustUnderstand=\"1\">";
        d.before(
            &["Action"],
            &format!("{r}<r:Identifier>{id}</r:Identifier><r:MessageNumber>1</r:MessageNumber></r:Sequence>"),
        )
    }).then(&["terminate.last-number", "sequence.number-once", "addressing.message-id-unique"]),
    wound("close-response-without-identifier", Kind::CloseResponse, &["close.identifier"], |d| {
        d.cut(&["CloseSequenceResponse", "Identifier"])
    }),
    wound("close-response-with-last-number", Kind::CloseResponse, &["close.schema"], |d| {
        let r = d.r();
        d.append(&["CloseSequenceResponse"], &format!("<{r}LastMsgNumber>1</{r}LastMsgNumber>"))
    }),
    wound("close-response-is-of-ending", Kind::CloseResponse, &["close.answered"], |d| {
        d.body = d.body.replace("CloseSequenceResponse", "TerminateSequenceResponse");
        Some(())
    })
    .then(&["close.final"]),
    wound("terminate-last-number-too-small", Kind::Terminate, NUMBERS, |d| {
        only(d.text(&["LastMsgNumber"])? != "1")?;
        add(d, &["LastMsgNumber"], -1)
    }),
    wound("terminate-last-number-zero", Kind::Terminate, &["close.last-number-type"], |d| {
        d.set(&["LastMsgNumber"], "0")
    }),
    wound("terminate-last-number-in-february-2005", Kind::Terminate, &["create.vocabulary", "terminate.schema"], |d| {
        only(!d.is_11())?;
        let r = d.r();
        d.append(&["TerminateSequence"], &format!("<{r}LastMsgNumber>1</{r}LastMsgNumber>"))
    }),
    wound("terminate-identifier-empty", Kind::Terminate, &["terminate.identifier"], |d| {
        d.set(&["TerminateSequence", "Identifier"], "")
    }),
    wound("terminate-with-unknown-element", Kind::Terminate, &["terminate.schema"], |d| {
        let r = d.r();
        d.append(&["TerminateSequence"], &format!("<{r}Reason/>"))
    })
    .then(&["create.vocabulary"]),
    wound("terminate-response-without-identifier", Kind::TerminateResponse, &["terminate.identifier"], |d| {
        d.cut(&["TerminateSequenceResponse", "Identifier"])
    }),
    wound("terminate-response-is-of-closing", Kind::TerminateResponse, &["terminate.answered"], |d| {
        let is_answer = |message: &crate::message::Message| message.rm_action() == Some("TerminateSequenceResponse");
        only(!d.subject.before(d.place).any(|(_, message)| is_answer(message)))?;
        d.body = d.body.replace("TerminateSequenceResponse", "CloseSequenceResponse");
        Some(())
    }),
    wound("terminate-back-names-requests", Kind::TerminateBack, &["terminate.answer-names-offer"], |d| {
        only(!d.is_11())?;
        let asked = d.other_half()?.lifecycle.as_ref()?.identifier.clone()?;
        d.set(&["TerminateSequence", "Identifier"], &asked)
    })
    .then(&["terminate.destination-initiated", "close.final"]),
    wound("terminate-back-unknown", Kind::TerminateBack, &["terminate.known-sequence"], |d| {
        d.set(&["TerminateSequence", "Identifier"], STRANGE)
    }),
    wound("last-with-content", Kind::Last, &["last.empty-body"], |d| d.append(&["Body"], "<x/>").or_else(|| d.put(&["Body"], "<s:Body><x/></s:Body>"))).then(&["sequence.number-once"]),
    wound("last-number-skips", Kind::Last, &["sequence.no-gaps", "sequence.starts-at-one"], |d| add(d, NUMBER, 70)),
    wound("last-of-unknown-sequence", Kind::Last, &["sequence.created-first"], |d| {
        d.set(&["Sequence", "Identifier"], STRANGE)
    })
    .then(&["sequence.unknown-refused", "last.before-terminate"]),
    wound("last-response-relates-nowhere", Kind::LastResponse, &["sequence.must-understand"], |d| {
        d.swap("Sequence s:mustUnderstand=\"1\"", "Sequence")
    }),
    wound("last-response-without-element", Kind::LastResponse, &["last.element"], |d| d.cut(&["Sequence", "LastMessage"])),
];

const ACK: &[&str] = super::ACK;
