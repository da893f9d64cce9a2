//! Cases: what is made to happen on the wire to a destination or a source under test.
//!
//! A [`Case`] is only the stimulus. What the peer made of it is judged by the monitors of `wsrm-oracle` over the
//! exchanges of the case, all of them, whatever the case was written for; so a case has no expectations of its own
//! but those that it needs to go on. A case for a destination is written once, against a [`Peer`], and runs against the reference
//! implementation in virtual time ([`virtual_time`]) and against a live endpoint in real time ([`live`]). How a
//! source is tested stands in [`crate::invitation`].

mod answer;
mod application;
pub mod live;
mod message;
mod peer;
pub mod probe;
mod queue;
mod report;
mod run;
mod selection;
mod session;
mod suite;
pub mod virtual_time;
mod wire;

use wsrm_protocol::Pattern;
use wsrm_wire::{RmVersion, WireProfile};

use crate::dialect::Dialect;
use crate::entry::Subject;
use crate::invitation::{Invitation, Rule};

pub use answer::{Answer, Seen};
pub use application::{Application, Operation, ReplyTemplate, Template};
pub use message::Post;
pub(crate) use peer::Logged;
pub use peer::{Peer, Target};
pub(crate) use queue::bounded;
pub use report::CaseReport;
pub(crate) use report::{binds, recording};
pub use run::{Limits, run};
pub use selection::{CaseSelection, CaseSelectionError, Selectable};
pub use session::Session;
pub use suite::{Death, Revival, Suite, SuiteLimits};
pub use wire::{Broken, HttpRequest, HttpResponse, Pending, Wire, together};

/// Something that can be made to happen to a destination, or to a source.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// Names it for ever: the family, a full stop, what happens.
    pub name: &'static str,
    /// What happens, in a sentence.
    pub about: &'static str,
    /// What it needs.
    pub needs: Needs,
    /// Whether it can do harm: to a peer that is not well made, or to others that use it.
    pub hostile: bool,
    /// Whether it takes longer than a few seconds.
    pub slow: bool,
    stimulus: Stimulus,
}

/// How a case makes it happen.
#[derive(Debug, Clone, Copy)]
enum Stimulus {
    /// It sends messages to a destination.
    Posts(Script),
    /// It answers a source.
    Answers(Invitation),
}

/// What a case does.
pub type Script = for<'a> fn(&'a Peer) -> Pending<'a, Result<(), Stop>>;

/// What a case needs of the endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Needs {
    /// A version of reliable messaging.
    pub rm: Option<RmVersion>,
    /// A pattern.
    pub pattern: Option<Pattern>,
    /// An operation that does what its text says, as that of the recordings: `sleep:N`, `fault`.
    pub obedient: bool,
}

/// Why a case went no further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The peer did not do what the next step needs.
    Inconclusive(String),
    /// The endpoint does not offer what the case needs.
    NotApplicable(String),
    /// Nobody answers.
    Unreachable(String),
    /// The suite could not make what it wanted to send.
    Harness(String),
}

impl Case {
    /// A case that every endpoint can be given.
    pub const fn new(name: &'static str, about: &'static str, script: Script) -> Self {
        let stimulus = Stimulus::Posts(script);
        Self { name, about, needs: Needs::NOTHING, hostile: false, slow: false, stimulus }
    }

    /// A case that every client can be given, which is asked to send three messages.
    pub const fn invitation(name: &'static str, about: &'static str, rules: &'static [Rule]) -> Self {
        let stimulus = Stimulus::Answers(Invitation { messages: 3, rules });
        Self { name, about, needs: Needs::NOTHING, hostile: false, slow: false, stimulus }
    }

    /// The same, with so many messages.
    #[must_use]
    pub const fn messages(mut self, messages: u64) -> Self {
        if let Stimulus::Answers(invitation) = &mut self.stimulus {
            invitation.messages = messages;
        }
        self
    }

    /// The same, for a version of reliable messaging.
    #[must_use]
    pub const fn rm(mut self, rm: RmVersion) -> Self {
        self.needs.rm = Some(rm);
        self
    }

    /// The same, for a pattern.
    #[must_use]
    pub const fn pattern(mut self, pattern: Pattern) -> Self {
        self.needs.pattern = Some(pattern);
        self
    }

    /// The same, for an operation that does what its text says.
    #[must_use]
    pub const fn obedient(mut self) -> Self {
        self.needs.obedient = true;
        self
    }

    /// The same, able to do harm.
    #[must_use]
    pub const fn hostile(mut self) -> Self {
        self.hostile = true;
        self
    }

    /// The same, taking its time.
    #[must_use]
    pub const fn slow(mut self) -> Self {
        self.slow = true;
        self
    }

    /// The family: what stands before the full stop in the name.
    pub fn family(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(family, _)| family)
    }

    /// Why it cannot be run against this endpoint.
    pub fn inapplicable(&self, target: &Target) -> Option<String> {
        let Needs { rm, pattern, obedient } = self.needs;
        if let Some(rm) = rm.filter(|rm| *rm != target.profile.rm) {
            return Some(format!("needs {}", Dialect::rm_name(rm)));
        }
        if let Some(pattern) = pattern.filter(|pattern| *pattern != target.pattern) {
            return Some(format!("needs the pattern {}", Dialect::pattern_name(pattern)));
        }
        if obedient && !target.application.obedient {
            return Some("needs an operation that does what its text says (sleep:N, fault)".to_owned());
        }
        None
    }

    /// What is reported of it before it begins, at this place of a run.
    pub fn subject(&self, target: &Target, place: usize) -> Subject {
        let dialect = target.dialect();
        Subject {
            place,
            group: format!("{} {dialect}", target.address),
            name: self.name.to_owned(),
            about: self.about.to_owned(),
            dialect: Some(dialect),
        }
    }

    /// What a client is asked to send, and what happens to it; nothing where the case is for a destination.
    pub const fn answers(&self) -> Option<Invitation> {
        match self.stimulus {
            Stimulus::Posts(_) => None,
            Stimulus::Answers(invitation) => Some(invitation),
        }
    }

    fn start<'a>(&self, peer: &'a Peer) -> Pending<'a, Result<(), Stop>> {
        match self.stimulus {
            Stimulus::Posts(script) => script(peer),
            Stimulus::Answers(_) => Box::pin(async {
                Err(Stop::Harness("a case for a source has nothing to send to a destination".to_owned()))
            }),
        }
    }
}

impl Needs {
    const NOTHING: Self = Self { rm: None, pattern: None, obedient: false };
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Inconclusive(why)
            | Self::NotApplicable(why)
            | Self::Unreachable(why)
            | Self::Harness(why) => f.write_str(why),
        }
    }
}

/// All eight profiles.
pub fn profiles() -> impl Iterator<Item = WireProfile> {
    use wsrm_wire::{AddressingVersion, SoapVersion};
    RmVersion::ALL.into_iter().flat_map(|rm| {
        SoapVersion::ALL.into_iter().flat_map(move |soap| {
            AddressingVersion::ALL.into_iter().map(move |addressing| WireProfile { soap, addressing, rm })
        })
    })
}
