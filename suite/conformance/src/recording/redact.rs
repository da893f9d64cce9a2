//! Secrets in messages: what is not written down.

use std::ops::Range;

use wsrm_wire::infoset::Encoding;
use wsrm_wire::{Element, Infoset, Limits};

use super::HttpMessage;

/// Header fields that carry credentials. Of their values the first word stays, which names the scheme.
const FIELDS: [&str; 7] = [
    "authorization",
    "proxy-authorization",
    "www-authenticate",
    "proxy-authenticate",
    "authentication-info",
    "cookie",
    "set-cookie",
];

/// Elements that carry credentials, by namespace: WS-Security of OASIS and its drafts, WS-Trust.
const ELEMENTS: [(&str, &[&str]); 5] = [
    (
        "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
        &["Security", "UsernameToken", "BinarySecurityToken"],
    ),
    ("http://schemas.xmlsoap.org/ws/2002/07/secext", &["Security", "UsernameToken", "BinarySecurityToken"]),
    ("http://schemas.xmlsoap.org/ws/2003/06/secext", &["Security", "UsernameToken", "BinarySecurityToken"]),
    (
        "http://schemas.xmlsoap.org/ws/2005/02/trust",
        &["RequestedSecurityToken", "RequestedProofToken", "BinarySecret", "BinaryExchange", "Entropy"],
    ),
    (
        "http://docs.oasis-open.org/ws-sx/ws-trust/200512",
        &["RequestedSecurityToken", "RequestedProofToken", "BinarySecret", "BinaryExchange", "Entropy"],
    ),
];

/// What stands in the place of a secret.
const REDACTED: &str = "redacted";
/// What stands in the place of a body that cannot be read and may hold secrets.
const REDACTED_BODY: &str = "redacted: it cannot be read and may hold secrets";

/// The message on the wire without its secrets; `None` where it has none.
pub(super) fn redacted(message: &HttpMessage) -> Option<Vec<u8>> {
    let body = match hides_words(message) && !message.body().is_empty() {
        true => Some(REDACTED_BODY.into()),
        false => redacted_body(message.body()),
    };
    let fields = message.fields().iter().any(|(name, _)| is_secret(name));
    let raw = match &body {
        Some(body) => message.with_body(body),
        None if fields => message.raw().to_vec(),
        None => return None,
    };
    Some(if fields { redacted_fields(&raw) } else { raw })
}

/// Whether the body is compressed, or in WCF's binary encoding, whose dictionary stands for the names of elements.
fn hides_words(message: &HttpMessage) -> bool {
    let encoded =
        message.field("Content-Encoding").is_some_and(|coding| !coding.eq_ignore_ascii_case("identity"));
    let binary =
        message.field("Content-Type").is_some_and(|kind| kind.to_ascii_lowercase().contains("msbin"));
    encoded || binary
}

fn is_secret(name: &str) -> bool {
    FIELDS.iter().any(|field| field.eq_ignore_ascii_case(name))
}

fn redacted_fields(raw: &[u8]) -> Vec<u8> {
    let end = raw.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(raw.len());
    let (head, rest) = raw.split_at(end);
    let mut redacted = Vec::with_capacity(raw.len());
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        let text = String::from_utf8_lossy(line);
        match text.split_once(':') {
            Some((name, value)) if is_secret(name.trim()) => {
                let scheme = match value.trim().split_once(' ') {
                    Some((scheme, _)) if !scheme.contains(['=', ';']) => format!("{scheme} "),
                    _ => String::new(),
                };
                let end = if text.ends_with('\n') { "\r\n" } else { "" };
                redacted.extend_from_slice(format!("{name}: {scheme}{REDACTED}{end}").as_bytes());
            }
            _ => redacted.extend_from_slice(line),
        }
    }
    redacted.extend_from_slice(rest);
    redacted
}

fn redacted_body(body: &[u8]) -> Option<Vec<u8>> {
    let Ok(infoset) = Infoset::read(body, &Limits::default()) else {
        return speaks_of_security(body).then(|| REDACTED_BODY.into());
    };
    let mut spans = Vec::new();
    find(infoset.root(), &mut spans);
    if spans.is_empty() {
        return None;
    }
    let mark: Vec<u8> = match infoset.encoding() {
        Encoding::Utf8 | Encoding::Utf8WithMark => REDACTED.into(),
        Encoding::Utf16LittleEndian => REDACTED.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Encoding::Utf16BigEndian => REDACTED.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    };
    let mut redacted = Vec::with_capacity(body.len());
    let mut at = 0;
    for span in spans {
        let (start, end) = (infoset.document_offset(span.start), infoset.document_offset(span.end));
        redacted.extend_from_slice(body.get(at..start).unwrap_or_default());
        redacted.extend_from_slice(&mark);
        at = end;
    }
    redacted.extend_from_slice(body.get(at..).unwrap_or_default());
    Some(redacted)
}

