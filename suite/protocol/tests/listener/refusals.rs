//! What a listener answers to requests that no session sees.

use bytes::Bytes;
use rstest::rstest;
use wsrm_protocol::Pattern::{self, OneWay, RequestReply};
use wsrm_protocol::{ExchangeId, Listener, ListenerAnswer, SequentialIdentifiers, Timestamp};
use wsrm_wire::RmVersion::{self, February2005, V200702};
use wsrm_wire::{Body, Envelope, Infoset, Limits, WireProfile};

use crate::script::Setting;

const ANONYMOUS: &str = "http://www.w3.org/2005/08/addressing/anonymous";

/// A good CreateSequence, to be spoilt.
fn create_sequence(version: RmVersion, pattern: Pattern) -> String {
    let rm = version.namespace();
    let endpoint = match version {
        February2005 => String::new(),
        V200702 => format!(
            "<Endpoint><a:Address>{ANONYMOUS}</a:Address></Endpoint>\
             <IncompleteSequenceBehavior>NoDiscard</IncompleteSequenceBehavior>"
        ),
    };
    let offer = match pattern {
        OneWay => String::new(),
        RequestReply => format!("<Offer><Identifier>urn:o</Identifier>{endpoint}</Offer>"),
    };
    format!(
        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:r=\"{rm}\" \
         xmlns:a=\"http://www.w3.org/2005/08/addressing\"><s:Header><a:Action>{rm}/CreateSequence</a:Action>\
         <a:MessageID>urn:m</a:MessageID></s:Header><s:Body><CreateSequence xmlns=\"{rm}\">\
         <AcksTo><a:Address>{ANONYMOUS}</a:Address></AcksTo>{offer}</CreateSequence></s:Body></s:Envelope>"
    )
}

/// Hands a message to a new listener, and tells its answer: the name and text of a fault, or what else there was.
fn answer(version: RmVersion, pattern: Pattern, message: &str) -> String {
    let identifiers = Box::new(SequentialIdentifiers::default());
    let mut listener = Listener::new(Setting::new(version, pattern).config(), identifiers);
    listener.handle_request(Timestamp::ZERO, ExchangeId(1), Bytes::from(message.to_owned()));
    let message = match listener.poll_answer().unwrap().1 {
        ListenerAnswer::Abort => return "abort".to_owned(),
        ListenerAnswer::Accepted => return "202".to_owned(),
        ListenerAnswer::Message { message, .. } => message,
    };
    let infoset = Infoset::read(&message, &Limits::default()).unwrap();
    let envelope = Envelope::read(&infoset, WireProfile { rm: version, ..WireProfile::default() }).unwrap();
    assert_eq!(envelope.relates_to().map(|relates_to| &*relates_to.message_id), Some("urn:m"));
    match &envelope.body {
        Body::CreateSequenceResponse(body) => {
            format!(
                "created, accept {}",
                body.accept.as_ref().map_or("nothing", |accept| &accept.acks_to.address)
            )
        }
        Body::Fault(fault) => {
            let code = fault.subcodes.first().map_or("MustUnderstand", |code| &code.local);
            let text = fault.reasons[0].text.replace(
                "The request to create a reliable session has been refused by the RM Destination. ",
                "",
            );
            format!("{code}: {}", text.chars().take(110).collect::<String>())
        }
        other => format!("{other:?}"),
    }
}

