//! Every message in every profile in which it exists, byte for byte: `golden/wire/`.
//!
//! One snapshot a kind of message, with one line a profile. The identifiers are fixed, so that a change in a
//! snapshot is a change of form.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::borrow::Cow;
use std::fmt::Write as _;

use wsrm_wire::{
    Accept, AckRequested, Acknowledged, AcknowledgementRange, AddressingFault, AddressingVersion, Body,
    CloseSequence, CloseSequenceResponse, CreateSequence, CreateSequenceResponse, EndpointReference,
    Envelope, Fault, FaultCode, Fragment, Header, HeaderKind, IncompleteSequenceBehavior, InitiatorMessages,
    MessageNumber, NamespaceBinding, Offer, QName, Reason, ResponderMessages, RmFault, RmHeaders, RmVersion,
    Sequence, SequenceAcknowledgement, SoapVersion, TerminateSequence, TerminateSequenceResponse,
    WireProfile,
};

const SERVICE: &str = "http://service.example/echo";
const SEQUENCE: &str = "urn:uuid:11111111-1111-1111-1111-111111111111";
const OFFERED: &str = "urn:uuid:22222222-2222-2222-2222-222222222222";
const MESSAGE: &str = "urn:uuid:33333333-3333-3333-3333-333333333333";

/// Writes what `make` gives for each profile of `versions` into the snapshot `name`.
fn snapshot(
    name: &str,
    profiles: impl Iterator<Item = WireProfile>,
    make: impl Fn(WireProfile) -> Envelope<'static>,
) {
    let mut text = String::new();
    for profile in profiles {
        let bytes = make(profile).to_bytes();
        writeln!(text, "{profile}\n{}\n", String::from_utf8(bytes).unwrap()).unwrap();
    }
    insta::with_settings!({
        snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/../../golden/wire"),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, text);
    });
}

fn both() -> impl Iterator<Item = WireProfile> {
    WireProfile::all()
}

fn rm_10() -> impl Iterator<Item = WireProfile> {
    WireProfile::all().filter(|profile| profile.rm == RmVersion::February2005)
}

fn rm_11() -> impl Iterator<Item = WireProfile> {
    WireProfile::all().filter(|profile| profile.rm == RmVersion::V200702)
}

fn soap_11() -> impl Iterator<Item = WireProfile> {
    WireProfile::all().filter(|profile| profile.soap == SoapVersion::Soap11)
}

fn soap_12() -> impl Iterator<Item = WireProfile> {
    WireProfile::all().filter(|profile| profile.soap == SoapVersion::Soap12)
}

fn addressing_10() -> impl Iterator<Item = WireProfile> {
    WireProfile::all().filter(|profile| profile.addressing == AddressingVersion::Addressing10)
}

fn initiator(profile: WireProfile) -> InitiatorMessages<'static> {
    InitiatorMessages::anonymous(profile, SERVICE)
}

fn responder(profile: WireProfile) -> ResponderMessages<'static> {
    ResponderMessages::anonymous(profile)
}

