//! Reading and writing typical messages, beside quick-xml's bare events over the same bytes.
//!
//! `cargo bench -p wsrm-wire`. Each figure is the best of many rounds, in microseconds a message.

#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

use std::hint::black_box;
use std::time::Instant;

use quick_xml::events::Event;
use quick_xml::reader::{NsReader, Reader};
use wsrm_wire::{Envelope, Infoset, Limits, WireProfile};

const ROUNDS: usize = 40;
const MESSAGES: u32 = 2000;

/// Messages as a recorded WCF client and service wrote them.
const TYPICAL: [(&str, &str); 4] = [
    (
        "CreateSequence",
        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:a=\"http://www.w3.org/2005/08/addressing\"><s:Header><a:Action s:mustUnderstand=\"1\">http://schemas.xmlsoap.org/ws/2005/02/rm/CreateSequence</a:Action><a:MessageID>urn:uuid:2c861cac-e824-4998-a609-c5faf38c9fe1</a:MessageID><a:To s:mustUnderstand=\"1\">http://127.0.0.1:43006/echo</a:To></s:Header><s:Body><CreateSequence xmlns=\"http://schemas.xmlsoap.org/ws/2005/02/rm\"><AcksTo><a:Address>http://www.w3.org/2005/08/addressing/anonymous</a:Address></AcksTo><Offer><Identifier>urn:uuid:dc392908-a34a-47d4-9eca-55964e105170</Identifier></Offer></CreateSequence></s:Body></s:Envelope>",
    ),
    (
        "two-way request",
        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:r=\"http://schemas.xmlsoap.org/ws/2005/02/rm\" xmlns:a=\"http://www.w3.org/2005/08/addressing\"><s:Header><r:SequenceAcknowledgement><r:Identifier>urn:uuid:dc392908-a34a-47d4-9eca-55964e105170</r:Identifier><r:AcknowledgementRange Lower=\"1\" Upper=\"1\"/></r:SequenceAcknowledgement><r:Sequence s:mustUnderstand=\"1\"><r:Identifier>urn:uuid:fee69c39-50fc-4c29-af6a-3c3a62275d90</r:Identifier><r:MessageNumber>2</r:MessageNumber></r:Sequence><a:Action s:mustUnderstand=\"1\">http://tempuri.org/IEcho/Echo</a:Action><a:MessageID>urn:uuid:22768a52-ce57-44bf-90ac-d34c3d0826bd</a:MessageID><a:ReplyTo><a:Address>http://www.w3.org/2005/08/addressing/anonymous</a:Address></a:ReplyTo><a:To s:mustUnderstand=\"1\">http://127.0.0.1:43006/echo</a:To></s:Header><s:Body><Echo xmlns=\"http://tempuri.org/\"><text>two</text></Echo></s:Body></s:Envelope>",
    ),
    (
        "reply",
        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:r=\"http://schemas.xmlsoap.org/ws/2005/02/rm\" xmlns:a=\"http://www.w3.org/2005/08/addressing\"><s:Header><r:Sequence s:mustUnderstand=\"1\"><r:Identifier>urn:uuid:dc392908-a34a-47d4-9eca-55964e105170</r:Identifier><r:MessageNumber>2</r:MessageNumber></r:Sequence><r:SequenceAcknowledgement><r:Identifier>urn:uuid:fee69c39-50fc-4c29-af6a-3c3a62275d90</r:Identifier><r:AcknowledgementRange Lower=\"1\" Upper=\"2\"/><netrm:BufferRemaining xmlns:netrm=\"http://schemas.microsoft.com/ws/2006/05/rm\">8</netrm:BufferRemaining></r:SequenceAcknowledgement><a:Action s:mustUnderstand=\"1\">http://tempuri.org/IEcho/EchoResponse</a:Action><a:RelatesTo>urn:uuid:22768a52-ce57-44bf-90ac-d34c3d0826bd</a:RelatesTo></s:Header><s:Body><EchoResponse xmlns=\"http://tempuri.org/\"><EchoResult>two</EchoResult></EchoResponse></s:Body></s:Envelope>",
    ),
    (
        "acknowledgement",
        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:r=\"http://schemas.xmlsoap.org/ws/2005/02/rm\" xmlns:a=\"http://www.w3.org/2005/08/addressing\"><s:Header><r:SequenceAcknowledgement><r:Identifier>urn:uuid:d4036595-79c2-48ee-9384-6e17143da333</r:Identifier><r:AcknowledgementRange Lower=\"1\" Upper=\"1\"/><netrm:BufferRemaining xmlns:netrm=\"http://schemas.microsoft.com/ws/2006/05/rm\">7</netrm:BufferRemaining></r:SequenceAcknowledgement><a:Action s:mustUnderstand=\"1\">http://schemas.xmlsoap.org/ws/2005/02/rm/SequenceAcknowledgement</a:Action></s:Header><s:Body/></s:Envelope>",
    ),
];

fn main() {
    println!(
        "{:<18} {:>6} {:>10} {:>10} {:>8} {:>8} {:>8}",
        "", "bytes", "events", "resolved", "infoset", "meaning", "write"
    );
    for (name, message) in TYPICAL {
        let limits = Limits::default();
        let profile = WireProfile::default();
        let infoset = Infoset::read(message.as_bytes(), &limits).unwrap();
        let envelope = Envelope::read(&infoset, profile).unwrap();
        assert_eq!(envelope.to_bytes(), message.as_bytes(), "what is measured is right, too");
        println!(
            "{name:<18} {:>6} {:>7.2} µs {:>7.2} µs {:>5.2} µs {:>5.2} µs {:>5.2} µs",
            message.len(),
            best(|| events(message)),
            best(|| resolved_events(message)),
            best(|| Infoset::read(message.as_bytes(), &limits).is_ok()),
            best(|| {
                let infoset = Infoset::read(message.as_bytes(), &limits).unwrap();
                Envelope::read(&infoset, profile).is_ok()
            }),
            best(|| !envelope.to_bytes().is_empty()),
        );
    }
}

/// quick-xml alone: where markup starts and ends.
fn events(message: &str) -> bool {
    let mut reader = Reader::from_str(message);
    let mut count = 0;
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return count > 0,
            event => {
                black_box(event);
                count += 1;
            }
        }
    }
}

/// quick-xml with namespaces and attributes, which anybody needs who wants to know what the markup is.
fn resolved_events(message: &str) -> bool {
    let mut reader = NsReader::from_str(message);
    let mut count = 0;
    loop {
        let (namespace, event) = reader.read_resolved_event().unwrap();
        match event {
            Event::Eof => return count > 0,
            Event::Start(start) | Event::Empty(start) => {
                black_box(namespace);
                count +=
                    start.attributes().map(|attribute| attribute.unwrap().value.len()).sum::<usize>() + 1;
            }
            event => {
                black_box(event);
            }
        }
    }
}

/// Microseconds for one, in the best round.
fn best(work: impl Fn() -> bool) -> f64 {
    let round = || {
        let started = Instant::now();
        for _ in 0..MESSAGES {
            assert!(black_box(work()));
        }
        started.elapsed().as_secs_f64() / f64::from(MESSAGES) * 1e6
    };
    (0..ROUNDS).map(|_| round()).fold(f64::INFINITY, f64::min)
}
