//! Whole sessions, as a client holds them that nothing happens to.

use crate::case::{Case, Peer, Stop};

pub(super) const CASES: &[Case] = &[
    Case::new("session.plain", "A session of three messages, closed and terminated.", |peer| {
        Box::pin(plain(peer))
    }),
    Case::new("session.empty", "A session without a message, closed and terminated.", |peer| {
        Box::pin(empty(peer))
    }),
    Case::new("session.long", "A session of forty messages.", |peer| Box::pin(long(peer))),
];

async fn plain(peer: &Peer) -> Result<(), Stop> {
    let session = peer.open().await?;
    session.send_all(1..=3).await?;
    session.finish().await
}

async fn empty(peer: &Peer) -> Result<(), Stop> {
    peer.open().await?.finish().await
}

async fn long(peer: &Peer) -> Result<(), Stop> {
    let session = peer.open().await?;
    session.send_all(1..=40).await?;
    session.finish().await
}
