//! What a document is kept as: flat lists of offsets into its text.

/// No namespace, no binding, no node.
pub(super) const NONE: u32 = u32::MAX;
/// The namespace of the prefix `xml`, which nobody declares.
pub(super) const XML: u32 = u32::MAX - 1;

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Element,
    /// Character data outside CDATA sections, references included.
    Text,
    CData,
    Comment,
}

/// A node, in document order: the descendants of an element stand right behind it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// Text: whether it stands for itself. Element: whether its end was read.
    pub(super) flag: bool,
    /// The whole of it, markup included.
    pub(super) start: u32,
    pub(super) end: u32,
    /// What is inside the markup.
    pub(super) content_start: u32,
    pub(super) content_end: u32,
    /// The node behind the last descendant.
    pub(super) after: u32,
    /// Of an element: bytes of its qualified name, and of the prefix in it.
    pub(super) name_len: u32,
    pub(super) prefix_len: u32,
    /// Of an element: the binding that gives its namespace.
    pub(super) namespace: u32,
    /// Of an element: the last binding in force inside it, and outside of it.
    pub(super) scope: u32,
    pub(super) outer_scope: u32,
    /// Of an element: its attributes that declare no namespace.
    pub(super) attributes_start: u32,
    pub(super) attributes_end: u32,
}

/// An attribute that declares no namespace.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attribute {
    pub(super) name_start: u32,
    pub(super) name_len: u32,
    pub(super) prefix_len: u32,
    pub(super) value_start: u32,
    pub(super) value_end: u32,
    /// The binding that gives its namespace.
    pub(super) namespace: u32,
    /// Whether the value stands for itself.
    pub(super) plain: bool,
}

/// A namespace declaration.
#[derive(Debug, Clone, Copy)]
pub(super) struct Binding {
    pub(super) prefix_start: u32,
    pub(super) prefix_len: u32,
    pub(super) value_start: u32,
    pub(super) value_end: u32,
    /// The place in [`Arena::owned`] where the value does not stand for itself.
    pub(super) owned: u32,
    /// The binding that was in force before.
    pub(super) outer: u32,
    /// How many bindings are in force with this one, hidden ones included.
    pub(super) in_force: u32,
}

/// All there is to say about a document beside its text.
#[derive(Debug, Default)]
pub(super) struct Arena {
    pub(super) nodes: Vec<Node>,
    pub(super) attributes: Vec<Attribute>,
    pub(super) bindings: Vec<Binding>,
    /// Namespace names that are not written as they are meant.
    pub(super) owned: Vec<String>,
    /// The place of the root element.
    pub(super) root: u32,
}

impl Arena {
    /// The binding of `prefix` that is in force at `scope`.
    pub(super) fn binding_of(&self, source: &str, scope: u32, prefix: &str) -> Option<u32> {
        let mut at = scope;
        while let Some(binding) = self.binding(at) {
            if binding.prefix_len as usize == prefix.len() && binding.prefix(source) == prefix {
                return Some(at);
            }
            at = binding.outer;
        }
        None
    }

    pub(super) fn binding(&self, at: u32) -> Option<&Binding> {
        self.bindings.get(at as usize)
    }

    /// The namespace name that an index stands for.
    pub(super) fn namespace<'s>(&'s self, source: &'s str, at: u32) -> &'s str {
        match at {
            NONE => "",
            XML => crate::namespace::XML,
            _ => self.binding(at).map_or("", |binding| match self.owned.get(binding.owned as usize) {
                Some(value) => value,
                None => slice(source, binding.value_start, binding.value_end),
            }),
        }
    }
}

impl Binding {
    pub(super) fn prefix(self, source: &str) -> &str {
        slice(source, self.prefix_start, self.prefix_start + self.prefix_len)
    }
}

/// The text from `start` to `end`; the arena holds nothing that is out of range.
pub(super) fn slice(source: &str, start: u32, end: u32) -> &str {
    source.get(start as usize..end as usize).unwrap_or_default()
}
