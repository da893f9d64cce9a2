//! The stack of binding elements, as WCF would build it, and what of it can not be spoken here.

use std::fmt;

use super::error::Location;
use super::value::Origin;

/// One element of a binding's stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindingElement {
    /// The name of its element in a customBinding, for example `httpTransport`.
    pub name: String,
    /// What matters of its attributes, for example `authenticationMode=SecureConversation`.
    pub detail: Option<String>,
    /// Whether it is written, or comes with the binding.
    pub origin: Origin,
    pub(super) kind: ElementKind,
}

/// What a binding element does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ElementKind {
    Context,
    TransactionFlow {
        active: bool,
    },
    ReliableSession,
    Security,
    CompositeDuplex,
    OneWay,
    StreamSecurity,
    Encoding(EncodingKind),
    Transport(TransportKind),
    /// It leaves nothing on the wire.
    Inert,
    Extension,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EncodingKind {
    Text { utf8: bool },
    Mtom,
    Binary,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TransportKind {
    Http { anonymous: bool, web_socket: bool },
    Https,
    Tcp,
    NamedPipe,
    Msmq,
    Peer,
    Udp,
}

/// What `wsrm` can not speak yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Feature {
    /// WS-Security, WS-SecureConversation and WS-Trust.
    MessageSecurity,
    /// TLS or Windows security on a byte stream.
    StreamSecurity,
    /// HTTP authentication.
    HttpAuthentication,
    /// Duplex over two one-way HTTP connections: a client that listens.
    CompositeDuplex,
    /// The one-way message exchange below a reliable session.
    OneWay,
    /// WS-AtomicTransaction or OLE transactions that flow with messages.
    TransactionFlow,
    /// The context exchange protocol.
    Context,
    /// HTTP over TLS.
    Https,
    /// net.tcp framing.
    Tcp,
    /// net.pipe framing.
    NamedPipe,
    /// Message queues.
    Msmq,
    /// Peer channels.
    Peer,
    /// SOAP over UDP.
    Udp,
    /// SOAP over a WebSocket.
    WebSocket,
    /// MTOM.
    Mtom,
    /// .NET's binary XML.
    Binary,
    /// Another message encoding.
    Encoding,
    /// Text in another character encoding than UTF-8.
    CharacterEncoding,
    /// A binding or binding element that an extension brings.
    Extension,
}

/// A part of a binding that `wsrm` can not speak yet. Serving or sending with it is refused, never tried without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    /// What is missing.
    pub feature: Feature,
    /// The binding element, with what matters of its attributes.
    pub element: String,
    /// Where it comes from.
    pub origin: Origin,
    /// What to write instead where something else would do.
    pub hint: Option<&'static str>,
}

impl BindingElement {
    pub(super) fn new(name: impl Into<String>, kind: ElementKind, origin: Origin) -> Self {
        Self { name: name.into(), detail: None, origin, kind }
    }

    pub(super) fn with_detail(mut self, detail: Option<String>) -> Self {
        self.detail = detail;
        self
    }

    /// Whether it is the transport.
    pub fn is_transport(&self) -> bool {
        matches!(self.kind, ElementKind::Transport(_))
    }

    /// Whether it is the message encoding.
    pub fn is_encoding(&self) -> bool {
        matches!(self.kind, ElementKind::Encoding(_))
    }

    /// Where it is written.
    pub fn location(&self) -> Option<&Location> {
        match &self.origin {
            Origin::Written(location) => Some(location),
            Origin::Binding | Origin::Default => None,
        }
    }

    /// What can not be spoken of it.
    pub fn unsupported(&self) -> Option<Unsupported> {
        let feature = self.kind.unsupported()?;
        Some(Unsupported { feature, element: self.to_string(), origin: self.origin.clone(), hint: None })
    }
}

