//! Secrets in texts that somebody wrote, such as the output of a program or a line of a log.
//!
//! A text has no declarations that say what a prefix means, may begin or end in the middle, and may hold XML with its
//! brackets escaped; so a tag counts by its local name.

use std::ops::Range;

use super::names::{FIELDS, is_secret_tag};
use super::{REDACTED, credentials_in_addresses, joined, shown_value};

/// A tag in a text.
struct Tag<'t> {
    name: &'t str,
    prefix: &'t str,
    local: &'t str,
    is_end: bool,
    /// Whether it has no content.
    is_empty: bool,
    at: Range<usize>,
}

/// The text with `redacted` in the place of what secret elements hold, of the values of header fields that carry
/// credentials, and of user and password in addresses.
pub(crate) fn without_secrets(text: &str) -> String {
    let mut spans = elements(text);
    spans.extend(credentials_in_addresses(text.as_bytes()));
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    for span in joined(spans) {
        shown.push_str(text.get(at..span.start).unwrap_or_default());
        shown.push_str(REDACTED);
        at = span.end;
    }
    shown.push_str(text.get(at..).unwrap_or_default());
    shown.split_inclusive('\n').map(line_without_fields).collect()
}

/// What is in the elements that are secret. One whose end is not there reaches to the end of the text, one whose start is
/// not there from its beginning.
fn elements(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut open: Option<(&str, usize, usize)> = None;
    for tag in tags(text).filter(|tag| is_secret_tag(tag.prefix, tag.local)) {
        match &mut open {
            None if tag.is_end => spans.push(0..tag.at.start),
            None if !tag.is_empty => open = Some((tag.name, 1, tag.at.end)),
            Some((name, depth, start)) if *name == tag.name => {
                match (tag.is_end, tag.is_empty) {
                    (true, _) => *depth -= 1,
                    (false, false) => *depth += 1,
                    (false, true) => {}
                }
                if *depth == 0 {
                    spans.push(*start..tag.at.start);
                    open = None;
                }
            }
            _ => {}
        }
    }
    spans.extend(open.map(|(_, _, start)| start..text.len()));
    spans
}

/// The tags of a text, also those whose brackets are escaped.
fn tags(text: &str) -> impl Iterator<Item = Tag<'_>> {
    let starts = text.match_indices(['<', '&']).filter_map(|(at, _)| {
        let rest = text.get(at..)?;
        let bracket = ["<", "&lt;"].into_iter().find(|bracket| rest.starts_with(bracket))?;
        Some((at, bracket))
    });
    starts.filter_map(|(at, bracket)| {
        let inner = text.get(at + bracket.len()..)?;
        let (is_end, inner) = inner.strip_prefix('/').map_or((false, inner), |inner| (true, inner));
        let is_of_name = |character: char| character.is_alphanumeric() || ":_-.".contains(character);
        let length = inner.find(|character| !is_of_name(character)).unwrap_or(inner.len());
        let name = inner.get(..length)?;
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let close = if bracket == "<" { ">" } else { "&gt;" };
        let behind = inner.find(close).unwrap_or(inner.len());
        let is_empty = inner.get(..behind)?.ends_with('/');
        let end = text.len() - inner.len() + (behind + close.len()).min(inner.len());
        Some(Tag { name, prefix, local, is_end, is_empty, at: at..end })
    })
}

/// A line without the value of a header field that carries credentials: `Cookie: a`, `"cookie": "a"`, `cookie=a`.
fn line_without_fields(line: &str) -> String {
    // Letters keep their lengths.
    let lower = line.to_ascii_lowercase();
    let found = FIELDS.iter().filter_map(|field| {
        lower.match_indices(field).find_map(|(at, _)| {
            let is_whole =
                !lower.get(..at)?.ends_with(|before: char| before.is_alphanumeric() || before == '-');
            let behind = lower.get(at + field.len()..)?.trim_start_matches(['"', '\'', ' ']);
            let value = behind.strip_prefix([':', '='])?;
            is_whole.then_some(line.len() - value.len())
        })
    });
    let Some(value) = found.min() else { return line.to_owned() };
    let (head, value) = line.split_at(value);
    let content = value.trim_end_matches(['\r', '\n']);
    let (end, text) = (value.get(content.len()..).unwrap_or_default(), content.trim());
    if text.is_empty() { line.to_owned() } else { format!("{head} {}{end}", shown_value(text)) }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::none("all sent\n<a>open</a>\n", "all sent\n<a>open</a>\n")]
    #[case::element(
        "x <o:Password T='1'>a<b/>c</o:Password> y",
        "x <o:Password T='1'>redacted</o:Password> y"
    )]
    #[case::no_prefix("<Security>a</Security>", "<Security>redacted</Security>")]
    #[case::common("<Signature>open</Signature>", "<Signature>open</Signature>")]
    #[case::common_with_prefix("<ds:Signature>a</ds:Signature>", "<ds:Signature>redacted</ds:Signature>")]
    #[case::nested(
        "<o:Security><o:Security>a</o:Security>b</o:Security>c",
        "<o:Security>redacted</o:Security>c"
    )]
    #[case::inside(
        "<o:Security><o:Password>a</o:Password>b</o:Security>",
        "<o:Security>redacted</o:Security>"
    )]
    #[case::empty("<o:Password/>open", "<o:Password/>open")]
    #[case::cut_behind("a <o:Password>b", "a <o:Password>redacted")]
    #[case::cut_before("b</o:Password> c", "redacted</o:Password> c")]
    #[case::escaped(
        "&lt;o:Password&gt;a&lt;/o:Password&gt; open",
        "&lt;o:Password&gt;redacted&lt;/o:Password&gt; open"
    )]
    #[case::field("Authorization: Basic abc\r\nHost: h\n", "Authorization: Basic redacted\r\nHost: h\n")]
    #[case::field_in_json("  \"cookie\": \"a=b\",", "  \"cookie\": redacted")]
    #[case::other_field("x-cookie: open", "x-cookie: open")]
    #[case::address("at http://me:word@host/x", "at http://redacted@host/x")]
    #[case::letters("größe <o:Password>ä</o:Password> é", "größe <o:Password>redacted</o:Password> é")]
    fn texts(#[case] text: &str, #[case] shown: &str) {
        assert_eq!(without_secrets(text), shown);
    }
}
