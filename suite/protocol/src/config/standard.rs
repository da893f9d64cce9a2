//! The standard bindings: wsHttpBinding and its kin.

use super::binding::{
    BINDING_ATTRIBUTES, Binding, BindingTimeouts, Problem, ReliableSession, surprising_times,
};
use super::binding_kind::{BindingKind, Encoding, Reliability, SecurityMode, StandardBinding};
use super::custom::{transport_kind, transport_problems};
use super::document::Element;
use super::error::{ConfigurationError, ErrorKind};
use super::stack::{BindingElement, ElementKind, EncodingKind, Feature, TransportKind, Unsupported};
use super::value::{Errors, Origin, Sourced, boolean, name_of};
use wsrm_wire::RmVersion;

/// What is read of a standard binding before its stack is built.
struct Reader<'d, 'e> {
    standard: &'static StandardBinding,
    element: Option<Element<'d>>,
    errors: &'e mut Errors,
}

/// Reads a standard binding; without an element, that which its kind is by default.
pub(super) fn read(
    standard: &'static StandardBinding,
    element: Option<Element<'_>>,
    errors: &mut Errors,
) -> Binding {
    let mut reader = Reader { standard, element, errors };
    reader.check_names();
    let (session, written) = reader.session();
    let security = reader.security();
    let mut stack = reader.upper_elements(session.is_some().then_some(written), &security);
    stack.push(reader.encoding());
    stack.extend(reader.stream_security(&security));
    stack.push(reader.transport(&security));
    let timeouts = BindingTimeouts::read(element, reader.errors);
    let mut problems = Vec::new();
    let mut notes = Vec::new();
    if session.is_some() {
        reader.problems(&security, &mut problems);
        if standard.reliable_messaging_version == RmVersion::V200702 {
            notes.push(
                "clients of System.ServiceModel 4.10 to 8 open it with RM 1.0; .NET Framework and 10 with RM 1.1"
                    .to_owned(),
            );
        }
    }
    surprising_times([element, element.and_then(|element| element.child("reliableSession"))], &mut notes);
    let unsupported = stack.iter().filter_map(|element| unsupported(element, standard)).collect();
    Binding {
        kind: BindingKind::Standard(standard),
        name: element.and_then(|element| element.attribute("name")).unwrap_or_default().to_owned(),
        scope: None,
        location: element.map(Element::location),
        stack,
        message_version: Some(standard.message_version),
        reliable_session: session,
        timeouts,
        problems,
        unsupported,
        notes,
    }
}

/// What can not be spoken of an element, and what of this binding would do instead.
fn unsupported(element: &BindingElement, standard: &StandardBinding) -> Option<Unsupported> {
    let mut unsupported = element.unsupported()?;
    let none_is_allowed = standard.securities.iter().any(|(_, mode)| *mode == SecurityMode::None);
    let text_is_allowed = standard.encodings.iter().any(|(_, encoding)| *encoding == Encoding::Text);
    unsupported.hint = match unsupported.feature {
        Feature::MessageSecurity | Feature::StreamSecurity | Feature::HttpAuthentication | Feature::Https
            if none_is_allowed =>
        {
            Some("<security mode=\"None\"/> does without")
        }
        Feature::Mtom | Feature::Binary if text_is_allowed => Some("messageEncoding=\"Text\" does without"),
        Feature::TransactionFlow => Some("transactionFlow=\"false\" does without"),
        _ => None,
    };
    Some(unsupported)
}

