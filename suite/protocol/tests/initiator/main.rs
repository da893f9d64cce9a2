//! What the client's session sends and tells, in scripts on a virtual clock.

#![expect(clippy::expect_used, reason = "helpers of tests; clippy exempts test functions alone")]

mod causes;
mod chaos;
mod script;
mod tables;

use rstest::rstest;
use script::{Say, Script, ack, final_ack, profile};
use wsrm_protocol::{Pattern, Timer};
use wsrm_wire::{RmVersion, WireProfile};

use RmVersion::{February2005, V200702};

const ONE_WAY: Pattern = Pattern::OneWay;
const BOTH_WAYS: Pattern = Pattern::RequestReply;

/// Compares a log with the one kept under `golden/initiator`.
fn golden(name: &str, log: &str) {
    insta::with_settings!({
        snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/../../golden/initiator"),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, log);
    });
}

fn reply(number: u64, acknowledged: u64) -> Say {
    Say::Reply { number: Some(number), ack: Some(ack(&[(1, acknowledged)])) }
}

fn done(acknowledged: u64) -> Say {
    Say::Done { ack: Some(final_ack(&[(1, acknowledged)])), relates_to: None }
}

fn end_session(script: &mut Script, pattern: Pattern, rm: RmVersion, sent: u64, replied: u64) {
    script.close();
    match (rm, pattern) {
        (February2005, Pattern::RequestReply) => {
            script.answer(&Say::Last { number: replied + 1, ack: ack(&[(1, sent + 1)]) });
            script.answer(&done(sent + 1));
        }
        (February2005, Pattern::OneWay) => {
            script.answer(&Say::Ack(ack(&[(1, sent + 1)])));
            script.answer(&Say::Status(202));
        }
        (V200702, _) => {
            script.answer(&done(sent));
            script.answer(&done(sent));
        }
    }
}

#[rstest]
#[case("one-way-rm10", ONE_WAY, February2005)]
#[case("one-way-rm11", ONE_WAY, V200702)]
#[case("both-ways-rm10", BOTH_WAYS, February2005)]
#[case("both-ways-rm11", BOTH_WAYS, V200702)]
fn session_without_faults(#[case] name: &str, #[case] pattern: Pattern, #[case] rm: RmVersion) {
    let mut script = Script::new(pattern, profile(rm), |_| {});
    script.open();
    script.pass(10);
    script.answer(&Say::Created);
    let two_way = pattern == BOTH_WAYS;
    for number in 1..=2 {
        script.call(two_way);
        script.pass(1);
        let answer = if two_way { reply(number, number) } else { Say::Ack(ack(&[(1, number)])) };
        script.answer(&answer);
    }
    // A one-way call among others gets an acknowledgement for a reply.
    script.call(false);
    script.answer(&Say::Ack(ack(&[(1, 3)])));
    end_session(&mut script, pattern, rm, 3, 2);
    assert_eq!(script.initiator.poll_timeout(), None);
    golden(&format!("session-{name}"), &script.log);
}

#[test]
fn every_profile_has_a_session() {
    for profile in WireProfile::all() {
        for pattern in [ONE_WAY, BOTH_WAYS] {
            let mut script = Script::new(pattern, profile, |_| {});
            script.open();
            script.answer(&Say::Created);
            let two_way = pattern == BOTH_WAYS;
            script.call(two_way);
            script.answer(&if two_way { reply(1, 1) } else { Say::Ack(ack(&[(1, 1)])) });
            end_session(&mut script, pattern, profile.rm, 1, u64::from(two_way));
            assert!(script.log.ends_with("== closed\n"), "{profile}:\n{}", script.log);
        }
    }
}

#[rstest]
#[case("rm10", February2005)]
#[case("rm11", V200702)]
fn empty_session(#[case] name: &str, #[case] rm: RmVersion) {
    let mut script = Script::opened(BOTH_WAYS, rm, |_| {});
    script.close();
    if rm == February2005 {
        script.answer(&Say::Last { number: 1, ack: ack(&[(1, 1)]) });
        script.answer(&done(1));
    } else {
        let nothing = Say::Done { ack: Some(final_ack(&[])), relates_to: None };
        script.answer(&nothing);
        script.answer(&nothing);
    }
    golden(&format!("empty-{name}"), &script.log);
}

#[test]
fn silent_peer_is_polled_and_given_up() {
    let mut script = Script::opened(ONE_WAY, V200702, |_| {});
    script.call(false);
    script.answer(&Say::Ack(ack(&[(1, 1)])));
    for _ in 0..20 {
        script.pass(37_500);
        while !script.pending.is_empty() {
            script.answer(&Say::Lost);
        }
    }
    golden("silence", &script.log);
}

#[test]
fn unanswered_message_is_repeated_and_given_up() {
    let mut script = Script::opened(ONE_WAY, February2005, |config| {
        // Nothing else shall end the session.
        config.settings.inactivity_timeout = wsrm_protocol::INFINITE;
    });
    script.call(false);
    script.answer(&Say::Status(202));
    for _ in 0..300 {
        script.pass(1_000);
        while !script.pending.is_empty() {
            script.answer(&Say::Status(202));
        }
    }
    golden("retransmission", &script.log);
}

