//! Reading rules.

use std::ops::RangeInclusive;
use std::time::Duration;

use thiserror::Error;
use wsrm_reference::proxy::Direction;

use super::{FaultAction, FaultRule, Kind, MessageFilter, Occurrence, Until};

/// A text that is no rule.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{rule:?}: {flaw}")]
pub struct FaultRuleError {
    /// The text.
    pub rule: String,
    /// What is wrong with it.
    pub flaw: FaultRuleFlaw,
}

/// What is wrong with a rule.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FaultRuleFlaw {
    /// There is nothing.
    #[error("it is empty; {ACTIONS}")]
    Empty,
    /// The first word is no action.
    #[error("{0:?} is nothing that can be done to a message; {ACTIONS}")]
    Action(String),
    /// An action lacks what it needs.
    #[error("{action} needs {needs}")]
    Missing {
        /// The action.
        action: &'static str,
        /// What.
        needs: &'static str,
    },
    /// A key that there is not, or that the action does not take.
    #[error("{0}= is nothing that a rule with this action takes")]
    Key(String),
    /// A value that its key does not take.
    #[error("{word:?}: expected {expected}")]
    Value {
        /// The word.
        word: String,
        /// What may stand there.
        expected: &'static str,
    },
    /// A word that looks like another.
    #[error("{word:?}: did you mean {suggestion}? (An operation of that name is meant by its whole action.)")]
    Suspicious {
        /// The word.
        word: String,
        /// What was probably meant.
        suggestion: &'static str,
    },
    /// Two words that say the same thing.
    #[error("{0:?} is too much: something before it says that already")]
    Twice(String),
    /// What cannot happen to a message that goes this way.
    #[error("{0}")]
    Direction(&'static str),
}

const ACTIONS: &str =
    "a rule begins with drop, duplicate, delay, hold, reorder, cut, corrupt, rewrite or answer";

/// Longest rule.
const MAX_LENGTH: usize = 10_000;
const MAX_TIME: Duration = Duration::from_secs(3600);
const DEFAULT_LIMIT: Duration = Duration::from_secs(30);

/// Words that stand for a kind of message.
const NAMES: [(&str, &str); 11] = [
    ("CreateSequence", "CreateSequence"),
    ("CreateSequenceResponse", "CreateSequenceResponse"),
    ("CloseSequence", "CloseSequence"),
    ("CloseSequenceResponse", "CloseSequenceResponse"),
    ("TerminateSequence", "TerminateSequence"),
    ("TerminateSequenceResponse", "TerminateSequenceResponse"),
    ("LastMessage", "LastMessage"),
    ("SequenceAcknowledgement", "SequenceAcknowledgement"),
    ("ack", "SequenceAcknowledgement"),
    ("acknowledgement", "SequenceAcknowledgement"),
    ("AckRequested", "AckRequested"),
];

/// Words that people mistype.
const OTHER_WORDS: [&str; 4] = ["request", "response", "every", "application"];

/// What was read of a rule so far.
#[derive(Default)]
struct Draft {
    filter: MessageFilter,
    occurrence: Option<Occurrence>,
    limit: Option<Duration>,
    hang: Option<Duration>,
    times: Option<u32>,
    until: Option<Until>,
    by: Option<u32>,
    after: Option<usize>,
    bytes: Option<u32>,
    at: Option<usize>,
    status: Option<u16>,
    time: Option<Duration>,
    text: Option<(String, String, bool)>,
}

pub(super) fn rule(text: &str) -> Result<FaultRule, FaultRuleError> {
    let shown: String = text.chars().take(200).collect();
    read(text).map_err(|flaw| FaultRuleError { rule: shown, flaw })
}

fn read(text: &str) -> Result<FaultRule, FaultRuleFlaw> {
    if text.len() > MAX_LENGTH {
        return Err(FaultRuleFlaw::Value { word: "…".to_owned(), expected: "at most 10000 characters" });
    }
    let all = words(text)?;
    let mut words = all.iter().map(String::as_str);
    let action = words.next().ok_or(FaultRuleFlaw::Empty)?;
    let mut draft = Draft::default();
    while let Some(word) = words.next() {
        match word {
            "to" => {
                let kind = words.next().ok_or(FaultRuleFlaw::Missing {
                    action: "to",
                    needs: "the kind of the request, as in: drop response to Echo",
                })?;
                once(&mut draft.filter.to, kind_of(kind)?, word)?;
            }
            _ => draft.word(action, word)?,
        }
    }
    draft.finish(action, all.join(" "))
}

