//! The measure of this crate: every message in the recordings is read into meaning and written again.
//!
//! What WCF wrote comes back byte for byte. What others wrote comes back in WCF's form, with the same infoset.
//! `fixtures/wire-exceptions.toml` lists what does neither, and what of the WCF recordings was written by hand
//! in another form than WCF's; each rule says how many messages it covers, so that one more or one less fails.

#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

use std::fs;

use crate::recorded::{fixtures, messages};
use serde::Deserialize;
use wsrm_wire::{Limits, RoundTrip, RoundTripError, round_trip};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exceptions {
    exception: Vec<Exception>,
}

/// Messages that do not come back as they are, and why.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    /// The files: a path below `fixtures/recordings`, in which `*` stands for any text without `/`.
    messages: String,
    outcome: Outcome,
    /// Where the infoset is the same: the recorded bytes from the word on in which the first difference is.
    #[serde(default)]
    recorded: String,
    /// The bytes that are written there.
    #[serde(default)]
    written: String,
    /// Where the message cannot be read: how the error starts.
    #[serde(default)]
    error: String,
    /// How many messages the rule covers.
    count: usize,
    #[expect(dead_code, reason = "for the reader of the file")]
    reason: String,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    Equivalent,
    Unreadable,
}

fn exceptions() -> Vec<Exception> {
    let text = fs::read_to_string(fixtures().join("wire-exceptions.toml")).unwrap();
    toml::from_str::<Exceptions>(&text).unwrap().exception
}

fn matches(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((start, rest)) => path.strip_prefix(start).is_some_and(|path| {
            let segment = path.find('/').unwrap_or(path.len());
            (0..=segment).any(|length| path.is_char_boundary(length) && matches(rest, &path[length..]))
        }),
    }
}

/// What stands from the start of the word on in which the first difference is.
fn word_at(bytes: &[u8], offset: usize) -> String {
    let offset = offset.min(bytes.len());
    let start = bytes[..offset].iter().rposition(|byte| matches!(byte, b' ' | b'<' | b'>')).unwrap_or(0);
    String::from_utf8_lossy(&bytes[start..]).chars().take(120).collect()
}

/// What is said about the messages of one stack.
#[derive(Default)]
struct Tally {
    messages: usize,
    identical: usize,
    equivalent: usize,
    unreadable: usize,
    failures: Vec<String>,
}

/// Measures the messages of one stack. Where they `must_be_identical`, another form needs a rule too.
fn measure(stack: &str, must_be_identical: impl Fn(&str) -> bool) -> Tally {
    let exceptions = exceptions();
    let mut covered = vec![0_usize; exceptions.len()];
    let mut tally = Tally::default();
    for (path, message) in messages(stack) {
        tally.messages += 1;
        let outcome = round_trip(&message, &Limits::default());
        let found = match &outcome {
            Ok(RoundTrip::Identical) => {
                tally.identical += 1;
                continue;
            }
            Ok(RoundTrip::Equivalent { written, offset }) => {
                tally.equivalent += 1;
                if round_trip(written, &Limits::default()) != Ok(RoundTrip::Identical) {
                    tally.failures.push(format!("{path}: what was written does not come back as it is"));
                }
                if !must_be_identical(&path) {
                    continue;
                }
                (Outcome::Equivalent, word_at(&message, *offset), word_at(written, *offset), String::new())
            }
            Err(error @ (RoundTripError::Infoset(_) | RoundTripError::Read(_))) => {
                tally.unreadable += 1;
                (Outcome::Unreadable, String::new(), String::new(), error.to_string())
            }
            Err(error) => {
                tally.failures.push(format!("{path}: {error}"));
                continue;
            }
        };
        let rule = exceptions.iter().position(|rule| {
            matches(&rule.messages, &path)
                && rule.outcome == found.0
                && found.1.starts_with(&rule.recorded)
                && found.2.starts_with(&rule.written)
                && found.3.starts_with(&rule.error)
        });
        match rule {
            Some(rule) => covered[rule] += 1,
            None => tally
                .failures
                .push(format!("{path}: {:?} {}\n    {}\n    {}", found.0, found.3, found.1, found.2)),
        }
    }
    for (rule, covered) in exceptions.iter().zip(covered) {
        if rule.messages.starts_with(&format!("{stack}/")) && rule.count != covered {
            tally
                .failures
                .push(format!("the rule {:?} covers {covered} and not {}", rule.messages, rule.count));
        }
    }
    println!(
        "{stack}: {} of {} identical, {} of the same infoset, {} unreadable",
        tally.identical, tally.messages, tally.equivalent, tally.unreadable
    );
    tally
}

/// Measures several stacks, and fails when anything is left unexplained.
fn check(stacks: &[&str], must_be_identical: impl Fn(&str) -> bool) {
    let tallies: Vec<Tally> = stacks.iter().map(|stack| measure(stack, &must_be_identical)).collect();
    assert!(tallies.iter().all(|tally| tally.messages > 0));
    let failures: Vec<&str> = tallies.iter().flat_map(|tally| &tally.failures).map(String::as_str).collect();
    if !failures.is_empty() {
        let shown = failures.get(..20).unwrap_or(&failures);
        panic!("{} unexplained:\n{}", failures.len(), shown.join("\n"));
    }
}

#[test]
fn messages_of_wcf_come_back_byte_for_byte() {
    check(&["wcf", "wcf-10"], |_| true);
}

/// Where WCF meets another stack, what WCF wrote is byte for byte too.
#[test]
fn messages_of_other_stacks_come_back_with_the_same_infoset() {
    check(&["cxf", "metro", "gsoap", "cross"], |path| {
        let Some((client, rest)) = path.strip_prefix("cross/").and_then(|path| path.split_once("--")) else {
            return false;
        };
        let is_request = path.contains("-request");
        (client == "wcf" && is_request) || (rest.starts_with("wcf-") && !is_request)
    });
}
