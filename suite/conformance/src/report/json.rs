//! A run as data: one JSON object a line.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::json;

use super::{Event, Reporter, Summary};
use crate::entry::{Entry, Verdict};
use crate::judgement::Document;

/// Writes one object for each entry, as soon as it is over. `fixtures/README.md` describes them.
#[derive(Debug)]
pub struct JsonLines<W> {
    out: W,
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    judgement: Document<'a>,
    #[serde(flatten)]
    case: Option<CaseDocument<'a>>,
}

/// What is said of a case, besides what is said of any recording.
#[derive(Serialize)]
struct CaseDocument<'a> {
    case: &'a str,
    profile: String,
    verdict: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    left_open: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<ClientDocument<'a>>,
    repeat: &'a str,
}

/// What became of a client under test.
#[derive(Serialize)]
struct ClientDocument<'a> {
    saw: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    what: Option<&'a str>,
    output: &'a str,
}

impl<W: Write> JsonLines<W> {
    /// Writes to `out`.
    pub const fn new(out: W) -> Self {
        Self { out }
    }
}

impl<'a> Line<'a> {
    fn of(entry: &'a Entry) -> Self {
        let case = entry.subject.dialect.map(|form| CaseDocument {
            case: &entry.subject.name,
            profile: form.to_string(),
            verdict: entry.verdict.word(),
            reason: entry.verdict.reason(),
            left_open: entry.left_open().collect(),
            client: entry.client.as_ref().map(|client| ClientDocument {
                saw: client.end.word(),
                what: client.end.what(),
                output: &client.output,
            }),
            repeat: &entry.repeat,
        });
        Self { judgement: Document::of(&entry.judgement), case }
    }
}

impl<W: Write> Reporter for JsonLines<W> {
    fn report(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::EntryEnded(entry) => {
                // Of a recording that cannot be read there is nothing to say.
                if entry.subject.dialect.is_none() && matches!(entry.verdict, Verdict::HarnessError(_)) {
                    return Ok(());
                }
                serde_json::to_writer(&mut self.out, &Line::of(entry))?;
                self.out.write_all(b"\n")?;
                self.out.flush()
            }
            Event::RunEnded(Summary { changes: Some(changes), .. }) => {
                serde_json::to_writer(&mut self.out, &json!({ "baseline": changes }))?;
                self.out.write_all(b"\n")?;
                self.out.flush()
            }
            _ => Ok(()),
        }
    }
}
