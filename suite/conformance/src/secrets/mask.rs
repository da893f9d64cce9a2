//! Messages whose secrets are made unreadable, at their places and in their lengths.

use std::ops::Range;

use wsrm_wire::infoset::{Encoding, Node};
use wsrm_wire::{Element, Infoset, Limits};

use super::{Secret, find, in_body, is_secret_field, shown_value, values};
use crate::recording::{HttpMessage, Recording};

/// What stands for a byte of a secret.
const FILLER: u8 = b'x';

/// The recording with every secret overwritten; `None` where it has none.
///
/// What is said of it says no secret, and bytes are counted as in the recording itself. Elements inside a secret one
/// stay, without their texts, so that what is judged is as like as it can be.
pub(crate) fn masked(recording: &Recording) -> Option<Recording> {
    let has_secrets = |message: &HttpMessage| {
        message.fields().iter().any(|(name, _)| is_secret_field(name)) || !in_body(message).is_empty()
    };
    recording.messages().any(has_secrets).then(|| recording.map_messages(&masked_message))
}

fn masked_message(message: &HttpMessage) -> HttpMessage {
    let fields = message.fields().iter().map(|(name, value)| {
        let value = if is_secret_field(name) { shown_value(value) } else { value.clone() };
        (name.clone(), value)
    });
    let mut body = message.body().to_vec();
    let hidden = in_body(message);
    match Infoset::read(message.body(), &Limits::default()) {
        Ok(infoset) if !super::hides_words(message) => {
            let is_wide =
                matches!(infoset.encoding(), Encoding::Utf16LittleEndian | Encoding::Utf16BigEndian);
            let mut leaves = Vec::new();
            find(infoset.root(), &mut |secret| match secret {
                Secret::Element(element) => texts(element, &mut leaves),
                Secret::Attribute(span) => leaves.push(span),
            });
            // Credentials in addresses are found in the bytes, and may lie anywhere.
            let in_document =
                |span: Range<usize>| infoset.document_offset(span.start)..infoset.document_offset(span.end);
            let elements = super::joined(leaves.into_iter().map(in_document).collect());
            for span in elements.into_iter().chain(super::credentials_in_addresses(message.body())) {
                overwrite(&mut body, span, is_wide);
            }
        }
        _ => hidden.into_iter().for_each(|span| overwrite(&mut body, span, false)),
    }
    message.with_parts(fields.collect(), body)
}

/// The texts and values inside a secret element.
fn texts(element: Element<'_>, spans: &mut Vec<Range<usize>>) {
    spans.extend(values(element));
    for child in element.children() {
        match child {
            Node::Element(child) => texts(child, spans),
            Node::Text(text) => spans.push(text.span()),
            Node::CData(text) => spans.push(inside(&text.span(), "<![CDATA[", "]]>")),
            Node::Comment(text) => spans.push(inside(&text.span(), "<!--", "-->")),
        }
    }
}

fn inside(span: &Range<usize>, start: &str, end: &str) -> Range<usize> {
    span.start + start.len()..span.end.saturating_sub(end.len())
}

/// Overwrites all but white space.
fn overwrite(body: &mut [u8], span: Range<usize>, is_wide: bool) {
    let little = body.starts_with(b"\xff\xfe");
    let Some(bytes) = body.get_mut(span) else { return };
    if !is_wide {
        for byte in bytes.iter_mut().filter(|byte| !byte.is_ascii_whitespace()) {
            *byte = FILLER;
        }
        return;
    }
    let order = |pair: [u8; 2]| if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) };
    for unit in bytes.chunks_exact_mut(2) {
        let pair = <[u8; 2]>::try_from(&*unit).unwrap_or_default();
        if !matches!(order(pair), 0x20 | 0x09 | 0x0a | 0x0d) {
            unit.copy_from_slice(if little { &[FILLER, 0] } else { &[0, FILLER] });
        }
    }
}
