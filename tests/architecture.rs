//! The house keeps its order: who may import whom, which crate lives where, how
//! long a file may be.

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
const HOMES: [(&str, &str); 9] = [
    ("askama", "emit"),
    ("pest", "syntax"),
    ("pest_derive", "syntax"),
    ("miette", "diag"),
    ("petgraph", "graph"),
    ("good_lp", "sizing"),
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
    let lib = include_str!("../src/lib.rs");
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
