//! XML laid out for reading.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Lays an XML document out: an element a line, indented by two blanks, text-only elements on one line, and the
/// attributes of a long start tag below each other. Everything but white space is kept as written; white space
/// inside an element that has text is kept too.
///
/// Returns `None` where the bytes are no UTF-8 or cannot be read as XML to the end; they are best shown as they are.
pub fn pretty(bytes: &[u8], width: usize) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    let mut layout = Layout { out: String::new(), depth: 0, width, open: None };
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => layout.start(&tag)?,
            Event::End(tag) => layout.end(tag.name().as_ref())?,
            Event::Empty(tag) => layout.empty(&tag),
            Event::Text(text) => layout.text(&text),
            Event::GeneralRef(name) => layout.text(&format!("&{};", &*name)),
            Event::CData(data) => {
                layout.text(&format!("<![CDATA[{}]]>", &*data));
            }
            Event::Comment(text) => layout.line(&format!("<!--{}-->", &*text)),
            Event::Decl(declaration) => {
                layout.line(&format!("<?{}?>", &*declaration));
            }
            Event::PI(instruction) => layout.line(&format!("<?{}?>", &*instruction)),
            Event::DocType(declaration) => {
                layout.line(&format!("<!DOCTYPE {}>", &*declaration));
            }
            Event::Eof => return layout.finish(),
        }
    }
}

struct Layout {
    out: String,
    depth: usize,
    width: usize,
    /// An element that has no child element so far: its start tag is the last line, and this is its text.
    open: Option<String>,
}

/// Deeper than this nothing is laid out; no recorded message comes near.
const MAX_DEPTH: usize = 256;

impl Layout {
    fn start(&mut self, tag: &BytesStart<'_>) -> Option<()> {
        self.flush();
        self.tag(tag, ">");
        self.depth += 1;
        self.open = Some(String::new());
        (self.depth <= MAX_DEPTH).then_some(())
    }

    fn empty(&mut self, tag: &BytesStart<'_>) {
        self.flush();
        self.tag(tag, "/>");
    }

    fn end(&mut self, name: &str) -> Option<()> {
        self.depth = self.depth.checked_sub(1)?;
        match self.open.take() {
            Some(text) => {
                self.out.pop();
                self.out.push_str(&text);
            }
            None => self.indent(),
        }
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push_str(">\n");
        Some(())
    }

    fn text(&mut self, text: &str) {
        match &mut self.open {
            Some(open) => open.push_str(text),
            None if text.trim().is_empty() => {}
            None => self.line(text.trim()),
        }
    }

    fn line(&mut self, text: &str) {
        self.flush();
        self.indent();
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// A child follows: what stood before it in the open element gets its own line.
    fn flush(&mut self) {
        if let Some(text) = self.open.take().filter(|text| !text.trim().is_empty()) {
            self.line(text.trim());
        }
    }

    fn indent(&mut self) {
        self.out.extend(std::iter::repeat_n("  ", self.depth));
    }

    fn tag(&mut self, tag: &BytesStart<'_>, end: &str) {
        let content = tag.trim_end();
        self.indent();
        let start = self.out.len();
        self.out.push('<');
        self.out.push_str(content);
        self.out.push_str(end);
        if self.depth * 2 + self.out.len() - start > self.width {
            self.out.truncate(start);
            self.out.push('<');
            let mut parts = attributes(content);
            self.out.push_str(parts.next().unwrap_or_default());
            for attribute in parts {
                self.out.push('\n');
                self.indent();
                self.out.push_str("    ");
                self.out.push_str(attribute);
            }
            self.out.push_str(end);
        }
        self.out.push('\n');
    }

    fn finish(self) -> Option<String> {
        (self.depth == 0).then_some(self.out)
    }
}

/// The name and the attributes of a start tag, cut at the white space outside of quotes.
fn attributes(content: &str) -> impl Iterator<Item = &str> {
    let mut quote = None;
    content
        .split(move |character: char| {
            match quote {
                Some(open) if character == open => quote = None,
                None if matches!(character, '"' | '\'') => quote = Some(character),
                _ => {}
            }
            quote.is_none() && character.is_whitespace()
        })
        .filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("<a><b>x &amp; y</b><c/></a>", "<a>\n  <b>x &amp; y</b>\n  <c/>\n</a>\n")]
    #[case("<?xml version='1.0'?><a></a>", "<?xml version='1.0'?>\n<a></a>\n")]
    #[case("<a>  <b> x </b>\n</a>", "<a>\n  <b> x </b>\n</a>\n")]
    #[case("<a>mixed<b/>more</a>", "<a>\n  mixed\n  <b/>\n  more\n</a>\n")]
    #[case("<!-- c --><a><![CDATA[<x>]]></a>", "<!-- c -->\n<a><![CDATA[<x>]]></a>\n")]
    #[case(
        "<a one=\"1 > 2\" two='2' three=\"a long value\"/>",
        "<a\n    one=\"1 > 2\"\n    two='2'\n    three=\"a long value\"/>\n"
    )]
    fn lays_out(#[case] xml: &str, #[case] expected: &str) {
        assert_eq!(pretty(xml.as_bytes(), 40).unwrap(), expected);
    }

    #[rstest]
    #[case(b"<a><b></a>")]
    #[case(b"<a>")]
    #[case(b"\xff")]
    #[case(b"</a>")]
    fn leaves_broken_xml_alone(#[case] bytes: &[u8]) {
        assert_eq!(pretty(bytes, 80), None);
    }
}
