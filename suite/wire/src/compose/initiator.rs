//! What the side that opens a session sends.

use std::borrow::Cow;

use super::fault::{AddressingFault, FaultParts, compose_rm_fault, not_understood_headers};
use super::{RmHeaders, action_header, action_uri, relates_to_header, reply_to_header, to_header};
use crate::{
    AckRequested, Action, AddressingVersion, Body, CloseSequence, CloseSequenceResponse, CreateSequence,
    EndpointReference, Envelope, Fault, FaultCode, Header, HeaderKind, QName, Reason, RmFault, Sequence,
    SequenceAcknowledgement, TerminateSequence, TerminateSequenceResponse, WireProfile,
};

/// Makes the messages of an initiator: one who sends requests and, over HTTP, is answered on the same
/// connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InitiatorMessages<'a> {
    /// The versions to write in.
    pub profile: WireProfile,
    /// The address of the service, `wsa:To`.
    pub to: &'a str,
    /// Where the initiator can be reached; `None` where answers come back on the connection.
    pub reply_to: Option<&'a EndpointReference<'a>>,
}

impl<'a> InitiatorMessages<'a> {
    /// The messages of an initiator that has no address of its own.
    pub const fn anonymous(profile: WireProfile, to: &'a str) -> Self {
        Self { profile, to, reply_to: None }
    }

