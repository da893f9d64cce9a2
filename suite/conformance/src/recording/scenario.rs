//! `scenario.json`: what is known of an exchange besides its bytes.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use wsrm_oracle::ApplicationReport;
use wsrm_wire::RmVersion;

use super::binding::{Binding, BindingError, BindingKind};
use super::step::{Step, StepError};

/// What a folder's `scenario.json` says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scenario {
    /// The name.
    pub name: String,
    /// What happens, in a sentence.
    pub description: String,
    /// The program that made the requests.
    pub client: String,
    /// The program that answered them.
    pub service: String,
    /// The client's binding, where it is a program with one.
    pub client_binding: Option<Binding>,
    /// The service's endpoints with their bindings; a single one has no name. Empty for a scripted service.
    pub service_endpoints: Vec<(Option<String>, Binding)>,
    /// What the client's application did, repetitions written out.
    pub client_steps: Vec<Step>,
    /// What the client's application saw.
    pub client_log: Vec<String>,
    /// What the service's application saw.
    pub service_log: Vec<String>,
    /// The side that was under test, where the other one was a case of this suite.
    pub under_test: Option<UnderTest>,
    /// The exchanges, and what else happened, in the order of their times.
    pub timeline: Vec<TimelineEntry>,
}

/// The side that a case was run against. It alone is judged: what the other one did wrong is what the case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnderTest {
    /// The side.
    pub side: Sender,
    /// What the application of a client under test was asked to do, and what it said in the end.
    pub reported: Option<ApplicationReport>,
}

/// One exchange in time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TimelineEntry {
    /// The number of the exchange; `None` for an event that is no exchange.
    pub number: Option<u32>,
    /// When the request came to the recorder.
    pub sent: Option<Duration>,
    /// When its response came to the recorder.
    pub answered: Option<Duration>,
    /// The TCP connection, counted from 1.
    pub connection: Option<u32>,
    /// Which side sent the request.
    pub sender: Sender,
    /// What a hand-made request is about.
    pub label: Option<String>,
    /// What the recorder did to the exchange.
    pub proxy: ProxyActions,
    /// What happened, for an event that is no exchange.
    pub event: Option<String>,
}

/// Which side sent a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sender {
    /// The client.
    #[default]
    Client,
    /// The service, to an addressable client.
    Service,
}

/// What a recording says of a response that was the recorder's own.
pub(super) const OWN_ANSWER: &str = "by the proxy";

/// What the recorder did to an exchange.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProxyActions {
    /// The request did not reach the service.
    pub drop_request: bool,
    /// The response did not reach the client.
    pub drop_response: bool,
    /// How long the request was held back before the service got it.
    pub delay_before: Duration,
    /// How long the response was held back before the client got it.
    pub delay_after: Duration,
    /// How long the connection of a dropped message stayed open.
    pub hang: Duration,
    /// How many further times the service got the request.
    pub duplicates: u32,
    /// The response was scripted.
    pub canned: bool,
    /// The response was the recorder's own: it stands for a service that said nothing.
    pub is_own_answer: bool,
    /// All of that in words, with the rules that asked for it.
    pub done: Vec<String>,
}

