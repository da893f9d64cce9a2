//! What an endpoint says of itself: its WSDL, with the policy of its reliable session, in WCF's form.

use std::fmt::Write as _;
use std::time::Duration;

use wsrm_protocol::ListenerConfig;
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion};

use crate::contract::{Contract, Signature, TEMPURI};

/// Whether a request with this query asks for the WSDL, as WCF has it.
pub(crate) fn is_asked_for(query: Option<&str>) -> bool {
    query.is_some_and(|query| query.eq_ignore_ascii_case("wsdl") || query.eq_ignore_ascii_case("singleWsdl"))
}

/// The WSDL of an endpoint.
pub(crate) fn wsdl(config: &ListenerConfig, contract: &Contract) -> String {
    let operations = contract.signatures();
    let name = contract.name();
    let binding = format!("CustomBinding_{name}");
    let soap = match config.profile.soap {
        SoapVersion::Soap11 => "soap",
        SoapVersion::Soap12 => "soap12",
    };
    let mut text = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>{DEFINITIONS}");
    let addressing = match config.profile.addressing {
        AddressingVersion::August2004 => "<wsap:UsingAddressing />",
        AddressingVersion::Addressing10 => "<wsaw:UsingAddressing />",
    };
    let assertion = assertion(config);
    let _ = write!(
        text,
        "<wsp:Policy wsu:Id=\"{binding}_policy\"><wsp:ExactlyOne><wsp:All>{assertion}{addressing}</wsp:All>\
         </wsp:ExactlyOne></wsp:Policy>"
    );
    types(&mut text, &operations);
    port_type(&mut text, name, &operations);
    let _ = write!(
        text,
        "<wsdl:binding name=\"{binding}\" type=\"tns:{name}\"><wsp:PolicyReference URI=\"#{binding}_policy\" />\
         <{soap}:binding transport=\"http://schemas.xmlsoap.org/soap/http\" />"
    );
    for Signature { name: operation, action, reply_action, .. } in &operations {
        let _ = write!(
            text,
            "<wsdl:operation name=\"{operation}\"><{soap}:operation soapAction=\"{}\" style=\"document\" />\
             <wsdl:input><{soap}:body use=\"literal\" /></wsdl:input>",
            escaped(action)
        );
        if reply_action.is_some() {
            let _ = write!(text, "<wsdl:output><{soap}:body use=\"literal\" /></wsdl:output>");
        }
        text.push_str("</wsdl:operation>");
    }
    let address = escaped(&config.address);
    let _ = write!(
        text,
        "</wsdl:binding><wsdl:service name=\"Svc\"><wsdl:port name=\"{binding}\" binding=\"tns:{binding}\">\
         <{soap}:address location=\"{address}\" /></wsdl:port></wsdl:service></wsdl:definitions>"
    );
    text
}

const DEFINITIONS: &str = "<wsdl:definitions \
    xmlns:wsp=\"http://schemas.xmlsoap.org/ws/2004/09/policy\" \
    xmlns:wsu=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd\" \
    xmlns:wsap=\"http://schemas.xmlsoap.org/ws/2004/08/addressing/policy\" \
    xmlns:wsaw=\"http://www.w3.org/2006/05/addressing/wsdl\" \
    xmlns:soap=\"http://schemas.xmlsoap.org/wsdl/soap/\" \
    xmlns:soap12=\"http://schemas.xmlsoap.org/wsdl/soap12/\" \
    xmlns:tns=\"http://tempuri.org/\" name=\"Svc\" targetNamespace=\"http://tempuri.org/\" \
    xmlns:wsdl=\"http://schemas.xmlsoap.org/wsdl/\">";

/// RMAssertion as WCF exports it: both timers always, in this order; `InOrder` in the newer version alone.
fn assertion(config: &ListenerConfig) -> String {
    let settings = &config.settings;
    let inactivity = milliseconds(settings.inactivity_timeout);
    let acknowledgement = milliseconds(settings.acknowledgement_interval);
    match config.profile.rm {
        RmVersion::February2005 => format!(
            "<wsrm:RMAssertion xmlns:wsrm=\"http://schemas.xmlsoap.org/ws/2005/02/rm/policy\">\
             <wsrm:InactivityTimeout Milliseconds=\"{inactivity}\" />\
             <wsrm:AcknowledgementInterval Milliseconds=\"{acknowledgement}\" /></wsrm:RMAssertion>"
        ),
        RmVersion::V200702 => {
            let order = if settings.ordered { "<wsrmp:InOrder />" } else { "" };
            let timers = "xmlns:netrmp=\"http://schemas.microsoft.com/ws-rx/wsrmp/200702\"";
            format!(
                "<wsrmp:RMAssertion xmlns:wsrmp=\"http://docs.oasis-open.org/ws-rx/wsrmp/200702\"><wsp:Policy>\
                 <wsrmp:DeliveryAssurance><wsp:Policy><wsrmp:ExactlyOnce />{order}</wsp:Policy>\
                 </wsrmp:DeliveryAssurance></wsp:Policy>\
                 <netrmp:InactivityTimeout Milliseconds=\"{inactivity}\" {timers} />\
                 <netrmp:AcknowledgementInterval Milliseconds=\"{acknowledgement}\" {timers} />\
                 </wsrmp:RMAssertion>"
            )
        }
    }
}

