//! Which versions a message is written in.

use crate::{
    AddressingVersion, Element, Infoset, ReadError, ReadErrorKind, RmVersion, SoapVersion, WireProfile,
};

impl WireProfile {
    /// The versions in which a message is written, found from the namespaces it uses.
    ///
    /// WS-Addressing shows in the headers and in endpoint references; WS-ReliableMessaging in the headers, in the
    /// body, in the action, and in the code of a fault. Where nothing tells them apart the missing parts are those of
    /// [`WireProfile::default`].
    ///
    /// # Errors
    /// If the root element is not the envelope of a known SOAP version.
    pub fn detect(infoset: &Infoset<'_>) -> Result<Self, ReadError> {
        let root = infoset.root();
        let soap = soap_version(root)?;
        let namespace = soap.namespace();
        let header = root.elements().find(|child| child.is(namespace, "Header"));
        let body = root.elements().find(|child| child.is(namespace, "Body"));
        let default = Self::default();
        let addressing = header
            .into_iter()
            .flat_map(Element::elements)
            .find_map(|header| addressing_version(header.namespace()));
        let rm = header.and_then(rm_of_headers).or_else(|| body.and_then(|body| rm_of_body(body, soap)));
        Ok(Self { soap, addressing: addressing.unwrap_or(default.addressing), rm: rm.unwrap_or(default.rm) })
    }
}

/// Refuses a root element that is not the envelope of `expected`.
pub(super) fn check_envelope(root: Element<'_>, expected: SoapVersion) -> Result<(), ReadError> {
    let found = soap_version(root)?;
    if found == expected {
        return Ok(());
    }
    Err(ReadError::within(
        root,
        format!("an envelope of {found} where {expected} is spoken (SOAP 1.2 section 5.4.7)"),
    )
    .kind(ReadErrorKind::Version))
}

fn soap_version(root: Element<'_>) -> Result<SoapVersion, ReadError> {
    let name = root.name();
    let version = SoapVersion::ALL.into_iter().find(|version| version.namespace() == name.namespace);
    match version {
        Some(version) if name.local == "Envelope" => Ok(version),
        _ => Err(ReadError::within(
            root,
            format!(
                "the root element {{{}}}{} is no SOAP envelope (SOAP 1.1 section 4, SOAP 1.2 section 5.1)",
                name.namespace, name.local
            ),
        )
        .kind(ReadErrorKind::Version)),
    }
}

fn addressing_version(namespace: &str) -> Option<AddressingVersion> {
    AddressingVersion::ALL.into_iter().find(|version| version.namespace() == namespace)
}

fn rm_version(namespace: &str) -> Option<RmVersion> {
    RmVersion::ALL.into_iter().find(|version| version.namespace() == namespace)
}

fn rm_of_headers(header: Element<'_>) -> Option<RmVersion> {
    let by_name = header.elements().find_map(|header| rm_version(header.namespace()));
    by_name.or_else(|| {
        let action = header
            .elements()
            .find(|header| header.local() == "Action" && addressing_version(header.namespace()).is_some())?;
        let action = action.token();
        RmVersion::ALL.into_iter().find(|version| action.starts_with(version.namespace()))
    })
}

fn rm_of_body(body: Element<'_>, soap: SoapVersion) -> Option<RmVersion> {
    let first = body.elements().next()?;
    if !first.is(soap.namespace(), "Fault") {
        return rm_version(first.namespace());
    }
    match soap {
        SoapVersion::Soap11 => rm_of_code(first.elements().find(|child| child.is("", "faultcode"))?),
        SoapVersion::Soap12 => {
            let namespace = soap.namespace();
            let mut code = first.elements().find(|child| child.is(namespace, "Code"));
            while let Some(outer) = code {
                code = outer.elements().find(|child| child.is(namespace, "Subcode"));
                let value = code.and_then(|code| code.elements().find(|child| child.is(namespace, "Value")));
                if let Some(version) = value.and_then(rm_of_code) {
                    return Some(version);
                }
            }
            None
        }
    }
}

fn rm_of_code(value: Element<'_>) -> Option<RmVersion> {
    let token = value.token();
    value.resolve(&token).and_then(|(namespace, _)| rm_version(namespace))
}
