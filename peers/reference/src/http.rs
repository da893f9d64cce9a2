//! What HTTP says around a SOAP message, and WCF's rules for it; no I/O here.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Uri};
use thiserror::Error;
use wsrm_wire::SoapVersion;

/// A whole HTTP request.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The request target: a path, with or without the authority.
    pub target: Uri,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; empty where there is none.
    pub body: Bytes,
}

/// What a host answers to a [`Request`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HttpAnswer {
    /// A response.
    Response(Response),
    /// None: the connection is closed without a word.
    Abort,
}

/// An HTTP response, without the headers that the transport adds by itself (`Date`, `Content-Length`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers, names in the spelling they are sent with.
    pub headers: Cow<'static, [Field]>,
    /// The body; empty where there is none.
    pub body: Bytes,
}

/// The name and the value of a header field.
pub type Field = (Cow<'static, str>, Cow<'static, str>);

const fn field(name: &'static str, value: &'static str) -> Field {
    (Cow::Borrowed(name), Cow::Borrowed(value))
}

const ALLOW: &[Field] = &[field("Allow", "POST")];
const CLOSE: &[Field] = &[field("Connection", "close")];
const DOCUMENT: &[Field] = &[field("Content-Type", "text/xml; charset=UTF-8")];
const SOAP_11: &[Field] = &[field("Content-Type", "text/xml; charset=utf-8")];
const SOAP_12: &[Field] = &[field("Content-Type", "application/soap+xml; charset=utf-8")];

/// Text that cannot be part of an HTTP request.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidRequest {
    /// The method is no token.
    #[error("{0:?} is no HTTP method")]
    Method(String),
    /// The request target is no URI reference.
    #[error("{0:?} is no request target")]
    Target(String),
    /// A header name or value holds a forbidden character.
    #[error("{name:?}: {value:?} is no HTTP header")]
    Header {
        /// The name of the header.
        name: String,
        /// Its value.
        value: String,
    },
}

/// Which WCF implementation's habits a host follows where they differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Edition {
    /// `System.ServiceModel` of .NET Framework on http.sys: 405 to GET, 415 to a wrong Content-Type, 400 to what is
    /// no SOAP message; `maxPendingChannels` is enforced.
    #[default]
    NetFramework,
    /// The reliable-session branch of CoreWCF on Kestrel: 400 to GET, the connection closed without an answer where
    /// .NET Framework says 415 or 400; `maxPendingChannels` is not enforced.
    CoreWcf,
}

/// How the bytes of a body are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Charset {
    Utf8,
    Utf16LittleEndian,
    Utf16BigEndian,
}

/// The value of a `Content-Type` header, as far as SOAP over HTTP is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ContentType<'a> {
    pub(crate) media_type: &'a str,
    pub(crate) charset: Option<&'a str>,
    pub(crate) action: Option<&'a str>,
}

impl Request {
    /// A request from its parts as text.
    ///
    /// # Errors
    /// If a part is not what HTTP allows there.
    pub fn new<N: AsRef<str>, V: AsRef<str>>(
        method: &str,
        target: &str,
        headers: impl IntoIterator<Item = (N, V)>,
        body: Bytes,
    ) -> Result<Self, InvalidRequest> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let (name, value) = (name.as_ref(), value.as_ref());
            let parsed = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_str(value).ok());
            let Some((key, content)) = parsed else {
                return Err(InvalidRequest::Header { name: name.to_owned(), value: value.to_owned() });
            };
            map.append(key, content);
        }
        Ok(Self {
            method: method.parse().map_err(|_| InvalidRequest::Method(method.to_owned()))?,
            target: target.parse().map_err(|_| InvalidRequest::Target(target.to_owned()))?,
            headers: map,
            body,
        })
    }

    /// The value of the `Content-Type` header.
    pub(crate) fn content_type(&self) -> Option<ContentType<'_>> {
        ContentType::parse(self.headers.get(CONTENT_TYPE)?.to_str().ok()?)
    }

    /// The action that HTTP names: `SOAPAction` for SOAP 1.1, the `action` parameter for SOAP 1.2. An empty one
    /// says nothing (SOAP 1.1 section 6.1.1).
    pub(crate) fn action<'a>(&'a self, soap: SoapVersion, content_type: &ContentType<'a>) -> Option<&'a str> {
        let action = match soap {
            SoapVersion::Soap11 => self.headers.get("SOAPAction")?.to_str().ok().map(unquoted),
            SoapVersion::Soap12 => content_type.action,
        };
        action.filter(|action| !action.is_empty())
    }
}

