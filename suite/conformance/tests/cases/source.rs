//! The cases for a source.

use libtest_mimic::{Failed, Trial};
use wsrm_conformance::case::virtual_time::reference_target;
use wsrm_conformance::case::{Application, Case, HttpRequest, Target, Template, profiles};
use wsrm_conformance::cases::source as cases;
use wsrm_conformance::entry::{ClientEnd, Verdict};
use wsrm_conformance::invitation::virtual_time::{reference_client, run_against, run_reference};
use wsrm_conformance::invitation::{Client, ReferenceClient};
use wsrm_protocol::{Answer, ExchangeId, Pattern, Timestamp};
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion, WireProfile};

use crate::{CATALOGUE, PATTERNS, describe, form, trial, usual};

const PROFILE: WireProfile = WireProfile {
    soap: SoapVersion::Soap12,
    addressing: AddressingVersion::Addressing10,
    rm: RmVersion::V200702,
};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (profile, pattern) in profiles().flat_map(|profile| PATTERNS.map(|pattern| (profile, pattern))) {
        let is_usual = usual().any(|usual| usual == (profile, pattern));
        let target = reference_target(profile, pattern);
        for case in cases::all().filter(|case| is_usual || !case.hostile) {
            if case.inapplicable(&target).is_none() {
                let name = format!("source/{}/{}", form(profile, pattern), case.name);
                let target = target.clone();
                trials.push(Trial::test(name, move || passes(case, &target)));
            }
        }
    }
    for (name, is_blamed) in SILENCE {
        let silence = move || silence_about_replies(name, is_blamed);
        trials.push(trial(format!("source/silence-about-replies/{name}"), silence));
    }
    for case in cases::all().filter(|case| !case.hostile) {
        if case.inapplicable(&of_orders()).is_none() {
            trials.push(Trial::test(format!("source/own-messages/{}", case.name), || own_messages(case)));
        }
    }
    trials.push(trial("source/runs-are-reproducible", runs_are_reproducible));
    trials
}

/// Nothing to blame, and the case comes to what it is about.
fn passes(case: &Case, target: &Target) -> Result<(), Failed> {
    let report = run_reference(case, target, &CATALOGUE);
    if report.verdict == Verdict::Pass { Ok(()) } else { Err(describe(&report).into()) }
}

/// The reference client, that acknowledges no reply.
struct Silent(ReferenceClient);

impl Client for Silent {
    fn start(&mut self, now: Timestamp) {
        self.0.start(now);
    }

    fn handle_answer(&mut self, now: Timestamp, exchange: ExchangeId, answer: Answer) {
        self.0.handle_answer(now, exchange, answer);
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        self.0.handle_timeout(now);
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        self.0.poll_timeout()
    }

    fn poll_request(&mut self) -> Option<(ExchangeId, HttpRequest)> {
        let (exchange, mut request) = self.0.poll_request()?;
        let mut text = String::from_utf8(request.body).unwrap();
        if let (Some(from), Some(to)) =
            (text.find("<r:SequenceAcknowledgement>"), text.find("</r:SequenceAcknowledgement>"))
        {
            text.replace_range(from..to + "</r:SequenceAcknowledgement>".len(), "");
        }
        request.body = text.into_bytes();
        Some((exchange, request))
    }

    fn end(&self) -> Option<ClientEnd> {
        self.0.end()
    }
}

/// A client that acknowledges no reply is blamed, but not where the acknowledgements were asked for elsewhere, nor where
/// it may have refused a reply because of a header that it does not understand.
const SILENCE: [(&str, bool); 4] = [
    ("whole.plain", true),
    ("tolerance.unknown-header", true),
    ("tolerance.must-understand", false),
    ("opening.accept-elsewhere", false),
];

fn silence_about_replies(name: &str, is_blamed: bool) {
    let target = reference_target(PROFILE, Pattern::RequestReply);
    let case = cases::find(name).unwrap();
    let report = run_against(Silent(reference_client(case, &target)), case, &target, &CATALOGUE);
    let found = report.findings().any(|finding| finding.requirement == "reply.acknowledged-by-source");
    assert_eq!(found, is_blamed, "{}", describe(&report));
}

/// Two runs of the same case are the same to the byte.
fn runs_are_reproducible() {
    let target = reference_target(PROFILE, Pattern::RequestReply);
    let case = cases::find("loss.both-ways").unwrap();
    let run = || {
        let report = run_reference(case, &target, &CATALOGUE);
        (describe(&report), report.recording.exchanges().to_vec())
    };
    assert_eq!(run(), run());
}

/// A client of an operation of its own.
fn of_orders() -> Target {
    let action = "urn:orders/Submit".to_owned();
    let done = "<Done xmlns=\"urn:orders\"><id>{text}</id></Done>".to_owned();
    let reply = Some(("urn:orders/Submitted".to_owned(), done));
    let mut application = Application::answered(Pattern::RequestReply, action, reply);
    if let Some(submit) = &mut application.two_way {
        submit.body =
            Template::Xml("<o:Order xmlns:o=\"urn:orders\"><o:id>{text}</o:id></o:Order>".to_owned());
    }
    Target { application, ..reference_target(PROFILE, Pattern::RequestReply) }
}

/// Whose messages are not those of the recordings is answered by what it was said to be answered by.
fn own_messages(case: &Case) -> Result<(), Failed> {
    let report = run_reference(case, &of_orders(), &CATALOGUE);
    let bodies = report.recording.exchanges().iter().filter_map(|exchange| exchange.response.as_ref());
    let bodies: Vec<String> =
        bodies.map(|response| String::from_utf8_lossy(response.body()).into_owned()).collect();
    let is_echo = bodies.iter().any(|body| body.contains("Echo"));
    let is_answered = bodies.iter().any(|body| body.contains("<id>message 1</id></Done>"));
    if report.verdict != Verdict::Pass || is_echo || (case.name == "whole.plain" && !is_answered) {
        return Err(format!("{}\n{}", describe(&report), bodies.join("\n")).into());
    }
    Ok(())
}
