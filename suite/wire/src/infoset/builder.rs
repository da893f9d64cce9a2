//! From text to arena, in one pass over quick-xml's events.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::arena::{Arena, Kind, NONE, Node};
use super::error::Sin;
use super::start_tag::{Refusal, StartTags, index};
use super::text::{is_space, resolve};
use super::{Encoding, Limits, declaration};

/// Reads one document.
pub(super) struct Builder<'s> {
    source: &'s str,
    encoding: Encoding,
    limits: &'s Limits,
    arena: Arena,
    /// The elements that are open, outermost first.
    open: Vec<u32>,
    tags: StartTags<'s>,
}

impl<'s> Builder<'s> {
    pub(super) fn new(source: &'s str, encoding: Encoding, limits: &'s Limits) -> Self {
        let mut arena = Arena { root: NONE, ..Arena::default() };
        arena.nodes.reserve(source.len() / 24 + 4);
        arena.attributes.reserve(8);
        arena.bindings.reserve(8);
        let open = Vec::with_capacity(16);
        Self { source, encoding, limits, arena, open, tags: StartTags::new(source, limits) }
    }

    /// Reads to the end of the text or to the first sin. The arena is complete in itself either way: elements that
    /// are open at the sin end before it.
    pub(super) fn run(mut self) -> (Arena, Option<Refusal>) {
        let mut reader = Reader::from_str(self.source);
        let config = reader.config_mut();
        // Names of end tags are compared with the text of the start tag here, without keeping copies.
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.trim_markup_names_in_closing_tags = false;
        loop {
            let start = position(&reader);
            let step = match reader.read_event() {
                Ok(Event::Eof) => {
                    let refusal = self.end_of_document().err();
                    self.close_open_elements(self.source.len());
                    return (self.arena, refusal);
                }
                Ok(event) => self.event(&event, start, position(&reader)),
                Err(_) => Err(self.broken_markup(start, position(&reader))),
            };
            if let Err(refusal) = step {
                self.close_open_elements(start);
                return (self.arena, Some(refusal));
            }
        }
    }

    fn event(&mut self, event: &Event<'_>, start: usize, end: usize) -> Result<(), Refusal> {
        match event {
            Event::Start(_) => self.start_tag(start, end, end - 1),
            Event::Empty(_) => {
                self.start_tag(start, end, end - 2)?;
                self.close(end, end);
                Ok(())
            }
            Event::End(_) => self.end_tag(start, end),
            Event::Text(_) => self.text(start, end),
            Event::GeneralRef(_) => self.reference(start, end),
            Event::CData(_) => self.cdata(start, end),
            Event::Comment(_) => self.comment(start, end),
            Event::Decl(_) if start == 0 => declaration::check(self.slice(start, end), self.encoding)
                .map_err(|(sin, at)| (sin, start + at)),
            Event::Decl(_) => Err((Sin::MisplacedDeclaration, start)),
            Event::PI(_) => Err((Sin::ProcessingInstruction, start)),
            Event::DocType(_) => Err((Sin::Dtd, start)),
            Event::Eof => Ok(()),
        }
    }

    fn start_tag(&mut self, start: usize, end: usize, inner_end: usize) -> Result<(), Refusal> {
        if self.open.is_empty() && self.arena.root != NONE {
            return Err((Sin::SecondRoot, start));
        }
        if self.open.len() >= self.limits.depth {
            return Err((Sin::TooDeep(self.limits.depth), start));
        }
        let outer_scope = self
            .open
            .last()
            .and_then(|at| self.arena.nodes.get(*at as usize))
            .map_or(NONE, |node| node.scope);
        let tag = self.tags.read(&mut self.arena, (start + 1, inner_end), outer_scope)?;
        let place = index(self.arena.nodes.len());
        if self.open.is_empty() {
            self.arena.root = place;
        }
        self.open.push(place);
        self.arena.nodes.push(Node {
            kind: Kind::Element,
            flag: false,
            start: index(start),
            end: index(end),
            content_start: index(end),
            content_end: index(end),
            after: place + 1,
            name_len: index(tag.name.end - start - 1),
            prefix_len: index(tag.name.prefix_len),
            namespace: tag.namespace,
            scope: tag.scope,
            outer_scope,
            attributes_start: tag.attributes_start,
            attributes_end: index(self.arena.attributes.len()),
        });
        Ok(())
    }

    fn end_tag(&mut self, start: usize, end: usize) -> Result<(), Refusal> {
        let Some(node) = self.open.last().and_then(|at| self.arena.nodes.get(*at as usize)) else {
            return Err((Sin::UnmatchedEndTag, start));
        };
        let name_start = node.start as usize + 1;
        let expected = self.slice(name_start, name_start + node.name_len as usize);
        let found = self.slice(start + 2, end - 1);
        match found.strip_prefix(expected) {
            Some(rest) if rest.bytes().all(is_space) => {}
            _ => {
                let (expected, found) = (expected.to_owned(), found.to_owned());
                return Err((Sin::MismatchedEndTag { expected, found }, start));
            }
        }
        self.close(start, end);
        Ok(())
    }

    fn close(&mut self, content_end: usize, end: usize) {
        let after = index(self.arena.nodes.len());
        if let Some(node) = self.open.pop().and_then(|at| self.arena.nodes.get_mut(at as usize)) {
            node.flag = true;
            node.content_end = index(content_end);
            node.end = index(end);
            node.after = after;
        }
    }

