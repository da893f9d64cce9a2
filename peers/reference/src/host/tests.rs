use bytes::Bytes;
use rstest::rstest;
use wsrm_protocol::{ReliableSessionSettings, SequentialIdentifiers, Timeouts};
use wsrm_wire::{RmVersion, SoapVersion, WireProfile};

use super::*;
use crate::contract::{Call, Completion, Performance, request_body};

const CREATE: &str = "http://schemas.xmlsoap.org/ws/2005/02/rm/CreateSequence";
const ECHO: &str = "http://tempuri.org/IEcho/Echo";

const SOAP_12: &str = "application/soap+xml; charset=utf-8";

struct World {
    host: Host,
    exchange: u64,
}

fn listener(soap: SoapVersion, pattern: Pattern) -> ListenerConfig {
    ListenerConfig {
        address: "http://host/service".to_owned(),
        profile: WireProfile { soap, rm: RmVersion::February2005, ..WireProfile::default() },
        pattern,
        settings: ReliableSessionSettings::default(),
        timeouts: Timeouts::default(),
        language: "en-US".to_owned(),
        max_concurrent_calls: 16,
        enforce_max_pending_channels: true,
    }
}

impl World {
    fn new(config: HostConfig, soap: SoapVersion, contract: Contract) -> Self {
        let mut host = Host::new(config);
        let listener = listener(soap, contract.pattern());
        let identifiers = Box::new(SequentialIdentifiers::default());
        host.add_endpoint("/service", listener, contract, identifiers).unwrap();
        Self { host, exchange: 0 }
    }

    fn request(&mut self, at: u64, request: &Request) -> Option<HttpAnswer> {
        self.exchange += 1;
        let exchange = ExchangeId(self.exchange);
        self.host.handle_request(Timestamp::from_millis(at), exchange, request);
        let (answered, answer) = self.host.poll_answer()?;
        assert_eq!((answered, self.host.poll_answer()), (exchange, None));
        Some(answer)
    }

    /// The answer to a good message, sent as WCF sends it.
    fn post(&mut self, at: u64, message: &str) -> Option<HttpAnswer> {
        let soap =
            if message.contains("2003/05/soap-envelope") { SoapVersion::Soap12 } else { SoapVersion::Soap11 };
        let content_type = format!("{}; charset=utf-8", soap.media_type());
        self.request(at, &post("/service", &content_type, None, message.as_bytes()))
    }

    fn open(&mut self) {
        let answer = self.post(0, &create(SoapVersion::Soap12)).unwrap();
        assert_eq!(status(&answer), Some(200), "{answer:?}");
    }

    fn events(&mut self) -> Vec<HostEvent> {
        std::iter::from_fn(|| self.host.poll_event()).collect()
    }
}

fn post(path: &str, content_type: &str, soap_action: Option<&str>, body: &[u8]) -> Request {
    let mut headers = vec![("Content-Type", content_type)];
    headers.extend(soap_action.map(|action| ("SOAPAction", action)));
    headers.retain(|(_, value)| !value.is_empty());
    Request::new("POST", path, headers, Bytes::copy_from_slice(body)).unwrap()
}

fn envelope(soap: SoapVersion, headers: &str, body: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"{}\" xmlns:a=\"http://www.w3.org/2005/08/addressing\" \
         xmlns:r=\"http://schemas.xmlsoap.org/ws/2005/02/rm\"><s:Header>{headers}</s:Header><s:Body>{body}</s:Body>\
         </s:Envelope>",
        soap.namespace()
    )
}

fn create(soap: SoapVersion) -> String {
    let headers = format!(
        "<a:Action>{CREATE}</a:Action><a:MessageID>urn:uuid:c</a:MessageID><a:To>http://host/service</a:To>"
    );
    let anonymous = "<a:Address>http://www.w3.org/2005/08/addressing/anonymous</a:Address>";
    let body = format!(
        "<r:CreateSequence><r:AcksTo>{anonymous}</r:AcksTo><r:Offer><r:Identifier>urn:offer</r:Identifier></r:Offer></r:CreateSequence>"
    );
    envelope(soap, &headers, &body)
}

