//! A running program of a peer, and what it prints.

use std::ffi::OsString;
use std::io::{self, BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How to start a program.
#[derive(Debug)]
pub(crate) struct Start<'a> {
    /// The program and its arguments; `{wsrm}` is this very program, `./` the folder.
    pub(crate) command: &'a [String],
    /// Where.
    pub(crate) folder: &'a Path,
    /// What stands in its environment besides.
    pub(crate) environment: &'a [(String, String)],
    /// How long it may take to end when it is told to.
    pub(crate) grace: Duration,
}

/// A running program. It is ended when this is dropped, at the latest.
#[derive(Debug)]
pub(crate) struct Program {
    guard: Child,
    leash: Option<ChildStdin>,
    output: Arc<Output>,
    grace: Duration,
}

/// What came first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Waited {
    /// A line that was waited for.
    Line(String),
    /// The program ended, with this exit code.
    Ended(Option<i32>),
    /// The time was over.
    TimedOut,
}

#[derive(Debug, Default)]
struct Output {
    state: Mutex<Lines>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Lines {
    lines: Vec<String>,
    /// Streams that are still open.
    open: usize,
}

/// Longest line that is kept, and how many.
const MAX_LINE: u64 = 200_000;
const MAX_LINES: usize = 100_000;
const POLL: Duration = Duration::from_millis(20);

impl Program {
    /// Starts a program; its output is read from now on.
    pub(crate) fn start(start: &Start<'_>) -> io::Result<Self> {
        let own = std::env::current_exe()?;
        let mut command = Command::new(&own);
        let grace = start.grace.as_millis().to_string();
        command.args(["peer", "guard", "--grace", &grace, "--"]);
        for (index, word) in start.command.iter().enumerate() {
            let word = match (word.as_str(), word.strip_prefix("./")) {
                ("{wsrm}", _) => own.clone().into_os_string(),
                (_, Some(file)) if index == 0 => start.folder.join(file).into_os_string(),
                _ => OsString::from(word),
            };
            command.arg(word);
        }
        command
            .current_dir(start.folder)
            .envs(start.environment.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // Ctrl-C at a terminal is for who waits for the program, who then ends it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut guard = command.spawn()?;
        let output = Arc::new(Output::default());
        output.lock().open = 2;
        read(&output, guard.stdout.take());
        read(&output, guard.stderr.take());
        let leash = guard.stdin.take();
        Ok(Self { guard, leash, output, grace: start.grace })
    }

    /// Waits for a line, at most so long.
    pub(crate) fn wait_for(&mut self, within: Duration, mut is_it: impl FnMut(&str) -> bool) -> Waited {
        let deadline = Instant::now() + within;
        let mut seen = 0;
        loop {
            let (new, open) = self.output.after(seen, deadline);
            seen += new.len();
            if let Some(line) = new.into_iter().find(|line| is_it(line)) {
                return Waited::Line(line);
            }
            if !open {
                return match self.wait(deadline.saturating_duration_since(Instant::now())) {
                    Some(code) => Waited::Ended(code),
                    None => Waited::TimedOut,
                };
            }
            if Instant::now() >= deadline {
                return Waited::TimedOut;
            }
        }
    }

    /// Waits for its end, at most so long; its exit code, `None` inside where it has none.
    pub(crate) fn wait(&mut self, within: Duration) -> Option<Option<i32>> {
        let deadline = Instant::now() + within;
        loop {
            match self.guard.try_wait() {
                Ok(Some(status)) => return Some(status.code()),
                Err(_) => return Some(None),
                Ok(None) if Instant::now() >= deadline => return None,
                Ok(None) => thread::sleep(POLL),
            }
        }
    }

    /// Whether it has not ended by itself.
    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.guard.try_wait(), Ok(None))
    }

    /// Lines from a place on, waiting for the first of them at most so long; whether there may be more.
    pub(crate) fn lines_from(&self, place: usize, within: Duration) -> (Vec<String>, bool) {
        self.output.after(place, Instant::now() + within)
    }

    /// All lines so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.output.lock().lines.clone()
    }

    /// Ends it, and waits until it is gone.
    pub(crate) fn end(mut self) -> Vec<String> {
        self.stop();
        self.output.closed(Instant::now() + Duration::from_secs(1));
        self.lines()
    }

    fn stop(&mut self) {
        self.leash = None;
        if self.wait(self.grace + Duration::from_secs(2)).is_none() {
            // It has gone already where this fails.
            let _ = self.guard.kill();
            let _ = self.guard.wait();
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Output {
    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is a line behind the first `seen`, all streams are closed, or the time is over.
    fn after(&self, seen: usize, deadline: Instant) -> (Vec<String>, bool) {
        let mut state = self.lock();
        loop {
            let new = state.lines.get(seen..).unwrap_or_default();
            let left = deadline.saturating_duration_since(Instant::now());
            if !new.is_empty() || state.open == 0 || left.is_zero() {
                return (new.to_vec(), state.open > 0);
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until all streams are closed, or the time is over.
    fn closed(&self, deadline: Instant) {
        let mut state = self.lock();
        while state.open > 0 && Instant::now() < deadline {
            let left = deadline.saturating_duration_since(Instant::now());
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// Reads a stream to its end, in a thread of its own; what is too much is dropped.
fn read(output: &Arc<Output>, stream: Option<impl Read + Send + 'static>) {
    let output = Arc::clone(output);
    thread::spawn(move || {
        if let Some(stream) = stream {
            let mut reader = BufReader::new(stream);
            let mut line = Vec::new();
            // What is longer goes on as another line.
            while matches!(reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line), Ok(length) if length > 0)
            {
                let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                line.clear();
                let mut state = output.lock();
                if state.lines.len() < MAX_LINES {
                    state.lines.push(text);
                }
                drop(state);
                output.changed.notify_all();
            }
        }
        output.lock().open -= 1;
        output.changed.notify_all();
    });
}
