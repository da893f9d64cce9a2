//! Edits that change nothing.

use super::change::Change;
use super::draft::{Draft, only};

/// Another prefix for a namespace that is declared on the Envelope.
fn prefix(draft: &mut Draft<'_>, from: &str, to: &str) -> Option<()> {
    only(draft.body.contains(&format!("xmlns:{from}=\"")))?;
    only(draft.body.matches(&format!("xmlns:{from}=\"")).count() == 1)?;
    let body = draft.body.replace(&format!("xmlns:{from}="), &format!("xmlns:{to}="));
    let body = body.replace(&format!("<{from}:"), &format!("<{to}:"));
    let body = body.replace(&format!("</{from}:"), &format!("</{to}:"));
    let body = body.replace(&format!(" {from}:"), &format!(" {to}:"));
    draft.body = body.replace(&format!(">{from}:"), &format!(">{to}:"));
    Some(())
}

/// The header blocks in the order turned round.
fn turn_headers(draft: &mut Draft<'_>) -> Option<()> {
    let start = draft.body.find("<s:Header>")? + "<s:Header>".len();
    let end = draft.body.find("</s:Header>")?;
    let mut blocks = Vec::new();
    let mut at = start;
    while at < end {
        let name: String = draft.body[at + 1..]
            .chars()
            .take_while(|letter| !letter.is_whitespace() && !"/>".contains(*letter))
            .collect();
        let tag_end = at + draft.body[at..].find('>')? + 1;
        let close = format!("</{name}>");
        let stop = if draft.body[..tag_end].ends_with("/>") {
            tag_end
        } else {
            tag_end + draft.body[tag_end..].find(&close)? + close.len()
        };
        blocks.push(draft.body[at..stop].to_owned());
        at = stop;
    }
    blocks.reverse();
    draft.body.replace_range(start..end, &blocks.concat());
    Some(())
}

const EXTENSION: &str = "<x:note xmlns:x=\"urn:x\">1</x:note>";

