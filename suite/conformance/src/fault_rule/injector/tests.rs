use rstest::rstest;

use super::*;
use crate::fault_rule::FaultRule;

const RM: &str = "http://schemas.xmlsoap.org/ws/2005/02/rm";

/// A message with an action and, where it has one, a number; `fault` makes it a fault with this code.
fn soap(action: &str, number: Option<u64>, fault: Option<&str>) -> String {
    let action =
        if action.contains('/') { action.to_owned() } else { format!("http://tempuri.org/IEcho/{action}") };
    let sequence = number.map_or_else(String::new, |number| {
        format!(
            "<r:Sequence><r:Identifier>urn:s</r:Identifier><r:MessageNumber>{number}</r:MessageNumber></r:Sequence>"
        )
    });
    let body = fault.map_or_else(
        || "<t:Text xmlns:t=\"http://tempuri.org/\">text</t:Text>".to_owned(),
        |code| {
            format!(
                "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>r:{code}</s:Value></s:Subcode>\
                 </s:Code><s:Reason><s:Text xml:lang=\"en\">no</s:Text></s:Reason></s:Fault>"
            )
        },
    );
    format!(
        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:r=\"{RM}\" \
         xmlns:a=\"http://www.w3.org/2005/08/addressing\"><s:Header>{sequence}<a:Action>{action}</a:Action>\
         </s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
}

fn request(action: &str, number: u64) -> Bytes {
    let body = soap(action, Some(number), None);
    format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into()
}

fn response(status: u16, body: &str) -> Bytes {
    format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into()
}

/// Time, and messages that come and go.
struct World {
    injector: FaultInjector,
    now: Timestamp,
}

impl World {
    fn new(rules: &[&str], seed: u64) -> Self {
        let rules = rules.iter().map(|rule| FaultRule::parse(rule).unwrap()).collect();
        Self { injector: FaultInjector::new(rules, seed), now: Timestamp::from_millis(1000) }
    }

    fn message(&mut self, direction: Direction, exchange: u64, raw: &Bytes) -> Injection {
        let passage = Passage { connection: 1, exchange, direction };
        self.injector.handle_message(self.now, passage, raw, HttpMessage::parse(raw).ok().as_ref())
    }

    fn ask(&mut self, exchange: u64, action: &str, number: u64) -> Injection {
        self.message(Direction::Request, exchange, &request(action, number))
    }

    fn answer(&mut self, exchange: u64, raw: &Bytes) -> Injection {
        self.message(Direction::Response, exchange, raw)
    }

    /// What was done to it; empty where nothing was.
    fn done(injection: &Injection) -> String {
        injection.injected.iter().map(|injected| injected.what.as_str()).collect::<Vec<_>>().join(", ")
    }

    fn delivered(&mut self, exchange: u64) {
        let passage = Passage { connection: 1, exchange, direction: Direction::Request };
        self.injector.handle_delivered(self.now, passage);
    }

    /// Lets time pass; which exchanges go on, and when.
    fn run(&mut self, millis: u64) -> Vec<(u64, u64)> {
        let end = self.now + Duration::from_millis(millis);
        let mut went_on = self.freed();
        while let Some(due) = self.injector.poll_timeout().filter(|due| *due <= end) {
            self.now = due.max(self.now);
            self.injector.handle_timeout(self.now);
            went_on.extend(self.freed());
        }
        self.now = end;
        went_on
    }

    fn freed(&mut self) -> Vec<(u64, u64)> {
        let millis = u64::try_from(self.now.since_origin().as_millis()).unwrap();
        std::iter::from_fn(|| self.injector.poll_release())
            .map(|passage| (passage.exchange, millis))
            .collect()
    }
}

/// Five requests: Echo 1, Send 2, Echo 3, Echo 3 again, CreateSequence without a number.
fn struck(rule: &str) -> Vec<u64> {
    let mut world = World::new(&[rule], 7);
    let create = soap(&format!("{RM}/CreateSequence"), None, None).replace(
        "<t:Text xmlns:t=\"http://tempuri.org/\">text</t:Text>",
        "<r:CreateSequence><r:AcksTo><a:Address>http://x/</a:Address></r:AcksTo></r:CreateSequence>",
    );
    let create: Bytes = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{create}", create.len()).into();
    let requests = [request("Echo", 1), request("Send", 2), request("Echo", 3), request("Echo", 3), create];
    let strike = |(exchange, raw): (u64, &Bytes)| {
        (!world.message(Direction::Request, exchange, raw).injected.is_empty()).then_some(exchange)
    };
    (1..).zip(&requests).filter_map(strike).collect()
}

#[rstest]
#[case("drop", &[1])]
#[case("drop every", &[1, 2, 3, 4, 5])]
#[case("drop every=2", &[2, 4])]
#[case("drop request Echo every", &[1, 3, 4])]
#[case("drop response every", &[])]
#[case("drop Echo nth=2", &[3])]
#[case("drop Echo nth=2-3", &[3, 4])]
#[case("drop #3 nth=2", &[4])]
#[case("drop #2-3 every", &[2, 3, 4])]
#[case("drop CreateSequence", &[5])]
#[case("drop http://tempuri.org/IEcho/Send", &[2])]
#[case("drop application every", &[1, 2, 3, 4])]
#[case("drop with=Sequence every", &[1, 2, 3, 4])]
#[case("drop with=AckRequested every", &[])]
#[case("drop p=0 every=1", &[])]
#[case("drop p=100%", &[1, 2, 3, 4, 5])]
#[case("drop p=0", &[])]
#[case("rewrite s/IEcho.Send/x/", &[])]
#[case("rewrite s,IEcho/Send,x,", &[2])]
#[case("rewrite s,IEcho/Echo,x, nth=2", &[3])]
fn which_requests(#[case] rule: &str, #[case] exchanges: &[u64]) {
    if rule.contains("every=1") {
        assert!(FaultRule::parse(rule).is_err(), "two occurrences");
        return;
    }
    assert_eq!(struck(rule), exchanges, "{rule}");
}

#[rstest]
#[case("drop response fault", &[3])]
#[case("drop code=SequenceTerminated every", &[3])]
#[case("drop code=Sender every", &[3])]
#[case("drop code=UnknownSequence every", &[])]
#[case("drop empty", &[2])]
#[case("drop other", &[4])]
#[case("drop EchoResponse", &[1])]
#[case("drop response to Echo every", &[1, 3])]
#[case("drop response to Send", &[2])]
#[case("drop response to application #3", &[3])]
#[case("drop response #9", &[1])]
fn which_responses(#[case] rule: &str, #[case] exchanges: &[u64]) {
    let mut world = World::new(&[rule], 7);
    let answers = [
        ("Echo", response(200, &soap("EchoResponse", Some(9), None))),
        ("Send", response(202, "")),
        ("Echo", response(500, &soap(&format!("{RM}/fault"), None, Some("SequenceTerminated")))),
        ("GET", response(200, "<html/>")),
    ];
    let mut struck = Vec::new();
    for (exchange, (action, answer)) in (1..).zip(&answers) {
        world.ask(exchange, action, exchange);
        if !world.answer(exchange, answer).injected.is_empty() {
            struck.push(exchange);
        }
    }
    assert_eq!(struck, exchanges, "{rule}");
}

#[rstest]
#[case("drop hang=2s", "dropped, the connection open for 2 s", Fate::Drop { hang: Duration::from_secs(2) })]
#[case("cut after=20", "cut after 20 of", Fate::Cut { after: 20 })]
#[case(
    "answer 503",
    "answered 503",
    Fate::Answer(Bytes::from_static(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"))
)]
#[case("duplicate times=2", "duplicated 2 times", Fate::Deliver)]
#[case("corrupt", "corrupted", Fate::Deliver)]
#[case("rewrite s/text/TEXT/", "rewritten", Fate::Deliver)]
fn what_is_done(#[case] rule: &str, #[case] done: &str, #[case] fate: Fate) {
    let mut world = World::new(&[rule], 7);
    let injection = world.ask(1, "Echo", 1);
    assert!(World::done(&injection).starts_with(done), "{injection:?}");
    assert_eq!(injection.order.fate, fate);
    assert!(!injection.order.hold);
    assert_eq!(injection.order.copies, if rule.starts_with("duplicate") { 2 } else { 0 });
    assert_eq!(injection.order.replacement.is_some(), ["corrupted", "rewritten"].contains(&done));
}

#[test]
fn rules_add_up_until_the_message_is_lost() {
    let rules =
        ["delay 1s", "rewrite s/text/TEXT/", "corrupt at=0 bytes=1", "drop", "duplicate", "drop nth=2"];
    let mut world = World::new(&rules, 7);
    let injection = world.ask(1, "Echo", 1);
    assert_eq!(World::done(&injection), "delayed by 1 s, rewritten, corrupted, dropped");
    let altered = injection.order.replacement.unwrap();
    assert!(String::from_utf8_lossy(&altered).contains(">TEXT<"));
    assert_eq!(world.run(5000), [(1, 2000)]);
    // The last rule has counted the first message too.
    assert_eq!(World::done(&world.ask(2, "Echo", 2)), "dropped");
    let counts: Vec<_> = world.injector.counts().map(|count| (count.fitting, count.applied)).collect();
    assert_eq!(counts, [(2, 1), (2, 1), (2, 1), (2, 1), (2, 0), (2, 1)]);
}

#[test]
fn a_delay_is_as_long_as_told() {
    let mut world = World::new(&["delay 250ms Echo every"], 7);
    assert!(world.ask(1, "Echo", 1).order.hold);
    assert_eq!(world.run(100), []);
    assert!(!world.ask(2, "Send", 2).order.hold);
    assert!(world.ask(3, "Echo", 3).order.hold);
    assert_eq!(world.run(1000), [(1, 1250), (3, 1350)]);
    assert_eq!(world.injector.poll_timeout(), None);
}

#[test]
fn a_hold_ends_at_a_time_of_the_run() {
    let mut world = World::new(&["hold until=3s every"], 7);
    assert!(world.ask(1, "Echo", 1).order.hold);
    world.run(1000);
    assert!(world.ask(2, "Echo", 2).order.hold);
    assert_eq!(world.run(2000), [(1, 4000), (2, 4000)]);
    assert!(!world.ask(3, "Echo", 3).order.hold, "the time is over");
}

#[test]
fn a_held_message_goes_before_the_next() {
    let mut world = World::new(&["hold until=next Echo"], 7);
    assert!(world.ask(1, "Echo", 1).order.hold);
    assert_eq!(world.run(500), []);
    assert!(!world.answer(9, &response(202, "")).order.hold, "the other direction");
    assert!(world.ask(2, "Echo", 2).order.hold, "behind the one that was held");
    assert_eq!(world.freed(), [(1, 1500)]);
    world.delivered(1);
    assert_eq!(world.run(500), [(2, 1550)]);
}

#[test]
fn a_held_message_that_is_answered_has_arrived() {
    let mut world = World::new(&["hold until=next Echo"], 7);
    world.ask(1, "Echo", 1);
    world.ask(2, "Echo", 2);
    assert_eq!(world.freed(), [(1, 1000)]);
    world.answer(1, &response(202, ""));
    assert_eq!(world.freed(), [(2, 1000)]);
}

#[test]
fn a_reordered_message_goes_behind_the_next() {
    let mut world = World::new(&["reorder by=2 #1"], 7);
    assert!(world.ask(1, "Echo", 1).order.hold);
    assert!(!world.ask(2, "Echo", 2).order.hold);
    world.delivered(2);
    assert!(!world.ask(3, "Echo", 3).order.hold);
    assert_eq!(world.run(500), [], "one has passed");
    world.delivered(3);
    assert_eq!(world.run(500), [(1, 1550)]);
}

#[test]
fn what_is_lost_overtakes_nobody() {
    let mut world = World::new(&["reorder #1 limit=2s", "drop #2"], 7);
    assert!(world.ask(1, "Echo", 1).order.hold);
    assert_eq!(World::done(&world.ask(2, "Echo", 2)), "dropped");
    world.injector.handle_end(2);
    assert_eq!(world.run(5000), [(1, 3000)], "nobody came in time");
}

#[test]
fn waiting_ends_with_its_limit() {
    let mut world = World::new(&["hold until=next limit=400ms"], 7);
    assert!(world.ask(1, "Echo", 1).order.hold);
    assert_eq!(world.run(1000), [(1, 1400)]);
}

#[test]
fn an_exchange_that_is_over_is_forgotten() {
    let mut world = World::new(&["delay 1m every"], 7);
    world.ask(1, "Echo", 1);
    world.injector.handle_end(1);
    assert_eq!(world.run(100_000), []);
    assert!(world.injector.requests.is_empty() && world.injector.poll_timeout().is_none());
}

#[test]
fn chance_hangs_on_the_seed_and_the_message_alone() {
    let struck = |seed, order: &[u64]| {
        let mut world = World::new(&["drop p=0.3"], seed);
        let mut struck: Vec<u64> = order
            .iter()
            .filter(|number| !world.ask(**number, "Echo", **number).injected.is_empty())
            .copied()
            .collect();
        struck.sort_unstable();
        struck
    };
    let (forwards, backwards): (Vec<u64>, Vec<u64>) = ((1..=200).collect(), (1..=200).rev().collect());
    let first = struck(1, &forwards);
    assert_eq!(first, struck(1, &backwards));
    assert_ne!(first, struck(2, &forwards));
    assert!((40..80).contains(&first.len()), "{}", first.len());
    // The same message has another chance when it comes again.
    let repeated = struck(1, &[5; 200]);
    assert!((40..80).contains(&repeated.len()), "{}", repeated.len());
}
