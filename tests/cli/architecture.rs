//! The house keeps its order: who may import whom, which crate lives where, how
//! long a file may be, and that each test file runs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Modules by layer; one imports strictly lower layers only.
const LAYERS: [(&str, usize); 21] = [
    ("base", 0),
    ("units", 1),
    ("theory", 1),
    ("diag", 1),
    ("resource", 1),
    ("syntax", 2),
    ("format", 3),
    ("kinds", 3),
    ("catalog", 3),
    ("model", 4),
    ("graph", 5),
    ("simulate", 5),
    ("analysis", 6),
    ("lint", 7),
    ("plan", 7),
    ("sizing", 7),
    ("emit", 8),
    ("advise", 8),
    ("session", 9),
    ("api", 10),
    ("cli", 10),
];

/// Third-party crates that live in one module each.
const HOMES: [(&str, &str); 11] = [
    ("good_lp", "sizing"),
    ("askama", "emit"),
    ("pest", "syntax"),
    ("pest_derive", "syntax"),
    ("miette", "diag"),
    ("petgraph", "graph"),
    ("rand_distr", "simulate"),
    ("rand_xoshiro", "simulate"),
    ("clap", "cli"),
    ("clap_complete", "cli"),
    ("strsim", "base"),
];

fn sources(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

fn all() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    files.sort();
    files
        .into_iter()
        .filter_map(|f| {
            let module = f.strip_prefix(&root).ok()?.components().next()?.as_os_str().to_str()?.to_owned();
            let text = std::fs::read_to_string(&f).expect("readable");
            LAYERS.iter().any(|(m, _)| *m == module).then_some((module, f, text))
        })
        .collect()
}

fn layer(module: &str) -> usize {
    LAYERS.iter().find(|(m, _)| *m == module).unwrap_or_else(|| panic!("module `{module}` has no layer")).1
}

#[test]
fn every_module_has_a_layer() {
    let lib = include_str!("../../src/lib.rs");
    for line in lib.lines().filter_map(|l| l.trim_start_matches("pub ").strip_prefix("mod ")) {
        layer(line.trim_end_matches(';'));
    }
}

#[test]
fn imports_go_down() {
    for (module, path, text) in all() {
        for line in text.lines().filter(|l| !l.trim_start().starts_with("//")) {
            for part in line.split("crate::").skip(1) {
                // `use crate::{a, b}` names several.
                let names: Vec<&str> = part.strip_prefix('{').map_or_else(
                    || vec![part.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("")],
                    |list| {
                        list.split('}')
                            .next()
                            .unwrap_or("")
                            .split(',')
                            .map(|n| n.trim().split("::").next().unwrap_or(""))
                            .collect()
                    },
                );
                for other in names.into_iter().filter(|o| LAYERS.iter().any(|(m, _)| m == o)) {
                    assert!(
                        other == module || layer(other) < layer(&module),
                        "{}: `{module}` (layer {}) imports `{other}` (layer {})",
                        path.display(),
                        layer(&module),
                        layer(other)
                    );
                }
            }
        }
    }
}

#[test]
fn each_crate_lives_in_its_module() {
    for (module, path, text) in all() {
        for (krate, home) in HOMES {
            let used = text.lines().any(|l| {
                let l = l.trim_start();
                !l.starts_with("//")
                    && (l.starts_with(&format!("use {krate}::"))
                        || l.contains(&format!(" {krate}::"))
                        || l.contains(&format!("({krate}::"))
                        || l.contains(&format!("[{krate}::")))
            });
            assert!(!used || module == home, "{}: `{krate}` belongs in `{home}`", path.display());
        }
    }
}

#[test]
fn kind_names_stay_in_kinds() {
    // A kind's name as a string of its own is a decision by kind; facets are for that.
    for (module, path, text) in all() {
        if ["kinds", "catalog"].contains(&module.as_str()) {
            continue;
        }
        let code: String = text
            .split("#[cfg(test)]")
            .next()
            .unwrap_or("")
            .lines()
            .filter(|l| !l.trim_start().starts_with("//"))
            .collect::<Vec<_>>()
            .join("\n");
        for kind in archc::kinds::KINDS {
            let literal = format!("== \"{}\"", kind.name);
            assert!(!code.contains(&literal), "{}: decides by the kind `{}`", path.display(), kind.name);
        }
    }
}

