//! `wsrm selftest`: what the reference implementation is worth, in one command.

mod sessions;

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use wsrm_conformance::fidelity::Fidelity;
use wsrm_conformance::recording::{self, Recording};
use wsrm_conformance::replay::{Errata, Role, Totals, replay};

use crate::exit::Exit;

/// Prove the reference implementation: recorded WCF messages, replay of recorded sessions, sessions with itself
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wsrm selftest
      everything, with the recordings below fixtures/recordings
  wsrm selftest ~/captures/orders
      the same with recordings of your own

What it does:
  wire      every recorded message is read into meaning and written again: what WCF wrote must be the same bytes
  replay    both roles take the place of the recorded WCF, in virtual time: what they say must be what WCF said
  sessions  the reference source against the reference destination over loopback HTTP, in all eight profiles, with
            two-way, one-way and mixed contracts, ordered and unordered: every message exactly once, clean ends

Exit codes: 0 all of it holds; 1 something does not; 2 the recordings cannot be read.")]
pub(crate) struct Arguments {
    /// Recordings, or trees of them
    #[arg(value_name = "PATH", default_value = "fixtures/recordings")]
    paths: Vec<PathBuf>,

    /// Application messages in each session over loopback
    #[arg(long, value_name = "COUNT", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    messages: u64,
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let recordings = match read(&arguments.paths) {
        Ok(recordings) => recordings,
        Err(error) => {
            anstream::eprintln!("wsrm selftest: {error}");
            return Exit::Usage;
        }
    };
    let outcomes = [
        report("wire", || wire(&recordings)),
        report("replay", || replays(&recordings)),
        report("sessions", || sessions::hold(arguments.messages)),
    ];
    if outcomes.contains(&false) { Exit::Found } else { Exit::Success }
}

/// Does one part and prints what it found; whether it holds.
fn report(name: &str, part: impl FnOnce() -> Step) -> bool {
    let started = Instant::now();
    let Step { holds, says } = part();
    let mark = if holds { "ok    " } else { "FAILED" };
    anstream::println!("{mark} {name:9} {says} ({:.1} s)", started.elapsed().as_secs_f64());
    holds
}

/// What a part of the self-test found.
struct Step {
    holds: bool,
    says: String,
}

fn read(paths: &[PathBuf]) -> Result<Vec<(Recording, Errata)>, String> {
    let mut recordings = Vec::new();
    for path in paths {
        for folder in recording::find(path).map_err(|error| error.to_string())? {
            let errata = Errata::nearest(&folder).map_err(|error| error.to_string())?;
            recordings.push((Recording::read(&folder).map_err(|error| error.to_string())?, errata));
        }
    }
    Ok(recordings)
}

fn wire(recordings: &[(Recording, Errata)]) -> Step {
    let mut fidelity = Fidelity::default();
    for (recording, _) in recordings {
        fidelity += Fidelity::measure(recording);
    }
    let holds = fidelity.wcf.identical == fidelity.wcf.messages() && fidelity.others.changed == 0;
    Step { holds, says: fidelity.to_string() }
}

fn replays(recordings: &[(Recording, Errata)]) -> Step {
    let mut totals = Totals::default();
    for (recording, errata) in recordings {
        totals.add(&replay(recording, &[Role::Responder, Role::Initiator], errata));
    }
    Step { holds: totals.different == 0, says: totals.to_string() }
}
