//! customBinding: a stack that is written element by element.

use std::collections::HashSet;

use super::binding::{
    BINDING_ATTRIBUTES, Binding, BindingTimeouts, Problem, ReliableSession, surprising_times,
};
use super::binding_kind::BindingKind;
use super::document::{Element, shorten};
use super::error::{ConfigurationError, ErrorKind};
use super::message_version::MessageVersion;
use super::stack::{BindingElement, ElementKind, EncodingKind, TransportKind};
use super::value::{Errors, Origin, name_of};

const NO_CHANNEL_TYPES: &str = "Binding '{0}' doesn't support creating any channel types. This often indicates that \
    the BindingElements in a CustomBinding have been stacked incorrectly or in the wrong order. A Transport is required \
    at the bottom of the stack. The recommended order for BindingElements is: TransactionFlow, ReliableSession, \
    Security, CompositeDuplex, OneWay, StreamSecurity, MessageEncoding, Transport.";

const TEXT_ATTRIBUTES: &[&str] = &["maxReadPoolSize", "maxWritePoolSize", "messageVersion", "writeEncoding"];
const MTOM_ATTRIBUTES: &[&str] =
    &["maxReadPoolSize", "maxWritePoolSize", "messageVersion", "maxBufferSize", "writeEncoding"];
const BINARY_ATTRIBUTES: &[&str] =
    &["maxReadPoolSize", "maxWritePoolSize", "maxSessionSize", "compressionFormat"];
const HTTP_ATTRIBUTES: &[&str] = &[
    "manualAddressing",
    "maxBufferPoolSize",
    "maxReceivedMessageSize",
    "allowCookies",
    "requestInitializationTimeout",
    "authenticationScheme",
    "bypassProxyOnLocal",
    "decompressionEnabled",
    "hostNameComparisonMode",
    "keepAliveEnabled",
    "maxBufferSize",
    "maxPendingAccepts",
    "messageHandlerFactory",
    "proxyAddress",
    "proxyAuthenticationScheme",
    "realm",
    "transferMode",
    "unsafeConnectionNtlmAuthentication",
    "useDefaultWebProxy",
];

/// The transport of a binding element's name.
pub(super) fn transport_kind(name: &str) -> Option<TransportKind> {
    Some(match name {
        "httpTransport" => TransportKind::Http { anonymous: true, web_socket: false },
        "httpsTransport" => TransportKind::Https,
        "tcpTransport" => TransportKind::Tcp,
        "namedPipeTransport" => TransportKind::NamedPipe,
        "msmqTransport" | "msmqIntegration" => TransportKind::Msmq,
        "peerTransport" => TransportKind::Peer,
        "udpTransport" => TransportKind::Udp,
        _ => return None,
    })
}

/// The kind of a binding element that comes with WCF.
fn known_kind(name: &str) -> Option<ElementKind> {
    Some(match name {
        "context" => ElementKind::Context,
        "transactionFlow" => ElementKind::TransactionFlow { active: true },
        "reliableSession" => ElementKind::ReliableSession,
        "security" => ElementKind::Security,
        "compositeDuplex" => ElementKind::CompositeDuplex,
        "oneWay" => ElementKind::OneWay,
        "sslStreamSecurity" | "windowsStreamSecurity" => ElementKind::StreamSecurity,
        "textMessageEncoding" => ElementKind::Encoding(EncodingKind::Text { utf8: true }),
        "mtomMessageEncoding" => ElementKind::Encoding(EncodingKind::Mtom),
        "binaryMessageEncoding" => ElementKind::Encoding(EncodingKind::Binary),
        "byteStreamMessageEncoding" | "webMessageEncoding" => ElementKind::Encoding(EncodingKind::Other),
        "privacyNoticeAt"
        | "unrecognizedPolicyAssertions"
        | "useManagedPresentation"
        | "pnrpPeerResolver" => ElementKind::Inert,
        _ => ElementKind::Transport(transport_kind(name)?),
    })
}

