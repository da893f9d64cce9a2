//! Services and clients: which endpoint uses which binding.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::binding::{Binding, Problem};
use super::binding_kind::BindingKind;
use super::document::{Element, shorten};
use super::error::Location;
use super::value::Errors;

/// Whose endpoint it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// A client's.
    Client,
    /// A service's, with the service's name.
    Service(String),
    /// A default endpoint, which WCF adds to a service that has none written: one for each base address and contract,
    /// with the binding that `protocolMapping` gives the scheme. The name is the service's.
    Default(String),
    /// The default endpoint of any service that stands in no file and is hosted at an address of this scheme, as
    /// services in IIS are.
    Mapped(String),
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Whose endpoint it is.
    pub side: Side,
    /// Its name; empty where none is written.
    pub name: String,
    /// The address, absolute where the file tells it.
    pub address: Option<String>,
    /// The contract's name; empty where none is written.
    pub contract: String,
    /// The binding's kind, as written or mapped; `None` where a standard endpoint brings its own.
    pub binding_kind: Option<BindingKind>,
    /// `bindingConfiguration`; empty for the default of the kind.
    pub binding_name: String,
    /// The binding's place among [`Configuration::bindings`](super::Configuration::bindings); `None` where there is
    /// none.
    pub(super) binding: Option<usize>,
    /// `kind`: the standard endpoint that it is made from.
    pub kind: Option<String>,
    /// `behaviorConfiguration`.
    pub behavior_configuration: Option<String>,
    /// The path of the `<location>` element in which it lies.
    pub scope: Option<String>,
    /// The base addresses of its service.
    bases: Arc<BaseAddresses>,
    /// Where it is written.
    pub location: Location,
    /// Why WCF could not open it, its binding's problems aside.
    pub problems: Vec<Problem>,
}

/// The base addresses of a service: WCF allows one a scheme.
#[derive(Debug, Default, PartialEq, Eq)]
struct BaseAddresses {
    first: Option<String>,
    by_scheme: HashMap<String, String>,
    /// The schemes for a message, the first few.
    schemes: Vec<String>,
}

/// The bindings of endpoints without one, by scheme.
pub(super) type Mapping = HashMap<String, (BindingKind, String)>;

/// How many schemes a message names.
const SCHEMES_SHOWN: usize = 8;

const CLIENT_ATTRIBUTES: &[&str] = &[
    "address",
    "behaviorConfiguration",
    "binding",
    "bindingConfiguration",
    "contract",
    "name",
    "kind",
    "endpointConfiguration",
];
const SERVICE_ATTRIBUTES: &[&str] =
    &["bindingName", "bindingNamespace", "listenUriMode", "listenUri", "isSystemEndpoint"];

impl Endpoint {
    /// Whether it serves metadata instead of an application's contract.
    pub fn is_metadata(&self) -> bool {
        self.contract == "IMetadataExchange"
            || self.kind.as_deref() == Some("mexEndpoint")
            || self.binding_kind.as_ref().is_some_and(|kind| kind.name().starts_with("mex"))
    }
}

/// Reads the endpoints of `<client>`.
pub(super) fn read_client(client: Element<'_>, errors: &mut Errors) -> Vec<Endpoint> {
    let mut endpoints = Vec::new();
    for element in client.children() {
        match element.name() {
            "endpoint" => {
                errors.only_attributes(element, &[CLIENT_ATTRIBUTES]);
                endpoints.push(read(element, Side::Client));
            }
            "clear" => endpoints.clear(),
            _ => {}
        }
    }
    endpoints
}

/// Reads the endpoints of `<services>`; a service without any gets its default endpoints.
pub(super) fn read_services(services: Element<'_>, mapping: &Mapping, errors: &mut Errors) -> Vec<Endpoint> {
    let mut endpoints = Vec::new();
    for service in services.children() {
        match service.name() {
            "service" => endpoints.extend(read_service(service, mapping, errors)),
            "clear" => endpoints.clear(),
            _ => {}
        }
    }
    endpoints
}

