//! The reference destination, on the command line that all peers' services have.

use std::net::Ipv4Addr;
use std::time::Duration;

use clap::Args;
use tokio::net::TcpListener;
use wsrm_conformance::recording::{Binding, Contract as Recorded};
use wsrm_protocol::ListenerConfig;
use wsrm_reference::{
    Contract, Edition, Host, HostConfig, HostEvent, Pacing, RandomIdentifiers, Server, ServerLimits, contract,
};
use wsrm_wire::Limits;

use super::Refusal;
use crate::exit::Exit;

/// Serve as a peer: PORT NAME:SPEC…
#[derive(Debug, Args)]
pub(super) struct Arguments {
    port: u16,
    #[arg(required = true, value_name = "NAME:SPEC")]
    endpoints: Vec<String>,
}

/// Runs until it is told to end.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, Refusal> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Refusal::internal)?;
    runtime.block_on(serve(arguments))
}

async fn serve(arguments: &Arguments) -> Result<Exit, Refusal> {
    let mut host = Host::new(HostConfig {
        edition: Edition::NetFramework,
        pacing: Pacing::HostTime,
        limits: Limits::default(),
        max_sessions: 10_000,
    });
    for endpoint in &arguments.endpoints {
        let (name, spec) = endpoint.split_once(':').unwrap_or((endpoint, ""));
        let binding = match understood(spec) {
            Ok(binding) => binding,
            Err(what) => return Ok(unsupported(&what)),
        };
        let contract = contract_of(binding.contract);
        let listener = ListenerConfig {
            address: format!("http://127.0.0.1:{}/{name}", arguments.port),
            profile: binding.profile,
            pattern: contract.pattern(),
            settings: binding.settings,
            timeouts: binding.timeouts,
            language: "en-US".to_owned(),
            max_concurrent_calls: 16,
            enforce_max_pending_channels: true,
        };
        host.add_endpoint(&format!("/{name}"), listener, contract, Box::new(RandomIdentifiers::new()))
            .map_err(|error| Refusal::usage(format!("{endpoint}: {error}")))?;
    }
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, arguments.port))
        .await
        .map_err(|error| Refusal::usage(format!("cannot listen on port {}: {error}", arguments.port)))?;
    let server = Server::start(socket, host, ServerLimits::default(), Some(Box::new(print)))
        .map_err(Refusal::internal)?;
    anstream::println!("READY {}", arguments.port);
    crate::serve::stopped().await;
    server.shutdown().await;
    Ok(Exit::Success)
}

/// A line for each operation.
fn print(_: Duration, event: HostEvent) {
    if let HostEvent::OperationStarted { name: Some(name), delivery, .. } = event {
        let text = contract::read_text(&delivery.body, &name, 0).ok().flatten().unwrap_or_default();
        anstream::println!("{name}({text})");
    }
}

/// The binding of a SPEC, unless it asks for what the reference does not have.
pub(super) fn understood(spec: &str) -> Result<Binding, String> {
    let binding = Binding::parse(spec).map_err(|error| error.to_string())?;
    match binding.other.first() {
        Some((key, value)) => Err(format!("{key}={value}")),
        None => Ok(binding),
    }
}

pub(super) fn contract_of(contract: Recorded) -> Contract {
    match contract {
        Recorded::Echo => Contract::echo(),
        Recorded::OneWay => Contract::one_way(),
        Recorded::Mixed => Contract::mixed(),
    }
}

pub(super) fn unsupported(what: &str) -> Exit {
    anstream::println!("UNSUPPORTED {what}");
    Exit::Unreachable
}
