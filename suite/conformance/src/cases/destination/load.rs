//! Many at a time, slow operations, silence.

use std::time::Duration;

use wsrm_protocol::Pattern;

use crate::case::{Case, Peer, Pending, Stop, together};

pub(super) const CASES: &[Case] = &[
    Case::new("load.window", "Eight messages are on their way at a time.", |peer| Box::pin(window(peer))),
    Case::new("load.same-at-once", "The same message comes three times at once.", |peer| {
        Box::pin(same_at_once(peer))
    }),
    Case::new("load.sessions", "Four sessions take turns.", |peer| Box::pin(sessions(peer))),
    Case::new("load.slow", "A call takes its time and is repeated meanwhile.", |peer| Box::pin(slow(peer)))
        .pattern(Pattern::RequestReply)
        .obedient(),
    Case::new("load.slow-one-way", "One-way operations take their time while messages go on.", |peer| {
        Box::pin(slow_one_way(peer))
    })
    .pattern(Pattern::OneWay)
    .obedient(),
    Case::new("load.slow-then-close", "A session is closed while a one-way operation runs.", |peer| {
        Box::pin(slow_then_close(peer))
    })
    .pattern(Pattern::OneWay)
    .obedient(),
    Case::new("load.asked-while-slow", "An acknowledgement is asked for while a call runs.", |peer| {
        Box::pin(asked_while_slow(peer))
    })
    .pattern(Pattern::RequestReply)
    .obedient(),
    Case::new("idle.minute", "A session is silent for a minute, and goes on.", |peer| {
        Box::pin(idle(peer, Duration::from_secs(60), false))
    })
    .slow(),
    Case::new("idle.kept-alive", "A session of four minutes is kept alive by AckRequested.", |peer| {
        Box::pin(idle(peer, Duration::from_secs(60), true))
    })
    .slow(),
];

async fn window(peer: &Peer) -> Result<(), Stop> {
    let session = peer.open().await?;
    session.send(1).await?;
    let posts = (2..=9)
        .map(|number| Ok((number, session.message(number, "window")?)))
        .collect::<Result<Vec<_>, Stop>>()?;
    together(posts.iter().map(|(_, post)| peer.post(post))).await?;
    for (number, post) in &posts {
        session.deliver(&post.clone().labelled("again"), *number).await?;
    }
    session.finish().await
}

async fn same_at_once(peer: &Peer) -> Result<(), Stop> {
    let session = peer.open().await?;
    session.send(1).await?;
    let post = session.message(2, "at once")?;
    together((0..3).map(|_| peer.post(&post))).await?;
    session.send(3).await?;
    session.finish().await
}

async fn sessions(peer: &Peer) -> Result<(), Stop> {
    let mut sessions = Vec::new();
    for _ in 0..4 {
        let session = peer.open().await?;
        session.send(1).await?;
        sessions.push(session);
    }
    for number in 2..=4 {
        for session in &sessions {
            session.send(number).await?;
        }
    }
    for session in &sessions {
        session.finish().await?;
    }
    Ok(())
}

async fn slow(peer: &Peer) -> Result<(), Stop> {
    let session = peer.open().await?;
    session.send(1).await?;
    let post = session.message(2, "sleep:600")?;
    let repeat = async {
        peer.wait(Duration::from_millis(200)).await;
        peer.post(&post.clone().labelled("repeated")).await
    };
    together([Box::pin(peer.post(&post)) as Pending<'_, _>, Box::pin(repeat)]).await?;
    session.deliver(&post, 2).await?;
    session.send(3).await?;
    session.finish().await
}

async fn slow_one_way(peer: &Peer) -> Result<(), Stop> {
    let session = peer.open().await?;
    for number in 1..=3 {
        session.send_text(number, "sleep:200").await?;
    }
    session.send_all(4..=6).await?;
    peer.post(&session.ack_requested()).await?;
    session.finish().await
}

async fn slow_then_close(peer: &Peer) -> Result<(), Stop> {
    let session = peer.open().await?;
    session.send_text(1, "sleep:500").await?;
    session.finish().await
}

async fn asked_while_slow(peer: &Peer) -> Result<(), Stop> {
    let session = peer.open().await?;
    session.send(1).await?;
    let post = session.message(2, "sleep:600")?;
    let ask = async {
        peer.wait(Duration::from_millis(200)).await;
        peer.post(&session.ack_requested()).await
    };
    together([Box::pin(peer.post(&post)) as Pending<'_, _>, Box::pin(ask)]).await?;
    session.deliver(&post, 2).await?;
    session.finish().await
}

async fn idle(peer: &Peer, time: Duration, asking: bool) -> Result<(), Stop> {
    let session = peer.open().await?;
    session.send(1).await?;
    for _ in 0..if asking { 4 } else { 1 } {
        peer.wait(time).await;
        if asking {
            peer.post(&session.ack_requested()).await?;
        }
    }
    session.send(2).await?;
    session.finish().await
}
