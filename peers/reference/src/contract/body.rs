//! Bodies of operations with one string parameter, as WCF's formatter reads and writes them.

use std::borrow::Cow;
use std::fmt::Write as _;

use quick_xml::Error as XmlError;
use quick_xml::NsReader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use wsrm_wire::Fragment;

/// The namespace of a WCF contract that names none.
pub const TEMPURI: &str = "http://tempuri.org/";

const PARAMETER: &str = "text";
const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Why a body cannot be read as the parameter of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyError {
    /// The body does not hold the operation's wrapper element: WCF fails without a fault of its own.
    Wrapper,
    /// The content of the wrapper is wrong, in .NET's words and with its position.
    Content(String),
}

/// The body of a request to `operation`.
pub fn request_body(operation: &str, text: &str) -> Fragment<'static> {
    wrapped((operation, ""), (PARAMETER, ""), text)
}

/// The body of the reply of `operation`.
pub fn reply_body(operation: &str, text: &str) -> Fragment<'static> {
    wrapped((operation, "Response"), (operation, "Result"), text)
}

/// The string parameter of a request to `operation`; `None` where it is missing or nil.
///
/// `body_offset` is where the body starts in its message, for the position in the error.
///
/// # Errors
/// If the body is not the wrapped form of one string.
pub fn read_text<'a>(
    body: &'a Fragment<'_>,
    operation: &str,
    body_offset: usize,
) -> Result<Option<Cow<'a, str>>, BodyError> {
    match read_plain(&body.xml, operation) {
        Some(text) => Ok(Some(Cow::Borrowed(text))),
        None => Formatter::new(body, body_offset, PARAMETER).read(operation).map(|text| text.map(Cow::Owned)),
    }
}

/// The string that a reply of `operation` holds; `None` where it is missing or nil.
///
/// # Errors
/// If the body is not the wrapped form of one string.
pub fn read_result(body: &Fragment<'_>, operation: &str) -> Result<Option<String>, BodyError> {
    Formatter::new(body, 0, &format!("{operation}Result")).read(&format!("{operation}Response"))
}

/// The text of a body in exactly the form that WCF writes it, without anything to unescape.
fn read_plain<'a>(xml: &'a str, operation: &str) -> Option<&'a str> {
    let rest = xml.strip_prefix('<')?.strip_prefix(operation)?;
    let rest = rest.strip_prefix(" xmlns=\"http://tempuri.org/\"><text>")?;
    let text = rest.strip_suffix('>')?.strip_suffix(operation)?.strip_suffix("</text></")?;
    (!text.bytes().any(|byte| matches!(byte, b'<' | b'&' | b'\r'))).then_some(text)
}

/// One element in another, each named in two parts.
fn wrapped(wrapper: (&str, &str), element: (&str, &str), text: &str) -> Fragment<'static> {
    let names = wrapper.0.len() + wrapper.1.len() + element.0.len() + element.1.len();
    let mut xml = String::with_capacity(2 * names + text.len() + 48);
    for part in ["<", wrapper.0, wrapper.1, " xmlns=\"", TEMPURI, "\"><", element.0, element.1, ">"] {
        xml.push_str(part);
    }
    escape(text, &mut xml);
    for part in ["</", element.0, element.1, "></", wrapper.0, wrapper.1, ">"] {
        xml.push_str(part);
    }
    Fragment::self_contained(xml)
}

/// Escapes character data as .NET's XML writers do.
pub(crate) fn escape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '\r']) {
        let (plain, special) = rest.split_at(at);
        out.push_str(plain);
        out.push_str(match special.as_bytes().first() {
            Some(b'&') => "&amp;",
            Some(b'<') => "&lt;",
            Some(b'>') => "&gt;",
            _ => "&#xD;",
        });
        rest = special.get(1..).unwrap_or_default();
    }
    out.push_str(rest);
}

/// Reads a body element by element and stops where it goes wrong, as .NET's reader does: what follows the first
/// error is never looked at.
struct Formatter<'a> {
    /// The name of the element that holds the string.
    parameter: &'a str,
    document: String,
    /// The bytes before the body in `document`, which declare the bindings of its surroundings.
    prologue: usize,
    body_offset: usize,
}

impl<'a> Formatter<'a> {
    fn new(body: &Fragment<'_>, body_offset: usize, parameter: &'a str) -> Self {
        let mut document = String::from("<body");
        for binding in &body.scope {
            let colon = if binding.prefix.is_empty() { "" } else { ":" };
            let _ = write!(document, " xmlns{colon}{}=\"", binding.prefix);
            document.push_str(&quick_xml::escape::escape(&*binding.namespace));
            document.push('"');
        }
        document.push('>');
        let prologue = document.len();
        document.push_str(&body.xml);
        Self { parameter, document, prologue, body_offset }
    }