/// A `scenario.json` that cannot be understood.
#[derive(Debug, Error)]
pub enum ScenarioError {
    /// It is not JSON, or a key has the wrong type.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// A binding cannot be understood.
    #[error("{key}: {error}")]
    Binding {
        /// The key.
        key: &'static str,
        /// Why.
        error: BindingError,
    },
    /// A step cannot be understood.
    #[error("client_steps: {0}")]
    Step(#[from] StepError),
    /// A number makes no sense.
    #[error("timeline entry {entry}: {key} is {value}")]
    Number {
        /// Which entry, counted from 1.
        entry: usize,
        /// The key.
        key: &'static str,
        /// Its value.
        value: f64,
    },
    /// `under_test` names nobody.
    #[error("\"under_test\": the side is {0:?}, expected client or service")]
    UnderTest(String),
    /// `from` names nobody.
    #[error(
        "timeline entry {entry}: \"from\" is {value:?}, expected client, initiator, service or responder"
    )]
    From {
        /// Which entry, counted from 1.
        entry: usize,
        /// The value.
        value: String,
    },
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct RawScenario {
    name: String,
    description: String,
    client: String,
    service: String,
    client_binding: Option<String>,
    service_binding: Option<String>,
    client_steps: Vec<String>,
    client_log: Vec<String>,
    service_log: Vec<String>,
    under_test: Option<RawUnderTest>,
    timeline: Vec<RawEntry>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct RawUnderTest {
    side: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    success: Option<bool>,
}

#[derive(Deserialize)]
struct RawEntry {
    n: Option<u32>,
    t_ms: Option<f64>,
    resp_t_ms: Option<f64>,
    conn: Option<u32>,
    from: Option<String>,
    label: Option<String>,
    proxy: Option<RawProxy>,
    event: Option<String>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct RawProxy {
    drop_req: f64,
    drop_resp: f64,
    delay_before: f64,
    delay_after: f64,
    hang: f64,
    dup: f64,
    canned: Option<serde_json::Value>,
    done: Vec<String>,
}

impl Scenario {
    /// Reads a `scenario.json`.
    ///
    /// # Errors
    /// If it is no JSON, a key has the wrong type, or a binding, step or number cannot be understood. Keys that are
    /// not known are ignored: other tools keep their own remarks in the same file.
    pub fn parse(json: &[u8]) -> Result<Self, ScenarioError> {
        let raw: RawScenario = serde_json::from_slice(json)?;
        let mut client_binding = match &raw.client_binding {
            Some(text) => Some(binding("client_binding", text)?),
            None => None,
        };
        if let Some(binding) = &mut client_binding {
            apply_release_default(binding, &raw.client);
        }
        let timeline = raw
            .timeline
            .into_iter()
            .enumerate()
            .map(|(index, entry)| entry.check(index + 1))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            service_endpoints: endpoints(raw.service_binding.as_deref())?,
            client_steps: Step::parse_all(&raw.client_steps)?,
            name: raw.name,
            description: raw.description,
            client: raw.client,
            service: raw.service,
            client_binding,
            client_log: raw.client_log,
            service_log: raw.service_log,
            under_test: raw.under_test.map(RawUnderTest::check).transpose()?,
            timeline,
        })
    }
}

fn binding(key: &'static str, text: &str) -> Result<Binding, ScenarioError> {
    Binding::parse(text).map_err(|error| ScenarioError::Binding { key, error })
}

/// A service's binding is one binding, several named ones, or `(scripted)`.
fn endpoints(text: Option<&str>) -> Result<Vec<(Option<String>, Binding)>, ScenarioError> {
    const KEY: &str = "service_binding";
    match text.map(str::trim) {
        None => Ok(Vec::new()),
        Some(text) if text.starts_with('(') => Ok(Vec::new()),
        Some(text) if text.contains(':') => Ok(Binding::parse_endpoints(text)
            .map_err(|error| ScenarioError::Binding { key: KEY, error })?
            .into_iter()
            .map(|(name, binding)| (Some(name), binding))
            .collect()),
        Some(text) => Ok(vec![(None, binding(KEY, text)?)]),
    }
}

/// `WS2007HttpBinding` opens with February 2005 in the .NET Core client up to 8, as its base class does, and with
/// 200702 from 10 on, as in .NET Framework.
fn apply_release_default(binding: &mut Binding, client: &str) {
    const OLDER: [&str; 3] = ["release/4.", "release/6.", "release/8."];
    if binding.kind == BindingKind::Ws2007Http
        && !binding.rm_written
        && OLDER.iter().any(|release| client.contains(release))
    {
        binding.set_rm(RmVersion::February2005);
    }
}

impl RawUnderTest {
    pub(super) fn of(under_test: UnderTest) -> Self {
        let side = match under_test.side {
            Sender::Client => "client",
            Sender::Service => "service",
        };
        let reported = under_test.reported;
        Self {
            side: side.to_owned(),
            messages: reported.map(|reported| reported.messages),
            success: reported.map(|reported| reported.success),
        }
    }

    fn check(self) -> Result<UnderTest, ScenarioError> {
        let side = match self.side.as_str() {
            "client" => Sender::Client,
            "service" => Sender::Service,
            _ => return Err(ScenarioError::UnderTest(self.side)),
        };
        let reported = self.messages.zip(self.success);
        Ok(UnderTest {
            side,
            reported: reported.map(|(messages, success)| ApplicationReport { messages, success }),
        })
    }
}

impl RawEntry {
    fn check(self, entry: usize) -> Result<TimelineEntry, ScenarioError> {
        let millis = |key, value: Option<f64>| {
            value
                .map(|value| seconds(value / 1000.0).ok_or(ScenarioError::Number { entry, key, value }))
                .transpose()
        };
        let sender = match self.from.as_deref() {
            None | Some("client" | "initiator") => Sender::Client,
            Some("service" | "responder") => Sender::Service,
            Some(other) => return Err(ScenarioError::From { entry, value: other.to_owned() }),
        };
        Ok(TimelineEntry {
            number: self.n,
            sent: millis("t_ms", self.t_ms)?,
            answered: millis("resp_t_ms", self.resp_t_ms)?,
            connection: self.conn,
            sender,
            label: self.label,
            proxy: self.proxy.unwrap_or_default().check(entry)?,
            event: self.event,
        })
    }
}

