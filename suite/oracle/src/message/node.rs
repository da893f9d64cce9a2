//! An element, owned: names resolved, values read, the bytes where it stands.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::ops::Range;

use wsrm_wire::infoset::Element;
use wsrm_wire::{AddressingVersion, RmVersion};

/// An attribute that declares no namespace.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeAttribute {
    /// The namespace name; empty where there is none.
    pub namespace: String,
    /// The local name.
    pub local: String,
    /// The value.
    pub value: String,
}

/// An element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The namespace name; empty where there is none.
    pub namespace: String,
    /// The local name.
    pub local: String,
    /// The attributes in textual order.
    pub attributes: Vec<NodeAttribute>,
    /// The character data directly inside, without white space at both ends.
    pub text: String,
    /// The text read as a qualified name: namespace and local name.
    pub qname: Option<(String, String)>,
    /// The elements inside.
    pub children: Vec<Self>,
    /// The bytes of the element, counted from the start of the HTTP body.
    pub span: Range<usize>,
}

impl Node {
    /// Copies an element with all that is in it. The depth is bounded by the limits of the infoset.
    pub(crate) fn read(element: Element<'_>) -> Self {
        let text = element.token().into_owned();
        let children: Vec<Self> = element.elements().map(Self::read).collect();
        let qname = if children.is_empty() && !text.is_empty() {
            element.resolve(&text).map(|(namespace, local)| (namespace.to_owned(), local.to_owned()))
        } else {
            None
        };
        let attributes = element.attributes().map(|attribute| NodeAttribute {
            namespace: attribute.namespace().to_owned(),
            local: attribute.local().to_owned(),
            value: attribute.value().into_owned(),
        });
        Self {
            namespace: element.namespace().to_owned(),
            local: element.local().to_owned(),
            attributes: attributes.collect(),
            text,
            qname,
            children,
            span: element.span(),
        }
    }

    /// Whether it has this name.
    pub fn is(&self, namespace: &str, local: &str) -> bool {
        self.local == local && self.namespace == namespace
    }

    /// The value of an attribute.
    pub fn attribute(&self, namespace: &str, local: &str) -> Option<&str> {
        let found = self
            .attributes
            .iter()
            .find(|attribute| attribute.local == local && attribute.namespace == namespace);
        found.map(|attribute| attribute.value.as_str())
    }

    /// The children of this name that are in the namespace of the element itself.
    pub fn own<'n>(&'n self, local: &'n str) -> impl Iterator<Item = &'n Self> {
        self.children.iter().filter(move |child| child.local == local && child.namespace == self.namespace)
    }

    /// The first child of this name in the namespace of the element itself.
    pub fn first(&self, local: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.local == local && child.namespace == self.namespace)
    }

    /// The version of reliable messaging whose namespace the element is in.
    pub fn rm_version(&self) -> Option<RmVersion> {
        RmVersion::ALL.into_iter().find(|rm| rm.namespace() == self.namespace)
    }

    /// The version of WS-Addressing whose namespace the element is in.
    pub fn addressing_version(&self) -> Option<AddressingVersion> {
        AddressingVersion::ALL.into_iter().find(|addressing| addressing.namespace() == self.namespace)
    }

    /// The element and all inside it, outermost first.
    pub fn descendants(&self) -> Vec<&Self> {
        let mut found = vec![self];
        let mut at = 0;
        while let Some(node) = found.get(at).copied() {
            found.extend(node.children.iter());
            at += 1;
        }
        found
    }
}

/// A number that is the same for the same content.
pub(super) fn fingerprint(nodes: &[Node]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for node in nodes {
        add(node, &mut hasher);
    }
    hasher.finish()
}

fn add(node: &Node, hasher: &mut DefaultHasher) {
    (&node.namespace, &node.local, node.children.len()).hash(hasher);
    match &node.qname {
        // What may be a qualified name counts by its local part: its prefix is free.
        Some((_, local)) => local.hash(hasher),
        None => node.text.hash(hasher),
    }
    let mut attributes: Vec<_> = node.attributes.iter().collect();
    attributes.sort();
    for attribute in attributes {
        let value = attribute.value.trim();
        let value = value.rsplit_once(':').map_or(value, |(_, local)| local);
        (&attribute.namespace, &attribute.local, value).hash(hasher);
    }
    for child in &node.children {
        add(child, hasher);
    }
}
