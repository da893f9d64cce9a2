//! What people have of a failing session that is no recording: message logs of WCF (`.svclog`), HTTP archives of
//! browsers and proxies (HAR 1.2), archives of Fiddler (`.saz`).
//!
//! [`Capture::read`] tells them by their content and makes [`Recording`]s of them, one a session, so that whatever works
//! on recordings works on them. What differs is said in the model: [`Evidence`] tells how near a message is to what stood
//! on the wire, [`Silence`] what a missing response means, and [`HttpMessage::place`] where in the file a message stands.
//!
//! [`Evidence`]: crate::recording::Evidence
//! [`Silence`]: crate::recording::Silence

mod facts;
mod har;
mod saz;
mod session;
mod sessions;
mod svclog;
mod text;

use std::cell::OnceCell;
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use thiserror::Error;

use crate::recording::{HttpMessage, Recording, Silence};
use facts::Facts;

/// What a capture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A message log of WCF: `E2ETraceEvent` elements, as .NET's `XmlWriterTraceListener` writes them.
    ServiceLog,
    /// An HTTP archive, version 1.2.
    HttpArchive,
    /// An archive of Fiddler.
    Fiddler,
}

/// A captured file, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Capture {
    /// What it is.
    pub format: Format,
    /// Its reliable sessions, in the order of their first messages.
    pub sessions: Vec<Recording>,
    /// What could not be read, or was read in a way that the reader should know of.
    pub notes: Vec<Note>,
    /// Notes beyond the first 100, which are only counted.
    pub further_notes: usize,
    /// What is in the file and no part of a reliable session.
    pub left_out: LeftOut,
}

/// A remark on a place of a capture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Where, such as `record 12 (line 1, byte 20480)`; empty for the whole file.
    pub place: String,
    /// What there is to say.
    pub text: String,
}

/// What a capture holds besides reliable sessions, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LeftOut {
    /// SOAP exchanges that use no reliable messaging.
    pub soap: usize,
    /// HTTP exchanges that are no SOAP.
    pub http: usize,
    /// Trace events that are no messages.
    pub events: usize,
    /// Messages at service level, beside those at transport level.
    pub service_level: usize,
}

/// A file that is no capture, or one that cannot be read.
#[derive(Debug, Error)]
#[error("{}: {what}", path.display())]
pub struct CaptureError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub what: CaptureFlaw,
}

/// What is wrong with a capture.
#[derive(Debug, Error)]
pub enum CaptureFlaw {
    /// It cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It is larger than a capture may be.
    #[error("the file has more than {} MiB", MAX_FILE >> 20)]
    TooLarge,
    /// It has more messages than a capture may have.
    #[error(
        "the file has more than {MAX_EXCHANGES} messages or exchanges; cut it down to the session in question"
    )]
    TooMany,
    /// It is no JSON, or ends too early.
    #[error("an HTTP archive that is no JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It is JSON, and no HTTP archive.
    #[error("{0}")]
    Archive(&'static str),
    /// The zip archive cannot be read.
    #[error("a zip archive that cannot be read: {0}")]
    Zip(#[from] zip::result::ZipError),
    /// The zip archive has nothing of Fiddler in it.
    #[error("a zip archive, and not one of Fiddler: no file in it is named as raw/1_c.txt is")]
    NotFiddler,
    /// The archive needs a password.
    #[error("the archive is encrypted; open it in Fiddler and save it without a password")]
    Encrypted,
}

/// Larger files are refused before they are read.
pub const MAX_FILE: u64 = 256 << 20;
/// More messages or exchanges than this are refused.
pub const MAX_EXCHANGES: usize = 250_000;
/// No part of a capture, unpacked, is larger.
const MAX_PART: u64 = 16 << 20;
/// All parts together, unpacked.
const MAX_TOTAL: u64 = 256 << 20;
const MAX_NOTES: usize = 100;

/// An exchange as a capture holds it, before it is given to a session.
#[derive(Debug, Clone)]
struct Captured {
    /// `None` for a response that stands alone.
    request: Option<HttpMessage>,
    request_delivered: bool,
    response: Option<HttpMessage>,
    response_delivered: bool,
    silence: Silence,
    /// Further deliveries of the same request.
    copies: Vec<crate::recording::ExchangeCopy>,
    sent: Option<Timestamp>,
    answered: Option<Timestamp>,
    connection: Option<u32>,
    /// Whether the log's owner sent or received the request, where one side wrote the log.
    way: Option<Way>,
    client: Option<String>,
    service: Option<String>,
    /// The program that wrote the log, where the messages do not tell which side it is.
    writer: Option<String>,
    /// What the messages say of themselves, read once.
    facts: OnceCell<Vec<Facts>>,
}

/// Which way a message went, as the writer of a log sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Way {
    Sent,
    Received,
}

/// What a reader of one format gives.
#[derive(Debug, Default)]
struct Harvest {
    exchanges: Vec<Captured>,
    /// What the sessions are seen from, for their titles: it stands behind the name of the format.
    seen_by: String,
    notes: Notes,
    left_out: LeftOut,
    /// When something stood in the log that cannot be read, and that may be a message of any session; `None` where that
    /// is not known.
    gaps: Vec<Option<Timestamp>>,
}

#[derive(Debug, Default)]
struct Notes {
    kept: Vec<Note>,
    further: usize,
}

