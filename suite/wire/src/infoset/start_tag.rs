//! Start tags: attributes and namespace declarations.
//!
//! quick-xml finds where a tag ends and leaves what is in it to us; its own attribute iterator accepts attributes
//! without white space between them and values with `<`, and knows no offsets.

use super::arena::{Arena, Attribute, Binding, NONE, XML};
use super::error::Sin;
use super::name::{ScannedName, scan};
use super::text::{is_space, resolve, unescape_attribute};
use super::{Limits, arena};
use crate::namespace;

/// An error at a byte of the text.
pub(super) type Refusal = (Sin, usize);

/// Up to this many attributes are compared each with each; beyond that they are sorted.
const FEW: usize = 8;

/// An attribute as it stands in a tag.
#[derive(Debug, Clone, Copy)]
struct Written {
    name_start: usize,
    name: ScannedName,
    value_start: usize,
    value_end: usize,
    plain: bool,
}

/// Reads start tags; keeps its working memory from tag to tag.
pub(super) struct StartTags<'s> {
    source: &'s str,
    limits: &'s Limits,
    written: Vec<Written>,
    order: Vec<u32>,
}

/// What a start tag says.
pub(super) struct StartTag {
    pub(super) name: ScannedName,
    pub(super) namespace: u32,
    pub(super) scope: u32,
    pub(super) attributes_start: u32,
}

impl Written {
    fn qualified<'s>(&self, source: &'s str) -> &'s str {
        source.get(self.name_start..self.name.end).unwrap_or_default()
    }

    fn prefix<'s>(&self, source: &'s str) -> &'s str {
        source.get(self.name_start..self.name_start + self.name.prefix_len).unwrap_or_default()
    }

    /// The prefix that the attribute declares, with its place, if it declares one.
    fn declares<'s>(&self, source: &'s str) -> Option<(usize, &'s str)> {
        match self.qualified(source).strip_prefix("xmlns") {
            Some("") => Some((self.name.end, "")),
            Some(rest) => rest.strip_prefix(':').map(|prefix| (self.name_start + 6, prefix)),
            None => None,
        }
    }
}

impl<'s> StartTags<'s> {
    pub(super) fn new(source: &'s str, limits: &'s Limits) -> Self {
        Self { source, limits, written: Vec::with_capacity(8), order: Vec::new() }
    }

    /// Reads what stands between `start`, behind `<`, and `end`, before `>` or `/>`.
    pub(super) fn read(
        &mut self,
        arena: &mut Arena,
        (start, end): (usize, usize),
        outer: u32,
    ) -> Result<StartTag, Refusal> {
        let name = scan(self.source, start)?;
        let mut scope = outer;
        let attributes_start = index(arena.attributes.len());
        if name.end < end {
            self.scan_attributes(name.end, end)?;
            if !self.written.is_empty() {
                self.refuse_duplicates()?;
                scope = self.declare(arena, outer)?;
                self.resolve_attributes(arena, scope)?;
            }
        }
        let prefix = self.source.get(start..start + name.prefix_len).unwrap_or_default();
        let namespace = resolve_prefix(arena, self.source, scope, prefix).map_err(|sin| (sin, start))?;
        Ok(StartTag { name, namespace, scope, attributes_start })
    }

    fn scan_attributes(&mut self, start: usize, end: usize) -> Result<(), Refusal> {
        self.written.clear();
        let bytes = self.source.as_bytes().get(..end).unwrap_or_default();
        let mut at = start;
        loop {
            let name_start = skip_space(bytes, at);
            if name_start >= end {
                return Ok(());
            }
            if name_start == at {
                let sin = if self.written.is_empty() { Sin::BadName } else { Sin::AttributeNotSeparated };
                return Err((sin, at));
            }
            if self.written.len() >= self.limits.attributes {
                return Err((Sin::TooManyAttributes(self.limits.attributes), name_start));
            }
            let attribute = self.scan_attribute(bytes, name_start)?;
            at = attribute.value_end + 1;
            self.written.push(attribute);
        }
    }

