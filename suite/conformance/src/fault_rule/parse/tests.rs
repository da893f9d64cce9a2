use rstest::rstest;

use super::*;

fn parse(text: &str) -> FaultRule {
    FaultRule::parse(text).unwrap()
}

const SECOND: Duration = Duration::from_secs(1);

#[rstest]
#[case("drop", FaultAction::Drop { hang: Duration::ZERO })]
#[case("drop hang=12s", FaultAction::Drop { hang: 12 * SECOND })]
#[case("duplicate", FaultAction::Duplicate { times: 1 })]
#[case("duplicate times=3", FaultAction::Duplicate { times: 3 })]
#[case("delay 1.5s", FaultAction::Delay(Duration::from_millis(1500)))]
#[case("delay response 250ms", FaultAction::Delay(Duration::from_millis(250)))]
#[case("hold until=next", FaultAction::Hold(Until::Next))]
#[case("hold until=1m", FaultAction::Hold(Until::Time(60 * SECOND)))]
#[case("reorder", FaultAction::Reorder { by: 1 })]
#[case("reorder by=2 limit=5s", FaultAction::Reorder { by: 2 })]
#[case("cut", FaultAction::Cut { after: None })]
#[case("cut after=0", FaultAction::Cut { after: Some(0) })]
#[case("corrupt", FaultAction::Corrupt { bytes: 1, at: None })]
#[case("corrupt bytes=4 at=0", FaultAction::Corrupt { bytes: 4, at: Some(0) })]
#[case("rewrite status=503", FaultAction::RewriteStatus(503))]
#[case("rewrite s/a b/c/", FaultAction::RewriteText { from: "a b".into(), to: "c".into(), all: false })]
#[case(
    r"rewrite s|x\|y|\n|g request",
    FaultAction::RewriteText { from: "x|y".into(), to: "\n".into(), all: true }
)]
#[case("rewrite s,/,,", FaultAction::RewriteText { from: "/".into(), to: String::new(), all: false })]
#[case("answer 503", FaultAction::Answer(503))]
fn actions(#[case] text: &str, #[case] action: FaultAction) {
    assert_eq!(parse(text).action(), &action);
}

#[rstest]
#[case("drop", None, None, None, None)]
#[case("drop request Echo", Some(Direction::Request), Some(Kind::Named("Echo".into())), None, None)]
#[case("drop Send #2-4", None, Some(Kind::Named("Send".into())), None, Some(2..=4))]
#[case("drop ack number=3", None, Some(Kind::Named("SequenceAcknowledgement".into())), None, Some(3..=3))]
#[case("drop createsequence", None, Some(Kind::Named("CreateSequence".into())), None, None)]
#[case("drop send", None, Some(Kind::Named("send".into())), None, None)]
#[case("drop urn:a/Submit", None, Some(Kind::Action("urn:a/Submit".into())), None, None)]
#[case("drop Fault", None, Some(Kind::Fault), None, None)]
#[case("drop to Echo", Some(Direction::Response), None, Some(Kind::Named("Echo".into())), None)]
#[case("drop response ack to application #1", Some(Direction::Response),
    Some(Kind::Named("SequenceAcknowledgement".into())), Some(Kind::Application), Some(1..=1))]
#[case("duplicate Echo", Some(Direction::Request), Some(Kind::Named("Echo".into())), None, None)]
#[case("rewrite status=500", Some(Direction::Response), None, None, None)]
fn filters(
    #[case] text: &str,
    #[case] direction: Option<Direction>,
    #[case] kind: Option<Kind>,
    #[case] to: Option<Kind>,
    #[case] number: Option<RangeInclusive<u64>>,
) {
    let filter = MessageFilter { direction, kind, to, number, ..MessageFilter::default() };
    assert_eq!(parse(text).filter(), &filter);
}

#[rstest]
#[case("drop", Occurrence::Nth(1..=1))]
#[case("drop nth=2", Occurrence::Nth(2..=2))]
#[case("drop nth=2-5", Occurrence::Nth(2..=5))]
#[case("drop every", Occurrence::Every(1))]
#[case("drop every=3", Occurrence::Every(3))]
#[case("drop p=0.25", Occurrence::Chance(0.25))]
#[case("drop p=10%", Occurrence::Chance(0.1))]
fn occurrences(#[case] text: &str, #[case] occurrence: Occurrence) {
    assert_eq!(parse(text).occurrence(), &occurrence);
}

#[rstest]
#[case("", "it is empty; a rule begins with drop, duplicate")]
#[case("lose Echo", "\"lose\" is nothing that can be done to a message")]
#[case("delay Echo", "delay needs a time, as in: delay 500ms")]
#[case("delay 500 Echo", "\"500\": expected a time up to an hour, as 250ms, 2s or 1m")]
#[case("delay 2h", "\"2h\": expected a time up to an hour")]
#[case("hold", "hold needs its end: until=next, or until=TIME of the run")]
#[case("answer Echo", "answer needs a status, as in: answer 503")]
#[case("answer 42", "\"42\": expected an HTTP status from 200 to 599")]
#[case("rewrite", "rewrite needs what to: status=CODE or s/FROM/TO/")]
#[case("rewrite s/a/b", "\"s/a/b\": expected s/FROM/TO/ or s/FROM/TO/g")]
#[case("rewrite s//b/", "\"s//b/\": expected s/FROM/TO/ or s/FROM/TO/g")]
#[case("rewrite s/a/b/i", "\"s/a/b/i\": expected s/FROM/TO/ or s/FROM/TO/g")]
#[case("rewrite status=500 s/a/b/", "\"status\" is too much")]
#[case("drop s/a/b/", "s/FROM/TO/ or status= is nothing that a rule with this action takes")]
#[case("drop times=2", "times= is nothing that a rule with this action takes")]
#[case("duplicate times=17", "\"times=17\": expected a number from 1 to 16")]
#[case("duplicate response", "HTTP has one response to a request")]
#[case("duplicate to Echo", "HTTP has one response to a request")]
#[case("rewrite request status=500", "only a response has a status")]
#[case("drop request to Echo", "only a response is a response to something")]
#[case("answer 500 response", "only a request can be answered")]
#[case("drop response to", "to needs the kind of the request")]
#[case("drop requst Echo", "\"requst\": did you mean request?")]
#[case("drop responses", "\"responses\": did you mean response?")]
#[case("drop CreateSequnce", "\"CreateSequnce\": did you mean CreateSequence?")]
#[case("drop Echo Send", "\"Send\" is too much: something before it says that already")]
#[case("drop nth=1 every", "\"every\" is too much")]
#[case("drop nth=0", "\"nth=0\": expected nth=N or nth=N-M, counted from 1")]
#[case("drop #4-2", "\"#4-2\": expected #N or #N-M")]
#[case("drop p=1.5", "\"p=1.5\": expected a probability: p=0.1 or p=10%")]
#[case("drop p=NaN", "\"p=NaN\": expected a probability")]
#[case("drop (Echo)", "\"(Echo)\": expected a kind of message, as CreateSequence, Echo or fault")]
fn flaws(#[case] text: &str, #[case] expected: &str) {
    let error = FaultRule::parse(text).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{text:?}: ")), "{error}");
    assert!(error.contains(expected), "{error}");
}

#[test]
fn a_rule_shows_as_it_was_written() {
    assert_eq!(parse("  drop   request Echo ").to_string(), "drop request Echo");
}
