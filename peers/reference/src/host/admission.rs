//! What HTTP alone decides about a request, before any session sees it, and how answers become HTTP.

use bytes::Bytes;
use hyper::header::CONTENT_TYPE;
use wsrm_protocol::ListenerAnswer;
use wsrm_wire::{Envelope, HeaderKind, Infoset, Limits, SoapVersion, WireProfile};

use super::HostConfig;
use crate::http::{Edition, HttpAnswer, Request, Response};

/// A request that HTTP's own rules refuse.
pub(super) struct Refusal {
    pub(super) answer: HttpAnswer,
    pub(super) why: String,
}

/// The SOAP message of a request, or the answer where HTTP's own rules already refuse it.
pub(super) fn admit(config: &HostConfig, profile: WireProfile, request: &Request) -> Result<Bytes, Refusal> {
    let soap = profile.soap;
    if request.method != hyper::Method::POST {
        let answer = HttpAnswer::Response(match config.edition {
            Edition::NetFramework => Response::method_not_allowed(),
            Edition::CoreWcf => Response::empty(400),
        });
        return Err(Refusal { answer, why: format!("{} is no method of SOAP over HTTP", request.method) });
    }
    if request.body.is_empty() {
        let answer = HttpAnswer::Response(Response::empty(400));
        return Err(Refusal { answer, why: "the body is empty".to_owned() });
    }
    let supported = request.content_type().and_then(|found| {
        let charset = found.supported_by(soap)?;
        Some((found, charset))
    });
    let Some((content_type, charset)) = supported else {
        let answer = match config.edition {
            Edition::NetFramework => HttpAnswer::Response(Response::empty(415)),
            Edition::CoreWcf => HttpAnswer::Abort,
        };
        let found =
            request.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("missing");
        let why = format!("the Content-Type is {found}; {soap} takes {}; charset=utf-8", soap.media_type());
        return Err(Refusal { answer, why });
    };
    let message = charset.marked(request.body.clone());
    match request.action(soap, &content_type) {
        // The mismatch is found above the place that could answer it, and the request is dropped.
        Some(action) if contradicts(&message, profile, action, &config.limits) => Err(Refusal {
            answer: HttpAnswer::Abort,
            why: format!("HTTP says that the action is {action}, the message says another"),
        }),
        _ => Ok(message),
    }
}

/// The answer of a listener in HTTP: 200, 500 for any SOAP fault, 202 for nothing.
pub(super) fn http_answer(soap: SoapVersion, answer: ListenerAnswer) -> HttpAnswer {
    match answer {
        ListenerAnswer::Message { message, is_fault } => {
            let status = if is_fault { 500 } else { 200 };
            HttpAnswer::Response(Response::message(status, soap, message))
        }
        ListenerAnswer::Accepted => HttpAnswer::Response(Response::empty(202)),
        ListenerAnswer::Abort => HttpAnswer::Abort,
    }
}

/// Whether the bytes are a SOAP message of the profile's version, be it as wrong as it may above SOAP.
pub(super) fn is_message(message: &[u8], profile: WireProfile, limits: &Limits) -> bool {
    Infoset::read_lazily(message, limits).is_ok_and(|infoset| Envelope::read(&infoset, profile).is_ok())
}

/// Whether the message names another action than HTTP does. One that names none, or that cannot be read, is for
/// others to judge.
fn contradicts(message: &[u8], profile: WireProfile, action: &str, limits: &Limits) -> bool {
    let Ok(infoset) = Infoset::read_lazily(message, limits) else { return false };
    Envelope::read(&infoset, profile).is_ok_and(|envelope| {
        let mut headers = envelope.headers.iter();
        headers.any(|header| matches!(&header.kind, HeaderKind::Action(found) if found != action))
    })
}
