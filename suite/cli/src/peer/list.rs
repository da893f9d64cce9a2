//! `wsrm peer list`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use wsrm_conformance::peer::{PeerRole, Speaks};
use wsrm_conformance::recording::Contract;
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion};

use super::presence::Presence;
use super::{FolderArguments, Peer, Refusal};
use crate::exit::Exit;
use crate::terminal;

/// List the peers: what they speak, and whether they are installed
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Print data instead of lines, one object a peer
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    folder: FolderArguments,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Refusal> {
    for peer in arguments.folder.peers()? {
        let presence = Presence::of(&peer);
        if arguments.json {
            anstream::println!("{}", to_json(&peer, &presence));
        } else {
            anstream::print!("{}", to_text(&peer, &presence));
        }
    }
    Ok(Exit::Success)
}

fn to_text(peer: &Peer, presence: &Presence) -> String {
    let manifest = &peer.manifest;
    let width = terminal::width();
    let mut text = terminal::wrap(
        &format!("{}: {}", manifest.title(), manifest.about),
        &format!("{:<10}  ", manifest.id),
        width,
    );
    let mut line = |key: &str, value: &str| {
        text.push_str(&terminal::wrap(value, &format!("{:12}{key:<9} ", ""), width));
    };
    for role in PeerRole::ALL {
        for speaks in manifest.speaks(role) {
            line(role.as_str(), &speaks_text(speaks));
        }
    }
    line("state", &presence.to_string());
    line("licence", &manifest.licence);
    // What the manifest names stands at the root of the repository.
    let is_there = |path: &&PathBuf| peer.folder.join("../..").join(path).exists();
    if let Some(deviations) = manifest.deviations.as_ref().filter(is_there) {
        line("known", &format!("deviations in {}", deviations.display()));
    }
    text
}

fn speaks_text(speaks: &Speaks) -> String {
    let mut text = format!(
        "RM {}; SOAP {}; WS-Addressing {}; {}",
        joined(&speaks.rm, rm),
        joined(&speaks.soap, soap),
        joined(&speaks.addressing, addressing),
        joined(&speaks.contracts, contract),
    );
    if !speaks.replies.is_empty() {
        text.push_str(&format!("; replies anonymous, {}", speaks.replies.join(", ")));
    }
    text
}

fn to_json(peer: &Peer, presence: &Presence) -> serde_json::Value {
    let manifest = &peer.manifest;
    let speaks = |role| -> Vec<serde_json::Value> {
        let forms = manifest.speaks(role).iter().map(|speaks| {
            json!({
                "rm": names(&speaks.rm, rm),
                "soap": names(&speaks.soap, soap),
                "addressing": names(&speaks.addressing, addressing),
                "contracts": names(&speaks.contracts, contract),
                "replies": speaks.replies,
            })
        });
        forms.collect()
    };
    json!({
        "id": manifest.id,
        "name": manifest.name,
        "version": manifest.version,
        "about": manifest.about,
        "licence": manifest.licence,
        "installed": *presence == Presence::Ready,
        "state": presence.to_string(),
        "client": speaks(PeerRole::Client),
        "service": speaks(PeerRole::Service),
        "deviations": manifest.deviations,
        "recordings": manifest.recordings,
    })
}

fn names<T: Copy>(values: &[T], name: fn(T) -> &'static str) -> Vec<&'static str> {
    values.iter().map(|value| name(*value)).collect()
}

fn joined<T: Copy>(values: &[T], name: fn(T) -> &'static str) -> String {
    names(values, name).join(", ")
}

const fn rm(version: RmVersion) -> &'static str {
    match version {
        RmVersion::February2005 => "1.0",
        RmVersion::V200702 => "1.1",
    }
}

const fn soap(version: SoapVersion) -> &'static str {
    match version {
        SoapVersion::Soap11 => "1.1",
        SoapVersion::Soap12 => "1.2",
    }
}

const fn addressing(version: AddressingVersion) -> &'static str {
    match version {
        AddressingVersion::August2004 => "2004/08",
        AddressingVersion::Addressing10 => "1.0",
    }
}

const fn contract(contract: Contract) -> &'static str {
    match contract {
        Contract::Echo => "echo",
        Contract::OneWay => "one-way",
        Contract::Mixed => "mixed",
    }
}
