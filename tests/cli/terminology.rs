//! `docs/terminology.md`: each term once, in alphabetical order, and used elsewhere.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Lower-case text of all `.rs` and `.md` files below a folder, without line breaks, comment marks
/// and underscores.
fn text(folder: &Path, all: &mut String) {
    for entry in fs::read_dir(folder).expect("folder").map(|e| e.expect("entry").path()) {
        if entry.is_dir() {
            text(&entry, all);
        } else if entry.extension().is_some_and(|e| e == "rs" || e == "md") && !entry.ends_with("terminology.md") {
            let lines = fs::read_to_string(&entry).expect("text").to_lowercase();
            for line in lines.lines() {
                let line = line.trim_start().trim_start_matches(['/', '!']).trim();
                write!(all, "{} ", line.replace('_', " ")).expect("a string grows");
            }
        }
    }
}

#[test]
fn each_term_is_defined_once_in_order_and_used() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/terminology.md")).expect("page");
    let mut used = String::new();
    text(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut used);
    text(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs"), &mut used);
    let mut seen = BTreeSet::new();
    for group in page.split("\n## ").skip(1) {
        let rows: Vec<&str> = group.lines().filter(|l| l.starts_with("| ")).skip(1).collect();
        let terms: Vec<&str> = rows.iter().filter_map(|l| l.split('|').nth(1)).map(str::trim).collect();
        assert!(!terms.is_empty() && terms.is_sorted(), "not in order: {terms:?}");
        for (term, row) in terms.iter().zip(&rows) {
            assert!(seen.insert(*term), "`{term}` is defined twice");
            let definition = row.split('|').nth(2).expect("definition").trim();
            assert!(definition.ends_with('.') && !definition.contains(". "), "`{term}`: not one sentence");
        }
    }
    let unused: Vec<_> = seen.iter().filter(|term| !used.contains(**term)).collect();
    assert!(unused.is_empty(), "no code or document uses {unused:?}");
}
