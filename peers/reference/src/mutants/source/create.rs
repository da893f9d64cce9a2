//! Asking for a sequence.

use super::super::{Draft, Kind, Mutant, Past};
use super::{renamed, source};

const SECURITY: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";

pub(super) const MUTANTS: &[Mutant] = &[
    create(
        "create.no-acks-to",
        "create.acks-to",
        "AcksTo is left out, since acknowledgements come back anyway.",
    )
    .says(Kind::CreateSequence, |request, _| request.remove("CreateSequence/AcksTo")),
    create(
        "create.acks-to-none",
        "create.acks-to-reachable",
        "AcksTo is the address none: acknowledgements are piggybacked.",
    )
    .rm_11()
    .addressing_10()
    .says(Kind::CreateSequence, |request, _| {
        let none = request.profile().addressing.none()?;
        request.set("CreateSequence/AcksTo/Address", none)
    }),
    create(
        "create.offer-of-bare-uuid",
        "create.offer-identifier",
        "The identifier of the Offer is a bare UUID.",
    )
    .two_way()
    .says(Kind::CreateSequence, |request, _| {
        let identifier = request.text("Offer/Identifier")?;
        request.set("Offer/Identifier", identifier.trim_start_matches("urn:uuid:"))
    }),
    create(
        "create.offer-used-again",
        "create.offer-identifier-unique",
        "A second session is opened with the Offer of the first.",
    )
    .two_way()
    .adds(Kind::Message, |_, past| past.last_request(Kind::CreateSequence).map(renamed)),
    create(
        "create.offer-without-endpoint",
        "create.offer-endpoint",
        "The Offer has no Endpoint, as in February 2005.",
    )
    .rm_11()
    .two_way()
    .says(Kind::CreateSequence, |request, _| request.remove("Offer/Endpoint")),
    create(
        "create.endpoint-none",
        "create.offer-endpoint-reachable",
        "The Endpoint of the Offer is the address none.",
    )
    .rm_11()
    .addressing_10()
    .two_way()
    .says(Kind::CreateSequence, |request, _| {
        let none = request.profile().addressing.none()?;
        request.set("Offer/Endpoint/Address", none)
    }),
    create(
        "create.acks-to-elsewhere",
        "create.one-endpoint",
        "AcksTo is the address of the client, and ReplyTo is anonymous.",
    )
    .says(Kind::CreateSequence, |request, _| {
        request.set("CreateSequence/AcksTo/Address", "http://client.invalid/acknowledgements")
    }),
    create("create.asks-for-lifetime", "create.no-expires", "A lifetime of an hour is asked for.")
        .says(Kind::CreateSequence, |request, _| {
            request.after("CreateSequence/AcksTo", "<r:Expires>PT1H</r:Expires>")
        }),
    create(
        "create.behavior-not-offered",
        "create.incomplete-behavior-offered",
        "The Offer leaves out IncompleteSequenceBehavior.",
    )
    .rm_11()
    .two_way()
    .says(Kind::CreateSequence, |request, _| request.remove("Offer/IncompleteSequenceBehavior")),
    create(
        "create.no-offer",
        "create.offer-present",
        "No sequence is offered for the replies, and whatever comes back is taken.",
    )
    .two_way()
    .in_case(&["offer.ignored"])
    .says(Kind::CreateSequence, |request, _| request.remove("Offer"))
    .hears(Kind::CreateSequenceResponse, |answer, past| {
        let to = past.asked()?.text("To")?;
        let accept = format!("<r:Accept><r:AcksTo><a:Address>{to}</a:Address></r:AcksTo></r:Accept>");
        answer.append("Body/CreateSequenceResponse", &accept)
    }),
    create(
        "create.address-of-load-balancer",
        "create.same-endpoint-used",
        "Messages are addressed to what the name of the service stands for at the moment.",
    )
    .says(Kind::Message, |request, _| match request.number("Sequence/MessageNumber")? {
        1 => None,
        _ => request.set("Header/To", "http://second.invalid/service"),
    }),
    create(
        "create.retried-anew",
        "create.retry-same",
        "A CreateSequence that was lost is sent again as a new message.",
    )
    .two_way()
    .in_case(&["opening.request-lost"])
    .says(Kind::CreateSequence, |request, past| {
        past.last_request(Kind::CreateSequence)?;
        request.set("MessageID", super::FRESH)
    }),
    create(
        "create.retried-soon",
        "create.retry-interval",
        "Timers count in units of a fifth of what they should.",
    )
    .in_case(&["opening.request-lost"])
    .hurries(5),
    create(
        "create.asks-for-tls",
        "create.no-transport-binding",
        "The sequence is bound to the transport session, over plain HTTP.",
    )
    .rm_11()
    .says(Kind::CreateSequence, |request, _| {
        request.after("Header/Action", "<r:UsesSequenceSSL s:mustUnderstand=\"1\"/>")
    }),
    create(
        "create.token-announced",
        "create.security-reference-header",
        "UsesSequenceSTR is written where there is no token.",
    )
    .rm_11()
    .says(Kind::CreateSequence, |request, _| {
        request.after("Header/Action", "<r:UsesSequenceSTR s:mustUnderstand=\"1\"/>")
    }),
    create(
        "create.token-optional",
        "create.security-header-must-understand",
        "UsesSequenceSTR need not be understood.",
    )
    .rm_11()
    .says(Kind::CreateSequence, |request, _| {
        request.after("Header/Action", "<r:UsesSequenceSTR/>")?;
        request.append("Body/CreateSequence", &format!("<w:SecurityTokenReference xmlns:w=\"{SECURITY}\"/>"))
    }),
    create(
        "create.token-and-tls",
        "create.one-security-header",
        "The sequence is bound to a token and to the transport session.",
    )
    .rm_11()
    .says(Kind::CreateSequence, both_bindings),
];

const fn create(name: &'static str, breaks: &'static str, about: &'static str) -> Mutant {
    source(name, breaks, about)
}

fn both_bindings(request: &mut Draft, _: &Past) -> Option<()> {
    request.after("Header/Action", "<r:UsesSequenceSSL s:mustUnderstand=\"1\"/>")?;
    request.after("Header/Action", "<r:UsesSequenceSTR s:mustUnderstand=\"1\"/>")
}
