//! The services of the peers, each started when it is first needed.

use std::collections::{BTreeSet, HashMap};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wsrm_conformance::peer::Form;

use super::plan::Plan;
use crate::peer::program::Program;
use crate::peer::{Peer, endpoint};

/// A running service with an endpoint for each form.
#[derive(Debug)]
pub(super) struct Service {
    program: Mutex<Program>,
    pub(super) port: u16,
}

/// All of them, by the names of the peers.
#[derive(Debug)]
pub(super) struct Services {
    slots: HashMap<String, Mutex<Option<Arc<Service>>>>,
    forms: HashMap<String, BTreeSet<Form>>,
    /// Where the search for a free port goes on.
    next_port: AtomicU16,
}

/// Ports that the kernel gives to no client.
const PORTS: std::ops::Range<u16> = 20_000..30_000;
/// A service may use two more behind its own.
const STEP: u16 = 10;

impl Services {
    /// None is started yet.
    pub(super) fn new(plan: &Plan) -> Self {
        let mut forms: HashMap<String, BTreeSet<Form>> = HashMap::new();
        for cell in &plan.cells {
            if let Some(scenario) = plan.scenario(&cell.scenario) {
                forms.entry(cell.destination.clone()).or_default().insert(cell.form(scenario));
            }
        }
        let slots = forms.keys().map(|id| (id.clone(), Mutex::new(None))).collect();
        let offset = u16::try_from(std::process::id() % 900).unwrap_or_default();
        Self { slots, forms, next_port: AtomicU16::new(PORTS.start + offset * STEP) }
    }

    /// The running service of a peer; one that has ended is started again.
    pub(super) fn of(&self, peer: &Peer) -> Result<Arc<Service>, String> {
        let slot = self.slots.get(&peer.manifest.id).ok_or("it is in no session")?;
        let mut slot = lock(slot);
        if let Some(service) = slot.as_ref().filter(|service| service.is_running()) {
            return Ok(Arc::clone(service));
        }
        *slot = None;
        let service = Arc::new(self.start(peer)?);
        *slot = Some(Arc::clone(&service));
        Ok(service)
    }

    fn start(&self, peer: &Peer) -> Result<Service, String> {
        let port = self.port().ok_or("there is no free port")?;
        let forms = self.forms.get(&peer.manifest.id).into_iter().flatten().copied();
        Ok(Service { program: Mutex::new(endpoint::start(peer, port, forms)?), port })
    }

    fn port(&self) -> Option<u16> {
        let is_free = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
        (0..1000).find_map(|_| {
            let port = self.next_port.fetch_add(STEP, Ordering::Relaxed);
            if port >= PORTS.end {
                self.next_port.store(PORTS.start, Ordering::Relaxed);
                return None;
            }
            (0..3).all(|offset| is_free(port + offset)).then_some(port)
        })
    }
}

impl Service {
    pub(super) fn is_running(&self) -> bool {
        lock(&self.program).is_running()
    }

    /// What it printed that has this in it.
    pub(super) fn lines_with(&self, tag: &str) -> Vec<String> {
        let lines = lock(&self.program).lines();
        lines.into_iter().filter(|line| line.contains(tag)).collect()
    }

    /// The last thing it printed.
    pub(super) fn last_line(&self) -> Option<String> {
        lock(&self.program).lines().pop()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
