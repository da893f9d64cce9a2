//! A message as it stood on the wire, with the bytes at fault marked and its secrets left out.

use std::ops::Range;

use maud::{Markup, PreEscaped, html};

use super::layout::{Piece, pieces};
use crate::recording::{Evidence, HttpMessage, StartLine};
use crate::secrets;

/// Of a longer body this much is shown from its start, and around each place at fault.
const MOST_SHOWN: usize = 12 << 10;
const START_SHOWN: usize = 4 << 10;
const AROUND_SHOWN: usize = 2 << 10;
/// Bytes at fault that are shown by themselves.
const EXCERPT_SHOWN: usize = 1 << 10;
/// Header fields that are shown, and characters of each.
const MOST_FIELDS: usize = 60;
const LONGEST_FIELD: usize = 600;

/// The message; `fault` are the bytes of its body that are wrong.
pub(super) fn message(message: &HttpMessage, fault: Option<&Range<usize>>) -> Markup {
    html! {
        div.message {
            pre.head tabindex="0" { code { (head(message)) } }
            @if let Some(remark) = remark(message) { p.remark { (remark) } }
            @if message.body().is_empty() {
                p.remark { "no body" }
            } @else {
                pre.body tabindex="0" { code { (PreEscaped(body(message, fault))) } }
            }
        }
    }
}

/// The bytes at fault alone, as far as they are shown; `None` where they are the whole body or there are none.
pub(super) fn excerpt(message: &HttpMessage, fault: &Range<usize>) -> Option<Markup> {
    let (text, _) = read(message, Some(fault));
    let fault = text.fault.clone().filter(|fault| *fault != (0..text.text.len()) && !fault.is_empty())?;
    let end = text.boundary(fault.start + EXCERPT_SHOWN).min(fault.end);
    let kept = std::iter::once(fault.start..end).collect::<Vec<_>>();
    let mut shown = Writer::new(&text, &kept, false).write();
    shown.truncate(shown.trim_end().len());
    let cut = if end < fault.end { " …" } else { "" };
    Some(html! { pre.excerpt { code { (PreEscaped(shown.trim_start())) (cut) } } })
}

/// Start line and header fields.
fn head(message: &HttpMessage) -> String {
    let mut text = match message.start() {
        StartLine::Request { method, target } => format!("{method} {target} HTTP/1.1\n"),
        StartLine::Response { status, reason } => format!("HTTP/1.1 {status} {reason}\n"),
    };
    for (name, value) in message.fields().iter().take(MOST_FIELDS) {
        let value = if secrets::is_secret_field(name) { secrets::shown_value(value) } else { value.clone() };
        let mut shown: String = value.chars().take(LONGEST_FIELD).collect();
        if shown.len() < value.len() {
            shown.push('…');
        }
        text.push_str(&format!("{name}: {shown}\n"));
    }
    let more = message.fields().len().saturating_sub(MOST_FIELDS);
    if more > 0 {
        text.push_str(&format!("… {more} more header fields\n"));
    }
    text.trim_end().chars().map(visible).collect()
}

/// What is to be known of how the message is known.
const fn remark(message: &HttpMessage) -> Option<&'static str> {
    match message.evidence() {
        Evidence::Wire => None,
        Evidence::Rewritten => Some("as a log wrote it again"),
        Evidence::HeadersOnly => Some("as a log wrote it again, without what was in the SOAP body"),
        Evidence::BodyMissing => Some("its body was not kept"),
    }
}

/// A character as it can be shown: a control character has a picture of its own.
const fn visible(character: char) -> char {
    match character {
        '\n' | '\t' => character,
        '\r' => '␍',
        '\u{0}' => '␀',
        '\u{1}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '�',
        _ => character,
    }
}

/// How a piece of a body is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    is_fault: bool,
    is_secret: bool,
    is_shown: bool,
}

/// A body as text, with places in it.
struct Text {
    text: String,
    fault: Option<Range<usize>>,
    secrets: Vec<Range<usize>>,
}

fn body(message: &HttpMessage, fault: Option<&Range<usize>>) -> String {
    let (text, kept) = read(message, fault);
    Writer::new(&text, &kept, true).write()
}

/// The body as text, and what of it is shown.
fn read(message: &HttpMessage, fault: Option<&Range<usize>>) -> (Text, Vec<Range<usize>>) {
    let bytes = message.body();
    let length = bytes.len();
    // What is missing at a place has no bytes: the one at the place stands for it.
    let fault = fault.map(|span| {
        let start = span.start.min(length.saturating_sub(1));
        start..span.end.clamp(start + 1, length.max(start + 1))
    });
    let text = Text::decode(bytes, fault, secrets::in_body(message));
    let kept = text.kept();
    (text, kept)
}

