//! One HTTP message as it stood on the wire.

use thiserror::Error;

/// The first line of an HTTP message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartLine {
    /// A request.
    Request {
        /// The method, such as `POST`.
        method: String,
        /// What is asked for, such as `/echo`.
        target: String,
    },
    /// A response.
    Response {
        /// The status code.
        status: u16,
        /// The words behind it.
        reason: String,
    },
}

/// An HTTP message: start line, header fields, body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpMessage {
    start: StartLine,
    fields: Vec<(String, String)>,
    body: Vec<u8>,
    raw: Vec<u8>,
    evidence: Evidence,
    place: Option<String>,
}

/// What a message is known from, and so how near it is to what stood on the wire.
///
/// A judgement about what is not there must ask this first: only of [`Evidence::Wire`] everything is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Evidence {
    /// Byte for byte, with transfer and content codings undone.
    #[default]
    Wire,
    /// As a log wrote it again: the content is what was said, its white space may not be, and header fields may be
    /// missing. A status behind which the reason is [`NOT_LOGGED`] is supposed.
    Rewritten,
    /// As [`Evidence::Rewritten`], and the content of the SOAP body was left out: an empty one stands for it.
    HeadersOnly,
    /// There was a body, and it was not kept.
    BodyMissing,
}

/// The reason phrase of a status that a log does not tell, and that is supposed.
pub const NOT_LOGGED: &str = "(status not logged)";

/// Bytes that are no HTTP message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HttpMessageError {
    /// The empty line between header and body is missing.
    #[error("the header section does not end: no empty line within the {0} bytes")]
    NoHeaderEnd(usize),
    /// The first line is neither a request line nor a status line.
    #[error("the first line is neither a request line nor a status line: {0:?}")]
    StartLine(String),
    /// A header field without a colon.
    #[error("a header field has no name: {0:?}")]
    Field(String),
    /// The header section is not text.
    #[error("the header section is not UTF-8")]
    HeaderEncoding,
    /// The body is not as long as `Content-Length` says.
    #[error("the body has {found} bytes, Content-Length says {declared}")]
    Length {
        /// What `Content-Length` says.
        declared: usize,
        /// What is there.
        found: usize,
    },
    /// `Content-Length` is no number.
    #[error("Content-Length is no number: {0:?}")]
    ContentLength(String),
    /// A chunked body that breaks off or has a bad chunk size.
    #[error("the chunked body is broken at byte {0} of the body")]
    Chunk(usize),
}

impl HttpMessage {
    /// Reads a whole HTTP/1.1 message.
    ///
    /// A body that says `Transfer-Encoding: chunked` and does not start with a chunk size is taken as it is: some
    /// recorders (curl for one) write the header as it came and the body already decoded.
    ///
    /// # Errors
    /// If the bytes are no HTTP message, or the body is not as long as the header says.
    pub fn parse(raw: &[u8]) -> Result<Self, HttpMessageError> {
        match Self::parse_whatever_its_length(raw)? {
            (message, None) => Ok(message),
            (_, Some(error)) => Err(error),
        }
    }

