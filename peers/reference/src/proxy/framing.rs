//! Where an HTTP/1.1 message ends (RFC 9112 section 6), without touching a byte of it.

use thiserror::Error;

/// Most header fields of a message.
const FIELDS: usize = 128;
/// Longest line with the size of a chunk, extensions included.
const CHUNK_LINE: usize = 4096;

/// What is known of the message that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// A request.
    Request,
    /// A response; to a HEAD request it has no body whatever it says.
    Response { to_head: bool },
}

/// How large a message may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) head: usize,
    pub(super) body: usize,
}

/// What the head of a message says about the rest and about the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Head {
    /// Its length, the empty line included.
    pub(super) length: usize,
    /// The status code of a response.
    pub(super) status: Option<u16>,
    /// Whether it is a HEAD request.
    pub(super) is_head: bool,
    /// Whether the client waits for `100 Continue` before it sends the body.
    pub(super) expects_continue: bool,
    /// Whether nothing follows on its connection: it says so, or ends where the connection does.
    pub(super) closes: bool,
}

/// Bytes that are no HTTP message, or too many.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FramingError {
    /// The head cannot be read.
    #[error("no HTTP: {0}")]
    Head(httparse::Error),
    /// `Content-Length` is no number, or several different ones.
    #[error("Content-Length is not one number")]
    ContentLength,
    /// A chunk has no size.
    #[error("the chunked body is broken at byte {0} of the message")]
    Chunk(usize),
    /// The head is larger than allowed.
    #[error("a head of more than {0} bytes")]
    HeadTooLarge(usize),
    /// The body is larger than allowed.
    #[error("a body of more than {0} bytes")]
    BodyTooLarge(usize),
}

/// Finds the end of one message in bytes that come in pieces.
///
/// ```text
/// Head -> Until(n)                                     Content-Length, or no body
///      -> ChunkSize -> Until next size -> … -> Trailers -> Until(n)
///      -> End                                          until the connection ends
/// ```
#[derive(Debug)]
pub(super) struct Framer {
    expected: Expected,
    bounds: Bounds,
    state: State,
    head: Option<Head>,
    /// Up to where a head without end has been searched.
    searched: usize,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Head,
    /// The size of a chunk stands here.
    ChunkSize(usize),
    /// Trailer fields start here.
    Trailers(usize),
    /// The message has this many bytes.
    Until(usize),
    /// The message ends with the connection.
    End,
}

/// How the body is delimited.
enum Body {
    Length(usize),
    Chunked,
    UntilEnd,
}

impl Framer {
    pub(super) fn new(expected: Expected, bounds: Bounds) -> Self {
        Self { expected, bounds, state: State::Head, head: None, searched: 0 }
    }

    /// What the head says, once it is there.
    pub(super) fn head(&self) -> Option<Head> {
        self.head
    }

    /// The length of the message at the start of `bytes`, once it is there in whole.
    ///
    /// Each call gets the bytes of the one before, and more.
    pub(super) fn advance(&mut self, bytes: &[u8]) -> Result<Option<usize>, FramingError> {
        loop {
            match self.state {
                State::Head => match self.find_head(bytes)? {
                    Some(next) => self.state = next,
                    None => return Ok(None),
                },
                State::ChunkSize(at) => {
                    let Some((size, line)) = chunk_size(bytes, at)? else { return Ok(None) };
                    let data = at + line;
                    if size == 0 {
                        self.state = State::Trailers(data);
                        continue;
                    }
                    // Behind the data stands an empty line.
                    let end =
                        usize::try_from(size).ok().and_then(|size| data.checked_add(size)?.checked_add(2));
                    let end = end.ok_or(FramingError::BodyTooLarge(self.bounds.body))?;
                    self.check(end)?;
                    if bytes.len() < end {
                        return Ok(None);
                    }
                    if bytes.get(end - 2..end) != Some(b"\r\n") {
                        return Err(FramingError::Chunk(end - 2));
                    }
                    self.state = State::ChunkSize(end);
                }
                State::Trailers(at) => {
                    let rest = bytes.get(at..).unwrap_or_default();
                    let Some(line) = rest.windows(2).position(|window| window == b"\r\n") else {
                        self.check(bytes.len())?;
                        return Ok(None);
                    };
                    self.state =
                        if line == 0 { State::Until(at + 2) } else { State::Trailers(at + line + 2) };
                }
                State::Until(length) => return Ok((bytes.len() >= length).then_some(length)),
                State::End => {
                    self.check(bytes.len())?;
                    return Ok(None);
                }
            }
        }
    }

    /// Whether the bytes are a whole message now that the connection has ended.
    pub(super) fn is_whole_at_end(&self) -> bool {
        matches!(self.state, State::End)
    }

