//! Reading is total: whatever the bytes are, it ends with a value or an error, and what it says is in range.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use wsrm_wire::infoset::Node;
use wsrm_wire::{Body, Element, Envelope, HeaderKind, Infoset, Limits, ReadError, RmFault, WireProfile};

/// Messages to start from: of each stack some, and those with one sin.
static MESSAGES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut files = list(&fixtures.join("invalid"));
    for stack in list(&fixtures.join("recordings")).into_iter().filter(|path| path.is_dir()) {
        files.extend(list(&stack).iter().step_by(7).flat_map(|scenario| list(scenario)));
    }
    let messages: Vec<_> = files
        .iter()
        .filter(|file| file.extension().is_some_and(|name| name == "xml" || name == "http"))
        .map(|file| fs::read(file).expect("the file can be read"))
        .map(|bytes| match bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            Some(end) if bytes.starts_with(b"POST ") || bytes.starts_with(b"HTTP/") => {
                bytes.get(end + 4..).unwrap_or_default().to_vec()
            }
            _ => bytes,
        })
        .filter(|message| !message.is_empty())
        .collect();
    assert!(messages.len() > 500, "only {} messages", messages.len());
    messages
});

fn list(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    paths.sort();
    paths
}

/// One change to a message.
#[derive(Debug, Clone)]
enum Change {
    Cut(Index),
    Remove(Index, usize),
    Replace(Index, u8),
    Insert(Index, &'static str),
    Repeat(Index, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let markup = select(vec![
        "<",
        ">",
        "</",
        "/>",
        "&",
        "&amp;",
        "&#0;",
        "]]>",
        "<!--",
        "-->",
        "<![CDATA[",
        "<?x?>",
        "<!DOCTYPE a>",
        "\"",
        "'",
        "=",
        " ",
        ":",
        "xmlns=\"\"",
        " xmlns:s=\"urn:x\"",
        "<a/>",
        "\u{0}",
        "\u{ffff}",
        "\u{e9}",
        "\r",
        "-1",
        "0",
        "9223372036854775808",
        "<r:None/>",
        "<s:Body>",
        "</s:Body>",
    ]);
    prop_oneof![
        any::<Index>().prop_map(Change::Cut),
        (any::<Index>(), 1..40_usize).prop_map(|(at, length)| Change::Remove(at, length)),
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Replace(at, byte)),
        (any::<Index>(), markup).prop_map(|(at, text)| Change::Insert(at, text)),
        (any::<Index>(), 1..80_usize).prop_map(|(at, length)| Change::Repeat(at, length)),
    ]
}

fn apply(message: &mut Vec<u8>, change: &Change) {
    let at = |index: &Index| index.index(message.len() + 1);
    match change {
        Change::Cut(index) => message.truncate(at(index)),
        Change::Remove(index, length) => {
            let start = at(index);
            message.drain(start..(start + length).min(message.len()));
        }
        Change::Replace(index, byte) => {
            let start = at(index);
            if let Some(old) = message.get_mut(start) {
                *old = *byte;
            }
        }
        Change::Insert(index, text) => {
            let start = at(index);
            message.splice(start..start, text.bytes());
        }
        Change::Repeat(index, length) => {
            let start = at(index);
            let piece: Vec<u8> = message.iter().skip(start).take(*length).copied().collect();
            message.splice(start..start, piece);
        }
    }
}

/// Reads a message in every way there is and checks that what is said about it hangs together.
fn check(bytes: &[u8]) {
    let limits = Limits { bytes: 1 << 20, depth: 64, attributes: 64, bindings: 64 };
    let strict = Infoset::read(bytes, &limits);
    let lazy = Infoset::read_lazily(bytes, &limits);
    match (&strict, &lazy) {
        (Ok(strict), Ok(lazy)) => {
            assert_eq!(lazy.error(), None);
            assert_eq!(strict.source(), lazy.source());
        }
        (Err(strict), Ok(lazy)) => assert_eq!(Some(strict), lazy.error()),
        (Err(strict), Err(lazy)) => assert_eq!(strict, lazy),
        (Ok(_), Err(error)) => panic!("refused lazily only: {error}"),
    }
    if let Err(error) = &strict {
        assert!(error.offset() <= bytes.len(), "{error}");
        assert!(!error.to_string().is_empty());
    }
    let Ok(infoset) = lazy else { return };
    let source = infoset.source();
    check_element(infoset.root(), &(0..source.len()), source);
    assert!(infoset.document_offset(source.len()) <= bytes.len());
    let detected = WireProfile::detect(&infoset);
    for profile in WireProfile::all().chain(detected.ok()) {
        match Envelope::read(&infoset, profile) {
            Ok(envelope) => check_envelope(&envelope, bytes),
            Err(error) => check_error(&error, bytes),
        }
    }
}

fn check_element(element: Element<'_>, within: &Range<usize>, source: &str) {
    let inside = |inner: &Range<usize>, outer: &Range<usize>| {
        assert!(
            outer.start <= inner.start && inner.start <= inner.end && inner.end <= outer.end,
            "{inner:?} {outer:?}"
        );
        assert!(source.get(inner.clone()).is_some(), "{inner:?}");
    };
    let span = element.span();
    let content = element.content_span();
    inside(&span, within);
    inside(&content, &span);
    inside(&element.start_tag_span(), &span);
    assert!(!element.local().is_empty());
    for attribute in element.attributes() {
        inside(&attribute.value_span(), &span);
        assert!(!attribute.local().is_empty());
        let _ = attribute.value();
    }
    assert!(element.fragment().xml.len() <= source.len());
    for child in element.children() {
        match child {
            Node::Element(child) => check_element(child, &content, source),
            Node::Text(text) | Node::CData(text) | Node::Comment(text) => inside(&text.span(), &content),
        }
    }
}

fn check_envelope(envelope: &Envelope<'_>, bytes: &[u8]) {
    for header in &envelope.headers {
        if let HeaderKind::Malformed(malformed) = &header.kind {
            check_error(&malformed.error, bytes);
        }
        assert!(!header.name(envelope.profile).local.is_empty());
    }
    match &envelope.body {
        Body::Malformed { error, .. } => check_error(error, bytes),
        // The span of its error counts from the start of the detail.
        Body::Fault(_) => drop(RmFault::read(envelope)),
        _ => {}
    }
}

fn check_error(error: &ReadError, bytes: &[u8]) {
    assert!(error.span.start <= error.span.end && error.span.end <= bytes.len(), "{error:?}");
    assert!(!error.what.is_empty());
}

#[test]
fn every_message_to_start_from_is_read_or_refused() {
    for message in MESSAGES.iter() {
        check(message);
    }
}

/// Ten thousand errors, each with its place in a document that was transcoded and with a long value in it.
#[test]
fn many_errors_are_bounded_in_time_and_size() {
    let profile = WireProfile::default();
    let headers = "<r:Sequence/>".repeat(10_000);
    let long = "9".repeat(100_000);
    let text = format!(
        "<s:Envelope xmlns:s='{}' xmlns:r='{}'><s:Header>{headers}<r:AckRequested><r:Identifier>urn:1</r:Identifier>\
         <r:MessageNumber>{long}</r:MessageNumber></r:AckRequested></s:Header><s:Body/></s:Envelope>",
        profile.soap.namespace(),
        profile.rm.namespace(),
    );
    let bytes: Vec<u8> =
        std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let start = Instant::now();
    let infoset = Infoset::read(&bytes, &Limits::default()).expect("it is well-formed");
    let envelope = Envelope::read(&infoset, profile).expect("it is a message");
    let errors: Vec<_> = envelope.malformed_headers().map(|header| &header.error).collect();
    assert_eq!(errors.len(), 10_001);
    assert!(errors.iter().all(|error| error.what.len() < 300));
    // Every character of this text is one code unit of two bytes, behind a mark of two bytes.
    let places: Vec<_> = text.match_indices("<r:Sequence/>").map(|(at, _)| 2 + 2 * at).collect();
    assert!(errors.iter().zip(&places).all(|(error, place)| error.span.start == *place));
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..400)) {
        check(&bytes);
    }

    #[test]
    fn any_text_that_looks_like_xml(text in "(<[a-b/!?:-]{0,3}|[ab:='\"& /]|/?>|xmlns|]]>|--|&#?x?[0-9a]{0,3};?){0,60}") {
        check(text.as_bytes());
        check(format!("<a>{text}</a>").as_bytes());
    }

    #[test]
    fn real_messages_changed_here_and_there(message in any::<Index>(), changes in vec(change(), 1..4)) {
        let mut bytes = message.get(MESSAGES.as_slice()).clone();
        for change in &changes {
            apply(&mut bytes, change);
        }
        check(&bytes);
    }

    #[test]
    fn real_messages_in_utf16(message in any::<Index>(), changes in vec(change(), 0..3), little in any::<bool>()) {
        let text = String::from_utf8_lossy(message.get(MESSAGES.as_slice()) as &Vec<u8>).into_owned();
        let mut bytes: Vec<u8> = std::iter::once(0xFEFF)
            .chain(text.encode_utf16())
            .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
            .collect();
        for change in &changes {
            apply(&mut bytes, change);
        }
        check(&bytes);
    }
}