    /// Reads an HTTP/1.1 message as a capture holds it: a body that is not as long as its header says, or whose
    /// chunks are broken, is taken as it is, and what is wrong with it is given beside.
    ///
    /// # Errors
    /// If the header section is no header section.
    pub fn parse_whatever_its_length(
        raw: &[u8],
    ) -> Result<(Self, Option<HttpMessageError>), HttpMessageError> {
        let (head, body) = split_head(raw).ok_or(HttpMessageError::NoHeaderEnd(raw.len()))?;
        let head = std::str::from_utf8(head).map_err(|_| HttpMessageError::HeaderEncoding)?;
        let mut lines = head.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        let start = StartLine::parse(lines.next().unwrap_or_default())?;
        let fields = lines
            .filter(|line| !line.is_empty())
            .map(|line| match line.split_once(':') {
                Some((name, value)) if !name.trim().is_empty() => {
                    Ok((name.trim().to_owned(), value.trim().to_owned()))
                }
                _ => Err(HttpMessageError::Field(line.to_owned())),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let mut message = Self {
            start,
            fields,
            body: Vec::new(),
            raw: raw.to_vec(),
            evidence: Evidence::Wire,
            place: None,
        };
        let framing = match message.decode_body(body) {
            Ok(decoded) => {
                message.body = decoded;
                None
            }
            Err(error) => {
                message.body = body.to_vec();
                Some(error)
            }
        };
        Ok((message, framing))
    }

    /// A message that is not known as bytes, but by its parts.
    pub fn from_parts(
        start: StartLine,
        fields: Vec<(String, String)>,
        body: Vec<u8>,
        evidence: Evidence,
    ) -> Self {
        let mut head = match &start {
            StartLine::Request { method, target } => format!("{method} {target} HTTP/1.1\r\n"),
            StartLine::Response { status, reason } => format!("HTTP/1.1 {status} {reason}\r\n"),
        };
        for (name, value) in &fields {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let mut raw = head.into_bytes();
        raw.extend_from_slice(&body);
        Self { start, fields, body, raw, evidence, place: None }
    }

    /// The same message, from this place of a capture.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// The same message with the content of its body, whose content coding is undone, or which turns out to be missing.
    #[must_use]
    pub fn with_content(mut self, body: Vec<u8>, evidence: Evidence) -> Self {
        self.body = body;
        self.evidence = evidence;
        self
    }

    /// The same message with other header fields and another body.
    #[must_use]
    pub(crate) fn with_parts(&self, fields: Vec<(String, String)>, body: Vec<u8>) -> Self {
        let other = Self::from_parts(self.start.clone(), fields, body, self.evidence);
        Self { place: self.place.clone(), ..other }
    }

    /// The first line.
    pub fn start(&self) -> &StartLine {
        &self.start
    }

    /// The status code, where it is a response.
    pub fn status(&self) -> Option<u16> {
        match self.start {
            StartLine::Response { status, .. } => Some(status),
            StartLine::Request { .. } => None,
        }
    }

    /// The header fields in their order, names as written.
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// The value of the first header field with this name, in any case.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body, its transfer coding undone.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The message as it stood on the wire, or as it is put together from its parts.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The message on the wire with another body: its length is said anew, a chunked one is a single chunk, all else
    /// stays.
    pub fn with_body(&self, body: &[u8]) -> Vec<u8> {
        let head = split_head(&self.raw).map_or(&[][..], |(head, _)| head);
        let is = |line: &[u8], name: &[u8]| {
            line.split(|byte| *byte == b':').next().is_some_and(|start| start.eq_ignore_ascii_case(name))
        };
        let mut raw = Vec::with_capacity(head.len() + body.len() + 16);
        let mut chunked = false;
        for line in head.split_inclusive(|byte| *byte == b'\n') {
            if is(line, b"content-length") {
                let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
                let end: &[u8] = if line.ends_with(b"\n") { b"\r\n" } else { b"" };
                raw.extend_from_slice(name);
                raw.extend_from_slice(format!(": {}", body.len()).as_bytes());
                raw.extend_from_slice(end);
            } else {
                chunked |= is(line, b"transfer-encoding");
                raw.extend_from_slice(line);
            }
        }
        raw.extend_from_slice(b"\r\n\r\n");
        if chunked && !body.is_empty() {
            raw.extend_from_slice(format!("{:x}\r\n", body.len()).as_bytes());
            raw.extend_from_slice(body);
            raw.extend_from_slice(b"\r\n");
        } else {
            raw.extend_from_slice(body);
        }
        if chunked {
            raw.extend_from_slice(b"0\r\n\r\n");
        }
        raw
    }

    /// How near it is to what stood on the wire.
    pub const fn evidence(&self) -> Evidence {
        self.evidence
    }

    /// Which part of a capture it comes from; `None` for a message that has a file for itself.
    pub fn place(&self) -> Option<&str> {
        self.place.as_deref()
    }

    fn decode_body(&self, body: &[u8]) -> Result<Vec<u8>, HttpMessageError> {
        if self.field("Transfer-Encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
            return if chunk_size(body).is_some() { decode_chunks(body) } else { Ok(body.to_vec()) };
        }
        if let Some(declared) = self.field("Content-Length") {
            let declared = declared
                .parse::<usize>()
                .map_err(|_| HttpMessageError::ContentLength(declared.to_owned()))?;
            if declared != body.len() {
                return Err(HttpMessageError::Length { declared, found: body.len() });
            }
        }
        Ok(body.to_vec())
    }
}

impl StartLine {
    fn parse(line: &str) -> Result<Self, HttpMessageError> {
        let bad = || HttpMessageError::StartLine(line.chars().take(80).collect());
        let (first, rest) = line.split_once(' ').ok_or_else(bad)?;
        if first.starts_with("HTTP/") {
            let (status, reason) = rest.split_once(' ').unwrap_or((rest, ""));
            let status = status.parse::<u16>().map_err(|_| bad())?;
            return Ok(Self::Response { status, reason: reason.to_owned() });
        }
        let (target, version) = rest.rsplit_once(' ').ok_or_else(bad)?;
        if !version.starts_with("HTTP/") || !is_token(first) {
            return Err(bad());
        }
        Ok(Self::Request { method: first.to_owned(), target: target.to_owned() })
    }
}

/// Whether a text can be a method (RFC 9110 section 5.6.2); those that there are have capital letters alone, but whoever
/// writes another is to be judged for it.
fn is_token(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_letter)
}

/// The header section and what follows the empty line.
fn split_head(raw: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = raw.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some((raw.get(..end)?, raw.get(end + 4..)?))
}

/// The chunk size at the start of `body`, and how many bytes its line takes.
fn chunk_size(body: &[u8]) -> Option<(usize, usize)> {
    let end = body.windows(2).take(64).position(|window| window == b"\r\n")?;
    let line = std::str::from_utf8(body.get(..end)?).ok()?;
    let digits = line.split(';').next()?.trim();
    Some((usize::from_str_radix(digits, 16).ok()?, end + 2))
}

fn decode_chunks(body: &[u8]) -> Result<Vec<u8>, HttpMessageError> {
    let mut decoded = Vec::with_capacity(body.len());
    let mut at = 0;
    loop {
        let broken = HttpMessageError::Chunk(at);
        let rest = body.get(at..).unwrap_or_default();
        let Some((size, line)) = chunk_size(rest) else { return Err(broken) };
        if size == 0 {
            return Ok(decoded);
        }
        let end = line.checked_add(size).ok_or_else(|| broken.clone())?;
        let Some(chunk) = rest.get(line..end) else { return Err(broken) };
        if rest.get(end..end + 2) != Some(b"\r\n".as_slice()) {
            return Err(broken);
        }
        decoded.extend_from_slice(chunk);
        at += end + 2;
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn reads_a_request() {
        let message =
            HttpMessage::parse(b"POST /a b HTTP/1.1\r\nHost: x\r\ncontent-length: 3\r\n\r\nabc").unwrap();
        assert_eq!(
            message.start(),
            &StartLine::Request { method: "POST".to_owned(), target: "/a b".to_owned() }
        );
        assert_eq!(message.field("Content-Length"), Some("3"));
        assert_eq!(message.body(), b"abc");
        assert_eq!(message.status(), None);
    }

    #[rstest]
    #[case::chunked(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n",
        b"abc"
    )]
    #[case::empty_chunked(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"")]
    #[case::already_decoded(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n<a/>", b"<a/>")]
    #[case::until_the_end(b"HTTP/1.1 200 OK\r\n\r\n<a/>", b"<a/>")]
    #[case::no_reason(b"HTTP/1.1 202\r\n\r\n", b"")]
    fn reads_bodies(#[case] raw: &[u8], #[case] body: &[u8]) {
        assert_eq!(HttpMessage::parse(raw).unwrap().body(), body);
    }

    #[rstest]
    #[case::nothing(b"", HttpMessageError::NoHeaderEnd(0))]
    #[case::start_line(b"hello\r\n\r\n", HttpMessageError::StartLine("hello".to_owned()))]
    #[case::status(b"HTTP/1.1 abc OK\r\n\r\n", HttpMessageError::StartLine("HTTP/1.1 abc OK".to_owned()))]
    #[case::field(b"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", HttpMessageError::Field("nonsense".to_owned()))]
    #[case::short(
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc",
        HttpMessageError::Length { declared: 4, found: 3 }
    )]
    #[case::length(
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nabc",
        HttpMessageError::ContentLength("x".to_owned())
    )]
    #[case::chunk(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        HttpMessageError::Chunk(0)
    )]
    #[case::header_encoding(b"HTTP/1.1 200 OK\r\nA: \xff\r\n\r\n", HttpMessageError::HeaderEncoding)]
    fn refuses(#[case] raw: &[u8], #[case] error: HttpMessageError) {
        assert_eq!(HttpMessage::parse(raw), Err(error));
    }
}