impl<'d> Reader<'d, '_> {
    fn child(&self, name: &'static str) -> Option<Element<'d>> {
        self.element.and_then(|element| element.child(name))
    }

    fn check_names(&mut self) {
        let Some(element) = self.element else { return };
        let name = self.standard.name;
        if self.standard.reliability == Reliability::Never {
            if let Some(session) = element.child("reliableSession") {
                let names: Vec<_> = BindingKind::reliable_names().collect();
                self.errors.push(ConfigurationError {
                    location: session.location(),
                    kind: ErrorKind::UnknownElement,
                    message: format!("{name} has no reliable sessions; choose a binding that has"),
                    allowed: Some(names.join(", ")),
                    wcf: Some("Unrecognized element 'reliableSession'.".to_owned()),
                });
            }
            return;
        }
        self.errors.only_attributes(element, &[&BINDING_ATTRIBUTES, self.standard.attributes]);
        self.errors.only_children(element, self.standard.children);
    }

    /// The session where the binding has one, and where that is written.
    fn session(&mut self) -> (Option<ReliableSession>, Origin) {
        let version = self.standard.reliable_messaging_version;
        let optional = match self.standard.reliability {
            Reliability::Never => return (None, Origin::Binding),
            Reliability::Optional => true,
            Reliability::Always => false,
        };
        let Some(element) = self.child("reliableSession") else {
            let session = (!optional).then(|| ReliableSession::new(Sourced::by_binding(version)));
            return (session, Origin::Binding);
        };
        let (session, enabled) = ReliableSession::read_short(element, optional, version, self.errors);
        (enabled.then_some(session), Origin::Written(element.location()))
    }

    fn security(&mut self) -> Sourced<SecurityMode> {
        let default = Sourced::by_binding(self.standard.security);
        let Some(element) = self.child("security") else { return default };
        self.errors.value(element, "mode", name_of(self.standard.securities)).unwrap_or(default)
    }

    /// What stands above the encoding.
    fn upper_elements(
        &mut self,
        session: Option<Origin>,
        security: &Sourced<SecurityMode>,
    ) -> Vec<BindingElement> {
        let mut stack = Vec::new();
        let standard = self.standard;
        if standard.context {
            stack.push(BindingElement::new("context", ElementKind::Context, Origin::Binding));
        }
        if standard.transaction_flow {
            let written =
                self.element.and_then(|element| self.errors.value(element, "transactionFlow", boolean));
            let active = written.unwrap_or(Sourced::by_binding(false));
            let kind = ElementKind::TransactionFlow { active: active.value };
            let detail = if active.value { "on" } else { "off" };
            stack.push(
                BindingElement::new("transactionFlow", kind, active.origin)
                    .with_detail(Some(detail.to_owned())),
            );
        }
        if let Some(origin) = session {
            stack.push(BindingElement::new("reliableSession", ElementKind::ReliableSession, origin));
        }
        if security.value.secures_messages() {
            let detail = Some(format!("mode {}", security.value.name()));
            stack.push(
                BindingElement::new("security", ElementKind::Security, security.origin.clone())
                    .with_detail(detail),
            );
        }
        if standard.reliability == Reliability::Always {
            stack.push(BindingElement::new("compositeDuplex", ElementKind::CompositeDuplex, Origin::Binding));
            stack.push(BindingElement::new("oneWay", ElementKind::OneWay, Origin::Binding));
        }
        stack
    }

    fn encoding(&mut self) -> BindingElement {
        let fixed = Sourced::by_binding(self.standard.encoding);
        let encoding = match self.element {
            Some(element) if !self.standard.encodings.is_empty() => self
                .errors
                .value(element, "messageEncoding", name_of(self.standard.encodings))
                .unwrap_or(fixed),
            _ => fixed,
        };
        let character_encoding = self.element.and_then(|element| element.attribute("textEncoding"));
        let utf8 = character_encoding.is_none_or(|name| name.eq_ignore_ascii_case("utf-8"));
        let (name, kind) = match encoding.value {
            Encoding::Text => ("textMessageEncoding", EncodingKind::Text { utf8 }),
            Encoding::Mtom => ("mtomMessageEncoding", EncodingKind::Mtom),
            Encoding::Binary => ("binaryMessageEncoding", EncodingKind::Binary),
            Encoding::Web => ("webMessageEncoding", EncodingKind::Other),
        };
        let detail = match (encoding.value, character_encoding) {
            (Encoding::Text, Some(name)) if !utf8 => {
                format!("{}, {}", self.standard.message_version.name(), super::document::shorten(name))
            }
            _ => self.standard.message_version.name().to_owned(),
        };
        BindingElement::new(name, ElementKind::Encoding(kind), encoding.origin).with_detail(Some(detail))
    }

    /// Transport security on a byte stream is a binding element of its own.
    fn stream_security(&self, security: &Sourced<SecurityMode>) -> Option<BindingElement> {
        let stream = matches!(self.standard.transports, ["tcpTransport" | "namedPipeTransport", _]);
        if !stream || !security.value.secures_transport() {
            return None;
        }
        let credential = self
            .child("security")
            .and_then(|element| element.child("transport"))
            .and_then(|element| element.attribute("clientCredentialType"));
        let windows = credential.is_none_or(|credential| credential == "Windows");
        let mixed = security.value == SecurityMode::TransportWithMessageCredential;
        let name = if windows && !mixed { "windowsStreamSecurity" } else { "sslStreamSecurity" };
        Some(BindingElement::new(name, ElementKind::StreamSecurity, security.origin.clone()))
    }

    fn transport(&mut self, security: &Sourced<SecurityMode>) -> BindingElement {
        let [plain, secure] = self.standard.transports;
        let name = if security.value.secures_transport() { secure } else { plain };
        let web_socket = self
            .child("webSocketSettings")
            .and_then(|settings| settings.attribute("transportUsage"))
            .is_some_and(|usage| usage == "Always");
        let credential = self
            .child("security")
            .and_then(|element| element.child("transport"))
            .and_then(|element| element.attribute("clientCredentialType"))
            .filter(|credential| *credential != "None");
        let authenticates = security.value == SecurityMode::TransportCredentialOnly && credential.is_some();
        let kind = match transport_kind(name) {
            Some(TransportKind::Http { .. }) => TransportKind::Http { anonymous: !authenticates, web_socket },
            Some(kind) => kind,
            None => TransportKind::Udp,
        };
        let detail = if web_socket {
            Some("transportUsage Always".to_owned())
        } else {
            credential
                .filter(|_| authenticates)
                .map(|credential| format!("clientCredentialType {credential}"))
        };
        let origin = if name == secure && name != plain { security.origin.clone() } else { Origin::Binding };
        BindingElement::new(name, ElementKind::Transport(kind), origin).with_detail(detail)
    }

    /// What WCF would say on opening a reliable channel.
    fn problems(&self, security: &Sourced<SecurityMode>, problems: &mut Vec<Problem>) {
        let location = || {
            let element = self.child("security").or(self.element)?;
            Some(element.location())
        };
        let http = self.standard.transports == ["httpTransport", "httpsTransport"];
        let ws = self.standard.name.starts_with("ws") && !self.standard.name.contains("Federation");
        if http && ws && security.value == SecurityMode::Transport {
            problems.push(Problem {
                location: location(),
                message: format!(
                    "{} of .NET Framework refuses a reliable session over transport security (.NET's own port does not)",
                    self.standard.name
                ),
                wcf: Some(
                    "Binding validation failed because the WSHttpBinding does not support reliable sessions over \
                     transport security (HTTPS). The channel factory or service host could not be opened. Use message \
                     security for secure reliable messaging over HTTP."
                        .to_owned(),
                ),
            });
        }
        let message = self.child("security").and_then(|element| element.child("message"));
        let established = message.and_then(|message| message.attribute("establishSecurityContext"));
        let without_conversation = established.is_some_and(|text| text.trim().eq_ignore_ascii_case("false"));
        if security.value.secures_messages() && without_conversation {
            problems.push(Problem {
                location: message.map(|message| message.attribute_location("establishSecurityContext")),
                message: "a reliable session with message security needs establishSecurityContext=\"true\"".to_owned(),
                wcf: Some(
                    "Cannot establish a reliable session without secure conversation. Enable secure conversation."
                        .to_owned(),
                ),
            });
        }
        transport_problems(self.element, problems);
    }
}
