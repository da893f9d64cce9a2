//! What messages mean: every tolerance of WCF by name, and how it classifies faults.

#![expect(clippy::panic, reason = "a test fails by panicking")]

use rstest::rstest;
use wsrm_wire::{
    Acknowledged, AcknowledgementRange, AddressingVersion, Body, Envelope, Header, HeaderKind, Infoset,
    Limits, MustUnderstand, QName, RmFault, RmVersion, SoapVersion, WireProfile,
};

const RM10: WireProfile = WireProfile {
    soap: SoapVersion::Soap12,
    addressing: AddressingVersion::Addressing10,
    rm: RmVersion::February2005,
};
const RM11: WireProfile = WireProfile { rm: RmVersion::V200702, ..RM10 };
const RM10_SOAP11: WireProfile = WireProfile { soap: SoapVersion::Soap11, ..RM10 };
const RM11_SOAP11: WireProfile = WireProfile { soap: SoapVersion::Soap11, ..RM11 };

/// A message with these headers and this body; `s`, `a`, `r` and `n` are declared.
fn message(profile: WireProfile, headers: &str, body: &str) -> String {
    format!(
        "<s:Envelope xmlns:s='{}' xmlns:a='{}' xmlns:r='{}' xmlns:n='http://schemas.microsoft.com/ws/2006/05/rm'>\
         <s:Header>{headers}</s:Header><s:Body>{body}</s:Body></s:Envelope>",
        profile.soap.namespace(),
        profile.addressing.namespace(),
        profile.rm.namespace(),
    )
}

fn infoset(xml: &str) -> Infoset<'_> {
    Infoset::read(xml.as_bytes(), &Limits::default()).unwrap_or_else(|error| panic!("{error}: {xml}"))
}

/// Reads the message and hands it to `check`.
fn with<T>(profile: WireProfile, headers: &str, body: &str, check: impl FnOnce(&Envelope<'_>) -> T) -> T {
    let xml = message(profile, headers, body);
    let infoset = infoset(&xml);
    check(&Envelope::read(&infoset, profile).unwrap_or_else(|error| panic!("{error}: {xml}")))
}

fn name_of(header: &Header<'_>) -> &'static str {
    match &header.kind {
        HeaderKind::Sequence(_) => "Sequence",
        HeaderKind::SequenceAcknowledgement(_) => "SequenceAcknowledgement",
        HeaderKind::AckRequested(_) => "AckRequested",
        HeaderKind::SequenceFault(_) => "SequenceFault",
        HeaderKind::Malformed(_) => "Malformed",
        HeaderKind::Other { .. } => "Other",
        HeaderKind::Action(_) => "Action",
        HeaderKind::To(_) => "To",
        _ => "another",
    }
}

const SEQUENCE: &str = "<r:Identifier>urn:1</r:Identifier><r:MessageNumber>1</r:MessageNumber>";

#[rstest]
#[case::absent("", "Sequence")]
#[case::empty("s:role=''", "Sequence")]
#[case::ultimate_receiver(
    "s:role='http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver'",
    "Sequence"
)]
#[case::next("s:role='http://www.w3.org/2003/05/soap-envelope/role/next'", "Sequence")]
#[case::none("s:role='http://www.w3.org/2003/05/soap-envelope/role/none'", "Other")]
#[case::foreign("s:role='urn:somebody'", "Other")]
#[case::attribute_of_soap11("s:actor='urn:somebody'", "Sequence")]
#[case::unqualified("role='urn:somebody'", "Sequence")]
fn a_header_for_another_role_is_kept_and_not_interpreted(#[case] attribute: &str, #[case] kind: &str) {
    with(RM11, &format!("<r:Sequence {attribute}>{SEQUENCE}</r:Sequence>"), "", |envelope| {
        let header = envelope.headers.first().expect("there is a header");
        assert_eq!(name_of(header), kind);
        assert_eq!(header.role.is_some(), attribute.contains("s:role"));
    });
}

