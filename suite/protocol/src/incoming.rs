//! What a request says, as WCF's reliable messaging layer reads it before any session sees it.

use wsrm_wire::{
    AckRequested, Action, AddressingVersion, Body, Envelope, FaultCode, Header, HeaderKind, MalformedHeader,
    QName, RmFault, RmVersion, Sequence, SequenceAcknowledgement, WireProfile,
};

/// A request that reliable messaging can do something with.
#[derive(Debug)]
pub(crate) struct Incoming<'a> {
    /// The `wsa:Action`.
    pub(crate) action: Option<&'a str>,
    /// The protocol message that the action names.
    pub(crate) protocol: Option<Action>,
    /// The `wsa:MessageID`.
    pub(crate) message_id: Option<&'a str>,
    /// The address of the `wsa:ReplyTo`.
    pub(crate) reply_to: Option<&'a str>,
    /// The `wsa:To`.
    pub(crate) to: Option<&'a str>,
    /// The `Sequence` header.
    pub(crate) sequence: Option<&'a Sequence<'a>>,
    /// The `SequenceAcknowledgement` header.
    pub(crate) acknowledgement: Option<&'a SequenceAcknowledgement<'a>>,
    /// The `AckRequested` header.
    pub(crate) ack_requested: Option<&'a AckRequested<'a>>,
    /// Whether there is a `UsesSequenceSTR` header.
    pub(crate) uses_token: bool,
    /// Whether there is a `UsesSequenceSSL` header.
    pub(crate) uses_ssl: bool,
    /// The headers that had to be understood and were not.
    pub(crate) not_understood: Vec<&'a QName<'a>>,
    /// The RM fault that the message is, and the sequence it names.
    pub(crate) fault: Option<IncomingFault<'a>>,
    /// The body.
    pub(crate) body: &'a Body<'a>,
}

/// A SOAP fault outside a sequence.
#[derive(Debug)]
pub(crate) struct IncomingFault<'a> {
    /// The sequence that an RM fault names.
    pub(crate) identifier: Option<String>,
    /// The first explanation.
    pub(crate) reason: &'a str,
    /// Whether the peer blames itself (Receiver) rather than us.
    pub(crate) from_receiver: bool,
}

/// Why a request goes no further.
#[derive(Debug)]
pub(crate) enum Rejection {
    /// It cannot be read, or lacks a header without which WCF gives up: no answer. The text says why.
    Unreadable(String),
    /// These headers had to be understood.
    NotUnderstood(Vec<QName<'static>>),
    /// It has nothing of reliable messaging: the answer of RM 1.0.
    ActionNotSupported,
    /// It has nothing of reliable messaging: the answer of RM 1.1.
    WsrmRequired,
}

/// What the listener's answer to a rejected request may refer to.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Addressing<'a> {
    pub(crate) action: Option<&'a str>,
    pub(crate) message_id: Option<&'a str>,
    pub(crate) reply_to: Option<&'a str>,
}

impl<'a> Addressing<'a> {
    /// Finds the first header of each kind.
    pub(crate) fn of(envelope: &'a Envelope<'a>) -> Self {
        let mut found = Self::default();
        for header in &envelope.headers {
            match &header.kind {
                HeaderKind::Action(action) if found.action.is_none() => found.action = Some(action),
                HeaderKind::MessageId(id) if found.message_id.is_none() => found.message_id = Some(id),
                HeaderKind::ReplyTo(to) if found.reply_to.is_none() => found.reply_to = Some(&to.address),
                _ => {}
            }
        }
        found
    }
}

