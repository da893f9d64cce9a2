//! WCF's configuration files: what an `app.config` or `web.config` says of reliable sessions.
//!
//! [`Configuration::read`] reads a file as WCF would: every binding with its stack of binding elements, its reliable
//! session with the eight effective settings and where each comes from, its timeouts; every endpoint with the binding
//! that it leads to. [`Configuration::binding_for`] gives what serving or sending with one of them needs, or refuses.
//!
//! Mistakes are told apart by who would notice them:
//! * for a [`ConfigurationError`], WCF's configuration system would not read the file;
//! * for a [`Problem`], WCF reads it and fails when a channel is opened;
//! * what is [`Unsupported`], WCF does and this project does not do yet.
//!
//! A value that stands in another file (`configSource`, a parent `web.config`, `machine.config`) is not looked up;
//! [`Configuration::notes`] says where that matters.

mod binding;
mod binding_kind;
mod custom;
mod decode;
mod document;
mod endpoint;
mod error;
mod message_version;
mod select;
mod stack;
mod standard;
mod value;

use std::collections::{HashMap, HashSet};

pub use binding::{Binding, BindingTimeouts, Problem, ReliableSession, Setting};
pub use binding_kind::{BindingKind, Reliability, SecurityMode, StandardBinding};
pub use endpoint::{Endpoint, Side};
pub use error::{ConfigurationError, ConfigurationErrors, ErrorKind, Location};
pub use message_version::MessageVersion;
pub use select::{Refusal, Selected, SelectedSide, Selection};
pub use stack::{BindingElement, Feature, Unsupported};
pub use value::{Origin, Sourced};

use document::{Document, Element, shorten};
use endpoint::Mapping;
use value::Errors;

/// A configuration file, read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Configuration {
    bindings: Vec<Binding>,
    endpoints: Vec<Endpoint>,
    notes: Vec<Note>,
}

/// What a reader of the file should know and WCF would not complain of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Where it stands.
    pub location: Location,
    /// What it is.
    pub text: String,
}

/// The longest file that is read, in bytes.
pub const MAX_BYTES: usize = document::MAX_BYTES;

/// The binding that WCF gives an endpoint without one, by the scheme of its address (.NET Framework 4.5 and later).
const PROTOCOL_MAPPING: [(&str, &str); 5] = [
    ("http", "basicHttpBinding"),
    ("net.tcp", "netTcpBinding"),
    ("net.pipe", "netNamedPipeBinding"),
    ("net.msmq", "netMsmqBinding"),
    ("https", "basicHttpsBinding"),
];

impl Configuration {
    /// Reads a file: its bytes, or its text.
    ///
    /// The outermost element is `configuration`, or that of a part that `configSource` leads to: `system.serviceModel`,
    /// `bindings`, `client` or `services`.
    ///
    /// # Errors
    /// All mistakes for which WCF would not read the file, at most [`ConfigurationErrors::MAXIMUM`].
    pub fn read(file: impl AsRef<[u8]>) -> Result<Self, ConfigurationErrors> {
        let text = decode::decode(file.as_ref())?;
        let document = Document::read(&text)?;
        let mut reading = Reading::default();
        if let Some(root) = document.root() {
            reading.root(root)?;
        }
        reading.errors.into_result()?;
        Ok(reading.configuration)
    }

    /// The bindings, in the order of the file; after them those that endpoints use without their being written.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// The endpoints, in the order of the file.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// What a reader of the file should know.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The binding of an endpoint of this file; `None` where the file does not tell it.
    pub fn binding_of(&self, endpoint: &Endpoint) -> Option<&Binding> {
        endpoint.binding.and_then(|position| self.bindings.get(position))
    }
}

/// A binding's scope, kind and name.
type Key = (Option<String>, String, String);

/// A file that is being read.
#[derive(Default)]
struct Reading {
    configuration: Configuration,
    errors: Errors,
    /// The binding elements that the file registers; `None` where it is a part of another file, which may do so.
    extensions: Option<HashSet<String>>,
    /// Where each binding is, by scope, kind and name.
    places: HashMap<Key, usize>,
    /// The scopes whose bindings stand elsewhere.
    bindings_elsewhere: HashSet<Option<String>>,
}

