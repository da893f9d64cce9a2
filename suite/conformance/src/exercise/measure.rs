//! Runs all cases, to see what each puts to the test.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::thread;

use wsrm_oracle::Catalogue;
use wsrm_oracle::message::Content;
use wsrm_reference::mutants;
use wsrm_wire::SoapVersion;

use super::{Entry, Exercises, Side, Sides, dialects, golden};
use crate::case::virtual_time::{reference_target, run_reference};
use crate::case::{Case, CaseReport};
use crate::dialect::Dialect;
use crate::entry::ClientEnd;
use crate::explanation::{Explanations, FoundBy};
use crate::invitation::virtual_time as clients;
use crate::judgement::Standing;
use crate::recording::HttpMessage;

/// So many cases are told of one requirement.
const MOST_TOLD: usize = 12;

/// What one case does in one dialect.
struct Visit {
    side: Side,
    dialect: Dialect,
    case: &'static Case,
    exchanges: usize,
    met: Vec<String>,
    /// Judged otherwise than met: what the reference does as WCF does, or is accused of.
    touched: Vec<String>,
    /// The words of faults, and what the application was told.
    texts: BTreeSet<String>,
}

impl Exercises {
    /// Runs every case against the reference implementation in each dialect, and takes down what it puts to the test.
    pub fn measure(catalogue: &Catalogue, explanations: &Explanations) -> Self {
        let jobs = || Side::ALL.into_iter().flat_map(|side| dialects().map(move |dialect| (side, dialect)));
        let visits: Vec<Visit> = thread::scope(|scope| {
            let workers: Vec<_> =
                jobs().map(|(side, dialect)| scope.spawn(move || all(side, dialect, catalogue))).collect();
            // A case that fails itself is no case that exercises anything; its own tests tell of it.
            workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
        });
        let mut requirements = Tables::default();
        let mut texts = Tables::default();
        for visit in &visits {
            for id in &visit.met {
                requirements.add(id, visit, true);
            }
            for id in &visit.touched {
                requirements.add(id, visit, false);
            }
            for text in &visit.texts {
                texts.add(text, visit, true);
            }
        }
        Self { requirements: requirements.written(id_itself), explanations: texts.explained(explanations) }
    }
}

/// Runs the cases for one side in one dialect. Those that can do harm take their time, and are run in the first framing alone.
fn all(side: Side, dialect: Dialect, catalogue: &Catalogue) -> Vec<Visit> {
    let target = reference_target(dialect.profile, dialect.pattern);
    let is_first = dialect.profile.soap == SoapVersion::Soap12;
    let cases = side.cases().into_iter().filter(|case| is_first || !case.hostile);
    let runs = cases.filter(|case| case.inapplicable(&target).is_none()).filter_map(|case| {
        let report = match side {
            Side::Destination => run_reference(case, &target, catalogue)?,
            Side::Source => clients::run_reference(case, &target, catalogue),
        };
        Some(Visit::of(side, dialect, case, &report))
    });
    runs.collect()
}

impl Visit {
    fn of(side: Side, dialect: Dialect, case: &'static Case, report: &CaseReport) -> Self {
        let with = |wanted: &[Standing]| {
            let judged = report.judgement.requirements.iter();
            let found = judged.filter(|judged| wanted.contains(&judged.standing));
            found.map(|judged| judged.requirement.id.clone()).collect()
        };
        let mut texts: BTreeSet<String> = report.recording.messages().filter_map(fault_text).collect();
        if let Some(ClientEnd::Error(Some(text))) = &report.client {
            texts.insert(text.clone());
        }
        Self {
            side,
            dialect,
            case,
            exchanges: report.recording.exchanges().len(),
            met: with(&[Standing::Met]),
            touched: with(&[Standing::Differs, Standing::Violated]),
            texts,
        }
    }
}

