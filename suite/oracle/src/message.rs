//! One SOAP message as a judge reads it: everything that is there, right or wrong, with the bytes where it stands.
//!
//! The reading of `wsrm-wire` by meaning cannot hold an illegal value; a judge has to. So the facts here are taken
//! from the infoset, and what breaks a rule is kept as it is for the monitors to find.

mod endpoint;
mod fault;
mod lifecycle;
mod node;
mod reliable;

use std::ops::Range;

pub use endpoint::Endpoint;
pub(crate) use endpoint::is_absolute;
pub use fault::{FaultFacts, RmFaultFacts};
pub use lifecycle::{Lifecycle, LifecycleKind, OfferFacts};
pub use node::{Node, NodeAttribute};
pub(crate) use reliable::whole_number;
pub use reliable::{AckRequestedFacts, AcknowledgementFacts, RangeFacts, SequenceFacts};
use wsrm_wire::{AddressingVersion, Infoset, Limits, RmVersion, SoapVersion};

/// The namespace of WS-MakeConnection.
pub(crate) const MAKE_CONNECTION: &str = "http://docs.oasis-open.org/ws-rx/wsmc/200702";

/// What the body of an HTTP message holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Nothing.
    Empty,
    /// A SOAP message.
    Soap(Box<Message>),
    /// A document that is no SOAP message, such as a WSDL.
    Document(Box<Node>),
    /// No XML at all, by its media type or by what it begins with.
    Other,
    /// What its media type calls XML and what is none.
    Malformed {
        /// What is wrong.
        what: String,
        /// The byte at which it stands.
        offset: usize,
    },
}

/// A header block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderBlock {
    /// The element.
    pub node: Node,
    /// The value of `mustUnderstand`, where written.
    pub must_understand: Option<String>,
    /// Whether it is for the endpoint itself, not for another role or actor.
    pub is_ours: bool,
}

/// A SOAP message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The version of the envelope.
    pub soap: SoapVersion,
    /// The header blocks in textual order.
    pub headers: Vec<HeaderBlock>,
    /// The elements in the body.
    pub body: Vec<Node>,
    /// The bytes of the body, or of the envelope where there is none.
    pub body_span: Range<usize>,
    /// What is wrong with the structure of the envelope.
    pub structure: Option<String>,
    /// What is wrong with the XML behind the headers, and at which byte.
    pub malformed: Option<(String, usize)>,
    /// The Sequence headers for the endpoint.
    pub sequences: Vec<SequenceFacts>,
    /// The SequenceAcknowledgement headers for the endpoint.
    pub acknowledgements: Vec<AcknowledgementFacts>,
    /// The AckRequested headers for the endpoint.
    pub ack_requests: Vec<AckRequestedFacts>,
    /// The message of the life of a sequence that the body holds.
    pub lifecycle: Option<Lifecycle>,
    /// The fault that the body holds.
    pub fault: Option<FaultFacts>,
}

impl Content {
    /// Reads the body of an HTTP message that is labelled with this media type (without parameters, lower case).
    pub fn read(bytes: &[u8], media_type: Option<&str>) -> Self {
        if bytes.is_empty() {
            return Self::Empty;
        }
        let is_xml_type = media_type
            .is_some_and(|media| matches!(media, "text/xml" | "application/soap+xml" | "application/xml"));
        let first = bytes.iter().copied().find(|byte| !byte.is_ascii_whitespace());
        let looks_like_xml = matches!(first, Some(b'<' | 0xEF | 0xFE | 0xFF));
        if !is_xml_type && (!looks_like_xml || media_type == Some("text/html")) {
            return Self::Other;
        }
        match Infoset::read_lazily(bytes, &Limits::default()) {
            Ok(infoset) => Self::of_document(&infoset),
            Err(error) => Self::Malformed { offset: error.offset(), what: error.to_string() },
        }
    }

