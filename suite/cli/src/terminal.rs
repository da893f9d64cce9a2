//! What is known of the terminal.

/// How many characters a line has; 100 where the output is no terminal.
pub(crate) fn width() -> usize {
    terminal_size::terminal_size().map_or(100, |(terminal_size::Width(width), _)| usize::from(width))
}
