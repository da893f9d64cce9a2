//! Walking through an infoset.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use super::Infoset;
use super::arena::{self, Kind, NONE, slice};
use super::text::{is_blank, trim, unescape_attribute, unescape_text};
use crate::{ForeignAttribute, Fragment, NamespaceBinding};

/// The name of an element or attribute, resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExpandedName<'i> {
    /// The namespace name; empty for a name in no namespace.
    pub namespace: &'i str,
    /// The local name.
    pub local: &'i str,
}

/// An element of an [`Infoset`].
#[derive(Debug, Clone, Copy)]
pub struct Element<'i> {
    infoset: &'i Infoset<'i>,
    node: Option<&'i arena::Node>,
    place: u32,
}

/// A child of an element.
#[derive(Debug, Clone, Copy)]
pub enum Node<'i> {
    /// An element.
    Element(Element<'i>),
    /// Character data.
    Text(Text<'i>),
    /// A CDATA section.
    CData(Text<'i>),
    /// A comment.
    Comment(Text<'i>),
}

/// Character data, or the inside of a CDATA section or a comment.
#[derive(Debug, Clone, Copy)]
pub struct Text<'i> {
    source: &'i str,
    node: &'i arena::Node,
}

/// An attribute that declares no namespace.
#[derive(Debug, Clone, Copy)]
pub struct Attribute<'i> {
    infoset: &'i Infoset<'i>,
    attribute: &'i arena::Attribute,
}

/// The children of an element, in order.
#[derive(Debug, Clone)]
pub struct Children<'i> {
    infoset: &'i Infoset<'i>,
    next: u32,
    end: u32,
}

/// The child elements of an element, in order.
#[derive(Debug, Clone)]
pub struct Elements<'i>(Children<'i>);

/// `{namespace}local`, or `{}local` in no namespace.
impl fmt::Display for ExpandedName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}{}", self.namespace, self.local)
    }
}

impl<'i> Element<'i> {
    pub(super) fn new(infoset: &'i Infoset<'i>, place: u32) -> Self {
        Self { infoset, node: infoset.arena.nodes.get(place as usize), place }
    }

