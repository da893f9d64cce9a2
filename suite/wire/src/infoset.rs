//! A strict, lossless reading of an XML document, within limits.
//!
//! quick-xml finds the tags. It alone accepts documents that a SOAP node must refuse (document type declarations,
//! processing instructions, two roots, unbound prefixes, duplicate attributes, illegal characters, text around the
//! root ...); here they are refused, each with its own [`Sin`] and the byte at which it stands.

mod arena;
mod builder;
mod declaration;
mod element;
mod encoding;
mod error;
mod name;
mod start_tag;
mod text;

use std::borrow::Cow;

use arena::{Arena, NONE};
use builder::Builder;
pub use element::{Attribute, Children, Element, Elements, ExpandedName, Node, Text};
pub use encoding::Encoding;
use encoding::Offsets;
pub use error::{InfosetError, Sin};
pub(crate) use text::trim;

/// How much a document may hold before it is refused.
///
/// Memory and time to read a document grow linearly with its bytes; `depth`, `attributes` and `bindings` are the
/// factors. The default is generous where WCF's is tight (`maxReceivedMessageSize` 65536, `readerQuotas/@maxDepth`
/// 32, and 4096 bytes a start tag by `@maxBytesPerRead`), so that it refuses attacks and not messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes in the whole document. More than 4294967293 (2^32 - 3) counts as that.
    pub bytes: usize,
    /// Elements within one another.
    pub depth: usize,
    /// Attributes of one element, namespace declarations included.
    pub attributes: usize,
    /// Namespace declarations in force at one place, hidden ones included.
    pub bindings: usize,
}

/// An XML document, read once, kept as offsets into its text.
#[derive(Debug)]
pub struct Infoset<'a> {
    source: Cow<'a, str>,
    offsets: Offsets,
    arena: Arena,
    error: Option<InfosetError>,
}

impl Limits {
    /// What a WCF endpoint takes when nothing is configured: 64 KiB, 32 elements deep.
    pub const WCF: Self = Self { bytes: 65_536, depth: 32, attributes: 256, bindings: 256 };

    /// A list of offsets keeps two values of `u32` for itself.
    const MOST_BYTES: usize = u32::MAX as usize - 2;
}

impl<'a> Infoset<'a> {
    /// Reads a document: all of it, or the first thing that is wrong with it.
    ///
    /// UTF-8 is borrowed; UTF-16 with a byte order mark is made UTF-8.
    ///
    /// # Errors
    /// If it is not well-formed, not namespace-well-formed, holds what SOAP forbids, or passes a limit.
    pub fn read(bytes: &'a [u8], limits: &Limits) -> Result<Self, InfosetError> {
        let mut infoset = Self::read_lazily(bytes, limits)?;
        match infoset.error.take() {
            Some(error) => Err(error),
            None => Ok(infoset),
        }
    }

    /// Reads a document as far as it is good.
    ///
    /// WCF reads a message while it uses it, so that what is wrong behind the start tag of `soap:Body` does not keep
    /// it from acting on the headers. The elements that are open at the sin end there
    /// ([`Element::is_closed`] tells), and [`Infoset::error`] says what it is.
    ///
    /// # Errors
    /// As [`Infoset::read`], where not even the start tag of the root element can be read, or the document is too
    /// long.
    pub fn read_lazily(bytes: &'a [u8], limits: &Limits) -> Result<Self, InfosetError> {
        let most = limits.bytes.min(Limits::MOST_BYTES);
        if bytes.len() > most {
            return Err(InfosetError { sin: Sin::TooManyBytes(most), offset: most });
        }
        let decoded = encoding::decode(bytes).map_err(|sin| InfosetError { sin, offset: 0 })?;
        let source = decoded.text;
        let offsets = decoded.offsets;
        // UTF-8 can be half as long again as UTF-16.
        if source.len() > Limits::MOST_BYTES {
            return Err(InfosetError { sin: Sin::TooManyBytes(most), offset: most });
        }
        let (arena, refusal) = Builder::new(&source, offsets.encoding(), limits).run();
        let refusal = match (refusal, decoded.tail) {
            (Some((sin, at)), None) => Some((sin, at)),
            (Some((sin, at)), Some(_)) if !sin.is_truncation() => Some((sin, at)),
            // The good part ends because of what stands behind it.
            (_, Some(sin)) => Some((sin, source.len())),
            (None, None) => None,
        };
        let error = refusal.map(|(sin, at)| InfosetError { sin, offset: offsets.in_document(&source, at) });
        match error {
            Some(error) if arena.root == NONE => Err(error),
            error => Ok(Self { source, offsets, arena, error }),
        }
    }

    /// The root element.
    pub fn root(&self) -> Element<'_> {
        Element::new(self, self.arena.root)
    }

    /// The text of the document in UTF-8, without byte order mark; spans count its bytes.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// How the document was encoded.
    pub const fn encoding(&self) -> Encoding {
        self.offsets.encoding()
    }

    /// What is wrong with a document that was read lazily.
    pub const fn error(&self) -> Option<&InfosetError> {
        self.error.as_ref()
    }

    /// The byte of the document as given from which the byte `offset` of [`Infoset::source`] came.
    pub fn document_offset(&self, offset: usize) -> usize {
        self.offsets.in_document(&self.source, offset)
    }
}

/// 16 MiB, 128 elements deep, 256 attributes an element, 256 declarations in force.
impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 16 * 1024 * 1024, depth: 128, attributes: 256, bindings: 256 }
    }
}
