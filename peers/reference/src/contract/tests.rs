use rstest::rstest;
use wsrm_wire::NamespaceBinding;

use super::*;

const ECHO: &str = "http://tempuri.org/IEcho/Echo";

fn delivery(body: &str) -> Delivery {
    Delivery {
        action: ECHO.to_owned(),
        to: Some("http://host:81/path".to_owned()),
        body: Fragment::self_contained(body.to_owned()),
        body_offset: 661,
        ..Delivery::default()
    }
}

fn outcome(soap: SoapVersion, delivery: &Delivery) -> Outcome {
    let profile = WireProfile { soap, ..WireProfile::default() };
    Contract::echo().dispatch(profile, "/path", "en-US", delivery).outcome
}

fn reply_text(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Reply { message, .. } | Outcome::Failed { message } => &message.body.xml,
        other => panic!("{other:?}"),
    }
}

#[rstest]
#[case::wcf("<Echo xmlns=\"http://tempuri.org/\"><text>hi</text></Echo>", Some("hi"))]
#[case::escaped(
    "<Echo xmlns=\"http://tempuri.org/\"><text>a&amp;b&#x41;<![CDATA[<]]></text></Echo>",
    Some("a&bA<")
)]
#[case::line_ends("<Echo xmlns=\"http://tempuri.org/\"><text>a\r\nb</text></Echo>", Some("a\nb"))]
#[case::prefixed(
    "<t:Echo xmlns:t=\"http://tempuri.org/\"><t:text>hi<!-- c --></t:text></t:Echo>",
    Some("hi")
)]
#[case::other_first("<Echo xmlns=\"http://tempuri.org/\"><x><y/></x><text>hi</text></Echo>", Some("hi"))]
#[case::missing("<Echo xmlns=\"http://tempuri.org/\"/>", None)]
#[case::foreign("<Echo xmlns=\"http://tempuri.org/\"><text xmlns=\"urn:x\">hi</text></Echo>", None)]
#[case::empty("<Echo xmlns=\"http://tempuri.org/\"><text/></Echo>", Some(""))]
#[case::nil(
    "<Echo xmlns=\"http://tempuri.org/\"><text i:nil=\"true\" xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\"/></Echo>",
    None
)]
fn text_parameters(#[case] body: &str, #[case] text: Option<&str>) {
    let body = Fragment::self_contained(body.to_owned());
    assert_eq!(read_text(&body, "Echo", 0).unwrap().as_deref(), text);
}

#[test]
fn prefix_of_the_surroundings() {
    let scope = vec![NamespaceBinding { prefix: "t".into(), namespace: TEMPURI.into() }];
    let body = Fragment { xml: "<t:Echo><t:text>hi</t:text></t:Echo>".into(), scope };
    assert_eq!(read_text(&body, "Echo", 0).unwrap().as_deref(), Some("hi"));
}

#[test]
fn request_and_reply_bodies() {
    assert_eq!(
        request_body("Echo", "a<b").xml,
        "<Echo xmlns=\"http://tempuri.org/\"><text>a&lt;b</text></Echo>"
    );
    assert_eq!(
        reply_body("Echo", "a\r\n&>").xml,
        "<EchoResponse xmlns=\"http://tempuri.org/\"><EchoResult>a&#xD;\n&amp;&gt;</EchoResult></EchoResponse>"
    );
    let body = request_body("Send", "a\r\n&>\u{e9}");
    assert_eq!(read_text(&body, "Send", 0).unwrap().as_deref(), Some("a\r\n&>\u{e9}"));
}

#[rstest]
#[case::unclosed(
    "<Echo xmlns=\"http://tempuri.org/\"><text><x></text></Echo>",
    "End element 'text' from namespace 'http://tempuri.org/' expected. Found element 'x' from namespace \
     'http://tempuri.org/'. Line 1, position 705."
)]
#[case::second_line(
    "<Echo xmlns=\"http://tempuri.org/\">\n<text><x/></text></Echo>",
    "End element 'text' from namespace 'http://tempuri.org/' expected. Found element 'x' from namespace \
     'http://tempuri.org/'. Line 2, position 11."
)]
#[case::cut("<Echo xmlns=\"http://tempuri.org/\"><text>abc", "Unexpected end of file. Line 1, position 705.")]
fn bodies_that_cannot_be_deserialised(#[case] body: &str, #[case] why: &str) {
    let outcome = outcome(SoapVersion::Soap12, &delivery(body));
    assert!(matches!(&outcome, Outcome::Reply { is_fault: true, .. }));
    let text = reply_text(&outcome);
    assert!(text.contains("a:DeserializationFailed</s:Value></s:Subcode>"), "{text}");
    let expected = format!("body of request message for operation 'Echo'. {why}</s:Text>");
    assert!(text.contains(&expected), "{text}");
}

