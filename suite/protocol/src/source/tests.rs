use proptest::prelude::*;
use rstest::rstest;

use super::*;

const MS: u64 = 1_000_000;

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn range(lower: u64, upper: u64) -> AcknowledgementRange {
    AcknowledgementRange::new(lower, upper)
}

fn set(ranges: &[(u64, u64)]) -> SequenceRanges {
    ranges.iter().map(|&(lower, upper)| range(lower, upper)).collect()
}

/// A source that has been acknowledged `acknowledged` messages, and has filled its window.
fn source(window: u32, acknowledged: u64) -> Source<u64> {
    let mut source = Source::new(window, Duration::from_millis(10), false);
    fill(&mut source, 0);
    while source.start <= acknowledged {
        let number = source.start;
        source.acknowledge(at(0), range(number, number), None);
        fill(&mut source, 0);
    }
    source
}

fn fill(source: &mut Source<u64>, millis: u64) {
    while source.has_room() {
        let number = source.highest() + 1;
        assert_eq!(source.add(at(millis), number * MS), number);
    }
}

#[test]
fn numbers_run_on_and_payloads_stay_until_acknowledged() {
    let mut source = source(8, 3);
    assert_eq!((source.start, source.highest()), (4, 7));
    assert_eq!(source.payload(3), None);
    assert_eq!(source.payload(4), Some(&(4 * MS)));
    source.acknowledge(at(1), range(1, 5), None);
    assert_eq!((source.payload(5), source.payload(6)), (None, Some(&(6 * MS))));
}

#[rstest]
#[case::all(&[(1, 6)], Ok(()))]
#[case::nothing(&[], Ok(()))]
#[case::old(&[(1, 2)], Ok(()))]
#[case::old_without_its_start(&[(2, 2)], Ok(()))]
#[case::gap(&[(1, 4), (6, 6)], Ok(()))]
#[case::new_alone(&[(5, 5)], Ok(()))]
#[case::never_sent(&[(1, 10)], Err(AcknowledgementSin::NeverSent))]
#[case::new_without_old(&[(2, 5)], Err(AcknowledgementSin::Inconsistent))]
#[case::new_with_less_old(&[(1, 2), (5, 5)], Err(AcknowledgementSin::Inconsistent))]
fn acknowledgements_are_judged(
    #[case] ranges: &[(u64, u64)],
    #[case] expected: Result<(), AcknowledgementSin>,
) {
    // 1 to 4 are acknowledged, 5 to 9 in flight.
    let source = source(8, 4);
    assert_eq!((source.start, source.highest()), (5, 9));
    assert_eq!(source.check(&set(ranges)), expected);
}

#[test]
fn what_was_acknowledged_beyond_a_gap_may_not_be_taken_back() {
    let mut source = source(8, 4);
    assert!(!source.acknowledge(at(1), range(7, 7), None));
    assert_eq!(source.check(&set(&[(1, 4), (6, 6)])), Err(AcknowledgementSin::Inconsistent));
    assert_eq!(source.check(&set(&[(1, 4)])), Ok(()), "nothing new, so it is only old");
    assert_eq!(source.check(&set(&[(1, 7)])), Ok(()));
    assert_eq!(source.check(&set(&[(1, 4), (7, 7)])), Ok(()));
}

#[test]
fn a_reply_to_the_head_takes_along_those_that_came_before_it() {
    let mut source = source(8, 4);
    source.acknowledge(at(1), range(6, 6), None);
    source.acknowledge(at(1), range(7, 7), None);
    assert_eq!(source.start, 5);
    source.acknowledge(at(2), range(5, 5), None);
    assert_eq!((source.start, source.transferred), (8, 0));
}

#[test]
fn the_timer_repeats_the_head_and_narrows_the_window() {
    let mut source = source(8, 4);
    assert_eq!(source.retry_at(), Some(at(405)), "four round trips of 0 ms after one of 10 ms");
    assert_eq!(source.retry_due(at(404)), None);
    assert_eq!(source.retry_due(at(405)), Some(Retry { number: 5, attempt: 1 }));
    assert_eq!(source.congestion.size(), 1);
    assert!(!source.has_room());
    // The timeout doubles until the next acknowledgement.
    let wait = source.retry_at().unwrap() - at(405);
    assert!((805..=820).contains(&wait.as_millis()), "{wait:?}");
    assert_eq!(source.retry_due(source.retry_at().unwrap()), Some(Retry { number: 5, attempt: 2 }));
}

#[test]
fn after_a_loss_all_that_the_window_reaches_is_repeated() {
    let mut source = source(8, 4);
    let highest = source.highest();
    source.retry_due(at(500));
    assert!(source.acknowledge(at(600), range(1, 5), None), "there is something to repeat");
    assert_eq!(source.next_resend(), Some(Retry { number: 6, attempt: 1 }));
    assert_eq!(source.next_resend(), Some(Retry { number: 6, attempt: 1 }), "until it is acknowledged");
    // While the first is being repeated, more can be added to the list, but it does not begin again.
    assert!(!source.acknowledge(at(601), range(1, 6), None));
    assert_eq!(source.next_resend(), Some(Retry { number: 7, attempt: 1 }));
    source.acknowledge(at(602), range(1, highest), None);
    assert_eq!(source.next_resend(), None);
    assert_eq!(source.retry_at(), None);
}

