//! Faults.

use crate::measure::draft::{Kind, only};
use crate::measure::wound::{Wound, wound};

pub(super) const WOUNDS: &[Wound] = &[
    wound("fault-reason-first", Kind::Fault, &["soap.fault-structure"], |d| {
        let reason = d.source(&["Fault", "Reason"]).or_else(|| d.source(&["Fault", "faultstring"]))?;
        d.cut(&["Fault", "Reason"]).or_else(|| d.cut(&["Fault", "faultstring"]))?;
        d.before(&["Fault", "Code"], &reason).or_else(|| d.before(&["Fault", "faultcode"], &reason))
    }),
    wound("fault-with-two-codes", Kind::Fault, &["soap.fault-structure"], |d| {
        d.twice(&["Fault", "Code"]).or_else(|| d.twice(&["Fault", "faultcode"]))
    }),
    wound("fault-reason-twice-in-one-language", Kind::Fault, &["soap.fault-structure"], |d| {
        d.twice(&["Fault", "Reason", "Text"])
    }),
    wound("fault-subcode-of-unknown-prefix", Kind::Fault, &["soap.fault-structure"], |d| {
        only(d.is_soap12())?;
        let code = d.text(&["Subcode", "Value"])?;
        let (_, local) = code.split_once(':')?;
        d.set(&["Subcode", "Value"], &format!("zz:{local}"))
    })
    .then(&["fault.subcode", "addressing.fault-action", "close.before-terminate"]),
    wound("fault-without-subcode", Kind::Fault, &["fault.subcode"], |d| {
        only(d.is_soap12() && (d.source(&["Detail"])?.contains("Identifier")))?;
        d.cut(&["Subcode"])
    }).then(&["close.before-terminate"]),
    wound("fault-identifier-empty", Kind::Fault, &["fault.detail"], |d| {
        only(d.is_soap12())?;
        d.set(&["Detail", "Identifier"], "")
    }).then(&["close.before-terminate"]),
    wound("fault-names-no-sequence", Kind::Fault, &["fault.sequence-fault-present"], |d| {
        only(!d.is_soap12() && !d.body.contains("InvalidAcknowledgement"))?;
        d.cut(&["SequenceFault", "Identifier"])
    }),
    wound("fault-without-detail", Kind::Fault, &["fault.detail"], |d| {
        only(
            d.body.contains("2003/05/soap-envelope")
                && d.body.contains("Sequence<")
                && !d.body.contains("Refused"),
        )?;
        d.cut(&["Body", "Detail"])
    }),
    wound("fault-of-unknown-name", Kind::Fault, &["fault.subcode"], |d| {
        only(d.body.contains(":UnknownSequence<"))?;
        d.swap(":UnknownSequence<", ":ForgottenSequence<")
    }),
    wound(
        "fault-wrong-action",
        Kind::Fault,
        &["fault.action", "fault.action-2005", "addressing.fault-action"],
        |d| d.set(&["Action"], "urn:fault"),
    ),
    wound("fault-blames-receiver", Kind::Fault, &["fault.code"], |d| {
        only(d.body.contains("UnknownSequence<"))?;
        d.swap("s:Sender<", "s:Receiver<").or_else(|| d.swap("s:Client<", "s:Server<"))
    }),
    wound("fault-without-reason", Kind::Fault, &["soap.fault-structure"], |d| {
        d.cut(&["Fault", "Reason"]).or_else(|| d.cut(&["Fault", "faultstring"]))
    }),
    wound("fault-with-status-200", Kind::Fault, &["http.fault-status"], |d| {
        d.status(200);
        Some(())
    }),
    wound("fault-without-relates-to", Kind::Fault, &["addressing.fault-relates-to"], |d| {
        only(d.body.contains("CreateSequenceRefused") && d.other_half()?.malformed.is_none())?;
        d.cut(&["RelatesTo"])
    }),
    wound("fault-without-sequence-fault", Kind::Fault, &["fault.sequence-fault-present"], |d| {
        let code = d.source(&["SequenceFault", "FaultCode"])?;
        let name = code.split("r:").nth(2)?.split('<').next()?.to_owned();
        d.cut(&["SequenceFault"])?;
        d.set(&["faultcode"], &format!("r:{name}"))
    }),
    wound("fault-names-another", Kind::Fault, &["fault.identifier"], |d| {
        only(d.body.contains("UnknownSequence<") && d.is_soap12())?;
        d.set(&["Detail", "Identifier"], super::STRANGE)
    }),
    wound("fault-detail-is-text", Kind::Fault, &["fault.detail"], |d| {
        only(d.body.contains("UnknownSequence<") && d.is_soap12())?;
        let id = d.text(&["Detail", "Identifier"])?;
        d.set(&["Detail"], &id)
    }),
    wound("fault-without-code", Kind::Fault, &["soap.fault-structure"], |d| {
        only(d.is_soap12())?;
        d.cut(&["Fault", "Code"])
    }).then(&["close.before-terminate"]),
    wound("fault-reason-without-language", Kind::Fault, &["soap.fault-structure"], |d| {
        only(d.is_soap12())?;
        d.swap(" xml:lang=\"en-US\"", "")
    }),
    wound("fault-code-unknown", Kind::Fault, &["soap.fault-code"], |d| {
        only(d.is_soap12())?;
        d.swap(">s:Sender<", ">s:Client<")
    })
    .then(&["fault.code"]),
    wound("fault-of-other-version", Kind::Fault, &["create.one-namespace", "fault.action", "fault.action-2005", "addressing.mixed-rm-action"], |d| {
        only(d.is_soap12() && d.body.contains("UnknownSequence<"))?;
        let (one, other) = if d.is_11() { (RM, RM_2005) } else { (RM_2005, RM) };
        let from = d.body.find("<s:Subcode>")?;
        let tail = d.body.get(from..)?.replace(one, other);
        d.body.truncate(from);
        d.body.push_str(&tail);
        Some(())
    }),
    wound("fault-with-sequence-fault-in-soap12", Kind::Fault, &["fault.sequence-fault-soap12"], |d| {
        only(d.is_soap12() && d.is_11())?;
        d.after(&["Action"], "<r:SequenceFault xmlns:r=\"http://docs.oasis-open.org/ws-rx/wsrm/200702\"><r:FaultCode>r:UnknownSequence</r:FaultCode></r:SequenceFault>")
    })
    .then(&["fault.no-body-detail"]),
    wound("fault-sequence-fault-without-code", Kind::Fault, &["fault.sequence-fault-schema"], |d| {
        d.cut(&["SequenceFault", "FaultCode"])
    })
    .then(&["fault.sequence-fault-present"]),
    wound("fault-with-detail-in-soap11", Kind::Fault, &["fault.no-body-detail"], |d| {
        d.source(&["SequenceFault"])?;
        d.append(&["Fault"], "<detail><x/></detail>")
    }),
];

const RM_2005: &str = "http://schemas.xmlsoap.org/ws/2005/02/rm";
const RM: &str = "http://docs.oasis-open.org/ws-rx/wsrm/200702";
