//! Message logs of WCF: `.svclog`.
//!
//! A log is a run of elements without a root. It may be cut anywhere, several runs may have appended to it, and events
//! of other sources stand between the messages. Each message stands in it once for each level at which it was logged,
//! and once more for the other side where both sides write into one log.

mod merge;
mod pairing;
mod pieces;
mod record;
mod status;

use std::collections::{HashMap, HashSet};

use super::facts::is_anonymous;
use super::text::{self, Lines};
use super::{CaptureFlaw, Captured, Harvest, MAX_EXCHANGES, Notes};
use pieces::{Piece, Pieces};
use record::{Level, Record, Seen};

/// The element that every event stands in.
const EVENT: &str = "E2ETraceEvent";
/// The element that every message stands in. Listeners that write no XML write it alone.
const MESSAGE: &str = "MessageLogTraceRecord";

/// Whether there is an event or a message in it.
pub(super) fn is_log(text: &[u8]) -> bool {
    tag_of(text).is_some()
}

fn tag_of(text: &[u8]) -> Option<&'static str> {
    [EVENT, MESSAGE]
        .into_iter()
        .find(|tag| memchr::memmem::find(text, format!("<{tag}").as_bytes()).is_some())
}

/// Reads a message log.
pub(super) fn read(text: &[u8]) -> Result<Harvest, CaptureFlaw> {
    let mut harvest = Harvest::default();
    let mut records = read_records(text, &mut harvest)?;
    forget_repeated(&mut records, &mut harvest.notes);
    mark_datagrams(&mut records);
    let service_level = prefer_transport_level(&mut records, &mut harvest);
    records.sort_by_key(|record| (record.time, record.number));
    let callers = records.iter().map(Record::is_callers).collect::<HashSet<_>>();
    let stream: Vec<Record>;
    (stream, records) = records.into_iter().partition(|record| record.is_datagram);
    harvest.exchanges = merge::datagrams(stream);
    let (called, served): (Vec<_>, Vec<_>) = records.into_iter().partition(Record::is_callers);
    let served_at_transport = served.iter().any(|record| record.level == Level::Transport);
    let called = pairing::pair(called);
    let served = pairing::pair(served);
    harvest.exchanges.extend(merge::both(called, served, served_at_transport));
    harvest.exchanges.sort_by_key(Captured::start);
    harvest.seen_by = seen_by(&harvest.exchanges, &callers, service_level);
    Ok(harvest)
}

/// Two listeners may write into one file, and a log may be put together with itself: where every record stands twice, byte
/// for byte, each counts once. A record alone that stands twice may be two messages of the same instant.
fn forget_repeated(records: &mut Vec<Record>, notes: &mut Notes) {
    let mut times: HashMap<u64, usize> = HashMap::new();
    for record in records.iter() {
        *times.entry(record.digest).or_default() += 1;
    }
    if records.is_empty() || times.values().any(|times| times % 2 == 1) {
        return;
    }
    let mut seen: HashMap<u64, usize> = HashMap::new();
    records.retain(|record| {
        let seen = seen.entry(record.digest).or_default();
        *seen += 1;
        *seen * 2 <= times.get(&record.digest).copied().unwrap_or_default()
    });
    notes.add("", "every message stands in the file twice, byte for byte; each counts once");
}

/// A message without HTTP about it, in a log of a process that speaks over a transport without answers, is one of those,
/// also where it does not say where it goes.
fn mark_datagrams(records: &mut [Record]) {
    let streaming: HashSet<_> =
        records.iter().filter(|record| record.is_datagram).map(|record| record.process.clone()).collect();
    for record in records.iter_mut().filter(|record| !record.has_http) {
        let goes_by_http =
            record.facts.to.as_deref().is_some_and(|to| to.starts_with("http") && !is_anonymous(to));
        record.is_datagram |= streaming.contains(&record.process) && !goes_by_http;
    }
}

