//! From the bytes of a file to its text.

use std::borrow::Cow;

use super::document::{MAX_BYTES, shorten};
use super::error::ConfigurationError;

/// How far into a file an XML declaration can reach.
const DECLARATION_BYTES: usize = 256;

/// Decodes a file: UTF-8 with or without a byte order mark, UTF-16 with one, ISO-8859-1 and Windows-1252 where the
/// XML declaration says so.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, ConfigurationError> {
    if bytes.len() > MAX_BYTES {
        let message = format!("the file has {} bytes; at most {MAX_BYTES} are read", bytes.len());
        return Err(ConfigurationError::document(1, 1, message));
    }
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [b'<', 0, ..] | [0, b'<', ..] => Err(ConfigurationError::document(
            1,
            1,
            "this is UTF-16 without a byte order mark; save it as UTF-8",
        )),
        _ => match declared_encoding(bytes).as_deref() {
            None | Some("utf-8" | "us-ascii") => utf8(bytes),
            Some("iso-8859-1") => Ok(Cow::Owned(bytes.iter().copied().map(char::from).collect())),
            Some("windows-1252") => Ok(Cow::Owned(bytes.iter().copied().map(windows_1252).collect())),
            Some(_) if bytes.is_ascii() => utf8(bytes),
            Some(other) => {
                let message = format!("the encoding {} is not read; save the file as UTF-8", shorten(other));
                Err(ConfigurationError::document(1, 1, message))
            }
        },
    }
}

fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, ConfigurationError> {
    std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| {
        let good = bytes
            .get(..error.valid_up_to())
            .and_then(|good| std::str::from_utf8(good).ok())
            .unwrap_or_default();
        let line = good.matches('\n').count() + 1;
        let column = good.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        ConfigurationError::document(number(line), number(column), "a byte here is no UTF-8")
    })
}

/// Windows-1252 is ISO-8859-1 but for 0x80 to 0x9F.
fn windows_1252(byte: u8) -> char {
    const FROM_80: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ";
    match byte {
        0x80..=0x9F => FROM_80.chars().nth(usize::from(byte - 0x80)).unwrap_or(char::REPLACEMENT_CHARACTER),
        _ => char::from(byte),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'_, str>, ConfigurationError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let text: Result<String, _> = char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect();
    match text {
        Ok(text) if rest.is_empty() => Ok(Cow::Owned(text)),
        _ => Err(ConfigurationError::document(1, 1, "the file begins as UTF-16 and is none")),
    }
}

/// The `encoding` of the XML declaration, in lower case.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    let start = bytes.get(..bytes.len().min(DECLARATION_BYTES))?;
    let end = start.windows(2).position(|pair| pair == b"?>")?;
    let declaration = std::str::from_utf8(start.get(..end)?).ok()?.strip_prefix("<?xml")?;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value.get(1..)?.split_once(quote).map(|(name, _)| name.to_ascii_lowercase())
}
