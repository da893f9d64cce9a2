//! Putting a fragment where other bindings are in force than where it was read.

use super::Writer;
use super::markup::declaration;
use super::scope::Scope;
use crate::{ForeignAttribute, Fragment};

/// The bindings that the content of a body needs beyond those in force.
pub(super) struct BodyBindings<'f> {
    /// Those that the body element can declare.
    pub(super) on_body: Vec<(&'f str, &'f str)>,
    /// Those that it cannot, because it uses the prefix itself.
    pub(super) on_content: Vec<(&'f str, &'f str)>,
}

impl<'f> BodyBindings<'f> {
    pub(super) fn of(content: &'f Fragment<'_>, scope: &Scope, soap_prefix: &str) -> Self {
        let (on_content, on_body) = missing(content, scope).partition(|(prefix, _)| *prefix == soap_prefix);
        Self { on_body, on_content }
    }
}

/// The bindings of the fragment that are not in force, and the undeclaring of a default namespace that the
/// fragment does not know.
fn missing<'f>(fragment: &'f Fragment<'_>, scope: &Scope) -> impl Iterator<Item = (&'f str, &'f str)> {
    let scope = *scope;
    let undeclare =
        scope.namespace("") != Some("") && fragment.scope.iter().all(|binding| !binding.prefix.is_empty());
    fragment
        .scope
        .iter()
        .map(|binding| (&*binding.prefix, &*binding.namespace))
        .filter(move |(prefix, namespace)| scope.namespace(prefix) != Some(*namespace))
        .chain(undeclare.then_some(("", "")))
}

impl Writer<'_> {
    pub(super) fn fragments(&mut self, fragments: &[Fragment<'_>]) {
        for fragment in fragments {
            self.fragment(fragment);
        }
    }

    /// A fragment inside something of ours. The bindings it needs go on its outermost elements, and only those
    /// it can be using: a prefix that does not occur in it is not repeated.
    pub(super) fn fragment(&mut self, fragment: &Fragment<'_>) {
        let needed: Vec<(&str, &str)> = missing(fragment, &self.scope)
            .filter(|(prefix, _)| {
                if prefix.is_empty() {
                    has_unprefixed_element(&fragment.xml)
                } else {
                    fragment.xml.contains(prefix)
                }
            })
            .collect();
        if needed.is_empty() {
            self.push(&fragment.xml);
        } else {
            self.fragment_declaring(&fragment.xml, &needed);
        }
    }

    /// Copies `xml`, declaring `bindings` on each outermost element that does not declare them itself.
    pub(super) fn fragment_declaring(&mut self, xml: &str, bindings: &[(&str, &str)]) {
        for piece in Pieces::of(xml) {
            let Piece::Outermost(tag) = piece else {
                self.push(piece.text());
                continue;
            };
            let inside = tag.strip_suffix("/>").or_else(|| tag.strip_suffix('>')).unwrap_or(tag);
            self.push(inside);
            for (prefix, namespace) in bindings {
                if !declares(inside, prefix) {
                    declaration(self.out, prefix, namespace);
                }
            }
            self.push(tag.strip_prefix(inside).unwrap_or_default());
        }
    }

    /// The attributes of a body whose content brings bindings with it: they may use those too.
    pub(super) fn body_attributes(
        &mut self,
        attributes: &[ForeignAttribute<'_>],
        bindings: &BodyBindings<'_>,
    ) {
        let (bound, others): (Vec<_>, Vec<_>) = attributes.iter().cloned().partition(|attribute| {
            !attribute.prefix.is_empty()
                && bindings.on_body.contains(&(&*attribute.prefix, &*attribute.namespace))
        });
        for attribute in &bound {
            self.attribute(&attribute.prefix, &attribute.local, &attribute.value);
        }
        self.foreign_attributes(&others, &bindings.on_body);
    }
}

/// A piece of a fragment.
enum Piece<'f> {
    /// The start tag of an outermost element, self-closing or not.
    Outermost(&'f str),
    /// Any other tag, text, comment or section.
    Other(&'f str),
}

impl<'f> Piece<'f> {
    const fn text(&self) -> &'f str {
        match self {
            Self::Outermost(text) | Self::Other(text) => text,
        }
    }
}

/// Cuts well-formed content at its tags.
struct Pieces<'f> {
    rest: &'f str,
    depth: usize,
}

impl<'f> Pieces<'f> {
    const fn of(xml: &'f str) -> Self {
        Self { rest: xml, depth: 0 }
    }

    fn take(&mut self, length: usize) -> &'f str {
        let (piece, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        piece
    }

    fn take_through(&mut self, end: &str) -> &'f str {
        let length = self.rest.find(end).map_or(self.rest.len(), |at| at + end.len());
        self.take(length)
    }
}

impl<'f> Iterator for Pieces<'f> {
    type Item = Piece<'f>;

    fn next(&mut self) -> Option<Piece<'f>> {
        if self.rest.is_empty() {
            return None;
        }
        let piece = if !self.rest.starts_with('<') {
            let length = self.rest.find('<').unwrap_or(self.rest.len());
            self.take(length)
        } else if self.rest.starts_with("<!--") {
            self.take_through("-->")
        } else if self.rest.starts_with("<![CDATA[") {
            self.take_through("]]>")
        } else if self.rest.starts_with("<?") {
            self.take_through("?>")
        } else if self.rest.starts_with("</") {
            self.depth = self.depth.saturating_sub(1);
            self.take_through(">")
        } else {
            let tag = self.take(tag_length(self.rest));
            let is_outermost = self.depth == 0;
            if !tag.ends_with("/>") {
                self.depth += 1;
            }
            if is_outermost {
                return Some(Piece::Outermost(tag));
            }
            tag
        };
        Some(Piece::Other(piece))
    }
}

/// The length of the start tag at the beginning of `xml`: a `>` in an attribute does not end it.
fn tag_length(xml: &str) -> usize {
    let mut quote = None;
    for (at, byte) in xml.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    xml.len()
}

/// Whether the start tag `tag` declares `prefix`.
fn declares(tag: &str, prefix: &str) -> bool {
    let mut rest = tag.find([' ', '\t', '\r', '\n']).and_then(|at| tag.get(at..)).unwrap_or_default();
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.trim();
        let is_declaration = match name.strip_prefix("xmlns") {
            Some("") => prefix.is_empty(),
            Some(local) => local.strip_prefix(':') == Some(prefix),
            None => false,
        };
        if is_declaration {
            return true;
        }
        let after = after.trim_start();
        let Some(quote) = after.chars().next() else { return false };
        rest = after.get(1..).and_then(|value| value.split_once(quote)).map_or("", |(_, rest)| rest);
    }
    false
}

/// Whether any element of the content has no prefix, so that the default namespace matters to it.
fn has_unprefixed_element(xml: &str) -> bool {
    Pieces::of(xml).any(|piece| {
        let text = piece.text();
        let Some(name) = text.strip_prefix('<') else { return false };
        let name = name.split([' ', '\t', '\r', '\n', '/', '>']).next().unwrap_or_default();
        !name.is_empty() && !name.starts_with(['!', '?']) && !name.contains(':')
    })
}
