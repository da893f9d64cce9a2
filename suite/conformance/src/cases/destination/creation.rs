//! How a sequence is asked for, rightly and wrongly.

use wsrm_protocol::Pattern;
use wsrm_wire::{EndpointReference, IncompleteSequenceBehavior, RmVersion};

use crate::case::{Case, Peer, Post, Stop, together};

pub(super) const CASES: &[Case] = &[
    Case::new("create.repeated", "The same CreateSequence comes twice.", |peer| Box::pin(repeated(peer))),
    Case::new(
        "create.offer-again",
        "The offer of a living session comes again in another CreateSequence.",
        |peer| Box::pin(offer_again(peer)),
    )
    .pattern(Pattern::RequestReply),
    Case::new("create.expires", "A lifetime of ten minutes is asked for.", |peer| {
        Box::pin(expires(peer, "PT10M"))
    }),
    Case::new("create.expires-zero", "A lifetime of no time is asked for.", |peer| {
        Box::pin(expires(peer, "PT0S"))
    }),
    Case::new("create.expires-no-duration", "A lifetime is asked for that is no duration.", |peer| {
        Box::pin(expires(peer, "soon"))
    }),
    Case::new("create.extension", "Unknown elements stand behind the known ones.", |peer| {
        Box::pin(extension(peer))
    }),
    Case::new("create.no-acks-to", "AcksTo is missing.", |peer| Box::pin(no_acks_to(peer))),
    Case::new("create.empty-body", "The CreateSequence element is empty.", |peer| Box::pin(empty_body(peer))),
    Case::new("create.no-message-id", "MessageID is missing.", |peer| Box::pin(no_message_id(peer))),
    Case::new("create.no-action", "Action is missing.", |peer| Box::pin(no_action(peer))),
    Case::new("create.acks-to-none", "Acknowledgements shall go to the address none.", |peer| {
        Box::pin(acks_to_none(peer))
    })
    .rm(RmVersion::V200702),
    Case::new("create.acks-to-elsewhere", "AcksTo is an address, and ReplyTo is anonymous.", |peer| {
        Box::pin(acks_to_elsewhere(peer))
    }),
    Case::new("create.no-offer", "A two-way endpoint is offered no sequence.", |peer| {
        Box::pin(no_offer(peer))
    })
    .pattern(Pattern::RequestReply),
    Case::new("create.unasked-offer", "A one-way endpoint is offered a sequence.", |peer| {
        Box::pin(unasked_offer(peer))
    })
    .pattern(Pattern::OneWay),
    Case::new("create.offer-without-endpoint", "The offer has no Endpoint.", |peer| {
        Box::pin(offer_without(peer, "Endpoint"))
    })
    .rm(RmVersion::V200702)
    .pattern(Pattern::RequestReply),
    Case::new("create.offer-without-identifier", "The offer has no Identifier.", |peer| {
        Box::pin(offer_without(peer, "Identifier"))
    })
    .pattern(Pattern::RequestReply),
    Case::new("create.offer-expires", "The offered sequence has a lifetime.", |peer| {
        Box::pin(offer_expires(peer))
    })
    .pattern(Pattern::RequestReply),
    Case::new(
        "create.incomplete-behavior",
        "Each of the three values of IncompleteSequenceBehavior is offered.",
        |peer| Box::pin(incomplete_behavior(peer)),
    )
    .rm(RmVersion::V200702)
    .pattern(Pattern::RequestReply),
    Case::new(
        "create.incomplete-behavior-unknown",
        "IncompleteSequenceBehavior has a value that is not in its list.",
        |peer| Box::pin(incomplete_behavior_unknown(peer)),
    )
    .rm(RmVersion::V200702)
    .pattern(Pattern::RequestReply),
    Case::new("create.foreign-identifier", "The offered identifier is a URI of another scheme.", |peer| {
        Box::pin(foreign_identifier(peer))
    })
    .pattern(Pattern::RequestReply),
    Case::new(
        "create.other-version",
        "CreateSequence comes in the other version of reliable messaging.",
        |peer| Box::pin(other_version(peer)),
    ),
    Case::new("create.side-by-side", "Three sessions are opened at the same time.", |peer| {
        Box::pin(side_by_side(peer))
    }),
    Case::new("create.flood", "Two hundred sessions are opened and left.", |peer| Box::pin(flood(peer)))
        .hostile(),
];

