//! Rules that say which messages between two sides come to harm, and which harm.
//!
//! A rule is a line of words, such as `drop request Echo #2` or `delay 500ms response every`:
//!
//! ```text
//! rule       = action (direction | message | "to" message | condition)…
//! action     = "drop" [hang=TIME]          not delivered; the connection is closed, after TIME
//!            | "duplicate" [times=N]       a request is delivered N further times (1)
//!            | "delay" TIME                delivered so much later
//!            | "hold" until=next|TIME      delivered just before the next one, or when TIME of the run is over
//!            | "reorder" [by=N]            delivered behind the next N (1) in the same direction
//!            | "cut" [after=BYTES]         only so many bytes (half) are delivered, then the connection is closed
//!            | "corrupt" [bytes=N] [at=N]  N bytes (1) of the body are changed, by the seed or from a place on
//!            | "rewrite" status=CODE       the HTTP status of a response is another
//!            | "rewrite" s/FROM/TO/[g]     a text of the body is another, the first or all; fits
//!                                          only a message that has it
//!            | "answer" CODE               a request is not delivered; the answer is an empty one with this status
//! direction  = "request" | "response"
//! message    = CreateSequence | CreateSequenceResponse | CloseSequence | … | LastMessage | ack | AckRequested
//!            | fault | application | empty | other
//!            | the last part of any other action, as Echo, or a whole action
//! condition  = #N | #N-M                   the message number; behind "to message", that of the request
//!            | nth=N | nth=N-M             which of the messages that fit, counted from 1; nth=1 without any of these
//!            | every | every=N             all that fit, or each N-th
//!            | p=0.1 | p=10%               each that fits, with this probability, by the seed
//!            | with=HEADER                 it has this header block, as with=AckRequested
//!            | code=NAME                   it is a fault with this code or subcode
//!            | limit=TIME                  hold and reorder wait no longer (30s)
//! ```
//!
//! [`FaultInjector`] applies rules to messages as they come. It knows no socket and no clock.

mod alter;
mod injector;
mod meaning;
mod parse;

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use wsrm_reference::proxy::Direction;

use crate::recording::HttpMessage;
pub use injector::{FaultInjector, Injected, Injection, RuleCount};
pub use meaning::Meaning;
pub use parse::{FaultRuleError, FaultRuleFlaw};

/// Which messages come to harm, and which.
#[derive(Debug, Clone, PartialEq)]
pub struct FaultRule {
    text: String,
    action: FaultAction,
    filter: MessageFilter,
    occurrence: Occurrence,
    limit: Duration,
}

/// What is done to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultAction {
    /// It is not delivered, and the connection is closed after a while.
    Drop {
        /// How long it stays open.
        hang: Duration,
    },
    /// A request is delivered again.
    Duplicate {
        /// How many further times.
        times: u32,
    },
    /// It is delivered so much later.
    Delay(Duration),
    /// It is held back until something happens; what comes after it stays behind it.
    Hold(Until),
    /// It is overtaken by others in the same direction.
    Reorder {
        /// By how many.
        by: u32,
    },
    /// It is delivered in part, and the connection closed.
    Cut {
        /// How many bytes are delivered; half of them without.
        after: Option<usize>,
    },
    /// Bytes of its body are changed, its length is not.
    Corrupt {
        /// How many.
        bytes: u32,
        /// From which byte of the body on; anywhere without.
        at: Option<usize>,
    },
    /// The status of a response is another.
    RewriteStatus(u16),
    /// A text in its body is another.
    RewriteText {
        /// Which.
        from: String,
        /// What stands there instead.
        to: String,
        /// Whether it is replaced wherever it stands, or only the first time.
        all: bool,
    },
    /// A request is not delivered, and answered with an empty response of this status.
    Answer(u16),
}

/// What ends a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// The next message in the same direction has come.
    Next,
    /// So much time has gone by since the first message.
    Time(Duration),
}

/// Which messages a rule is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessageFilter {
    /// Which way they go; either without.
    pub direction: Option<Direction>,
    /// What they are.
    pub kind: Option<Kind>,
    /// What the request is that they respond to.
    pub to: Option<Kind>,
    /// Their message number, or that of the request where `to` is given.
    pub number: Option<RangeInclusive<u64>>,
    /// The local name of a header block that they have.
    pub with: Option<String>,
    /// The local name of their fault code or subcode.
    pub code: Option<String>,
}

