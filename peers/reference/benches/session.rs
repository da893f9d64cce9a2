//! Sessions without sockets: memory per idle session, and time per message as a session grows.
//!
//! `cargo bench -p wsrm-reference --bench session [-- FILTER]`.

#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

use std::time::Duration;

use bytes::Bytes;
use wsrm_protocol::{
    Answer, ExchangeId, Initiator, InitiatorConfig, InitiatorEvent, ListenerConfig, OutgoingMessage, Pattern,
    ReliableSessionSettings, SequentialIdentifiers, Timeouts, Timestamp,
};
use wsrm_reference::{Contract, Host, HostConfig, HttpAnswer, Request, contract};
use wsrm_wire::{RmVersion, WireProfile};

const ADDRESS: &str = "http://127.0.0.1:8080/";
const SESSIONS: usize = 10_000;

fn main() {
    let filter: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wanted = |name: &str| filter.is_empty() || filter.iter().any(|word| name.contains(word.as_str()));
    if wanted("idle") {
        for pattern in [Pattern::OneWay, Pattern::RequestReply] {
            idle_sessions(pattern);
        }
    }
    if wanted("flat") {
        for pattern in [Pattern::OneWay, Pattern::RequestReply] {
            for exponent in 2..=6 {
                flat(pattern, 10_u64.pow(exponent));
            }
        }
    }
}

/// What a service keeps for a session in which one message was transferred and acknowledged.
fn idle_sessions(pattern: Pattern) {
    let mut pair = Pair::new(pattern);
    // The tables grow by doubling; what the first session of a process costs is not what a session costs.
    pair.open().send(&mut pair.host);
    let before = resident();
    for _ in 0..SESSIONS {
        let mut session = pair.open();
        session.send(&mut pair.host);
        session.send(&mut pair.host);
    }
    let bytes = resident().saturating_sub(before) as f64 / SESSIONS as f64;
    println!("{:<22} {bytes:>6.0} bytes per idle session, {} sessions", name(pattern), pair.host.sessions());
}

/// Processor time per message of sessions of this length, both sides and all parsing and writing included, opening
/// not.
fn flat(pattern: Pattern, messages: u64) {
    let sessions = (100_000 / messages).max(1);
    let mut pair = Pair::new(pattern);
    let mut time = Duration::ZERO;
    for _ in 0..sessions {
        let mut session = pair.open();
        let started = processor_time();
        for _ in 0..messages {
            session.send(&mut pair.host);
        }
        time += processor_time().saturating_sub(started);
    }
    let each = time.as_secs_f64() / (messages * sessions) as f64;
    println!("{:<22} {:>6.2} µs per message, {messages} messages", name(pattern), each * 1e6);
}

/// How long this process has run, not counting what other programs took of the processor.
fn processor_time() -> Duration {
    let statistics = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanoseconds = statistics.split(' ').next().and_then(|time| time.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or_default())
}

fn name(pattern: Pattern) -> &'static str {
    match pattern {
        Pattern::OneWay => "one-way, RM 1.1",
        Pattern::RequestReply => "request-reply, RM 1.1",
    }
}

/// Bytes of this process in memory.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: usize = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0);
    pages * 4096
}

struct Pair {
    host: Host,
    pattern: Pattern,
    opened: u128,
}

struct Session {
    initiator: Initiator,
    message: OutgoingMessage,
    two_way: bool,
    exchange: u64,
    now: Duration,
}

impl Pair {
    fn new(pattern: Pattern) -> Self {
        let mut host = Host::new(HostConfig { max_sessions: 2 * SESSIONS, ..HostConfig::default() });
        let contract = if pattern == Pattern::OneWay { Contract::one_way() } else { Contract::echo() };
        let listener = ListenerConfig {
            address: ADDRESS.to_owned(),
            profile: profile(),
            pattern,
            settings: ReliableSessionSettings::new(RmVersion::V200702),
            timeouts: Timeouts::default(),
            language: "en-US".to_owned(),
            max_concurrent_calls: 16,
            enforce_max_pending_channels: true,
        };
        host.add_endpoint("/", listener, contract, Box::new(SequentialIdentifiers::default())).unwrap();
        Self { host, pattern, opened: 0 }
    }

    fn open(&mut self) -> Session {
        self.opened += 1;
        let config = InitiatorConfig {
            address: ADDRESS.to_owned(),
            profile: profile(),
            pattern: self.pattern,
            settings: ReliableSessionSettings::new(RmVersion::V200702),
            timeouts: Timeouts::default(),
            language: "en-US".to_owned(),
        };
        let identifiers = SequentialIdentifiers::starting_after(self.opened << 64);
        let operation = if self.pattern == Pattern::OneWay { "Send" } else { "Echo" };
        let interface = if self.pattern == Pattern::OneWay { "IOneWay" } else { "IEcho" };
        let mut session = Session {
            initiator: Initiator::new(config, Box::new(identifiers)),
            message: OutgoingMessage {
                action: format!("{}{interface}/{operation}", contract::TEMPURI),
                body: contract::request_body(operation, "two"),
            },
            two_way: self.pattern == Pattern::RequestReply,
            exchange: 0,
            now: Duration::ZERO,
        };
        session.initiator.open(Timestamp::ZERO);
        let opened = session.pass(&mut self.host);
        assert!(opened.iter().any(|event| matches!(event, InitiatorEvent::Opened { .. })), "{opened:?}");
        session
    }
}

impl Session {
    fn send(&mut self, host: &mut Host) {
        self.now += Duration::from_micros(1);
        let now = Timestamp::from_origin(self.now);
        self.initiator.send(now, self.message.clone(), self.two_way);
        let events = self.pass(host);
        let done = events
            .iter()
            .all(|event| matches!(event, InitiatorEvent::Sent { .. } | InitiatorEvent::Replied { .. }));
        assert!(done && events.len() == 1, "{events:?}");
    }

    /// Carries requests over and answers back until nobody has anything to say.
    fn pass(&mut self, host: &mut Host) -> Vec<InitiatorEvent> {
        let now = Timestamp::from_origin(self.now);
        while let Some(transmit) = self.initiator.poll_transmit() {
            self.exchange += 1;
            let exchange = ExchangeId(self.exchange);
            let headers = [("Content-Type", "application/soap+xml; charset=utf-8")];
            let request = Request::new("POST", "/", headers, transmit.message).unwrap();
            host.handle_request(now, exchange, &request);
            let (_, answer) = host.poll_answer().unwrap();
            while host.poll_event().is_some() {}
            let HttpAnswer::Response(response) = answer else { return Vec::new() };
            let answer = Answer::Response {
                status: response.status,
                content_type: Some("application/soap+xml; charset=utf-8".to_owned()),
                body: Bytes::clone(&response.body),
            };
            self.initiator.handle_answer(now, transmit.exchange, answer);
        }
        std::iter::from_fn(|| self.initiator.poll_event()).collect()
    }
}

fn profile() -> WireProfile {
    WireProfile { rm: RmVersion::V200702, ..WireProfile::default() }
}