/// Whole milliseconds; an infinite time is what WCF writes for it.
fn milliseconds(time: Duration) -> u64 {
    const INFINITE: u64 = 922_337_203_685_478;
    u64::try_from(time.as_millis()).unwrap_or(INFINITE).min(INFINITE)
}

fn types(text: &mut String, operations: &[Signature<'_>]) {
    let _ = write!(
        text,
        "<wsdl:types><xs:schema elementFormDefault=\"qualified\" targetNamespace=\"{TEMPURI}\" \
         xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">"
    );
    for Signature { name, reply_action, has_text, .. } in operations {
        element(text, name, has_text.then_some("text"));
        if reply_action.is_some() {
            let result = format!("{name}Result");
            element(text, &format!("{name}Response"), has_text.then_some(&*result));
        }
    }
    text.push_str("</xs:schema></wsdl:types>");
}

/// An element that holds one string, or anything.
fn element(text: &mut String, name: &str, part: Option<&str>) {
    let _ = match part {
        Some(part) => write!(
            text,
            "<xs:element name=\"{name}\"><xs:complexType><xs:sequence><xs:element minOccurs=\"0\" name=\"{part}\" \
             nillable=\"true\" type=\"xs:string\" /></xs:sequence></xs:complexType></xs:element>"
        ),
        None => write!(text, "<xs:element name=\"{name}\" type=\"xs:anyType\" />"),
    };
}

fn port_type(text: &mut String, contract: &str, operations: &[Signature<'_>]) {
    for Signature { name, reply_action, .. } in operations {
        message(text, &format!("{contract}_{name}_InputMessage"), name);
        if reply_action.is_some() {
            message(text, &format!("{contract}_{name}_OutputMessage"), &format!("{name}Response"));
        }
    }
    let _ = write!(text, "<wsdl:portType name=\"{contract}\">");
    for Signature { name, action, reply_action, .. } in operations {
        let _ = write!(
            text,
            "<wsdl:operation name=\"{name}\"><wsdl:input wsaw:Action=\"{}\" \
             message=\"tns:{contract}_{name}_InputMessage\" />",
            escaped(action)
        );
        if let Some(reply_action) = reply_action {
            let _ = write!(
                text,
                "<wsdl:output wsaw:Action=\"{}\" message=\"tns:{contract}_{name}_OutputMessage\" />",
                escaped(reply_action)
            );
        }
        text.push_str("</wsdl:operation>");
    }
    text.push_str("</wsdl:portType>");
}

fn message(text: &mut String, name: &str, element: &str) {
    let _ = write!(
        text,
        "<wsdl:message name=\"{name}\"><wsdl:part name=\"parameters\" element=\"tns:{element}\" /></wsdl:message>"
    );
}

fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use wsrm_protocol::{ReliableSessionSettings, Timeouts};
    use wsrm_wire::{Infoset, Limits, WireProfile};

    use super::*;

    /// What an importer looks for is there, in a document that can be read.
    #[rstest]
    fn an_importer_finds_what_it_needs(
        #[values(RmVersion::February2005, RmVersion::V200702)] rm: RmVersion,
        #[values(SoapVersion::Soap11, SoapVersion::Soap12)] soap: SoapVersion,
        #[values(Contract::echo(), Contract::one_way(), Contract::mixed())] contract: Contract,
    ) {
        let config = ListenerConfig {
            address: "http://host/a?b&c".to_owned(),
            profile: WireProfile { soap, addressing: AddressingVersion::Addressing10, rm },
            pattern: contract.pattern(),
            settings: ReliableSessionSettings::new(rm),
            timeouts: Timeouts::default(),
            language: "en-US".to_owned(),
            max_concurrent_calls: 1,
            enforce_max_pending_channels: false,
        };
        let text = wsdl(&config, &contract);
        let infoset = Infoset::read(text.as_bytes(), &Limits::default()).unwrap();
        let parts: Vec<&str> = infoset.root().elements().map(|element| element.local()).collect();
        let messages = parts.iter().filter(|part| **part == "message").count();
        let operations = contract.signatures();
        let two_way = operations.iter().filter(|one| one.reply_action.is_some()).count();
        assert_eq!(messages, operations.len() + two_way);
        assert_eq!(parts.first(), Some(&"Policy"));
        assert_eq!(parts.get(parts.len() - 3..), Some(&["portType", "binding", "service"][..]));
        assert!(text.contains("Milliseconds=\"600000\"") && text.contains("Milliseconds=\"200\""), "{text}");
    }
}
