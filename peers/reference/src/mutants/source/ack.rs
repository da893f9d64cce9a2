//! Asking for acknowledgements.

use super::super::{Draft, Kind, Mutant};
use super::{STRANGE, source};

pub(super) const MUTANTS: &[Mutant] = &[
    source("ack-requested.no-identifier", "ack-requested.identifier", "AckRequested has no Identifier.")
        .says(Kind::Message, |request, _| asks(request, "")),
    source(
        "ack-requested.strange-sequence",
        "ack-requested.known-sequence",
        "AckRequested names a sequence that nobody knows.",
    )
    .says(Kind::Message, |request, _| asks(request, &format!("<r:Identifier>{STRANGE}</r:Identifier>"))),
    source(
        "ack-requested.number-in-oasis",
        "ack-requested.schema",
        "AckRequested has a MessageNumber, as in February 2005.",
    )
    .rm_11()
    .says(Kind::Message, |request, _| {
        let identifier = request.source("Sequence/Identifier")?;
        let number = request.source("Sequence/MessageNumber")?;
        asks(request, &format!("{identifier}{number}"))
    }),
    source(
        "ack-requested.twice",
        "ack-requested.single-header",
        "Two layers ask for an acknowledgement of the same message.",
    )
    .says(Kind::Message, |request, _| {
        let identifier = request.source("Sequence/Identifier")?;
        asks(request, &identifier)?;
        request.repeat("AckRequested")
    }),
    source(
        "ack-requested.with-number",
        "ack-requested.no-number",
        "AckRequested says which number was sent last.",
    )
    .rm_10()
    .says(Kind::Message, |request, _| {
        let identifier = request.source("Sequence/Identifier")?;
        let number = request.source("Sequence/MessageNumber")?;
        asks(request, &format!("{identifier}{number}"))
    }),
];

/// Asks for an acknowledgement beside a message.
fn asks(request: &mut Draft, content: &str) -> Option<()> {
    request.after("Header/Sequence", &format!("<r:AckRequested>{content}</r:AckRequested>"))
}
