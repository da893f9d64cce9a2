//! One session between two peers.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use wsrm_conformance::fault_rule::FaultInjector;
use wsrm_conformance::matrix::{Cell, CellReport, Observed, Outcome, Scenario};
use wsrm_conformance::peer::PeerRole;
use wsrm_conformance::proxy::{Grouping, Interposer, Messages, ProxyEvent};
use wsrm_conformance::recording::{
    self, Binding, Exchange, Provenance, Recording, RecordingWriter, Redaction, Step,
};
use wsrm_oracle::{Catalogue, Party};
use wsrm_reference::proxy::{Proxy, ProxyLimits, Upstream};

use super::plan::Plan;
use super::services::{Service, Services};
use crate::peer::program::{Program, Start, Waited};
use crate::peer::{Peer, Refusal};

/// Holds the sessions of a plan.
pub(super) struct Conductor<'a> {
    plan: &'a Plan,
    catalogue: &'a Catalogue,
    services: Services,
    limit: Duration,
    record: Option<PathBuf>,
    runtime: Runtime,
}

/// What a proxy has seen.
type Events = Arc<Mutex<Vec<ProxyEvent>>>;

/// How long the service's application may lag behind the client's.
const SETTLE: Duration = Duration::from_millis(1500);
const QUIET: Duration = Duration::from_millis(250);
/// A session whose service ended by itself is held once more: another session may have ended it.
const ATTEMPTS: usize = 2;

impl<'a> Conductor<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        catalogue: &'a Catalogue,
        limit: Duration,
        record: Option<PathBuf>,
    ) -> Result<Self, Refusal> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Refusal::internal)?;
        Ok(Self { plan, catalogue, services: Services::new(plan), limit, record, runtime })
    }

    /// Holds one session, and judges it.
    pub(super) fn hold(&self, index: usize, cell: &Cell) -> CellReport {
        let without = |outcome| CellReport::without_session(cell.clone(), outcome);
        let found = (self.plan.peer(&cell.source), self.plan.peer(&cell.destination));
        let ((Some(source), Some(destination)), Some(scenario)) = (found, self.plan.scenario(&cell.scenario))
        else {
            return without(Outcome::Skipped("it is not installed".to_owned()));
        };
        if let Some(why) = unsupported(cell, scenario, source, destination) {
            return without(Outcome::Unsupported(why));
        }
        let mut last = String::new();
        for attempt in 0..ATTEMPTS {
            let tag = format!("n{index}.{attempt}.");
            let session = Session { cell, scenario, source, destination, tag: &tag };
            match self.observe(&session) {
                Ok(observed) if observed.service_died && attempt + 1 < ATTEMPTS => {}
                Ok(observed) => {
                    if let Err(error) = self.write(&session, &observed) {
                        return without(Outcome::Skipped(error.to_string()));
                    }
                    let as_wcf = self.as_wcf(cell);
                    return CellReport::of(cell.clone(), scenario, observed, &as_wcf, self.catalogue);
                }
                Err(error) => last = error,
            }
        }
        without(Outcome::Skipped(last))
    }

    fn observe(&self, session: &Session<'_>) -> Result<Observed, String> {
        let started = Instant::now();
        let service = self
            .services
            .of(session.destination)
            .map_err(|error| format!("{}: {error}", session.destination.manifest.id))?;
        let path = session.cell.form(session.scenario).name();
        let (proxy, events, counts, address) = self.runtime.block_on(async {
            let events = Events::default();
            let observer = {
                let events = Arc::clone(&events);
                Box::new(move |event| events.lock().unwrap_or_else(PoisonError::into_inner).push(event))
            };
            let injector = FaultInjector::new(session.scenario.faults.clone(), 0);
            let interposer = Interposer::new(injector, Grouping::Whole, observer);
            let counts = interposer.rule_counts();
            let upstream = Upstream::parse(&format!("http://127.0.0.1:{}/", service.port))
                .map_err(|error| error.to_string())?;
            let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(|e| e.to_string())?;
            let address = socket.local_addr().map_err(|error| error.to_string())?;
            let limits = ProxyLimits { shutdown_time: QUIET, ..ProxyLimits::default() };
            let proxy = Proxy::start(socket, upstream, limits, Box::new(interposer))
                .map_err(|error| error.to_string())?;
            Ok::<_, String>((proxy, events, counts, address))
        })?;
        let url = format!("http://{address}/{path}");
        let (client, timed_out) = self.client(session, &url)?;
        let lines = settled(&service, session);
        self.runtime.block_on(proxy.shutdown());
        let service_died = !service.is_running();
        let mut service_lines = lines;
        if service_died {
            service_lines.extend(service.last_line());
        }
        let events = std::mem::take(&mut *events.lock().unwrap_or_else(PoisonError::into_inner));
        let mut observed = Observed {
            tag: session.tag.to_owned(),
            client,
            timed_out,
            service: service_lines,
            service_died,
            rules: counts.read(),
            recording: None,
            took: started.elapsed(),
        };
        observed.recording = Some(session.recording(&observed, exchanges(events)));
        Ok(observed)
    }

    /// Runs the client to its end; what it printed, and whether its time was over.
    fn client(&self, session: &Session<'_>, url: &str) -> Result<(Vec<String>, bool), String> {
        let manifest = &session.source.manifest;
        let program = manifest.client.as_ref().ok_or("it is no client")?;
        let mut words = program.command.clone();
        words.extend([url.to_owned(), session.client_spec()]);
        words.extend(session.scenario.steps_of(session.tag));
        let start = Start {
            command: &words,
            folder: &session.source.folder,
            environment: &[],
            grace: Duration::from_millis(500),
        };
        let mut running = Program::start(&start).map_err(|error| format!("{}: {error}", manifest.id))?;
        let waited = running.wait_for(self.limit.min(program.time_limit), |_| false);
        Ok((running.end(), waited == Waited::TimedOut))
    }

    fn as_wcf(&self, cell: &Cell) -> Vec<Party> {
        let is = |id: &str| {
            self.plan.participants.iter().any(|participant| participant.id == id && participant.is_as_wcf)
        };
        let sides = [(Party::Initiator, &cell.source), (Party::Responder, &cell.destination)];
        sides.into_iter().filter(|(_, id)| is(id)).map(|(party, _)| party).collect()
    }

    /// Records the session, where that is asked for.
    fn write(&self, session: &Session<'_>, observed: &Observed) -> Result<(), recording::RecordingError> {
        let (Some(folder), Some(recording)) = (&self.record, &observed.recording) else { return Ok(()) };
        let scenario = session.scenario;
        let known = recording.scenario();
        let provenance = Provenance {
            name: session.cell.name(),
            description: known.description.clone(),
            client: known.client.clone(),
            service: known.service.clone(),
            recorder: format!("wsrm {} peer matrix", env!("CARGO_PKG_VERSION")),
            faults: scenario.faults.iter().map(ToString::to_string).collect(),
            seed: None,
            client_binding: session.client_spec(),
            service_binding: session.service_spec(),
            client_steps: scenario.steps_of(session.tag),
            client_log: observed.client.clone(),
            service_log: observed.service.clone(),
            under_test: None,
        };
        let folder = folder.join(session.cell.name());
        RecordingWriter::save(recording, &folder, provenance, Redaction::Secrets)
    }
}

