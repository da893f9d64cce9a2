//! What a WCF client says: in the faults that it sends, and in the exceptions that its application gets. The culture
//! is en-US.

use std::time::Duration;

use crate::TimeSpan;

/// The texts of faults that a client sends.
pub(super) mod fault {
    pub(crate) use crate::reason::refused::unparsable;
    pub(crate) use crate::reason::terminated::{
        CLOSE_BY_DESTINATION, CLOSE_RESPONSE_AT_DESTINATION, TERMINATE_AT_SOURCE, TERMINATE_BY_DESTINATION,
        reply_to_changed,
    };
    pub(crate) use crate::reason::{UNKNOWN_SEQUENCE, WSRM_REQUIRED, action_not_supported, not_understood};

    pub(crate) const ABORTED: &str = "Due to a user abort the reliable session cannot continue.";
    pub(crate) const ACCEPT_ELSEWHERE: &str = "The address for acknowledgements must be the same as the address for application messages. Verify that your endpoint is configured to use the same URI for these two addresses.";
    pub(crate) const ACCEPT_MISSING_FEBRUARY_2005: &str = "A return sequence was offered by the create sequence request but the create sequence response did not accept this sequence.";
    pub(crate) const ACCEPT_MISSING_200702: &str = "The client requested creation of a two way session. A one way session was created. The session cannot continue without as a one way session. This is likely caused by a binding mismatch.";
    pub(crate) const ACCEPT_UNASKED: &str = "A return sequence was not offered by the create sequence request. The create sequence response cannot accept a return sequence.";
    pub(crate) const ACK_REQUESTED_AT_SOURCE: &str = "The RM source received an AckRequested message. The RM source does not process AckRequested messages.";
    pub(crate) const CREATE_AT_SOURCE: &str = "The RM source received a CreateSequence request. The RM source does not process CreateSequence requests.";
    pub(crate) const FINAL_MISSING: &str = "The CloseSequence request's reply message must carry a final acknowledgement. This is a violation of the WS-ReliableMessaging protocol. The reliable session cannot continue.";
    pub(crate) const INVALID_ACKNOWLEDGEMENT: &str =
        "The SequenceAcknowledgement violates the cumulative acknowledgement invariant.";
    pub(crate) const LAST_NOT_TRANSFERRED: &str =
        "The RM Source could not transfer the last message within the timeout the user specified.";
    pub(crate) const NO_ACKNOWLEDGEMENT: &str = "A reply message was received with no acknowledgement.";
    pub(crate) const NO_ACTION: &str = "The endpoint only processes messages using the WS-ReliableMessaging protocol. The message sent to the endpoint does not have an action or any headers used by the protocol and cannot be processed.";
    pub(crate) const REPLY_GIVEN_UP: &str = "The session has stopped waiting for a particular reply. Because of this the reliable session cannot continue.";
    pub(crate) const RETRIES_EXHAUSTED: &str = "The user specified maximum retry count for a particular message has been exceeded. Because of this the reliable session cannot continue.";
    pub(crate) const TWO_CREATE_RESPONSES: &str = "The RM source received multiple CreateSequenceResponse messages with different sequence identifiers over the same session.";
    pub(crate) const WINDOW_BROKEN: &str =
        "An unknown error occurred while trying to add a sequence message to the window.";

    pub(crate) fn message_id_missing(request: &str) -> String {
        format!("The wsa:MessageId header must be present on a wsrm:{request} message.")
    }

    pub(crate) fn relates_to_missing(response: &str) -> String {
        format!(
            "The returned wsrm:{response}Response message was missing the required wsa:RelatesTo header. This is a violation of the WS-Addressing request reply protocol. The reliable session was faulted."
        )
    }

    pub(crate) fn response_before_request(request: &str) -> String {
        format!(
            "The {request}Response was received when the {request} request had not been sent. This is a WS-ReliableMessaging protocol violation. The reliable session cannot continue."
        )
    }

    pub(crate) fn wrong_relation(request: &str) -> String {
        format!(
            "The remote endpoint has responded to a {request} request message with an invalid reply. The reply has a wsa:RelatesTo header with an unexpected identifier. The reliable session cannot continue."
        )
    }

    pub(crate) fn wrong_response(request: &str, action: &str, expected: &str) -> String {
        format!(
            "The {request} request's response was a message with action {action}. The response must be a {request}Response with action {expected}. The reliable session cannot continue."
        )
    }
}

