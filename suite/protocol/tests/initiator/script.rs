//! A client's session on a virtual clock, and a peer that says what a test tells it to.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use wsrm_protocol::{
    Answer, CallId, Identifier, Initiator, InitiatorConfig, InitiatorEvent, OutgoingMessage, Pattern,
    ReliableSessionSettings, SequentialIdentifiers, Timeouts, Timestamp, Transmit, TransmitKind,
};
use wsrm_wire::{
    Accept, Acknowledged, AcknowledgementRange, Body, CloseSequenceResponse, CreateSequenceResponse,
    EndpointReference, Envelope, FaultCode, Fragment, HeaderKind, Infoset, Limits, MessageNumber, Reason,
    ResponderMessages, RmFault, RmHeaders, RmVersion, Sequence, SequenceAcknowledgement, TerminateSequence,
    TerminateSequenceResponse, WireProfile,
};

pub(crate) const ADDRESS: &str = "http://service.example/echo";
pub(crate) const OUTPUT: &str = "urn:uuid:0u7";

/// What the peer acknowledges.
#[derive(Debug, Clone)]
pub(crate) struct Ack {
    pub(crate) identifier: String,
    pub(crate) acknowledged: Acknowledged,
    pub(crate) is_final: bool,
    pub(crate) buffer_remaining: Option<u32>,
}

/// What the peer says.
#[derive(Debug, Clone)]
pub(crate) enum Say {
    /// An HTTP response without content.
    Status(u16),
    /// Nothing: the connection breaks.
    Lost,
    /// HTML.
    Html,
    /// CreateSequenceResponse.
    Created,
    /// CreateSequenceResponse with another identifier to relate to, accepting at this address.
    CreatedBut { relates_to: Option<&'static str>, accept: Option<&'static str> },
    /// An application reply.
    Reply { number: Option<u64>, ack: Option<Ack> },
    /// An acknowledgement.
    Ack(Ack),
    /// RM 1.0: the LastMessage of the replies.
    Last { number: u64, ack: Ack },
    /// The answer to Close- or TerminateSequence.
    Done { ack: Option<Ack>, relates_to: Option<&'static str> },
    /// A fault of WS-ReliableMessaging.
    Fault { fault: RmFault<'static>, code: FaultCode<'static> },
}

pub(crate) struct Script {
    pub(crate) initiator: Initiator,
    pub(crate) now: Timestamp,
    /// The requests that the peer has not answered.
    pub(crate) pending: VecDeque<Transmit>,
    pub(crate) log: String,
    pub(crate) profile: WireProfile,
}

pub(crate) fn ack(ranges: &[(u64, u64)]) -> Ack {
    let ranges = ranges.iter().map(|&(lower, upper)| AcknowledgementRange::new(lower, upper)).collect();
    Ack {
        identifier: OUTPUT.to_owned(),
        acknowledged: Acknowledged::Ranges(ranges),
        is_final: false,
        buffer_remaining: Some(8),
    }
}

pub(crate) fn final_ack(ranges: &[(u64, u64)]) -> Ack {
    Ack { is_final: true, ..ack(ranges) }
}

pub(crate) fn profile(rm: RmVersion) -> WireProfile {
    WireProfile { rm, ..WireProfile::default() }
}

impl Script {
    pub(crate) fn new(
        pattern: Pattern,
        profile: WireProfile,
        tweak: impl FnOnce(&mut InitiatorConfig),
    ) -> Self {
        let mut config = InitiatorConfig {
            address: ADDRESS.to_owned(),
            profile,
            pattern,
            settings: ReliableSessionSettings::default(),
            timeouts: Timeouts::default(),
            language: "en-US".to_owned(),
        };
        tweak(&mut config);
        Self {
            initiator: Initiator::new(config, Box::new(SequentialIdentifiers::default())),
            now: Timestamp::ZERO,
            pending: VecDeque::new(),
            log: String::new(),
            profile,
        }
    }

    /// A session that is open; its creation took 10 ms.
    pub(crate) fn opened(pattern: Pattern, rm: RmVersion, tweak: impl FnOnce(&mut InitiatorConfig)) -> Self {
        let mut script = Self::new(pattern, profile(rm), tweak);
        script.open();
        script.pass(10);
        script.answer(&Say::Created);
        script.log.clear();
        script
    }

    pub(crate) fn open(&mut self) {
        self.initiator.open(self.now);
        self.drain();
    }

    pub(crate) fn call(&mut self, two_way: bool) -> CallId {
        let message = OutgoingMessage {
            action: "urn:echo".to_owned(),
            body: Fragment::self_contained("<Echo xmlns=\"urn:e\"/>"),
        };
        let call = self.initiator.send(self.now, message, two_way);
        self.drain();
        call
    }

    pub(crate) fn close(&mut self) {
        self.initiator.close(self.now);
        self.drain();
    }

