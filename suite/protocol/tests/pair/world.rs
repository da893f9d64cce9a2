//! An initiator and a listener on one virtual clock, and a network between them that may do harm.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use wsrm_protocol::{
    Answer, CallId, ExchangeId, Initiator, InitiatorConfig, InitiatorEvent, Listener, ListenerAnswer,
    ListenerConfig, ListenerEvent, OperationId, Outcome, OutgoingMessage, Pattern, ReliableSessionSettings,
    SequentialIdentifiers, SessionError, SessionId, Timeouts, Timestamp, Transmit,
};
use wsrm_wire::{Fragment, Infoset, Limits, SoapVersion, WireProfile};

/// How many of the messages suffer which harm, in percent; the rest pass.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Harm {
    pub(crate) request_lost: u64,
    pub(crate) request_duplicated: u64,
    pub(crate) request_delayed: u64,
    pub(crate) response_lost: u64,
    pub(crate) response_delayed: u64,
    pub(crate) cut: u64,
}

/// What a run is made of.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) profile: WireProfile,
    pub(crate) pattern: Pattern,
    /// Which of the calls are one-way; a session of the one-way pattern has no others.
    pub(crate) one_way: fn(usize) -> bool,
    pub(crate) ordered: bool,
    pub(crate) calls: usize,
    /// Whether a call waits for the one before it.
    pub(crate) sequential: bool,
    pub(crate) concurrent_operations: usize,
    pub(crate) harm: Harm,
    pub(crate) seed: u64,
    /// Whether the report holds a trace.
    pub(crate) traced: bool,
}

/// What came of a run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Messages as the service's application got them, by session.
    pub(crate) delivered: HashMap<SessionId, Vec<String>>,
    pub(crate) replies: HashMap<usize, String>,
    pub(crate) sent: usize,
    pub(crate) closed: bool,
    pub(crate) client_error: Option<SessionError>,
    pub(crate) failed_calls: Vec<(usize, SessionError)>,
    pub(crate) ended: HashMap<SessionId, Option<SessionError>>,
    pub(crate) exchanges: usize,
    pub(crate) finished_at: Timestamp,
    pub(crate) sessions_left: usize,
    pub(crate) trace: String,
}

/// Something that happens at its time.
enum Event {
    RequestArrives { exchange: ExchangeId, message: Bytes, fate: ResponseFate },
    AnswerArrives { exchange: ExchangeId, answer: Answer },
    OperationEnds { operation: OperationId, two_way: bool, text: String },
}

/// What becomes of the response to a request that arrived.
#[derive(Debug, Clone, Copy)]
enum ResponseFate {
    Passes(Duration),
    /// The client learns that the connection broke, after a while.
    Lost(Duration),
    /// The client never asked for this one, or has gone.
    Nobody,
}

struct World {
    plan: Plan,
    random: Random,
    now: Timestamp,
    initiator: Initiator,
    listener: Listener,
    agenda: BinaryHeap<Reverse<(Timestamp, u64)>>,
    events: HashMap<u64, Event>,
    scheduled: u64,
    /// The listener's exchanges: what each is to the initiator.
    arrived: HashMap<ExchangeId, (ExchangeId, ResponseFate)>,
    calls: HashMap<CallId, usize>,
    to_call: VecDeque<usize>,
    outstanding: usize,
    is_open: bool,
    report: Report,
}

/// Splitmix64: the same numbers for the same seed, on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn millis(&mut self, bound: u64) -> Duration {
        Duration::from_millis(1 + self.below(bound))
    }
}

const HOUR: Duration = Duration::from_secs(3600);
const ADDRESS: &str = "http://service.example/s";

/// Runs a session from opening to the end of both sides.
pub(crate) fn run(plan: Plan) -> Report {
    let mut world = World::new(plan);
    world.initiator.open(world.now);
    world.settle();
    let end = Timestamp::from_origin(4 * HOUR);
    while let Some(next) = world.next_time().filter(|next| *next <= end) {
        assert!(next >= world.now, "time runs forward");
        world.now = next;
        world.do_what_is_due();
        world.settle();
    }
    world.report.sessions_left = world.listener.sessions();
    world.report
}

