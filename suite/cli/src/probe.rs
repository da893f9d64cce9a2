//! `wsrm probe`.

mod json;
mod text;

use std::io::IsTerminal as _;
use std::rc::Rc;
use std::time::Duration;

use clap::Args;
use indicatif::ProgressBar;
use wsrm_conformance::case::live::{AddressError, LiveWire, WireLimits};
use wsrm_conformance::case::probe::{Assertion, Attempt, Probe, Refused, Traits, policy, traits};
use wsrm_conformance::case::{Application, Stop, Target, Wire, profiles};
use wsrm_conformance::explanation::{Explanations, FoundBy};
use wsrm_protocol::Pattern;
use wsrm_reference::RandomIdentifiers;
use wsrm_wire::WireProfile;

use crate::exit::Exit;
use crate::send::advice;

/// Find out what a service speaks, and why a session cannot be opened
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wsrm probe http://127.0.0.1:8080/
      the versions, the pattern, the order, flow control, and the policy in the WSDL
  wsrm probe http://host/service.svc --json
      the same as one JSON object

A session is opened and ended in each combination of RM, SOAP and WS-Addressing version, with an offer and without; where one is granted, a few messages to Echo or Send in http://tempuri.org/ show the rest. Where none is, the answers are explained, with the setting of WCF to look at.

Exit codes: 0 the service speaks reliable messaging; 1 it answers, and grants no session; 3 nobody answers; 2 an argument is wrong.")]
pub(crate) struct Arguments {
    /// The address of the service, http://…
    #[arg(value_name = "URL")]
    url: String,

    /// Print one JSON object instead of lines
    #[arg(long)]
    json: bool,
}

/// All that was found out.
struct Found {
    url: String,
    attempts: Vec<Attempt>,
    /// What speaks, and what it is like.
    spoken: Vec<(Target, Result<Traits, Stop>)>,
    /// Where the WSDL was looked for, and what was there.
    policies: Vec<(&'static str, Result<Vec<Assertion>, String>)>,
}

/// Why no session can be opened, as far as one answer tells.
struct Reason<'a> {
    attempt: &'a Attempt,
    refused: &'a Refused,
    /// The explanation of what the service says: its id, its title, and the settings to look at with what to do there.
    explanation: Option<Explained>,
    /// The next step.
    advice: Option<&'static str>,
}

/// An explanation, in short.
struct Explained {
    id: String,
    title: String,
    settings: Vec<(String, String)>,
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Exit {
    let refuse = |exit: Exit, message: String| {
        anstream::eprintln!("wsrm probe: {message}");
        exit
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(Exit::Internal, format!("cannot start: {error}")),
    };
    match runtime.block_on(find(arguments)) {
        Err((exit, message)) => refuse(exit, message),
        Ok(found) => {
            if arguments.json {
                anstream::println!("{}", json::of(&found));
            } else {
                text::print(&found);
            }
            if found.spoken.is_empty() { Exit::Found } else { Exit::Success }
        }
    }
}

async fn find(arguments: &Arguments) -> Result<Found, (Exit, String)> {
    let url = &arguments.url;
    // Who is only looked at is not waited for long.
    let limits = WireLimits { response: Duration::from_secs(5), ..WireLimits::default() };
    let live = |address: &str| {
        LiveWire::new(address, limits).map_err(|error| {
            let exit = if matches!(error, AddressError::Https(_)) { Exit::Unsupported } else { Exit::Usage };
            (exit, error.to_string())
        })
    };
    let wire: Rc<dyn Wire> = Rc::new(live(url)?);
    let bar =
        if std::io::stderr().is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
    let tell = |what: &str| {
        bar.set_message(what.to_owned());
        bar.tick();
    };
    let profiles: Vec<WireProfile> = profiles().collect();
    let probe = Probe {
        address: url,
        profiles: &profiles,
        patterns: &[Pattern::RequestReply, Pattern::OneWay],
        all: true,
        application: &Application::recorded,
        identifiers: &|| Box::new(RandomIdentifiers::new()),
    };
    let unreachable = |stop: Stop| (Exit::Unreachable, unreachable(&stop));
    let attempts = probe.attempts(&wire, &tell).await.map_err(unreachable)?;
    let mut spoken = Vec::new();
    for (profile, pattern) in attempts.iter().filter_map(|attempt| Some((attempt.profile, attempt.found?))) {
        let application = Application::recorded(pattern);
        let target = Target { address: url.clone(), profile, pattern, application };
        tell(&target.dialect().to_string());
        let traits = traits(&target, &wire, Box::new(RandomIdentifiers::new())).await;
        spoken.push((target, traits));
    }
    let mut policies = Vec::new();
    if !url.contains('?') {
        for query in ["?singleWsdl", "?wsdl"] {
            tell(query);
            let found = policy(&live(&format!("{url}{query}"))?).await;
            let is_found = found.as_ref().is_ok_and(|assertions| !assertions.is_empty());
            policies.push((query, found));
            if is_found {
                break;
            }
        }
    }
    bar.finish_and_clear();
    Ok(Found { url: url.clone(), attempts, spoken, policies })
}

fn unreachable(stop: &Stop) -> String {
    let why = stop.to_string();
    match advice::by_transport(&why) {
        Some(advice) => format!("{why}\n  next: {advice}"),
        None => why,
    }
}

impl Found {
    /// What the service says that tells most about why it grants no session.
    fn reason(&self) -> Option<Reason<'_>> {
        let refused = self.attempts.iter().filter_map(|attempt| Some((attempt, attempt.refused.as_ref()?)));
        let all: Vec<Reason<'_>> = refused.map(|(attempt, refused)| Reason::of(attempt, refused)).collect();
        let telling = |reason: &Reason<'_>| {
            let is_fault = reason.refused.transport.is_none();
            (reason.explanation.is_some() && is_fault, is_fault, reason.advice.is_some())
        };
        // Of equals the first: the likeliest form was tried first.
        all.into_iter().rev().max_by_key(telling)
    }
}

impl<'a> Reason<'a> {
    fn of(attempt: &'a Attempt, refused: &'a Refused) -> Self {
        let reason = refused.reason.as_deref().unwrap_or_default();
        let sign = refused.status.map(|status| format!("status {status}")).unwrap_or_default();
        let transport = refused.transport.as_deref().unwrap_or_default();
        let advice = advice::by_text(reason)
            .or_else(|| advice::by_transport(&sign).filter(|_| refused.transport.is_some()))
            .or_else(|| advice::by_transport(transport));
        Self { attempt, refused, explanation: Explained::of(refused), advice }
    }
}

impl Explained {
    fn of(refused: &Refused) -> Option<Self> {
        let explanations = Explanations::load().ok()?;
        let text = refused.reason.iter().chain(&refused.codes).cloned().collect::<Vec<_>>().join(" ");
        let answer = explanations.explain(&text);
        let best =
            answer.matches.iter().find(|found| matches!(found.by, FoundBy::Text | FoundBy::Code(_)))?;
        let looks = best.explanation.settings.iter();
        Some(Self {
            id: best.explanation.id.clone(),
            title: best.explanation.title.clone(),
            settings: looks.map(|look| (look.setting.name.clone(), look.advice.clone())).collect(),
        })
    }
}
