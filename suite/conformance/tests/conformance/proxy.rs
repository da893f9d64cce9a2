//! The proxy between our own client and our own service: each harm as told, recorded and read back.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rstest::rstest;
use tokio::net::TcpListener;
use tokio::time::timeout;
use wsrm_conformance::fault_rule::{FaultInjector, FaultRule, RuleCount};
use wsrm_conformance::judgement::{Judgement, Selection};
use wsrm_conformance::ladder::Ladder;
use wsrm_conformance::proxy::{
    Grouping, Interposer, Messages, ProxyEvent, Recorder, RecorderConfig, SessionJudges,
};
use wsrm_conformance::recording::{self, Exchange, Provenance, Recording, Redaction};
use wsrm_conformance::replay::{Errata, Role, replay};
use wsrm_conformance::summary::{SequenceNames, Summary};
use wsrm_oracle::Catalogue;
use wsrm_protocol::{
    InitiatorConfig, ListenerConfig, OutgoingMessage, ReliableSessionSettings, Timeouts, Timestamp,
};
use wsrm_reference::proxy::{
    Control, Direction, Order, Passage, Progress, Proxy, ProxyLimits, Unanswered, Upstream,
};
use wsrm_reference::{
    Client, ClientConfig, ClientLimits, Contract, Host, HostConfig, RandomIdentifiers, Server, ServerLimits,
    contract,
};
use wsrm_wire::WireProfile;

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_secs(20);

/// A service, a proxy in front of it, and what it reports.
struct World {
    server: Server,
    proxy: Proxy,
    url: String,
    events: Arc<Mutex<Vec<ProxyEvent>>>,
    counts: wsrm_conformance::proxy::RuleCounts,
}

impl World {
    async fn new(rules: &[&str], seed: u64, grouping: Grouping) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = format!("http://{}/service", socket.local_addr().unwrap());
        let listener = ListenerConfig {
            address: service.clone(),
            profile: WireProfile::default(),
            pattern: Contract::echo().pattern(),
            settings: ReliableSessionSettings::default(),
            timeouts: Timeouts::default(),
            language: "en-US".to_owned(),
            max_concurrent_calls: 16,
            enforce_max_pending_channels: true,
        };
        let mut host = Host::new(HostConfig::default());
        let identifiers = Box::new(RandomIdentifiers::new());
        host.add_endpoint("/service", listener, Contract::echo(), identifiers).unwrap();
        let server = Server::start(socket, host, ServerLimits::default(), None).unwrap();

        let rules = rules.iter().map(|rule| FaultRule::parse(rule).unwrap()).collect();
        let events = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&events);
        let observer = Box::new(move |event| told.lock().unwrap().push(event));
        let interposer = Interposer::new(FaultInjector::new(rules, seed), grouping, observer);
        let counts = interposer.rule_counts();
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/service", socket.local_addr().unwrap());
        let upstream = Upstream::parse(&service).unwrap();
        let proxy = Proxy::start(socket, upstream, ProxyLimits::default(), Box::new(interposer)).unwrap();
        Self { server, proxy, url, events, counts }
    }

    /// A session with that many calls, one after the other; whether it ended well.
    async fn session(&self, calls: u64) -> bool {
        let initiator = InitiatorConfig {
            address: self.url.clone(),
            profile: WireProfile::default(),
            pattern: Contract::echo().pattern(),
            settings: ReliableSessionSettings::default(),
            timeouts: Timeouts::default(),
            language: "en-US".to_owned(),
        };
        let config = ClientConfig { initiator, limits: ClientLimits::default(), patient: false };
        let run = async {
            let client = Client::open(config).await?;
            for number in 1..=calls {
                let text = format!("message {number}");
                let body = contract::request_body("Echo", &text);
                client.call(OutgoingMessage { action: Contract::echo().action("Echo"), body }).await?;
            }
            client.close().await
        };
        timeout(PATIENCE, run).await.unwrap().is_ok()
    }

    /// Ends everything; what was reported, and how often the rules struck.
    async fn end(self) -> (Vec<ProxyEvent>, Vec<RuleCount>) {
        self.proxy.shutdown().await;
        self.server.shutdown().await;
        (std::mem::take(&mut *self.events.lock().unwrap()), self.counts.read())
    }
}

fn record(folder: &Path, grouping: Grouping, events: &[ProxyEvent]) -> usize {
    let mut recorder = Recorder::create(RecorderConfig {
        folder: folder.to_path_buf(),
        grouping,
        provenance: Provenance { client: "ours".to_owned(), ..Provenance::default() },
        redaction: Redaction::Secrets,
    })
    .unwrap();
    for event in events {
        recorder.record(event).unwrap();
    }
    recorder.flush().unwrap();
    recorder.recordings()
}

