//! A configuration file as a tree of elements that know where they stand.
//!
//! xmltree gives the tree and the values, but neither positions nor the prefixes of attributes, and it sets no
//! limits. So the text is walked once before it with quick-xml: that walk enforces the limits, refuses what a
//! configuration file has no need of (document types, and with them entities), and notes where every start tag and
//! attribute stands. Both walks meet the elements in the same order, which is what joins them.

mod outline;

use std::collections::HashMap;
use std::io::Read;

use super::error::{ConfigurationError, Location};
use outline::{Outline, Tag};

/// The longest file that is read, in bytes.
pub(super) const MAX_BYTES: usize = 4 << 20;
/// How deep elements may lie within one another.
pub(super) const MAX_DEPTH: usize = 64;
/// How many elements a file may hold.
pub(super) const MAX_ELEMENTS: usize = 20_000;
/// How many attributes one element may have.
pub(super) const MAX_ATTRIBUTES: usize = 256;

/// The prefix that every configuration transform binds.
const TRANSFORM_PREFIX: &str = "xdt";
/// How much of a name goes into a path.
const PATH_NAME_LENGTH: usize = 60;

/// A configuration file, read.
#[derive(Debug)]
pub(super) struct Document {
    nodes: Vec<Node>,
}

#[derive(Debug)]
struct Node {
    name: String,
    parent: Option<usize>,
    children: Vec<usize>,
    attributes: Vec<Attribute>,
    transform: Option<String>,
    /// The number among the siblings of its name, where it has any.
    ordinal: Option<usize>,
    line: u32,
    column: u32,
}

/// An attribute without a prefix.
#[derive(Debug)]
pub(super) struct Attribute {
    /// Its name.
    pub(super) name: String,
    /// Its value, entities resolved and white space normalised.
    pub(super) value: String,
    line: u32,
    column: u32,
}

/// An element of a [`Document`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Element<'d> {
    document: &'d Document,
    node: &'d Node,
}

impl Document {
    /// Reads the text of a file, already decoded.
    pub(super) fn read(text: &str) -> Result<Self, ConfigurationError> {
        let outline = Outline::read(text)?;
        let root = parse(text, outline.body)?;
        let mut document = Self { nodes: Vec::with_capacity(outline.tags.len()) };
        let mut tags = outline.tags.into_iter();
        document.add(root, None, &mut tags)?;
        Ok(document)
    }

    /// The outermost element.
    pub(super) fn root(&self) -> Option<Element<'_>> {
        self.element(0)
    }

    fn element(&self, index: usize) -> Option<Element<'_>> {
        self.nodes.get(index).map(|node| Element { document: self, node })
    }

    /// Adds an element and all within it; the depth is bounded by the outline's walk.
    fn add(
        &mut self,
        mut element: xmltree::Element,
        parent: Option<usize>,
        tags: &mut impl Iterator<Item = Tag>,
    ) -> Result<usize, ConfigurationError> {
        let tag = tags.next().filter(|tag| tag.local_name() == element.name).ok_or_else(|| {
            ConfigurationError::document(1, 1, format!("the start tag of <{}> was lost", element.name))
        })?;
        let transform = tag.transform().and_then(|_| element.attributes.get("Transform").cloned());
        let attributes = tag
            .attributes
            .iter()
            .filter(|attribute| attribute.prefix().is_none())
            .filter_map(|attribute| {
                let value = element.attributes.remove(attribute.name.as_str())?;
                let (line, column) = (attribute.line, attribute.column);
                Some(Attribute { name: attribute.name.clone(), value, line, column })
            })
            .collect();
        let index = self.nodes.len();
        self.nodes.push(Node {
            name: if tag.prefixed { tag.name } else { element.name },
            parent,
            children: Vec::new(),
            attributes,
            transform,
            ordinal: None,
            line: tag.line,
            column: tag.column,
        });
        for child in element.children {
            if let xmltree::XMLNode::Element(child) = child {
                let child = self.add(child, Some(index), tags)?;
                if let Some(node) = self.nodes.get_mut(index) {
                    node.children.push(child);
                }
            }
        }
        self.count_children(index);
        Ok(index)
    }

    fn count_children(&mut self, index: usize) {
        let children = self.nodes.get(index).map(|node| node.children.clone()).unwrap_or_default();
        let mut alike: HashMap<&str, Vec<usize>> = HashMap::new();
        for child in children {
            if let Some(node) = self.nodes.get(child) {
                alike.entry(&node.name).or_default().push(child);
            }
        }
        let several: Vec<_> = alike.into_values().filter(|alike| alike.len() > 1).collect();
        for (position, child) in several.into_iter().flat_map(|alike| alike.into_iter().enumerate()) {
            if let Some(node) = self.nodes.get_mut(child) {
                node.ordinal = Some(position + 1);
            }
        }
    }
}