impl Text {
    /// UTF-8, and UTF-16 with a byte order mark; bytes that are no text stand as `\xNN`.
    fn decode(bytes: &[u8], fault: Option<Range<usize>>, secrets: Vec<Range<usize>>) -> Self {
        let mut text = String::with_capacity(bytes.len());
        // Each place that is asked for, and where it is in the text.
        let mut places: Vec<usize> =
            secrets.iter().chain(&fault).flat_map(|span| [span.start, span.end]).collect();
        places.sort_unstable();
        places.dedup();
        let mut found: Vec<usize> = Vec::with_capacity(places.len());
        let mut put = |at: usize, piece: &str, text: &mut String| {
            while places.get(found.len()).is_some_and(|place| *place <= at) {
                found.push(text.len());
            }
            text.push_str(piece);
        };
        let wide: Option<fn([u8; 2]) -> u16> = match bytes {
            [0xff, 0xfe, ..] => Some(u16::from_le_bytes),
            [0xfe, 0xff, ..] => Some(u16::from_be_bytes),
            _ => None,
        };
        let mut buffer = [0; 4];
        if let Some(unit) = wide {
            let units = bytes.get(2..).unwrap_or_default().chunks_exact(2);
            let units = units.map(|pair| unit(<[u8; 2]>::try_from(pair).unwrap_or_default()));
            let mut at = 2;
            for character in char::decode_utf16(units) {
                let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
                put(at, character.encode_utf8(&mut buffer), &mut text);
                at += character.len_utf16() * 2;
            }
        } else {
            let mut at = 0;
            for chunk in bytes.utf8_chunks() {
                for character in chunk.valid().chars() {
                    put(at, character.encode_utf8(&mut buffer), &mut text);
                    at += character.len_utf8();
                }
                for byte in chunk.invalid() {
                    put(at, &format!("\\x{byte:02X}"), &mut text);
                    at += 1;
                }
            }
        }
        put(usize::MAX, "", &mut text);
        let place = |at: usize| {
            places.binary_search(&at).ok().and_then(|index| found.get(index)).copied().unwrap_or(text.len())
        };
        let span = |span: &Range<usize>| place(span.start)..place(span.end);
        let (fault, secrets) = (fault.as_ref().map(span), secrets.iter().map(span).collect());
        Self { text, fault, secrets }
    }

    /// The last place up to `at` between two characters.
    fn boundary(&self, at: usize) -> usize {
        (0..=at.min(self.text.len())).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0)
    }

    /// What is shown of it, in order.
    fn kept(&self) -> Vec<Range<usize>> {
        let length = self.text.len();
        if length <= MOST_SHOWN {
            return std::iter::once(0..length).collect();
        }
        let floor =
            |at: usize| (0..=at.min(length)).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0);
        let around = |at: usize| floor(at.saturating_sub(AROUND_SHOWN))..floor(at + AROUND_SHOWN);
        let places = self.fault.iter().flat_map(|fault| [around(fault.start), around(fault.end)]);
        std::iter::once(0..floor(START_SHOWN)).chain(places).collect()
    }

    /// How the text looks at a place, and the next place at which that may change.
    fn look(&self, at: usize, kept: &[Range<usize>]) -> (Look, usize) {
        let mut next = self.text.len();
        let mut is_in = |span: &Range<usize>| {
            for end in [span.start, span.end] {
                if end > at {
                    next = next.min(end);
                }
            }
            span.contains(&at)
        };
        let is_fault = self.fault.as_ref().is_some_and(&mut is_in);
        // All are asked, so that the next change is known.
        let is_shown = kept.iter().filter(|span| is_in(span)).count() > 0;
        let from = self.secrets.partition_point(|span| span.end <= at);
        let is_secret = self.secrets.get(from).is_some_and(&mut is_in);
        (Look { is_fault, is_secret, is_shown }, next)
    }
}

/// Writes a body as HTML.
struct Writer<'t> {
    text: &'t Text,
    kept: &'t [Range<usize>],
    out: String,
    /// How the piece looks that was written last.
    look: Option<Look>,
    left_out: usize,
    tells_gaps: bool,
    /// How far the first line is indented that is shown; an excerpt leaves it out of all.
    outer: Option<usize>,
}

impl<'t> Writer<'t> {
    const fn new(text: &'t Text, kept: &'t [Range<usize>], tells_gaps: bool) -> Self {
        Self { text, kept, out: String::new(), look: None, left_out: 0, tells_gaps, outer: None }
    }

    fn write(mut self) -> String {
        for piece in pieces(&self.text.text) {
            self.piece(&piece);
        }
        self.close();
        self.tell_left_out();
        self.out
    }

    fn piece(&mut self, piece: &Piece) {
        let mut at = piece.span.start;
        let mut indent = piece.indent;
        while at < piece.span.end {
            let (look, next) = self.text.look(at, self.kept);
            let end = next.min(piece.span.end);
            let part = self.text.text.get(at..end).unwrap_or_default();
            self.part(part, look, indent.take());
            at = end.max(at + 1);
        }
    }

    fn part(&mut self, part: &str, look: Look, indent: Option<usize>) {
        if !look.is_shown {
            self.close();
            self.left_out += part.len();
            return;
        }
        let is_new = self.look != Some(look);
        let begins_line = indent.filter(|_| is_new || !look.is_secret);
        // What a line begins with is nobody's fault.
        if is_new || begins_line.is_some() {
            self.close();
        }
        self.tell_left_out();
        if let Some(indent) = begins_line {
            let outer = *self.outer.get_or_insert(if self.tells_gaps { 0 } else { indent });
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n(' ', indent.saturating_sub(outer)));
        }
        if is_new || begins_line.is_some() {
            self.open(look);
        }
        if !look.is_secret {
            // A line that is begun anew does not begin with the white space of the document.
            let part = if indent.is_some() { part.trim_start() } else { part };
            escape(part, &mut self.out);
        }
    }

    fn open(&mut self, look: Look) {
        self.out.push_str(if look.is_fault { "<mark>" } else { "" });
        if look.is_secret {
            self.out.push_str("<span class=\"redacted\">redacted</span>");
        }
        self.look = Some(look);
    }

    fn close(&mut self) {
        if self.look.take().is_some_and(|look| look.is_fault) {
            self.out.push_str("</mark>");
        }
    }

    fn tell_left_out(&mut self) {
        let bytes = std::mem::take(&mut self.left_out);
        if bytes > 0 && self.tells_gaps {
            self.out.push_str(&format!("\n<span class=\"cut\">… {bytes} bytes are left out here …</span>\n"));
        }
    }
}

fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            _ => out.push(visible(character)),
        }
    }
}