    fn text(&mut self, start: usize, end: usize) -> Result<(), Refusal> {
        let text = self.slice(start, end);
        let bytes = text.as_bytes();
        if self.open.is_empty() {
            return match bytes.iter().position(|byte| !is_space(*byte)) {
                Some(at) => Err((self.text_outside(), start + at)),
                None => Ok(()),
            };
        }
        let mut plain = true;
        if bytes.iter().any(|byte| matches!(byte, b'>' | b'\r')) {
            if let Some(at) = text.find("]]>") {
                return Err((Sin::CDataEndInText, start + at));
            }
            plain = !bytes.contains(&b'\r');
        }
        self.push_text(start, end, plain);
        Ok(())
    }

    fn reference(&mut self, start: usize, end: usize) -> Result<(), Refusal> {
        if self.open.is_empty() {
            return Err((self.text_outside(), start));
        }
        resolve(self.slice(start + 1, end - 1)).map_err(|sin| (sin, start))?;
        self.push_text(start, end, false);
        Ok(())
    }

    fn cdata(&mut self, start: usize, end: usize) -> Result<(), Refusal> {
        if self.open.is_empty() {
            return Err((self.text_outside(), start));
        }
        self.push(Kind::CData, (start, end), (start + 9, end - 3));
        Ok(())
    }

    fn comment(&mut self, start: usize, end: usize) -> Result<(), Refusal> {
        let content = self.slice(start + 4, end - 3);
        if let Some(at) = content.find("--") {
            return Err((Sin::DoubleHyphen, start + 4 + at));
        }
        if content.ends_with('-') {
            return Err((Sin::DoubleHyphen, end - 4));
        }
        if !self.open.is_empty() {
            self.push(Kind::Comment, (start, end), (start + 4, end - 3));
        }
        Ok(())
    }

    /// Text and references that follow one another are one node.
    fn push_text(&mut self, start: usize, end: usize, plain: bool) {
        match self.arena.nodes.last_mut() {
            Some(last) if last.kind == Kind::Text && last.end as usize == start => {
                last.end = index(end);
                last.content_end = index(end);
                last.flag &= plain;
            }
            _ => {
                self.push(Kind::Text, (start, end), (start, end));
                if let Some(node) = self.arena.nodes.last_mut() {
                    node.flag = plain;
                }
            }
        }
    }

    fn push(
        &mut self,
        kind: Kind,
        (start, end): (usize, usize),
        (content_start, content_end): (usize, usize),
    ) {
        self.arena.nodes.push(Node {
            kind,
            flag: true,
            start: index(start),
            end: index(end),
            content_start: index(content_start),
            content_end: index(content_end),
            after: index(self.arena.nodes.len() + 1),
            name_len: 0,
            prefix_len: 0,
            namespace: NONE,
            scope: NONE,
            outer_scope: NONE,
            attributes_start: 0,
            attributes_end: 0,
        });
    }

    fn end_of_document(&self) -> Result<(), Refusal> {
        if let Some(node) = self.open.first().and_then(|at| self.arena.nodes.get(*at as usize)) {
            let name_start = node.start as usize + 1;
            let name = self.slice(name_start, name_start + node.name_len as usize);
            return Err((Sin::UnclosedRoot(name.to_owned()), self.source.len()));
        }
        if self.arena.root == NONE { Err((Sin::NoRoot, self.source.len())) } else { Ok(()) }
    }

    fn close_open_elements(&mut self, at: usize) {
        let after = index(self.arena.nodes.len());
        for place in self.open.drain(..) {
            if let Some(node) = self.arena.nodes.get_mut(place as usize) {
                node.content_end = index(at).max(node.content_start);
                node.end = node.content_end;
                node.after = after;
            }
        }
    }

    fn text_outside(&self) -> Sin {
        if self.arena.root == NONE { Sin::LeadingText } else { Sin::TrailingText }
    }

    /// What is wrong where quick-xml finds no end of what starts at `start`.
    fn broken_markup(&self, start: usize, end: usize) -> Refusal {
        const COMMENT: &str = "<!--";
        const CDATA: &str = "<![CDATA[";
        const DOCTYPE: &str = "<!DOCTYPE";
        let rest = self.source.get(start..).unwrap_or_default();
        let begins = |markup: &str| rest.starts_with(markup) || markup.starts_with(rest);
        let sin = if rest.starts_with('&') {
            if self.open.is_empty() {
                self.text_outside()
            } else if end >= self.source.len() {
                Sin::UnclosedMarkup("a reference")
            } else {
                Sin::BadReference
            }
        } else if rest.starts_with("<!") {
            if begins(COMMENT) {
                Sin::UnclosedMarkup("a comment")
            } else if begins(CDATA) {
                Sin::UnclosedMarkup("a CDATA section")
            } else if begins(DOCTYPE) {
                Sin::Dtd
            } else {
                Sin::UnknownMarkup
            }
        } else if rest.starts_with("<?xml") && start == 0 {
            Sin::UnclosedMarkup("the XML declaration")
        } else if rest.starts_with("<?") {
            Sin::ProcessingInstruction
        } else {
            Sin::UnclosedMarkup("a tag")
        };
        (sin, start)
    }

    fn slice(&self, start: usize, end: usize) -> &'s str {
        self.source.get(start..end).unwrap_or_default()
    }
}

/// The byte behind the last event.
#[expect(clippy::cast_possible_truncation, reason = "a place in a slice fits usize")]
fn position(reader: &Reader<&[u8]>) -> usize {
    reader.buffer_position() as usize
}
