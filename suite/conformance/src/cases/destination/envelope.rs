//! HTTP, SOAP and WS-Addressing around the messages.

use wsrm_protocol::Pattern;
use wsrm_wire::SoapVersion;

use crate::case::{Case, HttpRequest, Peer, Post, Session, Stop};

pub(super) const CASES: &[Case] = &[
    Case::new("http.get", "The endpoint is asked for its page.", |peer| Box::pin(get(peer))),
    Case::new("http.empty", "A POST has no body.", |peer| Box::pin(empty(peer))),
    Case::new("http.plain-text", "A message comes as plain text.", |peer| {
        Box::pin(content_type(peer, "text/plain"))
    }),
    Case::new("http.other-soap", "A message comes under the media type of the other SOAP version.", |peer| {
        Box::pin(other_media_type(peer))
    }),
    Case::new("soap.other-version", "CreateSequence comes in the other SOAP version.", |peer| {
        Box::pin(other_soap(peer))
    }),
    Case::new("soap.no-xml", "A message is no XML.", |peer| Box::pin(no_xml(peer))),
    Case::new("soap.cut", "A message ends in the middle.", |peer| Box::pin(cut(peer))),
    Case::new("soap.doctype", "A message has a document type declaration.", |peer| Box::pin(doctype(peer))),
    Case::new("soap.comments", "A message has comments, white space and an XML declaration.", |peer| {
        Box::pin(comments(peer))
    }),
    Case::new("soap.prefixes", "A message uses other prefixes.", |peer| Box::pin(prefixes(peer))),
    Case::new("soap.header-order", "The headers stand in reverse order.", |peer| {
        Box::pin(header_order(peer))
    }),
    Case::new("soap.unknown-header", "A message has an unknown header that may be ignored.", |peer| {
        Box::pin(unknown_header(peer))
    }),
    Case::new("soap.must-understand", "A message has an unknown header that must be understood.", |peer| {
        Box::pin(must_understand(peer))
    })
    .pattern(Pattern::RequestReply),
    Case::new("soap.other-role", "A header that must be understood is for somebody else.", |peer| {
        Box::pin(other_role(peer))
    }),
    Case::new("soap.large", "A message has 40 KiB.", |peer| Box::pin(large(peer, 40 << 10))),
    Case::new("soap.giant", "A message has 4 MiB.", |peer| Box::pin(giant(peer))).hostile(),
    Case::new("addressing.no-action", "A message in the sequence has no Action.", |peer| {
        Box::pin(no_header(peer, "a:Action"))
    }),
    Case::new(
        "addressing.unknown-action",
        "A message in the sequence has an action that no operation has.",
        |peer| Box::pin(unknown_action(peer)),
    ),
    Case::new("addressing.no-to", "A message in the sequence has no To.", |peer| {
        Box::pin(no_header(peer, "a:To"))
    }),
    Case::new("addressing.other-to", "A message in the sequence is for another address.", |peer| {
        Box::pin(other_to(peer))
    }),
    Case::new("addressing.two-actions", "A message in the sequence has two actions.", |peer| {
        Box::pin(two_actions(peer))
    }),
    Case::new("addressing.no-message-id", "A call in the sequence has no MessageID.", |peer| {
        Box::pin(no_header(peer, "a:MessageID"))
    })
    .pattern(Pattern::RequestReply),
    Case::new("addressing.same-message-id", "Two calls have the same MessageID.", |peer| {
        Box::pin(same_message_id(peer))
    })
    .pattern(Pattern::RequestReply),
    Case::new("addressing.from", "A message says where it comes from.", |peer| Box::pin(from(peer))),
    Case::new(
        "fault.of-the-application",
        "The operation answers with a fault, and the session goes on.",
        |peer| Box::pin(application_fault(peer)),
    )
    .pattern(Pattern::RequestReply)
    .obedient(),
    Case::new(
        "environment.no-reliability",
        "A message without reliable messaging, outside of any session.",
        |peer| Box::pin(no_reliability(peer)),
    ),
    Case::new("environment.policy", "The WSDL of the endpoint is asked for.", |peer| Box::pin(policy(peer))),
    Case::new(
        "environment.no-action",
        "A message with neither Action nor reliable messaging, outside of any session.",
        |peer| Box::pin(neither_action_nor_reliability(peer)),
    ),
];

async fn open_with_one(peer: &Peer) -> Result<Session<'_>, Stop> {
    let session = peer.open().await?;
    session.send(1).await?;
    Ok(session)
}

