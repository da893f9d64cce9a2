//! The policy in a WSDL.

use crate::measure::draft::{Draft, Kind, only};
use crate::measure::wound::{Wound, wound};

/// The bytes of the first RMAssertion.
fn assertion(draft: &Draft<'_>) -> Option<String> {
    draft.source(&["RMAssertion"])
}

fn is_11(draft: &Draft<'_>) -> Option<()> {
    only(assertion(draft)?.contains("/wsrmp/200702") || draft.body.contains("/ws-rx/wsrmp/200702"))
}

/// Puts a timer in the assertion's own namespace at the end of it.
fn timer(draft: &mut Draft<'_>, attribute: &str) -> Option<()> {
    let assertion = assertion(draft)?;
    let timer =
        format!("<InactivityTimeout xmlns=\"http://schemas.xmlsoap.org/ws/2005/02/rm/policy\"{attribute}/>");
    match assertion.ends_with("/>") {
        true => {
            let start = assertion.strip_suffix("/>")?;
            let name = start.strip_prefix('<')?.split_whitespace().next()?.to_owned();
            draft.put(&["RMAssertion"], &format!("{start}>{timer}</{name}>"))
        }
        false => draft.append(&["RMAssertion"], &timer),
    }
}

pub(super) const WOUNDS: &[Wound] = &[
    wound("policy-optional", Kind::Document, &["environment.policy-optional"], |d| {
        d.mark(
            &["RMAssertion"],
            "o:Optional=\"true\" xmlns:o=\"http://schemas.xmlsoap.org/ws/2004/09/policy\"",
        )
    }),
    wound("policy-timer-negative", Kind::Document, &["environment.policy-timer-value"], |d| {
        timer(d, " Milliseconds=\"-1\"")
    })
    .then(&["environment.policy-first-child"]),
    wound("policy-timer-without-value", Kind::Document, &["environment.policy-timer-value"], |d| {
        timer(d, "")
    })
    .then(&["environment.policy-first-child"]),
    wound("policy-timer-as-duration", Kind::Document, &["environment.policy-timer-value"], |d| {
        timer(d, " Milliseconds=\"PT10M\"")
    })
    .then(&["environment.policy-first-child"]),
    wound("policy-of-both-versions", Kind::Document, &["environment.policy-one-version"], |d| {
        is_11(d)?;
        d.after(&["RMAssertion"], "<RMAssertion xmlns=\"http://schemas.xmlsoap.org/ws/2005/02/rm/policy\"/>")
    }),
    wound("policy-secured-twice", Kind::Document, &["environment.policy-one-security"], |d| {
        is_11(d)?;
        let (rm, policy) =
            ("http://docs.oasis-open.org/ws-rx/wsrmp/200702", "http://schemas.xmlsoap.org/ws/2004/09/policy");
        let both = format!("<SequenceSTR xmlns=\"{rm}\"/><SequenceTransportSecurity xmlns=\"{rm}\"/>");
        d.put(
            &["RMAssertion"],
            &format!("<RMAssertion xmlns=\"{rm}\"><Policy xmlns=\"{policy}\">{both}</Policy></RMAssertion>"),
        )
    }),
    wound("policy-assures-twice", Kind::Document, &["environment.policy-one-assurance"], |d| {
        is_11(d)?;
        let (rm, policy) =
            ("http://docs.oasis-open.org/ws-rx/wsrmp/200702", "http://schemas.xmlsoap.org/ws/2004/09/policy");
        let both = format!("<ExactlyOnce xmlns=\"{rm}\"/><AtLeastOnce xmlns=\"{rm}\"/>");
        let assurance = format!(
            "<DeliveryAssurance xmlns=\"{rm}\"><Policy xmlns=\"{policy}\">{both}</Policy></DeliveryAssurance>"
        );
        d.put(
            &["RMAssertion"],
            &format!(
                "<RMAssertion xmlns=\"{rm}\"><Policy xmlns=\"{policy}\">{assurance}</Policy></RMAssertion>"
            ),
        )
    }),
    wound("policy-timer-first", Kind::Document, &["environment.policy-first-child"], |d| {
        is_11(d)?;
        let rm = "http://docs.oasis-open.org/ws-rx/wsrmp/200702";
        d.put(
            &["RMAssertion"],
            &format!(
                "<RMAssertion xmlns=\"{rm}\"><InactivityTimeout Milliseconds=\"600000\"/></RMAssertion>"
            ),
        )
    }),
    wound("policy-at-port-type", Kind::Document, &["environment.policy-subject"], |d| {
        let reference = d.source(&["PolicyReference"])?;
        d.cut(&["PolicyReference"])?;
        let span = crate::measure::draft::element(&d.body, "portType", 0)?;
        let tag_end = span.start + d.body.get(span.start..)?.find('>')? + 1;
        d.body.insert_str(tag_end, &reference);
        Some(())
    }),
];