impl World {
    fn new(plan: Plan) -> Self {
        let settings = ReliableSessionSettings {
            ordered: plan.ordered,
            reliable_messaging_version: plan.profile.rm,
            ..ReliableSessionSettings::default()
        };
        let initiator = InitiatorConfig {
            address: ADDRESS.to_owned(),
            profile: plan.profile,
            pattern: plan.pattern,
            settings: settings.clone(),
            // A call may take as long as the repetitions of one message can.
            timeouts: Timeouts { send: HOUR, close: HOUR / 2, open: HOUR / 2, ..Timeouts::default() },
            language: "en-US".to_owned(),
        };
        let listener = ListenerConfig {
            address: ADDRESS.to_owned(),
            profile: plan.profile,
            pattern: plan.pattern,
            settings,
            // Longer than many repetitions of a message whose answers are lost can take.
            timeouts: Timeouts { close: Duration::from_secs(500), ..Timeouts::default() },
            language: "en-US".to_owned(),
            max_concurrent_calls: plan.concurrent_operations,
            enforce_max_pending_channels: true,
        };
        Self {
            random: Random(plan.seed),
            now: Timestamp::ZERO,
            initiator: Initiator::new(
                initiator,
                Box::new(SequentialIdentifiers::starting_after(0xC000_0000)),
            ),
            listener: Listener::new(listener, Box::new(SequentialIdentifiers::starting_after(0x5000_0000))),
            agenda: BinaryHeap::new(),
            events: HashMap::new(),
            scheduled: 0,
            arrived: HashMap::new(),
            calls: HashMap::new(),
            to_call: (0..plan.calls).collect(),
            outstanding: 0,
            is_open: false,
            report: Report::default(),
            plan,
        }
    }

    fn next_time(&self) -> Option<Timestamp> {
        let event = self.agenda.peek().map(|Reverse((at, _))| *at);
        let timers = [self.initiator.poll_timeout(), self.listener.poll_timeout(), event];
        timers.into_iter().flatten().map(|at| at.max(self.now)).min()
    }

    fn schedule(&mut self, after: Duration, event: Event) {
        self.scheduled += 1;
        self.agenda.push(Reverse((self.now + after, self.scheduled)));
        self.events.insert(self.scheduled, event);
    }

    fn do_what_is_due(&mut self) {
        if let Some(&Reverse((at, id))) = self.agenda.peek()
            && at <= self.now
        {
            self.agenda.pop();
            if let Some(event) = self.events.remove(&id) {
                self.happen(event);
            }
            return;
        }
        if self.initiator.poll_timeout().is_some_and(|at| at <= self.now) {
            self.initiator.handle_timeout(self.now);
        }
        if self.listener.poll_timeout().is_some_and(|at| at <= self.now) {
            self.listener.handle_timeout(self.now);
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::RequestArrives { exchange, message, fate } => {
                let arrival = ExchangeId(self.arrived.len() as u64);
                self.arrived.insert(arrival, (exchange, fate));
                self.listener.handle_request(self.now, arrival, message);
            }
            Event::AnswerArrives { exchange, answer } => {
                self.initiator.handle_answer(self.now, exchange, answer)
            }
            Event::OperationEnds { operation, two_way: false, .. } => {
                self.listener.finished(self.now, operation)
            }
            Event::OperationEnds { operation, two_way: true, text } => {
                let body = Fragment::self_contained(format!("<r>{text}</r>"));
                let message = OutgoingMessage { action: "urn:reply".to_owned(), body };
                self.listener.complete(self.now, operation, Outcome::Reply { message, is_fault: false });
            }
        }
    }

