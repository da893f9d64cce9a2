//! What lies behind a failure that WCF puts into an inner exception.

use rstest::rstest;
use wsrm_protocol::{
    Answer, Initiator, InitiatorConfig, InitiatorEvent, Pattern, ReliableSessionSettings,
    SequentialIdentifiers, SessionError, Timeouts, Timestamp,
};
use wsrm_wire::WireProfile;

use crate::script::ADDRESS;

/// The error of a session whose CreateSequence is answered by `body`.
fn error_of(body: &str) -> Option<SessionError> {
    let config = InitiatorConfig {
        address: ADDRESS.to_owned(),
        profile: WireProfile::default(),
        pattern: Pattern::OneWay,
        settings: ReliableSessionSettings::default(),
        timeouts: Timeouts::default(),
        language: "en-US".to_owned(),
    };
    let mut initiator = Initiator::new(config, Box::new(SequentialIdentifiers::default()));
    initiator.open(Timestamp::ZERO);
    let transmit = initiator.poll_transmit()?;
    let answer = Answer::Response {
        status: 200,
        content_type: Some("application/soap+xml; charset=utf-8".to_owned()),
        body: body.to_owned().into(),
    };
    initiator.handle_answer(Timestamp::ZERO, transmit.exchange, answer);
    std::iter::from_fn(|| initiator.poll_event()).find_map(|event| match event {
        InitiatorEvent::Faulted { error } => Some(error),
        _ => None,
    })
}

const BEHIND_HEADER: &str = "</a:RelatesTo></s:Header><s:Body>\
    <CreateSequenceResponse xmlns=\"http://schemas.xmlsoap.org/ws/2005/02/rm\"></CreateSequenceResponse>\
    </s:Body></s:Envelope>";

fn response(behind_action: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" \
         xmlns:a=\"http://www.w3.org/2005/08/addressing\"><s:Header><a:Action>\
         http://schemas.xmlsoap.org/ws/2005/02/rm/CreateSequenceResponse</a:Action>{behind_action}"
    )
}

#[rstest]
#[case::no_xml("hello".to_owned(), "text before the root element (XML 2.1) at byte 0")]
#[case::nothing_related(response("</s:Header><s:Body/></s:Envelope>"), "the response has no RelatesTo")]
#[case::no_identifier(response(&format!("<a:RelatesTo>urn:x{BEHIND_HEADER}")), "CreateSequenceResponse without Identifier")]
fn says_what_cannot_be_read(#[case] body: String, #[case] cause: &str) {
    let error = error_of(&body).unwrap();
    assert_eq!(error.wcf_exception(), "System.ServiceModel.ProtocolException");
    assert!(error.cause().is_some_and(|found| found.starts_with(cause)), "{error:?}");
}
