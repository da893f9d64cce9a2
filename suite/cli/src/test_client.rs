//! `wsrm test-client`.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use clap::Args;
use wsrm_conformance::case::{Application, Case, Target, profiles};
use wsrm_conformance::cases::source as cases;
use wsrm_conformance::entry::Verdict;
use wsrm_conformance::invitation::process::ClientCommand;
use wsrm_conformance::invitation::{ClientLimits, ClientSuite};
use wsrm_conformance::report::{Event, Run, Verb};
use wsrm_oracle::{Catalogue, Role};
use wsrm_protocol::Pattern;
use wsrm_wire::{AddressingVersion, SoapVersion};

use crate::binding::{Addressing, ContractName, Rm, Soap, Span};
use crate::choice::CaseChoice;
use crate::exit::Exit;
use crate::own_message::OwnMessages;
use crate::reporting::{RecordArguments, complain, quoted};
use crate::serve::stopped;
use crate::test::names;
use crate::verdict::VerdictArguments;

const WARN: Style = AnsiColor::Yellow.on_default();

/// Test a source: start a client once for each case, answer it badly, and judge what it makes of that
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wsrm test-client --run \"dotnet run --project Client -- {url} {rm} {pattern}\"
      every case in both RM versions, one-way and two-way, in SOAP 1.2 and WS-Addressing 1.0
  wsrm test-client --run ./client.sh --rm 1.1 --pattern one-way
      what to do stands in the environment: WSRM_URL, WSRM_RM and the others below
  wsrm test-client --run ./client.sh --case loss --case opening.refused
      one family of cases, and one more case
  wsrm test-client --run ./orders.sh --action urn:orders/Submit --body submitted.xml
      a client that calls an operation of its own, and what it is answered
  wsrm test-client --run \"wsrm send --from-environment\"
      the reference client
  wsrm test-client --run ./client.sh --record before
      what is said in each case, to be judged, shown, and compared with another run (wsrm diff before after)

The client is started once for each case, several at a time. It opens a session at the URL, sends as many messages as it is told (the operations are those of WCF's recordings: two-way http://tempuri.org/IEcho/Echo, one-way http://tempuri.org/IOneWay/Send, each with one string named text; --action and --body speak of others), closes the session and ends. It is told what to do by its environment, and what stands in braces in COMMAND stands for the same:
  WSRM_URL       {url}       where the service is
  WSRM_RM        {rm}        1.0 or 1.1
  WSRM_SOAP      {soap}      1.1 or 1.2
  WSRM_WSA       {wsa}       1.0 or 2004
  WSRM_PATTERN   {pattern}   one-way or request-reply
  WSRM_MESSAGES  {messages}  how many messages to send
  WSRM_CASE      {case}      the name of the case

Its exit status says what its application saw: 0 all messages were delivered and the session ended well; 1 an error was reported; 3 it cannot do this profile (not applicable). Anything else, an end by a signal, or running for too long is trouble with the client and no finding. Success over a message that was lost is one.

COMMAND is a program and its arguments; quotes hold words together, and there is no shell: write sh -c '...' for one. All that the client started is ended with it.

The last line is always: N requirements judged: M met, V violated (a must, b should, c wcf), D differ from WCF, X not exercised.

Exit codes: 0 nothing is violated; 10 a must or wcf requirement is violated; 11 only should requirements are, or with --strict WCF's ways; 12 nothing graver was found, and a case could not be gone through with; 13 none of these, and a deviation of --baseline is not there any more; 3 the client can do none of it; 2 an argument is wrong, or the client cannot be started.")]
pub(crate) struct Arguments {
    /// The client: a program and its arguments
    #[arg(long, value_name = "COMMAND", required_unless_present = "list")]
    run: Option<String>,

    /// Test this WS-ReliableMessaging version [default: both]
    #[arg(long, value_name = "VERSION")]
    rm: Option<Rm>,

    /// Test this SOAP version [default: 1.2]
    #[arg(long, value_name = "VERSION")]
    soap: Option<Soap>,

    /// Test this WS-Addressing version [default: 1.0]
    #[arg(long, value_name = "VERSION")]
    addressing: Option<Addressing>,

    /// Test two-way calls or one-way messages [default: both]
    #[arg(long, alias = "contract", value_name = "PATTERN")]
    pattern: Option<ContractName>,

    /// Test every SOAP and WS-Addressing version, too
    #[arg(long)]
    all_profiles: bool,

    #[command(flatten)]
    own: OwnMessages,

    /// Print the names of the cases, and what happens in each
    #[arg(long)]
    list: bool,

    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,

    /// Cases at a time
    #[arg(long, value_name = "COUNT", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: u8,

    /// How long a client may take for a case; for a slow one five times as long
    #[arg(long, value_name = "TIME", default_value = "60s")]
    time_limit: Span,

    #[command(flatten)]
    case_choice: CaseChoice,

    #[command(flatten)]
    pub(crate) verdict: VerdictArguments,

    #[command(flatten)]
    record: RecordArguments,
}

/// Why there is no verdict.
struct Refusal(Exit, String);

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let result = if arguments.list {
        list(arguments)
    } else {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime
            .map_err(|error| Refusal(Exit::Internal, format!("cannot start: {error}")))
            .and_then(|runtime| runtime.block_on(test_client(arguments)))
    };
    result.unwrap_or_else(|Refusal(exit, message)| {
        anstream::eprintln!("wsrm test-client: {message}");
        exit
    })
}

