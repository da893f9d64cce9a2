//! A run as recordings: a folder for each case.

use std::io;
use std::path::{Path, PathBuf};

use super::{Event, Reporter};
use crate::dialect::Dialect;
use crate::entry::Entry;
use crate::recording::{Provenance, Recording, RecordingError, RecordingWriter, Redaction, empty_folder};

/// Writes what was said in each case, as soon as it is over: `DIALECT/CASE` below one folder, which `wsrm judge`, `wsrm
/// show` and `wsrm diff` read. A case that is run again is `CASE-2`, then `CASE-3`. What is secret is left out.
#[derive(Debug)]
pub struct Recordings {
    folder: PathBuf,
}

impl Recordings {
    /// Recordings below this folder, which is made where there is none.
    ///
    /// # Errors
    /// If the folder cannot be made, or is not empty.
    pub fn create(folder: &Path) -> Result<Self, RecordingError> {
        empty_folder(folder)?;
        Ok(Self { folder: folder.to_path_buf() })
    }

    fn write(&self, entry: &Entry, recording: &Recording, dialect: Dialect) -> Result<(), RecordingError> {
        let name = &entry.subject.name;
        let below = self.folder.join(folder_name(dialect));
        let again = (2..u32::MAX).map(|time| below.join(format!("{name}-{time}")));
        let mut folders = std::iter::once(below.join(name)).chain(again);
        let folder = folders.find(|folder| !folder.exists()).unwrap_or(below);
        let client = entry.client.as_ref();
        let client_log = client.map(|client| {
            let output = client.output.lines().map(str::to_owned);
            std::iter::once(client.end.words()).chain(output).collect()
        });
        let scenario = recording.scenario();
        let provenance = Provenance {
            name: name.clone(),
            description: scenario.description.clone(),
            client: scenario.client.clone(),
            service: scenario.service.clone(),
            recorder: "wsrm".to_owned(),
            client_log: client_log.unwrap_or_default(),
            under_test: scenario.under_test,
            ..Provenance::default()
        };
        RecordingWriter::save(recording, &folder, provenance, Redaction::Secrets)
    }
}

impl Reporter for Recordings {
    fn report(&mut self, event: &Event) -> io::Result<()> {
        let Event::EntryEnded(entry) = event else { return Ok(()) };
        match (&entry.recording, entry.subject.dialect) {
            // A client that said nothing may still have told its application a lie.
            (Some(recording), Some(dialect))
                if !recording.exchanges().is_empty() || entry.judgement.findings().next().is_some() =>
            {
                self.write(entry, recording, dialect).map_err(io::Error::other)
            }
            _ => Ok(()),
        }
    }
}

/// `rm11-soap12-wsa10-request-reply`.
fn folder_name(dialect: Dialect) -> String {
    let words = dialect.to_string().to_lowercase().replace("ws-addressing", "wsa");
    let parts = words.split(", ").map(|part| part.replace([' ', '.', '/'], ""));
    parts.collect::<Vec<_>>().join("-")
}