#[rstest]
#[case::wrong_wrapper("<Wrong xmlns=\"http://tempuri.org/\"><text>hi</text></Wrong>")]
#[case::no_namespace("<Echo><text>hi</text></Echo>")]
#[case::nothing("")]
#[case::null("<Echo xmlns=\"http://tempuri.org/\"/>")]
#[case::throws("<Echo xmlns=\"http://tempuri.org/\"><text>throw</text></Echo>")]
#[case::bad_number("<Echo xmlns=\"http://tempuri.org/\"><text>sleep:x</text></Echo>")]
fn calls_that_fail(#[case] body: &str) {
    let outcome = outcome(SoapVersion::Soap11, &delivery(body));
    assert!(matches!(&outcome, Outcome::Failed { .. }), "{outcome:?}");
    let text = reply_text(&outcome);
    assert!(text.starts_with(&format!(
        "<s:Fault><faultcode xmlns:a=\"{}\">a:InternalServiceFault</faultcode><faultstring xml:lang=\"en-US\">The ",
        "http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher"
    )));
    assert!(text.contains("&lt;serviceDebug&gt;"));
}

#[test]
fn checks_of_the_dispatcher() {
    let good = delivery("<Echo xmlns=\"http://tempuri.org/\"><text>hi</text></Echo>");

    let elsewhere = Delivery { to: Some("http://host/other".to_owned()), ..good.clone() };
    let text = outcome(SoapVersion::Soap12, &elsewhere);
    assert!(reply_text(&text).contains("<s:Value>a:DestinationUnreachable</s:Value>"));

    let unknown = Delivery { action: "urn:nope".to_owned(), ..good.clone() };
    let unknown = outcome(SoapVersion::Soap12, &unknown);
    assert!(reply_text(&unknown).contains("The message with Action 'urn:nope' cannot be processed"));
    assert!(
        matches!(&unknown, Outcome::Reply { message, .. } if message.action.ends_with("/addressing/fault"))
    );

    let header = wsrm_wire::QName { namespace: "urn:x".into(), local: "H".into() };
    let stranger = Delivery { not_understood: Some(header.clone()), ..good.clone() };
    assert_eq!(outcome(SoapVersion::Soap12, &stranger), Outcome::NotUnderstood { header });

    let none = AddressingVersion::Addressing10.none().map(str::to_owned);
    let mute = Delivery { reply_to: none, ..good };
    assert!(matches!(outcome(SoapVersion::Soap12, &mute), Outcome::Failed { .. }));
}

#[test]
fn application_fault_in_both_versions() {
    let call = delivery("<Echo xmlns=\"http://tempuri.org/\"><text>fault</text></Echo>");
    assert_eq!(
        reply_text(&outcome(SoapVersion::Soap12, &call)),
        "<s:Fault><s:Code><s:Value xmlns:a=\"urn:app\">a:AppCode</s:Value></s:Code><s:Reason>\
         <s:Text xml:lang=\"en-US\">app fault reason</s:Text></s:Reason></s:Fault>"
    );
    assert_eq!(
        reply_text(&outcome(SoapVersion::Soap11, &call)),
        "<s:Fault><faultcode xmlns:a=\"urn:app\">a:AppCode</faultcode>\
         <faultstring xml:lang=\"en-US\">app fault reason</faultstring></s:Fault>"
    );
}

#[test]
fn slow_and_plugged_in_operations() {
    let mut contract = Contract::echo();
    let call = delivery("<Echo xmlns=\"http://tempuri.org/\"><text>sleep:250-7</text></Echo>");
    let slow = contract.dispatch(WireProfile::default(), "/path/", "en-US", &call);
    assert_eq!((slow.duration, slow.one_way), (Duration::from_millis(250), false));
    assert!(reply_text(&slow.outcome).contains("<EchoResult>sleep:250-7</EchoResult>"));

    let mut seen = 0;
    let mut contract = Contract::new("IOwn").with_one_way("Note", move |call: &Call<'_>| {
        seen += 1;
        assert_eq!((seen, call.text), (1, Some("x")));
        Performance::now(Completion::Text(String::new()))
    });
    assert_eq!(contract.pattern(), Pattern::OneWay);
    let note =
        Delivery { action: contract.action("Note"), body: request_body("Note", "x"), ..Delivery::default() };
    let dispatched = contract.dispatch(WireProfile::default(), "/", "en-US", &note);
    assert!(dispatched.one_way);
    assert_eq!(dispatched.outcome, Outcome::OneWay);
    assert_eq!(Contract::mixed().pattern(), Pattern::RequestReply);
}

#[rstest]
#[case::wcf(
    "<EchoResponse xmlns=\"http://tempuri.org/\"><EchoResult>x</EchoResult></EchoResponse>",
    Ok(Some("x"))
)]
#[case::prefix_from_outside(
    "<ns:EchoResponse><ns:EchoResult>x</ns:EchoResult></ns:EchoResponse>",
    Ok(Some("x"))
)]
#[case::references(
    "<EchoResponse xmlns=\"http://tempuri.org/\"><EchoResult>&lt;&#65;</EchoResult></EchoResponse>",
    Ok(Some("<A"))
)]
#[case::nothing("<EchoResponse xmlns=\"http://tempuri.org/\"/>", Ok(None))]
#[case::other("<Other xmlns=\"http://tempuri.org/\"/>", Err(BodyError::Wrapper))]
fn reads_a_result_in_any_form(#[case] xml: &str, #[case] expected: Result<Option<&str>, BodyError>) {
    let scope = vec![NamespaceBinding { prefix: "ns".into(), namespace: TEMPURI.into() }];
    let body = Fragment { xml: xml.into(), scope };
    assert_eq!(read_result(&body, "Echo"), expected.map(|text| text.map(str::to_owned)));
}