impl Response {
    /// A response without body, and without a `Content-Type`: one on an empty 202 breaks the WCF client.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Cow::Borrowed(&[]), body: Bytes::new() }
    }

    /// A document that is no SOAP message.
    pub(crate) fn document(body: String) -> Self {
        Self { status: 200, headers: Cow::Borrowed(DOCUMENT), body: body.into() }
    }

    /// The answer to a method other than POST.
    pub(crate) fn method_not_allowed() -> Self {
        Self { status: 405, headers: Cow::Borrowed(ALLOW), body: Bytes::new() }
    }

    /// The answer to a body beyond the limit. Nobody waits for the rest of it.
    pub(crate) fn too_large() -> Self {
        Self { status: 413, headers: Cow::Borrowed(CLOSE), body: Bytes::new() }
    }

    /// A SOAP message.
    pub(crate) fn message(status: u16, soap: SoapVersion, body: Bytes) -> Self {
        let headers = match soap {
            SoapVersion::Soap11 => SOAP_11,
            SoapVersion::Soap12 => SOAP_12,
        };
        Self { status, headers: Cow::Borrowed(headers), body }
    }
}

impl<'a> ContentType<'a> {
    /// Reads the value of the header; unknown parameters are ignored.
    pub(crate) fn parse(value: &'a str) -> Option<Self> {
        // As everybody writes it.
        if let Some(media_type) = value.strip_suffix("; charset=utf-8")
            && !media_type.contains(';')
        {
            return Some(Self { media_type, charset: Some("utf-8"), action: None });
        }
        let mut parameters = SplitParameters(value);
        let media_type = parameters.next()?.trim();
        let mut content_type = Self { media_type, charset: None, action: None };
        for parameter in parameters {
            let Some((name, value)) = parameter.split_once('=') else { continue };
            let value = unquoted(value.trim());
            match name.trim() {
                name if name.eq_ignore_ascii_case("charset") => content_type.charset = Some(value),
                name if name.eq_ignore_ascii_case("action") => content_type.action = Some(value),
                _ => {}
            }
        }
        (!media_type.is_empty()).then_some(content_type)
    }

    /// The encoding of the body, where a text encoder of WCF's reads this type as a message of `soap`.
    pub(crate) fn supported_by(&self, soap: SoapVersion) -> Option<Charset> {
        if !self.media_type.eq_ignore_ascii_case(soap.media_type()) {
            return None;
        }
        match self.charset {
            None => Some(Charset::Utf8),
            Some(name) if name.eq_ignore_ascii_case("utf-8") => Some(Charset::Utf8),
            Some(name) if name.eq_ignore_ascii_case("utf-16") || name.eq_ignore_ascii_case("utf-16le") => {
                Some(Charset::Utf16LittleEndian)
            }
            Some(name)
                if name.eq_ignore_ascii_case("unicodeFFFE") || name.eq_ignore_ascii_case("utf-16be") =>
            {
                Some(Charset::Utf16BigEndian)
            }
            Some(_) => None,
        }
    }
}

