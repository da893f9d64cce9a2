//! A run as lines for a reader.

mod cases;
mod recordings;

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::report::Summary;
pub use cases::CasesConsole;
pub use recordings::RecordingsConsole;

/// What differs from the baseline: each known deviation that is gone, and the sum.
fn changes(out: &mut impl Write, summary: &Summary) -> io::Result<()> {
    const WARN: Style = AnsiColor::Yellow.on_default();
    let Some(changes) = &summary.changes else { return Ok(()) };
    for stale in &changes.stale {
        writeln!(out, "{WARN}stale{WARN:#} {stale}")?;
    }
    writeln!(out, "deviations: {changes}")
}
