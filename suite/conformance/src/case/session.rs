//! A session that was opened.

use std::time::Duration;

use wsrm_oracle::NumberSet;
use wsrm_protocol::Pattern;
use wsrm_wire::{
    AckRequested, Acknowledged, AcknowledgementRange, Body, CloseSequence, FaultCode, InitiatorMessages,
    MessageNumber, Reason, RmFault, RmHeaders, RmVersion, Sequence, SequenceAcknowledgement,
    TerminateSequence, WireProfile,
};

use super::{Answer, Peer, Post, Stop};

/// How often a message is sent before a case gives up.
const ATTEMPTS: u32 = 5;
/// How often it is sent to an endpoint that takes it and does not say so.
const PATIENT_ATTEMPTS: u32 = 3;
/// How long is waited before it is sent again; three times as long before each further time.
const RETRY: Duration = Duration::from_millis(100);

/// A session: the sequence to the endpoint and, where the pattern has one, that for the replies.
#[derive(Debug)]
pub struct Session<'p> {
    peer: &'p Peer,
    identifier: String,
}

impl<'p> Session<'p> {
    pub(super) fn new(peer: &'p Peer, identifier: &str) -> Self {
        Self { peer, identifier: identifier.to_owned() }
    }

    /// The identifier of the sequence to the endpoint.
    pub fn identifier(&self) -> &str {
        &self.identifier
    }

    /// The identifier of the sequence for the replies.
    pub fn offer(&self) -> Option<String> {
        self.peer.entry(&self.identifier).offer
    }

    /// The versions in which it was opened.
    fn profile(&self) -> WireProfile {
        self.peer.entry(&self.identifier).profile.unwrap_or(self.peer.target().profile)
    }

    fn rm(&self) -> RmVersion {
        self.profile().rm
    }

