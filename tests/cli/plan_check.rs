//! `archc size --check`, and what `check` and `analyze` say of a plan that no longer fits.

use std::path::PathBuf;
use std::process::Command;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("plan-check-{name}"));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).expect("a folder");
        Self(dir)
    }

    fn write(&self, text: &str) {
        std::fs::write(self.0.join("d.arch"), text).expect("written");
    }

    /// Exit status, standard output, standard error.
    fn archc(&self, args: &[&str]) -> (i32, String, String) {
        let out = Command::new(env!("CARGO_BIN_EXE_archc"))
            .args(args)
            .args(["d.arch", "--today", "2026-11-25"])
            .current_dir(&self.0)
            .output()
            .expect("archc runs");
        let text = |b: Vec<u8>| String::from_utf8(b).expect("UTF-8");
        (out.status.code().expect("a status"), text(out.stdout), text(out.stderr))
    }

    /// A check of the plan has this status and says this.
    fn check(&self, want: i32, says: &[&str]) -> String {
        let (code, out, _) = self.archc(&["size", "--check"]);
        assert_eq!(code, want, "{out}");
        for s in says {
            assert!(out.contains(s), "{s:?} in:\n{out}");
        }
        out
    }
}

const DESIGN: &str = "arch 1
system s { provider = none, headroom = 20% }
client web { }
balancer lb { }
service app { cpu = 5ms, replicas = ? in 1..9 }
service side { cpu = 1ms, replicas = 4 }
flow f { rate = 400 rps, slo { p99 <= 200ms }, web -> lb -> app }
";

/// The plan of [`DESIGN`] (400 rps x 5 ms = 2 cores busy, 3 with headroom), beside another design.
fn planned(name: &str, design: &str) -> Folder {
    let f = Folder::new(name);
    f.write(DESIGN);
    assert_eq!(f.archc(&["size"]).0, 0);
    f.write(design);
    f
}

#[test]
fn a_plan_survives_what_does_not_touch_it() {
    let f = planned("holds", DESIGN);
    f.check(0, &["the plan still holds, at 3 cores\n"]);
    f.write(&format!("# a comment\n{DESIGN}"));
    f.check(0, &["the plan still holds, at 3 cores\n"]);
    // A flow that the plan carries too, and another load of something that is not sized.
    f.write(&format!("{DESIGN}flow g {{ rate = 10 rps, web -> lb -> side }}\n"));
    f.check(0, &["the plan still holds", "the design or the catalog has changed"]);
    f.write(&format!("{DESIGN}flow g {{ rate = 10 rps, web -> lb -> app }}\n"));
    f.check(0, &["the plan still holds"]);
    f.write(&DESIGN.replace("p99 <= 200ms", "p99 <= 150ms"));
    f.check(0, &["the plan still holds"]);
}

#[test]
fn what_a_plan_no_longer_carries_is_named() {
    let f = planned("load", &DESIGN.replace("400 rps", "700 rps"));
    let out =
        f.check(1, &["the plan no longer fits", "`app` lacks capacity with replicas = 3: its cpu would be at 117%"]);
    assert!(out.contains("app: replicas = 3 in the plan, replicas = 5 now"), "{out}");
    f.write(&DESIGN.replace("p99 <= 200ms", "p99 <= 25ms"));
    f.check(1, &["the plan no longer fits", "p99 of flow `f` would be", "(target: 25ms)"]);
    f.write(&format!("{DESIGN}scenario sale {{ load = 2x }}\n"));
    f.check(1, &["in scenario `sale`", "replicas = 3 in the plan"]);
}

#[test]
fn a_target_that_nothing_reaches_is_called_that() {
    let f = planned("impossible", &DESIGN.replace("p99 <= 200ms", "p99 <= 1ms"));
    let out =
        f.check(1, &["the plan no longer fits", "p99 of flow `f` would be", "no other plan meets every requirement"]);
    assert!(!out.contains("open any more"), "{out}");
}

#[test]
fn values_without_a_place_are_named() {
    let f = planned("number", &DESIGN.replace("? in 1..9", "3"));
    f.check(1, &["`replicas = 3` of `app` is in the plan, and the design leaves it open no longer"]);
    // Also where something else is still open.
    f.write(&DESIGN.replace("? in 1..9", "3").replace("replicas = 4", "replicas = ?"));
    f.check(1, &["`replicas = 3` of `app` is in the plan", "`replicas` of `side` is open, and the plan has no value"]);
    f.write(&DESIGN.replace("? in 1..9", "? in 4..9"));
    f.check(1, &["`replicas = 3` of `app` is outside of `? in 4..9`"]);
    f.write(&DESIGN.replace("? in 1..9", "? in [4, 2]"));
    f.check(1, &["`replicas = 3` of `app` is outside of `? in [2, 4]`"]);
    f.write(&DESIGN.replace("app", "shop"));
    f.check(1, &["the design has no `app` any more", "`replicas` of `shop` is open"]);
    f.write(&DESIGN.replace("replicas = 4", "replicas = ?"));
    let out = f.check(1, &["`replicas` of `side` is open, and the plan has no value for it"]);
    assert!(!out.contains("of `app`"), "{out}");
}

#[test]
fn a_cheaper_plan_is_told_with_both_prices() {
    let f = planned("cheaper", &DESIGN.replace("400 rps", "200 rps"));
    f.check(
        1,
        &[
            "the plan holds, and a cheaper one does too: 3 cores with it, 2 cores at the least",
            "app: replicas = 3 in the plan, replicas = 2 now",
        ],
    );
    // Nothing asks for it: the plan does what is asked.
    assert_eq!(f.archc(&["check"]).0, 0);
}

#[test]
fn other_verbs_say_what_they_leave_out() {
    let f = planned("others", &DESIGN.replace("? in 1..9", "? in 4..9"));
    let (code, out, _) = f.archc(&["check"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("ARC566") && out.contains("`replicas = 3` of `app` is outside of `? in 4..9`"), "{out}");
    assert_eq!(f.archc(&["check", "--deny", "warnings"]).0, 1);
    let (code, out, err) = f.archc(&["analyze"]);
    assert_eq!(code, 0, "{out}");
    assert!(err.contains("`replicas = 3` of `app` is outside of `? in 4..9`"), "{err}");
    std::fs::write(f.0.join("d.plan.json"), "{}").expect("written");
    let (_, out, _) = f.archc(&["check"]);
    assert!(out.contains("ARC566") && out.contains("is no plan file"), "{out}");
    f.check(1, &["it is no plan file"]);
    // A plan that fits is no word.
    f.write(DESIGN);
    assert_eq!(f.archc(&["size"]).0, 0);
    let (code, out, _) = f.archc(&["check", "--deny", "warnings"]);
    assert_eq!(code, 0, "{out}");
}