    fn scan_attribute(&self, bytes: &[u8], name_start: usize) -> Result<Written, Refusal> {
        let name = scan(self.source, name_start)?;
        let equals = skip_space(bytes, name.end);
        match bytes.get(equals) {
            Some(b'=') => {}
            None => return Err((Sin::AttributeWithoutValue, name_start)),
            // Either a character that ends no name, or the next attribute.
            Some(_) if equals == name.end => return Err((Sin::BadName, equals)),
            Some(_) => return Err((Sin::AttributeWithoutValue, name_start)),
        }
        let open = skip_space(bytes, equals + 1);
        let Some(quote @ (b'"' | b'\'')) = bytes.get(open) else {
            return Err((Sin::UnquotedAttribute, open));
        };
        let value_start = open + 1;
        let mut plain = true;
        for (at, byte) in bytes.iter().enumerate().skip(value_start) {
            match byte {
                b'<' => return Err((Sin::LessThanInAttribute, at)),
                b'&' => {
                    self.check_reference(at)?;
                    plain = false;
                }
                b'\t' | b'\n' | b'\r' => plain = false,
                _ if byte == quote => {
                    return Ok(Written { name_start, name, value_start, value_end: at, plain });
                }
                _ => {}
            }
        }
        Err((Sin::UnquotedAttribute, open))
    }

    /// Checks the reference that starts at `at`, where a `&` stands.
    fn check_reference(&self, at: usize) -> Result<(), Refusal> {
        let rest = self.source.get(at + 1..).unwrap_or_default();
        let name = rest.split([';', '"', '\'', '<', '&']).next().unwrap_or_default();
        if rest.as_bytes().get(name.len()) != Some(&b';') {
            return Err((Sin::BadReference, at));
        }
        resolve(name).map(|_| ()).map_err(|sin| (sin, at))
    }

    fn refuse_duplicates(&mut self) -> Result<(), Refusal> {
        let source = self.source;
        let duplicate = first_duplicate(&mut self.order, &self.written, |one| one.qualified(source));
        match duplicate {
            Some(one) => Err((Sin::DuplicateAttribute(one.qualified(source).to_owned()), one.name_start)),
            None => Ok(()),
        }
    }

    /// Adds the namespaces that the tag declares to those in force.
    fn declare(&self, arena: &mut Arena, outer: u32) -> Result<u32, Refusal> {
        let mut scope = outer;
        for attribute in &self.written {
            let Some((prefix_start, prefix)) = attribute.declares(self.source) else { continue };
            let raw = self.source.get(attribute.value_start..attribute.value_end).unwrap_or_default();
            let mut owned = NONE;
            if !attribute.plain {
                owned = index(arena.owned.len());
                arena.owned.push(unescape_attribute(raw).into_owned());
            }
            let value = arena.owned.get(owned as usize).map_or(raw, String::as_str);
            let refuse = |sin| (sin, attribute.name_start);
            match (prefix, value) {
                ("xml", namespace::XML) => continue,
                ("xml", _) | (_, namespace::XML) => return Err(refuse(Sin::ReservedPrefix("xml"))),
                ("xmlns", _) | (_, namespace::XMLNS) => return Err(refuse(Sin::ReservedPrefix("xmlns"))),
                ("", "") => {}
                (_, "") => return Err(refuse(Sin::PrefixUndeclared(prefix.to_owned()))),
                _ => {}
            }
            let in_force = arena.binding(scope).map_or(0, |binding| binding.in_force) + 1;
            if in_force as usize > self.limits.bindings {
                return Err(refuse(Sin::TooManyBindings(self.limits.bindings)));
            }
            arena.bindings.push(Binding {
                prefix_start: index(prefix_start),
                prefix_len: index(prefix.len()),
                value_start: index(attribute.value_start),
                value_end: index(attribute.value_end),
                owned,
                outer: scope,
                in_force,
            });
            scope = index(arena.bindings.len() - 1);
        }
        Ok(scope)
    }

