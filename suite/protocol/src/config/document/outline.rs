//! The walk before the parse: limits, and the places of tags and attributes.

use std::cell::Cell;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{MAX_ATTRIBUTES, MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS, TRANSFORM_PREFIX, shorten};
use crate::config::error::ConfigurationError;

/// The start tags of a document, in their order.
pub(super) struct Outline {
    pub(super) tags: Vec<Tag>,
    /// The byte after the XML declaration.
    pub(super) body: usize,
}

/// A start tag.
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) prefixed: bool,
    pub(super) attributes: Vec<TagAttribute>,
    pub(super) line: u32,
    pub(super) column: u32,
}

/// An attribute of a start tag.
pub(super) struct TagAttribute {
    pub(super) name: String,
    pub(super) line: u32,
    pub(super) column: u32,
}

impl Outline {
    pub(super) fn read(text: &str) -> Result<Self, ConfigurationError> {
        if text.len() > MAX_BYTES {
            let message = format!("the file has {} bytes; at most {MAX_BYTES} are read", text.len());
            return Err(ConfigurationError::document(1, 1, message));
        }
        if text.trim().is_empty() {
            return Err(ConfigurationError::document(1, 1, "the file is empty"));
        }
        let mut walk =
            Walk { lines: Lines::new(text), outline: Self { tags: Vec::new(), body: 0 }, depth: 0, roots: 0 };
        let mut reader = Reader::from_str(text);
        loop {
            let start = position(reader.buffer_position());
            let event = reader.read_event().map_err(|error| {
                walk.error(position(reader.error_position()), format!("this is no well-formed XML: {error}"))
            })?;
            if let Event::Eof = event {
                return walk.finish(text.len());
            }
            walk.event(&event, start, position(reader.buffer_position()))?;
        }
    }
}

impl Tag {
    pub(super) fn local_name(&self) -> &str {
        self.name.split_once(':').map_or(self.name.as_str(), |(_, local)| local)
    }

    /// The attribute that makes the element part of a configuration transform.
    pub(super) fn transform(&self) -> Option<&TagAttribute> {
        self.attributes.iter().find(|attribute| {
            attribute.prefix() == Some(TRANSFORM_PREFIX) && attribute.name.ends_with(":Transform")
        })
    }
}

impl TagAttribute {
    pub(super) fn prefix(&self) -> Option<&str> {
        match self.name.split_once(':') {
            Some((prefix, _)) => Some(prefix),
            None if self.name == "xmlns" => Some("xmlns"),
            None => None,
        }
    }

    fn local_name(&self) -> &str {
        self.name.split_once(':').map_or(self.name.as_str(), |(_, local)| local)
    }
}

struct Walk<'t> {
    lines: Lines<'t>,
    outline: Outline,
    depth: usize,
    roots: usize,
}

