//! Which requirements the cases put to the test.

use std::collections::BTreeSet;
use std::path::Path;

use wsrm_conformance::exercise::{Exercises, Side, UNEXERCISED};
use wsrm_conformance::explanation::Explanations;
use wsrm_oracle::Role;

use crate::CATALOGUE;

/// What is carried by the crate is what is measured, and each requirement that can be judged is exercised by a case for
/// each side that it binds alone, or stands in the table with its reason; and nothing stands there that is exercised.
pub(crate) fn what_is_not_has_its_reason() {
    let measured = Exercises::measure(&CATALOGUE, &Explanations::load().unwrap());
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden");
    insta::with_settings!({
        snapshot_path => &golden,
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!("exercises", measured.document().unwrap());
    });
    assert!(Exercises::load().unwrap() == measured, "the crate carries another measure: build it again");
    let mut missing = BTreeSet::new();
    for requirement in CATALOGUE.requirements().iter().filter(|requirement| requirement.is_judged()) {
        let exercises = measured.of_requirement(&requirement.id);
        let has = |side| exercises.iter().any(|exercise| exercise.side == side);
        let sides = Side::ALL.into_iter().filter(|side| match requirement.role {
            Role::Source => *side == Side::Source,
            Role::Destination => *side == Side::Destination,
            // One of them is enough: a service posts nothing, and a client answers nothing.
            Role::Either => *side == Side::Destination && !has(Side::Source),
        });
        missing.extend(sides.filter(|side| !has(*side)).map(|side| (requirement.id.clone(), side)));
    }
    let known: BTreeSet<(String, Side)> =
        UNEXERCISED.iter().map(|known| (known.requirement.to_owned(), known.side)).collect();
    assert_eq!(missing, known);
    assert!(UNEXERCISED.iter().all(|known| known.why.len() > 20));
}
