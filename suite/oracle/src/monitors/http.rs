//! How messages travel over HTTP.

use wsrm_wire::SoapVersion;

use super::form::is_soap_request;
use crate::message::Content;
use crate::monitor::{Check, Report, Scene};
use crate::trace::{HttpMessage, StartLine};

pub(super) const CHECKS: &[Check] = &[
    Check::message("http.post", post),
    Check::message("http.media-type", media_type),
    Check::message("http.charset", charset),
    Check::message("http.soap-action-present", soap_action_present),
    Check::message("http.action-matches", action_matches),
    Check::message("http.fault-status", fault_status),
    Check::message("http.fault-status-soap12", fault_status_soap12),
    Check::message("http.message-status", message_status),
    Check::message("http.empty-status", empty_status),
    Check::message("http.empty-content-type", empty_content_type),
    Check::message("http.status-200", status_200),
    Check::message("http.soap-answer", soap_answer),
];

fn post(scene: &Scene<'_>, report: &mut Report<'_>) {
    if let Some(HttpMessage { start: StartLine::Request { method, .. }, .. }) =
        scene.observation.http().filter(|_| is_soap_request(scene.observation))
    {
        report.judge(method == "POST", || scene.breach().expected("POST").seen(method));
    }
}

fn media_type(scene: &Scene<'_>, report: &mut Report<'_>) {
    let (Some(http), Some(message)) = (scene.observation.http(), scene.message) else { return };
    let (expected, seen) = (message.soap.media_type(), http.media_type());
    report.judge(seen.as_deref() == Some(expected), || {
        scene.breach().expected(expected).seen(seen.unwrap_or_else(|| "no Content-Type".to_owned()))
    });
}

fn charset(scene: &Scene<'_>, report: &mut Report<'_>) {
    let (Some(http), Some(_)) = (scene.observation.http(), scene.message) else { return };
    let Some(named) = http.media_parameter("charset") else { return };
    // UTF-16 shows by its byte order mark or by the zero in one half of the first letter, UTF-8 by neither.
    let is_wide = matches!(http.body.as_slice(), [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] | [0, ..] | [_, 0, ..]);
    let is_kept = match named.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" => !is_wide && std::str::from_utf8(&http.body).is_ok(),
        "us-ascii" => http.body.is_ascii(),
        "utf-16" | "utf-16le" | "utf-16be" => is_wide,
        _ => return,
    };
    report.judge(is_kept, || scene.breach().expected(format!("content in {named}")).seen("another encoding"));
}

fn soap_action_present(scene: &Scene<'_>, report: &mut Report<'_>) {
    if let Some(http) = scene.observation.http().filter(|_| is_soap_request(scene.observation)) {
        let value = http.field("SOAPAction");
        let is_quoted = |value: &str| {
            value.is_empty() || (value.len() > 1 && value.starts_with('"') && value.ends_with('"'))
        };
        report.judge(value.is_some_and(is_quoted), || {
            scene.breach().expected("the field SOAPAction, a URI in quotes").seen(value.unwrap_or("none"))
        });
    }
}

fn action_matches(scene: &Scene<'_>, report: &mut Report<'_>) {
    let (Some(http), Some(message)) = (scene.observation.http(), scene.message) else { return };
    let written = match message.soap {
        SoapVersion::Soap11 => http.field("SOAPAction").map(|value| value.trim_matches('"').to_owned()),
        SoapVersion::Soap12 => http.media_parameter("action"),
    };
    let written = written.filter(|value| !value.is_empty());
    if let (Some(written), Some(action)) = (written, message.action()) {
        report.judge(written == action, || {
            scene.breach().expected(format!("wsa:Action, {action}")).seen(written)
        });
    }
}

fn fault_status(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some((status, soap)) = posted_fault(scene) else { return };
    let is_kept = status == 500 || (soap == SoapVersion::Soap12 && status == 400);
    report.judge(is_kept, || {
        let breach = scene.breach_of_answer().expected("500").seen(status.to_string());
        if soap == SoapVersion::Soap12 { breach.or("400") } else { breach }
    });
}