fn sequence(identifier: &'static str, number: u64) -> Sequence<'static> {
    Sequence {
        identifier: identifier.into(),
        number: MessageNumber::new(number).unwrap(),
        last_message: false,
        extensions: Vec::new(),
    }
}

fn acknowledgement(identifier: &'static str, ranges: &[(u64, u64)]) -> SequenceAcknowledgement<'static> {
    SequenceAcknowledgement {
        identifier: identifier.into(),
        acknowledged: Acknowledged::Ranges(
            ranges.iter().map(|(lower, upper)| AcknowledgementRange::new(*lower, *upper)).collect(),
        ),
        is_final: false,
        buffer_remaining: None,
        extensions: Vec::new(),
    }
}

/// What a service says: with the room in its buffer.
fn with_buffer(acknowledgement: SequenceAcknowledgement<'static>) -> SequenceAcknowledgement<'static> {
    SequenceAcknowledgement { buffer_remaining: Some(8), ..acknowledgement }
}

/// What both sides say at the end: in RM 1.1, that it is final.
fn at_the_end(
    profile: WireProfile,
    value: SequenceAcknowledgement<'static>,
) -> SequenceAcknowledgement<'static> {
    SequenceAcknowledgement { is_final: profile.rm == RmVersion::V200702, ..value }
}

fn nothing_received(profile: WireProfile, identifier: &'static str) -> SequenceAcknowledgement<'static> {
    let nothing = acknowledgement(identifier, &[(0, 0)]);
    match profile.rm {
        RmVersion::February2005 => nothing,
        RmVersion::V200702 => SequenceAcknowledgement { acknowledged: Acknowledged::None, ..nothing },
    }
}

fn ack_requested(identifier: &'static str) -> AckRequested<'static> {
    AckRequested { identifier: identifier.into(), message_number: None, extensions: Vec::new() }
}

fn create(profile: WireProfile, has_offer: bool) -> CreateSequence<'static> {
    let own = initiator(profile).own_reference();
    let is_11 = profile.rm == RmVersion::V200702;
    CreateSequence {
        acks_to: own.clone(),
        expires: None,
        offer: has_offer.then(|| Offer {
            identifier: OFFERED.into(),
            endpoint: is_11.then_some(own),
            expires: None,
            incomplete_sequence_behavior: is_11
                .then_some(IncompleteSequenceBehavior::DiscardFollowingFirstGap),
            extensions: Vec::new(),
        }),
        extensions: Vec::new(),
    }
}

fn created(profile: WireProfile, accepts: bool) -> CreateSequenceResponse<'static> {
    let is_11 = profile.rm == RmVersion::V200702;
    CreateSequenceResponse {
        identifier: SEQUENCE.into(),
        expires: None,
        incomplete_sequence_behavior: is_11.then_some(IncompleteSequenceBehavior::DiscardFollowingFirstGap),
        accept: accepts.then(|| Accept { acks_to: EndpointReference::new(SERVICE), extensions: Vec::new() }),
        extensions: Vec::new(),
    }
}

fn terminate(identifier: &'static str, last: Option<u64>) -> TerminateSequence<'static> {
    TerminateSequence {
        identifier: identifier.into(),
        last_msg_number: last.and_then(MessageNumber::new),
        extensions: Vec::new(),
    }
}

fn close(last: Option<u64>) -> CloseSequence<'static> {
    CloseSequence {
        identifier: SEQUENCE.into(),
        last_msg_number: last.and_then(MessageNumber::new),
        extensions: Vec::new(),
    }
}

fn echo() -> Body<'static> {
    Body::Application(Fragment::self_contained(
        r#"<Echo xmlns="http://tempuri.org/"><text>one</text></Echo>"#,
    ))
}

fn echoed() -> Body<'static> {
    let xml = r#"<EchoResponse xmlns="http://tempuri.org/"><EchoResult>one</EchoResult></EchoResponse>"#;
    Body::Application(Fragment::self_contained(xml))
}

fn reason(text: &'static str) -> Reason<'static> {
    Reason { language: Some("en-US".into()), text: text.into() }
}

fn name(namespace: &'static str, local: &'static str) -> QName<'static> {
    QName { namespace: namespace.into(), local: local.into() }
}

fn related() -> Option<Cow<'static, str>> {
    Some(Cow::Borrowed(MESSAGE))
}

#[test]
fn create_sequence() {
    snapshot("create-sequence", both(), |profile| {
        initiator(profile).create_sequence(create(profile, true), MESSAGE)
    });
    snapshot("create-sequence-without-offer", both(), |profile| {
        initiator(profile).create_sequence(create(profile, false), MESSAGE)
    });
}

#[test]
fn create_sequence_of_an_addressable_initiator() {
    static OWN: std::sync::LazyLock<EndpointReference<'static>> =
        std::sync::LazyLock::new(|| EndpointReference {
            address: "http://client.example/answers".into(),
            extensions: vec![Fragment {
                xml: r#"<a:ReferenceParameters><x:Key xmlns:x="urn:x">1</x:Key></a:ReferenceParameters>"#
                    .into(),
                scope: vec![NamespaceBinding {
                    prefix: "a".into(),
                    namespace: AddressingVersion::Addressing10.namespace().into(),
                }],
            }],
        });
    snapshot("create-sequence-addressable", addressing_10(), |profile| {
        let initiator = InitiatorMessages { reply_to: Some(&OWN), ..initiator(profile) };
        let body = CreateSequence { acks_to: initiator.own_reference(), ..create(profile, false) };
        initiator.create_sequence(body, MESSAGE)
    });
}