/// The texts of the exceptions that the application gets.
pub(super) mod exception {
    pub(crate) const ACCEPT_ELSEWHERE: &str = "The remote endpoint requested an address for acknowledgements that is not the same as the address for application messages. The channel could not be opened because this is not supported. Ensure the endpoint address used to create the channel is identical to the one the remote endpoint was set up with.";
    pub(crate) const ACCEPT_MISSING_FEBRUARY_2005: &str = "The remote endpoint replied to a request for a two way session with an offer for a one way session. This is a WS-ReliableMessaging protocol violation. The channel could not be opened.";
    pub(crate) const ACCEPT_MISSING_200702: &str = "The remote endpoint replied to a request for a two way session with an offer for a one way session. This is likely caused by a binding mismatch. The channel could not be opened.";
    pub(crate) const ACCEPT_UNASKED: &str = "The remote endpoint replied to a request for a one way session with an offer for a two way session. This is a WS-ReliableMessaging protocol violation. The channel could not be opened.";
    pub(crate) const ACK_REQUESTED_AT_SOURCE: &str = "The remote endpoint sent an unexpected request for an ack. Simplex clients do not send acks and do not process requests for acks.";
    pub(crate) const CLOSE_BY_DESTINATION: &str = "The remote endpoint closed the sequence before message transfer was complete. This is not supported since all messages could not be transferred. The reliable session was faulted.";
    pub(crate) const CLOSE_RESPONSE_AT_DESTINATION: &str = "The remote endpoint sent an unexpected close sequence response message. Simplex servers do not process this message.";
    pub(crate) const CONTENT_TYPE_MISSING: &str =
        "An HTTP Content-Type header is required for SOAP messaging and none was found.";
    pub(crate) const CREATE_AT_SOURCE: &str = "The remote endpoint sent an unexpected request to create a sequence. Clients do not process requests for a sequence.";
    pub(crate) const CREATE_RESPONSE_UNPARSABLE: &str = "The remote endpoint replied to the request for a sequence with a response that could not be parsed. See inner exception for details. The channel could not be opened.";
    pub(crate) const FINAL_MISSING: &str = "The remote endpoint did not include a final acknowledgement in the reply to the close sequence request message. This is a violation of the WS-ReliableMessaging protocol. The reliable session was faulted.";
    pub(crate) const INVALID_ACKNOWLEDGEMENT: &str = "A violation of acknowledgement protocol has been detected. An InvalidAcknowledgement fault was sent to the remote endpoint and the reliable session was faulted.";
    pub(crate) const NO_ACKNOWLEDGEMENT: &str = "The remote endpoint failed to include a required SequenceAcknowledgement header on a reliable reply message. The reliable session was faulted.";
    pub(crate) const NO_MEANINGFUL_REPLY: &str = "The server did not provide a meaningful reply; this might be caused by a contract mismatch, a premature session shutdown or an internal server error.";
    pub(crate) const NUMBERS_USED_UP: &str =
        "The maximum message number for this sequence has been exceeded. The reliable session was faulted.";
    pub(crate) const RETRIES_EXHAUSTED: &str = "The maximum retry count has been exceeded with no response from the remote endpoint. The reliable session was faulted. This is often an indication that the remote endpoint is no longer available.";
    pub(crate) const TERMINATE_AT_SOURCE: &str = "The remote endpoint sent an unexpected terminate sequence message. Simplex clients do not process this message.";
    pub(crate) const TERMINATE_BY_DESTINATION: &str = "The remote endpoint terminated the sequence before message transfer was complete. This is not supported since all messages could not be transferred. The reliable session was faulted.";
    pub(crate) const TWO_CREATE_RESPONSES: &str = "The remote endpoint sent inconsistent responses to the same create sequence request. The sequence identifiers are not identical.";
    pub(crate) const UNKNOWN_SEQUENCE: &str = "The remote endpoint has sent a message containing an unrecognized sequence identifier. The reliable session was faulted.";
    pub(crate) const UNREADABLE: &str =
        "A problem occurred while reading a message. See inner exception for details.";
    pub(crate) const WSRM_REQUIRED: &str =
        "The incoming message is not a WS-ReliableMessaging 1.1 message and could not be processed.";
    pub(crate) const XML_BROKEN: &str = "There is a problem with the XML that was received from the network. See inner exception for more details.";

    pub(crate) fn fault_for_another_sequence(reason: &str) -> String {
        format!(
            "The remote endpoint has sent an fault message with an unexpected sequence identifier over a session. The fault may be intended for a different session. The fault reason is: {reason} The reliable session was faulted."
        )
    }

    pub(crate) fn reply_to_changed(request: &str) -> String {
        format!(
            "The remote endpoint sent a wsrm:{request} request message with a wsa:ReplyTo address containing a URI which is not equivalent to the remote address. This is not supported. The reliable session was faulted."
        )
    }

    pub(crate) fn reply_to_one_way(action: &str) -> String {
        format!("The one-way operation returned a non-null message with Action='{action}'.")
    }

    pub(crate) fn response_before_request(request: &str) -> String {
        format!(
            "The remote endpoint returned a {request}Response when the {request} request had not been sent. This is a WS-ReliableMessaging protocol violation. The reliable session was faulted."
        )
    }

    pub(crate) fn sequence_terminated(reason: &str) -> String {
        format!(
            "The sequence has been terminated by the remote endpoint. {reason} The reliable session was faulted."
        )
    }