/// Goes on with the session after something odd, if it still lives.
async fn go_on(peer: &Peer, session: &Session<'_>) -> Result<(), Stop> {
    peer.post(&session.message(2, "and on")?).await?;
    Ok(())
}

fn asking(query: Option<&str>) -> HttpRequest {
    let query = query.map(str::to_owned);
    HttpRequest { method: "GET".to_owned(), query, fields: Vec::new(), body: Vec::new() }
}

async fn policy(peer: &Peer) -> Result<(), Stop> {
    let answer = peer.exchange(asking(Some("wsdl")), None).await?;
    if !answer.is_success() {
        return Err(Stop::NotApplicable("needs a WSDL at ?wsdl".to_owned()));
    }
    open_with_one(peer).await?.finish().await
}

async fn get(peer: &Peer) -> Result<(), Stop> {
    peer.exchange(asking(None), None).await?;
    open_with_one(peer).await?.finish().await
}

async fn empty(peer: &Peer) -> Result<(), Stop> {
    let mut post = peer.create(peer.create_body());
    post.body.clear();
    peer.post(&post.labelled("no body")).await?;
    open_with_one(peer).await?.finish().await
}

async fn content_type(peer: &Peer, media: &'static str) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let mut request = session.message(2, "typed")?.request();
    for (name, value) in &mut request.fields {
        if name == "Content-Type" {
            media.clone_into(value);
        }
    }
    peer.exchange(request, Some("another Content-Type")).await?;
    session.send(2).await?;
    session.finish().await
}

async fn other_media_type(peer: &Peer) -> Result<(), Stop> {
    let media = match peer.target().profile.soap {
        SoapVersion::Soap11 => "application/soap+xml; charset=utf-8",
        SoapVersion::Soap12 => "text/xml; charset=utf-8",
    };
    content_type(peer, media).await
}

async fn other_soap(peer: &Peer) -> Result<(), Stop> {
    let mut messages = peer.messages();
    messages.profile.soap = match messages.profile.soap {
        SoapVersion::Soap11 => SoapVersion::Soap12,
        SoapVersion::Soap12 => SoapVersion::Soap11,
    };
    let post = Post::of(&messages.create_sequence(peer.create_body(), peer.identifier()));
    peer.post(&post.labelled("the other SOAP version")).await?;
    open_with_one(peer).await?.finish().await
}

async fn no_xml(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let mut post = session.message(2, "no XML")?;
    post.body = b"this is no XML".to_vec();
    peer.post(&post.labelled("no XML")).await?;
    session.send(2).await?;
    session.finish().await
}

async fn cut(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let mut post = session.message(2, "cut")?;
    let half = post.element("s:Header")?.len() / 2;
    post.body.truncate(half);
    peer.post(&post.labelled("cut in the middle")).await?;
    session.send(2).await?;
    session.finish().await
}

async fn doctype(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let post = session.message(2, "doctype")?;
    let declared = post.clone().replaced("<s:Envelope", "<!DOCTYPE x [<!ENTITY e \"e\">]><s:Envelope")?;
    peer.post(&declared.labelled("document type declaration")).await?;
    // Who took the first one all the same answers for that one, whose MessageID nobody else can read.
    session.deliver(&post, 2).await?;
    session.finish().await
}

async fn comments(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let post = session.message(2, "comments")?;
    let post = post
        .replaced(
            "<s:Envelope",
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- a comment -->\n<s:Envelope",
        )?
        .replaced("<s:Header>", "\n  <s:Header>\n    <!-- headers -->\n    ")?
        .replaced("</s:Header>", "\n  </s:Header>\n  ")?;
    session.deliver(&post, 2).await?;
    session.finish().await
}

async fn prefixes(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let post = session.message(2, "prefixes")?;
    let text = String::from_utf8_lossy(&post.body);
    let renamed = text
        .replace("<a:", "<wsa:")
        .replace("</a:", "</wsa:")
        .replace("xmlns:a=", "xmlns:wsa=")
        .replace("<r:", "<wsrm:")
        .replace("</r:", "</wsrm:")
        .replace("xmlns:r=", "xmlns:wsrm=");
    let post = Post { body: renamed.into_bytes(), ..post };
    session.deliver(&post, 2).await?;
    session.finish().await
}

