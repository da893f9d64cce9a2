//! WCF's standard bindings: what each is made of when nothing is written.

use std::fmt;

use wsrm_wire::RmVersion;

use super::message_version::MessageVersion;

/// A kind of binding, by the name of its element under `<bindings>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum BindingKind {
    /// `customBinding`: the stack is written element by element.
    Custom,
    /// One of the bindings that come with WCF.
    Standard(&'static StandardBinding),
    /// A binding that an extension brings; nothing is known of it.
    Extension(String),
}

/// Whether a binding can be reliable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reliability {
    /// It has no reliable sessions.
    Never,
    /// It has them where `<reliableSession enabled="true">` is written.
    Optional,
    /// It has them always.
    Always,
}

/// The security mode of a standard binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecurityMode {
    /// No security.
    None,
    /// The transport secures: HTTPS, or TLS or Windows security on TCP.
    Transport,
    /// WS-Security.
    Message,
    /// The transport secures, WS-Security carries the credential.
    TransportWithMessageCredential,
    /// HTTP authentication without TLS.
    TransportCredentialOnly,
    /// Security of another kind, which bindings without reliable sessions know.
    Both,
}

/// How a binding writes messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Encoding {
    Text,
    Mtom,
    Binary,
    Web,
}

/// What a standard binding is made of.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct StandardBinding {
    /// The name of its element.
    pub name: &'static str,
    /// Whether it can be reliable.
    pub reliability: Reliability,
    /// The version of RM that it speaks where it is reliable.
    pub reliable_messaging_version: RmVersion,
    pub(super) message_version: MessageVersion,
    pub(super) encoding: Encoding,
    /// What `messageEncoding` may say; empty where the encoding is fixed.
    pub(super) encodings: &'static [(&'static str, Encoding)],
    pub(super) security: SecurityMode,
    pub(super) securities: &'static [(&'static str, SecurityMode)],
    /// The binding elements of the transport, without and with transport security.
    pub(super) transports: [&'static str; 2],
    pub(super) context: bool,
    pub(super) transaction_flow: bool,
    /// The attributes of `<binding>` beyond those of every binding; read only where the binding can be reliable.
    pub(super) attributes: &'static [&'static str],
    pub(super) children: &'static [&'static str],
}

impl BindingKind {
    /// The kind of a name; every unknown name is taken for an extension's.
    pub fn named(name: &str) -> Self {
        if name == "customBinding" {
            return Self::Custom;
        }
        STANDARD
            .iter()
            .find(|binding| binding.name == name)
            .map_or_else(|| Self::Extension(name.to_owned()), Self::Standard)
    }

    /// The name of its element.
    pub fn name(&self) -> &str {
        match self {
            Self::Custom => "customBinding",
            Self::Standard(binding) => binding.name,
            Self::Extension(name) => name,
        }
    }

    /// The names of the bindings that can be reliable.
    pub fn reliable_names() -> impl Iterator<Item = &'static str> {
        let standard = STANDARD.iter().filter(|binding| binding.reliability != Reliability::Never);
        std::iter::once("customBinding").chain(standard.map(|binding| binding.name))
    }
}

impl SecurityMode {
    /// WCF's name for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Transport => "Transport",
            Self::Message => "Message",
            Self::TransportWithMessageCredential => "TransportWithMessageCredential",
            Self::TransportCredentialOnly => "TransportCredentialOnly",
            Self::Both => "Both",
        }
    }

    /// Whether the transport itself is secured.
    pub const fn secures_transport(self) -> bool {
        matches!(self, Self::Transport | Self::TransportWithMessageCredential)
    }

    /// Whether WS-Security is on the wire.
    pub const fn secures_messages(self) -> bool {
        matches!(self, Self::Message | Self::TransportWithMessageCredential)
    }
}

impl fmt::Display for BindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

const HTTP: [&str; 2] = ["httpTransport", "httpsTransport"];
const HTTP_ALWAYS: [&str; 2] = ["httpTransport", "httpTransport"];
const HTTPS: [&str; 2] = ["httpsTransport", "httpsTransport"];
const TCP: [&str; 2] = ["tcpTransport", "tcpTransport"];
const PIPE: [&str; 2] = ["namedPipeTransport", "namedPipeTransport"];

const NO_SECURITY: (&str, SecurityMode) = ("None", SecurityMode::None);
const TRANSPORT: (&str, SecurityMode) = ("Transport", SecurityMode::Transport);
const MESSAGE: (&str, SecurityMode) = ("Message", SecurityMode::Message);
const MIXED: (&str, SecurityMode) =
    ("TransportWithMessageCredential", SecurityMode::TransportWithMessageCredential);
const CREDENTIAL_ONLY: (&str, SecurityMode) =
    ("TransportCredentialOnly", SecurityMode::TransportCredentialOnly);
const BOTH: (&str, SecurityMode) = ("Both", SecurityMode::Both);

