//! `wsrm proxy`: between a client and a service that are not ours; records what they say, and does harm by rules.

mod display;
mod verdict;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use clap::Args;
use tokio::net::TcpListener;
use wsrm_conformance::fault_rule::{FaultInjector, FaultRule};
use wsrm_conformance::proxy::{Grouping, Interposer, ProxyEvent, Recorder, RecorderConfig, RuleCounts};
use wsrm_conformance::recording::{Provenance, RecordingError, Redaction};
use wsrm_reference::ClientError;
use wsrm_reference::proxy::{Proxy, ProxyLimits, Upstream};

use crate::baseline::BaselineArguments;
use crate::binding::Refusal;
use crate::choice::RequirementChoice;
use crate::exit::Exit;
use display::Display;
use verdict::Verdict;

/// Stand between a client and a service: judge and record what they say, and do harm by rules
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wsrm proxy --to http://host:8080/service.svc --record session
      pass everything on, byte for byte, and record each session as wsrm show and replay read it;
      the first line says the URL for the client (a WCF client keeps its address and goes there by
      ClientViaBehavior, so that its To stays as it is)
  wsrm proxy --to http://host:8080/ --fault \"drop request Echo #2\"
      lose the second message once: does the client send it again?
  wsrm proxy --to http://host:8080/ --fault \"drop response to CloseSequence\" --fault \"delay 1s ack\"
      several rules; each message goes through all that fit
  wsrm proxy --to http://host:8080/ --fault \"drop request application p=10%\" --seed 7
      lose a tenth of the messages; the same seed loses the same ones

Rules:
  A rule is an action, then which messages, then which of those, in any order. A rule that does not
  say which of those strikes once: the first that fits.

  drop [hang=TIME]          not delivered; the connection is closed, after TIME
  duplicate [times=N]       a request is delivered N (1) further times; the last answer counts
  delay TIME                delivered so much later (250ms, 2s, 1m)
  hold until=next           delivered just before the next one in its direction
  hold until=TIME           delivered when TIME is over since the first message
  reorder [by=N]            delivered behind the next N (1) in its direction
  cut [after=BYTES]         BYTES (half) are delivered, then the connection is closed
  corrupt [bytes=N] [at=N]  N (1) bytes of the body are changed, by the seed or from place N on
  rewrite status=CODE       a response has another HTTP status
  rewrite s/FROM/TO/[g]     the first (all) FROM in the body is TO, no pattern; \\/ is a slash; fits
                            only a message that has it
  answer CODE               a request is not delivered; its answer is empty, with this HTTP status

  request, response         the direction
  MESSAGE                   CreateSequence, CreateSequenceResponse, CloseSequence,
                            CloseSequenceResponse, TerminateSequence, TerminateSequenceResponse,
                            LastMessage, ack, AckRequested; fault, application, empty, other;
                            the last part of any other action, as Echo; a whole action
  to MESSAGE                the response to such a request
  #N, #N-M                  the message number; behind \"to\" that of the request
  with=HEADER, code=NAME    has this header block; is a fault with this code or subcode

  nth=N, nth=N-M            which of those that fit, counted from 1 over the whole run
  every, every=N            all, or each N-th
  p=0.1, p=10%              each with this probability, by --seed
  limit=TIME                hold and reorder wait no longer than this for others (30s)