impl<'a> Incoming<'a> {
    /// Reads a request in WCF's order: headers, then what the action asks of the body, then the headers that had to
    /// be understood.
    pub(crate) fn read(envelope: &'a Envelope<'a>) -> Result<Self, Rejection> {
        let mut incoming = Self::new(&envelope.body);
        let profile = envelope.profile;
        let action = Addressing::of(envelope).action;
        incoming.action = action;
        incoming.protocol = action.and_then(|action| Action::from_uri(action, profile.rm));
        let is_for_us = |header: &&Header<'_>| {
            header.role.as_deref().is_none_or(|role| profile.soap.is_endpoint_role(role))
        };
        for header in envelope.headers.iter().filter(is_for_us) {
            incoming.add_header(header, profile.rm)?;
        }
        if incoming.sequence.is_none() {
            incoming.fault = IncomingFault::find(envelope)?;
        }
        incoming.check_relevance(profile)?;
        incoming.check_body(profile)?;
        incoming.check_understood(profile)?;
        Ok(incoming)
    }

    /// Whether the message asks for a sequence.
    pub(crate) fn is_create_sequence(&self) -> bool {
        self.protocol == Some(Action::CreateSequence)
    }

    fn new(body: &'a Body<'a>) -> Self {
        Self {
            action: None,
            protocol: None,
            message_id: None,
            reply_to: None,
            to: None,
            sequence: None,
            acknowledgement: None,
            ack_requested: None,
            uses_token: false,
            uses_ssl: false,
            not_understood: Vec::new(),
            fault: None,
            body,
        }
    }

    fn add_header(&mut self, header: &'a Header<'a>, version: RmVersion) -> Result<(), Rejection> {
        let slot_is_free = match &header.kind {
            // CreateSequence opens a conversation: RM headers of a sequence mean nothing to it.
            HeaderKind::Sequence(_)
            | HeaderKind::SequenceAcknowledgement(_)
            | HeaderKind::AckRequested(_)
                if self.is_create_sequence() =>
            {
                if header.must_understand.is_set() {
                    return Err(twice(header, version));
                }
                true
            }
            HeaderKind::Sequence(sequence) => self.sequence.replace(sequence).is_none(),
            HeaderKind::SequenceAcknowledgement(value) => self.acknowledgement.replace(value).is_none(),
            HeaderKind::AckRequested(value) => self.ack_requested.replace(value).is_none(),
            HeaderKind::UsesSequenceStr => !std::mem::replace(&mut self.uses_token, true),
            HeaderKind::UsesSequenceSsl => !std::mem::replace(&mut self.uses_ssl, true),
            _ => return self.add_addressing_header(header),
        };
        if slot_is_free { Ok(()) } else { Err(twice(header, version)) }
    }

    fn add_addressing_header(&mut self, header: &'a Header<'a>) -> Result<(), Rejection> {
        let slot_is_free = match &header.kind {
            HeaderKind::MessageId(id) => self.message_id.replace(id).is_none(),
            HeaderKind::ReplyTo(reference) => self.reply_to.replace(&reference.address).is_none(),
            HeaderKind::To(to) => self.to.replace(to).is_none(),
            HeaderKind::Malformed(header) => {
                let MalformedHeader { name, error, .. } = header;
                return Err(Rejection::Unreadable(format!("the {} header is broken: {error}", name.local)));
            }
            HeaderKind::Other { name, .. } => {
                if header.must_understand.is_set() {
                    self.not_understood.push(name);
                }
                true
            }
            _ => true,
        };
        if slot_is_free {
            Ok(())
        } else {
            Err(Rejection::Unreadable("an addressing header stands twice".into()))
        }
    }

    /// A message without an RM header must be one that is known by its action, or a fault.
    fn check_relevance(&self, profile: WireProfile) -> Result<(), Rejection> {
        let has_rm_header =
            self.sequence.is_some() || self.acknowledgement.is_some() || self.ack_requested.is_some();
        let known_by_action = matches!(
            self.protocol,
            Some(
                Action::CreateSequence
                    | Action::CreateSequenceResponse
                    | Action::CloseSequence
                    | Action::CloseSequenceResponse
                    | Action::TerminateSequence
                    | Action::TerminateSequenceResponse
            )
        );
        if has_rm_header || known_by_action || (self.fault.is_some() && self.action.is_some()) {
            return Ok(());
        }
        Err(match (profile.rm, self.action) {
            (RmVersion::V200702, _) => Rejection::WsrmRequired,
            (RmVersion::February2005, Some(_)) => Rejection::ActionNotSupported,
            (RmVersion::February2005, None) => {
                Rejection::Unreadable("it has neither an action nor a header of reliable messaging".into())
            }
        })
    }

    /// Messages that are known by their action must have its body; those that are answered by RelatesTo in RM 1.1
    /// must have a MessageID. A CreateSequence is looked at when a sequence is to be made.
    fn check_body(&self, profile: WireProfile) -> Result<(), Rejection> {
        let has_body = match (self.protocol, self.body) {
            (Some(Action::CreateSequenceResponse), Body::CreateSequenceResponse(_))
            | (Some(Action::CloseSequence), Body::CloseSequence(_))
            | (Some(Action::CloseSequenceResponse), Body::CloseSequenceResponse(_))
            | (Some(Action::TerminateSequence), Body::TerminateSequence(_))
            | (Some(Action::TerminateSequenceResponse), Body::TerminateSequenceResponse(_)) => true,
            (
                Some(
                    Action::CreateSequenceResponse
                    | Action::CloseSequence
                    | Action::CloseSequenceResponse
                    | Action::TerminateSequence
                    | Action::TerminateSequenceResponse,
                ),
                _,
            ) => false,
            _ => true,
        };
        let expects_answer = profile.rm == RmVersion::V200702
            && matches!(self.protocol, Some(Action::CloseSequence | Action::TerminateSequence));
        let needs_reply_to = profile.addressing == AddressingVersion::August2004;
        let is_addressed = self.message_id.is_some() && (self.reply_to.is_some() || !needs_reply_to);
        if let Body::Malformed { error, .. } = self.body
            && !has_body
        {
            return Err(Rejection::Unreadable(error.to_string()));
        }
        if !has_body {
            return Err(Rejection::Unreadable("its body is not the one that its action names".into()));
        }
        if expects_answer && !is_addressed {
            return Err(Rejection::Unreadable(
                "it lacks the MessageID or ReplyTo that its answer needs".into(),
            ));
        }
        Ok(())
    }

    /// Only protocol messages are checked here; those of the application are the business of its dispatcher.
    fn check_understood(&self, profile: WireProfile) -> Result<(), Rejection> {
        let is_protocol = self.action.is_some_and(|action| action.starts_with(profile.rm.namespace()));
        if !is_protocol || self.is_create_sequence() {
            return Ok(());
        }
        self.understood()
    }

    /// Fails where a header that had to be understood was not.
    pub(crate) fn understood(&self) -> Result<(), Rejection> {
        if self.not_understood.is_empty() {
            return Ok(());
        }
        Err(Rejection::NotUnderstood(self.not_understood.iter().map(|name| owned(name)).collect()))
    }
}

