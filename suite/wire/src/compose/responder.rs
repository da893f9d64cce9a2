//! What the side that was called answers.

use std::borrow::Cow;

use super::fault::{AddressingFault, FaultParts, compose_rm_fault, not_understood_headers};
use super::{RmHeaders, action_header, action_uri, relates_to_header, to_header};
use crate::{
    Action, AddressingVersion, Body, CloseSequenceResponse, CreateSequenceResponse, Envelope, Fault,
    FaultCode, Header, QName, Reason, RmFault, Sequence, SequenceAcknowledgement, TerminateSequence,
    TerminateSequenceResponse, WireProfile,
};

/// Makes the messages of a responder: one who answers requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponderMessages<'a> {
    /// The versions to write in.
    pub profile: WireProfile,
    /// `wsa:To`, where answers carry one.
    pub to: Option<&'a str>,
}

impl<'a> ResponderMessages<'a> {
    /// Answers on the connection of the request. WS-Addressing 1.0 needs no `To` for that; 2004/08 names
    /// the anonymous address.
    pub const fn anonymous(profile: WireProfile) -> Self {
        let to = match profile.addressing {
            AddressingVersion::August2004 => Some(profile.addressing.anonymous()),
            AddressingVersion::Addressing10 => None,
        };
        Self { profile, to }
    }

