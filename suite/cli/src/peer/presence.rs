//! Whether a peer is there: what it needs, and whether its programs are built.

use std::fmt;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::path::{Path, PathBuf};

use super::Peer;

/// Whether a peer can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Presence {
    /// It can.
    Ready,
    /// These programs are not on the search path.
    Missing {
        /// Which.
        programs: Vec<String>,
        /// What to do about it.
        advice: String,
    },
    /// Its own programs are not built, or from other sources than those that are there.
    NotBuilt {
        /// Why.
        why: String,
        /// The peer.
        id: String,
    },
}

impl Presence {
    pub(crate) fn of(peer: &Peer) -> Self {
        let programs = missing_programs(peer);
        if !programs.is_empty() {
            let install = &peer.manifest.install;
            let advice = match install.debian.as_slice() {
                [] => install.otherwise.clone(),
                _ => format!("wsrm peer install {} brings them", peer.manifest.id),
            };
            return Self::Missing { programs, advice };
        }
        let not_built = |why: String| Self::NotBuilt { why, id: peer.manifest.id.clone() };
        if peer.manifest.build.commands.is_empty() {
            return Self::Ready;
        }
        if let Some(missing) = missing_results(peer).first() {
            return not_built(format!("{} is not there", missing.display()));
        }
        match fingerprint(peer) {
            Ok(now) if fs::read_to_string(stamp(peer)).is_ok_and(|then| then.trim() == now) => Self::Ready,
            Ok(_) => not_built("it was built from other sources".to_owned()),
            Err(error) => not_built(error.to_string()),
        }
    }
}

impl fmt::Display for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready => f.write_str("installed"),
            Self::Missing { programs, advice } => {
                write!(f, "not installed: no {} on the search path; {advice}", programs.join(", "))
            }
            Self::NotBuilt { why, id } => write!(f, "not built: {why}; wsrm peer install {id} builds it"),
        }
    }
}

/// The programs that the peer needs and that are not there.
pub(super) fn missing_programs(peer: &Peer) -> Vec<String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let is_there = |name: &str| {
        folders.iter().any(|folder| {
            let file = folder.join(name);
            file.is_file() || file.with_extension("exe").is_file()
        })
    };
    peer.manifest.install.programs.iter().filter(|name| !is_there(name)).cloned().collect()
}

/// The files that a build makes and that are not there.
pub(super) fn missing_results(peer: &Peer) -> Vec<&Path> {
    let results = peer.manifest.build.results.iter().map(PathBuf::as_path);
    results.filter(|result| !peer.folder.join(result).exists()).collect()
}

/// Writes down from what the programs were built.
pub(super) fn remember_build(peer: &Peer) -> io::Result<()> {
    fs::write(stamp(peer), fingerprint(peer)? + "\n")
}

/// Forgets what was built, so that half a build is not taken for one.
pub(super) fn forget_build(peer: &Peer) {
    // Where there is none, there is nothing to forget.
    let _ = fs::remove_file(stamp(peer));
}

fn stamp(peer: &Peer) -> PathBuf {
    peer.folder.join(".built")
}

/// Tells two states of the sources from each other.
fn fingerprint(peer: &Peer) -> io::Result<String> {
    let mut hasher = DefaultHasher::new();
    peer.manifest.build.commands.hash(&mut hasher);
    peer.manifest.build.environment.hash(&mut hasher);
    let mut waiting: Vec<PathBuf> = peer.manifest.build.inputs.clone();
    while let Some(path) = waiting.pop() {
        let whole = peer.folder.join(&path);
        path.hash(&mut hasher);
        if !whole.is_dir() {
            fs::read(&whole)
                .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?
                .hash(&mut hasher);
            continue;
        }
        let mut names = Vec::new();
        for entry in fs::read_dir(&whole)? {
            names.push(path.join(entry?.file_name()));
        }
        names.sort();
        waiting.extend(names);
    }
    Ok(format!("{:016x}", hasher.finish()))
}
