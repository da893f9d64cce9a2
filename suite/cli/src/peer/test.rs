//! `wsrm peer test`.

mod attended;
mod plan;

use std::cell::{Cell, RefCell};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use wsrm_conformance::baseline::Comparison;
use wsrm_conformance::case::{Case, Suite, SuiteLimits, Target};
use wsrm_conformance::invitation::process::ClientCommand;
use wsrm_conformance::invitation::{ClientLimits, ClientSuite};
use wsrm_conformance::report::console::CasesConsole;
use wsrm_conformance::report::{Event, Reporters, Run, Verb};
use wsrm_oracle::Catalogue;

use super::presence::Presence;
use super::{FolderArguments, Peer, Refusal};
use crate::baseline::BaselineArguments;
use crate::binding::{Addressing, ContractName, Rm, Soap, Span};
use crate::choice::{CaseChoice, RequirementChoice};
use crate::exit::Exit;
use crate::progress::Progress;
use crate::reporting::{ReportArguments, complain, quoted};
use crate::serve::stopped;
use crate::test::names;
use crate::{terminal, test_client};
use attended::Attended;
use plan::{Part, Plan};

/// Test a peer in both roles, and hold what is found against its known deviations
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wsrm peer test gsoap
      its service as wsrm test would, its client as wsrm test-client would, in all that its manifest lists
  wsrm peer test cxf --role source --rm 1.0
      its client alone, in one version
  wsrm peer test metro --case close --html report.html
      one family of cases; a page with the messages of each finding
  wsrm peer test gsoap --no-baseline
      what is known fails, too
  wsrm peer test gsoap --write
      write what is violated into its baseline; reasons that stand there are kept, new ones are to be replaced

The service is started as peer.toml says, with an address for each version and pattern that it speaks, and is started \
again where it dies; the client is started for each case. Both speak WS-Addressing 1.0 where they can; --all-profiles \
adds the other. All that is started is ended: with Ctrl-C, when it fails, and when wsrm is killed.

The known deviations are those that peer.toml names, such as golden/verdicts/gsoap.toml: what is in there fails nothing; what is new does, and so does what is not there any more. What belongs to a role, a version or a case that is not run is not looked for.

The last line is always: N requirements judged: M met, V violated (a must, b should, c wcf), D differ from WCF, X not exercised.

Exit codes: 0 nothing is violated but what is known; 10 a must or wcf requirement is violated; 11 only should requirements are, or with --strict WCF's ways; 12 nothing graver was found, and a case could not be gone through with; 13 none of these, and a known deviation is not there any more; 3 the peer is not installed, so it is skipped, or its service does not start; 4 it does not speak this; 2 an argument is wrong.")]
pub(super) struct Arguments {
    /// Which
    #[arg(value_name = "NAME")]
    name: String,

    /// Test this WS-ReliableMessaging version [default: each that it speaks]
    #[arg(long, value_name = "VERSION")]
    rm: Option<Rm>,

    /// Test this SOAP version [default: each that it speaks]
    #[arg(long, value_name = "VERSION")]
    soap: Option<Soap>,

    /// Test this WS-Addressing version [default: 1.0 where it speaks that]
    #[arg(long, value_name = "VERSION")]
    addressing: Option<Addressing>,

    /// Test two-way calls or one-way messages [default: both]
    #[arg(long, alias = "contract", value_name = "PATTERN")]
    pattern: Option<ContractName>,

    /// Test every WS-Addressing version that it speaks, too
    #[arg(long)]
    all_profiles: bool,

    /// A file of known deviations [default: what its manifest names]
    #[arg(long, value_name = "FILE", conflicts_with = "no_baseline")]
    baseline: Option<PathBuf>,

    /// Know of no deviations
    #[arg(long)]
    no_baseline: bool,

    /// Write what is violated to the file of known deviations
    #[arg(long, conflicts_with = "no_baseline")]
    write: bool,

    /// Cases at a time
    #[arg(long, value_name = "COUNT", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: u8,

    /// How long its client may take for a case; for a slow one five times as long [default: what its manifest says]
    #[arg(long, value_name = "TIME")]
    time_limit: Option<Span>,

    /// Begin no case of a service after this time for each of its forms [default: 60, with --slow 600]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=86400))]
    deadline: Option<u32>,

    #[command(flatten)]
    case_choice: CaseChoice,

    #[command(flatten)]
    choice: RequirementChoice,

    /// Differences from WCF count as violations for the exit code
    #[arg(long)]
    strict: bool,

    /// Draw this many characters wide, instead of what the terminal has
    #[arg(long, value_name = "CHARACTERS", value_parser = clap::value_parser!(u16).range(40..=400))]
    width: Option<u16>,

    #[command(flatten)]
    reports: ReportArguments,

    #[command(flatten)]
    folder: FolderArguments,
}