Credentials in HTTP header fields, wsse:Security and tokens of WS-Trust are not recorded, unless \
--keep-secrets is given; nor are bodies that cannot be searched for them (compressed ones, WCF's binary encoding). \
Rules cannot see what such bodies mean. Ctrl-C ends with a \
summary.

Both sides are judged as wsrm judge does: a breach is told when the exchanges around it are over, what only the end of \
a session can tell at the end. What a rule did is nobody's fault. What is in the file of \
--baseline is told as known and fails nothing; in it the first session is called session-01, as its recording is. Sessions that were quiet for half an hour are over. \
The last line is that of wsrm judge.

Exit codes: 0 ended by Ctrl-C, and nothing is violated; 10 a must or wcf requirement is violated; 11 only should \
requirements are, or with --strict WCF's ways; 13 none of these, and a deviation of --baseline is not there any more; 2 an argument or a rule is wrong, or the recording cannot be written; \
4 https.")]
pub(crate) struct Arguments {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8081")]
    listen: SocketAddr,
    /// The service, http://…; the paths of requests pass as they are
    #[arg(long, value_name = "URL")]
    to: String,
    /// Name the service in the Host field of requests, as IIS and http.sys may ask for, not the proxy
    #[arg(long)]
    own_host: bool,
    /// Record into this folder, which must be empty or new
    #[arg(long, value_name = "DIR")]
    record: Option<PathBuf>,
    /// Record the whole run as one, not each session for itself
    #[arg(long, requires = "record")]
    whole: bool,
    /// Do harm by this rule (below); may be given several times
    #[arg(long = "fault", value_name = "RULE")]
    faults: Vec<FaultRule>,
    /// Decides what rules leave to chance [default: another each time]
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// What the client is, for the recording; one that fixtures/README.md calls a WCF is excused for WCF's own errata,
    /// and compared by replay
    #[arg(long, value_name = "TEXT", default_value = "unknown client")]
    client: String,
    /// What the service is, for the recording
    #[arg(long, value_name = "TEXT", default_value = "unknown service")]
    service: String,
    /// Record credentials and security headers too
    #[arg(long, requires = "record")]
    keep_secrets: bool,
    /// Judge nothing
    #[arg(long, conflicts_with = "strict")]
    no_judge: bool,
    /// Tell of differences from WCF too, and count them as violations for the exit code
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    choice: RequirementChoice,
    #[command(flatten)]
    baseline: BaselineArguments,
    /// Write exchanges as JSON, one a line
    #[arg(long)]
    json: bool,
}

/// Exchanges that may wait to be shown and recorded; more slow the proxy down.
const BACKLOG: usize = 4096;
/// How often the times of a recording are written.
const FLUSH: Duration = Duration::from_secs(1);

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(Exit::Internal, &format!("cannot start: {error}")),
    };
    match runtime.block_on(proxy(arguments)) {
        Ok(exit) => exit,
        Err(Refusal { exit, message }) => fail(exit, &message),
    }
}

async fn proxy(arguments: &Arguments) -> Result<Exit, Refusal> {
    let refuse = |exit, message| Refusal { exit, message };
    let upstream = Upstream::parse(&arguments.to).map_err(|error| {
        let https = arguments.to.starts_with("https:");
        let exit = if https { Exit::Unsupported } else { Exit::Usage };
        match error {
            ClientError::Address { address, why } => refuse(exit, format!("--to {address}: {why}")),
            error => refuse(exit, format!("--to: {error}")),
        }
    })?;
    let upstream = if arguments.own_host { upstream.with_own_host() } else { upstream };
    let seed = arguments.seed.unwrap_or_else(chance);
    let recorder =
        recorder(arguments, seed).map_err(|error| refuse(Exit::Usage, format!("cannot record: {error}")))?;
    let verdict = Verdict::new(arguments)?;
    let socket = TcpListener::bind(arguments.listen).await.map_err(|error| {
        refuse(
            Exit::Usage,
            format!("cannot listen on {}: {error}; port 0 finds a free one", arguments.listen),
        )
    })?;
    let address = socket.local_addr().map_err(|error| refuse(Exit::Internal, error.to_string()))?;
    let (sender, receiver) = sync_channel(BACKLOG);
    let interposer = interposer(arguments, seed, sender);
    let counts = interposer.rule_counts();
    let mut display = Display::new(arguments.json);
    let stopped = crate::serve::stopped();
    display.listening(&listening_url(address, &arguments.to), arguments, seed);
    let writing = write_events(receiver, display, recorder, verdict, counts);
    let proxy = Proxy::start(socket, upstream, ProxyLimits::default(), Box::new(interposer))
        .map_err(|error| refuse(Exit::Internal, error.to_string()))?;
    stopped.await;
    proxy.shutdown().await;
    match tokio::task::spawn_blocking(move || writing.join()).await {
        Ok(Ok(Ok(exit))) => Ok(exit),
        Ok(Ok(Err(error))) => Err(refuse(Exit::Usage, format!("cannot record: {error}"))),
        _ => Err(refuse(Exit::Internal, "the display broke off; this is a mistake in wsrm".to_owned())),
    }
}