/// A call in the first session of a host, whose identifier is the first of its identifiers.
fn call(number: u64, text: &str) -> String {
    let headers = format!(
        "<r:Sequence><r:Identifier>urn:uuid:00000000-0000-0000-0000-000000000001</r:Identifier>\
         <r:MessageNumber>{number}</r:MessageNumber></r:Sequence><a:Action>{ECHO}</a:Action>\
         <a:MessageID>urn:uuid:m{number}</a:MessageID><a:To>http://host/service</a:To>"
    );
    envelope(SoapVersion::Soap12, &headers, &request_body("Echo", text).xml)
}

fn status(answer: &HttpAnswer) -> Option<u16> {
    match answer {
        HttpAnswer::Response(response) => Some(response.status),
        HttpAnswer::Abort => None,
    }
}

fn body(answer: &HttpAnswer) -> &str {
    match answer {
        HttpAnswer::Response(response) => std::str::from_utf8(&response.body).unwrap(),
        HttpAnswer::Abort => "",
    }
}

/// What each request gets: by .NET Framework, by CoreWCF; no status is a connection closed without an answer.
#[rstest]
#[case::good("/service", "application/soap+xml; charset=utf-8", Some(200), Some(200))]
#[case::trailing_slash("/service/", "application/soap+xml; charset=utf-8", Some(200), Some(200))]
#[case::other_case("/Service?x=1", "application/soap+xml", Some(200), Some(200))]
#[case::unknown_path("/nosuch", "application/soap+xml; charset=utf-8", Some(404), Some(404))]
#[case::right_action(
    "/service",
    "application/soap+xml; action=\"http://schemas.xmlsoap.org/ws/2005/02/rm/CreateSequence\"",
    Some(200),
    Some(200)
)]
#[case::wrong_action("/service", "application/soap+xml; charset=utf-8; action=\"urn:other\"", None, None)]
#[case::plain_text("/service", "text/plain", Some(415), None)]
#[case::other_soap("/service", "text/xml; charset=utf-8", Some(415), None)]
#[case::unknown_charset("/service", "application/soap+xml; charset=latin1", Some(415), None)]
#[case::multipart("/service", "multipart/related; type=\"application/xop+xml\"", Some(415), None)]
#[case::no_content_type("/service", "", Some(415), None)]
fn http_rules(
    #[case] path: &str,
    #[case] content_type: &str,
    #[case] net_framework: Option<u16>,
    #[case] core_wcf: Option<u16>,
) {
    let request = post(path, content_type, None, create(SoapVersion::Soap12).as_bytes());
    for (edition, expected) in [(Edition::NetFramework, net_framework), (Edition::CoreWcf, core_wcf)] {
        let config = HostConfig { edition, ..HostConfig::default() };
        let answer = World::new(config, SoapVersion::Soap12, Contract::echo()).request(0, &request);
        assert_eq!(status(&answer.unwrap()), expected, "{edition}");
    }
}

#[rstest]
#[case::empty(b"", Some(400), Some(400))]
#[case::not_xml(b"hello", Some(400), None)]
#[case::other_document(b"<html/>", Some(400), None)]
#[case::other_envelope(
    b"<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body/></e:Envelope>",
    Some(400),
    None
)]
fn bodies_that_are_no_message(
    #[case] body: &[u8],
    #[case] net_framework: Option<u16>,
    #[case] core_wcf: Option<u16>,
) {
    let request = post("/service", "application/soap+xml", None, body);
    for (edition, expected) in [(Edition::NetFramework, net_framework), (Edition::CoreWcf, core_wcf)] {
        let config = HostConfig { edition, ..HostConfig::default() };
        let answer = World::new(config, SoapVersion::Soap12, Contract::echo()).request(0, &request);
        assert_eq!(status(&answer.unwrap()), expected, "{edition}");
    }
}

#[rstest]
#[case(Edition::NetFramework, Response::method_not_allowed())]
#[case(Edition::CoreWcf, Response::empty(400))]
fn other_methods(#[case] edition: Edition, #[case] expected: Response) {
    let mut world =
        World::new(HostConfig { edition, ..HostConfig::default() }, SoapVersion::Soap12, Contract::echo());
    for method in ["GET", "PUT", "DELETE", "OPTIONS"] {
        let headers: [(&str, &str); 0] = [];
        let request = Request::new(method, "/service", headers, Bytes::new()).unwrap();
        assert_eq!(world.request(0, &request), Some(HttpAnswer::Response(expected.clone())), "{method}");
    }
}

