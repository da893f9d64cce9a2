//! The reference source, on the command line that all peers' clients have.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::task::JoinSet;
use wsrm_conformance::recording::{Binding, Contract, Step};
use wsrm_protocol::{InitiatorConfig, OutgoingMessage};
use wsrm_reference::{Client, ClientConfig, ClientError, ClientLimits, contract};

use super::Refusal;
use super::service::{contract_of, understood, unsupported};
use crate::exit::Exit;

/// Hold a session as a peer: URL SPEC STEP…
#[derive(Debug, Args)]
pub(super) struct Arguments {
    url: String,
    spec: String,
    #[arg(value_name = "STEP")]
    steps: Vec<String>,
}

/// A client gives up by itself.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs the steps.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, Refusal> {
    let binding = match understood(&arguments.spec) {
        Ok(binding) => binding,
        Err(what) => return Ok(unsupported(&what)),
    };
    let steps = Step::parse_all(&arguments.steps).map_err(|error| Refusal::usage(error.to_string()))?;
    let other = |step: &&Step| matches!(step, Step::Other(_) | Step::Big(_));
    if let Some(step) = steps.iter().find(other) {
        return Ok(unsupported(&format!("step {step}")));
    }
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Refusal::internal)?;
    runtime.block_on(async {
        let mut session = Session::new(&arguments.url, binding);
        let all = async {
            for step in steps {
                session.step(step).await;
            }
            session.wait().await;
        };
        if tokio::time::timeout(LIMIT, all).await.is_err() {
            anstream::println!("LIMIT {} s", LIMIT.as_secs());
            return Ok(Exit::Found);
        }
        session.abort_if_open().await;
        Ok(Exit::Success)
    })
}

struct Session {
    config: ClientConfig,
    contract: Contract,
    gap: Duration,
    client: Option<Arc<Client>>,
    is_over: bool,
    running: JoinSet<()>,
}

impl Session {
    fn new(url: &str, binding: Binding) -> Self {
        let contract = binding.contract;
        let config = ClientConfig {
            initiator: InitiatorConfig {
                address: url.to_owned(),
                profile: binding.profile,
                pattern: contract.pattern(),
                settings: binding.settings,
                timeouts: binding.timeouts,
                language: "en-US".to_owned(),
            },
            limits: ClientLimits::default(),
            patient: true,
        };
        Self { config, contract, gap: binding.gap, client: None, is_over: false, running: JoinSet::new() }
    }

    async fn step(&mut self, step: Step) {
        match step {
            Step::Open => match Client::open(self.config.clone()).await {
                Ok(client) => {
                    self.client = Some(Arc::new(client));
                    anstream::println!("open ok");
                }
                Err(error) => failed("open", &error),
            },
            Step::Echo(text) => self.call("echo", text).await,
            Step::Send(text) => self.call("send", text).await,
            Step::EchoAsync(text) => self.start("aecho", text).await,
            Step::SendAsync(text) => self.start("asend", text).await,
            Step::Wait => {
                self.wait().await;
                anstream::println!("wait ok");
            }
            Step::Sleep(pause) => tokio::time::sleep(pause).await,
            Step::Close => self.close().await,
            Step::Abort => {
                self.abort_if_open().await;
                anstream::println!("abort ok");
            }
            // Refused before the first step.
            Step::Big(_) | Step::Other(_) => {}
        }
    }

    async fn call(&self, name: &'static str, text: String) {
        match &self.client {
            Some(client) => perform(Arc::clone(client), self.contract, name, text).await,
            None => anstream::println!("{name}({text}) -> EXC [wsrm] there is no session"),
        }
    }

    /// Calls, and goes on after a while.
    async fn start(&mut self, name: &'static str, text: String) {
        match &self.client {
            Some(client) => {
                self.running.spawn(perform(Arc::clone(client), self.contract, name, text));
                tokio::time::sleep(self.gap).await;
            }
            None => self.call(name, text).await,
        }
    }

    async fn wait(&mut self) {
        while self.running.join_next().await.is_some() {}
    }

    async fn close(&mut self) {
        let Some(client) = &self.client else {
            return anstream::println!("close() -> EXC [wsrm] there is no session");
        };
        self.is_over = true;
        match client.close().await {
            Ok(()) => anstream::println!("close ok"),
            Err(error) => failed("close", &error),
        }
    }

    async fn abort_if_open(&mut self) {
        if let Some(client) = self.client.as_ref().filter(|_| !self.is_over) {
            self.is_over = true;
            client.abort().await;
        }
    }
}

async fn perform(client: Arc<Client>, contract: Contract, name: &'static str, text: String) {
    let is_echo = name.ends_with("echo");
    let operation = if is_echo { "Echo" } else { "Send" };
    let action = contract_of(contract).action(operation);
    let message = OutgoingMessage { action, body: contract::request_body(operation, &text) };
    let call = format!("{name}({text})");
    if !is_echo {
        return match client.send(message).await {
            Ok(()) => anstream::println!("{call} returned"),
            Err(error) => failed(&call, &error),
        };
    }
    match client.call(message).await {
        Ok(reply) if reply.is_fault => {
            anstream::println!(
                "{call} -> EXC [System.ServiceModel.FaultException] the service answers a fault"
            );
        }
        Ok(reply) => match contract::read_result(&reply.body, operation) {
            Ok(result) => anstream::println!("{call} -> {}", result.unwrap_or_default()),
            Err(_) => anstream::println!("{call} -> EXC [wsrm] the reply is none of this operation"),
        },
        Err(error) => failed(&call, &error),
    }
}

fn failed(call: &str, error: &ClientError) {
    let exception = match error {
        ClientError::Session { error, .. } => error.wcf_exception(),
        ClientError::Address { .. } => "System.ArgumentException",
    };
    let words = error.to_string().replace(['\r', '\n'], " ");
    anstream::println!("{call} -> EXC [{exception}] {words}");
}
