//! Numbering messages.

use super::super::{Kind, Mutant};
use super::{FRESH, NUMBER, STRANGE, source};

pub(super) const MUTANTS: &[Mutant] = &[
    source("sequence.two-headers", "sequence.single-header", "A message has two Sequence headers.")
        .says(Kind::Message, |request, _| request.repeat("Sequence")),
    source(
        "sequence.may-be-ignored",
        "sequence.must-understand",
        "The Sequence header need not be understood.",
    )
    .says(Kind::Message, |request, _| request.remove_attribute("Sequence", "mustUnderstand")),
    source("sequence.no-identifier", "sequence.identifier", "The Sequence header has no Identifier.")
        .says(Kind::Message, |request, _| request.remove("Sequence/Identifier")),
    source("sequence.from-zero", "sequence.message-number", "Messages are numbered from 0.")
        .says(Kind::Message, |request, _| request.add(NUMBER, -1)),
    source("sequence.number-first", "sequence.schema", "MessageNumber stands before Identifier.").says(
        Kind::Message,
        |request, _| {
            let number = request.source(NUMBER)?;
            request.remove(NUMBER)?;
            request.before("Sequence/Identifier", &number)
        },
    ),
    source(
        "sequence.own-identifier",
        "sequence.created-first",
        "Messages name a sequence that the client made up itself.",
    )
    .says(Kind::Message, |request, _| request.set("Sequence/Identifier", STRANGE)),
    source(
        "sequence.from-two",
        "sequence.starts-at-one",
        "The first message has the number 2: CreateSequence was the first.",
    )
    .says(Kind::Message, |request, _| request.add(NUMBER, 1)),
    source("sequence.skips", "sequence.no-gaps", "Every message uses up two numbers.").says(
        Kind::Message,
        |request, _| {
            let number = i64::try_from(request.number(NUMBER)?).ok()?;
            request.add(NUMBER, number - 1)
        },
    ),
    source("sequence.one-for-all", "sequence.number-once", "All messages have the number 1.")
        .says(Kind::Message, |request, _| request.set(NUMBER, "1")),
    source(
        "sequence.repeated-anew",
        "sequence.retransmission-identical",
        "A message that is sent again has a new MessageID.",
    )
    .two_way()
    .in_case(&["loss.first-request"])
    .says(Kind::Message, |request, past| match past.has_number_of(request) {
        true => request.set("MessageID", FRESH),
        false => None,
    }),
    source(
        "sequence.close-in-sequence",
        "sequence.not-on-lifecycle",
        "CloseSequence is numbered like a message.",
    )
    .rm_11()
    .says(Kind::CloseSequence, |request, past| {
        let header = past.last_request(Kind::Message)?.source("Header/Sequence")?;
        request.before("Header/Action", &header)?;
        request.add(NUMBER, 1)
    }),
    source("sequence.left-out", "sequence.every-message", "The last message goes without a Sequence header.")
        .says(Kind::Message, |request, _| match request.number(NUMBER)? {
            3 => request.remove("Header/Sequence"),
            _ => None,
        }),
    source("sequence.beyond-63-bits", "sequence.below-limit", "Numbers use all 64 bits.").rm_10().says(
        Kind::Message,
        |request, _| match request.number(NUMBER)? {
            3 => request.set(NUMBER, "9223372036854775808"),
            _ => None,
        },
    ),
];
