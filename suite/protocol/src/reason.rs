//! The texts that WCF puts into its faults, in the culture en-US.

use std::time::Duration;

use crate::TimeSpan;

/// Why a service ends a session by a SequenceTerminated fault.
pub(crate) mod terminated {
    pub(crate) const SERVICE_EXPECTS_NO_MORE: &str = "The user of the remote endpoint's reliable session expects no more messages and a new message arrived. Due to this the reliable session cannot continue.";
    pub(crate) const EARLY_TERMINATE: &str = "The wsrm:TerminateSequence protocol message was transmitted before the sequence was successfully completed.";
    pub(crate) const BEFORE_REPLIES_ACKNOWLEDGED: &str = "The server received a TerminateSequence message before all reply sequence messages were acknowledged. This is a violation of the reply sequence acknowledgement protocol.";
    pub(crate) const NOT_ALL_REPLIES_ACKNOWLEDGED: &str = "All of the reply sequence's messages must be acknowledged prior to closing the request sequence. This is a violation of the reply sequence's delivery guarantee. The session cannot continue.";
    pub(crate) const SMALL_LAST_NUMBER: &str = "The wsrm:LastMsgNumber value is too small. A message with a larger sequence number has already been received.";
    pub(crate) const TWO_LAST_NUMBERS: &str = "Two different wsrm:LastMsgNumber values were specified. Because of this the reliable session cannot complete.";
    pub(crate) const ACKNOWLEDGEMENT_AT_DESTINATION: &str = "The RM destination received an acknowledgement message. The RM destination does not process acknowledgement messages.";
    pub(crate) const CREATE_RESPONSE_AT_DESTINATION: &str = "The RM destination received a CreateSequenceResponse message. The RM destination does not process CreateSequenceResponse messages.";
    pub(crate) const TERMINATE_AT_SOURCE: &str = "The RM source received a TerminateSequence message. The RM source does not process TerminateSequence messages.";
    pub(crate) const TERMINATE_RESPONSE_AT_DESTINATION: &str = "The RM destination received a TerminateSequenceResponse message. The RM destination does not process TerminateSequenceResponse messages.";
    pub(crate) const CLOSE_RESPONSE_AT_DESTINATION: &str = "The RM destination received an CloseSequenceResponse message. The RM destination does not process CloseSequenceResponse messages.";
    pub(crate) const CLOSE_BY_DESTINATION: &str = "The RM source does not support an RM destination initiated close since messages can be lost. The reliable session cannot continue.";
    pub(crate) const TERMINATE_BY_DESTINATION: &str = "The RM source does not support an RM destination initiated termination since messages can be lost. The reliable session cannot continue.";

    /// `request` is `CloseSequence` or `TerminateSequence`.
    pub(crate) fn reply_to_changed(request: &str) -> String {
        format!(
            "The wsrm:{request} request message's wsa:ReplyTo address containing a URI which is not equivalent to the remote address. This is not supported. The reliable session was faulted."
        )
    }
}

/// Why a service refuses to create a sequence.
pub(crate) mod refused {
    pub(crate) const ACKS_TO_IS_NOT_REPLY_TO: &str = "The endpoint processing requests to create a reliable session only supports sessions in which the AcksTo Uri and the ReplyTo Uri are the same.";
    pub(crate) const ACKS_TO_IS_NOT_ENDPOINT: &str = "The endpoint processing requests to create a reliable session only supports sessions in which the AcksTo Uri and the Endpoint Uri are the same.";
    pub(crate) const INCOMPLETE_SEQUENCE_BEHAVIOR: &str = "The request to create a reliable session contains an invalid wsrm:IncompleteSequenceBehavior value. This is a WS-ReliableMessaging protocol violation.";
    pub(crate) const TOKEN_WITHOUT_HEADER: &str = "The request to create a reliable session contains the wsse:SecurityTokenReference but does not carry a wsrm:UsesSequenceSTR header. This is a WS-ReliableMessaging protocol violation. The session could not be created.";
    pub(crate) const HEADER_WITHOUT_TOKEN: &str = "The request to create a reliable session carries a wsrm:UsesSequenceSTR header, but does not contain the wsse:SecurityTokenReference. This is a WS-ReliableMessaging protocol violation. The session could not be created.";
    pub(crate) const SSL: &str = "The endpoint processing requests to create a reliable session does not support sessions that use SSL. This is likely caused by a binding mismatch. The session could not be created.";

    pub(crate) const SECOND_BODY_ELEMENT: &str =
        "The message is not a valid SOAP message. The body contains more than 1 root element.";

    pub(crate) fn reply_session_without_offer(address: &str) -> String {
        format!(
            "The endpoint at {address} processes reply sessions. The create sequence request must contain an offer for a return sequence. This is likely caused by a binding mismatch."
        )
    }

    pub(crate) fn input_session_with_offer(address: &str) -> String {
        format!(
            "The endpoint at {address} processes input sessions. The create sequence request must not contain an offer for a return sequence. This is likely caused by a binding mismatch."
        )
    }

    pub(crate) fn empty(action: &str) -> String {
        format!(
            "A message with action {action} is an empty message. This message cannot be processed because the body of this WS-ReliableMessaging protocol message must carry information pertaining to a reliable session."
        )
    }

    pub(crate) fn unparsable(action: &str) -> String {
        format!("A message with action {action} could not be parsed.")
    }

    /// The text of a CreateSequenceRefused fault.
    pub(crate) fn by_destination(reason: &str) -> String {
        format!(
            "The request to create a reliable session has been refused by the RM Destination. {reason} The channel could not be opened."
        )
    }
}

pub(crate) const UNKNOWN_SEQUENCE: &str = "The value of wsrm:Identifier is not a known Sequence identifier.";
pub(crate) const LAST_NUMBER_EXCEEDED: &str = "The value for wsrm:MessageNumber exceeds the value of the MessageNumber accompanying a LastMessage element in this Sequence.";
pub(crate) const SEQUENCE_CLOSED: &str = "The Sequence is closed and cannot accept new messages.";
pub(crate) const WSRM_REQUIRED: &str = "The RM server requires the use of WS-ReliableMessaging 1.1 protocol. This is likely caused by a binding mismatch.";

pub(crate) fn action_not_supported(action: &str) -> String {
    format!(
        "The action {action} is not supported by this endpoint. Only WS-ReliableMessaging February 2005 messages are processed by this endpoint."
    )
}

pub(crate) fn not_understood(local: &str, namespace: &str) -> String {
    format!(
        "The header '{local}' from the namespace '{namespace}' was not understood by the recipient of this message, causing the message to not be processed.  This error typically indicates that the sender of this message has enabled a communication protocol that the receiver cannot process.  Please ensure that the configuration of the client's binding is consistent with the service's binding. "
    )
}

pub(crate) fn too_busy(address: &str) -> String {
    format!("Server '{address}' is too busy to process this request. Try again later.")
}

pub(crate) fn inactive(timeout: Duration) -> String {
    format!("The inactivity timeout of ({}) has been exceeded.", TimeSpan::from(timeout))
}