impl Reading {
    fn root(&mut self, root: Element<'_>) -> Result<(), ConfigurationErrors> {
        if root.document_is_transform() {
            self.note(
                root,
                "this is a transform (xdt:Transform): it shows the changes, not the resulting file",
            );
        }
        match root.name() {
            "configuration" => {
                self.groups(root, None);
                for location in root.children_named("location") {
                    let path = location.attribute("path").unwrap_or_default();
                    self.groups(location, (!path.is_empty()).then(|| path.to_owned()));
                }
            }
            "system.serviceModel" => self.group(root, None),
            "bindings" => self.bindings(root, None),
            "client" | "services" => {
                self.bindings_elsewhere.insert(None);
                self.endpoints(root, &default_mapping(), None);
            }
            other => {
                let mut error = ConfigurationError::document(
                    root.location().line,
                    root.location().column,
                    format!("this is no configuration file: its outermost element is <{}>", shorten(other)),
                );
                error.allowed =
                    Some("configuration, system.serviceModel, bindings, client, services".to_owned());
                return Err(error.into());
            }
        }
        self.resolve();
        Ok(())
    }

    /// Reads the `system.serviceModel` of a file or of a `<location>`.
    fn groups(&mut self, parent: Element<'_>, scope: Option<String>) {
        let mut groups = parent.children_named("system.serviceModel");
        match groups.next() {
            Some(group) => self.group(group, scope.clone()),
            None if scope.is_none()
                && parent.name() == "configuration"
                && parent.child("location").is_none() =>
            {
                self.note(parent, "there is no system.serviceModel in this file: nothing in it concerns WCF");
            }
            None => {}
        }
        if let Some(second) = groups.next() {
            self.errors.push(ConfigurationError {
                location: second.location(),
                kind: ErrorKind::Duplicate,
                message: "system.serviceModel stands twice".to_owned(),
                allowed: None,
                wcf: Some(
                    "Sections must only appear once per config file. See the help topic <location> for exceptions."
                        .to_owned(),
                ),
            });
        }
    }

    fn group(&mut self, group: Element<'_>, scope: Option<String>) {
        let extensions = group
            .child("extensions")
            .and_then(|extensions| extensions.child("bindingElementExtensions"))
            .into_iter()
            .flat_map(|extensions| extensions.children_named("add"))
            .filter_map(|add| add.attribute("name"));
        self.extensions.get_or_insert_default().extend(extensions.map(str::to_owned));
        for section in group.children() {
            self.note_elsewhere(section, scope.as_ref());
        }
        for bindings in group.children_named("bindings") {
            self.bindings(bindings, scope.clone());
        }
        let (mapping, written) = self.mapping(group);
        let before = self.configuration.endpoints.len();
        for section in group.children().filter(|child| matches!(child.name(), "client" | "services")) {
            self.endpoints(section, &mapping, scope.clone());
        }
        let own = self.configuration.endpoints.get(before..).unwrap_or_default();
        if own.iter().all(|endpoint| endpoint.side == Side::Client) {
            self.mapped_endpoints(&written, &mapping, scope.as_ref());
        }
    }

    /// A section may stand in another file, or be encrypted.
    fn note_elsewhere(&mut self, section: Element<'_>, scope: Option<&String>) {
        let name = shorten(section.name());
        let text = if let Some(source) = section.attribute("configSource") {
            format!("<{name}> stands in {}, which is not read here: read it by itself", shorten(source))
        } else if section.attribute("configProtectionProvider").is_some() {
            format!("<{name}> is encrypted and not read")
        } else {
            return;
        };
        if section.name() == "bindings" {
            self.bindings_elsewhere.insert(scope.cloned());
        }
        self.note(section, text);
    }

