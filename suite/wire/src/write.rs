//! From meaning to bytes, in WCF's own form.
//!
//! What WCF does, and this writer with it: one line, no XML declaration; the prefixes of [`PrefixPlan::WCF`];
//! on the envelope `xmlns:s` and then one declaration for each of WS-Addressing and WS-ReliableMessaging, in
//! the order in which the headers first use them, and none for one that no header uses. An element of a body
//! that finds no prefix for its namespace in scope makes it the default namespace; a qualified name in text
//! that finds none declares `a`, even over the `a` of WS-Addressing. Namespace declarations stand behind the
//! attributes of their element. Empty elements are closed at once.

mod body;
mod fault;
mod fragment;
mod header;
mod markup;
mod scope;

use crate::{Envelope, Header, HeaderKind, WireProfile};

pub(crate) use markup::Markup;
use scope::Scope;

/// Which prefixes a writer uses: three different ones, none of them empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrefixPlan {
    /// The prefix of SOAP's own elements and attributes.
    pub soap: &'static str,
    /// The prefix of WS-Addressing.
    pub addressing: &'static str,
    /// The prefix of WS-ReliableMessaging.
    pub rm: &'static str,
}

/// Writes one message.
struct Writer<'w> {
    out: &'w mut Vec<u8>,
    profile: WireProfile,
    plan: PrefixPlan,
    /// The bindings in force where the writer stands.
    scope: Scope,
}

/// The namespaces that WCF declares on the envelope when a header is in one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SharedNamespace {
    Addressing,
    Rm,
}

impl PrefixPlan {
    /// WCF's: `s`, `a`, `r`.
    pub const WCF: Self = Self { soap: "s", addressing: "a", rm: "r" };
}

impl Envelope<'_> {
    /// Appends the message to `out` as WCF writes it.
    pub fn write(&self, out: &mut Vec<u8>) {
        self.write_with(&PrefixPlan::WCF, out);
    }

    /// Appends the message to `out` with other prefixes.
    pub fn write_with(&self, plan: &PrefixPlan, out: &mut Vec<u8>) {
        let scope = Scope::new(self.profile, *plan);
        Writer { out, profile: self.profile, plan: *plan, scope }.envelope(self);
    }

    /// The message as WCF writes it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(1024);
        self.write(&mut out);
        out
    }
}

impl Writer<'_> {
    fn envelope(&mut self, envelope: &Envelope<'_>) {
        self.open(self.plan.soap, "Envelope");
        self.declare(self.plan.soap, self.profile.soap.namespace());
        self.declare_shared_namespaces(&envelope.headers);
        self.push(">");
        if !envelope.headers.is_empty() {
            self.start(self.plan.soap, "Header");
            for header in &envelope.headers {
                self.header(header);
            }
            self.end(self.plan.soap, "Header");
        }
        self.body(envelope);
        self.end(self.plan.soap, "Envelope");
    }

    fn declare_shared_namespaces(&mut self, headers: &[Header<'_>]) {
        for header in headers {
            match shared_namespace(&header.kind, self.profile) {
                Some(SharedNamespace::Addressing) if !self.scope.addressing => {
                    self.scope.addressing = true;
                    self.declare(self.plan.addressing, self.profile.addressing.namespace());
                }
                Some(SharedNamespace::Rm) if !self.scope.rm => {
                    self.scope.rm = true;
                    self.declare(self.plan.rm, self.profile.rm.namespace());
                }
                _ => {}
            }
            if self.scope.addressing && self.scope.rm {
                return;
            }
        }
    }
}

fn shared_namespace(kind: &HeaderKind<'_>, profile: WireProfile) -> Option<SharedNamespace> {
    let name = match kind {
        HeaderKind::Sequence(_)
        | HeaderKind::SequenceAcknowledgement(_)
        | HeaderKind::AckRequested(_)
        | HeaderKind::SequenceFault(_)
        | HeaderKind::UsesSequenceStr
        | HeaderKind::UsesSequenceSsl => return Some(SharedNamespace::Rm),
        HeaderKind::Action(_)
        | HeaderKind::MessageId(_)
        | HeaderKind::RelatesTo(_)
        | HeaderKind::ReplyTo(_)
        | HeaderKind::From(_)
        | HeaderKind::FaultTo(_)
        | HeaderKind::To(_) => return Some(SharedNamespace::Addressing),
        HeaderKind::NotUnderstood(_) => return None,
        HeaderKind::Malformed(header) => &header.name,
        HeaderKind::Other { name, .. } => name,
    };
    if name.namespace == profile.rm.namespace() {
        Some(SharedNamespace::Rm)
    } else if name.namespace == profile.addressing.namespace() {
        Some(SharedNamespace::Addressing)
    } else {
        None
    }
}
