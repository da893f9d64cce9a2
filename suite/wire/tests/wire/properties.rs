//! What is written is read as what it was.

use std::borrow::Cow;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use wsrm_wire::{
    Accept, AckRequested, Acknowledged, AcknowledgementRange, Body, CloseSequence, CloseSequenceResponse,
    CreateSequence, CreateSequenceResponse, EndpointReference, Envelope, Fault, FaultCode, ForeignAttribute,
    Fragment, Header, HeaderKind, IncompleteSequenceBehavior, Infoset, Limits, MessageNumber, MustUnderstand,
    NamespaceBinding, Offer, PrefixPlan, QName, Reason, RelatesTo, RmVersion, Sequence,
    SequenceAcknowledgement, SequenceFault, SoapVersion, TerminateSequence, TerminateSequenceResponse,
    WireProfile, equivalent,
};

type Text = Cow<'static, str>;

/// A value: text with all that must be escaped in it, but no white space around it.
fn token() -> impl Strategy<Value = Text> {
    "[!-~é𝄞]([ -~\r\n\té𝄞]{0,10}[!-~é𝄞])?".prop_map(Cow::Owned)
}

/// Text in which white space counts everywhere.
fn text() -> impl Strategy<Value = Text> {
    "[ -~\r\n\té𝄞]{0,12}".prop_map(Cow::Owned)
}

fn address() -> impl Strategy<Value = Text> {
    token().prop_map(|token| Cow::Owned(format!("urn:{}", token.replace(char::is_whitespace, ""))))
}

fn local_name() -> impl Strategy<Value = Text> {
    "[A-Za-z_é][A-Za-z0-9_.é-]{0,6}".prop_map(Cow::Owned)
}

/// A name in a namespace that is not SOAP's.
fn name(profile: WireProfile) -> impl Strategy<Value = QName<'static>> {
    let namespace = prop_oneof![
        Just(Cow::Borrowed("")),
        Just(Cow::Borrowed(profile.rm.namespace())),
        Just(Cow::Borrowed(profile.addressing.namespace())),
        "urn:[a-z&<\"]{1,4}".prop_map(Cow::Owned),
    ];
    (namespace, local_name()).prop_map(|(namespace, local)| QName { namespace, local })
}

/// An element that needs nothing from its surroundings.
fn foreign_element() -> impl Strategy<Value = Fragment<'static>> {
    prop_oneof![
        Just("<x:E xmlns:x=\"urn:x\"/>"),
        Just("<x:E xmlns:x=\"urn:x\" a='>'><x:F><![CDATA[<y>]]></x:F> text </x:E>"),
        Just("<x:E xmlns:x='urn:x'><!-- <q:B> --><x:F>&lt;&#13;</x:F></x:E>"),
    ]
    .prop_map(Fragment::self_contained)
}

fn content() -> impl Strategy<Value = Fragment<'static>> {
    let with_scope = Fragment {
        xml: "<E xmlns=\"urn:e\" i:nil=\"true\"/>".into(),
        scope: vec![NamespaceBinding { prefix: "i".into(), namespace: "urn:i".into() }],
    };
    prop_oneof![foreign_element(), Just(with_scope)]
}

fn number() -> impl Strategy<Value = MessageNumber> {
    (1..=MessageNumber::MAX).prop_filter_map("1 to 2^63 - 1", MessageNumber::new)
}

fn reference() -> impl Strategy<Value = EndpointReference<'static>> {
    address().prop_map(EndpointReference::new)
}

fn reference_with_extensions() -> impl Strategy<Value = EndpointReference<'static>> {
    (address(), vec(foreign_element(), 0..2))
        .prop_map(|(address, extensions)| EndpointReference { address, extensions })
}

fn ranges() -> impl Strategy<Value = Vec<AcknowledgementRange>> {
    vec((1_u64..1000, 0_u64..1000), 1..4).prop_map(|steps| {
        let mut next = 0;
        let mut ranges = Vec::new();
        for (gap, length) in steps {
            let lower = next + gap;
            ranges.push(AcknowledgementRange::new(lower, lower + length));
            next = lower + length + 1;
        }
        ranges
    })
}