#[rstest]
#[case("0", MustUnderstand::Zero, false)]
#[case("1", MustUnderstand::One, true)]
#[case("false", MustUnderstand::False, false)]
#[case("true", MustUnderstand::True, true)]
fn must_understand_has_four_spellings(
    #[case] text: &str,
    #[case] spelling: MustUnderstand,
    #[case] is_set: bool,
) {
    for profile in [RM11, RM11_SOAP11] {
        let headers = format!("<x:H xmlns:x='urn:x' s:mustUnderstand='{text}'/>");
        with(profile, &headers, "", |envelope| {
            let header = envelope.headers.first().expect("there is a header");
            assert_eq!((header.must_understand, header.must_understand.is_set()), (spelling, is_set));
            assert_eq!(envelope.not_understood(|_| false).count(), usize::from(is_set));
            assert_eq!(envelope.not_understood(|_| true).count(), 0);
        });
    }
}

#[test]
fn headers_that_must_be_understood_by_others_are_their_business() {
    let headers = "<x:H xmlns:x='urn:x' s:mustUnderstand='1' s:role='urn:somebody'/>\
                   <x:I xmlns:x='urn:x' s:mustUnderstand='1' s:role='http://www.w3.org/2003/05/soap-envelope/role/next'/>";
    with(RM11, headers, "", |envelope| {
        let names: Vec<_> =
            envelope.not_understood(|_| false).map(|header| header.name(RM11).local).collect();
        assert_eq!(names, ["I"]);
    });
}

/// Each is a document that WCF accepts though it is not what WCF writes.
#[rstest]
#[case::space_around_values(
    "<r:Identifier>\n urn:1 </r:Identifier><r:MessageNumber> 7\t</r:MessageNumber>",
    7
)]
#[case::sign("<r:Identifier>urn:1</r:Identifier><r:MessageNumber>+7</r:MessageNumber>", 7)]
#[case::leading_zeros("<r:Identifier>urn:1</r:Identifier><r:MessageNumber>007</r:MessageNumber>", 7)]
#[case::largest("<r:Identifier>urn:1</r:Identifier><r:MessageNumber>9223372036854775807</r:MessageNumber>", u64::MAX / 2)]
#[case::space_between("\n<r:Identifier>urn:1</r:Identifier>\n\t<r:MessageNumber>7</r:MessageNumber> ", 7)]
#[case::comments(
    "<!-- c --><r:Identifier>urn:<!-- c -->1</r:Identifier><r:MessageNumber>7</r:MessageNumber>",
    7
)]
#[case::references("<r:Identifier>urn&#58;1</r:Identifier><r:MessageNumber>&#55;</r:MessageNumber>", 7)]
#[case::cdata("<r:Identifier><![CDATA[urn:1]]></r:Identifier><r:MessageNumber>7</r:MessageNumber>", 7)]
#[case::attributes("<r:Identifier x='1'>urn:1</r:Identifier><r:MessageNumber>7</r:MessageNumber>", 7)]
fn sequence_headers(#[case] content: &str, #[case] number: u64) {
    for profile in [RM10, RM11, RM10_SOAP11] {
        with(profile, &format!("<r:Sequence>{content}</r:Sequence>"), "", |envelope| {
            let sequence = envelope.sequence().expect("the header is good");
            assert_eq!((sequence.identifier.as_ref(), sequence.number.value()), ("urn:1", number));
            assert!(!sequence.last_message && sequence.extensions.is_empty());
        });
    }
}

#[rstest]
#[case::february_2005(RM10, "<r:LastMessage/>", true, 0)]
#[case::pair_of_tags(RM10, "<r:LastMessage> </r:LastMessage>", true, 0)]
#[case::unknown_to_200702(RM11, "<r:LastMessage/>", false, 1)]
#[case::behind_an_extension(RM10, "<x xmlns='urn:x'/><r:LastMessage/>", false, 2)]
#[case::before_an_extension(RM10, "<r:LastMessage/><x xmlns='urn:x'>y</x>", true, 1)]
fn last_message(
    #[case] profile: WireProfile,
    #[case] end: &str,
    #[case] is_last: bool,
    #[case] extensions: usize,
) {
    with(profile, &format!("<r:Sequence>{SEQUENCE}{end}</r:Sequence>"), "", |envelope| {
        let sequence = envelope.sequence().expect("the header is good");
        assert_eq!((sequence.last_message, sequence.extensions.len()), (is_last, extensions));
    });
}

