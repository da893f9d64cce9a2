//! `wsrm peer run`.

mod errand;

use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use wsrm_conformance::peer::{ClientLine, Form, PeerRole, Saw, ServiceLine, Setting};
use wsrm_wire::WireProfile;

use super::presence::Presence;
use super::program::{Program, Start, Waited};
use super::{FolderArguments, Peer, Refusal};
use crate::binding::{Addressing, ContractName, Rm, Soap};
use crate::exit::Exit;

/// Run a peer's service, or a session of its client
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  wsrm peer run gsoap --role service --rm 1.1 --port 18090
      its service at http://127.0.0.1:18090/echo, until Ctrl-C
  wsrm peer run cxf --role service --pattern mixed --setting da=exactly --setting ordered=1
      settings that only this stack has; a free port
  wsrm peer run metro --role client http://127.0.0.1:8080/ --rm 1.1
      one session of three calls
  wsrm peer run metro --role client http://127.0.0.1:8080/ open echo:one sleep:2000 echo*3:two close
      steps of your own (peers/README.md)
  wsrm test-client --run \"wsrm peer run metro --role client --from-environment\"
      its client as wsrm test-client starts clients

What the peer prints is shown as it comes. All that is started is ended: with Ctrl-C, when it fails, and when wsrm is \
killed.