#[test]
fn files_hold_one_idea() {
    for (_, path, text) in all() {
        let lines = text.lines().count();
        assert!(lines <= 600, "{} has {lines} lines", path.display());
        assert!(text.starts_with("//!") || path.ends_with("tests.rs"), "{} does not say what it is", path.display());
    }
}

#[test]
fn each_test_file_is_part_of_a_binary() {
    // Cargo builds `tests/NAME/main.rs` and the files it names; any other file would not run, without a word.
    let mut count = 0;
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")).expect("a folder") {
        let dir = entry.expect("an entry").path();
        let mut files = Vec::new();
        if dir.is_dir() {
            sources(&dir, &mut files);
        }
        // Helpers stand in `support/mod.rs`; a folder in a folder has a `mod.rs` of its own.
        let is_face = |p: &Path| p.ends_with("main.rs") || p.ends_with("mod.rs");
        for path in files.iter().filter(|p| !(is_face(p) && p.parent() == Some(dir.as_path()))) {
            let item = if is_face(path) { path.parent().expect("a folder") } else { path.as_path() };
            let folder = item.parent().expect("a folder");
            let face = ["main.rs", "mod.rs"].iter().find_map(|f| std::fs::read_to_string(folder.join(f)).ok());
            let face = face.unwrap_or_else(|| panic!("{}: no main.rs beside it", path.display()));
            let line = format!("mod {};", item.file_stem().expect("a name").display());
            let named = face.lines().any(|l| l.trim_start_matches("pub ") == line);
            assert!(named, "{}: the main.rs or mod.rs beside it has no line `{line}`", path.display());
            count += 1;
        }
    }
    assert!(count > 50, "only {count} test files were found");
}

/// Rooms of `src/analysis`, lowest first: a room imports itself and lower ones.
const ROOMS: [&str; 12] = [
    "ground",
    "load",
    "capacity",
    "time",
    "steady",
    "queues",
    "faults",
    "money",
    "facts",
    "consistency",
    "uncertainty",
    "verdicts",
];

#[test]
fn rooms_of_the_analysis_import_lower_rooms() {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/analysis");
    let mut seen = 0;
    for (_, path, text) in all().into_iter().filter(|(module, ..)| module == "analysis") {
        let inside = path.strip_prefix(&base).expect("below the folder");
        let room = inside.components().next().and_then(|c| c.as_os_str().to_str()).unwrap_or("");
        let room = room.trim_end_matches(".rs");
        if room == "mod" {
            continue;
        }
        let height = |name: &str| ROOMS.iter().position(|r| *r == name);
        let own = height(room).unwrap_or_else(|| panic!("`{room}` is no room"));
        for line in text.lines().filter(|l| !l.trim_start().starts_with("//")) {
            for part in line.split("crate::analysis::").skip(1) {
                let name: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let Some(other) = height(&name) else { continue };
                seen += 1;
                assert!(other <= own, "{}: room `{room}` imports room `{name}` above it", path.display());
            }
        }
    }
    assert!(seen > 100, "the imports were not found");
}

#[test]
fn one_file_knows_the_solver() {
    for (_, path, text) in all() {
        let code = text.lines().filter(|l| !l.trim_start().starts_with("//"));
        let knows = code.into_iter().any(|l| l.contains("good_lp"));
        assert!(
            !knows || path.ends_with("sizing/milp.rs"),
            "{}: `good_lp` belongs in `sizing/milp.rs`",
            path.display()
        );
    }
}

/// Rings of files that are still there, each sorted. The list can only shrink: one that is gone must leave it.
const RINGS: [&[&str]; 0] = [];

/// The files of `src` by module path, with which modules each one names.
struct Imports {
    /// Code without comments and tests, by module path; `lib.rs` is the empty path.
    files: BTreeMap<String, String>,
    /// What a module's name means that another module declares: `pub use`, by module and name.
    reexports: BTreeMap<(String, String), String>,
}

