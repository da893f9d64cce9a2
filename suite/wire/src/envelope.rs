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
}

impl<'a> Envelope<'a> {
    /// A message with no headers yet.
    pub fn new(profile: WireProfile, body: Body<'a>) -> Self {
        Self { profile, headers: Vec::new(), body, body_attributes: Vec::new() }
    }
}
