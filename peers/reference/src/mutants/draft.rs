//! A message at the edge of a peer, where a bug can reach it.

use std::borrow::Cow;
use std::ops::Range;

use wsrm_wire::infoset::Element;
use wsrm_wire::{Infoset, Limits, RmVersion, SoapVersion, WireProfile, namespace};

use crate::http::Field;

/// A message of HTTP with the SOAP message in it, to be spoilt.
///
/// Paths name elements by their local names from the outside in, wherever they stand: `SequenceAcknowledgement/Final` is
/// the first `Final` inside the first `SequenceAcknowledgement`, and `AcknowledgementRange[2]` the second range. XML that is put in may use the prefixes `s` (SOAP), `a`
/// (WS-Addressing), `r` (reliable messaging) and `n` (WCF's extension); they are declared where they have to be.
/// What cannot be done, because what it is about is not there, gives `None` and changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    profile: WireProfile,
    form: Form,
    fields: Vec<Field>,
    body: String,
}

/// The part that HTTP has for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// A request by this method.
    Request(String),
    /// A response with this status.
    Response(u16),
    /// None: the connection ends without it.
    Lost,
}

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// CreateSequence.
    CreateSequence,
    /// Its answer.
    CreateSequenceResponse,
    /// CloseSequence.
    CloseSequence,
    /// Its answer.
    CloseSequenceResponse,
    /// TerminateSequence.
    TerminateSequence,
    /// Its answer.
    TerminateSequenceResponse,
    /// The empty last message of a sequence of February 2005.
    LastMessage,
    /// An application message in a sequence, a fault of the application included.
    Message,
    /// An acknowledgement that travels alone.
    Acknowledgement,
    /// A request for an acknowledgement that travels alone.
    AckRequested,
    /// A fault outside of a sequence.
    Fault,
    /// No message.
    Nothing,
    /// Anything else.
    Other,
}

impl Draft {
    /// A draft; `None` where the body is no UTF-8.
    pub fn new(profile: WireProfile, form: Form, fields: Vec<Field>, body: &[u8]) -> Option<Self> {
        let body = std::str::from_utf8(body).ok()?.to_owned();
        Some(Self { profile, form, fields, body })
    }

    /// A message that never comes.
    pub const fn lost(profile: WireProfile) -> Self {
        Self { profile, form: Form::Lost, fields: Vec::new(), body: String::new() }
    }

    /// What HTTP says of it, its header fields and its body.
    pub fn into_parts(self) -> (Form, Vec<Field>, String) {
        (self.form, self.fields, self.body)
    }

    /// The form of the messages.
    pub const fn profile(&self) -> WireProfile {
        self.profile
    }

    /// What HTTP says of it.
    pub const fn form(&self) -> &Form {
        &self.form
    }

    /// The SOAP message.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// What the message is for.
    pub fn kind(&self) -> Kind {
        self.read(|root| Some(kind(root, self.profile.rm))).unwrap_or(match self.body.is_empty() {
            true => Kind::Nothing,
            false => Kind::Other,
        })
    }

    /// Whether there is such an element.
    pub fn has(&self, path: &str) -> bool {
        self.source(path).is_some()
    }

    /// The text of an element.
    pub fn text(&self, path: &str) -> Option<String> {
        self.read(|root| find(root, path).map(|element| element.token().into_owned()))
    }

    /// The text of an element that holds a number.
    pub fn number(&self, path: &str) -> Option<u64> {
        self.text(path)?.parse().ok()
    }

    /// An element as it is written.
    pub fn source(&self, path: &str) -> Option<String> {
        self.read(|root| find(root, path).map(|element| element.xml().to_owned()))
    }

    /// The value of an attribute, by its local name.
    pub fn attribute(&self, path: &str, local: &str) -> Option<String> {
        self.read(|root| {
            let mut attributes = find(root, path)?.attributes();
            attributes.find(|attribute| attribute.local() == local).map(|found| found.value().into_owned())
        })
    }

