//! Each family of requirements, over exchanges written by hand.

use rstest::rstest;

use crate::script::findings;

/// A one-way session of RM 1.1 that keeps all rules.
const ONE_WAY: &str = "> create id=1
    < created re=1
    > send1 s=1
    < ack ack-s=1-1 buffer=8
    > send2 s=2
    < ack ack-s=1-2 buffer=8
    > close id=2 last=2
    < closed re=2 ack-s=1-2 final buffer=8
    > terminate id=3 last=2
    < terminated re=3 ack-s=1-2 final buffer=8";

/// A two-way session of RM 1.1 that keeps all rules.
const TWO_WAY: &str = "> create id=1 offer=o
    < created re=1 accept
    > echo1 s=1 id=2
    < reply1 re=2 o=1 ack-s=1-1
    > echo2 s=2 id=3 ack-o=1-1
    < reply2 re=3 o=2 ack-s=1-2
    > close id=4 last=2 ack-o=1-2 final
    < closed re=4 ack-s=1-2 final
    > terminate id=5 last=2 ack-o=1-2 final
    < terminated re=5 ack-s=1-2 final";

/// A one-way session of RM 1.0 that keeps all rules.
const ONE_WAY_2005: &str = "> create id=1
    < created re=1
    > send1 s=1
    < ack ack-s=1-1
    > last s=2 mark
    < ack ack-s=1-2
    > terminate
    < 202";

/// A two-way session of RM 1.0 that keeps all rules.
const TWO_WAY_2005: &str = "> create id=1 offer=o
    < created re=1 accept
    > echo1 s=1 id=2
    < reply1 re=2 o=1 ack-s=1-1
    > last s=2 mark ack-o=1-1
    < last o=2 mark ack-s=1-2
    > terminate id=3 ack-o=1-2
    < terminate of=o ack-s=1-2";

#[rstest]
#[case("1.1", ONE_WAY)]
#[case("1.1", TWO_WAY)]
#[case("1.0", ONE_WAY_2005)]
#[case("1.0", TWO_WAY_2005)]
fn nothing_is_found_where_nothing_is(#[case] rm: &str, #[case] script: &str) {
    assert_eq!(findings(rm, script), Vec::<String>::new());
}

fn check(rm: &str, script: &str, from: &str, to: &str, expected: &[&str]) {
    assert!(script.contains(from), "{from}");
    assert_eq!(findings(rm, &script.replacen(from, to, 1)), expected);
}

#[rstest]
#[case::unasked(ONE_WAY, "created re=1", "created re=1 accept", &["create.accept-without-offer 01-response destination"])]
#[case::declined(TWO_WAY, "created re=1 accept", "created re=1", &["create.offer-accepted 01-response destination"])]
#[case::not_offered(TWO_WAY, " offer=o", "", &["create.offer-present 01-request source"])]
#[case::relates("> create id=1\n< created re=2", "", "", &["addressing.response-relates-to 01-response destination"])]
#[case::no_id("> create\n< created", "", "", &[
    "addressing.request-message-id 01-request source",
    "addressing.missing-message-id-refused 01-response destination",
])]
#[case::not_answered("> create id=1\n< 202", "", "", &["create.answered 01-response destination"])]
#[case::same_again("> create id=1\n< created re=1\n> create id=2\n< created re=2", "", "", &[
    "create.response-identifier-unique 02-response destination",
])]
fn create(#[case] script: &str, #[case] from: &str, #[case] to: &str, #[case] expected: &[&str]) {
    check("1.1", script, from, to, expected);
}

#[rstest]
#[case::gap("send2 s=2", "send2 s=3", &["sequence.no-gaps 03-request source"])]
#[case::not_one("send1 s=1", "send1 s=7", &["sequence.starts-at-one 02-request source"])]
#[case::twice("send2 s=2", "send2 s=1", &["sequence.number-once 03-request source"])]
#[case::zero("send1 s=1", "send1 s=0", &["sequence.message-number 02-request source"])]
#[case::unknown("send2 s=2", "send2 x=2", &["sequence.created-first 03-request source"])]
#[case::outside("send2 s=2", "send2", &["sequence.every-message 03-request source"])]
fn sequence(#[case] from: &str, #[case] to: &str, #[case] expected: &[&str]) {
    check("1.1", ONE_WAY, from, to, expected);
}

