//! Messages of an application.

use super::{ACK, NUMBER, STRANGE, acknowledge_unsent, add, knows_of_replies, other_rm};
use crate::measure::draft::{Kind, only};
use crate::measure::wound::{Wound, wound};
use crate::trace::StartLine;

pub(super) const WOUNDS: &[Wound] = &[
    wound("message-with-two-sequences", Kind::Application, &["sequence.single-header"], |d| {
        d.twice(&["Sequence"])
    }),
    wound("message-sequence-may-be-ignored", Kind::Application, &["sequence.must-understand"], |d| {
        d.swap("Sequence s:mustUnderstand=\"1\"", "Sequence")
    }),
    wound("message-number-zero", Kind::Application, &["sequence.message-number"], |d| d.set(NUMBER, "0")),
    wound("message-number-negative", Kind::Application, &["sequence.message-number"], |d| {
        d.set(NUMBER, "-1")
    }),
    wound("message-number-no-number", Kind::Application, &["sequence.message-number"], |d| {
        d.set(NUMBER, "one")
    }),
    wound("message-number-missing", Kind::Application, &["sequence.message-number"], |d| d.cut(NUMBER)),
    wound(
        "message-number-too-large",
        Kind::Application,
        &["sequence.message-number", "sequence.below-limit"],
        |d| d.set(NUMBER, "9223372036854775808"),
    )
    .then(&["delivery.fresh-answered", "sequence.rollover"]),
    wound("message-number-skips", Kind::Application, &["sequence.no-gaps", "sequence.starts-at-one"], |d| {
        add(d, NUMBER, 70)
    })
    .then(&["delivery.fresh-answered"]),
    wound("message-number-used-twice", Kind::Application, &["sequence.number-once"], |d| {
        only(d.text(NUMBER)? != "1")?;
        d.set(NUMBER, "1")
    }),
    wound("message-of-unknown-sequence", Kind::Application, &["sequence.created-first"], |d| {
        d.set(&["Sequence", "Identifier"], STRANGE)
    })
    .then(&["sequence.unknown-refused"]),
    wound("message-without-identifier", Kind::Application, &["sequence.identifier"], |d| {
        d.cut(&["Sequence", "Identifier"])
    }),
    wound("message-without-sequence", Kind::Application, &["sequence.every-message"], |d| {
        d.cut(&["Sequence"])
    }),
    wound("message-without-message-id", Kind::Application, &["addressing.two-way-message-id"], |d| {
        d.cut(&["MessageID"])
    }),
    wound("message-without-action", Kind::Application, &["addressing.action-present"], |d| {
        d.cut(&["Action"])
    }),
    wound("message-id-relative", Kind::Application, &["addressing.absolute"], |d| {
        d.set(&["MessageID"], "one")
    }),
    wound("message-with-two-to", Kind::Application, &["addressing.single-headers"], |d| d.twice(&["To"])),
    wound("message-with-two-actions", Kind::Application, &["addressing.single-headers"], |d| {
        d.twice(&["Action"])
    }),
    wound("message-sequence-of-other-version", Kind::Application, &["create.one-namespace"], |d| {
        only(d.is_11())?;
        let sequence = other_rm(&d.source(&["Sequence"])?)?;
        d.put(&["Sequence"], &sequence)
    }),
    wound("message-must-understand-2", Kind::Application, &["soap.must-understand-value"], |d| {
        d.swap("Action s:mustUnderstand=\"1\"", "Action s:mustUnderstand=\"2\"")
    }),
    wound("message-cut-off", Kind::Application, &["soap.well-formed"], |d| {
        let end = d.body.rfind("</s:Body>")?;
        d.body.truncate(end);
        Some(())
    }),
    wound("message-with-dtd", Kind::Application, &["soap.well-formed"], |d| {
        d.body.insert_str(0, "<!DOCTYPE x>");
        Some(())
    })
    .then(&["delivery.fresh-answered"]),
    wound("message-without-body", Kind::Application, &["soap.envelope"], |d| d.cut(&["Body"])),
    wound("message-with-two-bodies", Kind::Application, &["soap.envelope"], |d| d.twice(&["Body"])),
    wound("message-by-put", Kind::Application, &["http.post"], |d| {
        if let StartLine::Request { method, .. } = &mut d.http.start {
            "PUT".clone_into(method);
        }
        Some(())
    }),
    wound("message-of-other-media-type", Kind::Application, &["http.media-type"], |d| {
        d.field("Content-Type", Some("application/xml; charset=utf-8"))
    }),
    wound("message-without-soap-action", Kind::Application, &["http.soap-action-present"], |d| {
        d.field("SOAPAction", None)
    }),
    wound("message-with-wrong-soap-action", Kind::Application, &["http.action-matches"], |d| {
        d.field("SOAPAction", Some("\"urn:other\""))
    }),
    wound(
        "message-asks-for-foreign-acknowledgement",
        Kind::Application,
        &["ack-requested.known-sequence"],
        |d| {
            d.before(
                &["Sequence"],
                &format!("<r:AckRequested><r:Identifier>{STRANGE}</r:Identifier></r:AckRequested>"),
            )
        },
    )
    .then(&["ack-requested.unknown-refused"]),
    wound("message-asks-twice", Kind::Application, &["ack-requested.single-header"], |d| {
        let id = d.source(&["Sequence", "Identifier"])?;
        let one = format!("<r:AckRequested>{id}</r:AckRequested>");
        d.before(&["Sequence"], &format!("{one}{one}"))
    })
    .then(&["ack-requested.answered"]),
    wound("message-asks-without-identifier", Kind::Application, &["ack-requested.identifier"], |d| {
        d.before(&["Sequence"], "<r:AckRequested></r:AckRequested>")
    }),
    wound("message-to-of-other-addressing", Kind::Application, &["addressing.one-version"], |d| {
        only(!d.body.contains("2004/08"))?;
        let to = d.source(&["To"])?;
        let other =
            to.replacen("<a:To", "<a:To xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\"", 1);
        d.put(&["To"], &other)
    }),
    wound("message-acknowledges-replies-that-never-were", Kind::Application, &["ack.only-received"], |d| {
        acknowledge_unsent(d)
    }),
    wound("message-acknowledges-no-reply", Kind::Application, &["reply.acknowledged-by-source"], |d| {
        knows_of_replies(d)?;
        d.cut(ACK)
    }),
    wound("message-acknowledges-unknown-sequence", Kind::Application, &["ack.known-sequence"], |d| {
        d.set(&["SequenceAcknowledgement", "Identifier"], STRANGE)
    }),
    wound("message-acknowledges-finally", Kind::Application, &["ack.no-early-final"], |d| {
        only(d.is_11())?;
        d.append(ACK, "<r:Final/>")
    }),
    wound("message-named-as-create", Kind::Application, &["create.body-only", "create.vocabulary"], |d| {
        d.before(&["Sequence"], "<r:CloseSequence><r:Identifier>urn:x</r:Identifier></r:CloseSequence>")
    }),
];