    /// Takes an element out.
    pub fn remove(&mut self, path: &str) -> Option<()> {
        let span = self.span(path)?;
        self.splice(span, "")
    }

    /// Writes an element twice.
    pub fn repeat(&mut self, path: &str) -> Option<()> {
        let source = self.source(path)?;
        let end = self.span(path)?.end;
        self.splice(end..end, &source)
    }

    /// Gives an element another content.
    pub fn set(&mut self, path: &str, content: &str) -> Option<()> {
        let content = self.declared(path, content)?;
        self.open(path)?;
        let span = self.content(path)?;
        self.splice(span, &content)
    }

    /// Adds to the number that an element holds.
    pub fn add(&mut self, path: &str, more: i64) -> Option<()> {
        let number: i64 = self.text(path)?.parse().ok()?;
        self.set(path, &number.checked_add(more)?.to_string())
    }

    /// Puts other XML in the place of an element.
    pub fn replace(&mut self, path: &str, xml: &str) -> Option<()> {
        let xml = self.declared(path, xml)?;
        let span = self.span(path)?;
        self.splice(span, &xml)
    }

    /// Puts XML before an element.
    pub fn before(&mut self, path: &str, xml: &str) -> Option<()> {
        let xml = self.declared(path, xml)?;
        let start = self.span(path)?.start;
        self.splice(start..start, &xml)
    }

    /// Puts XML behind an element.
    pub fn after(&mut self, path: &str, xml: &str) -> Option<()> {
        let xml = self.declared(path, xml)?;
        let end = self.span(path)?.end;
        self.splice(end..end, &xml)
    }

    /// Puts XML at the end of the content of an element.
    pub fn append(&mut self, path: &str, xml: &str) -> Option<()> {
        let xml = self.declared(path, xml)?;
        self.open(path)?;
        let end = self.content(path)?.end;
        self.splice(end..end, &xml)
    }

    /// Gives an attribute another value, by its local name.
    pub fn set_attribute(&mut self, path: &str, local: &str, value: &str) -> Option<()> {
        let span = self.attribute_value(path, local)?;
        self.splice(span, value)
    }

    /// Takes an attribute away, by its local name.
    pub fn remove_attribute(&mut self, path: &str, local: &str) -> Option<()> {
        let value = self.attribute_value(path, local)?;
        let start = self.body.get(..value.start)?.rfind(char::is_whitespace)?;
        self.splice(start..value.end + 1, "")
    }

    /// Writes an attribute more, as `name="value"`.
    pub fn add_attribute(&mut self, path: &str, attribute: &str) -> Option<()> {
        let start = self.span(path)?.start;
        let tag = self.body.get(start..)?;
        let end =
            start + tag.find(|letter: char| letter.is_whitespace() || letter == '>' || letter == '/')?;
        self.splice(end..end, &format!(" {attribute}"))
    }

    /// Puts a text in the place of the first occurrence of another.
    pub fn swap(&mut self, from: &str, to: &str) -> Option<()> {
        let start = self.body.find(from)?;
        self.splice(start..start + from.len(), to)
    }

    /// Puts another SOAP message in its place.
    pub fn rewrite(&mut self, body: String) -> Option<()> {
        self.body = body;
        Some(())
    }

    /// Gives a response another status.
    pub fn status(&mut self, status: u16) -> Option<()> {
        let Form::Response(_) = self.form else { return None };
        self.form = Form::Response(status);
        Some(())
    }

    /// Sends a request by another method.
    pub fn method(&mut self, method: &str) -> Option<()> {
        let Form::Request(_) = self.form else { return None };
        self.form = Form::Request(method.to_owned());
        Some(())
    }

