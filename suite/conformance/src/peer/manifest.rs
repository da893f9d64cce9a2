//! `peer.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use thiserror::Error;
use wsrm_wire::{AddressingVersion, RmVersion, SoapVersion, WireProfile};

use super::{Form, PeerRole, Setting};
use crate::recording::Contract;

/// What is known of a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The name of its folder, by which commands call it.
    pub id: String,
    /// The stack, as its makers call it.
    pub name: String,
    /// Its version, where one is pinned.
    pub version: String,
    /// What it is, in a sentence.
    pub about: String,
    /// What its licence means for who uses it here.
    pub licence: String,
    /// The baseline of its deviations, from the root of the repository.
    pub deviations: Option<PathBuf>,
    /// Its recordings, from the root of the repository.
    pub recordings: Option<PathBuf>,
    /// What has to be on the machine.
    pub install: Install,
    /// How its programs are made.
    pub build: Build,
    /// The service, where it can be one.
    pub service: Option<ServiceProgram>,
    /// The client, where it can be one.
    pub client: Option<ClientProgram>,
}

/// What has to be on the machine before anything is built.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Install {
    /// Packages of Debian that bring the programs.
    pub debian: Vec<String>,
    /// Programs that must be on the search path.
    pub programs: Vec<String>,
    /// What to do where there are no Debian packages.
    pub otherwise: String,
}

/// How the programs are made, in the peer's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// The commands, in their order, each a program and its arguments.
    pub commands: Vec<Vec<String>>,
    /// Files and folders that they read; when one changes, it is built again.
    pub inputs: Vec<PathBuf>,
    /// Files that they make; where one is missing, it is not built.
    pub results: Vec<PathBuf>,
    /// What stands in the environment of the commands.
    pub environment: BTreeMap<String, String>,
    /// How long each of them may take.
    pub time_limit: Duration,
}

/// How to start the service: `COMMAND… PORT NAME:SPEC…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceProgram {
    /// The program and its first arguments; `{wsrm}` is this very program.
    pub command: Vec<String>,
    /// How long it may take from its start to its line `READY PORT`.
    pub ready_within: Duration,
    /// How long it may take to end when it is told to.
    pub stop_within: Duration,
    /// What it speaks.
    pub speaks: Vec<Speaks>,
}

/// How to start the client: `COMMAND… URL SPEC STEP…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientProgram {
    /// The program and its first arguments; `{wsrm}` is this very program.
    pub command: Vec<String>,
    /// How long a run may take.
    pub time_limit: Duration,
    /// Steps that it does not have.
    pub lacks: BTreeSet<String>,
    /// Whether it makes the sequence only with the first message, not when it is told to open.
    pub opens_with_first_message: bool,
    /// What it speaks.
    pub speaks: Vec<Speaks>,
}

/// Forms that a program speaks: every combination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speaks {
    /// RM versions.
    pub rm: Vec<RmVersion>,
    /// SOAP versions.
    pub soap: Vec<SoapVersion>,
    /// WS-Addressing versions.
    pub addressing: Vec<AddressingVersion>,
    /// Contracts.
    pub contracts: Vec<Contract>,
    /// What the SPEC says besides, so that the stack does what WCF does as nearly as it can.
    pub settings: Vec<Setting>,
    /// Ways of replying that the program has beside the anonymous one, for readers.
    pub replies: Vec<String>,
}

/// A file that is no manifest.
#[derive(Debug, Error)]
#[error("{}: {flaw}", path.display())]
pub struct ManifestError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub flaw: ManifestFlaw,
}