fn list(arguments: &Arguments) -> Result<Exit, Refusal> {
    let cases = arguments.case_choice.of_all(cases::all());
    names::list(&cases.map_err(|error| Refusal(Exit::Usage, error))?);
    Ok(Exit::Success)
}

async fn test_client(arguments: &Arguments) -> Result<Exit, Refusal> {
    let usage = |message| Refusal(Exit::Usage, message);
    let command = ClientCommand::parse(arguments.run.as_deref().unwrap_or_default())
        .map_err(|error| usage(format!("--run: {error}")))?;
    let catalogue = Catalogue::load().map_err(|error| Refusal(Exit::Internal, error.to_string()))?;
    let selection = arguments.verdict.choice.of_side(Role::Source, &catalogue).map_err(usage)?;
    let is_partial = arguments.verdict.choice.is_partial() || arguments.case_choice.is_partial();
    let side = Some(Role::Source);
    let comparison =
        arguments.verdict.baseline.comparison(&catalogue, &selection, side, is_partial).map_err(usage)?;
    let catalogue = catalogue.only(|requirement| selection.has(requirement));
    let cases = arguments.case_choice.of(cases::all()).map_err(usage)?;
    let targets = targets(arguments, command.program()).map_err(usage)?;
    let suite = ClientSuite {
        command: &command,
        cases: &cases,
        sanity: cases::find(cases::SANITY).filter(|_| !arguments.case_choice.is_partial()),
        catalogue: &catalogue,
        limits: limits(arguments),
        repeat: &|case, target| repeat(arguments, case, target),
    };
    let reporters = arguments.verdict.reporters_of_cases(&arguments.record, &catalogue);
    let reporters = RefCell::new(reporters.map_err(|message| Refusal(Exit::Usage, message))?);
    reporters.borrow_mut().compare(comparison);
    let is_in_trouble = Cell::new(false);
    let emit = |event: Event| {
        is_in_trouble.set(is_in_trouble.get() || is_own_trouble(&event));
        reporters.borrow_mut().emit(&event);
    };
    let began = Instant::now();
    let is_hostile = cases.iter().any(|case| case.hostile);
    if is_hostile {
        anstream::eprintln!("{WARN}hostile cases are on: giant answers, endless ones, huge numbers{WARN:#}");
    }
    let program = command.program();
    emit(Event::RunBegan(Run {
        verb: Verb::TestClient,
        subjects: targets.iter().map(|target| format!("{program} {}", target.dialect())).collect(),
        planned: suite.planned(targets.len()),
        is_hostile,
    }));
    let is_whole = tokio::select! {
        result = suite.run(arguments.listen, &targets, &emit) => {
            result.map_err(|error| refusal(arguments, &command, &error))?;
            true
        }
        () = stopped() => false,
    };
    if !is_whole {
        emit(Event::Remark("the run was ended before its time, and the clients with it".to_owned()));
    }
    let reporters = reporters.into_inner();
    let comparison = reporters.comparison().cloned();
    let (summary, errors) = reporters.finish(Some(began.elapsed()));
    let wrote = || arguments.verdict.baseline.write(comparison, &summary, is_whole);
    let did_nothing = is_whole && summary.run() == 0;
    Ok(complain("test-client", &errors).or_else(wrote).unwrap_or_else(|| {
        if did_nothing {
            anstream::eprintln!(
                "wsrm test-client: the client can do none of this, so nothing can be said about it"
            );
        }
        let others = [
            Exit::Internal.when(is_in_trouble.get()),
            Exit::Unreachable.when(did_nothing),
            Exit::Incomplete.when(summary.harness_errors > 0 || !is_whole),
        ];
        arguments.verdict.exit(&summary, others)
    }))
}

