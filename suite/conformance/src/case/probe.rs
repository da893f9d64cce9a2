//! Finds out what an endpoint speaks, by trying.

mod policy;
mod traits;

use std::rc::Rc;

use wsrm_oracle::message::Message;
use wsrm_protocol::{Identifiers, Pattern};
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion, WireProfile};

use super::answer::Seen;
use super::{Answer, Application, Peer, Session, Stop, Target, Wire};
use crate::dialect::Dialect;

pub use policy::{Assertion, policy};
pub use traits::{Ordered, Traits, traits};

/// What is tried.
pub struct Probe<'a> {
    /// The address of the endpoint.
    pub address: &'a str,
    /// In these forms.
    pub profiles: &'a [WireProfile],
    /// With an offer, without one, or both.
    pub patterns: &'a [Pattern],
    /// Whether every form is tried, or, once one is spoken, only what differs from it in the version of reliable
    /// messaging.
    pub all: bool,
    /// What is sent in a session of a pattern.
    pub application: &'a dyn Fn(Pattern) -> Application,
    /// Makes identifiers.
    pub identifiers: &'a dyn Fn() -> Box<dyn Identifiers>,
}

/// What an attempt to open a session came to.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// What was tried.
    pub profile: WireProfile,
    /// Whether a sequence for the way back was offered.
    pub offered: bool,
    /// What the endpoint speaks, where it granted a sequence.
    pub found: Option<Pattern>,
    /// Whether it took a message, as far as this was tried.
    pub takes: Option<Result<(), Refused>>,
    /// What came back, in a few words.
    pub words: String,
    /// The refusal, where no sequence was granted.
    pub refused: Option<Refused>,
}

/// What an endpoint says to what it does not take.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refused {
    /// The status of HTTP.
    pub status: Option<u16>,
    /// The names of the codes of the fault, outermost first.
    pub codes: Vec<String>,
    /// The reason that the fault gives.
    pub reason: Option<String>,
    /// What HTTP or the connection says, where there is no fault.
    pub transport: Option<String>,
}

impl Attempt {
    /// What was spoken in it: whether a sequence is offered tells the pattern.
    pub const fn dialect(&self) -> Dialect {
        let pattern = if self.offered { Pattern::RequestReply } else { Pattern::OneWay };
        Dialect { profile: self.profile, pattern }
    }
}

impl Probe<'_> {
    /// Tries to open sessions, the likeliest forms first. Each sequence that is granted is ended.
    ///
    /// # Errors
    /// [`Stop::Unreachable`], where nobody answers.
    pub async fn attempts(&self, wire: &Rc<dyn Wire>, tell: &dyn Fn(&str)) -> Result<Vec<Attempt>, Stop> {
        let mut attempts = Vec::new();
        for (soap, addressing) in framings() {
            let mut spoken = false;
            for rm in [RmVersion::V200702, RmVersion::February2005] {
                let profile = WireProfile { soap, addressing, rm };
                if !self.profiles.contains(&profile) {
                    continue;
                }
                let attempt = self.open(profile, wire, tell).await?;
                spoken |= attempt.iter().any(|attempt| attempt.found.is_some());
                attempts.extend(attempt);
            }
            if spoken && !self.all {
                break;
            }
        }
        Ok(attempts)
    }

    /// Tries with an offer, then without; on, where an offer is taken and messages are not.
    async fn open(
        &self,
        profile: WireProfile,
        wire: &Rc<dyn Wire>,
        tell: &dyn Fn(&str),
    ) -> Result<Vec<Attempt>, Stop> {
        let mut attempts: Vec<Attempt> = Vec::new();
        for pattern in [Pattern::RequestReply, Pattern::OneWay] {
            if !self.patterns.contains(&pattern) {
                continue;
            }
            tell(&Dialect { profile, pattern }.to_string());
            let attempt = self.attempt(profile, pattern, wire).await?;
            let settled = attempt.found.is_some() && !matches!(attempt.takes, Some(Err(_)));
            // Whose sequences are granted in both patterns, and whose messages are refused in both, is left as the first.
            let is_first = settled || !attempts.iter().any(|attempt| attempt.found.is_some());
            if settled {
                attempts.iter_mut().for_each(|attempt| attempt.found = None);
            }
            let found = attempt.found.filter(|_| is_first);
            attempts.push(Attempt { found, ..attempt });
            if settled {
                break;
            }
        }
        Ok(attempts)
    }

    async fn attempt(
        &self,
        profile: WireProfile,
        pattern: Pattern,
        wire: &Rc<dyn Wire>,
    ) -> Result<Attempt, Stop> {
        let application = (self.application)(pattern);
        let target = Target { address: self.address.to_owned(), profile, pattern, application };
        let peer = Peer::new(target, Rc::clone(wire), (self.identifiers)());
        let answer = peer.post(&peer.create(peer.create_body())).await?;
        if let Seen::Silent(why) = &answer.seen {
            // It would be the same in every form, and each would take as long.
            return Err(Stop::Unreachable(format!("the endpoint takes requests and does not answer: {why}")));
        }
        let found = pattern_of(&peer, &answer);
        let mut takes = None;
        if answer.created().is_some() {
            let session = peer.session(&answer)?;
            if found == Some(pattern) {
                takes = Some(takes_message(&peer, &session).await?);
            }
            session.finish().await?;
        }
        let refused = found.is_none().then(|| Refused::of(&answer));
        let offered = pattern == Pattern::RequestReply;
        Ok(Attempt { profile, offered, found, takes, words: answer.words(), refused })
    }
}