impl<'a> IncomingFault<'a> {
    /// The fault that a message is; its detail may turn out to be unreadable.
    fn find(envelope: &'a Envelope<'a>) -> Result<Option<Self>, Rejection> {
        let Body::Fault(fault) = &envelope.body else { return Ok(None) };
        let rm_fault = RmFault::read(envelope).map_err(|error| Rejection::Unreadable(error.to_string()))?;
        Ok(Some(Self {
            identifier: rm_fault.and_then(sequence_of),
            reason: fault.reasons.first().map_or("", |reason| &reason.text),
            from_receiver: fault.code == FaultCode::Receiver,
        }))
    }
}

/// The sequence that an RM fault is about.
fn sequence_of(fault: RmFault<'static>) -> Option<String> {
    match fault {
        RmFault::SequenceTerminated { identifier }
        | RmFault::UnknownSequence { identifier }
        | RmFault::InvalidAcknowledgement { identifier, .. }
        | RmFault::MessageNumberRollover { identifier, .. }
        | RmFault::LastMessageNumberExceeded { identifier }
        | RmFault::SequenceClosed { identifier } => Some(identifier.into_owned()),
        RmFault::CreateSequenceRefused | RmFault::ConnectionLimitReached | RmFault::WsrmRequired => None,
    }
}

/// The name of a header, free of the message it came with.
pub(crate) fn owned(name: &QName<'_>) -> QName<'static> {
    QName {
        namespace: name.namespace.clone().into_owned().into(),
        local: name.local.clone().into_owned().into(),
    }
}

/// WCF reads one header of each kind; a second one is a header that nobody understood.
fn twice(header: &Header<'_>, version: RmVersion) -> Rejection {
    let local = match &header.kind {
        HeaderKind::Sequence(_) => "Sequence",
        HeaderKind::SequenceAcknowledgement(_) => "SequenceAcknowledgement",
        HeaderKind::AckRequested(_) => "AckRequested",
        HeaderKind::UsesSequenceStr => "UsesSequenceSTR",
        _ => "UsesSequenceSSL",
    };
    Rejection::NotUnderstood(vec![QName { namespace: version.namespace().into(), local: local.into() }])
}
