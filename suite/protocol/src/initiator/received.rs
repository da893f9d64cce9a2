//! What the end of an HTTP exchange means to a session, before the message in it is read.

use bytes::Bytes;
use wsrm_wire::SoapVersion;

use super::texts::{exception, http};
use crate::{Answer, SessionError};

/// The end of an HTTP exchange, as WCF's HTTP channel hands it up.
#[derive(Debug)]
pub(super) enum Received {
    /// A body that claims to be SOAP.
    Message(Bytes),
    /// An HTTP response without content: "no reply".
    Nothing,
    /// An exception.
    Failed {
        /// The exception.
        error: SessionError,
        /// What a session does about it.
        severity: Severity,
    },
}

/// What a session does about an HTTP exchange that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Severity {
    /// The message counts as lost; retransmission is the answer.
    Lost,
    /// As [`Severity::Lost`], but it ends the opening of a session.
    Denied,
    /// The exception reaches the caller whose first attempt met it; later attempts count as lost.
    Fatal,
}

impl Received {
    /// Judges an answer as WCF's HTTP channel does: status, then content type, then content.
    ///
    /// `address` is the address that was posted to.
    pub(super) fn judge(answer: Answer, soap: SoapVersion, address: &str) -> Self {
        let (status, content_type, body) = match answer {
            Answer::Response { status, content_type, body } => (status, content_type, body),
            Answer::Lost { reason } => {
                return Self::failed(SessionError::Communication(reason), Severity::Lost);
            }
        };
        if let Some(failure) = Self::judge_status(status, soap, address) {
            return failure;
        }
        match content_type.filter(|value| !value.trim().is_empty()) {
            None if body.is_empty() => Self::Nothing,
            None => Self::fatal(exception::CONTENT_TYPE_MISSING.to_owned()),
            Some(_) if body.is_empty() => Self::failed(SessionError::EmptyTypedResponse, Severity::Fatal),
            Some(value) if is_soap(&value, soap) => Self::Message(body),
            Some(value) => Self::fatal(wrong_content_type(&value, soap, &body)),
        }
    }

    fn judge_status(status: u16, soap: SoapVersion, address: &str) -> Option<Self> {
        Some(match status {
            200..=299 | 500 => return None,
            401 => {
                let error = SessionError::AccessDenied(http::unauthorized("Anonymous", ""));
                Self::failed(error, Severity::Denied)
            }
            403 => Self::failed(SessionError::AccessDenied(http::forbidden("Anonymous")), Severity::Denied),
            404 => Self::failed(SessionError::EndpointNotFound(http::not_found(address)), Severity::Lost),
            503 => Self::failed(SessionError::ServerTooBusy(http::too_busy(address)), Severity::Lost),
            504 => {
                let error = SessionError::Timeout("GatewayTimeout Gateway Timeout".to_owned());
                Self::failed(error, Severity::Lost)
            }
            415 => Self::fatal(http::media_type_refused(&expected_content_type(soap), address)),
            _ => Self::fatal(http::unexpected(status, phrase(status))),
        })
    }

    fn fatal(text: String) -> Self {
        Self::failed(SessionError::Protocol(text), Severity::Fatal)
    }

    fn failed(error: SessionError, severity: Severity) -> Self {
        Self::Failed { error, severity }
    }
}

fn expected_content_type(soap: SoapVersion) -> String {
    format!("{}; charset=utf-8", soap.media_type())
}

fn wrong_content_type(got: &str, soap: SoapVersion, body: &[u8]) -> String {
    let excerpt = body.get(..body.len().min(1024)).unwrap_or_default();
    let text = String::from_utf8_lossy(excerpt);
    http::wrong_content_type(got, &expected_content_type(soap), excerpt.len(), &text)
}