    /// A header field.
    pub fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(field, _)| field.eq_ignore_ascii_case(name))?;
        Some(&found.1)
    }

    /// Writes a header field, once.
    pub fn set_field(&mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Option<()> {
        match self.fields.iter_mut().find(|(field, _)| field.eq_ignore_ascii_case(name)) {
            Some(found) => found.1 = value.into(),
            None => self.fields.push((Cow::Borrowed(name), value.into())),
        }
        Some(())
    }

    /// Leaves a header field out.
    pub fn remove_field(&mut self, name: &str) -> Option<()> {
        let place = self.fields.iter().position(|(field, _)| field.eq_ignore_ascii_case(name))?;
        self.fields.remove(place);
        Some(())
    }

    /// Says nothing: a response with this status and no message.
    pub fn nothing(&mut self, status: u16) -> Option<()> {
        self.form = Form::Response(status);
        self.fields.clear();
        self.body.clear();
        Some(())
    }

    /// Answers with this message, which is no fault.
    pub fn answer(&mut self, body: String) -> Option<()> {
        self.form = Form::Response(200);
        let media_type = format!("{}; charset=utf-8", self.profile.soap.media_type());
        self.set_field("Content-Type", media_type)?;
        self.rewrite(body)
    }

    /// Gets lost: the connection ends in its place.
    pub fn lose(&mut self) -> Option<()> {
        self.form = Form::Lost;
        self.fields.clear();
        self.body.clear();
        Some(())
    }

    fn read<T>(&self, look: impl FnOnce(Element<'_>) -> Option<T>) -> Option<T> {
        let infoset = Infoset::read_lazily(self.body.as_bytes(), &Limits::default()).ok()?;
        look(infoset.root())
    }

    fn span(&self, path: &str) -> Option<Range<usize>> {
        self.read(|root| Some(find(root, path)?.span()))
    }

    fn content(&self, path: &str) -> Option<Range<usize>> {
        self.read(|root| Some(find(root, path)?.content_span()))
    }

    /// Makes of an empty tag a start tag and an end tag.
    fn open(&mut self, path: &str) -> Option<()> {
        let span = self.span(path)?;
        let Some(start) = self.body.get(span.clone())?.strip_suffix("/>") else { return Some(()) };
        let name = start.split(|letter: char| letter.is_whitespace()).next()?.trim_start_matches('<');
        let both = format!("{start}></{name}>");
        self.splice(span, &both)
    }

    fn attribute_value(&self, path: &str, local: &str) -> Option<Range<usize>> {
        self.read(|root| {
            let mut attributes = find(root, path)?.attributes();
            attributes.find(|attribute| attribute.local() == local).map(|found| found.value_span())
        })
    }

    fn splice(&mut self, span: Range<usize>, by: &str) -> Option<()> {
        self.body.get(span.clone())?;
        self.body.replace_range(span, by);
        Some(())
    }

    /// The XML with the prefixes declared that are not, where the element at `path` stands.
    fn declared(&self, path: &str, xml: &str) -> Option<String> {
        let namespaces = [
            ("s", self.profile.soap.namespace()),
            ("a", self.profile.addressing.namespace()),
            ("r", self.profile.rm.namespace()),
            ("n", namespace::NETRM),
        ];
        self.read(|root| {
            let element = find(root, path)?;
            let mut declarations = String::new();
            for (prefix, namespace) in namespaces {
                let used =
                    [format!("<{prefix}:"), format!(" {prefix}:")].iter().any(|use_| xml.contains(use_));
                let known = element.namespace_of(prefix) == Some(namespace);
                if used && !known && !xml.contains(&format!("xmlns:{prefix}=")) {
                    declarations.push_str(&format!(" xmlns:{prefix}=\"{namespace}\""));
                }
            }
            let end = xml.find(|letter: char| letter.is_whitespace() || letter == '>' || letter == '/');
            match end.and_then(|end| xml.split_at_checked(end)) {
                Some((name, rest)) if name.starts_with('<') => Some(format!("{name}{declarations}{rest}")),
                _ => Some(xml.to_owned()),
            }
        })
    }
}

/// The element that a path names.
fn find<'i>(root: Element<'i>, path: &str) -> Option<Element<'i>> {
    path.split('/').try_fold(root, |outer, step| {
        let (local, place) = match step.strip_suffix(']').and_then(|step| step.split_once('[')) {
            Some((local, place)) => (local, place.parse().ok()?),
            None => (step, 1),
        };
        descendant(outer, local, place)
    })
}

