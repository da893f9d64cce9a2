//! What is judged of the sessions that pass.

use std::time::Duration;

use wsrm_conformance::judgement::Totals;
use wsrm_conformance::proxy::{JudgedSession, ProxyEvent, SessionJudges};
use wsrm_oracle::Catalogue;

use super::Arguments;
use super::display::Display;
use crate::binding::Refusal;
use crate::exit::Exit;

/// Judges the sessions, where that is asked for, and has it shown.
pub(super) struct Verdict {
    judges: Option<SessionJudges>,
    is_strict: bool,
}

impl Verdict {
    pub(super) fn new(arguments: &Arguments) -> Result<Self, Refusal> {
        let is_strict = arguments.strict;
        if arguments.no_judge {
            return Ok(Self { judges: None, is_strict });
        }
        let catalogue = Catalogue::load()
            .map_err(|error| Refusal { exit: Exit::Internal, message: error.to_string() })?;
        let selection = arguments
            .choice
            .of_judged(&catalogue)
            .map_err(|message| Refusal { exit: Exit::Usage, message })?;
        let judges = SessionJudges::new(catalogue, selection, &arguments.client, &arguments.service);
        Ok(Self { judges: Some(judges), is_strict })
    }

    pub(super) fn event(&mut self, event: &ProxyEvent, display: &Display) {
        if let (Some(judges), ProxyEvent::Exchange(exchange)) = (&mut self.judges, event) {
            let news = judges.exchange(exchange);
            self.show(&news, display);
        }
    }

    /// Nothing happened for a while.
    pub(super) fn settle(&mut self, now: Duration, display: &Display) {
        if let Some(judges) = &mut self.judges {
            let news = judges.settle(now);
            self.show(&news, display);
        }
    }

    /// All is over; the sum, where anything was judged.
    pub(super) fn finish(&mut self, display: &Display) -> Option<Totals> {
        let (news, totals) = self.judges.take()?.finish();
        self.show(&news, display);
        Some(totals)
    }

    /// The exit code, by the sum.
    pub(super) fn exit(&self, totals: &Totals) -> Exit {
        Exit::of_totals(totals, self.is_strict)
    }

    fn show(&self, news: &[JudgedSession], display: &Display) {
        for session in news {
            display.judged(session, self.is_strict);
        }
    }
}
