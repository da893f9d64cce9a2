//! Which requirements the cases put to the test.

use std::collections::BTreeSet;

use wsrm_conformance::case::profiles;
use wsrm_conformance::case::virtual_time::{reference_target, run_reference};
use wsrm_conformance::cases::destination as cases;
use wsrm_conformance::judgement::Standing;
use wsrm_oracle::Role;
use wsrm_wire::{AddressingVersion, SoapVersion};

use crate::{PATTERNS, catalogue};

/// What no case exercises against the reference, and why not.
const NOT_EXERCISED: &[(&str, &str)] = &[
    (
        "addressing.missing-message-id-refused",
        "create.no-message-id provokes it; the reference closes the connection without an answer, as WCF does",
    ),
    (
        "fault.connection-limit",
        "create.flood provokes it; the reference takes each session at once, so that none is ever pending",
    ),
];

/// Each requirement that binds a destination and can be judged is exercised by some case in some profile, or stands in the
/// table with its reason; and nothing stands there that is exercised.
pub(crate) fn what_is_not_has_its_reason() {
    let mut exercised = BTreeSet::new();
    for profile in profiles().filter(|profile| {
        // Each version of SOAP and of addressing once.
        (profile.soap == SoapVersion::Soap12) == (profile.addressing == AddressingVersion::Addressing10)
    }) {
        for pattern in PATTERNS {
            let target = reference_target(profile, pattern);
            let is_usual = profile.soap == SoapVersion::Soap12;
            for case in cases::all().filter(|case| is_usual || !case.hostile) {
                let report = run_reference(case, &target, catalogue()).unwrap();
                let judged = report.judgement.requirements.iter();
                let met = judged.filter(|judged| judged.standing != Standing::NotExercised);
                exercised.extend(met.map(|judged| judged.requirement.id.clone()));
            }
        }
    }
    let binding = catalogue().requirements().iter();
    let binding = binding.filter(|requirement| requirement.is_judged() && requirement.role != Role::Source);
    let missing: BTreeSet<String> =
        binding.map(|requirement| requirement.id.clone()).filter(|id| !exercised.contains(id)).collect();
    let known: BTreeSet<String> = NOT_EXERCISED.iter().map(|(id, _)| (*id).to_owned()).collect();
    assert_eq!(missing, known);
    assert!(NOT_EXERCISED.iter().all(|(_, why)| why.len() > 20));
}