fn interposer(arguments: &Arguments, seed: u64, sender: SyncSender<ProxyEvent>) -> Interposer {
    let injector = FaultInjector::new(arguments.faults.clone(), seed);
    let observer = Box::new(move |event| {
        // Where nobody receives any more, the display has broken off, which is said at the end.
        let _ = sender.send(event);
    });
    Interposer::new(injector, grouping(arguments), observer)
}

fn recorder(arguments: &Arguments, seed: u64) -> Result<Option<Recorder>, RecordingError> {
    let Some(folder) = &arguments.record else { return Ok(None) };
    let faults: Vec<String> = arguments.faults.iter().map(ToString::to_string).collect();
    let description = match faults.as_slice() {
        [] => format!("recorded at {}", arguments.to),
        faults => format!("recorded at {}; {}", arguments.to, faults.join("; ")),
    };
    Recorder::create(RecorderConfig {
        folder: folder.clone(),
        grouping: grouping(arguments),
        provenance: Provenance {
            name: String::new(),
            description,
            client: arguments.client.clone(),
            service: arguments.service.clone(),
            recorder: format!("wsrm {} proxy", env!("CARGO_PKG_VERSION")),
            seed: (!faults.is_empty()).then_some(seed),
            faults,
            ..Provenance::default()
        },
        redaction: if arguments.keep_secrets { Redaction::Nothing } else { Redaction::Secrets },
    })
    .map(Some)
}

const fn grouping(arguments: &Arguments) -> Grouping {
    if arguments.whole { Grouping::Whole } else { Grouping::Sessions }
}

/// Shows and records what happens, in a thread of its own, until the proxy is gone.
fn write_events(
    receiver: Receiver<ProxyEvent>,
    mut display: Display,
    mut recorder: Option<Recorder>,
    mut verdict: Verdict,
    counts: RuleCounts,
) -> JoinHandle<Result<Exit, RecordingError>> {
    thread::spawn(move || {
        let mut result = Ok(());
        let (began, mut flushed) = (Instant::now(), Instant::now());
        loop {
            let event = match receiver.recv_timeout(FLUSH) {
                Ok(event) => Some(event),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            let mut recorded = event.iter().try_for_each(|event| match &mut recorder {
                Some(recorder) => recorder.record(event),
                None => Ok(()),
            });
            if let Some(recorder) = recorder.as_mut().filter(|_| flushed.elapsed() >= FLUSH) {
                recorded = recorded.and_then(|()| recorder.flush());
                flushed = Instant::now();
            }
            if let Some(event) = &event {
                display.event(event);
                verdict.event(event, &display);
            } else {
                verdict.settle(began.elapsed(), &display);
            }
            if let Err(error) = recorded {
                // The two sides go on; what comes is not recorded.
                display.trouble(&format!("recording ends here: {error}"));
                result = Err(error);
                recorder = None;
            }
        }
        let recordings = recorder.as_ref().map(Recorder::recordings);
        if let Some(mut recorder) = recorder {
            result = recorder.flush();
        }
        let sum = verdict.finish(&display);
        display.summary(&counts.read(), recordings, sum.as_ref());
        result.map(|()| sum.map_or(Exit::Success, |sum| verdict.exit(&sum)))
    })
}

/// The URL for the client: the proxy's address with the service's path.
fn listening_url(address: SocketAddr, to: &str) -> String {
    let path = to.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
    format!("http://{address}{}", path.unwrap_or("/"))
}

/// A seed that is short enough to be typed again.
fn chance() -> u64 {
    let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    time.map_or(1, |time| u64::from(time.subsec_micros()))
}

fn fail(exit: Exit, message: &str) -> Exit {
    anstream::eprintln!("wsrm proxy: {message}");
    exit
}
