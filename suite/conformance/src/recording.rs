//! Recorded exchanges: one folder a recording.
//!
//! The format is described in `fixtures/README.md`. [`Recording::read`] reads one folder, [`find`] all below a path.

mod binding;
mod file_name;
mod http_message;
mod redact;
mod scenario;
mod step;
mod tree;
mod write;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use thiserror::Error;

pub use binding::{Binding, BindingError, BindingKind, Contract};
use file_name::{Delivery, FileName, Part};
pub use http_message::{Evidence, HttpMessage, HttpMessageError, NOT_LOGGED, StartLine};
pub use scenario::{ProxyActions, Scenario, ScenarioError, Sender, TimelineEntry, UnderTest};
pub use step::{Step, StepError};
pub use tree::find;
pub use write::{Provenance, RecordingWriter, Redaction, empty_folder};

/// A recorded exchange of messages, whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    folder: PathBuf,
    scenario: Scenario,
    exchanges: Vec<Exchange>,
    documents: Vec<Document>,
    /// What the files of the messages are called, without extension.
    file_names: BTreeMap<FileName, String>,
    gaps: Vec<usize>,
}

/// One HTTP exchange of a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    /// Its number, which is the order in which the requests were sent.
    pub number: u32,
    /// The request.
    pub request: HttpMessage,
    /// Whether the service got the request, as it was sent.
    pub request_delivered: bool,
    /// What the service got in its place, where it was changed on the way.
    pub request_altered: Option<HttpMessage>,
    /// The response, where there is one; otherwise `silence` says what that means.
    pub response: Option<HttpMessage>,
    /// Whether the client got the response, as it was sent.
    pub response_delivered: bool,
    /// What the client got in its place, where it was changed on the way.
    pub response_altered: Option<HttpMessage>,
    /// What a missing response means.
    pub silence: Silence,
    /// Further deliveries of the same request.
    pub copies: Vec<ExchangeCopy>,
    /// What the timeline knows of it.
    pub timing: TimelineEntry,
}

/// What it means that an exchange has no response.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Silence {
    /// The connection was closed without one: the recorder stood on the wire.
    #[default]
    Closed,
    /// The recorder says what happened instead.
    Failed(String),
    /// Nothing is known of a response. A log of one side does not tell a lost request from a lost response, and some
    /// logs leave out responses without a body. Whether the request came is not known either, and supposed.
    Unknown,
    /// The transport has no responses: every message goes by itself.
    OneWay,
}

/// A further delivery of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct ExchangeCopy {
    /// Which copy, counted from 1.
    pub copy: u32,
    /// The request, where it was written down again.
    pub request: Option<HttpMessage>,
    /// What the service answered to it.
    pub response: Option<HttpMessage>,
}

/// Which message of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The request as it was sent.
    Request,
    /// What the service got in its place.
    RequestAltered,
    /// The request, delivered once more; copies count from 1.
    RequestCopy(u32),
    /// The response as it was sent.
    Response,
    /// What the client got in its place.
    ResponseAltered,
    /// The answer to a copy of the request.
    ResponseCopy(u32),
}

/// An HTTP message that stands beside the exchanges, such as a WSDL document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The name of its file.
    pub name: String,
    /// The message.
    pub message: HttpMessage,
}

/// A folder that is no recording.
#[derive(Debug, Error)]
#[error("{}: {what}", path.display())]
pub struct RecordingError {
    /// The file or folder.
    pub path: PathBuf,
    /// What is wrong with it.
    pub what: RecordingFlaw,
}