/// Reads a `<binding>` of customBinding. `extensions` are the binding elements that the file registers, where it can
/// tell.
pub(super) fn read(
    element: Element<'_>,
    extensions: Option<&HashSet<String>>,
    errors: &mut Errors,
) -> Binding {
    errors.only_attributes(element, &[&BINDING_ATTRIBUTES]);
    let timeouts = BindingTimeouts::read(Some(element), errors);
    let mut reader = Reader { errors, message_version: None, session: None, problems: Vec::new() };
    let mut stack: Vec<BindingElement> = element
        .children()
        .filter(|child| !child.name().contains(':'))
        .map(|child| reader.element(child, extensions))
        .collect();
    reader.refuse_twins(element, &stack);
    let message_version = reader.message_version(&mut stack);
    let mut problems = std::mem::take(&mut reader.problems);
    let session = reader.session;
    let name = element.attribute("name").unwrap_or_default();
    check_order(&stack, name, element, &mut problems);
    if session.is_some() {
        check_session(&stack, message_version, element, &mut problems);
    }
    let mut notes = Vec::new();
    surprising_times([Some(element), element.child("reliableSession")], &mut notes);
    Binding {
        kind: BindingKind::Custom,
        name: name.to_owned(),
        scope: None,
        location: Some(element.location()),
        unsupported: stack.iter().filter_map(BindingElement::unsupported).collect(),
        stack,
        message_version,
        reliable_session: session,
        timeouts,
        problems,
        notes,
    }
}

/// What WCF says of a transport's attributes under a reliable session.
pub(super) fn transport_problems(transport: Option<Element<'_>>, problems: &mut Vec<Problem>) {
    let Some(transport) = transport else { return };
    if let Some(mode) = transport.attribute("transferMode").filter(|mode| *mode != "Buffered") {
        problems.push(Problem {
            location: Some(transport.attribute_location("transferMode")),
            message: format!("a reliable session needs transferMode=\"Buffered\", not \"{}\"", shorten(mode)),
            wcf: Some(format!(
                "Transfer mode {} is not supported by ReliableSessionBindingElement.",
                shorten(mode)
            )),
        });
    }
    let manual = transport.attribute("manualAddressing");
    if manual.is_some_and(|manual| manual.trim().eq_ignore_ascii_case("true")) {
        problems.push(Problem {
            location: Some(transport.attribute_location("manualAddressing")),
            message: "a reliable session needs manualAddressing=\"false\"".to_owned(),
            wcf: Some(
                "Binding validation failed because the TransportBindingElement's ManualAddressing property was set to \
                 true on a binding that is configured to create reliable sessions. This combination is not supported \
                 and the channel factory or service host was not opened."
                    .to_owned(),
            ),
        });
    }
}

/// Whether an element is of a sort of which a binding has one.
type Belongs = fn(&BindingElement) -> bool;

