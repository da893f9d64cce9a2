//! XML laid out for reading without a byte of it changed: only the places are found at which a line begins.

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::Event;

/// A piece of a document, and how the line begins that it starts; `None` where it goes on with the line before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) span: Range<usize>,
    pub(super) indent: Option<usize>,
}

/// A start tag that is longer than this has a line for each attribute.
const LONG_TAG: usize = 100;
/// Larger documents are not laid out.
const MOST_LAID_OUT: usize = 1 << 20;
/// No line is indented further.
const DEEPEST: usize = 24;

/// The document in pieces, in their order. White space between elements is left out. What cannot be read is one piece to
/// the end.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut layout = Layout { text, pieces: Vec::new(), depth: 0, is_leaf: false, blank: None };
    if text.len() > MOST_LAID_OUT {
        layout.push(0..text.len(), None);
        return layout.pieces;
    }
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    loop {
        let start = position(&reader);
        let event = reader.read_event();
        let span = start..position(&reader).max(start);
        match event {
            Ok(Event::Start(_)) => layout.start(span),
            Ok(Event::End(_)) => layout.end(span),
            Ok(Event::Empty(_)) => layout.tag(span),
            Ok(Event::Text(_) | Event::GeneralRef(_) | Event::CData(_)) => layout.content(span),
            Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_)) => layout.line(span),
            Ok(Event::Eof) => return layout.pieces,
            Err(_) => {
                layout.push(start..text.len(), None);
                return layout.pieces;
            }
        }
    }
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

struct Layout<'t> {
    text: &'t str,
    pieces: Vec<Piece>,
    depth: usize,
    /// Whether the last tag is a start tag with nothing but text behind it.
    is_leaf: bool,
    /// White space behind it, which counts only if the element holds nothing else.
    blank: Option<Range<usize>>,
}

impl Layout<'_> {
    fn push(&mut self, span: Range<usize>, indent: Option<usize>) {
        // The first line begins by itself.
        let indent = indent.filter(|_| !self.pieces.is_empty()).map(|depth| depth.min(DEEPEST) * 2);
        if !span.is_empty() {
            self.pieces.push(Piece { span, indent });
        }
    }

    fn start(&mut self, span: Range<usize>) {
        self.tag(span);
        self.depth += 1;
        self.is_leaf = true;
    }

    fn end(&mut self, span: Range<usize>) {
        self.depth = self.depth.saturating_sub(1);
        let indent = (!self.is_leaf).then_some(self.depth);
        if let Some(blank) = self.blank.take() {
            self.push(blank, None);
        }
        self.push(span, indent);
        self.is_leaf = false;
    }

    fn line(&mut self, span: Range<usize>) {
        self.blank = None;
        self.push(span, Some(self.depth));
        self.is_leaf = false;
    }

    fn content(&mut self, span: Range<usize>) {
        let is_blank = self.text.get(span.clone()).unwrap_or_default().trim().is_empty();
        if !is_blank {
            if let Some(blank) = self.blank.take() {
                self.push(blank, None);
            }
            self.push(span, None);
        } else if self.is_leaf {
            let start = self.blank.take().map_or(span.start, |blank| blank.start);
            self.blank = Some(start..span.end);
        }
    }

    fn tag(&mut self, span: Range<usize>) {
        self.is_leaf = false;
        self.blank = None;
        let tag = self.text.get(span.clone()).unwrap_or_default();
        if tag.len() <= LONG_TAG {
            self.push(span, Some(self.depth));
            return;
        }
        let mut start = span.start;
        let mut indent = self.depth;
        for at in blanks(tag) {
            self.push(start..span.start + at, Some(indent));
            start = span.start + at;
            indent = self.depth + 2;
        }
        self.push(start..span.end, Some(indent));
    }
}

/// Where white space begins outside of quotes, with something before and behind it.
fn blanks(tag: &str) -> Vec<usize> {
    let mut quote = None;
    let mut found = Vec::new();
    let mut was_blank = true;
    for (at, character) in tag.char_indices() {
        match quote {
            Some(open) if open == character => quote = None,
            None if matches!(character, '"' | '\'') => quote = Some(character),
            _ => {}
        }
        let is_blank = quote.is_none() && character.is_whitespace();
        if is_blank && !was_blank && !tag.get(at..).unwrap_or_default().trim_start().starts_with(['>', '/']) {
            found.push(at);
        }
        was_blank = is_blank;
    }
    found
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// Lines, as they would be shown.
    fn lines(text: &str) -> String {
        pieces(text)
            .iter()
            .map(|piece| {
                let start = piece.indent.map(|indent| format!("\n{}", " ".repeat(indent)));
                start.unwrap_or_default() + &text[piece.span.clone()]
            })
            .collect()
    }

    #[rstest]
    #[case("<a><b>x &amp; y</b><c/></a>", "<a>\n  <b>x &amp; y</b>\n  <c/>\n</a>")]
    #[case("<?xml version='1.0'?>\n<a>\n <b> </b></a>", "<?xml version='1.0'?>\n<a>\n  <b> </b>\n</a>")]
    #[case("<a><!-- c --><![CDATA[<x>]]></a>", "<a>\n  <!-- c --><![CDATA[<x>]]>\n</a>")]
    #[case("<a><b></a>", "<a>\n  <b></a>")]
    #[case("<a>\u{1}<b", "<a>\u{1}<b")]
    #[case("no xml", "no xml")]
    fn begins_lines(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(lines(text), expected);
    }

    #[test]
    fn a_long_tag_has_a_line_for_each_attribute() {
        let long = "v".repeat(LONG_TAG);
        let text = format!("<a one=\"1 > 2\"  two='{long}' />");
        assert_eq!(lines(&text), format!("<a\n     one=\"1 > 2\"\n      two='{long}' />"));
    }
}
