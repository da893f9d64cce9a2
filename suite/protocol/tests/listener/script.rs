//! Scripts: what comes to a listener, and what it answers, line by line.
//!
//! A line is `stimulus => answers`. Stimuli of the client:
//!
//! | Stimulus | Message |
//! |---|---|
//! | `create`, `create out2` | CreateSequence, offering the sequence `out` or another, where the pattern has one |
//! | `3`, `3L`, `3?`, `3 ack 1-2` | application message 3; with LastMessage; with AckRequested; with an acknowledgement of replies |
//! | `last 3` | RM 1.0's LastMessage |
//! | `close`, `close 2`, `terminate`, `terminate 2` | with LastMsgNumber 2 or without |
//! | `ack 1-2`, `poll` | an acknowledgement, an AckRequested that travels alone |
//! | `fault out`, `fault in`, `fault other` | SequenceTerminated for a sequence |
//!
//! `on in2:` before a message addresses another session. Stimuli of the application: `reply 3`, `oneway 3`, `done 3`,
//! `fail 3`, `abort 3`, all by the number of the message, and `accept`. `wait 5s` lets time pass. `gone #4` breaks the exchange of
//! the fourth line.
//!
//! Answers are told as `#line: answer`, `#line` being left out where it is the same line; events as `(event)`.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use wsrm_protocol::{
    ExchangeId, Listener, ListenerAnswer, ListenerConfig, ListenerEvent, OperationId, Outcome,
    OutgoingMessage, Pattern, ReliableSessionSettings, SequentialIdentifiers, Timeouts, Timestamp,
};
use wsrm_wire::{
    AckRequested, Acknowledged, AcknowledgementRange, Body, CloseSequence, CreateSequence, EndpointReference,
    Envelope, FaultCode, Fragment, HeaderKind, IncompleteSequenceBehavior, Infoset, InitiatorMessages,
    Limits, MessageNumber, Offer, Reason, RmFault, RmHeaders, RmVersion, Sequence, SequenceAcknowledgement,
    TerminateSequence, WireProfile,
};

/// What a script runs against.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub(crate) version: RmVersion,
    pub(crate) pattern: Pattern,
    pub(crate) ordered: bool,
    pub(crate) window: u32,
    pub(crate) calls: usize,
    /// Whether the application replies (or takes a one-way message) by itself at once.
    pub(crate) automatic: bool,
    /// `maxPendingChannels`, where it is enforced; the application then accepts no session before `accept`.
    pub(crate) pending: Option<u32>,
    /// The most sessions, where that is not the listener's own limit.
    pub(crate) sessions: Option<usize>,
}

pub(crate) const ADDRESS: &str = "http://service.example/s";

impl Setting {
    pub(crate) fn new(version: RmVersion, pattern: Pattern) -> Self {
        Self {
            version,
            pattern,
            ordered: true,
            window: 8,
            calls: usize::MAX,
            automatic: true,
            pending: None,
            sessions: None,
        }
    }

    pub(crate) fn config(&self) -> ListenerConfig {
        let settings = ReliableSessionSettings {
            ordered: self.ordered,
            max_transfer_window_size: self.window,
            max_pending_channels: self.pending.unwrap_or(4),
            reliable_messaging_version: self.version,
            ..ReliableSessionSettings::default()
        };
        ListenerConfig {
            address: ADDRESS.to_owned(),
            profile: WireProfile { rm: self.version, ..WireProfile::default() },
            pattern: self.pattern,
            settings,
            timeouts: Timeouts::default(),
            language: "en-US".to_owned(),
            max_concurrent_calls: self.calls,
            enforce_max_pending_channels: self.pending.is_some(),
        }
    }
}

/// Runs a script and gives it back with what really happened.
pub(crate) fn run(setting: &Setting, script: &str) -> String {
    let mut runner = Runner::new(setting);
    let mut told = String::new();
    for (index, line) in script.lines().map(str::trim).filter(|line| !line.is_empty()).enumerate() {
        let stimulus = line.split("=>").next().unwrap_or_default().trim();
        let happened = runner.step(index as u64 + 1, stimulus);
        let _ = writeln!(told, "{stimulus} => {happened}");
    }
    told
}

/// Runs a script and compares.
#[track_caller]
pub(crate) fn check(setting: &Setting, script: &str) {
    let expected: String =
        script.lines().map(str::trim).filter(|line| !line.is_empty()).flat_map(|line| [line, "\n"]).collect();
    let told = run(setting, script);
    assert!(told == expected, "what happened was\n{told}");
}

