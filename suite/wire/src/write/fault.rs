//! SOAP faults.

use super::Writer;
use crate::{Fault, FaultCode, Fragment, QName, Reason, SoapVersion};

impl Writer<'_> {
    pub(super) fn fault(&mut self, fault: &Fault<'_>) {
        let soap = self.plan.soap;
        self.start(soap, "Fault");
        match self.profile.soap {
            SoapVersion::Soap11 => self.fault_11(fault),
            SoapVersion::Soap12 => self.fault_12(fault),
        }
        self.end(soap, "Fault");
    }

    fn fault_11(&mut self, fault: &Fault<'_>) {
        self.open("", "faultcode");
        self.close_with_code("", "faultcode", &fault.code);
        for reason in &fault.reasons {
            self.open("", "faultstring");
            self.close_with_reason("", "faultstring", reason);
        }
        if let Some(role) = &fault.role {
            self.element("", "faultactor", role);
        }
        if let Some(detail) = &fault.detail {
            self.detail("", "detail", detail);
        }
    }

    fn fault_12(&mut self, fault: &Fault<'_>) {
        let soap = self.plan.soap;
        self.start(soap, "Code");
        self.open(soap, "Value");
        self.close_with_code(soap, "Value", &fault.code);
        for subcode in &fault.subcodes {
            self.start(soap, "Subcode");
            self.open(soap, "Value");
            self.close_with_name(soap, "Value", subcode);
        }
        for _ in &fault.subcodes {
            self.end(soap, "Subcode");
        }
        self.end(soap, "Code");
        self.start(soap, "Reason");
        for reason in &fault.reasons {
            self.open(soap, "Text");
            self.close_with_reason(soap, "Text", reason);
        }
        self.end(soap, "Reason");
        if let Some(node) = &fault.node {
            self.element(soap, "Node", node);
        }
        if let Some(role) = &fault.role {
            self.element(soap, "Role", role);
        }
        if let Some(detail) = &fault.detail {
            self.detail(soap, "Detail", detail);
        }
    }

    fn detail(&mut self, prefix: &str, local: &str, detail: &Fragment<'_>) {
        if detail.xml.is_empty() {
            self.empty(prefix, local);
            return;
        }
        self.start(prefix, local);
        self.fragment(detail);
        self.end(prefix, local);
    }

    fn close_with_reason(&mut self, prefix: &str, local: &str, reason: &Reason<'_>) {
        if let Some(language) = &reason.language {
            self.attribute("xml", "lang", language);
        }
        self.close_with_text(prefix, local, &reason.text);
    }

    fn close_with_code(&mut self, prefix: &str, local: &str, code: &FaultCode<'_>) {
        let is_11 = self.profile.soap == SoapVersion::Soap11;
        let code = match code {
            FaultCode::Sender if is_11 => "Client",
            FaultCode::Sender => "Sender",
            FaultCode::Receiver if is_11 => "Server",
            FaultCode::Receiver => "Receiver",
            FaultCode::MustUnderstand => "MustUnderstand",
            FaultCode::VersionMismatch => "VersionMismatch",
            FaultCode::DataEncodingUnknown => "DataEncodingUnknown",
            FaultCode::Other(name) => {
                self.close_with_name(prefix, local, name);
                return;
            }
        };
        self.push(">");
        self.push(self.plan.soap);
        self.push(":");
        self.push(code);
        self.end(prefix, local);
    }

    /// What follows the attributes of an element whose text is a qualified name.
    ///
    /// WCF binds `a` on the element where no prefix is in scope, and never looks whether `a` is taken.
    pub(super) fn close_with_name(&mut self, prefix: &str, local: &str, name: &QName<'_>) {
        let name_prefix = match self.scope.prefix(&name.namespace) {
            Some(name_prefix) => name_prefix,
            None if name.namespace.is_empty() => "",
            None => {
                let new = if prefix == "a" { "b" } else { "a" };
                self.declare(new, &name.namespace);
                new
            }
        };
        self.push(">");
        if !name_prefix.is_empty() {
            self.push(name_prefix);
            self.push(":");
        }
        self.push(&name.local);
        self.end(prefix, local);
    }
}
