//! Tags, text, attributes and numbers, escaped as .NET's text writer escapes them.

use super::Writer;
use crate::{AcknowledgementRange, Fragment, NamespaceBinding};

/// Appends `text` as element content. `<`, `>` and `&` become entities; control characters other than tab and
/// line feed become character references, so that a carriage return survives the next reader.
pub(super) fn escape_text(out: &mut Vec<u8>, text: &str) {
    escape(out, text, |byte| {
        (byte < b' ' && byte != b'\t' && byte != b'\n') | (byte == b'<') | (byte == b'>') | (byte == b'&')
    });
}

/// Appends `value` as the content of a double-quoted attribute: as text, and also the quotation mark, tab and
/// line feed, which a reader would otherwise take for a blank.
pub(super) fn escape_attribute(out: &mut Vec<u8>, value: &str) {
    escape(out, value, |byte| {
        (byte < b' ') | (byte == b'<') | (byte == b'>') | (byte == b'&') | (byte == b'"')
    });
}

#[inline]
fn escape(out: &mut Vec<u8>, text: &str, is_escaped: impl Fn(u8) -> bool + Copy) {
    // Looks at every byte without leaving early, which a compiler turns into a few wide comparisons.
    if !text.bytes().fold(false, |any, byte| any | is_escaped(byte)) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    for byte in text.bytes() {
        match byte {
            _ if !is_escaped(byte) => out.push(byte),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            b'&' => out.extend_from_slice(b"&amp;"),
            b'"' => out.extend_from_slice(b"&quot;"),
            control => {
                out.extend_from_slice(b"&#x");
                if control >= 0x10 {
                    out.push(b'1');
                }
                let low = control & 0xF;
                out.push(if low < 10 { b'0' + low } else { b'A' + low - 10 });
                out.push(b';');
            }
        }
    }
}

/// Appends `value` in decimal.
pub(super) fn number(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0_u8; 20];
    let mut first = digits.len();
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
        first -= 1;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(first..).unwrap_or_default());
}

impl Writer<'_> {
    #[inline]
    pub(super) fn push(&mut self, markup: &str) {
        self.out.extend_from_slice(markup.as_bytes());
    }

    fn name(&mut self, prefix: &str, local: &str) {
        if !prefix.is_empty() {
            self.push(prefix);
            self.out.push(b':');
        }
        self.push(local);
    }

    /// `<prefix:local`, to be followed by attributes.
    pub(super) fn open(&mut self, prefix: &str, local: &str) {
        self.out.push(b'<');
        self.name(prefix, local);
    }

    /// `<prefix:local>`.
    pub(super) fn start(&mut self, prefix: &str, local: &str) {
        self.open(prefix, local);
        self.out.push(b'>');
    }

    /// `</prefix:local>`.
    pub(super) fn end(&mut self, prefix: &str, local: &str) {
        self.push("</");
        self.name(prefix, local);
        self.out.push(b'>');
    }

    /// `<prefix:local/>`.
    pub(super) fn empty(&mut self, prefix: &str, local: &str) {
        self.open(prefix, local);
        self.push("/>");
    }

    /// `<prefix:local>text</prefix:local>`, or closed at once where there is no text.
    pub(super) fn element(&mut self, prefix: &str, local: &str, text: &str) {
        self.open(prefix, local);
        self.close_with_text(prefix, local, text);
    }

    /// What follows the attributes of an element that holds only text. .NET takes an empty string for no
    /// content, and closes the element at once.
    pub(super) fn close_with_text(&mut self, prefix: &str, local: &str, text: &str) {
        if text.is_empty() {
            self.push("/>");
            return;
        }
        self.out.push(b'>');
        escape_text(self.out, text);
        self.end(prefix, local);
    }

    /// `<prefix:local>number</prefix:local>`.
    pub(super) fn number_element(&mut self, prefix: &str, local: &str, value: u64) {
        self.start(prefix, local);
        number(self.out, value);
        self.end(prefix, local);
    }

    /// ` prefix:local="value"`.
    pub(super) fn attribute(&mut self, prefix: &str, local: &str, value: &str) {
        self.out.push(b' ');
        self.name(prefix, local);
        self.push("=\"");
        escape_attribute(self.out, value);
        self.out.push(b'"');
    }

    /// ` xmlns:prefix="namespace"`.
    pub(super) fn declare(&mut self, prefix: &str, namespace: &str) {
        declaration(self.out, prefix, namespace);
    }

    pub(super) fn range(&mut self, prefix: &str, range: AcknowledgementRange) {
        self.open(prefix, "AcknowledgementRange");
        range_attributes(self.out, range);
    }
}

/// ` xmlns:prefix="namespace"`, or ` xmlns="namespace"` for the empty prefix.
pub(super) fn declaration(out: &mut Vec<u8>, prefix: &str, namespace: &str) {
    out.extend_from_slice(b" xmlns");
    if !prefix.is_empty() {
        out.push(b':');
        out.extend_from_slice(prefix.as_bytes());
    }
    out.extend_from_slice(b"=\"");
    escape_attribute(out, namespace);
    out.push(b'"');
}

fn range_attributes(out: &mut Vec<u8>, range: AcknowledgementRange) {
    out.extend_from_slice(b" Lower=\"");
    number(out, range.lower);
    out.extend_from_slice(b"\" Upper=\"");
    number(out, range.upper);
    out.extend_from_slice(b"\"/>");
}

/// A fragment in the making.
pub(crate) struct Markup {
    xml: Vec<u8>,
}

impl Markup {
    pub(crate) const fn new() -> Self {
        Self { xml: Vec::new() }
    }

    /// The start tag of `name`, which may have a prefix.
    pub(crate) fn start(&mut self, name: &str) {
        self.xml.push(b'<');
        self.xml.extend_from_slice(name.as_bytes());
        self.xml.push(b'>');
    }

    /// The start tag of `name`, declaring `prefix`.
    pub(crate) fn start_declaring(&mut self, name: &str, prefix: &str, namespace: &str) {
        self.xml.push(b'<');
        self.xml.extend_from_slice(name.as_bytes());
        declaration(&mut self.xml, prefix, namespace);
        self.xml.push(b'>');
    }

    /// The end tag of `name`.
    pub(crate) fn end(&mut self, name: &str) {
        self.xml.extend_from_slice(b"</");
        self.xml.extend_from_slice(name.as_bytes());
        self.xml.push(b'>');
    }

    /// The element `name` without content.
    pub(crate) fn empty(&mut self, name: &str) {
        self.xml.push(b'<');
        self.xml.extend_from_slice(name.as_bytes());
        self.xml.extend_from_slice(b"/>");
    }

    /// Text.
    pub(crate) fn text(&mut self, text: &str) {
        escape_text(&mut self.xml, text);
    }

    /// The element `name` with text.
    pub(crate) fn element(&mut self, name: &str, text: &str) {
        self.start(name);
        self.text(text);
        self.end(name);
    }

    /// An element `name` that is a range.
    pub(crate) fn range(&mut self, name: &str, range: AcknowledgementRange) {
        self.xml.push(b'<');
        self.xml.extend_from_slice(name.as_bytes());
        range_attributes(&mut self.xml, range);
    }

    /// What was made, as a fragment that needs `scope`.
    pub(crate) fn into_fragment(self, scope: Vec<NamespaceBinding<'static>>) -> Fragment<'static> {
        Fragment { xml: String::from_utf8_lossy(&self.xml).into_owned().into(), scope }
    }
}