fn exchanges(events: &[ProxyEvent]) -> Vec<&Exchange> {
    let mut all: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            ProxyEvent::Exchange(passed) => match &passed.messages {
                Messages::Readable { exchange, .. } => Some((passed.ordinal, exchange)),
                Messages::Unreadable { .. } => None,
            },
            ProxyEvent::Refused { .. } => None,
        })
        .collect();
    all.sort_by_key(|(ordinal, _)| *ordinal);
    all.into_iter().map(|(_, exchange)| exchange).collect()
}

/// What became of an exchange: R and A stand for request and answer, x for one that was lost, ~ for one that was
/// changed, + for a copy, ! for an answer of the proxy's own.
fn fate(exchange: &Exchange) -> String {
    let part = |letter: &str, there: bool, delivered: bool, altered: bool| match (there, delivered, altered) {
        (false, ..) => String::new(),
        (_, _, true) => format!("{letter}~"),
        (_, true, _) => letter.to_owned(),
        _ => format!("{letter}x"),
    };
    let request = part("R", true, exchange.request_delivered, exchange.request_altered.is_some());
    let response = part(
        "A",
        exchange.response.is_some(),
        exchange.response_delivered,
        exchange.response_altered.is_some(),
    );
    let own = if exchange.timing.proxy.canned { "!" } else { "" };
    format!("{request}{}{response}{own}", "+".repeat(exchange.copies.len()))
}

/// The fates of the exchanges of a session with three calls, and whether it ended well.
#[rstest]
#[case::nothing("drop Foo", "RA RA RA RA RA RA", true)]
#[case::drop_request("drop request Echo #2", "RA RA Rx RA RA RA RA", true)]
#[case::drop_response("drop response to Echo #2", "RA RA RAx RA RA RA RA", true)]
#[case::drop_fourth("drop nth=4", "RA RAx RA RA RA RA RA", true)]
#[case::cut_request("cut request Echo #2", "RA RA Rx RA RA RA RA", true)]
#[case::cut_response("cut after=30 response to Echo #2", "RA RA RAx RA RA RA RA", true)]
#[case::duplicate("duplicate Echo #2 times=2", "RA RA R++A RA RA RA", true)]
#[case::duplicate_last("duplicate LastMessage", "RA RA RA RA R+A RA", true)]
#[case::delay_request("delay 100ms request Echo #2", "RA RA RA RA RA RA", true)]
#[case::delay_response("delay 100ms response to TerminateSequence", "RA RA RA RA RA RA", true)]
#[case::hold("hold until=next request Echo #2", "RA RA RA RA RA RA RA", true)]
#[case::hold_until("hold until=200ms request Echo #1", "RA RA RA RA RA RA", true)]
#[case::reorder("reorder request Echo #2", "RA RA RA RA RA RA RA", true)]
#[case::answer("answer 400 CreateSequence", "RxA!", false)]
#[case::status("rewrite status=500 response to CreateSequence", "RA~ RA RA RA RA RA", true)]
#[case::text("rewrite s/message 2/message 3/ request", "RA RA R~A RA RA RA", true)]
#[case::corrupt("corrupt at=0 response to CreateSequence", "RA~", false)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_harm_as_told(#[case] rule: &str, #[case] fates: &str, #[case] well: bool) {
    let world = World::new(&[rule], 7, Grouping::Sessions).await;
    let ended_well = world.session(3).await;
    let (events, counts) = world.end().await;
    let found: Vec<String> = exchanges(&events).into_iter().map(fate).collect();
    assert_eq!(found.join(" "), fates, "{rule}");
    assert_eq!(ended_well, well, "{rule}");
    let applied = u64::from(rule != "drop Foo");
    assert_eq!(counts[0].applied, applied, "{counts:?}");
    let done: Vec<&String> =
        exchanges(&events).iter().flat_map(|exchange| &exchange.timing.proxy.done).collect();
    assert_eq!(done.len() as u64, applied);
    assert!(done.iter().all(|done| done.ends_with(&format!("({rule})"))), "{done:?}");

    // What was recorded is what was reported.
    let tree = tempfile::tempdir().unwrap();
    assert_eq!(record(tree.path(), Grouping::Sessions, &events), 1);
    let recording = Recording::read(&tree.path().join("session-01")).unwrap();
    let read: Vec<String> = recording.exchanges().iter().map(fate).collect();
    assert_eq!(read, found);
    let numbers: Vec<u32> = recording.exchanges().iter().map(|exchange| exchange.number).collect();
    assert_eq!(numbers, (1..=u32::try_from(found.len()).unwrap()).collect::<Vec<_>>());
    let ladder = Ladder::of(&recording).render(100);
    assert_eq!(ladder.contains('╳'), fates.contains(['x', '~', '+']), "{ladder}");
    assert_eq!(blamed(&events), Vec::<String>::new(), "{rule}: what a rule did is nobody's fault\n{ladder}");
}

