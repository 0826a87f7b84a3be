//! What `size`, `check` and `explain` say of sizes, in words.

use std::path::PathBuf;
use std::process::Command;

/// Exit status, standard output, standard error of a verb on a design.
fn archc(name: &str, text: &str, args: &[&str]) -> (i32, String, String) {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("messages-{name}"));
    std::fs::create_dir_all(&dir).expect("a folder");
    std::fs::write(dir.join("d.arch"), text).expect("written");
    let (verb, rest) = args.split_first().expect("a verb");
    let out = Command::new(env!("CARGO_BIN_EXE_archc"))
        .args([verb, "d.arch"])
        .args(rest)
        .args(["--today", "2026-11-25"])
        .current_dir(&dir)
        .output()
        .expect("archc runs");
    let text = |b: Vec<u8>| String::from_utf8(b).expect("UTF-8");
    (out.status.code().expect("a status"), text(out.stdout), text(out.stderr))
}

fn design(app: &str, slo: &str) -> String {
    format!(
        "arch 1\nsystem s {{ headroom = 30% }}\nclient web {{ }}\nbalancer lb {{ availability = 99.99% }}\nservice app {{ cpu = 5ms, availability = 99%, {app} }}\nservice other {{ cpu = 1ms, replicas = 10, availability = 99.9% }}\nflow f {{ rate = 400 rps, slo {{ {slo} }}, web -> lb -> app {{ -> other }} }}\n"
    )
}

/// The number after `$` in the line that holds a text, `k` being thousands.
fn dollars(out: &str, holds: &str) -> f64 {
    let line = out.lines().find(|l| l.contains(holds)).unwrap_or_else(|| panic!("{holds} in {out}"));
    let from = line.split('$').nth(1).expect("a price");
    let digits: String = from.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let n: f64 = digits.parse().expect("a number");
    if from[digits.len()..].starts_with('k') { n * 1000.0 } else { n }
}

#[test]
fn what_would_do_is_priced_as_a_whole() {
    let (code, out, _) = archc("whole", &design("replicas = ? in 1..2", "p99 <= 400ms"), &["size"]);
    assert_eq!(code, 1, "{out}");
    let eased = dollars(&out, "allow `replicas = 3` for `app`");
    assert!(out.contains("then the whole design costs"), "{out}");
    // The same with the hole that wide.
    let (code, out, _) = archc("wide", &design("replicas = ? in 1..9", "p99 <= 400ms"), &["size"]);
    assert_eq!(code, 0, "{out}");
    let whole = dollars(&out, "the whole design");
    let own = dollars(&out, "app: replicas");
    assert!((eased - whole).abs() < 0.02 && whole > 2.0 * own, "{eased} {whole} {own}");
}

#[test]
fn an_availability_that_would_do_holds_as_it_is_printed() {
    // Two of 99% behind a balancer of 99.99%: 99.98%.
    for (most, slo) in [(2, "99.99%"), (2, "99.995%"), (3, "99.9999%")] {
        let text = |slo: &str| design(&format!("replicas = ? in 1..{most}"), &format!("availability >= {slo}"));
        let (code, out, _) = archc("nines", &text(slo).replace("400 rps", "100 rps"), &["size"]);
        assert_eq!(code, 1, "{out}");
        let from = out.find("ask `availability >= ").expect("an easier target") + "ask `availability >= ".len();
        let eased = &out[from..from + out[from..].find('`').expect("its end")];
        let (code, out, _) = archc("eased", &text(eased).replace("400 rps", "100 rps"), &["size"]);
        assert_eq!(code, 0, "{eased}: {out}");
    }
}

#[test]
fn a_target_out_of_reach_is_found_at_the_target() {
    let text = design("replicas = ?", "p99 <= 2ms");
    let (code, checked, _) = archc("reach", &text, &["check"]);
    assert_eq!(code, 1);
    assert!(
        checked.contains("ARC640") && checked.contains("d.arch:7:") && checked.contains("out of reach"),
        "{checked}"
    );
    let (code, sized, _) = archc("reach", &text, &["size"]);
    assert_eq!(code, 1);
    assert!(sized.contains("impossible by itself: `p99 <= 2ms` of flow `f`"), "{sized}");
    // A want of capacity is found at the component.
    let (_, checked, _) = archc("short", &design("replicas = ? in 1..2", "p99 <= 400ms"), &["check"]);
    assert!(checked.contains("ARC640") && checked.contains("d.arch:5:"), "{checked}");
}

#[test]
fn a_value_is_explained() {
    let text = design("replicas = ? in 2..9", "p99 <= 400ms");
    // The plan of an earlier run.
    let _ = std::fs::remove_dir_all(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("messages-explain"));
    let (code, out, err) = archc("explain", &text, &["explain", "app.replicas"]);
    assert_eq!(code, 0, "{err}");
    for says in [
        "app.replicas = 3, solved in memory",
        "`? in 2..9`",
        "with replicas = 2, its cpu would be at",
        "next: replicas = 4",
    ] {
        assert!(out.contains(says), "{says} in {out}");
    }
    assert_eq!(archc("explain", &text, &["size"]).0, 0);
    let (_, out, _) = archc("explain", &text, &["explain", "app.replicas"]);
    assert!(out.contains("app.replicas = 3, of the plan file") && out.contains("with replicas = 2"), "{out}");
    let (_, out, _) = archc("explain", &text.replace("400 rps", "700 rps"), &["explain", "app.replicas"]);
    assert!(out.contains("= 3, of the plan file") && out.contains("sizing now gives replicas = 5"), "{out}");
    let (_, out, _) = archc("explain", &text, &["explain", "other.replicas"]);
    assert_eq!(out, "other.replicas = 10, written in the design\n");
    let (_, out, _) = archc("explain", &text, &["explain", "other.instance"]);
    assert!(out.contains("not written"), "{out}");
}

#[test]
fn what_follows_the_load_is_called_that() {
    let text = design("autoscale { min = 2, max = 20, target = 50% }", "p99 <= 400ms");
    let (_, out, _) = archc("scale", &text, &["explain", "app.utilization"]);
    assert!(out.contains("replicas: autoscale"), "{out}");
    let (_, out, _) = archc("scale", &text, &["explain", "app.replicas"]);
    assert!(out.contains("what its load asks of `autoscale`"), "{out}");
}

#[test]
fn rows_of_prices_say_a_demand_once() {
    let (code, out, _) = archc("prices", &design("replicas = ?", "p99 <= 400ms"), &["size", "--prices"]);
    assert_eq!(code, 0, "{out}");
    assert!(!out.contains("headroom = 30%: headroom") && !out.contains("headroom = 30%  headroom"), "{out}");
    let rows: Vec<&str> = out.lines().filter(|l| l.contains("headroom = 30%")).collect();
    assert!(rows.iter().any(|r| r.contains("20%")) && rows.iter().any(|r| r.contains("40%")), "{out}");
}

#[test]
fn what_is_not_solved_is_in_the_first_line() {
    let text = design("replicas = ?, memory = ?", "p99 <= 400ms");
    let (code, out, _) = archc("partial", &text, &["size"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.starts_with("partial: 1 hole gets no value"), "{out}");
    assert!(out.contains("not solved: `app`: nothing says how much memory `app` needs"), "{out}");
    assert!(!out.contains("optimal"), "{out}");
    let (_, out, _) = archc("partial", &text, &["size", "--json"]);
    let (_, same, _) = archc("partial", &text, &["size", "--format", "json"]);
    assert_eq!(out, same, "--json is --format json");
    let doc: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((doc["status"].as_str(), doc["gap"].is_null()), (Some("partial"), true), "{out}");
}
