//! Acknowledgements, and what asks for them.

use super::super::{Draft, Kind, Mutant, Past};
use super::{ACKNOWLEDGEMENT, RANGE, STRANGE, acknowledge_more, destination, nothing, nothing_for_fault};

const IDENTIFIER: &str = "SequenceAcknowledgement/Identifier";

pub(super) const MUTANTS: &[Mutant] = &[
    destination(
        "ack.no-identifier",
        "ack.identifier",
        "An acknowledgement has no Identifier: there is but one sequence.",
    )
    .always_says(|answer, _| answer.remove(IDENTIFIER)),
    destination(
        "ack.strange-sequence",
        "ack.known-sequence",
        "An acknowledgement names a sequence that nobody knows.",
    )
    .always_says(|answer, _| answer.set(IDENTIFIER, STRANGE)),
    destination(
        "ack.own-sequence",
        "ack.known-sequence",
        "The acknowledgement on a reply names the sequence of the replies.",
    )
    .two_way()
    .says(Kind::Message, |reply, _| {
        let own = reply.text("Sequence/Identifier")?;
        reply.set(IDENTIFIER, &own)
    }),
    destination("ack.twice", "ack.single-per-sequence", "The acknowledgement is written by two layers.")
        .always_says(|answer, _| answer.repeat(ACKNOWLEDGEMENT)),
    destination(
        "ack.of-all-sessions",
        "ack.single-header",
        "Every answer acknowledges the other sessions too.",
    )
    .in_case(&["load.sessions"])
    .always_says(|answer, past| {
        let own = answer.text(IDENTIFIER)?;
        let mut others = past.answers().rev();
        let other = others.find(|other| other.text(IDENTIFIER).is_some_and(|named| named != own))?;
        answer.after(ACKNOWLEDGEMENT, &other.source(ACKNOWLEDGEMENT)?)
    }),
    destination(
        "ack.identifier-last",
        "ack.schema",
        "The ranges of an acknowledgement stand before its Identifier.",
    )
    .always_says(|answer, _| {
        let range = answer.source(RANGE)?;
        answer.remove(RANGE)?;
        answer.before(IDENTIFIER, &range)
    }),
    destination("ack.says-nothing", "ack.schema", "An acknowledgement holds nothing but its Identifier.")
        .always_says(|answer, _| answer.remove(RANGE)),
    destination("ack.range-twice", "ack.ranges-disjoint", "A range is written twice.")
        .always_says(|answer, _| answer.repeat(RANGE)),
    destination("ack.from-zero", "ack.lower-upper", "Ranges start at 0.")
        .rm_11()
        .always_says(|answer, _| answer.set_attribute(RANGE, "Lower", "0")),
    destination("ack.upside-down", "ack.lower-upper", "Lower and Upper are mixed up.")
        .in_case(&["session.long"])
        .always_says(|answer, _| {
            let upper = answer.attribute(RANGE, "Upper")?;
            let lower = answer.attribute(RANGE, "Lower")?;
            answer.set_attribute(RANGE, "Lower", &upper)?;
            answer.set_attribute(RANGE, "Upper", &lower)
        }),
    destination("ack.none-beside-ranges", "ack.exclusive", "None is written beside the ranges.")
        .rm_11()
        .always_says(|answer, _| answer.after(RANGE, "<r:None/>")),
    destination(
        "ack.zero-for-none",
        "ack.none-for-nothing",
        "Where nothing came the range 0 to 0 is written, as February 2005 has it.",
    )
    .rm_11()
    .in_case(&["ack.asked-before-messages"])
    .always_says(|answer, _| {
        answer.replace("SequenceAcknowledgement/None", "<r:AcknowledgementRange Lower=\"0\" Upper=\"0\"/>")
    }),
    destination(
        "ack.nothing-for-zero",
        "ack.zero-range-for-nothing",
        "Where nothing came an acknowledgement has no range at all.",
    )
    .rm_10()
    .in_case(&["ack.asked-before-messages"])
    .always_says(|answer, _| match answer.attribute(RANGE, "Upper")?.as_str() {
        "0" => answer.remove(RANGE),
        _ => None,
    }),
    destination("ack.next-expected", "ack.only-received", "Upper is the number that is expected next.")
        .always_says(|answer, _| acknowledge_more(answer, 1)),
    destination(
        "ack.over-the-gap",
        "ack.only-received",
        "The highest number that came stands for all below it.",
    )
    .one_way()
    .in_case(&["sequence.gap"])
    .always_says(|answer, _| {
        while answer.source(ACKNOWLEDGEMENT)?.matches("AcknowledgementRange ").count() > 1 {
            answer.remove(RANGE)?;
        }
        answer.set_attribute(RANGE, "Lower", "1")
    }),
    destination(
        "ack.newest-only",
        "ack.never-shrinks",
        "An acknowledgement covers the newest message alone.",
    )
    .always_says(|answer, _| {
        let upper = answer.attribute(RANGE, "Upper")?;
        answer.set_attribute(RANGE, "Lower", &upper)
    }),
    destination(
        "ack.final-beside-nack",
        "ack.final-not-with-nack",
        "The final acknowledgement of a sequence with a gap says by Nack what is missing.",
    )
    .rm_11()
    .in_case(&["close.with-gap"])
    .says(Kind::CloseSequenceResponse, |answer, _| answer.replace(RANGE, "<r:Nack>2</r:Nack>")),
    destination("ack.always-final", "ack.no-early-final", "Every acknowledgement is called final.")
        .rm_11()
        .always_says(|answer, _| match answer.has("Final") {
            true => None,
            false => answer.after(RANGE, "<r:Final/>"),
        }),
    destination(
        "ack.nack-of-old",
        "ack.nack-not-acknowledged",
        "Nack names the newest message that was acknowledged.",
    )
    .in_case(&["sequence.each-twice"])
    .answers(Kind::Message, |answer, past| {
        let number = past.asked()?.number("Sequence/MessageNumber").filter(|_| past.is_repeated())?;
        answer.replace(RANGE, &format!("<r:Nack>{number}</r:Nack>"))
    }),
    destination("ack.nack", "ack.no-nack", "What is missing is named by Nack.")
        .one_way()
        .in_case(&["sequence.gap"])
        .always_says(|answer, _| {
            answer.remove("AcknowledgementRange[2]")?;
            answer.replace(RANGE, "<r:Nack>2</r:Nack>")
        }),
    destination("ack.nack-range", "ack.nack-number", "Nack holds a range.")
        .one_way()
        .in_case(&["sequence.gap"])
        .always_says(|answer, _| {
            answer.remove("AcknowledgementRange[2]")?;
            answer.replace(RANGE, "<r:Nack>2-2</r:Nack>")
        }),
    destination(
        "ack.on-any-response",
        "ack.back-channel",
        "An acknowledgement leaves with the next response, whosever it is.",
    )
    .in_case(&["load.sessions"])
    .says(Kind::CreateSequenceResponse, on_any_response),
    destination("ack.must-understand", "ack.not-must-understand", "Acknowledgements have to be understood.")
        .always_says(|answer, _| answer.add_attribute(ACKNOWLEDGEMENT, "s:mustUnderstand=\"1\"")),
    destination(
        "ack-requested.forgotten",
        "ack-requested.answered",
        "Who asks for an acknowledgement beside a message gets none any more.",
    )
    .in_case(&["ack.asked-beside-a-message"])
    .always_says(|answer, past| {
        let asked = past.asked()?.has("AckRequested");
        let asked = asked || past.requests().any(|request| request.has("AckRequested"));
        asked.then(|| answer.remove(ACKNOWLEDGEMENT))?
    }),
    destination(
        "ack-requested.swallowed",
        "ack-requested.answered-at-once",
        "A lone AckRequested is answered by 202; the acknowledgement comes with the next message.",
    )
    .in_case(&["ack.asked"])
    .answers(Kind::AckRequested, nothing),
    destination(
        "ack-requested.unknown-swallowed",
        "ack-requested.unknown-refused",
        "AckRequested for a sequence that never was is answered by 202.",
    )
    .in_case(&["ack.asked-of-unknown"])
    .answers(Kind::AckRequested, nothing_for_fault),
];

fn on_any_response(answer: &mut Draft, past: &Past) -> Option<()> {
    let other = past.answers().rev().find(|answer| answer.has(ACKNOWLEDGEMENT))?;
    answer.before("Action", &other.source(ACKNOWLEDGEMENT)?)
}