fn ranges(list: &[(u64, u64)]) -> Acknowledged {
    Acknowledged::Ranges(
        list.iter().map(|(lower, upper)| AcknowledgementRange::new(*lower, *upper)).collect(),
    )
}

#[rstest]
#[case::one(RM10, "<r:AcknowledgementRange Lower='1' Upper='3'/>", ranges(&[(1, 3)]), false, None)]
#[case::nothing(RM10, "<r:AcknowledgementRange Lower='0' Upper='0'/>", ranges(&[(0, 0)]), false, None)]
#[case::none(RM11, "<r:None/>", Acknowledged::None, false, None)]
#[case::none_and_final(RM11, "<r:None/><r:Final/>", Acknowledged::None, true, None)]
#[case::final_range(RM11, "<r:AcknowledgementRange Upper=' 2 ' Lower='1'></r:AcknowledgementRange><r:Final/>", ranges(&[(1, 2)]), true, None)]
#[case::overlapping_and_unsorted(
    RM11,
    "<r:AcknowledgementRange Lower='5' Upper='9'/><r:AcknowledgementRange Lower='1' Upper='6'/>",
    ranges(&[(5, 9), (1, 6)]), false, None
)]
#[case::buffer(RM10, "<r:AcknowledgementRange Lower='1' Upper='3'/><n:BufferRemaining>8</n:BufferRemaining>", ranges(&[(1, 3)]), false, Some(8))]
#[case::buffer_between_extensions(
    RM11,
    "<r:None/><x/><n:BufferRemaining> 0 </n:BufferRemaining><y/>",
    Acknowledged::None,
    false,
    Some(0)
)]
#[case::nack(RM10, "<r:Nack>2</r:Nack><r:Nack>0</r:Nack>", Acknowledged::Nack(vec![2, 0]), false, None)]
#[case::final_is_an_extension_of_february_2005(RM10, "<r:AcknowledgementRange Lower='1' Upper='1'/><r:Final/>", ranges(&[(1, 1)]), false, None)]
fn acknowledgements(
    #[case] profile: WireProfile,
    #[case] content: &str,
    #[case] acknowledged: Acknowledged,
    #[case] is_final: bool,
    #[case] buffer_remaining: Option<u32>,
) {
    let headers = format!(
        "<r:SequenceAcknowledgement><r:Identifier>urn:1</r:Identifier>{content}</r:SequenceAcknowledgement>"
    );
    with(profile, &headers, "", |envelope| {
        let found = envelope.acknowledgement().unwrap_or_else(|| panic!("{:?}", envelope.headers));
        assert_eq!(found.acknowledged, acknowledged);
        assert_eq!((found.is_final, found.buffer_remaining), (is_final, buffer_remaining));
    });
}

#[test]
fn headers_of_another_version_are_unknown_and_duplicates_are_two() {
    let headers = format!(
        "<r:Sequence>{SEQUENCE}</r:Sequence><r:Sequence>{SEQUENCE}</r:Sequence>\
         <o:Sequence xmlns:o='{}'/><o:Action xmlns:o='{}'/><a:Action>urn:x</a:Action>",
        RmVersion::V200702.namespace(),
        AddressingVersion::August2004.namespace(),
    );
    with(RM10, &headers, "", |envelope| {
        let names: Vec<_> = envelope.headers.iter().map(name_of).collect();
        assert_eq!(names, ["Sequence", "Sequence", "Other", "Other", "Action"]);
        assert_eq!(envelope.action(), Some("urn:x"));
    });
}

