//! SOAP faults of both versions, and the headers that go with them.

use super::content::Content;
use super::value::{self, clause};
use crate::{
    Element, Fault, FaultCode, Fragment, QName, ReadError, Reason, RmVersion, SequenceFault, SoapVersion,
    namespace,
};

const SOAP11: &str = "SOAP 1.1 section 4.4";
const SOAP12: &str = "SOAP 1.2 section 5.4";

/// Reads a fault of either version.
pub(super) fn read<'i>(element: Element<'i>, soap: SoapVersion) -> Result<Fault<'i>, ReadError> {
    match soap {
        SoapVersion::Soap11 => read_soap11(element),
        SoapVersion::Soap12 => read_soap12(element),
    }
}

/// Reads `faultcode faultstring [faultactor] [detail]`.
fn read_soap11<'i>(element: Element<'i>) -> Result<Fault<'i>, ReadError> {
    let mut content = Content::of(element, SOAP11)?;
    let code = value::qualified_name(content.require("", "faultcode", SOAP11)?, SOAP11)?;
    let string = content.require("", "faultstring", SOAP11)?;
    let role = content.take("", "faultactor").map(|role| value::token(role, SOAP11)).transpose()?;
    let detail = content.take("", "detail").map(Element::content_fragment);
    content.end(SOAP11)?;
    Ok(Fault {
        code: code_of(code, SoapVersion::Soap11),
        subcodes: Vec::new(),
        reasons: vec![read_reason(string, SOAP11)?],
        node: None,
        role,
        detail,
    })
}

/// Reads `Code Reason [Node] [Role] [Detail]`.
fn read_soap12<'i>(element: Element<'i>) -> Result<Fault<'i>, ReadError> {
    let soap = SoapVersion::Soap12;
    let namespace = soap.namespace();
    let mut content = Content::of(element, SOAP12)?;
    let (code, subcodes) = read_code(content.require(namespace, "Code", SOAP12)?)?;
    let reasons = read_reasons(content.require(namespace, "Reason", SOAP12)?)?;
    let node = content.take(namespace, "Node").map(|node| value::token(node, SOAP12)).transpose()?;
    let role = content.take(namespace, "Role").map(|role| value::token(role, SOAP12)).transpose()?;
    let detail = content.take(namespace, "Detail").map(Element::content_fragment);
    content.end(SOAP12)?;
    Ok(Fault { code: code_of(code, soap), subcodes, reasons, node, role, detail })
}

/// Reads `Value [Subcode]`, and the subcodes within one another. The depth is bounded by that of the document.
fn read_code<'i>(element: Element<'i>) -> Result<(QName<'i>, Vec<QName<'i>>), ReadError> {
    let namespace = SoapVersion::Soap12.namespace();
    let level = |element: Element<'i>| {
        let mut content = Content::of(element, SOAP12)?;
        let value = value::qualified_name(content.require(namespace, "Value", SOAP12)?, SOAP12)?;
        let subcode = content.take(namespace, "Subcode");
        content.end(SOAP12)?;
        Ok::<_, ReadError>((value, subcode))
    };
    let (code, mut inner) = level(element)?;
    let mut subcodes = Vec::new();
    while let Some(subcode) = inner {
        let (value, next) = level(subcode)?;
        subcodes.push(value);
        inner = next;
    }
    Ok((code, subcodes))
}

fn read_reasons<'i>(element: Element<'i>) -> Result<Vec<Reason<'i>>, ReadError> {
    let namespace = SoapVersion::Soap12.namespace();
    let mut content = Content::of(element, SOAP12)?;
    let mut reasons = vec![read_reason(content.require(namespace, "Text", SOAP12)?, SOAP12)?];
    while let Some(text) = content.take(namespace, "Text") {
        reasons.push(read_reason(text, SOAP12)?);
    }
    content.end(SOAP12)?;
    Ok(reasons)
}

fn read_reason<'i>(element: Element<'i>, clause: &str) -> Result<Reason<'i>, ReadError> {
    Ok(Reason { language: element.attribute(namespace::XML, "lang"), text: value::text(element, clause)? })
}

fn code_of(name: QName<'_>, soap: SoapVersion) -> FaultCode<'_> {
    if name.namespace != soap.namespace() {
        return FaultCode::Other(name);
    }
    match (name.local.as_ref(), soap) {
        ("Client", SoapVersion::Soap11) | ("Sender", SoapVersion::Soap12) => FaultCode::Sender,
        ("Server", SoapVersion::Soap11) | ("Receiver", SoapVersion::Soap12) => FaultCode::Receiver,
        ("MustUnderstand", _) => FaultCode::MustUnderstand,
        ("VersionMismatch", _) => FaultCode::VersionMismatch,
        ("DataEncodingUnknown", SoapVersion::Soap12) => FaultCode::DataEncodingUnknown,
        _ => FaultCode::Other(name),
    }
}

/// Reads the `NotUnderstood` header: a name in an attribute.
pub(super) fn read_not_understood<'i>(element: Element<'i>) -> Result<QName<'i>, ReadError> {
    const CLAUSE: &str = "SOAP 1.2 section 5.4.8";
    value::mark(element, CLAUSE)?;
    let missing = || ReadError::within(element, format!("NotUnderstood without qname ({CLAUSE})"));
    let value = element.attribute("", "qname").ok_or_else(missing)?;
    let token = crate::infoset::trim(value);
    let unresolved = || {
        ReadError::within(
            element,
            format!(
                "qname is {token}, not a QName with a declared prefix ({CLAUSE})",
                token = value::shown(&token)
            ),
        )
    };
    let (namespace, local) = element.resolve(&token).ok_or_else(unresolved)?;
    Ok(QName { namespace: namespace.into(), local: local.to_owned().into() })
}

/// Reads `FaultCode` and the detail: what follows it in February 2005, `Detail` in 200702.
pub(super) fn read_sequence_fault<'i>(
    element: Element<'i>,
    rm: RmVersion,
) -> Result<SequenceFault<'i>, ReadError> {
    let clause = clause(rm, "WS-RM 1.1 section 4.1", "WS-RM February 2005 section 4");
    let namespace = rm.namespace();
    let mut content = Content::of(element, clause)?;
    let code = value::qualified_name(content.require(namespace, "FaultCode", clause)?, clause)?;
    let detail = match rm {
        RmVersion::V200702 => content.take(namespace, "Detail").map(Element::content_fragment),
        RmVersion::February2005 => joined(content.extensions()),
    };
    Ok(SequenceFault { code, detail })
}

/// Fragments that stand behind one another as one.
fn joined(fragments: Vec<Fragment<'_>>) -> Option<Fragment<'_>> {
    let mut fragments = fragments.into_iter();
    let mut all = fragments.next()?;
    for fragment in fragments {
        all.xml.to_mut().push_str(&fragment.xml);
        for binding in fragment.scope {
            if !all.scope.contains(&binding) {
                all.scope.push(binding);
            }
        }
    }
    Some(all)
}