/// What is wrong with a recording.
#[derive(Debug, Error)]
pub enum RecordingFlaw {
    /// It cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It is larger than a recording's file may be.
    #[error("the file has more than {MAX_FILE} bytes")]
    FileTooLarge,
    /// There are more files than a recording may have.
    #[error("the folder has more than {MAX_FILES} files")]
    TooManyFiles,
    /// The tree is too deep or has too many folders.
    #[error(
        "the tree has more than {} folders, or lies deeper than {} levels",
        tree::MAX_FOLDERS,
        tree::MAX_DEPTH
    )]
    TreeTooLarge,
    /// `scenario.json` cannot be understood.
    #[error("{0}")]
    Scenario(#[from] ScenarioError),
    /// A file is no HTTP message.
    #[error("{0}")]
    Http(#[from] HttpMessageError),
    /// The name of a file starts like that of a message and then says nothing known.
    #[error(
        "the name says neither NN-request.http nor NN-response.http, nor a .dropped, .altered or .copyK of them"
    )]
    FileName,
    /// Two files say they are the same message.
    #[error("another file is the same message of the same exchange")]
    Twice,
    /// A response without its request.
    #[error("exchange {0} has no request")]
    NoRequest(u32),
    /// A request where a response should be, or the other way round.
    #[error("the file holds a {0}")]
    WrongKind(&'static str),
    /// The folder that was to be written is a recording already.
    #[error("there is a recording already; choose another folder")]
    Exists,
    /// The folder that recordings were to be written to is not empty.
    #[error("the folder is not empty; choose another for the recording")]
    NotEmpty,
    /// Nothing there is a recording.
    #[error("no recording here: no folder below has a scenario.json")]
    NothingFound,
}

/// The name of the file that makes a folder a recording.
pub const SCENARIO_FILE: &str = "scenario.json";

const MAX_FILE: u64 = 64 << 20;
const MAX_FILES: usize = 20_000;

/// The files of a recording.
struct Files {
    parts: BTreeMap<u32, Parts>,
    documents: Vec<Document>,
    names: BTreeMap<FileName, String>,
}

/// The files of one exchange, as they are found.
#[derive(Default)]
struct Parts {
    request: Option<(HttpMessage, bool)>,
    response: Option<(HttpMessage, bool)>,
    request_altered: Option<HttpMessage>,
    response_altered: Option<HttpMessage>,
    copies: BTreeMap<u32, (Option<HttpMessage>, Option<HttpMessage>)>,
}

impl Recording {
    /// Reads the recording in `folder`.
    ///
    /// # Errors
    /// If a file cannot be read or understood; the error names the file.
    pub fn read(folder: &Path) -> Result<Self, RecordingError> {
        let scenario_path = folder.join(SCENARIO_FILE);
        let scenario = read_bounded(&scenario_path)
            .and_then(|json| Ok(Scenario::parse(&json)?))
            .map_err(|what| RecordingError { path: scenario_path, what })?;
        let Files { parts, documents, names } = read_messages(folder)?;
        let exchanges = parts
            .into_iter()
            .map(|(number, parts)| parts.assemble(number, &scenario))
            .collect::<Result<_, _>>()
            .map_err(|what| RecordingError { path: folder.to_path_buf(), what })?;
        Ok(Self {
            folder: folder.to_path_buf(),
            scenario,
            exchanges,
            documents,
            file_names: names,
            gaps: Vec::new(),
        })
    }

    /// A recording that is part of the capture in `file`; before the exchanges at `gaps` something is missing.
    pub(crate) fn of_capture(
        file: &Path,
        scenario: Scenario,
        exchanges: Vec<Exchange>,
        gaps: Vec<usize>,
    ) -> Self {
        Self { folder: file.to_path_buf(), gaps, ..Self::new(scenario, exchanges) }
    }

    /// The same, of which the beginning is perhaps missing.
    #[must_use]
    pub(crate) fn without_beginning(mut self) -> Self {
        self.gaps = vec![0];
        self
    }

    /// A recording that is in no folder.
    pub fn new(scenario: Scenario, exchanges: Vec<Exchange>) -> Self {
        Self {
            folder: PathBuf::new(),
            scenario,
            exchanges,
            documents: Vec::new(),
            file_names: BTreeMap::new(),
            gaps: Vec::new(),
        }
    }

    /// Where a message is known to be missing that was perhaps of this session, in order: before the exchange at this
    /// place, counted from 0. A place may stand more than once.
    pub(crate) fn gaps(&self) -> &[usize] {
        &self.gaps
    }

    /// The folder, or the file of the capture that it is a part of.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The name of the folder or file.
    pub fn name(&self) -> &str {
        self.folder.file_name().and_then(|name| name.to_str()).unwrap_or(&self.scenario.name)
    }

