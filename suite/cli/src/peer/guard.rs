//! Ends a program together with who started it.
//!
//! Whoever starts a peer's program starts this in front of it, and holds the other end of its standard input. When that
//! end is closed, be it because its holder is done, was interrupted or was killed, the program and all that it started
//! are ended. So no peer is left behind, whatever happens.

use std::ffi::OsString;
use std::io::Read as _;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;

use super::Refusal;
use crate::exit::Exit;

/// Run a program until it ends or standard input does
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// How long the program may take to end after it was told to, in milliseconds
    #[arg(long, default_value_t = 5000)]
    grace: u64,
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

const POLL: Duration = Duration::from_millis(20);

/// Runs the program, and exits as it does.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Refusal> {
    let mut words = arguments.command.iter();
    let program = words.next().ok_or_else(|| Refusal::usage("no command"))?;
    group::adopt_strays();
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::null());
    group::lead(&mut command);
    let mut child = command.spawn().map_err(|error| {
        Refusal::new(Exit::Unreachable, format!("cannot start {}: {error}", program.display()))
    })?;
    let id = child.id();
    let ended = Arc::new(AtomicBool::new(false));
    let grace = Duration::from_millis(arguments.grace);
    thread::spawn({
        let ended = Arc::clone(&ended);
        move || end_with_input(id, grace, &ended)
    });
    let status = child.wait().map_err(Refusal::internal)?;
    ended.store(true, Ordering::SeqCst);
    group::kill(id);
    group::kill_strays();
    std::process::exit(code(status))
}

/// Waits until the other end of standard input is closed; then the program has its grace.
fn end_with_input(id: u32, grace: Duration, ended: &AtomicBool) {
    // Nobody writes anything; an error says that the other end is gone, too.
    let _ = std::io::stdin().lock().read_to_end(&mut Vec::new());
    if ended.load(Ordering::SeqCst) {
        return;
    }
    group::terminate(id);
    let deadline = Instant::now() + grace;
    while Instant::now() < deadline && !ended.load(Ordering::SeqCst) {
        thread::sleep(POLL);
    }
    if !ended.load(Ordering::SeqCst) {
        group::kill(id);
    }
}

/// A signal counts as shells count it.
fn code(status: ExitStatus) -> i32 {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;
        if let Some(signal) = status.signal() {
            return 128 + signal;
        }
    }
    status.code().unwrap_or(1)
}

/// Process groups, where there are any.
#[cfg(unix)]
mod group {
    use std::os::unix::process::CommandExt as _;
    use std::process::Command;

    use rustix::process::{Pid, Signal, kill_process_group};

    pub(super) fn lead(command: &mut Command) {
        command.process_group(0);
    }

    pub(super) fn terminate(leader: u32) {
        signal(leader, Signal::TERM);
    }

    pub(super) fn kill(leader: u32) {
        signal(leader, Signal::KILL);
    }

    /// An error says that nobody is left in the group.
    fn signal(leader: u32, signal: Signal) {
        let leader = i32::try_from(leader).ok().and_then(Pid::from_raw);
        let _ = leader.map(|leader| kill_process_group(leader, signal));
    }

    /// Processes that leave the group become children of this one when their parents end.
    pub(super) fn adopt_strays() {
        #[cfg(target_os = "linux")]
        let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
    }

    /// Ends those, and what they leave in their turn.
    pub(super) fn kill_strays() {
        #[cfg(target_os = "linux")]
        for _ in 0..100 {
            let own = rustix::process::getpid().as_raw_nonzero();
            let children = std::fs::read_to_string(format!("/proc/{own}/task/{own}/children"));
            let children: Vec<Pid> = children
                .unwrap_or_default()
                .split_whitespace()
                .filter_map(|id| id.parse().ok().and_then(Pid::from_raw))
                .collect();
            if children.is_empty() {
                return;
            }
            for child in children {
                let _ = rustix::process::kill_process(child, Signal::KILL);
                let _ = rustix::process::waitpid(Some(child), rustix::process::WaitOptions::empty());
            }
        }
    }
}

/// Elsewhere a program is ended alone.
#[cfg(not(unix))]
mod group {
    use std::process::Command;

    pub(super) fn lead(_: &mut Command) {}

    pub(super) fn terminate(_: u32) {}

    pub(super) fn kill(leader: u32) {
        let _ = Command::new("taskkill").args(["/T", "/F", "/PID", &leader.to_string()]).status();
    }

    pub(super) fn adopt_strays() {}

    pub(super) fn kill_strays() {}
}
