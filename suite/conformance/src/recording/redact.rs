//! Messages as they are written down: without their secrets.

use wsrm_wire::infoset::Encoding;
use wsrm_wire::{Infoset, Limits};

use super::HttpMessage;
use crate::content::Content;
use crate::secrets::{
    REDACTED, REDACTED_BODY, hides_words, in_body, is_secret_field, shown_value, speaks_of_security,
};

/// The message on the wire without its secrets; `None` where it has none.
pub(super) fn redacted(message: &HttpMessage) -> Option<Vec<u8>> {
    let body = match hides_words(message) && !message.body().is_empty() {
        true => Some(REDACTED_BODY.into()),
        false => redacted_body(message),
    };
    let fields = message.fields().iter().any(|(name, _)| is_secret_field(name));
    let raw = match &body {
        Some(body) => message.with_body(body),
        None if fields => message.raw().to_vec(),
        None => return None,
    };
    Some(if fields { redacted_fields(&raw) } else { raw })
}

impl HttpMessage {
    /// The message as it may be shown: `redacted` stands in the place of each secret, all else is as it was. A body in a
    /// binary form of XML is left as it is, since nothing of it is shown but what it is.
    #[must_use]
    pub fn shown(&self) -> Self {
        let fields = self.fields().iter().map(|(name, value)| {
            let value = if is_secret_field(name) { shown_value(value) } else { value.clone() };
            (name.clone(), value)
        });
        let body = match Content::of(self) {
            Content::Empty | Content::Binary | Content::FastInfoset => None,
            _ if hides_words(self) => Some(REDACTED_BODY.into()),
            _ => redacted_body(self),
        };
        let fields: Vec<_> = fields.collect();
        match body {
            None if fields == self.fields() => self.clone(),
            None => self.with_parts(fields, self.body().to_vec()),
            Some(body) => self.with_parts(fields, body),
        }
    }
}

fn redacted_fields(raw: &[u8]) -> Vec<u8> {
    let end = raw.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(raw.len());
    let (head, rest) = raw.split_at(end);
    let mut redacted = Vec::with_capacity(raw.len());
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        let text = String::from_utf8_lossy(line);
        match text.split_once(':') {
            Some((name, value)) if is_secret_field(name) => {
                let value = shown_value(value);
                let end = if text.ends_with('\n') { "\r\n" } else { "" };
                redacted.extend_from_slice(format!("{name}: {value}{end}").as_bytes());
            }
            _ => redacted.extend_from_slice(line),
        }
    }
    redacted.extend_from_slice(rest);
    redacted
}

fn redacted_body(message: &HttpMessage) -> Option<Vec<u8>> {
    let body = message.body();
    let Ok(infoset) = Infoset::read(body, &Limits::default()) else {
        return speaks_of_security(body).then(|| REDACTED_BODY.into());
    };
    let spans = in_body(message);
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
        redacted.extend_from_slice(body.get(at..span.start).unwrap_or_default());
        redacted.extend_from_slice(&mark);
        at = span.end;
    }
    redacted.extend_from_slice(body.get(at..).unwrap_or_default());
    Some(redacted)
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
        assert!(
            redacted.contains("<o:Security must='redacted'>redacted</o:Security><Security>open</Security>")
        );
        assert!(redacted.contains("<b><t:Entropy>redacted</t:Entropy><t:BinarySecret/></b></e>"));
        assert!(!redacted.contains("secret<"));
    }

    #[test]
    fn what_is_shown_is_as_it_was_but_for_its_secrets() {
        let namespace = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
        let body = format!("<e><o:Security xmlns:o='{namespace}'>secret</o:Security><b c='d'>open</b></e>");
        let told = message("Cookie: secret\r\nHost: h\r\n", &body).shown();
        assert_eq!(told.field("Cookie"), Some("redacted"));
        assert_eq!(told.field("Host"), Some("h"));
        assert_eq!(told.body(), body.replace("secret<", "redacted<").as_bytes());
        // A capture has the coding undone and keeps the field that speaks of it.
        let undone = message("Content-Encoding: gzip\r\n", &body).shown();
        assert_eq!(undone.body(), told.body());
        let still_coded = message("Content-Encoding: gzip\r\n", "\u{1f}secret").shown();
        assert_eq!(still_coded.body(), REDACTED_BODY.as_bytes());
        let plain = message("Host: h\r\n", "<e>open</e>");
        assert_eq!(plain.shown(), plain);
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
        use super::super::{Evidence, StartLine};
        let start = StartLine::Response { status: 200, reason: String::new() };
        let namespace = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
        let text = format!("\u{feff}<Security xmlns='{namespace}'>secret</Security>");
        let body: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let redacted =
            redacted_body(&HttpMessage::from_parts(start, Vec::new(), body, Evidence::Wire)).unwrap();
        let units: Vec<u16> = redacted.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        let expected = text.replace("secret", "redacted");
        assert_eq!(String::from_utf16(&units).unwrap(), expected);
    }

    #[test]
    fn a_message_without_secrets_stays_as_it_is() {
        assert_eq!(redact("Host: h\r\n", "<Security/>"), None);
    }
}
