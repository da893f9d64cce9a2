//! Creating a sequence.

use wsrm_wire::RmVersion;

use super::super::{Draft, Kind, Mutant, Past};
use super::{destination, nothing};

const RESPONSE: &str = "CreateSequenceResponse";

pub(super) const MUTANTS: &[Mutant] = &[
    destination(
        "create.response-as-header",
        "create.body-only",
        "CreateSequenceResponse is written into the Header too.",
    )
    .says(Kind::CreateSequenceResponse, |answer, _| {
        let response = answer.source(RESPONSE)?;
        answer.after("Action", &response)
    }),
    destination("create.accept-first", "create.schema", "Accept stands before Identifier.").two_way().says(
        Kind::CreateSequenceResponse,
        |answer, _| {
            let accept = answer.source("Accept")?;
            answer.remove("Accept")?;
            answer.before("CreateSequenceResponse/Identifier", &accept)
        },
    ),
    destination(
        "create.behavior-in-2005",
        "create.vocabulary",
        "February 2005's CreateSequenceResponse has an IncompleteSequenceBehavior.",
    )
    .rm_10()
    .says(Kind::CreateSequenceResponse, |answer, _| {
        answer.after(
            "CreateSequenceResponse/Identifier",
            "<r:IncompleteSequenceBehavior>NoDiscard</r:IncompleteSequenceBehavior>",
        )
    }),
    destination(
        "create.acknowledgement-of-2005",
        "create.one-namespace",
        "Acknowledgements are of February 2005 in sessions of the newer version.",
    )
    .rm_11()
    .always_says(|answer, _| {
        let acknowledgement = answer.source("SequenceAcknowledgement")?;
        let namespace = RmVersion::February2005.namespace();
        let old = acknowledgement.replacen(
            "<r:SequenceAcknowledgement",
            &format!("<r:SequenceAcknowledgement xmlns:r=\"{namespace}\""),
            1,
        );
        answer.replace("SequenceAcknowledgement", &old.replace("<r:Final/>", ""))
    }),
    destination(
        "create.expires-in-seconds",
        "create.expires-duration",
        "The lifetime is written as a number of seconds.",
    )
    .in_case(&["create.expires"])
    .says(Kind::CreateSequenceResponse, |answer, _| expires(answer, "600")),
    destination(
        "create.behavior-in-small-letters",
        "create.incomplete-behavior-value",
        "IncompleteSequenceBehavior is written as the enumeration of a programming language.",
    )
    .rm_11()
    .says(Kind::CreateSequenceResponse, |answer, _| {
        answer.set("IncompleteSequenceBehavior", "discard_following_first_gap")
    }),
    destination(
        "create.behavior-left-out",
        "create.incomplete-behavior-answered",
        "IncompleteSequenceBehavior is left out, since NoDiscard is the default.",
    )
    .rm_11()
    .says(Kind::CreateSequenceResponse, |answer, _| answer.remove("IncompleteSequenceBehavior")),
    destination(
        "create.discards-all",
        "create.incomplete-behavior-wcf",
        "A sequence with a gap is said to be discarded whole.",
    )
    .rm_11()
    .says(Kind::CreateSequenceResponse, |answer, _| {
        answer.set("IncompleteSequenceBehavior", "DiscardEntireSequence")
    }),
    destination(
        "create.answered-by-nothing",
        "create.answered",
        "CreateSequence is taken for one-way and answered by 202.",
    )
    .answers(Kind::CreateSequence, nothing),
    destination("create.bare-uuid", "create.response-identifier", "The Identifier is a bare UUID.").says(
        Kind::CreateSequenceResponse,
        |answer, _| {
            let identifier = answer.text("CreateSequenceResponse/Identifier")?;
            answer.set("CreateSequenceResponse/Identifier", identifier.trim_start_matches("urn:uuid:"))
        },
    ),
    destination(
        "create.identifier-of-host",
        "create.identifier-uuid",
        "The identifier of a sequence is a URL of the host with a counter.",
    )
    .says(Kind::CreateSequenceResponse, |answer, _| {
        answer.set("CreateSequenceResponse/Identifier", "http://reference.invalid/sequences/1")
    }),
    destination(
        "create.same-identifier",
        "create.response-identifier-unique",
        "All sessions get the identifier of the first.",
    )
    .in_case(&["create.side-by-side"])
    .says(Kind::CreateSequenceResponse, |answer, past| {
        let first = past.answers().find(|answer| answer.kind() == Kind::CreateSequenceResponse)?;
        answer.set("CreateSequenceResponse/Identifier", &first.text("CreateSequenceResponse/Identifier")?)
    }),
    destination(
        "create.longer-life",
        "create.response-expires",
        "A day is granted, whatever lifetime was asked for.",
    )
    .rm_11()
    .in_case(&["create.expires"])
    .says(Kind::CreateSequenceResponse, |answer, _| expires(answer, "P1D")),
    destination(
        "create.longer-life-2005",
        "create.response-expires-2005",
        "A day is granted, whatever lifetime was asked for.",
    )
    .rm_10()
    .in_case(&["create.expires"])
    .says(Kind::CreateSequenceResponse, |answer, _| expires(answer, "P1D")),
    destination(
        "create.unasked-life",
        "create.expires-echoed",
        "A lifetime of ten minutes is set, though none was asked for.",
    )
    .says(Kind::CreateSequenceResponse, |answer, _| expires(answer, "PT10M")),
    destination("create.empty-accept", "create.accept-acks-to", "Accept is empty.")
        .two_way()
        .says(Kind::CreateSequenceResponse, |answer, _| answer.remove("Accept/AcksTo")),
    destination("create.accept-none", "create.accept-reachable", "The AcksTo of Accept is the address none.")
        .rm_11()
        .addressing_10()
        .two_way()
        .says(Kind::CreateSequenceResponse, |answer, _| {
            let none = answer.profile().addressing.none()?;
            answer.set("Accept/AcksTo/Address", none)
        }),
    destination(
        "create.unasked-accept",
        "create.accept-without-offer",
        "An offer is accepted that nobody made.",
    )
    .one_way()
    .says(Kind::CreateSequenceResponse, |answer, past| {
        let to = past.asked()?.text("To")?;
        let accept = format!("<r:Accept><r:AcksTo><a:Address>{to}</a:Address></r:AcksTo></r:Accept>");
        answer.append(RESPONSE, &accept)
    }),
    destination(
        "create.offer-ignored",
        "create.offer-accepted",
        "The sequence is granted and the offer ignored.",
    )
    .two_way()
    .says(Kind::CreateSequenceResponse, |answer, _| answer.remove("Accept")),
    destination(
        "create.accept-anonymous",
        "create.accept-acks-to-is-to",
        "The AcksTo of Accept is the anonymous address, which is the client's own.",
    )
    .two_way()
    .says(Kind::CreateSequenceResponse, |answer, _| {
        let anonymous = answer.profile().addressing.anonymous();
        answer.set("Accept/AcksTo/Address", anonymous)
    }),
    destination(
        "create.acks-to-optional",
        "create.no-acks-to-refused",
        "Where AcksTo is missing, the anonymous address is assumed.",
    )
    .in_case(&["create.no-acks-to"])
    .hears(Kind::CreateSequence, |request, _| {
        if request.has("CreateSequence/AcksTo") {
            return None;
        }
        let create = request.source("CreateSequence")?;
        let (tag, _) = create.split_once('>')?;
        let anonymous = request.profile().addressing.anonymous();
        let acks_to = format!("{tag}><r:AcksTo><a:Address>{anonymous}</a:Address></r:AcksTo>");
        request.swap(&format!("{tag}>"), &acks_to.replace("r:AcksTo", "AcksTo"))
    }),
    destination(
        "create.acks-to-none-taken",
        "create.unreachable-acks-to-refused",
        "The address none is taken for the anonymous one.",
    )
    .in_case(&["create.acks-to-none"])
    .rm_11()
    .addressing_10()
    .hears(Kind::CreateSequence, acks_to_anonymous),
    destination(
        "create.endpoint-optional",
        "create.offer-without-endpoint-refused",
        "Where the Endpoint of an offer is missing, the anonymous address is assumed.",
    )
    .in_case(&["create.offer-without-endpoint"])
    .rm_11()
    .two_way()
    .hears(Kind::CreateSequence, |request, _| {
        if request.has("Offer/Endpoint") {
            return None;
        }
        let anonymous = request.profile().addressing.anonymous();
        let endpoint = format!("<r:Endpoint><a:Address>{anonymous}</a:Address></r:Endpoint>");
        request.after("Offer/Identifier", &endpoint)
    }),
    destination(
        "create.addresses-not-compared",
        "create.different-addresses-refused",
        "AcksTo is taken for anonymous, without a look at it.",
    )
    .in_case(&["create.acks-to-elsewhere"])
    .hears(Kind::CreateSequence, acks_to_anonymous),
    destination(
        "create.repeated-anew",
        "create.repeated-same-sequence",
        "A CreateSequence that comes again makes another sequence.",
    )
    .in_case(&["create.repeated"])
    .two_way()
    .hears(Kind::CreateSequence, |request, past| {
        past.last_request(Kind::CreateSequence)?;
        request.set("MessageID", "urn:uuid:5eed0000-0000-4000-8000-000000000003")?;
        request.set("Offer/Identifier", "urn:uuid:5eed0000-0000-4000-8000-000000000004")
    }),
];

fn acks_to_anonymous(request: &mut Draft, _: &Past) -> Option<()> {
    let anonymous = request.profile().addressing.anonymous();
    request.set("CreateSequence/AcksTo/Address", anonymous)
}

/// Grants a lifetime.
fn expires(answer: &mut Draft, duration: &str) -> Option<()> {
    if answer.has("CreateSequenceResponse/Expires") {
        return answer.set("CreateSequenceResponse/Expires", duration);
    }
    answer.after("CreateSequenceResponse/Identifier", &format!("<r:Expires>{duration}</r:Expires>"))
}
