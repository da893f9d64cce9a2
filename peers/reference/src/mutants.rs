//! Mutants: the reference implementation with one named bug each.
//!
//! They measure the judgement: each breaks one requirement, and has to be found by just that one. A bug sits at the edge
//! of the peer, where messages come in and go out; so the protocol below knows nothing of it, and what a bug makes of
//! a message is what would be on the wire. The lists read as a developer of a stack would describe the bug, one file a
//! family of requirements, as the catalogue has them.
//!
//! ```
//! use wsrm_reference::mutants;
//!
//! let mutant = mutants::find("close.final-left-out").expect("there is one");
//! assert_eq!(mutant.breaks, "close.final");
//! ```

mod destination;
mod draft;
mod mutation;
mod source;

use wsrm_protocol::Pattern;
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion};

pub use draft::{Draft, Form, Kind};
pub use mutation::{Mutation, Past, Sent};

/// A peer with a bug.
#[derive(Debug, Clone, Copy)]
pub struct Mutant {
    /// Names it: the family of the requirement, a full stop, the bug.
    pub name: &'static str,
    /// Which role has the bug.
    pub role: Role,
    /// The id of the requirement that it breaks.
    pub breaks: &'static str,
    /// The bug, in a sentence, as one of its developers would put it.
    pub about: &'static str,
    /// Where it shows.
    pub needs: Needs,
    /// The cases that provoke it: one of them is enough.
    pub provoked_by: &'static [&'static str],
    hears: Option<Hook>,
    says: Option<Hook>,
    adds: Option<(Kind, Make)>,
    keeps_back: Option<(Kind, Make)>,
    /// How much faster than it should the clock of a client runs.
    pub haste: u32,
    /// What a client tells its application in the end, whatever happened.
    pub claims: Option<bool>,
}

/// The role of a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The client.
    Source,
    /// The service.
    Destination,
}

/// What is spoken where a bug shows; what is not said may be any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Needs {
    /// The version of reliable messaging.
    pub rm: Option<RmVersion>,
    /// The version of SOAP.
    pub soap: Option<SoapVersion>,
    /// The version of WS-Addressing.
    pub addressing: Option<AddressingVersion>,
    /// The pattern of the session.
    pub pattern: Option<Pattern>,
    /// How many sessions the service takes at a time.
    pub sessions: Option<usize>,
}

/// A requirement that the reference implementation breaks as it is, because WCF does: there is no mutant for it, and
/// what finds it is measured without one.
#[derive(Debug, Clone, Copy)]
pub struct Inherent {
    /// The id of the requirement.
    pub requirement: &'static str,
    /// What WCF does.
    pub why: &'static str,
    /// Where it shows.
    pub needs: Needs,
    /// The case that shows it.
    pub shown_by: &'static str,
}

/// What the reference implementation breaks as it is.
pub const INHERENT: &[Inherent] = &[Inherent {
    requirement: "sequence.rollover",
    why: "WCF takes a message with the largest number, and so does the reference implementation: it is found as it is",
    needs: Needs { rm: Some(RmVersion::V200702), ..Needs::NONE },
    shown_by: "sequence.number-largest",
}];

impl Needs {
    const NONE: Self = Self { rm: None, soap: None, addressing: None, pattern: None, sessions: None };
}

/// What a bug makes of a message, knowing what passed before. `None` where it leaves the message as it is.
pub type Act = fn(&mut Draft, &Past) -> Option<()>;

/// What a bug of a client makes where it means to send a message: another message, or the answer to one that it keeps
/// back. `None` where it does not strike.
pub type Make = fn(&Draft, &Past) -> Option<Draft>;

#[derive(Debug, Clone, Copy)]
struct Hook {
    trigger: Trigger,
    act: Act,
}

/// At which messages a bug strikes.
#[derive(Debug, Clone, Copy)]
enum Trigger {
    Any,
    Is(Kind),
    /// An answer to a request of this kind.
    Answers(Kind),
}

/// All mutants, in the order of the catalogue.
pub fn all() -> impl Iterator<Item = &'static Mutant> {
    destination::FAMILIES.iter().chain(source::FAMILIES).copied().flatten()
}

/// The mutant with this name.
pub fn find(name: &str) -> Option<&'static Mutant> {
    all().find(|mutant| mutant.name == name)
}

/// A service with a bug.
const fn destination(name: &'static str, breaks: &'static str, about: &'static str) -> Mutant {
    Mutant::new(name, breaks, about, Role::Destination, &["session.plain"])
}