/// A run that is under way.
struct Tester<'a> {
    arguments: &'a Arguments,
    peer: &'a Peer,
    /// Of what is asked for.
    catalogue: &'a Catalogue,
    reporters: RefCell<Reporters<'static>>,
    /// Entries of the parts that are over.
    behind: Cell<usize>,
    is_own_trouble: Cell<bool>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Refusal> {
    let peer = arguments.folder.find(&arguments.name)?;
    let catalogue = Catalogue::load().map_err(Refusal::internal)?;
    let selection = arguments.choice.of_judged(&catalogue).map_err(Refusal::usage)?;
    let plan = Plan::of(arguments, &peer, &selection)?;
    match Presence::of(&peer) {
        Presence::Ready => {}
        absent => {
            let message = format!("{} is skipped: it is {absent}", peer.manifest.id);
            return Err(Refusal::new(Exit::Unreachable, message));
        }
    }
    let baseline = baseline(arguments, &peer)?;
    let is_partial = arguments.choice.is_partial_beside_role() || arguments.case_choice.is_partial();
    let comparison =
        baseline.comparison(&catalogue, &selection, plan.side(), is_partial).map_err(Refusal::usage)?;
    let catalogue = catalogue.only(|requirement| selection.has(requirement));
    let service = match &plan.destination {
        Some(part) => Some(Attended::start(&peer, part.forms.clone())?),
        None => None,
    };
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Refusal::internal)?;
    let tester = Tester {
        arguments,
        peer: &peer,
        catalogue: &catalogue,
        reporters: RefCell::new(reporters(arguments, &catalogue, comparison)?),
        behind: Cell::new(0),
        is_own_trouble: Cell::new(false),
    };
    let began = Instant::now();
    let is_whole = runtime.block_on(tester.run(&plan, service.as_ref()))?;
    // The service is ended before the sums are told.
    drop(service);
    Ok(tester.finish(&baseline, began.elapsed(), is_whole))
}

/// The file that is read or written.
fn baseline(arguments: &Arguments, peer: &Peer) -> Result<BaselineArguments, Refusal> {
    if arguments.no_baseline {
        return Ok(BaselineArguments::default());
    }
    let root = peer.folder.parent().and_then(std::path::Path::parent);
    let named = || Some(root?.join(peer.manifest.deviations.as_ref()?));
    let file = arguments.baseline.clone().or_else(named);
    match file {
        Some(file) if arguments.write => Ok(BaselineArguments::writing(file)),
        Some(file) if file.exists() || arguments.baseline.is_some() => Ok(BaselineArguments::reading(file)),
        Some(file) => {
            let advice = "--write drafts it, and --no-baseline does without";
            Err(Refusal::usage(format!("{} is not there yet; {advice}", file.display())))
        }
        None if arguments.write => {
            let advice = "name it with --baseline, or in peer.toml as deviations";
            Err(Refusal::usage(format!("{} has no file of known deviations; {advice}", peer.manifest.id)))
        }
        None => Ok(BaselineArguments::default()),
    }
}

fn reporters(
    arguments: &Arguments,
    catalogue: &Catalogue,
    comparison: Option<Comparison>,
) -> Result<Reporters<'static>, Refusal> {
    let mut reporters = Reporters::new();
    // First, so that it is gone before the others print their last lines.
    reporters.add("the progress", Progress::new(!arguments.reports.json));
    arguments.reports.add_to(&mut reporters, catalogue).map_err(Refusal::usage)?;
    if !arguments.reports.json {
        let width = arguments.width.map_or_else(terminal::width, usize::from);
        reporters.add("the standard output", CasesConsole::new(anstream::stdout(), width));
    }
    reporters.compare(comparison);
    Ok(reporters)
}