#[test]
fn window_opens_slowly() {
    let mut script = Script::opened(ONE_WAY, V200702, |_| {});
    for _ in 0..16 {
        script.call(false);
    }
    let mut acknowledged = 0;
    while !script.pending.is_empty() {
        acknowledged += 1;
        script.answer(&Say::Ack(ack(&[(1, acknowledged)])));
    }
    golden("slow-start", &script.log);
}

#[test]
fn window_after_a_loss() {
    let mut script = Script::opened(ONE_WAY, V200702, |_| {});
    for _ in 0..8 {
        script.call(false);
    }
    script.answer(&Say::Ack(ack(&[(1, 1)])));
    script.answer(&Say::Ack(ack(&[(1, 2)])));
    // In flight: 3, 4, 5. The first is lost; the others are acknowledged beyond the gap, or not at all.
    script.answer(&Say::Lost);
    script.answer(&Say::Ack(ack(&[(1, 2), (4, 4)])));
    script.pass(500);
    // The repetition closes the gap; what may be lost is repeated one by one.
    script.answer_nth(script.pending.len() - 1, &Say::Ack(ack(&[(1, 4)])));
    script.pass(50);
    script.answer_nth(script.pending.len() - 1, &Say::Ack(ack(&[(1, 5)])));
    script.answer(&Say::Ack(ack(&[(1, 5)])));
    for upper in [6, 7, 8] {
        script.answer(&Say::Ack(ack(&[(1, upper)])));
    }
    golden("loss", &script.log);
}

#[test]
fn full_peer_is_polled_until_it_has_room() {
    let full = |upper| Say::Ack(script::Ack { buffer_remaining: Some(0), ..ack(&[(1, upper)]) });
    let mut script = Script::opened(ONE_WAY, V200702, |_| {});
    script.call(false);
    script.call(false);
    script.call(false);
    script.answer(&full(1));
    script.pass(30_000);
    script.answer(&full(1));
    // Those who have waited for 60 s give up when the next poll is due; who came later has a number by it.
    script.pass(20_000);
    script.call(false);
    script.pass(10_000);
    script.answer(&Say::Ack(ack(&[(1, 1)])));
    golden("full-peer", &script.log);
}

#[test]
fn flow_control_can_be_disobeyed() {
    let mut script = Script::opened(ONE_WAY, V200702, |config| config.settings.flow_control_enabled = false);
    script.call(false);
    script.call(false);
    script.answer(&Say::Ack(script::Ack { buffer_remaining: Some(0), ..ack(&[(1, 1)]) }));
    assert!(script.log.contains("-> #2"), "{}", script.log);
}

#[test]
fn a_call_returns_with_its_first_exchange() {
    let mut script = Script::opened(BOTH_WAYS, February2005, |_| {});
    script.call(true);
    script.pass(500);
    // The repetition is answered; the caller waits on the first request.
    script.answer_nth(1, &reply(1, 1));
    script.pass(5_000);
    script.answer(&Say::Lost);
    golden("late-return", &script.log);
}

#[test]
fn a_call_that_waits_too_long() {
    let mut script = Script::opened(BOTH_WAYS, V200702, |config| config.timeouts.send = secs(5));
    script.call(true);
    script.pass(1_000);
    script.call(true);
    script.pass(10_000);
    golden("reply-given-up", &script.log);

    let mut script = Script::opened(ONE_WAY, V200702, |config| config.timeouts.send = secs(5));
    script.call(false);
    script.pass(100);
    script.call(false);
    script.answer(&Say::Status(202));
    script.pass(6_000);
    assert!(script.log.contains("   5110 == call 1 failed: TimeoutException"), "{}", script.log);
    assert!(!script.log.contains("faulted"), "waiting in vain leaves the session as it is:\n{}", script.log);
}

#[test]
fn a_caller_can_be_preferred() {
    let mut script = Script::opened(ONE_WAY, V200702, |_| {});
    let calls: Vec<_> = (0..4).map(|_| script.call(false)).collect();
    assert_eq!(script.initiator.waiting_calls(), 3);
    assert!(script.initiator.prefer(calls[3]));
    assert!(!script.initiator.prefer(calls[0]), "it has its number");
    script.answer(&Say::Ack(ack(&[(1, 1)])));
    script.answer(&Say::Ack(ack(&[(1, 3)])));
    // Number 2 went to the call that was made last.
    let sent: Vec<_> = script.log.lines().filter(|line| line.ends_with("sent")).collect();
    assert!(sent[1].ends_with("call 3 sent"), "{sent:?}");
}

#[test]
fn a_first_round_trip_can_be_set() {
    let mut script = Script::opened(ONE_WAY, V200702, |_| {});
    script.call(false);
    script.initiator.set_initial_round_trip(std::time::Duration::from_millis(500));
    script.pass(1_499);
    assert!(!script.log.contains("again"), "{}", script.log);
    script.pass(1);
    assert!(script.log.contains("   1510 -> #1 again, 1"), "{}", script.log);
}

