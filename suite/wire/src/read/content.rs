//! Element content, read by position.

use super::value;
use crate::infoset::{Elements, Node};
use crate::{Element, Fragment, ReadError};

/// The child elements of an element, taken one after another.
pub(super) struct Content<'i> {
    parent: Element<'i>,
    rest: Elements<'i>,
    next: Option<Element<'i>>,
}

impl<'i> Content<'i> {
    /// The content of an element that may hold elements only.
    pub(super) fn of(parent: Element<'i>, clause: &str) -> Result<Self, ReadError> {
        for child in parent.children() {
            let text = match child {
                Node::Text(text) if !text.is_blank() => text,
                Node::CData(text) => text,
                Node::Text(_) | Node::Comment(_) | Node::Element(_) => continue,
            };
            return Err(ReadError::new(
                parent.infoset(),
                text.span(),
                super::ReadErrorKind::Structure,
                format!("text in {}, which holds elements only ({clause})", parent.local()),
            ));
        }
        Ok(Self::children_of(parent))
    }

    /// The child elements, whatever stands between them.
    pub(super) fn children_of(parent: Element<'i>) -> Self {
        let mut rest = parent.elements();
        let next = rest.next();
        Self { parent, rest, next }
    }

    /// The element that is next.
    pub(super) fn next(&self) -> Option<Element<'i>> {
        self.next
    }

    /// The next element, if it has this name.
    pub(super) fn take(&mut self, namespace: &str, local: &str) -> Option<Element<'i>> {
        let element = self.next.filter(|next| next.is(namespace, local))?;
        self.next = self.rest.next();
        Some(element)
    }

    /// The next element, which must have this name.
    pub(super) fn require(
        &mut self,
        namespace: &str,
        local: &str,
        clause: &str,
    ) -> Result<Element<'i>, ReadError> {
        if let Some(element) = self.take(namespace, local) {
            return Ok(element);
        }
        let parent = self.parent.local();
        Err(match self.next {
            None => ReadError::within(self.parent, format!("{parent} without {local} ({clause})")),
            Some(other) => {
                let found = other.name();
                let found = if found.local == local {
                    format!("{local} of the namespace {}", value::shown(found.namespace))
                } else {
                    found.local.to_owned()
                };
                ReadError::within(other, format!("{found} in {parent} where {local} is due ({clause})"))
            }
        })
    }

    /// The next element, whatever it is.
    pub(super) fn take_any(&mut self) -> Option<Element<'i>> {
        let element = self.next?;
        self.next = self.rest.next();
        Some(element)
    }

    /// The elements behind those that were taken.
    pub(super) fn extensions(mut self) -> Vec<Fragment<'i>> {
        let mut extensions = Vec::new();
        while let Some(element) = self.take_any() {
            extensions.push(element.fragment());
        }
        extensions
    }

    /// Refuses elements behind those that were taken.
    pub(super) fn end(&self, clause: &str) -> Result<(), ReadError> {
        match self.next {
            None => Ok(()),
            Some(other) => {
                let (other_name, parent) = (other.local(), self.parent.local());
                Err(ReadError::within(other, format!("{other_name} where {parent} must end ({clause})")))
            }
        }
    }
}
