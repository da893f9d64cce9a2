//! How the writer treats what is not fixed by a kind of message: text, names, foreign content, prefixes.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use rstest::rstest;
use wsrm_wire::{
    AddressingVersion, Body, EndpointReference, Envelope, Fault, FaultCode, ForeignAttribute, Fragment,
    Header, HeaderKind, Limits, MustUnderstand, NamespaceBinding, PrefixPlan, QName, Reason, RelatesTo,
    RmVersion, RoundTrip, Sequence, SoapVersion, WireProfile, namespace, round_trip,
};

const PROFILE: WireProfile = WireProfile {
    soap: SoapVersion::Soap12,
    addressing: AddressingVersion::Addressing10,
    rm: RmVersion::V200702,
};

fn text(envelope: &Envelope<'_>) -> String {
    String::from_utf8(envelope.to_bytes()).unwrap()
}

/// The first header as written.
fn first_header(header: Header<'_>) -> String {
    let mut envelope = Envelope::new(PROFILE, Body::Empty);
    envelope.headers.push(header);
    let text = text(&envelope);
    let (_, rest) = text.split_once("<s:Header>").unwrap();
    rest.split_once("</s:Header>").unwrap().0.to_owned()
}

fn body(envelope: &Envelope<'_>) -> String {
    let text = text(envelope);
    let at = text.find("<s:Body").unwrap();
    text[at..].strip_suffix("</s:Envelope>").unwrap().to_owned()
}

fn binding(prefix: &'static str, namespace: &'static str) -> NamespaceBinding<'static> {
    NamespaceBinding { prefix: prefix.into(), namespace: namespace.into() }
}