#[test]
fn opening_is_retried_with_the_same_bytes() {
    let mut script = Script::new(BOTH_WAYS, profile(February2005), |_| {});
    script.open();
    let first = script.pending[0].message.clone();
    script.pass(5);
    script.answer(&Say::Status(503));
    script.pass(10_000);
    assert_eq!(script.pending[0].message, first);
    script.answer(&Say::Lost);
    script.pass(10_000);
    script.answer(&Say::Created);
    script.call(true);
    // 20 s of opening make 60 s of patience.
    script.pass(59_000);
    golden("open-retried", &script.log);
}

/// Time and memory per message stay the same: what a session holds does not grow with what it has done.
#[rstest]
fn nothing_grows(#[values(ONE_WAY, BOTH_WAYS)] pattern: Pattern) {
    let mut script = Script::opened(pattern, V200702, |_| {});
    let mut sizes = Vec::new();
    for number in 1..=3_000 {
        script.call(pattern == BOTH_WAYS);
        script.answer(&match pattern {
            Pattern::OneWay => Say::Ack(ack(&[(1, number)])),
            Pattern::RequestReply => reply(number, number),
        });
        script.log.clear();
        if number == 1_000 || number == 3_000 {
            // Numbers of four digits each time.
            sizes.push(format!("{:?}", script.initiator).len());
        }
    }
    assert_eq!(sizes[0], sizes[1]);
}

#[test]
fn timers_can_run_one_by_one() {
    let mut script = Script::opened(ONE_WAY, V200702, |_| {});
    script.call(false);
    let at = script.initiator.poll_timeout().expect("a retransmission");
    let due: Vec<_> = script.initiator.timers().filter(|&(_, when)| when == at).collect();
    assert_eq!(due, [(Timer::Retransmission, at)]);
    script.now = at;
    for timer in Timer::ALL.into_iter().filter(|&timer| timer != Timer::Retransmission) {
        script.initiator.handle_timer(at, timer);
    }
    script.drain();
    assert!(!script.log.contains("again"), "{}", script.log);
    script.initiator.handle_timer(at, Timer::Retransmission);
    script.drain();
    assert!(script.log.contains("#1 again, 1"), "{}", script.log);
}

#[rstest]
#[case("close-timeout-rm10", February2005)]
#[case("close-timeout-rm11", V200702)]
fn closing_in_vain(#[case] name: &str, #[case] rm: RmVersion) {
    let mut script = Script::opened(BOTH_WAYS, rm, |config| config.timeouts.close = secs(25));
    script.close();
    for _ in 0..30 {
        script.pass(1_000);
        while !script.pending.is_empty() {
            script.answer(&Say::Status(202));
        }
    }
    golden(name, &script.log);
}

#[rstest]
#[case("terminate-unanswered-rm10", February2005)]
#[case("terminate-unanswered-rm11", V200702)]
fn termination_in_vain_is_good_enough(#[case] name: &str, #[case] rm: RmVersion) {
    let mut script = Script::opened(BOTH_WAYS, rm, |config| config.timeouts.close = secs(25));
    script.call(true);
    script.answer(&reply(1, 1));
    script.close();
    if rm == February2005 {
        script.answer(&Say::Last { number: 2, ack: ack(&[(1, 2)]) });
    } else {
        script.answer(&done(1));
    }
    for _ in 0..30 {
        while !script.pending.is_empty() {
            script.answer(&Say::Status(500));
        }
        script.pass(1_000);
    }
    golden(name, &script.log);
}

#[test]
fn closing_waits_for_acknowledgements() {
    let mut script = Script::opened(ONE_WAY, V200702, |_| {});
    script.call(false);
    script.answer(&Say::Status(202));
    script.close();
    script.answer(&Say::Ack(ack(&[(1, 1)])));
    script.answer(&done(1));
    script.answer(&done(1));
    golden("close-asks", &script.log);
}

#[test]
fn abort_tells_the_peer_once() {
    let mut script = Script::opened(BOTH_WAYS, V200702, |_| {});
    script.call(true);
    script.abort();
    script.abort();
    script.close();
    script.call(true);
    script.answer(&reply(1, 1));
    script.pass(1_000_000);
    golden("abort", &script.log);
}

#[test]
fn a_session_that_was_not_opened() {
    let mut script = Script::new(BOTH_WAYS, profile(V200702), |_| {});
    script.call(true);
    script.abort();
    assert_eq!(
        script.log,
        "      0 == faulted: CommunicationObjectAbortedException: The communication object, \
         System.ServiceModel.Channels.ServiceChannel, cannot be used for communication because it has been \
         Aborted.\n      0 == call 0 failed: CommunicationObjectAbortedException\n"
    );
}

fn secs(seconds: u64) -> std::time::Duration {
    std::time::Duration::from_secs(seconds)
}
