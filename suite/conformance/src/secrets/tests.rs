use rstest::rstest;

use super::*;
use crate::recording::{Exchange, Recording, Scenario, Silence, TimelineEntry};

const SECURITY: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const TRUST: &str = "http://schemas.xmlsoap.org/ws/2005/02/trust";

fn message(fields: &str, body: &[u8]) -> HttpMessage {
    let mut raw = format!("POST / HTTP/1.1\r\n{fields}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    raw.extend_from_slice(body);
    HttpMessage::parse(&raw).unwrap()
}

/// The body with `[]` in the place of each secret.
fn hidden(body: &str) -> String {
    let message = message("", body.as_bytes());
    let mut shown = String::new();
    let mut at = 0;
    for range in in_body(&message) {
        shown.push_str(&body[at..range.start]);
        shown.push_str("[]");
        at = range.end;
    }
    shown + &body[at..]
}

#[rstest]
#[case::header("<o:Security>a<b/></o:Security>", "<o:Security>[]</o:Security>")]
#[case::other_prefix("<p:Password xmlns:p='S'>a</p:Password>", "<p:Password xmlns:p='S'>[]</p:Password>")]
#[case::no_prefix("<Password xmlns='S'>a</Password>", "<Password xmlns='S'>[]</Password>")]
#[case::same_local_name("<Password>open</Password>", "<Password>open</Password>")]
#[case::same_prefix(
    "<o:Security xmlns:o='urn:x'>open</o:Security>",
    "<o:Security xmlns:o='urn:x'>open</o:Security>"
)]
#[case::deep(
    "<a><b><t:BinarySecret>a</t:BinarySecret></b>c</a>",
    "<a><b><t:BinarySecret>[]</t:BinarySecret></b>c</a>"
)]
#[case::values("<t:Entropy Id='a' s:mustUnderstand='1'/>", "<t:Entropy Id='[]' s:mustUnderstand='1'/>")]
#[case::value_anywhere("<a o:Password='a' Password='open'/>", "<a o:Password='[]' Password='open'/>")]
#[case::addresses("<a>http://me:secret@host/</a>", "<a>http://[]@host/</a>")]
#[case::no_address("<a>http://host:80/?mail=me@host</a>", "<a>http://host:80/?mail=me@host</a>")]
fn by_qualified_names(#[case] inner: &str, #[case] expected: &str) {
    let wrap = |inner: &str| {
        format!(
            "<e xmlns:o='{SECURITY}' xmlns:t='{TRUST}' xmlns:s='http://www.w3.org/2003/05/soap-envelope'>{}</e>",
            inner.replace("='S'", &format!("='{SECURITY}'"))
        )
    };
    assert_eq!(hidden(&wrap(inner)), wrap(expected));
}

#[rstest]
#[case::tail("<e><a>open</a><o:Security>secret<", "<e><a>open</a>[]")]
#[case::open("<e xmlns:o='S'><o:Security><a>secret</b>", "<e xmlns:o='S'><o:Security>[]")]
#[case::harmless("<e><a>open</b></e>", "<e><a>open</b></e>")]
#[case::no_xml("BinarySecret secret", "[]")]
fn what_cannot_be_read(#[case] body: &str, #[case] expected: &str) {
    let namespace = |text: &str| text.replace("='S'", &format!("='{SECURITY}'"));
    assert_eq!(hidden(&namespace(body)), namespace(expected));
}

#[test]
fn a_coded_body_is_hidden() {
    let ranges = in_body(&message("Content-Encoding: gzip\r\n", b"\x01\x02"));
    assert_eq!(ranges.first(), Some(&(0..2)));
}

#[rstest]
#[case("Basic c2VjcmV0", "Basic redacted")]
#[case("session=secret; b=c", "redacted")]
#[case("secret", "redacted")]
fn values_of_fields(#[case] value: &str, #[case] expected: &str) {
    assert_eq!(shown_value(value), expected);
}

/// Secrets are overwritten where they are, in every encoding; all else keeps its place.
#[rstest]
#[case::utf8(|text: &str| text.as_bytes().to_vec())]
#[case::utf8_with_mark(|text: &str| format!("\u{feff}{text}").into_bytes())]
#[case::little(|text: &str| format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect())]
#[case::big(|text: &str| format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect())]
fn masks_in_place(#[case] encode: fn(&str) -> Vec<u8>) {
    let text = |secret: &str, value: &str, data: &str| {
        format!(
            "<e xmlns:o='{SECURITY}'><!-- ö --><o:Security><p Id='{value}'>{secret} {secret}</p>\
             <![CDATA[{data}]]></o:Security><c/></e>"
        )
    };
    let recording = |body: Vec<u8>| {
        let exchange = Exchange {
            number: 1,
            request: message("Authorization: Basic c2VjcmV0\r\n", &body),
            request_delivered: true,
            request_altered: None,
            response: None,
            response_delivered: false,
            response_altered: None,
            silence: Silence::Closed,
            copies: Vec::new(),
            timing: TimelineEntry::default(),
        };
        Recording::new(Scenario::default(), vec![exchange])
    };
    let secret = recording(encode(&text("secret", "_1", "data")));
    let masked = masked(&secret).unwrap();
    let request = &masked.exchanges()[0].request;
    assert_eq!(request.field("Authorization"), Some("Basic redacted"));
    assert_eq!(request.body(), encode(&text("xxxxxx", "xx", "xxxx")));
}