#[test]
fn create_sequence_bound_to_a_security_token() {
    snapshot("create-sequence-with-token", rm_11(), |profile| {
        let token = r#"<o:SecurityTokenReference xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"><o:Reference URI="urn:uuid:44444444-4444-4444-4444-444444444444"/></o:SecurityTokenReference>"#;
        let body =
            CreateSequence { extensions: vec![Fragment::self_contained(token)], ..create(profile, false) };
        let mut envelope = initiator(profile).create_sequence(body, MESSAGE);
        envelope.headers.insert(0, Header::must_understand(HeaderKind::UsesSequenceStr));
        envelope
    });
}

#[test]
fn create_sequence_response() {
    snapshot("create-sequence-response", both(), |profile| {
        responder(profile).create_sequence_response(created(profile, true), MESSAGE)
    });
    snapshot("create-sequence-response-without-accept", both(), |profile| {
        responder(profile).create_sequence_response(created(profile, false), MESSAGE)
    });
}

#[test]
fn application_messages() {
    let action = "http://tempuri.org/IEcho/Echo";
    snapshot("request-first", both(), |profile| {
        let rm = RmHeaders { sequence: Some(sequence(SEQUENCE, 1)), ..RmHeaders::default() };
        initiator(profile).application(rm, action, related(), echo())
    });
    snapshot("request", both(), |profile| {
        let rm = RmHeaders {
            sequence: Some(sequence(SEQUENCE, 2)),
            acknowledgement: Some(acknowledgement(OFFERED, &[(1, 1)])),
            ack_requested: None,
        };
        initiator(profile).application(rm, action, related(), echo())
    });
    snapshot("one-way-message", both(), |profile| {
        let rm = RmHeaders { sequence: Some(sequence(SEQUENCE, 2)), ..RmHeaders::default() };
        initiator(profile).application(rm, action, None, echo())
    });
    snapshot("one-way-message-asking", both(), |profile| {
        let rm = RmHeaders {
            sequence: Some(sequence(SEQUENCE, 2)),
            acknowledgement: Some(acknowledgement(OFFERED, &[(1, 1)])),
            ack_requested: Some(ack_requested(SEQUENCE)),
        };
        initiator(profile).application(rm, action, None, echo())
    });
    snapshot("reply", both(), |profile| {
        let rm = RmHeaders {
            sequence: Some(sequence(OFFERED, 1)),
            acknowledgement: Some(with_buffer(acknowledgement(SEQUENCE, &[(1, 1)]))),
            ack_requested: None,
        };
        responder(profile).application(rm, "http://tempuri.org/IEcho/EchoResponse", related(), echoed())
    });
}

#[test]
fn a_fault_of_the_application() {
    let dispatcher = "http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher";
    snapshot("reply-internal-service-fault", both(), |profile| {
        let rm = RmHeaders {
            sequence: Some(sequence(OFFERED, 1)),
            acknowledgement: Some(with_buffer(acknowledgement(SEQUENCE, &[(1, 1)]))),
            ack_requested: None,
        };
        let subcodes = vec![name(dispatcher, "InternalServiceFault")];
        let fault = Fault::new(profile.soap, FaultCode::Receiver, subcodes, reason("It failed."));
        responder(profile).application(rm, format!("{dispatcher}/fault"), related(), Body::Fault(fault))
    });
}

#[test]
fn acknowledgements() {
    snapshot("sequence-acknowledgement", both(), |profile| {
        responder(profile)
            .sequence_acknowledgement(with_buffer(acknowledgement(SEQUENCE, &[(1, 3), (5, 5), (7, 9)])))
    });
    snapshot("sequence-acknowledgement-nothing", both(), |profile| {
        responder(profile).sequence_acknowledgement(with_buffer(nothing_received(profile, SEQUENCE)))
    });
    snapshot("sequence-acknowledgement-final", rm_11(), |profile| {
        let value = at_the_end(profile, acknowledgement(SEQUENCE, &[(1, 3)]));
        responder(profile).sequence_acknowledgement(with_buffer(value))
    });
    snapshot("sequence-acknowledgement-nack", both(), |profile| {
        let value = SequenceAcknowledgement {
            acknowledged: Acknowledged::Nack(vec![2, 4]),
            ..acknowledgement(SEQUENCE, &[])
        };
        responder(profile).sequence_acknowledgement(value)
    });
    snapshot("ack-requested", both(), |profile| {
        initiator(profile).ack_requested(Some(acknowledgement(OFFERED, &[(1, 2)])), ack_requested(SEQUENCE))
    });
    snapshot("ack-requested-one-way", both(), |profile| {
        initiator(profile).ack_requested(None, ack_requested(SEQUENCE))
    });
}