    fn messages(&self) -> InitiatorMessages<'_> {
        InitiatorMessages::anonymous(self.profile(), &self.peer.target().address)
    }

    /// An application message with this number: a call or a one-way message, as the pattern has it.
    ///
    /// # Errors
    /// [`Stop::Harness`], if the number is none.
    pub fn message(&self, number: u64, text: &str) -> Result<Post, Stop> {
        self.message_with(number, text, false)
    }

    /// The same, with an AckRequested beside it.
    ///
    /// # Errors
    /// As [`Session::message`].
    pub fn message_with(&self, number: u64, text: &str, ask: bool) -> Result<Post, Stop> {
        let target = self.peer.target();
        let operation = target.application.operation(target.pattern);
        let operation =
            operation.ok_or_else(|| Stop::NotApplicable("no operation to call is known".to_owned()))?;
        let rm = RmHeaders {
            sequence: Some(self.sequence(number)?),
            acknowledgement: self.acknowledgement(false).filter(|ack| ack.ranges().next().is_some()),
            ack_requested: ask.then(|| self.ask()),
        };
        let message_id = (target.pattern == Pattern::RequestReply).then(|| self.peer.identifier().into());
        let body = Body::Application(operation.body(text));
        let messages = self.messages();
        Ok(Post::of(&messages.application(rm, operation.action.as_str(), message_id, body)))
    }

    /// An AckRequested that travels alone.
    pub fn ack_requested(&self) -> Post {
        Post::of(&self.messages().ack_requested(None, self.ask()))
    }

    /// An acknowledgement that travels alone.
    pub fn acknowledges(&self, acknowledgement: SequenceAcknowledgement<'_>) -> Post {
        Post::of(&self.messages().sequence_acknowledgement(acknowledgement))
    }

    /// What came of the sequence for the replies; `None` where there is none.
    pub fn acknowledgement(&self, is_final: bool) -> Option<SequenceAcknowledgement<'static>> {
        let entry = self.peer.entry(&self.identifier);
        let acknowledged = acknowledged(&entry.replies, self.rm());
        Some(SequenceAcknowledgement {
            identifier: entry.offer?.into(),
            acknowledged,
            is_final: is_final && self.rm() == RmVersion::V200702,
            buffer_remaining: None,
            extensions: Vec::new(),
        })
    }

    /// CloseSequence with the highest number that was sent; RM 1.1.
    pub fn close_message(&self) -> Post {
        let body = CloseSequence {
            identifier: self.identifier.clone().into(),
            last_msg_number: self.highest(),
            extensions: Vec::new(),
        };
        let message_id = self.peer.identifier();
        Post::of(&self.messages().close_sequence(self.acknowledgement(true), body, message_id))
    }

    /// The LastMessage with this number; RM 1.0.
    ///
    /// # Errors
    /// As [`Session::message`].
    pub fn last_message(&self, number: u64) -> Result<Post, Stop> {
        let acknowledgement = self.acknowledgement(false).filter(|ack| ack.ranges().next().is_some());
        let sequence = self.sequence(number)?;
        Ok(Post::of(&self.messages().last_message(acknowledgement, None, sequence)))
    }

    /// TerminateSequence.
    pub fn terminate_message(&self) -> Post {
        let in_new_version = self.rm() == RmVersion::V200702;
        let body = TerminateSequence {
            identifier: self.identifier.clone().into(),
            last_msg_number: self.highest().filter(|_| in_new_version),
            extensions: Vec::new(),
        };
        let wants_answer = in_new_version || self.offer().is_some();
        let message_id = wants_answer.then(|| self.peer.identifier().into());
        let acknowledgement = self.acknowledgement(true);
        Post::of(&self.messages().terminate_sequence(acknowledgement, body, message_id))
    }

    /// The fault by which a client gives a session up.
    pub fn abort_message(&self) -> Post {
        let identifier = self.offer().unwrap_or_else(|| self.identifier.clone());
        let fault = RmFault::SequenceTerminated { identifier: identifier.into() };
        let reason =
            Reason { language: Some("en-US".into()), text: "The client gives the session up.".into() };
        Post::of(&self.messages().rm_fault(&fault, FaultCode::Receiver, reason, None))
    }

    /// Sends an application message, again where it was not acknowledged, a few times.
    ///
    /// # Errors
    /// [`Stop::Inconclusive`], if it is never taken.
    pub async fn send(&self, number: u64) -> Result<Answer, Stop> {
        self.send_text(number, &format!("message {number}")).await
    }

    /// The same with this text.
    ///
    /// # Errors
    /// As [`Session::send`].
    pub async fn send_text(&self, number: u64, text: &str) -> Result<Answer, Stop> {
        let post = self.message(number, text)?;
        self.deliver(&post, number).await
    }

    /// Sends a message, again where it was not acknowledged, a few times.
    ///
    /// # Errors
    /// As [`Session::send`].
    pub async fn deliver(&self, post: &Post, number: u64) -> Result<Answer, Stop> {
        let answer = self.repeat(post, number).await?;
        answer.needs(
            answer.acknowledges(&self.identifier, number) || (answer.is_success() && !answer.is_fault()),
            &format!("message {number} was not taken"),
        )?;
        Ok(answer)
    }

    /// Sends a message until it is acknowledged or refused, or for so often; where an endpoint takes messages without
    /// a word, the later ones are sent once.
    async fn repeat(&self, post: &Post, number: u64) -> Result<Answer, Stop> {
        let mut answer = self.peer.post(post).await?;
        let mut pause = RETRY;
        for attempt in 1..ATTEMPTS {
            if answer.acknowledges(&self.identifier, number) || answer.is_fault() {
                return Ok(answer);
            }
            let is_taken = answer.is_success();
            if is_taken && (self.peer.is_tardy() || attempt >= PATIENT_ATTEMPTS) {
                break;
            }
            self.peer.wait(pause).await;
            pause *= 3;
            answer = self.peer.post(post).await?;
        }
        if answer.is_success() && !answer.acknowledges(&self.identifier, number) {
            self.peer.note_tardiness();
        }
        Ok(answer)
    }

    /// Sends the messages with these numbers, one after another.
    ///
    /// # Errors
    /// As [`Session::send`].
    pub async fn send_all(&self, numbers: impl IntoIterator<Item = u64>) -> Result<(), Stop> {
        for number in numbers {
            self.send(number).await?;
        }
        Ok(())
    }

    /// Ends what can be sent, as the version has it: CloseSequence, or LastMessage.
    ///
    /// # Errors
    /// As [`Peer::post`].
    pub async fn close(&self) -> Result<Answer, Stop> {
        match self.rm() {
            RmVersion::V200702 => self.peer.post(&self.close_message()).await,
            RmVersion::February2005 => {
                let next = self.highest().map_or(1, |number| number.value().saturating_add(1));
                if MessageNumber::new(next).is_none() {
                    // There is no number left for a last message.
                    return self.terminate().await;
                }
                let post = self.last_message(next)?;
                self.repeat(&post, next).await
            }
        }
    }

    /// Ends the session.
    ///
    /// # Errors
    /// As [`Peer::post`].
    pub async fn terminate(&self) -> Result<Answer, Stop> {
        self.peer.post(&self.terminate_message()).await
    }

    /// Closes and ends the session as a client does that has no more to say.
    ///
    /// # Errors
    /// As [`Peer::post`].
    pub async fn finish(&self) -> Result<(), Stop> {
        let entry = self.peer.entry(&self.identifier);
        // RM 1.0 has no last message while another is missing; who gives those up can only end the sequence.
        let is_whole = entry.sent.without(&entry.acknowledged).is_empty();
        let closes = is_whole || self.rm() == RmVersion::V200702;
        if closes && !entry.is_closed && !entry.has_last {
            self.close().await?;
        }
        if self.peer.entry(&self.identifier).end.is_none() {
            self.terminate().await?;
        }
        Ok(())
    }

    /// The header that makes a message a member of the sequence.
    ///
    /// # Errors
    /// [`Stop::Harness`], if the number is none.
    pub fn sequence(&self, number: u64) -> Result<Sequence<'static>, Stop> {
        let number = MessageNumber::new(number)
            .ok_or_else(|| Stop::Harness(format!("{number} is no message number")))?;
        Ok(Sequence {
            identifier: self.identifier.clone().into(),
            number,
            last_message: false,
            extensions: Vec::new(),
        })
    }

    fn ask(&self) -> AckRequested<'static> {
        AckRequested {
            identifier: self.identifier.clone().into(),
            message_number: None,
            extensions: Vec::new(),
        }
    }

    /// The highest number that was sent.
    fn highest(&self) -> Option<MessageNumber> {
        self.peer.entry(&self.identifier).sent.highest().and_then(MessageNumber::new)
    }
}

/// What an acknowledgement says of these numbers.
fn acknowledged(numbers: &NumberSet, rm: RmVersion) -> Acknowledged {
    let ranges: Vec<_> =
        numbers.runs().map(|(lower, upper)| AcknowledgementRange::new(lower, upper)).collect();
    match (ranges.is_empty(), rm) {
        (false, _) => Acknowledged::Ranges(ranges),
        (true, RmVersion::V200702) => Acknowledged::None,
        (true, RmVersion::February2005) => Acknowledged::Ranges(vec![AcknowledgementRange::new(0, 0)]),
    }
}