#[rstest]
#[case::matching(Some("\"http://schemas.xmlsoap.org/ws/2005/02/rm/CreateSequence\""), Some(200))]
#[case::unquoted(Some("http://schemas.xmlsoap.org/ws/2005/02/rm/CreateSequence"), Some(200))]
#[case::empty(Some("\"\""), Some(200))]
#[case::absent(None, Some(200))]
#[case::other(Some("\"urn:other\""), None)]
fn soap_action(#[case] header: Option<&str>, #[case] expected: Option<u16>) {
    let mut world = World::new(HostConfig::default(), SoapVersion::Soap11, Contract::echo());
    let request = post("/service", "text/xml", header, create(SoapVersion::Soap11).as_bytes());
    let answer = world.request(0, &request).unwrap();
    assert_eq!(status(&answer), expected);
    if let HttpAnswer::Response(response) = answer {
        assert_eq!(*response.headers, [("Content-Type".into(), "text/xml; charset=utf-8".into())]);
    }
}

#[test]
fn utf_16_with_and_without_byte_order_mark() {
    let message: Vec<u8> = create(SoapVersion::Soap12).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [&[0xFF, 0xFE], message.as_slice()].concat();
    for body in [message, marked] {
        let mut world = World::new(HostConfig::default(), SoapVersion::Soap12, Contract::echo());
        let answer = world.request(0, &post("/service", "application/soap+xml; charset=utf-16", None, &body));
        assert_eq!(answer.as_ref().and_then(status), Some(200));
    }
}

#[test]
fn echo_and_events() {
    let mut world = World::new(HostConfig::default(), SoapVersion::Soap12, Contract::echo());
    world.open();
    let answer = world.post(10, &call(1, "one")).unwrap();
    assert!(body(&answer).contains("<EchoResult>one</EchoResult>"), "{answer:?}");
    let events = world.events();
    assert!(matches!(
        events.as_slice(),
        [
            HostEvent::SessionOpened { .. },
            HostEvent::OperationStarted { number: 1, name: Some(_), .. },
            HostEvent::OperationFinished { result: OperationResult::Returned, .. }
        ]
    ));
}

#[test]
fn slow_operations_take_the_time_of_the_host() {
    let mut world = World::new(HostConfig::default(), SoapVersion::Soap12, Contract::echo());
    world.open();
    assert_eq!(world.post(1000, &call(1, "sleep:500")), None);
    // A duplicate waits with the first.
    assert_eq!(world.post(1200, &call(1, "sleep:500")), None);
    assert_eq!(world.host.poll_timeout(), Some(Timestamp::from_millis(1500)));
    world.host.handle_timeout(Timestamp::from_millis(1499));
    assert_eq!(world.host.poll_answer(), None);
    world.host.handle_timeout(Timestamp::from_millis(1500));
    let answers: Vec<_> = std::iter::from_fn(|| world.host.poll_answer()).collect();
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[0].1, answers[1].1);
    assert!(body(&answers[0].1).contains("<EchoResult>sleep:500</EchoResult>"));
}

#[test]
fn manual_operations_end_when_the_caller_says_so() {
    let config = HostConfig { pacing: Pacing::Manual, ..HostConfig::default() };
    let mut world = World::new(config, SoapVersion::Soap12, Contract::echo());
    world.open();
    assert_eq!(world.post(10, &call(1, "x")), None);
    let started = world.events().into_iter().find_map(|event| match event {
        HostEvent::OperationStarted { operation, .. } => Some(operation),
        _ => None,
    });
    world.host.finish(Timestamp::from_millis(7000), started.unwrap());
    let (exchange, answer) = world.host.poll_answer().unwrap();
    assert_eq!((exchange, status(&answer)), (ExchangeId(2), Some(200)));
    world.host.finish(Timestamp::from_millis(7001), started.unwrap());
    assert_eq!(world.host.poll_answer(), None);
}

#[test]
fn the_answer_of_a_gone_client_goes_nowhere() {
    let mut world = World::new(HostConfig::default(), SoapVersion::Soap12, Contract::echo());
    world.open();
    assert_eq!(world.post(0, &call(1, "sleep:500")), None);
    world.host.handle_disconnect(ExchangeId(2));
    world.host.handle_timeout(Timestamp::from_millis(500));
    assert_eq!(world.host.poll_answer(), None);
    // It is there for the repetition.
    let answer = world.post(600, &call(1, "sleep:500")).unwrap();
    assert!(body(&answer).contains("<EchoResult>sleep:500</EchoResult>"));
}