/// What a message is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A SOAP fault.
    Fault,
    /// Any message of the application.
    Application,
    /// An HTTP message without a body.
    Empty,
    /// An HTTP message whose body is no SOAP message that can be read.
    Other,
    /// The last part of its action, or the name of its body where that is one of WS-ReliableMessaging's.
    Named(String),
    /// Its action in whole.
    Action(String),
}

/// Which of the messages that fit come to harm.
#[derive(Debug, Clone, PartialEq)]
pub enum Occurrence {
    /// These, counted from 1 over the whole run.
    Nth(RangeInclusive<u64>),
    /// Each so-manieth.
    Every(u64),
    /// Each with this probability.
    Chance(f64),
}

impl FaultRule {
    /// Reads a rule.
    ///
    /// # Errors
    /// If it is none; the error names the word and says what may stand there.
    pub fn parse(text: &str) -> Result<Self, FaultRuleError> {
        parse::rule(text)
    }

    /// What is done.
    pub fn action(&self) -> &FaultAction {
        &self.action
    }

    /// Which messages it is about.
    pub fn filter(&self) -> &MessageFilter {
        &self.filter
    }

    /// Which of them come to harm.
    pub fn occurrence(&self) -> &Occurrence {
        &self.occurrence
    }

    /// Whether it is about a message: its filter fits, and what is to be rewritten is there.
    fn fits(
        &self,
        direction: Direction,
        meaning: &Meaning,
        request: Option<&Meaning>,
        message: Option<&HttpMessage>,
    ) -> bool {
        let has = |text: &str| message.is_some_and(|message| alter::has_text(message, text));
        self.filter.fits(direction, meaning, request)
            && !matches!(&self.action, FaultAction::RewriteText { from, .. } if !has(from))
    }

    /// How long a message waits at most for others to come.
    pub fn limit(&self) -> Duration {
        self.limit
    }
}

impl MessageFilter {
    /// Whether it fits a message; `request` is the one that a response responds to.
    pub fn fits(&self, direction: Direction, message: &Meaning, request: Option<&Meaning>) -> bool {
        let numbered = if self.to.is_some() { request } else { Some(message) };
        let fits = |kind: &Option<Kind>, meaning: Option<&Meaning>| match kind {
            None => true,
            Some(kind) => meaning.is_some_and(|meaning| kind.fits(meaning)),
        };
        self.direction.is_none_or(|wanted| wanted == direction)
            && fits(&self.kind, Some(message))
            && fits(&self.to, request)
            && self.number.as_ref().is_none_or(|wanted| {
                numbered.and_then(Meaning::number).is_some_and(|number| wanted.contains(&number))
            })
            && self.with.as_ref().is_none_or(|name| message.has_header(name))
            && self.code.as_ref().is_none_or(|name| message.has_code(name))
    }
}

impl Kind {
    fn fits(&self, meaning: &Meaning) -> bool {
        match self {
            Self::Fault => meaning.is_fault(),
            Self::Application => meaning.is_application(),
            Self::Empty => meaning.name() == Meaning::EMPTY,
            Self::Other => meaning.name() == Meaning::OTHER,
            Self::Named(name) => meaning.name().eq_ignore_ascii_case(name),
            Self::Action(action) => meaning.action() == Some(action),
        }
    }
}

impl Occurrence {
    /// Whether the `count`-th message that fits comes to harm; `chance` is between 0 and 1.
    fn strikes(&self, count: u64, chance: impl FnOnce() -> f64) -> bool {
        match self {
            Self::Nth(range) => range.contains(&count),
            Self::Every(step) => count.is_multiple_of(*step),
            Self::Chance(probability) => chance() < *probability,
        }
    }
}

impl fmt::Display for FaultRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::str::FromStr for FaultRule {
    type Err = FaultRuleError;

    fn from_str(text: &str) -> Result<Self, FaultRuleError> {
        Self::parse(text)
    }
}
