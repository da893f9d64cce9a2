//! A peer's service with an endpoint for each form.

use wsrm_conformance::peer::{Form, PeerRole, ServiceLine};

use super::Peer;
use super::program::{Program, Start, Waited};

/// Lines of what it printed that stand in an error.
const MOST_LINES: usize = 5;

/// Starts the service, and waits until it listens. The path of an endpoint is the name of its form; forms that it does not
/// speak are left out.
///
/// # Errors
/// If it does not get ready, in words for the user.
pub(super) fn start(
    peer: &Peer,
    port: u16,
    forms: impl IntoIterator<Item = Form>,
) -> Result<Program, String> {
    let manifest = &peer.manifest;
    let service = manifest.service.as_ref().ok_or("it is no service")?;
    let mut words = service.command.clone();
    words.push(port.to_string());
    for form in forms {
        if let Some(spec) = manifest.spec(PeerRole::Service, form, &[]) {
            words.push(format!("{}:{spec}", form.name()));
        }
    }
    let start = Start { command: &words, folder: &peer.folder, environment: &[], grace: service.stop_within };
    let mut program = Program::start(&start).map_err(|error| error.to_string())?;
    let is_ready = |line: &str| ServiceLine::parse(line) == ServiceLine::Ready;
    if matches!(program.wait_for(service.ready_within, is_ready), Waited::Line(_)) {
        return Ok(program);
    }
    let lines = program.end();
    let tail = lines.get(lines.len().saturating_sub(MOST_LINES)..).unwrap_or_default().join(" / ");
    Err(format!("its service did not get ready: {tail}"))
}
