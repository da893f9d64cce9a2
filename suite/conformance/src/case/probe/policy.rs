//! What an endpoint promises: the assertions of reliable messaging in its WSDL.

use wsrm_oracle::message::{Content, Node};
use wsrm_wire::RmVersion;

use crate::case::{Broken, HttpRequest, HttpResponse, Wire};

const POLICY_2005: &str = "http://schemas.xmlsoap.org/ws/2005/02/rm/policy";
const POLICY: &str = "http://docs.oasis-open.org/ws-rx/wsrmp/200702";

/// An RMAssertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// Of which version.
    pub rm: RmVersion,
    /// How long the service waits for a sign of life, in milliseconds.
    pub inactivity_timeout: Option<u64>,
    /// How long it may hold an acknowledgement back, in milliseconds.
    pub acknowledgement_interval: Option<u64>,
    /// `ExactlyOnce`, `AtLeastOnce` or `AtMostOnce`, where it says so; RM 1.1 only.
    pub assurance: Option<String>,
    /// Whether it promises to deliver in order; `None` where it does not speak of it, as RM 1.0 never does.
    pub in_order: Option<bool>,
    /// What it wants for the security of the sequence: `SequenceSTR`, `SequenceTransportSecurity`.
    pub security: Option<String>,
}

/// Asks for the WSDL at the address that `wire` leads to, which ends in `?singleWsdl` or `?wsdl`.
///
/// # Errors
/// What is there instead of a WSDL, in words.
pub async fn policy(wire: &dyn Wire) -> Result<Vec<Assertion>, String> {
    let request = HttpRequest { method: "GET".to_owned(), query: None, fields: Vec::new(), body: Vec::new() };
    let response = wire.exchange(request).await.map_err(|broken: Broken| broken.to_string())?;
    read(&response)
}

fn read(response: &HttpResponse) -> Result<Vec<Assertion>, String> {
    if !(200..300).contains(&response.status) {
        return Err(format!("status {}", response.status));
    }
    match Content::read(&response.body, Some("text/xml")) {
        Content::Document(root) if root.local == "definitions" => Ok(assertions(&root)),
        Content::Malformed { what, .. } => Err(format!("no XML: {what}")),
        Content::Empty => Err("nothing".to_owned()),
        _ => Err("something that is no WSDL".to_owned()),
    }
}

fn assertions(root: &Node) -> Vec<Assertion> {
    let mut found: Vec<Assertion> = Vec::new();
    for node in root.descendants() {
        let rm = match node.namespace.as_str() {
            POLICY => RmVersion::V200702,
            POLICY_2005 => RmVersion::February2005,
            _ => continue,
        };
        if node.local == "RMAssertion" {
            let assertion = assertion(node, rm);
            if !found.contains(&assertion) {
                found.push(assertion);
            }
        }
    }
    found
}

fn assertion(node: &Node, rm: RmVersion) -> Assertion {
    let inside = node.descendants();
    let milliseconds = |local: &str| {
        let timer = inside.iter().find(|child| child.local == local)?;
        timer.attribute("", "Milliseconds")?.trim().parse().ok()
    };
    let one_of = |names: &[&str]| {
        let child = inside.iter().find(|child| names.contains(&child.local.as_str()));
        child.map(|child| child.local.clone())
    };
    let speaks_of_order = inside.iter().any(|child| child.local == "DeliveryAssurance");
    Assertion {
        rm,
        inactivity_timeout: milliseconds("InactivityTimeout"),
        acknowledgement_interval: milliseconds("AcknowledgementInterval"),
        assurance: one_of(&["ExactlyOnce", "AtLeastOnce", "AtMostOnce"]),
        in_order: speaks_of_order.then(|| inside.iter().any(|child| child.local == "InOrder")),
        security: one_of(&["SequenceSTR", "SequenceTransportSecurity"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wsdl(policy: &str) -> HttpResponse {
        let body = format!(
            "<wsdl:definitions xmlns:wsdl=\"http://schemas.xmlsoap.org/wsdl/\" \
             xmlns:wsp=\"http://www.w3.org/ns/ws-policy\"><wsp:Policy>{policy}</wsp:Policy></wsdl:definitions>"
        );
        HttpResponse { status: 200, fields: Vec::new(), body: body.into_bytes() }
    }

    #[test]
    fn of_wcf_in_both_versions() {
        let old = wsdl(&format!(
            "<r:RMAssertion xmlns:r=\"{POLICY_2005}\"><r:InactivityTimeout Milliseconds=\"600000\"/>\
             <r:AcknowledgementInterval Milliseconds=\"200\"/></r:RMAssertion>"
        ));
        let new = wsdl(&format!(
            "<r:RMAssertion xmlns:r=\"{POLICY}\"><wsp:Policy><r:DeliveryAssurance><wsp:Policy><r:ExactlyOnce/>\
             <r:InOrder/></wsp:Policy></r:DeliveryAssurance></wsp:Policy><n:InactivityTimeout \
             Milliseconds=\"1000\" xmlns:n=\"http://schemas.microsoft.com/ws-rx/wsrmp/200702\"/></r:RMAssertion>"
        ));
        let old = read(&old).unwrap();
        assert_eq!(old.len(), 1);
        assert_eq!((old[0].rm, old[0].inactivity_timeout), (RmVersion::February2005, Some(600_000)));
        assert_eq!((old[0].acknowledgement_interval, old[0].in_order), (Some(200), None));
        let new = read(&new).unwrap();
        assert_eq!((new[0].assurance.as_deref(), new[0].in_order), (Some("ExactlyOnce"), Some(true)));
        assert_eq!((new[0].rm, new[0].inactivity_timeout), (RmVersion::V200702, Some(1000)));
    }

    #[test]
    fn what_is_no_wsdl_is_said() {
        let page = HttpResponse { status: 200, fields: Vec::new(), body: b"<html/>".to_vec() };
        assert_eq!(read(&page), Err("something that is no WSDL".to_owned()));
        assert_eq!(read(&HttpResponse { status: 404, ..page }), Err("status 404".to_owned()));
    }
}