impl Tester<'_> {
    /// Runs both parts, one after the other; whether they came to their end.
    async fn run(&self, plan: &Plan, service: Option<&std::sync::Arc<Attended>>) -> Result<bool, Refusal> {
        let parts = [(&plan.destination, "destination"), (&plan.source, "source")];
        let parts = || parts.iter().filter_map(|(part, role)| Some((part.as_ref()?, *role)));
        let title = self.peer.manifest.title();
        let subject = |(part, role): (&Part, &str)| {
            let of_dialect = |form| plan::target(form, String::new()).dialect();
            part.forms
                .iter()
                .map(|form| format!("{title} as {role}, {}", of_dialect(*form)))
                .collect::<Vec<_>>()
        };
        let planned =
            |part: &Part| part.forms.len() * (part.cases.len() + usize::from(part.sanity.is_some()));
        self.emit(Event::RunBegan(Run {
            verb: Verb::PeerTest,
            subjects: parts().flat_map(subject).collect(),
            planned: parts().map(|(part, _)| planned(part)).sum(),
            is_hostile: parts().any(|(part, _)| part.cases.iter().any(|case| case.hostile)),
        }));
        let both = async {
            if let (Some(part), Some(service)) = (&plan.destination, service) {
                self.destination(part, service).await?;
            }
            if let Some(part) = &plan.source {
                self.source(part).await?;
            }
            Ok(())
        };
        let is_whole = tokio::select! {
            result = both => result.map(|()| true)?,
            () = stopped() => false,
        };
        if !is_whole {
            let what = "the run was ended before its time, and the peer with it";
            self.emit(Event::Remark(what.to_owned()));
        }
        Ok(is_whole)
    }

    async fn destination(&self, part: &Part, service: &std::sync::Arc<Attended>) -> Result<(), Refusal> {
        let targets: Vec<Target> =
            part.forms.iter().map(|form| plan::target(*form, service.address(*form))).collect();
        let takes_time = part.cases.iter().any(|case| case.slow);
        let seconds = self.arguments.deadline.unwrap_or(if takes_time { 600 } else { 60 });
        let forms = u32::try_from(targets.len()).unwrap_or(u32::MAX);
        let revive = || service.revive();
        let repeat = |case: &Case, target: &Target| self.repeat(case, target, "destination");
        let suite = Suite {
            cases: &part.cases,
            sanity: part.sanity,
            catalogue: self.catalogue,
            limits: SuiteLimits {
                jobs: usize::from(self.arguments.jobs),
                run: Duration::from_secs(seconds.into()) * forms,
                ..SuiteLimits::default()
            },
            repeat: &repeat,
            revive: Some(&revive),
        };
        let group = format!("{} as destination", self.peer.manifest.id);
        let emit = |event: Event| self.emit(self.of_part(event, &group));
        suite.run(&targets, &emit).await.map_err(Refusal::internal)?;
        self.behind.set(self.behind.get() + suite.planned(targets.len()));
        Ok(())
    }

    async fn source(&self, part: &Part) -> Result<(), Refusal> {
        let command = self.client()?;
        let targets: Vec<Target> = part.forms.iter().map(|form| plan::target(*form, String::new())).collect();
        let repeat = |case: &Case, target: &Target| self.repeat(case, target, "source");
        let suite = ClientSuite {
            command: &command,
            cases: &part.cases,
            sanity: part.sanity,
            catalogue: self.catalogue,
            limits: self.client_limits(),
            repeat: &repeat,
        };
        let group = format!("{} as source", self.peer.manifest.id);
        let emit = |event: Event| self.emit(self.of_part(event, &group));
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        suite.run(listen, &targets, &emit).await.map_err(Refusal::internal)?;
        self.behind.set(self.behind.get() + suite.planned(targets.len()));
        Ok(())
    }

    fn client_limits(&self) -> ClientLimits {
        let own = self.peer.manifest.client.as_ref().map(|client| client.time_limit);
        let asked = self.arguments.time_limit.map(|Span(limit)| limit);
        let case = asked.or(own).unwrap_or(ClientLimits::default().case);
        let slow_case = case.saturating_mul(5).min(Duration::from_secs(3600));
        ClientLimits { jobs: usize::from(self.arguments.jobs), case, slow_case, ..ClientLimits::default() }
    }

    /// How the client is started: as a client that is told what to do by its environment.
    fn client(&self) -> Result<ClientCommand, Refusal> {
        let own = std::env::current_exe().map_err(Refusal::internal)?;
        let peers = self.peer.folder.parent().unwrap_or(&self.peer.folder);
        let words = [
            &*own.to_string_lossy(),
            "peer",
            "run",
            &self.peer.manifest.id,
            "--role",
            "client",
            "--from-environment",
            "--peers",
            &*peers.to_string_lossy(),
        ];
        let line: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        ClientCommand::parse(&line.join(" ")).map_err(Refusal::internal)
    }

    /// What a part tells, as an event of the whole run. Where a service listens differs from run to run, so that its
    /// group bears the name of the peer.
    fn of_part(&self, mut event: Event, group: &str) -> Event {
        let subject = match &mut event {
            Event::EntryBegan(subject) => Some(subject),
            Event::EntryEnded(entry) => Some(&mut entry.subject),
            _ => None,
        };
        if let Some(subject) = subject {
            let dialect = subject.dialect.map(|dialect| format!(", {dialect}")).unwrap_or_default();
            subject.group = format!("{group}{dialect}");
        }
        event.moved(self.behind.get())
    }

    fn emit(&self, event: Event) {
        self.is_own_trouble.set(self.is_own_trouble.get() || test_client::is_own_trouble(&event));
        self.reporters.borrow_mut().emit(&event);
    }

    /// The command that runs this case alone again.
    fn repeat(&self, case: &Case, target: &Target, role: &str) -> String {
        let folder = self.arguments.folder.option();
        let options = names::options(case, target);
        format!("wsrm peer test {} --role {role} {options}{folder}", self.peer.manifest.id)
    }

    fn finish(self, baseline: &BaselineArguments, elapsed: Duration, is_whole: bool) -> Exit {
        let reporters = self.reporters.into_inner();
        let comparison = reporters.comparison().cloned();
        let (summary, errors) = reporters.finish(Some(elapsed));
        let wrote = || baseline.write(comparison, &summary, is_whole && !self.is_own_trouble.get());
        complain("peer test", &errors).or_else(wrote).unwrap_or_else(|| {
            let is_incomplete = summary.harness_errors > 0 || summary.run() == 0 || !is_whole;
            let others =
                [Exit::Internal.when(self.is_own_trouble.get()), Exit::Incomplete.when(is_incomplete)];
            Exit::of_run(&summary, self.arguments.strict, others)
        })
    }
}
