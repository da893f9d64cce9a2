//! From the bytes of a document to its text.

use std::borrow::Cow;

use super::error::Sin;

/// How the text of a document was encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// UTF-8 without a byte order mark.
    Utf8,
    /// UTF-8 with a byte order mark.
    Utf8WithMark,
    /// UTF-16, the lower byte first, with a byte order mark.
    Utf16LittleEndian,
    /// UTF-16, the higher byte first, with a byte order mark.
    Utf16BigEndian,
}

/// Where the bytes of a text in UTF-8 came from.
#[derive(Debug)]
pub(super) struct Offsets {
    encoding: Encoding,
    /// Places in the text, in order, each with the place in the document, so that no search is long.
    known: Vec<(usize, usize)>,
}

/// The longest good start of a document, and what is wrong behind it.
pub(super) struct Decoded<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) offsets: Offsets,
    /// What stands right behind `text`.
    pub(super) tail: Option<Sin>,
}

impl Encoding {
    /// Whether `name`, from an XML declaration, names this encoding.
    pub(super) fn is_named(self, name: &str) -> bool {
        match self {
            Self::Utf8 | Self::Utf8WithMark => name.eq_ignore_ascii_case("utf-8"),
            Self::Utf16LittleEndian => {
                name.eq_ignore_ascii_case("utf-16") || name.eq_ignore_ascii_case("utf-16le")
            }
            Self::Utf16BigEndian => {
                name.eq_ignore_ascii_case("utf-16") || name.eq_ignore_ascii_case("utf-16be")
            }
        }
    }
}

impl Offsets {
    /// How far apart the known places are, in bytes of text.
    const STEP: usize = 4096;

    fn new(encoding: Encoding) -> Self {
        Self { encoding, known: Vec::new() }
    }

    /// Notes that the text up to byte `text` came from the document up to byte `document`.
    fn note(&mut self, text: usize, document: usize) {
        let last = self.known.last().map_or(0, |(text, _)| *text);
        if text >= last + Self::STEP {
            self.known.push((text, document));
        }
    }

    pub(super) const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The byte of the document as given that `offset`, a byte of its text in UTF-8, came from.
    pub(super) fn in_document(&self, text: &str, offset: usize) -> usize {
        match self.encoding {
            Encoding::Utf8 => offset,
            Encoding::Utf8WithMark => offset + 3,
            Encoding::Utf16LittleEndian | Encoding::Utf16BigEndian => {
                let behind = self.known.partition_point(|(text, _)| *text <= offset);
                let before = behind.checked_sub(1).and_then(|at| self.known.get(at));
                let (start, document) = before.copied().unwrap_or((0, 2));
                let rest = text.get(start..).unwrap_or_default();
                let chars = rest.char_indices().take_while(|(at, _)| start + at < offset);
                document + chars.map(|(_, char)| 2 * char.len_utf16()).sum::<usize>()
            }
        }
    }
}

/// Finds the encoding and gives the text up to the first byte that cannot be text of an XML document.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded<'_>, Sin> {
    if let Some(sin) = refuse_by_first_bytes(bytes) {
        return Err(sin);
    }
    let decoded = match bytes {
        [0xFF, 0xFE, rest @ ..] => decode_utf16(rest, Encoding::Utf16LittleEndian, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => decode_utf16(rest, Encoding::Utf16BigEndian, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => decode_utf8(rest, Encoding::Utf8WithMark),
        _ => decode_utf8(bytes, Encoding::Utf8),
    };
    Ok(match first_illegal_character(&decoded.text) {
        None => decoded,
        Some((at, character)) => {
            Decoded { text: cut(decoded.text, at), tail: Some(Sin::IllegalCharacter(character)), ..decoded }
        }
    })
}

/// XML 1.0 appendix F: what the first bytes give away.
fn refuse_by_first_bytes(bytes: &[u8]) -> Option<Sin> {
    let unsupported = |name: &str| Some(Sin::UnsupportedEncoding(name.to_owned()));
    match bytes {
        [b'<', b'?' | b's' | b'S' | b'a'..=b'z' | b'A'..=b'Z', ..] => None,
        [0xE0, 0x00, 0x00, 0x01, ..] => Some(Sin::BinaryEncoding("Fast Infoset (ITU-T X.891)")),
        // PrefixDictionaryElement_s with the static string "Envelope", MC-NBFX 2.2.1 and MC-NBFS 2.1.
        [0x56, 0x02, ..] => Some(Sin::BinaryEncoding("the .NET Binary Format (MC-NBFS)")),
        [0xFF, 0xFE, 0x00, 0x00, ..] | [b'<', 0x00, 0x00, 0x00, ..] => unsupported("UTF-32LE"),
        [0x00, 0x00, 0xFE, 0xFF, ..] | [0x00, 0x00, 0x00, b'<', ..] => unsupported("UTF-32BE"),
        [b'<', 0x00, ..] => unsupported("UTF-16LE without a byte order mark"),
        [0x00, b'<', ..] => unsupported("UTF-16BE without a byte order mark"),
        [0x4C, 0x6F, 0xA7, 0x94, ..] => unsupported("EBCDIC"),
        _ => None,
    }
}

fn decode_utf8(bytes: &[u8], encoding: Encoding) -> Decoded<'_> {
    let (text, tail) = match std::str::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
            (std::str::from_utf8(good).unwrap_or_default(), Some(Sin::BadUtf8))
        }
    };
    Decoded { text: Cow::Borrowed(text), offsets: Offsets::new(encoding), tail }
}

fn decode_utf16(bytes: &[u8], encoding: Encoding, unit: impl Fn([u8; 2]) -> u16) -> Decoded<'static> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(pairs.len());
    let mut offsets = Offsets::new(encoding);
    let mut document = 2;
    let mut tail = (!rest.is_empty()).then_some(Sin::BadUtf16);
    for char in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        let Ok(char) = char else {
            tail = Some(Sin::BadUtf16);
            break;
        };
        text.push(char);
        document += 2 * char.len_utf16();
        offsets.note(text.len(), document);
    }
    Decoded { text: Cow::Owned(text), offsets, tail }
}

fn cut(text: Cow<'_, str>, at: usize) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(..at).unwrap_or_default()),
        Cow::Owned(mut text) => {
            text.truncate(at);
            Cow::Owned(text)
        }
    }
}

/// The first character outside the production Char (XML 2.2), with its place.
fn first_illegal_character(text: &str) -> Option<(usize, u32)> {
    const fn suspicious(byte: u8) -> bool {
        // A control character, or the first byte of U+F000 to U+FFFF.
        (byte < 0x20 && byte != b'\t' && byte != b'\n' && byte != b'\r') || byte == 0xEF
    }
    // Whole blocks without early exit, so that the compiler can look at many bytes at once.
    let mut start = 0;
    for block in text.as_bytes().chunks(64) {
        if block.iter().fold(false, |found, byte| found | suspicious(*byte)) {
            let illegal = block.iter().enumerate().find_map(|(at, byte)| {
                let at = start + at;
                (suspicious(*byte))
                    .then(|| text.get(at..)?.chars().next())
                    .flatten()
                    .and_then(|char| (!is_xml_character(u32::from(char))).then_some((at, u32::from(char))))
            });
            if illegal.is_some() {
                return illegal;
            }
        }
        start += block.len();
    }
    None
}

/// Production Char of XML 1.0 section 2.2.
pub(super) const fn is_xml_character(code: u32) -> bool {
    matches!(code, 0x9 | 0xA | 0xD | 0x20..=0xD7FF | 0xE000..=0xFFFD | 0x1_0000..=0x10_FFFF)
}
