//! One answer each: what the session does about it.

use rstest::rstest;
use wsrm_protocol::Pattern;
use wsrm_wire::RmVersion::{self, February2005, V200702};
use wsrm_wire::{Acknowledged, FaultCode, RmFault};

use crate::script::{self, ADDRESS, Ack, OUTPUT, Say, Script, ack, final_ack, profile};

/// What a log says behind the line of the request itself, times left out.
fn outcome(log: &str) -> String {
    let lines: Vec<_> = log.lines().skip(1).map(|line| line.get(8..).unwrap_or(line)).collect();
    lines.join(" | ")
}

fn shortened(outcome: &str) -> String {
    // The texts are pinned by the snapshots; here the kinds matter.
    outcome
        .split(" | ")
        .map(|line| {
            let words: Vec<_> = line.splitn(3, ": ").take(2).collect();
            if line.starts_with("== faulted") { words.join(": ") } else { line.to_owned() }
        })
        .collect::<Vec<_>>()
        .join(" | ")
}

fn after_echo(rm: RmVersion, say: &Say) -> String {
    let mut script = Script::opened(Pattern::RequestReply, rm, |_| {});
    script.call(true);
    script.answer(say);
    outcome(&script.log)
}

const OFFER: &str = "urn:uuid:00000000-0000-0000-0000-000000000001";

fn sender(fault: RmFault<'static>) -> Say {
    Say::Fault { fault, code: FaultCode::Sender }
}

fn ack_of(acknowledged: Acknowledged) -> Ack {
    Ack { acknowledged, ..ack(&[]) }
}

#[rstest]
#[case::reply(Say::Reply { number: Some(1), ack: Some(ack(&[(1, 1)])) }, "== call 0 replied")]
#[case::without_sequence(Say::Reply { number: None, ack: Some(ack(&[(1, 1)])) }, "== call 0 replied")]
#[case::acknowledgement_alone(Say::Ack(ack(&[(1, 1)])), "== call 0 failed: CommunicationException")]
#[case::empty(Say::Status(202), "")]
#[case::empty_error(Say::Status(500), "")]
#[case::not_found(Say::Status(404), "")]
#[case::lost(Say::Lost, "")]
#[case::bad_request(Say::Status(400), "== call 0 failed: ProtocolException")]
#[case::html(Say::Html, "== call 0 failed: ProtocolException")]
#[case::no_acknowledgement(
    Say::Reply { number: Some(1), ack: None },
    "-> Fault Sender SequenceTerminated: A reply message was received with no acknowledgement. \
     | == faulted: ProtocolException | == call 0 failed: ProtocolException"
)]
#[case::never_sent(
    Say::Reply { number: Some(1), ack: Some(ack(&[(1, 2)])) },
    "-> Fault Sender InvalidAcknowledgement: The SequenceAcknowledgement violates the cumulative acknowledgement \
     invariant. | == faulted: ProtocolException | == call 0 failed: ProtocolException"
)]
#[case::nack(
    Say::Reply { number: Some(1), ack: Some(ack_of(Acknowledged::Nack(vec![1]))) },
    "-> Fault Sender InvalidAcknowledgement: The SequenceAcknowledgement violates the cumulative acknowledgement \
     invariant. | == faulted: ProtocolException | == call 0 failed: ProtocolException"
)]
#[case::foreign_acknowledgement(
    Say::Reply { number: Some(1), ack: Some(Ack { identifier: "urn:x".into(), ..ack(&[(1, 1)]) }) },
    "-> Fault Sender UnknownSequence: The value of wsrm:Identifier is not a known Sequence identifier. \
     | == faulted: CommunicationException | == call 0 failed: CommunicationException"
)]
#[case::terminated(
    sender(RmFault::SequenceTerminated { identifier: OUTPUT.into() }),
    "== faulted: ProtocolException | == call 0 failed: ProtocolException"
)]
#[case::terminated_by_receiver(
    Say::Fault { fault: RmFault::SequenceTerminated { identifier: OFFER.into() }, code: FaultCode::Receiver },
    "== faulted: CommunicationException | == call 0 failed: CommunicationException"
)]
#[case::unknown(
    sender(RmFault::UnknownSequence { identifier: OUTPUT.into() }),
    "== faulted: CommunicationException | == call 0 failed: CommunicationException"
)]
#[case::fault_for_another(
    sender(RmFault::SequenceTerminated { identifier: "urn:other".into() }),
    "== faulted: ProtocolException | == call 0 failed: ProtocolException"
)]
#[case::wsrm_required(
    sender(RmFault::WsrmRequired),
    "== faulted: ProtocolException | == call 0 failed: ProtocolException"
)]
fn answers_to_a_request(
    #[case] say: Say,
    #[case] expected: &str,
    #[values(February2005, V200702)] rm: RmVersion,
) {
    assert_eq!(shortened(&after_echo(rm, &say)), expected);
}

