//! Secrets in messages: what is neither written down nor shown.
//!
//! Elements and attributes are known by their qualified names, whatever their prefixes and wherever they stand; header
//! fields of HTTP by their names. What cannot be read and speaks of security is not trusted.

mod mask;
mod names;
mod text;

use std::ops::Range;

use wsrm_wire::{Element, Infoset, Limits};

use crate::recording::HttpMessage;
pub(crate) use mask::masked;

/// What stands in the place of a secret.
pub(crate) const REDACTED: &str = "redacted";
/// What stands in the place of a body that cannot be read and may hold secrets.
pub(crate) const REDACTED_BODY: &str = "redacted: it cannot be read and may hold secrets";

/// Whether the value of a header field with this name is a secret.
pub(crate) fn is_secret_field(name: &str) -> bool {
    names::FIELDS.iter().any(|field| field.eq_ignore_ascii_case(name.trim()))
}

/// The value of such a field as it may be shown. Its first word stays where it names the scheme.
pub(crate) fn shown_value(value: &str) -> String {
    match value.trim().split_once(' ') {
        Some((scheme, _)) if !scheme.contains(['=', ';']) => format!("{scheme} {REDACTED}"),
        _ => REDACTED.to_owned(),
    }
}

/// The bytes of the body that are secrets, in order, none inside another: contents of elements and values of
/// attributes, and all that cannot be read from where it may hold some.
pub(crate) fn in_body(message: &HttpMessage) -> Vec<Range<usize>> {
    let body = message.body();
    if body.is_empty() {
        return Vec::new();
    }
    if hides_words(message) {
        return std::iter::once(0..body.len()).collect();
    }
    let Ok(infoset) = Infoset::read_lazily(body, &Limits::default()) else {
        return names::speaks_of_security(body).then_some(0..body.len()).into_iter().collect();
    };
    let mut spans = Vec::new();
    find(infoset.root(), &mut |secret| secret.collect(&mut spans));
    let in_document =
        |span: &Range<usize>| infoset.document_offset(span.start)..infoset.document_offset(span.end);
    let mut ranges: Vec<Range<usize>> = spans.iter().map(in_document).collect();
    ranges.extend(credentials_in_addresses(body));
    if let Some(error) = infoset.error() {
        ranges.extend(behind(body, error.offset, &infoset));
    }
    joined(ranges)
}

/// Whether the body is compressed, or in WCF's binary encoding, whose dictionary stands for the names of elements. A
/// capture may have undone that, and kept the fields that speak of it.
pub(crate) fn hides_words(message: &HttpMessage) -> bool {
    let encoded =
        message.field("Content-Encoding").is_some_and(|coding| !coding.eq_ignore_ascii_case("identity"));
    let binary =
        message.field("Content-Type").is_some_and(|kind| kind.to_ascii_lowercase().contains("msbin"));
    (encoded || binary) && Infoset::read(message.body(), &Limits::default()).is_err()
}

pub(crate) use names::{is_secret, is_secret_element, speaks_of_security};
pub(crate) use text::without_secrets;

/// Something secret in a document.
enum Secret<'i> {
    /// All inside an element, and the values of its attributes.
    Element(Element<'i>),
    /// The value of an attribute.
    Attribute(Range<usize>),
}

impl Secret<'_> {
    fn collect(&self, spans: &mut Vec<Range<usize>>) {
        match self {
            Self::Element(element) => {
                spans.extend(values(*element));
                spans.push(element.content_span());
            }
            Self::Attribute(span) => spans.push(span.clone()),
        }
    }
}

/// Finds what is secret, in order; nothing inside a secret element. The depth is bounded by the reader's limits.
fn find<'i>(element: Element<'i>, found: &mut impl FnMut(Secret<'i>)) {
    if names::is_secret_element(element) {
        found(Secret::Element(element));
        return;
    }
    for attribute in element.attributes() {
        if names::is_secret(attribute.namespace(), attribute.local()) {
            found(Secret::Attribute(attribute.value_span()));
        }
    }
    for child in element.elements() {
        find(child, found);
    }
}

/// The values of the attributes of a secret element, but those that belong to SOAP.
fn values(element: Element<'_>) -> impl Iterator<Item = Range<usize>> {
    let own = element.attributes().filter(|attribute| !names::is_of_soap(attribute.namespace()));
    own.map(|attribute| attribute.value_span())
}

/// What stands from a tag that cannot be read to the end of a document, if it may hold secrets; and all from where an
/// element that is secret begins, if it has no end.
fn behind(body: &[u8], error: usize, infoset: &Infoset<'_>) -> Option<Range<usize>> {
    let mut open = None;
    find(infoset.root(), &mut |secret| match secret {
        Secret::Element(element) if !element.is_closed() => open = Some(element.content_span().start),
        _ => {}
    });
    let start = match open {
        Some(start) => infoset.document_offset(start),
        None => {
            let before = body.get(..error.saturating_add(1)).unwrap_or(body);
            let start = before.iter().rposition(|byte| *byte == b'<').unwrap_or(0);
            names::speaks_of_security(body.get(start..)?).then_some(start)?
        }
    };
    Some(start..body.len())
}

/// `user:password` in `scheme://user:password@host`.
fn credentials_in_addresses(body: &[u8]) -> impl Iterator<Item = Range<usize>> {
    memchr::memmem::find_iter(body, "://").filter_map(|at| {
        let start = at + 3;
        let rest = body.get(start..)?;
        let is_end = |byte: &u8| b"@/?#<>\"' \t\r\n".contains(byte);
        let length = rest.iter().take(1024).position(is_end)?;
        let has_both = rest.get(..length)?.contains(&b':') && rest.get(length) == Some(&b'@');
        has_both.then_some(start..start + length)
    })
}

/// Sorted, those that touch or lie in one another made one, empty ones left out.
fn joined(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.retain(|range| range.start < range.end);
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

#[cfg(test)]
mod tests;