/// Parses what follows the XML declaration: the text is decoded already, whatever encoding it declares.
fn parse(text: &str, body: usize) -> Result<xmltree::Element, ConfigurationError> {
    let (declaration, body) = text.split_at_checked(body).unwrap_or(("", text));
    let padding = "\n".repeat(declaration.matches('\n').count());
    let config = xmltree::ParserConfig::new().cdata_to_characters(true);
    xmltree::Element::parse_with_config(padding.as_bytes().chain(body.as_bytes()), config).map_err(|error| {
        let text = error.to_string();
        let text = text.strip_prefix("Malformed XML. ").unwrap_or(&text);
        let (place, reason) = text.split_once(' ').unwrap_or(("", text));
        let place =
            place.split_once(':').and_then(|(line, column)| Some((line.parse().ok()?, column.parse().ok()?)));
        let (line, column, reason) = place.map_or((1, 1, text), |(line, column)| (line, column, reason));
        ConfigurationError::document(line, column, format!("this is no well-formed XML: {reason}"))
    })
}

impl<'d> Element<'d> {
    /// The name as written, with its prefix where it has one: no element that WCF knows has one.
    pub(super) fn name(self) -> &'d str {
        &self.node.name
    }

    /// The value of an attribute.
    pub(super) fn attribute(self, name: &str) -> Option<&'d str> {
        self.node
            .attributes
            .iter()
            .find(|attribute| attribute.name == name)
            .map(|attribute| attribute.value.as_str())
    }

    /// The attributes without prefix, in their order.
    pub(super) fn attributes(self) -> impl Iterator<Item = &'d Attribute> {
        self.node.attributes.iter()
    }

    /// The elements within, in their order, without those that a transform takes away.
    pub(super) fn children(self) -> impl Iterator<Item = Element<'d>> {
        let document = self.document;
        self.node.children.iter().filter_map(move |index| document.element(*index)).filter(|child| {
            !child.transform().is_some_and(|transform| {
                transform.starts_with("Remove") && !transform.starts_with("RemoveAttributes")
            })
        })
    }

    /// The elements of one name within, in their order.
    pub(super) fn children_named(self, name: &'static str) -> impl Iterator<Item = Element<'d>> {
        self.children().filter(move |child| child.name() == name)
    }

    /// The first element of one name within.
    pub(super) fn child(self, name: &'static str) -> Option<Element<'d>> {
        self.children_named(name).next()
    }

    /// What a configuration transform does with the element (`xdt:Transform`).
    pub(super) fn transform(self) -> Option<&'d str> {
        self.node.transform.as_deref()
    }

    /// Whether any element of the document has an `xdt:Transform`.
    pub(super) fn document_is_transform(self) -> bool {
        self.document.nodes.iter().any(|node| node.transform.is_some())
    }

    /// Where the element stands.
    pub(super) fn location(self) -> Location {
        Location { path: self.path(), line: self.node.line, column: self.node.column }
    }

    /// Where an attribute stands; the element's own place where it has no such attribute.
    pub(super) fn attribute_location(self, name: &str) -> Location {
        let attribute = self.node.attributes.iter().find(|attribute| attribute.name == name);
        let (line, column) = attribute
            .map_or((self.node.line, self.node.column), |attribute| (attribute.line, attribute.column));
        Location { path: format!("{}/@{}", self.path(), shorten(name)), line, column }
    }

    fn path(self) -> String {
        let mut segments = vec![self.segment()];
        let mut next = self.node.parent;
        while let Some(element) = next.and_then(|index| self.document.element(index)) {
            next = element.node.parent;
            if next.is_some() || element.name() != "configuration" {
                segments.push(element.segment());
            }
        }
        segments.reverse();
        segments.join("/")
    }

    /// The element's part of a path: its key where it has one, else its number among those of its name.
    fn segment(self) -> String {
        let name = shorten(self.name());
        for key in ["name", "path", "scheme"] {
            if let Some(value) = self.attribute(key) {
                return format!("{name}[@{key}='{}']", shorten(value));
            }
        }
        self.node.ordinal.map_or(name.clone(), |ordinal| format!("{name}[{ordinal}]"))
    }
}

/// A name or value from the file, short enough for a message.
pub(super) fn shorten(text: &str) -> String {
    let clean = |c: char| if c.is_control() { '\u{FFFD}' } else { c };
    if text.chars().nth(PATH_NAME_LENGTH).is_none() {
        return text.chars().map(clean).collect();
    }
    text.chars().take(PATH_NAME_LENGTH).map(clean).chain(['…']).collect()
}
