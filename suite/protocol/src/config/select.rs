//! Choosing the binding with which to serve or send.

use thiserror::Error;
use wsrm_wire::WireProfile;

use super::binding::{Binding, Problem};
use super::endpoint::{Endpoint, Side};
use super::stack::Unsupported;
use super::{Configuration, ConfigurationErrors};
use crate::settings::{ReliableSessionSettings, Timeouts};

/// Which endpoint or binding of a file is meant. With nothing said, the only one that is reliable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Selection<'a> {
    /// Whether the endpoint of a client or of a service is looked for.
    pub side: Option<SelectedSide>,
    /// The endpoint's name, contract or address.
    pub endpoint: Option<&'a str>,
    /// The binding's name, or its kind where it has no name, or both with a slash between: `wsHttpBinding/name`.
    pub binding: Option<&'a str>,
}

/// The side of the wire that an endpoint is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SelectedSide {
    /// A client's endpoints.
    Client,
    /// A service's endpoints, the default ones included.
    Service,
}

/// What serving or sending needs to know. The pattern is the contract's business and stands in no file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// The binding, as a person would name it.
    pub binding: String,
    /// The form of the messages.
    pub profile: WireProfile,
    /// The eight settings.
    pub settings: ReliableSessionSettings,
    /// The binding's timeouts.
    pub timeouts: Timeouts,
    /// The endpoint's address, where an endpoint was found and the file tells its address.
    pub address: Option<String>,
    /// The endpoint's contract; empty where no endpoint was found.
    pub contract: String,
}

/// Why there is nothing to serve or send with.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The file can not be read.
    #[error(transparent)]
    Unreadable(#[from] ConfigurationErrors),
    /// Nothing in the file is what was asked for.
    #[error("{wanted} is not in the file{}", known(.candidates))]
    NotFound {
        /// What was asked for.
        wanted: String,
        /// What there is.
        candidates: Vec<String>,
    },
    /// Several fit.
    #[error("several fit; name one of them: {}", .candidates.join(", "))]
    Ambiguous {
        /// Those that fit.
        candidates: Vec<String>,
    },
    /// The binding has no reliable session.
    #[error("{binding} is not reliable")]
    NotReliable {
        /// The binding.
        binding: String,
    },
    /// WCF itself could not open a channel with it.
    #[error("WCF could not use {binding}: {}", join(.problems))]
    Invalid {
        /// The binding.
        binding: String,
        /// Why.
        problems: Vec<Problem>,
    },
    /// The binding asks for what is not spoken here.
    #[error("{binding} can not be spoken yet: {}", join(.missing))]
    Unsupported {
        /// The binding.
        binding: String,
        /// What is missing, element by element; never empty.
        missing: Vec<Unsupported>,
    },
}

fn known(candidates: &[String]) -> String {
    if candidates.is_empty() { String::new() } else { format!("; there is: {}", candidates.join(", ")) }
}