struct Reader<'e> {
    errors: &'e mut Errors,
    /// What the encoding says.
    message_version: Option<MessageVersion>,
    session: Option<ReliableSession>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn element(&mut self, element: Element<'_>, extensions: Option<&HashSet<String>>) -> BindingElement {
        let name = element.name();
        let origin = Origin::Written(element.location());
        let Some(mut kind) = known_kind(name) else {
            if extensions.is_some_and(|extensions| !extensions.contains(name)) {
                self.problems.push(Problem {
                    location: Some(element.location()),
                    message: format!(
                        "<{}> is no binding element of WCF, and this file registers no extension of that name",
                        shorten(name)
                    ),
                    wcf: Some(format!(
                        "Invalid element in configuration. The extension name '{}' is not registered in the \
                         collection at system.serviceModel/extensions/bindingElementExtensions.",
                        shorten(name)
                    )),
                });
            }
            return BindingElement::new(shorten(name), ElementKind::Extension, origin);
        };
        let detail = match &mut kind {
            ElementKind::ReliableSession => {
                self.session = Some(ReliableSession::read_full(element, self.errors));
                None
            }
            ElementKind::Encoding(encoding) => self.encoding(element, encoding),
            ElementKind::Transport(transport) => self.transport(element, transport),
            ElementKind::Security => {
                let mode = element.attribute("authenticationMode").unwrap_or("SspiNegotiated");
                Some(format!("authenticationMode {}", shorten(mode)))
            }
            _ => None,
        };
        BindingElement::new(name, kind, origin).with_detail(detail)
    }

    fn encoding(&mut self, element: Element<'_>, kind: &mut EncodingKind) -> Option<String> {
        let known = match kind {
            EncodingKind::Text { .. } => TEXT_ATTRIBUTES,
            EncodingKind::Mtom => MTOM_ATTRIBUTES,
            EncodingKind::Binary => BINARY_ATTRIBUTES,
            EncodingKind::Other => {
                self.message_version = Some(MessageVersion::NONE);
                return None;
            }
        };
        self.errors.only_attributes(element, &[known]);
        let version = self.errors.value(element, "messageVersion", MessageVersion::read);
        let version = version.map_or(MessageVersion::DEFAULT, |version| version.value);
        self.message_version = Some(version);
        let characters = element.attribute("writeEncoding").unwrap_or("utf-8");
        let is_utf8 = characters.eq_ignore_ascii_case("utf-8");
        if let EncodingKind::Text { utf8 } = kind {
            *utf8 = is_utf8;
        }
        let name = version.name();
        Some(if is_utf8 { name.to_owned() } else { format!("{name}, {}", shorten(characters)) })
    }

    fn transport(&mut self, element: Element<'_>, kind: &mut TransportKind) -> Option<String> {
        match kind {
            TransportKind::Http { .. } => self.errors.only_attributes(element, &[HTTP_ATTRIBUTES]),
            TransportKind::Https => {
                self.errors.only_attributes(element, &[HTTP_ATTRIBUTES, &["requireClientCertificate"]]);
            }
            _ => {}
        }
        let modes = [("Buffered", ()), ("Streamed", ()), ("StreamedRequest", ()), ("StreamedResponse", ())];
        self.errors.value(element, "transferMode", name_of(&modes));
        let TransportKind::Http { anonymous, web_socket } = kind else { return None };
        let scheme = element.attribute("authenticationScheme").unwrap_or("Anonymous");
        *anonymous = scheme == "Anonymous";
        let usage =
            element.child("webSocketSettings").and_then(|settings| settings.attribute("transportUsage"));
        *web_socket = usage == Some("Always");
        if *web_socket {
            return Some("transportUsage Always".to_owned());
        }
        (!*anonymous).then(|| format!("authenticationScheme {}", shorten(scheme)))
    }

    /// The message version; an encoding that nobody wrote is the one that the transport brings.
    fn message_version(&self, stack: &mut Vec<BindingElement>) -> Option<MessageVersion> {
        if self.message_version.is_some() {
            return self.message_version;
        }
        if stack
            .iter()
            .any(|element| element.kind == ElementKind::Extension && !element.name.ends_with("Transport"))
        {
            // It may be an encoding, and a message version goes with it.
            return None;
        }
        let position = stack.iter().position(BindingElement::is_transport)?;
        let kind = stack.get(position).map(|element| element.kind)?;
        let (name, kind) = match kind {
            ElementKind::Transport(
                TransportKind::Http { .. } | TransportKind::Https | TransportKind::Udp,
            ) => ("textMessageEncoding", EncodingKind::Text { utf8: true }),
            _ => ("binaryMessageEncoding", EncodingKind::Binary),
        };
        let version = MessageVersion::DEFAULT;
        let element = BindingElement::new(name, ElementKind::Encoding(kind), Origin::Default);
        stack.insert(position, element.with_detail(Some(version.name().to_owned())));
        Some(version)
    }

    /// One element of each kind, one encoding, one stream security, one transport.
    fn refuse_twins(&mut self, element: Element<'_>, stack: &[BindingElement]) {
        let exclusive: [(&str, Belongs); 3] = [
            ("message encoding", BindingElement::is_encoding),
            ("stream upgrade", |element| element.kind == ElementKind::StreamSecurity),
            ("transport", BindingElement::is_transport),
        ];
        let mut seen: HashSet<&str> = HashSet::new();
        for (later, child) in stack.iter().zip(element.children().filter(|child| !child.name().contains(':')))
        {
            if !seen.insert(&later.name) {
                self.twin(child, format!("<{}> stands twice in one binding", later.name), format!(
                    "A child element with the element name '{}' already exists.  Child elements can only be added once.",
                    later.name
                ));
            }
        }
        for (what, belongs) in exclusive {
            let mut alike = stack.iter().filter(|element| belongs(element));
            let (Some(first), Some(second)) = (alike.next(), alike.next()) else { continue };
            if first.name == second.name {
                continue;
            }
            let Some(child) = element.children().find(|child| child.name() == second.name) else { continue };
            let message =
                format!("a binding has one {what}: <{}> stands beside <{}>", second.name, first.name);
            let wcf = format!(
                "Cannot add the {what} element '{}'. Another {what} element already exists in the binding. There can \
                 only be one {what} element for each binding.",
                first.name
            );
            self.twin(child, message, wcf);
        }
    }

    fn twin(&mut self, element: Element<'_>, message: String, wcf: String) {
        self.errors.push(ConfigurationError {
            location: element.location(),
            kind: ErrorKind::Duplicate,
            message,
            allowed: None,
            wcf: Some(wcf),
        });
    }
}

