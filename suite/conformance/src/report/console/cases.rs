//! What a reader sees of cases that are run.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::report::{Entry, Event, Reporter, Summary, Verdict};

const TITLE: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const BAD: Style = AnsiColor::Red.on_default().bold();
const WARN: Style = AnsiColor::Yellow.on_default();

/// Reasons for not running a case name this many cases at most.
const MOST_NAMED: usize = 20;

/// Writes what is tested, and when all is over what failed, in the order of the cases, and the sums.
#[derive(Debug)]
pub struct CasesConsole<W> {
    out: W,
    width: usize,
    /// What is to be told of a case, by its place.
    told: BTreeMap<usize, String>,
    /// Why cases were not run, and their names, by the place of the first.
    not_applicable: BTreeMap<String, (usize, Vec<String>)>,
}

impl<W: Write> CasesConsole<W> {
    /// Writes to `out`, so many characters wide.
    pub const fn new(out: W, width: usize) -> Self {
        Self { out, width, told: BTreeMap::new(), not_applicable: BTreeMap::new() }
    }

    fn take(&mut self, entry: &Entry) {
        let text = match &entry.verdict {
            Verdict::Pass => return,
            Verdict::Fail => self.failure(entry),
            Verdict::Inconclusive(why) => trouble(entry, "inconclusive", why),
            Verdict::HarnessError(why) => trouble(entry, "trouble of wsrm itself", why),
            Verdict::NotApplicable(why) => {
                let place = entry.subject.place;
                let (first, names) =
                    self.not_applicable.entry(why.clone()).or_insert_with(|| (place, Vec::new()));
                *first = place.min(*first);
                names.push(entry.subject.name.clone());
                return;
            }
        };
        self.told.insert(entry.subject.place, text);
    }

    fn failure(&self, entry: &Entry) -> String {
        let (subject, judgement) = (&entry.subject, entry.judgement.render(self.width));
        format!(
            "\n{BAD}failed{BAD:#} {}: {}\n{judgement}     repeat it: {}\n",
            subject.name, subject.about, entry.repeat
        )
    }

    fn end(&mut self, summary: &Summary) -> io::Result<()> {
        for text in std::mem::take(&mut self.told).into_values() {
            self.out.write_all(text.as_bytes())?;
        }
        let mut reasons: Vec<_> = std::mem::take(&mut self.not_applicable).into_iter().collect();
        reasons.sort_by_key(|(_, (first, _))| *first);
        for (reason, (_, mut names)) in reasons {
            names.sort_unstable();
            names.dedup();
            let more = names.len().saturating_sub(MOST_NAMED);
            names.truncate(MOST_NAMED);
            let and = if more > 0 { format!(" and {more} more") } else { String::new() };
            let names = names.join(", ");
            writeln!(self.out, "{FAINT}not applicable, {reason}: {names}{and}{FAINT:#}")?;
        }
        self.sums(summary)?;
        self.out.flush()
    }

    fn sums(&mut self, summary: &Summary) -> io::Result<()> {
        let elapsed = summary.elapsed.map(|elapsed| format!(" in {:.1} s", elapsed.as_secs_f64()));
        writeln!(
            self.out,
            "\n{} cases{}: {} passed, {} failed, {} inconclusive, {} in trouble; {} not applicable",
            summary.run(),
            elapsed.unwrap_or_default(),
            summary.passed,
            summary.failed,
            summary.inconclusive,
            summary.harness_errors,
            summary.not_applicable,
        )?;
        writeln!(
            self.out,
            "{} sequences opened: {} terminated, {} ended by a fault, {} left open",
            summary.opened, summary.terminated, summary.faulted, summary.open,
        )?;
        for identifier in &summary.left_open {
            writeln!(self.out, "     left open: {identifier}")?;
        }
        writeln!(self.out, "{}", summary.totals)
    }
}

fn trouble(entry: &Entry, word: &str, why: &str) -> String {
    let Entry { subject, repeat, .. } = entry;
    let (name, about) = (&subject.name, &subject.about);
    format!("\n{WARN}{word}{WARN:#} {name}: {about}\n     {why}\n     repeat it: {repeat}\n")
}

impl<W: Write> Reporter for CasesConsole<W> {
    fn report(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunBegan(run) => {
                for subject in &run.subjects {
                    writeln!(self.out, "{TITLE}{subject}{TITLE:#}")?;
                }
                self.out.flush()
            }
            Event::EntryBegan(_) => Ok(()),
            Event::EntryEnded(entry) => {
                self.take(entry);
                Ok(())
            }
            Event::Remark(remark) => writeln!(self.out, "Note: {remark}"),
            Event::RunEnded(summary) => self.end(summary),
        }
    }
}