    /// The expanded name.
    pub fn name(self) -> ExpandedName<'i> {
        ExpandedName { namespace: self.namespace(), local: self.local() }
    }

    /// The namespace name; empty where the element is in none.
    pub fn namespace(self) -> &'i str {
        let namespace = self.node.map_or(NONE, |node| node.namespace);
        self.infoset.arena.namespace(&self.infoset.source, namespace)
    }

    /// The local name.
    pub fn local(self) -> &'i str {
        self.node.map_or("", |node| {
            let colon = u32::from(node.prefix_len > 0);
            self.slice(node.start + 1 + node.prefix_len + colon, node.start + 1 + node.name_len)
        })
    }

    /// The prefix as written; empty where there is none.
    pub fn prefix(self) -> &'i str {
        self.node.map_or("", |node| self.slice(node.start + 1, node.start + 1 + node.prefix_len))
    }

    /// Whether the element has this name.
    pub fn is(self, namespace: &str, local: &str) -> bool {
        self.local() == local && self.namespace() == namespace
    }

    /// Whether the end of the element was read; always so unless the document was read lazily.
    pub fn is_closed(self) -> bool {
        self.node.is_some_and(|node| node.flag)
    }

    /// The attributes that declare no namespace, in order.
    pub fn attributes(self) -> impl ExactSizeIterator<Item = Attribute<'i>> {
        let infoset = self.infoset;
        let range =
            self.node.map_or(0..0, |node| node.attributes_start as usize..node.attributes_end as usize);
        let attributes = infoset.arena.attributes.get(range).unwrap_or_default();
        attributes.iter().map(move |attribute| Attribute { infoset, attribute })
    }

    /// The value of an attribute.
    pub fn attribute(self, namespace: &str, local: &str) -> Option<Cow<'i, str>> {
        self.attributes()
            .find(|attribute| attribute.local() == local && attribute.namespace() == namespace)
            .map(Attribute::value)
    }

    /// The children, in order.
    pub fn children(self) -> Children<'i> {
        let end = self.node.map_or(0, |node| node.after);
        Children { infoset: self.infoset, next: self.place.saturating_add(1), end }
    }

    /// The child elements, in order.
    pub fn elements(self) -> Elements<'i> {
        Elements(self.children())
    }

    /// The character data directly inside, CDATA sections included, with references resolved.
    pub fn text(self) -> Cow<'i, str> {
        let mut parts = self.children().filter_map(|child| match child {
            Node::Text(text) | Node::CData(text) => Some(text.value()),
            Node::Element(_) | Node::Comment(_) => None,
        });
        let Some(first) = parts.next() else { return Cow::Borrowed("") };
        match parts.next() {
            None => first,
            Some(second) => {
                let mut text = first.into_owned();
                text.push_str(&second);
                text.extend(parts);
                Cow::Owned(text)
            }
        }
    }

    /// [`Element::text`] without white space at both ends, as WCF reads values.
    pub fn token(self) -> Cow<'i, str> {
        trim(self.text())
    }

    /// Whether there is neither a child element nor character data other than white space inside.
    pub fn is_blank(self) -> bool {
        self.children().all(|child| match child {
            Node::Text(text) => text.is_blank(),
            Node::Comment(_) => true,
            Node::CData(_) | Node::Element(_) => false,
        })
    }

    /// The bytes of the element, start tag to end tag.
    pub fn span(self) -> Range<usize> {
        self.node.map_or(0..0, |node| node.start as usize..node.end as usize)
    }

    /// The bytes between start tag and end tag.
    pub fn content_span(self) -> Range<usize> {
        self.node.map_or(0..0, |node| node.content_start as usize..node.content_end as usize)
    }

    /// The bytes of the start tag; of an element that is one empty tag, the bytes of that.
    pub fn start_tag_span(self) -> Range<usize> {
        self.node.map_or(0..0, |node| node.start as usize..node.content_start as usize)
    }

    /// The element as written.
    pub fn xml(self) -> &'i str {
        self.infoset.source.get(self.span()).unwrap_or_default()
    }

    /// What is inside the element, as written.
    pub fn content_xml(self) -> &'i str {
        self.infoset.source.get(self.content_span()).unwrap_or_default()
    }

    /// The namespace that `prefix` stands for inside the element; for the empty prefix, the default namespace.
    pub fn namespace_of(self, prefix: &str) -> Option<&'i str> {
        let scope = self.node.map_or(NONE, |node| node.scope);
        super::start_tag::resolve_prefix(&self.infoset.arena, &self.infoset.source, scope, prefix)
            .ok()
            .map(|at| self.infoset.arena.namespace(&self.infoset.source, at))
    }

    /// Resolves a QName in content: an unprefixed one is in the default namespace. `None` where it is no QName or
    /// its prefix is not declared.
    pub fn resolve<'t>(self, qname: &'t str) -> Option<(&'i str, &'t str)> {
        let (prefix, local) = qname.split_once(':').unwrap_or(("", qname));
        let is_qname = super::name::is_ncname(local) && (prefix.is_empty() || super::name::is_ncname(prefix));
        let starts_with_colon = qname.starts_with(':');
        if !is_qname || starts_with_colon {
            return None;
        }
        self.namespace_of(prefix).map(|namespace| (namespace, local))
    }

    /// The namespace declarations that the element itself makes, in order.
    pub fn declarations(self) -> Vec<NamespaceBinding<'i>> {
        let Some(node) = self.node else { return Vec::new() };
        let mut declared: Vec<_> = self.chain(node.scope, node.outer_scope).collect();
        declared.reverse();
        declared
    }

    /// The namespace declarations in force inside the element, outermost first; hidden ones are left out.
    pub fn bindings(self) -> Vec<NamespaceBinding<'i>> {
        let scope = self.node.map_or(NONE, |node| node.scope);
        let mut bindings: Vec<NamespaceBinding<'i>> = Vec::new();
        for binding in self.chain(scope, NONE) {
            if !bindings.iter().any(|inner| inner.prefix == binding.prefix) {
                bindings.push(binding);
            }
        }
        bindings.retain(|binding| !binding.namespace.is_empty());
        bindings.reverse();
        bindings
    }

    /// The element as a piece that can be put elsewhere.
    pub fn fragment(self) -> Fragment<'i> {
        let Some(node) = self.node else { return Fragment::default() };
        let own =
            |prefix: &str| self.chain(node.scope, node.outer_scope).any(|binding| binding.prefix == prefix);
        let xml = self.xml();
        Fragment { xml: Cow::Borrowed(xml), scope: self.scope_of(xml, node.outer_scope, own) }
    }

    /// What is inside the element as a piece that can be put elsewhere.
    pub fn content_fragment(self) -> Fragment<'i> {
        let Some(node) = self.node else { return Fragment::default() };
        let mut children = self.children();
        // A single element answers for its own bindings.
        match (children.next(), children.next()) {
            (Some(Node::Element(only)), None) if only.is_closed() => only.fragment(),
            _ => {
                let xml = self.content_xml();
                Fragment { xml: Cow::Borrowed(xml), scope: self.scope_of(xml, node.scope, |_| false) }
            }
        }
    }

    /// The bindings at `scope` that `xml` can refer to: the default namespace, and every prefix that stands before a
    /// colon. Without this choice a message of many small fragments under many declarations would grow with the
    /// product of both.
    fn scope_of(self, xml: &str, scope: u32, own: impl Fn(&str) -> bool) -> Vec<NamespaceBinding<'i>> {
        let mut bindings: Vec<NamespaceBinding<'i>> = Vec::new();
        let mut add = |prefix: &str| {
            if own(prefix) || bindings.iter().any(|binding| binding.prefix == prefix) {
                return;
            }
            let arena = &self.infoset.arena;
            let found = arena.binding_of(&self.infoset.source, scope, prefix);
            let binding = found.and_then(|at| self.namespace_binding(at));
            bindings.extend(binding.filter(|binding| !binding.namespace.is_empty()));
        };
        add("");
        let mut rest = xml;
        while let Some((before, after)) = rest.split_once(':') {
            let is_name_byte = |byte: &u8| super::name::is_ascii_name_byte(*byte) || *byte >= 0x80;
            let length = before.bytes().rev().take_while(is_name_byte).count();
            let prefix = before.get(before.len() - length..).unwrap_or_default();
            if !prefix.is_empty() {
                add(prefix);
            }
            rest = after;
        }
        bindings
    }

    /// The bindings from `scope` outwards, up to but not including `end`.
    fn chain(self, scope: u32, end: u32) -> impl Iterator<Item = NamespaceBinding<'i>> {
        let mut at = scope;
        std::iter::from_fn(move || {
            if at == end {
                return None;
            }
            let binding = self.namespace_binding(at)?;
            at = self.infoset.arena.binding(at)?.outer;
            Some(binding)
        })
    }

    fn namespace_binding(self, at: u32) -> Option<NamespaceBinding<'i>> {
        let source: &'i str = &self.infoset.source;
        let binding = self.infoset.arena.binding(at)?;
        Some(NamespaceBinding {
            prefix: Cow::Borrowed(binding.prefix(source)),
            namespace: Cow::Borrowed(self.infoset.arena.namespace(source, at)),
        })
    }

    fn slice(self, start: u32, end: u32) -> &'i str {
        slice(&self.infoset.source, start, end)
    }

    /// The infoset that the element is of.
    pub fn infoset(self) -> &'i Infoset<'i> {
        self.infoset
    }
}

