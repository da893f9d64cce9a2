//! SOAP faults, and those of reliable messaging among them.

use std::ops::Range;

use wsrm_wire::{RmVersion, SoapVersion};

use super::reliable::only_text;
use super::{HeaderBlock, Node};

/// A qualified name: namespace and local name.
pub(crate) type Name = (String, String);

/// A SOAP fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultFacts {
    /// The element.
    pub node: Node,
    /// The outermost code, if it is a name.
    pub code: Option<(String, String)>,
    /// The subcodes, outermost first; SOAP 1.2 only.
    pub subcodes: Vec<(String, String)>,
    /// `Detail`, in SOAP 1.1 `detail`.
    pub detail: Option<Node>,
    /// The fault of reliable messaging that it is.
    pub rm: Option<RmFaultFacts>,
}

/// A fault of reliable messaging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RmFaultFacts {
    /// The version whose namespace the name is in.
    pub version: RmVersion,
    /// The local name, as `UnknownSequence`.
    pub name: String,
    /// The sequence that it names.
    pub identifier: Option<String>,
    /// The element that should hold the details: `Detail`, or the SequenceFault header.
    pub holder: Option<Node>,
    /// The SequenceFault header of SOAP 1.1.
    pub sequence_fault: Option<Node>,
    /// The bytes that say it.
    pub span: Range<usize>,
}

impl FaultFacts {
    pub(super) fn read(node: &Node, soap: SoapVersion, headers: &[HeaderBlock]) -> Option<Self> {
        if !node.is(soap.namespace(), "Fault") {
            return None;
        }
        let (code, subcodes, detail) = match soap {
            SoapVersion::Soap12 => {
                let code = node.first("Code");
                let mut subcodes = Vec::new();
                let mut level = code.and_then(|code| code.first("Subcode"));
                while let Some(subcode) = level {
                    subcodes.extend(subcode.first("Value").and_then(|value| value.qname.clone()));
                    level = subcode.first("Subcode");
                }
                let code = code.and_then(|code| code.first("Value")).and_then(|value| value.qname.clone());
                (code, subcodes, node.first("Detail"))
            }
            SoapVersion::Soap11 => {
                // The parts of a SOAP 1.1 fault are in no namespace.
                let part = |local: &str| node.children.iter().find(|child| child.local == local);
                (part("faultcode").and_then(|code| code.qname.clone()), Vec::new(), part("detail"))
            }
        };
        let rm = RmFaultFacts::read(node, soap, code.as_ref(), &subcodes, detail, headers);
        Some(Self { node: node.clone(), code, subcodes, detail: detail.cloned(), rm })
    }

    /// Whether the code says that the sender of the message is to blame.
    pub fn is_sender(&self) -> bool {
        self.has_code(&["Sender", "Client"])
    }

    /// Whether the code says that the receiver of the message is to blame.
    pub fn is_receiver(&self) -> bool {
        self.has_code(&["Receiver", "Server"])
    }

    fn has_code(&self, names: &[&str]) -> bool {
        self.code.as_ref().is_some_and(|(namespace, local)| {
            SoapVersion::ALL.iter().any(|soap| soap.namespace() == namespace)
                && names.contains(&local.as_str())
        })
    }
}

impl RmFaultFacts {
    fn read(
        node: &Node,
        soap: SoapVersion,
        code: Option<&Name>,
        subcodes: &[Name],
        detail: Option<&Node>,
        headers: &[HeaderBlock],
    ) -> Option<Self> {
        let header = headers
            .iter()
            .find(|header| header.node.local == "SequenceFault" && header.node.rm_version().is_some())
            .map(|header| &header.node);
        let of_header =
            header.and_then(|header| header.first("FaultCode")).and_then(|code| code.qname.as_ref());
        let name = match soap {
            SoapVersion::Soap12 => subcodes.first(),
            SoapVersion::Soap11 => of_header.or(code),
        };
        let (namespace, local) = name?;
        let version = RmVersion::ALL.into_iter().find(|rm| rm.namespace() == namespace)?;
        let holder = match (soap, header) {
            (SoapVersion::Soap12, _) => detail,
            // RM 1.1 wraps the details, RM 1.0 does not; whether it is done rightly is for a monitor to say.
            (SoapVersion::Soap11, Some(header)) => Some(header.first("Detail").unwrap_or(header)),
            (SoapVersion::Soap11, None) => detail,
        };
        let identifier = holder.and_then(|holder| {
            let is_rm = |child: &&Node| child.rm_version().is_some();
            let mut children = holder.children.iter().filter(is_rm);
            children.find_map(|child| match child.local.as_str() {
                "Identifier" if !child.text.is_empty() => Some(child.text.clone()),
                "SequenceAcknowledgement" => only_text(child, "Identifier"),
                _ => None,
            })
        });
        Some(Self {
            version,
            name: local.clone(),
            identifier,
            holder: holder.cloned(),
            sequence_fault: header.cloned(),
            span: header.map_or_else(|| node.span.clone(), |header| header.span.clone()),
        })
    }
}