/// A client with a bug.
const fn source(name: &'static str, breaks: &'static str, about: &'static str) -> Mutant {
    Mutant::new(name, breaks, about, Role::Source, &["whole.plain"])
}

impl Mutant {
    const fn new(
        name: &'static str,
        breaks: &'static str,
        about: &'static str,
        role: Role,
        provoked_by: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            role,
            breaks,
            about,
            needs: Needs::NONE,
            provoked_by,
            hears: None,
            says: None,
            adds: None,
            keeps_back: None,
            haste: 1,
            claims: None,
        }
    }

    /// Shows in February 2005's version.
    const fn rm_10(mut self) -> Self {
        self.needs.rm = Some(RmVersion::February2005);
        self
    }

    /// Shows in the version of OASIS.
    const fn rm_11(mut self) -> Self {
        self.needs.rm = Some(RmVersion::V200702);
        self
    }

    /// Shows in SOAP 1.1.
    const fn soap_11(mut self) -> Self {
        self.needs.soap = Some(SoapVersion::Soap11);
        self
    }

    /// Shows in SOAP 1.2.
    const fn soap_12(mut self) -> Self {
        self.needs.soap = Some(SoapVersion::Soap12);
        self
    }

    /// Shows in WS-Addressing of August 2004.
    const fn addressing_2004(mut self) -> Self {
        self.needs.addressing = Some(AddressingVersion::August2004);
        self
    }

    /// Shows in WS-Addressing 1.0.
    const fn addressing_10(mut self) -> Self {
        self.needs.addressing = Some(AddressingVersion::Addressing10);
        self
    }

    /// Shows in one-way sessions.
    const fn one_way(mut self) -> Self {
        self.needs.pattern = Some(Pattern::OneWay);
        self
    }

    /// Shows in request-reply sessions.
    const fn two_way(mut self) -> Self {
        self.needs.pattern = Some(Pattern::RequestReply);
        self
    }

    /// Shows where the service takes no more sessions than these.
    const fn sessions(mut self, sessions: usize) -> Self {
        self.needs.sessions = Some(sessions);
        self
    }

    /// Shows in these cases.
    const fn in_case(mut self, names: &'static [&'static str]) -> Self {
        self.provoked_by = names;
        self
    }

    /// Spoils what the peer says of this kind.
    const fn says(mut self, kind: Kind, act: Act) -> Self {
        self.says = Some(Hook { trigger: Trigger::Is(kind), act });
        self
    }

    /// Spoils what the peer answers to requests of this kind.
    const fn answers(mut self, kind: Kind, act: Act) -> Self {
        self.says = Some(Hook { trigger: Trigger::Answers(kind), act });
        self
    }

    /// Spoils all that the peer says.
    const fn always_says(mut self, act: Act) -> Self {
        self.says = Some(Hook { trigger: Trigger::Any, act });
        self
    }

    /// Mistakes what the peer is told of this kind.
    const fn hears(mut self, kind: Kind, act: Act) -> Self {
        self.hears = Some(Hook { trigger: Trigger::Is(kind), act });
        self
    }

    /// Mistakes the answers to requests of this kind.
    const fn hears_of(mut self, kind: Kind, act: Act) -> Self {
        self.hears = Some(Hook { trigger: Trigger::Answers(kind), act });
        self
    }

    /// Mistakes all that the peer is told.
    const fn always_hears(mut self, act: Act) -> Self {
        self.hears = Some(Hook { trigger: Trigger::Any, act });
        self
    }

    /// Sends another message besides those of this kind.
    const fn adds(mut self, kind: Kind, make: Make) -> Self {
        self.adds = Some((kind, make));
        self
    }

    /// Keeps messages of this kind back, and takes this for their answer.
    const fn keeps_back(mut self, kind: Kind, make: Make) -> Self {
        self.keeps_back = Some((kind, make));
        self
    }

    /// Has a clock that runs so much too fast.
    const fn hurries(mut self, haste: u32) -> Self {
        self.haste = haste;
        self
    }

    /// Tells its application that all went well, or that it did not.
    const fn claims(mut self, success: bool) -> Self {
        self.claims = Some(success);
        self
    }

    /// The family: what stands before the full stop in the name.
    pub fn family(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(family, _)| family)
    }
}

impl Role {
    /// One word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Destination => "destination",
        }
    }
}