/// What a fault says for people.
fn fault_text(message: &HttpMessage) -> Option<String> {
    memchr::memmem::find(message.body(), b"Fault")?;
    let content = Content::read(message.body(), None);
    let fault = &content.soap()?.fault.as_ref()?.node;
    let reason = fault.first("Reason").and_then(|reason| reason.first("Text"));
    let reason = reason.or_else(|| fault.children.iter().find(|child| child.local == "faultstring"))?;
    Some(reason.text.clone())
}

/// Who exercises what, by what it is.
#[derive(Default)]
struct Tables<'v>(BTreeMap<String, BTreeMap<Side, BTreeMap<&'static str, Best<'v>>>>);

/// The visit in which a case shows it best.
#[derive(Clone, Copy)]
struct Best<'v> {
    visit: &'v Visit,
    is_met: bool,
}

impl<'v> Tables<'v> {
    fn add(&mut self, what: &str, visit: &'v Visit, is_met: bool) {
        let side = self.0.entry(what.to_owned()).or_default().entry(visit.side).or_default();
        let new = Best { visit, is_met };
        let best = side.entry(visit.case.name).or_insert(new);
        if (new.rank(), new.visit.exchanges) < (best.rank(), best.visit.exchanges) {
            *best = new;
        }
    }

    fn written(self, words: impl Fn(&str) -> (String, String)) -> BTreeMap<String, Sides> {
        let mut written = BTreeMap::new();
        for (what, sides) in self.0 {
            let (id, family) = words(&what);
            let entry = |side| sides.get(&side).and_then(|cases| entry(&id, &family, side, cases));
            let entries = Sides { destination: entry(Side::Destination), source: entry(Side::Source) };
            written.insert(id, entries);
        }
        written
    }

    /// The texts as what explains them. A text in which only a code or a part is known counts for nothing.
    fn explained(self, explanations: &Explanations) -> BTreeMap<String, Sides> {
        let mut by_id = Self::default();
        for (text, sides) in self.0 {
            let answer = explanations.explain(&text);
            let known = answer.matches.iter().filter(|found| found.by == FoundBy::Text);
            for id in known.map(|found| &found.explanation.id) {
                for (best, is_met) in
                    sides.values().flat_map(|cases| cases.values()).map(|best| (best.visit, best.is_met))
                {
                    by_id.add(id, best, is_met);
                }
            }
        }
        by_id.written(|id| (id.to_owned(), String::new()))
    }
}

impl Best<'_> {
    /// The smaller, the better: kept, and in a dialect of which a whole ladder is in `golden`.
    fn rank(&self) -> (Reverse<bool>, Reverse<bool>) {
        let Visit { case, side, dialect, .. } = self.visit;
        (Reverse(self.is_met), Reverse(golden(case, *side, *dialect).is_some()))
    }
}

fn id_itself(id: &str) -> (String, String) {
    let family = id.split_once('.').map_or(id, |(family, _)| family);
    (id.to_owned(), family.to_owned())
}

/// The nearest first: those that provoke a bug that breaks it, those of its family, then the short ones.
fn entry(id: &str, family: &str, side: Side, cases: &BTreeMap<&'static str, Best<'_>>) -> Option<Entry> {
    let place: HashMap<&str, usize> =
        side.cases().into_iter().enumerate().map(|(place, case)| (case.name, place)).collect();
    let provoking: BTreeSet<&str> = mutants::all()
        .filter(|mutant| mutant.breaks == id)
        .flat_map(|mutant| mutant.provoked_by.iter().copied())
        .collect();
    let mut sorted: Vec<&Best<'_>> = cases.values().collect();
    sorted.sort_by_key(|best| {
        let case = best.visit.case;
        let is_near = (!provoking.contains(case.name), case.family() != family);
        (best.rank(), is_near, best.visit.exchanges, place.get(case.name).copied())
    });
    let best = sorted.first()?.visit;
    let (by, dialect) = (best.case.name.to_owned(), best.dialect.to_string());
    let told = sorted.iter().take(MOST_TOLD).map(|best| best.visit.case.name.to_owned()).collect();
    Some(Entry { count: cases.len(), by, dialect, cases: told })
}
