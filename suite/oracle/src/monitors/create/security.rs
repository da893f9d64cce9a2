//! What binds a sequence to a token or to a transport.

use wsrm_wire::namespace;

use super::creation;
use crate::message::{HeaderBlock, Message, Node};
use crate::monitor::{Check, Report, Scene};

pub(in crate::monitors) const CHECKS: &[Check] = &[
    Check::message("create.no-transport-binding", no_transport_binding),
    Check::message("create.security-reference-header", security_reference_header),
    Check::message("create.security-header-must-understand", security_header_must_understand),
    Check::message("create.one-security-header", one_security_header),
];

fn security_headers<'a>(message: &'a Message, local: &str) -> Option<&'a HeaderBlock> {
    message.headers.iter().find(|header| header.node.local == local && header.node.rm_version().is_some())
}

fn no_transport_binding(scene: &Scene<'_>, report: &mut Report<'_>) {
    if let Some((message, _)) = creation(scene) {
        let found = security_headers(message, "UsesSequenceSSL");
        report.judge(found.is_none(), || {
            let span = found.map_or(&message.body_span, |header| &header.node.span);
            scene.breach().at(span).expected("no UsesSequenceSSL").seen("UsesSequenceSSL")
        });
    }
}

fn security_reference_header(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((message, lifecycle)) = creation(scene) else { return };
    let is_reference = |node: &&Node| node.is(namespace::WSSE, "SecurityTokenReference");
    let has_reference = lifecycle.node.children.iter().any(|node| is_reference(&node));
    let has_header = security_headers(message, "UsesSequenceSTR").is_some();
    if has_reference || has_header {
        report.judge(has_reference && has_header, || {
            let breach = scene.breach().at(&lifecycle.node.span);
            breach
                .expected("SecurityTokenReference and UsesSequenceSTR together")
                .seen("one without the other")
        });
    }
}

fn security_header_must_understand(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((message, _)) = creation(scene) else { return };
    for local in ["UsesSequenceSTR", "UsesSequenceSSL"] {
        if let Some(header) = security_headers(message, local) {
            report.judge(header.must_be_understood(), || {
                scene.breach().at(&header.node.span).expected("mustUnderstand").seen("it may be ignored")
            });
        }
    }
}

fn one_security_header(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((message, _)) = creation(scene) else { return };
    let token = security_headers(message, "UsesSequenceSTR");
    let transport = security_headers(message, "UsesSequenceSSL");
    if token.or(transport).is_some() {
        report.judge(token.is_none() || transport.is_none(), || {
            let span = transport.map_or(&message.body_span, |header| &header.node.span);
            scene.breach().at(span).expected("one of UsesSequenceSTR and UsesSequenceSSL").seen("both")
        });
    }
}
