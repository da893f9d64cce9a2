//! `wsrm peer install`.

use std::io::IsTerminal as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clap::Args;
use indicatif::ProgressBar;

use super::presence::{self, Presence};
use super::program::{Program, Start, Waited};
use super::{FolderArguments, Peer, Refusal};
use crate::exit::Exit;

/// Bring what a peer needs, and build its programs
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wsrm peer install --dry-run gsoap
      the commands, and nothing else
  wsrm peer install gsoap cxf metro
      Debian packages by apt-get, where any is missing (as root); then each is built, once
  wsrm peer install --no-packages cxf
      what it needs is there already (Maven and a JDK of your own); only build

Exit codes: 0 all are installed; 1 a command failed; 2 there is no such peer; 3 something is missing that has to be \
brought by hand.")]
pub(super) struct Arguments {
    /// Which
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Leave the packages of the system alone
    #[arg(long)]
    no_packages: bool,
    /// Build again what is built
    #[arg(long)]
    rebuild: bool,
    /// Show what the commands print
    #[arg(long, short)]
    verbose: bool,
    #[command(flatten)]
    folder: FolderArguments,
}

/// A command, and how it is known.
struct Step {
    words: Vec<String>,
    folder: std::path::PathBuf,
    environment: Vec<(String, String)>,
    limit: Duration,
}

const PACKAGES_LIMIT: Duration = Duration::from_secs(900);
/// Lines of a failed command that are shown.
const TAIL: usize = 40;

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Refusal> {
    let peers: Vec<Peer> =
        arguments.names.iter().map(|name| arguments.folder.find(name)).collect::<Result<_, _>>()?;
    for peer in &peers {
        install(arguments, peer)?;
    }
    Ok(Exit::Success)
}

fn install(arguments: &Arguments, peer: &Peer) -> Result<(), Refusal> {
    let manifest = &peer.manifest;
    anstream::println!("{}: {}; {}", manifest.id, manifest.title(), manifest.licence);
    let packages = if arguments.no_packages { Vec::new() } else { missing_packages(peer) };
    if !packages.is_empty() {
        bring(arguments, peer, &packages)?;
    }
    if !arguments.dry_run {
        let missing = presence::missing_programs(peer);
        if !missing.is_empty() {
            let what = format!("{}: no {} on the search path", manifest.id, missing.join(", "));
            return Err(Refusal::new(Exit::Unreachable, format!("{what}; {}", manifest.install.otherwise)));
        }
    }
    if !arguments.rebuild && Presence::of(peer) == Presence::Ready {
        anstream::println!("  is built");
        return Ok(());
    }
    build(arguments, peer)
}

fn build(arguments: &Arguments, peer: &Peer) -> Result<(), Refusal> {
    let build = &peer.manifest.build;
    if !arguments.dry_run {
        presence::forget_build(peer);
    }
    for words in &build.commands {
        let environment = build.environment.iter().map(|(key, value)| (key.clone(), value.clone()));
        let step = Step {
            words: words.clone(),
            folder: peer.folder.clone(),
            environment: environment.collect(),
            limit: build.time_limit,
        };
        step.run(arguments)?;
    }
    if arguments.dry_run {
        return Ok(());
    }
    if let Some(missing) = presence::missing_results(peer).first() {
        let message = format!("{}: the build did not make {}", peer.manifest.id, missing.display());
        return Err(Refusal::new(Exit::Found, message));
    }
    presence::remember_build(peer).map_err(|error| {
        let message = format!("{}: cannot write down that it is built: {error}", peer.manifest.id);
        Refusal::new(Exit::Found, message)
    })
}

/// The packages that are not installed; none where this is no Debian.
fn missing_packages(peer: &Peer) -> Vec<String> {
    let query = |name: &str| {
        Command::new("dpkg-query")
            .args(["--show", "--showformat=${db:Status-Abbrev}", name])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
    };
    let packages = peer.manifest.install.debian.iter();
    let is_missing = |name: &&String| query(name).is_ok_and(|output| !output.stdout.starts_with(b"ii"));
    packages.filter(is_missing).cloned().collect()
}

fn bring(arguments: &Arguments, peer: &Peer, packages: &[String]) -> Result<(), Refusal> {
    let command = |words: &[&str]| Step {
        words: words.iter().map(ToString::to_string).collect(),
        folder: peer.folder.clone(),
        environment: vec![("DEBIAN_FRONTEND".to_owned(), "noninteractive".to_owned())],
        limit: PACKAGES_LIMIT,
    };
    let update = command(&["apt-get", "update", "-qq"]);
    let mut install = command(&["apt-get", "install", "-y", "-qq", "--no-install-recommends"]);
    install.words.extend(packages.iter().cloned());
    if !arguments.dry_run && !is_root() {
        let words = install.words.join(" ");
        let message = format!("{}: run this first: sudo {words}", peer.manifest.id);
        return Err(Refusal::new(Exit::Unreachable, message));
    }
    update.run(arguments)?;
    install.run(arguments)
}

fn is_root() -> bool {
    #[cfg(unix)]
    return rustix::process::geteuid().is_root();
    #[cfg(not(unix))]
    false
}

impl Step {
    fn run(&self, arguments: &Arguments) -> Result<(), Refusal> {
        let shown = self.words.join(" ");
        if arguments.dry_run {
            anstream::println!("  {shown}");
            return Ok(());
        }
        let started = Instant::now();
        let spinner = Spinner::new(&shown);
        let mut program = Program::start(&Start {
            command: &self.words,
            folder: &self.folder,
            environment: &self.environment,
            grace: Duration::from_secs(5),
        })
        .map_err(|error| Refusal::new(Exit::Found, format!("{shown}: {error}")))?;
        let verbose = arguments.verbose;
        let waited = program.wait_for(self.limit, |line| {
            if verbose {
                anstream::println!("    {line}");
            }
            false
        });
        drop(spinner);
        let ended = match waited {
            Waited::Ended(Some(0)) => {
                anstream::println!("  {shown}: done in {:.1} s", started.elapsed().as_secs_f64());
                return Ok(());
            }
            Waited::Ended(Some(code)) => format!("exit code {code}"),
            Waited::Ended(None) | Waited::Line(_) => "it was ended".to_owned(),
            Waited::TimedOut => format!("not done within {} s", self.limit.as_secs()),
        };
        let lines = program.end();
        let tail = lines.get(lines.len().saturating_sub(TAIL)..).unwrap_or_default().join("\n");
        let folder: &Path = &self.folder;
        let message = format!("in {}: {shown}: {ended}\n{tail}", folder.display());
        Err(Refusal::new(Exit::Found, message))
    }
}

/// On a terminal, something that moves.
struct Spinner(Option<ProgressBar>);

impl Spinner {
    fn new(what: &str) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let bar = ProgressBar::new_spinner().with_message(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(Some(bar))
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