#[test]
fn the_peer_says_how_much_it_takes() {
    let mut source = Source::new(8, Duration::ZERO, false);
    source.add(at(0), 0u64);
    source.acknowledge(at(0), range(1, 1), Some(0));
    assert!(!source.has_room() && source.is_blocked_by_peer() && source.places() == 0);
    // The same acknowledgement with more room raises the quota, one with less does not lower it.
    source.acknowledge(at(0), range(1, 1), Some(3));
    assert_eq!((source.places(), source.is_blocked_by_peer()), (2, false));
    source.acknowledge(at(0), range(1, 1), Some(1));
    assert_eq!(source.quota, 3);
    source.add(at(0), 0);
    source.add(at(0), 0);
    assert_eq!(source.quota, 1);
    // What is in flight behind the acknowledged message counts against what remains.
    source.acknowledge(at(0), range(1, 2), Some(5));
    assert_eq!(source.quota, 4);
}

#[test]
fn asks_for_an_acknowledgement_when_none_may_follow() {
    let mut source = Source::new(4, Duration::ZERO, true);
    source.add(at(0), ());
    assert!(source.asks_acknowledgement(1), "the window holds one");
    source.acknowledge(at(0), range(1, 1), Some(2));
    source.add(at(0), ());
    assert!(!source.asks_acknowledgement(2));
    source.add(at(0), ());
    assert!(source.asks_acknowledgement(3), "the window is full");
}

#[test]
fn the_end_is_known_when_all_is_acknowledged() {
    let mut source = Source::new(4, Duration::ZERO, false);
    assert!(!source.is_done());
    source.add(at(0), ());
    assert!(!source.set_last());
    source.acknowledge(at(0), range(1, 1), None);
    assert!(source.is_done());

    let mut empty = Source::<()>::new(4, Duration::ZERO, false);
    assert!(empty.set_last(), "nothing was sent");
    assert_eq!(empty.last(), Some(0));
}

#[test]
fn a_closed_source_is_deaf() {
    let mut source = source(8, 4);
    let highest = source.highest();
    source.close();
    assert_eq!((source.highest(), source.retry_at(), source.has_room()), (highest, None, false));
    assert_eq!(source.check(&set(&[(1, 99)])), Ok(()));
    assert!(!source.acknowledge(at(0), range(1, 99), Some(1)));
    assert_eq!(source.retry_due(at(1 << 40)), None);
}

#[derive(Debug, Clone)]
enum Step {
    Fill,
    Pass(u64),
    Acknowledge(Vec<(u64, u64)>, Option<u32>),
    Transferred(u64, Option<u32>),
    Resend,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let buffer = || prop::option::of(0u32..20);
    let ranges = prop::collection::vec((0u64..12, 0u64..6), 1..4);
    let step = prop_oneof![
        3 => Just(Step::Fill),
        2 => (0u64..3_000).prop_map(Step::Pass),
        3 => (ranges, buffer()).prop_map(|(ranges, buffer)| Step::Acknowledge(ranges, buffer)),
        3 => (0u64..12, buffer()).prop_map(|(offset, buffer)| Step::Transferred(offset, buffer)),
        1 => Just(Step::Resend),
    ];
    prop::collection::vec(step, 0..120)
}

proptest! {
    /// Whatever is acknowledged, the source keeps its books.
    #[test]
    fn books_are_kept(steps in steps(), window in 1u32..12) {
        let mut source = Source::new(window, Duration::from_millis(10), false);
        let mut now = 0;
        for step in steps {
            let start = source.start;
            match step {
                Step::Fill => fill(&mut source, now),
                Step::Pass(millis) => {
                    now += millis;
                    source.retry_due(at(now));
                }
                Step::Acknowledge(ranges, buffer) => {
                    // Around the window: partly old, partly new, partly beyond it.
                    let ranges: SequenceRanges = ranges
                        .iter()
                        .map(|&(offset, length)| ((start.saturating_sub(4) + offset).max(1), length))
                        .map(|(lower, length)| range(lower, lower + length))
                        .collect();
                    if source.check(&ranges).is_ok() {
                        for &run in ranges.runs() {
                            source.acknowledge(at(now), run, buffer);
                        }
                    }
                }
                Step::Transferred(offset, buffer) => {
                    let number = (start.saturating_sub(2) + offset).max(1);
                    if number <= source.highest() {
                        source.acknowledge(at(now), range(number, number), buffer);
                    }
                }
                Step::Resend => {
                    source.next_resend();
                }
            }
            prop_assert!(source.start >= start);
            prop_assert!(source.entries.len() <= window as usize);
            let transferred = source.entries.iter().filter(|entry| entry.transferred).count() as u64;
            prop_assert_eq!(source.transferred, transferred);
            prop_assert!(source.entries.front().is_none_or(|head| !head.transferred));
            prop_assert_eq!(source.retry_at().is_some(), !source.entries.is_empty());
            let queued = source.entries.iter().filter(|entry| entry.in_resend).count();
            prop_assert!(queued <= source.resend.len());
            prop_assert!(source.resend.len() <= 2 * window as usize);
        }
    }
}
