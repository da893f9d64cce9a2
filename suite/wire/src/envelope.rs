//! A SOAP message by its meaning.

use std::borrow::Cow;

use crate::{
    AckRequested, CloseSequence, CloseSequenceResponse, CreateSequence, CreateSequenceResponse,
    EndpointReference, Fault, ForeignAttribute, Fragment, QName, ReadError, RelatesTo, Sequence,
    SequenceAcknowledgement, SequenceFault, TerminateSequence, TerminateSequenceResponse, WireProfile,
};

/// The `mustUnderstand` attribute of a header, with its spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum MustUnderstand {
    /// Not written, which means no.
    #[default]
    Absent,
    /// `0`.
    Zero,
    /// `false`.
    False,
    /// `1`, the only spelling of yes that WCF writes.
    One,
    /// `true`.
    True,
}

/// A header block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header<'a> {
    /// What it says.
    pub kind: HeaderKind<'a>,
    /// Whether a receiver must understand it or fault.
    pub must_understand: MustUnderstand,
    /// The actor (SOAP 1.1) or role (SOAP 1.2) it is addressed to, where written.
    pub role: Option<Cow<'a, str>>,
    /// Further attributes.
    pub attributes: Vec<ForeignAttribute<'a>>,
}

/// The header blocks that this crate gives a meaning to, and all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderKind<'a> {
    /// `wsrm:Sequence`.
    Sequence(Sequence<'a>),
    /// `wsrm:SequenceAcknowledgement`.
    SequenceAcknowledgement(SequenceAcknowledgement<'a>),
    /// `wsrm:AckRequested`.
    AckRequested(AckRequested<'a>),
    /// `wsrm:SequenceFault`; SOAP 1.1 only.
    SequenceFault(SequenceFault<'a>),
    /// `wsrm:UsesSequenceSTR`; 200702 only.
    UsesSequenceStr,
    /// `wsrm:UsesSequenceSSL`; 200702 only.
    UsesSequenceSsl,
    /// `wsa:Action`.
    Action(Cow<'a, str>),
    /// `wsa:MessageID`.
    MessageId(Cow<'a, str>),
    /// `wsa:RelatesTo`.
    RelatesTo(RelatesTo<'a>),
    /// `wsa:ReplyTo`.
    ReplyTo(EndpointReference<'a>),
    /// `wsa:From`.
    From(EndpointReference<'a>),
    /// `wsa:FaultTo`.
    FaultTo(EndpointReference<'a>),
    /// `wsa:To`.
    To(Cow<'a, str>),
    /// `env:NotUnderstood`: a header that a MustUnderstand fault is about; SOAP 1.2 only.
    NotUnderstood(QName<'a>),
    /// A header whose name is known and whose content breaks its grammar.
    Malformed(MalformedHeader<'a>),
    /// A header that is not known here: the whole element, attributes included.
    Other {
        /// The name of the element.
        name: QName<'a>,
        /// The element as written, start tag included. The attributes of [`Header`] are read from it.
        element: Fragment<'a>,
    },
}

/// A header block whose name is known and whose content breaks its grammar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MalformedHeader<'a> {
    /// The name of the element.
    pub name: QName<'a>,
    /// The element as written, start tag included.
    pub element: Fragment<'a>,
    /// What is wrong with it, and where.
    pub error: ReadError,
}

/// The body of a message, by kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body<'a> {
    /// No content at all.
    Empty,
    /// `wsrm:CreateSequence`.
    CreateSequence(CreateSequence<'a>),
    /// `wsrm:CreateSequenceResponse`.
    CreateSequenceResponse(CreateSequenceResponse<'a>),
    /// `wsrm:CloseSequence`.
    CloseSequence(CloseSequence<'a>),
    /// `wsrm:CloseSequenceResponse`.
    CloseSequenceResponse(CloseSequenceResponse<'a>),
    /// `wsrm:TerminateSequence`.
    TerminateSequence(TerminateSequence<'a>),
    /// `wsrm:TerminateSequenceResponse`.
    TerminateSequenceResponse(TerminateSequenceResponse<'a>),
    /// `env:Fault`.
    Fault(Fault<'a>),
    /// The content of an application message, untouched.
    Application(Fragment<'a>),
    /// A body whose first element is known and whose content breaks its grammar, or that ends too early.
    Malformed {
        /// The name of the first element; `None` where not even that can be read.
        name: Option<QName<'a>>,
        /// The content as far as it goes.
        content: Fragment<'a>,
        /// What is wrong with it, and where.
        error: ReadError,
    },
}

/// A SOAP message by its meaning.
///
/// `headers` keeps the textual order: a writer repeats it, so that the order WCF gives to its headers is the
/// business of who makes the message, not of the writer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// The versions it was read as, or is to be written in.
    pub profile: WireProfile,
    /// The header blocks in textual order.
    pub headers: Vec<Header<'a>>,
    /// The body.
    pub body: Body<'a>,
    /// Attributes of the body element, such as an identifier that a signature refers to.
    pub body_attributes: Vec<ForeignAttribute<'a>>,
}

impl MustUnderstand {
    /// Whether the receiver must understand the header.
    pub const fn is_set(self) -> bool {
        matches!(self, Self::One | Self::True)
    }

    /// The text of the attribute, or `None` where it is not written.
    pub const fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Absent => None,
            Self::Zero => Some("0"),
            Self::False => Some("false"),
            Self::One => Some("1"),
            Self::True => Some("true"),
        }
    }
}

impl<'a> Header<'a> {
    /// A header that the receiver need not understand.
    pub fn new(kind: HeaderKind<'a>) -> Self {
        Self { kind, must_understand: MustUnderstand::Absent, role: None, attributes: Vec::new() }
    }

    /// A header that the receiver must understand, spelled as WCF does.
    pub fn must_understand(kind: HeaderKind<'a>) -> Self {
        Self { must_understand: MustUnderstand::One, ..Self::new(kind) }
    }

    /// The name of the element in a message of `profile`.
    pub fn name(&self, profile: WireProfile) -> QName<'_> {
        let addressing = profile.addressing.namespace();
        let rm = profile.rm.namespace();
        let (namespace, local) = match &self.kind {
            HeaderKind::Sequence(_) => (rm, "Sequence"),
            HeaderKind::SequenceAcknowledgement(_) => (rm, "SequenceAcknowledgement"),
            HeaderKind::AckRequested(_) => (rm, "AckRequested"),
            HeaderKind::SequenceFault(_) => (rm, "SequenceFault"),
            HeaderKind::UsesSequenceStr => (rm, "UsesSequenceSTR"),
            HeaderKind::UsesSequenceSsl => (rm, "UsesSequenceSSL"),
            HeaderKind::Action(_) => (addressing, "Action"),
            HeaderKind::MessageId(_) => (addressing, "MessageID"),
            HeaderKind::RelatesTo(_) => (addressing, "RelatesTo"),
            HeaderKind::ReplyTo(_) => (addressing, "ReplyTo"),
            HeaderKind::From(_) => (addressing, "From"),
            HeaderKind::FaultTo(_) => (addressing, "FaultTo"),
            HeaderKind::To(_) => (addressing, "To"),
            HeaderKind::NotUnderstood(_) => (profile.soap.namespace(), "NotUnderstood"),
            HeaderKind::Malformed(MalformedHeader { name, .. }) | HeaderKind::Other { name, .. } => {
                (name.namespace.as_ref(), name.local.as_ref())
            }
        };
        QName { namespace: namespace.into(), local: local.into() }
    }
}

impl<'a> Envelope<'a> {
    /// A message with no headers yet.
    pub fn new(profile: WireProfile, body: Body<'a>) -> Self {
        Self { profile, headers: Vec::new(), body, body_attributes: Vec::new() }
    }

    /// The action, from the first `wsa:Action`.
    pub fn action(&self) -> Option<&str> {
        self.first(|kind| match kind {
            HeaderKind::Action(action) => Some(action.as_ref()),
            _ => None,
        })
    }

    /// The first `wsa:MessageID`.
    pub fn message_id(&self) -> Option<&str> {
        self.first(|kind| match kind {
            HeaderKind::MessageId(id) => Some(id.as_ref()),
            _ => None,
        })
    }

    /// The first `wsa:RelatesTo`.
    pub fn relates_to(&self) -> Option<&RelatesTo<'a>> {
        self.first(|kind| match kind {
            HeaderKind::RelatesTo(relation) => Some(relation),
            _ => None,
        })
    }

    /// The first `wsa:To`.
    pub fn to(&self) -> Option<&str> {
        self.first(|kind| match kind {
            HeaderKind::To(to) => Some(to.as_ref()),
            _ => None,
        })
    }

    /// The first `wsa:ReplyTo`.
    pub fn reply_to(&self) -> Option<&EndpointReference<'a>> {
        self.first(|kind| match kind {
            HeaderKind::ReplyTo(reference) => Some(reference),
            _ => None,
        })
    }

    /// The first `wsrm:Sequence`.
    pub fn sequence(&self) -> Option<&Sequence<'a>> {
        self.first(|kind| match kind {
            HeaderKind::Sequence(sequence) => Some(sequence),
            _ => None,
        })
    }

    /// The first `wsrm:SequenceAcknowledgement`.
    pub fn acknowledgement(&self) -> Option<&SequenceAcknowledgement<'a>> {
        self.first(|kind| match kind {
            HeaderKind::SequenceAcknowledgement(acknowledgement) => Some(acknowledgement),
            _ => None,
        })
    }

    /// The first `wsrm:AckRequested`.
    pub fn ack_requested(&self) -> Option<&AckRequested<'a>> {
        self.first(|kind| match kind {
            HeaderKind::AckRequested(request) => Some(request),
            _ => None,
        })
    }

    /// The header blocks that are known by name and cannot be read.
    pub fn malformed_headers(&self) -> impl Iterator<Item = &MalformedHeader<'a>> {
        self.headers.iter().filter_map(|header| match &header.kind {
            HeaderKind::Malformed(malformed) => Some(malformed),
            _ => None,
        })
    }

    /// The header blocks that this endpoint must understand, by their attribute and role, and of which
    /// `understands` says that it does not (SOAP 1.1 section 4.2.3, SOAP 1.2 part 1 section 2.4).
    pub fn not_understood<'e, F>(&'e self, understands: F) -> impl Iterator<Item = &'e Header<'a>>
    where
        F: Fn(&Header<'a>) -> bool + 'e,
    {
        self.headers.iter().filter(move |header| {
            let role = header.role.as_deref().unwrap_or_default();
            header.must_understand.is_set()
                && self.profile.soap.is_endpoint_role(role)
                && !understands(header)
        })
    }

    fn first<'e, T>(&'e self, pick: impl Fn(&'e HeaderKind<'a>) -> Option<T>) -> Option<T> {
        self.headers.iter().find_map(|header| pick(&header.kind))
    }
}
