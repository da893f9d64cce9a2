//! Which exchanges of a session come to harm, and which harm.
//!
//! ```
//! use wsrm_conformance::invitation::rule::{Rule, On, first};
//!
//! const RULES: &[Rule] = &[first(On::Create).lose_response()];
//! ```

use std::time::Duration;

use wsrm_oracle::message::{LifecycleKind, Message};

use super::reply::Scene;
use crate::case::{HttpResponse, Post, Stop};

/// One harm, or one oddity that a client has to live with.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    pub(super) when: When,
    pub(super) deed: Deed,
}

/// Which exchanges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When {
    on: On,
    from: u64,
    to: u64,
    and_after: bool,
}

/// What the request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// CreateSequence.
    Create,
    /// An application message in a sequence.
    Message,
    /// The application message with this number.
    Number(u64),
    /// An AckRequested that travels alone.
    AckRequested,
    /// What says that no message follows: CloseSequence of RM 1.1, LastMessage of RM 1.0.
    Closing,
    /// TerminateSequence.
    Terminate,
    /// A fault.
    Fault,
    /// Anything.
    Any,
}

/// What is done.
#[derive(Debug, Clone, Copy)]
pub(super) enum Deed {
    /// The request does not arrive; its connection is closed after so long.
    LoseRequest(Duration),
    /// The request arrives, and the connection is closed in place of the response.
    LoseResponse,
    /// The response comes so much later.
    Delay(Duration),
    /// The connection is closed in the middle of the response.
    Cut,
    /// The service never sees the request; this is the answer, after so long.
    Answer(Answering, Duration),
    /// The service sees the request; its answer is changed.
    Change(Changing),
    /// The same, with the HTTP around it.
    Remake(Remaking),
}

/// Makes an answer.
pub type Answering = for<'a> fn(&Scene<'a>) -> Result<HttpResponse, Stop>;
/// Changes a SOAP message that answers.
pub type Changing = for<'a> fn(&Scene<'a>, Post) -> Result<Post, Stop>;
/// Makes another response of an answer.
pub type Remaking = for<'a> fn(&Scene<'a>, HttpResponse) -> Result<HttpResponse, Stop>;

/// The first exchange of this kind.
pub const fn first(on: On) -> When {
    nth(1, on)
}

/// The exchange with this place among those of its kind, counted from 1.
pub const fn nth(place: u64, on: On) -> When {
    When { on, from: place, to: place, and_after: false }
}

/// As many exchanges of this kind from the first on.
pub const fn up_to(count: u64, on: On) -> When {
    When { on, from: 1, to: count, and_after: false }
}

/// All exchanges of this kind.
pub const fn each(on: On) -> When {
    When { on, from: 1, to: u64::MAX, and_after: false }
}

/// The first exchange of this kind, and whatever comes after it.
pub const fn since(on: On) -> When {
    When { on, from: 1, to: u64::MAX, and_after: true }
}

impl When {
    /// The request is lost: its connection is closed.
    pub const fn lose_request(self) -> Rule {
        self.does(Deed::LoseRequest(Duration::ZERO))
    }

    /// The request is lost, and its connection stays open for so long.
    pub const fn hang(self, time: Duration) -> Rule {
        self.does(Deed::LoseRequest(time))
    }

    /// The request arrives and is answered, and the connection is closed in place of the response.
    pub const fn lose_response(self) -> Rule {
        self.does(Deed::LoseResponse)
    }

    /// The response comes so much later.
    pub const fn delay(self, time: Duration) -> Rule {
        self.does(Deed::Delay(time))
    }

    /// The connection is closed in the middle of the response.
    pub const fn cut(self) -> Rule {
        self.does(Deed::Cut)
    }

    /// The service never sees the request; this is the answer.
    pub const fn answer(self, answer: Answering) -> Rule {
        self.does(Deed::Answer(answer, Duration::ZERO))
    }

    /// The same, late enough that what the client sends side by side is under way before it hears of it.
    pub const fn answer_in_time(self, answer: Answering) -> Rule {
        /// Longer than a message is under way, and shorter than a client waits.
        const UNDER_WAY: Duration = Duration::from_millis(200);
        self.does(Deed::Answer(answer, UNDER_WAY))
    }

    /// The service sees the request; its answer is changed so.
    pub const fn change(self, change: Changing) -> Rule {
        self.does(Deed::Change(change))
    }

    /// The service sees the request; its answer is made another, with the HTTP around it.
    pub const fn remake(self, remake: Remaking) -> Rule {
        self.does(Deed::Remake(remake))
    }

    const fn does(self, deed: Deed) -> Rule {
        Rule { when: self, deed }
    }

    /// Whether the exchange is one of these; `seen` is how many that fit there were before, and is counted on.
    pub(super) fn fits(&self, request: Option<&Message>, seen: &mut u64) -> bool {
        if self.and_after && *seen > 0 {
            return true;
        }
        if !self.on.is(request) {
            return false;
        }
        *seen = seen.saturating_add(1);
        (self.from..=self.to).contains(seen)
    }
}

impl Rule {
    /// How long it keeps a client waiting that repeats what is not answered as WCF does: after 10 s where a sequence is
    /// created and ended, and after half a minute where it was told to wait.
    pub(super) fn patience(&self) -> Duration {
        /// WCF's pause before it repeats CreateSequence, CloseSequence and TerminateSequence.
        const REPETITION: Duration = Duration::from_secs(10);
        let of_requests = matches!(self.when.on, On::Create | On::Closing | On::Terminate);
        match self.deed {
            Deed::LoseRequest(hang) if of_requests => hang.max(REPETITION),
            Deed::LoseRequest(time) | Deed::Delay(time) => time,
            Deed::LoseResponse | Deed::Cut | Deed::Answer(..) if of_requests => REPETITION,
            Deed::LoseResponse | Deed::Cut | Deed::Answer(..) | Deed::Change(_) | Deed::Remake(_) => {
                Duration::ZERO
            }
        }
    }
}

impl On {
    fn is(self, request: Option<&Message>) -> bool {
        if self == Self::Any {
            return true;
        }
        let Some(message) = request else { return false };
        let lifecycle = message.lifecycle.as_ref().map(|lifecycle| lifecycle.kind);
        let header = message.sequences.first();
        let is_last = message.rm_action() == Some("LastMessage");
        match self {
            Self::Create => lifecycle == Some(LifecycleKind::Create),
            Self::Message => header.is_some() && !is_last && lifecycle.is_none(),
            Self::Number(number) => !is_last && header.is_some_and(|header| header.number == Some(number)),
            Self::AckRequested => header.is_none() && lifecycle.is_none() && !message.ack_requests.is_empty(),
            Self::Closing => is_last || lifecycle == Some(LifecycleKind::Close),
            Self::Terminate => lifecycle == Some(LifecycleKind::Terminate),
            Self::Fault => message.fault.is_some(),
            Self::Any => true,
        }
    }
}

impl Deed {
    /// In a few words, for the diagram.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::LoseRequest(Duration::ZERO) => "lost",
            Self::LoseRequest(_) => "lost, the connection left open",
            Self::LoseResponse => "the answer is lost",
            Self::Delay(_) => "answered late",
            Self::Cut => "the answer breaks off",
            Self::Answer(..) => "answered by the case",
            Self::Change(_) => "the answer is changed",
            Self::Remake(_) => "the answer is made another",
        }
    }
}
