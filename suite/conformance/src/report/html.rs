//! A run as one page for a browser: it holds all that it shows, and asks the network for nothing.

mod entries;
mod ladder;
mod layout;
mod message;
mod page;
mod requirements;

use std::collections::BTreeMap;
use std::io::{self, Write};

use wsrm_oracle::Catalogue;

use self::requirements::Standings;
use super::{Event, Reporter, Run, Summary};
use crate::entry::{Entry, Verdict};
use crate::judgement::Standing;

/// Bytes of what is told of entries: first of those in which something is violated or that came to trouble, then of those
/// that only differ from WCF. What is more is counted, and the commands that show it are named.
const MOST_GRAVE: usize = 6 << 20;
const MOST_LIGHT: usize = 2 << 20;
/// Remarks that are shown.
const MOST_REMARKS: usize = 200;

/// Writes the page when the run is over.
#[derive(Debug)]
pub struct HtmlPage<W> {
    out: W,
    run: Option<Run>,
    standings: Standings,
    /// A line for each entry, in their order.
    rows: BTreeMap<usize, Row>,
    grave: Articles,
    light: Articles,
    remarks: Vec<String>,
    further_remarks: usize,
}

/// An entry in the list of all.
#[derive(Debug)]
struct Row {
    group: String,
    name: String,
    about: String,
    verdict: Verdict,
    violated: usize,
    differs: usize,
    has_article: bool,
}

/// What is told of entries, within a bound.
#[derive(Debug, Default)]
struct Articles {
    by_place: BTreeMap<usize, String>,
    bytes: usize,
    /// The commands that show what found no room.
    left_out: Vec<String>,
}

impl<W: Write> HtmlPage<W> {
    /// Writes to `out`. Requirements stand in the order of `catalogue`.
    pub fn new(out: W, catalogue: &Catalogue) -> Self {
        Self {
            out,
            run: None,
            standings: Standings::new(catalogue),
            rows: BTreeMap::new(),
            grave: Articles::default(),
            light: Articles::default(),
            remarks: Vec::new(),
            further_remarks: 0,
        }
    }

    fn add(&mut self, entry: &Entry) {
        let place = entry.subject.place;
        let is_begun = entry.recording.as_ref().is_some_and(|recording| !recording.exchanges().is_empty());
        let is_trouble = match entry.verdict {
            Verdict::Inconclusive(_) => is_begun,
            Verdict::HarnessError(_) => true,
            Verdict::Pass | Verdict::Fail | Verdict::Known | Verdict::NotApplicable(_) => false,
        };
        let count = |standing| entry.judgement.with_standing(standing).count();
        let (violated, differs) = (count(Standing::Violated), count(Standing::Differs));
        let has_article = if violated > 0 || is_trouble {
            self.grave.add(entry, MOST_GRAVE)
        } else {
            differs > 0 && self.light.add(entry, MOST_LIGHT)
        };
        if !matches!(entry.verdict, Verdict::NotApplicable(_)) {
            self.standings.add(entry, has_article);
        }
        let row = Row {
            group: entry.subject.group.clone(),
            name: entry.subject.name.clone(),
            about: entry.subject.about.clone(),
            verdict: entry.verdict.clone(),
            violated,
            differs,
            has_article,
        };
        self.rows.insert(place, row);
    }

    fn end(&mut self, summary: &Summary) -> io::Result<()> {
        let page = page::page(&page::Page {
            run: self.run.as_ref(),
            summary,
            standings: &self.standings,
            rows: &self.rows,
            grave: &self.grave,
            light: &self.light,
            remarks: &self.remarks,
            further_remarks: self.further_remarks,
        });
        self.out.write_all(page.into_string().as_bytes())?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }
}

impl Articles {
    /// Adds what is told of an entry, if there is room.
    fn add(&mut self, entry: &Entry, most: usize) -> bool {
        if self.bytes < most {
            let article = entries::article(entry).into_string();
            self.bytes += article.len();
            self.by_place.insert(entry.subject.place, article);
            return true;
        }
        self.left_out.push(entry.repeat.clone());
        false
    }
}

impl<W: Write> Reporter for HtmlPage<W> {
    fn report(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunBegan(run) => self.run = Some(run.clone()),
            Event::EntryBegan(_) => {}
            Event::EntryEnded(entry) => self.add(entry),
            Event::Remark(remark) if self.remarks.len() < MOST_REMARKS => self.remarks.push(remark.clone()),
            Event::Remark(_) => self.further_remarks += 1,
            Event::RunEnded(summary) => self.end(summary)?,
        }
        Ok(())
    }
}

/// The anchor of an entry.
fn entry_anchor(place: usize) -> String {
    format!("entry-{}", place + 1)
}

/// A word for a standing, which is its class too.
const fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Violated => "violated",
        Standing::Differs => "differs",
        Standing::Met => "met",
        Standing::NotExercised => "not exercised",
    }
}

/// The class of a standing.
const fn class(standing: Standing) -> &'static str {
    match standing {
        Standing::NotExercised => "untouched",
        other => word(other),
    }
}