    /// What is known besides the bytes.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The exchanges by their numbers.
    pub fn exchanges(&self) -> &[Exchange] {
        &self.exchanges
    }

    /// The messages of all exchanges.
    pub(crate) fn messages(&self) -> impl Iterator<Item = &HttpMessage> {
        self.exchanges.iter().flat_map(|exchange| {
            let copies = exchange.copies.iter().flat_map(|copy| copy.request.iter().chain(&copy.response));
            let first = std::iter::once(&exchange.request).chain(&exchange.request_altered);
            first.chain(&exchange.response).chain(&exchange.response_altered).chain(copies)
        })
    }

    /// The message that a finding or a rung of the ladder knows by this name, which is that of its file.
    pub(crate) fn named(&self, name: &str) -> Option<&HttpMessage> {
        self.exchanges.iter().find_map(|exchange| {
            let copies = exchange.copies.iter().flat_map(|copy| {
                [
                    (Which::RequestCopy(copy.copy), copy.request.as_ref()),
                    (Which::ResponseCopy(copy.copy), copy.response.as_ref()),
                ]
            });
            [
                (Which::Request, Some(&exchange.request)),
                (Which::RequestAltered, exchange.request_altered.as_ref()),
                (Which::Response, exchange.response.as_ref()),
                (Which::ResponseAltered, exchange.response_altered.as_ref()),
            ]
            .into_iter()
            .chain(copies)
            .find_map(|(which, message)| message.filter(|_| self.file_name(exchange.number, which) == name))
        })
    }

    /// The same recording with each message of its exchanges made another.
    pub(crate) fn map_messages(&self, change: &dyn Fn(&HttpMessage) -> HttpMessage) -> Self {
        let maybe = |message: &Option<HttpMessage>| message.as_ref().map(change);
        let exchanges = self.exchanges.iter().map(|exchange| Exchange {
            request: change(&exchange.request),
            request_altered: maybe(&exchange.request_altered),
            response: maybe(&exchange.response),
            response_altered: maybe(&exchange.response_altered),
            copies: exchange
                .copies
                .iter()
                .map(|copy| ExchangeCopy {
                    copy: copy.copy,
                    request: maybe(&copy.request),
                    response: maybe(&copy.response),
                })
                .collect(),
            ..exchange.clone()
        });
        Self { exchanges: exchanges.collect(), ..self.clone() }
    }

    /// The recording as it may be shown: see [`HttpMessage::shown`].
    #[must_use]
    pub fn shown(&self) -> Self {
        let documents = self.documents.iter();
        let documents = documents
            .map(|document| Document { name: document.name.clone(), message: document.message.shown() });
        Self { documents: documents.collect(), ..self.map_messages(&HttpMessage::shown) }
    }

    /// HTTP messages beside the exchanges.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// What the file of a message is called, without `.http`: `03-request`, `03-response.dropped`. A message that has no
    /// file, such as an answer that was not given, is called as its file would be.
    pub fn file_name(&self, exchange: u32, message: Which) -> String {
        let (part, deliveries) = match message {
            Which::Request => (Part::Request, [Delivery::First, Delivery::Dropped]),
            Which::RequestAltered => (Part::Request, [Delivery::Altered; 2]),
            Which::RequestCopy(copy) => (Part::Request, [Delivery::Copy(copy); 2]),
            Which::Response => (Part::Response, [Delivery::First, Delivery::Dropped]),
            Which::ResponseAltered => (Part::Response, [Delivery::Altered; 2]),
            Which::ResponseCopy(copy) => (Part::Response, [Delivery::Copy(copy); 2]),
        };
        let [usual, other] = deliveries.map(|delivery| FileName { exchange, part, delivery });
        let known = [usual, other].iter().find_map(|name| self.file_names.get(name).cloned());
        known.unwrap_or_else(|| usual.stem())
    }
}

impl Exchange {
    /// What the service got: the request, or what it was changed to on the way; `None` where it was lost.
    pub fn request_received(&self) -> Option<&HttpMessage> {
        self.request_altered.as_ref().or_else(|| self.request_delivered.then_some(&self.request))
    }

