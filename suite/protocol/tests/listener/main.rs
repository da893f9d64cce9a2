//! What the service's side answers, as tables of stimulus and answer.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

mod refusals;
mod script;

use proptest::prelude::*;
use rstest::rstest;
use script::{Setting, check};
use wsrm_protocol::Pattern::{OneWay, RequestReply};
use wsrm_wire::RmVersion::{self, February2005, V200702};

#[test]
fn a_one_way_session_of_rm10() {
    check(
        &Setting::new(February2005, OneWay),
        "create => created in
         poll => ack 0-0 room 8
         1 => ack 1-1 room 7, (1)
         1 => ack 1-1 room 8
         3 => ack 1-1+3-3 room 7
         poll => ack 1-1+3-3 room 7
         2 => ack 1-3 room 6, (2), (3)
         last 4 => ack 1-4 room 8
         last 4 => ack 1-4 room 8
         3 => ack 1-4 room 8
         terminate => 202, (ended)
         terminate => 202
         last 4 => ack 1-4 room 8
         wait 61s => nothing
         terminate => fault UnknownSequence in",
    );
}

#[test]
fn a_one_way_session_of_rm11() {
    check(
        &Setting::new(V200702, OneWay),
        "create => created in
         poll => ack none room 8
         1 => ack 1-1 room 7, (1)
         3 => ack 1-1+3-3 room 7
         close 3 => closed ack 1-1+3-3! room 8
         2 => fault SequenceClosed in
         2? => fault SequenceClosed in ack 1-1+3-3! room 8
         3 => ack 1-1+3-3! room 8
         close 3 => closed ack 1-1+3-3! room 8
         terminate 3 => terminated ack 1-1+3-3! room 8, (ended)
         terminate 3 => terminated ack 1-1+3-3! room 8
         terminate 4 => fault SequenceTerminated in ack 1-1+3-3!
         terminate 3 => fault UnknownSequence in",
    );
}

#[test]
fn one_way_shutdowns_that_go_wrong() {
    check(
        &Setting::new(February2005, OneWay),
        "create => created in
         1 => ack 1-1 room 7, (1)
         terminate => fault SequenceTerminated in, (failed)
         create => created in2
         on in2: 2 => ack 2-2 room 7
         on in2: last 1 => fault LastMessageNumberExceeded in2, (failed)
         create => created in3
         on in3: 1L => ack 1-1 room 7, (1)
         on in3: 2 => fault LastMessageNumberExceeded in3, (failed)
         create => created in4
         on in4: ack 1-1 => abort
         on in4: 1 ack 1-1 => fault SequenceTerminated in4, (failed)",
    );
    check(
        &Setting::new(V200702, OneWay),
        "create => created in
         1 => ack 1-1 room 7, (1)
         terminate 1 => terminated ack 1-1! room 8, (ended)
         2 => fault SequenceClosed in
         create => created in2
         on in2: 1 => ack 1-1 room 7, (1)
         on in2: 3 => ack 1-1+3-3 room 7
         on in2: terminate 3 => terminated ack 1-1+3-3 room 7, (failed)
         on in2: terminate 3 => fault UnknownSequence in2
         create => created in3
         on in3: 1 => ack 1-1 room 7, (1)
         on in3: terminate => terminated ack 1-1 room 8, (failed)
         create => created in4
         on in4: 1 => ack 1-1 room 7, (1)
         on in4: 2 => ack 1-2 room 7, (2)
         on in4: close 1 => fault SequenceTerminated in4, (failed)",
    );
}

#[test]
fn a_two_way_session_of_rm10() {
    check(
        &Setting::new(February2005, RequestReply),
        "create => created in
         create => created in
         ack 1-1 => 202
         poll => ack 0-0 room 8
         1 => (1), reply 1 ack 1-1 room 8
         1 => reply 1 ack 1-1 room 8
         3 => 202
         2 ack 1-1 => (2), reply 2 ack 1-2 room 8
         1 => ack 1-2 room 8
         2 => reply 2 ack 1-2 room 8
         ack 1-2 => 202
         2 => ack 1-2 room 8
         last 3 ack 1-2 => last 3L ack 1-3 room 8
         last 3 => last 3L ack 1-3 room 8
         2 => ack 1-3 room 8
         terminate ack 1-2 => terminate out ack 1-3 room 8, (ended)
         terminate ack 1-3 => terminate out ack 1-3 room 8
         last 3 => last 3L ack 1-3 room 8
         last 4 => fault LastMessageNumberExceeded in
         terminate => fault UnknownSequence in",
    );
}