    /// Keeps the attributes that declare no namespace, each with its own.
    fn resolve_attributes(&mut self, arena: &mut Arena, scope: u32) -> Result<(), Refusal> {
        let first = arena.attributes.len();
        let mut prefixed = 0;
        for attribute in &self.written {
            if attribute.declares(self.source).is_some() {
                continue;
            }
            // An attribute without prefix is in no namespace, whatever the default is (Namespaces 6.2).
            let namespace = match attribute.prefix(self.source) {
                "" => NONE,
                prefix => {
                    prefixed += 1;
                    resolve_prefix(arena, self.source, scope, prefix)
                        .map_err(|sin| (sin, attribute.name_start))?
                }
            };
            arena.attributes.push(Attribute {
                name_start: index(attribute.name_start),
                name_len: index(attribute.name.end - attribute.name_start),
                prefix_len: index(attribute.name.prefix_len),
                value_start: index(attribute.value_start),
                value_end: index(attribute.value_end),
                namespace,
                plain: attribute.plain,
            });
        }
        if prefixed > 1 { self.refuse_expanded_duplicates(arena, first) } else { Ok(()) }
    }

    fn refuse_expanded_duplicates(&mut self, arena: &Arena, first: usize) -> Result<(), Refusal> {
        let source = self.source;
        let expanded = |one: &Attribute| {
            let local_start = match one.prefix_len {
                0 => one.name_start,
                length => one.name_start + length + 1,
            };
            let local = arena::slice(source, local_start, one.name_start + one.name_len);
            (local, arena.namespace(source, one.namespace))
        };
        let attributes = arena.attributes.get(first..).unwrap_or_default();
        match first_duplicate(&mut self.order, attributes, expanded) {
            Some(one) => {
                let (local, namespace) = expanded(one);
                let (local, namespace) = (local.to_owned(), namespace.to_owned());
                Err((Sin::DuplicateExpandedAttribute { namespace, local }, one.name_start as usize))
            }
            None => Ok(()),
        }
    }
}

/// The first item whose key an earlier item has.
fn first_duplicate<'t, T, K: Ord>(
    order: &mut Vec<u32>,
    items: &'t [T],
    key: impl Fn(&'t T) -> K,
) -> Option<&'t T> {
    if items.len() <= FEW {
        return items
            .iter()
            .enumerate()
            .find(|(at, one)| items.iter().take(*at).any(|other| key(other) == key(one)))
            .map(|(_, one)| one);
    }
    order.clear();
    order.extend(0..index(items.len()));
    // A stable sort leaves equal keys in document order, so the later of a pair is the duplicate.
    order.sort_by_cached_key(|at| items.get(*at as usize).map(&key));
    order
        .windows(2)
        .filter_map(|pair| match pair {
            [one, other] => {
                let same = items.get(*one as usize).map(&key) == items.get(*other as usize).map(&key);
                same.then_some(*other)
            }
            _ => None,
        })
        .min()
        .and_then(|at| items.get(at as usize))
}

/// The namespace that `prefix` stands for at `scope`.
pub(super) fn resolve_prefix(arena: &Arena, source: &str, scope: u32, prefix: &str) -> Result<u32, Sin> {
    match arena.binding_of(source, scope, prefix) {
        Some(at) => Ok(at),
        None => match prefix {
            "" => Ok(NONE),
            "xml" => Ok(XML),
            "xmlns" => Err(Sin::ReservedPrefix("xmlns")),
            _ => Err(Sin::UnboundPrefix(prefix.to_owned())),
        },
    }
}

fn skip_space(bytes: &[u8], start: usize) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    start + rest.iter().take_while(|byte| is_space(**byte)).count()
}

/// An offset or a place as it is kept. No document is longer than `u32::MAX - 2` bytes: [`Limits`] sees to it.
#[expect(clippy::cast_possible_truncation, reason = "the length of a document is checked before it is read")]
pub(super) const fn index(value: usize) -> u32 {
    value as u32
}