/// Further harm, of which it is only asked that nobody is blamed for it.
#[rstest]
#[case::hold_response("hold until=200ms response to Echo #2")]
#[case::cut_response_of_creation("cut response to CreateSequence")]
#[case::drop_response_of_last("drop response to LastMessage")]
#[case::duplicate_all("duplicate every")]
#[case::corrupt_request("corrupt at=0 request Echo #2")]
#[case::corrupt_by_seed("corrupt bytes=3 response to Echo #2")]
#[case::text_of_response("rewrite s/message 2/message 3/ response")]
#[case::status_of_reply("rewrite status=503 response to Echo #2")]
#[case::answer("answer 500 Echo #2")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_blamed_for_a_rule(#[case] rule: &str) {
    let world = World::new(&[rule], 7, Grouping::Sessions).await;
    world.session(3).await;
    let (events, counts) = world.end().await;
    assert!(counts.iter().all(|count| count.applied > 0), "{counts:?}");
    let fates: Vec<String> = exchanges(&events).into_iter().map(fate).collect();
    assert_eq!(blamed(&events), Vec::<String>::new(), "{rule}: {fates:?}");
}

/// What is held against either side, both of which do as WCF does.
fn blamed(events: &[ProxyEvent]) -> Vec<String> {
    const WCF: &str = "dotnet/wcf";
    let mut judges = SessionJudges::new(Catalogue::load().unwrap(), Selection::default(), WCF, WCF);
    for event in events {
        if let ProxyEvent::Exchange(exchange) = event {
            judges.exchange(exchange);
        }
    }
    let (sessions, _) = judges.finish();
    let judgements = sessions.iter().filter_map(|session| session.judgement.as_ref());
    let findings = judgements.flat_map(Judgement::findings);
    let failing = findings.filter(|finding| finding.level.is_failing() && finding.erratum.is_none());
    failing
        .map(|finding| {
            format!("{} by the {}: {}", finding.requirement, finding.role().as_str(), finding.seen)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delay_is_recorded_as_long_as_it_was() {
    let rules = ["delay 120ms request Echo #1", "delay 80ms response to Echo #2"];
    let world = World::new(&rules, 7, Grouping::Sessions).await;
    assert!(world.session(2).await);
    let (events, _) = world.end().await;
    let delays: Vec<_> = exchanges(&events)
        .into_iter()
        .map(|exchange| (exchange.timing.proxy.delay_before, exchange.timing.proxy.delay_after))
        .collect();
    let within = |delay: Duration, told: u64| {
        (Duration::from_millis(told)..Duration::from_millis(told + 2000)).contains(&delay)
    };
    assert!(within(delays[1].0, 120) && delays[1].1.is_zero(), "{delays:?}");
    assert!(within(delays[2].1, 80) && delays[2].0.is_zero(), "{delays:?}");
    assert!(delays[0].0.is_zero() && delays[3].0.is_zero());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_are_told_apart() {
    let world = World::new(&[], 1, Grouping::Sessions).await;
    let (first, second, third) = tokio::join!(world.session(2), world.session(3), world.session(1));
    assert!(first && second && third);
    let (events, _) = world.end().await;

    let tree = tempfile::tempdir().unwrap();
    assert_eq!(record(tree.path(), Grouping::Sessions, &events), 3);
    let mut lengths = Vec::new();
    for folder in recording::find(tree.path()).unwrap() {
        let recording = Recording::read(&folder).unwrap();
        lengths.push(recording.exchanges().len());
        // Each is whole: it is replayed in both roles, and our side says all it said.
        let report = replay(&recording, &[Role::Responder, Role::Initiator], &Errata::default());
        assert!(report.roles.iter().all(Result::is_ok), "{:?}", report.roles);
        let mut names = SequenceNames::default();
        let first = Summary::of(&recording.exchanges()[0].request, &mut names).text;
        assert!(first.starts_with("CreateSequence"), "{first}");
    }
    lengths.sort_unstable();
    // CreateSequence, LastMessage and TerminateSequence beside the calls.
    assert_eq!(lengths, [4, 5, 6]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_run_is_one_recording() {
    let world = World::new(&[], 1, Grouping::Whole).await;
    assert!(world.session(1).await && world.session(1).await);
    let (events, _) = world.end().await;
    let tree = tempfile::tempdir().unwrap();
    let folder = tree.path().join("run");
    assert_eq!(record(&folder, Grouping::Whole, &events), 1);
    assert_eq!(Recording::read(&folder).unwrap().exchanges().len(), 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_seed_does_the_same_harm() {
    async fn run(seed: u64) -> Vec<(String, String)> {
        let world = World::new(&["drop request application p=30%"], seed, Grouping::Sessions).await;
        assert!(world.session(6).await);
        let (events, _) = world.end().await;
        let mut names = SequenceNames::default();
        exchanges(&events)
            .into_iter()
            .map(|exchange| {
                names.learn(&exchange.request, exchange.response.as_ref());
                (Summary::of(&exchange.request, &mut names).text, fate(exchange))
            })
            .collect()
    }
    let (first, again, other) = tokio::join!(run(3), run(3), run(4));
    assert!(first.iter().any(|(_, fate)| fate == "Rx"), "{first:?}");
    assert_eq!(first, again);
    assert_ne!(first, other);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_is_not_empty_is_left_alone() {
    let tree = tempfile::tempdir().unwrap();
    std::fs::write(tree.path().join("note"), "mine").unwrap();
    let config = RecorderConfig {
        folder: tree.path().to_path_buf(),
        grouping: Grouping::Sessions,
        provenance: Provenance::default(),
        redaction: Redaction::Secrets,
    };
    let error = Recorder::create(config).unwrap_err().to_string();
    assert!(error.contains("the folder is not empty"), "{error}");
}

/// What real stacks said, passed once more, without sockets and in virtual time, and recorded anew.
#[test]
fn every_recorded_message_is_recorded_again_as_it_was() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/recordings");
    let tree = tempfile::tempdir().unwrap();
    let mut messages = 0;
    let stacks =
        ["cross", "cxf", "gsoap", "metro"].map(|stack| recording::find(&fixtures.join(stack)).unwrap());
    for (index, folder) in stacks.iter().flatten().enumerate() {
        let original = Recording::read(folder).unwrap();
        if original.exchanges().is_empty() {
            continue;
        }
        let events = pass(&original);
        let folder = tree.path().join(index.to_string());
        record(&folder, Grouping::Whole, &events);
        let again = Recording::read(&folder).unwrap();
        assert_eq!(again.exchanges().len(), original.exchanges().len(), "{}", original.name());
        for (written, exchange) in again.exchanges().iter().zip(original.exchanges()) {
            assert_eq!(written.request.raw(), exchange.request.raw());
            let raw = |exchange: &Exchange| exchange.response.as_ref().map(|message| message.raw().to_vec());
            assert_eq!(raw(written), raw(exchange), "{} {}", original.name(), exchange.number);
            assert_eq!(written.response_delivered, exchange.response.is_some());
            messages += 1 + usize::from(exchange.response.is_some());
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
    assert!(messages > 1000, "{messages}");
}

/// Hands the exchanges of a recording to a proxy without rules, one after the other.
fn pass(recording: &Recording) -> Vec<ProxyEvent> {
    let events = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&events);
    let observer = Box::new(move |event| told.lock().unwrap().push(event));
    let mut interposer = Interposer::new(FaultInjector::new(Vec::new(), 1), Grouping::Whole, observer);
    for (ordinal, exchange) in (1..).zip(recording.exchanges()) {
        let now = Timestamp::from_millis(ordinal);
        let responses = exchange.response.iter().map(|response| (Direction::Response, response));
        for (direction, message) in std::iter::once((Direction::Request, &exchange.request)).chain(responses)
        {
            let passage = Passage { connection: 1, exchange: ordinal, direction };
            let order = interposer.handle_message(now, passage, &message.raw().to_vec().into());
            assert_eq!(order, Order::pass());
            interposer.handle_progress(now, passage, Progress::Delivered);
        }
        if exchange.response.is_none() {
            let passage = Passage { connection: 1, exchange: ordinal, direction: Direction::Request };
            interposer.handle_progress(now, passage, Progress::Unanswered(Unanswered::Closed));
        }
        interposer.handle_end(now, ordinal);
    }
    drop(interposer);
    Arc::into_inner(events).unwrap().into_inner().unwrap()
}