fn join<T: ToString>(all: &[T]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// A binding, and the endpoint that led to it.
type Candidate<'c> = (Option<&'c Endpoint>, &'c Binding);

impl Configuration {
    /// The binding that is meant, if it can be spoken here.
    ///
    /// # Errors
    /// If nothing or more than one thing is meant, or what is meant is not reliable, is wrong, or needs what is not
    /// spoken here yet.
    pub fn binding_for(&self, selection: &Selection<'_>) -> Result<Selected, Refusal> {
        let candidates = self.candidates(selection);
        let wanted = || match (selection.endpoint, selection.binding) {
            (Some(endpoint), _) => format!("the endpoint '{endpoint}'"),
            (None, Some(binding)) => format!("the binding '{binding}'"),
            (None, None) => "a reliable binding".to_owned(),
        };
        let reliable: Vec<_> =
            candidates.iter().copied().filter(|(_, binding)| binding.reliable_session.is_some()).collect();
        match (reliable.as_slice(), candidates.as_slice()) {
            (&[candidate], _) => check(candidate),
            ([], []) => Err(Refusal::NotFound { wanted: wanted(), candidates: self.labels(selection) }),
            ([], &[(_, binding)]) => Err(Refusal::NotReliable { binding: binding.to_string() }),
            ([], _) if selection.endpoint.is_none() && selection.binding.is_none() => {
                Err(Refusal::NotFound { wanted: wanted(), candidates: self.labels(selection) })
            }
            ([], _) => Err(Refusal::NotReliable { binding: join_labels(&candidates) }),
            (several, _) => same_binding(several).map_or_else(
                || {
                    Err(Refusal::Ambiguous {
                        candidates: several.iter().map(|candidate| label(*candidate)).collect(),
                    })
                },
                |binding| check((None, binding)),
            ),
        }
    }

    /// The endpoints that fit, with their bindings; without any endpoint on that side, the written bindings.
    fn candidates(&self, selection: &Selection<'_>) -> Vec<Candidate<'_>> {
        let endpoints: Vec<_> = self
            .endpoints
            .iter()
            .filter(|endpoint| fits_side(endpoint, selection.side) && !endpoint.is_metadata())
            .filter(|endpoint| selection.endpoint.is_none_or(|wanted| names(endpoint, wanted)))
            .filter_map(|endpoint| Some((Some(endpoint), self.binding_of(endpoint)?)))
            .filter(|(_, binding)| selection.binding.is_none_or(|wanted| is_called(binding, wanted)))
            .collect();
        if !endpoints.is_empty() || selection.endpoint.is_some() {
            return endpoints;
        }
        self.bindings
            .iter()
            .filter(|binding| binding.is_written())
            .filter(|binding| selection.binding.is_none_or(|wanted| is_called(binding, wanted)))
            .map(|binding| (None, binding))
            .collect()
    }

    fn labels(&self, selection: &Selection<'_>) -> Vec<String> {
        if selection.endpoint.is_some() {
            let endpoints = self.endpoints.iter().filter(|endpoint| fits_side(endpoint, selection.side));
            return endpoints.filter(|endpoint| !endpoint.is_metadata()).map(endpoint_label).collect();
        }
        self.bindings.iter().filter(|binding| binding.is_written()).map(ToString::to_string).collect()
    }
}

fn check((endpoint, binding): Candidate<'_>) -> Result<Selected, Refusal> {
    let label = binding.to_string();
    let Some(session) = &binding.reliable_session else {
        return Err(Refusal::NotReliable { binding: label });
    };
    let problems: Vec<_> = binding
        .problems
        .iter()
        .chain(endpoint.iter().flat_map(|endpoint| &endpoint.problems))
        .cloned()
        .collect();
    if !binding.unsupported.is_empty() {
        return Err(Refusal::Unsupported { binding: label, missing: binding.unsupported.clone() });
    }
    let (Some(profile), true) = (binding.profile(), problems.is_empty()) else {
        return Err(Refusal::Invalid { binding: label, problems });
    };
    Ok(Selected {
        binding: label,
        profile,
        settings: session.settings(),
        timeouts: binding.timeouts.timeouts(),
        address: endpoint.and_then(|endpoint| endpoint.address.clone()),
        contract: endpoint.map_or(String::new(), |endpoint| endpoint.contract.clone()),
    })
}

/// The binding, where all candidates have the same.
fn same_binding<'c>(candidates: &[Candidate<'c>]) -> Option<&'c Binding> {
    let (_, first) = candidates.first()?;
    candidates.iter().all(|(_, binding)| std::ptr::eq(*binding, *first)).then_some(first)
}

fn fits_side(endpoint: &Endpoint, side: Option<SelectedSide>) -> bool {
    match side {
        None => true,
        Some(SelectedSide::Client) => endpoint.side == Side::Client,
        Some(SelectedSide::Service) => endpoint.side != Side::Client,
    }
}

fn names(endpoint: &Endpoint, wanted: &str) -> bool {
    endpoint.name == wanted || endpoint.contract == wanted || endpoint.address.as_deref() == Some(wanted)
}

fn is_called(binding: &Binding, wanted: &str) -> bool {
    let kind = binding.kind.name();
    binding.name == wanted && !wanted.is_empty()
        || binding.name.is_empty() && kind == wanted
        || wanted.split_once('/').is_some_and(|(first, name)| first == kind && name == binding.name)
}

fn endpoint_label(endpoint: &Endpoint) -> String {
    let address = endpoint.address.as_deref().unwrap_or_default();
    [endpoint.name.as_str(), address, endpoint.contract.as_str()]
        .into_iter()
        .find(|label| !label.is_empty())
        .unwrap_or("an endpoint without name")
        .to_owned()
}

fn label((endpoint, binding): Candidate<'_>) -> String {
    endpoint
        .map_or_else(|| binding.to_string(), |endpoint| format!("{} ({binding})", endpoint_label(endpoint)))
}

fn join_labels(candidates: &[Candidate<'_>]) -> String {
    candidates.iter().map(|candidate| label(*candidate)).collect::<Vec<_>>().join(", ")
}
