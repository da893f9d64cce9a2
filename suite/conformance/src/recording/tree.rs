//! Finding recordings below a path.

use std::fs;
use std::path::{Path, PathBuf};

use super::{RecordingError, RecordingFlaw, SCENARIO_FILE};

pub(super) const MAX_FOLDERS: usize = 100_000;
pub(super) const MAX_DEPTH: usize = 16;

/// All folders at or below `path` that are recordings, by their names. Links to folders are not followed.
///
/// # Errors
/// If a folder cannot be read, the tree is too large, or no folder is a recording.
pub fn find(path: &Path) -> Result<Vec<PathBuf>, RecordingError> {
    let fail = |path: &Path, what| RecordingError { path: path.to_path_buf(), what };
    let mut found = Vec::new();
    let mut seen = 0;
    let mut waiting = vec![(path.to_path_buf(), 0)];
    while let Some((folder, depth)) = waiting.pop() {
        seen += 1;
        if seen > MAX_FOLDERS || depth > MAX_DEPTH {
            return Err(fail(&folder, RecordingFlaw::TreeTooLarge));
        }
        if folder.join(SCENARIO_FILE).is_file() {
            found.push(folder);
            continue;
        }
        for entry in fs::read_dir(&folder).map_err(|error| fail(&folder, error.into()))? {
            let entry = entry.map_err(|error| fail(&folder, error.into()))?;
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                waiting.push((entry.path(), depth + 1));
            }
        }
    }
    if found.is_empty() {
        return Err(fail(path, RecordingFlaw::NothingFound));
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_recordings_in_order_and_not_inside_each_other() {
        let tree = tempfile::tempdir().unwrap();
        for folder in ["b/two", "a/one", "a/one/inner", "c/empty"] {
            fs::create_dir_all(tree.path().join(folder)).unwrap();
        }
        for folder in ["b/two", "a/one", "a/one/inner"] {
            fs::write(tree.path().join(folder).join(SCENARIO_FILE), "{}").unwrap();
        }
        assert_eq!(find(tree.path()).unwrap(), [tree.path().join("a/one"), tree.path().join("b/two")]);
        assert_eq!(find(&tree.path().join("b/two")).unwrap(), [tree.path().join("b/two")]);
        assert!(matches!(find(&tree.path().join("c")).unwrap_err().what, RecordingFlaw::NothingFound));
        assert!(matches!(find(&tree.path().join("no")).unwrap_err().what, RecordingFlaw::Io(_)));
    }
}
