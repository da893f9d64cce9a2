//! By which names secrets are known.

use wsrm_wire::{Element, SoapVersion};

/// Header fields that carry credentials.
pub(super) const FIELDS: [&str; 14] = [
    "authorization",
    "proxy-authorization",
    "www-authenticate",
    "proxy-authenticate",
    "authentication-info",
    "proxy-authentication-info",
    "cookie",
    "set-cookie",
    "set-cookie2",
    "x-api-key",
    "api-key",
    "x-auth-token",
    "x-access-token",
    "ocp-apim-subscription-key",
];

/// What WS-Security says of who somebody is. A SecurityTokenReference names a token, and may hold one.
const SECURITY: &[&str] = &[
    "Security",
    "UsernameToken",
    "Username",
    "Password",
    "Nonce",
    "BinarySecurityToken",
    "KeyIdentifier",
    "Embedded",
];
const SECURITY_11: &[&str] = &["EncryptedHeader", "Salt", "SignatureConfirmation"];
const TRUST: &[&str] = &[
    "RequestedSecurityToken",
    "RequestedProofToken",
    "ProofEncryption",
    "Authenticator",
    "CombinedHash",
    "BinarySecret",
    "BinaryExchange",
    "Entropy",
    "OnBehalfOf",
    "ActAs",
];
const CONVERSATION: &[&str] = &["SecurityContextToken", "DerivedKeyToken", "Nonce"];
const SIGNATURE: &[&str] = &["Signature", "SignatureValue", "DigestValue", "KeyInfo", "KeyValue", "X509Data"];
const ENCRYPTION: &[&str] =
    &["EncryptedData", "EncryptedKey", "CipherData", "CipherValue", "CipherReference"];
const ASSERTION: &[&str] =
    &["Assertion", "EncryptedAssertion", "EncryptedID", "EncryptedAttribute", "AttributeValue"];

/// Elements and attributes that carry credentials, by namespace: WS-Security of OASIS and its drafts, WS-Trust,
/// WS-SecureConversation, XML Signature and Encryption, SAML.
const NAMES: [(&str, &[&str]); 19] = [
    ("http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd", SECURITY),
    ("http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd", SECURITY_11),
    ("http://schemas.xmlsoap.org/ws/2002/04/secext", SECURITY),
    ("http://schemas.xmlsoap.org/ws/2002/07/secext", SECURITY),
    ("http://schemas.xmlsoap.org/ws/2002/12/secext", SECURITY),
    ("http://schemas.xmlsoap.org/ws/2003/06/secext", SECURITY),
    ("http://schemas.xmlsoap.org/ws/2004/04/trust", TRUST),
    ("http://schemas.xmlsoap.org/ws/2005/02/trust", TRUST),
    ("http://docs.oasis-open.org/ws-sx/ws-trust/200512", TRUST),
    ("http://docs.oasis-open.org/ws-sx/ws-trust/200802", TRUST),
    ("http://schemas.xmlsoap.org/ws/2004/04/sc", CONVERSATION),
    ("http://schemas.xmlsoap.org/ws/2005/02/sc", CONVERSATION),
    ("http://docs.oasis-open.org/ws-sx/ws-secureconversation/200512", CONVERSATION),
    ("http://www.w3.org/2000/09/xmldsig#", SIGNATURE),
    ("http://www.w3.org/2009/xmldsig11#", &["ECKeyValue", "DEREncodedKeyValue"]),
    ("http://www.w3.org/2001/04/xmlenc#", ENCRYPTION),
    ("http://www.w3.org/2009/xmlenc11#", &["DerivedKey"]),
    ("urn:oasis:names:tc:SAML:1.0:assertion", ASSERTION),
    ("urn:oasis:names:tc:SAML:2.0:assertion", ASSERTION),
];

/// Names that say nothing of security where they stand without their namespace.
const COMMON: [&str; 3] = ["Username", "Embedded", "Signature"];

/// Whether an element or attribute with this name is a secret.
pub(crate) fn is_secret(namespace: &str, local: &str) -> bool {
    !namespace.is_empty() && NAMES.iter().any(|(known, names)| *known == namespace && names.contains(&local))
}

/// Whether an element is a secret.
pub(crate) fn is_secret_element(element: Element<'_>) -> bool {
    is_secret(element.namespace(), element.local())
}

/// Whether an attribute belongs to the envelope: `mustUnderstand`, `role`.
pub(super) fn is_of_soap(namespace: &str) -> bool {
    SoapVersion::ALL.iter().any(|soap| soap.namespace() == namespace)
}

/// Whether an element is a secret, by what stands in its tag alone, in a text that does not say what its prefix means. A
/// name that says nothing of security by itself is one only with a prefix.
pub(super) fn is_secret_tag(prefix: &str, local: &str) -> bool {
    let is_known = NAMES.iter().any(|(_, names)| names.contains(&local));
    is_known && !(prefix.is_empty() && COMMON.contains(&local))
}

/// Whether the name of a secret element stands there, in UTF-8, UTF-16 or Fast Infoset.
pub(crate) fn speaks_of_security(body: &[u8]) -> bool {
    let text: Vec<u8> = body.iter().copied().filter(|byte| *byte != 0).collect();
    let mut names = NAMES.iter().flat_map(|(_, names)| names.iter()).filter(|name| !COMMON.contains(name));
    names.any(|name| memchr::memmem::find(&text, name.as_bytes()).is_some())
}
