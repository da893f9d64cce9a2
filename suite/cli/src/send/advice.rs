//! What to do next when a session fails.

use wsrm_protocol::SessionError;
use wsrm_reference::ClientError;

use crate::exit::Exit;

/// The exit code for an error, and the next step where one is known.
pub(super) fn of(error: &ClientError) -> (Exit, Option<String>) {
    let (session, last) = match error {
        ClientError::Address { why, .. } => {
            let exit = if why.contains("not spoken") { Exit::Unsupported } else { Exit::Usage };
            return (exit, Some("give the address as http://host:port/path".to_owned()));
        }
        ClientError::Session { error, last } => (error, last.as_deref().unwrap_or_default()),
    };
    let text = session.to_string();
    let known = by_transport(last).or_else(|| by_text(&text));
    let exit = match session {
        _ if last.contains("cannot connect") => Exit::Unreachable,
        SessionError::EndpointNotFound(_) | SessionError::ServerTooBusy(_) | SessionError::Timeout(_) => {
            Exit::Unreachable
        }
        SessionError::Communication(_) if !last.is_empty() => Exit::Unreachable,
        _ => Exit::Found,
    };
    (exit, known.or_else(|| by_kind(session)).map(str::to_owned))
}

/// The next step where HTTP or the connection says this.
pub(crate) fn by_transport(last: &str) -> Option<&'static str> {
    const KNOWN: [(&str, &str); 9] = [
        (
            "cannot connect",
            "is the service running, and are host and port right? `wsrm serve` starts one to try with",
        ),
        ("status 404", "the server is there but has no endpoint at this path: check the path"),
        ("status 405", "the server does not take POST at this path: check the path"),
        ("status 415", "the endpoint speaks another SOAP version: try --soap 1.1 or --soap 1.2"),
        ("status 401", "the endpoint wants credentials, which wsrm cannot give yet"),
        ("status 403", "the endpoint refuses access"),
        ("status 503", "the service is not up or takes no more sessions now: try again later, or --wait"),
        (
            "status 400",
            "the server refuses the message before any session sees it: check --soap and --addressing",
        ),
        ("no response", "the peer takes requests and does not answer them: look at its log"),
    ];
    KNOWN.iter().find(|(sign, _)| last.contains(sign)).map(|(_, advice)| *advice)
}

/// The next step where WCF says this.
pub(crate) fn by_text(text: &str) -> Option<&'static str> {
    const KNOWN: [(&str, &str); 6] = [
        ("requires the use of WS-ReliableMessaging 1.1", "the endpoint speaks RM 1.1: try --rm 1.1"),
        ("Only WS-ReliableMessaging February 2005", "the endpoint speaks RM 1.0: try --rm 1.0"),
        (
            "must contain an offer",
            "the contract of the endpoint has two-way operations: try --pattern echo or mixed",
        ),
        ("must not contain an offer", "the contract of the endpoint is one-way: try --pattern one-way"),
        ("did not accept", "the contract of the endpoint is one-way: try --pattern one-way"),
        ("A one way session was created", "the contract of the endpoint is one-way: try --pattern one-way"),
    ];
    KNOWN.iter().find(|(sign, _)| text.contains(sign)).map(|(_, advice)| *advice)
}

fn by_kind(error: &SessionError) -> Option<&'static str> {
    match error {
        SessionError::ActionNotSupported(_) => Some("the endpoint may speak RM 1.0: try --rm 1.0"),
        SessionError::Timeout(_) => {
            Some("nothing usable came back in time: check --rm, --soap and --pattern, or allow more time")
        }
        SessionError::ServerTooBusy(_) => Some("the service takes no more sessions now: try again later"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn session(error: SessionError, last: Option<&str>) -> ClientError {
        ClientError::Session { error, last: last.map(str::to_owned) }
    }

    #[rstest]
    #[case(SessionError::EndpointNotFound("x".into()), Some("HTTP status 404"), Exit::Unreachable, "path")]
    #[case(SessionError::EndpointNotFound("x".into()), Some("cannot connect to h:1: refused"), Exit::Unreachable, "running")]
    #[case(SessionError::Protocol("The RM server requires the use of WS-ReliableMessaging 1.1 protocol.".into()), None, Exit::Found, "--rm 1.1")]
    #[case(SessionError::ActionNotSupported("x".into()), None, Exit::Found, "--rm 1.0")]
    #[case(SessionError::Timeout("x".into()), None, Exit::Unreachable, "in time")]
    fn names_the_next_step(
        #[case] error: SessionError,
        #[case] last: Option<&str>,
        #[case] exit: Exit,
        #[case] step: &str,
    ) {
        let (found, advice) = of(&session(error, last));
        assert_eq!(found, exit);
        assert!(advice.as_deref().unwrap().contains(step), "{advice:?}");
    }
}