#[rstest]
#[case::nothing("", "Empty")]
#[case::white_space(" \n", "Empty")]
#[case::comment("<!-- empty -->", "Empty")]
#[case::application("<Echo xmlns='urn:x'/>", "Application")]
#[case::text("hello", "Application")]
#[case::two_elements("<a/><b/>", "Application")]
#[case::unknown_rm_element("<r:Unknown/>", "Application")]
#[case::terminate(
    "<r:TerminateSequence><r:Identifier>urn:1</r:Identifier></r:TerminateSequence>",
    "TerminateSequence"
)]
#[case::space_around(
    "\n <r:TerminateSequence><r:Identifier>urn:1</r:Identifier><x/></r:TerminateSequence>\n",
    "TerminateSequence"
)]
#[case::close_of_200702_only(
    "<r:CloseSequence><r:Identifier>urn:1</r:Identifier></r:CloseSequence>",
    "Application"
)]
#[case::malformed("<r:TerminateSequence/>", "Malformed")]
fn bodies_by_kind(#[case] body: &str, #[case] kind: &str) {
    with(RM10, "", body, |envelope| {
        let found = match &envelope.body {
            Body::Empty => "Empty",
            Body::Application(_) => "Application",
            Body::TerminateSequence(_) => "TerminateSequence",
            Body::Malformed { .. } => "Malformed",
            _ => "another",
        };
        assert_eq!(found, kind);
    });
}

#[rstest]
#[case::bare(RM11)]
#[case::soap11(RM10_SOAP11)]
#[case::addressing_2004(WireProfile { addressing: AddressingVersion::August2004, ..RM10 })]
fn the_profile_shows_in_the_headers(#[case] profile: WireProfile) {
    let headers = format!("<r:Sequence>{SEQUENCE}</r:Sequence><a:Action>urn:x</a:Action>");
    assert_eq!(WireProfile::detect(&infoset(&message(profile, &headers, ""))), Ok(profile));
    let action = format!("<a:Action>{}/CreateSequence</a:Action>", profile.rm.namespace());
    assert_eq!(WireProfile::detect(&infoset(&message(profile, &action, ""))), Ok(profile));
}

fn fault12(code: &str, subcodes: &[&str], detail: Option<&str>) -> String {
    let nested = subcodes.iter().rev().fold(String::new(), |inner, value| {
        format!("<s:Subcode><s:Value>{value}</s:Value>{inner}</s:Subcode>")
    });
    let detail = detail.map_or(String::new(), |detail| format!("<s:Detail>{detail}</s:Detail>"));
    format!(
        "<s:Fault><s:Code><s:Value>s:{code}</s:Value>{nested}</s:Code>\
         <s:Reason><s:Text xml:lang=''>why</s:Text></s:Reason>{detail}</s:Fault>"
    )
}

const ID: &str = "<r:Identifier> urn:1 </r:Identifier>";
const ACKNOWLEDGEMENT: &str = "<r:SequenceAcknowledgement><r:Identifier>urn:1</r:Identifier>\
     <r:AcknowledgementRange Lower='1' Upper='2'/></r:SequenceAcknowledgement>";

fn terminated() -> RmFault<'static> {
    RmFault::SequenceTerminated { identifier: "urn:1".into() }
}

