//! SOAP, XML and HTTP.

use crate::measure::draft::{Draft, Kind, only};
use crate::measure::wound::{Wound, wound};
use crate::trace::StartLine;

const ENVELOPE: &[&str] = &["soap.envelope"];
const XML: &[&str] = &["soap.well-formed"];
const MEDIA: &[&str] = &["http.media-type"];
const STATUS: &[&str] = &["http.message-status"];

fn body_first(draft: &mut Draft<'_>) -> Option<()> {
    let header = draft.source(&["Header"])?;
    draft.cut(&["Header"])?;
    draft.after(&["Body"], &header)
}

fn two_headers(draft: &mut Draft<'_>) -> Option<()> {
    draft.before(&["Body"], "<s:Header/>")
}

fn foreign_envelope(draft: &mut Draft<'_>) -> Option<()> {
    let namespace = if draft.is_soap12() {
        "http://www.w3.org/2003/05/soap-envelope"
    } else {
        "http://schemas.xmlsoap.org/soap/envelope/"
    };
    draft.body = draft.body.replace(namespace, "urn:soap");
    Some(())
}

fn other_soap(draft: &mut Draft<'_>) -> Option<()> {
    let (one, other) =
        ("http://www.w3.org/2003/05/soap-envelope", "http://schemas.xmlsoap.org/soap/envelope/");
    let body =
        if draft.is_soap12() { draft.body.replace(one, other) } else { draft.body.replace(other, one) };
    draft.body = body;
    let media =
        if draft.is_soap12() { "application/soap+xml; charset=utf-8" } else { "text/xml; charset=utf-8" };
    draft.field("Content-Type", Some(media))
}

fn no_media_type(draft: &mut Draft<'_>) -> Option<()> {
    draft.field("Content-Type", None)
}

fn instruction(draft: &mut Draft<'_>) -> Option<()> {
    draft.before(&["Body"], "<?go on?>")
}

fn attribute_twice(draft: &mut Draft<'_>) -> Option<()> {
    draft.mark(&["Body"], "x=\"1\" x=\"2\"")
}

fn unbound_prefix(draft: &mut Draft<'_>) -> Option<()> {
    draft.before(&["Action"], "<q:note/>")
}

fn unknown_entity(draft: &mut Draft<'_>) -> Option<()> {
    draft.before(&["Action"], "<note>&nbsp;</note>")
}

fn second_root(draft: &mut Draft<'_>) -> Option<()> {
    draft.body.push_str("<more/>");
    Some(())
}

fn wrong_charset(draft: &mut Draft<'_>) -> Option<()> {
    let value = draft.http.field("Content-Type")?.replace("utf-8", "utf-16");
    draft.field("Content-Type", Some(&value))
}

fn not_understood_value(draft: &mut Draft<'_>) -> Option<()> {
    draft.swap("s:mustUnderstand=\"1\"", "s:mustUnderstand=\"yes\"")
}

