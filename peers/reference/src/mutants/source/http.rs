//! SOAP over HTTP.

use super::super::{Kind, Mutant};
use super::source;

pub(super) const MUTANTS: &[Mutant] = &[
    source("http.method-in-small-letters", "http.post", "The method is written post, in small letters.")
        .says(Kind::CreateSequence, |request, _| request.method("post")),
    source(
        "http.soap-action-left-out",
        "http.soap-action-present",
        "SOAPAction is left out: the Action is in the message.",
    )
    .soap_11()
    .says(Kind::CreateSequence, |request, _| request.remove_field("SOAPAction")),
    source(
        "http.soap-action-of-operation",
        "http.action-matches",
        "SOAPAction is that of the service's operation in all requests.",
    )
    .soap_11()
    .says(Kind::CreateSequence, |request, _| {
        request.set_field("SOAPAction", "\"http://tempuri.org/IEcho/Echo\"")
    }),
];