/// Splits at white space, which a `s/from/to/` may contain.
fn words(text: &str) -> Result<Vec<String>, FaultRuleFlaw> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let length = match substitution(rest) {
            Some(length) => length.ok_or_else(|| bad(rest, "s/FROM/TO/ or s/FROM/TO/g"))?,
            None => rest.find(char::is_whitespace).unwrap_or(rest.len()),
        };
        let (word, behind) = rest.split_at(length);
        words.push(word.to_owned());
        rest = behind.trim_start();
    }
    Ok(words)
}

/// The length of a substitution at the start of `text`; `None` inside where it does not end.
fn substitution(text: &str) -> Option<Option<usize>> {
    let delimiter = text.strip_prefix('s')?.chars().next()?;
    if delimiter.is_alphanumeric() || delimiter.is_whitespace() || "=-_:.".contains(delimiter) {
        return None;
    }
    let mut seen = 0;
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if character == delimiter {
            seen += 1;
        }
        if seen == 3 {
            let end = at + character.len_utf8();
            let flags = text.get(end..).unwrap_or_default().find(char::is_whitespace);
            return Some(Some(flags.map_or(text.len(), |flags| end + flags)));
        }
    }
    Some(None)
}

impl Draft {
    fn word(&mut self, action: &str, word: &str) -> Result<(), FaultRuleFlaw> {
        if matches!(substitution(word), Some(Some(_))) {
            return once(&mut self.text, substituted(word)?, word);
        }
        if let Some(numbers) = word.strip_prefix('#') {
            let range = range(numbers).ok_or_else(|| bad(word, "#N or #N-M"))?;
            return once(&mut self.filter.number, range, word);
        }
        match word.split_once('=') {
            Some((key, value)) if key.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                return self.pair(action, key, value, word);
            }
            _ => {}
        }
        match word {
            "request" => once(&mut self.filter.direction, Direction::Request, word),
            "response" => once(&mut self.filter.direction, Direction::Response, word),
            "every" => once(&mut self.occurrence, Occurrence::Every(1), word),
            _ if action == "delay" && self.time.is_none() && starts_with_digit(word) => {
                once(&mut self.time, time(word)?, word)
            }
            _ if action == "answer" && self.status.is_none() && starts_with_digit(word) => {
                once(&mut self.status, status(word)?, word)
            }
            _ => once(&mut self.filter.kind, kind_of(word)?, word),
        }
    }

    fn pair(&mut self, action: &str, key: &str, value: &str, word: &str) -> Result<(), FaultRuleFlaw> {
        const COUNT: &str = "a number from 1 to 100";
        match (key, action) {
            ("number", _) => {
                let range = range(value).ok_or_else(|| bad(word, "number=N or number=N-M"))?;
                once(&mut self.filter.number, range, word)
            }
            ("nth", _) => {
                let range = range(value).ok_or_else(|| bad(word, "nth=N or nth=N-M, counted from 1"))?;
                once(&mut self.occurrence, Occurrence::Nth(range), word)
            }
            ("every", _) => {
                let step = value.parse().ok().filter(|step| *step > 0);
                let step = step.ok_or_else(|| bad(word, "every or every=N"))?;
                once(&mut self.occurrence, Occurrence::Every(step), word)
            }
            ("p", _) => once(&mut self.occurrence, Occurrence::Chance(probability(word, value)?), word),
            ("with", _) => once(&mut self.filter.with, value.to_owned(), word),
            ("code", _) => once(&mut self.filter.code, value.to_owned(), word),
            ("limit", "hold" | "reorder") => once(&mut self.limit, time(value)?, word),
            ("hang", "drop") => once(&mut self.hang, time(value)?, word),
            ("times", "duplicate") => once(
                &mut self.times,
                count(value, 16).ok_or_else(|| bad(word, "a number from 1 to 16"))?,
                word,
            ),
            ("until", "hold") => {
                let until = if value == "next" { Until::Next } else { Until::Time(time(value)?) };
                once(&mut self.until, until, word)
            }
            ("by", "reorder") => once(&mut self.by, count(value, 100).ok_or_else(|| bad(word, COUNT))?, word),
            ("after", "cut") => {
                once(&mut self.after, value.parse().map_err(|_| bad(word, "a number of bytes"))?, word)
            }
            ("bytes", "corrupt") => {
                once(&mut self.bytes, count(value, 100).ok_or_else(|| bad(word, COUNT))?, word)
            }
            ("at", "corrupt") => once(
                &mut self.at,
                value.parse().map_err(|_| bad(word, "a place in the body, counted from 0"))?,
                word,
            ),
            ("status", "rewrite" | "answer") => once(&mut self.status, status(value)?, word),
            _ => Err(FaultRuleFlaw::Key(key.to_owned())),
        }
    }

    fn finish(mut self, action: &str, text: String) -> Result<FaultRule, FaultRuleFlaw> {
        let action = self.action(action)?;
        self.check_direction(&action)?;
        Ok(FaultRule {
            text,
            action,
            filter: self.filter,
            occurrence: self.occurrence.unwrap_or(Occurrence::Nth(1..=1)),
            limit: self.limit.unwrap_or(DEFAULT_LIMIT),
        })
    }

    fn action(&mut self, action: &str) -> Result<FaultAction, FaultRuleFlaw> {
        let missing = |action, needs| FaultRuleFlaw::Missing { action, needs };
        if action != "rewrite" && self.text.is_some() {
            return Err(FaultRuleFlaw::Key("s/FROM/TO/ or status".to_owned()));
        }
        Ok(match action {
            "drop" => FaultAction::Drop { hang: self.hang.unwrap_or_default() },
            "duplicate" => FaultAction::Duplicate { times: self.times.unwrap_or(1) },
            "delay" => FaultAction::Delay(self.time.ok_or(missing("delay", "a time, as in: delay 500ms"))?),
            "hold" => FaultAction::Hold(
                self.until.ok_or(missing("hold", "its end: until=next, or until=TIME of the run"))?,
            ),
            "reorder" => FaultAction::Reorder { by: self.by.unwrap_or(1) },
            "cut" => FaultAction::Cut { after: self.after },
            "corrupt" => FaultAction::Corrupt { bytes: self.bytes.unwrap_or(1), at: self.at },
            "answer" => {
                FaultAction::Answer(self.status.ok_or(missing("answer", "a status, as in: answer 503"))?)
            }
            "rewrite" => match (self.text.take(), self.status) {
                (Some((from, to, all)), None) => FaultAction::RewriteText { from, to, all },
                (None, Some(status)) => FaultAction::RewriteStatus(status),
                (None, None) => return Err(missing("rewrite", "what to: status=CODE or s/FROM/TO/")),
                (Some(_), Some(_)) => return Err(FaultRuleFlaw::Twice("status".to_owned())),
            },
            other => return Err(FaultRuleFlaw::Action(other.chars().take(80).collect())),
        })
    }

    /// What only one direction can have, has that one.
    fn check_direction(&mut self, action: &FaultAction) -> Result<(), FaultRuleFlaw> {
        let (only, why) = match action {
            FaultAction::Duplicate { .. } => (
                Direction::Request,
                "HTTP has one response to a request: duplicate the request, and it is answered again",
            ),
            FaultAction::Answer(_) => (Direction::Request, "only a request can be answered"),
            FaultAction::RewriteStatus(_) => (Direction::Response, "only a response has a status"),
            _ if self.filter.to.is_some() => {
                (Direction::Response, "only a response is a response to something")
            }
            _ => return Ok(()),
        };
        let direction = *self.filter.direction.get_or_insert(only);
        if direction != only || (only == Direction::Request && self.filter.to.is_some()) {
            return Err(FaultRuleFlaw::Direction(why));
        }
        Ok(())
    }
}

