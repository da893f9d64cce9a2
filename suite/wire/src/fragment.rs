//! XML that passes through untouched.

use std::borrow::Cow;

/// A namespace prefix and what it stands for. An empty prefix is the default namespace.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NamespaceBinding<'a> {
    /// The prefix, without colon.
    pub prefix: Cow<'a, str>,
    /// The namespace name; empty where the default namespace is undeclared.
    pub namespace: Cow<'a, str>,
}

/// An attribute that has no meaning here and is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ForeignAttribute<'a> {
    /// The prefix it was written with; empty for an attribute in no namespace.
    pub prefix: Cow<'a, str>,
    /// The namespace name; empty for an attribute in no namespace.
    pub namespace: Cow<'a, str>,
    /// The local name.
    pub local: Cow<'a, str>,
    /// The normalised value.
    pub value: Cow<'a, str>,
}

/// A piece of XML content, kept as it was written, with the namespaces it was written under.
///
/// Application bodies, unknown headers, extension elements and reference parameters are fragments: nothing in
/// them is interpreted, so nothing in them can be changed by passing through.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Fragment<'a> {
    /// Well-formed content in UTF-8: elements, text, comments.
    pub xml: Cow<'a, str>,
    /// The bindings in force around the content that it does not make itself. A writer repeats those that are
    /// not in force where the fragment is put.
    pub scope: Vec<NamespaceBinding<'a>>,
}

impl<'a> Fragment<'a> {
    /// A fragment that needs no binding from its surroundings.
    pub fn self_contained(xml: impl Into<Cow<'a, str>>) -> Self {
        Self { xml: xml.into(), scope: Vec::new() }
    }

    /// The same fragment, owning its text.
    pub fn into_owned(self) -> Fragment<'static> {
        Fragment {
            xml: Cow::Owned(self.xml.into_owned()),
            scope: self
                .scope
                .into_iter()
                .map(|binding| NamespaceBinding {
                    prefix: Cow::Owned(binding.prefix.into_owned()),
                    namespace: Cow::Owned(binding.namespace.into_owned()),
                })
                .collect(),
        }
    }
}
