//! What is known of the terminal.

use std::fmt::Write as _;

/// How many characters a line has; 100 where the output is no terminal.
pub(crate) fn width() -> usize {
    terminal_size::terminal_size().map_or(100, |(terminal_size::Width(width), _)| usize::from(width))
}

/// The text in lines of this width: the first begins with `first`, the others with as many spaces.
///
/// A word that is longer than a line stands in a line of its own.
pub(crate) fn wrap(text: &str, first: &str, width: usize) -> String {
    let indent = first.chars().count();
    let mut output = first.to_owned();
    let mut column = indent;
    for (index, word) in text.split_whitespace().enumerate() {
        let length = word.chars().count();
        if index > 0 && column + 1 + length > width {
            let _ = write!(output, "\n{:indent$}", "");
            column = indent;
        } else if index > 0 {
            output.push(' ');
            column += 1;
        }
        output.push_str(word);
        column += length;
    }
    output.push('\n');
    output
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("one two three", "", 8, "one two\nthree\n")]
    #[case("one two three", "1. ", 10, "1. one two\n   three\n")]
    #[case("a http://long.example/ b", "  ", 8, "  a\n  http://long.example/\n  b\n")]
    #[case("", "  ", 8, "  \n")]
    fn wraps_between_words(
        #[case] text: &str,
        #[case] first: &str,
        #[case] width: usize,
        #[case] lines: &str,
    ) {
        assert_eq!(wrap(text, first, width), lines);
    }
}