fn bad(word: &str, expected: &'static str) -> FaultRuleFlaw {
    FaultRuleFlaw::Value { word: word.chars().take(80).collect(), expected }
}

fn once<T>(place: &mut Option<T>, value: T, word: &str) -> Result<(), FaultRuleFlaw> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(FaultRuleFlaw::Twice(word.to_owned())),
    }
}

fn starts_with_digit(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_digit())
}

fn count(value: &str, most: u32) -> Option<u32> {
    value.parse().ok().filter(|count| (1..=most).contains(count))
}

fn range(text: &str) -> Option<RangeInclusive<u64>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (1 <= first && first <= last).then_some(first..=last)
}

fn probability(word: &str, value: &str) -> Result<f64, FaultRuleFlaw> {
    let (number, scale) = match value.strip_suffix('%') {
        Some(percent) => (percent, 100.0),
        None => (value, 1.0),
    };
    let probability = number.parse::<f64>().ok().map(|number| number / scale);
    probability
        .filter(|probability| (0.0..=1.0).contains(probability))
        .ok_or_else(|| bad(word, "a probability: p=0.1 or p=10%"))
}

/// `250ms`, `2s`, `1.5s`, `1m`.
fn time(text: &str) -> Result<Duration, FaultRuleFlaw> {
    let expected = "a time up to an hour, as 250ms, 2s or 1m";
    let digits = text.trim_end_matches(|unit: char| unit.is_ascii_alphabetic());
    let scale = match text.get(digits.len()..) {
        Some("ms") => 0.001,
        Some("s") => 1.0,
        Some("m") => 60.0,
        _ => return Err(bad(text, expected)),
    };
    let seconds = digits.parse::<f64>().ok().map(|number| number * scale);
    seconds
        .filter(|seconds| (0.0..=MAX_TIME.as_secs_f64()).contains(seconds))
        .map(Duration::from_secs_f64)
        .ok_or_else(|| bad(text, expected))
}

