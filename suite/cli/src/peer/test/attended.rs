//! A peer's service that is started again when it dies.

use std::sync::{Arc, Mutex, PoisonError};

use wsrm_conformance::case::{Pending, Revival};
use wsrm_conformance::peer::Form;

use crate::exit::Exit;
use crate::peer::program::Program;
use crate::peer::run::free_port;
use crate::peer::{Peer, Refusal, endpoint};

/// A service with an endpoint for each form. It is ended when this is dropped.
#[derive(Debug)]
pub(super) struct Attended {
    peer: Peer,
    port: u16,
    forms: Vec<Form>,
    program: Mutex<Option<Program>>,
}

impl Attended {
    /// Starts it on a free port.
    pub(super) fn start(peer: &Peer, forms: Vec<Form>) -> Result<Arc<Self>, Refusal> {
        let port = free_port()?;
        let program = endpoint::start(peer, port, forms.iter().copied())
            .map_err(|error| Refusal::new(Exit::Unreachable, format!("{}: {error}", peer.manifest.id)))?;
        Ok(Arc::new(Self { peer: peer.clone(), port, forms, program: Mutex::new(Some(program)) }))
    }

    /// Where it is spoken to in a form.
    pub(super) fn address(&self, form: Form) -> String {
        format!("http://127.0.0.1:{}/{}", self.port, form.name())
    }

    /// Starts it again where it has ended, at the same addresses; nothing else is held up by that.
    pub(super) fn revive(self: &Arc<Self>) -> Pending<'static, Revival> {
        let this = Arc::clone(self);
        Box::pin(async move {
            tokio::task::spawn_blocking(move || this.start_again()).await.unwrap_or(Revival::Failed)
        })
    }

    fn start_again(&self) -> Revival {
        let mut program = self.program.lock().unwrap_or_else(PoisonError::into_inner);
        if program.as_mut().is_some_and(Program::is_running) {
            return Revival::Runs;
        }
        // What it left behind may hold the port.
        drop(program.take());
        match endpoint::start(&self.peer, self.port, self.forms.iter().copied()) {
            Ok(started) => {
                *program = Some(started);
                Revival::Again
            }
            Err(error) => {
                anstream::eprintln!("{}: {error}", self.peer.manifest.id);
                Revival::Failed
            }
        }
    }
}
