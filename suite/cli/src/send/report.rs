//! What a run of `wsrm send` came to.

use std::time::Duration;

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};
use wsrm_conformance::explanation::{Explanations, FoundBy};
use wsrm_reference::{ClientError, Statistics};

use super::advice;
use crate::binding::Binding;
use crate::exit::Exit;

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();

/// A run, from its first to its last byte.
#[derive(Debug)]
pub(super) struct Report {
    url: String,
    profile: String,
    pub(super) identifier: Option<String>,
    /// Messages that were handed over, with their reply where they have one.
    pub(super) sent: u64,
    /// Replies that were as expected.
    pub(super) replies: u64,
    /// Replies that were SOAP faults.
    pub(super) faults: u64,
    /// Replies that were no echo.
    pub(super) unexpected: u64,
    pub(super) statistics: Statistics,
    pub(super) duration: Duration,
    pub(super) failure: Option<Failure>,
}

/// What went wrong, and what to do next.
#[derive(Debug)]
pub(super) struct Failure {
    during: String,
    what: String,
    wcf: Option<&'static str>,
    /// What lies behind it, where `what` does not say it.
    cause: Option<String>,
    advice: Option<String>,
    /// The id of the explanation of what WCF says here.
    explanation: Option<String>,
    exit: Exit,
}

impl Failure {
    pub(super) fn new(during: &str, error: &ClientError) -> Self {
        let (wcf, cause) = match error {
            ClientError::Session { error, .. } => {
                (Some(error.wcf_exception()), error.cause().map(str::to_owned))
            }
            ClientError::Address { .. } => (None, None),
        };
        let (exit, advice) = advice::of(error);
        let what = error.to_string();
        let explanation = cause.as_deref().and_then(explanation_of).or_else(|| explanation_of(&what));
        Self { during: during.to_owned(), what, wcf, cause, advice, explanation, exit }
    }

    pub(super) fn out_of_time(limit: Duration) -> Self {
        Self {
            during: "the run".to_owned(),
            what: format!("it was not done within {limit:?}"),
            wcf: None,
            cause: None,
            advice: Some("allow more time with --time-limit".to_owned()),
            explanation: None,
            exit: Exit::Found,
        }
    }

    fn print(&self) {
        anstream::eprintln!("{BAD}{} failed:{BAD:#} {}", self.during, self.what);
        let line = |lead: &str, text: Option<&str>| {
            if let Some(text) = text {
                anstream::eprintln!("  {lead} {text}");
            }
        };
        line("because", self.cause.as_deref());
        line("a WCF client would throw", self.wcf);
        line("next:", self.advice.as_deref());
        line("more: wsrm explain", self.explanation.as_deref());
    }
}

/// The explanation of a text of WCF, where it is known for sure.
fn explanation_of(text: &str) -> Option<String> {
    let explanations = Explanations::load().ok()?;
    let answer = explanations.explain(text);
    let best = answer.matches.iter().find(|found| matches!(found.by, FoundBy::Text))?;
    Some(best.explanation.id.clone())
}

impl Report {
    pub(super) fn new(url: &str, binding: &Binding) -> Self {
        Self {
            url: url.to_owned(),
            profile: binding.profile.to_string(),
            identifier: None,
            sent: 0,
            replies: 0,
            faults: 0,
            unexpected: 0,
            statistics: Statistics::default(),
            duration: Duration::ZERO,
            failure: None,
        }
    }

    pub(super) fn exit(&self) -> Exit {
        match &self.failure {
            Some(failure) => failure.exit,
            None if self.unexpected > 0 => Exit::Found,
            None => Exit::Success,
        }
    }

    pub(super) fn print(&self, json: bool) {
        if json {
            anstream::println!("{:#}", self.to_json());
            return;
        }
        if let Some(failure) = &self.failure {
            failure.print();
        }
        if self.identifier.is_some() {
            self.print_summary();
        }
    }

    fn print_summary(&self) {
        let statistics = &self.statistics;
        let (style, end) = match self.exit() {
            Exit::Success => (GOOD, "closed"),
            _ => (BAD, "not well"),
        };
        anstream::println!(
            "{} {} in {:.3} s, {style}{end}{style:#} ({})",
            self.sent,
            if self.sent == 1 { "message" } else { "messages" },
            self.duration.as_secs_f64(),
            self.profile
        );
        let line = |name: &str, value: String| anstream::println!("  {name:<17} {value}");
        let mut replies = self.replies.to_string();
        if self.faults > 0 {
            replies += &format!(", and {} SOAP faults", self.faults);
        }
        if self.unexpected > 0 {
            replies += &format!(", and {} that are no echo", self.unexpected);
        }
        line("replies", replies);
        line("round trips", format!("{}{}", statistics.round_trips, round_trip_times(statistics)));
        line("retransmissions", statistics.retransmissions.to_string());
        line("acknowledgements", statistics.acknowledgements.to_string());
        if statistics.polls > 0 {
            line("polls", statistics.polls.to_string());
        }
        if statistics.lost > 0 {
            line("lost", statistics.lost.to_string());
        }
        line("connections", statistics.connections.to_string());
    }

    fn to_json(&self) -> Value {
        let statistics = &self.statistics;
        let failure = self.failure.as_ref().map(|failure| {
            json!({
                "during": failure.during,
                "error": failure.what,
                "wcfException": failure.wcf,
                "cause": failure.cause,
                "next": failure.advice,
                "explanation": failure.explanation,
            })
        });
        json!({
            "url": self.url,
            "profile": self.profile,
            "sequence": self.identifier,
            "messages": self.sent,
            "replies": self.replies,
            "faults": self.faults,
            "unexpectedReplies": self.unexpected,
            "seconds": self.duration.as_secs_f64(),
            "requests": statistics.requests,
            "roundTrips": statistics.round_trips,
            "meanRoundTripSeconds": mean(statistics).map(|mean| mean.as_secs_f64()),
            "shortestRoundTripSeconds": statistics.shortest_round_trip.map(|time| time.as_secs_f64()),
            "retransmissions": statistics.retransmissions,
            "acknowledgements": statistics.acknowledgements,
            "polls": statistics.polls,
            "lost": statistics.lost,
            "connections": statistics.connections,
            "failure": failure,
        })
    }
}

fn mean(statistics: &Statistics) -> Option<Duration> {
    let count = u32::try_from(statistics.round_trips).unwrap_or(u32::MAX);
    statistics.total_round_trip.checked_div(count)
}

fn round_trip_times(statistics: &Statistics) -> String {
    let millis = |time: Duration| time.as_secs_f64() * 1000.0;
    match (statistics.shortest_round_trip, mean(statistics)) {
        (Some(shortest), Some(mean)) => {
            format!(" (shortest {:.2} ms, mean {:.2} ms)", millis(shortest), millis(mean))
        }
        _ => String::new(),
    }
}