fn join(base: &str, rest: &str) -> String {
    if base.is_empty() { rest.to_owned() } else { format!("{base}::{rest}") }
}

fn parent(module: &str) -> &str {
    module.rsplit_once("::").map_or("", |(up, _)| up)
}

/// The paths of `a::{b, c::{d, e as f}}`, each with the name under which it is known.
fn expand(tree: &str) -> Vec<(String, String)> {
    let tree = tree.trim();
    if let Some((head, body)) = tree.split_once('{') {
        let body = body.strip_suffix('}').expect("a closed list");
        let (mut parts, mut depth, mut from) = (Vec::new(), 0, 0);
        for (i, c) in body.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    parts.push(&body[from..i]);
                    from = i + 1;
                }
                _ => {}
            }
        }
        parts.push(&body[from..]);
        let inner = parts.into_iter().filter(|p| !p.trim().is_empty()).flat_map(expand);
        return inner.map(|(path, name)| (format!("{head}{path}"), name)).collect();
    }
    let (path, name) = tree.split_once(" as ").unwrap_or((tree, tree.rsplit("::").next().unwrap_or("")));
    let path = path.trim().trim_end_matches("::self");
    let name = if name == "self" { path.rsplit("::").next().unwrap_or("") } else { name };
    vec![(path.to_owned(), name.trim().to_owned())]
}

/// The `use` items of a text, as (public, tree).
fn uses(text: &str) -> Vec<(bool, String)> {
    let mut out = Vec::new();
    for (at, _) in text.match_indices("use ") {
        let line = &text[text[..at].rfind('\n').map_or(0, |n| n + 1)..at];
        let line = line.trim();
        if line.is_empty() || line.starts_with("pub") {
            let tree = text[at + 4..].split(';').next().unwrap_or("");
            // The word stands in texts too.
            if !tree.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || "_:{},*".contains(c)) {
                continue;
            }
            out.push((!line.is_empty(), tree.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
    }
    out
}

impl Imports {
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut paths = Vec::new();
        sources(&root, &mut paths);
        let mut files = BTreeMap::new();
        for path in paths {
            let relative = path.strip_prefix(&root).expect("below src").with_extension("");
            let names: Vec<&str> = relative.iter().map(|n| n.to_str().expect("UTF-8")).collect();
            let module = names.join("::");
            let module = module.strip_suffix("::mod").unwrap_or(&module);
            let module = if module == "lib" { "" } else { module };
            let text = std::fs::read_to_string(&path).expect("readable");
            let code = text.split("#[cfg(test)]").next().unwrap_or("");
            let code: Vec<&str> = code.lines().map(|l| l.split("//").next().unwrap_or("")).collect();
            files.insert(module.to_owned(), code.join("\n"));
        }
        let mut out = Self { files, reexports: BTreeMap::new() };
        for (module, text) in &out.files {
            for (path, name) in uses(text).into_iter().filter(|(public, _)| *public).flat_map(|(_, t)| expand(&t)) {
                let full = absolute(module, &path).unwrap_or_else(|| join(module, &path));
                out.reexports.insert((module.clone(), name), full);
            }
        }
        out
    }

    /// The file in which a path is declared.
    fn file_of(&self, path: &str, depth: usize) -> Option<&str> {
        let mut module = path;
        loop {
            if let Some((found, _)) = self.files.get_key_value(module) {
                let rest = path[module.len()..].trim_start_matches("::");
                let (name, more) = rest.split_once("::").unwrap_or((rest, ""));
                return match self.reexports.get(&(found.clone(), name.to_owned())) {
                    Some(to) if depth < 8 => {
                        self.file_of(if more.is_empty() { to.clone() } else { join(to, more) }.as_str(), depth + 1)
                    }
                    _ => Some(found),
                };
            }
            if module.is_empty() {
                return None;
            }
            module = parent(module);
        }
    }

    /// The files that a file names. The face of a folder (`mod.rs`) may name files of its folder, which name it too.
    fn of(&self, module: &str, text: &str) -> BTreeSet<&str> {
        let mut paths: Vec<String> = uses(text)
            .into_iter()
            .filter(|(public, _)| !public)
            .flat_map(|(_, tree)| expand(&tree))
            .map(|(path, _)| path)
            .collect();
        for start in ["crate::", "super::", "self::"] {
            for (at, _) in text.match_indices(start) {
                let whole = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
                if whole {
                    paths.push(
                        text[at..].chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == ':').collect(),
                    );
                }
            }
        }
        let full = paths.iter().filter_map(|p| absolute(module, p.trim_end_matches(':')));
        let found: Vec<String> = full.collect();
        found
            .iter()
            .filter_map(|p| self.file_of(p, 0))
            .filter(|f| *f != module && !f.is_empty() && !f.starts_with(&format!("{module}::")))
            .collect()
    }
}