#[test]
fn ending_rm_10() {
    snapshot("last-message", rm_10(), |profile| {
        let ack = acknowledgement(OFFERED, &[(1, 2)]);
        initiator(profile).last_message(Some(ack), None, sequence(SEQUENCE, 3))
    });
    snapshot("last-message-one-way", rm_10(), |profile| {
        initiator(profile).last_message(None, None, sequence(SEQUENCE, 3))
    });
    snapshot("last-message-reply", rm_10(), |profile| {
        let ack = with_buffer(acknowledgement(SEQUENCE, &[(1, 3)]));
        responder(profile).last_message(sequence(OFFERED, 3), ack)
    });
    snapshot("terminate-sequence-rm10", rm_10(), |profile| {
        let ack = acknowledgement(OFFERED, &[(1, 3)]);
        initiator(profile).terminate_sequence(Some(ack), terminate(SEQUENCE, None), related())
    });
    snapshot("terminate-sequence-rm10-one-way", rm_10(), |profile| {
        initiator(profile).terminate_sequence(None, terminate(SEQUENCE, None), None)
    });
}

#[test]
fn ending_rm_11() {
    snapshot("close-sequence", rm_11(), |profile| {
        let ack = at_the_end(profile, acknowledgement(OFFERED, &[(1, 2)]));
        initiator(profile).close_sequence(Some(ack), close(Some(2)), MESSAGE)
    });
    snapshot("close-sequence-empty", rm_11(), |profile| {
        let ack = at_the_end(profile, nothing_received(profile, OFFERED));
        initiator(profile).close_sequence(Some(ack), close(None), MESSAGE)
    });
    snapshot("close-sequence-one-way", rm_11(), |profile| {
        initiator(profile).close_sequence(None, close(Some(2)), MESSAGE)
    });
    snapshot("close-sequence-response", rm_11(), |profile| {
        let ack = with_buffer(at_the_end(profile, acknowledgement(SEQUENCE, &[(1, 2)])));
        let body = CloseSequenceResponse { identifier: SEQUENCE.into(), extensions: Vec::new() };
        responder(profile).close_sequence_response(ack, body, MESSAGE)
    });
    snapshot("terminate-sequence-rm11", rm_11(), |profile| {
        let ack = at_the_end(profile, acknowledgement(OFFERED, &[(1, 2)]));
        initiator(profile).terminate_sequence(Some(ack), terminate(SEQUENCE, Some(2)), related())
    });
    snapshot("terminate-sequence-rm11-one-way", rm_11(), |profile| {
        initiator(profile).terminate_sequence(None, terminate(SEQUENCE, Some(2)), related())
    });
    snapshot("terminate-sequence-response", rm_11(), |profile| {
        let ack = with_buffer(at_the_end(profile, acknowledgement(SEQUENCE, &[(1, 2)])));
        let body = TerminateSequenceResponse { identifier: SEQUENCE.into(), extensions: Vec::new() };
        responder(profile).terminate_sequence_response(ack, body, MESSAGE)
    });
}

/// RM 1.0 always answers TerminateSequence with one of its own, RM 1.1 only one that comes too early.
#[test]
fn terminate_sequence_as_an_answer() {
    snapshot("terminate-sequence-reply", both(), |profile| {
        let ack = with_buffer(acknowledgement(SEQUENCE, &[(1, 3)]));
        responder(profile).terminate_sequence(ack, terminate(OFFERED, None))
    });
}

