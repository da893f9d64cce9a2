//! Whatever the peer says, and whenever: the session ends, and every call with it.

use proptest::prelude::*;
use wsrm_protocol::Pattern;
use wsrm_wire::{FaultCode, RmFault, RmVersion};

use crate::script::{OUTPUT, Say, Script, ack, final_ack};

#[derive(Debug, Clone)]
enum Step {
    Call(bool),
    Pass(u64),
    Answer(usize, Say),
    Close,
}

fn says() -> impl Strategy<Value = Say> {
    let range = (1u64..6, 0u64..4).prop_map(|(lower, more)| (lower, lower + more));
    let acks = (prop::collection::vec(range, 1..3), any::<bool>(), prop::option::of(0u32..4)).prop_map(
        |(ranges, is_final, buffer_remaining)| {
            let base = if is_final { final_ack(&ranges) } else { ack(&ranges) };
            crate::script::Ack { buffer_remaining, ..base }
        },
    );
    prop_oneof![
        4 => Just(Say::Lost),
        3 => prop::sample::select(vec![202u16, 400, 404, 500, 503]).prop_map(Say::Status),
        1 => Just(Say::Html),
        8 => Just(Say::Created),
        8 => (1u64..8).prop_map(|upper| Say::Ack(ack(&[(1, upper)]))),
        8 => (1u64..8, 1u64..8).prop_map(|(number, upper)| Say::Reply {
            number: Some(number),
            ack: Some(ack(&[(1, upper)])),
        }),
        3 => acks.prop_map(Say::Ack),
        3 => (1u64..8).prop_map(|upper| Say::Done { ack: Some(final_ack(&[(1, upper)])), relates_to: None }),
        1 => Just(Say::Fault {
            fault: RmFault::UnknownSequence { identifier: OUTPUT.into() },
            code: FaultCode::Sender,
        }),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => any::<bool>().prop_map(Step::Call),
        3 => (0u64..20_000).prop_map(Step::Pass),
        8 => (0usize..4, says()).prop_map(|(place, say)| Step::Answer(place, say)),
        1 => Just(Step::Close),
    ];
    prop::collection::vec(step, 0..60)
}

fn ends_of_calls(log: &str) -> usize {
    log.lines().filter(|line| line.contains("== call ")).count()
}

fn run(pattern: Pattern, rm: RmVersion, steps: &[Step]) -> Script {
    let mut script = Script::opened(pattern, rm, |config| {
        config.settings.inactivity_timeout = std::time::Duration::from_secs(120);
    });
    for step in steps {
        match step {
            Step::Call(two_way) => {
                script.call(*two_way);
            }
            Step::Pass(millis) => script.pass(*millis),
            Step::Answer(place, say) => {
                if !script.pending.is_empty() {
                    script.answer_nth(place % script.pending.len(), say);
                }
            }
            Step::Close => script.close(),
        }
    }
    script
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_session_and_every_call_ends(
        steps in steps(),
        both_ways in any::<bool>(),
        in_200702 in any::<bool>(),
    ) {
        let pattern = if both_ways { Pattern::RequestReply } else { Pattern::OneWay };
        let rm = if in_200702 { RmVersion::V200702 } else { RmVersion::February2005 };
        let mut script = run(pattern, rm, &steps);
        // The peer falls silent.
        script.close();
        script.pass(1_000_000);
        prop_assert_eq!(script.initiator.poll_timeout(), None, "{}", script.log);
        let calls = steps.iter().filter(|step| matches!(step, Step::Call(_))).count();
        prop_assert_eq!(ends_of_calls(&script.log), calls, "{}", script.log);
        let ends =
            script.log.lines().filter(|line| line.contains("== faulted") || line.ends_with("== closed"));
        prop_assert_eq!(ends.count(), 1, "{}", script.log);
        // Nothing more comes of it.
        let log = script.log.clone();
        while !script.pending.is_empty() {
            script.answer(&Say::Ack(ack(&[(1, 1)])));
        }
        prop_assert_eq!(log, script.log);
    }
}