/// The contents of secret elements, in order, none inside another. The depth is bounded by the reader's limits.
fn find(element: Element<'_>, spans: &mut Vec<Range<usize>>) {
    let secret =
        ELEMENTS.iter().any(|(namespace, names)| names.iter().any(|name| element.is(namespace, name)));
    if secret {
        let span = element.content_span();
        if !span.is_empty() {
            spans.push(span);
        }
        return;
    }
    for child in element.elements() {
        find(child, spans);
    }
}

/// Whether the name of a secret element stands there, in UTF-8, UTF-16 or Fast Infoset.
fn speaks_of_security(body: &[u8]) -> bool {
    let text: Vec<u8> = body.iter().copied().filter(|byte| *byte != 0).collect();
    let mut names = ELEMENTS.iter().flat_map(|(_, names)| names.iter());
    names.any(|name| text.windows(name.len()).any(|window| window == name.as_bytes()))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn message(fields: &str, body: &str) -> HttpMessage {
        let raw = format!("POST / HTTP/1.1\r\n{fields}Content-Length: {}\r\n\r\n{body}", body.len());
        HttpMessage::parse(raw.as_bytes()).unwrap()
    }

    fn redact(fields: &str, body: &str) -> Option<String> {
        let raw = redacted(&message(fields, body))?;
        HttpMessage::parse(&raw).unwrap();
        Some(String::from_utf8(raw).unwrap())
    }

    #[rstest]
    #[case("Authorization: Basic c2VjcmV0\r\n", "Authorization: Basic redacted\r\n")]
    #[case("authorization:NTLM TlRMTVNT\r\n", "authorization: NTLM redacted\r\n")]
    #[case("Cookie: session=secret; b=c\r\n", "Cookie: redacted\r\n")]
    #[case("WWW-Authenticate: Negotiate\r\n", "WWW-Authenticate: redacted\r\n")]
    fn fields(#[case] field: &str, #[case] expected: &str) {
        let redacted = redact(&format!("Host: h\r\n{field}"), "<a/>").unwrap();
        let wanted = format!("POST / HTTP/1.1\r\nHost: h\r\n{expected}Content-Length: 4\r\n\r\n<a/>");
        assert_eq!(redacted, wanted);
    }

    #[test]
    fn elements_by_their_qualified_names() {
        let body = "<e xmlns:o='http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd' \
                    xmlns:t='http://schemas.xmlsoap.org/ws/2005/02/trust'><o:Security must='1'><o:UsernameToken>\
                    secret</o:UsernameToken></o:Security><Security>open</Security><b><t:Entropy><t:BinarySecret>\
                    secret</t:BinarySecret></t:Entropy><t:BinarySecret/></b></e>";
        let redacted = redact("", body).unwrap();
        assert!(redacted.contains("<o:Security must='1'>redacted</o:Security><Security>open</Security>"));
        assert!(redacted.contains("<b><t:Entropy>redacted</t:Entropy><t:BinarySecret/></b></e>"));
        assert!(!redacted.contains("secret<"));
    }

    #[test]
    fn what_cannot_be_read_is_not_trusted() {
        let redacted = redact("", "<e><o:Security>secret<").unwrap();
        assert!(redacted.ends_with(REDACTED_BODY), "{redacted}");
        assert_eq!(redact("", "<e>broken"), None);
        assert_eq!(redact("", "\u{1}xmlns wssecurity-secext"), None, "a namespace is no element");
        for field in ["Content-Encoding: gzip\r\n", "Content-Type: application/soap+msbin1\r\n"] {
            assert!(redact(field, "\u{1}\u{2}").unwrap().ends_with(REDACTED_BODY));
            assert_eq!(redact(field, ""), None);
        }
    }

    #[test]
    fn utf_16_too() {
        let namespace = ELEMENTS[0].0;
        let text = format!("\u{feff}<Security xmlns='{namespace}'>secret</Security>");
        let body: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let redacted = redacted_body(&body).unwrap();
        let units: Vec<u16> = redacted.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        let expected = text.replace("secret", "redacted");
        assert_eq!(String::from_utf16(&units).unwrap(), expected);
    }

    #[test]
    fn a_message_without_secrets_stays_as_it_is() {
        assert_eq!(redact("Host: h\r\n", "<Security/>"), None);
    }
}