Exit codes: 0 all went well; 1 a step failed, or the service ended by itself; 2 an argument is wrong; 3 the peer is not \
installed, so it is skipped; 4 it does not speak this, or has no such step.")]
pub(super) struct Arguments {
    /// Which
    #[arg(value_name = "NAME")]
    name: String,
    /// Which of its programs
    #[arg(long, value_name = "ROLE")]
    role: RoleName,
    /// The URL of the service, and the steps of the client [default: open, three calls, close]
    #[arg(value_name = "URL STEP")]
    words: Vec<String>,
    /// The port of the service [default: a free one]
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// The service's name in its URL [default: the contract]
    #[arg(long, value_name = "NAME")]
    path: Option<String>,
    /// WS-ReliableMessaging version
    #[arg(long, value_name = "VERSION", default_value = "1.1")]
    rm: Rm,
    /// SOAP version
    #[arg(long, value_name = "VERSION", default_value = "1.2")]
    soap: Soap,
    /// WS-Addressing version
    #[arg(long, value_name = "VERSION", default_value = "1.0")]
    addressing: Addressing,
    /// The contract
    #[arg(long, alias = "contract", value_name = "PATTERN", default_value = "echo")]
    pattern: ContractName,
    /// Take the URL, the versions, the pattern and the steps from the environment that wsrm test-client gives, and exit as it expects
    #[arg(long, conflicts_with_all = ["words", "rm", "soap", "addressing", "pattern"])]
    from_environment: bool,
    /// A further setting of its SPEC
    #[arg(long = "setting", value_name = "KEY=VALUE")]
    settings: Vec<Setting>,
    /// Bounds the run; a client is bounded by its manifest, too
    #[arg(long, value_name = "TIME")]
    time_limit: Option<crate::binding::Span>,
    #[command(flatten)]
    folder: FolderArguments,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum RoleName {
    Service,
    Client,
}

/// Bounds a client that is bounded by who started it.
const LONGEST: Duration = Duration::from_secs(3600);
/// How often is looked for Ctrl-C.
const TICK: Duration = Duration::from_millis(100);

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Refusal> {
    if !arguments.from_environment {
        return run_as_told(arguments);
    }
    errand::read(arguments, &|name| std::env::var(name).ok())
        .and_then(|arguments| run_as_told(&arguments))
        .map(errand::exit)
        .map_err(|Refusal { exit, message }| Refusal { exit: errand::exit(exit), message })
}

/// How a session is to be spoken.
fn form(arguments: &Arguments) -> Form {
    let (Rm(rm), Soap(soap), Addressing(addressing)) = (arguments.rm, arguments.soap, arguments.addressing);
    Form { profile: WireProfile { soap, addressing, rm }, contract: arguments.pattern.recorded() }
}

fn run_as_told(arguments: &Arguments) -> Result<Exit, Refusal> {
    let peer = arguments.folder.find(&arguments.name)?;
    let form = form(arguments);
    let profile = form.profile;
    let role = match arguments.role {
        RoleName::Service => PeerRole::Service,
        RoleName::Client => PeerRole::Client,
    };
    let spec = peer.manifest.spec(role, form, &arguments.settings).ok_or_else(|| {
        let what = format!("as {} it does not speak {profile} in this contract", role.as_str());
        Refusal::new(Exit::Unsupported, format!("{}: {what}; wsrm peer list says what", peer.manifest.id))
    })?;
    match Presence::of(&peer) {
        Presence::Ready => {}
        absent => {
            let message = format!("{} is skipped: it is {absent}", peer.manifest.id);
            return Err(Refusal::new(Exit::Unreachable, message));
        }
    }
    let interrupt = Interrupt::watch()?;
    match role {
        PeerRole::Service => serve(arguments, &peer, &spec, &interrupt),
        PeerRole::Client => send(arguments, &peer, form, &spec, &interrupt),
    }
}

fn serve(arguments: &Arguments, peer: &Peer, spec: &str, interrupt: &Interrupt) -> Result<Exit, Refusal> {
    if !arguments.words.is_empty() {
        return Err(Refusal::usage("a service takes no URL and no steps; --port and --path say where it is"));
    }
    let service = peer.manifest.service.as_ref().ok_or_else(|| Refusal::usage("it is no service"))?;
    let port = match arguments.port {
        Some(port) => port,
        None => free_port()?,
    };
    let name = match &arguments.path {
        Some(name) => name.trim_matches('/').to_owned(),
        None => peer_path(arguments),
    };
    let mut words = service.command.clone();
    words.extend([port.to_string(), format!("{name}:{spec}")]);
    let mut program = start(peer, &words, service.stop_within)?;
    let mut shown = 0;
    let deadline = arguments.time_limit.map(|limit| Instant::now() + limit.0);
    let until_ready = Instant::now() + service.ready_within;
    let mut ready = false;
    loop {
        let (lines, open) = program.lines_from(shown, TICK);
        shown += lines.len();
        for line in lines {
            match ServiceLine::parse(&line) {
                ServiceLine::Ready if !ready => {
                    ready = true;
                    anstream::println!("listening on http://127.0.0.1:{port}/{name}");
                }
                ServiceLine::Unsupported(what) => {
                    return Err(Refusal::new(Exit::Unsupported, format!("{}: {what}", peer.manifest.id)));
                }
                _ => anstream::println!("{line}"),
            }
        }
        if interrupt.happened() || deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            program.end();
            return Ok(Exit::Success);
        }
        let late = !ready && Instant::now() >= until_ready;
        if !open || late || !program.is_running() {
            let what = if late { "did not get ready in time" } else { "ended by itself" };
            let output = program.end().join("\n");
            let message = format!("the service of {} {what}\n{output}", peer.manifest.id);
            return Err(Refusal::new(Exit::Found, message));
        }
    }
}