/// The RM faults, with the profiles that have them.
fn rm_faults() -> Vec<(&'static str, Option<RmVersion>, FaultCode<'static>, RmFault<'static>)> {
    let identifier = || Cow::Borrowed(SEQUENCE);
    let sender = FaultCode::Sender;
    vec![
        (
            "sequence-terminated",
            None,
            FaultCode::Receiver,
            RmFault::SequenceTerminated { identifier: identifier() },
        ),
        ("unknown-sequence", None, sender.clone(), RmFault::UnknownSequence { identifier: identifier() }),
        (
            "invalid-acknowledgement",
            None,
            sender.clone(),
            RmFault::InvalidAcknowledgement {
                identifier: identifier(),
                acknowledged: Acknowledged::Ranges(vec![AcknowledgementRange::new(1, 4)]),
            },
        ),
        (
            "message-number-rollover",
            Some(RmVersion::February2005),
            sender.clone(),
            RmFault::MessageNumberRollover { identifier: identifier(), max_message_number: None },
        ),
        (
            "message-number-rollover-rm11",
            Some(RmVersion::V200702),
            sender.clone(),
            RmFault::MessageNumberRollover {
                identifier: identifier(),
                max_message_number: Some(MessageNumber::MAX),
            },
        ),
        (
            "last-message-number-exceeded",
            Some(RmVersion::February2005),
            sender.clone(),
            RmFault::LastMessageNumberExceeded { identifier: identifier() },
        ),
        (
            "sequence-closed",
            Some(RmVersion::V200702),
            sender.clone(),
            RmFault::SequenceClosed { identifier: identifier() },
        ),
        ("create-sequence-refused", None, sender.clone(), RmFault::CreateSequenceRefused),
        ("connection-limit-reached", None, FaultCode::Receiver, RmFault::ConnectionLimitReached),
        ("wsrm-required", Some(RmVersion::V200702), sender, RmFault::WsrmRequired),
    ]
}

#[test]
fn rm_faults_by_who_sends_them() {
    for (kind, version, code, fault) in rm_faults() {
        let profiles = || WireProfile::all().filter(move |profile| version.is_none_or(|rm| profile.rm == rm));
        if matches!(
            kind,
            "unknown-sequence" | "create-sequence-refused" | "connection-limit-reached" | "wsrm-required"
        ) {
            snapshot(&format!("fault-{kind}-of-listener"), profiles(), |profile| {
                responder(profile).rm_fault(&fault, code.clone(), reason("Why."), None, related())
            });
        }
        if kind.starts_with("message-number-rollover")
            || matches!(kind, "sequence-terminated" | "unknown-sequence" | "invalid-acknowledgement")
        {
            snapshot(&format!("fault-{kind}-of-initiator"), profiles(), |profile| {
                initiator(profile).rm_fault(&fault, code.clone(), reason("Why."), None)
            });
        }
        if !matches!(kind, "create-sequence-refused" | "connection-limit-reached") {
            snapshot(&format!("fault-{kind}-of-channel"), profiles(), |profile| {
                responder(profile).rm_fault(&fault, FaultCode::Sender, reason("Why."), None, None)
            });
        }
    }
}

/// A channel of RM 1.1 that is closing says once more what it received.
#[test]
fn rm_faults_of_a_closing_channel() {
    let fault = RmFault::SequenceTerminated { identifier: SEQUENCE.into() };
    snapshot("fault-sequence-terminated-with-acknowledgement", rm_11(), |profile| {
        let ack = at_the_end(profile, acknowledgement(SEQUENCE, &[(1, 2)]));
        responder(profile).rm_fault(&fault, FaultCode::Sender, reason("Why."), Some(ack), None)
    });
    let fault = RmFault::SequenceClosed { identifier: SEQUENCE.into() };
    snapshot("fault-sequence-closed-with-acknowledgement", rm_11(), |profile| {
        let ack = with_buffer(at_the_end(profile, acknowledgement(SEQUENCE, &[(1, 2)])));
        responder(profile).rm_fault(&fault, FaultCode::Sender, reason("Why."), Some(ack), None)
    });
    let acknowledged = Acknowledged::Ranges(vec![AcknowledgementRange::new(1, 4)]);
    let fault = RmFault::InvalidAcknowledgement { identifier: SEQUENCE.into(), acknowledged };
    snapshot("fault-invalid-acknowledgement-with-acknowledgement", rm_11(), |profile| {
        let ack = at_the_end(profile, acknowledgement(SEQUENCE, &[(1, 2)]));
        responder(profile).rm_fault(&fault, FaultCode::Sender, reason("Why."), Some(ack), None)
    });
}

/// The headers of a reply inside a session.
fn reply_headers() -> RmHeaders<'static> {
    RmHeaders {
        sequence: Some(sequence(OFFERED, 1)),
        acknowledgement: Some(with_buffer(acknowledgement(SEQUENCE, &[(1, 1)]))),
        ack_requested: None,
    }
}

