//! The example: the shop is clean, its draft has the findings that are pinned.
//! `ARCHC_BLESS=1 cargo test --test cli shop::` writes what is found in the draft;
//! read it before committing it.

use std::path::Path;
use std::process::{Command, Output};

fn archc(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_archc"))
        .args(args)
        .args(["--today", "2026-11-25"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/shop"))
        .output()
        .expect("archc runs")
}

/// Code, line and message of each finding.
fn findings(file: &str) -> Vec<String> {
    let output = archc(&["check", "--format", "json", file]);
    let doc: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let list = doc["diagnostics"].as_array().expect("a list");
    list.iter()
        .map(|d| {
            format!(
                "{} {}: {}",
                d["code"].as_str().expect("a code"),
                d["line"],
                d["message"].as_str().expect("a message")
            )
        })
        .collect()
}

#[test]
fn the_shop_is_clean() {
    let output = archc(&["check", "--deny", "warnings", "shop.arch"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(findings("shop.arch"), Vec::<String>::new());
}

#[test]
fn both_are_in_canonical_form() {
    for file in ["shop.arch", "shop-draft.arch"] {
        let output = archc(&["fmt", "--check", file]);
        assert_eq!(output.status.code(), Some(0), "{file}");
    }
}

#[test]
fn the_draft_has_its_findings() {
    let expect = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shop-draft.expect");
    let found = findings("shop-draft.arch").join("\n") + "\n";
    if std::env::var_os("ARCHC_BLESS").is_some() {
        std::fs::write(&expect, &found).expect("written");
    }
    assert_eq!(found, std::fs::read_to_string(&expect).expect("the pinned findings"));
    assert_eq!(archc(&["check", "shop-draft.arch"]).status.code(), Some(1));
    // The mistakes that rules of today know, each at least once.
    for code in ["ARC001", "ARC018", "ARC019", "ARC020", "ARC037", "ARC080", "ARC600", "ARC621", "ARC631"] {
        assert!(found.contains(code), "{code} in:\n{found}");
    }
}