    fn of_document(infoset: &Infoset<'_>) -> Self {
        let root = infoset.root();
        let soap = SoapVersion::ALL.into_iter().find(|soap| root.is(soap.namespace(), "Envelope"));
        match (soap, infoset.error()) {
            (Some(soap), _) => Self::Soap(Box::new(Message::read(infoset, soap))),
            (None, Some(error)) => Self::Malformed { offset: error.offset(), what: error.to_string() },
            (None, None) => Self::Document(Box::new(Node::read(root))),
        }
    }

    /// The SOAP message, if it is one.
    pub fn soap(&self) -> Option<&Message> {
        match self {
            Self::Soap(message) => Some(message),
            _ => None,
        }
    }
}

impl Message {
    fn read(infoset: &Infoset<'_>, soap: SoapVersion) -> Self {
        let root = infoset.root();
        let parts: Vec<_> = root.elements().collect();
        let names: Vec<_> =
            parts.iter().map(|part| (part.namespace() == soap.namespace(), part.local())).collect();
        let structure = match names.as_slice() {
            [(true, "Header"), (true, "Body")] | [(true, "Body")] => None,
            [(true, "Header")] | [] if infoset.error().is_some() => None,
            names if !names.contains(&(true, "Body")) => Some("no Body".to_owned()),
            _ => Some("other than an optional Header and one Body".to_owned()),
        };
        let header = parts.iter().find(|part| part.is(soap.namespace(), "Header"));
        let body = parts.iter().find(|part| part.is(soap.namespace(), "Body"));
        let headers: Vec<HeaderBlock> = header
            .into_iter()
            .flat_map(|header| header.elements())
            .map(|element| HeaderBlock::read(Node::read(element), soap))
            .collect();
        let body_nodes: Vec<Node> =
            body.into_iter().flat_map(|body| body.elements()).map(Node::read).collect();
        let ours = |local: &str| {
            let wanted = local.to_owned();
            headers.iter().filter(move |header| {
                header.is_ours && header.node.local == wanted && header.node.rm_version().is_some()
            })
        };
        Self {
            soap,
            sequences: ours("Sequence").map(SequenceFacts::read).collect(),
            acknowledgements: ours("SequenceAcknowledgement").map(AcknowledgementFacts::read).collect(),
            ack_requests: ours("AckRequested").map(AckRequestedFacts::read).collect(),
            lifecycle: body_nodes.first().and_then(Lifecycle::read),
            fault: body_nodes.first().and_then(|node| FaultFacts::read(node, soap, &headers)),
            body_span: body.map_or_else(|| root.start_tag_span(), |body| body.span()),
            structure,
            malformed: infoset.error().map(|error| (error.to_string(), error.offset())),
            headers,
            body: body_nodes,
        }
    }

    /// The version of the first addressing header.
    pub fn addressing(&self) -> Option<AddressingVersion> {
        self.headers.iter().find_map(|header| header.node.addressing_version())
    }

    /// The addressing headers of this name, of either version.
    pub fn addressing_headers<'m>(&'m self, local: &'m str) -> impl Iterator<Item = &'m HeaderBlock> {
        self.headers.iter().filter(move |header| {
            header.is_ours && header.node.local == local && header.node.addressing_version().is_some()
        })
    }

    /// The first addressing header of this name.
    pub fn addressing_header(&self, local: &str) -> Option<&HeaderBlock> {
        self.headers.iter().find(|header| {
            header.is_ours && header.node.local == local && header.node.addressing_version().is_some()
        })
    }

    /// The value of a header of WS-Addressing, if it is not empty.
    pub fn property(&self, local: &str) -> Option<&str> {
        self.addressing_header(local).map(|header| header.node.text.as_str()).filter(|text| !text.is_empty())
    }

    /// `Action`.
    pub fn action(&self) -> Option<&str> {
        self.property("Action")
    }

    /// `MessageID`.
    pub fn message_id(&self) -> Option<&str> {
        self.property("MessageID")
    }