#[rstest]
#[case::terminated_by_sender(RM10, "Sender", &["r:SequenceTerminated"], Some(ID), Some(terminated()))]
#[case::terminated_by_receiver(RM11, "Receiver", &["r:SequenceTerminated"], Some(ID), Some(terminated()))]
#[case::unknown_sequence(RM10, "Sender", &["r:UnknownSequence"], Some(ID), Some(RmFault::UnknownSequence { identifier: "urn:1".into() }))]
#[case::receivers_code_is_not_the_senders(RM10, "Receiver", &["r:UnknownSequence"], Some(ID), Some(terminated()))]
#[case::unknown_code(RM11, "Sender", &["r:Whatever"], Some(ID), Some(terminated()))]
#[case::closed(RM11, "Sender", &["r:SequenceClosed"], Some(ID), Some(RmFault::SequenceClosed { identifier: "urn:1".into() }))]
#[case::closed_is_unknown_to_february_2005(RM10, "Sender", &["r:SequenceClosed"], Some(ID), Some(terminated()))]
#[case::last_exceeded(RM10, "Sender", &["r:LastMessageNumberExceeded"], Some(ID), Some(RmFault::LastMessageNumberExceeded { identifier: "urn:1".into() }))]
#[case::invalid_acknowledgement(RM10, "Sender", &["r:InvalidAcknowledgement"], Some(ACKNOWLEDGEMENT), Some(RmFault::InvalidAcknowledgement { identifier: "urn:1".into(), acknowledged: ranges(&[(1, 2)]) }))]
#[case::rollover(RM11, "Sender", &["r:MessageNumberRollover"], Some("<r:Identifier>urn:1</r:Identifier><r:MaxMessageNumber>9</r:MaxMessageNumber>"), Some(RmFault::MessageNumberRollover { identifier: "urn:1".into(), max_message_number: Some(9) }))]
#[case::refused(RM10, "Sender", &["r:CreateSequenceRefused"], None, Some(RmFault::CreateSequenceRefused))]
#[case::refused_with_detail(RM10, "Sender", &["r:CreateSequenceRefused"], Some(ID), Some(terminated()))]
#[case::too_busy(RM11, "Receiver", &["r:CreateSequenceRefused", "n:ConnectionLimitReached"], None, Some(RmFault::ConnectionLimitReached))]
#[case::wsrm_required(RM11, "Sender", &["r:WsrmRequired"], None, Some(RmFault::WsrmRequired))]
#[case::wsrm_required_is_of_200702(RM10, "Sender", &["r:WsrmRequired"], None, None)]
#[case::without_detail(RM10, "Sender", &["r:UnknownSequence"], None, None)]
#[case::another_namespace(RM10, "Sender", &["a:ActionNotSupported"], None, None)]
#[case::inner_code_does_not_count(RM10, "Sender", &["a:X", "r:UnknownSequence"], Some(ID), None)]
#[case::no_subcode(RM10, "Sender", &[], Some(ID), None)]
#[case::must_understand(RM10, "MustUnderstand", &["r:UnknownSequence"], Some(ID), None)]
fn rm_faults_of_soap12(
    #[case] profile: WireProfile,
    #[case] code: &str,
    #[case] subcodes: &[&str],
    #[case] detail: Option<&str>,
    #[case] fault: Option<RmFault<'static>>,
) {
    with(profile, "", &fault12(code, subcodes, detail), |envelope| {
        assert_eq!(RmFault::read(envelope).expect("the detail is good"), fault);
    });
}

#[rstest]
#[case::february_2005(
    RM10_SOAP11,
    "<r:FaultCode>r:UnknownSequence</r:FaultCode><r:Identifier>urn:1</r:Identifier>",
    true
)]
#[case::detail_anywhere_in_february_2005(
    RM10_SOAP11,
    "<r:FaultCode>r:UnknownSequence</r:FaultCode><x/><r:Identifier>urn:1</r:Identifier>",
    true
)]
#[case::no_detail_in_february_2005(RM10_SOAP11, "<r:FaultCode>r:UnknownSequence</r:FaultCode>", false)]
#[case::detail(
    RM11_SOAP11,
    "<r:FaultCode>r:UnknownSequence</r:FaultCode><r:Detail><r:Identifier>urn:1</r:Identifier></r:Detail>",
    true
)]
#[case::detail_must_come_first(
    RM11_SOAP11,
    "<r:FaultCode>r:UnknownSequence</r:FaultCode><r:Detail><x/><r:Identifier>urn:1</r:Identifier></r:Detail>",
    false
)]
#[case::detail_must_follow_the_code(
    RM11_SOAP11,
    "<r:FaultCode>r:UnknownSequence</r:FaultCode><x/><r:Detail><r:Identifier>urn:1</r:Identifier></r:Detail>",
    false
)]
#[case::detail_not_wrapped(
    RM11_SOAP11,
    "<r:FaultCode>r:UnknownSequence</r:FaultCode><r:Identifier>urn:1</r:Identifier>",
    false
)]
#[case::unknown_code(
    RM11_SOAP11,
    "<r:FaultCode>r:Whatever</r:FaultCode><r:Detail><r:Identifier>urn:1</r:Identifier></r:Detail>",
    false
)]
#[case::another_namespace(
    RM10_SOAP11,
    "<r:FaultCode>a:UnknownSequence</r:FaultCode><r:Identifier>urn:1</r:Identifier>",
    false
)]
fn rm_faults_of_soap11(#[case] profile: WireProfile, #[case] header: &str, #[case] recognised: bool) {
    let headers = format!("<r:SequenceFault>{header}</r:SequenceFault>");
    let body =
        "<s:Fault><faultcode>s:Client</faultcode><faultstring xml:lang='en'>why</faultstring></s:Fault>";
    with(profile, &headers, body, |envelope| {
        let expected = recognised.then(|| RmFault::UnknownSequence { identifier: "urn:1".into() });
        assert_eq!(RmFault::read(envelope).expect("the detail is good"), expected, "{:?}", envelope.headers);
    });
}