    pub(crate) fn sequence_unknown(reason: &str) -> String {
        format!(
            "The remote endpoint no longer recognizes this sequence. This is most likely due to an abort on the remote endpoint. {reason} The reliable session was faulted."
        )
    }

    pub(crate) fn unrecognized_fault(namespace: &str, local: &str, reason: &str) -> String {
        format!(
            "The remote endpoint has sent an unrecognized fault with namespace, {namespace}, name {local}, and reason {reason}. The reliable session was faulted."
        )
    }

    pub(crate) fn unrecognized_fault_on_open(namespace: &str, local: &str, reason: &str) -> String {
        format!(
            "The remote endpoint has sent an unrecognized fault with namespace, {namespace}, name {local}, and reason {reason}. The channel could not be opened."
        )
    }

    pub(crate) fn wrong_relation(request: &str) -> String {
        format!(
            "The returned {request}Response was carrying the a wsa:RelatesTo header that does not correlate with the wsa:MessageId header on the {request} request. This is a violation of the WS-Addressing request reply protocol. The reliable session cannot continue."
        )
    }

    pub(crate) fn wrong_response(request: &str, action: &str, expected: &str) -> String {
        format!(
            "The remote endpoint responded to the {request} request with a response with action {action}. The response must be a {request}Response with action {expected}. The channel was faulted."
        )
    }

    pub(crate) fn wrong_response_on_open(request: &str, action: &str, expected: &str) -> String {
        format!(
            "The remote endpoint responded to the {request} request with a response with action {action}. The response must be a {request}Response with action {expected}. The channel could not be opened."
        )
    }
}

/// The texts of what did not happen in time.
pub(super) mod timeout {
    pub(crate) use crate::reason::inactive;

    use super::{Duration, TimeSpan};

    pub(crate) fn open(timeout: Duration) -> String {
        format!(
            "The open operation did not complete within the allotted timeout of {}. The time allotted to this operation may have been a portion of a longer timeout.",
            TimeSpan::from(timeout)
        )
    }

    pub(crate) fn close(timeout: Duration) -> String {
        format!(
            "The close operation did not complete within the allotted timeout of {}. The time allotted to this operation may have been a portion of a longer timeout.",
            TimeSpan::from(timeout)
        )
    }

    pub(crate) fn operation(timeout: Duration) -> String {
        format!(
            "The operation did not complete within the allotted timeout of {}. The time allotted to this operation may have been a portion of a longer timeout.",
            TimeSpan::from(timeout)
        )
    }

    pub(crate) fn window(timeout: Duration) -> String {
        format!(
            "The message could not be transferred within the allotted timeout of {}. There was no space available in the reliable channel's transfer window. The time allotted to this operation may have been a portion of a longer timeout.",
            TimeSpan::from(timeout)
        )
    }

    pub(crate) fn request(timeout: Duration) -> String {
        format!(
            "The request channel timed out attempting to send after {}. Increase the timeout value passed to the call to Request or increase the SendTimeout value on the Binding. The time allotted to this operation may have been a portion of a longer timeout.",
            TimeSpan::from(timeout)
        )
    }

    pub(crate) fn reply(timeout: Duration) -> String {
        format!(
            "The request channel timed out while waiting for a reply after {}. Increase the timeout value passed to the call to Request or increase the SendTimeout value on the Binding. The time allotted to this operation may have been a portion of a longer timeout.",
            TimeSpan::from(timeout)
        )
    }
}

/// What is said of HTTP.
pub(super) mod http {
    pub(crate) fn not_found(address: &str) -> String {
        format!(
            "There was no endpoint listening at {address} that could accept the message. This is often caused by an incorrect address or SOAP action. See InnerException, if present, for more details."
        )
    }

    pub(crate) fn too_busy(address: &str) -> String {
        format!(
            "The HTTP service located at {address} is unavailable.  This could be because the service is too busy or because no endpoint was found listening at the specified address. Please ensure that the address is correct and try accessing the service again later."
        )
    }

    pub(crate) fn unauthorized(scheme: &str, offered: &str) -> String {
        format!(
            "The HTTP request is unauthorized with client authentication scheme '{scheme}'. The authentication header received from the server was '{offered}'."
        )
    }

    pub(crate) fn forbidden(scheme: &str) -> String {
        format!("The HTTP request was forbidden with client authentication scheme '{scheme}'.")
    }

    pub(crate) fn media_type_refused(content_type: &str, address: &str) -> String {
        format!(
            "Content Type {content_type} was not supported by service {address}.  The client and service bindings may be mismatched."
        )
    }

    pub(crate) fn unexpected(status: u16, phrase: &str) -> String {
        format!("The remote server returned an unexpected response: ({status}) {phrase}.")
    }

    pub(crate) fn wrong_content_type(got: &str, expected: &str, count: usize, excerpt: &str) -> String {
        format!(
            "The content type {got} of the response message does not match the content type of the binding ({expected}). If using a custom encoder, be sure that the IsContentTypeSupported method is implemented properly. The first {count} bytes of the response were: '{excerpt}'."
        )
    }
}