#[test]
fn a_destination_may_not_close() {
    let early = Say::Reply { number: Some(1), ack: Some(final_ack(&[(1, 1)])) };
    let expected = "-> Fault Sender SequenceTerminated: The RM source does not support an RM destination initiated \
                    close since messages can be lost. The reliable session cannot continue. | == faulted: \
                    ProtocolException | == call 0 failed: ProtocolException";
    assert_eq!(shortened(&after_echo(V200702, &early)), expected);
}

#[rstest]
#[case::accepted(Pattern::RequestReply, Say::Created, "== opened")]
#[case::other_spelling(
    Pattern::RequestReply,
    Say::CreatedBut { relates_to: None, accept: Some("HTTP://Service.Example:80/echo") },
    "== opened"
)]
#[case::one_way(Pattern::OneWay, Say::Created, "== opened")]
#[case::not_accepted(
    Pattern::RequestReply,
    Say::CreatedBut { relates_to: None, accept: None },
    "-> Fault Sender SequenceTerminated | == faulted: ProtocolException"
)]
#[case::accepted_elsewhere(
    Pattern::RequestReply,
    Say::CreatedBut { relates_to: None, accept: Some("http://service.example/other") },
    "-> Fault Sender SequenceTerminated | == faulted: ProtocolException"
)]
#[case::accepted_unasked(
    Pattern::OneWay,
    Say::CreatedBut { relates_to: None, accept: Some(ADDRESS) },
    "-> Fault Sender SequenceTerminated | == faulted: ProtocolException"
)]
#[case::other_relation(
    Pattern::OneWay,
    Say::CreatedBut { relates_to: Some("urn:other"), accept: None },
    "-> Fault Sender SequenceTerminated | == faulted: ProtocolException"
)]
#[case::refused(Pattern::OneWay, sender(RmFault::CreateSequenceRefused), "== faulted: ProtocolException")]
#[case::too_busy(
    Pattern::OneWay,
    Say::Fault { fault: RmFault::ConnectionLimitReached, code: FaultCode::Receiver },
    "== faulted: ServerTooBusyException"
)]
#[case::another_message(Pattern::OneWay, Say::Ack(ack(&[(1, 1)])), "== faulted: ProtocolException")]
#[case::bad_request(Pattern::OneWay, Say::Status(400), "== faulted: ProtocolException")]
#[case::unauthorized(Pattern::OneWay, Say::Status(401), "== faulted: MessageSecurityException")]
#[case::html(Pattern::OneWay, Say::Html, "== faulted: ProtocolException")]
#[case::empty(Pattern::OneWay, Say::Status(202), "")]
#[case::busy(Pattern::OneWay, Say::Status(503), "")]
#[case::lost(Pattern::OneWay, Say::Lost, "")]
fn answers_to_create_sequence(
    #[case] pattern: Pattern,
    #[case] say: Say,
    #[case] expected: &str,
    #[values(February2005, V200702)] rm: RmVersion,
) {
    let mut script = Script::new(pattern, profile(rm), |_| {});
    script.open();
    script.answer(&say);
    let log = outcome(&script.log);
    let kinds: Vec<_> = log
        .split(" | ")
        .map(|line| if line.starts_with("->") { line.split(": ").next().unwrap_or(line) } else { line })
        .collect();
    assert_eq!(shortened(&kinds.join(" | ")), expected);
}

#[rstest]
#[case::last_chance_empty(5, Say::Status(202), "== faulted: TimeoutException")]
#[case::last_chance_lost(5, Say::Lost, "== faulted: CommunicationException")]
#[case::last_chance_not_found(5, Say::Status(404), "== faulted: EndpointNotFoundException")]
#[case::no_last_chance(11, Say::Lost, "")]
fn the_last_sending_of_create_sequence(#[case] seconds: u64, #[case] say: Say, #[case] expected: &str) {
    let mut script = Script::new(Pattern::OneWay, profile(V200702), |config| {
        config.timeouts.open = std::time::Duration::from_secs(seconds);
    });
    script.open();
    script.answer(&say);
    assert_eq!(shortened(&outcome(&script.log)), expected);
}

