//! Names (XML 2.3, Namespaces in XML 4).

use super::error::Sin;

/// A qualified name in a tag: where it ends and where its local part starts.
#[derive(Debug, Clone, Copy)]
pub(super) struct ScannedName {
    /// The byte behind the name.
    pub(super) end: usize,
    /// Bytes of the prefix, without colon; 0 where there is none.
    pub(super) prefix_len: usize,
}

/// Reads the qualified name that starts at byte `start` of `text`.
///
/// # Errors
/// If there is no name, or it is no QName; the offset is that of the offending character.
pub(super) fn scan(text: &str, start: usize) -> Result<ScannedName, (Sin, usize)> {
    let bytes = text.as_bytes().get(start..).unwrap_or_default();
    let mut length = 0;
    let mut colon = None;
    let mut is_ascii = true;
    for byte in bytes {
        match byte {
            b':' if colon.is_some() => return Err((Sin::BadName, start + length)),
            b':' => colon = Some(length),
            0x80.. => is_ascii = false,
            _ if is_ascii_name_byte(*byte) => {}
            _ => break,
        }
        length += 1;
    }
    let name = text.get(start..start + length).unwrap_or_default();
    let local_start = colon.map_or(0, |colon| colon + 1);
    let (prefix, local) = name.split_at(local_start);
    let prefix = prefix.strip_suffix(':').unwrap_or(prefix);
    let starts_well = |part: &str| part.bytes().next().is_some_and(is_ascii_start_or_beyond);
    if !starts_well(local) {
        return Err((Sin::BadName, start + local_start));
    }
    if colon.is_some() && !starts_well(prefix) {
        return Err((Sin::BadName, start));
    }
    if !is_ascii {
        check_part(prefix, start)?;
        check_part(local, start + local_start)?;
    }
    Ok(ScannedName { end: start + length, prefix_len: prefix.len() })
}

/// Whether `text` is a name without a colon.
pub(crate) fn is_ncname(text: &str) -> bool {
    !text.is_empty() && !text.contains(':') && scan(text, 0).is_ok_and(|name| name.end == text.len())
}

fn check_part(part: &str, start: usize) -> Result<(), (Sin, usize)> {
    let good = |(at, char): (usize, char)| is_start(char) || (at > 0 && is_continuation(char));
    match part.char_indices().find(|indexed| !good(*indexed)) {
        Some((at, _)) => Err((Sin::BadName, start + at)),
        None => Ok(()),
    }
}

pub(super) const fn is_ascii_name_byte(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.')
}

const fn is_ascii_start_or_beyond(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80..)
}

/// Production NameStartChar without the colon.
const fn is_start(char: char) -> bool {
    matches!(char,
        'a'..='z' | 'A'..='Z' | '_'
        | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}'
        | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}'
        | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

/// What production NameChar has beyond NameStartChar.
const fn is_continuation(char: char) -> bool {
    matches!(char,
        '0'..='9' | '-' | '.' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}
