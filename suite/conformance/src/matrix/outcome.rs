//! What the applications of both sides saw, and what that comes to.

use std::fmt;
use std::time::Duration;

use crate::fault_rule::RuleCount;
use crate::matrix::Scenario;
use crate::peer::{ClientLine, Saw, ServiceLine};
use crate::recording::{Recording, Step};

/// What was seen of a session.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// What tells this session's texts from those of others.
    pub tag: String,
    /// What the client printed.
    pub client: Vec<String>,
    /// Whether the client was ended because its time was over.
    pub timed_out: bool,
    /// What the service printed that is of this session.
    pub service: Vec<String>,
    /// Whether the service ended by itself.
    pub service_died: bool,
    /// What the rules of the scenario did.
    pub rules: Vec<RuleCount>,
    /// What went over the wire.
    pub recording: Option<Recording>,
    /// How long it took.
    pub took: Duration,
}

/// What came of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Every step went well, and every message came to the service's application.
    Works(Option<Remark>),
    /// It did not.
    Fails(Failure),
    /// One of the stacks does not have what the scenario needs, or what the scenario harms does not occur.
    Unsupported(String),
    /// A peer is not there.
    Skipped(String),
}

/// What is less than WCF promises, though every step went well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remark {
    /// A message came to the service's application more than once.
    Twice,
    /// Messages came to the service's application in another order than they were sent in.
    Disordered,
}

/// How a session failed, as far as the applications saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Where.
    pub at: At,
    /// In words; those of the client where it said something.
    pub words: String,
}

/// Where a session failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// The session was not opened.
    Open,
    /// A call failed, counted from 1.
    Call(usize),
    /// The session was not closed.
    Close,
    /// All steps went well, and so many messages never came to the service's application.
    Lost(usize),
    /// The service ended by itself.
    ServiceDied,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("open"),
            Self::Call(number) => write!(f, "call {number}"),
            Self::Close => f.write_str("close"),
            Self::Lost(count) => write!(f, "{count} lost"),
            Self::ServiceDied => f.write_str("service ended"),
        }
    }
}

impl Remark {
    /// In a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Twice => "delivered twice",
            Self::Disordered => "out of order",
        }
    }
}

impl Observed {
    /// What it comes to.
    pub fn outcome(&self, scenario: &Scenario) -> Outcome {
        let lines: Vec<ClientLine> = self.client.iter().map(|line| ClientLine::parse(line)).collect();
        let unsupported = lines.iter().find_map(|line| match line {
            ClientLine::Unsupported(what) => Some(what.clone()),
            _ => None,
        });
        if let Some(what) = unsupported {
            return Outcome::Unsupported(what);
        }
        let steps = Step::parse_all(&scenario.steps_of(&self.tag)).unwrap_or_default();
        if self.service_died {
            let words = self.service.last().cloned().unwrap_or_default();
            return Outcome::Fails(Failure { at: At::ServiceDied, words });
        }
        if let Some(failure) = self.failed_step(&steps, &lines) {
            return Outcome::Fails(failure);
        }
        self.delivered(&steps, scenario)
    }

    /// The first step that did not go as it should.
    fn failed_step(&self, steps: &[Step], lines: &[ClientLine]) -> Option<Failure> {
        let mut call = 0;
        for step in steps {
            let at = match step {
                Step::Open => At::Open,
                Step::Close => At::Close,
                step if step.is_call() => {
                    call += 1;
                    At::Call(call)
                }
                _ => continue,
            };
            if let Some(words) = self.wrong(step, lines) {
                return Some(Failure { at, words });
            }
        }
        None
    }

    /// What is wrong with a step; nothing where it went as it should.
    fn wrong(&self, step: &Step, lines: &[ClientLine]) -> Option<String> {
        let (name, wanted) = match step {
            Step::Echo(text) => ("echo", text.as_str()),
            Step::EchoAsync(text) => ("aecho", text.as_str()),
            Step::Send(text) => ("send", text.as_str()),
            Step::SendAsync(text) => ("asend", text.as_str()),
            Step::Close => ("close", ""),
            _ => ("open", ""),
        };
        let is_told = name == "open" || name == "close";
        let told = lines.iter().find_map(|line| match line {
            // What stands in the brackets of close and open is the stack's own.
            ClientLine::Step { step, text, saw, returned } if step == name && (is_told || text == wanted) => {
                Some((saw, returned))
            }
            _ => None,
        });
        let faulty = wanted == "fault";
        match told {
            None if self.timed_out || lines.contains(&ClientLine::Limit) => {
                Some("it did not return before the time was over".to_owned())
            }
            None => Some("the client said nothing of it".to_owned()),
            Some((Saw::Failure(_), _)) if faulty => None,
            Some((Saw::Failure(words), _)) => Some(words.clone()),
            Some((Saw::Success, _)) if faulty => Some("the fault did not come".to_owned()),
            Some((Saw::Success, Some(back))) if name.ends_with("echo") && back != wanted => {
                Some(format!("it returned {back:?}"))
            }
            Some((Saw::Success, None)) if name.ends_with("echo") => Some("it returned nothing".to_owned()),
            Some((Saw::Success, _)) => None,
        }
    }

    /// What came to the service's application.
    fn delivered(&self, steps: &[Step], scenario: &Scenario) -> Outcome {
        let sent: Vec<&str> = steps
            .iter()
            .filter_map(|step| match step {
                Step::Echo(text) | Step::EchoAsync(text) | Step::Send(text) | Step::SendAsync(text) => {
                    Some(text.as_str())
                }
                _ => None,
            })
            .filter(|text| text.contains(&self.tag))
            .collect();
        let came: Vec<String> = self
            .service
            .iter()
            .filter_map(|line| match ServiceLine::parse(line) {
                ServiceLine::Operation { text, .. } => Some(text),
                _ => None,
            })
            .collect();
        let times = |text: &str| came.iter().filter(|other| *other == text).count();
        let lost = sent.iter().filter(|text| times(text) == 0).count();
        if lost > 0 {
            let words = "every step went well, and not every message came to the service".to_owned();
            return Outcome::Fails(Failure { at: At::Lost(lost), words });
        }
        let never_struck = !self.rules.is_empty() && self.rules.iter().all(|rule| rule.applied == 0);
        if !scenario.faults.is_empty() && never_struck {
            return Outcome::Unsupported("the message that is harmed is not sent".to_owned());
        }
        if sent.iter().any(|text| times(text) > 1) {
            return Outcome::Works(Some(Remark::Twice));
        }
        let is_ordered = sent.iter().zip(&came).all(|(sent, came)| sent == came);
        Outcome::Works((!is_ordered).then_some(Remark::Disordered))
    }
}
