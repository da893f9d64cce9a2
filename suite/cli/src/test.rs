//! `wsrm test`.

pub(crate) mod names;

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use clap::Args;
use wsrm_conformance::case::live::{AddressError, LiveWire};
use wsrm_conformance::case::probe::{Attempt, Probe};
use wsrm_conformance::case::{Application, Case, Stop, Suite, SuiteLimits, Target, Wire, profiles};
use wsrm_conformance::cases::destination as cases;
use wsrm_conformance::report::{Event, Run, Verb};
use wsrm_oracle::{Catalogue, Role};
use wsrm_protocol::Pattern;
use wsrm_reference::RandomIdentifiers;
use wsrm_wire::WireProfile;

use crate::binding::{Addressing, ContractName, Rm, Soap};
use crate::choice::CaseChoice;
use crate::exit::Exit;
use crate::own_message;
use crate::reporting::{RecordArguments, complain};
use crate::verdict::VerdictArguments;
use names::repeat;

const WARN: Style = AnsiColor::Yellow.on_default();

/// Test a destination: make things happen to a live service, and judge what it makes of them
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wsrm test http://127.0.0.1:8080/
      find out what the service speaks, and run every case that fits
  wsrm test http://host/service.svc --rm 1.1 --soap 1.2 --addressing 1.0 --pattern echo
      nothing is guessed
  wsrm test http://host/service.svc --case create --case close.repeated
      one family of cases, and one more case
  wsrm test http://host/service.svc --exclude-case load --level must,wcf
      everything but a family, against two levels
  wsrm test http://host/orders.svc --action urn:orders/Submit --body order.xml --pattern one-way
      application messages of your own
  wsrm test http://host/service.svc --baseline known.toml
      only changes against known deviations fail (wsrm help baseline)
  wsrm test http://host/service.svc --json > report.jsonl
      the same as data, one object a case
  wsrm test http://host/service.svc --junit report.xml --html report.html
      for a build server, and for a browser
  wsrm test http://host/service.svc --record before
      what is said in each case, to be judged, shown, and compared with another run (wsrm diff before after)

A case only makes things happen; the verdict comes from judging everything that the service said, as wsrm judge does. Cases that can harm a service (floods, giant messages, the largest numbers) are run only with --hostile; those that wait for minutes only with --slow. Every sequence that was opened is ended again.

The last line is always: N requirements judged: M met, V violated (a must, b should, c wcf), D differ from WCF, X not exercised.

Exit codes: 0 nothing is violated; 10 a must or wcf requirement is violated; 11 only should requirements are, or with --strict WCF's ways; 12 nothing graver was found, and a case could not be gone through with; 13 none of these, and a deviation of --baseline is not there any more; 3 nobody answers, or nothing that is spoken here; 2 an argument is wrong.")]
pub(crate) struct Arguments {
    /// The address of the service, http://…
    #[arg(value_name = "URL", required_unless_present = "list")]
    url: Option<String>,

    /// Test this WS-ReliableMessaging version [default: each that is found]
    #[arg(long, value_name = "VERSION")]
    rm: Option<Rm>,

    /// Test this SOAP version [default: the first that is found]
    #[arg(long, value_name = "VERSION")]
    soap: Option<Soap>,

    /// Test this WS-Addressing version [default: the first that is found]
    #[arg(long, value_name = "VERSION")]
    addressing: Option<Addressing>,

    /// Test two-way calls or one-way messages [default: what is found]
    #[arg(long, alias = "contract", value_name = "PATTERN")]
    pattern: Option<ContractName>,

    /// Test every profile that is found, not only the first framing
    #[arg(long)]
    all_profiles: bool,

    /// Print the names of the cases, and what happens in each
    #[arg(long)]
    list: bool,

    /// The action of the application messages, where the service has operations of its own
    #[arg(long, value_name = "URI", requires = "body")]
    action: Option<String>,

    /// A file with the content of their body; {text} in it stands for a text that differs
    #[arg(long, value_name = "FILE", requires = "action")]
    body: Option<PathBuf>,

    /// Cases at a time; those that only wait are not counted
    #[arg(long, value_name = "COUNT", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: u8,

    /// Run everything so many times, and say how steady each verdict is
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    repeat: u16,

    /// Begin no case after this time of a round [default: 60, with --slow 600]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=86400))]
    deadline: Option<u32>,

    #[command(flatten)]
    case_choice: CaseChoice,

    #[command(flatten)]
    pub(crate) verdict: VerdictArguments,

    #[command(flatten)]
    record: RecordArguments,
}

/// Why there is no verdict.
struct Refusal(Exit, String);

impl From<AddressError> for Refusal {
    fn from(error: AddressError) -> Self {
        let exit = match error {
            AddressError::Https(_) => Exit::Unsupported,
            AddressError::Form(_) => Exit::Usage,
        };
        Self(exit, error.to_string())
    }
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let result = if arguments.list {
        list(arguments)
    } else {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime
            .map_err(|error| Refusal(Exit::Internal, format!("cannot start: {error}")))
            .and_then(|runtime| runtime.block_on(test(arguments)))
    };
    result.unwrap_or_else(|Refusal(exit, message)| {
        anstream::eprintln!("wsrm test: {message}");
        exit
    })
}

fn list(arguments: &Arguments) -> Result<Exit, Refusal> {
    let cases = arguments.case_choice.of_all(cases::all());
    names::list(&cases.map_err(|error| Refusal(Exit::Usage, error))?);
    Ok(Exit::Success)
}