impl Format {
    /// What these bytes are, by their start and by what stands in them; `None` where they are no capture.
    pub fn recognise(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
            return Some(Self::Fiddler);
        }
        let text = text::utf8(bytes);
        let start = text.trim_ascii_start();
        match start.first()? {
            b'{' => har::is_archive(start).then_some(Self::HttpArchive),
            _ if HttpMessage::parse_whatever_its_length(bytes).is_ok() => None,
            _ => svclog::is_log(start).then_some(Self::ServiceLog),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ServiceLog => "WCF message log",
            Self::HttpArchive => "HTTP archive",
            Self::Fiddler => "Fiddler archive",
        })
    }
}

impl Capture {
    /// Reads the file at `path`, if it is a capture; `None` where its content is none.
    ///
    /// # Errors
    /// If it cannot be read, is too large, or is a capture that cannot be understood at all. What cannot be understood
    /// of its parts is said in [`Capture::notes`].
    pub fn read(path: &Path) -> Result<Option<Self>, CaptureError> {
        let fail = |what| CaptureError { path: path.to_path_buf(), what };
        let bytes = read_bounded(path).map_err(fail)?;
        Self::parse(path, &bytes).map_err(fail)
    }

    /// Reads `bytes`, which are the content of the file at `path`, if they are a capture.
    ///
    /// # Errors
    /// As [`Capture::read`].
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Option<Self>, CaptureFlaw> {
        let Some(format) = Format::recognise(bytes) else { return Ok(None) };
        let mut harvest = match format {
            Format::ServiceLog => svclog::read(&text::utf8(bytes))?,
            Format::HttpArchive => har::read(&text::utf8(bytes))?,
            Format::Fiddler => saz::read(bytes)?,
        };
        let (groups, unrelated) = sessions::divide(std::mem::take(&mut harvest.exchanges));
        for exchange in &unrelated {
            let is_soap = exchange.facts().iter().any(|facts| facts.is_soap);
            *(if is_soap { &mut harvest.left_out.soap } else { &mut harvest.left_out.http }) += 1;
        }
        let count = groups.len();
        harvest.gaps.sort_unstable();
        let sessions = groups
            .into_iter()
            .enumerate()
            .map(|(index, group)| {
                let title = match count {
                    1 => format!("{format}{}", harvest.seen_by),
                    _ => format!("{format}{}, session {} of {count}", harvest.seen_by, index + 1),
                };
                session::recording(path, title, group, &harvest.gaps)
            })
            .collect();
        Ok(Some(Self {
            format,
            sessions,
            notes: harvest.notes.kept,
            further_notes: harvest.notes.further,
            left_out: harvest.left_out,
        }))
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() {
            f.write_str(&self.text)
        } else {
            write!(f, "{}: {}", self.place, self.text)
        }
    }
}

/// In words, such as `12 HTTP exchanges that are no SOAP, 3 trace events`; nothing where nothing was left out.
impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (
                self.soap,
                "SOAP exchange without reliable messaging",
                "SOAP exchanges without reliable messaging",
            ),
            (self.http, "HTTP exchange that is no SOAP", "HTTP exchanges that are no SOAP"),
            (self.events, "trace event that is no message", "trace events that are no messages"),
            (
                self.service_level,
                "message at service level, beside those at transport level",
                "messages at service level, beside those at transport level",
            ),
        ];
        let mut separator = "";
        for (count, one, many) in parts {
            if count > 0 {
                write!(f, "{separator}{count} {}", if count == 1 { one } else { many })?;
                separator = ", ";
            }
        }
        Ok(())
    }
}

impl Captured {
    fn new(request: Option<HttpMessage>, response: Option<HttpMessage>, silence: Silence) -> Self {
        Self {
            request,
            request_delivered: true,
            response_delivered: response.is_some(),
            response,
            silence,
            copies: Vec::new(),
            sent: None,
            answered: None,
            connection: None,
            way: None,
            client: None,
            service: None,
            writer: None,
            facts: OnceCell::new(),
        }
    }

    /// What the request, if there is one, and the response, if there is one, say of themselves.
    fn facts(&self) -> &[Facts] {
        self.facts.get_or_init(|| self.request.iter().chain(&self.response).map(Facts::of).collect())
    }

    /// What the request says of itself.
    fn request_facts(&self) -> Option<&Facts> {
        self.request.as_ref().and(self.facts().first())
    }

    /// When it starts.
    fn start(&self) -> Option<Timestamp> {
        self.sent.or(self.answered)
    }
}

impl Notes {
    fn add(&mut self, place: impl Into<String>, text: impl Into<String>) {
        if self.kept.len() < MAX_NOTES {
            self.kept.push(Note { place: place.into(), text: text.into() });
        } else {
            self.further += 1;
        }
    }
}

/// The exchanges by their times; what has none keeps its place behind the one before.
fn in_order(exchanges: Vec<Captured>) -> Vec<Captured> {
    let mut now = None;
    let mut keyed: Vec<(Option<Timestamp>, Captured)> = Vec::with_capacity(exchanges.len());
    for exchange in exchanges {
        now = exchange.start().or(now);
        keyed.push((now, exchange));
    }
    keyed.sort_by_key(|(time, _)| *time);
    keyed.into_iter().map(|(_, exchange)| exchange).collect()
}

fn read_bounded(path: &Path) -> Result<Vec<u8>, CaptureFlaw> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE { Err(CaptureFlaw::TooLarge) } else { Ok(bytes) }
}
