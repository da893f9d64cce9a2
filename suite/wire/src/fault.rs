//! SOAP faults of both versions.

use std::borrow::Cow;

use crate::Fragment;

/// A qualified name, resolved: the prefix it was written with is gone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct QName<'a> {
    /// The namespace name; empty for a name in no namespace.
    pub namespace: Cow<'a, str>,
    /// The local name.
    pub local: Cow<'a, str>,
}

/// The outermost code of a fault, the same for both SOAP versions where both have it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FaultCode<'a> {
    /// `Sender`; in SOAP 1.1 `Client`.
    Sender,
    /// `Receiver`; in SOAP 1.1 `Server`.
    Receiver,
    /// `MustUnderstand`.
    MustUnderstand,
    /// `VersionMismatch`.
    VersionMismatch,
    /// `DataEncodingUnknown`; SOAP 1.2 only.
    DataEncodingUnknown,
    /// A code that is none of these. SOAP 1.1 allows others, outside the SOAP namespace; SOAP 1.2 does not, and
    /// WCF reads them all the same.
    Other(QName<'a>),
}

/// A human-readable explanation in one language.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reason<'a> {
    /// `xml:lang`, where written; WCF's invariant culture writes it empty.
    pub language: Option<Cow<'a, str>>,
    /// The text.
    pub text: Cow<'a, str>,
}

/// A SOAP fault (SOAP 1.2 part 1 section 5.4, SOAP 1.1 section 4.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault<'a> {
    /// The outermost code.
    pub code: FaultCode<'a>,
    /// The subcodes, outermost first; always empty in SOAP 1.1.
    pub subcodes: Vec<QName<'a>>,
    /// The explanations; SOAP 1.1 has exactly one (`faultstring`).
    pub reasons: Vec<Reason<'a>>,
    /// `Node`; SOAP 1.2 only.
    pub node: Option<Cow<'a, str>>,
    /// `Role`, in SOAP 1.1 `faultactor`.
    pub role: Option<Cow<'a, str>>,
    /// The content of `Detail`, in SOAP 1.1 `detail`.
    pub detail: Option<Fragment<'a>>,
}