async fn test(arguments: &Arguments) -> Result<Exit, Refusal> {
    let url = arguments.url.as_deref().unwrap_or_default();
    let catalogue = Catalogue::load().map_err(|error| Refusal(Exit::Internal, error.to_string()))?;
    let usage = |message| Refusal(Exit::Usage, message);
    let selection = arguments.verdict.choice.of_side(Role::Destination, &catalogue).map_err(usage)?;
    let is_partial = arguments.verdict.choice.is_partial() || arguments.case_choice.is_partial();
    let side = Some(Role::Destination);
    let comparison =
        arguments.verdict.baseline.comparison(&catalogue, &selection, side, is_partial).map_err(usage)?;
    let catalogue = catalogue.only(|requirement| selection.has(requirement));
    let cases = arguments.case_choice.of(cases::all()).map_err(usage)?;
    let limits = limits(arguments, &cases);
    let targets = targets(arguments, url, &limits).await?;
    let repeat = |case: &Case, target: &Target| repeat(arguments, url, case, target);
    let sanity = cases::find(cases::SANITY).filter(|_| !arguments.case_choice.is_partial());
    let suite = Suite { cases: &cases, sanity, catalogue: &catalogue, limits, repeat: &repeat, revive: None };
    let reporters = arguments.verdict.reporters_of_cases(&arguments.record, &catalogue);
    let reporters = RefCell::new(reporters.map_err(|message| Refusal(Exit::Usage, message))?);
    reporters.borrow_mut().compare(comparison);
    let emit = |event: Event| reporters.borrow_mut().emit(&event);
    let began = Instant::now();
    let is_hostile = cases.iter().any(|case| case.hostile);
    if is_hostile {
        anstream::eprintln!(
            "{WARN}hostile cases are on: floods, giant messages, the largest numbers{WARN:#}"
        );
    }
    emit(Event::RunBegan(Run {
        verb: Verb::Test,
        subjects: targets.iter().map(|target| format!("{url} {}", target.dialect())).collect(),
        planned: suite.planned(targets.len()),
        is_hostile,
    }));
    suite.run(&targets, &emit).await?;
    let reporters = reporters.into_inner();
    let comparison = reporters.comparison().cloned();
    let (summary, errors) = reporters.finish(Some(began.elapsed()));
    Ok(complain("test", &errors)
        .or_else(|| arguments.verdict.baseline.write(comparison, &summary, true))
        .unwrap_or_else(|| {
            let is_broken = Exit::Internal.when(summary.harness_errors > 0);
            arguments.verdict.exit(&summary, [is_broken])
        }))
}

/// How long things may take.
fn limits(arguments: &Arguments, cases: &[&Case]) -> SuiteLimits {
    let takes_time = cases.iter().any(|case| case.slow);
    let seconds = arguments.deadline.unwrap_or(if takes_time { 600 } else { 60 });
    SuiteLimits {
        jobs: usize::from(arguments.jobs),
        rounds: usize::from(arguments.repeat),
        run: Duration::from_secs(seconds.into()),
        ..SuiteLimits::default()
    }
}

/// What is tested: what was said, or else what is found.
async fn targets(arguments: &Arguments, url: &str, limits: &SuiteLimits) -> Result<Vec<Target>, Refusal> {
    let own = own_message(arguments)?;
    let application = |pattern: Pattern| match &own {
        Some((action, body)) => Application::own(pattern, action.clone(), body.clone()),
        None => Application::recorded(pattern),
    };
    let target = |profile: WireProfile, pattern: Pattern| Target {
        address: url.to_owned(),
        profile,
        pattern,
        application: application(pattern),
    };
    let allowed: Vec<WireProfile> = profiles()
        .filter(|profile| {
            arguments.rm.is_none_or(|Rm(rm)| rm == profile.rm)
                && arguments.soap.is_none_or(|Soap(soap)| soap == profile.soap)
                && arguments.addressing.is_none_or(|Addressing(addressing)| addressing == profile.addressing)
        })
        .collect();
    let pattern = arguments.pattern.map(ContractName::pattern);
    if let ([profile], Some(pattern)) = (allowed.as_slice(), pattern) {
        LiveWire::new(url, limits.wire)?;
        return Ok(vec![target(*profile, pattern)]);
    }
    let wire: Rc<dyn Wire> = Rc::new(LiveWire::new(url, limits.wire)?);
    let both = [Pattern::RequestReply, Pattern::OneWay];
    let probe = Probe {
        address: url,
        profiles: &allowed,
        patterns: pattern.as_ref().map_or(&both, std::slice::from_ref),
        all: arguments.all_profiles,
        application: &application,
        identifiers: &|| Box::new(RandomIdentifiers::new()),
    };
    let unreachable = |stop: Stop| Refusal(Exit::Unreachable, stop.to_string());
    let attempts = probe.attempts(&wire, &|_| ()).await.map_err(unreachable)?;
    let found = attempts.iter().filter_map(|attempt| Some((attempt.profile, attempt.found?)));
    let wanted = found.filter(|(_, found)| pattern.is_none_or(|pattern| pattern == *found));
    let found: Vec<Target> = wanted.map(|(profile, found)| target(profile, found)).collect();
    if found.is_empty() { Err(nothing_spoken(url, &attempts)) } else { Ok(found) }
}

fn nothing_spoken(url: &str, attempts: &[Attempt]) -> Refusal {
    let mut message = format!("{url} grants no sequence in any form that was tried:");
    for attempt in attempts {
        message.push_str(&format!("\n  {}: {}", attempt.dialect(), attempt.words));
    }
    Refusal(Exit::Unreachable, message)
}

fn own_message(arguments: &Arguments) -> Result<Option<(String, String)>, Refusal> {
    let (Some(action), Some(path)) = (&arguments.action, &arguments.body) else { return Ok(None) };
    let text = own_message::read(path).map_err(|message| Refusal(Exit::Usage, message))?;
    Ok(Some((action.clone(), text)))
}
