//! What stands around a sequence.

use super::super::{Draft, Kind, Mutant};
use super::{about, source};

const MAKE_CONNECTION: &str = "http://docs.oasis-open.org/ws-rx/wsmc/200702";

pub(super) const MUTANTS: &[Mutant] = &[
    source(
        "environment.poll-for-nobody",
        "environment.make-connection-address",
        "MakeConnection has no Address.",
    )
    .rm_11()
    .adds(Kind::Message, |request, _| poll(request, "", "MakeConnection")),
    source(
        "environment.poll-for-sequence",
        "environment.make-connection-identifier",
        "MakeConnection names a sequence, as an early draft had it.",
    )
    .rm_11()
    .adds(Kind::Message, |request, _| {
        let identifier = request.text("Sequence/Identifier")?;
        let namespace = request.profile().rm.namespace();
        let content = format!(
            "<m:Address>http://docs.oasis-open.org/ws-rx/wsmc/200702/anonymous?id=1</m:Address>\
                 <Identifier xmlns=\"{namespace}\">{identifier}</Identifier>"
        );
        poll(request, &content, "MakeConnection")
    }),
    source(
        "environment.poll-by-other-action",
        "environment.make-connection-action",
        "MakeConnection has the Action of a poll of its own.",
    )
    .rm_11()
    .adds(Kind::Message, |request, _| {
        let address = "<m:Address>http://docs.oasis-open.org/ws-rx/wsmc/200702/anonymous?id=1</m:Address>";
        poll(request, address, "Poll")
    }),
];

/// A MakeConnection with this content.
fn poll(request: &Draft, content: &str, action: &str) -> Option<Draft> {
    let mut poll = about(request, "MakeConnection", "")?;
    poll.set("Action", &format!("{MAKE_CONNECTION}/{action}"))?;
    if poll.field("SOAPAction").is_some() {
        poll.set_field("SOAPAction", format!("\"{MAKE_CONNECTION}/{action}\""))?;
    }
    poll.set(
        "Body",
        &format!("<m:MakeConnection xmlns:m=\"{MAKE_CONNECTION}\">{content}</m:MakeConnection>"),
    )?;
    Some(poll)
}