/// Whether a content type names SOAP of this version, in an encoding that WCF reads.
fn is_soap(content_type: &str, soap: SoapVersion) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default();
    let charset = parts.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    });
    let readable = ["utf-8", "utf-16", "utf-16le", "unicodefffe", "utf-16be"];
    media_type.eq_ignore_ascii_case(soap.media_type())
        && charset.is_none_or(|value| readable.iter().any(|known| known.eq_ignore_ascii_case(value)))
}

/// The reason phrase that belongs to a status; HTTP clients pass it on only in part.
const fn phrase(status: u16) -> &'static str {
    match status {
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        402 => "Payment Required",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Request Entity Too Large",
        414 => "Request-URI Too Long",
        429 => "Too Many Requests",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        505 => "HTTP Version Not Supported",
        _ => "Unknown",
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn judge(status: u16, content_type: Option<&str>, body: &'static str) -> String {
        let answer = Answer::Response {
            status,
            content_type: content_type.map(str::to_owned),
            body: Bytes::from_static(body.as_bytes()),
        };
        match Received::judge(answer, SoapVersion::Soap12, "http://a/") {
            Received::Message(_) => "message".to_owned(),
            Received::Nothing => "nothing".to_owned(),
            Received::Failed { error, severity } => {
                let exception = error.wcf_exception().rsplit('.').next().unwrap_or_default().to_owned();
                format!("{severity:?} {exception}")
            }
        }
    }

    const SOAP: Option<&str> = Some("application/soap+xml; charset=utf-8");

    #[rstest]
    #[case(200, SOAP, "<x/>", "message")]
    #[case(500, SOAP, "<x/>", "message")]
    #[case(299, SOAP, "<x/>", "message")]
    #[case(200, Some("Application/SOAP+XML; Charset=\"UTF-8\"; action=\"x\""), "<x/>", "message")]
    #[case(200, Some("application/soap+xml"), "<x/>", "message")]
    #[case(200, Some("application/soap+xml; charset=latin1"), "<x/>", "Fatal ProtocolException")]
    #[case(200, Some("text/xml; charset=utf-8"), "<x/>", "Fatal ProtocolException")]
    #[case(202, None, "", "nothing")]
    #[case(200, None, "", "nothing")]
    #[case(500, None, "", "nothing")]
    #[case(202, SOAP, "", "Fatal NullReferenceException")]
    #[case(200, None, "<x/>", "Fatal ProtocolException")]
    #[case(200, Some("text/html"), "<html/>", "Fatal ProtocolException")]
    #[case(400, SOAP, "<x/>", "Fatal ProtocolException")]
    #[case(415, None, "", "Fatal ProtocolException")]
    #[case(502, None, "", "Fatal ProtocolException")]
    #[case(404, None, "", "Lost EndpointNotFoundException")]
    #[case(503, None, "", "Lost ServerTooBusyException")]
    #[case(504, None, "", "Lost TimeoutException")]
    #[case(401, None, "", "Denied MessageSecurityException")]
    #[case(403, None, "", "Denied MessageSecurityException")]
    fn judges_as_wcf_does(
        #[case] status: u16,
        #[case] content_type: Option<&str>,
        #[case] body: &'static str,
        #[case] expected: &str,
    ) {
        assert_eq!(judge(status, content_type, body), expected);
    }

    #[test]
    fn says_what_came_instead_of_soap() {
        let answer = Answer::Response {
            status: 200,
            content_type: Some("text/html".to_owned()),
            body: Bytes::from_static(b"<html/>"),
        };
        let Received::Failed { error, .. } = Received::judge(answer, SoapVersion::Soap12, "http://a/") else {
            panic!("HTML is no SOAP");
        };
        assert_eq!(
            error.to_string(),
            "The content type text/html of the response message does not match the content type of the binding \
             (application/soap+xml; charset=utf-8). If using a custom encoder, be sure that the \
             IsContentTypeSupported method is implemented properly. The first 7 bytes of the response were: \
             '<html/>'."
        );
    }
}
