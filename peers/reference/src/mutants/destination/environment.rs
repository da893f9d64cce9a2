//! What stands around a sequence: the policy in the WSDL.

use super::super::{Kind, Mutant};
use super::destination;

pub(super) const MUTANTS: &[Mutant] = &[
    policy(
        "environment.policy-at-interface",
        "environment.policy-subject",
        "The policy is attached to the portType.",
    )
    .answers(Kind::Nothing, |wsdl, _| {
        let reference = wsdl.source("binding/PolicyReference")?;
        wsdl.remove("binding/PolicyReference")?;
        wsdl.before("portType/operation", &reference)
    }),
    policy(
        "environment.two-assurances",
        "environment.policy-one-assurance",
        "DeliveryAssurance lists what the service could do.",
    )
    .answers(Kind::Nothing, |wsdl, _| {
        wsdl.after("DeliveryAssurance/Policy/ExactlyOnce", "<wsrmp:AtLeastOnce />")
    }),
    policy(
        "environment.two-securities",
        "environment.policy-one-security",
        "The sequence is said to be bound to a token and to the transport session.",
    )
    .answers(Kind::Nothing, |wsdl, _| {
        wsdl.before("DeliveryAssurance", "<wsrmp:SequenceSTR />")?;
        wsdl.before("DeliveryAssurance", "<wsrmp:SequenceTransportSecurity />")
    }),
    policy(
        "environment.optional",
        "environment.policy-optional",
        "Reliable messaging is said to be optional.",
    )
    .answers(Kind::Nothing, |wsdl, _| wsdl.add_attribute("RMAssertion", "wsp:Optional=\"true\"")),
    policy(
        "environment.at-least-once",
        "environment.policy-assurance",
        "The service promises to deliver at least once.",
    )
    .answers(Kind::Nothing, |wsdl, _| {
        wsdl.replace("DeliveryAssurance/Policy/ExactlyOnce", "<wsrmp:AtLeastOnce />")
    }),
    policy(
        "environment.timers-first",
        "environment.policy-first-child",
        "The policy within RMAssertion stands behind its timers.",
    )
    .answers(Kind::Nothing, |wsdl, _| {
        let inner = wsdl.source("RMAssertion/Policy")?;
        wsdl.remove("RMAssertion/Policy")?;
        wsdl.append("RMAssertion", &inner)
    }),
    policy(
        "environment.both-versions",
        "environment.policy-one-version",
        "One policy holds the assertions of both versions, for whoever finds his own.",
    )
    .answers(Kind::Nothing, |wsdl, _| {
        let old = "<o:RMAssertion xmlns:o=\"http://schemas.xmlsoap.org/ws/2005/02/rm/policy\">\
                   <o:InactivityTimeout Milliseconds=\"600000\"/>\
                   <o:AcknowledgementInterval Milliseconds=\"200\"/></o:RMAssertion>";
        wsdl.after("RMAssertion", old)
    }),
    policy(
        "environment.timer-as-duration",
        "environment.policy-timer-value",
        "The timers of RMAssertion are written as durations.",
    )
    .answers(Kind::Nothing, |wsdl, _| {
        wsdl.set_attribute("RMAssertion/InactivityTimeout", "Milliseconds", "PT10M")
    }),
    policy(
        "environment.no-timers",
        "environment.policy-timers",
        "RMAssertion leaves out its timers, since they have defaults.",
    )
    .answers(Kind::Nothing, |wsdl, _| {
        wsdl.remove("RMAssertion/InactivityTimeout")?;
        wsdl.remove("RMAssertion/AcknowledgementInterval")
    }),
];

const fn policy(name: &'static str, breaks: &'static str, about: &'static str) -> Mutant {
    destination(name, breaks, about).rm_11().in_case(&["environment.policy"])
}