    /// `CreateSequenceResponse`: Action, RelatesTo, \[To\].
    pub fn create_sequence_response(
        &self,
        body: CreateSequenceResponse<'a>,
        relates_to: impl Into<Cow<'a, str>>,
    ) -> Envelope<'a> {
        self.protocol(
            RmHeaders::default(),
            Action::CreateSequenceResponse,
            Some(relates_to.into()),
            Body::CreateSequenceResponse(body),
        )
    }

    /// The reply to an application message: Sequence, acknowledgement, Action, \[RelatesTo\], \[To\].
    ///
    /// An application's fault goes the same way, with [`Body::Fault`].
    pub fn application(
        &self,
        rm: RmHeaders<'a>,
        action: impl Into<Cow<'a, str>>,
        relates_to: Option<Cow<'a, str>>,
        body: Body<'a>,
    ) -> Envelope<'a> {
        self.answer(rm, action.into(), Vec::new(), relates_to, body)
    }

    /// An acknowledgement that travels alone: acknowledgement, Action, \[To\].
    pub fn sequence_acknowledgement(&self, acknowledgement: SequenceAcknowledgement<'a>) -> Envelope<'a> {
        let rm = RmHeaders { acknowledgement: Some(acknowledgement), ..RmHeaders::default() };
        self.protocol(rm, Action::SequenceAcknowledgement, None, Body::Empty)
    }

    /// The last message of the way back, RM 1.0: Sequence, acknowledgement, Action, \[To\].
    /// `sequence.last_message` is set here.
    pub fn last_message(
        &self,
        sequence: Sequence<'a>,
        acknowledgement: SequenceAcknowledgement<'a>,
    ) -> Envelope<'a> {
        let rm = RmHeaders {
            sequence: Some(Sequence { last_message: true, ..sequence }),
            acknowledgement: Some(acknowledgement),
            ack_requested: None,
        };
        self.protocol(rm, Action::LastMessage, None, Body::Empty)
    }

    /// `TerminateSequence` of the sequence of the way back, as the answer to one of the other sequence:
    /// acknowledgement, Action, \[To\]. RM 1.0 always answers so, RM 1.1 only one that came too early.
    pub fn terminate_sequence(
        &self,
        acknowledgement: SequenceAcknowledgement<'a>,
        body: TerminateSequence<'a>,
    ) -> Envelope<'a> {
        let rm = RmHeaders { acknowledgement: Some(acknowledgement), ..RmHeaders::default() };
        self.protocol(rm, Action::TerminateSequence, None, Body::TerminateSequence(body))
    }

    /// `CloseSequenceResponse`: acknowledgement, Action, RelatesTo, \[To\].
    pub fn close_sequence_response(
        &self,
        acknowledgement: SequenceAcknowledgement<'a>,
        body: CloseSequenceResponse<'a>,
        relates_to: impl Into<Cow<'a, str>>,
    ) -> Envelope<'a> {
        let rm = RmHeaders { acknowledgement: Some(acknowledgement), ..RmHeaders::default() };
        let body = Body::CloseSequenceResponse(body);
        self.protocol(rm, Action::CloseSequenceResponse, Some(relates_to.into()), body)
    }

    /// `TerminateSequenceResponse`: acknowledgement, Action, RelatesTo, \[To\].
    pub fn terminate_sequence_response(
        &self,
        acknowledgement: SequenceAcknowledgement<'a>,
        body: TerminateSequenceResponse<'a>,
        relates_to: impl Into<Cow<'a, str>>,
    ) -> Envelope<'a> {
        let rm = RmHeaders { acknowledgement: Some(acknowledgement), ..RmHeaders::default() };
        let body = Body::TerminateSequenceResponse(body);
        self.protocol(rm, Action::TerminateSequenceResponse, Some(relates_to.into()), body)
    }

    /// An RM fault: \[acknowledgement\], Action, \[SequenceFault\], \[RelatesTo\], \[To\].
    ///
    /// A channel that answers for its session gives no `relates_to`; a listener that found no session, or
    /// makes none, relates its fault to the request where that had a MessageID.
    pub fn rm_fault(
        &self,
        fault: &RmFault<'a>,
        code: FaultCode<'a>,
        reason: Reason<'a>,
        acknowledgement: Option<SequenceAcknowledgement<'a>>,
        relates_to: Option<Cow<'a, str>>,
    ) -> Envelope<'a> {
        let to = self.to.map(Cow::Borrowed);
        let parts = FaultParts { code, reason, acknowledgement, relates_to, to };
        compose_rm_fault(self.profile, fault, parts)
    }

    /// A fault of WS-Addressing: \[Sequence\], \[acknowledgement\], Action, \[FaultDetail\], \[RelatesTo\],
    /// \[To\].
    pub fn addressing_fault(
        &self,
        rm: RmHeaders<'a>,
        fault: &AddressingFault<'a>,
        reason: Reason<'a>,
        relates_to: Option<Cow<'a, str>>,
    ) -> Envelope<'a> {
        let action = fault.action(self.profile.addressing);
        let headers = fault.detail_header(self.profile).into_iter().collect();
        let body = Body::Fault(fault.to_fault(self.profile, reason));
        self.answer(rm, Cow::Borrowed(action), headers, relates_to, body)
    }

    /// SOAP's MustUnderstand fault: \[Sequence\], \[acknowledgement\], Action, NotUnderstood (SOAP 1.2 only),
    /// \[RelatesTo\], \[To\].
    pub fn must_understand_fault(
        &self,
        rm: RmHeaders<'a>,
        not_understood: impl IntoIterator<Item = QName<'a>>,
        reason: Reason<'a>,
        relates_to: Option<Cow<'a, str>>,
    ) -> Envelope<'a> {
        let headers = not_understood_headers(self.profile.soap, not_understood);
        let action = Cow::Borrowed(self.profile.addressing.default_fault_action());
        let fault = Fault::new(self.profile.soap, FaultCode::MustUnderstand, Vec::new(), reason);
        self.answer(rm, action, headers, relates_to, Body::Fault(fault))
    }

    fn protocol(
        &self,
        rm: RmHeaders<'a>,
        action: Action,
        relates_to: Option<Cow<'a, str>>,
        body: Body<'a>,
    ) -> Envelope<'a> {
        let action = action_uri(action, self.profile.rm);
        self.answer(rm, Cow::Borrowed(action), Vec::new(), relates_to, body)
    }

    fn answer(
        &self,
        rm: RmHeaders<'a>,
        action: Cow<'a, str>,
        behind_action: Vec<Header<'a>>,
        relates_to: Option<Cow<'a, str>>,
        body: Body<'a>,
    ) -> Envelope<'a> {
        let mut envelope = Envelope::new(self.profile, body);
        envelope.headers.reserve(5);
        envelope.headers.extend(rm.reply_order());
        envelope.headers.push(action_header(action));
        envelope.headers.extend(behind_action);
        envelope.headers.extend(relates_to.map(relates_to_header));
        envelope.headers.extend(self.to.map(to_header));
        envelope
    }
}
