//! A bar while something runs.

use std::io::{self, IsTerminal as _};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use wsrm_conformance::report::{Event, Reporter};

/// Shows on the standard error how far a run has come, and what runs.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    /// The places and names of what runs.
    running: Vec<(usize, String)>,
}

impl Progress {
    /// Draws only where a terminal is.
    pub(crate) fn new(is_wanted: bool) -> Self {
        let shown = is_wanted && io::stderr().is_terminal();
        let draw = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, draw);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}") {
            bar.set_style(style);
        }
        Self { bar, running: Vec::new() }
    }

    fn show(&self) {
        let names: Vec<&str> = self.running.iter().map(|(_, name)| name.as_str()).collect();
        self.bar.set_message(names.join(", "));
    }
}

impl Reporter for Progress {
    fn report(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunBegan(run) => {
                self.bar.set_length(u64::try_from(run.planned).unwrap_or(u64::MAX));
            }
            Event::EntryBegan(subject) => {
                self.running.push((subject.place, subject.name.clone()));
                self.show();
            }
            Event::EntryEnded(entry) => {
                self.running.retain(|(place, _)| *place != entry.subject.place);
                self.bar.inc(1);
                self.show();
            }
            Event::Remark(_) => {}
            Event::RunEnded(_) => self.bar.finish_and_clear(),
        }
        Ok(())
    }
}