fn acknowledgement(rm: RmVersion) -> BoxedStrategy<SequenceAcknowledgement<'static>> {
    let is_11 = rm == RmVersion::V200702;
    let nothing =
        if is_11 { Acknowledged::None } else { Acknowledged::Ranges(vec![AcknowledgementRange::new(0, 0)]) };
    let acknowledged = prop_oneof![
        4 => ranges().prop_map(Acknowledged::Ranges),
        1 => Just(nothing),
        1 => vec(0..=MessageNumber::MAX, 1..3).prop_map(Acknowledged::Nack),
    ];
    let extensions = vec(foreign_element(), 0..2);
    (token(), acknowledged, any::<bool>(), option::of(0_u32..=4096), extensions)
        .prop_map(move |(identifier, acknowledged, is_final, buffer_remaining, extensions)| {
            let is_final = is_final && is_11 && !matches!(acknowledged, Acknowledged::Nack(_));
            SequenceAcknowledgement { identifier, acknowledged, is_final, buffer_remaining, extensions }
        })
        .boxed()
}

fn sequence_fault(profile: WireProfile) -> impl Strategy<Value = SequenceFault<'static>> {
    let detail = token().prop_map(move |identifier| {
        let identifier = identifier.replace('&', "&amp;").replace('<', "&lt;").replace(':', "");
        let binding = NamespaceBinding { prefix: "r".into(), namespace: profile.rm.namespace().into() };
        Fragment { xml: format!("<r:Identifier>{identifier}</r:Identifier>").into(), scope: vec![binding] }
    });
    (name(profile), option::of(detail)).prop_map(|(code, detail)| SequenceFault { code, detail })
}

fn header_kind(profile: WireProfile) -> BoxedStrategy<HeaderKind<'static>> {
    let rm = profile.rm;
    let is_10 = rm == RmVersion::February2005;
    let extensions = || vec(foreign_element(), 0..2);
    let sequence = (token(), number(), any::<bool>(), extensions()).prop_map(
        move |(identifier, number, last_message, extensions)| {
            let last_message = last_message && is_10;
            HeaderKind::Sequence(Sequence { identifier, number, last_message, extensions })
        },
    );
    let ack_requested = (token(), option::of(0..=MessageNumber::MAX), extensions()).prop_map(
        move |(identifier, number, extensions)| {
            let message_number = number.filter(|_| is_10);
            HeaderKind::AckRequested(AckRequested { identifier, message_number, extensions })
        },
    );
    let relates_to = (token(), option::of(token())).prop_map(|(message_id, relationship_type)| {
        HeaderKind::RelatesTo(RelatesTo { message_id, relationship_type })
    });
    let other = foreign_element().prop_map(|element| HeaderKind::Other {
        name: QName { namespace: "urn:x".into(), local: "E".into() },
        element,
    });
    let common = prop_oneof![
        sequence,
        acknowledgement(rm).prop_map(HeaderKind::SequenceAcknowledgement),
        ack_requested,
        token().prop_map(HeaderKind::Action),
        token().prop_map(HeaderKind::MessageId),
        token().prop_map(HeaderKind::To),
        relates_to,
        reference_with_extensions().prop_map(HeaderKind::ReplyTo),
        reference_with_extensions().prop_map(HeaderKind::From),
        reference_with_extensions().prop_map(HeaderKind::FaultTo),
        other,
    ];
    match profile.soap {
        SoapVersion::Soap11 => {
            prop_oneof![4 => common, 1 => sequence_fault(profile).prop_map(HeaderKind::SequenceFault)].boxed()
        }
        SoapVersion::Soap12 => {
            prop_oneof![4 => common, 1 => name(profile).prop_map(HeaderKind::NotUnderstood)].boxed()
        }
    }
}

fn attribute() -> impl Strategy<Value = ForeignAttribute<'static>> {
    let place = prop_oneof![Just(("u", "urn:u")), Just(("", "")), Just(("v", "urn:v"))];
    (place, text()).prop_map(|((prefix, namespace), value)| ForeignAttribute {
        prefix: prefix.into(),
        namespace: namespace.into(),
        local: "Id".into(),
        value,
    })
}