const TEXT_OR_MTOM: &[(&str, Encoding)] = &[("Text", Encoding::Text), ("Mtom", Encoding::Mtom)];
const ANY_ENCODING: &[(&str, Encoding)] =
    &[("Binary", Encoding::Binary), ("Text", Encoding::Text), ("Mtom", Encoding::Mtom)];

const WS_CHILDREN: &[&str] = &["readerQuotas", "reliableSession", "security"];
const NET_HTTP_CHILDREN: &[&str] = &["readerQuotas", "reliableSession", "security", "webSocketSettings"];

const WS_HTTP_ATTRIBUTES: &[&str] = &[
    "bypassProxyOnLocal",
    "transactionFlow",
    "hostNameComparisonMode",
    "maxBufferPoolSize",
    "maxReceivedMessageSize",
    "messageEncoding",
    "proxyAddress",
    "textEncoding",
    "useDefaultWebProxy",
    "allowCookies",
];
const WS_HTTP_CONTEXT_ATTRIBUTES: &[&str] = &[
    "bypassProxyOnLocal",
    "transactionFlow",
    "hostNameComparisonMode",
    "maxBufferPoolSize",
    "maxReceivedMessageSize",
    "messageEncoding",
    "proxyAddress",
    "textEncoding",
    "useDefaultWebProxy",
    "allowCookies",
    "clientCallbackAddress",
    "contextManagementEnabled",
    "contextProtectionLevel",
];
const WS_DUAL_ATTRIBUTES: &[&str] = &[
    "bypassProxyOnLocal",
    "clientBaseAddress",
    "transactionFlow",
    "hostNameComparisonMode",
    "maxBufferPoolSize",
    "maxReceivedMessageSize",
    "messageEncoding",
    "proxyAddress",
    "textEncoding",
    "useDefaultWebProxy",
];
const WS_FEDERATION_ATTRIBUTES: &[&str] = &[
    "bypassProxyOnLocal",
    "transactionFlow",
    "hostNameComparisonMode",
    "maxBufferPoolSize",
    "maxReceivedMessageSize",
    "messageEncoding",
    "proxyAddress",
    "textEncoding",
    "useDefaultWebProxy",
    "privacyNoticeAt",
    "privacyNoticeVersion",
];
const NET_TCP_ATTRIBUTES: &[&str] = &[
    "transactionFlow",
    "transferMode",
    "transactionProtocol",
    "hostNameComparisonMode",
    "listenBacklog",
    "maxBufferPoolSize",
    "maxBufferSize",
    "maxConnections",
    "maxReceivedMessageSize",
    "portSharingEnabled",
    "clientCallbackAddress",
    "contextManagementEnabled",
    "contextProtectionLevel",
];
const NET_HTTP_ATTRIBUTES: &[&str] = &[
    "allowCookies",
    "bypassProxyOnLocal",
    "hostNameComparisonMode",
    "maxBufferPoolSize",
    "maxBufferSize",
    "maxReceivedMessageSize",
    "messageEncoding",
    "proxyAddress",
    "textEncoding",
    "transferMode",
    "useDefaultWebProxy",
];

/// wsHttpBinding, from which the other WS bindings differ in little.
const WS_HTTP: StandardBinding = StandardBinding {
    name: "wsHttpBinding",
    reliability: Reliability::Optional,
    reliable_messaging_version: RmVersion::February2005,
    message_version: MessageVersion::DEFAULT,
    encoding: Encoding::Text,
    encodings: TEXT_OR_MTOM,
    security: SecurityMode::Message,
    securities: &[NO_SECURITY, TRANSPORT, MESSAGE, MIXED],
    transports: HTTP,
    context: false,
    transaction_flow: true,
    attributes: WS_HTTP_ATTRIBUTES,
    children: WS_CHILDREN,
};

const NET_TCP: StandardBinding = StandardBinding {
    name: "netTcpBinding",
    encoding: Encoding::Binary,
    encodings: &[],
    security: SecurityMode::Transport,
    transports: TCP,
    attributes: NET_TCP_ATTRIBUTES,
    ..WS_HTTP
};

const NET_HTTP: StandardBinding = StandardBinding {
    name: "netHttpBinding",
    encoding: Encoding::Binary,
    encodings: ANY_ENCODING,
    security: SecurityMode::None,
    securities: &[NO_SECURITY, TRANSPORT, MESSAGE, MIXED, CREDENTIAL_ONLY],
    transaction_flow: false,
    attributes: NET_HTTP_ATTRIBUTES,
    children: NET_HTTP_CHILDREN,
    ..WS_HTTP
};

/// basicHttpBinding, which stands for all that can not be reliable.
const BASIC_HTTP: StandardBinding = StandardBinding {
    name: "basicHttpBinding",
    reliability: Reliability::Never,
    message_version: MessageVersion::SOAP11,
    encoding: Encoding::Text,
    encodings: TEXT_OR_MTOM,
    ..NET_HTTP
};