fn read_records(text: &[u8], harvest: &mut Harvest) -> Result<Vec<Record>, CaptureFlaw> {
    let mut records: Vec<Record> = Vec::new();
    let mut lines = Lines::default();
    let mut number = 0;
    for piece in Pieces::of(text, tag_of(text).unwrap_or(EVENT)) {
        let start = piece.start();
        let place = |number: usize, lines: &mut Lines| {
            format!("record {number} (line {}, byte {start})", lines.of(text, start))
        };
        let now = records.last().and_then(|record| record.time);
        match piece {
            Piece::Between { bytes, .. } => {
                if between(bytes, start, lines.of(text, start), &mut harvest.notes) {
                    harvest.gaps.push(now);
                }
            }
            Piece::Cut { bytes, at_end, .. } => {
                number += 1;
                let what =
                    if at_end { "the file ends inside it" } else { "it breaks off and another begins" };
                let known = record::glimpse(bytes).map(|known| format!(": {known}")).unwrap_or_default();
                harvest.notes.add(place(number, &mut lines), format!("{what}{known}"));
                harvest.gaps.push(now);
            }
            Piece::Whole { bytes, .. } => {
                number += 1;
                if memchr::memmem::find(bytes, MESSAGE.as_bytes()).is_none() {
                    harvest.left_out.events += 1;
                    continue;
                }
                let place = place(number, &mut lines);
                match Record::read(bytes, number, &place) {
                    Ok(Seen::Message(record)) => {
                        if let Some(remark) = &record.remark {
                            harvest.notes.add(place, remark.clone());
                        }
                        records.push(*record);
                    }
                    Ok(Seen::Malformed(text)) => {
                        let what = "a message that WCF could not read, logged as malformed";
                        harvest.notes.add(place, format!("{what}: {}", text::excerpt(&text)));
                        harvest.gaps.push(now);
                    }
                    Ok(Seen::Event) => harvest.left_out.events += 1,
                    Err(why) => {
                        harvest.notes.add(place, why);
                        harvest.gaps.push(now);
                    }
                }
                if records.len() > MAX_EXCHANGES {
                    return Err(CaptureFlaw::TooMany);
                }
            }
        }
    }
    Ok(records)
}

/// What stands between two records: nothing to speak of, or what is left of a record whose start is gone. Whether it is
/// the latter.
fn between(bytes: &[u8], start: usize, line: usize, notes: &mut Notes) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0');
    // A declaration, or the root element that somebody put around the records to have a document.
    let is_tag = text.starts_with('<') && text.ends_with('>');
    let is_wrapping =
        is_tag && text.matches('<').count() <= 3 && !text.contains(EVENT) && !text.contains(MESSAGE);
    let is_remainder = !text.is_empty() && !is_wrapping;
    if is_remainder {
        notes.add(
            format!("line {line}, byte {start}"),
            format!("{} bytes that belong to no record: {}", bytes.len(), text::excerpt(text)),
        );
    }
    is_remainder
}

/// Leaves out the messages at service level where some were logged at transport level: they are the same messages, and
/// those of the protocol, and its headers, are not all among them.
fn prefer_transport_level(records: &mut Vec<Record>, harvest: &mut Harvest) -> bool {
    if records.iter().any(|record| record.level == Level::Transport) {
        let before = records.len();
        records.retain(|record| record.level == Level::Transport);
        harvest.left_out.service_level = before - records.len();
    }
    let service_level = records.iter().filter(|record| record.level == Level::Service).count();
    if service_level > 0 {
        harvest.notes.add(
            "",
            format!(
                "{service_level} messages were logged at service level only, where messages and headers of reliable \
                 messaging may be missing; set logMessagesAtTransportLevel=\"true\" to have them"
            ),
        );
    }
    if service_level > 0 {
        harvest.gaps.push(None);
    }
    service_level > 0
}

/// Who wrote the log. Both sides did where they logged the same message.
fn seen_by(exchanges: &[Captured], callers: &HashSet<bool>, service_level: bool) -> String {
    let level = if service_level { ", at service level" } else { "" };
    let who = if exchanges.iter().any(|exchange| exchange.request.is_some() && exchange.way.is_none()) {
        "both sides"
    } else if callers.len() == 2 {
        "one side"
    } else if callers.contains(&true) {
        "the client"
    } else {
        "the service"
    };
    format!(", seen by {who}{level}")
}
