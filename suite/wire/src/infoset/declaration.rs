//! The XML declaration (XML 2.8).

use super::Encoding;
use super::error::Sin;
use super::start_tag::Refusal;
use super::text::is_space;

/// Checks `declaration`, which starts with `<?xml` and ends with `?>`, against its grammar and against the encoding
/// the document is in. The offset of an error counts from the start of the declaration.
pub(super) fn check(declaration: &str, encoding: Encoding) -> Result<(), Refusal> {
    let end = declaration.len() - 2;
    let mut rest = Pseudo { text: declaration.get(..end).unwrap_or_default(), at: "<?xml".len() };
    let bad = |what, at| Err((Sin::BadDeclaration(what), at));
    match rest.next()? {
        Some(("version", "1.0", _)) => {}
        Some(("version", other, at)) => return Err((Sin::UnsupportedVersion(other.to_owned()), at)),
        Some((_, _, at)) => return bad("version must come first", at),
        None => return bad("no version", end),
    }
    let mut next = rest.next()?;
    if let Some(("encoding", name, at)) = next {
        if !encoding.is_named(name) {
            return Err((refused_encoding(name), at));
        }
        next = rest.next()?;
    }
    if let Some(("standalone", value, at)) = next {
        if !matches!(value, "yes" | "no") {
            return bad("standalone is neither yes nor no", at);
        }
        next = rest.next()?;
    }
    match next {
        Some((_, _, at)) => bad("something other than version, encoding and standalone, in that order", at),
        None => Ok(()),
    }
}

/// Whether an encoding could be read if the document were in it.
fn refused_encoding(name: &str) -> Sin {
    let lower = name.to_ascii_lowercase();
    if matches!(lower.as_str(), "utf-8" | "utf-16" | "utf-16le" | "utf-16be") {
        Sin::MismatchedEncoding(name.to_owned())
    } else {
        Sin::UnsupportedEncoding(name.to_owned())
    }
}

/// A name, a value, and the place of the value.
type Pair<'d> = (&'d str, &'d str, usize);

/// The name and value pairs of a declaration.
struct Pseudo<'d> {
    text: &'d str,
    at: usize,
}

impl<'d> Pseudo<'d> {
    /// The next pair with the place of its value, or `None` at the end.
    fn next(&mut self) -> Result<Option<Pair<'d>>, Refusal> {
        let bad = |at| (Sin::BadDeclaration("not a list of name=\"value\""), at);
        let start = self.skip_space(self.at);
        if start >= self.text.len() {
            return Ok(None);
        }
        let rest = self.text.get(start..).unwrap_or_default();
        let name_len = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        if start == self.at || name_len == 0 {
            return Err(bad(start));
        }
        let equals = self.skip_space(start + name_len);
        let open = self.skip_space(equals + 1);
        let bytes = self.text.as_bytes();
        let quote = match (bytes.get(equals), bytes.get(open)) {
            (Some(b'='), Some(quote @ (b'"' | b'\''))) => char::from(*quote),
            _ => return Err(bad(equals)),
        };
        let value_start = open + 1;
        let rest_of_value = self.text.get(value_start..).unwrap_or_default();
        let Some((value, _)) = rest_of_value.split_once(quote) else { return Err(bad(open)) };
        self.at = value_start + value.len() + 1;
        let name = rest.get(..name_len).unwrap_or_default();
        Ok(Some((name, value, value_start)))
    }

    fn skip_space(&self, at: usize) -> usize {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        at + rest.iter().take_while(|byte| is_space(**byte)).count()
    }
}
