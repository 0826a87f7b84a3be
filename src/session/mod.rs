//! Reading designs: the only module that opens files.
//!
//! In: a path, or text from standard input. Out: all files of the design with their ASTs, the
//! model, and the findings so far. Never: a file outside the folder of the root file.

#![expect(clippy::disallowed_methods, reason = "this is the module that reads files")]

mod engines;
mod generate;
mod inputs;
mod judge;
mod output;
pub mod plan_file;
mod plan_state;
mod sizing_inputs;
mod uncertain;
mod variables;

pub use engines::{Engines, Found, choose, unmet};
pub use generate::generate;
pub use inputs::inputs;
pub use judge::{Coverage, Judged, Prepared, UnknownValue, judge, prepare};
pub use output::{Change, OutputError, compare, write};
pub use plan_state::{PlanState, plan_state, price};
pub use sizing_inputs::{Rates, SizingInputs, put_rates};
pub use uncertain::sized;
pub use variables::{Filled, fill, solve};

use crate::base::{FileId, SourceMap, Span};
use crate::diag::{Diagnostic, Sink};
use crate::model::{self, Ends, LoadedFile, Model, qualify};
use crate::syntax::ast::{Expr, ItemKind};
use crate::syntax::{self, MAX_BYTES};
use plan_file::PlanFile;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Most files of one design; a file counts once for each name that it is used under.
const MAX_FILES: usize = 500;
/// Longest chain of `use`.
const MAX_DEPTH: usize = 64;

/// A design as read.
#[derive(Clone, Debug)]
pub struct Design {
    /// All files.
    pub sources: SourceMap,
    /// Their ASTs, the root file first.
    pub files: Vec<LoadedFile>,
    /// Values of `--set`.
    pub overrides: BTreeMap<String, Expr>,
    /// Findings of reading and parsing.
    pub sink: Sink,
    /// Whether the root file could not be read as text (exit status 2).
    pub unreadable: bool,
    /// The plan file next to the design: its values, or the reason why it cannot be used.
    pub plan: Option<Result<PlanFile, String>>,
}

impl Design {
    /// Builds the model, at the midpoints of all intervals.
    #[must_use]
    pub fn model(&self, sink: &mut Sink) -> Model {
        model::build(&self.files, &self.overrides, &Ends::new(), sink)
    }

    /// Builds the model at given endpoints of its intervals, without findings.
    #[must_use]
    pub fn model_at(&self, ends: &Ends) -> Model {
        model::build(&self.files, &self.overrides, ends, &mut Sink::default())
    }

    /// The name of the root file.
    #[must_use]
    pub fn name(&self) -> &str {
        self.sources.get(FileId(0)).map_or("", |f| f.name.as_str())
    }
}

/// A rate such as `2k/s` or `300 rps`, per second.
///
/// # Errors
/// The reason, if the text is not a rate.
pub fn rate(text: &str) -> Result<f64, String> {
    let mut sink = Sink::default();
    let expr = syntax::parse_expression(text.trim(), FileId(0), &mut sink);
    let lets = model::Lets::new(BTreeMap::new(), &Ends::new(), &mut sink);
    let number = expr.and_then(|e| lets.number(&e, "", &mut sink));
    let rate = number.filter(|n| n.dim == crate::units::Dim::RATE && n.per.is_none()).map(|n| n.value.mid);
    rate.filter(|x| x.is_finite() && *x > 0.0).ok_or_else(|| format!("`{text}` is not a rate; write `2k/s`"))
}

/// Reads a design from a path, or from standard input when the path is `-`.
#[must_use]
pub fn open(path: &str, sets: &[String]) -> Design {
    let mut loader = Loader::new();
    if path == "-" {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes);
        let root = std::env::current_dir().ok();
        match read {
            Ok(_) => loader.root("standard input", bytes, root.as_deref()),
            Err(e) => loader.cannot_read("standard input", &e),
        }
    } else {
        match read_bounded(Path::new(path)) {
            Ok(bytes) => {
                let folder = Path::new(path).canonicalize().ok().and_then(|p| p.parent().map(Path::to_path_buf));
                loader.root(path, bytes, folder.as_deref());
                if let Ok(own) = Path::new(path).canonicalize() {
                    loader.root_path = own;
                }
            }
            Err(e) => loader.cannot_read(path, &e),
        }
    }
    let mut design = loader.finish(sets);
    if path != "-" && !design.unreadable {
        design.plan = read_plan(Path::new(path));
    }
    design
}

/// The plan file next to a design, if there is one.
fn read_plan(design: &Path) -> Option<Result<PlanFile, String>> {
    let path = plan_file::path_of(design);
    let shown = path.display().to_string();
    match read_bounded(&path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
        Err(e) => Some(Err(format!("`{shown}` cannot be read: {e}"))),
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            Some(plan_file::parse(&text).map_err(|e| format!("`{shown}` is no plan file: {e}")))
        }
    }
}

