//! The messages in the recordings below `fixtures/`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails at what it cannot read")]

use std::fs;
use std::path::{Path, PathBuf};

pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

/// The messages below `fixtures/recordings/{stack}`, by their paths below `fixtures/recordings`.
pub(crate) fn messages(stack: &str) -> Vec<(String, Vec<u8>)> {
    let root = fixtures().join("recordings");
    let mut folders: Vec<PathBuf> =
        fs::read_dir(root.join(stack)).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let mut messages = Vec::new();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        let mut files: Vec<PathBuf> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "http"))
        {
            let body = http_body(&fs::read(file).unwrap());
            if !body.is_empty() {
                messages.push((file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned(), body));
            }
        }
    }
    messages
}

/// The body of an HTTP message, its chunks joined.
fn http_body(message: &[u8]) -> Vec<u8> {
    let Some(end) = message.windows(4).position(|window| window == b"\r\n\r\n") else { return Vec::new() };
    let (head, body) = message.split_at(end + 4);
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    if !head.contains("\r\ntransfer-encoding: chunked") {
        return body.to_vec();
    }
    // Where the recorder joined the chunks already, there is no size to be found.
    chunks(body).unwrap_or_else(|| body.to_vec())
}

fn chunks(body: &[u8]) -> Option<Vec<u8>> {
    let mut joined = Vec::new();
    let mut rest = body;
    loop {
        let line = rest.windows(2).position(|window| window == b"\r\n")?;
        let size = String::from_utf8_lossy(&rest[..line]);
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(joined);
        }
        let (chunk, after) = rest.get(line + 2..)?.split_at_checked(size)?;
        joined.extend_from_slice(chunk);
        rest = after.strip_prefix(b"\r\n")?;
    }
}
