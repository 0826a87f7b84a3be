//! The house keeps its order: who may import whom, which crate lives where, how
//! long a file may be, and that each test file runs.

use std::path::{Path, PathBuf};

/// Modules by layer; one imports strictly lower layers only.
const LAYERS: [(&str, usize); 19] = [
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
    ("analysis", 6),
    ("lint", 7),
    ("plan", 7),
    ("sizing", 7),
    ("emit", 8),
    ("advise", 8),
    ("session", 9),
    ("cli", 10),
];

/// Third-party crates that live in one module each.
const HOMES: [(&str, &str); 8] = [
    ("askama", "emit"),
    ("pest", "syntax"),
    ("pest_derive", "syntax"),
    ("miette", "diag"),
    ("petgraph", "graph"),
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
    for line in lib.lines().filter_map(|l| l.strip_prefix("pub mod ")) {
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
        assert!(lines <= 700, "{} has {lines} lines", path.display());
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
        // Helpers stand in `support/mod.rs`.
        let is_root = |p: &PathBuf| *p == dir.join("main.rs") || *p == dir.join("mod.rs");
        let root = files.iter().find(|p| is_root(p)).map(|p| std::fs::read_to_string(p).expect("readable"));
        for path in files.iter().filter(|p| !is_root(p)) {
            let root = root.as_ref().unwrap_or_else(|| panic!("{}: no main.rs beside it", path.display()));
            let module = path.strip_prefix(&dir).expect("below the folder").with_extension("");
            let line = format!("mod {};", module.display());
            let named = root.lines().any(|l| l.trim_start_matches("pub ") == line);
            assert!(named, "{}: its main.rs has no line `{line}`", path.display());
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
