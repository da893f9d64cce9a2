//! Every case for a source against the reference client, in virtual time.

#![expect(clippy::unwrap_used, reason = "a test fails at what it cannot read")]

use std::fmt::Write as _;
use std::path::Path;

use rstest::rstest;
use wsrm_conformance::case::virtual_time::reference_target;
use wsrm_conformance::case::{Case, CaseReport, HttpRequest, Target};
use wsrm_conformance::cases::source as cases;
use wsrm_conformance::dialect::Dialect;
use wsrm_conformance::entry::{ClientEnd, Verdict};
use wsrm_conformance::invitation::virtual_time::{reference_client, run_against, run_reference};
use wsrm_conformance::invitation::{Client, ReferenceClient};
use wsrm_conformance::ladder::Ladder;
use wsrm_oracle::Catalogue;
use wsrm_protocol::{Answer, ExchangeId, Pattern, Timestamp};
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion, WireProfile};

fn describe(report: &CaseReport) -> String {
    let mut text =
        format!("{} against {}: {:?}\n", report.case.name, report.target.dialect(), report.verdict);
    if let Some(end) = &report.client {
        let _ = writeln!(text, "  the application saw {}", end.words());
    }
    for finding in report.findings() {
        let messages: Vec<&str> = finding.messages.iter().map(|name| name.as_str()).collect();
        let _ = writeln!(
            text,
            "  {} {} {}: expected {}; seen {}",
            finding.level,
            finding.requirement,
            messages.join(" "),
            finding.expected,
            finding.seen
        );
    }
    text + &anstream::adapter::strip_str(&Ladder::of(&report.recording).render(120)).to_string()
}

fn soap_11(addressing: AddressingVersion, rm: RmVersion) -> WireProfile {
    WireProfile { soap: SoapVersion::Soap11, addressing, rm }
}

fn soap_12(addressing: AddressingVersion, rm: RmVersion) -> WireProfile {
    WireProfile { soap: SoapVersion::Soap12, addressing, rm }
}

/// Nothing to blame, in all profiles, and every case comes to what it is about.
#[rstest]
fn reference_passes(
    #[values(soap_11, soap_12)] profile: fn(AddressingVersion, RmVersion) -> WireProfile,
    #[values(AddressingVersion::August2004, AddressingVersion::Addressing10)] addressing: AddressingVersion,
    #[values(RmVersion::February2005, RmVersion::V200702)] rm: RmVersion,
    #[values(Pattern::OneWay, Pattern::RequestReply)] pattern: Pattern,
) {
    passes(&reference_target(profile(addressing, rm), pattern), |case| !case.hostile);
}

/// The same for the answers that can do harm.
#[rstest]
fn reference_withstands(#[values(Pattern::OneWay, Pattern::RequestReply)] pattern: Pattern) {
    let profile = soap_12(AddressingVersion::Addressing10, RmVersion::V200702);
    passes(&reference_target(profile, pattern), |case| case.hostile);
}

fn passes(target: &Target, chosen: fn(&Case) -> bool) {
    let catalogue = Catalogue::load().unwrap();
    let mut wrong = String::new();
    for case in cases::all().filter(|case| chosen(case)) {
        let report = run_reference(case, target, &catalogue);
        if !matches!(report.verdict, Verdict::Pass | Verdict::NotApplicable(_)) {
            let _ = writeln!(wrong, "{}", describe(&report));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
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
#[rstest]
#[case("whole.plain", true)]
#[case("tolerance.unknown-header", true)]
#[case("tolerance.must-understand", false)]
#[case("opening.accept-elsewhere", false)]
fn silence_about_replies(#[case] name: &str, #[case] is_blamed: bool) {
    let catalogue = Catalogue::load().unwrap();
    let profile = soap_12(AddressingVersion::Addressing10, RmVersion::V200702);
    let target = reference_target(profile, Pattern::RequestReply);
    let case = cases::find(name).unwrap();
    let report = run_against(Silent(reference_client(case, &target)), case, &target, &catalogue);
    let found = report.findings().any(|finding| finding.requirement == "reply.acknowledged-by-source");
    assert_eq!(found, is_blamed, "{}", describe(&report));
}

#[test]
fn names_are_unique() {
    let mut names: Vec<&str> = cases::all().map(|case| case.name).collect();
    names.extend(wsrm_conformance::cases::destination::all().map(|case| case.name));
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

/// Two runs of the same case are the same to the byte.
#[test]
fn runs_are_reproducible() {
    let catalogue = Catalogue::load().unwrap();
    let target =
        reference_target(soap_12(AddressingVersion::Addressing10, RmVersion::V200702), Pattern::RequestReply);
    let case = cases::find("loss.both-ways").unwrap();
    let run = || {
        let report = run_reference(case, &target, &catalogue);
        (describe(&report), report.recording.exchanges().to_vec())
    };
    assert_eq!(run(), run());
}

/// The ladder of each case, in the profile that WCF's `WSHttpBinding` speaks, for either version and pattern.
#[rstest]
fn ladders(
    #[values(RmVersion::February2005, RmVersion::V200702)] rm: RmVersion,
    #[values(Pattern::OneWay, Pattern::RequestReply)] pattern: Pattern,
) {
    let catalogue = Catalogue::load().unwrap();
    let target = reference_target(soap_12(AddressingVersion::Addressing10, rm), pattern);
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden/traces/source-cases");
    let version = if rm == RmVersion::V200702 { "rm11" } else { "rm10" };
    let mut families: Vec<&str> = cases::all().map(Case::family).collect();
    families.dedup();
    for family in families {
        let mut text = String::new();
        for case in cases::all().filter(|case| case.family() == family && !case.hostile) {
            let report = run_reference(case, &target, &catalogue);
            if !matches!(report.verdict, Verdict::NotApplicable(_)) {
                let _ = writeln!(text, "{}", describe(&report));
            }
        }
        if text.is_empty() {
            continue;
        }
        insta::with_settings!({
            snapshot_path => &golden,
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(format!("{version}-{}-{family}", Dialect::pattern_name(pattern)), text);
        });
    }
}