    /// Lets both sides say what they have to say, until neither has anything.
    fn settle(&mut self) {
        loop {
            if let Some(transmit) = self.initiator.poll_transmit() {
                self.transmit(&transmit);
            } else if let Some((arrival, answer)) = self.listener.poll_answer() {
                self.respond(arrival, answer);
            } else if let Some(event) = self.initiator.poll_event() {
                self.client_event(event);
            } else if let Some(event) = self.listener.poll_event() {
                self.service_event(event);
            } else if !self.call_next() {
                return;
            }
        }
    }

    fn transmit(&mut self, transmit: &Transmit) {
        self.report.exchanges += 1;
        self.trace("-->", &transmit.message);
        let harm = self.plan.harm;
        let Transmit { exchange, message, .. } = transmit;
        let lost = |reason: &str| Answer::Lost { reason: reason.to_owned() };
        if self.random.chance(harm.request_lost) {
            let after = self.random.millis(300);
            self.schedule(after, Event::AnswerArrives { exchange: *exchange, answer: lost("request lost") });
            return;
        }
        let mut latency = self.random.millis(5);
        if self.random.chance(harm.request_delayed) {
            latency += self.random.millis(3000);
        }
        let fate = if self.random.chance(harm.response_lost) {
            ResponseFate::Lost(self.random.millis(300))
        } else if self.random.chance(harm.response_delayed) {
            ResponseFate::Passes(self.random.millis(3000))
        } else {
            ResponseFate::Passes(self.random.millis(5))
        };
        let mut fate = fate;
        if self.random.chance(harm.cut) {
            // The client sees the connection break at once; what it had sent arrives all the same.
            self.schedule(
                Duration::from_millis(1),
                Event::AnswerArrives { exchange: *exchange, answer: lost("cut") },
            );
            fate = ResponseFate::Nobody;
        }
        if self.random.chance(harm.request_duplicated) {
            let later = latency + self.random.millis(2000);
            let copy = Event::RequestArrives {
                exchange: *exchange,
                message: message.clone(),
                fate: ResponseFate::Nobody,
            };
            self.schedule(later, copy);
        }
        self.schedule(latency, Event::RequestArrives { exchange: *exchange, message: message.clone(), fate });
    }

    fn respond(&mut self, arrival: ExchangeId, answer: ListenerAnswer) {
        let Some(&(exchange, fate)) = self.arrived.get(&arrival) else { panic!("an answer to nothing") };
        let answer = match answer {
            ListenerAnswer::Message { message, is_fault } => {
                self.trace("<--", &message);
                let soap = match self.plan.profile.soap {
                    SoapVersion::Soap11 => "text/xml; charset=utf-8",
                    SoapVersion::Soap12 => "application/soap+xml; charset=utf-8",
                };
                let status = if is_fault { 500 } else { 200 };
                Answer::Response { status, content_type: Some(soap.to_owned()), body: message }
            }
            ListenerAnswer::Accepted => {
                self.tell("<-- 202");
                Answer::Response { status: 202, content_type: None, body: Bytes::new() }
            }
            ListenerAnswer::Abort => Answer::Lost { reason: "aborted".to_owned() },
        };
        match fate {
            ResponseFate::Passes(after) => self.schedule(after, Event::AnswerArrives { exchange, answer }),
            ResponseFate::Lost(after) => {
                let answer = Answer::Lost { reason: "response lost".to_owned() };
                self.schedule(after, Event::AnswerArrives { exchange, answer });
            }
            ResponseFate::Nobody => {}
        }
    }

    /// Makes the next call, or closes after the last; gives back whether there was something to do.
    fn call_next(&mut self) -> bool {
        if !self.is_open || self.report.closed || self.report.client_error.is_some() {
            return false;
        }
        if self.plan.sequential && self.outstanding > 0 {
            return false;
        }
        if let Some(index) = self.to_call.pop_front() {
            let body = Fragment::self_contained(format!("<m>{index}</m>"));
            let message = OutgoingMessage { action: "urn:request".to_owned(), body };
            let call = self.initiator.send(self.now, message, !(self.plan.one_way)(index));
            self.calls.insert(call, index);
            self.outstanding += 1;
            return true;
        }
        if self.outstanding == 0 && self.plan.calls > 0 {
            // Closing is asked for once.
            self.plan.calls = 0;
            self.initiator.close(self.now);
            return true;
        }
        false
    }