/// Sends a CreateSequence and, where it is granted, holds a session with it.
async fn create(peer: &Peer, post: &Post) -> Result<(), Stop> {
    let answer = peer.post(post).await?;
    if answer.created().is_some() {
        let session = peer.session(&answer)?;
        session.send(1).await?;
        session.finish().await?;
    }
    Ok(())
}

async fn repeated(peer: &Peer) -> Result<(), Stop> {
    let post = peer.create(peer.create_body());
    let first = peer.post(&post).await?;
    let session = peer.session(&first)?;
    let again = peer.post(&post.clone().labelled("repeated")).await?;
    session.send_all(1..=2).await?;
    session.finish().await?;
    if let Some(other) = again.created().filter(|other| *other != session.identifier()) {
        again.needs(!other.is_empty(), "a sequence without an identifier")?;
        peer.session(&again)?.finish().await?;
    }
    Ok(())
}

async fn offer_again(peer: &Peer) -> Result<(), Stop> {
    let body = peer.create_body();
    let session = peer.session(&peer.post(&peer.create(body.clone())).await?)?;
    session.send(1).await?;
    peer.post(&peer.create(body).labelled("another message, the same offer")).await?;
    session.send(2).await?;
    session.finish().await
}

async fn expires(peer: &Peer, time: &'static str) -> Result<(), Stop> {
    let mut body = peer.create_body();
    body.expires = Some(time.into());
    create(peer, &peer.create(body)).await
}

async fn extension(peer: &Peer) -> Result<(), Stop> {
    let post = peer.create(peer.create_body());
    let post = post.replaced(
        "</CreateSequence>",
        "<x:Extra xmlns:x=\"urn:example:extension\">1</x:Extra></CreateSequence>",
    )?;
    create(peer, &post.labelled("extension element")).await
}

async fn no_acks_to(peer: &Peer) -> Result<(), Stop> {
    let post = peer.create(peer.create_body()).without("AcksTo")?;
    create(peer, &post.labelled("no AcksTo")).await
}

async fn empty_body(peer: &Peer) -> Result<(), Stop> {
    let namespace = peer.rm().namespace();
    let empty = format!("<CreateSequence xmlns=\"{namespace}\"/>");
    let post = peer.create(peer.create_body()).with_element("CreateSequence", &empty)?;
    let answer = peer.post(&post.labelled("empty CreateSequence")).await?;
    if answer.created().is_some() {
        // What such a sequence is good for, is for the peer to say.
        let session = peer.session(&answer)?;
        peer.post(&session.message(1, "message 1")?).await?;
        session.finish().await?;
    }
    Ok(())
}

async fn no_message_id(peer: &Peer) -> Result<(), Stop> {
    let post = peer.create(peer.create_body()).without("a:MessageID")?;
    create(peer, &post.labelled("no MessageID")).await
}

async fn no_action(peer: &Peer) -> Result<(), Stop> {
    let post = peer.create(peer.create_body()).without("a:Action")?;
    create(peer, &post.labelled("no Action")).await
}

async fn acks_to_none(peer: &Peer) -> Result<(), Stop> {
    let none = peer.target().profile.addressing.none();
    let none = none.unwrap_or("http://www.w3.org/2005/08/addressing/none");
    let mut body = peer.create_body();
    body.acks_to = EndpointReference::new(none);
    create(peer, &peer.create(body).labelled("AcksTo none")).await
}

async fn acks_to_elsewhere(peer: &Peer) -> Result<(), Stop> {
    let mut body = peer.create_body();
    body.acks_to = EndpointReference::new("http://client.invalid/acks");
    let answer = peer.post(&peer.create(body).labelled("AcksTo elsewhere")).await?;
    if answer.created().is_some() {
        peer.session(&answer)?.terminate().await?;
    }
    Ok(())
}

