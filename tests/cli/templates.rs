//! What `archc new` writes teaches by example: clean, canonical, within capacity.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const TEMPLATES: [&str; 4] = ["minimal", "web", "event-driven", "multi-region"];

/// A folder of this process's own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("archc-templates-{}-{name}", std::process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn archc(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_archc")).args(args).args(["--today", "2026-11-25"]).output().expect("archc runs")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

#[track_caller]
fn fine(output: &Output) {
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stdout)))
}

#[test]
fn templates_are_clean_and_canonical() {
    for name in TEMPLATES {
        let folder = Folder::new(&format!("clean-{name}"));
        fine(&archc(&["new", text(&folder.0), "--template", name]));
        let design = folder.0.join("design.arch");
        fine(&archc(&["check", "--deny", "warnings", text(&design)]));
        let found = json(&archc(&["check", "--format", "json", text(&design)]));
        assert_eq!(found["diagnostics"], serde_json::json!([]), "{name}");
        fine(&archc(&["fmt", "--check", text(&design)]));
    }
}

#[test]
fn templates_have_known_numbers() {
    for name in TEMPLATES {
        let folder = Folder::new(&format!("numbers-{name}"));
        fine(&archc(&["new", text(&folder.0), "--template", name]));
        let output = archc(&["analyze", text(&folder.0.join("design.arch")), "--format", "json"]);
        fine(&output);
        let doc = json(&output);
        assert_eq!(doc["schema"], "archc/analysis/1", "{name}");
        let mut busiest = 0.0_f64;
        for (component, c) in doc["components"].as_object().expect("components") {
            let Some(resources) = c["resources"].as_object().filter(|r| !r.is_empty()) else { continue };
            let u = c["utilization"]
                .as_f64()
                .unwrap_or_else(|| panic!("{name}: utilisation of `{component}`: {resources:?}"));
            assert!(u < 0.8, "{name}: `{component}` is at {u}");
            busiest = busiest.max(u);
        }
        // Numbers of a system that somebody would pay for, not of a toy.
        assert!(busiest > 0.05, "{name}: {busiest}");
        for (flow, f) in doc["flows"].as_object().expect("flows") {
            assert!(f["rate"].is_number(), "{name}: rate of `{flow}`");
        }
    }
}

#[test]
fn nothing_is_overwritten() {
    let folder = Folder::new("again");
    fine(&archc(&["new", text(&folder.0), "--template", "minimal"]));
    let design = folder.0.join("design.arch");
    std::fs::write(&design, "arch 1\n").expect("written");
    assert_eq!(archc(&["new", text(&folder.0), "--template", "web"]).status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(&design).expect("text"), "arch 1\n");
}