#[rstest]
#[case::good(Say::Done { ack: Some(final_ack(&[(1, 1)])), relates_to: None }, "-> TerminateSequence")]
#[case::not_final(Say::Done { ack: Some(ack(&[(1, 1)])), relates_to: None }, "-> Fault Sender SequenceTerminated")]
#[case::no_acknowledgement(Say::Done { ack: None, relates_to: None }, "-> Fault Sender SequenceTerminated")]
#[case::short(
    Say::Done { ack: Some(final_ack(&[])), relates_to: None },
    "-> Fault Sender InvalidAcknowledgement"
)]
#[case::other_relation(
    Say::Done { ack: Some(final_ack(&[(1, 1)])), relates_to: Some("urn:other") },
    "-> Fault Sender SequenceTerminated"
)]
#[case::another_message(Say::Ack(final_ack(&[(1, 1)])), "-> Fault Sender SequenceTerminated")]
#[case::bad_request(Say::Status(400), "-> Fault Receiver SequenceTerminated")]
#[case::unknown(sender(RmFault::UnknownSequence { identifier: OUTPUT.into() }), "== faulted")]
#[case::empty(Say::Status(202), "")]
#[case::not_found(Say::Status(404), "")]
fn answers_to_close_sequence(
    #[case] say: Say,
    #[case] expected: &str,
    #[values(Pattern::OneWay, Pattern::RequestReply)] pattern: Pattern,
) {
    let mut script = Script::opened(pattern, V200702, |_| {});
    script.call(pattern == Pattern::RequestReply);
    let reply = match pattern {
        Pattern::OneWay => Say::Ack(ack(&[(1, 1)])),
        Pattern::RequestReply => Say::Reply { number: Some(1), ack: Some(ack(&[(1, 1)])) },
    };
    script.answer(&reply);
    script.close();
    script.log.clear();
    script.answer(&say);
    let first = script.log.lines().next().and_then(|line| line.get(8..)).unwrap_or_default();
    assert!(first.starts_with(expected) && (expected.is_empty() == first.is_empty()), "{}", script.log);
}

#[rstest]
#[case::good(Say::Done { ack: Some(final_ack(&[(1, 1)])), relates_to: None }, "== closed")]
#[case::unknown(sender(RmFault::UnknownSequence { identifier: OUTPUT.into() }), "== closed")]
#[case::not_final(Say::Done { ack: None, relates_to: None }, "-> Fault Sender SequenceTerminated")]
#[case::terminated(sender(RmFault::SequenceTerminated { identifier: OUTPUT.into() }), "== faulted")]
fn answers_to_terminate_sequence(
    #[case] say: Say,
    #[case] expected: &str,
    #[values(Pattern::OneWay, Pattern::RequestReply)] pattern: Pattern,
) {
    let mut script = Script::opened(pattern, V200702, |_| {});
    script.call(pattern == Pattern::RequestReply);
    script.answer(&match pattern {
        Pattern::OneWay => Say::Ack(ack(&[(1, 1)])),
        Pattern::RequestReply => Say::Reply { number: Some(1), ack: Some(ack(&[(1, 1)])) },
    });
    script.close();
    script.answer(&Say::Done { ack: Some(final_ack(&[(1, 1)])), relates_to: None });
    script.log.clear();
    script.answer(&say);
    let first = script.log.lines().next().and_then(|line| line.get(8..)).unwrap_or_default();
    assert!(first.starts_with(expected), "{}", script.log);
}

#[rstest]
#[case::nothing(script::Ack { acknowledged: Acknowledged::None, ..ack(&[]) }, "")]
#[case::again(ack(&[(1, 2)]), "")]
#[case::old(ack(&[(1, 1)]), "")]
#[case::never_sent(ack(&[(1, 4)]), "-> Fault Sender InvalidAcknowledgement")]
#[case::taken_back(ack(&[(2, 3)]), "-> Fault Sender InvalidAcknowledgement")]
fn acknowledgements_of_a_one_way_sequence(#[case] second: Ack, #[case] expected: &str) {
    let mut script = Script::opened(Pattern::OneWay, V200702, |_| {});
    for number in 1..=2 {
        script.call(false);
        script.answer(&Say::Ack(ack(&[(1, number)])));
    }
    script.call(false);
    script.log.clear();
    script.answer(&Say::Ack(second));
    let first = script.log.lines().next().and_then(|line| line.get(8..)).unwrap_or_default();
    if expected.is_empty() {
        assert_eq!(first, "== call 2 sent");
    } else {
        assert!(first.starts_with(expected), "{}", script.log);
    }
}