impl<'i> Text<'i> {
    /// The text with references resolved and line ends made line feeds.
    pub fn value(self) -> Cow<'i, str> {
        let raw = slice(self.source, self.node.content_start, self.node.content_end);
        match self.node.kind {
            Kind::Text if self.node.flag => Cow::Borrowed(raw),
            Kind::Text => unescape_text(raw),
            Kind::Element | Kind::CData | Kind::Comment if !raw.contains('\r') => Cow::Borrowed(raw),
            Kind::Element | Kind::CData | Kind::Comment => {
                Cow::Owned(raw.replace("\r\n", "\n").replace('\r', "\n"))
            }
        }
    }

    /// Whether it is nothing but white space.
    pub fn is_blank(self) -> bool {
        is_blank(&self.value())
    }

    /// The bytes of it, markup included.
    pub fn span(self) -> Range<usize> {
        self.node.start as usize..self.node.end as usize
    }
}

impl<'i> Attribute<'i> {
    /// The namespace name; empty where the attribute is in none.
    pub fn namespace(self) -> &'i str {
        self.infoset.arena.namespace(&self.infoset.source, self.attribute.namespace)
    }

    /// The local name.
    pub fn local(self) -> &'i str {
        let start = match self.attribute.prefix_len {
            0 => self.attribute.name_start,
            length => self.attribute.name_start + length + 1,
        };
        slice(&self.infoset.source, start, self.attribute.name_start + self.attribute.name_len)
    }

    /// The prefix as written; empty where there is none.
    pub fn prefix(self) -> &'i str {
        let start = self.attribute.name_start;
        slice(&self.infoset.source, start, start + self.attribute.prefix_len)
    }

    /// The value, normalised as XML 3.3.3 has it.
    pub fn value(self) -> Cow<'i, str> {
        let raw = slice(&self.infoset.source, self.attribute.value_start, self.attribute.value_end);
        if self.attribute.plain { Cow::Borrowed(raw) } else { unescape_attribute(raw) }
    }

    /// The bytes of the value, without quotation marks.
    pub fn value_span(self) -> Range<usize> {
        self.attribute.value_start as usize..self.attribute.value_end as usize
    }

    /// The attribute as one that is kept without being understood.
    pub fn to_foreign(self) -> ForeignAttribute<'i> {
        ForeignAttribute {
            prefix: Cow::Borrowed(self.prefix()),
            namespace: Cow::Borrowed(self.namespace()),
            local: Cow::Borrowed(self.local()),
            value: self.value(),
        }
    }
}

impl<'i> Iterator for Children<'i> {
    type Item = Node<'i>;

    fn next(&mut self) -> Option<Node<'i>> {
        if self.next >= self.end {
            return None;
        }
        let place = self.next;
        let node = self.infoset.arena.nodes.get(place as usize)?;
        self.next = node.after;
        let text = Text { source: &self.infoset.source, node };
        Some(match node.kind {
            Kind::Element => Node::Element(Element { infoset: self.infoset, node: Some(node), place }),
            Kind::Text => Node::Text(text),
            Kind::CData => Node::CData(text),
            Kind::Comment => Node::Comment(text),
        })
    }
}

impl<'i> Iterator for Elements<'i> {
    type Item = Element<'i>;

    fn next(&mut self) -> Option<Element<'i>> {
        self.0.by_ref().find_map(|child| match child {
            Node::Element(element) => Some(element),
            Node::Text(_) | Node::CData(_) | Node::Comment(_) => None,
        })
    }
}
