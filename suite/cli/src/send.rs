//! `wsrm send`: the reference source, against any service.

pub(crate) mod advice;
mod errand;
mod mutant;
mod report;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::task::JoinSet;
use wsrm_protocol::{InitiatorConfig, OutgoingMessage};
use wsrm_reference::mutants::Mutant;
use wsrm_reference::{Client, ClientConfig, ClientError, ClientLimits, contract};
use wsrm_wire::Fragment;

use crate::binding::{Binding, BindingArguments, ContractName, Refusal, Span};
use crate::exit::Exit;
use crate::own_message;
use report::{Failure, Report};

/// Run the reference source (a WCF-like client) against a URL
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  wsrm send http://127.0.0.1:8080/
      one session with ten echoes, RM 1.0, SOAP 1.2
  wsrm send http://host/service.svc -n 1000 --pattern one-way --rm 1.1 --window 32
      a thousand one-way messages, up to 32 on their way at a time
  wsrm send http://host/service.svc --pattern echo --parallel 4 --text \"sleep:200\"
      four calls at a time, each of which a wsrm service holds back for 200 ms
  wsrm send http://host/orders.svc -n 1 --action urn:orders/Submit --body order.xml
      a message of your own as the content of the body
  wsrm send http://host/service.svc --config App.config --endpoint orders --json
      the binding of a WCF configuration; the summary as JSON
  wsrm send http://127.0.0.1:8080/ --rm 1.1 --mutant sequence.from-zero
      a client with a bug, to see what a service, `wsrm proxy` or `wsrm judge` says of it
  wsrm test-client --run \"wsrm send --from-environment\"
      as the client under test")]
pub(crate) struct Arguments {
    /// The address of the service, http://…
    #[arg(value_name = "URL", required_unless_present = "from_environment")]
    url: Option<String>,
    /// Be the client that `wsrm test-client` starts: WSRM_URL, WSRM_RM and the others say what to do, and the exit code
    /// says what came of it (0 all well, 1 an error, 3 this cannot be spoken)
    #[arg(long, conflicts_with_all = ["url", "messages", "pattern", "rm", "soap", "addressing"])]
    from_environment: bool,
    /// How many messages
    #[arg(short = 'n', long, value_name = "COUNT", default_value_t = 10)]
    messages: u64,
    /// What to send: two-way calls, one-way messages, or both in turn
    #[arg(long, alias = "contract", value_name = "PATTERN", default_value = "echo")]
    pattern: ContractName,
    /// The text of the messages; {n} stands for the number of the message
    #[arg(long, default_value = "message {n}")]
    text: String,
    /// Messages that wait for their reply or acknowledgement at a time [default: 1; one-way: the window]
    #[arg(long, value_name = "MESSAGES", value_parser = clap::value_parser!(u64).range(1..=4096))]
    parallel: Option<u64>,
    /// The action of the messages, where the service has operations of its own
    #[arg(long, value_name = "URI", requires = "body")]
    action: Option<String>,
    /// A file with the content of the body
    #[arg(long, value_name = "FILE", requires = "action", conflicts_with = "text")]
    body: Option<PathBuf>,
    /// Keep trying to open where nobody answers, as a WCF client does, until the open timeout
    #[arg(long)]
    wait: bool,
    /// Bounds the whole run
    #[arg(long, value_name = "TIME")]
    time_limit: Option<Span>,
    /// Have this bug (`wsrm mutants --list` has all), to see what is said of it
    #[arg(long, value_name = "NAME", value_parser = mutant::named,
          conflicts_with_all = ["text", "parallel", "wait", "time_limit", "json"])]
    mutant: Option<&'static Mutant>,
    /// Write the summary as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    binding: BindingArguments,
}

/// What is sent.
struct Plan {
    pattern: ContractName,
    text: String,
    own: Option<OutgoingMessage>,
    parallel: u64,
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    if !arguments.from_environment {
        return run_as_told(arguments);
    }
    match errand::read(arguments, &|name| std::env::var(name).ok()) {
        Ok(arguments) => errand::exit(run_as_told(&arguments)),
        Err(Refusal { exit, message }) => errand::exit(fail(exit, &message)),
    }
}

fn run_as_told(arguments: &Arguments) -> Exit {
    let prepared = arguments.binding.resolve().and_then(|binding| {
        let plan = plan(arguments, &binding)?;
        Ok((binding, plan))
    });
    let (binding, plan) = match prepared {
        Ok(prepared) => prepared,
        Err(Refusal { exit, message }) => return fail(exit, &message),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(Exit::Internal, &format!("cannot start: {error}")),
    };
    runtime.block_on(send(arguments, &binding, Arc::new(plan)))
}

async fn send(arguments: &Arguments, binding: &Binding, plan: Arc<Plan>) -> Exit {
    let started = Instant::now();
    let initiator = InitiatorConfig {
        address: arguments.url.clone().unwrap_or_default(),
        profile: binding.profile,
        pattern: arguments.pattern.pattern(),
        settings: binding.settings.clone(),
        timeouts: binding.timeouts.clone(),
        language: "en-US".to_owned(),
    };
    if let Some(mutant) = arguments.mutant {
        let sent = mutant::send(arguments, initiator, mutant).await;
        return sent.unwrap_or_else(|Refusal { exit, message }| fail(exit, &message));
    }
    let config = ClientConfig { initiator, limits: ClientLimits::default(), patient: arguments.wait };
    let mut report = Report::new(arguments.url.as_deref().unwrap_or_default(), binding);
    let work = session(arguments, plan, config, &mut report);
    match arguments.time_limit {
        None => work.await,
        Some(Span(limit)) => {
            if tokio::time::timeout(limit, work).await.is_err() {
                report.failure = Some(Failure::out_of_time(limit));
            }
        }
    }
    report.duration = started.elapsed();
    report.print(arguments.json);
    report.exit()
}

