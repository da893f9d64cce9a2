//! Which prefix stands for which namespace at the place where the writer is.

use super::PrefixPlan;
use crate::{WireProfile, namespace};

/// The bindings in force. There are few that a writer ever makes, so they are switches and not a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope {
    profile: WireProfile,
    plan: PrefixPlan,
    /// Whether the prefix of WS-Addressing is declared.
    pub(super) addressing: bool,
    /// Whether the prefix of WS-ReliableMessaging is declared.
    pub(super) rm: bool,
    /// Whether an RM body made its namespace the default.
    pub(super) rm_is_default: bool,
}

impl Scope {
    pub(super) const fn new(profile: WireProfile, plan: PrefixPlan) -> Self {
        Self { profile, plan, addressing: false, rm: false, rm_is_default: false }
    }

    /// What `prefix` stands for; the empty prefix stands for no namespace where nothing says otherwise.
    pub(super) fn namespace(&self, prefix: &str) -> Option<&'static str> {
        if prefix == self.plan.soap {
            Some(self.profile.soap.namespace())
        } else if prefix.is_empty() && self.rm_is_default {
            Some(self.profile.rm.namespace())
        } else if self.addressing && prefix == self.plan.addressing {
            Some(self.profile.addressing.namespace())
        } else if self.rm && prefix == self.plan.rm {
            Some(self.profile.rm.namespace())
        } else if prefix.is_empty() {
            Some("")
        } else if prefix == "xml" {
            Some(namespace::XML)
        } else {
            None
        }
    }

    /// A prefix that stands for `namespace`, if there is one.
    pub(super) fn prefix(&self, namespace: &str) -> Option<&'static str> {
        if self.rm_is_default && namespace == self.profile.rm.namespace() {
            Some("")
        } else if self.rm && namespace == self.profile.rm.namespace() {
            Some(self.plan.rm)
        } else if self.addressing && namespace == self.profile.addressing.namespace() {
            Some(self.plan.addressing)
        } else if namespace == self.profile.soap.namespace() {
            Some(self.plan.soap)
        } else if namespace == namespace::XML {
            Some("xml")
        } else {
            None
        }
    }

    /// The first single letter that stands for nothing, as .NET's writer picks prefixes.
    pub(super) fn free_letter(&self) -> &'static str {
        const LETTERS: [&str; 5] = ["a", "b", "c", "d", "e"];
        LETTERS.into_iter().find(|letter| self.namespace(letter).is_none()).unwrap_or("f")
    }
}