/// What is wrong with a manifest.
#[derive(Debug, Error)]
pub enum ManifestFlaw {
    /// The file cannot be read.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// It is no TOML, or a key is unknown, missing or of the wrong type.
    #[error("{0}")]
    Toml(#[from] Box<toml::de::Error>),
    /// A key has a value that it does not take.
    #[error("{key}: {value:?} is not {expected}")]
    Value {
        /// The key.
        key: &'static str,
        /// The value.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// A list is empty that must not be.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// It plays no role.
    #[error("neither [service] nor [client] is there")]
    NoRole,
}

/// Largest manifest.
const MAX_BYTES: u64 = 1 << 20;
const MAX_SECONDS: u64 = 3600;

impl Manifest {
    /// The file in the folder of a peer.
    pub const FILE: &str = "peer.toml";

    /// Reads the manifest in a peer's folder.
    ///
    /// # Errors
    /// If there is none, or it is wrong.
    pub fn read(folder: &Path) -> Result<Self, ManifestError> {
        let path = folder.join(Self::FILE);
        let fail = |flaw| ManifestError { path: path.clone(), flaw };
        let id = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let length = std::fs::metadata(&path).map_err(|error| fail(error.into()))?.len();
        if length > MAX_BYTES {
            let too_long = std::io::Error::other("it is longer than a megabyte");
            return Err(fail(too_long.into()));
        }
        let text = std::fs::read_to_string(&path).map_err(|error| fail(error.into()))?;
        Self::parse(&id, &text).map_err(fail)
    }

    /// Reads all manifests in the folders of a folder, by name.
    ///
    /// # Errors
    /// If the folder cannot be read, or one of the manifests is wrong.
    pub fn read_all(folder: &Path) -> Result<Vec<Self>, ManifestError> {
        let fail = |error: std::io::Error| ManifestError { path: folder.to_path_buf(), flaw: error.into() };
        let mut folders = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(fail)? {
            let path = entry.map_err(fail)?.path();
            if path.join(Self::FILE).is_file() {
                folders.push(path);
            }
        }
        folders.sort();
        folders.iter().map(|folder| Self::read(folder)).collect()
    }

    /// Reads a manifest of the peer with this name.
    ///
    /// # Errors
    /// If it is no TOML, a key is unknown or missing, or a value is not what its key takes.
    pub fn parse(id: &str, text: &str) -> Result<Self, ManifestFlaw> {
        let raw: RawManifest = toml::from_str(text).map_err(Box::new)?;
        let service = raw.service.map(RawService::check).transpose()?;
        let client = raw.client.map(RawClient::check).transpose()?;
        if service.is_none() && client.is_none() {
            return Err(ManifestFlaw::NoRole);
        }
        Ok(Self {
            id: id.to_owned(),
            name: raw.name,
            version: raw.version,
            about: raw.about,
            licence: raw.licence,
            deviations: raw.deviations.map(|path| inside("deviations", path)).transpose()?,
            recordings: raw.recordings.map(|path| inside("recordings", path)).transpose()?,
            install: Install {
                debian: raw.install.debian.into_iter().map(package).collect::<Result<_, _>>()?,
                programs: raw.install.programs,
                otherwise: raw.install.otherwise,
            },
            build: raw.build.check()?,
            service,
            client,
        })
    }

    /// The stack with its version: `Apache CXF 4.2.3`.
    pub fn title(&self) -> String {
        format!("{} {}", self.name, self.version).trim_end().to_owned()
    }

    /// The roles that it plays.
    pub fn roles(&self) -> impl Iterator<Item = PeerRole> + '_ {
        PeerRole::ALL.into_iter().filter(|role| !self.speaks(*role).is_empty())
    }

    /// What it speaks in a role; nothing where it does not play it.
    pub fn speaks(&self, role: PeerRole) -> &[Speaks] {
        match role {
            PeerRole::Client => self.client.as_ref().map_or(&[], |client| &client.speaks),
            PeerRole::Service => self.service.as_ref().map_or(&[], |service| &service.speaks),
        }
    }

    /// The SPEC for its program in a role, with further settings behind the manifest's own; `None` where it does not speak
    /// this form.
    pub fn spec(&self, role: PeerRole, form: Form, settings: &[Setting]) -> Option<String> {
        let speaks = self.speaks(role).iter().find(|speaks| speaks.has(form))?;
        let is_replaced = |own: &&Setting| settings.iter().any(|setting| setting.key == own.key);
        let own = speaks.settings.iter().filter(|own| !is_replaced(own)).cloned();
        let all: Vec<Setting> = own.chain(settings.iter().cloned()).collect();
        Some(form.spec(&all))
    }
}

impl Speaks {
    /// Whether a form is among them.
    pub fn has(&self, form: Form) -> bool {
        let WireProfile { soap, addressing, rm } = form.profile;
        self.rm.contains(&rm)
            && self.soap.contains(&soap)
            && self.addressing.contains(&addressing)
            && self.contracts.contains(&form.contract)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawManifest {
    name: String,
    #[serde(default)]
    version: String,
    about: String,
    licence: String,
    deviations: Option<PathBuf>,
    recordings: Option<PathBuf>,
    #[serde(default)]
    install: RawInstall,
    #[serde(default)]
    build: RawBuild,
    service: Option<RawService>,
    client: Option<RawClient>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawInstall {
    debian: Vec<String>,
    programs: Vec<String>,
    otherwise: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawBuild {
    commands: Vec<Vec<String>>,
    inputs: Vec<PathBuf>,
    results: Vec<PathBuf>,
    environment: BTreeMap<String, String>,
    limit_seconds: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawService {
    command: Vec<String>,
    #[serde(default = "half_a_minute")]
    ready_seconds: u64,
    #[serde(default = "five")]
    stop_seconds: u64,
    speaks: Vec<RawSpeaks>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawClient {
    command: Vec<String>,
    #[serde(default = "a_minute")]
    limit_seconds: u64,
    #[serde(default)]
    lacks: BTreeSet<String>,
    #[serde(default)]
    opens_with_first_message: bool,
    speaks: Vec<RawSpeaks>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSpeaks {
    rm: Vec<String>,
    soap: Vec<String>,
    addressing: Vec<String>,
    contracts: Vec<String>,
    #[serde(default)]
    settings: Vec<String>,
    #[serde(default)]
    replies: Vec<String>,
}

const fn five() -> u64 {
    5
}

const fn half_a_minute() -> u64 {
    30
}

const fn a_minute() -> u64 {
    60
}

impl Default for RawBuild {
    fn default() -> Self {
        Self {
            commands: Vec::new(),
            inputs: Vec::new(),
            results: Vec::new(),
            environment: BTreeMap::new(),
            limit_seconds: 900,
        }
    }
}

impl RawBuild {
    fn check(self) -> Result<Build, ManifestFlaw> {
        if self.commands.iter().any(Vec::is_empty) {
            return Err(ManifestFlaw::Empty("a command of [build]"));
        }
        if !self.commands.is_empty() && self.results.is_empty() {
            return Err(ManifestFlaw::Empty("build.results"));
        }
        let all = |key, paths: Vec<PathBuf>| -> Result<Vec<PathBuf>, ManifestFlaw> {
            paths.into_iter().map(|path| inside(key, path)).collect()
        };
        Ok(Build {
            commands: self.commands,
            inputs: all("build.inputs", self.inputs)?,
            results: all("build.results", self.results)?,
            environment: self.environment,
            time_limit: seconds("build.limit_seconds", self.limit_seconds)?,
        })
    }
}

impl RawService {
    fn check(self) -> Result<ServiceProgram, ManifestFlaw> {
        Ok(ServiceProgram {
            command: not_empty("service.command", self.command)?,
            ready_within: seconds("service.ready_seconds", self.ready_seconds)?,
            stop_within: seconds("service.stop_seconds", self.stop_seconds)?,
            speaks: speaks("service.speaks", self.speaks)?,
        })
    }
}

impl RawClient {
    fn check(self) -> Result<ClientProgram, ManifestFlaw> {
        Ok(ClientProgram {
            command: not_empty("client.command", self.command)?,
            time_limit: seconds("client.limit_seconds", self.limit_seconds)?,
            lacks: self.lacks,
            opens_with_first_message: self.opens_with_first_message,
            speaks: speaks("client.speaks", self.speaks)?,
        })
    }
}

impl RawSpeaks {
    fn check(self) -> Result<Speaks, ManifestFlaw> {
        let rm = |value: &str| match value {
            "1.0" => Some(RmVersion::February2005),
            "1.1" => Some(RmVersion::V200702),
            _ => None,
        };
        let soap = |value: &str| match value {
            "1.1" => Some(SoapVersion::Soap11),
            "1.2" => Some(SoapVersion::Soap12),
            _ => None,
        };
        let addressing = |value: &str| match value {
            "2004/08" => Some(AddressingVersion::August2004),
            "1.0" => Some(AddressingVersion::Addressing10),
            _ => None,
        };
        let contract = |value: &str| match value {
            "echo" => Some(Contract::Echo),
            "one-way" => Some(Contract::OneWay),
            "mixed" => Some(Contract::Mixed),
            _ => None,
        };
        let setting = |value: &str| value.parse().ok();
        for reply in &self.replies {
            if !matches!(reply.as_str(), "addressable" | "make-connection") {
                let expected = "addressable or make-connection";
                return Err(ManifestFlaw::Value { key: "speaks.replies", value: reply.clone(), expected });
            }
        }
        Ok(Speaks {
            rm: each("speaks.rm", self.rm, "1.0 or 1.1", rm)?,
            soap: each("speaks.soap", self.soap, "1.1 or 1.2", soap)?,
            addressing: each("speaks.addressing", self.addressing, "2004/08 or 1.0", addressing)?,
            contracts: each("speaks.contracts", self.contracts, "echo, one-way or mixed", contract)?,
            settings: match self.settings.is_empty() {
                true => Vec::new(),
                false => each("speaks.settings", self.settings, "a setting: key=value", setting)?,
            },
            replies: self.replies,
        })
    }
}

fn speaks(key: &'static str, raw: Vec<RawSpeaks>) -> Result<Vec<Speaks>, ManifestFlaw> {
    not_empty(key, raw)?.into_iter().map(RawSpeaks::check).collect()
}

fn not_empty<T>(key: &'static str, list: Vec<T>) -> Result<Vec<T>, ManifestFlaw> {
    if list.is_empty() { Err(ManifestFlaw::Empty(key)) } else { Ok(list) }
}

fn each<T>(
    key: &'static str,
    values: Vec<String>,
    expected: &'static str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, ManifestFlaw> {
    let check = |value: String| read(&value).ok_or(ManifestFlaw::Value { key, value, expected });
    not_empty(key, values)?.into_iter().map(check).collect()
}

fn seconds(key: &'static str, value: u64) -> Result<Duration, ManifestFlaw> {
    if (1..=MAX_SECONDS).contains(&value) {
        return Ok(Duration::from_secs(value));
    }
    Err(ManifestFlaw::Value { key, value: value.to_string(), expected: "1 to 3600" })
}

/// The name goes to apt-get as an argument.
fn package(name: String) -> Result<String, ManifestFlaw> {
    let is_name = name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.:".contains(&byte));
    if is_name {
        return Ok(name);
    }
    Err(ManifestFlaw::Value { key: "install.debian", value: name, expected: "the name of a package" })
}

/// A path that leads out of its folder is a mistake.
fn inside(key: &'static str, path: PathBuf) -> Result<PathBuf, ManifestFlaw> {
    if !path.as_os_str().is_empty() && path.components().all(|part| matches!(part, Component::Normal(_))) {
        return Ok(path);
    }
    let value = path.display().to_string();
    Err(ManifestFlaw::Value { key, value, expected: "a relative path without .." })
}

#[cfg(test)]
mod tests;