impl ElementKind {
    fn unsupported(self) -> Option<Feature> {
        Some(match self {
            Self::ReliableSession | Self::Inert | Self::TransactionFlow { active: false } => return None,
            Self::TransactionFlow { active: true } => Feature::TransactionFlow,
            Self::Context => Feature::Context,
            Self::Security => Feature::MessageSecurity,
            Self::CompositeDuplex => Feature::CompositeDuplex,
            Self::OneWay => Feature::OneWay,
            Self::StreamSecurity => Feature::StreamSecurity,
            Self::Encoding(EncodingKind::Text { utf8: true }) => return None,
            Self::Encoding(EncodingKind::Text { utf8: false }) => Feature::CharacterEncoding,
            Self::Encoding(EncodingKind::Mtom) => Feature::Mtom,
            Self::Encoding(EncodingKind::Binary) => Feature::Binary,
            Self::Encoding(EncodingKind::Other) => Feature::Encoding,
            Self::Transport(TransportKind::Http { web_socket: true, .. }) => Feature::WebSocket,
            Self::Transport(TransportKind::Http { anonymous: false, .. }) => Feature::HttpAuthentication,
            Self::Transport(TransportKind::Http { .. }) => return None,
            Self::Transport(TransportKind::Https) => Feature::Https,
            Self::Transport(TransportKind::Tcp) => Feature::Tcp,
            Self::Transport(TransportKind::NamedPipe) => Feature::NamedPipe,
            Self::Transport(TransportKind::Msmq) => Feature::Msmq,
            Self::Transport(TransportKind::Peer) => Feature::Peer,
            Self::Transport(TransportKind::Udp) => Feature::Udp,
            Self::Extension => Feature::Extension,
        })
    }

    /// The place in the order that WCF recommends; `None` for elements that may stand anywhere. The encoding is one
    /// of them: whatever its place above the transport, it reaches it as a parameter.
    pub(super) fn rank(self) -> Option<u8> {
        match self {
            Self::TransactionFlow { .. } => Some(0),
            Self::ReliableSession => Some(1),
            Self::Security => Some(2),
            Self::CompositeDuplex => Some(3),
            Self::OneWay => Some(4),
            Self::StreamSecurity => Some(5),
            Self::Context | Self::Encoding(_) | Self::Transport(_) | Self::Inert | Self::Extension => None,
        }
    }
}

impl Feature {
    /// What is missing, in a few words.
    pub const fn missing(self) -> &'static str {
        match self {
            Self::MessageSecurity => "WS-Security and WS-SecureConversation",
            Self::StreamSecurity => "TLS or Windows security on the stream",
            Self::HttpAuthentication => "HTTP authentication",
            Self::CompositeDuplex => "duplex over two HTTP connections",
            Self::OneWay => "one-way exchanges below the session, with addressable replies",
            Self::TransactionFlow => "transactions that flow with messages",
            Self::Context => "the context exchange protocol",
            Self::Https => "HTTP over TLS",
            Self::Tcp => "net.tcp framing and duplex sessions",
            Self::NamedPipe => "net.pipe framing",
            Self::Msmq => "message queues",
            Self::Peer => "peer channels",
            Self::Udp => "SOAP over UDP",
            Self::WebSocket => "SOAP over WebSocket",
            Self::Mtom => "MTOM",
            Self::Binary => ".NET's binary XML",
            Self::Encoding => "this message encoding",
            Self::CharacterEncoding => "text in another encoding than UTF-8",
            Self::Extension => "the code of its extension",
        }
    }

    /// A name for machines, in lower camel case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MessageSecurity => "messageSecurity",
            Self::StreamSecurity => "streamSecurity",
            Self::HttpAuthentication => "httpAuthentication",
            Self::CompositeDuplex => "compositeDuplex",
            Self::OneWay => "oneWay",
            Self::TransactionFlow => "transactionFlow",
            Self::Context => "context",
            Self::Https => "https",
            Self::Tcp => "tcp",
            Self::NamedPipe => "namedPipe",
            Self::Msmq => "msmq",
            Self::Peer => "peer",
            Self::Udp => "udp",
            Self::WebSocket => "webSocket",
            Self::Mtom => "mtom",
            Self::Binary => "binary",
            Self::Encoding => "encoding",
            Self::CharacterEncoding => "characterEncoding",
            Self::Extension => "extension",
        }
    }
}

impl fmt::Display for BindingElement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.detail.as_ref().map_or(Ok(()), |detail| write!(f, " ({detail})"))
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} needs {}", self.element, self.feature.missing())?;
        match self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}
