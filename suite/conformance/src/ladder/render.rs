//! Drawing a ladder with characters.

use std::fmt::Write as _;
use std::time::Duration;

use anstyle::{AnsiColor, Style};

use super::{Course, Direction, Ladder, Rung, RungKind};
use crate::summary::Tone;

/// Narrower than this the text between the lifelines has no room.
const MIN_WIDTH: usize = 60;
/// Wider than this the eye loses the line.
const MAX_WIDTH: usize = 160;
/// A mark is cut where it would take more of the room.
const MAX_MARK: usize = 12;
/// A text that needs more lines than this is cut: the whole of it is what `--messages` shows.
const MAX_LINES: usize = 3;

const TITLE: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const FAULT: Style = AnsiColor::Red.on_default();
const PROTOCOL: Style = AnsiColor::Cyan.on_default();
const MARK: Style = AnsiColor::Red.on_default().bold();
const LOST: Style = AnsiColor::Yellow.on_default();

impl Ladder {
    /// Draws the diagram at most `width` characters wide, with ANSI colours; a printer that is no terminal strips
    /// them.
    pub fn render(&self, width: usize) -> String {
        let canvas = Canvas::new(self, width.clamp(MIN_WIDTH, MAX_WIDTH));
        let mut out = String::new();
        let title = if self.title.is_empty() {
            Vec::new()
        } else {
            wrap(&self.title, width.clamp(MIN_WIDTH, MAX_WIDTH))
        };
        for line in title {
            let _ = writeln!(out, "{TITLE}{line}{TITLE:#}");
        }
        canvas.heads(&mut out);
        for rung in &self.rungs {
            canvas.rung(&mut out, rung);
        }
        if !self.legend.is_empty() {
            let _ = writeln!(out);
        }
        for (name, identifier) in &self.legend {
            let _ = writeln!(out, "{FAINT}{name:>width$} {identifier}{FAINT:#}", width = canvas.margin - 1);
        }
        out
    }
}

/// The measures of one drawing: a left margin with time and number, a lifeline, the room between, a lifeline.
struct Canvas<'a> {
    ladder: &'a Ladder,
    time: usize,
    number: usize,
    margin: usize,
    room: usize,
}

impl<'a> Canvas<'a> {
    fn new(ladder: &'a Ladder, width: usize) -> Self {
        let time = ladder.rungs.iter().map(|rung| time_text(rung.time).len()).max().unwrap_or(0);
        let number = ladder.rungs.iter().map(|rung| rung.exchange.len()).max().unwrap_or(0);
        let margin = time + usize::from(time > 0) * 2 + number + 1;
        let mark = ladder.rungs.iter().map(|rung| length(&mark_text(&rung.mark))).max().unwrap_or(0);
        Self { ladder, time, number, margin, room: width.saturating_sub(margin + 2 + mark) }
    }

    fn heads(&self, out: &mut String) {
        let blank = " ".repeat(self.margin);
        let half = self.room / 2 - 1;
        let client = wrap(&self.ladder.client, half);
        let service = wrap(&self.ladder.service, half);
        for line in 0..client.len().max(service.len()) {
            let left = client.get(line).map_or("", String::as_str);
            let right = service.get(line).map_or("", String::as_str);
            let gap = (self.room + 2).saturating_sub(length(left) + length(right));
            let _ = writeln!(out, "{blank}{FAINT}{left}{}{right}{FAINT:#}", " ".repeat(gap));
        }
        let _ = writeln!(out, "{blank}┬{}┬", " ".repeat(self.room));
    }

    fn rung(&self, out: &mut String, rung: &Rung) {
        let time = time_text(rung.time);
        let sep = if self.time > 0 { "  " } else { "" };
        let margin = format!(
            "{FAINT}{time:>tw$}{sep}{number:>nw$}{FAINT:#} ",
            tw = self.time,
            nw = self.number,
            number = rung.exchange
        );
        let style = match (rung.kind, rung.tone) {
            (RungKind::Message(_, Course::Lost), _) => LOST,
            (RungKind::Message(_, Course::ArrivesLate) | RungKind::Closed | RungKind::Note, _) => FAINT,
            (_, Tone::Fault) => FAULT,
            (_, Tone::Protocol) => PROTOCOL,
            (_, Tone::Application | Tone::Plain) => Style::new(),
        };
        let mut lines = wrap(&rung.text, self.room.saturating_sub(12));
        if lines.len() > MAX_LINES {
            lines.truncate(MAX_LINES);
            if let Some(last) = lines.last_mut() {
                last.push('…');
            }
        }
        let last = lines.pop().unwrap_or_default();
        let blank = " ".repeat(self.margin);
        for (index, line) in lines.iter().enumerate() {
            let left = if index == 0 { margin.as_str() } else { blank.as_str() };
            let _ = writeln!(out, "{left}│{style}{}{style:#}│", self.plain(rung.kind, line));
        }
        let left = if lines.is_empty() { margin.as_str() } else { blank.as_str() };
        let (start, middle, end) = self.arrow(rung.kind, &last);
        let mark = mark_text(&rung.mark);
        let _ = writeln!(out, "{left}{start}{style}{middle}{style:#}{end}{MARK}{mark}{MARK:#}");
    }

