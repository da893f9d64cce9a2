//! What is run: the cases of each role, and the forms that the peer speaks in it.

use wsrm_conformance::case::{Application, Case, Target, profiles};
use wsrm_conformance::cases::{destination, source};
use wsrm_conformance::judgement::Selection;
use wsrm_conformance::peer::{Form, PeerRole};
use wsrm_conformance::recording::Contract;
use wsrm_oracle::Role;
use wsrm_protocol::Pattern;
use wsrm_wire::{AddressingVersion, WireProfile};

use super::Arguments;
use crate::binding::{Addressing, ContractName, Rm, Soap};
use crate::exit::Exit;
use crate::peer::{Peer, Refusal};

/// The cases of a role, and the forms in which they are run.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) cases: Vec<&'static Case>,
    pub(super) sanity: Option<&'static Case>,
    pub(super) forms: Vec<Form>,
}

/// What is run; a role that the peer does not play, or that is not asked for, is not there.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) destination: Option<Part>,
    pub(super) source: Option<Part>,
}

impl Plan {
    pub(super) fn of(arguments: &Arguments, peer: &Peer, selection: &Selection) -> Result<Self, Refusal> {
        let all = destination::all().chain(source::all());
        let chosen = arguments.case_choice.of(all).map_err(Refusal::usage)?;
        let is_whole = !arguments.case_choice.is_partial();
        let part = |role: Role, program: PeerRole, sanity: Option<&'static Case>| {
            let of_role = |case: &&'static Case| case.answers().is_some() == (role == Role::Source);
            let cases: Vec<_> = chosen.iter().copied().filter(of_role).collect();
            let forms = forms(arguments, peer, program);
            let is_asked_for = selection.has_role(role) && !cases.is_empty() && !forms.is_empty();
            is_asked_for.then(|| Part { cases, sanity: sanity.filter(|_| is_whole), forms })
        };
        let sanity = destination::find(destination::SANITY);
        let plan = Self {
            destination: part(Role::Destination, PeerRole::Service, sanity),
            source: part(Role::Source, PeerRole::Client, source::find(source::SANITY)),
        };
        if plan.destination.is_none() && plan.source.is_none() {
            let what = "nothing that is asked for is in its manifest; wsrm peer list says what it speaks";
            return Err(Refusal::new(Exit::Unsupported, format!("{}: {what}", peer.manifest.id)));
        }
        Ok(plan)
    }

    /// The side that is looked at, where it is one alone.
    pub(super) const fn side(&self) -> Option<Role> {
        match (&self.destination, &self.source) {
            (Some(_), None) => Some(Role::Destination),
            (None, Some(_)) => Some(Role::Source),
            _ => None,
        }
    }
}

/// The forms that the peer speaks in a role, of those that are asked for.
fn forms(arguments: &Arguments, peer: &Peer, role: PeerRole) -> Vec<Form> {
    let all: Vec<Form> = profiles()
        .flat_map(|profile| [Contract::Echo, Contract::OneWay].map(|contract| Form { profile, contract }))
        .filter(|form| peer.manifest.speaks(role).iter().any(|speaks| speaks.has(*form)))
        .filter(|form| is_asked_for(arguments, *form))
        .collect();
    let is_usual = |form: &Form| {
        let usual = AddressingVersion::Addressing10;
        let has_usual = || all.iter().any(|other| *other == in_addressing(*form, usual));
        arguments.all_profiles
            || arguments.addressing.is_some()
            || form.profile.addressing == usual
            || !has_usual()
    };
    all.iter().copied().filter(is_usual).collect()
}

fn is_asked_for(arguments: &Arguments, form: Form) -> bool {
    let WireProfile { rm, soap, addressing } = form.profile;
    arguments.rm.is_none_or(|Rm(asked)| asked == rm)
        && arguments.soap.is_none_or(|Soap(asked)| asked == soap)
        && arguments.addressing.is_none_or(|Addressing(asked)| asked == addressing)
        && arguments.pattern.is_none_or(|asked| ContractName::recorded(asked) == form.contract)
}

const fn in_addressing(mut form: Form, addressing: AddressingVersion) -> Form {
    form.profile.addressing = addressing;
    form
}

/// A form of the peer at an address.
pub(super) fn target(form: Form, address: String) -> Target {
    let pattern = match form.contract {
        Contract::OneWay => Pattern::OneWay,
        Contract::Echo | Contract::Mixed => Pattern::RequestReply,
    };
    Target { address, profile: form.profile, pattern, application: Application::recorded(pattern) }
}