impl Charset {
    /// The body as the infoset reader takes it: it tells the encodings apart by their byte order mark, which HTTP
    /// allows to be left out where the charset says it.
    pub(crate) fn marked(self, body: Bytes) -> Bytes {
        let mark: [u8; 2] = match self {
            Self::Utf8 => return body,
            Self::Utf16LittleEndian => [0xFF, 0xFE],
            Self::Utf16BigEndian => [0xFE, 0xFF],
        };
        if body.starts_with(&[0xFF, 0xFE]) || body.starts_with(&[0xFE, 0xFF]) {
            return body;
        }
        let mut marked = Vec::with_capacity(body.len() + mark.len());
        marked.extend_from_slice(&mark);
        marked.extend_from_slice(&body);
        marked.into()
    }
}

/// The parts of a header value between semicolons that no quotes protect.
struct SplitParameters<'a>(&'a str);

impl<'a> Iterator for SplitParameters<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.0.is_empty() {
            return None;
        }
        let mut quoted = false;
        let end = self.0.bytes().position(|byte| {
            quoted ^= byte == b'"';
            byte == b';' && !quoted
        });
        let (part, rest) = match end.and_then(|end| self.0.split_at_checked(end)) {
            Some((part, rest)) => (part, rest.get(1..).unwrap_or_default()),
            None => (self.0, ""),
        };
        self.0 = rest;
        Some(part)
    }
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NetFramework => ".NET Framework",
            Self::CoreWcf => "CoreWCF",
        })
    }
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("application/soap+xml; charset=utf-8", Some(Charset::Utf8), None)]
    #[case("application/soap+xml", Some(Charset::Utf8), None)]
    #[case("Application/SOAP+XML;charset=\"UTF-8\"", Some(Charset::Utf8), None)]
    #[case("application/soap+xml; charset=utf-16", Some(Charset::Utf16LittleEndian), None)]
    #[case("application/soap+xml; charset=unicodeFFFE", Some(Charset::Utf16BigEndian), None)]
    #[case("application/soap+xml; charset=iso-8859-1", None, None)]
    #[case("application/soap+xml; charset=utf-8; action=\"urn:a;b\"", Some(Charset::Utf8), Some("urn:a;b"))]
    #[case("application/soap+xml;;charset;action=", Some(Charset::Utf8), Some(""))]
    #[case("text/xml; charset=utf-8", None, None)]
    #[case("application/soap+xmlx", None, None)]
    fn soap_12_content_types(
        #[case] value: &str,
        #[case] charset: Option<Charset>,
        #[case] action: Option<&str>,
    ) {
        let content_type = ContentType::parse(value).unwrap();
        assert_eq!(content_type.supported_by(SoapVersion::Soap12), charset);
        assert_eq!(content_type.action, action);
    }

    #[rstest]
    #[case("\"urn:a\"", Some("urn:a"))]
    #[case("urn:a", Some("urn:a"))]
    #[case("\"\"", None)]
    #[case("", None)]
    fn soap_action(#[case] header: &str, #[case] action: Option<&str>) {
        let headers = [("SOAPAction", header), ("Content-Type", "text/xml")];
        let request = Request::new("POST", "/", headers, Bytes::new()).unwrap();
        let content_type = request.content_type().unwrap();
        assert_eq!(request.action(SoapVersion::Soap11, &content_type), action);
        assert_eq!(request.action(SoapVersion::Soap12, &content_type), None);
    }

    #[test]
    fn utf_16_without_byte_order_mark_gets_one() {
        let body = Charset::Utf16BigEndian.marked(Bytes::from_static(b"\0<"));
        assert_eq!(&body[..], b"\xFE\xFF\0<");
        assert_eq!(Charset::Utf16BigEndian.marked(body.clone()), body);
    }

    #[test]
    fn text_that_is_no_request() {
        let headers: [(&str, &str); 0] = [];
        assert!(matches!(Request::new("P T", "/", headers, Bytes::new()), Err(InvalidRequest::Method(_))));
        assert!(matches!(Request::new("GET", "a b", headers, Bytes::new()), Err(InvalidRequest::Target(_))));
        let error = Request::new("GET", "/", [("a b", "c")], Bytes::new()).unwrap_err();
        assert_eq!(error.to_string(), r#""a b": "c" is no HTTP header"#);
    }
}