    /// `RelatesTo`, of a reply.
    pub fn relates_to(&self) -> Option<&str> {
        self.replies_to().next().filter(|text| !text.is_empty())
    }

    /// What the message relates to as its reply: the values of `RelatesTo` that name no other relation.
    pub fn replies_to(&self) -> impl Iterator<Item = &str> {
        let is_reply =
            |header: &&HeaderBlock| match header.node.attribute("", "RelationshipType").map(str::trim) {
                None => true,
                // In 2004 the relation is a qualified name, in 1.0 an IRI.
                Some(relation) => {
                    relation.rsplit([':', '/']).next().is_some_and(|name| name.eq_ignore_ascii_case("reply"))
                }
            };
        self.addressing_headers("RelatesTo").filter(is_reply).map(|header| header.node.text.as_str())
    }

    /// The endpoint reference in a header of WS-Addressing.
    pub fn endpoint(&self, local: &str) -> Option<Endpoint> {
        self.addressing_header(local).map(|header| Endpoint::read(&header.node))
    }

    /// The version of reliable messaging: that of its elements, else of its action.
    pub fn rm(&self) -> Option<RmVersion> {
        let of_headers = self.headers.iter().find_map(|header| header.node.rm_version());
        let of_body = || self.body.iter().find_map(Node::rm_version);
        let of_fault = || self.fault.as_ref().and_then(|fault| fault.rm.as_ref()).map(|fault| fault.version);
        let of_action = || {
            let action = self.action()?;
            RmVersion::ALL
                .into_iter()
                .find(|rm| action.strip_prefix(rm.namespace()).is_some_and(|rest| rest.starts_with('/')))
        };
        of_headers.or_else(of_body).or_else(of_fault).or_else(of_action)
    }

    /// What the action names behind the namespace of either version, as `SequenceAcknowledgement`.
    pub fn rm_action(&self) -> Option<&str> {
        let action = self.action()?;
        RmVersion::ALL.into_iter().find_map(|rm| action.strip_prefix(rm.namespace())?.strip_prefix('/'))
    }

    /// Whether it is a message of an application: neither of reliable messaging, nor a fault outside of a sequence,
    /// nor a MakeConnection.
    pub fn is_application(&self) -> bool {
        let outside_fault = self.fault.is_some() && self.sequences.is_empty();
        let make_connection = self.body.first().is_some_and(|node| node.namespace == MAKE_CONNECTION);
        let negotiates = self.action().is_some_and(|action| {
            action.contains("/trust/") || action.contains("/ws-sx/") || action.contains("/security/")
        });
        // Without an Action and without content it travels for its headers.
        let is_nothing = self.action().is_none() && self.has_empty_body();
        self.lifecycle.is_none()
            && !is_nothing
            && self.rm_action().is_none()
            && !outside_fault
            && !make_connection
            && !negotiates
    }

    /// Whether the body holds no element and nothing is wrong with it.
    pub fn has_empty_body(&self) -> bool {
        self.body.is_empty() && self.malformed.is_none() && self.structure.is_none()
    }

    /// A number that is the same for the same body: prefixes, comments, white space between elements and the order of
    /// attributes do not count.
    pub fn body_fingerprint(&self) -> u64 {
        node::fingerprint(&self.body)
    }
}

impl HeaderBlock {
    fn read(node: Node, soap: SoapVersion) -> Self {
        let must_understand = node.attribute(soap.namespace(), "mustUnderstand").map(str::to_owned);
        let role = node.attribute(soap.namespace(), soap.role_attribute()).unwrap_or_default();
        let is_ours = role.is_empty()
            || role == "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver"
            || role == "http://schemas.xmlsoap.org/soap/actor/ultimateReceiver";
        Self { must_understand, is_ours, node }
    }

    /// Whether the receiver must understand the header.
    pub fn must_be_understood(&self) -> bool {
        matches!(self.must_understand.as_deref().map(str::trim), Some("1" | "true"))
    }
}