#[test]
fn a_two_way_session_of_rm11() {
    check(
        &Setting::new(V200702, RequestReply),
        "create => created in
         1 => (1), reply 1 ack 1-1 room 8
         2 ack 1-1 => (2), reply 2 ack 1-2 room 8
         close 2 ack 1-2 => closed ack 1-2! room 8
         3 => fault SequenceClosed in ack 1-2! room 8
         1 => ack 1-2! room 8
         poll => ack 1-2! room 8
         close 2 => closed ack 1-2! room 8
         terminate 2 ack 1-2 => terminated ack 1-2! room 8, (ended)
         terminate 2 ack 1-2 => terminated ack 1-2! room 8
         1 => ack 1-2! room 8
         close 3 => fault SequenceTerminated in ack 1-2!
         close 2 => fault UnknownSequence in",
    );
}

#[test]
fn two_way_shutdowns_that_go_wrong() {
    check(
        &Setting::new(February2005, RequestReply),
        "create => created in
         1 => (1), reply 1 ack 1-1 room 8
         terminate ack 1-1 => fault SequenceTerminated in, (failed)
         create out2 => created in2
         on in2: 1 => (1), reply 1 ack 1-1 room 8
         on in2: last 2 => last 2L ack 1-2 room 8
         on in2: terminate => fault SequenceTerminated in2, (failed)",
    );
    check(
        &Setting::new(V200702, RequestReply),
        "create => created in
         1 => (1), reply 1 ack 1-1 room 8
         close 1 => fault SequenceTerminated out, (failed)
         create out2 => created in2
         on in2: 1 => (1), reply 1 ack 1-1 room 8
         on in2: terminate 2 ack 1-1 => terminate out2 ack 1-1 room 8, (failed)
         create out3 => created in3
         on in3: 1 => (1), reply 1 ack 1-1 room 8
         on in3: terminate ack 1-1 => terminate out3 ack 1-1 room 8, (failed)
         create out4 => created in4
         on in4: 1 => (1), reply 1 ack 1-1 room 8
         on in4: terminate 1 ack 1-1 => terminated ack 1-1! room 8, (ended)
         on in4: 2 => fault SequenceClosed in4 ack 1-1! room 8
         create out5 => created in5
         on in5: 1 => (1), reply 1 ack 1-1 room 8
         on in5: 2 ack 1-1 => (2), reply 2 ack 1-2 room 8
         on in5: terminate 1 ack 1-2 => fault SequenceTerminated in5, (failed)",
    );
}

#[test]
fn a_pending_request_and_its_duplicates_are_answered_together() {
    let setting = Setting { automatic: false, ..Setting::new(February2005, RequestReply) };
    check(
        &setting,
        "create => created in
         1 => (1)
         1 => nothing
         2 => (2)
         poll => ack 1-2 room 8
         reply 2 => #4: reply 1 ack 1-2 room 8
         2 => reply 1 ack 1-2 room 8
         1 => nothing
         gone #3 => nothing
         reply 1 => #2: reply 2 ack 1-2 room 8, #8: reply 2 ack 1-2 room 8",
    );
}

#[test]
fn one_way_operations_are_acknowledged_as_of_their_arrival() {
    let setting = Setting { automatic: false, calls: 1, ..Setting::new(V200702, RequestReply) };
    check(
        &setting,
        "create => created in
         1 => (1)
         2 => nothing
         3 => nothing
         reply 1 => #2: reply 1 ack 1-3 room 6, (2)
         oneway 2 => #3: ack 1-2 room 7
         2 => ack 1-3 room 7
         done 2 => (3)
         reply 3 => #4: reply 2 ack 1-3 room 8
         close 3 ack 1-2 => closed ack 1-3! room 8",
    );
}

#[test]
fn last_message_waits_until_the_service_is_done() {
    let setting = Setting { automatic: false, ..Setting::new(February2005, RequestReply) };
    check(
        &setting,
        "create => created in
         1 => (1)
         last 2 => nothing
         last 2 => nothing
         reply 1 => #2: reply 1 ack 1-2 room 8, #3: last 2L ack 1-2 room 8, #4: last 2L ack 1-2 room 8
         terminate ack 1-1 => terminate out ack 1-2 room 8, (ended)",
    );
}

#[test]
fn the_reply_to_a_message_that_is_the_last_one_is_the_last_reply() {
    let setting = Setting { automatic: false, ..Setting::new(February2005, RequestReply) };
    check(
        &setting,
        "create => created in
         1 => (1)
         reply 1 => #2: reply 1 ack 1-1 room 8
         2L ack 1-1 => (2)
         reply 2 => #4: reply 2L ack 1-2 room 8
         2L => reply 2L ack 1-2 room 8
         terminate => terminate out ack 1-2 room 8, (ended)
         create out2 => created in2
         on in2: 1L => (1)
         oneway 1 => nothing
         done 1 => #9: last 1L ack 1-1 room 8",
    );
}

