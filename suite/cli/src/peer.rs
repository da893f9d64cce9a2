//! `wsrm peer`: real stacks, with which sessions are held.

mod client;
mod endpoint;
mod guard;
mod install;
mod list;
mod matrix;
mod presence;
mod program;
mod run;
mod service;
mod test;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use wsrm_conformance::peer::Manifest;

use crate::exit::Exit;

/// Other stacks as peers: what is there, install it, run it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wsrm peer list
      which stacks there are, what they speak, and whether they are installed
  wsrm peer install gsoap
      bring what it needs (Debian packages, Maven), and build its programs
  wsrm peer run cxf --role service --rm 1.1
      start its service, show what it prints, and end it with Ctrl-C
  wsrm peer run metro --role client http://127.0.0.1:8080/ --rm 1.1
      one session of its client with a service
  wsrm peer test gsoap
      every case against its service and its client; what is not among its known deviations fails

A peer is a folder with a peer.toml; peers/README.md says what stands in it, and how its programs are called. What is \
started here is ended with wsrm, also when wsrm is interrupted or killed.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    List(list::Arguments),
    Install(install::Arguments),
    Run(run::Arguments),
    Test(Box<test::Arguments>),
    Matrix(matrix::Arguments),
    #[command(hide = true)]
    Service(service::Arguments),
    #[command(hide = true)]
    Client(client::Arguments),
    #[command(hide = true)]
    Guard(guard::Arguments),
}

/// Where the peers are.
#[derive(Debug, Clone, Args)]
pub(crate) struct FolderArguments {
    /// The folder of the peers [default: peers, here or in a folder above]
    #[arg(long, value_name = "DIR")]
    peers: Option<PathBuf>,
}

/// A peer, and where it is.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) manifest: Manifest,
    /// Absolute.
    pub(crate) folder: PathBuf,
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let result = match &arguments.verb {
        Verb::List(arguments) => list::run(arguments),
        Verb::Install(arguments) => install::run(arguments),
        Verb::Run(arguments) => run::run(arguments),
        Verb::Test(arguments) => test::run(arguments),
        Verb::Matrix(arguments) => matrix::run(arguments),
        Verb::Service(arguments) => service::run(arguments),
        Verb::Client(arguments) => client::run(arguments),
        Verb::Guard(arguments) => guard::run(arguments),
    };
    result.unwrap_or_else(|Refusal { exit, message }| {
        anstream::eprintln!("wsrm peer: {message}");
        exit
    })
}

/// Why nothing was done.
#[derive(Debug)]
pub(crate) struct Refusal {
    exit: Exit,
    message: String,
}

impl Refusal {
    fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }

    fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    fn internal(error: impl std::fmt::Display) -> Self {
        Self::new(Exit::Internal, error.to_string())
    }
}

impl FolderArguments {
    /// All peers, by name.
    fn peers(&self) -> Result<Vec<Peer>, Refusal> {
        let folder = self.folder()?;
        let manifests = Manifest::read_all(&folder).map_err(|error| Refusal::usage(error.to_string()))?;
        if manifests.is_empty() {
            let why = "no folder in it has a peer.toml; peers/README.md says what stands in one";
            return Err(Refusal::usage(format!("{}: {why}", folder.display())));
        }
        let peer = |manifest: Manifest| Peer { folder: folder.join(&manifest.id), manifest };
        Ok(manifests.into_iter().map(peer).collect())
    }

    /// The option by which the folder was named, behind a blank; nothing where it was not.
    fn option(&self) -> String {
        let named =
            |folder: &PathBuf| format!(" --peers {}", crate::reporting::quoted(&folder.to_string_lossy()));
        self.peers.as_ref().map(named).unwrap_or_default()
    }

    /// The peer with this name.
    fn find(&self, name: &str) -> Result<Peer, Refusal> {
        let peers = self.peers()?;
        let names: Vec<&str> = peers.iter().map(|peer| peer.manifest.id.as_str()).collect();
        let unknown = format!("there is no peer {name:?}; there is {}", names.join(", "));
        peers.into_iter().find(|peer| peer.manifest.id == name).ok_or_else(|| Refusal::usage(unknown))
    }

    fn folder(&self) -> Result<PathBuf, Refusal> {
        let absolute = |folder: &Path| {
            let wrong = |error| Refusal::usage(format!("{}: {error}", folder.display()));
            folder.canonicalize().map_err(wrong)
        };
        if let Some(folder) = &self.peers {
            return absolute(folder);
        }
        let here = std::env::current_dir().map_err(Refusal::internal)?;
        let has_peers = |folder: &PathBuf| folder.join("reference").join(Manifest::FILE).is_file();
        let found = here.ancestors().map(|folder| folder.join("peers")).find(has_peers);
        let missing = || {
            let why = "there is no folder of peers here or above";
            Refusal::usage(format!("{why}; run this in a checkout of wsrm, or name the folder with --peers"))
        };
        absolute(&found.ok_or_else(missing)?)
    }
}
