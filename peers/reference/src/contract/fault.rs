//! The faults of WCF's dispatcher and of the operations behind it.

use std::fmt::Write as _;

use wsrm_protocol::OutgoingMessage;
use wsrm_wire::{Fragment, QName, SoapVersion, WireProfile};

use super::body::escape;
use super::envelope_scope;

const DISPATCHER: &str = "http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher";

const INTERNAL_SERVICE_FAULT: &str = "The server was unable to process the request due to an internal error.  For \
    more information about the error, either turn on IncludeExceptionDetailInFaults (either from \
    ServiceBehaviorAttribute or from the <serviceDebug> configuration behavior) on the server in order to send the \
    exception information back to the client, or turn on tracing as per the Microsoft .NET Framework SDK \
    documentation and inspect the server trace logs.";

/// The code of an [`ApplicationFault`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    /// `Sender` (SOAP 1.1: `Client`), with a subcode.
    Sender(QName<'static>),
    /// `Receiver` (SOAP 1.1: `Server`), with a subcode.
    Receiver(QName<'static>),
    /// A code of its own. SOAP 1.2 has no such thing, and WCF writes it all the same.
    Custom(QName<'static>),
}

/// A fault that an operation answers with; WCF's `FaultException`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationFault {
    /// The code.
    pub code: Code,
    /// The explanation.
    pub reason: String,
    /// The content of the detail.
    pub detail: Option<Fragment<'static>>,
    /// The `wsa:Action`, where it is not the one that WCF gives to any fault.
    pub action: Option<String>,
}

/// Makes the faults of one endpoint.
pub(super) struct Faults<'a> {
    pub(super) profile: WireProfile,
    pub(super) language: &'a str,
}

impl Code {
    /// A code of its own.
    pub fn custom(namespace: &'static str, local: &'static str) -> Self {
        Self::Custom(QName { namespace: namespace.into(), local: local.into() })
    }
}

impl ApplicationFault {
    /// A fault without detail.
    pub fn new(code: Code, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into(), detail: None, action: None }
    }

    fn with_action(self, action: impl Into<String>) -> Self {
        Self { action: Some(action.into()), ..self }
    }
}

impl Faults<'_> {
    pub(super) fn application(&self, fault: &ApplicationFault) -> OutgoingMessage {
        let action = match &fault.action {
            Some(action) => action.clone(),
            None => self.profile.addressing.default_fault_action().to_owned(),
        };
        let mut scope = envelope_scope(self.profile.soap, self.profile.addressing);
        if let Some(detail) = &fault.detail {
            // What stands in the detail counts first: its own prefixes were there before it came here.
            let ours = |prefix: &str| scope.iter().any(|binding| binding.prefix == prefix);
            let further: Vec<_> =
                detail.scope.iter().filter(|binding| !ours(&binding.prefix)).cloned().collect();
            scope.extend(further);
        }
        let xml = match self.profile.soap {
            SoapVersion::Soap11 => self.soap_11(fault),
            SoapVersion::Soap12 => self.soap_12(fault),
        };
        OutgoingMessage { action, body: Fragment { xml: xml.into(), scope } }
    }

    pub(super) fn internal_service_fault(&self) -> OutgoingMessage {
        let code = Code::Receiver(dispatcher("InternalServiceFault"));
        let fault = ApplicationFault::new(code, INTERNAL_SERVICE_FAULT);
        self.application(&fault.with_action(format!("{DISPATCHER}/fault")))
    }

    pub(super) fn deserialization_failed(&self, operation: &str, why: &str) -> OutgoingMessage {
        let reason = format!(
            "The formatter threw an exception while trying to deserialize the message: Error in deserializing body \
             of request message for operation '{operation}'. {why}"
        );
        let fault = ApplicationFault::new(Code::Sender(dispatcher("DeserializationFailed")), reason);
        self.application(&fault.with_action(format!("{DISPATCHER}/fault")))
    }

    pub(super) fn action_not_supported(&self, action: &str) -> OutgoingMessage {
        let reason = format!(
            "The message with Action '{action}' cannot be processed at the receiver, due to a ContractFilter \
             mismatch at the EndpointDispatcher. This may be because of either a contract mismatch (mismatched \
             Actions between sender and receiver) or a binding/security mismatch between the sender and the \
             receiver.  Check that sender and receiver have the same contract and the same binding (including \
             security requirements, e.g. Message, Transport, None)."
        );
        let fault = ApplicationFault::new(Code::Sender(self.addressing("ActionNotSupported")), reason);
        self.application(&fault.with_action(self.profile.addressing.fault_action()))
    }

    pub(super) fn destination_unreachable(&self, to: &str) -> OutgoingMessage {
        let reason = format!(
            "The message with To '{to}' cannot be processed at the receiver, due to an AddressFilter mismatch at \
             the EndpointDispatcher.  Check that the sender and receiver's EndpointAddresses agree."
        );
        self.application(&ApplicationFault::new(
            Code::Sender(self.addressing("DestinationUnreachable")),
            reason,
        ))
    }

    fn soap_12(&self, fault: &ApplicationFault) -> String {
        let mut xml = String::from("<s:Fault><s:Code>");
        let subcode = match &fault.code {
            Code::Sender(subcode) => {
                xml.push_str("<s:Value>s:Sender</s:Value>");
                Some(subcode)
            }
            Code::Receiver(subcode) => {
                xml.push_str("<s:Value>s:Receiver</s:Value>");
                Some(subcode)
            }
            Code::Custom(code) => {
                self.qualified("s:Value", code, &mut xml);
                None
            }
        };
        if let Some(subcode) = subcode {
            xml.push_str("<s:Subcode>");
            self.qualified("s:Value", subcode, &mut xml);
            xml.push_str("</s:Subcode>");
        }
        let _ = write!(xml, "</s:Code><s:Reason><s:Text xml:lang=\"{}\">", self.language);
        escape(&fault.reason, &mut xml);
        xml.push_str("</s:Text></s:Reason>");
        if let Some(detail) = &fault.detail {
            let _ = write!(xml, "<s:Detail>{}</s:Detail>", detail.xml);
        }
        xml.push_str("</s:Fault>");
        xml
    }

    fn soap_11(&self, fault: &ApplicationFault) -> String {
        let mut xml = String::from("<s:Fault>");
        let (Code::Sender(code) | Code::Receiver(code) | Code::Custom(code)) = &fault.code;
        self.qualified("faultcode", code, &mut xml);
        let _ = write!(xml, "<faultstring xml:lang=\"{}\">", self.language);
        escape(&fault.reason, &mut xml);
        xml.push_str("</faultstring>");
        if let Some(detail) = &fault.detail {
            let _ = write!(xml, "<detail>{}</detail>", detail.xml);
        }
        xml.push_str("</s:Fault>");
        xml
    }

    /// An element whose content is a qualified name. WCF declares the prefix on the spot where the envelope has
    /// none for the namespace.
    fn qualified(&self, element: &str, name: &QName<'_>, out: &mut String) {
        let _ = write!(out, "<{element}");
        if name.namespace != self.profile.addressing.namespace() {
            let _ = write!(out, " xmlns:a=\"{}\"", quick_xml::escape::escape(&*name.namespace));
        }
        let _ = write!(out, ">a:{}</{element}>", name.local);
    }

    fn addressing(&self, local: &'static str) -> QName<'static> {
        QName { namespace: self.profile.addressing.namespace().into(), local: local.into() }
    }
}

fn dispatcher(local: &'static str) -> QName<'static> {
    QName { namespace: DISPATCHER.into(), local: local.into() }
}
