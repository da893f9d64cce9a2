//! A text in which parts vary, and where it stands in another.

use std::ops::Range;

use super::words;

/// How many words may stand where a text varies: an address has some ten, a reason some thirty.
const LONGEST_GAP: usize = 80;

/// A text of WCF as words: the parts that are always the same, between those that vary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    segments: Vec<Vec<String>>,
}

/// The longest run of words that a text shares with a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Run {
    /// The letters of the words.
    pub(super) letters: usize,
    /// The words.
    pub(super) words: usize,
}

impl Template {
    /// A template from its text, in which `{}` stands for what varies.
    pub(super) fn new(text: &str) -> Self {
        let segments = text.split("{}").map(words::of).filter(|segment| !segment.is_empty());
        Self { segments: segments.collect() }
    }

    /// How many words do not vary.
    pub(super) fn words(&self) -> usize {
        self.segments.iter().map(Vec::len).sum()
    }

    /// How many letters do not vary: the measure of how specific the text is.
    pub(super) fn letters(&self) -> usize {
        self.segments.iter().flatten().map(String::len).sum()
    }

    /// All words that do not vary.
    pub(super) fn vocabulary(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().flatten().map(String::as_str)
    }

    /// Where the whole template stands in these words.
    pub(super) fn find(&self, words: &[String]) -> Option<Range<usize>> {
        let (first, others) = self.segments.split_first()?;
        let mut from = 0;
        while let Some(start) = position(words, first, from, words.len()) {
            let first_end = start + first.len();
            let end = others.iter().try_fold(first_end, |end, segment| {
                let limit = end.saturating_add(LONGEST_GAP);
                position(words, segment, end, limit).map(|found| found + segment.len())
            });
            if let Some(end) = end {
                return Some(start..end);
            }
            from = start + 1;
        }
        None
    }

    /// The longest run of words that these words and a segment of the template share.
    pub(super) fn longest_run(&self, words: &[String]) -> Run {
        self.segments.iter().map(|segment| longest_run(segment, words)).max().unwrap_or_default()
    }
}

/// Where `part` stands in `words`, beginning at `from` or later and not behind `limit`.
fn position(words: &[String], part: &[String], from: usize, limit: usize) -> Option<usize> {
    let starts = words.windows(part.len()).enumerate().skip(from);
    starts
        .take_while(|(place, _)| *place <= limit)
        .find(|(_, window)| *window == part)
        .map(|(place, _)| place)
}

/// The common substring of the most letters, by a table of which two rows are kept.
fn longest_run(segment: &[String], words: &[String]) -> Run {
    let mut best = Run::default();
    let mut above = vec![Run::default(); segment.len() + 1];
    for word in words {
        let mut row = vec![Run::default(); segment.len() + 1];
        for ((own, run), before) in segment.iter().zip(row.iter_mut().skip(1)).zip(&above) {
            if own == word {
                *run = Run { letters: before.letters + word.len(), words: before.words + 1 };
                best = best.max(*run);
            }
        }
        above = row;
    }
    best
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("there was no endpoint listening at {} that could accept", "EndpointNotFound: There was no endpoint listening at http://h:1/x that could accept the message", Some(1..14))]
    #[case("no endpoint listening at {} that could accept", "no endpoint listening at", None)]
    #[case("exceeded the timeout of {}", "has exceeded the timeout of 00:01:00", Some(1..5))]
    #[case("a {} b", "a a x b", Some(0..4))]
    fn stands_in_a_text(#[case] template: &str, #[case] text: &str, #[case] place: Option<Range<usize>>) {
        assert_eq!(Template::new(template).find(&words::of(text)), place);
    }

    #[test]
    fn shares_the_longest_run() {
        let template = Template::new("There was no endpoint listening at {} that could accept the message.");
        let run =
            template.longest_run(&words::of("re was no endpoint listen ... that could accept the mess"));
        assert_eq!(run, Run { letters: 18, words: 4 });
    }
}