#[test]
fn application_faults_are_500_and_exceptions_cost_the_session() {
    let mut world = World::new(HostConfig::default(), SoapVersion::Soap12, Contract::echo());
    world.open();
    let fault = world.post(0, &call(1, "fault")).unwrap();
    assert_eq!(status(&fault), Some(500));
    assert!(body(&fault).contains("a:AppCode"));
    assert_eq!(status(&world.post(0, &call(2, "after")).unwrap()), Some(200));
    let exception = world.post(0, &call(3, "throw")).unwrap();
    assert!(body(&exception).contains("a:InternalServiceFault"));
    let after = world.post(0, &call(4, "more")).unwrap();
    assert!(body(&after).contains("SequenceTerminated"), "{after:?}");
}

#[test]
fn operations_of_the_caller() {
    let dropped = |_: &Call<'_>| Performance::now(Completion::Abort);
    let mut world = World::new(
        HostConfig::default(),
        SoapVersion::Soap12,
        Contract::new("IEcho").two_way("Echo", dropped),
    );
    world.open();
    assert_eq!(world.post(0, &call(1, "x")), Some(HttpAnswer::Abort));
}

#[rstest]
#[case(
    "service",
    Contract::echo(),
    Pattern::RequestReply,
    "the path of an endpoint starts with \"/\", unlike \"service\""
)]
#[case("/SERVICE/", Contract::echo(), Pattern::RequestReply, "there is an endpoint at /SERVICE/ already")]
#[case(
    "/other",
    Contract::one_way(),
    Pattern::RequestReply,
    "a listener for RequestReply sessions does not fit a contract that needs OneWay"
)]
fn endpoints_that_cannot_be(
    #[case] path: &str,
    #[case] contract: Contract,
    #[case] pattern: Pattern,
    #[case] expected: &str,
) {
    let mut world = World::new(HostConfig::default(), SoapVersion::Soap12, Contract::echo());
    let identifiers = Box::new(SequentialIdentifiers::default());
    let error = world.host.add_endpoint(path, listener(SoapVersion::Soap12, pattern), contract, identifiers);
    assert_eq!(error.unwrap_err().to_string(), expected);
}

#[test]
fn repetitions_and_dropped_messages_are_told() {
    let mut world = World::new(HostConfig::default(), SoapVersion::Soap12, Contract::echo());
    world.open();
    world.post(0, &call(1, "one"));
    world.events();
    world.post(1, &call(1, "one"));
    world.post(2, &call(3, "three"));
    let events = world.events();
    assert!(
        matches!(
            events.as_slice(),
            [HostEvent::Duplicate { number: 1, .. }, HostEvent::Dropped { number: 3, .. }]
        ),
        "{events:?}"
    );
}

/// An endpoint that turns a message away tells whoever watches why, whether its sender learns it or not.
#[rstest]
#[case::no_endpoint(post("/nowhere", SOAP_12, None, b"x"), "there is no endpoint at /nowhere")]
#[case::content_type(
    post("/service", "text/plain", None, b"x"),
    "the Content-Type is text/plain; SOAP 1.2 takes application/soap+xml; charset=utf-8"
)]
#[case::no_xml(post("/service", SOAP_12, None, b"hello"), "text before the root element (XML 2.1) at byte 0")]
#[case::header(
    post("/service", SOAP_12, None, call(0, "x").as_bytes()),
    "MessageNumber is \"0\", not an integer from 1 to 9223372036854775807 (WS-RM February 2005 section 3.1)"
)]
#[case::sequence(
    post("/service", SOAP_12, None, call(1, "x").as_bytes()),
    "The value of wsrm:Identifier is not a known Sequence identifier."
)]
fn refusals_are_told(#[case] request: Request, #[case] expected: &str) {
    let mut world = World::new(HostConfig::default(), SoapVersion::Soap12, Contract::echo());
    world.request(0, &request);
    match world.events().as_slice() {
        [HostEvent::Refused { why, .. }] => assert!(why.contains(expected), "{why}"),
        events => panic!("{events:?}"),
    }
}
