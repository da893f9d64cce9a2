//! The last message of a sequence of February 2005.

use super::super::{Kind, Mutant};
use super::{NUMBER, about, following, source};

pub(super) const MUTANTS: &[Mutant] = &[
    last("last.not-the-last", "last.number-above", "A message that was queued is sent after the last one.")
        .adds(Kind::LastMessage, |_, past| {
            let next = following(past.last_request(Kind::Message)?)?;
            following(&next)
        }),
    last(
        "last.again-with-next-number",
        "last.single",
        "The last message is sent again with the next number.",
    )
    .adds(Kind::LastMessage, |request, _| following(request)),
    last("last.with-farewell", "last.empty-body", "The last message holds a word of farewell.")
        .says(Kind::LastMessage, |request, _| request.set("Body", "<Bye xmlns=\"http://tempuri.org/\"/>")),
    last("last.unmarked", "last.element", "The last message has no LastMessage element: its Action says it.")
        .says(Kind::LastMessage, |request, _| request.remove("Sequence/LastMessage")),
    last("last.on-a-message", "last.action", "The last message of the application is marked as the last.")
        .says(Kind::Message, |request, _| match request.number(NUMBER)? {
            3 => request.append("Header/Sequence", "<r:LastMessage/>"),
            _ => None,
        }),
    last("last.skipped", "last.before-terminate", "TerminateSequence is sent at once behind the last call.")
        .adds(Kind::Message, |request, _| match request.number(NUMBER)? {
            3 => about(request, "TerminateSequence", &request.text("Sequence/Identifier")?),
            _ => None,
        }),
];

const fn last(name: &'static str, breaks: &'static str, about: &'static str) -> Mutant {
    source(name, breaks, about).rm_10()
}