    pub(crate) fn abort(&mut self) {
        self.initiator.abort(self.now);
        self.drain();
    }

    /// Lets time pass, and the session's timers run when they are due.
    pub(crate) fn pass(&mut self, millis: u64) {
        let end = self.now + Duration::from_millis(millis);
        while let Some(at) = self.initiator.poll_timeout().filter(|&at| at <= end) {
            self.now = self.now.max(at);
            self.initiator.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    /// Answers the oldest unanswered request.
    pub(crate) fn answer(&mut self, say: &Say) {
        self.answer_nth(0, say);
    }

    pub(crate) fn answer_nth(&mut self, place: usize, say: &Say) {
        let transmit = self.pending.remove(place).expect("a request to answer");
        let answer = self.make_answer(&transmit, say);
        self.initiator.handle_answer(self.now, transmit.exchange, answer);
        self.drain();
    }

    pub(crate) fn drain(&mut self) {
        let at = self.now.since_origin().as_millis();
        while let Some(transmit) = self.initiator.poll_transmit() {
            let line = describe(&transmit, self.profile);
            writeln!(self.log, "{at:>7} -> {line}").expect("a string takes all");
            if transmit.kind != TransmitKind::Fault {
                self.pending.push_back(transmit);
            }
        }
        while let Some(event) = self.initiator.poll_event() {
            let line = match event {
                InitiatorEvent::Opened { .. } => "opened".to_owned(),
                InitiatorEvent::Sent { call } => format!("call {} sent", call.0),
                InitiatorEvent::Replied { call, reply } => {
                    format!("call {} replied{}", call.0, if reply.is_fault { " by a fault" } else { "" })
                }
                InitiatorEvent::CallFailed { call, error } => {
                    format!("call {} failed: {}", call.0, kind(error.wcf_exception()))
                }
                InitiatorEvent::Closed => "closed".to_owned(),
                InitiatorEvent::Faulted { error } => {
                    format!("faulted: {}: {error}", kind(error.wcf_exception()))
                }
            };
            writeln!(self.log, "{at:>7} == {line}").expect("a string takes all");
        }
    }

    fn make_answer(&self, transmit: &Transmit, say: &Say) -> Answer {
        match say {
            Say::Lost => Answer::Lost { reason: "The response ended prematurely.".to_owned() },
            Say::Status(status) => {
                Answer::Response { status: *status, content_type: None, body: Bytes::new() }
            }
            Say::Html => Answer::Response {
                status: 200,
                content_type: Some("text/html".to_owned()),
                body: Bytes::from_static(b"<html/>"),
            },
            say => Answer::Response {
                status: if matches!(say, Say::Fault { .. }) { 500 } else { 200 },
                content_type: Some(format!("{}; charset=utf-8", self.profile.soap.media_type())),
                body: Bytes::from(self.compose(transmit, say)),
            },
        }
    }

    fn compose(&self, transmit: &Transmit, say: &Say) -> Vec<u8> {
        let messages = ResponderMessages::anonymous(self.profile);
        let infoset = Infoset::read(&transmit.message, &Limits::default()).expect("well-formed");
        let request = Envelope::read(&infoset, self.profile).expect("SOAP");
        let message_id = header(&request, |kind| match kind {
            HeaderKind::MessageId(id) => Some(id.to_string()),
            _ => None,
        })
        .unwrap_or_default();
        let offered = match &request.body {
            Body::CreateSequence(create) => create.offer.is_some(),
            _ => false,
        };
        match say {
            Say::Created => self.created(&message_id, offered.then_some(ADDRESS)),
            Say::CreatedBut { relates_to, accept } => {
                self.created(relates_to.unwrap_or(&message_id), *accept)
            }
            Say::Reply { number, ack } => {
                let rm = RmHeaders {
                    sequence: number.map(|number| self.sequence(number, false)),
                    acknowledgement: ack.as_ref().map(header_of),
                    ack_requested: None,
                };
                let body = Body::Application(Fragment::self_contained("<EchoResponse xmlns=\"urn:e\"/>"));
                messages.application(rm, "urn:echoed", Some(message_id.into()), body).to_bytes()
            }
            Say::Ack(ack) => messages.sequence_acknowledgement(header_of(ack)).to_bytes(),
            Say::Last { number, ack } => {
                messages.last_message(self.sequence(*number, true), header_of(ack)).to_bytes()
            }
            Say::Done { ack, relates_to } => {
                self.done(&request, ack.as_ref(), relates_to.unwrap_or(&message_id))
            }
            Say::Fault { fault, code } => {
                let reason = Reason { language: Some("en-US".into()), text: "because".into() };
                messages.rm_fault(fault, code.clone(), reason, None, None).to_bytes()
            }
            Say::Lost | Say::Status(_) | Say::Html => Vec::new(),
        }
    }

    fn created(&self, relates_to: &str, accept: Option<&str>) -> Vec<u8> {
        let body = CreateSequenceResponse {
            identifier: OUTPUT.into(),
            expires: None,
            incomplete_sequence_behavior: None,
            accept: accept.map(|address| Accept {
                acks_to: EndpointReference::new(address.to_owned()),
                extensions: Vec::new(),
            }),
            extensions: Vec::new(),
        };
        ResponderMessages::anonymous(self.profile)
            .create_sequence_response(body, relates_to.to_owned())
            .to_bytes()
    }

    /// The answer to a request that ends the sequence, with or without an acknowledgement.
    fn done(&self, request: &Envelope<'_>, ack: Option<&Ack>, relates_to: &str) -> Vec<u8> {
        let messages = ResponderMessages::anonymous(self.profile);
        let header = header_of(ack.unwrap_or(&final_ack(&[])));
        let identifier = || OUTPUT.into();
        let mut envelope = match (&request.body, self.profile.rm) {
            (Body::CloseSequence(_), _) => {
                let body = CloseSequenceResponse { identifier: identifier(), extensions: Vec::new() };
                messages.close_sequence_response(header, body, relates_to.to_owned())
            }
            (_, RmVersion::V200702) => {
                let body = TerminateSequenceResponse { identifier: identifier(), extensions: Vec::new() };
                messages.terminate_sequence_response(header, body, relates_to.to_owned())
            }
            (_, RmVersion::February2005) => {
                let body = TerminateSequence {
                    identifier: offer().into(),
                    last_msg_number: None,
                    extensions: Vec::new(),
                };
                messages.terminate_sequence(header, body)
            }
        };
        if ack.is_none() {
            envelope.headers.retain(|header| !matches!(header.kind, HeaderKind::SequenceAcknowledgement(_)));
        }
        envelope.to_bytes()
    }

    fn sequence(&self, number: u64, last_message: bool) -> Sequence<'static> {
        Sequence {
            identifier: offer().into(),
            number: MessageNumber::new(number).expect("a number"),
            last_message,
            extensions: Vec::new(),
        }
    }
}

/// The first identifier that a session makes: what a session with replies offers.
pub(crate) fn offer() -> String {
    Identifier::from_bits(1).as_str().to_owned()
}

fn header_of(ack: &Ack) -> SequenceAcknowledgement<'static> {
    SequenceAcknowledgement {
        identifier: ack.identifier.clone().into(),
        acknowledged: match &ack.acknowledged {
            Acknowledged::Ranges(ranges) if ranges.is_empty() => Acknowledged::None,
            other => other.clone(),
        },
        is_final: ack.is_final,
        buffer_remaining: ack.buffer_remaining,
        extensions: Vec::new(),
    }
}

fn header<T>(envelope: &Envelope<'_>, of: impl Fn(&HeaderKind<'_>) -> Option<T>) -> Option<T> {
    envelope.headers.iter().find_map(|header| of(&header.kind))
}

