//! `wsrm serve`: the reference destination, and what happens in it as it happens.

mod cases;
mod display;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clap::Args;
use tokio::net::TcpListener;
use wsrm_protocol::ListenerConfig;
use wsrm_reference::mutants::{self, Mutant, Role};
use wsrm_reference::{Edition, Host, HostConfig, Pacing, RandomIdentifiers, Server, ServerLimits};
use wsrm_wire::Limits;

use crate::binding::{Binding, BindingArguments, ContractName, Refusal};
use crate::exit::Exit;
use crate::own_message::OwnMessages;
use display::Display;

/// Run the reference destination (a WCF-like service)
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wsrm serve
      a two-way service (IEcho) at http://127.0.0.1:8080/, RM 1.0, SOAP 1.2
  wsrm serve --listen 127.0.0.1:0 --rm 1.1 --contract mixed --path /mixed
      a free port, RM 1.1, two-way and one-way; the first line of output says the URL
  wsrm serve --config Web.config --binding reliable
      as a WCF configuration says
  wsrm serve --window 2 --unordered --contract one-way --json
      a small window, any order, events as JSON, one a line
  wsrm serve --rm 1.1 --mutant close.final-left-out
      a service with a bug, to see what `wsrm test` or a client says of it
  wsrm serve --cases --rm 1.1 --contract one-way
      http://127.0.0.1:8080/case/NAME for each case that tests a client, and a page at / with what came of each;
      before /case the path may choose another form: /rm-1.0/soap-1.1/wsa-2004/request-reply/case/NAME

The service returns the text it gets. sleep:N takes N milliseconds, fault throws a FaultException, throw throws
another exception, which costs the session. Ctrl-C ends it with a summary.")]
pub(crate) struct Arguments {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// One address for each case of `wsrm test-client`, for a client that is started by hand; a page at / lists them
    #[arg(long, conflicts_with_all = ["path", "max_sessions", "core_wcf", "mutant", "json"])]
    cases: bool,
    /// The path of the endpoint
    #[arg(long, value_name = "PATH", default_value = "/")]
    path: String,
    /// The contract: which operations there are
    #[arg(long, value_name = "CONTRACT", default_value = "echo")]
    contract: ContractName,
    /// Sessions at a time; who asks for more is told that the service is too busy
    #[arg(long, value_name = "SESSIONS", default_value_t = 10_000)]
    max_sessions: usize,
    /// Follow CoreWCF instead of .NET Framework where they differ (answers to what is no SOAP message)
    #[arg(long)]
    core_wcf: bool,
    /// Have this bug (`wsrm mutants --list` has all), to see what a test says of it
    #[arg(long, value_name = "NAME", value_parser = mutant)]
    mutant: Option<&'static Mutant>,
    /// Write events as JSON, one a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    own: OwnMessages,
    #[command(flatten)]
    binding: BindingArguments,
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(Exit::Internal, &format!("cannot start: {error}")),
    };
    let work = async { if arguments.cases { cases::serve(arguments).await } else { serve(arguments).await } };
    match runtime.block_on(work) {
        Ok(()) => Exit::Success,
        Err(Refusal { exit, message }) => fail(exit, &message),
    }
}

async fn serve(arguments: &Arguments) -> Result<(), Refusal> {
    let binding = arguments.binding.resolve()?;
    let refuse = |exit, message| Refusal { exit, message };
    if arguments.own.are_given() {
        let message = "--action goes with --cases: the contracts of a plain service are those of --contract";
        return Err(refuse(Exit::Usage, message.to_owned()));
    }
    let socket = TcpListener::bind(arguments.listen).await.map_err(|error| {
        let advice = match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                "; another program listens there: choose another --listen, port 0 finds one"
            }
            std::io::ErrorKind::PermissionDenied => {
                "; ports below 1024 need privileges: choose another --listen"
            }
            _ => "",
        };
        refuse(Exit::Usage, format!("cannot listen on {}: {error}{advice}", arguments.listen))
    })?;
    let address = socket.local_addr().map_err(|error| refuse(Exit::Internal, error.to_string()))?;
    let url = format!("http://{address}{}", arguments.path);
    let host = host(arguments, &binding, &url)?;
    let display = Arc::new(Mutex::new(Display::new(arguments.json)));
    let lock = |display: &Mutex<Display>, act: &mut dyn FnMut(&mut Display)| {
        act(&mut display.lock().unwrap_or_else(PoisonError::into_inner));
    };
    let stopped = stopped();
    lock(&display, &mut |display| display.listening(&url, &binding, arguments.contract));
    if let Some(mutant) = arguments.mutant {
        lock(&display, &mut |display| display.mutant(mutant));
    }
    let observer = {
        let display = Arc::clone(&display);
        Box::new(move |at: Duration, event| {
            display.lock().unwrap_or_else(PoisonError::into_inner).event(at, &event);
        })
    };
    let server = Server::start(socket, host, ServerLimits::default(), Some(observer))
        .map_err(|error| refuse(Exit::Internal, error.to_string()))?;
    stopped.await;
    server.shutdown().await;
    lock(&display, &mut |display| display.summary());
    Ok(())
}

fn host(arguments: &Arguments, binding: &Binding, url: &str) -> Result<Host, Refusal> {
    let edition = if arguments.core_wcf { Edition::CoreWcf } else { Edition::NetFramework };
    let mut host = Host::new(HostConfig {
        edition,
        pacing: Pacing::HostTime,
        limits: Limits::default(),
        max_sessions: arguments.max_sessions,
    });
    let listener = ListenerConfig {
        address: url.to_owned(),
        profile: binding.profile,
        pattern: arguments.contract.pattern(),
        settings: binding.settings.clone(),
        timeouts: binding.timeouts.clone(),
        language: "en-US".to_owned(),
        max_concurrent_calls: 16,
        enforce_max_pending_channels: edition == Edition::NetFramework,
    };
    let contract = arguments.contract.contract();
    host.add_endpoint(&arguments.path, listener, contract, Box::new(RandomIdentifiers::new()))
        .map_err(|error| Refusal { exit: Exit::Usage, message: format!("--path: {error}") })?;
    Ok(match arguments.mutant {
        Some(mutant) => host.with_mutant(mutant),
        None => host,
    })
}

/// The bug of a service that has this name.
fn mutant(name: &str) -> Result<&'static Mutant, String> {
    match mutants::find(name) {
        Some(mutant) if mutant.role == Role::Destination => Ok(mutant),
        Some(_) => Err(format!("{name} is a bug of a client; `wsrm mutants {name}` shows it")),
        None => Err(crate::mutants::unknown(name)),
    }
}

/// Waits for Ctrl-C, or for the signal that a service manager sends. They are caught from the call on, not only from
/// the first wait: who reads that something listens may send one at once.
pub(crate) fn stopped() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let caught = {
        use tokio::signal::unix::{SignalKind, signal};
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    };
    async move {
        #[cfg(unix)]
        if let (Ok(mut interrupt), Ok(mut terminate)) = caught {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
        // Where even this fails there is nothing to wait for.
        let _ = tokio::signal::ctrl_c().await;
    }
}

fn fail(exit: Exit, message: &str) -> Exit {
    anstream::eprintln!("wsrm serve: {message}");
    exit
}