/// One attempt at a cell.
struct Session<'a> {
    cell: &'a Cell,
    scenario: &'a Scenario,
    source: &'a Peer,
    destination: &'a Peer,
    tag: &'a str,
}

impl Session<'_> {
    fn client_spec(&self) -> String {
        let form = self.cell.form(self.scenario);
        let spec = self.source.manifest.spec(PeerRole::Client, form, &self.scenario.settings);
        spec.unwrap_or_default()
    }

    fn service_spec(&self) -> String {
        let form = self.cell.form(self.scenario);
        self.destination.manifest.spec(PeerRole::Service, form, &[]).unwrap_or_default()
    }

    fn recording(&self, observed: &Observed, exchanges: Vec<Exchange>) -> Recording {
        let scenario = recording::Scenario {
            name: self.cell.name(),
            description: format!("{}: {}", self.cell.title(), self.scenario.about),
            client: self.source.manifest.title(),
            service: self.destination.manifest.title(),
            client_binding: Binding::parse(&self.client_spec()).ok(),
            service_endpoints: Binding::parse(&self.service_spec()).into_iter().map(|b| (None, b)).collect(),
            client_steps: Step::parse_all(&self.scenario.steps_of(self.tag)).unwrap_or_default(),
            client_log: observed.client.clone(),
            service_log: observed.service.clone(),
            under_test: None,
            timeline: Vec::new(),
        };
        Recording::new(scenario, exchanges)
    }
}

/// Why there is nothing to hold.
fn unsupported(cell: &Cell, scenario: &Scenario, source: &Peer, destination: &Peer) -> Option<String> {
    let form = cell.form(scenario);
    for (peer, role) in [(source, PeerRole::Client), (destination, PeerRole::Service)] {
        if peer.manifest.spec(role, form, &[]).is_none() {
            let name = &peer.manifest.id;
            return Some(format!(
                "{name} does not speak {} in this contract as {}",
                form.profile,
                role.as_str()
            ));
        }
    }
    let client = source.manifest.client.as_ref()?;
    let verbs = || scenario.steps.iter().filter_map(|step| step.split([':', '*']).next());
    if let Some(lacking) = verbs().find(|verb| client.lacks.contains(*verb)) {
        return Some(format!("{} has no step {lacking}", cell.source));
    }
    let calls = ["echo", "aecho", "send", "asend"];
    if client.opens_with_first_message && !verbs().any(|verb| calls.contains(&verb)) {
        return Some(format!("{} makes the sequence only with the first message", cell.source));
    }
    None
}

/// What the service printed of a session, when nothing more comes.
fn settled(service: &Service, session: &Session<'_>) -> Vec<String> {
    let deadline = Instant::now() + SETTLE;
    let mut lines = service.lines_with(session.tag);
    let mut since = Instant::now();
    while Instant::now() < deadline && since.elapsed() < QUIET {
        thread::sleep(Duration::from_millis(25));
        let now = service.lines_with(session.tag);
        if now.len() > lines.len() {
            since = Instant::now();
        }
        lines = now;
    }
    lines
}

fn exchanges(events: Vec<ProxyEvent>) -> Vec<Exchange> {
    let readable = events.into_iter().filter_map(|event| match event {
        ProxyEvent::Exchange(exchange) => match exchange.messages {
            Messages::Readable { exchange, .. } => Some(exchange),
            Messages::Unreadable { .. } => None,
        },
        ProxyEvent::Refused { .. } => None,
    });
    let mut exchanges: Vec<Exchange> = readable.collect();
    exchanges.sort_by_key(|exchange| exchange.number);
    exchanges
}