    /// A line of text above its arrow.
    fn plain(&self, kind: RungKind, text: &str) -> String {
        let fill = self.room.saturating_sub(length(text) + 4);
        match kind {
            RungKind::Message(Direction::ToClient, _) => format!("{}{text}    ", " ".repeat(fill)),
            _ => format!("    {text}{}", " ".repeat(fill)),
        }
    }

    /// Lifeline, arrow with text, lifeline.
    fn arrow(&self, kind: RungKind, text: &str) -> (char, String, char) {
        let text = if text.is_empty() { String::new() } else { format!(" {text} ") };
        let dash = |count: usize| "─".repeat(count);
        let line = |pattern: &str, count: usize| pattern.chars().cycle().take(count).collect::<String>();
        let fill = |used: usize| self.room.saturating_sub(length(&text) + used);
        match kind {
            RungKind::Message(Direction::ToService, Course::Arrives) => {
                ('├', format!("──{text}{}▶", dash(fill(3))), '│')
            }
            RungKind::Message(Direction::ToClient, Course::Arrives) => {
                ('│', format!("◀{}{text}──", dash(fill(3))), '┤')
            }
            RungKind::Message(Direction::ToService, Course::Lost) => {
                let some = fill(3).saturating_sub(self.room / 8);
                let rest = fill(3) - some;
                ('├', format!("─ {text}{}╳{}", line("─ ", some), " ".repeat(rest)), '│')
            }
            RungKind::Message(Direction::ToClient, Course::Lost) => {
                let some = fill(3).saturating_sub(self.room / 8);
                let rest = fill(3) - some;
                ('│', format!("{}╳{}{text} ─", " ".repeat(rest), line(" ─", some)), '┤')
            }
            RungKind::Message(Direction::ToService, Course::Leaves) => {
                ('├', format!("──{text}{}", line("┄", fill(2))), '│')
            }
            RungKind::Message(Direction::ToClient, Course::Leaves) => {
                ('│', format!("{}{text}──", line("┄", fill(2))), '┤')
            }
            RungKind::Message(Direction::ToService, Course::ArrivesLate) => {
                ('│', format!("┄┄{text}{}▶", line("┄", fill(3))), '│')
            }
            RungKind::Message(Direction::ToClient, Course::ArrivesLate) => {
                ('│', format!("◀{}{text}┄┄", line("┄", fill(3))), '│')
            }
            RungKind::Closed | RungKind::Note => {
                let left = fill(0) / 2;
                ('│', format!("{}{text}{}", " ".repeat(left), " ".repeat(fill(left))), '│')
            }
        }
    }
}

/// Seconds with milliseconds.
fn time_text(time: Option<Duration>) -> String {
    time.map(|time| format!("{:.3}", time.as_secs_f64())).unwrap_or_default()
}

/// A mark as it stands behind the lifeline.
fn mark_text(mark: &str) -> String {
    match length(mark) {
        0 => String::new(),
        1..=MAX_MARK => format!(" {mark}"),
        _ => format!(" {}…", mark.chars().take(MAX_MARK - 1).collect::<String>()),
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// Breaks a text into lines of at most `width` characters, between words where that is possible.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(8);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && length(&line) + 1 + length(word) > width {
            lines.push(std::mem::take(&mut line));
        } else if !line.is_empty() {
            line.push(' ');
        }
        for character in word.chars() {
            if length(&line) == width {
                lines.push(std::mem::take(&mut line));
            }
            line.push(if character.is_control() { '·' } else { character });
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("one two three", 20, &["one two three"])]
    #[case("one two three", 8, &["one two", "three"])]
    #[case("abcdefghijkl mn", 8, &["abcdefgh", "ijkl mn"])]
    #[case("a\nb", 8, &["a·b"])]
    #[case("", 8, &[""])]
    fn wraps(#[case] text: &str, #[case] width: usize, #[case] lines: &[&str]) {
        assert_eq!(wrap(text, width), lines);
    }
}