    fn find_head(&mut self, bytes: &[u8]) -> Result<Option<State>, FramingError> {
        let start = self.searched.saturating_sub(3);
        let tail = bytes.get(start..).unwrap_or_default();
        let end = tail.windows(4).position(|window| window == b"\r\n\r\n").map(|at| start + at + 4);
        self.searched = bytes.len();
        if end.unwrap_or(bytes.len()) > self.bounds.head {
            return Err(FramingError::HeadTooLarge(self.bounds.head));
        }
        let Some(length) = end else { return Ok(None) };
        let raw = bytes.get(..length).unwrap_or_default();
        let (mut head, body) = match self.expected {
            Expected::Request => request_head(raw)?,
            Expected::Response { to_head } => response_head(raw, to_head)?,
        };
        head.length = length;
        let state = match body {
            Body::Length(body) => {
                let end = length.checked_add(body).ok_or(FramingError::BodyTooLarge(self.bounds.body))?;
                self.head = Some(head);
                self.check(end)?;
                State::Until(end)
            }
            Body::Chunked => State::ChunkSize(length),
            Body::UntilEnd => {
                head.closes = true;
                State::End
            }
        };
        self.head = Some(head);
        Ok(Some(state))
    }

    /// Whether a message of this length is small enough.
    fn check(&self, length: usize) -> Result<(), FramingError> {
        let body = length.saturating_sub(self.head.map_or(0, |head| head.length));
        if body > self.bounds.body { Err(FramingError::BodyTooLarge(self.bounds.body)) } else { Ok(()) }
    }
}

/// A request with another value of its `Host` field, the name as it was written; `None` where it has none.
pub(super) fn with_host(raw: &[u8], host: &str) -> Option<Vec<u8>> {
    let mut at = 0;
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        if line == b"\r\n" {
            return None;
        }
        if name.eq_ignore_ascii_case(b"host") && name.len() < line.len() {
            let (before, rest) = (raw.get(..at + name.len())?, raw.get(at + line.len()..)?);
            return Some([before, b": ", host.as_bytes(), b"\r\n", rest].concat());
        }
        at += line.len();
    }
    None
}

fn request_head(raw: &[u8]) -> Result<(Head, Body), FramingError> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    request.parse(raw).map_err(FramingError::Head)?;
    let expects_continue =
        values(request.headers, "Expect").any(|value| value.eq_ignore_ascii_case("100-continue"));
    let head = Head { is_head: request.method == Some("HEAD"), expects_continue, ..Head::default() };
    // A request without either has no body.
    let body = delimiter(request.headers)?.unwrap_or(Body::Length(0));
    Ok((head, body))
}

fn response_head(raw: &[u8], to_head: bool) -> Result<(Head, Body), FramingError> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS];
    let mut response = httparse::Response::new(&mut fields);
    httparse::ParserConfig::default().parse_response(&mut response, raw).map_err(FramingError::Head)?;
    let status = response.code;
    let bodiless = to_head || matches!(status, Some(100..=199 | 204 | 304));
    let body = match delimiter(response.headers)? {
        _ if bodiless => Body::Length(0),
        Some(body) => body,
        None => Body::UntilEnd,
    };
    let mut options = values(response.headers, "Connection").flat_map(|value| value.split(','));
    let closes = options.any(|option| option.trim().eq_ignore_ascii_case("close"));
    Ok((Head { status, closes, ..Head::default() }, body))
}

/// RFC 9112 section 6.3: a transfer coding counts more than a length.
fn delimiter(fields: &[httparse::Header<'_>]) -> Result<Option<Body>, FramingError> {
    if let Some(coding) = values(fields, "Transfer-Encoding").last() {
        let chunked =
            coding.rsplit(',').next().is_some_and(|last| last.trim().eq_ignore_ascii_case("chunked"));
        return Ok(Some(if chunked { Body::Chunked } else { Body::UntilEnd }));
    }
    let mut length = None;
    for value in values(fields, "Content-Length").flat_map(|value| value.split(',')) {
        let digits = value.trim();
        let number = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<usize>().ok());
        let number = number.flatten().ok_or(FramingError::ContentLength)?;
        if length.is_some_and(|other| other != number) {
            return Err(FramingError::ContentLength);
        }
        length = Some(number);
    }
    Ok(length.map(Body::Length))
}

fn values<'h>(fields: &'h [httparse::Header<'_>], name: &'h str) -> impl Iterator<Item = &'h str> {
    fields
        .iter()
        .filter(move |field| field.name.eq_ignore_ascii_case(name))
        .map(|field| std::str::from_utf8(field.value).unwrap_or("?").trim())
}

