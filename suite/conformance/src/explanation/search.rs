//! Which explanation fits what a user has.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use super::template::Run;
use super::{Explanation, words};

/// How much of a text is read, in bytes: more than any exception with its stack trace.
const LONGEST_TEXT: usize = 1 << 18;

/// How many words are searched for a part of a text.
const LONGEST_PART: usize = 2_000;

/// A part of a text is told from chance by at least so many words, where nothing else tells more.
const SHORTEST_PART: usize = 4;

/// The same, where the name of a fault code or a type stands in the text: one in another language has both, and names
/// of protocols and headers that are the same in all of them.
const SHORTEST_PART_WITH_NAMES: usize = 6;

/// How many explanations are suggested where none fits.
const SUGGESTIONS: usize = 5;

/// What was found for a text.
#[derive(Debug, Clone, Default)]
pub struct Answer<'a> {
    /// What the text is explained by: the first is the answer, the others explain other parts of the same text.
    pub matches: Vec<Match<'a>>,
    /// Where nothing fits: what comes nearest, the nearest first.
    pub suggestions: Vec<&'a Explanation>,
}

/// An explanation that fits.
#[derive(Debug, Clone)]
pub struct Match<'a> {
    /// The explanation.
    pub explanation: &'a Explanation,
    /// What led to it.
    pub by: FoundBy,
}

/// What led to an explanation, the surest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FoundBy {
    /// Its own name.
    Id,
    /// A text of WCF, whole.
    Text,
    /// A part of a text of WCF.
    Part,
    /// The name of a fault code; the words around it are not known.
    Code(String),
    /// The name of a type of exception; the words around it are not known.
    Exception(String),
}

/// A text that was found whole.
struct Whole<'a> {
    explanation: &'a Explanation,
    place: Range<usize>,
    letters: usize,
}

/// Explains a text.
pub(super) fn answer<'a>(explanations: &'a [Explanation], text: &str) -> Answer<'a> {
    let text = bounded(text);
    let by_id = explanations.iter().find(|explanation| explanation.id == text.trim());
    if let Some(explanation) = by_id {
        return Answer::of([Match { explanation, by: FoundBy::Id }]);
    }
    let words = words::of(text);
    let names = names(text);
    let codes = by_name(&names, explanations, |explanation| &explanation.codes, FoundBy::Code);
    let exceptions = by_name(&names, explanations, |explanation| &explanation.exceptions, FoundBy::Exception);
    let mut matches = by_text(explanations, &words);
    if matches.is_empty() {
        let named = !codes.is_empty() || !exceptions.is_empty();
        let shortest = if named { SHORTEST_PART_WITH_NAMES } else { SHORTEST_PART };
        matches.extend(by_part(explanations, &words, shortest));
    }
    add(&mut matches, codes);
    if matches.is_empty() {
        add(&mut matches, exceptions);
    }
    if matches.is_empty() {
        return Answer { matches, suggestions: suggest(explanations, &words) };
    }
    Answer::of(matches)
}

impl<'a> Answer<'a> {
    fn of(matches: impl IntoIterator<Item = Match<'a>>) -> Self {
        Self { matches: matches.into_iter().collect(), suggestions: Vec::new() }
    }
}

fn bounded(text: &str) -> &str {
    let end = (0..=LONGEST_TEXT.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    text.get(..end.unwrap_or(0)).unwrap_or(text)
}

/// The texts that stand whole in these words: causes first, then those of more letters.
fn by_text<'a>(explanations: &'a [Explanation], words: &[String]) -> Vec<Match<'a>> {
    let mut found: Vec<Whole<'a>> = Vec::new();
    for explanation in explanations {
        let places = explanation.templates.iter().filter_map(|template| {
            template.find(words).map(|place| Whole { explanation, place, letters: template.letters() })
        });
        found.extend(places.max_by_key(|whole| whole.letters));
    }
    let mut outer: Vec<&Whole<'_>> = Vec::new();
    for whole in &found {
        let within = |other: &Whole<'_>| {
            other.letters > whole.letters
                && other.place.start <= whole.place.start
                && whole.place.end <= other.place.end
        };
        let has_more = |other: &&Whole<'_>| other.explanation.kind <= whole.explanation.kind && within(other);
        if !found.iter().any(|other| has_more(&other)) {
            outer.push(whole);
        }
    }
    outer.sort_by_key(|whole| (whole.explanation.kind, Reverse(whole.letters), whole.place.start));
    outer.into_iter().map(|whole| Match { explanation: whole.explanation, by: FoundBy::Text }).collect()
}