    fn read(&self, wrapper: &str) -> Result<Option<String>, BodyError> {
        let mut reader = NsReader::from_str(&self.document);
        reader.config_mut().expand_empty_elements = true;
        // The prologue.
        reader.read_event().map_err(|_| BodyError::Wrapper)?;
        self.skip_to_wrapper(&mut reader, wrapper)?;
        loop {
            let (namespace, event) = reader.read_resolved_event().map_err(|error| self.broken(&error))?;
            match event {
                Event::Start(start) if is(namespace, start.local_name().as_ref(), self.parameter) => {
                    let nil = is_nil(&reader, &start);
                    let text = self.read_content(&mut reader)?;
                    return Ok((!nil).then_some(text));
                }
                // An element that is no parameter is skipped.
                Event::Start(start) => {
                    reader.read_to_end(start.name()).map_err(|error| self.broken(&error))?;
                }
                Event::End(_) => return Ok(None),
                Event::Eof => return Err(BodyError::Content(self.unexpected_end(&reader))),
                _ => {}
            }
        }
    }

    fn skip_to_wrapper(&self, reader: &mut NsReader<&[u8]>, wrapper: &str) -> Result<(), BodyError> {
        loop {
            let (namespace, event) = reader.read_resolved_event().map_err(|_| BodyError::Wrapper)?;
            match event {
                Event::Start(start) if is(namespace, start.local_name().as_ref(), wrapper) => return Ok(()),
                Event::Comment(_) => {}
                Event::Text(text) if text.trim().is_empty() => {}
                _ => return Err(BodyError::Wrapper),
            }
        }
    }

    /// The character data up to the end of the parameter.
    fn read_content(&self, reader: &mut NsReader<&[u8]>) -> Result<String, BodyError> {
        let mut content = String::new();
        loop {
            let (namespace, event) = reader.read_resolved_event().map_err(|error| self.broken(&error))?;
            match event {
                Event::Text(text) => content.push_str(&text.xml10_content()),
                Event::CData(text) => content.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => match resolve(&reference) {
                    Some(character) => content.push(character),
                    None => return Err(self.at(reader, "Unexpected entity reference.")),
                },
                Event::Start(start) => {
                    let local = start.local_name().as_ref().to_owned();
                    let namespace = match namespace {
                        ResolveResult::Bound(Namespace(namespace)) => namespace.to_owned(),
                        _ => String::new(),
                    };
                    let what = format!(
                        "End element '{}' from namespace '{TEMPURI}' expected. Found element '{local}' from \
                         namespace '{namespace}'.",
                        self.parameter
                    );
                    return Err(self.at(reader, &what));
                }
                Event::End(_) => return Ok(content),
                Event::Eof => return Err(BodyError::Content(self.unexpected_end(reader))),
                _ => {}
            }
        }
    }

    fn broken(&self, error: &XmlError) -> BodyError {
        BodyError::Content(format!("The body is not well-formed: {error}."))
    }

    fn unexpected_end(&self, reader: &NsReader<&[u8]>) -> String {
        let (line, position) = self.position(reader);
        format!("Unexpected end of file. Line {line}, position {position}.")
    }

    fn at(&self, reader: &NsReader<&[u8]>, what: &str) -> BodyError {
        let (line, position) = self.position(reader);
        BodyError::Content(format!("{what} Line {line}, position {position}."))
    }

    /// Line and column as .NET counts them: from 1, behind what was read last. Lines before the body are not
    /// known, and WCF's own messages have but one.
    fn position(&self, reader: &NsReader<&[u8]>) -> (usize, usize) {
        let end = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let read = self.document.get(self.prologue..end).unwrap_or_default();
        match read.rfind('\n') {
            None => (1, self.body_offset + read.len() + 1),
            Some(newline) => (1 + read.matches('\n').count(), read.len() - newline),
        }
    }
}

fn is(namespace: ResolveResult<'_>, local: &str, expected: &str) -> bool {
    namespace == ResolveResult::Bound(Namespace(TEMPURI)) && local == expected
}

fn is_nil(reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> bool {
    start.attributes().flatten().any(|attribute| {
        let (namespace, local) = reader.resolver().resolve_attribute(attribute.key);
        namespace == ResolveResult::Bound(Namespace(INSTANCE))
            && local.as_ref() == "nil"
            && matches!(attribute.value.as_ref().trim(), "true" | "1")
    })
}

fn resolve(reference: &BytesRef<'_>) -> Option<char> {
    if reference.is_char_ref() {
        return reference.resolve_char_ref().ok().flatten();
    }
    quick_xml::escape::resolve_predefined_entity(reference).and_then(|text| text.chars().next())
}