fn read_service(service: Element<'_>, mapping: &Mapping, errors: &mut Errors) -> Vec<Endpoint> {
    let name = service.attribute("name").unwrap_or_default();
    let addresses: Vec<_> = service
        .child("host")
        .and_then(|host| host.child("baseAddresses"))
        .into_iter()
        .flat_map(|addresses| addresses.children_named("add"))
        .filter_map(|add| Some((add, add.attribute("baseAddress")?.trim())))
        .collect();
    let bases = Arc::new(BaseAddresses::new(addresses.iter().map(|(_, address)| *address)));
    let mut endpoints = Vec::new();
    for element in service.children_named("endpoint") {
        errors.only_attributes(element, &[CLIENT_ATTRIBUTES, SERVICE_ATTRIBUTES]);
        let mut endpoint = read(element, Side::Service(name.to_owned()));
        endpoint.bases = Arc::clone(&bases);
        endpoints.push(endpoint);
    }
    if endpoints.is_empty() {
        let defaults = addresses.iter().filter_map(|(add, address)| {
            let (kind, configuration) = mapping.get(&scheme_of(address)?)?;
            let mut endpoint = default_endpoint(*add, Side::Default(name.to_owned()), kind, configuration);
            endpoint.address = Some((*address).to_owned());
            Some(endpoint)
        });
        endpoints.extend(defaults);
    }
    endpoints
}

/// A default endpoint, for the scheme's binding.
pub(super) fn default_endpoint(
    element: Element<'_>,
    side: Side,
    kind: &BindingKind,
    configuration: &str,
) -> Endpoint {
    Endpoint {
        side,
        name: String::new(),
        address: None,
        contract: String::new(),
        binding_kind: Some(kind.clone()),
        binding_name: configuration.to_owned(),
        binding: None,
        kind: None,
        behavior_configuration: None,
        scope: None,
        bases: Arc::default(),
        location: element.location(),
        problems: Vec::new(),
    }
}

fn read(element: Element<'_>, side: Side) -> Endpoint {
    let text = |name| element.attribute(name).unwrap_or_default().to_owned();
    let optional = |name| element.attribute(name).filter(|value| !value.is_empty()).map(str::to_owned);
    let kind = optional("kind");
    let binding = optional("binding");
    let mut problems = Vec::new();
    if binding.is_none() && kind.is_none() && !element.document_is_transform() {
        problems.push(Problem {
            location: Some(element.location()),
            message: "the endpoint names no binding".to_owned(),
            wcf: Some(
                "The binding specified in configuration cannot be null or an empty string.  Please specify a valid \
                 binding."
                    .to_owned(),
            ),
        });
    }
    Endpoint {
        side,
        name: text("name"),
        address: element.attribute("address").map(|address| address.trim().to_owned()),
        contract: text("contract"),
        binding_kind: binding.as_deref().map(BindingKind::named),
        binding_name: text("bindingConfiguration"),
        binding: None,
        kind,
        behavior_configuration: optional("behaviorConfiguration"),
        scope: None,
        bases: Arc::default(),
        location: element.location(),
        problems,
    }
}

/// Completes a service's relative address with the base address of the binding's scheme.
pub(super) fn resolve_address(endpoint: &mut Endpoint, binding: Option<&Binding>) {
    if !matches!(endpoint.side, Side::Service(_)) {
        return;
    }
    let relative = endpoint.address.take().unwrap_or_default();
    if is_absolute(&relative) {
        endpoint.address = Some(relative);
        return;
    }
    let wanted = binding.and_then(Binding::scheme);
    let base = match wanted {
        Some(wanted) => endpoint.bases.by_scheme.get(wanted),
        None => endpoint.bases.first.as_ref(),
    };
    let address = base.map(|base| join(base, &relative));
    let missing = address.is_none() && endpoint.bases.first.is_some();
    endpoint.address = address.or((!relative.is_empty()).then_some(relative));
    let (Some(wanted), true) = (wanted, missing) else { return };
    endpoint.problems.push(Problem {
        location: Some(endpoint.location.clone()),
        message: format!("the service has no base address with the scheme {wanted}"),
        wcf: Some(format!(
            "Could not find a base address that matches scheme {wanted} for the endpoint with binding {}. Registered \
             base address schemes are [{}].",
            endpoint.binding_kind.as_ref().map_or("", BindingKind::name),
            shorten(&endpoint.bases.schemes.join(";"))
        )),
    });
}

impl BaseAddresses {
    fn new<'a>(addresses: impl Iterator<Item = &'a str>) -> Self {
        let mut bases = Self::default();
        for address in addresses {
            let Some(scheme) = scheme_of(address) else { continue };
            bases.first.get_or_insert_with(|| address.to_owned());
            if let Entry::Vacant(place) = bases.by_scheme.entry(scheme.clone()) {
                place.insert(address.to_owned());
                bases.schemes.push(scheme);
            }
        }
        bases.schemes.truncate(SCHEMES_SHOWN);
        bases
    }
}

fn scheme_of(address: &str) -> Option<String> {
    address.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase())
}

fn is_absolute(address: &str) -> bool {
    address.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    })
}

fn join(base: &str, relative: &str) -> String {
    if relative.is_empty() {
        return base.to_owned();
    }
    format!("{}/{}", base.trim_end_matches('/'), relative.trim_start_matches('/'))
}