/// The one explanation with which these words share the longest run, if the run is long and no other has it too.
fn by_part<'a>(explanations: &'a [Explanation], words: &[String], shortest: usize) -> Option<Match<'a>> {
    let (best, longest) = longest_runs(explanations, words)?;
    let whole_input = best.words == words.len() && best.words >= 2;
    match longest.as_slice() {
        [only] if whole_input || best.words >= shortest => {
            Some(Match { explanation: only, by: FoundBy::Part })
        }
        _ => None,
    }
}

/// The longest run that these words share with any text, and whose texts those are.
fn longest_runs<'a>(
    explanations: &'a [Explanation],
    words: &[String],
) -> Option<(Run, Vec<&'a Explanation>)> {
    let words = words.get(..LONGEST_PART).unwrap_or(words);
    let run = |explanation: &Explanation| {
        explanation.templates.iter().map(|template| template.longest_run(words)).max().unwrap_or_default()
    };
    let runs: Vec<(Run, &Explanation)> =
        explanations.iter().map(|explanation| (run(explanation), explanation)).collect();
    let best = runs.iter().map(|(run, _)| *run).max().filter(|run| run.words > 0)?;
    Some((
        best,
        runs.into_iter().filter(|(run, _)| *run == best).map(|(_, explanation)| explanation).collect(),
    ))
}

/// The names in a text that may be of a fault code or a type: the last part of each qualified name.
fn names(text: &str) -> Vec<String> {
    let text = words::unescape(text);
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    let names = text.split(|character: char| !is_part(character)).filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

/// The explanations of the names that are there, in the order of the text. A text of one name may be in any case.
fn by_name<'a>(
    names: &[String],
    explanations: &'a [Explanation],
    known: fn(&Explanation) -> &Vec<String>,
    by: fn(String) -> FoundBy,
) -> Vec<Match<'a>> {
    let exact = names.len() > 3;
    let is = |name: &str, own: &str| name == own || (!exact && name.eq_ignore_ascii_case(own));
    let mut matches = Vec::new();
    for name in names {
        let fits = explanations.iter().find_map(|explanation| {
            let own = known(explanation).iter().find(|own| is(name, own))?;
            Some(Match { explanation, by: by(own.clone()) })
        });
        add(&mut matches, fits);
    }
    matches.sort_by_key(|found| found.explanation.kind);
    matches
}

fn add<'a>(matches: &mut Vec<Match<'a>>, found: impl IntoIterator<Item = Match<'a>>) {
    for new in found {
        if !matches.iter().any(|known| known.explanation.id == new.explanation.id) {
            matches.push(new);
        }
    }
}

/// What comes nearest: first the texts that share the longest run, then by words that few texts have.
fn suggest<'a>(explanations: &'a [Explanation], words: &[String]) -> Vec<&'a Explanation> {
    let mut frequency: BTreeMap<&str, usize> = BTreeMap::new();
    let vocabularies: Vec<Vec<String>> = explanations.iter().map(vocabulary).collect();
    for word in vocabularies.iter().flatten() {
        *frequency.entry(word).or_default() += 1;
    }
    // A word in every text says nothing, a word in one text says most. Whole numbers keep the order the same everywhere.
    let weight = |word: &String| frequency.get(word.as_str()).map_or(0, |&count| 1_000 / count);
    let mut asked = words.to_vec();
    asked.sort_unstable();
    asked.dedup();
    let mut scored: Vec<(usize, &Explanation)> = Vec::new();
    for (explanation, vocabulary) in explanations.iter().zip(&vocabularies) {
        let score = asked.iter().filter(|word| vocabulary.binary_search(word).is_ok()).map(weight).sum();
        scored.push((score, explanation));
    }
    let (run, longest) = longest_runs(explanations, words).unwrap_or_default();
    let runs_first = |explanation: &Explanation| {
        run.words >= 2 && longest.iter().any(|longest| longest.id == explanation.id)
    };
    scored.retain(|(score, explanation)| *score > 60 || runs_first(explanation));
    scored.sort_by_key(|(score, explanation)| (!runs_first(explanation), Reverse(*score)));
    scored.into_iter().map(|(_, explanation)| explanation).take(SUGGESTIONS).collect()
}

/// The words by which an explanation may be meant, sorted.
fn vocabulary(explanation: &Explanation) -> Vec<String> {
    let texts = explanation.templates.iter().flat_map(|template| template.vocabulary()).map(str::to_owned);
    let names = explanation.codes.iter().chain(&explanation.exceptions).map(|name| name.to_lowercase());
    let mut all: Vec<String> = texts.chain(names).chain(words::of(&explanation.title)).collect();
    all.sort_unstable();
    all.dedup();
    all
}