/// Whether the endpoint takes the application message; what it is not able to say now is no refusal.
async fn takes_message(peer: &Peer, session: &Session<'_>) -> Result<Result<(), Refused>, Stop> {
    let answer = peer.post(&session.message(1, "message 1")?).await?;
    let is_refused = answer.is_fault() && !answer.acknowledges(session.identifier(), 1);
    Ok(if is_refused { Err(Refused::of(&answer)) } else { Ok(()) })
}

impl Refused {
    /// What an answer says.
    pub fn of(answer: &Answer) -> Self {
        let (status, transport) = match &answer.seen {
            Seen::Response { status, .. } => (Some(*status), None),
            Seen::Closed(why) | Seen::Silent(why) => (None, Some(why.clone())),
        };
        let Some(fault) = answer.soap().and_then(|message| message.fault.as_ref()) else {
            let transport = transport.unwrap_or_else(|| answer.content_words().to_owned());
            return Self { status, transport: Some(transport), ..Self::default() };
        };
        let codes = fault.code.iter().chain(&fault.subcodes).map(|(_, local)| local.clone());
        Self {
            status,
            codes: codes.collect(),
            reason: answer.soap().and_then(reason).map(str::to_owned),
            transport: None,
        }
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(status) = self.status {
            write!(f, "status {status}, ")?;
        }
        if let Some(transport) = &self.transport {
            return f.write_str(transport);
        }
        match self.codes.last() {
            Some(code) => write!(f, "the fault {code}")?,
            None => f.write_str("a fault")?,
        }
        match &self.reason {
            Some(reason) => write!(f, ": {reason}"),
            None => Ok(()),
        }
    }
}

impl std::fmt::Debug for Probe<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut fields = f.debug_struct("Probe");
        fields.field("address", &self.address).field("profiles", &self.profiles).finish_non_exhaustive()
    }
}

/// The reason that a fault gives, in the first of its languages.
fn reason(message: &Message) -> Option<&str> {
    let fault = &message.fault.as_ref()?.node;
    let of_soap12 = fault.first("Reason").and_then(|reason| reason.first("Text"));
    let of_soap11 = || fault.children.iter().find(|child| child.local == "faultstring");
    of_soap12.or_else(of_soap11).map(|text| text.text.as_str())
}

/// The framings, the likeliest of WCF's bindings first.
fn framings() -> [(SoapVersion, AddressingVersion); 4] {
    [
        (SoapVersion::Soap12, AddressingVersion::Addressing10),
        (SoapVersion::Soap11, AddressingVersion::Addressing10),
        (SoapVersion::Soap12, AddressingVersion::August2004),
        (SoapVersion::Soap11, AddressingVersion::August2004),
    ]
}

fn pattern_of(peer: &Peer, answer: &Answer) -> Option<Pattern> {
    let created = answer.created()?;
    match peer.entry(created).offer {
        Some(_) => Some(Pattern::RequestReply),
        None => Some(Pattern::OneWay),
    }
}
