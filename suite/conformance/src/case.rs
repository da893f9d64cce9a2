//! Cases: what is made to happen on the wire to a destination under test.
//!
//! A [`Case`] is only the stimulus. What the peer made of it is judged by the monitors of `wsrm-oracle` over the
//! exchanges of the case, all of them, whatever the case was written for; so a case has no expectations of its own
//! but those that it needs to go on. A case is written once, against a [`Peer`], and runs against the reference
//! implementation in virtual time ([`virtual_time`]) and against a live endpoint in real time ([`live`]).

mod answer;
mod application;
pub mod live;
mod message;
mod peer;
mod probe;
mod report;
mod run;
mod selection;
mod session;
mod suite;
pub mod virtual_time;
mod wire;

use wsrm_protocol::Pattern;
use wsrm_wire::{RmVersion, WireProfile};

use crate::report::{Form, Subject};

pub use answer::{Answer, Seen};
pub use application::{Application, Operation};
pub use message::Post;
pub use peer::{Peer, Target};
pub use probe::{Attempt, probe};
pub use report::CaseReport;
pub use run::{Limits, run};
pub use selection::{CaseSelection, CaseSelectionError, Selectable};
pub use session::Session;
pub use suite::{Suite, SuiteLimits};
pub use wire::{Broken, HttpRequest, HttpResponse, Pending, Wire, together};

/// Something that can be made to happen to a destination.
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
    script: Script,
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
        Self { name, about, needs: Needs::NOTHING, hostile: false, slow: false, script }
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
            return Some(format!("needs {}", Target::rm_name(rm)));
        }
        if let Some(pattern) = pattern.filter(|pattern| *pattern != target.pattern) {
            return Some(format!("needs the pattern {}", Target::pattern_name(pattern)));
        }
        if obedient && !target.application.obedient {
            return Some("needs an operation that does what its text says (sleep:N, fault)".to_owned());
        }
        None
    }

    /// What is reported of it before it begins, at this place of a run.
    pub fn subject(&self, target: &Target, place: usize) -> Subject {
        let form = Form { profile: target.profile, pattern: target.pattern };
        Subject {
            place,
            group: format!("{} {form}", target.address),
            name: self.name.to_owned(),
            about: self.about.to_owned(),
            form: Some(form),
        }
    }

    fn start<'a>(&self, peer: &'a Peer) -> Pending<'a, Result<(), Stop>> {
        (self.script)(peer)
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
