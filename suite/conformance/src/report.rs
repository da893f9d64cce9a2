//! What is reported of a run: one stream of events, whatever was run, and any number of reporters that read it.
//!
//! A run is made of entries: a case against a peer, or a recording that was judged. Who runs them says so to
//! [`Reporters`], in this order: [`Event::RunBegan`]; for each entry [`Event::EntryBegan`] and [`Event::EntryEnded`],
//! those of several entries in any order; [`Event::RunEnded`], which [`Reporters::finish`] makes of the rest. Entries
//! that run side by side end in an order that nobody knows before; [`Subject::place`] is the one that reports keep.

pub mod console;
mod html;
mod json;
mod junit;
mod recordings;
mod stability;
mod summary;

use std::fmt;
use std::io;
use std::time::Duration;

use thiserror::Error;

use crate::baseline::Comparison;
use crate::entry::{Entry, Subject};
pub use html::HtmlPage;
pub use json::JsonLines;
pub use junit::JunitXml;
pub use recordings::Recordings;
pub use stability::{Flaky, Stability};
pub use summary::Summary;

/// What is going to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// What kind of run it is.
    pub verb: Verb,
    /// What is tested or judged, a line each: addresses with what they speak, paths.
    pub subjects: Vec<String>,
    /// How many entries are planned.
    pub planned: usize,
    /// Whether cases that can do harm are among them.
    pub is_hostile: bool,
}

/// The kinds of runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Recordings are judged.
    Judge,
    /// Cases are run against a destination.
    Test,
    /// Cases are run against a source.
    TestClient,
    /// Cases are run against a peer, as a destination, as a source, or both.
    PeerTest,
}

/// What happens during a run.
#[derive(Debug, Clone)]
pub enum Event {
    /// The run begins.
    RunBegan(Run),
    /// An entry begins.
    EntryBegan(Subject),
    /// An entry is over.
    EntryEnded(Box<Entry>),
    /// Something that a reader should know, and that belongs to no entry.
    Remark(String),
    /// The run is over.
    RunEnded(Summary),
}

/// Reads the events of a run, and writes a report of it.
pub trait Reporter {
    /// Takes the next event.
    ///
    /// # Errors
    /// If what it writes cannot be written.
    fn report(&mut self, event: &Event) -> io::Result<()>;
}

/// Gives each event to every reporter, and sums the run up.
#[derive(Default)]
pub struct Reporters<'r> {
    reporters: Vec<Named<'r>>,
    comparison: Option<Comparison>,
    summary: Summary,
    errors: Vec<ReportError>,
}

struct Named<'r> {
    name: String,
    reporter: Box<dyn Reporter + 'r>,
}

/// A report that could not be written.
#[derive(Debug, Error)]
#[error("cannot write {name}: {error}")]
pub struct ReportError {
    /// What the report is known by, such as its file.
    pub name: String,
    /// Why not.
    pub error: io::Error,
}

impl Verb {
    /// The verb, as it stands on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Judge => "judge",
            Self::Test => "test",
            Self::TestClient => "test-client",
            Self::PeerTest => "peer test",
        }
    }
}

impl Event {
    /// The same, so many places further on: where one run is made of several, one behind the other.
    #[must_use]
    pub fn moved(mut self, places: usize) -> Self {
        let place = match &mut self {
            Self::EntryBegan(subject) => &mut subject.place,
            Self::EntryEnded(entry) => &mut entry.subject.place,
            Self::RunBegan(_) | Self::Remark(_) | Self::RunEnded(_) => return self,
        };
        *place = place.saturating_add(places);
        self
    }
}

impl<'r> Reporters<'r> {
    /// Nobody reads yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more reporter; `name` stands in the error if it cannot write.
    pub fn add(&mut self, name: impl Into<String>, reporter: impl Reporter + 'r) {
        self.reporters.push(Named { name: name.into(), reporter: Box::new(reporter) });
    }

    /// Holds every entry against a baseline, where there is one, before anybody is told of it.
    pub fn compare(&mut self, comparison: Option<Comparison>) {
        self.comparison = comparison;
    }

    /// What was found of the baseline so far.
    pub const fn comparison(&self) -> Option<&Comparison> {
        self.comparison.as_ref()
    }

    /// Gives an event to every reporter. One that cannot write gets no further events.
    pub fn emit(&mut self, event: &Event) {
        match (event, &mut self.comparison) {
            (Event::EntryEnded(entry), Some(comparison)) => {
                let mut entry = entry.clone();
                comparison.apply(&mut entry);
                self.tell(&Event::EntryEnded(entry));
            }
            _ => self.tell(event),
        }
    }

    fn tell(&mut self, event: &Event) {
        if let Event::EntryEnded(entry) = event {
            self.summary.add(entry);
        }
        let errors = &mut self.errors;
        self.reporters.retain_mut(|Named { name, reporter }| match reporter.report(event) {
            Ok(()) => true,
            Err(error) => {
                errors.push(ReportError { name: name.clone(), error });
                false
            }
        });
    }

    /// Ends the run, which took so long, and says what came of it, and which reports could not be written.
    pub fn finish(mut self, elapsed: Option<Duration>) -> (Summary, Vec<ReportError>) {
        let mut summary = std::mem::take(&mut self.summary);
        summary.elapsed = elapsed;
        summary.changes = self.comparison.as_ref().map(Comparison::changes);
        self.emit(&Event::RunEnded(summary.clone()));
        (summary, self.errors)
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Reporters<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.reporters.iter().map(|named| named.name.as_str()).collect();
        f.debug_struct("Reporters").field("reporters", &names).finish_non_exhaustive()
    }
}
