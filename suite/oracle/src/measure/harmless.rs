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
        only(!d.body.starts_with("<?"))?;
        d.body.insert_str(0, "<!-- by hand -->");
        Some(())
    }),
    Change::new("xml-declaration", |d| {
        only(!d.body.starts_with("<?"))?;
        d.body.insert_str(0, "<?xml version=\"1.0\" encoding=\"utf-8\"?>");
        Some(())
    }),
    Change::new("xml-declaration-with-single-quotes", |d| {
        only(!d.body.starts_with("<?"))?;
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
    Change::new("byte-order-mark", |d| {
        d.body.insert(0, '\u{feff}');
        Some(())
    }),
    Change::new("language-on-envelope", |d| d.mark(&["Envelope"], "xml:lang=\"en\"")),
    Change::new("space-preserved", |d| d.mark(&["Envelope"], "xml:space=\"preserve\"")),
    Change::new("namespace-declared-again", |d| {
        only(d.body.contains("xmlns:r=\""))?;
        let from = d.body.find("xmlns:r=\"")?;
        let declaration: String = d.body.get(from..)?.split_inclusive('"').take(2).collect();
        d.mark(&["SequenceAcknowledgement"], &declaration)
    }),
    Change::new("unused-namespace", |d| d.mark(&["Body"], "xmlns:unused=\"urn:unused\"")),
    Change::new("default-namespace-for-action", |d| {
        let namespace = if d.is_addressing10() {
            "http://www.w3.org/2005/08/addressing"
        } else {
            "http://schemas.xmlsoap.org/ws/2004/08/addressing"
        };
        let action = d.text(&["Action"])?;
        d.put(&["Action"], &format!("<Action xmlns=\"{namespace}\" s:mustUnderstand=\"1\">{action}</Action>"))
    }),
    Change::new("type-of-schema-instance", |d| {
        let schema = "xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:d=\"http://www.w3.org/2001/XMLSchema\"";
        d.mark(&["Sequence", "MessageNumber"], &format!("{schema} i:type=\"d:long\""))
    }),
    Change::new("may-be-ignored-explicitly", |d| {
        d.mark(&["SequenceAcknowledgement"], "s:mustUnderstand=\"0\"")
    }),
    Change::new("may-be-ignored-in-words", |d| {
        only(d.is_soap12())?;
        d.mark(&["SequenceAcknowledgement"], "s:mustUnderstand=\"false\"")
    }),
    Change::new("relay", |d| {
        only(d.is_soap12())?;
        d.mark(&["SequenceAcknowledgement"], "s:relay=\"false\"")
    }),
    Change::new("role-of-ultimate-receiver", |d| {
        only(d.is_soap12())?;
        let role = "s:role=\"http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver\"";
        d.mark(&["Sequence"], role).or_else(|| d.mark(&["SequenceAcknowledgement"], role))
    }),
    Change::new("role-empty", |d| {
        only(!d.is_soap12())?;
        d.mark(&["Sequence"], "s:actor=\"\"").or_else(|| d.mark(&["SequenceAcknowledgement"], "s:actor=\"\""))
    }),
    Change::new("sequence-header-for-another-role", |d| {
        only(d.is_soap12())?;
        let role = "http://www.w3.org/2003/05/soap-envelope/role/next";
        let header = "<r:Sequence xmlns:r=\"http://docs.oasis-open.org/ws-rx/wsrm/200702\"";
        only(d.is_11())?;
        let id = "<r:Identifier>urn:x</r:Identifier><r:MessageNumber>1</r:MessageNumber>";
        d.swap("<s:Header>", &format!("<s:Header>{header} s:role=\"{role}\">{id}</r:Sequence>"))
    }),
    Change::new("extension-attribute-on-range", |d| {
        d.mark(&["SequenceAcknowledgement", "AcknowledgementRange"], "x:note=\"1\" xmlns:x=\"urn:x\"")
    }),
    Change::new("extension-attribute-on-sequence", |d| {
        d.mark(&["Sequence"], "x:note=\"1\" xmlns:x=\"urn:x\"")
    }),
    Change::new("extension-attribute-on-header", |d| d.mark(&["Header"], "x:note=\"1\" xmlns:x=\"urn:x\"")),
    Change::new("reference-parameters", |d| {
        d.append(
            &["ReplyTo"],
            "<a:ReferenceParameters><x:key xmlns:x=\"urn:x\">1</x:key></a:ReferenceParameters>",
        )
    }),
    Change::new("metadata-in-endpoint", |d| {
        only(d.is_addressing10())?;
        d.append(&["AcksTo"], "<a:Metadata><x:note xmlns:x=\"urn:x\"/></a:Metadata>")
    }),
    Change::new("fault-to-written-out", |d| {
        only(d.is_addressing10())?;
        d.source(&["ReplyTo"])?;
        d.after(
            &["ReplyTo"],
            "<a:FaultTo><a:Address>http://www.w3.org/2005/08/addressing/anonymous</a:Address></a:FaultTo>",
        )
    }),
    Change::new("second-relation", |d| {
        only(d.is_addressing10())?;
        let other = "<a:RelatesTo RelationshipType=\"urn:other\">urn:uuid:00000000-0000-4000-8000-000000000001</a:RelatesTo>";
        d.after(&["RelatesTo"], other)
    }),
    Change::new("action-in-cdata", |d| {
        let action = d.text(&["Action"])?;
        d.set(&["Action"], &format!("<![CDATA[{action}]]>"))
    }),
    Change::new("blanks-around-identifier", |d| {
        let id = d.text(&["Sequence", "Identifier"])?;
        d.set(&["Sequence", "Identifier"], &format!("\n    {id}\n  "))
    }),
    Change::new("blanks-around-action", |d| {
        let action = d.text(&["Action"])?;
        d.set(&["Action"], &format!("\n  {action}\n"))
    }),
    Change::new("plus-in-number", |d| d.swap("MessageNumber>", "MessageNumber>+")),
    Change::new("comment-behind-envelope", |d| {
        d.body.push_str("<!-- end -->\n");
        Some(())
    }),
    Change::new("instruction-free-prolog", |d| {
        only(!d.body.starts_with("<?"))?;
        d.body.insert_str(0, "<?xml version=\"1.0\" standalone=\"yes\"?>\r\n<!-- -->\r\n");
        Some(())
    }),
    Change::new("further-http-fields", |d| {
        d.http.fields.push(("X-Trace".to_owned(), "1".to_owned()));
        d.http.fields.push(("Via".to_owned(), "1.1 proxy".to_owned()));
        Some(())
    }),
    Change::new("charset-left-out", |d| {
        let value = d.http.field("Content-Type")?.to_owned();
        d.field("Content-Type", Some(value.split(';').next()?))
    }),
    Change::new("charset-in-upper-case", |d| {
        let value = d.http.field("Content-Type")?.replace("utf-8", "UTF-8");
        d.field("Content-Type", Some(&value))
    }),
    Change::new("blanks-in-media-type", |d| {
        let value = d.http.field("Content-Type")?.replace("; ", " ;  ");
        d.field("Content-Type", Some(&value))
    }),
    Change::new("ranges-split", |d| {
        let range = d.source(&["SequenceAcknowledgement", "AcknowledgementRange"])?;
        only(range.contains("Lower=\"1\"") && range.contains("Upper=\"2\""))?;
        let (one, two) =
            (range.replace("Upper=\"2\"", "Upper=\"1\""), range.replace("Lower=\"1\"", "Lower=\"2\""));
        d.put(&["SequenceAcknowledgement", "AcknowledgementRange"], &format!("{one}{two}"))
    }),
    Change::new("ranges-split-and-turned-round", |d| {
        let range = d.source(&["SequenceAcknowledgement", "AcknowledgementRange"])?;
        only(range.contains("Lower=\"1\"") && range.contains("Upper=\"2\""))?;
        let (one, two) =
            (range.replace("Upper=\"2\"", "Upper=\"1\""), range.replace("Lower=\"1\"", "Lower=\"2\""));
        d.put(&["SequenceAcknowledgement", "AcknowledgementRange"], &format!("{two}{one}"))
    }),
    Change::new("body-spread-out", |d| {
        let body = d.source(&["Body"])?;
        d.put(&["Body"], &body.replace("><", ">\n<"))
    }),
];