static STANDARD: [StandardBinding; 23] = [
    WS_HTTP,
    StandardBinding { name: "ws2007HttpBinding", reliable_messaging_version: RmVersion::V200702, ..WS_HTTP },
    StandardBinding {
        name: "wsDualHttpBinding",
        reliability: Reliability::Always,
        securities: &[NO_SECURITY, MESSAGE],
        transports: HTTP_ALWAYS,
        attributes: WS_DUAL_ATTRIBUTES,
        ..WS_HTTP
    },
    StandardBinding {
        name: "wsFederationHttpBinding",
        securities: &[NO_SECURITY, MESSAGE, MIXED],
        attributes: WS_FEDERATION_ATTRIBUTES,
        ..WS_HTTP
    },
    StandardBinding {
        name: "ws2007FederationHttpBinding",
        reliable_messaging_version: RmVersion::V200702,
        securities: &[NO_SECURITY, MESSAGE, MIXED],
        attributes: WS_FEDERATION_ATTRIBUTES,
        ..WS_HTTP
    },
    StandardBinding {
        name: "wsHttpContextBinding",
        context: true,
        attributes: WS_HTTP_CONTEXT_ATTRIBUTES,
        ..WS_HTTP
    },
    NET_TCP,
    StandardBinding { name: "netTcpContextBinding", context: true, ..NET_TCP },
    NET_HTTP,
    StandardBinding {
        name: "netHttpsBinding",
        security: SecurityMode::Transport,
        securities: &[TRANSPORT, MIXED],
        transports: HTTPS,
        ..NET_HTTP
    },
    BASIC_HTTP,
    StandardBinding {
        name: "basicHttpsBinding",
        security: SecurityMode::Transport,
        securities: &[TRANSPORT, MIXED],
        transports: HTTPS,
        ..BASIC_HTTP
    },
    StandardBinding { name: "basicHttpContextBinding", context: true, ..BASIC_HTTP },
    StandardBinding {
        name: "netNamedPipeBinding",
        message_version: MessageVersion::DEFAULT,
        encoding: Encoding::Binary,
        encodings: &[],
        security: SecurityMode::Transport,
        securities: &[NO_SECURITY, TRANSPORT],
        transports: PIPE,
        transaction_flow: true,
        ..BASIC_HTTP
    },
    StandardBinding {
        name: "netMsmqBinding",
        message_version: MessageVersion::DEFAULT,
        encoding: Encoding::Binary,
        encodings: &[],
        security: SecurityMode::Transport,
        securities: &[NO_SECURITY, TRANSPORT, MESSAGE, BOTH],
        transports: ["msmqTransport", "msmqTransport"],
        ..BASIC_HTTP
    },
    StandardBinding {
        name: "msmqIntegrationBinding",
        message_version: MessageVersion::NONE,
        encoding: Encoding::Web,
        encodings: &[],
        security: SecurityMode::Transport,
        securities: &[NO_SECURITY, TRANSPORT],
        transports: ["msmqIntegration", "msmqIntegration"],
        ..BASIC_HTTP
    },
    StandardBinding {
        name: "netPeerTcpBinding",
        message_version: MessageVersion::DEFAULT,
        encoding: Encoding::Binary,
        encodings: &[],
        security: SecurityMode::Transport,
        securities: &[NO_SECURITY, TRANSPORT, MESSAGE, MIXED],
        transports: ["peerTransport", "peerTransport"],
        ..BASIC_HTTP
    },
    StandardBinding {
        name: "webHttpBinding",
        message_version: MessageVersion::NONE,
        encoding: Encoding::Web,
        encodings: &[],
        securities: &[NO_SECURITY, TRANSPORT, CREDENTIAL_ONLY],
        ..BASIC_HTTP
    },
    StandardBinding {
        name: "udpBinding",
        message_version: MessageVersion::DEFAULT,
        encodings: &[],
        securities: &[NO_SECURITY],
        transports: ["udpTransport", "udpTransport"],
        ..BASIC_HTTP
    },
    StandardBinding {
        name: "mexHttpBinding",
        message_version: MessageVersion::DEFAULT,
        encodings: &[],
        securities: &[NO_SECURITY],
        transports: HTTP_ALWAYS,
        ..BASIC_HTTP
    },
    StandardBinding {
        name: "mexHttpsBinding",
        message_version: MessageVersion::DEFAULT,
        encodings: &[],
        security: SecurityMode::Transport,
        securities: &[TRANSPORT],
        transports: HTTPS,
        ..BASIC_HTTP
    },
    StandardBinding {
        name: "mexTcpBinding",
        message_version: MessageVersion::DEFAULT,
        encoding: Encoding::Binary,
        encodings: &[],
        securities: &[NO_SECURITY],
        transports: TCP,
        ..BASIC_HTTP
    },
    StandardBinding {
        name: "mexNamedPipeBinding",
        message_version: MessageVersion::DEFAULT,
        encoding: Encoding::Binary,
        encodings: &[],
        securities: &[NO_SECURITY],
        transports: PIPE,
        ..BASIC_HTTP
    },
];
