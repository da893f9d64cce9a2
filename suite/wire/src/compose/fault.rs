//! Faults: of WS-ReliableMessaging and of WS-Addressing.

use std::borrow::Cow;

use super::{acknowledgement_header, action_header, action_uri, relates_to_header, to_header};
use crate::write::Markup;
use crate::{
    Acknowledged, Action, AddressingVersion, Body, Envelope, Fault, FaultCode, Fragment, Header, HeaderKind,
    NamespaceBinding, QName, Reason, RmFault, RmVersion, SequenceAcknowledgement, SequenceFault, SoapVersion,
    WireProfile, namespace,
};

/// A fault that WS-Addressing defines and WCF sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressingFault<'a> {
    /// No operation, and nothing of WS-ReliableMessaging, has this action.
    ActionNotSupported,
    /// No endpoint has this address.
    DestinationUnreachable,
    /// The endpoint takes no message now.
    EndpointUnavailable,
    /// A header is missing; WS-Addressing 1.0 only.
    MessageAddressingHeaderRequired {
        /// The header.
        header: QName<'a>,
    },
    /// A header stands more than once; WS-Addressing 1.0 only.
    InvalidCardinality {
        /// The header.
        header: QName<'a>,
    },
}

/// What a fault message needs beside the fault.
pub(super) struct FaultParts<'a> {
    pub(super) code: FaultCode<'a>,
    pub(super) reason: Reason<'a>,
    pub(super) acknowledgement: Option<SequenceAcknowledgement<'a>>,
    pub(super) relates_to: Option<Cow<'a, str>>,
    pub(super) to: Option<Cow<'a, str>>,
}

impl<'a> Fault<'a> {
    /// A fault with one explanation, in the form of `soap`: SOAP 1.1 has no subcodes, and names the outermost
    /// one in place of the code.
    pub fn new(
        soap: SoapVersion,
        code: FaultCode<'a>,
        mut subcodes: Vec<QName<'a>>,
        reason: Reason<'a>,
    ) -> Self {
        let code = match soap {
            SoapVersion::Soap11 if !subcodes.is_empty() => FaultCode::Other(subcodes.swap_remove(0)),
            _ => code,
        };
        if soap == SoapVersion::Soap11 {
            subcodes.clear();
        }
        Self { code, subcodes, reasons: vec![reason], node: None, role: None, detail: None }
    }
}

impl AddressingFault<'_> {
    /// The action of the message that carries the fault.
    pub const fn action(&self, addressing: AddressingVersion) -> &'static str {
        match self {
            Self::DestinationUnreachable | Self::EndpointUnavailable => addressing.default_fault_action(),
            Self::ActionNotSupported
            | Self::MessageAddressingHeaderRequired { .. }
            | Self::InvalidCardinality { .. } => addressing.fault_action(),
        }
    }
}

impl<'a> AddressingFault<'a> {
    /// The SOAP fault.
    pub fn to_fault(&self, profile: WireProfile, reason: Reason<'a>) -> Fault<'a> {
        let name = |local| QName {
            namespace: Cow::Borrowed(profile.addressing.namespace()),
            local: Cow::Borrowed(local),
        };
        let subcodes = match self {
            Self::ActionNotSupported => vec![name("ActionNotSupported")],
            Self::DestinationUnreachable => vec![name("DestinationUnreachable")],
            Self::EndpointUnavailable => vec![name("EndpointUnavailable")],
            Self::MessageAddressingHeaderRequired { .. } => vec![name("MessageAddressingHeaderRequired")],
            Self::InvalidCardinality { .. } => {
                vec![name("InvalidAddressingHeader"), name("InvalidCardinality")]
            }
        };
        let mut fault = Fault::new(profile.soap, FaultCode::Sender, subcodes, reason);
        if profile.soap == SoapVersion::Soap12 {
            fault.detail = self.problem_header(profile);
        }
        fault
    }

    /// The header by which SOAP 1.1, whose `detail` is for bodies only, says which header is meant
    /// (WS-Addressing 1.0 SOAP binding section 6.2).
    pub(super) fn detail_header(&self, profile: WireProfile) -> Option<Header<'static>> {
        if profile.soap == SoapVersion::Soap12 {
            return None;
        }
        let problem = self.problem_header(profile)?;
        let element = Fragment {
            xml: Cow::Owned(format!("<a:FaultDetail>{}</a:FaultDetail>", problem.xml)),
            scope: problem.scope,
        };
        let name = QName {
            namespace: Cow::Borrowed(profile.addressing.namespace()),
            local: Cow::Borrowed("FaultDetail"),
        };
        Some(Header::new(HeaderKind::Other { name, element }))
    }