impl Walk<'_> {
    fn error(&self, offset: usize, message: impl Into<String>) -> ConfigurationError {
        let (line, column) = self.lines.position(offset);
        ConfigurationError::document(line, column, message)
    }

    fn event(&mut self, event: &Event<'_>, start: usize, end: usize) -> Result<(), ConfigurationError> {
        match event {
            Event::Start(tag) => {
                self.tag(tag, start)?;
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(self.error(start, format!("elements lie more than {MAX_DEPTH} deep")));
                }
            }
            Event::Empty(tag) => self.tag(tag, start)?,
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            Event::DocType(_) => {
                let message =
                    "a document type (<!DOCTYPE …>) has no place in a configuration file; remove it";
                return Err(self.error(start, message));
            }
            Event::Decl(_) if start > 0 => {
                let message = "the XML declaration (<?xml …?>) must be the very first thing in the file";
                return Err(self.error(start, message));
            }
            Event::Decl(_) => self.outline.body = end,
            Event::Text(text) if self.depth == 0 && !text.trim().is_empty() => {
                let message = if self.roots == 0 {
                    "this is no XML: text stands before the first element"
                } else {
                    "text stands after the last element"
                };
                return Err(self.error(start, message));
            }
            Event::CData(_) | Event::GeneralRef(_) if self.depth == 0 => {
                return Err(self.error(start, "text stands outside of the outermost element"));
            }
            _ => {}
        }
        Ok(())
    }

    fn tag(&mut self, tag: &BytesStart<'_>, start: usize) -> Result<(), ConfigurationError> {
        if self.depth == 0 {
            self.roots += 1;
        }
        if self.roots > 1 {
            return Err(self.error(start, "a second outermost element begins here"));
        }
        if self.outline.tags.len() == MAX_ELEMENTS {
            return Err(self.error(start, format!("the file has more than {MAX_ELEMENTS} elements")));
        }
        let (tag_line, tag_column) = self.lines.position(start);
        let mut attributes: Vec<TagAttribute> = Vec::new();
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| {
                self.error(
                    start,
                    format!("this is no well-formed XML: in <{}>: {error}", shorten(tag.name().0)),
                )
            })?;
            let offset =
                start + 1 + (attribute.key.0.as_ptr().addr().saturating_sub(tag.name().0.as_ptr().addr()));
            if attributes.len() == MAX_ATTRIBUTES {
                return Err(
                    self.error(offset, format!("the element has more than {MAX_ATTRIBUTES} attributes"))
                );
            }
            let (line, column) = self.lines.position(offset);
            attributes.push(TagAttribute { name: attribute.key.0.to_owned(), line, column });
        }
        self.refuse_ambiguous(&attributes, tag)?;
        let name = tag.name().0.to_owned();
        self.outline.tags.push(Tag {
            prefixed: name.contains(':'),
            name,
            attributes,
            line: tag_line,
            column: tag_column,
        });
        Ok(())
    }

    /// xmltree keeps one value per local name; where a prefixed attribute has a plain one's name, which of the two it
    /// kept cannot be told.
    fn refuse_ambiguous(
        &self,
        attributes: &[TagAttribute],
        tag: &BytesStart<'_>,
    ) -> Result<(), ConfigurationError> {
        let namespaces = |attribute: &TagAttribute| attribute.prefix() == Some("xmlns");
        let mut plain: Vec<_> = attributes
            .iter()
            .filter(|attribute| !namespaces(attribute))
            .map(TagAttribute::local_name)
            .collect();
        plain.sort_unstable();
        let twin = plain.windows(2).find_map(|pair| match pair {
            [first, second] if first == second => Some(*first),
            _ => None,
        });
        let Some(twin) = twin else { return Ok(()) };
        let line_of = attributes.iter().rfind(|attribute| attribute.local_name() == twin);
        let (line, column) = line_of.map_or((1, 1), |attribute| (attribute.line, attribute.column));
        let name = shorten(tag.name().0);
        let message = format!("<{name}> has the attribute {} twice, with different prefixes", shorten(twin));
        Err(ConfigurationError::document(line, column, message))
    }

    fn finish(self, end: usize) -> Result<Outline, ConfigurationError> {
        if self.depth > 0 {
            return Err(self.error(end, "the file ends within an element: an end tag is missing"));
        }
        if self.roots == 0 {
            return Err(self.error(0, "this is no XML: there is no element in it"));
        }
        Ok(self.outline)
    }
}

/// Turns bytes into lines and columns. Asked in rising order, it counts every character once.
struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    last: Cell<(usize, usize)>,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Self {
        let starts =
            std::iter::once(0).chain(text.match_indices('\n').map(|(offset, _)| offset + 1)).collect();
        Self { text, starts, last: Cell::new((0, 0)) }
    }

    fn position(&self, offset: usize) -> (u32, u32) {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|line| self.starts.get(line)).copied().unwrap_or_default();
        let (known, characters) = self.last.get();
        let (from, before) = if (start..=offset).contains(&known) { (known, characters) } else { (start, 0) };
        let characters = before + self.text.get(from..offset).map_or(0, |text| text.chars().count());
        self.last.set((offset, characters));
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        (number(line), number(characters + 1))
    }
}

fn position(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}