/// The transport is there and last; the others stand in an order in which WCF can build channels.
fn check_order(stack: &[BindingElement], name: &str, element: Element<'_>, problems: &mut Vec<Problem>) {
    let transport = stack.iter().find(|element| element.is_transport());
    let extension = stack.iter().any(|element| element.kind == ElementKind::Extension);
    match transport {
        None if !extension => problems.push(Problem {
            location: Some(element.location()),
            message: "the binding has no transport".to_owned(),
            wcf: Some(format!(
                "Binding '{name}' lacks a TransportBindingElement.  Every binding must have a binding element that \
                 derives from TransportBindingElement. This binding element must appear last in the \
                 BindingElementCollection."
            )),
        }),
        Some(transport) if stack.last().is_some_and(|last| !last.is_transport()) => problems.push(Problem {
            location: transport.location().cloned(),
            message: format!("<{}> must be the last element of the binding", transport.name),
            wcf: Some(format!(
                "In Binding '{name}', TransportBindingElement '{}' does not appear last in the \
                 BindingElementCollection.  Please change the order of elements such that the TransportBindingElement \
                 is last.",
                transport.name
            )),
        }),
        _ => {}
    }
    let ranked: Vec<_> = stack.iter().filter_map(|element| Some((element.kind.rank()?, element))).collect();
    for pair in ranked.windows(2) {
        let [(above, upper), (below, lower)] = pair else { continue };
        if above > below {
            problems.push(Problem {
                location: lower.location().cloned(),
                message: format!(
                    "<{}> belongs above <{}>; WCF's order is TransactionFlow, ReliableSession, Security, \
                     CompositeDuplex, OneWay, StreamSecurity, MessageEncoding, Transport",
                    lower.name, upper.name
                ),
                wcf: None,
            });
        }
    }
}

/// What a reliable session asks of the elements below it.
fn check_session(
    stack: &[BindingElement],
    version: Option<MessageVersion>,
    element: Element<'_>,
    problems: &mut Vec<Problem>,
) {
    if let Some(version) = version.filter(|version| version.addressing.is_none()) {
        let encoding = stack.iter().find(|element| element.is_encoding());
        let location = encoding.and_then(BindingElement::location).cloned();
        problems.push(Problem {
            location: location.or_else(|| Some(element.location())),
            message: format!(
                "a reliable session needs WS-Addressing, and messageVersion=\"{}\" has none",
                version.name()
            ),
            wcf: Some(
                "Addressing Version 'AddressingNone (http://schemas.microsoft.com/ws/2005/05/addressing/none)' is not \
                 supported."
                    .to_owned(),
            ),
        });
    }
    let has = |kind: ElementKind| stack.iter().any(|element| element.kind == kind);
    let http = stack.iter().find(|element| {
        matches!(element.kind, ElementKind::Transport(TransportKind::Http { .. } | TransportKind::Https))
    });
    if has(ElementKind::CompositeDuplex) && !has(ElementKind::OneWay) && http.is_some() {
        problems.push(Problem {
            location: element.child("compositeDuplex").map(Element::location),
            message: "<compositeDuplex> over HTTP needs <oneWay> below it".to_owned(),
            wcf: Some(NO_CHANNEL_TYPES.replace("{0}", element.attribute("name").unwrap_or_default())),
        });
    }
    let transport = stack.iter().find(|element| element.is_transport());
    let transport =
        transport.and_then(|transport| element.children().find(|child| child.name() == transport.name));
    transport_problems(transport, problems);
}
