//! Comparing a message of ours with the recorded one.

use std::ops::Range;

use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;
use similar::TextDiff;
use wsrm_reference::Field;
use wsrm_wire::HeaderKind;

use super::mapping::Mapping;
use super::race::State;
use super::rule::Rule;
use crate::content::Content;
use crate::pretty::pretty;
use crate::recording::HttpMessage;

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The bytes are equal, identifiers mapped.
    Identical,
    /// The infoset is equal, the bytes are not.
    Equivalent,
    /// Something differs.
    Different(Difference),
    /// Chance decided whether the message was sent at all, and only one side sent it: there is nothing to compare.
    Chance,
}

/// What differs between our message and the recorded one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// In a line.
    pub what: String,
    /// A diff from the recorded message (`-`) to ours (`+`), where both have one.
    pub diff: String,
}

/// A message of ours, before it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ours {
    /// The first line: method and target of a request, status of a response.
    pub(super) start: String,
    /// The header fields that matter.
    pub(super) fields: Vec<Field>,
    /// The body, identifiers not mapped.
    pub(super) body: Vec<u8>,
}

impl Ours {
    /// Our message as text for people and for the ladder.
    pub(super) fn to_http(&self, mapping: &Mapping) -> Vec<u8> {
        let mut raw = format!("{}\r\n", self.start).into_bytes();
        for (name, value) in &self.fields {
            raw.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        raw.extend_from_slice(b"\r\n");
        raw.extend_from_slice(&mapping.to_recorded(&self.body));
        raw
    }
}

impl Verdict {
    /// Nothing was compared with something, or the other way round.
    pub(super) fn different(what: impl Into<String>) -> Self {
        Self::Different(Difference { what: what.into(), diff: String::new() })
    }
}

/// The header fields that matter: what a WCF peer looks at.
const FIELDS: [&str; 3] = ["Content-Type", "SOAPAction", "Allow"];

/// Compares our message with the recorded one. `race` says by which rules the recorded acknowledgement could stand
/// where ours stands.
pub(super) fn compare(
    ours: &Ours,
    recorded: &HttpMessage,
    mapping: &Mapping,
    race: impl Fn(&State, &State) -> Option<Vec<Rule>>,
) -> (Verdict, Vec<Rule>) {
    let recorded_start = start_line(recorded);
    if ours.start != recorded_start {
        let what = format!("{recorded_start} was recorded, ours is {}", ours.start);
        return (different(what, ours, recorded, mapping), Vec::new());
    }
    for name in FIELDS {
        let found = ours.fields.iter().find(|(field, _)| field == name).map(|(_, value)| &**value);
        if found != recorded.field(name) {
            let word =
                |value: Option<&str>| value.map_or_else(|| "none".to_owned(), |value| format!("{value:?}"));
            let what =
                format!("{name}: {} was recorded, ours is {}", word(recorded.field(name)), word(found));
            return (different(what, ours, recorded, mapping), Vec::new());
        }
    }
    let body = mapping.to_recorded(&ours.body);
    if body == recorded.body() {
        return (Verdict::Identical, Vec::new());
    }
    if let Some((body, rules)) = follow_acknowledgement(&body, recorded.body(), race)
        && let Some(verdict) = equal(&body, recorded.body())
    {
        return (verdict, rules);
    }
    let verdict = equal(&body, recorded.body())
        .unwrap_or_else(|| different("the body differs".to_owned(), ours, recorded, mapping));
    (verdict, Vec::new())
}

fn equal(ours: &[u8], recorded: &[u8]) -> Option<Verdict> {
    if ours == recorded {
        return Some(Verdict::Identical);
    }
    (canonical(ours).is_some() && canonical(ours) == canonical(recorded)).then_some(Verdict::Equivalent)
}

/// The status line without its words, or method and path.
pub(super) fn start_line(message: &HttpMessage) -> String {
    use crate::recording::StartLine;
    match message.start() {
        StartLine::Request { method, target } => format!("{method} {target}"),
        StartLine::Response { status, .. } => status.to_string(),
    }
}

fn different(what: String, ours: &Ours, recorded: &HttpMessage, mapping: &Mapping) -> Verdict {
    let recorded_text = readable(start_line(recorded), recorded.body());
    let our_text = readable(ours.start.clone(), &mapping.to_recorded(&ours.body));
    let diff = TextDiff::from_lines(&recorded_text, &our_text);
    let diff = diff.unified_diff().context_radius(2).header("recorded", "ours").to_string();
    Verdict::Different(Difference { what, diff })
}

fn readable(start: String, body: &[u8]) -> String {
    let body = pretty(body, 100).unwrap_or_else(|| String::from_utf8_lossy(body).into_owned());
    format!("{start}\n{body}\n")
}

/// Our message with the recorded acknowledgement, where `race` accepts that.
fn follow_acknowledgement(
    ours: &[u8],
    recorded: &[u8],
    race: impl Fn(&State, &State) -> Option<Vec<Rule>>,
) -> Option<(Vec<u8>, Vec<Rule>)> {
    let (our_state, our_span) = acknowledgement(ours)?;
    let (recorded_state, recorded_span) = acknowledgement(recorded)?;
    // Where one side acknowledges nothing yet it has no header, which stands where the other's does.
    let (our_state, recorded_state, our_span) = match (our_state, recorded_state) {
        (Some(ours), Some(recorded)) => (ours, recorded, our_span),
        (Some(ours), None) => (ours.clone(), State { ranges: Vec::new(), ..ours }, our_span),
        (None, Some(recorded)) => (
            State { ranges: Vec::new(), ..recorded.clone() },
            recorded,
            recorded_span.start..recorded_span.start,
        ),
        (None, None) => return None,
    };
    if our_state.sequence != recorded_state.sequence
        || our_state.is_final != recorded_state.is_final
        || our_state == recorded_state
    {
        return None;
    }
    let rules = race(&our_state, &recorded_state)?;
    let mut followed = ours.get(..our_span.start)?.to_vec();
    followed.extend_from_slice(recorded.get(recorded_span)?);
    followed.extend_from_slice(ours.get(our_span.end..)?);
    Some((followed, rules))
}

/// The acknowledgement of a message and where its header stands; `None` for a message with several, or one that
/// cannot be read.
fn acknowledgement(message: &[u8]) -> Option<(Option<State>, Range<usize>)> {
    const END: &str = "</r:SequenceAcknowledgement>";
    let content = Content::of_bytes(message, None);
    let envelope = content.envelope()?.ok()?;
    let mut headers = envelope.headers.iter().filter_map(|header| match &header.kind {
        HeaderKind::SequenceAcknowledgement(ack) => Some(ack),
        _ => None,
    });
    let Some(ack) = headers.next() else { return Some((None, 0..0)) };
    if headers.next().is_some() {
        return None;
    }
    let text = std::str::from_utf8(message).ok()?;
    let start = text.find("<r:SequenceAcknowledgement>")?;
    let end = start + text.get(start..)?.find(END)? + END.len();
    let state = State {
        sequence: ack.identifier.to_string(),
        ranges: ack.ranges().collect(),
        buffer_remaining: ack.buffer_remaining,
        is_final: ack.is_final,
    };
    Some((Some(state), start..end))
}

/// A document as a list of its pieces, names expanded, attributes sorted, adjoining text joined.
fn canonical(xml: &[u8]) -> Option<Vec<String>> {
    let text = std::str::from_utf8(xml).ok()?;
    let mut reader = NsReader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    reader.config_mut().expand_empty_elements = true;
    let mut pieces = Vec::new();
    let mut content = String::new();
    loop {
        let event = reader.read_event().ok()?;
        if !matches!(event, Event::Text(_) | Event::GeneralRef(_) | Event::CData(_)) && !content.is_empty() {
            pieces.push(format!("text {}", std::mem::take(&mut content)));
        }
        match event {
            Event::Start(tag) => {
                let (namespace, local) = reader.resolver().resolve_element(tag.name());
                pieces.push(format!("start {{{}}}{}", namespace_name(&namespace), local.as_ref()));
                let mut attributes = Vec::new();
                for attribute in tag.attributes() {
                    let attribute = attribute.ok()?;
                    if attribute.key.as_namespace_binding().is_some() {
                        continue;
                    }
                    let (namespace, local) = reader.resolver().resolve_attribute(attribute.key);
                    attributes.push(format!(
                        "attribute {{{}}}{}={}",
                        namespace_name(&namespace),
                        local.as_ref(),
                        &*attribute.value
                    ));
                }
                attributes.sort();
                pieces.append(&mut attributes);
            }
            Event::End(_) => pieces.push("end".to_owned()),
            Event::Text(text) => content.push_str(&text),
            Event::GeneralRef(name) => {
                let name: &str = &name;
                content.push_str(&format!("&{name};"));
            }
            Event::CData(data) => content.push_str(&data.minimal_escape().ok()?),
            Event::Eof => return Some(pieces),
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::DocType(_) | Event::Empty(_) => {}
        }
    }
}

fn namespace_name(result: &ResolveResult<'_>) -> String {
    match result {
        ResolveResult::Bound(namespace) => namespace.as_ref().to_owned(),
        ResolveResult::Unbound => String::new(),
        ResolveResult::Unknown(prefix) => format!("unbound prefix {prefix}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_infosets_are_equivalent() {
        let ours = br#"<a:x xmlns:a="u" c="1" b="2">t<a:y/></a:x>"#;
        let recorded = br#"<x xmlns="u" b="2" c="1">t<y></y></x>"#;
        assert_eq!(equal(ours, recorded), Some(Verdict::Equivalent));
        assert_eq!(equal(ours, ours), Some(Verdict::Identical));
        assert_eq!(equal(ours, br#"<x xmlns="v" b="2" c="1">t<y></y></x>"#), None);
        assert_eq!(equal(ours, br#"<x xmlns="u" b="3" c="1">t<y></y></x>"#), None);
    }
}
