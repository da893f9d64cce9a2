//! What a reader sees of cases that are run.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::changes;
use crate::entry::{ClientEnd, ClientFacts, Entry, Verdict};
use crate::report::{Event, Reporter, Summary};

const TITLE: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const BAD: Style = AnsiColor::Red.on_default().bold();
const WARN: Style = AnsiColor::Yellow.on_default();

/// Reasons for not running a case name this many cases at most.
const MOST_NAMED: usize = 20;
/// Of what a client wrote, this many lines are shown.
const MOST_OUTPUT: usize = 10;

/// Writes what is tested, and when all is over what failed, in the order of the cases, and the sums.
#[derive(Debug)]
pub struct CasesConsole<W> {
    out: W,
    width: usize,
    /// What is to be told of a case, by its place.
    told: BTreeMap<usize, String>,
    /// The cases that are told of, and their verdict: a second time in another round says nothing new.
    known: BTreeSet<(String, String, &'static str)>,
    /// Why cases were not run, and their names, by the place of the first.
    not_run: BTreeMap<String, (usize, Vec<String>)>,
}

impl<W: Write> CasesConsole<W> {
    /// Writes to `out`, so many characters wide.
    pub const fn new(out: W, width: usize) -> Self {
        Self { out, width, told: BTreeMap::new(), known: BTreeSet::new(), not_run: BTreeMap::new() }
    }

    fn take(&mut self, entry: &Entry) {
        let key = (entry.subject.group.clone(), entry.subject.name.clone(), entry.verdict.word());
        if !self.known.insert(key) {
            return;
        }
        let is_begun = entry.recording.as_ref().is_some_and(|recording| !recording.exchanges().is_empty());
        let text = match &entry.verdict {
            Verdict::Pass | Verdict::Known => return,
            Verdict::Fail => self.failure(entry),
            Verdict::Inconclusive(why) if is_begun => trouble(entry, "inconclusive", why),
            Verdict::Inconclusive(why) => return self.not_run(entry, why.clone()),
            Verdict::HarnessError(why) => trouble(entry, whose_trouble(entry), why),
            Verdict::NotApplicable(why) => return self.not_run(entry, format!("not applicable, {why}")),
        };
        self.told.insert(entry.subject.place, text);
    }

    fn not_run(&mut self, entry: &Entry, why: String) {
        let place = entry.subject.place;
        let (first, names) = self.not_run.entry(why).or_insert_with(|| (place, Vec::new()));
        *first = place.min(*first);
        names.push(entry.subject.name.clone());
    }

    fn failure(&self, entry: &Entry) -> String {
        let (subject, judgement) = (&entry.subject, entry.judgement.render(self.width));
        format!(
            "\n{BAD}failed{BAD:#} {}: {}\n{judgement}{}     repeat it: {}\n",
            subject.name,
            subject.about,
            client(entry),
            entry.repeat
        )
    }

    fn end(&mut self, summary: &Summary) -> io::Result<()> {
        for text in std::mem::take(&mut self.told).into_values() {
            self.out.write_all(text.as_bytes())?;
        }
        let mut reasons: Vec<_> = std::mem::take(&mut self.not_run).into_iter().collect();
        reasons.sort_by_key(|(_, (first, _))| *first);
        for (reason, (_, mut names)) in reasons {
            names.sort_unstable();
            names.dedup();
            let more = names.len().saturating_sub(MOST_NAMED);
            names.truncate(MOST_NAMED);
            let and = if more > 0 { format!(" and {more} more") } else { String::new() };
            let names = names.join(", ");
            writeln!(self.out, "{FAINT}{reason}: {names}{and}{FAINT:#}")?;
        }
        self.sums(summary)?;
        self.out.flush()
    }

    fn sums(&mut self, summary: &Summary) -> io::Result<()> {
        let elapsed = summary.elapsed.map(|elapsed| format!(" in {:.1} s", elapsed.as_secs_f64()));
        writeln!(
            self.out,
            "\n{} cases{}: {} passed, {} failed{}, {} inconclusive, {} in trouble; {} not applicable",
            summary.run(),
            elapsed.unwrap_or_default(),
            summary.passed,
            summary.failed,
            if summary.known > 0 { format!(", {} failed as known", summary.known) } else { String::new() },
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
        self.stability(summary)?;
        changes(&mut self.out, summary)?;
        writeln!(self.out, "{}", summary.totals)
    }

    fn stability(&mut self, summary: &Summary) -> io::Result<()> {
        if summary.stability.rounds() < 2 {
            return Ok(());
        }
        writeln!(self.out, "{}", summary.stability)?;
        for flaky in summary.stability.flaky() {
            writeln!(self.out, "     {WARN}{flaky}{WARN:#}")?;
        }
        Ok(())
    }
}

fn trouble(entry: &Entry, word: &str, why: &str) -> String {
    let Entry { subject, repeat, .. } = entry;
    let (name, about) = (&subject.name, &subject.about);
    let client = client(entry);
    format!("\n{WARN}{word}{WARN:#} {name}: {about}\n     {why}\n{client}     repeat it: {repeat}\n")
}

const fn whose_trouble(entry: &Entry) -> &'static str {
    match &entry.client {
        Some(ClientFacts { end: ClientEnd::Trouble(_), .. }) => "trouble with the client",
        _ => "trouble of wsrm itself",
    }
}

/// What became of the client, and the last of what it wrote.
fn client(entry: &Entry) -> String {
    let Some(ClientFacts { end, output }) = &entry.client else { return String::new() };
    let mut text = match end {
        ClientEnd::Trouble(_) | ClientEnd::Unknown => String::new(),
        _ => format!("     its application saw: {}\n", end.words()),
    };
    let lines: Vec<&str> = output.lines().filter(|line| !line.trim().is_empty()).collect();
    for line in lines.iter().skip(lines.len().saturating_sub(MOST_OUTPUT)) {
        let line: String = line.chars().filter(|character| !character.is_control()).collect();
        text.push_str(&format!("     {FAINT}| {line}{FAINT:#}\n"));
    }
    text
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