    fn bindings(&mut self, bindings: Element<'_>, scope: Option<String>) {
        for kind_element in bindings.children().filter(|kind| !kind.name().contains(':')) {
            let kind = BindingKind::named(kind_element.name());
            let mut own: Vec<Option<Binding>> = Vec::new();
            let mut names: HashMap<String, usize> = HashMap::new();
            for element in kind_element.children() {
                match element.name() {
                    "binding" => {
                        let mut binding = self.binding(&kind, element);
                        binding.scope.clone_from(&scope);
                        if names.insert(binding.name.clone(), own.len()).is_some() {
                            self.same_name(element, &binding);
                        }
                        own.push(Some(binding));
                    }
                    "clear" => {
                        own.clear();
                        names.clear();
                    }
                    "remove" => {
                        let name = element.attribute("name").unwrap_or_default();
                        if let Some(place) = names.remove(name).and_then(|position| own.get_mut(position)) {
                            *place = None;
                        }
                    }
                    _ => self.errors.only_children(kind_element, &["binding", "clear", "remove"]),
                }
            }
            for binding in own.into_iter().flatten() {
                self.add(binding);
            }
        }
    }

    fn add(&mut self, binding: Binding) -> usize {
        let position = self.configuration.bindings.len();
        let key = (binding.scope.clone(), binding.kind.name().to_owned(), binding.name.clone());
        self.places.insert(key, position);
        self.configuration.bindings.push(binding);
        position
    }

    fn binding(&mut self, kind: &BindingKind, element: Element<'_>) -> Binding {
        match kind {
            BindingKind::Custom => custom::read(element, self.extensions.as_ref(), &mut self.errors),
            BindingKind::Standard(standard) => standard::read(standard, Some(element), &mut self.errors),
            BindingKind::Extension(name) => Binding {
                kind: kind.clone(),
                name: element.attribute("name").unwrap_or_default().to_owned(),
                scope: None,
                location: Some(element.location()),
                stack: Vec::new(),
                message_version: None,
                reliable_session: None,
                timeouts: BindingTimeouts::read(Some(element), &mut self.errors),
                problems: Vec::new(),
                unsupported: vec![extension(name, Origin::Written(element.location()))],
                notes: vec![
                    "an extension makes this binding: whether it is reliable stands in its code".to_owned(),
                ],
            },
        }
    }

    fn same_name(&mut self, element: Element<'_>, binding: &Binding) {
        let name = shorten(&binding.name);
        self.errors.push(ConfigurationError {
            location: element.location(),
            kind: ErrorKind::Duplicate,
            message: format!("a second {} has the name '{name}'", binding.kind),
            allowed: None,
            wcf: Some(format!(
                "A child element named 'binding' with same key already exists at the same configuration scope. \
                 Collection elements must be unique within the same configuration scope (e.g. the same \
                 application.config file). Duplicate key value:  '{name}'."
            )),
        });
    }

