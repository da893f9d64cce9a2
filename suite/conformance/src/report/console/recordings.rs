//! What a reader sees of recordings that are judged.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::changes;
use crate::entry::{Entry, Verdict};
use crate::judgement::{Judged, Standing};
use crate::report::{Event, Reporter};

/// Writes what is found in each recording, in their order, and the sum.
///
/// What could not be read is not told of here; it belongs on the standard error.
#[derive(Debug)]
pub struct RecordingsConsole<W> {
    out: W,
    width: usize,
    is_quiet: bool,
    next: usize,
    /// What was over before those that stand before it.
    waiting: BTreeMap<usize, String>,
}

impl<W: Write> RecordingsConsole<W> {
    /// Writes to `out`, so many characters wide. When quiet, only a line for each recording in which something is
    /// violated.
    pub const fn new(out: W, width: usize, is_quiet: bool) -> Self {
        Self { out, width, is_quiet, next: 0, waiting: BTreeMap::new() }
    }

    fn text(&self, entry: &Entry) -> String {
        let judgement = &entry.judgement;
        if matches!(entry.verdict, Verdict::HarnessError(_)) {
            return String::new();
        }
        if self.is_quiet {
            let new = |judged: &Judged| judged.standing == Standing::Violated && !judged.is_known();
            let is_violated = judgement.requirements.iter().any(new);
            return if is_violated { judgement.summary_line() } else { String::new() };
        }
        let mut text = judgement.render(self.width);
        if text.lines().nth(1).is_some() {
            text.push('\n');
        }
        text
    }

    fn write_waiting(&mut self) -> io::Result<()> {
        while let Some(text) = self.waiting.remove(&self.next) {
            self.next += 1;
            self.out.write_all(text.as_bytes())?;
        }
        self.out.flush()
    }
}

impl<W: Write> Reporter for RecordingsConsole<W> {
    fn report(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::EntryEnded(entry) => {
                self.waiting.insert(entry.subject.place, self.text(entry));
                self.write_waiting()
            }
            Event::Remark(remark) if !self.is_quiet => writeln!(self.out, "Note: {remark}"),
            Event::RunEnded(summary) => {
                changes(&mut self.out, summary)?;
                writeln!(self.out, "{}", summary.totals)?;
                self.out.flush()
            }
            Event::RunBegan(_) | Event::EntryBegan(_) | Event::Remark(_) => Ok(()),
        }
    }
}