/// A path from the root of the crate; none for another crate's.
fn absolute(module: &str, path: &str) -> Option<String> {
    if let Some(rest) = path.strip_prefix("crate::") {
        return Some(rest.to_owned());
    }
    if let Some(rest) = path.strip_prefix("self::") {
        return Some(join(module, rest));
    }
    let (mut base, mut rest) = (module, path);
    while let Some(up) = rest.strip_prefix("super::") {
        base = parent(base);
        rest = up;
    }
    (rest.len() < path.len()).then(|| join(base, rest))
}

/// The sets of files that reach each other, of more than one file.
fn rings<'a>(graph: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Vec<Vec<&'a str>> {
    let reach = |from: &'a str| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(at) = open.pop() {
            for next in graph.get(at).into_iter().flatten() {
                if seen.insert(*next) {
                    open.push(next);
                }
            }
        }
        seen
    };
    let all: BTreeMap<&str, BTreeSet<&str>> = graph.keys().map(|m| (*m, reach(m))).collect();
    let mut out: Vec<Vec<&str>> = all
        .iter()
        .map(|(m, there)| {
            there.iter().filter(|t| all.get(*t).is_some_and(|back| back.contains(m))).copied().collect::<Vec<_>>()
        })
        .filter(|ring: &Vec<&str>| ring.len() > 1)
        .collect();
    out.sort_unstable();
    out.dedup();
    out
}

#[test]
fn no_ring_of_files() {
    let imports = Imports::read();
    let graph: BTreeMap<&str, BTreeSet<&str>> =
        imports.files.iter().map(|(m, text)| (m.as_str(), imports.of(m, text))).collect();
    let arrows: usize = graph.values().map(BTreeSet::len).sum();
    assert!(arrows > 1000, "{arrows} imports: they were not found");
    let found = rings(&graph);
    for ring in &found {
        let inside = |m: &str| graph[m].iter().filter(|o| ring.contains(o)).copied().collect::<Vec<_>>().join(", ");
        let each: Vec<String> = ring.iter().map(|m| format!("{m} -> {}", inside(m))).collect();
        assert!(RINGS.contains(&ring.as_slice()), "files import each other in a ring:\n{}", each.join("\n"));
    }
    for known in RINGS {
        assert!(found.iter().any(|r| r == known), "this ring is gone, take it off the list: {known:?}");
    }
}

#[test]
fn rings_are_found() {
    let graph = |arrows: &[(&'static str, &'static str)]| {
        let mut out: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (a, b) in arrows {
            out.entry(a).or_default().insert(b);
        }
        out
    };
    assert!(rings(&graph(&[("a", "b"), ("b", "c"), ("a", "c")])).is_empty());
    assert_eq!(rings(&graph(&[("a", "b"), ("b", "c"), ("c", "b"), ("d", "a")])), [["b", "c"]]);
    let names = |tree: &str| expand(tree).into_iter().map(|(p, _)| p).collect::<Vec<_>>();
    assert_eq!(names("super::{a::{B, C as D}, e::self}"), ["super::a::B", "super::a::C", "super::e"]);
    assert_eq!(absolute("x::y", "super::z::T").as_deref(), Some("x::z::T"));
    assert_eq!(absolute("x::y", "std::fmt"), None);
}
