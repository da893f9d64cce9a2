//! SOAP itself.

use super::super::{Kind, Mutant};
use super::destination;

pub(super) const MUTANTS: &[Mutant] = &[
    destination(
        "soap.declaration-behind-line-break",
        "soap.well-formed",
        "The XML declaration of a message stands behind a line break.",
    )
    .says(Kind::CreateSequenceResponse, |answer, _| {
        answer.rewrite(format!("\r\n<?xml version=\"1.0\" encoding=\"utf-8\"?>{}", answer.body()))
    }),
    destination(
        "soap.text-not-escaped",
        "soap.well-formed",
        "A reply holds the text of the application without escaping it.",
    )
    .two_way()
    .says(Kind::Message, |reply, _| reply.set("EchoResult", "bed & breakfast")),
    destination(
        "soap.second-header",
        "soap.envelope",
        "A filter that adds headers writes a second Header element.",
    )
    .says(Kind::CreateSequenceResponse, |answer, _| answer.after("Header", "<s:Header/>")),
    destination(
        "soap.boolean-must-understand",
        "soap.must-understand-value",
        "SOAP 1.1 gets the mustUnderstand of SOAP 1.2: true.",
    )
    .soap_11()
    .says(Kind::CreateSequenceResponse, |answer, _| answer.set_attribute("Action", "mustUnderstand", "true")),
    destination(
        "soap.reason-without-language",
        "soap.fault-structure",
        "The text of a fault has no xml:lang.",
    )
    .soap_12()
    .in_case(&["sequence.unknown"])
    .says(Kind::Fault, |fault, _| fault.remove_attribute("Reason/Text", "lang")),
    destination("soap.fault-without-string", "soap.fault-structure", "A fault has no faultstring.")
        .soap_11()
        .in_case(&["sequence.unknown"])
        .says(Kind::Fault, |fault, _| fault.remove("faultstring")),
    destination("soap.client-fault", "soap.fault-code", "SOAP 1.2 gets the fault code of SOAP 1.1: Client.")
        .soap_12()
        .in_case(&["sequence.unknown"])
        .says(Kind::Fault, |fault, _| fault.set("Code/Value", "s:Client")),
    destination("soap.stack-trace", "soap.fault-alone", "A stack trace stands behind the Fault in the Body.")
        .in_case(&["sequence.unknown"])
        .says(Kind::Fault, |fault, _| {
            fault.after("Body/Fault", "<StackTrace xmlns=\"\">at Service.Run()</StackTrace>")
        }),
    destination("soap.body-twice", "soap.single-body-child", "The body of a message is written twice.")
        .says(Kind::CreateSequenceResponse, |answer, _| answer.repeat("Body/CreateSequenceResponse")),
];
