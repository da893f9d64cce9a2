//! What other stacks are known to do otherwise, and the requirement that says so.

use libtest_mimic::{Failed, Trial};
use wsrm_oracle::Party;

use crate::catalogue;
use crate::recording::Recording;

/// What a stack does, as service or as client; the requirement that tells of it; a recording that shows it.
type Deviation = (Party, &'static str, &'static str, &'static str);

const SERVICE: Party = Party::Responder;
const CLIENT: Party = Party::Initiator;

#[rustfmt::skip]
const DEVIATIONS: &[Deviation] = &[
    // gSOAP
    (SERVICE, "duplicate answered by nothing", "delivery.duplicate-answered", "gsoap/30-probe-rm11"),
    (SERVICE, "question answered by nothing", "ack-requested.answered-at-once", "gsoap/30-probe-rm11"),
    (SERVICE, "question about an unknown sequence taken", "ack-requested.unknown-refused", "gsoap/30-probe-rm11"),
    (SERVICE, "no Final at the closing", "close.final", "gsoap/04-rm11-oneway-ack-on-200"),
    (SERVICE, "Final before the ranges", "ack.schema", "gsoap/04-rm11-oneway-ack-on-200"),
    (SERVICE, "message taken after the closing", "close.closed-fault", "gsoap/30-probe-rm11"),
    (SERVICE, "message acknowledged after the closing", "close.nothing-accepted", "gsoap/30-probe-rm11"),
    (SERVICE, "action of faults", "fault.action", "gsoap/17-rm11-expired"),
    (SERVICE, "fault without Detail", "fault.detail", "gsoap/30-probe-rm11"),
    (SERVICE, "fault relates to nothing", "addressing.fault-relates-to", "gsoap/32-probe-rm11-expires"),
    (SERVICE, "fault without SequenceFault", "fault.sequence-fault-present", "gsoap/16-rm11-after-close-soap11"),
    (SERVICE, "largest number taken", "sequence.rollover", "gsoap/30-probe-rm11"),
    (SERVICE, "number zero taken", "sequence.zero-refused", "gsoap/30-probe-rm11"),
    (SERVICE, "second end answered by nothing", "terminate.repeated-refused", "gsoap/30-probe-rm11"),
    (SERVICE, "message answered by nothing", "delivery.fresh-answered", "gsoap/03-rm11-nooffer-oneway"),
    (SERVICE, "creation without AcksTo taken", "create.no-acks-to-refused", "gsoap/30-probe-rm11"),
    (SERVICE, "Content-Type of nothing", "http.empty-content-type", "gsoap/01-rm11-soap11-basic"),
    (CLIENT, "empty Endpoint in an Offer", "create.vocabulary", "gsoap/40-rm10-soap11-basic"),
    (CLIENT, "Sequence may be ignored", "sequence.must-understand", "gsoap/01-rm11-soap11-basic"),
];

pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    DEVIATIONS.iter().map(|deviation| {
        let (_, what, requirement, recording) = deviation;
        let stack = recording.split('/').next().unwrap();
        let name = format!("deviation/{stack}/{}/{requirement}", what.replace(' ', "-"));
        Trial::test(name, move || check(deviation))
    })
}

fn check((party, _, requirement, name): &Deviation) -> Result<(), Failed> {
    let recording =
        Recording::all().iter().find(|recording| recording.name == *name).ok_or("no such recording")?;
    let verdict = recording.judge(catalogue());
    let is_it =
        verdict.findings().any(|finding| finding.requirement == *requirement && finding.party == *party);
    if is_it { Ok(()) } else { Err(format!("{requirement} is not found broken in {name}").into()) }
}