fn status(text: &str) -> Result<u16, FaultRuleFlaw> {
    let status = text.parse().ok().filter(|status| (200..=599).contains(status));
    status.ok_or_else(|| bad(text, "an HTTP status from 200 to 599"))
}

/// The parts of `s/from/to/`, whose delimiter may stand in them behind a backslash.
fn substituted(word: &str) -> Result<(String, String, bool), FaultRuleFlaw> {
    let malformed = || bad(word, "s/FROM/TO/ or s/FROM/TO/g");
    let mut characters = word.chars().skip(1);
    let delimiter = characters.next().ok_or_else(malformed)?;
    let mut parts = vec![String::new()];
    while let Some(character) = characters.next() {
        if character == delimiter && parts.len() < 3 {
            parts.push(String::new());
            continue;
        }
        let Some(part) = parts.last_mut() else { return Err(malformed()) };
        match character {
            '\\' => match characters.next() {
                Some(escaped) if escaped == delimiter || escaped == '\\' => part.push(escaped),
                Some('n') => part.push('\n'),
                Some(other) => part.extend(['\\', other]),
                None => part.push('\\'),
            },
            _ => part.push(character),
        }
    }
    match <[String; 3]>::try_from(parts) {
        Ok([from, to, flags]) if !from.is_empty() && ["", "g"].contains(&flags.as_str()) => {
            Ok((from, to, flags == "g"))
        }
        _ => Err(malformed()),
    }
}

fn kind_of(word: &str) -> Result<Kind, FaultRuleFlaw> {
    if word.contains([':', '/']) {
        return Ok(Kind::Action(word.to_owned()));
    }
    let lower = word.to_ascii_lowercase();
    match lower.as_str() {
        "fault" => return Ok(Kind::Fault),
        "application" => return Ok(Kind::Application),
        "empty" => return Ok(Kind::Empty),
        "other" => return Ok(Kind::Other),
        _ => {}
    }
    if let Some((_, name)) = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)) {
        return Ok(Kind::Named((*name).to_owned()));
    }
    if !word.chars().all(|character| character.is_alphanumeric() || "._-".contains(character)) {
        return Err(bad(word, "a kind of message, as CreateSequence, Echo or fault"));
    }
    let known = NAMES.iter().map(|(name, _)| *name).chain(OTHER_WORDS);
    if let Some(suggestion) = known.filter(|name| name.len() > 4).find(|name| is_near(&lower, name)) {
        return Err(FaultRuleFlaw::Suspicious { word: word.to_owned(), suggestion });
    }
    Ok(Kind::Named(word.to_owned()))
}

/// Whether a word is another one with at most two letters changed, left out or added.
fn is_near(word: &str, name: &str) -> bool {
    let name: Vec<char> = name.to_ascii_lowercase().chars().collect();
    if word.len().abs_diff(name.len()) > 2 {
        return false;
    }
    let mut row: Vec<usize> = (0..=name.len()).collect();
    for (index, letter) in word.chars().enumerate() {
        let mut diagonal = std::mem::replace(row.first_mut().unwrap_or(&mut 0), index + 1);
        let mut left = index + 1;
        for (cell, other) in row.iter_mut().skip(1).zip(&name) {
            let cost = diagonal + usize::from(letter != *other);
            diagonal = *cell;
            left = cost.min(left + 1).min(*cell + 1);
            *cell = left;
        }
    }
    row.last().is_some_and(|distance| *distance <= 2)
}

#[cfg(test)]
mod tests;