impl RawProxy {
    fn check(self, entry: usize) -> Result<ProxyActions, ScenarioError> {
        let duration = |key, value| seconds(value).ok_or(ScenarioError::Number { entry, key, value });
        let times = match self.dup {
            dup if (0.0..=16.0).contains(&dup) => dup as u32,
            value => return Err(ScenarioError::Number { entry, key: "dup", value }),
        };
        Ok(ProxyActions {
            drop_request: self.drop_req > 0.0,
            drop_response: self.drop_resp > 0.0,
            delay_before: duration("delay_before", self.delay_before)?,
            delay_after: duration("delay_after", self.delay_after)?,
            hang: duration("hang", self.hang)?,
            duplicates: times,
            is_own_answer: self.canned.as_ref().is_some_and(|what| what == OWN_ANSWER),
            canned: self.canned.is_some(),
            done: self.done,
        })
    }
}

/// Seconds up to ten years, as a duration.
fn seconds(value: f64) -> Option<Duration> {
    (0.0..=3.2e8).contains(&value).then(|| Duration::from_secs_f64(value))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn reads_a_timeline() {
        let scenario = Scenario::parse(
            br#"{"name": "x", "service_binding": "(scripted)", "seconds": 4.4, "timeline": [
                {"n": 1, "t_ms": 12, "conn": 2, "from": "responder", "label": "l", "resp_t_ms": 13.5,
                 "proxy": {"drop_resp": 1, "delay_before": 3, "delay_after": 0.5, "hang": 12, "dup": 1, "canned": "c",
                           "done": ["d"]}},
                {"t_ms": 5, "event": "killed"}]}"#,
        )
        .unwrap();
        assert!(scenario.service_endpoints.is_empty());
        assert_eq!(
            scenario.timeline[0],
            TimelineEntry {
                number: Some(1),
                sent: Some(Duration::from_millis(12)),
                answered: Some(Duration::from_micros(13_500)),
                connection: Some(2),
                sender: Sender::Service,
                label: Some("l".to_owned()),
                proxy: ProxyActions {
                    drop_request: false,
                    drop_response: true,
                    delay_before: Duration::from_secs(3),
                    delay_after: Duration::from_millis(500),
                    hang: Duration::from_secs(12),
                    duplicates: 1,
                    canned: true,
                    is_own_answer: false,
                    done: vec!["d".to_owned()],
                },
                event: None,
            }
        );
        assert_eq!(scenario.timeline[1].event.as_deref(), Some("killed"));
    }

    #[rstest]
    #[case("dotnet/wcf release/4.10 c8afa9009", RmVersion::February2005)]
    #[case("dotnet/wcf main on .NET 10", RmVersion::V200702)]
    fn the_release_decides_the_default_of_ws2007(#[case] client: &str, #[case] rm: RmVersion) {
        let json = format!(r#"{{"client": "{client}", "client_binding": "binding=ws2007"}}"#);
        assert_eq!(Scenario::parse(json.as_bytes()).unwrap().client_binding.unwrap().profile.rm, rm);
    }

    #[rstest]
    #[case("[", "EOF while parsing a list at line 1 column 1")]
    #[case(r#"{"client_binding": "rm=9"}"#, "client_binding: rm=9: expected 10 or 11")]
    #[case(r#"{"service_binding": "a:rm=9"}"#, "service_binding: rm=9: expected 10 or 11")]
    #[case(
        r#"{"client_steps": ["sleep:x"]}"#,
        "client_steps: \"sleep:x\": expected a number of milliseconds"
    )]
    #[case(
        r#"{"under_test": {"side": "both"}}"#,
        "\"under_test\": the side is \"both\", expected client or service"
    )]
    #[case(r#"{"timeline": [{"t_ms": -1}]}"#, "timeline entry 1: t_ms is -1")]
    #[case(
        r#"{"timeline": [{"from": "x"}]}"#,
        "timeline entry 1: \"from\" is \"x\", expected client, initiator, service or responder"
    )]
    fn refuses(#[case] json: &str, #[case] error: &str) {
        assert_eq!(Scenario::parse(json.as_bytes()).unwrap_err().to_string(), error);
    }
}
