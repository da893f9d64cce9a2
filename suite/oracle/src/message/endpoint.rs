//! Endpoint references.

use std::ops::Range;

use wsrm_wire::AddressingVersion;

use super::Node;

/// An endpoint reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The addresses in it: one, if it keeps the rules.
    pub addresses: Vec<String>,
    /// The version of WS-Addressing that the first address is written in.
    pub version: Option<AddressingVersion>,
    /// The bytes of the element that holds it.
    pub span: Range<usize>,
    /// Whether something stands before the address, or text beside the elements.
    pub has_strays: bool,
}

/// A URI with a scheme, without white space.
pub(crate) fn is_absolute(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    let mut letters = scheme.bytes();
    let is_scheme = letters.next().is_some_and(|letter| letter.is_ascii_alphabetic())
        && letters.all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'+' | b'-' | b'.'));
    is_scheme && !rest.is_empty() && !uri.chars().any(|letter| letter.is_whitespace() || letter.is_control())
}

impl Endpoint {
    /// Reads the endpoint reference in an element such as `AcksTo`.
    pub(crate) fn read(holder: &Node) -> Self {
        let addresses: Vec<&Node> = holder
            .children
            .iter()
            .filter(|child| child.local == "Address" && child.addressing_version().is_some())
            .collect();
        Self {
            version: addresses.first().and_then(|address| address.addressing_version()),
            addresses: addresses.iter().map(|address| address.text.clone()).collect(),
            has_strays: !holder.text.is_empty()
                || holder.children.iter().position(|child| child.local == "Address") > Some(0),
            span: holder.span.clone(),
        }
    }

    /// The first address; empty where there is none.
    pub fn address(&self) -> &str {
        self.addresses.first().map_or("", String::as_str)
    }

    /// Whether the address stands for the other end of the HTTP exchange, as its version writes that.
    pub fn is_anonymous(&self) -> bool {
        self.version.is_some_and(|version| version.anonymous() == self.address())
    }

    /// Whether nothing can be sent there.
    pub fn is_none(&self) -> bool {
        AddressingVersion::ALL
            .into_iter()
            .filter_map(AddressingVersion::none)
            .any(|none| none == self.address())
    }
}