/// One session from open to close.
async fn session(arguments: &Arguments, plan: Arc<Plan>, config: ClientConfig, report: &mut Report) {
    let client = match Client::open(config).await {
        Ok(client) => Arc::new(client),
        Err(error) => return report.failure = Some(Failure::new("opening the session", &error)),
    };
    report.identifier = client.identifier().map(|identifier| identifier.to_string());
    let progress = Progress::new(arguments.messages);
    let transferred = transfer(arguments, &plan, &client, &progress, report).await;
    if let Err((number, error)) = transferred {
        report.failure = Some(Failure::new(&format!("message {number}"), &error));
    } else if let Err(error) = client.close().await {
        report.failure = Some(Failure::new("closing the session", &error));
    }
    if report.failure.is_some() && client.failure().is_none() {
        client.abort().await;
    }
    progress.finish();
    report.statistics = client.statistics();
}

async fn transfer(
    arguments: &Arguments,
    plan: &Arc<Plan>,
    client: &Arc<Client>,
    progress: &Progress,
    report: &mut Report,
) -> Result<(), (u64, ClientError)> {
    let mut calls = JoinSet::new();
    for number in 1..=arguments.messages {
        while calls.len() as u64 >= plan.parallel {
            settle(&mut calls, report).await?;
            progress.advance(report);
        }
        let (client, plan) = (Arc::clone(client), Arc::clone(plan));
        calls.spawn(async move {
            let message = plan.message(number);
            let outcome = if plan.is_two_way(number) {
                client.call(message).await.map(|reply| plan.judge(number, &reply))
            } else {
                client.send(message).await.map(|()| Reply::None)
            };
            outcome.map_err(|error| (number, error))
        });
    }
    while !calls.is_empty() {
        settle(&mut calls, report).await?;
        progress.advance(report);
    }
    Ok(())
}

/// Takes the outcome of one call.
async fn settle(
    calls: &mut JoinSet<Result<Reply, (u64, ClientError)>>,
    report: &mut Report,
) -> Result<(), (u64, ClientError)> {
    if let Some(Ok(outcome)) = calls.join_next().await {
        let reply = outcome?;
        report.sent += 1;
        match reply {
            Reply::None => {}
            Reply::AsExpected => report.replies += 1,
            Reply::Fault => report.faults += 1,
            Reply::Other => report.unexpected += 1,
        }
    }
    Ok(())
}

/// What a reply was.
enum Reply {
    None,
    AsExpected,
    Fault,
    Other,
}

impl Plan {
    fn is_two_way(&self, number: u64) -> bool {
        match self.pattern {
            ContractName::Echo => true,
            ContractName::OneWay => false,
            ContractName::Mixed => number % 2 == 1,
        }
    }

    fn text(&self, number: u64) -> String {
        self.text.replace("{n}", &number.to_string())
    }

    fn message(&self, number: u64) -> OutgoingMessage {
        if let Some(own) = &self.own {
            return own.clone();
        }
        let operation = if self.is_two_way(number) { "Echo" } else { "Send" };
        let action = self.pattern.contract().action(operation);
        OutgoingMessage { action, body: contract::request_body(operation, &self.text(number)) }
    }

    fn judge(&self, number: u64, reply: &wsrm_protocol::Delivery) -> Reply {
        let echoes = || contract::read_result(&reply.body, "Echo") == Ok(Some(self.text(number)));
        if reply.is_fault {
            Reply::Fault
        } else if self.own.is_some() || echoes() {
            Reply::AsExpected
        } else {
            Reply::Other
        }
    }
}

/// A bar on a terminal, for runs of more than a second.
struct Progress {
    bar: ProgressBar,
    started: Instant,
}

impl Progress {
    fn new(messages: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(messages), ProgressDrawTarget::hidden());
        if let Ok(style) =
            ProgressStyle::with_template("{bar:40} {pos}/{len} messages, {per_sec}, {eta} left")
        {
            bar.set_style(style);
        }
        Self { bar, started: Instant::now() }
    }

    fn advance(&self, report: &Report) {
        let late = self.started.elapsed() > Duration::from_secs(1);
        if self.bar.is_hidden() && late && std::io::stderr().is_terminal() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_position(report.sent);
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

fn plan(arguments: &Arguments, binding: &Binding) -> Result<Plan, Refusal> {
    let own = match (&arguments.action, &arguments.body) {
        (Some(action), Some(path)) => {
            Some(OutgoingMessage { action: action.clone(), body: read_body(path)? })
        }
        _ => None,
    };
    if own.is_some() && arguments.pattern == ContractName::Mixed {
        let message = "--action names one operation: --pattern echo or one-way says which kind".to_owned();
        return Err(Refusal { exit: Exit::Usage, message });
    }
    let usual = match arguments.pattern {
        ContractName::OneWay => binding.settings.max_transfer_window_size.into(),
        ContractName::Echo | ContractName::Mixed => 1,
    };
    let parallel = arguments.parallel.unwrap_or(usual);
    Ok(Plan { pattern: arguments.pattern, text: arguments.text.clone(), own, parallel })
}

fn read_body(path: &Path) -> Result<Fragment<'static>, Refusal> {
    read_text(path).map(Fragment::self_contained)
}

/// What is to stand in the body, as text that is known to be XML.
fn read_text(path: &Path) -> Result<String, Refusal> {
    own_message::read(path).map_err(|message| Refusal { exit: Exit::Usage, message })
}

fn fail(exit: Exit, message: &str) -> Exit {
    anstream::eprintln!("wsrm send: {message}");
    exit
}