async fn no_offer(peer: &Peer) -> Result<(), Stop> {
    let mut body = peer.create_body();
    body.offer = None;
    let answer = peer.post(&peer.create(body).labelled("no Offer")).await?;
    if answer.created().is_some() {
        peer.session(&answer)?.finish().await?;
    }
    Ok(())
}

async fn unasked_offer(peer: &Peer) -> Result<(), Stop> {
    let anonymous = || EndpointReference::new(peer.target().profile.addressing.anonymous());
    let in_new_version = peer.rm() == RmVersion::V200702;
    let mut body = peer.create_body();
    body.offer = Some(wsrm_wire::Offer {
        identifier: peer.identifier().into(),
        endpoint: in_new_version.then(anonymous),
        expires: None,
        incomplete_sequence_behavior: None,
        extensions: Vec::new(),
    });
    create(peer, &peer.create(body).labelled("an Offer")).await
}

async fn offer_without(peer: &Peer, element: &'static str) -> Result<(), Stop> {
    let post = peer.create(peer.create_body());
    let offer = post.element("Offer")?;
    let part = post.element(element)?;
    let spoilt = post.replaced(&offer, &offer.replacen(&part, "", 1))?;
    create(peer, &spoilt.labelled("a part of the Offer is missing")).await
}

async fn offer_expires(peer: &Peer) -> Result<(), Stop> {
    let mut body = peer.create_body();
    if let Some(offer) = &mut body.offer {
        offer.expires = Some("PT10M".into());
    }
    create(peer, &peer.create(body)).await
}

async fn incomplete_behavior(peer: &Peer) -> Result<(), Stop> {
    for behavior in IncompleteSequenceBehavior::ALL {
        let mut body = peer.create_body();
        if let Some(offer) = &mut body.offer {
            offer.incomplete_sequence_behavior = Some(behavior);
        }
        create(peer, &peer.create(body)).await?;
    }
    Ok(())
}

async fn incomplete_behavior_unknown(peer: &Peer) -> Result<(), Stop> {
    let post = peer.create(peer.create_body());
    let post = post.replaced("DiscardFollowingFirstGap", "DiscardWhatYouLike")?;
    create(peer, &post.labelled("unknown IncompleteSequenceBehavior")).await
}

async fn foreign_identifier(peer: &Peer) -> Result<(), Stop> {
    let mut body = peer.create_body();
    let unique = peer.identifier();
    if let Some(offer) = &mut body.offer {
        offer.identifier = format!("http://client.invalid/replies?{unique}").into();
    }
    create(peer, &peer.create(body)).await
}

async fn other_version(peer: &Peer) -> Result<(), Stop> {
    let other = match peer.rm() {
        RmVersion::February2005 => RmVersion::V200702,
        RmVersion::V200702 => RmVersion::February2005,
    };
    let mut body = peer.create_body();
    if let Some(offer) = &mut body.offer {
        let anonymous = EndpointReference::new(peer.target().profile.addressing.anonymous());
        offer.endpoint = (other == RmVersion::V200702).then_some(anonymous);
        offer.incomplete_sequence_behavior = None;
    }
    let mut messages = peer.messages();
    messages.profile.rm = other;
    let post = Post::of(&messages.create_sequence(body, peer.identifier()));
    // Where it is granted, another run speaks that version; here it is only ended.
    peer.post(&post.labelled("the other version")).await?;
    Ok(())
}

async fn side_by_side(peer: &Peer) -> Result<(), Stop> {
    let sessions = together((0..3).map(|_| peer.open())).await?;
    for number in 1..=3 {
        together(sessions.iter().map(|session| session.send(number))).await?;
    }
    for session in &sessions {
        session.finish().await?;
    }
    Ok(())
}

async fn flood(peer: &Peer) -> Result<(), Stop> {
    for _ in 0..200 {
        let answer = peer.post(&peer.create(peer.create_body())).await?;
        if answer.created().is_none() {
            break;
        }
    }
    Ok(())
}