fn send(
    arguments: &Arguments,
    peer: &Peer,
    form: Form,
    spec: &str,
    interrupt: &Interrupt,
) -> Result<Exit, Refusal> {
    let client = peer.manifest.client.as_ref().ok_or_else(|| Refusal::usage("it is no client"))?;
    let (url, steps) = arguments.words.split_first().ok_or_else(|| {
        Refusal::usage("a client needs the URL of a service, as in: http://127.0.0.1:8080/")
    })?;
    let steps = if steps.is_empty() { usual_steps(form) } else { steps.to_vec() };
    let mut words = client.command.clone();
    words.extend([url.clone(), spec.to_owned()]);
    words.extend(steps);
    // Who starts it for a case knows how long that may take.
    let own = if arguments.from_environment { LONGEST } else { client.time_limit };
    let limit = arguments.time_limit.map_or(own, |limit| limit.0.min(own));
    let mut program = start(peer, &words, Duration::from_secs(2))?;
    let deadline = Instant::now() + limit;
    let mut outcome = Exit::Success;
    let mut shown = 0;
    loop {
        let (lines, open) = program.lines_from(shown, TICK);
        shown += lines.len();
        for line in lines {
            anstream::println!("{line}");
            match ClientLine::parse(&line) {
                ClientLine::Unsupported(_) => outcome = Exit::Unsupported,
                ClientLine::Limit if arguments.from_environment => outcome = Exit::Incomplete,
                ClientLine::Limit | ClientLine::Step { saw: Saw::Failure(_), .. } => outcome = Exit::Found,
                _ => {}
            }
        }
        if interrupt.happened() {
            program.end();
            return Ok(outcome);
        }
        if !open {
            return Ok(match (outcome, program.wait_for(TICK, |_| false)) {
                (Exit::Success, Waited::Ended(Some(0))) => Exit::Success,
                (Exit::Success, _) => Exit::Found,
                (outcome, _) => outcome,
            });
        }
        if Instant::now() >= deadline {
            program.end();
            let message = format!("{}: not done within {} s", peer.manifest.id, limit.as_secs());
            // Its application has seen nothing yet.
            let exit = if arguments.from_environment { Exit::Incomplete } else { Exit::Found };
            return Err(Refusal::new(exit, message));
        }
    }
}

fn start(peer: &Peer, words: &[String], grace: Duration) -> Result<Program, Refusal> {
    let start = Start { command: words, folder: &peer.folder, environment: &[], grace };
    let failed = |error| Refusal::new(Exit::Found, format!("cannot start {}: {error}", words.join(" ")));
    Program::start(&start).map_err(failed)
}

fn peer_path(arguments: &Arguments) -> String {
    let path = arguments.pattern.to_possible_value();
    path.map(|value| value.get_name().to_owned()).unwrap_or_default()
}

fn usual_steps(form: Form) -> Vec<String> {
    use wsrm_conformance::recording::Contract;
    let calls = match form.contract {
        Contract::Echo => ["echo:one", "echo:two", "echo:three"],
        Contract::OneWay => ["send:one", "send:two", "send:three"],
        Contract::Mixed => ["echo:one", "send:two", "echo:three"],
    };
    ["open"].into_iter().chain(calls).chain(["close"]).map(str::to_owned).collect()
}

/// A port below those that the kernel gives to clients, so that none of them takes it; two more behind it are free, for
/// services of several processes.
pub(super) fn free_port() -> Result<u16, Refusal> {
    let first = 20_000 + u16::try_from(std::process::id() % 900).unwrap_or_default() * 10;
    let tried = (first..30_000).step_by(10).chain((20_000..first).step_by(10));
    let is_free = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    let mut free = tried.filter(|port| (0..3).all(|offset| is_free(port + offset)));
    free.next().ok_or_else(|| Refusal::new(Exit::Internal, "there is no free port from 20000 to 29999"))
}

/// Ctrl-C, and the signal that ends services.
#[derive(Debug)]
pub(super) struct Interrupt {
    happened: tokio::sync::watch::Receiver<bool>,
    _runtime: tokio::runtime::Runtime,
}

impl Interrupt {
    pub(super) fn watch() -> Result<Self, Refusal> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(Refusal::internal)?;
        let (sender, receiver) = tokio::sync::watch::channel(false);
        runtime.spawn(async move {
            crate::serve::stopped().await;
            // Where nobody looks any more, all is over.
            let _ = sender.send(true);
        });
        Ok(Self { happened: receiver, _runtime: runtime })
    }

    pub(super) fn happened(&self) -> bool {
        *self.happened.borrow()
    }
}