#[rstest]
#[case("r:CreateSequenceRefused", Some(RmFault::CreateSequenceRefused))]
#[case("r:WsrmRequired", Some(RmFault::WsrmRequired))]
#[case("r:UnknownSequence", None)]
#[case("a:ActionNotSupported", None)]
#[case("s:Client", None)]
fn faults_of_creation_show_in_the_code_of_soap11(
    #[case] code: &str,
    #[case] fault: Option<RmFault<'static>>,
) {
    let body = format!("<s:Fault><faultcode>{code}</faultcode><faultstring>why</faultstring></s:Fault>");
    with(RM11_SOAP11, "", &body, |envelope| assert_eq!(RmFault::read(envelope), Ok(fault)));
}

#[test]
fn not_understood_names_a_header() {
    let headers = "<s:NotUnderstood xmlns:x='urn:x' qname=' x:H '/>";
    with(RM11, headers, "", |envelope| {
        let expected = QName { namespace: "urn:x".into(), local: "H".into() };
        let header = envelope.headers.first().expect("there is a header");
        assert_eq!(header.kind, HeaderKind::NotUnderstood(expected));
        assert!(header.attributes.is_empty());
    });
}

/// What is wrong behind the start tag of the body is met when the body is read.
#[rstest]
#[case::cut_in_a_body("<s:Body><Echo xmlns='urn:x'><text>on", true)]
#[case::cut_behind_the_body("<s:Body><Echo xmlns='urn:x'/></s:Body>", true)]
#[case::nothing_of_the_body("<s:Body>", true)]
#[case::empty_body_hides_the_rest("<s:Body/>", false)]
#[case::empty_pair_of_tags_hides_the_rest("<s:Body> </s:Body></s:Envelope>junk", false)]
fn lazily_read_messages(#[case] end: &str, #[case] is_malformed: bool) {
    let whole = message(RM11, "<a:Action>urn:x</a:Action>", "");
    let start = whole.split("<s:Body>").next().expect("there is a body");
    let xml = format!("{start}{end}");
    assert!(Infoset::read(xml.as_bytes(), &Limits::default()).is_err());
    let infoset = Infoset::read_lazily(xml.as_bytes(), &Limits::default()).expect("the root is there");
    let envelope = Envelope::read(&infoset, RM11).expect("the headers are there");
    assert_eq!(envelope.action(), Some("urn:x"));
    assert_eq!(matches!(envelope.body, Body::Malformed { .. }), is_malformed, "{:?}", envelope.body);
}

#[rstest]
#[case::in_the_header("<s:Header><a:Action>urn:x")]
#[case::behind_the_header("<s:Header/>")]
#[case::in_the_start_tag_of_the_body("<s:Header/><s:Body")]
fn a_message_that_ends_before_its_body_is_refused(#[case] end: &str) {
    let whole = message(RM11, "", "");
    let start = whole.split("<s:Header>").next().expect("there is a header");
    let xml = format!("{start}{end}");
    let infoset = Infoset::read_lazily(xml.as_bytes(), &Limits::default()).expect("the root is there");
    let error = Envelope::read(&infoset, RM11).expect_err("there is no body");
    assert_eq!(error.span.start, infoset.error().expect("the document ends").offset());
}