/// Reads a design from text only; `use` finds no files.
#[must_use]
pub fn open_text(name: &str, text: &str, sets: &[String]) -> Design {
    let mut loader = Loader::new();
    loader.root(name, text.as_bytes().to_vec(), None);
    loader.finish(sets)
}

fn read_bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    if path.is_dir() {
        return Err(std::io::Error::other("it is a folder"));
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

struct Loader {
    sources: SourceMap,
    files: Vec<LoadedFile>,
    sink: Sink,
    unreadable: bool,
    /// Uses of files that do not exist.
    missing: usize,
    folder: Option<PathBuf>,
    root_path: PathBuf,
    /// Uses still to follow: file, source location, path text, alias, prefix, the chain of files
    /// above.
    pending: Vec<Pending>,
    loaded: BTreeSet<(String, PathBuf)>,
    chains: BTreeMap<FileId, (PathBuf, Vec<(PathBuf, String)>)>,
}

struct Pending {
    from: FileId,
    span: Span,
    path: String,
    prefix: String,
}

impl Loader {
    fn new() -> Self {
        Self {
            sources: SourceMap::default(),
            files: Vec::new(),
            sink: Sink::default(),
            unreadable: false,
            missing: 0,
            folder: None,
            root_path: PathBuf::new(),
            pending: Vec::new(),
            loaded: BTreeSet::new(),
            chains: BTreeMap::new(),
        }
    }

    fn cannot_read(&mut self, name: &str, error: &std::io::Error) {
        let id = self.sources.add(name, "");
        self.unreadable = true;
        let reason = match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
            std::io::ErrorKind::PermissionDenied => "it may not be read".to_owned(),
            _ => error.to_string(),
        };
        self.sink.push(
            Diagnostic::error("ARC504", Span::new(id, 0, 0), format!("cannot read `{name}`: {reason}"))
                .help("`archc new DIR` writes a design to start from"),
        );
    }

    fn root(&mut self, name: &str, bytes: Vec<u8>, folder: Option<&Path>) {
        self.folder = folder.and_then(|f| f.canonicalize().ok());
        let id = FileId(0);
        match syntax::decode(bytes, id) {
            Ok(text) => {
                let folder = self.folder.clone().unwrap_or_default();
                self.add(name, text, String::new(), true, folder, Vec::new());
            }
            Err(d) => {
                self.sources.add(name, "");
                self.unreadable = true;
                self.sink.push(Diagnostic { span: Span::new(id, 0, 0), ..*d });
            }
        }
    }

    fn add(
        &mut self,
        name: &str,
        text: String,
        prefix: String,
        root: bool,
        folder: PathBuf,
        chain: Vec<(PathBuf, String)>,
    ) {
        let text: Arc<str> = text.into();
        let id = self.sources.add(name, text.clone());
        let file = syntax::parse(&text, id, &mut self.sink);
        for item in &file.items {
            if let ItemKind::Use { path, alias } = &item.kind {
                let prefix = alias.as_ref().map_or_else(|| prefix.clone(), |a| qualify(&prefix, &a.text));
                if let Some(a) = alias
                    && let Some(d) = model::attrs::bad_name(a)
                {
                    self.sink.push(d);
                }
                self.pending.push(Pending { from: id, span: path.span, path: path.text.clone(), prefix });
            }
        }
        self.chains.insert(id, (folder, chain));
        self.files.push(LoadedFile { prefix, file, text, root });
    }

    fn finish(mut self, sets: &[String]) -> Design {
        // A stack, filled in reverse for each file: uses are followed in order, depth first.
        self.pending.reverse();
        while let Some(p) = self.pending.pop() {
            let before = self.pending.len();
            self.follow(&p);
            if let Some(new) = self.pending.get_mut(before..) {
                new.reverse();
            }
        }
        let mut overrides = BTreeMap::new();
        for set in sets {
            let id = self.sources.add(format!("--set {set}"), set.as_str());
            let Some((name, text)) = set.split_once('=') else {
                self.sink.push(
                    Diagnostic::error("ARC510", Span::new(id, 0, set.len()), "`--set` expects a name and a value")
                        .help("write `--set visitors=\"30M / day\"`"),
                );
                continue;
            };
            if let Some(expr) = syntax::parse_expression(text.trim(), id, &mut self.sink) {
                overrides.insert(name.trim().to_owned(), expr);
            }
        }
        Design {
            sources: self.sources,
            files: self.files,
            overrides,
            sink: self.sink,
            unreadable: self.unreadable,
            plan: None,
        }
    }

    fn follow(&mut self, p: &Pending) {
        let error = |code, message: String, help: &str| Diagnostic::error(code, p.span, message).help(help);
        if p.path.trim().is_empty() {
            self.sink.push(error("ARC562", "this `use` has no path".to_owned(), "write `use \"payments.arch\"`"));
            return;
        }
        let given = Path::new(&p.path);
        if given.is_absolute() || p.path.starts_with('~') || p.path.contains(':') || p.path.contains('\\') {
            self.sink.push(error(
                "ARC562",
                format!("`{}` is not a path relative to this file", p.path),
                "write `use \"payments.arch\"` or `use \"parts/payments.arch\"`, with `/` between folders",
            ));
            return;
        }
        let Some((folder, chain)) = self.chains.get(&p.from).cloned() else { return };
        let Some(root) = self.folder.clone() else {
            self.sink.push(error(
                "ARC560",
                format!("`{}` cannot be found: this design has no folder", p.path),
                "save the design as a file first",
            ));
            return;
        };
        let Ok(path) = folder.join(given).canonicalize() else {
            // A path outside the folder and a missing file give the same message, so a design
            // cannot test for files.
            let outside = given.components().any(|c| matches!(c, std::path::Component::ParentDir))
                && !normal(&folder.join(given)).starts_with(&root);
            if outside {
                self.outside(p);
            } else {
                self.missing += 1;
                // Each suggestion reads a folder, so only a few are made.
                let near = if self.missing <= 20 { near_file(&folder.join(given), &root) } else { None };
                let help = near.map_or_else(
                    || "paths are relative to the file that uses them".to_owned(),
                    |n| format!("did you mean `{}`?", given.with_file_name(n).display()),
                );
                self.sink.push(error("ARC560", format!("there is no file `{}`", p.path), &help));
            }
            return;
        };
        if !path.starts_with(&root) {
            self.outside(p);
            return;
        }
        let is_root = path == self.root_path;
        if let Some(at) = chain.iter().position(|(c, _)| *c == path).or_else(|| is_root.then_some(0)) {
            let mut ring: Vec<String> =
                chain.iter().skip(if is_root { 0 } else { at }).map(|(_, n)| n.clone()).collect();
            if is_root {
                ring.insert(
                    0,
                    self.root_path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned()),
                );
            }
            ring.push(p.path.clone());
            self.sink.push(error(
                "ARC563",
                format!("files use each other in a ring: {}", ring.join(" -> ")),
                "move what both need into a third file",
            ));
            return;
        }
        if !self.loaded.insert((p.prefix.clone(), path.clone())) {
            return;
        }
        if self.files.len() >= MAX_FILES || chain.len() >= MAX_DEPTH {
            self.sink.push(error(
                "ARC565",
                format!("this design has more than {MAX_FILES} files, or a chain of more than {MAX_DEPTH} uses"),
                "a file used under several names counts each time",
            ));
            return;
        }
        if path.is_dir() {
            self.sink.push(error(
                "ARC564",
                format!("`{}` is a folder", p.path),
                &format!("name a file in it: `use \"{}/name.arch\"`", p.path.trim_end_matches('/')),
            ));
            return;
        }
        if path.extension().is_none_or(|e| e != "arch") {
            self.sink.push(error(
                "ARC564",
                format!("`{}` is not a `.arch` file", p.path),
                "`use` imports designs only",
            ));
            return;
        }
        let shown = path.strip_prefix(&root).map_or_else(|_| p.path.clone(), |r| r.to_string_lossy().into_owned());
        let root_folder = Path::new(self.sources.get(FileId(0)).map_or("", |f| f.name.as_str()))
            .parent()
            .map(Path::to_path_buf)
            .unwrap_or_default();
        let name = root_folder.join(&shown).to_string_lossy().into_owned();
        let bytes = match read_bounded(&path) {
            Ok(bytes) => bytes,
            Err(e) => {
                self.sink.push(error(
                    "ARC560",
                    format!("cannot read `{}`: {e}", p.path),
                    "paths are relative to the file that uses them",
                ));
                return;
            }
        };
        let next = FileId(u16::try_from(self.sources.iter().count()).unwrap_or(u16::MAX));
        match syntax::decode(bytes, next) {
            Ok(text) => {
                let mut chain = chain;
                let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
                chain.push((path, p.path.clone()));
                self.add(&name, text, p.prefix.clone(), false, folder, chain);
            }
            Err(d) => {
                self.sink.push(Diagnostic { span: p.span, message: format!("`{}`: {}", p.path, d.message), ..*d });
            }
        }
    }

    fn outside(&mut self, p: &Pending) {
        self.sink.push(
            Diagnostic::error("ARC561", p.span, format!("`{}` lies outside of the design's folder", p.path)).help(
                "a design is the folder of its root file and what is below; links are followed before this is judged",
            ),
        );
    }
}

/// The file in the folder of a missing one with the most similar name.
fn near_file(missing: &Path, root: &Path) -> Option<String> {
    let name = missing.file_name()?.to_str()?;
    let folder = missing.parent()?.canonicalize().ok()?;
    if !folder.starts_with(root) {
        return None;
    }
    let beside: Vec<String> = std::fs::read_dir(folder)
        .ok()?
        .take(1000)
        .filter_map(|e| e.ok()?.file_name().into_string().ok())
        .filter(|n| Path::new(n).extension().is_some_and(|e| e == "arch") && n != name)
        .collect();
    crate::base::nearest(name, beside.iter().map(String::as_str)).map(str::to_owned)
}

/// A path with `..` resolved from its text alone.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for c in path.components() {
        match c {
            std::path::Component::ParentDir => {
                out.pop();
            }
            std::path::Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}
