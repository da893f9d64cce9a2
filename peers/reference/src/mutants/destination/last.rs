//! The last message of a sequence of February 2005.

use super::super::{Kind, Mutant};
use super::{destination, nothing};

pub(super) const MUTANTS: &[Mutant] = &[
    last(
        "last.reply-unmarked",
        "last.element",
        "The LastMessage that answers the client's has no LastMessage element.",
    )
    .two_way()
    .says(Kind::LastMessage, |reply, _| reply.remove("Sequence/LastMessage")),
    last("last.exceeded-swallowed", "last.exceeded-fault", "A message behind the last is answered by 202.")
        .in_case(&["last.then-message"])
        .answers(Kind::Message, |answer, past| match past.has_request(Kind::LastMessage) {
            true => answer.nothing(202),
            false => None,
        }),
    last("last.swallowed", "last.acknowledged", "The last message is answered by 202.")
        .one_way()
        .answers(Kind::LastMessage, nothing),
    last(
        "last.way-back-open",
        "last.answered",
        "The last message of the client is not answered by one of the service.",
    )
    .two_way()
    .answers(Kind::LastMessage, nothing),
];

const fn last(name: &'static str, breaks: &'static str, about: &'static str) -> Mutant {
    destination(name, breaks, about).rm_10()
}