/// Whether the suite itself is in trouble, and not the client.
pub(crate) fn is_own_trouble(event: &Event) -> bool {
    let Event::EntryEnded(entry) = event else { return false };
    let is_of_client = entry.client.as_ref().is_some_and(|client| client.end.is_trouble());
    matches!(entry.verdict, Verdict::HarnessError(_)) && !is_of_client
}

fn refusal(arguments: &Arguments, command: &ClientCommand, error: &std::io::Error) -> Refusal {
    let program = command.program();
    Refusal(
        Exit::Usage,
        match error.kind() {
            std::io::ErrorKind::NotFound => format!(
                "--run: there is no program {program:?}; it is looked for as the shell does, and no shell is asked"
            ),
            std::io::ErrorKind::PermissionDenied => format!("--run: {program:?} may not be started: {error}"),
            std::io::ErrorKind::AddrInUse | std::io::ErrorKind::AddrNotAvailable => {
                format!(
                    "cannot listen on {}: {error}; --listen 127.0.0.1:0 finds a free port",
                    arguments.listen
                )
            }
            _ => format!("{program}: {error}"),
        },
    )
}

fn limits(arguments: &Arguments) -> ClientLimits {
    let Span(case) = arguments.time_limit;
    let slow_case = case.saturating_mul(5).min(Duration::from_secs(3600));
    ClientLimits { jobs: usize::from(arguments.jobs), case, slow_case, ..ClientLimits::default() }
}

/// The forms that the client is tested in.
fn targets(arguments: &Arguments, program: &str) -> Result<Vec<Target>, String> {
    let soap = arguments.soap.map_or(SoapVersion::Soap12, |Soap(soap)| soap);
    let addressing = arguments.addressing.map_or(AddressingVersion::Addressing10, |Addressing(it)| it);
    let fits_soap = |other| soap == other || (arguments.all_profiles && arguments.soap.is_none());
    let fits_addressing =
        |other| addressing == other || (arguments.all_profiles && arguments.addressing.is_none());
    let patterns = [Pattern::RequestReply, Pattern::OneWay];
    let pattern = arguments.pattern.map(ContractName::pattern);
    let own = arguments.own.application(pattern)?;
    let pattern = own.as_ref().map(|(pattern, _)| *pattern).or(pattern);
    let targets = profiles()
        .filter(|profile| arguments.rm.is_none_or(|Rm(rm)| rm == profile.rm))
        .filter(|profile| fits_soap(profile.soap) && fits_addressing(profile.addressing))
        .flat_map(|profile| patterns.map(|pattern| (profile, pattern)))
        .filter(|(_, own)| pattern.is_none_or(|pattern| pattern == *own))
        .map(|(profile, pattern)| Target {
            address: program.to_owned(),
            profile,
            pattern,
            application: match &own {
                Some((_, application)) => application.clone(),
                None => Application::recorded(pattern),
            },
        });
    Ok(targets.collect())
}

/// The command that puts the client through this case alone again.
fn repeat(arguments: &Arguments, case: &Case, target: &Target) -> String {
    let run = quoted(arguments.run.as_deref().unwrap_or_default());
    format!("wsrm test-client --run {run} {}{}", names::options(case, target), arguments.own.options())
}