#[rstest]
#[case::never_sent("ack ack-s=1-1", "ack ack-s=1-5", &["ack.only-received 02-response destination"])]
#[case::shrinks("ack ack-s=1-2", "ack ack-s=2-2", &["ack.never-shrinks 03-response destination"])]
#[case::overlap("ack ack-s=1-2", "ack ack-s=1-2,2-2", &["ack.ranges-disjoint 03-response destination"])]
#[case::upside_down("ack ack-s=1-2", "ack ack-s=1-1,3-2", &["ack.lower-upper 03-response destination"])]
#[case::with_none("ack ack-s=1-2", "ack ack-s=1-2,none", &["ack.exclusive 03-response destination"])]
#[case::early_final("ack ack-s=1-1", "ack ack-s=1-1 final", &["ack.no-early-final 02-response destination"])]
#[case::unknown("ack ack-s=1-1", "ack ack-s=1-1 ack-x=1-1", &[
    "ack.known-sequence 02-response destination",
    "ack.single-header 02-response destination",
])]
#[case::room("buffer=8", "buffer=x", &["flow.value 02-response destination"])]
#[case::no_room("buffer=8", "buffer=0", &["flow.no-new-at-zero 03-request source"])]
#[case::not_at_all("ack ack-s=1-1 buffer=8", "202", &["delivery.fresh-answered 02-response destination"])]
fn ack(#[case] from: &str, #[case] to: &str, #[case] expected: &[&str]) {
    check("1.1", ONE_WAY, from, to, expected);
}

/// Of copies that are under way at once nobody knows which came first.
#[rstest]
#[case::first_is_empty("<3 202\n<4 ack ack-s=1-2", &[])]
#[case::second_is_empty("<3 ack ack-s=1-2\n<4 202", &[])]
fn at_once(#[case] answers: &str, #[case] expected: &[&str]) {
    let both = format!("> send2 s=2\n> send2 s=2\n{answers}");
    check("1.1", ONE_WAY, "> send2 s=2\n    < ack ack-s=1-2 buffer=8", &both, expected);
}

/// What was acknowledged before was taken before, whatever it came as.
#[test]
fn taken_before() {
    let from = "ack ack-s=1-1 buffer=8\n    > send2 s=2\n    < ack ack-s=1-2 buffer=8";
    let to = "ack ack-s=1-2 buffer=8\n    > send2 s=2\n    < 202";
    check("1.1", ONE_WAY, from, to, &["ack.only-received 02-response destination"]);
}

#[rstest]
#[case::ignored("> ask ask=s\n< 202", &[
    "ack-requested.answered-at-once 03-response destination",
])]
#[case::answered("> ask ask=s\n< ack ack-s=1-1", &[])]
#[case::foreign("> ask ask=x\n< 202", &[
    "ack-requested.known-sequence 03-request source",
    "ack-requested.unknown-refused 03-response destination",
])]
#[case::refused("> ask ask=x\n< fault:UnknownSequence of=x", &["ack-requested.known-sequence 03-request source"])]
fn ack_requested(#[case] exchange: &str, #[case] expected: &[&str]) {
    let script = ONE_WAY.replace("> send2", &format!("{exchange}\n> send2"));
    assert_eq!(findings("1.1", &script), expected);
}

#[rstest]
#[case::number("close id=2 last=2", "close id=2 last=3", &["close.last-number-value 04-request source"
    , "close.last-number-consistent 04-request source"])]
#[case::no_number("close id=2 last=2", "close id=2", &[
    "close.last-number 04-request source",
    "close.last-number-all-or-none 04-request source",
])]
#[case::unknown("close id=2", "close of=x id=2", &["close.known-sequence 04-request source"])]
#[case::not_final("closed re=2 ack-s=1-2 final", "closed re=2 ack-s=1-2", &["close.final 04-response destination"])]
#[case::no_ack("closed re=2 ack-s=1-2 final", "closed re=2", &["close.final 04-response destination"])]
#[case::other("closed re=2", "closed of=x re=2", &["close.response-identifier 04-response destination"])]
#[case::accepted("> terminate", "> send3 s=3\n< ack ack-s=1-3 final\n> terminate", &[
    "close.last-number-value 06-request source",
    "close.nothing-accepted 05-response destination",
    "close.closed-fault 05-response destination",
])]
fn close(#[case] from: &str, #[case] to: &str, #[case] expected: &[&str]) {
    let mut found = findings("1.1", &ONE_WAY.replacen(from, to, 1));
    let mut expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
    // What is accepted after the end is acknowledged again at the end.
    found.retain(|finding| !finding.ends_with("06-response destination"));
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[rstest]
#[case::no_mark("last s=2 mark", "last s=2", &["last.element 03-request source"])]
#[case::never("> last s=2 mark\n    < ack ack-s=1-2\n", "", &["last.before-terminate 03-request source"])]
#[case::ignored("ack ack-s=1-2", "202", &[
    "last.acknowledged 03-response destination",
])]
fn last(#[case] from: &str, #[case] to: &str, #[case] expected: &[&str]) {
    check("1.0", ONE_WAY_2005, from, to, expected);
}

