//! When two documents say the same.

use std::borrow::Cow;
use std::fmt;

use thiserror::Error;

use crate::infoset::{Attribute, Element, Infoset, Node};
use crate::{AddressingVersion, RmVersion, SoapVersion};

/// The first thing in which two documents differ.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{path}: {what}")]
pub struct Difference {
    /// Where, as the local names from the root on, with the place among its siblings.
    pub path: String,
    /// What differs.
    pub what: String,
}

/// Compares two SOAP messages by their infosets, and stops at the first difference.
///
/// Equal are: expanded names, whatever the prefixes; attributes in any order; element content with or without
/// white space between the elements; qualified names in text, `xsi:type` and `NotUnderstood` by what they stand
/// for; the values of SOAP, WS-Addressing and WS-ReliableMessaging with or without white space around them; an
/// empty `Header` and none. Comments count for nothing. All else must be the same.
///
/// # Errors
/// If the documents differ.
pub fn equivalent(left: &Infoset<'_>, right: &Infoset<'_>) -> Result<(), Difference> {
    Comparison { path: Vec::new() }.elements(left.root(), right.root())
}

struct Comparison<'i> {
    path: Vec<(&'i str, usize)>,
}

impl<'i> Comparison<'i> {
    fn elements(&mut self, left: Element<'i>, right: Element<'i>) -> Result<(), Difference> {
        if left.name() != right.name() {
            let (left, right) = (left.name(), right.name());
            return Err(self.difference(format!(
                "{{{}}}{} against {{{}}}{}",
                left.namespace, left.local, right.namespace, right.local
            )));
        }
        self.path.push((left.local(), 0));
        self.attributes(left, right)?;
        let (left_children, right_children) = (content(left), content(right));
        if left_children.is_empty() && right_children.is_empty() {
            self.text(left, right)?;
        } else {
            self.children(left, right, &left_children, &right_children)?;
        }
        self.path.pop();
        Ok(())
    }

    fn children(
        &mut self,
        left: Element<'i>,
        right: Element<'i>,
        left_children: &[Element<'i>],
        right_children: &[Element<'i>],
    ) -> Result<(), Difference> {
        for place in 0..left_children.len().max(right_children.len()) {
            if let Some(last) = self.path.last_mut() {
                last.1 = place + 1;
            }
            match (left_children.get(place), right_children.get(place)) {
                (Some(left), Some(right)) => self.elements(*left, *right)?,
                (Some(left), None) => {
                    return Err(self.difference(format!("{} against nothing", left.local())));
                }
                (None, Some(right)) => {
                    return Err(self.difference(format!("nothing against {}", right.local())));
                }
                (None, None) => {}
            }
        }
        let (left, right) = (mixed_text(left), mixed_text(right));
        if left == right { Ok(()) } else { Err(self.difference(format!("{left:?} against {right:?}"))) }
    }

    fn text(&self, left: Element<'i>, right: Element<'i>) -> Result<(), Difference> {
        let (left_text, right_text) =
            if is_token(left) { (left.token(), right.token()) } else { (left.text(), right.text()) };
        if same_value(left, &left_text, right, &right_text, holds_name(left)) {
            Ok(())
        } else {
            Err(self.difference(format!("{left_text:?} against {right_text:?}")))
        }
    }

    fn attributes(&self, left: Element<'i>, right: Element<'i>) -> Result<(), Difference> {
        for attribute in left.attributes() {
            let (namespace, local) = (attribute.namespace(), attribute.local());
            let other = right.attribute(namespace, local);
            let value = attribute.value();
            let is_name = holds_name_in_attribute(attribute);
            if !other.as_deref().is_some_and(|other| same_value(left, &value, right, other, is_name)) {
                return Err(self.difference(format!("attribute {local}: {value:?} against {other:?}")));
            }
        }
        let missing = right
            .attributes()
            .find(|attribute| left.attribute(attribute.namespace(), attribute.local()).is_none());
        match missing {
            Some(attribute) => Err(self.difference(format!(
                "attribute {}: nothing against {:?}",
                attribute.local(),
                attribute.value()
            ))),
            None => Ok(()),
        }
    }

    fn difference(&self, what: String) -> Difference {
        Difference { path: Path(&self.path).to_string(), what }
    }
}

/// The child elements that count.
fn content(element: Element<'_>) -> Vec<Element<'_>> {
    let is_envelope = element.local() == "Envelope" && is_soap(element.namespace());
    element
        .elements()
        .filter(|child| {
            let is_empty_header =
                is_envelope && child.local() == "Header" && child.is_blank() && child.attributes().len() == 0;
            !is_empty_header
        })
        .collect()
}

/// The text between child elements, without what is only white space.
fn mixed_text(element: Element<'_>) -> Vec<Cow<'_, str>> {
    element
        .children()
        .filter_map(|child| match child {
            Node::Text(text) if text.is_blank() => None,
            Node::Text(text) | Node::CData(text) => Some(text.value()),
            Node::Element(_) | Node::Comment(_) => None,
        })
        .collect()
}

/// Whether two values are the same text, or the same name under different prefixes.
fn same_value(
    left: Element<'_>,
    left_value: &str,
    right: Element<'_>,
    right_value: &str,
    is_name: bool,
) -> bool {
    // Text that only looks like a name is no less the same where its "prefix" stands for nothing on one side.
    let may_be_name = is_name || (left_value.contains(':') && right_value.contains(':'));
    match (left.resolve(left_value.trim()), right.resolve(right_value.trim())) {
        (Some(left), Some(right)) if may_be_name => left == right,
        _ => left_value == right_value,
    }
}

fn is_soap(namespace: &str) -> bool {
    SoapVersion::ALL.into_iter().any(|version| version.namespace() == namespace)
}

fn is_protocol(namespace: &str) -> bool {
    is_soap(namespace)
        || AddressingVersion::ALL.into_iter().any(|version| version.namespace() == namespace)
        || RmVersion::ALL.into_iter().any(|version| version.namespace() == namespace)
        || namespace == crate::namespace::NETRM
}

/// Whether white space around the text of the element means nothing: the values of the protocols, but not the
/// explanation of a fault.
fn is_token(element: Element<'_>) -> bool {
    let is_fault_part =
        element.namespace().is_empty() && matches!(element.local(), "faultcode" | "faultactor");
    (is_protocol(element.namespace()) && element.local() != "Text") || is_fault_part
}

/// Whether the text of the element is a qualified name, so that one without prefix has a namespace too.
fn holds_name(element: Element<'_>) -> bool {
    match element.local() {
        "Value" => is_soap(element.namespace()),
        "FaultCode" | "ProblemHeaderQName" => is_protocol(element.namespace()),
        "faultcode" => element.namespace().is_empty(),
        _ => false,
    }
}

fn holds_name_in_attribute(attribute: Attribute<'_>) -> bool {
    match attribute.local() {
        "qname" => attribute.namespace().is_empty(),
        "type" => attribute.namespace() == "http://www.w3.org/2001/XMLSchema-instance",
        _ => false,
    }
}

struct Path<'p>(&'p [(&'p str, usize)]);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (local, place)) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "/" };
            write!(f, "{separator}{local}")?;
            if *place > 0 {
                write!(f, "[{place}]")?;
            }
        }
        Ok(())
    }
}
