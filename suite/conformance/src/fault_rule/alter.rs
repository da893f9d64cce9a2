//! Messages that arrive as another than was sent.

use std::ops::Range;

use fastrand::Rng;

use crate::recording::HttpMessage;

/// Changes `count` bytes of the body, from `at` on or anywhere; framing stays as it is. `None` without a body.
pub(super) fn corrupt(raw: &[u8], count: u32, at: Option<usize>, random: &mut Rng) -> Option<Vec<u8>> {
    let places: Vec<usize> = body_ranges(raw)?.into_iter().flatten().collect();
    let mut altered = raw.to_vec();
    let mut chosen = Vec::new();
    match at {
        Some(at) => chosen.extend(places.iter().skip(at).take(usize::try_from(count).ok()?)),
        None => {
            let mut left = places;
            for _ in 0..count {
                if !left.is_empty() {
                    chosen.push(left.swap_remove(random.usize(..left.len())));
                }
            }
        }
    }
    for place in &chosen {
        if let Some(byte) = altered.get_mut(*place) {
            *byte ^= 1 << random.u8(..8);
        }
    }
    (!chosen.is_empty()).then_some(altered)
}

/// Replaces a text in the body, once or wherever it stands; `None` where it does not.
pub(super) fn rewrite_text(message: &HttpMessage, from: &str, to: &str, all: bool) -> Option<Vec<u8>> {
    let body = message.body();
    let mut altered = Vec::with_capacity(body.len());
    let mut rest = body;
    let mut found = false;
    while let Some(at) = find(rest, from.as_bytes()).filter(|_| all || !found) {
        altered.extend_from_slice(rest.get(..at)?);
        altered.extend_from_slice(to.as_bytes());
        rest = rest.get(at + from.len()..)?;
        found = true;
    }
    altered.extend_from_slice(rest);
    found.then(|| message.with_body(&altered))
}

/// Whether a text stands in the body.
pub(super) fn has_text(message: &HttpMessage, text: &str) -> bool {
    find(message.body(), text.as_bytes()).is_some()
}

/// The message with another status code and its usual words.
pub(super) fn rewrite_status(raw: &[u8], status: u16) -> Option<Vec<u8>> {
    let line = find(raw, b"\r\n")?;
    let version = raw.get(..find(raw, b" ")?)?;
    let mut altered = version.to_vec();
    altered.extend_from_slice(format!(" {status} {}", reason(status)).as_bytes());
    altered.extend_from_slice(raw.get(line..)?);
    Some(altered)
}

/// An empty response.
pub(super) fn answer(status: u16) -> Vec<u8> {
    format!("HTTP/1.1 {status} {}\r\nContent-Length: 0\r\n\r\n", reason(status)).into_bytes()
}

/// Where the bytes of the body stand, the sizes of chunks left out.
fn body_ranges(raw: &[u8]) -> Option<Vec<Range<usize>>> {
    let head = find(raw, b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(raw.get(..head)?).ok()?.to_ascii_lowercase();
    let chunked = text.lines().any(|line| {
        line.strip_prefix("transfer-encoding:").is_some_and(|coding| coding.trim().ends_with("chunked"))
    });
    if !chunked {
        return Some(std::iter::once(head..raw.len()).collect());
    }
    let mut ranges = Vec::new();
    let mut at = head;
    loop {
        let line = find(raw.get(at..)?, b"\r\n")?;
        let size = std::str::from_utf8(raw.get(at..at + line)?).ok()?.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        if size == 0 {
            return Some(ranges);
        }
        let data = at + line + 2;
        ranges.push(data..data.checked_add(size)?);
        at = data.checked_add(size)?.checked_add(2)?;
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len().max(1)).position(|window| window == wanted)
}

/// The words of RFC 9110 section 15, for the codes that SOAP peers meet.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nX: 1\r\n\r\nabcabc";
    const CHUNKED: &[u8] =
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n4;x\r\ncabc\r\n0\r\n\r\n";

    #[test]
    fn corrupts_the_body_and_nothing_else() {
        for raw in [PLAIN, CHUNKED] {
            for seed in 0..50 {
                let altered = corrupt(raw, 3, None, &mut Rng::with_seed(seed)).unwrap();
                let different = raw.iter().zip(&altered).filter(|(before, after)| before != after).count();
                assert_eq!((different, altered.len()), (3, raw.len()));
                let message = HttpMessage::parse(&altered).unwrap();
                assert_eq!(message.body().len(), 6);
                assert_eq!(altered, corrupt(raw, 3, None, &mut Rng::with_seed(seed)).unwrap());
            }
        }
        let altered = corrupt(CHUNKED, 2, Some(1), &mut Rng::with_seed(1)).unwrap();
        let body = HttpMessage::parse(&altered).unwrap().body().to_vec();
        assert!(body[0] == b'a' && body[1] != b'b' && body[2] != b'c' && &body[3..] == b"abc");
        assert_eq!(corrupt(b"HTTP/1.1 202 Accepted\r\n\r\n", 1, None, &mut Rng::with_seed(1)), None);
        assert_eq!(corrupt(PLAIN, 1, Some(6), &mut Rng::with_seed(1)), None);
    }

    #[test]
    fn rewrites_texts() {
        let rewrite = |raw, from, to, all| {
            let altered = rewrite_text(&HttpMessage::parse(raw).unwrap(), from, to, all)?;
            Some(String::from_utf8(altered).unwrap())
        };
        assert_eq!(
            rewrite(PLAIN, "bc", "", false).unwrap(),
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX: 1\r\n\r\naabc"
        );
        assert_eq!(
            rewrite(CHUNKED, "b", "<b/>", true).unwrap(),
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nc\r\na<b/>ca<b/>c\r\n0\r\n\r\n"
        );
        assert_eq!(rewrite(PLAIN, "x", "y", true), None);
    }

    #[test]
    fn rewrites_the_status_line_only() {
        let altered = rewrite_status(PLAIN, 503).unwrap();
        assert_eq!(
            String::from_utf8(altered).unwrap(),
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 6\r\nX: 1\r\n\r\nabcabc"
        );
    }
}