#[rstest]
#[case::empty("< terminate of=o ack-s=1-2", "< 202", &["terminate.answered-2005 04-response destination"])]
#[case::no_replies("terminate id=3 ack-o=1-2", "terminate id=3", &["terminate.acknowledges-replies 04-request source"])]
#[case::last_ignored("< last o=2 mark ack-s=1-2", "< ack ack-s=1-2", &[
    "ack.only-received 04-request source",
    "last.answered 03-response destination",
])]
fn terminate(#[case] from: &str, #[case] to: &str, #[case] expected: &[&str]) {
    check("1.0", TWO_WAY_2005, from, to, expected);
}

#[rstest]
#[case::obeyed("fault:SequenceTerminated", &["fault.obeyed 03-request source"])]
#[case::unknown_name("fault:Whatever", &["fault.subcode 02-response destination"])]
#[case::foreign("fault:SequenceTerminated of=x", &["fault.identifier 02-response destination"])]
fn fault(#[case] answer: &str, #[case] expected: &[&str]) {
    let script = format!(
        "> create id=1\n< created re=1\n> send1 s=1\n< {answer}\n> send1 s=1\n< fault:UnknownSequence"
    );
    assert_eq!(findings("1.1", &script), expected);
}

#[rstest]
#[case::no_ack("reply2 re=3 o=2 ack-s=1-2", "reply2 re=3 o=2", &["reply.acknowledgement 04-response destination"])]
#[case::too_little("reply2 re=3 o=2 ack-s=1-2", "reply2 re=3 o=2 ack-s=1-1", &["reply.covers-request 03-response destination"])]
#[case::other_request("re=3", "re=2", &["addressing.reply-relates-to 03-response destination"])]
#[case::unheard("echo2 s=2 id=3 ack-o=1-1", "echo2 s=2 id=3", &["reply.acknowledged-by-source 03-request source"])]
fn reply(#[case] from: &str, #[case] to: &str, #[case] expected: &[&str]) {
    let found = findings("1.1", &TWO_WAY.replacen(from, to, 1));
    let at_all = |id: &&&str| found.iter().any(|finding| finding.split(' ').next() == id.split(' ').next());
    assert_eq!(expected.iter().filter(at_all).count(), expected.len(), "{found:?}");
}

#[rstest]
#[case::same("< reply1 re=2 o=1 ack-s=1-1", &[])]
#[case::new_one("< reply1 re=2 o=2 ack-s=1-1", &["reply.replayed 03-response destination"])]
#[case::nothing("< 202", &["delivery.duplicate-answered 03-response destination", "reply.replayed 03-response destination"])]
fn replayed(#[case] answer: &str, #[case] expected: &[&str]) {
    let script = format!(
        "> create id=1 offer=o\n< created re=1 accept\n> echo1 s=1 id=2\n< reply1 re=2 o=1 ack-s=1-1 lost\n\
         > echo1 s=1 id=2\n{answer}"
    );
    assert_eq!(findings("1.1", &script), expected);
}

#[rstest]
#[case::never("", &["delivery.retransmits 03-request source"])]
#[case::once("> send1 s=1\n< ack ack-s=1-1\n", &[])]
fn retransmits(#[case] again: &str, #[case] expected: &[&str]) {
    let script = format!(
        "> create id=1\n< created re=1\n> send1 s=1\n< -\n{again}> close id=2 last=1\n< closed re=2 ack-s=1-1 final"
    );
    assert_eq!(findings("1.1", &script), expected);
}
