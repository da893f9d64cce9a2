//! Faults of reliable messaging.

use wsrm_wire::RmVersion;

use super::super::{Kind, Mutant};
use super::{STRANGE, destination};

pub(super) const MUTANTS: &[Mutant] = &[
    unknown("fault.action-of-soap", "fault.action", "Faults have the action of WS-Addressing's faults.")
        .rm_11()
        .says(Kind::Fault, |fault, _| {
            let action = fault.profile().addressing.fault_action();
            fault.set("Action", action)
        }),
    unknown(
        "fault.action-of-rm",
        "fault.action-2005",
        "Faults have an action in the namespace of reliable messaging.",
    )
    .rm_10()
    .says(Kind::Fault, |fault, _| {
        fault.set("Action", &format!("{}/fault", RmVersion::February2005.namespace()))
    }),
    unknown("fault.receiver", "fault.code", "UnknownSequence is called a fault of the receiver.")
        .soap_12()
        .says(Kind::Fault, |fault, _| fault.set("Code/Value", "s:Receiver")),
    unknown("fault.own-name", "fault.subcode", "The fault about an unknown sequence has a name of its own.")
        .says(Kind::Fault, |fault, _| fault.swap(":UnknownSequence<", ":InvalidSequence<")),
    destination(
        "fault.name-of-schema",
        "fault.wsrm-required-name",
        "The fault is called WSRMRequired, as the schema has it.",
    )
    .rm_11()
    .in_case(&["environment.no-reliability"])
    .says(Kind::Fault, |fault, _| fault.swap(":WsrmRequired<", ":WSRMRequired<")),
    unknown("fault.no-detail", "fault.detail", "The fault does not say which sequence is unknown.")
        .soap_12()
        .says(Kind::Fault, |fault, _| fault.remove("Fault/Detail")),
    unknown("fault.strange-sequence", "fault.identifier", "The fault names a sequence that nobody named.")
        .soap_12()
        .says(Kind::Fault, |fault, _| fault.set("Detail/Identifier", STRANGE)),
    unknown(
        "fault.header-in-soap-12",
        "fault.sequence-fault-soap12",
        "SOAP 1.2 gets the SequenceFault header of SOAP 1.1.",
    )
    .soap_12()
    .says(Kind::Fault, |fault, _| {
        fault.after(
            "Action",
            "<r:SequenceFault><r:FaultCode>r:UnknownSequence</r:FaultCode></r:SequenceFault>",
        )
    }),
    unknown(
        "fault.no-header-in-soap-11",
        "fault.sequence-fault-present",
        "SOAP 1.1 gets no SequenceFault header.",
    )
    .soap_11()
    .says(Kind::Fault, |fault, _| fault.remove("SequenceFault")),
    unknown(
        "fault.header-without-code",
        "fault.sequence-fault-schema",
        "The SequenceFault header has no FaultCode.",
    )
    .soap_11()
    .says(Kind::Fault, |fault, _| fault.remove("SequenceFault/FaultCode")),
    unknown(
        "fault.detail-in-body",
        "fault.no-body-detail",
        "The fault about a header has its detail in the Body.",
    )
    .soap_11()
    .says(Kind::Fault, |fault, _| {
        fault.append("Body/Fault", "<detail><r:Identifier>urn:x</r:Identifier></detail>")
    }),
    destination(
        "fault.refusal-in-header",
        "fault.refused-in-body",
        "CreateSequenceRefused comes with a SequenceFault header.",
    )
    .soap_11()
    .in_case(&["create.no-acks-to"])
    .says(Kind::Fault, |fault, _| {
        fault.after(
            "Action",
            "<r:SequenceFault><r:FaultCode>r:CreateSequenceRefused</r:FaultCode></r:SequenceFault>",
        )
    }),
    destination(
        "fault.limit-of-sender",
        "fault.connection-limit",
        "ConnectionLimitReached is called a fault of the sender.",
    )
    .soap_12()
    .in_case(&["create.side-by-side"])
    .sessions(2)
    .says(Kind::Fault, |fault, _| fault.set("Code/Value", "s:Sender")),
];

/// A bug in the fault about an unknown sequence.
const fn unknown(name: &'static str, breaks: &'static str, about: &'static str) -> Mutant {
    destination(name, breaks, about).in_case(&["sequence.unknown"])
}