    fn client_event(&mut self, event: InitiatorEvent) {
        match event {
            InitiatorEvent::Opened { .. } => {
                // A repeated CreateSequence would make for a round-trip time of many seconds, and so for very slow
                // retransmission.
                self.initiator.set_initial_round_trip(Duration::from_millis(5));
                self.is_open = true;
                self.tell("opened");
            }
            InitiatorEvent::Sent { .. } => {
                self.report.sent += 1;
                self.outstanding -= 1;
            }
            InitiatorEvent::Replied { call, reply } => {
                self.report.replies.insert(self.calls[&call], reply.body.xml.into_owned());
                self.outstanding -= 1;
            }
            InitiatorEvent::CallFailed { call, error } => {
                self.report.failed_calls.push((self.calls[&call], error));
                self.outstanding -= 1;
            }
            InitiatorEvent::Closed => {
                self.report.closed = true;
                self.report.finished_at = self.now;
                self.tell("closed");
            }
            InitiatorEvent::Faulted { error } => {
                self.tell(&format!("faulted: {error}"));
                self.report.client_error = Some(error);
            }
        }
    }

    fn service_event(&mut self, event: ListenerEvent) {
        match event {
            ListenerEvent::SessionOpened { session, .. } => {
                self.report.delivered.insert(session, Vec::new());
            }
            ListenerEvent::Duplicate { .. }
            | ListenerEvent::Dropped { .. }
            | ListenerEvent::Refused { .. } => {}
            ListenerEvent::SessionEnded { session, error } => {
                self.tell(if error.is_none() { "session ended" } else { "session failed" });
                assert!(self.report.ended.insert(session, error).is_none(), "a session ends once");
            }
            ListenerEvent::Operation { session, operation, message, .. } => {
                let text = message.body.xml.trim_start_matches("<m>").trim_end_matches("</m>").to_owned();
                let two_way = message.message_id.is_some();
                self.report.delivered.entry(session).or_default().push(text.clone());
                if !two_way {
                    self.listener.complete(self.now, operation, Outcome::OneWay);
                }
                let takes = if self.plan.harm.request_delayed > 0 {
                    self.random.millis(800)
                } else {
                    Duration::from_millis(1)
                };
                self.schedule(takes, Event::OperationEnds { operation, two_way, text });
            }
        }
    }

    fn tell(&mut self, line: &str) {
        if self.plan.traced {
            let _ = writeln!(self.report.trace, "{:9.3} {line}", self.now.since_origin().as_secs_f64());
        }
    }

    fn trace(&mut self, arrow: &str, message: &Bytes) {
        if !self.plan.traced {
            return;
        }
        let infoset = Infoset::read(message, &Limits::default()).expect("both sides write XML");
        let mut line = arrow.to_owned();
        for element in infoset.root().elements().flat_map(|part| part.elements()) {
            let _ = match element.local() {
                "Action" => write!(line, " {}", element.token().rsplit('/').next().unwrap_or_default()),
                "Sequence" => write!(
                    line,
                    " #{}",
                    element.elements().nth(1).map(|number| number.token()).unwrap_or_default()
                ),
                "SequenceAcknowledgement" => {
                    let ranges: Vec<String> = element
                        .elements()
                        .filter(|child| child.local() == "AcknowledgementRange")
                        .map(|range| {
                            let end = |name| range.attribute("", name).unwrap_or_default();
                            format!("{}-{}", end("Lower"), end("Upper"))
                        })
                        .collect();
                    let room = element.elements().find(|child| child.local() == "BufferRemaining");
                    let room = room.map(|room| format!(" room {}", room.token())).unwrap_or_default();
                    let is_final = element.elements().any(|child| child.local() == "Final");
                    write!(line, " ack {}{}{room}", ranges.join("+"), if is_final { " final" } else { "" })
                }
                _ => Ok(()),
            };
        }
        self.tell(&line);
    }
}
