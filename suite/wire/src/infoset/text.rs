//! Character data: references, line ends, white space.

use std::borrow::Cow;

use super::encoding::is_xml_character;
use super::error::Sin;

/// Whether a byte is white space (XML 2.3).
pub(crate) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Whether there is nothing but white space in `text`.
pub(crate) fn is_blank(text: &str) -> bool {
    text.bytes().all(is_space)
}

/// `text` without white space at both ends.
pub(crate) fn trim(text: Cow<'_, str>) -> Cow<'_, str> {
    const SPACE: [char; 4] = [' ', '\t', '\n', '\r'];
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_matches(SPACE)),
        Cow::Owned(text) => Cow::Owned(text.trim_matches(SPACE).to_owned()),
    }
}

/// The character that a reference stands for; `name` is what is written between `&` and `;`.
pub(super) fn resolve(name: &str) -> Result<char, Sin> {
    match name {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "apos" => Ok('\''),
        "quot" => Ok('"'),
        _ => match name.strip_prefix('#') {
            Some(number) => resolve_number(number),
            None if super::name::is_ncname(name) => Err(Sin::UndefinedEntity(name.to_owned())),
            None => Err(Sin::BadReference),
        },
    }
}

fn resolve_number(number: &str) -> Result<char, Sin> {
    let (digits, radix) = match number.strip_prefix('x') {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| char::from(byte).is_digit(radix)) {
        return Err(Sin::BadReference);
    }
    u32::from_str_radix(digits, radix)
        .ok()
        .filter(|code| is_xml_character(*code))
        .and_then(char::from_u32)
        .ok_or(Sin::IllegalCharacterReference)
}

/// The text that `raw` stands for: references resolved, line ends made one line feed (XML 2.11).
pub(super) fn unescape_text(raw: &str) -> Cow<'_, str> {
    unescape(raw, '\n')
}

/// The value that `raw` stands for: references resolved, white space made spaces (XML 3.3.3).
pub(super) fn unescape_attribute(raw: &str) -> Cow<'_, str> {
    unescape(raw, ' ')
}

/// `raw` was checked when the document was read, so that a reference which cannot be resolved does not occur.
fn unescape(raw: &str, line_end: char) -> Cow<'_, str> {
    let special =
        |char: char| char == '&' || char == '\r' || (line_end == ' ' && (char == '\n' || char == '\t'));
    if !raw.contains(special) {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(special) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        rest = match from.strip_prefix('&') {
            Some(reference) => {
                let (name, after) = reference.split_once(';').unwrap_or((reference, ""));
                out.extend(resolve(name));
                after
            }
            None => {
                out.push(line_end);
                let mut chars = from.chars();
                let first = chars.next();
                let after = chars.as_str();
                if first == Some('\r') { after.strip_prefix('\n').unwrap_or(after) } else { after }
            }
        };
    }
    out.push_str(rest);
    Cow::Owned(out)
}
