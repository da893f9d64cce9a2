//! What several families do to answers.

use wsrm_wire::RmVersion;

use crate::case::{HttpResponse, Post, Stop};
use crate::invitation::{Scene, empty};

type Answered = Result<HttpResponse, Stop>;
type Changed = Result<Post, Stop>;

pub(super) fn accepted(_: &Scene<'_>) -> Answered {
    Ok(empty(202))
}

pub(super) fn busy(_: &Scene<'_>) -> Answered {
    Ok(empty(503))
}

pub(super) fn server_error(_: &Scene<'_>) -> Answered {
    Ok(empty(500))
}

pub(super) fn bad_request(_: &Scene<'_>) -> Answered {
    Ok(empty(400))
}

pub(super) fn not_found(_: &Scene<'_>) -> Answered {
    Ok(empty(404))
}

pub(super) fn page(_: &Scene<'_>) -> Answered {
    let fields = vec![("Content-Type".to_owned(), "text/html; charset=utf-8".to_owned())];
    Ok(HttpResponse { status: 200, fields, body: b"<!doctype html><p>It works!</p>".to_vec() })
}

pub(super) fn other_relation(_: &Scene<'_>, answer: Post) -> Changed {
    let relation = answer.element("a:RelatesTo")?;
    let other = "<a:RelatesTo>urn:uuid:11111111-2222-3333-4444-555555555555</a:RelatesTo>";
    answer.replaced(&relation, other)
}

pub(super) fn without_relation(_: &Scene<'_>, answer: Post) -> Changed {
    answer.without("a:RelatesTo")
}

pub(super) fn without_acknowledgement(_: &Scene<'_>, answer: Post) -> Changed {
    answer.without("r:SequenceAcknowledgement")
}

/// An identifier that names nothing.
pub(super) const STRANGER: &str = "urn:uuid:99999999-8888-7777-6666-555555555555";

/// The answer with what its acknowledgement says of numbers replaced.
pub(super) fn with_content(answer: Post, content: &str) -> Changed {
    let header = answer.element("r:SequenceAcknowledgement")?;
    let mut other = header.clone();
    while let Some(start) = other.find("<r:AcknowledgementRange ") {
        let end = other.get(start..).and_then(|rest| rest.find("/>"));
        let end = end.ok_or_else(|| Stop::Harness("a range has no end".to_owned()))?;
        other.replace_range(start..start + end + 2, "");
    }
    let other = other.replace("<r:None/>", "");
    answer.replaced(&header, &other.replace("</r:Identifier>", &format!("</r:Identifier>{content}")))
}

/// The answer with these ranges in its acknowledgement.
pub(super) fn with_ranges(answer: Post, ranges: impl IntoIterator<Item = (u64, u64)>) -> Changed {
    let ranges = ranges
        .into_iter()
        .map(|(lower, upper)| format!("<r:AcknowledgementRange Lower=\"{lower}\" Upper=\"{upper}\"/>"));
    with_content(answer, &ranges.collect::<String>())
}

/// What says in this version that nothing has come.
pub(super) const fn nothing(rm: RmVersion) -> &'static str {
    match rm {
        RmVersion::February2005 => "<r:AcknowledgementRange Lower=\"0\" Upper=\"0\"/>",
        RmVersion::V200702 => "<r:None/>",
    }
}

pub(super) fn terminated(scene: &Scene<'_>) -> Answered {
    scene.terminated()
}

pub(super) fn unknown(scene: &Scene<'_>) -> Answered {
    scene.unknown()
}
