//! Ending a sequence.

use super::super::{Kind, Mutant};
use super::{ACKNOWLEDGEMENT, STRANGE, about, source};

pub(super) const MUTANTS: &[Mutant] = &[
    source("terminate.of-strange-sequence", "terminate.known-sequence", "TerminateSequence names a sequence that nobody knows.")
        .says(Kind::TerminateSequence, |request, _| request.set("TerminateSequence/Identifier", STRANGE)),
    source("terminate.without-number", "terminate.last-number", "TerminateSequence does not name the last number.")
        .rm_11()
        .says(Kind::TerminateSequence, |request, _| request.remove("LastMsgNumber")),
    source("terminate.asks-after", "terminate.nothing-after", "The timer of a lost acknowledgement is not stopped: the last message is sent again after TerminateSequence.")
        .adds(Kind::TerminateSequence, |_, past| past.last_request(Kind::Message).cloned()),
    source("terminate.too-soon", "terminate.after-acknowledged", "TerminateSequence does not wait for the last acknowledgement.")
    .in_case(&["late.closing"])
    .rm_10()
        .one_way()
        .adds(Kind::LastMessage, |request, _| {
            about(request, "TerminateSequence", &request.text("Sequence/Identifier")?)
        }),
    source("terminate.replies-not-acknowledged", "terminate.acknowledges-replies", "TerminateSequence acknowledges no reply.")
        .two_way()
        .says(Kind::TerminateSequence, |request, _| request.remove(ACKNOWLEDGEMENT)),
    source(
        "terminate.left-out",
        "terminate.sent",
        "The sequence is closed and then forgotten; the service may clean up after itself.",
    )
    .rm_11()
    .keeps_back(Kind::TerminateSequence, |request, past| {
        let mut answer = past.last_answer(Kind::CloseSequenceResponse)?.clone();
        let message_id = request.text("MessageID")?;
        answer.swap("/CloseSequenceResponse<", "/TerminateSequenceResponse<")?;
        answer.set("Header/RelatesTo", &message_id)?;
        let namespace = request.profile().rm.namespace();
        let identifier = request.source("TerminateSequence/Identifier")?;
        let response = "TerminateSequenceResponse";
        answer.set("Body", &format!("<{response} xmlns=\"{namespace}\">{identifier}</{response}>"))?;
        Some(answer)
    }),
    source(
        "terminate.wants-answer",
        "terminate.without-response",
        "The application is told of an error where TerminateSequence got no answer.",
    )
    .rm_11()
    .in_case(&["late.end-unanswered"])
    .claims(false),
    source("terminate.each-by-itself", "terminate.both-ended", "The sequence of the replies is ended by a TerminateSequence of its own.")
        .two_way()
        .rm_11()
        .adds(Kind::TerminateSequence, |request, past| {
            let offer = past.last_request(Kind::CreateSequence)?.text("Offer/Identifier")?;
            about(request, "TerminateSequence", &offer)
        }),
];
