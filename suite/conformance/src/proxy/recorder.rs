//! Exchanges into folders, one a session or one for all.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::{Grouping, Messages, ProxiedExchange, ProxyEvent, SessionId};
use crate::recording::{Provenance, RecordingError, RecordingWriter, Redaction, empty_folder};

/// How a recorder writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecorderConfig {
    /// Where: the recording itself, or the folder of the recordings.
    pub folder: PathBuf,
    /// Which; the [`super::Interposer`] must have the same.
    pub grouping: Grouping,
    /// What is known of both sides. The names of the recordings are made from it.
    pub provenance: Provenance,
    /// What is done about secrets.
    pub redaction: Redaction,
}

/// Writes what an [`super::Interposer`] reports.
#[derive(Debug)]
pub struct Recorder {
    config: RecorderConfig,
    writers: HashMap<Option<SessionId>, RecordingWriter>,
    /// Which of them wrote last, the last one last.
    order: Vec<Option<SessionId>>,
    recordings: usize,
}

/// Exchanges in one recording: a folder has no more files than a reader takes.
const MAX_EXCHANGES: u32 = 6000;
/// Recordings that are kept open.
const MAX_OPEN: usize = 1000;

impl Recorder {
    /// A recorder into an empty folder, which is made where there is none.
    ///
    /// # Errors
    /// If the folder cannot be made, or is not empty.
    pub fn create(config: RecorderConfig) -> Result<Self, RecordingError> {
        empty_folder(&config.folder)?;
        Ok(Self { config, writers: HashMap::new(), order: Vec::new(), recordings: 0 })
    }

    /// Writes an event down.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn record(&mut self, event: &ProxyEvent) -> Result<(), RecordingError> {
        match event {
            ProxyEvent::Exchange(exchange) => self.exchange(exchange),
            ProxyEvent::Refused { at, connection, why } => {
                let writer = self.writer(None)?;
                writer.event(*at, &format!("connection {connection}: the request was refused: {why}"));
                Ok(())
            }
        }
    }

    /// Writes what is not on the disk yet.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn flush(&mut self) -> Result<(), RecordingError> {
        self.writers.values_mut().try_for_each(RecordingWriter::flush)
    }

    /// How many recordings there are.
    pub fn recordings(&self) -> usize {
        self.recordings
    }

    fn exchange(&mut self, exchange: &ProxiedExchange) -> Result<(), RecordingError> {
        let session = match self.config.grouping {
            Grouping::Sessions => exchange.session,
            Grouping::Whole => None,
        };
        let ended = exchange.ended;
        let writer = self.writer(session)?;
        let number = match &exchange.messages {
            Messages::Readable { exchange: messages, broken_response } => {
                if messages.number > MAX_EXCHANGES {
                    return Ok(());
                }
                writer.exchange(messages)?;
                if let Some(bytes) = broken_response {
                    writer.unreadable(messages.number.into(), "response", bytes)?;
                }
                messages.number
            }
            Messages::Unreadable { number, request, response } => {
                writer.unreadable((*number).into(), "request", request)?;
                if let Some(response) = response {
                    writer.unreadable((*number).into(), "response", response)?;
                }
                writer.event(ended, &format!("exchange {number}: the request cannot be read"));
                *number
            }
        };
        if let Some(failure) = &exchange.failure {
            writer.event(ended, &format!("exchange {number}: {failure}"));
        }
        if number == MAX_EXCHANGES {
            writer.event(ended, "the recording is full");
        }
        Ok(())
    }

    fn writer(&mut self, session: Option<SessionId>) -> Result<&mut RecordingWriter, RecordingError> {
        if self.writers.len() >= MAX_OPEN && !self.writers.contains_key(&session) {
            self.close_oldest()?;
        }
        self.order.retain(|other| *other != session);
        self.order.push(session);
        match self.writers.entry(session) {
            std::collections::hash_map::Entry::Occupied(entry) => Ok(entry.into_mut()),
            std::collections::hash_map::Entry::Vacant(entry) => {
                let writer = create(&self.config, session)?;
                self.recordings += 1;
                Ok(entry.insert(writer))
            }
        }
    }

    /// A session that has been silent for longest is written and closed; if it speaks again, that is a new recording.
    fn close_oldest(&mut self) -> Result<(), RecordingError> {
        if self.order.is_empty() {
            return Ok(());
        }
        let oldest = self.order.remove(0);
        self.writers.remove(&oldest).map_or(Ok(()), |mut writer| writer.flush())
    }
}

fn create(config: &RecorderConfig, session: Option<SessionId>) -> Result<RecordingWriter, RecordingError> {
    let parent: &Path = &config.folder;
    let parent_name = parent.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let (mut folder, name) = match (config.grouping, session) {
        (Grouping::Whole, _) => (parent.to_path_buf(), parent_name),
        (Grouping::Sessions, Some(SessionId(number))) => {
            let name = format!("session-{number:02}");
            (parent.join(&name), name)
        }
        (Grouping::Sessions, None) => (parent.join("other"), "other".to_owned()),
    };
    let again = (2..1000).map(|time| parent.join(format!("{name}-{time}")));
    if folder.exists() && config.grouping == Grouping::Sessions {
        folder = again.into_iter().find(|folder| !folder.exists()).unwrap_or(folder);
    }
    let provenance = Provenance { name, ..config.provenance.clone() };
    RecordingWriter::create(&folder, provenance, config.redaction)
}
