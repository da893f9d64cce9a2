//! Right answers in other forms than WCF's, and what HTTP may do with them: a client has to live with all of it.

use wsrm_wire::SoapVersion;

use crate::case::{Case, HttpResponse, Post, Stop};
use crate::invitation::Scene;
use crate::invitation::rule::{On, each, first};

pub(super) const CASES: &[Case] = &[
    Case::invitation("tolerance.prefixes", "Answers have other prefixes.", &[each(On::Any).change(prefixes)]),
    Case::invitation(
        "tolerance.header-order",
        "Answers have their Action before all other headers.",
        &[each(On::Any).change(header_order)],
    ),
    Case::invitation(
        "tolerance.unknown-header",
        "Answers have a header that nobody knows, and that need not be understood.",
        &[each(On::Any).change(unknown_header)],
    ),
    Case::invitation(
        "tolerance.other-role",
        "Answers have a header that must be understood, by somebody else.",
        &[each(On::Any).change(other_role)],
    ),
    Case::invitation(
        "tolerance.must-understand",
        "The second answer has a header that must be understood, and that nobody knows.",
        &[first(On::Number(2)).change(must_understand)],
    ),
    Case::invitation(
        "tolerance.comments",
        "Answers have comments in them.",
        &[each(On::Any).change(comments)],
    ),
    Case::invitation(
        "tolerance.white-space",
        "Answers have white space between their elements.",
        &[each(On::Any).change(white_space)],
    ),
    Case::invitation(
        "tolerance.quotes",
        "Answers have single quotes around attributes.",
        &[each(On::Any).change(quotes)],
    ),
    Case::invitation(
        "tolerance.declaration",
        "Answers begin with an XML declaration.",
        &[each(On::Any).change(declaration)],
    ),
    Case::invitation(
        "tolerance.byte-order-mark",
        "Answers begin with a byte order mark.",
        &[each(On::Any).change(mark)],
    ),
    Case::invitation(
        "tolerance.media-type-alone",
        "The media type of answers tells no charset.",
        &[each(On::Any).remake(media_type_alone)],
    ),
    Case::invitation(
        "tolerance.media-type-case",
        "The media type of answers is written in capitals.",
        &[each(On::Any).remake(media_type_case)],
    ),
    Case::invitation("tolerance.chunked", "Answers come in chunks.", &[each(On::Any).remake(chunked)]),
    Case::invitation(
        "tolerance.connection-closed",
        "Every connection is closed behind its first answer.",
        &[each(On::Any).remake(connection_closed)],
    ),
    Case::invitation(
        "tolerance.redirected",
        "The second message is answered by HTTP 307, to the same address.",
        &[first(On::Number(2)).answer(redirected)],
    ),
];

type Changed = Result<Post, Stop>;
type Remade = Result<HttpResponse, Stop>;

/// The message with its text made another; nothing where there is no message.
fn rewritten(mut answer: Post, rewrite: impl FnOnce(&str) -> String) -> Changed {
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    if text.is_empty() {
        return Err(Stop::Inconclusive("there is no message".to_owned()));
    }
    answer.body = rewrite(&text).into_bytes();
    Ok(answer)
}

fn prefixes(_: &Scene<'_>, answer: Post) -> Changed {
    rewritten(answer, |text| {
        let mut text = text.to_owned();
        for (from, to) in [("s", "env"), ("a", "addressing"), ("r", "reliable")] {
            text = text
                .replace(&format!("xmlns:{from}="), &format!("xmlns:{to}="))
                .replace(&format!("<{from}:"), &format!("<{to}:"))
                .replace(&format!("</{from}:"), &format!("</{to}:"))
                .replace(&format!(" {from}:"), &format!(" {to}:"))
                .replace(&format!(">{from}:"), &format!(">{to}:"));
        }
        text
    })
}

fn header_order(_: &Scene<'_>, answer: Post) -> Changed {
    let action = answer.element("a:Action")?;
    answer.replaced(&action, "")?.with_header(&action)
}

fn unknown_header(_: &Scene<'_>, answer: Post) -> Changed {
    answer.with_header("<x:trace xmlns:x=\"urn:example:trace\">1</x:trace>")
}

fn other_role(scene: &Scene<'_>, answer: Post) -> Changed {
    let role = match scene.profile.soap {
        SoapVersion::Soap11 => "actor",
        SoapVersion::Soap12 => "role",
    };
    let role = format!("s:{role}=\"urn:example:somebody\" s:mustUnderstand=\"1\"");
    answer.with_header(&format!("<x:trace xmlns:x=\"urn:example:trace\" {role}>1</x:trace>"))
}

fn must_understand(_: &Scene<'_>, answer: Post) -> Changed {
    answer.with_header("<x:trace xmlns:x=\"urn:example:trace\" s:mustUnderstand=\"1\">1</x:trace>")
}

fn comments(_: &Scene<'_>, answer: Post) -> Changed {
    rewritten(answer, |text| {
        text.replace("<s:Header>", "<!-- before --><s:Header><!-- inside -->")
            .replace("<s:Body>", "<s:Body><!-- body -->")
    })
}

fn white_space(_: &Scene<'_>, answer: Post) -> Changed {
    rewritten(answer, |text| text.replace("><", ">\r\n  <"))
}

fn quotes(_: &Scene<'_>, answer: Post) -> Changed {
    rewritten(answer, |text| text.replace('"', "'"))
}

fn declaration(_: &Scene<'_>, answer: Post) -> Changed {
    rewritten(answer, |text| format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n{text}"))
}

fn mark(_: &Scene<'_>, answer: Post) -> Changed {
    rewritten(answer, |text| format!("\u{feff}{text}"))
}

fn with_media_type(mut answer: HttpResponse, make: impl Fn(&str) -> String) -> Remade {
    for (_, value) in answer.fields.iter_mut().filter(|(name, _)| name == "Content-Type") {
        *value = make(value);
    }
    Ok(answer)
}

fn media_type_alone(_: &Scene<'_>, answer: HttpResponse) -> Remade {
    with_media_type(answer, |value| value.split(';').next().unwrap_or_default().to_owned())
}

fn media_type_case(_: &Scene<'_>, answer: HttpResponse) -> Remade {
    with_media_type(answer, str::to_ascii_uppercase)
}

fn with_field(mut answer: HttpResponse, name: &str, value: &str) -> Remade {
    answer.fields.push((name.to_owned(), value.to_owned()));
    Ok(answer)
}

fn chunked(_: &Scene<'_>, answer: HttpResponse) -> Remade {
    if answer.body.is_empty() { Ok(answer) } else { with_field(answer, "Transfer-Encoding", "chunked") }
}

fn connection_closed(_: &Scene<'_>, answer: HttpResponse) -> Remade {
    with_field(answer, "Connection", "close")
}

fn redirected(scene: &Scene<'_>) -> Remade {
    with_field(crate::invitation::empty(307), "Location", scene.address)
}
