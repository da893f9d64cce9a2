//! Which of the known names somebody may have meant by an unknown one.

use std::cmp::Reverse;

/// How many names are offered at most.
const MOST: usize = 3;
/// From here on two words are taken for the same one, mistyped.
const ALIKE: f64 = 0.86;

/// The names that come near `word`, the nearest first: those that share parts with it, and those that differ from it by
/// a slip of the hand.
pub fn near<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    let mut found: Vec<(usize, &str)> = names
        .into_iter()
        .map(|name| (likeness(word, name), name))
        .filter(|(likeness, _)| *likeness > 0)
        .collect();
    found.sort_by_key(|(likeness, _)| Reverse(*likeness));
    found.into_iter().take(MOST).map(|(_, name)| name.to_owned()).collect()
}

/// The names as the end of a message: `; there is a, b`. Nothing, where there are none.
pub fn in_words(near: &[String]) -> String {
    if near.is_empty() { String::new() } else { format!("; there is {}", near.join(", ")) }
}

/// How many parts of a word a name has; the first part, the family, counts twice where it is the same.
fn likeness(word: &str, name: &str) -> usize {
    let parts: Vec<&str> = parts(word).collect();
    let is_known = |part: &&&str| self::parts(name).any(|own| is_alike(part, own));
    let family = |name: &str| name.split_once('.').map_or(name.to_owned(), |(family, _)| family.to_owned());
    let of_family = usize::from(family(word) == family(name));
    parts.iter().filter(is_known).count() + of_family
}

fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split(['.', '-']).filter(|part| part.len() > 1)
}

fn is_alike(one: &str, other: &str) -> bool {
    let is_beginning = one.len().min(other.len()) > 2 && (one.starts_with(other) || other.starts_with(one));
    one == other || is_beginning || strsim::jaro_winkler(one, other) >= ALIKE
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::family("closed", &["close", "close.final", "close.only-once"])]
    #[case::slip("cretae.acks-to", &["create.acks-to", "ack.final"])]
    #[case::ending("ack.finals", &["ack.final", "create.acks-to", "close.final"])]
    #[case::nothing("window", &[])]
    fn comes_near(#[case] word: &str, #[case] expected: &[&str]) {
        let names = ["close", "ack.final", "create.acks-to", "close.final", "close.only-once", "hostile"];
        assert_eq!(near(word, names), expected);
    }
}
