//! From infoset to meaning, as WCF reads it.
//!
//! WCF reads the headers and messages of WS-ReliableMessaging by position: elements come in one order, optional ones
//! may be left out, and what comes behind those it knows is skipped (kept here as extensions). White space around
//! values is trimmed. An element out of its place is either an extension, its meaning lost, or makes a required
//! element missing.

mod acknowledgement;
mod addressing;
mod content;
mod create_sequence;
mod detect;
mod fault;
mod header;
mod rm_fault;
mod sequence;
mod termination;
mod value;

use std::ops::Range;

use thiserror::Error;

use crate::infoset::{self, Node};
use crate::{Body, Element, Envelope, Fragment, Infoset, QName, WireProfile};
use content::Content;

/// What kind of sin a [`ReadError`] is about, where a receiver answers differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReadErrorKind {
    /// The root element is not an envelope of the version that is read.
    Version,
    /// The grammar of an element is broken.
    Structure,
    /// `IncompleteSequenceBehavior` has a value that is not in its list; WCF has a text of its own for it.
    IncompleteSequenceBehavior,
    /// Something follows the one element that the body of a protocol message may hold.
    SecondBodyElement,
    /// The document is not XML from here on; see [`Infoset::error`].
    NotWellFormed,
}

/// A message, header or body that breaks its grammar.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{what} at byte {}", span.start)]
pub struct ReadError {
    /// What kind of sin it is.
    pub kind: ReadErrorKind,
    /// What is wrong, with the clause that says so where there is one.
    pub what: String,
    /// The bytes that are wrong, counted from the start of the document as given.
    pub span: Range<usize>,
}

impl ReadError {
    /// An error about `span`, bytes of the text of `infoset`.
    fn new(infoset: &Infoset<'_>, span: Range<usize>, kind: ReadErrorKind, what: impl Into<String>) -> Self {
        let span = infoset.document_offset(span.start)..infoset.document_offset(span.end);
        Self { kind, what: what.into(), span }
    }

    /// An error about a whole element.
    fn element(element: Element<'_>, what: impl Into<String>) -> Self {
        Self::new(element.infoset(), element.span(), ReadErrorKind::Structure, what)
    }

    /// An error about what an element lacks or holds: its start tag.
    fn within(element: Element<'_>, what: impl Into<String>) -> Self {
        Self::new(element.infoset(), element.start_tag_span(), ReadErrorKind::Structure, what)
    }

    fn kind(self, kind: ReadErrorKind) -> Self {
        Self { kind, ..self }
    }

    /// The sin at which a lazily read document ends.
    fn not_well_formed(infoset: &Infoset<'_>) -> Option<Self> {
        infoset.error().map(|error| Self {
            kind: ReadErrorKind::NotWellFormed,
            what: error.sin.to_string(),
            span: error.offset..error.offset,
        })
    }
}

impl<'i> Envelope<'i> {
    /// Reads the meaning of a message as an endpoint with this profile does: headers of another version of
    /// WS-Addressing or WS-ReliableMessaging are unknown headers to it, and so are headers for another role.
    ///
    /// Of an infoset that was read lazily ([`Infoset::read_lazily`]) the sin is met where WCF meets it: behind the
    /// start tag of the body it makes [`Body::Malformed`], and an empty body hides all that follows it.
    ///
    /// # Errors
    /// If the document is no SOAP message of the profile's version, or its sin stands before the body. A known header
    /// or body that breaks its grammar is no error here but a value of its own: [`crate::HeaderKind::Malformed`],
    /// [`Body::Malformed`].
    pub fn read(infoset: &'i Infoset<'_>, profile: WireProfile) -> Result<Self, ReadError> {
        let root = infoset.root();
        detect::check_envelope(root, profile.soap)?;
        let Parts { header, body, sin } = Parts::of(root, profile.soap.namespace())?;
        let headers = header.map_or(Ok(Vec::new()), |header| header::read_all(header, profile))?;
        Ok(Envelope {
            profile,
            headers,
            body: read_body(body, profile, sin),
            body_attributes: body.attributes().map(infoset::Attribute::to_foreign).collect(),
        })
    }
}

/// What an envelope is made of.
struct Parts<'i> {
    header: Option<Element<'i>>,
    body: Element<'i>,
    /// What is wrong somewhere behind the start tag of the body.
    sin: Option<ReadError>,
}