    fn problem_header(&self, profile: WireProfile) -> Option<Fragment<'static>> {
        let (Self::MessageAddressingHeaderRequired { header } | Self::InvalidCardinality { header }) = self
        else {
            return None;
        };
        let mut markup = Markup::new();
        if header.namespace == profile.addressing.namespace() {
            markup.start("a:ProblemHeaderQName");
            markup.text("a:");
        } else {
            markup.start_declaring("a:ProblemHeaderQName", "b", &header.namespace);
            markup.text("b:");
        }
        markup.text(&header.local);
        markup.end("a:ProblemHeaderQName");
        Some(markup.into_fragment(binding("a", profile.addressing.namespace())))
    }
}

/// The headers that name what a MustUnderstand fault is about; SOAP 1.1 has none.
pub(super) fn not_understood_headers<'a>(
    soap: SoapVersion,
    names: impl IntoIterator<Item = QName<'a>>,
) -> Vec<Header<'a>> {
    match soap {
        SoapVersion::Soap11 => Vec::new(),
        SoapVersion::Soap12 => {
            names.into_iter().map(|name| Header::new(HeaderKind::NotUnderstood(name))).collect()
        }
    }
}

/// An RM fault as a message: \[acknowledgement\], Action, \[SequenceFault\], \[RelatesTo\], \[To\].
pub(super) fn compose_rm_fault<'a>(
    profile: WireProfile,
    fault: &RmFault<'a>,
    parts: FaultParts<'a>,
) -> Envelope<'a> {
    let FaultParts { code, reason, acknowledgement, relates_to, to } = parts;
    let subcodes = fault.subcodes(profile.rm);
    let mut headers: Vec<Header<'a>> = acknowledgement.map(acknowledgement_header).into_iter().collect();
    // SOAP 1.1 always has an RM header here, so that the RM prefix is declared.
    let rm_prefix_in_scope = !headers.is_empty() || profile.soap == SoapVersion::Soap11;
    let detail = fault.detail(profile.rm, rm_prefix_in_scope);
    headers.push(action_header(match profile.rm {
        RmVersion::February2005 => profile.addressing.default_fault_action(),
        RmVersion::V200702 => action_uri(Action::Fault, profile.rm),
    }));
    let rides_in_header = profile.soap == SoapVersion::Soap11 && fault.has_sequence_fault();
    let mut body = if rides_in_header {
        Fault::new(profile.soap, code, Vec::new(), reason)
    } else {
        Fault::new(profile.soap, code, subcodes.clone(), reason)
    };
    if rides_in_header {
        if let Some(code) = subcodes.into_iter().next() {
            headers.push(Header::new(HeaderKind::SequenceFault(SequenceFault { code, detail })));
        }
    } else if profile.soap == SoapVersion::Soap12 {
        body.detail = detail;
    }
    headers.extend(relates_to.map(relates_to_header));
    headers.extend(to.map(to_header));
    Envelope { headers, ..Envelope::new(profile, Body::Fault(body)) }
}