fn kind(exception: &str) -> &str {
    exception.rsplit('.').next().unwrap_or_default()
}

/// One line for a request: what it is, what it acknowledges, and what a fault says.
fn describe(transmit: &Transmit, profile: WireProfile) -> String {
    let infoset = Infoset::read(&transmit.message, &Limits::default()).expect("well-formed");
    let envelope = Envelope::read(&infoset, profile).expect("SOAP");
    let mut line = match transmit.kind {
        TransmitKind::Sequenced { number } => format!("#{number}"),
        TransmitKind::Retransmission { number, attempt } => format!("#{number} again, {attempt}"),
        kind => format!("{kind:?}"),
    };
    let last = header(&envelope, |kind| match kind {
        HeaderKind::Sequence(sequence) => Some(sequence.last_message),
        _ => None,
    });
    if last == Some(true) {
        line.push_str(" last");
    }
    let ack = header(&envelope, |kind| match kind {
        HeaderKind::SequenceAcknowledgement(value) => {
            let ranges: Vec<_> = value.ranges().map(|range| range.to_string()).collect();
            let end = if value.is_final { " final" } else { "" };
            Some(format!(" [{}{end}]", ranges.join(" ")))
        }
        _ => None,
    });
    line.push_str(&ack.unwrap_or_default());
    match &envelope.body {
        Body::CloseSequence(close) => {
            let last = close.last_msg_number.map_or("none".to_owned(), |number| number.to_string());
            write!(line, ", last number {last}").expect("a string takes all");
        }
        Body::Fault(fault) => {
            let code = fault.subcodes.first().map(|code| code.local.to_string()).unwrap_or_default();
            let reason = fault.reasons.first().map(|reason| reason.text.to_string()).unwrap_or_default();
            write!(line, " {:?} {code}: {reason}", fault.code).expect("a string takes all");
        }
        _ => {}
    }
    line
}