    /// What the client got: the response, or what it was changed to on the way; `None` where there is none, or it was
    /// lost.
    pub fn response_received(&self) -> Option<&HttpMessage> {
        let as_sent = self.response.as_ref().filter(|_| self.response_delivered);
        self.response_altered.as_ref().or(as_sent)
    }

    /// When the service got the request, where times are known.
    pub fn request_arrives(&self) -> Option<Duration> {
        Some(self.timing.sent? + self.timing.proxy.delay_before)
    }

    /// When the client got the response, where times are known.
    pub fn response_arrives(&self) -> Option<Duration> {
        Some(self.timing.answered? + self.timing.proxy.delay_after)
    }
}

impl Parts {
    fn put(&mut self, name: FileName, message: Option<HttpMessage>) -> Result<(), RecordingFlaw> {
        // An empty response file says what a missing one says: the connection was closed without an answer.
        let Some(message) = message else {
            return if name.part == Part::Response {
                Ok(())
            } else {
                Err(HttpMessageError::NoHeaderEnd(0).into())
            };
        };
        match (name.part, message.status()) {
            (Part::Request, Some(_)) => return Err(RecordingFlaw::WrongKind("response")),
            (Part::Response, None) => return Err(RecordingFlaw::WrongKind("request")),
            _ => {}
        }
        let delivered = name.delivery == Delivery::First;
        let taken = match (name.delivery, name.part) {
            (Delivery::Copy(copy), Part::Request) => {
                self.copies.entry(copy).or_default().0.replace(message).is_some()
            }
            (Delivery::Copy(copy), Part::Response) => {
                self.copies.entry(copy).or_default().1.replace(message).is_some()
            }
            (Delivery::Altered, Part::Request) => self.request_altered.replace(message).is_some(),
            (Delivery::Altered, Part::Response) => self.response_altered.replace(message).is_some(),
            (_, Part::Request) => self.request.replace((message, delivered)).is_some(),
            (_, Part::Response) => self.response.replace((message, delivered)).is_some(),
        };
        if taken { Err(RecordingFlaw::Twice) } else { Ok(()) }
    }

    fn assemble(self, number: u32, scenario: &Scenario) -> Result<Exchange, RecordingFlaw> {
        let timing =
            scenario.timeline.iter().find(|entry| entry.number == Some(number)).cloned().unwrap_or_default();
        let (request_altered, response_altered) = (self.request_altered, self.response_altered);
        let (request, request_delivered) = self.request.ok_or(RecordingFlaw::NoRequest(number))?;
        let (response, response_delivered) = match self.response {
            Some((response, delivered)) => (Some(response), delivered && !timing.proxy.drop_response),
            None => (None, false),
        };
        let copies = self
            .copies
            .into_iter()
            .map(|(copy, (request, response))| ExchangeCopy { copy, request, response })
            .collect();
        Ok(Exchange {
            number,
            request,
            request_delivered: request_delivered && request_altered.is_none() && !timing.proxy.drop_request,
            request_altered,
            response,
            response_delivered: response_delivered && response_altered.is_none(),
            response_altered,
            silence: Silence::Closed,
            copies,
            timing,
        })
    }
}

/// Reads one file of at most the size that a recording's file may have.
///
/// # Errors
/// If it cannot be read or is larger.
pub fn read_file(path: &Path) -> Result<Vec<u8>, RecordingError> {
    read_bounded(path).map_err(|what| RecordingError { path: path.to_path_buf(), what })
}

fn read_bounded(path: &Path) -> Result<Vec<u8>, RecordingFlaw> {
    if fs::metadata(path)?.len() > MAX_FILE {
        return Err(RecordingFlaw::FileTooLarge);
    }
    Ok(fs::read(path)?)
}