fn header(profile: WireProfile) -> impl Strategy<Value = Header<'static>> {
    let must_understand = prop_oneof![
        Just(MustUnderstand::Absent),
        Just(MustUnderstand::Zero),
        Just(MustUnderstand::False),
        Just(MustUnderstand::One),
        Just(MustUnderstand::True),
    ];
    (header_kind(profile), must_understand, option::of(attribute())).prop_map(
        |(kind, must_understand, attribute)| {
            // The attributes of a header that is not known stand in its element.
            if matches!(kind, HeaderKind::Other { .. }) {
                return Header::new(kind);
            }
            Header { kind, must_understand, role: None, attributes: attribute.into_iter().collect() }
        },
    )
}

fn fault(profile: WireProfile) -> impl Strategy<Value = Fault<'static>> {
    let is_12 = profile.soap == SoapVersion::Soap12;
    let code = prop_oneof![
        Just(FaultCode::Sender),
        Just(FaultCode::Receiver),
        Just(FaultCode::MustUnderstand),
        Just(FaultCode::VersionMismatch),
        name(profile).prop_map(FaultCode::Other),
    ];
    let reason = || {
        (option::of("[a-z]{0,2}"), text())
            .prop_map(|(language, text)| Reason { language: language.map(Cow::Owned), text })
    };
    let detail = prop_oneof![Just(Fragment::default()), foreign_element()];
    let subcodes = vec(name(profile), 0..3);
    let more = vec(reason(), 0..2);
    (code, subcodes, reason(), more, option::of(token()), option::of(token()), option::of(detail)).prop_map(
        move |(code, subcodes, reason, more, node, role, detail)| {
            let mut reasons = vec![reason];
            reasons.extend(more.into_iter().filter(|_| is_12));
            let subcodes = if is_12 { subcodes } else { Vec::new() };
            Fault { code, subcodes, reasons, node: node.filter(|_| is_12), role, detail }
        },
    )
}

fn behavior() -> impl Strategy<Value = IncompleteSequenceBehavior> {
    prop_oneof![
        Just(IncompleteSequenceBehavior::DiscardEntireSequence),
        Just(IncompleteSequenceBehavior::DiscardFollowingFirstGap),
        Just(IncompleteSequenceBehavior::NoDiscard),
    ]
}

fn expires() -> impl Strategy<Value = Option<Text>> {
    option::of("P[1-9]DT[0-9]H".prop_map(Cow::Owned))
}

fn create_sequence(rm: RmVersion) -> impl Strategy<Value = Body<'static>> {
    let is_11 = rm == RmVersion::V200702;
    let offer = (token(), reference(), expires(), option::of(behavior())).prop_map(
        move |(identifier, endpoint, expires, behavior)| Offer {
            identifier,
            endpoint: is_11.then_some(endpoint),
            expires,
            incomplete_sequence_behavior: behavior.filter(|_| is_11),
            extensions: Vec::new(),
        },
    );
    (reference(), expires(), option::of(offer)).prop_map(|(acks_to, expires, offer)| {
        Body::CreateSequence(CreateSequence { acks_to, expires, offer, extensions: Vec::new() })
    })
}

fn create_sequence_response(rm: RmVersion) -> impl Strategy<Value = Body<'static>> {
    let is_11 = rm == RmVersion::V200702;
    (token(), expires(), option::of(behavior()), option::of(reference())).prop_map(
        move |(identifier, expires, behavior, accept)| {
            Body::CreateSequenceResponse(CreateSequenceResponse {
                identifier,
                expires,
                incomplete_sequence_behavior: behavior.filter(|_| is_11),
                accept: accept.map(|acks_to| Accept { acks_to, extensions: Vec::new() }),
                extensions: Vec::new(),
            })
        },
    )
}

