//! Foreign stacks as peers: what a manifest says of one, and the command lines that all of them have.
//!
//! A peer is a folder with a `peer.toml`, the [`Manifest`]. It says which roles the peer plays, in which [`Form`]s, what
//! has to be there, how it is built and how its programs are called. All services have one command line, and all clients
//! have one (`peers/README.md`), so that whoever drives them need not know which is which. Nothing here starts a process.

mod form;
mod line;
mod manifest;

pub use form::{Form, FormError, Setting};
pub use line::{ClientLine, Saw, ServiceLine};
pub use manifest::{
    Build, ClientProgram, Install, Manifest, ManifestError, ManifestFlaw, ServiceProgram, Speaks,
};

/// A side of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PeerRole {
    /// The source: it opens sessions.
    Client,
    /// The destination: it listens.
    Service,
}

impl PeerRole {
    /// Both, the client first.
    pub const ALL: [Self; 2] = [Self::Client, Self::Service];

    /// Its name on command lines.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Service => "service",
        }
    }
}