fn descendant<'i>(outer: Element<'i>, local: &str, mut place: usize) -> Option<Element<'i>> {
    let mut waiting: Vec<Element<'i>> = children(outer);
    while let Some(element) = waiting.pop() {
        if element.local() == local {
            place = place.checked_sub(1)?;
            if place == 0 {
                return Some(element);
            }
        }
        waiting.extend(children(element));
    }
    None
}

/// The child elements, the first at the end.
fn children(outer: Element<'_>) -> Vec<Element<'_>> {
    let mut children: Vec<_> = outer.elements().collect();
    children.reverse();
    children
}

fn kind(root: Element<'_>, rm: RmVersion) -> Kind {
    let part = |local| root.elements().find(|element| element.local() == local);
    let header = |local| {
        part("Header")
            .is_some_and(|header| header.elements().any(|element| element.is(rm.namespace(), local)))
    };
    let content = part("Body").and_then(|body| body.elements().next());
    match content {
        _ if header("Sequence") => {
            let names_last = |header: Element<'_>| {
                header.elements().any(|element| element.local() == "Action" && is_last(&element.token()))
            };
            if part("Header").is_some_and(names_last) { Kind::LastMessage } else { Kind::Message }
        }
        None if header("AckRequested") => Kind::AckRequested,
        None if header("SequenceAcknowledgement") => Kind::Acknowledgement,
        None => Kind::Other,
        Some(content) if content.namespace() == rm.namespace() => match content.local() {
            "CreateSequence" => Kind::CreateSequence,
            "CreateSequenceResponse" => Kind::CreateSequenceResponse,
            "CloseSequence" => Kind::CloseSequence,
            "CloseSequenceResponse" => Kind::CloseSequenceResponse,
            "TerminateSequence" => Kind::TerminateSequence,
            "TerminateSequenceResponse" => Kind::TerminateSequenceResponse,
            _ => Kind::Other,
        },
        Some(content) if content.local() == "Fault" && is_soap(content.namespace()) => Kind::Fault,
        Some(_) => Kind::Other,
    }
}

fn is_last(action: &str) -> bool {
    wsrm_wire::Action::LastMessage.uri(RmVersion::February2005) == Some(action)
}

fn is_soap(namespace: &str) -> bool {
    SoapVersion::ALL.iter().any(|soap| soap.namespace() == namespace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wsrm_wire::AddressingVersion;

    fn draft(body: &str) -> Draft {
        let profile = WireProfile {
            soap: SoapVersion::Soap12,
            addressing: AddressingVersion::Addressing10,
            rm: RmVersion::V200702,
        };
        Draft::new(profile, Form::Response(200), Vec::new(), body.as_bytes()).unwrap()
    }

    #[test]
    fn edits_say_whether_they_found_their_place() {
        let mut message = draft(r#"<x:a xmlns:x="urn:x"><b c="1" d="2"><e>5</e></b><e>7</e></x:a>"#);
        assert_eq!(message.add("b/e", -2), Some(()));
        assert_eq!(message.repeat("b/e"), Some(()));
        assert_eq!(message.set_attribute("b", "d", "3"), Some(()));
        assert_eq!(message.remove_attribute("b", "c"), Some(()));
        assert_eq!(message.append("b", "<r:f/>"), Some(()));
        assert_eq!(message.set("f", "6"), Some(()));
        assert_eq!(message.remove("b/g"), None);
        let namespace = RmVersion::V200702.namespace();
        assert_eq!(
            message.body(),
            format!(
                r#"<x:a xmlns:x="urn:x"><b d="3"><e>3</e><e>3</e><r:f xmlns:r="{namespace}">6</r:f></b><e>7</e></x:a>"#
            )
        );
    }
}
