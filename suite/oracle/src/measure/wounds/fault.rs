//! Faults.

use crate::measure::draft::{Kind, only};
use crate::measure::wound::{Wound, wound};

pub(super) const WOUNDS: &[Wound] = &[
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
        only(d.body.contains("schemas.xmlsoap.org/soap/envelope"))?;
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
];
