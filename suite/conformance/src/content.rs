//! What the body of an HTTP message is, before anybody asks what it means.

use wsrm_wire::{Envelope, Infoset, InfosetError, Limits, ReadError, WireProfile};

use crate::recording::HttpMessage;

/// The body of an HTTP message, by kind.
#[derive(Debug)]
pub enum Content<'a> {
    /// No body.
    Empty,
    /// A SOAP envelope. [`Content::envelope`] gives its meaning.
    Soap(Infoset<'a>),
    /// XML that is no SOAP envelope; the local name of its root.
    Xml(String),
    /// XML that cannot be read, and why.
    BrokenXml(InfosetError),
    /// Fast Infoset (ITU-T X.891), a binary form of XML.
    FastInfoset,
    /// A MIME package: MTOM, or SOAP with attachments.
    Multipart,
    /// HTML.
    Html,
    /// Text that is no markup.
    Text,
    /// Bytes that are no text.
    Binary,
}

impl<'a> Content<'a> {
    /// What the body of `message` is.
    pub fn of(message: &'a HttpMessage) -> Self {
        Self::of_bytes(message.body(), message.field("Content-Type"))
    }

    /// What these bytes are. The bytes count more than `content_type`, which may lie.
    pub fn of_bytes(bytes: &'a [u8], content_type: Option<&str>) -> Self {
        let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let media_type = media_type.to_ascii_lowercase();
        if bytes.is_empty() {
            return Self::Empty;
        }
        if bytes.starts_with(b"\xe0\x00\x00\x01") || media_type.ends_with("fastinfoset") {
            return Self::FastInfoset;
        }
        if media_type.starts_with("multipart/") {
            return Self::Multipart;
        }
        Self::of_text(bytes, &media_type)
    }

    fn of_text(bytes: &'a [u8], media_type: &str) -> Self {
        let start: Vec<u8> = bytes
            .iter()
            .copied()
            .filter(|byte| !byte.is_ascii_whitespace())
            .take(16)
            .map(|byte| byte.to_ascii_lowercase())
            .collect();
        let is_html = start.starts_with(b"<html") || start.starts_with(b"<!doctypehtml");
        if is_html || (media_type == "text/html" && start.first() == Some(&b'<')) {
            return Self::Html;
        }
        match Infoset::read(bytes, &Limits::default()) {
            Ok(infoset) if WireProfile::detect(&infoset).is_ok() => Self::Soap(infoset),
            Ok(infoset) => Self::Xml(root_name(infoset.source())),
            Err(error) if looks_like_xml(bytes) => Self::BrokenXml(error),
            Err(_) if std::str::from_utf8(bytes).is_ok() => Self::Text,
            Err(_) => Self::Binary,
        }
    }

    /// The meaning of a SOAP envelope, in the versions in which it is written; `None` for anything else.
    pub fn envelope(&self) -> Option<Result<Envelope<'_>, ReadError>> {
        match self {
            Self::Soap(infoset) => {
                Some(WireProfile::detect(infoset).and_then(|profile| Envelope::read(infoset, profile)))
            }
            _ => None,
        }
    }

    /// What it is, in words; a SOAP envelope or an empty body needs none.
    pub fn words(&self) -> Option<String> {
        Some(match self {
            Self::Empty | Self::Soap(_) => return None,
            Self::Xml(root) if root == "definitions" => "a WSDL document".to_owned(),
            Self::Xml(root) => format!("XML that is no SOAP envelope: its root is {root}"),
            Self::BrokenXml(error) => format!("XML that cannot be read: {error}"),
            Self::FastInfoset => {
                "Fast Infoset, a binary form of XML that wsrm does not read; have the sender write text"
                    .to_owned()
            }
            Self::Multipart => "a MIME package (MTOM or attachments), which wsrm does not read".to_owned(),
            Self::Html => "an HTML page, no SOAP message".to_owned(),
            Self::Text => "text, no SOAP message".to_owned(),
            Self::Binary => "bytes that are no text, no SOAP message".to_owned(),
        })
    }
}

/// UTF-8 or UTF-16 that starts with `<`, behind a byte order mark and white space.
fn looks_like_xml(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .find(|byte| !byte.is_ascii_whitespace() && !matches!(byte, 0 | 0xef | 0xbb | 0xbf | 0xfe | 0xff))
        == Some(&b'<')
}

/// The local name of the root element of a document that is known to be well-formed.
fn root_name(source: &str) -> String {
    let mut rest = source;
    loop {
        let Some(at) = rest.find('<') else { return String::new() };
        rest = rest.get(at + 1..).unwrap_or_default();
        let skip = match rest.as_bytes() {
            [b'?', ..] => rest.find("?>"),
            [b'!', b'-', b'-', ..] => rest.find("-->"),
            _ => {
                let name = rest.split([' ', '\t', '\r', '\n', '/', '>']).next().unwrap_or_default();
                return name.rsplit(':').next().unwrap_or_default().to_owned();
            }
        };
        rest = skip.and_then(|end| rest.get(end..)).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::definitions(b"<?xml version='1.0'?><w:definitions xmlns:w='u'/>", None, "a WSDL document")]
    #[case::other(b"<a/>", None, "XML that is no SOAP envelope: its root is a")]
    #[case::html(b"  <!DOCTYPE html><html>", Some("text/xml"), "an HTML page, no SOAP message")]
    #[case::loose_html(b"<p>hello", Some("text/html; charset=utf-8"), "an HTML page, no SOAP message")]
    #[case::text(b"hello", Some("application/soap+xml"), "text, no SOAP message")]
    #[case::binary(b"\x00\xff\x17", None, "bytes that are no text, no SOAP message")]
    #[case::multipart(
        b"--x",
        Some("multipart/related; boundary=x"),
        "a MIME package (MTOM or attachments), which wsrm does not read"
    )]
    fn says_what_it_is(#[case] bytes: &[u8], #[case] content_type: Option<&str>, #[case] words: &str) {
        assert_eq!(Content::of_bytes(bytes, content_type).words().as_deref(), Some(words));
    }

    #[rstest]
    #[case::by_bytes(b"\xe0\x00\x00\x01\x00", None)]
    #[case::by_type(b"x", Some("application/soap+fastinfoset;action=\"a\""))]
    fn knows_fast_infoset(#[case] bytes: &[u8], #[case] content_type: Option<&str>) {
        assert!(matches!(Content::of_bytes(bytes, content_type), Content::FastInfoset));
    }

    #[test]
    fn broken_xml_says_where() {
        let words = Content::of_bytes(b"<a><b></a>", None).words().unwrap();
        assert!(words.starts_with("XML that cannot be read: "), "{words}");
    }
}
