//! Closing a sequence in the version of OASIS.

use super::super::{Draft, Kind, Mutant, Past};
use super::{ACKNOWLEDGEMENT, STRANGE, answered, following, source};

pub(super) const MUTANTS: &[Mutant] = &[
    close(
        "close.strange-sequence",
        "close.known-sequence",
        "CloseSequence names a sequence that nobody knows.",
    )
    .says(Kind::CloseSequence, |request, _| request.set("CloseSequence/Identifier", STRANGE)),
    close("close.number-left-out", "close.last-number", "CloseSequence does not name the last number.")
        .says(Kind::CloseSequence, |request, _| request.remove("LastMsgNumber")),
    close("close.number-zero", "close.last-number-type", "LastMsgNumber is 0 where nothing was sent.")
        .in_case(&["whole.empty"])
        .says(Kind::CloseSequence, |request, _| {
            request.append("CloseSequence", "<r:LastMsgNumber>0</r:LastMsgNumber>")
        }),
    close(
        "close.number-of-next",
        "close.last-number-value",
        "LastMsgNumber is the number that would come next.",
    )
    .says(Kind::CloseSequence, |request, _| request.add("LastMsgNumber", 1)),
    close(
        "close.number-forgotten",
        "close.last-number-consistent",
        "TerminateSequence names another last number than CloseSequence.",
    )
    .says(Kind::TerminateSequence, |request, _| request.add("LastMsgNumber", -1)),
    close(
        "close.number-once",
        "close.last-number-all-or-none",
        "CloseSequence names the last number, TerminateSequence does not.",
    )
    .says(Kind::TerminateSequence, |request, _| request.remove("LastMsgNumber")),
    close("close.skipped", "close.before-terminate", "The sequence is ended without being closed.")
        .keeps_back(Kind::CloseSequence, closed),
    close(
        "close.too-soon",
        "close.after-acknowledged",
        "The highest number that was acknowledged stands for all below it.",
    )
    .one_way()
    .in_case(&["loss.later-request"])
    .always_hears(all_below),
    close(
        "close.replies-not-acknowledged",
        "close.acknowledges-replies",
        "CloseSequence acknowledges no reply.",
    )
    .two_way()
    .says(Kind::CloseSequence, |request, _| request.remove(ACKNOWLEDGEMENT)),
    close(
        "close.replies-not-final",
        "close.final-reply-acknowledgement",
        "The acknowledgement of the replies in CloseSequence is not called final.",
    )
    .two_way()
    .says(Kind::CloseSequence, |request, _| request.remove("SequenceAcknowledgement/Final")),
    close("close.sends-on", "close.no-new-message", "A message that was queued is sent after CloseSequence.")
        .adds(Kind::CloseSequence, |_, past| following(past.last_request(Kind::Message)?)),
];

const fn close(name: &'static str, breaks: &'static str, about: &'static str) -> Mutant {
    source(name, breaks, about).rm_11()
}

/// The answer to a CloseSequence that was never sent.
fn closed(request: &Draft, past: &Past) -> Option<Draft> {
    let identifier = request.text("CloseSequence/Identifier")?;
    let message_id = request.text("MessageID")?;
    let acknowledging = past.answers().rev().find(|answer| answer.has(ACKNOWLEDGEMENT))?;
    let mut answer = answered(request, acknowledging.body().to_owned())?;
    let namespace = request.profile().rm.namespace();
    // A bare acknowledgement relates to nothing, and a reply stands in a sequence.
    let _ = answer.remove("Header/RelatesTo");
    let _ = answer.remove("Header/Sequence");
    answer.set("Action", &format!("{namespace}/CloseSequenceResponse"))?;
    answer.after("Header/Action", &format!("<a:RelatesTo>{message_id}</a:RelatesTo>"))?;
    answer.after("AcknowledgementRange", "<r:Final/>")?;
    let body = format!("<Identifier>{identifier}</Identifier>");
    answer.set(
        "Body",
        &format!("<CloseSequenceResponse xmlns=\"{namespace}\">{body}</CloseSequenceResponse>"),
    )?;
    Some(answer)
}

/// Takes the ranges of an acknowledgement for one.
pub(super) fn all_below(answer: &mut Draft, _: &Past) -> Option<()> {
    answer.has("AcknowledgementRange[2]").then_some(())?;
    while answer.has("AcknowledgementRange[2]") {
        answer.remove("AcknowledgementRange")?;
    }
    answer.set_attribute("AcknowledgementRange", "Lower", "1")
}