pub(super) const WOUNDS: &[Wound] = &[
    wound("create-soap-action-without-quotes", Kind::Create, &["http.soap-action-present"], |d| {
        let value = d.http.field("SOAPAction")?.trim_matches('"').to_owned();
        d.field("SOAPAction", Some(&value))
    }),
    wound("reply-with-status-202", Kind::Reply, &["http.status-200"], |d| {
        only(d.message()?.fault.is_none())?;
        d.status(202);
        Some(())
    }),
    wound("ack-with-status-204", Kind::Acknowledgement, STATUS, |d| {
        d.status(204);
        Some(())
    }),
    wound("create-response-is-a-page", Kind::CreateResponse, &["http.soap-answer"], |d| {
        "<html></html>".clone_into(&mut d.body);
        d.field("Content-Type", Some("text/html"))
    }),
    wound("create-body-first", Kind::Create, ENVELOPE, body_first),
    wound("create-in-foreign-envelope", Kind::Create, ENVELOPE, foreign_envelope),
    wound("create-with-instruction", Kind::Create, XML, instruction),
    wound("create-by-get", Kind::Create, &["http.post"], |d| {
        if let StartLine::Request { method, .. } = &mut d.http.start {
            "GET".clone_into(method);
        }
        Some(())
    }),
    wound("create-of-other-media-type", Kind::Create, MEDIA, |d| d.field("Content-Type", Some("text/plain"))),
    wound("create-without-media-type", Kind::Create, MEDIA, no_media_type),
    wound("create-with-wrong-charset", Kind::Create, &["http.charset"], wrong_charset),
    wound("create-without-soap-action", Kind::Create, &["http.soap-action-present"], |d| {
        d.field("SOAPAction", None)
    }),
    wound("create-with-wrong-soap-action", Kind::Create, &["http.action-matches"], |d| {
        d.field("SOAPAction", Some("\"urn:other\""))
    }),
    wound("create-with-wrong-action-parameter", Kind::Create, &["http.action-matches"], |d| {
        only(d.is_soap12())?;
        d.field("Content-Type", Some("application/soap+xml; charset=utf-8; action=\"urn:other\""))
    }),
    wound("create-response-with-status-500", Kind::CreateResponse, STATUS, |d| {
        d.status(500);
        Some(())
    }),
    wound("create-response-with-status-400", Kind::CreateResponse, STATUS, |d| {
        d.status(400);
        Some(())
    }),
    wound("create-response-without-media-type", Kind::CreateResponse, MEDIA, no_media_type),
    wound("create-response-body-first", Kind::CreateResponse, ENVELOPE, body_first),
    wound("create-response-cut-off", Kind::CreateResponse, XML, |d| {
        let end = d.body.rfind("</s:Body>")?;
        d.body.truncate(end);
        Some(())
    }),
    wound("create-response-with-wrong-charset", Kind::CreateResponse, &["http.charset"], wrong_charset),
    wound("create-response-of-other-soap", Kind::CreateResponse, &["sequence.one-soap-version"], other_soap),
    wound("message-body-first", Kind::Application, ENVELOPE, body_first),
    wound("message-with-two-headers", Kind::Application, ENVELOPE, two_headers),
    wound("message-in-foreign-envelope", Kind::Application, ENVELOPE, foreign_envelope)
        .then(&["delivery.fresh-answered"]),
    wound("message-of-other-soap", Kind::Application, &["sequence.one-soap-version"], other_soap)
        .then(&["http.soap-action-present", "soap.must-understand-value"]),
    wound("message-without-media-type", Kind::Application, MEDIA, no_media_type),
    wound("message-with-wrong-charset", Kind::Application, &["http.charset"], wrong_charset),
    wound("message-with-instruction", Kind::Application, XML, instruction),
    wound("message-attribute-twice", Kind::Application, XML, attribute_twice),
    wound("message-prefix-unbound", Kind::Application, XML, unbound_prefix),
    wound("message-entity-unknown", Kind::Application, XML, unknown_entity),
    wound("message-with-second-root", Kind::Application, XML, second_root),
    wound(
        "message-must-understand-yes",
        Kind::Application,
        &["soap.must-understand-value"],
        not_understood_value,
    )
    .then(&["sequence.must-understand"]),
    wound("message-sequence-zero-understood", Kind::Application, &["sequence.must-understand"], |d| {
        d.swap("Sequence s:mustUnderstand=\"1\"", "Sequence s:mustUnderstand=\"0\"")
    }),
    wound("message-sequence-for-next", Kind::Application, &["sequence.every-message"], |d| {
        only(d.is_soap12())?;
        let next =
            "Sequence s:role=\"http://www.w3.org/2003/05/soap-envelope/role/next\" s:mustUnderstand=\"1\"";
        d.swap("Sequence s:mustUnderstand=\"1\"", next)
    }),
    wound("reply-body-first", Kind::Reply, ENVELOPE, body_first),
    wound("reply-without-media-type", Kind::Reply, MEDIA, no_media_type),
    wound("reply-of-other-soap", Kind::Reply, &["sequence.one-soap-version"], |d| {
        only(d.message()?.fault.is_none())?;
        other_soap(d)
    })
    .then(&["soap.must-understand-value", "soap.fault-structure"]),
    wound("reply-with-instruction", Kind::Reply, XML, instruction),
    wound("reply-cut-off", Kind::Reply, XML, |d| {
        let end = d.body.rfind("</s:Body>")?;
        d.body.truncate(end);
        Some(())
    }),
    wound("reply-with-wrong-charset", Kind::Reply, &["http.charset"], wrong_charset),
    wound("reply-with-status-404", Kind::Reply, STATUS, |d| {
        only(!d.body.contains("Fault>"))?;
        d.status(404);
        Some(())
    }),
    wound("ack-with-status-500", Kind::Acknowledgement, STATUS, |d| {
        d.status(500);
        Some(())
    }),
    wound("ack-of-other-soap", Kind::Acknowledgement, &["sequence.one-soap-version"], other_soap)
        .then(&["soap.must-understand-value"]),
    wound("ack-without-media-type", Kind::Acknowledgement, MEDIA, no_media_type),
    wound("close-body-first", Kind::Close, ENVELOPE, body_first),
    wound("close-with-second-body-child", Kind::Close, &["soap.single-body-child"], |d| {
        d.after(&["CloseSequence"], "<x/>")
    }),
    wound("close-without-media-type", Kind::Close, MEDIA, no_media_type),
    wound("close-response-with-status-400", Kind::CloseResponse, STATUS, |d| {
        d.status(400);
        Some(())
    }),
    wound("close-response-with-instruction", Kind::CloseResponse, XML, instruction),
    wound("terminate-body-first", Kind::Terminate, ENVELOPE, body_first),
    wound("terminate-with-instruction", Kind::Terminate, XML, instruction),
    wound("terminate-with-second-body-child", Kind::Terminate, &["soap.single-body-child"], |d| {
        d.after(&["TerminateSequence"], "<x/>")
    }),
    wound("terminate-response-with-status-500", Kind::TerminateResponse, STATUS, |d| {
        d.status(500);
        Some(())
    }),
    wound("fault-with-status-400-in-soap11", Kind::Fault, &["http.fault-status"], |d| {
        only(!d.is_soap12())?;
        d.status(400);
        Some(())
    }),
    wound("fault-of-other-media-type", Kind::Fault, MEDIA, |d| d.field("Content-Type", Some("text/plain"))),
    wound("fault-with-second-body-child", Kind::Fault, &["soap.fault-alone"], |d| {
        d.after(&["Fault"], "<x/>")
    }),
    wound("empty-answer-with-media-type", Kind::Empty, &["http.empty-content-type"], |d| {
        d.http.fields.push(("Content-Type".to_owned(), "text/xml; charset=utf-8".to_owned()));
        Some(())
    }),
];