pub(super) const CHANGES: &[Change] = &[
    Change::new("other-prefix-for-soap", |d| prefix(d, "s", "SOAP-ENV")),
    Change::new("other-prefix-for-addressing", |d| prefix(d, "a", "wsa5")),
    Change::new("other-prefix-for-reliable-messaging", |d| prefix(d, "r", "wsrm")),
    Change::new("headers-turned-round", turn_headers),
    Change::new("white-space-between-elements", |d| {
        let body = d.body.replace("><", ">\r\n  <");
        d.body = body.replace("<text>\r\n  </text>", "<text></text>");
        Some(())
    }),
    Change::new("comment-in-header", |d| d.swap("<s:Header>", "<s:Header><!-- here -->")),
    Change::new("comment-in-identifier", |d| {
        d.swap("Identifier>urn:uuid:", "Identifier><!-- an --->urn:uuid:")
            .and_then(|()| d.swap("--->", "-->"))
    }),
    Change::new("comment-before-envelope", |d| {
        d.body.insert_str(0, "<!-- by hand -->");
        Some(())
    }),
    Change::new("xml-declaration", |d| {
        d.body.insert_str(0, "<?xml version=\"1.0\" encoding=\"utf-8\"?>");
        Some(())
    }),
    Change::new("xml-declaration-with-single-quotes", |d| {
        d.body.insert_str(0, "<?xml version='1.0' encoding='UTF-8'?>\n");
        Some(())
    }),
    Change::new("single-quotes", |d| {
        only(!d.body.contains('\''))?;
        d.body = d.body.replace('"', "'");
        Some(())
    }),
    Change::new("character-reference", |d| d.swap("Identifier>urn:uuid:", "Identifier>urn&#58;uui&#x64;:")),
    Change::new("cdata", |d| d.swap("urn:uuid:", "<![CDATA[urn:uuid:]]>")),
    Change::new("unknown-optional-header", |d| d.swap("<s:Header>", &format!("<s:Header>{EXTENSION}"))),
    Change::new("header-for-another-role", |d| {
        d.swap("<s:Header>", "<s:Header><x:Trace xmlns:x=\"urn:x\" s:mustUnderstand=\"0\">1</x:Trace>")
    }),
    Change::new("extension-in-acknowledgement", |d| d.append(&["SequenceAcknowledgement"], EXTENSION)),
    Change::new("extension-in-sequence", |d| d.append(&["Sequence"], EXTENSION)),
    Change::new("extension-in-create", |d| d.append(&["Body", "CreateSequence"], EXTENSION)),
    Change::new("extension-in-offer", |d| d.append(&["Offer"], EXTENSION)),
    Change::new("extension-in-create-response", |d| d.append(&["Body", "CreateSequenceResponse"], EXTENSION)),
    Change::new("extension-in-accept", |d| d.append(&["Accept"], EXTENSION)),
    Change::new("extension-in-close", |d| d.append(&["Body", "CloseSequence"], EXTENSION)),
    Change::new("extension-in-close-response", |d| d.append(&["Body", "CloseSequenceResponse"], EXTENSION)),
    Change::new("extension-in-terminate", |d| d.append(&["Body", "TerminateSequence"], EXTENSION)),
    Change::new("extension-attribute", |d| {
        d.swap("Identifier>urn", "Identifier xmlns:x=\"urn:x\" x:note=\"1\">urn").and_then(|()| {
            let close = d.body.find("Identifier xmlns:x")?;
            only(d.body[close..].contains("Identifier>"))
        })
    }),
    Change::new("must-understand-true", |d| {
        only(d.body.contains("2003/05/soap-envelope"))?;
        d.body = d.body.replace("s:mustUnderstand=\"1\"", "s:mustUnderstand=\"true\"");
        Some(())
    }),
    Change::new("http-names-in-lower-case", |d| {
        d.http.fields.iter_mut().for_each(|(name, _)| *name = name.to_ascii_lowercase());
        Some(())
    }),
    Change::new("media-type-in-upper-case", |d| {
        let value = d.http.field("Content-Type")?.to_owned();
        let (media, rest) = value.split_once(';')?;
        d.field("Content-Type", Some(&format!("{};{rest}", media.to_ascii_uppercase())))
    }),
    Change::new("charset-quoted", |d| {
        let value = d.http.field("Content-Type")?.to_owned();
        d.field("Content-Type", Some(&value.replace("charset=utf-8", "charset=\"UTF-8\"")))
    }),
    Change::new("action-in-media-type", |d| {
        only(d.body.contains("2003/05/soap-envelope"))?;
        let action = d.text(&["Action"])?;
        let value = d.http.field("Content-Type")?.to_owned();
        d.field("Content-Type", Some(&format!("{value}; action=\"{action}\"")))
    }),
    Change::new("leading-zero-in-number", |d| d.swap("MessageNumber>", "MessageNumber>0")),
    Change::new("blanks-around-values", |d| {
        d.swap("MessageNumber>", "MessageNumber>\n ")?;
        d.swap("</r:MessageNumber>", " </r:MessageNumber>")
    }),
    Change::new("blanks-in-range", |d| d.swap("Lower=\"1\"", "Lower=\" 1 \"")),
    Change::new("bounds-turned-round", |d| {
        let range = d.source(&["SequenceAcknowledgement", "AcknowledgementRange"])?;
        let name = range.split_whitespace().next()?.to_owned();
        let mut parts = range.split('"');
        let (_, lower, _, upper) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        d.put(
            &["SequenceAcknowledgement", "AcknowledgementRange"],
            &format!("{name} Upper=\"{upper}\" Lower=\"{lower}\"/>"),
        )
    }),
    Change::new("empty-element-written-out", |d| d.swap("<r:Final/>", "<r:Final></r:Final>")),
    Change::new("explicit-reply-to", |d| {
        only(d.body.contains("2005/08/addressing") && d.body.contains("CreateSequence</"))?;
        only(!d.body.contains("ReplyTo") && d.body.contains("MessageID"))?;
        let reply_to =
            "<a:ReplyTo><a:Address>http://www.w3.org/2005/08/addressing/anonymous</a:Address></a:ReplyTo>";
        d.after(&["MessageID"], reply_to)
    }),
    Change::new("relationship-written-out", |d| {
        only(d.body.contains("2005/08/addressing"))?;
        d.swap(
            "<a:RelatesTo>",
            "<a:RelatesTo RelationshipType=\"http://www.w3.org/2005/08/addressing/reply\">",
        )
    }),
];