fn read_messages(folder: &Path) -> Result<Files, RecordingError> {
    let fail = |path: &Path, what| RecordingError { path: path.to_path_buf(), what };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| fail(folder, error.into()))? {
        let entry = entry.map_err(|error| fail(folder, error.into()))?;
        if names.len() >= MAX_FILES {
            return Err(fail(folder, RecordingFlaw::TooManyFiles));
        }
        if let Some(name) = entry.file_name().to_str().filter(|name| name.ends_with(".http")) {
            names.push(name.to_owned());
        }
    }
    names.sort();
    let mut parts = BTreeMap::<u32, Parts>::new();
    let mut documents = Vec::new();
    let mut file_names = BTreeMap::new();
    for name in names {
        let path = folder.join(&name);
        let raw = read_bounded(&path).map_err(|what| fail(&path, what))?;
        let message = if raw.is_empty() {
            None
        } else {
            Some(HttpMessage::parse(&raw).map_err(|error| fail(&path, error.into()))?)
        };
        match FileName::parse(&name) {
            Some(file_name) => {
                let exchange = parts.entry(file_name.exchange).or_default();
                exchange.put(file_name, message).map_err(|what| fail(&path, what))?;
                file_names.insert(file_name, name.trim_end_matches(".http").to_owned());
            }
            None if name.starts_with(|first: char| first.is_ascii_digit()) => {
                return Err(fail(&path, RecordingFlaw::FileName));
            }
            None => documents.extend(message.map(|message| Document { name, message })),
        }
    }
    Ok(Files { parts, documents, names: file_names })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const REQUEST: &str = "POST /e HTTP/1.1\r\nContent-Length: 0\r\n\r\n";
    const RESPONSE: &str = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(folder.path().join(name), content).unwrap();
        }
        folder
    }

    #[test]
    fn knows_what_was_lost_and_what_came_twice() {
        let folder = folder(&[
            (SCENARIO_FILE, r#"{"timeline": [{"n": 2, "proxy": {"drop_req": 1}}]}"#),
            ("01-request.http", REQUEST),
            ("01-response.dropped.http", RESPONSE),
            ("01-response.copy1.http", RESPONSE),
            ("02-request.http", REQUEST),
            ("02-request.altered.http", REQUEST),
            ("03-request.dropped.http", REQUEST),
            ("04-request.http", REQUEST),
            ("04-response.http", ""),
            ("note.txt", "not a message"),
        ]);
        let recording = Recording::read(folder.path()).unwrap();
        let fates: Vec<_> = recording
            .exchanges()
            .iter()
            .map(|e| {
                (e.number, e.request_delivered, e.response.is_some(), e.response_delivered, e.copies.len())
            })
            .collect();
        assert_eq!(
            fates,
            [
                (1, true, true, false, 1),
                (2, false, false, false, 0),
                (3, false, false, false, 0),
                (4, true, false, false, 0)
            ]
        );
    }

    #[rstest]
    #[case::response_alone(&[("01-response.http", RESPONSE)], "exchange 1 has no request")]
    #[case::twice(&[("01-request.http", REQUEST), ("001-request.http", REQUEST)], "another file is the same")]
    #[case::name(&[("01-reply.http", RESPONSE)], "the name says neither NN-request.http")]
    #[case::kind(&[("01-request.http", RESPONSE)], "the file holds a response")]
    #[case::no_http(&[("01-request.http", "<a/>")], "the header section does not end")]
    #[case::empty_request(&[("01-request.http", "")], "the header section does not end")]
    #[case::no_json(&[(SCENARIO_FILE, "no")], "expected ident at line 1 column 2")]
    fn says_what_is_wrong(#[case] files: &[(&str, &str)], #[case] error: &str) {
        let folder = folder(&[(SCENARIO_FILE, "{}")]);
        for (name, content) in files {
            fs::write(folder.path().join(name), content).unwrap();
        }
        let found = Recording::read(folder.path()).unwrap_err().to_string();
        assert!(found.contains(error), "{found}");
    }

    #[test]
    fn a_folder_without_scenario_is_none() {
        let folder = folder(&[("01-request.http", REQUEST)]);
        let error = Recording::read(folder.path()).unwrap_err();
        assert!(error.path.ends_with(SCENARIO_FILE));
        assert!(matches!(error.what, RecordingFlaw::Io(_)));
    }
}