    /// The reference that stands for the initiator in `AcksTo`, in `Offer/Endpoint` and in `ReplyTo`.
    pub fn own_reference(&self) -> EndpointReference<'a> {
        self.reply_to.cloned().unwrap_or_else(|| EndpointReference::new(self.profile.addressing.anonymous()))
    }

    /// `CreateSequence`: Action, MessageID, \[ReplyTo\], To.
    pub fn create_sequence(
        &self,
        body: CreateSequence<'a>,
        message_id: impl Into<Cow<'a, str>>,
    ) -> Envelope<'a> {
        let request = Some(message_id.into());
        self.protocol(RmHeaders::default(), Action::CreateSequence, request, Body::CreateSequence(body))
    }

    /// An application message: \[acknowledgement\], \[AckRequested\], Sequence, Action, \[MessageID, ReplyTo\], To.
    ///
    /// A message that expects a reply has a `message_id`, and says where the reply goes even where that is
    /// the anonymous address; a one-way message has neither.
    pub fn application(
        &self,
        rm: RmHeaders<'a>,
        action: impl Into<Cow<'a, str>>,
        message_id: Option<Cow<'a, str>>,
        body: Body<'a>,
    ) -> Envelope<'a> {
        let mut envelope = Envelope::new(self.profile, body);
        envelope.headers.reserve(6);
        envelope.headers.extend(rm.source_order());
        envelope.headers.push(action_header(action));
        if let Some(message_id) = message_id {
            envelope.headers.push(Header::new(HeaderKind::MessageId(message_id)));
            envelope.headers.push(reply_to_header(self.own_reference()));
        }
        envelope.headers.push(to_header(self.to));
        envelope
    }

    /// An acknowledgement that travels alone: acknowledgement, Action, To.
    pub fn sequence_acknowledgement(&self, acknowledgement: SequenceAcknowledgement<'a>) -> Envelope<'a> {
        let rm = RmHeaders { acknowledgement: Some(acknowledgement), ..RmHeaders::default() };
        self.protocol(rm, Action::SequenceAcknowledgement, None, Body::Empty)
    }

    /// A request for an acknowledgement that travels alone: \[acknowledgement\], AckRequested, Action, To.
    pub fn ack_requested(
        &self,
        acknowledgement: Option<SequenceAcknowledgement<'a>>,
        ack_requested: AckRequested<'a>,
    ) -> Envelope<'a> {
        let rm = RmHeaders { sequence: None, acknowledgement, ack_requested: Some(ack_requested) };
        self.protocol(rm, Action::AckRequested, None, Body::Empty)
    }

    /// The empty message that ends a sequence of RM 1.0: \[acknowledgement\], \[AckRequested\], Sequence,
    /// Action, To. `sequence.last_message` is set here.
    pub fn last_message(
        &self,
        acknowledgement: Option<SequenceAcknowledgement<'a>>,
        ack_requested: Option<AckRequested<'a>>,
        sequence: Sequence<'a>,
    ) -> Envelope<'a> {
        let sequence = Some(Sequence { last_message: true, ..sequence });
        self.protocol(
            RmHeaders { sequence, acknowledgement, ack_requested },
            Action::LastMessage,
            None,
            Body::Empty,
        )
    }

    /// `CloseSequence`: \[acknowledgement\], Action, MessageID, \[ReplyTo\], To.
    pub fn close_sequence(
        &self,
        acknowledgement: Option<SequenceAcknowledgement<'a>>,
        body: CloseSequence<'a>,
        message_id: impl Into<Cow<'a, str>>,
    ) -> Envelope<'a> {
        let rm = RmHeaders { acknowledgement, ..RmHeaders::default() };
        self.protocol(rm, Action::CloseSequence, Some(message_id.into()), Body::CloseSequence(body))
    }

    /// `TerminateSequence`: \[acknowledgement\], Action, \[MessageID\], \[ReplyTo\], To.
    ///
    /// There is no `message_id` where no answer is expected: RM 1.0 without a sequence for the way back.
    pub fn terminate_sequence(
        &self,
        acknowledgement: Option<SequenceAcknowledgement<'a>>,
        body: TerminateSequence<'a>,
        message_id: Option<Cow<'a, str>>,
    ) -> Envelope<'a> {
        let rm = RmHeaders { acknowledgement, ..RmHeaders::default() };
        self.protocol(rm, Action::TerminateSequence, message_id, Body::TerminateSequence(body))
    }

    /// A fault that ends the session: \[acknowledgement\], Action, \[SequenceFault\], To.
    ///
    /// `code` is Sender or Receiver: whose doing it is, as the session judges it.
    pub fn rm_fault(
        &self,
        fault: &RmFault<'a>,
        code: FaultCode<'a>,
        reason: Reason<'a>,
        acknowledgement: Option<SequenceAcknowledgement<'a>>,
    ) -> Envelope<'a> {
        compose_rm_fault(
            self.profile,
            fault,
            FaultParts { code, reason, acknowledgement, relates_to: None, to: Some(Cow::Borrowed(self.to)) },
        )
    }

    /// A fault of WS-Addressing: Action, \[FaultDetail\], To.
    pub fn addressing_fault(&self, fault: &AddressingFault<'a>, reason: Reason<'a>) -> Envelope<'a> {
        let action = fault.action(self.profile.addressing);
        let headers = fault.detail_header(self.profile).into_iter().collect();
        self.answer(action, headers, None, Body::Fault(fault.to_fault(self.profile, reason)))
    }

    /// SOAP's MustUnderstand fault: Action, NotUnderstood (SOAP 1.2 only), To.
    pub fn must_understand_fault(
        &self,
        not_understood: impl IntoIterator<Item = QName<'a>>,
        reason: Reason<'a>,
    ) -> Envelope<'a> {
        let headers = not_understood_headers(self.profile.soap, not_understood);
        let fault = Fault::new(self.profile.soap, FaultCode::MustUnderstand, Vec::new(), reason);
        self.answer(self.profile.addressing.default_fault_action(), headers, None, Body::Fault(fault))
    }

    /// `CloseSequenceResponse`, to a destination that asked: Action, \[RelatesTo\], To.
    pub fn close_sequence_response(
        &self,
        body: CloseSequenceResponse<'a>,
        relates_to: Option<Cow<'a, str>>,
    ) -> Envelope<'a> {
        let action = action_uri(Action::CloseSequenceResponse, self.profile.rm);
        self.answer(action, Vec::new(), relates_to, Body::CloseSequenceResponse(body))
    }

    /// `TerminateSequenceResponse`, to a destination that asked: Action, \[RelatesTo\], To.
    pub fn terminate_sequence_response(
        &self,
        body: TerminateSequenceResponse<'a>,
        relates_to: Option<Cow<'a, str>>,
    ) -> Envelope<'a> {
        let action = action_uri(Action::TerminateSequenceResponse, self.profile.rm);
        self.answer(action, Vec::new(), relates_to, Body::TerminateSequenceResponse(body))
    }

    /// A message that answers one of the other side and starts no exchange.
    fn answer(
        &self,
        action: &'static str,
        behind_action: Vec<Header<'a>>,
        relates_to: Option<Cow<'a, str>>,
        body: Body<'a>,
    ) -> Envelope<'a> {
        let mut envelope = Envelope::new(self.profile, body);
        envelope.headers.push(action_header(action));
        envelope.headers.extend(behind_action);
        envelope.headers.extend(relates_to.map(relates_to_header));
        envelope.headers.push(to_header(self.to));
        envelope
    }

    /// A protocol message. Its ReplyTo is left out where WS-Addressing 1.0 takes the anonymous address for
    /// granted; 2004/08 has no such default.
    fn protocol(
        &self,
        rm: RmHeaders<'a>,
        action: Action,
        message_id: Option<Cow<'a, str>>,
        body: Body<'a>,
    ) -> Envelope<'a> {
        let mut envelope = Envelope::new(self.profile, body);
        envelope.headers.reserve(6);
        envelope.headers.extend(rm.source_order());
        envelope.headers.push(action_header(action_uri(action, self.profile.rm)));
        if let Some(message_id) = message_id {
            envelope.headers.push(Header::new(HeaderKind::MessageId(message_id)));
            if self.reply_to.is_some() || self.profile.addressing == AddressingVersion::August2004 {
                envelope.headers.push(reply_to_header(self.own_reference()));
            }
        }
        envelope.headers.push(to_header(self.to));
        envelope
    }
}