#[rstest]
#[case::good("", "", "created, accept http://www.w3.org/2005/08/addressing/anonymous")]
#[case::elsewhere(
    "<a:MessageID>",
    "<a:To>http://other/x</a:To><a:MessageID>",
    "created, accept http://other/x"
)]
#[case::no_message_id("<a:MessageID>urn:m</a:MessageID>", "", "abort")]
#[case::two_message_ids("<a:MessageID>", "<a:MessageID>urn:n</a:MessageID><a:MessageID>", "abort")]
#[case::reply_to(
    "<a:MessageID>",
    "<a:ReplyTo><a:Address>http://c/</a:Address></a:ReplyTo><a:MessageID>",
    "CreateSequenceRefused: The endpoint processing requests to create a reliable session only supports sessions in which the AcksTo Uri a"
)]
#[case::unknown_header(
    "<a:MessageID>",
    "<x:H xmlns:x=\"urn:x\" s:mustUnderstand=\"1\"/><a:MessageID>",
    "MustUnderstand: The header 'H' from the namespace 'urn:x' was not understood by the recipient of this message, causing the mes"
)]
#[case::unknown_header_for_another_role(
    "<a:MessageID>",
    "<x:H xmlns:x=\"urn:x\" s:mustUnderstand=\"1\" s:role=\"urn:other\"/><a:MessageID>",
    "created, accept http://www.w3.org/2005/08/addressing/anonymous"
)]
#[case::a_sequence_header_that_matters(
    "<a:MessageID>",
    "<r:Sequence s:mustUnderstand=\"1\"><r:Identifier>urn:i</r:Identifier><r:MessageNumber>1</r:MessageNumber></r:Sequence><a:MessageID>",
    "MustUnderstand: The header 'Sequence' from the namespace 'http://docs.oasis-open.org/ws-rx/wsrm/200702' was not understood by "
)]
#[case::no_acks_to(
    "<AcksTo><a:Address>http://www.w3.org/2005/08/addressing/anonymous</a:Address></AcksTo>",
    "",
    "CreateSequenceRefused: A message with action http://docs.oasis-open.org/ws-rx/wsrm/200702/CreateSequence could not be parsed. The cha"
)]
#[case::behaviour(
    "NoDiscard",
    "Whatever",
    "CreateSequenceRefused: The request to create a reliable session contains an invalid wsrm:IncompleteSequenceBehavior value. This is a "
)]
#[case::two_elements(
    "</CreateSequence>",
    "</CreateSequence><More/>",
    "CreateSequenceRefused: The message is not a valid SOAP message. The body contains more than 1 root element. The channel could not be "
)]
#[case::cut_off(
    "</CreateSequence></s:Body></s:Envelope>",
    "</Crea",
    "CreateSequenceRefused: A message with action http://docs.oasis-open.org/ws-rx/wsrm/200702/CreateSequence could not be parsed. The cha"
)]
#[case::endpoint(
    "<Endpoint><a:Address>http://www.w3.org/2005/08/addressing/anonymous",
    "<Endpoint><a:Address>http://c/",
    "CreateSequenceRefused: The endpoint processing requests to create a reliable session only supports sessions in which the AcksTo Uri a"
)]
#[case::token(
    "<a:MessageID>",
    "<r:UsesSequenceSTR s:mustUnderstand=\"1\"/><a:MessageID>",
    "CreateSequenceRefused: The request to create a reliable session carries a wsrm:UsesSequenceSTR header, but does not contain the wsse:"
)]
#[case::token_in_the_body(
    "</CreateSequence>",
    "<o:SecurityTokenReference xmlns:o=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\"/></CreateSequence>",
    "CreateSequenceRefused: The request to create a reliable session contains the wsse:SecurityTokenReference but does not carry a wsrm:Us"
)]
#[case::tls(
    "<a:MessageID>",
    "<r:UsesSequenceSSL s:mustUnderstand=\"1\"/><a:MessageID>",
    "CreateSequenceRefused: The endpoint processing requests to create a reliable session does not support sessions that use SSL. This is "
)]
#[case::other_action(
    "/CreateSequence</a:Action>",
    "/Other</a:Action>",
    "WsrmRequired: The RM server requires the use of WS-ReliableMessaging 1.1 protocol. This is likely caused by a binding mismat"
)]
fn create_sequence_of_rm11(#[case] good: &str, #[case] spoilt: &str, #[case] expected: &str) {
    let message = create_sequence(V200702, RequestReply);
    assert!(message.contains(good), "{message}");
    let message = if good.is_empty() { message } else { message.replacen(good, spoilt, 1) };
    assert_eq!(answer(V200702, RequestReply, &message), expected);
}

#[rstest]
#[case(February2005, OneWay, OneWay, "created, accept nothing")]
#[case(
    February2005,
    OneWay,
    RequestReply,
    "CreateSequenceRefused: The endpoint at http://service.example/s processes input sessions. The create sequence request must not contai"
)]
#[case(
    February2005,
    RequestReply,
    OneWay,
    "CreateSequenceRefused: The endpoint at http://service.example/s processes reply sessions. The create sequence request must contain an"
)]
#[case(V200702, OneWay, RequestReply, "created, accept nothing")]
#[case(
    V200702,
    RequestReply,
    OneWay,
    "CreateSequenceRefused: The endpoint at http://service.example/s processes reply sessions. The create sequence request must contain an"
)]
fn an_offer_must_fit(
    #[case] version: RmVersion,
    #[case] service: Pattern,
    #[case] client: Pattern,
    #[case] expected: &str,
) {
    assert_eq!(answer(version, service, &create_sequence(version, client)), expected);
}

#[rstest]
#[case::not_xml("hello", "abort")]
#[case::no_body("<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"/>", "abort")]
#[case::other_soap(
    "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body/></s:Envelope>",
    "abort"
)]
#[case::nothing_of_rm(
    "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:a=\"http://www.w3.org/2005/08/addressing\"><s:Header><a:Action>urn:a</a:Action><a:MessageID>urn:m</a:MessageID></s:Header><s:Body/></s:Envelope>",
    "ActionNotSupported: The action urn:a is not supported by this endpoint. Only WS-ReliableMessaging February 2005 messages are proce"
)]
#[case::no_action(
    "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body><x/></s:Body></s:Envelope>",
    "abort"
)]
fn what_is_no_request_for_rm10(#[case] message: &str, #[case] expected: &str) {
    assert_eq!(answer(February2005, RequestReply, message), expected);
}
