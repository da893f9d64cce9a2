//! One small monitor for each requirement that is judged, by family.
//!
//! What holds for all of them: nobody is blamed for what another did. An answer counts only where its request came
//! and could be read; a side is held to what it could know; and where two messages contradict each other the one is
//! blamed that breaks a rule by itself.

mod ack;
mod ack_requested;
mod addressing;
mod close;
mod create;
mod delivery;
mod environment;
mod fault;
mod flow;
mod form;
mod http;
mod last;
mod reply;
mod sequence;
mod soap;
mod terminate;
mod transmission;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::monitor::Check;

const FAMILIES: [&[Check]; 20] = [
    soap::CHECKS,
    http::CHECKS,
    addressing::CHECKS,
    addressing::headers::CHECKS,
    create::CHECKS,
    create::answer::CHECKS,
    create::security::CHECKS,
    create::vocabulary::CHECKS,
    sequence::CHECKS,
    ack::CHECKS,
    ack_requested::CHECKS,
    close::CHECKS,
    last::CHECKS,
    terminate::CHECKS,
    fault::CHECKS,
    delivery::CHECKS,
    reply::CHECKS,
    flow::CHECKS,
    transmission::CHECKS,
    environment::CHECKS,
];

/// All monitors.
pub(crate) fn all() -> impl Iterator<Item = &'static Check> {
    FAMILIES.into_iter().flatten()
}

/// The monitor of the requirement with this id.
pub(crate) fn find(id: &str) -> Option<&'static Check> {
    static BY_ID: OnceLock<BTreeMap<&'static str, &'static Check>> = OnceLock::new();
    BY_ID.get_or_init(|| all().map(|check| (check.id, check)).collect()).get(id).copied()
}
