//! Output folders: writing generated files next to files that people edit.
//!
//! In: a folder, generated files. Out: files on disk, and a list of their digests in `.archc.json`.
//! A file that differs from the text last written there was edited by hand. It is never overwritten
//! or removed without force. Never: a file outside of the folder; links are not followed.

use crate::base::sha256;
use crate::emit::OutFile;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Component, Path};

/// The name of the list of digests.
const LIST: &str = ".archc.json";
/// Longest file on disk that is compared.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The difference between a file on disk and the design.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// The file does not exist.
    Missing,
    /// The file exists, and the design would write another text.
    Stale,
    /// The file is neither the text last written nor the text to write now.
    Edited,
    /// It was written earlier, and the design no longer writes it.
    Left,
}

impl Change {
    /// Its word in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Stale => "stale",
            Self::Edited => "edited by hand",
            Self::Left => "no longer generated",
        }
    }
}

/// The reason why nothing was written.
#[derive(Debug)]
pub enum OutputError {
    /// These files were edited by hand.
    Edited(Vec<String>),
    /// The folder cannot be read or written: path and reason.
    Io(String),
}

#[derive(Serialize, Deserialize, Default)]
struct List {
    /// A comment for readers of the file.
    about: String,
    /// SHA-256 by path.
    files: BTreeMap<String, String>,
}

const ABOUT: &str = "What archc wrote here, so that it never overwrites a file that was edited by hand.";

/// Whether a path stays inside its folder.
fn stays_inside(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|c| matches!(c, Component::Normal(_)))
}

/// The state of a path on disk: its digest, nothing, or something other than a plain file.
fn on_disk(dir: &Path, path: &str) -> Result<Option<String>, String> {
    if !stays_inside(path) {
        return Err(format!("`{path}` leads out of the folder"));
    }
    let mut here = dir.to_path_buf();
    for part in Path::new(path).components() {
        here.push(part);
        match std::fs::symlink_metadata(&here) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(format!("`{}`: {e}", here.display())),
            Ok(meta) if meta.is_symlink() => {
                return Err(format!("`{}` is a link; links are not followed", here.display()));
            }
            Ok(_) => {}
        }
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(&here).map_err(|e| format!("`{}`: {e}", here.display()))?;
    file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(|e| format!("`{}`: {e}", here.display()))?;
    Ok(Some(sha256(&bytes)))
}

fn read_list(dir: &Path) -> Result<List, String> {
    match std::fs::read_to_string(dir.join(LIST)) {
        Ok(text) => serde_json::from_str(&text).map_err(|e| format!("`{}` is damaged: {e}", dir.join(LIST).display())),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(List::default()),
        Err(e) => Err(format!("`{}`: {e}", dir.join(LIST).display())),
    }
}

/// Compares a folder with the files to write, in the order of paths.
///
/// # Errors
/// The folder cannot be read, or a path leads out of it.
pub fn compare(dir: &Path, files: &[OutFile], scope: &[&str]) -> Result<Vec<(String, Change)>, OutputError> {
    let list = read_list(dir).map_err(OutputError::Io)?;
    let mut out = Vec::new();
    for f in files {
        let there = on_disk(dir, &f.path).map_err(OutputError::Io)?;
        let change = match (there, list.files.get(&f.path)) {
            (None, _) => Change::Missing,
            (Some(now), _) if now == sha256(f.text.as_bytes()) => continue,
            (Some(now), Some(written)) if now == *written => Change::Stale,
            (Some(_), _) => Change::Edited,
        };
        out.push((f.path.clone(), change));
    }
    for path in list.files.keys().filter(|p| !files.iter().any(|f| f.path == **p) && in_scope(p, scope)) {
        match on_disk(dir, path).map_err(OutputError::Io)? {
            None => {}
            Some(now) if list.files.get(path) == Some(&now) => out.push((path.clone(), Change::Left)),
            Some(_) => out.push((path.clone(), Change::Edited)),
        }
    }
    out.sort();
    Ok(out)
}

/// Whether a path is in one of the folders that this run writes.
fn in_scope(path: &str, scope: &[&str]) -> bool {
    scope.iter().any(|s| Path::new(path).starts_with(s))
}

/// Writes the files of the folders in `scope`; returns the changes.
///
/// # Errors
/// A file was edited by hand and `force` is false: then nothing is written. Or the folder cannot be
/// read or written.
pub fn write(dir: &Path, files: &[OutFile], scope: &[&str], force: bool) -> Result<Vec<(String, Change)>, OutputError> {
    let changes = compare(dir, files, scope)?;
    let edited: Vec<String> = changes.iter().filter(|(_, c)| *c == Change::Edited).map(|(p, _)| p.clone()).collect();
    if !edited.is_empty() && !force {
        return Err(OutputError::Edited(edited));
    }
    let mut list = read_list(dir).map_err(OutputError::Io)?;
    ABOUT.clone_into(&mut list.about);
    let io = |path: &Path, e: &std::io::Error| OutputError::Io(format!("`{}`: {e}", path.display()));
    for f in files {
        list.files.insert(f.path.clone(), sha256(f.text.as_bytes()));
        if !changes.iter().any(|(p, _)| *p == f.path) {
            continue;
        }
        let path = dir.join(&f.path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|e| io(folder, &e))?;
        }
        std::fs::write(&path, &f.text).map_err(|e| io(&path, &e))?;
    }
    for (path, _) in changes.iter().filter(|(p, _)| !files.iter().any(|f| f.path == *p)) {
        let full = dir.join(path);
        std::fs::remove_file(&full).map_err(|e| io(&full, &e))?;
    }
    list.files.retain(|p, _| files.iter().any(|f| f.path == *p) || !in_scope(p, scope));
    let text = serde_json::to_string_pretty(&list).map_err(|e| OutputError::Io(e.to_string()))?;
    std::fs::create_dir_all(dir).map_err(|e| io(dir, &e))?;
    let path = dir.join(LIST);
    std::fs::write(&path, text + "\n").map_err(|e| io(&path, &e))?;
    Ok(changes)
}
