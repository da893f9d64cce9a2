//! Every message under `fixtures/invalid` gives the error that its index says, at the byte that it says.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use wsrm_wire::{
    AddressingVersion, Body, Envelope, HeaderKind, Infoset, Limits, RmFault, RmVersion, SoapVersion,
    WireProfile,
};

/// An entry of the index.
#[derive(Debug)]
struct Entry {
    file: String,
    profile: WireProfile,
    stage: String,
    at: usize,
    error: String,
}

/// What reading a message comes to: the stage that refuses it, the byte, the words.
type Refusal = (&'static str, usize, String);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/invalid")
}

fn profile(text: &str) -> WireProfile {
    let mut parts = text.split(' ');
    let rm = match parts.next() {
        Some("rm10") => RmVersion::February2005,
        Some("rm11") => RmVersion::V200702,
        other => panic!("no version of RM: {other:?}"),
    };
    let soap = match parts.next() {
        Some("s11") => SoapVersion::Soap11,
        Some("s12") => SoapVersion::Soap12,
        other => panic!("no version of SOAP: {other:?}"),
    };
    let addressing = match parts.next() {
        Some("a04") => AddressingVersion::August2004,
        Some("a10") => AddressingVersion::Addressing10,
        other => panic!("no version of WS-Addressing: {other:?}"),
    };
    WireProfile { soap, addressing, rm }
}

fn index() -> Vec<Entry> {
    let text = fs::read_to_string(folder().join("index.toml")).expect("the index is there");
    let table: toml::Table = text.parse().expect("the index is TOML");
    let messages = table.get("message").and_then(toml::Value::as_array).expect("the index lists messages");
    let text = |message: &toml::Value, key: &str| {
        let value = message.get(key).and_then(toml::Value::as_str);
        value.unwrap_or_else(|| panic!("{key} in {message}")).to_owned()
    };
    messages
        .iter()
        .map(|message| Entry {
            file: text(message, "file"),
            profile: profile(&text(message, "profile")),
            stage: text(message, "stage"),
            at: message
                .get("at")
                .and_then(toml::Value::as_integer)
                .and_then(|at| usize::try_from(at).ok())
                .expect("at is a byte"),
            error: text(message, "error"),
        })
        .collect()
}

/// Reads a message and gives all that is wrong with it.
fn refusals(bytes: &[u8], profile: WireProfile) -> Vec<Refusal> {
    let infoset = match Infoset::read(bytes, &Limits::default()) {
        Ok(infoset) => infoset,
        Err(error) => return vec![("infoset", error.offset(), error.sin.to_string())],
    };
    let envelope = match Envelope::read(&infoset, profile) {
        Ok(envelope) => envelope,
        Err(error) => return vec![("envelope", error.span.start, error.what)],
    };
    let mut refusals = Vec::new();
    for header in &envelope.headers {
        if let HeaderKind::Malformed(malformed) = &header.kind {
            refusals.push(("header", malformed.error.span.start, malformed.error.what.clone()));
        }
    }
    if let Body::Malformed { error, .. } = &envelope.body {
        refusals.push(("body", error.span.start, error.what.clone()));
    }
    if let Err(error) = RmFault::read(&envelope) {
        refusals.push(("fault", error.span.start, error.what));
    }
    refusals
}

#[test]
fn every_message_gives_its_error() {
    let mut wrong = Vec::new();
    for entry in index() {
        let bytes = fs::read(folder().join(&entry.file)).expect("the file is there");
        let refusals = refusals(&bytes, entry.profile);
        let good = match refusals.as_slice() {
            [(stage, at, error)] => *stage == entry.stage && *at == entry.at && *error == entry.error,
            _ => false,
        };
        if !good {
            wrong.push(format!(
                "{}\n  due {} {} {}\n  got {refusals:?}",
                entry.file, entry.stage, entry.at, entry.error
            ));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_index_lists_every_file_once() {
    let listed: Vec<_> = index().into_iter().map(|entry| entry.file).collect();
    let unique: BTreeSet<_> = listed.iter().cloned().collect();
    assert_eq!(unique.len(), listed.len(), "a file is listed twice");
    let present: BTreeSet<_> = fs::read_dir(folder())
        .expect("the folder is there")
        .map(|file| file.expect("the folder can be read").file_name().to_string_lossy().into_owned())
        .filter(|name| name != "index.toml")
        .collect();
    assert_eq!(present, unique);
    assert!(unique.len() >= 90, "{} messages", unique.len());
}

/// The part before the root ends is read lazily: whatever stands behind the start tag of the body leaves the headers.
#[test]
fn sins_behind_the_start_of_the_body_leave_the_headers() {
    let mut seen = 0;
    for entry in index().into_iter().filter(|entry| entry.stage == "infoset") {
        let bytes = fs::read(folder().join(&entry.file)).expect("the file is there");
        let body = bytes.windows(8).position(|window| window == b"<s:Body>");
        let Some(body) = body.filter(|body| body + 8 <= entry.at) else { continue };
        let infoset = Infoset::read_lazily(&bytes, &Limits::default()).expect("the root element is there");
        let error = infoset.error().expect("the sin is kept").clone();
        assert_eq!((error.offset(), error.sin.to_string()), (entry.at, entry.error), "{}", entry.file);
        let envelope = Envelope::read(&infoset, entry.profile).expect("the headers can be read");
        assert_eq!(envelope.action(), Some("http://tempuri.org/IEcho/Echo"), "{}", entry.file);
        let Body::Malformed { error: of_body, .. } = &envelope.body else {
            panic!("{}: {:?}", entry.file, envelope.body);
        };
        assert_eq!(of_body.span.start, error.offset(), "{}", entry.file);
        assert!(body < bytes.len());
        seen += 1;
    }
    assert!(seen >= 40, "only {seen} such messages");
}
