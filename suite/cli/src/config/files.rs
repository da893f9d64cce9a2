//! Which files are meant, and their bytes.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use wsrm_protocol::config::MAX_BYTES;

/// How deep directories are walked.
const MAX_DEPTH: usize = 32;
/// How many files a walk gives.
const MAX_FILES: usize = 10_000;

/// A file that was named or found.
pub(super) struct Found {
    pub(super) path: String,
    pub(super) content: Result<Vec<u8>, String>,
}

/// Reads what the paths name. Of a directory come the `*.config` files that hold a `system.serviceModel`; the second
/// part of the result counts the others.
pub(super) fn expand(paths: &[PathBuf]) -> (Vec<Found>, usize) {
    let mut found = Vec::new();
    let mut skipped = 0;
    for path in paths {
        if path.as_os_str() == "-" {
            found
                .push(Found { path: "standard input".to_owned(), content: read_limited(io::stdin().lock()) });
        } else if path.is_dir() {
            let before = found.len() + skipped;
            walk(path, 0, &mut found, &mut skipped);
            if found.len() + skipped == before {
                let message = "there is no *.config file in this directory".to_owned();
                found.push(Found { path: path.display().to_string(), content: Err(message) });
            }
        } else {
            found.push(Found { path: path.display().to_string(), content: read(path) });
        }
    }
    (found, skipped)
}

fn walk(directory: &Path, depth: usize, found: &mut Vec<Found>, skipped: &mut usize) {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) => {
            found.push(Found { path: directory.display().to_string(), content: Err(error.to_string()) });
            return;
        }
    };
    let mut entries: Vec<_> = entries.filter_map(Result::ok).collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let Ok(kind) = entry.file_type() else { continue };
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if kind.is_dir() && !hidden && depth < MAX_DEPTH {
            walk(&path, depth + 1, found, skipped);
        } else if kind.is_file()
            && path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("config"))
        {
            let content = read(&path);
            if content.as_ref().is_ok_and(|bytes| !concerns_wcf(bytes)) || found.len() >= MAX_FILES {
                *skipped += 1;
            } else {
                found.push(Found { path: path.display().to_string(), content });
            }
        }
    }
}

/// Whether `system.serviceModel` stands in a file, in one byte or in two bytes a character.
fn concerns_wcf(bytes: &[u8]) -> bool {
    const NAME: &[u8] = b"system.serviceModel";
    let ascii: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    ascii.windows(NAME.len()).any(|window| window == NAME)
}

/// The bytes of a file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, String> {
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        _ => error.to_string(),
    })?;
    read_limited(file)
}

/// Reads at most one byte more than is allowed: the reader refuses what is longer.
fn read_limited(source: impl Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    source.take(limit).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() > MAX_BYTES {
        return Err(format!("the file has more than {MAX_BYTES} bytes, which no configuration file needs"));
    }
    Ok(bytes)
}
