//! Header blocks.

use super::Writer;
use super::markup::number;
use crate::{
    AckRequested, Acknowledged, EndpointReference, ForeignAttribute, Header, HeaderKind, QName, RmVersion,
    Sequence, SequenceAcknowledgement, SequenceFault, namespace,
};

impl Writer<'_> {
    pub(super) fn header(&mut self, header: &Header<'_>) {
        let rm = self.plan.rm;
        match &header.kind {
            HeaderKind::Sequence(sequence) => self.sequence(header, sequence),
            HeaderKind::SequenceAcknowledgement(acknowledgement) => {
                self.sequence_acknowledgement(header, acknowledgement);
            }
            HeaderKind::AckRequested(ack_requested) => self.ack_requested(header, ack_requested),
            HeaderKind::SequenceFault(fault) => self.sequence_fault(header, fault),
            HeaderKind::UsesSequenceStr => self.empty_header(header, rm, "UsesSequenceSTR"),
            HeaderKind::UsesSequenceSsl => self.empty_header(header, rm, "UsesSequenceSSL"),
            HeaderKind::Action(action) => self.text_header(header, "Action", action),
            HeaderKind::MessageId(message_id) => self.text_header(header, "MessageID", message_id),
            HeaderKind::To(to) => self.text_header(header, "To", to),
            HeaderKind::RelatesTo(relates_to) => {
                let addressing = self.plan.addressing;
                self.open(addressing, "RelatesTo");
                self.header_attributes(header);
                if let Some(kind) = &relates_to.relationship_type {
                    self.attribute("", "RelationshipType", kind);
                }
                self.close_with_text(addressing, "RelatesTo", &relates_to.message_id);
            }
            HeaderKind::ReplyTo(reference) => self.reference_header(header, "ReplyTo", reference),
            HeaderKind::From(reference) => self.reference_header(header, "From", reference),
            HeaderKind::FaultTo(reference) => self.reference_header(header, "FaultTo", reference),
            HeaderKind::NotUnderstood(name) => self.not_understood(header, name),
            HeaderKind::Malformed(malformed) => self.fragment(&malformed.element),
            HeaderKind::Other { element, .. } => self.fragment(element),
        }
    }

    fn sequence(&mut self, header: &Header<'_>, sequence: &Sequence<'_>) {
        let rm = self.plan.rm;
        self.start_header(header, rm, "Sequence");
        self.element(rm, "Identifier", &sequence.identifier);
        self.number_element(rm, "MessageNumber", sequence.number.value());
        if sequence.last_message {
            self.empty(rm, "LastMessage");
        }
        self.fragments(&sequence.extensions);
        self.end(rm, "Sequence");
    }

    fn sequence_acknowledgement(&mut self, header: &Header<'_>, value: &SequenceAcknowledgement<'_>) {
        let rm = self.plan.rm;
        self.start_header(header, rm, "SequenceAcknowledgement");
        self.element(rm, "Identifier", &value.identifier);
        match &value.acknowledged {
            Acknowledged::Ranges(ranges) => {
                for range in ranges {
                    self.range(rm, *range);
                }
            }
            Acknowledged::None => self.empty(rm, "None"),
            Acknowledged::Nack(numbers) => {
                for missing in numbers {
                    self.number_element(rm, "Nack", *missing);
                }
            }
        }
        if value.is_final {
            self.empty(rm, "Final");
        }
        self.fragments(&value.extensions);
        if let Some(remaining) = value.buffer_remaining {
            self.open("netrm", "BufferRemaining");
            self.declare("netrm", namespace::NETRM);
            self.push(">");
            number(self.out, u64::from(remaining));
            self.end("netrm", "BufferRemaining");
        }
        self.end(rm, "SequenceAcknowledgement");
    }

    fn ack_requested(&mut self, header: &Header<'_>, value: &AckRequested<'_>) {
        let rm = self.plan.rm;
        self.start_header(header, rm, "AckRequested");
        self.element(rm, "Identifier", &value.identifier);
        if let Some(highest) = value.message_number {
            self.number_element(rm, "MessageNumber", highest);
        }
        self.fragments(&value.extensions);
        self.end(rm, "AckRequested");
    }

    fn sequence_fault(&mut self, header: &Header<'_>, fault: &SequenceFault<'_>) {
        let rm = self.plan.rm;
        self.start_header(header, rm, "SequenceFault");
        self.open(rm, "FaultCode");
        self.close_with_name(rm, "FaultCode", &fault.code);
        if let Some(detail) = &fault.detail {
            match self.profile.rm {
                RmVersion::February2005 => self.fragment(detail),
                RmVersion::V200702 => {
                    self.start(rm, "Detail");
                    self.fragment(detail);
                    self.end(rm, "Detail");
                }
            }
        }
        self.end(rm, "SequenceFault");
    }

    /// `NotUnderstood` names the header in an attribute. Its prefix is the one in scope, or the first letter
    /// that is free, declared behind the attribute.
    fn not_understood(&mut self, header: &Header<'_>, name: &QName<'_>) {
        let soap = self.plan.soap;
        self.open(soap, "NotUnderstood");
        let (prefix, is_new) = match self.scope.prefix(&name.namespace) {
            Some(prefix) => (prefix, false),
            None if name.namespace.is_empty() => ("", false),
            None => (self.scope.free_letter(), true),
        };
        self.push(" qname=\"");
        self.push(prefix);
        self.push(if prefix.is_empty() { "" } else { ":" });
        self.push(&name.local);
        self.push("\"");
        self.header_attributes(header);
        if is_new {
            self.declare(prefix, &name.namespace);
        }
        self.push("/>");
    }

    fn text_header(&mut self, header: &Header<'_>, local: &str, text: &str) {
        let addressing = self.plan.addressing;
        self.open(addressing, local);
        self.header_attributes(header);
        self.close_with_text(addressing, local, text);
    }

    fn reference_header(&mut self, header: &Header<'_>, local: &str, reference: &EndpointReference<'_>) {
        let addressing = self.plan.addressing;
        self.start_header(header, addressing, local);
        self.endpoint_reference(reference);
        self.end(addressing, local);
    }

    fn empty_header(&mut self, header: &Header<'_>, prefix: &str, local: &str) {
        self.open(prefix, local);
        self.header_attributes(header);
        self.push("/>");
    }

    fn start_header(&mut self, header: &Header<'_>, prefix: &str, local: &str) {
        self.open(prefix, local);
        self.header_attributes(header);
        self.push(">");
    }

    /// The attributes of a header block: role, mustUnderstand, others.
    fn header_attributes(&mut self, header: &Header<'_>) {
        if let Some(role) = &header.role {
            self.attribute(self.plan.soap, self.profile.soap.role_attribute(), role);
        }
        if let Some(must_understand) = header.must_understand.as_str() {
            self.attribute(self.plan.soap, "mustUnderstand", must_understand);
        }
        if !header.attributes.is_empty() {
            self.foreign_attributes(&header.attributes, &[]);
        }
    }

    /// Attributes with the declarations they need; the element declares the prefixes `taken` itself.
    ///
    /// An attribute keeps its prefix where that stands for its namespace already or for nothing; one that would
    /// change what a prefix stands for inside the element gets another.
    pub(super) fn foreign_attributes(&mut self, attributes: &[ForeignAttribute<'_>], taken: &[(&str, &str)]) {
        let mut declared: Vec<(String, &str)> = Vec::new();
        for attribute in attributes {
            let namespace: &str = &attribute.namespace;
            let known = self.scope.prefix(namespace).filter(|prefix| !prefix.is_empty());
            let known = known.filter(|known| taken.iter().all(|(prefix, _)| prefix != known));
            if namespace.is_empty() {
                self.attribute("", &attribute.local, &attribute.value);
            } else if let Some(prefix) = known {
                self.attribute(prefix, &attribute.local, &attribute.value);
            } else if let Some((prefix, _)) = declared.iter().find(|(_, bound)| *bound == namespace) {
                let prefix = prefix.clone();
                self.attribute(&prefix, &attribute.local, &attribute.value);
            } else {
                let is_free = |prefix: &str| {
                    self.scope.namespace(prefix).is_none()
                        && declared.iter().all(|(other, _)| other != prefix)
                        && taken.iter().all(|(other, _)| *other != prefix)
                };
                let prefix = if is_free(&attribute.prefix) {
                    attribute.prefix.clone().into_owned()
                } else {
                    let mut numbered = (0_usize..).map(|index| format!("p{index}"));
                    numbered.find(|prefix| is_free(prefix)).unwrap_or_default()
                };
                self.attribute(&prefix, &attribute.local, &attribute.value);
                declared.push((prefix, namespace));
            }
        }
        for (prefix, namespace) in declared {
            self.declare(&prefix, namespace);
        }
    }
}