impl<'i> Parts<'i> {
    /// Finds `[Header] Body`.
    fn of(root: Element<'i>, soap: &str) -> Result<Self, ReadError> {
        let infoset = root.infoset();
        let mut header = None;
        let mut body = None;
        let mut sin = ReadError::not_well_formed(infoset);
        for child in root.children() {
            let span = match child {
                Node::Element(element)
                    if header.is_none() && body.is_none() && element.is(soap, "Header") =>
                {
                    header = Some(element);
                    continue;
                }
                Node::Element(element) if body.is_none() && element.is(soap, "Body") => {
                    body = Some(element);
                    continue;
                }
                Node::Comment(_) => continue,
                Node::Text(text) if text.is_blank() => continue,
                Node::Element(element) => element.start_tag_span(),
                Node::Text(text) | Node::CData(text) => text.span(),
            };
            let stray = |what| ReadError::new(infoset, span, ReadErrorKind::Structure, what);
            if body.is_none() {
                return Err(stray(
                    "something other than Header and Body in the envelope (SOAP 1.1 section 4, SOAP 1.2 section 5.1)",
                ));
            }
            let behind = "something behind the Body (WS-I Basic Profile 1.1 R1011, SOAP 1.2 section 5.1)";
            sin = Some(stray(behind));
            break;
        }
        match (body, sin) {
            (Some(body), sin) => Ok(Self { header, body, sin }),
            (None, Some(sin)) => Err(sin),
            (None, None) => Err(ReadError::within(
                root,
                "an envelope without Body (SOAP 1.1 section 4, SOAP 1.2 section 5.1)",
            )),
        }
    }
}

/// Reads the body; `sin` is what is wrong somewhere behind its start tag.
fn read_body<'i>(body: Element<'i>, profile: WireProfile, sin: Option<ReadError>) -> Body<'i> {
    if body.is_blank() && (body.is_closed() || sin.is_none()) {
        return Body::Empty;
    }
    let first = body.children().find_map(|child| match child {
        Node::Element(element) => Some(Some(element)),
        Node::Text(text) if text.is_blank() => None,
        Node::Text(_) | Node::CData(_) => Some(None),
        Node::Comment(_) => None,
    });
    let first = first.flatten();
    let malformed =
        |error| Body::Malformed { name: first.map(qname), content: body.content_fragment(), error };
    if let Some(error) = sin {
        return malformed(error);
    }
    match first.and_then(|first| read_known_body(body, first, profile)) {
        None => Body::Application(application_content(body)),
        Some(Ok(known)) => known,
        Some(Err(error)) => malformed(error),
    }
}

/// The content of an application's body. What the body itself declares belongs to it, used or not: that is where
/// WCF's serializer declares what the content may need.
fn application_content<'i>(body: Element<'i>) -> Fragment<'i> {
    let mut content = body.content_fragment();
    let declarations = body.declarations();
    if !declarations.is_empty() {
        let inherited = std::mem::replace(&mut content.scope, declarations);
        content.scope.retain(|binding| !binding.namespace.is_empty());
        for binding in inherited {
            if content.scope.iter().all(|declared| declared.prefix != binding.prefix) {
                content.scope.push(binding);
            }
        }
    }
    content
}

/// The body if its first element is one that has a meaning here.
fn read_known_body<'i>(
    body: Element<'i>,
    first: Element<'i>,
    profile: WireProfile,
) -> Option<Result<Body<'i>, ReadError>> {
    let namespace = first.namespace();
    let rm = profile.rm;
    let known = if namespace == rm.namespace() {
        match first.local() {
            "CreateSequence" => create_sequence::read(first, profile).map(Body::CreateSequence),
            "CreateSequenceResponse" => {
                create_sequence::read_response(first, profile).map(Body::CreateSequenceResponse)
            }
            "TerminateSequence" => termination::read_terminate(first, rm).map(Body::TerminateSequence),
            "CloseSequence" if termination::exists(rm) => {
                termination::read_close(first, rm).map(Body::CloseSequence)
            }
            "CloseSequenceResponse" if termination::exists(rm) => {
                termination::read_close_response(first, rm).map(Body::CloseSequenceResponse)
            }
            "TerminateSequenceResponse" if termination::exists(rm) => {
                termination::read_terminate_response(first, rm).map(Body::TerminateSequenceResponse)
            }
            _ => return None,
        }
    } else if namespace == profile.soap.namespace() && first.local() == "Fault" {
        fault::read(first, profile.soap).map(Body::Fault)
    } else {
        return None;
    };
    Some(known.and_then(|known| only_element(body, first).map(|()| known)))
}

/// Refuses a body that holds more than its first element.
fn only_element(body: Element<'_>, first: Element<'_>) -> Result<(), ReadError> {
    let infoset = body.infoset();
    let extra = body.children().find_map(|child| match child {
        Node::Element(element) if element.span() != first.span() => Some(element.start_tag_span()),
        Node::Text(text) if !text.is_blank() => Some(text.span()),
        Node::CData(text) => Some(text.span()),
        Node::Element(_) | Node::Text(_) | Node::Comment(_) => None,
    });
    match extra {
        None => Ok(()),
        Some(span) => Err(ReadError::new(
            infoset,
            span,
            ReadErrorKind::SecondBodyElement,
            "the body holds something beside the one element of a protocol message or fault (WS-RM 1.1 section 3, SOAP 1.2 \
             section 5.4)",
        )),
    }
}

/// The name of an element as it is kept.
fn qname(element: Element<'_>) -> QName<'_> {
    QName { namespace: element.namespace().into(), local: element.local().into() }
}