#[test]
fn addressing_faults() {
    let outside = [
        ("action-not-supported", AddressingFault::ActionNotSupported),
        ("endpoint-unavailable", AddressingFault::EndpointUnavailable),
    ];
    for (kind, fault) in outside {
        snapshot(&format!("fault-{kind}"), both(), |profile| {
            responder(profile).addressing_fault(RmHeaders::default(), &fault, reason("Why."), related())
        });
    }
    let inside = [
        ("action-not-supported-in-session", AddressingFault::ActionNotSupported),
        ("destination-unreachable-in-session", AddressingFault::DestinationUnreachable),
    ];
    for (kind, fault) in inside {
        snapshot(&format!("fault-{kind}"), both(), |profile| {
            responder(profile).addressing_fault(reply_headers(), &fault, reason("Why."), related())
        });
    }
    let header = name("http://www.w3.org/2005/08/addressing", "MessageID");
    let about_a_header = [
        (
            "message-addressing-header-required",
            AddressingFault::MessageAddressingHeaderRequired { header: header.clone() },
        ),
        ("invalid-cardinality", AddressingFault::InvalidCardinality { header }),
    ];
    for (kind, fault) in about_a_header {
        snapshot(&format!("fault-{kind}"), addressing_10(), |profile| {
            responder(profile).addressing_fault(RmHeaders::default(), &fault, reason("Why."), None)
        });
    }
}

#[test]
fn must_understand_faults() {
    snapshot("fault-must-understand", both(), |profile| {
        let names = [name("urn:x", "H")];
        responder(profile).must_understand_fault(RmHeaders::default(), names, reason("Why."), related())
    });
    snapshot("fault-must-understand-in-session", both(), |profile| {
        let names = [name("urn:x", "H")];
        responder(profile).must_understand_fault(reply_headers(), names, reason("Why."), related())
    });
    snapshot("fault-must-understand-several", soap_12(), |profile| {
        let names = [name("urn:x", "H"), name(profile.rm.namespace(), "AckRequested"), name("", "I")];
        responder(profile).must_understand_fault(reply_headers(), names, reason("Why."), related())
    });
}

#[test]
fn answers_of_an_initiator() {
    snapshot("fault-must-understand-of-initiator", both(), |profile| {
        initiator(profile).must_understand_fault([name("urn:x", "H")], reason("Why."))
    });
    snapshot("fault-action-not-supported-of-initiator", both(), |profile| {
        initiator(profile).addressing_fault(&AddressingFault::ActionNotSupported, reason("Why."))
    });
    let header = name("http://www.w3.org/2005/08/addressing", "RelatesTo");
    let fault = AddressingFault::MessageAddressingHeaderRequired { header };
    snapshot("fault-message-addressing-header-required-of-initiator", addressing_10(), |profile| {
        initiator(profile).addressing_fault(&fault, reason("Why."))
    });
    snapshot("close-sequence-response-of-initiator", rm_11(), |profile| {
        let body = CloseSequenceResponse { identifier: OFFERED.into(), extensions: Vec::new() };
        initiator(profile).close_sequence_response(body, related())
    });
    snapshot("terminate-sequence-response-of-initiator", rm_11(), |profile| {
        let body = TerminateSequenceResponse { identifier: OFFERED.into(), extensions: Vec::new() };
        initiator(profile).terminate_sequence_response(body, related())
    });
}

/// What SOAP 1.1 cannot say with a subcode it says in `faultcode`.
#[test]
fn a_fault_with_actor_and_detail() {
    snapshot("fault-with-detail-soap11", soap_11(), |profile| {
        let mut fault = Fault::new(
            profile.soap,
            FaultCode::Sender,
            vec![name("urn:app", "Code")],
            reason("A < B & \"C\"\r\n"),
        );
        fault.role = Some("urn:actor".into());
        fault.detail = Some(Fragment::self_contained(r#"<Problem xmlns="urn:app"/>"#));
        responder(profile).application(RmHeaders::default(), "urn:app/fault", None, Body::Fault(fault))
    });
    snapshot("fault-with-detail-soap12", soap_12(), |profile| {
        let subcodes = vec![name("urn:app", "Outer"), name("urn:app", "Inner")];
        let mut fault = Fault::new(profile.soap, FaultCode::Sender, subcodes, reason("A < B & \"C\"\r\n"));
        fault.node = Some("urn:node".into());
        fault.role = Some("urn:role".into());
        fault.detail = Some(Fragment::self_contained(r#"<Problem xmlns="urn:app"/>"#));
        responder(profile).application(RmHeaders::default(), "urn:app/fault", None, Body::Fault(fault))
    });
}