fn fault_status_soap12(scene: &Scene<'_>, report: &mut Report<'_>) {
    // Any other is found broken by the standard's own rule.
    if let Some((status @ (400 | 500), _)) = posted_fault(scene) {
        report.judge(status == 500, || scene.breach_of_answer().expected("500").seen(status.to_string()));
    }
}

/// The status that a fault comes with. The bindings speak of answers to a SOAP request, which is posted; another method has
/// other statuses.
fn posted_fault(scene: &Scene<'_>) -> Option<(u16, SoapVersion)> {
    let status = scene.observation.http().and_then(HttpMessage::status)?;
    let message = scene.message.filter(|message| message.fault.is_some())?;
    let is_posted = scene
        .request()
        .and_then(|request| request.http())
        .is_none_or(|http| matches!(&http.start, StartLine::Request { method, .. } if method == "POST"));
    is_posted.then_some((status, message.soap))
}

fn message_status(scene: &Scene<'_>, report: &mut Report<'_>) {
    let status = scene.observation.http().and_then(HttpMessage::status);
    let message = scene.message.filter(|message| message.fault.is_none());
    if let (Some(status), Some(message)) = (status, message)
        && message.malformed.is_none()
    {
        // 204 says that there is no content.
        let is_success = (200..300).contains(&status) && status != 204;
        report.judge(is_success, || scene.breach_of_answer().expected("200").seen(status.to_string()));
    }
}

fn status_200(scene: &Scene<'_>, report: &mut Report<'_>) {
    let status = scene.observation.http().and_then(HttpMessage::status);
    let is_message = scene.message.is_some_and(|message| message.fault.is_none());
    if let Some(status) = status.filter(|status| is_message && (200..300).contains(status) && *status != 204)
    {
        report.judge(status == 200, || scene.breach_of_answer().expected("200").seen(status.to_string()));
    }
}

/// What answers a message with success, is not empty, and is in no form that SOAP is known to have.
fn soap_answer(scene: &Scene<'_>, report: &mut Report<'_>) {
    let Some(http) = scene.observation.http() else { return };
    let is_asked = scene.request().is_some_and(|request| request.soap().is_some() && request.is_delivered());
    let is_success = http.status().is_some_and(|status| (200..300).contains(&status));
    if !is_asked || !is_success {
        return;
    }
    if scene.message.is_some() || scene.observation.is_empty_success() {
        report.met();
        return;
    }
    let media = http.media_type().unwrap_or_default();
    let is_page = matches!(media.as_str(), "text/html" | "text/plain" | "application/json");
    let is_other = matches!(scene.observation.content(), Some(Content::Other | Content::Malformed { .. }));
    if is_other && is_page {
        report.violated(scene.breach_of_answer().expected("a SOAP message").or("nothing").seen(media));
    }
}

fn empty_status(scene: &Scene<'_>, report: &mut Report<'_>) {
    if let Some(status) = empty_answer(scene).and_then(HttpMessage::status) {
        report.judge(status == 202, || scene.breach_of_answer().expected("202").seen(status.to_string()));
    }
}

fn empty_content_type(scene: &Scene<'_>, report: &mut Report<'_>) {
    if let Some(http) = empty_answer(scene) {
        let found = http.field("Content-Type");
        report.judge(found.is_none(), || {
            scene.breach_of_answer().expected("no Content-Type").seen(found.unwrap_or_default())
        });
    }
}

/// A response of success without content, to a request that holds SOAP.
fn empty_answer<'a>(scene: &Scene<'a>) -> Option<&'a HttpMessage> {
    let is_of_soap = matches!(scene.request()?.content(), Some(Content::Soap(_) | Content::Other));
    scene.observation.http().filter(|_| is_of_soap && scene.observation.is_empty_success())
}