fn ending(rm: RmVersion) -> BoxedStrategy<Body<'static>> {
    let extensions = Vec::new;
    let is_11 = rm == RmVersion::V200702;
    let terminate = (token(), option::of(number())).prop_map(move |(identifier, last)| {
        let last_msg_number = last.filter(|_| is_11);
        Body::TerminateSequence(TerminateSequence { identifier, last_msg_number, extensions: extensions() })
    });
    if !is_11 {
        return terminate.boxed();
    }
    let close = (token(), option::of(number())).prop_map(move |(identifier, last_msg_number)| {
        Body::CloseSequence(CloseSequence { identifier, last_msg_number, extensions: extensions() })
    });
    prop_oneof![
        terminate,
        close,
        token().prop_map(move |identifier| {
            Body::CloseSequenceResponse(CloseSequenceResponse { identifier, extensions: extensions() })
        }),
        token().prop_map(move |identifier| {
            Body::TerminateSequenceResponse(TerminateSequenceResponse {
                identifier,
                extensions: extensions(),
            })
        }),
    ]
    .boxed()
}

fn body(profile: WireProfile) -> impl Strategy<Value = Body<'static>> {
    prop_oneof![
        Just(Body::Empty),
        create_sequence(profile.rm),
        create_sequence_response(profile.rm),
        ending(profile.rm),
        fault(profile).prop_map(Body::Fault),
        content().prop_map(Body::Application),
    ]
}

fn profile() -> impl Strategy<Value = WireProfile> {
    proptest::sample::select(WireProfile::all().collect::<Vec<_>>())
}

/// Any message that a reader can produce.
fn envelope() -> impl Strategy<Value = Envelope<'static>> {
    profile().prop_flat_map(|profile| {
        (vec(header(profile), 0..6), body(profile), option::of(attribute())).prop_map(
            move |(headers, mut body, attribute)| {
                // What the body declares for an attribute is read as a binding of its content.
                if let (Body::Application(content), Some(attribute)) = (&mut body, &attribute)
                    && !attribute.namespace.is_empty()
                {
                    let (prefix, namespace) = (attribute.prefix.clone(), attribute.namespace.clone());
                    content.scope.push(NamespaceBinding { prefix, namespace });
                }
                let body_attributes = attribute.into_iter().collect();
                Envelope { profile, headers, body, body_attributes }
            },
        )
    })
}

fn plan() -> impl Strategy<Value = PrefixPlan> {
    let plans = [
        PrefixPlan { soap: "soap", addressing: "wsa", rm: "wsrm" },
        PrefixPlan { soap: "S", addressing: "u", rm: "ns2" },
        PrefixPlan { soap: "a", addressing: "r", rm: "s" },
        PrefixPlan { soap: "x", addressing: "netrm", rm: "i" },
    ];
    proptest::sample::select(plans.to_vec())
}

proptest! {
    /// A message that is written is read as what it was.
    #[test]
    fn a_written_message_is_read_as_what_it_was(envelope in envelope()) {
        let bytes = envelope.to_bytes();
        let infoset = Infoset::read(&bytes, &Limits::default()).map_err(|error| {
            TestCaseError::fail(format!("{error}: {}", String::from_utf8_lossy(&bytes)))
        })?;
        let read = Envelope::read(&infoset, envelope.profile).unwrap();
        prop_assert_eq!(&read, &envelope, "{}", String::from_utf8_lossy(&bytes));
        prop_assert_eq!(read.to_bytes(), bytes);
    }

    /// Prefixes do not change what a message says.
    #[test]
    fn another_plan_says_the_same(envelope in envelope(), plan in plan()) {
        let bytes = envelope.to_bytes();
        let mut others = Vec::new();
        envelope.write_with(&plan, &mut others);
        let infoset = Infoset::read(&bytes, &Limits::default()).unwrap();
        let other = Infoset::read(&others, &Limits::default()).map_err(|error| {
            TestCaseError::fail(format!("{error}: {}", String::from_utf8_lossy(&others)))
        })?;
        if let Err(difference) = equivalent(&infoset, &other) {
            return Err(TestCaseError::fail(format!(
                "{difference}\n{}\n{}",
                String::from_utf8_lossy(&bytes),
                String::from_utf8_lossy(&others)
            )));
        }
    }
}
