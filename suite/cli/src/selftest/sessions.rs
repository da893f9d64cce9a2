//! Sessions of the reference implementation with itself, over loopback HTTP.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::timeout;
use wsrm_protocol::{InitiatorConfig, ListenerConfig, OutgoingMessage, ReliableSessionSettings, Timeouts};
use wsrm_reference::{
    Client, ClientConfig, ClientLimits, Contract, EndpointId, Host, HostConfig, HostEvent, RandomIdentifiers,
    Server, ServerLimits, contract,
};
use wsrm_wire::WireProfile;

use super::Step;

/// How long one session may take before it counts as hanging.
const PATIENCE: Duration = Duration::from_secs(30);

/// The numbers of the messages that each endpoint delivered, in the order of their delivery.
type Delivered = Arc<Mutex<HashMap<EndpointId, Vec<u64>>>>;

/// A session to be held.
struct Plan {
    name: String,
    path: String,
    profile: WireProfile,
    settings: ReliableSessionSettings,
    kind: Kind,
}

/// The kinds of contract.
#[derive(Clone, Copy)]
enum Kind {
    Echo,
    OneWay,
    Mixed,
}

#[derive(Clone, Copy)]
enum Operation {
    Echo,
    Send,
}

/// Holds a session for every combination of profile, contract and order.
pub(super) fn hold(messages: u64) -> Step {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Step { holds: false, says: format!("no runtime: {error}") },
    };
    match runtime.block_on(hold_all(messages)) {
        Ok(step) => step,
        Err(error) => Step { holds: false, says: format!("no server: {error}") },
    }
}

async fn hold_all(messages: u64) -> io::Result<Step> {
    let plans = plans();
    let delivered = Delivered::default();
    let socket = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", socket.local_addr()?);
    let mut host = Host::new(HostConfig::default());
    let mut endpoints = Vec::new();
    for plan in &plans {
        let endpoint = host.add_endpoint(
            &plan.path,
            plan.listener(&address),
            plan.kind.contract(),
            Box::new(RandomIdentifiers::new()),
        );
        endpoints.push(endpoint.map_err(io::Error::other)?);
    }
    let server = Server::start(socket, host, ServerLimits::default(), Some(observer(&delivered)))?;
    let mut failures = Vec::new();
    for (plan, endpoint) in plans.iter().zip(endpoints) {
        let held = timeout(PATIENCE, plan.hold(&address, messages)).await;
        let problem = match held {
            Err(_) => Some("it hangs".to_owned()),
            Ok(Err(error)) => Some(error),
            Ok(Ok(())) => wrongly_delivered(&delivered, endpoint, messages),
        };
        failures.extend(problem.map(|problem| format!("\n         {}: {problem}", plan.name)));
    }
    server.shutdown().await;
    Ok(Step {
        holds: failures.is_empty(),
        says: format!(
            "{} of {} sessions over loopback end clean, each of {messages} messages delivered once and in order{}",
            plans.len() - failures.len(),
            plans.len(),
            failures.concat(),
        ),
    })
}

fn plans() -> Vec<Plan> {
    let mut plans = Vec::new();
    for profile in WireProfile::all() {
        for kind in Kind::ALL {
            for ordered in [true, false] {
                let order = if ordered { "ordered" } else { "unordered" };
                plans.push(Plan {
                    name: format!("{profile}, {}, {order}", kind.contract().name()),
                    path: format!("/{}", plans.len()),
                    profile,
                    settings: ReliableSessionSettings {
                        ordered,
                        reliable_messaging_version: profile.rm,
                        ..ReliableSessionSettings::default()
                    },
                    kind,
                });
            }
        }
    }
    plans
}

fn observer(delivered: &Delivered) -> Box<dyn FnMut(Duration, HostEvent) + Send> {
    let delivered = Arc::clone(delivered);
    Box::new(move |_, event| {
        if let HostEvent::OperationStarted { operation, number, .. } = event {
            let mut delivered = delivered.lock().unwrap_or_else(PoisonError::into_inner);
            delivered.entry(operation.endpoint).or_default().push(number);
        }
    })
}

fn wrongly_delivered(delivered: &Delivered, endpoint: EndpointId, messages: u64) -> Option<String> {
    let mut delivered = delivered.lock().unwrap_or_else(PoisonError::into_inner);
    let numbers = delivered.remove(&endpoint).unwrap_or_default();
    (!numbers.iter().copied().eq(1..=messages)).then(|| format!("delivered were {numbers:?}"))
}

impl Kind {
    const ALL: [Self; 3] = [Self::Echo, Self::OneWay, Self::Mixed];

    fn contract(self) -> Contract {
        match self {
            Self::Echo => Contract::echo(),
            Self::OneWay => Contract::one_way(),
            Self::Mixed => Contract::mixed(),
        }
    }

    /// The operations of the contract, called in turn.
    fn operations(self) -> &'static [Operation] {
        match self {
            Self::Echo => &[Operation::Echo],
            Self::OneWay => &[Operation::Send],
            Self::Mixed => &[Operation::Echo, Operation::Send],
        }
    }
}

impl Plan {
    fn listener(&self, address: &str) -> ListenerConfig {
        ListenerConfig {
            address: format!("{address}{}", self.path),
            profile: self.profile,
            pattern: self.kind.contract().pattern(),
            settings: self.settings.clone(),
            timeouts: Timeouts::default(),
            language: "en-US".to_owned(),
            max_concurrent_calls: 16,
            enforce_max_pending_channels: true,
        }
    }

    async fn hold(&self, address: &str, messages: u64) -> Result<(), String> {
        let initiator = InitiatorConfig {
            address: format!("{address}{}", self.path),
            profile: self.profile,
            pattern: self.kind.contract().pattern(),
            settings: self.settings.clone(),
            timeouts: Timeouts::default(),
            language: "en-US".to_owned(),
        };
        let config = ClientConfig { initiator, limits: ClientLimits::default(), patient: false };
        let client = Client::open(config).await.map_err(|error| error.to_string())?;
        let contract = self.kind.contract();
        for (number, operation) in (1..=messages).zip(self.kind.operations().iter().cycle()) {
            let text = format!("message {number}");
            let done = match operation {
                Operation::Send => client.send(message(&contract, "Send", &text)).await,
                Operation::Echo => match client.call(message(&contract, "Echo", &text)).await {
                    Ok(reply) if contract::read_result(&reply.body, "Echo") == Ok(Some(text)) => Ok(()),
                    Ok(reply) => return Err(format!("message {number} was answered {:?}", reply.body.xml)),
                    Err(error) => Err(error),
                },
            };
            done.map_err(|error| format!("message {number}: {error}"))?;
        }
        client.close().await.map_err(|error| format!("close: {error}"))
    }
}

fn message(contract: &Contract, operation: &str, text: &str) -> OutgoingMessage {
    OutgoingMessage { action: contract.action(operation), body: contract::request_body(operation, text) }
}