/// The size of the chunk that starts at `at`, and the length of the line that says it.
fn chunk_size(bytes: &[u8], at: usize) -> Result<Option<(u64, usize)>, FramingError> {
    let line = bytes.get(at..).unwrap_or_default();
    let line = line.get(..CHUNK_LINE).unwrap_or(line);
    match httparse::parse_chunk_size(line) {
        Ok(httparse::Status::Complete((length, size))) => Ok(Some((size, length))),
        Ok(httparse::Status::Partial) if line.len() < CHUNK_LINE => Ok(None),
        _ => Err(FramingError::Chunk(at)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    const BOUNDS: Bounds = Bounds { head: 200, body: 30 };
    const RESPONSE: Expected = Expected::Response { to_head: false };

    #[rstest]
    #[case::length(Expected::Request, "POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\nabc")]
    #[case::no_body(Expected::Request, "GET /?wsdl HTTP/1.1\r\nHost: x\r\n\r\n")]
    #[case::chunked(
        Expected::Request,
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n"
    )]
    #[case::trailers(
        RESPONSE,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n1\r\na\r\n0\r\nA: b\r\nC: d\r\n\r\n"
    )]
    #[case::twice_the_same(RESPONSE, "HTTP/1.0 200\r\nContent-Length: 1\r\nContent-Length: 1, 1\r\n\r\na")]
    #[case::no_content(RESPONSE, "HTTP/1.1 204 No Content\r\n\r\n")]
    #[case::interim(RESPONSE, "HTTP/1.1 100 Continue\r\n\r\n")]
    #[case::to_head(Expected::Response { to_head: true }, "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")]
    fn finds_the_end(#[case] expected: Expected, #[case] message: &str) {
        for behind in ["", "HTTP/1.1 next"] {
            let bytes = format!("{message}{behind}");
            let mut framer = Framer::new(expected, BOUNDS);
            let lengths: Vec<_> =
                (0..=message.len()).map(|end| framer.advance(&bytes.as_bytes()[..end]).unwrap()).collect();
            assert_eq!(lengths[..message.len()], vec![None; message.len()], "{message}");
            assert_eq!(lengths[message.len()], Some(message.len()), "{message}");
            assert_eq!(Framer::new(expected, BOUNDS).advance(bytes.as_bytes()), Ok(Some(message.len())));
        }
    }

    #[test]
    fn a_response_may_end_with_the_connection() {
        let mut framer = Framer::new(RESPONSE, BOUNDS);
        assert_eq!(framer.advance(b"HTTP/1.1 200 OK\r\n\r\nabc"), Ok(None));
        assert!(framer.is_whole_at_end() && framer.head().unwrap().closes);
        let mut framer = Framer::new(RESPONSE, BOUNDS);
        assert_eq!(framer.advance(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc"), Ok(None));
        assert!(!framer.is_whole_at_end());
    }

    #[test]
    fn knows_who_waits_to_go_on() {
        let mut framer = Framer::new(Expected::Request, BOUNDS);
        let head = b"POST / HTTP/1.1\r\nContent-Length: 3\r\nexpect: 100-Continue\r\n\r\n";
        assert_eq!(framer.advance(head), Ok(None));
        assert!(framer.head().unwrap().expects_continue);
    }

    #[rstest]
    #[case::text("hello world, this is no HTTP\r\n\r\n", FramingError::Head(httparse::Error::Version))]
    #[case::length("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", FramingError::ContentLength)]
    #[case::lengths("POST / HTTP/1.1\r\nContent-Length: 1, 2\r\n\r\n", FramingError::ContentLength)]
    #[case::sign("POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n", FramingError::ContentLength)]
    #[case::chunk("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", FramingError::Chunk(47))]
    #[case::chunk_end(
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc",
        FramingError::Chunk(51)
    )]
    #[case::body("POST / HTTP/1.1\r\nContent-Length: 31\r\n\r\n", FramingError::BodyTooLarge(30))]
    #[case::huge(
        "POST / HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\n",
        FramingError::BodyTooLarge(30)
    )]
    #[case::huge_chunk(
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
        FramingError::BodyTooLarge(30)
    )]
    fn refuses(#[case] message: &str, #[case] error: FramingError) {
        assert_eq!(Framer::new(Expected::Request, BOUNDS).advance(message.as_bytes()), Err(error));
    }

    #[rstest]
    #[case(
        "POST / HTTP/1.1\r\nA: b\r\nhOST:x\r\nC: d\r\n\r\nHost: y\r\n",
        "POST / HTTP/1.1\r\nA: b\r\nhOST: h:1\r\nC: d\r\n\r\nHost: y\r\n"
    )]
    #[case("POST / HTTP/1.0\r\nA: b\r\n\r\nHost: y\r\n", "")]
    fn the_host_is_another(#[case] before: &str, #[case] after: &str) {
        let found = with_host(before.as_bytes(), "h:1").unwrap_or_default();
        assert_eq!(String::from_utf8(found).unwrap(), after);
    }

    #[test]
    fn a_head_has_its_limit() {
        let head = vec![b'a'; 201];
        let error = Framer::new(Expected::Request, BOUNDS).advance(&head).unwrap_err();
        assert_eq!(error, FramingError::HeadTooLarge(200));
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(bytes in "(POST / HTTP/1.1\r\n)?[A-C0-9: \r\n]{0,60}", cut in 0_usize..80) {
            let bytes = bytes.as_bytes();
            let whole = Framer::new(Expected::Request, BOUNDS).advance(bytes);
            let mut framer = Framer::new(Expected::Request, BOUNDS);
            let pieces = match framer.advance(&bytes[..cut.min(bytes.len())]) {
                Ok(None) => framer.advance(bytes),
                other => other,
            };
            prop_assert_eq!(whole, pieces);
        }
    }
}