#[test]
fn close_waits_for_a_running_one_way_operation() {
    let setting = Setting { automatic: false, ..Setting::new(V200702, RequestReply) };
    check(
        &setting,
        "create => created in
         1 => (1)
         oneway 1 => #2: ack 1-1 room 8
         close 1 => nothing
         close 1 => #4: 202
         terminate 1 => nothing
         done 1 => #5: closed ack 1-1! room 8, #6: terminated ack 1-1! room 8, (ended)",
    );
}

#[test]
fn the_window_pushes_back() {
    let setting = Setting { automatic: false, window: 2, ..Setting::new(February2005, RequestReply) };
    check(
        &setting,
        "create => created in
         1 => (1)
         2 => (2)
         3 => (3)
         reply 1 => #2: reply 1 ack 1-3 room 2
         reply 2 => #3: reply 2 ack 1-3 room 2
         4 => 202
         poll ack 1-1 => ack 1-3 room 2
         4 => (4)",
    );
    let setting = Setting { automatic: false, window: 2, calls: 1, ..Setting::new(February2005, OneWay) };
    check(
        &setting,
        "create => created in
         1 => ack 1-1 room 1, (1)
         oneway 1 => nothing
         2 => ack 1-2 room 1
         3 => ack 1-3 room 0
         4 => ack 1-3 room 0
         poll => ack 1-3 room 0
         done 1 => (2)
         poll => ack 1-3 room 1
         6 => ack 1-3 room 1
         last 4 => ack 1-4 room 1",
    );
}

#[rstest]
#[case(February2005)]
#[case(V200702)]
fn a_failed_operation_closes_the_service(#[case] version: RmVersion) {
    let setting = Setting { automatic: false, ..Setting::new(version, RequestReply) };
    let refused = match version {
        February2005 => "fault SequenceTerminated in, (failed)",
        V200702 => "fault SequenceClosed in ack 1-1 room 8",
    };
    let afterwards = match version {
        February2005 => "fault UnknownSequence in",
        V200702 => "reply 1 ack 1-1 room 8",
    };
    check(
        &setting,
        &format!(
            "create => created in
             1 => (1)
             fail 1 => #2: reply 1 ack 1-1 room 8
             1 => reply 1 ack 1-1 room 8
             2 => {refused}
             1 => {afterwards}"
        ),
    );
}

#[test]
fn a_service_that_closes_waits_for_the_client_and_not_for_ever() {
    let setting = Setting { automatic: false, ..Setting::new(V200702, RequestReply) };
    check(
        &setting,
        "create => created in
         1 => (1)
         fail 1 => #2: reply 1 ack 1-1 room 8
         close 1 ack 1-1 => closed ack 1-1! room 8
         wait 59s => nothing
         wait 2s => (failed)
         terminate 1 => fault UnknownSequence in",
    );
    check(
        &setting,
        "create => created in
         1 => (1)
         2 => (2)
         fail 1 => #2: reply 1 ack 1-2 room 8, #3: abort, (failed)
         reply 2 => nothing",
    );
}

#[test]
fn the_application_can_drop_a_session() {
    let setting = Setting { automatic: false, ..Setting::new(February2005, RequestReply) };
    check(
        &setting,
        "create => created in
         1 => (1)
         2 => (2)
         abort 1 => #2: abort, #3: abort, (failed)
         1 => fault UnknownSequence in",
    );
    let setting = Setting { automatic: false, ..Setting::new(February2005, OneWay) };
    check(
        &setting,
        "create => created in
         1 => ack 1-1 room 7, (1)
         oneway 1 => nothing
         fail 1 => (failed)
         2 => fault UnknownSequence in",
    );
}

#[test]
fn a_fault_of_the_client_ends_the_session() {
    let setting = Setting { automatic: false, ..Setting::new(V200702, RequestReply) };
    check(
        &setting,
        "create => created in
         1 => (1)
         fault other => fault UnknownSequence other
         fault out => 202, #2: abort, (failed)
         fault in => fault UnknownSequence in
         create => created in2
         fault in2 => 202, (failed)",
    );
}

#[test]
fn what_belongs_to_no_session() {
    check(
        &Setting::new(V200702, RequestReply),
        "1 => fault UnknownSequence in
         ack 1-1 => fault UnknownSequence out
         1 ack 1-1 => fault UnknownSequence out
         create => created in
         on in9: 1 => fault UnknownSequence in9
         on in9: terminate 1 => fault UnknownSequence in9
         on in9: close 1 => fault UnknownSequence in9",
    );
}