    /// The mapping in force, and the elements that changed it, with their schemes.
    fn mapping<'d>(&mut self, group: Element<'d>) -> (Mapping, Vec<(Element<'d>, String)>) {
        let mut mapping = default_mapping();
        let mut written: HashMap<String, (usize, Element<'_>)> = HashMap::new();
        let elements = group.children_named("protocolMapping").flat_map(Element::children);
        for (position, element) in elements.enumerate() {
            let scheme = element.attribute("scheme").unwrap_or_default();
            match element.name() {
                "add" => {
                    self.errors.only_attributes(element, &[&["scheme", "binding", "bindingConfiguration"]]);
                    let kind = BindingKind::named(element.attribute("binding").unwrap_or_default());
                    let name = element.attribute("bindingConfiguration").unwrap_or_default();
                    mapping.insert(scheme.to_owned(), (kind, name.to_owned()));
                    written.insert(scheme.to_owned(), (position, element));
                }
                "remove" => {
                    mapping.remove(scheme);
                    written.remove(scheme);
                }
                "clear" => {
                    mapping.clear();
                    written.clear();
                }
                _ => {}
            }
        }
        let mut written: Vec<_> = written.into_iter().collect();
        written.sort_by_key(|(_, (position, _))| *position);
        (mapping, written.into_iter().map(|(scheme, (_, element))| (element, scheme)).collect())
    }

    /// The endpoints that a mapping gives to services that stand in no file, as those in IIS.
    fn mapped_endpoints(
        &mut self,
        written: &[(Element<'_>, String)],
        mapping: &Mapping,
        scope: Option<&String>,
    ) {
        for (element, scheme) in written {
            let Some((kind, name)) = mapping.get(scheme) else { continue };
            let mut endpoint = endpoint::default_endpoint(*element, Side::Mapped(scheme.clone()), kind, name);
            endpoint.scope = scope.cloned();
            self.configuration.endpoints.push(endpoint);
        }
    }

    fn endpoints(&mut self, section: Element<'_>, mapping: &Mapping, scope: Option<String>) {
        let endpoints = if section.name() == "client" {
            endpoint::read_client(section, &mut self.errors)
        } else {
            endpoint::read_services(section, mapping, &mut self.errors)
        };
        self.configuration.endpoints.extend(endpoints.into_iter().map(|mut endpoint| {
            endpoint.scope.clone_from(&scope);
            endpoint
        }));
    }

    /// Leads every endpoint to its binding.
    fn resolve(&mut self) {
        let mut endpoints = std::mem::take(&mut self.configuration.endpoints);
        for endpoint in &mut endpoints {
            endpoint.binding = self.binding_of(endpoint);
            let binding = endpoint.binding.and_then(|position| self.configuration.bindings.get(position));
            endpoint::resolve_address(endpoint, binding);
        }
        self.configuration.endpoints = endpoints;
    }

    fn binding_of(&mut self, endpoint: &mut Endpoint) -> Option<usize> {
        let kind = endpoint.binding_kind.clone()?;
        let key = |scope: Option<String>| (scope, kind.name().to_owned(), endpoint.binding_name.clone());
        let own = self.places.get(&key(endpoint.scope.clone()));
        if let Some(place) = own.or_else(|| self.places.get(&key(None))) {
            return Some(*place);
        }
        let elsewhere =
            self.bindings_elsewhere.contains(&endpoint.scope) || self.bindings_elsewhere.contains(&None);
        if elsewhere {
            return None;
        }
        if !endpoint.binding_name.is_empty() {
            endpoint.problems.push(missing_binding(endpoint, &kind));
            return None;
        }
        match &kind {
            BindingKind::Standard(standard) => {
                let binding = standard::read(standard, None, &mut self.errors);
                Some(self.add(binding))
            }
            BindingKind::Custom => {
                endpoint.problems.push(Problem {
                    location: Some(endpoint.location.clone()),
                    message: "a customBinding needs a <binding>: without one it has no transport".to_owned(),
                    wcf: Some(
                        "Binding 'CustomBinding' lacks a TransportBindingElement.  Every binding must have a binding \
                         element that derives from TransportBindingElement. This binding element must appear last in \
                         the BindingElementCollection."
                            .to_owned(),
                    ),
                });
                None
            }
            BindingKind::Extension(_) => None,
        }
    }

    fn note(&mut self, element: Element<'_>, text: impl Into<String>) {
        if self.configuration.notes.len() < ConfigurationErrors::MAXIMUM {
            self.configuration.notes.push(Note { location: element.location(), text: text.into() });
        }
    }
}

fn default_mapping() -> Mapping {
    let map =
        |(scheme, binding): (&str, &str)| (scheme.to_owned(), (BindingKind::named(binding), String::new()));
    PROTOCOL_MAPPING.into_iter().map(map).collect()
}

fn extension(name: &str, origin: Origin) -> Unsupported {
    Unsupported { feature: Feature::Extension, element: shorten(name), origin, hint: None }
}

fn missing_binding(endpoint: &Endpoint, kind: &BindingKind) -> Problem {
    let name = shorten(&endpoint.binding_name);
    Problem {
        location: Some(endpoint.location.clone()),
        message: format!("there is no {kind} with the name '{name}'"),
        wcf: Some(format!(
            "The binding at system.serviceModel/bindings/{} does not have a configured binding named '{name}'. This \
             is an invalid value for bindingConfiguration.",
            shorten(kind.name())
        )),
    }
}