async fn header_order(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let post = session.message(2, "order")?;
    let (sequence, to) = (post.element("r:Sequence")?, post.element("a:To")?);
    let post = post.replaced(&to, "")?.replaced(&sequence, &to)?;
    let post = post.replaced("</s:Header>", &format!("{sequence}</s:Header>"))?;
    session.deliver(&post, 2).await?;
    session.finish().await
}

async fn unknown_header(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let post = session.message(2, "unknown header")?;
    let post = post.with_header("<x:Extra xmlns:x=\"urn:example:extension\">1</x:Extra>")?;
    session.deliver(&post.labelled("unknown header"), 2).await?;
    session.finish().await
}

async fn must_understand(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let post = session.message(2, "must understand")?;
    let post =
        post.with_header("<x:Extra xmlns:x=\"urn:example:extension\" s:mustUnderstand=\"1\">1</x:Extra>")?;
    peer.post(&post.labelled("unknown header that must be understood")).await?;
    peer.post(&session.message(3, "and on")?).await?;
    Ok(())
}

async fn other_role(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let role = peer.target().profile.soap.role_attribute();
    let post = session.message(2, "role")?.with_header(&format!(
        "<x:Extra xmlns:x=\"urn:example:extension\" s:mustUnderstand=\"1\" s:{role}=\"urn:example:somebody\">1</x:Extra>"
    ))?;
    session.deliver(&post.labelled("header for another role"), 2).await?;
    session.finish().await
}

async fn large(peer: &Peer, bytes: usize) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    session.send_text(2, &"x".repeat(bytes)).await?;
    session.send(3).await?;
    session.finish().await
}

async fn giant(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    peer.post(&session.message(2, &"x".repeat(4 << 20))?.labelled("4 MiB")).await?;
    go_on(peer, &session).await
}

async fn no_header(peer: &Peer, name: &'static str) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let post = session.message(2, "header")?.without(name)?;
    peer.post(&post.labelled("a header is missing")).await?;
    go_on(peer, &session).await
}

async fn unknown_action(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let mut post = session.message(2, "action")?;
    let header = post.element("a:Action")?;
    let other = header.replace(&post.action, "urn:example:no-such-action");
    post = post.replaced(&header, &other)?;
    "urn:example:no-such-action".clone_into(&mut post.action);
    peer.post(&post.labelled("unknown action")).await?;
    peer.post(&session.message(3, "and on")?).await?;
    Ok(())
}

async fn other_to(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let post = session.message(2, "to")?;
    let header = post.element("a:To")?;
    let other = header.replace(&peer.target().address, "http://elsewhere.invalid/somewhere/else");
    peer.post(&post.replaced(&header, &other)?.labelled("To another address")).await?;
    peer.post(&session.message(3, "and on")?).await?;
    Ok(())
}

async fn two_actions(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let post = session.message(2, "two actions")?;
    let header = post.element("a:Action")?;
    peer.post(&post.replaced(&header, &format!("{header}{header}"))?.labelled("two actions")).await?;
    go_on(peer, &session).await
}

async fn same_message_id(peer: &Peer) -> Result<(), Stop> {
    let session = peer.open().await?;
    let first = session.message(1, "first")?;
    session.deliver(&first, 1).await?;
    let second = session.message(2, "second")?;
    let id = second.element("a:MessageID")?;
    let second = second.replaced(&id, &first.element("a:MessageID")?)?;
    peer.post(&second.labelled("the same MessageID")).await?;
    Ok(())
}

async fn from(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let anonymous = peer.target().profile.addressing.anonymous();
    let post = session.message(2, "from")?;
    let to = post.element("a:To")?;
    let from = format!("<a:From><a:Address>{anonymous}</a:Address></a:From>{to}");
    session.deliver(&post.replaced(&to, &from)?, 2).await?;
    session.finish().await
}

async fn application_fault(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    session.send_text(2, "fault").await?;
    session.send(3).await?;
    session.finish().await
}

async fn neither_action_nor_reliability(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let post = session.message(2, "bare")?;
    let post = post.without("r:Sequence")?.without_acknowledgement()?.without("a:Action")?;
    peer.post(&post.labelled("neither Action nor reliable messaging")).await?;
    session.send(2).await?;
    session.finish().await
}

async fn no_reliability(peer: &Peer) -> Result<(), Stop> {
    let session = open_with_one(peer).await?;
    let post = session.message(2, "plain")?;
    let post = post.without("r:Sequence")?.without_acknowledgement()?;
    peer.post(&post.labelled("without reliable messaging")).await?;
    session.send(2).await?;
    session.finish().await
}