fn fragment(xml: &'static str, scope: &[(&'static str, &'static str)]) -> Fragment<'static> {
    let scope = scope.iter().map(|(prefix, namespace)| binding(prefix, namespace)).collect();
    Fragment { xml: xml.into(), scope }
}

#[rstest]
#[case("plain", "plain")]
#[case("a<b>c&d", "a&lt;b&gt;c&amp;d")]
#[case("\"quoted\" 'too'", "\"quoted\" 'too'")]
#[case("tab\tline\nreturn\r", "tab\tline\nreturn&#xD;")]
#[case("\u{1}\u{1f}", "&#x1;&#x1F;")]
#[case("žluť 𝄞", "žluť 𝄞")]
fn text_is_escaped_as_dotnet_does(#[case] value: &str, #[case] written: &str) {
    let header = first_header(Header::new(HeaderKind::MessageId(value.into())));
    assert_eq!(header, format!("<a:MessageID>{written}</a:MessageID>"));
}

#[rstest]
#[case("plain", "plain")]
#[case("a<b>c&d", "a&lt;b&gt;c&amp;d")]
#[case("\"quoted\" 'too'", "&quot;quoted&quot; 'too'")]
#[case("tab\tline\nreturn\r", "tab&#x9;line&#xA;return&#xD;")]
fn attributes_are_escaped_as_dotnet_does(#[case] value: &str, #[case] written: &str) {
    let mut header = Header::new(HeaderKind::MessageId("m".into()));
    header.role = Some(value.into());
    assert_eq!(first_header(header), format!("<a:MessageID s:role=\"{written}\">m</a:MessageID>"));
}

#[test]
fn an_empty_value_closes_its_element() {
    assert_eq!(first_header(Header::new(HeaderKind::MessageId("".into()))), "<a:MessageID/>");
}

#[test]
fn a_message_without_headers_has_no_header_element() {
    assert_eq!(
        text(&Envelope::new(PROFILE, Body::Empty)),
        r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body/></s:Envelope>"#
    );
}

#[rstest]
#[case(1, "1")]
#[case(10, "10")]
#[case(9_223_372_036_854_775_807, "9223372036854775807")]
fn numbers_are_decimal(#[case] number: u64, #[case] written: &str) {
    let header = first_header(Header::new(HeaderKind::Sequence(Sequence {
        identifier: "i".into(),
        number: wsrm_wire::MessageNumber::new(number).unwrap(),
        last_message: false,
        extensions: Vec::new(),
    })));
    assert!(header.contains(&format!("<r:MessageNumber>{written}</r:MessageNumber>")), "{header}");
}

#[rstest]
#[case(MustUnderstand::Absent, "")]
#[case(MustUnderstand::Zero, " s:mustUnderstand=\"0\"")]
#[case(MustUnderstand::False, " s:mustUnderstand=\"false\"")]
#[case(MustUnderstand::One, " s:mustUnderstand=\"1\"")]
#[case(MustUnderstand::True, " s:mustUnderstand=\"true\"")]
fn must_understand_keeps_its_spelling(#[case] value: MustUnderstand, #[case] written: &str) {
    let mut header = Header::new(HeaderKind::To("t".into()));
    header.must_understand = value;
    assert_eq!(first_header(header), format!("<a:To{written}>t</a:To>"));
}

#[test]
fn namespaces_are_declared_in_the_order_of_their_first_header() {
    let mut envelope = Envelope::new(PROFILE, Body::Empty);
    envelope.headers.push(Header::must_understand(HeaderKind::Action("urn:a".into())));
    envelope.headers.push(Header::new(HeaderKind::UsesSequenceStr));
    let start = text(&envelope);
    assert!(
        start.starts_with(concat!(
            r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope""#,
            r#" xmlns:a="http://www.w3.org/2005/08/addressing""#,
            r#" xmlns:r="http://docs.oasis-open.org/ws-rx/wsrm/200702">"#
        )),
        "{start}"
    );
}

/// A prefix keeps its place where it can; the declaration stands behind the attributes.
#[rstest]
#[case("u", "urn:u", r#"<a:MessageID u:Id="1" xmlns:u="urn:u">m</a:MessageID>"#)]
#[case("", "", r#"<a:MessageID Id="1">m</a:MessageID>"#)]
#[case("a", "urn:u", r#"<a:MessageID p0:Id="1" xmlns:p0="urn:u">m</a:MessageID>"#)]
#[case("s", "urn:u", r#"<a:MessageID p0:Id="1" xmlns:p0="urn:u">m</a:MessageID>"#)]
#[case("x", "http://www.w3.org/2005/08/addressing", r#"<a:MessageID a:Id="1">m</a:MessageID>"#)]
#[case("xml", namespace::XML, r#"<a:MessageID xml:Id="1">m</a:MessageID>"#)]
fn a_foreign_attribute_keeps_its_meaning(
    #[case] prefix: &'static str,
    #[case] namespace: &'static str,
    #[case] written: &str,
) {
    let mut header = Header::new(HeaderKind::MessageId("m".into()));
    header.attributes.push(ForeignAttribute {
        prefix: prefix.into(),
        namespace: namespace.into(),
        local: "Id".into(),
        value: "1".into(),
    });
    assert_eq!(first_header(header), written);
}

#[rstest]
// What is in force is not repeated.
#[case("<a:X/>", &[("a", "http://www.w3.org/2005/08/addressing")], "<a:X/>")]
// What the fragment cannot be using is not either.
#[case("<y:X xmlns:y='urn:y'/>", &[("q", "urn:q")], "<y:X xmlns:y='urn:y'/>")]
#[case("<x:X/>", &[("x", "urn:x")], r#"<x:X xmlns:x="urn:x"/>"#)]
#[case("<x:X b='>'>t</x:X>", &[("x", "urn:x")], r#"<x:X b='>' xmlns:x="urn:x">t</x:X>"#)]
#[case("<a:X/>", &[("a", "urn:other")], r#"<a:X xmlns:a="urn:other"/>"#)]
#[case("<X><x:Y/></X>", &[("x", "urn:x")], r#"<X xmlns:x="urn:x"><x:Y/></X>"#)]
#[case("<X xmlns:x=\"urn:own\"><x:Y/></X>", &[("x", "urn:x")], "<X xmlns:x=\"urn:own\"><x:Y/></X>")]
#[case("<X>v</X>", &[("", "urn:d")], r#"<X xmlns="urn:d">v</X>"#)]
fn a_fragment_brings_the_bindings_it_needs(
    #[case] xml: &'static str,
    #[case] scope: &[(&'static str, &'static str)],
    #[case] written: &str,
) {
    let mut reference = EndpointReference::new("urn:e");
    reference.extensions.push(fragment(xml, scope));
    let header = first_header(Header::new(HeaderKind::ReplyTo(reference)));
    assert_eq!(header, format!("<a:ReplyTo><a:Address>urn:e</a:Address>{written}</a:ReplyTo>"));
}

/// Each of several outermost elements gets them; what stands between is left alone.
#[test]
fn each_outermost_element_of_a_fragment_is_served() {
    let mut reference = EndpointReference::new("urn:e");
    reference.extensions.push(fragment("<x:A/><!-- <x:B/> --><x:C><x:D/></x:C>", &[("x", "urn:x")]));
    let header = first_header(Header::new(HeaderKind::ReplyTo(reference)));
    let expected = r#"<x:A xmlns:x="urn:x"/><!-- <x:B/> --><x:C xmlns:x="urn:x"><x:D/></x:C>"#;
    assert!(header.contains(expected), "{header}");
}

#[test]
fn a_body_declares_what_its_content_needs() {
    let content = fragment("<Echo xmlns=\"urn:e\" i:nil=\"true\"/>", &[("i", "urn:i"), ("d", "urn:d")]);
    let envelope = Envelope::new(PROFILE, Body::Application(content));
    assert_eq!(
        body(&envelope),
        r#"<s:Body xmlns:i="urn:i" xmlns:d="urn:d"><Echo xmlns="urn:e" i:nil="true"/></s:Body>"#
    );
}

/// The body's own prefix cannot stand for something else on the body.
#[test]
fn content_that_uses_our_soap_prefix_declares_it_itself() {
    let envelope = Envelope::new(PROFILE, Body::Application(fragment("<s:X/>", &[("s", "urn:s")])));
    assert_eq!(body(&envelope), r#"<s:Body><s:X xmlns:s="urn:s"/></s:Body>"#);
}

/// An element in no namespace must not fall into the default namespace of the RM body around it.
#[test]
fn an_extension_in_no_namespace_stays_there() {
    let mut body_value = wsrm_wire::TerminateSequence {
        identifier: "i".into(),
        last_msg_number: None,
        extensions: vec![Fragment::self_contained("<Note/>")],
    };
    let envelope = Envelope::new(PROFILE, Body::TerminateSequence(body_value.clone()));
    assert!(body(&envelope).contains("</Identifier><Note xmlns=\"\"/></TerminateSequence>"));
    body_value.extensions = vec![Fragment::self_contained("<x:Note xmlns:x=\"urn:x\"/>")];
    let envelope = Envelope::new(PROFILE, Body::TerminateSequence(body_value));
    assert!(body(&envelope).contains("</Identifier><x:Note xmlns:x=\"urn:x\"/></TerminateSequence>"));
}

#[test]
fn a_fault_code_shadows_the_prefix_of_addressing() {
    let subcode = QName { namespace: "urn:app".into(), local: "Code".into() };
    let reason = Reason { language: Some("".into()), text: "t".into() };
    let fault = Fault::new(SoapVersion::Soap12, FaultCode::Sender, vec![subcode], reason);
    let mut envelope = Envelope::new(PROFILE, Body::Fault(fault));
    envelope.headers.push(Header::must_understand(HeaderKind::Action("urn:a".into())));
    assert_eq!(
        body(&envelope),
        concat!(
            r#"<s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode>"#,
            r#"<s:Value xmlns:a="urn:app">a:Code</s:Value></s:Subcode></s:Code>"#,
            r#"<s:Reason><s:Text xml:lang="">t</s:Text></s:Reason></s:Fault></s:Body>"#
        )
    );
}

#[test]
fn another_plan_changes_prefixes_and_nothing_else() {
    let plan = PrefixPlan { soap: "soapenv", addressing: "wsa", rm: "wsrm" };
    let mut envelope = Envelope::new(PROFILE, Body::Application(fragment("<a:X/>", &[("a", "urn:app")])));
    envelope.headers.push(Header::new(HeaderKind::UsesSequenceSsl));
    let relates_to = RelatesTo { message_id: "m".into(), relationship_type: Some("urn:k".into()) };
    envelope.headers.push(Header::must_understand(HeaderKind::RelatesTo(relates_to)));
    let mut out = Vec::new();
    envelope.write_with(&plan, &mut out);
    assert_eq!(
        String::from_utf8(out).unwrap(),
        concat!(
            r#"<soapenv:Envelope xmlns:soapenv="http://www.w3.org/2003/05/soap-envelope""#,
            r#" xmlns:wsrm="http://docs.oasis-open.org/ws-rx/wsrm/200702""#,
            r#" xmlns:wsa="http://www.w3.org/2005/08/addressing"><soapenv:Header><wsrm:UsesSequenceSSL/>"#,
            r#"<wsa:RelatesTo soapenv:mustUnderstand="1" RelationshipType="urn:k">m</wsa:RelatesTo>"#,
            r#"</soapenv:Header><soapenv:Body xmlns:a="urn:app"><a:X/></soapenv:Body></soapenv:Envelope>"#
        )
    );
}

#[test]
fn the_attributes_of_a_body_may_use_the_prefixes_of_its_content() {
    let mut envelope = Envelope::new(PROFILE, Body::Application(fragment("<u:X/>", &[("u", "urn:u")])));
    envelope.body_attributes.push(ForeignAttribute {
        prefix: "u".into(),
        namespace: "urn:u".into(),
        local: "Id".into(),
        value: "_0".into(),
    });
    assert_eq!(body(&envelope), r#"<s:Body u:Id="_0" xmlns:u="urn:u"><u:X/></s:Body>"#);
}

/// What WCF writes for a contract with the XML serializer, whose declarations stand on the body.
#[test]
fn the_declarations_of_a_body_come_back_even_if_nothing_uses_them() {
    let message = concat!(
        r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing">"#,
        r#"<s:Header><a:Action s:mustUnderstand="1">urn:a</a:Action></s:Header>"#,
        r#"<s:Body xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">"#,
        r#"<Echo xmlns="http://tempuri.org/"><text>one</text></Echo></s:Body></s:Envelope>"#,
    );
    assert_eq!(round_trip(message.as_bytes(), &Limits::default()), Ok(RoundTrip::Identical));
}
