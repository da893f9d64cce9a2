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
    // gSOAP, as service
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
    (SERVICE, "number 2^63 taken", "sequence.rollover", "gsoap/30-probe-rm11"),
    (SERVICE, "number zero taken", "sequence.zero-refused", "gsoap/30-probe-rm11"),
    (SERVICE, "second end answered by nothing", "terminate.repeated-refused", "gsoap/30-probe-rm11"),
    (SERVICE, "message answered by nothing", "delivery.fresh-answered", "gsoap/03-rm11-nooffer-oneway"),
    (SERVICE, "creation without AcksTo taken", "create.no-acks-to-refused", "gsoap/30-probe-rm11"),
    (SERVICE, "creation of the other version answered by nothing", "create.answered", "gsoap/30-probe-rm11"),
    (SERVICE, "Content-Type of nothing", "http.empty-content-type", "gsoap/01-rm11-soap11-basic"),
    (SERVICE, "Sequence of a reply may be ignored", "sequence.must-understand", "gsoap/01-rm11-soap11-basic"),
    (SERVICE, "lifetime not granted", "create.response-expires", "gsoap/03-rm11-nooffer-oneway"),
    (SERVICE, "identifiers that are no UUID", "create.identifier-uuid", "gsoap/01-rm11-soap11-basic"),
    (SERVICE, "status 400 of SOAP 1.2 faults", "http.fault-status-soap12", "gsoap/30-probe-rm11"),
    (SERVICE, "last message answered by nothing", "last.answered", "gsoap/40-rm10-soap11-basic"),
    (SERVICE, "end answered by a message in a one-way session", "terminate.one-way-empty", "gsoap/42-rm10-lost-resend"),
    // gSOAP, as client
    (CLIENT, "Sequence may be ignored", "sequence.must-understand", "gsoap/01-rm11-soap11-basic"),
    (CLIENT, "empty Endpoint in an Offer of February 2005", "create.vocabulary", "gsoap/40-rm10-soap11-basic"),
    (CLIENT, "end before all is acknowledged", "terminate.after-acknowledged", "gsoap/40-rm10-soap11-basic"),
    (CLIENT, "lifetime asked for", "create.no-expires", "gsoap/01-rm11-soap11-basic"),
    (CLIENT, "lost message not sent again", "delivery.retransmits", "gsoap/06-rm11-lost-request-nodiscard"),
    (CLIENT, "replies not acknowledged at the end", "terminate.acknowledges-replies", "gsoap/01-rm11-soap11-basic"),
    (CLIENT, "goes on after a fault", "fault.obeyed", "gsoap/63-client-vs-fault12"),
    // CXF, as service
    (SERVICE, "ranges beside None", "ack.exclusive", "cxf/A-echo-rm11-s11a10-addr"),
    (SERVICE, "reply not repeated", "reply.replayed", "cxf/B-echo-resp-dropped-rm10"),
    (SERVICE, "no Final at the end", "close.final", "cxf/A-last-echo-rm11"),
    (SERVICE, "last message not answered", "last.answered", "cxf/A-echo-rm10-s11a04"),
    (SERVICE, "end not answered", "terminate.answered-2005", "cxf/A-echo-rm10-s11a04"),
    (SERVICE, "empty 200", "http.empty-status", "cxf/B-echo-restart-rm10"),
    (SERVICE, "creation without AcksTo taken", "create.no-acks-to-refused", "cxf/C-cs-variants-oneway11s12a10"),
    (SERVICE, "Offer without Endpoint taken", "create.offer-without-endpoint-refused", "cxf/C-cs-variants-oneway11s12a10"),
    (SERVICE, "action of faults", "fault.action", "cxf/B-echo-restart-rm11"),
    (SERVICE, "fault without Identifier", "fault.detail", "cxf/B-echo-restart-rm10"),
    (SERVICE, "Content-Type of nothing", "http.empty-content-type", "cxf/A-echo-rm10-s11a04"),
    // CXF, as client
    (CLIENT, "replies not acknowledged", "reply.acknowledged-by-source", "cxf/A-mixed-rm10-s12a10"),
    (CLIENT, "lifetime asked for", "create.no-expires", "cxf/A-echo-rm10-s11a04"),
    (CLIENT, "ranges beside None", "ack.exclusive", "cxf/A-echo-rm11-s11a10-addr"),
    (CLIENT, "application message marked as last", "last.action", "cxf/A-last-echo-rm10"),
    (CLIENT, "closes before all is acknowledged", "close.after-acknowledged", "cxf/A-oneway-rm11-s12a10-addr"),
    // Metro
    (SERVICE, "Sequence of a last message may be ignored", "sequence.must-understand", "metro/A-echo-rm10-ordered"),
    (SERVICE, "identifiers that are no urn", "create.identifier-uuid", "metro/A-echo-rm10-ordered"),
    (SERVICE, "Offer neither accepted nor refused", "create.offer-accepted", "metro/C-create-ow11s12a10"),
    (SERVICE, "question answered by nothing", "ack-requested.answered-at-once", "metro/B-echo-slow-rm10"),
    (SERVICE, "action of faults", "fault.action-2005", "metro/B-echo-restart-rm10"),
    (CLIENT, "Sequence of a last message may be ignored", "sequence.must-understand", "metro/A-echo-rm10-ordered"),
    (CLIENT, "replies not acknowledged at the end", "terminate.acknowledges-replies", "metro/A-echo-rm10-ordered"),
    (CLIENT, "goes on after a fault", "fault.obeyed", "metro/B-echo-restart-rm10"),
    (CLIENT, "names an ended sequence", "terminate.nothing-after", "metro/B-echo-term-resp-lost-rm10"),
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
