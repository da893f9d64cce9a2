//! Finds out what an endpoint speaks, by trying.

use std::rc::Rc;

use wsrm_protocol::{Identifiers, Pattern};
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion, WireProfile};

use super::{Answer, Application, Peer, Stop, Target, Wire};

/// What an attempt to open a session came to.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// What was tried.
    pub profile: WireProfile,
    /// Whether a sequence for the way back was offered.
    pub offered: bool,
    /// What the endpoint speaks, where it granted a sequence.
    pub found: Option<Pattern>,
    /// What came back, in a few words.
    pub words: String,
}

/// Tries to open sessions: in the SOAP and addressing versions that are allowed, the likeliest first, until one speaks
/// (`all`: in every one); there both versions of reliable messaging are tried. Each sequence that is granted is ended.
///
/// # Errors
/// [`Stop::Unreachable`], where nobody answers.
pub async fn probe(
    address: &str,
    allowed: &[WireProfile],
    all: bool,
    wire: &Rc<dyn Wire>,
    identifiers: impl Fn() -> Box<dyn Identifiers>,
) -> Result<Vec<Attempt>, Stop> {
    let mut attempts = Vec::new();
    for (soap, addressing) in framings() {
        let mut spoken = false;
        for rm in [RmVersion::V200702, RmVersion::February2005] {
            let profile = WireProfile { soap, addressing, rm };
            if !allowed.contains(&profile) {
                continue;
            }
            let attempt = open(address, profile, wire, &identifiers).await?;
            spoken |= attempt.iter().any(|attempt| attempt.found.is_some());
            attempts.extend(attempt);
        }
        if spoken && !all {
            break;
        }
    }
    Ok(attempts)
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

/// Tries with an offer, then without.
async fn open(
    address: &str,
    profile: WireProfile,
    wire: &Rc<dyn Wire>,
    identifiers: &impl Fn() -> Box<dyn Identifiers>,
) -> Result<Vec<Attempt>, Stop> {
    let mut attempts = Vec::new();
    for pattern in [Pattern::RequestReply, Pattern::OneWay] {
        let target = Target {
            address: address.to_owned(),
            profile,
            pattern,
            application: Application::recorded(pattern),
        };
        let peer = Peer::new(target, Rc::clone(wire), identifiers());
        let answer = peer.post(&peer.create(peer.create_body())).await?;
        let found = pattern_of(&peer, &answer);
        if answer.created().is_some() {
            peer.session(&answer)?.finish().await?;
        }
        let offered = pattern == Pattern::RequestReply;
        attempts.push(Attempt { profile, offered, found, words: answer.words() });
        if found.is_some() {
            break;
        }
    }
    Ok(attempts)
}

fn pattern_of(peer: &Peer, answer: &Answer) -> Option<Pattern> {
    let created = answer.created()?;
    match peer.entry(created).offer {
        Some(_) => Some(Pattern::RequestReply),
        None => Some(Pattern::OneWay),
    }
}
