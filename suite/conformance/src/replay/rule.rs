//! What a replay follows the recording in, because chance decided it there.
//!
//! This is the only place where a tolerance is named or measured; `fixtures/README.md` tells the same to readers.

use std::time::Duration;

use serde::Serialize;

/// A named tolerance that a comparison made use of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// A message may carry any state of acknowledgement that was true around the moment at which it was recorded:
    /// what another message changed within [`RACE`] of that moment may be in it or not.
    AcknowledgementRace,
    /// A one-way message that came within [`RACE`] of an acknowledgement may still stand in the service's buffer, or
    /// have left it, so that `BufferRemaining` may differ by one for each of them.
    DispatchRace,
    /// Nobody wrote down in which order a duplicate and its original reached the service, so that the two answers
    /// may be exchanged.
    DuplicateOrder,
    /// A request that stood unanswered when the recording ended says nothing about the answer.
    UnansweredAtTheEnd,
    /// A process that ends right after its last step may end before its last fault is on the wire.
    EndOfProcess,
    /// A poll and a time-out that fall on the same instant (within [`RACE`]): either may come first, and the time-out
    /// makes the poll needless.
    PollOrTimeout,
    /// A repetition and the acknowledgement that makes it needless fall on the same instant (within [`RACE`]): either
    /// may come first.
    RepetitionRace,
}

/// How long two events may lie apart and still count as simultaneous.
pub const RACE: Duration = Duration::from_millis(100);

/// How late something may happen in the recording that our side does at once: a loaded machine, or a program that
/// does something for the first time.
pub const LATE: Duration = Duration::from_millis(1000);

/// How early a recorded message may be against a timer of ours. WCF's timers never fire early, but they start inside
/// the process, a moment before the message that starts ours is on the wire.
pub const EARLY: Duration = Duration::from_millis(100);

/// How late a call of the application may come in the recording when nothing holds it back: the first of its kind in
/// a process has everything to load.
pub const FIRST_CALL: Duration = Duration::from_secs(3);

/// How late a client may see an answer that has come to it: tried where it fits better than seeing it at once.
pub const SLOW: Duration = Duration::from_millis(300);

/// How long before its first message is on the wire a program may have begun to open its session.
pub const FIRST_OPEN: Duration = Duration::from_secs(1);

impl Rule {
    /// The name, as it stands in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AcknowledgementRace => "acknowledgement-race",
            Self::DispatchRace => "dispatch-race",
            Self::DuplicateOrder => "duplicate-order",
            Self::UnansweredAtTheEnd => "unanswered-at-the-end",
            Self::EndOfProcess => "end-of-process",
            Self::PollOrTimeout => "poll-or-timeout",
            Self::RepetitionRace => "repetition-race",
        }
    }
}