impl RmFault<'_> {
    /// Whether SOAP 1.1 carries the fault in a `SequenceFault` header: those that are about a sequence. The
    /// others stand in `faultcode` itself.
    const fn has_sequence_fault(&self) -> bool {
        !matches!(self, Self::CreateSequenceRefused | Self::ConnectionLimitReached | Self::WsrmRequired)
    }

    /// The subcodes of the fault in SOAP 1.2, outermost first.
    pub fn subcodes(&self, version: RmVersion) -> Vec<QName<'static>> {
        let local = match self {
            Self::SequenceTerminated { .. } => "SequenceTerminated",
            Self::UnknownSequence { .. } => "UnknownSequence",
            Self::InvalidAcknowledgement { .. } => "InvalidAcknowledgement",
            Self::MessageNumberRollover { .. } => "MessageNumberRollover",
            Self::LastMessageNumberExceeded { .. } => "LastMessageNumberExceeded",
            Self::SequenceClosed { .. } => "SequenceClosed",
            Self::CreateSequenceRefused | Self::ConnectionLimitReached => "CreateSequenceRefused",
            Self::WsrmRequired => "WsrmRequired",
        };
        let name =
            |namespace, local| QName { namespace: Cow::Borrowed(namespace), local: Cow::Borrowed(local) };
        let mut subcodes = vec![name(version.namespace(), local)];
        if matches!(self, Self::ConnectionLimitReached) {
            subcodes.push(name(namespace::NETRM, "ConnectionLimitReached"));
        }
        subcodes
    }

    /// The content of the detail.
    ///
    /// WCF writes an identifier with the prefix `r` wherever it stands, and an acknowledgement without a
    /// prefix of its own: with `r` where that is in scope, as the default namespace otherwise.
    fn detail(&self, version: RmVersion, rm_prefix_in_scope: bool) -> Option<Fragment<'static>> {
        let mut markup = Markup::new();
        match self {
            Self::SequenceTerminated { identifier }
            | Self::UnknownSequence { identifier }
            | Self::LastMessageNumberExceeded { identifier }
            | Self::SequenceClosed { identifier } => markup.element("r:Identifier", identifier),
            Self::MessageNumberRollover { identifier, max_message_number } => {
                markup.element("r:Identifier", identifier);
                if let Some(number) = max_message_number {
                    markup.element("r:MaxMessageNumber", &number.to_string());
                }
            }
            Self::InvalidAcknowledgement { identifier, acknowledged } => {
                return Some(acknowledgement_detail(version, rm_prefix_in_scope, identifier, acknowledged));
            }
            Self::CreateSequenceRefused | Self::ConnectionLimitReached | Self::WsrmRequired => return None,
        }
        Some(markup.into_fragment(binding("r", version.namespace())))
    }
}

fn acknowledgement_detail(
    version: RmVersion,
    rm_prefix_in_scope: bool,
    identifier: &str,
    acknowledged: &Acknowledged,
) -> Fragment<'static> {
    let prefix = if rm_prefix_in_scope { "r:" } else { "" };
    let name = |local: &str| format!("{prefix}{local}");
    let mut markup = Markup::new();
    if rm_prefix_in_scope {
        markup.start("r:SequenceAcknowledgement");
    } else {
        markup.start_declaring("SequenceAcknowledgement", "", version.namespace());
    }
    markup.element(&name("Identifier"), identifier);
    match acknowledged {
        Acknowledged::Ranges(ranges) => {
            for range in ranges {
                markup.range(&name("AcknowledgementRange"), *range);
            }
        }
        Acknowledged::None => markup.empty(&name("None")),
        Acknowledged::Nack(numbers) => {
            for number in numbers {
                markup.element(&name("Nack"), &number.to_string());
            }
        }
    }
    markup.end(&name("SequenceAcknowledgement"));
    let scope = rm_prefix_in_scope.then(|| binding("r", version.namespace())).into_iter().flatten();
    markup.into_fragment(scope.collect())
}

fn binding(prefix: &'static str, namespace: &'static str) -> Vec<NamespaceBinding<'static>> {
    vec![NamespaceBinding { prefix: Cow::Borrowed(prefix), namespace: Cow::Borrowed(namespace) }]
}
