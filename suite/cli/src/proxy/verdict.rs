//! What is judged of the sessions that pass.

use std::time::Duration;

use wsrm_conformance::baseline::{Changes, Comparison};
use wsrm_conformance::entry::{Entry, Subject};
use wsrm_conformance::judgement::{Judgement, Totals};
use wsrm_conformance::proxy::{JudgedSession, ProxyEvent, SessionId, SessionJudges};
use wsrm_conformance::recording::{Recording, Scenario};
use wsrm_oracle::Catalogue;

use super::Arguments;
use super::display::Display;
use crate::binding::Refusal;
use crate::exit::Exit;

/// Judges the sessions, where that is asked for, and has it shown.
pub(super) struct Verdict {
    judges: Option<SessionJudges>,
    comparison: Option<Comparison>,
    totals: Totals,
    is_strict: bool,
}

/// What came of all sessions.
pub(super) struct Sum {
    pub(super) totals: Totals,
    /// What differs from the baseline, where there is one.
    pub(super) changes: Option<Changes>,
}

impl Verdict {
    pub(super) fn new(arguments: &Arguments) -> Result<Self, Refusal> {
        let is_strict = arguments.strict;
        let nothing = Self { judges: None, comparison: None, totals: Totals::default(), is_strict };
        if arguments.no_judge {
            return Ok(nothing);
        }
        let catalogue = Catalogue::load()
            .map_err(|error| Refusal { exit: Exit::Internal, message: error.to_string() })?;
        let usage = |message| Refusal { exit: Exit::Usage, message };
        let selection = arguments.choice.of_judged(&catalogue).map_err(usage)?;
        let is_partial = arguments.choice.is_partial();
        let comparison =
            arguments.baseline.comparison(&catalogue, &selection, None, is_partial).map_err(usage)?;
        let judges = SessionJudges::new(catalogue, selection, &arguments.client, &arguments.service);
        Ok(Self { judges: Some(judges), comparison, ..nothing })
    }

    pub(super) fn event(&mut self, event: &ProxyEvent, display: &Display) {
        if let (Some(judges), ProxyEvent::Exchange(exchange)) = (&mut self.judges, event) {
            let news = judges.exchange(exchange);
            self.show(news, display);
        }
    }

    /// Nothing happened for a while.
    pub(super) fn settle(&mut self, now: Duration, display: &Display) {
        if let Some(judges) = &mut self.judges {
            let news = judges.settle(now);
            self.show(news, display);
        }
    }

    /// All is over; the sum, where anything was judged.
    pub(super) fn finish(&mut self, display: &Display) -> Option<Sum> {
        let (news, _) = self.judges.take()?.finish();
        self.show(news, display);
        let changes = self.comparison.as_ref().map(Comparison::changes);
        Some(Sum { totals: std::mem::take(&mut self.totals), changes })
    }

    /// The exit code, by the sum.
    pub(super) fn exit(&self, sum: &Sum) -> Exit {
        let is_stale = sum.changes.as_ref().is_some_and(|changes| !changes.stale.is_empty());
        let own = Exit::of_totals(&sum.totals, self.is_strict);
        Exit::gravest([own].into_iter().chain(Exit::Stale.when(is_stale)))
    }

    fn show(&mut self, news: Vec<JudgedSession>, display: &Display) {
        for mut session in news {
            let name = name(session.session);
            session.judgement = session.judgement.map(|judgement| self.take(&name, judgement));
            let comparison = self.comparison.as_ref();
            let is_known = |finding: &_| {
                comparison.is_some_and(|comparison| comparison.reason(&name, finding).is_some())
            };
            display.judged(&session, self.is_strict, &is_known);
        }
    }

    /// Holds the judgement of a session that is over against the baseline, and adds it to the sum.
    fn take(&mut self, name: &str, judgement: Judgement) -> Judgement {
        let judgement = match &mut self.comparison {
            None => judgement,
            Some(comparison) => {
                let subject = Subject {
                    place: 0,
                    group: String::new(),
                    name: name.to_owned(),
                    about: String::new(),
                    dialect: None,
                };
                // The baseline looks at the judgement alone.
                let nothing = Recording::new(Scenario::default(), Vec::new());
                let mut entry = Entry::judged(subject, judgement, nothing, String::new());
                comparison.apply(&mut entry);
                entry.judgement
            }
        };
        self.totals.add(&judgement);
        judgement
    }
}

/// What a session is called in a baseline: as its recording.
fn name(session: Option<SessionId>) -> String {
    session.map_or_else(|| "other".to_owned(), |SessionId(number)| format!("session-{number:02}"))
}