#[test]
fn silence_ends_a_session_without_a_word() {
    let setting = Setting { automatic: false, ..Setting::new(February2005, RequestReply) };
    check(
        &setting,
        "create => created in
         1 => (1)
         wait 599s => nothing
         poll => ack 1-1 room 8
         wait 599s => nothing
         wait 1s => #2: abort, (failed)
         poll => fault UnknownSequence in",
    );
}

#[test]
fn a_session_that_only_polls_is_given_up_after_the_receive_timeout() {
    check(
        &Setting::new(February2005, OneWay),
        "create => created in
         wait 300s => nothing
         1 => ack 1-1 room 7, (1)
         wait 500s => nothing
         poll => ack 1-1 room 8
         wait 99s => nothing
         wait 1s => (failed)",
    );
}

#[test]
fn unordered_messages_are_delivered_as_they_come() {
    let setting = Setting { ordered: false, ..Setting::new(February2005, RequestReply) };
    check(
        &setting,
        "create => created in
         3 => (3), reply 1 ack 3-3 room 8
         1 => (1), reply 2 ack 1-1+3-3 room 8
         1000 => (1000), reply 3 ack 1-1+3-3+1000-1000 room 8
         2 => (2), reply 4 ack 1-3+1000-1000 room 8
         3 => reply 1 ack 1-3+1000-1000 room 8",
    );
}

#[rstest]
#[case(OneWay, 128)]
#[case(RequestReply, 128)]
fn an_unordered_destination_keeps_128_ranges(#[case] pattern: wsrm_protocol::Pattern, #[case] most: u64) {
    let setting = Setting { ordered: false, window: 4096, ..Setting::new(V200702, pattern) };
    let script: String = (1..=most + 2).map(|n| format!("{} =>\n", n * 2 - 1)).collect();
    let told = script::run(&setting, &format!("create =>\n{script}2 =>\n{} =>", most * 2 + 1));
    let lines: Vec<&str> = told.lines().collect();
    let delivered = lines.iter().filter(|line| line.contains('(')).count() as u64;
    assert_eq!(
        delivered,
        most + 2,
        "all but the two beyond, then 2 which joins runs, and one for the run it made free"
    );
    assert!(!lines[usize::try_from(most).unwrap() + 1].contains('('), "the 129th range is not taken");
}

#[test]
fn pending_sessions_are_limited_until_the_application_takes_them() {
    let setting = Setting { pending: Some(2), ..Setting::new(February2005, RequestReply) };
    check(
        &setting,
        "create => created uuid:00000000-0000-0000-0000-0000000000a1
         create out2 => created uuid:00000000-0000-0000-0000-0000000000a2
         create out3 => fault ConnectionLimitReached
         create out2 => created uuid:00000000-0000-0000-0000-0000000000a2
         accept => nothing
         create out3 => created in3",
    );
}

#[test]
fn a_full_listener_lets_terminated_sessions_go_first() {
    let setting = Setting { sessions: Some(2), ..Setting::new(V200702, OneWay) };
    check(
        &setting,
        "create => created in
         create => created in2
         create => fault ConnectionLimitReached
         1 => ack 1-1 room 7, (1)
         close 1 => closed ack 1-1! room 8
         terminate 1 => terminated ack 1-1! room 8, (ended)
         create => created in3
         terminate 1 => fault UnknownSequence in
         on in2: 1 => ack 1-1 room 7, (1)
         create => fault ConnectionLimitReached",
    );
}

const STIMULI: [&str; 28] = [
    "create",
    "create out2",
    "1",
    "2",
    "3",
    "1 ack 1-1",
    "2 ack 1-2",
    "4 ack 1-9",
    "2L",
    "3L ack 1-2",
    "2?",
    "9",
    "last 3",
    "last 2 ack 1-1",
    "close",
    "close 2 ack 1-2",
    "terminate 2",
    "terminate 2 ack 1-3",
    "poll",
    "ack 1-2",
    "fault out",
    "reply 1",
    "reply 2",
    "oneway 1",
    "done 1",
    "fail 2",
    "wait 40s",
    "on in2: 1",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever comes, in whatever order: no exchange is answered twice, and nothing breaks.
    #[test]
    fn any_order_of_anything(
        version in prop::sample::select(vec![February2005, V200702]),
        pattern in prop::sample::select(vec![OneWay, RequestReply]),
        (ordered, automatic, calls) in (any::<bool>(), any::<bool>(), 1usize..4),
        stimuli in prop::collection::vec(prop::sample::select(STIMULI.to_vec()), 0..60),
    ) {
        let setting = Setting { ordered, automatic, calls, window: 3, ..Setting::new(version, pattern) };
        let told = script::run(&setting, &format!("create =>\n{}", stimuli.join(" =>\n")));
        prop_assert_eq!(told.lines().count(), stimuli.len() + 1);
    }
}
