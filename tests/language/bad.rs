//! Small bad files, one mistake each: right code, right place, message and help.
//!
//! `tests/bad/<group>/<name>.arch` (or a folder `<name>/main.arch` for several
//! files) stands beside `<name>.expect`, which holds the exit status, then for
//! each finding its code, severity, `line:column-line:column`, message and help.
//! `ARCHC_BLESS=1 cargo test --test language bad::` writes what is found; read it before
//! committing it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

fn cases(dir: &Path, out: &mut Vec<(PathBuf, PathBuf)>) {
    let mut all: Vec<PathBuf> =
        std::fs::read_dir(dir).expect("a folder").map(|e| e.expect("an entry").path()).collect();
    all.sort();
    for path in all {
        if path.is_dir() {
            if path.join("main.arch").exists() {
                out.push((path.join("main.arch"), path.with_extension("expect")));
            } else {
                cases(&path, out);
            }
        } else if path.extension().is_some_and(|e| e == "arch") {
            out.push((path.clone(), path.with_extension("expect")));
        }
    }
}

fn found(path: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_archc"))
        .args(["check", "--format", "json", "--today", "2026-11-25"])
        .arg(path.file_name().expect("a name"))
        .current_dir(path.parent().expect("a folder"))
        .output()
        .expect("archc runs");
    let doc: serde_json::Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut text = format!("exit {}\n", output.status.code().expect("no signal"));
    for d in doc["diagnostics"].as_array().expect("a list") {
        let s = |k: &str| d[k].as_str().unwrap_or("").to_owned();
        let file = s("file");
        let other = if path.file_name().is_some_and(|n| *n == *file) { String::new() } else { format!("{file}:") };
        let _ = writeln!(
            text,
            "{} {} {other}{}:{}-{}:{}",
            s("code"),
            s("severity"),
            d["line"],
            d["column"],
            d["end_line"],
            d["end_column"]
        );
        let _ = writeln!(text, "  {}", s("message"));
        if d["help"].is_string() {
            let _ = writeln!(text, "  help: {}", s("help"));
        }
        for r in d["related"].as_array().expect("a list") {
            let _ = writeln!(text, "  also {}:{}: {}", r["line"], r["column"], r["message"].as_str().unwrap_or(""));
        }
    }
    text
}

#[test]
fn every_bad_file_gets_its_finding() {
    let mut all = Vec::new();
    cases(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad"), &mut all);
    assert!(all.len() >= 150, "{} bad files", all.len());
    let bless = std::env::var_os("ARCHC_BLESS").is_some();
    let mut wrong = String::new();
    for (path, expect) in &all {
        let text = found(path);
        if bless {
            std::fs::write(expect, &text).expect("written");
            continue;
        }
        let wanted = std::fs::read_to_string(expect).unwrap_or_default();
        if wanted != text {
            let _ = writeln!(wrong, "{}\nwanted:\n{wanted}got:\n{text}", path.display());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn one_mistake_gives_one_error() {
    let mut all = Vec::new();
    cases(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad"), &mut all);
    for (path, _) in &all {
        let text = found(path);
        let heavy = text.lines().filter(|l| l.starts_with("ARC") && !l.contains(" info ")).count();
        assert_eq!(heavy, 1, "{}:\n{text}", path.display());
    }
}
