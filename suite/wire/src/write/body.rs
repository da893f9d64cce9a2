//! The body, by kind.

use super::Writer;
use super::fragment::BodyBindings;
use crate::{
    Body, CloseSequence, CloseSequenceResponse, CreateSequence, CreateSequenceResponse, EndpointReference,
    Envelope, Fragment, IncompleteSequenceBehavior, Offer, TerminateSequence, TerminateSequenceResponse,
};

impl Writer<'_> {
    pub(super) fn body(&mut self, envelope: &Envelope<'_>) {
        let soap = self.plan.soap;
        match &envelope.body {
            Body::Application(content) | Body::Malformed { content, .. } if !content.xml.is_empty() => {
                self.application_body(envelope, content);
                return;
            }
            Body::Empty | Body::Application(_) | Body::Malformed { .. } => {
                self.open(soap, "Body");
                self.foreign_attributes(&envelope.body_attributes, &[]);
                self.push("/>");
                return;
            }
            _ => {}
        }
        self.open(soap, "Body");
        self.foreign_attributes(&envelope.body_attributes, &[]);
        self.push(">");
        match &envelope.body {
            Body::CreateSequence(body) => self.create_sequence(body),
            Body::CreateSequenceResponse(body) => self.create_sequence_response(body),
            Body::CloseSequence(body) => self.close_sequence(body),
            Body::CloseSequenceResponse(body) => self.close_sequence_response(body),
            Body::TerminateSequence(body) => self.terminate_sequence(body),
            Body::TerminateSequenceResponse(body) => self.terminate_sequence_response(body),
            Body::Fault(fault) => self.fault(fault),
            Body::Empty | Body::Application(_) | Body::Malformed { .. } => {}
        }
        self.end(soap, "Body");
    }

    /// Content that is not ours. What it needs from its surroundings is declared on the body, where WCF's
    /// serializer puts it too.
    fn application_body(&mut self, envelope: &Envelope<'_>, content: &Fragment<'_>) {
        let soap = self.plan.soap;
        self.open(soap, "Body");
        let bindings = BodyBindings::of(content, &self.scope, soap);
        if !envelope.body_attributes.is_empty() {
            self.body_attributes(&envelope.body_attributes, &bindings);
        }
        for (prefix, namespace) in &bindings.on_body {
            self.declare(prefix, namespace);
        }
        self.push(">");
        if bindings.on_content.is_empty() {
            self.push(&content.xml);
        } else {
            self.fragment_declaring(&content.xml, &bindings.on_content);
        }
        self.end(soap, "Body");
    }

    /// The prefix for an RM element of the body, with `xmlns` on the root where no prefix is in scope.
    fn start_rm_body(&mut self, local: &str) -> &'static str {
        if self.scope.rm {
            self.start(self.plan.rm, local);
            return self.plan.rm;
        }
        self.open("", local);
        self.declare("", self.profile.rm.namespace());
        self.push(">");
        self.scope.rm_is_default = true;
        ""
    }

    fn end_rm_body(&mut self, prefix: &str, local: &str) {
        self.end(prefix, local);
        self.scope.rm_is_default = false;
    }

    fn create_sequence(&mut self, body: &CreateSequence<'_>) {
        let rm = self.start_rm_body("CreateSequence");
        self.reference_element(rm, "AcksTo", &body.acks_to);
        self.optional_element(rm, "Expires", body.expires.as_deref());
        if let Some(offer) = &body.offer {
            self.offer(rm, offer);
        }
        self.fragments(&body.extensions);
        self.end_rm_body(rm, "CreateSequence");
    }

    fn offer(&mut self, rm: &str, offer: &Offer<'_>) {
        self.start(rm, "Offer");
        self.element(rm, "Identifier", &offer.identifier);
        if let Some(endpoint) = &offer.endpoint {
            self.reference_element(rm, "Endpoint", endpoint);
        }
        self.optional_element(rm, "Expires", offer.expires.as_deref());
        self.behavior(rm, offer.incomplete_sequence_behavior);
        self.fragments(&offer.extensions);
        self.end(rm, "Offer");
    }

    fn create_sequence_response(&mut self, body: &CreateSequenceResponse<'_>) {
        let rm = self.start_rm_body("CreateSequenceResponse");
        self.element(rm, "Identifier", &body.identifier);
        self.optional_element(rm, "Expires", body.expires.as_deref());
        self.behavior(rm, body.incomplete_sequence_behavior);
        if let Some(accept) = &body.accept {
            self.start(rm, "Accept");
            self.reference_element(rm, "AcksTo", &accept.acks_to);
            self.fragments(&accept.extensions);
            self.end(rm, "Accept");
        }
        self.fragments(&body.extensions);
        self.end_rm_body(rm, "CreateSequenceResponse");
    }

    fn close_sequence(&mut self, body: &CloseSequence<'_>) {
        let last = body.last_msg_number.map(|number| number.value());
        self.ending("CloseSequence", &body.identifier, last, &body.extensions);
    }

    fn close_sequence_response(&mut self, body: &CloseSequenceResponse<'_>) {
        self.ending("CloseSequenceResponse", &body.identifier, None, &body.extensions);
    }

    fn terminate_sequence(&mut self, body: &TerminateSequence<'_>) {
        let last = body.last_msg_number.map(|number| number.value());
        self.ending("TerminateSequence", &body.identifier, last, &body.extensions);
    }

    fn terminate_sequence_response(&mut self, body: &TerminateSequenceResponse<'_>) {
        self.ending("TerminateSequenceResponse", &body.identifier, None, &body.extensions);
    }

    fn ending(&mut self, local: &str, identifier: &str, last: Option<u64>, extensions: &[Fragment<'_>]) {
        let rm = self.start_rm_body(local);
        self.element(rm, "Identifier", identifier);
        if let Some(last) = last {
            self.number_element(rm, "LastMsgNumber", last);
        }
        self.fragments(extensions);
        self.end_rm_body(rm, local);
    }

    fn reference_element(&mut self, prefix: &str, local: &str, reference: &EndpointReference<'_>) {
        self.start(prefix, local);
        self.endpoint_reference(reference);
        self.end(prefix, local);
    }

    /// The content of an endpoint reference. Its address makes WS-Addressing the default namespace where no
    /// prefix is in scope, as every element without a prefix of its own does.
    pub(super) fn endpoint_reference(&mut self, reference: &EndpointReference<'_>) {
        if self.scope.addressing {
            self.element(self.plan.addressing, "Address", &reference.address);
        } else {
            self.open("", "Address");
            self.declare("", self.profile.addressing.namespace());
            self.close_with_text("", "Address", &reference.address);
        }
        self.fragments(&reference.extensions);
    }

    fn optional_element(&mut self, prefix: &str, local: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.element(prefix, local, text);
        }
    }

    fn behavior(&mut self, rm: &str, behavior: Option<IncompleteSequenceBehavior>) {
        self.optional_element(
            rm,
            "IncompleteSequenceBehavior",
            behavior.map(IncompleteSequenceBehavior::as_str),
        );
    }
}
