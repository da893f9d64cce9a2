//! What happens in a cell.

use std::path::Path;

use serde::Deserialize;
use thiserror::Error;
use wsrm_wire::{AddressingVersion, SoapVersion};

use super::{Cell, rm_name};
use crate::fault_rule::{FaultRule, FaultRuleError};
use crate::peer::Setting;
use crate::recording::{Contract, Step, StepError};

/// What the client does, and what is done to its messages.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// What happens, in a sentence.
    pub about: String,
    /// What other suites call it.
    pub known_as: Vec<String>,
    /// The contract.
    pub contract: Contract,
    /// SOAP and WS-Addressing, where not 1.2 and 1.0.
    pub framing: Option<(SoapVersion, AddressingVersion)>,
    /// What the client does; `{tag}` stands for something that no other cell has.
    pub steps: Vec<String>,
    /// What is done to the messages.
    pub faults: Vec<FaultRule>,
    /// What the client's SPEC says besides.
    pub settings: Vec<Setting>,
}

/// All scenarios, in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenarios {
    /// The scenarios.
    pub scenarios: Vec<Scenario>,
    /// Cells that chance decides.
    pub chances: Vec<Chance>,
}

/// Cells in which chance decides what comes of them, so that two runs need not agree.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chance {
    /// The client; any without.
    pub source: Option<String>,
    /// The service; any without.
    pub destination: Option<String>,
    /// The RM version, `1.0` or `1.1`; both without.
    pub rm: Option<String>,
    /// The scenarios; all without.
    #[serde(default)]
    pub scenarios: Vec<String>,
    /// What it is that chance decides.
    pub why: String,
}

/// A file that holds no scenarios.
#[derive(Debug, Error)]
pub enum ScenarioError {
    /// It cannot be read.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// It is no TOML, or a key is unknown, missing or of the wrong type.
    #[error("{0}")]
    Toml(#[from] Box<toml::de::Error>),
    /// A scenario has a value that its key does not take.
    #[error("scenario {scenario:?}: {key}: {value:?} is not {expected}")]
    Value {
        /// The scenario.
        scenario: String,
        /// The key.
        key: &'static str,
        /// The value.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// A rule is none.
    #[error("scenario {scenario:?}: {error}")]
    Rule {
        /// The scenario.
        scenario: String,
        /// Why.
        error: FaultRuleError,
    },
    /// A step is none.
    #[error("scenario {scenario:?}: {error}")]
    Step {
        /// The scenario.
        scenario: String,
        /// Why.
        error: StepError,
    },
    /// A chance names a scenario that there is not.
    #[error("[[chance]]: there is no scenario {0:?}")]
    Unknown(String),
    /// Two scenarios have one name.
    #[error("there are two scenarios {0:?}")]
    Twice(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    scenario: Vec<RawScenario>,
    #[serde(default)]
    chance: Vec<Chance>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawScenario {
    name: String,
    about: String,
    #[serde(default)]
    known_as: Vec<String>,
    contract: String,
    framing: Option<String>,
    steps: Vec<String>,
    #[serde(default)]
    faults: Vec<String>,
    #[serde(default)]
    settings: Vec<String>,
}

impl Scenarios {
    /// The file in the folder of the peers.
    pub const FILE: &str = "scenarios.toml";

    /// Reads the scenarios in the folder of the peers.
    ///
    /// # Errors
    /// If the file cannot be read or is wrong.
    pub fn read(folder: &Path) -> Result<Self, ScenarioError> {
        Self::parse(&std::fs::read_to_string(folder.join(Self::FILE))?)
    }

    /// Reads scenarios.
    ///
    /// # Errors
    /// If it is no TOML, or a scenario cannot be understood.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let file: File = toml::from_str(text).map_err(Box::new)?;
        let mut all: Vec<Scenario> = Vec::new();
        for raw in file.scenario {
            let scenario = raw.check()?;
            if all.iter().any(|other| other.name == scenario.name) {
                return Err(ScenarioError::Twice(scenario.name));
            }
            all.push(scenario);
        }
        let is_known = |name: &String| all.iter().any(|scenario| scenario.name == *name);
        for chance in &file.chance {
            if let Some(name) = chance.scenarios.iter().find(|name| !is_known(name)) {
                return Err(ScenarioError::Unknown(name.clone()));
            }
        }
        Ok(Self { scenarios: all, chances: file.chance })
    }
}

impl Chance {
    /// Whether a cell is one of them.
    pub fn has(&self, cell: &Cell) -> bool {
        self.names(&cell.source, &cell.destination, rm_name(cell.rm), &cell.scenario)
    }

    /// The same, of a cell by its names.
    pub(super) fn names(&self, source: &str, destination: &str, rm: &str, scenario: &str) -> bool {
        let fits = |wanted: &Option<String>, own: &str| wanted.as_deref().is_none_or(|wanted| wanted == own);
        fits(&self.source, source)
            && fits(&self.destination, destination)
            && fits(&self.rm, rm)
            && (self.scenarios.is_empty() || self.scenarios.iter().any(|own| own == scenario))
    }
}

impl Scenario {
    /// The steps of one cell.
    pub fn steps_of(&self, tag: &str) -> Vec<String> {
        self.steps.iter().map(|step| step.replace("{tag}", tag)).collect()
    }
}

impl RawScenario {
    fn check(self) -> Result<Scenario, ScenarioError> {
        let value = |key, value: &str, expected| ScenarioError::Value {
            scenario: self.name.clone(),
            key,
            value: value.to_owned(),
            expected,
        };
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name.is_empty() || !self.name.chars().all(is_name) {
            return Err(value("name", &self.name, "made of small letters, digits and -"));
        }
        let contract = match self.contract.as_str() {
            "echo" => Contract::Echo,
            "one-way" => Contract::OneWay,
            "mixed" => Contract::Mixed,
            other => return Err(value("contract", other, "echo, one-way or mixed")),
        };
        let framing = match self.framing.as_deref() {
            None => None,
            Some("s11a10") => Some((SoapVersion::Soap11, AddressingVersion::Addressing10)),
            Some("s12a10") => Some((SoapVersion::Soap12, AddressingVersion::Addressing10)),
            Some("s11a04") => Some((SoapVersion::Soap11, AddressingVersion::August2004)),
            Some("s12a04") => Some((SoapVersion::Soap12, AddressingVersion::August2004)),
            Some(other) => return Err(value("framing", other, "s11a10, s12a10, s11a04 or s12a04")),
        };
        let steps = Step::parse_all(&self.steps)
            .map_err(|error| ScenarioError::Step { scenario: self.name.clone(), error })?;
        if let Some(Step::Other(step)) = steps.iter().find(|step| matches!(step, Step::Other(_))) {
            return Err(value("steps", step, "a step that every client has"));
        }
        let rule = |text: &String| {
            FaultRule::parse(text).map_err(|error| ScenarioError::Rule { scenario: self.name.clone(), error })
        };
        let setting =
            |text: &String| text.parse().map_err(|_| value("settings", text, "a setting: key=value"));
        Ok(Scenario {
            contract,
            framing,
            faults: self.faults.iter().map(rule).collect::<Result<_, _>>()?,
            settings: self.settings.iter().map(setting).collect::<Result<_, _>>()?,
            name: self.name,
            about: self.about,
            known_as: self.known_as,
            steps: self.steps,
        })
    }
}
