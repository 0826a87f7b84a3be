//! Runs `archc` on a design given as text, and reads what it says.
#![allow(dead_code, reason = "each user takes a part")]

use serde_json::Value;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

pub fn archc(args: &[&str], design: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_archc"))
        .args(args)
        .args(["--today", "2026-11-25"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("archc runs");
    child.stdin.take().expect("a pipe").write_all(design.as_bytes()).expect("written");
    child.wait_with_output().expect("archc ends")
}

/// Standard output, whatever the exit status.
pub fn printed(args: &[&str], design: &str) -> String {
    String::from_utf8(archc(args, design).stdout).expect("UTF-8")
}

pub fn analyze(design: &str) -> Value {
    analyze_with(&[], design)
}

pub fn analyze_with(more: &[&str], design: &str) -> Value {
    let args: Vec<&str> = ["analyze", "--format", "json", "-"].into_iter().chain(more.iter().copied()).collect();
    let output = archc(&args, design);
    assert_eq!(output.status.code(), Some(0), "{}\n{design}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

pub fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[track_caller]
pub fn near(got: &Value, want: f64, tolerance: f64, what: &str) {
    let x = got.as_f64().unwrap_or_else(|| panic!("{what}: {got} is no number"));
    assert!((x - want).abs() <= tolerance * want.abs().max(1e-3), "{what}: {x}, not {want}");
}