/// What a listener said, before the names of sessions are known to the script.
enum Happened {
    Answer(ExchangeId, ListenerAnswer),
    Event(String),
}

struct Runner {
    setting: Setting,
    profile: WireProfile,
    listener: Listener,
    now: Timestamp,
    line: u64,
    names: HashMap<String, String>,
    operations: HashMap<u64, OperationId>,
    accepts: bool,
    answered: HashSet<ExchangeId>,
}

impl Runner {
    fn new(setting: &Setting) -> Self {
        let config = setting.config();
        Self {
            setting: setting.clone(),
            profile: config.profile,
            listener: Listener::new(config, Box::new(SequentialIdentifiers::starting_after(0xA0)))
                .with_max_sessions(setting.sessions.unwrap_or(Listener::DEFAULT_MAX_SESSIONS)),
            now: Timestamp::ZERO,
            line: 0,
            names: HashMap::new(),
            operations: HashMap::new(),
            accepts: setting.pending.is_none(),
            answered: HashSet::new(),
        }
    }

    fn step(&mut self, line: u64, stimulus: &str) -> String {
        self.line = line;
        let words: Vec<&str> = stimulus.split_whitespace().collect();
        match words.as_slice() {
            ["reply", number] => self.complete(number, Self::reply(number)),
            ["oneway", number] => self.complete(number, Outcome::OneWay),
            ["abort", number] => self.complete(number, Outcome::Abort),
            ["fail", number] => {
                let message = OutgoingMessage { action: "urn:fault".to_owned(), body: Fragment::default() };
                self.complete(number, Outcome::Failed { message });
            }
            ["accept"] => self.accepts = true,
            ["done", number] => {
                if let Some(operation) = self.operations.get(&number.parse::<u64>().unwrap()) {
                    self.listener.finished(self.now, *operation);
                }
            }
            ["wait", time] => self.wait(Duration::from_secs(time.trim_end_matches('s').parse().unwrap())),
            ["gone", line] => {
                self.listener.handle_disconnect(ExchangeId(line.trim_start_matches('#').parse().unwrap()))
            }
            ["on", session, rest @ ..] => self.send(session.trim_end_matches(':'), rest),
            words => self.send("in", words),
        }
        let happened = self.drain();
        let answers: Vec<String> = happened.into_iter().map(|what| self.tell(what)).collect();
        if answers.is_empty() { "nothing".to_owned() } else { answers.join(", ") }
    }

    fn complete(&mut self, number: &str, outcome: Outcome) {
        if let Some(operation) = self.operations.get(&number.parse::<u64>().unwrap()) {
            self.listener.complete(self.now, *operation, outcome);
        }
    }

    fn reply(number: &str) -> Outcome {
        let body = Fragment::self_contained(format!("<echo>{number}</echo>"));
        Outcome::Reply { message: OutgoingMessage { action: "urn:reply".to_owned(), body }, is_fault: false }
    }

    fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(due) = self.listener.poll_timeout().filter(|due| *due <= end) {
            self.now = due;
            self.listener.handle_timeout(due);
        }
        self.now = end;
    }

    fn tell(&self, happened: Happened) -> String {
        match happened {
            Happened::Event(text) => text,
            Happened::Answer(exchange, answer) if exchange.0 == self.line => self.describe(answer),
            Happened::Answer(exchange, answer) => format!("#{}: {}", exchange.0, self.describe(answer)),
        }
    }

    /// Everything that the listener has to say; the application does its part meanwhile.
    fn drain(&mut self) -> Vec<Happened> {
        let mut told = Vec::new();
        loop {
            while let Some((exchange, answer)) = self.listener.poll_answer() {
                assert!(self.answered.insert(exchange), "exchange {} is answered once", exchange.0);
                told.push(Happened::Answer(exchange, answer));
            }
            if !self.accepts {
                return told;
            }
            match self.listener.poll_event() {
                None => return told,
                Some(ListenerEvent::SessionOpened { identifier, .. }) => {
                    let count = self.names.values().filter(|name| name.starts_with("in")).count();
                    let name = if count == 0 { "in".to_owned() } else { format!("in{}", count + 1) };
                    self.names.insert(identifier.to_string(), name);
                }
                // The answers say it as well.
                Some(
                    ListenerEvent::Duplicate { .. }
                    | ListenerEvent::Dropped { .. }
                    | ListenerEvent::Refused { .. },
                ) => {}
                Some(ListenerEvent::SessionEnded { error: None, .. }) => {
                    told.push(Happened::Event("(ended)".to_owned()))
                }
                Some(ListenerEvent::SessionEnded { .. }) => told.push(Happened::Event("(failed)".to_owned())),
                Some(ListenerEvent::Operation { operation, number, .. }) => {
                    told.push(Happened::Event(format!("({number})")));
                    self.operations.insert(number, operation);
                    match (self.setting.automatic, self.setting.pattern) {
                        (true, Pattern::RequestReply) => {
                            self.complete(&number.to_string(), Self::reply(&number.to_string()))
                        }
                        (true, Pattern::OneWay) => {
                            self.listener.complete(self.now, operation, Outcome::OneWay);
                            self.listener.finished(self.now, operation);
                        }
                        (false, _) => {}
                    }
                }
            }
        }
    }

    fn send(&mut self, session: &str, words: &[&str]) {
        let input = self.identifier(session);
        let output = self.identifier(&session.replace("in", "out"));
        let messages = InitiatorMessages::anonymous(self.profile, ADDRESS);
        let offer = words.get(1).map_or(output.clone(), |name| self.identifier(name));
        let message_id = format!("urn:message:{}", self.line);
        let acknowledgement =
            words.iter().position(|word| *word == "ack").map(|at| acknowledgement(&output, words[at + 1]));
        let has_ack = acknowledgement.is_some();
        let rm = RmHeaders { acknowledgement, ..RmHeaders::default() };
        let last = words.get(1).and_then(|word| word.parse().ok()).and_then(MessageNumber::new);
        let envelope = match words[0] {
            "create" => messages.create_sequence(self.create(&offer), message_id.clone()),
            "last" => messages.last_message(rm.acknowledgement, None, sequence(&input, last.unwrap())),
            "close" => {
                let body = CloseSequence {
                    identifier: input.as_str().into(),
                    last_msg_number: last,
                    extensions: vec![],
                };
                messages.close_sequence(rm.acknowledgement, body, message_id.clone())
            }
            "terminate" => {
                let body = TerminateSequence {
                    identifier: input.as_str().into(),
                    last_msg_number: last,
                    extensions: vec![],
                };
                messages.terminate_sequence(rm.acknowledgement, body, Some(message_id.clone().into()))
            }
            "poll" => messages.ack_requested(rm.acknowledgement, ack_requested(&input)),
            "ack" if has_ack => messages.sequence_acknowledgement(rm.acknowledgement.unwrap()),
            "fault" => {
                let identifier = self.identifier(words[1]).into();
                let reason = Reason { language: None, text: "gone".into() };
                messages.rm_fault(
                    &RmFault::SequenceTerminated { identifier },
                    FaultCode::Receiver,
                    reason,
                    None,
                )
            }
            number => {
                let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
                let mut sequence = sequence(&input, MessageNumber::new(digits.parse().unwrap()).unwrap());
                sequence.last_message = number.contains('L');
                let ack_requested = number.contains('?').then(|| ack_requested(&input));
                let two_way = self.setting.pattern == Pattern::RequestReply;
                messages.application(
                    RmHeaders { sequence: Some(sequence), ack_requested, ..rm },
                    "urn:request",
                    two_way.then(|| message_id.clone().into()),
                    Body::Application(Fragment::self_contained("<echo/>")),
                )
            }
        };
        let bytes = Bytes::from(envelope.to_bytes());
        self.listener.handle_request(self.now, ExchangeId(self.line), bytes);
    }

    fn create<'a>(&self, offer: &'a str) -> CreateSequence<'a> {
        let anonymous = EndpointReference::new(self.profile.addressing.anonymous());
        let version_11 = self.setting.version == RmVersion::V200702;
        let offer = (self.setting.pattern == Pattern::RequestReply).then(|| Offer {
            identifier: offer.into(),
            endpoint: version_11.then(|| anonymous.clone()),
            expires: None,
            incomplete_sequence_behavior: version_11
                .then_some(IncompleteSequenceBehavior::DiscardFollowingFirstGap),
            extensions: vec![],
        });
        CreateSequence { acks_to: anonymous, expires: None, offer, extensions: vec![] }
    }

    /// The identifier that a script calls `name`.
    fn identifier(&self, name: &str) -> String {
        let known = self.names.iter().find(|(_, known)| *known == name);
        known.map_or_else(|| format!("urn:{name}"), |(identifier, _)| identifier.clone())
    }

    fn name(&self, identifier: &str) -> String {
        let known = self.names.get(identifier).cloned();
        known.unwrap_or_else(|| identifier.trim_start_matches("urn:").to_owned())
    }

    fn describe(&self, answer: ListenerAnswer) -> String {
        let (message, is_fault) = match answer {
            ListenerAnswer::Accepted => return "202".to_owned(),
            ListenerAnswer::Abort => return "abort".to_owned(),
            ListenerAnswer::Message { message, is_fault } => (message, is_fault),
        };
        let infoset = Infoset::read(&message, &Limits::default()).unwrap();
        let envelope = Envelope::read(&infoset, self.profile).unwrap();
        let mut parts = Vec::new();
        let what = match &envelope.body {
            Body::CreateSequenceResponse(body) => format!("created {}", self.name(&body.identifier)),
            Body::CloseSequenceResponse(_) => "closed".to_owned(),
            Body::TerminateSequenceResponse(_) => "terminated".to_owned(),
            Body::TerminateSequence(body) => format!("terminate {}", self.name(&body.identifier)),
            Body::Fault(_) => self.describe_fault(&envelope),
            _ if envelope.action().is_some_and(|action| action.ends_with("LastMessage")) => "last".to_owned(),
            _ if envelope.sequence().is_some() => "reply".to_owned(),
            _ => "ack".to_owned(),
        };
        parts.push(what);
        if let Some(sequence) = envelope.sequence() {
            parts.push(format!("{}{}", sequence.number, if sequence.last_message { "L" } else { "" }));
        }
        let is_bare = parts.first().is_some_and(|part| part == "ack");
        if let Some(acknowledgement) = envelope.acknowledgement() {
            let ranges: Vec<String> = match &acknowledgement.acknowledged {
                Acknowledged::Ranges(ranges) => ranges.iter().map(ToString::to_string).collect(),
                Acknowledged::None => vec!["none".to_owned()],
                Acknowledged::Nack(numbers) => numbers.iter().map(ToString::to_string).collect(),
            };
            let ack = if is_bare { "" } else { "ack " };
            let end = if acknowledgement.is_final { "!" } else { "" };
            let buffer =
                acknowledgement.buffer_remaining.map_or(String::new(), |buffer| format!(" room {buffer}"));
            parts.push(format!("{ack}{}{end}{buffer}", ranges.join("+")));
        }
        assert!(is_fault || !matches!(envelope.body, Body::Fault(_)), "a fault must be marked as one");
        parts.join(" ")
    }

    fn describe_fault(&self, envelope: &Envelope<'_>) -> String {
        let Ok(Some(fault)) = RmFault::read(envelope) else {
            let not_understood =
                envelope.headers.iter().any(|header| matches!(header.kind, HeaderKind::NotUnderstood(_)));
            return if not_understood { "fault MustUnderstand".to_owned() } else { "fault".to_owned() };
        };
        match fault {
            RmFault::SequenceTerminated { identifier } => {
                format!("fault SequenceTerminated {}", self.name(&identifier))
            }
            RmFault::UnknownSequence { identifier } => {
                format!("fault UnknownSequence {}", self.name(&identifier))
            }
            RmFault::SequenceClosed { identifier } => {
                format!("fault SequenceClosed {}", self.name(&identifier))
            }
            RmFault::LastMessageNumberExceeded { identifier } => {
                format!("fault LastMessageNumberExceeded {}", self.name(&identifier))
            }
            RmFault::ConnectionLimitReached => "fault ConnectionLimitReached".to_owned(),
            RmFault::CreateSequenceRefused => "fault CreateSequenceRefused".to_owned(),
            RmFault::WsrmRequired => "fault WsrmRequired".to_owned(),
            other => format!("fault {other:?}"),
        }
    }
}

fn sequence(identifier: &str, number: MessageNumber) -> Sequence<'_> {
    Sequence { identifier: identifier.into(), number, last_message: false, extensions: vec![] }
}

fn ack_requested(identifier: &str) -> AckRequested<'_> {
    AckRequested { identifier: identifier.into(), message_number: None, extensions: vec![] }
}

fn acknowledgement<'a>(identifier: &'a str, ranges: &str) -> SequenceAcknowledgement<'a> {
    let ranges = ranges.split('+').map(|range| {
        let (lower, upper) = range.split_once('-').unwrap_or((range, range));
        AcknowledgementRange::new(lower.parse().unwrap(), upper.parse().unwrap())
    });
    SequenceAcknowledgement {
        identifier: identifier.into(),
        acknowledged: Acknowledged::Ranges(ranges.collect()),
        is_final: false,
        buffer_remaining: None,
        extensions: vec![],
    }
}
